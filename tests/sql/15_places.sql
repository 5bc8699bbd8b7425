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
\set places :abs_srcdir '/sql/include/places.sql'
\i :places

SELECT make('plain', '{}'), make('whole', inputs());

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
