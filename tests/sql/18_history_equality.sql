-- Histories are equal where all of their orders are, by days: DISTINCT, GROUP BY, UNION, joins, replication. The
-- planner never remembers results by history: a Memoize node would hash whole histories for each row of a lateral join.
SET client_min_messages = warning;
\pset format unaligned
SET timezone = 'America/New_York';
SET search_path = public, customer_value;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\i :helpers

CREATE TABLE orders AS
SELECT c, date '2024-01-01' + (i * i * 13 + (c % 40) * 7) % 300 AS day,
       ((i * 37 + (c % 40)) % 500 - 20)::numeric / 4 AS amount
FROM generate_series(1, 2000) AS c, generate_series(1, 9) AS i;
CREATE TABLE histories AS SELECT c, purchase_history(day, amount) AS h FROM orders GROUP BY c;
ANALYZE histories;

-- equal is what has equal text, however it was folded
SELECT count(*) AS pairs,
       count(*) FILTER (WHERE (a.h = b.h) IS DISTINCT FROM (a.h::text = b.h::text)) AS wrong,
       count(*) FILTER (WHERE a.h = b.h) AS equal
FROM histories AS a, histories AS b
WHERE a.c <= 80 AND b.c <= 80;
SELECT count(*) AS other_order, count(*) FILTER (WHERE r.h <> h.h) AS wrong
FROM histories AS h
JOIN (
    SELECT c, purchase_history(day, amount ORDER BY day DESC, amount) AS h FROM orders GROUP BY c
) AS r USING (c);
SELECT count(*) AS merged, count(*) FILTER (WHERE NOT r.h = h.h) AS wrong
FROM histories AS h
JOIN (
    SELECT c, rollup_history(h) AS h
    FROM (
        SELECT c, purchase_history(day, amount) AS h FROM orders GROUP BY c, extract(month FROM day)
    ) AS p
    GROUP BY c
) AS r USING (c);
-- not equal: another day, another number of digits, refunds, no amounts, no orders
SELECT a::text, b::text, a = b AS equal, a <> b AS differ, a < b OR a > b AS one_is_less,
       a <= b AND a >= b AS neither
FROM (
    VALUES ('{"version": 1, "days": [["2024-01-01", 1, "5"]]}'::purchase_history,
            '{"version": 1, "days": [["2024-01-01", 1, "5"]]}'::purchase_history),
           ('{"version": 1, "days": [["2024-01-01", 1, "5"]]}', '{"version": 1, "days": [["2024-01-02", 1, "5"]]}'),
           ('{"version": 1, "days": [["2024-01-01", 1, "5"]]}', '{"version": 1, "days": [["2024-01-01", 1, "5.0"]]}'),
           ('{"version": 1, "days": [["2024-01-01", 1, "5"]]}',
            '{"version": 1, "days": [["2024-01-01", 1, "5", 1, "2"]]}'),
           ('{"version": 1, "days": [["2024-01-01", 1]]}', '{"version": 1, "days": [["2024-01-01", 1, "0"]]}'),
           ('{"version": 1, "days": []}', '{"version": 1, "days": []}')
) AS v (a, b);
SELECT (h = NULL) IS NULL AS null_is_unknown, h IS NOT DISTINCT FROM h AS itself FROM histories LIMIT 1;

-- an order of all of them: exactly one of less, equal, greater; and the same as that of a sort
SELECT count(*) AS pairs,
       count(*) FILTER (WHERE (a.h < b.h)::int + (a.h = b.h)::int + (a.h > b.h)::int <> 1) AS not_one,
       count(*) FILTER (WHERE (a.h <= b.h) <> NOT (a.h > b.h) OR (a.h >= b.h) <> NOT (a.h < b.h)) AS wrong
FROM histories AS a, histories AS b
WHERE a.c <= 60 AND b.c <= 60;
SELECT count(*) AS rows, count(*) FILTER (WHERE before > h) AS falling
FROM (SELECT h, lag(h) OVER (ORDER BY h) AS before FROM histories) AS s;
SELECT count(*) AS pairs,
       count(*) FILTER (
           WHERE sign(customer_value_internal.history_cmp(a.h, b.h))
               <> CASE WHEN a.h < b.h THEN -1 WHEN a.h = b.h THEN 0 ELSE 1 END
       ) AS wrong
FROM histories AS a, histories AS b
WHERE a.c <= 60 AND b.c <= 60;

-- DISTINCT, GROUP BY, UNION, EXCEPT, count(DISTINCT), a primary key
SELECT count(DISTINCT h::text) AS texts FROM histories;
SELECT (SELECT count(*) FROM (SELECT DISTINCT h FROM histories) AS d) AS "distinct",
       (SELECT count(*) FROM (SELECT h FROM histories GROUP BY h) AS g) AS groups,
       (SELECT count(*) FROM (SELECT h FROM histories UNION SELECT h FROM histories) AS u) AS "union",
       (
           SELECT count(*)
           FROM (SELECT h FROM histories EXCEPT SELECT h FROM histories WHERE c % 40 < 10) AS e
       ) AS "except",
       count(DISTINCT h) AS counted
