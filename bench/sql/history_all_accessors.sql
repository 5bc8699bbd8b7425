-- One history a customer, then everything that can be read from it.
SELECT customer_id,
       order_count(h, d), purchase_days(h, d), first_purchase(h, d), last_purchase(h, d), revenue(h, d),
       refund_share(h, d), average_order_value(h, d), repeat_purchases(h, d), purchase_span(h, d),
       repeat_purchase_value(h, d), customer_age(h, d), days_since_last_purchase(h, d), typical_gap(h, d),
       revenue_between(h, d - 364, d), orders_between(h, d - 364, d)
FROM (SELECT customer_id, purchase_history(ordered_at, amount) AS h, date '2025-12-31' AS d
      FROM orders GROUP BY 1) AS c
