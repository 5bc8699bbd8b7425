-- Option "bind": a view that is bound to the names of its tables, which may be rebuilt under it.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'America/New_York';
\pset format unaligned
SET search_path = public, customer_value;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\set shop :abs_srcdir '/sql/include/shop.sql'
\i :helpers
\i :shop

-- Where a query fails: message and context, without ids.
CREATE FUNCTION public.breaks(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text; context text;
BEGIN
    EXECUTE statement;
    RETURN '!! no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = returned_sqlstate, message = message_text, detail = pg_exception_detail,
                            context = pg_exception_context;
    RETURN concat_ws(' | ', state, message, nullif(detail, ''), substring(context FROM 'SQL function "[^"]*"'));
END $$;

-- every table of a segmentation, bound and not bound ------------------------------------------------------------
CREATE TABLE shop.customers AS
SELECT i::bigint AS id, ('r' || i % 3)::varchar(10) AS region, (i % 7)::int AS size FROM generate_series(0, 120) AS i;
CREATE TABLE shop.contacts AS
SELECT i % 90::bigint AS who, timestamptz '2024-02-01 00:30 UTC' + i * interval '5 hours' AS at,
       CASE WHEN i % 3 = 0 THEN 'SERVICE' ELSE 'mail' END AS kind, (i % 4)::smallint AS weight
FROM generate_series(1, 400) AS i;
CREATE TABLE shop.answers AS
SELECT (i % 80)::bigint AS who, date '2024-03-01' + i % 100 AS day, 'nps' AS kind, i % 11 AS score
FROM generate_series(1, 300) AS i;
ALTER TABLE shop.orders ADD COLUMN channel text DEFAULT 'web', ADD COLUMN cost int DEFAULT 1;
\set options '{"as_of": "2024-10-31", "time_zone": "Asia/Shanghai", "channel": "channel", "product": "order_id", "cost": "cost", "customers": {"source": "shop.customers", "customer": "id", "columns": ["region", "size"]}, "interactions": {"source": "shop.contacts", "customer": "who", "at": "at", "kind": "kind", "weight": "weight"}, "satisfaction": {"source": "shop.answers", "customer": "who", "at": "day", "kind": "kind", "score": "score"}, "potential_value": {"size": 1, "clv": 2}'
SELECT create_segmentation('shop.by_table', 'shop.orders', 'customer_id', 'at', 'total', (:'options' || '}')::jsonb);
SELECT create_segmentation('shop.by_name', 'shop.orders', 'customer_id', 'at', 'total',
                           (:'options' || ', "bind": "name"}')::jsonb);
CREATE VIEW public.one AS SELECT (to_jsonb(s) - 'trained_at')::text AS r FROM shop.by_table AS s;
CREATE VIEW public.other AS SELECT (to_jsonb(s) - 'trained_at')::text AS r FROM shop.by_name AS s;
SELECT differ('public.one', 'public.other') AS different, (SELECT count(*) FROM public.one) AS customers;
SELECT a.attname, format_type(a.atttypid, a.atttypmod), format_type(b.atttypid, b.atttypmod)
FROM pg_attribute AS a JOIN pg_attribute AS b ON b.attname = a.attname
WHERE a.attrelid = 'shop.by_table'::regclass AND b.attrelid = 'shop.by_name'::regclass AND a.attnum > 0
  AND (a.atttypid, a.atttypmod) <> (b.atttypid, b.atttypmod);
SELECT t.cuts::text = n.cuts::text AND t.axes::text = n.axes::text AND t.matrices::text = n.matrices::text AS trained_alike
FROM training AS t, training AS n, segmentations AS s, segmentations AS u
WHERE s.view = 'shop.by_table' AND t.segmentation = s.id AND u.view = 'shop.by_name' AND n.segmentation = u.id;
SELECT proname, pg_get_function_result(oid), obj_description(oid, 'pg_proc')
FROM pg_proc WHERE pronamespace = 'shop'::regnamespace AND proname LIKE 'by_name%' ORDER BY 1;
SELECT DISTINCT refobjid::regclass FROM pg_depend JOIN pg_rewrite AS w ON w.oid = objid
WHERE ev_class = 'shop.by_name'::regclass AND refclassid = 'pg_class'::regclass AND refobjid <> ev_class ORDER BY 1;
-- there and back, with what depends on it
CREATE VIEW shop.dashboard AS SELECT region, count(*), sum(clv) FROM shop.by_name GROUP BY 1;
SELECT alter_segmentation('shop.by_name', '{"bind": null}');
SELECT differ('public.one', 'public.other') AS different;
SELECT proname FROM pg_proc WHERE pronamespace = 'shop'::regnamespace AND proname LIKE 'by_name%' ORDER BY 1;
SELECT alter_segmentation('shop.by_name', '{"bind": "name", "satisfaction": null}');
SELECT proname FROM pg_proc WHERE pronamespace = 'shop'::regnamespace AND proname LIKE 'by_name%' ORDER BY 1;
SELECT alter_segmentation('shop.by_name', '{"bins": 5, "satisfaction": {"source": "shop.answers", "customer": "who",
                                                                     "at": "day", "kind": "kind", "score": "score"}}');
