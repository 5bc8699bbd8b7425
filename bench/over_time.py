"""Segments over time: histories, transitions, previous labels and snapshots, beside one read of what they are made of.

    python3 bench/run.py --over-time [--customers 1000000] [--runs 3] [--only live,kept,snapshots]

Over the orders and the two segmentations of kept.py: one reads the orders each time, one keeps its histories.
"""

from clock import Times
from kept_setup import KEPT, LIVE, of
from system import timed

WHOSE = {"live": LIVE, "kept": KEPT}
MONTHS = 24


def besides(bench, what, times, name, beside, most):
    """A goal: one contender takes at most so many times what another does, by the processor and by the clock."""
    used, spared = times.cpu(name) / times.cpu(beside), times.median(name) / times.median(beside)
    found = f"processor {used:.2f} ×, clock {spared:.2f} ×: {times.cpu(name):.2f} s, {times.cpu(beside):.2f} s"
    bench.goals.add(what, found, f"≤ {most:g} ×" if most else "", used <= most if most else None)


def over_time(bench, whose):
    """History, transitions and previous labels of one segmentation beside a read of its label."""
    session, view = bench.session.on(1), WHOSE[whose]
    taken = {name: lambda name=name: session.take(of(view, name))[0]
             for name in ("segment_history", "segment_history_one", "segment_transitions")}
    reads = {name: lambda name=name: session.read(of(view, name))
             for name in ("label", "label_and_clv", "label_and_previous", "previous")}
    with timed(f"over time, {whose}, {bench.few} + 1 rounds"):
        times = Times().rounds(bench.few, reads | taken).show(f"over time, {whose}")
    besides(bench, f"segment_history, {MONTHS} months, {whose}", times, "segment_history", "label",
            {"live": 4, "kept": 24}[whose])
    besides(bench, f"the same beside a read of label, revenue and clv, {whose}", times, "segment_history",
            "label_and_clv", None)
    further = (times.cpu("segment_history") - times.cpu("segment_history_one")) / (MONTHS - 1)
    bench.goals.add(f"a further day of segment_history, {whose}", f"{further:.3f} s; the first "
                    f"{times.cpu('segment_history_one'):.3f} s; a read of label and clv "
                    f"{times.cpu('label_and_clv'):.3f} s", "≤ the first", further <= times.cpu("segment_history_one"))
    besides(bench, f"segment_transitions, {whose}", times, "segment_transitions", "label", 1.5)
    besides(bench, f"rfm_segment and its previous, {whose}", times, "label_and_previous", "label", 1.3)
    besides(bench, f"previous_rfm_segment alone, {whose}", times, "previous", "label", 1.3)
    plan = "\n".join(session.run(f"EXPLAIN (VERBOSE)\n{of(view, 'label')}"))
    asked = "compare_days" in plan or "interval" in plan
    bench.goals.add(f"previous_rfm_segment not selected, {whose}", "in the plan" if asked else "not in the plan",
                    "not in it", not asked)


def snapshots(bench):
    """A snapshot of every column beside a read of every column, of what is kept and of what is not."""
    session = bench.session.on(1)
    session.run("DROP TABLE IF EXISTS live_days, kept_days")
    for whose, view in WHOSE.items():
        table = f"{whose}_days"
        take = f"SELECT snapshot_segmentation('{view}', '{table}')"
        with timed(f"snapshots, {whose}"):
            times = Times()
            times.rounds(1, {
                "read": lambda view=view: session.read(of(view, "view_all_columns")),
                "copy": lambda view=view: session.take(f"COPY (SELECT * FROM {view}) TO '/dev/null'")[0],
                "first day": lambda table=table, take=take: session.take(f"DROP TABLE IF EXISTS {table}; {take}")[0],
            })
            times.taken["another day"].append(session.take(
                f"SELECT snapshot_segmentation('{view}', '{table}', as_of => '2025-12-30')")[0])
        times.show(f"snapshots, {whose}")
        besides(bench, f"snapshot of all columns into a new table, {whose}", times, "first day", "read", 1.2)
        besides(bench, f"snapshot of another day, {whose}", times, "another day", "read", 1.2)
        besides(bench, f"the same beside COPY to nowhere, {whose}", times, "another day", "copy", None)
        session.run(f"DROP TABLE {table}")


PARTS = {"live": lambda bench: over_time(bench, "live"), "kept": lambda bench: over_time(bench, "kept"),
         "snapshots": snapshots}
