"""What a statement takes: seconds as its client sees them, and processor seconds of the server."""

import os
import statistics
import time
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from system import Problem, say

LONGEST = 3600  # seconds that a statement may take
TIME = "Time: "  # how psql begins a line that tells it
REAPED = 0.2  # seconds until a session whose client is gone has ended, too
TICKS = os.sysconf("SC_CLK_TCK")


class Taken(NamedTuple):
    """Seconds and processor seconds; None where nobody measured them."""
    elapsed: float
    cpu: float | None = None

    def __add__(self, other):
        """One after the other."""
        return Taken(self.elapsed + other.elapsed, None if None in (self.cpu, other.cpu) else self.cpu + other.cpu)


def ended_children(pid):
    """Processor seconds of the children of a process that have ended: parallel workers and sessions of a server."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / TICKS


def own_seconds(pid):
    """Processor seconds of one process, to the nanosecond where the system tells."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except OSError:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


class Clocked:
    """A session that stays open and measures what it runs. An error is a Problem."""

    def __init__(self, cluster):
        self.session, self.server = cluster.session(), cluster.pid()
        self.backend = int(self.run("SELECT pg_backend_pid()")[0])
        self.run("SET client_min_messages = warning")
        self.session.send("\\timing on")
        self.session.answer()
        self.cores = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.session.close()

    def run(self, sql):
        """The rows that statements print, as text."""
        return [line for line in self._lines(sql) if line and not line.startswith(TIME)]

    def _lines(self, sql):
        """Everything that statements print."""
        self.session.send(f"{sql.rstrip().rstrip(';')};")
        lines = self.session.answer(LONGEST).splitlines()
        if any(line.startswith(("ERROR:", "FATAL:")) for line in lines):
            raise Problem("\n".join(lines) + f"\nin: {sql[:500]}")
        return lines

    def on(self, cores):
        """Let a query have a worker beside the session for each core but one."""
        if cores != self.cores:
            self.run(f"SET max_parallel_workers_per_gather = {cores - 1}")
            self.cores = cores
        return self

    def take(self, sql):
        """What the statements take, and the rows they print, as text."""
        before = own_seconds(self.backend) + ended_children(self.server)
        lines = self._lines(sql)
        cpu = own_seconds(self.backend) + ended_children(self.server) - before
        times = [float(line.split()[1]) / 1000 for line in lines if line.startswith(TIME)]
        return Taken(sum(times), cpu), [line for line in lines if line and not line.startswith(TIME)]

    def read(self, sql):
        """What a query of many rows takes in the server: nothing is sent, nothing printed."""
        return self.take(f"EXPLAIN (ANALYZE, TIMING OFF, BUFFERS OFF)\n{sql}")[0]


class Times:
    """What contenders take, round by round."""

    def __init__(self):
        self.taken = defaultdict(list)

    def rounds(self, runs, contenders):
        """Run contenders by name in turn, the first time to warm up."""
        for run in range(runs + 1):
            for name, call in contenders.items():
                found = call()
                if run:
                    self.taken[name].append(found)
        return self

    def median(self, name):
        """The median of the seconds."""
        return statistics.median(taken.elapsed for taken in self.taken[name])

    def best(self, name):
        """The shortest time."""
        return min(taken.elapsed for taken in self.taken[name])

    def cpu(self, name):
        """The median of the processor seconds, or None."""
        return None if self.taken[name][0].cpu is None else statistics.median(t.cpu for t in self.taken[name])

    def faster(self, name, than):
        """How many times as fast one is as another: by medians, and by the best of each."""
        return self.median(than) / self.median(name), self.best(than) / self.best(name)

    def show(self, title):
        """Print everything measured so far."""
        say(f"\n{title + ', seconds':<52}{'median':>10}{'best':>10}{'cpu':>10}{'cpu best':>10}")
        for name, taken in self.taken.items():
            used = [t.cpu for t in taken if t.cpu is not None]
            cpu = f"{statistics.median(used):>10.4f}{min(used):>10.4f}" if used else ""
            say(f"{name:<52}{self.median(name):>10.4f}{self.best(name):>10.4f}{cpu}")
        return self


def clocked(call, cluster=None):
    """What a call takes that runs programs: they and, given its cluster, the sessions that end meanwhile."""
    def used():
        here = os.times()
        return here.children_user + here.children_system + (ended_children(cluster.pid()) if cluster else 0)
    start, before = time.perf_counter(), used()
    found = call()
    elapsed = time.perf_counter() - start
    time.sleep(REAPED)
    return Taken(elapsed, used() - before), found
