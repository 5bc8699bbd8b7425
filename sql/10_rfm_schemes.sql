-- Score to label: schemes as rows that a user can read, copy and add to, and the functions that apply them.

-- tables: a scheme has segments, a segment has labels by language and covers cells -----------------------

CREATE TABLE rfm_scheme (
    scheme      text PRIMARY KEY CHECK (scheme <> '' AND scheme <> 'none'),
    bins        smallint NOT NULL CHECK (bins BETWEEN 2 AND 10),
    split       text NOT NULL DEFAULT 'quantile' CHECK (split = 'quantile' OR split = 'mean' AND bins = 2),
    description text NOT NULL DEFAULT '',
    owner       name NOT NULL DEFAULT current_user,
    builtin     boolean NOT NULL DEFAULT false
);

CREATE TABLE rfm_scheme_segment (
    scheme       text NOT NULL REFERENCES rfm_scheme ON UPDATE CASCADE ON DELETE CASCADE,
    segment_code text NOT NULL CHECK (length(segment_code) BETWEEN 1 AND 63),
    segment_rank smallint NOT NULL CHECK (segment_rank > 0),
    builtin      boolean NOT NULL DEFAULT false,
    PRIMARY KEY (scheme, segment_code),
    UNIQUE (scheme, segment_rank)
);

CREATE TABLE rfm_scheme_label (
    scheme       text NOT NULL,
    segment_code text NOT NULL,
    language     text NOT NULL CHECK (language <> ''),
    label        text NOT NULL CHECK (length(label) BETWEEN 1 AND 200),
    action       text NOT NULL DEFAULT '',
    builtin      boolean NOT NULL DEFAULT false,
    PRIMARY KEY (scheme, segment_code, language),
    FOREIGN KEY (scheme, segment_code) REFERENCES rfm_scheme_segment ON UPDATE CASCADE ON DELETE CASCADE
);

CREATE TABLE rfm_scheme_cell (
    scheme         text NOT NULL,
    segment_code   text NOT NULL,
    recency_from   smallint NOT NULL CHECK (recency_from >= 1),
    recency_to     smallint NOT NULL CHECK (recency_to >= recency_from),
    frequency_from smallint NOT NULL CHECK (frequency_from >= 1),
    frequency_to   smallint NOT NULL CHECK (frequency_to >= frequency_from),
    monetary_from  smallint NOT NULL CHECK (monetary_from >= 1),
    monetary_to    smallint NOT NULL CHECK (monetary_to >= monetary_from),
    builtin        boolean NOT NULL DEFAULT false,
    PRIMARY KEY (scheme, segment_code, recency_from, frequency_from, monetary_from),
    FOREIGN KEY (scheme, segment_code) REFERENCES rfm_scheme_segment ON UPDATE CASCADE ON DELETE CASCADE
);

COMMENT ON TABLE rfm_scheme IS 'RFM schemes: built-in ones, which are read-only, and those of users';
COMMENT ON COLUMN rfm_scheme.scheme IS 'Name, as in the option "scheme"';
COMMENT ON COLUMN rfm_scheme.bins IS 'Bins of each axis, 2 to 10';
COMMENT ON COLUMN rfm_scheme.split IS 'How axes are split: quantile, or mean with two bins';
COMMENT ON COLUMN rfm_scheme.description IS 'Description, in words';
COMMENT ON COLUMN rfm_scheme.owner IS 'The role whose members may change it';
COMMENT ON COLUMN rfm_scheme.builtin IS 'True for the schemes of the extension';
COMMENT ON TABLE rfm_scheme_segment IS 'The segments of each RFM scheme';
COMMENT ON COLUMN rfm_scheme_segment.scheme IS 'The scheme';
COMMENT ON COLUMN rfm_scheme_segment.segment_code IS 'Stable code, the same in every language';
COMMENT ON COLUMN rfm_scheme_segment.segment_rank IS 'Rank, 1 = best';
COMMENT ON COLUMN rfm_scheme_segment.builtin IS 'True for the schemes of the extension';
COMMENT ON TABLE rfm_scheme_label IS 'Labels and recommended actions of segments by language';
COMMENT ON COLUMN rfm_scheme_label.scheme IS 'The scheme';
COMMENT ON COLUMN rfm_scheme_label.segment_code IS 'The segment';
COMMENT ON COLUMN rfm_scheme_label.language IS 'Language code, as in the option "language", such as en or zh';
COMMENT ON COLUMN rfm_scheme_label.label IS 'What a customer of the segment is called';
COMMENT ON COLUMN rfm_scheme_label.action IS 'What to do, in one line';
COMMENT ON COLUMN rfm_scheme_label.builtin IS 'True for the schemes of the extension';
COMMENT ON TABLE rfm_scheme_cell IS
    'Which scores a segment covers: ranges, both ends included; check_rfm_scheme tells whether they cover every cell '
    'once';
