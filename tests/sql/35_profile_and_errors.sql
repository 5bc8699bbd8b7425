-- How sure figures are: the error of a lifetime value, cells and tables that small counts are tested exactly in, who
-- won a validation.
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
CREATE TABLE shop.orders AS
SELECT customer_id AS customer, ordered_at AS at, amount AS total
FROM simulate_orders(1500, 700, 5, purchases => '{"family": "bg_nbd", "r": 0.8, "alpha": 40, "a": 0.7, "b": 3}');
CREATE TABLE shop.customers (id bigint PRIMARY KEY, region text, badge text, club text);
-- badges are rare: two customers each; nothing has to do with anything
INSERT INTO shop.customers
SELECT i, 'r' || i % 3, CASE WHEN i % 7 = 0 THEN 'b' || i / 7 % 60 ELSE 'none' END, 'c' || (i * i) % 11 % 2
FROM generate_series(1, 1500) AS i;
SELECT create_segmentation('shop.segments', 'shop.orders', 'customer', 'at', 'total', '{
    "as_of": "2025-11-30", "margin": 0.4,
    "customers": {"source": "shop.customers", "customer": "id", "columns": ["region"]}
}');
CREATE VIEW trained AS
SELECT t.purchase_model AS buys, t.spend_model AS spends, date '2025-11-30' AS d FROM training AS t;
CREATE TABLE histories AS SELECT customer, purchase_history(at, total) AS h FROM shop.orders GROUP BY 1;

-- clv_error: the column is the function, by history and by numbers
SELECT count(*) > 1000 AS customers,
       count(*) FILTER (WHERE s.clv_error = clv_error(buys, spends, h, d, 365, 0.1, 0.4)) = count(s.clv) AS by_history,
       count(*) FILTER (
           WHERE s.clv_error = clv_error(buys, spends, repeat_purchases(h, d), purchase_span(h, d), customer_age(h, d),
                                         repeat_purchase_value(h, d)::float8, margin => 0.4)
       ) = count(s.clv) AS by_numbers,
       bool_and(s.clv_error > 0) AS above_zero, bool_and(s.clv_error < s.clv) AS below_the_value
FROM shop.segments AS s
JOIN histories USING (customer), trained
WHERE s.clv IS NOT NULL;
-- by plain SQL: the product of two independent estimates, purchases with their own error, order values by the
-- derivatives of (v + m x) p / (p x + q - 1)
SELECT count(*) > 1000 AS customers, max(abs(clv_error / by_hand - 1)) < 1e-6 AS same
FROM (
    SELECT clv_error(buys, spends, h, d, 365, 0, 0.4) AS clv_error,
           0.4 * (1 - refund_share(spends))
               * sqrt((each * expected_purchases_error(buys, h, d, 365)) ^ 2
                      + expected_purchases(buys, h, d, 365) ^ 2
                          * (dp * dp * covariance(spends, 'p', 'p') + dq * dq * covariance(spends, 'q', 'q')
                             + dv * dv * covariance(spends, 'v', 'v') + 2 * dp * dq * covariance(spends, 'p', 'q')
                             + 2 * dp * dv * covariance(spends, 'p', 'v')
                             + 2 * dq * dv * covariance(spends, 'q', 'v'))) AS by_hand
    FROM histories, trained,
         LATERAL (
             SELECT repeat_purchases(h, d)::float8 AS x, coalesce(repeat_purchase_value(h, d), 0)::float8 AS m,
                    parameter(spends, 'p') AS p, parameter(spends, 'q') AS q, parameter(spends, 'v') AS v
         ) AS c,
         LATERAL (
             SELECT (v + m * x) * p / (p * x + q - 1) AS each, (v + m * x) * (q - 1) / (p * x + q - 1) ^ 2 AS dp,
                    -(v + m * x) * p / (p * x + q - 1) ^ 2 AS dq, p / (p * x + q - 1) AS dv
         ) AS slopes
    WHERE expected_order_value(spends, h, d) IS NOT NULL
) AS e;
-- the same share of the value whatever the margin; no uncertainty of nothing
SELECT bool_and(abs(clv_error(buys, spends, h, d, margin => 3) / clv_error(buys, spends, h, d) - 3) < 1e-9) AS margin,
       bool_and(clv_error(buys, spends, h, d, 0) = 0) AS no_time,
       bool_and(abs(clv_error(buys, spends, h, d, step_days => 5) / clv_error(buys, spends, h, d) - 1) < 0.01) AS steps
