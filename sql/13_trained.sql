-- Label to segmentation: the types that hold what a training found of axes and matrices, the functions with which a
-- view applies it, and the aggregates that find it.

-- types --------------------------------------------------------------------------------------------------------

CREATE TYPE trained_axes;
CREATE TYPE trained_matrices;

CREATE FUNCTION customer_value_internal.trained_axes_in(cstring) RETURNS trained_axes
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'trained_axes_in';
CREATE FUNCTION customer_value_internal.trained_axes_out(trained_axes) RETURNS cstring
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'trained_axes_out';
CREATE FUNCTION customer_value_internal.trained_axes_recv(internal) RETURNS trained_axes
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'trained_axes_recv';
CREATE FUNCTION customer_value_internal.trained_axes_send(trained_axes) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'trained_axes_send';
CREATE FUNCTION customer_value_internal.trained_matrices_in(cstring) RETURNS trained_matrices
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'trained_matrices_in';
CREATE FUNCTION customer_value_internal.trained_matrices_out(trained_matrices) RETURNS cstring
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'trained_matrices_out';
CREATE FUNCTION customer_value_internal.trained_matrices_recv(internal) RETURNS trained_matrices
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'trained_matrices_recv';
CREATE FUNCTION customer_value_internal.trained_matrices_send(trained_matrices) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'trained_matrices_send';

-- Never compressed: they are mostly percentiles, which do not shrink. A view reads them once per query; see in_memory.
CREATE TYPE trained_axes (
    INPUT = customer_value_internal.trained_axes_in,
    OUTPUT = customer_value_internal.trained_axes_out,
    RECEIVE = customer_value_internal.trained_axes_recv,
    SEND = customer_value_internal.trained_axes_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = external
);
CREATE TYPE trained_matrices (
    INPUT = customer_value_internal.trained_matrices_in,
    OUTPUT = customer_value_internal.trained_matrices_out,
    RECEIVE = customer_value_internal.trained_matrices_recv,
    SEND = customer_value_internal.trained_matrices_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = external
);

COMMENT ON TYPE trained_axes IS
    'What a training found of axes: customers, mean and percentiles of each; text form JSON; see view training_axis';
COMMENT ON TYPE trained_matrices IS
    'What a training found of matrices: axes, cuts, labels and actions of each; text form JSON; see view training_matrix';
COMMENT ON FUNCTION customer_value_internal.trained_axes_in(cstring) IS 'Text (JSON) to trained_axes';
COMMENT ON FUNCTION customer_value_internal.trained_axes_out(trained_axes) IS 'trained_axes to text (JSON)';
COMMENT ON FUNCTION customer_value_internal.trained_axes_recv(internal) IS 'Binary to trained_axes';
COMMENT ON FUNCTION customer_value_internal.trained_axes_send(trained_axes) IS
    'trained_axes to binary; the first byte is the version';
COMMENT ON FUNCTION customer_value_internal.trained_matrices_in(cstring) IS 'Text (JSON) to trained_matrices';
COMMENT ON FUNCTION customer_value_internal.trained_matrices_out(trained_matrices) IS 'trained_matrices to text (JSON)';
COMMENT ON FUNCTION customer_value_internal.trained_matrices_recv(internal) IS 'Binary to trained_matrices';
COMMENT ON FUNCTION customer_value_internal.trained_matrices_send(trained_matrices) IS
    'trained_matrices to binary; the first byte is the version';

-- applying a training --------------------------------------------------------------------------------------------

CREATE FUNCTION customer_value_internal.in_memory(value anyelement) RETURNS anyelement
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'in_memory';
COMMENT ON FUNCTION customer_value_internal.in_memory(anyelement) IS
    'The same value, read from disk and uncompressed, so that each use of it is cheap';

CREATE FUNCTION customer_value_internal.percentile_of(axes trained_axes, axis text, value double precision)
    RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'percentile_of_axis';
COMMENT ON FUNCTION customer_value_internal.percentile_of(trained_axes, text, double precision) IS
    'Place of a value among the 101 percentiles of an axis, 0 to 1: to a hundredth the share of the customers at the '
    'training whose value was at most this one; at or beyond a percentile where the value is; NULL if the axis is '
    'missing or has no percentiles, or the value is not finite';

CREATE FUNCTION customer_value_internal.percentile_at(axes trained_axes, axis text, percent integer)
    RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'percentile_at';
COMMENT ON FUNCTION customer_value_internal.percentile_at(trained_axes, text, integer) IS
    'A percentile of an axis, percent from 0 to 100; NULL if the axis is missing or has no percentiles';

CREATE FUNCTION customer_value_internal.axis_bin(axes trained_axes, axis text, value double precision)
    RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 3 AS 'MODULE_PATHNAME', 'axis_bin';
