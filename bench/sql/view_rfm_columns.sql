-- The view, the columns that have nothing to do with lifetime value, every customer.
SELECT customer_id, first_purchase, last_purchase, recency_days, frequency, monetary, average_order_value,
       revenue, recency_score, frequency_score, monetary_score, rfm_code, rfm_segment, rfm_segment_code,
       rfm_segment_rank, as_of, trained_at
FROM customer_segments
