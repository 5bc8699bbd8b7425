-- Cohorts, two periods side by side, and the view as of a day in a table: with the rights of whoever calls them.

-- cohorts ------------------------------------------------------------------------------------------------------------

CREATE FUNCTION customer_value_internal.cohorts_add(internal, purchase_history, date, integer, integer) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'cohorts_add';
CREATE FUNCTION customer_value_internal.cohorts_finish(internal) RETURNS text
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'cohorts_finish';
CREATE AGGREGATE customer_value_internal.cohorts(purchase_history, date, integer, integer) (
    SFUNC = customer_value_internal.cohorts_add, STYPE = internal, SSPACE = 16384,
    FINALFUNC = customer_value_internal.cohorts_finish, PARALLEL = SAFE
);
COMMENT ON FUNCTION customer_value_internal.cohorts_add(internal, purchase_history, date, integer, integer) IS
    'Adds a customer; part of cohorts';
COMMENT ON FUNCTION customer_value_internal.cohorts_finish(internal) IS 'State to JSON; part of cohorts';
COMMENT ON AGGREGATE customer_value_internal.cohorts(purchase_history, date, integer, integer) IS
    'What segment_cohorts needs of many customers in one pass, as JSON: (history, as_of, months, days); months or days is '
    'the length of a period, the other 0; NULL without purchases';

CREATE FUNCTION segment_cohorts(view text, every interval DEFAULT '1 month', by text DEFAULT NULL)
    RETURNS TABLE (segment text, cohort date, period integer, period_from date, period_to date, is_complete boolean,
                   cohort_customers bigint, customers bigint, customer_share double precision,
                   orders bigint, revenue numeric, revenue_per_customer double precision,
                   cumulative_revenue numeric, cumulative_revenue_per_customer double precision)
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 100000 ROWS 300
    AS 'MODULE_PATHNAME', 'segment_cohorts_wrapper';
COMMENT ON FUNCTION segment_cohorts(text, interval, text) IS
    'Customers by the period of their first purchase, oldest first, in that period (0) and in each one since, up to that of '
    'as_of: how many bought, as a share of the cohort, their orders and net revenue, in the period and from the first one '
    'on, in total and per customer of the cohort; is_complete is false for a period that goes on after as_of; every is '
    'months or days: periods are months, quarters and years of the calendar, weeks from Monday on; by a column of the view, '
    'as it is now, each of its values has its own cohorts; from all histories in one pass';

CREATE FUNCTION compare_periods(view text, from_day date DEFAULT NULL, to_day date DEFAULT NULL,
                                before_from date DEFAULT NULL, before_to date DEFAULT NULL, by text DEFAULT NULL)
    RETURNS TABLE (segment text, status text, code text, customers bigint, customer_share double precision,
                   orders_before bigint, orders bigint, revenue_before numeric, revenue numeric,
                   revenue_change numeric)
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 100000 ROWS 5
    AS 'MODULE_PATHNAME', 'compare_periods_wrapper';
COMMENT ON FUNCTION compare_periods(text, date, date, date, date, text) IS
    'Customers by what they did in two periods: new (first purchase in the later one), repeating (bought in both), returned '
    '(bought before, not in the earlier one, but in the later one), lapsed (bought in the earlier one alone) and absent '
    '(bought before, in neither), with their orders and net revenue in both; from_day and to_day are those of the later '
    'period (default: the last 90 days up to as_of), before_from and before_to those of the earlier one (default: it ends '
    'the day before and is as long, in months where the later one has whole months); by a column of the view, as it is '
    'now; from all histories in one pass';

-- snapshots ----------------------------------------------------------------------------------------------------------

CREATE FUNCTION snapshot_segmentation(view text, into_table text, "columns" text[] DEFAULT NULL,
                                      as_of date DEFAULT NULL) RETURNS bigint
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 AS 'MODULE_PATHNAME', 'snapshot_segmentation';
COMMENT ON FUNCTION snapshot_segmentation(text, text, text[], date) IS
    'Writes the customers of a segmentation as of a day into a table, in place of what that has of the same day, and returns '
    'how many they are; the table has the key (as_of, customer) and the comments and types of the view, and is made if it is '
    'not there; all columns of the view or those given; as of the day of the view, or of an earlier one with the newest '
    'training; columns that the table lacks are added at the end; readers of the table never wait for it; reads and writes '
    'with the rights of the caller';
