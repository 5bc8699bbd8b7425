-- Three columns of one customer, whose place is filled in.
SELECT rfm_segment, monetary, clv FROM customer_segments WHERE customer_id = :customer
