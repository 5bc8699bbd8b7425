-- The label and that of 30 days before.
SELECT customer_id, rfm_segment, previous_rfm_segment FROM customer_segments
