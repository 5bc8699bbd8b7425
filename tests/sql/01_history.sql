-- Histories: what the aggregate folds, to which day, how exactly; text and binary forms; canonical, whatever the order.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned
SET search_path = public, customer_value, customer_value_internal;

-- what is folded -----------------------------------------------------------------------------------
CREATE TABLE o (day date, amount numeric);
INSERT INTO o VALUES
    ('2024-01-03', 7), ('2024-01-01', 10.50), ('2024-01-01', 2.25), ('2024-01-02', -1.5), ('2024-01-03', -7),
    ('2024-01-05', 0);
SELECT purchase_history(day, amount) FROM o;
SELECT purchase_history(day, amount) FROM o WHERE amount < 0;
SELECT purchase_history(day, amount) FROM o WHERE amount = 0;
SELECT purchase_history(day) FROM o;
-- rows with a NULL are left out; nothing but NULLs, or no rows at all, is a history without days
SELECT purchase_history(day, amount)
FROM (VALUES (date '2024-01-01', 5::numeric), (NULL, 5), ('2024-01-02', NULL), (NULL, NULL)) AS v (day, amount);
SELECT purchase_history(NULL::date, 5), purchase_history(NULL::timestamptz), purchase_history(day, NULL::int) FROM o;
SELECT purchase_history(day, amount), rollup_history(NULL) FROM o WHERE false;
SELECT h, order_count(h), purchase_days(h), first_purchase(h), revenue(h),
       revenue_between(h, '2024-01-01', '2024-02-01')
FROM (SELECT purchase_history(day, amount) AS h FROM o WHERE false) AS e;
-- an empty history is neutral, whether it comes first or last, or is all there is
SELECT rollup_history(h)
FROM (
    VALUES (1, '{"version": 1, "days": []}'::purchase_history),
           (2, '{"version": 1, "days": [["2024-01-01", 1, "5"]]}'), (3, '{"version": 1, "days": []}'), (4, NULL)
) AS v (i, h);
SELECT rollup_history(h ORDER BY i DESC)
FROM (
    VALUES (1, '{"version": 1, "days": []}'::purchase_history),
           (2, '{"version": 1, "days": [["2024-01-01", 1]]}')
) AS v (i, h);
SELECT rollup_history(h), rollup_history(h) FILTER (WHERE false)
FROM (VALUES ('{"version": 1, "days": []}'::purchase_history), ('{"version": 1, "days": []}')) AS v (h);
-- in a window it is the history so far
SELECT day, amount, purchase_history(day, amount) OVER (ORDER BY day, amount) FROM o;
SELECT day,
       order_count(purchase_history(day, amount) OVER (ORDER BY day ROWS BETWEEN 1 PRECEDING AND CURRENT ROW))
FROM o;
-- grouping sets
SELECT day, amount > 2 AS large, order_count(purchase_history(day, amount))
FROM o
GROUP BY GROUPING SETS ((day), (amount > 2), ()) ORDER BY 1, 2;

-- text and binary forms -------------------------------------------------------------------------------
CREATE TABLE examples AS
SELECT i,
       purchase_history(date '2024-01-01' + (j * j * i) % 977,
                        CASE WHEN j % 7 = 0 THEN -j ELSE j END / (10 ^ (i % 4))::numeric) AS h,
       purchase_history(date '2024-01-01' + (j * j * i) % 977) AS visits
FROM generate_series(1, 40) AS i, generate_series(1, 30) AS j
WHERE j <= i
GROUP BY i;
SELECT count(*) FILTER (
           WHERE h::text::purchase_history::text = h::text
               AND visits::text::purchase_history::text = visits::text
       ) AS same,
       count(DISTINCT get_byte(purchase_history_send(h), 0)) AS versions
FROM examples;
SELECT get_byte(purchase_history_send(h), 0) AS version FROM examples LIMIT 1;
-- canonical: the text in another order, with other digits, gives the same bytes
SELECT purchase_history_send(a) = purchase_history_send(b) AS same, b FROM (VALUES
    ('{"version": 1, "days": [["2024-01-01", 1, "5.00"], ["2024-01-02", 1, "6.50"]]}'::purchase_history,
     '{"days": [ ["2024-01-02", 1, "6.5"], ["2024-01-01", 1, "5.00"] ], "version": 1}'::purchase_history)) AS v (a, b);
