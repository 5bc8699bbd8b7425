-- Every kind of bad input: an error of our own with a class, a message and a hint, never XX000.
\set ON_ERROR_STOP 0
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned
SET search_path = public, customer_value, customer_value_internal;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\i :helpers

-- The same for many inputs of a type: only the input, the class, and whether there is a hint.
CREATE FUNCTION fails_as(input text, type regtype) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; hint text;
BEGIN
    EXECUTE format('SELECT %L::%s', input, type);
    RETURN '!! no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = returned_sqlstate, hint = pg_exception_hint;
    RETURN CASE WHEN state LIKE 'XX%' THEN '!! ' WHEN hint = '' THEN '!! no hint ' ELSE '' END || state;
END $$;

CREATE SCHEMA shop;
CREATE TABLE shop.orders (id int, customer_id int, at timestamptz, total numeric, note text, place point, doc json);
INSERT INTO shop.orders
SELECT i, i % 7, timestamptz '2024-01-01' + i * interval '1 day', 10 + i, 'x', point(0, 0), '{}'
FROM generate_series(1, 50) AS i;
SELECT create_segmentation('shop.ok', 'shop.orders', 'customer_id', 'at', 'total');
CREATE FUNCTION creating(source text, customer text, ordered_at text, amount text DEFAULT NULL,
                         options text DEFAULT '{}', view text DEFAULT 'shop.bad') RETURNS text LANGUAGE sql AS $$
    SELECT fails(format('SELECT customer_value.create_segmentation(%L, %L, %L, %L, %L, %L)',
                        view, source, customer, ordered_at, amount, options))
$$;

-- source -------------------------------------------------------------------------------------------
SELECT creating('shop.nothing', 'customer_id', 'at');
SELECT creating('nowhere.orders', 'customer_id', 'at');
SELECT creating('a.b.c.d', 'customer_id', 'at');
SELECT creating('', 'customer_id', 'at');
SELECT creating('shop.orders x', 'customer_id', 'at');
SELECT creating('shop.orders; DROP TABLE shop.orders', 'customer_id', 'at');
CREATE TEMP TABLE gone (customer_id int, at date);
SELECT creating('gone', 'customer_id', 'at');
CREATE TEMP VIEW gone_view AS SELECT customer_id, at FROM shop.orders;
SELECT creating('gone_view', 'customer_id', 'at');
CREATE SEQUENCE shop.numbers;
SELECT creating('shop.numbers', 'customer_id', 'at');
CREATE INDEX orders_at ON shop.orders (at);
SELECT creating('shop.orders_at', 'customer_id', 'at');
CREATE TYPE shop.pair AS (customer_id int, at date);
SELECT creating('shop.pair', 'customer_id', 'at');

-- columns ------------------------------------------------------------------------------------------
SELECT creating('shop.orders', 'nobody', 'at');
SELECT creating('shop.orders', 'ctid', 'at');
SELECT creating('shop.orders', '', 'at');
SELECT creating('shop.orders', 'customer_id', 'never');
SELECT creating('shop.orders', 'customer_id', 'at', 'price');
SELECT creating('shop.orders', 'customer_id', 'note');
SELECT creating('shop.orders', 'customer_id', 'at', 'note');
SELECT creating('shop.orders', 'place', 'at');
SELECT creating('shop.orders', 'doc', 'at');
SELECT creating('shop.orders', 'customer_id', 'at', NULL, '{"order_id": "doc"}');
SELECT creating('shop.orders', 'customer_id', 'at', NULL, '{"order_id": "none"}');
SELECT creating('shop.orders', 'customer_id', 'at', NULL, '{"currency": "none"}');
CREATE VIEW shop.clash AS SELECT customer_id AS monetary, at FROM shop.orders;
SELECT creating('shop.clash', 'monetary', 'at');

-- the view's name ----------------------------------------------------------------------------------
SELECT creating('shop.orders', 'customer_id', 'at', view => 'shop.orders');
SELECT creating('shop.orders', 'customer_id', 'at', view => 'shop.ok');
SELECT creating('shop.orders', 'customer_id', 'at', view => 'nowhere.bad');
SELECT creating('shop.orders', 'customer_id', 'at', view => 'pg_catalog.bad');
SELECT creating('shop.orders', 'customer_id', 'at', view => 'pg_temp.bad');
SELECT creating('shop.orders', 'customer_id', 'at', view => 'information_schema.bad');
SELECT creating('shop.orders', 'customer_id', 'at', view => 'a.b.c');
SELECT creating('shop.orders', 'customer_id', 'at', view => '');
SELECT creating('shop.orders', 'customer_id', 'at', view => 'shop.');
SELECT creating('shop.orders', 'customer_id', 'at', view => '"shop');
-- as long as any name; the function beside it has as much of it as there is room for
SELECT create_segmentation('shop.' || repeat('x', 63), 'shop.orders', 'customer_id', 'at'),
       create_segmentation('shop.' || repeat('界', 21), 'shop.orders', 'customer_id', 'at');
