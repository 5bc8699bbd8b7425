"""Whoever reads a view that keeps histories sees what they see of the one that does not, or meets the same error.

A matrix: readers by their rights, times what happens to rights and row-level security, times how the view reads. Beside it
stands, written by hand, who reads kept histories when, so that the matrix is not one of readings of orders alone.
"""

import difflib
import re

import pytest
from helpers import QUIET
from kept import shapes

ROLES = {
    "stranger": "",  # not even a right on the views
    "viewer": "",  # on the views alone
    "some": "",  # on some columns of the orders that histories are made of
    "used": "",  # on all of them
    "whole": "",  # on the orders
    "heir": "IN ROLE kr_whole",
    "no_heir": "NOINHERIT IN ROLE kr_whole",  # has the rights only after SET ROLE
    "bypass": "BYPASSRLS",
    "bypass_poor": "BYPASSRLS",  # without a right on the orders
    "owner": "",  # of the orders
    "keeper": "IN ROLE kr_owner",  # the owner of the views
    "other": "",  # who will get them, and may read the orders
}
READERS = [f"kr_{role}" for role in ROLES] + ["postgres"]
POWERFUL = {"kr_keeper", "postgres"}  # who have rights on what stands beside the view

SHAPES = shapes("id int, customer_id bigint, day date, total numeric, tenant text", "2025-03-01", "MAXVALUE")
# customers 0 to 5 are tenant a's, 6 to 11 tenant b's, 12 is one of both
ORDER = ("SELECT i, i % 13, date '2025-01-01' + i, i, CASE WHEN i % 13 < 6 OR i % 13 = 12 AND i % 2 = 0 THEN 'a' ELSE 'b' END "
         "FROM generate_series({}, {}) AS i")
CUSTOMERS = 13
POLICIES = """
CREATE POLICY of_a ON shop.orders FOR SELECT TO kr_used, kr_whole, kr_other USING (tenant = 'a');
CREATE POLICY of_b ON shop.orders FOR SELECT TO kr_owner USING (tenant = 'b');
"""
REFRESH = "SET ROLE kr_keeper; SELECT customer_value.refresh_segmentation('shop.seg'); RESET ROLE;"
CHANGE = """
INSERT INTO shop.orders SELECT i, c, '2025-05-05', 3 + i, t FROM (VALUES ({0}, 2, 'a'), ({0} + 1, 8, 'b'), ({0} + 2, 12, 'a')) AS v (i, c, t);
UPDATE shop.orders SET total = total + 1 WHERE id = {0} - 900;
"""


@pytest.fixture
def shop(cluster):
    """The roles and the schema of their owner; neither is left behind."""
    names = ", ".join(READERS[:-1])
    make = "".join(f"CREATE ROLE kr_{role} {more};\n" for role, more in ROLES.items())
    cluster.psql(f"{QUIET}DROP ROLE IF EXISTS {names};\n{make}CREATE SCHEMA shop AUTHORIZATION kr_owner;"
                 "GRANT USAGE ON SCHEMA shop TO PUBLIC; GRANT CREATE ON SCHEMA shop TO kr_keeper, kr_other;")
    yield cluster
    cluster.psql(f"{QUIET}DROP SCHEMA shop CASCADE; DROP OWNED BY {names}; DROP ROLE {names};")


def fill(shop, shape, invoker, before=""):
    """Orders with policies that are not yet active, and the two views, filled."""
    options = f'"as_of": "2025-09-01", "security_invoker": {str(invoker).lower()}'
    call = "SELECT customer_value.create_segmentation('shop.{}', 'shop.orders', 'customer_id', 'day', 'total', '{{{}}}');\n"
    shop.psql(f"""{QUIET}
        SET ROLE kr_owner; {SHAPES[shape]} CREATE INDEX ON shop.orders (customer_id);
        INSERT INTO shop.orders {ORDER.format(1, 130)}; {POLICIES} {before}
        GRANT SELECT (customer_id) ON shop.orders TO kr_some;
        GRANT SELECT (customer_id, day, total) ON shop.orders TO kr_used;
        GRANT SELECT ON shop.orders TO kr_whole, kr_bypass, kr_other;
        SET ROLE kr_keeper;
        {call.format("live", options)} {call.format("seg", options + ', "keep": true')}
        SELECT customer_value.refresh_segmentation('shop.seg');
        GRANT SELECT ON shop.live, shop.seg TO {", ".join(READERS[1:-1])};""")


# What a reader asks; the same of both views


