-- Corners of matrices in segmentations: what training saw and what the view sees, names that collide,
-- days that begin twice, columns that were renamed, types and collations, limits.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
SET max_parallel_workers_per_gather = 0;
\pset format unaligned
SET search_path = public, customer_value, customer_value_internal;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\i :helpers

CREATE SCHEMA shop;
CREATE TABLE shop.orders AS
SELECT customer_id AS customer, ordered_at AS at, amount AS total FROM simulate_orders(600, 500, 4);
CREATE FUNCTION make(name text, options jsonb, source text DEFAULT 'shop.orders') RETURNS void
    LANGUAGE sql AS $$
    SELECT create_segmentation('shop.' || name, source, 'customer', 'at', 'total',
                               '{"as_of": "2025-05-14"}'::jsonb || options)
$$;
CREATE VIEW newest AS
SELECT DISTINCT ON (s.view) s.view, t.*
FROM segmentation AS s
JOIN training AS t ON t.segmentation = s.id
ORDER BY s.view, t.number DESC;
CREATE VIEW cuts AS SELECT n.view, m.* FROM newest AS n JOIN training_matrix AS m USING (segmentation, number);

-- an axis without a value at the training gives no places later, and the playbook says why
CREATE TABLE shop.events (who bigint, at timestamptz);
SELECT make('early', '{"interactions": {"source": "shop.events", "customer": "who", "at": "at"}}');
INSERT INTO shop.events SELECT customer, at FROM shop.orders;
SELECT count(relationship_quality) AS values, count(value_quadrant) AS places FROM shop.early;
SELECT segment, customers, action FROM segment_playbook('shop.early', 'value_quadrant') WHERE customers > 0;
SELECT train_segmentation('shop.early');
SELECT count(value_quadrant) AS places FROM shop.early;

-- order lines as of the latest purchase: training takes the day of the view, and the lines of the view
CREATE TABLE shop.lines (customer int, no int, at timestamptz, total numeric, serving numeric, reduced boolean);
INSERT INTO shop.lines
SELECT i % 40, i, timestamptz '2024-01-01' + i * interval '1 day', 10 + i % 13, 1, i % 3 = 0
FROM generate_series(1, 300) AS i;
-- no order at all: no number; lines without amount that cost; late lines of an order; an order that is
-- a refund in total
INSERT INTO shop.lines VALUES
    (1, NULL, '2026-01-01', 5, 99, true), (20, 300, '2025-06-01', 5, 0, false),
    (2, 400, '2025-07-01', 5, 0, false), (2, 400, '2025-07-01', -50, 0, false);
INSERT INTO shop.lines SELECT i % 40, i, timestamptz '2024-10-20', NULL, 50, true FROM generate_series(1, 300, 2) AS i;
SELECT make(
    'by_lines',
    '{
        "as_of": "latest", "order_id": "no", "cost_to_serve": "serving", "discount": "reduced",
        "window_days": 100
    }',
    'shop.lines'
);
SELECT n.as_of, (SELECT count(DISTINCT as_of) = 1 AND min(as_of) = n.as_of FROM shop.by_lines) AS same,
       c.y_cuts[1] = m.median AS profitability
FROM newest AS n
JOIN cuts AS c USING (view, segmentation, number),
    (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY profitability) AS median FROM shop.by_lines) AS m
WHERE n.view = 'shop.by_lines' AND c.matrix = 'profitability';
SELECT percentiles[51]
    = (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY discount_share) FROM shop.by_lines) AS discount
FROM training_axis AS a
JOIN newest AS n USING (segmentation, number)
WHERE n.view = 'shop.by_lines' AND axis = 'discount_share';
-- lines that are left out cost nothing, whether they are summed by order or not
SELECT sum(profitability) FROM shop.by_lines;
CREATE VIEW shop.rows AS
SELECT * FROM shop.lines WHERE no IS DISTINCT FROM 400 AND no IS NOT NULL AND at < '2025-01-01';
SELECT make('by_rows', '{"as_of": "2024-10-27", "cost_to_serve": "serving", "window_days": 100}', 'shop.rows'),
       make('by_no',
            '{"as_of": "2024-10-27", "order_id": "no", "cost_to_serve": "serving", "window_days": 100}',
            'shop.rows');
SELECT count(*) AS differ
FROM shop.by_rows AS a
JOIN shop.by_no AS b USING (customer)
WHERE a.profitability <> b.profitability;

-- names: what is an axis by its own right is not taken from the customer table, nor the other way round
CREATE TABLE shop.people (id bigint PRIMARY KEY, purchase_days int, purchase_gap int, credit_rank int,
                          risk_level int, budget money, channel text, h int, c int, same int,
                          "Odd ""name""" numeric);
INSERT INTO shop.people
SELECT i, i * 1000, i, i % 7, i % 5, i::numeric::money, CASE WHEN i % 2 = 0 THEN 'loyal' END, i, i % 10, i, i
FROM generate_series(1, 600) AS i;
CREATE FUNCTION people(more jsonb) RETURNS jsonb LANGUAGE sql AS $$
    SELECT '{"customers": {"source": "shop.people", "customer": "id"}}'::jsonb || more
