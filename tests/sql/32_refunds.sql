-- Refunds that undo purchases: the function, the option, what views and trainings make of it.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
SET max_parallel_workers_per_gather = 0;
\pset format unaligned
SET search_path = public, customer_value;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\i :helpers

CREATE SCHEMA shop;

-- the rule, case by case: what is left of orders (day, amount), of all refunds and as of the fourth day
CREATE TABLE shop.cases (name text, orders text);
INSERT INTO shop.cases VALUES
    ('order and refund of one day', '1 2.90, 2 168469.60, 2 -168469.60'),
    ('newest equal day', '1 30, 2 30, 3 50, 4 -30'),
    ('equal refunds twice', '1 30, 2 30, 3 50, 4 -30, 5 -30'),
    ('once more', '1 30, 2 30, 3 50, 4 -30, 5 -30, 6 -30'),
    ('two refunds of one day', '1 9, 2 30, 3 50, 4 -30, 4 -50'),
    ('part of a day with two orders', '1 30, 1 50, 4 -50'),
    ('part of a part', '1 80, 2 20, 3 -70, 4 -30'),
    ('before any purchase', '1 -5, 2 5'),
    ('larger than everything', '1 5, 2 7, 3 -1000000, 4 6'),
    ('after as_of', '1 5, 2 7, 5 -7'),
    ('orders worth nothing', '1 0, 2 5, 3 -7'),
    ('everything sent back', '1 30, 2 50.25, 3 -80.25');
CREATE TABLE shop.histories AS
SELECT name, purchase_history(date '2026-01-01' + split_part(o, ' ', 1)::int - 1, split_part(o, ' ', 2)::numeric) AS h
FROM shop.cases, regexp_split_to_table(orders, ', ') AS o
GROUP BY name;
CREATE FUNCTION shop.shown(h purchase_history) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(right(d ->> 0, 2)::int || ' ' || CASE WHEN (d ->> 1)::int > 0 THEN (d ->> 1) || '*' || (d ->> 2) ELSE '' END
                               || coalesce(' -' || (d ->> 4), ''), ', ' ORDER BY d ->> 0), 'nothing')
    FROM jsonb_array_elements((h::text::jsonb) -> 'days') AS d
$$;
SELECT name, shop.shown(net_of_refunds(h)) AS "left", shop.shown(net_of_refunds(h, '2026-01-04')) AS as_of_day_4,
       revenue(net_of_refunds(h)) = revenue(h) AS same_revenue
FROM shop.histories
ORDER BY name COLLATE "C";
-- nothing left of something is not nothing: amounts keep their digits, also as text, merged and in binary
SELECT n, revenue(n), order_count(n), first_purchase(n), n::text::purchase_history = n AS text,
       rollup_history(n) = n AS rolled_up, revenue(purchase_history '{"version": 1, "days": []}') AS of_nothing
FROM (SELECT net_of_refunds(h) AS n FROM shop.histories WHERE name = 'everything sent back') AS one
GROUP BY n;
SELECT fails(format('SELECT purchase_history %L', h))
FROM (VALUES ('{"version": 1, "days": [["2026-01-01", 1, "5"]], "scale": 2}'),
             ('{"version": 1, "days": [], "scale": 39}'), ('{"version": 1, "days": [], "scale": -1}')) AS t (h);
SELECT net_of_refunds(NULL) IS NULL AS of_null, net_of_refunds(h, NULL) IS NULL AS at_null,
       net_of_refunds(h, 'infinity') = net_of_refunds(h) AS ever, net_of_refunds(h, '-infinity') = h AS never
FROM shop.histories
WHERE name = 'once more';
-- histories without refunds, and of visits, stay as they are
SELECT net_of_refunds(h) = h AS bought, net_of_refunds(v) = v AS visited
FROM (SELECT purchase_history(d, 5) AS h, purchase_history(d) AS v FROM (VALUES (date '2026-01-05'), ('2026-02-05')) AS o (d)) AS t;

-- a shop in which a huge order is cancelled at once, and some send back everything
CREATE TABLE shop.orders (customer_id int, at timestamptz, total numeric(12, 2));
INSERT INTO shop.orders
SELECT i % 400, timestamptz '2025-01-01 10:00 UTC' + (i * 37 % 360) * interval '1 day', 5 + i * i % 83 + i % 4 * 0.25
FROM generate_series(1, 2400) AS i WHERE i % 400 >= 10 AND i * 7 % 400 > i / 8;
INSERT INTO shop.orders VALUES
    (1, '2025-03-01 09:15 UTC', 168469.60), (1, '2025-03-01 09:27 UTC', -168469.60), (1, '2025-02-01 09:00 UTC', 2.90),
    (2, '2025-03-01 09:15 UTC', 20), (2, '2025-04-01 09:15 UTC', 40), (2, '2025-05-01 09:15 UTC', -60),
    (3, '2025-03-01 09:15 UTC', -20);
