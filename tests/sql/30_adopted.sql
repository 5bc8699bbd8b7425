-- Segmentation views that come without their rows, as from a dump of one schema, or with rows that do not fit.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned
SET search_path = public, customer_value;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\set shop :abs_srcdir '/sql/include/shop.sql'
\i :helpers
\i :shop
GRANT EXECUTE ON FUNCTION public.fails TO PUBLIC;

-- A segmentation of the orders.
CREATE FUNCTION public.made(view text, options jsonb DEFAULT NULL) RETURNS regclass LANGUAGE sql AS $$
    SELECT customer_value.create_segmentation(view, 'shop.orders', 'customer_id', 'at', 'total', options)
$$;
-- What a dump of one schema leaves behind.
CREATE PROCEDURE public.lose() LANGUAGE sql AS $$
    DELETE FROM customer_value.segmentation;
    DELETE FROM customer_value.training;
$$;

-- adopted with what it was made with --------------------------------------------------------------------------------
CREATE TABLE shop.customers AS SELECT i::bigint AS id, ('r' || i % 3)::varchar(9) AS region FROM generate_series(0, 99) AS i;
SELECT made('shop.seg', '{"as_of": "2024-10-31"}');
SELECT made('shop.bound', '{"as_of": "latest", "bind": "name", "customers":
    {"source": "shop.customers", "customer": "id", "columns": ["region"]}}');
CREATE VIEW shop.dashboard AS SELECT rfm_segment, count(*) FROM shop.seg GROUP BY 1;
COMMENT ON COLUMN shop.seg.clv IS 'Board-approved CLV';
CREATE TABLE shop.before AS SELECT customer_id, rfm_segment, clv FROM shop.seg;
CALL lose();
SELECT count(*), count(rfm_segment) FROM shop.seg;
SELECT count(*) FROM segmentations;
SELECT fails(statement), statement
FROM unnest(ARRAY['SELECT train_segmentation(''shop.seg'')', 'SELECT drop_segmentation(''shop.seg'')',
                  'SELECT count(*) FROM segment_report(''shop.seg'')']) AS s (statement);
SELECT fails(format('SELECT made(%L, %L)', view, options)), options
FROM (VALUES ('shop.seg', '{"as_of": "latest"}'), ('shop.seg', '{"as_of": "2024-10-31", "horizon_days": 30}'),
             ('shop.seg', '{"as_of": "2024-10-31", "bind": "name"}'), ('shop.seg', '{"as_of": "2024-10-31", "matrices": ["none"]}'),
             ('shop.bound', '{"as_of": "latest", "customers": {"source": "shop.customers", "customer": "id"}}')
     ) AS o (view, options);
SELECT fails('SELECT create_segmentation(''shop.seg'', ''shop.customers'', ''id'', ''region'')');
SELECT count(*) FROM segmentations;
SELECT made('shop.seg', '{"as_of": "2024-10-31"}');
SELECT made('shop.bound', '{"as_of": "latest", "bind": "name", "customers":
    {"source": "shop.customers", "customer": "id", "columns": ["region"]}}');
SELECT view, state, source, newest_training, options FROM segmentations ORDER BY 1;
CREATE TABLE shop.after AS SELECT customer_id, rfm_segment, clv FROM shop.seg;
SELECT differ('shop.before', 'shop.after') AS different, (SELECT sum(count) FROM shop.dashboard) AS rows;
SELECT fails('SELECT made(''shop.seg'')');
SELECT alter_segmentation('shop.seg', '{"language": "zh", "time_zone": "Asia/Shanghai"}');
SELECT train_segmentation('shop.bound');
SELECT col_description('shop.seg'::regclass, attnum) FROM pg_attribute
WHERE attrelid = 'shop.seg'::regclass AND attname = 'clv';
SELECT count(*) FROM shop.seg_of(4);

-- a text that somebody has changed is told, and left alone ----------------------------------------------------------------
SELECT alter_segmentation('shop.seg', '{"as_of": "2024-10-31"}', replace => true);
DO $$
BEGIN
    EXECUTE 'CREATE OR REPLACE VIEW shop.seg AS '
        || replace(pg_get_viewdef('shop.seg'::regclass), 'o.customer_id IS NOT NULL', 'o.customer_id IS NOT NULL AND o.total < 50');
END $$;
CALL lose();
SELECT fails('SELECT made(''shop.seg'', ''{"as_of": "2024-10-31"}'')');
SELECT count(*) FROM segmentations;
DROP VIEW shop.seg CASCADE;

