-- What an action did, against plain SQL; who is held out; how many customers an experiment needs; input that is wrong.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned
SET search_path = public, customer_value;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\i :helpers

CREATE SCHEMA shop;
CREATE TABLE shop.orders AS
SELECT customer_id, ordered_at, amount FROM simulate_orders(1500, 700, 11);
-- refunds, one of them of an order before the action that is refunded after it
INSERT INTO shop.orders
SELECT customer_id, ordered_at + interval '9 days', -amount FROM shop.orders WHERE customer_id % 29 = 0 AND amount > 30;
CREATE TABLE shop.mailing AS
SELECT customer AS customer_id, date '2025-07-01' AS day, NOT hold_out(customer, 'summer', 0.4) AS treated
FROM generate_series(1::bigint, 1500) AS customer;
-- the action itself: every fourth of the treated buys once more
INSERT INTO shop.orders
SELECT customer_id, timestamptz '2025-07-01 12:00' + customer_id % 60 * interval '1 day', 25
FROM shop.mailing WHERE treated AND customer_id % 4 = 0;
SELECT create_segmentation('shop.seg', 'shop.orders', 'customer_id', 'ordered_at', 'amount', '{"as_of": "2025-11-30"}');

-- in total and by segment
SELECT part, segment, measure, treated, held_out, treated_before, held_out_before, treated_after, held_out_after, imbalance
FROM action_effect('shop.seg', 'shop.mailing', by => NULL);
SELECT measure, difference, difference_from, difference_to, p_value, adjusted_difference, adjusted_from, adjusted_to,
       adjusted_p_value, variance_reduction, adjusted_by, reason
FROM action_effect('shop.seg', 'shop.mailing', by => NULL);
SELECT part, segment, treated, held_out, difference, p_value, adjusted_difference, adjusted_p_value, adjusted_by, reason
FROM action_effect('shop.seg', 'shop.mailing') WHERE measure = 'orders';

-- in total, against plain SQL over orders whose refunds stand apart: means, difference, and a regression for each group
SELECT create_segmentation('shop.apart', 'shop.orders', 'customer_id', 'ordered_at', 'amount',
         '{"as_of": "2025-11-30", "refunds": "apart"}');
CREATE FUNCTION shop.plain(before_days int, outcome_days int)
    RETURNS TABLE (measure text, treated bigint, held_out bigint, treated_before numeric, held_out_before numeric,
                   treated_after numeric, held_out_after numeric, difference numeric, error numeric, adjusted numeric,
                   imbalance numeric)
    LANGUAGE sql AS $$
    WITH one AS (
        -- a prediction times a number is as good
        SELECT m.customer_id, m.treated, w.*,
               coalesce(clv(t.purchase_model, t.spend_model, h.history, m.day - 1, 365, 0.1, 1, 0), 0) AS expected
        FROM shop.mailing AS m
        LEFT JOIN (SELECT customer_id, purchase_history(ordered_at, amount) AS history FROM shop.orders GROUP BY 1) AS h
            USING (customer_id)
        JOIN training AS t ON t.segmentation = (SELECT id FROM segmentation WHERE view = 'shop.apart') AND t.newest
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE o.amount >= 0 AND o.day < m.day)::float8 AS orders_before,
                   count(*) FILTER (WHERE o.amount >= 0 AND o.day >= m.day)::float8 AS orders_after,
                   coalesce(sum(o.amount) FILTER (WHERE o.day < m.day), 0)::float8 AS revenue_before,
                   coalesce(sum(o.amount) FILTER (WHERE o.day >= m.day), 0)::float8 AS revenue_after
            FROM (SELECT amount, (ordered_at AT TIME ZONE 'UTC')::date AS day FROM shop.orders WHERE customer_id = m.customer_id) AS o
            WHERE o.day BETWEEN m.day - before_days AND m.day + outcome_days - 1
        ) AS w
    ), measured AS (
        SELECT treated, expected AS e, v.*
        FROM one, LATERAL (VALUES
            ('buyers', (orders_before > 0)::int::float8, (orders_after > 0)::int::float8),
            ('orders', orders_before, orders_after),
            ('revenue', revenue_before, revenue_after)) AS v (measure, x, y)
    ), grouped AS (
        SELECT measure, treated, count(*) AS n, avg(x) AS x, avg(e) AS e, avg(y) AS y, var_samp(x) AS xx, var_samp(y) AS yy,
               (covar_samp(x, y) * var_samp(e) - covar_samp(e, y) * covar_samp(x, e))
                   / (var_samp(x) * var_samp(e) - covar_samp(x, e) ^ 2) AS by_x,
               (covar_samp(e, y) * var_samp(x) - covar_samp(x, y) * covar_samp(x, e))
                   / (var_samp(x) * var_samp(e) - covar_samp(x, e) ^ 2) AS by_e
        FROM measured GROUP BY 1, 2
    ), level AS (
        SELECT measure, avg(x) AS x, avg(e) AS e FROM measured GROUP BY 1
    )
    SELECT measure, t.n, h.n, t.x::numeric, h.x::numeric, t.y::numeric, h.y::numeric, (t.y - h.y)::numeric,
           sqrt(t.yy / t.n + h.yy / h.n)::numeric,
           (t.y + t.by_x * (l.x - t.x) + t.by_e * (l.e - t.e) - h.y - h.by_x * (l.x - h.x) - h.by_e * (l.e - h.e))::numeric,
           ((t.x - h.x) / sqrt((t.xx + h.xx) / 2))::numeric
    FROM grouped AS t JOIN grouped AS h USING (measure) JOIN level AS l USING (measure)
    WHERE t.treated AND NOT h.treated $$;
