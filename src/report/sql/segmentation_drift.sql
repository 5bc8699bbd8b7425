-- Customers with purchases in the bins of each axis, at the newest training and on days. The training tells which bins
-- there are.
WITH found AS MATERIALIZED (
    SELECT q.day,
           CASE {{places}} END AS place,
           coalesce({{bins}})::int4 AS score,
           count(*) AS customers
    FROM (
{{query}}
    ) AS q
    WHERE q.frequency > 0
    GROUP BY GROUPING SETS ({{sets}})
), trained AS (
    SELECT a.place, a.axis, s.score::int4 AS score, s.customers::int8 AS customers
    FROM customer_value.training AS t
    CROSS JOIN (VALUES {{axes}}) AS a (place, axis)
    CROSS JOIN LATERAL (
        SELECT CASE WHEN a.place < 3 THEN t.score_counts -> a.axis ELSE t.axis_counts -> a.axis END
    ) AS c (counts)
    CROSS JOIN jsonb_array_elements_text(CASE jsonb_typeof(c.counts) WHEN 'array' THEN c.counts ELSE '[]' END)
        WITH ORDINALITY AS s (customers, score)
    WHERE t.segmentation = {{segmentation}}::uuid AND t.newest
), both_ways AS (
    SELECT d.day, t.place, t.axis, t.score, t.customers AS customers_then, coalesce(f.customers, 0) AS customers_now
    FROM unnest(ARRAY[{{days}}]::date[]) AS d (day)
    CROSS JOIN trained AS t
    LEFT JOIN found AS f ON f.day = d.day AND f.place = t.place AND f.score = t.score
), moved AS (
    SELECT b.day,
           b.place,
           customer_value.population_stability_index(
               array_agg(b.customers_then::float8 ORDER BY b.score), array_agg(b.customers_now::float8 ORDER BY b.score)
           ) AS psi,
           customer_value_internal.stability_by_chance(
               array_agg(b.customers_then::float8 ORDER BY b.score), array_agg(b.customers_now::float8 ORDER BY b.score)
           ) AS by_chance
    FROM both_ways AS b
    GROUP BY b.day, b.place
)
SELECT b.day,
       b.axis,
       b.score,
       b.customers_then,
       round(b.customers_then / nullif(sum(b.customers_then) OVER axis, 0), 4)::float8,
       b.customers_now,
       round(b.customers_now / nullif(sum(b.customers_now) OVER axis, 0), 4)::float8,
       round(m.psi::numeric, 4)::float8,
       round(m.by_chance::numeric, 4)::float8,
       CASE WHEN m.psi < {{shifting}} THEN 'stable' WHEN m.psi < {{changed}} THEN 'shifting'
            WHEN m.psi IS NOT NULL THEN 'retrain' END,
       CASE WHEN m.psi < {{shifting}} THEN {{is_stable}} WHEN m.psi < {{changed}} THEN {{is_shifting}}
            WHEN m.psi IS NOT NULL THEN {{is_changed}} END
FROM both_ways AS b
JOIN moved AS m ON m.day = b.day AND m.place = b.place
WINDOW axis AS (PARTITION BY b.day, b.place)
ORDER BY b.day, b.place, b.score
