-- customer_value 0.1.0 to 0.2.0: models of purchases and spend, predictions, lifetime value and matrices in segmentations.
--
-- Its own part, then the fragments that are new, as scripts/upgrade_script.py puts them here until the release;
-- tests/test_upgrade.py holds an upgraded installation against a fresh one.
\echo Use "ALTER EXTENSION customer_value UPDATE" to load this file. \quit
SET LOCAL search_path = customer_value, pg_temp;

-- Gains columns, so it is made anew; a view of yours over it has to be dropped first.
DROP FUNCTION segment_report(text, text);

-- fragments: 07_models.sql 08_fit_models.sql 09_predict.sql 10_value.sql 11_matrices.sql 12_answers.sql 13_matrices_trained.sql 14_matrix_reports.sql

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

-- Score to label, continued: the customer value matrices as rows that a user can read, copy and add to, and the
-- functions that place a customer in them. A class, such as a lifecycle stage, is a matrix with one axis.

-- tables: a matrix has positions, a position has labels by language --------------------------------------------

CREATE FUNCTION rises("numbers" double precision[]) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT $1 = ARRAY(SELECT DISTINCT n FROM pg_catalog.unnest($1) AS n WHERE n > '-infinity' AND n < 'infinity' ORDER BY n);
END;
COMMENT ON FUNCTION rises(double precision[]) IS 'Whether these are finite numbers, each greater than the one before';

CREATE FUNCTION splits_an_axis(split text, cuts double precision[]) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(CASE
        WHEN $1 IN ('median', 'mean') THEN $2 IS NULL
        WHEN $1 = 'given' THEN pg_catalog.cardinality($2) BETWEEN 1 AND 9 AND rises($2)
        WHEN $1 IN ('quantile', 'contribution')
            THEN pg_catalog.cardinality($2) BETWEEN 1 AND 9 AND rises($2) AND 0 < $2[1] AND $2[pg_catalog.cardinality($2)] < 1
    END, false);
END;
COMMENT ON FUNCTION splits_an_axis(text, double precision[]) IS
    'Whether a split and its numbers fit: median and mean have none, given has 1 to 9 rising numbers, quantile and contribution 1 to 9 rising shares between 0 and 1';

CREATE TABLE matrix (
    matrix      text PRIMARY KEY CHECK (matrix ~ '^[a-z][a-z0-9_]{0,55}$'),
    x_axis      text NOT NULL CHECK (length(x_axis) BETWEEN 1 AND 63),
    x_split     text NOT NULL DEFAULT 'median',
    x_cuts      double precision[],
    y_axis      text CHECK (length(y_axis) BETWEEN 1 AND 63),
    y_split     text,
    y_cuts      double precision[],
    view_column text CHECK (view_column ~ '^[a-z][a-z0-9_]{0,55}$'),
    description text NOT NULL DEFAULT '',
    owner       name NOT NULL DEFAULT current_user,
    builtin     boolean NOT NULL DEFAULT false,
    CONSTRAINT matrix_x_cuts_fit_the_split CHECK (splits_an_axis(x_split, x_cuts)),
    CONSTRAINT matrix_y_cuts_fit_the_split CHECK (
        CASE WHEN y_axis IS NULL THEN y_split IS NULL AND y_cuts IS NULL
             ELSE y_split IS NOT NULL AND splits_an_axis(y_split, y_cuts) END)
);

CREATE TABLE matrix_position (
    matrix  text NOT NULL REFERENCES matrix ON UPDATE CASCADE ON DELETE CASCADE,
    x_level smallint NOT NULL CHECK (x_level BETWEEN 1 AND 10),
    y_level smallint NOT NULL DEFAULT 1 CHECK (y_level BETWEEN 1 AND 10),
    code    text NOT NULL CHECK (length(code) BETWEEN 1 AND 63),
    rank    smallint NOT NULL CHECK (rank > 0),
    builtin boolean NOT NULL DEFAULT false,
    PRIMARY KEY (matrix, x_level, y_level),
    UNIQUE (matrix, code),
    UNIQUE (matrix, rank)
);

CREATE TABLE matrix_label (
    matrix   text NOT NULL,
    code     text NOT NULL,
    language text NOT NULL CHECK (language <> ''),
    label    text NOT NULL CHECK (length(label) BETWEEN 1 AND 200),
    action   text NOT NULL DEFAULT '' CHECK (length(action) <= 500),
    builtin  boolean NOT NULL DEFAULT false,
    PRIMARY KEY (matrix, code, language),
    FOREIGN KEY (matrix, code) REFERENCES matrix_position (matrix, code) ON UPDATE CASCADE ON DELETE CASCADE
);

COMMENT ON TABLE matrix IS
    'Customer value matrices and classes: built-in ones, which are read-only, and those of users; check_matrix tells what is missing';
COMMENT ON COLUMN matrix.matrix IS 'Name, as in the option "matrices"';
COMMENT ON COLUMN matrix.x_axis IS 'First axis: a numeric column of the segmentation view or of the customer table';
COMMENT ON COLUMN matrix.x_split IS
    'How it is split into levels: median, mean, quantile (at the shares of customers in x_cuts), given (at the numbers in x_cuts), contribution (where the sum from the highest value down reaches the shares in x_cuts)';
