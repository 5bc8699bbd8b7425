-- What a reader is told in the language of the segmentation: comments, reasons, explanations; the rules of lifecycle and
-- need with their figures; a language without texts.
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
CREATE TABLE shop.customers (id bigint PRIMARY KEY, region text, wants text);
INSERT INTO shop.customers
SELECT i, 'r' || i % 4, CASE WHEN i % 97 = 0 THEN 'Functional' WHEN i % 97 = 1 THEN 'loyal' END
FROM generate_series(1, 820) AS i;
CREATE TABLE shop.orders AS
SELECT customer_id AS customer, ordered_at AS at, amount AS total, amount / 2 AS cost, 1::numeric AS service,
       customer_id % 2 = 0 AND n % 2 = 0 AS discounted, 'p' || n % 7 AS product, 'c' || n % 2 AS channel
FROM simulate_orders(800, 700, 11), date_part('day', ordered_at) AS d (day), CAST(day AS int) AS n;
CREATE TABLE shop.contacts AS
SELECT i::bigint AS customer, timestamptz '2025-11-01' + (i % 20) * interval '1 day' AS at,
       CASE i % 3 WHEN 0 THEN 'mail' ELSE 'service' END AS kind
FROM generate_series(1, 400) AS i;
CREATE TABLE shop.answers AS
SELECT i::bigint AS customer, date '2025-10-01' AS at, 'csat' AS kind, 1 + i % 5 AS score FROM generate_series(1, 200) AS i;
ANALYZE;
CREATE FUNCTION options(more jsonb) RETURNS jsonb LANGUAGE sql RETURN '{
    "as_of": "2025-11-30", "cost": "cost", "cost_to_serve": "service", "discount": "discounted", "product": "product",
    "channel": "channel", "need": "wants",
    "customers": {"source": "shop.customers", "customer": "id", "columns": ["region"]},
    "interactions": {"source": "shop.contacts", "customer": "customer", "at": "at", "kind": "kind"},
    "satisfaction": {"source": "shop.answers", "customer": "customer", "at": "at", "kind": "kind", "score": "score"}
}'::jsonb || more;
SELECT create_segmentation('shop.zh', 'shop.orders', 'customer', 'at', 'total', options('{"language": "zh"}')),
       create_segmentation('shop.en', 'shop.orders', 'customer', 'at', 'total', options('{}'));

-- comments ------------------------------------------------------------------------------------------------------------
CREATE VIEW comment AS
SELECT a.attrelid::regclass::text AS view, a.attname::text AS name, col_description(a.attrelid, a.attnum) AS text
FROM pg_attribute AS a WHERE a.attrelid IN ('shop.zh'::regclass, 'shop.en'::regclass) AND a.attnum > 0
UNION ALL
SELECT v::text, '(view)', obj_description(v, 'pg_class') FROM unnest('{shop.zh,shop.en}'::regclass[]) AS v
UNION ALL
SELECT v, '(function)', obj_description((v || '_of(bigint)')::regprocedure, 'pg_proc')
FROM unnest('{shop.zh,shop.en}'::text[]) AS v;
-- each has Chinese characters, and no two English words in a row but those of a statement
SELECT name, text FROM comment
WHERE view = 'shop.zh'
  AND (text IS NULL OR text !~ '[一-鿿]' OR replace(text, 'CROSS JOIN LATERAL', '') ~ '\m[A-Za-z]{2,}\M +\m[A-Za-z]{2,}\M');
SELECT name, text FROM comment WHERE view = 'shop.en' AND (text IS NULL OR text ~ '[一-鿿]');
SELECT count(*) > 70 AS all FROM comment AS z JOIN comment AS e USING (name)
WHERE z.view = 'shop.zh' AND e.view = 'shop.en' AND z.text <> e.text;
SELECT name, text FROM comment
WHERE view = 'shop.zh' AND name IN ('(view)', 'customer', 'region', 'recency_score', 'clv', 'last_gap', 'purchase_days',
    'growth_quadrant', 'growth_quadrant_code', 'crm_cell', 'need_type', 'lifecycle_stage');

