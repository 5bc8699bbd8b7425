-- Matrices in segmentations: options, matrices of one's own, inputs that come later, and other sources.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
SET max_parallel_workers_per_gather = 0;
\pset format unaligned
SET search_path = public, customer_value;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\i :helpers
\set places :abs_srcdir '/sql/include/places.sql'
\i :places

SELECT make('plain', '{}'), make('whole', inputs());

-- options that move axes and cuts
SELECT make('moved', '{"window_days": 30, "decline_days": 30, "spend_centre": "orders", "margin": 0.5}');
SELECT count(*) FILTER (WHERE s.current_value <> coalesce(m.v, 0) * 0.5) AS wrong
FROM shop.moved AS s
LEFT JOIN (
    SELECT customer, sum(total)::float8 AS v
    FROM shop.orders
    WHERE at >= '2025-07-27' AND at < '2025-08-26'
    GROUP BY 1
) AS m USING (customer);
SELECT y_cuts[1] = (
    SELECT avg(total) FILTER (WHERE total >= 0)::float8
    FROM shop.orders
    WHERE at < '2025-08-26' AND customer IS NOT NULL
) AS centre
FROM cuts
WHERE view = 'shop.moved' AND matrix = 'spend';
SELECT make(
    'indexed',
    inputs() || '{
        "potential_value": {"power": 2, "influence": 1, "frequency": 0.5},
        "relationship_weights": {"satisfaction": 1, "frequency": 0, "freshness": 0}, "half_life_days": 7
    }'
);
SELECT count(*) AS customers, count(potential_value) AS with_index,
       min(potential_value) >= 0 AND max(potential_value) <= 1 AS share,
       count(*) FILTER (
           WHERE abs(
               s.potential_value - weighted_index(
                   ARRAY[percentile_of(p.percentiles, power::float8), percentile_of(i.percentiles, influence),
                         percentile_of(f.percentiles, frequency)],
                   '{2, 1, 0.5}'
               )
           ) > 1e-12
       ) AS wrong,
       count(*) FILTER (WHERE relationship_quality IS DISTINCT FROM satisfaction) AS quality
FROM shop.indexed AS s
LEFT JOIN (SELECT id AS customer, influence FROM shop.customers) AS c USING (customer),
    (SELECT * FROM axes WHERE view = 'shop.indexed' AND axis = 'power') AS p,
    (SELECT * FROM axes WHERE view = 'shop.indexed' AND axis = 'influence') AS i,
    (SELECT * FROM axes WHERE view = 'shop.indexed' AND axis = 'frequency') AS f;
SELECT growth_quadrant_code, count(*) FROM shop.indexed WHERE last_purchase IS NULL GROUP BY 1 ORDER BY 1;

-- a user's own matrices: each split, axes of the view and of the customer table
CREATE FUNCTION positions(letter text, x_levels int, y_levels int DEFAULT 1) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_agg(
               jsonb_build_object(
                   'x', x, 'y', y, 'code', code, 'labels', jsonb_build_object('en', upper(code)),
                   'actions', jsonb_build_object('en', 'do ' || code)
               )
               ORDER BY x, y
           )
    FROM generate_series(1, x_levels) AS x
    CROSS JOIN generate_series(1, y_levels) AS y
    CROSS JOIN LATERAL concat(letter, x, CASE WHEN y_levels > 1 THEN y END) AS code
$$;
SELECT define_matrix('mine', jsonb_build_object(
           'x', jsonb '{"axis": "frequency", "split": "quantile", "cuts": [0.25, 0.75]}',
           'y', jsonb '{"axis": "influence", "split": "mean"}', 'positions', positions('c', 3, 2)
       )),
       define_matrix('flat', jsonb_build_object(
           'x', jsonb '{"axis": "recency_days", "split": "given", "cuts": [30, 100]}', 'positions', positions('f', 3)
       )),
       define_matrix('rich', jsonb_build_object(
           'x', jsonb '{"axis": "clv", "split": "contribution", "cuts": [0.5]}',
           'y', jsonb '{"axis": "lifecycle_stage_rank", "split": "given", "cuts": [3]}',
           'positions', positions('r', 2, 2)
       ));
SELECT alter_segmentation('shop.whole', '{"matrices": ["mine", "flat", "rich"]}');
SELECT attname FROM pg_attribute WHERE attrelid = 'shop.whole'::regclass ORDER BY attnum DESC LIMIT 9;
SELECT matrix, x_cuts, y_cuts FROM cuts WHERE view = 'shop.whole' AND matrix IN ('mine', 'flat') ORDER BY 1;
SELECT mine, mine_code, mine_rank, count(*) FROM shop.whole GROUP BY 1, 2, 3 ORDER BY 3;
SELECT flat, count(*), min(recency_days), max(recency_days) FROM shop.whole GROUP BY 1 ORDER BY 1;
SELECT round((sum(clv) FILTER (WHERE rich_code LIKE 'r2%') / sum(clv))::numeric, 1) AS share,
       count(DISTINCT rich_code) AS positions
