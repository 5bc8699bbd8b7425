-- Score to label, continued: the customer value matrices as rows that a user can read, copy and add to, and the
-- functions that place a customer in them. A class, such as a lifecycle stage, is a matrix with one axis.

-- tables: a matrix has positions, a position has labels by language --------------------------------------------

CREATE FUNCTION customer_value_internal.rises(numbers double precision[]) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT $1 = ARRAY(SELECT DISTINCT n FROM pg_catalog.unnest($1) AS n
                      WHERE n > '-infinity' AND n < 'infinity' ORDER BY n);
END;
COMMENT ON FUNCTION customer_value_internal.rises(double precision[]) IS
    'Whether these are finite numbers, each greater than the one before';

CREATE FUNCTION customer_value_internal.splits_an_axis(split text, cuts double precision[]) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(CASE
        WHEN $1 IN ('median', 'mean') THEN $2 IS NULL
        WHEN $1 = 'given' THEN pg_catalog.cardinality($2) BETWEEN 1 AND 9 AND customer_value_internal.rises($2)
        WHEN $1 IN ('quantile', 'contribution')
            THEN pg_catalog.cardinality($2) BETWEEN 1 AND 9 AND customer_value_internal.rises($2)
                 AND 0 < $2[1] AND $2[pg_catalog.cardinality($2)] < 1
    END, false);
END;
COMMENT ON FUNCTION customer_value_internal.splits_an_axis(text, double precision[]) IS
    'Whether a split and its numbers fit: median and mean have none, given has 1 to 9 rising numbers, quantile and '
    'contribution 1 to 9 rising shares between 0 and 1';

CREATE TABLE matrix (
    matrix      text PRIMARY KEY CHECK (matrix ~ '^[a-z][a-z0-9_]{0,55}$'),
    x_axis      text NOT NULL CHECK (length(x_axis) BETWEEN 1 AND 63),
    x_split     text NOT NULL DEFAULT 'median',
    x_cuts      double precision[],
    y_axis      text CHECK (length(y_axis) BETWEEN 1 AND 63),
    y_split     text,
    y_cuts      double precision[],
    view_column text CHECK (view_column ~ '^[a-z][a-z0-9_]{0,55}$'),
    description text NOT NULL DEFAULT '',
    owner       name NOT NULL DEFAULT current_user,
    builtin     boolean NOT NULL DEFAULT false,
    CONSTRAINT matrix_x_cuts_fit_the_split CHECK (customer_value_internal.splits_an_axis(x_split, x_cuts)),
    CONSTRAINT matrix_y_cuts_fit_the_split CHECK (
        CASE WHEN y_axis IS NULL THEN y_split IS NULL AND y_cuts IS NULL
             ELSE y_split IS NOT NULL AND customer_value_internal.splits_an_axis(y_split, y_cuts) END)
);

CREATE TABLE matrix_position (
    matrix  text NOT NULL REFERENCES matrix ON UPDATE CASCADE ON DELETE CASCADE,
    x_level smallint NOT NULL CHECK (x_level BETWEEN 1 AND 10),
    y_level smallint NOT NULL DEFAULT 1 CHECK (y_level BETWEEN 1 AND 10),
    code    text NOT NULL CHECK (length(code) BETWEEN 1 AND 63),
    rank    smallint NOT NULL CHECK (rank > 0),
    builtin boolean NOT NULL DEFAULT false,
    PRIMARY KEY (matrix, x_level, y_level),
    UNIQUE (matrix, code),
    UNIQUE (matrix, rank)
);

CREATE TABLE matrix_label (
    matrix   text NOT NULL,
    code     text NOT NULL,
    language text NOT NULL CHECK (language <> ''),
    label    text NOT NULL CHECK (length(label) BETWEEN 1 AND 200),
    action   text NOT NULL DEFAULT '' CHECK (length(action) <= 500),
    builtin  boolean NOT NULL DEFAULT false,
    PRIMARY KEY (matrix, code, language),
    FOREIGN KEY (matrix, code) REFERENCES matrix_position (matrix, code) ON UPDATE CASCADE ON DELETE CASCADE
);

