-- Rules that must not mislead, and columns that analysts reach for: decline, closeness, prospects, actions, favourite
-- product, weights, indexes, comments of the customer table, amounts that are no column.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned
SET search_path = public, customer_value;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\i :helpers

-- decline: against plain SQL over orders ----------------------------------------------------------------------------
CREATE TABLE orders AS
SELECT c AS customer, date '2025-06-30' - ((c * 7919 + i * i * 104729 + i * c * 31) % (40 + c % 800))
           - CASE WHEN c % 5 = 1 THEN 90 ELSE 0 END AS day,
       (5 + i % 7)::numeric(8, 2) AS amount,
       chr(65 + (c * i) % 5) AS product
FROM generate_series(1, 1500) AS c, LATERAL generate_series(0, CASE WHEN c % 3 = 0 THEN 0 ELSE c % 23 END) AS i;
SELECT create_segmentation('declines', 'orders', 'customer', 'day', 'amount',
                           '{"as_of": "2025-06-30", "product": "product"}');
CREATE VIEW by_hand AS
WITH bought AS (
    SELECT customer, day, min(day) OVER (PARTITION BY customer) AS first
    FROM (SELECT DISTINCT customer, day FROM orders) AS d
), counted AS (
    SELECT customer, (date '2025-06-30' - min(first))::numeric AS age, (count(*) - 1)::int AS later,
           (count(*) FILTER (WHERE day > date '2025-06-30' - 90 AND day > first))::int AS recent
    FROM bought GROUP BY 1
)
SELECT customer, age, later, recent,
       age > 90 AND (
           SELECT sum(factorial(later) / factorial(i) / factorial(later - i) * 90.0 ^ i * (age - 90) ^ (later - i))
           FROM generate_series(0, recent) AS i
       ) < 0.05 * age ^ later AS declining,
       CASE WHEN age > 90 AND later > recent THEN recent / ((later - recent) / (age - 90) * 90) END AS trend
FROM counted;
SELECT count(*) > 1300 AS customers, count(*) FILTER (WHERE v.declining) > 20 AS some_decline,
       count(*) FILTER (WHERE v.declining IS DISTINCT FROM h.declining) AS other_flags,
       count(*) FILTER (WHERE v.declining AND h.later = 0) AS one_time_customers_flagged,
       count(v.purchase_trend) > 500 AS trends,
       count(*) FILTER (WHERE (v.purchase_trend IS NULL) <> (h.trend IS NULL)
                           OR abs(v.purchase_trend::numeric - h.trend) > 1e-12) AS other_trends,
       count(*) FILTER (WHERE v.purchase_trend IS NOT NULL AND h.later - h.recent < 1) AS trends_of_one_day
FROM declines AS v JOIN by_hand AS h USING (customer);
-- one purchase, 0 to 400 days ago: nobody declines; as in UCI, where 26 of 30 flagged customers had bought once
SELECT count(declining) AS days, count(*) FILTER (WHERE declining) AS flagged
FROM (SELECT declining(purchase_history(date '2025-06-30' - i, 9), '2025-06-30') FROM generate_series(0, 400) AS i GROUP BY i) AS o;

-- relationship quality: contacts for service are no closeness ------------------------------------------------------------
CREATE TABLE contacts (customer int, at date, kind text);
INSERT INTO contacts SELECT 1, date '2025-06-30' - i, 'service' FROM generate_series(0, 11) AS i;
INSERT INTO contacts SELECT 2, date '2025-06-20' - i, 'visit' FROM generate_series(0, 2) AS i;
INSERT INTO contacts VALUES (2, '2025-06-29', 'Service'), (4, '2025-05-01', NULL);
SELECT create_segmentation('close', 'orders', 'customer', 'day', 'amount',
    '{"as_of": "2025-06-30", "interactions": {"source": "contacts", "customer": "customer", "at": "at", "kind": "kind"}}');
SELECT customer, interactions, last_interaction, round(service_rate::numeric, 3) AS service_rate,
       round(relationship_quality::numeric, 4) AS quality, round((2 ^ (-10 / 30.0))::numeric, 4) AS freshness
