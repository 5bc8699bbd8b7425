"""An upgraded installation is a fresh one; segmentations made before keep their columns in place.

tests/data/customer_value--X.sql is the install script of each earlier release X, once there is one:
then X is installed, upgraded and compared with a fresh installation.
"""

import contextlib
import shutil

import pytest
from helpers import ORDERS, QUIET, TESTS, creation

SCRIPTS = sorted(TESTS.glob("data/customer_value--*.sql"))
DB = "python_upgraded"

SCHEMAS = "('customer_value', 'customer_value_internal')"
OBJECTS = """
    SELECT pg_describe_object(d.classid, d.objid, 0) || ': '
           || coalesce(obj_description(d.objid, d.classid::regclass::text), '-')
    FROM pg_depend AS d
    JOIN pg_extension AS e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass
    WHERE e.extname = 'customer_value' AND d.deptype = 'e' ORDER BY 1"""
FUNCTIONS = f"""
    SELECT p.oid::regprocedure, p.proacl, a.aggtranstype::regtype, a.aggmtranstype::regtype,
           CASE WHEN p.prokind = 'a' THEN (to_jsonb(a) - '{{aggtranstype, aggmtranstype}}'::text[])::text
                ELSE pg_get_functiondef(p.oid) END
    FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace
    LEFT JOIN pg_aggregate AS a ON a.aggfnoid = p.oid
    WHERE n.nspname IN {SCHEMAS} ORDER BY p.oid::regprocedure::text"""
COLUMNS = f"""
    SELECT n.nspname, n.nspacl, c.relname, c.relacl, a.attnum, a.attname,
           format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attstorage,
           pg_get_expr(f.adbin, f.adrelid), col_description(c.oid, a.attnum)
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_attribute AS a ON a.attrelid = c.oid
    LEFT JOIN pg_attrdef AS f ON f.adrelid = c.oid AND f.adnum = a.attnum
    WHERE n.nspname IN {SCHEMAS} AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY n.nspname, c.relname, a.attnum"""

# A function and a table of the extension, and what is done to one of them without a trace elsewhere
FUNCTION = """SELECT oid::regprocedure FROM pg_proc
              WHERE pronamespace = 'customer_value'::regnamespace AND prokind = 'f'
              ORDER BY 1::text LIMIT 1"""
TABLE = """SELECT oid::regclass FROM pg_class
           WHERE relnamespace = 'customer_value'::regnamespace AND relkind = 'r'
           ORDER BY relname LIMIT 1"""
CHANGES = [
    "COMMENT ON FUNCTION {function} IS NULL",
    "ALTER FUNCTION {function} COST 12345",
    "REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC",
    "ALTER EXTENSION customer_value DROP FUNCTION {function}",
    "COMMENT ON TABLE {table} IS 'another'",
    "ALTER TABLE {table} ADD COLUMN another int DEFAULT 5",
    "GRANT TRIGGER ON {table} TO PUBLIC",
    "GRANT CREATE ON SCHEMA customer_value TO PUBLIC",
]


def differences(cluster, one, other):
    """What two databases do not share of the extension's objects."""
    different = []
    for query in (OBJECTS, FUNCTIONS, COLUMNS):
        first, second = (cluster.rows(query, db=db) for db in (one, other))
        assert len(first) > 20
        different += [row for row in first + second if (row in first) != (row in second)]
        assert different or first == second
    return different


def version(cluster, db):
    """The version of the extension in a database."""
    return cluster.value("SELECT extversion FROM pg_extension WHERE extname = 'customer_value'", db=db)


@contextlib.contextmanager
def beside_the_others(cluster, script):
    """Have an old install script where CREATE EXTENSION looks for it."""
    place = cluster.pg.ask("sharedir") / "extension" / script.name
    shutil.copyfile(script, place)
    place.chmod(0o644)
    try:
        yield
    finally:
        place.unlink()


@pytest.fixture
def second(cluster):
    """A second database with the extension, made anew."""
    cluster.fresh_database(DB)
    cluster.psql("CREATE EXTENSION customer_value", db=DB)
    return DB


def test_comparison_finds_nothing(cluster, second):
    """Two fresh installations are the same."""
    assert differences(cluster, cluster.db, second) == []


@pytest.mark.parametrize("change", CHANGES)
def test_comparison_finds(cluster, second, change):
    """One difference in comments, definitions, rights, members or columns is reported."""
    function, table = cluster.value(FUNCTION), cluster.value(TABLE)
    cluster.psql(change.format(function=function, table=table), db=second)
    assert differences(cluster, cluster.db, second)


def test_upgrades(cluster):
    """Each earlier release, upgraded, is what a fresh installation is."""
    for script in SCRIPTS:
        old = script.stem.split("--")[1]
        cluster.fresh_database(DB)
        with beside_the_others(cluster, script):
            cluster.psql(f"CREATE EXTENSION customer_value VERSION '{old}'", db=DB)
        assert version(cluster, DB) == old != version(cluster, cluster.db)
        cluster.psql("ALTER EXTENSION customer_value UPDATE", db=DB)
        assert version(cluster, DB) == version(cluster, cluster.db)
        assert differences(cluster, cluster.db, DB) == [], f"after an upgrade from {old}"


def test_columns_keep_their_places(cluster):
    """A view that is altered gains columns at its end, and what depends on it stays as it was."""
    cluster.psql(ORDERS + creation('{"as_of": "2024-08-01"}') + """
        CREATE VIEW shop.dashboard AS SELECT rfm_segment, count(*) FROM shop.segments GROUP BY 1;
        SELECT customer_value.define_matrix('own', '{
            "x": {"axis": "frequency", "split": "quantile", "cuts": [0.5]},
            "y": {"axis": "monetary", "split": "mean"},
            "positions": [
                {"x": 2, "y": 2, "code": "p22", "labels": {"en": "P22"}, "actions": {"en": "act"}},
                {"x": 2, "y": 1, "code": "p21", "labels": {"en": "P21"}, "actions": {"en": "act"}},
                {"x": 1, "y": 2, "code": "p12", "labels": {"en": "P12"}, "actions": {"en": "act"}},
                {"x": 1, "y": 1, "code": "p11", "labels": {"en": "P11"}, "actions": {"en": "act"}}
            ]}');""")
    columns = """SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
                 WHERE attrelid = 'shop.segments'::regclass AND attnum > 0 ORDER BY attnum"""
    dashboard = "SELECT * FROM shop.dashboard ORDER BY 1"
    before, counted = cluster.rows(columns), cluster.rows(dashboard)
    cluster.psql(QUIET + """
        SELECT customer_value.alter_segmentation('shop.segments', '{"matrices": ["own"]}')""")
    after = cluster.rows(columns)
    assert after[:len(before)] == before
    assert "own" in [name for name, _ in after[len(before):]]
    assert cluster.rows(dashboard) == counted != []
    assert cluster.value("SELECT count(own) FROM shop.segments") == "50"
