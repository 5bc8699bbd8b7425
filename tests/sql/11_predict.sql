-- Predictions: both forms agree, names and defaults work, NULL rules, extremes give numbers, everything
-- else an error of its own.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned
SET search_path = public, customer_value, customer_value_internal;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\i :helpers

CREATE TABLE models AS
SELECT t::purchase_model AS m
FROM (
    VALUES ('{"family": "bg_nbd", "r": 0.243, "alpha": 30.898, "a": 0.793, "b": 2.426}'),
           ('{"family": "mbg_nbd", "r": 0.525, "alpha": 43.281, "a": 0.891, "b": 1.614}'),
           ('{"family": "pareto_nbd", "r": 0.5534, "alpha": 74.0614, "s": 0.6061, "beta": 81.5934}')
) AS v (t);
CREATE TABLE one AS
SELECT purchase_history(day, amount) AS h,
       '{"family": "gamma_gamma", "p": 6.25, "q": 3.74, "v": 15.44}'::spend_model AS s
FROM (VALUES (date '1997-01-01', 29.33), ('1997-01-18', 29.73), ('1997-08-02', 14.96)) AS v (day, amount);

-- the customer of the papers, x = 2, t_x = 30.43 and T = 38.86 weeks: 1.2260 purchases in 39 weeks by BG/NBD
SELECT family(m), round(p_alive(m, h, '1997-09-30')::numeric, 9) AS p_alive,
       round(expected_purchases(m, h, '1997-09-30', 273)::numeric, 9) AS expected,
       p_alive(m, h, '1997-09-30') = p_alive(m, 2, 213, 272) AS p,
       expected_purchases(m, h, '1997-09-30', 273) = expected_purchases(m, 2, 213, 272, 273) AS e,
       p_alive_at(m, h, '1997-09-30', 30) = p_alive_at(m, 2, 213, 272, 30) AS p_at,
       purchase_probability(m, h, '1997-09-30', 1, 30) = purchase_probability(m, 2, 213, 272, 1, 30) AS n,
       log_likelihood(m, h, '1997-09-30') = log_likelihood(m, 2, 213, 272) AS l,
       clv(m, s, h, '1997-09-30') = clv(m, s, 2, 213, 272, 22.345) AS c,
       residual_clv(m, s, h, '1997-09-30') = residual_clv(m, s, 2, 213, 272, 22.345) AS r
FROM models, one;
SELECT round(expected_order_value(s, h, '1997-09-30')::numeric, 9) AS history,
       round(expected_order_value(s, 2, 22.345)::numeric, 9) AS numbers,
       round(expected_order_value(s, 0, NULL)::numeric, 9) AS without,
       expected_order_value(s, h, '1997-01-10') = expected_order_value(s, 0, NULL) AS first_only
FROM one;

-- names, defaults, untyped literals, integers, numerics
SELECT family(m),
       expected_purchases(m, h, '1997-09-30') = expected_purchases(
           m, repeat_purchases => 2, purchase_span => 213, customer_age => 272, horizon_days => 365
       ) AS expected,
       clv(m, s, h, '1997-09-30') = clv(
           m, s, h, '1997-09-30', horizon_days => 365, annual_discount_rate => 0.10, margin => 1, step_days => 0
       ) AS clv,
       clv(m, s, 2, 213, 272, 22.345::numeric, margin => 0.5)
           = clv(m, s, h, '1997-09-30', 365, 0.1, 0.5) AS margin,
       expected_purchases_new(m) = expected_purchases(m, 0, 0, 0) AS new,
       residual_clv(m, s, h, '1997-09-30', 0.1, 1) = residual_clv(m, s, h, '1997-09-30') AS residual,
       p_alive_at(m, '2', '213', '272', '0') = p_alive(m, 2::smallint, 213::bigint, 272::real) AS literals
FROM models, one;

