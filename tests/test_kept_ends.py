"""When kept histories end, nothing of them is left: no table, view, trigger, dependency or row; and orders go on.

Whatever ends them: an option, drop_segmentation, DROP of the view, its schema, its owner, the source or the extension.
"""

import pytest
from helpers import QUIET
from kept import assert_same, beside, refresh, state

OWNER = "ends_owner"
SOURCES = {
    "plain": "CREATE TABLE shop.orders (id int, customer_id int, day date, total numeric(10, 2));",
    "partitioned": """
CREATE TABLE shop.orders (id int, customer_id int, day date, total numeric(10, 2)) PARTITION BY RANGE (day);
CREATE TABLE shop.early PARTITION OF shop.orders FOR VALUES FROM (MINVALUE) TO ('2024-03-01');
CREATE TABLE shop.late PARTITION OF shop.orders FOR VALUES FROM ('2024-03-01') TO (MAXVALUE) PARTITION BY HASH (id);
CREATE TABLE shop.late_0 PARTITION OF shop.late FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE shop.late_1 PARTITION OF shop.late FOR VALUES WITH (MODULUS 2, REMAINDER 1);
""",
    "inherited": """
CREATE TABLE shop.orders (id int, customer_id int, day date, total numeric(10, 2));
CREATE TABLE shop.child (more text) INHERITS (shop.orders);
CREATE TABLE shop.grandchild () INHERITS (shop.child);
""",
}
FILL = """
INSERT INTO shop.orders SELECT i, i % 50, date '2024-01-01' + i % 200, i % 37 FROM generate_series(1, 2000) AS i;
CREATE INDEX ON shop.orders (customer_id);
"""
CREATE = """SELECT customer_value.create_segmentation('{view}', 'shop.orders', 'customer_id', 'day', 'total',
    '{{"as_of": "2024-08-01"{options}}}');\n"""
# orders as any shop writes them
WRITE = """
INSERT INTO shop.orders VALUES (9001, 7, '2024-07-30', 11), (9002, 7, '2024-02-01', 12), (9003, NULL, '2024-07-30', 13);
UPDATE shop.orders SET total = total + 1 WHERE customer_id = 3;
UPDATE shop.orders SET customer_id = 80, day = day + 40 WHERE customer_id = 9;
DELETE FROM shop.orders WHERE customer_id = 5;
COPY shop.orders FROM stdin (FORMAT csv);
9004,8,2024-07-30,14
\\.
BEGIN; SAVEPOINT a; DELETE FROM shop.orders; ROLLBACK TO a; TRUNCATE shop.orders; ROLLBACK;
"""
# what ends the view by the catalogue alone leaves its row of options and trainings, so that it can be taken up again
ENDS = {
    "keep false": ("SELECT customer_value.alter_segmentation('reports.seg', '{\"keep\": false}', train => false)", "trained"),
    "keep null": ("SELECT customer_value.alter_segmentation('reports.seg', '{\"keep\": null}')", "trained"),
    "keep without notes": (
        "SELECT customer_value.alter_segmentation('reports.seg', '{\"keep\": \"refreshed\"}', train => false);"
        "SELECT customer_value.alter_segmentation('reports.seg', '{\"keep\": false}', train => false)", "trained"),
    "drop_segmentation": ("SELECT customer_value.drop_segmentation('reports.seg')", None),
    "DROP VIEW": ("DROP VIEW reports.seg CASCADE", "view gone"),
    "DROP VIEW, drop_segmentation": (
        "DROP VIEW reports.seg CASCADE; SELECT customer_value.drop_segmentation('reports.seg')", None),
    "DROP SCHEMA": ("DROP SCHEMA reports CASCADE", "view gone"),
    "DROP TABLE of histories": ("DROP TABLE reports.seg_kept CASCADE", "view gone"),
    "DROP TABLE of notes": ("DROP TABLE reports.seg_touched CASCADE", "view gone"),
    "DROP OWNED": (f"RESET ROLE; DROP OWNED BY {OWNER} CASCADE; GRANT CREATE ON DATABASE python_test TO {OWNER}", "view gone"),
    "DROP TABLE of orders": ("DROP TABLE shop.orders CASCADE", "view gone"),
    "DROP SCHEMA of orders": ("DROP SCHEMA shop CASCADE", "view gone"),
    "DROP EXTENSION": ("RESET ROLE; DROP EXTENSION customer_value CASCADE", "no extension"),
}
BY_NAME = {"DROP TABLE of orders": "source gone", "DROP SCHEMA of orders": "source gone"}
DEPENDENCIES = """
SELECT classid::regclass, objid, refclassid::regclass, refobjid, deptype FROM pg_depend
WHERE (classid = 'pg_class'::regclass AND objid IN ({relations})) OR (refclassid = 'pg_class'::regclass AND refobjid IN ({relations}))
   OR (classid = 'pg_trigger'::regclass AND objid IN ({triggers})) OR (refclassid = 'pg_trigger'::regclass AND refobjid IN ({triggers}))
UNION ALL
SELECT classid::regclass, objid, refclassid::regclass, refobjid, deptype FROM pg_shdepend
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND (classid = 'pg_class'::regclass AND objid IN ({relations}))
UNION ALL
SELECT classoid::regclass, objoid, NULL, NULL, 'comment' FROM pg_description
WHERE (classoid = 'pg_class'::regclass AND objoid IN ({relations})) OR (classoid = 'pg_trigger'::regclass AND objoid IN ({triggers}))
"""
OURS = r"""
SELECT 'relation', oid::regclass::text FROM pg_class WHERE relname ~ '(seg|old)_.*(kept|touched)' OR relname ~ '_(kept|touched)(_|$)'
UNION ALL SELECT 'trigger', tgname::text FROM pg_trigger WHERE tgname ~ '^customer_value'
UNION ALL SELECT 'function', oid::regprocedure::text FROM pg_proc WHERE proname ~ '^(seg|live)_'
"""