FROM shop.whole;
SELECT segment, customers, action FROM segment_playbook('shop.whole', 'mine');
SELECT step, value, cuts, score, explanation
FROM explain_customer('shop.whole', 7)
WHERE step IN ('mine', 'growth_quadrant', 'crm_cell');
-- used, it stays, with its axes and its column; cuts and words may change
SELECT tries('SELECT drop_matrix(''mine'')');
SELECT tries($$SELECT define_matrix('mine', jsonb_set(matrix_definition('mine'), '{x,axis}', '"clv"'))$$);
SELECT tries($$SELECT define_matrix('mine', jsonb_set(matrix_definition('mine'), '{y,axis}', '"clv"'))$$);
SELECT tries($$SELECT define_matrix('flat', matrix_definition('flat') || '{"column": "flatter"}')$$);
SELECT define_matrix('mine', jsonb_set(matrix_definition('mine'), '{x,cuts}', '[0.5, 0.75]')),
       define_matrix('flat', jsonb_set(matrix_definition('flat'), '{positions,0,labels,en}', '"first"'));
SELECT train_segmentation('shop.whole'), (SELECT count(*) FROM shop.whole WHERE flat = 'first') AS first;
SELECT count(*) AS first FROM shop.whole WHERE flat = 'first';
SELECT x_cuts[1] = (
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY frequency)
    FROM shop.whole
    WHERE last_purchase IS NOT NULL
) AS moved
FROM cuts
WHERE view = 'shop.whole' AND matrix = 'mine';
-- taken out, its columns stay for those who depend on them, and are NULL; back again, they are filled
CREATE VIEW shop.depends AS SELECT customer, mine, flat_code, region, crm_cell FROM shop.whole;
SELECT alter_segmentation('shop.whole', '{"matrices": ["flat"], "discount": null, "need": null, "interactions": null}');
SELECT drop_matrix('mine');
SELECT count(mine) AS mine, count(flat_code) AS flat, count(region) AS region, count(crm_cell) AS crm FROM shop.depends;
SELECT col_description('shop.whole'::regclass, attnum) AS comment
FROM pg_attribute
WHERE attrelid = 'shop.whole'::regclass AND attname = 'mine';
SELECT alter_segmentation('shop.whole', inputs() || '{"matrices": null}');
SELECT count(mine) AS mine, count(flat_code) AS flat, count(crm_cell) > 0 AS crm FROM shop.depends;
-- inputs that come later append theirs, in any order
SELECT alter_segmentation('shop.plain', '{
    "satisfaction": {"source": "shop.answers", "customer": "who", "at": "at", "kind": "kind", "score": "score"}
}');
SELECT alter_segmentation('shop.plain', '{"discount": "reduced"}');
SELECT string_agg(attname, ' ' ORDER BY attnum)
FROM pg_attribute
WHERE attrelid = 'shop.plain'::regclass AND attnum > 53;
SELECT count(value_quadrant) > 0 AS value, count(crm_cell) > 0 AS crm, count(need_type) > 0 AS need FROM shop.plain;

-- other sources: order lines, visits without amounts, days, no lifetime value, as of the latest purchase
CREATE TABLE shop.lines AS
SELECT row_number() OVER (ORDER BY customer, at, total, product) AS no, o.* FROM shop.orders AS o;
INSERT INTO shop.lines
SELECT no, customer, at + interval '1 hour', total, spent, serving, reduced, product || 'x', channel
FROM shop.lines
WHERE no % 2 = 0;
SELECT create_segmentation('shop.by_lines', 'shop.lines', 'customer', 'at', 'total', '{
    "as_of": "2025-08-25", "order_id": "no", "cost": "spent", "cost_to_serve": "serving", "discount": "reduced",
    "product": "product", "channel": "channel"
}');
CREATE VIEW shop.summed AS
SELECT no, customer, min(at) AS at, sum(total) AS total, sum(spent) AS spent, sum(serving) AS serving,
       max(reduced) AS reduced
FROM shop.lines
GROUP BY 1, 2;
SELECT create_segmentation('shop.by_orders', 'shop.summed', 'customer', 'at', 'total', '{
    "as_of": "2025-08-25", "cost": "spent", "cost_to_serve": "serving", "discount": "reduced"
}');
SELECT count(*) AS customers,
       count(*) FILTER (
           WHERE (a.current_value, a.profitability, a.discount_share, a.growth_quadrant,
                  a.profitability_quadrant, a.abc_pair, a.need_type, a.lifecycle_stage)
               IS DISTINCT FROM (b.current_value, b.profitability, b.discount_share, b.growth_quadrant,
                                 b.profitability_quadrant, b.abc_pair, b.need_type, b.lifecycle_stage)
       ) AS differ,
       count(*) FILTER (
           WHERE a.product_breadth <> (
               SELECT count(DISTINCT product)
               FROM shop.lines AS l
               WHERE l.customer = a.customer AND total >= 0 AND at < '2025-08-26'
           )
       ) AS breadth
