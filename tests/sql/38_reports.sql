-- Reports by one column and by several, against plain SQL: the whole ledger, totals as of ROLLUP, who is in no segment and
-- why; contact lists, with the customer in its own type; rights, languages, sources with little in them.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned
SET search_path = public, customer_value;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\i :helpers

CREATE SCHEMA shop;
CREATE TABLE shop.customers (id bigint PRIMARY KEY, region text, email text, age int);
INSERT INTO shop.customers
SELECT i, (ARRAY['North', 'South', NULL])[1 + i % 3], 'c' || i || '@example.com',
       nullif(20 + i % 50, 30) FROM generate_series(1, 1600) AS i;
CREATE TABLE shop.orders AS
SELECT customer_id AS customer, ordered_at AS at, amount AS total,
       CASE WHEN customer_id % 50 = 0 THEN NULL WHEN amount > 40 THEN 'shop' ELSE 'web' END AS channel
FROM simulate_orders(1500, 700, 11);
INSERT INTO shop.orders VALUES
    -- in no customer's revenue: no customer, no time, no amount
    (NULL, '2025-03-01', 1234.56, 'web'), (NULL, NULL, 0.44, 'web'), (7, NULL, -34.50, 'web'), (7, '2025-03-01', NULL, 'web'),
    -- after as_of, of a customer who buys before and of two who do not; a refund among them
    (7, '2025-12-24', 70.01, 'web'), (1601, '2025-12-24', 20, 'web'), (1602, '2026-01-01', 30, 'web'),
    (7, '2025-12-27', -70.01, 'web'),
    -- only refunds
    (1603, '2025-04-01', -12.34, 'web'), (1603, '2025-04-02', -0.66, 'web');
ANALYZE;
CREATE TABLE shop.contacts AS
SELECT customer, timestamptz '2025-11-30' - customer % 90 * interval '1 day' AS at, 'mail'::text AS kind
FROM generate_series(1::bigint, 1500) AS customer
WHERE customer % 4 > 0;
CREATE TABLE shop.answers AS
SELECT customer, timestamptz '2025-10-01' AS at, 'csat'::text AS kind, (1 + customer % 5)::int AS score
FROM generate_series(1::bigint, 1500, 3) AS customer;
SELECT create_segmentation('shop.seg', 'shop.orders', 'customer', 'at', 'total', '{
    "as_of": "2025-11-30", "channel": "channel",
    "customers": {"source": "shop.customers", "customer": "id", "columns": ["region"]},
    "interactions": {"source": "shop.contacts", "customer": "customer", "at": "at", "kind": "kind"},
    "satisfaction": {"source": "shop.answers", "customer": "customer", "at": "at", "kind": "kind", "score": "score"}
}');

-- the whole ledger, right after a training
SELECT by,
       sum(customers) = (SELECT count(*) FROM shop.seg) AS customers,
       sum(revenue) = (SELECT sum(total) FROM shop.orders) AS ledger,
       sum(revenue) FILTER (WHERE part IN ('segment', 'unplaced')) = (SELECT sum(revenue) FROM shop.seg) AS placed
FROM unnest(ARRAY['rfm_segment', 'lifecycle_stage', 'channel', 'region', 'recency_score', 'customer', 'as_of']) AS by,
     segment_report('shop.seg', by)
GROUP BY 1 ORDER BY 1;
SELECT part, customers, orders, revenue, customer_share, revenue_share, mean_clv, reason
FROM segment_report('shop.seg') WHERE part IN ('later', 'left_out') ORDER BY part;
SELECT customers, revenue, is_total FROM segment_report('shop.seg', ARRAY['channel']) WHERE part = 'ledger';
SELECT sum(total) FROM shop.orders;

-- also of order lines, where a line without order counts for nothing
CREATE TABLE shop.lines AS
SELECT customer, at, total / 2 AS total, (row_number() OVER ())::text AS number FROM shop.orders, generate_series(1, 2) AS line;
INSERT INTO shop.lines VALUES (7, '2025-05-05', 55.55, NULL);
SELECT create_segmentation('shop.by_line', 'shop.lines', 'customer', 'at', 'total', '{
    "as_of": "2025-11-30", "order_id": "number"
}');
SELECT sum(revenue) = (SELECT sum(total) FROM shop.lines) AS ledger FROM segment_report('shop.by_line', 'value_tier');
-- who is in no segment
SELECT segment, customers, revenue, reason FROM segment_report('shop.seg') WHERE part = 'unplaced';
SELECT segment, customers, reason FROM segment_report('shop.seg', 'region') WHERE part = 'unplaced';
SELECT customers, action FROM segment_playbook('shop.seg', 'rfm_segment') WHERE segment IS NULL;

