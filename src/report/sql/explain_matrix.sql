UNION ALL
SELECT {{place}},
       {{step}},
       one.{{label}},
       {{cuts}},
       one.{{rank}}::int4,
       CASE WHEN one.{{label}} IS NULL THEN format({{no_place}},
{{reason}}           ) ELSE format({{explanation}}, {{values}}, t.matrix) END
FROM one
JOIN matrix AS t ON t.matrix = {{matrix}}
CROSS JOIN trained AS n
