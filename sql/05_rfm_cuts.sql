-- Histories to training: the type that holds cuts and the aggregates that find them.

CREATE TYPE rfm_cuts;

CREATE FUNCTION customer_value_internal.rfm_cuts_in(cstring) RETURNS rfm_cuts
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_cuts_in';
CREATE FUNCTION customer_value_internal.rfm_cuts_out(rfm_cuts) RETURNS cstring
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_cuts_out';
CREATE FUNCTION customer_value_internal.rfm_cuts_recv(internal) RETURNS rfm_cuts
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_cuts_recv';
CREATE FUNCTION customer_value_internal.rfm_cuts_send(rfm_cuts) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_cuts_send';

-- Never toasted: it is read once for each score.
CREATE TYPE rfm_cuts (
    INPUT = customer_value_internal.rfm_cuts_in,
    OUTPUT = customer_value_internal.rfm_cuts_out,
    RECEIVE = customer_value_internal.rfm_cuts_recv,
    SEND = customer_value_internal.rfm_cuts_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = plain
);

COMMENT ON TYPE rfm_cuts IS
    'The values at which the RFM scores change; text form JSON, so that cuts can be written by hand';
COMMENT ON FUNCTION customer_value_internal.rfm_cuts_in(cstring) IS 'Text (JSON) to rfm_cuts';
COMMENT ON FUNCTION customer_value_internal.rfm_cuts_out(rfm_cuts) IS 'rfm_cuts to text (JSON)';
COMMENT ON FUNCTION customer_value_internal.rfm_cuts_recv(internal) IS 'Binary to rfm_cuts';
COMMENT ON FUNCTION customer_value_internal.rfm_cuts_send(rfm_cuts) IS
    'rfm_cuts to binary; the first byte is the version';

-- support functions of the aggregates ------------------------------------------------------------------

CREATE FUNCTION customer_value_internal.rfm_cuts_add(internal, purchase_history, date) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_cuts_add';
CREATE FUNCTION customer_value_internal.rfm_cuts_add(internal, purchase_history, date, integer) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_cuts_add';
CREATE FUNCTION customer_value_internal.rfm_cuts_add(internal, purchase_history, date, integer, text) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_cuts_add';
CREATE FUNCTION customer_value_internal.rfm_cuts_finish(internal) RETURNS rfm_cuts
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_cuts_finish';
CREATE FUNCTION customer_value_internal.rfm_training_add(internal, purchase_history, date, text) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_training_add';
CREATE FUNCTION customer_value_internal.rfm_training_finish(internal) RETURNS text
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_training_finish';

COMMENT ON FUNCTION customer_value_internal.rfm_cuts_add(internal, purchase_history, date) IS
    'Adds a customer; part of rfm_cuts';
COMMENT ON FUNCTION customer_value_internal.rfm_cuts_add(internal, purchase_history, date, integer) IS
    'Adds a customer; part of rfm_cuts';
COMMENT ON FUNCTION customer_value_internal.rfm_cuts_add(internal, purchase_history, date, integer, text) IS
    'Adds a customer; part of rfm_cuts';
COMMENT ON FUNCTION customer_value_internal.rfm_cuts_finish(internal) IS 'State to cuts; part of rfm_cuts';
COMMENT ON FUNCTION customer_value_internal.rfm_training_add(internal, purchase_history, date, text) IS
    'Adds a customer; part of rfm_training';
COMMENT ON FUNCTION customer_value_internal.rfm_training_finish(internal) IS 'State to report; part of rfm_training';

-- aggregates ---------------------------------------------------------------------------------------------

CREATE AGGREGATE rfm_cuts(purchase_history, date) (
    SFUNC = customer_value_internal.rfm_cuts_add, STYPE = internal, SSPACE = 1024,
    FINALFUNC = customer_value_internal.rfm_cuts_finish, PARALLEL = SAFE
);
COMMENT ON AGGREGATE rfm_cuts(purchase_history, date) IS
    'Cuts of five bins over all customers as of a day: (history, as_of); cut k is percentile_cont(k / 5); NULL if no '
    'customer has purchases';

CREATE AGGREGATE rfm_cuts(purchase_history, date, integer) (
    SFUNC = customer_value_internal.rfm_cuts_add, STYPE = internal, SSPACE = 1024,
    FINALFUNC = customer_value_internal.rfm_cuts_finish, PARALLEL = SAFE
);
COMMENT ON AGGREGATE rfm_cuts(purchase_history, date, integer) IS
    'Cuts of 2 to 10 bins over all customers as of a day: (history, as_of, bins); cut k is percentile_cont(k / bins); '
    'NULL if no customer has purchases';

CREATE AGGREGATE rfm_cuts(purchase_history, date, integer, text) (
    SFUNC = customer_value_internal.rfm_cuts_add, STYPE = internal, SSPACE = 1024,
    FINALFUNC = customer_value_internal.rfm_cuts_finish, PARALLEL = SAFE
);
COMMENT ON AGGREGATE rfm_cuts(purchase_history, date, integer, text) IS
    'Cuts over all customers as of a day: (history, as_of, bins, ties); ties is spread, as segmentations do: a value that '
    'more customers have than a bin holds is a bin, and the others share the rest, so that no bin is empty while there '
    'are values for it; or quantile: cut k is percentile_cont(k / bins); NULL if no customer has purchases';

CREATE AGGREGATE customer_value_internal.rfm_training(purchase_history, date, text) (
    SFUNC = customer_value_internal.rfm_training_add, STYPE = internal, SSPACE = 1024,
    FINALFUNC = customer_value_internal.rfm_training_finish, PARALLEL = SAFE
);
COMMENT ON AGGREGATE customer_value_internal.rfm_training(purchase_history, date, text) IS
    'What train_segmentation needs of a population in one pass, as JSON: (history, as_of, plan)';
