-- A user's own matrices: what they give, in any script, and whose they are. What cannot be one: 28_definitions.sql.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned
SET search_path = public, customer_value;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\i :helpers
CREATE ROLE cv_matrix_owner;
CREATE ROLE cv_matrix_other;
GRANT CREATE ON SCHEMA public TO cv_matrix_owner, cv_matrix_other;

-- Positions of so many levels, best first, with codes such as c21, and labels such as that or none.
CREATE FUNCTION positions(x_levels int, y_levels int, label text DEFAULT NULL) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_agg(
               jsonb_build_object('x', x, 'y', y, 'code', 'c' || x || y)
                   || jsonb_build_object('labels', jsonb_strip_nulls(jsonb_build_object('en', label || ' c' || x || y)))
               ORDER BY x DESC, y DESC
           )
    FROM generate_series(1, x_levels) AS x
    CROSS JOIN generate_series(1, y_levels) AS y
$$;
-- A definition with one part changed.
CREATE FUNCTION changed(matrix text, path text[], part jsonb) RETURNS jsonb
    LANGUAGE sql AS 'SELECT jsonb_set(matrix_definition(matrix), path, part)';

-- a user's own matrix: three by two levels -------------------------------------------------------------------
SET ROLE cv_matrix_owner;
SELECT define_matrix('mine', jsonb_build_object(
    'x', jsonb '{"axis": "satisfaction", "split": "given", "cuts": [3, 4]}',
    'y', jsonb '{"axis": "clv", "split": "mean"}', 'positions', positions(3, 2)
));
SELECT * FROM matrix WHERE matrix = 'mine';
SELECT * FROM matrix_position WHERE matrix = 'mine';
SELECT * FROM check_matrix('mine');
-- without a label a position is called by its code, and there is nothing to do
SELECT matrix_label_of('mine', 3, 2), matrix_label_of('mine', 3, 2, 'zh'),
       matrix_action_of('mine', 'c32') = '' AS no_action, matrix_code_of('mine', 3, 2);
SELECT define_matrix('mine', changed('mine', '{positions}', positions(3, 2, 'Label')));
SELECT count(*) AS problems FROM check_matrix('mine');
-- a language that only some have; languages that no built-in matrix has; an empty action is none
SELECT define_matrix('mine', jsonb_set(
    changed(
        'mine', '{positions,0}',
        '{"x": 3, "y": 2, "code": "c32", "labels": {"en": "Label c32", "fr": "trente-deux", "de": "Zweiunddreißig"},
          "actions": {"en": "keep", "fr": ""}}'
    ),
    '{positions,5}',
    '{"x": 1, "code": "c11", "labels": {"en": "Label c11", "fr": "onze"}, "actions": {"fr": "attendre"}}'
));
SELECT * FROM check_matrix('mine');
SELECT g, matrix_label_of('mine', 3, 2, g) AS c32, matrix_action_of('mine', 'c32', g) AS c32_action,
       matrix_label_of('mine', 1, 1, g) AS c11, matrix_action_of('mine', 'c11', g) AS c11_action,
       matrix_label_of('mine', 2, 1, g) AS c21
