CREATE VIEW shop.inputs WITH (security_invoker = true) AS
SELECT
    coalesce(c.id, h.customer) AS customer_id,
    customer_value.first_purchase(h.history, t.as_of) AS first_purchase,
    customer_value.last_purchase(h.history, t.as_of) AS last_purchase,
    customer_value.days_since_last_purchase(h.history, t.as_of) AS recency_days,
    CASE WHEN h.customer IS NULL THEN 0 ELSE h.frequency END AS frequency,
    CASE WHEN h.customer IS NULL THEN 0 ELSE h.revenue END AS monetary,
    h.average_order_value,
    CASE WHEN h.customer IS NULL THEN 0 ELSE h.revenue END AS revenue,
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
    customer_value.clv_tier(customer_value.percentile_of(t.clv_percentiles, h.clv), 'zh') AS clv_tier,
    customer_value.clv_tier_code(customer_value.percentile_of(t.clv_percentiles, h.clv)) AS clv_tier_code,
    customer_value.clv_tier_rank(customer_value.percentile_of(t.clv_percentiles, h.clv)) AS clv_tier_rank,
    customer_value.clv_error(t.purchase_model, t.spend_model, h.history, t.as_of, '365'::float8, '0.1'::float8, t.margin, '0'::float8) AS clv_error,
    customer_value.clv_tier_action(customer_value.percentile_of(t.clv_percentiles, h.clv), 'zh') AS clv_tier_action,
    customer_value.typical_gap(h.history, t.as_of) AS typical_gap,
    customer_value.expected_next_purchase(h.history, t.as_of) AS expected_next_purchase,
    customer_value_internal.last_gap(h.history, t.as_of) AS last_gap,
    coalesce(customer_value.purchase_days(h.history, t.as_of), 0) AS purchase_days,
    customer_value.declining(h.history, t.as_of, 90) AS declining,
    customer_value.purchase_trend(h.history, t.as_of, 90) AS purchase_trend,
    h.loyalty,
    CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END AS discount_share,
    coalesce(i.service_contacts, 0)::float8 / nullif(h.frequency, 0) AS service_rate,
    p.breadth AS product_breadth,
    p.favourite AS favourite_product,
    ch.channel,
    customer_value.weighted_index(ARRAY[s.satisfaction, customer_value_internal.percentile_of(t.axes, 'other_interactions', i.others::float8), power(2, CASE WHEN (t.as_of - i.last_other) / '30'::float8 > 1000 THEN -1000 ELSE -(t.as_of - i.last_other) / '30'::float8 END)]::float8[], '{1,1,1}') AS relationship_quality,
    i.interactions,
    i.last_interaction,
    i.engagement,
    s.satisfaction,
    s.csat,
    s.nps,
    s.ces,
    c.region,
    c.age,
    CASE WHEN h.customer IS NULL THEN 0 * abs(t.margin) ELSE h.current_value END AS current_value,
    customer_value.weighted_index(ARRAY[customer_value_internal.percentile_of(t.axes, 'clv', CASE WHEN h.clv::float8 > '-infinity' AND h.clv::float8 < 'infinity' THEN h.clv::float8 END), customer_value_internal.percentile_of(t.axes, 'age', CASE WHEN c.age::float8 > '-infinity' AND c.age::float8 < 'infinity' THEN c.age::float8 END), customer_value_internal.percentile_of(t.axes, 'purchase_days', customer_value.purchase_days(h.history, t.as_of)::float8)]::float8[], '{3,1,1}') AS potential_value,
    CASE WHEN h.customer IS NULL THEN 0 * abs(t.margin) ELSE customer_value_internal.to_double(h.window_revenue - coalesce(h.window_costed, 0)) * t.margin + customer_value_internal.to_double(coalesce(h.window_costed, 0) - coalesce(h.window_cost, 0) - coalesce(h.window_service, 0)) END AS profitability,
    (2 * h.basic_score + customer_value_internal.percentile_of(t.axes, 'product_breadth', p.breadth::float8)) / 3 AS value_score,
    coalesce(h.window_service, 0) AS cost_to_serve,
    CASE WHEN c.won_for::numeric = 0 OR c.won_for::numeric BETWEEN 1e-10 AND 1e15 THEN c.won_for::numeric END AS acquisition_cost,
    h.clv / nullif(customer_value_internal.to_double(CASE WHEN c.won_for::numeric = 0 OR c.won_for::numeric BETWEEN 1e-10 AND 1e15 THEN c.won_for::numeric END), 0) AS clv_to_cost,
    customer_value.payback_days(h.history, t.as_of, customer_value_internal.to_double(CASE WHEN c.won_for::numeric = 0 OR c.won_for::numeric BETWEEN 1e-10 AND 1e15 THEN c.won_for::numeric END), t.margin) AS payback_days,
    customer_value.weighted_index(ARRAY[customer_value_internal.percentile_of(t.axes, 'age', CASE WHEN c.age::float8 > '-infinity' AND c.age::float8 < 'infinity' THEN c.age::float8 END), customer_value_internal.percentile_of(t.axes, 'product_breadth', CASE WHEN p.breadth::float8 > '-infinity' AND p.breadth::float8 < 'infinity' THEN p.breadth::float8 END)]::float8[], '{2,0.5}') AS influence,
    customer_value_internal.matrix_label(t.matrices, 'lifecycle', CASE WHEN h.customer IS NULL AND (c.since < t.day_1) IS NOT FALSE THEN 6 ELSE customer_value_internal.lifecycle_level(t.axes, h.history, t.as_of) END::float8) AS lifecycle_stage,
    customer_value_internal.matrix_code(t.matrices, 'lifecycle', CASE WHEN h.customer IS NULL AND (c.since < t.day_1) IS NOT FALSE THEN 6 ELSE customer_value_internal.lifecycle_level(t.axes, h.history, t.as_of) END::float8) AS lifecycle_stage_code,
    customer_value_internal.matrix_rank(t.matrices, 'lifecycle', CASE WHEN h.customer IS NULL AND (c.since < t.day_1) IS NOT FALSE THEN 6 ELSE customer_value_internal.lifecycle_level(t.axes, h.history, t.as_of) END::float8) AS lifecycle_stage_rank,
    customer_value_internal.matrix_action(t.matrices, 'lifecycle', CASE WHEN h.customer IS NULL AND (c.since < t.day_1) IS NOT FALSE THEN 6 ELSE customer_value_internal.lifecycle_level(t.axes, h.history, t.as_of) END::float8) AS lifecycle_stage_action,
    customer_value_internal.matrix_label(t.matrices, 'growth', (customer_value.weighted_index(ARRAY[customer_value_internal.percentile_of(t.axes, 'clv', CASE WHEN h.clv::float8 > '-infinity' AND h.clv::float8 < 'infinity' THEN h.clv::float8 END), customer_value_internal.percentile_of(t.axes, 'age', CASE WHEN c.age::float8 > '-infinity' AND c.age::float8 < 'infinity' THEN c.age::float8 END), customer_value_internal.percentile_of(t.axes, 'purchase_days', customer_value.purchase_days(h.history, t.as_of)::float8)]::float8[], '{3,1,1}'))::float8, (CASE WHEN h.customer IS NULL THEN 0 * abs(t.margin) ELSE h.current_value END)::float8) AS growth_quadrant,
    customer_value_internal.matrix_code(t.matrices, 'growth', (customer_value.weighted_index(ARRAY[customer_value_internal.percentile_of(t.axes, 'clv', CASE WHEN h.clv::float8 > '-infinity' AND h.clv::float8 < 'infinity' THEN h.clv::float8 END), customer_value_internal.percentile_of(t.axes, 'age', CASE WHEN c.age::float8 > '-infinity' AND c.age::float8 < 'infinity' THEN c.age::float8 END), customer_value_internal.percentile_of(t.axes, 'purchase_days', customer_value.purchase_days(h.history, t.as_of)::float8)]::float8[], '{3,1,1}'))::float8, (CASE WHEN h.customer IS NULL THEN 0 * abs(t.margin) ELSE h.current_value END)::float8) AS growth_quadrant_code,
    customer_value_internal.matrix_rank(t.matrices, 'growth', (customer_value.weighted_index(ARRAY[customer_value_internal.percentile_of(t.axes, 'clv', CASE WHEN h.clv::float8 > '-infinity' AND h.clv::float8 < 'infinity' THEN h.clv::float8 END), customer_value_internal.percentile_of(t.axes, 'age', CASE WHEN c.age::float8 > '-infinity' AND c.age::float8 < 'infinity' THEN c.age::float8 END), customer_value_internal.percentile_of(t.axes, 'purchase_days', customer_value.purchase_days(h.history, t.as_of)::float8)]::float8[], '{3,1,1}'))::float8, (CASE WHEN h.customer IS NULL THEN 0 * abs(t.margin) ELSE h.current_value END)::float8) AS growth_quadrant_rank,
    customer_value_internal.matrix_action(t.matrices, 'growth', (customer_value.weighted_index(ARRAY[customer_value_internal.percentile_of(t.axes, 'clv', CASE WHEN h.clv::float8 > '-infinity' AND h.clv::float8 < 'infinity' THEN h.clv::float8 END), customer_value_internal.percentile_of(t.axes, 'age', CASE WHEN c.age::float8 > '-infinity' AND c.age::float8 < 'infinity' THEN c.age::float8 END), customer_value_internal.percentile_of(t.axes, 'purchase_days', customer_value.purchase_days(h.history, t.as_of)::float8)]::float8[], '{3,1,1}'))::float8, (CASE WHEN h.customer IS NULL THEN 0 * abs(t.margin) ELSE h.current_value END)::float8) AS growth_quadrant_action,
    customer_value_internal.matrix_label(t.matrices, 'spend', (CASE WHEN h.customer IS NULL THEN 0 ELSE h.frequency END)::float8, customer_value_internal.to_double(h.average_order_value)) AS spend_quadrant,
    customer_value_internal.matrix_code(t.matrices, 'spend', (CASE WHEN h.customer IS NULL THEN 0 ELSE h.frequency END)::float8, customer_value_internal.to_double(h.average_order_value)) AS spend_quadrant_code,
    customer_value_internal.matrix_rank(t.matrices, 'spend', (CASE WHEN h.customer IS NULL THEN 0 ELSE h.frequency END)::float8, customer_value_internal.to_double(h.average_order_value)) AS spend_quadrant_rank,
    customer_value_internal.matrix_action(t.matrices, 'spend', (CASE WHEN h.customer IS NULL THEN 0 ELSE h.frequency END)::float8, customer_value_internal.to_double(h.average_order_value)) AS spend_quadrant_action,
    customer_value_internal.matrix_label(t.matrices, 'abc', customer_value_internal.to_double(CASE WHEN h.customer IS NULL THEN 0 ELSE h.revenue END)) AS abc_class,
    customer_value_internal.matrix_code(t.matrices, 'abc', customer_value_internal.to_double(CASE WHEN h.customer IS NULL THEN 0 ELSE h.revenue END)) AS abc_class_code,
    customer_value_internal.matrix_rank(t.matrices, 'abc', customer_value_internal.to_double(CASE WHEN h.customer IS NULL THEN 0 ELSE h.revenue END)) AS abc_class_rank,
    customer_value_internal.matrix_action(t.matrices, 'abc', customer_value_internal.to_double(CASE WHEN h.customer IS NULL THEN 0 ELSE h.revenue END)) AS abc_class_action,
    customer_value_internal.matrix_label(t.matrices, 'abc_pair', customer_value_internal.to_double(CASE WHEN h.customer IS NULL THEN 0 ELSE h.revenue END), (CASE WHEN h.customer IS NULL THEN 0 ELSE h.frequency END)::float8) AS abc_pair,
    customer_value_internal.matrix_code(t.matrices, 'abc_pair', customer_value_internal.to_double(CASE WHEN h.customer IS NULL THEN 0 ELSE h.revenue END), (CASE WHEN h.customer IS NULL THEN 0 ELSE h.frequency END)::float8) AS abc_pair_code,
    customer_value_internal.matrix_rank(t.matrices, 'abc_pair', customer_value_internal.to_double(CASE WHEN h.customer IS NULL THEN 0 ELSE h.revenue END), (CASE WHEN h.customer IS NULL THEN 0 ELSE h.frequency END)::float8) AS abc_pair_rank,
    customer_value_internal.matrix_action(t.matrices, 'abc_pair', customer_value_internal.to_double(CASE WHEN h.customer IS NULL THEN 0 ELSE h.revenue END), (CASE WHEN h.customer IS NULL THEN 0 ELSE h.frequency END)::float8) AS abc_pair_action,
    customer_value_internal.matrix_label(t.matrices, 'profitability', h.loyalty::float8, (CASE WHEN h.customer IS NULL THEN 0 * abs(t.margin) ELSE customer_value_internal.to_double(h.window_revenue - coalesce(h.window_costed, 0)) * t.margin + customer_value_internal.to_double(coalesce(h.window_costed, 0) - coalesce(h.window_cost, 0) - coalesce(h.window_service, 0)) END)::float8) AS profitability_quadrant,
    customer_value_internal.matrix_code(t.matrices, 'profitability', h.loyalty::float8, (CASE WHEN h.customer IS NULL THEN 0 * abs(t.margin) ELSE customer_value_internal.to_double(h.window_revenue - coalesce(h.window_costed, 0)) * t.margin + customer_value_internal.to_double(coalesce(h.window_costed, 0) - coalesce(h.window_cost, 0) - coalesce(h.window_service, 0)) END)::float8) AS profitability_quadrant_code,
    customer_value_internal.matrix_rank(t.matrices, 'profitability', h.loyalty::float8, (CASE WHEN h.customer IS NULL THEN 0 * abs(t.margin) ELSE customer_value_internal.to_double(h.window_revenue - coalesce(h.window_costed, 0)) * t.margin + customer_value_internal.to_double(coalesce(h.window_costed, 0) - coalesce(h.window_cost, 0) - coalesce(h.window_service, 0)) END)::float8) AS profitability_quadrant_rank,
    customer_value_internal.matrix_action(t.matrices, 'profitability', h.loyalty::float8, (CASE WHEN h.customer IS NULL THEN 0 * abs(t.margin) ELSE customer_value_internal.to_double(h.window_revenue - coalesce(h.window_costed, 0)) * t.margin + customer_value_internal.to_double(coalesce(h.window_costed, 0) - coalesce(h.window_cost, 0) - coalesce(h.window_service, 0)) END)::float8) AS profitability_quadrant_action,
    customer_value_internal.matrix_label(t.matrices, 'value_tier', ((2 * h.basic_score + customer_value_internal.percentile_of(t.axes, 'product_breadth', p.breadth::float8)) / 3)::float8) AS value_tier,
    customer_value_internal.matrix_code(t.matrices, 'value_tier', ((2 * h.basic_score + customer_value_internal.percentile_of(t.axes, 'product_breadth', p.breadth::float8)) / 3)::float8) AS value_tier_code,
    customer_value_internal.matrix_rank(t.matrices, 'value_tier', ((2 * h.basic_score + customer_value_internal.percentile_of(t.axes, 'product_breadth', p.breadth::float8)) / 3)::float8) AS value_tier_rank,
    customer_value_internal.matrix_action(t.matrices, 'value_tier', ((2 * h.basic_score + customer_value_internal.percentile_of(t.axes, 'product_breadth', p.breadth::float8)) / 3)::float8) AS value_tier_action,
    customer_value_internal.matrix_label(t.matrices, 'need', (coalesce(CASE lower(c.wants::text COLLATE "C") WHEN 'loyal' THEN 1 WHEN 'price_sensitive' THEN 2 WHEN 'service_oriented' THEN 3 WHEN 'functional' THEN 4 WHEN 'experiential' THEN 5 END, CASE WHEN CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END > 0 AND CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END >= customer_value_internal.percentile_at(t.axes, 'discount_share', 80) THEN 2 WHEN coalesce(i.service_contacts, 0)::float8 / nullif(h.frequency, 0) > 0 AND coalesce(i.service_contacts, 0)::float8 / nullif(h.frequency, 0) >= customer_value_internal.percentile_at(t.axes, 'service_rate', 80) THEN 3 WHEN customer_value.purchase_days(h.history, t.as_of) >= 2 THEN 1 END))::float8) AS need_type,
    customer_value_internal.matrix_code(t.matrices, 'need', (coalesce(CASE lower(c.wants::text COLLATE "C") WHEN 'loyal' THEN 1 WHEN 'price_sensitive' THEN 2 WHEN 'service_oriented' THEN 3 WHEN 'functional' THEN 4 WHEN 'experiential' THEN 5 END, CASE WHEN CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END > 0 AND CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END >= customer_value_internal.percentile_at(t.axes, 'discount_share', 80) THEN 2 WHEN coalesce(i.service_contacts, 0)::float8 / nullif(h.frequency, 0) > 0 AND coalesce(i.service_contacts, 0)::float8 / nullif(h.frequency, 0) >= customer_value_internal.percentile_at(t.axes, 'service_rate', 80) THEN 3 WHEN customer_value.purchase_days(h.history, t.as_of) >= 2 THEN 1 END))::float8) AS need_type_code,
    customer_value_internal.matrix_rank(t.matrices, 'need', (coalesce(CASE lower(c.wants::text COLLATE "C") WHEN 'loyal' THEN 1 WHEN 'price_sensitive' THEN 2 WHEN 'service_oriented' THEN 3 WHEN 'functional' THEN 4 WHEN 'experiential' THEN 5 END, CASE WHEN CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END > 0 AND CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END >= customer_value_internal.percentile_at(t.axes, 'discount_share', 80) THEN 2 WHEN coalesce(i.service_contacts, 0)::float8 / nullif(h.frequency, 0) > 0 AND coalesce(i.service_contacts, 0)::float8 / nullif(h.frequency, 0) >= customer_value_internal.percentile_at(t.axes, 'service_rate', 80) THEN 3 WHEN customer_value.purchase_days(h.history, t.as_of) >= 2 THEN 1 END))::float8) AS need_type_rank,
    customer_value_internal.matrix_action(t.matrices, 'need', (coalesce(CASE lower(c.wants::text COLLATE "C") WHEN 'loyal' THEN 1 WHEN 'price_sensitive' THEN 2 WHEN 'service_oriented' THEN 3 WHEN 'functional' THEN 4 WHEN 'experiential' THEN 5 END, CASE WHEN CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END > 0 AND CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END >= customer_value_internal.percentile_at(t.axes, 'discount_share', 80) THEN 2 WHEN coalesce(i.service_contacts, 0)::float8 / nullif(h.frequency, 0) > 0 AND coalesce(i.service_contacts, 0)::float8 / nullif(h.frequency, 0) >= customer_value_internal.percentile_at(t.axes, 'service_rate', 80) THEN 3 WHEN customer_value.purchase_days(h.history, t.as_of) >= 2 THEN 1 END))::float8) AS need_type_action,
    customer_value_internal.matrix_label(t.matrices, 'value', (customer_value.weighted_index(ARRAY[s.satisfaction, customer_value_internal.percentile_of(t.axes, 'other_interactions', i.others::float8), power(2, CASE WHEN (t.as_of - i.last_other) / '30'::float8 > 1000 THEN -1000 ELSE -(t.as_of - i.last_other) / '30'::float8 END)]::float8[], '{1,1,1}'))::float8, (customer_value.weighted_index(ARRAY[customer_value_internal.percentile_of(t.axes, 'clv', CASE WHEN h.clv::float8 > '-infinity' AND h.clv::float8 < 'infinity' THEN h.clv::float8 END), customer_value_internal.percentile_of(t.axes, 'age', CASE WHEN c.age::float8 > '-infinity' AND c.age::float8 < 'infinity' THEN c.age::float8 END), customer_value_internal.percentile_of(t.axes, 'purchase_days', customer_value.purchase_days(h.history, t.as_of)::float8)]::float8[], '{3,1,1}'))::float8) AS value_quadrant,
    customer_value_internal.matrix_code(t.matrices, 'value', (customer_value.weighted_index(ARRAY[s.satisfaction, customer_value_internal.percentile_of(t.axes, 'other_interactions', i.others::float8), power(2, CASE WHEN (t.as_of - i.last_other) / '30'::float8 > 1000 THEN -1000 ELSE -(t.as_of - i.last_other) / '30'::float8 END)]::float8[], '{1,1,1}'))::float8, (customer_value.weighted_index(ARRAY[customer_value_internal.percentile_of(t.axes, 'clv', CASE WHEN h.clv::float8 > '-infinity' AND h.clv::float8 < 'infinity' THEN h.clv::float8 END), customer_value_internal.percentile_of(t.axes, 'age', CASE WHEN c.age::float8 > '-infinity' AND c.age::float8 < 'infinity' THEN c.age::float8 END), customer_value_internal.percentile_of(t.axes, 'purchase_days', customer_value.purchase_days(h.history, t.as_of)::float8)]::float8[], '{3,1,1}'))::float8) AS value_quadrant_code,
    customer_value_internal.matrix_rank(t.matrices, 'value', (customer_value.weighted_index(ARRAY[s.satisfaction, customer_value_internal.percentile_of(t.axes, 'other_interactions', i.others::float8), power(2, CASE WHEN (t.as_of - i.last_other) / '30'::float8 > 1000 THEN -1000 ELSE -(t.as_of - i.last_other) / '30'::float8 END)]::float8[], '{1,1,1}'))::float8, (customer_value.weighted_index(ARRAY[customer_value_internal.percentile_of(t.axes, 'clv', CASE WHEN h.clv::float8 > '-infinity' AND h.clv::float8 < 'infinity' THEN h.clv::float8 END), customer_value_internal.percentile_of(t.axes, 'age', CASE WHEN c.age::float8 > '-infinity' AND c.age::float8 < 'infinity' THEN c.age::float8 END), customer_value_internal.percentile_of(t.axes, 'purchase_days', customer_value.purchase_days(h.history, t.as_of)::float8)]::float8[], '{3,1,1}'))::float8) AS value_quadrant_rank,
    customer_value_internal.matrix_action(t.matrices, 'value', (customer_value.weighted_index(ARRAY[s.satisfaction, customer_value_internal.percentile_of(t.axes, 'other_interactions', i.others::float8), power(2, CASE WHEN (t.as_of - i.last_other) / '30'::float8 > 1000 THEN -1000 ELSE -(t.as_of - i.last_other) / '30'::float8 END)]::float8[], '{1,1,1}'))::float8, (customer_value.weighted_index(ARRAY[customer_value_internal.percentile_of(t.axes, 'clv', CASE WHEN h.clv::float8 > '-infinity' AND h.clv::float8 < 'infinity' THEN h.clv::float8 END), customer_value_internal.percentile_of(t.axes, 'age', CASE WHEN c.age::float8 > '-infinity' AND c.age::float8 < 'infinity' THEN c.age::float8 END), customer_value_internal.percentile_of(t.axes, 'purchase_days', customer_value.purchase_days(h.history, t.as_of)::float8)]::float8[], '{3,1,1}'))::float8) AS value_quadrant_action,
    customer_value_internal.matrix_label(t.matrices, 'crm', nullif(least(coalesce(CASE lower(c.wants::text COLLATE "C") WHEN 'loyal' THEN 1 WHEN 'price_sensitive' THEN 2 WHEN 'service_oriented' THEN 3 WHEN 'functional' THEN 4 WHEN 'experiential' THEN 5 END, CASE WHEN CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END > 0 AND CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END >= customer_value_internal.percentile_at(t.axes, 'discount_share', 80) THEN 2 WHEN coalesce(i.service_contacts, 0)::float8 / nullif(h.frequency, 0) > 0 AND coalesce(i.service_contacts, 0)::float8 / nullif(h.frequency, 0) >= customer_value_internal.percentile_at(t.axes, 'service_rate', 80) THEN 3 WHEN customer_value.purchase_days(h.history, t.as_of) >= 2 THEN 1 END), 4), 4)::float8, (4 - customer_value.level_of('{0.3333333333333333,0.6666666666666666}', (2 * h.basic_score + customer_value_internal.percentile_of(t.axes, 'product_breadth', p.breadth::float8)) / 3))::float8) AS crm_cell,
    customer_value_internal.matrix_code(t.matrices, 'crm', nullif(least(coalesce(CASE lower(c.wants::text COLLATE "C") WHEN 'loyal' THEN 1 WHEN 'price_sensitive' THEN 2 WHEN 'service_oriented' THEN 3 WHEN 'functional' THEN 4 WHEN 'experiential' THEN 5 END, CASE WHEN CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END > 0 AND CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END >= customer_value_internal.percentile_at(t.axes, 'discount_share', 80) THEN 2 WHEN coalesce(i.service_contacts, 0)::float8 / nullif(h.frequency, 0) > 0 AND coalesce(i.service_contacts, 0)::float8 / nullif(h.frequency, 0) >= customer_value_internal.percentile_at(t.axes, 'service_rate', 80) THEN 3 WHEN customer_value.purchase_days(h.history, t.as_of) >= 2 THEN 1 END), 4), 4)::float8, (4 - customer_value.level_of('{0.3333333333333333,0.6666666666666666}', (2 * h.basic_score + customer_value_internal.percentile_of(t.axes, 'product_breadth', p.breadth::float8)) / 3))::float8) AS crm_cell_code,
    customer_value_internal.matrix_rank(t.matrices, 'crm', nullif(least(coalesce(CASE lower(c.wants::text COLLATE "C") WHEN 'loyal' THEN 1 WHEN 'price_sensitive' THEN 2 WHEN 'service_oriented' THEN 3 WHEN 'functional' THEN 4 WHEN 'experiential' THEN 5 END, CASE WHEN CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END > 0 AND CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END >= customer_value_internal.percentile_at(t.axes, 'discount_share', 80) THEN 2 WHEN coalesce(i.service_contacts, 0)::float8 / nullif(h.frequency, 0) > 0 AND coalesce(i.service_contacts, 0)::float8 / nullif(h.frequency, 0) >= customer_value_internal.percentile_at(t.axes, 'service_rate', 80) THEN 3 WHEN customer_value.purchase_days(h.history, t.as_of) >= 2 THEN 1 END), 4), 4)::float8, (4 - customer_value.level_of('{0.3333333333333333,0.6666666666666666}', (2 * h.basic_score + customer_value_internal.percentile_of(t.axes, 'product_breadth', p.breadth::float8)) / 3))::float8) AS crm_cell_rank,
    customer_value_internal.matrix_action(t.matrices, 'crm', nullif(least(coalesce(CASE lower(c.wants::text COLLATE "C") WHEN 'loyal' THEN 1 WHEN 'price_sensitive' THEN 2 WHEN 'service_oriented' THEN 3 WHEN 'functional' THEN 4 WHEN 'experiential' THEN 5 END, CASE WHEN CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END > 0 AND CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END >= customer_value_internal.percentile_at(t.axes, 'discount_share', 80) THEN 2 WHEN coalesce(i.service_contacts, 0)::float8 / nullif(h.frequency, 0) > 0 AND coalesce(i.service_contacts, 0)::float8 / nullif(h.frequency, 0) >= customer_value_internal.percentile_at(t.axes, 'service_rate', 80) THEN 3 WHEN customer_value.purchase_days(h.history, t.as_of) >= 2 THEN 1 END), 4), 4)::float8, (4 - customer_value.level_of('{0.3333333333333333,0.6666666666666666}', (2 * h.basic_score + customer_value_internal.percentile_of(t.axes, 'product_breadth', p.breadth::float8)) / 3))::float8) AS crm_cell_action,
    customer_value_internal.rfm_segment(t.labels, t.cuts, h.previous_history, t.previous_as_of) AS previous_rfm_segment,
    customer_value.clv_tier(customer_value.percentile_of(t.clv_percentiles, customer_value.clv(t.purchase_model, t.spend_model, h.previous_history, t.previous_as_of, '365'::float8, '0.1'::float8, t.margin, '0'::float8)), 'zh') AS previous_clv_tier,
    customer_value_internal.matrix_label(t.matrices, 'lifecycle', CASE WHEN h.customer IS NULL AND (c.since < t.previous_day_1) IS NOT FALSE THEN 6 ELSE customer_value_internal.lifecycle_level(t.axes, h.previous_history, t.previous_as_of) END::float8) AS previous_lifecycle_stage,
    customer_value_internal.matrix_label(t.matrices, 'growth', (customer_value.weighted_index(ARRAY[customer_value_internal.percentile_of(t.axes, 'clv', CASE WHEN customer_value.clv(t.purchase_model, t.spend_model, h.previous_history, t.previous_as_of, '365'::float8, '0.1'::float8, t.margin, '0'::float8)::float8 > '-infinity' AND customer_value.clv(t.purchase_model, t.spend_model, h.previous_history, t.previous_as_of, '365'::float8, '0.1'::float8, t.margin, '0'::float8)::float8 < 'infinity' THEN customer_value.clv(t.purchase_model, t.spend_model, h.previous_history, t.previous_as_of, '365'::float8, '0.1'::float8, t.margin, '0'::float8)::float8 END), customer_value_internal.percentile_of(t.axes, 'age', CASE WHEN c.age::float8 > '-infinity' AND c.age::float8 < 'infinity' THEN c.age::float8 END), customer_value_internal.percentile_of(t.axes, 'purchase_days', customer_value.purchase_days(h.previous_history, t.previous_as_of)::float8)]::float8[], '{3,1,1}'))::float8, (CASE WHEN h.customer IS NULL THEN 0 * abs(t.margin) ELSE customer_value.current_value(h.previous_history, t.previous_as_of, 365, t.margin) END)::float8) AS previous_growth_quadrant,
    customer_value_internal.matrix_label(t.matrices, 'spend', (CASE WHEN h.customer IS NULL THEN 0 ELSE customer_value.order_count(h.previous_history, t.previous_as_of) END)::float8, customer_value_internal.to_double(customer_value.average_order_value(h.previous_history, t.previous_as_of))) AS previous_spend_quadrant,
    customer_value_internal.matrix_label(t.matrices, 'abc', customer_value_internal.to_double(CASE WHEN h.customer IS NULL THEN 0 ELSE customer_value.revenue(h.previous_history, t.previous_as_of) END)) AS previous_abc_class,
    customer_value_internal.matrix_label(t.matrices, 'abc_pair', customer_value_internal.to_double(CASE WHEN h.customer IS NULL THEN 0 ELSE customer_value.revenue(h.previous_history, t.previous_as_of) END), (CASE WHEN h.customer IS NULL THEN 0 ELSE customer_value.order_count(h.previous_history, t.previous_as_of) END)::float8) AS previous_abc_pair,
    customer_value_internal.matrix_label(t.matrices, 'profitability', customer_value_internal.loyalty(t.purchase_model, t.axes, h.previous_history, t.previous_as_of)::float8, (CASE WHEN h.customer IS NULL THEN 0 * abs(t.margin) ELSE customer_value_internal.to_double(customer_value.revenue_between(h.ledger, t.previous_as_of - 364, t.previous_as_of) - coalesce(customer_value.revenue_between(h.costed_ledger, t.previous_as_of - 364, t.previous_as_of), 0)) * t.margin + customer_value_internal.to_double(coalesce(customer_value.revenue_between(h.costed_ledger, t.previous_as_of - 364, t.previous_as_of), 0) - coalesce(customer_value.revenue_between(h.costs_ledger, t.previous_as_of - 364, t.previous_as_of), 0) - coalesce(customer_value.revenue_between(h.services_ledger, t.previous_as_of - 364, t.previous_as_of), 0)) END)::float8) AS previous_profitability_quadrant,
    customer_value_internal.matrix_label(t.matrices, 'value_tier', ((2 * customer_value_internal.value_score(t.axes, h.previous_history, t.previous_as_of) + customer_value_internal.percentile_of(t.axes, 'product_breadth', p.previous_breadth::float8)) / 3)::float8) AS previous_value_tier,
    customer_value_internal.matrix_label(t.matrices, 'need', (coalesce(CASE lower(c.wants::text COLLATE "C") WHEN 'loyal' THEN 1 WHEN 'price_sensitive' THEN 2 WHEN 'service_oriented' THEN 3 WHEN 'functional' THEN 4 WHEN 'experiential' THEN 5 END, CASE WHEN CASE WHEN customer_value.order_count(h.previous_history, t.previous_as_of) > 0 THEN customer_value.order_count(h.discounted_ledger, t.previous_as_of)::float8 / customer_value.order_count(h.ledger, t.previous_as_of) END > 0 AND CASE WHEN customer_value.order_count(h.previous_history, t.previous_as_of) > 0 THEN customer_value.order_count(h.discounted_ledger, t.previous_as_of)::float8 / customer_value.order_count(h.ledger, t.previous_as_of) END >= customer_value_internal.percentile_at(t.axes, 'discount_share', 80) THEN 2 WHEN coalesce(i.previous_service_contacts, 0)::float8 / nullif(customer_value.order_count(h.previous_history, t.previous_as_of), 0) > 0 AND coalesce(i.previous_service_contacts, 0)::float8 / nullif(customer_value.order_count(h.previous_history, t.previous_as_of), 0) >= customer_value_internal.percentile_at(t.axes, 'service_rate', 80) THEN 3 WHEN customer_value.purchase_days(h.previous_history, t.previous_as_of) >= 2 THEN 1 END))::float8) AS previous_need_type,
    customer_value_internal.matrix_label(t.matrices, 'value', (customer_value.weighted_index(ARRAY[s.previous_satisfaction, customer_value_internal.percentile_of(t.axes, 'other_interactions', i.previous_others::float8), power(2, CASE WHEN (t.previous_as_of - i.previous_last_other) / '30'::float8 > 1000 THEN -1000 ELSE -(t.previous_as_of - i.previous_last_other) / '30'::float8 END)]::float8[], '{1,1,1}'))::float8, (customer_value.weighted_index(ARRAY[customer_value_internal.percentile_of(t.axes, 'clv', CASE WHEN customer_value.clv(t.purchase_model, t.spend_model, h.previous_history, t.previous_as_of, '365'::float8, '0.1'::float8, t.margin, '0'::float8)::float8 > '-infinity' AND customer_value.clv(t.purchase_model, t.spend_model, h.previous_history, t.previous_as_of, '365'::float8, '0.1'::float8, t.margin, '0'::float8)::float8 < 'infinity' THEN customer_value.clv(t.purchase_model, t.spend_model, h.previous_history, t.previous_as_of, '365'::float8, '0.1'::float8, t.margin, '0'::float8)::float8 END), customer_value_internal.percentile_of(t.axes, 'age', CASE WHEN c.age::float8 > '-infinity' AND c.age::float8 < 'infinity' THEN c.age::float8 END), customer_value_internal.percentile_of(t.axes, 'purchase_days', customer_value.purchase_days(h.previous_history, t.previous_as_of)::float8)]::float8[], '{3,1,1}'))::float8) AS previous_value_quadrant,
    customer_value_internal.matrix_label(t.matrices, 'crm', nullif(least(coalesce(CASE lower(c.wants::text COLLATE "C") WHEN 'loyal' THEN 1 WHEN 'price_sensitive' THEN 2 WHEN 'service_oriented' THEN 3 WHEN 'functional' THEN 4 WHEN 'experiential' THEN 5 END, CASE WHEN CASE WHEN customer_value.order_count(h.previous_history, t.previous_as_of) > 0 THEN customer_value.order_count(h.discounted_ledger, t.previous_as_of)::float8 / customer_value.order_count(h.ledger, t.previous_as_of) END > 0 AND CASE WHEN customer_value.order_count(h.previous_history, t.previous_as_of) > 0 THEN customer_value.order_count(h.discounted_ledger, t.previous_as_of)::float8 / customer_value.order_count(h.ledger, t.previous_as_of) END >= customer_value_internal.percentile_at(t.axes, 'discount_share', 80) THEN 2 WHEN coalesce(i.previous_service_contacts, 0)::float8 / nullif(customer_value.order_count(h.previous_history, t.previous_as_of), 0) > 0 AND coalesce(i.previous_service_contacts, 0)::float8 / nullif(customer_value.order_count(h.previous_history, t.previous_as_of), 0) >= customer_value_internal.percentile_at(t.axes, 'service_rate', 80) THEN 3 WHEN customer_value.purchase_days(h.previous_history, t.previous_as_of) >= 2 THEN 1 END), 4), 4)::float8, (4 - customer_value.level_of('{0.3333333333333333,0.6666666666666666}', (2 * customer_value_internal.value_score(t.axes, h.previous_history, t.previous_as_of) + customer_value_internal.percentile_of(t.axes, 'product_breadth', p.previous_breadth::float8)) / 3))::float8) AS previous_crm_cell
