-- Segments, the best first: labels are ranked. Visualize as: row chart, segment by customers.
-- Field filters: segment on rfm_segment, growth on growth_quadrant of shop.customer_snapshots.
SELECT rfm_segment AS segment, count(*) AS customers, sum(revenue) AS revenue,
       round(sum(clv)::numeric, 2) AS lifetime_value
FROM shop.customer_snapshots
WHERE as_of = (SELECT max(s.as_of) FROM shop.customer_snapshots AS s)
  [[AND {{segment}}]]
  [[AND {{growth}}]]
GROUP BY rfm_segment
ORDER BY rfm_segment NULLS LAST
