"""What writers of the source pay for: single inserts, COPY, and whether anything fails."""

import re
import statistics
import tempfile
import threading
import time
from pathlib import Path

from clock import REAPED, Times, ended_children
from kept_setup import DURABLE, KEPT
from measure import contender
from system import Problem, output, say, timed

SECONDS = 10
COPIED = 100_000
TABLES = {"without": "bare_orders", "kept": "orders"}


def pgbench(bench, script, clients):
    """Transactions a second, processor microseconds of one, and how many failed."""
    cluster = bench.cluster
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(script)
        file.flush()
        bench.session.run("CHECKPOINT")
        before = ended_children(cluster.pid())
        text = output([cluster.pg.bindir / "pgbench", "-n", "-M", "prepared", "-c", clients, "-j", clients,
                       "-T", SECONDS, "-f", file.name, *cluster.connection()[:-2], cluster.db], env=cluster.env)
        time.sleep(REAPED)
    done = int(re.search(r"actually processed: (\d+)", text)[1])
    failed = re.search(r"failed transactions: (\d+)", text)
    rate = float(re.search(r"tps = ([\d.]+)", text)[1])
    return rate, (ended_children(cluster.pid()) - before) / done * 1e6, int(failed[1]) if failed else 0


def refresh(bench):
    """Fold what was touched, and tidy up as autovacuum would."""
    bench.session.run(contender("refresh"))
    bench.session.run(f"VACUUM {KEPT}_touched")


def turns(run):
    """The tables, in an order that changes from round to round."""
    return sorted(TABLES.items(), reverse=run % 2)


def inserts(bench, how, judged):
    """Single inserts with commit, with and without keeping in turn."""
    say(f"\n{'single inserts, ' + how:<40}{'median tps':>12}{'best':>10}{'cpu µs':>10}")
    for clients in (1, 4):
        found = {name: [] for name in TABLES}
        for run in range(bench.few + 1):
            for name, table in turns(run):
                taken = pgbench(bench, contender("insert_one", table=table, customers=bench.customers), clients)
                if run:
                    found[name].append(taken)
            refresh(bench)
        rates = {name: [taken[0] for taken in all_] for name, all_ in found.items()}
        for name in TABLES:
            say(f"{name + f', {clients} client' + 's' * (clients > 1):<40}{statistics.median(rates[name]):>12.0f}"
                f"{max(rates[name]):>10.0f}{statistics.median([taken[1] for taken in found[name]]):>10.0f}")
        share, best = (pick(rates["kept"]) / pick(rates["without"]) for pick in (statistics.median, max))
        bench.goals.add(f"single inserts, {clients} client{'s' * (clients > 1)}, {how}",
                        f"{share:.2f} of the throughput without (best {best:.2f})",
                        "≥ 0.9" if judged else "", share >= 0.9 if judged else None)
    return sum(taken[2] for all_ in found.values() for taken in all_)


def copying(bench):
    """COPY of a file with an order each of many customers, with and without keeping in turn."""
    session, times, count = bench.session.on(1), Times(), min(COPIED, bench.customers)
    file = bench.cluster.data / "many_orders.csv"
    session.run(contender("hundred_thousand", file=file, count=count, customers=bench.customers))
    for run in range(bench.runs + 1):
        found = {name: session.take(f"COPY {table} FROM '{file}' (FORMAT csv)")[0] for name, table in turns(run)}
        found["the chart after it, kept"], _ = session.take(contender("rfm_counts"))
        for table in TABLES.values():
            session.run(f"DELETE FROM {table} WHERE order_id > 1000000000000")
            session.run(f"VACUUM {table}")
        found["refresh of these customers"], _ = session.take(contender("refresh"))
        session.run(f"VACUUM {KEPT}_touched")
        for name, taken in found.items():
            if run:
                times.taken[name].append(taken)
    Path(file).unlink()
    times.show(f"COPY of {count:,} rows")
    ratio, best = times.faster("without", "kept")
    cpu = times.cpu("kept") / times.cpu("without")
    bench.goals.add(f"COPY of {count:,} rows, a customer each",
                    f"{ratio:.2f} × the time (best {best:.2f} ×, processor {cpu:.2f} ×)", "≤ 1.5 ×", ratio <= 1.5)


class Refresher(threading.Thread):
    """Refreshes again and again until it is told to stop; keeps what went wrong."""

    def __init__(self, cluster):
        super().__init__(daemon=True)
        self.session, self.done, self.count, self.wrong = cluster.session(), threading.Event(), 0, []

    def run(self):
        """Refresh, rest, again."""
        self.session.run("SET client_min_messages = warning;")
        while not self.done.wait(0.2):
            answer = self.session.run(f"{contender('refresh').rstrip()};", timeout=3600)
            self.count += 1
            self.wrong += [line for line in answer.splitlines() if line.startswith(("ERROR", "FATAL"))]
        self.session.close()


def failures(bench):
    """Four writers of the same few customers, with savepoints and rollbacks, beside a refresher."""
    trouble = "SELECT deadlocks, xact_rollback FROM pg_stat_database WHERE datname = current_database()"
    before = [int(figure) for figure in bench.cluster.rows(trouble)[0]]
    refresher = Refresher(bench.cluster)
    refresher.start()
    try:
        rate, _, failed = pgbench(bench, contender("insert_mixed", table=TABLES["kept"]), 4)
    finally:
        refresher.done.set()
        refresher.join(3600)
    after = [int(figure) for figure in bench.cluster.rows(trouble)[0]]
    say(f"\n4 writers of 50 customers: {rate:.0f} transactions a second beside {refresher.count} refreshes")
    return after[0] - before[0], failed + len(refresher.wrong) + after[1] - before[1]


def equal(bench):
    """Whether both views give the same after all that."""
    charts = [sorted(bench.session.take(contender("rfm_counts").replace(KEPT, view))[1])
              for view in (KEPT, "live_segments")]
    if charts[0] != charts[1]:
        raise Problem(f"not the same after the writers: {charts}")


def report(bench):
    """All of it; the server is as durable as a new one while single inserts are judged."""
    with timed("the same orders, nothing kept of them"):
        bench.session.run(contender("bare_orders"))
    quick = {name: bench.cluster.settings[name] for name in DURABLE}
    failed = 0
    with timed("writers"):
        for settings, how, judged in [(DURABLE, "commits on disk", True), (quick, "commits in memory", False)]:
            bench.cluster.restart(**settings)
            bench.reconnect()
            failed += inserts(bench, how, judged)
        copying(bench)
        deadlocks, wrong = failures(bench)
    equal(bench)
    bench.goals.add("deadlocks; failed transactions", f"{deadlocks}; {failed + wrong}", "0; 0",
                    not (deadlocks or failed or wrong))