COMMENT ON COLUMN rfm_scheme_cell.scheme IS 'The scheme';
COMMENT ON COLUMN rfm_scheme_cell.segment_code IS 'The segment';
COMMENT ON COLUMN rfm_scheme_cell.recency_from IS 'Lowest recency score';
COMMENT ON COLUMN rfm_scheme_cell.recency_to IS 'Highest recency score';
COMMENT ON COLUMN rfm_scheme_cell.frequency_from IS 'Lowest frequency score';
COMMENT ON COLUMN rfm_scheme_cell.frequency_to IS 'Highest frequency score';
COMMENT ON COLUMN rfm_scheme_cell.monetary_from IS 'Lowest monetary score';
COMMENT ON COLUMN rfm_scheme_cell.monetary_to IS 'Highest monetary score';
COMMENT ON COLUMN rfm_scheme_cell.builtin IS 'True for the schemes of the extension';

-- the built-in schemes ----------------------------------------------------------------------------------
--
-- Their text is sql/data/rfm_schemes.json. It comes through a function so that this script is plain
-- ASCII and reaches the check of the encoding.

CREATE FUNCTION customer_value_internal.builtin_rfm_schemes() RETURNS text
    LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'builtin_rfm_schemes';

INSERT INTO rfm_scheme (scheme, bins, split, description, builtin)
SELECT s ->> 'scheme', (s ->> 'bins')::smallint, s ->> 'split', s ->> 'description', true
FROM jsonb_array_elements(customer_value_internal.builtin_rfm_schemes()::jsonb) AS s;

INSERT INTO rfm_scheme_segment (scheme, segment_code, segment_rank, builtin)
SELECT s ->> 'scheme', g ->> 'code', rank, true
FROM jsonb_array_elements(customer_value_internal.builtin_rfm_schemes()::jsonb) AS s,
     jsonb_array_elements(s -> 'segments') WITH ORDINALITY AS segments (g, rank);

INSERT INTO rfm_scheme_label (scheme, segment_code, language, label, action, builtin)
SELECT s ->> 'scheme', g ->> 'code', language, g ->> language, g ->> ('action_' || language), true
FROM jsonb_array_elements(customer_value_internal.builtin_rfm_schemes()::jsonb) AS s,
     jsonb_array_elements(s -> 'segments') AS g,
     unnest(ARRAY['en', 'zh']) AS language;

INSERT INTO rfm_scheme_cell
SELECT s ->> 'scheme', g ->> 'code', r::smallint, r::smallint, f::smallint, f::smallint, m::smallint, m::smallint, true
FROM jsonb_array_elements(customer_value_internal.builtin_rfm_schemes()::jsonb) AS s,
     jsonb_array_elements(s -> 'segments') AS g,
     regexp_split_to_table(g ->> 'cells', ' ') AS cell,
     LATERAL (SELECT substr(cell, 1, 1), substr(cell, 2, 1), substr(cell, 3, 1)) AS scores (r, f, m)
UNION ALL
SELECT s ->> 'scheme', g ->> 'code', (c ->> 0)::smallint, (c ->> 1)::smallint, (c ->> 2)::smallint,
       (c ->> 3)::smallint, (c ->> 4)::smallint, (c ->> 5)::smallint, true
FROM jsonb_array_elements(customer_value_internal.builtin_rfm_schemes()::jsonb) AS s,
     jsonb_array_elements(s -> 'segments') AS g,
     jsonb_array_elements(g -> 'ranges') AS c;

DROP FUNCTION customer_value_internal.builtin_rfm_schemes();

-- who may write what: everyone their own schemes, nobody the built-in ones -----------------------------------

