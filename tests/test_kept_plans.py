"""Which plans are taken to read kept histories: what is not needed is not in them, or is not executed.

Each check has its counterpart: what is missing while the gate holds runs when it is closed, what one column does not need
another does, and a plan without an index or without workers is recognised as such.
"""

import json

import pytest
from helpers import QUIET

ORDERS, CUSTOMERS = 200_000, 20_000
# about ten orders each, spread over the whole table
FILL = f"""
SELECT (hashint4(i)::bigint & 2147483647) % {CUSTOMERS} AS customer_id, timestamptz '2024-01-01' + i * interval '1 min' AS day,
       (i % 1000)::numeric / 10 AS total, (i % 700)::numeric / 10 AS cost, i / 2 AS order_id
FROM generate_series(1, {{0}}) AS i"""
COLUMNS = "customer_id bigint, day timestamptz, total numeric, cost numeric, order_id int"
PARTITIONS = f"""
CREATE TABLE shop.orders ({COLUMNS}) PARTITION BY HASH (customer_id);
CREATE TABLE shop.orders_0 PARTITION OF shop.orders FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE shop.orders_1 PARTITION OF shop.orders FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE shop.orders_2 (order_id int, gone int, total numeric, cost numeric, day timestamptz, customer_id bigint);
ALTER TABLE shop.orders_2 DROP gone;
ALTER TABLE shop.orders ATTACH PARTITION shop.orders_2 FOR VALUES WITH (MODULUS 3, REMAINDER 2);
"""
# tables, options, columns of the table of histories besides customer and history
SHAPES = {
    "plain": (f"CREATE TABLE shop.orders ({COLUMNS});", "", {"left_out", "amount_left_out"}),
    "lines": (f"CREATE TABLE shop.orders ({COLUMNS});", ', "order_id": "order_id", "cost": "cost"',
              {"costs", "costed"}),
    "partitioned": (PARTITIONS, "", {"left_out", "amount_left_out"}),
}
SERIAL = "SET max_parallel_workers_per_gather = 0;\n"
LABELS = "SELECT rfm_segment, count(*) FROM shop.seg GROUP BY 1"


def make(cluster, shape, orders=ORDERS, customers=CUSTOMERS):
    """Orders and a segmentation that keeps their histories, with statistics."""
    tables, options, _ = SHAPES[shape]
    fill = FILL.format(orders).replace(f"% {CUSTOMERS} ", f"% {customers} ")
    cluster.psql(f"""{QUIET} CREATE SCHEMA shop; {tables} INSERT INTO shop.orders (customer_id, day, total, cost, order_id) {fill};
        CREATE INDEX ON shop.orders (customer_id); VACUUM ANALYZE shop.orders;
        SELECT customer_value.create_segmentation('shop.seg', 'shop.orders', 'customer_id', 'day', 'total',
            '{{"as_of": "2024-08-01", "keep": true{options}}}');
        SELECT customer_value.refresh_segmentation('shop.seg');
        VACUUM ANALYZE shop.seg_kept;""")
    assert holds(cluster)


def holds(cluster):
    """Whether the gate is open."""
    return cluster.value("SELECT holds FROM customer_value.keeping('shop.seg')") == "t"


# Plans


def explain(cluster, sql, settings=SERIAL, how="ANALYZE, TIMING OFF, BUFFERS OFF"):
    """The nodes of a plan, each with those above it as `above`."""
    said = cluster.psql(f"{settings}EXPLAIN ({how}, FORMAT JSON) {sql};")
    # psql prints it on one line or several; settings print nothing
    plan = json.loads(said)[0]["Plan"]
    found = []

    def walk(node, above):
        node["above"] = above
        found.append(node)
        for child in node.get("Plans", []):
            walk(child, [*above, node])

    walk(plan, [])
    return found


def gates(node):
    """The one-time filters above a node, or its own, that ask the gate."""
    filters = [of.get("One-Time Filter", "") for of in [*node["above"], node]]
    return [text for text in filters if "keeps(" in text]


def is_live(node):
    """Whether it runs if the gate is closed."""
    return any("NOT" in text for text in gates(node))


def scans(nodes, relation):
    """The scans of a table; of a partition, too."""
    return [node for node in nodes if node.get("Relation Name", "").startswith(relation) and "Scan" in node["Node Type"]]


def rows(nodes):
    """How many rows nodes have returned or thrown away."""
    return sum(round((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]) for node in nodes)


def executed(nodes):
    """Those that have run."""
    return [node for node in nodes if node["Actual Loops"]]


