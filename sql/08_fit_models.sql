-- Training, continued: the aggregates that fit models. The result does not depend on the order of rows.

-- support functions ------------------------------------------------------------------------------------

CREATE FUNCTION fit_purchases_add(internal, purchase_history, date) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_purchases_add_history';
CREATE FUNCTION fit_purchases_add(internal, purchase_history, date, text) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_purchases_add_history';
CREATE FUNCTION fit_purchases_add(internal, double precision, double precision, double precision) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_purchases_add';
CREATE FUNCTION fit_purchases_add(internal, double precision, double precision, double precision, text) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_purchases_add';
CREATE FUNCTION fit_purchases_add(internal, double precision, double precision, double precision, text, double precision) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_purchases_add';
CREATE FUNCTION fit_opportunities_add(internal, double precision, double precision, double precision) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_opportunities_add';
CREATE FUNCTION fit_opportunities_add(internal, double precision, double precision, double precision, double precision) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_opportunities_add';
CREATE FUNCTION fit_contracts_add(internal, integer, boolean) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_contracts_add';
CREATE FUNCTION fit_contracts_add(internal, integer, boolean, double precision) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_contracts_add';
CREATE FUNCTION fit_purchases_combine(internal, internal) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_purchases_combine';
CREATE FUNCTION fit_purchases_serialize(internal) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_purchases_serialize';
CREATE FUNCTION fit_purchases_deserialize(bytea, internal) RETURNS internal
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_purchases_deserialize';
CREATE FUNCTION fit_purchases_finish(internal) RETURNS purchase_model
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_purchases_finish';
CREATE FUNCTION fit_spend_add(internal, purchase_history, date) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_spend_add_history';
CREATE FUNCTION fit_spend_add(internal, double precision, double precision) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_spend_add';
CREATE FUNCTION fit_spend_add(internal, double precision, double precision, double precision) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_spend_add';
CREATE FUNCTION fit_spend_combine(internal, internal) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_spend_combine';
CREATE FUNCTION fit_spend_serialize(internal) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_spend_serialize';
CREATE FUNCTION fit_spend_deserialize(bytea, internal) RETURNS internal
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_spend_deserialize';
CREATE FUNCTION fit_spend_finish(internal) RETURNS spend_model
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_spend_finish';

COMMENT ON FUNCTION fit_purchases_add(internal, purchase_history, date) IS 'Adds a customer; part of fit_purchase_model';
COMMENT ON FUNCTION fit_purchases_add(internal, purchase_history, date, text) IS 'Adds a customer; part of fit_purchase_model';
COMMENT ON FUNCTION fit_purchases_add(internal, double precision, double precision, double precision) IS 'Adds a customer; part of fit_purchase_model';
COMMENT ON FUNCTION fit_purchases_add(internal, double precision, double precision, double precision, text) IS 'Adds a customer; part of fit_purchase_model';
COMMENT ON FUNCTION fit_purchases_add(internal, double precision, double precision, double precision, text, double precision) IS 'Adds a customer; part of fit_purchase_model';
COMMENT ON FUNCTION fit_opportunities_add(internal, double precision, double precision, double precision) IS 'Adds a customer; part of fit_opportunity_model';
COMMENT ON FUNCTION fit_opportunities_add(internal, double precision, double precision, double precision, double precision) IS 'Adds a customer; part of fit_opportunity_model';
COMMENT ON FUNCTION fit_contracts_add(internal, integer, boolean) IS 'Adds a contract; part of fit_contract_model';
COMMENT ON FUNCTION fit_contracts_add(internal, integer, boolean, double precision) IS 'Adds a contract; part of fit_contract_model';
COMMENT ON FUNCTION fit_purchases_combine(internal, internal) IS 'Two states to one; part of fit_purchase_model';
COMMENT ON FUNCTION fit_purchases_serialize(internal) IS 'State to bytes; part of fit_purchase_model';
COMMENT ON FUNCTION fit_purchases_deserialize(bytea, internal) IS 'Bytes to state; part of fit_purchase_model';
COMMENT ON FUNCTION fit_purchases_finish(internal) IS 'State to model; part of fit_purchase_model';
COMMENT ON FUNCTION fit_spend_add(internal, purchase_history, date) IS 'Adds a customer; part of fit_spend_model';
COMMENT ON FUNCTION fit_spend_add(internal, double precision, double precision) IS 'Adds a customer; part of fit_spend_model';
COMMENT ON FUNCTION fit_spend_add(internal, double precision, double precision, double precision) IS 'Adds a customer; part of fit_spend_model';
COMMENT ON FUNCTION fit_spend_combine(internal, internal) IS 'Two states to one; part of fit_spend_model';
COMMENT ON FUNCTION fit_spend_serialize(internal) IS 'State to bytes; part of fit_spend_model';
COMMENT ON FUNCTION fit_spend_deserialize(bytea, internal) IS 'Bytes to state; part of fit_spend_model';
COMMENT ON FUNCTION fit_spend_finish(internal) IS 'State to model; part of fit_spend_model';

