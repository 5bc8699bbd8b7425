-- Each position with its customers and its action, best first; then the customers without one, by reason.
WITH position AS MATERIALIZED (
{{positions}}), found AS (
    SELECT v.{{code}} AS code,
           CASE WHEN v.{{code}} IS NULL THEN
{{reason}}           END AS reason,
           count(*) AS customers,
           sum(v.revenue) AS revenue,
           avg(v.clv::numeric) AS mean_clv,
           sum(v.clv::numeric) AS total_clv
    FROM {{view}} AS v
    GROUP BY 1, 2
), whole AS (
    SELECT sum(customers) AS customers, sum(revenue) AS revenue
    FROM found
)
SELECT p.label,
       coalesce(p.code, f.code),
       p.rank,
       coalesce(f.customers, 0),
       round(coalesce(f.customers, 0) / nullif(w.customers, 0), 4)::float8,
       f.revenue,
       round(f.revenue / nullif(greatest(w.revenue, 0), 0), 4)::float8,
       round(f.mean_clv, 2)::float8,
       round(f.total_clv, 2)::float8,
       coalesce(p.action, f.reason)
FROM position AS p
FULL JOIN found AS f ON f.code = p.code
CROSS JOIN whole AS w
ORDER BY p.rank NULLS LAST, f.customers DESC NULLS LAST, f.reason
