-- What can be the document of a scheme, of a matrix, or of words for a built-in one, and what is told of any other.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned
SET search_path = public, customer_value;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\i :helpers

-- What a document is refused with, without what is the same for all: their state and the name; nothing is kept.
CREATE FUNCTION refused(called text, document jsonb, name text DEFAULT 'x') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; hint text;
BEGIN
    EXECUTE format('SELECT customer_value.%I($1, $2)', called) USING name, document;
    RAISE EXCEPTION USING ERRCODE = 'CV000';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = returned_sqlstate, message = message_text, hint = pg_exception_hint;
    message := regexp_replace(message, '^invalid (definition|name|wording) of [^"]*"[^"]*("; --)?": ', '');
    RETURN CASE WHEN state = 'CV000' THEN 'accepted'
                ELSE CASE WHEN hint = '' OR state LIKE 'XX%' THEN '!! ' ELSE '' END
                     || CASE WHEN state = '22023' THEN '' ELSE state || ' ' END
                     || left(message, 200)
           END;
END $$;
CREATE VIEW base AS
SELECT jsonb '{
           "x": {"axis": "clv", "split": "given", "cuts": [1, 2]}, "y": {"axis": "revenue"}, "positions": [
               {"x": 3, "y": 2, "code": "a", "labels": {"en": "A", "zh": "甲"}, "actions": {"en": "keep"}},
               {"x": 3, "code": "b"}, {"x": 2, "y": 2, "code": "c"}, {"x": 2, "code": "d"},
               {"x": 1, "y": 2, "code": "e"}, {"x": 1, "y": 1, "code": "f"}
           ]
       }' AS matrix,
       jsonb '{"bins": 3, "segments": [
           {"code": "best", "labels": {"en": "Best", "zh": "最好"}, "actions": {"en": "keep"}, "cells": "333 332"},
           {"code": "good",
            "ranges": [{"recency": 3, "frequency": 3, "monetary": 1}, {"recency": 3, "frequency": [1, 2]}]},
           {"code": "rest", "ranges": [{"recency": [1, 2]}]}
       ]}' AS scheme;
SELECT refused('define_matrix', matrix) AS matrix, refused('define_scheme', scheme) AS scheme FROM base;

