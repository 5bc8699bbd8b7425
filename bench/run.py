"""The benchmarks: what we do beside what a user would write by hand, in one run, as ratios.

    python3 bench/run.py [--customers 1000000] [--runs 5] [--pg 18] [--few | --clv | --matrices | --kept | --over-time]

Draws orders from a BG/NBD process inside a throwaway cluster, then runs the contenders of bench/sql/
in alternation and prints medians. Times are PostgreSQL's own (EXPLAIN ANALYZE without per-node
timing), so that no client is measured. Goals that are missed are printed as such. The part about
lifetime value is in clv.py, those about kept histories and about reports over time begin in kept.py.
"""

import argparse
import os
import platform
import statistics
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "scripts"))

import build  # noqa: E402
import clv  # noqa: E402
import kept  # noqa: E402
import postgres  # noqa: E402
from cluster import Cluster  # noqa: E402
from measure import contender, explained, nodes, seconds, show, verdict  # noqa: E402
from system import problems_shown, say, timed  # noqa: E402

SETTINGS = {
    "shared_buffers": "4GB",
    "work_mem": "2GB",
    "hash_mem_multiplier": "2",
    "maintenance_work_mem": "1GB",
    "max_wal_size": "8GB",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "random_page_cost": "1.1",
}
DB = "bench"
WHOLE = ["floor", "history_all_accessors", "day_collapsed", "ntile", "view_rfm_columns",
         "view_value_columns", "view_all_columns", "training"]
VIEW = ["ntile", "view_rfm_columns", "view_value_columns"]  # of these, what --clv runs
MATRICES = ["view_rfm_columns", "view_value_columns", "view_all_columns", "training"]  # and what --matrices runs
# what, beside what, the highest ratio that is good
GOALS = [
    ("history_all_accessors", "floor", 1.25),
    ("history_all_accessors", "day_collapsed", 0.25),
    ("view_rfm_columns", "ntile", 0.7),
    ("view_value_columns", "ntile", 1.0),
    ("view_all_columns", "view_value_columns", 1.3),
    ("training", "ntile", 1.0),
]


def sequential_scans(plan, table="orders"):
    """Sequential scans of a table in a plan."""
    return [node for node in nodes(plan)
            if node["Node Type"] == "Seq Scan" and node.get("Relation Name") == table]


def whole_table(cluster, runs, names):
    """Median seconds of contenders over all customers, run in alternation."""
    times = {name: [] for name in names}
    for run in range(runs + 1):
        for name in names:
            taken, plan = seconds(cluster, contender(name))
            if name == "floor":
                assert any(node.get("Strategy") == "Hashed" for node in nodes(plan)), plan
            if run:  # the first round warms caches up
                times[name].append(taken)
    return show("over all customers", times)


def few_customers(cluster, runs):
    """Milliseconds for one customer, in a large and a small table, and for 500 joined."""
    chosen = [row[0] for row in cluster.rows("SELECT id FROM chosen ORDER BY id LIMIT 20")]
    medians = {}
    for name in ["one_customer", "one_customer_small"]:
        queries = [contender(name, customer=customer) for customer in chosen]
        found = explained(cluster, queries * (runs + 1))[len(queries):]  # the first round warms up
        assert not any(sequential_scans(plan, table) for _, plan in found
                       for table in ["orders", "small_orders"])
        medians[name] = statistics.median(time for time, _ in found)
    found = explained(cluster, [contender("join_500")] * (runs + 1))[1:]
    medians["join_500"] = statistics.median(time for time, _ in found)
    medians["join_500_scans"] = max(len(sequential_scans(plan)) for _, plan in found)
    return medians


def main():
    """Set up, run, report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--pg", type=int, default=18)
    part = parser.add_mutually_exclusive_group()
    part.add_argument("--few", action="store_true", help="only the contenders for few customers")
    part.add_argument("--clv", action="store_true", help="only the part about lifetime value")
    part.add_argument("--matrices", action="store_true", help="only the contenders about matrices")
    part.add_argument("--kept", action="store_true", help="only the part about kept histories")
    part.add_argument("--over-time", action="store_true", help="only the part about reports over time and snapshots")
    parser.add_argument("--only", help=f"parts of --kept: {', '.join(kept.PARTS)}; of --over-time: {', '.join(kept.OVER_TIME)}")
    options = parser.parse_args()
    pg = postgres.ensure(options.pg)
    with timed(f"building for PostgreSQL {options.pg}"):
        build.install_private(pg)
    with Cluster(options.pg, "bench", SETTINGS) as cluster:
        (kept.report if options.kept or options.over_time else report)(cluster, options)


def compare(medians):
    """Print the ratios beside the goals."""
    say(f"\n{'what':<24}{'beside':<24}{'ratio':>8}{'goal':>10}")
    for what, beside, goal in GOALS:
        if what in medians and beside in medians:
            ratio = medians[what] / medians[beside]
            say(f"{what:<24}{beside:<24}{ratio:>8.2f}{'≤ ' + str(goal):>10}  {verdict(ratio <= goal)}")


def draw(cluster, customers):
    """Make the database with the orders, and say what they are."""
    cluster.db = cluster.fresh_database(DB)
    cluster.psql(f"CREATE EXTENSION customer_value; ALTER DATABASE {DB} "
                 "SET search_path = public, customer_value;")
    with timed(f"drawing the orders of {customers:,} customers"):
        cluster.psql(contender("orders", customers=customers))
    cluster.psql(contender("setup"))
    orders, customers = cluster.rows("SELECT count(*), count(DISTINCT customer_id) FROM orders")[0]
    size = cluster.rows("SELECT round(avg(pg_column_size(h)), 1), "
                        "round(sum(pg_column_size(h))::numeric / sum(purchase_days(h)), 2) FROM ("
                        "SELECT purchase_history(ordered_at, amount) AS h FROM orders GROUP BY customer_id) AS c")[0]
    say(f"\n{int(orders):,} orders of {int(customers):,} customers; {cluster.value('SELECT version()')}")
    say(f"{os.cpu_count()} cores, {platform.machine()}; settings: "
        + ", ".join(f"{key} = {value}" for key, value in SETTINGS.items()))
    say(f"a history at rest: {size[0]} bytes a customer, {size[1]} a purchase day")


def report_few(cluster, runs):
    """Run what reads few customers and print it beside the goals."""
    cluster.psql(contender("setup_few"))
    few = few_customers(cluster, runs)
    one, small = few["one_customer"], few["one_customer_small"]
    say(f"\none customer, all orders:        {one:.3f} ms (goal < 1 ms)  {verdict(one < 1)}")
    say(f"one customer, a 14th of them:    {small:.3f} ms; ratio {one / small:.2f} (goal ≤ 2)  "
        f"{verdict(one <= 2 * small)}")
    join, scans = few["join_500"], few["join_500_scans"]
    say(f"500 customers by the function:   {join:.1f} ms, {scans} sequential scans of the orders "
        f"(goal < 100 ms, none)  {verdict(join < 100 and not scans)}")


def report(cluster, options):
    """Make the data, run everything, print what was found beside the goals."""
    draw(cluster, options.customers)
    names = VIEW if options.clv else MATRICES if options.matrices else WHOLE
    if not options.few:
        compare(whole_table(cluster, options.runs, names))
    if not (options.clv or options.matrices):
        report_few(cluster, options.runs)
    if not (options.few or options.matrices):
        clv.report(cluster, options.runs)


if __name__ == "__main__":
    with problems_shown():
        main()