FROM unnest(ARRAY['en', 'fr', 'de', 'zh']) AS g;
SELECT * FROM matrix_label WHERE matrix = 'mine' AND code IN ('c32', 'c11');
-- a label in another language only, a position without any
SELECT define_matrix('mine', matrix_definition('mine') #- '{positions,5,labels,en}' #- '{positions,4,labels}');
SELECT * FROM check_matrix('mine');
SELECT matrix_label_of('mine', 1, 1) AS code, matrix_label_of('mine', 1, 1, 'fr') AS label,
       matrix_action_of('mine', 'c11', 'fr') AS action, matrix_code_of('mine', 4, 1) AS outside,
       matrix_code_of('mine', 1, 3) AS outside, matrix_action_of('mine', 'c41') AS outside;
-- other levels, as many as there may be
SELECT define_matrix('mine', jsonb_build_object(
    'x', jsonb '{"axis": "satisfaction", "split": "given", "cuts": [1, 2, 3, 4, 5, 6, 7, 8, 9]}',
    'y', jsonb '{"axis": "clv", "split": "quantile", "cuts": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]}',
    'positions', positions(10, 10)
));
SELECT matrix_levels('mine', 'x'), matrix_levels('mine', 'y'), matrix_code_of('mine', 10, 10),
       (SELECT count(*) FROM check_matrix('mine') WHERE problem = 'no label') AS without_label;
-- a class of one axis: y is 1, and need not be said
SELECT define_matrix('mine', '{"description": "one axis", "x": {"axis": "clv"}, "positions": [
    {"x": 2, "code": "two"}, {"x": 1, "y": 1, "code": "eleven", "labels": {"fr": "onze"}}
]}');
SELECT matrix, x_axis, x_split, x_cuts, y_axis, y_split, y_cuts, view_column, description
FROM matrix
WHERE matrix = 'mine';
SELECT matrix_definition('mine');
SELECT matrix_levels('mine', 'y'), matrix_code_of('mine', 1), matrix_code_of('mine', 2), matrix_code_of('mine', 3),
       matrix_code_of('mine', 2, 2);
-- under another name it is another one
SELECT define_matrix('ours', matrix_definition('mine')), drop_matrix('mine');
SELECT code, language, label FROM matrix_label WHERE matrix = 'ours' ORDER BY 1, 2;
SELECT matrix_label_of('ours', 1, 1, 'fr'), matrix_label_of('ours', 1, 1), fails('SELECT matrix_code_of(''mine'', 1)');
-- a change shows in the next query, in a prepared one and in a function
PREPARE named AS SELECT matrix_label_of('ours', 1, 1, 'fr');
EXECUTE named;
SELECT define_matrix('ours', changed('ours', '{positions,1,labels,fr}', '"onze bis"'));
EXECUTE named;
CREATE TEMP TABLE told (step int, label text);
DO $$
DECLARE
    said text;
BEGIN
    FOR step IN 1..3 LOOP
        said := matrix_label_of('ours', 1, 1, 'fr');
        INSERT INTO told VALUES (step, said);
        PERFORM define_matrix('ours', changed('ours', '{positions,1,labels,fr}', to_jsonb('step ' || step)));
    END LOOP;
END $$;
SELECT * FROM told ORDER BY 1;
-- what is rolled back was never there
BEGIN;
SELECT define_matrix('ours', changed('ours', '{positions,1,labels,fr}', '"never"'));
ROLLBACK;
EXECUTE named;
-- a copy of a built-in one, with other words
SELECT define_matrix('growth_of_ours', changed('growth', '{positions,0,labels,zh}', '"明星客户"') - 'column');
SELECT matrix_label_of('growth_of_ours', 'high_high', 'zh') AS ours,
       matrix_label_of('growth', 'high_high', 'zh') AS theirs,
       (SELECT count(*) FROM check_matrix('growth_of_ours')) AS problems,
       (SELECT owner FROM matrix WHERE matrix = 'growth_of_ours') AS owner;

-- whose it is ------------------------------------------------------------------------------------------------
SELECT fails(statement), statement
FROM unnest(ARRAY[
    'SELECT define_matrix(''abc'', matrix_definition(''ours''))', 'SELECT drop_matrix(''abc'')',
    'SELECT reword_matrix(''abc'', ''{"A": {"labels": {"en": "x"}}}'')', 'SELECT reword_matrix(''abc'', NULL)',
    'UPDATE definition SET owner = ''cv_matrix_other''', 'DELETE FROM definition',
    'SELECT reword_matrix(''ours'', ''{"two": {"labels": {"en": "x"}}}'')', 'SELECT drop_matrix(''nothing'')',
    'SELECT reword_matrix(''nothing'', NULL)', 'SELECT matrix_definition(''nothing'')'
]) WITH ORDINALITY AS s (statement, place)
ORDER BY place;
SET ROLE cv_matrix_other;
-- another role reads it, and has its own
SELECT matrix_label_of('ours', 1, 1), (SELECT count(*) FROM matrix_position WHERE matrix = 'ours') AS positions,
       (SELECT count(*) > 0 FROM check_matrix('ours')) AS checks, matrix_definition('ours') -> 'x' AS x;
