-- The customers of an action whose outcome is complete, each with what they did before and after it.
WITH given AS MATERIALIZED (
    SELECT g.action, g.customer::{{customer_type}} AS customer, coalesce(g.action, '') AS same_action, g.day, g.treated
    -- the planner knows how many numbers there are, but not how many rows
    FROM generate_series(1, {{rows}}) AS n
    LEFT JOIN unnest($1::text::text[], $2::text::date[], $3::text::boolean[], $4::text::text[])
        WITH ORDINALITY AS g (customer, day, treated, action, number) ON g.number = n
), one AS MATERIALIZED (
    SELECT g.action, g.customer, g.same_action, min(g.day) AS day, bool_or(g.treated) AS treated
    FROM given AS g
    GROUP BY 1, 2, 3
), overlapping AS MATERIALIZED (
    SELECT o.customer, o.same_action
    FROM one AS o
    -- each time that another action treated the customer, not the first alone
    WHERE EXISTS (
        SELECT
        FROM given AS x
        WHERE x.customer {{same}} o.customer AND x.same_action <> o.same_action AND x.treated
            AND x.day >= o.day - {{before_days}} AND x.day < o.day + {{outcome_days}}
    )
), action AS MATERIALIZED (
    SELECT row_number() OVER () AS number,
           o.action,
           o.customer,
           o.treated,
           o.day,
           o.day - 1 AS before,
           o.day + {{outcome_days}} - 1 AS after,
           v.customer IS NOT NULL AS overlaps
    FROM one AS o
    LEFT JOIN overlapping AS v ON v.customer {{same}} o.customer AND v.same_action = o.same_action
    WHERE o.day + {{outcome_days}} <= {{as_of}}
), {{known_and_placed}}
SELECT a.action,
       b.segment,
       b.rank,
       a.treated,
       coalesce(customer_value.orders_between(k.earlier, a.day - {{before_days}}, a.before), 0),
       coalesce(customer_value.orders_between(k.later, a.day, a.after), 0),
       customer_value_internal.to_double(coalesce(customer_value.revenue_between(k.earlier, a.day - {{before_days}}, a.before), 0)),
       customer_value_internal.to_double(coalesce(customer_value.revenue_between(k.later, a.day, a.after), 0)),
       customer_value.days_since_last_purchase(k.earlier, a.before),
       b.expected,
       c.expected,
       a.overlaps,
       k.number IS NOT NULL
FROM action AS a
LEFT JOIN known AS k ON k.number = a.number
-- who had not bought yet is in no segment, whether or not they bought later
LEFT JOIN placed_before AS b
    ON b.number = a.number AND customer_value.days_since_last_purchase(k.earlier, a.before) IS NOT NULL
LEFT JOIN placed_after AS c ON c.number = a.number
