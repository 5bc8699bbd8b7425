-- Score to label, continued: the customer value matrices as rows that a user can read, and the functions that place a
-- customer in them. A class, such as a lifecycle stage, is a matrix with one axis.

CREATE VIEW matrix WITH (security_invoker = true) AS
SELECT d.name AS matrix, x.axis AS x_axis, x.split AS x_split, x.cuts AS x_cuts,
       y.axis AS y_axis, y.split AS y_split, y.cuts AS y_cuts,
       m."column" AS view_column, m.description, d.owner::name AS owner, d.builtin
FROM customer_value_internal.definitions('matrix') AS d
CROSS JOIN LATERAL json_to_record(d.document::json) AS m ("column" text, description text)
CROSS JOIN LATERAL json_to_record(d.document::json -> 'x') AS x (axis text, split text, cuts double precision[])
LEFT JOIN LATERAL json_to_record((d.document::json ->> 'y')::json)
    AS y (axis text, split text, cuts double precision[]) ON true;

CREATE VIEW matrix_position WITH (security_invoker = true) AS
SELECT d.name AS matrix, p.x AS x_level, p.y AS y_level, p.code, p.rank, d.builtin
FROM customer_value_internal.definitions('matrix') AS d
CROSS JOIN LATERAL json_to_recordset(d.document::json -> 'positions')
    AS p (x smallint, y smallint, code text, rank smallint);

CREATE VIEW matrix_label WITH (security_invoker = true) AS
SELECT d.name AS matrix, p.code, l.key AS language, l.value AS label, coalesce(p.actions ->> l.key, '') AS action,
       d.builtin
FROM customer_value_internal.definitions('matrix') AS d
CROSS JOIN LATERAL json_to_recordset(d.document::json -> 'positions') AS p (code text, labels json, actions json)
CROSS JOIN LATERAL json_each_text(p.labels) AS l;

GRANT SELECT ON matrix, matrix_position, matrix_label TO PUBLIC;

COMMENT ON VIEW matrix IS
    'Customer value matrices and classes: built-in ones and those that define_matrix defined';
COMMENT ON COLUMN matrix.matrix IS 'Name, as in the option "matrices"';
COMMENT ON COLUMN matrix.x_axis IS 'First axis: a numeric column of the segmentation view or of the customer table';
COMMENT ON COLUMN matrix.x_split IS
    'How it is split into levels: median, mean, quantile (at the shares of customers in x_cuts), given (at the '
    'numbers in x_cuts), contribution (where the sum from the highest value down reaches the shares in x_cuts)';
COMMENT ON COLUMN matrix.x_cuts IS 'Rising numbers for the split, one less than levels; NULL for median and mean';
COMMENT ON COLUMN matrix.y_axis IS 'Second axis; NULL for a class with one axis';
COMMENT ON COLUMN matrix.y_split IS 'As x_split';
COMMENT ON COLUMN matrix.y_cuts IS 'As x_cuts';
COMMENT ON COLUMN matrix.view_column IS 'Name of its column in views; NULL for the name of the matrix';
COMMENT ON COLUMN matrix.description IS 'Description, in words';
COMMENT ON COLUMN matrix.owner IS 'The role whose members may change it; NULL for a built-in one, or if it is gone';
COMMENT ON COLUMN matrix.builtin IS 'True for the matrices of the extension';
COMMENT ON VIEW matrix_position IS 'The positions of each matrix';
COMMENT ON COLUMN matrix_position.matrix IS 'The matrix';
COMMENT ON COLUMN matrix_position.x_level IS 'Level of the first axis, 1 = lowest values';
COMMENT ON COLUMN matrix_position.y_level IS 'Level of the second axis, 1 = lowest values; 1 for a class';
COMMENT ON COLUMN matrix_position.code IS 'Stable code, the same in every language';
COMMENT ON COLUMN matrix_position.rank IS 'Rank, 1 = best';
COMMENT ON COLUMN matrix_position.builtin IS 'True for the matrices of the extension';
COMMENT ON VIEW matrix_label IS 'Labels and recommended actions of positions by language, as reword_matrix left them';
COMMENT ON COLUMN matrix_label.matrix IS 'The matrix';
COMMENT ON COLUMN matrix_label.code IS 'The position';
COMMENT ON COLUMN matrix_label.language IS 'Language code, as in the option "language", such as en or zh';
COMMENT ON COLUMN matrix_label.label IS 'What a customer in this position is called';
COMMENT ON COLUMN matrix_label.action IS 'What to do, in one line; empty if nothing is recommended';
COMMENT ON COLUMN matrix_label.builtin IS 'True for the matrices of the extension';

