-- Segmentation to report, continued: where a budget goes, and what if customers bought, stayed or cost otherwise.

CREATE FUNCTION budget_plan(view text, budget numeric, assumptions jsonb, by text DEFAULT 'rfm_segment')
    RETURNS TABLE (segment text, part text, customers bigint, total_clv double precision,
                   expected_loss double precision, cost numeric, response double precision, worth text,
                   saturation double precision, assumed_for text, mean_worth double precision, worthwhile bigint,
                   contacts bigint, spend numeric, responses double precision, expected_return double precision,
                   profit double precision, return_per_unit double precision, next_return double precision,
                   cumulative_spend numeric, cumulative_return double precision, note text)
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100000 ROWS 15
    AS 'MODULE_PATHNAME', 'budget_plan_wrapper';
COMMENT ON FUNCTION budget_plan(text, numeric, jsonb, text) IS
    'How many customers of each segment to contact for a budget: assumptions give, by segment or for all others under "*", '
    'what a contact costs, the share that responds, and what a response is worth (an amount, or a share of clv or '
    'expected_loss); contacts that return most per unit of cost come first, none that returns no more than it costs, whole '
    'customers; with the assumptions, spend, expected return, profit, what one more contact returns per unit of cost, and '
    'the rest of the budget';

CREATE FUNCTION customer_value_internal.purchases_if(
    model purchase_model, repeat_purchases double precision, purchase_span double precision,
    customer_age double precision, horizon_days double precision, annual_discount_rate double precision,
    step_days double precision, purchase_rate double precision, retention double precision
) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME', 'purchases_if';
COMMENT ON FUNCTION customer_value_internal.purchases_if(
    purchase_model, double precision, double precision, double precision, double precision, double precision,
    double precision, double precision, double precision
) IS
    'How many times as many discounted purchases are expected of a customer if from now on they buy at purchase_rate times '
    'their rate and stay retention times as readily; 1 where nothing changes; part of segment_what_if';

CREATE FUNCTION segment_what_if(view text, changes jsonb, by text DEFAULT 'rfm_segment', report_by text DEFAULT NULL)
    RETURNS TABLE (segment text, part text, customers_before bigint, customers_after bigint,
                   mean_clv_before double precision, mean_clv_after double precision,
                   total_clv_before double precision, total_clv_after double precision,
                   clv_change double precision, clv_change_share double precision,
                   profitability_before double precision, profitability_after double precision,
                   margin double precision, purchase_rate double precision, retention double precision,
                   cost_to_serve double precision)
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 100000 ROWS 15
    AS 'MODULE_PATHNAME', 'segment_what_if_wrapper';
COMMENT ON FUNCTION segment_what_if(text, jsonb, text, text) IS
    'Customers, lifetime value and profitability of each segment as they are, and if margin, purchase_rate, retention or '
    'cost_to_serve changed by so much (0.1 is 10 percent more): changes are given by segment, the values of column by, or '
    'for all others under "*"; report_by is another column to report by, such as clv_tier, whose labels follow the change; '
    'without changes exactly what the view shows';
