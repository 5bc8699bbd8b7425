-- What the contenders for few customers read: an index, a small copy of the orders, 500 customers.
SET client_min_messages = warning;
CREATE INDEX ON orders (customer_id);
CREATE TABLE small_orders AS SELECT * FROM orders WHERE customer_id % 14 = 0;
CREATE INDEX ON small_orders (customer_id);
CREATE TABLE chosen AS
    SELECT DISTINCT customer_id AS id FROM orders WHERE customer_id % 14 = 0 ORDER BY 1 LIMIT 500;
VACUUM (FREEZE, ANALYZE) orders;
VACUUM (FREEZE, ANALYZE) small_orders;
VACUUM (FREEZE, ANALYZE) chosen;
SELECT create_segmentation('small_segments', 'small_orders', 'customer_id', 'ordered_at', 'amount',
                           '{"as_of": "2025-12-31"}');
