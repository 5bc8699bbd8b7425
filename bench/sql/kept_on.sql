-- Keeps the histories of a segmentation from now on.
SELECT alter_segmentation('customer_segments', '{"keep": true}')
