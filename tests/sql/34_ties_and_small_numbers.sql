-- Many customers with the same value, and figures that are small or rounded: cuts, percentiles, floats, digits of amounts.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned
SET search_path = public, customer_value;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\i :helpers
\set VERBOSITY terse

-- the segments whose names two lists have the other way round ------------------------------------------------------------
SELECT segment_rank AS rank, segment_code, count(*) AS cells,
       round(avg(frequency_from), 2) AS mean_frequency,
       min(rfm_code(recency_from, frequency_from, monetary_from)) AS lowest
FROM rfm_scheme_segment JOIN rfm_scheme_cell USING (scheme, segment_code)
WHERE scheme = 'standard' GROUP BY 1, 2 ORDER BY 1;
SELECT count(*) AS wrong FROM check_rfm_scheme('standard');
SELECT language, segment_code, action FROM rfm_scheme_label
WHERE scheme = 'standard' AND segment_code IN ('cant_lose', 'at_risk') ORDER BY 1, 2;

-- ties: a shop in which 85 of 100 bought once --------------------------------------------------------------------------------
CREATE TABLE often (orders int, customers int);
INSERT INTO often VALUES (1, 850), (2, 80), (3, 35), (4, 15), (5, 8), (7, 5), (9, 4), (12, 2), (40, 1);
CREATE TABLE orders AS
SELECT row_number() OVER (ORDER BY o.orders, i) AS nothing, o.orders * 1000 + i AS customer,
       date '2024-12-31' - (i * 7919 + k * 31) % 360 AS day, (5 + (i * 13 + k) % 60)::numeric(12, 2) AS total
FROM often AS o, generate_series(1, o.customers) AS i, generate_series(1, o.orders) AS k;
CREATE TABLE histories AS SELECT customer, purchase_history(day, total) AS h FROM orders GROUP BY customer;
CREATE FUNCTION cuts_of(axis text, cuts rfm_cuts) RETURNS jsonb LANGUAGE sql AS 'SELECT cuts::text::jsonb -> axis';
SELECT cuts_of('frequency', rfm_cuts(h, '2024-12-31')) AS plain,
       cuts_of('frequency', rfm_cuts(h, '2024-12-31', 5)) AS five,
       cuts_of('frequency', rfm_cuts(h, '2024-12-31', 5, 'quantile')) AS quantile,
       cuts_of('frequency', rfm_cuts(h, '2024-12-31', 5, 'spread')) AS spread,
       cuts_of('frequency', rfm_cuts(h, '2024-12-31', NULL, NULL)) AS default_of_null
