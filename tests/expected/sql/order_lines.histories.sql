SELECT
    h.customer,
    h.history,
    t.as_of,
    t.purchase_model
FROM (
    SELECT
        t.as_of,
        t.as_of - 30 AS previous_as_of,
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
        WHERE l.customer_id IS NOT NULL AND l.id IS NOT NULL AND l.ordered_at IS NOT NULL AND l.total IS NOT NULL
        GROUP BY l.customer_id, l.id
    ) AS o
    GROUP BY o.customer
) AS h
