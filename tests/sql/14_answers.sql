-- Aggregates that work alone: survey answers, engagement, concentration, each against plain SQL.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
SET max_parallel_workers_per_gather = 0;
\pset format unaligned
SET search_path = public, customer_value, customer_value_internal;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\i :helpers
\set answers :abs_srcdir '/sql/include/answers.sql'
\i :answers

-- Whether two numbers are the same but for rounding, or both NULL.
CREATE FUNCTION near(a double precision, b double precision, allowed double precision DEFAULT 1e-12)
    RETURNS boolean LANGUAGE sql AS $$
    SELECT CASE WHEN a IS NULL OR b IS NULL THEN a IS NULL AND b IS NULL ELSE abs(a - b) <= allowed * abs(b) END
$$;

SELECT count(*) > 5000 AS many, count(DISTINCT shop) AS shops, min(n) AS fewest, max(n) > 100 AS most
FROM answers
JOIN (SELECT shop, count(*) AS n FROM answers GROUP BY 1) AS c USING (shop);

-- csat, nps, ces against plain SQL --------------------------------------------------------------------------------
CREATE VIEW plain AS
SELECT shop, avg(csat)::float8 AS csat, (stddev_pop(csat) / sqrt(count(csat)))::float8 AS csat_error,
       avg(nps)::float8 AS nps, (stddev_pop(nps) / sqrt(count(nps)))::float8 AS nps_error,
       avg(effort)::float8 AS ces, (stddev_samp(effort) / sqrt(count(effort)))::float8 AS ces_error
FROM (
    SELECT shop, CASE WHEN satisfied >= 4 THEN 1.0 WHEN satisfied < 4 THEN 0 END AS csat,
           CASE
               WHEN recommends >= 9 THEN 1.0
               WHEN recommends >= 7 THEN 0
               WHEN recommends >= 0 THEN -1
           END AS nps,
           effort::numeric AS effort
    FROM answers
) AS s
GROUP BY GROUPING SETS ((shop), ());
CREATE VIEW asked AS
SELECT shop, csat(satisfied), csat_error(satisfied), nps(recommends), nps_error(recommends), ces(effort),
       ces_error(effort)
FROM answers
GROUP BY GROUPING SETS ((shop), ());
SELECT count(*) AS groups, count(a.csat) AS csat, count(a.nps) AS nps, count(a.ces_error) AS ces_error,
       count(*) FILTER (WHERE NOT near(a.csat, p.csat)) AS csat_wrong,
       count(*) FILTER (WHERE NOT near(a.csat_error, p.csat_error)) AS csat_error_wrong,
       count(*) FILTER (WHERE NOT near(a.nps, p.nps)) AS nps_wrong,
       count(*) FILTER (WHERE NOT near(a.nps_error, p.nps_error)) AS nps_error_wrong,
       count(*) FILTER (WHERE NOT near(a.ces, p.ces)) AS ces_wrong,
       count(*) FILTER (WHERE NOT near(a.ces_error, p.ces_error)) AS ces_error_wrong
FROM asked AS a
JOIN plain AS p ON a.shop IS NOT DISTINCT FROM p.shop;
-- the formulas of the comments
SELECT count(*) FILTER (WHERE NOT near(csat_error, sqrt(csat * (1 - csat) / n))) AS csat,
       count(*) FILTER (WHERE NOT near(nps_error, sqrt((promoters + detractors - nps ^ 2) / m))) AS nps
FROM (
    SELECT csat(satisfied), csat_error(satisfied), count(satisfied)::float8 AS n, nps(recommends),
           nps_error(recommends), count(recommends)::float8 AS m,
           avg((recommends >= 9)::int)::float8 AS promoters, avg((recommends <= 6)::int)::float8 AS detractors
    FROM answers
    GROUP BY shop
) AS s;
-- by hand
SELECT csat(s), csat_error(s), round(csat_error(s)::numeric, 6) = round(sqrt(0.6 * 0.4 / 5), 6) AS error
FROM unnest(ARRAY[5, 4, 4, 3, 1]) AS s;
SELECT nps(s), nps_error(s) FROM unnest(ARRAY[10, 9, 8, 7, 6, 0, NULL]) AS s;
SELECT ces(s), ces_error(s) FROM unnest(ARRAY[1, 7, 7, 1]) AS s;
SELECT s, csat(s) FILTER (WHERE s BETWEEN 1 AND 5) AS csat, nps(s) AS nps,
       ces(s) FILTER (WHERE s BETWEEN 1 AND 7) AS ces