SELECT e.measure,
       (e.treated, e.held_out) = (p.treated, p.held_out) AS customers,
       abs(e.treated_before::numeric - p.treated_before) < d.half AND abs(e.held_out_before::numeric - p.held_out_before) < d.half
           AND abs(e.treated_after::numeric - p.treated_after) < d.half
           AND abs(e.held_out_after::numeric - p.held_out_after) < d.half AS means,
       abs(e.difference::numeric - p.difference) < d.half AS difference,
       -- the quantile of a t distribution with some hundred degrees of freedom
       (e.difference_to - e.difference_from)::numeric / p.error / 2 BETWEEN 1.955 AND 1.970 AS width,
       abs(e.adjusted_difference::numeric - p.adjusted) < d.half AS adjusted,
       abs(e.imbalance::numeric - p.imbalance) < 0.00006 AS imbalance,
       -- who bought in 60 days hardly tells who buys in 152
       e.adjusted_to - e.adjusted_from < e.difference_to - e.difference_from AS narrower
FROM (VALUES (90, 90), (180, 90), (60, 152)) AS w (before_days, outcome_days)
CROSS JOIN LATERAL action_effect('shop.apart', 'shop.mailing', by => NULL, before_days => w.before_days,
                                 outcome_days => w.outcome_days) AS e
JOIN LATERAL shop.plain(w.before_days, w.outcome_days) AS p USING (measure)
CROSS JOIN LATERAL (SELECT CASE e.measure WHEN 'revenue' THEN 0.0051 ELSE 0.000051 END AS half) AS d
ORDER BY w.before_days, e.measure;

-- segments and lifetime values are those of the days, with the newest training and refunds as they were known
WITH one AS (
    SELECT m.treated,
           customer_value_internal.rfm_segment(t.labels, t.cuts, b.h, m.day - 1) AS segment,
           clv(t.purchase_model, t.spend_model, b.h, m.day - 1, 365, 0.1, t.margin, 0)::numeric AS before,
           coalesce(clv(t.purchase_model, t.spend_model, a.h, m.day + 89, 365, 0.1, t.margin, 0), 0)::numeric AS after,
           order_count(b.h, m.day - 1) > 0 AS bought
    FROM shop.mailing AS m
    JOIN (SELECT customer_id, purchase_history(ordered_at, amount) AS h FROM shop.orders GROUP BY 1) AS h USING (customer_id)
    JOIN training AS t ON t.segmentation = (SELECT id FROM segmentation WHERE view = 'shop.seg') AND t.newest
    CROSS JOIN LATERAL (SELECT net_of_refunds(h.h, m.day - 1) AS h) AS b
    CROSS JOIN LATERAL (SELECT net_of_refunds(h.h, m.day + 89) AS h) AS a
), plain AS (
    SELECT segment, count(*) FILTER (WHERE treated) AS treated, count(*) FILTER (WHERE NOT treated) AS held_out,
           round(avg(before) FILTER (WHERE treated), 2) AS treated_before,
           round(avg(after) FILTER (WHERE NOT treated), 2) AS held_out_after,
           round(avg(after - before) FILTER (WHERE treated) - avg(after - before) FILTER (WHERE NOT treated), 2) AS difference
    FROM one WHERE bought GROUP BY 1
)
SELECT count(*) AS segments,
       bool_and((e.treated, e.held_out) = (p.treated, p.held_out)) AS customers,
       bool_and(abs(e.treated_before::numeric - p.treated_before) < 0.011
                AND abs(e.held_out_after::numeric - p.held_out_after) < 0.011) AS means,
       bool_and(abs(e.difference::numeric - p.difference) < 0.011) AS differences
FROM action_effect('shop.seg', 'shop.mailing') AS e
JOIN plain AS p USING (segment)
WHERE e.measure = 'clv' AND e.part = 'segment';
-- segments and who is in none add up to the total
SELECT measure, sum(treated) FILTER (WHERE part = 'total') = sum(treated) FILTER (WHERE part <> 'total') AS treated,
       sum(held_out) FILTER (WHERE part = 'total') = sum(held_out) FILTER (WHERE part <> 'total') AS held_out
FROM action_effect('shop.seg', 'shop.mailing', by => 'lifecycle_stage') GROUP BY 1 ORDER BY 1;

-- the same from kept histories, by names, and whatever the order of rows
CREATE TABLE shop.shuffled AS SELECT * FROM shop.mailing ORDER BY hashint8(customer_id);
CREATE VIEW shop.digits AS SELECT customer_id::text AS id, day, treated FROM shop.mailing;
CREATE TEMP TABLE expected AS SELECT * FROM action_effect('shop.seg', 'shop.mailing');
SELECT create_segmentation('shop.kept', 'shop.orders', 'customer_id', 'ordered_at', 'amount', '{"as_of": "2025-11-30", "keep": true}');
SELECT create_segmentation('shop.named', 'shop.orders', 'customer_id', 'ordered_at', 'amount', '{"as_of": "2025-11-30", "bind": "name"}');
SELECT 'kept' AS what, count(*) FROM (SELECT * FROM action_effect('shop.kept', 'shop.mailing') EXCEPT TABLE expected) AS x
UNION ALL
SELECT 'named', count(*) FROM (SELECT * FROM action_effect('shop.named', 'shop.mailing') EXCEPT TABLE expected) AS x
UNION ALL
SELECT 'text', count(*) FROM (SELECT * FROM action_effect('shop.seg', 'shop.digits', 'id') EXCEPT TABLE expected) AS x
UNION ALL
SELECT 'shuffled', count(*) FROM (SELECT * FROM action_effect('shop.seg', 'shop.shuffled') EXCEPT TABLE expected) AS x;

