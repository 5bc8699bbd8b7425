-- segment_page: one HTML page about a segmentation. What is in it is checked by its properties; the crate page has golden
-- pages, and tests/test_page.py opens pages in a browser.
\set QUIET on
SET client_min_messages = warning;
SET search_path = public, customer_value;
SET DateStyle = ISO;

CREATE SCHEMA shop;
CREATE TABLE shop.orders (customer text, day date, total numeric(10, 2));
INSERT INTO shop.orders
SELECT 'c' || i % 60, date '2024-01-01' + (i * 7) % (100 + i % 260), 5 + i % 37 FROM generate_series(1, 900) AS i;
SELECT create_segmentation('shop.segments', 'shop.orders', 'customer', 'day', 'total', '{"as_of": "2025-01-31"}');

-- a page, as its properties
CREATE FUNCTION headings(page text) RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(m[1], ' | ') FROM regexp_matches(page, '<h[123][^>]*>([^<]*)<', 'g') AS m $$;
CREATE FUNCTION missing(page text) RETURNS SETOF text LANGUAGE sql AS
$$ SELECT m[1] FROM regexp_matches(page, '<p class="missing">([^<]*)<', 'g') AS m $$;
CREATE FUNCTION properties(page text, OUT language text, OUT pictures bigint, OUT tables bigint, OUT is_whole boolean,
                           OUT is_small boolean, OUT scripts bigint, OUT elsewhere bigint) LANGUAGE sql AS $$
    SELECT substring(page FROM '<html lang="([^"]*)"'),
           (SELECT count(*) FROM regexp_matches(page, '<svg ', 'g')),
           (SELECT count(*) FROM regexp_matches(page, '<table>', 'g')),
           page LIKE '<!DOCTYPE html>%</html>' || chr(10),
           octet_length(page) < 300000,
           (SELECT count(*) FROM regexp_matches(page, '<script|javascript:| on[a-z]+=', 'gi')),
           (SELECT count(*) FROM regexp_matches(page, '(src|href|url)\s*[=(]\s*["'']?\s*[^"''#\s]', 'gi'))
$$;

SELECT segment_page('shop.segments') AS page \gset
SELECT * FROM properties(:'page');
SELECT headings(:'page');
SELECT * FROM missing(:'page');
-- each id is there once
SELECT m[1] AS twice FROM regexp_matches(:'page', '\sid="([^"]*)"', 'g') AS m GROUP BY 1 HAVING count(*) > 1;
-- each entry of the table of contents leads somewhere
SELECT m[1] AS nowhere FROM regexp_matches(:'page', 'href="#([^"]*)"', 'g') AS m
WHERE strpos(:'page', ' id="' || m[1] || '"') = 0;

-- in Chinese, and in a language without texts
SELECT segment_page('shop.segments', 'zh') AS page \gset
SELECT * FROM properties(:'page');
SELECT headings(:'page');
SET client_min_messages = notice;
SELECT (properties(segment_page('shop.segments', 'fr'))).language;
SET client_min_messages = warning;

-- figures are those of the reports
SELECT segment_page('shop.segments') AS page \gset
SELECT count(*) AS segments, count(*) FILTER (WHERE strpos(:'page', '>' || segment || '</th><td class="number">' || customers || '<') > 0) AS shown
FROM segment_report('shop.segments') WHERE part = 'segment';
SELECT count(*) AS contacts, count(*) FILTER (WHERE strpos(:'page', '>' || customer || '</th>') > 0) AS shown
FROM contact_list('shop.segments', 20);

-- the same within a transaction that only reads, and for a part of a larger query
BEGIN TRANSACTION READ ONLY;
SELECT count(*) FROM (VALUES ('shop.segments'), ('shop.segments')) AS v (view) WHERE segment_page(view) LIKE '<!DOCTYPE%';
COMMIT;

-- untrained: an empty source
CREATE TABLE shop.nothing (customer text, day date, total numeric);
SELECT create_segmentation('shop.empty', 'shop.nothing', 'customer', 'day', 'total');
SELECT segment_page('shop.empty') AS page \gset
SELECT * FROM properties(:'page');
SELECT DISTINCT * FROM missing(:'page');

