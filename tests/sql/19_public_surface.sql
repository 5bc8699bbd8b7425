-- What users call: every function, aggregate, operator, type, table and view of schema customer_value, with the names
-- of arguments and columns. A change of this list is a change of what they rely on.
SET client_min_messages = warning;
\pset format unaligned
\pset tuples_only on
SET search_path = customer_value, pg_catalog;

-- functions
SELECT line
FROM pg_proc,
     concat(proname, '(', pg_get_function_arguments(oid), ') ', pg_get_function_result(oid)) AS line
WHERE pronamespace = 'customer_value'::regnamespace AND prokind = 'f'
ORDER BY line COLLATE "C";

-- aggregates
SELECT line
FROM pg_proc,
     concat(proname, '(', pg_get_function_arguments(oid), ') ', pg_get_function_result(oid)) AS line
WHERE pronamespace = 'customer_value'::regnamespace AND prokind = 'a'
ORDER BY line COLLATE "C";

-- operators
SELECT line
FROM pg_operator, concat(oid::regoperator, ' ', oprresult::regtype) AS line
WHERE oprnamespace = 'customer_value'::regnamespace
ORDER BY line COLLATE "C";

-- types
SELECT typname
FROM pg_type
WHERE typnamespace = 'customer_value'::regnamespace AND typtype = 'b' AND typcategory <> 'A'
ORDER BY typname COLLATE "C";

-- tables and views, and their columns
SELECT CASE relkind WHEN 'r' THEN 'table ' ELSE 'view ' END || relname || '('
           || string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) || ')'
FROM pg_class AS c
JOIN pg_attribute AS a ON attrelid = c.oid AND attnum > 0 AND NOT attisdropped
WHERE relnamespace = 'customer_value'::regnamespace AND relkind IN ('r', 'v')
GROUP BY c.oid, relkind, relname ORDER BY relname COLLATE "C";

-- anything else: sequences, materialised views, enums, composite types, operator classes, casts
SELECT relkind, relname
FROM pg_class
WHERE relnamespace = 'customer_value'::regnamespace AND relkind NOT IN ('r', 'v', 'i');
SELECT typname, typtype
FROM pg_type AS t
WHERE typnamespace = 'customer_value'::regnamespace
    AND typtype <> 'b'
    AND NOT EXISTS (SELECT FROM pg_class AS c WHERE c.oid = typrelid AND relkind IN ('r', 'v'));
SELECT opcname FROM pg_opclass WHERE opcnamespace = 'customer_value'::regnamespace;
SELECT castsource::regtype, casttarget::regtype
FROM pg_cast
WHERE casttarget IN (SELECT oid FROM pg_type WHERE typnamespace = 'customer_value'::regnamespace)
    OR castsource IN (SELECT oid FROM pg_type WHERE typnamespace = 'customer_value'::regnamespace);

-- nothing public takes or returns a value that SQL cannot make; the internal schema has functions and operator
-- classes only
SELECT oid::regprocedure
FROM pg_proc
WHERE pronamespace = 'customer_value'::regnamespace
    AND ('internal'::regtype = ANY (proargtypes)
         OR prorettype IN ('internal'::regtype, 'trigger'::regtype)
         OR 'cstring'::regtype = ANY (proargtypes));
SELECT count(*) FROM pg_class WHERE relnamespace = 'customer_value_internal'::regnamespace;
SELECT count(*) FROM pg_type WHERE typnamespace = 'customer_value_internal'::regnamespace;
SELECT count(*) FROM pg_operator WHERE oprnamespace = 'customer_value_internal'::regnamespace;