-- orders without amounts
SELECT create_segmentation('shop.visits', 'shop.orders', 'customer_id', 'ordered_at', options => '{"as_of": "2025-11-30"}');
SELECT measure, treated, held_out, treated_before, adjusted_by, variance_reduction > 0 AS narrower
FROM action_effect('shop.visits', 'shop.mailing', by => NULL);

-- lines of orders, and every input: segments that need them, as of the day before
CREATE TABLE shop.lines AS
SELECT customer_id, ordered_at, amount / 2 AS amount, number, amount > 40 AS reduced, amount / 5 AS cost,
       CASE line WHEN 1 THEN 'book' ELSE 'disc' END AS product
FROM (SELECT *, row_number() OVER () AS number FROM shop.orders) AS o, generate_series(1, 2) AS line;
CREATE TABLE shop.customers AS
SELECT customer AS id, (ARRAY['North', 'South'])[1 + customer % 2] AS region, '2024-01-01'::date AS since
FROM generate_series(1::bigint, 1600) AS customer;
CREATE TABLE shop.events AS
SELECT customer_id AS customer, day + (n - 2) * 30 AS at, CASE n WHEN 1 THEN 'service' ELSE 'mail' END AS kind
FROM shop.mailing, generate_series(1, 3) AS n;
SELECT create_segmentation('shop.full', 'shop.lines', 'customer_id', 'ordered_at', 'amount', '{
    "as_of": "2025-11-30", "order_id": "number", "discount": "reduced", "cost": "cost", "product": "product",
    "customers": {"source": "shop.customers", "customer": "id", "columns": ["region"], "since": "since"},
    "interactions": {"source": "shop.events", "customer": "customer", "at": "at", "kind": "kind"}}');
SELECT 'lines' AS what, count(*) FROM (
    SELECT measure, treated, held_out, treated_before, held_out_after, difference FROM action_effect('shop.full', 'shop.mailing', by => NULL)
    WHERE measure IN ('orders', 'buyers', 'revenue')
    EXCEPT SELECT measure, treated, held_out, treated_before, held_out_after, difference FROM expected WHERE part = 'total') AS x;
SELECT segment, e.treated, e.held_out, e.treated + e.held_out = count(m.customer_id) AS all_who_had_bought
FROM action_effect('shop.full', 'shop.mailing', by => 'region') AS e
JOIN shop.customers AS c ON c.region = e.segment
JOIN shop.mailing AS m ON m.customer_id = c.id
JOIN (SELECT customer_id, purchase_history(ordered_at, amount) AS h FROM shop.orders GROUP BY 1) AS h ON h.customer_id = c.id
WHERE e.measure = 'orders' AND order_count(net_of_refunds(h.h, m.day - 1), m.day - 1) > 0
GROUP BY e.segment, e.treated, e.held_out ORDER BY 1;
-- nobody is in a segment for having bought later: of those who had not bought, more of the treated do
CREATE TABLE shop.prospects AS
SELECT id AS customer_id, date '2025-07-01' AS day, id % 2 = 0 AS treated FROM shop.customers
WHERE NOT EXISTS (SELECT FROM shop.orders WHERE customer_id = id AND ordered_at < '2025-07-01')
UNION ALL
SELECT 5000 + n, '2025-07-01', n % 2 = 0 FROM generate_series(1, 400) AS n;
INSERT INTO shop.lines
SELECT 5000 + n, '2025-07-20', 10, 100000 + n, false, 2, 'book' FROM generate_series(1, 400) AS n
WHERE n % 10 = 0 OR n % 40 = 1;
INSERT INTO shop.customers SELECT 5000 + n, 'North', '2024-01-01' FROM generate_series(1, 400) AS n;
SELECT by, part, segment, treated, held_out, treated_after, held_out_after
FROM unnest(ARRAY['region', 'frequency', 'as_of', 'rfm_segment']) AS by, action_effect('shop.full', 'shop.prospects', by => by)
WHERE measure = 'buyers' ORDER BY by, part;
-- service contacts, interactions and products that the customers had by then, not those since
SELECT by, segment, treated + held_out AS customers
FROM unnest(ARRAY['interactions', 'favourite_product']) AS by, action_effect('shop.full', 'shop.mailing', by => by)
WHERE measure = 'orders' AND part <> 'total' ORDER BY by, segment;
SELECT count(DISTINCT segment) > 2 AS needs, sum(treated + held_out) FILTER (WHERE part = 'total') AS customers,
       sum(treated + held_out) FILTER (WHERE part <> 'total') AS same
FROM action_effect('shop.full', 'shop.mailing', by => 'need_type') WHERE measure = 'orders';

