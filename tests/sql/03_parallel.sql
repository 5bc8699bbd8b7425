-- However histories are folded, in one process, sorted, spilled, shuffled, by parts or by workers, they are equal.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
SET max_parallel_workers_per_gather = 0;
\pset format unaligned
SET search_path = public, customer_value;
\getenv abs_srcdir PG_ABS_SRCDIR
\set helpers :abs_srcdir '/sql/include/helpers.sql'
\i :helpers

SELECT setseed(0.3);
CREATE TABLE orders AS
SELECT i AS id, (random() ^ 3 * 700)::int AS customer,
       timestamptz '2023-01-01 UTC' + random() * interval '700 days' AS at,
       CASE
           WHEN i % 23 = 0 THEN -round((random() * 99)::numeric, 2)
           WHEN i % 501 = 0 THEN 1e25 + round(random()::numeric, 4)
           ELSE round((random() * 500)::numeric, i % 4)
       END AS amount,
       (random() * 1e6)::float8 / 7 AS price
FROM generate_series(1, 60000) AS i;
INSERT INTO orders SELECT -i, 9001, NULL, 5, 5 FROM generate_series(1, 9) AS i;
ALTER TABLE orders SET (parallel_workers = 2);
ANALYZE orders;

-- serial, hashed
CREATE TABLE serial AS
SELECT customer, purchase_history(at, amount)::text AS amounts, purchase_history(at, price)::text AS floats,
       purchase_history(at, amount, 'Asia/Shanghai')::text AS zoned, purchase_history(at)::text AS visits
FROM orders GROUP BY customer;
SELECT count(*) > 500 AS many,
       sum(order_count(amounts::purchase_history))
           = (SELECT count(*) FROM orders WHERE amount >= 0 AND at IS NOT NULL) AS all
FROM serial;
SELECT customer, amounts FROM serial WHERE customer = 9001;
SELECT count(*) AS wrong
FROM serial
JOIN (SELECT customer, sum(amount) FROM orders WHERE at IS NOT NULL GROUP BY 1) AS s USING (customer)
WHERE revenue(amounts::purchase_history) <> sum;

-- sorted
SET enable_hashagg = off;
SELECT bool_or(line LIKE '%GroupAggregate%') AS sorted
FROM plan_of('SELECT customer, purchase_history(at, amount) FROM orders GROUP BY 1') AS line;
CREATE TABLE sorted AS
SELECT customer, purchase_history(at, amount)::text AS amounts, purchase_history(at, price)::text AS floats,
       purchase_history(at, amount, 'Asia/Shanghai')::text AS zoned, purchase_history(at)::text AS visits
FROM orders GROUP BY customer;
RESET enable_hashagg;
SELECT differ('serial', 'sorted');

-- shuffled: in any order of the rows
CREATE TABLE shuffled AS
SELECT customer, purchase_history(at, amount ORDER BY md5(id::text))::text AS amounts,
       purchase_history(at, price ORDER BY amount DESC)::text AS floats,
       purchase_history(at, amount, 'Asia/Shanghai' ORDER BY id DESC)::text AS zoned,
       purchase_history(at ORDER BY id DESC)::text AS visits
FROM orders
GROUP BY customer;
SELECT differ('serial', 'shuffled');

-- spilled: the server counts the memory of states, and goes to disk when work_mem is small
SET work_mem = '64kB';
SET hash_mem_multiplier = 1;
SET enable_sort = off;
SELECT bool_or(line ~ 'HashAggregate') AS hashed, bool_or(line ~ 'Batches: [0-9]{2,}.*Disk Usage') AS spilled
FROM plan_of('SELECT customer, purchase_history(at, amount) FROM orders GROUP BY 1',
             'ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF') AS line;
CREATE TABLE spilled AS
SELECT customer, purchase_history(at, amount)::text AS amounts, purchase_history(at, price)::text AS floats,
       purchase_history(at, amount, 'Asia/Shanghai')::text AS zoned, purchase_history(at)::text AS visits
FROM orders GROUP BY customer;
RESET work_mem;
RESET hash_mem_multiplier;
RESET enable_sort;
SELECT differ('serial', 'spilled');
-- few customers with long histories: memory grows with the state, not with the number of groups
SELECT (regexp_match(line, 'Memory Usage: (\d+)kB'))[1]::int > 200 AS counted
FROM plan_of('SELECT customer % 3, purchase_history(at + customer * interval ''1 day'', amount) FROM orders GROUP BY 1',
             'ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF') AS line WHERE line ~ 'Memory Usage';

-- by parts, rolled up: also parts of parts, and parts kept as text
CREATE TABLE parts AS
SELECT customer, id % 7 AS part, purchase_history(at, amount) AS amounts, purchase_history(at, price) AS floats,
       purchase_history(at, amount, 'Asia/Shanghai') AS zoned, purchase_history(at) AS visits
FROM orders GROUP BY 1, 2;
CREATE TABLE rolled AS
SELECT customer, rollup_history(amounts)::text AS amounts, rollup_history(floats)::text AS floats,
       rollup_history(zoned)::text AS zoned, rollup_history(visits)::text AS visits