SELECT define_matrix('another', matrix_definition('ours'));
SELECT kind, name, owner, owner_oid = current_user::regrole AS same,
       place = customer_value_internal.this_place() AS here
FROM definition
ORDER BY 1, 2;
-- but does not write the first one's
SELECT fails('SELECT define_matrix(''ours'', matrix_definition(''another''))') AS define,
       fails('SELECT drop_matrix(''ours'')') AS drop, fails('SELECT reword_matrix(''ours'', NULL)') AS reword;
-- without a right to create anything, nothing is defined, but dropped
RESET ROLE;
REVOKE CREATE ON SCHEMA public FROM cv_matrix_other;
SET ROLE cv_matrix_other;
SELECT fails('SELECT define_matrix(''more'', matrix_definition(''another''))') AS define;
SELECT drop_matrix('another');
RESET ROLE;
GRANT CREATE ON SCHEMA public TO cv_matrix_other;
-- a member of the owner may; it stays the owner's
GRANT cv_matrix_owner TO cv_matrix_other;
SET ROLE cv_matrix_other;
SELECT define_matrix('ours', changed('ours', '{description}', '"changed"'));
RESET ROLE;
SELECT matrix, owner, description FROM matrix WHERE NOT builtin ORDER BY 1;
-- so does one with another name
REVOKE cv_matrix_owner FROM cv_matrix_other;
ALTER ROLE cv_matrix_owner RENAME TO cv_matrix_renamed;
CREATE ROLE cv_matrix_owner;
GRANT CREATE ON SCHEMA public TO cv_matrix_owner;
SET ROLE cv_matrix_owner;
SELECT fails('SELECT drop_matrix(''ours'')') LIKE '42501: %"cv_matrix_renamed" -> %' AS not_its_namesake;
SET ROLE cv_matrix_renamed;
SELECT define_matrix('ours', changed('ours', '{description}', '"renamed"'));
RESET ROLE;
SELECT matrix, owner, description FROM matrix WHERE NOT builtin ORDER BY 1;
-- where the owner is gone, it can be used, and a superuser can remove it
DROP OWNED BY cv_matrix_renamed;
DROP ROLE cv_matrix_renamed;
SELECT matrix, owner, matrix_label_of('ours', 1, 1, 'fr') FROM matrix WHERE matrix = 'ours';
SET ROLE cv_matrix_owner;
SELECT fails('SELECT drop_matrix(''ours'')') LIKE '42501: % -> %' AS not_its_namesake;
RESET ROLE;
-- the superuser does not define what is built in either
SELECT fails('SELECT define_matrix(''growth'', matrix_definition(''ours''))') AS define,
       fails('SELECT drop_matrix(''growth'')') AS drop;
SELECT drop_matrix('ours'), drop_matrix('growth_of_ours');
SELECT count(*) FILTER (WHERE NOT p.builtin) AS positions,
       (SELECT count(*) FROM matrix_label WHERE NOT builtin) AS labels, (SELECT count(*) FROM definition) AS definitions
FROM matrix_position AS p;
DROP OWNED BY cv_matrix_owner, cv_matrix_other;
DROP ROLE cv_matrix_owner, cv_matrix_other;