FROM histories, trained
WHERE clv(buys, spends, h, d) IS NOT NULL AND customer % 25 = 0;
-- unknown for parameters that were written down, and at a boundary
CREATE TABLE written AS
SELECT purchase_model '{"family": "bg_nbd", "r": 0.24, "alpha": 30.9, "a": 0.79, "b": 2.43}' AS buys,
       spend_model '{"family": "gamma_gamma", "p": 6.25, "q": 3.74, "v": 15.44}' AS spends;
SELECT clv_error(w.buys, t.spends, 2, 213, 272, 22.345) AS buys, clv_error(t.buys, w.spends, 2, 213, 272, 22.345) AS spends,
       clv_error(t.buys, t.spends, 2, 213, 272, 22.345) > 0 AS fitted,
       clv_error(t.buys, t.spends, 0, 0, 272, NULL) > 0 AS bought_once,
       clv_error(t.buys, t.spends, 2, NULL, 272, 22.345) AS unknown, clv_error(t.buys, NULL, 2, 213, 272, 22.345) AS no_model
FROM written AS w, trained AS t;
SELECT boundary(m) IS NOT NULL AS at_boundary, clv_error(m, spends, 1, 20, 30, 10) AS error, clv(m, spends, 1, 20, 30, 10) > 0 AS value
FROM trained, (SELECT fit_purchase_model(2, i, 60) AS m FROM generate_series(40, 60) AS i) AS f;
SELECT fails($$SELECT clv_error(buys, spends, 2, 300, 272, 22) FROM trained$$),
       fails($$SELECT clv_error(buys, spends, 2, 213, 272, 22, -1) FROM trained$$),
       fails($$SELECT clv_error(buys, spends, 2, 213, 272, 22, 365, -1) FROM trained$$),
       fails($$SELECT clv_error(buys, spends, 2, 213, 272, 22, 365, 0, 'NaN') FROM trained$$),
       fails($$SELECT clv_error(buys, spends, 2, 213, 272, 22, 1e7, 0, 1, 1) FROM trained$$),
       fails($$SELECT clv_error('{"family": "bg_bb", "alpha": 1, "beta": 1, "gamma": 1, "delta": 1}', spends, 2, 2, 4, 22) FROM trained$$);
-- costs nothing where it is not asked for
SELECT bool_or(line LIKE '%clv_error%') AS computed FROM plan_of('SELECT customer, clv, rfm_segment FROM shop.segments') AS line;
SELECT bool_or(line LIKE '%clv_error%') AS computed FROM plan_of('SELECT customer, clv_error FROM shop.segments') AS line;

-- segment_profile: cells by all ways to draw them, by sums of PostgreSQL's own logarithms
CREATE TABLE profile AS SELECT * FROM segment_profile('shop.segments', 'club', 'rfm_segment', 1);
CREATE TABLE factorials AS
SELECT n, sum(ln(greatest(n, 1)::float8)) OVER (ORDER BY n) AS ln FROM generate_series(0, 1500) AS n;
CREATE UNIQUE INDEX ON factorials (n);
CREATE FUNCTION ln_ways(n numeric, k numeric) RETURNS float8 LANGUAGE sql STABLE AS $$
    SELECT a.ln - b.ln - c.ln FROM factorials AS a, factorials AS b, factorials AS c
    WHERE a.n = $1::int AND b.n = $2::int AND c.n = ($1 - $2)::int
