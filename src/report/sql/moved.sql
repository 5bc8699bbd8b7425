two AS MATERIALIZED (
    SELECT q.customer,
           min(q.label::text) FILTER (WHERE q.day = {{from}}) AS from_label,
           min(q.label::text) FILTER (WHERE q.day = {{to}}) AS to_label,
           {{from_rank}} AS from_rank,
           {{to_rank}} AS to_rank,
           coalesce(bool_or(q.last_purchase IS NOT NULL OR q.revenue <> 0) FILTER (WHERE q.day = {{from}}), false) AS was_there,
           coalesce(bool_or(q.last_purchase IS NOT NULL OR q.revenue <> 0) FILTER (WHERE q.day = {{to}}), false) AS is_there,
           min(q.revenue) FILTER (WHERE q.day = {{to}})
               - coalesce(min(q.revenue) FILTER (WHERE q.day = {{from}}), 0) AS revenue,
           {{clv_before}} AS clv_before,
           {{clv}} AS clv
    FROM (
{{days}}
    ) AS q
    GROUP BY q.customer
), ranks AS MATERIALIZED (
    {{ranks}}
), moved AS (
    SELECT m.*,
           CASE WHEN m.from_label IS NULL AND NOT m.was_there THEN 'new'
                WHEN m.to_label IS NULL AND NOT m.is_there THEN 'gone'
                WHEN m.from_label IS NOT DISTINCT FROM m.to_label THEN 'same'
                WHEN m.from_rank > m.to_rank THEN 'up'
                WHEN m.from_rank < m.to_rank THEN 'down'
                ELSE 'other' END AS change
    FROM (
        SELECT w.customer, w.from_label, w.to_label, w.was_there, w.is_there, w.revenue, w.clv_before, w.clv,
               coalesce(f.rank, w.from_rank) AS from_rank,
               coalesce(t.rank, w.to_rank) AS to_rank
        FROM two AS w
        LEFT JOIN ranks AS f ON f.label = w.from_label
        LEFT JOIN ranks AS t ON t.label = w.to_label
        WHERE w.from_label IS NOT NULL OR w.to_label IS NOT NULL OR w.was_there OR w.is_there
    ) AS m
)
