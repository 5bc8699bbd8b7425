-- Who reads kept histories: never a row that the reader may not read from the orders; and sources that cannot be noted.
\pset format unaligned
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE SCHEMA k45;
CREATE FUNCTION k45.differences(a text, b text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE n bigint; cols text;
BEGIN
  SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO cols FROM pg_attribute
  WHERE attrelid = a::regclass AND attnum > 0 AND attname NOT IN ('trained_at', 'kept_at');
  EXECUTE format('SELECT count(*) FROM ((SELECT %1$s FROM %2$s EXCEPT ALL SELECT %1$s FROM %3$s) UNION ALL
                                        (SELECT %1$s FROM %3$s EXCEPT ALL SELECT %1$s FROM %2$s)) AS d', cols, a, b) INTO n;
  RETURN n;
EXCEPTION WHEN insufficient_privilege THEN RETURN SQLERRM;
END $$;
CREATE ROLE k45_nobody; CREATE ROLE k45_some; CREATE ROLE k45_all; CREATE ROLE k45_writer; CREATE ROLE k45_owner;
GRANT USAGE ON SCHEMA k45 TO PUBLIC; GRANT CREATE ON SCHEMA k45 TO k45_owner;
SET ROLE k45_owner;
CREATE TABLE k45.orders (id integer, customer_id bigint, ordered_at date, total numeric, tenant text DEFAULT 'a');
CREATE INDEX ON k45.orders (customer_id);
INSERT INTO k45.orders SELECT g, g % 20, date '2025-01-01' + g, g, CASE WHEN g % 20 < 10 THEN 'a' ELSE 'b' END FROM generate_series(1, 100) AS g;
SELECT customer_value.create_segmentation('k45.' || name, 'k45.orders', 'customer_id', 'ordered_at', 'total', options::jsonb)
FROM (VALUES ('live', '{"as_of": "2025-06-30"}'), ('seg', '{"as_of": "2025-06-30", "keep": true}'),
             ('live_own', '{"as_of": "2025-06-30", "security_invoker": false}'),
             ('seg_own', '{"as_of": "2025-06-30", "security_invoker": false, "keep": true}')) AS v (name, options);
SELECT customer_value.refresh_segmentation('k45.seg'), customer_value.refresh_segmentation('k45.seg_own');
GRANT SELECT ON k45.live, k45.seg, k45.live_own, k45.seg_own TO PUBLIC;
GRANT SELECT (customer_id) ON k45.orders TO k45_some;
GRANT SELECT (customer_id, ordered_at, total) ON k45.orders TO k45_all;
GRANT INSERT ON k45.orders TO k45_writer;
RESET ROLE;

-- a function that tells what it sees
CREATE FUNCTION k45.leak(anyelement) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$
BEGIN RAISE WARNING 'leaked %', $1::text; RETURN true; END $$;
CREATE FUNCTION k45.seen() RETURNS TABLE (live text, own text, kept bigint, touched bigint, holds boolean)
    LANGUAGE sql AS $$
    SELECT k45.differences('k45.live', 'k45.seg'), k45.differences('k45.live_own', 'k45.seg_own'),
           (SELECT count(*) FROM k45.seg_kept_now WHERE k45.leak(customer)), (SELECT count(*) FROM k45.seg_touched_now),
           (SELECT customer_value_internal.keeps(id) FROM customer_value.segmentations WHERE view = 'k45.seg')
$$;
SET ROLE k45_nobody; SELECT * FROM k45.seen();
SELECT count(*) FROM k45.seg_kept;
SELECT 1 FROM k45.live AS l LEFT JOIN k45.seg_kept_now AS k ON k45.leak(k.history) LIMIT 1;
SELECT 1 FROM (VALUES (1)) AS l LEFT JOIN k45.seg_kept_now AS k ON k45.leak(k.history);
SELECT reason FROM customer_value.keeping('k45.seg');
SET ROLE k45_some; SELECT * FROM k45.seen();
SELECT reason FROM customer_value.keeping('k45.seg');
SET client_min_messages = error;
SET ROLE k45_all; SELECT * FROM k45.seen();
DELETE FROM k45.seg_kept;
INSERT INTO k45.seg_touched VALUES (1);
TRUNCATE k45.seg_touched;
-- who writes orders needs no right but that
SET ROLE k45_writer;
INSERT INTO k45.orders VALUES (101, 3, '2025-05-05', 7);
SET ROLE k45_all; SELECT * FROM k45.seen();
RESET ROLE; SELECT * FROM k45.seen();
-- row-level security
SET ROLE k45_owner;
ALTER TABLE k45.orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY one ON k45.orders FOR SELECT TO k45_all USING (tenant = 'a');
RESET ROLE; GRANT SELECT (tenant) ON k45.orders TO k45_all;
SET ROLE k45_all; SELECT * FROM k45.seen(); SELECT count(*) FROM k45.seg; SELECT count(*) FROM k45.seg_own;
SELECT reason FROM customer_value.keeping('k45.seg');
SET row_security = off;
SELECT count(*) FROM k45.seg_own;
RESET row_security;
RESET ROLE;
ALTER TABLE k45.orders DISABLE ROW LEVEL SECURITY;
SELECT reason FROM customer_value.keeping('k45.seg');
SET ROLE k45_owner;
SELECT customer_value.refresh_segmentation('k45.seg');
RESET ROLE;
SELECT holds, reason, notes FROM customer_value.keeping('k45.seg');

-- what cannot be noted
CREATE VIEW k45.orders_view AS SELECT * FROM k45.orders;
CREATE UNLOGGED TABLE k45.unlogged AS SELECT * FROM k45.orders;
SELECT customer_value.create_segmentation('k45.no', 'k45.orders_view', 'customer_id', 'ordered_at', 'total', '{"keep": true}');
SELECT customer_value.create_segmentation('k45.no', 'k45.unlogged', 'customer_id', 'ordered_at', 'total', '{"keep": true}');
SELECT customer_value.create_segmentation('k45.no', 'k45.unlogged', 'customer_id', 'ordered_at', 'total', '{"keep": "yes"}');
SELECT customer_value.create_segmentation('k45.then', 'k45.orders_view', 'customer_id', 'ordered_at', 'total',
                                          '{"as_of": "2025-06-30", "keep": "refreshed"}');
SELECT count(*), bool_and(kept_at = now()) FROM k45."then";
SELECT customer_value.refresh_segmentation('k45.then');
INSERT INTO k45.orders VALUES (102, 500, '2025-05-05', 7);
SELECT count(*), bool_and(kept_at < now()) FROM k45."then";
SELECT customer_value.refresh_segmentation('k45.then');
SELECT count(*), bool_and(kept_at < now()) FROM k45."then";
SELECT keep, holds, reason, notes FROM customer_value.keeping('k45.then');
SELECT obj_description('k45.then'::regclass);
SELECT customer_value.alter_segmentation('k45.then', '{"keep": null}', train => false);
SELECT count(*) FROM k45."then";
SELECT customer_value.refresh_segmentation('k45.then');
-- somebody else's
SET ROLE k45_all;
SELECT customer_value.refresh_segmentation('k45.seg');
RESET ROLE;
GRANT SELECT ON k45.orders TO k45_writer; GRANT CREATE ON SCHEMA k45 TO k45_writer;
SET ROLE k45_writer;
SELECT customer_value.create_segmentation('k45.mine', 'k45.orders', 'customer_id', 'ordered_at', 'total', '{"keep": true}');
RESET ROLE;
BEGIN READ ONLY;
SELECT k45.differences('k45.live_own', 'k45.seg_own');
SELECT customer_value.refresh_segmentation('k45.seg');
ROLLBACK;
DROP SCHEMA k45 CASCADE;
SELECT count(*) FROM customer_value.keeping AS q WHERE EXISTS (SELECT FROM pg_class AS c WHERE c.oid = q.kept_oid);
DROP ROLE k45_nobody, k45_some, k45_all, k45_writer, k45_owner;
