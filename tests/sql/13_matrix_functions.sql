-- Matrices and classes as functions: quadrants, levels and labels of the built-in matrices, stages, decline,
-- the index.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned
SET search_path = public, customer_value;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\i :helpers

-- quadrant: x first, high is at or above the cut -----------------------------------------------------------
SELECT x, y, quadrant(x, y, 10, 20)
FROM (VALUES (10.5, 20.5), (10.5, 19.5), (9.5, 20.5), (9.5, 19.5), (10, 20), (10, 19.5), (9.5, 20)) AS v (x, y);
SELECT quadrant(x => 1, y => 2, x_cut => 3, y_cut => 0) AS by_name, quadrant(1, 2, 3, 0) AS integers,
       quadrant(1.5::numeric, 2::real, 3::bigint, 0::smallint) AS mixed;
-- the smallest step below a cut is low, and minus zero is zero
SELECT quadrant(0.3, 0.1::float8 + 0.2::float8, 0.1::float8 + 0.2::float8, 0.3) AS "0.3 < 0.30000000000000004",
       quadrant(-0.0, 0, 0, -0.0) AS zero, quadrant(-5e-324, 5e-324, 0, 5e-324) AS tiny,
       quadrant(1.7e308, -1.7e308, 1.7e308, -1.6e308) AS huge;
-- every number, every cut: NULL where one of the four is NULL or NaN
CREATE VIEW numbers AS
SELECT unnest(ARRAY[
    NULL, 'NaN', '-Infinity', -1e300, -1, -0.0, 0, 1, 1.0000000000000002, 1e300, 'Infinity'
]::float8[]) AS n;
SELECT count(*) FILTER (
           WHERE quadrant(x.n, y.n, cx.n, cy.n) IS DISTINCT FROM CASE
               WHEN 'NaN' IN (x.n, y.n, cx.n, cy.n)
                       OR x.n IS NULL
                       OR y.n IS NULL
                       OR cx.n IS NULL
                       OR cy.n IS NULL
                   THEN NULL
               ELSE CASE WHEN x.n >= cx.n THEN 'high' ELSE 'low' END || '_'
                   || CASE WHEN y.n >= cy.n THEN 'high' ELSE 'low' END
           END
       ) AS wrong,
       count(*) AS calls, count(quadrant(x.n, y.n, cx.n, cy.n)) = 9 ^ 4 AS answers
FROM numbers AS x, numbers AS y, numbers AS cx, numbers AS cy;
SELECT quadrant('Infinity', '-Infinity', 'Infinity', '-Infinity') AS at,
       quadrant('-Infinity', 0, 'Infinity', 'Infinity') AS below, quadrant(NULL, 1, 1, 1),
       quadrant(1, 1, NULL, 1), quadrant(1, 'NaN', 1, 1), quadrant(1, 1, 1, 'NaN');

-- level_of: one plus the cuts that are reached ----------------------------------------------------------------
SELECT v, level_of('{10,100,1000}', v) AS level, level_of('{}', v) AS no_cuts, level_of('{10}', v) AS one,
       level_of('{10,10,100}', v) AS equal_cuts, level_of('{-Infinity,0,Infinity}', v) AS endless
FROM unnest(ARRAY['-Infinity', -1, 0, 9.99, 10, 99, 100, 1000, 1e300, 'Infinity', 'NaN', NULL]::float8[]) AS v;
CREATE VIEW cut_lists AS
SELECT ARRAY(
    SELECT (i * i * 7 % (100 + size))::float8 / 3 FROM generate_series(1, size) AS i ORDER BY 1
) AS cuts
FROM generate_series(0, 40) AS size;
SELECT count(*) AS calls,
       count(*) FILTER (
           WHERE level_of(cuts, v)
               IS DISTINCT FROM 1 + (SELECT count(*) FROM unnest(cuts) AS cut WHERE v >= cut)
       ) AS wrong
FROM cut_lists,
     LATERAL (SELECT unnest(cuts) UNION ALL SELECT i / 3.5 FROM generate_series(-3, 150) AS i) AS v (v);