FROM (
    SELECT
        '2025-11-30'::date AS as_of,
        ('2025-11-30'::date + 1)::timestamp AT TIME ZONE 'UTC' AS day_1,
        '2025-11-30'::date - 30 AS previous_as_of,
        (('2025-11-30'::date - 30) + 1)::timestamp AT TIME ZONE 'UTC' AS previous_day_1,
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
    (
        SELECT
            c.id,
            c.region,
            c.age,
            c.wants,
            c.since,
            c.won_for
        FROM shop.customers AS c
        WHERE c.id IS NOT NULL
    ) AS c
    FULL JOIN (
        SELECT
            o.customer_id AS customer,
            customer_value.net_of_refunds(customer_value.purchase_history(o.ordered_at, o.total), '2025-11-30'::date) AS history,
            count(*) FILTER (WHERE o.discounted AND o.ordered_at < (('2025-11-30'::date + 1)::timestamp AT TIME ZONE 'UTC') AND o.total >= 0) AS discounted,
            sum(o.cost::numeric) FILTER (WHERE o.cost::numeric IS NOT NULL AND o.total::numeric IS NOT NULL AND o.ordered_at >= (('2025-11-30'::date - 364)::timestamp AT TIME ZONE 'UTC') AND o.ordered_at < (('2025-11-30'::date + 1)::timestamp AT TIME ZONE 'UTC')) AS window_cost,
            sum(o.total::numeric) FILTER (WHERE o.cost::numeric IS NOT NULL AND o.total::numeric IS NOT NULL AND o.ordered_at >= (('2025-11-30'::date - 364)::timestamp AT TIME ZONE 'UTC') AND o.ordered_at < (('2025-11-30'::date + 1)::timestamp AT TIME ZONE 'UTC')) AS window_costed,
            sum(o.service::numeric) FILTER (WHERE o.ordered_at >= (('2025-11-30'::date - 364)::timestamp AT TIME ZONE 'UTC') AND o.ordered_at < (('2025-11-30'::date + 1)::timestamp AT TIME ZONE 'UTC') AND o.total IS NOT NULL) AS window_service,
            customer_value.order_count(customer_value.net_of_refunds(customer_value.purchase_history(o.ordered_at, o.total), '2025-11-30'::date), '2025-11-30'::date) AS frequency,
            customer_value.revenue(customer_value.net_of_refunds(customer_value.purchase_history(o.ordered_at, o.total), '2025-11-30'::date), '2025-11-30'::date) AS revenue,
            customer_value.average_order_value(customer_value.net_of_refunds(customer_value.purchase_history(o.ordered_at, o.total), '2025-11-30'::date), '2025-11-30'::date) AS average_order_value,
            customer_value.clv((SELECT n.purchase_model FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest), (SELECT n.spend_model FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest), customer_value.net_of_refunds(customer_value.purchase_history(o.ordered_at, o.total), '2025-11-30'::date), '2025-11-30'::date, '365'::float8, '0.1'::float8, (SELECT n.margin FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest), '0'::float8) AS clv,
            customer_value.current_value(customer_value.net_of_refunds(customer_value.purchase_history(o.ordered_at, o.total), '2025-11-30'::date), '2025-11-30'::date, 365, (SELECT n.margin FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AS current_value,
            customer_value_internal.loyalty((SELECT n.purchase_model FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest), (SELECT n.axes FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest), customer_value.net_of_refunds(customer_value.purchase_history(o.ordered_at, o.total), '2025-11-30'::date), '2025-11-30'::date) AS loyalty,
            customer_value_internal.value_score((SELECT n.axes FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest), customer_value.net_of_refunds(customer_value.purchase_history(o.ordered_at, o.total), '2025-11-30'::date), '2025-11-30'::date) AS basic_score,
            customer_value.revenue_between(customer_value.purchase_history(o.ordered_at, o.total), '2025-11-30'::date - 364, '2025-11-30'::date) AS window_revenue,
            customer_value.order_count(customer_value.purchase_history(o.ordered_at, o.total), '2025-11-30'::date) AS orders,
            customer_value.net_of_refunds(customer_value.purchase_history(o.ordered_at, o.total), ('2025-11-30'::date - 30)) AS previous_history,
            customer_value.purchase_history(o.ordered_at, o.total) AS ledger,
            customer_value.purchase_history(o.ordered_at) FILTER (WHERE o.discounted AND o.total >= 0) AS discounted_ledger,
            customer_value.purchase_history(o.ordered_at, o.cost::numeric) FILTER (WHERE o.cost::numeric IS NOT NULL AND o.total::numeric IS NOT NULL) AS costs_ledger,
            customer_value.purchase_history(o.ordered_at, o.total::numeric) FILTER (WHERE o.cost::numeric IS NOT NULL AND o.total::numeric IS NOT NULL) AS costed_ledger,
            customer_value.purchase_history(o.ordered_at, o.service::numeric) FILTER (WHERE o.total IS NOT NULL) AS services_ledger
        FROM shop.orders AS o
        WHERE o.customer_id IS NOT NULL
        GROUP BY o.customer_id
    ) AS h ON c.id OPERATOR(pg_catalog.=) h.customer
)
LEFT JOIN LATERAL (
    SELECT
        e.customer_id AS same,
        e.customer_id AS customer,
        count(*) AS interactions,
        count(*) FILTER (WHERE lower(e.kind::text COLLATE "C") = 'service') AS service_contacts,
        max((e.at AT TIME ZONE 'UTC')::date) AS last_interaction,
        nullif(count(*) FILTER (WHERE NOT coalesce(lower(e.kind::text COLLATE "C") = 'service', false)), 0) AS others,
        max((e.at AT TIME ZONE 'UTC')::date) FILTER (WHERE NOT coalesce(lower(e.kind::text COLLATE "C") = 'service', false)) AS last_other,
        customer_value.engagement(e.at, e.weight::float8, t.as_of, '30'::float8) FILTER (WHERE NOT coalesce(lower(e.kind::text COLLATE "C") = 'service', false)) AS engagement,
        nullif(count(*) FILTER (WHERE e.at < t.previous_day_1), 0) AS previous_interactions,
        count(*) FILTER (WHERE lower(e.kind::text COLLATE "C") = 'service' AND e.at < t.previous_day_1) AS previous_service_contacts,
        nullif(count(*) FILTER (WHERE NOT coalesce(lower(e.kind::text COLLATE "C") = 'service', false) AND e.at < t.previous_day_1), 0) AS previous_others,
        max((e.at AT TIME ZONE 'UTC')::date) FILTER (WHERE NOT coalesce(lower(e.kind::text COLLATE "C") = 'service', false) AND e.at < t.previous_day_1) AS previous_last_other,
        customer_value.engagement(e.at, e.weight::float8, t.previous_as_of, '30'::float8) FILTER (WHERE NOT coalesce(lower(e.kind::text COLLATE "C") = 'service', false) AND e.at < t.previous_day_1) AS previous_engagement
    FROM shop.contacts AS e
    WHERE e.customer_id IS NOT NULL
        AND isfinite(e.at)
        AND e.at < t.day_1
        AND e.weight >= 0 AND e.weight <= 1e15
    GROUP BY e.customer_id
) AS i
    ON i.customer OPERATOR(pg_catalog.=) coalesce(c.id, h.customer)
    AND i.same OPERATOR(pg_catalog.=) coalesce(coalesce(c.id, h.customer), coalesce(c.id, h.customer))
LEFT JOIN LATERAL (
    SELECT
        s.customer_id AS same,
        s.customer_id AS customer,
        (coalesce(sum(s.score::float8 - 1) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'csat'), 0) / 4 + coalesce(sum(s.score::float8 - 0) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'nps'), 0) / 10 + coalesce(sum(s.score::float8 - 1) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'ces'), 0) / 6) / count(*) AS satisfaction,
        customer_value.csat(s.score::float8) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'csat') AS csat,
        customer_value.nps(s.score::float8) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'nps') AS nps,
        customer_value.ces(s.score::float8) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'ces') AS ces,
        (coalesce(sum(s.score::float8 - 1) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'csat' AND s.day <= t.previous_as_of), 0) / 4 + coalesce(sum(s.score::float8 - 0) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'nps' AND s.day <= t.previous_as_of), 0) / 10 + coalesce(sum(s.score::float8 - 1) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'ces' AND s.day <= t.previous_as_of), 0) / 6) / nullif(count(*) FILTER (WHERE s.day <= t.previous_as_of), 0) AS previous_satisfaction,
        customer_value.csat(s.score::float8) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'csat' AND s.day <= t.previous_as_of) AS previous_csat,
        customer_value.nps(s.score::float8) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'nps' AND s.day <= t.previous_as_of) AS previous_nps,
        customer_value.ces(s.score::float8) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'ces' AND s.day <= t.previous_as_of) AS previous_ces
    FROM shop.answers AS s
    WHERE s.customer_id IS NOT NULL
        AND isfinite(s.day)
        AND s.day <= t.as_of
        AND (lower(s.kind::text COLLATE "C") = 'csat' AND s.score >= 1 AND s.score <= 5 OR lower(s.kind::text COLLATE "C") = 'nps' AND s.score >= 0 AND s.score <= 10 OR lower(s.kind::text COLLATE "C") = 'ces' AND s.score >= 1 AND s.score <= 7) AND s.score = floor(s.score)
    GROUP BY s.customer_id
) AS s
    ON s.customer OPERATOR(pg_catalog.=) coalesce(c.id, h.customer)
    AND s.same OPERATOR(pg_catalog.=) coalesce(coalesce(c.id, h.customer), coalesce(c.id, h.customer))
