-- customer_value 0.1.0 to 0.2.0: models of purchases and spend, predictions, lifetime value in segmentations.
--
-- Its own part, then the fragments that are new, as scripts/upgrade_script.py puts them here until the release;
-- tests/test_upgrade.py holds an upgraded installation against a fresh one.
\echo Use "ALTER EXTENSION customer_value UPDATE" to load this file. \quit
SET LOCAL search_path = customer_value, pg_temp;

-- Gains columns, so it is made anew; a view of yours over it has to be dropped first.
DROP FUNCTION segment_report(text, text);

-- fragments: 07_models.sql 08_fit_models.sql 09_predict.sql 10_value.sql

-- Training, continued: the types that hold models, and what is read from them.

CREATE TYPE purchase_model;
CREATE TYPE spend_model;

CREATE FUNCTION purchase_model_in(cstring) RETURNS purchase_model
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'purchase_model_in';
CREATE FUNCTION purchase_model_out(purchase_model) RETURNS cstring
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'model_out';
CREATE FUNCTION purchase_model_recv(internal) RETURNS purchase_model
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'purchase_model_recv';
CREATE FUNCTION purchase_model_send(purchase_model) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'model_send';
CREATE FUNCTION spend_model_in(cstring) RETURNS spend_model
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'spend_model_in';
CREATE FUNCTION spend_model_out(spend_model) RETURNS cstring
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'model_out';
CREATE FUNCTION spend_model_recv(internal) RETURNS spend_model
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'spend_model_recv';
CREATE FUNCTION spend_model_send(spend_model) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'model_send';

-- Never toasted: a model is read once for each prediction.
CREATE TYPE purchase_model (
    INPUT = purchase_model_in,
    OUTPUT = purchase_model_out,
    RECEIVE = purchase_model_recv,
    SEND = purchase_model_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = plain
);
CREATE TYPE spend_model (
    INPUT = spend_model_in,
    OUTPUT = spend_model_out,
    RECEIVE = spend_model_recv,
    SEND = spend_model_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = plain
);

COMMENT ON TYPE purchase_model IS
    'How customers buy and leave: family and parameters, in days, and what is known of the fit; text form JSON';
COMMENT ON TYPE spend_model IS
    'What a purchase is worth (Gamma-Gamma): parameters and what is known of the fit; text form JSON';
COMMENT ON FUNCTION purchase_model_in(cstring) IS 'Text (JSON) to purchase_model';
COMMENT ON FUNCTION purchase_model_out(purchase_model) IS 'purchase_model to text (JSON)';
COMMENT ON FUNCTION purchase_model_recv(internal) IS 'Binary to purchase_model';
COMMENT ON FUNCTION purchase_model_send(purchase_model) IS 'purchase_model to binary; the first byte is the version';
COMMENT ON FUNCTION spend_model_in(cstring) IS 'Text (JSON) to spend_model';
COMMENT ON FUNCTION spend_model_out(spend_model) IS 'spend_model to text (JSON)';
COMMENT ON FUNCTION spend_model_recv(internal) IS 'Binary to spend_model';
COMMENT ON FUNCTION spend_model_send(spend_model) IS 'spend_model to binary; the first byte is the version';

-- reading a model --------------------------------------------------------------------------------------

CREATE FUNCTION family(model purchase_model) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'model_family';
CREATE FUNCTION parameter(model purchase_model, name text) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'model_parameter';
CREATE FUNCTION standard_error(model purchase_model, name text) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'model_standard_error';
CREATE FUNCTION covariance(model purchase_model, name text, other_name text) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'model_covariance';
CREATE FUNCTION log_likelihood(model purchase_model) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'model_log_likelihood';
CREATE FUNCTION aic(model purchase_model) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'model_aic';
CREATE FUNCTION bic(model purchase_model) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'model_bic';
CREATE FUNCTION customers(model purchase_model) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'model_customers';
CREATE FUNCTION converged(model purchase_model) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'model_converged';
CREATE FUNCTION boundary(model purchase_model) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'model_boundary';

