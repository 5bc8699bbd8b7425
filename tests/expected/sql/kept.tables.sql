CREATE TABLE shop.plain_kept WITH (fillfactor = 97) AS
SELECT
    o.customer_id AS customer,
    customer_value.purchase_history(o.ordered_at, o.total) AS history,
    nullif(count(*) FILTER (WHERE o.ordered_at IS NULL OR o.total IS NULL), 0)::integer AS left_out,
    customer_value_internal.exact_sum(o.total::numeric) FILTER (WHERE o.ordered_at IS NULL) AS amount_left_out
FROM shop.orders AS o
WHERE o.customer_id IS NOT NULL
GROUP BY o.customer_id
WITH NO DATA;
ALTER TABLE shop.plain_kept ALTER customer SET NOT NULL, ALTER history SET NOT NULL;
ALTER TABLE shop.plain_kept ALTER history SET STORAGE MAIN;
CREATE UNIQUE INDEX ON shop.plain_kept (customer);
ALTER TABLE shop.plain_kept REPLICA IDENTITY FULL;
CREATE TABLE shop.plain_touched WITH (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0, autovacuum_analyze_threshold = 5000) AS
SELECT k.customer FROM shop.plain_kept AS k WITH NO DATA;
CREATE INDEX ON shop.plain_touched (customer);
ALTER TABLE shop.plain_touched REPLICA IDENTITY FULL;
CREATE VIEW shop.plain_touched_now WITH (security_invoker = false) AS
SELECT
    n.customer
FROM shop.plain_touched AS n
WHERE customer_value_internal.keeps('00000000-0000-0000-0000-000000000000')
    AND n.customer IS NOT NULL
UNION ALL
SELECT
    n.customer
FROM shop.plain_touched AS n
WHERE false;
CREATE VIEW shop.plain_kept_now WITH (security_invoker = false) AS
SELECT
    k.*
FROM shop.plain_kept AS k
WHERE customer_value_internal.keeps('00000000-0000-0000-0000-000000000000')
    AND NOT customer_value_internal.is_noted('00000000-0000-0000-0000-000000000000', k.customer)
UNION ALL
SELECT
    k.*
FROM shop.plain_kept AS k
WHERE false;

COMMENT ON TABLE shop.plain_kept IS 'The histories of shop.plain, written by customer_value.refresh_segmentation alone: one row per customer; id 00000000-0000-0000-0000-000000000000';
COMMENT ON VIEW shop.plain_kept_now IS 'What holds of shop.plain_kept now, for those who may read the orders; id 00000000-0000-0000-0000-000000000000';
COMMENT ON TABLE shop.plain_touched IS 'The customers of shop.plain whose orders changed since their histories were kept, noted by triggers; NULL for everybody; id 00000000-0000-0000-0000-000000000000';
COMMENT ON VIEW shop.plain_touched_now IS 'The customers in shop.plain_touched, for those who may read the orders; id 00000000-0000-0000-0000-000000000000';

CREATE TRIGGER customer_value_00000000000000000000000000000000_rows AFTER INSERT OR DELETE ON shop.orders FOR EACH ROW EXECUTE FUNCTION customer_value_internal.note_change('00000000-0000-0000-0000-000000000000');
ALTER TABLE shop.orders ENABLE ALWAYS TRIGGER customer_value_00000000000000000000000000000000_rows;

CREATE TRIGGER customer_value_00000000000000000000000000000000_updates AFTER UPDATE ON shop.orders FOR EACH ROW WHEN (pg_catalog.record_image_ne(ROW(OLD.customer_id, OLD.ordered_at, OLD.total), ROW(NEW.customer_id, NEW.ordered_at, NEW.total))) EXECUTE FUNCTION customer_value_internal.note_change('00000000-0000-0000-0000-000000000000');
ALTER TABLE shop.orders ENABLE ALWAYS TRIGGER customer_value_00000000000000000000000000000000_updates;

CREATE TRIGGER customer_value_00000000000000000000000000000000_truncate AFTER TRUNCATE ON shop.orders FOR EACH STATEMENT EXECUTE FUNCTION customer_value_internal.note_truncate('00000000-0000-0000-0000-000000000000');
ALTER TABLE shop.orders ENABLE ALWAYS TRIGGER customer_value_00000000000000000000000000000000_truncate;

