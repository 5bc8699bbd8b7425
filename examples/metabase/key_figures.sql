-- Key figures of the customers. Visualize as: table, or three numbers.
-- Field filters: segment on rfm_segment, growth on growth_quadrant of shop.customer_snapshots.
SELECT count(*) AS customers, sum(revenue) AS revenue, round(sum(clv)::numeric, 2) AS lifetime_value
FROM shop.customer_snapshots
WHERE as_of = (SELECT max(s.as_of) FROM shop.customer_snapshots AS s)
  [[AND {{segment}}]]
  [[AND {{growth}}]]
