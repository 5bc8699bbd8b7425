\set ECHO none
-- What several tests call. Not echoed, so that no expected output repeats it.

-- What a statement fails with. "!!" in front marks what must never happen.
CREATE FUNCTION public.fails(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; hint text;
BEGIN
    EXECUTE statement;
    RETURN '!! no error';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = returned_sqlstate, message = message_text, hint = pg_exception_hint;
    RETURN CASE WHEN state LIKE 'XX%' THEN '!! ' WHEN hint = '' THEN '(no hint) ' ELSE '' END
        || state || ': ' || left(message, 160) || CASE WHEN hint = '' THEN '' ELSE ' -> ' || left(hint, 90) END;
END $$;

-- How many rows a statement reads or writes, or what it fails with.
CREATE FUNCTION public.tries(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    n bigint;
BEGIN
    EXECUTE statement;
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n || ' rows';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ': ' || SQLERRM;
END $$;

-- From now on it costs workers nothing to hand over what they folded, so that they fold a few thousand rows, too.
CREATE PROCEDURE public.hand_over_for_nothing() LANGUAGE plpgsql AS $$
DECLARE
    handing regprocedure;
BEGIN
    FOR handing IN
        SELECT oid FROM pg_proc
        WHERE pronamespace = 'customer_value_internal'::regnamespace AND proname ~ '_(serialize|deserialize|combine)$'
    LOOP
        EXECUTE format('ALTER FUNCTION %s COST 1', handing);
    END LOOP;
END $$;

-- The plan of a query, line by line.
CREATE FUNCTION public.plan_of(query text, options text DEFAULT 'VERBOSE, COSTS OFF') RETURNS SETOF text
    LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format('EXPLAIN (%s) %s', options, query);
END $$;

-- The number of rows that two tables do not share.
CREATE FUNCTION public.differ(a text, b text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    n bigint;
BEGIN
    EXECUTE format('
        SELECT count(*)
        FROM ((TABLE %1$s EXCEPT ALL TABLE %2$s) UNION ALL (TABLE %2$s EXCEPT ALL TABLE %1$s)) AS d
    ', a, b) INTO n;
    RETURN n;
END $$;
\set ECHO all
