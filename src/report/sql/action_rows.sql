-- The rows of an action that can be used, as the text of arrays: customers, days, groups, actions; and their number.
SELECT array_agg(g.customer::text)::text, array_agg(g.day)::text, array_agg(g.treated)::text, array_agg(g.action)::text, count(*)
FROM (
    {{given}}
) AS g
WHERE g.usable
