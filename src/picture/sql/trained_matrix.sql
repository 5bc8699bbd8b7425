-- What the newest training found of a matrix: cuts, codes level by level of the first axis and, within it, of the second, and
-- the percentiles of both axes.
SELECT m.x_cuts, m.y_cuts, m.codes, x.percentiles, y.percentiles
FROM customer_value.training_matrix AS m
JOIN customer_value.training AS t USING (segmentation, number)
LEFT JOIN customer_value.training_axis AS x
    ON x.segmentation = m.segmentation AND x.number = m.number AND x.axis = m.x_axis
LEFT JOIN customer_value.training_axis AS y
    ON y.segmentation = m.segmentation AND y.number = m.number AND y.axis = m.y_axis
WHERE m.segmentation = {{segmentation}}::uuid AND t.newest AND m.matrix = {{matrix}}
