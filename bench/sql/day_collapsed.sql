-- The models' statistics by hand: orders to days, days to x, t_x, T and the mean of the repeat days.
SELECT customer_id,
       count(*) - 1 AS repeat_purchases,
       max(day) - min(day) AS purchase_span,
       date '2025-12-31' - min(day) AS customer_age,
       avg(amount) FILTER (WHERE place > 1) AS repeat_purchase_value
FROM (SELECT customer_id, day, sum(amount) AS amount,
             row_number() OVER (PARTITION BY customer_id ORDER BY day) AS place
      FROM (SELECT customer_id, (ordered_at AT TIME ZONE 'UTC')::date AS day, amount FROM orders) AS o
      GROUP BY customer_id, day) AS days
GROUP BY customer_id
