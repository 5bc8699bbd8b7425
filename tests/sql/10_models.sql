-- Models as values, and the aggregates that fit them: the same fit for any order of rows, workers, weights and units.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
SET max_parallel_workers_per_gather = 0;
\pset format unaligned
SET search_path = public, customer_value, customer_value_internal;

-- text in and out; what a fit adds survives; the shortest text is family and parameters
SELECT '{"family": "bg_nbd", "r": 0.24, "alpha": 30.9, "a": 0.79, "b": 2.43}'::purchase_model;
SELECT ' {"b": 2.43, "r": 0.24, "family": "mbg_nbd", "alpha": 30.9, "a": 0.79, "version": 1}'::purchase_model;
SELECT '{"family": "pareto_nbd", "r": 0.55, "alpha": 74.0, "s": 0.6, "beta": 81.7}'::purchase_model;
SELECT '{"family": "bg_bb", "alpha": 1.2, "beta": 0.75, "gamma": 0.66, "delta": 2.78}'::purchase_model;
SELECT '{"family": "shifted_beta_geometric", "alpha": 0.704, "beta": 1.182}'::purchase_model;
SELECT '{"family": "gamma_gamma", "p": 6.25, "q": 3.74, "v": 15.44, "refund_share": 0.1}'::spend_model;

-- 4,000 customers with many ties
CREATE TABLE customers AS
SELECT c AS id, purchase_history(ordered_at, amount) AS h
FROM simulate_orders(
    4000, 700, seed => 5, purchases => '{"family": "pareto_nbd", "r": 0.9, "alpha": 40, "s": 0.7, "beta": 90}'
) AS o (c, ordered_at, amount)
GROUP BY c;
CREATE VIEW stats AS
SELECT id, repeat_purchases(h, d) AS x, purchase_span(h, d) AS t_x, customer_age(h, d) AS age,
       repeat_purchase_value(h, d) AS m
FROM customers, (VALUES (date '2025-12-01')) AS v (d);
CREATE TABLE fits AS
SELECT 'bg_nbd' AS what, fit_purchase_model(h, '2025-12-01')::text AS fit FROM customers
UNION ALL SELECT 'mbg_nbd', fit_purchase_model(h, '2025-12-01', 'mbg_nbd')::text FROM customers
UNION ALL SELECT 'pareto_nbd', fit_purchase_model(h, '2025-12-01', 'pareto_nbd')::text FROM customers
UNION ALL SELECT 'gamma_gamma', fit_spend_model(h, '2025-12-01')::text FROM customers;
SELECT what, fit::json ->> 'family' AS family, fit::json ->> 'converged' AS converged,
       fit::json ->> 'customers' AS customers
FROM fits;
SELECT what, fit::purchase_model::text = fit AS same_text,
       (SELECT count(*) FROM parameters(fit::purchase_model)) AS parameters FROM fits WHERE what <> 'gamma_gamma';

-- text, binary and copies are the same to the bit
CREATE TABLE kept (m purchase_model, s spend_model);
INSERT INTO kept
SELECT (SELECT fit::purchase_model FROM fits WHERE what = 'pareto_nbd'),
       (SELECT fit::spend_model FROM fits WHERE what = 'gamma_gamma');
SELECT length(purchase_model_send(m)) AS bytes, length(spend_model_send(s)) AS spend_bytes FROM kept;
\copy kept TO 'customer_value_models.bin' (FORMAT binary)
CREATE TABLE again (LIKE kept);
\copy again FROM 'customer_value_models.bin' (FORMAT binary)
SELECT k.m::text = a.m::text AS same, k.s::text = a.s::text AS same_spend FROM kept AS k, again AS a;

-- over histories, over columns, shuffled, with weights, by copies, by workers: to the bit
CREATE FUNCTION same_as(wanted text, fit text) RETURNS boolean LANGUAGE sql
    RETURN (SELECT f.fit = $2 FROM fits AS f WHERE what = $1);
