-- Aggregates that work alone in any query: survey answers, engagement, concentration. The result does not depend on
-- the order of rows or the number of workers.

-- survey answers -----------------------------------------------------------------------------------------------

CREATE FUNCTION customer_value_internal.csat_add(internal, double precision) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'csat_add';
CREATE FUNCTION customer_value_internal.nps_add(internal, double precision) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'nps_add';
CREATE FUNCTION customer_value_internal.ces_add(internal, double precision) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'ces_add';
CREATE FUNCTION customer_value_internal.tally_combine(internal, internal) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'tally_combine';
CREATE FUNCTION customer_value_internal.tally_serialize(internal) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'tally_serialize';
CREATE FUNCTION customer_value_internal.tally_deserialize(bytea, internal) RETURNS internal
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'tally_deserialize';
CREATE FUNCTION customer_value_internal.tally_mean_finish(internal) RETURNS double precision
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'tally_mean';
CREATE FUNCTION customer_value_internal.tally_share_error_finish(internal) RETURNS double precision
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'tally_share_error';
CREATE FUNCTION customer_value_internal.tally_mean_error_finish(internal) RETURNS double precision
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'tally_mean_error';
COMMENT ON FUNCTION customer_value_internal.csat_add(internal, double precision) IS 'Adds an answer; part of csat';
COMMENT ON FUNCTION customer_value_internal.nps_add(internal, double precision) IS 'Adds an answer; part of nps';
COMMENT ON FUNCTION customer_value_internal.ces_add(internal, double precision) IS 'Adds an answer; part of ces';
COMMENT ON FUNCTION customer_value_internal.tally_combine(internal, internal) IS
    'Joins two states; part of csat, nps and ces';
COMMENT ON FUNCTION customer_value_internal.tally_serialize(internal) IS 'State to bytes; part of csat, nps and ces';
COMMENT ON FUNCTION customer_value_internal.tally_deserialize(bytea, internal) IS
    'Bytes to state; part of csat, nps and ces';
COMMENT ON FUNCTION customer_value_internal.tally_mean_finish(internal) IS
    'State to result; part of csat, nps and ces';
COMMENT ON FUNCTION customer_value_internal.tally_share_error_finish(internal) IS
    'State to standard error; part of csat_error and nps_error';
COMMENT ON FUNCTION customer_value_internal.tally_mean_error_finish(internal) IS
    'State to standard error; part of ces_error';

