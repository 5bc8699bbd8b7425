-- The view, one customer; :customer is replaced.
SELECT * FROM customer_segments WHERE customer_id = :customer
