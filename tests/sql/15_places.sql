-- Matrices in segmentations: every position is reached from orders, cuts are those of plain SQL, nobody
-- is lost, and nothing that is not selected costs.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
SET max_parallel_workers_per_gather = 0;
\pset format unaligned
SET search_path = public, customer_value;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\i :helpers

-- customers made for it: 1 to 8 orders, five amounts, six times since the last, five rhythms, each with
-- each; 100 more have not ordered
CREATE SCHEMA shop;
CREATE TABLE shop.customers (id bigint PRIMARY KEY, region text, power numeric, influence double precision, told text);
INSERT INTO shop.customers
SELECT i, 'r' || i % 3, i % 17, CASE WHEN i % 10 <> 0 THEN (i * 7) % 100 END,
       CASE WHEN i % 97 = 0 THEN 'Functional' WHEN i % 89 = 0 THEN 'experiential' END
FROM generate_series(1, 2500) AS i;
CREATE TABLE shop.orders (customer bigint, at timestamptz, total numeric(10, 2), spent numeric(10, 2),
                          serving numeric(10, 2), reduced numeric(10, 2), product text, channel text);
INSERT INTO shop.orders
SELECT i, timestamptz '2025-08-25 10:00Z' - (since + gap * (k - j)) * interval '1 day', amount,
       round(amount * (0.4 + i % 3 * 0.1), 2), CASE WHEN i % 4 = 0 THEN 3 END,
       CASE WHEN i % 9 = 0 OR (i % 5 = 0 AND j = 1) THEN 1 ELSE 0 END, 'p' || j % (1 + i % 5),
       CASE WHEN (i + j) % 3 = 0 THEN 'shop' ELSE 'web' END
FROM generate_series(1, 2400) AS i,
     LATERAL (
         SELECT 1 + i % 8 AS k,
                CASE WHEN i % 120 = 0 THEN 5000 ELSE (ARRAY[5, 20, 60, 200, 700])[1 + i / 8 % 5] END AS amount,
                (ARRAY[3, 20, 60, 120, 250, 420])[1 + i / 40 % 6] AS since,
                CASE
                    WHEN i % 53 = 0 THEN 400
                    WHEN i % 17 = 1 THEN 200
                    ELSE (ARRAY[5, 20, 30, 45, 90])[1 + i / 240 % 5]
                END AS gap
     ) AS c,
     generate_series(1, k) AS j;
INSERT INTO shop.orders VALUES
    (2399, '2025-08-20', -30, -10, NULL, 0, 'p0', 'web'), (9001, '2025-08-20', -5, 0, NULL, 0, 'p0', 'web'),
    (9002, '2025-08-26', 5, 1, NULL, 0, 'p0', 'web'), (NULL, '2025-08-20', 5, 1, NULL, 0, 'p0', 'web');
CREATE INDEX ON shop.orders (customer);
CREATE TABLE shop.events (who bigint, at timestamptz, kind text, weight double precision);
INSERT INTO shop.events
SELECT 1 + i * 7 % 2500, timestamptz '2025-08-25 23:00Z' - i % 300 * interval '1 day',
       (ARRAY['view', 'Service', 'search', 'social'])[1 + i % 4], i % 6
FROM generate_series(1, 4000) AS i
WHERE i % 3 > 0;
CREATE INDEX ON shop.events (who);
INSERT INTO shop.events VALUES
    (77777, '2025-08-01', 'view', 1), (5, '2025-08-01', 'view', -1), (6, '2025-08-01', 'view', 'NaN'),
    (NULL, '2025-08-01', 'view', 1), (7, '2025-08-26', 'view', 1000);
CREATE TABLE shop.answers (who bigint, at date, kind text, score numeric);
INSERT INTO shop.answers
SELECT 1 + i * 11 % 2500, date '2025-08-25' - i % 400, (ARRAY['csat', 'NPS', 'ces'])[1 + i % 3],
       CASE i % 3 WHEN 0 THEN 1 + i / 3 % 5 WHEN 1 THEN i / 3 % 11 ELSE 1 + i / 3 % 7 END
