-- The values of columns of a segmentation view, best first, and what the customers who have them add up to. Then what the
-- newest training found in the source, but the view does not show.
WITH customer AS (
    SELECT {{columns}}v.first_purchase,
           v.last_purchase,
           v.recency_days,
           v.frequency,
           v.monetary,
           v.average_order_value,
           v.revenue,
           v.expected_purchases,
           v.clv,
           {{clv_error}} AS clv_error,
           {{satisfaction}} AS satisfaction,
           {{engagement}} AS engagement,
           v.as_of
    FROM {{view}} AS v
), found AS (
    SELECT {{level}} AS level,
           {{grouped}}count(*) AS customers,
           sum(revenue) AS revenue,
           sum(frequency) AS orders,
           sum(average_order_value * frequency) AS gross,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY recency_days)
               FILTER (WHERE last_purchase IS NOT NULL) AS recency_days,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY frequency)
               FILTER (WHERE last_purchase IS NOT NULL) AS frequency,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY monetary)
               FILTER (WHERE last_purchase IS NOT NULL) AS monetary,
           avg(clv::numeric) AS mean_clv,
           sum(clv::numeric) AS total_clv,
           CASE WHEN count(clv_error) = count(clv) THEN sum(clv_error::numeric) END AS clv_error,
           customer_value.gini(revenue::float8) AS gini,
           count(last_purchase) AS purchasers,
           count(*) FILTER (WHERE first_purchase < last_purchase) AS again,
           sum(expected_purchases::numeric) AS expected_purchases,
           avg(satisfaction::numeric) AS satisfaction,
           avg(engagement::numeric) AS engagement,
           max(as_of) AS as_of
    FROM customer
    GROUP BY {{groups}}
), keyed AS (
    SELECT *{{keys}}
    FROM found
), placed AS (
    SELECT *, row_number() OVER (ORDER BY {{order}}) AS place
    FROM keyed
), segment AS (
    SELECT place,
           {{segment}} AS segment,
           customers,
           round(customers / nullif(sum(customers) FILTER (WHERE level = {{levels}}) OVER (), 0), 4)::float8 AS customer_share,
           revenue,
           round(revenue / nullif(greatest(sum(revenue) FILTER (WHERE level = {{levels}}) OVER (), 0), 0), 4)::float8 AS revenue_share,
           round(sum(revenue) FILTER (WHERE level = {{levels}}) OVER (ORDER BY place ROWS UNBOUNDED PRECEDING)
               / nullif(greatest(sum(revenue) FILTER (WHERE level = {{levels}}) OVER (), 0), 0), 4)::float8 AS cumulative_revenue_share,
           round(gross / nullif(orders, 0), 2)::float8 AS average_order_value,
           round(recency_days::numeric, 2)::float8 AS median_recency_days,
           round(frequency::numeric, 2)::float8 AS median_frequency,
           round(monetary::numeric, 2)::float8 AS median_monetary,
           round(mean_clv, 2)::float8 AS mean_clv,
           round(total_clv, 2)::float8 AS total_clv,
           round(gini::numeric, 4)::float8 AS gini,
           orders::int8 AS orders,
           round(again::numeric / nullif(purchasers, 0), 4)::float8 AS repeat_rate,
           round(expected_purchases, 2)::float8 AS expected_purchases,
           round(total_clv - 1.96 * clv_error, 2)::float8 AS clv_from,
           round(total_clv + 1.96 * clv_error, 2)::float8 AS clv_to,
           round(satisfaction, 4)::float8 AS mean_satisfaction,
           round(engagement, 4)::float8 AS mean_engagement,
           CASE WHEN level = 0 THEN 'total' WHEN level < {{levels}} THEN 'subtotal'
                WHEN {{placed}} THEN 'segment' ELSE 'unplaced' END AS part,
           {{reason}} AS reason,
           {{labels}} AS labels,
           level,
           level = 0 OR level < {{levels}} AS is_total
    FROM placed
), trained AS (
    SELECT t.number,
           t.as_of,
           t.rows_left_out,
           t.amount_left_out,
           t.later_orders,
           t.later_orders > 0 OR t.later_amount <> 0 AS is_any_later,
           CASE WHEN w.as_of = t.as_of OR t.later_orders = 0 AND t.later_amount = 0 THEN t.later_amount END AS later_amount,
           w.as_of = t.as_of AS is_known
    FROM customer_value.training AS t
    CROSS JOIN (SELECT max(as_of) AS as_of FROM found) AS w
    WHERE t.segmentation = {{segmentation}}::uuid AND t.newest
), beside AS (
    SELECT 1 AS place, 'later' AS part, later_orders AS orders, later_amount AS revenue,
           replace(replace(replace(CASE WHEN is_known THEN {{later}} ELSE {{later_unknown}} END,
               '{orders}', later_orders::text), '{as_of}', as_of::text), '{number}', number::text) AS reason
    FROM trained
    WHERE is_any_later
    UNION ALL
    SELECT 2, 'left_out', NULL, amount_left_out,
           replace(replace({{left_out}}, '{rows}', rows_left_out::text), '{number}', number::text)
    FROM trained
    WHERE rows_left_out > 0
    UNION ALL
    SELECT 3, 'ledger', w.orders + t.later_orders, w.revenue + t.later_amount + coalesce(t.amount_left_out, 0), {{ledger_reason}}
    FROM trained AS t
    CROSS JOIN (SELECT sum(revenue) AS revenue, sum(orders)::int8 AS orders
                FROM segment WHERE level = {{levels}}) AS w
    WHERE {{with_totals}}
)
SELECT segment, customers, customer_share, revenue, revenue_share, cumulative_revenue_share, average_order_value,
       median_recency_days, median_frequency, median_monetary, mean_clv, total_clv, gini, orders, repeat_rate,
       expected_purchases, clv_from, clv_to, mean_satisfaction, mean_engagement, part, reason{{of_levels}}
FROM (
    SELECT 0 AS section, s.* FROM segment AS s
    UNION ALL
    SELECT 1, place, CASE part WHEN 'ledger' THEN {{ledger}} END, NULL, NULL, revenue, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, orders, NULL,
           NULL, NULL, NULL, NULL, NULL, part, reason, NULL, NULL, part = 'ledger'
    FROM beside
) AS r
ORDER BY section, place
LIMIT {{most_rows}} + 1