WITH
    gone AS (
        DELETE FROM shop.plain_touched
    ),
    written AS (
        INSERT INTO shop.plain_kept
        SELECT
            f.*
        FROM (
            SELECT
                o.customer_id AS customer,
                customer_value.purchase_history(o.ordered_at, o.total) AS history,
                nullif(count(*) FILTER (WHERE o.ordered_at IS NULL OR o.total IS NULL), 0)::integer AS left_out,
                customer_value_internal.exact_sum(o.total::numeric) FILTER (WHERE o.ordered_at IS NULL) AS amount_left_out
            FROM shop.orders AS o
            WHERE o.customer_id IS NOT NULL
            GROUP BY o.customer_id
        ) AS f
        WHERE customer_value_internal.tells_progress()
        RETURNING 1
    )
SELECT (SELECT count(*) FROM written)

WITH
    gone AS (
        DELETE FROM shop.plain_touched
    ),
    fresh AS MATERIALIZED (
        SELECT
            o.customer_id AS customer,
            customer_value.purchase_history(o.ordered_at, o.total) AS history,
            nullif(count(*) FILTER (WHERE o.ordered_at IS NULL OR o.total IS NULL), 0)::integer AS left_out,
            customer_value_internal.exact_sum(o.total::numeric) FILTER (WHERE o.ordered_at IS NULL) AS amount_left_out
        FROM shop.orders AS o
        WHERE o.customer_id IS NOT NULL
        GROUP BY o.customer_id
    ),
    lost AS (
        DELETE FROM shop.plain_kept AS k
        WHERE NOT EXISTS (SELECT FROM fresh AS f WHERE f.customer OPERATOR(pg_catalog.=) k.customer)
    ),
    written AS (
        INSERT INTO shop.plain_kept AS k (customer, history, left_out, amount_left_out)
        SELECT f.customer, f.history, f.left_out, f.amount_left_out FROM fresh AS f WHERE customer_value_internal.tells_progress()
        ON CONFLICT (customer) DO UPDATE SET
            history = excluded.history,
            left_out = excluded.left_out,
            amount_left_out = excluded.amount_left_out
        WHERE ROW(k.history, k.left_out, k.amount_left_out)::record OPERATOR(pg_catalog.*<>) ROW(excluded.history, excluded.left_out, excluded.amount_left_out)::record
    )
SELECT (SELECT count(*) FROM fresh)

WITH
    gone AS (
        DELETE FROM shop.plain_touched AS n
        WHERE n.customer IS NOT NULL
        RETURNING n.customer
    ),
    who AS MATERIALIZED (
        SELECT DISTINCT g.customer FROM gone AS g
    ),
    fresh AS MATERIALIZED (
        SELECT
            o.customer_id AS customer,
            customer_value.purchase_history(o.ordered_at, o.total) AS history,
            nullif(count(*) FILTER (WHERE o.ordered_at IS NULL OR o.total IS NULL), 0)::integer AS left_out,
            customer_value_internal.exact_sum(o.total::numeric) FILTER (WHERE o.ordered_at IS NULL) AS amount_left_out
        FROM shop.orders AS o
        WHERE o.customer_id OPERATOR(pg_catalog.=) ANY (SELECT w.customer FROM who AS w)
            AND o.customer_id IS NOT NULL
        GROUP BY o.customer_id
    ),
    lost AS (
        DELETE FROM shop.plain_kept AS k USING who AS w
        WHERE k.customer OPERATOR(pg_catalog.=) w.customer
            AND NOT EXISTS (SELECT FROM fresh AS f WHERE f.customer OPERATOR(pg_catalog.=) k.customer)
    ),
    written AS (
        INSERT INTO shop.plain_kept AS k (customer, history, left_out, amount_left_out)
        SELECT f.customer, f.history, f.left_out, f.amount_left_out FROM fresh AS f WHERE customer_value_internal.tells_progress()
        ON CONFLICT (customer) DO UPDATE SET
            history = excluded.history,
            left_out = excluded.left_out,
            amount_left_out = excluded.amount_left_out
        WHERE ROW(k.history, k.left_out, k.amount_left_out)::record OPERATOR(pg_catalog.*<>) ROW(excluded.history, excluded.left_out, excluded.amount_left_out)::record
    )
SELECT (SELECT count(*) FROM who)
