-- Label to segmentation: the tables of segmentations and their trainings. Nobody writes them but functions, see
-- sql/10. A segmentation is known by its id, which the text of its view carries, and by names as text: a row whose view or
-- source is not there stops no restore, and is kept.

CREATE TABLE segmentation (
    id         uuid PRIMARY KEY,
    view       text NOT NULL,
    source     text NOT NULL,
    customer   text NOT NULL,
    ordered_at text NOT NULL,
    amount     text,
    options    jsonb NOT NULL,
    owner      name NOT NULL,
    owner_oid  oid NOT NULL,
    view_oid   oid NOT NULL,
    source_oid oid NOT NULL,
    place      text NOT NULL,
    written    jsonb NOT NULL,
    version    text NOT NULL,
    trainings  integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- One row holds all that a training found, so that a view reads it once per query. What is read for each customer is
-- kept in the row itself; axes and matrices may go out of line.
CREATE TABLE training (
    segmentation    uuid NOT NULL,
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
    amount_left_out numeric,
    inputs_left_out jsonb,
    later_orders    bigint NOT NULL DEFAULT 0,
    later_amount    numeric,
    unmatched_refunds bigint NOT NULL DEFAULT 0,
    unmatched_amount numeric,
    revenue         numeric,
    first_purchase  date NOT NULL,
    last_purchase   date NOT NULL,
    scheme          text,
    language        text NOT NULL,
    options         jsonb NOT NULL,
    score_counts    jsonb NOT NULL,
    axis_counts     jsonb NOT NULL DEFAULT '{}',
    cuts            rfm_cuts NOT NULL,
    labels          rfm_labels,
    purchase_model  purchase_model,
    spend_model     spend_model,
    margin          double precision,
    clv_percentiles double precision[],
    axes            trained_axes NOT NULL,
    matrices        trained_matrices NOT NULL,
    doubts          text[] NOT NULL DEFAULT '{}',
    doubt_figures   jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (segmentation, number)
) WITH (toast_tuple_target = 8160);
ALTER TABLE training ALTER COLUMN clv_percentiles SET STORAGE PLAIN;
CREATE UNIQUE INDEX training_newest ON training (segmentation) WHERE newest;

ALTER TABLE segmentation OWNER TO @extowner@;
ALTER TABLE training OWNER TO @extowner@;
GRANT SELECT ON segmentation, training TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('segmentation', '');
SELECT pg_catalog.pg_extension_config_dump('training', '');

COMMENT ON TABLE segmentation IS
    'One row per segmentation: its view, source and options; written by create_segmentation and alter_segmentation, '
    'removed by drop_segmentation alone';
COMMENT ON COLUMN segmentation.id IS 'Identity, also in the definition of the view';
COMMENT ON COLUMN segmentation.view IS 'The segmentation view, by its name when it was last trained or altered';
COMMENT ON COLUMN segmentation.source IS 'The table or view that holds the orders, by its name at the same time';
COMMENT ON COLUMN segmentation.customer IS 'Its customer column';
COMMENT ON COLUMN segmentation.ordered_at IS 'Its time column';
COMMENT ON COLUMN segmentation.amount IS 'Its amount column; NULL for orders without amounts';
COMMENT ON COLUMN segmentation.options IS 'The options that were given; all others have their defaults';
COMMENT ON COLUMN segmentation.owner IS 'The role that owned the view at the same time, by its name';
COMMENT ON COLUMN segmentation.owner_oid IS 'The same role by its number';
COMMENT ON COLUMN segmentation.view_oid IS 'The view by its number';
COMMENT ON COLUMN segmentation.source_oid IS 'The source by its number';
COMMENT ON COLUMN segmentation.place IS 'Where these numbers hold: identifier of the server, oid of the database';
COMMENT ON COLUMN segmentation.written IS
    'The columns and comments of the view as they were last written, to tell them from what users changed';
COMMENT ON COLUMN segmentation.version IS 'The version of the extension that wrote the view';
COMMENT ON COLUMN segmentation.trainings IS 'Number of the last training';
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
COMMENT ON COLUMN training.purchasers IS 'Customers with purchases up to as_of that refunds have not undone';
COMMENT ON COLUMN training.orders IS 'Orders up to as_of, without refunds and, unless these stand apart, what they undo';
COMMENT ON COLUMN training.refunds IS 'Refunds up to as_of, whatever they refund';
COMMENT ON COLUMN training.rows_left_out IS 'Rows of the source without customer, time, amount or order id';
COMMENT ON COLUMN training.amount_left_out IS
    'The sum of their amounts, as far as they have one; NULL for orders without amounts';
COMMENT ON COLUMN training.later_orders IS 'Orders after as_of, without refunds';
COMMENT ON COLUMN training.later_amount IS
    'Net amount of the orders and refunds after as_of; NULL for orders without amounts';
COMMENT ON COLUMN training.unmatched_refunds IS 'Refunds up to as_of that find no purchase to undo';
COMMENT ON COLUMN training.unmatched_amount IS
    'The sum of their amounts, which are positive; NULL where refunds are not set against purchases';
COMMENT ON COLUMN training.inputs_left_out IS
    'Rows of the optional inputs that were left out, by reason; NULL without optional inputs';
COMMENT ON COLUMN training.revenue IS 'Net revenue up to as_of; NULL for orders without amounts';
COMMENT ON COLUMN training.first_purchase IS 'First day with a purchase';
COMMENT ON COLUMN training.last_purchase IS 'Last day with a purchase up to as_of';
COMMENT ON COLUMN training.scheme IS 'The RFM scheme; NULL for none';
COMMENT ON COLUMN training.language IS 'The language of the labels';
COMMENT ON COLUMN training.options IS 'The options that were in force';
COMMENT ON COLUMN training.score_counts IS 'Customers by score from 1 up, for each axis';
COMMENT ON COLUMN training.axis_counts IS
    'Customers by tenth of each axis, from 1 up: as many as its 10th, 20th, … 90th percentiles differ, and one more';
COMMENT ON COLUMN training.cuts IS 'The RFM cuts';
COMMENT ON COLUMN training.labels IS 'The RFM labels as the scheme had them; NULL without a scheme';
COMMENT ON COLUMN training.purchase_model IS 'How customers buy and leave; NULL if option "family" is none';
COMMENT ON COLUMN training.spend_model IS
    'What a purchase is worth; NULL without amounts, repeat customers or a purchase_model';
COMMENT ON COLUMN training.margin IS
    'Share of the net revenue that clv counts: the option, or what the cost column leaves';
COMMENT ON COLUMN training.clv_percentiles IS
    'The 0th to the 100th percentile of clv over all customers, 101 numbers; NULL without a spend_model';
COMMENT ON COLUMN training.axes IS 'What was found of the axes of matrices and classes; see view training_axis';
COMMENT ON COLUMN training.matrices IS 'Cuts and labels of matrices and classes; see view training_matrix';
COMMENT ON COLUMN training.doubts IS
    'What may mislead whoever reads the segmentation: codes, in a lasting order; empty if there is nothing; in words by '
    'segmentation_doubts(view)';
COMMENT ON COLUMN training.doubt_figures IS 'The figures behind each doubt, by its code';
COMMENT ON INDEX training_newest IS 'Finds the training that a view applies; a segmentation has only one';

-- which view and which source? -----------------------------------------------------------------------------------------

CREATE FUNCTION customer_value_internal.library_version() RETURNS text
    LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'library_version';
COMMENT ON FUNCTION customer_value_internal.library_version() IS 'The version of the library that is loaded';

-- The rule of the view is read as it is stored: writing it as SQL would open what it reads, which may go meanwhile.
CREATE FUNCTION customer_value_internal.segmentation_id(view oid) RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT (SELECT string_agg(pg_catalog.lpad(pg_catalog.to_hex(b.byte::integer & 255), 2, '0'), '' ORDER BY b.place)
            FROM pg_catalog.regexp_split_to_table(found.bytes[1], ' ') WITH ORDINALITY AS b (byte, place))::uuid
    FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_rewrite AS r ON r.ev_class = c.oid AND r.rulename = '_RETURN'
    CROSS JOIN LATERAL pg_catalog.regexp_match(
        r.ev_action::text,
        ':consttype 2950 [^}]*:constvalue 16 [[] ([0-9 -]+) []]} :resno [0-9]+ :resname segmentation_id '
    ) AS found (bytes)
    WHERE c.oid = $1 AND c.relkind = 'v' AND c.relpersistence = 'p';
END;
COMMENT ON FUNCTION customer_value_internal.segmentation_id(oid) IS
    'The id of the segmentation that the text of a view carries: the constant of type uuid that it calls segmentation_id; '
    'NULL for any other relation';

-- Where numbers do not hold, after a restore, views and sources are looked for. These are functions of their own, so that
-- nobody pays for them where numbers hold.
CREATE FUNCTION customer_value_internal.may_own(role oid, segmentation segmentation) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT $1 = coalesce(customer_value_internal.role_of(($2).owner, ($2).owner_oid, ($2).place), 0::oid)
        OR EXISTS (SELECT FROM pg_catalog.pg_class AS c
                   WHERE c.oid = 'segmentation'::pg_catalog.regclass AND c.relowner = $1)
        OR EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.oid = $1 AND r.rolsuper);