-- labels --------------------------------------------------------------------------------------------------------------
-- 潜在 is potential: of a customer's value, or loyalty; nobody who has not bought, and no middle tier
SELECT matrix, code, label FROM matrix_label WHERE language = 'zh' AND label LIKE '%潜在%' ORDER BY 1, 2;
SELECT matrix, code, label FROM matrix_label
WHERE language = 'zh' AND (matrix, code) IN (('lifecycle', 'prospect'), ('value_tier', 'potential'));

-- reasons -------------------------------------------------------------------------------------------------------------
SELECT by, p.action AS reason, e.action AS in_english, p.customers = e.customers AS customers
FROM unnest('{rfm_segment,growth,value,profitability,spend,crm,need}'::text[]) AS by,
     LATERAL (SELECT action, customers, row_number() OVER () AS place FROM segment_playbook('shop.zh', by) WHERE code IS NULL) AS p,
     LATERAL (SELECT action, customers, row_number() OVER () AS place FROM segment_playbook('shop.en', by) WHERE code IS NULL) AS e
WHERE p.place = e.place;
-- a playbook in another language has its reasons in that language
SELECT DISTINCT action FROM segment_playbook('shop.en', 'growth', 'zh') WHERE code IS NULL;

-- explanations --------------------------------------------------------------------------------------------------------
SELECT step, value, cuts, regexp_replace(explanation, '(次训练，)[0-9-]+$', '\1(day)') AS explanation FROM explain_customer('shop.zh', 7);
SELECT step, value, explanation FROM explain_customer('shop.zh', 815);
SELECT step, value, cuts, regexp_replace(explanation, '(training 1 of )[0-9-]+$', '\1(day)') AS explanation FROM explain_customer('shop.en', 7);
SELECT step, value, explanation FROM explain_customer('shop.en', 815);
-- none of them is English
SELECT count(*) AS explanations, count(*) FILTER (WHERE explanation !~ '[一-鿿]' OR explanation ~ '\m[a-z]{2,}\M +\m[a-z]{2,}\M') AS english
FROM generate_series(1, 820, 13) AS i, explain_customer('shop.zh', i::bigint);

-- the rules of the lifecycle by plain SQL over the orders: which one held, and its figures
CREATE TABLE known AS
WITH day AS (
    SELECT DISTINCT customer, at::date AS day FROM shop.orders WHERE at::date <= '2025-11-30'
), gap AS (
    SELECT *, day - lag(day) OVER (PARTITION BY customer ORDER BY day) AS gap FROM day
), customer AS (
    SELECT customer, count(*) AS days, date '2025-11-30' - max(day) AS since,
           (array_agg(gap ORDER BY day DESC))[1] AS last_gap
    FROM gap GROUP BY 1
), trained AS (
    SELECT (SELECT percentile_cont(0.8) WITHIN GROUP (ORDER BY gap) FROM gap) AS k,
           (SELECT percentile_cont(0.95) WITHIN GROUP (ORDER BY gap) FROM gap) AS l,
           (SELECT greatest(3, percentile_cont(0.8) WITHIN GROUP (ORDER BY days)) FROM customer WHERE days >= 2) AS n
)
SELECT c.id, CASE
    WHEN days IS NULL THEN 'Prospect: known, but no order yet'
    WHEN since > l THEN format('Lapsed: %s days since the last purchase, more than %s (95th percentile of the gaps)', since, round(l::numeric, 4)::float8)
    WHEN last_gap > l THEN format('Reactivated: bought again after %s days, more than %s (95th percentile of the gaps)', last_gap, round(l::numeric, 4)::float8)
    WHEN days >= 2 AND since > k THEN format('At risk: %s purchase days and %s days since the last, more than %s (80th percentile of the gaps)', days, since, round(k::numeric, 4)::float8)
    WHEN days >= n THEN format('Loyal: %s purchase days, at least %s', days, round(n::numeric, 4)::float8)
    WHEN days >= 2 THEN format('Repeat: %s purchase days, at least 2 but fewer than %s', days, round(n::numeric, 4)::float8)
    ELSE format('First-time: one purchase day, %s days before 2025-11-30', since) END AS told,
    coalesce(days, 0) AS days, last_gap