-- what has nothing to do with purchases lacks for another reason
SELECT define_matrix('age', '{"column": "age_quadrant", "x": {"axis": "age"}, "positions": [{"x": 2, "code": "old"}, {"x": 1, "code": "young"}]}');
SELECT create_segmentation('shop.aged', 'shop.orders', 'customer', 'at', 'total', '{
    "as_of": "2025-11-30", "matrices": ["age"],
    "customers": {"source": "shop.customers", "customer": "id", "columns": ["age"]}
}');
SELECT sum(customers) > 0 AS some, bool_or(reason LIKE '%refunds%') AS refunds
FROM segment_report('shop.aged', 'age_quadrant') WHERE part = 'unplaced';
-- one column, by plain SQL: what is new, rounded
SELECT count(*) > 5 AS segments, count(r.clv_from) = count(*) AS with_error,
       bool_and(r.orders = c.orders AND r.repeat_rate = c.repeat_rate AND r.expected_purchases = c.expected_purchases
                AND r.mean_satisfaction IS NOT DISTINCT FROM c.satisfaction
                AND r.mean_engagement IS NOT DISTINCT FROM c.engagement) AS same,
       bool_and(r.clv_from = c.clv_from AND r.clv_to = c.clv_to AND r.clv_from < r.total_clv) AS interval
FROM segment_report('shop.seg') AS r
JOIN (
    SELECT rfm_segment, sum(frequency) AS orders,
           round((count(*) FILTER (WHERE first_purchase < last_purchase))::numeric / count(*), 4)::float8 AS repeat_rate,
           round(sum(expected_purchases::numeric), 2)::float8 AS expected_purchases,
           round(avg(satisfaction::numeric), 4)::float8 AS satisfaction,
           round(avg(engagement::numeric), 4)::float8 AS engagement,
           round(sum(clv::numeric) - 1.96 * sum(clv_error::numeric), 2)::float8 AS clv_from,
           round(sum(clv::numeric) + 1.96 * sum(clv_error::numeric), 2)::float8 AS clv_to
    FROM shop.seg WHERE rfm_segment IS NOT NULL GROUP BY 1
) AS c ON c.rfm_segment = r.segment;
SELECT count(*) > 20 AS rows,
       count(*) FILTER (WHERE mean_clv <> round(mean_clv::numeric, 2) OR total_clv <> round(total_clv::numeric, 2)
                           OR median_monetary <> round(median_monetary::numeric, 2)
                           OR revenue_share <> round(revenue_share::numeric, 4)) AS not_rounded
FROM segment_report('shop.seg', 'rfm_code');
-- repeat rate by the orders themselves
SELECT r.repeat_rate = round(o.again / o.purchasers, 4) AS repeat_rate
FROM segment_report('shop.seg', '{}'::text[]) AS r
CROSS JOIN (
    SELECT count(*)::numeric AS purchasers, count(*) FILTER (WHERE days > 1) AS again
    FROM (SELECT customer, count(DISTINCT at::date) AS days FROM shop.orders
          WHERE total >= 0 AND at < '2025-12-01' AND customer IS NOT NULL GROUP BY 1) AS d
) AS o
WHERE r.part = 'total';

-- several columns: the same groups and totals as ROLLUP
CREATE FUNCTION compare(by text[], OUT rows bigint, OUT totals bigint, OUT missing bigint, OUT differ bigint)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        $query$
            WITH report AS (
                SELECT labels, level, is_total, sum(customers) AS customers, sum(revenue) AS revenue, sum(orders) AS orders,
                       sum(total_clv) AS clv
                FROM segment_report('shop.seg', %1$L::text[]) WHERE part NOT IN ('later', 'left_out', 'ledger')
                GROUP BY 1, 2, 3
            ), plain AS (
                SELECT (ARRAY[%2$s]::text[])[1:%4$s - (%3$s)] AS labels, %4$s - (%3$s) AS level, count(*) AS customers,
                       sum(revenue) AS revenue, sum(frequency) AS orders, sum(clv::numeric) AS clv
                FROM shop.seg GROUP BY ROLLUP (%5$s)
            )
            SELECT count(*), count(*) FILTER (WHERE is_total), count(*) FILTER (WHERE r.labels IS NULL OR p.labels IS NULL),
                   count(*) FILTER (WHERE (r.customers, r.revenue, r.orders) IS DISTINCT FROM (p.customers, p.revenue, p.orders)
                                       OR abs(r.clv - p.clv) > 0.05 OR is_total <> (r.level < %4$s))
            FROM report AS r FULL JOIN plain AS p ON r.labels IS NOT DISTINCT FROM p.labels AND r.level = p.level
        $query$,
        by, (SELECT string_agg(format('%I::text', b), ', ') FROM unnest(by) AS b),
        (SELECT string_agg(format('GROUPING(%I)', b), ' + ') FROM unnest(by) AS b), cardinality(by),
        (SELECT string_agg(quote_ident(b), ', ') FROM unnest(by) AS b)
    ) INTO rows, totals, missing, differ;