-- aggregates: a fit sorts and merges its state, so it is final once -----------------------------------

CREATE AGGREGATE fit_purchase_model(purchase_history, date) (
    SFUNC = fit_purchases_add, STYPE = internal, SSPACE = 1024, FINALFUNC = fit_purchases_finish, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = fit_purchases_combine, SERIALFUNC = fit_purchases_serialize, DESERIALFUNC = fit_purchases_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE fit_purchase_model(purchase_history, date) IS
    'BG/NBD model of all customers as of a day: (history, as_of); NULL without customers with purchases';

CREATE AGGREGATE fit_purchase_model(purchase_history, date, text) (
    SFUNC = fit_purchases_add, STYPE = internal, SSPACE = 1024, FINALFUNC = fit_purchases_finish, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = fit_purchases_combine, SERIALFUNC = fit_purchases_serialize, DESERIALFUNC = fit_purchases_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE fit_purchase_model(purchase_history, date, text) IS
    'Model of all customers as of a day: (history, as_of, family), family bg_nbd, mbg_nbd, pareto_nbd or auto (lowest AIC); NULL without customers with purchases';

CREATE AGGREGATE fit_purchase_model(double precision, double precision, double precision) (
    SFUNC = fit_purchases_add, STYPE = internal, SSPACE = 1024, FINALFUNC = fit_purchases_finish, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = fit_purchases_combine, SERIALFUNC = fit_purchases_serialize, DESERIALFUNC = fit_purchases_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE fit_purchase_model(double precision, double precision, double precision) IS
    'BG/NBD model of (repeat_purchases, purchase_span, customer_age), one row a customer, times in days; rows with NULL are left out';

CREATE AGGREGATE fit_purchase_model(double precision, double precision, double precision, text) (
    SFUNC = fit_purchases_add, STYPE = internal, SSPACE = 1024, FINALFUNC = fit_purchases_finish, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = fit_purchases_combine, SERIALFUNC = fit_purchases_serialize, DESERIALFUNC = fit_purchases_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE fit_purchase_model(double precision, double precision, double precision, text) IS
    'Model of (repeat_purchases, purchase_span, customer_age, family), one row a customer, times in days; rows with NULL are left out';

CREATE AGGREGATE fit_purchase_model(double precision, double precision, double precision, text, double precision) (
    SFUNC = fit_purchases_add, STYPE = internal, SSPACE = 1024, FINALFUNC = fit_purchases_finish, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = fit_purchases_combine, SERIALFUNC = fit_purchases_serialize, DESERIALFUNC = fit_purchases_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE fit_purchase_model(double precision, double precision, double precision, text, double precision) IS
    'Model of (repeat_purchases, purchase_span, customer_age, family, weight), weight customers a row, times in days; rows with NULL are left out';

CREATE AGGREGATE fit_spend_model(purchase_history, date) (
    SFUNC = fit_spend_add, STYPE = internal, SSPACE = 1024, FINALFUNC = fit_spend_finish, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = fit_spend_combine, SERIALFUNC = fit_spend_serialize, DESERIALFUNC = fit_spend_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE fit_spend_model(purchase_history, date) IS
    'Gamma-Gamma model of all customers as of a day: (history, as_of); those without repeat purchases, or with a mean of 0, count for the refund share only; NULL without others';

CREATE AGGREGATE fit_spend_model(double precision, double precision) (
    SFUNC = fit_spend_add, STYPE = internal, SSPACE = 1024, FINALFUNC = fit_spend_finish, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = fit_spend_combine, SERIALFUNC = fit_spend_serialize, DESERIALFUNC = fit_spend_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE fit_spend_model(double precision, double precision) IS
    'Gamma-Gamma model of (repeat_purchases, repeat_purchase_value), one row a customer; rows with NULL, no repeats or a value of 0 are left out';

CREATE AGGREGATE fit_spend_model(double precision, double precision, double precision) (
    SFUNC = fit_spend_add, STYPE = internal, SSPACE = 1024, FINALFUNC = fit_spend_finish, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = fit_spend_combine, SERIALFUNC = fit_spend_serialize, DESERIALFUNC = fit_spend_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE fit_spend_model(double precision, double precision, double precision) IS
    'Gamma-Gamma model of (repeat_purchases, repeat_purchase_value, weight), weight customers a row; rows with NULL, no repeats or a value of 0 are left out';

CREATE AGGREGATE fit_opportunity_model(double precision, double precision, double precision) (
    SFUNC = fit_opportunities_add, STYPE = internal, SSPACE = 1024, FINALFUNC = fit_purchases_finish, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = fit_purchases_combine, SERIALFUNC = fit_purchases_serialize, DESERIALFUNC = fit_purchases_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE fit_opportunity_model(double precision, double precision, double precision) IS
    'BG/BB model of (purchases, last_opportunity, opportunities), one row a customer: how many opportunities there were, how many he took, and the last of these, 0 for none';

CREATE AGGREGATE fit_opportunity_model(double precision, double precision, double precision, double precision) (
    SFUNC = fit_opportunities_add, STYPE = internal, SSPACE = 1024, FINALFUNC = fit_purchases_finish, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = fit_purchases_combine, SERIALFUNC = fit_purchases_serialize, DESERIALFUNC = fit_purchases_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE fit_opportunity_model(double precision, double precision, double precision, double precision) IS
    'BG/BB model of (purchases, last_opportunity, opportunities, weight), weight customers a row';

CREATE AGGREGATE fit_contract_model(integer, boolean) (
    SFUNC = fit_contracts_add, STYPE = internal, SSPACE = 1024, FINALFUNC = fit_purchases_finish, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = fit_purchases_combine, SERIALFUNC = fit_purchases_serialize, DESERIALFUNC = fit_purchases_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE fit_contract_model(integer, boolean) IS
    'Shifted beta-geometric model of (renewals, under_contract), one row a contract: how often it was renewed, and false once the next renewal was refused';

CREATE AGGREGATE fit_contract_model(integer, boolean, double precision) (
    SFUNC = fit_contracts_add, STYPE = internal, SSPACE = 1024, FINALFUNC = fit_purchases_finish, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = fit_purchases_combine, SERIALFUNC = fit_purchases_serialize, DESERIALFUNC = fit_purchases_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE fit_contract_model(integer, boolean, double precision) IS
    'Shifted beta-geometric model of (renewals, under_contract, weight), weight contracts a row';

-- contracts, from the days on which they began and ended ------------------------------------------------

CREATE FUNCTION contract_renewals(began date, ended date, as_of date, months_per_period integer DEFAULT 1) RETURNS integer
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'contract_renewals';
COMMENT ON FUNCTION contract_renewals(date, date, date, integer) IS
    'How often a contract was renewed up to a day, 0 or more; ended is the first day without it, NULL while it runs; NULL for one that began later';

CREATE FUNCTION fit_contracts_add(internal, date, date, date, integer) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'fit_contracts_add_days';
COMMENT ON FUNCTION fit_contracts_add(internal, date, date, date, integer) IS 'Adds a contract; part of fit_contract_model';

CREATE AGGREGATE fit_contract_model(date, date, date, integer) (
    SFUNC = fit_contracts_add, STYPE = internal, SSPACE = 1024, FINALFUNC = fit_purchases_finish, FINALFUNC_MODIFY = READ_WRITE,
    COMBINEFUNC = fit_purchases_combine, SERIALFUNC = fit_purchases_serialize, DESERIALFUNC = fit_purchases_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE fit_contract_model(date, date, date, integer) IS
    'Shifted beta-geometric model of a table of contracts: (began, ended, as_of, months_per_period); ended is the first day without the contract, NULL while it runs';