SELECT h
FROM (
    VALUES ('{"version":1,"days":[["2024-01-01",0,"0",2,"3.5"]]}'::purchase_history),
           ('{"version":1,"days":[["2024-01-01",3]]}'),
           ('{"version":1,"days":[["0001-01-01",1,"1"],["4713-11-24 BC",1,"0.001"]]}'),
           ('{"version":1,"days":[["5874897-12-31",1]]}')
) AS v (h);
-- COPY in text and binary gives back the same bytes
CREATE TABLE copied (LIKE examples);
\copy examples TO 'customer_value_history.bin' (FORMAT binary)
\copy copied FROM 'customer_value_history.bin' (FORMAT binary)
SELECT count(*),
       count(*) FILTER (
           WHERE purchase_history_send(s.h) = purchase_history_send(c.h)
               AND purchase_history_send(s.visits) = purchase_history_send(c.visits)
       ) AS same
FROM examples AS s
JOIN copied AS c USING (i);
\! rm -f customer_value_history.bin
SELECT typlen, typalign, typstorage, typbyval
FROM pg_type
WHERE oid IN ('purchase_history'::regtype, 'rfm_cuts'::regtype)
ORDER BY typname;
-- long ones are stored compressed and out of line, and read as before
CREATE TABLE long AS
SELECT purchase_history(date '2000-01-01' + (i * 37) % 9000, i % 1000 * 1.01) AS h
FROM generate_series(1, 30000) AS i;
SELECT purchase_days(h), order_count(h),
       revenue(h) = (SELECT sum(i % 1000 * 1.01) FROM generate_series(1, 30000) AS i) AS exact,
       pg_column_size(h) / purchase_days(h) < 16 AS compact, first_purchase(h), last_purchase(h)
FROM long;

-- amounts: every type, exactly ------------------------------------------------------------------------
SELECT purchase_history(d, i2) AS "smallint", purchase_history(d, i4) AS "integer",
       purchase_history(d, i8) AS "bigint", purchase_history(d, n) AS "numeric",
       purchase_history(d, f8) AS "float8", purchase_history(d, f4) AS "real", purchase_history(d, m) AS "money"
FROM (
    VALUES (date '2024-01-01', 3::smallint, 3::int, 3::bigint, 3.10::numeric, 3.1::float8, 3.1::real,
            3.1::numeric::money),
           ('2024-01-01', (-32768)::smallint, (-2147483648)::int, (-9223372036854775808)::bigint, -0.001, -0.25,
            -0.25, (-0.25)::numeric::money),
           ('2024-01-02', 32767::smallint, 2147483647::int, 9223372036854775807::bigint,
            12345678901234567890123456789012.34, 1e15, 16777216, 12345678901234.56::numeric::money)
) AS v (d, i2, i4, i8, n, f8, f4, m);
SELECT revenue(purchase_history(date '2024-01-01', x)) = 0.3 AS float8,
       revenue(purchase_history(date '2024-01-01', x::real)) = 0.3 AS real
FROM (VALUES (0.1::float8), (0.2)) AS v (x);
SELECT revenue(purchase_history(date '2024-01-01', x)),
       revenue(purchase_history(date '2024-01-01', x ORDER BY x))
FROM (VALUES (1e16::float8), (1), (-1e16)) AS v (x);
SELECT revenue(purchase_history(date '2024-01-01', x)) FROM (VALUES (1e22::float8), (1e-5)) AS v (x);
SELECT revenue(purchase_history(date '2024-01-01', x))
FROM (VALUES (1.5e-20::float8), (-0.0::float8), (123456.789)) AS v (x);
SELECT revenue(purchase_history(date '2024-01-01', x)) FROM (VALUES (3.4e30::real), (1e-1::real)) AS v (x);
-- each numeric comes back as it is: sign, digits, zeros at the end
SELECT count(*) AS amounts,
       count(*) FILTER (WHERE revenue(h) = x AND scale(revenue(h)) = least(scale(x), 38)) AS same
FROM (
    SELECT x, (SELECT purchase_history(date '2024-01-01', y) FROM (VALUES (x)) AS v (y)) AS h
    FROM (
        SELECT sign * round(base * 10::numeric ^ power, digits) AS x
        FROM unnest(ARRAY[1, -1]) AS sign,
             unnest(
                 ARRAY[0, 1, 9, 9999, 10000, 10001, 123456789, 1.5, 9999.9999, 0.00019999, 99999999.99990001]
             ) AS base,
             generate_series(-8, 16) AS power,
             unnest(ARRAY[0, 1, 2, 3, 4, 5, 8, 9, 12, 13]) AS digits
    ) AS awkward
) AS h;
-- sums of many are sum(numeric), to the last digit
SELECT n, count(*) AS amounts, bool_and(revenue = sum) AS exact,
       bool_and(scale(revenue) >= scale(sum)) AS digits