END
$$;
SELECT by, c.rows > 3 AS rows, c.totals > 0 AS totals, c.missing, c.differ
FROM (VALUES (ARRAY['rfm_segment', 'channel']), (ARRAY['lifecycle_stage_code', 'region', 'channel']),
             (ARRAY['channel', 'recency_score', 'frequency_score', 'monetary_score']), (ARRAY['region'])) AS v (by),
     compare(by) AS c;
-- each reason once, however many columns lack for it; what separates two is of the language
SELECT alter_segmentation('shop.seg', '{"language": "zh"}', train => false);
SELECT labels, customers, reason FROM segment_report('shop.seg', ARRAY['value_tier', 'growth_quadrant']) WHERE part = 'unplaced';
SELECT count(*) > 0 AS two, bool_or(reason LIKE '%; %') AS of_english
FROM segment_report('shop.seg', ARRAY['region', 'growth_quadrant']) WHERE reason LIKE '%；%';
SELECT alter_segmentation('shop.seg', '{"language": null}', train => false);
-- best first, each total after what it adds up
SELECT segment, labels, level, part, customers, customer_share, cumulative_revenue_share AS cumulative
FROM segment_report('shop.seg', by => ARRAY['value_tier', 'region'])
WHERE part NOT IN ('later', 'left_out', 'ledger');
-- the order of the first column is that of the report by it alone
SELECT array_agg(labels[1] ORDER BY n) FILTER (WHERE level = 1)
       = (SELECT array_agg(segment ORDER BY n)
          FROM segment_report('shop.seg', 'rfm_segment') WITH ORDINALITY
               AS r (segment, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, part, c20, n)
          WHERE part IN ('segment', 'unplaced')) AS same_order
FROM (SELECT labels, level, row_number() OVER () AS n
      FROM segment_report('shop.seg', ARRAY['rfm_segment', 'region']) WHERE part IN ('subtotal', 'unplaced')) AS r;

-- as_of moves on: what was later may be in the view by now
UPDATE customer_value.training SET as_of = as_of - 1, later_orders = 4;
SELECT part, revenue, reason FROM segment_report('shop.seg', '{}'::text[]) WHERE part IN ('later', 'ledger') ORDER BY part;
SELECT train_segmentation('shop.seg') IS NOT NULL AS trained;

-- crosstab and playbook: the same rounding
SELECT count(*) FILTER (WHERE share <> round(share::numeric, 4) OR share_of_row <> round(share_of_row::numeric, 4)
                           OR mean_clv <> round(mean_clv::numeric, 2)) AS not_rounded
FROM segment_crosstab('shop.seg', 'rfm_segment', 'region');
SELECT count(*) FILTER (WHERE customer_share <> round(customer_share::numeric, 4)
                           OR total_clv <> round(total_clv::numeric, 2)) AS not_rounded
FROM segment_playbook('shop.seg', 'rfm_segment');

-- contact_list: whole rows, the same customers, each column in its own type
SELECT pg_typeof(customer), pg_typeof(clv), pg_typeof(region) FROM contact_list(NULL::shop.seg, 1);
SELECT count(*) AS rows, count(*) FILTER (WHERE t.customer <> r.customer::text OR t.clv <> round(r.clv::numeric, 2)) AS differ,
       bool_and(r.l IS NOT DISTINCT FROM s) AS whole
