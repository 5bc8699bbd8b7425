-- What happens to a segmentation when views, tables, roles and names around it come and go: it is known by its id, and
-- nothing but drop_segmentation removes it.
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

-- What there is.
CREATE VIEW public.now AS SELECT view, state, source, newest_training, options FROM segmentations ORDER BY view;
-- A segmentation of the orders.
CREATE FUNCTION public.made(view text, options jsonb DEFAULT NULL, source text DEFAULT 'shop.orders') RETURNS regclass
    LANGUAGE sql AS $$
    SELECT customer_value.create_segmentation(view, source, 'customer_id', 'at', 'total', options)
$$;

-- a view that went with its table --------------------------------------------------------------------------------
CREATE TABLE shop.others AS TABLE shop.orders;
SELECT made('shop.first', '{"as_of": "latest", "horizon_days": 77}', 'shop.others'),
       made('shop.second', '{"as_of": "latest", "bins": 3, "scheme": "none"}', 'shop.others');
SELECT train_segmentation('shop.first');
DROP TABLE shop.others CASCADE;
SELECT * FROM public.now;
-- nothing that is done to another one takes them away
SELECT made('shop.third');
SELECT train_segmentation('shop.third');
SELECT drop_segmentation('shop.third');
SELECT * FROM public.now;
SELECT fails(statement), statement
FROM unnest(ARRAY['SELECT train_segmentation(''shop.first'')', 'SELECT alter_segmentation(''shop.first'')',
                  'SELECT count(*) FROM segment_report(''shop.first'')', 'SELECT train_segmentation(''shop.nothing'')'])
    AS s (statement);
-- creating it again takes it up again: options given are laid over those of before, numbers go on
SELECT made('shop.first');
SELECT * FROM public.now;
SELECT made('shop.second', '{"bins": 4}');
SELECT * FROM public.now;
SELECT array_agg(number ORDER BY number) AS trainings FROM training JOIN segmentations ON id = segmentation
WHERE view = 'shop.first';
-- what is left of one is dropped by its name
DROP VIEW shop.second CASCADE;
SELECT drop_segmentation('shop.second');
SELECT * FROM public.now;
SELECT count(*) AS trainings FROM training;

-- a table that was renamed and replaced, as loaders do ---------------------------------------------------------------
ALTER TABLE shop.orders RENAME TO orders_before;
CREATE TABLE shop.orders AS TABLE shop.orders_before;
-- bound to the table, the view follows it, and so does the training
SELECT view, source FROM public.now;
SELECT train_segmentation('shop.first');
SELECT view, source, newest_training FROM public.now;
DROP TABLE shop.orders;
ALTER TABLE shop.orders_before RENAME TO orders;

-- names: moved, renamed, 63 bytes ------------------------------------------------------------------------------------
CREATE SCHEMA "Other shop";
ALTER VIEW shop.first SET SCHEMA "Other shop";
SELECT view, state FROM public.now;
ALTER VIEW "Other shop".first RENAME TO bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb;
SELECT alter_segmentation('"Other shop".' || repeat('b', 63));
SELECT p.oid::regprocedure, count(f) FROM pg_proc AS p,
    "Other shop".bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb_of(4) AS f
WHERE proname LIKE 'bbb%' GROUP BY 1;
SELECT view, state FROM public.now;
SELECT drop_segmentation('"Other shop".' || repeat('b', 63));
SELECT count(*) FROM pg_proc WHERE proname LIKE 'bbb%';
SELECT made('shop.' || repeat('忠', 21));
SELECT proname FROM pg_proc WHERE proname LIKE '忠%';
SELECT drop_segmentation('shop.' || repeat('忠', 21));
DROP SCHEMA "Other shop";

-- a session in which backslashes escape ----------------------------------------------------------------------------------
SET standard_conforming_strings = off;
SET escape_string_warning = off;
CREATE TABLE shop."o\x'" AS SELECT customer_id AS "c\'y", at, total FROM shop.orders;
SELECT create_segmentation('shop."s\\x"', 'shop."o\\x''"', 'c\\''y', 'at', 'total', '{"bind": "name", "as_of": "latest"}');
SELECT alter_segmentation('shop."s\\x"', '{"language": "zh"}');
SELECT count(*), count(rfm_segment), (SELECT count(*) FROM shop."s\x_of"(3)) FROM shop."s\x";
SELECT view, state, source FROM public.now;
SELECT drop_segmentation('shop."s\\x"');
RESET standard_conforming_strings;
RESET escape_string_warning;
DROP TABLE shop."o\x'";

