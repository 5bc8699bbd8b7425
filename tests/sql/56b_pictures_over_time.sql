-- Pictures of what customers bring in and of how they move: figures are those of the reports; what a reader may ask for
-- wrongly, and corner cases. 56_pictures.sql has what holds for all kinds.
SET datestyle = ISO;
SET timezone = 'UTC';
SET max_parallel_workers_per_gather = 0;
\pset format unaligned
\pset tuples_only on
SET search_path = public, customer_value;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\i :helpers
SET client_min_messages = warning;
CREATE SCHEMA shop;
CREATE TABLE shop.customers (id bigint PRIMARY KEY, region text);
INSERT INTO shop.customers SELECT i, 'r' || i % 40 FROM generate_series(1, 605) AS i;
CREATE TABLE shop.orders AS
SELECT customer_id AS customer, ordered_at AS at, amount AS total FROM simulate_orders(600, 700, 11);
-- customer 601 had everything refunded, 602 bought on one day, 603 to 605 are in the customer table alone
INSERT INTO shop.orders VALUES (601, '2025-03-01', 50), (601, '2025-03-05', -50), (602, '2025-10-01', 20);
CREATE INDEX ON shop.orders (customer);
SELECT create_segmentation('shop.segments', 'shop.orders', 'customer', 'at', 'total', '{
    "as_of": "2025-11-30", "customers": {"source": "shop.customers", "customer": "id", "columns": ["region"]}
}');
CREATE VIEW kind AS SELECT unnest('{lorenz,history,flow,cohorts,curve}'::text[]) AS kind;

