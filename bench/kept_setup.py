"""What the benchmark of kept histories runs on: orders drawn once, a segmentation that keeps, one that does not."""

import hashlib
from dataclasses import dataclass, field

from clock import Clocked, Times
from goals import Goals
from measure import SQL, contender
from system import Problem, say, timed

DB = "kept"
# Beside those of run.py. VACUUM is run as autovacuum would, but not in the middle of what is measured.
SETTINGS = {"autovacuum": "off"}
# As a new PostgreSQL has them: a commit is on disk.
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
KEPT, LIVE, COPIED = "customer_segments", "live_segments", "copied_segments"


@dataclass
class Bench:
    """The cluster, how many customers and rounds, a session, and the goals that are filled as parts run."""
    cluster: object
    customers: int
    runs: int
    session: Clocked = None
    goals: Goals = field(default_factory=Goals)

    @property
    def few(self):
        """Rounds of what takes long."""
        return min(self.runs, 3)

    def reconnect(self):
        """A new session, after a restart."""
        if self.session:
            self.session.session.close()
        self.session = Clocked(self.cluster)


def of(view, name, **values):
    """The SQL of a contender, over another view than the one that keeps."""
    return contender(name, **values).replace(KEPT, view)


def drawn(cluster, customers):
    """A database with the orders of so many customers, drawn when there is none yet."""
    name = f"orders_{customers}_{hashlib.sha256((SQL / 'orders.sql').read_bytes()).hexdigest()[:8]}"
    if not cluster.rows(f"SELECT 1 FROM pg_database WHERE datname = '{name}'", db="postgres"):
        with timed(f"drawing the orders of {customers:,} customers, once"):
            half = cluster.fresh_database("drawing")
            cluster.psql(contender("orders", customers=customers), db=half)
            cluster.psql(f"ALTER DATABASE {half} RENAME TO {name}", db="postgres")
    return name


def prepare(bench):
    """The database: orders, an index on the customer, two segmentations that are alike."""
    cluster = bench.cluster
    template = drawn(cluster, bench.customers)
    with timed("two segmentations over a copy of the orders"):
        cluster.db = cluster.fresh_database(DB, template)
        cluster.psql(f"CREATE EXTENSION customer_value; ALTER DATABASE {DB} SET search_path = public, customer_value;")
        cluster.psql(contender("setup"))
        cluster.psql(contender("kept_setup"))
    bench.reconnect()


def keep(bench):
    """Have the histories kept; the times of the switch and of the first fill."""
    times = Times()
    try:
        times.taken["alter_segmentation, keep on"].append(bench.session.take(contender("kept_on"))[0])
    except Problem as problem:
        raise Problem(f'histories cannot be kept: does what is installed know the option "keep"?\n{problem}') from None
    times.taken["first refresh_segmentation, all customers"].append(bench.session.take(contender("refresh"))[0])
    bench.session.run(f"VACUUM (ANALYZE) {KEPT}_kept")
    times.show("once")
    for name in times.taken:
        bench.goals.add(name, f"{times.median(name):.2f} s, processor {times.cpu(name):.2f} s")
    say(f"gate: {' '.join(bench.session.run(GATE))}")


GATE = f"SELECT row_to_json(k) FROM customer_value.keeping('{KEPT}') AS k"
