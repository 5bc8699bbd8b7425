-- Every accessor, of all of a history and as of a day, against plain SQL over the same orders.
SET client_min_messages = warning;
SET datestyle = ISO;
SET timezone = 'UTC';
\pset format unaligned
SET search_path = public, customer_value, customer_value_internal;

-- 4,000 orders of 211 customers in 400 days: refunds, zero amounts, several orders a day, amounts of
-- up to four decimals, customers with refunds only, and rows that are to be left out.
SELECT setseed(0.42);
CREATE TABLE orders AS
SELECT CASE WHEN i % 97 = 0 THEN NULL ELSE (random() ^ 2 * 210)::int END AS customer,
       CASE WHEN i % 89 = 0 THEN NULL ELSE date '2023-01-01' + (random() * 400)::int END AS day,
       CASE WHEN i % 83 = 0 THEN NULL WHEN i % 17 = 0 THEN 0
            WHEN random() < 0.15 THEN -round((random() * 60)::numeric, 2)
            ELSE round((random() * 100)::numeric, i % 5) END AS amount
FROM generate_series(1, 4000) AS i;
INSERT INTO orders SELECT 1000 + i % 3, date '2023-05-01' + i, -1 - i FROM generate_series(1, 9) AS i;
CREATE VIEW used AS SELECT * FROM orders WHERE customer IS NOT NULL AND day IS NOT NULL AND amount IS NOT NULL;
CREATE TABLE histories AS
SELECT customer, purchase_history(day, amount) AS h FROM orders WHERE customer IS NOT NULL GROUP BY customer;
CREATE TABLE days AS
SELECT d::date AS as_of FROM generate_series(timestamp '2022-12-30', '2024-02-10', '13 days') AS d
UNION SELECT min(day) FROM used UNION SELECT max(day) FROM used
UNION VALUES ('infinity'::date), ('4713-11-24 BC'), ('5874897-12-31');

-- By plain SQL: one row a customer and day. A purchase is an order whose amount is not negative.
CREATE VIEW plain AS
SELECT c.customer, d.as_of, count(u.*) FILTER (WHERE u.amount >= 0) AS orders,
       count(DISTINCT u.day) FILTER (WHERE u.amount >= 0)::int AS purchase_days,
       min(u.day) FILTER (WHERE u.amount >= 0) AS first_purchase,
       max(u.day) FILTER (WHERE u.amount >= 0) AS last_purchase, coalesce(sum(u.amount), 0) AS revenue,
       coalesce(sum(u.amount) FILTER (WHERE u.amount >= 0), 0) AS gross,
       coalesce(-sum(u.amount) FILTER (WHERE u.amount < 0), 0) AS refunds
FROM histories AS c
CROSS JOIN days AS d
LEFT JOIN used AS u ON u.customer = c.customer AND u.day <= d.as_of
GROUP BY c.customer, d.as_of;
CREATE VIEW plain_days AS
SELECT customer, as_of, day, gross, day - lag(day) OVER w AS gap, row_number() OVER w AS nth
FROM (SELECT c.customer, d.as_of, u.day, sum(u.amount) AS gross
      FROM histories AS c CROSS JOIN days AS d JOIN used AS u ON u.customer = c.customer AND u.day <= d.as_of
      WHERE u.amount >= 0 GROUP BY 1, 2, 3) AS g
WINDOW w AS (PARTITION BY customer, as_of ORDER BY day);
CREATE TABLE expected AS
SELECT p.customer, p.as_of, orders, purchase_days, p.first_purchase, p.last_purchase,
       trim_scale(revenue) AS revenue,
       CASE WHEN p.gross > 0 THEN round(refunds / p.gross, 12) END AS refund_share,
       CASE WHEN orders > 0 THEN round(p.gross / orders, s.scale + 4) END AS average_order_value,
       CASE WHEN orders > 0 THEN purchase_days - 1 END AS repeat_purchases,
       p.last_purchase - p.first_purchase AS purchase_span,
       round(avg(x.gross) FILTER (WHERE x.nth > 1), 10) AS repeat_purchase_value,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY x.gap) AS typical_gap
FROM plain AS p
LEFT JOIN plain_days AS x ON x.customer = p.customer AND x.as_of = p.as_of
LEFT JOIN (SELECT customer, max(scale(amount)) AS scale FROM used GROUP BY 1) AS s ON s.customer = p.customer
GROUP BY s.scale, p.customer, p.as_of, orders, purchase_days, p.first_purchase, p.last_purchase, revenue,
    p.gross, refunds;
