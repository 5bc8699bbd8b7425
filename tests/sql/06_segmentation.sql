-- Segmentations: views over every kind of source, every option, training, altering, reading, dropping.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned
SET search_path = public, customer_value;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\i :helpers

CREATE SCHEMA shop;
CREATE TABLE shop.orders (order_id int, customer_id bigint, at timestamptz, total numeric(10, 2), currency text);
INSERT INTO shop.orders
SELECT i, (i * i) % 101, timestamptz '2024-01-01 12:00 UTC' + i % 300 * interval '1 day',
       CASE WHEN i % 29 = 0 THEN -5.5 ELSE (i % 47) * 1.25 END, 'EUR'
FROM generate_series(1, 1500) AS i;
INSERT INTO shop.orders VALUES
    (9001, NULL, '2024-05-01', 5), (9002, 5, NULL, 5), (9003, 5, '2024-05-01', NULL),
    (9004, 900, '2024-02-02', -7);
CREATE INDEX ON shop.orders (customer_id);
ANALYZE shop.orders;

SELECT create_segmentation('shop.segments', source => 'shop.orders', customer => 'customer_id',
                           ordered_at => 'at', amount => 'total', options => '{"as_of": "2024-10-31"}');
SELECT count(*), count(rfm_segment), min(as_of), max(as_of), count(trained_at) FROM shop.segments;
SELECT *
FROM (
    SELECT customer_id, first_purchase, last_purchase, recency_days, frequency, monetary, average_order_value,
           revenue, recency_score, frequency_score, monetary_score, rfm_code, rfm_segment, rfm_segment_code,
           rfm_segment_rank, as_of
    FROM shop.segments
) AS s
WHERE customer_id IN (5, 25, 900, 1)
ORDER BY 1;

-- the columns: order, types, comments; plain types only
SELECT attnum, attname, format_type(atttypid, atttypmod), col_description(attrelid, attnum)
FROM pg_attribute WHERE attrelid = 'shop.segments'::regclass AND attnum > 0 ORDER BY attnum;
SELECT obj_description('shop.segments'::regclass, 'pg_class');
SELECT p.oid::regprocedure, prosecdef, provolatile, proisstrict, proparallel, proconfig, prorows,
       obj_description(p.oid, 'pg_proc')
FROM pg_proc AS p
WHERE proname = 'segments_of';
SELECT body ~ 'LIMIT 1' AS one_row, body ~ 'segments_of\.customer' AS by_argument, body ~ 'shop\.segments' AS qualified
FROM pg_get_function_sqlbody('shop.segments_of(bigint)'::regprocedure) AS body;
-- no window function, no subquery over customers, nothing that a search path could change
SELECT pg_get_viewdef('shop.segments') !~* '\mover\M' AS no_window;
SET search_path = pg_catalog;
SELECT pg_get_viewdef('shop.segments') ~ '"?\mFROM shop.orders' AS qualified;
SET search_path = public, customer_value;
-- what was trained is joined once, as one row, and asked for by itself only where orders are folded
SELECT regexp_count(pg_get_viewdef('shop.segments'), E'\n') + 1 <= 150 AS short,
       regexp_count(pg_get_viewdef('shop.segments'), '\mtraining\M') AS mentions,
       pg_get_viewdef('shop.segments') ~ 'LEFT JOIN (customer_value\.)?training ' AS joined;