FROM histories;
SELECT fails('SELECT rfm_cuts(h, ''2024-12-31'', 5, ''even'') FROM histories');
SELECT fails('SELECT rfm_cuts(h, ''2024-12-31'', 5, CASE customer % 2 WHEN 0 THEN ''spread'' ELSE ''quantile'' END)
              FROM histories');
-- every number of bins, on each axis: one for each value as far as they go, equal for equal and never less for better
CREATE VIEW scored AS
SELECT bins, axis, value,
       CASE axis WHEN 'recency' THEN recency_score(cuts, h, '2024-12-31')
                 WHEN 'frequency' THEN frequency_score(cuts, h, '2024-12-31')
                 ELSE monetary_score(cuts, h, '2024-12-31') END AS score
FROM (SELECT bins, rfm_cuts(h, '2024-12-31', bins, 'spread') AS cuts
      FROM histories, generate_series(2, 10) AS bins GROUP BY bins) AS t,
     histories,
     LATERAL (VALUES ('recency', -days_since_last_purchase(h, '2024-12-31')::numeric),
                     ('frequency', order_count(h)::numeric), ('monetary', revenue(h))) AS v (axis, value);
SELECT axis, count(*) AS trained, bool_and(used = least(bins, different)) AS none_is_empty, bool_and(lowest = 1) AS from_1,
       bool_and(highest = bins) AS to_the_last
FROM (SELECT axis, bins, count(DISTINCT score) AS used, count(DISTINCT value) AS different, min(score) AS lowest,
             max(score) AS highest
      FROM scored GROUP BY 1, 2) AS s
GROUP BY 1 ORDER BY 1;
SELECT count(*) FILTER (WHERE lowest <> highest) AS torn, count(*) FILTER (WHERE lowest < before) AS falling
FROM (SELECT min(score) AS lowest, max(score) AS highest,
             lag(max(score)) OVER (PARTITION BY axis, bins ORDER BY value) AS before
      FROM scored GROUP BY axis, bins, value) AS v;
-- without ties, quantiles
SELECT count(*) AS cuts, count(*) FILTER (WHERE spread = quantile) AS same
FROM (SELECT cuts_of('monetary', rfm_cuts(h, '2024-12-31', bins, 'spread')) AS spread,
             cuts_of('monetary', rfm_cuts(h, '2024-12-31', bins, 'quantile')) AS quantile
      FROM (SELECT purchase_history(date '2024-12-01', i * i + 0.5) AS h FROM generate_series(1, 503) AS i GROUP BY i) AS c,
           generate_series(2, 10) AS bins
      GROUP BY bins) AS c;

-- ... of a segmentation: spread unless it is told otherwise
SELECT create_segmentation('seg', 'orders', 'customer', 'day', 'total', '{"as_of": "2024-12-31"}');
SELECT axis, score, customers_then, customers_now FROM segmentation_drift('seg') WHERE axis = 'frequency';
SELECT frequency_score, min(frequency), max(frequency), count(*) FROM seg GROUP BY 1 ORDER BY 1;
SELECT string_agg(rfm_segment || ' ' || customers, ', ' ORDER BY rank) AS often_and_long_ago
FROM (SELECT rfm_segment, min(rfm_segment_rank) AS rank, count(*) AS customers, min(frequency) AS fewest
      FROM seg WHERE rfm_segment_code IN ('cant_lose', 'at_risk') GROUP BY 1) AS s;
SELECT min(frequency) > 1 AS none_bought_once FROM seg WHERE rfm_segment_code = 'cant_lose';
SELECT alter_segmentation('seg', '{"ties": "quantile"}');
SELECT frequency_score, min(frequency), max(frequency), count(*) FROM seg GROUP BY 1 ORDER BY 1;
SELECT count(*) FILTER (WHERE customers = 0) AS empty
FROM (SELECT (score_counts -> 'frequency' ->> i)::int AS customers
      FROM training, generate_series(0, 4) AS i WHERE newest) AS c;
SELECT fails('SELECT alter_segmentation(''seg'', ''{"ties": "even"}'')');
SELECT alter_segmentation('seg', '{"ties": null, "cuts": {"frequency": [1, 1, 2, 9]}}');
SELECT frequency_score, min(frequency), max(frequency), count(*) FROM seg GROUP BY 1 ORDER BY 1;
SELECT alter_segmentation('seg', '{"cuts": null}');
SELECT alter_segmentation('seg', '{"scheme": "eight"}');
SELECT frequency_score, min(frequency), max(frequency), count(*) FROM seg GROUP BY 1 ORDER BY 1;
SELECT alter_segmentation('seg', '{"scheme": null}');

-- percentiles: what is told of a place holds for every customer, and the tiers follow ------------------------------------
CREATE VIEW places AS
SELECT s.customer, p.axis, p.value, p.points, p.found
FROM seg AS s, training AS t,
     LATERAL (SELECT 'clv' AS axis, s.clv AS value, t.clv_percentiles AS points, s.clv_percentile AS found) AS p
WHERE t.newest
UNION ALL
SELECT s.customer, a.axis, v.value, a.percentiles, customer_value_internal.percentile_of(t.axes, a.axis, v.value)
FROM seg AS s, training AS t
JOIN training_axis AS a USING (segmentation, number),
     LATERAL (VALUES ('frequency', s.frequency::float8), ('revenue', s.revenue::float8)) AS v (axis, value)
WHERE t.newest AND a.axis = v.axis;
SELECT axis, count(*) AS customers,
       count(*) FILTER (WHERE (found >= 0.8) <> (value >= points[81])) AS beside_80,
       count(*) FILTER (WHERE (found >= 0.5) <> (value >= points[51])) AS beside_50,
       count(*) FILTER (WHERE abs(found - share) > 0.01 + 1.0 / 1000) AS far_from_the_share
FROM (SELECT *, cume_dist() OVER (PARTITION BY axis ORDER BY value) AS share FROM places) AS p
GROUP BY 1 ORDER BY 1;
SELECT count(*) FILTER (WHERE clv_tier_code <> CASE WHEN clv >= clv_percentiles[81] THEN 'high'
                                                    WHEN clv >= clv_percentiles[51] THEN 'medium' ELSE 'low' END) AS other_tier,
       count(*) FILTER (WHERE value_tier_code <> CASE WHEN value_score >= 2.0 / 3 THEN 'high'
                                                      WHEN value_score >= 1.0 / 3 THEN 'potential' ELSE 'low' END) AS other_value
FROM seg, training WHERE newest;
SELECT count(*) FILTER (WHERE value_score <> (f.found + r.found) / 2) AS another_mean
FROM seg AS s JOIN places AS f ON f.customer = s.customer AND f.axis = 'frequency'
JOIN places AS r ON r.customer = s.customer AND r.axis = 'revenue';
DROP VIEW places;
SELECT drop_segmentation('seg');

-- floats: to ten places ------------------------------------------------------------------------------------------------------
SELECT amount, revenue(purchase_history(date '2025-01-01', amount)) AS float8,
       revenue(purchase_history(date '2025-01-01', amount::real)) AS float4,
       order_count(purchase_history(date '2025-01-01', amount)) AS orders
FROM unnest('{0, 5.5e-17, -5.5e-17, 4.9e-11, -4.9e-11, 5e-11, -5e-11, 0.1}'::float8[]) AS amount
GROUP BY 1 ORDER BY 1;
SELECT amount, revenue(purchase_history(date '2025-01-01', amount)) AS revenue
FROM unnest('{1e-300, -4.9e-324, 123456.7890123, 1234567890.1234567, 1e37, 19.990000000000002}'::float8[]) AS amount
GROUP BY 1 ORDER BY 1;
SELECT fails('SELECT purchase_history(date ''2025-01-01'', 1e39)');
-- a residue among the amounts: the training that it stopped, and the sums of every customer
CREATE TABLE orders8 AS
SELECT i % 500 AS c, date '2025-01-01' + i % 400 AS d, (i % 90 + 9.99)::float8 AS v, i AS id, i % 3 = 0 AS cheap
FROM generate_series(1, 5000) AS i;
SELECT create_segmentation('seg8', 'orders8', 'c', 'd', 'v', '{"as_of": "latest", "discount": "cheap"}');
INSERT INTO orders8 VALUES (17, '2025-06-06', 0.1::float8 + 0.2::float8 - 0.3::float8, 6001, true),
                           (18, '2026-03-01', 0.3::float8 - 0.2::float8 - 0.1::float8, 6002, true),
                           (19, '2026-02-27', -5e-11, 6003, true);
SELECT train_segmentation('seg8') AS number;
SELECT max(as_of) AS last_purchase FROM seg8;
SELECT c, revenue, frequency, recency_days, discount_share FROM seg8 WHERE c IN (17, 18, 19) ORDER BY 1;
CREATE VIEW by_hand AS
SELECT c, sum(round(v::numeric, 10)) AS revenue, count(*) FILTER (WHERE round(v::numeric, 10) >= 0) AS frequency,
       count(*) FILTER (WHERE round(v::numeric, 10) >= 0 AND cheap)::float8
           / count(*) FILTER (WHERE round(v::numeric, 10) >= 0) AS discount_share
FROM orders8 GROUP BY c;
CREATE VIEW by_us AS SELECT c, revenue, frequency, discount_share FROM seg8;
SELECT differ('by_hand', 'by_us');
-- as order lines, whose sums have no residues
SELECT alter_segmentation('seg8', '{"order_id": "id"}');
SELECT differ('by_hand', 'by_us');
DROP VIEW by_us, by_hand;
SELECT drop_segmentation('seg8');

-- amounts in the view have the digits of the source -------------------------------------------------------------------------
CREATE DOMAIN euros AS numeric(10, 2) CHECK (VALUE IS NOT NULL);
CREATE TABLE amounts (
    c int, d date, cents numeric(12, 2), mills numeric(19, 3), wide numeric(38, 2), whole numeric(10), rounded numeric(5, -2),
    tiny numeric(40, 36), plain numeric, i int, f float8, cash money, domain euros, line int
);
INSERT INTO amounts
SELECT i % 20, date '2025-01-01' + i, i + 0.25, i + 0.125, i, i, i * 100, 0.5, i + 0.125, i, i + 0.5, i::numeric, i + 0.75, i / 2
FROM generate_series(1, 100) AS i;
CREATE FUNCTION types_of(view text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(format_type(atttypid, atttypmod), ' ' ORDER BY attnum)
    FROM pg_attribute
    WHERE attrelid = view::regclass AND attname IN ('monetary', 'average_order_value', 'revenue')
$$;
CREATE FUNCTION digits(amount text, options jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    types text; same boolean;
BEGIN
    PERFORM create_segmentation('digits', 'amounts', 'c', 'd', amount, options || '{"as_of": "latest"}');
    types := types_of('digits');
    EXECUTE format('
        SELECT bool_and(s.revenue = a.revenue AND s.average_order_value = round(a.revenue / a.orders, 10))
        FROM digits AS s JOIN (
            SELECT c, sum(%1$I::numeric) AS revenue, count(DISTINCT %2$s) AS orders FROM amounts GROUP BY c
        ) AS a USING (c)', amount, CASE WHEN options ? 'order_id' THEN 'line' ELSE 'ctid' END) INTO same;
    PERFORM drop_segmentation('digits');
    RETURN types || CASE WHEN same THEN '' ELSE ', other values' END;
END $$;
SELECT amount, digits(amount)
FROM unnest('{cents, mills, wide, whole, rounded, tiny, plain, i, f, cash, domain}'::text[]) AS amount;
SELECT digits('cents', '{"order_id": "line"}') AS lines, digits('cents', '{"bind": "name"}') AS by_name,
       digits('cents', '{"monetary": "average"}') AS average, digits('cents', '{"scheme": "eight"}') AS eight;
SELECT create_segmentation('digits', 'amounts', 'c', 'd', options => '{"as_of": "latest"}');
SELECT types_of('digits');
SELECT drop_segmentation('digits');
-- amounts of many digits
CREATE TABLE large (c int, d date, v numeric(38, 2));
INSERT INTO large VALUES (1, '2025-01-01', 99999999999999999999999999999999.99), (2, '2025-01-02', 5),
                         (1, '2025-01-03', 0.02);
SELECT create_segmentation('digits', 'large', 'c', 'd', 'v', '{"as_of": "latest", "family": "none"}');
SELECT c, monetary, average_order_value, revenue, monetary_score FROM digits ORDER BY 1;
SELECT drop_segmentation('digits');
-- a view keeps the types of its columns, whatever the amounts are later; then it says so
SELECT create_segmentation('digits', 'amounts', 'c', 'd', 'cents', '{"as_of": "latest"}');
CREATE VIEW depends AS SELECT sum(revenue) AS total FROM digits;
SELECT types_of('digits'), (TABLE depends);
SELECT alter_segmentation('digits', '{"monetary": "average"}');
SELECT types_of('digits'), (TABLE depends);
SELECT alter_segmentation('digits', '{"monetary": null}', amount => 'domain');
SELECT types_of('digits'), (TABLE depends);
SELECT alter_segmentation('digits', amount => 'plain');
SELECT types_of('digits'), (TABLE depends);
DROP VIEW depends;
SELECT drop_segmentation('digits');
-- ... also where the row is lost and the view is adopted after the source was rebuilt
SELECT create_segmentation('digits', 'amounts', 'c', 'd', 'cents', '{"as_of": "latest", "bind": "name"}');
CREATE TABLE rebuilt AS SELECT c, d, mills AS cents FROM amounts;
DROP TABLE amounts;
ALTER TABLE rebuilt RENAME TO amounts;
SELECT types_of('digits'), sum(revenue) FROM digits;
SELECT train_segmentation('digits') AS number;
SELECT types_of('digits'), sum(revenue) FROM digits;
DELETE FROM segmentation;
DELETE FROM training;
SELECT create_segmentation('digits', 'amounts', 'c', 'd', 'cents', '{"as_of": "latest", "bind": "name"}');
SELECT types_of('digits'), count(rfm_segment) FROM digits;
SELECT drop_segmentation('digits');
