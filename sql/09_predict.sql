-- Training to score, continued: predictions for one customer, from their history or their statistics.
--
-- Times are in days, discount rates per year, continuous: (1 + rate) ^ (-days / 365.25). NULL in, NULL out; by
-- history also NULL without purchases up to as_of.

CREATE FUNCTION p_alive(model purchase_model, history purchase_history, as_of date) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'p_alive_history';
CREATE FUNCTION p_alive(
    model purchase_model, repeat_purchases double precision, purchase_span double precision,
    customer_age double precision
) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'p_alive_numbers';
CREATE FUNCTION p_alive_at(
    model purchase_model, history purchase_history, as_of date, days_ahead double precision
) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'p_alive_at_history';
CREATE FUNCTION p_alive_at(
    model purchase_model, repeat_purchases double precision, purchase_span double precision,
    customer_age double precision, days_ahead double precision
) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'p_alive_at_numbers';
CREATE FUNCTION expected_purchases(
    model purchase_model, history purchase_history, as_of date, horizon_days double precision DEFAULT 365
) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'expected_purchases_history';
CREATE FUNCTION expected_purchases(
    model purchase_model, repeat_purchases double precision, purchase_span double precision,
    customer_age double precision, horizon_days double precision DEFAULT 365
) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'expected_purchases_numbers';
CREATE FUNCTION expected_purchases_error(
    model purchase_model, history purchase_history, as_of date, horizon_days double precision DEFAULT 365
) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'expected_purchases_error_history';
CREATE FUNCTION expected_purchases_error(
    model purchase_model, repeat_purchases double precision, purchase_span double precision,
    customer_age double precision, horizon_days double precision DEFAULT 365
) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'expected_purchases_error_numbers';
CREATE FUNCTION purchase_probability(
    model purchase_model, history purchase_history, as_of date, n bigint,
    horizon_days double precision DEFAULT 365
) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME', 'purchase_probability_history';
CREATE FUNCTION purchase_probability(
    model purchase_model, repeat_purchases double precision, purchase_span double precision,
    customer_age double precision, n bigint, horizon_days double precision DEFAULT 365
) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME', 'purchase_probability_numbers';
CREATE FUNCTION log_likelihood(model purchase_model, history purchase_history, as_of date) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'log_likelihood_history';
CREATE FUNCTION log_likelihood(
    model purchase_model, repeat_purchases double precision, purchase_span double precision,
    customer_age double precision
) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'log_likelihood_numbers';
CREATE FUNCTION expected_purchases_new(
    model purchase_model, horizon_days double precision DEFAULT 365
) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'expected_purchases_new';
CREATE FUNCTION expected_order_value(model spend_model, history purchase_history, as_of date) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'expected_order_value_history';
CREATE FUNCTION expected_order_value(
    model spend_model, repeat_purchases double precision, repeat_purchase_value double precision
) RETURNS double precision
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'expected_order_value_numbers';
CREATE FUNCTION clv(
    purchases purchase_model, spend spend_model, history purchase_history, as_of date,
    horizon_days double precision DEFAULT 365, annual_discount_rate double precision DEFAULT 0.10,
    margin double precision DEFAULT 1, step_days double precision DEFAULT 0
) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME', 'clv_history';
CREATE FUNCTION clv(
    purchases purchase_model, spend spend_model, repeat_purchases double precision,
    purchase_span double precision, customer_age double precision, repeat_purchase_value double precision,
    horizon_days double precision DEFAULT 365, annual_discount_rate double precision DEFAULT 0.10,
    margin double precision DEFAULT 1, step_days double precision DEFAULT 0
) RETURNS double precision
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME', 'clv_numbers';
CREATE FUNCTION clv_error(
    purchases purchase_model, spend spend_model, history purchase_history, as_of date,
    horizon_days double precision DEFAULT 365, annual_discount_rate double precision DEFAULT 0.10,
    margin double precision DEFAULT 1, step_days double precision DEFAULT 0
) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2000 AS 'MODULE_PATHNAME', 'clv_error_history';
CREATE FUNCTION clv_error(
    purchases purchase_model, spend spend_model, repeat_purchases double precision,
    purchase_span double precision, customer_age double precision, repeat_purchase_value double precision,
    horizon_days double precision DEFAULT 365, annual_discount_rate double precision DEFAULT 0.10,
    margin double precision DEFAULT 1, step_days double precision DEFAULT 0
) RETURNS double precision
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2000 AS 'MODULE_PATHNAME', 'clv_error_numbers';
CREATE FUNCTION residual_clv(
    purchases purchase_model, spend spend_model, history purchase_history, as_of date,
    annual_discount_rate double precision DEFAULT 0.10, margin double precision DEFAULT 1
) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2000 AS 'MODULE_PATHNAME', 'residual_clv_history';
CREATE FUNCTION residual_clv(
    purchases purchase_model, spend spend_model, repeat_purchases double precision,
    purchase_span double precision, customer_age double precision, repeat_purchase_value double precision,
    annual_discount_rate double precision DEFAULT 0.10, margin double precision DEFAULT 1
) RETURNS double precision
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2000 AS 'MODULE_PATHNAME', 'residual_clv_numbers';

COMMENT ON FUNCTION p_alive(purchase_model, purchase_history, date) IS
    'Probability that the customer has not left, 0 to 1; with a model of opportunities, of being there at the '
    'next one; NULL without purchases';
COMMENT ON FUNCTION p_alive(purchase_model, double precision, double precision, double precision) IS
    'Probability that the customer has not left, 0 to 1; with a model of opportunities, of being there at the '
    'next one';
COMMENT ON FUNCTION p_alive_at(purchase_model, purchase_history, date, double precision) IS
    'Probability that the customer will still be there days_ahead days after as_of, 0 to 1; NULL without purchases';
