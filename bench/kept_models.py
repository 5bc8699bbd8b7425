"""Training and predicting from kept histories, beside lifetimes and the route by export."""

import statistics
import tempfile

import clv
from clock import Taken, Times, clocked
from kept_setup import KEPT, LIVE, of
from measure import contender
from system import say, timed


def report(bench):
    """The whole job beside the route by export; expected purchases beside lifetimes."""
    session, times = bench.session.on(1), Times()
    with timed("statistics of all customers"):
        bench.cluster.psql(contender("setup_clv"))
    with tempfile.TemporaryDirectory() as folder, timed(f"whole job, {bench.few} + 1 rounds"):
        race = clv.Race(bench.cluster, folder)

        def whole(view):
            trained, _ = session.take(of(view, "training"))
            looked = session.read(of(view, "view_value_columns"))
            parts[view].append((trained, looked))
            return trained + looked

        def by_export():
            taken, found = clocked(race.by_export, bench.cluster)
            theirs.append(Taken(found["expected_purchases"]))
            return Taken(sum(found.values()), taken.cpu)

        parts, theirs = {KEPT: [], LIVE: []}, []
        times.rounds(bench.few, {
            "whole job, kept": lambda: whole(KEPT),
            "whole job, live": lambda: whole(LIVE),
            "whole job, by export": by_export,
            "expected_purchases": lambda: session.take(
                contender("expected_purchases", purchases=race.models["purchases"]))[0],
        })
    times.taken["expected_purchases of lifetimes"] = theirs[1:]
    times.show("models")
    for view, found in parts.items():
        say(f"{view}: training {statistics.median(t.elapsed for t, _ in found[1:]):.2f} s, columns of RFM and value "
            f"{statistics.median(r.elapsed for _, r in found[1:]):.2f} s")
    bench.goals.faster("whole job: train and read RFM and CLV columns", times, "whole job, kept",
                       "whole job, by export", 4)
    bench.goals.faster("expected_purchases beside lifetimes", times, "expected_purchases",
                       "expected_purchases of lifetimes", 1)
    bench.session.run("CREATE INDEX ON orders (customer_id)")
