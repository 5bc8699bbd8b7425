"""Kept histories and transactions of other kinds: two-phase commit, partitions that come and go while a refresh runs, and
those that change more than 20,000 customers.

The reference is a segmentation with the same options but keep, read in the same statement.
"""

import time

import pytest
from helpers import QUIET
from kept import refresh, state
from moved import TABLES, created
from whole import server_of_its_own

COLUMNS = "customer_id, first_purchase, last_purchase, frequency, revenue, clv, rfm_segment, growth_quadrant"
DIFFER = """SELECT count(*) FROM ((SELECT {0} FROM shop.seg EXCEPT ALL SELECT {0} FROM shop.live) UNION ALL
                                  (SELECT {0} FROM shop.live EXCEPT ALL SELECT {0} FROM shop.seg)) AS d;"""
# read between two looks at the gate: whether it is open, and the differences
LOOK = DIFFER.format(COLUMNS) + " SELECT holds, notes FROM customer_value.keeping('shop.seg');"
# two customers who come, one who changes, one who goes, one who becomes another; what a subtransaction did and undid is not noted
CHANGES = """
INSERT INTO shop.orders (customer_id, day, total) VALUES (7, '2024-07-30', 11), (70, '2024-07-30', 11);
SAVEPOINT a;
INSERT INTO shop.orders (customer_id, day, total) VALUES (7, '2024-07-30', 11), (71, '2024-07-30', 11);
ROLLBACK TO a;
UPDATE shop.orders SET total = total + 1 WHERE customer_id = 3;
SAVEPOINT b;
DELETE FROM shop.orders WHERE customer_id = 5;
RELEASE b;
UPDATE shop.orders SET customer_id = 80 WHERE customer_id = 9;
"""
NOTED = ["3", "5", "7", "9", "70", "80"]
NOTES = "SELECT customer FROM shop.seg_touched ORDER BY 1"


@pytest.fixture(scope="module")
def prepared(version, installed):
    """A server of its own that takes prepared transactions."""
    with server_of_its_own(version, "kept-prepared", {"max_prepared_transactions": 10}) as server:
        yield server


@pytest.fixture
def shop(prepared):
    """Orders whose histories are kept."""
    assert prepared.rows("SELECT gid FROM pg_prepared_xacts") == []
    prepared.db = prepared.fresh_database("prepared")
    prepared.psql("CREATE EXTENSION customer_value;" + QUIET + TABLES + created("shop.live", "")
                  + created("shop.seg", ', "keep": true') + "SELECT customer_value.refresh_segmentation('shop.seg')")
    yield prepared
    for (gid,) in prepared.rows("SELECT gid FROM pg_prepared_xacts"):
        prepared.psql(f"ROLLBACK PREPARED '{gid}'")
    prepared.db = "postgres"


def noted(cluster):
    """The customers who are noted; None says everybody."""
    return [customer for (customer,) in cluster.rows(NOTES)]


def look(cluster):
    """Differences, whether the gate is open, notes."""
    return cluster.psql(LOOK).split()


@pytest.mark.parametrize("restart", [False, True], ids=["", "restart"])
def test_commit_prepared(shop, restart):
    """Until it is committed, by whomever, a prepared transaction is seen nowhere; then its notes are, and its orders."""
    with shop.session() as session:
        assert session.run(f"BEGIN; {CHANGES} {LOOK}").split() == ["0", "t|6"]
        # the session goes on, without another transaction between: it has forgotten what it noted in the prepared one
        session.run("PREPARE TRANSACTION 'orders'; INSERT INTO shop.orders (customer_id, day, total) "
                    "VALUES (7, '2024-07-29', 4), (8, '2024-07-29', 4);")
        assert noted(shop) == ["7", "8"]
        assert session.run(LOOK).split() == ["0", "t|2"]
    if restart:
        shop.restart()
    assert look(shop) == ["0", "t|2"]
    assert refresh(shop, "shop.seg") == 2
    assert look(shop) == ["0", "t|0"]
    count = int(shop.value("SELECT count(*) FROM shop.seg"))
    with shop.session() as other:
        other.run("COMMIT PREPARED 'orders';")
    assert noted(shop) == NOTED
    assert look(shop) == ["0", "t|6"]
    # customers 70 and 80 have come, 5 and 9 have gone
    assert int(shop.value("SELECT count(*) FROM shop.seg")) == count
    assert shop.rows("SELECT customer_id FROM shop.seg WHERE customer_id IN (5, 9, 70, 71, 80) ORDER BY 1") == [["70"], ["80"]]
    assert refresh(shop, "shop.seg") == 6
    assert look(shop) == ["0", "t|0"]


