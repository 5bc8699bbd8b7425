-- Training, continued: the aggregates that fit models. The result does not depend on the order of rows.

-- support functions ------------------------------------------------------------------------------------

CREATE FUNCTION customer_value_internal.fit_purchases_add(internal, purchase_history, date) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_purchases_add_history';
CREATE FUNCTION customer_value_internal.fit_purchases_add(internal, purchase_history, date, text) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_purchases_add_history';
CREATE FUNCTION customer_value_internal.fit_purchases_add(
    internal, double precision, double precision, double precision
) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_purchases_add';
CREATE FUNCTION customer_value_internal.fit_purchases_add(
    internal, double precision, double precision, double precision, text
) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_purchases_add';
CREATE FUNCTION customer_value_internal.fit_purchases_add(
    internal, double precision, double precision, double precision, text, double precision
) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_purchases_add';
CREATE FUNCTION customer_value_internal.fit_opportunities_add(
    internal, double precision, double precision, double precision
) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_opportunities_add';
CREATE FUNCTION customer_value_internal.fit_opportunities_add(
    internal, double precision, double precision, double precision, double precision
) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_opportunities_add';
CREATE FUNCTION customer_value_internal.fit_contracts_add(internal, integer, boolean) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_contracts_add';
CREATE FUNCTION customer_value_internal.fit_contracts_add(
    internal, integer, boolean, double precision
) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_contracts_add';
CREATE FUNCTION customer_value_internal.fit_purchases_combine(internal, internal) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'fit_purchases_combine';
CREATE FUNCTION customer_value_internal.fit_purchases_serialize(internal) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'fit_purchases_serialize';
CREATE FUNCTION customer_value_internal.fit_purchases_deserialize(bytea, internal) RETURNS internal
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'fit_purchases_deserialize';
CREATE FUNCTION customer_value_internal.fit_purchases_finish(internal) RETURNS purchase_model
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_purchases_finish';
CREATE FUNCTION customer_value_internal.fit_spend_add(internal, purchase_history, date) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_spend_add_history';
CREATE FUNCTION customer_value_internal.fit_spend_add(internal, double precision, double precision) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_spend_add';
CREATE FUNCTION customer_value_internal.fit_spend_add(
    internal, double precision, double precision, double precision
) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_spend_add';
CREATE FUNCTION customer_value_internal.fit_spend_combine(internal, internal) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'fit_spend_combine';
CREATE FUNCTION customer_value_internal.fit_spend_serialize(internal) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'fit_spend_serialize';
CREATE FUNCTION customer_value_internal.fit_spend_deserialize(bytea, internal) RETURNS internal
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'fit_spend_deserialize';
CREATE FUNCTION customer_value_internal.fit_spend_finish(internal) RETURNS spend_model
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_spend_finish';

COMMENT ON FUNCTION customer_value_internal.fit_purchases_add(internal, purchase_history, date) IS
    'Adds a customer; part of fit_purchase_model';
COMMENT ON FUNCTION customer_value_internal.fit_purchases_add(internal, purchase_history, date, text) IS
    'Adds a customer; part of fit_purchase_model';
COMMENT ON FUNCTION customer_value_internal.fit_purchases_add(
    internal, double precision, double precision, double precision
) IS
    'Adds a customer; part of fit_purchase_model';
COMMENT ON FUNCTION customer_value_internal.fit_purchases_add(
    internal, double precision, double precision, double precision, text
) IS
    'Adds a customer; part of fit_purchase_model';
COMMENT ON FUNCTION customer_value_internal.fit_purchases_add(
    internal, double precision, double precision, double precision, text, double precision
) IS
    'Adds a customer; part of fit_purchase_model';
COMMENT ON FUNCTION customer_value_internal.fit_opportunities_add(
    internal, double precision, double precision, double precision
) IS
    'Adds a customer; part of fit_opportunity_model';
COMMENT ON FUNCTION customer_value_internal.fit_opportunities_add(
    internal, double precision, double precision, double precision, double precision
) IS
    'Adds a customer; part of fit_opportunity_model';
COMMENT ON FUNCTION customer_value_internal.fit_contracts_add(internal, integer, boolean) IS
    'Adds a contract; part of fit_contract_model';