COMMENT ON FUNCTION p_alive_at(
    purchase_model, double precision, double precision, double precision, double precision
) IS
    'Probability that the customer will still be there days_ahead days from now, 0 to 1';
COMMENT ON FUNCTION expected_purchases(purchase_model, purchase_history, date, double precision) IS
    'Expected number of purchase days in the next horizon_days, 0 or more; NULL without purchases';
COMMENT ON FUNCTION expected_purchases(
    purchase_model, double precision, double precision, double precision, double precision
) IS
    'Expected number of purchase days in the next horizon_days, 0 or more';
COMMENT ON FUNCTION expected_purchases_error(purchase_model, purchase_history, date, double precision) IS
    'Standard error of expected_purchases, by the delta method, from the uncertainty of the parameters; NULL for a '
    'model that was not fitted or is at a boundary; NULL without purchases';
COMMENT ON FUNCTION expected_purchases_error(
    purchase_model, double precision, double precision, double precision, double precision
) IS
    'Standard error of expected_purchases, by the delta method, from the uncertainty of the parameters; NULL for a '
    'model that was not fitted or is at a boundary';
COMMENT ON FUNCTION purchase_probability(purchase_model, purchase_history, date, bigint, double precision) IS
    'Probability of exactly n purchase days in the next horizon_days, 0 to 1; NULL without purchases';
COMMENT ON FUNCTION purchase_probability(
    purchase_model, double precision, double precision, double precision, bigint, double precision
) IS
    'Probability of exactly n purchase days in the next horizon_days, 0 to 1';
COMMENT ON FUNCTION log_likelihood(purchase_model, purchase_history, date) IS
    'Log-likelihood of the customer''s purchases; NULL without purchases';
COMMENT ON FUNCTION log_likelihood(purchase_model, double precision, double precision, double precision) IS
    'Log-likelihood of the customer''s purchases';
COMMENT ON FUNCTION expected_purchases_new(purchase_model, double precision) IS
    'Expected number of purchase days after the first of a new customer in horizon_days, 0 or more';
COMMENT ON FUNCTION expected_order_value(spend_model, purchase_history, date) IS
    'Expected gross amount of the customer''s next purchase day; NULL without purchases or amounts, or where the '
    'model has no finite mean (p x + q <= 1 for x repeats)';
COMMENT ON FUNCTION expected_order_value(spend_model, double precision, double precision) IS
    'Expected gross amount of the customer''s next purchase day; repeat_purchase_value may be NULL where there are '
    'no repeats; NULL where the model has no finite mean (p x + q <= 1 for x repeats)';
COMMENT ON FUNCTION clv(
    purchase_model, spend_model, purchase_history, date, double precision, double precision, double precision,
    double precision
) IS
    'Lifetime value: expected purchases of the next horizon_days, discounted, times their expected value, margin, '
    'and one minus the refund share; step_days above 0 counts purchases at the end of each step; NULL without '
    'purchases or amounts';
COMMENT ON FUNCTION clv(
    purchase_model, spend_model, double precision, double precision, double precision, double precision,
    double precision, double precision, double precision, double precision
) IS
    'Lifetime value: expected purchases of the next horizon_days, discounted, times their expected value, margin, '
    'and one minus the refund share; step_days above 0 counts purchases at the end of each step; '
    'repeat_purchase_value may be NULL where there are no repeats';
COMMENT ON FUNCTION clv_error(
    purchase_model, spend_model, purchase_history, date, double precision, double precision, double precision,
    double precision
) IS
    'Standard error of clv, by the delta method, from the uncertainty of the parameters of both models; NULL for a '
    'model that was not fitted or is at a boundary; NULL where clv is NULL';
COMMENT ON FUNCTION clv_error(
    purchase_model, spend_model, double precision, double precision, double precision, double precision,
    double precision, double precision, double precision, double precision
) IS
    'Standard error of clv, by the delta method, from the uncertainty of the parameters of both models; NULL for a '
    'model that was not fitted or is at a boundary; repeat_purchase_value may be NULL where there are no repeats';
COMMENT ON FUNCTION residual_clv(
    purchase_model, spend_model, purchase_history, date, double precision, double precision
) IS
    'Lifetime value without end: expected purchases from now on, discounted, times their expected value, margin, and '
    'one minus the refund share; an error where it is infinite; NULL without purchases or amounts';
COMMENT ON FUNCTION residual_clv(
    purchase_model, spend_model, double precision, double precision, double precision, double precision,
    double precision, double precision
) IS
    'Lifetime value without end: expected purchases from now on, discounted, times their expected value, margin, and '
    'one minus the refund share; an error where it is infinite; repeat_purchase_value may be NULL where there are no '
    'repeats';

-- contracts ------------------------------------------------------------------------------------------------

CREATE FUNCTION retention_rate(model purchase_model, renewals integer) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'retention_rate';
CREATE FUNCTION survival_probability(model purchase_model, renewals integer) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'survival_probability';
CREATE FUNCTION expected_renewals(model purchase_model, renewals integer, periods_ahead integer,
                                  period_discount_rate double precision DEFAULT 0) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'expected_renewals';

COMMENT ON FUNCTION retention_rate(purchase_model, integer) IS
    'Probability that a contract that was renewed this many times is renewed again, 0 to 1';
COMMENT ON FUNCTION survival_probability(purchase_model, integer) IS
    'Probability that a new contract is renewed this many times, 0 to 1';
COMMENT ON FUNCTION expected_renewals(purchase_model, integer, integer, double precision) IS
    'Expected renewals in the next periods of a contract that was renewed this many times, each discounted by '
    '1 + period_discount_rate per period';
