"""Kept histories while their source and view are given away, renamed, moved or swapped: the view shows what the live one does."""

import kept
import pytest
from helpers import QUIET
from kept import assert_gone, assert_same, beside, rows, state
from moved import CREATIONS, TABLES

SELLER, HEIR, PARTNER = "upkeep_seller", "upkeep_heir", "upkeep_partner"  # who has orders and views; other roles
ROLES = (SELLER, HEIR, PARTNER)
LIVE = {"shop.seg": "shop.live", "shop.sold": "shop.sold_live"}
SOURCES = {"shop.seg": "shop.orders", "shop.sold": "shop.sales"}
# customers who come, change, go, and become others; eight notes, each time of others
CHANGED = {
    "shop.orders": """
INSERT INTO {source} (customer_id, day, total) VALUES ({n}, '2024-07-30', 11), (7{n}, '2024-07-30', 11);
UPDATE {source} SET total = total + 1 WHERE customer_id = 1{n};
DELETE FROM {source} WHERE customer_id IN (2{n}, 2{n} + 5);
UPDATE {source} SET customer_id = 8{n} WHERE customer_id = 3{n};
UPDATE {source} SET day = day + 9 WHERE customer_id = 4{n};
""",
    "shop.sales": """
INSERT INTO {source} (customer_id, at, total) VALUES ('c{n}', '2024-07-30', 11), ('c7{n}', '2024-07-30', 11);
UPDATE {source} SET total = total + 1 WHERE customer_id = 'c1{n}';
DELETE FROM {source} WHERE customer_id IN ('c2{n}', 'c2' || {n} + 5);
UPDATE {source} SET customer_id = 'c8{n}' WHERE customer_id = 'c3{n}';
UPDATE {source} SET at = at + interval '60 days' WHERE customer_id = 'c4{n}';
""",
}
NOTES = 8


def drop_roles(cluster):
    """Drop the roles and what they have here."""
    for role in ROLES:
        if cluster.rows(f"SELECT true FROM pg_roles WHERE rolname = '{role}'"):
            cluster.psql(f"{QUIET}DROP OWNED BY {role} CASCADE; DROP ROLE {role};")


@pytest.fixture
def shop(cluster):
    """Orders, sales and views of a role; their histories are kept."""
    drop_roles(cluster)
    cluster.psql("".join(f"CREATE ROLE {role};" for role in ROLES)
                 + f"GRANT {PARTNER} TO {SELLER}; GRANT CREATE ON DATABASE {cluster.db} TO {SELLER};\n"
                 + QUIET + f"SET ROLE {SELLER};\n" + TABLES + "CREATE SCHEMA away;\n"
                 + "".join(CREATIONS.values())
                 + "".join(f"SELECT customer_value.refresh_segmentation('{view}');" for view in LIVE))
    yield cluster
    drop_roles(cluster)


def refresh(cluster, view, role=SELLER):
    """A refresh by a role, mostly that which owns the view."""
    return kept.refresh(cluster, view, role)


def change(cluster, of, source=None, turn=1, **names):
    """Change orders of eight customers, others at each turn; columns may have other names."""
    sql = CHANGED[of].format(source=source or of, n=turn)
    for name, now in names.items():
        sql = sql.replace(name, now)
    cluster.psql(sql)


def assert_goes_on(cluster, view, live, source, of, role=SELLER, turn=1):
    """Kept histories are read, changes are noted, and a refresh folds those customers and no others."""
    assert state(cluster, view) == ("t", None, 0)
    assert_same(cluster, view, live)
    change(cluster, of, source, turn)
    assert state(cluster, view) == ("t", None, NOTES)
    assert_same(cluster, view, live)
    assert refresh(cluster, view, role) == NOTES
    assert state(cluster, view) == ("t", None, 0)
    assert_same(cluster, view, live)


def alter(cluster, views, *arguments):
    """Alter a view and the live one beside it alike."""
    calls = ", ".join(f"customer_value.alter_segmentation('{view}', {', '.join(arguments)})" for view in views)
    cluster.psql(f"{QUIET}SET ROLE {SELLER}; SELECT {calls}")


# other names

