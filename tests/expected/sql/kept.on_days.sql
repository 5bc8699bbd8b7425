WITH histories AS MATERIALIZED (
    SELECT
        k.customer,
        k.history,
        customer_value_internal.first_day(k.history) AS first_day
    FROM shop.plain_kept_now AS k
    WHERE customer_value_internal.keeps('00000000-0000-0000-0000-000000000000')
    UNION ALL
    SELECT
        o.customer_id AS customer,
        customer_value.purchase_history(o.ordered_at, o.total) AS history,
        customer_value_internal.first_day(customer_value.purchase_history(o.ordered_at, o.total)) AS first_day
    FROM shop.orders AS o
    WHERE customer_value_internal.keeps('00000000-0000-0000-0000-000000000000')
        AND o.customer_id OPERATOR(pg_catalog.=) ANY (SELECT n.customer FROM shop.plain_touched_now AS n)
        AND o.customer_id IS NOT NULL
    GROUP BY o.customer_id
    UNION ALL
    SELECT
        o.customer_id AS customer,
        customer_value.purchase_history(o.ordered_at, o.total) AS history,
        customer_value_internal.first_day(customer_value.purchase_history(o.ordered_at, o.total)) AS first_day
    FROM shop.orders AS o
    WHERE NOT customer_value_internal.keeps('00000000-0000-0000-0000-000000000000')
        AND o.customer_id IS NOT NULL
    GROUP BY o.customer_id
)
SELECT
    t.as_of AS day,
    h.customer AS customer_id,
    customer_value_internal.rfm_segment(t.labels, t.cuts, h.history, t.as_of) AS rfm_segment,
    customer_value_internal.matrix_label(t.matrices, 'growth', h.clv::float8, h.current_value::float8) AS growth_quadrant,
    h.current_value AS profitability,
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
        customer_value_internal.value_score(t.axes, r.history, t.as_of) AS basic_score
    FROM (
        SELECT
            k.customer,
            customer_value.net_of_refunds(k.history, t.as_of) AS history,
            k.history AS ledger
        FROM histories AS k
        WHERE k.first_day <= t.as_of
        OFFSET 0
    ) AS r
    OFFSET 0
) AS h
