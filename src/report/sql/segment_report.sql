-- The values of a column of a segmentation view, best first.
WITH segment AS (
    SELECT {{by}}::text AS segment,
           {{score}} AS score,
           {{rank}} AS rank,
           count(*) AS customers,
           sum(v.revenue) AS revenue,
           sum(v.frequency) AS orders,
           sum(v.average_order_value * v.frequency) AS gross,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY v.recency_days)
               FILTER (WHERE v.last_purchase IS NOT NULL) AS recency_days,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY v.frequency)
               FILTER (WHERE v.last_purchase IS NOT NULL) AS frequency,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY v.monetary)
               FILTER (WHERE v.last_purchase IS NOT NULL) AS monetary,
           avg(v.clv::numeric) AS mean_clv,
           sum(v.clv::numeric) AS total_clv,
           customer_value.gini(v.revenue::float8) AS gini
    FROM {{view}} AS v
    GROUP BY {{by}}
), placed AS (
    SELECT *,
           row_number() OVER (
               ORDER BY score DESC NULLS LAST, rank NULLS LAST, segment IS NULL, revenue DESC NULLS LAST, segment
           ) AS place
    FROM segment
)
SELECT segment,
       customers,
       round(customers / sum(customers) OVER (), 4)::float8,
       revenue,
       round(revenue / nullif(sum(revenue) OVER (), 0), 4)::float8,
       round(sum(revenue) OVER (ORDER BY place ROWS UNBOUNDED PRECEDING)
           / nullif(sum(revenue) OVER (), 0), 4)::float8,
       round(gross / nullif(orders, 0), 2)::float8,
       recency_days,
       frequency,
       monetary,
       round(mean_clv, 2)::float8,
       round(total_clv, 2)::float8,
       round(gini::numeric, 4)::float8
FROM placed
ORDER BY place
