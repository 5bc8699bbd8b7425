-- Nine charts, as a dashboard asks for them.
SELECT rfm_segment, count(*) FROM customer_segments GROUP BY rfm_segment;
SELECT clv_tier, count(*) FROM customer_segments GROUP BY clv_tier;
SELECT growth_quadrant, count(*) FROM customer_segments GROUP BY growth_quadrant;
SELECT profitability_quadrant, count(*) FROM customer_segments GROUP BY profitability_quadrant;
SELECT spend_quadrant, count(*) FROM customer_segments GROUP BY spend_quadrant;
SELECT abc_class, count(*) FROM customer_segments GROUP BY abc_class;
SELECT abc_pair, count(*) FROM customer_segments GROUP BY abc_pair;
SELECT lifecycle_stage, count(*) FROM customer_segments GROUP BY lifecycle_stage;
SELECT value_tier, count(*) FROM customer_segments GROUP BY value_tier