def questions(shop, shape):
    """SQL with the view as {0}: of partitions, fewer."""
    columns = shop.value("""SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
                            WHERE attrelid = 'shop.live'::regclass AND attnum > 0 AND attname <> 'trained_at'""")
    few = "customer_id, frequency, revenue, rfm_segment"
    asked = [
        f"SELECT {columns} FROM shop.{{0}} ORDER BY customer_id;",
        "SELECT customer_id FROM shop.{0} ORDER BY 1;",
        "SELECT 'count', count(*) FROM shop.{0};",
        "SELECT rfm_segment, count(*), sum(clv::numeric) FROM shop.{0} GROUP BY 1 ORDER BY 1;",
        f"SELECT {few} FROM shop.{{0}} WHERE customer_id = 8;",
        f"SELECT {few} FROM shop.{{0}} WHERE customer_id IN (2, 8, 12, 99) ORDER BY 1;",
        f"SELECT {few} FROM generate_series(-1, 14) AS g (n), LATERAL shop.{{0}}_of(g.n) ORDER BY 1;",
        f"SELECT g.n, s.revenue FROM generate_series(-1, 14) AS g (n) LEFT JOIN shop.{{0}} AS s ON s.customer_id = g.n ORDER BY 1;",
        "SELECT * FROM customer_value.segment_report('shop.{0}') ORDER BY 1, 2;",
        "SELECT * FROM customer_value.explain_customer('shop.{0}', 8);",
        f"BEGIN; PREPARE asked_{{0}} (bigint) AS SELECT {few} FROM shop.{{0}} WHERE customer_id = $1; EXECUTE asked_{{0}} (2);"
        " EXECUTE asked_{0} (12); COMMIT; DEALLOCATE ALL;",
        "SET row_security = off; SELECT count(*), sum(revenue) FROM shop.{0}; RESET row_security;",
    ]
    return asked if shape == "plain" else [asked[place] for place in (0, 6, 2)]


def some_of(asked, number):
    """All questions after some changes, the third and another two after the others."""
    rest = asked[:2] + asked[3:]
    return asked if number % 4 == 0 else [asked[2], *(rest * 2)[number % len(rest):][:2]]


def seen(shop, asked):
    """Of each reader: what the live view said, what the other said, whether kept histories are read, and the customers that the
    views on kept and touched show."""
    parts = []
    for reader in READERS:
        parts.append(f"SET ROLE {reader};")
        for view in ("live", "seg"):
            parts += [f"\\warn === {reader} {view}"] + [sql.format(view) for sql in asked]
        parts += [f"\\warn === {reader} holds", "SELECT holds FROM customer_value.keeping('shop.seg');",
                  f"\\warn === {reader} beside",
                  "SELECT customer FROM shop.seg_kept_now UNION ALL SELECT customer FROM shop.seg_touched_now;",
                  "RESET ROLE;"]
    with shop.session() as session:
        said = session.run(QUIET + "\n".join(parts), timeout=120)
    found = dict(re.findall(r"^=== (\S+ \S+)\n((?:(?!=== ).*\n)*)", said + "\n", re.MULTILINE))
    assert len(found) == 4 * len(READERS)
    return {reader: {what: found[f"{reader} {what}"] for what in ("live", "seg", "holds", "beside")} for reader in READERS}


def check(shop, asked, phase, keeps, shown, beside_too=POWERFUL):
    """The same is seen of both; who reads kept histories, and how many customers whoever reads sees, is as given."""
    found = seen(shop, asked)
    for reader, said in found.items():
        live, kept = said["live"], said["seg"].replace("shop.seg", "shop.live").replace("asked_seg", "asked_live")
        kept = re.sub(r"\bview seg\b", "view live", kept).replace("function seg_of", "function live_of")
        different = [line for line in difflib.ndiff(live.splitlines(), kept.splitlines()) if line[0] in "-+"]
        assert not different, f"{phase}: {reader} sees in the view that keeps: " + "\n".join(different[:10])
        assert said["live"].strip(), f"{phase}: {reader} was told nothing"
        visible = customers(live)
        wanted = shown.get(reader, shown.get("else"))
        assert visible == wanted, f"{phase}: {reader} sees {visible}, not {wanted}"
    for reader, said in found.items():
        # beside the view nobody sees more than in it, and only who may read the orders sees anything
        beside = set(re.findall(r"^\d+$", said["beside"], re.MULTILINE))
        if reader not in beside_too or reader not in keeps:
            assert not beside, f"{phase}: {reader} sees {beside} beside the view"
        assert len(beside) <= ALL
    # keeping() says of itself whether it may be read
    opened = {reader for reader, said in found.items() if said["holds"].strip() == "t"}
    assert opened == set(keeps), f"{phase}: kept histories are read by {sorted(opened)}, not by {sorted(keeps)}"


