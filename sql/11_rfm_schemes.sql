-- Score to label: RFM schemes as rows that a user can read, and the functions that apply them.

CREATE VIEW rfm_scheme WITH (security_invoker = true) AS
SELECT d.name AS scheme, s.bins, s.split, s.description, d.owner::name AS owner, d.builtin
FROM customer_value_internal.definitions('scheme') AS d
CROSS JOIN LATERAL json_to_record(d.document::json) AS s (bins smallint, split text, description text);

CREATE VIEW rfm_scheme_segment WITH (security_invoker = true) AS
SELECT d.name AS scheme, s.code AS segment_code, s.rank AS segment_rank, d.builtin
FROM customer_value_internal.definitions('scheme') AS d
CROSS JOIN LATERAL json_to_recordset(d.document::json -> 'segments') AS s (code text, rank smallint);

CREATE VIEW rfm_scheme_label WITH (security_invoker = true) AS
SELECT d.name AS scheme, s.code AS segment_code, l.key AS language, l.value AS label,
       coalesce(s.actions ->> l.key, '') AS action, d.builtin
FROM customer_value_internal.definitions('scheme') AS d
CROSS JOIN LATERAL json_to_recordset(d.document::json -> 'segments') AS s (code text, labels json, actions json)
CROSS JOIN LATERAL json_each_text(s.labels) AS l;

CREATE VIEW rfm_scheme_cell WITH (security_invoker = true) AS
SELECT d.name AS scheme, s.code AS segment_code,
       (c.r ->> 0)::smallint AS recency_from, (c.r ->> 1)::smallint AS recency_to,
       (c.r ->> 2)::smallint AS frequency_from, (c.r ->> 3)::smallint AS frequency_to,
       (c.r ->> 4)::smallint AS monetary_from, (c.r ->> 5)::smallint AS monetary_to, d.builtin
FROM customer_value_internal.definitions('scheme') AS d
CROSS JOIN LATERAL json_to_recordset(d.document::json -> 'segments') AS s (code text, ranges json)
CROSS JOIN LATERAL json_array_elements(s.ranges) AS c (r);

GRANT SELECT ON rfm_scheme, rfm_scheme_segment, rfm_scheme_label, rfm_scheme_cell TO PUBLIC;

COMMENT ON VIEW rfm_scheme IS 'RFM schemes: built-in ones and those that define_scheme defined';
COMMENT ON COLUMN rfm_scheme.scheme IS 'Name, as in the option "scheme"';
COMMENT ON COLUMN rfm_scheme.bins IS 'Bins of each axis, 2 to 10';
COMMENT ON COLUMN rfm_scheme.split IS 'How axes are split: quantile, or mean with two bins';
COMMENT ON COLUMN rfm_scheme.description IS 'Description, in words';
COMMENT ON COLUMN rfm_scheme.owner IS 'The role whose members may change it; NULL for a built-in one, or if it is gone';
COMMENT ON COLUMN rfm_scheme.builtin IS 'True for the schemes of the extension';
COMMENT ON VIEW rfm_scheme_segment IS 'The segments of each RFM scheme';
COMMENT ON COLUMN rfm_scheme_segment.scheme IS 'The scheme';
COMMENT ON COLUMN rfm_scheme_segment.segment_code IS 'Stable code, the same in every language';
COMMENT ON COLUMN rfm_scheme_segment.segment_rank IS 'Rank, 1 = best';
COMMENT ON COLUMN rfm_scheme_segment.builtin IS 'True for the schemes of the extension';
COMMENT ON VIEW rfm_scheme_label IS 'Labels and recommended actions of segments by language, as reword_scheme left them';
COMMENT ON COLUMN rfm_scheme_label.scheme IS 'The scheme';
COMMENT ON COLUMN rfm_scheme_label.segment_code IS 'The segment';
COMMENT ON COLUMN rfm_scheme_label.language IS 'Language code, as in the option "language", such as en or zh';
COMMENT ON COLUMN rfm_scheme_label.label IS 'What a customer of the segment is called';
COMMENT ON COLUMN rfm_scheme_label.action IS 'What to do, in one line; empty if nothing is recommended';
COMMENT ON COLUMN rfm_scheme_label.builtin IS 'True for the schemes of the extension';
COMMENT ON VIEW rfm_scheme_cell IS 'Which scores a segment covers: ranges, both ends included';
COMMENT ON COLUMN rfm_scheme_cell.scheme IS 'The scheme';
COMMENT ON COLUMN rfm_scheme_cell.segment_code IS 'The segment';
COMMENT ON COLUMN rfm_scheme_cell.recency_from IS 'Lowest recency score';
COMMENT ON COLUMN rfm_scheme_cell.recency_to IS 'Highest recency score';
COMMENT ON COLUMN rfm_scheme_cell.frequency_from IS 'Lowest frequency score';
COMMENT ON COLUMN rfm_scheme_cell.frequency_to IS 'Highest frequency score';
COMMENT ON COLUMN rfm_scheme_cell.monetary_from IS 'Lowest monetary score';
COMMENT ON COLUMN rfm_scheme_cell.monetary_to IS 'Highest monetary score';
COMMENT ON COLUMN rfm_scheme_cell.builtin IS 'True for the schemes of the extension';

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
    'An RFM scheme in one language: which segment each cell belongs to, with code, label, rank and action; text form JSON';
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

CREATE FUNCTION rfm_segment_action(recency_score integer, frequency_score integer, monetary_score integer,
                                   scheme text DEFAULT 'standard', language text DEFAULT 'en') RETURNS text
    LANGUAGE c STABLE PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'rfm_segment_action';
COMMENT ON FUNCTION rfm_segment_action(integer, integer, integer, text, text) IS
    'What to do with the customers of the segment of three scores, in a language, else in English; NULL if nothing is '
    'recommended';

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

CREATE FUNCTION customer_value_internal.ranked_label(label text, rank integer, labels integer) RETURNS text
    LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'ranked_label';
COMMENT ON FUNCTION customer_value_internal.ranked_label(text, integer, integer) IS
    'A label with its rank in front, padded with zeros for so many labels: as texts, they sort by rank';

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
