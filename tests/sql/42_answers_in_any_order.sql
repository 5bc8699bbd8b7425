-- Survey answers, engagement and concentration are bit by bit the same in any order and by any workers, and their parts are
-- for nobody to call.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
SET max_parallel_workers_per_gather = 0;
\pset format unaligned
SET search_path = public, customer_value, customer_value_internal;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\i :helpers
\set answers :abs_srcdir '/sql/include/answers.sql'
\i :answers

-- bit by bit the same, however rows are folded --------------------------------------------------------
CREATE FUNCTION bits(double precision) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT encode(float8send($1), 'hex')
$$;
CREATE FUNCTION folding(source text, "order" text DEFAULT '') RETURNS text LANGUAGE sql AS $$
    SELECT format(
        '
            SELECT shop, bits(csat(satisfied%2$s)) AS c, bits(csat_error(satisfied%2$s)) AS ce,
                   bits(nps(recommends%2$s)) AS n, bits(nps_error(recommends%2$s)) AS ne,
                   bits(ces(effort%2$s)) AS s, bits(ces_error(effort%2$s)) AS se,
                   bits(engagement(at, ''2024-06-30''%2$s)) AS e2,
                   bits(engagement(at, weight, ''2024-06-30''%2$s)) AS e3,
                   bits(engagement(at::date, weight, ''2024-06-30'', 3.3%2$s)) AS e4,
                   bits(engagement(at::timestamptz, weight, ''2024-06-30'', 400, ''Asia/Shanghai''%2$s)) AS e5
            FROM %1$s
            GROUP BY 1
        ',
        source, "order"
    )
$$;
CREATE FUNCTION fold(name text, source text, "order" text DEFAULT '') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TABLE %I AS %s', name, folding(source, "order"));
END $$;
CREATE FUNCTION fold_values(name text, source text, "order" text DEFAULT '') RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TABLE %I AS SELECT g, bits(gini(value%s)) AS gini FROM %s GROUP BY 1',
                   name, "order", source);
END $$;
CREATE TABLE lines AS
SELECT a.i, shop, satisfied, recommends, effort, at,
       CASE WHEN e.i % 23 = 0 THEN weight * 1e9 WHEN e.i % 7 = 0 THEN weight / 1e9 ELSE weight END AS weight
FROM answers AS a
FULL JOIN events AS e USING (i);
ANALYZE lines;
SELECT fold('serial', 'lines'), fold_values('ginis', 'wealth');
SELECT count(*) AS groups, count(c) AS c, count(e3) AS e, count(DISTINCT e3) AS values FROM serial;
-- sorted, shuffled, backwards, by weight
SET enable_hashagg = off;
SELECT fold('sorted', 'lines'), fold('shuffled', 'lines', ' ORDER BY md5(i::text)'),
       fold('backwards', 'lines', ' ORDER BY i DESC'), fold('lightest', 'lines', ' ORDER BY weight, at DESC'),
       fold_values('ginis_down', 'wealth', ' ORDER BY value DESC'),
       fold_values('ginis_shuffled', 'wealth', ' ORDER BY md5(value::text)');
RESET enable_hashagg;
SELECT differ('serial', 'sorted') AS sorted, differ('serial', 'shuffled') AS shuffled,
       differ('serial', 'backwards') AS backwards, differ('serial', 'lightest') AS lightest,
       differ('ginis', 'ginis_down') AS gini_down, differ('ginis', 'ginis_shuffled') AS gini_shuffled;
