-- Label to view: segmentations, their trainings, and the functions that manage and explain them.

-- tables ---------------------------------------------------------------------------------------------

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

CREATE TABLE training (
    segmentation   uuid NOT NULL REFERENCES segmentation ON DELETE CASCADE,
    number         integer NOT NULL,
    trained_at     timestamptz NOT NULL DEFAULT now(),
    trained_by     name NOT NULL,
    seconds        double precision NOT NULL,
    as_of          date NOT NULL,
    customers      bigint NOT NULL,
    purchasers     bigint NOT NULL,
    orders         bigint NOT NULL,
    refunds        bigint NOT NULL,
    rows_left_out  bigint NOT NULL,
    revenue        numeric,
    first_purchase date NOT NULL,
    last_purchase  date NOT NULL,
    cuts           rfm_cuts NOT NULL,
    labels         rfm_labels,
    score_counts   jsonb NOT NULL,
    scheme         text,
    options        jsonb NOT NULL,
    PRIMARY KEY (segmentation, number)
);

-- TEMPORARY
ALTER TABLE training ADD COLUMN newest boolean NOT NULL DEFAULT true;
CREATE UNIQUE INDEX training_newest ON training (segmentation) WHERE newest;
CREATE FUNCTION temporary_newest() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE customer_value.training SET newest = false WHERE segmentation = NEW.segmentation AND newest;
    RETURN NEW;
END $$;
CREATE TRIGGER temporary_newest BEFORE INSERT ON training FOR EACH ROW EXECUTE FUNCTION temporary_newest();

COMMENT ON TABLE segmentation IS
    'One row a segmentation: its view, source and options; written by create_segmentation and alter_segmentation';
COMMENT ON COLUMN segmentation.id IS 'Identity, also in the definition of the view';
COMMENT ON COLUMN segmentation.view IS 'The segmentation view; a row whose view is gone is invisible in segmentations';
COMMENT ON COLUMN segmentation.source IS 'The table or view that holds the orders';
COMMENT ON COLUMN segmentation.customer IS 'Its customer column';
COMMENT ON COLUMN segmentation.ordered_at IS 'Its time column';
COMMENT ON COLUMN segmentation.amount IS 'Its amount column; NULL for orders without amounts';
COMMENT ON COLUMN segmentation.options IS 'The options that were given; the others have their defaults';
COMMENT ON COLUMN segmentation.created_at IS 'When it was created';
COMMENT ON TABLE training IS
    'One row a training: what was found in the whole population; a view applies the newest of its segmentation';
COMMENT ON COLUMN training.segmentation IS 'The segmentation';
COMMENT ON COLUMN training.number IS 'Counts the trainings of a segmentation; the newest has the highest';
COMMENT ON COLUMN training.trained_at IS 'When';
COMMENT ON COLUMN training.trained_by IS 'Who asked for it';
COMMENT ON COLUMN training.seconds IS 'How long it took';
COMMENT ON COLUMN training.as_of IS 'The day as of which customers were compared';
COMMENT ON COLUMN training.customers IS 'Customers in the source';
COMMENT ON COLUMN training.purchasers IS 'Customers with purchases up to as_of';
COMMENT ON COLUMN training.orders IS 'Orders up to as_of, refunds not among them';
COMMENT ON COLUMN training.refunds IS 'Refunds up to as_of';
COMMENT ON COLUMN training.rows_left_out IS 'Rows of the source without customer, time, amount or order id';
COMMENT ON COLUMN training.revenue IS 'Net revenue up to as_of; NULL for orders without amounts';
COMMENT ON COLUMN training.first_purchase IS 'First day with a purchase';
COMMENT ON COLUMN training.last_purchase IS 'Last day with a purchase up to as_of';
COMMENT ON COLUMN training.cuts IS 'The RFM cuts';
COMMENT ON COLUMN training.labels IS 'The labels, as they were in the tables of schemes; NULL for none';
COMMENT ON COLUMN training.score_counts IS 'Customers by score from 1 up, for each axis';
COMMENT ON COLUMN training.scheme IS 'The RFM scheme; NULL for none';
COMMENT ON COLUMN training.options IS 'The options that were in force';