-- NULL in, NULL out; without purchases or amounts NULL
SELECT family(m), p_alive(NULL::purchase_model, h, '1997-09-30'),
       p_alive(m, NULL::purchase_history, '1997-09-30'), p_alive(m, h, NULL), p_alive(m, h, '1996-01-01'),
       expected_purchases(m, 2, NULL, 3), clv(m, NULL, h, '1997-09-30'), clv(m, s, h, '1996-01-01'),
       clv(m, s, NULL, 3, 5, 10), clv(m, s, 0, 0, 5, NULL) IS NULL AS not_this
FROM models, one;
SELECT expected_order_value(s, v, '1997-09-30'), clv(m, s, v, '1997-09-30'),
       p_alive(m, v, '1997-09-30') IS NULL AS not_this
FROM models, one, (SELECT purchase_history(date '1997-01-01') AS v) AS visits;
SELECT expected_order_value('{"family": "gamma_gamma", "p": 2, "q": 0.9, "v": 10}', 0, NULL),
       round(
           expected_order_value('{"family": "gamma_gamma", "p": 2, "q": 0.9, "v": 10}', 3, 20)::numeric, 9
       ) AS repeats;

-- relations that hold whatever the numbers: sums of probabilities, discounts, steps, horizons without end
SELECT family(m), abs(sum(purchase_probability(m, 5, 100, 200, n, 90)) - 1) < 1e-12 AS one,
       abs(sum(n * purchase_probability(m, 5, 100, 200, n, 90)) - min(expected_purchases(m, 5, 100, 200, 90)))
           < 1e-9 AS mean
FROM models, generate_series(0, 400) AS n
GROUP BY family(m) ORDER BY 1;
SELECT family(m),
       abs(clv(m, s, h, d, 365, 0) - expected_purchases(m, h, d, 365) * expected_order_value(s, h, d))
           < 1e-10 AS product,
       clv(m, s, h, d, 365, 0.1) < clv(m, s, h, d, 365, 0) AS discounted,
       clv(m, s, h, d, 365, 0.1, 1, 30) < clv(m, s, h, d, 365, 0.1) AS at_ends,
       abs(clv(m, s, h, d, 365, 0, 1, 30) - clv(m, s, h, d, 365, 0)) < 1e-9 AS steps_add_up,
       abs(residual_clv(m, s, h, d) / clv(m, s, h, d, 1e6) - 1) < 1e-9 AS residual,
       clv(m, s, h, d, 0) AS nothing
FROM models, one, (VALUES (date '1997-09-30')) AS v (d);
SELECT family(m), p_alive_at(m, 2, 213, 272, 0) = p_alive(m, 2, 213, 272) AS now,
       p_alive_at(m, 2, 213, 272, 1e5) < p_alive_at(m, 2, 213, 272, 100) AS later,
       purchase_probability(m, 2, 213, 272, 0, 0) AS none
FROM models;
SELECT family(m), expected_purchases_error(m, 2, 213, 272, 365) AS written FROM models;

-- extremes are numbers
SELECT family(m), x, age, p_alive(m, x, span, age) BETWEEN 0 AND 1 AS p, e BETWEEN 0 AND 1e12 AS e,
       e >= expected_purchases(m, x, span, age, 1) AS rising, clv(m, s, x, span, age, 1e6, days) >= 0 AS clv,
       residual_clv(m, s, x, span, age, 0.01) >= 0 AS residual,
       purchase_probability(m, x, span, age, 7, days) BETWEEN 0 AND 1 AS n,
       log_likelihood(m, x, span, age) BETWEEN -1e9 AND 1e9 AS l
FROM models, one,
     (VALUES (0, 0, 0, 1e5), (1000000, 1e5, 1e5, 1e5), (1000000, 5e4, 1e5, 1e5), (1, 0, 1e5, 365),
             (300, 299, 1e5, 365), (3000, 3000, 3001, 1e5), (0, 0, 1e5, 1e5)) AS v (x, span, age, days),
     LATERAL (SELECT expected_purchases(m, x, span, age, days) AS e) AS expected
