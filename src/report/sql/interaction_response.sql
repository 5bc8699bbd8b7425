-- Customers who were contacted in a period, and those who were not, by the segment they were in on the day before it; who of
-- them bought. Those not contacted are looked at over the same days: once for each first contact of their segment.
WITH kept AS (
    SELECT c.customer, c.day, c.kind
    FROM (
        {{contacts}}
    ) AS c
    WHERE c.day BETWEEN {{from_day}} AND {{to_day}}{{of_kinds}}
), contact AS MATERIALIZED (
    SELECT k.customer, min(k.day) AS day, count(*) AS contacts
    FROM kept AS k
    GROUP BY 1
), placed AS MATERIALIZED (
    {{on_days}}
), one AS MATERIALIZED (
    SELECT coalesce('s' || p.segment, 'n') AS key,
           p.segment,
           p.rank,
           {{known}} AS history,
           c.day,
           c.contacts
    FROM placed AS p
    LEFT JOIN contact AS c ON c.customer {{same}} p.customer
    WHERE p.last_purchase IS NOT NULL
), first AS MATERIALIZED (
    SELECT o.key, o.day, count(*) AS customers
    FROM one AS o
    WHERE o.day IS NOT NULL
    GROUP BY 1, 2
), others AS (
    SELECT o.key, sum(f.customers) AS bought
    FROM one AS o
    JOIN first AS f USING (key)
    WHERE o.day IS NULL AND customer_value.orders_between(o.history, f.day, f.day + {{days}} - 1) > 0
    GROUP BY 1
), own AS (
    SELECT o.key,
           o.segment,
           min(o.rank) AS rank,
           sum(o.contacts)::int8 AS contacts,
           count(o.day) AS contacted,
           count(*) FILTER (WHERE customer_value.orders_between(o.history, o.day, o.day + {{days}} - 1) > 0) AS bought,
           sum(customer_value.revenue_between(o.history, o.day, o.day + {{days}} - 1)) AS revenue,
           count(*) FILTER (WHERE o.day IS NULL) AS not_contacted
    FROM one AS o
    GROUP BY 1, 2
)
SELECT o.segment,
       coalesce(o.contacts, 0),
       o.contacted,
       o.bought,
       customer_value_internal.to_double(o.revenue),
       o.not_contacted,
       coalesce(x.bought, 0)::float8,
       (t.contacted - coalesce(sum(o.contacted) OVER (), 0))::int8,
       t.missing,
       o.key IS NOT NULL
FROM (SELECT (SELECT count(*) FROM contact) AS contacted, {{missing}} AS missing) AS t
LEFT JOIN own AS o ON true
LEFT JOIN others AS x USING (key)
ORDER BY o.rank NULLS LAST, o.segment NULLS LAST
