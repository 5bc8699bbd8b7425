-- Label to segmentation: the tables of segmentations and their trainings, who may write them, and the functions that
-- manage them.

-- tables ---------------------------------------------------------------------------------------------------------

CREATE TABLE segmentation (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    view       regclass NOT NULL UNIQUE,
    source     regclass NOT NULL,
    customer   text NOT NULL,
    ordered_at text NOT NULL,
    amount     text,
    options    jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
);

-- One row holds all that a training found, so that a view reads it once per query. What is read for each customer is
-- kept in the row itself; axes and matrices may go out of line.
CREATE TABLE training (
    segmentation    uuid NOT NULL REFERENCES segmentation ON DELETE CASCADE,
    number          integer NOT NULL,
    newest          boolean NOT NULL,
    trained_at      timestamptz NOT NULL DEFAULT now(),
    trained_by      name NOT NULL,
    seconds         double precision NOT NULL,
    as_of           date NOT NULL,
    customers       bigint NOT NULL,
    purchasers      bigint NOT NULL,
    orders          bigint NOT NULL,
    refunds         bigint NOT NULL,
    rows_left_out   bigint NOT NULL,
    inputs_left_out jsonb,
    revenue         numeric,
    first_purchase  date NOT NULL,
    last_purchase   date NOT NULL,
    scheme          text,
    language        text NOT NULL,
    options         jsonb NOT NULL,
    score_counts    jsonb NOT NULL,
    cuts            rfm_cuts NOT NULL,
    labels          rfm_labels,
    purchase_model  purchase_model,
    spend_model     spend_model,
    margin          double precision,
    clv_percentiles double precision[],
    axes            trained_axes NOT NULL,
    matrices        trained_matrices NOT NULL,
    PRIMARY KEY (segmentation, number)
) WITH (toast_tuple_target = 8160);
ALTER TABLE training ALTER COLUMN clv_percentiles SET STORAGE PLAIN;
CREATE UNIQUE INDEX training_newest ON training (segmentation) WHERE newest;

COMMENT ON TABLE segmentation IS
    'One row per segmentation: its view, source and options; written by create_segmentation and alter_segmentation';
COMMENT ON COLUMN segmentation.id IS 'Identity, also in the definition of the view';
COMMENT ON COLUMN segmentation.view IS 'The segmentation view; a row whose view is gone is invisible in segmentations';
COMMENT ON COLUMN segmentation.source IS 'The table or view that holds the orders';
COMMENT ON COLUMN segmentation.customer IS 'Its customer column';
COMMENT ON COLUMN segmentation.ordered_at IS 'Its time column';
COMMENT ON COLUMN segmentation.amount IS 'Its amount column; NULL for orders without amounts';
COMMENT ON COLUMN segmentation.options IS 'The options that were given; all others have their defaults';
COMMENT ON COLUMN segmentation.created_at IS 'When it was created';
COMMENT ON TABLE training IS
    'One row per training: what it found in the whole population; a view applies the newest one of its segmentation';
COMMENT ON COLUMN training.segmentation IS 'The segmentation';
COMMENT ON COLUMN training.number IS 'Counts the trainings of a segmentation; the newest has the highest number';
COMMENT ON COLUMN training.newest IS 'True for the training that the view applies';
COMMENT ON COLUMN training.trained_at IS 'When the training took place';
COMMENT ON COLUMN training.trained_by IS 'The role that asked for it';
COMMENT ON COLUMN training.seconds IS 'How long it took, in seconds';
COMMENT ON COLUMN training.as_of IS 'The day as of which customers were compared';
COMMENT ON COLUMN training.customers IS 'Customers in the source';
COMMENT ON COLUMN training.purchasers IS 'Customers with purchases up to as_of';
COMMENT ON COLUMN training.orders IS 'Orders up to as_of, without refunds';
COMMENT ON COLUMN training.refunds IS 'Refunds up to as_of';
COMMENT ON COLUMN training.rows_left_out IS 'Rows of the source without customer, time, amount or order id';
COMMENT ON COLUMN training.inputs_left_out IS
    'Rows of the optional inputs that were left out, by reason; NULL without optional inputs';
