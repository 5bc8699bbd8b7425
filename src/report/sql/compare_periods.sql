-- Customers with purchases by what they did in two periods, from one pass over the histories. The last column is the day of
-- the first purchase of all.
WITH customer AS (
    SELECT h.by,
           h.rank,
           customer_value.first_purchase(h.history, {{to}}::date) AS first_purchase,
           customer_value.orders_between(h.history, {{before_from}}::date, {{before_to}}::date) AS orders_before,
           customer_value.orders_between(h.history, {{from}}::date, {{to}}::date) AS orders,
           customer_value.revenue_between(h.history, {{before_from}}::date, {{before_to}}::date) AS revenue_before,
           customer_value.revenue_between(h.history, {{from}}::date, {{to}}::date) AS revenue
    FROM (
{{histories}}
    ) AS h
    OFFSET 0
), counted AS MATERIALIZED (
    SELECT *,
           -- by which rows can be joined, NULL among them
           dense_rank() OVER (ORDER BY by) AS segment
    FROM (
        SELECT c.by,
               min(c.rank) AS rank,
               CASE WHEN c.first_purchase >= {{from}}::date THEN 'new'
                    WHEN c.orders_before > 0 AND c.orders > 0 THEN 'repeating'
                    WHEN c.orders > 0 THEN 'returned'
                    WHEN c.orders_before > 0 THEN 'lapsed'
                    ELSE 'absent' END AS code,
               count(*) AS customers,
               sum(c.orders_before) AS orders_before,
               sum(c.orders) AS orders,
               sum(c.revenue_before) AS revenue_before,
               sum(c.revenue) AS revenue,
               min(c.first_purchase) AS first_purchase
        FROM customer AS c
        WHERE c.first_purchase IS NOT NULL
        GROUP BY c.by, 3
    ) AS c
), segment AS (
    SELECT c.segment,
           c.by,
           min(c.rank) AS rank,
           sum(c.customers) AS customers,
           min(min(c.first_purchase)) OVER () AS first_purchase,
           -- 0, unless there are no amounts
           0 * sum(c.revenue) AS nothing
    FROM counted AS c
    GROUP BY c.segment, c.by
)
SELECT s.by::text,
       k.status,
       k.code,
       coalesce(c.customers, 0),
       round(coalesce(c.customers, 0) / s.customers, 4)::float8,
       coalesce(c.orders_before, 0)::bigint,
       coalesce(c.orders, 0)::bigint,
       coalesce(c.revenue_before, s.nothing),
       coalesce(c.revenue, s.nothing),
       coalesce(c.revenue, s.nothing) - coalesce(c.revenue_before, s.nothing),
       s.first_purchase
FROM segment AS s
CROSS JOIN (
    VALUES (1, 'new', {{new}}), (2, 'repeating', {{repeating}}), (3, 'returned', {{returned}}), (4, 'lapsed', {{lapsed}}),
           (5, 'absent', {{absent}})
) AS k (place, code, status)
LEFT JOIN counted AS c ON c.code = k.code AND c.segment = s.segment
ORDER BY s.rank NULLS LAST, s.by, k.place
LIMIT {{most_rows}} + 1
