-- The floor: PostgreSQL's own hash aggregate, one group a customer.
SELECT customer_id, count(*) FROM orders GROUP BY 1