-- the texts of a picture, one per line, its tips, and its description
CREATE FUNCTION texts(document text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT m[1] FROM regexp_matches(document, '<text[^>]*>\s*([^<]*?)\s*</text>', 'g') AS m
$$;
CREATE FUNCTION tips(document text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT m[1] FROM regexp_matches(document, '<title>\s*([^<]*?)\s*</title>', 'g') AS m
$$;

-- what is wrong
SELECT fails($$ SELECT segment_chart('shop.segments', 'lorenz', by => 'rfm_segment') $$);
SELECT fails($$ SELECT segment_chart('shop.segments', 'lorenz', measure => 'customers') $$);
SELECT fails($$ SELECT segment_chart('shop.segments', 'history', measure => 'mean_clv') $$);
SELECT fails($$ SELECT segment_chart('shop.segments', 'history', by => 'no_column') $$);
SELECT fails($$ SELECT segment_chart('shop.segments', 'history', from_day => '2025-06-01', to_day => '2025-05-01') $$);
SELECT fails($$ SELECT segment_chart('shop.segments', 'history', from_day => '-infinity') $$);
SELECT fails($$ SELECT segment_chart('shop.segments', 'flow', from_day => '2020-01-01') $$);
SELECT fails($$ SELECT segment_chart('shop.segments', 'flow', to_day => '2025-12-01') $$);
SELECT fails($$ SELECT segment_chart('shop.segments', 'cohorts', measure => 'clv') $$);
SELECT fails($$ SELECT segment_chart('shop.segments', 'cohorts', to_day => '2025-12-01') $$);
SELECT fails($$ SELECT segment_chart('shop.segments', 'curve', from_day => '2025-11-30') $$);
SELECT fails($$ SELECT segment_chart('shop.segments', 'curve', customer => '99999') $$);
SELECT fails($$ SELECT explain_customer('shop.segments', '99999') $$);
SELECT fails($$ SELECT segment_chart('shop.segments', 'curve', customer => 'x') $$);
SELECT fails($$ SELECT segment_chart('shop.segments', 'curve', from_day => '2025-06-01', customer => '1') $$);

-- lorenz: Gini's coefficient is that of SQL, shares are those of the best customers
SELECT round(gini(revenue::float8)::numeric, 4) AS gini,
       segment_chart('shop.segments', 'lorenz') LIKE format('%%Gini coefficient %s.%%', round(gini(revenue::float8)::numeric, 4)) AS drawn,
       round(gini(clv)::numeric, 4) AS gini_of_clv
FROM shop.segments;
SELECT text FROM texts(segment_chart('shop.segments', 'lorenz', measure => 'clv', language => 'zh')) AS text;
WITH best AS (
    SELECT greatest(revenue, 0) AS value, row_number() OVER (ORDER BY revenue DESC) AS place, count(*) OVER () AS customers
    FROM shop.segments WHERE revenue IS NOT NULL
), share AS (
    SELECT p.percent,
           round(100 * (sum(value) FILTER (WHERE place <= floor(customers * p.percent / 100.0))
               + sum(value * (customers * p.percent / 100.0 % 1)) FILTER (WHERE place = floor(customers * p.percent / 100.0) + 1))
               / sum(value), 1) AS share
    FROM best, unnest('{1,10,20,50}'::int[]) AS p (percent)
    GROUP BY p.percent
)
SELECT percent, share, count(t.tip)
FROM share LEFT JOIN tips(segment_chart('shop.segments', 'lorenz')) AS t (tip)
       ON t.tip = format('The best %s%% bring %s%%', percent, share)
GROUP BY 1, 2 ORDER BY 1;

-- history: each bar is a row of segment_history
SELECT by, measure, count(*) AS rows, count(t.tip) AS drawn
FROM (VALUES ('rfm_segment', 'customers'), ('growth_quadrant', 'revenue'), ('clv_tier', 'total_clv'), ('recency_score', 'customers'))
         AS c (by, measure),
     LATERAL (SELECT format('%s, %s: %%', segment, to_char(day, 'FMDD Mon YYYY')) AS tip
              FROM segment_history('shop.segments', by, '2025-06-30')
              WHERE segment IS NOT NULL AND (measure = 'customers' OR total_clv > 0)) AS h (tip)
LEFT JOIN LATERAL (SELECT tip FROM tips(segment_chart('shop.segments', 'history', by, measure, '2025-06-30')) AS tip) AS t
       ON t.tip LIKE h.tip
GROUP BY 1, 2 ORDER BY 1;
SELECT texts(segment_chart('shop.segments', 'history', 'lifecycle_stage', from_day => '2025-09-30', language => 'zh'));
-- codes and labels in another language, in the order of ranks; many values, of which the largest stand alone
SELECT text FROM texts(segment_chart('shop.segments', 'history', 'clv_tier', to_day => '2025-08-31', language => 'zh')) AS text
WHERE text !~ '^[0-9]';
SELECT text FROM texts(segment_chart('shop.segments', 'history', 'region', from_day => '2025-11-28')) AS text WHERE text LIKE '… and%';

-- flow: each band and each joined one is of segment_transitions
WITH shown AS (
    SELECT tip FROM tips(segment_chart('shop.segments', 'flow', 'rfm_segment', from_day => '2025-06-30')) AS tip
), flow AS (
    SELECT format('%s → %s: %s', from_segment, to_segment, customers) AS tip, customers
    FROM segment_transitions('shop.segments', '2025-06-30')
)
SELECT (SELECT sum(customers) FROM flow) AS customers,
       (SELECT sum(customers) FROM flow JOIN shown USING (tip))
           + (SELECT sum(substring(tip FROM 'customers in them: (\d+)')::int) / 2 FROM shown) AS drawn,
       (SELECT count(*) FROM shown WHERE tip LIKE '%→%' AND tip NOT IN (SELECT tip FROM flow)) AS others;
SELECT texts(segment_chart('shop.segments', 'flow', 'clv_tier', from_day => '2025-09-30', language => 'zh'));
-- scores have no ranks, but the higher is the better
SELECT texts(segment_chart('shop.segments', 'flow', 'recency_score', from_day => '2025-09-30'));
SELECT CASE WHEN from_segment < to_segment THEN 'up' WHEN from_segment > to_segment THEN 'down' ELSE change END AS moved, sum(customers)
FROM segment_transitions('shop.segments', '2025-09-30', by => 'recency_score') WHERE from_segment ~ '^[0-9]' AND to_segment ~ '^[0-9]'
GROUP BY 1 ORDER BY 1;
-- one customer
CREATE TABLE shop.single AS SELECT 1 AS customer, date '2025-01-01' + 90 * i AS at, 5.0 AS total FROM generate_series(0, 3) AS i;
SELECT create_segmentation('shop.of_one', 'shop.single', 'customer', 'at', 'total', '{"as_of": "2025-11-30"}');
SELECT texts(segment_chart('shop.of_one', 'flow', language => language)) FROM unnest('{en,zh}'::text[]) AS language;
-- without from_day: a quarter back; many values
SELECT text FROM texts(segment_chart('shop.segments', 'flow', 'region')) AS text WHERE text LIKE '%·%' OR text LIKE '… and%';

-- cohorts: each field is a row of segment_cohorts
SELECT count(*) AS rows, count(t.tip) AS drawn
FROM segment_cohorts('shop.segments') AS c
LEFT JOIN tips(segment_chart('shop.segments', 'cohorts')) AS t (tip)
       ON t.tip LIKE format('%s, %s to %%: %s of %s bought%%', to_char(cohort, 'Mon YYYY'), to_char(period_from, 'FMDD Mon YYYY'),
                            customers, cohort_customers)
WHERE period > 0;
SELECT texts(segment_chart('shop.segments', 'cohorts', measure => 'revenue', from_day => '2025-08-15', language => 'zh'));

-- curve: what validate_purchase_model tells; the days of a customer's purchases, and their probability as of the view
SELECT c.n, c.title FROM (
    SELECT 1 AS n, m[1] AS title FROM regexp_matches(segment_chart('shop.segments', 'curve', from_day => '2025-06-30', to_day => '2025-11-30'),
                                 '<desc[^>]*>\s*(.*?)\s*</desc>') AS m
    UNION ALL
    SELECT 2, format('%s customers, actual %s, predicted %s between %s and %s, guess %s', customers, actual, round(predicted), round(predicted_low),
                     round(predicted_high), round(baseline))
    FROM validate_purchase_model('shop.segments', '2025-06-30', '2025-11-30') WHERE part = 'total'
) AS c ORDER BY 1;
SELECT text FROM texts(segment_chart('shop.segments', 'curve', from_day => '2025-06-30')) AS text WHERE text ~ '^(actual|model|simple)';
SELECT count(*) AS last_weeks FROM texts(segment_chart('shop.segments', 'curve', from_day => '2025-06-30')) AS t (text)
JOIN (SELECT * FROM validate_purchase_model('shop.segments', '2025-06-30', '2025-11-30') WHERE part = 'tracking by week'
      ORDER BY bucket::int DESC LIMIT 1) AS v
  ON t.text = 'actual ' || v.actual OR t.text = 'model ' || round(v.predicted);
SELECT count(*) AS customers, bool_and(text LIKE replace(round(100 * p_alive::numeric, 1) || '%', '100.0%', '100%') || '%') AS same
FROM shop.segments AS s,
     LATERAL (SELECT text FROM texts(segment_chart('shop.segments', 'curve', customer => s.customer::text)) AS text OFFSET 1 LIMIT 1) AS t
WHERE s.customer % 50 = 0 AND s.last_purchase IS NOT NULL;
SELECT texts(segment_chart('shop.segments', 'curve', customer => '602', language => 'zh'));
-- all refunded, and known to the customer table alone
SELECT texts(segment_chart('shop.segments', 'curve', customer => customer)) FROM unnest('{601,603}'::text[]) AS customer;

-- nothing to show: not trained; one customer on one day; no amounts; no model
CREATE TABLE shop.later (customer bigint, at date, total numeric);
SELECT create_segmentation('shop.empty', 'shop.later', 'customer', 'at', 'total', '{"as_of": "2025-01-01"}');
SELECT texts(segment_chart('shop.empty', kind)) FROM kind;
INSERT INTO shop.later VALUES (1, '2025-01-01', 5);
SELECT train_segmentation('shop.empty');
SELECT texts(segment_chart('shop.empty', kind)) FROM kind WHERE kind <> 'history';
SELECT texts(segment_chart('shop.empty', 'history', from_day => '2025-01-01'));
SELECT texts(segment_chart('shop.empty', 'curve', customer => '1'));
SELECT create_segmentation('shop.counted', 'shop.orders', 'customer', 'at', options => '{"as_of": "2025-11-30", "family": "none"}');
SELECT texts(segment_chart('shop.counted', 'lorenz'));
SELECT texts(segment_chart('shop.counted', 'curve', customer => '1'));
SELECT count(*) FROM texts(segment_chart('shop.counted', 'curve'));

-- the same data, the same text; a reader without rights on the source
SELECT bool_and(segment_chart('shop.segments', kind) = segment_chart('shop.segments', kind)) FROM kind;
CREATE ROLE regress_looker;
GRANT USAGE ON SCHEMA shop TO regress_looker;
GRANT SELECT ON shop.segments TO regress_looker;
SET ROLE regress_looker;
SELECT tries(format('SELECT segment_chart(%L, %L)', 'shop.segments', kind))
FROM unnest('{lorenz,history,flow,cohorts,curve}'::text[]) AS kind;
SELECT tries($$ SELECT segment_chart('shop.segments', 'curve', customer => '1') $$);
RESET ROLE;
GRANT SELECT ON shop.orders, shop.customers TO regress_looker;
SET ROLE regress_looker;
SELECT count(*) FROM unnest('{lorenz,history,flow,cohorts,curve}'::text[]) AS kind, texts(segment_chart('shop.segments', kind));
SELECT count(*) > 5 FROM texts(segment_chart('shop.segments', 'curve', customer => '1'));
RESET ROLE;
REVOKE ALL ON ALL TABLES IN SCHEMA shop FROM regress_looker;
REVOKE ALL ON SCHEMA shop FROM regress_looker;
DROP ROLE regress_looker;