ACTS = {
    "source renamed": ("ALTER TABLE {source} RENAME TO bills", {"source": "shop.bills"}),
    "source moved": ("ALTER TABLE {source} SET SCHEMA away", {"source": "away.{source_name}"}),
    "source moved and renamed, another in its place": (
        "ALTER TABLE {source} RENAME TO bills; ALTER TABLE shop.bills SET SCHEMA away;"
        "CREATE TABLE {source} (LIKE away.bills)", {"source": "away.bills"}),
    "view renamed": ("ALTER VIEW {view} RENAME TO kept", {"view": "shop.kept"}),
    "view moved": ("ALTER VIEW {view} SET SCHEMA away", {"view": "away.{view_name}"}),
    "view renamed, another in its place": (
        "ALTER VIEW {view} RENAME TO kept; CREATE VIEW {view} AS SELECT 1", {"view": "shop.kept"}),
    "histories renamed": ("ALTER TABLE {view}_kept RENAME TO other", {}),
    "histories moved": ("ALTER TABLE {view}_kept SET SCHEMA away", {}),
    "histories renamed, another in their place": (
        "ALTER TABLE {view}_kept RENAME TO other; CREATE TABLE {view}_kept (LIKE shop.other)", {}),
    "notes renamed": ("ALTER TABLE {view}_touched RENAME TO other", {}),
    "notes moved": ("ALTER TABLE {view}_touched SET SCHEMA away", {}),
    "notes renamed, another in their place": (
        "ALTER TABLE {view}_touched RENAME TO other; CREATE TABLE {view}_touched (LIKE shop.other)", {}),
    "views of them renamed": ("ALTER VIEW {view}_kept_now RENAME TO a; ALTER VIEW {view}_touched_now RENAME TO b", {}),
    "views of them moved": (
        "ALTER VIEW {view}_kept_now SET SCHEMA away; ALTER VIEW {view}_touched_now SET SCHEMA away", {}),
    "schema renamed": ("ALTER SCHEMA shop RENAME TO store",
                       {"source": "store.{source_name}", "view": "store.{view_name}", "live": "store.{live_name}"}),
}


def named(act, view):
    """The SQL of an act, and what source, view and live view are called after it."""
    sql, names = ACTS[act]
    now = {"source": SOURCES[view], "view": view, "live": LIVE[view]}
    words = {**now, **{f"{what}_name": name.split(".")[1] for what, name in now.items()}}
    return sql.format(**words), {**now, **{what: name.format(**words) for what, name in names.items()}}


@pytest.mark.parametrize("view", LIVE)
@pytest.mark.parametrize("act", ACTS)
def test_renamed(shop, act, view):
    """Whatever is renamed or moved: what is kept is read and refreshed as before, altered, and goes with the view."""
    sql, now = named(act, view)
    there = beside(shop, view)
    shop.psql(f"SET ROLE {SELLER}; {sql}")
    assert_goes_on(shop, now["view"], now["live"], now["source"], SOURCES[view])
    assert beside(shop, now["view"]) == there
    alter(shop, (now["view"], now["live"]), "'{\"language\": \"zh\"}'", "train => false")
    assert_same(shop, now["view"], now["live"])
    # the query that fills the table may have another name in it: then the table is made anew
    assert refresh(shop, now["view"]) is not None
    assert_goes_on(shop, now["view"], now["live"], now["source"], SOURCES[view], turn=2)
    there = beside(shop, now["view"])
    shop.psql(f"{QUIET}SET ROLE {SELLER}; SELECT customer_value.drop_segmentation('{now['view']}')")
    assert_gone(shop, *there)
    change(shop, SOURCES[view], now["source"], turn=3)


