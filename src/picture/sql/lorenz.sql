-- Customers by what they bring in, the best first: at some hundred places, the share of the whole that they and those
-- before them have. What is negative counts as 0, as in gini. One read of the view.
WITH customer AS MATERIALIZED (
    SELECT v.{{measure}}::numeric AS value, v.as_of FROM {{view}} AS v
), whole AS MATERIALIZED (
    SELECT count(*) AS all_customers,
           count(c.value) AS customers,
           max(c.as_of) - date '2000-01-01' AS as_of,
           sum(greatest(c.value, 0)) AS total,
           round(customer_value.gini(c.value::float8)::numeric, 4)::float8 AS gini
    FROM customer AS c
), ranked AS (
    SELECT row_number() OVER so_far AS place, sum(greatest(c.value, 0)) OVER so_far AS value
    FROM customer AS c
    WHERE c.value IS NOT NULL
    WINDOW so_far AS (ORDER BY c.value DESC ROWS UNBOUNDED PRECEDING)
)
SELECT w.customers, w.all_customers, w.gini, r.place, (r.value / w.total)::float8, w.as_of
FROM whole AS w
LEFT JOIN ranked AS r
       ON w.total > 0
      AND r.place IN (SELECT p.place
                      FROM whole AS n, generate_series(1, {{parts}}) AS i,
                           LATERAL (VALUES (n.customers * i / {{parts}}), ((n.customers * i + {{parts}} - 1) / {{parts}})) AS p (place))
ORDER BY r.place
