-- Cuts are percentile_cont to the bit, scores count the cuts exceeded: equal values, equal scores.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned
SET search_path = public, customer_value, customer_value_internal;

-- 1,500 customers with many ties, refunds, and some who only returned things
SELECT setseed(0.11);
CREATE TABLE customers AS
SELECT i % 1500 AS customer, purchase_history(date '2023-01-01' + (random() ^ 2 * 380)::int,
       CASE WHEN i % 19 = 0 OR i % 1500 < 20 THEN -1 ELSE 1 END * round((random() ^ 4 * 900)::numeric, 2)) AS h
FROM generate_series(1, 6000) AS i WHERE random() < 0.6 GROUP BY 1;
CREATE VIEW measures AS
SELECT customer, h, days_since_last_purchase(h, '2023-12-01') AS recency, order_count(h, '2023-12-01') AS frequency,
       revenue(h, '2023-12-01') AS monetary FROM customers;
SELECT count(*) > 1000 AS many, count(recency) < count(*) AS some_without, count(DISTINCT frequency) < 12 AS ties,
       count(*) FILTER (WHERE monetary < 0) > 0 AS some_negative FROM measures;
CREATE FUNCTION cut(cuts rfm_cuts, axis text, k int) RETURNS float8 LANGUAGE sql AS $$
    SELECT (cuts::text::jsonb -> axis ->> (k - 1))::float8
$$;
CREATE TABLE trained AS
SELECT bins, rfm_cuts(h, '2023-12-01', bins) AS cuts FROM customers, generate_series(2, 10) AS bins GROUP BY bins;

-- cut k of n is percentile_cont(k/n) over the customers with purchases, bit by bit
SELECT count(*) AS cuts, count(*) FILTER (WHERE NOT same) AS wrong
FROM (
    SELECT cut(cuts, axis, k) = CASE axis
        WHEN 'recency'
            THEN (SELECT percentile_cont(k::float8 / bins) WITHIN GROUP (ORDER BY recency) FROM measures)
        WHEN 'frequency'
            THEN (
                SELECT percentile_cont(k::float8 / bins) WITHIN GROUP (ORDER BY frequency)
                FROM measures
                WHERE frequency > 0
            )
        ELSE (
            SELECT percentile_cont(k::float8 / bins) WITHIN GROUP (ORDER BY monetary::float8)
            FROM measures
            WHERE frequency > 0
        )
    END AS same
    FROM trained, generate_series(1, bins - 1) AS k, unnest(ARRAY['recency', 'frequency', 'monetary']) AS axis
) AS c;
-- five bins are the default, NULL is the default, order does not matter
SELECT rfm_cuts(h, '2023-12-01')::text = (SELECT cuts::text FROM trained WHERE bins = 5) AS five,
       rfm_cuts(h, '2023-12-01', NULL)::text = rfm_cuts(h, '2023-12-01', 5)::text AS by_default,
       rfm_cuts(h, '2023-12-01' ORDER BY customer)::text
           = rfm_cuts(h, '2023-12-01' ORDER BY md5(customer::text))::text AS any_order
FROM customers;
-- in a window they are the cuts of those so far
SELECT count(*) FILTER (WHERE n = 1 AND so_far::text <> alone::text) AS wrong_first,
       count(*) FILTER (WHERE n = 40 AND so_far::text <> whole::text) AS wrong_last
FROM (
    SELECT row_number() OVER w AS n, rfm_cuts(h, '2023-12-01') OVER w AS so_far,
           rfm_cuts(h, '2023-12-01') OVER (PARTITION BY customer) AS alone,
           rfm_cuts(h, '2023-12-01') OVER () AS whole
    FROM (SELECT * FROM customers ORDER BY customer DESC LIMIT 40) AS c
    WINDOW w AS (ORDER BY customer)
) AS x;
-- what comes later does not count
SELECT rfm_cuts(h, '2023-06-01')::text = rfm_cuts(early, '2023-06-01')::text AS same
FROM (
    SELECT h,
           (
               SELECT jsonb_build_object('version', 1, 'days', coalesce(jsonb_agg(d), '[]'))
               FROM jsonb_array_elements(h::text::jsonb -> 'days') AS d
               WHERE d ->> 0 <= '2023-06-01'
           )::text::purchase_history AS early
    FROM customers
) AS c;

-- scores by plain SQL: one plus the number of cuts exceeded; for recency the number of bins less it
CREATE VIEW scores AS
SELECT bins, cuts, m.*,
       (
           SELECT bins - count(*) FROM generate_series(1, bins - 1) AS k WHERE recency > cut(cuts, 'recency', k)
       ) AS r,
       (
           SELECT 1 + count(*)
           FROM generate_series(1, bins - 1) AS k
           WHERE frequency > cut(cuts, 'frequency', k)
       ) AS f,
       (
           SELECT 1 + count(*)
           FROM generate_series(1, bins - 1) AS k
           WHERE monetary::float8 > cut(cuts, 'monetary', k)
       ) AS m
FROM trained, measures AS m
WHERE frequency > 0;
SELECT count(*) > 9000 AS many,
       count(*) FILTER (
           WHERE (r, f, m)
               IS DISTINCT FROM (recency_score(cuts, h, '2023-12-01'), frequency_score(cuts, h, '2023-12-01'),
                                 monetary_score(cuts, h, '2023-12-01'))
       ) AS wrong_of_history,
       count(*) FILTER (
           WHERE (r, f, m) IS DISTINCT FROM (
               recency_score(cuts, recency), frequency_score(cuts, frequency), monetary_score(cuts, monetary)
           )
       ) AS wrong_of_numbers,
       count(*) FILTER (WHERE m <> monetary_score(cuts, monetary::float8)) AS wrong_of_floats
