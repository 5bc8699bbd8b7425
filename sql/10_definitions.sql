-- What the extension keeps, and who may write it: schemes and matrices that users define, one document each. The
-- built-in ones live in the library.
--
-- Tables of the extension have no foreign keys, for an archive knows no order between them; no row-level security, on
-- which a restore with row_security = off would fail; and no rights for anybody but SELECT: functions check who asks, and
-- write as the role that owns the tables. A role is kept by name and number, with the place where the number holds, so
-- that it is found again after ALTER ROLE ... RENAME and after a restore elsewhere.

CREATE TABLE definition (
    kind       text NOT NULL CHECK (kind IN ('scheme', 'matrix', 'scheme wording', 'matrix wording')),
    name       text NOT NULL,
    document   jsonb NOT NULL,
    owner      name NOT NULL,
    owner_oid  oid NOT NULL,
    place      text NOT NULL,
    defined_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (kind, name)
);
ALTER TABLE definition OWNER TO @extowner@;
GRANT SELECT ON definition TO PUBLIC;
SELECT pg_catalog.pg_extension_config_dump('definition', '');

COMMENT ON TABLE definition IS
    'Schemes and matrices of users, and their wording of built-in ones: one document each; written by define_scheme, '
    'define_matrix, reword_scheme and reword_matrix';
COMMENT ON COLUMN definition.kind IS 'scheme, matrix, scheme wording or matrix wording';
COMMENT ON COLUMN definition.name IS 'Name of the scheme or matrix';
COMMENT ON COLUMN definition.document IS 'The document';
COMMENT ON COLUMN definition.owner IS 'The role whose members may change it, by its name at the time';
COMMENT ON COLUMN definition.owner_oid IS 'The same role by its number, which holds where it was defined';
COMMENT ON COLUMN definition.place IS 'Where the number holds: identifier of the server, oid of the database';
COMMENT ON COLUMN definition.defined_at IS 'When it was defined';

-- roles that outlive a rename and a restore -----------------------------------------------------------------------------

CREATE FUNCTION customer_value_internal.this_place() RETURNS text
    LANGUAGE c STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'this_place';
COMMENT ON FUNCTION customer_value_internal.this_place() IS
    'Where numbers of roles and relations hold: identifier of the server, a slash, oid of the database';

CREATE FUNCTION customer_value_internal.role_of(owner name, owner_oid oid, place text) RETURNS oid
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT r.oid
    FROM pg_catalog.pg_roles AS r
    WHERE CASE
        WHEN $3 = customer_value_internal.this_place() THEN r.oid = $2
        WHEN r.rolname = $1 THEN true
        ELSE r.oid = $2
            AND pg_catalog.split_part($3, '/', 1) = pg_catalog.split_part(customer_value_internal.this_place(), '/', 1)
            AND NOT EXISTS (SELECT FROM pg_catalog.pg_roles AS n WHERE n.rolname = $1)
    END;
END;
COMMENT ON FUNCTION customer_value_internal.role_of(name, oid, text) IS
    'A role that was kept: by its number where that holds; elsewhere by its name, or, if it was renamed, by its number on '
    'the same server; NULL if it is gone';

CREATE FUNCTION customer_value_internal.may_change(who oid, owner name, owner_oid oid, place text) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(pg_catalog.pg_has_role($1, customer_value_internal.role_of($2, $3, $4), 'USAGE'), false)
        OR EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.oid = $1 AND r.rolsuper);
END;
COMMENT ON FUNCTION customer_value_internal.may_change(oid, name, oid, text) IS
    'Whether somebody is a member of a role that was kept, or a superuser';

CREATE FUNCTION customer_value_internal.relation_named(name text) RETURNS oid
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT c.oid
    FROM pg_catalog.pg_namespace AS n
    JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = (pg_catalog.parse_ident($1))[2]::name
    WHERE n.nspname = (pg_catalog.parse_ident($1))[1]::name;
END;
COMMENT ON FUNCTION customer_value_internal.relation_named(text) IS
    'A relation by its name with schema, whatever the rights of who asks; NULL if there is none';

-- defining ----------------------------------------------------------------------------------------------------------------

CREATE FUNCTION customer_value_internal.definitions(kind text)
    RETURNS TABLE (name text, document text, owner text, builtin boolean)
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000 ROWS 10 AS 'MODULE_PATHNAME', 'definitions_wrapper';
COMMENT ON FUNCTION customer_value_internal.definitions(text) IS
    'The definitions of a kind, scheme or matrix, built-in ones among them, with everything spelled out as JSON';

CREATE FUNCTION define_scheme(name text, definition jsonb) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000 AS 'MODULE_PATHNAME', 'define_scheme';
CREATE FUNCTION define_matrix(name text, definition jsonb) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000 AS 'MODULE_PATHNAME', 'define_matrix';
CREATE FUNCTION drop_scheme(name text) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000 AS 'MODULE_PATHNAME', 'drop_scheme';
CREATE FUNCTION drop_matrix(name text) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000 AS 'MODULE_PATHNAME', 'drop_matrix';
CREATE FUNCTION scheme_definition(name text) RETURNS jsonb
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'scheme_definition';
CREATE FUNCTION matrix_definition(name text) RETURNS jsonb
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'matrix_definition';
CREATE FUNCTION reword_scheme(name text, wording jsonb) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000 AS 'MODULE_PATHNAME', 'reword_scheme';
CREATE FUNCTION reword_matrix(name text, wording jsonb) RETURNS void
    LANGUAGE c VOLATILE PARALLEL UNSAFE COST 10000 AS 'MODULE_PATHNAME', 'reword_matrix';

COMMENT ON FUNCTION define_scheme(text, jsonb) IS
    'Defines an RFM scheme by a document, or replaces one of your own: bins, split and segments, best first, with their '
    'cells, labels and actions; a trained segmentation applies the change after its next training';
COMMENT ON FUNCTION define_matrix(text, jsonb) IS
    'Defines a matrix or class by a document, or replaces one of your own: axes x and y with their splits, and '
    'positions, best first, with labels and actions; a trained segmentation applies the change after its next training';
COMMENT ON FUNCTION drop_scheme(text) IS 'Drops an RFM scheme of your own; refused while a segmentation uses it';
COMMENT ON FUNCTION drop_matrix(text) IS 'Drops a matrix of your own; refused while a segmentation uses it';
COMMENT ON FUNCTION scheme_definition(text) IS
    'The document of an RFM scheme, built in or not, to copy and change';
COMMENT ON FUNCTION matrix_definition(text) IS 'The document of a matrix or class, built in or not, to copy and change';
COMMENT ON FUNCTION reword_scheme(text, jsonb) IS
    'Puts your own labels and actions, in any language, in the place of those of a built-in RFM scheme, by segment '
    'code; NULL takes them back; for members of the role that owns the extension or the database';
COMMENT ON FUNCTION reword_matrix(text, jsonb) IS
    'Puts your own labels and actions, in any language, in the place of those of a built-in matrix, by position '
    'code; NULL takes them back; for members of the role that owns the extension or the database';