END;
COMMENT ON FUNCTION customer_value_internal.may_own(oid, segmentation) IS
    'Whether a view of this role can be that of a segmentation which is looked for: the owner that was kept; or, where it '
    'was restored without owners, who restored it: the owner of the table of segmentations, or a superuser';

CREATE FUNCTION customer_value_internal.look_for_view(segmentation segmentation) RETURNS oid
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(
        (SELECT c.oid
         FROM pg_catalog.pg_class AS c
         WHERE c.oid = customer_value_internal.relation_named(($1).view)
           AND customer_value_internal.segmentation_id(c.oid) = ($1).id
           AND customer_value_internal.may_own(c.relowner, $1)),
        (SELECT c.oid
         FROM pg_catalog.pg_class AS c
         WHERE ($1).place <> customer_value_internal.this_place()
           AND c.oid IN (SELECT r.ev_class
                         FROM pg_catalog.pg_depend AS d JOIN pg_catalog.pg_rewrite AS r ON r.oid = d.objid
                         WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
                           AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
                           AND d.refobjid = 'training'::pg_catalog.regclass)
           AND customer_value_internal.may_own(c.relowner, $1)
           AND customer_value_internal.segmentation_id(c.oid) = ($1).id
         ORDER BY c.oid LIMIT 1)
    );