FROM generate_series(0, 10) AS s
GROUP BY s ORDER BY s;
-- no rows, no answers, one answer, all the same
SELECT what, csat(s), csat_error(s), nps(s), nps_error(s), ces(s), ces_error(s)
FROM (
    VALUES ('no answer', NULL), ('no answer', NULL), ('one', 5), ('one and none', 5), ('one and none', NULL),
           ('all the same', 3), ('all the same', 3), ('two', 4), ('two', 5)
) AS v (what, s)
GROUP BY what ORDER BY what;
SELECT csat(satisfied), csat_error(satisfied), nps(recommends), nps_error(recommends), ces(effort),
       ces_error(effort)
FROM answers
WHERE false;
-- every type of number
SELECT t, same
FROM (SELECT csat(satisfied::smallint) = csat(satisfied)
                 AND csat(satisfied::bigint) = csat(satisfied)
                 AND csat(satisfied::numeric(5, 2)) = csat(satisfied)
                 AND csat(satisfied::real) = csat(satisfied)
                 AND csat(satisfied::float8) = csat(satisfied) AS csat,
             nps_error(recommends::smallint) = nps_error(recommends)
                 AND nps_error(recommends::bigint) = nps_error(recommends)
                 AND nps_error(recommends::numeric) = nps_error(recommends)
                 AND nps_error(recommends::real) = nps_error(recommends) AS nps_error,
             ces(effort::smallint) = ces(effort)
                 AND ces(effort::numeric) = ces(effort)
                 AND ces_error(effort::real) = ces_error(effort)
                 AND ces_error(effort::bigint) = ces_error(effort) AS ces
      FROM answers) AS s,
     LATERAL (VALUES ('csat', csat), ('nps_error', nps_error), ('ces', ces)) AS v (t, same);
SELECT nps(-0.0::float8) AS zero, csat(5.000::numeric) AS five;
-- FILTER, DISTINCT, ROLLUP, HAVING
SELECT count(*) FILTER (WHERE filtered IS DISTINCT FROM by_where) AS wrong
FROM (SELECT shop, nps(recommends) FILTER (WHERE i % 2 = 0) AS filtered FROM answers GROUP BY 1) AS f
FULL JOIN (SELECT shop, nps(recommends) AS by_where FROM answers WHERE i % 2 = 0 GROUP BY 1) AS w USING (shop);
SELECT csat(DISTINCT satisfied) AS "2 of 5", nps(DISTINCT recommends) AS "2 - 7 of 11",
       ces(DISTINCT effort) AS "4"
FROM answers;
SELECT count(*) AS shops
FROM (SELECT shop FROM answers GROUP BY shop HAVING csat(satisfied) = 1 AND csat_error(satisfied) = 0) AS s;
-- as windows: partitions give what groups give; frames what their rows give
SELECT count(*) AS rows,
       count(*) FILTER (
           WHERE (w.c, w.ce, w.n, w.ne, w.e, w.ee)
               IS DISTINCT FROM (a.csat, a.csat_error, a.nps, a.nps_error, a.ces, a.ces_error)
       ) AS wrong
FROM (
    SELECT shop, csat(satisfied) OVER w AS c, csat_error(satisfied) OVER w AS ce, nps(recommends) OVER w AS n,
           nps_error(recommends) OVER w AS ne, ces(effort) OVER w AS e, ces_error(effort) OVER w AS ee
    FROM answers
    WINDOW w AS (PARTITION BY shop)
) AS w
JOIN asked AS a USING (shop);
SELECT count(*) AS rows,
       count(*) FILTER (WHERE NOT near(c, cs) OR NOT near(e, es) OR NOT near(ee, ees)) AS wrong