COMMENT ON FUNCTION family(purchase_model) IS 'Name of the family, such as bg_nbd';
COMMENT ON FUNCTION parameter(purchase_model, text) IS
    'A parameter by name, such as alpha (in days); NULL for one of another family';
COMMENT ON FUNCTION standard_error(purchase_model, text) IS
    'Standard error of a parameter, in its unit; NULL at a boundary and for a model that was not fitted';
COMMENT ON FUNCTION covariance(purchase_model, text, text) IS
    'Covariance of two parameters; NULL at a boundary and for a model that was not fitted';
COMMENT ON FUNCTION log_likelihood(purchase_model) IS
    'Log-likelihood of the fit, times in days; NULL for a model that was not fitted';
COMMENT ON FUNCTION aic(purchase_model) IS
    'Akaike information criterion, smaller is better; NULL for a model that was not fitted';
COMMENT ON FUNCTION bic(purchase_model) IS
    'Bayesian information criterion, smaller is better; NULL for a model that was not fitted';
COMMENT ON FUNCTION customers(purchase_model) IS
    'Customers in the fit, the sum of their weights; NULL for a model that was not fitted';
COMMENT ON FUNCTION converged(purchase_model) IS
    'Whether the fit ended at a maximum; NULL for a model that was not fitted';
COMMENT ON FUNCTION boundary(purchase_model) IS
    'What the fit says about limits it ran into, such as nobody leaves; NULL for none';

CREATE FUNCTION parameters(model purchase_model)
    RETURNS TABLE (parameter text, estimate double precision, standard_error double precision,
                   lower_95 double precision, upper_95 double precision)
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 4
BEGIN ATOMIC
    SELECT n.name, n.estimate, n.error,
           n.estimate * exp(-1.959963984540054 * n.error / n.estimate),
           n.estimate * exp(1.959963984540054 * n.error / n.estimate)
    FROM (SELECT name, place, parameter($1, name) AS estimate, standard_error($1, name) AS error
          FROM unnest('{r,alpha,a,b,s,beta,gamma,delta}'::text[]) WITH ORDINALITY AS names (name, place)) AS n
    WHERE n.estimate IS NOT NULL ORDER BY n.place;
END;
COMMENT ON FUNCTION parameters(purchase_model) IS
    'The parameters with standard errors and 95 percent intervals (of their logarithms), one row each';

CREATE FUNCTION family(model spend_model) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'model_family';
CREATE FUNCTION parameter(model spend_model, name text) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'model_parameter';
CREATE FUNCTION standard_error(model spend_model, name text) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'model_standard_error';
CREATE FUNCTION covariance(model spend_model, name text, other_name text) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'model_covariance';
CREATE FUNCTION log_likelihood(model spend_model) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'model_log_likelihood';
CREATE FUNCTION aic(model spend_model) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'model_aic';
CREATE FUNCTION bic(model spend_model) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'model_bic';
CREATE FUNCTION customers(model spend_model) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'model_customers';
CREATE FUNCTION converged(model spend_model) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'model_converged';
CREATE FUNCTION boundary(model spend_model) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'model_boundary';
CREATE FUNCTION refund_share(model spend_model) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'spend_model_refund_share';
CREATE FUNCTION frequency_correlation(model spend_model) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'spend_model_correlation';

COMMENT ON FUNCTION family(spend_model) IS 'Name of the family: gamma_gamma';
COMMENT ON FUNCTION parameter(spend_model, text) IS 'A parameter by name: p, q, or v (an amount); NULL for one of another family';
COMMENT ON FUNCTION standard_error(spend_model, text) IS
    'Standard error of a parameter, in its unit; NULL at a boundary and for a model that was not fitted';
COMMENT ON FUNCTION covariance(spend_model, text, text) IS
    'Covariance of two parameters; NULL at a boundary and for a model that was not fitted';
COMMENT ON FUNCTION log_likelihood(spend_model) IS
    'Log-likelihood of the fit; NULL for a model that was not fitted';
COMMENT ON FUNCTION aic(spend_model) IS
    'Akaike information criterion, smaller is better; NULL for a model that was not fitted';
COMMENT ON FUNCTION bic(spend_model) IS
    'Bayesian information criterion, smaller is better; NULL for a model that was not fitted';