-- a user's own words, options and columns on the view ------------------------------------------------------------------------
SELECT made('shop.seg', '{"as_of": "latest"}');
CREATE VIEW shop.dashboard AS SELECT rfm_segment, count(*) FROM shop.seg GROUP BY 1;
COMMENT ON VIEW shop.seg IS 'Owned by team CRM';
COMMENT ON COLUMN shop.seg.clv IS 'Board-approved CLV';
COMMENT ON FUNCTION shop.seg_of(bigint) IS NULL;
ALTER VIEW shop.seg SET (security_barrier = true);
DO $$
DECLARE
    def text := pg_get_viewdef('shop.seg'::regclass);
    place int := strpos(def, E'\n   FROM ((');
BEGIN
    EXECUTE 'CREATE OR REPLACE VIEW shop.seg WITH (security_invoker, security_barrier) AS '
        || overlay(def PLACING E',\n CASE WHEN h.clv > 20 THEN ''a, FROM b'' ELSE ''it''''s'' END AS "Their AS",'
                               ' h.customer AS again' FROM place FOR 0);
END $$;
COMMENT ON COLUMN shop.seg."Their AS" IS 'Theirs';
SELECT alter_segmentation('shop.seg', '{"keep_trainings": 9, "language": "zh"}');
SELECT alter_segmentation('shop.seg', '{"time_zone": "Asia/Shanghai", "family": "none"}');
SELECT obj_description('shop.seg'::regclass) AS view, obj_description('shop.seg_of(bigint)'::regprocedure) AS function,
       reloptions FROM pg_class WHERE oid = 'shop.seg'::regclass;
SELECT attname, col_description(attrelid, attnum) FROM pg_attribute
WHERE attrelid = 'shop.seg'::regclass AND attname IN ('customer_id', 'clv', 'Their AS', 'again') ORDER BY attnum;
SELECT "Their AS", count(*), bool_and(again = customer_id) AS again FROM shop.seg GROUP BY 1;
SELECT alter_segmentation('shop.seg', '{"family": null}');
SELECT "Their AS", count(*) FROM shop.seg GROUP BY 1 ORDER BY 1;
-- columns that options ask for from now on follow those of users
SELECT define_matrix('忠诚频次', '{"x": {"axis": "frequency", "split": "mean"},
    "positions": [{"x": 2, "code": "much", "labels": {"zh": "高频"}}, {"x": 1, "code": "little"}]}');
SELECT alter_segmentation('shop.seg', '{"matrices": ["忠诚频次"]}');
SELECT 忠诚频次, 忠诚频次_code, 忠诚频次_rank, count(*) FROM shop.seg GROUP BY 1, 2, 3 ORDER BY 3;
SELECT attname FROM pg_attribute WHERE attrelid = 'shop.seg'::regclass ORDER BY attnum DESC LIMIT 5;
SELECT count(*) AS rows, (SELECT count(*) FROM shop.seg_of(4)) FROM shop.dashboard;
-- what no replacement can keep is told, and nothing is changed
DO $$
DECLARE
    def text := pg_get_viewdef('shop.seg'::regclass);
BEGIN
    EXECUTE 'CREATE OR REPLACE VIEW shop.seg AS SELECT q.*, q.clv * 3 AS thrice FROM (' || rtrim(def, ';') || ') AS q';
END $$;
SELECT regexp_replace(fails('SELECT alter_segmentation(''shop.seg'', ''{"bins": 5}'')'), '^.* ->', '...') AS fails;
SELECT train_segmentation('shop.seg');
ALTER VIEW shop.seg RENAME COLUMN monetary TO money;
SELECT fails('SELECT alter_segmentation(''shop.seg'', ''{"bins": 5}'')');
DROP VIEW shop.seg CASCADE;

-- functions that return rows of the view ------------------------------------------------------------------------------------------
SELECT made('shop.seg');
CREATE FUNCTION shop.best_of(text) RETURNS SETOF shop.seg LANGUAGE sql AS 'SELECT * FROM shop.seg LIMIT 1';
CREATE FUNCTION shop.best_of(customer bigint) RETURNS SETOF shop.seg LANGUAGE sql AS 'SELECT * FROM shop.seg LIMIT 1';
SELECT alter_segmentation('shop.seg', '{"bins": 5}');
ALTER VIEW shop.seg RENAME TO segments;
SELECT alter_segmentation('shop.segments');
SELECT oid::regprocedure FROM pg_proc WHERE prorettype = 'shop.segments'::regtype ORDER BY oid::regprocedure::text COLLATE "C";
SELECT fails('SELECT drop_segmentation(''shop.segments'')');
DROP FUNCTION shop.best_of(text), shop.best_of(bigint);
ALTER VIEW shop.segments RENAME TO seg;

-- copies, and what reads trainings in some other way ----------------------------------------------------------------------------------
SELECT pg_get_viewdef('shop.seg'::regclass) AS definition, id FROM segmentation WHERE view = 'shop.segments' \gset
CREATE VIEW shop.copy AS :definition
CREATE TEMP VIEW seg AS :definition
CREATE VIEW shop.monitoring AS SELECT * FROM training WHERE segmentation = :'id'::uuid AND newest;
CREATE VIEW shop.over AS SELECT * FROM shop.seg;
SELECT fails(statement), statement
FROM unnest(ARRAY['SELECT train_segmentation(''shop.copy'')', 'SELECT drop_segmentation(''shop.copy'')',
                  'SELECT made(''shop.copy'')', 'SELECT train_segmentation(''pg_temp.seg'')',
                  'SELECT alter_segmentation(''shop.monitoring'')', 'SELECT train_segmentation(''shop.over'')'])
    AS s (statement);
SELECT view, state FROM public.now;
DROP VIEW shop.over;
DROP VIEW shop.seg CASCADE;
-- a copy is no heir
SELECT view, state FROM public.now;
DROP VIEW shop.copy CASCADE;
SELECT view, state FROM public.now;
SELECT drop_segmentation('shop.segments');
DROP VIEW shop.monitoring;
DROP VIEW pg_temp.seg;

-- a source that reads the view ------------------------------------------------------------------------------------------------------------
SELECT made('shop.seg', '{"as_of": "latest"}');
CREATE VIEW shop.top AS SELECT customer_id, last_purchase AS at, monetary AS total FROM shop.seg;
SELECT made('shop.of_top', '{"as_of": "latest", "bind": "name"}', 'shop.top');
SELECT fails(format('SELECT alter_segmentation(''shop.seg'', source => %L, customer => ''customer_id'', '
                    'ordered_at => %L, amount => ''monetary'')', source, at))
FROM (VALUES ('shop.seg', 'last_purchase'), ('shop.top', 'at'), ('shop.of_top', 'last_purchase')) AS s (source, at);
SELECT fails('SELECT alter_segmentation(''shop.seg'', ''{"customers": {"source": "shop.top", "customer": "customer_id"}}'')');
SELECT count(rfm_segment) FROM shop.seg;
SELECT drop_segmentation('shop.of_top');
DROP VIEW shop.top;

-- others' code that leaves schemas away -------------------------------------------------------------------------------------------------------
CREATE TABLE ddl_log (tag text);
CREATE FUNCTION log_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ddl_log SELECT command_tag FROM pg_event_trigger_ddl_commands();
END $$;
CREATE EVENT TRIGGER cv_test_log ON ddl_command_end EXECUTE FUNCTION log_ddl();
\set VERBOSITY default
SELECT made('shop.logged');
ALTER FUNCTION log_ddl() SET search_path = public;
SELECT made('shop.logged');
SELECT count(*) > 10 AS logged FROM ddl_log;
DROP EVENT TRIGGER cv_test_log;
SELECT drop_segmentation('shop.logged');
CREATE TABLE rates (currency text, rate numeric);
INSERT INTO rates VALUES ('EUR', 0.9);
CREATE FUNCTION converted(amount numeric, currency text) RETURNS numeric LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT amount * r.rate FROM rates AS r WHERE r.currency = converted.currency);
END $$;
CREATE VIEW shop.in_euro AS SELECT customer_id, at, converted(total, currency) AS total FROM shop.orders;
SELECT made('shop.euro', NULL, 'shop.in_euro');

-- nothing to say about ------------------------------------------------------------------------------------------------------------------------------
CREATE TABLE shop.visits (customer_id int, at date);
SELECT create_segmentation('shop.empty', 'shop.visits', 'customer_id', 'at');
INSERT INTO shop.visits VALUES (1, current_date + 30);
SELECT create_segmentation('shop.future', 'shop.visits', 'customer_id', 'at');
SELECT regexp_replace(fails('SELECT create_segmentation(''shop.early'', ''shop.visits'', ''customer_id'', ''at'', NULL, '
                            '''{"as_of": "2001-01-01"}'')'), '20\d\d-\d\d-\d\d, 20|20\d\d-\d\d-\d\d', 'day', 'g');
SELECT train_segmentation('shop.empty'), (SELECT count(*) FROM segment_report('shop.empty')) AS report,
       (SELECT count(*) FROM compare_purchase_models('shop.empty')) AS models;
SELECT view, state FROM public.now;
SELECT drop_segmentation(view) FROM segmentations;

DROP VIEW public.now;
DROP SCHEMA shop CASCADE;
DROP FUNCTION public.made, log_ddl, converted, public.fails, public.tries, public.plan_of, public.differ;
DROP TABLE ddl_log, rates;
SELECT drop_matrix('忠诚频次');