COMMENT ON FUNCTION customer_value_internal.fit_contracts_add(internal, integer, boolean, double precision) IS
    'Adds a contract; part of fit_contract_model';
COMMENT ON FUNCTION customer_value_internal.fit_purchases_combine(internal, internal) IS
    'Two states to one; part of fit_purchase_model';
COMMENT ON FUNCTION customer_value_internal.fit_purchases_serialize(internal) IS
    'State to bytes; part of fit_purchase_model';
COMMENT ON FUNCTION customer_value_internal.fit_purchases_deserialize(bytea, internal) IS
    'Bytes to state; part of fit_purchase_model';
COMMENT ON FUNCTION customer_value_internal.fit_purchases_finish(internal) IS
    'State to model; part of fit_purchase_model';
COMMENT ON FUNCTION customer_value_internal.fit_spend_add(internal, purchase_history, date) IS
    'Adds a customer; part of fit_spend_model';
COMMENT ON FUNCTION customer_value_internal.fit_spend_add(internal, double precision, double precision) IS
    'Adds a customer; part of fit_spend_model';
COMMENT ON FUNCTION customer_value_internal.fit_spend_add(
    internal, double precision, double precision, double precision
) IS
    'Adds a customer; part of fit_spend_model';
COMMENT ON FUNCTION customer_value_internal.fit_spend_combine(internal, internal) IS
    'Two states to one; part of fit_spend_model';
COMMENT ON FUNCTION customer_value_internal.fit_spend_serialize(internal) IS
    'State to bytes; part of fit_spend_model';
COMMENT ON FUNCTION customer_value_internal.fit_spend_deserialize(bytea, internal) IS
    'Bytes to state; part of fit_spend_model';
COMMENT ON FUNCTION customer_value_internal.fit_spend_finish(internal) IS 'State to model; part of fit_spend_model';

-- aggregates: a fit sorts and merges its state, so it is final once -----------------------------------