CREATE FUNCTION customer_value_internal.is_member_of(role name) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = $1 AND pg_catalog.pg_has_role(r.oid, 'USAGE')
    );
END;
COMMENT ON FUNCTION customer_value_internal.is_member_of(name) IS
    'Whether the current user is a member of a role; false if there is no such role';

CREATE FUNCTION customer_value_internal.owns_rfm_scheme(scheme text) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT EXISTS (
        SELECT FROM rfm_scheme AS s
        WHERE s.scheme = $1 AND NOT s.builtin AND customer_value_internal.is_member_of(s.owner)
    );
END;
COMMENT ON FUNCTION customer_value_internal.owns_rfm_scheme(text) IS
    'Whether the current user may change a scheme: a member of the role that owns it; never a built-in one';

CREATE FUNCTION customer_value_internal.keep_builtin_rows() RETURNS trigger
    LANGUAGE c AS 'MODULE_PATHNAME', 'keep_builtin_rows';
COMMENT ON FUNCTION customer_value_internal.keep_builtin_rows() IS 'Refuses changes of built-in rows';

ALTER TABLE rfm_scheme OWNER TO @extowner@;
ALTER TABLE rfm_scheme ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON rfm_scheme FOR SELECT USING (true);
CREATE POLICY add ON rfm_scheme FOR INSERT WITH CHECK (NOT builtin AND customer_value_internal.is_member_of(owner));
CREATE POLICY change ON rfm_scheme FOR UPDATE
    USING (NOT builtin AND customer_value_internal.is_member_of(owner))
    WITH CHECK (NOT builtin AND customer_value_internal.is_member_of(owner));
CREATE POLICY remove ON rfm_scheme FOR DELETE USING (NOT builtin AND customer_value_internal.is_member_of(owner));
CREATE TRIGGER keep_builtin BEFORE INSERT OR UPDATE OR DELETE ON rfm_scheme
    FOR EACH ROW EXECUTE FUNCTION customer_value_internal.keep_builtin_rows();
GRANT SELECT, INSERT, UPDATE, DELETE ON rfm_scheme TO PUBLIC;

ALTER TABLE rfm_scheme_segment OWNER TO @extowner@;
ALTER TABLE rfm_scheme_segment ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON rfm_scheme_segment FOR SELECT USING (true);
CREATE POLICY write ON rfm_scheme_segment
    USING (customer_value_internal.owns_rfm_scheme(scheme))
    WITH CHECK (customer_value_internal.owns_rfm_scheme(scheme));
CREATE TRIGGER keep_builtin BEFORE INSERT OR UPDATE OR DELETE ON rfm_scheme_segment
    FOR EACH ROW EXECUTE FUNCTION customer_value_internal.keep_builtin_rows();
GRANT SELECT, INSERT, UPDATE, DELETE ON rfm_scheme_segment TO PUBLIC;

ALTER TABLE rfm_scheme_label OWNER TO @extowner@;
ALTER TABLE rfm_scheme_label ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON rfm_scheme_label FOR SELECT USING (true);
CREATE POLICY write ON rfm_scheme_label
    USING (customer_value_internal.owns_rfm_scheme(scheme))
    WITH CHECK (customer_value_internal.owns_rfm_scheme(scheme));
CREATE TRIGGER keep_builtin BEFORE INSERT OR UPDATE OR DELETE ON rfm_scheme_label
    FOR EACH ROW EXECUTE FUNCTION customer_value_internal.keep_builtin_rows();
GRANT SELECT, INSERT, UPDATE, DELETE ON rfm_scheme_label TO PUBLIC;

ALTER TABLE rfm_scheme_cell OWNER TO @extowner@;
ALTER TABLE rfm_scheme_cell ENABLE ROW LEVEL SECURITY;
CREATE POLICY read ON rfm_scheme_cell FOR SELECT USING (true);
CREATE POLICY write ON rfm_scheme_cell
    USING (customer_value_internal.owns_rfm_scheme(scheme))
    WITH CHECK (customer_value_internal.owns_rfm_scheme(scheme));
CREATE TRIGGER keep_builtin BEFORE INSERT OR UPDATE OR DELETE ON rfm_scheme_cell
    FOR EACH ROW EXECUTE FUNCTION customer_value_internal.keep_builtin_rows();