FROM shop.customers AS c LEFT JOIN customer ON customer = c.id CROSS JOIN trained;
SELECT count(*) AS customers, count(*) FILTER (WHERE (s.purchase_days, s.last_gap) IS DISTINCT FROM (k.days, k.last_gap)) AS wrong
FROM known AS k JOIN shop.en AS s ON s.customer = k.id;
WITH chosen AS (
    SELECT k.*, s.lifecycle_stage_code AS stage, row_number() OVER (PARTITION BY s.lifecycle_stage_code ORDER BY k.id) AS place
    FROM known AS k JOIN shop.en AS s ON s.customer = k.id
)
SELECT c.stage, count(*) AS customers, bool_and(starts_with(e.explanation, c.told)) AS same, min(e.explanation) AS explanation
FROM chosen AS c, explain_customer('shop.en', c.id) AS e
WHERE c.place <= 5 AND e.step = 'lifecycle_stage'
GROUP BY 1 ORDER BY 1;
SELECT DISTINCT ON (lifecycle_stage_code) e.value, e.explanation
FROM shop.zh AS s, LATERAL (SELECT s.customer) AS c (id), explain_customer('shop.zh', c.id) AS e
WHERE s.customer <= 60 AND e.step = 'lifecycle_stage' ORDER BY s.lifecycle_stage_code, s.customer;

-- the rules of need: the first that holds, by the columns and the trained percentiles that users see
CREATE TABLE wanted AS
SELECT s.customer, s.need_type_code AS code, row_number() OVER (PARTITION BY s.need_type_code, w.told ORDER BY s.customer) AS place,
    CASE
        WHEN w.told THEN s.need_type || ': told by the customer, in column wants of the customer table'
        WHEN discount_share > 0 AND discount_share >= d.p THEN
            format('Price-sensitive: %s%% of the orders with a discount, more than 0 and at least %s%%',
                round(100 * discount_share::numeric, 4)::float8, round(100 * d.p::numeric, 4)::float8)
        WHEN service_rate > 0 AND service_rate >= r.p THEN
            format('Service-oriented: %s service contacts per order, more than 0 and at least %s (80th percentile)',
                round(service_rate::numeric, 4)::float8, round(r.p::numeric, 4)::float8)
        WHEN purchase_days >= 2 THEN format('Loyal: %s purchase days, at least 2, and no earlier rule holds', purchase_days)
        ELSE 'no place: need is not known, as no rule holds' END AS told
FROM shop.en AS s
JOIN shop.customers AS c ON c.id = s.customer
CROSS JOIN (SELECT percentiles[81] FROM training_axis AS a JOIN segmentation AS s ON s.id = a.segmentation AND a.number = s.trainings WHERE s.view = 'shop.en' AND axis = 'discount_share') AS d (p)
CROSS JOIN (SELECT percentiles[81] FROM training_axis AS a JOIN segmentation AS s ON s.id = a.segmentation AND a.number = s.trainings WHERE s.view = 'shop.en' AND axis = 'service_rate') AS r (p)
-- what a rule gives as well is told by the rule
CROSS JOIN LATERAL (SELECT coalesce(lower(c.wants) = 'functional' OR lower(c.wants) = 'loyal' AND (
    discount_share > 0 AND discount_share >= d.p OR service_rate > 0 AND service_rate >= r.p OR purchase_days < 2), false)) AS w (told);
SELECT w.code, w.told ~ 'told by' AS by_customer, count(*) AS customers, bool_and(starts_with(e.explanation, w.told)) AS same, min(e.explanation) AS explanation
FROM wanted AS w, explain_customer('shop.en', w.customer) AS e
WHERE w.place <= 4 AND e.step = 'need_type'
GROUP BY 1, 2 ORDER BY 1, 2;
SELECT DISTINCT ON (w.code, w.told ~ 'told by') e.value, e.explanation
FROM wanted AS w, explain_customer('shop.zh', w.customer) AS e
WHERE w.place = 1 AND e.step = 'need_type' ORDER BY w.code, w.told ~ 'told by', w.customer;

