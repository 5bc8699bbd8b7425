-- Fit and comparison in one pass over the histories, as JSON; no row where there is nothing to compare.
SELECT v.validation
FROM (
    SELECT {{internal}}.purchase_validation(
               h.calibration, h.holdout, {{calibration_end}}::date, {{holdout_end}}::date, {{family}}::text, {{hiatus_days}}
           ) AS validation
    FROM ({{histories}}) AS h
) AS v
WHERE v.validation IS NOT NULL
