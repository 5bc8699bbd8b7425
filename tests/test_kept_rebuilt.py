"""Kept histories bound to the name of a source that is made anew: right at each step of the swap, kept again after it.

The reference is a segmentation with the same options but keep. Steps are those of dbt: make a table, rename the old one away,
rename the new one into place, drop the old one.
"""

import pytest
from helpers import QUIET
from kept import assert_gone, assert_same, beside, refresh, rows, state
from moved import TABLES, created

READER = "rebuilt_reader"
BIND = ', "bind": "name"'
# the rows are others each time: one customer goes, one comes, all amounts change
NEW = "SELECT id, customer_id, day, total + 1 AS total, note FROM shop.orders WHERE customer_id <> 9 + {n} " \
      "UNION ALL SELECT 5000 + {n}, 77 + {n}, '2024-07-30', 11, NULL"
FORMS = {
    "plain": "CREATE TABLE shop.orders_new AS {new}",
    "keyed": "CREATE TABLE shop.orders_new AS {new}; CREATE INDEX ON shop.orders_new (customer_id)",
    # as pandas makes it, in another order
    "types": "CREATE TABLE shop.orders_new AS SELECT total::float8, day::timestamp, customer_id, note, id FROM ({new}) AS n",
    "partitioned": "CREATE TABLE shop.orders_new (LIKE shop.orders) PARTITION BY LIST (customer_id);"
                   "CREATE TABLE shop.part_{n} PARTITION OF shop.orders_new DEFAULT; INSERT INTO shop.orders_new {new}",
}
AWAY, INTO, GONE = ("ALTER TABLE shop.orders RENAME TO orders_old", "ALTER TABLE shop.orders_new RENAME TO orders",
                    "DROP TABLE shop.orders_old CASCADE")
RENAMED = "another table than before is called shop.orders, or none"
# of two customers, one of whom is new
WRITTEN = "INSERT INTO shop.orders (customer_id, day, total) VALUES (90 + {n}, '2024-07-30', 5), (3, '2024-07-30', 6)"
COLUMNS = "customer_id, last_purchase, frequency, revenue, rfm_segment"
PREPARED = f"""
PREPARE differ AS SELECT count(*) FROM (
    (SELECT {COLUMNS} FROM shop.seg EXCEPT ALL SELECT {COLUMNS} FROM shop.live) UNION ALL
    (SELECT {COLUMNS} FROM shop.live EXCEPT ALL SELECT {COLUMNS} FROM shop.seg)) AS d;
SET plan_cache_mode = force_generic_plan;
"""


def made(cluster, keep):
    """Orders, and views bound to their name, whose histories are kept."""
    cluster.psql(f"{QUIET}DROP ROLE IF EXISTS {READER}")
    cluster.psql(QUIET + TABLES + "ALTER TABLE shop.orders DROP CONSTRAINT orders_pkey;"
                 "ALTER TABLE shop.orders ALTER id DROP DEFAULT, ALTER id DROP NOT NULL;"
                 + created("shop.live", BIND) + created("shop.seg", f'{BIND}, "keep": {keep}')
                 + "SELECT customer_value.refresh_segmentation('shop.seg')")
    assert state(cluster, "shop.seg")[0] == "t"


def same(cluster):
    """Whether both views have the same rows; the same error counts as well."""
    said = [cluster.psql(f"SELECT to_jsonb(s) - '{{trained_at, kept_at}}'::text[] FROM {view} AS s ORDER BY 1",
                         check=False, errors=True).replace("seg_orders", "live_orders").replace("shop.seg", "shop.live")
            for view in ("shop.seg", "shop.live")]
    return "error" if 'relation "shop.orders" does not exist' in said[0] and "ERROR" in said[1] else said[0] == said[1]


def assert_kept_again(cluster, n):
    """Changes are noted, and a refresh folds those customers and no others."""
    assert state(cluster, "shop.seg") == ("t", None, 0)
    assert same(cluster) is True
    cluster.psql(WRITTEN.format(n=n))
    assert state(cluster, "shop.seg") == ("t", None, 2)
    assert same(cluster) is True
    assert refresh(cluster, "shop.seg") == 2
    assert state(cluster, "shop.seg") == ("t", None, 0)
    assert same(cluster) is True