COMMENT ON COLUMN training.revenue IS 'Net revenue up to as_of; NULL for orders without amounts';
COMMENT ON COLUMN training.first_purchase IS 'First day with a purchase';
COMMENT ON COLUMN training.last_purchase IS 'Last day with a purchase up to as_of';
COMMENT ON COLUMN training.scheme IS 'The RFM scheme; NULL for none';
COMMENT ON COLUMN training.language IS 'The language of the labels';
COMMENT ON COLUMN training.options IS 'The options that were in force';
COMMENT ON COLUMN training.score_counts IS 'Customers by score from 1 up, for each axis';
COMMENT ON COLUMN training.cuts IS 'The RFM cuts';
COMMENT ON COLUMN training.labels IS 'The RFM labels as the tables of schemes had them; NULL without a scheme';
COMMENT ON COLUMN training.purchase_model IS 'How customers buy and leave; NULL if option "family" is none';
COMMENT ON COLUMN training.spend_model IS
    'What a purchase is worth; NULL without amounts, repeat customers or a purchase_model';
COMMENT ON COLUMN training.margin IS
    'Share of the net revenue that clv counts: the option, or what the cost column leaves';
COMMENT ON COLUMN training.clv_percentiles IS
    'The 0th to the 100th percentile of clv over all customers, 101 numbers; NULL without a spend_model';
COMMENT ON COLUMN training.axes IS 'What was found of the axes of matrices and classes; see view training_axis';
COMMENT ON COLUMN training.matrices IS 'Cuts and labels of matrices and classes; see view training_matrix';
COMMENT ON INDEX training_newest IS 'Finds the training that a view applies; a segmentation has only one';

-- rights: everyone reads, owners of a view write its rows, anyone removes rows whose view is gone ------------------

CREATE FUNCTION customer_value_internal.owns_view(view oid) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT FROM pg_catalog.pg_class AS c
        WHERE c.oid = $1 AND pg_catalog.pg_has_role(c.relowner, 'USAGE')
    );
END;
COMMENT ON FUNCTION customer_value_internal.owns_view(oid) IS
    'Whether the current user is a member of the role that owns a view';

CREATE FUNCTION customer_value_internal.owns_segmentation(segmentation uuid) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT EXISTS (SELECT FROM segmentation AS s WHERE s.id = $1 AND customer_value_internal.owns_view(s.view));
END;
COMMENT ON FUNCTION customer_value_internal.owns_segmentation(uuid) IS
    'Whether the current user is a member of the role that owns the view of a segmentation';

ALTER TABLE segmentation OWNER TO @extowner@;
ALTER TABLE segmentation ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON segmentation FOR SELECT USING (true);
CREATE POLICY add ON segmentation FOR INSERT WITH CHECK (customer_value_internal.owns_view(view));
CREATE POLICY change ON segmentation FOR UPDATE
    USING (customer_value_internal.owns_view(view)) WITH CHECK (customer_value_internal.owns_view(view));
CREATE POLICY remove ON segmentation FOR DELETE
    USING (customer_value_internal.owns_view(view)
           OR NOT EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = view));
GRANT SELECT, INSERT, UPDATE, DELETE ON segmentation TO PUBLIC;
COMMENT ON POLICY read ON segmentation IS 'Everyone sees which segmentations there are';
COMMENT ON POLICY add ON segmentation IS 'Owners of a view describe it';
COMMENT ON POLICY change ON segmentation IS 'Owners of a view change its description';
COMMENT ON POLICY remove ON segmentation IS
    'Owners of a view remove its description; anyone removes that of a view that is gone';

ALTER TABLE training OWNER TO @extowner@;
ALTER TABLE training ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON training FOR SELECT USING (true);
CREATE POLICY write ON training
    USING (customer_value_internal.owns_segmentation(segmentation))
    WITH CHECK (customer_value_internal.owns_segmentation(segmentation));