def drop_owner(cluster):
    """Drop the role and what it has here."""
    if cluster.rows(f"SELECT true FROM pg_roles WHERE rolname = '{OWNER}'"):
        cluster.psql(f"{QUIET}DROP OWNED BY {OWNER} CASCADE; DROP ROLE {OWNER};")


@pytest.fixture
def shop(cluster):
    """A database in which a role may make everything."""
    drop_owner(cluster)
    cluster.psql(f"CREATE ROLE {OWNER}; GRANT CREATE ON DATABASE {cluster.db} TO {OWNER};"
                 f"SET ROLE {OWNER}; CREATE SCHEMA shop; CREATE SCHEMA reports;")
    yield cluster
    drop_owner(cluster)


def make(cluster, source, bind, view="reports.seg"):
    """Orders whose histories are kept, with notes that wait."""
    options = f', "bind": "{bind}", "keep": true'
    cluster.psql(QUIET + f"SET ROLE {OWNER};" + SOURCES[source] + FILL + CREATE.format(view=view, options=options)
                 + f"SELECT customer_value.refresh_segmentation('{view}');" + WRITE)
    assert state(cluster, view)[0] == "t" and state(cluster, view)[2] > 4


def end(cluster, sql):
    """Run what ends it; nobody is told anything but by notices."""
    cluster.psql(f"{QUIET}SET ROLE {OWNER}; {sql};")


def assert_nothing_left(cluster, relations, triggers):
    """Nothing of what there was is in the catalogues, nor in the tables of the extension."""
    relations, triggers = ", ".join(relations), ", ".join(triggers)
    assert cluster.rows(f"SELECT oid::regclass FROM pg_class WHERE oid IN ({relations})") == []
    assert cluster.rows(f"SELECT tgname FROM pg_trigger WHERE oid IN ({triggers})") == []
    assert cluster.rows(DEPENDENCIES.format(relations=relations, triggers=triggers)) == []
    assert [found for found in cluster.rows(OURS) if found[0] != "function"] == []


