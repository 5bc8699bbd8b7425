\set ECHO none
-- What keeping histories takes, by hand. Not echoed.

-- What create_segmentation does for option "keep", by hand: tables beside the source, its row, its triggers.
CREATE FUNCTION keep(id uuid, source regclass, used text[], customer_type text, invoker boolean DEFAULT true,
                     notes boolean DEFAULT true) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text := (SELECT relname FROM pg_class WHERE oid = source);
    child regclass;
BEGIN
    EXECUTE format('CREATE TABLE %I (customer %s)', name || '_kept', customer_type);
    EXECUTE format('CREATE TABLE %I (customer %s)', name || '_touched', customer_type);
    EXECUTE format('CREATE INDEX ON %I (customer)', name || '_touched');
    INSERT INTO keeping (segmentation, place, source_oid, kept_oid, touched_oid, columns, invoker, view_oid)
    SELECT id, this_place(), source, (name || '_kept')::regclass,
           CASE WHEN notes THEN (name || '_touched')::regclass END,
           ARRAY(SELECT attnum FROM unnest(used) WITH ORDINALITY AS u (name, place)
                 JOIN pg_attribute ON attrelid = source AND attname = u.name ORDER BY place), invoker,
           (name || '_kept')::regclass;
    IF NOT notes THEN RETURN; END IF;
    PERFORM make_triggers(id, source, used);
    FOR child IN SELECT inhrelid FROM pg_inherits JOIN pg_class AS c ON c.oid = inhrelid
                 WHERE inhparent = source AND NOT relispartition LOOP
        PERFORM make_triggers(id, child, used);
    END LOOP;
END $$;
CREATE FUNCTION make_triggers(id uuid, source regclass, used text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text := 'customer_value_' || replace(id::text, '-', '');
    changed text := (SELECT string_agg(format('OLD.%I IS DISTINCT FROM NEW.%1$I', u), ' OR ') FROM unnest(used) AS u);
BEGIN
    EXECUTE format('CREATE TRIGGER %s_rows AFTER INSERT OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION '
                   'customer_value_internal.note_change(%L)', name, source, id);
    EXECUTE format('CREATE TRIGGER %s_updates AFTER UPDATE ON %s FOR EACH ROW WHEN (%s) EXECUTE FUNCTION '
                   'customer_value_internal.note_change(%L)', name, source, changed, id);
    EXECUTE format('CREATE TRIGGER %s_truncate AFTER TRUNCATE ON %s EXECUTE FUNCTION '
                   'customer_value_internal.note_truncate(%L)', name, source, id);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %s_rows, ENABLE ALWAYS TRIGGER %2$s_updates, '
                   'ENABLE ALWAYS TRIGGER %2$s_truncate', source, name);
END $$;
-- What refresh_segmentation does: all is kept as of now.
CREATE FUNCTION refresh(id uuid) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE coalesce((SELECT format('DELETE FROM %s', touched_oid::regclass) FROM keeping
                      WHERE segmentation = id AND touched_oid IS NOT NULL), 'SELECT');
    UPDATE keeping SET fingerprint = source_fingerprint(id) WHERE segmentation = id;
    RETURN why_not_kept(id);
END $$;
-- The notes of a table, which are forgotten then.
CREATE FUNCTION notes(touched regclass) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    found text;
BEGIN
    EXECUTE format('SELECT string_agg(coalesce(customer::text, ''all''), '' '' ORDER BY customer) FROM %s', touched)
        INTO found;
    EXECUTE format('DELETE FROM %s', touched);
    RETURN found;
END $$;
\set ECHO all