CREATE AGGREGATE csat(double precision) (
    SFUNC = customer_value_internal.csat_add, STYPE = internal, SSPACE = 32,
    FINALFUNC = customer_value_internal.tally_mean_finish,
    COMBINEFUNC = customer_value_internal.tally_combine,
    SERIALFUNC = customer_value_internal.tally_serialize,
    DESERIALFUNC = customer_value_internal.tally_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE csat(double precision) IS
    'Customer satisfaction: share of answers of 4 or 5 on a scale of 1 to 5, 0 to 1; NULL without answers';

CREATE AGGREGATE csat_error(double precision) (
    SFUNC = customer_value_internal.csat_add, STYPE = internal, SSPACE = 32,
    FINALFUNC = customer_value_internal.tally_share_error_finish,
    COMBINEFUNC = customer_value_internal.tally_combine,
    SERIALFUNC = customer_value_internal.tally_serialize,
    DESERIALFUNC = customer_value_internal.tally_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE csat_error(double precision) IS 'Standard error of csat: sqrt(p (1 - p) / n)';

CREATE AGGREGATE nps(double precision) (
    SFUNC = customer_value_internal.nps_add, STYPE = internal, SSPACE = 32,
    FINALFUNC = customer_value_internal.tally_mean_finish,
    COMBINEFUNC = customer_value_internal.tally_combine,
    SERIALFUNC = customer_value_internal.tally_serialize,
    DESERIALFUNC = customer_value_internal.tally_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE nps(double precision) IS
    'Net promoter score: share of answers of 9 or 10 minus that of 0 to 6, on a scale of 0 to 10; -1 to 1, times 100 '
    'for the usual figure; NULL without answers';

CREATE AGGREGATE nps_error(double precision) (
    SFUNC = customer_value_internal.nps_add, STYPE = internal, SSPACE = 32,
    FINALFUNC = customer_value_internal.tally_share_error_finish,
    COMBINEFUNC = customer_value_internal.tally_combine,
    SERIALFUNC = customer_value_internal.tally_serialize,
    DESERIALFUNC = customer_value_internal.tally_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE nps_error(double precision) IS
    'Standard error of nps: sqrt((promoters + detractors - nps^2) / n), shares';

CREATE AGGREGATE ces(double precision) (
    SFUNC = customer_value_internal.ces_add, STYPE = internal, SSPACE = 32,
    FINALFUNC = customer_value_internal.tally_mean_finish,
    COMBINEFUNC = customer_value_internal.tally_combine,
    SERIALFUNC = customer_value_internal.tally_serialize,
    DESERIALFUNC = customer_value_internal.tally_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE ces(double precision) IS
    'Customer effort score: mean of answers on a scale of 1 to 7; NULL without answers';

CREATE AGGREGATE ces_error(double precision) (
    SFUNC = customer_value_internal.ces_add, STYPE = internal, SSPACE = 32,
    FINALFUNC = customer_value_internal.tally_mean_error_finish,
    COMBINEFUNC = customer_value_internal.tally_combine,
    SERIALFUNC = customer_value_internal.tally_serialize,
    DESERIALFUNC = customer_value_internal.tally_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE ces_error(double precision) IS
    'Standard error of ces: sample standard deviation / sqrt(n); NULL for one answer';

-- engagement ----------------------------------------------------------------------------------------------------

CREATE FUNCTION customer_value_internal.engagement_add(internal, timestamptz, date) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'engagement_add_timestamptz';
CREATE FUNCTION customer_value_internal.engagement_add(internal, timestamptz, double precision, date) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'engagement_add_timestamptz';
CREATE FUNCTION customer_value_internal.engagement_add(
    internal, timestamptz, double precision, date, double precision
) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'engagement_add_timestamptz';
CREATE FUNCTION customer_value_internal.engagement_add(internal, timestamp, date) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'engagement_add_timestamp';
CREATE FUNCTION customer_value_internal.engagement_add(internal, timestamp, double precision, date) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'engagement_add_timestamp';
CREATE FUNCTION customer_value_internal.engagement_add(
    internal, timestamp, double precision, date, double precision
) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'engagement_add_timestamp';
CREATE FUNCTION customer_value_internal.engagement_add(internal, date, date) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'engagement_add_date';
CREATE FUNCTION customer_value_internal.engagement_add(internal, date, double precision, date) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'engagement_add_date';
CREATE FUNCTION customer_value_internal.engagement_add(
    internal, date, double precision, date, double precision
) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'engagement_add_date';
CREATE FUNCTION customer_value_internal.engagement_add(
    internal, timestamptz, double precision, date, double precision, text
) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'engagement_add_timestamptz';
COMMENT ON FUNCTION customer_value_internal.engagement_add(internal, timestamptz, date) IS
    'Adds an event; part of engagement';
COMMENT ON FUNCTION customer_value_internal.engagement_add(internal, timestamptz, double precision, date) IS
    'Adds an event; part of engagement';
COMMENT ON FUNCTION customer_value_internal.engagement_add(
    internal, timestamptz, double precision, date, double precision
) IS
    'Adds an event; part of engagement';
COMMENT ON FUNCTION customer_value_internal.engagement_add(internal, timestamp, date) IS
    'Adds an event; part of engagement';
COMMENT ON FUNCTION customer_value_internal.engagement_add(internal, timestamp, double precision, date) IS
    'Adds an event; part of engagement';
COMMENT ON FUNCTION customer_value_internal.engagement_add(
    internal, timestamp, double precision, date, double precision
) IS
    'Adds an event; part of engagement';
COMMENT ON FUNCTION customer_value_internal.engagement_add(internal, date, date) IS
    'Adds an event; part of engagement';
COMMENT ON FUNCTION customer_value_internal.engagement_add(internal, date, double precision, date) IS
    'Adds an event; part of engagement';
COMMENT ON FUNCTION customer_value_internal.engagement_add(
    internal, date, double precision, date, double precision
) IS
    'Adds an event; part of engagement';
COMMENT ON FUNCTION customer_value_internal.engagement_add(
    internal, timestamptz, double precision, date, double precision, text
) IS
    'Adds an event; part of engagement';

CREATE FUNCTION customer_value_internal.engagement_combine(internal, internal) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'engagement_combine';
CREATE FUNCTION customer_value_internal.engagement_serialize(internal) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'engagement_serialize';
CREATE FUNCTION customer_value_internal.engagement_deserialize(bytea, internal) RETURNS internal
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'engagement_deserialize';
CREATE FUNCTION customer_value_internal.engagement_finish(internal) RETURNS double precision
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'engagement_finish';
COMMENT ON FUNCTION customer_value_internal.engagement_combine(internal, internal) IS
    'Joins two states; part of engagement';
COMMENT ON FUNCTION customer_value_internal.engagement_serialize(internal) IS 'State to bytes; part of engagement';
COMMENT ON FUNCTION customer_value_internal.engagement_deserialize(bytea, internal) IS
    'Bytes to state; part of engagement';
COMMENT ON FUNCTION customer_value_internal.engagement_finish(internal) IS 'State to result; part of engagement';

CREATE AGGREGATE engagement(timestamptz, date) (
    SFUNC = customer_value_internal.engagement_add, STYPE = internal, SSPACE = 64,
    FINALFUNC = customer_value_internal.engagement_finish,
    COMBINEFUNC = customer_value_internal.engagement_combine,
    SERIALFUNC = customer_value_internal.engagement_serialize,
    DESERIALFUNC = customer_value_internal.engagement_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE engagement(timestamptz, date) IS
    'Engagement (at, as_of): the sum of weights (1 per event) of events up to as_of, each halved for every '
    'half-life since, 30 days unless given; accurate to 1e-18 per event; NULL without events up to as_of';

CREATE AGGREGATE engagement(timestamptz, double precision, date) (
    SFUNC = customer_value_internal.engagement_add, STYPE = internal, SSPACE = 64,
    FINALFUNC = customer_value_internal.engagement_finish,
    COMBINEFUNC = customer_value_internal.engagement_combine,
    SERIALFUNC = customer_value_internal.engagement_serialize,
    DESERIALFUNC = customer_value_internal.engagement_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE engagement(timestamptz, double precision, date) IS
    'Engagement (at, weight, as_of): the sum of weights of events up to as_of, each halved for every half-life '
    'since, 30 days unless given; accurate to 1e-18 per event; NULL without events up to as_of';

CREATE AGGREGATE engagement(timestamptz, double precision, date, double precision) (
    SFUNC = customer_value_internal.engagement_add, STYPE = internal, SSPACE = 64,
    FINALFUNC = customer_value_internal.engagement_finish,
    COMBINEFUNC = customer_value_internal.engagement_combine,
    SERIALFUNC = customer_value_internal.engagement_serialize,
    DESERIALFUNC = customer_value_internal.engagement_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE engagement(timestamptz, double precision, date, double precision) IS
    'Engagement (at, weight, as_of, half_life_days): the sum of weights of events up to as_of, each halved for every '
    'half-life since, 30 days unless given; accurate to 1e-18 per event; NULL without events up to as_of';

CREATE AGGREGATE engagement(timestamp, date) (
    SFUNC = customer_value_internal.engagement_add, STYPE = internal, SSPACE = 64,
    FINALFUNC = customer_value_internal.engagement_finish,
    COMBINEFUNC = customer_value_internal.engagement_combine,
    SERIALFUNC = customer_value_internal.engagement_serialize,
    DESERIALFUNC = customer_value_internal.engagement_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE engagement(timestamp, date) IS
    'Engagement (at, as_of): the sum of weights (1 per event) of events up to as_of, each halved for every '
    'half-life since, 30 days unless given; accurate to 1e-18 per event; NULL without events up to as_of';

CREATE AGGREGATE engagement(timestamp, double precision, date) (
    SFUNC = customer_value_internal.engagement_add, STYPE = internal, SSPACE = 64,
    FINALFUNC = customer_value_internal.engagement_finish,
    COMBINEFUNC = customer_value_internal.engagement_combine,
    SERIALFUNC = customer_value_internal.engagement_serialize,
    DESERIALFUNC = customer_value_internal.engagement_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE engagement(timestamp, double precision, date) IS
    'Engagement (at, weight, as_of): the sum of weights of events up to as_of, each halved for every half-life '
    'since, 30 days unless given; accurate to 1e-18 per event; NULL without events up to as_of';

CREATE AGGREGATE engagement(timestamp, double precision, date, double precision) (
    SFUNC = customer_value_internal.engagement_add, STYPE = internal, SSPACE = 64,
    FINALFUNC = customer_value_internal.engagement_finish,
    COMBINEFUNC = customer_value_internal.engagement_combine,
    SERIALFUNC = customer_value_internal.engagement_serialize,
    DESERIALFUNC = customer_value_internal.engagement_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE engagement(timestamp, double precision, date, double precision) IS
    'Engagement (at, weight, as_of, half_life_days): the sum of weights of events up to as_of, each halved for every '
    'half-life since, 30 days unless given; accurate to 1e-18 per event; NULL without events up to as_of';

CREATE AGGREGATE engagement(date, date) (
    SFUNC = customer_value_internal.engagement_add, STYPE = internal, SSPACE = 64,
    FINALFUNC = customer_value_internal.engagement_finish,
    COMBINEFUNC = customer_value_internal.engagement_combine,
    SERIALFUNC = customer_value_internal.engagement_serialize,
    DESERIALFUNC = customer_value_internal.engagement_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE engagement(date, date) IS
    'Engagement (at, as_of): the sum of weights (1 per event) of events up to as_of, each halved for every '
    'half-life since, 30 days unless given; accurate to 1e-18 per event; NULL without events up to as_of';

CREATE AGGREGATE engagement(date, double precision, date) (
    SFUNC = customer_value_internal.engagement_add, STYPE = internal, SSPACE = 64,
    FINALFUNC = customer_value_internal.engagement_finish,
    COMBINEFUNC = customer_value_internal.engagement_combine,
    SERIALFUNC = customer_value_internal.engagement_serialize,
    DESERIALFUNC = customer_value_internal.engagement_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE engagement(date, double precision, date) IS
    'Engagement (at, weight, as_of): the sum of weights of events up to as_of, each halved for every half-life '
    'since, 30 days unless given; accurate to 1e-18 per event; NULL without events up to as_of';

CREATE AGGREGATE engagement(date, double precision, date, double precision) (
    SFUNC = customer_value_internal.engagement_add, STYPE = internal, SSPACE = 64,
    FINALFUNC = customer_value_internal.engagement_finish,
    COMBINEFUNC = customer_value_internal.engagement_combine,
    SERIALFUNC = customer_value_internal.engagement_serialize,
    DESERIALFUNC = customer_value_internal.engagement_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE engagement(date, double precision, date, double precision) IS
    'Engagement (at, weight, as_of, half_life_days): the sum of weights of events up to as_of, each halved for every '
    'half-life since, 30 days unless given; accurate to 1e-18 per event; NULL without events up to as_of';

CREATE AGGREGATE engagement(timestamptz, double precision, date, double precision, text) (
    SFUNC = customer_value_internal.engagement_add, STYPE = internal, SSPACE = 64,
    FINALFUNC = customer_value_internal.engagement_finish,
    COMBINEFUNC = customer_value_internal.engagement_combine,
    SERIALFUNC = customer_value_internal.engagement_serialize,
    DESERIALFUNC = customer_value_internal.engagement_deserialize, PARALLEL = SAFE
);
COMMENT ON AGGREGATE engagement(timestamptz, double precision, date, double precision, text) IS
    'Engagement (at, weight, as_of, half_life_days, time_zone): the sum of weights of events up to as_of, each '
    'halved for every half-life since, 30 days unless given; accurate to 1e-18 per event; NULL without events up to '
    'as_of';

-- concentration ---------------------------------------------------------------------------------------------------

CREATE FUNCTION customer_value_internal.gini_add(internal, double precision) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'gini_add';
CREATE FUNCTION customer_value_internal.gini_finish(internal) RETURNS double precision
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'gini_finish';
CREATE AGGREGATE gini(double precision) (
    SFUNC = customer_value_internal.gini_add, STYPE = internal, SSPACE = 8192,
    FINALFUNC = customer_value_internal.gini_finish, PARALLEL = SAFE
);
COMMENT ON FUNCTION customer_value_internal.gini_add(internal, double precision) IS 'Adds a value; part of gini';
COMMENT ON FUNCTION customer_value_internal.gini_finish(internal) IS 'State to result; part of gini';
COMMENT ON AGGREGATE gini(double precision) IS
    'Gini coefficient of values: 0 if all are equal, close to 1 if one has everything; negative values count as 0; '
    'NULL, NaN and infinite values are left out; NULL without a positive value';

-- stability -------------------------------------------------------------------------------------------------------

CREATE FUNCTION population_stability_index(expected double precision[], actual double precision[]) RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'population_stability_index';
COMMENT ON FUNCTION population_stability_index(double precision[], double precision[]) IS
    'How far customers have moved between bins: the sum of (q - p) * ln(q / p) over the shares p expected and q found, with '
    'half a customer added to each bin on both sides; 0 for equal shares, by rule of thumb stable below 0.1 and another '
    'population from 0.25 on; NULL if nobody is in the bins of either';
CREATE FUNCTION customer_value_internal.stability_by_chance(expected double precision[], actual double precision[])
    RETURNS double precision
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'stability_by_chance';
COMMENT ON FUNCTION customer_value_internal.stability_by_chance(double precision[], double precision[]) IS
    'The mean population_stability_index of two samples of one population that have as many customers';
