-- A segmentation as version 0.1.0 made and trained it over the CDNOW orders (shop.orders), as of 1998-07-01,
-- dumped from an installation of 0.1.0.
SET LOCAL search_path = pg_catalog;
CREATE VIEW shop.customer_segments WITH (security_invoker='true') AS
 SELECT customer AS customer_id,
    customer_value.first_purchase(history, '1998-07-01'::date) AS first_purchase,
    customer_value.last_purchase(history, '1998-07-01'::date) AS last_purchase,
    customer_value.days_since_last_purchase(history, '1998-07-01'::date) AS recency_days,
    customer_value.order_count(history, '1998-07-01'::date) AS frequency,
    customer_value.revenue(history, '1998-07-01'::date) AS monetary,
    customer_value.average_order_value(history, '1998-07-01'::date) AS average_order_value,
    customer_value.revenue(history, '1998-07-01'::date) AS revenue,
    recency_score,
    frequency_score,
    monetary_score,
    customer_value.rfm_code((recency_score)::integer, (frequency_score)::integer, (monetary_score)::integer) AS rfm_code,
    customer_value.rfm_segment(( SELECT t.labels
           FROM customer_value.training t
          WHERE (t.segmentation = '86fc8685-5f02-4e7e-b03d-eea0fab2fcf4'::uuid)
          ORDER BY t.number DESC
         LIMIT 1), (recency_score)::integer, (frequency_score)::integer, (monetary_score)::integer) AS rfm_segment,
    customer_value.rfm_segment_code(( SELECT t.labels
           FROM customer_value.training t
          WHERE (t.segmentation = '86fc8685-5f02-4e7e-b03d-eea0fab2fcf4'::uuid)
          ORDER BY t.number DESC
         LIMIT 1), (recency_score)::integer, (frequency_score)::integer, (monetary_score)::integer) AS rfm_segment_code,
    customer_value.rfm_segment_rank(( SELECT t.labels
           FROM customer_value.training t
          WHERE (t.segmentation = '86fc8685-5f02-4e7e-b03d-eea0fab2fcf4'::uuid)
          ORDER BY t.number DESC
         LIMIT 1), (recency_score)::integer, (frequency_score)::integer, (monetary_score)::integer) AS rfm_segment_rank,
    '1998-07-01'::date AS as_of,
    ( SELECT t.trained_at
           FROM customer_value.training t
          WHERE (t.segmentation = '86fc8685-5f02-4e7e-b03d-eea0fab2fcf4'::uuid)
          ORDER BY t.number DESC
         LIMIT 1) AS trained_at
   FROM ( SELECT o.customer_id AS customer,
            customer_value.purchase_history(o.created_at, o.total) AS history,
            customer_value.recency_score(( SELECT t.cuts
                   FROM customer_value.training t
                  WHERE (t.segmentation = '86fc8685-5f02-4e7e-b03d-eea0fab2fcf4'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1), customer_value.purchase_history(o.created_at, o.total), '1998-07-01'::date) AS recency_score,
            customer_value.frequency_score(( SELECT t.cuts
                   FROM customer_value.training t
                  WHERE (t.segmentation = '86fc8685-5f02-4e7e-b03d-eea0fab2fcf4'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1), customer_value.purchase_history(o.created_at, o.total), '1998-07-01'::date) AS frequency_score,
            customer_value.monetary_score(( SELECT t.cuts
                   FROM customer_value.training t
                  WHERE (t.segmentation = '86fc8685-5f02-4e7e-b03d-eea0fab2fcf4'::uuid)
                  ORDER BY t.number DESC
                 LIMIT 1), customer_value.purchase_history(o.created_at, o.total), '1998-07-01'::date) AS monetary_score
           FROM shop.orders o
          WHERE (o.customer_id IS NOT NULL)
          GROUP BY o.customer_id) h;
CREATE OR REPLACE FUNCTION shop.customer_segments_of(bigint)
 RETURNS SETOF shop.customer_segments
 LANGUAGE sql
 STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
 SELECT v.customer_id,
     v.first_purchase,
     v.last_purchase,
     v.recency_days,
     v.frequency,
     v.monetary,
     v.average_order_value,
     v.revenue,
     v.recency_score,
     v.frequency_score,
     v.monetary_score,
     v.rfm_code,
     v.rfm_segment,
     v.rfm_segment_code,
     v.rfm_segment_rank,
     v.as_of,
     v.trained_at
    FROM shop.customer_segments v
   WHERE (v.customer_id = $1)
  LIMIT 1;
END
;
INSERT INTO customer_value.segmentation (id, view, source, customer, ordered_at, amount, options) VALUES ('86fc8685-5f02-4e7e-b03d-eea0fab2fcf4', 'shop.customer_segments', 'shop.orders', 'customer_id', 'created_at', 'total', '{"as_of": "1998-07-01"}');
INSERT INTO customer_value.training (segmentation, number, trained_by, seconds, as_of, customers, purchasers, orders, refunds, rows_left_out, revenue, first_purchase, last_purchase, cuts, labels, score_counts, scheme, options) VALUES ('86fc8685-5f02-4e7e-b03d-eea0fab2fcf4', '1', 'postgres', '0.036068999', '1998-07-01', '23570', '23570', '69659', '0', '0', '2500315.63', '1997-01-01', '1998-06-30', '{"bins":5,"split":"quantile","monetary_measure":"total","recency":[142.0,433.0,486.0,513.0],"frequency":[1.0,1.0,2.0,4.0],"monetary":[15.36,31.35,59.924,133.95]}', '{"bins":5,"segments":[{"code":"champions","label":"Champions","rank":1},{"code":"loyal","label":"Loyal","rank":2},{"code":"potential_loyalist","label":"Potential Loyalist","rank":3},{"code":"new","label":"New","rank":4},{"code":"promising","label":"Promising","rank":5},{"code":"need_attention","label":"Need Attention","rank":6},{"code":"about_to_sleep","label":"About to Sleep","rank":7},{"code":"at_risk","label":"At Risk","rank":8},{"code":"cant_lose","label":"Can''t Lose","rank":9},{"code":"hibernating","label":"Hibernating","rank":10},{"code":"lost","label":"Lost","rank":11}],"cells":[255,10,10,8,8,8,255,10,9,9,7,7,255,10,9,7,7,7,255,10,7,7,8,7,255,10,7,7,8,8,255,9,9,6,8,8,255,6,9,9,7,7,255,9,9,9,7,7,255,9,7,7,7,7,255,9,7,7,7,7,255,3,6,4,4,4,255,6,9,2,5,5,255,6,9,2,5,1,255,2,2,5,1,1,255,2,2,2,1,1,255,3,3,4,4,4,255,3,3,2,4,4,255,2,2,2,5,1,255,2,2,5,1,0,255,2,2,2,0,0,255,3,3,4,4,4,4,4,4,4,4,4,255,2,2,2,5,5,255,2,2,1,0,0,255,2,2,2,0,0]}', '{"recency": [4539, 4748, 4844, 4720, 4719], "monetary": [4817, 4615, 4710, 4715, 4713], "frequency": [11908, 0, 4079, 3658, 3925]}', 'standard', '{"as_of": "1998-07-01"}');