COMMENT ON COLUMN matrix.x_cuts IS 'Rising numbers for the split, one less than levels; NULL for median and mean';
COMMENT ON COLUMN matrix.y_axis IS 'Second axis; NULL for a class with one axis';
COMMENT ON COLUMN matrix.y_split IS 'As x_split';
COMMENT ON COLUMN matrix.y_cuts IS 'As x_cuts';
COMMENT ON COLUMN matrix.view_column IS 'What its column in views is called; NULL: like the matrix';
COMMENT ON COLUMN matrix.description IS 'What it is, in words';
COMMENT ON COLUMN matrix.owner IS 'The role whose members may change it';
COMMENT ON COLUMN matrix.builtin IS 'True for the matrices of the extension';
COMMENT ON TABLE matrix_position IS 'The positions of each matrix';
COMMENT ON COLUMN matrix_position.matrix IS 'The matrix';
COMMENT ON COLUMN matrix_position.x_level IS 'Level of the first axis, 1 = lowest values';
COMMENT ON COLUMN matrix_position.y_level IS 'Level of the second axis, 1 = lowest values; 1 for a class';
COMMENT ON COLUMN matrix_position.code IS 'Stable code, the same in every language';
COMMENT ON COLUMN matrix_position.rank IS 'Rank, 1 = best';
COMMENT ON COLUMN matrix_position.builtin IS 'True for the matrices of the extension';
COMMENT ON TABLE matrix_label IS 'Labels and recommended actions of positions by language';
COMMENT ON COLUMN matrix_label.matrix IS 'The matrix';
COMMENT ON COLUMN matrix_label.code IS 'The position';
COMMENT ON COLUMN matrix_label.language IS 'Language code, as in the option "language": en, zh, …';
COMMENT ON COLUMN matrix_label.label IS 'What a customer in this position is called';
COMMENT ON COLUMN matrix_label.action IS 'What to do, in a line';
COMMENT ON COLUMN matrix_label.builtin IS 'True for the matrices of the extension';

-- the built-in matrices: sql/data/matrices.json, through a function so that this script is plain ASCII ------------

CREATE FUNCTION builtin_matrices() RETURNS text
    LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'builtin_matrices';

INSERT INTO matrix (matrix, x_axis, x_split, x_cuts, y_axis, y_split, y_cuts, view_column, description, builtin)
SELECT m ->> 'matrix', m ->> 'x_axis', m ->> 'x_split', translate(m ->> 'x_cuts', '[]', '{}')::double precision[],
       m ->> 'y_axis', m ->> 'y_split', translate(m ->> 'y_cuts', '[]', '{}')::double precision[],
       m ->> 'view_column', m ->> 'description', true
FROM jsonb_array_elements(builtin_matrices()::jsonb) AS m;

INSERT INTO matrix_position (matrix, x_level, y_level, code, rank, builtin)
SELECT m ->> 'matrix', (p ->> 'x')::smallint, (p ->> 'y')::smallint, p ->> 'code', (p ->> 'rank')::smallint, true
FROM jsonb_array_elements(builtin_matrices()::jsonb) AS m, jsonb_array_elements(m -> 'positions') AS p;

INSERT INTO matrix_label (matrix, code, language, label, action, builtin)
SELECT m ->> 'matrix', p ->> 'code', language, p ->> language, p ->> ('action_' || language), true
FROM jsonb_array_elements(builtin_matrices()::jsonb) AS m, jsonb_array_elements(m -> 'positions') AS p,
     unnest(ARRAY['en', 'zh']) AS language;

DROP FUNCTION builtin_matrices();

-- who may write what: everyone his own matrices, nobody the built-in ones ------------------------------------------

CREATE FUNCTION owns_matrix(matrix text) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT EXISTS (SELECT FROM matrix AS m WHERE m.matrix = $1 AND NOT m.builtin AND is_member_of(m.owner));
END;
COMMENT ON FUNCTION owns_matrix(text) IS
    'Whether the current user may change a matrix: a member of the role that owns it; never a built-in one';

CREATE FUNCTION keep_used_matrix() RETURNS trigger
    LANGUAGE c AS 'MODULE_PATHNAME', 'keep_used_matrix';
COMMENT ON FUNCTION keep_used_matrix() IS 'Refuses to drop or rename a matrix that a segmentation uses';

ALTER TABLE matrix OWNER TO @extowner@;
ALTER TABLE matrix ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON matrix FOR SELECT USING (true);
CREATE POLICY add ON matrix FOR INSERT WITH CHECK (NOT builtin AND is_member_of(owner));
CREATE POLICY change ON matrix FOR UPDATE
    USING (NOT builtin AND is_member_of(owner)) WITH CHECK (NOT builtin AND is_member_of(owner));
CREATE POLICY remove ON matrix FOR DELETE USING (NOT builtin AND is_member_of(owner));
CREATE TRIGGER keep_builtin BEFORE INSERT OR UPDATE OR DELETE ON matrix
    FOR EACH ROW EXECUTE FUNCTION keep_builtin_rows();
CREATE TRIGGER keep_used BEFORE UPDATE OR DELETE ON matrix
    FOR EACH ROW EXECUTE FUNCTION keep_used_matrix();
GRANT SELECT, INSERT, UPDATE, DELETE ON matrix TO PUBLIC;

ALTER TABLE matrix_position OWNER TO @extowner@;
ALTER TABLE matrix_position ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON matrix_position FOR SELECT USING (true);
CREATE POLICY write ON matrix_position USING (owns_matrix(matrix)) WITH CHECK (owns_matrix(matrix));
CREATE TRIGGER keep_builtin BEFORE INSERT OR UPDATE OR DELETE ON matrix_position
    FOR EACH ROW EXECUTE FUNCTION keep_builtin_rows();
GRANT SELECT, INSERT, UPDATE, DELETE ON matrix_position TO PUBLIC;

ALTER TABLE matrix_label OWNER TO @extowner@;
ALTER TABLE matrix_label ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON matrix_label FOR SELECT USING (true);
CREATE POLICY write ON matrix_label USING (owns_matrix(matrix)) WITH CHECK (owns_matrix(matrix));
CREATE TRIGGER keep_builtin BEFORE INSERT OR UPDATE OR DELETE ON matrix_label
    FOR EACH ROW EXECUTE FUNCTION keep_builtin_rows();
