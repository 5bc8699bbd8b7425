-- Customers to get in touch with, most valuable first.
SELECT {{select}}
FROM {{view}} AS v
{{join}}WHERE {{filter}}
ORDER BY v.clv DESC NULLS LAST, v.revenue DESC NULLS LAST, v.{{customer}}
LIMIT {{rows}}
