-- Customers by segment and value of a dimension, without values that too few have; best segments first.
WITH cell AS MATERIALIZED (
    SELECT v.{{by}}::text AS segment,
           {{value}}::text AS value,
           {{rank}} AS rank,
           count(*)::int8 AS customers
    FROM {{view}} AS v
    {{join}}
    WHERE v.{{by}} IS NOT NULL AND {{value}} IS NOT NULL
    GROUP BY 1, 2
)
SELECT c.segment, c.value, c.customers
FROM (
    SELECT *,
           min(rank) OVER (PARTITION BY segment) AS best,
           sum(customers) OVER (PARTITION BY value) AS with_value
    FROM cell
) AS c
WHERE c.with_value >= {{min_customers}}
ORDER BY c.best NULLS LAST, c.segment, c.value
LIMIT {{most_cells}} + 1
