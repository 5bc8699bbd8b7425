-- The schema and the condition under which everything else is made.
--
-- A plain CREATE SCHEMA on purpose: one that exists already may be somebody else's trap. Later
-- fragments rely on the search path; it ends with the script.
CREATE SCHEMA customer_value;
SET LOCAL search_path = customer_value, pg_temp;

COMMENT ON SCHEMA customer_value IS
    'RFM segments, lifetime value and customer matrices over existing order tables (extension customer_value)';
GRANT USAGE ON SCHEMA customer_value TO PUBLIC;

-- Labels are in English and Chinese, so the database must be able to hold both.
CREATE FUNCTION require_utf8() RETURNS void
    LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'require_utf8';
SELECT require_utf8();
DROP FUNCTION require_utf8();
