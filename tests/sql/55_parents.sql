-- Large accounts: the second view that option "parent" gives a segmentation, against a segmentation over a view of the
-- orders with the parent as the customer, against rollup_history of the customers' histories, and in its totals; made,
-- altered, trained and dropped with the first; bad input.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned
SET search_path = public, customer_value;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\i :helpers

CREATE SCHEMA shop;
-- customers of one holding are many, of another few; some have none; a holding whose customers never ordered; a customer
-- whom the table does not have
CREATE TABLE shop.customers (id bigint PRIMARY KEY, holding text, region text, age int, place point, doc json);
INSERT INTO shop.customers
SELECT i, CASE WHEN i % 10 = 0 THEN NULL WHEN i <= 300 THEN 'big' ELSE 'h' || i % 97 END,
       (ARRAY['North', 'South'])[1 + i % 2], 20 + i % 50 FROM generate_series(1, 1200) AS i;
INSERT INTO shop.customers VALUES (9001, 'asleep', 'North', 40);
CREATE TABLE shop.orders AS
SELECT customer_id AS customer, ordered_at AS at, amount AS total, 0.4 * amount AS cost, customer_id % 7 = 0 AS reduced,
       'p' || (100 * amount)::int % 13 AS product, 'c' || (100 * amount)::int % 3 AS channel
FROM simulate_orders(1200, 700, 11);
INSERT INTO shop.orders (customer, at, total) VALUES
    (9999, '2025-03-01', 99.99), (NULL, '2025-03-01', 1234.56), (NULL, NULL, 0.44), (7, NULL, 34.50), (7, '2025-03-01', NULL),
    -- a refund of what another customer of the holding bought
    (1, '2025-03-01', 77.77), (2, '2025-03-05', -77.77);
CREATE TABLE shop.contacts AS
SELECT customer, timestamptz '2025-11-30' - customer % 90 * interval '1 day' AS at, 'mail'::text AS kind
FROM generate_series(1::bigint, 1200) AS customer WHERE customer % 4 > 0;
CREATE TABLE shop.answers AS
SELECT customer, timestamptz '2025-10-01' AS at, 'csat'::text AS kind, (1 + customer % 5)::int AS score
FROM generate_series(1::bigint, 1200, 3) AS customer;
ANALYZE;

-- one view compared with another: rows of one that the other has not, both ways, without the time of the training
CREATE FUNCTION differing(one regclass, other regclass) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    columns text; found bigint;
BEGIN
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columns
    FROM pg_attribute WHERE attrelid = one AND attnum > 1 AND NOT attisdropped AND attname <> 'trained_at';
    columns := (SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = one AND attnum = 1) || ' AS key, ' || columns;
    EXECUTE format('SELECT count(*) FROM ((SELECT %1$s FROM %2$s EXCEPT ALL SELECT %1$s FROM %3$s) UNION ALL '
                   '(SELECT %1$s FROM %3$s EXCEPT ALL SELECT %1$s FROM %2$s)) AS d', columns, one, other) INTO found;
    RETURN found;
END $$;

-- the parent in the customer table, with every input --------------------------------------------------------------------
SELECT create_segmentation('shop.seg', 'shop.orders', 'customer', 'at', 'total', '{
    "as_of": "2025-11-30", "parent": "holding", "cost": "cost", "discount": "reduced", "product": "product",
    "channel": "channel", "customers": {"source": "shop.customers", "customer": "id", "columns": ["region", "age"]},
    "interactions": {"source": "shop.contacts", "customer": "customer", "at": "at", "kind": "kind"},
    "satisfaction": {"source": "shop.answers", "customer": "customer", "at": "at", "kind": "kind", "score": "score"}}');
SELECT view, state, source, customer, options ? 'customers' AS customers, options -> 'rollup_of' ->> 'customer' AS member,
       options -> 'rollup_of' ->> 'source' AS parents, options -> 'rollup_of' ->> 'key' AS key,
       options -> 'rollup_of' ->> 'id' = (SELECT id::text FROM segmentations WHERE view = 'shop.seg') AS linked
