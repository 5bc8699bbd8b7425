-- Orders to history: the support functions of the aggregates that fold orders or histories into one history.

-- support functions of the aggregates ------------------------------------------------------------------

CREATE FUNCTION customer_value_internal.history_add(internal, timestamptz) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamptz';
CREATE FUNCTION customer_value_internal.history_add(internal, timestamptz, text) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamptz';
CREATE FUNCTION customer_value_internal.history_add(internal, timestamptz, numeric) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamptz_numeric';
CREATE FUNCTION customer_value_internal.history_add(internal, timestamptz, numeric, text) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamptz_numeric';
CREATE FUNCTION customer_value_internal.history_add(internal, timestamptz, bigint) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamptz_int8';
CREATE FUNCTION customer_value_internal.history_add(internal, timestamptz, bigint, text) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamptz_int8';
CREATE FUNCTION customer_value_internal.history_add(internal, timestamptz, integer) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamptz_int4';
CREATE FUNCTION customer_value_internal.history_add(internal, timestamptz, integer, text) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamptz_int4';
CREATE FUNCTION customer_value_internal.history_add(internal, timestamptz, smallint) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamptz_int2';
CREATE FUNCTION customer_value_internal.history_add(internal, timestamptz, smallint, text) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamptz_int2';
CREATE FUNCTION customer_value_internal.history_add(internal, timestamptz, double precision) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamptz_float8';
CREATE FUNCTION customer_value_internal.history_add(internal, timestamptz, double precision, text) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamptz_float8';
CREATE FUNCTION customer_value_internal.history_add(internal, timestamptz, real) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamptz_float4';
CREATE FUNCTION customer_value_internal.history_add(internal, timestamptz, real, text) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamptz_float4';
CREATE FUNCTION customer_value_internal.history_add(internal, timestamptz, money) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamptz_money';
CREATE FUNCTION customer_value_internal.history_add(internal, timestamptz, money, text) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamptz_money';
CREATE FUNCTION customer_value_internal.history_add(internal, timestamp) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamp';
CREATE FUNCTION customer_value_internal.history_add(internal, timestamp, numeric) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamp_numeric';
CREATE FUNCTION customer_value_internal.history_add(internal, timestamp, bigint) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamp_int8';
CREATE FUNCTION customer_value_internal.history_add(internal, timestamp, integer) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamp_int4';
CREATE FUNCTION customer_value_internal.history_add(internal, timestamp, smallint) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamp_int2';
CREATE FUNCTION customer_value_internal.history_add(internal, timestamp, double precision) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamp_float8';
CREATE FUNCTION customer_value_internal.history_add(internal, timestamp, real) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamp_float4';
CREATE FUNCTION customer_value_internal.history_add(internal, timestamp, money) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamp_money';
CREATE FUNCTION customer_value_internal.history_add(internal, date) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_date';
CREATE FUNCTION customer_value_internal.history_add(internal, date, numeric) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_date_numeric';
CREATE FUNCTION customer_value_internal.history_add(internal, date, bigint) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_date_int8';
CREATE FUNCTION customer_value_internal.history_add(internal, date, integer) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_date_int4';
CREATE FUNCTION customer_value_internal.history_add(internal, date, smallint) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_date_int2';
CREATE FUNCTION customer_value_internal.history_add(internal, date, double precision) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_date_float8';
CREATE FUNCTION customer_value_internal.history_add(internal, date, real) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_date_float4';
CREATE FUNCTION customer_value_internal.history_add(internal, date, money) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_date_money';
CREATE FUNCTION customer_value_internal.history_add(internal, purchase_history) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_history';
-- Costs are in cheap operators of 5 ns: a history that a worker hands over takes a microsecond (serialised, read, combined;
-- beside what the server itself takes to send a row). So many customers with a few orders each are not folded by workers,
-- which would fold nearly every customer each; a few large groups are.
CREATE FUNCTION customer_value_internal.history_combine(internal, internal) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'history_combine';
CREATE FUNCTION customer_value_internal.history_serialize(internal) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 40 AS 'MODULE_PATHNAME', 'history_serialize';
CREATE FUNCTION customer_value_internal.history_deserialize(bytea, internal) RETURNS internal
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 60 AS 'MODULE_PATHNAME', 'history_deserialize';
CREATE FUNCTION customer_value_internal.history_finish(internal) RETURNS purchase_history
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_finish';

COMMENT ON FUNCTION customer_value_internal.history_add(internal, timestamptz) IS
    'Adds an order; part of purchase_history';
COMMENT ON FUNCTION customer_value_internal.history_add(internal, timestamptz, text) IS
    'Adds an order; part of purchase_history';
COMMENT ON FUNCTION customer_value_internal.history_add(internal, timestamptz, numeric) IS
    'Adds an order; part of purchase_history';
COMMENT ON FUNCTION customer_value_internal.history_add(internal, timestamptz, numeric, text) IS
    'Adds an order; part of purchase_history';
COMMENT ON FUNCTION customer_value_internal.history_add(internal, timestamptz, bigint) IS
    'Adds an order; part of purchase_history';
COMMENT ON FUNCTION customer_value_internal.history_add(internal, timestamptz, bigint, text) IS
    'Adds an order; part of purchase_history';
COMMENT ON FUNCTION customer_value_internal.history_add(internal, timestamptz, integer) IS
    'Adds an order; part of purchase_history';
