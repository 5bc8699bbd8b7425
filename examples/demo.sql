-- The demo on the CDNOW orders: `make demo` loads shop.orders and runs this file with psql.
-- Run it again as often as you like; the segmentation is made once.

SET search_path = public, customer_value;

SELECT to_regclass('shop.customer_segments') IS NULL AS is_new \gset
\if :is_new
\echo 'One call makes the view shop.customer_segments, one row per customer:'
\echo
SELECT create_segmentation('shop.customer_segments',
         source => 'shop.orders', customer => 'customer_id',
         ordered_at => 'created_at', amount => 'total',
         options => '{"as_of": "1998-07-01"}');
\endif

\echo 'Who the customers are, best first, and what is still to come from them (segment_report has more columns):'
\echo '(clv_from to clv_to is how sure the parameters of the models are; the last table tells how well such predictions did.)'
\echo
SELECT segment, customers, customer_share, revenue, revenue_share, repeat_rate, mean_clv, total_clv, clv_from, clv_to, reason
FROM segment_report('shop.customer_segments');

\echo 'What may mislead you in these figures (no row: nothing was found):'
\echo
SELECT doubt, figure, sentence, what_to_do FROM segmentation_doubts('shop.customer_segments') \gx
\echo

\echo 'Customers by recency score (down) and frequency score (across):'
\echo
SELECT recency_score AS recency, 'frequency ' || frequency_score AS frequency,
       count(*) AS customers, frequency_score
FROM shop.customer_segments
WHERE recency_score IS NOT NULL
GROUP BY recency_score, frequency_score
ORDER BY recency_score DESC NULLS LAST
\crosstabview recency frequency customers frequency_score

\echo 'The growth matrix: what is expected of customers (down) by what they bring in now (across):'
\echo
SELECT 'potential ' || split_part(code, '_', 1) AS "value to come", 'current value ' || split_part(code, '_', 2) AS current,
       format('%s customers (%s %%), revenue %s, clv %s', customers, round(100 * customer_share::numeric), round(revenue), round(total_clv::numeric)) AS place
FROM segment_playbook('shop.customer_segments', 'growth')
WHERE code IS NOT NULL ORDER BY code LIKE 'low\_%', code DESC
\crosstabview "value to come" current place

\echo 'What to do with each quadrant:'
\echo
SELECT segment, customers, mean_clv, action FROM segment_playbook('shop.customer_segments', 'growth');

\echo 'Whom to call: customers who are overdue by their own rhythm, most valuable first:'
\echo
SELECT customer, last_purchase, recency_days, typical_gap, overdue_days, p_alive, clv, segment
FROM contact_list('shop.customer_segments', 5, 2);

\echo 'The most valuable customers over the next year:'
\echo
SELECT customer_id, last_purchase, frequency, round(p_alive::numeric, 3) AS p_alive,
       round(expected_purchases::numeric, 1) AS expected_purchases,
       round(expected_order_value::numeric, 2) AS order_value, round(clv::numeric, 2) AS clv, clv_tier
FROM shop.customer_segments
ORDER BY clv DESC NULLS LAST LIMIT 5;

\echo 'How segments grew and shrank, month by month, with the cuts of today (the orders know every past day, nothing was stored):'
\echo
SELECT segment, to_char(day, 'Mon YY') AS month, customers
FROM segment_history('shop.customer_segments', from_day => '1997-12-31')
\crosstabview segment month customers

\echo 'Who moved in the last three months, from the segment at the left to the one above:'
\echo
SELECT from_segment AS "from, to:", to_segment, customers, to_rank
FROM segment_transitions('shop.customer_segments', '1998-03-31')
\crosstabview "from, to:" to_segment customers to_rank

\echo 'How good such a prediction is: fitted to 39 weeks, compared with the purchase days of the 39 weeks after them; the baseline'
\echo 'repeats the past rate (by frequency: purchase days after the first in the weeks of the fit):'
\echo
SELECT part, bucket, customers, actual, predicted, baseline
FROM validate_purchase_model('shop.customer_segments', '1997-09-30', '1998-06-30')
WHERE part IN ('total', 'by frequency');