COMMENT ON TABLE matrix IS
    'Customer value matrices and classes: built-in ones, which are read-only, and those of users; check_matrix tells '
    'what is missing';
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
COMMENT ON COLUMN matrix.owner IS 'The role whose members may change it';
COMMENT ON COLUMN matrix.builtin IS 'True for the matrices of the extension';
COMMENT ON TABLE matrix_position IS 'The positions of each matrix';
COMMENT ON COLUMN matrix_position.matrix IS 'The matrix';
COMMENT ON COLUMN matrix_position.x_level IS 'Level of the first axis, 1 = lowest values';
COMMENT ON COLUMN matrix_position.y_level IS 'Level of the second axis, 1 = lowest values; 1 for a class';
COMMENT ON COLUMN matrix_position.code IS 'Stable code, the same in every language';
COMMENT ON COLUMN matrix_position.rank IS 'Rank, 1 = best';
COMMENT ON COLUMN matrix_position.builtin IS 'True for the matrices of the extension';
COMMENT ON TABLE matrix_label IS 'Labels and recommended actions of positions by language';
COMMENT ON COLUMN matrix_label.matrix IS 'The matrix';
COMMENT ON COLUMN matrix_label.code IS 'The position';
COMMENT ON COLUMN matrix_label.language IS 'Language code, as in the option "language", such as en or zh';
COMMENT ON COLUMN matrix_label.label IS 'What a customer in this position is called';
COMMENT ON COLUMN matrix_label.action IS 'What to do, in one line';
COMMENT ON COLUMN matrix_label.builtin IS 'True for the matrices of the extension';

-- the built-in matrices: sql/data/matrices.json, through a function so that this script is plain ASCII ------------

CREATE FUNCTION customer_value_internal.builtin_matrices() RETURNS text
    LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'builtin_matrices';

INSERT INTO matrix (matrix, x_axis, x_split, x_cuts, y_axis, y_split, y_cuts, view_column, description, builtin)
SELECT m ->> 'matrix', m ->> 'x_axis', m ->> 'x_split', translate(m ->> 'x_cuts', '[]', '{}')::double precision[],
       m ->> 'y_axis', m ->> 'y_split', translate(m ->> 'y_cuts', '[]', '{}')::double precision[],
       m ->> 'view_column', m ->> 'description', true
FROM jsonb_array_elements(customer_value_internal.builtin_matrices()::jsonb) AS m;

INSERT INTO matrix_position (matrix, x_level, y_level, code, rank, builtin)
SELECT m ->> 'matrix', (p ->> 'x')::smallint, (p ->> 'y')::smallint, p ->> 'code', (p ->> 'rank')::smallint, true
FROM jsonb_array_elements(customer_value_internal.builtin_matrices()::jsonb) AS m,
     jsonb_array_elements(m -> 'positions') AS p;

INSERT INTO matrix_label (matrix, code, language, label, action, builtin)
SELECT m ->> 'matrix', p ->> 'code', language, p ->> language, p ->> ('action_' || language), true
FROM jsonb_array_elements(customer_value_internal.builtin_matrices()::jsonb) AS m,
     jsonb_array_elements(m -> 'positions') AS p,
     unnest(ARRAY['en', 'zh']) AS language;

DROP FUNCTION customer_value_internal.builtin_matrices();

-- who may write what: everyone their own matrices, nobody the built-in ones ------------------------------------------

CREATE FUNCTION customer_value_internal.owns_matrix(matrix text) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT FROM matrix AS m
        WHERE m.matrix = $1 AND NOT m.builtin AND customer_value_internal.is_member_of(m.owner)
    );
END;
COMMENT ON FUNCTION customer_value_internal.owns_matrix(text) IS
    'Whether the current user may change a matrix: a member of the role that owns it; never a built-in one';

CREATE FUNCTION customer_value_internal.keep_used_matrix() RETURNS trigger
    LANGUAGE c AS 'MODULE_PATHNAME', 'keep_used_matrix';
COMMENT ON FUNCTION customer_value_internal.keep_used_matrix() IS
    'Refuses to drop or rename a matrix that a segmentation uses';

ALTER TABLE matrix OWNER TO @extowner@;
ALTER TABLE matrix ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON matrix FOR SELECT USING (true);
CREATE POLICY add ON matrix FOR INSERT WITH CHECK (NOT builtin AND customer_value_internal.is_member_of(owner));
CREATE POLICY change ON matrix FOR UPDATE
    USING (NOT builtin AND customer_value_internal.is_member_of(owner))
    WITH CHECK (NOT builtin AND customer_value_internal.is_member_of(owner));
CREATE POLICY remove ON matrix FOR DELETE USING (NOT builtin AND customer_value_internal.is_member_of(owner));
CREATE TRIGGER keep_builtin BEFORE INSERT OR UPDATE OR DELETE ON matrix
    FOR EACH ROW EXECUTE FUNCTION customer_value_internal.keep_builtin_rows();
CREATE TRIGGER keep_used BEFORE UPDATE OR DELETE ON matrix
    FOR EACH ROW EXECUTE FUNCTION customer_value_internal.keep_used_matrix();
GRANT SELECT, INSERT, UPDATE, DELETE ON matrix TO PUBLIC;

