-- The gate to kept histories opens only while nothing else can have changed than what is noted.
\set VERBOSITY terse
\pset null '∅'
SET client_min_messages = warning;
SET search_path = public, customer_value, customer_value_internal;
\getenv abs_srcdir PG_ABS_SRCDIR
\set keeping :abs_srcdir '/sql/include/keeping.sql'
\i :keeping

\set a '''00000000-0000-0000-0000-00000000000a'''
CREATE TABLE orders (id bigint PRIMARY KEY, customer bigint, day date, amount numeric, comment text);
SELECT keeps(:a), why_not_kept(:a), source_fingerprint(:a), touched_count(:a);
SELECT keep(:a, 'orders', '{customer,day,amount}', 'bigint');
SELECT keeps(:a), why_not_kept(:a), source_fingerprint(:a) IS NOT NULL AS has_fingerprint, touched_count(:a);
SELECT refresh(:a), keeps(:a);

-- what closes the gate, and what does not
SELECT refresh(:a), keeps(:a);
INSERT INTO orders (id, customer) VALUES (500, 1);
ANALYZE orders;
CREATE INDEX ON orders (customer);
COMMENT ON TABLE orders IS 'changed';
SELECT keeps(:a), touched_count(:a);
CREATE FUNCTION undone(sql text, id uuid DEFAULT '00000000-0000-0000-0000-00000000000a') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    why text;
    open boolean;
BEGIN
    BEGIN
        EXECUTE sql;
        why := why_not_kept(id);
        EXECUTE format('SELECT keeps(%L)', id) INTO open;
        IF open IS DISTINCT FROM (why IS NULL) THEN why := why || ', but keeps() is ' || open; END IF;
        RAISE division_by_zero;
    EXCEPTION WHEN division_by_zero THEN RETURN regexp_replace(why, '\d{5,9}\M', '…');
    END;
END $$;
\pset format unaligned
SELECT sql, undone(sql) AS why FROM unnest(ARRAY[
    'ALTER TABLE orders DISABLE TRIGGER customer_value_0000000000000000000000000000000a_rows',
    'ALTER TABLE orders ENABLE TRIGGER customer_value_0000000000000000000000000000000a_updates',
    'ALTER TABLE orders DISABLE TRIGGER ALL',
    'DROP TRIGGER customer_value_0000000000000000000000000000000a_updates ON orders',
    'DROP TRIGGER customer_value_0000000000000000000000000000000a_truncate ON orders',
    'ALTER TRIGGER customer_value_0000000000000000000000000000000a_rows ON orders RENAME TO ours',
    'ALTER TABLE orders DISABLE TRIGGER ALL;
     ALTER TABLE orders ENABLE ALWAYS TRIGGER customer_value_0000000000000000000000000000000a_rows,
         ENABLE ALWAYS TRIGGER customer_value_0000000000000000000000000000000a_updates,
         ENABLE ALWAYS TRIGGER customer_value_0000000000000000000000000000000a_truncate',
    'ALTER TABLE orders ALTER comment TYPE varchar(9)',
    'ALTER TABLE orders SET UNLOGGED',
    'CLUSTER orders USING orders_pkey',
    'ALTER TABLE orders_kept SET UNLOGGED',
    'ALTER TABLE orders_touched SET UNLOGGED',
    'TRUNCATE orders_kept',
    'TRUNCATE orders_touched',
    'ALTER TABLE orders ENABLE ROW LEVEL SECURITY',
    'ALTER TABLE orders FORCE ROW LEVEL SECURITY',
    'CREATE TABLE orders_child () INHERITS (orders)',
    'INSERT INTO orders_touched VALUES (NULL)',
    'UPDATE keeping SET fingerprint = NULL',
    'DROP TABLE orders_kept',
    'DROP TABLE orders CASCADE',
    'ALTER TABLE orders RENAME TO bills',
    'ALTER TABLE orders ADD COLUMN more text, OWNER TO cv_writer'
]) AS sql;
\pset format aligned
SELECT keeps(:a), why_not_kept(:a);

-- rights: whoever may read all columns that histories are made of, with and without a right on the table
CREATE ROLE cv_reader;
CREATE VIEW gate AS SELECT current_user, keeps('00000000-0000-0000-0000-00000000000a'), why_not_kept('00000000-0000-0000-0000-00000000000a');
GRANT SELECT ON gate TO cv_reader;
SET ROLE cv_reader;
SELECT * FROM gate;
RESET ROLE;
GRANT SELECT (customer, day) ON orders TO cv_reader;
SET ROLE cv_reader;
SELECT * FROM gate;
RESET ROLE;
GRANT SELECT (amount) ON orders TO cv_reader;
SET ROLE cv_reader;
SELECT * FROM gate;
RESET ROLE;
REVOKE SELECT (customer, day, amount) ON orders FROM cv_reader;
GRANT SELECT ON orders TO cv_reader;
SET ROLE cv_reader;
SELECT * FROM gate;
RESET ROLE;
REVOKE SELECT ON orders FROM cv_reader;
UPDATE keeping SET invoker = false;
SET ROLE cv_reader;
SELECT * FROM gate;
RESET ROLE;
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
SELECT refresh(:a);
ALTER TABLE orders FORCE ROW LEVEL SECURITY;
SELECT refresh(:a);
UPDATE keeping SET invoker = true;
ALTER TABLE orders NO FORCE ROW LEVEL SECURITY;
SELECT refresh(:a);
ALTER TABLE orders DISABLE ROW LEVEL SECURITY;
SELECT refresh(:a);