FROM histories;
CREATE TABLE keyed (h purchase_history PRIMARY KEY);
INSERT INTO keyed SELECT h FROM histories ON CONFLICT DO NOTHING;
SELECT count(*) FROM keyed;
SELECT fails('INSERT INTO keyed SELECT h FROM histories WHERE c = 1') LIKE '% 23505: %' AS duplicate_refused;
-- values that are stored out of line
CREATE TABLE long_histories AS
SELECT n, purchase_history(date '1900-01-01' + i * 2, i::numeric / 7) AS h
FROM generate_series(1, 4) AS n, generate_series(1, 5000 + n / 3) AS i
GROUP BY n;
SELECT count(*) AS rows, count(DISTINCT h) AS different, min(pg_column_size(h)) > 2000 AS long FROM long_histories;
CREATE INDEX ON long_histories USING hash (h customer_value_internal.purchase_history_hash_ops);

-- joins: by hash, by merging sorted inputs, and in a loop, with the same result
SET max_parallel_workers_per_gather = 0;
CREATE VIEW joined AS SELECT count(*) AS rows FROM histories AS a JOIN histories AS b ON a.h = b.h WHERE a.c <= 400;
SELECT * FROM plan_of('SELECT * FROM joined', 'COSTS OFF') AS plan WHERE plan ~ 'Join|Cond';
SELECT * FROM joined;
SET enable_hashjoin = off;
SELECT plan ~ 'Merge Join' AS merges FROM plan_of('SELECT * FROM joined') AS plan WHERE plan ~ 'Join|Nested';
SELECT * FROM joined;
SET enable_mergejoin = off;
SELECT * FROM joined;
RESET enable_hashjoin;
RESET enable_mergejoin;
-- the two hash functions are one, and equal values have equal hashes
SELECT count(*) AS rows,
       count(*) FILTER (
           WHERE customer_value_internal.history_hash_extended(h, 0)::bit(32)::int
               <> customer_value_internal.history_hash(h)
       ) AS wrong,
       count(DISTINCT customer_value_internal.history_hash(h)) AS hashes,
       count(DISTINCT customer_value_internal.history_hash_extended(h, 7)) AS seeded
FROM histories;

-- no Memoize: neither over a lateral subquery that depends on a history nor over a join with one
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET enable_material = off;
CREATE TABLE many AS SELECT h, first_purchase(h) AS day FROM histories, generate_series(1, 10);
ANALYZE many;
SELECT *
FROM plan_of('
    SELECT sum(n) FROM many AS m, LATERAL (SELECT count(*) AS n FROM keyed AS k WHERE k.h = m.h OFFSET 0) AS l
', 'COSTS OFF') AS plan;
SELECT *
FROM plan_of('
    SELECT sum(n)
    FROM many AS m,
         LATERAL (SELECT count(*) AS n FROM keyed AS k WHERE first_purchase(k.h) = first_purchase(m.h) OFFSET 0) AS l
', 'COSTS OFF') AS plan;
-- by a day, of which there are few, it would be added
SELECT plan ~ 'Memoize' AS memoized, count(*)
FROM plan_of('
    SELECT sum(n)
    FROM many AS m,
         LATERAL (SELECT count(*) AS n FROM keyed AS k WHERE first_purchase(k.h) = m.day OFFSET 0) AS l
', 'COSTS OFF') AS plan
GROUP BY 1 ORDER BY 1;
SELECT count(*) AS lines, count(*) FILTER (WHERE plan ~ 'Memoize') AS memoized
FROM unnest(ARRAY[
         'SELECT count(*) FROM many AS m JOIN keyed AS k ON k.h = m.h',
         'SELECT sum(n) FROM many AS m, LATERAL (SELECT order_count(m.h) AS n OFFSET 0) AS l', '
             SELECT sum(n)
             FROM many AS m,
                  LATERAL (SELECT sum(amount) AS n FROM orders AS o WHERE o.day = first_purchase(m.h) OFFSET 0) AS l
         ', '
             SELECT sum(n)
             FROM many AS m, LATERAL (SELECT count(*) AS n FROM keyed AS k WHERE k.h = m.h OFFSET 0) AS l
         '
     ]) AS query,
     plan_of(query, 'COSTS OFF') AS plan;
RESET enable_hashjoin;
RESET enable_mergejoin;
RESET enable_material;

-- logical replication compares whole rows where a table has no key
ALTER TABLE histories REPLICA IDENTITY FULL;
SELECT count(*) AS same_rows FROM histories AS a JOIN histories AS b ON a = b WHERE a.c <= 50;

-- the classes: one default for btree, none for hash
SELECT amname, opcname, opcdefault, pg_opclass_is_visible(o.oid) AS in_path
FROM pg_opclass AS o
JOIN pg_am AS a ON a.oid = opcmethod
WHERE opcintype = 'purchase_history'::regtype
ORDER BY 1;
SELECT oprname, oprcanmerge, oprcanhash, oprcom::regoperator, oprnegate::regoperator
FROM pg_operator
WHERE oprleft = 'purchase_history'::regtype
ORDER BY 1;
