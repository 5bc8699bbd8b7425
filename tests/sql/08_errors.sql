-- Every kind of bad input: an error of our own with a class, a message and a hint, never XX000.
\set ON_ERROR_STOP 0
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
SET search_path = public, customer_value;

-- What a statement fails with. "!!" in front marks what must never happen.
CREATE FUNCTION fails(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; hint text;
BEGIN
    EXECUTE statement;
    RETURN '!! no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = returned_sqlstate, message = message_text, hint = pg_exception_hint;
    RETURN CASE WHEN state LIKE 'XX%' THEN '!! ' WHEN hint = '' THEN '(no hint) ' ELSE '' END
        || state || ': ' || left(message, 160) || CASE WHEN hint = '' THEN '' ELSE ' -> ' || left(hint, 60) END;
END $$;

-- The same for many inputs of a type: only the input, the class, and whether there is a hint.
CREATE FUNCTION fails_as(input text, type regtype) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; hint text;
BEGIN
    EXECUTE format('SELECT %L::%s', input, type);
    RETURN '!! no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = returned_sqlstate, message = message_text, hint = pg_exception_hint;
    RETURN CASE WHEN state LIKE 'XX%' THEN '!! ' WHEN hint = '' THEN '(no hint) ' ELSE '' END
        || state || ': ' || left(message, 120);
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
SELECT creating('shop.orders', 'customer_id', 'at', view => 'shop.' || repeat('x', 61));
SELECT creating('shop.orders', 'customer_id', 'at', view => 'shop.' || repeat('界', 21));
SELECT creating('shop.orders', 'customer_id', 'at', view => 'shop.' || repeat('x', 1000));
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

-- schemes with holes -------------------------------------------------------------------------------
INSERT INTO rfm_scheme (scheme, bins) VALUES ('holes', 2), ('empty', 3), ('long', 2);
INSERT INTO rfm_scheme_segment (scheme, segment_code, segment_rank) VALUES ('holes', 'a', 1), ('holes', 'b', 2);
INSERT INTO rfm_scheme_cell VALUES ('holes', 'a', 1, 2, 1, 2, 1, 1), ('holes', 'b', 2, 2, 2, 2, 1, 2);
SELECT option('{"scheme": "holes"}');
SELECT option('{"scheme": "empty"}');
SELECT fails('INSERT INTO rfm_scheme (scheme, bins) VALUES (''x'', 1)') LIKE '%23514%' AS refused;
SELECT fails('INSERT INTO rfm_scheme (scheme, bins) VALUES (''x'', 11)') LIKE '%23514%' AS refused;
SELECT fails('INSERT INTO rfm_scheme (scheme, bins, split) VALUES (''x'', 3, ''mean'')') LIKE '%23514%' AS refused;
SELECT fails('INSERT INTO rfm_scheme (scheme, bins) VALUES (''none'', 3)') LIKE '%23514%' AS refused;
SELECT fails('INSERT INTO rfm_scheme (scheme, bins) VALUES (''standard'', 3)') LIKE '%23505%' AS refused;
SELECT fails('INSERT INTO rfm_scheme (scheme, bins, builtin) VALUES (''x'', 3, true)');
SELECT fails('UPDATE rfm_scheme SET bins = 4 WHERE scheme = ''standard''');
SELECT fails('DELETE FROM rfm_scheme WHERE scheme = ''standard''');
SELECT fails('UPDATE rfm_scheme_label SET label = ''x'' WHERE scheme = ''standard''');
SELECT fails('UPDATE rfm_scheme_segment SET segment_rank = 99 WHERE scheme = ''standard'' AND segment_rank = 1');
SELECT fails('DELETE FROM rfm_scheme_cell WHERE scheme = ''eight''');
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
             ('3e38::float4 * 1'), ('1e-60::numeric'), ('5e-324::float8'),
             ('123456789012345678901234567890123456789::numeric'),
             ('99999999999999999999999999999999999999.9::numeric')) AS a (amount);
SELECT fails(format('SELECT purchase_history(%s)', at)) AS fails, at
FROM (VALUES ('timestamptz ''infinity'''), ('timestamptz ''-infinity'''), ('timestamp ''infinity'''),
             ('timestamp ''-infinity'''), ('date ''infinity'''), ('date ''-infinity'''),
             ('timestamptz ''infinity'', ''Asia/Shanghai''::text'), ('date ''infinity'', 1')) AS t (at);
SELECT fails('SELECT purchase_history(date ''2024-01-01'', x) FROM (VALUES (9e37), (9e37)) AS v (x)');
SELECT fails('SELECT purchase_history(date ''2024-01-01'', x) FROM (VALUES (1e37), (1e-5)) AS v (x)');
SELECT fails('SELECT purchase_history(date ''2024-01-01'' + i, 9e37::numeric) FROM generate_series(1, 9) AS i');
SELECT fails('SELECT revenue(purchase_history(date ''2024-01-01'' + i, 9e37::numeric)) FROM generate_series(1, 9) AS i');
SELECT fails('SELECT rollup_history(h) FROM (SELECT purchase_history(date ''2024-01-01'', 9e37) FROM generate_series(1, 2) AS i GROUP BY i) AS p (h)');
SELECT fails(format('SELECT purchase_history(now(), 1, %L)', zone)), zone
FROM unnest(ARRAY['nowhere', 'UTC+8', 'PST', 'CEST', '+08', '8', '', ' ', 'Asia', '../etc/passwd', '/etc/passwd', './UTC',
                  'Europe/Berlin ', 'posixrules', 'Europe//Berlin', repeat('x', 300), 'zone.tab', 'Asia/Shanghai/..',
                  'Europe/Berlin/', 'tzdata.zi', '<+08>-8', 'EST5EDT4,M3.2.0,M11.1.0', 'UTC0']) AS zone;
-- both the accessors and the scores need a day
SELECT fails(format('SELECT %s', call)), call
FROM unnest(ARRAY['days_since_last_purchase(h, ''infinity'')', 'customer_age(h, ''-infinity'')',
                  'recency_score(c, h, ''infinity'')', 'rfm_cuts(h, ''infinity'')', 'rfm_cuts(h, ''-infinity'')',
                  'rfm_cuts(h, NULL)', 'rfm_cuts(h, ''2024-01-02'', 1)', 'rfm_cuts(h, ''2024-01-02'', 11)',
                  'rfm_cuts(h, ''2024-01-02'', -2147483648)', 'monetary_score(c, ''NaN''::numeric)',
                  'monetary_score(c, ''Infinity''::float8)', 'monetary_score(c, ''-Infinity''::numeric)',
                  'rfm_training(h, ''2024-01-02'', ''{}'')', 'rfm_training(h, ''2024-01-02'', '''')',
                  'rfm_training(h, ''2024-01-02'', NULL)',
                  'rfm_training(h, ''2024-01-02'', ''{"bins": 200, "split": "quantile", "monetary_measure": "total", "given": [null, null, null]}'')',
                  'rfm_training(h, ''2024-01-02'', ''{"bins": 0, "split": "quantile", "monetary_measure": "total", "given": [null, null, null]}'')',
                  'rfm_training(h, ''2024-01-02'', ''{"bins": 3, "split": "quantile", "monetary_measure": "total", "given": [[1], null, null]}'')',
                  'rfm_training(h, ''2024-01-02'', ''{"bins": 3, "split": "mean", "monetary_measure": "total", "given": [[2, 1], null, null]}'')']) AS call,
     LATERAL (SELECT 1) AS one
WHERE call IS NOT NULL AND (SELECT true);