-- days of their own, in other types, under other names, numbers for booleans; a temporary table will do
CREATE TEMP TABLE calls AS
SELECT customer_id::int AS who, timestamptz '2025-05-01 23:30+00' + customer_id % 90 * interval '1 day' AS at,
       customer_id % 2 AS called
FROM shop.mailing WHERE customer_id <= 900;
SELECT measure, treated, held_out, treated_before, held_out_after, imbalance
FROM action_effect('shop.seg', 'calls', 'who', 'at', 'called', outcome_days => 60, by => NULL);
SELECT round((treated_before * treated)::numeric) AS before, round((held_out_after * held_out)::numeric) AS after,
       (SELECT count(*) FROM shop.orders AS o JOIN calls AS c ON c.who = o.customer_id AND c.called = 1
        WHERE o.amount >= 0 AND o.ordered_at::date BETWEEN c.at::date - 60 AND c.at::date - 1) AS plain_before,
       (SELECT count(*) FROM shop.orders AS o JOIN calls AS c ON c.who = o.customer_id AND c.called = 0
        WHERE o.amount >= 0 AND o.ordered_at::date BETWEEN c.at::date AND c.at::date + 59) AS plain_after
FROM action_effect('shop.apart', 'calls', 'who', 'at', 'called', outcome_days => 60, by => NULL) WHERE measure = 'orders';

-- several actions in a table; customers whom another one treated at the same time are counted
CREATE TABLE shop.actions AS
SELECT customer_id, day, treated, 'mailing' AS name FROM shop.mailing
UNION ALL
SELECT customer_id, date '2025-08-15', customer_id % 3 > 0, 'voucher' FROM shop.mailing WHERE customer_id <= 600
UNION ALL
SELECT customer_id, date '2024-12-01', true, 'long ago' FROM shop.mailing WHERE customer_id > 1200;
SET client_min_messages = notice;
SELECT action, treated, held_out, treated_overlapping, held_out_overlapping, difference IS NULL AS none, reason
FROM action_effect('shop.seg', 'shop.actions', by => NULL, action_column => 'name') WHERE measure = 'orders';
SET client_min_messages = warning;
-- each time that another one did, not the first alone
CREATE VIEW shop.often AS
SELECT customer_id, day, treated, 'mailing' AS name FROM shop.mailing
UNION ALL
SELECT m.customer_id, d.day, true, 'often' FROM shop.mailing AS m, (VALUES (date '2024-01-10'), ('2025-07-10'), ('2025-08-10')) AS d (day)
WHERE m.customer_id <= 50;
SELECT action, treated_overlapping + held_out_overlapping AS overlapping
FROM action_effect('shop.seg', 'shop.often', by => NULL, action_column => 'name') WHERE measure = 'orders';
SELECT count(*) FROM (
    SELECT part, segment, measure, treated, held_out, difference, adjusted_p_value
    FROM action_effect('shop.seg', 'shop.actions', action_column => 'name') WHERE action = 'mailing'
    EXCEPT SELECT part, segment, measure, treated, held_out, difference, adjusted_p_value FROM expected) AS x;

-- what is left out, and told
SET client_min_messages = notice;
CREATE TABLE shop.rough (customer_id bigint, day date, treated boolean);
INSERT INTO shop.rough SELECT customer_id, '2025-06-01', customer_id % 2 = 0 FROM shop.mailing WHERE customer_id <= 200;
INSERT INTO shop.rough VALUES
    (NULL, '2025-06-01', true), (1, NULL, true), (2, '2025-06-01', NULL), (3, '-infinity', false), -- no customer, day or group
    (4, '2025-06-20', true), (4, '2025-06-01', true),                                                -- more than once
    (301, '2025-09-02', true), (302, '2025-09-01', false),                                           -- not over; just over
    (-1, '2025-06-01', true), (-2, '2025-06-01', false);                                             -- nobody knows them
SELECT measure, treated, held_out, treated_before, held_out_after
FROM action_effect('shop.seg', 'shop.rough', by => NULL);
SELECT * FROM action_effect('shop.seg', 'shop.rough', outcome_days => 600);
-- somebody was held out, but without a day, or with one that is not over: nothing to compare with, which is no before and after
CREATE VIEW shop.undated AS SELECT customer_id, CASE WHEN treated THEN day END AS day, treated FROM shop.mailing;
CREATE VIEW shop.belated AS
SELECT customer_id, CASE WHEN treated THEN day ELSE date '2025-11-01' END AS day, treated, 'spring' AS name FROM shop.mailing
UNION ALL
SELECT customer_id, date '2025-11-01', treated, 'autumn' FROM shop.mailing
UNION ALL
SELECT customer_id, date '2025-06-01', false, NULL FROM shop.mailing;
SELECT fails($$SELECT * FROM action_effect('shop.seg', 'shop.undated')$$);
SELECT fails($$SELECT * FROM action_effect('shop.seg', 'shop.belated', action_column => 'name')$$);
CREATE VIEW shop.in_time AS SELECT * FROM shop.belated WHERE name = 'autumn' OR treated;
SELECT action, measure, treated, held_out, p_value, reason
FROM action_effect('shop.seg', 'shop.in_time', by => NULL, action_column => 'name') WHERE measure = 'orders';
CREATE TABLE shop.nobody (LIKE shop.rough);
SELECT * FROM action_effect('shop.seg', 'shop.nobody');