-- a list that is stored compressed or out of line, and one that does not begin at 1
CREATE TABLE long_lists AS
SELECT n, ARRAY(SELECT i::float8 FROM generate_series(1, n) AS i) AS cuts
FROM unnest(ARRAY[1, 10, 300, 50000]) AS n;
SELECT n, level_of(cuts, 0.5), level_of(cuts, n / 2.0), level_of(cuts, n)
FROM long_lists
WHERE n > 7
ORDER BY 1;
SELECT level_of('[0:2]={1,2,3}', 3), level_of((ARRAY[1, 2, 3, NULL])[1:3], 3), level_of('{}'::float8[], 3);
SELECT level_of('{1}', NULL), level_of(NULL, 1), level_of(cuts => '{1}', value => 1) AS named;
SELECT fails('SELECT ' || call), call
FROM unnest(
    ARRAY['level_of(ARRAY[1, NULL], 1)', 'level_of(ARRAY[NULL]::float8[], 1)', 'level_of(ARRAY[1, NULL], ''NaN'')',
          'level_of(''{{1,2},{3,4}}'', 1)']
) AS call;

-- the built-in matrices -----------------------------------------------------------------------------------------
SELECT matrix, x_axis, x_split, x_cuts IS NOT NULL AS x_cuts, y_axis, y_split, y_cuts IS NOT NULL AS y_cuts,
       view_column, description
FROM matrix
WHERE builtin
ORDER BY matrix COLLATE "C";
SELECT matrix, x_cuts, y_cuts FROM matrix WHERE x_cuts IS NOT NULL ORDER BY matrix COLLATE "C";
SELECT x_cuts[1] = 1 / 3::float8 AND x_cuts[2] = 2 / 3::float8 AS thirds FROM matrix WHERE matrix = 'value_tier';
-- whole: nothing to report, as many positions as levels allow, ranks from 1, both languages, no label or code twice
SELECT m.matrix, (SELECT count(*) FROM check_matrix(m.matrix)) AS problems, count(*) AS positions,
       count(*)
           = (coalesce(cardinality(x_cuts), 1) + 1)
               * CASE WHEN y_axis IS NULL THEN 1 ELSE coalesce(cardinality(y_cuts), 1) + 1 END AS whole,
       min(rank) = 1 AND max(rank) = count(*) AND count(DISTINCT rank) = count(*) AS ranks,
       bool_and(p.builtin AND m.builtin) AS builtin
FROM matrix AS m
JOIN matrix_position AS p USING (matrix)
GROUP BY m.matrix, x_cuts, y_axis, y_cuts ORDER BY m.matrix COLLATE "C";
SELECT matrix, count(*) FILTER (WHERE en.label ~ '[A-Z]' AND en.action ~ '^[A-Z].*\.$') AS en,
       count(*) FILTER (WHERE zh.label <> '' AND zh.action ~ '^[一-龥].*。$') AS zh, count(*) AS positions,
       count(DISTINCT en.label) AS en_labels, count(DISTINCT zh.label) AS zh_labels,
       count(DISTINCT en.action) AS en_actions, count(DISTINCT zh.action) AS zh_actions
FROM matrix_position AS p
LEFT JOIN (SELECT * FROM matrix_label WHERE language = 'en') AS en USING (matrix, code)
LEFT JOIN (SELECT * FROM matrix_label WHERE language = 'zh') AS zh USING (matrix, code)
GROUP BY 1 ORDER BY matrix COLLATE "C";
SELECT language, count(*), bool_and(builtin) AS builtin FROM matrix_label GROUP BY 1 ORDER BY 1;
-- the names: growth, value and profitability by quadrant, need by value tier
SELECT matrix, matrix_label_of(matrix, 'high_high', 'zh') AS high_high,
       matrix_label_of(matrix, 'low_high', 'zh') AS low_high,
       matrix_label_of(matrix, 'high_low', 'zh') AS high_low,
       matrix_label_of(matrix, 'low_low', 'zh') AS low_low
FROM unnest(ARRAY['growth', 'value', 'profitability', 'spend']) AS matrix;
SELECT matrix, matrix_label_of(matrix, 'high_high') AS high_high,
       matrix_label_of(matrix, 'low_high') AS low_high, matrix_label_of(matrix, 'high_low') AS high_low,
       matrix_label_of(matrix, 'low_low') AS low_low
