-- The matrices that a segmentation was trained with, and the built-in ones, which it shows before the first training.
-- A column that a trained matrix fills is not that of another.
SELECT m.matrix, m.label, m.x_axis, m.y_axis, m.trained
FROM (
    SELECT m.*,
           coalesce(m.view_column, m.matrix) AS label,
           t.matrix IS NOT NULL AS trained,
           bool_or(t.matrix IS NOT NULL) OVER (PARTITION BY coalesce(m.view_column, m.matrix)) AS taken
    FROM customer_value.matrix AS m
    LEFT JOIN (
        SELECT p.matrix
        FROM customer_value.training_matrix AS p
        JOIN customer_value.training AS n USING (segmentation, number)
        WHERE n.segmentation = {{segmentation}}::uuid AND n.newest
    ) AS t ON t.matrix = m.matrix
) AS m
WHERE m.trained OR m.builtin AND NOT m.taken
ORDER BY m.builtin DESC, m.label