FROM (
    SELECT n, g, revenue(purchase_history(date '2024-01-01' + i % 31, x)), sum(x)
    FROM generate_series(1, 30) AS g, generate_series(1, 60) AS i,
         LATERAL (VALUES (1, (i * g - 700)::numeric), (2, (i * g - 700) / 100.00),
                         (3, round(((i * 7919 * g) % 100003) / 1000.0 - 20, 1 + i % 4)),
                         (4, ((i * g) % 97 - 30) * 12345678901234567890123.4567),
                         (5, round(1 / (i + g)::numeric, 20) * CASE WHEN i % 3 = 0 THEN -1 ELSE 1 END),
                         (6, (i % 2 * 2 - 1) * 99999999999999999999999999999.99)) AS v (n, x)
    GROUP BY n, g
) AS s
GROUP BY n ORDER BY n;
-- numerics of more digits than are kept, but with zeros there
SELECT revenue(purchase_history(date '2024-01-01', x)) FROM (VALUES (1.5::numeric(60, 50))) AS v (x);
SELECT revenue(purchase_history(date '2024-01-01', x)) FROM (VALUES (1e37), (-1e37), (1e37)) AS v (x);

-- times: every type, to the right day -----------------------------------------------------------------
SELECT purchase_history(timestamptz '2024-01-01 23:59:59.999999+00') AS tz,
       purchase_history(timestamptz '2024-01-02 00:00:00+00') AS midnight,
       purchase_history(timestamp '2024-01-01 23:59:59.999999') AS plain,
       purchase_history(date '2024-01-01') AS day;
SELECT purchase_history(t), purchase_history(t::date), purchase_history(t AT TIME ZONE 'UTC')
FROM (
    VALUES (timestamp '4713-11-24 00:00 BC'), ('294276-12-31 23:59:59.999999'), ('1999-12-31 23:59:59.999999'),
           ('2000-01-01'), ('1969-12-31 23:59:59'), ('0001-01-01'), ('0001-12-31 23:59 BC')
) AS v (t);
SELECT purchase_history(timestamptz '4713-11-24 00:00+00 BC', 1, zone),
       purchase_history(timestamptz '294276-12-31 12:00+00', 1, zone)
FROM unnest(ARRAY['UTC', 'Asia/Shanghai']) AS zone
GROUP BY zone ORDER BY zone;
-- days of a zone: its clocks, not ours; summer time, half hours, dates that never were
SELECT zone, t, purchase_history(t, 1, zone)
FROM (
    VALUES ('Asia/Shanghai', timestamptz '2024-03-10 15:59:59.999999+00'),
           ('Asia/Shanghai', '2024-03-10 16:00+00'), ('America/New_York', '2024-03-10 04:59:59+00'),
           ('America/New_York', '2024-03-11 03:59:59+00'), ('America/New_York', '2024-03-11 04:00+00'),
           ('America/New_York', '2024-11-04 04:59:59+00'), ('America/New_York', '2024-11-04 05:00:00+00'),
           ('Australia/Lord_Howe', '2024-10-05 13:29:59+00'), ('Australia/Lord_Howe', '2024-10-05 13:30+00'),
           ('Australia/Lord_Howe', '2024-10-06 12:59:59+00'), ('Australia/Lord_Howe', '2024-10-06 13:00+00'),
           ('Pacific/Apia', '2011-12-30 09:59:59+00'), ('Pacific/Apia', '2011-12-30 10:00+00'),
           ('Pacific/Kiritimati', '2024-01-01 10:00+00'), ('Asia/Kathmandu', '2024-01-01 18:15+00'),
           ('Asia/Kathmandu', '2024-01-01 18:14:59+00'), ('Europe/London', '1970-06-01 23:00+00')
) AS v (zone, t)
GROUP BY zone, t ORDER BY zone, t;
-- the same day as AT TIME ZONE, for many zones and random times, in order and out of order, over
-- centuries and around each change of the clocks
SELECT setseed(0.77);
CREATE TABLE times AS
SELECT timestamptz '1890-01-01 UTC' + random() * interval '160 years' AS t FROM generate_series(1, 4000)
UNION ALL
SELECT timestamptz '2024-01-01 UTC' + random() * interval '366 days' FROM generate_series(1, 3000)
UNION ALL
SELECT date_trunc('hour', timestamptz '2023-10-01 UTC' + i * interval '1 hour') + x
FROM generate_series(0, 400 * 24, 7) AS i, unnest(ARRAY['-1 us', '0', '30 min']::interval[]) AS x
UNION ALL
SELECT timestamptz '1500-01-01 UTC' + random() * interval '300 years' FROM generate_series(1, 300)
UNION ALL
SELECT timestamptz '2050-01-01 UTC' + random() * interval '3000 years' FROM generate_series(1, 1000);
SELECT zone, count(*) > 10000 AS many,
       count(*) FILTER (WHERE day IS DISTINCT FROM (t AT TIME ZONE zone)::date) AS wrong