END;
COMMENT ON FUNCTION customer_value_internal.look_for_view(segmentation) IS
    'The view of a segmentation by its name, if its text carries the id; else, where it was restored under another name, '
    'the first whose text does; of those that may_own tells; NULL if it is gone';

CREATE FUNCTION customer_value_internal.segmentation_view(segmentation segmentation) RETURNS oid
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(
        (SELECT c.oid
         FROM pg_catalog.pg_class AS c
         WHERE c.oid = ($1).view_oid AND c.relkind = 'v' AND ($1).place = customer_value_internal.this_place()),
        customer_value_internal.look_for_view($1)
    );
END;
COMMENT ON FUNCTION customer_value_internal.segmentation_view(segmentation) IS
    'The view of a segmentation, by its number or as look_for_view finds it; NULL if it is gone. A copy, or a view of '
    'somebody else, is not taken for it';

CREATE FUNCTION customer_value_internal.look_for_source(segmentation segmentation) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT pg_catalog.min(pg_catalog.format('%I.%I', n.nspname, c.relname))
    FROM (SELECT DISTINCT d.refobjid
          FROM pg_catalog.pg_rewrite AS r JOIN pg_catalog.pg_depend AS d ON d.objid = r.oid
          WHERE r.ev_class = customer_value_internal.segmentation_view($1)
            AND d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
            AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
            AND d.refobjid NOT IN (r.ev_class, 'training'::pg_catalog.regclass)) AS read (oid)
    JOIN pg_catalog.pg_class AS c ON c.oid = read.oid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE NOT EXISTS (SELECT FROM pg_catalog.jsonb_each(($1).options) AS o
                      WHERE c.oid = customer_value_internal.relation_named(o.value ->> 'source'))
    HAVING pg_catalog.count(*) = 1;