FROM (
    SELECT csat(satisfied) OVER w AS c,
           avg(CASE WHEN satisfied >= 4 THEN 1 WHEN satisfied < 4 THEN 0 END) OVER w AS cs,
           ces(effort) OVER m AS e, avg(effort) OVER m AS es, ces_error(effort) OVER m AS ee,
           stddev_samp(effort) OVER m / sqrt(nullif(count(effort) OVER m, 0)) AS ees
    FROM answers
    WHERE shop < 9
    WINDOW w AS (PARTITION BY shop ORDER BY i), m AS (
        PARTITION BY shop ORDER BY i ROWS BETWEEN 9 PRECEDING AND 2 FOLLOWING
    )
) AS s;
-- what is no answer
SELECT fails(format('SELECT %s(%s)', question, answer)), question || '(' || answer || ')' AS call
FROM (
    VALUES ('csat', '0'), ('csat', '6'), ('csat', '-1'), ('csat', '3.5'), ('csat', '4.000001'), ('csat', '''NaN'''),
           ('csat_error', '0'), ('nps', '-1'), ('nps', '11'), ('nps', '0.5'), ('nps', '9.5::real'),
           ('nps_error', '''NaN'''), ('ces', '0'), ('ces', '8'), ('ces', '1e18'), ('ces_error', '6.9'),
           ('ces_error', '7::smallint + 1')
) AS v (question, answer);
SELECT fails(format('SELECT %s(%s)', question, score))
           ~ '^22023: invalid answer for (csat|nps): \S{1,30} -> ' AS refused_in_a_short_message,
       question, score
FROM unnest(ARRAY['csat', 'nps_error']) AS question,
     unnest(ARRAY['''Infinity''', '''-Infinity''', '9223372036854775807', '1e300', '-1e300', '5e-324']) AS score;