FROM (SELECT row_number() OVER () AS n, * FROM contact_list('shop.seg', 80, 2)) AS t
JOIN (SELECT row_number() OVER () AS n, l, l.* FROM contact_list(NULL::shop.seg, max_rows => 80, min_gaps => 2) AS l)
    AS r USING (n)
JOIN shop.seg AS s ON s.customer = r.customer;
SELECT c.email IS NOT NULL AS joins_as_it_is
FROM contact_list(NULL::shop.seg, 1) AS l JOIN shop.customers AS c ON c.id = l.customer;
-- only some
SELECT f.filter, count(*) = (SELECT count(*) FROM shop.seg AS s
                         WHERE recency_days > typical_gap
                             AND CASE f.filter::text WHEN '{"rfm_segment_code": ["champions", "loyal_customers"]}'
                                          THEN rfm_segment_code IN ('champions', 'loyal_customers')
                                      WHEN '{"region": null}' THEN region IS NULL
                                      WHEN '{"region": ["North", null], "frequency_score": 5}'
                                          THEN (region = 'North' OR region IS NULL) AND frequency_score = 5
                                      WHEN '{"declining": true}' THEN declining
                                      WHEN '{"region": []}' THEN false
                                      ELSE true END) AS as_filtered
FROM (VALUES ('{"rfm_segment_code": ["champions", "loyal_customers"]}'::jsonb), ('{"region": null}'), ('{"declining": true}'),
             ('{"region": ["North", null], "frequency_score": 5}'), ('{"region": []}'), ('{}')) AS f (filter)
CROSS JOIN LATERAL contact_list('shop.seg', 100000, labels => f.filter)
GROUP BY 1 ORDER BY 1;
SELECT count(*) = (SELECT count(*) FROM shop.seg WHERE last_purchase IS NOT NULL AND region = 'South') AS whatever_rhythm
FROM contact_list('shop.seg', 100000, NULL, '{"region": "South"}');
-- an empty list tells of values that nobody has
SET client_min_messages = notice;
SELECT count(*) FROM contact_list('shop.seg', labels => '{"rfm_segment_code": ["at-risk", "champion"], "region": ["South", "Sud"]}');
SELECT count(*) FROM contact_list(NULL::shop.seg, labels => '{"region": "Sud"}');
SELECT count(*) FROM contact_list('shop.seg', 0, labels => '{"region": "Sud"}');
SET client_min_messages = warning;
-- nobody with an interaction in so many days, by the interactions themselves; who had none at all is not spared
SELECT days, count(*) > 0 AS some,
       count(*) = (SELECT count(*) FROM shop.seg AS s
                   WHERE last_purchase IS NOT NULL
                       AND NOT EXISTS (SELECT FROM shop.contacts AS c
                                       WHERE c.customer = s.customer AND c.at::date >= date '2025-11-30' - days)) AS as_they_tell,
       bool_and(l.last_interaction IS NOT DISTINCT FROM
                (SELECT max(c.at)::date FROM shop.contacts AS c WHERE c.customer::text = l.customer)) AS last
FROM unnest(ARRAY[0, 7, 89, 90]) AS days, contact_list('shop.seg', 100000, NULL, not_contacted_days => days) AS l
GROUP BY 1 ORDER BY 1;
-- columns of the customer table, shown by the view or not
SELECT l.columns, l.columns ->> 'email' = c.email AS own_email
FROM contact_list('shop.seg', 2, columns => ARRAY['email', 'region', 'channel']) AS l
JOIN shop.customers AS c ON c.id::text = l.customer ORDER BY l.clv DESC NULLS LAST, c.id;
SELECT DISTINCT columns FROM contact_list('shop.seg', 2);
-- nothing of nothing
SELECT (SELECT count(*) FROM contact_list(NULL)), (SELECT count(*) FROM contact_list('shop.seg', NULL)),
       (SELECT count(*) FROM contact_list(NULL::shop.seg, 0)), (SELECT count(*) FROM segment_report('shop.seg', NULL::text[]));

-- in Chinese
SELECT create_segmentation('shop.zh', 'shop.orders', 'customer', 'at', 'total', '{"as_of": "2025-11-30", "language": "zh"}');
SELECT part, customers, reason FROM segment_report('shop.zh', 'value_tier') WHERE part <> 'segment';
SELECT segment, level, is_total, reason FROM segment_report('shop.zh', ARRAY['value_tier']) WHERE is_total;