COMMENT ON FUNCTION customer_value_internal.history_add(internal, timestamptz, integer, text) IS
    'Adds an order; part of purchase_history';
COMMENT ON FUNCTION customer_value_internal.history_add(internal, timestamptz, smallint) IS
    'Adds an order; part of purchase_history';
COMMENT ON FUNCTION customer_value_internal.history_add(internal, timestamptz, smallint, text) IS
    'Adds an order; part of purchase_history';
COMMENT ON FUNCTION customer_value_internal.history_add(internal, timestamptz, double precision) IS
    'Adds an order; part of purchase_history';
COMMENT ON FUNCTION customer_value_internal.history_add(internal, timestamptz, double precision, text) IS
    'Adds an order; part of purchase_history';
COMMENT ON FUNCTION customer_value_internal.history_add(internal, timestamptz, real) IS
    'Adds an order; part of purchase_history';
COMMENT ON FUNCTION customer_value_internal.history_add(internal, timestamptz, real, text) IS
    'Adds an order; part of purchase_history';
COMMENT ON FUNCTION customer_value_internal.history_add(internal, timestamptz, money) IS
    'Adds an order; part of purchase_history';
COMMENT ON FUNCTION customer_value_internal.history_add(internal, timestamptz, money, text) IS
    'Adds an order; part of purchase_history';
COMMENT ON FUNCTION customer_value_internal.history_add(internal, timestamp) IS
    'Adds an order; part of purchase_history';
COMMENT ON FUNCTION customer_value_internal.history_add(internal, timestamp, numeric) IS
    'Adds an order; part of purchase_history';
COMMENT ON FUNCTION customer_value_internal.history_add(internal, timestamp, bigint) IS
    'Adds an order; part of purchase_history';
COMMENT ON FUNCTION customer_value_internal.history_add(internal, timestamp, integer) IS
    'Adds an order; part of purchase_history';
COMMENT ON FUNCTION customer_value_internal.history_add(internal, timestamp, smallint) IS
    'Adds an order; part of purchase_history';
COMMENT ON FUNCTION customer_value_internal.history_add(internal, timestamp, double precision) IS
    'Adds an order; part of purchase_history';
COMMENT ON FUNCTION customer_value_internal.history_add(internal, timestamp, real) IS
    'Adds an order; part of purchase_history';
COMMENT ON FUNCTION customer_value_internal.history_add(internal, timestamp, money) IS
    'Adds an order; part of purchase_history';
COMMENT ON FUNCTION customer_value_internal.history_add(internal, date) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION customer_value_internal.history_add(internal, date, numeric) IS
    'Adds an order; part of purchase_history';
COMMENT ON FUNCTION customer_value_internal.history_add(internal, date, bigint) IS
    'Adds an order; part of purchase_history';
COMMENT ON FUNCTION customer_value_internal.history_add(internal, date, integer) IS
    'Adds an order; part of purchase_history';
COMMENT ON FUNCTION customer_value_internal.history_add(internal, date, smallint) IS
    'Adds an order; part of purchase_history';
COMMENT ON FUNCTION customer_value_internal.history_add(internal, date, double precision) IS
    'Adds an order; part of purchase_history';
COMMENT ON FUNCTION customer_value_internal.history_add(internal, date, real) IS
    'Adds an order; part of purchase_history';
COMMENT ON FUNCTION customer_value_internal.history_add(internal, date, money) IS
    'Adds an order; part of purchase_history';
COMMENT ON FUNCTION customer_value_internal.history_add(internal, purchase_history) IS
    'Adds a history; part of rollup_history';
COMMENT ON FUNCTION customer_value_internal.history_combine(internal, internal) IS
    'Adds up two states; part of purchase_history and rollup_history';
COMMENT ON FUNCTION customer_value_internal.history_serialize(internal) IS
    'State to bytes, between workers; part of purchase_history and rollup_history';
COMMENT ON FUNCTION customer_value_internal.history_deserialize(bytea, internal) IS
    'Bytes to state, between workers; part of purchase_history and rollup_history';
COMMENT ON FUNCTION customer_value_internal.history_finish(internal) IS
    'State to history; part of purchase_history and rollup_history';

-- aggregates: purchase_history(ordered_at [, amount [, time_zone]]) and rollup_history(history) --------
--
-- SSPACE is a state of fourteen purchase days; without it the planner would give up hashing.

-- amounts as a segmentation reads them ------------------------------------------------------------------

CREATE FUNCTION customer_value_internal.exact_amount(amount double precision) RETURNS numeric
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'exact_amount_float8';
CREATE FUNCTION customer_value_internal.exact_amount(amount real) RETURNS numeric
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'exact_amount_float4';
CREATE FUNCTION customer_value_internal.exact_amount(amount numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN $1;
COMMENT ON FUNCTION customer_value_internal.exact_amount(double precision) IS
    'An amount by its shortest decimal form, to ten places, whatever the settings of the session; an error for NaN and '
    'infinity';
COMMENT ON FUNCTION customer_value_internal.exact_amount(real) IS
    'An amount by its shortest decimal form, to ten places, whatever the settings of the session; an error for NaN and '
    'infinity';

CREATE FUNCTION customer_value_internal.to_double(amount numeric) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'to_double';
COMMENT ON FUNCTION customer_value_internal.to_double(numeric) IS
    'The nearest double of an amount, as a cast gives it, only faster; NULL for NaN and infinity';
COMMENT ON FUNCTION customer_value_internal.exact_amount(numeric) IS 'The same amount';