ALTER TABLE matrix_position OWNER TO @extowner@;
ALTER TABLE matrix_position ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON matrix_position FOR SELECT USING (true);
CREATE POLICY write ON matrix_position
    USING (customer_value_internal.owns_matrix(matrix))
    WITH CHECK (customer_value_internal.owns_matrix(matrix));
CREATE TRIGGER keep_builtin BEFORE INSERT OR UPDATE OR DELETE ON matrix_position
    FOR EACH ROW EXECUTE FUNCTION customer_value_internal.keep_builtin_rows();
GRANT SELECT, INSERT, UPDATE, DELETE ON matrix_position TO PUBLIC;

ALTER TABLE matrix_label OWNER TO @extowner@;
ALTER TABLE matrix_label ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON matrix_label FOR SELECT USING (true);
CREATE POLICY write ON matrix_label
    USING (customer_value_internal.owns_matrix(matrix))
    WITH CHECK (customer_value_internal.owns_matrix(matrix));
CREATE TRIGGER keep_builtin BEFORE INSERT OR UPDATE OR DELETE ON matrix_label
    FOR EACH ROW EXECUTE FUNCTION customer_value_internal.keep_builtin_rows();
GRANT SELECT, INSERT, UPDATE, DELETE ON matrix_label TO PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('matrix', 'WHERE NOT builtin');
SELECT pg_catalog.pg_extension_config_dump('matrix_position', 'WHERE NOT builtin');
SELECT pg_catalog.pg_extension_config_dump('matrix_label', 'WHERE NOT builtin');

COMMENT ON POLICY read ON matrix IS 'Everyone reads all matrices';
COMMENT ON POLICY add ON matrix IS 'Everyone adds matrices of their own';
COMMENT ON POLICY change ON matrix IS 'Owners change their matrices';
COMMENT ON POLICY remove ON matrix IS 'Owners remove their matrices';
COMMENT ON POLICY read ON matrix_position IS 'Everyone reads all matrices';
COMMENT ON POLICY write ON matrix_position IS 'Owners change their matrices';
COMMENT ON POLICY read ON matrix_label IS 'Everyone reads all matrices';
COMMENT ON POLICY write ON matrix_label IS 'Owners change their matrices';
COMMENT ON TRIGGER keep_builtin ON matrix IS 'Built-in rows are read-only';
COMMENT ON TRIGGER keep_used ON matrix IS 'A matrix that a segmentation uses stays';
COMMENT ON TRIGGER keep_builtin ON matrix_position IS 'Built-in rows are read-only';
COMMENT ON TRIGGER keep_builtin ON matrix_label IS 'Built-in rows are read-only';

-- is a matrix complete? ----------------------------------------------------------------------------------------

CREATE FUNCTION matrix_levels(matrix text, axis text DEFAULT 'x') RETURNS integer
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'matrix_levels';
COMMENT ON FUNCTION matrix_levels(text, text) IS
    'Levels of an axis, x or y, of a matrix; 1 for the y axis of a class; an error if there is no such matrix';

CREATE FUNCTION check_matrix(matrix text)
    RETURNS TABLE (x_level integer, y_level integer, code text, problem text)
    LANGUAGE sql STABLE PARALLEL SAFE COST 1000
BEGIN ATOMIC
    SELECT coalesce(x, p.x_level), coalesce(y, p.y_level), p.code,
           CASE WHEN p.code IS NULL THEN 'no position' WHEN x IS NULL THEN 'outside the matrix'
                WHEN l.languages IS NULL THEN 'no label' ELSE 'no label in ' || array_to_string(l.missing, ', ') END
    FROM (SELECT x, y FROM generate_series(1, matrix_levels($1)) AS x,
                           generate_series(1, matrix_levels($1, 'y')) AS y) AS cell
    FULL JOIN (SELECT * FROM matrix_position AS p WHERE p.matrix = $1) AS p ON p.x_level = x AND p.y_level = y
    LEFT JOIN LATERAL (
        SELECT array_agg(l.language) AS languages,
               ARRAY(SELECT DISTINCT o.language FROM matrix_label AS o WHERE o.matrix = $1
                     EXCEPT SELECT h.language FROM matrix_label AS h WHERE h.matrix = $1 AND h.code = p.code
                     ORDER BY 1) AS missing
        FROM matrix_label AS l WHERE l.matrix = $1 AND l.code = p.code
    ) AS l ON true
    WHERE p.code IS NULL OR x IS NULL OR l.languages IS NULL OR l.missing <> '{}'
    ORDER BY 1, 2, 3;
END;
COMMENT ON FUNCTION check_matrix(text) IS
    'What is missing in a matrix: places without a position, positions outside it, and positions without a label, or '
    'without one in a language that others have; no rows means the matrix is complete';

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