SELECT same_as('bg_nbd', fit_purchase_model(x, t_x, age)::text) AS columns,
       same_as('bg_nbd', fit_purchase_model(x, t_x, age ORDER BY md5(id::text))::text) AS shuffled,
       same_as('mbg_nbd', fit_purchase_model(x, t_x, age, 'mbg_nbd' ORDER BY -id)::text) AS backwards,
       same_as('pareto_nbd', fit_purchase_model(x, t_x, age, 'pareto_nbd' ORDER BY md5(id::text))::text) AS pareto,
       same_as('gamma_gamma', fit_spend_model(x, m ORDER BY md5(id::text))::text) AS spend FROM stats;
SELECT same_as('bg_nbd', fit_purchase_model(x, t_x, age, 'bg_nbd', n)::text) AS weights
FROM (SELECT x, t_x, age, count(*) AS n FROM stats GROUP BY 1, 2, 3) AS s;
SELECT (SELECT fit_purchase_model(x, t_x, age, 'mbg_nbd', 3)::text FROM stats)
     = (SELECT fit_purchase_model(x, t_x, age, 'mbg_nbd')::text FROM stats, generate_series(1, 3)) AS three_times,
       (SELECT fit_spend_model(x, m, 2)::text FROM stats)
     = (SELECT fit_spend_model(x, m)::text FROM stats, generate_series(1, 2)) AS twice;
CREATE TABLE plain AS SELECT * FROM stats;
ALTER TABLE plain SET (parallel_workers = 2);
ANALYZE plain;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT fit_purchase_model(x, t_x, age), fit_spend_model(x, m) FROM plain;
SELECT same_as('bg_nbd', fit_purchase_model(x, t_x, age)::text) AS bg_nbd,
       same_as('pareto_nbd', fit_purchase_model(x, t_x, age, 'pareto_nbd')::text) AS pareto_nbd,
       same_as('gamma_gamma', fit_spend_model(x, m)::text) AS gamma_gamma
FROM plain;
SET max_parallel_workers_per_gather = 0;

-- days and weeks: the same optimum
SELECT abs(parameter(w, 'r') / parameter(d, 'r') - 1) < 1e-8 AS r,
       abs(parameter(w, 'alpha') * 7 / parameter(d, 'alpha') - 1) < 1e-8 AS alpha,
       abs(parameter(w, 'a') / parameter(d, 'a') - 1) < 1e-8 AS a,
       abs(parameter(w, 'b') / parameter(d, 'b') - 1) < 1e-8 AS b,
       abs(log_likelihood(w) - repeats * ln(7) - log_likelihood(d)) < 1e-6 AS log_likelihood
FROM (
    SELECT fit_purchase_model(x, t_x, age) AS d, fit_purchase_model(x, t_x / 7.0, age / 7.0) AS w,
           sum(x)::float8 AS repeats
    FROM stats
) AS f;

-- the log-likelihood of the fit is the sum over customers, and no step in any direction is uphill
SELECT f.what,
       abs(sum(log_likelihood(f.fit::purchase_model, x, t_x, age)) / log_likelihood(f.fit::purchase_model) - 1)
           < 1e-11 AS same
FROM fits AS f, stats
WHERE f.what <> 'gamma_gamma'
GROUP BY f.what, f.fit ORDER BY 1;
SELECT p.parameter, sign,
       sum(log_likelihood(
           jsonb_set(f.fit::jsonb - '{log_likelihood,customers,covariance,converged}'::text[],
                     ARRAY[p.parameter], to_jsonb(p.estimate * (1 + sign * 0.01)))::text::purchase_model,
           x, t_x, age
       )) < log_likelihood(f.fit::purchase_model) AS downhill
FROM fits AS f, parameters(f.fit::purchase_model) AS p, (VALUES (-1), (1)) AS s (sign), stats
WHERE f.what = 'bg_nbd'
GROUP BY 1, 2, f.fit ORDER BY 1, 2;