@pytest.mark.parametrize("view", LIVE)
@pytest.mark.parametrize("column, argument", [("customer_id", "customer"), ("day", "ordered_at"), ("total", "amount")])
def test_used_column_renamed(shop, view, column, argument):
    """The view goes on, kept, with notes; a refresh needs the new name, and says so."""
    live, source = LIVE[view], SOURCES[view]
    column = "at" if (column, source) == ("day", "shop.sales") else column
    shop.psql(f"SET ROLE {SELLER}; ALTER TABLE {source} RENAME {column} TO renamed")
    assert state(shop, view) == ("t", None, 0)
    assert_same(shop, view, live)
    change(shop, source, **{f"{column} ": "renamed ", f"{column},": "renamed,", f"{column})": "renamed)"})
    assert state(shop, view) == ("t", None, NOTES)
    assert_same(shop, view, live)
    error, hint = refresh(shop, view)
    assert error == f'42703: column "{column}" of relation "{source}" does not exist'
    assert hint.startswith("HINT:  Its columns are: ") and "renamed" in hint
    assert state(shop, view) == ("t", None, NOTES)
    # another one of the old name means nothing to triggers and views
    shop.psql(f"SET ROLE {SELLER}; ALTER TABLE {source} ADD {column} text; UPDATE {source} SET {column} = 'x'")
    assert state(shop, view) == ("t", None, NOTES)
    assert_same(shop, view, live)
    alter(shop, (view, live), "'{}'", f"{argument} => 'renamed'", "train => false")
    assert state(shop, view) == ("f", "nothing has been kept yet", 0)
    assert_same(shop, view, live, leaving="{trained_at, customer_id, renamed}")
    assert refresh(shop, view) > 40
    shop.psql(f"ALTER TABLE {source} DROP {column}; ALTER TABLE {source} RENAME renamed TO {column}")
    alter(shop, (view, live), "'{}'", f"{argument} => '{column}'", "train => false")
    assert refresh(shop, view) is not None
    assert_goes_on(shop, view, live, source, source, turn=2)


def test_unused_column_renamed(shop):
    """What no history is made of may be called anything."""
    shop.psql(f"SET ROLE {SELLER}; ALTER TABLE shop.orders RENAME note TO remark; ALTER TABLE shop.orders RENAME id TO number;"
              "UPDATE shop.orders SET remark = 'seen'")
    assert_goes_on(shop, "shop.seg", "shop.live", "shop.orders", "shop.orders")


def test_partition_renamed(shop):
    """So may partitions."""
    shop.psql(f"SET ROLE {SELLER}; ALTER TABLE shop.sales_old RENAME TO early; ALTER TABLE shop.sales_few SET SCHEMA away;"
              "ALTER TABLE shop.sales_new RENAME TO recent")
    assert_goes_on(shop, "shop.sold", "shop.sold_live", "shop.sales", "shop.sales")


# other owners


def may_read(cluster, role, *tables):
    """Let a role read the schema and tables, and own something in the schema."""
    cluster.psql(f"GRANT USAGE, CREATE ON SCHEMA shop TO {role};"
                 + "".join(f"GRANT SELECT ON {table} TO {role};" for table in tables))


def test_source_given_to_a_stranger(shop):
    """Whoever owned the source reads and refreshes as far as they are granted to, but makes no trigger on it."""
    shop.psql(f"ALTER TABLE shop.orders OWNER TO {HEIR}; ALTER TABLE shop.orders OWNER TO {HEIR}")
    assert state(shop, "shop.seg") == ("t", None, 0)
    assert_same(shop, "shop.seg", "shop.live")
    change(shop, "shop.orders")
    assert state(shop, "shop.seg") == ("t", None, NOTES)
    assert_same(shop, "shop.seg", "shop.live")
    # who may not read the orders reads neither view
    said = [shop.psql(f"SET ROLE {SELLER}; SELECT count(*) FROM {view}", check=False, errors=True).strip()
            for view in ("shop.seg", "shop.live")]
    assert said == ["ERROR:  permission denied for table orders"] * 2
    assert refresh(shop, "shop.seg") == (
        '42501: permission denied for column "customer_id" of relation "shop.orders"',
        "HINT:  Ask its owner for GRANT SELECT ON shop.orders.")
    shop.psql(f"GRANT SELECT ON shop.orders TO {SELLER}")
    assert refresh(shop, "shop.seg") == NOTES
    assert_goes_on(shop, "shop.seg", "shop.live", "shop.orders", "shop.orders", turn=2)
    shop.psql("ALTER TABLE shop.orders DISABLE TRIGGER USER")
    change(shop, "shop.orders", turn=3)
    holds, reason, _ = state(shop, "shop.seg")
    assert holds == "f" and reason.endswith(" on shop.orders is not ENABLE ALWAYS")
    assert_same(shop, "shop.seg", "shop.live")
    error, hint = refresh(shop, "shop.seg")
    assert error == f'42501: option "keep": shop.orders belongs to role "{HEIR}"'
    assert "the owner of the view must be a member of that role" in hint
    assert_same(shop, "shop.seg", "shop.live")
    shop.psql(f"GRANT {HEIR} TO {SELLER}")
    assert refresh(shop, "shop.seg") is None
    assert_same(shop, "shop.seg", "shop.live")
    assert refresh(shop, "shop.seg") > 40
    assert_goes_on(shop, "shop.seg", "shop.live", "shop.orders", "shop.orders", turn=4)


