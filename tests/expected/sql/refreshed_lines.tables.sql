CREATE TABLE shop.lined_kept WITH (fillfactor = 97) AS
SELECT
    o.customer,
    customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai') AS history,
    customer_value.purchase_history(o.ordered_at, 'Asia/Shanghai') FILTER (WHERE o.discounted AND o.amount >= 0) AS discounted,
    customer_value.purchase_history(o.ordered_at, o.line_cost, 'Asia/Shanghai') FILTER (WHERE o.line_cost IS NOT NULL AND o.line_costed IS NOT NULL) AS costs,
    customer_value.purchase_history(o.ordered_at, o.line_costed, 'Asia/Shanghai') FILTER (WHERE o.line_cost IS NOT NULL AND o.line_costed IS NOT NULL) AS costed,
    customer_value.purchase_history(o.ordered_at, o.line_service, 'Asia/Shanghai') FILTER (WHERE o.amount IS NOT NULL) AS services
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
WITH NO DATA;
ALTER TABLE shop.lined_kept ALTER customer SET NOT NULL, ALTER history SET NOT NULL;
ALTER TABLE shop.lined_kept ALTER history SET STORAGE MAIN;
CREATE UNIQUE INDEX ON shop.lined_kept (customer);
ALTER TABLE shop.lined_kept REPLICA IDENTITY FULL;
CREATE VIEW shop.lined_kept_now WITH (security_invoker = false) AS
SELECT
    k.*
FROM shop.lined_kept AS k
WHERE customer_value_internal.keeps('00000000-0000-0000-0000-000000000000')
UNION ALL
SELECT
    k.*
FROM shop.lined_kept AS k
WHERE false;

COMMENT ON TABLE shop.lined_kept IS 'The histories of shop.lined, written by customer_value.refresh_segmentation alone: one row per customer; id 00000000-0000-0000-0000-000000000000';
COMMENT ON VIEW shop.lined_kept_now IS 'What holds of shop.lined_kept now, for those who may read the orders; id 00000000-0000-0000-0000-000000000000';

WITH
    written AS (
        INSERT INTO shop.lined_kept
        SELECT
            f.*
        FROM (
            SELECT
                o.customer,
                customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai') AS history,
                customer_value.purchase_history(o.ordered_at, 'Asia/Shanghai') FILTER (WHERE o.discounted AND o.amount >= 0) AS discounted,
                customer_value.purchase_history(o.ordered_at, o.line_cost, 'Asia/Shanghai') FILTER (WHERE o.line_cost IS NOT NULL AND o.line_costed IS NOT NULL) AS costs,
                customer_value.purchase_history(o.ordered_at, o.line_costed, 'Asia/Shanghai') FILTER (WHERE o.line_cost IS NOT NULL AND o.line_costed IS NOT NULL) AS costed,
                customer_value.purchase_history(o.ordered_at, o.line_service, 'Asia/Shanghai') FILTER (WHERE o.amount IS NOT NULL) AS services
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
        ) AS f
        WHERE customer_value_internal.tells_progress()
        RETURNING 1
    )
SELECT (SELECT count(*) FROM written)

WITH
    fresh AS MATERIALIZED (
        SELECT
            o.customer,
            customer_value.purchase_history(o.ordered_at, o.amount, 'Asia/Shanghai') AS history,
            customer_value.purchase_history(o.ordered_at, 'Asia/Shanghai') FILTER (WHERE o.discounted AND o.amount >= 0) AS discounted,
            customer_value.purchase_history(o.ordered_at, o.line_cost, 'Asia/Shanghai') FILTER (WHERE o.line_cost IS NOT NULL AND o.line_costed IS NOT NULL) AS costs,
            customer_value.purchase_history(o.ordered_at, o.line_costed, 'Asia/Shanghai') FILTER (WHERE o.line_cost IS NOT NULL AND o.line_costed IS NOT NULL) AS costed,
            customer_value.purchase_history(o.ordered_at, o.line_service, 'Asia/Shanghai') FILTER (WHERE o.amount IS NOT NULL) AS services
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
    ),
    lost AS (
        DELETE FROM shop.lined_kept AS k
        WHERE NOT EXISTS (SELECT FROM fresh AS f WHERE f.customer OPERATOR(pg_catalog.=) k.customer)
    ),
    written AS (
        INSERT INTO shop.lined_kept AS k (customer, history, discounted, costs, costed, services)
        SELECT f.customer, f.history, f.discounted, f.costs, f.costed, f.services FROM fresh AS f WHERE customer_value_internal.tells_progress()
        ON CONFLICT (customer) DO UPDATE SET
            history = excluded.history,
            discounted = excluded.discounted,
            costs = excluded.costs,
            costed = excluded.costed,
            services = excluded.services
        WHERE ROW(k.history, k.discounted, k.costs, k.costed, k.services)::record OPERATOR(pg_catalog.*<>) ROW(excluded.history, excluded.discounted, excluded.costs, excluded.costed, excluded.services)::record
    )
SELECT (SELECT count(*) FROM fresh)