GRANT SELECT, INSERT, UPDATE, DELETE ON matrix_label TO PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('matrix', 'WHERE NOT builtin');
SELECT pg_catalog.pg_extension_config_dump('matrix_position', 'WHERE NOT builtin');
SELECT pg_catalog.pg_extension_config_dump('matrix_label', 'WHERE NOT builtin');

COMMENT ON POLICY read ON matrix IS 'Everyone reads all matrices';
COMMENT ON POLICY add ON matrix IS 'Everyone adds matrices of his own';
COMMENT ON POLICY change ON matrix IS 'Owners change their matrices';
COMMENT ON POLICY remove ON matrix IS 'Owners remove their matrices';
COMMENT ON POLICY read ON matrix_position IS 'Everyone reads all matrices';
COMMENT ON POLICY write ON matrix_position IS 'Owners change their matrices';
COMMENT ON POLICY read ON matrix_label IS 'Everyone reads all matrices';
COMMENT ON POLICY write ON matrix_label IS 'Owners change their matrices';
COMMENT ON TRIGGER keep_builtin ON matrix IS 'Built-in rows are read-only';
COMMENT ON TRIGGER keep_used ON matrix IS 'A matrix that a segmentation uses stays';
COMMENT ON TRIGGER keep_builtin ON matrix_position IS 'Built-in rows are read-only';
COMMENT ON TRIGGER keep_builtin ON matrix_label IS 'Built-in rows are read-only';

-- is a matrix whole? -------------------------------------------------------------------------------------------

CREATE FUNCTION matrix_levels(matrix text, axis text DEFAULT 'x') RETURNS integer
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'matrix_levels';
COMMENT ON FUNCTION matrix_levels(text, text) IS
    'Levels of an axis, x or y, of a matrix; 1 for the y axis of a class; an error if there is no such matrix';

CREATE FUNCTION check_matrix(matrix text)
    RETURNS TABLE (x_level integer, y_level integer, code text, problem text)
    LANGUAGE sql STABLE PARALLEL SAFE COST 1000
BEGIN ATOMIC
    SELECT coalesce(x, p.x_level), coalesce(y, p.y_level), p.code,
           CASE WHEN p.code IS NULL THEN 'no position' WHEN x IS NULL THEN 'outside the matrix'
                WHEN l.languages IS NULL THEN 'no label' ELSE 'no label in ' || array_to_string(l.missing, ', ') END
    FROM (SELECT x, y FROM generate_series(1, matrix_levels($1)) AS x, generate_series(1, matrix_levels($1, 'y')) AS y) AS cell
    FULL JOIN (SELECT * FROM matrix_position AS p WHERE p.matrix = $1) AS p ON p.x_level = x AND p.y_level = y
    LEFT JOIN LATERAL (
        SELECT array_agg(l.language) AS languages,
               ARRAY(SELECT DISTINCT o.language FROM matrix_label AS o WHERE o.matrix = $1
                     EXCEPT SELECT h.language FROM matrix_label AS h WHERE h.matrix = $1 AND h.code = p.code ORDER BY 1) AS missing
        FROM matrix_label AS l WHERE l.matrix = $1 AND l.code = p.code
    ) AS l ON true
    WHERE p.code IS NULL OR x IS NULL OR l.languages IS NULL OR l.missing <> '{}'
    ORDER BY 1, 2, 3;
END;
COMMENT ON FUNCTION check_matrix(text) IS
    'What is missing in a matrix: places without a position, positions outside it, and positions without a label, or without one in a language that others have; no rows when it is whole';

-- placing: high is at or beyond a cut ------------------------------------------------------------------------------

CREATE FUNCTION quadrant(x double precision, y double precision, x_cut double precision, y_cut double precision) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'quadrant';
COMMENT ON FUNCTION quadrant(double precision, double precision, double precision, double precision) IS
    'Where two numbers lie against a cut each: high_high, high_low, low_high or low_low, x first; high is at or above the cut; NULL for NULL or NaN';

CREATE FUNCTION level_of(value double precision, cuts double precision[]) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'level_of';
COMMENT ON FUNCTION level_of(double precision, double precision[]) IS
    'One plus the number of rising cuts that a value reaches; NULL for NULL or NaN';

CREATE FUNCTION place_of(x double precision, x_cuts double precision[]) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'level_of';
CREATE FUNCTION place_of(x double precision, x_cuts double precision[], y double precision, y_cuts double precision[]) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'place_of';
COMMENT ON FUNCTION place_of(double precision, double precision[]) IS
    'Place in the arrays of training_matrix of a customer in a class: the level of his value; NULL for NULL or NaN';
COMMENT ON FUNCTION place_of(double precision, double precision[], double precision, double precision[]) IS
    'Place in the arrays of training_matrix of a customer in a matrix: level by level of x, within it by those of y; NULL for NULL or NaN';

CREATE FUNCTION matrix_label_of(matrix text, x_level integer, y_level integer DEFAULT 1, language text DEFAULT 'en') RETURNS text
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'matrix_label_of';
CREATE FUNCTION matrix_label_of(matrix text, quadrant text, language text DEFAULT 'en') RETURNS text
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'matrix_label_of_quadrant';
CREATE FUNCTION matrix_code_of(matrix text, x_level integer, y_level integer DEFAULT 1) RETURNS text
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'matrix_code_of';
CREATE FUNCTION matrix_action_of(matrix text, code text, language text DEFAULT 'en') RETURNS text
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'matrix_action_of';
COMMENT ON FUNCTION matrix_label_of(text, integer, integer, text) IS
    'Label of the position at these levels (1 = lowest values) in a language, else in English, else its code; NULL where the matrix has no such position';
