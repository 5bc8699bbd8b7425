"""A view that keeps histories shows what one without does, whatever the source, the customers and the options are.

The reference is a segmentation over the same source, with the same options but keep.
"""

import pytest
from helpers import QUIET

DIFFER = """
CREATE FUNCTION shop.differences(a text, b text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint; columns text;
BEGIN
    SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) INTO columns FROM pg_attribute
    WHERE attrelid = a::regclass AND attnum > 0 AND attname NOT IN ('trained_at', 'kept_at');
    EXECUTE format('SELECT count(*) FROM ((SELECT %1$s FROM %2$s EXCEPT ALL SELECT %1$s FROM %3$s) UNION ALL
                    (SELECT %1$s FROM %3$s EXCEPT ALL SELECT %1$s FROM %2$s)) AS d', columns, a, b) INTO n;
    RETURN n;
END $$;
"""
COLUMNS = """id int, customer_id bigint, at timestamptz, total numeric(12, 2), cost numeric(12, 2), service numeric,
             reduced boolean, rebate numeric, currency text, product text, channel text, moment timestamp, day date,
             approximate float8, price money, no_use int"""
NAMES = ("id, customer_id, at, total, cost, service, reduced, rebate, currency, product, channel, moment, day, approximate,"
         " price")
SOURCES = {
    "plain": f"CREATE TABLE shop.orders ({COLUMNS});",
    # leaves whose columns have other places, three levels
    "partitioned": f"""
CREATE TABLE shop.orders ({COLUMNS}) PARTITION BY RANGE (at);
CREATE TABLE shop.early (gone int, channel text, total numeric(12, 2), LIKE shop.orders);
""".replace("channel text, total numeric(12, 2), LIKE", "channel2 text, LIKE") + """
ALTER TABLE shop.early DROP gone, DROP channel2;
ALTER TABLE shop.orders ATTACH PARTITION shop.early FOR VALUES FROM (MINVALUE) TO ('2024-07-01');
CREATE TABLE shop.late (also_gone text, LIKE shop.orders) PARTITION BY HASH (id);
ALTER TABLE shop.late DROP also_gone;
CREATE TABLE shop.late_0 (total numeric(12, 2), customer_id bigint, gone int, gone_too int, id int, at timestamptz);
ALTER TABLE shop.late_0 DROP gone, DROP gone_too, ADD cost numeric(12, 2), ADD service numeric, ADD reduced boolean,
    ADD rebate numeric, ADD currency text, ADD product text, ADD channel text, ADD moment timestamp, ADD day date,
    ADD approximate float8, ADD price money, ADD no_use int;
ALTER TABLE shop.late ATTACH PARTITION shop.late_0 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE shop.late_1 PARTITION OF shop.late FOR VALUES WITH (MODULUS 2, REMAINDER 1);
ALTER TABLE shop.orders ATTACH PARTITION shop.late FOR VALUES FROM ('2024-07-01') TO ('2030-01-01');
CREATE TABLE shop.rest PARTITION OF shop.orders DEFAULT;
""",
    "inherited": f"""
CREATE TABLE shop.orders ({COLUMNS});
CREATE TABLE shop.child (total numeric(12, 2), customer_id bigint, extra int) INHERITS (shop.orders);
CREATE TABLE shop.grandchild (gone int) INHERITS (shop.child);
ALTER TABLE shop.grandchild DROP gone;
""",
}
FILL = f"""
CREATE FUNCTION shop.fill(relation text, first int, last int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('INSERT INTO %s ({NAMES})
        SELECT i, i * i %% 61, at, total, CASE WHEN i %% 5 > 0 THEN total * 0.6 END, i %% 4, i %% 3 = 0, i %% 3, ''EUR'',
               ''p'' || i %% 4, ''c'' || i %% 3, at AT TIME ZONE ''UTC'', (at AT TIME ZONE ''UTC'')::date, total::float8,
               total::money
        FROM (SELECT i, ''2023-11-05 03:30+00''::timestamptz + i %% 400 * interval ''22 hours 17 minutes'' AS at,
                     CASE WHEN i %% 31 = 0 THEN -7.25 WHEN i %% 97 = 0 THEN NULL ELSE i %% 47 * 1.25 END AS total
              FROM generate_series(%s, %s) AS i) AS made', relation, first, last);
END $$;
"""
# the same with and without, over columns that a source of any kind has
CHANGES = """
SELECT shop.fill('shop.orders', 601, 640);
UPDATE shop.orders SET total = total + 1 WHERE id % 83 = 2;
UPDATE shop.orders SET at = at + interval '200 days' WHERE id % 101 = 3;
UPDATE shop.orders SET {customer} = (SELECT o.{customer} FROM shop.orders AS o WHERE o.id = 7 LIMIT 1) WHERE id % 67 = 5;
UPDATE shop.orders SET cost = NULL, service = 9, reduced = NOT reduced WHERE id % 71 = 6;
DELETE FROM shop.orders WHERE id % 59 = 8;
DELETE FROM shop.orders WHERE {customer} = (SELECT o.{customer} FROM shop.orders AS o WHERE o.id = 11 LIMIT 1);
INSERT INTO shop.orders (id, {customer}, at, moment, day, total, currency)
VALUES (9001, NULL, '2024-05-05', '2024-05-05', '2024-05-05', 3, 'EUR');
"""
TABLES = """
CREATE TABLE shop.customers AS SELECT i::bigint AS id, 'r' || i % 3 AS region, i % 7 AS power FROM generate_series(0, 70) AS i;
CREATE TABLE shop.contacts AS SELECT i % 66::bigint AS who, date '2024-03-01' + i % 90 AS at, 'service' AS kind
FROM generate_series(1, 200) AS i;
CREATE TABLE shop.answers AS SELECT i % 66::bigint AS who, date '2024-03-01' + i % 90 AS at, 'csat' AS kind, 1 + i % 5 AS score
FROM generate_series(1, 200) AS i;
"""


