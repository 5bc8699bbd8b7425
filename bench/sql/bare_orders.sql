-- The same orders in a table that nobody keeps anything of.
CREATE TABLE bare_orders AS TABLE orders;
CREATE INDEX ON bare_orders (customer_id);
VACUUM (FREEZE, ANALYZE) bare_orders;
VACUUM (FREEZE, ANALYZE) orders
