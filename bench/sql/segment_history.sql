-- Segments at the end of 24 months.
SELECT * FROM segment_history('customer_segments', from_day => '2024-01-31')