-- nobody held out: what changed; nobody treated: nothing; one in a group; all alike
SELECT measure, treated, held_out, treated_before, treated_after, difference, difference_from, difference_to, p_value,
       adjusted_difference, imbalance, reason
FROM action_effect('shop.seg', 'shop.mailing', treated_column => NULL, by => NULL);
SELECT fails($$SELECT * FROM action_effect('shop.seg', 'shop.mailing', treated_column => NULL, before_days => 30)$$);
CREATE VIEW shop.all_held_out AS SELECT customer_id, day, false AS treated FROM shop.mailing;
SELECT measure, treated, held_out, difference, reason FROM action_effect('shop.seg', 'shop.all_held_out', by => NULL);
CREATE VIEW shop.one_each AS SELECT customer_id, day, customer_id = 4 AS treated FROM shop.mailing WHERE customer_id IN (4, 7);
SELECT measure, treated, held_out, difference, difference_from, p_value, adjusted_difference, imbalance, reason
FROM action_effect('shop.seg', 'shop.one_each', by => NULL);
CREATE VIEW shop.alike AS
SELECT customer_id, date '2024-01-01' AS day, customer_id % 2 = 0 AS treated FROM shop.mailing;
SELECT measure, treated, held_out, difference, p_value, reason
FROM action_effect('shop.seg', 'shop.alike', outcome_days => 1, by => NULL);
SET client_min_messages = warning;

-- columns that customers are compared by: of the view, of a user's own; in the language of the segmentation
SELECT by, count(DISTINCT segment) AS segments, count(*) FILTER (WHERE part = 'unplaced') AS unplaced
FROM unnest(ARRAY['lifecycle_stage', 'growth_quadrant', 'recency_score', 'rfm_segment_code']) AS by,
     action_effect('shop.seg', 'shop.mailing', by => by) AS e
WHERE measure = 'orders' GROUP BY 1 ORDER BY 1;
SELECT alter_segmentation('shop.apart', '{"language": "zh"}');
SELECT segment, reason FROM action_effect('shop.apart', 'shop.mailing', treated_column => NULL)
WHERE measure = 'orders' LIMIT 3;

-- a column that a user appended, also as of the day before
SELECT regexp_replace(pg_get_viewdef('shop.named'), '\n   FROM',
           E',\n CASE WHEN h.frequency > 2 THEN ''often'' ELSE ''seldom'' END AS habit\n   FROM') AS text \gset
SELECT format('CREATE OR REPLACE VIEW shop.named WITH (security_invoker) AS %s', :'text') AS command \gset
:command;
SELECT segment, treated + held_out AS customers,
       (SELECT count(*) FROM shop.mailing AS m
        JOIN (SELECT customer_id, purchase_history(ordered_at, amount) AS h FROM shop.orders GROUP BY 1) AS h USING (customer_id)
        CROSS JOIN LATERAL (SELECT order_count(net_of_refunds(h, '2025-06-30'), '2025-06-30') AS orders) AS o
        WHERE o.orders > 0 AND (o.orders > 2) = (e.segment = 'often')) AS same
FROM action_effect('shop.named', 'shop.mailing', by => 'habit') AS e WHERE measure = 'orders' AND part = 'segment';

-- what is wrong
CREATE VIEW shop.both AS
SELECT customer_id, day, treated FROM shop.mailing UNION ALL SELECT customer_id, day, NOT treated FROM shop.mailing WHERE customer_id IN (5, 17);
CREATE VIEW shop.tomorrow AS SELECT customer_id, CURRENT_DATE + 400 AS day, treated FROM shop.mailing WHERE customer_id < 9;
CREATE TABLE shop.later (LIKE shop.orders);
SELECT create_segmentation('shop.empty', 'shop.later', 'customer_id', 'ordered_at', 'amount');
CREATE VIEW shop.strangers AS SELECT -customer_id AS customer_id, day, treated FROM shop.mailing;
CREATE VIEW shop.words AS SELECT customer_id::text AS customer_id, day::text AS day, treated::text AS treated FROM shop.mailing;
CREATE VIEW shop.letters AS SELECT 'c' || customer_id AS customer_id, day, treated FROM shop.mailing;
SELECT regexp_replace(fails(call), '\d{4}-\d\d-\d\d', 'DAY', 'g') FROM unnest(ARRAY[
    $$SELECT * FROM action_effect('shop.seg', 'shop.both')$$,
    $$SELECT * FROM action_effect('shop.seg', 'shop.tomorrow')$$,
    $$SELECT * FROM action_effect('shop.seg', 'shop.strangers')$$,
    $$SELECT * FROM action_effect('shop.seg', 'shop.words')$$,
    $$SELECT * FROM action_effect('shop.seg', 'shop.none')$$,
    $$SELECT * FROM action_effect('shop.seg', 'shop.orders')$$,
    $$SELECT * FROM action_effect('shop.seg', 'shop.orders', at_column => 'ordered_at')$$,
    $$SELECT * FROM action_effect('shop.seg', 'shop.orders', at_column => 'amount')$$,
    $$SELECT * FROM action_effect('shop.seg', 'shop.orders', at_column => 'ordered_at', treated_column => 'ordered_at')$$,
    $$SELECT * FROM action_effect('shop.seg', 'shop.mailing', customer_column => 'day')$$,
    $$SELECT * FROM action_effect('shop.seg', 'shop.letters')$$,
    $$SELECT * FROM action_effect('shop.seg', 'shop.mailing', by => 'segment')$$,
    $$SELECT * FROM action_effect('shop.seg', 'shop.mailing', by => 'customer_id')$$,
    $$SELECT * FROM action_effect('shop.seg', 'shop.mailing', outcome_days => 0)$$,
    $$SELECT * FROM action_effect('shop.seg', 'shop.mailing', before_days => 4000)$$,
    $$SELECT * FROM action_effect('shop.empty', 'shop.mailing')$$,
    $$SELECT * FROM action_effect('shop.seg', NULL)$$,
    $$SELECT * FROM action_effect('shop.mailing', 'shop.mailing')$$]) AS call;