def test_rollback_prepared(shop):
    """What is rolled back leaves no notes."""
    shop.psql(f"BEGIN; {CHANGES} PREPARE TRANSACTION 'orders'")
    before = shop.value("SELECT count(*) FROM shop.orders")
    assert look(shop) == ["0", "t|0"]
    shop.psql("ROLLBACK PREPARED 'orders'")
    assert (noted(shop), look(shop)) == ([], ["0", "t|0"])
    assert shop.value("SELECT count(*) FROM shop.orders") == before
    assert refresh(shop, "shop.seg") == 0


def test_full_refresh_beside_prepared(shop):
    """A refresh that folds everybody sees nothing of it, and forgets no note of it."""
    shop.psql(f"BEGIN; {CHANGES} PREPARE TRANSACTION 'orders'")
    shop.psql("SELECT customer_value.refresh_segmentation('shop.seg', anew => true)")
    assert look(shop) == ["0", "t|0"]
    shop.psql("COMMIT PREPARED 'orders'")
    assert (noted(shop), look(shop)) == (NOTED, ["0", "t|6"])


def test_prepared_refresh(shop):
    """A refresh may be prepared itself: nobody reads what it wrote before it is committed, and others wait for it."""
    shop.psql(f"BEGIN; {CHANGES} COMMIT")
    shop.psql(f"{QUIET}BEGIN; SELECT customer_value.refresh_segmentation('shop.seg'); PREPARE TRANSACTION 'refresh'")
    assert look(shop) == ["0", "t|6"]
    shop.psql("INSERT INTO shop.orders (customer_id, day, total) VALUES (3, '2024-07-31', 1), (72, '2024-07-31', 1)")
    assert look(shop) == ["0", "t|8"]
    with shop.session() as other:
        other.send("SELECT customer_value.refresh_segmentation('shop.seg');")
        assert other.waits()
        shop.psql("COMMIT PREPARED 'refresh'")
        assert other.answer() == "2"
    assert look(shop) == ["0", "t|0"]


def test_prepared_gate(shop):
    """A prepared transaction that makes all noted, or moves a partition: the gate closes when it is committed."""
    shop.psql(QUIET + created("shop.sold", ', "keep": true') + "SELECT customer_value.refresh_segmentation('shop.sold')")
    shop.psql("BEGIN; INSERT INTO shop.orders (customer_id, day, total) SELECT 1000 + i, '2024-07-30', 1 "
              "FROM generate_series(1, 20001) AS i; PREPARE TRANSACTION 'many'")
    assert look(shop) == ["0", "t|0"]
    shop.psql("COMMIT PREPARED 'many'")
    assert noted(shop).count(None) == 1
    assert look(shop)[:1] == ["0"] and state(shop, "shop.seg")[0] == "f"
    assert refresh(shop, "shop.seg") > 20000
    assert look(shop) == ["0", "t|0"]
    shop.psql("CREATE TABLE shop.more (LIKE shop.sales); INSERT INTO shop.more VALUES ('c700', '2024-02-02', 7);"
              "BEGIN; ALTER TABLE shop.sales DETACH PARTITION shop.sales_old; PREPARE TRANSACTION 'detach'")
    assert state(shop, "shop.sold") == ("t", None, 0)
    shop.psql("COMMIT PREPARED 'detach'")
    assert state(shop, "shop.sold")[:2] == ("f", "shop.sales_old is no longer a partition or child of shop.sales")


# partitions that come and go while a refresh runs

REFRESH = "SELECT customer_value.refresh_segmentation('shop.{}', {});"
DIFFERENCES = "SELECT shop.differences('shop.{0}', 'shop.{0}_live')"
YEARS = QUIET + """
CREATE TABLE shop.years (customer_id text, at timestamptz, total numeric(10, 2)) PARTITION BY RANGE (at);
CREATE TABLE shop.years_old PARTITION OF shop.years FOR VALUES FROM (MINVALUE) TO ('2024-03-01');
CREATE TABLE shop.years_new PARTITION OF shop.years FOR VALUES FROM ('2024-03-01') TO (MAXVALUE);
INSERT INTO shop.years SELECT * FROM shop.sales;
""" + "".join(f"""
SELECT customer_value.create_segmentation('shop.{view}', 'shop.years', 'customer_id', 'at', 'total',
                                          '{{"as_of": "2024-08-01"{keep}}}');
""" for view, keep in [("of_years", ', "keep": true'), ("of_years_live", "")])


WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
CHANGED = "NOTICE:  shop.sales was changed while the refresh was reading it, so shop.sold reads the orders until the next refresh"


def wait_for(cluster, count):
    """Wait until a query counts one."""
    end = time.monotonic() + 30
    while cluster.value(count) != "1":
        assert time.monotonic() < end, count
        time.sleep(0.05)


