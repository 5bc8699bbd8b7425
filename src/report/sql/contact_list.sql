-- Customers to get in touch with, most valuable first, or first those who are due first.
SELECT {{select}}
FROM {{view}} AS v
{{join}}WHERE {{filter}}
ORDER BY {{first}}v.clv DESC NULLS LAST, v.revenue DESC NULLS LAST, v.{{customer}}
LIMIT {{rows}}