$$;
CREATE TABLE margins AS
SELECT p.segment, p.value, p.customers AS n, p.p_value, sum(customers) OVER (PARTITION BY segment) AS in_row,
       sum(customers) OVER (PARTITION BY value) AS in_column, sum(customers) OVER () AS total
FROM profile AS p;
SELECT count(*) > 10 AS cells, max(abs(m.p_value - e.p_value)) <= 0.00000051 AS exact
FROM margins AS m,
     LATERAL (
         SELECT sum(exp(w)) FILTER (WHERE w <= observed + 1e-7) AS p_value
         FROM (
             SELECT ln_ways(in_column, k) + ln_ways(total - in_column, in_row - k) - ln_ways(total, in_row) AS w,
                    ln_ways(in_column, n) + ln_ways(total - in_column, in_row - n) - ln_ways(total, in_row)
                        AS observed
             FROM generate_series(greatest(0, in_row + in_column - total), least(in_row, in_column)) AS k
         ) AS all_ways
     ) AS e;
-- Holm's step-down over the cells
SELECT max(abs(adjusted_p_value - by_hand)) < 0.0001 AS holm
FROM (
    SELECT adjusted_p_value,
           least(1, max(p_value * (cells + 1 - place)) OVER (ORDER BY place)) AS by_hand
    FROM (SELECT *, row_number() OVER (ORDER BY p_value) AS place, count(*) OVER () AS cells FROM profile) AS ordered
) AS adjusted;
-- a table with room for the chi-squared distribution, one without, and one with nothing to compare
SELECT DISTINCT table_p_method, table_p_error IS NULL AS no_error, smallest_expected > 1 AS full, table_p_value > 0.01 AS chance
FROM segment_profile('shop.segments', 'region', 'growth_quadrant', 1);
SELECT count(*) AS cells, count(*) FILTER (WHERE expected < 5) AS below_5, max(customers) > 100 AS some,
       min(table_p_method) AS method, min(table_p_value) = max(table_p_value) AS one, min(table_p_value) > 0.01 AS chance,
       abs(min(table_p_error) - sqrt(min(table_p_value) * (1 - min(table_p_value)) / 10000)) < 1e-6 AS error,
       min(adjusted_p_value) > 0.01 AS no_finding
FROM segment_profile('shop.segments', 'badge', 'growth_quadrant', 1);
SELECT DISTINCT table_p_value, table_p_error, table_p_method, p_value, chi_square, degrees_of_freedom
FROM segment_profile('shop.segments', 'as_of', 'growth_quadrant', 1);
-- one answer, however the rows are stored
CREATE TABLE shop.mixed AS SELECT * FROM shop.orders ORDER BY md5(customer || at::text);
CREATE TABLE shop.people AS SELECT * FROM shop.customers ORDER BY md5(id::text);
ALTER TABLE shop.people ADD PRIMARY KEY (id);
SELECT create_segmentation('shop.others', 'shop.mixed', 'customer', 'at', 'total', '{
    "as_of": "2025-11-30", "margin": 0.4,
    "customers": {"source": "shop.people", "customer": "id", "columns": ["region"]}
}');
CREATE VIEW here AS SELECT * FROM segment_profile('shop.segments', 'badge', 'growth_quadrant', 1);
CREATE VIEW there AS SELECT * FROM segment_profile('shop.others', 'badge', 'growth_quadrant', 1);
SELECT differ('here', 'there') AS differ;
-- rounded: shares to four digits, p-values to six, the rest to two
SELECT count(*) AS cells
FROM here
WHERE share_of_segment::text !~ '^\d(\.\d{1,4})?$' OR share_of_all::text !~ '^\d(\.\d{1,4})?$'
    OR cramers_v::text !~ '^\d(\.\d{1,4})?$' OR smallest_expected::text !~ '^\d+(\.\d{1,4})?$'
    OR round(p_value::numeric, 6) <> p_value::numeric OR round(adjusted_p_value::numeric, 6) <> adjusted_p_value::numeric
    OR round(residual::numeric, 2) <> residual::numeric OR round(expected::numeric, 2) <> expected::numeric;

