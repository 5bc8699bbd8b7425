-- Label to view, continued: lifetime value in segmentations. Whether fresh or upgraded, an installation ends
-- with the same tables, so columns of earlier tables are added here.

ALTER TABLE training
    ADD COLUMN purchase_model  purchase_model,
    ADD COLUMN spend_model     spend_model,
    ADD COLUMN margin          double precision,
    ADD COLUMN clv_percentiles double precision[];
ALTER TABLE training ALTER COLUMN clv_percentiles SET STORAGE PLAIN;

COMMENT ON COLUMN training.purchase_model IS 'How customers buy and leave; NULL where the option family is none';
COMMENT ON COLUMN training.spend_model IS 'What a purchase is worth; NULL without amounts, repeat customers or a purchase_model';
COMMENT ON COLUMN training.margin IS 'Share of the net revenue that clv counts: the option, or what the cost column leaves';
COMMENT ON COLUMN training.clv_percentiles IS
    'The 0th to the 100th percentile of clv over all customers, 101 numbers; NULL without a spend_model';

-- tiers ------------------------------------------------------------------------------------------------------

CREATE FUNCTION clv_tier_code(clv_percentile double precision) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'clv_tier_code';
CREATE FUNCTION clv_tier_rank(clv_percentile double precision) RETURNS smallint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'clv_tier_rank';
CREATE FUNCTION clv_tier(clv_percentile double precision, language text DEFAULT 'en') RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'clv_tier';

COMMENT ON FUNCTION clv_tier_code(double precision) IS
    'Stable code of a CLV tier, the same in every language: high from percentile 0.8, medium from 0.5, low';
COMMENT ON FUNCTION clv_tier_rank(double precision) IS 'Rank of a CLV tier, 1 = best: 1 from percentile 0.8, 2 from 0.5, 3';
COMMENT ON FUNCTION clv_tier(double precision, text) IS
    'CLV tier in a language, en or zh (others: en): high from percentile 0.8, medium from 0.5, low';

-- reports ----------------------------------------------------------------------------------------------------

CREATE FUNCTION segment_report(view text, by text DEFAULT 'rfm_segment')
    RETURNS TABLE (segment text, customers bigint, customer_share double precision,
                   revenue numeric, revenue_share double precision, cumulative_revenue_share double precision,
                   average_order_value double precision, median_recency_days double precision,
                   median_frequency double precision, median_monetary double precision,
                   mean_clv double precision, total_clv double precision, gini double precision)
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100000 ROWS 20
    AS 'MODULE_PATHNAME', 'segment_report_wrapper';
COMMENT ON FUNCTION segment_report(text, text) IS
    'The segments of a view, best first, with customers, revenue, their shares (rounded to four digits), average order value, medians, mean and total clv, and the Gini coefficient of revenue within the segment; by any column of the view';

-- These were there before lifetime value, of which they now tell too.
COMMENT ON FUNCTION explain_customer(text, text) IS
    'Why a customer is in a segment and what is expected of him: each measure, the cuts it met, the score and label that followed, then the steps of his lifetime value and his places in matrices';
COMMENT ON FUNCTION explain_customer(text, anyelement) IS
    'Why a customer is in a segment and what is expected of him: each measure, the cuts it met, the score and label that followed, then the steps of his lifetime value and his places in matrices';

-- which model, and is it any good ------------------------------------------------------------------------------

CREATE FUNCTION fit_candidates(view text) RETURNS SETOF text
    LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 100000 ROWS 3
    AS 'MODULE_PATHNAME', 'fit_candidates_wrapper';
COMMENT ON FUNCTION fit_candidates(text) IS
    'The families fitted to the customers of a segmentation in one pass, as text; part of compare_purchase_models';

CREATE FUNCTION compare_purchase_models(view text)
    RETURNS TABLE (family text, log_likelihood double precision, aic double precision, bic double precision,
                   aic_difference double precision, customers double precision, converged boolean, boundary text,
                   model purchase_model)
    LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE COST 100000 ROWS 3
