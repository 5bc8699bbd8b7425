-- What a report over time needs of one day: the label and the value.
SELECT customer_id, rfm_segment, revenue, clv, last_purchase FROM customer_segments
