-- Segmentation to report: functions that read the whole of a segmentation, with the rights of whoever calls them.

-- segments -----------------------------------------------------------------------------------------------------------

CREATE FUNCTION segment_report(view text, by text DEFAULT 'rfm_segment')
    RETURNS TABLE (segment text, customers bigint, customer_share double precision,
                   revenue numeric, revenue_share double precision, cumulative_revenue_share double precision,
                   average_order_value double precision, median_recency_days double precision,
                   median_frequency double precision, median_monetary double precision,
                   mean_clv double precision, total_clv double precision, gini double precision,
                   orders bigint, repeat_rate double precision, expected_purchases double precision,
                   clv_from double precision, clv_to double precision,
                   mean_satisfaction double precision, mean_engagement double precision,
                   part text, reason text)
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100000 ROWS 20
    AS 'MODULE_PATHNAME', 'segment_report_wrapper';
CREATE FUNCTION segment_report(view text, by text[])
    RETURNS TABLE (segment text, customers bigint, customer_share double precision,
                   revenue numeric, revenue_share double precision, cumulative_revenue_share double precision,
                   average_order_value double precision, median_recency_days double precision,
                   median_frequency double precision, median_monetary double precision,
                   mean_clv double precision, total_clv double precision, gini double precision,
                   orders bigint, repeat_rate double precision, expected_purchases double precision,
                   clv_from double precision, clv_to double precision,
                   mean_satisfaction double precision, mean_engagement double precision,
                   part text, reason text,
                   labels text[], level integer, is_total boolean)
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100000 ROWS 100
    AS 'MODULE_PATHNAME', 'segment_report_by_columns_wrapper';
COMMENT ON FUNCTION segment_report(text, text) IS
    'The segments of a view, best first, with customers, revenue, their shares, average order value, medians, repeat rate, '
    'mean and total clv with the interval that the uncertain parameters of the models give it, and the Gini coefficient '
    'of revenue within the segment; by any column of the view; then the customers in no segment, by reason, and what the '
    'newest training found that is in no customer''s revenue: orders after as_of and rows left out; revenue adds up to the '
    'whole source';
COMMENT ON FUNCTION segment_report(text, text[]) IS
    'The same by several columns of a view at once, with subtotals and totals as of ROLLUP; labels holds the value of each '
    'column, level their number, and is_total is true for rows that add up others';

CREATE FUNCTION segment_playbook(view text, by text DEFAULT 'growth', language text DEFAULT NULL)
    RETURNS TABLE (segment text, code text, rank integer, customers bigint, customer_share double precision,
                   revenue numeric, revenue_share double precision, mean_clv double precision,
                   total_clv double precision, action text)
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 100000 ROWS 10
    AS 'MODULE_PATHNAME', 'segment_playbook_wrapper';
COMMENT ON FUNCTION segment_playbook(text, text, text) IS
    'Each position of a matrix, class or RFM scheme, best first, also those without customers, with its size, value '
    'and recommended action; by a matrix or a label column of the view, in a language (default: that of the '
    'segmentation); customers without a position come last, with the reason as the action';

CREATE FUNCTION segment_crosstab(view text, "rows" text, "columns" text)
    RETURNS TABLE (row_label text, column_label text, customers bigint, share double precision,
                   share_of_row double precision, share_of_column double precision, revenue numeric,
                   mean_clv double precision)
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100000 ROWS 100
    AS 'MODULE_PATHNAME', 'segment_crosstab_wrapper';
COMMENT ON FUNCTION segment_crosstab(text, text, text) IS
    'Two label columns of a view against each other: customers in each combination, with their shares, revenue and '
    'mean clv; tables of up to 100,000 cells include empty combinations; psql draws it with \crosstabview row_label '
    'column_label customers';

CREATE FUNCTION segment_profile(view text, dimension text, by text DEFAULT 'rfm_segment',
                                min_customers integer DEFAULT 10)
    RETURNS TABLE (segment text, value text, customers bigint, share_of_segment double precision,
                   share_of_all double precision, index double precision, expected double precision,
                   residual double precision, p_value double precision, adjusted_p_value double precision,
                   chi_square double precision, degrees_of_freedom bigint, table_p_value double precision,
                   table_p_error double precision, table_p_method text,
                   cramers_v double precision, smallest_expected double precision)
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100000 ROWS 100
    AS 'MODULE_PATHNAME', 'segment_profile_wrapper';