-- by plain SQL -------------------------------------------------------------------------------------
CREATE VIEW by_sql AS
WITH o AS (
    SELECT customer_id, (at AT TIME ZONE 'UTC')::date AS day, total
    FROM shop.orders
    WHERE customer_id IS NOT NULL
        AND at IS NOT NULL
        AND total IS NOT NULL
        AND (at AT TIME ZONE 'UTC')::date <= '2024-10-31'
), m AS (
    SELECT customer_id, min(day) FILTER (WHERE total >= 0) AS first_purchase,
           max(day) FILTER (WHERE total >= 0) AS last_purchase,
           date '2024-10-31' - max(day) FILTER (WHERE total >= 0) AS recency_days,
           count(*) FILTER (WHERE total >= 0) AS frequency, sum(total) AS monetary
    FROM o
    GROUP BY 1
), c AS (
    SELECT percentile_cont(ARRAY[0.2, 0.4, 0.6, 0.8]) WITHIN GROUP (ORDER BY recency_days) AS r,
           percentile_cont(ARRAY[0.2, 0.4, 0.6, 0.8]) WITHIN GROUP (ORDER BY frequency) AS f,
           percentile_cont(ARRAY[0.2, 0.4, 0.6, 0.8]) WITHIN GROUP (ORDER BY monetary::float8) AS m
    FROM m
    WHERE frequency > 0
), s AS (
    SELECT m.*,
           CASE
               WHEN frequency > 0 THEN 5 - (SELECT count(*) FROM unnest(c.r) AS cut WHERE recency_days > cut)
           END AS recency_score,
           CASE
               WHEN frequency > 0 THEN 1 + (SELECT count(*) FROM unnest(c.f) AS cut WHERE frequency > cut)
           END AS frequency_score,
           CASE
               WHEN frequency > 0 THEN 1 + (SELECT count(*) FROM unnest(c.m) AS cut WHERE monetary > cut)
           END AS monetary_score
    FROM m, c
)
SELECT s.*, recency_score || '' || frequency_score || monetary_score AS rfm_code, l.label AS rfm_segment
FROM s
LEFT JOIN rfm_scheme_cell AS x
    ON x.scheme = 'standard'
        AND recency_score BETWEEN recency_from AND recency_to
        AND frequency_score BETWEEN frequency_from AND frequency_to
        AND monetary_score BETWEEN monetary_from AND monetary_to
LEFT JOIN rfm_scheme_label AS l
    ON l.scheme = 'standard' AND l.segment_code = x.segment_code AND l.language = 'en';
CREATE VIEW by_view AS
SELECT customer_id, first_purchase, last_purchase, recency_days, frequency, monetary, recency_score,
       frequency_score, monetary_score, rfm_code, rfm_segment
FROM shop.segments;
SELECT count(*) FROM by_sql;
SELECT count(*) AS only_by_sql FROM (TABLE by_sql EXCEPT ALL TABLE by_view) AS d;
SELECT count(*) AS only_by_view FROM (TABLE by_view EXCEPT ALL TABLE by_sql) AS d;

-- one customer: the function beside the view gives the same rows as the view, and none for nobody
SELECT count(*) AS wrong
FROM shop.segments AS v
FULL JOIN (
    SELECT f.*
    FROM (SELECT DISTINCT customer_id FROM shop.orders) AS c
    CROSS JOIN LATERAL shop.segments_of(c.customer_id) AS f
) AS f USING (customer_id)
WHERE v.* IS DISTINCT FROM f.*;
SELECT count(*) FROM shop.segments_of(123456);
SELECT count(*) FROM shop.segments_of(NULL);
SELECT customer_id, rfm_code FROM shop.segments_of(customer => 5);
SELECT count(*) FROM shop.segments_of(customer => NULL);

-- plans: a filter on the customer reaches the index, and only what is selected is computed -----------
INSERT INTO shop.orders SELECT 10000 + i, 1000 + i % 20000, '2024-06-01', 1 FROM generate_series(1, 40000) AS i;
ANALYZE shop.orders;
SELECT bool_or(line ~ 'Index') AS by_index, bool_or(line ~ 'Seq Scan on shop.orders') AS by_scan
FROM plan_of('SELECT * FROM shop.segments WHERE customer_id = 7') AS line;
SELECT bool_or(line ~ 'Index') AS by_index, bool_or(line ~ 'Seq Scan on shop.orders') AS by_scan
FROM plan_of('SELECT rfm_segment FROM shop.segments WHERE customer_id = ANY (ARRAY[5, 7, 9])') AS line;
CREATE TABLE shop.customers AS SELECT i AS id, 'c' || i AS name FROM generate_series(1, 50) AS i;
ANALYZE shop.customers;
SELECT bool_or(line ~ 'Nested Loop') AS loop, bool_or(line ~ 'Index') AS by_index,
       bool_or(line ~ 'Seq Scan on shop.orders') AS by_scan, bool_or(line ~ 'Memoize') AS memoize
