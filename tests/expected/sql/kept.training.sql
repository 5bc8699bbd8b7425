WITH histories AS MATERIALIZED (
    SELECT
        k.customer,
        k.history,
        NULL::bigint AS rows,
        coalesce(k.left_out, 0)::bigint AS left_out,
        k.amount_left_out,
        NULL::text AS currency_from,
        NULL::text AS currency_to,
        NULL::numeric AS cost,
        NULL::numeric AS costed
    FROM shop.plain_kept_now AS k
    WHERE customer_value_internal.keeps('00000000-0000-0000-0000-000000000000')
    UNION ALL
    SELECT
        o.customer_id AS customer,
        customer_value.purchase_history(o.ordered_at, o.total) AS history,
        count(*) AS rows,
        count(*) FILTER (WHERE o.customer_id IS NULL OR o.ordered_at IS NULL OR o.total IS NULL) AS left_out,
        customer_value_internal.exact_sum(o.total::numeric) FILTER (WHERE o.customer_id IS NULL OR o.ordered_at IS NULL) AS amount_left_out,
        NULL::text AS currency_from,
        NULL::text AS currency_to,
        NULL::numeric AS cost,
        NULL::numeric AS costed
    FROM shop.orders AS o
    WHERE customer_value_internal.keeps('00000000-0000-0000-0000-000000000000')
        AND o.customer_id OPERATOR(pg_catalog.=) ANY (SELECT n.customer FROM shop.plain_touched_now AS n)
    GROUP BY o.customer_id
    UNION ALL
    SELECT
        o.customer_id AS customer,
        customer_value.purchase_history(o.ordered_at, o.total) AS history,
        count(*) AS rows,
        count(*) FILTER (WHERE o.customer_id IS NULL OR o.ordered_at IS NULL OR o.total IS NULL) AS left_out,
        customer_value_internal.exact_sum(o.total::numeric) FILTER (WHERE o.customer_id IS NULL OR o.ordered_at IS NULL) AS amount_left_out,
        NULL::text AS currency_from,
        NULL::text AS currency_to,
        NULL::numeric AS cost,
        NULL::numeric AS costed
    FROM shop.orders AS o
    WHERE customer_value_internal.keeps('00000000-0000-0000-0000-000000000000')
        AND o.customer_id IS NULL
    GROUP BY o.customer_id
    UNION ALL
    SELECT
        o.customer_id AS customer,
        customer_value.purchase_history(o.ordered_at, o.total) AS history,
        count(*) AS rows,
        count(*) FILTER (WHERE o.customer_id IS NULL OR o.ordered_at IS NULL OR o.total IS NULL) AS left_out,
        customer_value_internal.exact_sum(o.total::numeric) FILTER (WHERE o.customer_id IS NULL OR o.ordered_at IS NULL) AS amount_left_out,
        NULL::text AS currency_from,
        NULL::text AS currency_to,
        NULL::numeric AS cost,
        NULL::numeric AS costed
    FROM shop.orders AS o
    WHERE NOT customer_value_internal.keeps('00000000-0000-0000-0000-000000000000')
    GROUP BY o.customer_id
),
pass AS MATERIALIZED (
    SELECT
        customer_value_internal.rfm_training(h.history, (SELECT (now() AT TIME ZONE 'UTC')::date), '{"bins":5}') FILTER (WHERE h.customer IS NOT NULL) AS report,
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
            '1'::float8 AS margin,
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
        customer_value_internal.train_axis(h.clv::float8, 'median') AS a6,
        customer_value_internal.train_axis(h.current_value::float8, 'median') AS a7,
        customer_value_internal.train_axis(customer_value_internal.to_double(h.average_order_value), 'mean') AS a8
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
            customer_value_internal.value_score(t.axes, r.history, t.as_of) AS basic_score
        FROM (
            SELECT
                f.customer,
                customer_value.net_of_refunds(f.history, t.as_of) AS history,
                f.history AS ledger
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
        customer_value_internal.trained_axes(ARRAY['purchase_gap', 'purchase_days', 'purchase_span', 'repeat_purchase_days', 'frequency', 'revenue', 'potential_value', 'current_value', 'profitability', 'average_order_value'], ARRAY[x.a0, x.a1, x.a2, x.a3, x.a4, x.a5, x.a6, x.a7, x.a7, x.a8]) AS axes
    FROM trained AS t
    CROSS JOIN first_axes AS x
),
second_axes AS MATERIALIZED (
    SELECT
        customer_value_internal.train_axis(h.loyalty::float8, 'median') AS a9
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
            customer_value_internal.value_score(t.axes, r.history, t.as_of) AS basic_score
        FROM (
            SELECT
                f.customer,
                customer_value.net_of_refunds(f.history, t.as_of) AS history,
                f.history AS ledger
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
        y.a9
    )::text AS axes,
    (
        NULL::jsonb
    )::text AS inputs_left_out
FROM pass AS p
CROSS JOIN trained AS t
CROSS JOIN first_axes AS x
CROSS JOIN second_axes AS y
