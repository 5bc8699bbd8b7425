-- The growth matrix with what to do. Visualize as: table.
-- Field filters: segment on rfm_segment, growth on growth_quadrant of shop.customer_snapshots.
SELECT growth_quadrant AS quadrant, count(*) AS customers, sum(revenue) AS revenue,
       round(sum(clv)::numeric, 2) AS lifetime_value, growth_quadrant_action AS what_to_do
FROM shop.customer_snapshots
WHERE as_of = (SELECT max(s.as_of) FROM shop.customer_snapshots AS s)
  [[AND {{segment}}]]
  [[AND {{growth}}]]
GROUP BY growth_quadrant, growth_quadrant_action
ORDER BY growth_quadrant NULLS LAST
