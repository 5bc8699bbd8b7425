-- Segmentations in the corners: names, keys, columns renamed or retyped, sums of every type, revenues below zero.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned
SET search_path = public, customer_value;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\i :helpers
\set shop :abs_srcdir '/sql/include/shop.sql'
\i :shop
\set VERBOSITY terse

-- names that need quotes, and columns called like our own ------------------------------------------------
CREATE SCHEMA "we""ird; drop schema shop --";
CREATE TABLE "we""ird; drop schema shop --"."or'ders ""$1""" (
    "cust omer" text, "o" int, "When?" timestamptz, "a""mount" numeric, "线" int
);
INSERT INTO "we""ird; drop schema shop --"."or'ders ""$1"""
SELECT 'c''' || i % 5 || '"', i, timestamptz '2024-01-01' + i * interval '1 day', i, i / 2
FROM generate_series(1, 20) AS i;
SELECT create_segmentation('"we""ird; drop schema shop --"."seg''ments; drop table x"',
                           '"we""ird; drop schema shop --"."or''ders ""$1"""', 'cust omer', 'When?', 'a"mount',
                           '{"order_id": "线", "as_of": "2024-02-01"}');
SELECT "cust omer", frequency, monetary, rfm_segment
FROM "we""ird; drop schema shop --"."seg'ments; drop table x"
ORDER BY 1;
SELECT frequency FROM "we""ird; drop schema shop --"."seg'ments; drop table x_of"('c''1"');
SELECT segment, customers
FROM segment_report('"we""ird; drop schema shop --"."seg''ments; drop table x"', 'cust omer')
WHERE segment ~ '3';
SELECT step, value FROM explain_customer('"we""ird; drop schema shop --"."seg''ments; drop table x"', 'c''1"'::text);
SELECT count(*) FROM segmentation_drift('"we""ird; drop schema shop --"."seg''ments; drop table x"');
SELECT train_segmentation('"we""ird; drop schema shop --"."seg''ments; drop table x"');
SELECT alter_segmentation('"we""ird; drop schema shop --"."seg''ments; drop table x"', '{"order_id": null}');
SELECT drop_segmentation('"we""ird; drop schema shop --"."seg''ments; drop table x"');
SELECT to_regnamespace('shop') IS NOT NULL AS kept;
-- every name that the view's query uses itself
CREATE TABLE shop.odd (customer int, history date, h numeric, s int, o int, l int, v int, t int, "rows" int,
                       left_out int, ordered_at int, amount int, currency_from int, currency_to int,
                       recency_score int, frequency_score int, monetary_score int, as_of int, cuts int,
                       segmentation int, number int);
INSERT INTO shop.odd
SELECT i % 9, date '2024-01-01' + i, i, i % 8, i % 7, i % 6, i, i % 5, 1, 1, 1, 1, i, i, 1, 1, 1, 1, 1, 1, 1
FROM generate_series(1, 90) AS i;
SELECT name, s.*
FROM unnest(
         ARRAY['customer', 's', 'o', 'l', 'v', 't', 'rows', 'left_out', 'ordered_at', 'amount', 'currency_from',
               'cuts', 'segmentation', 'number']
     ) WITH ORDINALITY AS n (name, n),
     LATERAL shop.check_source('shop.odd', name, 'history', 'h', '{"order_id": "v", "currency": "as_of"}') AS s
ORDER BY n;
SELECT name, s.*
FROM unnest(ARRAY['customer', 's', 'o', 'l', 'v']) WITH ORDINALITY AS n (name, n),
     LATERAL shop.check_source('shop.odd', name, 'history', 'h') AS s
ORDER BY n;
-- columns called like the argument of the function beside the view: the customer, the time, the amount
SELECT create_segmentation('shop.named', 'shop.odd', 'customer', 'history', 'h', '{"as_of": "2024-05-01"}');
SELECT customer, frequency, revenue FROM shop.named_of(customer => 5);
SELECT c.id, s.customer, s.frequency
FROM (VALUES (3), (8), (9)) AS c (id)
LEFT JOIN LATERAL shop.named_of(customer => c.id) AS s ON true
ORDER BY 1;
SELECT drop_segmentation('shop.named');
CREATE VIEW shop.swapped AS SELECT customer AS id, history AS customer, h AS swapped_of FROM shop.odd;
SELECT create_segmentation('shop.named', 'shop.swapped', 'id', 'customer', 'swapped_of', '{"as_of": "2024-05-01"}');
SELECT id, frequency, revenue FROM shop.named_of(customer => 5);
SELECT drop_segmentation('shop.named');
CREATE VIEW shop.priced AS SELECT customer AS id, history, h AS customer FROM shop.odd;
SELECT create_segmentation('shop.named', 'shop.priced', 'id', 'history', 'customer', '{"as_of": "2024-05-01"}');
SELECT id, frequency, revenue FROM shop.named_of(customer => 5);
SELECT drop_segmentation('shop.named');
DROP VIEW shop.swapped, shop.priced;
CREATE TABLE shop.history (history int, customer_value date, "$1" numeric);
INSERT INTO shop.history SELECT i % 3, date '2024-01-01' + i, i FROM generate_series(1, 9) AS i;
SELECT * FROM shop.check_source('shop.history', 'history', 'customer_value', '$1');
-- the view's own name is folded and quoted as usual
SELECT create_segmentation('Shop.MixedCase', 'SHOP.Orders', 'customer_id', 'at', 'total'),
       create_segmentation('shop."MixedCase"', 'shop.orders', 'customer_id', 'at', 'total');