FROM segmentations ORDER BY 1;
SELECT count(*), count(*) FILTER (WHERE holding = 'big') AS big, bool_or(holding = 'asleep') AS asleep,
       count(DISTINCT rfm_segment) > 3 AS segments, count(clv) = count(*) AS valued FROM shop.seg_parents;

CREATE VIEW shop.orders_of_holdings AS
SELECT c.holding, o.* FROM shop.orders AS o LEFT JOIN shop.customers AS c ON c.id = o.customer;
CREATE VIEW shop.contacts_of_holdings AS
SELECT c.holding, o.at, o.kind FROM shop.contacts AS o LEFT JOIN shop.customers AS c ON c.id = o.customer;
CREATE VIEW shop.answers_of_holdings AS
SELECT c.holding, o.at, o.kind, o.score FROM shop.answers AS o LEFT JOIN shop.customers AS c ON c.id = o.customer;
SELECT create_segmentation('shop.reference', 'shop.orders_of_holdings', 'holding', 'at', 'total', '{
    "as_of": "2025-11-30", "cost": "cost", "discount": "reduced", "product": "product", "channel": "channel",
    "interactions": {"source": "shop.contacts_of_holdings", "customer": "holding", "at": "at", "kind": "kind"},
    "satisfaction": {"source": "shop.answers_of_holdings", "customer": "holding", "at": "at", "kind": "kind",
                     "score": "score"}}');