@pytest.mark.parametrize("form", FORMS)
def test_steps(cluster, form):
    """The steps one by one, with orders that come between them: twice, and all the while in a session that prepared its query."""
    made(cluster, "true")
    with cluster.session() as session:
        session.run(PREPARED)
        for n in (1, 2):
            cluster.psql(WRITTEN.format(n=n))
            assert state(cluster, "shop.seg") == ("t", None, 2)
            for step, right, reason in [
                    (FORMS[form].format(new=NEW, n=n).format(n=n), True, None), (AWAY, "error", RENAMED), (INTO, True, RENAMED),
                    (WRITTEN.format(n=10 * n), True, RENAMED), (GONE, True, RENAMED), (WRITTEN.format(n=20 * n), True, RENAMED)]:
                cluster.psql(QUIET + step)
                assert same(cluster) == right, step
                assert state(cluster, "shop.seg")[1] == reason, step
                said = session.run("EXECUTE differ;")
                assert ("does not exist" in said) if right == "error" else said == "0", step
            # one has changes noted, one keeps
            assert refresh(cluster, "shop.seg") is None
            assert state(cluster, "shop.seg") == ("f", "nothing has been kept yet", 2), "those from before the swap"
            cluster.psql(WRITTEN.format(n=30 * n))
            assert state(cluster, "shop.seg")[2] == 4
            assert (same(cluster), session.run("EXECUTE differ;")) == (True, "0")
            assert refresh(cluster, "shop.seg") > 50
            assert session.run("EXECUTE differ;") == "0"
            assert_kept_again(cluster, 40 * n)
            cluster.psql(QUIET + "".join(f"SELECT customer_value.train_segmentation('shop.{view}');" for view in ("live", "seg")))
            assert_kept_again(cluster, 50 * n)
            assert session.run("EXECUTE differ;") == "0"


def test_one_transaction(cluster):
    """The same in one transaction: others read the old table, and wait for none but the renamings."""
    made(cluster, "true")
    with cluster.session() as loader, cluster.session() as reader:
        reader.run(PREPARED)
        said = loader.run(f"BEGIN; {FORMS['keyed'].format(new=NEW, n=1).format(n=1)};")
        assert "ERROR" not in said
        assert reader.run("EXECUTE differ;") == "0"
        loader.run(f"{QUIET}{AWAY}; {INTO}; {GONE};")
        # who swaps reads what is new, through a gate that is closed
        found = loader.run("SELECT count(*), max(customer_id) FROM shop.seg; SELECT holds, reason FROM customer_value.keeping('shop.seg');")
        assert found.splitlines() == ["50|78", f"f|{RENAMED}"]
        # a refresh within the same transaction only gets ready
        assert loader.run("SELECT customer_value.refresh_segmentation('shop.seg'), customer_value.refresh_segmentation('shop.seg');") == "|"
        reader.send("EXECUTE differ;")
        assert reader.waits()
        loader.run("COMMIT;")
        assert reader.answer() == "0"
        assert same(cluster) is True
        assert refresh(cluster, "shop.seg") == 50
        assert_kept_again(cluster, 3)
        assert reader.run("EXECUTE differ;") == "0"


def test_swapped_back(cluster):
    """Two tables that take turns: each time another one counts, and none of them is taken for what it was before."""
    made(cluster, "true")
    cluster.psql(QUIET + FORMS["keyed"].format(new=NEW, n=1).format(n=1))
    for n in range(4):
        cluster.psql(f"BEGIN; {AWAY}; {INTO}; ALTER TABLE shop.orders_old RENAME TO orders_new; COMMIT;")
        assert (state(cluster, "shop.seg")[1], same(cluster)) == (RENAMED, True)
        cluster.psql(WRITTEN.format(n=n).replace("shop.orders", "shop.orders_new"))
        # there and back: nothing has been lost
        if n == 2:
            cluster.psql(f"BEGIN; {AWAY}; {INTO}; ALTER TABLE shop.orders_old RENAME TO orders_new; COMMIT;")
            assert same(cluster) is True
            continue
        assert refresh(cluster, "shop.seg") is None
        assert refresh(cluster, "shop.seg") >= 50
        assert_kept_again(cluster, 10 + n)
    there = beside(cluster, "shop.seg")
    assert len(there[1]) == 6, "both tables have triggers"
    cluster.psql(f"{QUIET}SELECT customer_value.drop_segmentation('shop.seg')")
    assert_gone(cluster, *there)
    cluster.psql(WRITTEN.format(n=1) + ";" + WRITTEN.format(n=1).replace("shop.orders", "shop.orders_new"))


