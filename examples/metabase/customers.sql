-- Customers one by one, the most valuable first. Visualize as: table.
-- Field filters: segment on rfm_segment, growth on growth_quadrant of shop.customer_snapshots.
SELECT customer_id, rfm_segment, growth_quadrant, lifecycle_stage, last_purchase, frequency, revenue, p_alive, clv
FROM shop.customer_snapshots
WHERE as_of = (SELECT max(s.as_of) FROM shop.customer_snapshots AS s)
  [[AND {{segment}}]]
  [[AND {{growth}}]]
ORDER BY clv DESC NULLS LAST
LIMIT 2000
