"""How many statements a training runs inside the one that asks for it, and what is said when one of them fails."""

import re

import pytest
from helpers import ORDERS, SEARCH, creation

MOST = 30
LOGGED = """
LOAD 'auto_explain';
SET auto_explain.log_min_duration = 0;
SET auto_explain.log_nested_statements = on;
SET client_min_messages = log;
"""
TRAIN = "SELECT train_segmentation('shop.segments');\n"
INPUTS = """
CREATE TABLE shop.customers AS SELECT i AS id, i AS budget FROM generate_series(0, 60) AS i;
CREATE TABLE shop.events AS SELECT customer_id AS who, day AS at FROM shop.orders;
CREATE TABLE shop.answers AS SELECT customer_id AS who, day AS at, 'csat' AS kind, 1 + customer_id % 5 AS score
FROM shop.orders;
"""
WITH_INPUTS = """{
    "customers": {"source": "shop.customers", "customer": "id", "columns": ["budget"]},
    "interactions": {"source": "shop.events", "customer": "who", "at": "at"},
    "satisfaction": {"source": "shop.answers", "customer": "who", "at": "at", "kind": "kind", "score": "score"},
    "potential_value": {"budget": 1, "frequency": 1}
}"""


def nested(cluster, sql):
    """How many statements ran inside those of some SQL, by the log of auto_explain, bodies of SQL functions among them."""
    if not list(cluster.pg.ask("pkglibdir").glob("auto_explain.*")):
        pytest.skip("this PostgreSQL comes without auto_explain")
    said = cluster.psql(SEARCH + LOGGED + sql, errors=True)
    assert "ERROR" not in said
    return len(re.findall(r"^Query Text:", said, re.MULTILINE)) - sql.count(";\n")


def test_a_training(cluster):
    """A training of the default options asks the catalogue and reads the source a few times, not once per column."""
    cluster.psql(ORDERS + creation())
    assert 5 < nested(cluster, TRAIN) <= MOST


def test_every_input(cluster):
    """An optional input adds what finds its table and its columns' types, and no more."""
    cluster.psql(ORDERS + creation())
    plain = nested(cluster, TRAIN)
    cluster.psql(INPUTS + creation(WITH_INPUTS, "shop.more"))
    more = nested(cluster, TRAIN.replace("segments", "more"))
    assert plain < more <= MOST, f"{plain} statements, {more} with every input"


def test_an_error_in_the_source(cluster):
    """An error that a source raises while training is told as it is, and the training before stays in force."""
    cluster.psql(ORDERS + "CREATE VIEW shop.divided AS SELECT customer_id, day, total FROM shop.orders;\n"
                 + creation().replace("shop.orders", "shop.divided"))
    cluster.psql("""
        CREATE OR REPLACE VIEW shop.divided AS
        SELECT customer_id, day, (total / (customer_id - 7))::numeric(10, 2) AS total FROM shop.orders;""")
    said = cluster.psql(SEARCH + TRAIN, check=False, errors=True)
    assert "ERROR:  division by zero\nCONTEXT:  training of shop.segments\n" in said, said
    assert cluster.value("SELECT newest_training FROM customer_value.segmentations") == "1"


def test_the_counter(cluster):
    """What counts the statements sees those inside functions."""
    cluster.psql("""
        CREATE FUNCTION public.three() RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM 1 FROM pg_class;
            PERFORM 2 FROM pg_class;
            PERFORM 3 FROM pg_class;
        END $$;""")
    assert nested(cluster, "SELECT three();\n") == 3
