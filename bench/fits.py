"""What a fit takes besides time: memory, and patience when it is cancelled."""

import contextlib
import math
import random
import re
import time
from pathlib import Path

from measure import contender, nodes, seconds, verdict
from system import say, timed

CANCELS = 25  # of each fit
# Every fit that is cancelled, and its contender.
FITS = {
    **{family: contender("fit_purchases", family=family) for family in ["bg_nbd", "mbg_nbd", "pareto_nbd"]},
    "gamma_gamma": contender("fit_spend"),
}


def counted_memory(cluster):
    """Bytes that the server counts for the state of a fit, and customers in it.

    A plain aggregate does not report its memory, a hash aggregate does: EXPLAIN ANALYZE shows the blocks
    of its contexts when all rows have been read, and a state never shrinks before. The hash table's own 24
    kB or more are among them. pg_log_backend_memory_contexts, called again and again during the plain
    aggregate, finds the same for its context, but only if a call falls into the moments that matter.
    """
    _, plan = seconds(cluster, contender("fit_memory"))
    aggregate, = (node for node in nodes(plan) if node["Node Type"] == "Aggregate")
    assert aggregate["Strategy"] == "Hashed" and not aggregate["Disk Usage"], plan
    return aggregate["Peak Memory Usage"] * 1024, int(cluster.value("SELECT count(*) FROM distinct_statistics"))


def process_memory(pid):
    """Bytes of a process that are its own, not shared with others; 0 where the system does not tell."""
    with contextlib.suppress(OSError):
        found = re.search(r"RssAnon:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
        return int(found[1]) * 1024 if found else 0
    return 0


def grown_memory(cluster):
    """Bytes by which the server process grows during the same fit: with what the server does not count."""
    sql = contender("fit_memory")
    with cluster.session() as session:
        pid = session.run("SELECT pg_backend_pid();").strip()
        few = "(SELECT * FROM distinct_statistics LIMIT 1000) AS few"
        session.run(f"{sql.replace('distinct_statistics', few)};")  # the library and its caches
        before = peak = process_memory(pid)
        session.send(f"{sql};")
        while session.waits(0.001):
            peak = max(peak, process_memory(pid))
        session.answer()
    return peak - before


def cancel_times(cluster, sql, lasting):
    """Seconds from a cancel to the error, for cancels at random moments of a query that lasts so long."""
    found = []
    with cluster.session() as fit, cluster.session() as other:
        pid = fit.run("SELECT pg_backend_pid();").strip()
        while len(found) < CANCELS:
            fit.send(f"{sql};")
            time.sleep(random.uniform(0, lasting))
            start = time.perf_counter()
            other.send(f"SELECT pg_cancel_backend({pid});")
            answer = fit.answer(timeout=600)
            taken = time.perf_counter() - start
            other.answer()
            if "canceling statement due to user request" in answer:  # else it was done before
                found.append(taken)
    return found


def report(cluster):
    """Print both beside the goals."""
    counted, customers = counted_memory(cluster)
    say(f"\nmemory of a fit, no two customers alike: {counted / customers:.1f} bytes a customer "
        f"(goal ≤ 32)  {verdict(counted <= 32 * customers)}; the process grows by "
        f"{grown_memory(cluster) / customers:.1f}")
    random.seed(1)
    cancels = []
    with timed(f"cancelling fits at {CANCELS * len(FITS)} random moments"):
        for name, sql in FITS.items():
            lasting, _ = seconds(cluster, sql)
            found = cancel_times(cluster, sql, lasting)
            say(f"   {name:<12} of {lasting:6.2f} s: cancelled after {max(found) * 1000:.0f} ms at most")
            cancels += found
    late = sorted(cancels)[math.ceil(0.99 * len(cancels)) - 1] * 1000
    say(f"cancel to error: p99 {late:.0f} ms, at most {max(cancels) * 1000:.0f} ms of {len(cancels)} "
        f"(goal p99 < 100 ms)  {verdict(late < 100)}")