FROM generate_series(1, 2200) AS i;
INSERT INTO shop.answers VALUES
    (88888, '2025-08-01', 'csat', 1), (5, '2025-08-01', 'csat', 6), (5, '2025-08-01', 'nps', 0.5),
    (5, '2025-08-01', 'liked', 1), (5, NULL, 'csat', 1);
CREATE INDEX ON shop.answers (who);
ANALYZE;
CREATE FUNCTION make(name text, options jsonb) RETURNS void LANGUAGE sql AS $$
    SELECT create_segmentation('shop.' || name, 'shop.orders', 'customer', 'at', 'total',
                               '{"as_of": "2025-08-25", "refunds": "apart"}'::jsonb || options)
$$;
CREATE FUNCTION inputs() RETURNS jsonb LANGUAGE sql AS $$
    SELECT '{
        "cost": "spent", "cost_to_serve": "serving", "discount": "reduced", "product": "product",
        "channel": "channel", "need": "told",
        "customers": {"source": "shop.customers", "customer": "id", "columns": ["region", "power"]},
        "interactions": {"source": "shop.events", "customer": "who", "at": "at", "kind": "kind",
                         "weight": "weight"},
        "satisfaction": {"source": "shop.answers", "customer": "who", "at": "at", "kind": "kind",
                         "score": "score"}
    }'::jsonb
$$;
SELECT make('plain', '{}'), make('whole', inputs());
CREATE VIEW newest AS
SELECT DISTINCT ON (s.view) s.view, t.*
FROM segmentation AS s
JOIN training AS t ON t.segmentation = s.id
ORDER BY s.view, t.number DESC;
CREATE VIEW cuts AS SELECT n.view, m.* FROM newest AS n JOIN training_matrix AS m USING (segmentation, number);
CREATE VIEW axes AS SELECT n.view, a.* FROM newest AS n JOIN training_axis AS a USING (segmentation, number);

-- every position of every matrix and class; positions and the counted unplaced sum to the customers
CREATE VIEW books AS
SELECT m.matrix, p.*
FROM matrix AS m, LATERAL segment_playbook('shop.whole', coalesce(m.view_column, m.matrix)) AS p;
SELECT matrix, count(code) AS positions, count(*) FILTER (WHERE code IS NOT NULL AND customers = 0) AS empty,
       sum(customers) FILTER (WHERE code IS NOT NULL) AS placed,
       sum(customers) FILTER (WHERE code IS NULL) AS unplaced,
       sum(customers) = (SELECT count(*) FROM shop.whole) AS all_of_them
FROM books
GROUP BY 1 ORDER BY 1;
SELECT matrix, action AS reason, customers FROM books WHERE code IS NULL ORDER BY 1, 2;
SELECT count(*) AS customers, count(*) FILTER (WHERE last_purchase IS NULL) AS without_purchase FROM shop.whole;
SELECT declining, count(*) FROM shop.whole GROUP BY 1 ORDER BY 1;
-- label, code and rank go together
SELECT count(*) AS apart
FROM shop.whole AS s,
     LATERAL (VALUES ('growth', growth_quadrant, growth_quadrant_code, growth_quadrant_rank),
                     ('value', value_quadrant, value_quadrant_code, value_quadrant_rank),
                     ('crm', crm_cell, crm_cell_code, crm_cell_rank),
                     ('profitability', profitability_quadrant, profitability_quadrant_code,
                      profitability_quadrant_rank),
                     ('spend', spend_quadrant, spend_quadrant_code, spend_quadrant_rank),
                     ('abc', abc_class, abc_class_code, abc_class_rank),
                     ('abc_pair', abc_pair, abc_pair_code, abc_pair_rank),
                     ('lifecycle', lifecycle_stage, lifecycle_stage_code, lifecycle_stage_rank),
                     ('need', need_type, need_type_code, need_type_rank),
                     ('value_tier', value_tier, value_tier_code,
                      value_tier_rank)) AS x (matrix, label, code, rank)
LEFT JOIN matrix_position AS p ON p.matrix = x.matrix AND p.code = x.code
LEFT JOIN matrix_label AS l ON l.matrix = x.matrix AND l.code = x.code AND l.language = 'en'
WHERE (x.code IS NULL) <> (x.label IS NULL)
    OR (x.code IS NULL) <> (x.rank IS NULL)
    OR x.label <> l.label
    OR x.rank <> p.rank
    OR (x.code IS NOT NULL AND p.code IS NULL);

