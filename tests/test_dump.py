"""A database owner who is no superuser installs, dumps and restores."""

import subprocess

import pytest
from helpers import ORDERS, QUIET, creation

OWN = """
CREATE TABLE shop.stored AS
SELECT customer_id, customer_value.purchase_history(day, total) AS h FROM shop.orders GROUP BY 1;
INSERT INTO customer_value.rfm_scheme (scheme, bins, description) VALUES ('mine', 2, 'two');
INSERT INTO customer_value.rfm_scheme_segment (scheme, segment_code, segment_rank)
VALUES ('mine', 'recent', 1), ('mine', 'rest', 2);
INSERT INTO customer_value.rfm_scheme_label (scheme, segment_code, language, label)
VALUES ('mine', 'recent', 'en', 'Recent'), ('mine', 'rest', 'en', 'Rest'), ('mine', 'recent', 'zh', '最近');
INSERT INTO customer_value.rfm_scheme_cell
VALUES ('mine', 'recent', 2, 2, 1, 2, 1, 2), ('mine', 'rest', 1, 1, 1, 2, 1, 2);
CREATE TABLE shop.customers (id int PRIMARY KEY, region text, power float8);
INSERT INTO shop.customers SELECT i, 'r' || i % 3, i % 7 FROM generate_series(0, 59) AS i;
INSERT INTO customer_value.matrix (matrix, x_axis, x_split, x_cuts, y_axis, y_split)
VALUES ('own', 'frequency', 'quantile', '{0.5}', 'power', 'mean');
INSERT INTO customer_value.matrix_position (matrix, x_level, y_level, code, rank)
SELECT 'own', x, y, 'p' || x || y, x * 2 + y FROM generate_series(1, 2) AS x, generate_series(1, 2) AS y;
INSERT INTO customer_value.matrix_label
SELECT 'own', code, 'en', upper(code), 'act' FROM customer_value.matrix_position WHERE matrix = 'own';
"""
SEGMENTATIONS = (
    creation('{"as_of": "2024-08-01"}')
    + creation('{"as_of": "2024-08-01", "scheme": "mine"}', 'shop."In mine"')
    + creation('{"as_of": "2024-08-01", "matrices": ["own"], "customers": '
               '{"source": "shop.customers", "customer": "id", "columns": ["region"]}}', "shop.placed"))
DEPENDENT = """
SELECT customer_value.train_segmentation('shop.segments');
CREATE VIEW shop.dashboard AS SELECT s.rfm_segment, count(*) FROM shop.segments AS s GROUP BY 1;
CREATE MATERIALIZED VIEW shop.kept AS SELECT s.* FROM (SELECT DISTINCT customer_id FROM shop.orders) AS c
CROSS JOIN LATERAL shop.segments_of(c.customer_id) AS s;
"""
SETUP = "CREATE EXTENSION customer_value;\n" + ORDERS + OWN + SEGMENTATIONS + DEPENDENT
COMPARED = [
    "SELECT * FROM shop.segments ORDER BY 1",
    "SELECT * FROM shop.\"In mine\" ORDER BY 1",
    "SELECT * FROM shop.segments_of(7)",
    "SELECT * FROM shop.dashboard ORDER BY 1",
    "SELECT * FROM shop.kept ORDER BY 1",
    "SELECT * FROM shop.stored ORDER BY 1",
    "SELECT * FROM shop.placed ORDER BY 1",
    "SELECT * FROM customer_value.segment_playbook('shop.placed', 'own')",
    "SELECT * FROM customer_value.training ORDER BY 1, 2",
    "SELECT * FROM customer_value.training_axis ORDER BY 1, 2, 3",
    "SELECT * FROM customer_value.training_matrix ORDER BY 1, 2, 3",
    "SELECT * FROM customer_value.matrix ORDER BY 1",
    "SELECT * FROM customer_value.matrix_position ORDER BY 1, 2, 3",
    "SELECT * FROM customer_value.matrix_label ORDER BY 1, 2, 3",
    "SELECT id, view, source, customer, ordered_at, amount, options, created_at"
    " FROM customer_value.segmentation ORDER BY 1",
    "SELECT view, newest_training, owner FROM customer_value.segmentations ORDER BY view::text COLLATE \"C\"",
    "SELECT * FROM customer_value.rfm_scheme ORDER BY 1",
    "SELECT * FROM customer_value.rfm_scheme_segment ORDER BY 1, 2",
    "SELECT * FROM customer_value.rfm_scheme_label ORDER BY 1, 2, 3",
    "SELECT * FROM customer_value.rfm_scheme_cell ORDER BY 1, 2, 3, 5, 7",
    "SELECT segment, customers, revenue FROM customer_value.segment_report('shop.segments')",
    "SELECT obj_description('shop.segments'::regclass, 'pg_class'),"
    " col_description('shop.segments'::regclass, 5)",
]
OWNER, FROM, TO = "python_dba", "python_dump_from", "python_dump_to"


