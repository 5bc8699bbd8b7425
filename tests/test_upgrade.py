"""An upgraded installation is a fresh one; segmentations made before gain the new columns when trained."""

import shutil
from pathlib import Path

import cdnow

DATA = Path(__file__).parent / "data"
FROM = "0.1.0"

OBJECTS = """
    SELECT pg_describe_object(d.classid, d.objid, 0) || ': ' || coalesce(obj_description(d.objid, d.classid::regclass::text), '-')
    FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass
    WHERE e.extname = 'customer_value' AND d.deptype = 'e' ORDER BY 1"""
FUNCTIONS = """
    SELECT p.oid::regprocedure || ' ' || CASE WHEN p.prokind = 'a' THEN row_to_json(a)::text ELSE pg_get_functiondef(p.oid) END
    FROM pg_proc AS p LEFT JOIN pg_aggregate AS a ON a.aggfnoid = p.oid
    WHERE p.pronamespace = 'customer_value'::regnamespace ORDER BY 1"""
COLUMNS = """
    SELECT c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attstorage,
           pg_get_expr(f.adbin, f.adrelid), col_description(c.oid, a.attnum), c.relacl
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid LEFT JOIN pg_attrdef AS f ON f.adrelid = c.oid AND f.adnum = a.attnum
    WHERE c.relnamespace = 'customer_value'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped ORDER BY 1, 2"""


def install_old(cluster, db):
    """Install 0.1.0, whose script is put beside the others for as long as that takes."""
    script = cluster.pg.ask("sharedir") / "extension" / f"customer_value--{FROM}.sql"
    shutil.copyfile(DATA / script.name, script)
    script.chmod(0o644)
    cluster.psql(f"CREATE EXTENSION customer_value VERSION '{FROM}'", db=db)
    script.unlink()


def test_same_objects(cluster):
    """Fresh and upgraded: the same objects, definitions, comments, columns and rights."""
    upgraded = cluster.fresh_database("python_upgraded")
    install_old(cluster, upgraded)
    cluster.psql("ALTER EXTENSION customer_value UPDATE", db=upgraded)
    versions = {cluster.value("SELECT extversion FROM pg_extension WHERE extname = 'customer_value'", db=db)
                for db in (cluster.db, upgraded)}
    assert len(versions) == 1 and versions != {FROM}, versions
    for what in (OBJECTS, FUNCTIONS, COLUMNS):
        fresh, after = (cluster.rows(what, db=db) for db in (cluster.db, upgraded))
        differ = [row for row in fresh + after if (row in fresh) != (row in after)]
        assert len(fresh) > 20 and fresh == after, differ


def test_segmentation_made_before(cluster):
    """It works as it was, gains columns at the end when trained, and what depends on it stays."""
    old = cluster.fresh_database("python_upgraded")
    install_old(cluster, old)
    cdnow.load(cluster, old)
    cluster.psql("BEGIN;\n" + (DATA / f"segmentation_{FROM}.sql").read_text() + "COMMIT;\n"
                 "CREATE VIEW shop.dashboard AS SELECT rfm_segment, count(*) FROM shop.customer_segments GROUP BY 1;", db=old)
    before = cluster.rows("SELECT * FROM shop.dashboard ORDER BY 1", db=old)
    assert len(before) == 11, before
    said = cluster.psql("SELECT customer_value.train_segmentation('shop.customer_segments')", db=old, check=False, errors=True)
    assert "ALTER EXTENSION customer_value UPDATE" in said, said
    cluster.psql("ALTER EXTENSION customer_value UPDATE", db=old)
    assert cluster.rows("SELECT * FROM shop.dashboard ORDER BY 1", db=old) == before
    columns = "SELECT attname FROM pg_attribute WHERE attrelid = 'shop.customer_segments'::regclass AND attnum > 0 ORDER BY attnum"
    old_columns = cluster.rows(columns, db=old)
    report = "SELECT count(mean_clv) FROM customer_value.segment_report('shop.customer_segments')"
    assert cluster.value(report, db=old) == "0"
    cluster.psql("SET client_min_messages = warning; SELECT customer_value.train_segmentation('shop.customer_segments')", db=old)
    new_columns = cluster.rows(columns, db=old)
    assert new_columns[:len(old_columns)] == old_columns and ["clv"] in new_columns[len(old_columns):], new_columns
    assert cluster.rows("SELECT * FROM shop.dashboard ORDER BY 1", db=old) == before
    assert cluster.value("SELECT count(clv) FROM shop.customer_segments", db=old) == "23570"
    assert cluster.value("SELECT clv_tier FROM shop.customer_segments_of(4)", db=old) == "Medium"
    assert cluster.value(report, db=old) == "11"
