-- Orders of as many customers, as CSV in a file of the server; :file, :count and :customers are replaced.
COPY (SELECT 1000000000000 + k, 1 + (k * (:customers / :count)) % :customers, '2025-12-30 12:00+00', 20 + k % 50
      FROM generate_series(1, :count) AS k) TO ':file' (FORMAT csv)
