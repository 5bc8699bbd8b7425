"""Snapshots of a view: what they cost is told, dumps take them along, other sessions go on."""

import re

from helpers import ORDERS, QUIET, creation
from whole import program, restore

SETUP = ORDERS + creation('{"as_of": "2024-08-01"}')
TAKE = "SELECT customer_value.snapshot_segmentation('shop.segments', 'shop.snapshots');"


def said(cluster, sql):
    """What a statement prints, with its notices."""
    with cluster.session() as session:
        return session.run(sql)


def move(cluster, day):
    """Give the view another day, with the same training."""
    cluster.psql(QUIET + "SELECT customer_value.alter_segmentation('shop.segments', "
                         f"'{{\"as_of\": \"{day}\"}}', train => false);")


def test_cost_is_told(cluster):
    """Rows, bytes of the day, those of a year, and what does without; a replaced day says what it replaces."""
    cluster.psql(SETUP)
    first = said(cluster, TAKE)
    size = r"\d+ (bytes|kB|MB)"
    assert re.search(f"made table shop.snapshots with 50 customers as of 2024-08-01, {size} with indexes", first)
    assert re.search(f"a year of daily snapshots takes about {size}; segment_history", first)
    told = cluster.value("SELECT pg_size_pretty(pg_total_relation_size('shop.snapshots'))")
    assert f", {told} with indexes" in first
    assert "50 customers as of 2024-08-01 written to shop.snapshots in place of 50" in said(cluster, TAKE)
    move(cluster, "2024-08-02")
    assert re.search(f"50 customers as of 2024-08-02 added to shop.snapshots, {size} with indexes", said(cluster, TAKE))


def test_dump_takes_them_along(cluster):
    """A restored table is the same, and the next snapshot goes on with it."""
    cluster.psql(SETUP + TAKE)
    dump = program(cluster, "pg_dump", db=cluster.db)
    rows = "SELECT md5(string_agg(s::text, E'\\n' ORDER BY customer_id)) FROM shop.snapshots AS s;"
    about = """
        SELECT obj_description(indrelid),
               string_agg(pg_get_indexdef(indexrelid), ';' ORDER BY indexrelid::regclass::text)
        FROM pg_index WHERE indrelid = 'shop.snapshots'::regclass GROUP BY indrelid"""
    before = cluster.value(rows), cluster.rows(about)
    cluster.db = cluster.fresh_database("restored")
    restore(cluster, dump, db=cluster.db)
    assert (cluster.value(rows), cluster.rows(about)) == before
    move(cluster, "2024-08-02")
    cluster.psql(QUIET + TAKE)
    assert cluster.rows("SELECT as_of, count(*) FROM shop.snapshots GROUP BY 1 ORDER BY 1") == [
        ["2024-08-01", "50"], ["2024-08-02", "50"]]


def test_others_go_on(cluster):
    """While a snapshot is written, others read, vacuum and change the table, read the view, write orders, and train."""
    cluster.psql(SETUP + TAKE)
    with cluster.session() as writer, cluster.session() as other:
        other.run(QUIET + "SET statement_timeout = '30s'; SET lock_timeout = '2s';")
        writer.run(QUIET + "BEGIN;")
        assert writer.run(TAKE) == "50"
        for statement in ("SELECT count(*) FROM shop.snapshots;",
                          "SELECT count(*) FROM shop.segments;",
                          "INSERT INTO shop.orders VALUES (1, '2024-05-05', 5);",
                          "UPDATE shop.snapshots SET trained_at = NULL WHERE as_of < '2024-01-01';",
                          "VACUUM shop.snapshots;",
                          "SELECT customer_value.train_segmentation('shop.segments');"):
            assert "ERROR" not in other.run(statement, timeout=10), statement
        writer.run("COMMIT;")


def test_triggers_of_the_table_run_as_the_caller(cluster):
    """Whoever takes a snapshot writes as themselves, as with INSERT."""
    cluster.psql(SETUP + TAKE + """
        CREATE FUNCTION shop.stamp() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.rfm_segment := current_user || ' ' || current_setting('search_path');
            RETURN NEW;
        END $$;
        CREATE TRIGGER stamp BEFORE INSERT ON shop.snapshots FOR EACH ROW EXECUTE FUNCTION shop.stamp();""" + TAKE)
    assert cluster.rows("SELECT DISTINCT rfm_segment FROM shop.snapshots") == [["postgres pg_catalog, pg_temp"]]