def of_live(nodes):
    """What reads the orders of all: below the filter that asks whether the gate is closed."""
    return [node for node in nodes if is_live(node) and not node.get("One-Time Filter")]


def of_kept(nodes):
    """What reads kept histories and notes: below a filter that asks whether the gate is open."""
    return [node for node in nodes if gates(node) and not is_live(node) and "keeps(" not in node.get("One-Time Filter", "")]


# Tests


@pytest.mark.parametrize("shape", SHAPES)
def test_arms(cluster, shape):
    """Without notes no order is read; of what is noted, only that; while the gate is closed, nothing that is kept."""
    make(cluster, shape)
    for sql in (LABELS, "SELECT count(*) FROM shop.seg", "SELECT sum(revenue), max(p_alive) FROM shop.seg"):
        nodes = explain(cluster, sql)
        assert scans(of_live(nodes), "orders") and scans(of_kept(nodes), "seg_kept"), nodes
        assert not executed(of_live(nodes)), [node for node in executed(of_live(nodes))]
        # a join with no notes may look for a first order
        assert rows(scans(nodes, "orders")) <= 3, scans(nodes, "orders")
        assert rows(scans(nodes, "seg_kept")) == CUSTOMERS - 1 == customers(cluster)
        # the arm of the noted, with two of them
    cluster.psql("INSERT INTO shop.orders (customer_id, day, total, cost, order_id) VALUES (7, '2024-05-05', 3, 1, -1), (8, '2024-05-05', 3, 1, -2);"
                 "VACUUM ANALYZE shop.seg_touched;")
    nodes = explain(cluster, LABELS)
    assert not executed(of_live(nodes))
    noted = [node for node in scans(nodes, "orders") if not is_live(node)]
    assert 2 <= rows(executed(noted))
    assert rows(executed(noted)) < 200, "of two customers who are noted, by index"
    assert holds(cluster)

    cluster.psql("INSERT INTO shop.seg_touched VALUES (NULL)")
    assert not holds(cluster)
    for sql in (LABELS, "SELECT count(*) FROM shop.seg"):
        nodes = explain(cluster, sql)
        assert not executed(of_kept(nodes)), executed(of_kept(nodes))
        assert scans(executed(of_live(nodes)), "orders")
        assert rows(scans(nodes, "orders")) == ORDERS + 2
        assert rows(scans(nodes, "seg_kept")) == rows(scans(nodes, "seg_touched")) == 0


def customers(cluster):
    """How many there are; the hash misses one."""
    return int(cluster.value("SELECT count(DISTINCT customer_id) FROM shop.orders"))


MILLION = """
INSERT INTO shop.seg_kept (customer, history) SELECT -row_number() OVER (), history FROM shop.seg_kept, generate_series(1, 50);
VACUUM ANALYZE shop.seg_kept;"""


@pytest.mark.parametrize("shape", SHAPES)
def test_no_sort(cluster, shape):
    """Counts by label sort no million of customers, whatever memory there is."""
    make(cluster, shape)
    cluster.psql(MILLION)
    for memory in ("4MB", "256MB"):
        for column in ("rfm_segment", "growth_quadrant", "lifecycle_stage", "clv_tier", "profitability_quadrant"):
            nodes = explain(cluster, f"SELECT {column}, count(*) FROM shop.seg GROUP BY 1 ORDER BY 2",
                            f"{SERIAL}SET work_mem = '{memory}';", how="COSTS")
            append = next(node for node in nodes if node["Node Type"] == "Append")
            assert append["Plan Rows"] > 500_000
            assert not large_sorts(append), (memory, column)
            grouped = [node for node in append["above"] if node["Node Type"] == "Aggregate"]
            assert [node["Strategy"] for node in grouped] == ["Hashed"], (memory, column, grouped)
    nodes = explain(cluster, "SELECT rfm_segment, count(*) FROM shop.seg GROUP BY 1", f"{SERIAL}SET enable_hashagg = off;", "COSTS")
    append = next(node for node in nodes if node["Node Type"] == "Append")
    assert large_sorts(append), "a sort is recognised"


def large_sorts(node):
    """The sorts above a node that are not of labels."""
    return [of for of in node["above"] if "Sort" in of["Node Type"] and of["Plan Rows"] > 100_000]


