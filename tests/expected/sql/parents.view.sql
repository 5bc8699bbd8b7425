CREATE VIEW shop.lined_parents WITH (security_invoker = true) AS
SELECT
    h.customer AS holding,
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
    customer_value.expected_next_purchase(h.history, t.as_of) AS expected_next_purchase,
    customer_value_internal.last_gap(h.history, t.as_of) AS last_gap,
    coalesce(customer_value.purchase_days(h.history, t.as_of), 0) AS purchase_days,
    customer_value.declining(h.history, t.as_of, 90) AS declining,
    customer_value.purchase_trend(h.history, t.as_of, 90) AS purchase_trend,
    h.loyalty,
    CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END AS discount_share,
    p.breadth AS product_breadth,
    p.favourite AS favourite_product,
    ch.channel,
    customer_value.weighted_index(ARRAY[s.satisfaction]::float8[], '{1}') AS relationship_quality,
    s.satisfaction,
    s.csat,
    s.nps,
    s.ces,
    h.current_value,
    h.clv AS potential_value,
    customer_value_internal.to_double(h.window_revenue - coalesce(h.window_costed, 0)) * t.margin + customer_value_internal.to_double(coalesce(h.window_costed, 0) - coalesce(h.window_cost, 0) - coalesce(h.window_service, 0)) AS profitability,
    (2 * h.basic_score + customer_value_internal.percentile_of(t.axes, 'product_breadth', p.breadth::float8)) / 3 AS value_score,
    coalesce(h.window_service, 0) AS cost_to_serve,
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
    customer_value_internal.matrix_label(t.matrices, 'value_tier', ((2 * h.basic_score + customer_value_internal.percentile_of(t.axes, 'product_breadth', p.breadth::float8)) / 3)::float8) AS value_tier,
    customer_value_internal.matrix_code(t.matrices, 'value_tier', ((2 * h.basic_score + customer_value_internal.percentile_of(t.axes, 'product_breadth', p.breadth::float8)) / 3)::float8) AS value_tier_code,
    customer_value_internal.matrix_rank(t.matrices, 'value_tier', ((2 * h.basic_score + customer_value_internal.percentile_of(t.axes, 'product_breadth', p.breadth::float8)) / 3)::float8) AS value_tier_rank,
    customer_value_internal.matrix_action(t.matrices, 'value_tier', ((2 * h.basic_score + customer_value_internal.percentile_of(t.axes, 'product_breadth', p.breadth::float8)) / 3)::float8) AS value_tier_action,
    customer_value_internal.matrix_label(t.matrices, 'need', (CASE WHEN CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END > 0 AND CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END >= customer_value_internal.percentile_at(t.axes, 'discount_share', 80) THEN 2 WHEN customer_value.purchase_days(h.history, t.as_of) >= 2 THEN 1 END)::float8) AS need_type,
    customer_value_internal.matrix_code(t.matrices, 'need', (CASE WHEN CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END > 0 AND CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END >= customer_value_internal.percentile_at(t.axes, 'discount_share', 80) THEN 2 WHEN customer_value.purchase_days(h.history, t.as_of) >= 2 THEN 1 END)::float8) AS need_type_code,
    customer_value_internal.matrix_rank(t.matrices, 'need', (CASE WHEN CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END > 0 AND CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END >= customer_value_internal.percentile_at(t.axes, 'discount_share', 80) THEN 2 WHEN customer_value.purchase_days(h.history, t.as_of) >= 2 THEN 1 END)::float8) AS need_type_rank,
    customer_value_internal.matrix_action(t.matrices, 'need', (CASE WHEN CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END > 0 AND CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END >= customer_value_internal.percentile_at(t.axes, 'discount_share', 80) THEN 2 WHEN customer_value.purchase_days(h.history, t.as_of) >= 2 THEN 1 END)::float8) AS need_type_action,
    customer_value_internal.rfm_segment(t.labels, t.cuts, h.previous_history, t.previous_as_of) AS previous_rfm_segment,
    customer_value.clv_tier(customer_value.percentile_of(t.clv_percentiles, customer_value.clv(t.purchase_model, t.spend_model, h.previous_history, t.previous_as_of, '365'::float8, '0.1'::float8, t.margin, '0'::float8)), 'en') AS previous_clv_tier,
    customer_value_internal.matrix_label(t.matrices, 'lifecycle', customer_value_internal.lifecycle_level(t.axes, h.previous_history, t.previous_as_of)::float8) AS previous_lifecycle_stage,
    customer_value_internal.matrix_label(t.matrices, 'growth', customer_value.clv(t.purchase_model, t.spend_model, h.previous_history, t.previous_as_of, '365'::float8, '0.1'::float8, t.margin, '0'::float8)::float8, customer_value.current_value(h.previous_history, t.previous_as_of, 365, t.margin)::float8) AS previous_growth_quadrant,
    customer_value_internal.matrix_label(t.matrices, 'spend', customer_value.order_count(h.previous_history, t.previous_as_of)::float8, customer_value_internal.to_double(customer_value.average_order_value(h.previous_history, t.previous_as_of))) AS previous_spend_quadrant,
    customer_value_internal.matrix_label(t.matrices, 'abc', customer_value_internal.to_double(customer_value.revenue(h.previous_history, t.previous_as_of))) AS previous_abc_class,
    customer_value_internal.matrix_label(t.matrices, 'abc_pair', customer_value_internal.to_double(customer_value.revenue(h.previous_history, t.previous_as_of)), customer_value.order_count(h.previous_history, t.previous_as_of)::float8) AS previous_abc_pair,
    customer_value_internal.matrix_label(t.matrices, 'profitability', customer_value_internal.loyalty(t.purchase_model, t.axes, h.previous_history, t.previous_as_of)::float8, (customer_value_internal.to_double(customer_value.revenue_between(h.ledger, t.previous_as_of - 364, t.previous_as_of) - coalesce(customer_value.revenue_between(h.costed_ledger, t.previous_as_of - 364, t.previous_as_of), 0)) * t.margin + customer_value_internal.to_double(coalesce(customer_value.revenue_between(h.costed_ledger, t.previous_as_of - 364, t.previous_as_of), 0) - coalesce(customer_value.revenue_between(h.costs_ledger, t.previous_as_of - 364, t.previous_as_of), 0) - coalesce(customer_value.revenue_between(h.services_ledger, t.previous_as_of - 364, t.previous_as_of), 0)))::float8) AS previous_profitability_quadrant,
    customer_value_internal.matrix_label(t.matrices, 'value_tier', ((2 * customer_value_internal.value_score(t.axes, h.previous_history, t.previous_as_of) + customer_value_internal.percentile_of(t.axes, 'product_breadth', p.previous_breadth::float8)) / 3)::float8) AS previous_value_tier,
    customer_value_internal.matrix_label(t.matrices, 'need', (CASE WHEN CASE WHEN customer_value.order_count(h.previous_history, t.previous_as_of) > 0 THEN customer_value.order_count(h.discounted_ledger, t.previous_as_of)::float8 / customer_value.order_count(h.ledger, t.previous_as_of) END > 0 AND CASE WHEN customer_value.order_count(h.previous_history, t.previous_as_of) > 0 THEN customer_value.order_count(h.discounted_ledger, t.previous_as_of)::float8 / customer_value.order_count(h.ledger, t.previous_as_of) END >= customer_value_internal.percentile_at(t.axes, 'discount_share', 80) THEN 2 WHEN customer_value.purchase_days(h.previous_history, t.previous_as_of) >= 2 THEN 1 END)::float8) AS previous_need_type