-- axes by plain SQL ------------------------------------------------------------------------------------------------
-- current value and profitability: the last 365 days
CREATE TABLE money AS
SELECT customer, coalesce(sum(total) FILTER (WHERE recent), 0) AS revenue,
       coalesce(sum(spent) FILTER (WHERE recent), 0) AS spent,
       coalesce(sum(serving) FILTER (WHERE recent), 0) AS serving
FROM (SELECT *, at >= '2024-08-26' AND at < '2025-08-26' AS recent FROM shop.orders) AS o
WHERE customer IS NOT NULL
GROUP BY 1;
SELECT count(*) AS customers,
       count(*) FILTER (
           WHERE abs(
               s.current_value - m.revenue * (SELECT margin FROM newest WHERE view = 'shop.whole')
           ) > 1e-9
       ) AS current_values,
       count(*) FILTER (WHERE abs(s.profitability - (m.revenue - m.spent - m.serving)) > 1e-9) AS profits
FROM shop.whole AS s
JOIN money AS m USING (customer);
SELECT count(*) AS customers,
       count(*) FILTER (WHERE s.current_value <> m.revenue OR s.profitability <> m.revenue) AS wrong
FROM shop.plain AS s
JOIN money AS m USING (customer);
SELECT current_value, potential_value, profitability, frequency, lifecycle_stage FROM shop.whole WHERE customer = 2450;
-- loyalty and value score: shares of the customers with at most as much, to one percent
SELECT max(abs(s.loyalty - l)) < 0.011 AS loyalty, max(abs(s.value_score - v)) < 0.011 AS score
FROM shop.whole AS s
JOIN (
    SELECT customer, (cume_dist() OVER (ORDER BY days) + cume_dist() OVER (ORDER BY span) + p) / 3 AS l,
           (
               cume_dist() OVER (ORDER BY orders) + cume_dist() OVER (ORDER BY revenue)
                   + cume_dist() OVER (ORDER BY products)
           ) / 3 AS v
    FROM (
        SELECT o.customer, count(DISTINCT o.at::date) FILTER (WHERE o.total >= 0) AS days,
               max(o.at::date) FILTER (WHERE o.total >= 0)
                   - min(o.at::date) FILTER (WHERE o.total >= 0) AS span,
               count(*) FILTER (WHERE o.total >= 0) AS orders, sum(o.total) AS revenue,
               count(DISTINCT o.product) FILTER (WHERE o.total >= 0) AS products, min(w.p_alive) AS p
        FROM shop.orders AS o
        JOIN shop.whole AS w USING (customer)
        WHERE o.at < '2025-08-26' AND w.last_purchase IS NOT NULL
        GROUP BY 1
    ) AS c
) AS c USING (customer);
-- need, breadth, channel
SELECT count(*) AS wrong
FROM shop.whole AS s
JOIN (
    SELECT customer,
           count(*) FILTER (WHERE reduced > 0 AND total >= 0)::float8
               / nullif(count(*) FILTER (WHERE total >= 0), 0) AS share,
           count(DISTINCT product) FILTER (WHERE total >= 0) AS breadth
    FROM shop.orders
    WHERE at < '2025-08-26'
    GROUP BY 1
) AS c USING (customer)
WHERE s.discount_share IS DISTINCT FROM c.share OR coalesce(s.product_breadth, 0) <> c.breadth;
SELECT count(*) AS wrong
FROM shop.whole AS s
JOIN (
    SELECT DISTINCT ON (customer) customer, channel
    FROM shop.orders
    WHERE total >= 0 AND at < '2025-08-26'
    GROUP BY 1, 2 ORDER BY 1, count(*) DESC, 2
) AS c USING (customer)
WHERE s.channel <> c.channel;
SELECT count(*) AS wrong
FROM shop.whole AS s
LEFT JOIN shop.customers AS c ON c.id = s.customer
LEFT JOIN (
    SELECT who, count(*) FILTER (WHERE lower(kind) = 'service') AS contacts
    FROM shop.events
    WHERE at < '2025-08-26' AND weight >= 0 AND weight < 'NaN'
    GROUP BY 1
) AS e ON e.who = s.customer,
    (
        SELECT percentiles[81] AS p FROM axes WHERE view = 'shop.whole' AND axis = 'discount_share'
    ) AS d,
    (SELECT percentiles[81] AS p FROM axes WHERE view = 'shop.whole' AND axis = 'service_rate') AS r
