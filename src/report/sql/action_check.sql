-- What is wrong with the rows of an action, before any orders are read. One row.
WITH given AS MATERIALIZED (
    {{given}}
), one AS MATERIALIZED (
    SELECT g.action,
           g.customer,
           min(g.day) AS day,
           bool_or(g.treated) AS treated,
           bool_or(g.treated) AND NOT bool_and(g.treated) AS is_in_both,
           count(*) AS times
    FROM given AS g
    WHERE g.usable
    GROUP BY 1, 2
), held_out AS (
    SELECT coalesce(g.action, '') AS same_action, count(*) AS rows
    FROM given AS g
    WHERE NOT g.treated AND {{has_action}}
    GROUP BY 1
), complete AS (
    SELECT coalesce(o.action, '') AS same_action, bool_and(o.treated) AS all_treated
    FROM one AS o
    WHERE o.day + {{outcome_days}} <= {{as_of}}
    GROUP BY 1
), unmatched AS (
    -- of whom some were held out, but only customers who were treated are left
    SELECT h.same_action, h.rows
    FROM held_out AS h
    JOIN complete AS c USING (same_action)
    WHERE c.all_treated
    ORDER BY 1
    LIMIT 1
)
SELECT (SELECT count(*) FROM given AS g WHERE NOT g.usable),
       count(*) FILTER (WHERE one.is_in_both),
       (SELECT string_agg(s.customer, ', ')
        FROM (SELECT o.customer::text AS customer FROM one AS o WHERE o.is_in_both ORDER BY 1 LIMIT 5) AS s),
       count(*) FILTER (WHERE one.times > 1 AND NOT one.is_in_both),
       count(*) FILTER (WHERE one.day > t.today),
       max(one.day) FILTER (WHERE one.day > t.today)::text,
       count(*) FILTER (WHERE one.day + {{outcome_days}} > t.as_of),
       (max(one.day) + {{outcome_days}})::text,
       t.today::text,
       count(one.day),
       (SELECT u.rows FROM unmatched AS u),
       (SELECT u.same_action FROM unmatched AS u),
       -- an error if the calendar begins later
       min(one.day) - {{before_days}} - 1
FROM (SELECT {{as_of}} AS as_of, {{today}} AS today) AS t
LEFT JOIN one ON true
GROUP BY t.as_of, t.today
