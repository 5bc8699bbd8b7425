-- Doubts: what a training found that may mislead, each provoked by a small change of a shop that gives rise to none.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned
SET search_path = public, customer_value;
CREATE TEMP TABLE base AS
SELECT customer_id, ordered_at, amount
FROM simulate_orders(900, 900, 11, '{"family": "bg_nbd", "r": 2, "alpha": 60, "a": 0.5, "b": 5}',
                     first_day => '2016-01-01', joining_days => 600);
-- The doubts of a segmentation over a query, which is removed again.
CREATE FUNCTION doubts_of(query text, options jsonb DEFAULT '{"as_of": "latest"}', amount text DEFAULT 'amount')
    RETURNS TABLE (doubt text, figure text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'CREATE TABLE tried AS ' || query;
    PERFORM create_segmentation('tried_seg', 'tried', 'customer_id', 'ordered_at', amount, options);
    RETURN QUERY SELECT d.doubt, d.figure FROM segmentation_doubts('tried_seg') AS d;
    PERFORM drop_segmentation('tried_seg');
    DROP TABLE tried;
END $$;
-- Their codes.
CREATE FUNCTION codes(query text, options jsonb DEFAULT '{"as_of": "latest"}', amount text DEFAULT 'amount') RETURNS text
    LANGUAGE sql AS 'SELECT coalesce(string_agg(doubt, '', ''), ''none'') FROM doubts_of($1, $2, $3)';

-- a shop without ------------------------------------------------------------------------------------------------------
SELECT codes('TABLE base');
SELECT codes('TABLE base', '{"as_of": "latest", "family": "pareto_nbd"}');
SELECT codes('TABLE base', '{"as_of": "latest", "family": "none"}');
SELECT codes('TABLE base', '{"as_of": "latest", "time_zone": "Asia/Shanghai"}');
SELECT codes('SELECT customer_id, ordered_at::date AS ordered_at, amount::float8 FROM base');
SELECT codes('SELECT customer_id, ordered_at FROM base', amount => NULL);
-- the same that ends yesterday, compared as of today
SELECT codes('SELECT customer_id, ordered_at + (now()::date - 1 - (SELECT max(ordered_at)::date FROM base)) * interval ''1 day''
              AS ordered_at, amount FROM base', '{}');

-- few customers, a short time, a silent end --------------------------------------------------------------------------
SELECT * FROM doubts_of('SELECT * FROM base WHERE customer_id <= 499');
SELECT count(*) AS purchasers, count(*) FILTER (WHERE days > 1) AS repeaters
FROM (SELECT count(DISTINCT ordered_at::date) AS days FROM base WHERE customer_id <= 499 GROUP BY customer_id) AS c;
-- 500 are enough, unless few of them came back
SELECT codes('SELECT * FROM base WHERE customer_id <= 500');
SELECT doubt FROM doubts_of('SELECT DISTINCT ON (customer_id, CASE WHEN customer_id <= 100 THEN ordered_at END) *
                             FROM base ORDER BY customer_id, CASE WHEN customer_id <= 100 THEN ordered_at END, ordered_at')
WHERE doubt = 'few_customers';
SELECT doubt, figure FROM doubts_of($$SELECT * FROM base WHERE ordered_at < '2016-06-28'$$) WHERE doubt ~ 'history';
SELECT doubt, figure FROM doubts_of($$SELECT * FROM base WHERE ordered_at < '2016-06-30'$$) WHERE doubt ~ 'history';
SELECT doubt, figure ~ ', 31 days before' AS days
FROM doubts_of('SELECT customer_id, ordered_at + (now()::date - 31 - (SELECT max(ordered_at)::date FROM base)) * interval ''1 day''
                AS ordered_at, amount FROM base', '{}') WHERE doubt ~ 'recent';
SELECT doubt, figure FROM doubts_of('TABLE base', '{"as_of": "2019-06-18"}') WHERE doubt ~ 'recent';
SELECT doubt, figure FROM doubts_of('TABLE base', '{"as_of": "2019-06-17"}') WHERE doubt ~ 'recent';

-- orders after as_of, in the future, left out: with their amounts ------------------------------------------------------
SELECT * FROM doubts_of('TABLE base', '{"as_of": "2018-06-01"}');
SELECT count(*), sum(amount) FROM base WHERE ordered_at >= '2018-06-02';
-- a day that is not over yet belongs to as_of; so do times of another zone on that day
SELECT * FROM doubts_of('TABLE base', '{"as_of": "2018-06-17", "time_zone": "America/New_York"}');
SELECT count(*), sum(amount) FROM base WHERE (ordered_at AT TIME ZONE 'America/New_York')::date > '2018-06-17';
-- refunds after the last purchase are later, too
SELECT * FROM doubts_of($$TABLE base UNION ALL VALUES (7, '2018-07-01'::timestamptz, -12.5)$$);
SELECT * FROM doubts_of($$TABLE base UNION ALL VALUES (7, '9999-12-31'::timestamptz, 5)$$);
SELECT * FROM doubts_of($$TABLE base UNION ALL VALUES (7, '9999-12-31'::timestamptz, 5)$$,
                        '{"as_of": "latest", "time_zone": "Asia/Shanghai"}');
CREATE TABLE gaps AS TABLE base UNION ALL
VALUES (NULL, '2016-03-01'::timestamptz, 1000), (NULL, NULL, 200.5), (1, NULL, 30), (1, '2016-03-01', NULL);
SELECT * FROM doubts_of('TABLE gaps');
SELECT count(*), sum(amount), round(100 * sum(amount) / (SELECT sum(amount) FROM gaps), 1) AS percent
FROM gaps WHERE customer_id IS NULL OR ordered_at IS NULL OR amount IS NULL;
SELECT * FROM doubts_of('SELECT customer_id, ordered_at FROM gaps', amount => NULL);
-- each type of amount, exactly
SELECT * FROM doubts_of('SELECT customer_id, ordered_at, amount::float8 FROM gaps');
SELECT * FROM doubts_of('SELECT customer_id, ordered_at, amount::money FROM gaps');
SELECT * FROM doubts_of('SELECT customer_id, ordered_at, amount::int FROM gaps');
-- lines of orders, some of them without their order
SELECT * FROM doubts_of($$SELECT (row_number() OVER ())::int8 AS id, * FROM gaps UNION ALL
                          VALUES (NULL::int8, 1, '2016-03-01'::timestamptz, 4), (NULL, NULL, NULL::timestamptz, 5)$$,
                        '{"as_of": "latest", "order_id": "id"}');
-- amounts that are no numbers count nowhere, and neither does their sum
SELECT * FROM doubts_of($$TABLE base UNION ALL VALUES (1, NULL::timestamptz, 'NaN'::numeric)$$);

-- nothing to tell a rate from ----------------------------------------------------------------------------------------
CREATE FUNCTION predictions(query text, as_of text DEFAULT 'latest')
    RETURNS TABLE (customers bigint, p_alive bigint, expected bigint, clv bigint, model boolean, no_rates boolean)
    LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'CREATE TABLE tried AS ' || query;
    PERFORM create_segmentation('tried_seg', 'tried', 'c', 'd', 'v', jsonb_build_object('as_of', as_of));
    RETURN QUERY EXECUTE 'SELECT count(*), count(s.p_alive), count(s.expected_purchases), count(s.clv),
                          bool_or((SELECT t.purchase_model IS NOT NULL FROM training AS t)),
                          bool_or((SELECT ''no_repeat_purchases'' = ANY (t.doubts) FROM training AS t)) FROM tried_seg AS s';
    PERFORM drop_segmentation('tried_seg');
    DROP TABLE tried;
END $$;
CREATE TABLE one_day AS
SELECT i % 50 AS c, date '2015-01-01' AS d, 10 + i % 30 AS v FROM generate_series(1, 150) AS i;
SELECT * FROM predictions('TABLE one_day');
SELECT * FROM predictions('TABLE one_day', '2015-03-01');
SELECT * FROM predictions('TABLE one_day', 'live');
-- one order each, on as many days
SELECT * FROM predictions('SELECT i AS c, date ''2015-01-01'' + i AS d, i AS v FROM generate_series(1, 300) AS i');
-- one customer who came back just now tells nothing of who stays; one who came back and paused does
SELECT * FROM predictions('TABLE one_day UNION ALL VALUES (7, date ''2015-02-01'', 12)');
SELECT * FROM predictions('TABLE one_day UNION ALL VALUES (7, date ''2015-01-20'', 12), (8, date ''2015-02-01'', 12)');
-- the aggregate knows as little of customers who are all new
SELECT fit_purchase_model(h, '2015-01-01') IS NULL AS new, fit_purchase_model(h, '2015-01-01', 'pareto_nbd') IS NULL AS pareto,
       boundary(fit_purchase_model(h, '2015-03-01')) AS later
FROM (SELECT purchase_history(d, v) AS h FROM one_day GROUP BY c) AS c;

-- one sentinel day, as of the last day that is not in the future --------------------------------------------------------
CREATE TABLE sentinel AS
SELECT i % 50 AS customer_id, date '2015-01-01' + i % 300 AS ordered_at, i % 20 + 1 AS amount FROM generate_series(1, 900) AS i;
SELECT create_segmentation('before', 'sentinel', 'customer_id', 'ordered_at', 'amount', '{"as_of": "latest"}');
INSERT INTO sentinel VALUES (7, '9999-12-31', 5);
SELECT create_segmentation('after', 'sentinel', 'customer_id', 'ordered_at', 'amount', '{"as_of": "latest"}');
SELECT min(as_of), max(as_of), max(recency_days) < 300 AS near FROM after;
SELECT count(*) FROM (SELECT customer_id, recency_days, monetary, clv, p_alive, rfm_code, as_of FROM before EXCEPT
                      SELECT customer_id, recency_days, monetary, clv, p_alive, rfm_code, as_of FROM after) AS differ;
SELECT orders, later_orders, later_amount, rows_left_out, amount_left_out, 'latest_in_future' = ANY (doubts) AS told
FROM training WHERE segmentation = (SELECT id FROM segmentations WHERE view = 'public.after');
-- as of today such orders are counted, too
SELECT doubt, figure ~ 'orders 1, refunds 0, net amount 5$' AS one FROM doubts_of('TABLE sentinel', '{}') WHERE doubt ~ 'after|future';
-- the same where the day is needed before the rows are folded
SELECT alter_segmentation('after', '{"cost_to_serve": "amount"}');
SELECT max(as_of), bool_or(recency_days < 0) FROM after;
-- all orders in the future are none yet
DELETE FROM sentinel WHERE ordered_at < '9999-01-01';
SET client_min_messages = notice;
\set VERBOSITY terse
SELECT create_segmentation('none_yet', 'sentinel', 'customer_id', 'ordered_at', 'amount', '{"as_of": "latest"}');
SET client_min_messages = warning;
SELECT customer_id, frequency, rfm_segment, as_of FROM none_yet;

-- models ---------------------------------------------------------------------------------------------------------------
-- all alike: a fit at a bound
SELECT doubt, figure
FROM doubts_of($$SELECT c AS customer_id, date '2024-01-01' + c % 90 + 30 * k AS ordered_at, 10 + c % 7 AS amount
                 FROM generate_series(1, 600) AS c, generate_series(0, 9) AS k$$)
WHERE doubt ~ 'fit|alive';
-- all orders on two days, the second of which is as_of: nobody was seen to pause, and nothing is invented
SELECT * FROM doubts_of('SELECT customer_id, date ''2016-01-01'' + 200 * k AS ordered_at, 10 + customer_id % 30 AS amount
                         FROM (SELECT DISTINCT customer_id FROM base) AS c, generate_series(0, 1) AS k
                         WHERE k = 0 OR customer_id % 2 = 0') WHERE doubt ~ 'model';
-- a day later somebody was
SELECT doubt FROM doubts_of('SELECT customer_id, date ''2016-01-01'' + 200 * k AS ordered_at, 10 + customer_id % 30 AS amount
                         FROM (SELECT DISTINCT customer_id FROM base) AS c, generate_series(0, 1) AS k
                         WHERE k = 0 OR customer_id % 2 = 0', '{"as_of": "2016-07-20"}') WHERE doubt ~ 'model';
-- nobody has had time to leave
SELECT doubt, figure
FROM doubts_of($$SELECT customer_id, ordered_at, amount FROM base WHERE ordered_at > '2018-06-18'::timestamptz - interval '20 days'
                 UNION ALL SELECT customer_id, '2018-06-17', 10 FROM base$$)
WHERE doubt ~ 'alive';
-- one in a hundred who has left is too few to tell customers apart by, two are not
CREATE TABLE steady AS
SELECT c, date '2024-01-01' + c % 28 + 28 * k AS d, 10 + (c * 31 + k * 17) % 40 AS v
FROM generate_series(1, 800) AS c, generate_series(0, 12) AS k WHERE c > 8 OR k < 6;
SELECT create_segmentation('steady_seg', 'steady', 'c', 'd', 'v', '{"as_of": "2024-12-31"}');
SELECT d.figure, (SELECT count(*) FROM steady_seg WHERE p_alive > 0.95) AS alive
FROM segmentation_doubts('steady_seg') AS d WHERE d.doubt ~ 'alive';
DELETE FROM steady WHERE c <= 16 AND d > '2024-06-01';
SELECT train_segmentation('steady_seg');
SELECT count(*) FILTER (WHERE p_alive > 0.95) AS alive,
       (SELECT count(*) FROM segmentation_doubts('steady_seg') WHERE doubt ~ 'alive') AS doubts
FROM steady_seg;
SELECT doubt, figure
FROM doubts_of($$SELECT c AS customer_id, date '2024-01-01' + c % 50 + 7 * k AS ordered_at, 10 + 5 * (c % 9) + k AS amount
                 FROM generate_series(1, 900) AS c, generate_series(0, c % 9) AS k$$)
WHERE doubt ~ 'correlated';
SELECT doubt, figure FROM doubts_of('SELECT customer_id, ordered_at, 0 AS amount FROM base') WHERE doubt ~ 'spend';

-- rows that are no orders, amounts that are not what was paid ----------------------------------------------------------
SELECT doubt, figure FROM doubts_of('SELECT b.* FROM base AS b, generate_series(1, 1 + b.customer_id % 2)');
SELECT count(*) FROM base AS b, generate_series(1, 1 + b.customer_id % 2);
SELECT codes('SELECT b.*, row_number() OVER () % 2 AS line, customer_id || ordered_at::text AS id
              FROM base AS b, generate_series(1, 2)', '{"as_of": "latest", "order_id": "id"}');
SELECT doubt, figure
FROM doubts_of('SELECT customer_id, ordered_at, CASE WHEN extract(epoch FROM ordered_at)::int8 % 10 = 0 THEN -amount ELSE amount END
                AS amount FROM base') WHERE doubt ~ 'first';
SELECT count(*) FILTER (WHERE amount < 0), count(*)
FROM (SELECT DISTINCT ON (customer_id) customer_id,
             CASE WHEN extract(epoch FROM ordered_at)::int8 % 10 = 0 THEN -amount ELSE amount END AS amount
      FROM base ORDER BY customer_id, ordered_at::date, 2 DESC) AS firsts;

-- neither the order of rows nor what they are kept in matters
CREATE TABLE part AS SELECT * FROM gaps WHERE customer_id <= 300 OR customer_id IS NULL;
SELECT count(DISTINCT to_jsonb(d)), count(*)
FROM (VALUES ('SELECT * FROM part ORDER BY amount'), ('SELECT * FROM part ORDER BY ordered_at DESC, amount'),
             ('SELECT customer_id::text, ordered_at, amount FROM part ORDER BY md5(customer_id::text || ordered_at)')) AS q (query)
CROSS JOIN LATERAL (SELECT array_agg(x ORDER BY x.doubt) FROM doubts_of(q.query) AS x) AS d;

-- options, axes, scores --------------------------------------------------------------------------------------------------
SELECT * FROM doubts_of('SELECT customer_id, ordered_at::date AS ordered_at, amount FROM base',
                        '{"as_of": "latest", "time_zone": "Asia/Shanghai"}');
SELECT * FROM doubts_of('SELECT customer_id, ordered_at::timestamp AS ordered_at, amount FROM base',
                        '{"as_of": "latest", "time_zone": "Asia/Shanghai"}');
CREATE TABLE once AS
SELECT * FROM base AS b WHERE customer_id > 310
   OR ordered_at = (SELECT min(ordered_at) FROM base AS o WHERE o.customer_id = b.customer_id);
SELECT doubt, figure FROM doubts_of('TABLE once') WHERE doubt ~ 'same';
SELECT count(*) FILTER (WHERE orders = 1) AS once, count(*) AS all FROM (SELECT count(*) AS orders FROM once GROUP BY customer_id) AS c;
SELECT doubt, figure FROM doubts_of('SELECT customer_id, ordered_at, 5 AS amount FROM base') WHERE doubt ~ 'same|scores';

-- the functions, the view, the languages ----------------------------------------------------------------------------------
CREATE TABLE few AS SELECT * FROM base WHERE customer_id <= 200;
SET client_min_messages = notice;
CREATE TABLE nothing (customer_id int, ordered_at date, amount numeric);
SELECT create_segmentation('empty', 'nothing', 'customer_id', 'ordered_at', 'amount');
SET client_min_messages = warning;
SELECT create_segmentation('seg', 'few', 'customer_id', 'ordered_at', 'amount', '{"as_of": "latest"}');
SELECT view, doubts FROM segmentations WHERE view IN ('public.seg', 'public.empty') ORDER BY 1;
SELECT * FROM segmentation_doubts('empty');
\pset format aligned
\x on
SELECT * FROM segmentation_doubts('seg');
SELECT doubts, doubt_figures FROM training WHERE segmentation = (SELECT id FROM segmentations WHERE view = 'public.seg');
SELECT alter_segmentation('seg', '{"language": "zh"}');
SELECT * FROM segmentation_doubts('seg');
-- whoever may look the view up may read them, without rights on it or its source
SET ROLE pg_monitor;
SELECT doubt FROM segmentation_doubts('public.seg');
SELECT count(*) FROM public.seg;
RESET ROLE;
-- a language without words of ours
SELECT define_scheme('dutch', '{"bins": 2, "segments": [
    {"code": "new", "labels": {"en": "New", "nl": "Nieuw"}, "ranges": [{"recency": 2}]},
    {"code": "old", "labels": {"en": "Old", "nl": "Oud"}, "ranges": [{"recency": 1}]}]}');
SELECT alter_segmentation('seg', '{"language": "nl", "scheme": "dutch"}');
SELECT doubt, sentence FROM segmentation_doubts('seg');
\x off
\pset format unaligned
-- a NULL has none, another view is an error
SELECT count(*) FROM segmentation_doubts(NULL);
CREATE VIEW plain AS SELECT 1;
SELECT * FROM segmentation_doubts('plain');
SELECT * FROM segmentation_doubts('nowhere');
-- a training that finds no doubts any more has none
INSERT INTO few SELECT * FROM base WHERE customer_id > 200;
SELECT alter_segmentation('seg', '{"as_of": "latest"}', replace => true);
SELECT count(*) FROM segmentation_doubts('seg');
SELECT doubts, doubt_figures FROM training WHERE newest AND segmentation = (SELECT id FROM segmentations WHERE view = 'public.seg');