COMMENT ON FUNCTION matrix_label_of(text, text, text) IS
    'Label of a quadrant, as quadrant(...) gives it, in a matrix of two by two levels; an error for any other matrix';
COMMENT ON FUNCTION matrix_code_of(text, integer, integer) IS
    'Stable code of the position at these levels (1 = lowest values); NULL where the matrix has no such position';
COMMENT ON FUNCTION matrix_action_of(text, text, text) IS
    'Recommended action of a position by its code, in a language, else in English; NULL where the matrix has no such position';

-- classes ------------------------------------------------------------------------------------------------------

CREATE FUNCTION abc_class(revenue double precision, a_cut double precision, b_cut double precision) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'abc_class';
COMMENT ON FUNCTION abc_class(double precision, double precision, double precision) IS
    'A from a_cut, B from b_cut, else C; no revenue is C';

CREATE FUNCTION lifecycle_level(history purchase_history, as_of date, at_risk_days double precision,
                                lapsed_days double precision, loyal_days double precision) RETURNS smallint
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'lifecycle_level';
CREATE FUNCTION lifecycle_stage(history purchase_history, as_of date, at_risk_days double precision,
                                lapsed_days double precision, loyal_days double precision DEFAULT 3) RETURNS text
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'lifecycle_stage';
COMMENT ON FUNCTION lifecycle_level(purchase_history, date, double precision, double precision, double precision) IS
    'Level of lifecycle_stage(...) in the class lifecycle, 1 = best';
COMMENT ON FUNCTION lifecycle_stage(purchase_history, date, double precision, double precision, double precision) IS
    'Code of the lifecycle stage, the first rule that holds: prospect (no purchase), lapsed (more than lapsed_days since the last), reactivated (a gap of more than lapsed_days before the last), at_risk (two or more purchase days, more than at_risk_days since the last), loyal (loyal_days purchase days or more), repeat (two or more), first_time; a NULL limit never holds';

CREATE FUNCTION decline_probability(history purchase_history, as_of date, window_days integer DEFAULT 90) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'decline_probability';
CREATE FUNCTION declining(history purchase_history, as_of date, window_days integer DEFAULT 90) RETURNS boolean
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'declining';
COMMENT ON FUNCTION decline_probability(purchase_history, date, integer) IS
    'Chance that so few purchase days, or fewer, fall into the last window_days, had the customer bought evenly since the first: a binomial tail; NULL without purchases, or for customers not known for longer than the window';
COMMENT ON FUNCTION declining(purchase_history, date, integer) IS
    'Whether decline_probability is below 0.05; false where it is NULL for want of time, NULL without purchases';

-- axes -----------------------------------------------------------------------------------------------------------

CREATE FUNCTION current_value(history purchase_history, as_of date, window_days integer DEFAULT 365,
                              margin double precision DEFAULT 1) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'current_value';
CREATE FUNCTION loyalty(history purchase_history, as_of date, model purchase_model, days_percentiles double precision[],
                        span_percentiles double precision[]) RETURNS double precision
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 60 AS 'MODULE_PATHNAME', 'loyalty';
CREATE FUNCTION value_score(history purchase_history, as_of date, frequency_percentiles double precision[],
                            revenue_percentiles double precision[]) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'value_score';
CREATE FUNCTION exact_amount(amount double precision) RETURNS numeric
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'exact_amount_float8';
CREATE FUNCTION exact_amount(amount real) RETURNS numeric
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'exact_amount_float4';
COMMENT ON FUNCTION exact_amount(double precision) IS 'An amount by its shortest decimal form, whatever the settings of the session; an error for NaN and infinity';
COMMENT ON FUNCTION exact_amount(real) IS 'An amount by its shortest decimal form, whatever the settings of the session; an error for NaN and infinity';
CREATE FUNCTION to_double(amount numeric) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'to_double';
COMMENT ON FUNCTION current_value(purchase_history, date, integer, double precision) IS
    'Net revenue of the last window_days up to as_of times margin; NULL without amounts';
COMMENT ON FUNCTION loyalty(purchase_history, date, purchase_model, double precision[], double precision[]) IS
    'Mean of the percentiles of purchase days and of days from the first to the last purchase, and of p_alive unless the model is NULL, 0 to 1; NULL without purchases';
COMMENT ON FUNCTION value_score(purchase_history, date, double precision[], double precision[]) IS
    'Mean of the percentiles of the number of orders and of net revenue, 0 to 1; NULL without purchases or amounts';
COMMENT ON FUNCTION to_double(numeric) IS 'The nearest double of an amount, as a cast gives it, only faster; NULL for NaN and infinity';

CREATE FUNCTION weighted_index("values" double precision[], weights double precision[]) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'weighted_index';
COMMENT ON FUNCTION weighted_index(double precision[], double precision[]) IS
    'Weighted mean of values, such as trained percentiles; a value that is NULL drops out with its weight; NULL where all do';

-- Aggregates that work alone in any query: survey answers, engagement, concentration. The result does not depend on
-- the order of rows or the number of workers.

-- survey answers -----------------------------------------------------------------------------------------------