FROM unnest(ARRAY['growth', 'value', 'profitability', 'spend']) AS matrix;
SELECT need, matrix_label_of('crm', need, 1, 'zh') AS high, matrix_label_of('crm', need, 2, 'zh') AS potential,
       matrix_label_of('crm', need, 3, 'zh') AS low, matrix_label_of('need', need, 1, 'zh') AS need_type,
       matrix_label_of('need', need, 1) AS need_type
FROM generate_series(1, 3) AS need;
SELECT matrix, rank, code, x_level, matrix_label_of(matrix, x_level, y_level) AS en,
       matrix_label_of(matrix, x_level, y_level, 'zh') AS zh
FROM matrix_position
WHERE matrix IN ('abc', 'lifecycle', 'need', 'value_tier')
ORDER BY matrix COLLATE "C", rank;
SELECT x, matrix_code_of('abc_pair', x, 3) AS often, matrix_code_of('abc_pair', x, 2) AS middle,
       matrix_code_of('abc_pair', x, 1) AS seldom
FROM generate_series(3, 1, -1) AS x;
-- every position by its levels, by its place and by its code: what the functions say is what the rows say
SELECT count(*) AS positions,
       count(*) FILTER (WHERE matrix_code_of(matrix, x_level, y_level) IS DISTINCT FROM code) AS codes,
       count(*) FILTER (
           WHERE matrix_label_of(matrix, x_level, y_level, language) IS DISTINCT FROM label
       ) AS labels,
       count(*) FILTER (WHERE matrix_action_of(matrix, code, language) IS DISTINCT FROM action) AS actions
FROM matrix_position
JOIN matrix_label USING (matrix, code);

-- labels, codes and actions ---------------------------------------------------------------------------------
SELECT language, matrix_label_of('growth', 2, 1, language) AS label,
       matrix_action_of('growth', 'high_low', language) AS action
FROM unnest(ARRAY['en', 'zh', 'fr', '', 'EN']) AS language;
SELECT matrix_label_of('growth', 2, 1) AS of_levels,
       matrix_label_of('growth', quadrant(5, 1, 3, 3)) AS of_quadrant,
       matrix_label_of(matrix => 'growth', x_level => 2, y_level => 1, language => 'zh') AS named,
       matrix_label_of(matrix => 'growth', quadrant => 'high_low', language => 'xx') AS named,
       matrix_code_of('growth', 2, 1) AS code, matrix_code_of('abc', 3) AS class,
       matrix_code_of(matrix => 'abc', x_level => 3, y_level => 1) AS class;
-- positions outside: NULL, never a neighbour
SELECT x, string_agg(coalesce(matrix_code_of('growth', x, y), '-'), ' ' ORDER BY y) AS growth,
       string_agg(coalesce(matrix_code_of('abc', x, y), '-'), ' ' ORDER BY y) AS abc
FROM unnest(ARRAY[-2147483648, -1, 0, 1, 2, 3, 4, 2147483647]) AS x,
     unnest(ARRAY[-1, 0, 1, 2, 3, 2147483647]) AS y
GROUP BY x ORDER BY x;
SELECT matrix_label_of('growth', 1, 3), matrix_label_of('growth', 0, 1, 'zh'), matrix_label_of('abc', 1, 2),
       matrix_action_of('growth', 'best'), matrix_action_of('growth', ''),
       matrix_action_of('growth', 'High_high');
SELECT matrix_label_of(NULL, 1, 1), matrix_label_of('growth', NULL, 1), matrix_label_of('growth', 1, 1, NULL),
       matrix_label_of('growth', NULL), matrix_code_of('growth', 1, NULL), matrix_action_of('growth', NULL),
       matrix_action_of(NULL, 'high_high');
-- many matrices and languages in one query, row by row
SELECT count(*) AS calls, count(DISTINCT label) AS labels,
       count(*) FILTER (
           WHERE label IS DISTINCT FROM (
               SELECT l.label
               FROM matrix_position AS p
               JOIN matrix_label AS l USING (matrix, code)
               WHERE (p.matrix, x_level, y_level, language) = (m, 1 + i % 2, 1 + i / 2 % 2, g)
           )
       ) AS wrong
