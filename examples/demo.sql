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

\echo 'Who the customers are, best first; see segment_report for more columns:'
\echo
SELECT segment, customers, customer_share, revenue, revenue_share
FROM segment_report('shop.customer_segments');

\echo 'Customers by recency score (down) and frequency score (across):'
\echo
SELECT recency_score AS recency, 'frequency ' || frequency_score AS frequency,
       count(*) AS customers, frequency_score
FROM shop.customer_segments
WHERE recency_score IS NOT NULL
GROUP BY recency_score, frequency_score
ORDER BY recency_score DESC
\crosstabview recency frequency customers frequency_score
