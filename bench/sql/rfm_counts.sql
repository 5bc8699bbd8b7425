-- A chart: how many customers each segment has.
SELECT rfm_segment, count(*) FROM customer_segments GROUP BY rfm_segment
