-- Customers by score, at the newest training and now. The training tells which scores there are.
WITH now AS (
    SELECT CASE WHEN GROUPING(v.recency_score) = 0 THEN 'recency'
                WHEN GROUPING(v.frequency_score) = 0 THEN 'frequency'
                ELSE 'monetary' END AS axis,
           coalesce(v.recency_score, v.frequency_score, v.monetary_score)::int4 AS score,
           count(*) AS customers
    FROM {{view}} AS v
    WHERE v.recency_score IS NOT NULL
    GROUP BY GROUPING SETS ((v.recency_score), (v.frequency_score), (v.monetary_score))
), trained AS (
    SELECT a.place, a.axis, s.score::int4 AS score, s.customers::int8 AS customers
    FROM customer_value.training AS t
    CROSS JOIN (VALUES (1, 'recency'), (2, 'frequency'), (3, 'monetary')) AS a (place, axis)
    CROSS JOIN jsonb_array_elements_text(
        CASE jsonb_typeof(t.score_counts -> a.axis) WHEN 'array' THEN t.score_counts -> a.axis ELSE '[]' END
    ) WITH ORDINALITY AS s (customers, score)
    WHERE t.segmentation = {{segmentation}}::uuid AND t.newest
)
SELECT t.axis,
       t.score,
       t.customers,
       round(t.customers / nullif(sum(t.customers) OVER axis, 0), 4)::float8,
       coalesce(n.customers, 0),
       round(coalesce(n.customers, 0) / nullif(sum(n.customers) OVER axis, 0), 4)::float8
FROM trained AS t
LEFT JOIN now AS n ON n.axis = t.axis AND n.score = t.score
WINDOW axis AS (PARTITION BY t.axis)
ORDER BY t.place, t.score
