-- The positions of a matrix with their customers, and beside them the customers in each small part of the plane: one read.
WITH position AS MATERIALIZED (
{{positions}}), customer AS (
    SELECT v.{{code}} AS code,
           {{x}} AS x,
           {{y}} AS y,
           v.revenue,
           v.clv::numeric AS clv,
           v.as_of
    FROM {{view}} AS v
), found AS (
    SELECT GROUPING(c.code) = 1 AS is_patch,
           c.code, c.x, c.y,
           count(*) AS customers,
           sum(c.revenue) AS revenue,
           avg(c.clv) AS mean_clv,
           max(c.as_of) AS as_of
    FROM customer AS c
    GROUP BY GROUPING SETS ((c.code), (c.x, c.y))
)
SELECT f.is_patch,
       f.code,
       p.label,
       p.action,
       f.x,
       f.y,
       f.customers,
       f.revenue::float8,
       f.mean_clv::float8,
       f.as_of - date '2000-01-01'
FROM found AS f
LEFT JOIN position AS p ON p.code = f.code AND NOT f.is_patch
WHERE NOT f.is_patch OR f.x IS NOT NULL AND f.y IS NOT NULL
UNION ALL
SELECT false, p.code, p.label, p.action, NULL, NULL, 0, NULL, NULL, NULL
FROM position AS p
WHERE NOT EXISTS (SELECT FROM found AS f WHERE f.code = p.code AND NOT f.is_patch)
ORDER BY 1, 2, 5, 6
