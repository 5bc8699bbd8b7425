-- The customers whose label is not the one that they had, highest lifetime value first.
WITH {{moved}}
SELECT m.customer::text,
       coalesce(m.from_label, CASE WHEN m.was_there THEN {{unplaced}} ELSE {{not_yet}} END),
       coalesce(m.to_label, CASE WHEN m.is_there THEN {{unplaced}} ELSE {{no_longer}} END),
       m.change,
       m.from_rank - m.to_rank,
       m.revenue,
       round(m.clv::numeric, 2)::float8,
       round((m.clv - m.clv_before)::numeric, 2)::float8
FROM moved AS m
WHERE m.change <> 'same'
ORDER BY m.clv DESC NULLS LAST, m.customer::text
LIMIT {{most_rows}} + 1
