-- Customers by two columns. A table of few enough cells is whole; of a larger one, which becomes an error, only cells
-- with customers are read, and no more than tell that they are too many.
WITH cell AS MATERIALIZED (
    SELECT *,
           dense_rank() OVER (ORDER BY row_label) AS row_key,
           dense_rank() OVER (ORDER BY column_label) AS column_key
    FROM (
        SELECT v.{{row}}::text AS row_label,
               v.{{column}}::text AS column_label,
               {{row_rank}} AS row_rank,
               {{column_rank}} AS column_rank,
               count(*) AS customers,
               sum(v.revenue) AS revenue,
               sum(v.clv::numeric) AS clv,
               count(v.clv) AS valued
        FROM {{view}} AS v
        GROUP BY 1, 2
    ) AS v
), table_row AS MATERIALIZED (
    SELECT row_key, row_label, min(row_rank) AS row_rank, sum(customers) AS customers
    FROM cell
    GROUP BY 1, 2
), table_column AS MATERIALIZED (
    SELECT column_key, column_label, min(column_rank) AS column_rank, sum(customers) AS customers
    FROM cell
    GROUP BY 1, 2
), size AS (
    SELECT (SELECT count(*) FROM table_row) * (SELECT count(*) FROM table_column) <= {{most_cells}} AS fits
), place AS (
    SELECT r.row_key, c.column_key
    FROM table_row AS r
    CROSS JOIN table_column AS c
    WHERE (SELECT s.fits FROM size AS s)
    UNION ALL
    SELECT c.row_key, c.column_key
    FROM cell AS c
    WHERE NOT (SELECT s.fits FROM size AS s)
)
SELECT r.row_label,
       c.column_label,
       coalesce(f.customers, 0),
       round(coalesce(f.customers, 0) / (SELECT sum(customers) FROM cell), 4)::float8,
       round(coalesce(f.customers, 0) / r.customers, 4)::float8,
       round(coalesce(f.customers, 0) / c.customers, 4)::float8,
       f.revenue,
       round(f.clv / nullif(f.valued, 0), 2)::float8
FROM place AS p
JOIN table_row AS r USING (row_key)
JOIN table_column AS c USING (column_key)
LEFT JOIN cell AS f ON f.row_key = p.row_key AND f.column_key = p.column_key
ORDER BY r.row_rank NULLS LAST, r.row_label, c.column_rank NULLS LAST, c.column_label
LIMIT {{most_cells}} + 1