SELECT differing('shop.seg_parents', 'shop.reference');
-- what the trainings found, apart from when and how long
CREATE FUNCTION found(view text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT to_jsonb(t) - ARRAY['segmentation', 'trained_at', 'seconds', 'options']
    FROM training AS t JOIN segmentations AS s ON s.id = t.segmentation AND t.newest WHERE s.view = $1
$$;
SELECT found('shop.seg_parents') = found('shop.reference') AS same_training;
-- cuts of parents are their own
SELECT found('shop.seg_parents') -> 'cuts' <> found('shop.seg') -> 'cuts' AS own_cuts;

-- rollup_history, netted as a whole: a refund undoes what another customer of the parent bought
WITH rolled AS (
    SELECT c.holding, net_of_refunds(rollup_history(h.history), '2025-11-30') AS history
    FROM (SELECT customer, purchase_history(at, total) AS history FROM shop.orders GROUP BY 1) AS h
    JOIN shop.customers AS c ON c.id = h.customer
    WHERE c.holding IS NOT NULL GROUP BY 1
)
SELECT count(*), count(*) FILTER (WHERE
    (v.frequency, v.revenue, v.first_purchase, v.last_purchase, v.average_order_value)
    IS NOT DISTINCT FROM (order_count(r.history, '2025-11-30'), revenue(r.history, '2025-11-30'),
        first_purchase(r.history, '2025-11-30'), last_purchase(r.history, '2025-11-30'),
        average_order_value(r.history, '2025-11-30'))) AS same
FROM rolled AS r FULL JOIN shop.seg_parents AS v USING (holding);

-- totals: what parents have and what is left out is what customers have and what is left out
SELECT p.revenue + p.amount_left_out = c.revenue + c.amount_left_out AS amounts,
       p.rows_left_out AS without_parent, c.rows_left_out AS without_customer,
       (SELECT count(*) FROM shop.orders_of_holdings WHERE holding IS NULL OR at IS NULL OR total IS NULL) AS plain
FROM training AS p, training AS c
WHERE p.newest AND c.newest AND p.segmentation = (SELECT id FROM segmentations WHERE view = 'shop.seg_parents')
  AND c.segmentation = (SELECT id FROM segmentations WHERE view = 'shop.seg');
SELECT (SELECT sum(revenue) FROM shop.seg_parents)
     = (SELECT sum(s.revenue) FROM shop.seg AS s JOIN shop.customers AS c ON c.id = s.customer WHERE c.holding IS NOT NULL)
       AS revenue;
-- reports are those of any segmentation view, and add up to the same orders
SELECT (SELECT sum(customers) FROM segment_report('shop.seg_parents')) = (SELECT count(*) FROM shop.seg_parents) AS parents,
       (SELECT sum(revenue) FROM segment_report('shop.seg_parents')) AS revenue,
       (SELECT sum(revenue) FROM segment_report('shop.seg')) AS of_customers, (SELECT sum(total) FROM shop.orders) AS of_orders;
SELECT count(*) > 10 AS explained FROM explain_customer('shop.seg_parents', 'big');
SELECT count(*) > 0 AS played FROM segment_playbook('shop.seg_parents');
-- one parent: the function beside the view, and a filter that reaches the indexes
SELECT (SELECT s FROM shop.seg_parents_of('big') AS s) = (SELECT s FROM shop.seg_parents AS s WHERE holding = 'big') AS same;
CREATE INDEX ON shop.customers (holding);
CREATE INDEX ON shop.orders (customer);
ANALYZE shop.customers, shop.orders;
SELECT bool_or(line LIKE '%orders_customer_idx%') AS orders, bool_or(line LIKE '%customers_holding_idx%') AS holdings,
       bool_or(line LIKE '%Seq Scan on shop%') AS scans
FROM plan_of($$SELECT rfm_segment, clv FROM shop.seg_parents WHERE holding = 'h40'$$) AS line;
-- what nobody selects is not read
SELECT bool_or(line LIKE '%contacts%') AS contacts, bool_or(line LIKE '%answers%') AS answers
FROM plan_of('SELECT holding, rfm_segment FROM shop.seg_parents') AS line;
-- a parent that changes: as of now
BEGIN;
UPDATE shop.customers SET holding = 'h40' WHERE holding = 'big';
SELECT differing('shop.seg_parents', 'shop.reference'), (SELECT count(*) FROM shop.seg_parents WHERE holding = 'big') AS big;
ROLLBACK;

-- altered, trained and dropped with the first ---------------------------------------------------------------------------
SELECT alter_segmentation('shop.seg', '{"as_of": "2025-10-31", "language": "zh"}');
SELECT alter_segmentation('shop.reference', '{"as_of": "2025-10-31", "language": "zh"}');
SELECT differing('shop.seg_parents', 'shop.reference'), (SELECT string_agg(rfm_segment, '') ~ '客户' FROM shop.seg_parents) AS zh;
SELECT col_description('shop.seg_parents'::regclass, 1), obj_description('shop.seg_parents'::regclass);
SELECT train_segmentation('shop.seg');
SELECT view, newest_training FROM segmentations WHERE view LIKE 'shop.seg%' ORDER BY 1;
-- by itself, where only parents have changed
SELECT train_segmentation('shop.seg_parents');
SELECT fails('SELECT alter_segmentation(''shop.seg_parents'', ''{"language": "en"}'')');
SELECT fails('SELECT drop_segmentation(''shop.seg_parents'')');
-- what is made of columns of the customer table is left out; grants and dependent views stay
SELECT define_matrix('aged', '{"x": {"axis": "age", "split": "median"}, "positions": [
    {"x": 1, "code": "young", "labels": {"en": "Young"}}, {"x": 2, "code": "old", "labels": {"en": "Old"}}]}');
CREATE ROLE parents_reader;
GRANT SELECT ON shop.seg_parents TO parents_reader;
CREATE VIEW shop.dashboard AS SELECT rfm_segment, count(*) FROM shop.seg_parents GROUP BY 1;
SELECT alter_segmentation('shop.seg', '{"language": null, "matrices": ["aged"], "need": "region",
    "potential_value": {"age": 1, "clv": 2}, "indexes": {"own": {"age": 1}, "both": {"clv": 1, "frequency": 2}}}');
SELECT attrelid::regclass, string_agg(attname, ' ' ORDER BY attname) FROM pg_attribute
WHERE attrelid IN ('shop.seg'::regclass, 'shop.seg_parents'::regclass)
  AND attname IN ('aged', 'own', 'both', 'region', 'potential_value', 'growth_quadrant', 'need_type') GROUP BY 1 ORDER BY 1;
