-- Segmentation to page: all that reports and pictures tell, on one HTML page.

CREATE FUNCTION segment_page(view text, language text DEFAULT NULL) RETURNS text
    LANGUAGE c STABLE PARALLEL UNSAFE COST 10000000 AS 'MODULE_PATHNAME', 'segment_page_wrapper';
COMMENT ON FUNCTION segment_page(text, text) IS
    'A segmentation as one HTML page for people, less than 300 kB, without scripts and with nothing from elsewhere: what it '
    'is, doubts, segments, matrices with what to do, 20 customers to contact, how customers moved, how good the '
    'predictions are; in a language (default: that of the segmentation); reads the view with the rights of the caller, and '
    'a part that the caller may not read, or that fails, says so';
