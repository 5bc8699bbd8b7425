-- RFM scores as they are written by hand.
SELECT customer_id,
       ntile(5) OVER (ORDER BY last_order) AS recency_score,
       ntile(5) OVER (ORDER BY orders) AS frequency_score,
       ntile(5) OVER (ORDER BY revenue) AS monetary_score
FROM (SELECT customer_id, max(ordered_at) AS last_order, count(*) AS orders, sum(amount) AS revenue
      FROM orders GROUP BY 1) AS c