SELECT differ('public.one', 'public.other') AS different, (SELECT sum(count) FROM shop.dashboard) AS customers;
DROP VIEW public.one, public.other;
SELECT drop_segmentation('shop.by_table');
DROP VIEW shop.dashboard;
SELECT drop_segmentation('shop.by_name');
SELECT count(*) FROM pg_proc WHERE pronamespace = 'shop'::regnamespace AND proname LIKE 'by_name%';

-- plans: the index for one customer and for a few, nothing read that nobody asks for -------------------------------------
SELECT create_segmentation('shop.seg', 'shop.orders', 'customer_id', 'at', 'total', '{"as_of": "latest", "bind": "name"}');
ANALYZE shop.orders;
SET enable_bitmapscan = off;
SET enable_seqscan = off;
SELECT regexp_replace(regexp_replace(p, '''.*''', '...'), ' \(returns \$\d\)', '') AS plan
FROM plan_of('SELECT rfm_segment FROM shop.seg WHERE customer_id = 4', 'COSTS OFF') AS p
WHERE p NOT LIKE '%Group Key%';
SELECT trim(p) FROM plan_of(
    'SELECT f.rfm_segment FROM (VALUES (4), (9)) AS c (id) CROSS JOIN LATERAL shop.seg_of(c.id) AS f', 'COSTS OFF'
) AS p
WHERE p LIKE '%Scan%';
-- a time that has its type costs nothing
SELECT regexp_replace(trim(p), '\$\d|\(InitPlan \d\)\.col\d', 'as_of', 'g') AS output
FROM plan_of('SELECT first_purchase FROM shop.seg WHERE customer_id = 4') AS p WHERE p LIKE '%purchase_history(%';
RESET enable_seqscan;
RESET enable_bitmapscan;

