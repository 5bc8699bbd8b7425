-- What the extension consists of: everything described, in its own two schemas, labelled as it should
-- be, nothing with somebody else's rights.
SET client_min_messages = warning;
\pset format unaligned
SET search_path = pg_catalog, customer_value, customer_value_internal;

CREATE TEMP VIEW members AS
SELECT d.classid, d.objid, (pg_identify_object(d.classid, d.objid, 0)).*
FROM pg_depend AS d
JOIN pg_extension AS e ON e.oid = d.refobjid
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname = 'customer_value';

-- everything that can have a comment has one: objects, columns, policies, triggers
SELECT type, identity
FROM members
WHERE type NOT IN ('table constraint', 'default value')
    AND identity !~ '\[\]$'
    AND obj_description(objid, classid::regclass::name) IS NULL
    AND NOT (type = 'type' AND EXISTS (SELECT FROM pg_type AS t WHERE t.oid = objid AND t.typrelid <> 0))
ORDER BY 1, 2;
SELECT c.relname, a.attname
FROM members AS m
JOIN pg_class AS c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid
JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE a.attnum > 0
    AND NOT a.attisdropped
    AND c.relkind IN ('r', 'v')
    AND col_description(c.oid, a.attnum) IS NULL
ORDER BY 1, 2;
SELECT polname, polrelid::regclass
FROM pg_policy
WHERE polrelid IN (SELECT objid FROM members) AND obj_description(oid, 'pg_policy') IS NULL;
SELECT tgname, tgrelid::regclass
FROM pg_trigger
WHERE NOT tgisinternal
    AND tgrelid IN (SELECT objid FROM members)
    AND obj_description(oid, 'pg_trigger') IS NULL;
SELECT obj_description(oid, 'pg_extension') IS NOT NULL AS described FROM pg_extension WHERE extname = 'customer_value';

-- everything in two schemas, which were made by the extension; nothing in public
SELECT type, count(*) > 0 AS some
FROM members
WHERE coalesce(schema, 'customer_value') NOT IN ('customer_value', 'customer_value_internal')
GROUP BY 1;
SELECT nspname, pg_get_userbyid(nspowner) = current_user AS ours,
       has_schema_privilege('pg_monitor', oid, 'USAGE') AS usable,
       has_schema_privilege('pg_monitor', oid, 'CREATE') AS writable
FROM pg_namespace
WHERE nspname LIKE 'customer\_value%'
ORDER BY 1;
SELECT count(*)
FROM pg_depend
WHERE refclassid = 'pg_namespace'::regclass
    AND refobjid = 'public'::regnamespace
    AND deptype = 'n'
    AND objid IN (SELECT objid FROM members);
SELECT relname
FROM pg_class
WHERE relnamespace IN ('customer_value'::regnamespace, 'customer_value_internal'::regnamespace)
    AND relkind IN ('r', 'v', 'S', 'm')
    AND oid NOT IN (SELECT objid FROM members);

-- no rights but the caller's, no settings, no unsafe language but C
SELECT p.oid::regprocedure, prosecdef, proconfig, provolatile
FROM pg_proc AS p
WHERE p.oid IN (SELECT objid FROM members WHERE classid = 'pg_proc'::regclass)
    AND (prosecdef OR proconfig IS NOT NULL);
SELECT lanname, prokind, count(*) > 0 AS some
FROM pg_proc AS p
JOIN pg_language AS l ON l.oid = prolang
WHERE p.oid IN (SELECT objid FROM members WHERE classid = 'pg_proc'::regclass)
GROUP BY 1, 2 ORDER BY 1, 2;

-- functions: volatility, parallel label, strictness, cost
SELECT p.oid::regprocedure AS function, provolatile AS volatile, proparallel AS parallel, proisstrict AS strict,
       procost AS cost
FROM pg_proc AS p
WHERE prokind = 'f'
    AND p.oid IN (SELECT objid FROM members WHERE classid = 'pg_proc'::regclass)
    AND proname NOT IN ('history_add')