COMMENT ON FUNCTION customer_value_internal.axis_bin(trained_axes, text, double precision) IS
    'The tenth of the customers of the training that a value is in, 1 for the lowest values: one more than the number of '
    'different 10th, 20th, … 90th percentiles that it exceeds; NULL if the axis is missing or has no percentiles, or for NaN';

CREATE FUNCTION customer_value_internal.loyalty(
    model purchase_model, axes trained_axes, history purchase_history, as_of date
) RETURNS double precision
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 60 AS 'MODULE_PATHNAME', 'loyalty_axes';
COMMENT ON FUNCTION customer_value_internal.loyalty(purchase_model, trained_axes, purchase_history, date) IS
    'As the public loyalty, with the percentiles of axes purchase_days and purchase_span';

CREATE FUNCTION customer_value_internal.value_score(axes trained_axes, history purchase_history, as_of date)
    RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'value_score_axes';
CREATE FUNCTION customer_value_internal.value_score(
    axes trained_axes, history purchase_history, as_of date, frequency_weight double precision,
    revenue_weight double precision
) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'value_score_axes';
COMMENT ON FUNCTION customer_value_internal.value_score(trained_axes, purchase_history, date) IS
    'As the public value_score, with the percentiles of axes frequency and revenue';
COMMENT ON FUNCTION customer_value_internal.value_score(
    trained_axes, purchase_history, date, double precision, double precision
) IS 'As the public value_score, with the percentiles of axes frequency and revenue';

CREATE FUNCTION customer_value_internal.lifecycle_level(axes trained_axes, history purchase_history, as_of date)
    RETURNS smallint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'lifecycle_level';
COMMENT ON FUNCTION customer_value_internal.lifecycle_level(trained_axes, purchase_history, date) IS
    'Level of lifecycle_stage in the class lifecycle, 1 = best: limits are the 80th and 95th percentile of axis '
    'purchase_gap and the 80th of repeat_purchase_days, at least 3; a missing percentile of purchase_gap never '
    'holds; NULL without purchases up to as_of';

CREATE FUNCTION customer_value_internal.last_gap(history purchase_history, as_of date) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'last_gap';
COMMENT ON FUNCTION customer_value_internal.last_gap(purchase_history, date) IS
    'Days between the last two purchase days up to a day, which tell a customer who came back; NULL with fewer than two';

CREATE FUNCTION customer_value_internal.rfm_code(cuts rfm_cuts, history purchase_history, as_of date) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'rfm_code_history';
CREATE FUNCTION customer_value_internal.rfm_segment(
    labels rfm_labels, cuts rfm_cuts, history purchase_history, as_of date
) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 3 AS 'MODULE_PATHNAME', 'rfm_segment_history';
CREATE FUNCTION customer_value_internal.rfm_segment_code(
    labels rfm_labels, cuts rfm_cuts, history purchase_history, as_of date
) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 3 AS 'MODULE_PATHNAME', 'rfm_segment_code_history';
CREATE FUNCTION customer_value_internal.rfm_segment_rank(
    labels rfm_labels, cuts rfm_cuts, history purchase_history, as_of date
) RETURNS smallint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 3 AS 'MODULE_PATHNAME', 'rfm_segment_rank_history';
CREATE FUNCTION customer_value_internal.rfm_segment_action(
    labels rfm_labels, cuts rfm_cuts, history purchase_history, as_of date
) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 3 AS 'MODULE_PATHNAME', 'rfm_segment_action_history';
COMMENT ON FUNCTION customer_value_internal.rfm_segment_action(rfm_labels, rfm_cuts, purchase_history, date) IS
    'What to do with the customers of the segment of a history as of a day; NULL without purchases, or if nothing is '
    'recommended';
COMMENT ON FUNCTION customer_value_internal.rfm_code(rfm_cuts, purchase_history, date) IS
    'The scores of a history as of a day in one text, as the public rfm_code gives it; NULL without purchases';
COMMENT ON FUNCTION customer_value_internal.rfm_segment(rfm_labels, rfm_cuts, purchase_history, date) IS
    'The segment of a history as of a day; NULL without purchases';
COMMENT ON FUNCTION customer_value_internal.rfm_segment_code(rfm_labels, rfm_cuts, purchase_history, date) IS
    'The stable code of the segment of a history as of a day; NULL without purchases';
COMMENT ON FUNCTION customer_value_internal.rfm_segment_rank(rfm_labels, rfm_cuts, purchase_history, date) IS
    'The rank of the segment of a history as of a day, 1 = best; NULL without purchases';

CREATE FUNCTION customer_value_internal.matrix_label(matrices trained_matrices, matrix text, x double precision)
    RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'trained_matrix_label';
CREATE FUNCTION customer_value_internal.matrix_label(
    matrices trained_matrices, matrix text, x double precision, y double precision
) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'trained_matrix_label';
CREATE FUNCTION customer_value_internal.matrix_code(matrices trained_matrices, matrix text, x double precision)
    RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'trained_matrix_code';
