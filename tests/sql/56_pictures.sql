-- Pictures: what a reader may ask for wrongly, corner cases, and parts of the documents. test_pictures.py reads them whole.
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
INSERT INTO shop.customers SELECT i, CASE WHEN i % 5 > 0 THEN 'r' || i % 40 END FROM generate_series(1, 600) AS i;
CREATE TABLE shop.orders AS
SELECT customer_id AS customer, ordered_at AS at, amount AS total FROM simulate_orders(600, 700, 11);
SELECT create_segmentation('shop.segments', 'shop.orders', 'customer', 'at', 'total', '{
    "as_of": "2025-11-30", "customers": {"source": "shop.customers", "customer": "id", "columns": ["region"]}
}');

-- the texts of a picture, one per line
CREATE FUNCTION texts(document text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT m[1] FROM regexp_matches(document, '<text[^>]*>\s*([^<]*?)\s*</text>', 'g') AS m
$$;

-- what is wrong
SELECT fails($$ SELECT segment_chart('shop.segments', 'pie') $$);
SELECT fails($$ SELECT segment_chart('shop.segments', NULL) $$);
SELECT fails($$ SELECT segment_chart(NULL) $$);
SELECT fails($$ SELECT segment_chart('shop.orders') $$);
SELECT fails($$ SELECT segment_chart('shop.nothing') $$);
SELECT fails($$ SELECT segment_chart('shop.segments', by => 'no_column') $$);
SELECT fails($$ SELECT segment_chart('shop.segments', measure => 'orders') $$);
SELECT fails($$ SELECT segment_chart('shop.segments', customer => '1') $$);
SELECT fails($$ SELECT segment_chart('shop.segments', 'grid', by => 'region') $$);
SELECT fails($$ SELECT segment_chart('shop.segments', 'treemap', from_day => '2025-01-01') $$);
-- a matrix with one axis, a label that is no matrix, one that does not exist, one that the view does not use
SELECT fails($$ SELECT segment_chart('shop.segments', 'matrix', 'abc') $$);
SELECT fails($$ SELECT segment_chart('shop.segments', 'matrix', 'lifecycle_stage') $$);
SELECT fails($$ SELECT segment_chart('shop.segments', 'matrix', 'rfm_segment') $$);
SELECT fails($$ SELECT segment_chart('shop.segments', 'matrix', 'region') $$);
SELECT fails($$ SELECT segment_chart('shop.segments', 'matrix', 'none_such') $$);
SELECT fails($$ SELECT segment_chart('shop.segments', 'matrix', 'value') $$);

-- the texts: labels in rank order, whatever the language
SELECT texts(segment_chart('shop.segments'));
SELECT texts(segment_chart('shop.segments', 'bars', 'abc_class', 'mean_clv', language => 'zh'));
SELECT texts(segment_chart('shop.segments', 'bars', 'frequency_score', 'customers'));
SELECT texts(segment_chart('shop.segments', 'matrix', 'spend'));
SELECT texts(segment_chart('shop.segments', 'matrix', 'growth_quadrant', 'mean_clv', language => 'zh'));
SELECT texts(segment_chart('shop.segments', 'grid', language => 'zh'));
SELECT texts(segment_chart('shop.segments', 'treemap', 'lifecycle_stage'));
-- many labels: the largest, then the others in one row, then customers without one
SELECT text FROM texts(segment_chart('shop.segments', 'bars', 'region')) AS text OFFSET 91;
-- the same data, the same text; other arguments, other ids
SELECT segment_chart('shop.segments') = segment_chart('shop.segments'),
       count(DISTINCT substring(segment_chart('shop.segments', kind, language => language) FROM ' id="([^"]*)"'))
FROM unnest('{bars,grid,matrix,treemap}'::text[]) AS kind, unnest('{en,zh}'::text[]) AS language;

-- a language without texts: English, and a notice
SET client_min_messages = notice;
SELECT substring(segment_chart('shop.segments', language => 'fr') FROM ' lang="[^"]*"');
SELECT substring(segment_chart('shop.segments', language => 'zh_"><script>') FROM ' lang="[^"]*"');
SET client_min_messages = warning;

-- nothing to show: not trained, no customers, a label that nobody has
CREATE TABLE shop.later (customer bigint, at date, total numeric);
SELECT create_segmentation('shop.empty', 'shop.later', 'customer', 'at', 'total', '{"as_of": "2025-11-30"}');
SELECT texts(segment_chart('shop.empty', kind)) FROM unnest('{bars,grid,matrix,treemap}'::text[]) AS kind;
INSERT INTO shop.later VALUES (1, '2025-01-01', 5);
SELECT texts(segment_chart('shop.empty', kind)) FROM unnest('{bars,grid,matrix,treemap}'::text[]) AS kind;
SELECT create_segmentation('shop.unlabelled', 'shop.orders', 'customer', 'at', 'total',
    '{"as_of": "2025-11-30", "scheme": "none"}');
SELECT texts(segment_chart('shop.unlabelled', language => 'zh'));
-- the statement that trains is one to run as it is, whatever the view is called
CREATE TABLE shop.quoted (customer bigint, at date, total numeric);
SELECT create_segmentation('shop."O''Neil"', 'shop.quoted', 'customer', 'at', 'total', '{"as_of": "2025-11-30"}');
INSERT INTO shop.quoted VALUES (1, '2025-01-01', 5);
SELECT text FROM texts(segment_chart('shop."O''Neil"', 'grid')) AS text WHERE text ~ 'train';
-- one customer, and no amounts
SELECT train_segmentation('shop.empty');
SELECT texts(segment_chart('shop.empty', kind)) FROM unnest('{bars,grid,matrix,treemap}'::text[]) AS kind;
SELECT create_segmentation('shop.counted', 'shop.orders', 'customer', 'at', options => '{"as_of": "2025-11-30"}');
SELECT texts(segment_chart('shop.counted', 'bars', 'lifecycle_stage'));
SELECT fails($$ SELECT segment_chart('shop.counted', 'matrix') $$);

-- a column that was renamed
ALTER VIEW shop.segments RENAME COLUMN revenue TO turnover;
SELECT fails(format('SELECT segment_chart(%L, %L)', 'shop.segments', kind)) FROM unnest('{bars,grid,matrix,treemap}'::text[]) AS kind;
ALTER VIEW shop.segments RENAME COLUMN turnover TO revenue;

-- a reader without rights on the source
CREATE ROLE regress_looker;
GRANT USAGE ON SCHEMA shop TO regress_looker;
GRANT SELECT ON shop.segments TO regress_looker;
SET ROLE regress_looker;
SELECT tries(format('SELECT segment_chart(%L, %L)', 'shop.segments', kind))
FROM unnest('{bars,grid,matrix,treemap}'::text[]) AS kind;
RESET ROLE;
-- and one with rights on some columns
REVOKE ALL ON shop.segments FROM regress_looker;
GRANT SELECT (rfm_segment_code, recency_score, frequency_score, growth_quadrant_code, revenue) ON shop.segments TO regress_looker;
GRANT SELECT ON shop.orders, shop.customers TO regress_looker;
SET ROLE regress_looker;
SELECT fails(format('SELECT segment_chart(%L, %L)', 'shop.segments', kind))
FROM unnest('{bars,grid,matrix,treemap,lorenz}'::text[]) AS kind;
RESET ROLE;
REVOKE ALL ON shop.orders, shop.customers FROM regress_looker;
REVOKE ALL ON SCHEMA shop FROM regress_looker;
REVOKE ALL ON shop.segments FROM regress_looker;
DROP ROLE regress_looker;