-- a matrix with one part changed -----------------------------------------------------------------------------
SELECT refused('define_matrix', jsonb_set(matrix, path::text[], part::jsonb)), path, left(part, 60) AS part
FROM base,
     (VALUES ('{x}', '5'), ('{x}', '{}'), ('{x}', 'null'), ('{x,axis}', '""'), ('{x,axis}', 'null'), ('{x,axis}', '7'),
             ('{x,axis}', to_jsonb(repeat('y', 64))::text), ('{x,split}', '"half"'), ('{x,split}', '""'),
             ('{x,split}', '"Median"'), ('{x,split}', 'null'), ('{x,split}', '"median"'), ('{x,split}', '"quantile"'),
             ('{x,levels}', '3'), ('{x,cuts}', '[2, 1]'), ('{x,cuts}', '[1, 1]'), ('{x,cuts}', '[]'),
             ('{x,cuts}', '[1, null]'), ('{x,cuts}', '[1, "2"]'), ('{x,cuts}', '[1, "NaN"]'),
             ('{x,cuts}', '[1, 1e400]'), ('{x,cuts}', '[[1, 2], [3, 4]]'), ('{x,cuts}', '{}'), ('{x,cuts}', '1'),
             ('{x,cuts}', 'null'), ('{x,cuts}', '[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]'), ('{x,cuts}', '[1]'),
             ('{x,cuts}', '[1, 2, 3]'), ('{x,cuts}', '[-5, 0]'), ('{x,cuts}', '[0, 5e-324]'), ('{y}', 'null'),
             ('{y}', '{}'), ('{y}', '"clv"'), ('{y,axis}', '"客户"'), ('{y,split}', '"given"'), ('{y,cuts}', '[1]'),
             ('{y}', '{"axis": "clv", "split": "quantile", "cuts": [0.000001]}'), ('{positions}', '[]'),
             ('{positions}', '{}'), ('{positions}', 'null'), ('{positions,0}', 'null'), ('{positions,0}', '{}'),
             ('{positions,0,x}', '2'), ('{positions,0,x}', '0'), ('{positions,0,x}', '4'), ('{positions,0,x}', '-1'),
             ('{positions,0,x}', '300'), ('{positions,0,x}', '1.5'), ('{positions,0,x}', '"3"'),
             ('{positions,0,y}', '3'), ('{positions,1,y}', '0'), ('{positions,1,y}', '2'), ('{positions,1,y}', 'null'),
             ('{positions,0,code}', '""'), ('{positions,0,code}', '"b"'), ('{positions,0,code}', 'null'),
             ('{positions,0,code}', to_jsonb(repeat('码', 63))::text),
             ('{positions,0,code}', to_jsonb(repeat('c', 64))::text), ('{positions,0,rank}', '1'),
             ('{positions,0,label}', '"A"'), ('{positions,0,labels}', '"A"'),
             ('{positions,0,labels}', '{"english language": "A"}'), ('{positions,0,labels}', '{"": "A"}'),
             ('{positions,0,labels}', '{"中文": "甲"}'), ('{positions,0,labels}', '{"zh_Hans-CN": "甲"}'),
             ('{positions,0,labels,en}', '""'), ('{positions,0,labels,en}', '5'), ('{positions,0,labels,en}', 'null'),
             ('{positions,0,labels,en}', to_jsonb(repeat('甲', 200))::text),
             ('{positions,0,labels,en}', to_jsonb(repeat('l', 201))::text), ('{positions,0,actions,en}', '""'),
             ('{positions,0,actions,e}', '"a"'), ('{positions,0,actions,en}', to_jsonb(repeat('a', 501))::text),
             ('{positions,6}', '{"x": 1, "y": 1, "code": "g"}'), ('{column}', '""'), ('{column}', '" c"'),
             ('{column}', '"a\nb"'), ('{column}', '"My column"'), ('{column}', to_jsonb(repeat('c', 56))::text),
             ('{column}', to_jsonb(repeat('c', 57))::text), ('{column}', to_jsonb(repeat('列', 19))::text),
             ('{column}', 'null'), ('{column}', '5'), ('{description}', '5'), ('{description}', 'null'),
             ('{titles}', '"x"'), ('{axes}', '[]'), ('{builtin}', 'true'), ('{owner}', '"postgres"')
     ) AS v (path, part);