ONE = "SELECT frequency, revenue, rfm_segment FROM shop.seg WHERE customer_id = 7"
FEW = {
    "one": (ONE, 1),
    "a parameter, generic": ("EXECUTE generic (7)", 1),
    "a parameter, custom": ("EXECUTE custom (7)", 1),
    "a few": ("SELECT frequency FROM shop.seg WHERE customer_id IN (7, 8, 9, -1)", 3),
    "a list that is a parameter": ("EXECUTE listed ('{7, 8, 9, -1}')", 3),
    "the function": ("SELECT frequency, clv FROM shop.seg_of(7)", 1),
    "the function, joined": ("SELECT f.clv FROM (VALUES (7), (8), (-1)) AS v (n), shop.seg_of(v.n) AS f", 2),
    "the function, prepared": ("EXECUTE beside (7)", 1),
}
PREPARED = """
PREPARE generic (bigint) AS SELECT frequency, revenue FROM shop.seg WHERE customer_id = $1;
PREPARE custom (bigint) AS SELECT frequency, revenue FROM shop.seg WHERE customer_id = $1;
PREPARE listed (bigint[]) AS SELECT frequency FROM shop.seg WHERE customer_id = ANY ($1);
PREPARE beside (bigint) AS SELECT clv FROM shop.seg_of($1);
"""


@pytest.mark.parametrize("shape", SHAPES)
def test_index(cluster, shape):
    """Few customers are found by the index, of the kept table and, for what is noted or live, of the orders."""
    make(cluster, shape)
    for what, (sql, count) in FEW.items():
        mode = "force_custom_plan" if "custom" in what else "force_generic_plan"
        settings = f"{SERIAL}{PREPARED}SET plan_cache_mode = {mode};"
        nodes = explain(cluster, sql, settings)
        kept = [node for node in scans(nodes, "seg_kept") if node["Actual Loops"]]
        assert [node["Node Type"] for node in kept] == ["Index Scan"], (what, kept)
        assert kept[0]["Index Name"] == "seg_kept_customer_idx" and "customer = " in kept[0]["Index Cond"], (what, kept)
        # before 18, a mean of rows is shown as a whole number
        assert abs(rows(kept) - count) <= kept[0]["Actual Loops"] / 2, (what, kept)
        assert not executed(of_live(nodes)), what
        for node in nodes:
            assert node["Node Type"] != "Seq Scan" or node["Relation Name"] == "seg_touched", (what, node)
        # those who are asked for, whether they are noted or not
        assert rows([node for node in scans(nodes, "orders")]) < 200, what
    # that the checks would see another plan
    cluster.psql("BEGIN; DROP INDEX shop.seg_kept_customer_idx; COMMIT;")
    seen = [node["Node Type"] for node in scans(explain(cluster, ONE), "seg_kept")]
    assert "Seq Scan" in seen
    cluster.psql("CREATE UNIQUE INDEX seg_kept_customer_idx ON shop.seg_kept (customer);"
                 "INSERT INTO shop.seg_touched VALUES (NULL)")
    # closed: the orders of that customer, by their index
    assert not holds(cluster)
    for what, (sql, count) in FEW.items():
        nodes = explain(cluster, sql, f"{SERIAL}{PREPARED}SET plan_cache_mode = force_generic_plan;")
        assert not executed(of_kept(nodes)), what
        live = scans(of_live(nodes), "orders")
        assert live and all("Index" in node["Node Type"] or "Bitmap" in node["Node Type"] for node in live), (what, live)
        assert 0 < rows(executed(live)) < 200, (what, live)


# What each column is made of, among what costs something
COSTLY = ["order_count", "revenue", "average_order_value", "clv", "current_value", "loyalty", "value_score", "p_alive",
          "expected_purchases", "rfm_segment", "recency_score", "typical_gap", "percentile_of"]
MADE_OF = {
    "count(*)": set(),
    "count(customer_id)": set(),
    "max(frequency)": {"order_count"},
    "max(revenue)": {"revenue"},
    "max(average_order_value)": {"average_order_value"},
    "max(clv)": {"clv"},
    "max(clv_tier)": {"clv", "percentile_of"},
    "max(current_value)": {"current_value"},
    "max(value_score)": {"value_score"},
    "max(p_alive)": {"p_alive"},
    "max(rfm_segment)": {"rfm_segment"},
    "max(recency_score)": {"recency_score"},
    "max(typical_gap)": {"typical_gap"},
    "max(growth_quadrant)": {"clv", "current_value"},
    "max(abc_class)": {"revenue"},
    "max(rfm_segment), max(clv)": {"rfm_segment", "clv"},
}