FROM plan_of('
    SELECT c.name, s.rfm_segment
    FROM shop.customers AS c
    CROSS JOIN LATERAL shop.segments_of(c.id) AS s
    WHERE c.id < 5
') AS line;
SELECT bool_or(line ~ 'purchase_history') AS folds, bool_or(line ~ 'rfm_segment\(') AS labels,
       bool_or(line ~ 'first_purchase\(') AS first, bool_or(line ~ 'average_order_value\(') AS average,
       bool_or(line ~ 'rfm_code\(') AS code, bool_or(line ~ 'revenue\(') AS revenue
FROM plan_of('SELECT customer_id, rfm_segment FROM shop.segments') AS line;
SELECT bool_or(line ~ '_score\(') AS scores, bool_or(line ~ 'rfm_segment') AS labels
FROM plan_of('SELECT customer_id, frequency FROM shop.segments') AS line;
SELECT query, bool_or(line ~ 'purchase_history\(') AS folds
FROM unnest(ARRAY['SELECT count(*) FROM shop.segments', 'SELECT customer_id FROM shop.segments']) AS query,
     plan_of(query) AS line
GROUP BY query ORDER BY query COLLATE "C";
DELETE FROM shop.orders WHERE order_id >= 10000;
ANALYZE shop.orders;

-- training: numbered, kept, and reported ---------------------------------------------------------------
SELECT view, source, customer, ordered_at, amount, options, owner = current_user AS mine, newest_training,
       training_age >= '0' AS aged, as_of, customers, orders, revenue, rows_left_out
FROM segmentations;
SELECT number, trained_by = current_user AS by_me, seconds >= 0 AS timed, as_of, customers, purchasers, orders,
       refunds, rows_left_out, revenue, first_purchase, last_purchase, cuts, score_counts, scheme, options
FROM training;
SELECT count(DISTINCT customer_id), count(*) FILTER (WHERE total >= 0) AS orders,
       count(*) FILTER (WHERE total < 0) AS refunds, sum(total)
FROM shop.orders
WHERE customer_id IS NOT NULL AND at IS NOT NULL AND total IS NOT NULL;
SELECT train_segmentation('shop.segments'), train_segmentation('shop."segments"'), train_segmentation('SHOP.Segments');
SELECT alter_segmentation('shop.segments', '{"keep_trainings": 2}');
SELECT array_agg(number ORDER BY number) FROM training;
SELECT count(*) = count(*) FILTER (WHERE s.trained_at = t.trained_at) AS newest
FROM shop.segments AS s, training AS t
WHERE t.number = 5;
-- trained, then live: an order changes the customer who ordered, and nobody else
CREATE TEMP TABLE before AS SELECT * FROM shop.segments;
INSERT INTO shop.orders VALUES (9100, 5, '2024-10-31 23:59', 1000);
SELECT b.customer_id, b.rfm_code AS old, n.rfm_code AS new, n.recency_days, n.last_purchase
FROM before AS b
JOIN shop.segments AS n USING (customer_id)
WHERE b.* IS DISTINCT FROM n.*;
SELECT * FROM segmentation_drift('shop.segments') WHERE axis <> 'frequency';
-- later orders do not count
INSERT INTO shop.orders VALUES (9101, 25, '2024-11-01 00:00', 1000);
SELECT count(*) FROM before AS b JOIN shop.segments AS n USING (customer_id) WHERE b.* IS DISTINCT FROM n.*;
DELETE FROM shop.orders WHERE order_id IN (9100, 9101);

-- reports ----------------------------------------------------------------------------------------------
SELECT segment, customers, customer_share, revenue, revenue_share, cumulative_revenue_share,
       average_order_value, median_recency_days, median_frequency, median_monetary
FROM segment_report('shop.segments');
SELECT sum(customers), sum(revenue), abs(sum(customer_share) - 1) < 0.001 AS whole,
       max(cumulative_revenue_share)
FROM segment_report('shop.segments');
SELECT (SELECT sum(revenue) FROM segment_report('shop.segments'))
    = (SELECT sum(total) FROM shop.orders WHERE customer_id IS NOT NULL AND at IS NOT NULL) AS same;
-- the same by plain SQL over view and orders
SELECT count(*) AS wrong
FROM segment_report('shop.segments') AS r
FULL JOIN (
    SELECT v.rfm_segment, min(v.rfm_segment_rank) AS rank, count(*) AS customers,
           round(count(*) / 52.0, 4) AS share, sum(v.monetary) AS revenue,
           round(sum(v.monetary) / 41305.00, 4) AS revenue_share,
           round(
               (
                   SELECT avg(total)
                   FROM shop.orders AS o
                   JOIN shop.segments AS w USING (customer_id)
                   WHERE w.rfm_segment = v.rfm_segment AND total >= 0 AND at IS NOT NULL
               ),
               2
           ) AS average,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY v.recency_days) AS recency,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY v.frequency) AS frequency,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY v.monetary) AS monetary
    FROM shop.segments AS v
    WHERE v.rfm_segment IS NOT NULL
    GROUP BY 1
) AS p ON p.rfm_segment = r.segment
WHERE r.segment IS NOT NULL
    AND (p.customers, p.share::float8, p.revenue, p.revenue_share::float8, p.average::float8, p.recency,
         p.frequency, p.monetary)
        IS DISTINCT FROM (r.customers, r.customer_share, r.revenue, r.revenue_share, r.average_order_value,
                          r.median_recency_days, r.median_frequency, r.median_monetary);