-- the same without a part, and shares
SELECT refused('define_matrix', matrix #- path::text[]), path
FROM base, unnest(ARRAY['{x}', '{y}', '{x,axis}', '{x,split}', '{x,cuts}', '{positions}', '{positions,2}',
                        '{positions,0,x}', '{positions,0,y}', '{positions,0,code}', '{positions,0,labels}']) AS path;
SELECT refused('define_matrix', jsonb_set(
           matrix, '{x}', jsonb_build_object('axis', 'clv', 'split', split, 'cuts', cuts)
       )), split, cuts
FROM base,
     (VALUES ('quantile', jsonb '[0, 0.5]'), ('quantile', '[0.5, 1]'), ('quantile', '[-0.1]'),
             ('quantile', '[0.5, 0.2]'), ('quantile', '[0.5, 0.5]'), ('quantile', '[80, 95]'), ('quantile', '[]'),
             ('quantile', '[0.000001, 0.999999]'), ('contribution', '[0.95, 0.8]'), ('contribution', '[0]'),
             ('contribution', '[0.8, 0.95]'), ('mean', '[0.5]'), ('median', '[1]'), ('median', '[]'),
             ('mean', '[]')) AS v (split, cuts);

-- a scheme with one part changed -----------------------------------------------------------------------------
SELECT refused('define_scheme', jsonb_set(scheme, path::text[], part::jsonb)), path, left(part, 60) AS part
FROM base,
     (VALUES ('{bins}', '1'), ('{bins}', '11'), ('{bins}', '0'), ('{bins}', '-3'), ('{bins}', '3.5'), ('{bins}', '"3"'),
             ('{bins}', 'null'), ('{bins}', '1e400'), ('{bins}', '99999999999999999999'), ('{bins}', '2'),
             ('{bins}', '4'), ('{split}', '"mean"'), ('{split}', '"median"'), ('{split}', 'null'),
             ('{split}', '"quantile"'), ('{description}', '5'), ('{scheme}', '"x"'), ('{segments}', '[]'),
             ('{segments}', '{}'), ('{segments}', 'null'), ('{segments,0}', '"best"'), ('{segments,0}', '{}'),
             ('{segments,0,code}', '""'), ('{segments,0,code}', '"good"'),
             ('{segments,0,code}', to_jsonb(repeat('c', 64))::text), ('{segments,0,rank}', '1'),
             ('{segments,0,cells}', '""'), ('{segments,0,cells}', '"333"'), ('{segments,0,cells}', '"333 332 332"'),
             ('{segments,0,cells}', '"333 331"'), ('{segments,0,cells}', '"333 334"'),
             ('{segments,0,cells}', '"333 33"'), ('{segments,0,cells}', '"333, 332"'),
             ('{segments,0,cells}', '"333 3-3-2"'), ('{segments,0,cells}', '"333 3--2"'),
             ('{segments,0,cells}', '"333 003"'), ('{segments,0,cells}', '"333 ３３２"'),
             ('{segments,0,cells}', '["333", "332"]'), ('{segments,0,cells}', 'null'),
             ('{segments,0,cells}', to_jsonb(repeat('333 ', 1000))::text), ('{segments,2,ranges}', '[]'),
             ('{segments,2,ranges}', '[{}]'), ('{segments,2,ranges}', '{"recency": [1, 2]}'),
             ('{segments,2,ranges}', 'null'), ('{segments,2,ranges,0,recency}', '[2, 1]'),
             ('{segments,2,ranges,0,recency}', '[0, 2]'), ('{segments,2,ranges,0,recency}', '[1, 4]'),
             ('{segments,2,ranges,0,recency}', '[1]'), ('{segments,2,ranges,0,recency}', '[1, 2, 3]'),
             ('{segments,2,ranges,0,recency}', '"1"'), ('{segments,2,ranges,0,recency}', '1'),
             ('{segments,2,ranges,0,recency}', 'null'), ('{segments,2,ranges,0,recency}', '[1, 300]'),
             ('{segments,2,ranges,0,recency}', '[1, null]'), ('{segments,2,ranges,0,colour}', '1'),
             ('{segments,0,labels,e n}', '"x"'), ('{segments,0,labels,en}', '""'),
             ('{segments,0,labels,fr}', to_jsonb(repeat('é', 200))::text),
             ('{segments,0,labels,fr}', to_jsonb(repeat('é', 201))::text),
             ('{segments,0,actions,en}', to_jsonb(repeat('a', 501))::text)
     ) AS v (path, part);
SELECT refused('define_scheme', scheme #- path::text[]), path
FROM base, unnest(ARRAY['{bins}', '{segments}', '{segments,0}', '{segments,2}', '{segments,0,code}',
                        '{segments,0,cells}', '{segments,0,labels}', '{segments,2,ranges,0,recency}']) AS path;

-- what is no document at all, and what is far too large: refused at once
SELECT called, refused(called, document::jsonb), document
FROM unnest(ARRAY['define_scheme', 'define_matrix']) AS called,
     unnest(ARRAY['null', '[]', '{}', '5', '"x"', 'true', '[{}]', '{"": 1}']) AS document;
CREATE TEMP TABLE million AS
SELECT jsonb_agg(jsonb_build_object('x', 1, 'code', i::text)) AS many FROM generate_series(1, 1000000) AS i;
SET statement_timeout = '15s';
SELECT refused('define_matrix', jsonb_set(matrix, '{positions}', many)) AS positions FROM base, million;
SELECT refused('define_scheme', jsonb_set(scheme, '{segments}', many)) AS segments FROM base, million;
SELECT refused('reword_matrix', jsonb_build_object('high_high', many), 'growth') AS words FROM million;
SELECT refused('define_matrix', jsonb_set(matrix, '{positions}', many)) AS positions,
       refused('define_scheme', scheme || jsonb_build_object('segments', (
           SELECT jsonb_agg(jsonb_build_object('code', i::text, 'cells', '333')) FROM generate_series(1, 10000) AS i
       ))) AS segments
FROM base,
     (SELECT jsonb_agg(jsonb_build_object('x', 1, 'code', i::text)) FROM generate_series(1, 10000) AS i) AS m (many);
SELECT refused('define_matrix', jsonb_set(matrix, '{x,cuts}', cuts)) AS cuts, refused('define_scheme', jsonb_set(
           scheme, '{segments,2,ranges}', ranges
       )) AS ranges
FROM base, (SELECT jsonb_agg(i), jsonb_agg(jsonb '{}') FROM generate_series(1, 100000) AS i) AS m (cuts, ranges);
SELECT refused('define_matrix', (repeat('[', 1000) || repeat(']', 1000))::jsonb) AS deep,
       refused('define_matrix', (repeat('{"x": ', 1000) || '1' || repeat('}', 1000))::jsonb) AS deeper,
       refused('define_matrix', matrix || jsonb_build_object(repeat('k', 1000), 1)) AS long_key
FROM base;
RESET statement_timeout;

-- names ------------------------------------------------------------------------------------------------------
SELECT refused('define_matrix', matrix, name) AS matrix, refused('define_scheme', scheme, name) AS scheme,
       left(to_json(name)::text, 30) AS name
FROM base, unnest(ARRAY['', ' ', ' m', 'm ', E'm\n', E'a\tb', E'\u0007', 'none', 'Mine', 'my matrix', '1st', '矩阵',
                        'x"; --', repeat('m', 56), repeat('m', 57), repeat('m', 63), repeat('m', 64), repeat('矩', 18),
                        repeat('矩', 19), repeat('矩', 21), repeat('矩', 22), 'growth', 'standard']) AS name;
SELECT fails(format('SELECT %s', call)) AS fails, call
FROM (VALUES ('define_matrix(NULL, ''{}'')'), ('define_matrix(''x'', NULL)'), ('define_scheme(NULL, NULL)'),
             ('define_scheme(''x'', NULL)'), ('drop_matrix(NULL)'), ('drop_scheme(NULL)'), ('drop_scheme(''nothing'')'),
             ('drop_scheme(''standard'')'), ('reword_matrix(NULL, ''{}'')'), ('reword_scheme(NULL, NULL)'),
             ('reword_scheme(''nothing'', ''{}'')'), ('scheme_definition(''nothing'')'), ('matrix_definition('''')')
     ) AS c (call);
SELECT matrix_definition(NULL) IS NULL AND scheme_definition(NULL) IS NULL AS null_in_null_out;

-- words ------------------------------------------------------------------------------------------------------
SELECT refused('reword_matrix', words::jsonb, 'growth'), words
FROM unnest(ARRAY[
    '{"high_high": {"labels": {"en": "Stars", "zh": "明星"}, "actions": {"en": ""}}}', '{}', '{"high_high": {}}', '[]',
    '5', 'null', '{"stars": {"labels": {"en": "x"}}}', '{"high_high": "Stars"}',
    '{"high_high": {"label": {"en": "x"}}}', '{"high_high": {"labels": "x"}}',
    '{"high_high": {"labels": {"en": ""}}}', '{"high_high": {"labels": {"en": null}}}',
    '{"high_high": {"labels": {"中文": "x"}}}', '{"high_high": {"labels": {"en": "x"}, "rank": 2}}'
]) AS words;
SELECT refused('reword_scheme', words::jsonb, 'eight'), words
FROM unnest(ARRAY['{"key_value": {"labels": {"en": "Key"}}}', '{"champions": {"labels": {"en": "x"}}}']) AS words;
SELECT refused('reword_matrix', jsonb_set('{"high_high": {"labels": {}}}', '{high_high,labels,en}',
                                          to_jsonb(repeat('l', 201))), 'growth') AS label,
       refused('reword_matrix', jsonb_set('{"high_high": {"actions": {}}}', '{high_high,actions,en}',
                                          to_jsonb(repeat('a', 501))), 'growth') AS action;
SELECT count(*) AS nothing_was_kept FROM definition;

-- every definition can be defined again under another name, and says the same --------------------------------
SELECT define_matrix('x', matrix), define_scheme('x', scheme) FROM base;
SELECT matrix_definition('x') AS matrix, scheme_definition('x') AS scheme;
SELECT count(*) AS matrices, count(define_matrix('copy of ' || matrix, matrix_definition(matrix))::text) AS copies
FROM matrix;
SELECT count(*) AS schemes, count(define_scheme('copy of ' || scheme, scheme_definition(scheme))::text) AS copies
FROM rfm_scheme;
SELECT count(*) AS matrices,
       count(*) FILTER (WHERE matrix_definition(matrix) = matrix_definition('copy of ' || matrix)) AS same
FROM matrix
WHERE matrix NOT LIKE 'copy of %';
SELECT count(*) AS schemes,
       count(*) FILTER (WHERE scheme_definition(scheme) = scheme_definition('copy of ' || scheme)) AS same
FROM rfm_scheme
WHERE scheme NOT LIKE 'copy of %';
CREATE VIEW places AS
SELECT regexp_replace(matrix, '^copy of ', '') AS matrix, matrix LIKE 'copy of %' AS copy, x_level, y_level, code, rank,
       language, label, action
FROM matrix_position
LEFT JOIN matrix_label USING (matrix, code);
SELECT count(*) FILTER (WHERE copy) > 100 AS many,
       count(*) FILTER (WHERE copy) = count(*) FILTER (WHERE NOT copy) AS all_of_them
FROM places;
SELECT count(*) AS differ
FROM places AS c
LEFT JOIN places AS o
    ON NOT o.copy
        AND (o.matrix, o.x_level, o.y_level, o.code, o.rank, o.label, o.action)
            IS NOT DISTINCT FROM (c.matrix, c.x_level, c.y_level, c.code, c.rank, c.label, c.action)
        AND o.language IS NOT DISTINCT FROM c.language
WHERE c.copy AND o.matrix IS NULL;
SELECT count(drop_matrix(matrix)::text) AS matrices FROM matrix WHERE NOT builtin;
SELECT count(drop_scheme(scheme)::text) AS schemes FROM rfm_scheme WHERE NOT builtin;

-- where nothing can be written
SET default_transaction_read_only = on;
SELECT fails(format('SELECT %s', call)) AS fails, call
FROM (VALUES ('define_matrix(''x'', matrix_definition(''growth''))'),
             ('define_scheme(''x'', scheme_definition(''eight''))'), ('drop_matrix(''x'')'), ('drop_scheme(''x'')'),
             ('reword_matrix(''growth'', NULL)'), ('reword_scheme(''eight'', ''{}'')')) AS c (call);
SELECT matrix_definition('clv_tier') ->> 'column' AS reads, count(*) > 10 AS reads FROM matrix;
RESET default_transaction_read_only;
