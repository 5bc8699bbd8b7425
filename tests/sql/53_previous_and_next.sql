-- What labels were compare_days before; when the next purchase is expected, and who is due; drift of every axis over days.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned
SET search_path = public, customer_value;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\i :helpers

CREATE SCHEMA shop;
CREATE TABLE shop.customers (id bigint PRIMARY KEY, region text, age int);
INSERT INTO shop.customers SELECT i, (ARRAY['North', 'South'])[1 + i % 2], 20 + i % 50 FROM generate_series(1, 1100) AS i;
CREATE TABLE shop.orders AS
SELECT customer_id AS customer, ordered_at AS at, amount AS total, 'p' || (customer_id * 7 + extract(day FROM ordered_at)::int) % 9 AS product
FROM simulate_orders(1000, 700, 3);
INSERT INTO shop.orders SELECT customer, at + interval '9 days', -total, product FROM shop.orders
WHERE customer % 10 = 0 AND at < '2025-11-01';
CREATE INDEX ON shop.orders (customer);
CREATE TABLE shop.contacts AS
SELECT (1 + i % 1100)::bigint AS customer, timestamptz '2025-06-01' + i % 200 * interval '1 day' AS at, 'visit'::text AS kind
FROM generate_series(1, 3000) AS i;
ANALYZE;
SELECT create_segmentation('shop.seg', 'shop.orders', 'customer', 'at', 'total', '{
    "as_of": "2025-11-15", "product": "product", "potential_value": {"clv": 2, "age": 1},
    "customers": {"source": "shop.customers", "customer": "id", "columns": ["region"]},
    "interactions": {"source": "shop.contacts", "customer": "customer", "at": "at", "kind": "kind"}
}') IS NOT NULL AS created;

-- the columns, their types and comments
SELECT a.attname, format_type(a.atttypid, a.atttypmod), col_description(a.attrelid, a.attnum)
FROM pg_attribute AS a
WHERE a.attrelid = 'shop.seg'::regclass AND a.attname ~ '^previous_|^expected_next'
ORDER BY a.attnum;
-- 30 days earlier, and as many as the option says; nobody has had a label before all orders
SELECT count(*), count(*) FILTER (WHERE previous_rfm_segment IS DISTINCT FROM rfm_segment) AS moved,
       count(*) FILTER (WHERE previous_rfm_segment IS NULL AND rfm_segment IS NOT NULL) AS new,
       count(*) FILTER (WHERE previous_rfm_segment IS NULL AND first_purchase <= as_of - 30) AS lost,
       count(*) FILTER (WHERE previous_rfm_segment IS NOT NULL AND first_purchase > as_of - 30) AS too_early
FROM shop.seg;
SELECT alter_segmentation('shop.seg', '{"compare_days": 3650}', train => false) IS NOT NULL AS altered;
SELECT count(previous_rfm_segment), count(previous_clv_tier), count(previous_growth_quadrant), count(previous_value_quadrant)
FROM shop.seg;
SELECT col_description('shop.seg'::regclass, attnum) FROM pg_attribute
WHERE attrelid = 'shop.seg'::regclass AND attname = 'previous_abc_class';
SELECT fails($$SELECT alter_segmentation('shop.seg', '{"compare_days": 0}')$$);
SELECT fails($$SELECT alter_segmentation('shop.seg', '{"compare_days": 3651}')$$);
SELECT fails($$SELECT alter_segmentation('shop.seg', '{"compare_days": 1.5}')$$);
SELECT fails($$SELECT alter_segmentation('shop.seg', '{"compare_days": "30"}')$$);
SELECT alter_segmentation('shop.seg', '{"compare_days": null}', train => false) IS NOT NULL AS altered;
-- each of them alone is what it is among all
CREATE TEMPORARY TABLE everything AS SELECT * FROM shop.seg;
SELECT count(*) AS differ FROM (SELECT customer, previous_rfm_segment FROM shop.seg EXCEPT SELECT customer, previous_rfm_segment FROM everything) AS d;
SELECT count(*) AS differ FROM (SELECT customer, previous_value_tier FROM shop.seg EXCEPT SELECT customer, previous_value_tier FROM everything) AS d;
-- who moves is counted as segment_transitions counts them
SELECT (SELECT sum(customers) FROM segment_transitions('shop.seg', '2025-10-16') WHERE change = 'up') = count(*) AS up
FROM shop.seg AS s
JOIN (SELECT DISTINCT rfm_segment, rfm_segment_rank FROM shop.seg) AS b ON b.rfm_segment = s.previous_rfm_segment
WHERE s.rfm_segment_rank < b.rfm_segment_rank;
-- over time they are what the label itself was so many days before
SELECT count(*) AS segments, bool_and(n.customers = b.customers) AS same
FROM segment_history('shop.seg', 'previous_rfm_segment', '2025-10-31', '2025-10-31') AS n
FULL JOIN segment_history('shop.seg', 'rfm_segment', '2025-10-01', '2025-10-01') AS b USING (segment) WHERE segment IS NOT NULL;
SELECT count(*) AS segments, bool_and(n.customers = b.customers) AS same
FROM segment_history('shop.seg', 'previous_value_quadrant', '2025-10-31', '2025-10-31') AS n
FULL JOIN segment_history('shop.seg', 'value_quadrant', '2025-10-01', '2025-10-01') AS b USING (segment) WHERE segment IS NOT NULL;
-- in reports they come in the order of ranks, as labels do
SELECT 'crosstab' AS report, string_agg(label, ', ' ORDER BY n) = (SELECT string_agg(rfm_segment, ', ' ORDER BY rank) FROM (
           SELECT rfm_segment, min(rfm_segment_rank) AS rank FROM shop.seg GROUP BY 1) AS r) AS by_rank