-- what cannot be read is told where it stands; days at the ends of the calendar; numbers are not rounded to customers
CREATE VIEW shop.fractions AS SELECT customer_id + 0.4 AS customer_id, day, treated FROM shop.mailing;
CREATE VIEW shop.doubles AS SELECT customer_id::float8 AS customer_id, day, treated FROM shop.mailing;
CREATE VIEW shop.first_day AS SELECT customer_id, date '4713-01-01 BC' AS day, treated FROM shop.mailing;
CREATE VIEW shop.last_day AS SELECT customer_id, date '5874897-12-31' AS day, treated FROM shop.mailing;
SELECT fails(format('SELECT * FROM action_effect(''shop.seg'', ''shop.%s'', outcome_days => 400)', name))
FROM unnest(ARRAY['letters', 'first_day', 'last_day', 'fractions', 'doubles']) AS name;
-- customers of smaller types and larger ones, and of those that are no text
CREATE TABLE shop.typed AS
SELECT customer_id::int AS whole, ARRAY[customer_id, -1] AS several, customer_id::numeric AS number, ordered_at, amount FROM shop.orders;
SELECT create_segmentation('shop.by_' || name, 'shop.typed', name, 'ordered_at', 'amount', '{"as_of": "2025-11-30"}')
FROM unnest(ARRAY['whole', 'several', 'number']) AS name;
CREATE VIEW shop.pairs AS SELECT ARRAY[customer_id, -1] AS several, day, treated FROM shop.mailing;
SELECT 'whole' AS what, count(*) FROM (SELECT * FROM action_effect('shop.by_whole', 'shop.mailing') EXCEPT TABLE expected) AS x
UNION ALL
SELECT 'several', count(*) FROM (SELECT * FROM action_effect('shop.by_several', 'shop.pairs') EXCEPT TABLE expected) AS x
UNION ALL
SELECT 'number', count(*) FROM (SELECT * FROM action_effect('shop.by_number', 'shop.mailing') EXCEPT TABLE expected) AS x;

-- who may ask: whoever may read the orders and the table of the action
SELECT create_segmentation('shop.open', 'shop.orders', 'customer_id', 'ordered_at', 'amount',
         '{"as_of": "2025-11-30", "security_invoker": false}');
CREATE TABLE shop.secret AS SELECT * FROM shop.mailing;
CREATE VIEW shop.nosy WITH (security_invoker) AS SELECT * FROM shop.secret;
CREATE ROLE regress_reader;
CREATE ROLE regress_guest;
GRANT USAGE ON SCHEMA shop TO regress_reader, regress_guest;
GRANT SELECT ON shop.seg, shop.kept, shop.mailing, shop.orders TO regress_reader;
GRANT SELECT ON shop.seg, shop.open, shop.nosy, shop.mailing, expected TO regress_guest;
SET ROLE regress_reader;
SELECT count(*) FROM action_effect('shop.seg', 'shop.mailing');
SELECT count(*) FROM (SELECT * FROM action_effect('shop.kept', 'shop.mailing', by => NULL)
                      EXCEPT SELECT * FROM action_effect('shop.seg', 'shop.mailing', by => NULL)) AS x;
BEGIN READ ONLY;
SELECT count(*) FROM action_effect('shop.kept', 'shop.mailing');
COMMIT;
SET ROLE regress_guest;
SELECT tries($$SELECT * FROM action_effect('shop.seg', 'shop.mailing')$$);
-- a view that is read with its owner's rights lends them for the orders, not for the table of the action
SELECT count(*) FROM (SELECT * FROM action_effect('shop.open', 'shop.mailing', by => NULL)
                      EXCEPT SELECT * FROM expected WHERE part = 'total') AS x;
SELECT tries($$SELECT * FROM action_effect('shop.open', 'shop.secret')$$);
SELECT tries($$SELECT * FROM action_effect('shop.open', 'shop.nosy')$$);
RESET ROLE;
-- nor does it tell of columns that one may not read
REVOKE SELECT ON shop.open FROM regress_guest;
GRANT SELECT (customer_id, rfm_segment, rfm_segment_rank, clv, frequency) ON shop.open TO regress_guest;
SET ROLE regress_guest;
SELECT tries(format('SELECT * FROM %s', call))
FROM unnest(ARRAY['action_effect(''shop.open'', ''shop.mailing'')', 'interaction_response(''shop.open'')']) AS call;
RESET ROLE;
GRANT SELECT (revenue, recency_days) ON shop.open TO regress_guest;
SET ROLE regress_guest;
SELECT tries(format('SELECT * FROM %s', call))
FROM unnest(ARRAY['action_effect(''shop.open'', ''shop.mailing'')', 'interaction_response(''shop.open'')']) AS call;
SELECT tries($$SELECT * FROM action_effect('shop.open', 'shop.mailing', by => 'lifecycle_stage')$$);
RESET ROLE;

