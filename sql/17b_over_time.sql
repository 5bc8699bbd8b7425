-- Segmentation to report: how segments move. All orders are folded once, whatever the number of days.

-- exact sums, first days -----------------------------------------------------------------------------------------------

CREATE FUNCTION customer_value_internal.total_add(internal, double precision) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'total_add';
CREATE FUNCTION customer_value_internal.total_finish(internal) RETURNS double precision
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'total_finish';
CREATE AGGREGATE customer_value_internal.exact_sum(double precision) (
    SFUNC = customer_value_internal.total_add, STYPE = internal, SSPACE = 80,
    FINALFUNC = customer_value_internal.total_finish, PARALLEL = SAFE
);
COMMENT ON FUNCTION customer_value_internal.total_add(internal, double precision) IS 'Adds a number; part of exact_sum';
COMMENT ON FUNCTION customer_value_internal.total_finish(internal) IS 'State to result; part of exact_sum';
COMMENT ON AGGREGATE customer_value_internal.exact_sum(double precision) IS
    'The sum of numbers, each rounded to a unit of 2^-40, whatever the order of rows; NULL for none';

CREATE FUNCTION customer_value_internal.first_day(history purchase_history) RETURNS date
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'first_day';
COMMENT ON FUNCTION customer_value_internal.first_day(purchase_history) IS
    'The first day with an order, purchase or refund; NULL without orders';

-- segments over time ---------------------------------------------------------------------------------------------------

CREATE FUNCTION segment_history(view text, by text DEFAULT 'rfm_segment', from_day date DEFAULT NULL,
                                to_day date DEFAULT NULL, every interval DEFAULT '1 month',
                                training text DEFAULT 'today')
    RETURNS TABLE (day date, segment text, customers bigint, customer_share double precision,
                   revenue numeric, revenue_share double precision, mean_clv double precision,
                   total_clv double precision)
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 1000000 ROWS 100
    AS 'MODULE_PATHNAME', 'segment_history_wrapper';
COMMENT ON FUNCTION segment_history(text, text, date, date, interval, text) IS
    'The segments of a view as of each of some days, best first, with customers, revenue up to the day, their shares, mean '
    'and total clv: what the view shows with that as_of; by any column of the view; from from_day on, every so often up to '
    'to_day (default: as_of of the view), or 12 steps back from there; with the newest training (today), so that only '
    'customers move, or the last with an as_of up to the day (then); segment NULL: customers with orders but no label; '
    'customers who come later are left out';

CREATE FUNCTION segment_transitions(view text, from_day date, to_day date DEFAULT NULL, by text DEFAULT 'rfm_segment')
    RETURNS TABLE (from_segment text, to_segment text, customers bigint, share_of_from double precision,
                   share_of_to double precision, revenue numeric, revenue_share double precision, change text,
                   from_rank integer, to_rank integer)
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 1000000 ROWS 100
    AS 'MODULE_PATHNAME', 'segment_transitions_wrapper';
COMMENT ON FUNCTION segment_transitions(text, date, date, text) IS
    'Customers by their segment on one day and on a later one (default: as_of of the view), with their shares of both and '
    'their revenue after the first day up to the second; by any column of the view, with the newest training; change: up, '
    'down (by rank), same, other (no ranks), new (no customer on the first day), gone (all purchases undone); the ranks '
    'of both; psql draws it with \crosstabview from_segment to_segment customers to_rank';

CREATE FUNCTION segment_changes(view text, from_day date, to_day date DEFAULT NULL, by text DEFAULT 'rfm_segment')
    RETURNS TABLE (customer text, from_segment text, to_segment text, change text, rank_change integer,
                   revenue numeric, clv double precision, clv_change double precision)
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 1000000 ROWS 1000
    AS 'MODULE_PATHNAME', 'segment_changes_wrapper';
COMMENT ON FUNCTION segment_changes(text, date, date, text) IS
    'The customers whose segment on a day (default: as_of of the view) is not the one that they had on an earlier one, '
    'highest clv first: both segments, change as in segment_transitions, how many ranks up (positive) or down, revenue '
    'between the days, clv on the later one and how much it changed; by any column of the view, with the newest training';
