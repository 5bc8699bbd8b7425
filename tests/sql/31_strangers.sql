-- What others put beside a segmentation is never taken for a part of it: functions, views, names.
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
CREATE ROLE cv_eve;
CREATE ROLE cv_alice;
CREATE SCHEMA eve AUTHORIZATION cv_eve;
GRANT USAGE ON SCHEMA shop TO cv_eve;
GRANT USAGE, CREATE ON SCHEMA shop TO cv_alice;
GRANT SELECT ON shop.orders TO cv_alice;
CREATE FUNCTION public.made(view text, options jsonb DEFAULT NULL) RETURNS regclass LANGUAGE sql AS $$
    SELECT customer_value.create_segmentation(view, 'shop.orders', 'customer_id', 'at', 'total', options)
$$;
-- Who owns the functions whose names begin alike, and whether they have rights of their own.
CREATE VIEW public.functions AS
SELECT oid::regprocedure::text AS function, proowner::regrole <> current_user::regrole AS of_others, prosecdef
FROM pg_proc WHERE pronamespace IN ('shop'::regnamespace, 'eve'::regnamespace) AND proname ~ '^(seg|two|p$)'
ORDER BY 1;

-- a function that says it is the one beside the view ---------------------------------------------------------------
SELECT made('shop.seg');
SELECT id FROM segmentations \gset
ALTER VIEW shop.seg RENAME TO two;
SET ROLE cv_eve;
CREATE FUNCTION eve.evil() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'evil runs as %', CASE current_user WHEN 'cv_eve' THEN 'herself' ELSE 'somebody else' END;
END $$;
CREATE FUNCTION eve.two_of(x text) RETURNS SETOF shop.two LANGUAGE sql SECURITY DEFINER
BEGIN ATOMIC
    SELECT v.* FROM shop.two AS v WHERE eve.evil() AND :'id'::uuid IS NOT NULL;
END;
CREATE FUNCTION eve.two_of(customer bigint) RETURNS SETOF shop.two LANGUAGE sql
BEGIN ATOMIC
    SELECT v.* FROM shop.two AS v WHERE eve.evil() AND :'id'::uuid IS NOT NULL;
END;
RESET ROLE;
SELECT alter_segmentation('shop.two', '{"bins": 5}');
SELECT * FROM public.functions;
-- nor does it stop a drop, for all that the view's own function is gone
DROP FUNCTION shop.two_of(bigint);
SELECT alter_segmentation('shop.two', '{"bins": 5}');
SELECT * FROM public.functions;
DROP FUNCTION eve.two_of(text), eve.two_of(bigint);

-- functions that say they read for the view ------------------------------------------------------------------------------
GRANT CREATE ON SCHEMA shop TO cv_eve;
SET ROLE cv_eve;
SELECT format('CREATE FUNCTION shop.two_orders() RETURNS TABLE (customer_id int8, at timestamptz, total numeric) '
              'LANGUAGE sql STABLE AS %L', E'-- the orders of segmentation shop.two, id ' || :'id'
              || E'\nSELECT 1::int8, now(), 1::numeric WHERE eve.evil()') AS planted \gset
:planted;
SELECT format('CREATE PROCEDURE eve.p() LANGUAGE sql AS %L', E'-- the orders of segmentation shop.two, id ' || :'id'
              || E'\nSELECT 1') AS planted \gset
:planted;
RESET ROLE;
SELECT fails('SELECT alter_segmentation(''shop.two'', ''{"bind": "name"}'')');
DROP FUNCTION shop.two_orders();
SELECT alter_segmentation('shop.two', '{"bind": "name"}');
DROP VIEW shop.two CASCADE;
SELECT drop_segmentation('shop.two');
SELECT * FROM public.functions;
DROP PROCEDURE eve.p();

