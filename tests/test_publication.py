"""Logical replication of a whole database, as for an upgrade without an interruption."""

import time

import pytest
from helpers import QUIET
from whole import (ALL, DBA, FROM, OWN, PLACED, PLAIN, SCHEME, TEAM, TO, ask, check_it_goes_on, compare, fill, make,
                   program, restore, server_of_its_own)

SECONDS = 30  # within which everything arrives
TABLES = ["SELECT * FROM customer_value.training ORDER BY segmentation, number",
          "SELECT * FROM customer_value.segmentation ORDER BY id",
          "SELECT * FROM customer_value.definition ORDER BY kind, name"]
VIEWS = [f"SELECT * FROM {each.view} ORDER BY 1" for each in ALL]
REPORTS = [f"SELECT * FROM {PLACED.call('segment_playbook', '$$own$$')}",
           f"SELECT * FROM {PLAIN.call('segment_playbook', '$$growth$$')}",
           "SELECT view, state, newest_training FROM customer_value.segmentations ORDER BY view"]
NOT_IN_SYNC = "SELECT srrelid::regclass, srsubstate FROM pg_subscription_rel WHERE srsubstate <> 'r'"


def wait_for(cluster, query, expected, db=TO):
    """Wait until a query gives the rows that are expected."""
    deadline = time.monotonic() + SECONDS
    while (found := cluster.rows(query, db=db)) != expected and time.monotonic() < deadline:
        time.sleep(0.2)
    assert found == expected, query


def wait_until_alike(cluster):
    """Wait until the subscriber's tables of the extension are the publisher's; then views and reports are, too."""
    for query in TABLES:
        wait_for(cluster, query, cluster.rows(query, db=FROM))
    compare(cluster, TO, ask(cluster, FROM, VIEWS + REPORTS))


@pytest.fixture
def subscribed(version, installed):
    """A server with database FROM, and TO that has its schema and subscribes to all its tables."""
    with server_of_its_own(version, "publication", {"wal_level": "logical"}) as cluster:
        fill(cluster)
        make(cluster, TO)
        restore(cluster, program(cluster, "pg_dump", "-s"))
        # the slot is made first, as a subscription to its own server would wait for itself
        cluster.psql("CREATE PUBLICATION everything FOR ALL TABLES;\n"
                     "SELECT pg_create_logical_replication_slot('everything', 'pgoutput');", db=FROM)
        cluster.psql(f"CREATE SUBSCRIPTION everything CONNECTION 'host={cluster.socket} port=5432 user=postgres "
                     f"dbname={FROM}' PUBLICATION everything WITH (create_slot = false);", db=TO)
        yield cluster


def test_all_tables(subscribed):
    """All tables get in sync; what is trained, altered and defined arrives; the subscriber can take over."""
    wait_for(subscribed, NOT_IN_SYNC, [])
    assert int(subscribed.value("SELECT count(*) FROM pg_subscription_rel", db=TO)) >= 10
    wait_until_alike(subscribed)
    # new orders and a training
    train = f"{QUIET}SELECT {PLAIN.call('train_segmentation')}"
    subscribed.psql("INSERT INTO shop.orders SELECT i, '2024-07-31', 99 FROM generate_series(1, 20) AS i",
                    db=FROM, user=DBA)
    assert subscribed.value(train, db=FROM, user=DBA) == "3"
    wait_until_alike(subscribed)
    # trainings, a wording and a segmentation that go; a scheme that is another
    fewer = PLAIN.call("alter_segmentation", """'{"keep_trainings": 2}'""")
    more = PLAIN._replace(view="shop.more")
    subscribed.psql(QUIET + f"SELECT {fewer};\n" + more.creation + f"SELECT {more.call('drop_segmentation')};\n"
                    "SELECT customer_value.reword_matrix('growth', NULL);", db=FROM, user=DBA)
    subscribed.psql(QUIET + SCHEME.replace("Recent", "Fresh") + f"SELECT {OWN.call('train_segmentation')}",
                    db=FROM, user=TEAM)
    wait_until_alike(subscribed)
    assert subscribed.rows(NOT_IN_SYNC, db=TO) == []
    # the subscriber takes over
    subscribed.psql("ALTER SUBSCRIPTION everything DISABLE;\nALTER SUBSCRIPTION everything SET (slot_name = NONE);\n"
                    "DROP SUBSCRIPTION everything;", db=TO)
    check_it_goes_on(subscribed, TO)
