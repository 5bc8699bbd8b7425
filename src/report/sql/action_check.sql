-- What is wrong with the rows of an action, before any orders are read. One row.
WITH given AS MATERIALIZED (
    {{given}}
), one AS MATERIALIZED (
    SELECT g.action,
           g.customer,
           min(g.day) AS day,
           bool_or(g.treated) AND NOT bool_and(g.treated) AS is_in_both,
           count(*) AS times
    FROM given AS g
    WHERE g.usable
    GROUP BY 1, 2
)
SELECT (SELECT count(*) FROM given AS g WHERE NOT g.usable),
       count(*) FILTER (WHERE one.is_in_both),
       (SELECT string_agg(s.customer, ', ')
        FROM (SELECT o.customer::text AS customer FROM one AS o WHERE o.is_in_both ORDER BY 1 LIMIT 5) AS s),
       count(*) FILTER (WHERE one.times > 1 AND NOT one.is_in_both),
       count(*) FILTER (WHERE one.day > t.today),
       max(one.day) FILTER (WHERE one.day > t.today)::text,
       count(*) FILTER (WHERE one.day + {{outcome_days}} > t.as_of),
       (max(one.day) + {{outcome_days}})::text,
       t.today::text,
       count(one.day)
FROM (SELECT {{as_of}} AS as_of, {{today}} AS today) AS t
LEFT JOIN one ON true
GROUP BY t.as_of, t.today
