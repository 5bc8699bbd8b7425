"""dbt and pandas make a segmentation's sources anew and drop the old ones: it goes on, with readers in it."""

import contextlib
import re

import loaders
import pytest
from helpers import ORDERS, QUIET, TESTS, creation, reading_on

READER = "python_reader"  # also in dbt/dbt_project.yml
RAW = ORDERS + f"""
ALTER TABLE shop.orders RENAME TO raw_orders;
CREATE TABLE shop.raw_customers AS SELECT i AS id, 'region 0' AS region FROM generate_series(0, 49) AS i;
CREATE ROLE {READER} LOGIN;
GRANT USAGE ON SCHEMA shop TO {READER};
"""
DEPENDENT = f"""
GRANT SELECT ON shop.segments TO {READER};
CREATE VIEW shop.dashboard AS SELECT rfm_segment, count(*) AS customers FROM shop.segments GROUP BY 1;
GRANT SELECT ON shop.dashboard TO {READER};
"""
NEW = """
INSERT INTO shop.raw_orders VALUES (7, date '2024-07-18' + {0}, 10);
UPDATE shop.raw_customers SET region = 'region {0}';
"""
TIMES = 5
OF_NAME = ('{"bind": "name", "as_of": "2024-08-01", '
           '"customers": {"source": "shop.customers", "customer": "id", "columns": ["region"]}}')
OF_TABLE = OF_NAME.replace('"name"', '"table"')
TRAIN = QUIET + "SELECT customer_value.train_segmentation('shop.segments');"
STATE = "SELECT state, newest_training FROM customer_value.segmentations"
KEPT = "SELECT id, options, trainings FROM customer_value.segmentation"

# What the reader reads over and over
CUSTOMER = "SELECT frequency FROM shop.segments WHERE customer_id = 7;"
READ = CUSTOMER + "SELECT count(*), count(rfm_segment) FROM shop.segments;"
RIGHT = re.compile(r"(\d+)\n50\|50")
READS = 36  # at least


@pytest.fixture(scope="session", autouse=True)
def tools(shown):
    """dbt and pandas, fetched before the first test."""
    with shown():
        loaders.ensure()


@pytest.fixture
def shop(cluster):
    """The server, with raw orders and customers, and a role that reads."""
    cluster.psql(f"{QUIET}DROP ROLE IF EXISTS {READER}")  # of an interrupted run, whose database is gone
    cluster.psql(RAW)
    yield cluster
    cluster.psql(f"DROP OWNED BY {READER}; DROP ROLE {READER};")


@pytest.fixture
def dbt(shop, tmp_path):
    """What runs dbt, with models of a kind: it makes shop.orders and shop.customers."""
    with loaders.dbt(shop, TESTS / "dbt", tmp_path) as dbt:
        def run(kind, *options):
            said = dbt("run", "--vars", f"kind: {kind}", *options)
            assert "PASS=2 WARN=0 ERROR=0" in said, said

        yield run


@pytest.fixture
def pandas(shop):
    """What runs pandas: it makes shop.orders of the raw ones, in place of those that are there."""
    with loaders.session(shop) as python:
        python.run("import pandas, sqlalchemy", timeout=120)
        python.run("engine = sqlalchemy.create_engine('postgresql+psycopg2://')")
        yield lambda: python.run("rows = pandas.read_sql_table('raw_orders', engine, 'shop').to_sql("
                                 "'orders', engine, schema='shop', if_exists='replace', index=False)")


@contextlib.contextmanager
def reading(cluster):
    """The role reads while the block works: never an error, half of a change, or a state older than one seen."""
    with reading_on(cluster, READ, READER) as said:
        yield
    wrong = {answer for answer in said if not RIGHT.fullmatch(answer)}
    assert not wrong
    frequencies = [int(RIGHT.fullmatch(answer)[1]) for answer in said]
    assert frequencies == sorted(frequencies)
    assert len(said) >= READS