def customers(said):
    """How many customers an answer has, or the error that came first."""
    errors, count = re.findall(r"ERROR:  (.*)", said), re.search(r"^count\|(\d+)$", said, re.MULTILINE)
    return int(count.group(1)) if count else errors[0]


# The matrix

ALL = CUSTOMERS
NO_VIEW, NO_ORDERS = "permission denied for view live", "permission denied for table orders"
A, B = 7, 7  # customers with orders of a tenant
NOT_ALLOWED = {"kr_stranger": NO_VIEW}
AS_INVOKER = {**NOT_ALLOWED, "kr_viewer": NO_ORDERS, "kr_some": NO_ORDERS, "kr_no_heir": NO_ORDERS, "kr_bypass_poor": NO_ORDERS}
READ = set(READERS) - set(AS_INVOKER)
BY_POLICY = {**AS_INVOKER, "kr_used": A, "kr_whole": A, "kr_heir": A, "kr_other": A, "else": ALL}
FORCED = {**BY_POLICY, "kr_owner": B, "kr_keeper": B}

ROW_SECURITY = "ALTER TABLE shop.orders {} ROW LEVEL SECURITY;"
# what happens, which readers then read kept histories, and how many customers each sees
INVOKER_PHASES = [
    ("filled", "", READ, {**AS_INVOKER, "else": ALL}),
    ("noted", CHANGE.format(1000), READ, {**AS_INVOKER, "else": ALL}),
    ("row security later", ROW_SECURITY.format("ENABLE"), set(), BY_POLICY),
    ("changes under it", CHANGE.format(1010), set(), BY_POLICY),
    ("refreshed under it", REFRESH, set(), BY_POLICY),
    ("another policy", "DROP POLICY of_a ON shop.orders; CREATE POLICY of_a ON shop.orders TO kr_used USING (false);", set(),
     {**BY_POLICY, "kr_used": 0, "kr_whole": 0, "kr_heir": 0, "kr_other": 0}),
    ("the first policy", "DROP POLICY of_a ON shop.orders; DROP POLICY of_b ON shop.orders;" + POLICIES, set(), BY_POLICY),
    ("forced", ROW_SECURITY.format("FORCE"), set(), FORCED),
    ("refreshed where forced", REFRESH, set(), FORCED),
    ("no longer forced", ROW_SECURITY.format("NO FORCE"), set(), BY_POLICY),
    ("row security off", ROW_SECURITY.format("DISABLE"), set(), {**AS_INVOKER, "else": ALL}),
    ("refreshed without", REFRESH, READ, {**AS_INVOKER, "else": ALL}),
    ("a column less", "REVOKE SELECT (total) ON shop.orders FROM kr_used;", READ - {"kr_used"},
     {**AS_INVOKER, "kr_used": NO_ORDERS, "else": ALL}),
    ("more columns", "GRANT SELECT (day, total) ON shop.orders TO kr_some; GRANT SELECT (total) ON shop.orders TO kr_used;",
     READ | {"kr_some"}, {**AS_INVOKER, "kr_some": ALL, "else": ALL}),
    ("everybody", "GRANT SELECT ON shop.orders TO PUBLIC;", set(READERS), {**NOT_ALLOWED, "else": ALL}),
]
EVERYBODY = {**NOT_ALLOWED, "else": ALL}
OPTION = ("SET ROLE kr_keeper; SELECT customer_value.alter_segmentation('shop.' || v, '{{\"security_invoker\": {0}}}', train => false)"
          " FROM (VALUES ('live'), ('seg')) AS v (v); RESET ROLE;")