COMMENT ON FUNCTION segment_profile(text, text, text, integer) IS
    'Where a segment is over- or under-represented: for each segment and value of a column of the view or the '
    'customer table, customers, shares, index (100 = as in the whole), expected customers, adjusted residual, the '
    'p-value of the cell by Fisher''s exact test (also Holm-adjusted), and the test of the whole table: chi-square, its '
    'p-value by the distribution or, where expected counts are too small for that, by simulation with its standard '
    'error, or NULL with the reason in table_p_method; p-values have six digits, shares four; values with fewer than '
    'min_customers customers are left out';

CREATE FUNCTION segmentation_drift(view text, from_day date DEFAULT NULL, to_day date DEFAULT NULL,
                                   every interval DEFAULT '1 month')
    RETURNS TABLE (day date, axis text, score integer, customers_then bigint, share_then double precision,
                   customers_now bigint, share_now double precision, psi double precision,
                   psi_by_chance double precision, verdict text, explanation text)
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 1000000 ROWS 100
    AS 'MODULE_PATHNAME', 'segmentation_drift_wrapper';
COMMENT ON FUNCTION segmentation_drift(text, date, date, interval) IS
    'Is it time to train? Customers with purchases in the bins of each trained axis, at the newest training and as of days: '
    'from from_day on, every so often up to to_day (default: as_of of the view, alone without from_day); scores, and tenths '
    'of all other axes; psi of the axis, its mean for samples of one population (psi_by_chance), and a verdict: stable below '
    '0.1, shifting below 0.25, else retrain, with an explanation in the language of the segmentation';

CREATE FUNCTION segmentation_doubts(view text)
    RETURNS TABLE (doubt text, figure text, sentence text, what_to_do text)
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 1000 ROWS 5
    AS 'MODULE_PATHNAME', 'segmentation_doubts_wrapper';
COMMENT ON FUNCTION segmentation_doubts(text) IS
    'What may mislead whoever reads a segmentation, as its newest training found it: a code, the figure behind it, what '
    'it means and what to do, in the language of the segmentation or in English; no row if there is nothing to doubt';

-- customers ----------------------------------------------------------------------------------------------------------

CREATE FUNCTION contact_list(view text, max_rows integer DEFAULT 100, min_gaps double precision DEFAULT 1,
                             labels jsonb DEFAULT NULL, not_contacted_days integer DEFAULT NULL,
                             "columns" text[] DEFAULT NULL, due_within_days integer DEFAULT NULL)
    RETURNS TABLE (customer text, last_purchase date, recency_days integer, typical_gap double precision,
                   expected_next_purchase date, overdue_days double precision, p_alive double precision,
                   clv double precision, revenue numeric, segment text, last_interaction date, "columns" jsonb)
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 100000 ROWS 100
    AS 'MODULE_PATHNAME', 'contact_list_wrapper';
CREATE FUNCTION contact_list(like_row anyelement, max_rows integer DEFAULT 100, min_gaps double precision DEFAULT 1,
                             labels jsonb DEFAULT NULL, not_contacted_days integer DEFAULT NULL,
                             due_within_days integer DEFAULT NULL)
    RETURNS SETOF anyelement
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 100000 ROWS 100
    AS 'MODULE_PATHNAME', 'contact_rows_wrapper';
COMMENT ON FUNCTION contact_list(text, integer, double precision, jsonb, integer, text[], integer) IS
    'Whom to call: up to max_rows customers whose last purchase is more than min_gaps of their typical gaps ago (NULL: any '
    'customers with purchases), highest clv first; only those with given values of columns of the view, and without '
    'interactions in the last not_contacted_days; with chosen columns of the view or the customer table; with '
    'due_within_days, instead of those who are overdue, customers whose next purchase is expected from as_of to so many '
    'days later, the first to come first; min_gaps then counts for nothing';