def rebuild_and_train(cluster, rebuild):
    """Rebuild the sources several times while the role reads: each time, new rows come, and a training."""
    with reading(cluster), cluster.session() as session:
        session.run(f"PREPARE customer AS {CUSTOMER}")
        for turn in range(1, TIMES + 1):
            session.run(NEW.format(turn))
            rebuild(turn)
            assert session.run("EXECUTE customer;") == str(40 + turn)
            assert session.run(TRAIN) == str(1 + turn)
    assert cluster.rows(STATE) == [["trained", str(1 + TIMES)]]
    assert cluster.value("SELECT sum(customers) FROM shop.dashboard", user=READER) == "50"


@pytest.mark.parametrize("kind", ["table", "view", "incremental"])
def test_dbt(shop, dbt, kind):
    """Whatever kind of model it is, nobody notices that dbt runs, except that new rows are there."""
    dbt(kind)
    shop.psql(creation(OF_NAME) + DEPENDENT)
    rebuild_and_train(shop, lambda turn: dbt(kind, *(["--full-refresh"] if turn == TIMES else [])))
    assert shop.rows("SELECT DISTINCT region FROM shop.segments") == [[f"region {TIMES}"]]


@pytest.mark.parametrize("kind", ["table", "view"])
def test_dbt_takes_the_view_away(shop, dbt, kind):
    """Bound to the table itself, the view goes with it; made again, it has its options and trainings."""
    dbt(kind)
    shop.psql(creation(OF_TABLE))
    assert shop.value(TRAIN) == "2"
    (kept,) = shop.rows(KEPT)
    dbt(kind)
    assert shop.value("SELECT to_regclass('shop.segments')") is None
    assert shop.rows(STATE) == [["view gone", "2"]]
    assert shop.rows(KEPT) == [kept]
    shop.psql(creation("{}"))
    assert shop.rows(STATE) == [["trained", "3"]]
    assert shop.rows(KEPT) == [[*kept[:2], "3"]]
    assert shop.value("SELECT count(region) FROM shop.segments") == "50"


def make_orders(cluster, bind):
    """Orders that have the types of the raw ones, and a segmentation over them."""
    cluster.psql(f"ALTER DEFAULT PRIVILEGES IN SCHEMA shop GRANT SELECT ON TABLES TO {READER};\n"
                 "CREATE TABLE shop.orders AS TABLE shop.raw_orders;\n"
                 + creation(f'{{"bind": "{bind}", "as_of": "2024-08-01"}}') + DEPENDENT)


def test_pandas(shop, pandas):
    """to_sql(if_exists="replace") goes on under readers, though it changes the types of the columns."""
    make_orders(shop, "name")

    def rebuild(_):
        assert pandas() == ""

    rebuild_and_train(shop, rebuild)


def test_pandas_is_refused(shop, pandas):
    """Bound to the table itself, the view keeps the table, and nothing is lost."""
    make_orders(shop, "table")
    assert "DependentObjectsStillExist" in pandas()
    assert shop.rows(STATE) == [["trained", "1"]]
    assert shop.value("SELECT sum(frequency) FROM shop.segments") == "2000"
    assert shop.value(TRAIN) == "2"


def test_training_waits_for_a_rebuild(shop):
    """A training that comes upon a table as it is being replaced waits, then reads the new one."""
    make_orders(shop, "name")
    with shop.session() as loader, shop.session() as trainer:
        loader.run(NEW.format(1) + """
            BEGIN;
            ALTER TABLE shop.orders RENAME TO old;
            CREATE TABLE shop.orders AS TABLE shop.raw_orders;""")
        trainer.send(TRAIN)
        assert trainer.waits()
        loader.run("COMMIT; DROP TABLE shop.old CASCADE;")
        assert trainer.answer() == "2"
    assert shop.rows("SELECT customers, orders FROM customer_value.segmentations") == [["50", "2001"]]
