-- How customers buy and leave, from their statistics; :family is replaced.
SELECT fit_purchase_model(repeat_purchases, purchase_span, customer_age, ':family') FROM statistics
