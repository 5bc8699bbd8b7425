-- For pgbench: orders of a few customers, in any order, changed and deleted in the same transaction. Two clients
-- touch the same customers but never the same order, so nothing can fail without keeping.
\set one random(1, 50)
\set two random(1, 50)
\set first random(2000000000, 9000000000)
\set second random(2000000000, 9000000000)
BEGIN;
INSERT INTO :table VALUES (:first, :one, '2025-12-30 12:00+00', 20.50);
SAVEPOINT s;
INSERT INTO :table VALUES (:second, :two, '2025-12-30 12:00+00', 10);
ROLLBACK TO SAVEPOINT s;
INSERT INTO :table VALUES (:second, :two, '2025-12-30 12:00+00', 30);
UPDATE :table SET amount = amount + 1 WHERE customer_id = :one AND order_id = :first;
DELETE FROM :table WHERE customer_id = :two AND order_id = :second;
COMMIT;
