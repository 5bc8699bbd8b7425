-- Whose it is: who reads, who trains, whose rights code runs with, and what a hostile user cannot do.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned
\set VERBOSITY terse
DROP ROLE IF EXISTS cv_member, cv_noinherit, cv_owner, cv_reader, cv_stranger, cv_mallory;
CREATE ROLE cv_owner;
CREATE ROLE cv_member IN ROLE cv_owner;
CREATE ROLE cv_reader;
CREATE ROLE cv_stranger;
CREATE ROLE cv_mallory;
-- a role that is granted membership without inheriting it has the rights only after SET ROLE
CREATE ROLE cv_noinherit NOINHERIT IN ROLE cv_owner;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\i :helpers

CREATE SCHEMA shop AUTHORIZATION cv_owner;
GRANT USAGE ON SCHEMA shop TO PUBLIC;

SET ROLE cv_owner;
CREATE TABLE shop.orders (id int, customer_id int, at date, total numeric, tenant name);
INSERT INTO shop.orders
SELECT i, i % 10, date '2024-01-01' + i, i, CASE WHEN i % 10 < 5 THEN 'cv_reader' ELSE 'cv_stranger' END
FROM generate_series(1, 100) AS i;
SELECT customer_value.create_segmentation(
    'shop.segments', 'shop.orders', 'customer_id', 'at', 'total', '{"as_of": "2024-06-01"}'
);
SELECT current_user, owner FROM customer_value.segmentations;
RESET ROLE;
SELECT relname, pg_get_userbyid(relowner) FROM pg_class WHERE relname = 'segments';
SELECT trained_by FROM customer_value.training;

-- reading: SELECT on the view, and on the source while security_invoker is on -------------------------
SET ROLE cv_reader;
SELECT tries('SELECT * FROM shop.segments');
RESET ROLE;
GRANT SELECT ON shop.segments TO cv_reader;
SET ROLE cv_reader;
SELECT tries('SELECT * FROM shop.segments');
SELECT tries('SELECT * FROM shop.segments_of(3)');
SELECT tries('SELECT * FROM customer_value.segment_report(''shop.segments'')');
SELECT tries('SELECT * FROM customer_value.segmentation_drift(''shop.segments'')');
SELECT tries('SELECT * FROM customer_value.explain_customer(''shop.segments'', 3)');
-- population figures are for everyone
SELECT customers, purchasers, revenue FROM customer_value.training;
RESET ROLE;
GRANT SELECT ON shop.orders TO cv_reader;
SET ROLE cv_reader;
SELECT count(*), count(rfm_segment) FROM shop.segments;
SELECT customer_id, rfm_segment IS NOT NULL AS labelled FROM shop.segments_of(3);
SELECT sum(customers) FROM customer_value.segment_report('shop.segments');
SELECT count(*) FROM customer_value.explain_customer('shop.segments', 3);
RESET ROLE;
REVOKE SELECT ON shop.orders FROM cv_reader;
SET ROLE cv_owner;
SELECT customer_value.alter_segmentation('shop.segments', '{"security_invoker": false}');
SET ROLE cv_reader;
SELECT count(*), count(rfm_segment) FROM shop.segments;
SELECT count(*) FROM shop.segments_of(3);
SELECT tries('SELECT * FROM shop.orders');
SET ROLE cv_owner;
SELECT customer_value.alter_segmentation('shop.segments', '{"security_invoker": null}');
GRANT SELECT ON shop.orders TO cv_reader;

