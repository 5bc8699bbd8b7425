"""This checkout beside another one that has been built, such as the commit before a change: the same queries over the
same orders, in alternation, in one run.

    python3 bench/beside.py --other PATH [--customers 50000] [--runs 9] [--pg 18]

Each has a throwaway server of its own. Queries for one customer are repeated in a loop inside the server: "not
prepared" parses, rewrites, plans and executes each time, "prepared" executes a kept plan. Medians, and the ratio of
this checkout to the other.
"""

import argparse
import statistics
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "scripts"))

import build  # noqa: E402
import postgres  # noqa: E402
from cluster import Cluster  # noqa: E402
from measure import contender, verdict  # noqa: E402
from run import SETTINGS  # noqa: E402
from system import problems_shown, say, timed  # noqa: E402

DB = "beside"
ROUNDS = 5
LOOPS = 400
INPUTS = """
    SET client_min_messages = warning;
    CREATE TABLE people AS SELECT DISTINCT customer_id AS id, 'r' || customer_id % 4 AS region,
        (customer_id % 101)::float8 AS power FROM orders;
    CREATE UNIQUE INDEX ON people (id);
    CREATE TABLE contacts AS SELECT customer_id, ordered_at AS at,
        CASE WHEN order_id % 4 = 0 THEN 'service' ELSE 'visit' END AS kind FROM orders WHERE order_id % 3 = 0;
    CREATE INDEX ON contacts (customer_id);
    CREATE TABLE answers AS SELECT customer_id, ordered_at::date AS day, 'nps' AS kind, order_id % 11 AS score
        FROM orders WHERE order_id % 5 = 0;
    CREATE INDEX ON answers (customer_id);
    CREATE VIEW rich AS SELECT *, amount * 0.6 AS cost, 0.5::numeric AS service, order_id % 5 = 0 AS discounted,
        'p' || order_id % 23 AS product, 'c' || order_id % 3 AS channel FROM orders;
    VACUUM (FREEZE, ANALYZE) people; VACUUM (FREEZE, ANALYZE) contacts; VACUUM (FREEZE, ANALYZE) answers;
    SELECT create_segmentation('all_inputs', 'rich', 'customer_id', 'ordered_at', 'amount', '{
        "as_of": "2025-12-31", "cost": "cost", "cost_to_serve": "service", "discount": "discounted",
        "product": "product", "channel": "channel",
        "customers": {"source": "people", "customer": "id", "columns": ["region", "power"]},
        "interactions": {"source": "contacts", "customer": "customer_id", "at": "at", "kind": "kind"},
        "satisfaction": {"source": "answers", "customer": "customer_id", "at": "day", "kind": "kind",
                         "score": "score"}}');
"""
# what, how it is run, the query, the highest ratio that is good
CONTENDERS = [
    ("SELECT * of one customer, not prepared", "dynamic",
     "SELECT * FROM customer_segments WHERE customer_id = {c}", 0.35),
    ("the same with every input", "dynamic", "SELECT * FROM all_inputs WHERE customer_id = {c}", 0.3),
    ("SELECT * of one customer, prepared", "prepared", "SELECT * FROM customer_segments WHERE customer_id = {c}", 0.5),
    ("rfm_segment of one customer, prepared", "prepared",
     "SELECT rfm_segment FROM customer_segments WHERE customer_id = {c}", 1.0),
    ("rfm_segment through the function, prepared", "prepared",
     "SELECT rfm_segment FROM customer_segments_of({c})", 1.0),
    ("500 customers joined", "plan", "{join}", 1.0),
    ("count(*)", "plan", "SELECT count(*) FROM customer_segments", 1.0),
    ("rfm_segment of all customers", "plan", "SELECT rfm_segment FROM customer_segments", 1.0),
    ("every column of all customers", "plan", "SELECT * FROM customer_segments", 0.75),
    ("training, default options", "plan", "SELECT train_segmentation('customer_segments')", 0.8),
]


