-- Reports that read the whole: against plain SQL and a published table; options and matrices that are
-- wrong; who may read.
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
CREATE TABLE shop.customers (id bigint PRIMARY KEY, region text, industry text, age int);
INSERT INTO shop.customers
SELECT i, 'r' || i % 4,
       CASE WHEN i % 9 = 0 THEN NULL WHEN i % 5 = 0 THEN 'retail' WHEN i % 501 = 1 THEN 'rare' ELSE 'other' END,
       20 + i % 50
FROM generate_series(1, 1600) AS i;
CREATE TABLE shop.orders AS
SELECT customer_id AS customer, ordered_at AS at, amount AS total FROM simulate_orders(1500, 700, 11);
CREATE INDEX ON shop.orders (customer);
ANALYZE;
SELECT create_segmentation('shop.segments', 'shop.orders', 'customer', 'at', 'total', '{
    "as_of": "2025-11-30", "customers": {"source": "shop.customers", "customer": "id", "columns": ["region"]}
}');

-- segment_report: Gini and the shares by plain SQL
SELECT max(abs(r.gini - g.gini)) < 0.00006 AS gini, count(*) AS segments
FROM segment_report('shop.segments', 'abc_class') AS r
JOIN (
    SELECT s.abc_class,
           (
               SELECT sum(abs(a.revenue - b.revenue))
               FROM shop.segments AS a, shop.segments AS b
               WHERE a.abc_class = s.abc_class AND b.abc_class = s.abc_class
           ) / (2.0 * count(*) * sum(revenue)) AS gini
    FROM shop.segments AS s
    WHERE abc_class IS NOT NULL
    GROUP BY 1
) AS g ON g.abc_class = r.segment;
SELECT r.segment, r.customers = c.customers AS customers, r.revenue = c.revenue AS revenue,
       abs(r.revenue_share - c.share) < 0.00006 AS share, abs(r.mean_clv - c.clv) < 0.006 AS clv
FROM segment_report('shop.segments', 'growth_quadrant') AS r
JOIN (
    SELECT growth_quadrant, count(*) AS customers, sum(revenue) AS revenue,
           sum(revenue) / (SELECT sum(revenue) FROM shop.segments) AS share, avg(clv) AS clv
    FROM shop.segments
    GROUP BY 1
) AS c ON c.growth_quadrant IS NOT DISTINCT FROM r.segment;
SELECT segment, customers FROM segment_report('shop.segments', 'region');

-- segment_playbook: all positions, best first, then those without
SELECT p.segment, p.code, p.rank, p.customers = coalesce(c.n, 0) AS customers, p.action = l.action AS action
FROM segment_playbook('shop.segments', 'spend_quadrant') AS p
LEFT JOIN (SELECT spend_quadrant_code AS code, count(*) AS n FROM shop.segments GROUP BY 1) AS c
    ON c.code IS NOT DISTINCT FROM p.code
LEFT JOIN matrix_label AS l ON l.matrix = 'spend' AND l.code = p.code AND l.language = 'en';
SELECT by, sum(customers) = (SELECT count(*) FROM shop.segments) AS whole,
       count(*) FILTER (WHERE code IS NULL) AS reasons, bool_and(action <> '') AS actions
FROM unnest(
         ARRAY['growth_quadrant', 'spend_quadrant', 'abc_class', 'abc_pair', 'lifecycle_stage',
               'profitability_quadrant', 'value_tier', 'clv_tier', 'rfm_segment']
     ) AS by,
     segment_playbook('shop.segments', by)
GROUP BY 1 ORDER BY 1;
SELECT count(*) AS same
FROM segment_playbook('shop.segments', 'growth_quadrant_code') AS a
JOIN segment_playbook('shop.segments') AS b USING (code, customers, action);
-- a matrix by its name; profitability is also a column, but one without labels, abc_pair the column of the matrix
SELECT by, count(*) AS same
FROM (
    VALUES ('growth', 'growth_quadrant'), ('spend', 'spend_quadrant'), ('abc', 'abc_class'),
           ('abc_pair', 'abc_pair_code'), ('lifecycle', 'lifecycle_stage'),
           ('profitability', 'profitability_quadrant'), ('clv_tier', 'clv_tier_code')
) AS m (by, label), segment_playbook('shop.segments', by) AS a
JOIN segment_playbook('shop.segments', label) AS b
    ON a.code IS NOT DISTINCT FROM b.code
    AND (a.segment, a.rank, a.customers, a.revenue, a.action)
        IS NOT DISTINCT FROM (b.segment, b.rank, b.customers, b.revenue, b.action)