-- a command that is not through has not noted all: whoever asks from within finds the gate closed, with workers or without
CREATE TABLE asked (who text, open boolean, open_in_parallel boolean);
CREATE TABLE many AS SELECT i FROM generate_series(1, 10000) AS i;
CREATE FUNCTION ask() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    counted bigint;
BEGIN
    SET LOCAL parallel_setup_cost = 0;
    SET LOCAL parallel_tuple_cost = 0;
    SET LOCAL min_parallel_table_scan_size = 0;
    SELECT count(*) INTO counted FROM many WHERE keeps('00000000-0000-0000-0000-00000000000a');
    INSERT INTO asked VALUES (TG_NAME, keeps('00000000-0000-0000-0000-00000000000a'), counted > 0);
    RETURN NEW;
END $$;
CREATE TRIGGER after_row AFTER INSERT ON orders FOR EACH ROW WHEN (NEW.id % 2 = 1) EXECUTE FUNCTION ask();
CREATE TRIGGER before_row BEFORE INSERT ON orders FOR EACH ROW WHEN (NEW.id % 2 = 0) EXECUTE FUNCTION ask();
SELECT refresh(:a);
INSERT INTO orders (id, customer) VALUES (601, 1), (602, 2), (603, 3);
SELECT * FROM asked;
DROP TRIGGER after_row ON orders;
DROP TRIGGER before_row ON orders;
SELECT keeps(:a), notes('orders_touched');
-- within the transaction that has written, workers and leader agree, too; one that wrote something else reads what is kept
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS OFF) SELECT count(*) FROM many WHERE keeps(:a);
SELECT count(*) FROM many WHERE keeps(:a);
CREATE TABLE counted AS SELECT count(*) FROM many WHERE keeps(:a);
SELECT * FROM counted;
BEGIN;
INSERT INTO orders (id, customer) VALUES (604, 1);
SELECT keeps(:a);
SELECT count(*) FROM many WHERE keeps(:a);
SELECT count(*) FROM (SELECT FROM many WHERE keeps(:a) UNION ALL SELECT FROM many WHERE NOT keeps(:a)) AS arms;
ROLLBACK;
SELECT count(*) FROM (SELECT FROM many WHERE keeps(:a) UNION ALL SELECT FROM many WHERE NOT keeps(:a)) AS arms;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;

-- all parts of a query get one answer, each query its own
BEGIN;
DECLARE arms CURSOR FOR SELECT 'kept' AS arm FROM generate_series(1, 2) WHERE keeps(:a)
    UNION ALL SELECT 'live' FROM generate_series(1, 2) WHERE NOT keeps(:a);
FETCH 1 FROM arms;
ALTER TABLE orders_kept SET UNLOGGED;
SELECT keeps(:a);
FETCH ALL FROM arms;
ROLLBACK;
PREPARE asks AS SELECT keeps(:a);
EXECUTE asks;
BEGIN;
INSERT INTO orders_touched VALUES (NULL);
EXECUTE asks;
DO $$
BEGIN
    ASSERT NOT keeps('00000000-0000-0000-0000-00000000000a');
    DELETE FROM orders_touched;
    ASSERT keeps('00000000-0000-0000-0000-00000000000a');
END $$;
EXECUTE asks;
ROLLBACK;
BEGIN READ ONLY;
SELECT keeps(:a), why_not_kept(:a), touched_count(:a);
COMMIT;

-- partitions, three levels, with columns in another order
\set b '''00000000-0000-0000-0000-00000000000b'''
CREATE TABLE sales (day date, customer uuid, amount numeric) PARTITION BY RANGE (day);
CREATE TABLE sales_25 PARTITION OF sales FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE sales_26 (gone int, amount numeric, day date, customer uuid) PARTITION BY LIST (customer);
ALTER TABLE sales_26 DROP gone;
CREATE TABLE sales_26_all (customer uuid, gone text, amount numeric, day date);
ALTER TABLE sales_26_all DROP gone;
ALTER TABLE sales_26 ATTACH PARTITION sales_26_all DEFAULT;
ALTER TABLE sales ATTACH PARTITION sales_26 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
SELECT keep(:b, 'sales', '{customer,day,amount}', 'uuid');
SELECT refresh(:b), keeps(:b);
INSERT INTO sales SELECT day, repeat(n::text, 32)::uuid, 1 FROM generate_series(1, 3) AS n,
    unnest('{2025-05-05,2026-05-05}'::date[]) AS day;
