-- The schemas and the condition under which everything else is made.
--
-- A plain CREATE SCHEMA on purpose: one that exists already may be somebody else's trap. Later
-- fragments rely on the search path, which ends with the script; what belongs to the internal schema
-- is created and called with that schema written out.
CREATE SCHEMA customer_value;
CREATE SCHEMA customer_value_internal;
SET LOCAL search_path = customer_value, pg_temp;

COMMENT ON SCHEMA customer_value IS
    'RFM segments, lifetime value and customer matrices over existing order tables (extension customer_value)';
COMMENT ON SCHEMA customer_value_internal IS
    'Functions that the objects of schema customer_value and segmentation views call; not for use in queries';
GRANT USAGE ON SCHEMA customer_value, customer_value_internal TO PUBLIC;

-- Labels are in English and Chinese, so the database must be able to hold both.
CREATE FUNCTION customer_value_internal.require_utf8() RETURNS void
    LANGUAGE c STRICT AS 'MODULE_PATHNAME', 'require_utf8';
SELECT customer_value_internal.require_utf8();
DROP FUNCTION customer_value_internal.require_utf8();
