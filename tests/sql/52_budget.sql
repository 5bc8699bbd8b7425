-- Budgets, what-if, acquisition cost: against plain SQL and the functions that predict; what assumptions and changes may be.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned
SET search_path = public, customer_value;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\i :helpers

CREATE SCHEMA shop;
CREATE TABLE shop.orders AS
SELECT customer_id AS customer, ordered_at AS at, amount AS total, round(amount * 0.6, 2) AS spent,
       round(amount * 0.05 + 0.3, 2) AS served
FROM simulate_orders(700, 700, 11, purchases => '{"family": "mbg_nbd", "r": 0.8, "alpha": 40, "a": 0.7, "b": 3}');
CREATE INDEX ON shop.orders (customer);
CREATE TABLE shop.customers AS
SELECT i AS id, (ARRAY['North', 'South', 'West', NULL])[1 + i % 4] AS region,
       CASE i % 10 WHEN 0 THEN NULL WHEN 1 THEN -3 WHEN 2 THEN 0 WHEN 3 THEN 'NaN' WHEN 4 THEN 'Infinity'
            ELSE (i % 97)::numeric + 0.25 END AS won_for
FROM generate_series(1::bigint, 740) AS i;
ANALYZE;
CREATE FUNCTION make(name text, options jsonb) RETURNS void LANGUAGE sql AS $$
    SELECT create_segmentation('shop.' || name, 'shop.orders', 'customer', 'at', 'total', jsonb_build_object(
        'as_of', '2025-11-30', 'customers',
        jsonb_build_object('source', 'shop.customers', 'customer', 'id', 'columns', ARRAY['region'],
                           'acquisition_cost', 'won_for')) || options)
$$;
SELECT make('seg', '{"margin": 0.4}'), make('served', '{"cost": "spent", "cost_to_serve": "served", "family": "pareto_nbd"}'),
       make('stepped', '{"family": "mbg_nbd", "step_days": 30, "language": "zh"}');

-- budget: one cost for all, so that the best contacts are the first by what they return --------------------------------
CREATE TABLE stake AS
SELECT customer, rfm_segment AS segment, clv, clv / p_alive - clv AS loss,
       CASE rfm_segment WHEN 'Champions' THEN 0.02 * 30 WHEN 'At Risk' THEN 0.04 * (clv / p_alive - clv)
            ELSE 0.03 * 0.5 * clv END AS returned
FROM shop.seg WHERE rfm_segment IS NOT NULL;
\set assumed '{"*": {"cost": 0.35, "response": 0.03, "worth": {"of": "clv", "share": 0.5}}, "Champions": {"response": 0.02, "worth": 30}, "At Risk": {"response": 0.04, "worth": "expected_loss"}, "Lost": null}'
SELECT segment, part, cost, response, worth, saturation, assumed_for, customers, worthwhile, contacts, spend, note
FROM budget_plan('shop.seg', 50, :'assumed');
CREATE TABLE plan AS SELECT * FROM budget_plan('shop.seg', 50, :'assumed');
-- the same by plain SQL
SELECT p.contacts = b.contacts AS contacts, p.worthwhile = b.worthwhile AS worthwhile,
       abs(p.expected_return - b.returned) < 0.02 AS returned, p.spend = b.contacts * 0.35 AS spend,
       abs(p.profit - (b.returned - b.contacts * 0.35)) < 0.02 AS profit
FROM plan AS p, (
    SELECT count(*) AS worthwhile, count(*) FILTER (WHERE place <= 142) AS contacts,
           sum(returned) FILTER (WHERE place <= 142) AS returned
    FROM (SELECT *, row_number() OVER (ORDER BY returned DESC) AS place FROM stake WHERE segment <> 'Lost') AS s
    WHERE returned > 0.35
) AS b
WHERE p.part = 'total';
SELECT bool_and(p.customers = s.customers AND abs(p.total_clv - s.clv) < 0.02 AND abs(p.expected_loss - s.loss) < 0.02) AS stakes,
       bool_and(p.spend IS NULL OR p.spend = p.contacts * p.cost) AS spend,
       bool_and(p.spend IS NULL OR abs(p.profit - (p.expected_return - p.spend::float8)) < 0.011) AS profit
