-- Labels with their rank in front (option "labels"): in every label column, the function beside the view, reports, histories,
-- kept histories, snapshots; switched on and off; in another language; what cannot be.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned
SET search_path = public, customer_value;

CREATE SCHEMA shop;
CREATE TABLE shop.customers (id bigint PRIMARY KEY, region text, wants text);
INSERT INTO shop.customers
SELECT i, 'r' || i % 4, CASE WHEN i % 7 = 0 THEN 'functional' WHEN i % 11 = 0 THEN 'loyal' END
FROM generate_series(1, 620) AS i;
CREATE TABLE shop.orders AS
SELECT customer_id AS customer, ordered_at AS at, amount AS total, amount < 30 AS discounted
FROM simulate_orders(600, 700, 11);
CREATE INDEX ON shop.orders (customer);
CREATE TABLE shop.contacts AS
SELECT i::bigint AS customer, timestamptz '2025-11-01' + (i % 20) * interval '1 day' AS at, 'mail'::text AS kind
FROM generate_series(1, 400) AS i;
ANALYZE;
-- twelve positions, so that ranks have two digits
SELECT define_matrix('ladder', jsonb_build_object(
    'x', jsonb '{"axis": "frequency", "split": "given", "cuts": [2, 3, 4]}',
    'y', jsonb '{"axis": "recency_days", "split": "given", "cuts": [60, 200]}',
    'positions', jsonb_agg(jsonb_build_object('x', x, 'y', y, 'code', format('p%s%s', x, y),
        'labels', jsonb_build_object('en', format('Step %s, %s', x, y))) ORDER BY x DESC, y)))
FROM generate_series(1, 4) AS x, generate_series(1, 3) AS y;
CREATE FUNCTION options(more jsonb) RETURNS jsonb LANGUAGE sql RETURN '{
    "as_of": "2025-11-30", "discount": "discounted", "need": "wants", "matrices": ["ladder"],
    "customers": {"source": "shop.customers", "customer": "id", "columns": ["region"]},
    "interactions": {"source": "shop.contacts", "customer": "customer", "at": "at", "kind": "kind"}
}'::jsonb || more;
SELECT create_segmentation('shop.plain', 'shop.orders', 'customer', 'at', 'total', options('{"labels": "plain"}')),
       create_segmentation('shop.ranked', 'shop.orders', 'customer', 'at', 'total', options('{"labels": "ranked"}')),
       create_segmentation('shop.kept', 'shop.orders', 'customer', 'at', 'total', options('{"labels": "ranked", "keep": true}'));

-- every label column ----------------------------------------------------------------------------------------------------
CREATE VIEW label AS
SELECT left(attname, -5) AS name, 'previous_' || left(attname, -5) AS previous
FROM pg_attribute WHERE attrelid = 'shop.plain'::regclass AND attname LIKE '%\_rank';
-- a label without what stands in front, and that
CREATE FUNCTION bare(label text) RETURNS text LANGUAGE sql RETURN substr(label, strpos(label, ' ') + 1);
CREATE FUNCTION front(label text) RETURNS text LANGUAGE sql RETURN split_part(label, ' ', 1);
CREATE FUNCTION compare_labels(other text, label text, previous text)
    RETURNS TABLE (name text, labels bigint, first text, last text, in_front bool, widths bigint, codes bool, before bool)
    LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format($query$
        SELECT %1$L::text, count(DISTINCT r.%1$I), min(r.%1$I COLLATE "C"), max(r.%1$I COLLATE "C"),
               bool_and((bare(r.%1$I), front(r.%1$I)::int) IS NOT DISTINCT FROM (p.%1$I, p.%1$I_rank::int)
                        AND r.%1$I_rank IS NOT DISTINCT FROM p.%1$I_rank),
               count(DISTINCT length(front(r.%1$I))),
               bool_and(r.%1$I_code IS NOT DISTINCT FROM p.%1$I_code),
               bool_and(bare(r.%2$I) IS NOT DISTINCT FROM p.%2$I AND coalesce(r.%2$I ~ '^\d+ ', true))
        FROM %3$s AS r JOIN shop.plain AS p USING (customer)
    $query$, label, previous, other);
END
$$;
SELECT c.* FROM label AS l, compare_labels('shop.ranked', l.name, l.previous) AS c ORDER BY 1;
-- kept histories and the function beside the view give the same
SELECT count(*) AS rows FROM (TABLE shop.ranked EXCEPT ALL TABLE shop.kept) AS d
WHERE to_jsonb(d) - 'trained_at' NOT IN (SELECT to_jsonb(k) - 'trained_at' FROM shop.kept AS k);
SELECT count(*) AS differ FROM shop.ranked AS v CROSS JOIN LATERAL shop.ranked_of(v.customer) AS f
WHERE to_jsonb(f) <> to_jsonb(v);
SELECT a.attname, col_description(a.attrelid, a.attnum) FROM pg_attribute AS a
WHERE a.attrelid = 'shop.ranked'::regclass AND a.attname IN ('rfm_segment', 'clv_tier', 'growth_quadrant', 'previous_clv_tier')
ORDER BY 1;

