"""Reading: kept histories beside the live view, a materialised view, DuckDB and Polars."""

import random

import columns
from clock import Clocked, Times
from kept_setup import COPIED, KEPT, LIVE, of
from measure import contender, nodes, seconds
from system import Problem, say, timed

WHOSE = {"kept": KEPT, "live": LIVE, "materialised": COPIED}

def counted(rows):
    """The rows of a chart, as a mapping."""
    return {label: int(count) for label, count in (row.rsplit("|", 1) for row in rows)}


def take(bench, name, whose, cores=1):
    """A contender over a view, ready to be called."""
    sql = of(WHOSE[whose], name)
    return lambda: bench.session.on(cores).take(sql)[0]


def read(bench, name, whose):
    """A contender of many rows over a view, ready to be called."""
    sql = of(WHOSE[whose], name)
    return lambda: bench.session.on(1).read(sql)


def copy(bench):
    """Make the materialised view and refresh it."""
    times = Times()
    with timed("a materialised view"):
        bench.session.on(1).run(contender("materialised"))
        times.rounds(1, {"REFRESH MATERIALIZED VIEW": lambda: bench.session.take(
            f"REFRESH MATERIALIZED VIEW {COPIED}")[0]})
    bench.session.run(f"VACUUM (ANALYZE) {COPIED}")
    return times


def check(bench, others):
    """That all give the same, and that the kept view leaves the orders alone."""
    session = bench.session.on(1)
    charts = {whose: counted(session.take(of(view, "rfm_counts"))[1]) for whose, view in WHOSE.items()}
    for name, engine in others.items():
        engine.chart()
        charts[name] = engine.counts
    wrong = [name for name, chart in charts.items() if chart != charts["live"]]
    bench.goals.add("all contenders give the same segments", f"all but {', '.join(wrong)}" if wrong else "yes",
                    "yes", not wrong)
    if any("DuckDB" in name or "Polars" in name for name in wrong):
        raise Problem(f"not the same: {charts}")
    names = ", ".join(session.run(
        f"SELECT attname FROM pg_attribute WHERE attrelid = '{KEPT}'::regclass AND attname <> 'trained_at' "
        "AND attnum > 0 ORDER BY attnum"))
    differing, = session.take(contender("differences", columns=names))[1]
    bench.goals.add("rows of all columns that kept and live do not share", differing, "0", differing == "0")
    _, plan = seconds(bench.cluster, contender("rfm_counts"))
    touched = [n for n in nodes(plan) if n.get("Relation Name") == "orders" and n["Actual Loops"]]
    bench.goals.add("orders are read while the gate is open", "yes" if touched else "no", "no", not touched)


def workers(bench):
    """Who runs in parallel when it may use two cores."""
    launched = {}
    for whose, view in WHOSE.items():
        plan = bench.session.on(2).run(f"EXPLAIN (ANALYZE, TIMING OFF)\n{of(view, 'rfm_counts')}")
        launched[whose] = sum(int(line.split(":")[1]) for line in plan if "Workers Launched" in line)
    say("workers beside the session on two cores: " + ", ".join(f"{whose} {n}" for whose, n in launched.items()))


def charts(bench):
    """One chart, by all contenders, on one core and on two."""
    others = columns.engines(bench.cluster)
    try:
        check(bench, others)
        workers(bench)
        contenders = {f"{whose}, {cores} core{'s' * (cores > 1)}": take(bench, "rfm_counts", whose, cores)
                      for cores in (1, 2) for whose in WHOSE}
        contenders.update({name: engine.chart for name, engine in others.items()})
        with timed(f"rfm_segment counts, {bench.runs} + 1 rounds"):
            times = Times().rounds(bench.runs, contenders).show("rfm_segment counts")
    finally:
        for engine in others.values():
            engine.close()
    bench.goals.faster("rfm_segment counts, kept beside live", times, "kept, 1 core", "live, 1 core", 20, 0.5)
    for cores in ("1 core", "2 cores"):
        for other in columns.ENGINES.values():
            bench.goals.faster(f"rfm_segment counts beside {other}, {cores}", times, f"kept, {cores}",
                               f"{other}, {cores}", 1.5)