FROM plan AS p
JOIN (SELECT segment, count(*) AS customers, sum(clv) AS clv, sum(loss) AS loss FROM stake GROUP BY 1) AS s USING (segment);
-- nothing below break-even; the next contact of no segment returns more than the last of another does on average
SELECT bool_and(return_per_unit > 1) AS above, max(next_return) <= min(return_per_unit) AS next,
       sum(spend) FILTER (WHERE part IN ('segment', 'rest')) AS budget,
       max(cumulative_spend) = max(spend) FILTER (WHERE part = 'total') AS cumulative
FROM plan;
-- a budget beyond all that is worthwhile leaves a rest, as does one that pays nothing
SELECT part, spend, contacts, note FROM budget_plan('shop.seg', 1000000.129, :'assumed') WHERE part IN ('rest', 'total');
SELECT part, spend, contacts, note FROM budget_plan('shop.seg', 0.34, :'assumed') WHERE part IN ('rest', 'total');
SELECT part, spend, contacts, profit, note FROM budget_plan('shop.seg', 0, :'assumed') WHERE part IN ('rest', 'total');
SELECT segment, contacts, note FROM budget_plan('shop.seg', 9, '{"*": {"cost": 2, "response": 0.1, "worth": 20}}') WHERE part <> 'total';
-- contacts that wear off, and such that cost nothing
SELECT segment, contacts, responses, expected_return, next_return, saturation
FROM budget_plan('shop.seg', 1000, '{"*": {"cost": 1, "response": 0.5, "worth": 10, "saturation": 20}}', 'region') WHERE contacts > 0;
SELECT round((20 * ln(5))::numeric, 4) AS worthwhile, round((0.5 * 20 * (1 - exp(-32 / 20.0)))::numeric, 2) AS responses;
SELECT segment, contacts, spend, return_per_unit, next_return
FROM budget_plan('shop.seg', 5, '{"*": {"cost": 0, "response": 0.5, "worth": 1}, "West": {"cost": 1, "worth": 4}}', 'region');
-- customers without the label; the language; another column
SELECT segment, part, customers, contacts, note FROM budget_plan('shop.seg', 5, '{"*": {"cost": 1, "response": 0.5, "worth": 4}}', 'region');
SELECT segment, part, contacts, worth, note FROM budget_plan('shop.stepped', 30, '{"*": {"cost": 1, "response": 0.05, "worth": "clv"}}')
WHERE part <> 'segment' OR contacts > 0;

-- measured: rows as action_effect gives them, and rows of assumptions --------------------------------------------------
CREATE TABLE effect (part text, segment text, measure text, difference float8, adjusted_difference float8, reason text);
INSERT INTO effect VALUES
    ('total', NULL, 'revenue', 2, 2.5, NULL), ('total', NULL, 'clv', 1, 1.5, NULL),
    ('segment', 'At Risk', 'revenue', 9, 8, NULL), ('segment', 'At Risk', 'clv', 4, 5, NULL),
    ('segment', 'Loyal', 'revenue', -1, -2, NULL), ('segment', 'Loyal', 'clv', -1, -2, NULL),
    ('segment', 'New', 'clv', NULL, NULL, 'one customer'), ('unplaced', NULL, 'clv', 7, 7, NULL);
CREATE FUNCTION measured(more jsonb) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('*', '{"cost": 1}'::jsonb, 'from',
        jsonb_build_object('rows', (SELECT jsonb_agg(to_jsonb(e)) FROM effect AS e)) || more)
$$;
SELECT segment, response, worth, assumed_for, worthwhile > 0 AS worthwhile
FROM budget_plan('shop.seg', 50, measured('{}')) WHERE segment IN ('At Risk', 'Loyal', 'New', 'Champions') ORDER BY 1;
SELECT segment, worth FROM budget_plan('shop.seg', 50, measured('{"measure": "revenue", "figure": "difference"}'))
WHERE segment IN ('At Risk', 'Loyal', 'Champions') ORDER BY 1;
SELECT segment, cost, response, worth, assumed_for
FROM budget_plan('shop.seg', 50, '{"*": {"cost": 1, "response": 0.1, "worth": 3},
    "from": [{"segment": "At Risk", "response": 0.2, "worth": 70, "cost": null, "p_value": 0.01}, {"segment": null, "response": 0.9}]}')
WHERE segment IN ('At Risk', 'Loyal') ORDER BY 1;

