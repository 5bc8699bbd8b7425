WITH days AS MATERIALIZED (
    SELECT
        l.as_of,
        (l.as_of - 365)::timestamp AT TIME ZONE 'Asia/Shanghai' AS day_minus_365,
        (l.as_of - 363)::timestamp AT TIME ZONE 'Asia/Shanghai' AS day_minus_363,
        (l.as_of + 0)::timestamp AT TIME ZONE 'Asia/Shanghai' AS day_0,
        (l.as_of + 2)::timestamp AT TIME ZONE 'Asia/Shanghai' AS day_2
    FROM (
        SELECT
            coalesce(max(customer_value.last_purchase(h.history, (now() AT TIME ZONE 'Asia/Shanghai')::date)), (now() AT TIME ZONE 'Asia/Shanghai')::date) AS as_of
        FROM (
            SELECT
                k.customer,
                k.history,
                customer_value.order_count(k.discounted, (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AS discounted,
                customer_value.revenue_between(k.costs, (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) - 364, (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AS window_cost,
                customer_value.revenue_between(k.costed, (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) - 364, (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AS window_costed,
                customer_value.revenue_between(k.services, (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) - 364, (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AS window_service
            FROM shop.lined_kept_now AS k
            WHERE customer_value_internal.keeps('00000000-0000-0000-0000-000000000000')
            UNION ALL
            SELECT
                o.customer,
                customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai') AS history,
                count(*) FILTER (WHERE o.discounted AND (o.ordered_at < (SELECT (n.as_of + 0)::timestamp AT TIME ZONE 'Asia/Shanghai' FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) OR o.ordered_at < (SELECT (n.as_of + 2)::timestamp AT TIME ZONE 'Asia/Shanghai' FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) AND (o.ordered_at AT TIME ZONE 'Asia/Shanghai')::date <= (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AND o.amount >= 0) AS discounted,
                sum(o.line_cost) FILTER (WHERE o.line_cost IS NOT NULL AND o.line_costed IS NOT NULL AND (o.ordered_at >= (SELECT (n.as_of - 363)::timestamp AT TIME ZONE 'Asia/Shanghai' FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) OR o.ordered_at >= (SELECT (n.as_of - 365)::timestamp AT TIME ZONE 'Asia/Shanghai' FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) AND (o.ordered_at AT TIME ZONE 'Asia/Shanghai')::date >= (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) - 364) AND (o.ordered_at < (SELECT (n.as_of + 0)::timestamp AT TIME ZONE 'Asia/Shanghai' FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) OR o.ordered_at < (SELECT (n.as_of + 2)::timestamp AT TIME ZONE 'Asia/Shanghai' FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) AND (o.ordered_at AT TIME ZONE 'Asia/Shanghai')::date <= (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest))) AS window_cost,
                sum(o.line_costed) FILTER (WHERE o.line_cost IS NOT NULL AND o.line_costed IS NOT NULL AND (o.ordered_at >= (SELECT (n.as_of - 363)::timestamp AT TIME ZONE 'Asia/Shanghai' FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) OR o.ordered_at >= (SELECT (n.as_of - 365)::timestamp AT TIME ZONE 'Asia/Shanghai' FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) AND (o.ordered_at AT TIME ZONE 'Asia/Shanghai')::date >= (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) - 364) AND (o.ordered_at < (SELECT (n.as_of + 0)::timestamp AT TIME ZONE 'Asia/Shanghai' FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) OR o.ordered_at < (SELECT (n.as_of + 2)::timestamp AT TIME ZONE 'Asia/Shanghai' FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) AND (o.ordered_at AT TIME ZONE 'Asia/Shanghai')::date <= (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest))) AS window_costed,
                sum(o.line_service) FILTER (WHERE (o.ordered_at >= (SELECT (n.as_of - 363)::timestamp AT TIME ZONE 'Asia/Shanghai' FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) OR o.ordered_at >= (SELECT (n.as_of - 365)::timestamp AT TIME ZONE 'Asia/Shanghai' FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) AND (o.ordered_at AT TIME ZONE 'Asia/Shanghai')::date >= (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) - 364) AND (o.ordered_at < (SELECT (n.as_of + 0)::timestamp AT TIME ZONE 'Asia/Shanghai' FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) OR o.ordered_at < (SELECT (n.as_of + 2)::timestamp AT TIME ZONE 'Asia/Shanghai' FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest) AND (o.ordered_at AT TIME ZONE 'Asia/Shanghai')::date <= (SELECT n.as_of FROM customer_value.training AS n WHERE n.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND n.newest)) AND o.amount IS NOT NULL) AS window_service
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
    ) AS l
),
histories AS MATERIALIZED (
    SELECT
        h.*
    FROM days AS t
    CROSS JOIN LATERAL (
        SELECT
            o.customer,
            customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai') AS history,
            count(*) FILTER (WHERE o.discounted AND (o.ordered_at < t.day_0 OR o.ordered_at < t.day_2 AND (o.ordered_at AT TIME ZONE 'Asia/Shanghai')::date <= t.as_of) AND o.amount >= 0) AS discounted,
            sum(o.line_cost) FILTER (WHERE o.line_cost IS NOT NULL AND o.line_costed IS NOT NULL AND (o.ordered_at >= t.day_minus_363 OR o.ordered_at >= t.day_minus_365 AND (o.ordered_at AT TIME ZONE 'Asia/Shanghai')::date >= t.as_of - 364) AND (o.ordered_at < t.day_0 OR o.ordered_at < t.day_2 AND (o.ordered_at AT TIME ZONE 'Asia/Shanghai')::date <= t.as_of)) AS window_cost,
            sum(o.line_costed) FILTER (WHERE o.line_cost IS NOT NULL AND o.line_costed IS NOT NULL AND (o.ordered_at >= t.day_minus_363 OR o.ordered_at >= t.day_minus_365 AND (o.ordered_at AT TIME ZONE 'Asia/Shanghai')::date >= t.as_of - 364) AND (o.ordered_at < t.day_0 OR o.ordered_at < t.day_2 AND (o.ordered_at AT TIME ZONE 'Asia/Shanghai')::date <= t.as_of)) AS window_costed,
            sum(o.line_service) FILTER (WHERE (o.ordered_at >= t.day_minus_363 OR o.ordered_at >= t.day_minus_365 AND (o.ordered_at AT TIME ZONE 'Asia/Shanghai')::date >= t.as_of - 364) AND (o.ordered_at < t.day_0 OR o.ordered_at < t.day_2 AND (o.ordered_at AT TIME ZONE 'Asia/Shanghai')::date <= t.as_of) AND o.amount IS NOT NULL) AS window_service,
            sum(o.rows) AS rows,
            sum(o.left_out) AS left_out,
            customer_value_internal.exact_sum(o.amount_left_out) AS amount_left_out,
            min(o.currency_from) AS currency_from,
            max(o.currency_to) AS currency_to,
            sum(o.cost) AS cost,
            sum(o.costed) AS costed
        FROM (
            SELECT
                l.customer_id AS customer,
                min(l.ordered_at) FILTER (WHERE l.customer_id IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL) AS ordered_at,
                sum(l.total) FILTER (WHERE l.customer_id IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL) AS amount,
                sum(l.cost::numeric) FILTER (WHERE l.total::numeric IS NOT NULL AND l.customer_id IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL) AS line_cost,
                sum(l.total::numeric) FILTER (WHERE l.cost::numeric IS NOT NULL AND l.customer_id IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL) AS line_costed,
                sum(l.service::numeric) FILTER (WHERE l.customer_id IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL) AS line_service,
                bool_or(l.discounted) FILTER (WHERE l.customer_id IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL) AS discounted,
                count(*) AS rows,
                count(*) FILTER (WHERE NOT (l.customer_id IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL)) AS left_out,
                customer_value_internal.exact_sum(l.total::numeric) FILTER (WHERE NOT (l.customer_id IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL)) AS amount_left_out,
                NULL::text AS currency_from,
                NULL::text AS currency_to,
                sum(l.cost::numeric) FILTER (WHERE l.customer_id IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL AND l.cost IS NOT NULL) AS cost,
                sum(l.total::numeric) FILTER (WHERE l.customer_id IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL AND l.cost IS NOT NULL) AS costed
            FROM shop.lines AS l
            GROUP BY l.customer_id, l.id
        ) AS o
        GROUP BY o.customer
    ) AS h
),
pass AS MATERIALIZED (
    SELECT
        customer_value_internal.rfm_training(h.history, (SELECT d.as_of FROM days AS d), '{"bins":5}') FILTER (WHERE h.customer IS NOT NULL) AS report,
        sum(h.rows)::bigint AS rows,
        sum(h.left_out)::bigint AS left_out,
        coalesce(sum(h.amount_left_out), 0) AS amount_left_out,
        min(h.currency_from) AS currency_from,
        max(h.currency_to) AS currency_to,
        (CASE WHEN sum(h.costed) > 0 THEN 1 - sum(h.cost) / sum(h.costed) END)::float8 AS cost_margin
    FROM histories AS h
),
trained AS MATERIALIZED (
    SELECT
        p.*,
        CASE WHEN jsonb_typeof(p.report -> 'clv_percentiles') = 'array' AND p.margin IS NOT NULL
            THEN ARRAY(
                SELECT
                    c::float8 * p.margin
                FROM jsonb_array_elements_text(p.report -> 'clv_percentiles') AS c
                ORDER BY 1
            )
        END AS clv_percentiles,
        NULL::customer_value.trained_axes AS axes
    FROM (
        SELECT
            p.report,
            (p.report ->> 'as_of')::date AS as_of,
            now() AS trained_at,
            (p.report ->> 'cuts')::customer_value.rfm_cuts AS cuts,
            $1::customer_value.rfm_labels AS labels,
            (p.report ->> 'purchase_model')::customer_value.purchase_model AS purchase_model,
            (p.report ->> 'spend_model')::customer_value.spend_model AS spend_model,
            CASE WHEN abs(p.cost_margin) <= 1e6 THEN p.cost_margin END AS margin,
            ((p.report ->> 'gross')::numeric / nullif((p.report ->> 'orders')::numeric, 0))::float8 AS amount_per_order
        FROM (
            SELECT
                p.cost_margin,
                p.report::jsonb AS report
            FROM pass AS p
        ) AS p
    ) AS p
),
first_axes AS MATERIALIZED (
    SELECT
        customer_value_internal.train_gaps(h.history, t.as_of) AS a0,
        customer_value_internal.train_axis(customer_value.purchase_days(h.history, t.as_of)::float8, '') AS a1,
        customer_value_internal.train_axis(customer_value.purchase_span(h.history, t.as_of)::float8, '') AS a2,
        customer_value_internal.train_axis(nullif(customer_value.purchase_days(h.history, t.as_of)::float8, 1), '') AS a3,
        customer_value_internal.train_axis(h.frequency::float8, 'mean, contribution 0.8 0.95') AS a4,
        customer_value_internal.train_axis(customer_value_internal.to_double(h.revenue), 'contribution 0.8 0.95') AS a5,
        customer_value_internal.train_axis(CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END, '') AS a6,
        customer_value_internal.train_axis(h.clv::float8, 'median') AS a7,
        customer_value_internal.train_axis(h.current_value::float8, 'median') AS a8,
        customer_value_internal.train_axis(customer_value_internal.to_double(h.average_order_value), 'mean') AS a9,
        customer_value_internal.train_axis((customer_value_internal.to_double(h.window_revenue - coalesce(h.window_costed, 0)) * t.margin + customer_value_internal.to_double(coalesce(h.window_costed, 0) - coalesce(h.window_cost, 0) - coalesce(h.window_service, 0)))::float8, 'median') AS a11
    FROM trained AS t
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
                f.customer,
                customer_value.net_of_refunds(f.history, t.as_of) AS history,
                f.history AS ledger,
                f.discounted,
                f.window_cost,
                f.window_costed,
                f.window_service
            FROM histories AS f
            OFFSET 0
        ) AS r
        WHERE r.customer IS NOT NULL
        OFFSET 0
    ) AS h
    WHERE h.frequency > 0
),
percentiles AS MATERIALIZED (
    SELECT
        t.as_of,
        t.trained_at,
        t.cuts,
        t.labels,
        t.purchase_model,
        t.spend_model,
        t.margin,
        t.clv_percentiles,
        customer_value_internal.trained_axes(ARRAY['purchase_gap', 'purchase_days', 'purchase_span', 'repeat_purchase_days', 'frequency', 'revenue', 'discount_share', 'potential_value', 'current_value', 'average_order_value', 'profitability'], ARRAY[x.a0, x.a1, x.a2, x.a3, x.a4, x.a5, x.a6, x.a7, x.a8, x.a9, x.a11]) AS axes
    FROM trained AS t
    CROSS JOIN first_axes AS x
),
second_axes AS MATERIALIZED (
    SELECT
        customer_value_internal.train_axis(h.loyalty::float8, 'median') AS a10
    FROM percentiles AS t
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
                f.customer,
                customer_value.net_of_refunds(f.history, t.as_of) AS history,
                f.history AS ledger,
                f.discounted,
                f.window_cost,
                f.window_costed,
                f.window_service
            FROM histories AS f
            OFFSET 0
        ) AS r
        WHERE r.customer IS NOT NULL
        OFFSET 0
    ) AS h
    WHERE h.frequency > 0
)
SELECT
    p.report,
    p.rows,
    p.left_out,
    p.currency_from,
    p.currency_to,
    p.cost_margin,
    t.margin,
    t.amount_per_order,
    t.clv_percentiles::text AS clv_percentiles,
    p.amount_left_out::text AS amount_left_out,
    json_build_array(
        x.a0,
        x.a1,
        x.a2,
        x.a3,
        x.a4,
        x.a5,
        x.a6,
        x.a7,
        x.a8,
        x.a9,
        y.a10,
        x.a11
    )::text AS axes,
    (
        NULL::jsonb
    )::text AS inputs_left_out
FROM pass AS p
CROSS JOIN trained AS t
CROSS JOIN first_axes AS x
CROSS JOIN second_axes AS y