FROM (
    SELECT i, m, g, matrix_label_of(m, 1 + i % 2, 1 + i / 2 % 2, g) AS label
    FROM generate_series(1, 2000) AS i,
         LATERAL (SELECT (ARRAY['growth', 'value', 'spend', 'crm', 'abc_pair'])[1 + i % 5] AS m,
                         (ARRAY['en', 'zh'])[1 + i % 2] AS g) AS n
) AS s;
SELECT fails(format('SELECT %s', call)), call
FROM unnest(ARRAY[
    'matrix_label_of(''nothing'', 1, 1)', 'matrix_label_of(''nothing'', ''high_high'')', 'matrix_code_of('''', 1)',
    'matrix_code_of(''Growth'', 1, 1)', 'matrix_action_of(''growth '', ''high_high'')',
    'matrix_label_of(''growth'', ''high'')', 'matrix_label_of(''growth'', '''')',
    'matrix_label_of(''growth'', ''High_High'')', 'matrix_label_of(''nothing'', ''low'')'
]) AS c (call);
-- a quadrant is a place of two by two levels: no other matrix has one
SELECT matrix, count(label) AS labels_of_quadrants
FROM matrix,
     LATERAL (SELECT CASE
                  WHEN fails(format('SELECT matrix_label_of(%L, ''low_low'')', matrix)) = '!! no error'
                      THEN matrix_label_of(matrix, 'low_low')
              END AS label) AS l
GROUP BY 1 HAVING count(label) > 0 ORDER BY matrix COLLATE "C";
-- a matrix that does not exist is not whole
SELECT fails('SELECT * FROM check_matrix(''nothing'')') LIKE '42704: matrix "nothing" does not exist%' AS unknown;

-- abc_class ------------------------------------------------------------------------------------------------------
SELECT v, abc_class(v, 100, 10) AS class, abc_class(v, 0, 0) AS no_cuts, abc_class(v, 10, 10) AS one_cut,
       abc_class(v, 1.7976931348623157e308, 10) AS nobody_is_a
FROM unnest(
    ARRAY['-Infinity', -5, 0, 5e-324, 9.999999999999998, 10, 99, 100, 100.00000000000001, 1e300, 'Infinity',
          'NaN', NULL]::float8[]
) AS v;
SELECT abc_class(5, NULL, 1), abc_class(5, 1, NULL), abc_class(5::numeric, 3, 1),
       abc_class(revenue => 2, a_cut => 3, b_cut => 2);
-- the rank of the class is that of the matrix
SELECT v, abc_class(v, 100, 10) = matrix_code_of('abc', level_of('{10,100}', v)) AS same
FROM unnest(ARRAY[5, 10, 50, 100, 500]) AS v;

-- lifecycle_stage: the first rule that holds -----------------------------------------------------------------
-- histories of days before 2024-07-01: at risk after 30 days, lapsed after 90, loyal from 3 purchase days
CREATE FUNCTION h(VARIADIC ago int[]) RETURNS purchase_history LANGUAGE sql AS $$
    SELECT purchase_history(date '2024-07-01' - a, 10) FROM unnest(ago) AS a
