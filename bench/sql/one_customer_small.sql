-- The same over a table of a fourteenth of the orders.
SELECT * FROM small_segments WHERE customer_id = :customer
