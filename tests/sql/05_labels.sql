-- Schemes and labels: the built-in ones are partitions, a user's own are checked, languages fall back to English.
-- What cannot be a scheme is in 28_definitions.sql.
SET client_min_messages = warning;
\pset format unaligned
SET search_path = public, customer_value;

SELECT scheme, bins, split, description, builtin FROM rfm_scheme ORDER BY 1;
-- every cell once
SELECT s.scheme, count(c.*)
FROM rfm_scheme AS s
LEFT JOIN LATERAL check_rfm_scheme(s.scheme) AS c ON true
GROUP BY 1 ORDER BY 1;
-- sizes, ranks and labels: 7 8 24 7 16 8 5 22 8 14 6 of 125 in the standard scheme
CREATE VIEW cells AS
SELECT s.scheme, r, f, m, rfm_segment_code(r, f, m, s.scheme) AS code,
       rfm_segment_rank(r, f, m, s.scheme) AS rank, rfm_segment(r, f, m, s.scheme) AS en,
       rfm_segment(r, f, m, s.scheme, 'zh') AS zh
FROM rfm_scheme AS s, generate_series(1, s.bins) AS r, generate_series(1, s.bins) AS f,
     generate_series(1, s.bins) AS m;
SELECT rank, code, en, zh, count(*) FROM cells WHERE scheme = 'standard' GROUP BY 1, 2, 3, 4 ORDER BY 1;
SELECT code, string_agg('' || r || f || m, ' ' ORDER BY r DESC, f DESC, m DESC)
FROM cells
WHERE scheme = 'standard'
GROUP BY rank, code ORDER BY rank;
-- recency by frequency: no monetary score matters
SELECT rank, code, en, zh, string_agg(DISTINCT '' || r || f, ' ')
FROM cells
WHERE scheme = 'recency_frequency'
GROUP BY 1, 2, 3, 4 ORDER BY 1;
SELECT count(*)
FROM cells
WHERE scheme = 'recency_frequency' AND code IS DISTINCT FROM rfm_segment_code(r, f, NULL, 'recency_frequency');
SELECT rank, code, en, zh, '' || r || f || m AS cell FROM cells WHERE scheme = 'eight' ORDER BY 1;
-- the same by the rows of the views
SELECT count(*) AS wrong
FROM cells AS c
JOIN rfm_scheme_cell AS x
    ON x.scheme = c.scheme
        AND r BETWEEN recency_from AND recency_to
        AND f BETWEEN frequency_from AND frequency_to
        AND m BETWEEN monetary_from AND monetary_to
JOIN rfm_scheme_segment AS g ON g.scheme = c.scheme AND g.segment_code = x.segment_code
WHERE (c.code, c.rank) IS DISTINCT FROM (x.segment_code, g.segment_rank);
-- every segment has both languages, a label and an action; ranks count from 1
SELECT g.scheme, count(*) AS segments, min(segment_rank), max(segment_rank),
       count(*) FILTER (WHERE en.label <> '' AND en.action <> '') AS en,
       count(*) FILTER (WHERE zh.label ~ '[一-龥]' AND zh.action ~ '[一-龥]') AS zh
FROM rfm_scheme_segment AS g
LEFT JOIN rfm_scheme_label AS en ON (en.scheme, en.segment_code, en.language) = (g.scheme, g.segment_code, 'en')
LEFT JOIN rfm_scheme_label AS zh ON (zh.scheme, zh.segment_code, zh.language) = (g.scheme, g.segment_code, 'zh')
GROUP BY 1 ORDER BY 1;

-- calls
SELECT rfm_segment(5, 4, 5), rfm_segment(5, 4, 5, 'standard'), rfm_segment(5, 4, 5, language => 'zh'),
       rfm_segment_code(recency_score => 5, frequency_score => 4, monetary_score => 5),
       rfm_segment_rank(5, 4, 5);
SELECT rfm_segment(5::smallint, 4::smallint, 5::smallint), rfm_code(5, 4, 5), rfm_code(10, 9, 10),
       rfm_code(5, 4, NULL), rfm_code(10, 4, NULL), rfm_code(9, 9, 9);