SELECT has_table_privilege('parents_reader', 'shop.seg_parents', 'SELECT') AS granted;
-- renamed; gone, and made again with its trainings
ALTER VIEW shop.seg RENAME TO customers_of_seg;
ALTER VIEW shop.seg_parents RENAME TO holdings;
SELECT train_segmentation('shop.customers_of_seg');
SELECT view, state, newest_training FROM segmentations WHERE source = 'shop.orders' ORDER BY 1;
DROP VIEW shop.holdings CASCADE;
SELECT train_segmentation('shop.customers_of_seg');
SELECT fails('SELECT create_segmentation(''shop.holdings'', ''shop.orders'', ''product'', ''at'')');
SELECT alter_segmentation('shop.customers_of_seg', '{"matrices": null, "need": null, "potential_value": null, "indexes": null,
    "interactions": null, "as_of": "2025-11-30"}');
SELECT view, state, newest_training, options ? 'interactions' AS interactions FROM segmentations
WHERE source = 'shop.orders' ORDER BY 1;
-- the parent is another column
SELECT fails('SELECT alter_segmentation(''shop.customers_of_seg'', ''{"parent": "age"}'')');
SELECT alter_segmentation('shop.customers_of_seg', '{"parent": "region"}');
SELECT region, frequency > 0 AS bought FROM shop.holdings ORDER BY 1;
-- taken back, while something depends on it
CREATE VIEW shop.dashboard AS SELECT rfm_segment, count(*) FROM shop.holdings GROUP BY 1;
SELECT fails('SELECT alter_segmentation(''shop.customers_of_seg'', ''{"parent": null}'')');
DROP VIEW shop.dashboard;
SELECT alter_segmentation('shop.customers_of_seg', '{"parent": null}');
SELECT view FROM segmentations WHERE source = 'shop.orders';
SELECT alter_segmentation('shop.customers_of_seg', '{"parent": "age"}');
SELECT count(*) FROM shop.customers_of_seg_parents;
SELECT drop_segmentation('shop.customers_of_seg');
SELECT view FROM segmentations WHERE source = 'shop.orders';
SELECT count(*) FROM pg_class WHERE relnamespace = 'shop'::regnamespace AND relname LIKE '%parents%';
-- the first is gone without drop_segmentation
SELECT create_segmentation('shop.seg', 'shop.orders', 'customer', 'at', 'total', '{"parent": "product"}');
DROP VIEW shop.seg CASCADE;
SELECT create_segmentation('shop.seg', 'shop.orders', 'customer', 'at', 'total');
SELECT view, state, newest_training FROM segmentations WHERE source = 'shop.orders' ORDER BY 1;
DROP VIEW shop.seg CASCADE;
SELECT drop_segmentation('shop.seg');
SELECT view FROM segmentations WHERE source = 'shop.orders';

-- the parent in the orders: each order counts for the one that it names -------------------------------------------------
CREATE TABLE shop.sold AS SELECT o.*, 'h' || customer % 9 AS household FROM shop.orders AS o;
UPDATE shop.sold SET household = NULL WHERE customer % 11 = 0;
-- a customer of two households, and an order of a household whose customer nobody knows
UPDATE shop.sold SET household = 'h0' WHERE customer = 4 AND at < (SELECT max(at) FROM shop.sold WHERE customer = 4);
INSERT INTO shop.sold (customer, at, total, household) VALUES (NULL, '2025-03-01', 55.55, 'h1');
SELECT create_segmentation('shop.seg', 'shop.sold', 'customer', 'at', 'total', '{
    "as_of": "2025-11-30", "parent": "household", "product": "product",
    "interactions": {"source": "shop.contacts", "customer": "customer", "at": "at", "kind": "kind"}}');
-- interactions name customers, whose households nobody knows
SELECT options - 'rollup_of' AS options, customer FROM segmentations WHERE view = 'shop.seg_parents';
SELECT create_segmentation('shop.by_hand', 'shop.sold', 'household', 'at', 'total',
    '{"as_of": "2025-11-30", "product": "product"}');
SELECT differing('shop.seg_parents', 'shop.by_hand'), found('shop.seg_parents') = found('shop.by_hand') AS same_training;
SELECT (SELECT sum(revenue) FROM segment_report('shop.seg_parents')) AS revenue,
       (SELECT sum(revenue) FROM segment_report('shop.seg')) AS of_customers, (SELECT sum(total) FROM shop.sold) AS of_orders;
