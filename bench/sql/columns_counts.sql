-- The chart of rfm_counts.sql in DuckDB, over its own columns: trained cuts, the scheme as a table of its 125 cells.
-- CASE is written as a sum of comparisons and the look-up as a join, which is a little faster.
SELECT label, count(*)
FROM (
    SELECT 100 * (5 - (:recency)) + 10 * (1 + :frequency) + 1 + :monetary AS code
    FROM (SELECT DATE ':as_of' - max(ordered_at)::date AS recency, count(*) AS frequency, sum(amount) AS monetary
          FROM orders GROUP BY customer_id) AS measures
) AS scored
JOIN cells USING (code)
GROUP BY label