FROM close WHERE customer IN (1, 2, 4, 5) ORDER BY 1;
SELECT a.axis, a.customers FROM training_axis AS a JOIN segmentations AS s ON s.id = a.segmentation
WHERE s.view = 'public.close' AND a.axis LIKE '%interactions';
-- a matrix over all interactions is cut by all of them
SELECT define_matrix('contacted', '{"x": {"axis": "interactions", "split": "given", "cuts": [5]}, "positions": [
    {"x": 1, "code": "few", "labels": {"en": "Few"}},
    {"x": 2, "code": "many", "labels": {"en": "Many"}, "actions": {"en": "Ask why."}}]}');
SELECT alter_segmentation('close', '{"matrices": ["contacted"]}');
SELECT customer, contacted, contacted_code, contacted_rank, contacted_action FROM close
WHERE customer IN (1, 2, 5) ORDER BY 1;

-- prospects: known by as_of, never an order ---------------------------------------------------------------------------
CREATE TABLE people (id int PRIMARY KEY, name text, since date, joined timestamptz, followers int, reviews float8);
COMMENT ON COLUMN people.name IS 'As they sign, it''s "theirs"';
INSERT INTO people
SELECT i, 'p' || i, NULLIF(date '2025-06-29' + i % 4, date '2025-07-02'), timestamptz '2025-06-30 20:00 UTC' + i % 9 * interval '1 hour',
       i % 50, i % 7
FROM generate_series(1, 1520) AS i;
-- 1601 has only refunds, 1602 first buys later, 1603 has an order whose amount is not known, 1604 nothing
INSERT INTO people VALUES (1601, 'r', '2020-01-01'), (1602, 'l', '2020-01-01'), (1603, 'n', '2020-01-01'),
    (1604, 'e', '2020-01-01');
INSERT INTO orders VALUES (1601, '2025-05-05', -4, 'A'), (1602, '2025-07-01', 4, 'A'), (1603, '2025-05-05', NULL, 'A'),
    (1605, '2025-05-05', -4, 'A');
SELECT create_segmentation('known', 'orders', 'customer', 'day', 'amount', '{"as_of": "2025-06-30", "customers":
    {"source": "people", "customer": "id", "columns": ["name"]}}');
SELECT customer, lifecycle_stage_code AS stage, lifecycle_stage_action AS action, frequency, revenue
FROM known WHERE customer > 1600 ORDER BY 1;
SELECT lifecycle_stage_code AS stage, count(*) FROM known WHERE customer BETWEEN 1501 AND 1520 GROUP BY 1;
-- since a date: who became known later is not there yet; who has none is
SELECT alter_segmentation('known', '{"customers": {"source": "people", "customer": "id", "columns": ["name"],
    "since": "since"}}');
SELECT p.since, v.lifecycle_stage_code AS stage, count(*)
FROM known AS v JOIN people AS p ON p.id = v.customer WHERE customer BETWEEN 1501 AND 1520 GROUP BY 1, 2 ORDER BY 1;
-- since a time: the day is that of the zone
SELECT alter_segmentation('known', '{"customers": {"source": "people", "customer": "id", "since": "joined",
    "columns": ["name"]}, "time_zone": "Asia/Shanghai"}');
SELECT (p.joined AT TIME ZONE 'Asia/Shanghai')::date AS day, v.lifecycle_stage_code AS stage, count(*)
FROM known AS v JOIN people AS p ON p.id = v.customer WHERE customer BETWEEN 1501 AND 1520 GROUP BY 1, 2 ORDER BY 1;
SELECT alter_segmentation('known', '{"bind": "name", "time_zone": "America/New_York"}');
SELECT (p.joined AT TIME ZONE 'America/New_York')::date AS day, v.lifecycle_stage_code AS stage, count(*)
FROM known AS v JOIN people AS p ON p.id = v.customer WHERE customer BETWEEN 1501 AND 1520 GROUP BY 1, 2 ORDER BY 1;
SELECT fails($$SELECT alter_segmentation('known', '{"customers": {"source": "people", "customer": "id", "since": "name"}}')$$),
       fails($$SELECT alter_segmentation('known', '{"customers": {"source": "people", "customer": "id", "since": "born"}}')$$);

-- comments of the customer table stay those of the view's columns ------------------------------------------------------------
SELECT attname, col_description(attrelid, attnum) FROM pg_attribute
WHERE attrelid = 'known'::regclass AND attname IN ('name', 'lifecycle_stage_action', 'favourite_product') ORDER BY 1;