SELECT notes('sales_touched');
INSERT INTO sales_26_all (customer, day) VALUES (repeat('4', 32)::uuid, '2026-05-05');
INSERT INTO sales_26 (customer, day) VALUES (repeat('5', 32)::uuid, '2026-05-05');
UPDATE sales SET amount = 2 WHERE customer = repeat('1', 32)::uuid AND day < '2026-01-01';
DELETE FROM sales_26_all WHERE customer = repeat('2', 32)::uuid;
SELECT notes('sales_touched');
-- an update that moves a row to another partition
UPDATE sales SET day = '2026-02-02' WHERE customer = repeat('3', 32)::uuid AND day < '2026-01-01';
SELECT notes('sales_touched');
SELECT refresh(:b), keeps(:b);
\pset format unaligned
SELECT sql, undone(sql, :b) AS why FROM unnest(ARRAY[
    'TRUNCATE sales_26_all',
    'TRUNCATE ONLY sales_25',
    'CREATE TABLE sales_27 PARTITION OF sales FOR VALUES FROM (''2027-01-01'') TO (''2028-01-01'')',
    'ALTER TABLE sales DETACH PARTITION sales_25',
    'ALTER TABLE sales_26 DETACH PARTITION sales_26_all',
    'ALTER TABLE sales DETACH PARTITION sales_25;
     ALTER TABLE sales ATTACH PARTITION sales_25 FOR VALUES FROM (''2025-01-01'') TO (''2026-01-01'')',
    'DROP TABLE sales_25',
    'ALTER TABLE sales_25 DISABLE TRIGGER customer_value_0000000000000000000000000000000b_rows',
    'ALTER TABLE sales_26 DISABLE TRIGGER customer_value_0000000000000000000000000000000b_rows',
    'CREATE UNLOGGED TABLE sales_27 PARTITION OF sales FOR VALUES FROM (''2027-01-01'') TO (''2028-01-01'')',
    'ALTER TABLE sales_25 ENABLE ROW LEVEL SECURITY',
    'SELECT'
]) AS sql;
\pset format aligned
-- detached while readers go on, and attached again
ALTER TABLE sales DETACH PARTITION sales_25 CONCURRENTLY;
SELECT why_not_kept(:b);
SELECT refresh(:b);
ALTER TABLE sales ATTACH PARTITION sales_25 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
SELECT why_not_kept(:b);
SELECT refresh(:b);

-- children by inheritance
\set c '''00000000-0000-0000-0000-00000000000c'''
CREATE TABLE visits (day date, customer text, amount numeric);
CREATE TABLE visits_old (kind text) INHERITS (visits);
SELECT keep(:c, 'visits', '{customer,day,amount}', 'text');
SELECT refresh(:c), keeps(:c);
INSERT INTO visits VALUES ('2026-01-01', 'one');
INSERT INTO visits_old VALUES ('2026-01-01', 'two', 1, 'x');
UPDATE visits SET amount = 3;
SELECT notes('visits_touched');
TRUNCATE ONLY visits_old;
SELECT why_not_kept(:c);
SELECT refresh(:c);
CREATE TABLE visits_new () INHERITS (visits);
SELECT why_not_kept(:c);
SELECT refresh(:c);
SELECT make_triggers(:c, 'visits_new', '{customer,day,amount}');
SELECT refresh(:c);
-- no child for a while: what happened then nobody knows
ALTER TABLE visits_new NO INHERIT visits;
SELECT why_not_kept(:c);
INSERT INTO visits_new VALUES ('2026-01-01', 'three');
SELECT notes('visits_touched');
ALTER TABLE visits_new INHERIT visits;
SELECT why_not_kept(:c);

-- without notes: as of the last refresh, whatever happened to the source since
\set d '''00000000-0000-0000-0000-00000000000d'''
CREATE VIEW some_orders AS SELECT * FROM orders;
SELECT keep(:d, 'some_orders', '{customer,day,amount}', 'bigint', notes => false);
SELECT refresh(:d), keeps(:d), touched_count(:d);
INSERT INTO orders (id, customer) VALUES (700, 1);
TRUNCATE orders;
SELECT keeps(:d);
TRUNCATE some_orders_kept;
SELECT why_not_kept(:d);
SELECT refresh(:d);
GRANT SELECT ON some_orders TO cv_reader;
CREATE VIEW gate_d AS SELECT keeps('00000000-0000-0000-0000-00000000000d'), why_not_kept('00000000-0000-0000-0000-00000000000d');
GRANT SELECT ON gate_d TO cv_reader;
SET ROLE cv_reader;
SELECT * FROM gate_d;
RESET ROLE;
ALTER VIEW some_orders SET (security_invoker = true);
SET ROLE cv_reader;
SELECT * FROM gate_d;
RESET ROLE;
SELECT keeps(:d);

DROP OWNED BY cv_reader, cv_writer;
DROP ROLE cv_reader, cv_writer;