CREATE INDEX ON shop.orders (customer_id);
ANALYZE shop.orders;
SELECT create_segmentation('shop.net', 'shop.orders', 'customer_id', 'at', 'total', '{"as_of": "2025-12-31"}');
SELECT create_segmentation('shop.apart', 'shop.orders', 'customer_id', 'at', 'total',
                           '{"as_of": "2025-12-31", "refunds": "apart"}');
SELECT fails($$SELECT alter_segmentation('shop.net', '{"refunds": "gross"}')$$);
SELECT 'net' AS refunds, customer_id, first_purchase, frequency, revenue, average_order_value, rfm_code,
       current_value, CASE WHEN clv IS NOT NULL THEN place END AS place_by_clv
FROM (SELECT *, rank() OVER (ORDER BY clv DESC NULLS LAST) AS place FROM shop.net) AS s
WHERE customer_id < 10
UNION ALL
SELECT 'apart', customer_id, first_purchase, frequency, revenue, average_order_value, rfm_code,
       current_value, CASE WHEN clv IS NOT NULL THEN place END
FROM (SELECT *, rank() OVER (ORDER BY clv DESC NULLS LAST) AS place FROM shop.apart) AS s
WHERE customer_id < 10
ORDER BY 1, 2;
SELECT s.view, refund_share(t.spend_model) > 0 AS refund_share, t.customers, t.purchasers, t.refunds, t.revenue,
       t.rows_left_out
FROM segmentation AS s JOIN training AS t ON t.segmentation = s.id
ORDER BY s.view::text COLLATE "C";
-- revenue is the sum of amounts, to the cent, in both
SELECT count(*) AS customers, count(*) FILTER (WHERE n.revenue = o.total AND a.revenue = o.total) AS same
FROM shop.net AS n JOIN shop.apart AS a USING (customer_id)
JOIN (SELECT customer_id, sum(total) AS total FROM shop.orders GROUP BY 1) AS o USING (customer_id);
-- all that columns read is the netted history
SELECT count(*) AS customers,
       count(*) FILTER (
           WHERE (s.first_purchase, s.last_purchase, s.frequency, s.average_order_value, s.typical_gap)
               IS NOT DISTINCT FROM (first_purchase(h), last_purchase(h), order_count(h), average_order_value(h), typical_gap(h))
               AND s.monetary_score IS NOT DISTINCT FROM monetary_score(t.cuts, h, '2025-12-31')
               AND s.clv IS NOT DISTINCT FROM clv(t.purchase_model, t.spend_model, h, '2025-12-31', 365, 0.1, 1, 0)
               AND s.lifecycle_stage_code IS NOT DISTINCT FROM of_one.lifecycle_stage_code
       ) AS same
FROM shop.net AS s
JOIN (SELECT customer_id, net_of_refunds(purchase_history(at, total), '2025-12-31') AS h FROM shop.orders GROUP BY 1) AS o
    USING (customer_id)
CROSS JOIN LATERAL shop.net_of(s.customer_id) AS of_one
JOIN segmentation AS g ON g.view = 'shop.net'
JOIN training AS t ON t.segmentation = g.id AND t.newest;
-- what a training counts: unmatched refunds where refunds undo purchases, their whole share where they stand apart
SELECT net, r ->> 'refunds' AS refunds, r ->> 'unmatched_refunds' AS unmatched, r ->> 'unmatched_amount' AS amount,
       round((r ->> 'refund_share')::numeric, 4) AS share, r ->> 'rows' AS rows, r ->> 'orders' AS orders,
       r ->> 'gross' AS gross, r ->> 'revenue' AS revenue
FROM (VALUES (false), (true)) AS n (net),
     LATERAL (
         SELECT customer_value_internal.rfm_training(h, '2026-01-04', format('{"bins": 5, "split": "quantile", "monetary_measure": "total", '
                    '"given": [null, null, null], "net_refunds": %s}', net::text))::jsonb AS r
         FROM shop.histories
     ) AS t
ORDER BY net;
-- refunds after as_of are not known: the order is still there on the day before its refund
UPDATE shop.orders SET at = '2025-04-01 09:27 UTC' WHERE total = -168469.60;
SELECT alter_segmentation('shop.net', '{"as_of": "2025-03-31"}');
SELECT frequency, revenue, average_order_value, clv_percentile FROM shop.net WHERE customer_id = 1;
SELECT alter_segmentation('shop.net', '{"as_of": "2025-04-01"}');
SELECT frequency, revenue, clv FROM shop.net WHERE customer_id = 1;

-- "latest" is the last day with a purchase, refunded or not; later refunds do not count
INSERT INTO shop.orders VALUES
    (12, '2026-02-01 09:00 UTC', 77), (12, '2026-02-01 10:00 UTC', -77), (13, '2026-02-02 10:00 UTC', -1);
SELECT alter_segmentation('shop.net', '{"as_of": "latest"}'), alter_segmentation('shop.apart', '{"as_of": "latest"}');
SELECT s.view, t.as_of, t.last_purchase, t.refunds,
       t.revenue = (SELECT sum(total) FROM shop.orders WHERE at < '2026-02-02 UTC') AS known
