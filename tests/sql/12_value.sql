-- Lifetime value in segmentations: the columns are what the functions give, trained and then live, and
-- cost nothing unselected.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
SET max_parallel_workers_per_gather = 0;
\pset format unaligned
SET search_path = public, customer_value;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\i :helpers

CREATE SCHEMA shop;
CREATE TABLE shop.orders (customer_id bigint, at timestamptz, total numeric(10, 2), spent numeric(10, 2),
                          price double precision, line int, order_no bigint);
INSERT INTO shop.orders
SELECT customer_id, ordered_at, amount, round(amount * 0.6, 2), amount, 1, row_number() OVER ()
FROM simulate_orders(2000, 600, 3,
                     purchases => '{"family": "mbg_nbd", "r": 0.8, "alpha": 40, "a": 0.7, "b": 3}');
INSERT INTO shop.orders
SELECT customer_id, at + interval '3 days', -total / 2, -spent / 2, -price / 2, 1, -order_no
FROM shop.orders
WHERE order_no % 10 = 0;
CREATE INDEX ON shop.orders (customer_id);
ANALYZE shop.orders;
CREATE FUNCTION make(name text, options jsonb) RETURNS void LANGUAGE sql AS $$
    SELECT create_segmentation('shop.' || name, 'shop.orders', 'customer_id', 'at', 'total',
                               '{"as_of": "2025-08-01"}'::jsonb || options)
$$;
SELECT make('plain', '{}'),
       make('chosen',
            '{"family": "mbg_nbd", "horizon_days": 90, "annual_discount_rate": 0, "margin": 0.4, "language": "zh"}'),
       make('costed', '{"family": "pareto_nbd", "cost": "spent", "step_days": 30}'),
       make('auto', '{"family": "auto"}'), make('bare', '{"family": "none"}');
CREATE VIEW newest AS
SELECT DISTINCT ON (s.view) s.view, t.*
FROM segmentation AS s
JOIN training AS t ON t.segmentation = s.id
ORDER BY s.view, t.number DESC;
SELECT view, family(purchase_model), family(spend_model) AS spend, round(margin::numeric, 6) AS margin,
       round(refund_share(spend_model)::numeric, 6) AS refund_share,
       array_length(clv_percentiles, 1) AS percentiles
FROM newest
ORDER BY view::text COLLATE "C";
SELECT round(sum(-total) FILTER (WHERE total < 0) / sum(total) FILTER (WHERE total >= 0), 6) AS refund_share,
       round(1 - sum(spent) / sum(total), 6) AS margin
FROM shop.orders
WHERE at < '2025-08-02';

-- each column is what its function gives for the history, net of refunds
CREATE TABLE ledgers AS SELECT customer_id, purchase_history(at, total) AS l FROM shop.orders GROUP BY 1;
CREATE TABLE histories AS SELECT customer_id, net_of_refunds(l, '2025-08-01') AS h FROM ledgers;
SELECT count(*) AS customers,
       count(*) FILTER (
           WHERE s.p_alive = p_alive(m, h, d)
               AND s.expected_purchases = expected_purchases(m, h, d)
               AND s.expected_order_value = expected_order_value(v, h, d)
               AND s.clv = clv(m, v, h, d)
               AND s.clv_percentile = percentile_of(p, s.clv)
               AND s.clv_tier_code = clv_tier_code(s.clv_percentile)
               AND s.clv_tier = initcap(s.clv_tier_code)
               AND s.clv_tier_rank = clv_tier_rank(s.clv_percentile)
       ) AS same
FROM shop.plain AS s
JOIN histories USING (customer_id),
    (
        SELECT purchase_model AS m, spend_model AS v, clv_percentiles AS p, date '2025-08-01' AS d
        FROM newest
        WHERE view = 'shop.plain'
    ) AS t;
SELECT count(*) FILTER (
           WHERE s.expected_purchases = expected_purchases(m, h, d, 90) AND s.clv = clv(m, v, h, d, 90, 0, 0.4)
       ) AS same,
       count(DISTINCT clv_tier) AS tiers, min(clv_tier) FILTER (WHERE clv_tier_rank = 1) AS best