-- actions: those of the definition in force at the training, in its language --------------------------------------------------
CREATE VIEW actions AS
SELECT v.customer, a.*
FROM declines AS v CROSS JOIN LATERAL (VALUES
    ('rfm_segment', rfm_segment_code, rfm_segment_action,
        (SELECT nullif(l.action, '') FROM rfm_scheme_label AS l
         WHERE l.scheme = 'standard' AND l.segment_code = v.rfm_segment_code AND l.language = 'en')),
    ('lifecycle', lifecycle_stage_code, lifecycle_stage_action, matrix_action_of('lifecycle', lifecycle_stage_code)),
    ('growth', growth_quadrant_code, growth_quadrant_action, matrix_action_of('growth', growth_quadrant_code)),
    ('abc_pair', abc_pair_code, abc_pair_action, matrix_action_of('abc_pair', abc_pair_code)),
    ('value_tier', value_tier_code, value_tier_action, matrix_action_of('value_tier', value_tier_code)),
    ('clv_tier', clv_tier_code, clv_tier_action, matrix_action_of('clv_tier', clv_tier_code))
) AS a (label, code, action, expected);
SELECT label, count(*) > 1000 AS many, count(DISTINCT action) AS actions, count(*) - count(action) AS without,
       count(*) FILTER (WHERE action IS DISTINCT FROM expected) AS wrong
FROM actions GROUP BY 1 ORDER BY 1;
SELECT DISTINCT clv_tier_code, clv_tier_rank, clv_tier_action, clv_tier_action(0.9, 'zh') AS high,
       clv_tier(0.9, 'zh-TW') AS kind_of_zh, clv_tier(0.9, 'fr') AS others FROM declines
WHERE clv_tier IS NOT NULL ORDER BY 2;
SELECT count(*) FILTER (WHERE rfm_segment_action(recency_score, frequency_score, monetary_score)
                           IS DISTINCT FROM rfm_segment_action) AS wrong,
       min(rfm_segment_action(5, 5, 5, 'standard', 'zh')) AS zh, min(rfm_segment_action(5, 5, 5, 'eight')) AS outside
FROM declines;
SELECT reword_matrix('growth', '{"high_high": {"labels": {"en": "Stars"}, "actions": {"en": "Call them."}}}');
SELECT growth_quadrant, growth_quadrant_action, count(*) > 0 AS some FROM declines
WHERE growth_quadrant_code = 'high_high' GROUP BY 1, 2;
SELECT train_segmentation('declines') > 1 AS trained;
SELECT growth_quadrant, growth_quadrant_action, count(*) > 0 AS some FROM declines
WHERE growth_quadrant_code = 'high_high' GROUP BY 1, 2;
SELECT alter_segmentation('declines', '{"language": "zh"}');
SELECT DISTINCT growth_quadrant_action FROM declines WHERE growth_quadrant_code = 'high_high';
-- what is not selected is not computed
SELECT count(*) FILTER (WHERE line ~ 'matrix_action|favourite|segment_action|purchase_trend') AS lines
FROM plan_of('SELECT customer, rfm_segment FROM declines') AS line;

-- favourite product -----------------------------------------------------------------------------------------------------
CREATE TABLE baskets (customer int, day date, amount numeric, product text);
INSERT INTO baskets VALUES (1, '2025-01-01', 5, 'pear'), (1, '2025-01-02', 5, 'apple'), (1, '2025-01-03', 5, 'pear'),
    (2, '2025-01-01', 5, 'b'), (2, '2025-01-02', 5, 'B'), (2, '2025-01-03', 5, 'ä'), (3, '2025-01-02', 5, NULL),
    (4, '2025-01-01', 5, 'x'), (4, '2025-01-02', -5, 'y'), (4, '2025-01-03', -5, 'y'), (4, '2026-01-02', 5, 'z');
SELECT create_segmentation('baskets_seg', 'baskets', 'customer', 'day', 'amount',
                           '{"as_of": "2025-02-01", "product": "product"}');
SELECT customer, product_breadth, favourite_product FROM baskets_seg ORDER BY 1;

-- weights of the value score --------------------------------------------------------------------------------------------
SELECT alter_segmentation('declines', '{"value_weights": {"frequency": 3, "product_breadth": 0.5}}');
CREATE VIEW scores AS
SELECT v.*, percentile_of(f.percentiles, v.frequency) AS pf,
       percentile_of(r.percentiles, v.revenue::float8) AS pr, percentile_of(b.percentiles, v.product_breadth) AS pb
