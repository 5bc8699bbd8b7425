"""Whoever cancels does not wait: long work ends soon after statement_timeout or pg_cancel_backend."""

import time

from system import say

BOUND = 0.1  # seconds
TRIES = 3  # a loop that cannot be cancelled is late each time; a machine that stalls is not
POINTS = (0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.98)
SETTINGS = "SET search_path = public, customer_value; SET client_min_messages = warning; SET max_parallel_workers_per_gather = 0;"


def lag_at(session, query, seconds):
    """Run a query with a timeout; how long it went on after that, None if it was done before."""
    milliseconds = max(1, int(seconds * 1000))
    session.run(f"SET statement_timeout = {milliseconds};")
    start = time.monotonic()
    said = session.run(query, timeout=150)
    late = time.monotonic() - start - milliseconds / 1000
    return late if "canceling statement" in said else None


def lag(cluster, what, query):
    """Run a query, then cancel it at several points of its course; how long it went on at worst."""
    worst = 0.0
    with cluster.session() as session:
        session.run(SETTINGS + "SET statement_timeout = '120s';")
        start = time.monotonic()
        said = session.run(query, timeout=150)
        assert "ERROR" not in said, said
        whole = time.monotonic() - start
        for point in POINTS:
            tries = [lag_at(session, query, whole * point) for _ in range(TRIES)]
            worst = max(worst, min((late for late in tries if late is not None), default=0.0))
    say(f"      {what}: {whole:.1f} s, ends within {worst * 1000:.0f} ms of a cancel")
    assert worst < BOUND, f"{what} went on for {worst:.3f} s"


def test_sort_of_cuts(cluster):
    """Two million customers of different frequencies, sorted at the end."""
    cluster.psql("CREATE TABLE many AS SELECT (hashint4(i)::bigint + 2147483649) AS n FROM generate_series(1, 2000000) AS i")
    lag(cluster, "cuts of two million customers", """
        SELECT rfm_cuts(('{"version": 1, "days": [["2020-01-01", ' || n || ']]}')::purchase_history, '2024-01-01') IS NULL FROM many;""")


def test_long_history(cluster):
    """One customer with orders on a million days, in no order."""
    lag(cluster, "a history of a million days", """
        SELECT typical_gap(purchase_history(date '0001-01-01' + (i * 7919::bigint % 1000003)::int, i % 100)) FROM generate_series(1, 1500000) AS i;""")


def test_text_of_a_long_history(cluster):
    """Text out and text in of a history of many days."""
    cluster.psql("CREATE TABLE one AS SELECT customer_value.purchase_history(date '0001-01-01' + i, i % 100) AS h FROM generate_series(1, 700000) AS i")
    lag(cluster, "text of a history of 700,000 days", "SELECT length(h::text::purchase_history::text) FROM one;")


def test_roll_up_of_long_histories(cluster):
    """Histories of many days, merged."""
    cluster.psql("CREATE TABLE parts AS SELECT i % 20 AS part, customer_value.purchase_history(date '0001-01-01' + i % 1000003, i % 100) AS h "
                 "FROM generate_series(1, 4000000) AS i GROUP BY 1")
    lag(cluster, "20 histories of 200,000 days rolled up", "SELECT order_count(rollup_history(h)) FROM parts;")


def test_training(cluster):
    """pg_cancel_backend during a training; the next one works."""
    cluster.psql("""SET client_min_messages = warning;
        CREATE TABLE public.orders (customer_id int, day date, total numeric);
        INSERT INTO public.orders SELECT hashint4(i) % 400000, date '2024-01-01' + i % 300, i % 97 FROM generate_series(1, 1500000) AS i;
        SELECT customer_value.create_segmentation('public.segments', 'public.orders', 'customer_id', 'day', 'total', '{"as_of": "2024-12-31"}');""")
    worst = 0.0
    with cluster.session() as trainer, cluster.session() as other:
        pid = trainer.run(SETTINGS + "SELECT pg_backend_pid();")
        start = time.monotonic()
        number = int(trainer.run("SELECT train_segmentation('segments');", timeout=120))
        whole = time.monotonic() - start
        for point in POINTS:
            trainer.send("SELECT train_segmentation('segments');")
            time.sleep(whole * point)
            start = time.monotonic()
            other.run(f"SELECT pg_cancel_backend({pid});")
            said = trainer.answer(timeout=120)
            if "canceling statement" in said:
                worst = max(worst, time.monotonic() - start)
            else:
                number = int(said.split()[0])
        assert int(trainer.run("SELECT train_segmentation('segments');", timeout=120)) == number + 1
    say(f"      training over 1.5 million orders: {whole:.1f} s, ends within {worst * 1000:.0f} ms of a cancel")
    assert worst < BOUND, f"training went on for {worst:.3f} s"
