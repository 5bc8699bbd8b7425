-- The view, the columns of RFM and lifetime value, every customer.
SELECT customer_id, first_purchase, last_purchase, recency_days, frequency, monetary, average_order_value,
       revenue, recency_score, frequency_score, monetary_score, rfm_code, rfm_segment, rfm_segment_code,
       rfm_segment_rank, as_of, trained_at, p_alive, expected_purchases, expected_order_value, clv,
       clv_percentile, clv_tier, clv_tier_code, clv_tier_rank
FROM customer_segments
