-- Kept histories: the view shows the same as without, whatever happens to the orders.
\pset format unaligned
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE SCHEMA k40;
CREATE TABLE k40.orders (id bigserial PRIMARY KEY, customer_id bigint, ordered_at timestamptz, total numeric(12, 2));
CREATE INDEX ON k40.orders (customer_id);
SELECT setseed(0.4);
INSERT INTO k40.orders (customer_id, ordered_at, total)
SELECT 1 + (random() * 60)::int, '2025-01-01'::timestamptz + random() * interval '500 days', round((random() * 100 - 8)::numeric, 2)
FROM generate_series(1, 600);
INSERT INTO k40.orders (customer_id, ordered_at, total) VALUES (NULL, '2025-05-05', 5), (7, NULL, 6), (8, '2025-05-05', NULL);

SELECT customer_value.create_segmentation('k40.live', 'k40.orders', 'customer_id', 'ordered_at', 'total', '{"as_of": "2026-06-30"}');
SELECT customer_value.create_segmentation('k40.seg', 'k40.orders', 'customer_id', 'ordered_at', 'total',
                                          '{"as_of": "2026-06-30", "keep": true}');

CREATE FUNCTION k40.differences(a text, b text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint; cols text;
BEGIN
  SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO cols FROM pg_attribute
  WHERE attrelid = a::regclass AND attnum > 0 AND attname NOT IN ('trained_at', 'kept_at');
  EXECUTE format('SELECT count(*) FROM ((SELECT %1$s FROM %2$s EXCEPT ALL SELECT %1$s FROM %3$s) UNION ALL
                                        (SELECT %1$s FROM %3$s EXCEPT ALL SELECT %1$s FROM %2$s)) AS d', cols, a, b) INTO n;
  RETURN n;
END $$;
SELECT k40.differences('k40.live', 'k40.seg');
SELECT keep, holds, reason, notes FROM customer_value.keeping('k40.seg');
SELECT customer_value.refresh_segmentation('k40.seg');
SELECT keep, holds, reason, notes FROM customer_value.keeping('k40.seg');
SELECT k40.differences('k40.live', 'k40.seg');
INSERT INTO k40.orders (customer_id, ordered_at, total) SELECT c, '2026-06-01', 10 FROM generate_series(1, 90, 3) AS c;
DELETE FROM k40.orders WHERE customer_id = 5;
UPDATE k40.orders SET customer_id = 6 WHERE customer_id = 8;
SELECT k40.differences('k40.live', 'k40.seg');
SELECT holds, notes FROM customer_value.keeping('k40.seg');
SELECT customer_value.refresh_segmentation('k40.seg');
SELECT k40.differences('k40.live', 'k40.seg');
SELECT holds, notes FROM customer_value.keeping('k40.seg');
SELECT customer_value.train_segmentation('k40.live'), customer_value.train_segmentation('k40.seg');
-- notes are looked up one by one or all at once, with their index and without; whoever asks for another type is told
INSERT INTO k40.orders (customer_id, ordered_at, total) SELECT 2 * c, '2026-06-01', 10 FROM generate_series(1, 3000) AS c;
SELECT k40.differences('k40.live', 'k40.seg');
SELECT l.frequency = s.frequency AS same FROM k40.live AS l JOIN k40.seg AS s USING (customer_id) WHERE customer_id IN (2, 3);
SELECT count(*) FILTER (WHERE customer_value_internal.is_noted(s.id, c)) AS noted FROM customer_value.segmentations AS s,
    generate_series(1::bigint, 7000) AS c WHERE s.view = 'k40.seg';
DROP INDEX k40.seg_touched_customer_idx;
SELECT k40.differences('k40.live', 'k40.seg');
SELECT customer_value_internal.is_noted(id, 'six'::text) FROM customer_value.segmentations WHERE view = 'k40.seg';
SELECT customer_value.refresh_segmentation('k40.seg');
SELECT customer_value_internal.is_noted(id, 'six'::text) FROM customer_value.segmentations WHERE view = 'k40.seg';
DELETE FROM k40.orders WHERE customer_id > 90;
-- a publication of all tables does not stop a refresh
SET client_min_messages = error;
CREATE PUBLICATION k40_all FOR ALL TABLES;
INSERT INTO k40.orders (customer_id, ordered_at, total) VALUES (11, '2026-06-03', 3);
SELECT customer_value.refresh_segmentation('k40.seg');
UPDATE k40.orders SET total = 4 WHERE id = 1;
DROP PUBLICATION k40_all;
SET client_min_messages = warning;
SELECT k40.differences('k40.live', 'k40.seg');
-- a training finds the same in kept histories, those of touched customers, and rows without a customer
INSERT INTO k40.orders (customer_id, ordered_at, total) VALUES (9, '2026-06-02', 3), (NULL, '2025-05-05', 4), (10, NULL, 2);
DO $$ BEGIN
    PERFORM customer_value.train_segmentation('k40.live'), customer_value.train_segmentation('k40.seg');
END $$;
SELECT count(DISTINCT (to_jsonb(t) - '{segmentation,trained_at,seconds,options}'::text[])) AS different, min(rows_left_out), min(amount_left_out)
FROM customer_value.training AS t WHERE newest
  AND segmentation IN (SELECT id FROM customer_value.segmentations WHERE view IN ('k40.live', 'k40.seg'));
SELECT customer_value.alter_segmentation('k40.seg', '{"keep": false}');
SELECT relname FROM pg_class WHERE relnamespace = 'k40'::regnamespace AND relkind IN ('r', 'v') ORDER BY 1;
SELECT count(*) FROM pg_trigger WHERE tgrelid = 'k40.orders'::regclass AND NOT tgisinternal;
SELECT customer_value.alter_segmentation('k40.seg', '{"keep": true}');
SELECT customer_value.refresh_segmentation('k40.seg');
SELECT k40.differences('k40.live', 'k40.seg');
SELECT relname FROM pg_class WHERE relnamespace = 'k40'::regnamespace AND relkind IN ('r', 'v') ORDER BY 1;
DROP VIEW k40.seg CASCADE;
SELECT relname FROM pg_class WHERE relnamespace = 'k40'::regnamespace AND relkind IN ('r', 'v') ORDER BY 1;
SELECT count(*) FROM pg_trigger WHERE tgrelid = 'k40.orders'::regclass AND NOT tgisinternal;
