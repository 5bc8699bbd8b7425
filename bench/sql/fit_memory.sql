-- A fit of customers of whom no two are alike, as a hash aggregate of one group.
SELECT fit_purchase_model(repeat_purchases, purchase_span, customer_age) FROM distinct_statistics
GROUP BY repeat_purchases < 0