CREATE TABLE found AS
SELECT customer, as_of, order_count(h, as_of) AS orders, purchase_days(h, as_of), first_purchase(h, as_of),
       last_purchase(h, as_of), trim_scale(revenue(h, as_of)) AS revenue,
       round(refund_share(h, as_of)::numeric, 12) AS refund_share,
       average_order_value(h, as_of) AS average_order_value,
       repeat_purchases(h, as_of), purchase_span(h, as_of),
       round(repeat_purchase_value(h, as_of)::numeric, 10) AS repeat_purchase_value, typical_gap(h, as_of)
FROM histories CROSS JOIN days;
SELECT sum(orders) > 50000 AS many, count(*) FILTER (WHERE repeat_purchases IS NULL) > 1000 AS some_without,
       count(typical_gap) > 3000 AS gaps FROM expected;
SELECT count(*) AS only_by_sql FROM (TABLE expected EXCEPT ALL TABLE found) AS d;
SELECT count(*) AS only_by_history FROM (TABLE found EXCEPT ALL TABLE expected) AS d;

-- ages, as of days that differences can be taken from
SELECT count(*) AS wrong FROM plain AS p JOIN histories USING (customer)
WHERE as_of <> 'infinity'
  AND (customer_age(h, as_of), days_since_last_purchase(h, as_of))
      IS DISTINCT FROM (as_of - p.first_purchase, as_of - p.last_purchase);

-- the whole history is the history as of its last day, or later
SELECT count(*) AS wrong
FROM histories
WHERE (order_count(h), purchase_days(h), first_purchase(h), last_purchase(h), revenue(h), refund_share(h),
       average_order_value(h), repeat_purchases(h), purchase_span(h), repeat_purchase_value(h), typical_gap(h))
    IS DISTINCT FROM (
        order_count(h, 'infinity'), purchase_days(h, 'infinity'), first_purchase(h, 'infinity'),
        last_purchase(h, 'infinity'), revenue(h, 'infinity'), refund_share(h, 'infinity'),
        average_order_value(h, 'infinity'), repeat_purchases(h, 'infinity'), purchase_span(h, 'infinity'),
        repeat_purchase_value(h, 'infinity'), typical_gap(h, 'infinity')
    );

-- travel in time: the whole history as of a day is the history of the orders up to that day
CREATE VIEW up_to AS
SELECT c.customer, d.as_of, purchase_history(u.day, u.amount) AS h
FROM histories AS c CROSS JOIN days AS d JOIN used AS u ON u.customer = c.customer AND u.day <= d.as_of
GROUP BY 1, 2;
SELECT count(*) > 5000 AS many,
       count(*) FILTER (
           WHERE (order_count(u.h), purchase_days(u.h), first_purchase(u.h), last_purchase(u.h), revenue(u.h),
                  refund_share(u.h), round(average_order_value(u.h), 4), repeat_purchases(u.h),
                  purchase_span(u.h), repeat_purchase_value(u.h), typical_gap(u.h)) IS DISTINCT FROM (
               order_count(c.h, as_of), purchase_days(c.h, as_of), first_purchase(c.h, as_of),
               last_purchase(c.h, as_of), revenue(c.h, as_of), refund_share(c.h, as_of),
               round(average_order_value(c.h, as_of), 4), repeat_purchases(c.h, as_of),
               purchase_span(c.h, as_of), repeat_purchase_value(c.h, as_of), typical_gap(c.h, as_of)
           )
       ) AS wrong
FROM up_to AS u
JOIN histories AS c USING (customer);

-- between two days, both included; nothing when they are in the wrong order
SELECT count(*) AS wrong
FROM histories AS c
CROSS JOIN days AS f
CROSS JOIN days AS t
LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE amount >= 0) AS orders, coalesce(sum(amount), 0) AS revenue
    FROM used AS u
    WHERE u.customer = c.customer AND u.day BETWEEN f.as_of AND t.as_of
) AS s ON true
WHERE c.customer % 10 = 0
    AND (orders_between(h, f.as_of, t.as_of), revenue_between(h, f.as_of, t.as_of))
        IS DISTINCT FROM (orders, revenue);
SELECT orders_between(h, 'infinity', '-infinity'), revenue_between(h, 'infinity', '-infinity'),
       orders_between(h, '-infinity', 'infinity') = order_count(h) AS all_orders,
       revenue_between(h, '-infinity', 'infinity') = revenue(h) AS all_revenue FROM histories WHERE customer = 10;