-- one customer, without amounts, whose name is markup
CREATE TABLE shop.one (customer text, day date);
INSERT INTO shop.one VALUES ('<script>alert("1")</script>' || chr(10) || '& ''x'' 😀', '2024-03-01'), ('</style><svg onload=x>', '2024-05-01');
SELECT create_segmentation('shop."<b>&"', 'shop.one', 'customer', 'day', NULL, '{"as_of": "2024-12-31"}');
SELECT segment_page('shop."<b>&"') AS page \gset
SELECT language, is_whole, is_small, scripts, elsewhere FROM properties(:'page');
SELECT substring(:'page' FROM '<h1>[^<]*</h1>');

-- more was refunded than bought: no shares of a total that is not positive; and why somebody is in no segment
CREATE TABLE shop.returned (customer text, day date, total numeric);
INSERT INTO shop.returned VALUES ('a', '2024-03-01', 10), ('b', '2024-04-01', -50);
SELECT create_segmentation('shop.returned_segments', 'shop.returned', 'customer', 'day', 'total', '{"as_of": "2024-12-31"}');
SELECT part, customers, customer_share, revenue, revenue_share, cumulative_revenue_share, reason
FROM segment_report('shop.returned_segments') WHERE customers IS NOT NULL;
SELECT r.row FROM unnest('{en,zh}'::text[]) AS language,
     regexp_split_to_table(segment_page('shop.returned_segments', language), '(?=<tr>)') AS r (row)
WHERE r.row ~ 'In no segment|未分群';

-- a matrix with 100 positions, whose names are markup: the page stays small
CREATE TABLE shop.many AS SELECT 'customer ' || i % 700 AS customer, date '2024-01-01' + i % 300 AS day, i AS total
FROM generate_series(1, 2000) AS i;
SELECT define_matrix('many', jsonb_build_object(
    'titles', jsonb_build_object('en', '<i>Many</i>'),
    'x', '{"axis": "recency_days", "split": "given", "cuts": [70, 100, 130, 160, 190, 220, 250, 280, 310]}'::jsonb,
    'y', '{"axis": "revenue", "split": "given", "cuts": [500, 1000, 1500, 2000, 2500, 3000, 3500, 4000, 4500]}'::jsonb,
    'positions', (SELECT jsonb_agg(jsonb_build_object('x', x, 'y', y, 'code', 'c' || x || '_' || y, 'labels',
                                   jsonb_build_object('en', '</table><b>&' || x || ' ' || y || repeat(' very long', 9))))
                  FROM generate_series(1, 10) AS x, generate_series(1, 10) AS y)));
SELECT create_segmentation('shop.many_segments', 'shop.many', 'customer', 'day', 'total',
    '{"as_of": "2024-12-31", "matrices": ["many"]}');
SELECT segment_page('shop.many_segments') AS page \gset
SELECT language, is_whole, is_small, scripts, elsewhere FROM properties(:'page');
SELECT substring(:'page' FROM '<h3>[^<]*Many[^<]*</h3>'), substring(:'page' FROM '<p class="note">[^<]*</p>');

-- rights: without any on the source, the server's own error; of some columns, a page that says what is missing
CREATE ROLE page_reader;
GRANT USAGE ON SCHEMA shop TO page_reader;
SET ROLE page_reader;
SELECT segment_page('shop.segments');
RESET ROLE;
GRANT SELECT ON shop.segments TO page_reader;
SET ROLE page_reader;
SELECT segment_page('shop.segments');
RESET ROLE;
GRANT SELECT ON shop.orders TO page_reader;
SET ROLE page_reader;
SELECT segment_page('shop.segments') AS page \gset
RESET ROLE;
SELECT language, is_whole FROM properties(:'page');
-- nothing is missing for a reader who does not own the view
SELECT * FROM missing(:'page');
REVOKE SELECT ON shop.segments FROM page_reader;
GRANT SELECT (customer, rfm_segment, rfm_segment_code) ON shop.segments TO page_reader;
SET ROLE page_reader;
SELECT segment_page('shop.segments') AS page \gset
RESET ROLE;
SELECT language, is_whole, pictures, tables FROM properties(:'page');
SELECT substring(m FROM '^[^.]*\.') AS missing, count(*) FROM missing(:'page') AS m GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 3;
DROP OWNED BY page_reader;
DROP ROLE page_reader;

-- what fails for the statement, not for a part, ends it
SET statement_timeout = '1ms';
SELECT segment_page('shop.segments');
RESET statement_timeout;

-- wrong arguments
SELECT segment_page(NULL);
SELECT segment_page('shop.orders');
SELECT segment_page('shop.no_such_view');
SELECT segment_page('a.b.c.d');
