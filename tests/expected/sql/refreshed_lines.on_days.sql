WITH histories AS MATERIALIZED (
    SELECT
        k.customer,
        k.history,
        k.discounted,
        k.costs,
        k.costed,
        k.services
    FROM shop.lined_kept_now AS k
    WHERE customer_value_internal.keeps('00000000-0000-0000-0000-000000000000')
    UNION ALL
    SELECT
        o.customer,
        customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai') AS history,
        customer_value.purchase_history(o.ordered_at, 'Asia/Shanghai') FILTER (WHERE o.discounted AND o.amount >= 0) AS discounted,
        customer_value.purchase_history(o.ordered_at, o.line_cost, 'Asia/Shanghai') FILTER (WHERE o.line_cost IS NOT NULL AND o.line_costed IS NOT NULL) AS costs,
        customer_value.purchase_history(o.ordered_at, o.line_costed, 'Asia/Shanghai') FILTER (WHERE o.line_cost IS NOT NULL AND o.line_costed IS NOT NULL) AS costed,
        customer_value.purchase_history(o.ordered_at, o.line_service, 'Asia/Shanghai') FILTER (WHERE o.amount IS NOT NULL) AS services
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
)
SELECT
    t.as_of AS day,
    h.customer AS customer_id,
    customer_value_internal.rfm_segment(t.labels, t.cuts, h.history, t.as_of) AS rfm_segment,
    customer_value_internal.matrix_label(t.matrices, 'growth', h.clv::float8, h.current_value::float8) AS growth_quadrant,
    customer_value_internal.matrix_label(t.matrices, 'need', (CASE WHEN CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END > 0 AND CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END >= customer_value_internal.percentile_at(t.axes, 'discount_share', 80) THEN 2 WHEN customer_value.purchase_days(h.history, t.as_of) >= 2 THEN 1 END)::float8) AS need_type,
    customer_value_internal.to_double(h.window_revenue - coalesce(h.window_costed, 0)) * t.margin + customer_value_internal.to_double(coalesce(h.window_costed, 0) - coalesce(h.window_cost, 0) - coalesce(h.window_service, 0)) AS profitability,
    h.revenue,
    h.clv
FROM (
    SELECT
        d.day AS as_of,
        t.trained_at,
        t.cuts,
        customer_value_internal.in_memory(t.labels) AS labels,
        t.purchase_model,
        t.spend_model,
        t.margin,
        t.clv_percentiles,
        customer_value_internal.in_memory(t.axes) AS axes,
        customer_value_internal.in_memory(t.matrices) AS matrices
    FROM (SELECT d.day FROM unnest('{2025-10-31,2025-11-30}'::date[]) AS d (day)) AS d
    LEFT JOIN LATERAL (
        SELECT
            n.*
        FROM customer_value.training AS n
        WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid
            AND n.as_of <= d.day
        ORDER BY n.as_of DESC, n.number DESC
        LIMIT 1
    ) AS t ON true
    OFFSET 0
) AS t
CROSS JOIN LATERAL (
    SELECT
        r.*,
        customer_value.order_count(r.history, t.as_of) AS frequency,
        customer_value.revenue(r.history, t.as_of) AS revenue,
        customer_value.average_order_value(r.history, t.as_of) AS average_order_value,
        customer_value.clv(t.purchase_model, t.spend_model, r.history, t.as_of, '365'::float8, '0.1'::float8, t.margin, '0'::float8) AS clv,
        customer_value.current_value(r.history, t.as_of, 365, t.margin) AS current_value,
        customer_value_internal.loyalty(t.purchase_model, t.axes, r.history, t.as_of) AS loyalty,
        customer_value_internal.value_score(t.axes, r.history, t.as_of) AS basic_score,
        customer_value.revenue_between(r.ledger, t.as_of - 364, t.as_of) AS window_revenue,
        customer_value.order_count(r.ledger, t.as_of) AS orders
    FROM (
        SELECT
            k.customer,
            customer_value.net_of_refunds(k.history, t.as_of) AS history,
            k.history AS ledger,
            customer_value.order_count(k.discounted, t.as_of) AS discounted,
            customer_value.revenue_between(k.costs, t.as_of - 364, t.as_of) AS window_cost,
            customer_value.revenue_between(k.costed, t.as_of - 364, t.as_of) AS window_costed,
            customer_value.revenue_between(k.services, t.as_of - 364, t.as_of) AS window_service
        FROM histories AS k
        OFFSET 0
    ) AS r
    OFFSET 0
) AS h
