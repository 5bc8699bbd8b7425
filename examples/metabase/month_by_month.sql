-- Sizes of segments over time. Visualize as: area chart, stacked, as_of by customers, series: segment.
-- Field filters: segment on rfm_segment, as_of on as_of of shop.customer_snapshots. as_of is the only time column.
SELECT as_of, rfm_segment AS segment, count(*) AS customers, sum(revenue) AS revenue
FROM shop.customer_snapshots
WHERE true
  [[AND {{segment}}]]
  [[AND {{as_of}}]]
GROUP BY as_of, rfm_segment
ORDER BY as_of, rfm_segment NULLS LAST