-- row level security of the source holds, in the view, in its function and in a reader's own view over it
ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenants ON shop.orders USING (tenant = current_user OR pg_has_role(current_user, 'cv_owner', 'USAGE'));
RESET ROLE;
CREATE SCHEMA bi AUTHORIZATION cv_reader;
SET ROLE cv_reader;
SELECT count(*), count(rfm_segment), max(customer_id) FROM shop.segments;
SELECT (SELECT count(*) FROM shop.segments_of(3)) AS own, (SELECT count(*) FROM shop.segments_of(7)) AS others;
CREATE VIEW bi.dashboard WITH (security_invoker = true) AS SELECT * FROM shop.segments;
CREATE VIEW bi.plain AS SELECT * FROM shop.segments;
SELECT count(*), count(rfm_segment), max(customer_id) FROM bi.dashboard;
SELECT count(*), count(rfm_segment), max(customer_id) FROM bi.plain;
SELECT sum(customers) FROM customer_value.segment_report('shop.segments');
RESET ROLE;
-- the owner is not bound by his policies, so training saw everyone
SET ROLE cv_owner;
SELECT customer_value.train_segmentation('shop.segments') > 1 AS trained;
SELECT customers FROM customer_value.training ORDER BY number DESC LIMIT 1;
SELECT count(*) FROM shop.segments;
ALTER TABLE shop.orders DISABLE ROW LEVEL SECURITY;
RESET ROLE;