SELECT drop_segmentation('shop.by_hand');
-- the customer table comes first
ALTER TABLE shop.customers ADD household text;
UPDATE shop.customers SET household = 'one' WHERE id <= 600;
SELECT alter_segmentation('shop.seg', '{"customers": {"source": "shop.customers", "customer": "id"}}');
SELECT count(*), min(household) FROM shop.seg_parents;
SELECT drop_segmentation('shop.seg');

-- lines of orders that each customer numbers from 1; bound to names ----------------------------------------------------
CREATE TABLE shop.lines AS
SELECT customer, row_number() OVER (PARTITION BY customer, line ORDER BY at) AS number, line, at, total / 2 AS total,
       'EUR' AS currency
FROM shop.orders, generate_series(1, 2) AS line WHERE customer IS NOT NULL AND total > 0;
CREATE VIEW shop.lines_of_holdings AS
SELECT c.holding, o.customer || '/' || o.number AS number, o.line, o.at, o.total, o.currency
FROM shop.lines AS o LEFT JOIN shop.customers AS c ON c.id = o.customer;
SELECT create_segmentation('shop.seg', 'shop.lines', 'customer', 'at', 'total', '{
    "as_of": "2025-11-30", "parent": "holding", "order_id": "number", "product": "line", "currency": "currency",
    "bind": "name", "customers": {"source": "shop.customers", "customer": "id"}}');
SELECT create_segmentation('shop.by_hand', 'shop.lines_of_holdings', 'holding', 'at', 'total', '{
    "as_of": "2025-11-30", "order_id": "number", "product": "line", "currency": "currency"}');
SELECT differing('shop.seg_parents', 'shop.by_hand'), found('shop.seg_parents') = found('shop.by_hand') AS same_training;
-- both tables are rebuilt
BEGIN;
CREATE TABLE shop.lines2 AS TABLE shop.lines;
DROP TABLE shop.lines CASCADE;
ALTER TABLE shop.lines2 RENAME TO lines;
CREATE TABLE shop.customers2 AS SELECT id, 'all'::varchar(9) AS holding FROM shop.customers;
DROP TABLE shop.customers CASCADE;
ALTER TABLE shop.customers2 RENAME TO customers;
SELECT train_segmentation('shop.seg');
SELECT holding, frequency FROM shop.seg_parents;
ROLLBACK;
INSERT INTO shop.lines VALUES (1, 99, 1, '2025-01-01', 5, 'USD');
SELECT fails('SELECT train_segmentation(''shop.seg_parents'')');
DELETE FROM shop.lines WHERE currency = 'USD';
SELECT drop_segmentation('shop.seg');
-- kept histories are those of the first; the second reads the orders
SELECT create_segmentation('shop.seg', 'shop.orders', 'customer', 'at', 'total', '{
    "as_of": "2025-11-30", "parent": "holding", "keep": true, "customers": {"source": "shop.customers", "customer": "id"}}');
SELECT refresh_segmentation('shop.seg') > 0 AS refreshed;
SELECT fails('SELECT refresh_segmentation(''shop.seg_parents'')');
SELECT create_segmentation('shop.plain', 'shop.orders_of_holdings', 'holding', 'at', 'total', '{"as_of": "2025-11-30"}');
SELECT differing('shop.seg_parents', 'shop.plain');
SELECT drop_segmentation('shop.seg');

-- bad input ------------------------------------------------------------------------------------------------------------
CREATE FUNCTION creating(options text) RETURNS text LANGUAGE sql AS $$
    SELECT fails(format('SELECT create_segmentation(''shop.bad'', ''shop.orders'', ''customer'', ''at'', ''total'', %L)',
                        options))
