CREATE VIEW shop.lined WITH (security_invoker = true) AS
SELECT
    h.customer AS customer_id,
    customer_value.first_purchase(h.history, t.as_of) AS first_purchase,
    customer_value.last_purchase(h.history, t.as_of) AS last_purchase,
    customer_value.days_since_last_purchase(h.history, t.as_of) AS recency_days,
    h.frequency,
    h.revenue AS monetary,
    h.average_order_value,
    h.revenue,
    customer_value.recency_score(t.cuts, h.history, t.as_of) AS recency_score,
    customer_value.frequency_score(t.cuts, h.history, t.as_of) AS frequency_score,
    customer_value.monetary_score(t.cuts, h.history, t.as_of) AS monetary_score,
    customer_value_internal.rfm_code(t.cuts, h.history, t.as_of) AS rfm_code,
    customer_value_internal.rfm_segment(t.labels, t.cuts, h.history, t.as_of) AS rfm_segment,
    customer_value_internal.rfm_segment_code(t.labels, t.cuts, h.history, t.as_of) AS rfm_segment_code,
    customer_value_internal.rfm_segment_rank(t.labels, t.cuts, h.history, t.as_of) AS rfm_segment_rank,
    customer_value_internal.rfm_segment_action(t.labels, t.cuts, h.history, t.as_of) AS rfm_segment_action,
    t.as_of,
    t.trained_at,
    customer_value.p_alive(t.purchase_model, h.history, t.as_of) AS p_alive,
    customer_value.expected_purchases(t.purchase_model, h.history, t.as_of, '365'::float8) AS expected_purchases,
    customer_value.expected_order_value(t.spend_model, h.history, t.as_of) AS expected_order_value,
    h.clv,
    customer_value.percentile_of(t.clv_percentiles, h.clv) AS clv_percentile,
    customer_value.clv_tier(customer_value.percentile_of(t.clv_percentiles, h.clv), 'en') AS clv_tier,
    customer_value.clv_tier_code(customer_value.percentile_of(t.clv_percentiles, h.clv)) AS clv_tier_code,
    customer_value.clv_tier_rank(customer_value.percentile_of(t.clv_percentiles, h.clv)) AS clv_tier_rank,
    customer_value.clv_error(t.purchase_model, t.spend_model, h.history, t.as_of, '365'::float8, '0.1'::float8, t.margin, '0'::float8) AS clv_error,
    customer_value.clv_tier_action(customer_value.percentile_of(t.clv_percentiles, h.clv), 'en') AS clv_tier_action,
    customer_value.typical_gap(h.history, t.as_of) AS typical_gap,
    customer_value_internal.last_gap(h.history, t.as_of) AS last_gap,
    coalesce(customer_value.purchase_days(h.history, t.as_of), 0) AS purchase_days,
    customer_value.declining(h.history, t.as_of, 90) AS declining,
    customer_value.purchase_trend(h.history, t.as_of, 90) AS purchase_trend,
    h.loyalty,
    CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END AS discount_share,
    h.current_value,
    h.clv AS potential_value,
    customer_value_internal.to_double(h.window_revenue - coalesce(h.window_costed, 0)) * t.margin + customer_value_internal.to_double(coalesce(h.window_costed, 0) - coalesce(h.window_cost, 0) - coalesce(h.window_service, 0)) AS profitability,
    h.basic_score AS value_score,
    coalesce(h.window_service, 0) AS cost_to_serve,
    (SELECT CASE WHEN customer_value_internal.keeps('00000000-0000-0000-0000-000000000000') THEN (SELECT q.kept_at FROM customer_value.keeping AS q WHERE q.segmentation = '00000000-0000-0000-0000-000000000000'::uuid) ELSE now() END) AS kept_at,
    customer_value_internal.matrix_label(t.matrices, 'lifecycle', customer_value_internal.lifecycle_level(t.axes, h.history, t.as_of)::float8) AS lifecycle_stage,
    customer_value_internal.matrix_code(t.matrices, 'lifecycle', customer_value_internal.lifecycle_level(t.axes, h.history, t.as_of)::float8) AS lifecycle_stage_code,
    customer_value_internal.matrix_rank(t.matrices, 'lifecycle', customer_value_internal.lifecycle_level(t.axes, h.history, t.as_of)::float8) AS lifecycle_stage_rank,
    customer_value_internal.matrix_action(t.matrices, 'lifecycle', customer_value_internal.lifecycle_level(t.axes, h.history, t.as_of)::float8) AS lifecycle_stage_action,
    customer_value_internal.matrix_label(t.matrices, 'growth', h.clv::float8, h.current_value::float8) AS growth_quadrant,
    customer_value_internal.matrix_code(t.matrices, 'growth', h.clv::float8, h.current_value::float8) AS growth_quadrant_code,
    customer_value_internal.matrix_rank(t.matrices, 'growth', h.clv::float8, h.current_value::float8) AS growth_quadrant_rank,
    customer_value_internal.matrix_action(t.matrices, 'growth', h.clv::float8, h.current_value::float8) AS growth_quadrant_action,
    customer_value_internal.matrix_label(t.matrices, 'spend', h.frequency::float8, customer_value_internal.to_double(h.average_order_value)) AS spend_quadrant,
    customer_value_internal.matrix_code(t.matrices, 'spend', h.frequency::float8, customer_value_internal.to_double(h.average_order_value)) AS spend_quadrant_code,
    customer_value_internal.matrix_rank(t.matrices, 'spend', h.frequency::float8, customer_value_internal.to_double(h.average_order_value)) AS spend_quadrant_rank,
    customer_value_internal.matrix_action(t.matrices, 'spend', h.frequency::float8, customer_value_internal.to_double(h.average_order_value)) AS spend_quadrant_action,
    customer_value_internal.matrix_label(t.matrices, 'abc', customer_value_internal.to_double(h.revenue)) AS abc_class,
    customer_value_internal.matrix_code(t.matrices, 'abc', customer_value_internal.to_double(h.revenue)) AS abc_class_code,
    customer_value_internal.matrix_rank(t.matrices, 'abc', customer_value_internal.to_double(h.revenue)) AS abc_class_rank,
    customer_value_internal.matrix_action(t.matrices, 'abc', customer_value_internal.to_double(h.revenue)) AS abc_class_action,
    customer_value_internal.matrix_label(t.matrices, 'abc_pair', customer_value_internal.to_double(h.revenue), h.frequency::float8) AS abc_pair,
    customer_value_internal.matrix_code(t.matrices, 'abc_pair', customer_value_internal.to_double(h.revenue), h.frequency::float8) AS abc_pair_code,
    customer_value_internal.matrix_rank(t.matrices, 'abc_pair', customer_value_internal.to_double(h.revenue), h.frequency::float8) AS abc_pair_rank,
    customer_value_internal.matrix_action(t.matrices, 'abc_pair', customer_value_internal.to_double(h.revenue), h.frequency::float8) AS abc_pair_action,
    customer_value_internal.matrix_label(t.matrices, 'profitability', h.loyalty::float8, (customer_value_internal.to_double(h.window_revenue - coalesce(h.window_costed, 0)) * t.margin + customer_value_internal.to_double(coalesce(h.window_costed, 0) - coalesce(h.window_cost, 0) - coalesce(h.window_service, 0)))::float8) AS profitability_quadrant,
    customer_value_internal.matrix_code(t.matrices, 'profitability', h.loyalty::float8, (customer_value_internal.to_double(h.window_revenue - coalesce(h.window_costed, 0)) * t.margin + customer_value_internal.to_double(coalesce(h.window_costed, 0) - coalesce(h.window_cost, 0) - coalesce(h.window_service, 0)))::float8) AS profitability_quadrant_code,
    customer_value_internal.matrix_rank(t.matrices, 'profitability', h.loyalty::float8, (customer_value_internal.to_double(h.window_revenue - coalesce(h.window_costed, 0)) * t.margin + customer_value_internal.to_double(coalesce(h.window_costed, 0) - coalesce(h.window_cost, 0) - coalesce(h.window_service, 0)))::float8) AS profitability_quadrant_rank,
    customer_value_internal.matrix_action(t.matrices, 'profitability', h.loyalty::float8, (customer_value_internal.to_double(h.window_revenue - coalesce(h.window_costed, 0)) * t.margin + customer_value_internal.to_double(coalesce(h.window_costed, 0) - coalesce(h.window_cost, 0) - coalesce(h.window_service, 0)))::float8) AS profitability_quadrant_action,
    customer_value_internal.matrix_label(t.matrices, 'value_tier', h.basic_score::float8) AS value_tier,
    customer_value_internal.matrix_code(t.matrices, 'value_tier', h.basic_score::float8) AS value_tier_code,
    customer_value_internal.matrix_rank(t.matrices, 'value_tier', h.basic_score::float8) AS value_tier_rank,
    customer_value_internal.matrix_action(t.matrices, 'value_tier', h.basic_score::float8) AS value_tier_action,
    customer_value_internal.matrix_label(t.matrices, 'need', (CASE WHEN CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END > 0 AND CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END >= customer_value_internal.percentile_at(t.axes, 'discount_share', 80) THEN 2 WHEN customer_value.purchase_days(h.history, t.as_of) >= 2 THEN 1 END)::float8) AS need_type,
    customer_value_internal.matrix_code(t.matrices, 'need', (CASE WHEN CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END > 0 AND CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END >= customer_value_internal.percentile_at(t.axes, 'discount_share', 80) THEN 2 WHEN customer_value.purchase_days(h.history, t.as_of) >= 2 THEN 1 END)::float8) AS need_type_code,
    customer_value_internal.matrix_rank(t.matrices, 'need', (CASE WHEN CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END > 0 AND CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END >= customer_value_internal.percentile_at(t.axes, 'discount_share', 80) THEN 2 WHEN customer_value.purchase_days(h.history, t.as_of) >= 2 THEN 1 END)::float8) AS need_type_rank,
    customer_value_internal.matrix_action(t.matrices, 'need', (CASE WHEN CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END > 0 AND CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END >= customer_value_internal.percentile_at(t.axes, 'discount_share', 80) THEN 2 WHEN customer_value.purchase_days(h.history, t.as_of) >= 2 THEN 1 END)::float8) AS need_type_action