def made(cluster, source="plain", key=None, customer="customer_id", before=""):
    """Schema shop with orders, of customers of some type."""
    convert = key and (f"ALTER TABLE shop.orders ALTER customer_id TYPE {key[0]} USING {key[1]};"
                       "CREATE INDEX ON shop.orders (customer_id);")
    fill = "SELECT shop.fill('shop.orders', 1, 600);"
    if source == "inherited":
        fill = ("SELECT shop.fill('shop.orders', 1, 200), shop.fill('shop.child', 201, 400), "
                "shop.fill('shop.grandchild', 401, 600);")
    cluster.psql(QUIET + "SET lc_monetary = 'C'; CREATE SCHEMA shop;" + before + SOURCES[source] + FILL + DIFFER + TABLES
                 + fill + (convert or "CREATE INDEX ON shop.orders (customer_id);"))


def both(cluster, options, at="at", amount="total"):
    """The segmentation with and that without."""
    call = ("SELECT customer_value.create_segmentation('shop.{}', 'shop.orders', 'customer_id', '" + at + "', "
            + (f"'{amount}'" if amount else "NULL") + ", '{{{}}}');")
    listed = ", ".join(f'"{name}": {value}' for name, value in options.items())
    more = f"{listed}, " if listed else ""
    cluster.psql(QUIET + call.format("live", listed) + call.format("seg", more + '"keep": true'))


def assert_same(cluster, holds, customer="customer_id"):
    """Both show the same; whether the gate is as expected, and a function beside the view agrees with it."""
    found = cluster.rows("SELECT holds, reason FROM customer_value.keeping('shop.seg')")[0]
    assert found[0] == holds, found
    assert cluster.value("SELECT shop.differences('shop.live', 'shop.seg')") == "0"
    assert int(cluster.value("SELECT count(*) FROM shop.seg")) > 0
    beside = f"SELECT count(*) FROM shop.live AS l CROSS JOIN LATERAL shop.seg_of(l.{customer}) AS f"
    assert cluster.value(beside) == cluster.value("SELECT count(*) FROM shop.live")


def assert_trained_alike(cluster):
    """A new training of each finds the same."""
    cluster.psql(QUIET + "SELECT customer_value.train_segmentation('shop.live'), customer_value.train_segmentation('shop.seg')")
    found = cluster.rows("""
        SELECT count(*), count(DISTINCT to_jsonb(t) - '{segmentation,trained_at,seconds,options}'::text[])
        FROM customer_value.training AS t JOIN customer_value.segmentation AS s ON s.id = t.segmentation
        WHERE t.newest""")
    different = cluster.rows("""
        SELECT e.key, min(e.value::text), max(e.value::text)
        FROM customer_value.training AS t JOIN customer_value.segmentation AS s ON s.id = t.segmentation
        CROSS JOIN jsonb_each(to_jsonb(t) - '{segmentation,trained_at,seconds,options}'::text[]) AS e
        WHERE t.newest GROUP BY 1 HAVING count(DISTINCT e.value) > 1""")
    assert (found, different) == ([["2", "1"]], [])


def assert_kept_alike(cluster):
    """Through the life of kept histories, the same."""
    assert_same(cluster, "f")
    assert int(cluster.value(QUIET + "SELECT customer_value.refresh_segmentation('shop.seg')")) > 0
    assert_same(cluster, "t")
    assert_trained_alike(cluster)
    cluster.psql(QUIET + CHANGES.format(customer="customer_id"))
    assert int(cluster.value("SELECT notes FROM customer_value.keeping('shop.seg')")) > 5
    assert_same(cluster, "t")
    assert_trained_alike(cluster)
    assert_same(cluster, "t")
    cluster.psql(QUIET + "SELECT customer_value.refresh_segmentation('shop.seg')")
    assert cluster.value("SELECT notes FROM customer_value.keeping('shop.seg')") == "0"
    assert_same(cluster, "t")
    assert_trained_alike(cluster)
    assert cluster.value("SELECT count(*) FROM shop.seg_kept") == cluster.value(
        "SELECT count(*) FROM shop.seg_kept_now")