END;
COMMENT ON FUNCTION customer_value_internal.look_for_source(segmentation) IS
    'The table that the view of a segmentation reads beside those of options; NULL if there is none, or more than one';

CREATE FUNCTION customer_value_internal.segmentation_source(segmentation segmentation) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN ($1).options ->> 'bind' = 'name' THEN ($1).source ELSE coalesce(
        (SELECT pg_catalog.format('%I.%I', n.nspname, c.relname)
         FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
         WHERE c.oid = ($1).source_oid AND ($1).place = customer_value_internal.this_place()),
        customer_value_internal.look_for_source($1),
        ($1).source
    ) END;
END;
COMMENT ON FUNCTION customer_value_internal.segmentation_source(segmentation) IS
    'The source of a segmentation: the table to which its view is bound, however it is called by now, or the name to '
    'which it is bound';

-- times of a table that was rebuilt with another type -------------------------------------------------------------------
--
-- A view that is bound to names reads times through these. Where the type is as it was, the planner puts the time itself in
-- their place; else it keeps its day: that of the wall clock, or in the zone of the segmentation.

CREATE FUNCTION customer_value_internal.as_timestamptz(at timestamptz, zone text) RETURNS timestamptz
    LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN $1;
CREATE FUNCTION customer_value_internal.as_timestamptz(at timestamp, zone text) RETURNS timestamptz
    LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN pg_catalog.timezone($2, $1);
CREATE FUNCTION customer_value_internal.as_timestamptz(at date, zone text) RETURNS timestamptz
    LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN pg_catalog.timezone($2, $1::timestamp);
CREATE FUNCTION customer_value_internal.as_timestamp(at timestamptz, zone text) RETURNS timestamp
    LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN pg_catalog.timezone($2, $1);
CREATE FUNCTION customer_value_internal.as_timestamp(at timestamp, zone text) RETURNS timestamp
    LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN $1;
CREATE FUNCTION customer_value_internal.as_timestamp(at date, zone text) RETURNS timestamp
    LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN $1::timestamp;
CREATE FUNCTION customer_value_internal.as_date(at timestamptz, zone text) RETURNS date
    LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN pg_catalog.timezone($2, $1)::date;
CREATE FUNCTION customer_value_internal.as_date(at timestamp, zone text) RETURNS date
    LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN $1::date;
CREATE FUNCTION customer_value_internal.as_date(at date, zone text) RETURNS date
    LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN $1;
COMMENT ON FUNCTION customer_value_internal.as_timestamptz(timestamptz, text) IS 'The same time';
COMMENT ON FUNCTION customer_value_internal.as_timestamptz(timestamp, text) IS 'A time as a timestamptz with the same day in a zone';
COMMENT ON FUNCTION customer_value_internal.as_timestamptz(date, text) IS 'A time as a timestamptz with the same day in a zone';
COMMENT ON FUNCTION customer_value_internal.as_timestamp(timestamptz, text) IS 'A time as a timestamp with the same day in a zone';
COMMENT ON FUNCTION customer_value_internal.as_timestamp(timestamp, text) IS 'The same time';
COMMENT ON FUNCTION customer_value_internal.as_timestamp(date, text) IS 'A time as a timestamp with the same day';
COMMENT ON FUNCTION customer_value_internal.as_date(timestamptz, text) IS 'A time as a date with the same day in a zone';
COMMENT ON FUNCTION customer_value_internal.as_date(timestamp, text) IS 'A time as a date with the same day';
COMMENT ON FUNCTION customer_value_internal.as_date(date, text) IS 'The same time';
