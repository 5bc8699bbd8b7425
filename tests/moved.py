"""Kept histories that are taken elsewhere: sources of every kind, each kept and live; what must be so after a move."""

from helpers import QUIET
from whole import DBA, FROM, make, make_roles

NOTED = {"shop.seg": "shop.live", "shop.sold": "shop.sold_live"}  # kept view, live view
ALL = {**NOTED, "shop.late": "shop.live"}  # one without notes, too
LIVE = ("shop.live", "shop.sold_live")


def created(view, options):
    """The statement that makes a segmentation, or takes it up again."""
    source, day = ("shop.sales", "at") if "sold" in view else ("shop.orders", "day")
    return (f"SELECT customer_value.create_segmentation('{view}', '{source}', 'customer_id', '{day}', 'total', "
            f"'{{\"as_of\": \"2024-08-01\"{options}}}');\n")


CREATIONS = {
    "shop.live": created("shop.live", ""),
    "shop.seg": created("shop.seg", ', "keep": true'),
    "shop.late": created("shop.late", ', "keep": "refreshed"'),
    "shop.sold_live": created("shop.sold_live", ""),
    "shop.sold": created("shop.sold", ', "keep": true, "security_invoker": false'),
}
TABLES = """
CREATE SCHEMA shop;
CREATE TABLE shop.orders (id bigserial PRIMARY KEY, customer_id int, day date, total numeric(10, 2), note text);
INSERT INTO shop.orders (customer_id, day, total)
SELECT i % 50, date '2024-01-01' + i % 200, i % 37 - 2 FROM generate_series(1, 2000) AS i;
CREATE INDEX ON shop.orders (customer_id);
CREATE TABLE shop.sales (customer_id text, at timestamptz, total numeric(10, 2)) PARTITION BY RANGE (at);
CREATE TABLE shop.sales_old PARTITION OF shop.sales FOR VALUES FROM (MINVALUE) TO ('2024-03-01');
CREATE TABLE shop.sales_new PARTITION OF shop.sales FOR VALUES FROM ('2024-03-01') TO (MAXVALUE)
PARTITION BY LIST (customer_id);
CREATE TABLE shop.sales_few PARTITION OF shop.sales_new FOR VALUES IN ('c1', 'c2', 'c3');
CREATE TABLE shop.sales_rest PARTITION OF shop.sales_new DEFAULT;
CREATE INDEX ON shop.sales (customer_id);
INSERT INTO shop.sales SELECT 'c' || customer_id, day, total FROM shop.orders;
CREATE FUNCTION shop.differences(a text, b text) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    n bigint;
    columns text := (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
                     WHERE attrelid = b::regclass AND attnum > 0 AND attname <> 'trained_at');
BEGIN
    EXECUTE format('SELECT count(*) FROM ((SELECT %1$s FROM %2$s EXCEPT ALL SELECT %1$s FROM %3$s) UNION ALL
                                          (SELECT %1$s FROM %3$s EXCEPT ALL SELECT %1$s FROM %2$s)) AS d',
                   columns, a, b) INTO n;
    RETURN n;
END $$;
"""
SETUP = QUIET + "CREATE EXTENSION customer_value;\n" + TABLES + "".join(CREATIONS.values())
# inserts, deletes, a customer who changes, one who goes, a column that no history is made of; in two subtransactions
CHANGES = """
BEGIN;
INSERT INTO shop.orders (customer_id, day, total) SELECT c, '2024-07-30', 11 FROM generate_series(45, 55) AS c;
DELETE FROM shop.orders WHERE id IN (SELECT id FROM shop.orders ORDER BY id LIMIT 20);
SAVEPOINT a;
UPDATE shop.orders SET customer_id = customer_id + 200 WHERE customer_id = (SELECT max(customer_id) FROM shop.orders
                                                                          WHERE customer_id < 45);
INSERT INTO shop.orders (customer_id, day, total) VALUES (999, '2024-07-30', 1);
ROLLBACK TO a;
UPDATE shop.orders SET customer_id = customer_id + 100 WHERE customer_id = (SELECT max(customer_id) FROM shop.orders
                                                                          WHERE customer_id < 45);
UPDATE shop.orders SET note = 'seen' WHERE customer_id = 2;
INSERT INTO shop.sales SELECT 'c' || c, '2024-07-30', 11 FROM generate_series(45, 55) AS c;
INSERT INTO shop.sales_old VALUES ('c1', '2024-01-05', 7);
DELETE FROM shop.sales WHERE customer_id = (SELECT max(customer_id) FROM shop.sales);
UPDATE shop.sales SET at = at + interval '60 days' WHERE customer_id = 'c4' AND at < '2024-03-01';
COMMIT;
"""