def loop(query, how):
    """A block that runs a query for many customers and tells the milliseconds of one, in the best of some rounds."""
    if how == "dynamic":
        run = f"EXECUTE format($q${query.format(c='%s::bigint')}$q$, c) INTO r;"
    else:
        named = query.replace("SELECT *", "SELECT s.*").replace("segments WHERE", "segments AS s WHERE")
        run = f"{named.format(c='c')} INTO r;"
    return f"""
        SET client_min_messages = notice;
        DO $do$ DECLARE c bigint; r record; started timestamptz; best float8;
        BEGIN
            FOR k IN 1..{ROUNDS} LOOP  -- the first ones warm up caches and plans
                started := clock_timestamp();
                FOR c IN SELECT id FROM chosen ORDER BY id LIMIT {LOOPS} LOOP {run} END LOOP;
                best := least(best, extract(epoch FROM clock_timestamp() - started) * 1000 / {LOOPS});
            END LOOP;
            RAISE NOTICE 'took %', best;
        END $do$"""


def milliseconds(cluster, how, query):
    """The time of one query, as the server takes it."""
    if how == "plan":
        sql = query.format(join=contender("join_500"))
        out = cluster.psql(f"SET client_min_messages = warning;\nEXPLAIN (ANALYZE, TIMING OFF)\n{sql}")
        return sum(float(line.split(":")[1].split()[0]) for line in out.splitlines() if "ning Time" in line or
                   "ution Time" in line)
    out = cluster.psql(loop(query, how), errors=True)
    return float(out.split("took ")[1].split()[0])


def fill(cluster, customers):
    """Make the database: orders, segmentations, an index, 500 customers."""
    cluster.db = cluster.fresh_database(DB)
    cluster.psql(f"CREATE EXTENSION customer_value; ALTER DATABASE {DB} SET search_path = public, customer_value;")
    cluster.psql(contender("orders", customers=customers))
    cluster.psql(contender("setup"))
    cluster.psql(contender("setup_few"))
    cluster.psql(INPUTS)


def install_of(path, version):
    """The private PostgreSQL of another checkout, with what is installed there."""
    return postgres.find(version, Path(path) / "build" / f"postgresql-{version}")


def report(ours, other, options):
    """Run in alternation and print medians and ratios."""
    found = []
    for what, how, query, goal in CONTENDERS:
        times = {ours: [], other: []}
        for run in range(options.runs + 1):
            for cluster in (other, ours):
                taken = milliseconds(cluster, how, query)
                if run:  # the first round warms caches up
                    times[cluster].append(taken)
        found.append((what, statistics.median(times[other]), statistics.median(times[ours]), goal))
    say(f"\n{'ms, median of ' + str(options.runs):<46}{'other':>10}{'this':>10}{'ratio':>8}{'goal':>8}")
    for what, before, now, goal in found:
        ratio = now / before
        say(f"{what:<46}{before:>10.3f}{now:>10.3f}{ratio:>8.2f}{'≤ ' + str(goal):>8}  {verdict(ratio <= goal)}")


def main():
    """Set both up, run, report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--other", required=True, help="another checkout, in which `make demo` has been run")
    parser.add_argument("--customers", type=int, default=50_000)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--pg", type=int, default=18)
    options = parser.parse_args()
    with timed(f"building for PostgreSQL {options.pg}"):
        build.install_private(postgres.ensure(options.pg))
    ours, other = Cluster(options.pg, "beside", SETTINGS), Cluster(options.pg, "beside-other", SETTINGS)
    other.pg = install_of(options.other, options.pg)
    with ours, other:
        for cluster in (other, ours):
            with timed(f"drawing the orders of {options.customers:,} customers"):
                fill(cluster, options.customers)
        say(f"{ours.value('SELECT count(*) FROM orders')} orders; {ours.value('SELECT version()')}")
        report(ours, other, options)


if __name__ == "__main__":
    with problems_shown():
        main()