CREATE FUNCTION csat_add(internal, double precision) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'csat_add';
CREATE FUNCTION nps_add(internal, double precision) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'nps_add';
CREATE FUNCTION ces_add(internal, double precision) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ces_add';
CREATE FUNCTION tally_combine(internal, internal) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'tally_combine';
CREATE FUNCTION tally_serialize(internal) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tally_serialize';
CREATE FUNCTION tally_deserialize(bytea, internal) RETURNS internal
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'tally_deserialize';
CREATE FUNCTION tally_mean_finish(internal) RETURNS double precision
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'tally_mean';
CREATE FUNCTION tally_share_error_finish(internal) RETURNS double precision
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'tally_share_error';
CREATE FUNCTION tally_mean_error_finish(internal) RETURNS double precision
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'tally_mean_error';
COMMENT ON FUNCTION csat_add(internal, double precision) IS 'Adds an answer; part of csat';
COMMENT ON FUNCTION nps_add(internal, double precision) IS 'Adds an answer; part of nps';
COMMENT ON FUNCTION ces_add(internal, double precision) IS 'Adds an answer; part of ces';
COMMENT ON FUNCTION tally_combine(internal, internal) IS 'Joins two states; part of csat, nps and ces';
COMMENT ON FUNCTION tally_serialize(internal) IS 'State to bytes; part of csat, nps and ces';
COMMENT ON FUNCTION tally_deserialize(bytea, internal) IS 'Bytes to state; part of csat, nps and ces';
COMMENT ON FUNCTION tally_mean_finish(internal) IS 'State to result; part of csat, nps and ces';
COMMENT ON FUNCTION tally_share_error_finish(internal) IS 'State to standard error; part of csat_error and nps_error';
COMMENT ON FUNCTION tally_mean_error_finish(internal) IS 'State to standard error; part of ces_error';

