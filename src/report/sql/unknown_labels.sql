-- Those of some labels that no customer has.
SELECT DISTINCT u.label
FROM unnest(ARRAY[{{labels}}]::text[]) AS u (label)
WHERE NOT EXISTS (SELECT FROM {{view}} AS v WHERE {{column}}::text = u.label)
ORDER BY u.label