FROM (SELECT row_label AS label, min(n) AS n FROM segment_crosstab('shop.seg', 'previous_rfm_segment', 'rfm_segment')
      WITH ORDINALITY AS c (row_label, column_label, customers, a, b, c, d, e, n) WHERE row_label IS NOT NULL GROUP BY 1) AS f;
SELECT segment FROM segment_report('shop.seg', 'previous_growth_quadrant');
SELECT day, string_agg(segment, ', ' ORDER BY n) AS by_rank
FROM segment_history('shop.seg', 'previous_clv_tier', '2025-10-31', '2025-10-31')
     WITH ORDINALITY AS h (day, segment, a, b, c, d, e, f, n) GROUP BY 1;
-- they take no join of their own, and nothing is computed for them unless they are selected
CREATE FUNCTION shop.plan_of(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT json, VERBOSE, COSTS off) ' || query INTO plan;
    RETURN plan;
END $$;
SELECT columns, regexp_count(plan, '"Node Type"') <= regexp_count(shop.plan_of('SELECT value_quadrant, need_type FROM shop.seg'), '"Node Type"') AS no_more_nodes,
       plan LIKE '%previous%' AS computes_them
FROM (VALUES ('value_quadrant, need_type'), ('value_quadrant, need_type, previous_value_quadrant, previous_need_type')) AS c (columns)
CROSS JOIN LATERAL shop.plan_of(format('SELECT %s FROM shop.seg', columns)) AS plan;
-- a matrix whose column leaves no room is refused
SELECT fails($$SELECT define_matrix(repeat('m', 55), '{"x": {"axis": "clv"}, "positions": [{"x": 1, "code": "a"}, {"x": 2, "code": "b"}]}')$$);
SELECT define_matrix(repeat('m', 54), '{"x": {"axis": "clv"}, "positions": [{"x": 1, "code": "a"}, {"x": 2, "code": "b"}]}');
SELECT create_segmentation('shop.long', 'shop.orders', 'customer', 'at', 'total',
                           jsonb_build_object('as_of', '2025-11-15', 'matrices', ARRAY[repeat('m', 54)])) IS NOT NULL AS created;
SELECT attname FROM pg_attribute WHERE attrelid = 'shop.long'::regclass AND attname LIKE 'previous\_m%';
SELECT drop_segmentation('shop.long');

-- expected_next_purchase: overdue on the days after it, and on no others
SELECT count(*) AS customers, count(expected_next_purchase) AS expected,
       count(*) FILTER (WHERE (as_of > expected_next_purchase) IS DISTINCT FROM (recency_days > typical_gap)) AS wrong,
       count(*) FILTER (WHERE expected_next_purchase <> last_purchase + floor(typical_gap)::int) AS other,
       count(*) FILTER (WHERE (expected_next_purchase IS NULL) <> (typical_gap IS NULL)) AS known
FROM shop.seg;
SELECT expected_next_purchase(h), expected_next_purchase(h, '2024-01-20'), expected_next_purchase(h, '2024-01-15'),
       expected_next_purchase(h, '2024-01-10'), expected_next_purchase(h, '2023-12-31'), typical_gap(h)
FROM (SELECT purchase_history(d, 1) AS h FROM unnest('{2024-01-10,2024-01-16,2024-01-20,2024-01-31}'::date[]) AS d) AS c;
-- up to the last day that there is
SELECT expected_next_purchase(h), expected_next_purchase(h, '5874897-12-30'), typical_gap(h)
FROM (SELECT purchase_history(d, 1) AS h FROM unnest('{5874897-12-25,5874897-12-28,5874897-12-30}'::date[]) AS d) AS c;
SELECT expected_next_purchase(h), typical_gap(h)
FROM (SELECT purchase_history(d, 1) AS h FROM unnest('{5874897-12-29,5874897-12-30}'::date[]) AS d) AS c;
SELECT expected_next_purchase(h), typical_gap(h)
FROM (SELECT purchase_history(d, 1) AS h FROM unnest('{5874897-12-27,5874897-12-30}'::date[]) AS d) AS c;

