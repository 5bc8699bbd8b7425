-- Segment columns for 500 customers, through the function beside the view.
SELECT c.id, s.rfm_segment, s.rfm_code, s.monetary
FROM chosen AS c CROSS JOIN LATERAL customer_segments_of(c.id) AS s
