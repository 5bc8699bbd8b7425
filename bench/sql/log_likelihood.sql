-- How likely the purchases of all customers are under two models. The difference is added up on its own, as
-- that of the sums would be lost in their rounding.
SELECT sum(ours), sum(theirs), sum(ours - theirs)
FROM (SELECT log_likelihood(':ours', repeat_purchases, purchase_span, customer_age) AS ours,
             log_likelihood(':theirs', repeat_purchases, purchase_span, customer_age) AS theirs
      FROM statistics) AS customers