-- rights: readers read all, owners of a view write its rows, anyone removes rows whose view is gone ----------

CREATE FUNCTION owns_view(view oid) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT FROM pg_catalog.pg_class AS c
        WHERE c.oid = $1 AND pg_catalog.pg_has_role(c.relowner, 'USAGE')
    );
END;
COMMENT ON FUNCTION owns_view(oid) IS 'Whether the current user is a member of the role that owns a view';

CREATE FUNCTION owns_segmentation(segmentation uuid) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT EXISTS (SELECT FROM segmentation AS s WHERE s.id = $1 AND owns_view(s.view));
END;
COMMENT ON FUNCTION owns_segmentation(uuid) IS
    'Whether the current user is a member of the role that owns the view of a segmentation';

ALTER TABLE segmentation OWNER TO @extowner@;
ALTER TABLE segmentation ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON segmentation FOR SELECT USING (true);
CREATE POLICY add ON segmentation FOR INSERT WITH CHECK (owns_view(view));
CREATE POLICY change ON segmentation FOR UPDATE USING (owns_view(view)) WITH CHECK (owns_view(view));
CREATE POLICY remove ON segmentation FOR DELETE
    USING (owns_view(view) OR NOT EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = view));
GRANT SELECT, INSERT, UPDATE, DELETE ON segmentation TO PUBLIC;
COMMENT ON POLICY read ON segmentation IS 'Everyone sees which segmentations there are';
COMMENT ON POLICY add ON segmentation IS 'Owners of a view describe it';
COMMENT ON POLICY change ON segmentation IS 'Owners of a view change its description';
COMMENT ON POLICY remove ON segmentation IS 'Owners of a view remove its description; anyone one whose view is gone';

ALTER TABLE training OWNER TO @extowner@;
ALTER TABLE training ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON training FOR SELECT USING (true);
CREATE POLICY write ON training
    USING (owns_segmentation(segmentation)) WITH CHECK (owns_segmentation(segmentation));
GRANT SELECT, INSERT, UPDATE, DELETE ON training TO PUBLIC;
COMMENT ON POLICY read ON training IS 'Population figures are for everyone';
COMMENT ON POLICY write ON training IS 'Owners of a view write its trainings';

SELECT pg_catalog.pg_extension_config_dump('segmentation',
    'WHERE EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = view)');
SELECT pg_catalog.pg_extension_config_dump('training',
    'WHERE EXISTS (SELECT FROM customer_value.segmentation AS s JOIN pg_catalog.pg_class AS c ON c.oid = s.view WHERE s.id = segmentation)');

-- what there is -----------------------------------------------------------------------------------------

CREATE VIEW segmentations WITH (security_invoker = true) AS
SELECT s.view, s.source, s.customer, s.ordered_at, s.amount, s.options,
       pg_catalog.pg_get_userbyid(c.relowner) AS owner,
       t.number AS trainings, t.trained_at, now() - t.trained_at AS training_age,
       t.as_of, t.customers, t.orders, t.revenue, t.rows_left_out, s.id
FROM segmentation AS s
JOIN pg_catalog.pg_class AS c ON c.oid = s.view
LEFT JOIN LATERAL (
    SELECT * FROM training AS t WHERE t.segmentation = s.id ORDER BY t.number DESC LIMIT 1
) AS t ON true;
GRANT SELECT ON segmentations TO PUBLIC;

COMMENT ON VIEW segmentations IS
    'The segmentations of this database and their newest training; what has drifted since: segmentation_drift(view)';
