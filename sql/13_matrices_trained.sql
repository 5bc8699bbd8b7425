-- Label to view, continued: the matrices in segmentations. Training keeps what it found of each axis and matrix.

CREATE FUNCTION train_axis_add(internal, double precision, text, double precision[]) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'train_axis_add';
CREATE FUNCTION train_axis_finish(internal) RETURNS text
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'train_axis_finish';
CREATE AGGREGATE train_axis(double precision, text, double precision[]) (
    SFUNC = train_axis_add, STYPE = internal, SSPACE = 65536,
    FINALFUNC = train_axis_finish, FINALFUNC_MODIFY = READ_WRITE, PARALLEL = SAFE
);
CREATE FUNCTION train_gaps_add(internal, purchase_history, date) RETURNS internal
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'train_gaps_add';
CREATE FUNCTION train_gaps_finish(internal) RETURNS text
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'train_gaps_finish';
CREATE AGGREGATE train_gaps(purchase_history, date) (
    SFUNC = train_gaps_add, STYPE = internal, SSPACE = 65536, FINALFUNC = train_gaps_finish, PARALLEL = SAFE
);
COMMENT ON FUNCTION train_axis_add(internal, double precision, text, double precision[]) IS 'Adds a value; part of train_axis';
COMMENT ON FUNCTION train_axis_finish(internal) IS 'State to result; part of train_axis';
COMMENT ON AGGREGATE train_axis(double precision, text, double precision[]) IS
    'What training finds of an axis, as JSON: (value, split, numbers) to customers, mean, percentiles 0 to 100, cuts';
COMMENT ON FUNCTION train_gaps_add(internal, purchase_history, date) IS 'Adds a customer; part of train_gaps';
COMMENT ON FUNCTION train_gaps_finish(internal) IS 'State to result; part of train_gaps';
COMMENT ON AGGREGATE train_gaps(purchase_history, date) IS
    'What training finds of the days between purchase days, as JSON: (history, as_of)';

-- tables ---------------------------------------------------------------------------------------------------------

ALTER TABLE training ADD COLUMN left_out jsonb;
COMMENT ON COLUMN training.left_out IS
    'Rows of the optional inputs that do not count, by reason; NULL without such inputs';

CREATE TABLE training_axis (
    segmentation uuid NOT NULL,
    axis         text NOT NULL,
    number       integer NOT NULL,
    customers    bigint NOT NULL,
    mean         double precision,
    percentiles  double precision[],
    PRIMARY KEY (segmentation, axis, number),
    FOREIGN KEY (segmentation, number) REFERENCES training ON DELETE CASCADE
);
-- read for each customer, so never toasted
ALTER TABLE training_axis ALTER COLUMN percentiles SET STORAGE PLAIN;

CREATE TABLE training_matrix (
    segmentation uuid NOT NULL,
    matrix       text NOT NULL,
    number       integer NOT NULL,
    x_axis       text NOT NULL,
    x_cuts       double precision[],
    y_axis       text,
    y_cuts       double precision[],
    codes        text[] NOT NULL,
    labels       text[] NOT NULL,
    ranks        smallint[] NOT NULL,
    language     text NOT NULL,
    PRIMARY KEY (segmentation, matrix, number),
    FOREIGN KEY (segmentation, number) REFERENCES training ON DELETE CASCADE
);

COMMENT ON TABLE training_axis IS
    'What each training found of the axes of matrices and classes, over the customers with purchases';
COMMENT ON COLUMN training_axis.segmentation IS 'The segmentation';
COMMENT ON COLUMN training_axis.axis IS 'The axis: a column of the view or of the customer table, or what a class needs';
COMMENT ON COLUMN training_axis.number IS 'The training';
COMMENT ON COLUMN training_axis.customers IS 'Customers with a value (for purchase_gap: gaps)';
COMMENT ON COLUMN training_axis.mean IS 'Mean of the values; NULL without any';
COMMENT ON COLUMN training_axis.percentiles IS 'The 0th to the 100th percentile, 101 numbers; NULL without values';
COMMENT ON TABLE training_matrix IS
    'The cuts that each training found for matrices and classes, and their labels in the language of the segmentation';
COMMENT ON COLUMN training_matrix.segmentation IS 'The segmentation';
COMMENT ON COLUMN training_matrix.matrix IS 'The matrix';
COMMENT ON COLUMN training_matrix.number IS 'The training';
COMMENT ON COLUMN training_matrix.x_axis IS 'First axis';
COMMENT ON COLUMN training_matrix.x_cuts IS 'Its cuts, rising; NULL where nobody has a value';
COMMENT ON COLUMN training_matrix.y_axis IS 'Second axis; NULL for a class';
COMMENT ON COLUMN training_matrix.y_cuts IS 'Its cuts';
COMMENT ON COLUMN training_matrix.codes IS 'Codes of the positions, in the order of place_of(...)';
COMMENT ON COLUMN training_matrix.labels IS 'Their labels';
COMMENT ON COLUMN training_matrix.ranks IS 'Their ranks';
COMMENT ON COLUMN training_matrix.language IS 'The language of the labels';

ALTER TABLE training_axis OWNER TO @extowner@;
ALTER TABLE training_axis ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON training_axis FOR SELECT USING (true);
CREATE POLICY write ON training_axis
    USING (owns_segmentation(segmentation)) WITH CHECK (owns_segmentation(segmentation));
GRANT SELECT, INSERT, UPDATE, DELETE ON training_axis TO PUBLIC;
COMMENT ON POLICY read ON training_axis IS 'Population figures are for everyone';
COMMENT ON POLICY write ON training_axis IS 'Owners of a view write its trainings';

ALTER TABLE training_matrix OWNER TO @extowner@;
ALTER TABLE training_matrix ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON training_matrix FOR SELECT USING (true);
CREATE POLICY write ON training_matrix
    USING (owns_segmentation(segmentation)) WITH CHECK (owns_segmentation(segmentation));
GRANT SELECT, INSERT, UPDATE, DELETE ON training_matrix TO PUBLIC;
COMMENT ON POLICY read ON training_matrix IS 'Population figures are for everyone';
COMMENT ON POLICY write ON training_matrix IS 'Owners of a view write its trainings';

SELECT pg_catalog.pg_extension_config_dump('training_axis',
    'WHERE EXISTS (SELECT FROM customer_value.segmentation AS s JOIN pg_catalog.pg_class AS c ON c.oid = s.view WHERE s.id = segmentation)');
SELECT pg_catalog.pg_extension_config_dump('training_matrix',
    'WHERE EXISTS (SELECT FROM customer_value.segmentation AS s JOIN pg_catalog.pg_class AS c ON c.oid = s.view WHERE s.id = segmentation)');
