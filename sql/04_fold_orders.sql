-- Orders to history, continued: the aggregates that fold orders or histories into one history.

CREATE AGGREGATE purchase_history(timestamptz) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamptz) IS
    'Folds orders without amounts into a history; days of UTC; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamptz, text) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamptz, text) IS
    'Folds orders without amounts into a history; days of the named time zone; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamptz, numeric) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamptz, numeric) IS
    'Folds orders into a history; days of UTC; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamptz, numeric, text) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamptz, numeric, text) IS
    'Folds orders into a history; days of the named time zone; a negative amount is a refund; rows with a NULL are '
    'left out';

CREATE AGGREGATE purchase_history(timestamptz, bigint) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamptz, bigint) IS
    'Folds orders into a history; days of UTC; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamptz, bigint, text) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamptz, bigint, text) IS
    'Folds orders into a history; days of the named time zone; a negative amount is a refund; rows with a NULL are '
    'left out';

CREATE AGGREGATE purchase_history(timestamptz, integer) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamptz, integer) IS
    'Folds orders into a history; days of UTC; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamptz, integer, text) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamptz, integer, text) IS
    'Folds orders into a history; days of the named time zone; a negative amount is a refund; rows with a NULL are '
    'left out';

CREATE AGGREGATE purchase_history(timestamptz, smallint) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamptz, smallint) IS
    'Folds orders into a history; days of UTC; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamptz, smallint, text) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamptz, smallint, text) IS
    'Folds orders into a history; days of the named time zone; a negative amount is a refund; rows with a NULL are '
    'left out';

CREATE AGGREGATE purchase_history(timestamptz, double precision) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamptz, double precision) IS
    'Folds orders into a history; days of UTC; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamptz, double precision, text) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamptz, double precision, text) IS
    'Folds orders into a history; days of the named time zone; a negative amount is a refund; rows with a NULL are '
    'left out';

CREATE AGGREGATE purchase_history(timestamptz, real) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamptz, real) IS
    'Folds orders into a history; days of UTC; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamptz, real, text) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamptz, real, text) IS
    'Folds orders into a history; days of the named time zone; a negative amount is a refund; rows with a NULL are '
    'left out';

CREATE AGGREGATE purchase_history(timestamptz, money) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamptz, money) IS
    'Folds orders into a history; days of UTC; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamptz, money, text) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamptz, money, text) IS
    'Folds orders into a history; days of the named time zone; a negative amount is a refund; rows with a NULL are '
    'left out';

CREATE AGGREGATE purchase_history(timestamp) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamp) IS
    'Folds orders without amounts into a history; days of the wall clock; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(timestamp, numeric) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamp, numeric) IS
    'Folds orders into a history; days of the wall clock; a negative amount is a refund; rows with a NULL are left '
    'out';

CREATE AGGREGATE purchase_history(timestamp, bigint) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamp, bigint) IS
    'Folds orders into a history; days of the wall clock; a negative amount is a refund; rows with a NULL are left '
    'out';

CREATE AGGREGATE purchase_history(timestamp, integer) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamp, integer) IS
    'Folds orders into a history; days of the wall clock; a negative amount is a refund; rows with a NULL are left '
    'out';

CREATE AGGREGATE purchase_history(timestamp, smallint) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamp, smallint) IS
    'Folds orders into a history; days of the wall clock; a negative amount is a refund; rows with a NULL are left '
    'out';

CREATE AGGREGATE purchase_history(timestamp, double precision) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamp, double precision) IS
    'Folds orders into a history; days of the wall clock; a negative amount is a refund; rows with a NULL are left '
    'out';

CREATE AGGREGATE purchase_history(timestamp, real) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamp, real) IS
    'Folds orders into a history; days of the wall clock; a negative amount is a refund; rows with a NULL are left '
    'out';

CREATE AGGREGATE purchase_history(timestamp, money) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(timestamp, money) IS
    'Folds orders into a history; days of the wall clock; a negative amount is a refund; rows with a NULL are left '
    'out';

CREATE AGGREGATE purchase_history(date) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(date) IS
    'Folds orders without amounts into a history; days as given; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(date, numeric) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(date, numeric) IS
    'Folds orders into a history; days as given; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(date, bigint) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(date, bigint) IS
    'Folds orders into a history; days as given; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(date, integer) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(date, integer) IS
    'Folds orders into a history; days as given; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(date, smallint) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(date, smallint) IS
    'Folds orders into a history; days as given; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(date, double precision) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(date, double precision) IS
    'Folds orders into a history; days as given; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(date, real) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(date, real) IS
    'Folds orders into a history; days as given; a negative amount is a refund; rows with a NULL are left out';

CREATE AGGREGATE purchase_history(date, money) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE purchase_history(date, money) IS
    'Folds orders into a history; days as given; a negative amount is a refund; rows with a NULL are left out';

-- A state that is no larger than its sum: that of sum(numeric) would make a fold of many customers look too large for memory.
CREATE AGGREGATE customer_value_internal.exact_sum(numeric) (
    SFUNC = pg_catalog.numeric_add, STYPE = numeric, COMBINEFUNC = pg_catalog.numeric_add, PARALLEL = SAFE
);
COMMENT ON AGGREGATE customer_value_internal.exact_sum(numeric) IS 'As sum(numeric), for groups that mostly have nothing to add';

CREATE AGGREGATE rollup_history(purchase_history) (
    SFUNC = customer_value_internal.history_add, STYPE = internal, SSPACE = 256,
    FINALFUNC = customer_value_internal.history_finish,
    COMBINEFUNC = customer_value_internal.history_combine,
    SERIALFUNC = customer_value_internal.history_serialize,
    DESERIALFUNC = customer_value_internal.history_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE rollup_history(purchase_history) IS
    'Merges histories into one, exactly: the history of all their orders together';