-- contact_list: who is due, first who is due first; with those who are overdue, they are all with a rhythm
SELECT customer, last_purchase, typical_gap, expected_next_purchase, overdue_days FROM contact_list('shop.seg', 6, due_within_days => 7);
SELECT days, (SELECT count(*) FROM contact_list('shop.seg', 100000, due_within_days => days)) =
       (SELECT count(*) FROM shop.seg WHERE expected_next_purchase BETWEEN as_of AND as_of + days) AS all_of_them
FROM unnest(ARRAY[0, 7, 30, 700]) AS days;
SELECT (SELECT count(*) FROM contact_list('shop.seg', 100000)) + (SELECT count(*) FROM contact_list('shop.seg', 100000, due_within_days => 2147483647))
       = (SELECT count(expected_next_purchase) FROM shop.seg) AS all_of_them,
       (SELECT max(overdue_days) FROM contact_list('shop.seg', 100000, due_within_days => 700)) <= 0 AS not_yet,
       (SELECT count(*) FROM contact_list('shop.seg', 100000) WHERE (overdue_days > 0) IS NOT TRUE) AS not_overdue;
SELECT count(*) AS differ
FROM (SELECT row_number() OVER () AS n, * FROM contact_list('shop.seg', 50, due_within_days => 14)) AS t
FULL JOIN (SELECT row_number() OVER () AS n, l.* FROM contact_list(NULL::shop.seg, 50, due_within_days => 14) AS l) AS r USING (n)
WHERE (t.customer, t.expected_next_purchase) IS DISTINCT FROM (r.customer::text, r.expected_next_purchase);
SELECT count(*) > 0 AS of_region, bool_and("columns" ->> 'region' = 'South') AS south
FROM contact_list('shop.seg', 100, labels => '{"region": "South"}', "columns" => ARRAY['region'], due_within_days => 30);
SELECT fails($$SELECT * FROM contact_list('shop.seg', due_within_days => -1)$$);

-- population_stability_index: half a customer more in each bin
SELECT population_stability_index(ARRAY[10, 10], ARRAY[10, 10]) AS same,
       round(population_stability_index(ARRAY[10, 0], ARRAY[0, 10])::numeric, 6) = round(((10.5 - 0.5) / 11 * ln(21.0) * 2), 6) AS other_way,
       round(population_stability_index(ARRAY[4539, 4748, 4844, 4720, 4719], '{2938,4623,4744,4126,7139}')::numeric, 12) AS known,
       population_stability_index('{}', '{}') AS no_bins, population_stability_index('{0,0}', '{1,2}') AS nobody;
SELECT fails(format('SELECT population_stability_index(%L, %L)', a, b))
FROM (VALUES ('{1,2}', '{1}'), ('{1,NULL}', '{1,2}'), ('{1,-1}', '{1,2}'), ('{1,2}', '{1,NaN}'), ('{{1,2}}', '{1,2}')) AS v (a, b);

-- drift: each axis once, with its bins; nothing has moved on the day of the training
SELECT day, axis, count(*) AS bins, sum(customers_then) AS then, sum(customers_now) AS now, min(psi) AS psi,
       min(psi_by_chance) AS by_chance, min(verdict) AS verdict
FROM segmentation_drift('shop.seg') GROUP BY 1, 2 ORDER BY axis;
SELECT count(*) AS moved FROM segmentation_drift('shop.seg') WHERE (customers_then, share_then) IS DISTINCT FROM (customers_now, share_now);
-- tenths of the training are those of plain SQL
SELECT d.score, d.customers_then = count(v.*) AS same
FROM segmentation_drift('shop.seg') AS d
CROSS JOIN (SELECT array_agg(DISTINCT cut) AS cuts FROM (SELECT unnest(percentile_cont('{0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9}'::float8[])
            WITHIN GROUP (ORDER BY product_breadth::float8)) AS cut FROM shop.seg WHERE frequency > 0) AS c) AS c
