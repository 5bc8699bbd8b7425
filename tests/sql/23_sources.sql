-- Sources of segmentations: every kind of relation and type, order lines, currencies, zones, nothing at all.
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

-- sources ------------------------------------------------------------------------------------------------
CREATE TABLE shop.parted (LIKE shop.orders) PARTITION BY RANGE (at);
CREATE TABLE shop.parted_1 PARTITION OF shop.parted FOR VALUES FROM (MINVALUE) TO ('2024-05-01');
CREATE TABLE shop.parted_2 PARTITION OF shop.parted FOR VALUES FROM ('2024-05-01') TO (MAXVALUE);
INSERT INTO shop.parted SELECT * FROM shop.orders WHERE at IS NOT NULL;
CREATE VIEW shop.a_view AS SELECT * FROM shop.orders;
CREATE MATERIALIZED VIEW shop.a_matview AS SELECT * FROM shop.orders;
CREATE UNLOGGED TABLE shop.unlogged AS SELECT * FROM shop.orders;
CREATE TABLE shop.child () INHERITS (shop.orders);
SELECT * FROM shop.check_source('shop.parted');
SELECT * FROM shop.check_source('shop.a_view');
SELECT * FROM shop.check_source('shop.a_matview');
SELECT * FROM shop.check_source('shop.unlogged');
-- a foreign table, where there is file_fdw
DO $$
BEGIN
    CREATE EXTENSION file_fdw;
    CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
    CREATE FOREIGN TABLE shop.a_file (customer_id bigint, at timestamptz, total numeric) SERVER files
        OPTIONS (program 'seq 1 500 | sed "s/.*/&,2024-01-01,5/"', format 'csv');
EXCEPTION WHEN OTHERS THEN
    CREATE VIEW shop.a_file AS
    SELECT i::bigint AS customer_id, timestamptz '2024-01-01' AS at, 5::numeric AS total
    FROM generate_series(1, 500) AS i;
END $$;
SELECT * FROM shop.check_source('shop.a_file');
-- types of the customer
CREATE DOMAIN shop.customer_number AS int CHECK (VALUE >= 0);
CREATE TYPE shop.kind AS ENUM ('x', 'y', 'z');
CREATE TABLE shop.types AS
SELECT customer_id::smallint AS int2, customer_id::int AS int4, customer_id::shop.customer_number AS domain,
       customer_id::text AS text, customer_id::varchar(9) AS varchar, customer_id::text::char(5) AS bpchar,
       md5(customer_id::text)::uuid AS uuid, customer_id::numeric AS numeric,
       ('{x,y,z}'::shop.kind[])[customer_id % 3 + 1] AS enum, customer_id::text::bytea AS bytea,
       '10.0.0.0'::inet + customer_id AS inet, ARRAY[customer_id, 1] AS array, to_jsonb(customer_id) AS jsonb,
       customer_id % 2 = 0 AS boolean, date '2024-01-01' + customer_id::int AS date,
       customer_id::float8 AS float8, customer_id::oid AS oid, customer_id::text::name AS name, at,
       at AT TIME ZONE 'UTC' AS plain, (at AT TIME ZONE 'UTC')::date AS day, total, total::money AS money,
       total::float8 AS price, total::real AS single, total::int AS whole, total::bigint AS big,
       total::smallint AS small, order_id
FROM shop.orders
WHERE customer_id IS NOT NULL;
SELECT type, s.*
FROM unnest(
         ARRAY['int2', 'int4', 'domain', 'text', 'varchar', 'bpchar', 'uuid', 'numeric', 'enum', 'bytea',
               'inet', 'array', 'jsonb', 'boolean', 'date', 'float8', 'oid', 'name']
     ) WITH ORDINALITY AS t (type, n),
     LATERAL shop.check_source('shop.types', customer => type) AS s
ORDER BY n;
-- text that ignores case, where the server has ICU
DO $$
DECLARE
    found record;
BEGIN
    BEGIN
        CREATE COLLATION shop.ignore_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    EXCEPTION WHEN feature_not_supported THEN
        RETURN;
    END;
    CREATE TABLE shop.ignoring AS
    SELECT (CASE WHEN order_id % 2 = 0 THEN 'C' ELSE 'c' END || customer_id) COLLATE shop.ignore_case AS customer_id,
           at, total
    FROM shop.orders
    WHERE customer_id IS NOT NULL;
    SELECT * INTO found FROM shop.check_source('shop.ignoring');
    ASSERT (found.customers, found.labelled, found.revenue, found.function_rows) = (52, 51, 41305.00, 52), found;
END $$;
-- types of time and amount
SELECT a, t, s.customers, s.labelled, s.revenue
FROM unnest(ARRAY['at', 'plain', 'day']) AS t,
     unnest(ARRAY['total', 'money', 'price', 'single', 'whole', 'big', 'small', NULL]) AS a,
     LATERAL shop.check_source('shop.types', 'int4', t, a) AS s;

