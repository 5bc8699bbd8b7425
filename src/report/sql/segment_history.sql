-- The labels of each day with their customers, best first, then customers with orders but without a label. Whoever comes
-- later is in none: neither a label nor a purchase nor a refund yet.
WITH found AS MATERIALIZED (
    SELECT q.day,
           q.label,
           CASE WHEN q.label IS NOT NULL THEN count(*)
                ELSE count(*) FILTER (WHERE q.label IS NULL AND (q.revenue <> 0 OR q.last_purchase IS NOT NULL))
           END AS customers,
           sum(q.revenue) AS revenue,
           {{clv}} AS clv,
           {{valued}} AS valued,
           {{rank}} AS rank
    FROM (
{{days}}
    ) AS q
    GROUP BY q.day, q.label
), ranks AS MATERIALIZED (
    {{ranks}}
)
SELECT f.day,
       f.label::text,
       f.customers,
       round(f.customers / sum(f.customers) OVER whole, 4)::float8,
       f.revenue,
       round(f.revenue / nullif(greatest(sum(f.revenue) OVER whole, 0), 0), 4)::float8,
       round((f.clv / f.valued)::numeric, 2)::float8,
       round(f.clv::numeric, 2)::float8,
       coalesce(r.rank, f.rank)
FROM found AS f
LEFT JOIN ranks AS r ON r.label = f.label::text
WHERE f.customers > 0
WINDOW whole AS (PARTITION BY f.day)
ORDER BY f.day, coalesce(r.rank, f.rank) NULLS LAST, f.label::text NULLS LAST
LIMIT {{most_rows}} + 1
