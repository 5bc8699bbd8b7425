-- A date or timestamp has no time zone: with one it would become a timestamptz through the session's zone, silently.
SET client_min_messages = warning;
\pset format unaligned
SET timezone = 'America/New_York';
SET search_path = public, customer_value;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\i :helpers

CREATE DOMAIN business_day AS date;
CREATE DOMAIN wall_time AS timestamp CHECK (VALUE > '1900-01-01');
CREATE DOMAIN instant AS timestamptz;
CREATE TABLE orders AS
SELECT i % 3 AS c, date '2024-07-01' + i AS d, timestamp '2024-07-01 12:00' + i * interval '1 day' AS t,
       timestamptz '2024-07-01 12:00+00' + i * interval '1 day' AS z, (date '2024-07-01' + i)::business_day AS dd,
       (timestamp '2024-07-01 12:00' + i * interval '1 day')::wall_time AS dt,
       (timestamptz '2024-07-01 12:00+00' + i * interval '1 day')::instant AS dz, i::numeric AS a
FROM generate_series(1, 30) AS i;

-- refused: every overload, columns, literals, domains, constants
SELECT call, fails('SELECT ' || call || ' FROM orders') AS said
FROM unnest(ARRAY[
    'purchase_history(d, a, ''Asia/Shanghai'')', 'purchase_history(t, a, ''Asia/Shanghai'')',
    'purchase_history(dd, a, ''UTC'')', 'purchase_history(dt, a, ''UTC'')'
]) AS call;
SELECT purchase_history(d, a, 'Asia/Shanghai') FROM orders;
SELECT purchase_history(t, a, 'Asia/Shanghai') FROM orders;
SELECT call, left(fails('SELECT ' || call || ' FROM orders'), 32) AS said
FROM unnest(ARRAY[
    'purchase_history(d, ''UTC''::text)', 'purchase_history(t, ''UTC''::text)',
    'purchase_history(d, a::bigint, ''UTC'')', 'purchase_history(d, a::int, ''UTC'')',
    'purchase_history(d, a::smallint, ''UTC'')', 'purchase_history(t, a::float8, ''UTC'')',
    'purchase_history(t, a::real, ''UTC'')', 'purchase_history(t, a::money, ''UTC'')',
    'purchase_history(date ''2024-01-01'', a, ''UTC'')', 'purchase_history(timestamp ''2024-01-01'', a, ''UTC'')',
    'purchase_history(d + 1, a, ''UTC'')', 'purchase_history(t + interval ''1 hour'', a, ''UTC'')',
    'purchase_history(coalesce(d, t::date), a, ''UTC'')', 'engagement(d, 1, ''2024-12-01'', 30, ''UTC'')',
    'engagement(t, 1, ''2024-12-01'', 30, ''UTC'')', 'engagement(dd, 1, ''2024-12-01'', 30, ''UTC'')'
]) AS call;
-- whatever the plan: groups, sorted and distinct input, filters, windows, workers, subqueries
SELECT query, left(fails(query), 32) AS said
FROM unnest(ARRAY[
    $$ SELECT c, purchase_history(d, a, 'UTC') FROM orders GROUP BY c $$,
    $$ SELECT purchase_history(d, a, 'UTC' ORDER BY d) FROM orders $$,
    $$ SELECT purchase_history(d, a, 'UTC' ORDER BY a DESC) FROM orders $$,
    $$ SELECT purchase_history(DISTINCT d, a, 'UTC') FROM orders $$,
    $$ SELECT c, purchase_history(DISTINCT t, a, 'UTC') FROM orders GROUP BY ROLLUP (c) $$,
    $$ SELECT purchase_history(d, a, 'UTC') FILTER (WHERE a > 5) FROM orders $$,
    $$ SELECT purchase_history(d, a, 'UTC') OVER (ORDER BY d) FROM orders $$,
    $$ SELECT sum(a) OVER w, purchase_history(t, a, 'UTC') OVER w FROM orders
       WINDOW w AS (PARTITION BY c ORDER BY d) $$,
    $$ SELECT purchase_history(d, a, zone) FROM orders, (VALUES ('UTC'), ('Asia/Tokyo')) AS v (zone) $$,
    $$ SELECT purchase_history(d, a, 'UTC'), purchase_history(z, a, 'UTC') FROM orders $$,
    $$ SELECT (SELECT purchase_history(o.d, a, 'UTC') FROM orders AS o WHERE o.c = p.c) FROM orders AS p $$,
    $$ SELECT purchase_history(x, a, 'UTC') FROM (SELECT d AS x, a FROM orders OFFSET 0) AS s $$
]) AS query;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
SELECT left(fails($$ SELECT c, purchase_history(d, a, 'UTC') FROM orders GROUP BY c $$), 32) AS in_workers;
RESET max_parallel_workers_per_gather;

-- allowed: a timestamptz, an explicit cast, a literal, no zone, no rows
SELECT query, tries(query) AS said
FROM unnest(ARRAY[
    $$ SELECT purchase_history(z, a, 'Asia/Shanghai') FROM orders $$,
    $$ SELECT purchase_history(dz, a, 'Asia/Shanghai') FROM orders $$,
    $$ SELECT purchase_history(d::timestamptz, a, 'Asia/Shanghai') FROM orders $$,
    $$ SELECT purchase_history(CAST(t AS timestamptz), a, 'Asia/Shanghai') FROM orders $$,
    $$ SELECT purchase_history(t AT TIME ZONE 'UTC', a, 'Asia/Shanghai') FROM orders $$,
    $$ SELECT purchase_history('2024-01-01', a, 'UTC') FROM orders $$,
    $$ SELECT purchase_history(d, a), purchase_history(t, a), purchase_history(dd, a), purchase_history(dt)
       FROM orders $$,
    $$ SELECT purchase_history(d, a, 'UTC') FROM orders WHERE false $$,
    $$ SELECT purchase_history(NULL::date, a, 'UTC') FROM orders $$,
    $$ SELECT purchase_history(z, a, 'UTC') OVER (ORDER BY d) FROM orders $$,
    $$ SELECT purchase_history(DISTINCT z, a, 'UTC') FROM orders $$,
    $$ SELECT engagement(z, 1, '2024-12-01', 30, 'UTC'), engagement(d, 1, '2024-12-01', 30) FROM orders $$
]) AS query;
SELECT purchase_history(d::timestamptz, 1, 'Asia/Shanghai')::text AS through_the_session
FROM (VALUES (date '2024-07-01')) AS v (d);
SELECT purchase_history(d, 1)::text AS on_its_day FROM (VALUES (date '2024-07-01')) AS v (d);