-- in any script: a scheme, a matrix and its columns, from the names of the table to those of the view --------
CREATE SCHEMA "店铺";
CREATE TABLE "店铺"."订单" ("客户" int, "日期" date, "金额" numeric);
INSERT INTO "店铺"."订单" 
SELECT i % 40, date '2024-01-01' + i % 200, i % 37 FROM generate_series(1, 900) AS i WHERE i % 40 < i / 20;
SELECT define_scheme('新老客户', '{"bins": 2, "split": "mean", "segments": [
    {"code": "近期", "labels": {"en": "Recent", "zh": "近期客户"}, "ranges": [{"recency": 2}]},
    {"code": "远期", "labels": {"en": "Past", "zh": "远期客户"}, "ranges": [{"recency": 1}]}
]}');
SELECT define_matrix('忠诚频次', '{"x": {"axis": "loyalty"}, "y": {"axis": "frequency", "split": "mean"}, "positions": [
    {"x": 2, "y": 2, "code": "高高", "labels": {"en": "High", "zh": "高忠诚高频"}, "actions": {"zh": "保持。"}},
    {"x": 2, "y": 1, "code": "高低", "labels": {"en": "Loyal", "zh": "高忠诚低频"}},
    {"x": 1, "y": 2, "code": "低高", "labels": {"en": "Often", "zh": "低忠诚高频"}},
    {"x": 1, "y": 1, "code": "低低", "labels": {"en": "Low", "zh": "低忠诚低频"}}
]}');
SELECT define_matrix('层级', '{"column": "Größe der Kunden", "x": {"axis": "忠诚频次_rank"}, "positions": [
    {"x": 2, "code": "大"}, {"x": 1, "code": "小"}
]}');
SELECT create_segmentation('店铺."客户 分层"', '店铺.订单', '客户', '日期', '金额', '{
    "as_of": "2024-08-01", "scheme": "新老客户", "language": "zh", "matrices": ["忠诚频次"]
}');
SELECT fails($$SELECT alter_segmentation('店铺."客户 分层"', '{"matrices": ["忠诚频次", "层级"]}')$$) AS a_place_is_no_axis;
SELECT define_matrix('层级', changed('层级', '{x,axis}', '"frequency"'));
SELECT alter_segmentation('店铺."客户 分层"', '{"matrices": ["忠诚频次", "层级"]}');
SELECT attname FROM pg_attribute WHERE attrelid = '店铺."客户 分层"'::regclass ORDER BY attnum DESC LIMIT 6;
SELECT "忠诚频次", "忠诚频次_code", "忠诚频次_rank", "Größe der Kunden_code", rfm_segment, count(*)
FROM "店铺"."客户 分层"
GROUP BY 1, 2, 3, 4, 5, rfm_segment_rank ORDER BY 3, rfm_segment_rank;
SELECT segment, customers > 0 AS some, action FROM segment_playbook('店铺."客户 分层"', '忠诚频次', 'zh') WHERE rank < 3;
SELECT count(*) AS rows FROM segment_playbook('店铺."客户 分层"', 'Größe der Kunden');
SELECT step, value FROM explain_customer('店铺."客户 分层"', 7) WHERE step LIKE '忠诚%';
-- used, they stay, also where the view is gone; splits and words may change, and are applied by the next training
SELECT fails(statement), statement
FROM unnest(ARRAY[
    $$SELECT drop_matrix('忠诚频次')$$, $$SELECT drop_scheme('新老客户')$$,
    $$SELECT define_matrix('忠诚频次', changed('忠诚频次', '{x,axis}', '"clv"'))$$,
    $$SELECT define_matrix('忠诚频次', changed('忠诚频次', '{y,axis}', '"clv"'))$$,
    $$SELECT define_matrix('忠诚频次', changed('层级', '{x,axis}', '"loyalty"') - 'column')$$,
    $$SELECT define_matrix('忠诚频次', changed('忠诚频次', '{column}', '"忠诚"'))$$,
    $$SELECT define_matrix('层级', matrix_definition('层级') - 'column')$$
]) WITH ORDINALITY AS s (statement, place)
ORDER BY place;
SELECT define_matrix('忠诚频次', jsonb_set(
           changed('忠诚频次', '{y}', '{"axis": "frequency", "split": "given", "cuts": [1000]}'),
           '{positions,1,labels,zh}', '"忠诚但很少"'
       )),
       define_scheme('新老客户', jsonb_set(scheme_definition('新老客户'), '{segments,1,labels,zh}', '"流失客户"'));
