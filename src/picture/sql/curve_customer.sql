-- One customer on the days of their purchases, the days before these, and others at regular distances: how likely they had
-- not left by then, as the newest model has it, and whether they bought. No row for an unknown customer.
WITH one AS MATERIALIZED (
    SELECT s.*, customer_value.first_purchase(s.known, s.as_of) AS first_day
    FROM (
        SELECT h.*, {{known_now}} AS known
        FROM (
{{histories}}
        ) AS h
        WHERE h.customer {{equals}} {{customer}}::{{type}}
    ) AS s
), bought AS MATERIALIZED (
    SELECT h.first_day + i AS day
    FROM one AS h, generate_series(0, h.as_of - h.first_day) AS i
    WHERE customer_value.orders_between(h.known, h.first_day + i, h.first_day + i) > 0
), shown AS MATERIALIZED (
    SELECT h.first_day + i AS day
    FROM one AS h, generate_series(0, h.as_of - h.first_day, greatest(1, (h.as_of - h.first_day + {{parts}} - 1) / {{parts}})) AS i
    UNION
    SELECT h.as_of FROM one AS h WHERE h.first_day <= h.as_of
    UNION
    SELECT d.day
    FROM bought AS b, LATERAL (VALUES (b.day - 1), (b.day)) AS d (day), one AS h
    WHERE d.day >= h.first_day AND (SELECT count(*) FROM bought) <= {{most_purchases}}
)
SELECT h.as_of,
       d.day,
       CASE WHEN d.is_shown THEN round(customer_value.p_alive(h.purchase_model, {{known_then}}, d.day)::numeric, 4)::float8 END,
       d.is_bought,
       d.is_shown
FROM one AS h
LEFT JOIN (
    SELECT coalesce(s.day, b.day) AS day, s.day IS NOT NULL AS is_shown, b.day IS NOT NULL AS is_bought
    FROM shown AS s
    FULL JOIN bought AS b USING (day)
) AS d ON true
ORDER BY d.day