GRANT SELECT, INSERT, UPDATE, DELETE ON training TO PUBLIC;
COMMENT ON POLICY read ON training IS 'Everyone reads population figures';
COMMENT ON POLICY write ON training IS 'Owners of a view write its trainings';

SELECT pg_catalog.pg_extension_config_dump('segmentation',
    'WHERE EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = view)');
SELECT pg_catalog.pg_extension_config_dump('training',
    'WHERE EXISTS (SELECT FROM customer_value.segmentation AS s '
    'JOIN pg_catalog.pg_class AS c ON c.oid = s.view WHERE s.id = segmentation)');

-- what there is -----------------------------------------------------------------------------------------------------

CREATE VIEW segmentations WITH (security_invoker = true) AS
SELECT s.view, s.source, s.customer, s.ordered_at, s.amount, s.options,
       pg_catalog.pg_get_userbyid(c.relowner) AS owner,
       t.number AS newest_training, t.trained_at, now() - t.trained_at AS training_age,
       t.as_of, t.customers, t.orders, t.revenue, t.rows_left_out, s.id
FROM segmentation AS s
JOIN pg_catalog.pg_class AS c ON c.oid = s.view
LEFT JOIN training AS t ON t.segmentation = s.id AND t.newest;
GRANT SELECT ON segmentations TO PUBLIC;

COMMENT ON VIEW segmentations IS
    'The segmentations of this database and their newest training; for what has changed since, see '
    'segmentation_drift(view)';
COMMENT ON COLUMN segmentations.view IS 'The segmentation view';
COMMENT ON COLUMN segmentations.source IS 'The table or view that holds the orders';
COMMENT ON COLUMN segmentations.customer IS 'Its customer column';
COMMENT ON COLUMN segmentations.ordered_at IS 'Its time column';
COMMENT ON COLUMN segmentations.amount IS 'Its amount column; NULL for orders without amounts';
COMMENT ON COLUMN segmentations.options IS 'The options that were given';
COMMENT ON COLUMN segmentations.owner IS 'The role that owns the view';
COMMENT ON COLUMN segmentations.newest_training IS 'Number of the newest training; NULL before the first';
COMMENT ON COLUMN segmentations.trained_at IS 'When the newest training took place';
COMMENT ON COLUMN segmentations.training_age IS 'How long ago that is';
COMMENT ON COLUMN segmentations.as_of IS 'The day as of which customers were compared';
COMMENT ON COLUMN segmentations.customers IS 'Customers at the newest training';
COMMENT ON COLUMN segmentations.orders IS 'Orders at the newest training';
COMMENT ON COLUMN segmentations.revenue IS 'Net revenue at the newest training; NULL for orders without amounts';
COMMENT ON COLUMN segmentations.rows_left_out IS 'Rows of the source that the newest training left out for a NULL';
COMMENT ON COLUMN segmentations.id IS 'Identity, as in table training';

CREATE VIEW training_axis WITH (security_invoker = true) AS
SELECT t.segmentation, a.axis, t.number, a.customers, a.mean, a.percentiles
FROM training AS t
CROSS JOIN LATERAL json_to_recordset(t.axes::text::json)
    AS a (axis text, customers bigint, mean double precision, percentiles double precision[]);
GRANT SELECT ON training_axis TO PUBLIC;

COMMENT ON VIEW training_axis IS
    'What each training found of the axes of matrices and classes, over the customers with purchases';
COMMENT ON COLUMN training_axis.segmentation IS 'The segmentation';
COMMENT ON COLUMN training_axis.axis IS
    'The axis: a column of the view or of the customer table, or what a class needs';
COMMENT ON COLUMN training_axis.number IS 'The training';
COMMENT ON COLUMN training_axis.customers IS 'Customers with a value (for purchase_gap: gaps)';
COMMENT ON COLUMN training_axis.mean IS 'Mean of the values; NULL without values';
COMMENT ON COLUMN training_axis.percentiles IS
    'The 0th to the 100th percentile, 101 numbers; NULL without values';