FROM (
    SELECT
        t.as_of,
        (t.as_of + 0)::timestamp AT TIME ZONE 'Asia/Shanghai' AS day_0,
        (t.as_of + 2)::timestamp AT TIME ZONE 'Asia/Shanghai' AS day_2,
        t.as_of - 30 AS previous_as_of,
        ((t.as_of - 30) + 0)::timestamp AT TIME ZONE 'Asia/Shanghai' AS previous_day_0,
        ((t.as_of - 30) + 2)::timestamp AT TIME ZONE 'Asia/Shanghai' AS previous_day_2,
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
        customer_value.order_count(customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai'), (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AS orders,
        customer_value.net_of_refunds(customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai'), (SELECT n.as_of - 30 FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AS previous_history,
        customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai') AS ledger,
        customer_value.purchase_history(o.ordered_at, 'Asia/Shanghai') FILTER (WHERE o.discounted AND o.amount >= 0) AS discounted_ledger,
        customer_value.purchase_history(o.ordered_at, o.line_cost, 'Asia/Shanghai') FILTER (WHERE o.line_cost IS NOT NULL AND o.line_costed IS NOT NULL) AS costs_ledger,
        customer_value.purchase_history(o.ordered_at, o.line_costed, 'Asia/Shanghai') FILTER (WHERE o.line_cost IS NOT NULL AND o.line_costed IS NOT NULL) AS costed_ledger,
        customer_value.purchase_history(o.ordered_at, o.line_service, 'Asia/Shanghai') FILTER (WHERE o.amount IS NOT NULL) AS services_ledger
    FROM (
        SELECT
            l.holding AS customer,
            min(l.ordered_at) AS ordered_at,
            sum(l.total) AS amount,
            sum(l.cost::numeric) FILTER (WHERE l.total::numeric IS NOT NULL AND l.holding IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL) AS line_cost,
            sum(l.total::numeric) FILTER (WHERE l.cost::numeric IS NOT NULL AND l.holding IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL) AS line_costed,
            sum(l.service::numeric) FILTER (WHERE l.holding IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL) AS line_service,
            bool_or(l.discounted) FILTER (WHERE l.holding IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL) AS discounted
        FROM (SELECT r.ordered_at, r.id, r.customer_id, r.total, r.cost, r.service, r.discounted, r.product, r.channel, r.currency, p.holding FROM shop.lines AS r LEFT JOIN shop.customers AS p ON p.id OPERATOR(pg_catalog.=) r.customer_id) AS l
        WHERE l.holding IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL
        GROUP BY l.holding, l.id, l.customer_id
    ) AS o
    GROUP BY o.customer
) AS h
LEFT JOIN LATERAL (
    SELECT
        s.holding AS same,
        s.holding AS customer,
        (coalesce(sum(s.score::float8 - 1) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'csat'), 0) / 4 + coalesce(sum(s.score::float8 - 0) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'nps'), 0) / 10 + coalesce(sum(s.score::float8 - 1) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'ces'), 0) / 6) / count(*) AS satisfaction,
        customer_value.csat(s.score::float8) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'csat') AS csat,
        customer_value.nps(s.score::float8) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'nps') AS nps,
        customer_value.ces(s.score::float8) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'ces') AS ces,
        (coalesce(sum(s.score::float8 - 1) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'csat' AND s.day <= t.previous_as_of), 0) / 4 + coalesce(sum(s.score::float8 - 0) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'nps' AND s.day <= t.previous_as_of), 0) / 10 + coalesce(sum(s.score::float8 - 1) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'ces' AND s.day <= t.previous_as_of), 0) / 6) / nullif(count(*) FILTER (WHERE s.day <= t.previous_as_of), 0) AS previous_satisfaction,
        customer_value.csat(s.score::float8) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'csat' AND s.day <= t.previous_as_of) AS previous_csat,
        customer_value.nps(s.score::float8) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'nps' AND s.day <= t.previous_as_of) AS previous_nps,
        customer_value.ces(s.score::float8) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'ces' AND s.day <= t.previous_as_of) AS previous_ces
    FROM (SELECT r.day, r.kind, r.score, p.holding FROM shop.answers AS r LEFT JOIN shop.customers AS p ON p.id OPERATOR(pg_catalog.=) r.customer_id) AS s
    WHERE s.holding IS NOT NULL
        AND isfinite(s.day)
        AND s.day <= t.as_of
        AND (lower(s.kind::text COLLATE "C") = 'csat' AND s.score >= 1 AND s.score <= 5 OR lower(s.kind::text COLLATE "C") = 'nps' AND s.score >= 0 AND s.score <= 10 OR lower(s.kind::text COLLATE "C") = 'ces' AND s.score >= 1 AND s.score <= 7) AND s.score = floor(s.score)
    GROUP BY s.holding
) AS s
    ON s.customer OPERATOR(pg_catalog.=) h.customer
    AND s.same OPERATOR(pg_catalog.=) coalesce(h.customer, h.customer)
