\set ECHO none
-- A shop in which every position of every matrix is reached. Not echoed.

-- customers made for it: 1 to 8 orders, five amounts, six times since the last, five rhythms, each with
-- each; 100 more have not ordered
CREATE SCHEMA shop;
CREATE TABLE shop.customers (id bigint PRIMARY KEY, region text, power numeric, influence double precision, told text);
INSERT INTO shop.customers
SELECT i, 'r' || i % 3, i % 17, CASE WHEN i % 10 <> 0 THEN (i * 7) % 100 END,
       CASE WHEN i % 97 = 0 THEN 'Functional' WHEN i % 89 = 0 THEN 'experiential' END
FROM generate_series(1, 2500) AS i;
CREATE TABLE shop.orders (customer bigint, at timestamptz, total numeric(10, 2), spent numeric(10, 2),
                          serving numeric(10, 2), reduced numeric(10, 2), product text, channel text);
INSERT INTO shop.orders
SELECT i, timestamptz '2025-08-25 10:00Z' - (since + gap * (k - j)) * interval '1 day', amount,
       round(amount * (0.4 + i % 3 * 0.1), 2), CASE WHEN i % 4 = 0 THEN 3 END,
       CASE WHEN i % 9 = 0 OR (i % 5 = 0 AND j = 1) THEN 1 ELSE 0 END, 'p' || j % (1 + i % 5),
       CASE WHEN (i + j) % 3 = 0 THEN 'shop' ELSE 'web' END
FROM generate_series(1, 2400) AS i,
     LATERAL (
         SELECT 1 + i % 8 AS k,
                CASE WHEN i % 120 = 0 THEN 5000 ELSE (ARRAY[5, 20, 60, 200, 700])[1 + i / 8 % 5] END AS amount,
                (ARRAY[3, 20, 60, 120, 250, 420])[1 + i / 40 % 6] AS since,
                CASE
                    WHEN i % 53 = 0 THEN 400
                    WHEN i % 17 = 1 THEN 200
                    ELSE (ARRAY[5, 20, 30, 45, 90])[1 + i / 240 % 5]
                END AS gap
     ) AS c,
     generate_series(1, k) AS j;
INSERT INTO shop.orders VALUES
    (2399, '2025-08-20', -30, -10, NULL, 0, 'p0', 'web'), (9001, '2025-08-20', -5, 0, NULL, 0, 'p0', 'web'),
    (9002, '2025-08-26', 5, 1, NULL, 0, 'p0', 'web'), (NULL, '2025-08-20', 5, 1, NULL, 0, 'p0', 'web');
CREATE INDEX ON shop.orders (customer);
CREATE TABLE shop.events (who bigint, at timestamptz, kind text, weight double precision);
INSERT INTO shop.events
SELECT 1 + i * 7 % 2500, timestamptz '2025-08-25 23:00Z' - i % 300 * interval '1 day',
       (ARRAY['view', 'Service', 'search', 'social'])[1 + i % 4], i % 6
FROM generate_series(1, 4000) AS i
WHERE i % 3 > 0;
CREATE INDEX ON shop.events (who);
INSERT INTO shop.events VALUES
    (77777, '2025-08-01', 'view', 1), (5, '2025-08-01', 'view', -1), (6, '2025-08-01', 'view', 'NaN'),
    (NULL, '2025-08-01', 'view', 1), (7, '2025-08-26', 'view', 1000);
CREATE TABLE shop.answers (who bigint, at date, kind text, score numeric);
INSERT INTO shop.answers
SELECT 1 + i * 11 % 2500, date '2025-08-25' - i % 400, (ARRAY['csat', 'NPS', 'ces'])[1 + i % 3],
       CASE i % 3 WHEN 0 THEN 1 + i / 3 % 5 WHEN 1 THEN i / 3 % 11 ELSE 1 + i / 3 % 7 END
FROM generate_series(1, 2200) AS i;
INSERT INTO shop.answers VALUES
    (88888, '2025-08-01', 'csat', 1), (5, '2025-08-01', 'csat', 6), (5, '2025-08-01', 'nps', 0.5),
    (5, '2025-08-01', 'liked', 1), (5, NULL, 'csat', 1);
CREATE INDEX ON shop.answers (who);
ANALYZE;
CREATE FUNCTION make(name text, options jsonb) RETURNS void LANGUAGE sql AS $$
    SELECT create_segmentation('shop.' || name, 'shop.orders', 'customer', 'at', 'total',
                               '{"as_of": "2025-08-25", "refunds": "apart"}'::jsonb || options)
$$;
CREATE FUNCTION inputs() RETURNS jsonb LANGUAGE sql AS $$
    SELECT '{
        "cost": "spent", "cost_to_serve": "serving", "discount": "reduced", "product": "product",
        "channel": "channel", "need": "told",
        "customers": {"source": "shop.customers", "customer": "id", "columns": ["region", "power"]},
        "interactions": {"source": "shop.events", "customer": "who", "at": "at", "kind": "kind",
                         "weight": "weight"},
        "satisfaction": {"source": "shop.answers", "customer": "who", "at": "at", "kind": "kind",
                         "score": "score"}
    }'::jsonb
$$;
CREATE VIEW newest AS
SELECT DISTINCT ON (s.view) s.view, t.*
FROM segmentation AS s
JOIN training AS t ON t.segmentation = s.id
ORDER BY s.view, t.number DESC;
CREATE VIEW cuts AS SELECT n.view, m.* FROM newest AS n JOIN training_matrix AS m USING (segmentation, number);
CREATE VIEW axes AS SELECT n.view, a.* FROM newest AS n JOIN training_axis AS a USING (segmentation, number);
\set ECHO all
