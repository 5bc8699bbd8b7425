-- Queries that need only some customers: they stop early, keep the order of the index, and may use workers.
SET client_min_messages = warning;
\pset format unaligned
SET search_path = public, customer_value;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\i :helpers

CREATE SCHEMA shop;
CREATE TABLE shop.orders AS
SELECT customer_id, ordered_at, amount, amount > 40 AS reduced FROM simulate_orders(20000, 400, 3);
CREATE INDEX ON shop.orders (customer_id);
VACUUM ANALYZE shop.orders;
SELECT create_segmentation('shop.segments', 'shop.orders', 'customer_id', 'ordered_at', 'amount', '{
    "as_of": "2025-01-31"
}');
SELECT create_segmentation('shop.live', 'shop.orders', 'customer_id', 'ordered_at', 'amount', '{
    "discount": "reduced", "time_zone": "Asia/Shanghai"
}');
SELECT create_segmentation('shop.latest', 'shop.orders', 'customer_id', 'ordered_at', 'amount', '{
    "as_of": "latest", "discount": "reduced", "bins": 5
}');

CREATE FUNCTION folds(query text)
    RETURNS TABLE (in_order boolean, sorts boolean, all_orders boolean)
    LANGUAGE sql AS $$
    SELECT bool_or(p ~ 'GroupAggregate') AND NOT bool_or(p ~ 'HashAggregate'), bool_or(p ~ '\mSort\M'),
           bool_or(p ~ 'Seq Scan on shop.orders')
    FROM plan_of(query) AS p
$$;
SELECT view, q.what, f.*
FROM unnest(ARRAY['shop.segments', 'shop.live', 'shop.latest']) AS view
CROSS JOIN (
    VALUES ('a look', 'SELECT * FROM %s LIMIT 100'),
           ('a page', 'SELECT customer_id, rfm_segment, clv FROM %s ORDER BY customer_id LIMIT 100'),
           ('the next page', 'SELECT * FROM %s WHERE customer_id > 5000 ORDER BY customer_id LIMIT 100')
) AS q (what, query)
CROSS JOIN LATERAL folds(format(q.query, view)) AS f
ORDER BY 1, 2;
-- pages are what the whole is
SELECT count(*) AS rows, count(*) FILTER (WHERE p IS DISTINCT FROM w) AS differ
FROM (SELECT * FROM shop.live WHERE customer_id > 700 ORDER BY customer_id LIMIT 500) AS p
LEFT JOIN (SELECT * FROM shop.live OFFSET 0) AS w USING (customer_id);

-- the fold runs in workers where the server takes them for cheap, and gives the same
CREATE TABLE shop.busy AS SELECT customer_id % 40 AS customer_id, ordered_at, amount FROM shop.orders;
ANALYZE shop.busy;
SELECT create_segmentation('shop.shared', 'shop.busy', 'customer_id', 'ordered_at', 'amount', '{
    "as_of": "2025-01-31"
}');
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
SELECT bool_or(p ~ 'Partial (Hash|Group)?Aggregate') AS in_workers
FROM plan_of('SELECT rfm_segment, clv FROM shop.shared') AS p;
CREATE TABLE by_workers AS SELECT * FROM shop.shared;
SET max_parallel_workers_per_gather = 0;
SELECT count(*) AS rows, count(*) FILTER (WHERE w IS DISTINCT FROM s) AS differ
FROM by_workers AS w
FULL JOIN shop.shared AS s USING (customer_id);