FROM declines AS v, training_axis AS f, training_axis AS r, training_axis AS b, segmentations AS s
WHERE s.view = 'public.declines' AND (f.segmentation, f.number) = (s.id, s.newest_training) AND f.axis = 'frequency'
  AND (r.segmentation, r.number) = (s.id, s.newest_training) AND r.axis = 'revenue'
  AND (b.segmentation, b.number) = (s.id, s.newest_training) AND b.axis = 'product_breadth' AND v.last_purchase IS NOT NULL;
SELECT count(*) > 1000 AS many, count(*) FILTER (WHERE abs(value_score - (3 * pf + pr + 0.5 * pb) / 4.5) > 1e-12) AS wrong
FROM scores WHERE value_score IS NOT NULL;
SELECT alter_segmentation('declines', '{"value_weights": {"frequency": 0, "revenue": 0}}');
SELECT count(*) FILTER (WHERE abs(value_score - pb) > 1e-12) AS wrong FROM scores;
SELECT alter_segmentation('declines', '{"value_weights": {"product_breadth": 0, "revenue": 3}}');
SELECT count(*) FILTER (WHERE abs(value_score - (pf + 3 * pr) / 4) > 1e-12) AS wrong FROM scores;
SELECT value_score('{0,10}', '{0,10}', purchase_history(date '2025-01-01', 5), '2025-01-01') AS even,
       value_score('{0,10}', '{0,10}', purchase_history(date '2025-01-01', 5), '2025-01-01', 3) AS three_to_one,
       value_score('{0,10}', '{0,10}', purchase_history(date '2025-01-01', 5), '2025-01-01', frequency_weight => 0) AS revenue;
SELECT fails(statement) FROM unnest(ARRAY[
    $$SELECT value_score('{0,10}', '{0,10}', purchase_history(date '2025-01-01', 5), '2025-01-01', 0, 0)$$,
    $$SELECT value_score('{0,10}', '{0,10}', purchase_history(date '2025-01-01', 5), '2025-01-01', -1, 2)$$,
    $$SELECT value_score('{0,10}', '{0,10}', purchase_history(date '2025-01-01', 5), '2025-01-01', 'NaN', 2)$$,
    $$SELECT alter_segmentation('declines', '{"value_weights": {"breadth": 1}}')$$,
    $$SELECT alter_segmentation('declines', '{"value_weights": [1, 2]}')$$,
    $$SELECT alter_segmentation('declines', '{"value_weights": {"frequency": 0, "revenue": 0, "product_breadth": 0}}')$$,
    $$SELECT alter_segmentation('close', '{"value_weights": {"frequency": 0, "revenue": 0}}')$$
]) AS statement;

-- weighted indexes --------------------------------------------------------------------------------------------------------
SELECT define_matrix('influence', '{"x": {"axis": "influence_index", "split": "median"},
    "y": {"axis": "Activity score", "split": "median"}, "positions": [
    {"x": 1, "y": 1, "code": "a", "labels": {"en": "A"}}, {"x": 1, "y": 2, "code": "b", "labels": {"en": "B"}},
    {"x": 2, "y": 1, "code": "c", "labels": {"en": "C"}}, {"x": 2, "y": 2, "code": "d", "labels": {"en": "D"}}]}');
SELECT alter_segmentation('known', '{"bind": "table", "indexes": {"influence_index": {"followers": 2, "reviews": 1},
    "Activity score": {"frequency": 1, "profitability": 1}}, "matrices": ["influence"]}');
SELECT count(*) > 1000 AS many, count(*) FILTER (
           WHERE abs(v.influence_index - (2 * percentile_of(f.percentiles, p.followers)
                                          + percentile_of(r.percentiles, p.reviews)) / 3) > 1e-12) AS wrong,
       min(v.influence_index) >= 0 AND max(v.influence_index) <= 1 AS in_range,
       count(*) FILTER (WHERE (v.influence_code IN ('c', 'd')) <> (v.influence_index >= m.x_cuts[1])) AS misplaced,
       count(DISTINCT v.influence_code) AS places
FROM known AS v JOIN people AS p ON p.id = v.customer, segmentations AS s, training_axis AS f, training_axis AS r,
     training_matrix AS m
WHERE s.view = 'public.known' AND (f.segmentation, f.number) = (s.id, s.newest_training) AND f.axis = 'followers'
  AND (r.segmentation, r.number) = (s.id, s.newest_training) AND r.axis = 'reviews'
  AND (m.segmentation, m.number) = (s.id, s.newest_training) AND m.matrix = 'influence' AND p.followers IS NOT NULL;
