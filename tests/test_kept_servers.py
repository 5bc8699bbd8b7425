"""Kept histories on other servers: a standby and what it is promoted to, a server after a crash, a subscriber."""

import os
import signal
import subprocess
import threading
import time

import pytest
from cluster import Cluster
from moved import (CHANGES, NOTED, TABLES, assert_goes_on, assert_holds, assert_right, created, fill_kept, refresh,
                   refresh_once)
from helpers import QUIET
from system import output, run_as
from whole import FROM, SUPERUSER, TO, server_of_its_own

SECONDS = 20  # within which everything arrives
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}


@pytest.fixture
def primary(version, installed):
    """A server with kept histories, some customers of which are touched."""
    with server_of_its_own(version, "kept-primary", {**DURABLE, "max_wal_senders": 4}) as cluster:
        fill_kept(cluster, user=SUPERUSER)
        yield cluster


@pytest.fixture
def standby(version, primary):
    """A hot standby of it."""
    copy = Cluster(version, "kept-standby", {**DURABLE, "primary_conninfo": f"host={primary.socket} user=postgres"})
    copy.remove()
    copy.folder.mkdir(parents=True)
    if copy.owner:
        os.chown(copy.folder, copy.owner.pw_uid, copy.owner.pw_gid)
    output([primary.pg.bindir / "pg_basebackup", "-D", copy.data, "-X", "stream", "-c", "fast", "-h", primary.socket,
            "-U", "postgres"], env=primary.env, **run_as(copy.owner))
    (copy.data / "standby.signal").touch()
    with copy:
        yield copy
    copy.remove()


def wait_for(ask, expected=True):
    """Wait until something is so."""
    deadline = time.monotonic() + SECONDS
    while ask() != expected and time.monotonic() < deadline:
        time.sleep(0.1)
    assert ask() == expected


def catch_up(primary, standby):
    """Wait until the standby has replayed all that the primary has written."""
    position = primary.value("SELECT pg_current_wal_lsn()")
    wait_for(lambda: standby.value(f"SELECT pg_last_wal_replay_lsn() >= '{position}'"), "t")


def test_standby(primary, standby):
    """What is kept is read on a standby, and is right whatever the primary does; promoted, it goes on."""
    catch_up(primary, standby)
    assert_holds(standby, FROM, NOTED)
    assert_right(standby, FROM, NOTED)
    said = standby.psql("SELECT customer_value.refresh_segmentation('shop.seg')", db=FROM, check=False, errors=True)
    assert "cannot execute refresh_segmentation in a read-only transaction" in said
    primary.psql(CHANGES, db=FROM)
    catch_up(primary, standby)
    assert_right(standby, FROM, NOTED)
    assert standby.value("SELECT notes > 0 FROM customer_value.keeping('shop.seg')", db=FROM) == "t"
    primary.psql("BEGIN; ALTER TABLE shop.orders DISABLE TRIGGER USER;"
                 "INSERT INTO shop.orders (customer_id, day, total) VALUES (7, '2024-07-30', 5);"
                 "ALTER TABLE shop.orders ENABLE TRIGGER USER; COMMIT;", db=FROM)
    catch_up(primary, standby)
    assert_right(standby, FROM, NOTED)
    assert_holds(standby, FROM, ["shop.seg"], expected=False)
    refresh(primary, FROM, NOTED, user=SUPERUSER, at_most=2)
    catch_up(primary, standby)
    assert_holds(standby, FROM, NOTED)
    assert_right(standby, FROM, NOTED)
    standby.psql("SELECT pg_promote()")
    wait_for(lambda: standby.value("SELECT pg_is_in_recovery()"), "f")
    assert_right(standby, FROM, NOTED)
    assert_holds(standby, FROM, NOTED)
    assert_goes_on(standby, FROM, user=SUPERUSER, views=NOTED)


# a few orders come and change; none of the customers goes
FEW = """
INSERT INTO shop.orders (customer_id, day, total) SELECT 30 + random() * 40, '2024-07-30', 11 FROM generate_series(1, 20);
UPDATE shop.orders SET total = total + 1 WHERE customer_id = 3;
INSERT INTO shop.sales SELECT customer_id, '2024-07-30', 11 FROM shop.sales LIMIT 5;
UPDATE shop.sales SET total = total + 1 WHERE customer_id = 'c3';
"""


def write_until(primary, stop):
    """Writers and refreshes until the server is gone."""
    while not stop.is_set():
        primary.psql(FEW + f"{QUIET}SELECT customer_value.refresh_segmentation('shop.seg', random() < 0.3);",
                     db=FROM, check=False, errors=True)