FROM (
    SELECT zone, t,
           first_purchase(purchase_history(t, 1, zone) OVER (
               PARTITION BY zone ORDER BY md5(t::text) ROWS BETWEEN CURRENT ROW AND CURRENT ROW
           )) AS day
    FROM times,
         unnest(ARRAY[
             'UTC', 'Asia/Shanghai', 'America/New_York', 'America/Los_Angeles', 'Europe/Berlin',
             'Europe/London', 'Australia/Lord_Howe', 'Australia/Sydney', 'Pacific/Apia', 'Pacific/Kiritimati',
             'Pacific/Chatham', 'Asia/Kathmandu', 'Asia/Kolkata', 'Africa/Casablanca', 'America/St_Johns',
             'America/Sao_Paulo', 'Antarctica/Troll', 'Asia/Tehran', 'Etc/GMT+12', 'Etc/GMT-14'
         ]) AS zone
) AS d
GROUP BY zone ORDER BY zone;
SELECT count(*) AS wrong
FROM (
    SELECT t,
           first_purchase(purchase_history(t) OVER (ORDER BY t ROWS BETWEEN CURRENT ROW AND CURRENT ROW)) AS day
    FROM times
) AS d
WHERE day <> (t AT TIME ZONE 'UTC')::date;
-- the zone is named as in pg_timezone_names, in any case; a zone that changes from row to row is used row by row
SELECT purchase_history(timestamptz '2024-03-10 16:00+00', 1, 'asia/shanghai'),
       purchase_history(timestamptz '2024-03-10 16:00+00', 1, zone)
FROM unnest(ARRAY['UTC', 'Asia/Shanghai', 'UTC']) AS zone;
SELECT purchase_history(timestamptz '2024-03-10 16:00+00', 1, NULL::text);
-- the session's TimeZone and DateStyle have no influence
CREATE TABLE instants AS SELECT t, t AT TIME ZONE 'UTC' AS plain, (t AT TIME ZONE 'UTC')::date AS day FROM times;
CREATE FUNCTION digest() RETURNS text LANGUAGE sql AS $$
    SELECT md5(
        purchase_history(t, 1)::text || purchase_history(t, 1, 'Asia/Shanghai')::text
            || purchase_history(plain)::text || purchase_history(day)::text
    )
    FROM instants
$$;
CREATE TEMP TABLE digests (d text);
INSERT INTO digests SELECT digest();
SET timezone = 'Asia/Shanghai';
INSERT INTO digests SELECT digest();
SET timezone = 'America/Los_Angeles';
SET datestyle = 'SQL, DMY';
SET intervalstyle = 'iso_8601';
INSERT INTO digests SELECT digest();
SELECT count(DISTINCT d) FROM digests;
SELECT '{"version": 1, "days": [["2024-02-01", 1, "5"]]}'::purchase_history,
       first_purchase('{"version": 1, "days": [["2024-02-01", 1, "5"]]}');
SET datestyle = ISO;
SET timezone = 'UTC';
SET extra_float_digits = 0;
SELECT revenue(purchase_history(date '2024-01-01', x)) = 0.3 AS exact FROM (VALUES (0.1::float8), (0.2)) AS v (x);
-- calls without casts: literals, integers and unknowns find their overload
SELECT purchase_history('2024-01-01', 5), purchase_history('2024-01-01 10:00'::timestamp, 5.5),
       purchase_history(date '2024-01-01', '7');
-- a zero is a purchase, whatever its sign; DISTINCT works as with any aggregate
SELECT order_count(purchase_history(date '2024-01-01', '-0'::float8)) AS float8,
       order_count(purchase_history(date '2024-01-01', '-0'::real)) AS real,
       order_count(purchase_history(date '2024-01-01', -0.00)) AS numeric;
SELECT purchase_history(DISTINCT day, amount)
FROM (VALUES (date '2024-01-01', 5), ('2024-01-01', 5)) AS v (day, amount);
-- immutable: in generated columns, indexes and checks of a table that keeps histories, updated order by order
CREATE TABLE kept (customer int PRIMARY KEY, h purchase_history NOT NULL CHECK (purchase_days(h) > 0),
                   orders bigint GENERATED ALWAYS AS (order_count(h)) STORED);
CREATE INDEX ON kept (revenue(h));
INSERT INTO kept SELECT i % 3, purchase_history(date '2024-01-01' + i, i) FROM generate_series(1, 9) AS i GROUP BY 1;
INSERT INTO kept AS k SELECT 1, purchase_history(date '2024-02-01', 2.50)
ON CONFLICT (customer) DO UPDATE SET h = (SELECT rollup_history(x) FROM (VALUES (k.h), (excluded.h)) AS v (x));
SELECT customer, orders, revenue(h), last_purchase(h) FROM kept WHERE revenue(h) > 12 ORDER BY customer;