WHERE s.need_type_code IS DISTINCT FROM CASE
    WHEN c.told IS NOT NULL THEN lower(c.told)
    WHEN s.discount_share >= d.p AND s.discount_share > 0 THEN 'price_sensitive'
    WHEN e.contacts > 0 AND e.contacts::float8 / nullif(s.frequency, 0) >= r.p THEN 'service_oriented'
    WHEN (
            SELECT count(DISTINCT at::date)
            FROM shop.orders AS o
            WHERE o.customer = s.customer AND total >= 0 AND at < '2025-08-26'
        ) >= 2
        THEN 'loyal'
END;
SELECT need_type_code, count(crm_cell) > 0 AS in_crm,
       count(*) FILTER (WHERE crm_cell IS NULL AND value_tier IS NOT NULL) AS not_in_crm
FROM shop.whole
WHERE need_type_code IS NOT NULL
GROUP BY 1 ORDER BY 1;
-- relationship quality and engagement, satisfaction
SELECT count(*) AS customers,
       count(*) FILTER (WHERE abs(s.engagement - e.engagement) > 1e-12 * e.engagement) AS engagement,
       count(*) FILTER (WHERE s.interactions <> e.n) AS interactions,
       count(*) FILTER (
           WHERE abs(
               s.relationship_quality - (coalesce(s.satisfaction, 0) + percentile_of(
                   (SELECT percentiles FROM axes WHERE view = 'shop.whole' AND axis = 'other_interactions'),
                   e.close
               ) + e.fresh) / CASE WHEN s.satisfaction IS NULL THEN 2 ELSE 3 END
           ) > 1e-12
       ) AS quality
FROM shop.whole AS s
JOIN (
    -- contacts for service are no closeness
    SELECT who, count(*) AS n, count(*) FILTER (WHERE lower(kind) <> 'service') AS close,
           sum(
               weight * 2 ^ (-(date '2025-08-25' - at::date) / 30.0)
           ) FILTER (WHERE lower(kind) <> 'service') AS engagement,
           2 ^ (-(date '2025-08-25' - max(at::date) FILTER (WHERE lower(kind) <> 'service')) / 30.0) AS fresh
    FROM shop.events
    WHERE at < '2025-08-26' AND weight >= 0 AND weight < 'NaN'
    GROUP BY 1
) AS e ON e.who = s.customer;
SELECT count(*) AS customers, count(*) FILTER (WHERE abs(s.satisfaction - a.mean) > 1e-12) AS wrong,
       count(*) FILTER (
           WHERE s.csat IS DISTINCT FROM a.csat OR s.nps IS DISTINCT FROM a.nps OR s.ces IS DISTINCT FROM a.ces
       ) AS figures
FROM shop.whole AS s
JOIN (
    SELECT who,
           avg(
               CASE lower(kind)
                   WHEN 'csat' THEN (score - 1) / 4
                   WHEN 'nps' THEN score / 10
                   ELSE (score - 1) / 6
               END
           ) AS mean,
           csat(score) FILTER (WHERE kind = 'csat') AS csat, nps(score) FILTER (WHERE kind = 'NPS') AS nps,
           ces(score) FILTER (WHERE kind = 'ces') AS ces
    FROM shop.answers
    WHERE at < '2025-08-26'
        AND score = floor(score)
        AND score <= CASE lower(kind) WHEN 'csat' THEN 5 WHEN 'nps' THEN 10 WHEN 'ces' THEN 7 ELSE 0 END
    GROUP BY 1
) AS a ON a.who = s.customer;

-- cuts by plain SQL ---------------------------------------------------------------------------------------------------
-- the median, or the next higher value where that leaves nearer to half of the customers below
CREATE FUNCTION halves(median double precision, axis double precision[]) RETURNS double precision
    LANGUAGE sql AS $$
    SELECT CASE
        WHEN abs(count(*) FILTER (WHERE v <= median) - count(v) / 2.0)
                < abs(count(*) FILTER (WHERE v < median) - count(v) / 2.0)
            THEN coalesce(min(v) FILTER (WHERE v > median), median)
        ELSE median
    END
    FROM unnest(axis) AS v