def make(cluster, name):
    """An empty database of the owner."""
    cluster.fresh_database(name)
    cluster.psql(f"ALTER DATABASE {name} OWNER TO {OWNER}", db="postgres")


def remove(cluster):
    """Remove both databases and their owner, if they are there."""
    for db in (FROM, TO):
        cluster.psql(f"{QUIET}DROP DATABASE IF EXISTS {db}", db="postgres")
    cluster.psql(f"{QUIET}DROP ROLE IF EXISTS {OWNER}", db="postgres")


@pytest.fixture
def owned(cluster):
    """The server, with one database of the owner, and everything that SETUP makes in it."""
    remove(cluster)  # an interrupted run may have left them
    cluster.psql(f"CREATE ROLE {OWNER} LOGIN", db="postgres")
    make(cluster, FROM)
    cluster.psql(SETUP, db=FROM, user=OWNER)
    yield cluster
    remove(cluster)


def dump_and_restore(cluster):
    """Dump one database and restore it into the other, both as the owner."""
    make(cluster, TO)
    command = [str(cluster.pg.bindir / "pg_dump"), *cluster.connection(FROM, OWNER)]
    dump = subprocess.run(command, env=cluster.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True)
    assert dump.returncode == 0 and not dump.stderr, dump.stderr
    cluster.psql(QUIET + dump.stdout, db=TO, user=OWNER)


def test_dump(owned):
    """View, function, trainings, schemes and results are the same after a restore, and go on working."""
    dump_and_restore(owned)
    for query in COMPARED:
        before, after = (owned.rows(query, db=db, user=OWNER) for db in (FROM, TO))
        assert before and before == after, query
    train = "SELECT customer_value.train_segmentation('shop.segments')"
    assert owned.value(QUIET + train, db=TO, user=OWNER) == "3"
    owned.psql(QUIET + """SELECT customer_value.alter_segmentation('shop."In mine"', '{"language": "zh"}')""",
               db=TO, user=OWNER)
    recent = """SELECT count(*) FROM shop."In mine" WHERE rfm_segment = '最近'"""
    assert owned.value(recent, db=TO, user=OWNER) != "0"


def test_dump_after_a_view_was_dropped(owned):
    """A view dropped without us leaves a row behind, which neither stops a dump nor is in it."""
    owned.psql(QUIET + "DROP VIEW shop.segments CASCADE", db=FROM, user=OWNER)
    assert owned.value("SELECT count(*) FROM customer_value.segmentation", db=FROM) == "3"
    dump_and_restore(owned)
    views = owned.rows("SELECT view FROM customer_value.segmentation ORDER BY view::text", db=TO)
    assert views == [['shop."In mine"'], ["shop.placed"]]
    assert owned.rows("SELECT number FROM customer_value.training", db=TO) == [["1"], ["1"]]


def test_drop_extension(cluster):
    """DROP EXTENSION is refused while a segmentation uses it; with CASCADE nothing is left."""
    cluster.psql(QUIET + """
        CREATE TABLE public.orders (c int, d date);
        INSERT INTO public.orders VALUES (1, '2024-01-01');
        SELECT customer_value.create_segmentation('public.s', 'public.orders', 'c', 'd');""")
    said = cluster.psql("DROP EXTENSION customer_value;", check=False, errors=True)
    assert "cannot drop extension" in said
    cluster.psql(QUIET + "DROP EXTENSION customer_value CASCADE;")
    assert cluster.value("SELECT to_regclass('public.s') IS NULL AND to_regproc('public.s_of') IS NULL "
                         "AND to_regnamespace('customer_value') IS NULL") == "t"
    cluster.psql("CREATE EXTENSION customer_value;")
