-- What a training found of axes and matrices, as one value each: text, binary, and the functions that a view applies
-- for each customer, against the public functions over plain arrays and against the definition in SQL.
SET client_min_messages = warning;
\pset format unaligned
SET timezone = 'America/New_York';
SET search_path = public, customer_value, customer_value_internal;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\i :helpers

-- 101 numbers, as JSON, from some that are given
CREATE FUNCTION hundred(VARIADIC given float8[]) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_agg(percentile_cont)
    FROM (
        SELECT percentile_cont(k / 100.0) WITHIN GROUP (ORDER BY n)
        FROM generate_series(0, 100) AS k, unnest(given) AS n
        GROUP BY k ORDER BY k
    ) AS p
$$;
CREATE FUNCTION axis(name text, p jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object('axis', name, 'customers', 10, 'mean', 1.5, 'percentiles', p)
$$;
CREATE FUNCTION place(code text, rank int) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object('code', code, 'label', initcap(code), 'rank', rank)
$$;
-- places one to n, with codes that begin with a letter
CREATE FUNCTION places(letter text, n int) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_agg(place(letter || i, i) ORDER BY i) FROM generate_series(1, n) AS i
$$;

CREATE TABLE axes AS
SELECT name, numbers,
       ARRAY(
           SELECT e::float8
           FROM jsonb_array_elements_text(hundred(VARIADIC numbers)) WITH ORDINALITY AS x (e, n)
           ORDER BY n
       ) AS percentiles
FROM (
    VALUES ('frequency', '{1,1,1,2,2,3,5,9,20}'::float8[]), ('revenue', '{-5,0,0,0,12.5,80,1000.25,1e9}'),
           ('purchase_days', '{1,1,2,2,4,7}'), ('purchase_span', '{0,0,30,60,300}'),
           ('purchase_gap', '{1,5,10,20,30,60,90}'), ('repeat_purchase_days', '{2,2,3,5,8}'),
           ('客户 "x"', '{0.1,0.2}')
) AS v (name, numbers);
CREATE TABLE trained AS
SELECT (
    SELECT jsonb_agg(axis(name, to_jsonb(percentiles)) ORDER BY name COLLATE "C")
        || '[{"axis": "nobody", "customers": 0, "mean": null, "percentiles": null}]'
    FROM axes
)::text::trained_axes AS axes;

-- axes: text ----------------------------------------------------------------------------------------------------
SELECT axes::text::trained_axes::text = axes::text AS stays, length(trained_axes_send(axes)) AS bytes,
       get_byte(trained_axes_send(axes), 0) AS version
FROM trained;
SELECT x ->> 'axis' AS axis, x ->> 'customers' AS customers, x ->> 'mean' AS mean,
       json_array_length(nullif(x ->> 'percentiles', '')::json) AS percentiles
FROM trained, json_array_elements(axes::text::json) AS x;
SELECT '[]'::trained_axes, '[{"axis": "a", "customers": 3}]'::trained_axes,
       ' [ {"mean":-0.5,"axis":"a","customers":0,"percentiles":null} ] '::trained_axes;
SELECT fails(format('SELECT %L::trained_axes', text)) AS said, left(text, 90) AS text
FROM unnest(ARRAY[
    '', '{}', 'null', '[', '[1]', '[{}]', '[{"axis": "a"}]', '[{"axis": "", "customers": 1}]',
    '[{"axis": 7, "customers": 1}]', '[{"axis": "a", "customers": -1}]', '[{"axis": "a", "customers": 1.5}]',
    '[{"axis": "a", "customers": 1e30}]', '[{"axis": "a", "customers": 1, "cuts": []}]',
    '[{"axis": "a", "customers": 1}, {"axis": "a", "customers": 1}]',
    '[{"axis": "a", "customers": 1, "percentiles": []}]', '[{"axis": "a", "customers": 1, "percentiles": [1, 2]}]',
    '[{"axis": "a", "customers": 1, "mean": 1e999}]', '[{"axis": "a", "customers": 1, "mean": "x"}]',
    '[{"axis": "a", "customers": 1}] x', jsonb_build_array(axis('a', hundred(3, 2) - 0))::text,
    jsonb_build_array(axis('a', (hundred(3, 2) || '[1]') - 0))::text,
    jsonb_build_array(axis('a', hundred(3, 2)) || '{"customers": 0}')::text,
    jsonb_build_array(axis('a', jsonb_set(hundred(3, 2), '{50}', 'null')))::text,
    jsonb_build_array(axis(repeat('x', 256), hundred(1)))::text,
    jsonb_build_array(axis(repeat('户', 86), hundred(1)))::text, '[{"axis": "a\u0000b", "customers": 1}]'
]) AS text;

-- percentiles: as of the same numbers in an array
SELECT count(*) AS calls,
       count(*) FILTER (
           WHERE percentile_of(t.axes, a.name, v) IS DISTINCT FROM percentile_of(a.percentiles, v)
       ) AS wrong
FROM trained AS t, axes AS a,
     LATERAL (
         SELECT unnest(a.numbers)
         UNION
         SELECT unnest(a.numbers) + 0.01
         UNION
         SELECT unnest(a.percentiles)
         UNION
         SELECT i * 7 - 20 FROM generate_series(0, 60) AS i
     ) AS v (v);
SELECT count(*) AS calls,
       count(*) FILTER (WHERE percentile_at(t.axes, a.name, k) IS DISTINCT FROM a.percentiles[k + 1]) AS wrong
FROM trained AS t, axes AS a, generate_series(0, 100) AS k;
SELECT percentile_of(axes, 'frequency', 'NaN') AS nan, percentile_of(axes, 'frequency', 'Infinity') AS infinite,
       percentile_of(axes, 'frequency', '-Infinity') AS infinite, percentile_of(axes, 'frequency', NULL) AS value,
       percentile_of(NULL::trained_axes, 'frequency', 1) AS no_axes, percentile_of(axes, 'none', 1) AS no_axis,
       percentile_of(axes, '', 1) AS no_axis, percentile_of(axes, 'frequenc', 1) AS no_axis,
       percentile_of(axes, 'nobody', 1) AS nobody, percentile_at(axes, 'nobody', 50) AS nobody,
       percentile_at(axes, 'none', 50) AS no_axis, percentile_of('[]', 'frequency', 1) AS empty
FROM trained;
SELECT fails(format('SELECT percentile_at(axes, ''frequency'', %s) FROM trained', percent)), percent
FROM unnest(ARRAY[-1, 101, 2147483647]) AS percent;

-- loyalty, value score, lifecycle: as of the same percentiles given one by one
CREATE TABLE histories AS
SELECT c,
       purchase_history(date '2024-06-01' - (c * c * 7 + i * i * 11) % 400, ((i * 17 + c) % 90 - 10)::numeric) AS h
FROM generate_series(1, 300) AS c, LATERAL generate_series(1, 1 + c % 6) AS i
GROUP BY c
UNION ALL
SELECT 1001, purchase_history(NULL::date, 1)
UNION ALL
SELECT 1002, purchase_history(date '2024-05-01', -5)
UNION ALL
SELECT 1003, purchase_history(date '2024-05-01')
UNION ALL
SELECT 1004, NULL;
CREATE VIEW p AS
SELECT axes, (SELECT percentiles FROM axes WHERE name = 'purchase_days') AS days,
       (SELECT percentiles FROM axes WHERE name = 'purchase_span') AS span,
       (SELECT percentiles FROM axes WHERE name = 'frequency') AS frequency,
       (SELECT percentiles FROM axes WHERE name = 'revenue') AS revenue,
       (SELECT percentiles FROM axes WHERE name = 'purchase_gap') AS gap,
       (SELECT percentiles FROM axes WHERE name = 'repeat_purchase_days') AS repeats, m
FROM trained,
     (
         VALUES ('{"family": "bg_nbd", "r": 0.24, "alpha": 30.9, "a": 0.79, "b": 2.43}'::purchase_model), (NULL)
     ) AS v (m);
SELECT m IS NULL AS no_model, count(*) AS calls, count(loyalty(m, axes, h, as_of)) AS known,
       count(*) FILTER (
           WHERE loyalty(m, axes, h, as_of) IS DISTINCT FROM loyalty(m, days, span, h, as_of)
       ) AS loyalty,
       count(*) FILTER (
           WHERE value_score(axes, h, as_of) IS DISTINCT FROM value_score(frequency, revenue, h, as_of)
       ) AS score
FROM p, histories, unnest(ARRAY['2023-06-01', '2024-01-01', '2024-06-01', '2025-01-01']::date[]) AS as_of
GROUP BY 1 ORDER BY 1;
SELECT stage, count(*), count(*) FILTER (WHERE matrix_code_of('lifecycle', level) IS DISTINCT FROM stage) AS wrong
FROM (
    -- of no history the view says whether it is a prospect's
    SELECT coalesce(lifecycle_level(axes, h, as_of), CASE WHEN h IS NULL THEN 6 END) AS level,
           lifecycle_stage(h, as_of, gap[81], gap[96], greatest(3, repeats[81])) AS stage
    FROM p, histories, unnest(ARRAY['2023-06-01', '2024-01-01', '2024-06-01', '2025-01-01']::date[]) AS as_of
) AS s
GROUP BY 1 ORDER BY 1;
-- limits that are missing never hold; three purchase days are loyal at least
SELECT string_agg(DISTINCT matrix_code_of('lifecycle', lifecycle_level('[]', h, '2030-01-01')), ', ') AS without_axes,
       count(lifecycle_level(NULL, h, '2024-01-01')) AS no_axes, count(lifecycle_level('[]', h, NULL)) AS no_day
FROM histories;
SELECT matrix_code_of(
           'lifecycle',
           lifecycle_level(
               jsonb_build_array(axis('purchase_gap', hundred(10, 10)),
                                 axis('repeat_purchase_days', hundred(VARIADIC days)))::text::trained_axes,
               h, '2024-01-10'
           )
       ) AS stage,
       days, purchase_days(h) AS bought
FROM (VALUES ('{2,2}'::float8[]), ('{6,6}')) AS v (days),
     (SELECT purchase_history(date '2024-01-10' - i, 1) AS h FROM generate_series(1, 4) AS i) AS o;
SELECT loyalty(NULL, axes, h, '2024-06-01') IS NOT NULL AS model,
       loyalty(m, NULL::trained_axes, h, '2024-06-01') AS axes, loyalty(m, axes, NULL, '2024-06-01') AS history,
       loyalty(m, axes, h, NULL) AS day, loyalty(m, '[]', h, '2024-06-01') AS no_axis,
       value_score('[]', h, '2024-06-01') AS no_axis
FROM p, histories
WHERE c = 5 AND m IS NOT NULL;
SELECT fails('SELECT ' || call || ' FROM p, histories')
FROM unnest(ARRAY[
    'loyalty(m, axes, h, ''infinity'')', 'value_score(axes, h, ''-infinity'')',
    'lifecycle_level(axes, h, ''infinity'')'
]) AS call;

-- matrices: text ------------------------------------------------------------------------------------------------
CREATE TABLE matrices AS
SELECT '[]'::jsonb
    || jsonb_build_object('matrix', 'four', 'x_axis', 'a', 'x_cuts', '[10]'::jsonb, 'y_axis', 'b',
                          'y_cuts', '[-1.5]'::jsonb,
                          'positions', jsonb_build_array(place('low_low', 4), place('low_high', 3),
                                                         place('high_low', 2), place('high_high', 1)))
    || jsonb_build_object('matrix', 'six', 'x_axis', 'a', 'x_cuts', '[10, 20]'::jsonb, 'y_axis', '户',
                          'y_cuts', '[5]'::jsonb, 'positions', places('p', 6))
    || jsonb_build_object('matrix', 'class', 'x_axis', 'a', 'x_cuts', '[1, 1, 3]'::jsonb, 'y_axis', null,
                          'y_cuts', null, 'positions', places('c', 4))
    || jsonb_build_object('matrix', 'nobody', 'x_axis', 'a', 'x_cuts', null, 'y_axis', 'b',
                          'y_cuts', '[5]'::jsonb, 'positions', places('n', 4))
    || jsonb_build_object('matrix', 'empty_class', 'x_axis', 'a', 'x_cuts', null, 'positions', places('n', 3))
    || jsonb_build_object('matrix', 'hundred', 'x_axis', 'a', 'x_cuts', '[1, 2, 3, 4, 5, 6, 7, 8, 9]'::jsonb,
                          'y_axis', 'b', 'y_cuts', '[1, 2, 3, 4, 5, 6, 7, 8, 9]'::jsonb,
                          'positions', places('h', 100)) AS m;
ALTER TABLE matrices ALTER m TYPE trained_matrices USING m::text::trained_matrices;
SELECT m::text::trained_matrices::text = m::text AS stays, length(trained_matrices_send(m)) AS bytes,
       get_byte(trained_matrices_send(m), 0) AS version
FROM matrices;
SELECT x - 'positions' AS matrix, jsonb_array_length(x -> 'positions') AS positions,
       x -> 'positions' -> 0 AS first
FROM matrices, jsonb_array_elements(m::text::jsonb) AS x;
SELECT '[]'::trained_matrices;
CREATE FUNCTION four(change jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT jsonb_build_array((m::text::jsonb -> 0) || change)::text FROM matrices
$$;
SELECT fails(format('SELECT %L::trained_matrices', four(change::jsonb))) AS said, change
FROM unnest(ARRAY[
    '{"matrix": ""}', '{"matrix": null}', '{"x_axis": ""}', '{"x_cuts": []}', '{"x_cuts": [2, 1]}',
    '{"x_cuts": [1, 2]}', '{"x_cuts": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}', '{"y_axis": null}', '{"y_axis": ""}',
    '{"y_cuts": [1, null]}', '{"positions": []}', '{"positions": [{"code": "a", "label": "A", "rank": 1}]}',
    '{"language": "en"}', '{"x_cuts": null, "positions": []}'
]) AS change;
SELECT fails(format('SELECT %L::trained_matrices', four(class || jsonb_build_object('positions', two)))) AS said, two
FROM (VALUES ('{"y_axis": null, "y_cuts": null}'::jsonb)) AS c (class),
     unnest(ARRAY[
         '[{"code": "a", "label": "A", "rank": 0}, {"code": "b", "label": "B", "rank": 2}]',
         '[{"code": "a", "label": "", "rank": 1}, {"code": "b", "label": "B", "rank": 2}]',
         '[{"code": "a", "label": "A", "rank": 40000}, {"code": "b", "label": "B", "rank": 2}]',
         '[{"code": "a", "label": "A", "rank": 1, "motto": ""}, {"code": "b", "label": "B", "rank": 2}]'
     ]::jsonb[]) AS two;
SELECT fails(format('SELECT %L::trained_matrices', text)) AS said, left(text, 20) AS text
FROM unnest(ARRAY[
    '', '{}', '[1]', '[{}]', 'null',
    (SELECT jsonb_build_array(m::text::jsonb -> 0, m::text::jsonb -> 0)::text FROM matrices),
    four(jsonb_build_object('matrix', repeat('x', 256)))
]) AS text;

-- positions: as level_of has it, level by level of x, within it by those of y
SELECT count(*) AS calls,
       count(*) FILTER (
           WHERE matrix_rank(m, 'hundred', x, y)
               IS DISTINCT FROM (level_of('{1,2,3,4,5,6,7,8,9}', x) - 1) * 10 + level_of('{1,2,3,4,5,6,7,8,9}', y)
       ) AS wrong,
       count(*) FILTER (
           WHERE matrix_code(m, 'hundred', x, y) IS DISTINCT FROM 'h' || matrix_rank(m, 'hundred', x, y)
       ) AS codes,
       count(DISTINCT matrix_label(m, 'hundred', x, y)) AS labels
FROM matrices, generate_series(0.5, 10, 0.5) AS x, generate_series(0, 11) AS y;
SELECT x, y, matrix_code(m, 'four', x, y) AS code, matrix_label(m, 'four', x, y) AS label,
       matrix_rank(m, 'four', x, y) AS rank, quadrant(x, y, 10, -1.5) = matrix_code(m, 'four', x, y) AS same,
       matrix_code(m, 'six', x, y) AS six
FROM matrices, unnest(ARRAY['-Infinity', 9.99, 10, 20, 'Infinity']::float8[]) AS x,
     unnest(ARRAY[-2, -1.5, 5]::float8[]) AS y
ORDER BY 1, 2;
SELECT x, matrix_code(m, 'class', x) AS code, matrix_label(m, 'class', x) AS label,
       matrix_rank(m, 'class', x) AS rank
FROM matrices, unnest(ARRAY[0, 1, 2.9, 3, 'Infinity']::float8[]) AS x;
SELECT matrix_code(m, 'four', 'NaN', 1) AS x, matrix_code(m, 'four', 1, 'NaN') AS y,
       matrix_rank(m, 'class', 'NaN') AS x, matrix_label(m, 'four', NULL, 1) AS x,
       matrix_label(m, 'none', 1, 1) AS none, matrix_label(m, '', 1, 1) AS none,
       matrix_label(m, 'fou', 1, 1) AS none, matrix_label(m, 'nobody', 1, 1) AS no_cuts,
       matrix_code(m, 'empty_class', 1) AS no_cuts, matrix_code(m, 'four', 1) AS one_value,
       matrix_code(m, 'class', 1, 1) AS two_values, matrix_code('[]', 'four', 1, 1) AS empty,
       matrix_code(NULL, 'four', 1, 1) AS no_matrices
FROM matrices;

-- binary: what the server sent is accepted, anything else refused -----------------------------------------------
CREATE TABLE sent (axes trained_axes, matrices trained_matrices);
CREATE FUNCTION receive(bytes bytea, field text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    file bytea := '\x5047434f50590aff0d0a0000000000000000000001'::bytea || int4send(length(bytes)) || bytes
        || '\xffff'::bytea;
    octal text;
    state text;
    hint text;
BEGIN
    SELECT string_agg(
               format('\%s%s%s', get_byte(file, i) / 64, get_byte(file, i) / 8 % 8, get_byte(file, i) % 8),
               '' ORDER BY i
           )
    INTO octal
    FROM generate_series(0, length(file) - 1) AS i;
    TRUNCATE sent;
    EXECUTE format('COPY sent (%s) FROM PROGRAM %L (FORMAT binary)', field, format('printf "%s"', octal));
    PERFORM axes::text::trained_axes::text, matrices::text::trained_matrices::text, percentile_of(axes, 'a', 2),
            percentile_at(axes, 'b', 3), matrix_code(matrices, 'four', 2, 3), matrix_label(matrices, 'class', 2)
    FROM sent;
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = returned_sqlstate, hint = pg_exception_hint;
    RETURN CASE WHEN hint = '' OR state LIKE 'XX%' THEN '!! ' || SQLERRM || ' ' ELSE '' END || state;
END $$;
CREATE TABLE good (field text, bytes bytea);
INSERT INTO good
SELECT 'axes',
       trained_axes_send(
           jsonb_build_array(axis('a', hundred(1, 2, 9)), axis('bb', 'null'))::text::trained_axes
       )
UNION ALL
SELECT 'matrices', trained_matrices_send(jsonb_build_array(x -> 0, x -> 2)::text::trained_matrices)
FROM matrices, LATERAL (SELECT m::text::jsonb) AS j (x);
SELECT field, receive(bytes, field) AS whole, receive(bytes || '\x00', field) AS longer,
       receive(bytes || bytes, field) AS twice, receive('', field) AS empty, receive('\x01', field) AS head
FROM good;
SELECT a.field, receive(a.bytes, b.field) AS as_the_other
FROM good AS a
JOIN good AS b ON a.field <> b.field
ORDER BY 1;
SELECT field, received, count(*)
FROM good, LATERAL generate_series(0, least(length(bytes) - 1, 120), 3) AS n,
     LATERAL receive(substr(bytes, 1, n), field) AS received
GROUP BY 1, 2 ORDER BY 1, 2;
SELECT field, received LIKE '!!%' AS wrong
FROM good, LATERAL generate_series(0, least(length(bytes) - 1, 120)) AS n, (VALUES (0), (255)) AS b (byte),
     LATERAL receive(set_byte(bytes, n, byte), field) AS received
GROUP BY 1, 2 ORDER BY 1, 2;

-- in_memory: the same value of any type -------------------------------------------------------------------------
SELECT in_memory(5), in_memory('x'::text), in_memory(1.5::numeric), in_memory('{1,2}'::int[]),
       in_memory(NULL::text), in_memory('(1,2)'::point), in_memory(true);
CREATE TABLE big (packed text, squeezed text, axes trained_axes);
ALTER TABLE big ALTER packed SET STORAGE external;
INSERT INTO big
SELECT string_agg(md5(i::text), ''), repeat('x', 100000), (SELECT axes FROM trained)
FROM generate_series(1, 1000) AS i;
SELECT in_memory(packed) = packed AS external, in_memory(squeezed) = squeezed AS compressed,
       pg_column_size(squeezed) < 2000 AS was_compressed, pg_column_size(in_memory(squeezed)) AS bytes,
       in_memory(axes)::text = axes::text AS axes, pg_column_compression(axes) IS NULL AS never_compressed
FROM big;

-- the views over trainings --------------------------------------------------------------------------------------
INSERT INTO segmentation (id, view, source, customer, ordered_at, options, owner, owner_oid, view_oid, source_oid,
                          place, written, version)
VALUES ('00000000-0000-0000-0000-000000000001', 'public.gone', 'public.gone', 'customer', 'at', '{}', current_user,
        current_user::regrole, 0, 0, customer_value_internal.this_place(), '{}', 'none');
INSERT INTO training (segmentation, number, newest, trained_by, seconds, as_of, customers, purchasers, orders,
                      refunds, rows_left_out, first_purchase, last_purchase, language, options, score_counts, cuts,
                      axes, matrices)
SELECT '00000000-0000-0000-0000-000000000001', n, n = 2, current_user, 0, '2024-06-01', 1, 1, 1, 0, 0,
       '2024-01-01', '2024-05-01', 'en', '{}', '{}', '{"recency": [1], "frequency": [1]}', axes, m
FROM generate_series(1, 2) AS n, trained, matrices;
SELECT view, state, source, owner = current_user AS own, newest_training, customers FROM segmentations;
SELECT number, axis, customers, mean, cardinality(percentiles) AS percentiles,
       percentiles = (SELECT a.percentiles FROM axes AS a WHERE a.name = t.axis) AS same
FROM training_axis AS t
ORDER BY number, axis COLLATE "C";
SELECT matrix, number, x_axis, x_cuts, y_axis, y_cuts, codes[1:4] AS codes, labels[1:2] AS labels,
       ranks[1:2] AS ranks, cardinality(codes) AS positions, language
FROM training_matrix
WHERE number = 2
ORDER BY matrix COLLATE "C";
SELECT fails('UPDATE training SET newest = true') LIKE '% 23505: %' AS one_is_newest;
-- everyone reads them
CREATE ROLE cv_trained_reader;
SET ROLE cv_trained_reader;
SELECT (SELECT count(*) FROM customer_value.training_axis) AS axes,
       (SELECT count(*) FROM customer_value.training_matrix) AS matrices,
       (
           SELECT customer_value_internal.percentile_of(axes, 'frequency', 2) FROM customer_value.training LIMIT 1
       ) AS used;
RESET ROLE;
DROP ROLE cv_trained_reader;
