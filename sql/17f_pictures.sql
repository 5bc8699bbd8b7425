-- Segmentation to picture: SVG documents, with the rights of whoever calls them.

CREATE FUNCTION segment_chart(view text, kind text DEFAULT 'bars', by text DEFAULT NULL, measure text DEFAULT NULL,
                              from_day date DEFAULT NULL, to_day date DEFAULT NULL, customer text DEFAULT NULL,
                              language text DEFAULT NULL) RETURNS text
    LANGUAGE c STABLE PARALLEL RESTRICTED COST 100000
    AS 'MODULE_PATHNAME', 'segment_chart_wrapper';
COMMENT ON FUNCTION segment_chart(text, text, text, text, date, date, text, text) IS
    'A picture of a segmentation as an SVG document, from one read of the view; kind: bars (a label in rank order), grid '
    '(recency by frequency scores), matrix (the fields of a matrix with two axes), treemap (a label by customers), lorenz '
    '(what the best customers bring), history (a label over time), flow (who moved between two days), cohorts (who came '
    'back), curve (how good predictions are, or the probability that a customer has not left); by: a '
    'label column of the view or a matrix (default: rfm_segment; matrix: growth); measure: customers, revenue or mean_clv, '
    'what is shown beside customers or shaded; language: that of the texts (default: the segmentation''s); a picture that '
    'has nothing to show says why';