FROM scores;
-- equal values, equal scores; better values, never lower scores; all within the bins
SELECT count(*) FILTER (WHERE low < high) AS unequal, count(*) FILTER (WHERE low < before) AS lower
FROM (
    SELECT min(score) AS low, max(score) AS high,
           max(max(score)) OVER (
               PARTITION BY bins, axis ORDER BY value ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
           ) AS before
    FROM scores,
         LATERAL (VALUES ('r', -recency::numeric, recency_score(cuts, h, '2023-12-01')),
                         ('f', frequency, frequency_score(cuts, h, '2023-12-01')),
                         ('m', monetary, monetary_score(cuts, h, '2023-12-01'))) AS v (axis, value, score)
    GROUP BY bins, axis, value
) AS g;
SELECT bins, min(r), max(r), min(f), max(f), min(m), max(m) FROM scores GROUP BY bins ORDER BY bins;

-- no purchases, no scores
SELECT count(*) > 0 AS some, count(recency_score(cuts, h, '2023-12-01')),
       count(frequency_score(cuts, h, '2023-12-01')), count(monetary_score(cuts, h, '2023-12-01'))
FROM measures, trained
WHERE frequency = 0;
SELECT recency_score(cuts, h, '2022-01-01'), frequency_score(cuts, h, '2022-01-01'),
       monetary_score(cuts, h, '2022-01-01')
FROM customers, trained
LIMIT 1;
SELECT rfm_cuts(h, '2022-01-01'), rfm_cuts(NULL, '2023-01-01'),
       (SELECT rfm_cuts(h, '2023-12-01') FROM customers WHERE false)
FROM customers;
SELECT rfm_cuts(h, '2023-12-01') FROM measures WHERE frequency = 0;
SELECT recency_score(NULL, 1), recency_score(cuts, NULL::int), frequency_score(cuts, NULL::bigint),
       monetary_score(cuts, NULL::numeric), recency_score(cuts, NULL, '2023-01-01'),
       monetary_score(cuts, h, NULL)
FROM customers, trained
LIMIT 1;

-- visits: cuts without a monetary axis, and no monetary score
SELECT rfm_cuts(v, '2023-12-01', 3) AS cuts
FROM (SELECT purchase_history(date '2023-01-01' + i) AS v FROM generate_series(1, 30) AS i GROUP BY i) AS x;
SELECT recency_score(cuts, 5), frequency_score(cuts, 2), monetary_score(cuts, 100),
       monetary_score(cuts, 1.5::float8), monetary_score(cuts, h, '2023-12-01')
FROM (VALUES ('{"recency": [10], "frequency": [1]}'::rfm_cuts)) AS c (cuts), customers
WHERE customer = 100;

-- by hand: a value at a cut does not exceed it
SELECT v, recency_score(cuts, v) AS r, frequency_score(cuts, v) AS f, monetary_score(cuts, v) AS m,
       monetary_score(cuts, v + 0.001) AS above
FROM (VALUES ('{"recency": [10, 20], "frequency": [10, 20], "monetary": [10, 20]}'::rfm_cuts)) AS c (cuts),
     unnest(ARRAY[-5, 0, 10, 11, 20, 21, 2147483646]) AS v;
-- split at the mean: good is at or beyond it
SELECT v, recency_score(cuts, v) AS r, frequency_score(cuts, v) AS f, monetary_score(cuts, v) AS m
FROM (VALUES ('{
                 "split": "mean", "recency": [10.5], "frequency": [10], "monetary": [10]
             }'::rfm_cuts)) AS c (cuts),
     unnest(ARRAY[9, 10, 11]) AS v;
-- equal cuts are allowed: bins between them cannot be reached
SELECT v, frequency_score(cuts, v)
FROM (VALUES ('{"recency": [1, 1, 1], "frequency": [1, 1, 2]}'::rfm_cuts)) AS c (cuts),
     unnest(ARRAY[1, 2, 3]) AS v;
-- the average order value as the monetary measure
SELECT monetary_score(cuts, h, '2024-01-01') AS average, monetary_score(total, h, '2024-01-01') AS total
FROM (VALUES ('{"monetary_measure": "average", "recency": [1], "frequency": [1], "monetary": [60]}'::rfm_cuts,
              '{"recency": [1], "frequency": [1], "monetary": [60]}'::rfm_cuts)) AS c (cuts, total),
     (SELECT purchase_history(date '2023-01-01', x) AS h FROM (VALUES (50), (40), (-20)) AS v (x)) AS h;

-- text and binary forms
SELECT rfm_cuts(h, '2023-01-31', 4) AS cuts
FROM (
    SELECT purchase_history(date '2023-01-01' + i, i * 1.1) AS h FROM generate_series(1, 8) AS i GROUP BY i % 5
) AS c;
SELECT count(*) FILTER (WHERE cuts::text::rfm_cuts::text <> cuts::text) AS lost FROM trained;
SELECT '{"frequency": [1], "recency": [2]}'::rfm_cuts,
       '{"bins": 2, "recency": [0.1], "frequency": [-1e-300], "monetary": [1.7976931348623157e308]}'::rfm_cuts;
SELECT get_byte(rfm_cuts_send(cuts), 0) AS version, count(*) FROM trained GROUP BY 1;