SELECT col_description('known'::regclass, attnum) FROM pg_attribute
WHERE attrelid = 'known'::regclass AND attname = 'influence_index';
SELECT fails(format('SELECT alter_segmentation(%L, %L)', 'known', format('{"indexes": %s}', indexes))), indexes
FROM unnest(ARRAY[
    '{"clv": {"followers": 1}}', '{"followers": {"reviews": 1}}', '{"purchase_days": {"reviews": 1}}',
    '{"customer": {"reviews": 1}}', '{"growth_quadrant": {"reviews": 1}}', '{"": {"reviews": 1}}',
    '{"i": {"nothing": 1}}', '{"i": {"name": 1}}', '{"i": {"loyalty": 1}}', '{"i": {"i": 1}}',
    '{"a": {"followers": 1}, "i": {"a": 1}}', '{"i": {"followers": -1}}', '{"i": {"followers": 0}}', '{"i": {}}',
    '{"i": 3}', '["i"]'
]) AS indexes;

-- amounts as an expression --------------------------------------------------------------------------------------------------
SELECT fails(format('SELECT create_segmentation(''x'', ''orders'', ''customer'', ''day'', %L)', amount)), amount
FROM unnest(ARRAY['amount * 2', 'round(amount)', 'amount::int', 'amount - 1', 'CASE WHEN true THEN amount END', 'amonut',
                  'total-sum']) AS amount;
CREATE TABLE odd (customer int, day date, "amount * 2" numeric);
INSERT INTO odd VALUES (1, '2025-01-01', 5);
SELECT create_segmentation('odd_seg', 'odd', 'customer', 'day', 'amount * 2', '{"as_of": "2025-01-01"}');
SELECT customer, revenue FROM odd_seg;

-- columns that options no longer ask for go where the user says so ------------------------------------------------------------
CREATE ROLE rules_owner; CREATE ROLE rules_reader; CREATE ROLE rules_helper;
CREATE SCHEMA going AUTHORIZATION rules_owner;
GRANT SELECT ON orders, people TO rules_owner, rules_reader, rules_helper;
SET ROLE rules_owner;
SELECT create_segmentation('going.seg', 'public.orders', 'customer', 'day', 'amount', '{"as_of": "2025-06-30",
    "product": "product", "customers": {"source": "public.people", "customer": "id", "columns": ["name", "followers"]},
    "indexes": {"Reach": {"followers": 1}}}');
CREATE VIEW going.over AS SELECT customer, clv FROM going.seg;
GRANT SELECT ON going.seg TO rules_reader WITH GRANT OPTION;
GRANT SELECT (customer, clv, followers), UPDATE (clv) ON going.seg TO rules_helper;
REVOKE EXECUTE ON FUNCTION going.seg_of(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION going.seg_of(integer) TO rules_reader;
COMMENT ON VIEW going.seg IS 'Ours';
COMMENT ON COLUMN going.seg.clv IS 'Approved';
COMMENT ON COLUMN going.seg.revenue IS NULL;
COMMENT ON COLUMN going.seg.followers IS 'Goes';
COMMENT ON FUNCTION going.seg_of(integer) IS 'One';
ALTER VIEW going.seg SET (security_barrier = true);
-- what default privileges would give is not what the view had
ALTER DEFAULT PRIVILEGES IN SCHEMA going GRANT ALL ON TABLES TO rules_helper;
ALTER DEFAULT PRIVILEGES IN SCHEMA going GRANT EXECUTE ON FUNCTIONS TO rules_helper;
CREATE VIEW going.kept AS
SELECT c.relname::text AS what, c.reloptions::text AS options, pg_get_userbyid(c.relowner)::text AS owner,
       obj_description(c.oid, 'pg_class') AS comment,
       (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(c.relacl) AS a) AS acl
FROM pg_class AS c WHERE c.oid = to_regclass('going.seg')
UNION ALL
SELECT a.attname::text, NULL, NULL, col_description(a.attrelid, a.attnum), a.attacl::text
FROM pg_attribute AS a WHERE a.attrelid = to_regclass('going.seg') AND a.attnum > 0 AND a.attname <> 'followers'
UNION ALL
SELECT p.proname::text, NULL, pg_get_userbyid(p.proowner)::text, obj_description(p.oid, 'pg_proc'),
       (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(p.proacl) AS a)
FROM pg_proc AS p WHERE p.oid = to_regprocedure('going.seg_of(integer)');
CREATE TABLE going.before AS TABLE going.kept;
-- no dependent is dropped
SELECT fails($$SELECT alter_segmentation('going.seg', '{"indexes": null}', drop_columns => true)$$);
CREATE FUNCTION going.uses(integer) RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM going.seg_of($1); END;
DROP VIEW going.over;
SELECT fails($$SELECT alter_segmentation('going.seg', '{"indexes": null}', drop_columns => true)$$);
DROP FUNCTION going.uses(integer);
-- without being told to, they stay
SELECT alter_segmentation('going.seg', '{"indexes": null, "product": null, "customers": {"source": "public.people",
    "customer": "id", "columns": ["name"]}}');
