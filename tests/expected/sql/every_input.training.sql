WITH days AS MATERIALIZED (
    SELECT
        '2025-11-30'::date AS as_of,
        ('2025-11-30'::date - 364)::timestamp AT TIME ZONE 'UTC' AS day_minus_364,
        ('2025-11-30'::date + 1)::timestamp AT TIME ZONE 'UTC' AS day_1
    FROM (SELECT 1) AS one
),
histories AS MATERIALIZED (
    SELECT
        h.*
    FROM days AS t
    CROSS JOIN LATERAL (
        SELECT
            o.customer_id AS customer,
            customer_value.purchase_history(o.ordered_at, o.total) AS history,
            count(*) FILTER (WHERE o.discounted AND o.ordered_at < t.day_1 AND o.total >= 0) AS discounted,
            sum(o.cost::numeric) FILTER (WHERE o.cost::numeric IS NOT NULL AND o.total::numeric IS NOT NULL AND o.ordered_at >= t.day_minus_364 AND o.ordered_at < t.day_1) AS window_cost,
            sum(o.total::numeric) FILTER (WHERE o.cost::numeric IS NOT NULL AND o.total::numeric IS NOT NULL AND o.ordered_at >= t.day_minus_364 AND o.ordered_at < t.day_1) AS window_costed,
            sum(o.service::numeric) FILTER (WHERE o.ordered_at >= t.day_minus_364 AND o.ordered_at < t.day_1 AND o.total IS NOT NULL) AS window_service,
            count(*) AS rows,
            NULL::bigint AS left_out,
            customer_value_internal.exact_sum(o.total::numeric) FILTER (WHERE o.customer_id IS NULL OR o.ordered_at IS NULL) AS amount_left_out,
            min(coalesce(o.currency::text, '')) AS currency_from,
            max(coalesce(o.currency::text, '')) AS currency_to,
            sum(o.cost::numeric) FILTER (WHERE o.customer_id IS NOT NULL AND o.ordered_at IS NOT NULL AND o.total IS NOT NULL AND o.cost IS NOT NULL) AS cost,
            sum(o.total::numeric) FILTER (WHERE o.customer_id IS NOT NULL AND o.ordered_at IS NOT NULL AND o.total IS NOT NULL AND o.cost IS NOT NULL) AS costed
        FROM shop.orders AS o
        GROUP BY o.customer_id
    ) AS h
),
pass AS MATERIALIZED (
    SELECT
        customer_value_internal.rfm_training(h.history, (SELECT '2025-11-30'::date), '{"bins":5}') FILTER (WHERE h.customer IS NOT NULL) AS report,
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
        (p.as_of + 1)::timestamp AT TIME ZONE 'UTC' AS day_1,
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
        customer_value_internal.train_axis(coalesce(i.service_contacts, 0)::float8 / nullif(h.frequency, 0), '') AS a8,
        customer_value_internal.train_axis(i.others::float8, '') AS a9,
        customer_value_internal.train_axis(CASE WHEN h.clv::float8 > '-infinity' AND h.clv::float8 < 'infinity' THEN h.clv::float8 END, '') AS a10,
        customer_value_internal.train_axis(CASE WHEN c.age::float8 > '-infinity' AND c.age::float8 < 'infinity' THEN c.age::float8 END, '') AS a11,
        customer_value_internal.train_axis((CASE WHEN h.customer IS NULL THEN 0 * abs(t.margin) ELSE h.current_value END)::float8, 'median') AS a13,
        customer_value_internal.train_axis(customer_value_internal.to_double(h.average_order_value), '') AS a14,
        customer_value_internal.train_axis((CASE WHEN h.customer IS NULL THEN 0 * abs(t.margin) ELSE customer_value_internal.to_double(h.window_revenue - coalesce(h.window_costed, 0)) * t.margin + customer_value_internal.to_double(coalesce(h.window_costed, 0) - coalesce(h.window_cost, 0) - coalesce(h.window_service, 0)) END)::float8, 'median') AS a16
    FROM trained AS t
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
        FULL JOIN LATERAL (
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
            customer_value.engagement(e.at, e.weight::float8, t.as_of, '30'::float8) FILTER (WHERE NOT coalesce(lower(e.kind::text COLLATE "C") = 'service', false)) AS engagement
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
            customer_value.ces(s.score::float8) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'ces') AS ces
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
            (array_agg(d.name ORDER BY d.orders DESC, d.name COLLATE "C"))[1] AS favourite
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
        t.day_1,
        customer_value_internal.trained_axes(ARRAY['purchase_gap', 'purchase_days', 'purchase_span', 'repeat_purchase_days', 'frequency', 'revenue', 'product_breadth', 'discount_share', 'service_rate', 'other_interactions', 'clv', 'age', 'current_value', 'average_order_value', 'profitability'], ARRAY[x.a0, x.a1, x.a2, x.a3, x.a4, x.a5, x.a6, x.a7, x.a8, x.a9, x.a10, x.a11, x.a13, x.a14, x.a16]) AS axes
    FROM trained AS t
    CROSS JOIN first_axes AS x
),
second_axes AS MATERIALIZED (
    SELECT
        customer_value_internal.train_axis((customer_value.weighted_index(ARRAY[customer_value_internal.percentile_of(t.axes, 'clv', CASE WHEN h.clv::float8 > '-infinity' AND h.clv::float8 < 'infinity' THEN h.clv::float8 END), customer_value_internal.percentile_of(t.axes, 'age', CASE WHEN c.age::float8 > '-infinity' AND c.age::float8 < 'infinity' THEN c.age::float8 END), customer_value_internal.percentile_of(t.axes, 'purchase_days', customer_value.purchase_days(h.history, t.as_of)::float8)]::float8[], '{3,1,1}'))::float8, 'median') AS a12,
        customer_value_internal.train_axis(h.loyalty::float8, 'median') AS a15,
        customer_value_internal.train_axis((customer_value.weighted_index(ARRAY[s.satisfaction, customer_value_internal.percentile_of(t.axes, 'other_interactions', i.others::float8), power(2, CASE WHEN (t.as_of - i.last_other) / '30'::float8 > 1000 THEN -1000 ELSE -(t.as_of - i.last_other) / '30'::float8 END)]::float8[], '{1,1,1}'))::float8, 'median') AS a17
    FROM percentiles AS t
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
        FULL JOIN LATERAL (
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
            customer_value.engagement(e.at, e.weight::float8, t.as_of, '30'::float8) FILTER (WHERE NOT coalesce(lower(e.kind::text COLLATE "C") = 'service', false)) AS engagement
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
            customer_value.ces(s.score::float8) FILTER (WHERE lower(s.kind::text COLLATE "C") = 'ces') AS ces
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
            (array_agg(d.name ORDER BY d.orders DESC, d.name COLLATE "C"))[1] AS favourite
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
    WHERE h.frequency > 0
),
known AS MATERIALIZED (
    SELECT
        h.customer
    FROM histories AS h
    WHERE h.customer IS NOT NULL
    UNION
    SELECT
        c.id
    FROM shop.customers AS c
    WHERE c.id IS NOT NULL
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
        x.a11,
        y.a12,
        x.a13,
        x.a14,
        y.a15,
        x.a16,
        y.a17
    )::text AS axes,
    (
        (
            SELECT
                jsonb_build_object(
                    'interactions_without_customer_or_time', count(*) FILTER (WHERE e.customer_id IS NULL OR e.at IS NULL OR NOT isfinite(e.at)),
                    'interactions_of_unknown_customers', count(*) FILTER (WHERE e.customer_id IS NOT NULL AND k.customer IS NULL),
                    'interactions_with_weight_out_of_range', count(*) FILTER (WHERE NOT coalesce(e.weight >= 0 AND e.weight <= 1e15, false))
                )
            FROM shop.contacts AS e
            LEFT JOIN known AS k ON k.customer OPERATOR(pg_catalog.=) e.customer_id
        ) ||
        (
            SELECT
                jsonb_build_object(
                    'answers_without_customer_or_time', count(*) FILTER (WHERE s.customer_id IS NULL OR s.day IS NULL OR NOT isfinite(s.day)),
                    'answers_of_unknown_customers', count(*) FILTER (WHERE s.customer_id IS NOT NULL AND k.customer IS NULL),
                    'answers_outside_their_scale', count(*) FILTER (WHERE NOT coalesce((lower(s.kind::text COLLATE "C") = 'csat' AND s.score >= 1 AND s.score <= 5 OR lower(s.kind::text COLLATE "C") = 'nps' AND s.score >= 0 AND s.score <= 10 OR lower(s.kind::text COLLATE "C") = 'ces' AND s.score >= 1 AND s.score <= 7) AND s.score = floor(s.score), false))
                )
            FROM shop.answers AS s
            LEFT JOIN known AS k ON k.customer OPERATOR(pg_catalog.=) s.customer_id
        )
    )::text AS inputs_left_out
FROM pass AS p
CROSS JOIN trained AS t
CROSS JOIN first_axes AS x
CROSS JOIN second_axes AS y
