-- Folds the orders of touched customers anew; of all customers, the first time.
SELECT refresh_segmentation('customer_segments')
