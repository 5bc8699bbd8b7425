-- The positions of a matrix, or the segments of an RFM scheme. A label is in the language, else in English, else the
-- code; an action is in the language, else in English, else empty.
SELECT p.{{code}} AS code,
       p.{{rank}}::int4 AS rank,
       coalesce(l.label, e.label, p.{{code}}) AS label,
       coalesce(nullif(l.action, ''), e.action, '') AS action
FROM {{positions}} AS p
LEFT JOIN {{labels}} AS l
    ON l.{{key}} = p.{{key}} AND l.{{code}} = p.{{code}} AND l.language = {{language}}
LEFT JOIN {{labels}} AS e
    ON e.{{key}} = p.{{key}} AND e.{{code}} = p.{{code}} AND e.language = {{english}}
WHERE p.{{key}} = {{of}}