-- a language without a label falls back to English, and without that to the code
SELECT rfm_segment(5, 5, 5, language => 'fr'), rfm_segment(5, 5, 5, 'eight'), rfm_segment(2, 2, 2, 'eight', '');
-- outside the bins, or without the scores that decide: NULL
SELECT rfm_segment(3, 1, 1, 'eight'), rfm_segment(0, 1, 1), rfm_segment(5, 5, NULL),
       rfm_segment(5, 5, NULL, 'recency_frequency'), rfm_segment(5, 5, 0, 'recency_frequency'),
       rfm_segment(NULL, 5, 5);
-- many schemes and languages in one query, row by row
SELECT scheme, language, rfm_segment(2, 2, 2, scheme, language)
FROM unnest(ARRAY['standard', 'eight', 'recency_frequency']) AS scheme,
     unnest(ARRAY['en', 'zh', 'xx']) AS language;
SELECT count(*),
       count(
           DISTINCT rfm_segment(1 + i % 5, 1 + i / 5 % 5, 1 + i / 25 % 5,
                                CASE WHEN i % 2 = 0 THEN 'standard' ELSE 'recency_frequency' END)
       )
FROM generate_series(1, 20000) AS i;

-- a scheme in a language as one value, as a training keeps it: the same answers, NULL without it
SELECT s.scheme, language,
       count(*) FILTER (
           WHERE (rfm_segment(labels, r, f, m), rfm_segment_code(labels, r, f, m),
                  rfm_segment_rank(labels, r, f, m))
               IS DISTINCT FROM (rfm_segment(r, f, m, s.scheme, language), rfm_segment_code(r, f, m, s.scheme),
                                 rfm_segment_rank(r, f, m, s.scheme))
       ) AS wrong,
       count(*) > 10 AS some
FROM rfm_scheme AS s, unnest(ARRAY['en', 'zh', 'fr']) AS language,
     rfm_scheme_labels(s.scheme, language) AS labels,
     generate_series(-1, 6) AS r,
     generate_series(0, 6) AS f,
     (SELECT generate_series(0, 6) UNION ALL SELECT NULL) AS m (m)
GROUP BY 1, 2 ORDER BY 1, 2;
SELECT count(*) FILTER (
    WHERE rfm_scheme_labels(scheme, 'zh')::text::rfm_labels::text = rfm_scheme_labels(scheme, 'zh')::text
) AS same
FROM rfm_scheme;
SELECT rfm_segment(NULL::rfm_labels, 1, 1, 1), rfm_segment(rfm_scheme_labels('eight'), NULL, 1, 1),
       rfm_segment(rfm_scheme_labels('eight'), 1, 1, NULL), rfm_scheme_labels(NULL),
       rfm_scheme_labels('eight', NULL);

-- the widely copied list of eleven rules is no partition: 36 cells match nothing, 42 match two or more ---
CREATE TEMP TABLE rules (rank int, code text, r1 int, r2 int, f1 int, f2 int, m1 int, m2 int);
INSERT INTO rules VALUES
    (1, 'champions', 4, 5, 4, 5, 4, 5), (2, 'loyal', 2, 5, 3, 5, 3, 5),
    (3, 'potential_loyalist', 3, 5, 1, 3, 1, 3), (4, 'new', 4, 5, 1, 1, 1, 1),
    (5, 'promising', 3, 4, 1, 1, 1, 1), (6, 'need_attention', 2, 3, 2, 3, 2, 3),
    (7, 'about_to_sleep', 2, 3, 1, 2, 1, 2), (8, 'at_risk', 1, 2, 2, 5, 2, 5),
    (9, 'cant_lose', 1, 1, 4, 5, 4, 5), (10, 'hibernating', 1, 2, 1, 2, 1, 2), (11, 'lost', 1, 2, 1, 2, 1, 2);
