-- Segments over time: histories equal the view with that as_of and the same training, for every label; transitions add up to
-- both margins; what moves is who moved; rights, periods that cannot be.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned
SET search_path = public, customer_value;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\i :helpers

CREATE SCHEMA shop;
CREATE TABLE shop.customers (id bigint PRIMARY KEY, region text, age int, wants text, since timestamptz);
INSERT INTO shop.customers
SELECT i, (ARRAY['North', 'South', NULL])[1 + i % 3], nullif(20 + i % 50, 30),
       CASE WHEN i % 11 = 0 THEN 'functional' END, timestamptz '2025-02-01' + i % 400 * interval '1 day'
FROM generate_series(1, 460) AS i;
CREATE TABLE shop.orders AS
SELECT row_number() OVER ()::text AS number, customer_id AS customer, ordered_at AS at, amount AS total,
       round(amount * (0.3 + customer_id % 5 * 0.1), 2) AS cost,
       CASE WHEN customer_id % 7 > 0 THEN round(amount / 50, 2) END AS service, customer_id % 3 = 0 AND amount < 60 AS reduced,
       CASE WHEN customer_id % 50 = 0 THEN NULL WHEN amount > 40 THEN 'shop' ELSE 'web' END AS channel,
       'p' || (amount * 100)::int % 9 AS product
FROM simulate_orders(400, 700, 11);
-- refunds of a part, of everything, and of nothing that was bought
INSERT INTO shop.orders
SELECT 'r' || number, customer, at + interval '20 days', CASE WHEN customer % 2 = 0 THEN -total ELSE -round(total / 3, 2) END
FROM shop.orders WHERE customer % 5 = 0 AND at < '2025-11-01';
INSERT INTO shop.orders VALUES ('x', 403, '2025-04-01', -12.34);
CREATE TABLE shop.contacts AS
SELECT customer, timestamptz '2025-12-30' - (customer * 7 + n * 31) % 400 * interval '1 day' AS at,
       (ARRAY['mail', 'service', 'call'])[1 + (customer + n) % 3] AS kind, (customer + n) % 4 AS weight
FROM generate_series(1::bigint, 400) AS customer, generate_series(1, 4) AS n
WHERE customer % 4 > 0;
CREATE TABLE shop.answers AS
SELECT customer, date '2025-12-01' - (customer % 300)::int AS day, 'csat'::text AS kind, (1 + customer % 5)::int AS score
FROM generate_series(1::bigint, 400, 3) AS customer;
ANALYZE;