-- rebuilt: renamed and dropped, other order of columns, other types, in one transaction -------------------------------------
PREPARE one_customer AS SELECT frequency, monetary FROM shop.seg WHERE customer_id = 4;
EXECUTE one_customer;
CREATE VIEW shop.dashboard AS SELECT count(*), sum(monetary) FROM shop.seg;
CREATE TABLE shop.new AS
SELECT total::float8 AS total, 'x' AS extra, at, customer_id::int AS customer_id FROM shop.orders;
INSERT INTO shop.new VALUES (1000.5, 'y', '2024-03-03', 4);
BEGIN;
ALTER TABLE shop.orders RENAME TO orders_backup;
ALTER TABLE shop.new RENAME TO orders;
DROP TABLE shop.orders_backup CASCADE;
COMMIT;
EXECUTE one_customer;
TABLE shop.dashboard;
SELECT train_segmentation('shop.seg');
EXECUTE one_customer;
SELECT pg_get_function_result('shop.seg_orders'::regproc);
SELECT view, state, newest_training FROM segmentations;
-- whole numbers that are whole no longer are not rounded
ALTER TABLE shop.orders ALTER total TYPE int USING total::int;
SELECT train_segmentation('shop.seg');
ALTER TABLE shop.orders ALTER total TYPE numeric USING total + 0.4;
SELECT (SELECT sum FROM shop.dashboard) = (SELECT sum(total) FROM shop.orders WHERE customer_id IS NOT NULL AND at IS NOT NULL) AS exact;
-- times keep their day in the zone of the segmentation, whatever that of the session
SELECT alter_segmentation('shop.seg', '{"time_zone": "Asia/Shanghai"}');
UPDATE shop.orders SET at = at + interval '5 hours' * (customer_id % 3);
SELECT train_segmentation('shop.seg');
CREATE TABLE shop.days AS SELECT customer_id, first_purchase, last_purchase FROM shop.seg;
CREATE VIEW shop.days_now AS SELECT customer_id, first_purchase, last_purchase FROM shop.seg;
ALTER TABLE shop.orders ALTER at TYPE timestamp USING at AT TIME ZONE 'Asia/Shanghai';
SELECT differ('shop.days', 'shop.days_now');
SELECT train_segmentation('shop.seg');
SELECT differ('shop.days', 'shop.days_now');
ALTER TABLE shop.orders ALTER at TYPE timestamptz USING at AT TIME ZONE 'Asia/Shanghai';
SELECT differ('shop.days', 'shop.days_now');
SELECT train_segmentation('shop.seg');
SELECT differ('shop.days', 'shop.days_now');
ALTER TABLE shop.orders ALTER at TYPE date USING (at AT TIME ZONE 'Asia/Shanghai')::date;
SELECT differ('shop.days', 'shop.days_now');
SELECT train_segmentation('shop.seg');
ALTER TABLE shop.orders ALTER at TYPE timestamptz USING at::timestamp AT TIME ZONE 'Asia/Shanghai';
SELECT differ('shop.days', 'shop.days_now');
DROP VIEW shop.days_now;
-- customers of another type are cast to that of the view; of one that cannot be, they are refused
ALTER TABLE shop.orders ALTER customer_id TYPE numeric;
SELECT alter_segmentation('shop.seg', '{"bins": 5}');
SELECT count(*), pg_typeof(min(customer_id)), (SELECT count(*) FROM shop.seg_of(4)) FROM shop.seg;
ALTER TABLE shop.orders ALTER customer_id TYPE text;
SELECT fails('SELECT alter_segmentation(''shop.seg'', ''{"bins": 5}'')');
SELECT fails('SELECT train_segmentation(''shop.seg'')');
ALTER TABLE shop.orders ALTER customer_id TYPE bigint USING customer_id::bigint;

-- what is not there is named, with the segmentation ----------------------------------------------------------------------------
ALTER TABLE shop.orders RENAME total TO net;
SELECT breaks('SELECT count(*) FROM shop.seg'), breaks('SELECT count(*) FROM shop.seg_of(4)');
SELECT fails('SELECT train_segmentation(''shop.seg'')');
SELECT alter_segmentation('shop.seg', amount => 'net', train => false);
SELECT count(monetary), (SELECT newest_training FROM segmentations) FROM shop.seg;
ALTER TABLE shop.orders RENAME TO elsewhere;
SELECT breaks('SELECT count(*) FROM shop.seg'), breaks('TABLE shop.dashboard');
SELECT fails('SELECT train_segmentation(''shop.seg'')');
SELECT view, state, source FROM segmentations;
-- pointed elsewhere without training; the customer column may have another name
ALTER TABLE shop.elsewhere RENAME customer_id TO buyer;
SELECT alter_segmentation('shop.seg', source => 'shop.elsewhere', customer => 'buyer', train => false);
SELECT count(buyer), (SELECT newest_training FROM segmentations) FROM shop.seg;
SELECT view, state, source FROM segmentations;
TABLE shop.dashboard;