-- whoever may read the view may ask
CREATE ROLE budget_reader;
GRANT USAGE ON SCHEMA shop TO budget_reader;
GRANT SELECT ON shop.seg, shop.orders, shop.customers TO budget_reader;
SET ROLE budget_reader;
SELECT sum(contacts) FROM budget_plan('shop.seg', 10, '{"*": {"cost": 1, "response": 0.5, "worth": 4}}') WHERE part = 'segment';
SELECT count(*) > 0 AS told FROM segment_what_if('shop.seg', '{"*": {"retention": 1}}') WHERE clv_change > 0;
SELECT fails($$SELECT * FROM budget_plan('shop.served', 10, '{"*": null}')$$);
SELECT fails($$SELECT * FROM segment_what_if('shop.served', '{}')$$);
RESET ROLE;
DROP OWNED BY budget_reader;
DROP ROLE budget_reader;

-- bad assumptions
SELECT a, fails(format('SELECT * FROM budget_plan(%L, 10, %L)', 'shop.seg', a)) FROM unnest(ARRAY[
    '[]', '3', '{}', '{"*": {"cost": 1}}', '{"*": {"cost": 1, "response": 1.01, "worth": 3}}', '{"*": {"cost": -1, "response": 0.1, "worth": 3}}',
    '{"*": {"cost": 1, "response": -0.1, "worth": 3}}', '{"*": {"cost": 1, "response": 0.1, "worth": -3}}',
    '{"*": {"cost": 1, "response": 0.1, "worth": {"of": "clv", "share": 1.5}}}', '{"*": {"cost": 1, "response": 0.1, "worth": "profit"}}',
    '{"*": {"cost": 1, "response": 0.1, "worth": 3, "saturation": 0}}', '{"*": {"price": 1}}', '{"*": [1, 2, 3, 4]}', '{"*": 1}',
    '{"*": {"cost": 1, "response": 0.1, "worth": 3}, "champions": {"cost": 2}}',
    '{"*": {"cost": 1, "response": 0.1, "worth": 3}, "from": 3}', '{"*": {"cost": 1}, "from": {"rows": [{"segment": "New", "measure": "orders", "adjusted_difference": 1}]}}',
    '{"*": {"cost": 1}, "from": [{"segment": "New", "measure": "clv"}]}', '{"*": {"cost": 1}, "from": [{"segment": "New", "response": 2}]}',
    '{"*": {"cost": 1}, "from": [{"segment": "New", "response": 0.2}, {"segment": "New", "response": 0.3}]}',
    '{"*": {"cost": 1, "response": 0, "worth": 1}, "from": [{"segment": "new", "response": 0.2}]}'
]) AS a;
-- what was measured of customers without a segment is not that of all
SELECT DISTINCT response, assumed_for FROM budget_plan('shop.seg', 10, '{"*": {"cost": 1, "response": 0.1, "worth": 3},
    "from": [{"segment": null, "response": 0.9}]}') WHERE part = 'segment';
SELECT DISTINCT response, assumed_for FROM budget_plan('shop.seg', 10, '{"*": {"cost": 1, "worth": 3}, "from": [{"response": 0.9}]}')
WHERE part = 'segment';
SELECT b, fails(format('SELECT * FROM budget_plan(%L, %L, %L)', 'shop.seg', b, '{"*": null}'))
FROM unnest(ARRAY[-1, 'NaN', 'Infinity', 1e16, -0.00001]::numeric[]) AS b;
SELECT fails($$SELECT * FROM budget_plan('shop.seg', 1, '{"*": null}', 'nothing')$$);
SELECT fails($$SELECT * FROM budget_plan('shop.nothing', 1, '{"*": null}')$$);
SELECT fails($$SELECT * FROM budget_plan('shop.seg', 1, '{"*": null}', 'customer')$$);
SELECT count(*) FROM budget_plan(NULL, 1, '{}');
SELECT count(*) AS rows, sum(contacts) FROM budget_plan('shop.seg', 10, '{"*": null}') WHERE part = 'segment';

-- what if: without changes what the view shows -------------------------------------------------------------------------
CREATE TABLE label AS
SELECT v.view, l.by
FROM unnest(ARRAY['shop.seg', 'shop.served', 'shop.stepped']) AS v (view),
     unnest(ARRAY['rfm_segment', 'rfm_segment_code', 'growth_quadrant', 'profitability_quadrant', 'abc_class', 'clv_tier',
                  'clv_tier_code', 'lifecycle_stage', 'spend_quadrant', 'value_tier', 'region', 'recency_score']) AS l (by)