FROM shop.chosen AS s
JOIN histories USING (customer_id),
    (
        SELECT purchase_model AS m, spend_model AS v, date '2025-08-01' AS d
        FROM newest
        WHERE view = 'shop.chosen'
    ) AS t;
SELECT count(*) FILTER (WHERE s.clv = clv(m, v, h, d, 365, 0.1, margin, 30)) AS same
FROM shop.costed AS s
JOIN histories USING (customer_id),
    (
        SELECT purchase_model AS m, spend_model AS v, margin, date '2025-08-01' AS d
        FROM newest
        WHERE view = 'shop.costed'
    ) AS t;
SELECT count(*) AS customers, count(rfm_segment) AS labelled, count(p_alive) AS p, count(clv) AS c,
       count(clv_tier) AS t
FROM shop.bare;
-- the models are those of the aggregates, to the bit
SELECT purchase_model::text = (SELECT fit_purchase_model(h, '2025-08-01')::text FROM histories) AS purchases,
       spend_model::text::jsonb
           = (SELECT fit_spend_model(h, '2025-08-01')::text::jsonb - 'refund_share' FROM histories) AS spend
FROM newest
WHERE view = 'shop.plain';
SELECT family(purchase_model)
    = (SELECT c.family FROM compare_purchase_models('shop.auto') AS c LIMIT 1) AS lowest_aic
FROM newest
WHERE view = 'shop.auto';
SELECT family, aic_difference >= 0 AS beside, round(customers) AS customers, converged, boundary,
       model::text = (SELECT fit_purchase_model(h, '2025-08-01', c.family)::text FROM histories) AS same
FROM compare_purchase_models('shop.plain') AS c
ORDER BY 1;
-- tiers hold a fifth, three tenths and a half of the customers; a higher value never a lower
-- percentile; equals share theirs
SELECT clv_tier, clv_tier_code, clv_tier_rank, count(*),
       min(clv_percentile) >= 0 AND max(clv_percentile) <= 1 AS share
FROM shop.plain
GROUP BY 1, 2, 3 ORDER BY 3;
SELECT count(*) AS falls
FROM (SELECT clv_percentile < lag(clv_percentile) OVER (ORDER BY clv) AS falls FROM shop.plain) AS s
WHERE falls;
-- the percentiles are those of PostgreSQL
SELECT max(abs(p - q)) < 1e-9 * max(p) AS same
FROM newest, unnest(clv_percentiles) WITH ORDINALITY AS t (p, k),
     LATERAL (SELECT percentile_cont((k - 1) / 100.0) WITHIN GROUP (ORDER BY clv) AS q FROM shop.plain) AS c
WHERE view = 'shop.plain';
-- negative margins rise, too
SELECT alter_segmentation('shop.chosen', '{"margin": -0.5}');
SELECT min(clv) < 0 AND max(clv) <= 0 AS loss,
       count(*) FILTER (WHERE clv_tier_rank = 1) BETWEEN 300 AND 500 AS fifth
FROM shop.chosen;

-- plans: one customer by the index; what nobody selects is not in the plan; no window, no subquery per row
SELECT bool_or(line LIKE '%Index Cond:%o.customer_id = 7)%') AS indexed,
       bool_or(line LIKE '%Seq Scan%') AS scanned, bool_or(line LIKE '%Window%') AS windows,
       bool_or(line ~ 'SubPlan') AS subqueries
FROM plan_of('SELECT * FROM shop.plain WHERE customer_id = 7') AS line;
SELECT bool_or(line ~ '(clv|p_alive|expected_\w+)\(') AS computed
FROM plan_of('SELECT customer_id, rfm_segment FROM shop.plain') AS line;
SELECT bool_or(line ~ 'clv\(') AS clv, bool_or(line ~ '(p_alive|expected_\w+|_score|revenue)\(') AS others
FROM plan_of('SELECT clv FROM shop.plain') AS line;
-- (what another node has computed stands in parentheses)
SELECT count(*) AS times
FROM plan_of('SELECT clv, clv_percentile, clv_tier, clv_tier_rank FROM shop.plain') AS line,
     regexp_matches(line, '(?<!\()\mclv\(', 'g');
