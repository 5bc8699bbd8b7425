-- The label of 30 days before alone.
SELECT customer_id, previous_rfm_segment FROM customer_segments