SELECT fails(format('SELECT csat(%s)', score)) ~ '42883: |42846: ' AS refused, score
FROM unnest(ARRAY['true', 'now()', 'ARRAY[1]', '''5''::text']) AS score;
-- and how to leave it out
SELECT csat(s) FILTER (WHERE s BETWEEN 1 AND 5 AND s = trunc(s)) AS csat
FROM unnest(ARRAY[5, 4, 3, 0, 6, 3.5, 'NaN', 'Infinity', NULL]::float8[]) AS s;

-- engagement against plain SQL --------------------------------------------------------------------------------------
CREATE VIEW summed AS
SELECT person, days AS half_life,
       sum(weight * power(2::float8, -(date '2024-06-30' - at::date) / days)) AS weighed,
       sum(power(2::float8, -(date '2024-06-30' - at::date) / days)) AS counted, count(*) AS events
FROM events, unnest(ARRAY[1, 7, 30, 90.5, 365, 100000]::float8[]) AS days
WHERE at < '2024-07-01'
GROUP BY 1, 2;
-- to 1e-12, and 1e-18 an event
SELECT half_life, count(*) AS people,
       count(*) FILTER (
           WHERE abs(e.weighed - coalesce(s.weighed, 0)) > 1e-12 * s.weighed + 1e-18 * events
       ) AS weighed_wrong,
       count(*) FILTER (WHERE abs(e.counted - s.counted) > 1e-12 * s.counted + 1e-18 * events) AS counted_wrong
FROM (
    SELECT person, days AS half_life, engagement(at, weight, '2024-06-30', days) AS weighed,
           engagement(at, 1, '2024-06-30', days) AS counted
    FROM events, unnest(ARRAY[1, 7, 30, 90.5, 365, 100000]::float8[]) AS days
    GROUP BY 1, 2
) AS e
JOIN summed AS s USING (person, half_life)
GROUP BY 1 ORDER BY 1;
-- by hand: a half-life ago is a half
SELECT engagement(d, '2024-01-31') AS "1.5", engagement(d, 2, '2024-01-31') AS "3",
       engagement(d, 2, '2024-01-31', 15) AS "2.5", engagement(d, 1, '2024-01-31', 30) AS "1.5"
FROM (VALUES (date '2024-01-01'), ('2024-01-31')) AS v (d);
SELECT at, engagement(at, 1, '2024-12-31', 7) = power(2::float8, -(date '2024-12-31' - at) / 7) AS exact,
       engagement(at, 1, '2024-12-31', 7) AS value
FROM unnest(ARRAY['2024-12-31', '2024-12-24', '2024-12-17', '2024-11-05', '2024-10-15']::date[]) AS at
GROUP BY at ORDER BY at DESC;
-- as of a day: that day counts, to its last moment, and later ones do not
SELECT at, round(coalesce(engagement(at, '2024-06-30'), 0)::numeric, 12) AS value
FROM unnest(
    ARRAY[
        '2024-06-29 23:59:59.999999', '2024-06-30', '2024-06-30 23:59:59.999999', '2024-07-01', '2025-01-01'
    ]::timestamp[]
) AS at
GROUP BY at ORDER BY at;
SELECT engagement(d, '2024-06-30') AS today, coalesce(engagement(d + 1, '2024-06-30'), 0) AS tomorrow,
       engagement(d, w, '2024-06-30') AS none
FROM (VALUES (date '2024-06-30', NULL::float8)) AS v (d, w);
SELECT count(*) FILTER (WHERE e IS DISTINCT FROM b) AS wrong
FROM (
    SELECT person, coalesce(engagement(at, weight, '2023-03-03'), 0) AS e,
           coalesce(engagement(at, weight, '2023-03-03') FILTER (WHERE at < '2023-03-04'), 0) AS b
    FROM events
    WHERE person < 1000
    GROUP BY 1
) AS s;
-- no events: NULL; a row without a time or a weight is none
SELECT engagement(at, '2024-06-30') AS no_rows FROM events WHERE false;
SELECT person, engagement(at, weight, '2024-06-30') AS none, engagement(at, '2024-06-30') AS times
FROM events
WHERE person IN (1000, 1002)
GROUP BY 1 ORDER BY 1;
SELECT engagement(d, w, '2024-06-30', 30) AS "1", engagement(d, w, '2024-06-30', NULL) AS no_half_life,
       engagement(d::timestamptz, w, '2024-06-30', 30, NULL) AS no_zone
FROM (VALUES (date '2024-06-30', 1), (NULL, 5), ('2024-06-30', NULL)) AS v (d, w);
-- each type and each number of arguments; 30 days unless told
SELECT count(*) AS people,
       count(*) FILTER (
           WHERE d2 IS DISTINCT FROM t2 OR d3 IS DISTINCT FROM t3 OR d4 IS DISTINCT FROM t4
       ) AS dates,
       count(*) FILTER (
           WHERE z2 IS DISTINCT FROM t2
               OR z3 IS DISTINCT FROM t3
               OR z4 IS DISTINCT FROM t4
               OR z5 IS DISTINCT FROM t4
       ) AS timestamptzs,
       count(*) FILTER (WHERE t2 = t3 OR t3 = t4) AS all_the_same
FROM (
    SELECT person, engagement(at, '2024-06-30') AS t2, engagement(at, weight, '2024-06-30') AS t3,
           engagement(at, weight, '2024-06-30', 9.5) AS t4, engagement(at::date, '2024-06-30') AS d2,
           engagement(at::date, weight, '2024-06-30') AS d3,
           engagement(at::date, weight, '2024-06-30', 9.5) AS d4,
           engagement(at AT TIME ZONE 'UTC', '2024-06-30') AS z2,
           engagement(at AT TIME ZONE 'UTC', weight, '2024-06-30') AS z3,
           engagement(at AT TIME ZONE 'UTC', weight, '2024-06-30', 9.5) AS z4,
           engagement(at AT TIME ZONE 'UTC', weight, '2024-06-30', 9.5, 'UTC') AS z5
    FROM events
    WHERE person < 1000
    GROUP BY 1
) AS s;
SELECT count(*) FILTER (WHERE e2 IS DISTINCT FROM e3 OR e3 IS DISTINCT FROM e4) AS not_the_same
FROM (
    SELECT engagement(at, '2024-06-30') AS e2, engagement(at, 1, '2024-06-30') AS e3,
           engagement(at, 1, '2024-06-30', 30) AS e4
    FROM events
    GROUP BY person
) AS s;
SELECT engagement(at, 2::numeric, '2024-06-30') = engagement(at, 2::smallint, '2024-06-30')
    AND engagement(at, 2::real, '2024-06-30', 30::int)
        = engagement(at, 2::bigint, '2024-06-30', 30.0::numeric) AS types
FROM events;
-- a time with a zone falls on the day of UTC, whatever the session's zone, or on that of the zone that is named
CREATE TABLE nights (at timestamptz);
INSERT INTO nights VALUES
    ('2024-03-09 15:59:59.999999Z'), ('2024-03-09 16:00Z'), ('2024-03-09 23:59:59.999999Z'),
    ('2024-03-10 00:00Z'), ('2024-03-10 04:59Z'), ('2024-03-10 05:00Z'), ('2024-03-11 03:59Z'),
    ('2024-03-11 04:00Z');
SELECT at, engagement(at, 1, '2024-03-20', 1) * 2 ^ 10 AS utc,
       engagement(at, 1, '2024-03-20', 1, 'Asia/Shanghai') * 2 ^ 10 AS shanghai,
       engagement(at, 1, '2024-03-20', 1, 'America/New_York') * 2 ^ 10 AS new_york,
       engagement(at, 1, '2024-03-20', 1, 'Asia/Kolkata') * 2 ^ 10 AS kolkata
FROM nights
GROUP BY at ORDER BY at;
SELECT count(*) AS calls,
       count(*) FILTER (
           WHERE NOT near(e, power(2::float8, -(date '2024-07-31' - (at AT TIME ZONE zone)::date) / 16.0))
       ) AS wrong
FROM (
    SELECT at, zone, engagement(at, 1, '2024-07-31', 16, zone) AS e
    FROM (SELECT timestamptz '2024-01-01Z' + i * interval '67 minutes' AS at
          FROM generate_series(0, 4200) AS i) AS t,
         unnest(
             ARRAY['UTC', 'Asia/Shanghai', 'Europe/Berlin', 'America/St_Johns', 'Pacific/Kiritimati',
                   'Pacific/Pago_Pago']
         ) AS zone
    GROUP BY 1, 2
) AS s;
CREATE TABLE as_utc AS
SELECT at, engagement(at, 1, '2024-03-20', 1) AS e, engagement(at, 1, '2024-03-20', 1, 'Asia/Shanghai') AS z
FROM nights
GROUP BY 1;
SET timezone = 'Pacific/Honolulu';
CREATE TABLE as_honolulu AS
SELECT at, engagement(at, 1, '2024-03-20', 1) AS e, engagement(at, 1, '2024-03-20', 1, 'Asia/Shanghai') AS z
FROM nights
GROUP BY 1;
SET timezone = 'UTC';
SELECT differ('as_utc', 'as_honolulu');
-- the zone may differ from row to row, the day from group to group
SELECT engagement(at, 1, '2024-03-10', 1, zone) AS "1 + 1/2"
FROM (
    VALUES (timestamptz '2024-03-09 20:00Z', 'Asia/Shanghai'), ('2024-03-09 20:00Z', 'Europe/Berlin')
) AS v (at, zone);
SELECT day, coalesce(engagement(d, day), 0) AS value
FROM (VALUES (date '2024-01-01')) AS v (d),
     unnest(ARRAY['2023-12-31', '2024-01-01', '2024-01-31', '2024-03-01']::date[]) AS day
GROUP BY day ORDER BY day;
-- the edges of what is allowed
SELECT engagement(d, 1e15, '2024-01-01') AS heaviest, engagement(d, 0, '2024-01-01') AS weightless,
       engagement(d, '2024-01-01') = 1 AS one, engagement(d, 1e-18, '2024-01-01') AS lightest,
       engagement(d, 1, '2024-01-01', 1e6) AS longest, engagement(d, 1, '2024-01-01', 1e-300) AS shortest,
       engagement(d, 1, '2024-01-02', 1e-300) AS gone,
       engagement('4713-01-01 BC'::date, 1, '5874897-12-31', 1e6) AS ages
FROM (VALUES (date '2024-01-01')) AS v (d);
-- as windows
SELECT count(*) AS rows, count(*) FILTER (WHERE w.e IS DISTINCT FROM g.e) AS wrong
FROM (SELECT person, engagement(at, weight, '2024-06-30', 60) OVER (PARTITION BY person) AS e FROM events) AS w
JOIN (SELECT person, engagement(at, weight, '2024-06-30', 60) AS e FROM events GROUP BY 1) AS g USING (person);
SELECT count(*) AS rows, count(*) FILTER (WHERE NOT near(e, s)) AS wrong
FROM (
    SELECT engagement(at, weight, '2024-12-31', 60) OVER w AS e,
           sum(weight * power(2::float8, -(date '2024-12-31' - at::date) / 60.0)) OVER w AS s
    FROM events
    WHERE at < '2025-01-01' AND weight > 0 AND person < 20
    WINDOW w AS (PARTITION BY person ORDER BY at, i)
) AS s;
-- errors
SELECT fails('SELECT engagement(' || call || ')'), call
FROM unnest(ARRAY[
    'date ''2024-01-01'', -1, ''2024-01-31''', 'date ''2024-01-01'', ''NaN'', ''2024-01-31''',
    'date ''2024-01-01'', ''Infinity'', ''2024-01-31''', 'date ''2024-01-01'', 1.0001e15, ''2024-01-31''',
    'timestamp ''2024-01-01'', 1e300, ''2024-01-31'', 1', 'date ''2024-01-01'', NULL::date',
    'date ''2024-01-01'', 1, NULL', 'timestamp ''2024-01-01'', 1, NULL, 30',
    'timestamptz ''2024-01-01'', 1, NULL, 30, ''UTC''', 'date ''2024-01-01'', 1, ''2024-01-31'', 0',
    'date ''2024-01-01'', 1, ''2024-01-31'', -30', 'date ''2024-01-01'', 1, ''2024-01-31'', ''NaN''',
    'date ''2024-01-01'', 1, ''2024-01-31'', 1000001', 'date ''infinity'', ''2024-01-31''',
    'date ''-infinity'', 1, ''2024-01-31''', 'timestamp ''infinity'', 1, ''2024-01-31''',
    'timestamp ''-infinity'', ''2024-01-31''', 'timestamptz ''infinity'', ''2024-01-31''',
    'timestamptz ''-infinity'', 1, ''2024-01-31'', 30, ''UTC''', 'date ''2024-01-01'', ''infinity''::date',
    'date ''2024-01-01'', 1, ''-infinity''', 'timestamptz ''2024-01-01'', 1, ''2024-01-31'', 30, ''nowhere''',
    'timestamptz ''2024-01-01'', 1, ''2024-01-31'', 30, ''''',
    'timestamptz ''2024-01-01'', 1, ''2024-01-31'', 30, ''UTC+8'''
]) WITH ORDINALITY AS c (call, place)
ORDER BY place;
SELECT fails('SELECT engagement(date ''2024-01-01'', ' || call || ')')
           ~ ('^22023: invalid (weight of an event|value for argument "half_life_days"): '
              || '\S{1,30} -> ') AS refused_in_a_short_message,
       call
