-- Three predictions for every customer, added up so that no client is measured; the models are replaced.
SELECT sum(p_alive(':purchases', repeat_purchases, purchase_span, customer_age)) AS p_alive,
       sum(expected_purchases(':purchases', repeat_purchases, purchase_span, customer_age, 365)) AS expected_purchases,
       sum(clv(':purchases', ':spend', repeat_purchases, purchase_span, customer_age, repeat_purchase_value,
               horizon_days => 365, annual_discount_rate => 1.01::double precision ^ (365.25 / 30) - 1)) AS clv
FROM statistics