CREATE AGGREGATE fit_purchase_model(purchase_history, date) (
    SFUNC = customer_value_internal.fit_purchases_add, STYPE = internal, SSPACE = 1024,
    FINALFUNC = customer_value_internal.fit_purchases_finish, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = customer_value_internal.fit_purchases_combine,
    SERIALFUNC = customer_value_internal.fit_purchases_serialize,
    DESERIALFUNC = customer_value_internal.fit_purchases_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE fit_purchase_model(purchase_history, date) IS
    'BG/NBD model of all customers as of a day: (history, as_of); NULL if no customer has purchases before that day';

CREATE AGGREGATE fit_purchase_model(purchase_history, date, text) (
    SFUNC = customer_value_internal.fit_purchases_add, STYPE = internal, SSPACE = 1024,
    FINALFUNC = customer_value_internal.fit_purchases_finish, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = customer_value_internal.fit_purchases_combine,
    SERIALFUNC = customer_value_internal.fit_purchases_serialize,
    DESERIALFUNC = customer_value_internal.fit_purchases_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE fit_purchase_model(purchase_history, date, text) IS
    'Model of all customers as of a day: (history, as_of, family), family bg_nbd, mbg_nbd, pareto_nbd or auto '
    '(lowest AIC); NULL if no customer has purchases before that day';

CREATE AGGREGATE fit_purchase_model(double precision, double precision, double precision) (
    SFUNC = customer_value_internal.fit_purchases_add, STYPE = internal, SSPACE = 1024,
    FINALFUNC = customer_value_internal.fit_purchases_finish, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = customer_value_internal.fit_purchases_combine,
    SERIALFUNC = customer_value_internal.fit_purchases_serialize,
    DESERIALFUNC = customer_value_internal.fit_purchases_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE fit_purchase_model(double precision, double precision, double precision) IS
    'BG/NBD model of (repeat_purchases, purchase_span, customer_age), one row per customer, times in days; rows with '
    'NULL are left out';

CREATE AGGREGATE fit_purchase_model(double precision, double precision, double precision, text) (
    SFUNC = customer_value_internal.fit_purchases_add, STYPE = internal, SSPACE = 1024,
    FINALFUNC = customer_value_internal.fit_purchases_finish, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = customer_value_internal.fit_purchases_combine,
    SERIALFUNC = customer_value_internal.fit_purchases_serialize,
    DESERIALFUNC = customer_value_internal.fit_purchases_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE fit_purchase_model(double precision, double precision, double precision, text) IS
    'Model of (repeat_purchases, purchase_span, customer_age, family), one row per customer, times in days; rows '
    'with NULL are left out';

CREATE AGGREGATE fit_purchase_model(double precision, double precision, double precision, text, double precision) (
    SFUNC = customer_value_internal.fit_purchases_add, STYPE = internal, SSPACE = 1024,
    FINALFUNC = customer_value_internal.fit_purchases_finish, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = customer_value_internal.fit_purchases_combine,
    SERIALFUNC = customer_value_internal.fit_purchases_serialize,
    DESERIALFUNC = customer_value_internal.fit_purchases_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE fit_purchase_model(
    double precision, double precision, double precision, text, double precision
) IS
    'Model of (repeat_purchases, purchase_span, customer_age, family, weight), each row standing for weight customers, '
    'times in days; rows with NULL are left out';

CREATE AGGREGATE fit_spend_model(purchase_history, date) (
    SFUNC = customer_value_internal.fit_spend_add, STYPE = internal, SSPACE = 1024,
    FINALFUNC = customer_value_internal.fit_spend_finish, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = customer_value_internal.fit_spend_combine,
    SERIALFUNC = customer_value_internal.fit_spend_serialize,
    DESERIALFUNC = customer_value_internal.fit_spend_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE fit_spend_model(purchase_history, date) IS
    'Gamma-Gamma model of all customers as of a day: (history, as_of); those without repeat purchases, or with a '
    'mean of 0, count towards the refund share only; NULL if there are no others';

CREATE AGGREGATE fit_spend_model(double precision, double precision) (
    SFUNC = customer_value_internal.fit_spend_add, STYPE = internal, SSPACE = 1024,
    FINALFUNC = customer_value_internal.fit_spend_finish, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = customer_value_internal.fit_spend_combine,
    SERIALFUNC = customer_value_internal.fit_spend_serialize,
    DESERIALFUNC = customer_value_internal.fit_spend_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE fit_spend_model(double precision, double precision) IS
    'Gamma-Gamma model of (repeat_purchases, repeat_purchase_value), one row per customer; rows with NULL, no '
    'repeats or a value of 0 are left out';

CREATE AGGREGATE fit_spend_model(double precision, double precision, double precision) (
    SFUNC = customer_value_internal.fit_spend_add, STYPE = internal, SSPACE = 1024,
    FINALFUNC = customer_value_internal.fit_spend_finish, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = customer_value_internal.fit_spend_combine,
    SERIALFUNC = customer_value_internal.fit_spend_serialize,
    DESERIALFUNC = customer_value_internal.fit_spend_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE fit_spend_model(double precision, double precision, double precision) IS
    'Gamma-Gamma model of (repeat_purchases, repeat_purchase_value, weight), each row standing for weight customers; '
    'rows with NULL, no repeats or a value of 0 are left out';

CREATE AGGREGATE fit_opportunity_model(double precision, double precision, double precision) (
    SFUNC = customer_value_internal.fit_opportunities_add, STYPE = internal, SSPACE = 1024,
    FINALFUNC = customer_value_internal.fit_purchases_finish, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = customer_value_internal.fit_purchases_combine,
    SERIALFUNC = customer_value_internal.fit_purchases_serialize,
    DESERIALFUNC = customer_value_internal.fit_purchases_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE fit_opportunity_model(double precision, double precision, double precision) IS
    'BG/BB model of (purchases, last_opportunity, opportunities), one row per customer: how many opportunities there '
    'were, how many they took, and the last of these, 0 for none';

CREATE AGGREGATE fit_opportunity_model(double precision, double precision, double precision, double precision) (
    SFUNC = customer_value_internal.fit_opportunities_add, STYPE = internal, SSPACE = 1024,
    FINALFUNC = customer_value_internal.fit_purchases_finish, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = customer_value_internal.fit_purchases_combine,
    SERIALFUNC = customer_value_internal.fit_purchases_serialize,
    DESERIALFUNC = customer_value_internal.fit_purchases_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE fit_opportunity_model(double precision, double precision, double precision, double precision) IS
    'BG/BB model of (purchases, last_opportunity, opportunities, weight), each row standing for weight customers';

CREATE AGGREGATE fit_contract_model(integer, boolean) (
    SFUNC = customer_value_internal.fit_contracts_add, STYPE = internal, SSPACE = 1024,
    FINALFUNC = customer_value_internal.fit_purchases_finish, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = customer_value_internal.fit_purchases_combine,
    SERIALFUNC = customer_value_internal.fit_purchases_serialize,
    DESERIALFUNC = customer_value_internal.fit_purchases_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE fit_contract_model(integer, boolean) IS
    'Shifted beta-geometric model of (renewals, under_contract), one row per contract: how often it was renewed, and '
    'false once the next renewal was refused';

CREATE AGGREGATE fit_contract_model(integer, boolean, double precision) (
    SFUNC = customer_value_internal.fit_contracts_add, STYPE = internal, SSPACE = 1024,
    FINALFUNC = customer_value_internal.fit_purchases_finish, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = customer_value_internal.fit_purchases_combine,
    SERIALFUNC = customer_value_internal.fit_purchases_serialize,
    DESERIALFUNC = customer_value_internal.fit_purchases_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE fit_contract_model(integer, boolean, double precision) IS
    'Shifted beta-geometric model of (renewals, under_contract, weight), each row standing for weight contracts';

-- contracts, from the days on which they began and ended ------------------------------------------------

CREATE FUNCTION contract_renewals(
    began date, ended date, as_of date, months_per_period integer DEFAULT 1
) RETURNS integer
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'contract_renewals';
COMMENT ON FUNCTION contract_renewals(date, date, date, integer) IS
    'How often a contract was renewed up to a day, 0 or more; ended is the first day without it, NULL while it runs; '
    'NULL if it began later';

CREATE FUNCTION customer_value_internal.fit_contracts_add(internal, date, date, date, integer) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_contracts_add_days';
COMMENT ON FUNCTION customer_value_internal.fit_contracts_add(internal, date, date, date, integer) IS
    'Adds a contract; part of fit_contract_model';

CREATE AGGREGATE fit_contract_model(date, date, date, integer) (
    SFUNC = customer_value_internal.fit_contracts_add, STYPE = internal, SSPACE = 1024,
    FINALFUNC = customer_value_internal.fit_purchases_finish, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = customer_value_internal.fit_purchases_combine,
    SERIALFUNC = customer_value_internal.fit_purchases_serialize,
    DESERIALFUNC = customer_value_internal.fit_purchases_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE fit_contract_model(date, date, date, integer) IS
    'Shifted beta-geometric model of a table of contracts: (began, ended, as_of, months_per_period); ended is the '
    'first day without the contract, NULL while it runs';

-- how well a model predicts -----------------------------------------------------------------------------

CREATE FUNCTION customer_value_internal.purchase_validation_add(
    internal, purchase_history, purchase_history, date, date, text, integer
) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'purchase_validation_add';
CREATE FUNCTION customer_value_internal.purchase_validation_finish(internal) RETURNS text
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'purchase_validation_finish';
CREATE AGGREGATE customer_value_internal.purchase_validation(
    purchase_history, purchase_history, date, date, text, integer
) (
    SFUNC = customer_value_internal.purchase_validation_add, STYPE = internal, SSPACE = 65536,
    FINALFUNC = customer_value_internal.purchase_validation_finish, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = SAFE
);
COMMENT ON FUNCTION customer_value_internal.purchase_validation_add(
    internal, purchase_history, purchase_history, date, date, text, integer
) IS
    'Adds a customer; part of purchase_validation';
COMMENT ON FUNCTION customer_value_internal.purchase_validation_finish(internal) IS
    'State to report; part of purchase_validation';
COMMENT ON AGGREGATE customer_value_internal.purchase_validation(
    purchase_history, purchase_history, date, date, text, integer
) IS
    'What validate_purchase_model needs of a population in one pass, as JSON: (history as known at calibration_end, as '
    'known at holdout_end, calibration_end, holdout_end, family, hiatus_days)';
