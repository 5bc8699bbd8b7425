-- The segmentation that the contenders over all customers read. No index yet: an index-only scan would
-- spare the plain count its hash aggregate, which is the floor that everything is measured against.
SET client_min_messages = warning;
SELECT create_segmentation('customer_segments', 'orders', 'customer_id', 'ordered_at', 'amount',
                           '{"as_of": "2025-12-31"}');