COMMENT ON FUNCTION customers(spend_model) IS
    'Customers in the fit, those with repeat purchases; NULL for a model that was not fitted';
COMMENT ON FUNCTION converged(spend_model) IS
    'Whether the fit ended at a maximum; NULL for a model that was not fitted';
COMMENT ON FUNCTION boundary(spend_model) IS
    'What the fit says about limits it ran into, such as a customer always spends the same; NULL for none';
COMMENT ON FUNCTION refund_share(spend_model) IS
    'Refunds as a share of all purchases, 0 to 1, by which clv is reduced; 0 unless fitted to histories';
COMMENT ON FUNCTION frequency_correlation(spend_model) IS
    'Correlation of number and value of repeat purchases, which the model takes to be 0; NULL for a model that was not fitted';

CREATE FUNCTION parameters(model spend_model)
    RETURNS TABLE (parameter text, estimate double precision, standard_error double precision,
                   lower_95 double precision, upper_95 double precision)
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 3
BEGIN ATOMIC
    SELECT n.name, n.estimate, n.error,
           n.estimate * exp(-1.959963984540054 * n.error / n.estimate),
           n.estimate * exp(1.959963984540054 * n.error / n.estimate)
    FROM (SELECT name, place, parameter($1, name) AS estimate, standard_error($1, name) AS error
          FROM unnest('{p,q,v}'::text[]) WITH ORDINALITY AS names (name, place)) AS n
    WHERE n.estimate IS NOT NULL ORDER BY n.place;
END;
COMMENT ON FUNCTION parameters(spend_model) IS
    'The parameters with standard errors and 95 percent intervals (of their logarithms), one row each';

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

-- Training to score, continued: predictions for one customer, by his history or by his statistics.
--
-- Times are in days, discount rates a year, continuous: (1 + rate) ^ (-days / 365.25). NULL in, NULL out; by
-- history also NULL without purchases up to as_of.

CREATE FUNCTION p_alive(model purchase_model, history purchase_history, as_of date) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'p_alive_history';
CREATE FUNCTION p_alive(model purchase_model, repeat_purchases double precision, purchase_span double precision, customer_age double precision) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'p_alive_numbers';
CREATE FUNCTION p_alive_at(model purchase_model, history purchase_history, as_of date, days_ahead double precision) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'p_alive_at_history';
CREATE FUNCTION p_alive_at(model purchase_model, repeat_purchases double precision, purchase_span double precision, customer_age double precision, days_ahead double precision) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'p_alive_at_numbers';
CREATE FUNCTION expected_purchases(model purchase_model, history purchase_history, as_of date, horizon_days double precision DEFAULT 365) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'expected_purchases_history';
CREATE FUNCTION expected_purchases(model purchase_model, repeat_purchases double precision, purchase_span double precision, customer_age double precision, horizon_days double precision DEFAULT 365) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'expected_purchases_numbers';
CREATE FUNCTION expected_purchases_error(model purchase_model, history purchase_history, as_of date, horizon_days double precision DEFAULT 365) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'expected_purchases_error_history';
CREATE FUNCTION expected_purchases_error(model purchase_model, repeat_purchases double precision, purchase_span double precision, customer_age double precision, horizon_days double precision DEFAULT 365) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'expected_purchases_error_numbers';
CREATE FUNCTION purchase_probability(model purchase_model, history purchase_history, as_of date, n bigint, horizon_days double precision DEFAULT 365) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME', 'purchase_probability_history';
CREATE FUNCTION purchase_probability(model purchase_model, repeat_purchases double precision, purchase_span double precision, customer_age double precision, n bigint, horizon_days double precision DEFAULT 365) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME', 'purchase_probability_numbers';
CREATE FUNCTION log_likelihood(model purchase_model, history purchase_history, as_of date) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'log_likelihood_history';
CREATE FUNCTION log_likelihood(model purchase_model, repeat_purchases double precision, purchase_span double precision, customer_age double precision) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 50 AS 'MODULE_PATHNAME', 'log_likelihood_numbers';
CREATE FUNCTION expected_purchases_new(model purchase_model, horizon_days double precision DEFAULT 365) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'expected_purchases_new';
CREATE FUNCTION expected_order_value(model spend_model, history purchase_history, as_of date) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'expected_order_value_history';
CREATE FUNCTION expected_order_value(model spend_model, repeat_purchases double precision, repeat_purchase_value double precision) RETURNS double precision
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'expected_order_value_numbers';
CREATE FUNCTION clv(purchases purchase_model, spend spend_model, history purchase_history, as_of date, horizon_days double precision DEFAULT 365, annual_discount_rate double precision DEFAULT 0.10, margin double precision DEFAULT 1, step_days double precision DEFAULT 0) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME', 'clv_history';
CREATE FUNCTION clv(purchases purchase_model, spend spend_model, repeat_purchases double precision, purchase_span double precision, customer_age double precision, repeat_purchase_value double precision, horizon_days double precision DEFAULT 365, annual_discount_rate double precision DEFAULT 0.10, margin double precision DEFAULT 1, step_days double precision DEFAULT 0) RETURNS double precision
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME', 'clv_numbers';
CREATE FUNCTION residual_clv(purchases purchase_model, spend spend_model, history purchase_history, as_of date, annual_discount_rate double precision DEFAULT 0.10, margin double precision DEFAULT 1) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME', 'residual_clv_history';
CREATE FUNCTION residual_clv(purchases purchase_model, spend spend_model, repeat_purchases double precision, purchase_span double precision, customer_age double precision, repeat_purchase_value double precision, annual_discount_rate double precision DEFAULT 0.10, margin double precision DEFAULT 1) RETURNS double precision
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 200 AS 'MODULE_PATHNAME', 'residual_clv_numbers';