LEFT JOIN LATERAL (
    SELECT
        d.customer AS same,
        d.customer,
        count(*) AS breadth,
        (array_agg(d.name ORDER BY d.orders DESC, d.name COLLATE "C"))[1] AS favourite,
        nullif(count(*) FILTER (WHERE d.first_bought <= t.previous_as_of), 0) AS previous_breadth
    FROM (
        SELECT
            o.customer_id AS customer,
            min(o.product::text COLLATE "C") AS name,
            count(*) AS orders,
            min((o.ordered_at AT TIME ZONE 'UTC')::date) AS first_bought
        FROM shop.orders AS o
        WHERE o.customer_id IS NOT NULL
            AND o.product IS NOT NULL
            AND o.ordered_at < t.day_1
            AND o.total >= 0
        GROUP BY o.customer_id, o.product
    ) AS d
    GROUP BY d.customer
) AS p
    ON p.customer OPERATOR(pg_catalog.=) coalesce(c.id, h.customer)
    AND p.same OPERATOR(pg_catalog.=) coalesce(coalesce(c.id, h.customer), coalesce(c.id, h.customer))
LEFT JOIN LATERAL (
    SELECT
        n.customer AS same,
        n.customer,
        (array_agg(n.channel ORDER BY n.orders DESC, n.channel COLLATE "C"))[1] AS channel
    FROM (
        SELECT
            o.customer_id AS customer,
            o.channel::text AS channel,
            count(*) AS orders
        FROM shop.orders AS o
        WHERE o.customer_id IS NOT NULL
            AND o.channel IS NOT NULL
            AND o.ordered_at < t.day_1
            AND o.total >= 0
        GROUP BY o.customer_id, o.channel::text
    ) AS n
    GROUP BY n.customer
) AS ch
    ON ch.customer OPERATOR(pg_catalog.=) coalesce(c.id, h.customer)
    AND ch.same OPERATOR(pg_catalog.=) coalesce(coalesce(c.id, h.customer), coalesce(c.id, h.customer))