GROUP BY 1 ORDER BY 1;
SELECT segment, action FROM segment_playbook('shop.segments', 'rfm_segment', 'zh') WHERE rank = 1;
SELECT segment FROM segment_playbook('shop.segments', 'growth_quadrant', 'tlh') WHERE rank = 1;
SELECT (SELECT count(*) FROM segment_playbook(NULL)), (SELECT count(*) FROM segment_playbook('shop.segments', NULL));

-- segment_crosstab: cells, shares, order
SELECT count(*) AS cells, sum(customers) = (SELECT count(*) FROM shop.segments) AS whole,
       abs(sum(share) - 1) < 0.001 AS shares, count(*) FILTER (WHERE customers = 0) > 0 AS empty
FROM segment_crosstab('shop.segments', 'growth_quadrant', 'value_tier');
SELECT count(*) AS wrong
FROM segment_crosstab('shop.segments', 'lifecycle_stage', 'region') AS t
LEFT JOIN (
    SELECT lifecycle_stage AS a, region AS b, count(*) AS n, sum(revenue) AS revenue, avg(clv) AS clv,
           sum(count(*)) OVER (PARTITION BY lifecycle_stage) AS row,
           sum(count(*)) OVER (PARTITION BY region) AS col
    FROM shop.segments
    GROUP BY 1, 2
) AS c ON c.a = t.row_label AND c.b = t.column_label
WHERE t.customers <> coalesce(c.n, 0)
    OR t.revenue IS DISTINCT FROM c.revenue
    OR abs(t.share_of_row - c.n / c.row) > 0.00006
    OR abs(t.share_of_column - c.n / c.col) > 0.00006
    OR abs(t.mean_clv - c.clv) > 0.006;
SELECT DISTINCT ON (row_label) row_label
FROM segment_crosstab('shop.segments', 'growth_quadrant', 'clv_tier')
WHERE customers > 0;
SELECT row_label, column_label, customers
FROM segment_crosstab('shop.segments', 'frequency_score', 'abc_class')
LIMIT 4;

-- segment_profile: a published table, Agresti (2007), section 2.4: gender and party; X2 = 30.07, 2
-- degrees of freedom, adjusted residuals 4.50, 0.70, -5.32
CREATE TABLE shop.people AS
SELECT row_number() OVER () AS id, gender, party
FROM (VALUES (2, 'Democrat', 762), (2, 'Independent', 327), (2, 'Republican', 468), (1, 'Democrat', 484),
             (1, 'Independent', 239), (1, 'Republican', 477)) AS t (gender, party, n),
     generate_series(1, n);
ALTER TABLE shop.people ADD PRIMARY KEY (id);
SELECT define_matrix('gender', '{"x": {"axis": "gender", "split": "given", "cuts": [2]}, "positions": [
    {"x": 2, "code": "female", "labels": {"en": "Female"}}, {"x": 1, "code": "male", "labels": {"en": "Male"}}
]}');
CREATE VIEW shop.votes AS SELECT id AS customer, timestamptz '2025-01-01' AS at, 10::numeric AS total FROM shop.people;
SELECT create_segmentation('shop.voters', 'shop.votes', 'customer', 'at', 'total', '{
    "as_of": "2025-11-30", "family": "none", "customers": {"source": "shop.people", "customer": "id"},
    "matrices": ["gender"]
}');
SELECT segment, value, customers, expected, residual, index, share_of_segment, share_of_all,
       adjusted_p_value < 0.05 AS stands_out, chi_square, degrees_of_freedom AS df, table_p_value < 0.000001 AS p,
       table_p_method AS method, cramers_v AS v
FROM segment_profile('shop.voters', 'party', 'gender');
-- the statistic by plain SQL, over groups of enough customers and customers with a value
SELECT abs(min(p.chi_square) - sum((p.customers - e) ^ 2 / e)) < 0.0051 AS chi_square,
       max(abs(p.expected - e)) < 0.0051 AS expected, min(p.degrees_of_freedom) AS df,
       count(DISTINCT value) AS groups, sum(p.customers) AS customers