COMMENT ON FUNCTION p_alive(purchase_model, purchase_history, date) IS
    'Probability that the customer has not left, 0 to 1; by a model of opportunities, that he is there at the next one; NULL without purchases';
COMMENT ON FUNCTION p_alive(purchase_model, double precision, double precision, double precision) IS
    'Probability that the customer has not left, 0 to 1; by a model of opportunities, that he is there at the next one';
COMMENT ON FUNCTION p_alive_at(purchase_model, purchase_history, date, double precision) IS
    'Probability that the customer will still be there so many days from now, 0 to 1; NULL without purchases';
COMMENT ON FUNCTION p_alive_at(purchase_model, double precision, double precision, double precision, double precision) IS
    'Probability that the customer will still be there so many days from now, 0 to 1';
COMMENT ON FUNCTION expected_purchases(purchase_model, purchase_history, date, double precision) IS
    'Expected number of purchase days in the next horizon_days, 0 or more; NULL without purchases';
COMMENT ON FUNCTION expected_purchases(purchase_model, double precision, double precision, double precision, double precision) IS
    'Expected number of purchase days in the next horizon_days, 0 or more';
COMMENT ON FUNCTION expected_purchases_error(purchase_model, purchase_history, date, double precision) IS
    'Standard error of expected_purchases, by the delta method, for what is uncertain in the parameters; NULL for a model that was not fitted or is at a boundary; NULL without purchases';
COMMENT ON FUNCTION expected_purchases_error(purchase_model, double precision, double precision, double precision, double precision) IS
    'Standard error of expected_purchases, by the delta method, for what is uncertain in the parameters; NULL for a model that was not fitted or is at a boundary';
COMMENT ON FUNCTION purchase_probability(purchase_model, purchase_history, date, bigint, double precision) IS
    'Probability of exactly n purchase days in the next horizon_days, 0 to 1; NULL without purchases';
COMMENT ON FUNCTION purchase_probability(purchase_model, double precision, double precision, double precision, bigint, double precision) IS
    'Probability of exactly n purchase days in the next horizon_days, 0 to 1';
COMMENT ON FUNCTION log_likelihood(purchase_model, purchase_history, date) IS
    'Log-likelihood of the customer''s purchases; NULL without purchases';
COMMENT ON FUNCTION log_likelihood(purchase_model, double precision, double precision, double precision) IS
    'Log-likelihood of the customer''s purchases';
