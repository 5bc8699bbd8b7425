-- The values of a label column, best first, with what the customers who have them add up to: of all values those with most
-- customers, the rest in one row; then the customers without one, by reason.
WITH position AS MATERIALIZED (
{{positions}}), found AS (
    SELECT v.{{column}}::text AS value,
           CASE WHEN v.{{column}} IS NULL THEN {{why}} END AS reason,
           {{rank}} AS rank,
           {{score}} AS score,
           count(*) AS customers,
           sum(v.revenue) AS revenue,
           sum(v.clv::numeric) AS clv,
           count(v.clv) AS valued,
           max(v.as_of) AS as_of
    FROM {{view}} AS v
    GROUP BY 1, 2
), labelled AS (
    SELECT coalesce(p.label, f.value) AS label,
           f.reason,
           p.code IS NULL AND f.value IS NULL AS is_unplaced,
           coalesce(p.rank, f.rank::int4) AS rank,
           f.score,
           coalesce(f.customers, 0) AS customers,
           f.revenue,
           f.clv,
           f.valued
    FROM position AS p
    FULL JOIN found AS f ON f.value = p.code
), placed AS (
    SELECT *,
           row_number() OVER (ORDER BY is_unplaced, score DESC NULLS LAST, rank, revenue DESC NULLS LAST, customers DESC, label, reason) AS place,
           row_number() OVER (ORDER BY is_unplaced, customers DESC, score DESC NULLS LAST, rank, revenue DESC NULLS LAST, label) > {{most}} AS is_small
    FROM labelled
), joined AS (
    SELECT *,
           CASE WHEN is_unplaced THEN 'unplaced' WHEN is_small THEN 'rest' ELSE 'label' END AS part,
           CASE WHEN is_small AND NOT is_unplaced THEN NULL ELSE place END AS own
    FROM placed
)
SELECT part,
       CASE part WHEN 'label' THEN min(label) END,
       min(reason),
       count(*),
       sum(customers)::int8,
       sum(revenue)::float8,
       sum(clv)::float8,
       sum(valued)::int8,
       (SELECT max(as_of) - date '2000-01-01' FROM found)
FROM joined
GROUP BY part, own
ORDER BY part = 'unplaced', part = 'rest', min(place)
