-- One read of the label over all customers: what reports over time are measured beside.
SELECT customer_id, rfm_segment FROM customer_segments