CREATE FUNCTION customer_value_internal.matrix_code(
    matrices trained_matrices, matrix text, x double precision, y double precision
) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'trained_matrix_code';
CREATE FUNCTION customer_value_internal.matrix_rank(matrices trained_matrices, matrix text, x double precision)
    RETURNS smallint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'trained_matrix_rank';
CREATE FUNCTION customer_value_internal.matrix_rank(
    matrices trained_matrices, matrix text, x double precision, y double precision
) RETURNS smallint
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'trained_matrix_rank';
CREATE FUNCTION customer_value_internal.matrix_action(matrices trained_matrices, matrix text, x double precision)
    RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'trained_matrix_action';
CREATE FUNCTION customer_value_internal.matrix_action(
    matrices trained_matrices, matrix text, x double precision, y double precision
) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'trained_matrix_action';
COMMENT ON FUNCTION customer_value_internal.matrix_action(trained_matrices, text, double precision) IS
    'What to do with a customer in a class, by their value; NULL where there is no label, or nothing is recommended';
COMMENT ON FUNCTION customer_value_internal.matrix_action(trained_matrices, text, double precision, double precision) IS
    'What to do with a customer in a matrix, by their two values; NULL where there is no label, or nothing is recommended';
COMMENT ON FUNCTION customer_value_internal.matrix_label(trained_matrices, text, double precision) IS
    'Label of a customer in a class, by their value; NULL for NaN, or if the class is missing or has no cuts';
COMMENT ON FUNCTION customer_value_internal.matrix_label(trained_matrices, text, double precision, double precision) IS
    'Label of a customer in a matrix, by their two values; NULL for NaN, or if the matrix is missing or has no cuts';
COMMENT ON FUNCTION customer_value_internal.matrix_code(trained_matrices, text, double precision) IS
    'Code of a customer in a class, by their value; NULL for NaN, or if the class is missing or has no cuts';
COMMENT ON FUNCTION customer_value_internal.matrix_code(trained_matrices, text, double precision, double precision) IS
    'Code of a customer in a matrix, by their two values; NULL for NaN, or if the matrix is missing or has no cuts';
COMMENT ON FUNCTION customer_value_internal.matrix_rank(trained_matrices, text, double precision) IS
    'Rank of a customer in a class, by their value, 1 = best; NULL for NaN, or if the class is missing or has no cuts';
COMMENT ON FUNCTION customer_value_internal.matrix_rank(trained_matrices, text, double precision, double precision) IS
    'Rank of a customer in a matrix, by their two values, 1 = best; NULL for NaN, or if the matrix is missing or has '
    'no cuts';

-- training an axis ---------------------------------------------------------------------------------------------

CREATE FUNCTION customer_value_internal.train_axis_add(internal, double precision, text) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'train_axis_add';
CREATE FUNCTION customer_value_internal.train_axis_finish(internal) RETURNS text
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'train_axis_finish';
CREATE AGGREGATE customer_value_internal.train_axis(double precision, text) (
    SFUNC = customer_value_internal.train_axis_add, STYPE = internal, SSPACE = 65536,
    FINALFUNC = customer_value_internal.train_axis_finish, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = SAFE
);
COMMENT ON FUNCTION customer_value_internal.train_axis_add(internal, double precision, text) IS
    'Adds a value; part of train_axis';
COMMENT ON FUNCTION customer_value_internal.train_axis_finish(internal) IS 'State to result; part of train_axis';
COMMENT ON AGGREGATE customer_value_internal.train_axis(double precision, text) IS
    'What a training finds of an axis, as JSON: (value, splits) to customers, mean, percentiles 0 to 100, and the '
    'cuts of each split; splits such as ''mean, contribution 0.8 0.95''';

CREATE FUNCTION customer_value_internal.trained_axes(names text[], reports text[]) RETURNS trained_axes
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'trained_axes';
COMMENT ON FUNCTION customer_value_internal.trained_axes(text[], text[]) IS
    'Axes by their names and what train_axis and train_gaps found of them, for the second pass of a training';

CREATE FUNCTION customer_value_internal.train_gaps_add(internal, purchase_history, date) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'train_gaps_add';
CREATE FUNCTION customer_value_internal.train_gaps_finish(internal) RETURNS text
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'train_gaps_finish';
CREATE AGGREGATE customer_value_internal.train_gaps(purchase_history, date) (
    SFUNC = customer_value_internal.train_gaps_add, STYPE = internal, SSPACE = 65536,
    FINALFUNC = customer_value_internal.train_gaps_finish, PARALLEL = SAFE
);
COMMENT ON FUNCTION customer_value_internal.train_gaps_add(internal, purchase_history, date) IS
    'Adds a customer; part of train_gaps';
COMMENT ON FUNCTION customer_value_internal.train_gaps_finish(internal) IS 'State to result; part of train_gaps';
COMMENT ON AGGREGATE customer_value_internal.train_gaps(purchase_history, date) IS
    'What training finds of the days between purchase days, as JSON: (history, as_of)';