SELECT count(*) FILTER (WHERE "忠诚频次" = '忠诚但很少') AS changed, count(*) FILTER (WHERE rfm_segment = '流失客户') AS changed
FROM "店铺"."客户 分层";
SELECT train_segmentation('店铺."客户 分层"');
SELECT "忠诚频次", rfm_segment, count(*) FROM "店铺"."客户 分层" GROUP BY 1, 2 ORDER BY min("忠诚频次_rank"), min(rfm_segment_rank);
DROP VIEW "店铺"."客户 分层" CASCADE;
SELECT fails('SELECT drop_matrix(''忠诚频次'')') LIKE '2BP01: segmentation "店铺"."客户 分层" uses matrix%' AS matrix,
       fails('SELECT drop_scheme(''新老客户'')') LIKE '2BP01: segmentation "店铺"."客户 分层" uses RFM scheme%' AS scheme,
       fails('SELECT define_matrix(''忠诚频次'', changed(''忠诚频次'', ''{x,axis}'', ''"clv"''))') LIKE '2BP01: %' AS axes;
SELECT drop_segmentation('店铺."客户 分层"');
SELECT drop_matrix('忠诚频次'), drop_matrix('层级'), drop_scheme('新老客户');

-- a company's own words for what is built in, in two languages at once, in reports and after the next training
SELECT create_segmentation('public.worded', '店铺.订单', '客户', '日期', '金额', '{"as_of": "2024-08-01"}');
SELECT growth_quadrant AS before FROM worded WHERE growth_quadrant_code = 'high_high' LIMIT 1;
SELECT reword_matrix('growth', '{
           "high_high": {"labels": {"en": "Stars", "zh": "明星客户"}, "actions": {"en": "Call them.", "zh": "致电。"}},
           "low_low": {"labels": {"fr": "Petits"}}
       }'),
       reword_scheme('standard', (
           SELECT jsonb_object_agg(
                      segment_code,
                      jsonb_build_object(
                          'labels', jsonb_build_object('en', 'Our ' || segment_rank, 'zh', '第' || segment_rank)
                      )
                  )
           FROM rfm_scheme_segment
           WHERE scheme = 'standard'
       ));
SELECT language, matrix_label_of('growth', 'high_high', language) AS label,
       matrix_action_of('growth', 'high_high', language) AS action,
       matrix_label_of('growth', 'low_low', language) AS low,
       rfm_segment(5, 5, 5, 'standard', language) AS segment
FROM unnest(ARRAY['en', 'zh', 'fr']) AS language;
SELECT matrix_definition('growth') #> '{positions,0}' AS growth, (SELECT builtin FROM matrix WHERE matrix = 'growth');
SELECT count(*) FILTER (WHERE growth_quadrant = 'Stars') AS not_yet FROM worded;
SELECT train_segmentation('public.worded');
SELECT count(*) FILTER (WHERE growth_quadrant = 'Stars') > 0 AS matrix,
       bool_and(rfm_segment = 'Our ' || rfm_segment_rank) AS scheme
FROM worded;
SELECT code, segment, action FROM segment_playbook('public.worded', 'growth', 'zh') WHERE rank = 1;
-- again, in the place of all of it; NULL takes it back, and may be said twice
SELECT reword_matrix('growth', '{"high_high": {"labels": {"zh": "星"}}}');
SELECT matrix_label_of('growth', 'high_high'), matrix_label_of('growth', 'high_high', 'zh'),
       matrix_label_of('growth', 'low_low', 'fr');
SELECT reword_matrix('growth', NULL), reword_matrix('growth', NULL), reword_scheme('standard', NULL);
SELECT matrix_label_of('growth', 'high_high'), matrix_label_of('growth', 'high_high', 'zh'), rfm_segment(5, 5, 5),
       (SELECT count(*) FROM definition) AS definitions;
-- by a role that owns the database
CREATE ROLE cv_matrix_dba;
SELECT current_database() AS this_database \gset
ALTER DATABASE :this_database OWNER TO cv_matrix_dba;
SET ROLE cv_matrix_dba;
SELECT reword_matrix('growth', '{"high_high": {"labels": {"en": "Ours"}}}');
SELECT matrix_label_of('growth', 'high_high'), reword_matrix('growth', NULL);
RESET ROLE;
ALTER DATABASE :this_database OWNER TO CURRENT_USER;
DROP ROLE cv_matrix_dba;
SELECT drop_segmentation('public.worded');
