-- What is still to come from each customer, over kept histories; every :part-th customer.
SELECT count(residual_clv(t.purchase_model, t.spend_model, k.history, t.as_of))
FROM customer_segments_kept AS k
CROSS JOIN (SELECT purchase_model, spend_model, n.as_of FROM training AS n
            JOIN segmentations AS s ON s.id = n.segmentation
            WHERE s.view = 'public.customer_segments' AND n.newest) AS t
WHERE k.customer % :part = 0