BY_HAND = "ALTER VIEW shop.live SET (security_invoker = {0}); ALTER VIEW shop.seg SET (security_invoker = {0});"
# the fifth says who then sees what stands beside the view, if they read kept histories
OWNER_PHASES = [
    ("filled", "", READERS, EVERYBODY, POWERFUL),
    ("noted", CHANGE.format(1000), READERS, EVERYBODY, POWERFUL),
    ("row security later", ROW_SECURITY.format("ENABLE"), set(), EVERYBODY, POWERFUL),
    ("changes under it", CHANGE.format(1010), set(), EVERYBODY, POWERFUL),
    ("refreshed under it", REFRESH, READERS, EVERYBODY, POWERFUL),
    ("changes after that", CHANGE.format(1020), READERS, EVERYBODY, POWERFUL),
    ("forced", ROW_SECURITY.format("FORCE"), set(), {**NOT_ALLOWED, "else": B}, POWERFUL),
    ("refreshed where forced", REFRESH, set(), {**NOT_ALLOWED, "else": B}, POWERFUL),
    ("no longer forced", ROW_SECURITY.format("NO FORCE"), set(), EVERYBODY, POWERFUL),
    ("refreshed again", REFRESH, READERS, EVERYBODY, POWERFUL),
    ("altered to read as invoker, under row security", OPTION.format("true"), set(), BY_POLICY, READERS),
    ("row security off", ROW_SECURITY.format("DISABLE") + REFRESH, READ, {**AS_INVOKER, "else": ALL}, READERS),
    ("as owner again", OPTION.format("false"), READERS, EVERYBODY, POWERFUL),
    ("as owner again, no right on orders", "REVOKE SELECT ON shop.orders FROM kr_whole;" + CHANGE.format(1030), READERS,
     EVERYBODY, POWERFUL),
    ("as invoker again", OPTION.format("true"), READ - {"kr_whole", "kr_heir"},
     {**AS_INVOKER, "kr_whole": NO_ORDERS, "kr_heir": NO_ORDERS, "else": ALL}, READERS),
    # what stands beside the view can be read by everybody until it is refreshed: so who may not read orders reads them live
    ("as owner, by hand", BY_HAND.format("false"), READ - {"kr_whole", "kr_heir"}, EVERYBODY, READERS),
    ("as owner, by hand, and refreshed", REFRESH, READERS, EVERYBODY, POWERFUL),
]


@pytest.mark.parametrize("shape", SHAPES)
def test_as_invoker(shop, shape):
    """A view that reads with the rights of its reader."""
    fill(shop, shape, True)
    asked = questions(shop, shape)
    for number, (phase, sql, keeps, shown) in enumerate(INVOKER_PHASES):
        shop.psql(QUIET + sql)
        check(shop, some_of(asked, number), phase, keeps, shown, READERS)


@pytest.mark.parametrize("shape", SHAPES)
def test_as_owner(shop, shape):
    """A view that reads with the rights of its owner, and one whose option changes."""
    fill(shop, shape, False)
    asked = questions(shop, shape)
    for number, (phase, sql, keeps, shown, beside_too) in enumerate(OWNER_PHASES):
        shop.psql(QUIET + sql)
        check(shop, some_of(asked, number), phase, keeps, shown, beside_too)


@pytest.mark.parametrize("invoker", [True, False], ids=["as-invoker", "as-owner"])
def test_row_security_before(shop, invoker):
    """Row-level security that was on before anything was kept."""
    fill(shop, "plain", invoker, ROW_SECURITY.format("ENABLE"))
    keeps, shown = (set(), BY_POLICY) if invoker else (READERS, EVERYBODY)
    asked = questions(shop, "plain")
    for phase in ("", CHANGE.format(1000), REFRESH):
        shop.psql(QUIET + phase)
        check(shop, asked, phase or "filled", keeps, shown, READERS if invoker else POWERFUL)


def test_without_the_gate(shop):
    """The negative control: where the gate is always open, the matrix finds who sees too much."""
    fill(shop, "plain", True)
    asked = questions(shop, "plain")
    shop.psql("""CREATE OR REPLACE FUNCTION customer_value_internal.keeps(segmentation uuid) RETURNS boolean
                 LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT true';""" + ROW_SECURITY.format("ENABLE"))
    with pytest.raises(AssertionError, match="row security later: kr_used sees in the view that keeps: "):
        check(shop, asked, "row security later", set(), BY_POLICY, READERS)


# By hand, and by default

FEW = "SELECT count(*) FROM shop.{};"


def as_reader(shop, reader, sql):
    """What a reader is told."""
    return shop.psql(f"SET ROLE {reader}; {sql}", check=False, errors=True).strip()