SELECT create_segmentation('shop.' || repeat('x', 60), 'shop.orders', 'customer_id', 'at', 'total')::text
    = 'shop.' || repeat('x', 60) AS longest;
SET search_path = shop, customer_value;
SELECT create_segmentation('unqualified', 'orders', 'customer_id', 'at', 'total');
SELECT train_segmentation('unqualified'), (SELECT count(*) FROM segment_report('unqualified')) > 3 AS reported,
       (SELECT count(*) FROM unqualified_of(5));
SELECT view FROM segmentations ORDER BY view::text COLLATE "C";

-- what users run into -------------------------------------------------------------------------------------
RESET search_path;
SET search_path = public, customer_value;
CREATE TABLE shop.keys (id bigint, k uuid, b boolean, n numeric(5, 0), v varchar(2), d date, total numeric);
INSERT INTO shop.keys
SELECT i % 7, md5((i % 5)::text)::uuid, i % 2 = 0, i % 4, 'v' || i % 3, date '2024-01-01' + i, i
FROM generate_series(1, 60) AS i;
SELECT create_segmentation('shop.it', 'shop.keys', 'b', 'd', 'total', '{"as_of": "2024-04-01"}');
-- a report by any column of the view, of any type
SELECT segment, customers, revenue FROM segment_report('shop.it', 'b');
SELECT attname, (SELECT sum(customers) FROM segment_report('shop.it', attname))
FROM pg_attribute
WHERE attrelid = 'shop.it'::regclass AND attnum > 0
ORDER BY attnum;
SELECT drop_segmentation('shop.it');
SELECT create_segmentation('shop.it', 'shop.keys', 'k', 'd', 'total', '{"as_of": "2024-04-01"}');
SELECT count(*), sum(customers) FROM segment_report('shop.it', 'k');
SELECT drop_segmentation('shop.it');
-- one customer is this one, not one whose key is rounded or cut to look the same
SELECT create_segmentation('shop.it', 'shop.keys', 'n', 'd', 'total', '{"as_of": "2024-04-01"}');
SELECT fails('SELECT * FROM explain_customer(''shop.it'', 2.4)'),
       (SELECT count(*) FROM explain_customer('shop.it', 2)), (SELECT count(*) FROM shop.it_of(2.4)),
       (SELECT count(*) FROM shop.it_of(2));
SELECT drop_segmentation('shop.it');
SELECT create_segmentation('shop.it', 'shop.keys', 'v', 'd', 'total', '{"as_of": "2024-04-01"}');
SELECT fails('SELECT * FROM explain_customer(''shop.it'', ''v1x''::text)'),
       (SELECT count(*) FROM explain_customer('shop.it', 'v1'::text)),
       (SELECT count(*) FROM shop.it_of('v1xyz'));
SELECT drop_segmentation('shop.it');
-- columns of the source are renamed: the view goes on, training says what is missing, altering puts it right
SELECT create_segmentation('shop.it', 'shop.keys', 'id', 'd', 'total', '{"as_of": "2024-04-01"}');
CREATE VIEW shop.depends AS SELECT sum(monetary) FROM shop.it;
ALTER TABLE shop.keys RENAME COLUMN total TO amount_paid;
ALTER TABLE shop.keys RENAME COLUMN id TO customer_number;
ALTER TABLE shop.keys RENAME TO keys_now;
SELECT * FROM shop.depends;
SELECT fails('SELECT train_segmentation(''shop.it'')');
SELECT alter_segmentation('shop.it', customer => 'customer_number', amount => 'amount_paid');
SELECT customer_number, monetary FROM shop.it WHERE customer_number = 3;
SELECT * FROM shop.depends;
SELECT source, customer, amount FROM segmentations WHERE view = 'shop.it';
-- another type of the customer column would be another view
SELECT fails('SELECT alter_segmentation(''shop.it'', customer => ''v'')') LIKE '% -> %' AS told;
SELECT customer, (SELECT count(*) FROM shop.it) FROM segmentations WHERE view = 'shop.it';
DROP VIEW shop.depends;
SELECT drop_segmentation('shop.it');
-- a segmentation over a segmentation, in a transaction that is taken back to a savepoint
BEGIN;
SELECT create_segmentation('shop.below', 'shop.keys_now', 'v', 'd', 'amount_paid', '{"as_of": "2024-04-01"}');
SAVEPOINT before;
SELECT create_segmentation('shop.it', 'shop.below', 'v', 'last_purchase', 'no_such_column');
ROLLBACK TO before;
SELECT create_segmentation('shop.it', 'shop.below', 'v', 'last_purchase', 'monetary');
SELECT count(*), sum(revenue) FROM shop.it;
COMMIT;
SELECT fails('SELECT drop_segmentation(''shop.below'')');
SELECT drop_segmentation('shop.it'), drop_segmentation('shop.below');

