-- Schemes and labels: the built-in ones are partitions, a user's own are checked, languages fall back to English.
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
-- the same by the rows of the tables
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
INSERT INTO rfm_scheme (scheme, bins, description) VALUES ('copied', 5, 'eleven overlapping ranges');
CREATE TEMP TABLE rules (rank int, code text, r1 int, r2 int, f1 int, f2 int, m1 int, m2 int);
INSERT INTO rules VALUES
    (1, 'champions', 4, 5, 4, 5, 4, 5), (2, 'loyal', 2, 5, 3, 5, 3, 5),
    (3, 'potential_loyalist', 3, 5, 1, 3, 1, 3), (4, 'new', 4, 5, 1, 1, 1, 1),
    (5, 'promising', 3, 4, 1, 1, 1, 1), (6, 'need_attention', 2, 3, 2, 3, 2, 3),
    (7, 'about_to_sleep', 2, 3, 1, 2, 1, 2), (8, 'at_risk', 1, 2, 2, 5, 2, 5),
    (9, 'cant_lose', 1, 1, 4, 5, 4, 5), (10, 'hibernating', 1, 2, 1, 2, 1, 2), (11, 'lost', 1, 2, 1, 2, 1, 2);
INSERT INTO rfm_scheme_segment (scheme, segment_code, segment_rank) SELECT 'copied', code, rank FROM rules;
INSERT INTO rfm_scheme_cell SELECT 'copied', code, r1, r2, f1, f2, m1, m2 FROM rules;
SELECT count(*) FILTER (WHERE times_covered = 0) AS uncovered,
       count(*) FILTER (WHERE times_covered > 1) AS multiply
FROM check_rfm_scheme('copied');
SELECT * FROM check_rfm_scheme('copied') ORDER BY times_covered DESC, 1, 2, 3 LIMIT 5;
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

-- a user's own scheme: copied, changed, used, renamed, removed ------------------------------------------
CREATE ROLE cv_analyst;
SET ROLE cv_analyst;
INSERT INTO rfm_scheme (scheme, bins, split, description)
SELECT 'my eight', bins, split, 'ours' FROM rfm_scheme WHERE scheme = 'eight';
INSERT INTO rfm_scheme_segment (scheme, segment_code, segment_rank)
SELECT 'my eight', segment_code, segment_rank FROM rfm_scheme_segment WHERE scheme = 'eight';
INSERT INTO rfm_scheme_label (scheme, segment_code, language, label, action)
SELECT 'my eight', segment_code, language, label, action FROM rfm_scheme_label WHERE scheme = 'eight';
INSERT INTO rfm_scheme_cell
SELECT 'my eight', segment_code, recency_from, recency_to, frequency_from, frequency_to, monetary_from,
       monetary_to
FROM rfm_scheme_cell
WHERE scheme = 'eight';
UPDATE rfm_scheme_label
SET label = '高价值客户'
WHERE scheme = 'my eight' AND language = 'zh' AND segment_code = rfm_segment_code(2, 2, 2, 'eight');
INSERT INTO rfm_scheme_label (scheme, segment_code, language, label)
SELECT 'my eight', segment_code, 'fr', 'n° ' || segment_rank
FROM rfm_scheme_segment
WHERE scheme = 'my eight' AND segment_rank < 3;
SELECT owner, builtin, split FROM rfm_scheme WHERE scheme = 'my eight';
SELECT count(*) FROM check_rfm_scheme('my eight');
SELECT rfm_segment(2, 2, 2, 'my eight', 'zh'), rfm_segment(2, 2, 2, 'my eight', 'fr'),
       rfm_segment(1, 1, 1, 'my eight', 'fr') = rfm_segment(1, 1, 1, 'eight') AS fallback;
-- a change shows in the next query
UPDATE rfm_scheme_label
SET label = 'Best'
WHERE scheme = 'my eight' AND language = 'en' AND segment_code = rfm_segment_code(2, 2, 2, 'eight');
SELECT rfm_segment(2, 2, 2, 'my eight');
-- renaming takes everything with it
UPDATE rfm_scheme SET scheme = 'ours' WHERE scheme = 'my eight';
SELECT rfm_segment(2, 2, 2, 'ours'), (SELECT count(*) FROM rfm_scheme_cell WHERE scheme = 'ours') AS cells,
       (SELECT count(*) FROM rfm_scheme_label WHERE scheme = 'ours') AS labels;
-- a scheme of ten bins, in ranges
INSERT INTO rfm_scheme (scheme, bins) VALUES ('ten', 10);
INSERT INTO rfm_scheme_segment (scheme, segment_code, segment_rank) VALUES
    ('ten', 'top', 1), ('ten', 'good', 2), ('ten', 'rest', 3);
INSERT INTO rfm_scheme_cell VALUES
    ('ten', 'top', 9, 10, 9, 10, 9, 10), ('ten', 'good', 9, 10, 9, 10, 1, 8),
    ('ten', 'rest', 1, 8, 1, 10, 1, 10), ('ten', 'rest', 9, 10, 1, 8, 1, 10);
SELECT count(*) FROM check_rfm_scheme('ten');
SELECT rfm_segment(10, 9, 10, 'ten'), rfm_segment(10, 10, 8, 'ten'), rfm_segment(9, 8, 10, 'ten'),
       rfm_segment(8, 10, NULL, 'ten'), rfm_segment(10, 10, NULL, 'ten'), rfm_scheme_bins('ten');
DELETE FROM rfm_scheme_cell WHERE segment_code = 'good';
SELECT count(*), min(times_covered), max(times_covered) FROM check_rfm_scheme('ten');
SELECT rfm_segment(10, 10, 8, 'ten');
-- cells beyond the bins are not cells
UPDATE rfm_scheme_cell SET monetary_to = 99 WHERE segment_code = 'top';
SELECT rfm_segment(10, 9, 10, 'ten');
DELETE FROM rfm_scheme WHERE owner = current_user;
SELECT count(*) FROM rfm_scheme_label WHERE NOT builtin;
RESET ROLE;
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
CREATE FUNCTION labels_now() RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1 .. 2 LOOP
        RETURN NEXT rfm_segment(rfm_scheme_labels('one_of_two'), 1, 1, 1);
        UPDATE rfm_scheme_label SET label = 'Changed' WHERE scheme = 'one_of_two';
    END LOOP;
END $$;
INSERT INTO rfm_scheme (scheme, bins) VALUES ('one_of_two', 2);
INSERT INTO rfm_scheme_segment VALUES ('one_of_two', 'all', 1);
INSERT INTO rfm_scheme_label VALUES ('one_of_two', 'all', 'en', 'Everyone');
INSERT INTO rfm_scheme_cell VALUES ('one_of_two', 'all', 1, 2, 1, 2, 1, 2);
SELECT * FROM labels_now();
