-- A user's own matrices: what they may be, what they give, and whose they are.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned
SET search_path = public, customer_value;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\i :helpers

-- For rows of tables: the class and the constraint, or that they are accepted; nothing is kept.
CREATE FUNCTION refused(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; name text;
BEGIN
    EXECUTE statement;
    RAISE EXCEPTION USING ERRCODE = 'CV000';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = returned_sqlstate, name = constraint_name;
    RETURN CASE WHEN state = 'CV000' THEN 'accepted' ELSE state || ' ' || name END;
END $$;

-- a user's own matrix: three by two levels ---------------------------------------------------------------------
CREATE ROLE cv_matrix_owner;
CREATE ROLE cv_matrix_other;
SET ROLE cv_matrix_owner;
INSERT INTO matrix (matrix, x_axis, x_split, x_cuts, y_axis, y_split) VALUES
    ('mine', 'satisfaction', 'given', '{3,4}', 'clv', 'mean');
SELECT * FROM matrix WHERE matrix = 'mine';
SELECT * FROM check_matrix('mine');
INSERT INTO matrix_position (matrix, x_level, y_level, code, rank)
SELECT 'mine', x, y, 'c' || x || y, 7 - x * 2 - y + 2
FROM generate_series(1, 3) AS x, generate_series(1, 2) AS y;
SELECT * FROM check_matrix('mine');
-- without a label a position is called by its code, and there is nothing to do
SELECT matrix_label_of('mine', 3, 2), matrix_label_of('mine', 3, 2, 'zh'),
       matrix_action_of('mine', 'c32') = '' AS no_action, matrix_code_of('mine', 3, 2);
INSERT INTO matrix_label (matrix, code, language, label)
SELECT matrix, code, 'en', 'Label ' || code FROM matrix_position WHERE matrix = 'mine';
SELECT count(*) AS problems FROM check_matrix('mine');
-- a language that only some have; languages that no built-in matrix has
INSERT INTO matrix_label (matrix, code, language, label, action) VALUES
    ('mine', 'c11', 'fr', 'onze', 'attendre'), ('mine', 'c32', 'fr', 'trente-deux', ''),
    ('mine', 'c32', 'de', 'Zweiunddreißig', DEFAULT);
UPDATE matrix_label SET action = 'keep' WHERE matrix = 'mine' AND code = 'c32' AND language = 'en';
SELECT * FROM check_matrix('mine');
SELECT g, matrix_label_of('mine', 3, 2, g) AS c32, matrix_action_of('mine', 'c32', g) AS c32_action,
       matrix_label_of('mine', 1, 1, g) AS c11, matrix_action_of('mine', 'c11', g) AS c11_action,
       matrix_label_of('mine', 2, 1, g) AS c21
FROM unnest(ARRAY['en', 'fr', 'de', 'zh']) AS g;
-- a label in another language only, a position without any, one taken out, some outside
DELETE FROM matrix_label WHERE language IN ('de', 'fr') AND code <> 'c11';
DELETE FROM matrix_label WHERE (code, language) = ('c11', 'en');
DELETE FROM matrix_label WHERE code = 'c12';
DELETE FROM matrix_position WHERE code = 'c21';
INSERT INTO matrix_position (matrix, x_level, y_level, code, rank) VALUES
    ('mine', 4, 1, 'c41', 41), ('mine', 1, 3, 'c13', 13), ('mine', 10, 10, 'far', 100);
SELECT * FROM check_matrix('mine');
SELECT matrix_code_of('mine', 1, 3) AS outside, matrix_code_of('mine', 4, 1) AS outside,
       matrix_action_of('mine', 'c41') AS outside, matrix_code_of('mine', 2, 1) AS taken_out,
       matrix_code_of('mine', 2, 2) AS next_to_it, matrix_label_of('mine', 1, 1) AS code,
       matrix_label_of('mine', 1, 1, 'fr') AS label, matrix_action_of('mine', 'c11', 'fr') AS action;
-- fewer levels leave positions outside, more leave holes
UPDATE matrix SET x_cuts = '{3}' WHERE matrix = 'mine';
SELECT x_level, y_level, code, problem FROM check_matrix('mine') WHERE x_level = 3 OR problem = 'no position';
UPDATE matrix
SET x_cuts = '{1,2,3,4,5,6,7,8,9}', y_split = 'quantile', y_cuts = '{0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9}'
WHERE matrix = 'mine';
SELECT count(*) FILTER (WHERE problem = 'no position') AS holes,
       count(*) FILTER (WHERE problem LIKE 'outside%') AS outside
FROM check_matrix('mine');
SELECT matrix_code_of('mine', 10, 10);
-- a class of one axis: y_level is 1
UPDATE matrix SET x_cuts = '{3,4}', y_axis = NULL, y_split = NULL, y_cuts = NULL WHERE matrix = 'mine';
DELETE FROM matrix_position WHERE matrix = 'mine' AND y_level > 1;
SELECT x_level, y_level, code, problem FROM check_matrix('mine');
INSERT INTO matrix_position (matrix, x_level, code, rank) VALUES ('mine', 2, 'two', 50);
SELECT y_level FROM matrix_position WHERE code = 'two';
SELECT matrix_code_of('mine', 1), matrix_code_of('mine', 2), matrix_code_of('mine', 3), matrix_code_of('mine', 2, 2);
-- renaming takes positions and labels with it, and so does removing; a code is renamed with its labels
UPDATE matrix SET matrix = 'ours' WHERE matrix = 'mine';
UPDATE matrix_position SET code = 'eleven' WHERE code = 'c11';
SELECT code, language, label FROM matrix_label WHERE matrix = 'ours' ORDER BY 1, 2;
SELECT matrix_label_of('ours', 1, 1, 'fr'), matrix_label_of('ours', 1, 1),
       tries('SELECT matrix_code_of(''mine'', 1)') AS gone;
-- a change shows in the next query, in a prepared one and in a function
PREPARE named AS SELECT matrix_label_of('ours', 1, 1, 'fr');
EXECUTE named;
UPDATE matrix_label SET label = 'onze bis' WHERE matrix = 'ours' AND language = 'fr';
EXECUTE named;
CREATE TEMP TABLE told (step int, label text);
DO $$
DECLARE
    said text;
BEGIN
    FOR step IN 1..3 LOOP
        said := customer_value.matrix_label_of('ours', 1, 1, 'fr');
        INSERT INTO told VALUES (step, said);
        UPDATE customer_value.matrix_label SET label = 'step ' || step WHERE matrix = 'ours' AND language = 'fr';
    END LOOP;
END $$;
SELECT * FROM told ORDER BY 1;
-- a copy of a built-in one, with other words
INSERT INTO matrix (matrix, x_axis, x_split, x_cuts, y_axis, y_split, y_cuts, description)
SELECT 'growth_of_ours', x_axis, x_split, x_cuts, y_axis, y_split, y_cuts, 'ours'
FROM matrix
WHERE matrix = 'growth';
INSERT INTO matrix_position (matrix, x_level, y_level, code, rank)
SELECT 'growth_of_ours', x_level, y_level, code, rank FROM matrix_position WHERE matrix = 'growth';
INSERT INTO matrix_label (matrix, code, language, label, action)
SELECT 'growth_of_ours', code, language, label, action FROM matrix_label WHERE matrix = 'growth';
UPDATE matrix_label SET label = '明星客户' WHERE (matrix, code, language) = ('growth_of_ours', 'high_high', 'zh');
SELECT matrix_label_of('growth_of_ours', 'high_high', 'zh') AS ours,
       matrix_label_of('growth', 'high_high', 'zh') AS theirs,
       (SELECT count(*) FROM check_matrix('growth_of_ours')) AS problems,
       (SELECT owner FROM matrix WHERE matrix = 'growth_of_ours') AS owner;

-- whose it is ------------------------------------------------------------------------------------------------
-- nobody writes built-in rows, nor rows that say so of themselves
SELECT tries(statement), statement
FROM unnest(ARRAY[
    'UPDATE matrix SET description = ''x'' WHERE matrix = ''growth''', 'DELETE FROM matrix WHERE matrix = ''abc''',
    'UPDATE matrix_position SET rank = 99 WHERE matrix = ''abc''',
    'DELETE FROM matrix_label WHERE language = ''zh'' AND matrix = ''crm''',
    'INSERT INTO matrix (matrix, x_axis, builtin) VALUES (''b'', ''clv'', true)',
    'UPDATE matrix SET builtin = true WHERE matrix = ''ours''',
    'UPDATE matrix_position SET builtin = true WHERE matrix = ''ours''',
    'UPDATE matrix_label SET builtin = true WHERE matrix = ''ours''',
    'INSERT INTO matrix_position (matrix, x_level, code, rank, builtin) VALUES (''ours'', 3, ''b'', 77, true)',
    'INSERT INTO matrix_position (matrix, x_level, code, rank) VALUES (''abc'', 4, ''D'', 4)',
    'INSERT INTO matrix_label (matrix, code, language, label) VALUES (''abc'', ''A'', ''fr'', ''A'')',
    'UPDATE matrix_position SET matrix = ''abc'', x_level = 9, code = ''Z'', rank = 9 '
        'WHERE matrix = ''ours'' AND x_level = 2'
]) WITH ORDINALITY AS s (statement, place)
ORDER BY place;
-- nor gives away or takes what is another's
SELECT tries('UPDATE matrix SET owner = ''cv_matrix_other'' WHERE matrix = ''ours''') AS given,
       tries('
           INSERT INTO matrix (matrix, x_axis, owner) VALUES (''theirs'', ''clv'', ''cv_matrix_other'')
       ') AS for_another,
       tries('
           INSERT INTO matrix (matrix, x_axis, owner) VALUES (''theirs'', ''clv'', ''nobody at all'')
       ') AS for_nobody,
       tries('INSERT INTO matrix (matrix, x_axis) VALUES (''ours'', ''clv'')') AS twice;
RESET ROLE;
SET ROLE cv_matrix_other;
-- another role reads it, and has its own
SELECT matrix_label_of('ours', 1, 1), (SELECT count(*) FROM matrix_position WHERE matrix = 'ours') AS positions,
       (SELECT count(*) > 0 FROM check_matrix('ours')) AS checks;
INSERT INTO matrix (matrix, x_axis) VALUES ('another', 'clv');
INSERT INTO matrix_position (matrix, x_level, code, rank) VALUES ('another', 1, 'low', 2), ('another', 2, 'high', 1);
INSERT INTO matrix_label (matrix, code, language, label) VALUES
    ('another', 'low', 'en', 'Low'), ('another', 'high', 'en', 'High');
SELECT count(*) AS problems, (SELECT owner FROM matrix WHERE matrix = 'another') AS owner FROM check_matrix('another');
-- but does not write the first one's
SELECT tries(statement), statement
FROM unnest(ARRAY[
    'UPDATE matrix SET description = ''x'' WHERE matrix = ''ours''',
    'UPDATE matrix SET owner = current_user WHERE matrix = ''ours''', 'DELETE FROM matrix WHERE matrix = ''ours''',
    'UPDATE matrix_position SET rank = rank + 1 WHERE matrix = ''ours''',
    'DELETE FROM matrix_position WHERE matrix = ''ours''',
    'UPDATE matrix_label SET label = ''x'' WHERE matrix = ''ours''',
    'DELETE FROM matrix_label WHERE matrix = ''ours''',
    'INSERT INTO matrix_position (matrix, x_level, code, rank) VALUES (''ours'', 9, ''b'', 77)',
    'INSERT INTO matrix_label (matrix, code, language, label) VALUES (''ours'', ''two'', ''it'', ''due'')',
    'UPDATE matrix_position SET matrix = ''ours'', x_level = 9 WHERE matrix = ''another'' AND x_level = 1',
    'UPDATE matrix_label SET matrix = ''ours'', code = ''two'' WHERE matrix = ''another'' AND code = ''low''',
    'INSERT INTO matrix (matrix, x_axis, builtin) VALUES (''b'', ''clv'', true)'
]) WITH ORDINALITY AS s (statement, place)
ORDER BY place;
SELECT tries('ALTER TABLE matrix DISABLE ROW LEVEL SECURITY') AS alter_it,
       tries('TRUNCATE matrix CASCADE') AS truncate_it,
       tries('
           CREATE OR REPLACE FUNCTION customer_value_internal.owns_matrix(matrix text) RETURNS boolean
               LANGUAGE sql AS ''SELECT true''
       ') AS replace_it;
RESET ROLE;
-- a member of the owner may
GRANT cv_matrix_owner TO cv_matrix_other;
SET ROLE cv_matrix_other;
SELECT tries('UPDATE matrix SET description = ''x'' WHERE matrix = ''ours''') AS matrix,
       tries('UPDATE matrix_position SET rank = rank + 200 WHERE matrix = ''ours''') AS positions,
       tries('UPDATE matrix SET owner = current_user WHERE matrix = ''ours''') AS takes;
RESET ROLE;
SELECT matrix, owner FROM matrix WHERE NOT builtin ORDER BY 1;
-- the superuser does not write built-in rows either
SELECT fails(statement), statement
FROM unnest(ARRAY[
    'UPDATE matrix SET x_axis = ''clv'' WHERE matrix = ''growth''', 'DELETE FROM matrix WHERE matrix = ''growth''',
    'UPDATE matrix SET builtin = false WHERE matrix = ''growth''',
    'UPDATE matrix_position SET rank = 99 WHERE matrix = ''abc''',
    'DELETE FROM matrix_position WHERE matrix = ''abc''',
    'UPDATE matrix_label SET label = ''x'' WHERE matrix = ''abc''', 'DELETE FROM matrix_label WHERE language = ''zh''',
    'INSERT INTO matrix (matrix, x_axis, builtin) VALUES (''b'', ''clv'', true)'
]) WITH ORDINALITY AS s (statement, place)
ORDER BY place;
SELECT fails('SELECT customer_value_internal.keep_used_matrix()') LIKE '39P01: %' AS trigger_alone;
DELETE FROM matrix WHERE NOT builtin;
SELECT count(*) FILTER (WHERE NOT p.builtin) AS positions,
       (SELECT count(*) FROM matrix_label WHERE NOT builtin) AS labels
FROM matrix_position AS p;
DROP OWNED BY cv_matrix_owner, cv_matrix_other;
DROP ROLE cv_matrix_owner, cv_matrix_other;

-- what cannot be a matrix ----------------------------------------------------------------------------------------
CREATE FUNCTION adding(x_split text, x_cuts text, y_axis text DEFAULT NULL, y_split text DEFAULT NULL,
                       y_cuts text DEFAULT NULL)
    RETURNS text LANGUAGE sql AS $$
    SELECT refused(format(
        '
            INSERT INTO customer_value.matrix (matrix, x_axis, x_split, x_cuts, y_axis, y_split, y_cuts) VALUES
                (''x'', ''clv'', %L, %L, %L, %L, %L)
        ',
        x_split, x_cuts, y_axis, y_split, y_cuts
    ))
$$;
SELECT adding(split, cuts), split, cuts
FROM (
    VALUES ('given', '{2,1}'), ('given', '{1,1}'), ('given', '{}'), ('given', '{1,NULL}'), ('given', '{NULL}'),
           ('given', '{NaN}'), ('given', '{1,Infinity}'), ('given', '{-Infinity}'), ('given', '{{1,2},{3,4}}'),
           ('given', '{1,2,3,4,5,6,7,8,9,10}'), ('median', '{1}'), ('median', '{}'), ('mean', '{0.5}'),
           ('quantile', '{}'), ('quantile', '{0,0.5}'), ('quantile', '{0.5,1}'), ('quantile', '{-0.1}'),
           ('quantile', '{1.5}'), ('quantile', '{0.5,0.2}'), ('quantile', '{0.5,0.5}'), ('quantile', '{80,95}'),
           ('contribution', '{0.95,0.8}'), ('contribution', '{0}'), ('contribution', '{1}'),
           ('contribution', '{NaN}'), ('half', NULL), ('', NULL), ('Median', NULL), (NULL, NULL)
) AS v (split, cuts);
-- a split that needs numbers, without
SELECT adding(split, NULL) AS x, adding('median', NULL, 'clv', split, NULL) AS y, split
FROM unnest(ARRAY['given', 'quantile', 'contribution']) AS split;
SELECT adding('median', NULL, y_axis, y_split, y_cuts), y_axis, y_split, y_cuts
FROM (
    VALUES (NULL, 'median', NULL), (NULL, NULL, '{1}'), (NULL, 'given', '{1}'), ('revenue', NULL, NULL),
           ('revenue', NULL, '{1}'), ('revenue', 'median', '{1}'), ('revenue', 'given', '{2,1}'),
           ('revenue', 'quantile', '{2}'), ('revenue', 'half', NULL), ('', 'median', NULL),
           (repeat('y', 64), 'median', NULL)
) AS v (y_axis, y_split, y_cuts);
SELECT refused(
           format('INSERT INTO matrix (matrix, x_axis, view_column) VALUES (%L, %L, %L)', name, axis,
                  view_column)
       ),
       left(name, 20) AS name, left(axis, 9) AS axis, left(view_column, 9) AS view_column
FROM (
    VALUES ('', 'a', NULL), ('Mine', 'a', NULL), ('my matrix', 'a', NULL), ('1st', 'a', NULL),
           ('矩阵', 'a', NULL), (repeat('m', 57), 'a', NULL), ('x"; --', 'a', NULL), (E'm\n', 'a', NULL),
           ('m', '', NULL), ('m', repeat('a', 64), NULL), ('m', NULL, NULL), ('m', 'a', ''),
           ('m', 'a', 'My column'), ('m', 'a', repeat('c', 57)), ('growth', 'a', NULL)
) AS v (name, axis, view_column);
SELECT adding('given', '{-5}') AS one_cut,
       adding('given', '{1,2,3,4,5,6,7,8,9}', '客户', 'contribution', '{0.8,0.95}') AS nine,
       adding('quantile', '{0.000001,0.999999}', 'clv', 'mean') AS shares, adding('median', NULL) AS class,
       adding('median', NULL, 'clv', 'given', '{0,5e-324}') AS steps;
INSERT INTO matrix (matrix, x_axis) VALUES ('x', 'clv');
SELECT refused(
           format('INSERT INTO matrix_position (matrix, x_level, y_level, code, rank) VALUES (''x'', %s)', position)
       ),
       left(position, 20) AS position
FROM unnest(
    ARRAY['0, 1, ''a'', 1', '11, 1, ''a'', 1', '1, 0, ''a'', 1', '1, 11, ''a'', 1', '1, 1, '''', 1',
          '1, 1, repeat(''c'', 64), 1', '1, 1, ''a'', 0', '1, 1, ''a'', NULL', '1, 1, NULL, 1']
) AS position;
INSERT INTO matrix_position (matrix, x_level, code, rank) VALUES ('x', 1, 'a', 1);
SELECT refused(format('INSERT INTO matrix_position (matrix, x_level, code, rank) VALUES (%s)', position)),
       position
FROM unnest(
    ARRAY['''x'', 1, ''b'', 2', '''x'', 2, ''a'', 2', '''x'', 2, ''b'', 1', '''nothing'', 1, ''a'', 1']
) AS position;
SELECT refused(format('INSERT INTO matrix_label (matrix, code, language, label, action) VALUES (''x'', %s)', label)),
       left(label, 30) AS label
FROM unnest(
    ARRAY['''b'', ''en'', ''B'', ''''', '''a'', '''', ''A'', ''''', '''a'', ''en'', '''', ''''',
          '''a'', ''en'', repeat(''l'', 201), ''''', '''a'', ''en'', ''A'', repeat(''a'', 501)',
          '''a'', ''en'', ''A'', NULL']
) AS label;
DELETE FROM matrix WHERE NOT builtin;