FROM (
    SELECT
        t.as_of,
        t.trained_at,
        t.cuts,
        customer_value_internal.in_memory(t.labels) AS labels,
        t.purchase_model,
        t.spend_model,
        t.margin,
        t.clv_percentiles,
        customer_value_internal.in_memory(t.axes) AS axes,
        customer_value_internal.in_memory(t.matrices) AS matrices
    FROM (SELECT '00000000-0000-0000-0000-000000000000'::uuid AS segmentation_id) AS one
    LEFT JOIN customer_value.training AS t
        ON t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND t.newest
    OFFSET 0
) AS t
CROSS JOIN (
    SELECT
        k.customer,
        customer_value.net_of_refunds(k.history, (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AS history,
        customer_value.order_count(k.discounted, (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AS discounted,
        customer_value.revenue_between(k.costs, (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) - 364, (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AS window_cost,
        customer_value.revenue_between(k.costed, (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) - 364, (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AS window_costed,
        customer_value.revenue_between(k.services, (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) - 364, (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AS window_service,
        customer_value.order_count(customer_value.net_of_refunds(k.history, (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)), (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AS frequency,
        customer_value.revenue(customer_value.net_of_refunds(k.history, (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)), (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AS revenue,
        customer_value.average_order_value(customer_value.net_of_refunds(k.history, (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)), (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AS average_order_value,
        customer_value.clv((SELECT n.purchase_model FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest), (SELECT n.spend_model FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest), customer_value.net_of_refunds(k.history, (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)), (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest), '365'::float8, '0.1'::float8, (SELECT n.margin FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest), '0'::float8) AS clv,
        customer_value.current_value(customer_value.net_of_refunds(k.history, (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)), (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest), 365, (SELECT n.margin FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AS current_value,
        customer_value_internal.loyalty((SELECT n.purchase_model FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest), (SELECT n.axes FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest), customer_value.net_of_refunds(k.history, (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)), (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AS loyalty,
        customer_value_internal.value_score((SELECT n.axes FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest), customer_value.net_of_refunds(k.history, (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)), (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AS basic_score,
        customer_value.revenue_between(k.history, (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) - 364, (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AS window_revenue,
        customer_value.order_count(k.history, (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AS orders
    FROM shop.lined_kept_now AS k
    WHERE customer_value_internal.keeps('00000000-0000-0000-0000-000000000000')
    UNION ALL
    SELECT
        o.customer,
        customer_value.net_of_refunds(customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai'), (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AS history,
        count(*) FILTER (WHERE o.discounted AND (o.ordered_at < (SELECT (n.as_of + 0)::timestamp AT TIME ZONE 'Asia/Shanghai' FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) OR o.ordered_at < (SELECT (n.as_of + 2)::timestamp AT TIME ZONE 'Asia/Shanghai' FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) AND (o.ordered_at AT TIME ZONE 'Asia/Shanghai')::date <= (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AND o.amount >= 0) AS discounted,
        sum(o.line_cost) FILTER (WHERE o.line_cost IS NOT NULL AND o.line_costed IS NOT NULL AND (o.ordered_at >= (SELECT (n.as_of - 363)::timestamp AT TIME ZONE 'Asia/Shanghai' FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) OR o.ordered_at >= (SELECT (n.as_of - 365)::timestamp AT TIME ZONE 'Asia/Shanghai' FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) AND (o.ordered_at AT TIME ZONE 'Asia/Shanghai')::date >= (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) - 364) AND (o.ordered_at < (SELECT (n.as_of + 0)::timestamp AT TIME ZONE 'Asia/Shanghai' FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) OR o.ordered_at < (SELECT (n.as_of + 2)::timestamp AT TIME ZONE 'Asia/Shanghai' FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) AND (o.ordered_at AT TIME ZONE 'Asia/Shanghai')::date <= (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest))) AS window_cost,
        sum(o.line_costed) FILTER (WHERE o.line_cost IS NOT NULL AND o.line_costed IS NOT NULL AND (o.ordered_at >= (SELECT (n.as_of - 363)::timestamp AT TIME ZONE 'Asia/Shanghai' FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) OR o.ordered_at >= (SELECT (n.as_of - 365)::timestamp AT TIME ZONE 'Asia/Shanghai' FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) AND (o.ordered_at AT TIME ZONE 'Asia/Shanghai')::date >= (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) - 364) AND (o.ordered_at < (SELECT (n.as_of + 0)::timestamp AT TIME ZONE 'Asia/Shanghai' FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) OR o.ordered_at < (SELECT (n.as_of + 2)::timestamp AT TIME ZONE 'Asia/Shanghai' FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) AND (o.ordered_at AT TIME ZONE 'Asia/Shanghai')::date <= (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest))) AS window_costed,
        sum(o.line_service) FILTER (WHERE (o.ordered_at >= (SELECT (n.as_of - 363)::timestamp AT TIME ZONE 'Asia/Shanghai' FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) OR o.ordered_at >= (SELECT (n.as_of - 365)::timestamp AT TIME ZONE 'Asia/Shanghai' FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) AND (o.ordered_at AT TIME ZONE 'Asia/Shanghai')::date >= (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) - 364) AND (o.ordered_at < (SELECT (n.as_of + 0)::timestamp AT TIME ZONE 'Asia/Shanghai' FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) OR o.ordered_at < (SELECT (n.as_of + 2)::timestamp AT TIME ZONE 'Asia/Shanghai' FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) AND (o.ordered_at AT TIME ZONE 'Asia/Shanghai')::date <= (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AND o.amount IS NOT NULL) AS window_service,
        customer_value.order_count(customer_value.net_of_refunds(customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai'), (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)), (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AS frequency,
        customer_value.revenue(customer_value.net_of_refunds(customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai'), (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)), (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AS revenue,
        customer_value.average_order_value(customer_value.net_of_refunds(customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai'), (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)), (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AS average_order_value,
        customer_value.clv((SELECT n.purchase_model FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest), (SELECT n.spend_model FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest), customer_value.net_of_refunds(customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai'), (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)), (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest), '365'::float8, '0.1'::float8, (SELECT n.margin FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest), '0'::float8) AS clv,
        customer_value.current_value(customer_value.net_of_refunds(customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai'), (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)), (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest), 365, (SELECT n.margin FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AS current_value,
        customer_value_internal.loyalty((SELECT n.purchase_model FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest), (SELECT n.axes FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest), customer_value.net_of_refunds(customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai'), (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)), (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AS loyalty,
        customer_value_internal.value_score((SELECT n.axes FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest), customer_value.net_of_refunds(customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai'), (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)), (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AS basic_score,
        customer_value.revenue_between(customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai'), (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) - 364, (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AS window_revenue,
        customer_value.order_count(customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai'), (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AS orders
    FROM (
        SELECT
            l.customer_id AS customer,
            min(l.ordered_at) AS ordered_at,
            sum(l.total) AS amount,
            sum(l.cost::numeric) FILTER (WHERE l.total::numeric IS NOT NULL AND l.customer_id IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL) AS line_cost,
            sum(l.total::numeric) FILTER (WHERE l.cost::numeric IS NOT NULL AND l.customer_id IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL) AS line_costed,
            sum(l.service::numeric) FILTER (WHERE l.customer_id IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL) AS line_service,
            bool_or(l.discounted) FILTER (WHERE l.customer_id IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL) AS discounted
        FROM shop.lines AS l
        WHERE NOT customer_value_internal.keeps('00000000-0000-0000-0000-000000000000')
            AND l.customer_id IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL
        GROUP BY l.customer_id, l.id
    ) AS o
    GROUP BY o.customer
) AS h