$$;
SELECT what, lifecycle_stage(history, '2024-07-01', 30, 90) AS stage
FROM (
    VALUES ('no history', NULL),
           ('refunds only',
            (SELECT purchase_history(d, -5) FROM (VALUES (date '2024-06-01'), ('2024-06-20')) AS v (d))),
           ('only later purchases', h(-1, -40)), ('one purchase, today', h(0)),
           ('one, 90 days ago: not more than lapsed_days', h(90)), ('one, 91 days ago', h(91)),
           ('one, 31 days ago: one purchase is not at risk', h(31)), ('two', h(10, 20)),
           ('two, 30 days since: not more than at_risk_days', h(30, 40)), ('two, 31 days since', h(31, 40)),
           ('two, 90 days since', h(90, 100)), ('two, 91 days since', h(91, 100)),
           ('two, a gap of 90 days', h(10, 100)), ('two, a gap of 91 days', h(10, 101)),
           ('reactivated comes before at risk', h(40, 131)), ('lapsed comes before reactivated', h(91, 200)),
           ('an earlier gap does not count', h(10, 15, 300)),
           ('reactivated comes before loyal', h(5, 100, 110, 120, 130)), ('three', h(10, 20, 30)),
           ('at risk comes before loyal', h(31, 32, 33)), ('three, 30 days since', h(30, 31, 32)),
           ('lapsed, of many', h(91, 92, 93, 94, 95)), ('two on one day and one on another', h(10, 10, 20)),
           ('two, and later ones that nobody knows yet', h(10, 20, -1, -2, -3)),
           (
               'two, and a refund since',
               (
                   SELECT purchase_history(d, a)
                   FROM (VALUES (date '2024-05-01', 10), ('2024-05-10', 10), ('2024-06-28', -5)) AS v (d, a)
               )
           ),
           (
               'a refund on the day of a purchase',
               (
                   SELECT purchase_history(d, a)
                   FROM (VALUES (date '2024-06-20', 10), ('2024-06-20', -10)) AS v (d, a)
               )
           ),
           ('purchases of nothing',
            (SELECT purchase_history(d, 0) FROM (VALUES (date '2024-06-10'), ('2024-06-20')) AS v (d)))
) AS v (what, history);
-- a limit that is NULL never holds
SELECT at_risk, lapsed, loyal,
       lifecycle_stage(h(100, 110, 300, 320), '2024-07-01', at_risk, lapsed, loyal) AS long_ago,
       lifecycle_stage(h(40, 300), '2024-07-01', at_risk, lapsed, loyal) AS gap,
       lifecycle_stage(h(5, 6, 7), '2024-07-01', at_risk, lapsed, loyal) AS often,
       lifecycle_stage(h(5), '2024-07-01', at_risk, lapsed, loyal) AS once,
       lifecycle_stage(NULL, '2024-07-01', at_risk, lapsed, loyal) AS never
FROM unnest(ARRAY[30, NULL, 'Infinity']::float8[]) AS at_risk, unnest(ARRAY[90, NULL]::float8[]) AS lapsed,
     unnest(ARRAY[3, NULL]::float8[]) AS loyal;
-- limits are not whole numbers, zero is one, and the default of loyal_days is 3
SELECT lifecycle_stage(h(31, 40), '2024-07-01', 30.9, 90) AS "31 > 30.9",
       lifecycle_stage(h(31, 40), '2024-07-01', 31.1, 90) AS "31 < 31.1",
       lifecycle_stage(h(0), '2024-07-01', 0, 0, 0) AS zero,
       lifecycle_stage(h(1), '2024-07-01', 0, 0, 0) AS zero,
       lifecycle_stage(h(5), '2024-07-01', 30, 90, 1) AS loyal_at_once,
       lifecycle_stage(h(5, 6), '2024-07-01', 30, 90) AS "2 < 3",
       lifecycle_stage(h(5, 6, 7), '2024-07-01', 30, 90) AS "3 = 3",
       lifecycle_stage(h(5, 6, 7), '2024-07-01', 30, 90, 3.5) AS "3 < 3.5";
SELECT lifecycle_stage(h(5), NULL, 30, 90) AS no_day, lifecycle_stage(NULL, NULL, 30, 90) AS no_day,
       lifecycle_stage(h(5), '2024-01-01', 30, 90) AS before_all,
       lifecycle_stage(h(5), '2024-06-26', 30, 90) AS that_day;