-- one customer by hand: 10 + 5.50 on one day, a refund of 3 on the next, 0 a week later, 20.25 on a leap day
CREATE VIEW by_hand AS
SELECT purchase_history(day, amount) AS h
FROM (
    VALUES (timestamp '2024-02-01 10:00', 10), ('2024-02-01 23:59:59.999999', 5.50), ('2024-02-02', -3),
           ('2024-02-08', 0), ('2024-02-29', 20.25)
) AS o (day, amount);
\pset format aligned
\x on
SELECT h, order_count(h), purchase_days(h), first_purchase(h), last_purchase(h), revenue(h), refund_share(h),
       average_order_value(h), repeat_purchases(h), purchase_span(h), repeat_purchase_value(h), typical_gap(h),
       customer_age(h, '2024-03-01'), days_since_last_purchase(h, '2024-03-01'),
       revenue_between(h, '2024-02-02', '2024-02-28'), orders_between(h, '2024-02-02', '2024-02-28')
FROM by_hand;
-- as of the day of the refund: a refund is no purchase, and changes the net only
SELECT order_count(h, d), purchase_days(h, d), last_purchase(h, d), revenue(h, d), refund_share(h, d),
       average_order_value(h, d), repeat_purchases(h, d), purchase_span(h, d), repeat_purchase_value(h, d),
       typical_gap(h, d), customer_age(h, d), days_since_last_purchase(h, d)
FROM by_hand, (VALUES (date '2024-02-02')) AS v (d);
-- refunds only, and nothing yet: zero orders, no days
SELECT order_count(h), purchase_days(h), first_purchase(h), last_purchase(h), revenue(h), refund_share(h),
       average_order_value(h), repeat_purchases(h), purchase_span(h), repeat_purchase_value(h), typical_gap(h),
       customer_age(h, '2024-01-01'), days_since_last_purchase(h, '2024-01-01')
FROM histories
WHERE customer = 1000;
SELECT order_count(h, d), purchase_days(h, d), first_purchase(h, d), last_purchase(h, d), revenue(h, d),
       refund_share(h, d), average_order_value(h, d), repeat_purchases(h, d), purchase_span(h, d),
       repeat_purchase_value(h, d), typical_gap(h, d), customer_age(h, d), days_since_last_purchase(h, d)
FROM by_hand, (VALUES (date '2024-01-31')) AS v (d);
-- visits, without amounts
SELECT h, order_count(h), purchase_days(h), revenue(h), refund_share(h), average_order_value(h),
       repeat_purchases(h), purchase_span(h), repeat_purchase_value(h), typical_gap(h),
       revenue_between(h, '2024-01-01', '2024-12-31'), orders_between(h, '2024-01-01', '2024-12-31')
FROM (
    SELECT purchase_history(day) AS h
    FROM (VALUES (date '2024-02-01'), ('2024-02-01'), ('2024-02-11')) AS o (day)
) AS v;
\x off
-- NULL in, NULL out
SELECT count(*) AS calls, count(*) FILTER (WHERE nulls) AS null
FROM by_hand,
     LATERAL (VALUES (order_count(NULL) IS NULL), (order_count(h, NULL) IS NULL),
                     (order_count(NULL, '2024-01-01') IS NULL), (revenue(h, NULL) IS NULL),
                     (customer_age(h, NULL) IS NULL), (days_since_last_purchase(NULL, '2024-01-01') IS NULL),
                     (orders_between(h, NULL, '2024-01-01') IS NULL),
                     (revenue_between(h, '2024-01-01', NULL) IS NULL),
                     (typical_gap(NULL::purchase_history) IS NULL),
                     (purchase_history_out(NULL) IS NULL)) AS v (nulls);
-- the mean is rounded half up, to four digits more than the amounts have
SELECT average_order_value(purchase_history(date '2024-01-01', amount))
FROM (VALUES (1.00), (0.00), (0.00)) AS v (amount);
SELECT average_order_value(purchase_history(date '2024-01-01', amount)) FROM (VALUES (2), (0), (0)) AS v (amount);
SELECT average_order_value(purchase_history(date '2024-01-01', amount))
FROM (VALUES (0.001), (0.000), (0.000), (0.000), (0.000), (0.000), (0.000), (0.000)) AS v (amount);
