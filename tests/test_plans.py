"""Which plans are taken for folds of many customers: workers only where they pay, partition by partition where asked."""

import re

from helpers import SEARCH

ORDERS = 1_400_000
CUSTOMERS = 100_000
# about 14 orders each, spread over the whole table
FILL = f"""
SELECT (hashint4(i)::bigint & 2147483647) % {CUSTOMERS} AS customer_id, timestamptz '2024-01-01' + i * interval '1 min' AS day,
       (i % 1000)::numeric / 10 AS total, i % 100 AS store
FROM generate_series(1, {ORDERS}) AS i"""
TABLES = f"""
CREATE SCHEMA shop;
CREATE TABLE shop.orders AS {FILL};
CREATE TABLE shop.parts (customer_id bigint, day timestamptz, total numeric, store int) PARTITION BY HASH (customer_id);
SELECT format('CREATE TABLE shop.part_%s PARTITION OF shop.parts FOR VALUES WITH (MODULUS 4, REMAINDER %1$s)', i)
FROM generate_series(0, 3) AS i \\gexec
INSERT INTO shop.parts SELECT * FROM shop.orders;
VACUUM ANALYZE shop.orders, shop.parts;
"""
HISTORY = "purchase_history(day, total)"


def plan(cluster, sql, settings=""):
    """The plan of a query, without costs."""
    return cluster.psql(f"{SEARCH}{settings}EXPLAIN (COSTS OFF) {sql};")


def test_folds(cluster):
    """No workers for a fold of many customers, workers for one of all, and a fold per partition."""
    cluster.psql(TABLES)
    grouped = f"SELECT customer_id, {HISTORY} FROM shop.%s GROUP BY customer_id"
    for memory in ["4MB", "16MB", "256MB"]:
        found = plan(cluster, grouped % "orders", f"SET work_mem = '{memory}';\n")
        assert "HashAggregate" in found and "Gather" not in found, f"with {memory}: {found}"
    found = plan(cluster, f"SELECT {HISTORY} FROM shop.orders")
    assert "Gather" in found and "Partial Aggregate" in found, found
    # which would be so for many customers, too, were it not for the costs of what travels
    costs = ["history_combine(internal, internal)", "history_serialize(internal)",
             "history_deserialize(bytea, internal)"]
    cheap = "".join(f"ALTER FUNCTION customer_value_internal.{name} COST 1;\n" for name in costs)
    assert "Gather" in plan(cluster, grouped % "orders", f"BEGIN;\n{cheap}")

    # a few groups of many orders each
    found = plan(cluster, f"SELECT store, {HISTORY} FROM shop.orders GROUP BY store")
    assert "Gather" in found and "Partial" in found, found

    asked = "SET enable_partitionwise_aggregate = on;\n"
    found = plan(cluster, grouped % "parts", asked)
    assert "Append" in found and len(re.findall("HashAggregate", found)) == 4, found
    assert "Partial" not in found and "Finalize" not in found, found
    found = plan(cluster, grouped % "parts")
    assert len(re.findall("Aggregate", found)) == 1, found


def test_a_view(cluster):
    """A segmentation view is folded partition by partition, too."""
    cluster.psql(TABLES)
    cluster.psql(SEARCH + """SELECT create_segmentation('shop.segments', 'shop.parts', 'customer_id', 'day', 'total');""")
    read = "SELECT count(*) FROM shop.segments WHERE purchase_days > 3"
    assert len(re.findall(r"Aggregate", plan(cluster, read))) == 2, plan(cluster, read)
    found = plan(cluster, read, "SET enable_partitionwise_aggregate = on;\n")
    assert "Append" in found and len(re.findall("HashAggregate", found)) == 4, found