-- writing: only members of the role that owns the view, and the tables through functions alone ---------
GRANT SELECT ON ALL TABLES IN SCHEMA shop TO cv_stranger;
SET ROLE cv_stranger;
SELECT tries('SELECT customer_value.train_segmentation(''shop.segments'')');
SELECT tries('SELECT customer_value.alter_segmentation(''shop.segments'', ''{"language": "zh"}'')');
SELECT tries('SELECT customer_value.drop_segmentation(''shop.segments'')');
SELECT tries('SELECT customer_value.create_segmentation(''shop.mine'', ''shop.orders'', ''customer_id'', ''at'')');
SELECT tries('UPDATE customer_value.segmentation SET source = ''pg_class''');
SELECT tries('UPDATE customer_value.segmentation SET options = ''{"security_invoker": false}''');
SELECT tries('DELETE FROM customer_value.segmentation');
SELECT tries('
    INSERT INTO customer_value.segmentation (view, source, customer, ordered_at) VALUES
        (''shop.segments'', ''shop.orders'', ''x'', ''y'')
');
SELECT tries('
    INSERT INTO customer_value.segmentation (view, source, customer, ordered_at) VALUES
        (''shop.orders'', ''shop.orders'', ''x'', ''y'')
');
SELECT tries('UPDATE customer_value.training SET cuts = ''{"recency": [1], "frequency": [1]}''');
SELECT tries('DELETE FROM customer_value.training');
SELECT tries('
    INSERT INTO customer_value.training (segmentation, number, trained_at, trained_by, seconds, as_of, customers,
                                         purchasers, orders, refunds, rows_left_out, revenue, first_purchase,
                                         last_purchase, cuts, score_counts, scheme, options)
    SELECT segmentation, 999, trained_at, trained_by, seconds, as_of, customers, purchasers, orders, refunds,
           rows_left_out, revenue, first_purchase, last_purchase, cuts, score_counts, scheme, options
    FROM customer_value.training
');
SELECT tries('TRUNCATE customer_value.training');
SELECT tries('ALTER TABLE customer_value.training ADD COLUMN mine int');
SELECT tries('SELECT * FROM customer_value.training FOR UPDATE');
SELECT tries('CREATE TABLE customer_value.mine (x int)');
SELECT tries('DROP VIEW shop.segments CASCADE');
SET ROLE cv_owner;
SELECT tries('UPDATE customer_value.segmentation SET options = ''{"security_invoker": false}''');
SELECT tries('DELETE FROM customer_value.segmentation');
SELECT tries('DELETE FROM customer_value.training');
RESET ROLE;
SET ROLE cv_noinherit;
SELECT tries('SELECT customer_value.train_segmentation(''shop.segments'')');
RESET ROLE;
SET ROLE cv_member;
SELECT customer_value.train_segmentation('shop.segments') > 1 AS trained;
SELECT customer_value.alter_segmentation('shop.segments', '{"language": "zh"}');
RESET ROLE;
SELECT trained_by, count(*) FROM customer_value.training GROUP BY 1 ORDER BY 1;
SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 'segments';
SELECT pg_get_userbyid(proowner) FROM pg_proc WHERE proname = 'segments_of';
SET ROLE cv_member;
SELECT customer_value.alter_segmentation('shop.segments', '{"language": null}');
RESET ROLE;
-- a view given to another role is that role's
GRANT CREATE ON SCHEMA shop TO cv_stranger;
ALTER VIEW shop.segments OWNER TO cv_stranger;
SET ROLE cv_member;
SELECT tries('SELECT customer_value.train_segmentation(''shop.segments'')');
SET ROLE cv_stranger;
SELECT customer_value.train_segmentation('shop.segments') > 1 AS trained;
RESET ROLE;
ALTER VIEW shop.segments OWNER TO cv_owner;
REVOKE CREATE ON SCHEMA shop FROM cv_stranger;
-- without a right on the source nothing is created; column rights are enough
SET ROLE cv_owner;
CREATE TABLE shop.secret (customer_id int, at date, total numeric, password text);
INSERT INTO shop.secret VALUES (1, '2024-01-01', 5, 'x');
RESET ROLE;
SET ROLE cv_reader;
SELECT tries('
    SELECT customer_value.create_segmentation(''bi.mine'', ''shop.secret'', ''customer_id'', ''at'', ''total'')
');
RESET ROLE;
GRANT SELECT (customer_id, at, total) ON shop.secret TO cv_reader;
SET ROLE cv_reader;
SELECT customer_value.create_segmentation('bi.mine', 'shop.secret', 'customer_id', 'at', 'total');
SELECT count(*) FROM bi.mine;
SELECT tries('SELECT customer_value.create_segmentation(''bi.mine2'', ''shop.secret'', ''password'', ''at'')');
SELECT customer_value.drop_segmentation('bi.mine');
RESET ROLE;
-- what is left of a view that is gone is still its owner's
SET ROLE cv_owner;
SELECT customer_value.create_segmentation('shop.gone', 'shop.orders', 'customer_id', 'at'),
       customer_value.create_segmentation('shop.gone_too', 'shop.orders', 'customer_id', 'at');
DROP VIEW shop.gone, shop.gone_too CASCADE;
SET ROLE cv_stranger;
SELECT tries('DELETE FROM customer_value.segmentation');
SELECT tries('SELECT customer_value.drop_segmentation(''shop.gone'')');
RESET ROLE;
SELECT view, state, owner FROM customer_value.segmentations ORDER BY view;
SET ROLE cv_member;
SELECT tries('SELECT customer_value.drop_segmentation(''shop.gone'')');
RESET ROLE;
SELECT count(*) FROM customer_value.segmentation;

-- schemes: everyone his own ---------------------------------------------------------------------------
SET ROLE cv_reader;
SELECT customer_value.define_scheme('readers', '{"bins": 2, "segments": [
    {"code": "all", "labels": {"en": "Everyone"}, "ranges": [{}]}
]}');
SELECT customer_value.rfm_segment(1, 2, 1, 'readers');
SELECT owner, builtin FROM customer_value.rfm_scheme WHERE scheme = 'readers';
SELECT tries('SELECT customer_value.define_scheme(''standard'', customer_value.scheme_definition(''readers''))');
SELECT tries('SELECT customer_value.drop_scheme(''standard'')');
SELECT tries('SELECT customer_value.reword_scheme(''standard'', ''{"champions": {"labels": {"en": "x"}}}'')');
SELECT tries('SELECT customer_value.reword_scheme(''standard'', NULL)');
SELECT tries('UPDATE customer_value.definition SET owner = ''postgres''');
SELECT tries('DELETE FROM customer_value.definition');
SELECT tries('
    INSERT INTO customer_value.definition (kind, name, document, owner, owner_oid, place)
    SELECT ''scheme'', ''x'', document, ''cv_owner'', ''cv_owner''::regrole, place FROM customer_value.definition
');
SELECT tries('TRUNCATE customer_value.definition');
SELECT tries('UPDATE customer_value.rfm_scheme SET bins = 3');
SELECT tries('DELETE FROM customer_value.rfm_scheme_cell');
SELECT tries('INSERT INTO customer_value.rfm_scheme_label VALUES (''standard'', ''champions'', ''fr'', ''Champions'')');
-- a role that may create nothing anywhere defines nothing
SET ROLE cv_stranger;
SELECT tries('SELECT customer_value.define_scheme(''strangers'', customer_value.scheme_definition(''readers''))');
RESET ROLE;
GRANT CREATE ON SCHEMA shop TO cv_stranger;
SET ROLE cv_stranger;
SELECT tries('SELECT customer_value.define_scheme(''strangers'', customer_value.scheme_definition(''readers''))');
SELECT customer_value.rfm_segment(1, 2, 1, 'readers');
SELECT tries('SELECT customer_value.define_scheme(''readers'', customer_value.scheme_definition(''eight''))');
SELECT tries('SELECT customer_value.drop_scheme(''readers'')');
SELECT tries('SELECT customer_value.reword_scheme(''readers'', ''{"all": {"labels": {"en": "x"}}}'')');
SELECT tries('SELECT customer_value.drop_scheme(''strangers'')');
RESET ROLE;
REVOKE CREATE ON SCHEMA shop FROM cv_stranger;
SELECT customer_value.rfm_segment(1, 2, 1, 'readers'), bins FROM customer_value.rfm_scheme WHERE scheme = 'readers';
-- the owner of the extension cannot define what is built in either
SELECT tries('SELECT customer_value.define_scheme(''standard'', customer_value.scheme_definition(''eight''))');
SELECT tries('UPDATE customer_value.rfm_scheme_label SET label = ''x'' WHERE scheme = ''standard''');

-- training by someone else runs the source's code as the owner of the view ------------------------------
CREATE TABLE public.seen (who name, path text, restricted text);
GRANT INSERT ON public.seen TO PUBLIC;
GRANT CREATE ON SCHEMA shop TO cv_mallory;
SET ROLE cv_mallory;
CREATE FUNCTION shop.spy(x numeric) RETURNS numeric LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.seen VALUES (current_user, current_setting('search_path'), public.tries('SET ROLE postgres'));
    RETURN x;
END $$;
CREATE VIEW shop.trap AS SELECT 1 AS customer_id, date '2024-01-01' AS at, shop.spy(5) AS total;
SELECT customer_value.create_segmentation(
    'shop.mallorys', 'shop.trap', 'customer_id', 'at', 'total', '{"as_of": "2024-06-01"}'
);
RESET ROLE;
SELECT * FROM public.seen;
TRUNCATE public.seen;
SELECT customer_value.train_segmentation('shop.mallorys');
SELECT * FROM public.seen;
TRUNCATE public.seen;
SELECT customer_value.alter_segmentation('shop.mallorys', '{"language": "zh"}');
SELECT * FROM public.seen;
TRUNCATE public.seen;
SELECT trained_by FROM customer_value.training ORDER BY trained_at DESC LIMIT 1;
-- also through an operator, a cast, a trigger or a collation of the source's own types
SET ROLE cv_mallory;
CREATE TYPE shop.key AS (k int);
CREATE FUNCTION shop.key_equals(shop.key, shop.key) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    INSERT INTO public.seen VALUES (current_user, 'operator');
    RETURN ($1).k = ($2).k;
END $$;
CREATE OPERATOR shop.= (LEFTARG = shop.key, RIGHTARG = shop.key, FUNCTION = shop.key_equals);
CREATE TABLE shop.keyed (customer_id shop.key, at date, total numeric);
INSERT INTO shop.keyed VALUES (ROW(1), '2024-01-01', 5);
SELECT tries('
    SELECT customer_value.create_segmentation(''shop.keys'', ''shop.keyed'', ''customer_id'', ''at'', ''total'')
');
RESET ROLE;
SELECT tries('SELECT customer_value.train_segmentation(''shop.keys'')');
SELECT count(*) FROM public.seen WHERE who <> 'cv_mallory';
-- the settings and the role are as before, after a training and after an error in one
SET search_path = shop, public;
SELECT current_user, current_setting('search_path')
FROM (SELECT customer_value.train_segmentation('shop.mallorys') OFFSET 0) AS t;
SET ROLE cv_mallory;
CREATE OR REPLACE FUNCTION shop.spy(x numeric) RETURNS numeric
    LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''trap''; END';
RESET ROLE;
SELECT tries('SELECT customer_value.train_segmentation(''shop.mallorys'')');
SELECT current_user, current_setting('search_path');
SELECT customer_value.train_segmentation('shop.mallorys');
SELECT current_user, current_setting('search_path');
-- no way out of the restricted operation: no temporary tables, no role, no prepared trap
SET ROLE cv_mallory;
CREATE OR REPLACE FUNCTION shop.spy(x numeric) RETURNS numeric LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.seen
    SELECT current_user, what, public.tries(what)
    FROM unnest(ARRAY[
        'CREATE TEMP TABLE trap (x int)', 'SET SESSION AUTHORIZATION postgres', 'RESET ROLE',
        'SET search_path = shop', 'LISTEN trap'
    ]) AS what;
    RETURN x;
END $$;
RESET ROLE;
TRUNCATE public.seen;
SELECT customer_value.train_segmentation('shop.mallorys') > 1 AS trained;
SELECT * FROM public.seen;
SELECT current_user, session_user, current_setting('search_path');
RESET search_path;

-- a hostile schema first in the search path, with everything that our code might call -------------------
CREATE SCHEMA evil AUTHORIZATION cv_mallory;
GRANT USAGE ON SCHEMA evil TO PUBLIC;
TRUNCATE public.seen;
SET ROLE cv_mallory;
CREATE FUNCTION evil.note(what text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.seen VALUES (current_user, what);
    RETURN true;
END $$;
CREATE FUNCTION evil.equal_int(int, int) RETURNS boolean LANGUAGE sql AS 'SELECT evil.note(''=int'')';
CREATE FUNCTION evil.equal_oid(oid, oid) RETURNS boolean LANGUAGE sql AS 'SELECT evil.note(''=oid'')';
CREATE FUNCTION evil.equal_text(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT evil.note(''=text'')';
CREATE FUNCTION evil.equal_name(name, name) RETURNS boolean LANGUAGE sql AS 'SELECT evil.note(''=name'')';
CREATE FUNCTION evil.equal_name_text(name, text) RETURNS boolean LANGUAGE sql AS 'SELECT evil.note(''=name text'')';
CREATE FUNCTION evil.equal_uuid(uuid, uuid) RETURNS boolean LANGUAGE sql AS 'SELECT evil.note(''=uuid'')';
CREATE FUNCTION evil.concat_text(text, text) RETURNS text LANGUAGE sql AS 'SELECT evil.note(''||'')::text';
CREATE OPERATOR evil.= (LEFTARG = int, RIGHTARG = int, FUNCTION = evil.equal_int);
CREATE OPERATOR evil.= (LEFTARG = oid, RIGHTARG = oid, FUNCTION = evil.equal_oid);
CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.equal_text);
CREATE OPERATOR evil.= (LEFTARG = name, RIGHTARG = name, FUNCTION = evil.equal_name);
CREATE OPERATOR evil.= (LEFTARG = name, RIGHTARG = text, FUNCTION = evil.equal_name_text);
CREATE OPERATOR evil.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = evil.equal_uuid);
CREATE OPERATOR evil.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.concat_text);
CREATE FUNCTION evil.current_schema() RETURNS name
    LANGUAGE sql AS 'SELECT ''evil''::name FROM evil.note(''current_schema'')';
CREATE FUNCTION evil.now() RETURNS timestamptz
    LANGUAGE sql AS 'SELECT timestamptz ''2000-01-01'' FROM evil.note(''now'')';
CREATE FUNCTION evil.quote_ident(text) RETURNS text LANGUAGE sql AS 'SELECT $1 FROM evil.note(''quote_ident'')';
CREATE FUNCTION evil.to_regclass(text) RETURNS regclass
    LANGUAGE sql AS 'SELECT NULL::regclass FROM evil.note(''to_regclass'')';
CREATE FUNCTION evil.unnest(text[]) RETURNS SETOF text LANGUAGE sql AS 'SELECT ''x'' FROM evil.note(''unnest'')';
CREATE FUNCTION evil.concat(text, text) RETURNS text LANGUAGE sql AS 'SELECT ''x'' FROM evil.note(''concat'')';
CREATE FUNCTION evil.coalesce(text, text) RETURNS text LANGUAGE sql AS 'SELECT ''x'' FROM evil.note(''coalesce'')';
CREATE FUNCTION evil.purchase_history(date, numeric) RETURNS text
    LANGUAGE sql AS 'SELECT ''x'' FROM evil.note(''purchase_history'')';
CREATE FUNCTION evil.has_schema_privilege(oid, text) RETURNS boolean
    LANGUAGE sql AS 'SELECT evil.note(''has_schema_privilege'')';
CREATE FUNCTION evil.generate_series(int, int) RETURNS SETOF int
    LANGUAGE sql AS 'SELECT 1 FROM evil.note(''generate_series'')';
CREATE FUNCTION evil.check_rfm_scheme(text) RETURNS SETOF int
    LANGUAGE sql AS 'SELECT 1 FROM evil.note(''check_rfm_scheme'')';
CREATE TABLE evil.pg_class (oid oid, relname name);
CREATE TABLE evil.segmentation (id uuid);
CREATE TABLE evil.training (id uuid);
CREATE TABLE evil.rfm_scheme (scheme text, bins smallint);
CREATE TABLE evil.definition (kind text, name text, document jsonb);
CREATE TYPE evil.text AS ENUM ('evil');
CREATE TYPE evil.uuid AS ENUM ('evil');
CREATE TYPE evil.date AS ENUM ('evil');
CREATE TYPE evil.numeric AS ENUM ('evil');
CREATE TYPE evil.jsonb AS ENUM ('evil');
CREATE TYPE evil.float8 AS ENUM ('evil');
CREATE TYPE evil.int4 AS ENUM ('evil');
RESET ROLE;
SET ROLE cv_owner;
SET search_path = evil, pg_catalog, customer_value, public;
SELECT customer_value.create_segmentation(
    'shop.attacked', 'shop.orders', 'customer_id', 'at', 'total', '{"as_of": "2024-06-01", "order_id": "id"}'
);
SELECT customer_value.train_segmentation('shop.attacked');
SELECT customer_value.alter_segmentation('shop.attacked', '{"language": "zh", "order_id": null}');
SELECT pg_catalog.count(*), pg_catalog.count(rfm_segment) FROM shop.attacked;
SELECT pg_catalog.count(*) FROM shop.attacked_of(3);
SELECT pg_catalog.sum(customers) FROM customer_value.segment_report('shop.attacked');
SELECT pg_catalog.count(*) FROM customer_value.segmentation_drift('shop.attacked');
SELECT pg_catalog.count(*) FROM customer_value.explain_customer('shop.attacked', 3);
SELECT pg_catalog.count(*) FROM customer_value.segmentations;
SELECT customer_value.rfm_segment(1, 1, 1), customer_value.rfm_segment_code(5, 5, 5),
       customer_value.rfm_scheme_bins('eight');
SELECT pg_catalog.count(*) FROM customer_value.check_rfm_scheme('standard');
SELECT pg_catalog.count(*)
FROM (SELECT customer_value.purchase_history(at, total) FROM shop.orders GROUP BY customer_id) AS h;
SELECT customer_value.define_scheme('attacked', customer_value.scheme_definition('readers'));
SELECT customer_value.define_matrix('attacked', customer_value.matrix_definition('clv_tier'));
SELECT pg_catalog.count(*) FROM customer_value.rfm_scheme_label;
SELECT pg_catalog.count(*) FROM customer_value.matrix_label;
SELECT pg_catalog.count(*) FROM customer_value.check_matrix('attacked');
SELECT customer_value.drop_scheme('attacked'), customer_value.drop_matrix('attacked');
SELECT customer_value.drop_segmentation('shop.attacked'), customer_value.drop_segmentation('shop.gone_too');
RESET search_path;
RESET ROLE;
SELECT * FROM public.seen;

DROP SCHEMA evil CASCADE;
SET client_min_messages = error;
DROP SCHEMA shop, bi CASCADE;
SELECT customer_value.drop_scheme('readers');
DROP FUNCTION public.tries;
DROP OWNED BY cv_owner, cv_member, cv_noinherit, cv_reader, cv_stranger, cv_mallory;
DROP ROLE cv_owner, cv_member, cv_noinherit, cv_reader, cv_stranger, cv_mallory;
