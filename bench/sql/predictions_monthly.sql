-- The same, with purchases counted at the end of each of twelve months of 30 days, as lifetimes does.
SELECT sum(p_alive(':purchases', repeat_purchases, purchase_span, customer_age)) AS p_alive,
       sum(expected_purchases(':purchases', repeat_purchases, purchase_span, customer_age, 365)) AS expected_purchases,
       sum(clv(':purchases', ':spend', repeat_purchases, purchase_span, customer_age, repeat_purchase_value,
               horizon_days => 360, annual_discount_rate => 1.01::double precision ^ (365.25 / 30) - 1,
               step_days => 30)) AS clv
FROM statistics
