-- What a purchase is worth, from the same statistics.
SELECT fit_spend_model(repeat_purchases, repeat_purchase_value) FROM statistics