def test_refreshed(cluster):
    """Without notes one refresh is enough; until then the view reads the new table."""
    made(cluster, '"refreshed"')
    cluster.psql(WRITTEN.format(n=1))
    assert same(cluster) is False, "as of the last refresh"
    for step in (FORMS["plain"].format(new=NEW, n=1).format(n=1), AWAY, INTO, GONE):
        cluster.psql(QUIET + step)
    assert (state(cluster, "shop.seg"), same(cluster)) == (("f", RENAMED, None), True)
    assert refresh(cluster, "shop.seg") == 51
    assert (state(cluster, "shop.seg"), same(cluster)) == (("t", None, None), True)
    cluster.psql(WRITTEN.format(n=2))
    assert same(cluster) is False
    assert refresh(cluster, "shop.seg") == 52
    assert same(cluster) is True


def test_rights_on_the_new_table(cluster):
    """Who may read the old table and not the new one reads neither view, before and after it is kept."""
    made(cluster, "true")
    cluster.psql(f"CREATE ROLE {READER}; GRANT USAGE ON SCHEMA shop TO {READER};"
                 f"GRANT SELECT ON shop.orders, shop.seg, shop.live TO {READER};")
    as_reader = f"SET ROLE {READER};"
    assert_same(cluster, "shop.seg", "shop.live", as_reader)
    for step in (FORMS["plain"].format(new=NEW, n=1).format(n=1), AWAY, INTO):
        cluster.psql(QUIET + step)

    def refused():
        said = [cluster.psql(f"{as_reader} SELECT count(*) FROM {view}", check=False, errors=True) for view in ("shop.seg", "shop.live")]
        return all("permission denied for table orders" in each for each in said)

    assert refused()
    assert [refresh(cluster, "shop.seg"), refresh(cluster, "shop.seg")] == [None, 50]
    assert refused()
    reason = cluster.value(f"{as_reader} SELECT reason FROM customer_value.keeping('shop.seg')")
    assert reason == f'{READER} may not read column "customer_id" of shop.orders'
    cluster.psql(f"GRANT SELECT ON shop.orders TO {READER}")
    assert_same(cluster, "shop.seg", "shop.live", as_reader)
    assert len(rows(cluster, "shop.seg", as_reader)) == 50
    cluster.psql(f"DROP OWNED BY {READER}; DROP ROLE {READER}")


def test_other_type_of_customers(cluster):
    """A new table whose customers are of another type: right, but each writer notes everybody, as the view keeps the old type."""
    made(cluster, "true")
    wide = NEW.replace("customer_id, day", "customer_id::bigint, day")
    for step in (FORMS["keyed"].format(new=wide, n=1).format(n=1), AWAY, INTO, GONE):
        cluster.psql(QUIET + step)
    assert (state(cluster, "shop.seg")[1], same(cluster)) == (RENAMED, True)
    assert [refresh(cluster, "shop.seg"), refresh(cluster, "shop.seg")] == [None, 50]
    assert (state(cluster, "shop.seg"), same(cluster)) == (("t", None, 0), True)
    cluster.psql(WRITTEN.format(n=2))
    all_noted = "all customers were touched, by TRUNCATE or by a transaction with many of them"
    assert (state(cluster, "shop.seg"), same(cluster)) == (("f", all_noted, 1), True)
    assert refresh(cluster, "shop.seg") == 51
    assert (state(cluster, "shop.seg"), same(cluster)) == (("t", None, 0), True)