LEFT JOIN LATERAL (
    SELECT
        d.customer AS same,
        d.customer,
        count(*) AS breadth,
        (array_agg(d.name ORDER BY d.orders DESC, d.name COLLATE "C"))[1] AS favourite,
        nullif(count(*) FILTER (WHERE d.first_bought <= t.previous_as_of), 0) AS previous_breadth
    FROM (
        SELECT
            o.holding AS customer,
            min(o.product::text COLLATE "C") AS name,
            count(DISTINCT (o.id, o.customer_id)) AS orders,
            min((o.ordered_at AT TIME ZONE 'Asia/Shanghai')::date) AS first_bought
        FROM (SELECT r.ordered_at, r.id, r.customer_id, r.total, r.cost, r.service, r.discounted, r.product, r.channel, r.currency, p.holding FROM shop.lines AS r LEFT JOIN shop.customers AS p ON p.id OPERATOR(pg_catalog.=) r.customer_id) AS o
        WHERE o.holding IS NOT NULL
            AND o.product IS NOT NULL
            AND (o.ordered_at < t.day_0 OR o.ordered_at < t.day_2 AND (o.ordered_at AT TIME ZONE 'Asia/Shanghai')::date <= t.as_of)
            AND o.total >= 0
        GROUP BY o.holding, o.product
    ) AS d
    GROUP BY d.customer
) AS p
    ON p.customer OPERATOR(pg_catalog.=) h.customer
    AND p.same OPERATOR(pg_catalog.=) coalesce(h.customer, h.customer)
LEFT JOIN LATERAL (
    SELECT
        n.customer AS same,
        n.customer,
        (array_agg(n.channel ORDER BY n.orders DESC, n.channel COLLATE "C"))[1] AS channel
    FROM (
        SELECT
            o.holding AS customer,
            o.channel::text AS channel,
            count(DISTINCT (o.id, o.customer_id)) AS orders
        FROM (SELECT r.ordered_at, r.id, r.customer_id, r.total, r.cost, r.service, r.discounted, r.product, r.channel, r.currency, p.holding FROM shop.lines AS r LEFT JOIN shop.customers AS p ON p.id OPERATOR(pg_catalog.=) r.customer_id) AS o
        WHERE o.holding IS NOT NULL
            AND o.channel IS NOT NULL
            AND (o.ordered_at < t.day_0 OR o.ordered_at < t.day_2 AND (o.ordered_at AT TIME ZONE 'Asia/Shanghai')::date <= t.as_of)
            AND o.total >= 0
        GROUP BY o.holding, o.channel::text
    ) AS n
    GROUP BY n.customer
) AS ch
    ON ch.customer OPERATOR(pg_catalog.=) h.customer
    AND ch.same OPERATOR(pg_catalog.=) coalesce(h.customer, h.customer)
