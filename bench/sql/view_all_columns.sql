-- The view, every column, every customer.
SELECT * FROM customer_segments