-- an effect that was put in is found, and one that was not is not: lots are drawn anew by another salt
CREATE FUNCTION shop.runs(effect int) RETURNS TABLE (measure text, covered bigint, significant bigint, narrower bigint)
    LANGUAGE plpgsql AS $$
BEGIN
    CREATE TEMP TABLE found (measure text, difference float8, low float8, high float8, p float8, width float8, plain float8);
    FOR run IN 1..12 LOOP
        TRUNCATE shop.lot;
        INSERT INTO shop.lot
        SELECT customer, '2025-07-01', NOT hold_out(customer, effect || ' ' || run, 0.5) FROM generate_series(1::bigint, 1500) AS customer;
        DELETE FROM shop.bought WHERE amount = 1;
        INSERT INTO shop.bought SELECT customer_id, '2025-07-20', 1 FROM shop.lot, generate_series(1, effect) WHERE treated;
        INSERT INTO found
        SELECT e.measure, e.adjusted_difference, e.adjusted_from, e.adjusted_to, e.adjusted_p_value,
               e.adjusted_to - e.adjusted_from, e.difference_to - e.difference_from
        FROM action_effect('shop.lots', 'shop.lot', by => NULL) AS e WHERE e.measure IN ('orders', 'revenue');
    END LOOP;
    RETURN QUERY
    SELECT f.measure, count(*) FILTER (WHERE effect BETWEEN f.low AND f.high), count(*) FILTER (WHERE f.p < 0.05),
           count(*) FILTER (WHERE f.width < f.plain)
    FROM found AS f GROUP BY 1 ORDER BY 1;
    DROP TABLE found;
END $$;
CREATE TABLE shop.bought AS SELECT customer_id, ordered_at, amount FROM simulate_orders(1500, 700, 12);
CREATE TABLE shop.lot (LIKE shop.rough);
SELECT create_segmentation('shop.lots', 'shop.bought', 'customer_id', 'ordered_at', 'amount', '{"as_of": "2025-11-30"}');
SELECT * FROM shop.runs(0);
SELECT * FROM shop.runs(1);

-- who is held out: by the server's own hash, the same for a number and its text
SELECT count(*) AS customers, count(*) FILTER (WHERE hold_out(c, 'summer', 0.4)) AS held_out,
       bool_and(hold_out(c, 'summer', 0.4) = (('x' || left(encode(sha256(convert_to('summer', 'UTF8') || '\x00'::bytea
           || convert_to(c::text, 'UTF8')), 'hex'), 15))::bit(60)::bigint / 2.0::numeric ^ 60 < 0.4)) AS as_sha256,
       bool_and(hold_out(c, 'summer', 0.4) = hold_out(c::text, 'summer', 0.4)) AS as_text,
       bool_and(hold_out(c, 'summer', 0.4) <= hold_out(c, 'summer', 0.41)) AS in_a_larger_one
FROM generate_series(1::bigint, 10000) AS c;
SELECT bool_and(hold_out(u, 'salt', 0.5) = hold_out(u::text, 'salt', 0.5)) AS uuids
FROM (SELECT md5(i::text)::uuid AS u FROM generate_series(1, 1000) AS i) AS u;
SELECT hold_out(7, '', 0) AS nobody, hold_out(7, '', 1) AS everybody, hold_out('东京', '夏', 0.5) AS text,
       hold_out(NULL::text, '', 1) AS unknown, hold_out(7::smallint, 'x', 0.5) = hold_out('7', 'x', 0.5) AS literal;
SELECT fails($$SELECT hold_out(7, 'x', 1.5)$$), fails($$SELECT hold_out(7, 'x', 'NaN')$$), fails($$SELECT hold_out(7.0, 'x', 0.5)$$);

