SELECT
    h.customer,
    h.history,
    t.as_of,
    t.purchase_model
FROM (
    SELECT
        (now() AT TIME ZONE 'UTC')::date AS as_of,
        (now() AT TIME ZONE 'UTC')::date - 30 AS previous_as_of,
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
        k.customer,
        k.history
    FROM shop.plain_kept_now AS k
    WHERE customer_value_internal.keeps('00000000-0000-0000-0000-000000000000')
    UNION ALL
    SELECT
        o.customer_id AS customer,
        customer_value.purchase_history(o.ordered_at, o.total) AS history
    FROM shop.orders AS o
    WHERE customer_value_internal.keeps('00000000-0000-0000-0000-000000000000')
        AND o.customer_id OPERATOR(pg_catalog.=) ANY (SELECT n.customer FROM shop.plain_touched_now AS n)
        AND o.customer_id IS NOT NULL
    GROUP BY o.customer_id
    UNION ALL
    SELECT
        o.customer_id AS customer,
        customer_value.purchase_history(o.ordered_at, o.total) AS history
    FROM shop.orders AS o
    WHERE NOT customer_value_internal.keeps('00000000-0000-0000-0000-000000000000')
        AND o.customer_id IS NOT NULL
    GROUP BY o.customer_id
) AS h