SELECT attname, col_description(attrelid, attnum) FROM pg_attribute
WHERE attrelid = 'going.seg'::regclass AND attname IN ('Reach', 'followers', 'product_breadth', 'favourite_product') ORDER BY 1;
-- with nothing to go, the view stays the same
SELECT create_segmentation('going.other', 'public.orders', 'customer', 'day', 'amount', '{"as_of": "2025-06-30"}') IS NOT NULL
    AS made;
SELECT 'going.other'::regclass::oid AS oid \gset
SELECT alter_segmentation('going.other', drop_columns => true)::oid = :oid AS same;
SELECT 'going.seg'::regclass::oid AS oid \gset
SELECT alter_segmentation('going.seg', train => false, drop_columns => true)::oid <> :oid AS anew;
SELECT count(*) AS columns_left FROM pg_attribute
WHERE attrelid = 'going.seg'::regclass AND attname IN ('Reach', 'followers', 'product_breadth', 'favourite_product');
SELECT * FROM going.before EXCEPT SELECT * FROM going.kept ORDER BY 1;
SELECT * FROM going.kept EXCEPT SELECT * FROM going.before ORDER BY 1;
SELECT what, options, owner, comment, replace(acl, 'Dxtm', 'Dxt') AS acl FROM going.kept WHERE acl IS NOT NULL OR comment IN ('Approved', 'Ours') ORDER BY 1;
SELECT state, view, (SELECT count(*) FROM training AS t WHERE t.segmentation = s.id) AS trainings FROM segmentations AS s
WHERE view = 'going.seg';
SELECT train_segmentation('going.seg') AS number, count(*) AS rows, (SELECT customer FROM going.seg_of(7)) AS one FROM going.seg;
-- the same where the view reads by names, and a user has appended a column
SELECT alter_segmentation('going.seg', '{"bind": "name", "product": "product"}');
SELECT pg_get_viewdef('going.seg') AS text \gset
SELECT format('CREATE OR REPLACE VIEW going.seg WITH (security_invoker) AS %s',
              regexp_replace(:'text', '\n   FROM', E',\n h.frequency * 2 AS twice\n   FROM')) AS command \gset
:command;
COMMENT ON COLUMN going.seg.twice IS 'Theirs';
SELECT alter_segmentation('going.seg', '{"product": null}', drop_columns => true);
SELECT attname, col_description(attrelid, attnum) FROM pg_attribute
WHERE attrelid = 'going.seg'::regclass AND attname IN ('twice', 'product_breadth') ORDER BY 1;
SELECT count(*) FILTER (WHERE twice <> 2 * frequency) AS wrong FROM going.seg;
SELECT proname FROM pg_proc WHERE pronamespace = 'going'::regnamespace ORDER BY 1;
-- whoever does not own it cannot
GRANT USAGE ON SCHEMA going TO rules_reader;
RESET ROLE; SET ROLE rules_reader;
SELECT fails($$SELECT alter_segmentation('going.seg', drop_columns => true)$$);
RESET ROLE;
-- a superuser may, and the owner stays
SELECT alter_segmentation('going.seg', '{"customers": null}', drop_columns => true);
SELECT count(*) AS columns_left FROM pg_attribute WHERE attrelid = 'going.seg'::regclass AND attname = 'name';
SELECT relowner::regrole, relacl IS NOT NULL AS granted FROM pg_class WHERE oid = 'going.seg'::regclass;
SELECT drop_segmentation('going.seg'), drop_segmentation('going.other');
DROP SCHEMA going CASCADE; DROP OWNED BY rules_owner, rules_reader, rules_helper; DROP ROLE rules_owner, rules_reader, rules_helper;
