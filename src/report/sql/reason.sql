CASE
    WHEN {{row}}.trained_at IS NULL THEN {{not_trained}}
    ELSE coalesce(nullif(concat_ws({{comma}}, {{lacking}}), ''), {{otherwise}})
END