-- little in it: no amounts, one customer, nothing
SELECT create_segmentation('shop.visits', 'shop.orders', 'customer', 'at', options => '{"as_of": "2025-11-30"}');
SELECT count(*) > 3 AS segments, count(revenue) AS revenue, count(total_clv) AS clv, count(repeat_rate) > 3 AS repeat_rate
FROM segment_report('shop.visits');
SELECT part, customers, revenue FROM segment_report('shop.visits', ARRAY['recency_score']) WHERE is_total;
SELECT count(*) FROM contact_list('shop.visits', 3);
CREATE TABLE shop.one AS SELECT 1 AS customer, date '2025-01-01' AS at, 9.99 AS total;
SELECT create_segmentation('shop.alone', 'shop.one', 'customer', 'at', 'total', '{"as_of": "2025-11-30"}');
SELECT part, customers, customer_share, revenue, repeat_rate FROM segment_report('shop.alone');
SELECT part, level, customers, revenue FROM segment_report('shop.alone', ARRAY['rfm_segment', 'rfm_code']);
CREATE TABLE shop.none (customer int, at date, total numeric);
SELECT create_segmentation('shop.empty', 'shop.none', 'customer', 'at', 'total');
SELECT count(*) FROM segment_report('shop.empty');
SELECT part, level, customers, revenue FROM segment_report('shop.empty', ARRAY['rfm_segment']);
SELECT (SELECT count(*) FROM contact_list('shop.empty')), (SELECT count(*) FROM contact_list(NULL::shop.empty));
INSERT INTO shop.none VALUES (1, '2025-01-01', 3);
SELECT segment, part, customers, reason FROM segment_report('shop.empty');

-- who may only read the view
CREATE ROLE reports_reader;
GRANT USAGE ON SCHEMA shop TO reports_reader;
GRANT SELECT ON shop.seg TO reports_reader;
ALTER VIEW shop.seg SET (security_invoker = false);
SET ROLE reports_reader;
SELECT sum(revenue) > 0 AS report FROM segment_report('shop.seg', ARRAY['rfm_segment', 'channel']) WHERE NOT is_total;
SELECT count(*) FROM contact_list('shop.seg', 3, columns => ARRAY['region']);
SELECT count(*) FROM contact_list(NULL::shop.seg, 3);
SELECT fails($$SELECT * FROM contact_list('shop.seg', columns => ARRAY['email'])$$);
RESET ROLE;
ALTER VIEW shop.seg SET (security_invoker = true);
SET ROLE reports_reader;
SELECT fails($$SELECT * FROM segment_report('shop.seg', ARRAY['rfm_segment'])$$);
SELECT fails($$SELECT * FROM contact_list(NULL::shop.seg)$$);
RESET ROLE;
DROP OWNED BY reports_reader;
DROP ROLE reports_reader;

-- what is wrong is said
SELECT fails($$SELECT * FROM segment_report('shop.seg', ARRAY['rfm_segment', NULL])$$);
SELECT fails($$SELECT * FROM segment_report('shop.seg', ARRAY['rfm_segment', 'nothing'])$$);
SELECT fails($$SELECT * FROM segment_report('shop.seg', ARRAY['region', 'channel', 'region'])$$);
SELECT fails($$SELECT * FROM segment_report('shop.seg', ARRAY['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'])$$);
SELECT fails($$SELECT * FROM segment_report('shop.orders', ARRAY['customer'])$$);
SELECT fails($$SELECT * FROM contact_list('shop.seg', min_gaps => -1)$$);
SELECT fails($$SELECT * FROM contact_list('shop.seg', not_contacted_days => -1)$$);
SELECT fails($$SELECT * FROM contact_list('shop.zh', not_contacted_days => 7)$$);
SELECT fails($$SELECT * FROM contact_list('shop.seg', labels => '["region"]')$$);
SELECT fails($$SELECT * FROM contact_list('shop.seg', labels => '{"region": [["North"]]}')$$);
SELECT fails($$SELECT * FROM contact_list('shop.seg', labels => '{"nothing": 1}')$$);
SELECT fails($$SELECT * FROM contact_list('shop.seg', columns => ARRAY['nothing'])$$);
SELECT fails($$SELECT * FROM contact_list('shop.zh', columns => ARRAY['email'])$$);
SELECT fails($$SELECT * FROM contact_list('shop.seg', columns => ARRAY[NULL])$$);
SELECT fails($$SELECT * FROM contact_list(7)$$);
SELECT fails($$SELECT * FROM contact_list(NULL::shop.orders)$$);
