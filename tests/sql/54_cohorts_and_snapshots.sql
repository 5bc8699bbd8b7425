-- Cohorts and two periods against plain SQL over the orders; snapshots of a view in a table, what they replace and refuse;
-- rights, bad input.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned
SET search_path = public, customer_value;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\i :helpers

CREATE SCHEMA shop;
CREATE TABLE shop.customers AS
SELECT i::bigint AS id, (ARRAY['North', 'South', NULL])[1 + i % 3] AS region FROM generate_series(1, 650) AS i;
CREATE TABLE shop.orders AS
SELECT customer_id AS customer, ordered_at AS at, amount AS total FROM simulate_orders(600, 700, 5);
-- after as_of; several on a day; the last moment of a month
INSERT INTO shop.orders VALUES (7, '2025-12-24', 70.01), (601, '2025-12-24', 20),
    (602, '2025-06-30 23:59:59', 5), (602, '2025-06-30 08:00', 6), (602, '2025-07-01 00:00', 7);
SELECT create_segmentation('shop.seg', 'shop.orders', 'customer', 'at', 'total', '{
    "as_of": "2025-11-15", "customers": {"source": "shop.customers", "customer": "id", "columns": ["region"]}
}');
SELECT create_segmentation('shop.kept', 'shop.orders', 'customer', 'at', 'total', '{"as_of": "2025-11-15", "keep": true}');
SELECT FROM refresh_segmentation('shop.kept');
CREATE VIEW shop.bought AS
SELECT customer, at::date AS day, total FROM shop.orders WHERE at < '2025-11-16';

-- cohorts -------------------------------------------------------------------------------------------------------------

-- the same by date_trunc and generate_series, for each label, and over kept histories
PREPARE cohorts(text, interval, text) AS
WITH member AS (
    SELECT b.customer, date_trunc($1, min(b.day))::date AS cohort FROM shop.bought AS b GROUP BY 1
), cohort AS (
    SELECT m.cohort, count(*) AS size FROM member AS m GROUP BY 1
), period AS (
    SELECT c.cohort, c.size, p.number, (c.cohort + (p.number - 1) * $2)::date AS "from",
           (c.cohort + p.number * $2)::date - 1 AS "to"
    FROM cohort AS c
    CROSS JOIN LATERAL generate_series(c.cohort, date '2025-11-15', $2) WITH ORDINALITY AS p (day, number)
), plain AS (
    SELECT p.cohort, (p.number - 1)::int AS number, p."from", p."to", p."to" <= '2025-11-15' AS complete, p.size,
           count(DISTINCT b.customer) AS customers, count(b.customer) AS orders, coalesce(sum(b.total), 0) AS revenue
    FROM period AS p
    LEFT JOIN (shop.bought AS b JOIN member AS m USING (customer))
        ON m.cohort = p.cohort AND b.day BETWEEN p."from" AND p."to"
    GROUP BY 1, 2, 3, 4, 5, 6
), shown AS (
    SELECT p.*, round(customers / size::numeric, 4)::float8, round(revenue / size, 2)::float8, sum(revenue) OVER w,
           round(sum(revenue) OVER w / size, 2)::float8
    FROM plain AS p WINDOW w AS (PARTITION BY cohort ORDER BY number)
), ours AS (
    SELECT cohort, period, period_from, period_to, is_complete, cohort_customers, customers, orders, revenue,
           customer_share, revenue_per_customer, cumulative_revenue, cumulative_revenue_per_customer
    FROM segment_cohorts($3, $2)
)
SELECT (SELECT count(*) FROM ours) AS rows, (SELECT count(*) FROM (TABLE shown EXCEPT ALL TABLE ours) AS d) AS missing,
       (SELECT count(*) FROM (TABLE ours EXCEPT ALL TABLE shown) AS d) AS more,
       (SELECT sum(revenue) FROM ours) - (SELECT sum(total) FROM shop.bought) AS difference,
       (SELECT sum(orders) FROM ours) - (SELECT count(*) FROM shop.bought) AS orders;