CREATE AGGREGATE csat(double precision) (
    SFUNC = csat_add, STYPE = internal, SSPACE = 32, FINALFUNC = tally_mean_finish,
    COMBINEFUNC = tally_combine, SERIALFUNC = tally_serialize, DESERIALFUNC = tally_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE csat(double precision) IS 'Customer satisfaction: share of answers of 4 or 5 on a scale of 1 to 5, 0 to 1; NULL without answers';
CREATE AGGREGATE csat_error(double precision) (
    SFUNC = csat_add, STYPE = internal, SSPACE = 32, FINALFUNC = tally_share_error_finish,
    COMBINEFUNC = tally_combine, SERIALFUNC = tally_serialize, DESERIALFUNC = tally_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE csat_error(double precision) IS 'Standard error of csat: sqrt(p (1 - p) / n)';
CREATE AGGREGATE nps(double precision) (
    SFUNC = nps_add, STYPE = internal, SSPACE = 32, FINALFUNC = tally_mean_finish,
    COMBINEFUNC = tally_combine, SERIALFUNC = tally_serialize, DESERIALFUNC = tally_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE nps(double precision) IS 'Net promoter score: share of answers of 9 or 10 less that of 0 to 6, on a scale of 0 to 10; -1 to 1, times 100 for the usual figure; NULL without answers';
CREATE AGGREGATE nps_error(double precision) (
    SFUNC = nps_add, STYPE = internal, SSPACE = 32, FINALFUNC = tally_share_error_finish,
    COMBINEFUNC = tally_combine, SERIALFUNC = tally_serialize, DESERIALFUNC = tally_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE nps_error(double precision) IS 'Standard error of nps: sqrt((promoters + detractors - nps^2) / n), shares';
CREATE AGGREGATE ces(double precision) (
    SFUNC = ces_add, STYPE = internal, SSPACE = 32, FINALFUNC = tally_mean_finish,
    COMBINEFUNC = tally_combine, SERIALFUNC = tally_serialize, DESERIALFUNC = tally_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE ces(double precision) IS 'Customer effort score: mean of answers on a scale of 1 to 7; NULL without answers';
CREATE AGGREGATE ces_error(double precision) (
    SFUNC = ces_add, STYPE = internal, SSPACE = 32, FINALFUNC = tally_mean_error_finish,
    COMBINEFUNC = tally_combine, SERIALFUNC = tally_serialize, DESERIALFUNC = tally_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE ces_error(double precision) IS 'Standard error of ces: sample standard deviation / sqrt(n); NULL for one answer';

-- engagement ----------------------------------------------------------------------------------------------------

CREATE FUNCTION engagement_add(internal, timestamptz, date) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'engagement_add_timestamptz';
CREATE FUNCTION engagement_add(internal, timestamptz, double precision, date) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'engagement_add_timestamptz';
CREATE FUNCTION engagement_add(internal, timestamptz, double precision, date, double precision) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'engagement_add_timestamptz';
CREATE FUNCTION engagement_add(internal, timestamp, date) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'engagement_add_timestamp';
CREATE FUNCTION engagement_add(internal, timestamp, double precision, date) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'engagement_add_timestamp';
CREATE FUNCTION engagement_add(internal, timestamp, double precision, date, double precision) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'engagement_add_timestamp';
CREATE FUNCTION engagement_add(internal, date, date) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'engagement_add_date';
CREATE FUNCTION engagement_add(internal, date, double precision, date) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'engagement_add_date';
CREATE FUNCTION engagement_add(internal, date, double precision, date, double precision) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'engagement_add_date';
CREATE FUNCTION engagement_add(internal, timestamptz, double precision, date, double precision, text) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'engagement_add_timestamptz';
COMMENT ON FUNCTION engagement_add(internal, timestamptz, date) IS 'Adds an event; part of engagement';
COMMENT ON FUNCTION engagement_add(internal, timestamptz, double precision, date) IS 'Adds an event; part of engagement';
COMMENT ON FUNCTION engagement_add(internal, timestamptz, double precision, date, double precision) IS 'Adds an event; part of engagement';
COMMENT ON FUNCTION engagement_add(internal, timestamp, date) IS 'Adds an event; part of engagement';
COMMENT ON FUNCTION engagement_add(internal, timestamp, double precision, date) IS 'Adds an event; part of engagement';
COMMENT ON FUNCTION engagement_add(internal, timestamp, double precision, date, double precision) IS 'Adds an event; part of engagement';
COMMENT ON FUNCTION engagement_add(internal, date, date) IS 'Adds an event; part of engagement';
COMMENT ON FUNCTION engagement_add(internal, date, double precision, date) IS 'Adds an event; part of engagement';
COMMENT ON FUNCTION engagement_add(internal, date, double precision, date, double precision) IS 'Adds an event; part of engagement';
COMMENT ON FUNCTION engagement_add(internal, timestamptz, double precision, date, double precision, text) IS 'Adds an event; part of engagement';
CREATE FUNCTION engagement_combine(internal, internal) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'engagement_combine';
CREATE FUNCTION engagement_serialize(internal) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'engagement_serialize';
CREATE FUNCTION engagement_deserialize(bytea, internal) RETURNS internal
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'engagement_deserialize';
CREATE FUNCTION engagement_finish(internal) RETURNS double precision
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'engagement_finish';
COMMENT ON FUNCTION engagement_combine(internal, internal) IS 'Joins two states; part of engagement';
COMMENT ON FUNCTION engagement_serialize(internal) IS 'State to bytes; part of engagement';
COMMENT ON FUNCTION engagement_deserialize(bytea, internal) IS 'Bytes to state; part of engagement';
COMMENT ON FUNCTION engagement_finish(internal) IS 'State to result; part of engagement';

CREATE AGGREGATE engagement(timestamptz, date) (
    SFUNC = engagement_add, STYPE = internal, SSPACE = 64, FINALFUNC = engagement_finish,
    COMBINEFUNC = engagement_combine, SERIALFUNC = engagement_serialize, DESERIALFUNC = engagement_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE engagement(timestamptz, date) IS
    'Engagement (at, as_of): each event weighs 1: the sum of weights of events up to as_of, each halved for every half-life since, 30 days unless given; to 1e-18 an event; NULL without events up to as_of';
CREATE AGGREGATE engagement(timestamptz, double precision, date) (
    SFUNC = engagement_add, STYPE = internal, SSPACE = 64, FINALFUNC = engagement_finish,
    COMBINEFUNC = engagement_combine, SERIALFUNC = engagement_serialize, DESERIALFUNC = engagement_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE engagement(timestamptz, double precision, date) IS
    'Engagement (at, weight, as_of): the sum of weights of events up to as_of, each halved for every half-life since, 30 days unless given; to 1e-18 an event; NULL without events up to as_of';
CREATE AGGREGATE engagement(timestamptz, double precision, date, double precision) (
    SFUNC = engagement_add, STYPE = internal, SSPACE = 64, FINALFUNC = engagement_finish,
    COMBINEFUNC = engagement_combine, SERIALFUNC = engagement_serialize, DESERIALFUNC = engagement_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE engagement(timestamptz, double precision, date, double precision) IS
    'Engagement (at, weight, as_of, half_life_days): the sum of weights of events up to as_of, each halved for every half-life since, 30 days unless given; to 1e-18 an event; NULL without events up to as_of';
CREATE AGGREGATE engagement(timestamp, date) (
    SFUNC = engagement_add, STYPE = internal, SSPACE = 64, FINALFUNC = engagement_finish,
    COMBINEFUNC = engagement_combine, SERIALFUNC = engagement_serialize, DESERIALFUNC = engagement_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE engagement(timestamp, date) IS
    'Engagement (at, as_of): each event weighs 1: the sum of weights of events up to as_of, each halved for every half-life since, 30 days unless given; to 1e-18 an event; NULL without events up to as_of';
CREATE AGGREGATE engagement(timestamp, double precision, date) (
    SFUNC = engagement_add, STYPE = internal, SSPACE = 64, FINALFUNC = engagement_finish,
    COMBINEFUNC = engagement_combine, SERIALFUNC = engagement_serialize, DESERIALFUNC = engagement_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE engagement(timestamp, double precision, date) IS
    'Engagement (at, weight, as_of): the sum of weights of events up to as_of, each halved for every half-life since, 30 days unless given; to 1e-18 an event; NULL without events up to as_of';
CREATE AGGREGATE engagement(timestamp, double precision, date, double precision) (
    SFUNC = engagement_add, STYPE = internal, SSPACE = 64, FINALFUNC = engagement_finish,
    COMBINEFUNC = engagement_combine, SERIALFUNC = engagement_serialize, DESERIALFUNC = engagement_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE engagement(timestamp, double precision, date, double precision) IS
    'Engagement (at, weight, as_of, half_life_days): the sum of weights of events up to as_of, each halved for every half-life since, 30 days unless given; to 1e-18 an event; NULL without events up to as_of';
CREATE AGGREGATE engagement(date, date) (
    SFUNC = engagement_add, STYPE = internal, SSPACE = 64, FINALFUNC = engagement_finish,
    COMBINEFUNC = engagement_combine, SERIALFUNC = engagement_serialize, DESERIALFUNC = engagement_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE engagement(date, date) IS
    'Engagement (at, as_of): each event weighs 1: the sum of weights of events up to as_of, each halved for every half-life since, 30 days unless given; to 1e-18 an event; NULL without events up to as_of';
CREATE AGGREGATE engagement(date, double precision, date) (
    SFUNC = engagement_add, STYPE = internal, SSPACE = 64, FINALFUNC = engagement_finish,
    COMBINEFUNC = engagement_combine, SERIALFUNC = engagement_serialize, DESERIALFUNC = engagement_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE engagement(date, double precision, date) IS
    'Engagement (at, weight, as_of): the sum of weights of events up to as_of, each halved for every half-life since, 30 days unless given; to 1e-18 an event; NULL without events up to as_of';
CREATE AGGREGATE engagement(date, double precision, date, double precision) (
    SFUNC = engagement_add, STYPE = internal, SSPACE = 64, FINALFUNC = engagement_finish,
    COMBINEFUNC = engagement_combine, SERIALFUNC = engagement_serialize, DESERIALFUNC = engagement_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE engagement(date, double precision, date, double precision) IS
    'Engagement (at, weight, as_of, half_life_days): the sum of weights of events up to as_of, each halved for every half-life since, 30 days unless given; to 1e-18 an event; NULL without events up to as_of';
CREATE AGGREGATE engagement(timestamptz, double precision, date, double precision, text) (
    SFUNC = engagement_add, STYPE = internal, SSPACE = 64, FINALFUNC = engagement_finish,
    COMBINEFUNC = engagement_combine, SERIALFUNC = engagement_serialize, DESERIALFUNC = engagement_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE engagement(timestamptz, double precision, date, double precision, text) IS
    'Engagement (at, weight, as_of, half_life_days, time_zone): the sum of weights of events up to as_of, each halved for every half-life since, 30 days unless given; to 1e-18 an event; NULL without events up to as_of';

-- concentration ---------------------------------------------------------------------------------------------------

CREATE FUNCTION gini_add(internal, double precision) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'gini_add';
CREATE FUNCTION gini_finish(internal) RETURNS double precision
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'gini_finish';
CREATE AGGREGATE gini(double precision) (
    SFUNC = gini_add, STYPE = internal, SSPACE = 8192,
    FINALFUNC = gini_finish, PARALLEL = SAFE
);
COMMENT ON FUNCTION gini_add(internal, double precision) IS 'Adds a value; part of gini';
COMMENT ON FUNCTION gini_finish(internal) IS 'State to result; part of gini';
COMMENT ON AGGREGATE gini(double precision) IS
    'Gini coefficient of values: 0 where all are equal, near 1 where one has all; negative values count as 0, NULL, NaN and infinite ones not at all; NULL where nobody has any';

-- Label to view, continued: the matrices in segmentations. Training keeps what it found of each axis and matrix.

CREATE FUNCTION train_axis_add(internal, double precision, text, double precision[]) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'train_axis_add';
CREATE FUNCTION train_axis_finish(internal) RETURNS text
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'train_axis_finish';
CREATE AGGREGATE train_axis(double precision, text, double precision[]) (
    SFUNC = train_axis_add, STYPE = internal, SSPACE = 65536,
    FINALFUNC = train_axis_finish, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = SAFE
);
CREATE FUNCTION train_gaps_add(internal, purchase_history, date) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'train_gaps_add';
CREATE FUNCTION train_gaps_finish(internal) RETURNS text
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'train_gaps_finish';
CREATE AGGREGATE train_gaps(purchase_history, date) (
    SFUNC = train_gaps_add, STYPE = internal, SSPACE = 65536, FINALFUNC = train_gaps_finish, PARALLEL = SAFE
);
COMMENT ON FUNCTION train_axis_add(internal, double precision, text, double precision[]) IS 'Adds a value; part of train_axis';
COMMENT ON FUNCTION train_axis_finish(internal) IS 'State to result; part of train_axis';
COMMENT ON AGGREGATE train_axis(double precision, text, double precision[]) IS
    'What training finds of an axis, as JSON: (value, split, numbers) to customers, mean, percentiles 0 to 100, cuts';
COMMENT ON FUNCTION train_gaps_add(internal, purchase_history, date) IS 'Adds a customer; part of train_gaps';
COMMENT ON FUNCTION train_gaps_finish(internal) IS 'State to result; part of train_gaps';
COMMENT ON AGGREGATE train_gaps(purchase_history, date) IS
    'What training finds of the days between purchase days, as JSON: (history, as_of)';

-- tables ---------------------------------------------------------------------------------------------------------

ALTER TABLE training ADD COLUMN left_out jsonb;
COMMENT ON COLUMN training.left_out IS
    'Rows of the optional inputs that do not count, by reason; NULL without such inputs';

CREATE TABLE training_axis (
    segmentation uuid NOT NULL,
    axis         text NOT NULL,
    number       integer NOT NULL,
    customers    bigint NOT NULL,
    mean         double precision,
    percentiles  double precision[],
    PRIMARY KEY (segmentation, axis, number),
    FOREIGN KEY (segmentation, number) REFERENCES training ON DELETE CASCADE
);
-- read for each customer, so never toasted
ALTER TABLE training_axis ALTER COLUMN percentiles SET STORAGE PLAIN;

CREATE TABLE training_matrix (
    segmentation uuid NOT NULL,
    matrix       text NOT NULL,
    number       integer NOT NULL,
    x_axis       text NOT NULL,
    x_cuts       double precision[],
    y_axis       text,
    y_cuts       double precision[],
    codes        text[] NOT NULL,
    labels       text[] NOT NULL,
    ranks        smallint[] NOT NULL,
    language     text NOT NULL,
    PRIMARY KEY (segmentation, matrix, number),
    FOREIGN KEY (segmentation, number) REFERENCES training ON DELETE CASCADE
);

COMMENT ON TABLE training_axis IS
    'What each training found of the axes of matrices and classes, over the customers with purchases';
COMMENT ON COLUMN training_axis.segmentation IS 'The segmentation';
COMMENT ON COLUMN training_axis.axis IS 'The axis: a column of the view or of the customer table, or what a class needs';
COMMENT ON COLUMN training_axis.number IS 'The training';
COMMENT ON COLUMN training_axis.customers IS 'Customers with a value (for purchase_gap: gaps)';
COMMENT ON COLUMN training_axis.mean IS 'Mean of the values; NULL without any';
COMMENT ON COLUMN training_axis.percentiles IS 'The 0th to the 100th percentile, 101 numbers; NULL without values';
COMMENT ON TABLE training_matrix IS
    'The cuts that each training found for matrices and classes, and their labels in the language of the segmentation';
COMMENT ON COLUMN training_matrix.segmentation IS 'The segmentation';
COMMENT ON COLUMN training_matrix.matrix IS 'The matrix';
COMMENT ON COLUMN training_matrix.number IS 'The training';
COMMENT ON COLUMN training_matrix.x_axis IS 'First axis';
COMMENT ON COLUMN training_matrix.x_cuts IS 'Its cuts, rising; NULL where nobody has a value';
COMMENT ON COLUMN training_matrix.y_axis IS 'Second axis; NULL for a class';
COMMENT ON COLUMN training_matrix.y_cuts IS 'Its cuts';
COMMENT ON COLUMN training_matrix.codes IS 'Codes of the positions, in the order of place_of(...)';
COMMENT ON COLUMN training_matrix.labels IS 'Their labels';
COMMENT ON COLUMN training_matrix.ranks IS 'Their ranks';
COMMENT ON COLUMN training_matrix.language IS 'The language of the labels';

ALTER TABLE training_axis OWNER TO @extowner@;
ALTER TABLE training_axis ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON training_axis FOR SELECT USING (true);
CREATE POLICY write ON training_axis
    USING (owns_segmentation(segmentation)) WITH CHECK (owns_segmentation(segmentation));
GRANT SELECT, INSERT, UPDATE, DELETE ON training_axis TO PUBLIC;
COMMENT ON POLICY read ON training_axis IS 'Population figures are for everyone';
COMMENT ON POLICY write ON training_axis IS 'Owners of a view write its trainings';

ALTER TABLE training_matrix OWNER TO @extowner@;
ALTER TABLE training_matrix ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON training_matrix FOR SELECT USING (true);
CREATE POLICY write ON training_matrix
    USING (owns_segmentation(segmentation)) WITH CHECK (owns_segmentation(segmentation));
GRANT SELECT, INSERT, UPDATE, DELETE ON training_matrix TO PUBLIC;
COMMENT ON POLICY read ON training_matrix IS 'Population figures are for everyone';
COMMENT ON POLICY write ON training_matrix IS 'Owners of a view write its trainings';

SELECT pg_catalog.pg_extension_config_dump('training_axis',
    'WHERE EXISTS (SELECT FROM customer_value.segmentation AS s JOIN pg_catalog.pg_class AS c ON c.oid = s.view WHERE s.id = segmentation)');
SELECT pg_catalog.pg_extension_config_dump('training_matrix',
    'WHERE EXISTS (SELECT FROM customer_value.segmentation AS s JOIN pg_catalog.pg_class AS c ON c.oid = s.view WHERE s.id = segmentation)');

-- Label to view, continued: reports that read the whole of a segmentation. All with the rights of whoever asks.

CREATE FUNCTION segment_playbook(view text, by text DEFAULT 'growth_quadrant', language text DEFAULT NULL)
    RETURNS TABLE (segment text, code text, rank integer, customers bigint, customer_share double precision,
                   revenue numeric, revenue_share double precision, mean_clv double precision, total_clv double precision,
                   action text)
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 100000 ROWS 10
    AS 'MODULE_PATHNAME', 'segment_playbook_wrapper';
COMMENT ON FUNCTION segment_playbook(text, text, text) IS
    'Each position of a matrix, class or RFM scheme, best first, also those without customers, with its size, value and recommended action, in a language (default: that of the segmentation); customers without a position come last, with the reason as the action';

CREATE FUNCTION segment_crosstab(view text, "rows" text, "columns" text)
    RETURNS TABLE (row_label text, column_label text, customers bigint, share double precision, share_of_row double precision,
                   share_of_column double precision, revenue numeric, mean_clv double precision)
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100000 ROWS 100
    AS 'MODULE_PATHNAME', 'segment_crosstab_wrapper';
COMMENT ON FUNCTION segment_crosstab(text, text, text) IS
    'Two label columns of a view against each other: customers in each combination, also those without any in tables of up to 100,000 cells, with their shares, revenue and mean clv; psql draws it with \crosstabview row_label column_label customers';

CREATE FUNCTION segment_profile(view text, dimension text, by text DEFAULT 'rfm_segment', smallest integer DEFAULT 10)
    RETURNS TABLE (segment text, value text, customers bigint, share_of_segment double precision, share_of_all double precision,
                   index double precision, expected double precision, residual double precision, p_value double precision,
                   adjusted_p_value double precision, chi_square double precision, degrees_of_freedom bigint,
                   table_p_value double precision, cramers_v double precision, smallest_expected double precision)
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100000 ROWS 100
    AS 'MODULE_PATHNAME', 'segment_profile_wrapper';
COMMENT ON FUNCTION segment_profile(text, text, text, integer) IS
    'Where a segment is over- or under-represented: for each segment and value of a column of the view or the customer table, customers, shares, index (100 = as in the whole), expected customers, adjusted residual with its p-value (Holm-adjusted besides), and the chi-square test of the table with the smallest expected count (below 5 it is doubtful); values with fewer customers than smallest are left out';

CREATE FUNCTION contact_list(view text, most integer DEFAULT 100, overdue double precision DEFAULT 1)
    RETURNS TABLE (customer text, last_purchase date, recency_days integer, typical_gap double precision,
                   overdue_days double precision, p_alive double precision, clv double precision, revenue numeric,
                   segment text)
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100000 ROWS 100
    AS 'MODULE_PATHNAME', 'contact_list_wrapper';
COMMENT ON FUNCTION contact_list(text, integer, double precision) IS
    'Customers whose last purchase is longer ago than so many of their typical gaps, highest clv first: whom to call';