FROM (
    SELECT *,
           sum(customers) OVER (PARTITION BY segment)::float8 * sum(customers) OVER (PARTITION BY value)
               / sum(customers) OVER () AS e
    FROM segment_profile('shop.segments', 'industry', 'lifecycle_stage')
) AS p;
SELECT industry, count(*) AS customers
FROM shop.segments AS s
JOIN shop.customers AS c ON c.id = s.customer
GROUP BY 1 ORDER BY 1;
SELECT count(DISTINCT value) AS groups FROM segment_profile('shop.segments', 'industry', 'lifecycle_stage', 1);
SELECT count(*) AS cells, min(table_p_value) AS p, min(adjusted_p_value) AS adjusted
FROM segment_profile('shop.segments', 'industry', 'lifecycle_stage', 5000);
SELECT count(*) AS cells, count(DISTINCT value) AS regions, bool_and(adjusted_p_value >= p_value) AS adjusted,
       max(adjusted_p_value) <= 1 AS probability
FROM segment_profile('shop.segments', 'region');

-- contact_list: overdue, most valuable first
SELECT count(*) AS listed, count(*) FILTER (WHERE l.clv IS DISTINCT FROM round(c.clv::numeric, 2)::float8) AS wrong
FROM (SELECT row_number() OVER () AS k, * FROM contact_list('shop.segments', 50)) AS l
JOIN (
    SELECT row_number() OVER (ORDER BY clv DESC) AS k, customer, clv
    FROM (
        SELECT customer, s.clv, recency_days,
               (
                   SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY gap)
                   FROM (
                       SELECT day - lag(day) OVER (ORDER BY day) AS gap
                       FROM (
                           SELECT DISTINCT at::date AS day
                           FROM shop.orders AS o
                           WHERE o.customer = s.customer AND at < '2025-12-01'
                       ) AS d
                   ) AS g
               ) AS typical
        FROM shop.segments AS s
    ) AS s
    WHERE recency_days > typical
) AS c USING (k);
SELECT count(*) > 0 AS some,
       bool_and(recency_days > 3 * typical_gap AND overdue_days = recency_days - 3 * typical_gap) AS overdue
FROM contact_list('shop.segments', 1000, 3);
SELECT count(*) FROM contact_list('shop.segments', 0);

-- simulated customers with all optional inputs: the positions of every matrix and the counted unplaced
-- sum to the customers
CREATE TABLE shop.full_orders AS
SELECT customer_id AS customer, ordered_at AS at, amount AS total, round(amount * 0.55, 2) AS spent,
       1.5 AS serving, extract(day FROM ordered_at) < 5 AS reduced,
       'p' || extract(month FROM ordered_at)::int % 4 AS product,
       CASE WHEN amount > 40 THEN 'shop' ELSE 'web' END AS channel
FROM simulate_orders(3000, 600, 5);
CREATE TABLE shop.full_events AS
SELECT customer AS who, at::date + 3 AS at, CASE WHEN total > 60 THEN 'service' ELSE 'view' END AS kind,
       1 AS weight
FROM shop.full_orders
WHERE customer % 4 > 0;
CREATE TABLE shop.full_answers AS
SELECT customer AS who, at + interval '2 days' AS at, 'nps' AS kind, (customer % 11)::smallint AS score
FROM shop.full_orders
WHERE customer % 3 = 0;
CREATE TABLE shop.full_customers AS
SELECT i AS id, CASE i % 100 WHEN 0 THEN 'functional' WHEN 1 THEN 'experiential' END AS told, i % 19 AS power
FROM generate_series(1::bigint, 3100) AS i;
SELECT create_segmentation('shop.full', 'shop.full_orders', 'customer', 'at', 'total', '{
    "as_of": "2025-08-25", "cost": "spent", "cost_to_serve": "serving", "discount": "reduced",
    "product": "product", "channel": "channel", "need": "told", "potential_value": {"power": 1, "clv": 2},
    "customers": {"source": "shop.full_customers", "customer": "id"},
    "interactions": {"source": "shop.full_events", "customer": "who", "at": "at", "kind": "kind",
                     "weight": "weight"},
    "satisfaction": {"source": "shop.full_answers", "customer": "who", "at": "at", "kind": "kind",
                     "score": "score"}
}');
SELECT m.matrix, count(p.code) AS positions,
       count(*) FILTER (WHERE p.code IS NOT NULL AND p.customers > 0) AS reached,
       sum(p.customers) = (SELECT count(*) FROM shop.full) AS whole, bool_and(p.action <> '') AS told