@pytest.mark.parametrize(("anew", "refreshed"), [("true", 51), ("false", 2)])
def test_attached_while_a_refresh_reads(shop, anew, refreshed):
    """What a refresh read of a partition that came meanwhile does not count when it has gone again."""
    shop.psql(QUIET + created("shop.sold", ', "keep": true') + created("shop.sold_live", "") + REFRESH.format("sold", "false"))
    assert state(shop, "shop.sold") == ("t", None, 0)
    with shop.session() as holder, shop.session() as refresher:
        shop.psql("INSERT INTO shop.sales VALUES ('c7', '2024-02-02', 7), ('c700', '2024-02-02', 7)")
        # a refresh reads it after it has looked at the source
        holder.run(f"BEGIN; LOCK TABLE shop.{'sold_kept' if anew == 'true' else 'sales_old'};")
        refresher.send(REFRESH.format("sold", anew))
        wait_for(shop, WAITING)
        shop.psql("CREATE TABLE shop.sales_more (LIKE shop.sales); INSERT INTO shop.sales_more VALUES ('c700', '2024-04-02', 7);"
                  "ALTER TABLE shop.sales_new ATTACH PARTITION shop.sales_more FOR VALUES IN ('c700')")
        holder.run("COMMIT;")
        said = refresher.answer().splitlines()
        assert said[-1] == str(refreshed) and CHANGED in said
    assert state(shop, "shop.sold")[:2] == ("f", "shop.sales_more has become a partition or child of shop.sales")
    shop.psql("ALTER TABLE shop.sales_new DETACH PARTITION shop.sales_more")
    assert state(shop, "shop.sold")[:2] == ("f", "shop.sales was changed while a refresh was reading it")
    assert shop.value(DIFFERENCES.format("sold")) == "0"
    assert refresh(shop, "shop.sold") == 51
    assert state(shop, "shop.sold") == ("t", None, 0)
    assert shop.value(DIFFERENCES.format("sold")) == "0"


def test_detached_while_a_refresh_waits(shop):
    """A refresh that waited reads what is there when it goes on, not the partitions of when it was called."""
    shop.psql(YEARS)
    with shop.session() as other, shop.session() as first, shop.session() as second, shop.session() as detaching:
        other.run("BEGIN; LOCK TABLE ONLY shop.years IN ACCESS SHARE MODE;")  # detaching does not come to its end
        first.run("BEGIN;" + REFRESH.format("of_years", "false"))
        second.send(REFRESH.format("of_years", "true"))
        wait_for(shop, WAITING)
        detaching.send("ALTER TABLE shop.years DETACH PARTITION shop.years_new CONCURRENTLY;")
        wait_for(shop, "SELECT count(*) FROM pg_inherits WHERE inhdetachpending")
        first.run("COMMIT;")
        second.answer()
        # what is being detached has no orders any more, nor what is kept; queries read neither until it is detached
        assert shop.value("SELECT count(*) FROM shop.years WHERE at >= '2024-03-01'") == "0"
        assert shop.value("SELECT max(customer_value.last_purchase(history)) < '2024-03-01' FROM shop.of_years_kept") == "t"
        assert state(shop, "shop.of_years") == ("f", "partitions or children of shop.years come or go at this moment", 0)
        assert shop.value(DIFFERENCES.format("of_years")) == "0"
        other.run("COMMIT;")
        detaching.answer()
    assert state(shop, "shop.of_years")[:2] == ("f", "shop.years_new is no longer a partition or child of shop.years")
    assert shop.value(DIFFERENCES.format("of_years")) == "0"


# more than 20,000 customers

LIMIT = 20_000
ALL_NOTED = "all customers were touched, by TRUNCATE or by a transaction with many of them"
FEW = DIFFER.format("customer_id, last_purchase, frequency, revenue")
FIRST = """INSERT INTO shop.orders (customer_id, day, total)
           SELECT i, '2024-07-30', 1 FROM generate_series({}, {}) AS i;"""


@pytest.fixture
def many(cluster):
    """Orders of 21,000 customers, whose histories are kept."""
    cluster.psql(QUIET + TABLES + "SET synchronous_commit = off;"
                 "INSERT INTO shop.orders (customer_id, day, total) SELECT i, '2024-01-01', 5 FROM generate_series(1, 21000) AS i;"
                 "ANALYZE shop.orders;" + created("shop.live", "") + created("shop.seg", ', "keep": true')
                 + "SELECT customer_value.refresh_segmentation('shop.seg'); ANALYZE shop.seg_kept;")
    return cluster


