-- Expected purchases of a year, added up so that no client is measured; the model is replaced.
SELECT sum(expected_purchases(':purchases', repeat_purchases, purchase_span, customer_age, 365)) FROM statistics