COMMENT ON FUNCTION contact_list(anyelement, integer, double precision, jsonb, integer, integer) IS
    'The same customers as whole rows of the view, each column in its own type: contact_list(NULL::shop.customer_segments)';

CREATE FUNCTION explain_customer(view text, customer text)
    RETURNS TABLE (step text, value text, cuts text, score integer, explanation text)
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 1000 ROWS 4
    AS 'MODULE_PATHNAME', 'explain_customer_wrapper';
CREATE FUNCTION explain_customer(view text, customer anyelement)
    RETURNS TABLE (step text, value text, cuts text, score integer, explanation text)
    LANGUAGE sql STABLE STRICT PARALLEL RESTRICTED COST 1000 ROWS 4
    AS 'SELECT e.step, e.value, e.cuts, e.score, e.explanation '
       'FROM customer_value.explain_customer($1, $2::pg_catalog.text) AS e';
COMMENT ON FUNCTION explain_customer(text, text) IS
    'Why a customer is in a segment and what is expected of them: each measure, the cuts it met, the score and label '
    'that followed, then the steps of their lifetime value and their positions in matrices';
COMMENT ON FUNCTION explain_customer(text, anyelement) IS
    'Why a customer is in a segment and what is expected of them: each measure, the cuts it met, the score and label '
    'that followed, then the steps of their lifetime value and their positions in matrices';

-- which model, and is it any good ------------------------------------------------------------------------------------

CREATE FUNCTION customer_value_internal.fit_candidates(view text) RETURNS SETOF text
    LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE COST 100000 ROWS 3
    AS 'MODULE_PATHNAME', 'fit_candidates_wrapper';
COMMENT ON FUNCTION customer_value_internal.fit_candidates(text) IS
    'The families fitted to the customers of a segmentation in one pass, as text; part of compare_purchase_models';

CREATE FUNCTION compare_purchase_models(view text)
    RETURNS TABLE (family text, log_likelihood double precision, aic double precision, bic double precision,
                   aic_difference double precision, customers double precision, converged boolean, boundary text,
                   r double precision, alpha double precision, a double precision, b double precision,
                   s double precision, beta double precision, model purchase_model)
    LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE COST 100000 ROWS 3
BEGIN ATOMIC
    SELECT family(m), log_likelihood(m), aic(m), bic(m), aic(m) - min(aic(m)) OVER (), customers(m), converged(m),
           boundary(m), parameter(m, 'r'), parameter(m, 'alpha'), parameter(m, 'a'), parameter(m, 'b'),
           parameter(m, 's'), parameter(m, 'beta'), m
    FROM (SELECT t::purchase_model AS m FROM customer_value_internal.fit_candidates(view) AS f (t)) AS fitted
    ORDER BY aic(m), family(m);
END;
COMMENT ON FUNCTION compare_purchase_models(text) IS
    'The families fitted to the customers of a segmentation, best AIC first, with their parameters, times in days; for '
    'the owner of the view';

CREATE FUNCTION validate_purchase_model(view text, calibration_end date, holdout_end date,
                                        family text DEFAULT NULL, hiatus_days integer DEFAULT 180)
    RETURNS TABLE (part text, bucket text, customers bigint, actual double precision,
                   predicted double precision, baseline double precision,
                   mae double precision, baseline_mae double precision,
                   rmse double precision, baseline_rmse double precision,
                   correlation double precision, baseline_correlation double precision,
                   lift double precision, baseline_lift double precision,
                   predicted_low double precision, predicted_high double precision, winner text)
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 ROWS 100
    AS 'MODULE_PATHNAME', 'validate_purchase_model_wrapper';
COMMENT ON FUNCTION validate_purchase_model(text, date, date, text, integer) IS
    'Fits up to calibration_end, predicts purchase days up to holdout_end, and compares with what happened: in total '
    '(with a 95 percent interval), who won (model, baseline or tie, by mae, rmse, total and overall), by calibration '
    'frequency, by decile (lift), and week by week (cumulative repeat purchases); the baseline repeats '
    'the past rate of customers whose last purchase was at most hiatus_days before calibration_end; for the owner of '
    'the view';