SELECT segment, customers FROM segment_report('shop.segments', 'recency_score');
SELECT segment, customers FROM segment_report('shop.segments', by => 'rfm_segment_code');
SELECT count(*), sum(customers) FROM segment_report('shop.segments', 'rfm_code');
SELECT axis, score, customers_then = customers_now AS same FROM segmentation_drift('shop.segments');
SELECT axis, sum(customers_now) AS now, abs(sum(share_now) - 1) < 0.001 AS whole_now,
       abs(sum(share_then) - 1) < 0.001 AS whole_then,
       count(*) FILTER (
           WHERE customers_now <> (
               SELECT count(*)
               FROM shop.segments
               WHERE CASE axis
                   WHEN 'recency' THEN recency_score
                   WHEN 'frequency' THEN frequency_score
                   ELSE monetary_score
               END = score
           )
       ) AS wrong
FROM segmentation_drift('shop.segments')
GROUP BY axis ORDER BY axis;
SELECT step, value, cuts, score, regexp_replace(explanation, 'training 5 of .*', 'training 5 of …')
FROM explain_customer('shop.segments', 5);
SELECT step, value, score, explanation FROM explain_customer('shop.segments', '900'::text);
SELECT count(*) FROM explain_customer('shop.segments', 5::bigint);
SELECT count(*) FROM explain_customer('shop.segments', '5');

-- altering keeps what depends on the view ----------------------------------------------------------------
CREATE VIEW shop.dashboard AS SELECT rfm_segment, count(*) FROM shop.segments GROUP BY 1;
CREATE VIEW shop.dashboard_of AS
SELECT c.id, s.rfm_segment FROM shop.customers AS c CROSS JOIN LATERAL shop.segments_of(c.id) AS s;
SELECT alter_segmentation('shop.segments', '{"language": "zh"}');
SELECT rfm_segment_rank, rfm_segment, rfm_segment_code, count(*) FROM shop.segments GROUP BY 1, 2, 3 ORDER BY 1 LIMIT 4;
SELECT sum(count) FROM shop.dashboard;
SELECT count(*), max(rfm_segment) ~ '客户' AS chinese FROM shop.dashboard_of;
SELECT alter_segmentation('shop.segments', '{"scheme": "recency_frequency", "language": null}');
SELECT rfm_segment_rank, rfm_segment, count(*),
       string_agg(DISTINCT recency_score || '' || frequency_score, ' ' ORDER BY recency_score || '' || frequency_score)
FROM shop.segments
GROUP BY 1, 2 ORDER BY 1;
SELECT alter_segmentation('shop.segments', '{"scheme": "eight"}');
SELECT rfm_segment_rank, rfm_segment, rfm_code, count(*) FROM shop.segments GROUP BY 1, 2, 3 ORDER BY 1;
SELECT alter_segmentation('shop.segments', '{"scheme": "none", "bins": 3}');
SELECT count(*), count(rfm_segment), count(rfm_segment_code), count(rfm_segment_rank), min(rfm_code),
       max(rfm_code)