LEFT JOIN shop.seg AS v ON v.frequency > 0 AND d.score = 1 + (SELECT count(*) FROM unnest(c.cuts) AS cut WHERE v.product_breadth > cut)
WHERE d.axis = 'product_breadth' GROUP BY d.score, d.customers_then ORDER BY 1;
-- over days: as the view with that as_of counts them, with the same training
SELECT day, axis, psi, verdict, explanation FROM segmentation_drift('shop.seg', '2025-06-30', every => '2 months')
WHERE axis IN ('recency', 'current_value') AND score = 1 ORDER BY axis, day;
SELECT count(DISTINCT day) AS days, min(day), max(day) FROM segmentation_drift('shop.seg', '2025-11-01', '2025-11-10', '1 day');
SELECT DISTINCT day FROM segmentation_drift('shop.seg', to_day => '2025-10-31');
SELECT d.day, d.psi = round(population_stability_index(array_agg(d.customers_then::float8 ORDER BY d.score), array_agg(d.customers_now::float8 ORDER BY d.score))::numeric, 4) AS same
FROM segmentation_drift('shop.seg', '2025-09-30', '2025-10-31') AS d WHERE d.axis = 'monetary' GROUP BY d.day, d.psi ORDER BY 1;
SELECT n.frequency_score, count(*) = d.customers_now AS same
FROM shop.seg AS v
CROSS JOIN LATERAL (SELECT frequency_score(t.cuts, c.h, date '2025-08-31') FROM training AS t
     CROSS JOIN (SELECT net_of_refunds(purchase_history(o.at, o.total), date '2025-08-31') AS h FROM shop.orders AS o WHERE o.customer = v.customer) AS c) AS n
JOIN segmentation_drift('shop.seg', to_day => '2025-08-31') AS d ON d.axis = 'frequency' AND d.score = n.frequency_score
GROUP BY 1, d.customers_now ORDER BY 1;
-- many who come back; in another language
INSERT INTO shop.orders SELECT id, '2025-11-15 12:00', 500, 'p1' FROM shop.customers;
SELECT DISTINCT ON (axis) axis, verdict FROM segmentation_drift('shop.seg') ORDER BY axis;
SELECT alter_segmentation('shop.seg', '{"language": "zh"}', train => false) IS NOT NULL AS altered;
SELECT DISTINCT verdict, explanation FROM segmentation_drift('shop.seg', '2025-01-31') ORDER BY 1;
SELECT col_description('shop.seg'::regclass, attnum) FROM pg_attribute
WHERE attrelid = 'shop.seg'::regclass AND attname IN ('previous_abc_class', 'expected_next_purchase') ORDER BY attnum;
-- nothing to compare with; what cannot be
SELECT count(*) FROM segmentation_drift(NULL);
CREATE TABLE shop.nothing (customer int, at date, total int);
SELECT create_segmentation('shop.empty', 'shop.nothing', 'customer', 'at', 'total') IS NOT NULL AS created;
SELECT count(*) FROM segmentation_drift('shop.empty');
SELECT count(previous_rfm_segment), count(expected_next_purchase) FROM shop.empty;
SELECT fails($$SELECT * FROM segmentation_drift('shop.seg', '2025-11-01', '2025-10-01')$$);
SELECT fails($$SELECT * FROM segmentation_drift('shop.seg', '2025-11-01', '2025-12-01')$$);
SELECT fails($$SELECT * FROM segmentation_drift('shop.seg', '2020-11-01')$$);
SELECT fails($$SELECT * FROM segmentation_drift('shop.seg', '2025-11-01', every => '1 hour')$$);
SELECT fails($$SELECT * FROM segmentation_drift('shop.seg', '2025-11-01', every => NULL)$$);
SELECT fails($$SELECT * FROM segmentation_drift('shop.orders')$$);
-- with the rights of whoever asks
CREATE ROLE drift_reader;
GRANT USAGE ON SCHEMA shop TO drift_reader;
SET ROLE drift_reader;
SELECT fails($$SELECT count(*) FROM segmentation_drift('shop.seg')$$);
RESET ROLE;
GRANT SELECT ON shop.seg TO drift_reader;
SET ROLE drift_reader;
SELECT fails($$SELECT count(*) FROM segmentation_drift('shop.seg')$$);
RESET ROLE;
GRANT SELECT ON shop.orders, shop.customers, shop.contacts TO drift_reader;
SET ROLE drift_reader;
SELECT count(*) > 0 AS read FROM segmentation_drift('shop.seg');
RESET ROLE;
REVOKE SELECT ON shop.orders, shop.customers, shop.contacts FROM drift_reader;
SELECT alter_segmentation('shop.seg', '{"security_invoker": false}', train => false) IS NOT NULL AS altered;
SET ROLE drift_reader;
SELECT count(*) > 0 AS read FROM segmentation_drift('shop.seg', '2025-10-31');
SELECT count(previous_rfm_segment) > 0 AS read FROM shop.seg;
RESET ROLE;
DROP OWNED BY drift_reader;
DROP ROLE drift_reader;
