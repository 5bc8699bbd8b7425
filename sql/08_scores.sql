-- Training to score: one customer's measures against cuts. n bins give scores 1 to n, n is best.

CREATE FUNCTION recency_score(cuts rfm_cuts, history purchase_history, as_of date) RETURNS smallint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'recency_score_history';
CREATE FUNCTION recency_score(cuts rfm_cuts, recency_days integer) RETURNS smallint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'recency_score_days';
CREATE FUNCTION frequency_score(cuts rfm_cuts, history purchase_history, as_of date) RETURNS smallint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'frequency_score_history';
CREATE FUNCTION frequency_score(cuts rfm_cuts, frequency bigint) RETURNS smallint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'frequency_score_orders';
CREATE FUNCTION monetary_score(cuts rfm_cuts, history purchase_history, as_of date) RETURNS smallint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'monetary_score_history';
CREATE FUNCTION monetary_score(cuts rfm_cuts, monetary numeric) RETURNS smallint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'monetary_score_numeric';
CREATE FUNCTION monetary_score(cuts rfm_cuts, monetary double precision) RETURNS smallint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'monetary_score_float8';

COMMENT ON FUNCTION recency_score(rfm_cuts, purchase_history, date) IS
    'Recency score as of a day: bins minus the number of cuts that the days since the last purchase exceed; NULL '
    'without purchases';
COMMENT ON FUNCTION recency_score(rfm_cuts, integer) IS 'Recency score of a number of days since the last purchase';
COMMENT ON FUNCTION frequency_score(rfm_cuts, purchase_history, date) IS
    'Frequency score as of a day: one plus the number of cuts that the number of orders exceeds; NULL without '
    'purchases';
COMMENT ON FUNCTION frequency_score(rfm_cuts, bigint) IS 'Frequency score of a number of orders';
COMMENT ON FUNCTION monetary_score(rfm_cuts, purchase_history, date) IS
    'Monetary score as of a day: one plus the number of cuts that the net revenue (or average order value, as the '
    'cuts say) exceeds; NULL without purchases or amounts';
COMMENT ON FUNCTION monetary_score(rfm_cuts, numeric) IS 'Monetary score of an amount';
COMMENT ON FUNCTION monetary_score(rfm_cuts, double precision) IS 'Monetary score of an amount';

-- a value among those of a training ---------------------------------------------------------------------

CREATE FUNCTION percentile_of(percentiles double precision[], value double precision) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'percentile_of';
COMMENT ON FUNCTION percentile_of(double precision[], double precision) IS
    'Place of a value among percentiles, 0 to 1: the highest at or below it, and from there on a straight line to the next; '
    'to a hundredth the share of values at or below this one, with 101 of them; they rise from the lowest to the highest '
    'value';

CREATE FUNCTION clv_tier_code(clv_percentile double precision) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'clv_tier_code';
CREATE FUNCTION clv_tier_rank(clv_percentile double precision) RETURNS smallint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'clv_tier_rank';
CREATE FUNCTION clv_tier(clv_percentile double precision, language text DEFAULT 'en') RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'clv_tier';
CREATE FUNCTION customer_value_internal.ranked_clv_tier(clv_percentile double precision, language text) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ranked_clv_tier';
CREATE FUNCTION clv_tier_action(clv_percentile double precision, language text DEFAULT 'en') RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'clv_tier_action';
COMMENT ON FUNCTION customer_value_internal.ranked_clv_tier(double precision, text) IS
    'CLV tier as clv_tier gives it, with its rank in front';
COMMENT ON FUNCTION clv_tier_action(double precision, text) IS
    'What to do with the customers of a CLV tier, as class clv_tier says, in a language, en or zh (others: en)';
COMMENT ON FUNCTION clv_tier_code(double precision) IS
    'Stable code of a CLV tier, the same in every language: high from percentile 0.8, medium from 0.5, low';