ORDER BY 1, 2, 3;

-- percentiles and tiers
SELECT v, percentile_of('{1, 2, 2, 2, 5}', v) AS share FROM unnest('{0, 1, 1.5, 2, 3.5, 5, 9}'::float8[]) AS v;
SELECT p, clv_tier(p), clv_tier(p, 'zh') AS zh, clv_tier(p, 'de') AS other, clv_tier_code(p), clv_tier_rank(p)
FROM unnest('{0, 0.4999, 0.5, 0.7999, 0.8, 1, NULL}'::float8[]) AS p;

-- what cannot be
\set bg '{"family": "bg_nbd", "r": 0.24, "alpha": 31, "a": 0.79, "b": 2.43}'
SELECT fails(format('SELECT p_alive(%L::purchase_model, %s)', :'bg', numbers))
FROM unnest(
    ARRAY['-1, 0, 10', '1.5, 5, 10', '1, 11, 10', '1, -1, 10', '0, 5, 10', '0, 0, -1', '''NaN'', 5, 10',
          '1, ''NaN'', 10', '1, 5, ''NaN''', '''Infinity'', 5, 10', '1, 5, ''Infinity''', '2e9, 5, 10',
          '1, 5, 1e10']
) WITH ORDINALITY AS v (numbers, place)
ORDER BY place;
SELECT fails(format('SELECT expected_purchases(%L::purchase_model, 2, 20, 30, %s)', :'bg', horizon))
FROM unnest(ARRAY['-1', '''NaN''', '''Infinity''', '1e8']) AS horizon;
SELECT fails(format(
    'SELECT clv(%L::purchase_model, ''{"family": "gamma_gamma", "p": 6, "q": 4, "v": 15}'', 2, 20, 30, %s)',
    :'bg', rest
))
FROM unnest(
    ARRAY['-5', '''NaN''', '''Infinity''', '10, -3', '10, 365, -0.1', '10, 365, ''NaN''', '10, 365, 101',
          '10, 365, 0.1, ''Infinity''', '10, 365, 0.1, 1, -30', '10, 1e7, 0.1, 1, 0.01']
) WITH ORDINALITY AS v (rest, place)
ORDER BY place;
SELECT fails(format('SELECT purchase_probability(%L::purchase_model, 2, 20, 30, %s)', :'bg', n))
FROM unnest(ARRAY['-1', '1000001', '3, -1']) AS n;
SELECT fails(format('SELECT p_alive_at(%L::purchase_model, 2, 20, 30, -1)', :'bg'));
SELECT fails(format('SELECT p_alive(%L::purchase_model, purchase_history(date ''2024-01-01''), ''infinity'')', :'bg'));
SELECT fails(format(
    '
        SELECT residual_clv(%L::purchase_model, ''{"family": "gamma_gamma", "p": 6, "q": 4, "v": 15}'', 2, 20,
                            30, 10, 0)
    ',
    m
))
FROM unnest(
    ARRAY[:'bg', '{"family": "pareto_nbd", "r": 1, "alpha": 30, "s": 1, "beta": 90}',
          '{"family": "bg_bb", "alpha": 1, "beta": 1, "gamma": 0.5, "delta": 2}']
) AS m;
SELECT round(
    residual_clv('{"family": "pareto_nbd", "r": 1, "alpha": 30, "s": 2, "beta": 90}',
                 '{"family": "gamma_gamma", "p": 6, "q": 4, "v": 15}', 2, 20, 30, 10, 0)::numeric,
    6
) AS finite;
SELECT fails(
    format('SELECT expected_order_value(''{"family": "gamma_gamma", "p": 6, "q": 4, "v": 15}'', %s)', numbers)
)
FROM unnest(ARRAY['-1, 5', '1.5, 5', '2, -5', '2, ''NaN''']) AS numbers;
SELECT fails(format('SELECT %s', call))
FROM unnest(ARRAY[
    'p_alive(''{"family": "bg_bb", "alpha": 1, "beta": 1, "gamma": 0.5, "delta": 2}'', 3, 2, 5)',
    'p_alive(''{"family": "bg_bb", "alpha": 1, "beta": 1, "gamma": 0.5, "delta": 2}'', 1, 2.5, 5)',
    'expected_purchases(''{"family": "bg_bb", "alpha": 1, "beta": 1, "gamma": 0.5, "delta": 2}'', 1, 2, 5, 1.5)',
    'retention_rate(''{"family": "bg_bb", "alpha": 1, "beta": 1, "gamma": 0.5, "delta": 2}'', 1)',
    'survival_probability(''{"family": "shifted_beta_geometric", "alpha": 1, "beta": 1}'', -1)',
    'expected_renewals(''{"family": "shifted_beta_geometric", "alpha": 1, "beta": 1}'', 1, 5, -0.5)',
    'contract_renewals(''2024-01-01'', ''2023-01-01'', ''2024-06-01'')',
    'contract_renewals(''2024-01-01'', NULL, ''2024-06-01'', 0)', 'percentile_of(''{1}'', 2)',
    'percentile_of(''{1, NULL}'', 2)', 'percentile_of(''{1, 2}'', ''NaN'')', 'percentile_of(''{{1, 2}, {3, 4}}'', 2)'
]) WITH ORDINALITY AS v (call, place)
ORDER BY place;