ORDER BY p.oid::regprocedure::text COLLATE "C";
-- the overloads that fold are all alike
SELECT prokind, provolatile, proparallel, proisstrict, procost, count(*)
FROM pg_proc AS p
WHERE proname IN ('history_add', 'purchase_history') AND p.oid IN (SELECT objid FROM members)
GROUP BY 1, 2, 3, 4, 5 ORDER BY 1;
SELECT p.oid::regprocedure AS aggregate, aggtransspace > 0 AS space, aggcombinefn::oid <> 0 AS combines,
       aggserialfn::oid <> 0 AS sends, proparallel
FROM pg_aggregate AS a
JOIN pg_proc AS p ON p.oid = aggfnoid
WHERE p.oid IN (SELECT objid FROM members WHERE classid = 'pg_proc'::regclass)
ORDER BY p.oid::regprocedure::text COLLATE "C";
-- every argument of a plain function that users call has a name
SELECT p.oid::regprocedure
FROM pg_proc AS p
WHERE prokind = 'f'
    AND pronamespace = 'customer_value'::regnamespace
    AND pronargs > 0
    AND p.oid IN (SELECT objid FROM members WHERE classid = 'pg_proc'::regclass)
    AND (proargnames IS NULL OR array_length(proargnames, 1) < pronargs OR '' = ANY (proargnames));

-- tables: read by all, written by functions alone, dumped whole; no sequences, and none of what a restore stumbles on:
-- row-level security, foreign keys, triggers
SELECT relname, relkind,
       (
           SELECT string_agg(CASE grantee WHEN 0 THEN '' ELSE 'somebody ' END || privilege_type, ', ')
           FROM aclexplode(relacl)
           WHERE grantee <> relowner
       ) AS rights
FROM pg_class
WHERE relnamespace = 'customer_value'::regnamespace AND relkind IN ('r', 'v', 'S')
ORDER BY 1;
SELECT t.oid::regclass, c.condition
FROM pg_extension AS e, unnest(extconfig, extcondition) AS c (oid, condition)
JOIN pg_class AS t ON t.oid = c.oid
WHERE extname = 'customer_value'
ORDER BY t.oid::regclass::text;
SELECT relname, reloptions
FROM pg_class
WHERE relnamespace = 'customer_value'::regnamespace AND (relkind = 'v' OR reloptions IS NOT NULL)
ORDER BY 1;
SELECT count(*) FILTER (WHERE relrowsecurity OR relforcerowsecurity) AS row_security,
       count(*) FILTER (WHERE relhastriggers OR relhasrules AND relkind = 'r') AS triggers_and_rules,
       (SELECT count(*) FROM pg_policy WHERE polrelid IN (SELECT objid FROM members)) AS policies,
       (
           SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND conrelid IN (SELECT objid FROM members)
       ) AS foreign_keys
FROM pg_class
WHERE relnamespace = 'customer_value'::regnamespace;
-- what is read for every score is never toasted; axes and matrices are never compressed
SELECT attname, attstorage
FROM pg_attribute
WHERE attrelid = 'customer_value.training'::regclass
    AND attname IN ('cuts', 'labels', 'purchase_model', 'spend_model', 'clv_percentiles', 'axes', 'matrices')
ORDER BY attnum;

-- a schema of either name that was there before is not adopted
DROP EXTENSION customer_value;
SELECT to_regnamespace('customer_value'), to_regnamespace('customer_value_internal');
CREATE ROLE cv_squatter;
CREATE SCHEMA customer_value AUTHORIZATION cv_squatter;
\set VERBOSITY terse
CREATE EXTENSION customer_value;
DROP SCHEMA customer_value;
CREATE SCHEMA customer_value_internal AUTHORIZATION cv_squatter;
CREATE EXTENSION customer_value;
DROP SCHEMA customer_value_internal;
DROP ROLE cv_squatter;
CREATE EXTENSION customer_value;
SELECT extname, extrelocatable, extnamespace::regnamespace FROM pg_extension WHERE extname = 'customer_value';
-- it stands in no schema of a user's that may go
BEGIN;
DROP SCHEMA public CASCADE;
SELECT customer_value.rfm_segment(5, 5, 5), customer_value.matrix_label_of('growth', 'high_high');
ROLLBACK;