-- order lines: summed per order, at the time of the earliest line; the sign counts after summing -------
CREATE TABLE shop.lines (customer_id int, order_no text, at timestamp, amount numeric, price float8);
INSERT INTO shop.lines VALUES
    -- one order of 12 on 1 January
    (1, 'a', '2024-01-01 10:00', 10, 0.1), (1, 'a', '2024-01-02 09:00', 5, 0.2), (1, 'a', '2024-01-01 11:00', -3, 0.3),
    -- nets to zero: an order
    (1, 'b', '2024-02-01', 5, 0.7), (1, 'b', '2024-02-01', -5, -0.7),
    -- nets below zero: a refund
    (2, 'a', '2024-03-01', -4, -0.1), (2, 'a', '2024-03-01', 1, 0.1),
    -- exactly, whatever the order
    (2, 'c', '2024-03-02', 8, 1e15), (2, 'c', '2024-03-02', 0.5, 0.1), (2, 'c', '2024-03-02', 0.25, -1e15),
    (3, NULL, '2024-03-03', 8, 1), (NULL, 'd', '2024-03-03', 8, 1), (3, 'e', NULL, 8, 1),
    (3, 'e', '2024-03-05', NULL, NULL), (3, 'f', '2024-03-06', 1, 1);
SELECT create_segmentation('shop.it', 'shop.lines', 'customer_id', 'at', 'amount',
                           '{"order_id": "order_no", "as_of": "2024-04-01"}');
SELECT customer_id, first_purchase, last_purchase, frequency, monetary, average_order_value FROM shop.it ORDER BY 1;
SELECT rows_left_out, customers, orders, refunds, revenue FROM training;
SELECT customer_id, frequency FROM shop.it_of(2);
SELECT alter_segmentation('shop.it', amount => 'price');
SELECT customer_id, frequency, monetary FROM shop.it ORDER BY 1;
-- without the order id every line is an order
SELECT alter_segmentation('shop.it', '{"order_id": null}', amount => 'amount');
SELECT customer_id, frequency, monetary FROM shop.it ORDER BY 1;
SELECT drop_segmentation('shop.it');
-- visits of several lines
SELECT create_segmentation('shop.it', 'shop.lines', 'customer_id', 'at',
                           options => '{"order_id": "order_no", "as_of": "2024-04-01"}');
SELECT customer_id, last_purchase, frequency, monetary, average_order_value, rfm_code, rfm_segment
FROM shop.it
ORDER BY 1;
SELECT scheme, cuts, score_counts, revenue, rows_left_out FROM training;
SELECT segment, customers, revenue, revenue_share FROM segment_report('shop.it');
SELECT axis, score FROM segmentation_drift('shop.it') WHERE axis = 'monetary';
SELECT step, value, score, explanation ~ 'no amounts' AS no_amounts FROM explain_customer('shop.it', 1);
SELECT drop_segmentation('shop.it');

-- currency: one, or an error that names two of them -----------------------------------------------------
SELECT create_segmentation('shop.it', 'shop.orders', 'customer_id', 'at', 'total', '{"currency": "currency"}') IS NULL;
UPDATE shop.orders SET currency = 'EUR' WHERE currency IS NULL;
SELECT create_segmentation('shop.it', 'shop.orders', 'customer_id', 'at', 'total', '{"currency": "currency"}');
UPDATE shop.orders SET currency = 'USD' WHERE order_id = 77;
SELECT train_segmentation('shop.it');
SELECT count(*) FROM training;
SELECT drop_segmentation('shop.it');
SELECT create_segmentation('shop.it', 'shop.orders', 'customer_id', 'at', 'total',
                           '{"currency": "currency", "order_id": "order_id"}');

-- days of a zone -----------------------------------------------------------------------------------------
CREATE TABLE shop.late (c int, at timestamptz);
INSERT INTO shop.late VALUES (1, '2024-03-10 16:30 UTC'), (1, '2024-03-10 15:59 UTC');
SET timezone = 'America/New_York';
SELECT create_segmentation('shop.it', 'shop.late', 'c', 'at', options => '{"as_of": "2024-03-12"}');
SELECT first_purchase, last_purchase, recency_days FROM shop.it;
SELECT alter_segmentation('shop.it', '{"time_zone": "Asia/Shanghai"}');
SELECT first_purchase, last_purchase, recency_days FROM shop.it;
SELECT * FROM (SELECT first_purchase, last_purchase, recency_days FROM shop.it_of(1)) AS f;
SET timezone = 'UTC';
SELECT drop_segmentation('shop.it');

-- nothing to train on: the view is there, labels come with the first training ---------------------------
CREATE TABLE shop.empty (c int, at date, amount numeric);
SELECT create_segmentation('shop.it', 'shop.empty', 'c', 'at', 'amount', '{"as_of": "latest", "refunds": "apart"}');
SELECT count(*) FROM shop.it;
SELECT * FROM segment_report('shop.it');
SELECT count(*) FROM segmentation_drift('shop.it');
SELECT newest_training, trained_at, customers FROM segmentations;
SELECT train_segmentation('shop.it');
INSERT INTO shop.empty VALUES (1, '2024-01-01', -5);
SELECT train_segmentation('shop.it');
INSERT INTO shop.empty VALUES (1, '2024-01-01', 5), (2, '2024-01-05', 7);
SELECT c, frequency, monetary, rfm_code, rfm_segment, as_of, trained_at FROM shop.it ORDER BY 1;
SELECT step, explanation FROM explain_customer('shop.it', 2);
SELECT train_segmentation('shop.it');
-- two customers in five bins
SELECT c, frequency, monetary, rfm_code, rfm_segment, as_of FROM shop.it ORDER BY 1;
SELECT cuts, score_counts FROM training;
DELETE FROM shop.empty WHERE c = 2;
SELECT train_segmentation('shop.it');
SELECT c, frequency, monetary, rfm_code, rfm_segment, as_of FROM shop.it ORDER BY 1;
TRUNCATE shop.empty;
SELECT train_segmentation('shop.it'), (SELECT count(*) FROM training);
SELECT drop_segmentation('shop.it');