FROM unnest(
    ARRAY['''-Infinity'', ''2024-01-31''', '-1e300, ''2024-01-31'', 30', '-5e-324, ''2024-01-31''',
          '1, ''2024-01-31'', ''Infinity''', '1, ''2024-01-31'', 1e300']
) AS call;
SELECT fails('
    SELECT engagement(d, day)
    FROM (VALUES (date ''2024-01-01'', date ''2024-01-31''), (''2024-01-02'', ''2024-02-01'')) AS v (d, day)
') AS as_of_varies;
SELECT fails('
    SELECT engagement(d, 1, ''2024-01-31'', days)
    FROM (VALUES (date ''2024-01-01'', 30), (''2024-01-02'', 31)) AS v (d, days)
') AS half_life_varies;
SELECT fails('
           SELECT engagement(date ''2024-01-31'', 1e15, ''2024-01-31'') FROM generate_series(1, 200000)
       ') AS sum_too_heavy,
       engagement(date '2024-01-31', 1e15, '2024-01-31') AS heavy
FROM generate_series(1, 100000);

-- gini against the plain definition -------------------------------------------------------------------
CREATE VIEW unequal AS
SELECT g, count(value) AS n, sum(greatest(value, 0)) AS total FROM wealth WHERE value IS NOT NULL GROUP BY 1;
SELECT count(*) AS groups, count(*) FILTER (WHERE NOT near(e.gini, p.gini)) AS wrong,
       min(e.gini) < 0.2 AS some_even, max(e.gini) > 0.7 AS some_uneven
FROM (SELECT g, gini(value) FROM wealth GROUP BY 1) AS e
JOIN (
    SELECT g, sum(abs(greatest(a.value, 0) - greatest(b.value, 0))) / (2 * n * nullif(total, 0)) AS gini
    FROM wealth AS a
    JOIN wealth AS b USING (g)
    JOIN unequal AS u USING (g)
    WHERE a.value IS NOT NULL AND b.value IS NOT NULL
    GROUP BY g, n, total
) AS p USING (g);
SELECT what, list, (SELECT gini(v) FROM unnest(list) AS v) AS gini
FROM (
    VALUES ('all equal', ARRAY[3, 3, 3, 3]::float8[]),
           ('equal sevenths', ARRAY(SELECT 1 / 7.0::float8 FROM generate_series(1, 3))),
           ('one customer', '{7}'), ('one has all', '{0,0,0,9}'), ('two', '{1,3}'), ('all zero', '{0,0}'),
           ('one zero', '{0}'), ('nobody above zero', '{-5,0,-1}'), ('only NULLs', '{NULL,NULL}'),
           ('nobody', '{}'), ('NULLs do not count', '{1,NULL,3}'), ('negative counts as zero', '{-100,9,0,0}'),
           ('four', '{4,1,2,9}'), ('huge', '{1e308,1e308,0,0}'),
           ('huge and equal', '{1.7976931348623157e308,1.7976931348623157e308}'),
           ('tiny', '{5e-324,5e-324,0,0}'), ('far apart', '{1e-300,1e300}')
) AS v (what, list);
SELECT gini(value) FROM wealth WHERE false;
SELECT gini(v::int) = gini(v)
           AND gini(v::smallint) = gini(v)
           AND gini(v::numeric) = gini(v)
           AND gini(v::real) = gini(v)
           AND gini(v::bigint) = gini(v) AS types,
       gini(v) FILTER (WHERE v > 2) AS filtered, gini(DISTINCT v) AS distinct
FROM unnest(ARRAY[1, 2, 3, 4, 4, 4]::float8[]) AS v;
-- as a window: the whole partition, and growing
SELECT count(*) AS rows, count(*) FILTER (WHERE w.gini IS DISTINCT FROM g.gini) AS wrong
FROM (SELECT g, gini(value) OVER (PARTITION BY g) FROM wealth) AS w
JOIN (SELECT g, gini(value) FROM wealth GROUP BY 1) AS g USING (g);
SELECT v, gini(v) OVER (ORDER BY v DESC) FROM unnest(ARRAY[1, 3, 0]) AS v;
-- many, in order: (n - 1) / 3n of the numbers 1 to n; the sum is beyond all doubles
SELECT near(gini(i), 99999 / 300000.0::float8) AS first_hundred_thousand,
       near(gini(i * 1e303), 99999 / 300000.0::float8) AS times_a_huge_number,
       near(gini(i * 1e-300), 99999 / 300000.0::float8) AS times_a_tiny_number
FROM generate_series(1, 100000) AS i;
