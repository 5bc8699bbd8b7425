-- For pgbench: one order of a random customer, committed; :table and :customers are replaced.
\set customer random(1, :customers)
\set number random(2000000000, 9000000000)
INSERT INTO :table VALUES (:number, :customer, '2025-12-30 12:00+00', 20.50);
