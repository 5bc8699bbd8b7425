-- The positions of a matrix, or the segments of an RFM scheme. A label is in the language, else in the one that it is a
-- kind of, else in English, else the code; an action likewise, else empty.
SELECT p.{{code}} AS code,
       p.{{rank}}::int4 AS rank,
       coalesce(l.label, k.label, e.label, p.{{code}}) AS label,
       coalesce(nullif(l.action, ''), nullif(k.action, ''), e.action, '') AS action
FROM {{positions}} AS p
LEFT JOIN {{labels}} AS l
    ON l.{{key}} = p.{{key}} AND l.{{code}} = p.{{code}} AND l.language = {{language}}
LEFT JOIN {{labels}} AS k
    ON k.{{key}} = p.{{key}} AND k.{{code}} = p.{{code}} AND k.language = substring({{language}} FROM '^[A-Za-z]+')
LEFT JOIN {{labels}} AS e
    ON e.{{key}} = p.{{key}} AND e.{{code}} = p.{{code}} AND e.language = {{english}}
WHERE p.{{key}} = {{of}}