SELECT fails(format('SELECT lifecycle_stage(h(5), %s)', arguments)), arguments
FROM unnest(
    ARRAY['''2024-07-01'', -1, 90', '''2024-07-01'', 30, -0.5', '''2024-07-01'', 30, 90, -3',
          '''2024-07-01'', ''NaN'', 90', '''2024-07-01'', 30, ''-Infinity''', '''infinity'', 30, 90',
          '''-infinity'', 30, 90']
) AS arguments;
-- generated histories against the rules in plain SQL
CREATE TABLE visits AS
SELECT c, date '2023-01-01' + (c * c * 31 + v * (c % 17 + 1) * 9 + v * v * (c % 5)) % 700 AS day,
       CASE WHEN (c + v * v) % 7 = 0 THEN -4 ELSE 10 END AS amount
FROM generate_series(1, 300) AS c, LATERAL generate_series(1, c % 8) AS v;
CREATE VIEW staged AS
WITH limits AS (
    SELECT *
    FROM (
        VALUES (30::float8, 90::float8, 3::float8), (60, 200, 4), (NULL, 100, 2), (20, NULL, 5),
               (45.5, 45.5, NULL), (100, 30, 3), (NULL, NULL, NULL)
    ) AS v (at_risk, lapsed, loyal)
), days AS (
    SELECT DISTINCT c, as_of, v.day
    FROM generate_series(1, 300) AS c
    CROSS JOIN unnest(
        ARRAY['2023-03-01', '2023-07-15', '2024-01-01', '2024-06-01', '2024-12-01']::date[]
    ) AS as_of
    LEFT JOIN visits AS v USING (c)
    WHERE true
), bought AS (
    SELECT c, as_of, array_agg(DISTINCT v.day ORDER BY v.day DESC) AS d
    FROM days
    JOIN visits AS v USING (c, day)
    WHERE v.amount >= 0 AND v.day <= as_of
    GROUP BY 1, 2
)
SELECT c, as_of, l.*, lifecycle_stage(p.h, as_of, at_risk, lapsed, loyal) AS stage,
       CASE
           WHEN d IS NULL THEN CASE WHEN p.h IS NULL THEN 'prospect' END
           WHEN as_of - d[1] > lapsed THEN 'lapsed'
           WHEN d[1] - d[2] > lapsed THEN 'reactivated'
           WHEN cardinality(d) >= 2 AND as_of - d[1] > at_risk THEN 'at_risk'
           WHEN cardinality(d) >= loyal THEN 'loyal'
           WHEN cardinality(d) >= 2 THEN 'repeat'
           ELSE 'first_time'
       END AS expected
FROM (SELECT DISTINCT c, as_of FROM days) AS k
LEFT JOIN bought USING (c, as_of)
LEFT JOIN (SELECT c, purchase_history(day, amount) AS h FROM visits GROUP BY 1) AS p USING (c), limits AS l;
SELECT expected, count(*) > 50 AS many, count(*) FILTER (WHERE stage IS DISTINCT FROM expected) AS wrong
FROM staged
GROUP BY 1 ORDER BY 1;

-- decline: a binomial tail ---------------------------------------------------------------------------------------
-- n purchase days, the first of them age days ago, k in the last w days; the others lie close to the window. The first
-- cannot lie in the window, so the chance is that of n - 1 days
CREATE TABLE declines AS
SELECT n, k, age, w,
       (
           SELECT purchase_history(d)
           FROM (
               SELECT date '2024-07-01' - age
               UNION ALL
               SELECT date '2024-07-01' - w - j FROM generate_series(0, n - k - 2) AS j
               UNION ALL
               SELECT date '2024-07-01' - w + 1 + j FROM generate_series(0, k - 1) AS j
           ) AS s (d)
       ) AS h
FROM unnest(ARRAY[1, 2, 3, 4, 5, 6, 8, 9, 11, 13, 20, 30, 60, 120]) AS n,
     unnest(ARRAY[2, 8, 31, 91, 100, 365, 1000, 4000]) AS age,
     unnest(ARRAY[1, 7, 30, 90, 300, 900]) AS w,
     LATERAL (SELECT DISTINCT x
              FROM unnest(ARRAY[0, 1, 2, 3, n / 4, n / 2, n - 2, n - 1]) AS x
              WHERE x BETWEEN 0 AND n - 1) AS k (k)
WHERE age > w AND k <= w AND n - k - 1 <= age - w;
-- the sum of the chances of 0 to k in whole numbers, divided once
CREATE TABLE tails AS
SELECT n, k, age, w, decline_probability(h, '2024-07-01', w) AS p, declining(h, '2024-07-01', w) AS declining,
       purchase_days(h) AS days,
       (
           SELECT sum(
               div(factorial(n - 1), factorial(i) * factorial(n - 1 - i)) * (w::numeric ^ i)
                   * ((age - w)::numeric ^ (n - 1 - i))
           )
           FROM generate_series(0, k) AS i
       ) / age::numeric ^ (n - 1) AS exact,
       purchase_trend(h, '2024-07-01', w) AS trend,
       CASE WHEN n - k >= 2 THEN k * (age - w) / ((n - k - 1) * w)::numeric END AS exact_trend
FROM declines;
SELECT count(*) > 700 AS many, count(*) FILTER (WHERE days <> n) AS badly_made,
       count(*) FILTER (WHERE p IS NULL) AS missing,
       count(*) FILTER (WHERE abs(p::numeric - exact) > 1e-12 * exact) AS wrong,
       count(*) FILTER (WHERE exact < 1e-15) > 20 AS tiny,
       count(*) FILTER (WHERE exact BETWEEN 0.04 AND 0.06) > 9 AS close,
       count(*) FILTER (WHERE exact > 0.999999) > 20 AS sure,
       count(*) FILTER (WHERE declining IS DISTINCT FROM (exact < 0.05)) AS other_class,
       count(*) FILTER (WHERE declining) > 100 AS declining,
       count(*) FILTER (WHERE p > 1 OR p < 0) AS no_chances,
       count(*) FILTER (WHERE n = 1 AND (p < 1 OR declining)) AS of_one_day,
       count(*) FILTER (
           WHERE (trend IS NULL) <> (exact_trend IS NULL) OR abs(trend::numeric - exact_trend) > 1e-14 * exact_trend
       ) AS other_trend,
       count(trend) > 500 AS trends
FROM tails;
-- more in the window is more likely; the more there were before, the less likely are few
SELECT count(*) AS falls
FROM (SELECT p < lag(p) OVER (PARTITION BY n, age, w ORDER BY k) AS falls FROM tails) AS t
WHERE falls;
-- by hand: 3 days after the first, 400 days ago, none in the last 100: 0.75^3; the day 100 days ago is before the window,
-- 99 is in it
SELECT round(decline_probability(h(400, 300, 200, 100), '2024-07-01', 100)::numeric, 12) AS none,
       round(decline_probability(h(400, 300, 200, 99), '2024-07-01', 100)::numeric, 12) AS one,
       0.75 ^ 3 AS "0.75^3", 0.75 ^ 3 + 3 * 0.25 * 0.75 ^ 2 AS and_more,
       round(decline_probability(h(400, 300, 200, 0), '2024-07-01', 100)::numeric, 12) AS today;
-- 90 days unless told; refunds, later orders and more orders a day do not count
SELECT decline_probability(h(365, 200, 100), '2024-07-01')
           = decline_probability(h(365, 200, 100), '2024-07-01', 90) AS ninety,
       declining(h(365, 300, 290, 280, 270, 260, 250, 240, 230, 220, 210, 200), '2024-07-01') AS declining,
       decline_probability(h(365, 365, 200, 200, 100, -5, -6), '2024-07-01')
           = decline_probability(h(365, 200, 100), '2024-07-01') AS same,
       decline_probability(
           (
               SELECT purchase_history(d, a)
               FROM (
                   VALUES (date '2022-01-01', -1), ('2023-07-02', 5), ('2024-01-01', 5), ('2024-06-01', -5),
                          ('2024-06-20', -5)
               ) AS v (d, a)
           ),
           '2024-07-01'
       ) = decline_probability(h(365, 182), '2024-07-01') AS refunds;
-- for want of time: not known for longer than the window; without purchases nothing is known
SELECT what, round(decline_probability(history, '2024-07-01', 90)::numeric, 12) AS chance,
       declining(history, '2024-07-01', 90) AS declining, purchase_trend(history, '2024-07-01', 90) AS trend
FROM (
    VALUES ('first today', h(0)), ('first 90 days ago', h(90, 80)), ('first 91 days ago', h(91)), ('two before', h(181, 91)), ('and one since', h(181, 91, 5)),
           ('refunds only', (SELECT purchase_history(date '2023-01-01', -5))), ('only later', h(-10)),
           ('no history', NULL)
) AS v (what, history);
SELECT decline_probability(h(91), NULL, 90), decline_probability(h(91), '2024-07-01', NULL),
       declining(h(91), NULL), decline_probability(h(91), '2024-07-01', 2147483647) AS longest,
       declining(h(91), '2024-07-01', 2147483647) AS longest,
       purchase_trend(h(91, 90), '2024-07-01', 2147483647) AS longest, purchase_trend(h(91), NULL, 90) AS no_day;
SELECT fails(format('SELECT %s', call)), call
FROM unnest(
    ARRAY['decline_probability(h(5), ''2024-07-01'', 0)', 'decline_probability(h(5), ''2024-07-01'', -90)',
          'declining(h(5), ''2024-07-01'', 0)', 'declining(h(5), ''2024-07-01'', -2147483648)',
          'decline_probability(h(-5), ''2024-07-01'', 0)', 'decline_probability(h(5), ''infinity'')',
          'declining(h(5), ''-infinity'')', 'purchase_trend(h(5), ''2024-07-01'', 0)']
) AS call;

-- weighted_index ---------------------------------------------------------------------------------------------------
SELECT weighted_index(ARRAY[0.25, 0.75], ARRAY[1, 3]) AS index,
       weighted_index(ARRAY[0.25, NULL, 0.75], ARRAY[1, 5, 3]) AS without_null,
       weighted_index(ARRAY[NULL, 0.9], ARRAY[1, 0]) AS none_that_weighs,
       weighted_index(ARRAY[NULL, NULL]::float8[], ARRAY[1, 1]) AS all_null,
       weighted_index(ARRAY[0.4], ARRAY[7]) AS one, weighted_index(ARRAY[0.4, 99], ARRAY[7, 0]) AS no_weight,
       weighted_index('[3:4]={0.25,0.75}', '[-1:0]={1,3}') AS other_bounds;
SELECT weighted_index(NULL, '{1}'), weighted_index('{1}', NULL),
       weighted_index(numbers => '{0.25,0.75}', weights => '{1,3}') AS named;
SELECT count(*) AS calls,
       count(*) FILTER (
           WHERE abs(index - expected) > 1e-14 * expected OR (index IS NULL) <> (expected IS NULL)
       ) AS wrong,
       count(*) FILTER (WHERE abs(without - expected) > 1e-14 * expected) AS wrong_without_nulls,
       count(*) FILTER (WHERE expected IS NULL) > 0 AS some_null
FROM (
    SELECT weighted_index(v, w) AS index, expected,
           CASE WHEN expected IS NOT NULL THEN weighted_index(xs, ys) END AS without
    FROM (SELECT array_agg(
                     CASE WHEN (i * k + i) % 3 > 0 THEN (i * k * 7919 % 1000) / 999.0::float8 END ORDER BY k
                 ) AS v,
                 array_agg((i * 31 + k * k) % 11 + CASE k WHEN 1 THEN 0.5::float8 ELSE 0 END ORDER BY k) AS w
          FROM generate_series(1, 500) AS i, LATERAL generate_series(1, 1 + i % 20) AS k
          GROUP BY i) AS lists,
         LATERAL (SELECT sum(x * y) / nullif(sum(y), 0) AS expected, array_agg(x) AS xs, array_agg(y) AS ys
                  FROM unnest(v, w) AS u (x, y)
                  WHERE x IS NOT NULL) AS plain
) AS s;
SELECT fails(format('SELECT weighted_index(%s)', lists)), lists
FROM unnest(
    ARRAY['''{1,2}'', ''{1}''', '''{1}'', ''{1,2}''', '''{}'', ''{1}''', '''{1}'', ''{}''', '''{}'', ''{}''',
          '''{1,2}'', ''{1,-1}''', '''{1,2}'', ''{0,0}''', '''{NULL,NULL}'', ''{0,0}''', '''{1,2}'', ''{1,NULL}''',
          '''{1,2}'', ''{1,NaN}''', '''{1,2}'', ''{1,Infinity}''', '''{{1,2},{3,4}}'', ''{1,1,1,1}''',
          '''{1,1,1,1}'', ''{{1,2},{3,4}}''', '''{{1,2}}'', ''{{1,2}}''']
) AS lists;
