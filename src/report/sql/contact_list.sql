-- Customers whose last purchase is longer ago than so many of their typical gaps, most valuable first.
SELECT v.{{customer}}::text,
       v.last_purchase,
       v.recency_days,
       v.typical_gap,
       v.recency_days - {{gaps}}::float8 * v.typical_gap,
       v.p_alive,
       v.clv,
       v.revenue,
       v.rfm_segment
FROM {{view}} AS v
WHERE v.recency_days > {{gaps}}::float8 * v.typical_gap
ORDER BY v.clv DESC NULLS LAST, v.revenue DESC NULLS LAST, v.{{customer}}
LIMIT {{rows}}
