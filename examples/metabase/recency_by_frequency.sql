-- The grid that segments are cut from. Visualize as: pivot table, recency_score by frequency_score.
-- Field filters: segment on rfm_segment, growth on growth_quadrant of shop.customer_snapshots.
SELECT recency_score, frequency_score, count(*) AS customers, avg(revenue) AS mean_revenue
FROM shop.customer_snapshots
WHERE as_of = (SELECT max(s.as_of) FROM shop.customer_snapshots AS s)
  [[AND {{segment}}]]
  [[AND {{growth}}]]
GROUP BY recency_score, frequency_score
ORDER BY recency_score DESC NULLS LAST, frequency_score