EXECUTE cohorts('month', '1 month', 'shop.seg');
EXECUTE cohorts('month', '1 month', 'shop.kept');
EXECUTE cohorts('quarter', '3 months', 'shop.seg');
EXECUTE cohorts('year', '1 year', 'shop.seg');
EXECUTE cohorts('week', '7 days', 'shop.seg');
SELECT * FROM segment_cohorts('shop.seg') WHERE cohort = '2025-09-01';

-- by a column: each value by itself
SELECT sum(cohort_customers) FILTER (WHERE period = 0) AS customers,
       sum(revenue) = (SELECT sum(total) FROM shop.bought) AS revenue, count(DISTINCT segment) AS regions
FROM segment_cohorts('shop.seg', by => 'region');
SELECT s.segment, s.customers, s.orders, s.revenue, (p.customers, p.orders, p.revenue) = (s.customers, s.orders, s.revenue) AS same
FROM segment_cohorts('shop.seg', by => 'region') AS s
CROSS JOIN LATERAL (
    SELECT count(DISTINCT b.customer) AS customers, count(*) AS orders, coalesce(sum(b.total), 0) AS revenue
    FROM shop.bought AS b LEFT JOIN shop.customers AS c ON c.id = b.customer
    WHERE b.day BETWEEN '2025-03-01' AND '2025-03-31' AND c.region IS NOT DISTINCT FROM s.segment
      AND (SELECT min(f.day) FROM shop.bought AS f WHERE f.customer = b.customer) BETWEEN '2025-01-01' AND '2025-01-31'
) AS p
WHERE s.cohort = '2025-01-01' AND s.period = 2 ORDER BY 1;
-- labels by rank
SELECT string_agg(segment, ', ' ORDER BY place)
FROM (SELECT segment, min(place) AS place
      FROM segment_cohorts('shop.seg', '1 year', 'rfm_segment') WITH ORDINALITY
          AS s (segment, a, b, c, d, e, f, g, h, i, j, k, l, m, place)
      GROUP BY 1) AS s;

-- two periods ---------------------------------------------------------------------------------------------------------

PREPARE periods(date, date, date, date, text) AS
WITH customer AS (
    SELECT b.customer, min(b.day) AS first, count(*) FILTER (WHERE b.day BETWEEN $3 AND $4) AS before,
           count(*) FILTER (WHERE b.day BETWEEN $1 AND $2) AS after,
           coalesce(sum(b.total) FILTER (WHERE b.day BETWEEN $3 AND $4), 0) AS revenue_before,
           coalesce(sum(b.total) FILTER (WHERE b.day BETWEEN $1 AND $2), 0) AS revenue
    FROM shop.bought AS b WHERE b.day <= $2 GROUP BY 1
), plain AS (
    SELECT CASE WHEN first >= $1 THEN 'new' WHEN before > 0 AND after > 0 THEN 'repeating'
                WHEN before > 0 THEN 'lapsed' WHEN after > 0 THEN 'returned' ELSE 'absent' END AS code,
           count(*), sum(before), sum(after), sum(revenue_before), sum(revenue) FROM customer GROUP BY 1
)
SELECT o.status, o.customers, o.customer_share, o.orders_before, o.orders, o.revenue_before, o.revenue, o.revenue_change,
       (o.customers, o.orders_before, o.orders, o.revenue_before, o.revenue)
       = (coalesce(p.count, 0), coalesce(p.sum, 0), coalesce(p.sum_1, 0), coalesce(p.sum_2, 0), coalesce(p.sum_3, 0)) AS same
