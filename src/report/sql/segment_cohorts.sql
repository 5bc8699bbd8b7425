-- The customers of each period, in it and in each period since, from one pass over the histories; no more rows than tell
-- that they are too many.
SELECT v.by::text,
       c.cohort,
       c.number,
       c."from",
       c."to",
       c."to" <= v.as_of,
       c.size,
       c.customers,
       round(c.customers::numeric / c.size, 4)::float8,
       c.orders,
       c.revenue,
       round(c.revenue / c.size, 2)::float8,
       sum(c.revenue) OVER cohort,
       round(sum(c.revenue) OVER cohort / c.size, 2)::float8
FROM (
    SELECT h.by,
           min(h.rank) AS rank,
           min(h.as_of) AS as_of,
           {{internal}}.cohorts(h.history, h.as_of, {{months}}, {{days}}) AS cohorts
    FROM (
{{histories}}
    ) AS h
    GROUP BY h.by
) AS v
CROSS JOIN LATERAL json_to_recordset(v.cohorts::json)
    AS c (cohort date, number integer, "from" date, "to" date, size bigint, customers bigint, orders bigint,
          revenue numeric)
WINDOW cohort AS (PARTITION BY v.by, c.cohort ORDER BY c.number)
ORDER BY v.rank NULLS LAST, v.by, c.cohort, c.number
LIMIT {{most_rows}} + 1