-- which labels are missing? --------------------------------------------------------------------------------------

CREATE FUNCTION matrix_levels(matrix text, axis text DEFAULT 'x') RETURNS integer
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'matrix_levels';
COMMENT ON FUNCTION matrix_levels(text, text) IS
    'Levels of an axis, x or y, of a matrix; 1 for the y axis of a class; an error if there is no such matrix';

CREATE FUNCTION check_matrix(matrix text)
    RETURNS TABLE (x_level integer, y_level integer, code text, problem text)
    LANGUAGE sql STABLE PARALLEL SAFE COST 1000
BEGIN ATOMIC
    SELECT p.x_level, p.y_level, p.code,
           CASE WHEN l.languages IS NULL THEN 'no label' ELSE 'no label in ' || array_to_string(l.missing, ', ') END
    FROM matrix_levels($1) AS known
    CROSS JOIN matrix_position AS p
    LEFT JOIN LATERAL (
        SELECT array_agg(l.language) AS languages,
               ARRAY(SELECT DISTINCT o.language FROM matrix_label AS o WHERE o.matrix = $1
                     EXCEPT SELECT h.language FROM matrix_label AS h WHERE h.matrix = $1 AND h.code = p.code
                     ORDER BY 1) AS missing
        FROM matrix_label AS l WHERE l.matrix = $1 AND l.code = p.code
    ) AS l ON true
    WHERE p.matrix = $1 AND (l.languages IS NULL OR l.missing <> '{}')
    ORDER BY 1, 2, 3;
END;
COMMENT ON FUNCTION check_matrix(text) IS
    'Positions of a matrix without a label, or without one in a language that others have; no rows means that each '
    'language is complete';

-- placing: high is at or beyond a cut ------------------------------------------------------------------------------

CREATE FUNCTION quadrant(
    x double precision, y double precision, x_cut double precision, y_cut double precision
) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'quadrant';
COMMENT ON FUNCTION quadrant(double precision, double precision, double precision, double precision) IS
    'Quadrant of two numbers, each against its cut: high_high, high_low, low_high or low_low, x first; high is at or '
    'above the cut; NULL for NULL or NaN';

CREATE FUNCTION level_of(cuts double precision[], value double precision) RETURNS integer
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'level_of';
COMMENT ON FUNCTION level_of(double precision[], double precision) IS
    'One plus the number of rising cuts that a value reaches; NULL for NULL or NaN';

CREATE FUNCTION matrix_label_of(
    matrix text, x_level integer, y_level integer DEFAULT 1, language text DEFAULT 'en'
) RETURNS text
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'matrix_label_of';
CREATE FUNCTION matrix_label_of(matrix text, quadrant text, language text DEFAULT 'en') RETURNS text
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'matrix_label_of_quadrant';
CREATE FUNCTION matrix_code_of(matrix text, x_level integer, y_level integer DEFAULT 1) RETURNS text
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'matrix_code_of';
CREATE FUNCTION matrix_action_of(matrix text, code text, language text DEFAULT 'en') RETURNS text
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'matrix_action_of';
COMMENT ON FUNCTION matrix_label_of(text, integer, integer, text) IS
    'Label of the position at these levels (1 = lowest values) in a language, else in English, else its code; NULL '
    'where the matrix has no such position';
COMMENT ON FUNCTION matrix_label_of(text, text, text) IS
    'Label of a quadrant, as quadrant(...) gives it, in a matrix of two by two levels; an error for any other matrix';
COMMENT ON FUNCTION matrix_code_of(text, integer, integer) IS
    'Stable code of the position at these levels (1 = lowest values); NULL where the matrix has no such position';
COMMENT ON FUNCTION matrix_action_of(text, text, text) IS
    'Recommended action of a position by its code, in a language, else in English; NULL where the matrix has no such '
    'position';

-- classes ------------------------------------------------------------------------------------------------------

CREATE FUNCTION abc_class(revenue double precision, a_cut double precision, b_cut double precision) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'abc_class';
COMMENT ON FUNCTION abc_class(double precision, double precision, double precision) IS
    'A from a_cut, B from b_cut, else C; no revenue is C';