FROM compare_periods($5, $1, $2, $3, $4) AS o
FULL JOIN plain AS p (code, count, sum, sum_1, sum_2, sum_3) USING (code);
EXECUTE periods('2025-07-01', '2025-09-30', '2025-04-01', '2025-06-30', 'shop.seg');
EXECUTE periods('2025-07-01', '2025-09-30', '2025-04-01', '2025-06-30', 'shop.kept');
EXECUTE periods('2025-11-15', '2025-11-15', '2024-11-15', '2024-11-15', 'shop.seg');
-- by label: labels add up
SELECT code, sum(customers), sum(revenue_before), sum(revenue)
FROM compare_periods('shop.seg', '2025-07-01', '2025-09-30', by => 'region') GROUP BY 1
EXCEPT SELECT code, customers, revenue_before, revenue FROM compare_periods('shop.seg', '2025-07-01', '2025-09-30');
SELECT count(*), count(DISTINCT segment) FROM compare_periods('shop.seg', '2025-07-01', '2025-09-30', by => 'rfm_segment');
-- which periods are meant: months for months, days for days
SET client_min_messages = notice;
SELECT count(*) FROM compare_periods('shop.seg');
SELECT count(*) FROM compare_periods('shop.seg', '2025-07-01', '2025-09-30');
SELECT count(*) FROM compare_periods('shop.seg', '2025-03-01', '2025-03-31');
SELECT count(*) FROM compare_periods('shop.seg', '2025-03-02', '2025-03-31');
SELECT count(*) FROM compare_periods('shop.seg', '2025-03-01', '2025-03-31', before_to => '2024-03-31');
SELECT count(*) FROM compare_periods('shop.seg', '2025-03-01', '2025-03-31', before_to => '2024-03-30');
SET client_min_messages = warning;

-- bad input, and sources with little in them --------------------------------------------------------------------------

SELECT fails(s) FROM unnest(ARRAY[
    $$SELECT segment_cohorts('shop.seg', '1 month 3 days')$$,
    $$SELECT segment_cohorts('shop.seg', '0 days')$$,
    $$SELECT segment_cohorts('shop.seg', '-1 month')$$,
    $$SELECT segment_cohorts('shop.seg', '12 hours')$$,
    $$SELECT segment_cohorts('shop.seg', '101 years')$$,
    $$SELECT segment_cohorts('shop.seg', NULL)$$,
    $$SELECT segment_cohorts(NULL)$$,
    $$SELECT segment_cohorts('shop.seg', by => 'nothing')$$,
    $$SELECT segment_cohorts('shop.orders')$$,
    $$SELECT compare_periods(NULL)$$,
    $$SELECT compare_periods('shop.seg', '2025-07-01', '2025-06-30')$$,
    $$SELECT compare_periods('shop.seg', '2025-07-01', '2025-11-16')$$,
    $$SELECT compare_periods('shop.seg', '2025-07-01', 'infinity')$$,
    $$SELECT compare_periods('shop.seg', '2025-07-01', '2025-07-31', '2025-06-01', '2025-07-01')$$,
    $$SELECT compare_periods('shop.seg', '2025-07-01', '2025-07-31', '2025-06-02', '2025-06-01')$$,
    $$SELECT compare_periods('shop.seg', '2025-07-01', '2025-07-31', '1999-01-01', '1999-01-31')$$,
    $$SELECT compare_periods('shop.seg', '1999-02-01', '1999-02-28')$$,
    $$SELECT compare_periods('shop.seg', by => 'nothing')$$
]) AS s;
-- more rows than anybody reads
CREATE TABLE shop.many AS SELECT i AS customer, date '2025-01-01' + i % 300 AS at, 1 AS total FROM generate_series(1, 21000) AS i;
SELECT create_segmentation('shop.many_seg', 'shop.many', 'customer', 'at', 'total', '{"as_of": "2025-12-31"}');
SELECT fails($$SELECT segment_cohorts('shop.many_seg', '7 days', by => 'customer')$$);
SELECT fails($$SELECT compare_periods('shop.many_seg', by => 'customer')$$);
DROP TABLE shop.many CASCADE;
-- an order with a wrong year
INSERT INTO shop.orders VALUES (603, '1066-10-14', 1);
SELECT fails($$SELECT segment_cohorts('shop.seg')$$);
SELECT cohort, period, customers FROM segment_cohorts('shop.seg', '1 year') WHERE cohort < '2000-01-01' AND customers > 0;
DELETE FROM shop.orders WHERE customer = 603;
CREATE TABLE shop.few (customer int, at date, total numeric);
SELECT create_segmentation('shop.few_seg', 'shop.few', 'customer', 'at', 'total', '{"as_of": "2025-11-15"}');
SELECT create_segmentation('shop.latest', 'shop.few', 'customer', 'at', 'total', '{"as_of": "latest", "refunds": "apart"}');
SELECT * FROM segment_cohorts('shop.few_seg');
SELECT * FROM segment_cohorts('shop.latest');
SELECT * FROM compare_periods('shop.few_seg');
SELECT fails($$SELECT compare_periods('shop.latest')$$);
-- a refund before the first purchase, one of a customer who never bought, one that undoes a purchase; other digits
INSERT INTO shop.few VALUES (1, '2025-08-31', -2.5), (1, '2025-09-01', 10), (1, '2025-10-01', 1.25), (1, '2025-11-01', -1.25),
    (2, '2025-09-01', -3), (3, '2025-10-01', 4), (3, '2025-10-02', 5);