def left(cluster):
    """The state of the segmentation, and how many rows say what is kept."""
    if not cluster.rows("SELECT true FROM pg_extension WHERE extname = 'customer_value'"):
        assert cluster.rows("SELECT true FROM pg_namespace WHERE nspname LIKE 'customer_value%'") == []
        return "no extension", 0
    found = cluster.rows("SELECT state FROM customer_value.segmentations")
    return (found[0][0] if found else None), int(cluster.value("SELECT count(*) FROM customer_value.keeping"))


@pytest.mark.parametrize("source, bind", [("plain", "name"), ("partitioned", "table"), ("inherited", "table")])
@pytest.mark.parametrize("how", ENDS)
def test_nothing_left(shop, how, source, bind):
    """Nothing is left, orders go on, and what is made anew keeps again."""
    make(shop, source, bind)
    there = beside(shop, "reports.seg")
    assert shop.rows(DEPENDENCIES.format(relations=", ".join(there[0]), triggers=", ".join(there[1])))
    sql, expected = ENDS[how]
    expected = BY_NAME.get(how, expected) if bind == "name" else expected
    end(shop, sql)
    if expected == "source gone":  # the view, and what stands beside it, wait for another table
        assert left(shop) == ("source gone", 1)
        end(shop, "SELECT customer_value.drop_segmentation('reports.seg')")
        expected = None
    assert_nothing_left(shop, *there)
    # no function of the extension is told: the row goes when the segmentation is taken up again, or dropped
    assert left(shop) == (expected, int(expected == "view gone"))
    end(shop, "CREATE SCHEMA IF NOT EXISTS shop; CREATE SCHEMA IF NOT EXISTS reports")
    if not shop.value("SELECT to_regclass('shop.orders')"):
        end(shop, SOURCES[source] + FILL)
    shop.psql(f"SET ROLE {OWNER}; {WRITE}")
    if expected == "no extension":
        shop.psql("CREATE EXTENSION customer_value")
    live = CREATE.format(view="reports.live", options=f', "bind": "{bind}"')
    if expected == "trained":
        end(shop, "SELECT customer_value.alter_segmentation('reports.seg', '{\"keep\": true}');" + live)
    else:
        end(shop, CREATE.format(view="reports.seg", options=f', "bind": "{bind}", "keep": true') + live)
    assert refresh(shop, "reports.seg", OWNER) > 40
    end(shop, WRITE)
    assert state(shop, "reports.seg")[0] == "t" and state(shop, "reports.seg")[2] >= 3
    assert_same(shop, "reports.seg", "reports.live", leaving="{trained_at, kept_at}")
    assert left(shop)[1] == 1
    there = beside(shop, "reports.seg")
    end(shop, "SELECT customer_value.drop_segmentation('reports.seg')")
    assert_nothing_left(shop, *there)
    assert left(shop)[1] == 0
    end(shop, WRITE)


@pytest.mark.parametrize("how", [how for how in ENDS if "orders" not in how and "OWNED" not in how and "EXTENSION" not in how])
def test_others_stay(shop, how):
    """What another segmentation keeps of the same source stays, with its notes."""
    make(shop, "partitioned", "table")
    end(shop, CREATE.format(view="shop.other", options=', "keep": true') + CREATE.format(view="shop.live", options="")
        + "SELECT customer_value.refresh_segmentation('shop.other')")
    end(shop, WRITE)
    notes = state(shop, "shop.other")[2]
    assert notes >= 3
    there = beside(shop, "shop.other")
    end(shop, ENDS[how][0])
    # triggers of both come and go: the other's are as they were
    assert (state(shop, "shop.other"), beside(shop, "shop.other")) == (("t", None, notes), there)
    assert_same(shop, "shop.other", "shop.live")
    end(shop, WRITE)
    assert state(shop, "shop.other")[2] > notes
    assert_same(shop, "shop.other", "shop.live")
    assert refresh(shop, "shop.other", OWNER) > 0
    assert state(shop, "shop.other") == ("t", None, 0)
    assert_same(shop, "shop.other", "shop.live")
