-- One new order each of :count customers, spread evenly from the :start-th on.
INSERT INTO orders
SELECT 1000000000 + k, 1 + (:start + k * (:customers / :count)) % :customers, '2025-12-30 12:00+00', 20 + k % 50
FROM generate_series(1, :count) AS k
