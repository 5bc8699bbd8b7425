UNION ALL
SELECT {{place}},
       {{step}},
       one.{{label}},
       {{cuts}},
       one.{{rank}}::int4,
       CASE WHEN one.{{label}} IS NULL THEN 'no place: ' ||
{{reason}}           ELSE {{values}} || ', matrix ' || t.matrix END
FROM one
JOIN matrix AS t ON t.matrix = {{matrix}}
