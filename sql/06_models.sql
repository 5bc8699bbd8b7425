-- Training, continued: the types that hold models, and what is read from them.

CREATE TYPE purchase_model;
CREATE TYPE spend_model;

CREATE FUNCTION customer_value_internal.purchase_model_in(cstring) RETURNS purchase_model
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'purchase_model_in';
CREATE FUNCTION customer_value_internal.purchase_model_out(purchase_model) RETURNS cstring
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'model_out';
CREATE FUNCTION customer_value_internal.purchase_model_recv(internal) RETURNS purchase_model
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'purchase_model_recv';
CREATE FUNCTION customer_value_internal.purchase_model_send(purchase_model) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'model_send';
CREATE FUNCTION customer_value_internal.spend_model_in(cstring) RETURNS spend_model
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'spend_model_in';
CREATE FUNCTION customer_value_internal.spend_model_out(spend_model) RETURNS cstring
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'model_out';
CREATE FUNCTION customer_value_internal.spend_model_recv(internal) RETURNS spend_model
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'spend_model_recv';
CREATE FUNCTION customer_value_internal.spend_model_send(spend_model) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'model_send';

-- Never toasted: a model is read once for each prediction.
CREATE TYPE purchase_model (
    INPUT = customer_value_internal.purchase_model_in,
    OUTPUT = customer_value_internal.purchase_model_out,
    RECEIVE = customer_value_internal.purchase_model_recv,
    SEND = customer_value_internal.purchase_model_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = plain
);
CREATE TYPE spend_model (
    INPUT = customer_value_internal.spend_model_in,
    OUTPUT = customer_value_internal.spend_model_out,
    RECEIVE = customer_value_internal.spend_model_recv,
    SEND = customer_value_internal.spend_model_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = double,
    STORAGE = plain
);

COMMENT ON TYPE purchase_model IS
    'How customers buy and leave: family and parameters, in days, and what is known of the fit; text form JSON';
COMMENT ON TYPE spend_model IS
    'What a purchase is worth (Gamma-Gamma): parameters and what is known of the fit; text form JSON';
COMMENT ON FUNCTION customer_value_internal.purchase_model_in(cstring) IS 'Text (JSON) to purchase_model';
COMMENT ON FUNCTION customer_value_internal.purchase_model_out(purchase_model) IS 'purchase_model to text (JSON)';
COMMENT ON FUNCTION customer_value_internal.purchase_model_recv(internal) IS 'Binary to purchase_model';
COMMENT ON FUNCTION customer_value_internal.purchase_model_send(purchase_model) IS
    'purchase_model to binary; the first byte is the version';
COMMENT ON FUNCTION customer_value_internal.spend_model_in(cstring) IS 'Text (JSON) to spend_model';
COMMENT ON FUNCTION customer_value_internal.spend_model_out(spend_model) IS 'spend_model to text (JSON)';
COMMENT ON FUNCTION customer_value_internal.spend_model_recv(internal) IS 'Binary to spend_model';
COMMENT ON FUNCTION customer_value_internal.spend_model_send(spend_model) IS
    'spend_model to binary; the first byte is the version';

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
COMMENT ON FUNCTION boundary(purchase_model) IS 'Limits that the fit ran into, such as "nobody leaves"; NULL for none';

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
    'The parameters with standard errors and 95 percent intervals (computed on the log scale), one row each';

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
COMMENT ON FUNCTION parameter(spend_model, text) IS
    'A parameter by name: p, q, or v (an amount); NULL for one of another family';
COMMENT ON FUNCTION standard_error(spend_model, text) IS
    'Standard error of a parameter, in its unit; NULL at a boundary and for a model that was not fitted';
COMMENT ON FUNCTION covariance(spend_model, text, text) IS
    'Covariance of two parameters; NULL at a boundary and for a model that was not fitted';
COMMENT ON FUNCTION log_likelihood(spend_model) IS 'Log-likelihood of the fit; NULL for a model that was not fitted';
COMMENT ON FUNCTION aic(spend_model) IS
    'Akaike information criterion, smaller is better; NULL for a model that was not fitted';
COMMENT ON FUNCTION bic(spend_model) IS
    'Bayesian information criterion, smaller is better; NULL for a model that was not fitted';
COMMENT ON FUNCTION customers(spend_model) IS
    'Customers in the fit, those with repeat purchases; NULL for a model that was not fitted';
COMMENT ON FUNCTION converged(spend_model) IS
    'Whether the fit ended at a maximum; NULL for a model that was not fitted';
COMMENT ON FUNCTION boundary(spend_model) IS
    'Limits that the fit ran into, such as "a customer always spends the same"; NULL for none';
COMMENT ON FUNCTION refund_share(spend_model) IS
    'Refunds as a share of all purchases, 0 to 1, by which clv is reduced; 0 unless fitted to histories';
COMMENT ON FUNCTION frequency_correlation(spend_model) IS
    'Correlation of number and value of repeat purchases, which the model assumes to be 0; NULL for a model that was '
    'not fitted';

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
    'The parameters with standard errors and 95 percent intervals (computed on the log scale), one row each';
