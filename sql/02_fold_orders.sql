-- Orders to history: the aggregates that fold orders or histories into one history.

-- support functions of the aggregates ------------------------------------------------------------------

CREATE FUNCTION history_add(internal, timestamptz) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamptz';
CREATE FUNCTION history_add(internal, timestamptz, text) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamptz';
CREATE FUNCTION history_add(internal, timestamptz, numeric) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamptz_numeric';
CREATE FUNCTION history_add(internal, timestamptz, numeric, text) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamptz_numeric';
CREATE FUNCTION history_add(internal, timestamptz, bigint) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamptz_int8';
CREATE FUNCTION history_add(internal, timestamptz, bigint, text) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamptz_int8';
CREATE FUNCTION history_add(internal, timestamptz, integer) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamptz_int4';
CREATE FUNCTION history_add(internal, timestamptz, integer, text) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamptz_int4';
CREATE FUNCTION history_add(internal, timestamptz, smallint) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamptz_int2';
CREATE FUNCTION history_add(internal, timestamptz, smallint, text) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamptz_int2';
CREATE FUNCTION history_add(internal, timestamptz, double precision) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamptz_float8';
CREATE FUNCTION history_add(internal, timestamptz, double precision, text) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamptz_float8';
CREATE FUNCTION history_add(internal, timestamptz, real) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamptz_float4';
CREATE FUNCTION history_add(internal, timestamptz, real, text) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamptz_float4';
CREATE FUNCTION history_add(internal, timestamptz, money) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamptz_money';
CREATE FUNCTION history_add(internal, timestamptz, money, text) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamptz_money';
CREATE FUNCTION history_add(internal, timestamp) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamp';
CREATE FUNCTION history_add(internal, timestamp, numeric) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamp_numeric';
CREATE FUNCTION history_add(internal, timestamp, bigint) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamp_int8';
CREATE FUNCTION history_add(internal, timestamp, integer) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamp_int4';
CREATE FUNCTION history_add(internal, timestamp, smallint) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamp_int2';
CREATE FUNCTION history_add(internal, timestamp, double precision) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamp_float8';
CREATE FUNCTION history_add(internal, timestamp, real) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamp_float4';
CREATE FUNCTION history_add(internal, timestamp, money) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_timestamp_money';
CREATE FUNCTION history_add(internal, date) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_date';
CREATE FUNCTION history_add(internal, date, numeric) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_date_numeric';
CREATE FUNCTION history_add(internal, date, bigint) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_date_int8';
CREATE FUNCTION history_add(internal, date, integer) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_date_int4';
CREATE FUNCTION history_add(internal, date, smallint) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_date_int2';
CREATE FUNCTION history_add(internal, date, double precision) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_date_float8';
CREATE FUNCTION history_add(internal, date, real) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_date_float4';
CREATE FUNCTION history_add(internal, date, money) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_date_money';
CREATE FUNCTION history_add(internal, purchase_history) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_add_history';
CREATE FUNCTION history_combine(internal, internal) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_combine';
CREATE FUNCTION history_serialize(internal) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_serialize';
CREATE FUNCTION history_deserialize(bytea, internal) RETURNS internal
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_deserialize';
CREATE FUNCTION history_finish(internal) RETURNS purchase_history
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'history_finish';

COMMENT ON FUNCTION history_add(internal, timestamptz) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION history_add(internal, timestamptz, text) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION history_add(internal, timestamptz, numeric) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION history_add(internal, timestamptz, numeric, text) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION history_add(internal, timestamptz, bigint) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION history_add(internal, timestamptz, bigint, text) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION history_add(internal, timestamptz, integer) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION history_add(internal, timestamptz, integer, text) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION history_add(internal, timestamptz, smallint) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION history_add(internal, timestamptz, smallint, text) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION history_add(internal, timestamptz, double precision) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION history_add(internal, timestamptz, double precision, text) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION history_add(internal, timestamptz, real) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION history_add(internal, timestamptz, real, text) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION history_add(internal, timestamptz, money) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION history_add(internal, timestamptz, money, text) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION history_add(internal, timestamp) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION history_add(internal, timestamp, numeric) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION history_add(internal, timestamp, bigint) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION history_add(internal, timestamp, integer) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION history_add(internal, timestamp, smallint) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION history_add(internal, timestamp, double precision) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION history_add(internal, timestamp, real) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION history_add(internal, timestamp, money) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION history_add(internal, date) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION history_add(internal, date, numeric) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION history_add(internal, date, bigint) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION history_add(internal, date, integer) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION history_add(internal, date, smallint) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION history_add(internal, date, double precision) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION history_add(internal, date, real) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION history_add(internal, date, money) IS 'Adds an order; part of purchase_history';
COMMENT ON FUNCTION history_add(internal, purchase_history) IS 'Adds a history; part of rollup_history';
COMMENT ON FUNCTION history_combine(internal, internal) IS 'Adds up two states; part of purchase_history and rollup_history';
COMMENT ON FUNCTION history_serialize(internal) IS 'State to bytes, between workers; part of purchase_history and rollup_history';
COMMENT ON FUNCTION history_deserialize(bytea, internal) IS 'Bytes to state, between workers; part of purchase_history and rollup_history';
COMMENT ON FUNCTION history_finish(internal) IS 'State to history; part of purchase_history and rollup_history';