$$;
SELECT creating('{"parent": "nothing"}');
SELECT creating('{"parent": "lower(product)"}');
SELECT creating('{"parent": "nothing", "customers": {"source": "shop.customers", "customer": "id"}}');
SELECT creating('{"parent": "customer"}');
SELECT creating('{"parent": "id", "customers": {"source": "shop.customers", "customer": "id"}}');
SELECT creating('{"parent": "place", "customers": {"source": "shop.customers", "customer": "id"}}');
SELECT creating('{"parent": "doc", "customers": {"source": "shop.customers", "customer": "id"}}');
SELECT creating('{"parent": 5}');
SELECT creating('{"parent": ["holding"]}');
SELECT creating('{"rollup_of": {"id": "x", "customer": "customer"}}');
-- a column of the view, or of the orders, has the name
ALTER TABLE shop.customers ADD clv text, ADD total text;
SELECT creating('{"parent": "clv", "customers": {"source": "shop.customers", "customer": "id"}}');
SELECT creating('{"parent": "total", "customers": {"source": "shop.customers", "customer": "id"}}');
-- nobody has a parent
UPDATE shop.customers SET household = NULL;
SELECT create_segmentation('shop.seg', 'shop.orders', 'customer', 'at', 'total',
    '{"parent": "household", "customers": {"source": "shop.customers", "customer": "id"}}');
SELECT view, state FROM segmentations WHERE view LIKE 'shop.seg%' ORDER BY 1;
SELECT count(*) FROM shop.seg_parents;
SELECT drop_segmentation('shop.seg');
-- the name is taken
CREATE TABLE shop.bad_parents ();
SELECT creating('{"parent": "product"}');
DROP TABLE shop.bad_parents;
-- customers twice
CREATE TABLE shop.twice AS SELECT id, holding FROM shop.customers UNION ALL SELECT 1, 'h2';
SELECT creating('{"parent": "holding", "customers": {"source": "shop.twice", "customer": "id"}}');

-- whose it is ----------------------------------------------------------------------------------------------------------
CREATE ROLE parents_owner;
CREATE ROLE parents_member IN ROLE parents_owner;
GRANT USAGE, CREATE ON SCHEMA shop TO parents_owner;
GRANT SELECT (customer, at, total) ON shop.orders TO parents_owner, parents_reader;
GRANT SELECT (id) ON shop.customers TO parents_owner;
SET ROLE parents_owner;
SELECT create_segmentation('shop.theirs', 'shop.orders', 'customer', 'at', 'total',
    '{"as_of": "2025-11-30", "customers": {"source": "shop.customers", "customer": "id"}}');
SELECT fails('SELECT alter_segmentation(''shop.theirs'', ''{"parent": "holding"}'')');
RESET ROLE;
GRANT SELECT (holding) ON shop.customers TO parents_owner;
SET ROLE parents_member;
SELECT alter_segmentation('shop.theirs', '{"parent": "holding"}');
SELECT view, owner FROM segmentations WHERE view LIKE 'shop.theirs%' ORDER BY 1;
RESET ROLE;
SELECT differing('shop.theirs_parents', 'shop.plain');
GRANT USAGE ON SCHEMA shop TO parents_reader;
GRANT SELECT ON shop.theirs_parents TO parents_reader;
SET ROLE parents_reader;
SELECT fails('SELECT count(*) FROM shop.theirs_parents');
SELECT fails('SELECT train_segmentation(''shop.theirs'')');
RESET ROLE;
GRANT SELECT (id, holding) ON shop.customers TO parents_reader;
SET ROLE parents_reader;
SELECT count(rfm_segment) > 0 AS reads FROM shop.theirs_parents;
RESET ROLE;
SELECT drop_segmentation('shop.theirs');
DROP OWNED BY parents_owner, parents_member, parents_reader;
DROP ROLE parents_member, parents_owner, parents_reader;

-- a table without a unique key says what that may do
CREATE TABLE shop.loose AS SELECT id AS customer, 'G' || id % 3 AS holding FROM generate_series(1, 50) AS id;
SET client_min_messages = notice;
SELECT create_segmentation('shop.unsure', 'shop.orders', 'customer', 'at', 'total',
    '{"as_of": "2025-11-30", "parent": "holding", "customers": {"source": "shop.loose", "customer": "customer"}}') IS NOT NULL AS made;
ALTER TABLE shop.loose ADD PRIMARY KEY (customer);
SELECT alter_segmentation('shop.unsure', '{"as_of": "2025-11-29"}', train => false) IS NOT NULL AS altered;
SET client_min_messages = warning;
SELECT drop_segmentation('shop.unsure');