-- options as a whole -----------------------------------------------------------------------------------------------------------------
SELECT alter_segmentation('shop.seg', '{"language": "zh", "bind": "name"}', replace => true);
SELECT options FROM segmentations;
SELECT alter_segmentation('shop.seg', '{"bind": "name", "language": null, "as_of": "latest"}', replace => true);
SELECT options FROM segmentations;
SELECT alter_segmentation('shop.seg', replace => true);
SELECT options, (SELECT count(*) FROM pg_proc WHERE proname = 'seg_orders') AS readers FROM segmentations;
SELECT fails('SELECT alter_segmentation(''shop.seg'', ''{"bind": "name", "security_invoker": false}'')');
SELECT fails('SELECT alter_segmentation(''shop.seg'', ''{"bind": "view"}'')');
SELECT alter_segmentation('shop.seg', '{"security_invoker": false}');
SELECT fails('SELECT alter_segmentation(''shop.seg'', ''{"bind": "name"}'')');

-- the view gone, its functions left -------------------------------------------------------------------------------------------------------
SELECT alter_segmentation('shop.seg', '{"bind": "name", "as_of": "latest"}', replace => true);
DROP VIEW shop.seg CASCADE;
SELECT proname FROM pg_proc WHERE pronamespace = 'shop'::regnamespace AND proname LIKE 'seg%';
SELECT create_segmentation('shop.seg', 'shop.elsewhere', 'buyer', 'at', 'net', '{"bind": "table"}');
SELECT proname FROM pg_proc WHERE pronamespace = 'shop'::regnamespace AND proname LIKE 'seg%';
SELECT alter_segmentation('shop.seg', '{"bind": "name"}');
DROP VIEW shop.seg CASCADE;
SELECT drop_segmentation('shop.seg');
SELECT count(*) FROM pg_proc WHERE pronamespace = 'shop'::regnamespace AND proname LIKE 'seg%';
CREATE FUNCTION shop.seg_orders() RETURNS int LANGUAGE sql AS 'SELECT 1';
SELECT fails('SELECT create_segmentation(''shop.seg'', ''shop.elsewhere'', ''buyer'', ''at'', ''net'', ''{"bind": "name"}'')');
DROP FUNCTION shop.seg_orders();

-- rights: row-level security and columns of the source hold as they do for a view bound to the table -------------------------------------------
CREATE ROLE cv_bound_owner;
CREATE ROLE cv_bound_reader;
GRANT USAGE, CREATE ON SCHEMA shop TO cv_bound_owner;
GRANT USAGE ON SCHEMA shop TO cv_bound_reader;
GRANT SELECT ON shop.elsewhere TO cv_bound_owner;
SET ROLE cv_bound_owner;
SELECT create_segmentation('shop.bound', 'shop.elsewhere', 'buyer', 'at', 'net', '{"as_of": "latest", "bind": "name"}');
GRANT SELECT ON shop.bound TO cv_bound_reader;
RESET ROLE;
SET ROLE cv_bound_reader;
SELECT breaks('SELECT count(*) FROM shop.bound');
RESET ROLE;
GRANT SELECT (buyer, at, net) ON shop.elsewhere TO cv_bound_reader;
SET ROLE cv_bound_reader;
SELECT count(*) > 40 AS all_of_them FROM shop.bound;
SELECT count(*) FROM shop.bound_of(4);
RESET ROLE;
ALTER TABLE shop.elsewhere ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON shop.elsewhere TO cv_bound_reader USING (buyer < 10);
CREATE POLICY every ON shop.elsewhere TO cv_bound_owner USING (true);
SET ROLE cv_bound_reader;
SELECT buyer FROM shop.bound ORDER BY 1;
SELECT count(*) FROM shop.bound_of(13);
RESET ROLE;
DROP OWNED BY cv_bound_owner, cv_bound_reader;
SELECT view, state FROM segmentations;
SELECT drop_segmentation('shop.bound');
DROP ROLE cv_bound_owner, cv_bound_reader;
DROP SCHEMA shop CASCADE;
DROP FUNCTION public.breaks, public.fails, public.tries, public.plan_of, public.differ;