$$;
SELECT x.matrix, x.x_cuts[1] = halves(m.x, m.xs) AS x, x.y_cuts[1] = halves(m.y, m.ys) AS y
FROM cuts AS x
JOIN LATERAL (
    SELECT 'growth' AS matrix, percentile_cont(0.5) WITHIN GROUP (ORDER BY potential_value) AS x,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY current_value) AS y, array_agg(potential_value) AS xs,
           array_agg(current_value) AS ys
    FROM shop.whole
    WHERE last_purchase IS NOT NULL
    UNION ALL
    SELECT 'value', percentile_cont(0.5) WITHIN GROUP (ORDER BY relationship_quality),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY potential_value), array_agg(relationship_quality),
           array_agg(potential_value)
    FROM shop.whole
    WHERE last_purchase IS NOT NULL
    UNION ALL
    SELECT 'profitability', percentile_cont(0.5) WITHIN GROUP (ORDER BY loyalty),
           percentile_cont(0.5) WITHIN GROUP (ORDER BY profitability), array_agg(loyalty),
           array_agg(profitability)
    FROM shop.whole
    WHERE last_purchase IS NOT NULL
) AS m ON m.matrix = x.matrix
WHERE view = 'shop.whole'
ORDER BY 1;
SELECT abs(x_cuts[1] - f) < 1e-12 * f AS frequency, abs(y_cuts[1] - v) < 1e-12 * v AS value
FROM cuts,
     (SELECT avg(frequency)::float8 AS f, avg(average_order_value)::float8 AS v
      FROM shop.whole
      WHERE last_purchase IS NOT NULL) AS m
WHERE view = 'shop.whole' AND matrix = 'spend';
-- where many have the same value, they do not all become high for it: customers without revenue of
-- late, and one with a refund
CREATE TABLE shop.tied AS
SELECT i AS customer, timestamptz '2025-08-01' - CASE WHEN i <= 60 THEN 500 ELSE 0 END * interval '1 day' AS at,
       (10 + i)::numeric AS total, 7::numeric AS goods
FROM generate_series(1, 100) AS i;
INSERT INTO shop.tied VALUES (1, '2025-08-02', -3, 0);
INSERT INTO shop.tied
SELECT customer, at - interval '10 days', 5, 2 FROM shop.tied WHERE customer % 2 = 0 AND total > 0;
SELECT create_segmentation('shop.halves', 'shop.tied', 'customer', 'at', 'total',
                           '{"as_of": "2025-08-25", "refunds": "apart"}');
SELECT min(current_value) AS lowest, percentile_cont(0.5) WITHIN GROUP (ORDER BY current_value) AS median,
       count(*) FILTER (WHERE growth_quadrant_code LIKE '%high') AS high,
       min(current_value) FILTER (WHERE growth_quadrant_code LIKE '%high') AS from
FROM shop.halves;
-- profits that cancel out are 0
CREATE VIEW shop.costed AS
SELECT customer, at, total, round(total * (4 + customer % 5) / 10, 2) AS goods,
       total - round(total * (4 + customer % 5) / 10, 2) AS service
FROM shop.orders;
SELECT create_segmentation('shop.cancelled', 'shop.costed', 'customer', 'at', 'total',
                           '{"as_of": "2025-08-25", "cost": "goods", "cost_to_serve": "service"}');