FROM matrix AS m, LATERAL segment_playbook('shop.full', m.view_column) AS p
WHERE m.builtin
GROUP BY 1 ORDER BY 1;
SELECT count(*) AS customers FROM shop.full;

-- what is wrong is said -------------------------------------------------------------------------------
CREATE FUNCTION refused(options text) RETURNS text LANGUAGE sql AS $$
    SELECT fails(
        format('SELECT create_segmentation(''shop.x'', ''shop.orders'', ''customer'', ''at'', ''total'', %L)', options)
    )
$$;
SELECT fails('SELECT * FROM segment_playbook(''shop.nothing'')');
SELECT fails('SELECT * FROM segment_playbook(''shop.segments'', ''region'')');
SELECT fails('SELECT * FROM segment_playbook(''shop.segments'', ''value_quadrant'')');
SELECT fails('SELECT * FROM segment_playbook(''shop.segments'', ''value'')');
SELECT fails('SELECT * FROM segment_playbook(''shop.segments'', ''gender'')');
SELECT fails('SELECT * FROM segment_playbook(''shop.segments'', ''nothing'')');
SELECT define_matrix('region', '{"x": {"axis": "clv"}, "positions": [{"x": 2, "code": "b"}, {"x": 1, "code": "a"}]}');
SELECT fails('SELECT * FROM segment_playbook(''shop.segments'', ''region'')');
SELECT drop_matrix('region');
SELECT fails('SELECT * FROM segment_crosstab(''shop.segments'', ''region'', ''x"; DROP TABLE shop.orders'')');
SELECT fails('SELECT * FROM segment_profile(''shop.segments'', ''nothing'')');
SELECT fails('SELECT * FROM segment_profile(''shop.segments'', ''region'', ''nothing'')');
SELECT fails('SELECT * FROM segment_profile(''shop.segments'', ''region'', min_customers => 0)');
SELECT fails('SELECT * FROM contact_list(''shop.segments'', -1)');
SELECT fails('SELECT * FROM contact_list(''shop.segments'', 1, ''NaN'')');
SELECT refused('{"window_days": 0}');
SELECT refused('{"decline_days": 1.5}');
SELECT refused('{"half_life_days": 0}');
SELECT refused('{"relationship_weights": {"satisfaction": -1}}');
SELECT refused('{"relationship_weights": {"satisfaction": 0, "frequency": 0, "freshness": 0}}');
SELECT refused('{"relationship_weights": {"trust": 1}}');
SELECT refused('{"potential_value": {}}');
SELECT refused('{"potential_value": {"clv": -1}}');
SELECT refused('{"potential_value": {"region": 1}}');
SELECT refused('{"potential_value": {"potential_value": 1}}');
SELECT refused('{"spend_centre": "median"}');
SELECT refused('{"need": "told"}');
SELECT refused('{"customers": {"source": "shop.customers", "customer": "id"}, "need": "told"}');
SELECT refused('{"customers": {"source": "shop.customers"}}');
SELECT refused('{"customers": {"source": "shop.nothing", "customer": "id"}}');
SELECT refused('{"customers": {"source": "shop.customers", "customer": "age"}}');
SELECT refused('{"customers": {"source": "shop.customers", "customer": "id", "columns": ["nothing"]}}');
SELECT refused('{"customers": {"source": "shop.customers", "customer": "id", "columns": ["region", "region"]}}');
SELECT refused('{"interactions": {"source": "shop.customers", "customer": "id", "at": "age"}}');
SELECT refused('{"interactions": {"source": "shop.orders", "customer": "customer", "at": "at", "weight": "at"}}');
SELECT refused('{
    "interactions": {"source": "shop.orders", "customer": "customer", "at": "at"},
    "relationship_weights": {"frequency": 0, "freshness": 0}
}');
SELECT refused('{
    "satisfaction": {"source": "shop.orders", "customer": "customer", "at": "at", "kind": "total",
                     "score": "at"}
}');
SELECT refused('{"discount": "at"}');
SELECT refused('{"cost_to_serve": "at"}');
SELECT refused('{"product": "nothing"}');
SELECT refused('{"matrices": ["nothing"]}');
SELECT refused('{"matrices": ["growth"]}');
SELECT refused('{"matrices": ["gender", "gender"]}');
SELECT refused('{"matrices": ["gender"]}');
SELECT refused('{"matrices": "gender"}');
CREATE FUNCTION define_class(name text, axis text, view_column text DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
    SELECT define_matrix(name, jsonb_strip_nulls(jsonb_build_object(
        'column', view_column, 'x', jsonb_build_object('axis', axis),
        'positions', jsonb '[{"x": 2, "code": "high"}, {"x": 1, "code": "low"}]'
    )))
$$;
SELECT define_class('taken', 'clv', 'rfm_segment'), define_class('placed', 'growth_quadrant_rank');
SELECT refused('{"matrices": ["taken"]}');
SELECT refused('{"matrices": ["placed"]}');
CREATE TABLE shop.twice AS SELECT id, region FROM shop.customers UNION ALL SELECT 7, 'again';
SELECT refused('{"customers": {"source": "shop.twice", "customer": "id"}}');
SELECT fails('
    SELECT create_segmentation(''shop.x'', ''shop.orders'', ''customer'', ''at'',
                               options => ''{"cost_to_serve": "total"}'')
');
SELECT count(*) AS left_behind FROM pg_class WHERE relname = 'x';
-- a label that a language lacks falls back, and the training says so
SELECT define_matrix('gender', jsonb_set(matrix_definition('gender'), '{positions,1,labels,zh}', '"男"'));
SELECT * FROM check_matrix('gender');
SET client_min_messages = notice;
SELECT count(alter_segmentation('shop.voters', '{"language": "zh"}')) AS altered;
SET client_min_messages = warning;
SELECT gender, count(*) FROM shop.voters GROUP BY 1 ORDER BY 2;

-- somebody's matrix that names the same column is nobody's but those who ask for it
SELECT define_matrix('evil', '{"column": "growth_quadrant", "x": {"axis": "clv"}, "positions": [
    {"x": 1, "code": "low_low", "labels": {"en": "Evil"}, "actions": {"en": "pay"}}, {"x": 2, "code": "other"}
]}');
SELECT define_matrix('worse', '{"column": "rfm_segment", "x": {"axis": "clv"}, "positions": [
    {"x": 1, "code": "champions", "labels": {"en": "Worse"}, "actions": {"en": "pay"}}, {"x": 2, "code": "other"}
]}');
SELECT by, count(*) AS positions, count(*) FILTER (WHERE action = 'pay') AS taken
FROM unnest(ARRAY['growth_quadrant', 'rfm_segment']) AS by, segment_playbook('shop.segments', by)
WHERE code IS NOT NULL
GROUP BY 1;
SELECT step, score FROM explain_customer('shop.segments', 7) WHERE step = 'growth_quadrant';
-- why a customer has no place
SELECT step, value, explanation
FROM explain_customer('shop.segments', 1550)
WHERE step IN ('growth_quadrant', 'spend_quadrant', 'abc_class', 'lifecycle_stage');

