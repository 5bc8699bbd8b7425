WITH days AS MATERIALIZED (
    SELECT
        l.as_of,
        (l.as_of - 365)::timestamp AT TIME ZONE 'Asia/Shanghai' AS day_minus_365,
        (l.as_of - 363)::timestamp AT TIME ZONE 'Asia/Shanghai' AS day_minus_363,
        (l.as_of + 0)::timestamp AT TIME ZONE 'Asia/Shanghai' AS day_0,
        (l.as_of + 2)::timestamp AT TIME ZONE 'Asia/Shanghai' AS day_2
    FROM (
        SELECT
            coalesce(max((o.ordered_at AT TIME ZONE 'Asia/Shanghai')::date), (now() AT TIME ZONE 'Asia/Shanghai')::date) AS as_of
        FROM (
            SELECT
                l.holding AS customer,
                min(l.ordered_at) AS ordered_at,
                sum(l.total) AS amount
            FROM (SELECT r.ordered_at, r.id, r.customer_id, r.total, r.cost, r.service, r.discounted, r.product, r.channel, r.currency, p.holding FROM shop.lines AS r LEFT JOIN shop.customers AS p ON p.id OPERATOR(pg_catalog.=) r.customer_id) AS l
            WHERE l.holding IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL
            GROUP BY l.holding, l.id, l.customer_id
        ) AS o
        WHERE o.amount >= 0
            AND (o.ordered_at AT TIME ZONE 'Asia/Shanghai')::date <= (now() AT TIME ZONE 'Asia/Shanghai')::date
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
                l.holding AS customer,
                min(l.ordered_at) FILTER (WHERE l.holding IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL) AS ordered_at,
                sum(l.total) FILTER (WHERE l.holding IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL) AS amount,
                sum(l.cost::numeric) FILTER (WHERE l.total::numeric IS NOT NULL AND l.holding IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL) AS line_cost,
                sum(l.total::numeric) FILTER (WHERE l.cost::numeric IS NOT NULL AND l.holding IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL) AS line_costed,
                sum(l.service::numeric) FILTER (WHERE l.holding IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL) AS line_service,
                bool_or(l.discounted) FILTER (WHERE l.holding IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL) AS discounted,
                count(*) AS rows,
                count(*) FILTER (WHERE NOT (l.holding IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL)) AS left_out,
                customer_value_internal.exact_sum(l.total::numeric) FILTER (WHERE NOT (l.holding IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL)) AS amount_left_out,
                min(coalesce(l.currency::text, '')) AS currency_from,
                max(coalesce(l.currency::text, '')) AS currency_to,
                sum(l.cost::numeric) FILTER (WHERE l.holding IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL AND l.cost IS NOT NULL) AS cost,
                sum(l.total::numeric) FILTER (WHERE l.holding IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL AND l.cost IS NOT NULL) AS costed
            FROM (SELECT r.ordered_at, r.id, r.customer_id, r.total, r.cost, r.service, r.discounted, r.product, r.channel, r.currency, p.holding FROM shop.lines AS r LEFT JOIN shop.customers AS p ON p.id OPERATOR(pg_catalog.=) r.customer_id) AS l
            GROUP BY l.holding, l.id, l.customer_id
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
        (p.as_of + 0)::timestamp AT TIME ZONE 'Asia/Shanghai' AS day_0,
        (p.as_of + 2)::timestamp AT TIME ZONE 'Asia/Shanghai' AS day_2,
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
        customer_value_internal.train_axis(p.breadth::float8, '') AS a6,
        customer_value_internal.train_axis(CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END, '') AS a7,
        customer_value_internal.train_axis(h.clv::float8, 'median') AS a8,
        customer_value_internal.train_axis(h.current_value::float8, 'median') AS a9,
        customer_value_internal.train_axis(customer_value_internal.to_double(h.average_order_value), 'mean') AS a10,
        customer_value_internal.train_axis((customer_value_internal.to_double(h.window_revenue - coalesce(h.window_costed, 0)) * t.margin + customer_value_internal.to_double(coalesce(h.window_costed, 0) - coalesce(h.window_cost, 0) - coalesce(h.window_service, 0)))::float8, 'median') AS a12
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
    LEFT JOIN LATERAL (
        SELECT
            s.holding AS same,
            s.holding AS customer,
            (coalesce(sum(s.score::float8 - 1) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'csat'), 0) / 4 + coalesce(sum(s.score::float8 - 0) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'nps'), 0) / 10 + coalesce(sum(s.score::float8 - 1) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'ces'), 0) / 6) / count(*) AS satisfaction,
            customer_value.csat(s.score::float8) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'csat') AS csat,
            customer_value.nps(s.score::float8) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'nps') AS nps,
            customer_value.ces(s.score::float8) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'ces') AS ces
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
            (array_agg(d.name ORDER BY d.orders DESC, d.name COLLATE "C"))[1] AS favourite
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
        t.day_0,
        t.day_2,
        customer_value_internal.trained_axes(ARRAY['purchase_gap', 'purchase_days', 'purchase_span', 'repeat_purchase_days', 'frequency', 'revenue', 'product_breadth', 'discount_share', 'potential_value', 'current_value', 'average_order_value', 'profitability'], ARRAY[x.a0, x.a1, x.a2, x.a3, x.a4, x.a5, x.a6, x.a7, x.a8, x.a9, x.a10, x.a12]) AS axes
    FROM trained AS t
    CROSS JOIN first_axes AS x
),
second_axes AS MATERIALIZED (
    SELECT
        customer_value_internal.train_axis(h.loyalty::float8, 'median') AS a11
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
    LEFT JOIN LATERAL (
        SELECT
            s.holding AS same,
            s.holding AS customer,
            (coalesce(sum(s.score::float8 - 1) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'csat'), 0) / 4 + coalesce(sum(s.score::float8 - 0) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'nps'), 0) / 10 + coalesce(sum(s.score::float8 - 1) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'ces'), 0) / 6) / count(*) AS satisfaction,
            customer_value.csat(s.score::float8) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'csat') AS csat,
            customer_value.nps(s.score::float8) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'nps') AS nps,
            customer_value.ces(s.score::float8) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'ces') AS ces
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
            (array_agg(d.name ORDER BY d.orders DESC, d.name COLLATE "C"))[1] AS favourite
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
    WHERE h.frequency > 0
),
known AS MATERIALIZED (
    SELECT
        h.customer
    FROM histories AS h
    WHERE h.customer IS NOT NULL
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
        x.a10,
        y.a11,
        x.a12
    )::text AS axes,
    (
        (
            SELECT
                jsonb_build_object(
                    'answers_without_customer_or_time', count(*) FILTER (WHERE s.holding IS NULL OR s.day IS NULL OR NOT isfinite(s.day)),
                    'answers_of_unknown_customers', count(*) FILTER (WHERE s.holding IS NOT NULL AND k.customer IS NULL),
                    'answers_outside_their_scale', count(*) FILTER (WHERE NOT coalesce((lower(s.kind::text COLLATE "C") = 'csat' AND s.score >= 1 AND s.score <= 5 OR lower(s.kind::text COLLATE "C") = 'nps' AND s.score >= 0 AND s.score <= 10 OR lower(s.kind::text COLLATE "C") = 'ces' AND s.score >= 1 AND s.score <= 7) AND s.score = floor(s.score), false))
                )
            FROM (SELECT r.day, r.kind, r.score, p.holding FROM shop.answers AS r LEFT JOIN shop.customers AS p ON p.id OPERATOR(pg_catalog.=) r.customer_id) AS s
            LEFT JOIN known AS k ON k.customer OPERATOR(pg_catalog.=) s.holding
        )
    )::text AS inputs_left_out
FROM pass AS p
CROSS JOIN trained AS t
CROSS JOIN first_axes AS x
CROSS JOIN second_axes AS y