COMMENT ON FUNCTION expected_purchases_new(purchase_model, double precision) IS
    'Expected number of purchase days after the first of a new customer in horizon_days, 0 or more';
COMMENT ON FUNCTION expected_order_value(spend_model, purchase_history, date) IS
    'Expected gross amount of the customer''s next purchase day; NULL without purchases or amounts, or where the model has no finite mean (p x + q <= 1 for x repeats)';
COMMENT ON FUNCTION expected_order_value(spend_model, double precision, double precision) IS
    'Expected gross amount of the customer''s next purchase day; repeat_purchase_value may be NULL where there are no repeats; NULL where the model has no finite mean (p x + q <= 1 for x repeats)';
COMMENT ON FUNCTION clv(purchase_model, spend_model, purchase_history, date, double precision, double precision, double precision, double precision) IS
    'Lifetime value: expected purchases of the next horizon_days, discounted, times their expected value, margin, and one minus the refund share; step_days above 0 counts purchases at the end of each step; NULL without purchases or amounts';
COMMENT ON FUNCTION clv(purchase_model, spend_model, double precision, double precision, double precision, double precision, double precision, double precision, double precision, double precision) IS
    'Lifetime value: expected purchases of the next horizon_days, discounted, times their expected value, margin, and one minus the refund share; step_days above 0 counts purchases at the end of each step; repeat_purchase_value may be NULL where there are no repeats';
COMMENT ON FUNCTION residual_clv(purchase_model, spend_model, purchase_history, date, double precision, double precision) IS
    'Lifetime value without end: expected purchases from now on, discounted, times their expected value, margin, and one minus the refund share; an error where it is infinite; NULL without purchases or amounts';
COMMENT ON FUNCTION residual_clv(purchase_model, spend_model, double precision, double precision, double precision, double precision, double precision, double precision) IS
    'Lifetime value without end: expected purchases from now on, discounted, times their expected value, margin, and one minus the refund share; an error where it is infinite; repeat_purchase_value may be NULL where there are no repeats';

-- contracts ------------------------------------------------------------------------------------------------

CREATE FUNCTION retention_rate(model purchase_model, renewals integer) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'retention_rate';
CREATE FUNCTION survival_probability(model purchase_model, renewals integer) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'survival_probability';
CREATE FUNCTION expected_renewals(model purchase_model, renewals integer, periods_ahead integer,
                                  discount_rate double precision DEFAULT 0) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'expected_renewals';

COMMENT ON FUNCTION retention_rate(purchase_model, integer) IS
    'Probability that a contract that was renewed so many times is renewed again, 0 to 1';
COMMENT ON FUNCTION survival_probability(purchase_model, integer) IS
    'Probability that a new contract is renewed so many times, 0 to 1';
COMMENT ON FUNCTION expected_renewals(purchase_model, integer, integer, double precision) IS
    'Expected renewals in the next periods of a contract that was renewed so many times, each discounted by (1 + discount_rate) a period';

-- a value among those of a training -------------------------------------------------------------------------

CREATE FUNCTION percentile_of(percentiles double precision[], value double precision) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'percentile_of';
COMMENT ON FUNCTION percentile_of(double precision[], double precision) IS
    'Share of values at or below this one, 0 to 1, given their percentiles as rising numbers from the lowest to the highest value';

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
                   mean_clv double precision, total_clv double precision)
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100000 ROWS 20
    AS 'MODULE_PATHNAME', 'segment_report_wrapper';
COMMENT ON FUNCTION segment_report(text, text) IS
    'The segments of a view, best first, with customers, revenue, their shares (rounded to four digits), average order value, medians, mean and total clv; by any column of the view';

-- These were there before lifetime value, of which they now tell too.
COMMENT ON FUNCTION explain_customer(text, text) IS
    'Why a customer is in a segment and what is expected of him: each measure, the cuts it met, the score and label that followed, then the steps of his lifetime value';
COMMENT ON FUNCTION explain_customer(text, anyelement) IS
    'Why a customer is in a segment and what is expected of him: each measure, the cuts it met, the score and label that followed, then the steps of his lifetime value';

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
    RETURNS TABLE (part text, "group" text, customers bigint, actual double precision,
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
