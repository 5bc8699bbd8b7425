-- One customer, step by step: what was measured, which cuts it met, what followed.
WITH one AS (
    SELECT * FROM {{view}} AS v WHERE {{key}} {{equals}} {{customer}}::{{type}}
), trained AS (
    SELECT t.*, t.cuts::text::jsonb AS cut
    FROM customer_value.training AS t
    WHERE t.segmentation = {{segmentation}}::uuid AND t.newest
), matrix AS (
    -- the cuts of each matrix, as text
    SELECT m.matrix,
           string_agg(coalesce({{axes}}::json ->> a.axis, a.axis) || ' ' || c.cuts, {{semicolon}} ORDER BY a.place) AS cuts
    FROM customer_value.training_matrix AS m
    JOIN trained AS t USING (segmentation, number)
    CROSS JOIN LATERAL (VALUES (1, m.x_axis, m.x_cuts), (2, m.y_axis, m.y_cuts)) AS a (place, axis, cuts)
    CROSS JOIN LATERAL (
        SELECT string_agg(
            CASE WHEN c < 1e300 THEN trim_scale(round(c::numeric, 4))::text ELSE {{out_of_reach}} END, ', ' ORDER BY c)
        FROM unnest(a.cuts) AS c
    ) AS c (cuts)
    GROUP BY m.matrix
), measure (place, axis, value, score) AS (
    SELECT 1, 'recency', one.recency_days::text, one.recency_score::int4 FROM one
    UNION ALL
    SELECT 2, 'frequency', one.frequency::text, one.frequency_score::int4 FROM one
    UNION ALL
    SELECT 3, 'monetary', one.monetary::text, one.monetary_score::int4 FROM one
), step (place, step, value, cuts, score, explanation) AS (
    SELECT m.place,
           m.axis,
           m.value,
           (SELECT string_agg(trim_scale(round(c.cut::numeric, 6))::text, ', ' ORDER BY c.place)
            FROM jsonb_array_elements_text(
                CASE jsonb_typeof(t.cut -> m.axis) WHEN 'array' THEN t.cut -> m.axis ELSE '[]' END
            ) WITH ORDINALITY AS c (cut, place)),
           m.score,
           CASE
               WHEN m.score IS NOT NULL THEN
                   CASE m.axis
                       WHEN 'recency' THEN
                           format({{recency}}, m.value, one.last_purchase, one.as_of, t.cut ->> 'bins')
                       WHEN 'frequency' THEN
                           format({{frequency}}, one.as_of, {{exceeded}})
                       ELSE
                           format(
                               CASE t.cut ->> 'monetary_measure' WHEN 'average' THEN {{average}} ELSE {{total}} END,
                               one.as_of,
                               CASE t.cut ->> 'split' WHEN 'mean' THEN {{reached}} ELSE {{exceeded}} END)
                   END
               WHEN t.number IS NULL THEN {{not_trained}}
               WHEN m.axis = 'monetary' AND one.last_purchase IS NOT NULL THEN {{no_amounts}}
               ELSE format({{no_purchases}}, one.as_of)
           END
    FROM one
    CROSS JOIN measure AS m
    LEFT JOIN trained AS t ON true

    UNION ALL
    SELECT 4,
           'segment',
           one.rfm_segment,
           NULL,
           one.rfm_segment_rank::int4,
           CASE
               WHEN one.rfm_segment IS NULL THEN {{no_segment}}
               ELSE format({{segment}}, one.rfm_code, t.scheme, one.rfm_segment_code, one.rfm_segment_rank,
                   t.number, t.trained_at::date)
           END
    FROM one
    LEFT JOIN trained AS t ON true

    UNION ALL
    SELECT v.place,
           v.step,
           v.value,
           v.cuts,
           v.score,
           CASE WHEN v.value IS NULL THEN v.missing ELSE v.explanation END
    FROM one
    LEFT JOIN trained AS t ON true
    CROSS JOIN LATERAL (VALUES
        (5, 'p_alive', round(one.p_alive::numeric, 4)::text, NULL, NULL::int4,
         {{no_model}},
         format({{p_alive}}, customer_value.family(t.purchase_model), t.number)),
        (6, 'expected_purchases', round(one.expected_purchases::numeric, 4)::text, NULL, NULL,
         {{no_model}},
         format({{expected_purchases}}, coalesce(t.options ->> 'horizon_days', '365'), one.as_of)),
        (7, 'expected_order_value', round(one.expected_order_value::numeric, 2)::text, NULL, NULL,
         {{no_value}},
         {{expected_order_value}}),
        (8, 'clv', round(one.clv::numeric, 2)::text,
         round(t.clv_percentiles[51]::numeric, 2) || ', ' || round(t.clv_percentiles[81]::numeric, 2),
         one.clv_tier_rank::int4,
         {{no_value}},
         format({{clv}}, one.clv_tier, round(100 * one.clv_percentile::numeric, 1), t.number))
    ) AS v (place, step, value, cuts, score, missing, explanation)

    {{matrix_steps}}
)
SELECT step, value, cuts, score, explanation
FROM step
ORDER BY place