SELECT proname, octet_length(proname::text) AS bytes FROM pg_proc WHERE proname ~ '^(xxx|界界)' ORDER BY proname;
SELECT creating('shop.orders', 'customer_id', 'at', view => 'shop.' || repeat('x', 62));
SELECT creating('shop.orders', 'customer_id', 'at', view => 'shop.' || repeat('x', 1000));
SELECT drop_segmentation('shop.' || repeat('x', 63)), drop_segmentation('shop.' || repeat('界', 21));
SELECT count(*) AS left_behind FROM pg_proc WHERE proname ~ '^(xxx|界界)';
CREATE FUNCTION shop.taken_of(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
SELECT creating('shop.orders', 'customer_id', 'at', view => 'shop.taken');
SELECT fails('SELECT create_segmentation(NULL, ''shop.orders'', ''customer_id'', ''at'')');
SELECT fails('SELECT create_segmentation(''shop.bad'', NULL, ''customer_id'', ''at'')');
SELECT fails('SELECT create_segmentation(''shop.bad'', ''shop.orders'', NULL, ''at'')');
SELECT fails('SELECT create_segmentation(''shop.bad'', ''shop.orders'', ''customer_id'', NULL)');
SELECT fails('SELECT train_segmentation(NULL)');
SELECT fails('SELECT alter_segmentation(NULL)');
SELECT fails('SELECT drop_segmentation(NULL)');
SELECT fails('SELECT train_segmentation(''shop.orders'')');
SELECT fails('SELECT train_segmentation(''shop.nothing'')');
SELECT fails('SELECT train_segmentation(''shop.clash'')');
SELECT fails('SELECT alter_segmentation(''shop.orders'', ''{}'')');
SELECT fails('SELECT drop_segmentation(''shop.nothing'')');
SELECT fails('SELECT * FROM segment_report(''shop.nothing'')');
SELECT fails('SELECT * FROM segment_report(''shop.ok'', ''nothing'')');
SELECT fails('SELECT * FROM segment_report(''shop.ok'', ''recency_days; DROP TABLE shop.orders'')');
SELECT fails('SELECT * FROM segmentation_drift(''shop.orders'')');
SELECT fails('SELECT * FROM explain_customer(''shop.orders'', 1)');
SELECT fails('SELECT * FROM explain_customer(''shop.ok'', 999)');
SELECT fails('SELECT * FROM explain_customer(''shop.ok'', ''x'''' OR true --''::text)');
SELECT fails('SELECT * FROM explain_customer(''shop.ok'', 99999999999)');

-- options ------------------------------------------------------------------------------------------
CREATE FUNCTION option(options text) RETURNS text LANGUAGE sql AS $$
    SELECT creating('shop.orders', 'customer_id', 'at', 'total', options)
$$;
SELECT option('[]');
SELECT option('"bins"');
SELECT option('5');
SELECT option('{"colour": 1}');
SELECT option('{"colour": null}');
SELECT option('{"bins": 1e400}');
SELECT option('{"colour": 1e400}');
SELECT option('{"keep_trainings": 1e400}');
SELECT option('{"bins": 1}');
SELECT option('{"bins": 11}');
SELECT option('{"bins": -3}');
SELECT option('{"bins": 4.5}');
SELECT option('{"bins": 99999999999999999999}');
SELECT option('{"bins": "5"}');
SELECT option('{"bins": true}');
SELECT option('{"bins": 4}');
SELECT option('{"bins": 5, "scheme": "eight"}');
SELECT option('{"cuts": 5}');
SELECT option('{"cuts": []}');
SELECT option('{"cuts": {"recency": 5}}');
SELECT option('{"cuts": {"recency": [1, 2, 3]}}');
SELECT option('{"cuts": {"recency": [4, 3, 2, 1]}}');
SELECT option('{"cuts": {"recency": [1, 2, 3, "x"]}}');
SELECT option('{"cuts": {"recency": [1, 2, 3, null]}}');
SELECT option('{"cuts": {"recency": [1, 2, 3, 1e400]}}');
SELECT option('{"cuts": {"colour": [1, 2, 3, 4]}}');
SELECT option('{"monetary": "median"}');
SELECT option('{"monetary": 1}');
SELECT option('{"scheme": "nothing"}');
SELECT option('{"scheme": ""}');
SELECT option('{"scheme": 5}');
SELECT option('{"scheme": ["standard"]}');
SELECT option('{"language": "fr"}');
SELECT option('{"language": 1}');
SELECT option('{"language": ""}');
SELECT option('{"time_zone": "nowhere"}');
SELECT option('{"time_zone": "UTC+8"}');
SELECT option('{"time_zone": "PST"}');
SELECT option('{"time_zone": "../etc/passwd"}');
SELECT option('{"time_zone": ""}');
SELECT option('{"time_zone": 8}');
SELECT option('{"as_of": "yesterday"}');
SELECT option('{"as_of": "today"}');
SELECT option('{"as_of": "2024-02-30"}');
SELECT option('{"as_of": "2024-1-1"}');
SELECT option('{"as_of": "infinity"}');
SELECT option('{"as_of": ""}');
SELECT option('{"as_of": "99999999-01-01"}');
SELECT option('{"as_of": 20240101}');
SELECT option('{"as_of": "2023-12-31"}');
SELECT option('{"order_id": 1}');
SELECT option('{"currency": true}');
SELECT option('{"security_invoker": "yes"}');
SELECT option('{"security_invoker": 1}');
SELECT option('{"keep_trainings": 0}');
SELECT option('{"keep_trainings": 1001}');
SELECT option('{"keep_trainings": "all"}');
SELECT option(repeat('{"bins": ', 1000) || '1' || repeat('}', 1000));
SELECT option(repeat('[', 1000) || repeat(']', 1000));
SELECT option('{"cuts": ' || repeat('[', 1000) || repeat(']', 1000) || '}');
SELECT option('{"' || repeat('k', 100000) || '": 1}') LIKE '22023: option "kkk%' AS long_key;
SELECT creating('shop.orders', 'customer_id', 'at', NULL, '{"scheme": "standard"}');
SELECT creating('shop.orders', 'customer_id', 'at', NULL, '{"scheme": "eight"}');
SELECT fails($$SELECT alter_segmentation('shop.ok', '{"colour": null}')$$);
SELECT fails($$SELECT alter_segmentation('shop.ok', '{"bins": 3}')$$);
SELECT fails($$SELECT alter_segmentation('shop.ok', '[1]')$$);
SELECT fails($$SELECT alter_segmentation('shop.ok', amount => 'note')$$);
SELECT fails($$SELECT alter_segmentation('shop.ok', source => 'shop.nothing')$$);
-- what is refused leaves nothing behind
SELECT count(*) FROM pg_class WHERE relname = 'bad';
SELECT view, options FROM segmentations;

-- schemes; what cannot be one is in 28_definitions.sql --------------------------------------------
CREATE FUNCTION scheme_of(bins int) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('bins', bins, 'segments', (
        SELECT jsonb_agg(
                   jsonb_build_object(
                       'code', 's' || i, 'cells', r || '' || f || m,
                       'labels', jsonb_build_object('en', repeat('label ', 8) || i)
                   )
                   ORDER BY i
               )
        FROM generate_series(1, bins) AS r
        CROSS JOIN generate_series(1, bins) AS f
        CROSS JOIN generate_series(1, bins) AS m
        CROSS JOIN LATERAL (SELECT ((r - 1) * bins + f - 1) * bins + m) AS n (i)
    ))
$$;
-- too many segments, too long a label: told, not cut
SELECT fails('SELECT define_scheme(''many'', scheme_of(7))') AS many;
SELECT option('{"scheme": "many"}');
SELECT define_scheme('large', scheme_of(6));
SELECT create_segmentation('shop.large', 'shop.orders', 'customer_id', 'at', 'total', '{"scheme": "large"}');
SELECT count(*) = count(rfm_segment) AS labelled, min(rfm_segment) ~ 'label label' AS with_labels FROM shop.large;
SELECT fails(format('SELECT define_scheme(''large'', jsonb_set(scheme_of(6), ''{segments,0,labels,xx}'', %L))',
                    to_jsonb(repeat('x', 70000))));
SELECT define_scheme('large', jsonb_set(scheme_of(6), '{segments,0,labels,xx}', to_jsonb(repeat('客', 200))));
SELECT length(rfm_segment(1, 1, 1, 'large', 'xx')) AS not_cut, rfm_segment(6, 6, 6, 'large', 'xx') AS in_english;
-- used, it stays, also where the view is gone
SELECT fails('SELECT drop_scheme(''large'')');
DROP VIEW shop.large CASCADE;
SELECT fails('SELECT drop_scheme(''large'')') LIKE '2BP01: segmentation shop.large uses %' AS kept;
SELECT fails('SELECT train_segmentation(''shop.large'')');
SELECT drop_segmentation('shop.large');
SELECT drop_scheme('large');
SELECT fails('SELECT rfm_segment(1, 1, 1, ''nothing'')');
SELECT fails('SELECT rfm_segment_code(1, 1, 1, '''')');
SELECT fails('SELECT rfm_segment_rank(1, 1, 1, ''Standard'')');
SELECT fails('SELECT rfm_scheme_bins(''nothing'')');
SELECT fails('SELECT * FROM check_rfm_scheme(''nothing'')');

-- amounts and times --------------------------------------------------------------------------------
SELECT fails(format('SELECT purchase_history(%s, %s)', at, amount)) AS fails, amount, at
FROM (VALUES ('date ''2024-01-01''')) AS t (at),
     (VALUES ('''NaN''::numeric'), ('''Infinity''::numeric'), ('''-Infinity''::numeric'), ('''NaN''::float8'),
             ('''Infinity''::float8'), ('''-Infinity''::float8'), ('''NaN''::float4'), ('''-Infinity''::float4'),
             ('1e38::numeric'), ('1e39::numeric'), ('-1e39::numeric'), ('1e308::float8'), ('1e39::float8'),
             ('3e38::float4 * 1'), ('1e-60::numeric'), ('2e38::float8'),
             ('123456789012345678901234567890123456789::numeric'),
             ('99999999999999999999999999999999999999.9::numeric')) AS a (amount);
SELECT fails(format('SELECT purchase_history(%s)', at)) AS fails, at
FROM (VALUES ('timestamptz ''infinity'''), ('timestamptz ''-infinity'''), ('timestamp ''infinity'''),
             ('timestamp ''-infinity'''), ('date ''infinity'''), ('date ''-infinity'''),
             ('timestamptz ''infinity'', ''Asia/Shanghai''::text'), ('date ''infinity'', 1')) AS t (at);
SELECT fails('SELECT purchase_history(date ''2024-01-01'', x) FROM (VALUES (9e37), (9e37)) AS v (x)');
SELECT fails('SELECT purchase_history(date ''2024-01-01'', x) FROM (VALUES (1e37), (1e-5)) AS v (x)');
SELECT fails('SELECT purchase_history(date ''2024-01-01'' + i, 9e37::numeric) FROM generate_series(1, 9) AS i');
SELECT fails('
    SELECT revenue(purchase_history(date ''2024-01-01'' + i, 9e37::numeric)) FROM generate_series(1, 9) AS i
');
SELECT fails('
    SELECT rollup_history(h)
    FROM (SELECT purchase_history(date ''2024-01-01'', 9e37) FROM generate_series(1, 2) AS i GROUP BY i) AS p (h)
');
SELECT fails(format('SELECT purchase_history(now(), 1, %L)', zone)), zone
FROM unnest(
    ARRAY['nowhere', 'UTC+8', 'PST', 'CEST', '+08', '8', '', ' ', 'Asia', '../etc/passwd', '/etc/passwd',
          './UTC', 'Europe/Berlin ', 'Europe//Berlin', repeat('x', 300), 'zone.tab', 'Asia/Shanghai/..',
          'Europe/Berlin/', 'tzdata.zi', '<+08>-8', 'EST5EDT4,M3.2.0,M11.1.0', 'UTC0']
) AS zone;
-- days of accessors, scores and cuts
CREATE VIEW one_history AS
SELECT purchase_history(date '2024-01-01', 5) AS h,
       '{"recency": [1], "frequency": [1], "monetary": [1]}'::rfm_cuts AS c;
CREATE FUNCTION plan(bins int, split text DEFAULT 'quantile', given text DEFAULT 'null') RETURNS text
    LANGUAGE sql AS $$
    SELECT format('{"bins": %s, "split": "%s", "monetary_measure": "total", "given": [%s, null, null]}', bins,
                  split, given)
$$;
SELECT fails(format('SELECT %s FROM one_history', call)), call
FROM (VALUES ('days_since_last_purchase(h, ''infinity'')'), ('customer_age(h, ''-infinity'')'),
             ('recency_score(c, h, ''infinity'')'), ('rfm_cuts(h, ''infinity'')'), ('rfm_cuts(h, ''-infinity'')'),
             ('rfm_cuts(h, NULL)'), ('rfm_cuts(h, ''2024-01-02'', 1)'), ('rfm_cuts(h, ''2024-01-02'', 11)'),
             ('rfm_cuts(h, ''2024-01-02'', -2147483648)'), ('rfm_cuts(h, ''2024-01-02'', 261)'),
             ('monetary_score(c, ''NaN''::numeric)'), ('monetary_score(c, ''Infinity''::float8)'),
             ('monetary_score(c, ''-Infinity''::numeric)'),
             ('rfm_training(h, ''2024-01-02'', ''{}'')'), ('rfm_training(h, ''2024-01-02'', '''')'),
              ('rfm_training(h, ''2024-01-02'', NULL)'), ('rfm_training(h, ''infinity'', plan(3))'),
             ('rfm_training(h, ''2024-01-02'', plan(0))'), ('rfm_training(h, ''2024-01-02'', plan(1))'),
             ('rfm_training(h, ''2024-01-02'', plan(200))'), ('rfm_training(h, ''2024-01-02'', plan(256))'),
             ('rfm_training(h, ''2024-01-02'', plan(3, ''quantile'', ''[1]''))'),
             ('rfm_training(h, ''2024-01-02'', plan(3, ''quantile'', ''[2, 1]''))'),
             ('rfm_training(h, ''2024-01-02'', plan(3, ''quantile'', ''[]''))'),
             ('rfm_training(h, ''2024-01-02'', plan(3, ''mean''))')) AS c (call);
SELECT fails('SELECT rfm_cuts(h, d::date) FROM one_history, (VALUES (''2024-01-01''), (''2024-01-02'')) AS v (d)');
SELECT fails('SELECT rfm_cuts(h, ''2024-01-02'', b) FROM one_history, (VALUES (4), (5)) AS v (b)');

-- parts of aggregates ------------------------------------------------------------------------------
-- (the server itself lets nobody pass an internal value; how it says so differs between minor versions)
SELECT CASE
           WHEN said
                   ~ '^42883|^42846|^.no hint. 42846|^.no hint. 0A000: cannot accept a value of type internal'
               THEN 'refused by the server'
           ELSE said
       END AS fails,
       call
FROM (VALUES ('history_finish(NULL)'), ('history_finish(history_add(NULL, date ''2024-01-01''))'),
             ('history_finish(history_add(NULL, h))'), ('history_finish(history_combine(NULL, NULL))'),
             ('history_serialize(NULL)'), ('history_finish(history_deserialize(''\x''::bytea, NULL))'),
             ('history_finish(history_deserialize(NULL, NULL))'),
             ('history_finish(history_deserialize(''\x0102030405060708''::bytea, NULL))'),
             ('history_serialize(history_deserialize(''\xffffffffffffffffffffffffffffffff''::bytea, NULL))'),
             ('rfm_cuts_finish(NULL)'), ('rfm_cuts_finish(rfm_cuts_add(NULL, h, ''2024-01-02''))'),
             ('rfm_training_finish(NULL)'), ('rfm_training_finish(rfm_training_add(NULL, h, NULL, plan(3)))'),
             ('purchase_history_recv(NULL)'), ('rfm_cuts_recv(NULL)'), ('require_utf8()')) AS c (call),
     LATERAL (SELECT fails(format('SELECT %s FROM one_history', call)) AS said) AS f;

-- malformed text -----------------------------------------------------------------------------------
SELECT fails_as(input, 'purchase_history'), left(input, 70) AS input
FROM (
    VALUES (''), (' '), ('null'), ('1'), ('[]'), ('{}'), ('{"version": 1}'), ('{"days": []}'),
           ('{"version": 2, "days": []}'), ('{"version": "1", "days": []}'), ('{"version": 1e400, "days": []}'),
           ('{"version": 1, "days": {}}'), ('{"version": 1, "days": [], "more": 1}'),
           ('{"version": 1, "days": []} x'), ('{"version": 1, "days": [], "days": []}'),
           ('{"version": 1, "days": ['), ('{"version": 1, "days": [[]]}'),
           ('{"version": 1, "days": [["2024-01-01"]]}'), ('{"version": 1, "days": [[20240101, 1]]}'),
           ('{"version": 1, "days": [["2024-02-30", 1]]}'), ('{"version": 1, "days": [["2024-1-1", 1]]}'),
           ('{"version": 1, "days": [["infinity", 1]]}'), ('{"version": 1, "days": [["2024-01-01 12:00", 1]]}'),
           ('{"version": 1, "days": [["5874898-01-01", 1]]}'),
           ('{"version": 1, "days": [["4715-01-01 BC", 1]]}'), ('{"version": 1, "days": [["0000-01-01", 1]]}'),
           ('{"version": 1, "days": [["4294967295-01-01", 1]]}'),
           ('{"version": 1, "days": [["2024-01-01", 0]]}'), ('{"version": 1, "days": [["2024-01-01", -1]]}'),
           ('{"version": 1, "days": [["2024-01-01", 1.5]]}'), ('{"version": 1, "days": [["2024-01-01", "1"]]}'),
           ('{"version": 1, "days": [["2024-01-01", 18446744073709551615]]}'),
           ('{"version": 1, "days": [["2024-01-01", 1, 5]]}'),
           ('{"version": 1, "days": [["2024-01-01", 1, ""]]}'),
           ('{"version": 1, "days": [["2024-01-01", 1, "x"]]}'),
           ('{"version": 1, "days": [["2024-01-01", 1, "NaN"]]}'),
           ('{"version": 1, "days": [["2024-01-01", 1, "-5"]]}'),
           ('{"version": 1, "days": [["2024-01-01", 1, "1e5"]]}'),
           ('{"version": 1, "days": [["2024-01-01", 1, " 5"]]}'),
           ('{"version": 1, "days": [["2024-01-01", 1, "1' || repeat('0', 39) || '"]]}'),
           ('{"version": 1, "days": [["2024-01-01", 1, "0.' || repeat('1', 39) || '"]]}'),
           (
               '{"version": 1, "days": [["2024-01-01", 1, "1' || repeat('0', 37)
                   || '"], ["2024-01-02", 1, "0.01"]]}'
           ),
           ('{"version": 1, "days": [["2024-01-01", 1, "5", 1]]}'),
           ('{"version": 1, "days": [["2024-01-01", 1, "5", 0, "1"]]}'),
           ('{"version": 1, "days": [["2024-01-01", 1, "5", 1, "-1"]]}'),
           ('{"version": 1, "days": [["2024-01-01", 0, "5", 1, "1"]]}'),
           ('{"version": 1, "days": [["2024-01-01", 1, "5", 1, "1", 0]]}'),
           ('{"version": 1, "days": [["2024-01-01", 1, "5"], ["2024-01-02", 1]]}'),
           ('{"version": 1, "days": [["2024-01-01", 1], ["2024-01-02", 1, "5"]]}'),
           ('{"version": 1, "days": [["2024-01-01", 1], ["2024-01-01", 1]]}'),
           ('{"version": 1, "days": [["2024-01-01", 1, null, 1]]}'),
           ('{"version": 1, "days": ' || repeat('[', 5000)), (repeat('[', 100000)),
           (repeat('{"version":', 5000)), ('{"version": 1, "days": [["\ud800", 1]]}')
) AS v (input);
SELECT fails_as(input, 'rfm_cuts'), left(input, 70) AS input
FROM (
    VALUES (''), ('null'), ('5'), ('[]'), ('{}'), ('{"recency": [1]}'),
           ('{"recency": [1], "frequency": [1], "monetary": [1], "x": 1}'),
           ('{"recency": [], "frequency": [], "monetary": []}'),
           ('{"recency": [1], "frequency": [1, 2], "monetary": [1]}'),
           ('{"recency": [1], "frequency": [1], "monetary": []}'),
           ('{"recency": [2, 1], "frequency": [1, 2], "monetary": [1, 2]}'),
           ('{"recency": [1, 2], "frequency": [2, 1], "monetary": [1, 2]}'),
           ('{"recency": [1, 2], "frequency": [1, 2], "monetary": [2, 1]}'),
           ('{"recency": [1e400], "frequency": [1], "monetary": [1]}'),
           ('{"recency": [NaN], "frequency": [1], "monetary": [1]}'),
           ('{"recency": ["1"], "frequency": [1], "monetary": [1]}'),
           ('{"recency": [null], "frequency": [1], "monetary": [1]}'),
           ('{"bins": 3, "recency": [1], "frequency": [1], "monetary": [1]}'),
           ('{"bins": 0, "recency": [1], "frequency": [1], "monetary": [1]}'),
           ('{"bins": 256, "recency": [1], "frequency": [1], "monetary": [1]}'),
           ('{"recency": [1,2,3,4,5,6,7,8,9,10], "frequency": [1,2,3,4,5,6,7,8,9,10]}'),
           ('{"split": "median", "recency": [1], "frequency": [1], "monetary": [1]}'),
           ('{"split": "mean", "recency": [1, 2], "frequency": [1, 2], "monetary": [1, 2]}'),
           ('{"monetary_measure": "max", "recency": [1], "frequency": [1], "monetary": [1]}'),
           ('{"recency": [1], "frequency": [1], "monetary": [1]} x'),
           ('{"recency": [1], "frequency": [1], "recency": [1]}'),
           ('{"recency": 1, "frequency": 1, "monetary": 1}'), (repeat('[', 100000)),
           ('{"recency": ' || repeat('[', 5000))
) AS v (input);

SELECT fails_as(input, 'rfm_labels'), left(input, 70) AS input
FROM (
    VALUES (''), ('null'), ('[]'), ('{}'), ('{"bins": 2, "segments": [], "cells": []}'),
           ('{"bins": 1, "segments": [], "cells": [255, 255]}'), ('{"bins": 11, "segments": [], "cells": []}'),
           ('{"bins": 2, "segments": [], "cells": [0,0,0,0,0,0,0,0,0,0,0,0]}'),
           ('{"bins": 2, "segments": [], "cells": [256,255,255,255,255,255,255,255,255,255,255,255]}'),
           ('{"bins": 2, "segments": [{"code": "a"}], "cells": [255,255,255,255,255,255,255,255,255,255,255,255]}'),
           ('{"bins": 2, "segments": [{"code": "a", "label": "b", "rank": -1}], '
            '"cells": [255,255,255,255,255,255,255,255,255,255,255,255]}'),
           ('{"bins": 2, "segments": [{"code": 1, "label": "b", "rank": 1}], '
            '"cells": [255,255,255,255,255,255,255,255,255,255,255,255]}'),
           ('{"bins": 2, "segments": {}, "cells": {}}'), (repeat('[', 100000)),
           (
               '{"bins": 2, "segments": [{"code": "a", "label": "' || repeat('x', 70000)
                   || '", "rank": 1}], "cells": [255,255,255,255,255,255,255,255,255,255,255,255]}'
           )
) AS v (input);

-- each character of a good text changed, taken out or doubled: an error of class 22P02 or 22003, or a
-- value that is as good as any
CREATE FUNCTION parse(input text, type regtype) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; hint text; same boolean;
BEGIN
    EXECUTE format('SELECT %1$L::%2$s::text::%2$s::text = %1$L::%2$s::text', input, type) INTO same;
    RETURN CASE WHEN same THEN 'accepted' ELSE '!! not the same' END;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = returned_sqlstate, hint = pg_exception_hint;
    RETURN CASE WHEN hint = '' OR state NOT IN ('22P02', '22003') THEN '!! ' || SQLERRM || ' ' ELSE '' END || state;
END $$;
SELECT type, bool_or(outcome LIKE '!!%') AS wrong, count(*) > 500 AS many,
       count(*) FILTER (WHERE outcome = 'accepted') > 10 AS some_accepted
FROM (VALUES ('purchase_history'::regtype,
              '{"version": 1, "days": [["2024-01-31", 12, "10.50", 1, "3.25"], ["0044-03-15 BC", 1, "7"]]}'),
             ('rfm_cuts', '{
                 "bins": 3, "split": "quantile", "monetary_measure": "total", "recency": [1.5, 20],
                 "frequency": [1, 2e1], "monetary": [-5, 3]
             }'),
             ('rfm_labels', '{
                 "bins": 2, "segments": [{"code": "a", "label": "A", "rank": 1}],
                 "cells": [0,0,0,255,0,0,255,0,0,0,0,0]
             }')) AS v (type, good),
     LATERAL generate_series(1, length(good)) AS at,
     LATERAL unnest(
         ARRAY['', '"', '{', ']', ',', '0', '9', '-', 'e', '.', ' ', '\', U&'\00e9', '00', '[[', 'null']
     ) AS piece,
     LATERAL parse(overlay(good PLACING piece FROM at FOR 1), type) AS outcome
GROUP BY 1 ORDER BY type::text;

-- malformed binary: an error of class 22P03, or a value that is as good as any ------------------------
CREATE TABLE sent (history purchase_history, cuts rfm_cuts, labels rfm_labels);
CREATE FUNCTION receive(bytes bytea, field text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    file bytea := '\x5047434f50590aff0d0a0000000000000000000001'::bytea || int4send(length(bytes)) || bytes
        || '\xffff'::bytea;
    octal text;
    state text; hint text;
BEGIN
    SELECT string_agg(format('\%s%s%s', get_byte(file, i) / 64, get_byte(file, i) / 8 % 8, get_byte(file, i) % 8), ''
                      ORDER BY i)
    INTO octal
    FROM generate_series(0, length(file) - 1) AS i;
    TRUNCATE sent;
    EXECUTE format('COPY sent (%s) FROM PROGRAM %L (FORMAT binary)', field, format('printf "%s"', octal));
    PERFORM history::text::purchase_history::text, first_purchase(history)::text::date,
            last_purchase(history)::text::date, order_count(history), revenue(history), typical_gap(history),
            repeat_purchase_value(history), recency_score(cuts, 1), frequency_score(cuts, 1),
            cuts::text::rfm_cuts::text, labels::text::rfm_labels::text, rfm_segment(labels, 1, 1, 1),
            rfm_segment_code(labels, 2, 2, 2), rfm_segment_rank(labels, 2, 1, NULL)
    FROM sent;
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = returned_sqlstate, hint = pg_exception_hint;
    RETURN CASE WHEN hint = '' OR state LIKE 'XX%' THEN '!! ' || SQLERRM || ' ' ELSE '' END || state;
END $$;
CREATE TABLE good AS
SELECT (
           SELECT purchase_history(date '2024-01-01' + i % 9, (i % 5 - 1) * 12.34)
           FROM generate_series(1, 20) AS i
       ) AS history,
       (
           SELECT rfm_cuts(h, '2024-03-01')
           FROM (
               SELECT purchase_history(date '2024-01-01' + i, i) AS h
               FROM generate_series(1, 20) AS i
               GROUP BY i
           ) AS c
       ) AS cuts,
       rfm_scheme_labels('eight', 'zh') AS labels;
SELECT receive(purchase_history_send(history), 'history'), receive(rfm_cuts_send(cuts), 'cuts'),
       receive(rfm_labels_send(labels), 'labels')
FROM good;
SELECT receive('', 'history'), receive('', 'cuts'), receive('\x00', 'history'), receive('\x00', 'cuts'),
       receive('', 'labels'), receive('\x00', 'labels');
-- cut short, with a byte too many, and with each byte changed
SELECT receive(substr(bytes, 1, n), field) AS received, field, count(*)
FROM good,
     LATERAL (VALUES (purchase_history_send(history), 'history'), (rfm_cuts_send(cuts), 'cuts'),
                     (rfm_labels_send(labels), 'labels')) AS v (bytes, field),
     LATERAL generate_series(0, length(bytes) - 1) AS n
GROUP BY 1, 2 ORDER BY 2, 1;
SELECT receive(bytes || '\x00', field), receive(bytes || bytes, field)
FROM good,
     LATERAL (VALUES (purchase_history_send(history), 'history'), (rfm_cuts_send(cuts), 'cuts'),
                     (rfm_labels_send(labels), 'labels')) AS v (bytes, field);
SELECT field, received LIKE '!!%' AS wrong
FROM good,
     LATERAL (VALUES (purchase_history_send(history), 'history'), (rfm_cuts_send(cuts), 'cuts'),
                     (rfm_labels_send(labels), 'labels')) AS v (bytes, field),
     LATERAL generate_series(0, length(bytes) - 1) AS n,
     LATERAL (VALUES (0), (1), (127), (128), (255)) AS b (byte),
     LATERAL receive(set_byte(bytes, n, byte), field) AS received
GROUP BY 1, 2 ORDER BY 1, 2;

-- NULL in, NULL out; no plain function fails on one ---------------------------------------------------
SELECT rfm_segment(NULL, 5, 5), rfm_segment(5, NULL, 5), rfm_segment(5, 5, NULL), rfm_segment(5, 5, 5, NULL),
       rfm_segment(5, 5, 5, 'standard', NULL), rfm_code(NULL, 1, 1), rfm_code(1, NULL, 1), rfm_code(1, 1, NULL);
SELECT rfm_segment(0, 1, 1), rfm_segment(6, 1, 1), rfm_segment(-1, 1, 1), rfm_segment(1, 1, 2147483647),
       rfm_segment_code(1, -2147483648, 1), rfm_segment_rank(1, 1, 6), rfm_code(-1, 2147483647, 0);
SELECT (SELECT count(*) FROM segment_report(NULL)), (SELECT count(*) FROM explain_customer(NULL, 1)),
       purchase_history_in(NULL);