-- a view given away: its functions follow with the next training, and nothing is read through those of the old owner --------
SET ROLE cv_alice;
SELECT made('shop.seg', '{"bind": "name"}');
RESET ROLE;
ALTER VIEW shop.seg OWNER TO CURRENT_USER;
SELECT train_segmentation('shop.seg');
SELECT * FROM public.functions;
SELECT count(*) > 40 AS reads FROM shop.seg;

-- a row without its view, as restored without a schema: a stranger's view of its name and id is not it ------------------------
SELECT id FROM segmentations \gset
DROP VIEW shop.seg CASCADE;
UPDATE segmentation SET place = 'elsewhere/1', owner = 'cv_alice', owner_oid = 1, view = 'eve.segments';
SET ROLE cv_eve;
CREATE VIEW eve.segments AS SELECT :'id'::uuid AS segmentation_id FROM training;
SELECT view, state, owner FROM segmentations;
SELECT fails('SELECT drop_segmentation(''eve.segments'')'), fails('SELECT train_segmentation(''eve.segments'')');
RESET ROLE;
SELECT count(*) AS rows, (SELECT count(*) FROM training) AS trainings FROM segmentation;
-- restored without owners, the view is that of who restored it, even if the role is not there
UPDATE segmentation SET owner = 'cv_nobody';
DROP VIEW eve.segments;
CREATE VIEW eve.segments AS SELECT :'id'::uuid AS segmentation_id FROM training;
SELECT view, state FROM segmentations;
DROP VIEW eve.segments;
-- something else has the name: what is left is dropped all the same
CREATE TABLE eve.segments (x int);
SELECT drop_segmentation('eve.segments');
SELECT fails('SELECT drop_segmentation(''eve.segments'')');
SELECT count(*) AS rows, (SELECT count(*) FROM training) AS trainings FROM segmentation;

-- circles through the tables of options, and those that come about later ----------------------------------------------------------
CREATE TABLE shop.cust AS SELECT i::bigint AS customer_id, i % 3 AS size FROM generate_series(0, 100) AS i;
SELECT made('shop.a', '{"bind": "name", "customers": {"source": "shop.cust", "customer": "customer_id"}}');
SELECT made('shop.b', '{"bind": "name", "customers": {"source": "shop.a", "customer": "customer_id"}}');
SELECT fails('SELECT alter_segmentation(''shop.a'', ''{"customers": {"source": "shop.b", "customer": "customer_id"}}'')');
DROP TABLE shop.cust;
CREATE VIEW shop.cust AS SELECT customer_id FROM shop.b;
SELECT fails('SELECT train_segmentation(''shop.a'')');
DROP VIEW shop.cust;
SELECT drop_segmentation('shop.b');
SELECT drop_segmentation('shop.a');

-- numbers of type real turn into others without being rounded --------------------------------------------------------------------------
CREATE TABLE shop.reals AS SELECT customer_id, at, total::real AS total FROM shop.orders WHERE at IS NOT NULL;
SELECT create_segmentation('shop.real', 'shop.reals', 'customer_id', 'at', 'total', '{"bind": "name", "as_of": "latest"}');
SELECT create_segmentation('shop.same', 'shop.reals', 'customer_id', 'at', 'total', '{"as_of": "latest"}');
SELECT count(*) AS different FROM shop.real AS r FULL JOIN shop.same AS s USING (customer_id)
WHERE (r.revenue, r.clv, r.rfm_segment) IS DISTINCT FROM (s.revenue, s.clv, s.rfm_segment);
SELECT drop_segmentation('shop.same');
ALTER TABLE shop.reals ALTER total TYPE numeric USING 16777217.25;
SELECT sum(revenue) = (SELECT sum(total) FROM shop.reals WHERE customer_id IS NOT NULL) AS exact FROM shop.real;
SELECT drop_segmentation('shop.real');

DROP VIEW public.functions;
DROP SCHEMA shop, eve CASCADE;
DROP OWNED BY cv_eve, cv_alice;
DROP ROLE cv_eve, cv_alice;
DROP FUNCTION public.made, public.fails, public.tries, public.plan_of, public.differ;