\set VERBOSITY terse
SELECT define_scheme('copied', jsonb_build_object('bins', 5, 'description', 'eleven overlapping ranges', 'segments', (
    SELECT jsonb_agg(
               jsonb_build_object(
                   'code', code, 'ranges', jsonb_build_array(jsonb_build_object(
                       'recency', ARRAY[r1, r2], 'frequency', ARRAY[f1, f2], 'monetary', ARRAY[m1, m2]
                   ))
               )
               ORDER BY rank
           )
    FROM rules
)));
\set VERBOSITY default
SELECT count(*) FILTER (WHERE times_covered = 0) AS uncovered,
       count(*) FILTER (WHERE times_covered > 1) AS multiply
FROM (
    SELECT count(code) AS times_covered
    FROM generate_series(1, 5) AS r
    CROSS JOIN generate_series(1, 5) AS f
    CROSS JOIN generate_series(1, 5) AS m
    LEFT JOIN rules ON r BETWEEN r1 AND r2 AND f BETWEEN f1 AND f2 AND m BETWEEN m1 AND m2
    GROUP BY r, f, m
) AS cells;
SELECT count(*) AS kept FROM rfm_scheme WHERE scheme = 'copied';
-- under "first rule that matches" these could never occur
SELECT code
FROM rules AS x
WHERE NOT EXISTS (
    SELECT
    FROM generate_series(r1, r2) AS r, generate_series(f1, f2) AS f, generate_series(m1, m2) AS m
    WHERE NOT EXISTS (
        SELECT
        FROM rules AS y
        WHERE y.rank < x.rank
            AND r BETWEEN y.r1 AND y.r2
            AND f BETWEEN y.f1 AND y.f2
            AND m BETWEEN y.m1 AND y.m2
    )
)
ORDER BY rank;

-- a user's own scheme: copied, changed, used, removed ----------------------------------------------------
CREATE ROLE cv_analyst;
GRANT CREATE ON SCHEMA public TO cv_analyst;
SET ROLE cv_analyst;
SELECT define_scheme('my eight', scheme_definition('eight') || '{"description": "ours"}');
SELECT owner, builtin, split, description FROM rfm_scheme WHERE scheme = 'my eight';
SELECT count(*) FROM check_rfm_scheme('my eight');
SELECT scheme_definition('my eight') - 'description' = scheme_definition('eight') - 'description' AS same;
-- a segment in other words, and two in a language that no built-in scheme has
SELECT define_scheme(
    'my eight',
    jsonb_set(
        jsonb_set(
            scheme_definition('my eight') #- '{segments,0,labels}', '{segments,0,labels}',
            '{"en": "Key Value", "zh": "高价值客户", "fr": "n° 1"}'
        ),
        '{segments,1,labels,fr}', '"n° 2"'
    )
);
SELECT rfm_segment(2, 2, 2, 'my eight', 'zh'), rfm_segment(2, 2, 2, 'my eight', 'fr'),
       rfm_segment(1, 1, 1, 'my eight', 'fr') = rfm_segment(1, 1, 1, 'eight') AS fallback;
SELECT language, count(*) FROM rfm_scheme_label WHERE scheme = 'my eight' GROUP BY 1 ORDER BY 1;
-- a change shows in the next query
SELECT define_scheme('my eight', jsonb_set(scheme_definition('my eight'), '{segments,0,labels,en}', '"Best"'));
SELECT rfm_segment(2, 2, 2, 'my eight');
-- under another name it is another one, and everything is there
SELECT define_scheme('ours', scheme_definition('my eight'));
SELECT drop_scheme('my eight');
SELECT rfm_segment(2, 2, 2, 'ours'), (SELECT count(*) FROM rfm_scheme_cell WHERE scheme = 'ours') AS cells,
       (SELECT count(*) FROM rfm_scheme_label WHERE scheme = 'ours') AS labels,
       (SELECT count(*) FROM rfm_scheme WHERE scheme = 'my eight') AS old;
