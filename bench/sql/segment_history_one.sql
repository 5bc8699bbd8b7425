-- The same of one day.
SELECT * FROM segment_history('customer_segments', from_day => '2025-12-31')
