-- Changed rows to notes: what is known of segmentations that keep histories, what their triggers run, and whether a query may
-- read what is kept. Nobody writes the table but functions. A row whose place is another counts for nothing: it came with a
-- dump.

CREATE TABLE keeping (
    segmentation uuid PRIMARY KEY,
    place        text NOT NULL,
    source_oid   oid NOT NULL,
    kept_oid     oid NOT NULL,
    touched_oid  oid,
    columns      smallint[] NOT NULL,
    invoker      boolean NOT NULL,
    fingerprint  text,
    kept_at      timestamptz,
    seconds      double precision,
    source_schema   text,
    source_name     text,
    kept_now_oid    oid,
    touched_now_oid oid,
    definition      text NOT NULL DEFAULT '',
    view_oid        oid NOT NULL
);
ALTER TABLE keeping OWNER TO @extowner@;
GRANT SELECT ON keeping TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('keeping', '');

COMMENT ON TABLE keeping IS
    'One row per segmentation that keeps histories in a table; written by the functions that create, alter, refresh and drop '
    'segmentations alone';
COMMENT ON COLUMN keeping.segmentation IS 'The segmentation';
COMMENT ON COLUMN keeping.place IS
    'Where the numbers of this row hold: identifier of the server, oid of the database; elsewhere nothing is kept';
COMMENT ON COLUMN keeping.source_oid IS 'The table that holds the orders';
COMMENT ON COLUMN keeping.kept_oid IS 'The table of kept histories';
COMMENT ON COLUMN keeping.touched_oid IS
    'The table of customers whose orders changed since; NULL where nobody notes them, and kept histories are those of kept_at';
COMMENT ON COLUMN keeping.columns IS
    'The columns of the source that histories are made of, by their numbers; the customer is the first';
COMMENT ON COLUMN keeping.invoker IS
    'Whether the views on both are read by everybody, with the rights of each, as the view is';
COMMENT ON COLUMN keeping.fingerprint IS
    'What source_fingerprint() gave when all histories were kept, with another line if the source was changed meanwhile; NULL '
    'before';
COMMENT ON COLUMN keeping.kept_at IS 'When histories were last kept; NULL before';
COMMENT ON COLUMN keeping.seconds IS 'How long the last refresh took, in seconds';
COMMENT ON COLUMN keeping.source_schema IS
    'The schema of the table whose name the view is bound to; NULL for a view that is bound to the table';
COMMENT ON COLUMN keeping.source_name IS 'Its name, likewise';
COMMENT ON COLUMN keeping.kept_now_oid IS 'What readers see of kept histories';
COMMENT ON COLUMN keeping.touched_now_oid IS 'What readers see of touched customers; NULL without notes';
COMMENT ON COLUMN keeping.definition IS
    'The query that fills the table of histories; where it changes, the table is made anew';
COMMENT ON COLUMN keeping.view_oid IS 'The view, whose owner and option security_invoker decide who may read what is kept';

CREATE FUNCTION customer_value_internal.note_change() RETURNS trigger
    LANGUAGE c AS 'MODULE_PATHNAME', 'note_change';
COMMENT ON FUNCTION customer_value_internal.note_change() IS
    'For triggers on a source that is kept: notes the customer of a row that was inserted, updated or deleted; the argument is '
    'the id of the segmentation';

CREATE FUNCTION customer_value_internal.note_truncate() RETURNS trigger
    LANGUAGE c AS 'MODULE_PATHNAME', 'note_truncate';
COMMENT ON FUNCTION customer_value_internal.note_truncate() IS
    'For triggers on a source that is kept: notes all customers; the argument is the id of the segmentation';

CREATE FUNCTION customer_value_internal.source_fingerprint(segmentation uuid) RETURNS text
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'source_fingerprint';
COMMENT ON FUNCTION customer_value_internal.source_fingerprint(uuid) IS
    'All that could let an order change without a note, as it is now; NULL if the source cannot be kept as it is';

CREATE FUNCTION customer_value_internal.keeps(segmentation uuid) RETURNS boolean
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 10 AS 'MODULE_PATHNAME', 'keeps';
COMMENT ON FUNCTION customer_value_internal.keeps(uuid) IS
    'Whether this query may read the kept histories of a segmentation: all changes since are noted, and the current user may '
    'read what they are made of';

CREATE FUNCTION customer_value_internal.why_not_kept(segmentation uuid) RETURNS text
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'why_not_kept';
COMMENT ON FUNCTION customer_value_internal.why_not_kept(uuid) IS
    'Why keeps() is false for the current user; NULL if it is true';

CREATE FUNCTION customer_value_internal.is_noted(segmentation uuid, customer anyelement) RETURNS boolean
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1 AS 'MODULE_PATHNAME', 'is_noted';
COMMENT ON FUNCTION customer_value_internal.is_noted(uuid, anyelement) IS
    'Whether the orders of a customer changed since their history was kept: then a read takes it from the orders; false for '
    'those who may not read what is kept';

CREATE FUNCTION customer_value_internal.touched_count(segmentation uuid) RETURNS bigint
    LANGUAGE c STABLE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'touched_count';
COMMENT ON FUNCTION customer_value_internal.touched_count(uuid) IS
    'How many notes of touched customers wait for the next refresh; NULL where none are made';
