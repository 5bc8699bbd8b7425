-- Label to segmentation: what there is, and the functions that manage segmentations.

-- what there is -----------------------------------------------------------------------------------------------------

CREATE VIEW segmentations WITH (security_invoker = true) AS
SELECT coalesce(v.name, s.view) AS view,
       CASE
           WHEN v.oid IS NULL THEN 'view gone'
           WHEN s.options ->> 'bind' = 'name' AND customer_value_internal.relation_named(s.source) IS NULL
               THEN 'source gone'
           WHEN s.version <> customer_value_internal.library_version() THEN 'older than the library'
           WHEN t.number IS NULL THEN 'untrained'
           ELSE 'trained'
       END AS state,
       customer_value_internal.segmentation_source(s) AS source,
       s.customer, s.ordered_at, s.amount, s.options, coalesce(v.owner, s.owner) AS owner,
       t.number AS newest_training, t.trained_at, now() - t.trained_at AS training_age,
       t.as_of, t.customers, t.orders, t.revenue, t.rows_left_out, cardinality(t.doubts) AS doubts,
       q.kept_at, customer_value_internal.touched_count(q.segmentation) AS notes,
       CASE WHEN q.segmentation IS NOT NULL THEN w.reason IS NULL END AS kept_holds, w.reason AS kept_reason, s.id
FROM segmentation AS s
LEFT JOIN LATERAL (
    SELECT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name,
           pg_catalog.pg_get_userbyid(c.relowner) AS owner
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.oid = customer_value_internal.segmentation_view(s)
) AS v ON true
LEFT JOIN training AS t ON t.segmentation = s.id AND t.newest
LEFT JOIN keeping AS q ON q.segmentation = s.id
CROSS JOIN LATERAL (SELECT customer_value_internal.why_not_kept(q.segmentation) AS reason OFFSET 0) AS w;
GRANT SELECT ON segmentations TO PUBLIC;

COMMENT ON VIEW segmentations IS
    'The segmentations of this database, their state and their newest training; for what has changed since, see '
    'segmentation_drift(view)';
COMMENT ON COLUMN segmentations.view IS 'The segmentation view; where it is gone, its last name';
COMMENT ON COLUMN segmentations.state IS
    'trained; untrained; view gone (create_segmentation takes the segmentation up again); source gone; older than the '
    'library (alter_segmentation brings the view up to date)';
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
COMMENT ON COLUMN segmentations.doubts IS
    'How many doubts the newest training gave rise to; segmentation_doubts(view) tells them';
COMMENT ON COLUMN segmentations.kept_at IS
    'When its kept histories were last refreshed; NULL where none are kept, or not yet';
COMMENT ON COLUMN segmentations.notes IS
    'How many notes wait of customers whose orders changed since; NULL where changes are not noted';
COMMENT ON COLUMN segmentations.kept_holds IS
    'Whether you read kept histories; if not, the view reads the orders, which takes longer; NULL where none are kept';
COMMENT ON COLUMN segmentations.kept_reason IS 'Why you do not read kept histories; NULL if you do, or where none are kept';
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
    'beside it, and trains it; takes up again a segmentation whose view is gone, and adopts a segmentation view that came '
    'without its row, as in a dump of one schema';

CREATE FUNCTION alter_segmentation(view text, options jsonb DEFAULT NULL, source text DEFAULT NULL,
                                   customer text DEFAULT NULL, ordered_at text DEFAULT NULL,
                                   amount text DEFAULT NULL, replace boolean DEFAULT false,
                                   train boolean DEFAULT true,
                                   drop_columns boolean DEFAULT false) RETURNS regclass
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 AS 'MODULE_PATHNAME', 'alter_segmentation';
COMMENT ON FUNCTION alter_segmentation(text, jsonb, text, text, text, text, boolean, boolean, boolean) IS
    'Changes the options that are given (null: back to the default; with replace, all others go back, too), and source '
    'or columns where given, and trains again, unless train is false; dependent views, grants, comments and options of '
    'the view stay; columns that options no longer ask for stay as NULL, or go with drop_columns, where nothing depends '
    'on the view';

CREATE FUNCTION train_segmentation(view text) RETURNS integer
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 AS 'MODULE_PATHNAME', 'train_segmentation';
COMMENT ON FUNCTION train_segmentation(text) IS
    'Trains a segmentation over its source as it is now and returns the number of the training; NULL for a source '
    'without purchases';

CREATE FUNCTION refresh_segmentation(view text, anew boolean DEFAULT false) RETURNS bigint
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 AS 'MODULE_PATHNAME', 'refresh_segmentation';
COMMENT ON FUNCTION refresh_segmentation(text, boolean) IS
    'Brings the kept histories of a segmentation up to date and returns for how many customers: of those whose orders '
    'changed since the last time; of all the first time, with anew, and where what was kept no longer holds; NULL where it '
    'could only have changes noted from now on, so that it has to run again';

CREATE FUNCTION customer_value_internal.tells_progress() RETURNS boolean
    LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'tells_progress';
COMMENT ON FUNCTION customer_value_internal.tells_progress() IS
    'True; for each history that a refresh is about to write, and says from time to time how many there were';

CREATE FUNCTION customer_value_internal.segmentation_named(view text) RETURNS text
    LANGUAGE c STABLE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'segmentation_named';
COMMENT ON FUNCTION customer_value_internal.segmentation_named(text) IS
    'The id of a segmentation by its view, or an error';

CREATE FUNCTION keeping(view text)
    RETURNS TABLE (keep text, holds boolean, reason text, kept_at timestamptz, age interval, notes bigint,
                   seconds double precision, table_bytes bigint, index_bytes bigint)
    LANGUAGE sql STABLE STRICT PARALLEL UNSAFE ROWS 1
BEGIN ATOMIC
    SELECT CASE WHEN s.options ->> 'keep' = 'refreshed' THEN 'refreshed' WHEN s.options ->> 'keep' = 'true' THEN 'noted'
                ELSE 'nothing' END,
           q.segmentation IS NOT NULL AND w.reason IS NULL, w.reason,
           q.kept_at, now() - q.kept_at, customer_value_internal.touched_count(s.id), q.seconds,
           pg_catalog.pg_table_size(c.oid::pg_catalog.regclass), pg_catalog.pg_indexes_size(c.oid::pg_catalog.regclass)
    FROM segmentation AS s
    LEFT JOIN keeping AS q ON q.segmentation = s.id
    LEFT JOIN pg_catalog.pg_class AS c ON c.oid = q.kept_oid AND q.place = customer_value_internal.this_place()
    CROSS JOIN LATERAL (
        SELECT CASE WHEN s.options ->> 'keep' IN ('true', 'refreshed')
                    THEN customer_value_internal.why_not_kept(s.id) END AS reason OFFSET 0
    ) AS w
    WHERE s.id = customer_value_internal.segmentation_named($1)::uuid;
END;
COMMENT ON FUNCTION keeping(text) IS
    'How the histories of a segmentation are kept: nothing, noted (triggers note whose orders change) or refreshed; whether '
    'they hold for the caller, and if not, why; when they were last refreshed, how many notes wait, how long the last '
    'refresh took, and what they take on disk';

CREATE FUNCTION drop_segmentation(view text) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 100000 AS 'MODULE_PATHNAME', 'drop_segmentation';
COMMENT ON FUNCTION drop_segmentation(text) IS
    'Drops the view of a segmentation, the functions beside it and its trainings, or what is left of a segmentation whose '
    'view is gone; refused while other objects depend on them';
