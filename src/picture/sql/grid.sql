-- Customers by recency and frequency score, with the segment that most of them have.
WITH position AS MATERIALIZED (
{{positions}}), found AS (
    SELECT v.recency_score::int4 AS recency,
           v.frequency_score::int4 AS frequency,
           v.rfm_segment_code AS code,
           count(*) AS customers,
           sum(v.revenue) AS revenue,
           sum(v.clv::numeric) AS clv,
           count(v.clv) AS valued,
           max(v.as_of) AS as_of
    FROM {{view}} AS v
    GROUP BY 1, 2, 3
)
SELECT f.recency,
       f.frequency,
       (array_agg(coalesce(p.label, f.code) ORDER BY f.customers DESC, p.rank, f.code))[1],
       count(f.code)::int8,
       sum(f.customers)::int8,
       sum(f.revenue)::float8,
       (sum(f.clv) / nullif(sum(f.valued), 0))::float8,
       (SELECT max(as_of) - date '2000-01-01' FROM found)
FROM found AS f
LEFT JOIN position AS p ON p.code = f.code
GROUP BY f.recency, f.frequency
ORDER BY f.recency, f.frequency
