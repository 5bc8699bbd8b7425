-- Triggers note the customer of every changed row, once a transaction, and let every order through.
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