WHERE (v.view = 'shop.seg' OR l.by IN ('rfm_segment', 'growth_quadrant', 'profitability_quadrant', 'clv_tier_code'))
    AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = v.view::regclass AND attname = l.by);
SELECT l.view, changes, count(DISTINCT l.by) AS labels, count(*) > 15 AS many,
       count(*) FILTER (WHERE (x.s).customers IS DISTINCT FROM (x.w).customers_before OR (x.s).customers IS DISTINCT FROM (x.w).customers_after
           OR (x.s).total_clv IS DISTINCT FROM (x.w).total_clv_before OR (x.s).total_clv IS DISTINCT FROM (x.w).total_clv_after
           OR (x.s).mean_clv IS DISTINCT FROM (x.w).mean_clv_before OR (x.s).mean_clv IS DISTINCT FROM (x.w).mean_clv_after
           OR (x.w).profitability_before IS DISTINCT FROM (x.w).profitability_after OR (x.w).clv_change <> 0) AS differ
FROM label AS l, unnest(ARRAY['{"*": {"margin": 0, "retention": 0}}', '{"*": {"margin": 1e-13}}']::jsonb[]) AS changes,
     LATERAL (
         SELECT s, w
         FROM (SELECT * FROM segment_report(l.view, l.by) WHERE part = 'segment') AS s
         FULL JOIN (SELECT * FROM segment_what_if(l.view, changes, l.by) WHERE part = 'segment') AS w ON w.segment = s.segment
     ) AS x
GROUP BY 1, 2 ORDER BY 1, 2;

-- each change by its formula, against the functions that predict
CREATE FUNCTION newest(name text) RETURNS training LANGUAGE sql STABLE AS $$
    SELECT t FROM training AS t JOIN segmentation AS s ON s.id = t.segmentation WHERE s.view = name AND t.newest
$$;
CREATE FUNCTION with_parameter(model purchase_model, name text, value float8) RETURNS purchase_model LANGUAGE sql AS $$
    SELECT (jsonb_build_object('family', family(model), 'r', parameter(model, 'r'), 'alpha', parameter(model, 'alpha'))
            || jsonb_strip_nulls(jsonb_build_object('a', parameter(model, 'a'), 'b', parameter(model, 'b'),
                                                    's', parameter(model, 's'), 'beta', parameter(model, 'beta')))
            || jsonb_build_object(name, value))::text::purchase_model
$$;
-- what the view knows of a customer, with the expected value of a purchase, net of what is refunded on the average
CREATE TABLE buyer AS
SELECT v.view, s.*, (v.t).purchase_model AS m,
       s.expected_order_value * (1 - coalesce(refund_share((v.t).spend_model), 0)) * (v.t).margin AS worth
FROM (SELECT view, newest(view) AS t FROM unnest(ARRAY['shop.seg', 'shop.served', 'shop.stepped']) AS view) AS v
JOIN LATERAL (
    SELECT 'shop.seg' AS of, rfm_segment_code AS segment, purchase_days - 1 AS x, last_purchase - first_purchase AS t_x,
           as_of - first_purchase AS age, p_alive, clv, expected_order_value FROM shop.seg
    UNION ALL
    SELECT 'shop.served', rfm_segment_code, purchase_days - 1, last_purchase - first_purchase, as_of - first_purchase, p_alive,
           clv, expected_order_value FROM shop.served
    UNION ALL
    SELECT 'shop.stepped', rfm_segment_code, purchase_days - 1, last_purchase - first_purchase, as_of - first_purchase, p_alive,
           clv, expected_order_value FROM shop.stepped
) AS s ON s.of = v.view AND s.clv IS NOT NULL;
CREATE FUNCTION discounted(m purchase_model, x int, t_x int, age int, horizon float8, rate float8, step float8) RETURNS float8
LANGUAGE sql AS $$
    -- with a spend model of which every purchase is worth 1
    SELECT clv(m, '{"family": "gamma_gamma", "p": 1, "q": 2, "v": 1}', x, t_x, age, NULL, horizon, rate, 1, step)