COMMENT ON COLUMN segmentations.view IS 'The segmentation view';
COMMENT ON COLUMN segmentations.source IS 'The table or view that holds the orders';
COMMENT ON COLUMN segmentations.customer IS 'Its customer column';
COMMENT ON COLUMN segmentations.ordered_at IS 'Its time column';
COMMENT ON COLUMN segmentations.amount IS 'Its amount column; NULL for orders without amounts';
COMMENT ON COLUMN segmentations.options IS 'The options that were given';
COMMENT ON COLUMN segmentations.owner IS 'The role that owns the view';
COMMENT ON COLUMN segmentations.trainings IS 'Number of the newest training; NULL before the first';
COMMENT ON COLUMN segmentations.trained_at IS 'When it was trained last';
COMMENT ON COLUMN segmentations.training_age IS 'How long ago that is';
COMMENT ON COLUMN segmentations.as_of IS 'The day as of which customers were compared';
COMMENT ON COLUMN segmentations.customers IS 'Customers then';
COMMENT ON COLUMN segmentations.orders IS 'Orders then';
COMMENT ON COLUMN segmentations.revenue IS 'Net revenue then';
COMMENT ON COLUMN segmentations.rows_left_out IS 'Rows of the source that were left out then, for a NULL';
COMMENT ON COLUMN segmentations.id IS 'Identity, as in table training';

-- functions -------------------------------------------------------------------------------------------------

CREATE FUNCTION create_segmentation(view text, source text, customer text, ordered_at text,
                                    amount text DEFAULT NULL, options jsonb DEFAULT NULL) RETURNS regclass
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 AS 'MODULE_PATHNAME', 'create_segmentation';
COMMENT ON FUNCTION create_segmentation(text, text, text, text, text, jsonb) IS
    'Creates a view with the segment of every customer over a table of orders, and the function view_of(customer) beside it, and trains it';

CREATE FUNCTION alter_segmentation(view text, options jsonb DEFAULT NULL, source text DEFAULT NULL,
                                   customer text DEFAULT NULL, ordered_at text DEFAULT NULL,
                                   amount text DEFAULT NULL) RETURNS regclass
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 AS 'MODULE_PATHNAME', 'alter_segmentation';
COMMENT ON FUNCTION alter_segmentation(text, jsonb, text, text, text, text) IS
    'Changes the options that are given (null: back to the default), and source or columns where given, and trains again; dependent views stay';

CREATE FUNCTION train_segmentation(view text) RETURNS integer
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 AS 'MODULE_PATHNAME', 'train_segmentation';
COMMENT ON FUNCTION train_segmentation(text) IS
    'Trains a segmentation over its source as it is now and returns the number of the training; NULL for a source without purchases';

CREATE FUNCTION drop_segmentation(view text) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 AS 'MODULE_PATHNAME', 'drop_segmentation';
COMMENT ON FUNCTION drop_segmentation(text) IS
    'Drops the view of a segmentation, the function beside it and its trainings; refused while other objects depend on them';

CREATE FUNCTION segmentation_drift(view text)
    RETURNS TABLE (axis text, score integer, customers_then bigint, share_then double precision,
                   customers_now bigint, share_now double precision)
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 100000 ROWS 15
    AS 'MODULE_PATHNAME', 'segmentation_drift_wrapper';
COMMENT ON FUNCTION segmentation_drift(text) IS
    'The share of customers in each bin at the newest training and now; reads the whole view';

CREATE FUNCTION explain_customer(view text, customer text)
    RETURNS TABLE (step text, value text, cuts text, score integer, explanation text)
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED COST 1000 ROWS 4
    AS 'MODULE_PATHNAME', 'explain_customer_wrapper';
COMMENT ON FUNCTION explain_customer(text, text) IS
    'Why a customer is in a segment: each measure, the cuts it met, the score and label that followed';

CREATE FUNCTION explain_customer(view text, customer anyelement)
    RETURNS TABLE (step text, value text, cuts text, score integer, explanation text)
    LANGUAGE sql STABLE STRICT PARALLEL RESTRICTED COST 1000 ROWS 4
    AS 'SELECT e.step, e.value, e.cuts, e.score, e.explanation FROM customer_value.explain_customer($1, $2::pg_catalog.text) AS e';
COMMENT ON FUNCTION explain_customer(text, anyelement) IS
    'Why a customer is in a segment: each measure, the cuts it met, the score and label that followed';