-- auto takes the lowest AIC
SELECT fit_purchase_model(h, '2025-12-01', 'auto')::text
    = (SELECT fit FROM fits WHERE what <> 'gamma_gamma' ORDER BY aic(fit::purchase_model) LIMIT 1) AS lowest
FROM customers;

-- reading
SELECT family(m), round(parameter(m, 'beta')::numeric, 4) AS beta, parameter(m, 'gamma') AS gamma,
       standard_error(m, 'beta') ^ 2 = covariance(m, 'beta', 'beta')
           OR abs(standard_error(m, 'beta') ^ 2 / covariance(m, 'beta', 'beta') - 1) < 1e-15 AS error,
       covariance(m, 'r', 's') = covariance(m, 's', 'r') AS symmetric,
       aic(m) = 8 - 2 * log_likelihood(m) AS aic, bic(m) = 4 * ln(customers(m)) - 2 * log_likelihood(m) AS bic,
       converged(m), boundary(m)
FROM kept;
SELECT family(s), aic(s) = 6 - 2 * log_likelihood(s) AS aic, refund_share(s),
       frequency_correlation(s) BETWEEN -0.1 AND 0.1 AS independent,
       customers(s) = (SELECT count(m) FROM stats WHERE m > 0) AS customers
FROM kept;
SELECT parameter, lower_95 < estimate AND estimate < upper_95 AS inside FROM kept, parameters(s);
SELECT standard_error(m, 'r'), log_likelihood(m), aic(m), bic(m), customers(m), converged(m), boundary(m)
FROM (SELECT '{"family": "shifted_beta_geometric", "alpha": 0.7, "beta": 1.2}'::purchase_model AS m) AS w;

-- refunds make a share; a customer without purchases, or rows with NULL, are nobody
SELECT refund_share(fit_spend_model(h, '2024-12-31')) AS refund_share
FROM (
    SELECT c, purchase_history(date '2024-01-01' + 30 * k, CASE k WHEN 3 THEN -25 ELSE 50 + c END) AS h
    FROM generate_series(1, 20) AS c, generate_series(0, 3) AS k
    GROUP BY c
) AS t;
SELECT customers(fit_purchase_model(h, '2024-06-01')) AS until_june,
       fit_purchase_model(h, '2023-06-01') IS NULL AS nobody,
       (SELECT count(*) FROM customers WHERE repeat_purchases(h, '2024-06-01') IS NOT NULL) AS expected
FROM customers;
SELECT customers(fit_purchase_model(x, t_x, age))
FROM (VALUES (1, 5, 10), (NULL, 5, 10), (2, NULL, 10), (0, 0, NULL), (0, 0, 7)) AS v (x, t_x, age);
SELECT fit_spend_model(x, m) IS NULL AS nobody FROM (VALUES (0, 5.0), (1, NULL), (3, 0.0)) AS v (x, m);

-- edges: always an answer, and what it ran into
CREATE FUNCTION edge(fit purchase_model) RETURNS text LANGUAGE sql
    RETURN converged(fit) || ', ' || coalesce(split_part(boundary(fit), ';', 1), 'no boundary');
SELECT what, edge(fit_purchase_model(x, t_x, age, 'bg_nbd')) AS bg_nbd,
       edge(fit_purchase_model(x, t_x, age, 'mbg_nbd')) AS mbg_nbd,
       edge(fit_purchase_model(x, t_x, age, 'pareto_nbd')) AS pareto_nbd
