-- A chart that needs the lifetime value of every customer: the potential of this matrix.
SELECT growth_quadrant, count(*) FROM customer_segments GROUP BY growth_quadrant