BEGIN ATOMIC
    SELECT family(m), log_likelihood(m), aic(m), bic(m), aic(m) - min(aic(m)) OVER (), customers(m), converged(m),
           boundary(m), m
    FROM (SELECT t::purchase_model AS m FROM fit_candidates(view) AS f (t)) AS fitted ORDER BY aic(m), family(m);
END;
COMMENT ON FUNCTION compare_purchase_models(text) IS
    'The families fitted to the customers of a segmentation, best AIC first; for the owner of the view';

CREATE FUNCTION purchase_validation_add(internal, purchase_history, date, date, text, integer) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'purchase_validation_add';
CREATE FUNCTION purchase_validation_finish(internal) RETURNS text
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'purchase_validation_finish';
CREATE AGGREGATE purchase_validation(purchase_history, date, date, text, integer) (
    SFUNC = purchase_validation_add, STYPE = internal, SSPACE = 65536,
    FINALFUNC = purchase_validation_finish, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = SAFE
);
COMMENT ON FUNCTION purchase_validation_add(internal, purchase_history, date, date, text, integer) IS
    'Adds a customer; part of purchase_validation';
COMMENT ON FUNCTION purchase_validation_finish(internal) IS 'State to report; part of purchase_validation';
COMMENT ON AGGREGATE purchase_validation(purchase_history, date, date, text, integer) IS
    'What validate_purchase_model needs of a population in one pass, as JSON: (history, calibration_end, holdout_end, family, hiatus_days)';

CREATE FUNCTION validate_purchase_model(view text, calibration_end date, holdout_end date,
                                        family text DEFAULT NULL, hiatus_days integer DEFAULT 180)
    RETURNS TABLE (part text, bucket text, customers bigint, actual double precision,
                   predicted double precision, baseline double precision,
                   mae double precision, baseline_mae double precision,
                   rmse double precision, baseline_rmse double precision,
                   correlation double precision, baseline_correlation double precision,
                   lift double precision, baseline_lift double precision)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 ROWS 100
    AS 'MODULE_PATHNAME', 'validate_purchase_model_wrapper';
COMMENT ON FUNCTION validate_purchase_model(text, date, date, text, integer) IS
    'Fits up to one day, predicts purchase days up to a later one, and compares with what came: in total, by calibration frequency, by decile (lift), and week by week (cumulative repeat purchases); the baseline repeats the past rate of those whose last purchase was at most hiatus_days before calibration_end; for the owner of the view';

-- orders for trying out ---------------------------------------------------------------------------------------

CREATE FUNCTION draw_orders(customers integer, days integer, seed bigint, purchases text, spend text,
                            first_day date, joining_days integer)
    RETURNS TABLE (customer_id bigint, ordered_at timestamptz, cents bigint)
    LANGUAGE c IMMUTABLE STRICT PARALLEL RESTRICTED COST 100 ROWS 10000
    AS 'MODULE_PATHNAME', 'draw_orders_wrapper';
COMMENT ON FUNCTION draw_orders(integer, integer, bigint, text, text, date, integer) IS
    'Orders drawn from models given as text, amounts in hundredths; part of simulate_orders';

CREATE FUNCTION simulate_orders(customers integer, days integer, seed bigint DEFAULT 1,
                                purchases purchase_model DEFAULT '{"family": "bg_nbd", "r": 0.24, "alpha": 30.9, "a": 0.79, "b": 2.43}',
                                spend spend_model DEFAULT '{"family": "gamma_gamma", "p": 6.25, "q": 3.74, "v": 15.44}',
                                first_day date DEFAULT '2024-01-01', joining_days integer DEFAULT NULL)
    RETURNS TABLE (customer_id bigint, ordered_at timestamptz, amount numeric)
    LANGUAGE sql IMMUTABLE PARALLEL RESTRICTED ROWS 10000
BEGIN ATOMIC
    SELECT o.customer_id, o.ordered_at, o.cents * 0.01
    FROM draw_orders(customers, days, seed, purchases::text, spend::text, first_day, coalesce(joining_days, days)) AS o;
END;
COMMENT ON FUNCTION simulate_orders(integer, integer, bigint, purchase_model, spend_model, date, integer) IS
    'Orders of so many customers, who join evenly over joining_days (default: all days) and buy as a model says, until the last of days; the same for the same arguments, and a customer is the same however many there are';
