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
    'Recency score as of a day: bins less the number of cuts that the days since the last purchase exceed; NULL without purchases';
COMMENT ON FUNCTION recency_score(rfm_cuts, integer) IS
    'Recency score of a number of days since the last purchase';
COMMENT ON FUNCTION frequency_score(rfm_cuts, purchase_history, date) IS
    'Frequency score as of a day: one plus the number of cuts that the number of orders exceeds; NULL without purchases';
COMMENT ON FUNCTION frequency_score(rfm_cuts, bigint) IS
    'Frequency score of a number of orders';
COMMENT ON FUNCTION monetary_score(rfm_cuts, purchase_history, date) IS
    'Monetary score as of a day: one plus the number of cuts that the net revenue (or average order value, as the cuts say) exceeds; NULL without purchases or amounts';
COMMENT ON FUNCTION monetary_score(rfm_cuts, numeric) IS
    'Monetary score of an amount';
COMMENT ON FUNCTION monetary_score(rfm_cuts, double precision) IS
    'Monetary score of an amount';