-- a scheme of ten bins, in ranges; an axis that is left out has all scores; cells may stand beside ranges
SELECT define_scheme('ten', '{"bins": 10, "segments": [
    {"code": "top", "ranges": [{"recency": [9, 10], "frequency": [9, 10], "monetary": [9, 10]}]},
    {"code": "good", "cells": "10-10-8 10-9-8", "ranges": [
        {"recency": 9, "frequency": [9, 10], "monetary": 8},
        {"recency": [9, 10], "frequency": [9, 10], "monetary": [1, 7]}
    ]},
    {"code": "rest", "ranges": [{"recency": [1, 8]}, {"recency": [9, 10], "frequency": [1, 8]}]}
]}');
SELECT count(*) FROM check_rfm_scheme('ten');
SELECT rfm_segment(10, 9, 10, 'ten'), rfm_segment(10, 10, 8, 'ten'), rfm_segment(9, 9, 8, 'ten'),
       rfm_segment(10, 9, 1, 'ten'), rfm_segment(9, 8, 10, 'ten'), rfm_segment(8, 10, NULL, 'ten'),
       rfm_segment(10, 10, NULL, 'ten'), rfm_segment(11, 9, 10, 'ten'), rfm_scheme_bins('ten');
SELECT * FROM rfm_scheme_cell WHERE scheme = 'ten';
SELECT scheme_definition('ten') #> '{segments,1}' AS good;
-- what is not a partition takes nobody's place: the scheme is as it was
\set VERBOSITY terse
SELECT define_scheme('ten', scheme_definition('ten') #- '{segments,1}');
SELECT define_scheme('ten', jsonb_set(scheme_definition('ten'), '{segments,0,ranges,0,monetary}', '[9, 99]'));
\set VERBOSITY default
SELECT rfm_segment(10, 10, 8, 'ten'), rfm_segment(10, 9, 10, 'ten');
SELECT count(drop_scheme(scheme)::text) AS dropped FROM rfm_scheme WHERE owner = current_user;
SELECT count(*) FROM rfm_scheme_label WHERE NOT builtin;
RESET ROLE;
REVOKE CREATE ON SCHEMA public FROM cv_analyst;
DROP ROLE cv_analyst;
-- one plan, many schemes and languages
SET plan_cache_mode = force_generic_plan;
PREPARE label(text, text) AS SELECT rfm_segment(2, 2, 2, $1, $2);
EXECUTE label('standard', 'en');
EXECUTE label('eight', 'zh');
EXECUTE label('standard', 'zh');
RESET plan_cache_mode;
-- a scheme is read once per place of a query, even in a CTE, which is evaluated for each row; a change of it is seen
SET statement_timeout = '5s';
WITH l AS (SELECT rfm_scheme_labels('standard', 'en') AS labels)
SELECT count(*) AS customers, count(*) FILTER (WHERE segment IS DISTINCT FROM rfm_segment(r, f, m)) AS wrong
FROM (
    SELECT r, f, m, rfm_segment(labels, r, f, m) AS segment
    FROM l, (
        SELECT 1 + i % 5, 1 + i / 5 % 5, 1 + i / 25 % 5 FROM generate_series(1, 100000) AS i
    ) AS c (r, f, m)
) AS s;
SELECT count(*) AS calls, count(DISTINCT rfm_scheme_labels(scheme, language)::text) AS different
FROM rfm_scheme, unnest(ARRAY['en', 'zh']) AS language, generate_series(1, 500)
WHERE builtin;
RESET statement_timeout;
CREATE FUNCTION called(label text) RETURNS void LANGUAGE sql AS $$
    SELECT define_scheme('one_of_two', jsonb_build_object('bins', 2, 'segments', jsonb_build_array(
        jsonb_build_object('code', 'all', 'labels', jsonb_build_object('en', label), 'ranges', jsonb '[{}]')
    )))
$$;
CREATE FUNCTION labels_now() RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1 .. 2 LOOP
        RETURN NEXT rfm_segment(rfm_scheme_labels('one_of_two'), 1, 1, 1);
        PERFORM called('Changed');
    END LOOP;
END $$;
SELECT called('Everyone');
SELECT * FROM labels_now();