FROM (
    SELECT 'one customer' AS what, 3 AS x, 90 AS t_x, 100 AS age
    UNION ALL
    SELECT 'nobody again', 0, 0, 10 * i FROM generate_series(1, 50) AS i
    UNION ALL
    SELECT 'all alike', 4, 80, 100 FROM generate_series(1, 50)
    UNION ALL
    SELECT 'just born', 0, 0, 0 FROM generate_series(1, 3)
    UNION ALL
    SELECT 'all still there', 10 + i % 5, 100 - i % 3, 100 FROM generate_series(1, 50) AS i
    UNION ALL
    SELECT 'a million repeats', 1000000 - i, 99000, 100000 FROM generate_series(1, 20) AS i
) AS e
GROUP BY 1 ORDER BY 1;
SELECT what, converged(fit) AS converged, boundary(fit) AS boundary,
       expected_order_value(fit, 0, NULL) IS NULL AS no_mean
FROM (
    SELECT what, fit_spend_model(x, m) AS fit
    FROM (
        SELECT 'constant' AS what, 20 AS x, 30.0 AS m FROM generate_series(1, 40)
        UNION ALL
        SELECT 'own constant', 1000, 30.0 + i FROM generate_series(1, 40) AS i
        UNION ALL
        SELECT 'far apart', 5, 10.0 ^ (i % 9) FROM generate_series(1, 400) AS i
    ) AS e
    GROUP BY 1
) AS f
ORDER BY 1;

-- opportunities and contracts; the figures of Fader & Hardie 2007, regular customers
SELECT round(parameter(m, 'alpha')::numeric, 3) AS alpha, round(parameter(m, 'beta')::numeric, 3) AS beta,
       round(log_likelihood(m)::numeric, 4) AS log_likelihood
FROM (
    SELECT fit_contract_model(renewals, NOT lost, n) AS m
    FROM (
        VALUES (0, true, 369), (1, true, 163), (2, true, 86), (3, true, 56), (4, true, 37), (5, true, 27),
               (6, true, 21), (7, false, 241)
    ) AS v (renewals, lost, n)
) AS f;
CREATE TABLE contracts (began date, ended date);
INSERT INTO contracts
SELECT date '2020-01-15', date '2020-01-15' + (m || ' months')::interval
FROM generate_series(1, 9) AS m, generate_series(1, 60 / m)
UNION ALL
SELECT '2020-01-15', NULL FROM generate_series(1, 50);
SELECT fit_contract_model(began, ended, '2020-12-20', 1)::text = (
    SELECT fit_contract_model(contract_renewals(began, ended, '2020-12-20'), ended IS NULL)::text FROM contracts
) AS same
FROM contracts;
SELECT began, ended, contract_renewals(began, ended, '2024-03-31', 1) AS monthly,
       contract_renewals(began, ended, '2024-03-31', 12) AS yearly
FROM (
    VALUES ('2023-01-31'::date, '2024-01-31'::date), ('2023-01-31', '2024-01-30'), ('2023-01-31', NULL),
           ('2023-03-31', NULL), ('2023-04-01', NULL), ('2024-03-31', NULL), ('2024-04-01', NULL),
           ('2024-01-01', '2024-01-01'), ('2023-06-01', '2025-01-01')
) AS v (began, ended);
SELECT round(retention_rate(m, 0)::numeric, 6) AS first, round(retention_rate(m, 5)::numeric, 6) AS sixth,
       round(survival_probability(m, 1)::numeric, 6) AS one,
       round(expected_renewals(m, 0, 3)::numeric, 6) AS three,
       abs(expected_renewals(m, 0, 2) - survival_probability(m, 1) - survival_probability(m, 2)) < 1e-15 AS sum,
       round(expected_renewals(m, 2, 10000, 0.1)::numeric, 6) AS discounted
FROM (SELECT '{"family": "shifted_beta_geometric", "alpha": 0.704, "beta": 1.182}'::purchase_model AS m) AS w;
SELECT family(fit_opportunity_model(x, last, n, w)) AS family,
       round(log_likelihood(fit_opportunity_model(x, last, n, w))::numeric, 4) AS log_likelihood
FROM (VALUES (0, 0, 6, 34), (1, 1, 6, 11), (2, 3, 6, 9), (4, 6, 6, 15), (6, 6, 6, 12)) AS v (x, last, n, w);