$$;
SELECT view, count(*), max(abs(clv / nullif(worth * discounted(m, x, t_x, age, 365, 0.10, step), 0) - 1)) < 1e-9 AS clv
FROM buyer, LATERAL (SELECT CASE view WHEN 'shop.stepped' THEN 30 ELSE 0 END AS step) AS s GROUP BY 1 ORDER BY 1;
SELECT refund_share('{"family": "gamma_gamma", "p": 1, "q": 2, "v": 1}'::spend_model);
-- who bought half as often again: in a horizon and at a discount as much longer, of customers who leave after purchases;
-- half as much again of those who leave at any time
CREATE TABLE expected AS
SELECT view, segment, 'purchase_rate' AS change,
       sum(CASE WHEN family(m) = 'pareto_nbd' THEN clv * 1.5
           ELSE worth * discounted(m, x, t_x, age, 365 * 1.5, 1.1 ^ (1 / 1.5) - 1, step * 1.5) END) AS clv
FROM buyer, LATERAL (SELECT CASE view WHEN 'shop.stepped' THEN 30 ELSE 0 END AS step) AS s GROUP BY 1, 2
UNION ALL
-- odds of staying half as high again: a / 1.5, of those who are there; the time to stay as much longer
SELECT view, segment, 'retention',
       sum(CASE WHEN family(m) = 'pareto_nbd' THEN worth * 1.5 * discounted(m, x, t_x, age, 365 / 1.5, 1.1 ^ 1.5 - 1, 0)
           ELSE worth * p_alive * discounted(stay, x, t_x, age, 365, 0.10, step) / p_alive(stay, x, t_x, age) END)
FROM buyer,
     LATERAL (SELECT CASE view WHEN 'shop.stepped' THEN 30 ELSE 0 END AS step,
                     CASE family(m) WHEN 'pareto_nbd' THEN m ELSE with_parameter(m, 'a', parameter(m, 'a') / 1.5) END AS stay) AS s
GROUP BY 1, 2
UNION ALL
SELECT view, segment, 'margin', sum(clv * 1.5) FROM buyer GROUP BY 1, 2
UNION ALL
SELECT view, segment, 'cost_to_serve', sum(clv) FROM buyer WHERE view = 'shop.served' GROUP BY 1, 2;
SELECT e.view, e.change, count(*) AS segments, max(abs(w.total_clv_after - e.clv)) < 0.006 + 1e-9 * sum(e.clv) AS same,
       bool_and(w.total_clv_after > w.total_clv_before) AS more,
       bool_and(w.profitability_after > w.profitability_before) AS profit
FROM (SELECT DISTINCT view, change FROM expected) AS d
CROSS JOIN LATERAL segment_what_if(d.view, jsonb_build_object('*', jsonb_build_object(d.change, 0.5)), 'rfm_segment_code') AS w
JOIN expected AS e ON (e.view, e.change, e.segment) = (d.view, d.change, w.segment)
WHERE w.profitability_before <> 0
GROUP BY 1, 2 ORDER BY 1, 2;
-- one segment only: the others stay; both at once; what is given for all others counts where the segment does not give it
SELECT segment, customers_after - customers_before AS moved, clv_change <> 0 AS clv, margin, purchase_rate, retention, cost_to_serve
FROM segment_what_if('shop.served', '{"at_risk": {"retention": 0.2}, "*": {"margin": 0.1}, "champions": {"margin": 0}}', 'rfm_segment_code')
WHERE segment IN ('at_risk', 'champions', 'loyal');
-- profitability: margin of what came in, less what it cost to serve
SELECT w.change, abs(w.after - s.after) < 0.01 AS same
FROM (
    SELECT sum(profitability + (profitability + cost_to_serve::float8) * 0.1) AS margin,
           sum(profitability - cost_to_serve::float8 * 0.1) AS serve, min(cost_to_serve) >= 0 AS positive FROM shop.served
) AS p
CROSS JOIN LATERAL (VALUES ('margin', p.margin), ('cost_to_serve', p.serve)) AS s (change, after)
CROSS JOIN LATERAL (
    SELECT s.change, profitability_after AS after
    FROM segment_what_if('shop.served', jsonb_build_object('*', jsonb_build_object(s.change, 0.1)), 'as_of') WHERE part = 'total'
) AS w;
SELECT abs(sum(cost_to_serve) - (SELECT sum(served) FROM shop.orders WHERE at >= '2024-12-01' AND at < '2025-12-01')) AS cost_to_serve
FROM shop.served;
-- labels follow: the tier by the trained percentiles, places in matrices by the trained cuts
SELECT segment, customers_before, customers_after, margin IS NULL AS by_another
FROM segment_what_if('shop.seg', '{"need_attention": {"purchase_rate": 1, "retention": 1}}', 'rfm_segment_code', 'clv_tier');
SELECT n.tier, n.customers = w.customers_after AS same, abs(n.clv - w.total_clv_after) < 0.006 AS clv
FROM (
    SELECT clv_tier(percentile_of((newest('shop.seg')).clv_percentiles, clv * 1.3)) AS tier, count(*) AS customers, sum(clv * 1.3) AS clv
    FROM shop.seg WHERE clv IS NOT NULL GROUP BY 1
) AS n
JOIN segment_what_if('shop.seg', '{"*": {"margin": 0.3}}', 'as_of', 'clv_tier') AS w ON w.segment = n.tier ORDER BY 1;
SELECT n.label, n.customers = w.customers_after AS same
FROM (
    SELECT customer_value_internal.matrix_label((newest('shop.served')).matrices, 'profitability', loyalty,
               profitability - cost_to_serve::float8 * 3) AS label, count(*) AS customers
    FROM shop.served GROUP BY 1
) AS n
JOIN segment_what_if('shop.served', '{"*": {"cost_to_serve": 3}}', 'as_of', 'profitability_quadrant') AS w ON w.segment = n.label
ORDER BY 1;

