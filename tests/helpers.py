"""What several test files share: orders to work on, a segmentation over them, the time a cancel takes."""

import time
from pathlib import Path

import cdnow
from system import lock, say

TESTS = Path(__file__).resolve().parent
TEMPLATE = "extension_template"  # the database that fresh ones are copied from

# SQL to begin with
SEARCH = "SET search_path = public, customer_value;\n"
QUIET = "SET client_min_messages = warning;\n"

# 2,000 orders of 50 customers
NO_ORDERS = QUIET + """
CREATE SCHEMA shop;
CREATE TABLE shop.orders (customer_id int, day date, total numeric(10, 2));
"""
ORDERS = NO_ORDERS + """
INSERT INTO shop.orders SELECT i % 50, date '2024-01-01' + i % 200, i % 37 FROM generate_series(1, 2000) AS i;
"""

# Cancelling
BOUND = 0.1  # seconds
TRIES = 3  # a loop that cannot be cancelled is late each time; a machine that stalls is not
POINTS = (0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.98)  # of the whole time a statement takes
SERIAL = SEARCH + QUIET + "SET max_parallel_workers_per_gather = 0;\n"


def load_sample(cluster):
    """Make shop.orders with the CDNOW sample, customers by their number in the sample."""
    rows = []
    with open(cdnow.file("sample")) as lines:
        for line in lines:
            master, sample, day, _, dollars = line.split()
            if master.isdigit():
                rows.append(f"{int(sample)}\t{day[:4]}-{day[4:6]}-{day[6:]}\t{dollars}\n")
    assert len(rows) == cdnow.ORDERS["sample"]
    cluster.psql("CREATE SCHEMA shop;\n"
                 "CREATE TABLE shop.orders (customer_id int, day date, total numeric(10,2));\n"
                 "COPY shop.orders FROM STDIN;\n" + "".join(rows) + "\\.\nANALYZE shop.orders;\n")


def creation(options="{}", view="shop.segments", day="day"):
    """The statement that makes a segmentation over shop.orders."""
    return (f"SELECT customer_value.create_segmentation('{view}', 'shop.orders', 'customer_id', '{day}', "
            f"'total', '{options}');\n")


def quiet():
    """A context in which no compiler of another lane runs, for tests that measure times."""
    return lock("cargo")


def _lag_at(session, query, seconds):
    """Run a query with a timeout; how long it went on after that, None if it was done before."""
    milliseconds = max(1, int(seconds * 1000))
    session.run(f"SET statement_timeout = {milliseconds};")
    start = time.monotonic()
    said = session.run(query, timeout=150)
    late = time.monotonic() - start - milliseconds / 1000
    return late if "canceling statement" in said else None


def assert_ends_when_cancelled(cluster, what, query):
    """Run a query, then cancel it at several points of its course: it may not go on for long."""
    worst = 0.0
    with quiet(), cluster.session() as session:
        session.run(SERIAL + "SET statement_timeout = '120s';")
        start = time.monotonic()
        said = session.run(query, timeout=150)
        assert "ERROR" not in said
        whole = time.monotonic() - start
        for point in POINTS:
            tries = [_lag_at(session, query, whole * point) for _ in range(TRIES)]
            worst = max(worst, min((late for late in tries if late is not None), default=0.0))
    say(f"{what}: {whole:.1f} s, ends within {worst * 1000:.0f} ms of a cancel")
    assert worst < BOUND, f"{what} went on for {worst:.3f} s"
