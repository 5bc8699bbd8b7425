-- The same segmentation a second time, which never keeps: customer_segments is the one that will.
SET client_min_messages = warning;
CREATE INDEX ON orders (customer_id);
SELECT create_segmentation('live_segments', 'orders', 'customer_id', 'ordered_at', 'amount', '{"as_of": "2025-12-31"}');