COMMENT ON FUNCTION clv_tier_rank(double precision) IS
    'Rank of a CLV tier, 1 = best: 1 from percentile 0.8, 2 from 0.5, 3';
COMMENT ON FUNCTION clv_tier(double precision, text) IS
    'CLV tier in a language, en or zh (others: en): high from percentile 0.8, medium from 0.5, low';

-- what a history and a few figures of the population decide ---------------------------------------------

CREATE FUNCTION lifecycle_stage(history purchase_history, as_of date, at_risk_days double precision,
                                lapsed_days double precision, loyal_days double precision DEFAULT 3) RETURNS text
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'lifecycle_stage';
COMMENT ON FUNCTION lifecycle_stage(purchase_history, date, double precision, double precision, double precision) IS
    'Code of the lifecycle stage, the first rule that holds: prospect (no history: never an order), lapsed (more than '
    'lapsed_days since the last purchase), reactivated (a gap of more than lapsed_days before the last), at_risk (two or '
    'more purchase days, more than at_risk_days since the last), loyal (loyal_days purchase days or more), repeat (two '
    'or more), first_time; a NULL limit never holds; NULL for a history without purchases up to as_of';

CREATE FUNCTION decline_probability(
    history purchase_history, as_of date, window_days integer DEFAULT 90
) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'decline_probability';
CREATE FUNCTION declining(history purchase_history, as_of date, window_days integer DEFAULT 90) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'declining';
CREATE FUNCTION purchase_trend(history purchase_history, as_of date, window_days integer DEFAULT 90)
    RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'purchase_trend';
COMMENT ON FUNCTION decline_probability(purchase_history, date, integer) IS
    'Probability of at most as many purchase days after the first in the last window_days, had the customer bought evenly '
    'since the first: a binomial tail, 1 for one purchase day; NULL without purchases, or if the first is not before the '
    'window';
COMMENT ON FUNCTION declining(purchase_history, date, integer) IS
    'Whether decline_probability is below 0.05; false for one purchase day and for customers too new to tell, NULL '
    'without purchases';
COMMENT ON FUNCTION purchase_trend(purchase_history, date, integer) IS
    'Purchase days in the last window_days over the number that the customer''s own pace from the first purchase to the '
    'window leads to expect: 1 = as before, 0 = none; NULL with fewer than two purchase days before the window';

CREATE FUNCTION current_value(history purchase_history, as_of date, window_days integer DEFAULT 365,
                              margin double precision DEFAULT 1) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'current_value';
CREATE FUNCTION loyalty(
    model purchase_model, days_percentiles double precision[], span_percentiles double precision[],
    history purchase_history, as_of date
) RETURNS double precision
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 60 AS 'MODULE_PATHNAME', 'loyalty';
CREATE FUNCTION value_score(
    frequency_percentiles double precision[], revenue_percentiles double precision[], history purchase_history,
    as_of date, frequency_weight double precision DEFAULT 1, revenue_weight double precision DEFAULT 1
) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'value_score';
COMMENT ON FUNCTION current_value(purchase_history, date, integer, double precision) IS
    'Net revenue of the last window_days up to as_of times margin; NULL without amounts';
COMMENT ON FUNCTION loyalty(purchase_model, double precision[], double precision[], purchase_history, date) IS
    'Mean of the percentiles of purchase days and of days from the first to the last purchase, and of p_alive unless '
    'the model is NULL, 0 to 1; NULL without purchases';
COMMENT ON FUNCTION value_score(
    double precision[], double precision[], purchase_history, date, double precision, double precision
) IS
    'Weighted mean of the percentiles of the number of orders and of net revenue, 0 to 1; NULL without purchases or '
    'amounts';

CREATE FUNCTION weighted_index(numbers double precision[], weights double precision[]) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'weighted_index';
COMMENT ON FUNCTION weighted_index(double precision[], double precision[]) IS
    'Weighted mean of numbers, such as trained percentiles; a NULL drops out with its weight; NULL if all do';