@pytest.mark.parametrize("view", LIVE)
def test_source_given_to_a_role_of_the_owner(shop, view):
    """The owner of the view is a member of the new owner of the source: nothing changes."""
    shop.psql(f"ALTER TABLE {SOURCES[view]} OWNER TO {PARTNER}; GRANT USAGE ON SCHEMA shop TO {PARTNER}")
    assert_goes_on(shop, view, LIVE[view], SOURCES[view], SOURCES[view])
    shop.psql(f"ALTER TABLE {SOURCES[view]} DISABLE TRIGGER USER")
    assert refresh(shop, view) is None
    assert refresh(shop, view) > 40
    assert_goes_on(shop, view, LIVE[view], SOURCES[view], SOURCES[view], turn=2)


def assert_same_unless_closed(shop, view, live, before=""):
    """What stands beside a view that reads as its owner is open to that role alone: to the new one, once it is handed over."""
    if view == "shop.seg":
        return assert_same(shop, view, live, before)
    said = shop.psql(f"{before} SELECT count(*) FROM {view}", check=False, errors=True)
    assert said.strip() == f"ERROR:  permission denied for view {view.split('.')[1]}_kept_now"


@pytest.mark.parametrize("view", LIVE)
def test_view_given_to_a_stranger(shop, view):
    """The new owner cannot take what stands beside the view; a superuser's refresh hands it over, and then all goes on."""
    may_read(shop, HEIR, SOURCES[view])
    for given in (view, LIVE[view]):
        shop.psql(f"ALTER VIEW {given} OWNER TO {HEIR}")
    change(shop, SOURCES[view])
    assert state(shop, view) == ("t", None, NOTES)
    assert_same_unless_closed(shop, view, LIVE[view])
    assert_same_unless_closed(shop, view, LIVE[view], f"SET ROLE {HEIR};")
    error, hint = refresh(shop, view, HEIR)
    assert error == f'42501: {view}_kept_now still belongs to role "{SELLER}", which owned {view} before'
    assert hint == "HINT:  A member of both roles, or a superuser, can hand it over: refresh_segmentation does so."
    error, hint = refresh(shop, view, SELLER)
    assert error == f'42501: only members of role "{HEIR}" may refresh {view}'
    assert hint == "HINT:  That role owns the view: use SET ROLE, or ask a member of it."
    assert_same_unless_closed(shop, view, LIVE[view])
    assert refresh(shop, view, "postgres") == NOTES
    owners = shop.rows(f"SELECT DISTINCT relowner::regrole FROM pg_class WHERE oid IN ({', '.join(beside(shop, view)[0])})")
    assert owners == [[HEIR]]
    assert_goes_on(shop, view, LIVE[view], SOURCES[view], SOURCES[view], HEIR, turn=2)
    said = shop.psql(f"SET ROLE {SELLER}; DELETE FROM {view}_kept", check=False, errors=True)
    assert f"permission denied for table {view.split('.')[1]}_kept" in said
    # the triggers still are on a table of another role
    shop.psql(f"ALTER TABLE {SOURCES[view]} DISABLE TRIGGER USER")
    error, hint = refresh(shop, view, HEIR)
    assert error == f'42501: option "keep": {SOURCES[view]} belongs to role "{SELLER}"'
    assert_same(shop, view, LIVE[view])
    there = beside(shop, view)
    shop.psql(f"{QUIET}SELECT customer_value.drop_segmentation('{view}')")
    assert_gone(shop, *there)


@pytest.mark.parametrize("view", LIVE)
def test_view_without_a_right_on_the_source(shop, view):
    """A new owner of the view who may not read the orders: whoever reads as them reads nothing, kept or not."""
    for given in (view, LIVE[view]):
        shop.psql(f"GRANT USAGE, CREATE ON SCHEMA shop TO {HEIR}; GRANT SELECT ON {given} TO {PARTNER};"
                  f"GRANT USAGE ON SCHEMA shop TO {PARTNER}; ALTER VIEW {given} OWNER TO {HEIR}")
    for role in (HEIR, PARTNER):
        said = [shop.psql(f"SET ROLE {role}; SELECT count(*) FROM {given}", check=False, errors=True).strip()
                for given in (view, LIVE[view])]
        closed = f"view {view.split('.')[1]}_kept_now" if view == "shop.sold" else f"table {SOURCES[view].split('.')[1]}"
        assert said == [f"ERROR:  permission denied for {what}" for what in (closed, f"table {SOURCES[view].split('.')[1]}")]
    error, hint = refresh(shop, view, "postgres")
    assert error.startswith("42501: permission denied for ") and hint == f"HINT:  Ask its owner for GRANT SELECT ON {SOURCES[view]}."