-- model texts and bytes that are none
SELECT fails(format('SELECT %L::purchase_model', t))
FROM unnest(ARRAY[
    '', 'x', '[]', '{}', '{"family": "nbd"}', '{"family": "bg_nbd", "r": 0.24, "alpha": 31, "a": 0.79}',
    '{"family": "bg_nbd", "r": -0.24, "alpha": 31, "a": 0.79, "b": 2}',
    '{"family": "bg_nbd", "r": 0, "alpha": 31, "a": 0.79, "b": 2}',
    '{"family": "bg_nbd", "r": 1e400, "alpha": 31, "a": 0.79, "b": 2}',
    '{"family": "bg_nbd", "r": "1", "alpha": 31, "a": 0.79, "b": 2}',
    '{"family": "bg_nbd", "r": 1, "alpha": 31, "a": 0.79, "b": 2, "s": 3}',
    '{"family": "bg_nbd", "r": 1, "alpha": 31, "a": 0.79, "b": 2, "x": 3}',
    '{"family": "bg_nbd", "r": 1, "alpha": 31, "a": 0.79, "b": 2, "version": 2}',
    '{"family": "gamma_gamma", "p": 1, "q": 2, "v": 3}',
    '{"family": "bg_nbd", "r": 1, "alpha": 31, "a": 0.79, "b": 2, "customers": 5}',
    '{
        "family": "bg_nbd", "r": 1, "alpha": 31, "a": 0.79, "b": 2, "customers": 5, "log_likelihood": -1,
        "covariance": [[1]]
    }',
    '{
        "family": "shifted_beta_geometric", "alpha": 1, "beta": 1, "customers": 5, "log_likelihood": -1,
        "covariance": [[1],[0,1]], "boundary": ["who knows"]
    }',
    repeat('[', 100000)
]) WITH ORDINALITY AS v (t, place)
ORDER BY place;
SELECT fails(format('SELECT %L::spend_model', t))
FROM unnest(
    ARRAY['{"family": "bg_nbd", "r": 1, "alpha": 31, "a": 0.79, "b": 2}',
          '{"family": "gamma_gamma", "p": 1, "q": 2}',
          '{"family": "gamma_gamma", "p": 1, "q": 2, "v": 3, "refund_share": 2}',
          '{"family": "gamma_gamma", "p": 1, "q": 2, "v": 3, "frequency_correlation": 2}']
) AS t;
SELECT fails($$SELECT parameter('{"family": "gamma_gamma", "p": 1, "q": 2, "v": 3}'::spend_model, 'z')$$);
CREATE TABLE sent (m purchase_model, s spend_model);
CREATE FUNCTION receive(bytes bytea, field text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    file bytea := '\x5047434f50590aff0d0a0000000000000000000001'::bytea || int4send(length(bytes)) || bytes
        || '\xffff'::bytea;
    octal text;
    state text; hint text;
BEGIN
    SELECT string_agg(format('\%s%s%s', get_byte(file, i) / 64, get_byte(file, i) / 8 % 8, get_byte(file, i) % 8), ''
                      ORDER BY i)
    INTO octal
    FROM generate_series(0, length(file) - 1) AS i;
    TRUNCATE sent;
    EXECUTE format('COPY sent (%s) FROM PROGRAM %L (FORMAT binary)', field, format('printf "%s"', octal));
    PERFORM m::text::purchase_model::text, s::text::spend_model::text, p_alive(m, 2, 20, 30),
            expected_purchases(m, 2, 20, 30), expected_order_value(s, 2, 20), clv(m, s, 2, 20, 30, 10), aic(m), bic(s),
            boundary(m), standard_error(m, 'alpha')
    FROM sent;
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = returned_sqlstate, hint = pg_exception_hint;
    RETURN CASE WHEN hint = '' OR state LIKE 'XX%' THEN '!! ' || SQLERRM || ' ' ELSE '' END || state;
END $$;
CREATE TABLE good AS
SELECT fit_purchase_model(x, t, 100) AS m, fit_spend_model(x, v) AS s
FROM (VALUES (0, 0, 5.0), (1, 20, 7), (3, 60, 9), (5, 99, 12), (2, 20, 15), (9, 90, 8)) AS v (x, t, v);
SELECT receive(purchase_model_send(m), 'm'), receive(spend_model_send(s), 's'), receive('', 'm'), receive('', 's'),
       receive(purchase_model_send(m), 's'), receive(spend_model_send(s), 'm')
FROM good;
SELECT field, receive(substr(bytes, 1, n), field) AS received, count(*)
FROM good, LATERAL (VALUES (purchase_model_send(m), 'm'), (spend_model_send(s), 's')) AS v (bytes, field),
     LATERAL generate_series(0, length(bytes) - 1) AS n
GROUP BY 1, 2 ORDER BY 1, 2;
SELECT field, receive(set_byte(bytes, n, b), field) LIKE '!!%' AS wrong
FROM good, LATERAL (VALUES (purchase_model_send(m), 'm'), (spend_model_send(s), 's')) AS v (bytes, field),
     LATERAL generate_series(0, length(bytes) - 1) AS n,
     (VALUES (0), (127), (128), (255)) AS w (b)
GROUP BY 1, 2 ORDER BY 1, 2;

-- aggregates
CREATE TABLE histories AS
SELECT c, purchase_history(date '2024-01-01' + c, 10) AS h FROM generate_series(1, 9) AS c GROUP BY c;
SELECT fails(format('SELECT %s FROM histories', call))
FROM unnest(ARRAY[
    'fit_purchase_model(h, NULL)', 'fit_purchase_model(h, ''infinity'')',
    'fit_purchase_model(h, ''2024-06-01'', ''nbd'')', 'fit_purchase_model(h, ''2024-06-01'', ''bg_bb'')',
    'fit_purchase_model(h, ''2024-06-01'', NULL)',
    'fit_purchase_model(h, ''2024-06-01'', CASE WHEN c = 5 THEN ''bg_nbd'' ELSE ''mbg_nbd'' END)',
    'fit_purchase_model(-c, 5, 10)', 'fit_purchase_model(c + 0.5, 5, 10)', 'fit_purchase_model(c, 11, 10)',
    'fit_purchase_model(c, 5, ''NaN'')', 'fit_purchase_model(c, 5, ''Infinity'')',
    'fit_purchase_model(c, 5, 10, ''bg_nbd'', -1)', 'fit_purchase_model(c, 5, 10, ''bg_nbd'', ''NaN'')',
    'fit_spend_model(c, -1)', 'fit_spend_model(c, ''NaN'')', 'fit_spend_model(c, ''Infinity'')',
    'fit_opportunity_model(5, 3, 9)', 'fit_opportunity_model(c, 9.5, 10)', 'fit_contract_model(-c, true)',
    'fit_purchase_model(h, ''2024-06-01'') OVER ()', 'fit_spend_model(h, ''2024-06-01'') OVER (ORDER BY c)'
]) WITH ORDINALITY AS v (call, place)
ORDER BY place;
SELECT fails(call)
FROM unnest(ARRAY[
    'SELECT count(*) FROM simulate_orders(-1, 100)', 'SELECT count(*) FROM simulate_orders(1, -100)',
    'SELECT count(*) FROM simulate_orders(1, 100, first_day => ''infinity'')',
    'SELECT count(*) FROM simulate_orders(1, 100, first_day => ''294276-12-31'')',
    'SELECT count(*) FROM simulate_orders(1, 100, purchases => ''{}'')'
]) AS call;

-- simulated orders: the same for a seed, a customer the same however many there are
SELECT (SELECT md5(string_agg(o::text, ',')) FROM simulate_orders(50, 300, 7) AS o) = (
           SELECT md5(string_agg(o::text, ',')) FROM simulate_orders(200, 300, 7) AS o WHERE customer_id <= 50
       ) AS same,
       (SELECT md5(string_agg(o::text, ',')) FROM simulate_orders(50, 300, 7) AS o)
           <> (SELECT md5(string_agg(o::text, ',')) FROM simulate_orders(50, 300, 8) AS o) AS other;
SELECT count(DISTINCT customer_id) AS customers,
       min(ordered_at) >= '2025-03-01' AND max(ordered_at) < '2025-03-31' AS within,
       min(scale(amount)) AS digits, bool_and(amount >= 0) AS positive,
       count(*) FILTER (WHERE ordered_at >= '2025-03-11') > 0 AS later
FROM simulate_orders(500, 30, first_day => '2025-03-01', joining_days => 10,
                     purchases => '{"family": "mbg_nbd", "r": 2, "alpha": 10, "a": 1, "b": 5}');

-- what once went on for ever: early leavers among many opportunities, tiny numbers
SET statement_timeout = '20s';
SELECT family(m), converged(m), boundary(m) FROM (SELECT fit_opportunity_model(1, 1, 2000) AS m) AS f;
SELECT converged(m), boundary(m), parameter(m, 'gamma') > parameter(m, 'delta') / 10 AS leave
FROM (
    SELECT fit_opportunity_model(x, t, n, w) AS m
    FROM (VALUES (1, 1, 365, 60), (2, 2, 365, 25), (3, 3, 365, 10), (2, 3, 365, 5)) AS v (x, t, n, w)
) AS f;
SELECT fit_opportunity_model(x, t, n, w) IS NOT NULL AS fitted
FROM (
    VALUES (0, 0, 1200, 300), (1, 1, 1200, 60), (2, 2, 1200, 25), (3, 3, 1200, 10), (2, 3, 2000, 5),
           (9, 1999, 2000, 2)
) AS v (x, t, n, w);
SELECT fails('SELECT fit_spend_model(1, 1e-310)'), fails('SELECT fit_purchase_model(1, 1e-310, 1e-310)');
SELECT fails('SELECT contract_renewals(''2020-01-01'', ''2021-01-01'', ''2022-01-01'', 2147483647)');
SELECT count(*) >= 200 AS each_joins
FROM simulate_orders(200, 50,
                     purchases => '{"family": "bg_bb", "alpha": 0.001, "beta": 1, "gamma": 0.001, "delta": 1}');
RESET statement_timeout;