GRANT SELECT, INSERT, UPDATE, DELETE ON rfm_scheme_cell TO PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('rfm_scheme', 'WHERE NOT builtin');
SELECT pg_catalog.pg_extension_config_dump('rfm_scheme_segment', 'WHERE NOT builtin');
SELECT pg_catalog.pg_extension_config_dump('rfm_scheme_label', 'WHERE NOT builtin');
SELECT pg_catalog.pg_extension_config_dump('rfm_scheme_cell', 'WHERE NOT builtin');

COMMENT ON POLICY read ON rfm_scheme IS 'Everyone reads all schemes';
COMMENT ON POLICY add ON rfm_scheme IS 'Everyone adds schemes of their own';
COMMENT ON POLICY change ON rfm_scheme IS 'Owners change their schemes';
COMMENT ON POLICY remove ON rfm_scheme IS 'Owners remove their schemes';
COMMENT ON POLICY read ON rfm_scheme_segment IS 'Everyone reads all schemes';
COMMENT ON POLICY write ON rfm_scheme_segment IS 'Owners change their schemes';
COMMENT ON POLICY read ON rfm_scheme_label IS 'Everyone reads all schemes';
COMMENT ON POLICY write ON rfm_scheme_label IS 'Owners change their schemes';
COMMENT ON POLICY read ON rfm_scheme_cell IS 'Everyone reads all schemes';
COMMENT ON POLICY write ON rfm_scheme_cell IS 'Owners change their schemes';
COMMENT ON TRIGGER keep_builtin ON rfm_scheme IS 'Built-in rows are read-only';
COMMENT ON TRIGGER keep_builtin ON rfm_scheme_segment IS 'Built-in rows are read-only';
COMMENT ON TRIGGER keep_builtin ON rfm_scheme_label IS 'Built-in rows are read-only';
COMMENT ON TRIGGER keep_builtin ON rfm_scheme_cell IS 'Built-in rows are read-only';

-- a scheme in one language as one value ------------------------------------------------------------------

CREATE TYPE rfm_labels;

CREATE FUNCTION customer_value_internal.rfm_labels_in(cstring) RETURNS rfm_labels
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_labels_in';
CREATE FUNCTION customer_value_internal.rfm_labels_out(rfm_labels) RETURNS cstring
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_labels_out';
CREATE FUNCTION customer_value_internal.rfm_labels_recv(internal) RETURNS rfm_labels
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_labels_recv';
CREATE FUNCTION customer_value_internal.rfm_labels_send(rfm_labels) RETURNS bytea
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'rfm_labels_send';

-- Stays plain in its row as long as the row fits a page comfortably: it is read once for each label.
CREATE TYPE rfm_labels (
    INPUT = customer_value_internal.rfm_labels_in,
    OUTPUT = customer_value_internal.rfm_labels_out,
    RECEIVE = customer_value_internal.rfm_labels_recv,
    SEND = customer_value_internal.rfm_labels_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = main
);

COMMENT ON TYPE rfm_labels IS
    'An RFM scheme in one language: which segment each cell belongs to, with code, label and rank; text form JSON';
COMMENT ON FUNCTION customer_value_internal.rfm_labels_in(cstring) IS 'Text (JSON) to rfm_labels';
COMMENT ON FUNCTION customer_value_internal.rfm_labels_out(rfm_labels) IS 'rfm_labels to text (JSON)';
COMMENT ON FUNCTION customer_value_internal.rfm_labels_recv(internal) IS 'Binary to rfm_labels';
COMMENT ON FUNCTION customer_value_internal.rfm_labels_send(rfm_labels) IS
    'rfm_labels to binary; the first byte is the version';

-- functions -------------------------------------------------------------------------------------------------

CREATE FUNCTION rfm_code(recency_score integer, frequency_score integer, monetary_score integer) RETURNS text
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'rfm_code';
COMMENT ON FUNCTION rfm_code(integer, integer, integer) IS
    'The scores as one text, such as 545 (10-9-10 where a score has two digits); a missing monetary score is left '
    'out; NULL if another score is missing';

CREATE FUNCTION rfm_segment(recency_score integer, frequency_score integer, monetary_score integer,
                            scheme text DEFAULT 'standard', language text DEFAULT 'en') RETURNS text
    LANGUAGE c STABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'rfm_segment';