POLICY = f"""
ALTER TABLE shop.sales ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON shop.sales FOR SELECT TO {HEIR} USING (customer_id IN ('c1', 'c2', 'c3'));
"""


def assert_alike(cluster, count, before=""):
    """Both views over sales have so many rows, the same."""
    assert len(rows(cluster, "shop.sold", before)) == count
    assert_same(cluster, "shop.sold", "shop.sold_live", before, least=0)


def test_view_given_to_whom_a_policy_restrains(shop):
    """A view that reads as its owner shows what that role may see, from the moment on that the role owns it."""
    alter(shop, ["shop.sold_live"], "'{\"security_invoker\": false}'", "train => false")
    may_read(shop, HEIR, "shop.sales")
    shop.psql(POLICY)
    assert refresh(shop, "shop.sold") is not None
    assert state(shop, "shop.sold")[0] == "t"
    assert_alike(shop, 50)
    shop.psql(f"ALTER VIEW shop.sold OWNER TO {HEIR}; ALTER VIEW shop.sold_live OWNER TO {HEIR}")
    assert state(shop, "shop.sold")[:2] == ("f", "shop.sales has row-level security")
    assert_same_unless_closed(shop, "shop.sold", "shop.sold_live")
    assert refresh(shop, "shop.sold", "postgres") == 3
    assert_alike(shop, 3)
    # what was kept under the policy does not count for a role without it
    shop.psql(f"GRANT {SELLER} TO {HEIR}")
    assert state(shop, "shop.sold")[:2] == ("f", "row-level security of shop.sales was changed")
    assert_alike(shop, 50)
    assert refresh(shop, "shop.sold", HEIR) == 50
    assert state(shop, "shop.sold")[0] == "t"
    assert_alike(shop, 50)
    shop.psql(f"REVOKE {SELLER} FROM {HEIR}")
    assert state(shop, "shop.sold")[:2] == ("f", "shop.sales has row-level security")
    assert_alike(shop, 3)


def test_source_given_away_under_a_policy(shop):
    """Likewise if the source gets another owner, and the policies hold for the one of the view."""
    alter(shop, ["shop.sold_live"], "'{\"security_invoker\": false}'", "train => false")
    shop.psql(POLICY.replace(f"TO {HEIR}", f"TO {SELLER}"))
    assert refresh(shop, "shop.sold") is not None
    assert_alike(shop, 50)
    shop.psql(f"GRANT SELECT ON shop.sales TO {SELLER}; ALTER TABLE shop.sales OWNER TO {HEIR}; GRANT SELECT ON shop.sales TO {SELLER}")
    assert state(shop, "shop.sold")[:2] == ("f", "shop.sales has row-level security")
    assert_alike(shop, 3)
    assert refresh(shop, "shop.sold") == 3
    shop.psql(f"ALTER TABLE shop.sales OWNER TO {SELLER}")
    assert state(shop, "shop.sold")[:2] == ("f", "row-level security of shop.sales was changed")
    assert_alike(shop, 50)


def test_refreshed_under_a_policy(shop):
    """Histories as of the last refresh: those kept under a policy do not stand for all."""
    may_read(shop, HEIR, "shop.orders")
    shop.psql(f"ALTER VIEW shop.late OWNER TO {HEIR}; ALTER TABLE shop.orders ENABLE ROW LEVEL SECURITY;"
              f"CREATE POLICY few ON shop.orders FOR SELECT TO {HEIR} USING (customer_id < 4)")
    assert refresh(shop, "shop.late", "postgres") == 4
    assert shop.value("SELECT count(*) FROM shop.late") == "50"
    shop.psql("ALTER TABLE shop.orders DISABLE ROW LEVEL SECURITY")
    assert state(shop, "shop.late")[:2] == ("f", "row-level security of shop.orders was changed")
    assert shop.value("SELECT count(*) FROM shop.late") == "50"
    assert refresh(shop, "shop.late", "postgres") == 50
    assert state(shop, "shop.late")[:2] == ("t", None)
