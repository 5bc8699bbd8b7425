SELECT
    h.customer,
    h.history,
    t.as_of,
    t.purchase_model
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
    SELECT
        o.customer_id AS customer,
        customer_value.purchase_history(o.ordered_at, o.total) AS history,
        count(*) FILTER (WHERE o.discounted AND o.ordered_at < (('2025-11-30'::date + 1)::timestamp AT TIME ZONE 'UTC') AND o.total >= 0) AS discounted,
        sum(o.cost::numeric) FILTER (WHERE o.cost::numeric IS NOT NULL AND o.total::numeric IS NOT NULL AND o.ordered_at >= (('2025-11-30'::date - 364)::timestamp AT TIME ZONE 'UTC') AND o.ordered_at < (('2025-11-30'::date + 1)::timestamp AT TIME ZONE 'UTC')) AS window_cost,
        sum(o.total::numeric) FILTER (WHERE o.cost::numeric IS NOT NULL AND o.total::numeric IS NOT NULL AND o.ordered_at >= (('2025-11-30'::date - 364)::timestamp AT TIME ZONE 'UTC') AND o.ordered_at < (('2025-11-30'::date + 1)::timestamp AT TIME ZONE 'UTC')) AS window_costed,
        sum(o.service::numeric) FILTER (WHERE o.ordered_at >= (('2025-11-30'::date - 364)::timestamp AT TIME ZONE 'UTC') AND o.ordered_at < (('2025-11-30'::date + 1)::timestamp AT TIME ZONE 'UTC') AND o.total IS NOT NULL) AS window_service
    FROM shop.orders AS o
    WHERE o.customer_id IS NOT NULL
    GROUP BY o.customer_id
) AS h