def test_crash(primary):
    """After a crash amid writers and refreshes the view is right at once."""
    for _ in range(3):
        stop = threading.Event()
        busy = [threading.Thread(target=write_until, args=(primary, stop)) for _ in range(3)]
        for each in busy:
            each.start()
        time.sleep(1.5)
        pid = primary.pid()
        os.kill(pid, signal.SIGSTOP)  # or it might start one more, which would wait for ever for what the others held
        children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=True).stdout.split()
        for process in (pid, *map(int, children)):
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        stop.set()
        for each in busy:
            each.join()
        deadline = time.monotonic() + SECONDS
        while os.path.exists(f"/proc/{pid}") and time.monotonic() < deadline:
            time.sleep(0.1)
        for lock in primary.socket.glob(".s.PGSQL.*"):  # a process that nobody waits for may seem to hold it
            lock.unlink()
        primary.start()
        assert_right(primary, FROM, NOTED)
    assert_goes_on(primary, FROM, user=SUPERUSER, views=NOTED)


@pytest.fixture
def subscriber(version, installed):
    """A server with orders in database FROM, and in TO kept histories over what it subscribes to."""
    with server_of_its_own(version, "kept-subscriber", {"wal_level": "logical"}) as cluster:
        for db in (FROM, TO):
            cluster.fresh_database(db)
            cluster.psql(TABLES, db=db)
        cluster.psql("TRUNCATE shop.orders; TRUNCATE shop.sales; CREATE EXTENSION customer_value;\n" + QUIET
                     + "INSERT INTO shop.orders (customer_id, day, total) VALUES (1, '2024-01-01', 1);"
                     + created("shop.live", "") + created("shop.seg", ', "keep": true'), db=TO)
        refresh(cluster, TO, ["shop.seg"], user=SUPERUSER)
        cluster.psql("CREATE PUBLICATION orders FOR TABLE shop.orders;"
                     "SELECT pg_create_logical_replication_slot('orders', 'pgoutput');", db=FROM)
        cluster.psql("DELETE FROM shop.orders", db=TO)
        cluster.psql(f"CREATE SUBSCRIPTION orders CONNECTION 'host={cluster.socket} port=5432 user=postgres "
                     f"dbname={FROM}' PUBLICATION orders WITH (create_slot = false);", db=TO)
        yield cluster
        cluster.psql("ALTER SUBSCRIPTION orders DISABLE; ALTER SUBSCRIPTION orders SET (slot_name = NONE);"
                     "DROP SUBSCRIPTION orders;", db=TO)
        cluster.psql("SELECT pg_drop_replication_slot('orders')", db=FROM, check=False, errors=True)


def test_subscriber(subscriber):
    """The first copy, what is applied, and TRUNCATE are noted; the view is right without a refresh."""
    views = {"shop.seg": "shop.live"}
    rows = "SELECT count(*), sum(total), count(DISTINCT customer_id) FROM shop.orders"

    def arrives():
        wait_for(lambda: subscriber.rows(rows, db=TO), subscriber.rows(rows, db=FROM))
        # trainings are older: compare what no training decides
        asked = "SELECT customer_id, frequency, revenue, first_purchase, last_purchase, clv, p_alive FROM shop."
        one, other = asked + "seg", asked + "live"
        assert subscriber.value(f"SELECT count(*) FROM (({one} EXCEPT ALL {other}) UNION ALL "
                                f"({other} EXCEPT ALL {one})) AS d", db=TO) == "0"

    arrives()
    assert_holds(subscriber, TO, views)
    # one of the deletion above, and one of each customer
    assert subscriber.value("SELECT notes FROM customer_value.keeping('shop.seg')", db=TO) == "51"
    assert refresh_once(subscriber, TO, "shop.seg", user=SUPERUSER) == 50
    subscriber.psql(CHANGES, db=FROM)
    arrives()
    assert_holds(subscriber, TO, views)
    assert int(subscriber.value("SELECT notes FROM customer_value.keeping('shop.seg')", db=TO)) > 10
    subscriber.psql("TRUNCATE shop.orders", db=FROM)
    subscriber.psql("INSERT INTO shop.orders (customer_id, day, total) VALUES (3, '2024-05-05', 4)", db=FROM)
    arrives()
    assert_holds(subscriber, TO, views, expected=False)
    refresh(subscriber, TO, views, user=SUPERUSER)
    assert_holds(subscriber, TO, views)
    arrives()
