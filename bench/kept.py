"""Kept histories: what they save readers and what they cost writers, in one run.

    python3 bench/run.py --kept [--customers 1000000] [--runs 5] [--only reads,models,upkeep,writers]
    python3 bench/run.py --over-time [--customers 1000000] [--runs 3] [--only live,kept,snapshots]

The same segmentation twice over the same orders, once with its histories kept; a materialised view of it; DuckDB and
Polars with their own copy of the orders' columns. Contenders take turns. Seconds are those of a client in an open
session, processor seconds those of the session and its parallel workers. Orders are drawn once and kept in a
database of the cluster, from which each run makes a copy. Reports over time run on the same: over_time.py.
"""

import os
import platform

import kept_models
import kept_reads
import kept_setup
import kept_upkeep
import kept_writers
import over_time
from system import Problem, say, timed

PARTS = {"reads": kept_reads.report, "models": kept_models.report, "upkeep": kept_upkeep.report,
         "writers": kept_writers.report}
OVER_TIME = over_time.PARTS


def introduce(bench):
    """Say what is measured on what."""
    cluster = bench.cluster
    orders, customers = cluster.rows("SELECT count(*), count(DISTINCT customer_id) FROM orders")[0]
    say(f"\n{int(orders):,} orders of {int(customers):,} customers; {cluster.value('SELECT version()')}")
    settings = {key: value for key, value in cluster.settings.items() if key not in ("unix_socket_permissions", "port")}
    say(f"{os.cpu_count()} cores, {platform.machine()}; settings: "
        + ", ".join(f"{key} = {value}" for key, value in settings.items()))


def report(cluster, options):
    """Run the parts, then print what was found beside the goals."""
    parts = OVER_TIME if options.over_time else PARTS
    chosen = options.only.split(",") if options.only else list(parts)
    if unknown := [name for name in chosen if name not in parts]:
        raise Problem(f"no part is called {unknown[0]}: there are {', '.join(parts)}")
    cluster.restart(**kept_setup.SETTINGS)
    bench = kept_setup.Bench(cluster, options.customers, options.runs)
    kept_setup.prepare(bench)
    introduce(bench)
    with timed("keeping"):
        kept_setup.keep(bench)
    for name in chosen:
        parts[name](bench)
    bench.goals.show("over time" if options.over_time else "kept histories")
