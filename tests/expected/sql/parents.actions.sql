who AS MATERIALIZED (
    SELECT
        DISTINCT a.customer
    FROM action AS a
),
folded AS MATERIALIZED (
    SELECT
        o.customer,
        customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai') AS history,
        customer_value.purchase_history(o.ordered_at, 'Asia/Shanghai') FILTER (WHERE o.discounted AND o.amount >= 0) AS discounted
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
        WHERE l.holding OPERATOR(pg_catalog.=) ANY (SELECT w.customer FROM who AS w)
            AND l.holding IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL
        GROUP BY l.holding, l.id, l.customer_id
    ) AS o
    GROUP BY o.customer
),
histories AS MATERIALIZED (
    SELECT
        a.number,
        a.before,
        a.after,
        f.*
    FROM action AS a
    JOIN folded AS f
        ON f.customer OPERATOR(pg_catalog.=) a.customer
),
known AS (
    SELECT
        k.number,
        k.before,
        k.after,
        customer_value.net_of_refunds(k.history, k.before) AS earlier,
        customer_value.net_of_refunds(k.history, k.after) AS later
    FROM histories AS k
    OFFSET 0
),
placed_before AS (
    SELECT
        h.number,
        customer_value_internal.rfm_segment(t.labels, t.cuts, h.history, t.as_of) AS rfm_segment,
        customer_value_internal.matrix_label(t.matrices, 'need', (CASE WHEN CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END > 0 AND CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END >= customer_value_internal.percentile_at(t.axes, 'discount_share', 80) THEN 2 WHEN customer_value.purchase_days(h.history, t.as_of) >= 2 THEN 1 END)::float8) AS need_type,
        h.clv
    FROM (
        SELECT
            d.day AS as_of,
            d.day - 30 AS previous_as_of,
            ((d.day - 30) + 0)::timestamp AT TIME ZONE 'Asia/Shanghai' AS previous_day_0,
            ((d.day - 30) + 2)::timestamp AT TIME ZONE 'Asia/Shanghai' AS previous_day_2,
            (d.day + 0)::timestamp AT TIME ZONE 'Asia/Shanghai' AS day_0,
            (d.day + 2)::timestamp AT TIME ZONE 'Asia/Shanghai' AS day_2,
            t.trained_at,
            t.cuts,
            customer_value_internal.in_memory(t.labels) AS labels,
            t.purchase_model,
            t.spend_model,
            t.margin,
            t.clv_percentiles,
            customer_value_internal.in_memory(t.axes) AS axes,
            customer_value_internal.in_memory(t.matrices) AS matrices
        FROM (SELECT DISTINCT a.before AS day FROM action AS a) AS d
        LEFT JOIN customer_value.training AS t
            ON t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND t.newest
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
                k.number,
                k.customer,
                customer_value.net_of_refunds(k.history, t.as_of) AS history,
                k.history AS ledger,
                customer_value.order_count(k.discounted, t.as_of) AS discounted
            FROM histories AS k
            WHERE k.before = t.as_of
            OFFSET 0
        ) AS r
        OFFSET 0
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
    WHERE h.number IS NOT NULL
),
placed_after AS (
    SELECT
        h.number,
        h.clv
    FROM (
        SELECT
            d.day AS as_of,
            d.day - 30 AS previous_as_of,
            ((d.day - 30) + 0)::timestamp AT TIME ZONE 'Asia/Shanghai' AS previous_day_0,
            ((d.day - 30) + 2)::timestamp AT TIME ZONE 'Asia/Shanghai' AS previous_day_2,
            (d.day + 0)::timestamp AT TIME ZONE 'Asia/Shanghai' AS day_0,
            (d.day + 2)::timestamp AT TIME ZONE 'Asia/Shanghai' AS day_2,
            t.trained_at,
            t.cuts,
            customer_value_internal.in_memory(t.labels) AS labels,
            t.purchase_model,
            t.spend_model,
            t.margin,
            t.clv_percentiles,
            customer_value_internal.in_memory(t.axes) AS axes,
            customer_value_internal.in_memory(t.matrices) AS matrices
        FROM (SELECT DISTINCT a.after AS day FROM action AS a) AS d
        LEFT JOIN customer_value.training AS t
            ON t.segmentation = '00000000-0000-0000-0000-000000000000'::uuid AND t.newest
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
                k.number,
                k.customer,
                customer_value.net_of_refunds(k.history, t.as_of) AS history,
                k.history AS ledger,
                customer_value.order_count(k.discounted, t.as_of) AS discounted
            FROM histories AS k
            WHERE k.after = t.as_of
            OFFSET 0
        ) AS r
        OFFSET 0
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
    WHERE h.number IS NOT NULL
)
