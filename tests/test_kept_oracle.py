"""A view over kept histories has the rows of the live one in every snapshot, whatever happens at the same time.

See chaos.py. The last test takes the gate out: then the same checks must find wrong rows.
"""

import time

import pytest
from chaos import Chaos, Questions, acts, setup
from whole import server_of_its_own
from system import say

CHECKS = {"plain": 550, "partitioned": 550}
WITHOUT_GATE = """
CREATE OR REPLACE FUNCTION customer_value_internal.keeps(segmentation uuid) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT true';
"""
# a serializable transaction, or one that is older than a change it meets, may have to be tried again, with and without keep
RETRIES = {(who, "40001") for who in ("repeatable read", "serializable", "refresher", "trainer")}
RETRIES |= {("breaker", "40001"), ("parallel", "40001")}
# while nothing is to be kept, or the source is unlogged, a refresh says so
RETRIES |= {("refresher", "55000"), ("refresher", "22023")}
# who has read the orders and comes to the view may meet its replacement on its way to the orders, as with other DDL
RETRIES |= {("turning keep off or on", "40P01")}
# acts of DDL do not wait for ever; while a partition is detached, its orders have no place
RETRIES |= {("breaker", "55P03")}
# and of two writers who meet in an order, one of whom moves it to another partition, the server asks the other to try again,
# with and without keep
MOVED = {("writer", "40001"), ("own changes", "40001")}
NO_PLACE = {("writer", "23514"), ("own changes", "23514"), ("breaker", "23514"), ("repeatable read", "23514"),
            ("serializable", "23514")}


@pytest.fixture(scope="module")
def busy(version, installed):
    """A server of its own, with two-phase commit."""
    with server_of_its_own(version, "chaos", {"max_prepared_transactions": 10}) as cluster:
        yield cluster


def prepare(busy, shape):
    """A database with a shop of that shape."""
    busy.db = busy.fresh_database(f"chaos_{shape}")
    busy.psql("CREATE EXTENSION customer_value")
    busy.psql(setup(shape))
    ask = Questions(busy)
    return acts(shape, ask.compare(ask.few))


@pytest.mark.parametrize("shape", CHECKS)
def test_kept_is_live(busy, shown, shape):
    """No check finds a difference, and nobody meets an error but those that ask for another try."""
    done_by = prepare(busy, shape)
    start = time.monotonic()
    chaos = Chaos(busy, shape, CHECKS[shape], done_by).run()
    with shown():
        say(f"{chaos.report()}; {time.monotonic() - start:.0f} s")
    assert not chaos.crashed
    assert not chaos.wrong, "\n".join(chaos.wrong[:10])
    # the server plans before it takes the snapshot of a query, and partitions count as of its plan: one that runs after a
    # partition was attached, and a refresh followed, reads kept orders as of now, and others as of then
    assert len(chaos.passed) <= (1 if shape == "partitioned" else 0), "\n".join(chaos.passed)
    allowed = RETRIES | (NO_PLACE | MOVED if shape == "partitioned" else set())
    assert set(chaos.errors) <= allowed, "\n".join(chaos.details[:20])
    assert sum(chaos.checks.values()) >= CHECKS[shape] and chaos.all_acts_done.is_set()
    # the gate asks for another try where partitions change while workers run
    parallel = [said for said in chaos.details if said.startswith("parallel") and ": 40001:" in said]
    assert all("changed while the query ran" in said for said in parallel), "\n".join(parallel)
    assert len(parallel) <= 10
    moved = [said for said in chaos.details if said.startswith(("writer", "own changes")) and ": 40001:" in said]
    assert all("already moved to another partition" in said for said in moved), "\n".join(moved)
    assert chaos.errors["turning keep off or on", "40P01"] <= 5, "\n".join(chaos.details)
    for who in ("repeatable read", "serializable", "breaker", "refresher", "trainer"):
        # most go through
        assert chaos.errors[who, "40001"] + chaos.errors[who, "55P03"] <= 5 + chaos.done[who], who
    checks = sum(chaos.open.values())
    # closed by design while a partition is being detached, which waits for the long transactions
    share = {"plain": 5, "partitioned": 10}[shape]
    assert chaos.open["t"] > checks / share and chaos.open["f"] > checks / 20, "the gate was hardly open, or hardly closed"
    # when all is quiet, a refresh opens the gate, and every column is the same
    ask = Questions(busy)
    busy.psql("SET client_min_messages = warning;" + "SELECT customer_value.refresh_segmentation('shop.kept');" * 2)
    assert busy.value("SELECT holds FROM customer_value.keeping('shop.kept')") == "t"
    assert busy.rows(ask.compare(ask.every)) == [["check", "0", "t", None]]


def test_without_the_gate(busy, shown):
    """The same chaos with a gate that is always open: checks find rows that are wrong."""
    done_by = prepare(busy, "plain")
    for name in ("keep off", "keep on"):  # nothing would be kept between them
        del done_by[name]
    busy.psql(WITHOUT_GATE)
    ask = Questions(busy)
    assert busy.rows(ask.compare(ask.every)) == [["check", "0", "t", None]], "before anything happens, nothing differs"
    chaos = Chaos(busy, "plain", 100, done_by).run()
    with shown():
        say(f"without the gate, {chaos.report()}")
    assert not chaos.crashed
    assert chaos.wrong, "checks that find nothing without the gate prove nothing"