-- bad changes
SELECT c, fails(format('SELECT * FROM segment_what_if(%L, %L)', 'shop.seg', c)) FROM unnest(ARRAY[
    '[]', '{"*": 1}', '{"*": {"margin": -1}}', '{"*": {"margin": 101}}', '{"*": {"margin": "x"}}', '{"*": {"profit": 1}}',
    '{"champions": {"margin": 1}}', '{"*": {"cost_to_serve": 0.1}}', '{"*": null}']) AS c;
SELECT fails($$SELECT * FROM segment_what_if('shop.seg', '{}', 'nothing')$$);
SELECT fails($$SELECT * FROM segment_what_if('shop.seg', '{}', 'customer')$$);
SELECT fails($$SELECT * FROM segment_what_if('shop.nothing', '{}')$$);
SELECT make('bare', '{"family": "none"}');
SELECT fails($$SELECT * FROM segment_what_if('shop.bare', '{"*": {"retention": 0.1}}')$$);
SELECT segment, customers_after, total_clv_after FROM segment_what_if('shop.bare', '{"*": {"cost_to_serve": 0}}') WHERE part = 'total';
SELECT count(*) FROM segment_what_if(NULL, '{}');
-- before a training
CREATE TABLE shop.later AS TABLE shop.orders WITH NO DATA;
SELECT create_segmentation('shop.untrained', 'shop.later', 'customer', 'at', 'total', '{"as_of": "2025-11-30"}');
INSERT INTO shop.later SELECT * FROM shop.orders WHERE customer <= 20;
SELECT segment, part, customers_before, customers_after, total_clv_after FROM segment_what_if('shop.untrained', '{"*": {"margin": 1}}');
SELECT part, customers, total_clv, note FROM budget_plan('shop.untrained', 10, '{"*": {"cost": 1, "response": 0.1, "worth": 3}}') WHERE part = 'unplaced';
SELECT fails($$SELECT * FROM budget_plan('shop.untrained', 10, '{"*": {"cost": 1, "response": 0.1, "worth": "clv"}}')$$);

-- acquisition cost -----------------------------------------------------------------------------------------------------
-- by plain SQL: the first day at whose end what came in, times the margin, had reached the cost
CREATE TABLE payback AS
SELECT c.id AS customer, c.won_for, min(o.day) - min(o.first) AS days
FROM shop.customers AS c
LEFT JOIN LATERAL (
    SELECT d.day, d.first FROM (
        SELECT at::date AS day, sum(sum(total)) OVER (ORDER BY at::date) AS net, min(min(at::date)) OVER () AS first
        FROM shop.orders WHERE customer = c.id AND at < '2025-12-01' GROUP BY 1
    ) AS d
    WHERE c.won_for >= 0 AND c.won_for < 'Infinity' AND d.net * 0.4 >= c.won_for
) AS o ON true
GROUP BY 1, 2;
SELECT count(*) AS customers, count(s.payback_days) AS paid, count(s.acquisition_cost) AS known,
       count(*) FILTER (WHERE s.payback_days IS DISTINCT FROM p.days) AS payback,
       count(*) FILTER (WHERE s.acquisition_cost IS DISTINCT FROM CASE WHEN p.won_for >= 0 AND p.won_for < 'Infinity' THEN p.won_for END) AS cost,
       count(*) FILTER (WHERE s.clv_to_cost IS DISTINCT FROM s.clv / nullif(s.acquisition_cost, 0)::float8) AS per_cost
