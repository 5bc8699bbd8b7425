-- Training: cuts over the whole population, stored.
SELECT train_segmentation('customer_segments')