-- reports ---------------------------------------------------------------------------------------------------------------
SELECT segment, customers FROM segment_report('shop.ranked');
SELECT l.name, bool_and(coalesce(bare(r.segment), 'none') = coalesce(p.segment, 'none')) AS same, count(*) AS rows
FROM label AS l,
     LATERAL (SELECT segment, customers, row_number() OVER () AS n FROM segment_report('shop.ranked', l.name) WHERE segment IS NOT NULL) AS r,
     LATERAL (SELECT segment, customers, row_number() OVER () AS n FROM segment_report('shop.plain', l.name) WHERE segment IS NOT NULL) AS p
WHERE r.n = p.n GROUP BY 1 ORDER BY 1;
SELECT segment, code, rank, customers FROM segment_playbook('shop.ranked', 'ladder');
-- a playbook has the labels of the view, and in another language the same ranks
SELECT count(*) AS labels, bool_and(p.segment = v.rfm_segment) AS same
FROM segment_playbook('shop.ranked', 'rfm_segment') AS p
JOIN (SELECT DISTINCT rfm_segment, rfm_segment_code AS code FROM shop.ranked) AS v USING (code);
SELECT segment, rank FROM segment_playbook('shop.ranked', 'rfm_segment', 'zh') WHERE rank IN (1, 11);
SELECT row_label, column_label, customers FROM segment_crosstab('shop.ranked', 'rfm_segment', 'clv_tier') LIMIT 3;
SELECT step, value, score FROM explain_customer('shop.ranked', 7) WHERE score IS NOT NULL;
SELECT count(*) AS customers, count(DISTINCT segment) AS segments
FROM contact_list('shop.ranked', 1000, 0, '{"rfm_segment": ["01 Champions", "02 Loyal"], "clv_tier": "1 High"}');
SELECT segment, customers_before, customers_after FROM segment_what_if('shop.ranked', '{"01 Champions": {"margin": 0.5}}', report_by => 'clv_tier');

-- over time: in rank order, and the labels of the day are those of a view as of that day
SELECT day, segment, customers FROM segment_history('shop.ranked', 'lifecycle_stage', '2025-10-31', '2025-11-30');
SELECT l.name, bool_and(bare(r.segment) IS NOT DISTINCT FROM p.segment AND r.customers = p.customers) AS same, count(*) AS rows
FROM label AS l,
     LATERAL (SELECT *, row_number() OVER () AS n FROM segment_history('shop.ranked', l.name, '2025-08-31', '2025-11-30')) AS r,
     LATERAL (SELECT *, row_number() OVER () AS n FROM segment_history('shop.plain', l.name, '2025-08-31', '2025-11-30')) AS p
WHERE r.n = p.n GROUP BY 1 ORDER BY 1;
SELECT count(from_rank) AS labels, bool_and(from_rank = front(from_segment)::int) AS ranks
FROM segment_transitions('shop.kept', '2025-08-31') WHERE from_rank IS NOT NULL;
SELECT DISTINCT segment FROM compare_periods('shop.ranked', '2025-09-01', '2025-11-30', by => 'value_tier') ORDER BY 1;
SELECT snapshot_segmentation('shop.ranked', 'shop.snapshots', '{rfm_segment,clv_tier}', '2025-10-31');
SELECT rfm_segment, count(*) FROM shop.snapshots GROUP BY 1 ORDER BY 1 LIMIT 2;

-- switched ----------------------------------------------------------------------------------------------------------------
SELECT alter_segmentation('shop.plain', '{"labels": "ranked", "language": "zh"}');
SELECT rfm_segment, clv_tier, lifecycle_stage, abc_class FROM shop.plain WHERE customer = 7;
SELECT col_description('shop.plain'::regclass, attnum) FROM pg_attribute
WHERE attrelid = 'shop.plain'::regclass AND attname = 'clv_tier';
SELECT alter_segmentation('shop.plain', '{"labels": null, "language": null}');
SELECT rfm_segment, clv_tier, lifecycle_stage, abc_class FROM shop.plain WHERE customer = 7;
-- a scheme without labels
SELECT alter_segmentation('shop.plain', '{"labels": "ranked", "scheme": "none"}');
SELECT count(rfm_segment) AS segments, min(clv_tier) AS tier FROM shop.plain;

-- what cannot be ------------------------------------------------------------------------------------------------------------
SELECT alter_segmentation('shop.plain', '{"labels": "rank"}');
SELECT alter_segmentation('shop.plain', '{"labels": 1}');
SELECT alter_segmentation('shop.plain', '{"labels": {"rank": true}}');
