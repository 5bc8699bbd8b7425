-- The families that have a fit, in one pass over the histories. The text of each model names its family.
SELECT f.model
FROM (
    SELECT ARRAY[{{fits}}] AS models
    FROM ({{histories}}) AS h
) AS fitted
CROSS JOIN unnest(fitted.models) AS f (model)
WHERE f.model IS NOT NULL
