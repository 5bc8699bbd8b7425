-- Triggers note the customer of every changed row, and the gate opens only while nothing else can have changed.
\set VERBOSITY terse
\pset null '∅'
SET client_min_messages = warning;
SET search_path = public, customer_value, customer_value_internal;

-- What create_segmentation does for option "keep", by hand: tables beside the source, its row, its triggers.
CREATE FUNCTION keep(id uuid, source regclass, used text[], customer_type text, invoker boolean DEFAULT true,
                     notes boolean DEFAULT true) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text := (SELECT relname FROM pg_class WHERE oid = source);
    child regclass;
BEGIN
    EXECUTE format('CREATE TABLE %I (customer %s)', name || '_kept', customer_type);
    EXECUTE format('CREATE TABLE %I (customer %s)', name || '_touched', customer_type);
    EXECUTE format('CREATE INDEX ON %I (customer)', name || '_touched');
    INSERT INTO keeping (segmentation, place, source_oid, kept_oid, touched_oid, columns, invoker, view_oid)
    SELECT id, this_place(), source, (name || '_kept')::regclass,
           CASE WHEN notes THEN (name || '_touched')::regclass END,
           ARRAY(SELECT attnum FROM unnest(used) WITH ORDINALITY AS u (name, place)
                 JOIN pg_attribute ON attrelid = source AND attname = u.name ORDER BY place), invoker,
           (name || '_kept')::regclass;
    IF NOT notes THEN RETURN; END IF;
    PERFORM make_triggers(id, source, used);
    FOR child IN SELECT inhrelid FROM pg_inherits JOIN pg_class AS c ON c.oid = inhrelid
                 WHERE inhparent = source AND NOT relispartition LOOP
        PERFORM make_triggers(id, child, used);
    END LOOP;
END $$;
CREATE FUNCTION make_triggers(id uuid, source regclass, used text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text := 'customer_value_' || replace(id::text, '-', '');
    changed text := (SELECT string_agg(format('OLD.%I IS DISTINCT FROM NEW.%1$I', u), ' OR ') FROM unnest(used) AS u);
BEGIN
    EXECUTE format('CREATE TRIGGER %s_rows AFTER INSERT OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION '
                   'customer_value_internal.note_change(%L)', name, source, id);
    EXECUTE format('CREATE TRIGGER %s_updates AFTER UPDATE ON %s FOR EACH ROW WHEN (%s) EXECUTE FUNCTION '
                   'customer_value_internal.note_change(%L)', name, source, changed, id);
    EXECUTE format('CREATE TRIGGER %s_truncate AFTER TRUNCATE ON %s EXECUTE FUNCTION '
                   'customer_value_internal.note_truncate(%L)', name, source, id);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %s_rows, ENABLE ALWAYS TRIGGER %2$s_updates, '
                   'ENABLE ALWAYS TRIGGER %2$s_truncate', source, name);
END $$;
-- What refresh_segmentation does: all is kept as of now.
CREATE FUNCTION refresh(id uuid) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE coalesce((SELECT format('DELETE FROM %s', touched_oid::regclass) FROM keeping
                      WHERE segmentation = id AND touched_oid IS NOT NULL), 'SELECT');
    UPDATE keeping SET fingerprint = source_fingerprint(id) WHERE segmentation = id;
    RETURN why_not_kept(id);