-- two views with one id: the one that is adopted is the segmentation, the other a copy ----------------------------------------
SELECT made('shop.seg', '{"as_of": "2024-10-31"}');
SELECT pg_get_viewdef('shop.seg'::regclass) AS definition \gset
CREATE VIEW shop.twin WITH (security_invoker = true) AS :definition
CALL lose();
SELECT made('shop.twin', '{"as_of": "2024-10-31"}');
SELECT fails('SELECT made(''shop.seg'', ''{"as_of": "2024-10-31"}'')'), fails('SELECT train_segmentation(''shop.seg'')');
SELECT view, state, newest_training FROM segmentations;
SELECT count(*) FROM shop.twin_of(4);
SELECT drop_segmentation('shop.twin');
DROP VIEW shop.seg CASCADE;

-- whose it is ------------------------------------------------------------------------------------------------------------------------
CREATE ROLE cv_adopter;
GRANT USAGE, CREATE ON SCHEMA shop TO cv_adopter;
GRANT SELECT ON shop.orders TO cv_adopter;
SELECT made('shop.seg', '{"as_of": "2024-10-31"}');
CREATE TABLE shop.rows AS TABLE segmentation;
CALL lose();
SET ROLE cv_adopter;
SELECT fails('SELECT create_segmentation(''shop.seg'', ''shop.orders'', ''customer_id'', ''at'', ''total'', ''{"as_of": "2024-10-31"}'')');
RESET ROLE;
-- a row that says the view is somebody's, as restored elsewhere: the view decides
UPDATE shop.rows SET owner = 'cv_adopter', owner_oid = 1, view_oid = 1, source_oid = 1, place = 'elsewhere/1';
INSERT INTO segmentation TABLE shop.rows;
SELECT view, state, owner, source FROM segmentations;
SET ROLE cv_adopter;
SELECT fails('SELECT train_segmentation(''shop.seg'')');
RESET ROLE;
SELECT train_segmentation('shop.seg');
-- restored under another name, beside a view of somebody else that carries the id
DELETE FROM segmentation;
UPDATE shop.rows SET owner = current_user;
INSERT INTO segmentation TABLE shop.rows;
ALTER VIEW shop.seg RENAME TO renamed;
SELECT pg_get_viewdef('shop.renamed'::regclass) AS definition \gset
SET ROLE cv_adopter;
CREATE VIEW shop.false AS :definition
RESET ROLE;
SELECT view, state FROM segmentations;
SELECT train_segmentation('shop.renamed');
SELECT view, state, newest_training FROM segmentations;
SELECT fails('SELECT train_segmentation(''shop.false'')');

-- given to another role before the dump: who is a member of both takes it over
DROP VIEW shop.false;
UPDATE segmentation SET owner = 'cv_adopter', owner_oid = 1, place = 'elsewhere/1', view_oid = 1;
CREATE ROLE cv_heir;
GRANT USAGE, CREATE ON SCHEMA shop TO cv_heir;
GRANT SELECT ON shop.orders TO cv_heir;
ALTER VIEW shop.renamed OWNER TO cv_heir;
ALTER FUNCTION shop.seg_of OWNER TO cv_heir;
SELECT view, state FROM segmentations;
SET ROLE cv_heir;
SELECT fails('SELECT train_segmentation(''shop.renamed'')');
RESET ROLE;
GRANT cv_adopter TO cv_heir;
SET ROLE cv_heir;
SELECT train_segmentation('shop.renamed');
RESET ROLE;
SELECT view, state, owner, newest_training FROM segmentations;
ALTER VIEW shop.renamed OWNER TO CURRENT_USER;
ALTER FUNCTION shop.seg_of OWNER TO CURRENT_USER;

-- written by another version: the next training brings the view up to date -------------------------------------------------------------
UPDATE segmentation SET version = '0.9.0';
SELECT view, state FROM segmentations;
SELECT train_segmentation('shop.renamed');
SELECT view, state, newest_training FROM segmentations;
SELECT oid::regprocedure FROM pg_proc WHERE prorettype = 'shop.renamed'::regtype;

-- a function of a user's that has the name which ours should have ---------------------------------------------------------------------
ALTER VIEW shop.renamed RENAME TO third;
CREATE FUNCTION shop.third_of(whom bigint) RETURNS int LANGUAGE sql AS 'SELECT 1';
SELECT fails('SELECT alter_segmentation(''shop.third'')');
SELECT train_segmentation('shop.third');

SELECT drop_segmentation('shop.third');
SELECT proname FROM pg_proc WHERE pronamespace = 'shop'::regnamespace AND proname LIKE '%\_of' ORDER BY 1;
DROP OWNED BY cv_adopter, cv_heir;
DROP ROLE cv_adopter, cv_heir;
DROP SCHEMA shop CASCADE;
DROP FUNCTION public.made, public.fails, public.tries, public.plan_of, public.differ;
DROP PROCEDURE public.lose;