SELECT train_segmentation('shop.latest');
SELECT cohort, period, cohort_customers, customers, orders, revenue, cumulative_revenue FROM segment_cohorts('shop.few_seg');
SELECT cohort, period, cohort_customers, customers, orders, revenue, cumulative_revenue FROM segment_cohorts('shop.latest');
-- orders without amounts
SELECT create_segmentation('shop.visits', 'shop.few', 'customer', 'at', options => '{"as_of": "2025-11-15"}');
SELECT cohort, period, customers, orders, revenue, revenue_per_customer, cumulative_revenue FROM segment_cohorts('shop.visits')
ORDER BY 1, 2 LIMIT 2;
SELECT code, customers, orders, revenue FROM compare_periods('shop.visits', '2025-10-01', '2025-10-31');
-- in the language of the segmentation; over order lines; bound to a name
SELECT create_segmentation('shop.named', 'shop.few', 'customer', 'at', 'total', '{"as_of": "2025-11-15", "language": "zh", "bind": "name", "order_id": "at"}');
SELECT status, code, customers FROM compare_periods('shop.named', '2025-10-01', '2025-10-31');
SELECT cohort, period, customers FROM segment_cohorts('shop.named', '3 months');

-- snapshots -----------------------------------------------------------------------------------------------------------

-- what a snapshot has and the view has not, and the other way round
CREATE FUNCTION shop.differ(snapshots text, view text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    n bigint;
BEGIN
    EXECUTE format('
        WITH a AS (SELECT to_jsonb(s) FROM %1$s AS s WHERE as_of = (SELECT max(as_of) FROM %2$s AS v)),
             b AS (SELECT to_jsonb(v) FROM %2$s AS v)
        SELECT count(*) FROM ((TABLE a EXCEPT ALL TABLE b) UNION ALL (TABLE b EXCEPT ALL TABLE a)) AS d
    ', snapshots, view) INTO n;
    RETURN n;
END $$;
SELECT snapshot_segmentation('shop.seg', 'shop.snapshots') = (SELECT count(*) FROM shop.seg) AS all_of_them;
SELECT shop.differ('shop.snapshots', 'shop.seg');
-- columns as those of the view, the key first
SELECT count(*), count(t.attname), array_agg(v.attname) FILTER (WHERE (t.atttypid, t.atttypmod, t.attcollation,
           col_description(t.attrelid, t.attnum)) IS DISTINCT FROM
           (v.atttypid, v.atttypmod, v.attcollation, col_description(v.attrelid, v.attnum))) AS others
FROM pg_attribute AS v
LEFT JOIN pg_attribute AS t ON t.attrelid = 'shop.snapshots'::regclass AND t.attname = v.attname AND t.attnum > 0
WHERE v.attrelid = 'shop.seg'::regclass AND v.attnum > 0;
SELECT attname, attnotnull FROM pg_attribute WHERE attrelid = 'shop.snapshots'::regclass AND attnum BETWEEN 1 AND 3 ORDER BY attnum;
SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'shop.snapshots'::regclass ORDER BY indexrelid;
SELECT regexp_replace(obj_description('shop.snapshots'::regclass), '[0-9a-f-]{36}$', '…');

-- the same day again replaces; another day is added
INSERT INTO shop.orders VALUES (602, '2025-11-01', 99), (604, '2025-11-01', 1);
DELETE FROM shop.orders WHERE customer = 601;
SELECT shop.differ('shop.snapshots', 'shop.seg') > 0 AS differs;
SELECT snapshot_segmentation('shop.seg', 'shop.snapshots') = count(*) FROM shop.snapshots;
SELECT shop.differ('shop.snapshots', 'shop.seg');
SELECT alter_segmentation('shop.seg', '{"as_of": "2025-12-31"}', train => false);
SELECT snapshot_segmentation('shop.seg', 'shop.snapshots') > 0;
SELECT shop.differ('shop.snapshots', 'shop.seg');
SELECT as_of, count(*), count(DISTINCT customer), sum(revenue) FROM shop.snapshots GROUP BY 1 ORDER BY 1;

-- as of an earlier day: what the view shows with that as_of, and the training of today, of those who had orders by then or
-- are in a customer table
CREATE PROCEDURE shop.compare(view text, day date, orders text DEFAULT NULL) LANGUAGE plpgsql AS $$
DECLARE
    n bigint;
    then_known text := '(TABLE ' || view || ')';
BEGIN
    IF orders IS NOT NULL THEN
        then_known := format('(SELECT v.* FROM %s AS v WHERE EXISTS (SELECT FROM %s AS o WHERE o.customer = v.customer '
                             'AND o.at::date <= %L AND o.total IS NOT NULL))', view, orders, day);
    END IF;
    SET LOCAL client_min_messages = warning;
    PERFORM customer_value.alter_segmentation(view, '{"as_of": "2025-12-31"}', train => false);
    n := customer_value.snapshot_segmentation(view, view || '_snapshots', as_of => day);
    PERFORM customer_value.alter_segmentation(view, jsonb_build_object('as_of', day), train => false);
    SET LOCAL client_min_messages = notice;
    RAISE NOTICE '% as of %: % rows, % differ', view, day, n, shop.differ(view || '_snapshots', then_known);
END $$;
CALL shop.compare('shop.seg', '2025-03-31');
CALL shop.compare('shop.kept', '2025-03-31', 'shop.orders');
CALL shop.compare('shop.kept', '2025-06-30', 'shop.orders');
CALL shop.compare('shop.named', '2025-09-01', 'shop.few');
CALL shop.compare('shop.named', '2025-10-01', 'shop.few');
-- with all inputs
CREATE TABLE shop.full_orders AS
SELECT *, round(total / 3, 1) AS cost, 1.5 AS service, customer % 3 = 0 AS reduced,
       CASE WHEN total > 40 THEN 'shop' ELSE 'web' END AS channel
FROM shop.orders;
CREATE TABLE shop.contacts AS
SELECT customer, timestamptz '2025-11-30' - customer % 400 * interval '1 day' AS at, 'mail'::text AS kind
FROM generate_series(1::bigint, 600) AS customer;
CREATE TABLE shop.answers AS
SELECT customer, timestamptz '2025-10-01' - customer % 300 * interval '1 day' AS at, 'csat'::text AS kind,
       (1 + customer % 5)::int AS score
FROM generate_series(1::bigint, 600, 3) AS customer;
SELECT create_segmentation('shop.full', 'shop.full_orders', 'customer', 'at', 'total', '{
    "as_of": "2025-11-30", "channel": "channel", "cost": "cost", "cost_to_serve": "service", "discount": "reduced",
    "customers": {"source": "shop.customers", "customer": "id", "columns": ["region"]},
    "interactions": {"source": "shop.contacts", "customer": "customer", "at": "at", "kind": "kind"},
    "satisfaction": {"source": "shop.answers", "customer": "customer", "at": "at", "kind": "kind", "score": "score"}
}');
CALL shop.compare('shop.full', '2025-05-31');
CALL shop.compare('shop.full', '2025-12-31');
SELECT count(*) > 80 AS many FROM pg_attribute WHERE attrelid = 'shop.full_snapshots'::regclass AND attnum > 0;

-- some columns; more of them later
SELECT snapshot_segmentation('shop.few_seg', 'shop.chosen', ARRAY['rfm_segment', 'as_of', 'clv', 'clv']);
SET client_min_messages = notice;
SELECT attname FROM pg_attribute WHERE attrelid = 'shop.chosen'::regclass AND attnum > 0 ORDER BY attnum;
SELECT snapshot_segmentation('shop.few_seg', 'shop.chosen', ARRAY['rfm_segment', 'clv']);
SELECT snapshot_segmentation('shop.few_seg', 'shop.chosen', ARRAY['rfm_segment', 'revenue', 'last_purchase']);
SELECT * FROM shop.chosen ORDER BY customer;
SELECT snapshot_segmentation('shop.few_seg', 'shop.chosen', ARRAY['rfm_segment', 'revenue', 'last_purchase']);
SELECT * FROM shop.chosen ORDER BY customer;
SELECT col_description('shop.chosen'::regclass, 5) = col_description('shop.few_seg'::regclass, attnum) AS commented,
       format_type(atttypid, atttypmod)
FROM pg_attribute WHERE attrelid = 'shop.few_seg'::regclass AND attname = 'revenue';
SET client_min_messages = warning;

-- a table of one's own: partitioned, in other order, with a column more
CREATE TABLE shop.parted (customer int, clv double precision, note text DEFAULT 'x', as_of date, UNIQUE (customer, as_of))
    PARTITION BY RANGE (as_of);
CREATE TABLE shop.parted_2025 PARTITION OF shop.parted FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
SELECT snapshot_segmentation('shop.few_seg', 'shop.parted', ARRAY['clv', 'revenue']);
SELECT snapshot_segmentation('shop.few_seg', 'shop.parted', ARRAY['clv', 'revenue']);
SELECT tableoid::regclass, customer, note, as_of, revenue FROM shop.parted ORDER BY customer;
SELECT obj_description('shop.parted'::regclass) LIKE 'Snapshots of shop.few_seg: %' AS ours;

-- a segmentation that was dropped and made again goes on with its table; names that need quotes
CREATE SCHEMA "My shop";
CREATE TABLE "My shop"."Orders" AS SELECT customer AS "Cust""omer", at AS "At", total AS "Total" FROM shop.few;
PREPARE make AS SELECT create_segmentation('"My shop"."Seg"', '"My shop"."Orders"', 'Cust"omer', 'At', 'Total', '{"as_of": "2025-11-15"}');
EXECUTE make;
SELECT snapshot_segmentation('"My shop"."Seg"', '"My shop"."Snap""shots"');
SELECT drop_segmentation('"My shop"."Seg"');
SELECT count(*) AS left FROM "My shop"."Snap""shots";
EXECUTE make;
SELECT snapshot_segmentation('"My shop"."Seg"', '"My shop"."Snap""shots"', as_of => '2025-10-01');
SELECT as_of, "Cust""omer", frequency FROM "My shop"."Snap""shots" ORDER BY 1, 2;
SELECT snapshot_segmentation('"My shop"."Seg"', '"My shop"."Snap""shots"') = 3 AS again;

-- a column of the view has another name
SELECT create_segmentation('shop.renamed', 'shop.few', 'customer', 'at', 'total', '{"as_of": "2025-11-15"}');
ALTER VIEW shop.renamed RENAME COLUMN customer TO who;
SELECT segment, period, customers FROM segment_cohorts('shop.renamed', '1 year', by => 'who');
SELECT snapshot_segmentation('shop.renamed', 'shop.whose', ARRAY['frequency']),
       snapshot_segmentation('shop.renamed', 'shop.whose', ARRAY['frequency'], as_of => '2025-10-01');
SELECT * FROM shop.whose ORDER BY 1, 2;

-- what is refused
CREATE TABLE shop.no_key (as_of date, customer int);
CREATE TABLE shop.half_key (as_of date, customer int);
CREATE UNIQUE INDEX ON shop.half_key (as_of, customer) WHERE customer > 0;
CREATE TABLE shop.no_day (customer int);
CREATE TABLE shop.no_customer (as_of date PRIMARY KEY);
CREATE TABLE shop.time (as_of timestamptz, customer int, PRIMARY KEY (as_of, customer));
CREATE TABLE shop.strange (as_of date, customer int, PRIMARY KEY (as_of, customer));
INSERT INTO shop.strange VALUES ('2025-01-01', 1);
CREATE TABLE shop.typed (as_of date, customer int, clv text, PRIMARY KEY (as_of, customer));
CREATE TABLE shop.narrow (as_of date, customer int, revenue numeric(4, 2), PRIMARY KEY (as_of, customer));
CREATE TEMP TABLE mine (as_of date, customer int, PRIMARY KEY (as_of, customer));
SELECT regexp_replace(fails(s), 'pg_temp_\d+', 'pg_temp') FROM unnest(ARRAY[
    $$SELECT snapshot_segmentation('shop.few_seg', 'shop.no_key')$$,
    $$SELECT snapshot_segmentation('shop.few_seg', 'shop.half_key')$$,
    $$SELECT snapshot_segmentation('shop.few_seg', 'shop.no_day')$$,
    $$SELECT snapshot_segmentation('shop.few_seg', 'shop.no_customer')$$,
    $$SELECT snapshot_segmentation('shop.few_seg', 'shop.time')$$,
    $$SELECT snapshot_segmentation('shop.few_seg', 'shop.strange')$$,
    $$SELECT snapshot_segmentation('shop.few_seg', 'shop.typed')$$,
    $$SELECT snapshot_segmentation('shop.few_seg', 'shop.narrow')$$,
    $$SELECT snapshot_segmentation('shop.few_seg', 'shop.snapshots')$$,
    $$SELECT snapshot_segmentation('shop.visits', 'shop.chosen', ARRAY['clv'])$$,
    $$SELECT snapshot_segmentation('shop.few_seg', 'shop.few')$$,
    $$SELECT snapshot_segmentation('shop.few_seg', 'shop.few_seg')$$,
    $$SELECT snapshot_segmentation('shop.few_seg', 'mine')$$,
    $$SELECT snapshot_segmentation('shop.few_seg', 'pg_temp.other')$$,
    $$SELECT snapshot_segmentation('shop.few_seg', 'nowhere.snapshots')$$,
    $$SELECT snapshot_segmentation('shop.few_seg', 'a.b.c')$$,
    $$SELECT snapshot_segmentation('shop.few_seg', NULL)$$,
    $$SELECT snapshot_segmentation(NULL, 'shop.new')$$,
    $$SELECT snapshot_segmentation('shop.few', 'shop.new')$$,
    $$SELECT snapshot_segmentation('shop.few_seg', 'shop.new', ARRAY['nothing'])$$,
    $$SELECT snapshot_segmentation('shop.few_seg', 'shop.new', ARRAY[NULL, 'clv'])$$,
    $$SELECT snapshot_segmentation('shop.few_seg', 'shop.new', as_of => '2025-11-16')$$,
    $$SELECT snapshot_segmentation('shop.few_seg', 'shop.new', as_of => '-infinity')$$,
    $$SELECT snapshot_segmentation('shop.few_seg', 'shop.new', as_of => '2025-08-31')$$,
    $$SELECT snapshot_segmentation('shop.few_seg', 'shop.new', ARRAY['clv'], as_of => '2025-08-01')$$,
    $$SET LOCAL transaction_read_only = on; SELECT snapshot_segmentation('shop.few_seg', 'shop.new')$$
]) AS s;
SELECT to_regclass('shop.new') IS NULL AS nothing_left;
TABLE shop.strange;

-- rights: those of the caller, for reading and for writing --------------------------------------------------------------

DROP ROLE IF EXISTS regress_reader, regress_other;
CREATE ROLE regress_reader;
CREATE ROLE regress_other;
CREATE SCHEMA bi AUTHORIZATION regress_reader;
GRANT USAGE ON SCHEMA shop TO regress_reader, regress_other;
-- readers need no way to the schema of the source
CREATE SCHEMA inner_shop;
CREATE TABLE inner_shop.orders AS SELECT customer, at, total FROM shop.few;
SELECT create_segmentation('shop.outer_seg', 'inner_shop.orders', 'customer', 'at', 'total', '{"as_of": "2025-11-15"}');
GRANT SELECT ON shop.outer_seg, inner_shop.orders TO regress_reader;
SET ROLE regress_reader;
SELECT count(*) FROM shop.outer_seg;
SELECT count(*) FROM segment_cohorts('shop.outer_seg');
SELECT count(*) FROM compare_periods('shop.outer_seg', '2025-10-01', '2025-10-31', '2025-09-01', '2025-09-30');
SELECT snapshot_segmentation('shop.outer_seg', 'bi.outer_snapshots');
RESET ROLE;
CREATE FUNCTION pg_temp.as_reader(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    said text;
BEGIN
    SET LOCAL ROLE regress_reader;
    said := tries(statement);
    RESET ROLE;
    RETURN said;
END $$;
PREPARE tries AS SELECT pg_temp.as_reader(s) FROM unnest(ARRAY[
    $$SELECT segment_cohorts('shop.few_seg')$$,
    $$SELECT compare_periods('shop.few_seg', '2025-10-01', '2025-10-31')$$,
    $$SELECT snapshot_segmentation('shop.few_seg', 'bi.snapshots')$$,
    $$SELECT snapshot_segmentation('shop.few_seg', 'bi.snapshots', as_of => '2025-10-31')$$,
    $$SELECT snapshot_segmentation('shop.few_seg', 'shop.chosen')$$,
    $$SELECT snapshot_segmentation('shop.few_seg', 'shop.another')$$
]) AS s;
EXECUTE tries;
GRANT SELECT ON shop.few_seg TO regress_reader;
EXECUTE tries;
GRANT SELECT ON shop.few TO regress_reader;
EXECUTE tries;
SELECT tableowner FROM pg_tables WHERE schemaname = 'bi';
-- a view that reads as its owner: the owner's rights on the source, no further
REVOKE SELECT ON shop.few FROM regress_reader;
SELECT alter_segmentation('shop.few_seg', '{"security_invoker": false}', train => false);
EXECUTE tries;
REVOKE SELECT ON shop.few_seg FROM regress_reader;
GRANT SELECT (customer, as_of, clv) ON shop.few_seg TO regress_reader;
EXECUTE tries;
SELECT pg_temp.as_reader($$SELECT snapshot_segmentation('shop.few_seg', 'bi.others', ARRAY['clv'])$$);
-- other days are read by the owner alone: a superuser would see more than the view shows
CREATE ROLE regress_owner;
GRANT ALL ON SCHEMA shop, bi TO regress_owner;
GRANT SELECT ON shop.few TO regress_owner;
ALTER VIEW shop.few_seg OWNER TO regress_owner;
SELECT fails($$SELECT snapshot_segmentation('shop.few_seg', 'bi.by_owner', ARRAY['clv'], as_of => '2025-10-31')$$);
SET ROLE regress_owner;
SELECT snapshot_segmentation('shop.few_seg', 'bi.by_owner', ARRAY['clv'], as_of => '2025-10-31') > 0 AS taken;
RESET ROLE;
SELECT format('ALTER VIEW shop.few_seg OWNER TO %I', current_user) \gexec
DROP OWNED BY regress_owner;
DROP ROLE regress_owner;
-- a table of another role: columns that it lacks are left to its owner
GRANT SELECT, INSERT, DELETE ON shop.chosen TO regress_reader;
GRANT SELECT ON shop.few_seg TO regress_reader;
SET client_min_messages = notice;
SET ROLE regress_reader;
SELECT snapshot_segmentation('shop.few_seg', 'shop.chosen', ARRAY['frequency', 'rfm_segment']);
RESET ROLE;
SET client_min_messages = warning;
-- and one that does not say yet that it holds snapshots
CREATE TABLE shop.given (as_of date, customer bigint, clv float8, PRIMARY KEY (as_of, customer));
GRANT SELECT, INSERT, DELETE ON shop.given TO regress_reader;
SELECT pg_temp.as_reader($$SELECT snapshot_segmentation('shop.few_seg', 'shop.given', ARRAY['clv'])$$) ~ 'belongs to another role' AS refused;
-- policies of the source hold
SELECT alter_segmentation('shop.few_seg', '{"security_invoker": true}', train => false);
GRANT SELECT ON shop.few TO regress_reader;
ALTER TABLE shop.few ENABLE ROW LEVEL SECURITY;
CREATE POLICY one ON shop.few FOR SELECT TO regress_reader USING (customer = 1);
SET ROLE regress_reader;
SELECT snapshot_segmentation('shop.few_seg', 'bi.mine'), snapshot_segmentation('shop.few_seg', 'bi.mine', as_of => '2025-10-31');
SELECT sum(cohort_customers) FROM segment_cohorts('shop.few_seg') WHERE period = 0;
RESET ROLE;
DROP OWNED BY regress_reader, regress_other;
DROP ROLE regress_reader, regress_other;
