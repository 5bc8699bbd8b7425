-- Customers by their labels on two days, best first; those without one last, on both sides.
WITH {{moved}}, cell AS MATERIALIZED (
    SELECT coalesce(m.from_label, CASE WHEN m.was_there THEN {{unplaced}} ELSE {{not_yet}} END) AS from_segment,
           coalesce(m.to_label, CASE WHEN m.is_there THEN {{unplaced}} ELSE {{no_longer}} END) AS to_segment,
           m.change,
           min(m.from_rank) AS from_rank,
           min(m.to_rank) AS to_rank,
           bool_or(m.from_label IS NULL) AS from_none,
           bool_or(m.to_label IS NULL) AS to_none,
           count(*) AS customers,
           sum(m.revenue) AS revenue
    FROM moved AS m
    GROUP BY 1, 2, 3
)
SELECT c.from_segment,
       c.to_segment,
       c.customers,
       round(c.customers / sum(c.customers) OVER (PARTITION BY c.from_segment), 4)::float8,
       round(c.customers / sum(c.customers) OVER (PARTITION BY c.to_segment), 4)::float8,
       c.revenue,
       round(c.revenue / nullif(greatest(sum(c.revenue) OVER (), 0), 0), 4)::float8,
       c.change,
       c.from_rank,
       c.to_rank
FROM cell AS c
ORDER BY c.from_none, c.from_rank NULLS LAST, c.from_segment, c.to_none, c.to_rank NULLS LAST, c.to_segment
LIMIT {{most_rows}} + 1
