-- A segmentation: its columns, plans, training, reports, altering and dropping.
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


SELECT create_segmentation('shop.segments', source => 'shop.orders', customer => 'customer_id',
                           ordered_at => 'at', amount => 'total', options => '{"as_of": "2024-10-31", "refunds": "apart", "ties": "quantile"}');
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
    = (SELECT sum(total) FROM shop.orders) AS same;
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
           round(percentile_cont(0.5) WITHIN GROUP (ORDER BY v.monetary)::numeric, 2)::float8 AS monetary
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
SELECT count(*) FROM shop.segments WHERE monetary IS DISTINCT FROM round(average_order_value, 2);
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
-- dropped without us: a row without a view, which is kept and taken up again, with its options and trainings
SELECT create_segmentation('shop.segments', 'shop.orders', 'customer_id', 'at', 'total', '{"bins": 5}');
DROP VIEW shop.segments;
DROP VIEW shop.segments CASCADE;
SELECT to_regprocedure('shop.segments_of(bigint)');
SELECT view, state, newest_training FROM segmentations;
SELECT create_segmentation('shop.segments', 'shop.orders', 'customer_id', 'at', 'total');
SELECT view, state, newest_training, options, (SELECT count(*) FROM segmentation) FROM segmentations;
-- renamed and moved, it is the same segmentation
ALTER VIEW shop.segments RENAME TO renamed;
ALTER VIEW shop.renamed SET SCHEMA public;
SELECT train_segmentation('renamed');
SELECT view, state, newest_training FROM segmentations;
SELECT count(*) FROM segment_report('renamed') WHERE customers > 0;
SELECT alter_segmentation('renamed', '{"as_of": "2024-10-31"}');
SELECT count(*), max(as_of) FROM renamed;
SELECT drop_segmentation('renamed');
SELECT proname FROM pg_proc WHERE proname ~ '_of$' AND pronamespace IN ('shop'::regnamespace, 'public'::regnamespace);
SELECT (SELECT count(*) FROM segmentations), (SELECT count(*) FROM segmentation);
