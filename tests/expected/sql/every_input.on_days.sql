WITH histories AS MATERIALIZED (
    SELECT
        o.customer_id AS customer,
        customer_value.purchase_history(o.ordered_at, o.total) AS history,
        customer_value.purchase_history(o.ordered_at) FILTER (WHERE o.discounted AND o.total >= 0) AS discounted,
        customer_value.purchase_history(o.ordered_at, o.cost::numeric) FILTER (WHERE o.cost::numeric IS NOT NULL AND o.total::numeric IS NOT NULL) AS costs,
        customer_value.purchase_history(o.ordered_at, o.total::numeric) FILTER (WHERE o.cost::numeric IS NOT NULL AND o.total::numeric IS NOT NULL) AS costed,
        customer_value.purchase_history(o.ordered_at, o.service::numeric) FILTER (WHERE o.total IS NOT NULL) AS services
    FROM shop.orders AS o
    WHERE o.customer_id IS NOT NULL
    GROUP BY o.customer_id
)
SELECT
    t.as_of AS day,
    coalesce(c.id, h.customer) AS customer_id,
    customer_value_internal.rfm_segment(t.labels, t.cuts, h.history, t.as_of) AS rfm_segment,
    customer_value_internal.matrix_label(t.matrices, 'growth', (customer_value.weighted_index(ARRAY[customer_value_internal.percentile_of(t.axes, 'clv', CASE WHEN h.clv::float8 > '-infinity' AND h.clv::float8 < 'infinity' THEN h.clv::float8 END), customer_value_internal.percentile_of(t.axes, 'age', CASE WHEN c.age::float8 > '-infinity' AND c.age::float8 < 'infinity' THEN c.age::float8 END), customer_value_internal.percentile_of(t.axes, 'purchase_days', customer_value.purchase_days(h.history, t.as_of)::float8)]::float8[], '{3,1,1}'))::float8, (CASE WHEN h.customer IS NULL THEN 0 * abs(t.margin) ELSE h.current_value END)::float8) AS growth_quadrant,
    customer_value_internal.matrix_label(t.matrices, 'need', (coalesce(CASE lower(c.wants::text COLLATE "C") WHEN 'loyal' THEN 1 WHEN 'price_sensitive' THEN 2 WHEN 'service_oriented' THEN 3 WHEN 'functional' THEN 4 WHEN 'experiential' THEN 5 END, CASE WHEN CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END > 0 AND CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END >= customer_value_internal.percentile_at(t.axes, 'discount_share', 80) THEN 2 WHEN coalesce(i.service_contacts, 0)::float8 / nullif(h.frequency, 0) > 0 AND coalesce(i.service_contacts, 0)::float8 / nullif(h.frequency, 0) >= customer_value_internal.percentile_at(t.axes, 'service_rate', 80) THEN 3 WHEN customer_value.purchase_days(h.history, t.as_of) >= 2 THEN 1 END))::float8) AS need_type,
    CASE WHEN h.customer IS NULL THEN 0 * abs(t.margin) ELSE customer_value_internal.to_double(h.window_revenue - coalesce(h.window_costed, 0)) * t.margin + customer_value_internal.to_double(coalesce(h.window_costed, 0) - coalesce(h.window_cost, 0) - coalesce(h.window_service, 0)) END AS profitability,
    CASE WHEN h.customer IS NULL THEN 0 ELSE h.revenue END AS revenue,
    h.clv
FROM (
    SELECT
        d.day AS as_of,
        d.day - 30 AS previous_as_of,
        ((d.day - 30) + 1)::timestamp AT TIME ZONE 'UTC' AS previous_day_1,
        (d.day + 1)::timestamp AT TIME ZONE 'UTC' AS day_1,
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