-- validate_purchase_model: who won
CREATE TABLE validation AS SELECT * FROM validate_purchase_model('shop.segments', '2025-05-31', '2025-11-30');
SELECT bucket, customers, actual IS NULL AS no_actual, winner FROM validation WHERE part = 'verdict';
SELECT v.winner = CASE WHEN t.mae < t.baseline_mae THEN 'model' WHEN t.mae > t.baseline_mae THEN 'baseline' ELSE 'tie' END AS mae,
       r.winner = CASE WHEN t.rmse < t.baseline_rmse THEN 'model' ELSE 'baseline' END AS rmse,
       s.winner = CASE WHEN abs(t.predicted - t.actual) < abs(t.baseline - t.actual) THEN 'model' ELSE 'baseline' END AS total,
       (t.mae, t.baseline_mae, t.rmse, t.baseline_rmse, t.predicted, t.baseline)
           = (v.mae, v.baseline_mae, r.rmse, r.baseline_rmse, s.predicted, s.baseline) AS figures
FROM validation AS t, validation AS v, validation AS r, validation AS s
WHERE t.part = 'total' AND (v.part, v.bucket) = ('verdict', 'mae') AND (r.part, r.bucket) = ('verdict', 'rmse')
    AND (s.part, s.bucket) = ('verdict', 'total');
SELECT count(winner) AS verdicts, count(*) FILTER (WHERE part = 'verdict') AS rows,
       count(predicted_low) AS intervals, count(predicted_high) FILTER (WHERE part = 'total') AS of_the_total
FROM validation;
-- the population is what the model says: its interval covers what happened; chance is the larger part of the error
SELECT predicted_low < actual AND actual < predicted_high AS covered,
       abs((predicted_low + predicted_high) / 2 - predicted) < 0.01 AS around,
       (predicted_high - predicted_low) / 2 > 1.959963 * rmse * sqrt(customers) - 1 AS at_least_chance
FROM validation WHERE part = 'total';
-- customers who buy like a clock or once are not what the model takes them for: the guess knows better
CREATE TABLE shop.clock AS
SELECT i AS customer, timestamptz '2025-01-01' + (i % 20 + 20 * k) * interval '1 day' AS at, 10 AS total
FROM generate_series(1, 400) AS i, generate_series(0, CASE WHEN i % 4 = 0 THEN 14 ELSE 0 END) AS k;
SELECT create_segmentation('shop.regular', 'shop.clock', 'customer', 'at', 'total', '{"as_of": "2025-10-01"}');
SELECT bucket, winner FROM validate_purchase_model('shop.regular', '2025-05-01', '2025-07-31') WHERE part = 'verdict';
-- nobody buys again, nobody is predicted to: a tie, and nothing to say about errors
SELECT part, bucket, actual, predicted, baseline, winner, predicted_low
FROM validate_purchase_model('shop.regular', '2025-01-02', '2025-01-08') WHERE part IN ('total', 'verdict');

-- compare_purchase_models: the parameters as columns
SELECT count(*) AS families, bool_and((r, alpha) = (parameter(model, 'r'), parameter(model, 'alpha'))) AS all_have,
       count(a) AS a, count(b) AS b, count(s) AS s, count(beta) AS beta,
       bool_and((a, b, s, beta) IS NOT DISTINCT FROM (parameter(model, 'a'), parameter(model, 'b'), parameter(model, 's'),
                                                      parameter(model, 'beta'))) AS same
FROM compare_purchase_models('shop.segments');
SELECT family, r IS NULL AS no_r, a IS NULL AS no_a, s IS NULL AS no_s FROM compare_purchase_models('shop.segments') ORDER BY 1;