def just_in_time(bench):
    """What the same chart takes with jit on, as it is by default."""
    session = bench.session.on(1)
    if session.run("SELECT pg_jit_available()")[0] != "t":
        bench.goals.add("with jit on, the default", "this server was built without it")
        return
    session.run("SET jit = on")
    times = Times().rounds(3, {f"rfm_segment counts, {whose}": take(bench, "rfm_counts", whose)
                               for whose in ("kept", "live")}).show("with jit on")
    session.run("RESET jit")
    bench.goals.add("with jit on, the default", "; ".join(f"{name} {times.median(name):.3f} s" for name in times.taken))


def whole_columns(bench):
    """Every column of all customers, and the chart of a matrix."""
    with timed(f"every column, {bench.few} + 1 rounds"):
        times = Times().rounds(bench.few, {whose: read(bench, "view_all_columns", whose) for whose in WHOSE})
        times.show("every column of all customers")
    bench.goals.faster("every column of all customers, kept beside live", times, "kept", "live", 5)
    growth = {f"{whose}, {cores}": take(bench, "growth_counts", whose, cores)
              for whose, cores in [("kept", 1), ("kept", 2), ("materialised", 1)]}
    times = Times().rounds(bench.runs, growth).show("growth_quadrant counts, by cores")
    bench.goals.within("growth_quadrant counts, clv included", times, "kept, 1", 1.5)


def residual(bench):
    """Residual lifetime value of all customers; of a hundredth of them where that would take long."""
    session, times = bench.session.on(1), Times()
    times.taken["every hundredth"].append(session.take(contender("residual_clv", part=100))[0])
    part = 1 if times.median("every hundredth") < 0.6 else 100
    times.rounds(1, {"measured": lambda: session.take(contender("residual_clv", part=part))[0]})
    taken = times.show("residual_clv over kept histories").median("measured") * part
    how = "" if part == 1 else ", a hundred times what a hundredth takes"
    bench.goals.add("residual_clv of all customers", f"{taken:.2f} s{how}", "< 30 s", taken < 30)


def dashboard(bench):
    """Nine charts, one after the other."""
    with timed("a dashboard of nine charts"):
        times = Times().rounds(min(bench.runs, 2), {whose: take(bench, "dashboard", whose) for whose in WHOSE})
        times.rounds(min(bench.runs, 2), {"kept, 2 cores": take(bench, "dashboard", "kept", 2)})
    times.show("a dashboard of nine charts")
    ratio, _ = times.faster("kept", "live")
    bench.goals.add("a dashboard of nine charts", f"{ratio:.1f} × live: {times.median('kept'):.2f} s, live "
                    f"{times.median('live'):.2f} s, materialised {times.median('materialised'):.2f} s")


def one_customer(bench):
    """Three columns of one customer: the second call of a session, and prepared."""
    times = Times()
    for whose in ("kept", "live"):
        sql = of(WHOSE[whose], "one_customer_three", customer="{}")
        for _ in range(4 * bench.runs):
            with Clocked(bench.cluster) as fresh:
                for call in ("first", "second"):
                    taken, _ = fresh.take(sql.format(random.randint(1, bench.customers)))
                    times.taken[f"{whose}, {call} call of a session"].append(taken)
        bench.session.on(1).run(f"PREPARE one_{whose} (bigint) AS {sql.format('$1')}")
        for call in range(50):
            taken, _ = bench.session.take(f"EXECUTE one_{whose} ({random.randint(1, bench.customers)})")
            if call >= 10:  # the server has settled for a plan
                times.taken[f"{whose}, prepared"].append(taken)
    times.show("one customer, three columns")
    bench.goals.within("one customer, 3 columns, with planning", times, "kept, second call of a session", 1, "ms")
    bench.goals.within("one customer, 3 columns, prepared", times, "kept, prepared", 0.3, "ms")


def report(bench):
    """All of it."""
    copied = copy(bench).show("materialised view")
    bench.goals.add("for comparison: a refresh of a materialised view",
                    f"{copied.median('REFRESH MATERIALIZED VIEW'):.2f} s")
    charts(bench)
    just_in_time(bench)
    whole_columns(bench)
    residual(bench)
    dashboard(bench)
    one_customer(bench)