-- amounts and times of lines: exact sums of every type, the earliest line in the zone, and what no sum can be made of
CREATE TABLE shop.sums (c int, o int, at timestamptz, big bigint, single real, cash money);
INSERT INTO shop.sums VALUES
    (1, 1, '2024-01-01 17:00+00', 9223372036854775807, 0.1, '0.10'),
    (1, 1, '2024-01-01 15:00+00', 9223372036854775807, 0.2, '0.20'), (1, 2, '2024-01-03', -1, -0.1, '-0.20');
SELECT create_segmentation('shop.it', 'shop.sums', 'c', 'at', 'big',
                           '{"order_id": "o", "as_of": "2024-01-10", "time_zone": "Asia/Shanghai"}');
SELECT first_purchase, frequency, monetary, average_order_value FROM shop.it;
SELECT alter_segmentation('shop.it', amount => 'single');
SELECT first_purchase, frequency, monetary, average_order_value FROM shop.it;
SELECT alter_segmentation('shop.it', amount => 'cash');
SELECT first_purchase, frequency, monetary, average_order_value FROM shop.it;
INSERT INTO shop.sums VALUES
    (2, 3, '2024-01-01', 1, 'NaN', '1'), (3, 4, '2024-01-01', 1, 'Infinity', '1'),
    (3, 4, '2024-01-01', 1, '-Infinity', '1'), (4, 5, '-infinity', 1, 1, '1'), (4, 5, '2024-01-02', 1, 1, '1');
SELECT fails('SELECT train_segmentation(''shop.it'')'),
       fails('SELECT alter_segmentation(''shop.it'', amount => ''single'')') ~ '^(22003|22008): .* -> ' AS either,
       fails('SELECT * FROM shop.it');
SELECT frequency FROM shop.it WHERE c = 1;
DELETE FROM shop.sums WHERE c = 4;
SELECT fails('SELECT train_segmentation(''shop.it'')'),
       fails('SELECT alter_segmentation(''shop.it'', amount => ''single'')'), fails('SELECT * FROM shop.it');
SELECT drop_segmentation('shop.it');
-- revenues below zero: the mean may be negative; there are no shares of a whole that is not positive
CREATE TABLE shop.negative (c int, d date, a numeric);
INSERT INTO shop.negative VALUES
    (1, '2024-01-01', 5), (1, '2024-01-02', -50), (2, '2024-01-03', 5), (3, '2024-01-03', -1);
SELECT create_segmentation('shop.it', 'shop.negative', 'c', 'd', 'a', '{"scheme": "eight", "as_of": "2024-01-10", "refunds": "apart"}');
SELECT c, recency_days, frequency, monetary, rfm_code, rfm_segment, average_order_value FROM shop.it ORDER BY 1;
SELECT segment, customers, revenue, revenue_share, cumulative_revenue_share FROM segment_report('shop.it');
UPDATE shop.negative SET a = 0;
SELECT train_segmentation('shop.it');
SELECT segment, customers, revenue, revenue_share, cumulative_revenue_share FROM segment_report('shop.it');
SELECT drop_segmentation('shop.it');
-- what changed by hand is followed: the name of the source column, even without the function beside the view
CREATE TABLE shop.named (who varchar(20), d date, a numeric);
INSERT INTO shop.named VALUES ('Ann', '2024-01-01', 5), ('Bob', '2024-01-02', 7), ('Ann', '2024-01-03', 6);
SELECT create_segmentation('shop.it', 'shop.named', 'who', 'd', 'a', '{"as_of": "2024-01-10"}');
DROP FUNCTION shop.it_of;
CREATE FUNCTION shop.rows_of(a int) RETURNS SETOF shop.it LANGUAGE sql AS 'SELECT * FROM shop.it LIMIT a';
ALTER TABLE shop.named RENAME who TO buyer;
SELECT alter_segmentation('shop.it', customer => 'buyer');
SELECT buyer, frequency FROM shop.it ORDER BY 1;
SELECT buyer FROM shop.it_of('Ann');
SELECT proname, pg_get_function_identity_arguments(oid) FROM pg_proc WHERE proname = 'rows_of';
-- the type of the customer is kept to the letter, for the sake of views over the view
DROP FUNCTION shop.it_of, shop.rows_of;
CREATE TABLE shop.longer (buyer varchar(40), d date, a numeric);
INSERT INTO shop.longer SELECT * FROM shop.named;
SELECT fails('SELECT alter_segmentation(''shop.it'', source => ''shop.longer'')');
CREATE TABLE shop.sorted (buyer varchar(20) COLLATE "C", d date, a numeric);
INSERT INTO shop.sorted SELECT * FROM shop.named;
SELECT fails('SELECT alter_segmentation(''shop.it'', source => ''shop.sorted'')');
SELECT drop_segmentation('shop.it');
DROP TABLE shop.named, shop.longer, shop.sorted;