def seen(session):
    """What a session sees: no difference; whether the gate is open; notes, and those of everybody."""
    differ, holds, notes, everybody = session.run(
        f"{FEW} SELECT holds FROM customer_value.keeping('shop.seg'); SELECT count(*) FROM shop.seg_touched;"
        "SELECT count(*) FROM shop.seg_touched WHERE customer IS NULL;", timeout=120).split()
    assert differ == "0"
    return holds, int(notes), int(everybody)


def test_many_customers(many):
    """Up to the limit customers are noted one by one, beyond it all are; read by writer and others at each step."""
    with many.session() as writer, many.session() as reader:
        writer.run("BEGIN;" + FIRST.format(1, LIMIT))
        assert seen(writer) == ("t", LIMIT, 0), "exactly so many are noted one by one"
        writer.run("UPDATE shop.orders SET total = total + 1 WHERE customer_id BETWEEN 1 AND 9;")
        assert seen(writer) == ("t", LIMIT, 0), "they are noted already"
        writer.run("SAVEPOINT a;" + FIRST.format(LIMIT + 1, LIMIT + 1))
        assert seen(writer) == ("f", LIMIT + 1, 1), "one more: everybody"
        writer.run(FIRST.format(LIMIT + 2, LIMIT + 900))
        assert seen(writer) == ("f", LIMIT + 1, 1), "nobody need be noted any more"
        assert seen(reader) == ("t", 0, 0)
        writer.run("ROLLBACK TO a;")
        assert seen(writer) == ("t", LIMIT, 0), "the note of everybody is gone with the savepoint"
        writer.run("SAVEPOINT b;" + FIRST.format(LIMIT + 3, LIMIT + 3))
        assert seen(writer) == ("f", LIMIT + 1, 1), "and made again"
        writer.run("RELEASE b;")
        assert seen(writer) == ("f", LIMIT + 1, 1)
        # a refresh beside it sees none of that; notes of others stay their own
        assert refresh(many, "shop.seg") == 0
        many.psql(FIRST.format(4, 5))
        assert seen(reader) == ("t", 2, 0)
        assert seen(writer) == ("f", LIMIT + 3, 1)
        assert refresh(many, "shop.seg") == 2
        assert seen(reader) == ("t", 0, 0)
        writer.run("COMMIT;")
        assert seen(reader) == ("f", LIMIT + 1, 1)
        assert state(many, "shop.seg") == ("f", ALL_NOTED, LIMIT + 1)
        assert refresh(many, "shop.seg") == int(many.value("SELECT count(*) FROM shop.live"))
        assert seen(reader) == ("t", 0, 0)
        assert seen(writer) == ("t", 0, 0)


def test_many_customers_are_rolled_back(many):
    """Rolled back as a whole, or in part, and then written again by the same session."""
    with many.session() as writer, many.session() as reader:
        writer.run("BEGIN;" + FIRST.format(1, LIMIT + 1))
        assert seen(writer) == ("f", LIMIT + 1, 1)
        writer.run("ROLLBACK;")
        assert seen(writer) == seen(reader) == ("t", 0, 0)
        writer.run(FIRST.format(1, 3))
        assert seen(writer) == seen(reader) == ("t", 3, 0), "the next transaction notes anew"
        # those of a subtransaction are forgotten with it, so that there is room for others
        writer.run("BEGIN;" + FIRST.format(1, 5) + "SAVEPOINT a;" + FIRST.format(6, LIMIT) + "ROLLBACK TO a;"
                   + FIRST.format(1001, LIMIT + 995))
        assert seen(writer) == ("t", LIMIT + 3, 0)
        writer.run(FIRST.format(7, 7))
        assert seen(writer) == ("f", LIMIT + 4, 1)
        assert seen(reader) == ("t", 3, 0)
        writer.run("COMMIT;")
        assert seen(reader) == ("f", LIMIT + 4, 1)
        assert refresh(many, "shop.seg") >= 21000
        assert seen(reader) == ("t", 0, 0)


def test_many_customers_of_several_transactions(many):
    """The limit is that of one transaction: two that keep to it note one by one, and one within another snapshot sees none."""
    with many.session() as writer, many.session() as reader:
        reader.run(f"BEGIN ISOLATION LEVEL REPEATABLE READ; {FEW}", timeout=120)
        for first, last in ((1, 15000), (10001, 21000)):
            writer.run(FIRST.format(first, last))
        assert seen(writer) == ("t", 26000, 0)
        assert seen(reader) == ("t", 0, 0)
        writer.run(FIRST.format(1, LIMIT + 1))
        assert seen(writer) == ("f", 26000 + LIMIT + 1, 1)
        assert refresh(many, "shop.seg") >= 21000
        assert seen(reader)[1:] == (0, 0), "its snapshot is that before all of this"
        reader.run("COMMIT;")
        assert seen(reader) == ("t", 0, 0)