$$;
SELECT make(
    'named',
    people('{
        "potential_value": {"purchase_days": 1, "budget": 2, "Odd \"name\"": 1, "same": 0.5, "h": 1},
        "need": "channel"
    }')
);
SELECT count(*) AS wrong
FROM shop.named AS s
JOIN shop.people AS p ON p.id = s.customer,
    (
        SELECT a.percentiles AS d
        FROM training_axis AS a
        JOIN newest AS n USING (segmentation, number)
        WHERE n.view = 'shop.named' AND axis = 'purchase_days'
    ) AS d,
    (
        SELECT a.percentiles AS o
        FROM training_axis AS a
        JOIN newest AS n USING (segmentation, number)
        WHERE n.view = 'shop.named' AND axis = 'same'
    ) AS o
WHERE abs(
    s.potential_value - (percentile_of(
        d,
        (
            SELECT count(DISTINCT at::date)
            FROM shop.orders AS x
            WHERE x.customer = s.customer AND at < '2025-05-15'
        )
    ) + 4.5 * percentile_of(o, p.same)) / 5.5
) > 1e-9;
SELECT count(*) FILTER (WHERE need_type_code = 'loyal') >= 300 AS told FROM shop.named;
CREATE FUNCTION positions(letter text, x_levels int, y_levels int DEFAULT 1) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_agg(jsonb_build_object('x', x, 'y', y, 'code', letter || x || y) ORDER BY x, y)
    FROM generate_series(1, x_levels) AS x
    CROSS JOIN generate_series(1, y_levels) AS y
$$;
SELECT define_matrix(
           name,
           jsonb_build_object('x', jsonb_build_object('axis', x), 'y', jsonb_build_object('axis', y),
                              'positions', positions('p', 2, 2))
       )
FROM (VALUES ('days', 'purchase_days', 'budget'), ('credits', 'credit_rank', 'risk_level')) AS m (name, x, y);
SELECT define_matrix(name, jsonb_build_object('x', x::jsonb, 'positions', positions(left(name, 1), levels)))
FROM (VALUES ('hidden', '{"axis": "purchase_gap"}', 2),
             ('steps', '{"axis": "frequency", "split": "quantile", "cuts": [0.5, 0.6, 0.7]}', 4)
     ) AS m (name, x, levels);
SELECT make('placed', people('{"matrices": ["days", "credits", "steps"]}'));
SELECT c.x_cuts[1] = (
    SELECT l.cut FROM (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY loyalty) AS cut FROM shop.placed) AS l
)
    OR c.x_cuts[1] = (
        SELECT min(loyalty)
        FROM shop.placed
        WHERE loyalty > (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY loyalty) FROM shop.placed)
    ) AS loyalty
FROM cuts AS c
WHERE view = 'shop.placed' AND matrix = 'profitability';
SELECT x_cuts[1] < 100 AS own_days, y_cuts FROM cuts WHERE view = 'shop.placed' AND matrix = 'days';
SELECT x_cuts[1] <= x_cuts[2] AND x_cuts[2] <= x_cuts[3] AS rise
FROM cuts
WHERE view = 'shop.placed' AND matrix = 'steps';
SELECT step, cuts, explanation FROM explain_customer('shop.placed', 7) WHERE step IN ('days', 'credits');
SELECT fails($$SELECT make('x', people('{"matrices": ["hidden"]}'))$$);
SELECT fails($$SELECT make('x', people('{"potential_value": {"loyalty": 1}}'))$$);
SELECT fails($$SELECT make('x', people('{"potential_value": {"purchase_gap": 1}}'))$$);
SELECT fails($$SELECT make('x', '{"customers": ["shop.people", "id"]}')$$);
SELECT make(
    'shown',
    people('{
        "customers": {"source": "shop.people", "customer": "id", "columns": ["budget", "credit_rank"]},
        "potential_value": {"budget": 1}, "matrices": ["days", "credits"]
    }')
);
SELECT count(potential_value) AS indexed, count(days) AS placed FROM shop.shown;
SELECT segment, action FROM segment_playbook('shop.shown', 'credits') WHERE code IS NULL AND customers > 0;
-- what is taken away is no longer told; another matrix in the column of a built-in one is told as what it is
SELECT alter_segmentation('shop.placed', '{"matrices": ["steps"]}');
SELECT count(*) AS told FROM explain_customer('shop.placed', 7) WHERE step IN ('days', 'credits');
SELECT define_matrix('instead', '{"column": "value_quadrant", "x": {"axis": "revenue"}, "positions": [
    {"x": 2, "code": "more"}, {"x": 1, "code": "less"}
]}');
SELECT make('other', '{"matrices": ["instead"]}');
SELECT segment, customers > 0 AS some FROM segment_playbook('shop.other', 'value_quadrant');