@pytest.mark.parametrize("bind", ["table", "name"])
@pytest.mark.parametrize("source", SOURCES)
def test_source(cluster, source, bind):
    """Plain, partitioned over three levels, inherited."""
    made(cluster, source)
    both(cluster, {"as_of": '"2025-03-01"', "bind": f'"{bind}"', "cost": '"cost"', "discount": '"reduced"'})
    assert_kept_alike(cluster)


KEYS = {
    "integer": ("integer", "customer_id::int"),
    "text": ("text", "'k' || customer_id"),
    "varchar": ("varchar(20)", "'k' || customer_id"),
    "char": ("char(12)", "'k' || customer_id"),
    "uuid": ("uuid", "md5(customer_id::text)::uuid"),
    "numeric": ("numeric", "CASE id % 2 WHEN 0 THEN customer_id ELSE customer_id::numeric(12, 2) END"),
    "citext": ("citext", "CASE id % 2 WHEN 0 THEN 'k' ELSE 'K' END || customer_id"),
    "blind": ("text COLLATE shop.blind", "CASE id % 2 WHEN 0 THEN 'k' ELSE 'K' END || customer_id"),
    "domain": ("shop.key", "'k' || customer_id"),
    "long": ("text", "repeat(md5(customer_id::text), 40)"),
}
BEFORE = {
    "citext": "CREATE EXTENSION citext;",
    "blind": "CREATE COLLATION shop.blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);",
    "domain": "CREATE DOMAIN shop.key AS text CHECK (value <> '');",
}


@pytest.mark.parametrize("key", KEYS)
def test_key(cluster, key):
    """Customers of any type, also those of which two values are the same."""
    asks = {"citext": "SELECT true FROM pg_available_extensions WHERE name = 'citext'",
            "blind": "SELECT true FROM pg_collation WHERE collname = 'tr-x-icu'"}
    if key in asks and not cluster.rows(asks[key]):
        pytest.skip(f"no {key} here")
    made(cluster, key=KEYS[key], before=BEFORE.get(key, ""))
    fill = cluster.value("SELECT pg_get_functiondef('shop.fill'::regproc)")
    made_of = KEYS[key][1].replace("customer_id", "(i * i %% 61)").replace("id %", "i %%").replace("'", "''")
    cluster.psql(fill.replace("SELECT i, i * i %% 61,", f"SELECT i, ({made_of}),") + ";")
    both(cluster, {"as_of": '"2025-03-01"'})
    assert_kept_alike(cluster)


OPTIONS = {
    "lines": {"order_id": '"id"', "cost": '"cost"', "cost_to_serve": '"service"', "discount": '"reduced"'},
    "costs apart": {"cost": '"cost"', "cost_to_serve": '"service"', "discount": '"rebate"', "refunds": '"apart"'},
    "berlin": {"time_zone": '"Europe/Berlin"'},
    "sao paulo": {"time_zone": '"America/Sao_Paulo"', "cost": '"cost"', "discount": '"rebate"', "cost_to_serve": '"service"'},
    "live": {"as_of": '"live"', "cost": '"cost"'},
    "latest": {"as_of": '"latest"', "cost_to_serve": '"service"', "discount": '"reduced"'},
    "early day": {"as_of": '"2024-08-15"', "cost": '"cost"', "cost_to_serve": '"service"', "discount": '"reduced"'},
    "orders": {"product": '"product"', "channel": '"channel"', "currency": '"currency"'},
    "customers": {"customers": '{"source": "shop.customers", "customer": "id", "columns": ["region"]}', "cost": '"cost"'},
    "tables": {"interactions": '{"source": "shop.contacts", "customer": "who", "at": "at", "kind": "kind"}',
               "satisfaction": '{"source": "shop.answers", "customer": "who", "at": "at", "kind": "kind", "score": "score"}'},
    "definer": {"security_invoker": "false", "family": '"auto"', "monetary": '"average"'},
    "zh": {"language": '"zh"', "scheme": '"none"', "family": '"none"'},
}


@pytest.mark.parametrize("options", OPTIONS)
def test_options(cluster, options):
    """Options that change what histories are made of, or what is read beside them."""
    made(cluster)
    both(cluster, {"as_of": '"2025-03-01"', **OPTIONS[options]})
    assert_kept_alike(cluster)


@pytest.mark.parametrize("at,amount", [("moment", "total"), ("day", "approximate"), ("at", "price"), ("at", None)])
@pytest.mark.parametrize("lines", [False, True], ids=["orders", "lines"])
def test_types(cluster, at, amount, lines):
    """Times and amounts of any type, or no amounts."""
    made(cluster)
    options = {"as_of": '"2025-03-01"', "time_zone": '"Europe/Berlin"', "discount": '"reduced"'}
    both(cluster, {**options, **({"order_id": '"id"'} if lines else {})}, at, amount)
    assert_kept_alike(cluster)
