-- The values of a column of a segmentation view, best first, with customers, lifetime value and profitability: as they are,
-- and with changes by segment.
WITH change AS (
    SELECT a.key AS segment,
           (a.value ->> 'margin')::float8 AS margin,
           (a.value ->> 'purchase_rate')::float8 AS purchase_rate,
           (a.value ->> 'retention')::float8 AS retention,
           (a.value ->> 'cost_to_serve')::float8 AS cost_to_serve
    FROM jsonb_each({{changes}}::jsonb) AS a
), trained AS (
    SELECT t.purchase_model, t.clv_percentiles, t.matrices
    FROM customer_value.training AS t
    WHERE t.segmentation = {{segmentation}}::uuid AND t.newest
), customer AS (
    SELECT v.{{by}}::text AS segment,
           v.{{label}}::text AS label,
           {{rank}} AS rank,
           v.clv,
           {{current_value}} AS current_value,
           {{profitability}} AS profitability,
           {{cost_to_serve}} AS cost_to_serve,
           v.purchase_days - 1 AS repeat_purchases,
           v.last_purchase - v.first_purchase AS purchase_span,
           v.as_of - v.first_purchase AS customer_age{{axes}}
    FROM {{view}} AS v
    OFFSET 0
), changing AS (
    SELECT v.*,
           coalesce(k.margin, o.margin, 0) AS margin,
           coalesce(k.purchase_rate, o.purchase_rate, 0) AS purchase_rate,
           coalesce(k.retention, o.retention, 0) AS retention,
           coalesce(k.cost_to_serve, o.cost_to_serve, 0) AS serving
    FROM customer AS v
    LEFT JOIN change AS k ON k.segment = v.segment
    LEFT JOIN change AS o ON o.segment = '*' AND v.segment IS NOT NULL AND k.segment IS NULL
), changed AS (
    SELECT v.*,
           v.clv * CASE
               WHEN (v.purchase_rate, v.retention) = (0, 0) OR v.clv IS NULL THEN 1
               ELSE customer_value_internal.purchases_if(t.purchase_model, v.repeat_purchases, v.purchase_span,
                   v.customer_age, {{horizon_days}}, {{annual_discount_rate}}, {{step_days}},
                   1 + v.purchase_rate, 1 + v.retention)
           END * (1 + v.margin) AS new_clv,
           v.current_value * (1 + v.margin) AS new_current_value,
           v.profitability + (v.profitability + v.cost_to_serve) * v.margin - v.cost_to_serve * v.serving AS new_profitability,
           t.clv_percentiles,
           t.matrices
    FROM changing AS v
    LEFT JOIN trained AS t ON true
    OFFSET 0
), labelled AS (
    -- who changes nothing keeps the label
    SELECT v.*,
           CASE WHEN (v.margin, v.purchase_rate, v.retention, v.serving) = (0, 0, 0, 0) THEN v.label ELSE {{new_label}} END AS new_label,
           CASE WHEN (v.margin, v.purchase_rate, v.retention, v.serving) = (0, 0, 0, 0) THEN v.rank ELSE {{new_rank}} END AS new_rank
    FROM changed AS v
), found AS (
    SELECT s.label,
           GROUPING(s.label) = 1 AS is_total,
           min(s.rank) AS rank,
           count(*) FILTER (WHERE NOT s.is_new) AS customers,
           count(*) FILTER (WHERE s.is_new) AS new_customers,
           avg(s.clv::numeric) FILTER (WHERE NOT s.is_new) AS mean_clv,
           avg(s.clv::numeric) FILTER (WHERE s.is_new) AS new_mean_clv,
           sum(s.clv::numeric) FILTER (WHERE NOT s.is_new) AS clv,
           sum(s.clv::numeric) FILTER (WHERE s.is_new) AS new_clv,
           sum(s.profitability::numeric) FILTER (WHERE NOT s.is_new) AS profitability,
           sum(s.profitability::numeric) FILTER (WHERE s.is_new) AS new_profitability
    FROM labelled AS v
    CROSS JOIN LATERAL (VALUES
        (v.label, v.rank, v.clv, v.profitability, false),
        (v.new_label, v.new_rank, v.new_clv, v.new_profitability, true)
    ) AS s (label, rank, clv, profitability, is_new)
    GROUP BY GROUPING SETS ((s.label), ())
)
SELECT CASE WHEN f.is_total THEN {{all_customers}} ELSE f.label END,
       CASE WHEN f.is_total THEN 'total' WHEN f.label IS NULL THEN 'unplaced' ELSE 'segment' END,
       f.customers,
       f.new_customers,
       round(f.mean_clv, 2)::float8,
       round(f.new_mean_clv, 2)::float8,
       round(f.clv, 2)::float8,
       round(f.new_clv, 2)::float8,
       round(coalesce(f.new_clv, 0) - coalesce(f.clv, 0), 2)::float8,
       round((coalesce(f.new_clv, 0) - f.clv) / nullif(abs(f.clv), 0), 4)::float8,
       round(f.profitability, 2)::float8,
       round(f.new_profitability, 2)::float8,
       coalesce(k.margin, o.margin),
       coalesce(k.purchase_rate, o.purchase_rate),
       coalesce(k.retention, o.retention),
       coalesce(k.cost_to_serve, o.cost_to_serve)
FROM found AS f
LEFT JOIN change AS k ON {{same_column}} AND NOT f.is_total AND k.segment = f.label
LEFT JOIN change AS o
    ON {{same_column}} AND NOT f.is_total AND o.segment = '*' AND f.label IS NOT NULL AND k.segment IS NULL
ORDER BY f.is_total, f.label IS NULL, f.rank NULLS LAST, f.label
LIMIT {{most_rows}} + 1