FROM shop.seg AS s JOIN payback AS p USING (customer);
SELECT min(payback_days), bool_or(payback_days > 100) AS late, count(*) FILTER (WHERE acquisition_cost = 0) > 0 AS for_nothing,
       bool_and(payback_days = 0) FILTER (WHERE acquisition_cost = 0 AND last_purchase IS NOT NULL) AS at_once,
       bool_and(payback_days IS NULL) FILTER (WHERE last_purchase IS NULL) AS nobody
FROM shop.seg;
-- the other types that a column can have; who reads by names; kept histories; axes
CREATE TABLE shop.float AS SELECT id, won_for::float8 AS won_for FROM shop.customers;
CREATE TABLE shop.money AS SELECT id, CASE WHEN won_for < 'Infinity' THEN won_for::numeric(10, 2)::money END AS won_for FROM shop.customers;
CREATE TABLE shop.whole AS SELECT id, CASE WHEN won_for < 'Infinity' THEN trunc(won_for)::int END AS won_for FROM shop.customers;
SELECT name, create_segmentation('shop.of_' || name, 'shop.orders', 'customer', 'at', 'total', jsonb_build_object(
           'as_of', '2025-11-30', 'margin', 0.4, 'bind', CASE name WHEN 'float' THEN 'name' ELSE 'table' END,
           'keep', name = 'whole',
           'customers', jsonb_build_object('source', 'shop.' || name, 'customer', 'id', 'acquisition_cost', 'won_for')))
FROM unnest(ARRAY['float', 'money', 'whole']) AS name;
SELECT refresh_segmentation('shop.of_whole');
SELECT count(*) FILTER (WHERE f.acquisition_cost IS DISTINCT FROM s.acquisition_cost OR f.payback_days IS DISTINCT FROM s.payback_days
           OR f.clv_to_cost IS DISTINCT FROM s.clv_to_cost) AS floats,
       count(*) FILTER (WHERE m.acquisition_cost IS DISTINCT FROM s.acquisition_cost OR m.payback_days IS DISTINCT FROM s.payback_days) AS money,
       count(*) FILTER (WHERE w.acquisition_cost IS DISTINCT FROM trunc(s.acquisition_cost) OR w.payback_days > s.payback_days) AS whole,
       count(*) AS customers
FROM shop.seg AS s JOIN shop.of_float AS f USING (customer) JOIN shop.of_money AS m USING (customer) JOIN shop.of_whole AS w USING (customer);
SELECT attname, format_type(atttypid, atttypmod), col_description(attrelid, attnum)
FROM pg_attribute WHERE attrelid = 'shop.seg'::regclass AND attname IN ('acquisition_cost', 'clv_to_cost', 'payback_days') ORDER BY attnum;
SELECT col_description(attrelid, attnum)
FROM pg_attribute WHERE attrelid = 'shop.stepped'::regclass AND attname IN ('acquisition_cost', 'clv_to_cost', 'payback_days') ORDER BY attnum;
-- the function by itself
SELECT payback_days(h, '2026-01-09', 10) AS all, payback_days(h, '2026-01-09', 8, 0.5) AS half, payback_days(h, '2026-01-02', 8, 0.5) AS not_yet,
       payback_days(h, '2026-01-09', 0) AS nothing, payback_days(h, '2025-01-09', 0) AS nobody, payback_days(h, '2026-01-09', 1, 0) AS no_margin
FROM (SELECT purchase_history(day, amount) AS h FROM (VALUES (date '2026-01-01', 10), ('2026-01-04', 6)) AS o (day, amount)) AS c;
SELECT fails(format($$SELECT payback_days('{"version": 1, "days": [["1997-01-01", 1, "11.77"]]}', '2026-01-09', %L, %L)$$, cost, margin))
FROM (VALUES ('-1', '1'), ('NaN', '1'), ('Infinity', '1'), ('1', 'NaN')) AS v (cost, margin);
SELECT fails($$SELECT alter_segmentation('shop.of_whole', '{"customers": {"source": "shop.whole", "customer": "id", "acquisition_cost": "nothing"}}')$$);
SELECT fails($$SELECT alter_segmentation('shop.seg', '{"customers": {"source": "shop.customers", "customer": "id", "acquisition_cost": "region"}}')$$);