@pytest.mark.parametrize("change", ["option", "owner"])
def test_changed_by_hand(shop, change):
    """A view that reads as its owner, who no longer is exempt from policies, or whose option somebody changed: an error until
    it is refreshed, and never a row too many."""
    fill(shop, "plain", False, ROW_SECURITY.format("ENABLE"))
    shop.psql(f"{QUIET}{REFRESH}")
    assert as_reader(shop, "kr_whole", FEW.format("seg")) == str(ALL)
    if change == "option":
        shop.psql(BY_HAND.format("true"))
        refresher = "kr_keeper"
    else:
        shop.psql("ALTER VIEW shop.live OWNER TO kr_other; ALTER VIEW shop.seg OWNER TO kr_other;")
        refresher = "postgres"
    assert as_reader(shop, "kr_whole", FEW.format("live")) == str(A)
    assert "permission denied for view seg_" in as_reader(shop, "kr_whole", FEW.format("seg"))
    # also where that right was given
    shop.psql("GRANT SELECT ON shop.seg_kept_now, shop.seg_touched_now TO kr_whole, kr_other;")
    assert as_reader(shop, "kr_whole", FEW.format("seg")) == str(A)
    assert as_reader(shop, "kr_whole", FEW.format("seg_kept_now")) == "0"
    assert as_reader(shop, "kr_whole", "SELECT holds FROM customer_value.keeping('shop.seg');") == "f"
    shop.psql("REVOKE SELECT ON shop.seg_kept_now, shop.seg_touched_now FROM kr_whole;")
    shop.psql(f"{QUIET}SET ROLE {refresher}; SELECT customer_value.refresh_segmentation('shop.seg');")
    for reader in READERS[1:]:
        live, seg = (as_reader(shop, reader, FEW.format(view)) for view in ("live", "seg"))
        assert seg == live, reader
    assert as_reader(shop, "kr_whole", FEW.format("seg")) == str(A)


WRITES = {
    "INSERT": "INSERT INTO shop.{} (customer) VALUES (1);",
    "UPDATE": "UPDATE shop.{} SET customer = 1;",
    "DELETE": "DELETE FROM shop.{};",
    "TRUNCATE": "TRUNCATE shop.{};",
    "TRIGGER": "CREATE TRIGGER a BEFORE UPDATE ON shop.{} FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();",
}


@pytest.mark.parametrize("invoker", [True, False], ids=["as-invoker", "as-owner"])
def test_tables(shop, invoker):
    """Nobody but the owner has a right on the tables, and none but to read the views on them, whatever default privileges say."""
    privileges = "".join(
        f"ALTER DEFAULT PRIVILEGES FOR ROLE kr_keeper {where} GRANT ALL ON TABLES TO {to};\n"
        for where in ("", "IN SCHEMA shop") for to in ("PUBLIC", "kr_whole", "kr_stranger"))
    fill(shop, "plain", invoker, f"RESET ROLE; {privileges} SET ROLE kr_owner;")
    assert shop.value("SELECT has_table_privilege('kr_stranger', 'shop.seg', 'DELETE')") == "t", "there are such privileges"
    shop.psql(CHANGE.format(1000))

    def check_tables():
        rights = shop.rows("""
            SELECT r.rolname, c.relname, p.p FROM pg_class AS c, pg_roles AS r,
                unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) AS p (p)
            WHERE c.relnamespace = 'shop'::regnamespace AND c.relname ~ '^seg_(kept|touched)' AND r.rolname ~ '^kr_'
              AND r.rolname <> 'kr_keeper' AND (has_table_privilege(r.oid, c.oid, p.p)
                  OR p.p IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') AND has_any_column_privilege(r.oid, c.oid, p.p))
            ORDER BY 1, 2, 3""")
        readable = [[role, view, "SELECT"] for role in sorted(READERS[:-1]) if role != "kr_keeper"
                    for view in ("seg_kept_now", "seg_touched_now")]
        assert rights == (readable if invoker else [])
        for reader in set(READERS) - POWERFUL:
            for table in ("seg_kept", "seg_touched"):
                for right, sql in {"SELECT": "SELECT count(*) FROM shop.{};", "COPY": "COPY shop.{} TO STDOUT;", **WRITES}.items():
                    said = as_reader(shop, reader, sql.format(table))
                    assert f"permission denied for table {table}" in said, f"{reader}, {right}: {said}"
                    said = as_reader(shop, reader, sql.format(table + "_now"))
                    assert "ERROR" in said or right == "SELECT", f"{reader}, {right}: {said}"

    check_tables()
    # made anew, and made by turning it on
    shop.psql(f"""{QUIET} SET ROLE kr_keeper;
        SELECT customer_value.alter_segmentation('shop.seg', '{{"keep": false}}', train => false);
        SELECT customer_value.alter_segmentation('shop.seg', '{{"keep": true}}', train => false);
        SELECT customer_value.refresh_segmentation('shop.seg');""")
    check_tables()
    assert as_reader(shop, "kr_whole", FEW.format("seg")) == str(ALL)
    assert as_reader(shop, "kr_whole", "SELECT holds FROM customer_value.keeping('shop.seg');") == "t"