-- who may read ----------------------------------------------------------------------------------------
CREATE ROLE cv_analyst;
GRANT USAGE ON SCHEMA shop TO cv_analyst;
GRANT SELECT ON shop.segments TO cv_analyst;
SELECT alter_segmentation('shop.segments', '{"security_invoker": false}');
SET ROLE cv_analyst;
SELECT sum(customers) FROM customer_value.segment_playbook('shop.segments');
SELECT count(*) > 0 AS read FROM customer_value.segment_crosstab('shop.segments', 'growth_quadrant', 'region');
SELECT count(*) > 0 AS read FROM customer_value.segment_profile('shop.segments', 'region', 'growth_quadrant');
SELECT count(*) > 0 AS read FROM customer_value.contact_list('shop.segments');
SELECT fails('SELECT * FROM customer_value.segment_profile(''shop.segments'', ''industry'', ''growth_quadrant'')');
SELECT fails('SELECT customer_value.train_segmentation(''shop.segments'')');
SELECT tries('DELETE FROM customer_value.training') AS deletes,
       tries('UPDATE customer_value.training SET matrices = ''[]''') AS changes,
       tries('DELETE FROM customer_value.training_matrix') AS through_the_view,
       (SELECT count(*) > 0 FROM customer_value.training_matrix) AS still_there;
RESET ROLE;
REVOKE ALL ON shop.segments FROM cv_analyst;
REVOKE USAGE ON SCHEMA shop FROM cv_analyst;
DROP ROLE cv_analyst;