SELECT bool_or(line LIKE '%Index%') AS indexed, bool_or(line LIKE '%Seq Scan on shop.orders%') AS scanned
FROM plan_of('
    SELECT c, s.clv, s.p_alive FROM generate_series(1, 9) AS c CROSS JOIN LATERAL shop.plain_of(c) AS s
') AS line;
SELECT count(*) = 9 AS rows,
       bool_and(s.clv = (SELECT v.clv FROM shop.plain AS v WHERE v.customer_id = c)) AS same
FROM generate_series(1, 9) AS c
CROSS JOIN LATERAL shop.plain_of(c) AS s;

-- live: an order changes its customer's value at once, and nobody else's
CREATE TABLE before AS SELECT customer_id, clv, expected_order_value FROM shop.plain;
INSERT INTO shop.orders VALUES (7, '2025-07-30', 900, 540, 900, 1, 900000);
SELECT count(*) AS changed, min(customer_id) AS customer
FROM shop.plain AS s
JOIN before AS b USING (customer_id)
WHERE s.clv IS DISTINCT FROM b.clv;
DELETE FROM shop.orders WHERE order_no = 900000;

-- reports
SELECT segment, customers, abs(mean_clv - total_clv / customers) < 0.01 AS mean
FROM segment_report('shop.plain', 'clv_tier');
SELECT round(sum(total_clv)) = (SELECT round(sum(clv)) FROM shop.plain) AS total FROM segment_report('shop.plain');
SELECT count(*) AS segments, count(mean_clv) AS with_value FROM segment_report('shop.bare');

-- lines, floats and money give the same values as orders
CREATE VIEW shop.lines AS
SELECT customer_id, at, total - 1 AS total, spent, order_no FROM shop.orders WHERE total > 1
UNION ALL
SELECT customer_id, at, 1, 0, order_no FROM shop.orders WHERE total > 1
UNION ALL
SELECT customer_id, at, total, spent, order_no FROM shop.orders WHERE total <= 1;
SELECT create_segmentation('shop.of_lines', 'shop.lines', 'customer_id', 'at', 'total', '{
    "as_of": "2025-08-01", "order_id": "order_no", "cost": "spent", "family": "pareto_nbd", "step_days": 30
}');
SELECT create_segmentation('shop.of_floats', 'shop.orders', 'customer_id', 'at', 'price',
                           '{"as_of": "2025-08-01", "family": "pareto_nbd", "step_days": 30, "cost": "spent"}');
SELECT count(*) AS customers, count(*) FILTER (WHERE l.clv = c.clv) AS lines,
       count(*) FILTER (WHERE abs(f.clv - c.clv) <= 1e-3 * abs(c.clv) + 0.01) AS floats
FROM shop.costed AS c
JOIN shop.of_lines AS l USING (customer_id)
JOIN shop.of_floats AS f USING (customer_id);
-- without amounts: purchases are expected, values are not
SELECT create_segmentation('shop.visits', 'shop.orders', 'customer_id', 'at', options => '{"as_of": "2025-08-01"}');
SELECT count(*) AS customers, count(p_alive) AS p, count(expected_purchases) AS e,
       count(expected_order_value) AS o, count(clv) AS c, count(clv_tier) AS t
FROM shop.visits;
SELECT spend_model IS NULL AS no_spend, clv_percentiles IS NULL AS no_percentiles
FROM newest
WHERE view = 'shop.visits';
-- nobody bought again, an empty source: no models; later orders and a training: all there
CREATE TABLE shop.few (customer_id int, day date, total numeric);
SELECT create_segmentation('shop.fresh', 'shop.few', 'customer_id', 'day', 'total', '{"as_of": "2025-08-01"}');
SELECT count(*) FROM shop.fresh;
INSERT INTO shop.few SELECT i, '2025-01-01', 10 FROM generate_series(1, 30) AS i;
SELECT count(p_alive) AS untrained FROM shop.fresh;
SELECT train_segmentation('shop.fresh');
SELECT count(*) AS customers, count(p_alive) AS p, count(clv) AS c FROM shop.fresh;
INSERT INTO shop.few SELECT i, date '2025-01-01' + 3 * i, 10 + i % 3 FROM generate_series(1, 20) AS i;
SELECT train_segmentation('shop.fresh');
SELECT count(*) AS customers, count(p_alive) AS p, count(clv) AS c, min(clv) >= 0 AS positive FROM shop.fresh;

-- training does not depend on the order of rows, to the bit
CREATE TABLE shop.shuffled AS SELECT * FROM shop.orders ORDER BY md5(ctid::text);
SELECT create_segmentation('shop.mixed', 'shop.shuffled', 'customer_id', 'at', 'total', '{"as_of": "2025-08-01"}');
SELECT count(DISTINCT (purchase_model::text, spend_model::text, clv_percentiles)) AS trainings
FROM newest
WHERE view IN ('shop.plain', 'shop.mixed');

-- validation
CREATE TABLE checked AS SELECT * FROM validate_purchase_model('shop.plain', '2025-02-01', '2025-07-31');
SELECT part, count(*) > 1 AS many FROM checked GROUP BY 1 ORDER BY 1;
WITH held AS (
    SELECT h, repeat_purchases(h, '2025-02-01') AS x,
           purchase_days(later, '2025-07-31') - purchase_days(later, '2025-02-01') AS bought
    FROM (
        SELECT net_of_refunds(l, '2025-02-01') AS h, net_of_refunds(l, '2025-07-31') AS later FROM ledgers
    ) AS known
    WHERE repeat_purchases(h, '2025-02-01') IS NOT NULL
), model AS (SELECT fit_purchase_model(h, '2025-02-01') AS m FROM held), both_ AS (
    SELECT held.*, expected_purchases(m, h, '2025-02-01', 180) AS e,
           CASE
               WHEN date '2025-02-01' - last_purchase(h, '2025-02-01') <= 180
                   THEN x::float8 / greatest(customer_age(h, '2025-02-01'), 1) * 180
               ELSE 0
           END AS g
    FROM held, model
)
SELECT c.customers = count(*) AS customers, c.actual = sum(bought) AS actual,
       abs(c.predicted - sum(e)) < 0.006 AS predicted, abs(c.baseline - sum(g)) < 0.006 AS baseline,
       abs(c.mae - avg(abs(e - bought))) < 6e-5 AS mae,
       abs(c.rmse - sqrt(avg((e - bought) ^ 2))) < 6e-5 AS rmse,
       abs(c.correlation - corr(e, bought)) < 6e-5 AS correlation,
       abs(c.baseline_correlation - corr(g, bought)) < 6e-5 AS baseline_correlation,
       abs(c.baseline_mae - avg(abs(g - bought))) < 6e-5 AS baseline_mae
FROM both_, checked AS c
WHERE c.part = 'total'
GROUP BY c.customers, c.actual, c.predicted, c.baseline, c.mae, c.rmse, c.correlation, c.baseline_correlation,
    c.baseline_mae;
SELECT part, sum(customers) = (SELECT customers FROM checked WHERE part = 'total') AS customers,
       abs(sum(actual) - (SELECT actual FROM checked WHERE part = 'total')) < 0.1 AS actual,
       abs(sum(predicted) - (SELECT predicted FROM checked WHERE part = 'total')) < 0.1 AS predicted
FROM checked
WHERE part IN ('by frequency', 'lift by decile')
GROUP BY 1 ORDER BY 1;
SELECT abs(avg(lift) - 1) < 0.01 AS mean, first_value(max(lift)) OVER () > 1.5 AS best
FROM checked
WHERE part = 'lift by decile';
-- the last whole week of the holdout ends on 26 July
SELECT bool_and(rising) AS rising,
       max(actual) = (
           SELECT sum(repeat_purchases(h, '2025-02-01')
                      + purchase_days(later, '2025-07-26') - purchase_days(later, '2025-02-01'))
           FROM (
               SELECT net_of_refunds(l, '2025-02-01') AS h, net_of_refunds(l, '2025-07-31') AS later FROM ledgers
           ) AS known
           WHERE repeat_purchases(h, '2025-02-01') IS NOT NULL
       ) AS all_there
FROM (
    SELECT actual >= lag(actual, 1, 0) OVER (ORDER BY bucket::int)
               AND predicted >= lag(predicted, 1, 0) OVER (ORDER BY bucket::int) AS rising,
           actual
    FROM checked
    WHERE part = 'tracking by week'
) AS t;

-- options that cannot be, and questions that nobody may ask
SELECT fails(format('SELECT alter_segmentation(''shop.plain'', %L)', options))
FROM unnest(ARRAY[
    '{"family": "nbd"}', '{"family": "bg_bb"}', '{"family": 3}', '{"horizon_days": -1}',
    '{"horizon_days": 100001}', '{"horizon_days": "x"}', '{"annual_discount_rate": -0.1}',
    '{"annual_discount_rate": 1e9}', '{"step_days": 0.5}', '{"step_days": -1}', '{"margin": "x"}', '{"margin": 1e9}',
    '{"cost": "nothing"}', '{"cost": "at"}', '{"cost": "spent", "margin": 0.5}', '{"horizon": 3}',
    '{"discount_rate": 0.1}'
]) WITH ORDINALITY AS v (options, place)
ORDER BY place;
SELECT fails($$SELECT alter_segmentation('shop.visits', '{"cost": "spent"}')$$);
UPDATE shop.few SET total = 0;
ALTER TABLE shop.few ADD COLUMN paid numeric DEFAULT 1;
SELECT fails($$SELECT alter_segmentation('shop.fresh', '{"cost": "paid"}')$$);
SELECT fails(call)
FROM unnest(ARRAY[
    'SELECT * FROM compare_purchase_models(''shop.orders'')',
    'SELECT * FROM validate_purchase_model(''shop.plain'', ''2025-02-01'', ''2025-01-01'')',
    'SELECT * FROM validate_purchase_model(''shop.plain'', ''2025-02-01'', NULL)',
    'SELECT * FROM validate_purchase_model(''shop.plain'', ''-infinity'', ''2025-01-01'')',
    'SELECT * FROM validate_purchase_model(''shop.plain'', ''2025-02-01'', ''2025-03-01'', ''nbd'')',
    'SELECT * FROM validate_purchase_model(''shop.plain'', ''2025-02-01'', ''2025-03-01'', hiatus_days => -1)'
]) WITH ORDINALITY AS v (call, place)
ORDER BY place;
SELECT count(*) AS nobody_yet FROM validate_purchase_model('shop.plain', '2020-02-01', '2020-03-01');
CREATE ROLE value_reader;
GRANT USAGE ON SCHEMA shop TO value_reader;
GRANT SELECT ON shop.plain, shop.orders TO value_reader;
GRANT EXECUTE ON FUNCTION fails(text) TO value_reader;
SET ROLE value_reader;
SELECT count(clv) > 1000 AS reads FROM shop.plain;
SELECT fails('SELECT * FROM compare_purchase_models(''shop.plain'')'),
       fails('SELECT * FROM validate_purchase_model(''shop.plain'', ''2025-02-01'', ''2025-03-01'')');
RESET ROLE;
DROP OWNED BY value_reader;
DROP ROLE value_reader;

-- amounts in a tiny unit have no spend model, and everything else is trained; costs above or against
-- the amounts are no margin
CREATE TABLE shop.tokens AS SELECT customer_id, at, total * 1e28 AS total, spent * 1e6 AS spent FROM shop.orders;
SELECT create_segmentation('shop.of_tokens', 'shop.tokens', 'customer_id', 'at', 'total', '{"as_of": "2025-08-01"}');
SELECT count(rfm_segment) > 1900 AS labels, count(p_alive) > 1900 AS p FROM shop.of_tokens;
UPDATE shop.few SET total = -10 WHERE customer_id > 2;
SELECT fails($$SELECT alter_segmentation('shop.fresh', '{"cost": "paid"}')$$);
UPDATE shop.few SET total = 0.01, paid = 1000000;
SELECT fails($$SELECT alter_segmentation('shop.fresh', '{"cost": "paid"}')$$);