-- a day that begins twice: clocks in the Azores went back at one o'clock, to midnight
CREATE TABLE shop.late (customer int, at timestamptz, total int, reduced boolean);
INSERT INTO shop.late VALUES
    (1, '2024-10-26 12:00Z', 5, true), (1, '2024-10-27 00:30Z', 5, true), (1, '2024-10-26 00:30Z', 5, false),
    (1, '2024-10-25 23:30Z', 5, true);
CREATE TABLE shop.seen AS SELECT customer AS who, at FROM shop.late;
SELECT make(
    'azores',
    '{
        "as_of": "2024-10-26", "time_zone": "Atlantic/Azores", "discount": "reduced",
        "interactions": {"source": "shop.seen", "customer": "who", "at": "at"}
    }',
    'shop.late'
);
SELECT frequency, discount_share, interactions, engagement FROM shop.azores;
SELECT count(*) AS orders, avg(reduced::int) AS share
FROM shop.late
WHERE (at AT TIME ZONE 'Atlantic/Azores')::date <= '2024-10-26';

-- a column that was renamed is neither lost nor doubled
SELECT make('renamed', '{}');
ALTER VIEW shop.renamed RENAME COLUMN rfm_segment TO seg;
SET client_min_messages = notice;
DO $$ BEGIN PERFORM train_segmentation('shop.renamed'); END $$;
SET client_min_messages = warning;
SELECT count(seg) AS kept,
       (
           SELECT count(*)
           FROM pg_attribute
           WHERE attrelid = 'shop.renamed'::regclass AND attname = 'rfm_segment'
       ) AS doubled
FROM shop.renamed;
SELECT fails($$SELECT alter_segmentation('shop.renamed', '{"window_days": 30}')$$);
ALTER VIEW shop.renamed RENAME COLUMN seg TO rfm_segment;
SELECT alter_segmentation('shop.renamed', '{"window_days": 30}');

-- types and collations of customers
CREATE TABLE shop.texts (customer varchar(10), at date, total real, label text COLLATE "C");
INSERT INTO shop.texts SELECT 'c' || i % 9, date '2025-01-01' + i, i + 0.1, 'x' FROM generate_series(1, 60) AS i;
CREATE TABLE shop.wide (id varchar(20) PRIMARY KEY, label text COLLATE "C");
CREATE TABLE shop.alike (id varchar(10) PRIMARY KEY, label text COLLATE "C");
CREATE TABLE shop.sorted (id varchar(10) COLLATE "C" PRIMARY KEY);
INSERT INTO shop.alike SELECT 'c' || i, 'l' || i FROM generate_series(0, 12) AS i;
SELECT make('texts_seg', '{"cost_to_serve": "total"}', 'shop.texts');
SELECT fails($$SELECT alter_segmentation('shop.texts_x', '{}')$$),
       fails($$SELECT make('x', '{"customers": {"source": "shop.wide", "customer": "id"}}', 'shop.texts')$$),
       fails($$SELECT make('x', '{"customers": {"source": "shop.sorted", "customer": "id"}}', 'shop.texts')$$);
SELECT create_segmentation('shop.keyed', 'shop.texts', 'customer', 'at', 'total', '{"as_of": "2025-03-05"}');
SELECT alter_segmentation('shop.keyed',
                          '{"customers": {"source": "shop.alike", "customer": "id", "columns": ["label"]}}');
SELECT count(*) AS customers, count(label) AS labels, max(customer) FROM shop.keyed;
SELECT alter_segmentation('shop.keyed', '{"customers": null}');
SELECT count(*) AS customers, count(label) AS labels FROM shop.keyed;
-- floats by their shortest decimal form, whatever the session says
SET extra_float_digits = -5;
SELECT exact_amount(1234567.891::float8), exact_amount(0.1::real), fails($$SELECT exact_amount('NaN'::float8)$$);
RESET extra_float_digits;

-- limits
SELECT fails($$SELECT * FROM segment_profile('shop.placed', 'clv', 'revenue', 1)$$);
SELECT count(*) > 500 AS cells FROM segment_crosstab('shop.placed', 'customer', 'spend_quadrant');
SELECT level_of((ARRAY[NULL, 1, 2]::float8[])[2:3], 5) AS of_a_slice, level_of('[7:8]={1,2}', 5) AS of_other_bounds;
SELECT count(DISTINCT matrix_label_of('growth', 1, 1, 'l' || i)) AS labels FROM generate_series(1, 3000) AS i;
-- weights that no double holds are left out
CREATE TABLE shop.heavy (who bigint, at timestamptz, weight numeric);
INSERT INTO shop.heavy VALUES (1, '2025-01-01', 1e400), (1, '2025-05-14', 2);
SELECT make('weighed', '{"interactions": {"source": "shop.heavy", "customer": "who", "at": "at", "weight": "weight"}}');
SELECT engagement FROM shop.weighed WHERE customer = 1;
SELECT inputs_left_out FROM newest WHERE view = 'shop.weighed';