FROM segmentation AS s JOIN training AS t ON t.segmentation = s.id AND t.newest
ORDER BY s.view::text COLLATE "C";
-- the same where the training looks for the day among the rows of the source
ALTER TABLE shop.orders ADD cost numeric;
UPDATE shop.orders SET cost = total / 2;
SELECT alter_segmentation('shop.net', '{"cost": "cost"}');
SELECT as_of, margin FROM segmentation AS s JOIN training AS t ON t.segmentation = s.id AND t.newest
WHERE s.view = 'shop.net';

-- discounts count for all orders, also where these were refunded
ALTER TABLE shop.orders ADD reduced boolean DEFAULT true;
SELECT alter_segmentation('shop.net', '{"discount": "reduced"}');
SELECT discount_share, frequency > 0 AS bought, count(*) FROM shop.net GROUP BY 1, 2 ORDER BY 1;

-- plans: what several columns need is computed once; histories are not folded where no column needs them
SELECT count(*) AS clvs
FROM plan_of('SELECT clv, clv_tier, growth_quadrant FROM shop.net') AS line, regexp_matches(line, '(?<!\()\mclv\(', 'g');
SELECT bool_or(line ~ 'purchase_history\(|net_of_refunds') AS folded FROM plan_of('SELECT count(*) FROM shop.net') AS line;
SELECT bool_or(line ~ 'Index Cond:.*o.customer_id = 7\)') AS indexed, bool_or(line ~ 'Seq Scan on shop.orders') AS scanned
FROM plan_of('SELECT * FROM shop.net WHERE customer_id = 7') AS line;
SELECT bool_or(line ~ '\m(clv|revenue)\(') AS others FROM plan_of('SELECT frequency FROM shop.net') AS line;

-- one mistyped refund lowers the revenue of its customer, and nothing of anybody else
CREATE TABLE orders5 AS
SELECT i % 50 AS c, date '2025-01-01' + i % 300 AS d, i % 23 + 0.5 AS v FROM generate_series(1, 2000) AS i;
SELECT create_segmentation('seg_good', 'orders5', 'c', 'd', 'v', '{"as_of": "latest"}');
CREATE TABLE good AS SELECT * FROM seg_good;
INSERT INTO orders5 VALUES (5, '2025-05-05', -1000000);
SELECT create_segmentation('seg5', 'orders5', 'c', 'd', 'v', '{"as_of": "latest"}');
SELECT min(clv) > 0 AS clv, count(*) FILTER (WHERE growth_quadrant LIKE 'High potential%') < 50 AS some_high_potential FROM seg5;
SELECT count(*) FILTER (WHERE (g.frequency, g.revenue, g.average_order_value) = (b.frequency, b.revenue, b.average_order_value))
           AS same_customers,
       max(abs(b.clv / g.clv - 1)) FILTER (WHERE c <> 5) < 0.1 AS clv_about_the_same
FROM good AS g JOIN seg5 AS b USING (c);
SELECT customer, first_purchase > '2025-05-05' AS begins_after, revenue < -990000 AS lost
FROM (SELECT c AS customer, first_purchase, revenue FROM seg5 WHERE c = 5) AS five;
SELECT alter_segmentation('seg5', '{"refunds": "apart"}');
SELECT max(clv) AS seen_apart FROM seg5;

-- order lines: the sign counts once lines are summed per order
CREATE TABLE shop.lines AS
SELECT 10 * i + l AS id, i AS order_id, i % 40 AS customer, date '2025-01-01' + i % 200 AS day,
       CASE WHEN l = 3 AND i % 7 = 0 THEN -60.00 ELSE l * 10 + i % 5 END AS amount
FROM generate_series(1, 600) AS i, generate_series(1, 3) AS l;
INSERT INTO shop.lines SELECT id + 100000, order_id + 100000, customer, day + 3, -amount FROM shop.lines WHERE order_id % 11 = 0;
SELECT create_segmentation('shop.of_lines', 'shop.lines', 'customer', 'day', 'amount',
                           '{"as_of": "2025-12-31", "order_id": "order_id"}');
SELECT count(*) AS customers, count(*) FILTER (WHERE s.frequency = order_count(h) AND s.revenue = revenue(h)) AS same
FROM shop.of_lines AS s
JOIN (
    SELECT customer, net_of_refunds(purchase_history(day, amount)) AS h
    FROM (SELECT customer, min(day) AS day, sum(amount) AS amount FROM shop.lines GROUP BY customer, order_id) AS o
    GROUP BY customer
) AS o USING (customer);

-- nobody keeps anything: no training, no error
CREATE TABLE shop.sent_back AS
SELECT c, date '2025-01-01' + c AS d, 10 * s AS v FROM generate_series(1, 9) AS c, (VALUES (1), (-1)) AS o (s);
SET client_min_messages = notice;
SELECT create_segmentation('shop.nothing_left', 'shop.sent_back', 'c', 'd', 'v', '{"as_of": "2025-12-31"}');
SELECT count(*), count(clv), count(rfm_code), sum(revenue), sum(frequency) FROM shop.nothing_left;
