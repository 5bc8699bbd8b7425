-- Who moved in a month.
SELECT * FROM segment_transitions('customer_segments', '2025-11-30')