SELECT min(profitability), max(profitability) FROM shop.cancelled;
-- ABC: until the customer who crosses 80 and 95 percent, equals together
CREATE FUNCTION abc_of(view text, axis text) RETURNS TABLE (customer bigint, class text) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format('
        SELECT customer, CASE WHEN %1$I <= 0 THEN ''C'' ELSE min(class) OVER (PARTITION BY %1$I) END
        FROM (
            SELECT customer, %1$I,
                   CASE
                       WHEN %1$I <= 0 THEN ''C''
                       WHEN before < 0.80 * total THEN ''A''
                       WHEN before < 0.95 * total THEN ''B''
                       ELSE ''C''
                   END AS class
            FROM (
                SELECT customer, %1$I,
                       sum(greatest(%1$I, 0)) OVER (ORDER BY %1$I DESC ROWS UNBOUNDED PRECEDING)
                           - greatest(%1$I, 0) AS before,
                       sum(greatest(%1$I, 0)) OVER () AS total
                FROM %2$s
                WHERE last_purchase IS NOT NULL
            ) AS s
        ) AS s
    ', axis, view);
END $$;
SELECT count(*) AS customers, count(*) FILTER (WHERE s.abc_class_code <> r.class) AS wrong,
       count(*) FILTER (WHERE s.abc_pair_code <> r.class || f.class) AS wrong_pairs
FROM shop.whole AS s
JOIN abc_of('shop.whole', 'revenue') AS r USING (customer)
JOIN abc_of('shop.whole', 'frequency') AS f USING (customer);
-- lifecycle: K, L and N
CREATE TABLE gaps AS
SELECT customer, day, day - lag(day) OVER (PARTITION BY customer ORDER BY day) AS gap
FROM (
    SELECT DISTINCT customer, at::date AS day
    FROM shop.orders
    WHERE total >= 0 AND at < '2025-08-26' AND customer IS NOT NULL
) AS d;
CREATE TABLE stages AS
SELECT g.customer,
       CASE
           WHEN since > l THEN 'lapsed'
           WHEN last_gap > l THEN 'reactivated'
           WHEN days >= 2 AND since > k THEN 'at_risk'
           WHEN days >= n THEN 'loyal'
           WHEN days >= 2 THEN 'repeat'
           ELSE 'first_time'
       END AS stage
FROM (SELECT customer, count(*) AS days, date '2025-08-25' - max(day) AS since,
             (array_agg(gap ORDER BY day DESC))[1] AS last_gap
      FROM gaps
      GROUP BY 1) AS g,
     (SELECT percentile_cont(0.8) WITHIN GROUP (ORDER BY gap) AS k,
             percentile_cont(0.95) WITHIN GROUP (ORDER BY gap) AS l
      FROM gaps) AS p,
     (SELECT greatest(3, percentile_cont(0.8) WITHIN GROUP (ORDER BY days)) AS n
      FROM (SELECT count(*) AS days FROM gaps GROUP BY customer HAVING count(*) >= 2) AS d) AS n;
SELECT count(*) AS customers,
       count(*) FILTER (WHERE s.lifecycle_stage_code IS DISTINCT FROM coalesce(
           g.stage,
           CASE WHEN NOT EXISTS (SELECT FROM shop.orders AS o WHERE o.customer = s.customer) THEN 'prospect' END
       )) AS wrong
FROM shop.whole AS s
LEFT JOIN stages AS g USING (customer);
SELECT axis, customers, percentiles[1] AS lowest, percentiles[101] AS highest,
       array_length(percentiles, 1) AS points
FROM axes
WHERE view = 'shop.whole'
    AND axis IN ('purchase_gap', 'repeat_purchase_days', 'discount_share', 'product_breadth')
ORDER BY 1;
-- the places are those of the plain functions
SELECT count(*) FILTER (
           WHERE quadrant(potential_value, current_value, g.x_cuts[1], g.y_cuts[1])
               IS DISTINCT FROM growth_quadrant_code
       ) AS growth,
       count(*) FILTER (
           WHERE matrix_label_of('profitability', level_of(p.x_cuts, loyalty),
                                 level_of(p.y_cuts, profitability)) IS DISTINCT FROM profitability_quadrant
       ) AS profitability,
       count(*) FILTER (
           WHERE abc_class(revenue::float8, a.x_cuts[2], a.x_cuts[1]) IS DISTINCT FROM abc_class_code
       ) AS abc,
       count(*) FILTER (
           WHERE need_type_code || '_' || value_tier_code IS DISTINCT FROM crm_cell_code AND need_type_rank <= 3
       ) AS crm
FROM shop.whole, (SELECT * FROM cuts WHERE view = 'shop.whole' AND matrix = 'growth') AS g,
     (SELECT * FROM cuts WHERE view = 'shop.whole' AND matrix = 'profitability') AS p,
     (SELECT * FROM cuts WHERE view = 'shop.whole' AND matrix = 'abc') AS a;

-- rows of inputs that do not count are counted
SELECT inputs_left_out FROM newest WHERE view = 'shop.whole';
SELECT inputs_left_out IS NULL AS none FROM newest WHERE view = 'shop.plain';
-- the other language, the same codes
SELECT make('chinese', inputs() || '{"language": "zh"}');
SELECT count(*) AS differ
FROM shop.whole AS a
JOIN shop.chinese AS b USING (customer)
WHERE (a.growth_quadrant_code, a.value_quadrant_code, a.crm_cell_code, a.profitability_quadrant_code,
       a.spend_quadrant_code, a.abc_class_code, a.abc_pair_code, a.lifecycle_stage_code, a.need_type_code,
       a.value_tier_code)
    IS DISTINCT FROM (b.growth_quadrant_code, b.value_quadrant_code, b.crm_cell_code,
                      b.profitability_quadrant_code, b.spend_quadrant_code, b.abc_class_code, b.abc_pair_code,
                      b.lifecycle_stage_code, b.need_type_code, b.value_tier_code);
SELECT DISTINCT growth_quadrant_rank, growth_quadrant,
       matrix_label_of('growth', growth_quadrant_code, 'zh') = growth_quadrant AS same
FROM shop.chinese
WHERE growth_quadrant IS NOT NULL
ORDER BY 1;
SELECT code, action FROM segment_playbook('shop.whole', 'value_quadrant', 'zh') WHERE rank = 1;
-- a growth matrix per region in one query
SELECT region, growth_quadrant_code, count(*)
FROM shop.whole
WHERE growth_quadrant IS NOT NULL
GROUP BY 1, 2 ORDER BY 1, 2;

-- plans: one customer by the indexes; what nobody selects is not in the plan, neither its arithmetic nor its tables
CREATE FUNCTION reads(query text)
    RETURNS TABLE (orders boolean, customers boolean, events boolean, answers boolean, whole_tables boolean,
                   windows boolean, subqueries boolean, trained_axes boolean)
    LANGUAGE sql AS $$
    SELECT bool_or(p ~ 'on shop.orders'), bool_or(p ~ 'on shop.customers'), bool_or(p ~ 'on shop.events'),
           bool_or(p ~ 'on shop.answers'), bool_or(p ~ 'Seq Scan on shop'), bool_or(p ~ 'Window'),
           bool_or(p ~ 'SubPlan'),
           bool_or(p ~ '(percentile_of|percentile_at|loyalty|value_score|lifecycle_level)\([^)]*\maxes\M')
    FROM plan_of(query) AS p
$$;
SET enable_seqscan = off;
SELECT * FROM reads('SELECT * FROM shop.plain WHERE customer = 7');
SELECT * FROM reads('SELECT * FROM shop.whole WHERE customer = 7');
SELECT * FROM reads('SELECT growth_quadrant FROM shop.whole WHERE customer = 7');
SELECT * FROM reads('SELECT value_quadrant FROM shop.whole WHERE customer = 7');
SELECT * FROM reads('SELECT c, s.crm_cell FROM generate_series(1, 9) AS c CROSS JOIN LATERAL shop.whole_of(c) AS s');
RESET enable_seqscan;
SELECT * FROM reads('SELECT rfm_segment FROM shop.plain');
SELECT bool_or(p ~ '(clv|p_alive|declining|lifecycle\w*|percentile_of|loyalty)\(') AS computed
FROM plan_of('SELECT abc_class FROM shop.plain') AS p;
SELECT * FROM reads('SELECT growth_quadrant FROM shop.whole');
SELECT count(*) AS times
FROM plan_of('
         SELECT growth_quadrant, growth_quadrant_code, growth_quadrant_rank, potential_value, clv
         FROM shop.plain
     ') AS p,
     regexp_matches(p, '(?<!\()\mclv\(', 'g');
SELECT count(*) AS rows,
       count(*) FILTER (WHERE s IS DISTINCT FROM (SELECT v FROM shop.whole AS v WHERE v.customer = c)) AS differ
FROM generate_series(1, 40) AS c
CROSS JOIN LATERAL shop.whole_of(c) AS s;

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
