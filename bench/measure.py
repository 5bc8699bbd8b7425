"""What the parts of the benchmark share: contenders by name, PostgreSQL's own times, tables of medians."""

import json
import statistics
from pathlib import Path

from system import say

SQL = Path(__file__).resolve().parent / "sql"


def contender(name, **values):
    """The SQL of a contender, its :name places filled in."""
    sql = (SQL / f"{name}.sql").read_text()
    for key, value in values.items():
        sql = sql.replace(f":{key}", str(value))
    return sql


def explained(cluster, statements):
    """Execution time and plan of each statement, all in one session, as an application would have."""
    out = cluster.psql("SET client_min_messages = warning;\n" + "\n".join(
        f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON)\n{sql.strip()};" for sql in statements))
    decoder, found = json.JSONDecoder(), []
    while out.strip():
        (plan,), end = decoder.raw_decode(out.strip())
        found.append((plan["Execution Time"], plan["Plan"]))
        out = out.strip()[end:]
    return found


def seconds(cluster, sql):
    """Execution time of one statement in a session of its own, and its plan."""
    (taken, plan), = explained(cluster, [sql])
    return taken / 1000, plan


def nodes(plan):
    """All nodes of a plan."""
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def show(title, times):
    """Print the times of each contender; their medians."""
    say(f"\n{title:<28}{'median s':>10}{'min':>10}{'max':>10}")
    for name, taken in times.items():
        say(f"{name:<28}{statistics.median(taken):>10.2f}{min(taken):>10.2f}{max(taken):>10.2f}")
    return {name: statistics.median(taken) for name, taken in times.items()}


def verdict(good):
    """How a goal is printed."""
    return "met" if good else "MISSED"