FROM shop.segments;
SELECT alter_segmentation('shop.segments', '{"bins": 10}');
SELECT count(DISTINCT recency_score), max(monetary_score),
       count(rfm_code) FILTER (WHERE rfm_code LIKE '%10%') > 0 AS two_digits
FROM shop.segments;
SELECT alter_segmentation('shop.segments', '{"bins": null, "scheme": null, "monetary": "average"}');
SELECT count(*) FROM shop.segments WHERE monetary IS DISTINCT FROM average_order_value;
SELECT cuts::text::jsonb ->> 'monetary_measure' FROM training ORDER BY number DESC LIMIT 1;
SELECT alter_segmentation('shop.segments', '{
    "monetary": null, "cuts": {"recency": [10, 30, 60, 90], "monetary": [0, 100, 200, 300.5]}
}');
SELECT cuts::text::jsonb ->> 'recency', cuts::text::jsonb ->> 'monetary' FROM training ORDER BY number DESC LIMIT 1;
SELECT count(*)
FROM shop.segments
WHERE recency_score <> CASE
    WHEN recency_days <= 10 THEN 5
    WHEN recency_days <= 30 THEN 4
    WHEN recency_days <= 60 THEN 3
    WHEN recency_days <= 90 THEN 2
    ELSE 1
END;
SELECT alter_segmentation('shop.segments', '{"cuts": null, "as_of": "latest"}');
SELECT DISTINCT as_of FROM shop.segments;
INSERT INTO shop.orders VALUES (9102, 25, '2025-03-01', 10);
SELECT DISTINCT as_of FROM shop.segments;
SELECT train_segmentation('shop.segments') > 10 AS trained;
SELECT DISTINCT as_of FROM shop.segments;
DELETE FROM shop.orders WHERE order_id = 9102;
SELECT alter_segmentation('shop.segments', '{"as_of": "live"}');
SELECT count(*) = count(*) FILTER (WHERE as_of = (now() AT TIME ZONE 'UTC')::date) AS today FROM shop.segments;
SELECT alter_segmentation('shop.segments', '{"time_zone": "Pacific/Kiritimati"}');
SELECT count(*) = count(*) FILTER (WHERE as_of = (now() AT TIME ZONE 'Pacific/Kiritimati')::date) AS today,
       min(first_purchase)
FROM shop.segments;
SELECT alter_segmentation('shop.segments', '{"time_zone": null, "security_invoker": false, "as_of": "2024-10-31"}');
SELECT reloptions FROM pg_class WHERE oid = 'shop.segments'::regclass;
SELECT alter_segmentation('shop.segments', '{"security_invoker": null, "keep_trainings": null}');
SELECT reloptions FROM pg_class WHERE oid = 'shop.segments'::regclass;
SELECT options FROM segmentations;
SELECT sum(count) FROM shop.dashboard;
-- another source, and other columns, of the same types
CREATE TABLE shop.orders2 (who bigint, day date, price float8);
INSERT INTO shop.orders2 SELECT i % 7, date '2024-01-01' + i, i / 10.0 FROM generate_series(1, 40) AS i;
SELECT alter_segmentation('shop.segments', source => 'shop.orders2', customer => 'who', ordered_at => 'day',
                          amount => 'price');
SELECT count(*), sum(revenue) FROM shop.segments;
SELECT attname FROM pg_attribute WHERE attrelid = 'shop.segments'::regclass AND attnum = 1;
SELECT alter_segmentation('shop.segments', '{}', 'shop.orders', 'customer_id', 'at', 'total');
SELECT count(*) FROM shop.segments;
-- dropping is refused while something depends on it, and takes everything with it otherwise
\set VERBOSITY terse
SELECT drop_segmentation('shop.segments');
SELECT count(*) FROM shop.segments;
DROP VIEW shop.dashboard, shop.dashboard_of, by_view;
SELECT drop_segmentation('shop.segments');
SELECT to_regclass('shop.segments'), to_regprocedure('shop.segments_of(bigint)'),
       (SELECT count(*) FROM segmentation), (SELECT count(*) FROM training);
