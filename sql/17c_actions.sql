-- Actions: who is held out, how many have to be, and what an action did.

-- before -------------------------------------------------------------------------------------------------------------

CREATE FUNCTION hold_out(customer text, salt text, share double precision) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'hold_out_wrapper';
CREATE FUNCTION hold_out(customer bigint, salt text, share double precision) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'hold_out_number_wrapper';
CREATE FUNCTION hold_out(customer uuid, salt text, share double precision) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'hold_out_uuid_wrapper';
COMMENT ON FUNCTION hold_out(text, text, double precision) IS
    'Whether a customer is held out of an action, as this share of customers is, 0 to 1: always the same for the same customer '
    'and salt, in every database; salts have nothing to do with each other; whom a share holds out, a larger one holds out, too';
COMMENT ON FUNCTION hold_out(bigint, text, double precision) IS
    'Whether a customer is held out of an action; the same as hold_out(customer::text, salt, share)';
COMMENT ON FUNCTION hold_out(uuid, text, double precision) IS
    'Whether a customer is held out of an action; the same as hold_out(customer::text, salt, share)';

CREATE FUNCTION sample_size(effect double precision, standard_deviation double precision DEFAULT NULL,
                            rate double precision DEFAULT NULL, power double precision DEFAULT 0.8,
                            alpha double precision DEFAULT 0.05, held_out_share double precision DEFAULT 0.5,
                            correlation double precision DEFAULT 0)
    RETURNS TABLE (customers bigint, treated bigint, held_out bigint, power double precision)
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100000 ROWS 1
    AS 'MODULE_PATHNAME', 'sample_size_wrapper';
COMMENT ON FUNCTION sample_size(double precision, double precision, double precision, double precision, double precision,
                                double precision, double precision) IS
    'How many customers an experiment needs to find an effect with this power, in a two-sided test at alpha: an effect on a '
    'mean, by the standard_deviation of customers and the correlation of what they do after with what they did before (two-sample '
    't test), or on the share of customers who do something, by the rate of those held out (normal approximation); where few '
    'customers bring in much, as with revenue, tests with less than some hundreds of customers in the smaller group find an '
    'effect too often where there is none';

-- after --------------------------------------------------------------------------------------------------------------

CREATE FUNCTION action_effect(view text, action text, customer_column text DEFAULT NULL, at_column text DEFAULT 'day',
                              treated_column text DEFAULT 'treated', outcome_days integer DEFAULT 90,
                              before_days integer DEFAULT NULL, by text DEFAULT 'rfm_segment',
                              action_column text DEFAULT NULL)
    RETURNS TABLE (action text, part text, segment text, measure text, treated bigint, held_out bigint,
                   treated_before double precision, held_out_before double precision,
                   treated_after double precision, held_out_after double precision,
                   difference double precision, difference_from double precision, difference_to double precision,
                   p_value double precision,
                   adjusted_difference double precision, adjusted_from double precision, adjusted_to double precision,
                   adjusted_p_value double precision, variance_reduction double precision, adjusted_by text,
                   imbalance double precision,
                   treated_overlapping bigint, held_out_overlapping bigint, reason text)
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 100000 ROWS 50
    AS 'MODULE_PATHNAME', 'action_effect_wrapper';
COMMENT ON FUNCTION action_effect(text, text, text, text, text, integer, integer, text, text) IS
    'What an action did, by a table of customers, the day, and whether they were treated or held out: for the total and each '
    'segment that customers were in on the day before, who bought, orders, revenue and clv of both groups in the days before and '
    'after, their difference with 95 percent interval and p-value (Welch), the same adjusted by what each customer did before '
    'and what was expected of them then (regression with slopes in each group, HC3; clv, of which the change is compared, is not '
    'adjusted), by how much that narrows the variance, and how far the groups differed before; with less than some hundreds of '
    'customers in the smaller group, p-values of revenue are too small; '
    'reads the orders of these customers once, with the rights of the caller';

CREATE FUNCTION interaction_response(view text, days integer DEFAULT 30, by text DEFAULT 'rfm_segment',
                                     from_day date DEFAULT NULL, to_day date DEFAULT NULL, kinds text[] DEFAULT NULL)
    RETURNS TABLE (part text, segment text, contacts bigint, contacted bigint, bought bigint, response double precision,
                   revenue_per_buyer double precision, not_contacted bigint, not_contacted_response double precision,
                   difference double precision)
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 100000 ROWS 12
    AS 'MODULE_PATHNAME', 'interaction_response_wrapper';
COMMENT ON FUNCTION interaction_response(text, integer, text, date, date, text[]) IS
    'Who bought within some days of their first contact in a period (default: as many days, the last that are over), by the segment '
    'they were in on the day before it, against customers of the same segment who were not contacted in it, over the same days; '
    'of interactions other than for service, or of these kinds; no experiment, as nobody drew lots who was contacted';
