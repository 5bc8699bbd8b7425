"""What tests of kept histories make and ask: orders, the rows of a view, what keeping() says, a refresh, what stands beside a view."""

from helpers import QUIET


def shapes(columns, turn, end):
    """Orders with these columns, day, id and customer_id among them: a plain table, and one whose partitions differ, split at
    a day, the later ones up to an end."""
    table = f"CREATE TABLE shop.orders ({columns})"
    return {
        "plain": f"{table};",
        "partitioned": f"""{table} PARTITION BY RANGE (day);
            CREATE TABLE shop.early (gone int, LIKE shop.orders);
            ALTER TABLE shop.early DROP gone;
            ALTER TABLE shop.orders ATTACH PARTITION shop.early FOR VALUES FROM (MINVALUE) TO ('{turn}');
            CREATE TABLE shop.late PARTITION OF shop.orders FOR VALUES FROM ('{turn}') TO ({end})
                PARTITION BY HASH (id);
            CREATE TABLE shop.late_0 PARTITION OF shop.late FOR VALUES WITH (MODULUS 2, REMAINDER 0)
                PARTITION BY LIST (customer_id);
            CREATE TABLE shop.late_0_all PARTITION OF shop.late_0 DEFAULT;
            CREATE TABLE shop.late_1 PARTITION OF shop.late FOR VALUES WITH (MODULUS 2, REMAINDER 1);""",
    }


def rows(cluster, view, before="", leaving="{trained_at}"):
    """The rows of a view as text, as a role sees them."""
    found = cluster.psql(f"{before} SELECT to_jsonb(s) - '{leaving}'::text[] FROM {view} AS s ORDER BY 1;")
    return found.splitlines()


def assert_same(cluster, view, live, before="", least=40, leaving="{trained_at}"):
    """Both views have the same rows."""
    found = rows(cluster, view, before, leaving)
    assert len(found) >= least
    assert found == rows(cluster, live, before, leaving)


def state(cluster, view):
    """What keeping() says: holds, why not, notes."""
    ((holds, reason, notes),) = cluster.rows(f"SELECT holds, reason, notes FROM customer_value.keeping('{view}')")
    return holds, reason, notes and int(notes)


def refresh(cluster, view, role="postgres"):
    """A refresh: how many customers it folded, None if it only got ready, or the error with its hint."""
    said = cluster.psql(f"{QUIET}SET ROLE {role}; SELECT customer_value.refresh_segmentation('{view}')",
                        options=("-A", "-t", "-v", "VERBOSITY=verbose"), check=False, errors=True).strip()
    if "ERROR" in said:
        lines = said.splitlines()
        return lines[0].removeprefix("ERROR:  "), next((line for line in lines if line.startswith("HINT")), None)
    return int(said) if said else None


def beside(cluster, view):
    """The numbers of what stands beside a view, and of its triggers."""
    ((kept, kept_now, touched, touched_now, mark),) = cluster.rows(
        "SELECT kept_oid, kept_now_oid, touched_oid, touched_now_oid, replace(id::text, '-', '') "
        "FROM customer_value.keeping AS q JOIN customer_value.segmentations AS s ON s.id = q.segmentation "
        f"WHERE s.view = '{view}'")
    triggers = cluster.rows(f"SELECT oid FROM pg_trigger WHERE tgname LIKE 'customer_value_{mark}%'")
    assert triggers
    return [kept, kept_now, touched, touched_now], [oid for (oid,) in triggers]


def assert_gone(cluster, relations, triggers):
    """None of them is left."""
    assert cluster.rows(f"SELECT oid::regclass FROM pg_class WHERE oid IN ({', '.join(relations)})") == []
    assert cluster.rows(f"SELECT tgname FROM pg_trigger WHERE oid IN ({', '.join(triggers)})") == []