-- aggregates: purchase_history(ordered_at [, amount [, time_zone]]) and rollup_history(history) --------
--
-- SSPACE is a state of fourteen purchase days; without it the planner would give up hashing.

CREATE AGGREGATE purchase_history(timestamptz) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamptz) IS
    'Folds orders without amounts into a history; days of UTC; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamptz, text) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamptz, text) IS
    'Folds orders without amounts into a history; days of the named time zone; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamptz, numeric) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamptz, numeric) IS
    'Folds orders into a history; days of UTC; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamptz, numeric, text) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamptz, numeric, text) IS
    'Folds orders into a history; days of the named time zone; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamptz, bigint) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamptz, bigint) IS
    'Folds orders into a history; days of UTC; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamptz, bigint, text) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamptz, bigint, text) IS
    'Folds orders into a history; days of the named time zone; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamptz, integer) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamptz, integer) IS
    'Folds orders into a history; days of UTC; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamptz, integer, text) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamptz, integer, text) IS
    'Folds orders into a history; days of the named time zone; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamptz, smallint) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamptz, smallint) IS
    'Folds orders into a history; days of UTC; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamptz, smallint, text) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamptz, smallint, text) IS
    'Folds orders into a history; days of the named time zone; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamptz, double precision) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamptz, double precision) IS
    'Folds orders into a history; days of UTC; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamptz, double precision, text) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamptz, double precision, text) IS
    'Folds orders into a history; days of the named time zone; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamptz, real) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamptz, real) IS
    'Folds orders into a history; days of UTC; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamptz, real, text) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamptz, real, text) IS
    'Folds orders into a history; days of the named time zone; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamptz, money) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamptz, money) IS
    'Folds orders into a history; days of UTC; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamptz, money, text) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamptz, money, text) IS
    'Folds orders into a history; days of the named time zone; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamp) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamp) IS
    'Folds orders without amounts into a history; days of the wall clock; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamp, numeric) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamp, numeric) IS
    'Folds orders into a history; days of the wall clock; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamp, bigint) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamp, bigint) IS
    'Folds orders into a history; days of the wall clock; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamp, integer) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamp, integer) IS
    'Folds orders into a history; days of the wall clock; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamp, smallint) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamp, smallint) IS
    'Folds orders into a history; days of the wall clock; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamp, double precision) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamp, double precision) IS
    'Folds orders into a history; days of the wall clock; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamp, real) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamp, real) IS
    'Folds orders into a history; days of the wall clock; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamp, money) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamp, money) IS
    'Folds orders into a history; days of the wall clock; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(date) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(date) IS
    'Folds orders without amounts into a history; days as given; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(date, numeric) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(date, numeric) IS
    'Folds orders into a history; days as given; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(date, bigint) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(date, bigint) IS
    'Folds orders into a history; days as given; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(date, integer) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(date, integer) IS
    'Folds orders into a history; days as given; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(date, smallint) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(date, smallint) IS
    'Folds orders into a history; days as given; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(date, double precision) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(date, double precision) IS
    'Folds orders into a history; days as given; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(date, real) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(date, real) IS
    'Folds orders into a history; days as given; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(date, money) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(date, money) IS
    'Folds orders into a history; days as given; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE rollup_history(purchase_history) (
    SFUNC = history_add, STYPE = internal, SSPACE = 256, FINALFUNC = history_finish,
    COMBINEFUNC = history_combine, SERIALFUNC = history_serialize, DESERIALFUNC = history_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup_history(purchase_history) IS
    'Merges histories into one, exactly: the history of all their orders together';