END $$;
-- The notes of a table, which are forgotten then.
CREATE FUNCTION notes(touched regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    EXECUTE format('SELECT string_agg(coalesce(customer::text, ''all''), '' '' ORDER BY customer) FROM %s', touched)
        INTO found;
    EXECUTE format('DELETE FROM %s', touched);
    RETURN found;
END $$;

\set a '''00000000-0000-0000-0000-00000000000a'''
CREATE TABLE orders (id bigint PRIMARY KEY, customer bigint, day date, amount numeric, comment text);
SELECT keeps(:a), why_not_kept(:a), source_fingerprint(:a), touched_count(:a);
SELECT keep(:a, 'orders', '{customer,day,amount}', 'bigint');
SELECT keeps(:a), why_not_kept(:a), source_fingerprint(:a) IS NOT NULL AS has_fingerprint, touched_count(:a);
SELECT refresh(:a), keeps(:a);

-- every change is noted, once a transaction, with both customers; what is not used is not
INSERT INTO orders SELECT i, i % 3, '2026-01-01', 1 FROM generate_series(1, 9) AS i;
SELECT notes('orders_touched');
BEGIN;
INSERT INTO orders VALUES (10, 7, '2026-01-01', 1);
INSERT INTO orders VALUES (11, 7, '2026-01-01', 1), (12, NULL, '2026-01-01', 1);
SELECT touched_count(:a);
COMMIT;
INSERT INTO orders VALUES (13, 7, '2026-01-01', 1);
SELECT notes('orders_touched');
UPDATE orders SET customer = 8 WHERE id = 13;
SELECT notes('orders_touched');
UPDATE orders SET comment = 'later', amount = amount;
SELECT notes('orders_touched');
UPDATE orders SET amount = 2 WHERE id IN (1, 2);
SELECT notes('orders_touched');
UPDATE orders SET customer = NULL WHERE id = 13;
SELECT notes('orders_touched');
DELETE FROM orders WHERE id = 3;
SELECT notes('orders_touched');
INSERT INTO orders VALUES (1, 99, '2026-01-01', 1) ON CONFLICT DO NOTHING;
INSERT INTO orders VALUES (1, 99, '2026-01-01', 1) ON CONFLICT (id) DO UPDATE SET amount = 5;
SELECT notes('orders_touched');
MERGE INTO orders AS o USING (VALUES (2, 20), (77, 21)) AS n (id, customer) ON o.id = n.id
    WHEN MATCHED THEN UPDATE SET customer = n.customer
    WHEN NOT MATCHED THEN INSERT (id, customer, day) VALUES (n.id, n.customer, '2026-01-01');
SELECT notes('orders_touched');
COPY orders (id, customer) FROM stdin;
100	50
101	51
102	50
\.
SELECT notes('orders_touched');

-- what is rolled back is noted again, and nothing twice
BEGIN;
INSERT INTO orders (id, customer) VALUES (200, 60);
SAVEPOINT one;
INSERT INTO orders (id, customer) VALUES (201, 61);
SAVEPOINT two;
INSERT INTO orders (id, customer) VALUES (202, 62), (203, 60);
RELEASE two;
ROLLBACK TO one;
INSERT INTO orders (id, customer) VALUES (204, 60), (205, 61);
SAVEPOINT three;
INSERT INTO orders (id, customer) VALUES (206, 62);
RELEASE three;
INSERT INTO orders (id, customer) VALUES (207, 62), (208, 61);
COMMIT;
SELECT notes('orders_touched');
BEGIN;
INSERT INTO orders (id, customer) VALUES (210, 70);
ROLLBACK;
SELECT notes('orders_touched');
DO $$
BEGIN
    FOR i IN 1..300 LOOP
        BEGIN
            INSERT INTO orders (id, customer) VALUES (1000 + i, i % 10);
            IF i % 3 = 0 THEN RAISE division_by_zero; END IF;
        EXCEPTION WHEN division_by_zero THEN NULL;
        END;
    END LOOP;
END $$;
SELECT notes('orders_touched');

-- beyond 20,000 customers of one transaction all are noted, once
BEGIN;
SAVEPOINT many;
INSERT INTO orders (id, customer) SELECT 10000 + i, i FROM generate_series(1, 30000) AS i;
INSERT INTO orders (id, customer) SELECT 50000 + i, i FROM generate_series(1, 30000) AS i;
SELECT count(*), count(customer), max(customer) FROM orders_touched;
ROLLBACK TO many;
SELECT count(*) FROM orders_touched;
INSERT INTO orders (id, customer) VALUES (10000, 1), (10001, 1), (10002, 20000);
COMMIT;
SELECT notes('orders_touched');

-- nobody's rights are asked, and replication notes like everybody
CREATE ROLE cv_writer;
GRANT INSERT, SELECT ON orders TO cv_writer;
SET ROLE cv_writer;
INSERT INTO orders (id, customer) VALUES (300, 80);
SELECT * FROM orders_touched;
RESET ROLE;
SET session_replication_role = replica;
INSERT INTO orders (id, customer) VALUES (301, 81);
RESET session_replication_role;
SELECT notes('orders_touched');

-- TRUNCATE notes all
SELECT refresh(:a);
BEGIN;
TRUNCATE orders;
INSERT INTO orders (id, customer) VALUES (1, 1), (2, 2);
SELECT count(*), count(customer) FROM orders_touched;
SELECT why_not_kept(:a);
ROLLBACK;
SELECT keeps(:a), why_not_kept(:a), touched_count(:a);

-- a trigger never fails an order
ALTER TABLE orders_touched RENAME TO elsewhere;
INSERT INTO orders (id, customer) VALUES (400, 90);
SELECT notes('elsewhere');
ALTER TABLE elsewhere RENAME TO orders_touched;
BEGIN;
DROP TABLE orders_touched;
INSERT INTO orders (id, customer) VALUES (401, 90);
SELECT why_not_kept(:a) ;
ROLLBACK;
BEGIN;
ALTER TABLE orders_touched ALTER customer TYPE integer;
INSERT INTO orders (id, customer) VALUES (401, 90);
SELECT * FROM orders_touched;
SELECT why_not_kept(:a);
ROLLBACK;
BEGIN;
ALTER TABLE orders_touched DROP customer;
INSERT INTO orders (id, customer) VALUES (401, 90);
SELECT why_not_kept(:a);
ROLLBACK;
BEGIN;
UPDATE keeping SET place = 'elsewhere';
INSERT INTO orders (id, customer) VALUES (401, 90);
SELECT why_not_kept(:a), keeps(:a), touched_count(:a), source_fingerprint(:a);
ROLLBACK;
BEGIN;
DELETE FROM keeping;
INSERT INTO orders (id, customer) VALUES (401, 90);
SELECT why_not_kept(:a);
ROLLBACK;
BEGIN;
ALTER TABLE orders RENAME customer TO buyer;
INSERT INTO orders (id, buyer) VALUES (401, 90);
SELECT * FROM orders_touched;
ROLLBACK;
-- whatever indexes somebody makes on the notes
BEGIN;
CREATE INDEX by_half ON orders_touched ((customer / 2)) WHERE customer > 5;
INSERT INTO orders (id, customer) VALUES (401, 90), (402, 4);
SET LOCAL enable_seqscan = off;
SELECT customer FROM orders_touched WHERE customer / 2 = 45 AND customer > 5;
DROP INDEX by_half, orders_touched_customer_idx;
INSERT INTO orders (id, customer) VALUES (403, 92);
SELECT notes('orders_touched');
ROLLBACK;
INSERT INTO orders (id, customer) VALUES (402, 91);
SELECT notes('orders_touched');
SELECT note_change();
CREATE TABLE strange (customer bigint);
CREATE TRIGGER strange AFTER INSERT ON strange FOR EACH ROW EXECUTE FUNCTION note_change('00000000-0000-0000-0000-00000000000a');
CREATE TRIGGER nobody AFTER INSERT ON strange FOR EACH ROW EXECUTE FUNCTION note_change('no uuid');
CREATE TRIGGER nothing BEFORE INSERT ON strange FOR EACH ROW EXECUTE FUNCTION note_change();
INSERT INTO strange VALUES (1) RETURNING customer;
SELECT notes('orders_touched');

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

-- kinds of keys
CREATE DOMAIN code AS text CHECK (value <> '');
CREATE FUNCTION with_key(type text, one text, two text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    id uuid := gen_random_uuid();
    found text;
BEGIN
    EXECUTE format('CREATE TABLE keyed (n int, customer %s)', type);
    PERFORM keep(id, 'keyed', '{customer,n}', type);
    EXECUTE format('INSERT INTO keyed VALUES (1, %L), (2, %L), (3, %1$L), (4, NULL)', one, two);
    EXECUTE format('UPDATE keyed SET customer = %L WHERE n = 1', two);
    SELECT string_agg(coalesce(customer::text, 'all'), ' ' ORDER BY customer::text COLLATE "C") INTO found FROM keyed_touched;
    DROP TABLE keyed, keyed_kept, keyed_touched;
    DELETE FROM keeping WHERE segmentation = id;
    RETURN found;
END $$;
SELECT type, with_key(type, one, two) FROM (VALUES
    ('smallint', '-1', '2'), ('integer', '-1', '2'), ('bigint', '-1', '2'), ('text', 'a', 'b'), ('varchar(9)', 'a', 'b'),
    ('char(3)', 'a', 'b'), ('name', 'a', 'b'), ('bytea', '\x00', '\x0000'), ('code', 'a', 'b'), ('uuid', repeat('1', 32), repeat('2', 32)),
    ('numeric', '1.0', '1.00'), ('text COLLATE "POSIX"', 'a', 'A'), ('timestamp', '2026-01-01', '2026-01-02'),
    ('boolean', 'true', 'false'), ('float8', '0', '-0'), ('macaddr', '08:00:2b:01:02:03', '08:00:2b:01:02:04'),
    ('inet', '10.0.0.1', '10.0.0.2'), ('int[]', '{1}', '{2}')) AS t (type, one, two);
-- a value that no index holds makes all noted
SELECT length(with_key('text', repeat('x', 1999), 'b')), with_key('text', repeat('x', 2001), 'b');

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
