CASE
    WHEN {{row}}.trained_at IS NULL THEN 'not trained yet'
    ELSE coalesce('no ' || nullif(concat_ws(', no ', {{lacking}}), ''), {{otherwise}})
END