CREATE VIEW training_matrix WITH (security_invoker = true) AS
SELECT t.segmentation, m.matrix, t.number, m.x_axis, m.x_cuts, m.y_axis, m.y_cuts,
       p.codes, p.labels, p.ranks, t.language
FROM training AS t
CROSS JOIN LATERAL json_to_recordset(t.matrices::text::json)
    AS m (matrix text, x_axis text, x_cuts double precision[], y_axis text, y_cuts double precision[], positions json)
CROSS JOIN LATERAL (
    SELECT array_agg(e.p ->> 'code' ORDER BY e.place) AS codes, array_agg(e.p ->> 'label' ORDER BY e.place) AS labels,
           array_agg((e.p ->> 'rank')::smallint ORDER BY e.place) AS ranks
    FROM json_array_elements(m.positions) WITH ORDINALITY AS e (p, place)
) AS p;
GRANT SELECT ON training_matrix TO PUBLIC;

COMMENT ON VIEW training_matrix IS
    'The cuts that each training found for matrices and classes, and their labels in the language of the segmentation';
COMMENT ON COLUMN training_matrix.segmentation IS 'The segmentation';
COMMENT ON COLUMN training_matrix.matrix IS 'The matrix';
COMMENT ON COLUMN training_matrix.number IS 'The training';
COMMENT ON COLUMN training_matrix.x_axis IS 'First axis';
COMMENT ON COLUMN training_matrix.x_cuts IS 'Cuts of the first axis, rising; NULL if no customer had a value';
COMMENT ON COLUMN training_matrix.y_axis IS 'Second axis; NULL for a class';
COMMENT ON COLUMN training_matrix.y_cuts IS
    'Cuts of the second axis, rising; NULL for a class, or if no customer had a value';
COMMENT ON COLUMN training_matrix.codes IS
    'Codes of the positions: level by level of the first axis, within it by those of the second';
COMMENT ON COLUMN training_matrix.labels IS 'Labels of the positions, in the same order';
COMMENT ON COLUMN training_matrix.ranks IS 'Ranks of the positions, in the same order';
COMMENT ON COLUMN training_matrix.language IS 'The language of the labels';

-- functions ---------------------------------------------------------------------------------------------------------

CREATE FUNCTION create_segmentation(view text, source text, customer text, ordered_at text,
                                    amount text DEFAULT NULL, options jsonb DEFAULT NULL) RETURNS regclass
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 AS 'MODULE_PATHNAME', 'create_segmentation';
COMMENT ON FUNCTION create_segmentation(text, text, text, text, text, jsonb) IS
    'Creates a view with the segment of every customer over a table of orders, and the function view_of(customer) '
    'beside it, and trains it';

CREATE FUNCTION alter_segmentation(view text, options jsonb DEFAULT NULL, source text DEFAULT NULL,
                                   customer text DEFAULT NULL, ordered_at text DEFAULT NULL,
                                   amount text DEFAULT NULL) RETURNS regclass
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 AS 'MODULE_PATHNAME', 'alter_segmentation';
COMMENT ON FUNCTION alter_segmentation(text, jsonb, text, text, text, text) IS
    'Changes the options that are given (null: back to the default), and source or columns where given, and trains '
    'again; dependent views stay';

CREATE FUNCTION train_segmentation(view text) RETURNS integer
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 AS 'MODULE_PATHNAME', 'train_segmentation';
COMMENT ON FUNCTION train_segmentation(text) IS
    'Trains a segmentation over its source as it is now and returns the number of the training; NULL for a source '
    'without purchases';

CREATE FUNCTION drop_segmentation(view text) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 AS 'MODULE_PATHNAME', 'drop_segmentation';
COMMENT ON FUNCTION drop_segmentation(text) IS
    'Drops the view of a segmentation, the function beside it and its trainings; refused while other objects depend '
    'on them';