-- what `options` ask for, twice: as it is, and to be looked at as of other days with the training of the first
CREATE FUNCTION create_both(name text, options jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM create_segmentation('shop.' || name || n, 'shop.orders', 'customer', 'at', 'total', options)
    FROM unnest(ARRAY['', '_then']) AS n;
END
$$;
CREATE FUNCTION look_at(other text, as_of date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM alter_segmentation(other || '_then', jsonb_build_object('as_of', as_of::text));
    UPDATE training AS t
    SET (cuts, labels, purchase_model, spend_model, margin, clv_percentiles, axes, matrices) =
        (SELECT n.cuts, n.labels, n.purchase_model, n.spend_model, n.margin, n.clv_percentiles, n.axes, n.matrices
         FROM training AS n JOIN segmentations AS s ON s.id = n.segmentation WHERE s.view = other AND n.newest)
    FROM segmentations AS s WHERE s.id = t.segmentation AND s.view = other || '_then' AND t.newest;
END
$$;
-- a history against the view itself
CREATE FUNCTION compare(view text, by text, days date[], OUT rows bigint, OUT labels bigint, OUT differ bigint)
LANGUAGE plpgsql AS $$
DECLARE
    one record;
BEGIN
    SELECT 0, 0, 0 INTO rows, labels, differ;
    FOR one IN SELECT d FROM unnest(days) AS d LOOP
        PERFORM look_at(view, one.d);
        EXECUTE format(
            $query$
                SELECT $2 + count(*), greatest($3, count(DISTINCT v.label)), $4 + count(*) FILTER (
                    WHERE (h.customers, h.revenue) IS DISTINCT FROM (v.customers, v.revenue)
                       OR coalesce(abs(h.total_clv - v.clv), 0) > 0.01 OR h.total_clv IS NULL <> (v.clv IS NULL)
                       OR coalesce(abs(h.mean_clv - v.mean), 0) > 0.01
                       OR abs(h.customer_share - v.share) > 0.0001)
                FROM (SELECT * FROM segment_history(%1$L, %2$L, $1, $1)) AS h
                FULL JOIN (
                    SELECT %2$I::text AS label, count(*) AS customers, sum(revenue) AS revenue, sum(clv::numeric) AS clv,
                           avg(clv::numeric) AS mean, count(*) / sum(count(*)) OVER () AS share
                    FROM %3$s
                    WHERE %2$I IS NOT NULL OR revenue <> 0 OR last_purchase IS NOT NULL
                    GROUP BY %2$I
                ) AS v ON coalesce(v.label, 'none') = coalesce(h.segment, 'none')
            $query$, view, by, view || '_then'
        ) INTO rows, labels, differ USING one.d, rows, labels, differ;
    END LOOP;
END
$$;

-- every input, sums over costs, an index, a column of a user's own
SELECT create_both('seg', '{
    "as_of": "2025-11-30", "cost": "cost", "cost_to_serve": "service", "discount": "reduced", "channel": "channel",
    "product": "product",
    "customers": {"source": "shop.customers", "customer": "id", "columns": ["region", "age"], "since": "since"}, "need": "wants",
    "interactions": {"source": "shop.contacts", "customer": "customer", "at": "at", "kind": "kind", "weight": "weight"},
    "satisfaction": {"source": "shop.answers", "customer": "customer", "at": "day", "kind": "kind", "score": "score"},
    "indexes": {"reach": {"age": 2, "product_breadth": 0.5}}
}');
-- a user appends columns to a view: a label with ranks, a number, and one that reads an input
CREATE FUNCTION append(view text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    text text := pg_get_viewdef(view::regclass);
    columns text := $c$,
        CASE WHEN h.clv > 50 THEN 'big' WHEN h.clv > 10 THEN 'middle' ELSE 'small' END AS size,
        CASE WHEN h.clv > 50 THEN 1 WHEN h.clv > 10 THEN 2 ELSE 3 END AS size_rank,
        i.last_other > t.as_of - 90 AS talked$c$;
BEGIN
    EXECUTE format('CREATE OR REPLACE VIEW %s WITH (security_invoker = true) AS %s', view,
                   regexp_replace(text, '\n   FROM', columns || E'\n   FROM'));
END
$$;
SELECT append('shop.seg'), append('shop.seg_then');

CREATE FUNCTION labels(view text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT a.attname::text FROM pg_attribute AS a
    WHERE a.attrelid = view::regclass AND a.attnum > 1 AND NOT a.attisdropped
      AND (a.atttypid IN ('text'::regtype, 'boolean'::regtype, 'smallint'::regtype) AND a.attname NOT LIKE '%\_action'
           OR a.attname IN ('purchase_days', 'age'))
    ORDER BY 1
$$;
SELECT by, c.rows, c.labels, c.differ
FROM labels('shop.seg') AS by,
     compare('shop.seg', by, '{2024-03-31,2024-11-30,2025-02-28,2025-08-31,2025-11-30}') AS c;

-- only customers who are there by a day count: without those who come later, or have undone all that they bought; who has
-- orders but no label is told apart
SELECT sum(customers) AS customers, sum(customers) FILTER (WHERE segment IS NULL) AS none,
       (SELECT count(DISTINCT customer) FROM shop.orders WHERE at < '2024-07-01') AS with_orders
FROM segment_history('shop.seg', from_day => '2024-06-30', to_day => '2024-06-30');
-- the sums of shares; days in order, labels by rank
SELECT count(*) AS days, max(abs(share - 1)) < 0.001 AS shares, max(abs(revenue_share - 1)) < 0.001 AS revenue_shares
FROM (SELECT day, sum(customer_share) AS share, sum(revenue_share) AS revenue_share
      FROM segment_history('shop.seg', from_day => '2024-01-31') GROUP BY 1) AS d;
SELECT by, count(*) > 10 AS rows, count(*) FILTER (WHERE h.day < before OR h.day = before AND rank < rank_before) AS out_of_order
FROM (VALUES ('rfm_segment'), ('rfm_segment_code'), ('growth_quadrant'), ('lifecycle_stage'), ('clv_tier'),
             ('clv_tier_code'), ('size')) AS v (by),
     LATERAL (
         SELECT h.day, lag(h.day) OVER w AS before, r.rank, lag(r.rank) OVER w AS rank_before
         FROM segment_history('shop.seg', by, '2025-01-01', '2025-06-30') WITH ORDINALITY
              AS h (day, segment, customers, a, b, c, d, e, place)
         JOIN (SELECT 'rfm_segment', rfm_segment, min(rfm_segment_rank) FROM shop.seg GROUP BY 2
               UNION SELECT 'rfm_segment_code', rfm_segment_code, min(rfm_segment_rank) FROM shop.seg GROUP BY 2
               UNION SELECT 'growth_quadrant', growth_quadrant, min(growth_quadrant_rank) FROM shop.seg GROUP BY 2
               UNION SELECT 'lifecycle_stage', lifecycle_stage, min(lifecycle_stage_rank) FROM shop.seg GROUP BY 2
               UNION SELECT 'clv_tier', clv_tier, min(clv_tier_rank) FROM shop.seg GROUP BY 2
               UNION SELECT 'clv_tier_code', clv_tier_code, min(clv_tier_rank) FROM shop.seg GROUP BY 2
               UNION SELECT 'size', size, min(size_rank) FROM shop.seg GROUP BY 2) AS r (of, label, rank)
             ON r.of = v.by AND r.label = h.segment
         WINDOW w AS (ORDER BY place)
     ) AS h
GROUP BY 1 ORDER BY 1;

-- transitions and changes: plain SQL over the view on both days; margins
CREATE FUNCTION transitions(view text, by text, from_day date, to_day date, OUT cells bigint, OUT differ bigint,
                            OUT changes bigint, OUT changes_differ bigint, OUT from_margin boolean, OUT to_margin boolean)
LANGUAGE plpgsql AS $$
BEGIN
    FOR day IN 1..2 LOOP
        PERFORM look_at(view, CASE day WHEN 1 THEN from_day ELSE to_day END);
        EXECUTE format('CREATE TEMPORARY TABLE day_%s AS '
                       'SELECT customer, %I::text AS label, revenue, clv, last_purchase IS NOT NULL OR revenue <> 0 AS buys FROM %s',
                       day, by, view || '_then');
    END LOOP;
    CREATE TEMPORARY TABLE plain AS
    SELECT customer, coalesce(f.label, CASE WHEN f.buys THEN '(no label)' ELSE '(not yet a customer)' END) AS from_segment,
           coalesce(t.label, CASE WHEN t.buys THEN '(no label)' ELSE '(no longer a customer)' END) AS to_segment,
           t.revenue - f.revenue AS revenue, t.clv, t.clv - f.clv AS clv_change
    FROM day_1 AS f FULL JOIN day_2 AS t USING (customer)
    WHERE f.label IS NOT NULL OR t.label IS NOT NULL OR f.buys OR t.buys;
    SELECT count(*), count(*) FILTER (
        WHERE (r.customers, r.revenue) IS DISTINCT FROM (p.customers, p.revenue)
           OR abs(r.share_of_from - p.of_from) > 0.0001 OR abs(r.share_of_to - p.of_to) > 0.0001)
    INTO cells, differ
    FROM segment_transitions(view, from_day, to_day, by) AS r
    FULL JOIN (SELECT from_segment, to_segment, count(*) AS customers, sum(p.revenue) AS revenue,
                      count(*) / sum(count(*)) OVER (PARTITION BY from_segment) AS of_from,
                      count(*) / sum(count(*)) OVER (PARTITION BY to_segment) AS of_to
               FROM plain AS p GROUP BY 1, 2) AS p USING (from_segment, to_segment);
    SELECT count(*), count(*) FILTER (
        WHERE (r.from_segment, r.to_segment, r.revenue) IS DISTINCT FROM (p.from_segment, p.to_segment, p.revenue)
           OR r.clv IS NULL <> (p.clv IS NULL) OR abs(r.clv - p.clv) > 0.01 OR abs(r.clv_change - p.clv_change) > 0.01)
    INTO changes, changes_differ
    FROM segment_changes(view, from_day, to_day, by) AS r
    FULL JOIN (SELECT * FROM plain AS p WHERE p.from_segment <> p.to_segment) AS p ON p.customer::text = r.customer;
    SELECT bool_and(h.customers IS NOT DISTINCT FROM r.customers) INTO from_margin
    FROM (SELECT from_segment AS segment, sum(customers) AS customers FROM segment_transitions(view, from_day, to_day, by)
          WHERE from_segment NOT LIKE '(%' GROUP BY 1) AS r
    FULL JOIN (SELECT * FROM segment_history(view, by, from_day, from_day) WHERE segment IS NOT NULL) AS h USING (segment);
    SELECT bool_and(h.customers IS NOT DISTINCT FROM r.customers) INTO to_margin
    FROM (SELECT to_segment AS segment, sum(customers) AS customers FROM segment_transitions(view, from_day, to_day, by)
          WHERE to_segment NOT LIKE '(%' GROUP BY 1) AS r
    FULL JOIN (SELECT * FROM segment_history(view, by, to_day, to_day) WHERE segment IS NOT NULL) AS h USING (segment);
    DROP TABLE plain, day_1, day_2;
END
$$;
SELECT by, t.*
FROM unnest('{rfm_segment,rfm_segment_code,lifecycle_stage,growth_quadrant,profitability_quadrant,need_type,crm_cell,clv_tier,size,talked,region,recency_score}'::text[]) AS by,
     transitions('shop.seg', by, '2025-05-31', '2025-11-30') AS t;
-- by a class that everybody has, too, who was not there is new, and who comes later is missing, unless a customer table has them
SELECT create_segmentation('shop.classes', 'shop.orders', 'customer', 'at', 'total', '{"as_of": "2025-11-30"}') IS NOT NULL AS made;
SELECT view, by, sum(customers) AS customers, sum(customers) FILTER (WHERE change = 'new') AS new, sum(revenue) AS revenue
FROM unnest('{shop.seg,shop.classes}'::text[]) AS view, unnest('{rfm_segment,abc_class,abc_pair,monetary_score}'::text[]) AS by,
     segment_transitions(view, '2025-05-31', '2025-10-31', by)
GROUP BY 1, 2 ORDER BY 1, 2;
SELECT change, count(*) > 0 AS rows, bool_and(rank_change > 0) AS up, bool_and(rank_change < 0) AS down
FROM segment_changes('shop.seg', '2025-03-31', by => 'lifecycle_stage') GROUP BY 1 ORDER BY 1;
SELECT * FROM segment_transitions('shop.seg', '2025-08-31', by => 'growth_quadrant');
SELECT change, sum(customers) > 0 AS customers FROM segment_transitions('shop.seg', '2025-11-30', '2025-11-30') GROUP BY 1;

-- what is kept, order lines in a zone, orders without amounts
SELECT create_both('kept', '{"as_of": "2025-11-30", "keep": true, "cost": "cost", "discount": "reduced"}');
SELECT refresh_segmentation('shop.kept');
UPDATE shop.orders SET total = total + 1 WHERE customer = 3;
SELECT by, c.* FROM unnest('{rfm_segment,profitability_quadrant,need_type}'::text[]) AS by,
     compare('shop.kept', by, '{2024-06-30,2025-06-30,2025-11-30}') AS c;
SELECT create_segmentation('shop.lined', 'shop.orders', 'customer', 'at', 'total', '{
    "order_id": "number", "cost": "cost", "cost_to_serve": "service", "discount": "reduced", "time_zone": "Asia/Shanghai",
    "as_of": "latest"
}');
SELECT create_segmentation('shop.lined_then', 'shop.orders', 'customer', 'at', 'total', '{
    "order_id": "number", "cost": "cost", "cost_to_serve": "service", "discount": "reduced", "time_zone": "Asia/Shanghai",
    "as_of": "2025-11-30"
}');
SELECT by, c.* FROM unnest('{rfm_segment,profitability_quadrant,need_type}'::text[]) AS by,
     compare('shop.lined', by, '{2024-06-30,2025-06-30,2025-11-30}') AS c;
SELECT create_segmentation('shop.counted', 'shop.orders', 'customer', 'at', NULL, '{"as_of": "2025-11-30"}');
SELECT day, sum(customers) AS customers, sum(revenue) AS revenue, sum(total_clv) AS clv
FROM segment_history('shop.counted', from_day => '2025-06-30', every => '2 months') GROUP BY 1 ORDER BY 1;

-- a view that is bound to names
SELECT create_both('named', '{"as_of": "2025-11-30", "bind": "name", "product": "product"}');
SELECT c.* FROM compare('shop.named', 'value_tier', '{2024-06-30,2025-11-30}') AS c;

-- days -----------------------------------------------------------------------------------------------------------------------
SELECT n, string_agg(DISTINCT h.day::text, ' ' ORDER BY h.day::text) AS days
FROM (VALUES (1, '2025-01-31'::date, '2025-06-30'::date, '1 month'::interval), (2, '2025-10-01', '2025-10-30', '1 week'),
             (3, '2024-02-29', NULL, '1 year'), (4, '2025-11-28', NULL, '24 hours'), (5, NULL, NULL, '1 month'),
             (6, NULL, '2024-03-31', '1 month'), (7, '2025-11-30', '2025-11-30', '1 month')) AS v (n, from_day, to_day, every),
     segment_history('shop.seg', 'recency_score', v.from_day, v.to_day, v.every) AS h
GROUP BY 1 ORDER BY 1;
SET client_min_messages = notice;
SELECT count(DISTINCT day) FROM segment_history('shop.seg', from_day => '2025-08-01', every => '1 day');
SET client_min_messages = warning;
SELECT fails(format('SELECT * FROM segment_history(''shop.seg'', %s)', arguments))
FROM (VALUES ('from_day => ''2025-11-01'', to_day => ''2025-10-01'''), ('from_day => ''2023-01-01'''),
             ('to_day => ''2026-01-01'''), ('to_day => ''2023-01-01'''), ('by => ''nothing'''), ('by => NULL'),
             ('every => NULL'), ('every => ''0'''), ('every => ''-1 month'''), ('every => ''12 hours'''),
             ('every => ''1 month -31 days'''), ('from_day => ''infinity'''), ('to_day => ''-infinity'''),
             ('training => ''yesterday'''), ('training => ''then'', from_day => ''2025-01-01''')) AS v (arguments);
SELECT create_segmentation('shop.long', 'shop.orders', 'customer', 'at', 'total', '{"as_of": "2029-11-30"}');
SELECT fails('SELECT * FROM segment_history(''shop.long'', from_day => ''2025-11-01'', every => ''1 day'')');
SELECT fails(format('SELECT * FROM %s(''shop.seg'', %s)', report, arguments))
FROM unnest('{segment_transitions,segment_changes}'::text[]) AS report,
     (VALUES ('NULL'), ('''2025-11-01'', ''2025-10-01'''), ('''2023-01-01'''), ('''2025-11-01'', ''2026-10-01'''),
             ('''2025-11-01'', by => ''nothing'''), ('''2025-11-01'', by => NULL')) AS v (arguments);
SELECT fails('SELECT * FROM segment_history(NULL)'), fails('SELECT * FROM segment_history(''shop.orders'')');
CREATE TABLE shop.nothing (LIKE shop.orders);
SELECT create_segmentation('shop.empty', 'shop.nothing', 'customer', 'at', 'total');
SELECT fails('SELECT * FROM segment_history(''shop.empty'')'), fails('SELECT * FROM segment_changes(''shop.empty'', ''2025-01-01'')');

-- trainings --------------------------------------------------------------------------------------------------------------------
SELECT create_segmentation('shop.trained', 'shop.orders', 'customer', 'at', 'total', '{"as_of": "2025-03-31", "keep_trainings": 9}');
SELECT alter_segmentation('shop.trained', '{"as_of": "2025-06-30"}');
CREATE TEMPORARY TABLE june AS SELECT rfm_segment, count(*) FROM shop.trained GROUP BY 1;
SELECT alter_segmentation('shop.trained', '{"as_of": "2025-09-30", "scheme": "eight"}');
-- each day with its own cuts and labels
SELECT day, string_agg(DISTINCT left(segment, 14), ', ' ORDER BY left(segment, 14)) AS segments
FROM segment_history('shop.trained', from_day => '2025-03-31', every => '3 months', training => 'then') GROUP BY 1 ORDER BY 1;
SELECT count(*) AS labels, count(*) FILTER (WHERE j.count IS DISTINCT FROM h.customers) AS differ
FROM segment_history('shop.trained', from_day => '2025-06-30', to_day => '2025-06-30', training => 'then') AS h
FULL JOIN june AS j ON j.rfm_segment = h.segment WHERE coalesce(h.segment, j.rfm_segment) IS NOT NULL;
SELECT fails('SELECT * FROM segment_history(''shop.trained'', from_day => ''2025-01-31'', training => ''then'')');

-- languages --------------------------------------------------------------------------------------------------------------------
SELECT create_segmentation('shop.zh', 'shop.orders', 'customer', 'at', 'total', '{"as_of": "2025-11-30", "language": "zh"}');
SELECT from_segment, count(*) > 1 AS rows FROM segment_transitions('shop.zh', '2025-08-31', by => 'value_tier')
WHERE change = 'new' GROUP BY 1;

-- rights: those of the view ---------------------------------------------------------------------------------------------------
CREATE ROLE over_time_owner; CREATE ROLE over_time_reader;
GRANT USAGE, CREATE ON SCHEMA shop TO over_time_owner;
GRANT SELECT ON shop.orders TO over_time_owner;
SET ROLE over_time_owner;
SELECT create_segmentation('shop.theirs', 'shop.orders', 'customer', 'at', 'total', '{"as_of": "2025-11-30"}');
SET ROLE over_time_reader;
SELECT fails('SELECT * FROM segment_history(''shop.theirs'')');
RESET ROLE; GRANT USAGE ON SCHEMA shop TO over_time_reader; SET ROLE over_time_reader;
SELECT fails('SELECT * FROM segment_history(''shop.theirs'')');
RESET ROLE; GRANT SELECT ON shop.theirs TO over_time_reader; SET ROLE over_time_reader;
SELECT fails('SELECT * FROM segment_history(''shop.theirs'')');
SELECT fails('SELECT * FROM segment_changes(''shop.theirs'', ''2025-10-31'')');
RESET ROLE; GRANT SELECT ON shop.orders TO over_time_reader; SET ROLE over_time_reader;
SELECT sum(customers) > 300 AS all FROM segment_history('shop.theirs', from_day => '2025-11-30');
-- policies are those of the reader
RESET ROLE;
CREATE POLICY few ON shop.orders FOR SELECT TO over_time_reader USING (customer <= 10);
CREATE POLICY everything ON shop.orders FOR SELECT TO over_time_owner USING (true);
ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY;
SET ROLE over_time_reader;
SELECT sum(customers) = (SELECT count(*) FROM shop.theirs WHERE last_purchase IS NOT NULL) AS same, sum(customers) <= 10 AS few
FROM segment_history('shop.theirs', from_day => '2025-11-30');
-- or of the owner; the table is out of reach
RESET ROLE;
REVOKE SELECT ON shop.orders FROM over_time_reader;
SET ROLE over_time_owner;
SELECT alter_segmentation('shop.theirs', '{"security_invoker": false}');
SET ROLE over_time_reader;
SELECT sum(customers) = (SELECT count(*) FROM shop.theirs WHERE last_purchase IS NOT NULL) AS same, sum(customers) > 300 AS all
FROM segment_history('shop.theirs', from_day => '2025-11-30') WHERE segment IS NOT NULL;
SELECT sum(customers) > 300 AS all FROM segment_transitions('shop.theirs', '2025-10-31');
SELECT tries('SELECT count(*) FROM shop.orders');
-- functions run as the reader, and nothing else is read as the owner
RESET ROLE;
CREATE FUNCTION shop.who() RETURNS text STABLE LANGUAGE plpgsql AS
$$ BEGIN RETURN current_user || ' ' || public.tries('SELECT count(*) FROM shop.orders'); END $$;
SELECT format('CREATE OR REPLACE VIEW shop.theirs WITH (security_invoker = false) AS %s',
              regexp_replace(pg_get_viewdef('shop.theirs'), '\n   FROM', E',\n shop.who() AS who\n   FROM')) AS command \gset
:command;
SET ROLE over_time_reader;
SELECT who, count(*) > 300 AS all FROM shop.theirs GROUP BY 1;
SELECT segment FROM segment_history('shop.theirs', 'who', '2025-11-30');
-- an error leaves nothing behind
SELECT fails('SELECT * FROM segment_history(''shop.theirs'', ''who'', to_day => ''2027-01-01'')');
SELECT current_user, tries('SELECT count(*) FROM shop.orders');
RESET ROLE;
DROP FUNCTION shop.who() CASCADE;
ALTER TABLE shop.orders DISABLE ROW LEVEL SECURITY;
DROP OWNED BY over_time_owner, over_time_reader CASCADE;
DROP ROLE over_time_owner, over_time_reader;
