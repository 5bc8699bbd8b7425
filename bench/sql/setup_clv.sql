-- What the contenders of clv.py read: the models' statistics from histories, and a table for what lifetimes
-- predicts. Without the index that the contenders for few customers need: it could change the plans of those
-- over all.
SET client_min_messages = warning;
DROP INDEX IF EXISTS orders_customer_id_idx;
CREATE TABLE statistics AS
SELECT customer_id,
       repeat_purchases(h, d)::double precision AS repeat_purchases,
       purchase_span(h, d)::double precision AS purchase_span,
       customer_age(h, d)::double precision AS customer_age,
       repeat_purchase_value(h, d)::double precision AS repeat_purchase_value
FROM (SELECT customer_id, purchase_history(ordered_at, amount) AS h, date '2025-12-31' AS d
      FROM orders GROUP BY 1) AS c;
-- The same with times that no two customers share: a fit then keeps every customer.
CREATE TABLE distinct_statistics AS
SELECT repeat_purchases,
       CASE WHEN repeat_purchases > 0 THEN purchase_span + random() ELSE 0 END AS purchase_span,
       customer_age + 1 + random() AS customer_age
FROM statistics;
CREATE TABLE predictions_back (customer_id bigint, p_alive double precision,
                               expected_purchases double precision, clv double precision);
VACUUM (FREEZE, ANALYZE) orders;
VACUUM (FREEZE, ANALYZE) statistics;
VACUUM (FREEZE, ANALYZE) distinct_statistics;