def fill_kept(cluster, user=DBA):
    """The roles, and database FROM with kept histories, some customers of which are touched."""
    make_roles(cluster)
    make_kept(cluster, FROM, user)


def make_kept(cluster, db, user=DBA):
    """A database with kept histories, some customers of which are touched."""
    make(cluster, db)
    cluster.psql(SETUP, db=db, user=user)
    refresh(cluster, db, user=user)
    cluster.psql(CHANGES, db=db, user=user)
    assert_right(cluster, db, NOTED)
    assert_holds(cluster, db)


def assert_right(cluster, db, views=ALL, before=""):
    """Kept views show what live views show, row by row and column by column."""
    asked = " UNION ALL ".join(f"SELECT '{kept}', shop.differences('{kept}', '{live}'), "
                               f"(SELECT count(rfm_segment) FROM {kept}) > 30"
                               for kept, live in views.items())
    found = cluster.rows(before + asked, db=db)
    assert found == [[kept, "0", "t"] for kept in views]


def holds(cluster, db, views=ALL):
    """Whether what is kept is read, by view."""
    asked = " UNION ALL ".join(f"SELECT '{view}', holds, reason FROM customer_value.keeping('{view}')" for view in views)
    return {view: found == "t" for view, found, _ in cluster.rows(asked, db=db)}


def assert_holds(cluster, db, views=ALL, expected=True):
    """What is kept is read, or is not."""
    assert holds(cluster, db, views) == dict.fromkeys(views, expected)


def refresh_once(cluster, db, view, user=DBA):
    """How many customers a refresh folded; None if it only got ready."""
    found = cluster.value(f"{QUIET}SELECT customer_value.refresh_segmentation('{view}')", db=db, user=user)
    return int(found) if found else None


def refresh(cluster, db, views=ALL, user=DBA, at_most=1):
    """Refresh until histories are kept."""
    for view in views:
        assert any(refresh_once(cluster, db, view, user) is not None for _ in range(at_most)), view


def assert_goes_on(cluster, db, user=DBA, views=ALL):
    """Kept histories get going again: two refreshes, notes, trainings."""
    noted = {view: live for view, live in views.items() if view in NOTED}
    cluster.psql(CHANGES, db=db)
    assert_right(cluster, db, views)
    refresh(cluster, db, views, user, at_most=2)
    assert_holds(cluster, db, views)
    assert_right(cluster, db, views)
    assert_noted(cluster, db, user, noted)
    refresh(cluster, db, views, user)
    trainings = "".join(f"SELECT customer_value.train_segmentation('{view}');" for view in (*views, *LIVE))
    cluster.psql(QUIET + trainings, db=db, user=user)
    assert_holds(cluster, db, views)
    assert_right(cluster, db, views)


def assert_noted(cluster, db, user=DBA, views=NOTED):
    """Changes are noted, kept histories go on being read, and a refresh takes in the customers who are noted, no others."""
    cluster.psql(CHANGES, db=db)
    assert_holds(cluster, db, views)
    assert_right(cluster, db, views)
    for view in views:
        notes = cluster.value(f"SELECT notes FROM customer_value.keeping('{view}')", db=db)
        assert int(notes) > 5, view
        assert 5 < refresh_once(cluster, db, view, user) < 40, view
        assert cluster.value(f"SELECT notes FROM customer_value.keeping('{view}')", db=db) == "0"
    assert_holds(cluster, db, views)
    assert_right(cluster, db, views)