FROM shop.by_lines AS a
JOIN shop.by_orders AS b USING (customer);
-- a channel counts orders, not their lines
CREATE TABLE shop.baskets (no int, customer int, at date, total int, channel text);
INSERT INTO shop.baskets VALUES
    (1, 1, '2025-08-01', 5, 'web'), (1, 1, '2025-08-01', 5, 'web'), (1, 1, '2025-08-01', 5, 'web'),
    (2, 1, '2025-08-02', 5, 'shop'), (3, 1, '2025-08-03', 5, 'shop');
CREATE TABLE shop.said (who int, at timestamp, kind text, score int);
INSERT INTO shop.said VALUES (1, '2025-08-01', 'csat', 5), (1, '-infinity', 'csat', 1), (1, 'infinity', 'csat', 1);
SELECT create_segmentation('shop.by_baskets', 'shop.baskets', 'customer', 'at', 'total', '{
    "as_of": "2025-08-25", "order_id": "no", "channel": "channel",
    "satisfaction": {"source": "shop.said", "customer": "who", "at": "at", "kind": "kind", "score": "score"}
}');
SELECT channel, frequency, satisfaction, csat FROM shop.by_baskets;
SELECT inputs_left_out FROM newest WHERE view = 'shop.by_baskets';
CREATE TABLE shop.visits AS SELECT customer, at::date AS day, reduced > 0 AS reduced FROM shop.orders WHERE total >= 0;
SELECT create_segmentation('shop.by_visits', 'shop.visits', 'customer', 'day',
                           options => '{"as_of": "latest", "discount": "reduced"}');
SELECT string_agg(attname, ' ' ORDER BY attnum)
FROM pg_attribute
WHERE attrelid = 'shop.by_visits'::regclass AND attnum > 25;
SELECT as_of, count(DISTINCT lifecycle_stage_code) AS stages, count(need_type) > 0 AS needs,
       count(loyalty) = count(*) AS loyal
FROM shop.by_visits
GROUP BY 1;
SELECT make('bare', '{"family": "none", "scheme": "none", "as_of": "latest", "cost_to_serve": "serving"}');
SELECT as_of, count(*) AS customers, count(growth_quadrant) AS growth, count(spend_quadrant) AS spend,
       count(profitability_quadrant) AS profitability, count(loyalty) AS loyalty, sum(profitability) AS profit
FROM shop.bare
GROUP BY 1;
SELECT sum(total) FILTER (WHERE at >= '2024-08-27') - sum(serving) FILTER (WHERE at >= '2024-08-27') AS profit
FROM shop.orders
WHERE customer IS NOT NULL;

-- axes that separate nobody: all equal, nobody at all, one customer, nobody bought twice
SET client_min_messages = notice;
CREATE TABLE shop.same AS
SELECT i AS customer, timestamptz '2025-08-01' AS at, 10.10::numeric(10, 2) AS total
FROM generate_series(1, 10) AS i;
SELECT regexp_replace(
    pg_catalog.pg_typeof(create_segmentation(
        'shop.equal', 'shop.same', 'customer', 'at', 'total', '{"as_of": "2025-08-25"}'
    ))::text,
    '', ''
) AS made;
SELECT growth_quadrant_code, spend_quadrant_code, abc_class_code, abc_pair_code, profitability_quadrant_code,
       lifecycle_stage_code, value_tier_code, declining, count(*)
FROM shop.equal
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8;
SET client_min_messages = warning;
DELETE FROM shop.same WHERE customer > 1;
SELECT train_segmentation('shop.equal'),
       (
           SELECT count(*)
           FROM shop.equal
           WHERE growth_quadrant_code IS NULL
               AND spend_quadrant_code = 'best'
               AND lifecycle_stage_code = 'first_time'
       ) AS one;
DELETE FROM shop.same;
SELECT train_segmentation('shop.equal'), (SELECT count(*) FROM shop.equal);
SELECT create_segmentation('shop.nobody', 'shop.same', 'customer', 'at', 'total');
INSERT INTO shop.same VALUES (1, '2025-08-01', 5);
SELECT growth_quadrant, spend_quadrant, lifecycle_stage, abc_class FROM shop.nobody;
SELECT segment, customers, action FROM segment_playbook('shop.nobody') WHERE customers > 0;
