-- Who may do what to that which the extension keeps: roles read it; functions write it, for members of the right role.
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
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO PUBLIC;
GRANT EXECUTE ON FUNCTION public.fails, public.tries TO PUBLIC;
CREATE ROLE cv_team;
CREATE ROLE cv_other;
CREATE ROLE cv_connect;
GRANT USAGE, CREATE ON SCHEMA shop TO cv_team, cv_other;
GRANT SELECT ON shop.orders TO cv_team, cv_other;
SET ROLE cv_team;
SELECT define_scheme('ours', '{"bins": 2, "segments": [
    {"code": "recent", "ranges": [{"recency": 2}], "labels": {"en": "Recent"}}, {"code": "rest", "ranges": [{"recency": 1}]}]}');
SELECT create_segmentation('shop.seg', 'shop.orders', 'customer_id', 'at', 'total', '{"scheme": "ours"}');
RESET ROLE;
SELECT id FROM segmentation \gset

-- what a role with CONNECT alone can do to it: read ----------------------------------------------------------------
CREATE TEMP TABLE attack AS
SELECT * FROM unnest(ARRAY[
    'INSERT INTO segmentation SELECT * FROM segmentation', 'UPDATE segmentation SET options = ''{}''',
    'DELETE FROM segmentation', 'TRUNCATE segmentation', 'SELECT count(*) FROM (SELECT FROM segmentation FOR UPDATE) AS s',
    'SELECT count(*) FROM (SELECT FROM segmentation FOR KEY SHARE) AS s',
    'LOCK TABLE segmentation IN ACCESS EXCLUSIVE MODE', 'LOCK TABLE training IN SHARE MODE',
    'LOCK TABLE definition IN ROW EXCLUSIVE MODE',
    'INSERT INTO training SELECT * FROM training', 'UPDATE training SET newest = false', 'DELETE FROM training',
    'INSERT INTO definition SELECT * FROM definition', 'UPDATE definition SET document = ''{}''', 'DELETE FROM definition',
    'CREATE TRIGGER t BEFORE INSERT ON training FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()',
    'CREATE RULE r AS ON INSERT TO training DO NOTHING', 'ALTER TABLE training ENABLE ROW LEVEL SECURITY',
    'CREATE INDEX ON training (number)', 'COMMENT ON TABLE training IS ''x''',
    'INSERT INTO rfm_scheme (scheme) VALUES (''x'')', 'UPDATE matrix_label SET label = ''x''',
    'CREATE FUNCTION customer_value.f() RETURNS int LANGUAGE sql AS ''SELECT 1''',
    'CREATE FUNCTION customer_value_internal.f() RETURNS int LANGUAGE sql AS ''SELECT 1''',
    'SELECT define_scheme(''mine'', scheme_definition(''eight''))', 'SELECT define_scheme(''ours'', scheme_definition(''eight''))',
    'SELECT drop_scheme(''ours'')', 'SELECT reword_matrix(''growth'', ''{}'')', 'SELECT reword_scheme(''standard'', NULL)',
    'SELECT train_segmentation(''shop.seg'')', 'SELECT alter_segmentation(''shop.seg'', train => false)',
    'SELECT drop_segmentation(''shop.seg'')',
    'SELECT create_segmentation(''pg_temp.seg'', ''shop.orders'', ''customer_id'', ''at'')'
]) WITH ORDINALITY AS a (statement, place);
GRANT SELECT ON attack TO PUBLIC;
SET ROLE cv_connect;
SELECT tries(statement), statement FROM attack ORDER BY place;
-- a view of its own that says it is that of the segmentation
SELECT format('CREATE TEMP VIEW fake AS SELECT t.* FROM (SELECT %L::uuid AS segmentation_id) AS one '
              'LEFT JOIN customer_value.training AS t ON t.segmentation = one.segmentation_id AND t.newest', :'id') AS fake \gset
:fake;
SELECT fails('SELECT drop_segmentation(''pg_temp.fake'')');
SELECT view, state, owner FROM segmentations;
SELECT scheme, owner, builtin FROM rfm_scheme ORDER BY builtin, scheme;
RESET ROLE;

-- another team, with a schema of its own to create in, neither -----------------------------------------------------------
SET ROLE cv_other;
SELECT tries(statement), statement FROM attack WHERE place BETWEEN 25 AND 32 ORDER BY place;
SELECT drop_scheme('mine');
CREATE VIEW shop.copy AS SELECT t.* FROM (SELECT :'id'::uuid AS segmentation_id) AS one
LEFT JOIN customer_value.training AS t ON t.segmentation = one.segmentation_id AND t.newest;
SELECT fails('SELECT drop_segmentation(''shop.copy'')'), fails('SELECT train_segmentation(''shop.copy'')');
RESET ROLE;
-- not even where the view is gone: the name is free, what is left belongs to those whose it was
DROP VIEW shop.seg CASCADE;
SET ROLE cv_other;
SELECT fails('SELECT drop_segmentation(''shop.seg'')');
SELECT view, state, owner FROM segmentations;
SELECT create_segmentation('shop.seg', 'shop.orders', 'customer_id', 'at', 'total');
SELECT view, state, owner, newest_training, options FROM segmentations ORDER BY owner;
SELECT drop_segmentation('shop.seg');
-- a view of the same name with the id of another's is no way in
DROP VIEW shop.copy;
CREATE VIEW shop.seg AS SELECT t.* FROM (SELECT :'id'::uuid AS segmentation_id) AS one
LEFT JOIN customer_value.training AS t ON t.segmentation = one.segmentation_id AND t.newest;
SELECT fails('SELECT drop_segmentation(''shop.seg'')'), fails('SELECT train_segmentation(''shop.seg'')'),
       fails('SELECT create_segmentation(''shop.seg'', ''shop.orders'', ''customer_id'', ''at'', ''total'')');