-- another language ----------------------------------------------------------------------------------------------------
-- comments follow it, but for those of users; so do a column that is no longer asked for, and the function
COMMENT ON COLUMN shop.en.clv IS 'Ask Wang before you use this';
COMMENT ON COLUMN shop.en.region IS NULL;
SELECT alter_segmentation('shop.en', '{"language": "zh", "product": null}');
SELECT name, text FROM comment
WHERE view = 'shop.en' AND name IN ('(function)', 'clv', 'region', 'frequency', 'product_breadth', 'spend_quadrant');
SELECT count(*) AS differ FROM comment AS a JOIN comment AS b USING (name)
WHERE a.view = 'shop.en' AND b.view = 'shop.zh' AND a.text IS DISTINCT FROM b.text
  AND name NOT IN ('clv', 'region', 'product_breadth', 'favourite_product', '(function)');
SELECT alter_segmentation('shop.en', '{"language": null}');
SELECT count(*) AS chinese FROM comment WHERE view = 'shop.en' AND text ~ '[一-鿿]';
SELECT name, text FROM comment WHERE view = 'shop.en' AND name IN ('clv', 'region', 'product_breadth');

-- a language without texts of ours: English, and a notice
SELECT reword_scheme('standard', '{"champions": {"labels": {"fr": "Champions de France"}}}');
SELECT create_segmentation('shop.fr', 'shop.orders', 'customer', 'at', 'total', '{"language": "fr", "as_of": "2025-11-30"}');
CREATE TABLE shop.none (LIKE shop.orders);
SET client_min_messages = notice;
SELECT create_segmentation('shop.empty', 'shop.none', 'customer', 'at', 'total', '{"language": "fr"}') \g /dev/null
SELECT alter_segmentation('shop.fr', '{"keep_trainings": 2}', train => false) \g /dev/null
-- a kind of Chinese has the Chinese texts and labels
SELECT alter_segmentation('shop.empty', '{"language": "zh-TW"}', train => false) \g /dev/null
SET client_min_messages = warning;
SELECT alter_segmentation('shop.fr', '{"language": "zh-TW"}');
SELECT col_description('shop.fr'::regclass, 5);
SELECT explanation FROM explain_customer('shop.fr', 7) WHERE step = 'recency';
SELECT s.growth_quadrant = p.segment AS labels, p.segment, p.action
FROM shop.fr AS s JOIN segment_playbook('shop.fr') AS p ON p.code = s.growth_quadrant_code WHERE s.customer = 7;
SELECT alter_segmentation('shop.fr', '{"language": "fr"}');
SELECT col_description('shop.fr'::regclass, 5);
SELECT explanation FROM explain_customer('shop.fr', 7) WHERE step = 'recency';
SELECT reword_scheme('standard', NULL);

-- a matrix of a user, described in two languages, in one, or not at all; axes of their own keep their names
SELECT define_matrix('mine', '{"description": {"en": "value by region", "zh": "按地区看价值"}, "x": {"axis": "clv"},
    "positions": [{"x": 2, "code": "more"}, {"x": 1, "code": "less"}]}');
SELECT define_matrix('ours', '{"description": "什么都行", "x": {"axis": "score"},
    "positions": [{"x": 2, "code": "more"}, {"x": 1, "code": "less"}]}');
SELECT fails($$SELECT define_matrix('wrong', '{"description": {"中文": "?"}, "x": {"axis": "clv"}, "positions": []}')$$),
       fails($$SELECT define_matrix('wrong', '{"description": ["?"], "x": {"axis": "clv"}, "positions": []}')$$),
       fails($$SELECT define_matrix('wrong', '{"description": {"en": 5}, "x": {"axis": "clv"}, "positions": []}')$$);
SELECT matrix, description FROM matrix WHERE matrix IN ('mine', 'ours', 'growth') ORDER BY 1;
SELECT matrix_definition('mine') -> 'description' AS by_language, matrix_definition('ours') -> 'description' AS one;
ALTER TABLE shop.customers ADD score int DEFAULT 1;
SELECT alter_segmentation('shop.zh', '{"matrices": ["mine", "ours"]}'), alter_segmentation('shop.en', '{"matrices": ["mine", "ours"]}');
SELECT view, name, text FROM comment WHERE name IN ('mine', 'ours') ORDER BY 1, 2;
SELECT step, cuts, explanation FROM explain_customer('shop.zh', 7) WHERE step IN ('mine', 'ours');
SELECT step, cuts, explanation FROM explain_customer('shop.en', 7) WHERE step IN ('mine', 'ours');