-- how many customers: as statsmodels and R have it (crates/btyd/tests/data/effect.py)
SELECT * FROM sample_size(0.5, 1);
SELECT * FROM sample_size(effect => 5, standard_deviation => 60, power => 0.9, alpha => 0.01, held_out_share => 0.1);
SELECT * FROM sample_size(effect => 5, standard_deviation => 60, power => 0.9, alpha => 0.01, held_out_share => 0.1, correlation => 0.6);
SELECT * FROM sample_size(effect => 0.25, rate => 0.5, power => 0.9);
SELECT * FROM sample_size(effect => -0.05, rate => 0.3, power => 0.9, alpha => 0.01, held_out_share => 0.2);
SELECT fails('SELECT * FROM sample_size(' || arguments || ')') FROM unnest(ARRAY[
    '1', '1, 1, 0.5', 'NULL, 1', '0, 1', '''NaN'', 1', '1, 0', '1, -2', '0.1, rate => 1', '0.6, rate => 0.5', '1, 1, power => 1', '1, 1, power => 0.01',
    '1, 1, alpha => 0', '1, 1, held_out_share => 0', '1, 1, correlation => 1', '0.1, rate => 0.5, correlation => 0.5', '1e-9, 1',
    '1, 1, power => NULL']) AS arguments;

-- who bought after a contact
CREATE TABLE shop.contacts AS
SELECT customer_id AS customer, timestamptz '2025-10-02 10:00' + customer_id % 30 * interval '1 day' AS at,
       CASE customer_id % 7 WHEN 0 THEN 'service' WHEN 1 THEN 'call' ELSE 'mail' END AS kind
FROM shop.mailing WHERE customer_id % 3 = 0
UNION ALL
SELECT customer_id, '2025-10-31 10:00', 'mail' FROM shop.mailing WHERE customer_id % 6 = 0
UNION ALL
SELECT customer_id, '2025-09-01', 'mail' FROM shop.mailing WHERE customer_id % 3 = 1;
SELECT alter_segmentation('shop.seg', '{"interactions": {"source": "shop.contacts", "customer": "customer", "at": "at", "kind": "kind"}}');
SET client_min_messages = notice;
SELECT * FROM interaction_response('shop.seg', 30);
SET client_min_messages = warning;
CREATE TEMP TABLE response AS
WITH one AS (
    SELECT h.customer_id, h.h,
           customer_value_internal.rfm_segment(t.labels, t.cuts, b.h, '2025-10-01') AS segment
    FROM (SELECT customer_id, purchase_history(ordered_at, amount) AS h FROM shop.orders GROUP BY 1) AS h
    JOIN training AS t ON t.segmentation = (SELECT id FROM segmentation WHERE view = 'shop.seg') AND t.newest
    CROSS JOIN LATERAL (SELECT net_of_refunds(h.h, '2025-10-01') AS h) AS b
    WHERE order_count(b.h, '2025-10-01') > 0
), first AS (
    SELECT customer, min(at::date) AS day, count(*) AS contacts FROM shop.contacts
    WHERE kind <> 'service' AND at::date BETWEEN '2025-10-02' AND '2025-10-31' GROUP BY 1
), placed AS (
    SELECT o.segment, f.day, f.contacts, o.customer_id, net_of_refunds(o.h, '2025-11-30') AS h
    FROM one AS o LEFT JOIN first AS f ON f.customer = o.customer_id
), days AS (
    SELECT segment, day, count(*) AS weight FROM placed WHERE day IS NOT NULL GROUP BY 1, 2
)
SELECT p.segment, sum(p.contacts) AS contacts, count(p.day) AS contacted,
       count(*) FILTER (WHERE orders_between(p.h, p.day, p.day + 29) > 0) AS bought,
       count(*) - count(p.day) AS not_contacted,
       (SELECT round(avg((orders_between(x.h, d.day, d.day + 29) > 0)::int), 4)
        FROM placed AS x JOIN days AS d USING (segment), generate_series(1, d.weight)
        WHERE x.day IS NULL AND x.segment = p.segment) AS others
FROM placed AS p GROUP BY 1;
SELECT count(*) AS segments, bool_and((r.contacts, r.contacted, r.bought, r.not_contacted) = (p.contacts, p.contacted, p.bought, p.not_contacted)) AS counts,
       bool_and(abs(r.not_contacted_response::numeric - p.others) < 0.00011) AS others
FROM interaction_response('shop.seg', 30) AS r JOIN response AS p USING (segment);
SELECT part, contacts, contacted, bought FROM interaction_response('shop.seg', 30, by => NULL, kinds => '{call}');
SELECT part, contacts, contacted, bought, not_contacted FROM interaction_response('shop.seg', 14, NULL, '2025-09-01', '2025-09-01');
-- kinds that nothing is of, in any case of letters; contacts of whom nobody had bought
SET client_min_messages = notice;
SELECT part, contacts, contacted FROM interaction_response('shop.seg', 30, by => NULL, kinds => '{Call,mail,visit}');
SELECT part, contacts, contacted FROM interaction_response('shop.seg', 30, by => NULL, kinds => '{Call}');
INSERT INTO shop.contacts SELECT customer_id, '2023-12-01', 'mail' FROM shop.mailing WHERE customer_id <= 9;
SELECT part, contacts, contacted FROM interaction_response('shop.seg', 30, NULL, '2023-12-01', '2023-12-02', '{mail}');
SET client_min_messages = warning;
SELECT alter_segmentation('shop.apart', '{"interactions": {"source": "shop.contacts", "customer": "customer", "at": "at"}}');
SELECT fails('SELECT * FROM interaction_response(' || arguments || ')') FROM unnest(ARRAY[
    '''shop.seg'', kinds => ''{}''', '''shop.seg'', kinds => ARRAY[NULL]::text[]', '''shop.seg'', kinds => ''{mail,Service}''',
    '''shop.apart'', kinds => ''{mail}''']) AS arguments;
SELECT fails('SELECT * FROM interaction_response(' || arguments || ')') FROM unnest(ARRAY[
    '''shop.lots''', '''shop.seg'', 0', '''shop.seg'', NULL', '''shop.seg'', by => ''x''', '''shop.seg'', to_day => ''2025-11-15''',
    '''shop.seg'', from_day => ''2025-10-15'', to_day => ''2025-10-01''', '''shop.seg'', from_day => ''2020-01-01''', '''shop.seg'', from_day => ''-infinity''']) AS arguments;

DROP OWNED BY regress_reader, regress_guest;
DROP ROLE regress_reader, regress_guest;