@pytest.mark.parametrize("shape", SHAPES)
def test_columns(cluster, shape):
    """What is not selected is computed nowhere, and what is, in each arm."""
    make(cluster, shape)
    further = SHAPES[shape][2]
    table = cluster.rows("""SELECT attname FROM pg_attribute WHERE attrelid = 'shop.seg_kept'::regclass AND attnum > 0""")
    assert {name for name, in table} == further | {"customer", "history"}
    for selected, made_of in MADE_OF.items():
        nodes = explain(cluster, f"SELECT {selected} FROM shop.seg", how="VERBOSE")
        for arm, found in arms(nodes).items():
            calls = {name for name in COSTLY if any(f".{name}(" in text for text in found)}
            # with costs, what is earned is their difference
            assert calls == made_of, (selected, arm, calls)
        # the scan hands on what the table has, and the node above only what is read
        for node in above_kept(nodes):
            for name in further:
                assert not any(f".{name}" in text for text in node["Output"]), (selected, node["Output"])
            reads = any(".history" in text for text in node["Output"])
            assert reads == (selected not in ("count(*)", "count(customer_id)")), (selected, node["Output"])
        folds = [text for text in outputs(nodes) if "purchase_history(" in text]
        assert bool(folds) == (selected not in ("count(*)", "count(customer_id)")), (selected, folds)


def test_columns_of_lines(cluster):
    """Margins read further histories of costs, which nothing else does."""
    make(cluster, "lines")
    nodes = explain(cluster, "SELECT sum(profitability) FROM shop.seg", how="VERBOSE")
    assert any(".costs" in text for node in above_kept(nodes) for text in node["Output"])
    nodes = explain(cluster, "SELECT sum(revenue) FROM shop.seg", how="VERBOSE")
    assert not any(".costs" in text for node in above_kept(nodes) for text in node["Output"])


def outputs(nodes):
    """What nodes compute or hand on, but for the scans of tables, which hand on whole rows at no cost."""
    return [text for node in nodes if not node.get("Relation Name") for text in node.get("Output", [])]


def arms(nodes):
    """What is computed for kept histories, for the noted and for all, with what is above all of them."""
    append = next(node for node in nodes if node["Node Type"] == "Append")
    common = outputs([node for node in nodes if append not in node["above"]])
    found = {}
    for place, arm in enumerate(append["Plans"]):
        found[place] = common + outputs([node for node in nodes if node is arm or arm in node["above"]])
    assert len(found) == 3
    return found


def above_kept(nodes):
    """The node right above each scan of kept histories, those of subplans apart."""
    return [node["above"][-1] for node in scans(nodes, "seg_kept") if not gates_only(node)]


def gates_only(node):
    """Whether a scan serves a subplan."""
    return any(of.get("Parent Relationship") == "SubPlan" for of in [*node["above"], node])


# small tables like that of notes are read without workers
CHEAP = "SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = '200kB';\n"


def parallel_scans(nodes, relation):
    """The scans of a table that ran in workers."""
    return [node for node in executed(scans(nodes, relation))
            if any(of["Node Type"].startswith("Gather") and of["Workers Launched"] for of in node["above"])]


@pytest.mark.parametrize("shape", SHAPES)
def test_parallel_live(cluster, shape):
    """While the gate is closed, workers read the orders where the planner may use them, and the answer is the same."""
    make(cluster, shape)
    cluster.psql("INSERT INTO shop.seg_touched VALUES (NULL)")
    check_parallel(cluster, "orders", of_kept)


@pytest.mark.parametrize("keep", ["refreshed", "true"])
def test_parallel_kept(cluster, keep):
    """While it is open, they read kept histories."""
    make(cluster, "plain")
    if keep == "refreshed":
        cluster.psql(QUIET + """SELECT customer_value.alter_segmentation('shop.seg', '{"keep": "refreshed"}', train => false);
            SELECT customer_value.refresh_segmentation('shop.seg'); VACUUM ANALYZE shop.seg_kept;""")
    assert holds(cluster)
    check_parallel(cluster, "seg_kept", of_live)


def check_parallel(cluster, table, idle):
    """Workers read a table, and nobody what is idle, with the answer that one process gives."""
    order = LABELS + " ORDER BY 1"
    assert cluster.psql(CHEAP + order) == cluster.psql(SERIAL + order)
    nodes = explain(cluster, LABELS, CHEAP)
    assert not executed(idle(nodes))
    assert not [node for node in explain(cluster, LABELS) if node["Node Type"].startswith("Gather")]
    assert parallel_scans(nodes, table), scans(nodes, table)