-- dropped without us: a row without a view, which is in nobody's way
SELECT create_segmentation('shop.segments', 'shop.orders', 'customer_id', 'at', 'total');
DROP VIEW shop.segments;
DROP VIEW shop.segments CASCADE;
SELECT to_regprocedure('shop.segments_of(bigint)');
SELECT (SELECT count(*) FROM segmentations), (SELECT count(*) FROM segmentation);
SELECT create_segmentation('shop.segments', 'shop.orders', 'customer_id', 'at', 'total');
SELECT (SELECT count(*) FROM segmentations), (SELECT count(*) FROM segmentation);
-- renamed and moved, it is the same segmentation
ALTER VIEW shop.segments RENAME TO renamed;
ALTER VIEW shop.renamed SET SCHEMA public;
SELECT train_segmentation('renamed');
SELECT view, newest_training FROM segmentations;
SELECT count(*) FROM segment_report('renamed') WHERE customers > 0;
SELECT alter_segmentation('renamed', '{"as_of": "2024-10-31"}');
SELECT count(*), max(as_of) FROM renamed;
SELECT drop_segmentation('renamed');
SELECT proname FROM pg_proc WHERE proname ~ '_of$' AND pronamespace IN ('shop'::regnamespace, 'public'::regnamespace);
SELECT (SELECT count(*) FROM segmentations), (SELECT count(*) FROM segmentation);

-- sources ------------------------------------------------------------------------------------------------
CREATE TABLE shop.parted (LIKE shop.orders) PARTITION BY RANGE (at);
CREATE TABLE shop.parted_1 PARTITION OF shop.parted FOR VALUES FROM (MINVALUE) TO ('2024-05-01');
CREATE TABLE shop.parted_2 PARTITION OF shop.parted FOR VALUES FROM ('2024-05-01') TO (MAXVALUE);
INSERT INTO shop.parted SELECT * FROM shop.orders WHERE at IS NOT NULL;
CREATE VIEW shop.a_view AS SELECT * FROM shop.orders;
CREATE MATERIALIZED VIEW shop.a_matview AS SELECT * FROM shop.orders;
CREATE UNLOGGED TABLE shop.unlogged AS SELECT * FROM shop.orders;
CREATE TABLE shop.child () INHERITS (shop.orders);
CREATE FUNCTION shop.check_source(
    source text, customer text DEFAULT 'customer_id', ordered_at text DEFAULT 'at', amount text DEFAULT 'total',
    options text DEFAULT '{}'
)
    RETURNS TABLE (customers bigint, labelled bigint, revenue numeric, customer_type text, function_rows bigint)
    LANGUAGE plpgsql AS $$
BEGIN
    PERFORM customer_value.create_segmentation('shop.it', source, customer, ordered_at, amount,
                                               '{"as_of": "2024-10-31"}'::jsonb || options::jsonb);
    RETURN QUERY EXECUTE format('
        SELECT count(*), count(rfm_segment), sum(revenue), min(pg_typeof(%1$I)::text),
               (
                   SELECT count(*)
                   FROM (SELECT %1$I AS c FROM shop.it) AS k
                   CROSS JOIN LATERAL shop.it_of(k.c) AS f
               )
        FROM shop.it
    ', customer);
    PERFORM customer_value.drop_segmentation('shop.it');
END $$;
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
SELECT create_segmentation('shop.it', 'shop.empty', 'c', 'at', 'amount', '{"as_of": "latest"}');
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
SELECT source, customer, amount FROM segmentations WHERE view = 'shop.it'::regclass;
-- another type of the customer column would be another view
SELECT fails('SELECT alter_segmentation(''shop.it'', customer => ''v'')') LIKE '% -> %' AS told;
SELECT customer, (SELECT count(*) FROM shop.it) FROM segmentations WHERE view = 'shop.it'::regclass;
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
-- revenues below zero: the mean may be negative, shares still add up; without any revenue there are none
CREATE TABLE shop.negative (c int, d date, a numeric);
INSERT INTO shop.negative VALUES
    (1, '2024-01-01', 5), (1, '2024-01-02', -50), (2, '2024-01-03', 5), (3, '2024-01-03', -1);
SELECT create_segmentation('shop.it', 'shop.negative', 'c', 'd', 'a', '{"scheme": "eight", "as_of": "2024-01-10"}');
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
