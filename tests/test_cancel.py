"""Whoever cancels does not wait: long work ends soon after statement_timeout or pg_cancel_backend."""

import time

from helpers import BOUND, POINTS, QUIET, SERIAL, assert_ends_when_cancelled, creation, quiet
from system import say


def test_sort_of_cuts(cluster):
    """Two million customers of different frequencies, sorted at the end."""
    cluster.psql("CREATE TABLE many AS SELECT (hashint4(i)::bigint + 2147483649) AS n "
                 "FROM generate_series(1, 2000000) AS i")
    assert_ends_when_cancelled(cluster, "cuts of two million customers", """
        SELECT rfm_cuts(('{"version": 1, "days": [["2020-01-01", ' || n || ']]}')::purchase_history,
                        '2024-01-01') IS NULL FROM many;""")


def test_long_history(cluster):
    """One customer with orders on a million days, in no order."""
    assert_ends_when_cancelled(cluster, "a history of a million days", """
        SELECT typical_gap(purchase_history(date '0001-01-01' + (i * 7919::bigint % 1000003)::int, i % 100))
        FROM generate_series(1, 1500000) AS i;""")


def test_text_of_a_long_history(cluster):
    """Text out and text in of a history of many days."""
    cluster.psql("CREATE TABLE one AS SELECT customer_value.purchase_history(date '0001-01-01' + i, i % 100) "
                 "AS h FROM generate_series(1, 700000) AS i")
    assert_ends_when_cancelled(cluster, "text of a history of 700,000 days",
                               "SELECT length(h::text::purchase_history::text) FROM one;")


def test_roll_up_of_long_histories(cluster):
    """Histories of many days, merged."""
    cluster.psql("CREATE TABLE parts AS SELECT i % 20 AS part, "
                 "customer_value.purchase_history(date '0001-01-01' + i % 1000003, i % 100) AS h "
                 "FROM generate_series(1, 4000000) AS i GROUP BY 1")
    assert_ends_when_cancelled(cluster, "20 histories of 200,000 days rolled up",
                               "SELECT order_count(rollup_history(h)) FROM parts;")


def test_training(cluster):
    """pg_cancel_backend during a training; the next one works."""
    cluster.psql(QUIET + """
        CREATE SCHEMA shop;
        CREATE TABLE shop.orders (customer_id int, day date, total numeric);
        INSERT INTO shop.orders SELECT hashint4(i) % 400000, date '2024-01-01' + i % 300, i % 97
        FROM generate_series(1, 1500000) AS i;""" + creation('{"as_of": "2024-12-31"}'))
    train = "SELECT train_segmentation('shop.segments');"
    worst = 0.0
    with quiet(), cluster.session() as trainer, cluster.session() as other:
        pid = trainer.run(SERIAL + "SELECT pg_backend_pid();")
        start = time.monotonic()
        number = int(trainer.run(train, timeout=120))
        whole = time.monotonic() - start
        for point in POINTS:
            trainer.send(train)
            time.sleep(whole * point)
            start = time.monotonic()
            other.run(f"SELECT pg_cancel_backend({pid});")
            said = trainer.answer(timeout=120)
            if "canceling statement" in said:
                worst = max(worst, time.monotonic() - start)
            else:
                number = int(said.split()[0])
        assert int(trainer.run(train, timeout=120)) == number + 1
    say(f"training over 1.5 million orders: {whole:.1f} s, ends within {worst * 1000:.0f} ms of a cancel")
    assert worst < BOUND, f"training went on for {worst:.3f} s"


def test_reports(cluster):
    """Reports over many days, customers or choices, and a page of them."""
    cluster.psql(QUIET + """
        CREATE SCHEMA shop;
        CREATE TABLE shop.orders AS
        SELECT abs(hashint4(i)) % 30000 AS customer_id, date '2024-01-01' + i % 300 AS day, (i % 97)::numeric AS total
        FROM generate_series(1, 200000) AS i;
        CREATE TABLE shop.action AS
        SELECT i AS customer_id, date '2024-08-01' AS day, i % 3 > 0 AS treated FROM generate_series(0, 29999) AS i;"""
                 + creation('{"as_of": "2024-12-31"}')
                 + "CREATE VIEW shop.some_orders AS SELECT * FROM shop.orders WHERE customer_id < 3000;"
                 + creation('{"as_of": "2024-12-31"}', "shop.some").replace("shop.orders", "shop.some_orders"))
    calls = {
        "a history of 30 days": "segment_history('shop.segments', from_day => '2024-12-02', every => '1 day')",
        "an action of 30,000 customers": "action_effect('shop.segments', 'shop.action')",
        "cohorts by week": "segment_cohorts('shop.segments', every => '7 days')",
        "a budget for 30,000 customers": """budget_plan('shop.segments', 3456.78, '{"*": {"cost": 0.37, "response": 0.1,
            "worth": "clv", "saturation": 6000}, "Champions": {"cost": 0.41, "response": 0.2, "worth": 9}}')""",
        "a page of 3,000 customers": "segment_page('shop.some')",
    }
    for what, call in calls.items():
        assert_ends_when_cancelled(cluster, what, f"SELECT count(*) FROM {call};")