SELECT view, state, owner FROM segmentations;
DROP VIEW shop.seg;
RESET ROLE;
SET ROLE cv_team;
SELECT create_segmentation('shop.seg', 'shop.orders', 'customer_id', 'at', 'total');
SELECT view, state, owner, newest_training, options FROM segmentations;
RESET ROLE;

-- a role that is renamed keeps what is its own; a member that does not inherit is told so --------------------------------------
ALTER ROLE cv_team RENAME TO cv_crew;
CREATE ROLE cv_job NOINHERIT;
GRANT cv_crew TO cv_job;
GRANT USAGE ON SCHEMA shop TO cv_job;
SET ROLE cv_job;
SELECT fails('SELECT train_segmentation(''shop.seg'')');
SET ROLE cv_crew;
SELECT train_segmentation('shop.seg');
SELECT scheme, owner FROM rfm_scheme WHERE NOT builtin;
SELECT define_scheme('ours', '{"bins": 2, "description": "again", "segments": [
    {"code": "recent", "ranges": [{"recency": 2}], "labels": {"en": "Fresh"}}, {"code": "rest", "ranges": [{"recency": 1}]}]}');
SELECT view, owner, newest_training FROM segmentations;
RESET ROLE;
-- the view given away by hand is the new owner's
ALTER VIEW shop.seg OWNER TO cv_other;
SET ROLE cv_crew;
SELECT fails('SELECT train_segmentation(''shop.seg'')');
SET ROLE cv_other;
SELECT fails('SELECT alter_segmentation(''shop.seg'')');
RESET ROLE;
SELECT alter_segmentation('shop.seg');
SET ROLE cv_other;
SELECT train_segmentation('shop.seg');
SELECT view, owner, newest_training FROM segmentations;
SELECT fails('SELECT define_scheme(''ours'', scheme_definition(''eight''))'), fails('SELECT drop_scheme(''ours'')');
RESET ROLE;
-- a role that is gone: superusers keep the house
SET ROLE cv_other;
SELECT drop_segmentation('shop.seg');
RESET ROLE;
DROP OWNED BY cv_crew, cv_other, cv_job, cv_connect;
DROP ROLE cv_job, cv_crew, cv_other, cv_connect;
SELECT scheme, owner FROM rfm_scheme WHERE NOT builtin;
SELECT drop_scheme('ours');

-- privileges that a hardened database does not give by default --------------------------------------------------------------------
CREATE ROLE cv_reader;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC;
DROP EXTENSION customer_value CASCADE;
CREATE EXTENSION customer_value;
SELECT create_segmentation('shop.seg', 'shop.orders', 'customer_id', 'at', 'total', '{"as_of": "latest"}');
SELECT create_segmentation('shop.bound', 'shop.orders', 'customer_id', 'at', 'total', '{"as_of": "latest", "bind": "name"}');
GRANT USAGE ON SCHEMA shop TO cv_reader;
GRANT SELECT ON shop.orders, shop.seg, shop.bound TO cv_reader;
SET ROLE cv_reader;
SELECT (SELECT count(rfm_segment) FROM shop.seg), (SELECT count(*) FROM shop.seg_of(4)), (SELECT count(clv) FROM shop.bound),
       (SELECT count(*) FROM shop.bound_of(4)), (SELECT count(*) FROM segment_report('shop.seg')),
       (SELECT count(*) FROM segmentations), (SELECT count(*) FROM matrix);
SELECT count(*), max(order_count(h)) FROM (SELECT purchase_history(at, total) AS h FROM shop.orders GROUP BY customer_id) AS c;
CREATE TEMP TABLE kept AS SELECT purchase_history(at, total) AS h FROM shop.orders;
RESET ROLE;
ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC;
ALTER DEFAULT PRIVILEGES GRANT USAGE ON TYPES TO PUBLIC;
-- what an owner takes away stays away
REVOKE EXECUTE ON FUNCTION shop.seg_of FROM PUBLIC;
SELECT alter_segmentation('shop.seg', '{"language": "zh"}');
SET ROLE cv_reader;
SELECT fails('SELECT count(*) FROM shop.seg_of(4)');
RESET ROLE;
SELECT drop_segmentation(view) FROM segmentations;
DROP OWNED BY cv_reader;
DROP ROLE cv_reader;
DROP SCHEMA shop CASCADE;
DROP FUNCTION public.fails, public.tries, public.plan_of, public.differ;
GRANT ALL ON SCHEMA public TO PUBLIC;