FROM parts
GROUP BY 1;
SELECT differ('serial', 'rolled');
CREATE TABLE rolled_twice AS
SELECT customer, rollup_history(amounts)::text AS amounts, rollup_history(floats)::text AS floats,
       rollup_history(zoned)::text AS zoned, rollup_history(visits)::text AS visits
FROM (
    SELECT customer, rollup_history(amounts::text::purchase_history) AS amounts,
           rollup_history(floats) AS floats, rollup_history(zoned) AS zoned, rollup_history(visits) AS visits
    FROM parts
    GROUP BY customer, part % 2
) AS p
GROUP BY 1;
SELECT differ('serial', 'rolled_twice');

-- by workers: partial states go through serialize, deserialize and combine
SET max_parallel_workers_per_gather = 2;
CALL hand_over_for_nothing();
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0.05;
SET min_parallel_table_scan_size = 0;
SELECT bool_or(line ~ 'Partial (Hash|Group)Aggregate') AS partial,
       bool_or(line ~ 'Finalize (Hash|Group)Aggregate') AS finalized,
       max((regexp_match(line, 'Workers Launched: (\d+)'))[1]::int) >= 1 AS launched
FROM plan_of('SELECT customer, purchase_history(at, amount) FROM orders GROUP BY 1',
             'ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF') AS line;
CREATE TABLE parallel AS
SELECT customer, purchase_history(at, amount)::text AS amounts, purchase_history(at, price)::text AS floats,
       purchase_history(at, amount, 'Asia/Shanghai')::text AS zoned, purchase_history(at)::text AS visits
FROM orders GROUP BY customer;
SELECT differ('serial', 'parallel');
-- only the workers read, so that every state was sent
SET parallel_leader_participation = off;
CREATE TABLE by_workers AS
SELECT customer, purchase_history(at, amount)::text AS amounts, purchase_history(at, price)::text AS floats,
       purchase_history(at, amount, 'Asia/Shanghai')::text AS zoned, purchase_history(at)::text AS visits
FROM orders GROUP BY customer;
SELECT differ('serial', 'by_workers');
-- one state of all rows, and an empty one: no row has a time
SELECT bool_or(line ~ 'Partial Aggregate') AS partial
FROM plan_of('SELECT purchase_history(at, amount) FROM orders') AS line;
SELECT md5(purchase_history(at, amount)::text)
    = (SELECT md5(rollup_history(amounts::purchase_history)::text) FROM serial) AS same
FROM orders;
SELECT purchase_history(at, amount), rollup_history(NULL) FROM orders WHERE at IS NULL;
-- rolled up by workers
ALTER TABLE parts SET (parallel_workers = 2);
ANALYZE parts;
SET parallel_tuple_cost = 0.01;
SELECT bool_or(line ~ 'Partial (Hash|Group)Aggregate') AS partial
FROM plan_of('SELECT customer, rollup_history(amounts) FROM parts GROUP BY 1') AS line;
CREATE TABLE rolled_by_workers AS
SELECT customer, rollup_history(amounts)::text AS amounts, rollup_history(floats)::text AS floats,
       rollup_history(zoned)::text AS zoned, rollup_history(visits)::text AS visits
FROM parts
GROUP BY 1;
SELECT differ('serial', 'rolled_by_workers');
-- an error in a worker is the same error
\set VERBOSITY terse
SELECT purchase_history(at, CASE WHEN id = 31234 THEN 'NaN' ELSE amount END) IS NULL FROM orders;
\set VERBOSITY default
RESET parallel_leader_participation;

-- and the measures that the parallel query gives are those of the serial one
SELECT count(*) AS wrong
FROM (SELECT customer, purchase_history(at, amount) AS h FROM orders GROUP BY 1) AS p
JOIN serial USING (customer)
WHERE (order_count(h), revenue(h), repeat_purchase_value(h))
    IS DISTINCT FROM (order_count(amounts::purchase_history), revenue(amounts::purchase_history),
                      repeat_purchase_value(amounts::purchase_history));

-- by partitions: partial states of each, in one process
SET max_parallel_workers_per_gather = 0;
SET enable_partitionwise_aggregate = on;
CREATE TABLE parted (LIKE orders) PARTITION BY HASH (id);
CREATE TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE parted_2 PARTITION OF parted FOR VALUES WITH (MODULUS 3, REMAINDER 2);
INSERT INTO parted SELECT * FROM orders;
ANALYZE parted;
SELECT count(*) FILTER (WHERE line ~ 'Partial (Hash|Group)Aggregate') AS partial
FROM plan_of('SELECT customer, purchase_history(at, amount) FROM parted GROUP BY 1') AS line;
CREATE TABLE by_partitions AS
SELECT customer, purchase_history(at, amount)::text AS amounts, purchase_history(at, price)::text AS floats,
       purchase_history(at, amount, 'Asia/Shanghai')::text AS zoned, purchase_history(at)::text AS visits
FROM parted GROUP BY customer;
SELECT differ('serial', 'by_partitions');