COMMENT ON FUNCTION rfm_segment(integer, integer, integer, text, text) IS
    'The segment of three scores in a language; the monetary score may be NULL if the scheme does not depend on it; '
    'otherwise NULL in, NULL out';

CREATE FUNCTION rfm_segment_code(recency_score integer, frequency_score integer, monetary_score integer,
                                 scheme text DEFAULT 'standard') RETURNS text
    LANGUAGE c STABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'rfm_segment_code';
COMMENT ON FUNCTION rfm_segment_code(integer, integer, integer, text) IS
    'The stable code of the segment of three scores, the same in every language';

CREATE FUNCTION rfm_segment_rank(recency_score integer, frequency_score integer, monetary_score integer,
                                 scheme text DEFAULT 'standard') RETURNS smallint
    LANGUAGE c STABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'rfm_segment_rank';
COMMENT ON FUNCTION rfm_segment_rank(integer, integer, integer, text) IS
    'The rank of the segment of three scores, 1 = best';

CREATE FUNCTION rfm_scheme_labels(scheme text, language text DEFAULT 'en') RETURNS rfm_labels
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'rfm_scheme_labels';
COMMENT ON FUNCTION rfm_scheme_labels(text, text) IS
    'A scheme in a language as one value, ready for rfm_segment(labels, ...); a training keeps one';

CREATE FUNCTION rfm_segment(labels rfm_labels, recency_score integer, frequency_score integer,
                            monetary_score integer) RETURNS text
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'rfm_segment_labels';
COMMENT ON FUNCTION rfm_segment(rfm_labels, integer, integer, integer) IS
    'The segment of three scores according to given labels; NULL without labels';

CREATE FUNCTION rfm_segment_code(labels rfm_labels, recency_score integer, frequency_score integer,
                                 monetary_score integer) RETURNS text
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'rfm_segment_code_labels';
COMMENT ON FUNCTION rfm_segment_code(rfm_labels, integer, integer, integer) IS
    'The stable code of the segment of three scores according to given labels; NULL without labels';

CREATE FUNCTION rfm_segment_rank(labels rfm_labels, recency_score integer, frequency_score integer,
                                 monetary_score integer) RETURNS smallint
    LANGUAGE c IMMUTABLE PARALLEL SAFE COST 2 AS 'MODULE_PATHNAME', 'rfm_segment_rank_labels';
COMMENT ON FUNCTION rfm_segment_rank(rfm_labels, integer, integer, integer) IS
    'The rank of the segment of three scores according to given labels, 1 = best; NULL without labels';

CREATE FUNCTION rfm_scheme_bins(scheme text) RETURNS integer
    LANGUAGE c STABLE STRICT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'rfm_scheme_bins';
COMMENT ON FUNCTION rfm_scheme_bins(text) IS 'Bins of each axis of a scheme; an error if there is no such scheme';

CREATE FUNCTION check_rfm_scheme(scheme text)
    RETURNS TABLE (recency_score integer, frequency_score integer, monetary_score integer,
                   times_covered integer, segment_codes text[])
    LANGUAGE sql STABLE PARALLEL SAFE COST 1000
BEGIN ATOMIC
    SELECT r, f, m, count(c.segment_code)::integer,
           coalesce(array_agg(c.segment_code ORDER BY c.segment_code) FILTER (WHERE c.segment_code IS NOT NULL), '{}')
    FROM generate_series(1, rfm_scheme_bins($1)) AS r
    CROSS JOIN generate_series(1, rfm_scheme_bins($1)) AS f
    CROSS JOIN generate_series(1, rfm_scheme_bins($1)) AS m
    LEFT JOIN rfm_scheme_cell AS c
        ON c.scheme = $1
       AND r BETWEEN c.recency_from AND c.recency_to
       AND f BETWEEN c.frequency_from AND c.frequency_to
       AND m BETWEEN c.monetary_from AND c.monetary_to
    GROUP BY r, f, m
    HAVING count(c.segment_code) <> 1
    ORDER BY r DESC, f DESC, m DESC;
END;
COMMENT ON FUNCTION check_rfm_scheme(text) IS
    'Cells that a scheme leaves out (times_covered 0) or covers more than once; no rows means the scheme is complete';