-- by partitions: partial states of each, in one process
CREATE TABLE parted (LIKE lines) PARTITION BY HASH (i);
CREATE TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE parted_2 PARTITION OF parted FOR VALUES WITH (MODULUS 3, REMAINDER 2);
INSERT INTO parted SELECT * FROM lines ORDER BY md5(i::text);
ANALYZE parted;
CALL hand_over_for_nothing();
SET enable_partitionwise_aggregate = on;
SELECT count(*) FILTER (WHERE line ~ 'Partial (Hash|Group)Aggregate') AS partial
FROM plan_of(folding('parted')) AS line;
SELECT fold('by_partitions', 'parted');
SELECT differ('serial', 'by_partitions');
-- parts that disagree on the day are an error also where they meet
SELECT fails('
    SELECT engagement(at, weight,
                      CASE tableoid WHEN ''parted_0''::regclass THEN date ''2024-06-30'' ELSE ''2024-06-29'' END)
    FROM parted
') AS as_of_varies;
SELECT fails('
    SELECT engagement(at, weight, ''2024-06-30'', CASE tableoid WHEN ''parted_0''::regclass THEN 30 ELSE 31 END)
    FROM parted
') AS half_life_varies;
SELECT fails('
    SELECT engagement(at, 9e13, ''2024-06-30'', 1e6) FROM parted CROSS JOIN generate_series(1, 400)
') AS sum_too_heavy;
RESET enable_partitionwise_aggregate;
-- by workers: states go through serialize, deserialize and combine
ALTER TABLE lines SET (parallel_workers = 2);
ALTER TABLE wealth SET (parallel_workers = 2);
ANALYZE lines, wealth;
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0.001;
SET min_parallel_table_scan_size = 0;
SELECT bool_or(line ~ 'Partial (Hash|Group)Aggregate') AS partial,
       bool_or(line ~ 'Finalize (Hash|Group)Aggregate') AS finalized,
       max((regexp_match(line, 'Workers Launched: (\d+)'))[1]::int) >= 1 AS launched
FROM plan_of(folding('lines'), 'ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF') AS line;
-- each alone, too
SELECT what, bool_or(line ~ 'Partial Aggregate') AS partial, bool_or(line ~ 'Finalize Aggregate') AS finalized
FROM unnest(ARRAY[
         'csat(satisfied)', 'csat_error(satisfied)', 'nps(recommends)', 'nps_error(recommends)', 'ces(effort)',
         'ces_error(effort)', 'engagement(at, ''2024-06-30'')', 'engagement(at, weight, ''2024-06-30'')',
         'engagement(at, weight, ''2024-06-30'', 3)', 'engagement(at::date, ''2024-06-30'')',
         'engagement(at::date, weight, ''2024-06-30'')', 'engagement(at::date, weight, ''2024-06-30'', 3)',
         'engagement(at::timestamptz, ''2024-06-30'')', 'engagement(at::timestamptz, weight, ''2024-06-30'')',
         'engagement(at::timestamptz, weight, ''2024-06-30'', 3)',
         'engagement(at::timestamptz, weight, ''2024-06-30'', 3, ''Asia/Shanghai'')'
     ]) AS what,
     LATERAL plan_of(format('SELECT %s FROM lines', what)) AS line
GROUP BY what ORDER BY what COLLATE "C";
SELECT fold('by_all', 'lines'), fold_values('ginis_by_all', 'wealth');
SET parallel_leader_participation = off;
SELECT fold('by_workers', 'lines'), fold_values('ginis_by_workers', 'wealth');
SELECT differ('serial', 'by_all') AS by_all, differ('serial', 'by_workers') AS by_workers,
       differ('ginis', 'ginis_by_all') AS gini_by_all, differ('ginis', 'ginis_by_workers') AS gini_by_workers;
-- one state of all, and of rows without an answer or event
SELECT bits(csat(satisfied)) AS c, bits(nps_error(recommends)) AS n, bits(ces_error(effort)) AS s,
       bits(engagement(at, weight, '2024-06-30')) AS e
INTO all_by_workers
FROM lines;
SELECT csat(satisfied), csat_error(satisfied), nps(recommends), ces(effort), ces_error(effort)
FROM lines
WHERE shop = 99;
SELECT engagement(at, weight, '2024-06-30') AS no_time, engagement(at, '2024-06-30') AS no_time
FROM lines
WHERE at IS NULL AND i > 8000;
-- an error in a worker is the same error
\set VERBOSITY terse
SELECT nps(CASE WHEN i = 4321 THEN 12 ELSE recommends END) IS NULL FROM lines;
SELECT engagement(at, CASE WHEN i = 4321 THEN -1 ELSE weight END, '2026-01-01') IS NULL FROM lines;
\set VERBOSITY default
RESET parallel_leader_participation;
SET max_parallel_workers_per_gather = 0;
SELECT bits(csat(satisfied)) AS c, bits(nps_error(recommends)) AS n, bits(ces_error(effort)) AS s,
       bits(engagement(at, weight, '2024-06-30')) AS e
INTO all_serial
FROM lines;
SELECT differ('all_serial', 'all_by_workers');
-- a total is what its parts give, to the bit: sums are exact
SELECT bits(sum(e)) = bits(max(total)) AS same
FROM (SELECT engagement(at, 1, '2024-12-31', 1e6) AS e
      FROM (VALUES (date '2024-12-31'), ('2024-12-31')) AS v (at)) AS p,
     (SELECT engagement(at, 2, '2024-12-31', 1e6) AS total FROM (VALUES (date '2024-12-31')) AS v (at)) AS t;

-- parts of aggregates, called by a user ---------------------------------------------------------------
-- (the server itself lets nobody pass an internal value; how it says so differs between minor versions)
SELECT CASE
           WHEN said
                   ~ '^42883|^42846|^.no hint. 42846|^.no hint. 0A000: cannot accept a value of type internal'
               THEN 'refused by the server'
           ELSE said
       END AS fails,
       call
FROM unnest(ARRAY[
         'csat_add(NULL, 3)', 'nps_add(NULL, 3)', 'ces_add(NULL, 3.5)', 'tally_combine(NULL, NULL)',
         'tally_serialize(NULL)', 'tally_deserialize(''\x00'', NULL)', 'tally_deserialize(''\x''::bytea, NULL)',
         'tally_deserialize(NULL, NULL)', 'tally_mean_finish(NULL)', 'tally_share_error_finish(NULL)',
         'tally_mean_error_finish(NULL)', 'tally_mean_finish(csat_add(NULL, 3))',
         'tally_mean_finish(tally_combine(NULL, NULL))', 'tally_mean_finish(tally_deserialize(''\x00''::bytea, NULL))',
         'tally_serialize(tally_deserialize(''\xffffffffffffffffffffffffffffffffffffffffffffffff''::bytea, NULL))',
         'tally_combine(csat_add(NULL, 3), nps_add(NULL, 3))',
         'engagement_add(NULL, date ''2024-01-01'', date ''2024-01-01'')',
         'engagement_add(NULL, timestamptz ''2024-01-01'', 1, date ''2024-01-01'', 30, ''UTC'')',
         'engagement_combine(NULL, NULL)', 'engagement_serialize(NULL)',
         'engagement_deserialize(''\x00''::bytea, NULL)', 'engagement_finish(NULL)',
         'engagement_finish(engagement_deserialize(''\x00''::bytea, NULL))',
         'engagement_finish(engagement_add(NULL, date ''2024-01-01'', date ''2024-01-01''))',
         'engagement_finish(csat_add(NULL, 3))', 'gini_add(NULL, 1)', 'gini_finish(NULL)',
         'gini_finish(gini_add(NULL, 1))', 'gini_finish(csat_add(NULL, 3))'
     ]) WITH ORDINALITY AS c (call, place),
     LATERAL (SELECT fails('SELECT ' || call) AS said) AS f
ORDER BY place;
-- with the type written out: every function of the extension that takes or gives an internal value
SELECT count(*) > 60 AS many,
       count(*) FILTER (WHERE said !~ '^.no hint. 42846: |^.no hint. 0A000: |^42846: |^42883: ') AS not_refused
FROM (
    SELECT fails(format(
        'SELECT customer_value_internal.%I(%s)', proname,
        (
            SELECT string_agg('NULL::' || t::regtype, ', ' ORDER BY o)
            FROM unnest(proargtypes) WITH ORDINALITY AS a (t, o)
        )
    )) AS said
    FROM pg_proc
    WHERE pronamespace = 'customer_value_internal'::regnamespace
        AND prokind = 'f'
        AND ('internal'::regtype = ANY (proargtypes) OR prorettype = 'internal'::regtype)
) AS s;
-- nor are states mixed up by an aggregate of one's own: that takes a superuser
CREATE ROLE cv_answers_other;
GRANT CREATE ON SCHEMA public TO cv_answers_other;
SET ROLE cv_answers_other;
SELECT fails('
    CREATE AGGREGATE public.mixed(double precision) (
        SFUNC = csat_add, STYPE = internal, FINALFUNC = engagement_finish
    )
') ~ '42P13: aggregate transition data type cannot be internal' AS refused;
-- everyone may ask
SELECT csat(s), nps(s), ces(s), gini(s), engagement(date '2024-01-01', s, '2024-01-31') FROM unnest(ARRAY[1, 5]) AS s;
RESET ROLE;
DROP OWNED BY cv_answers_other;
DROP ROLE cv_answers_other;
