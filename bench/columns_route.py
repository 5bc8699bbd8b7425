"""The chart of RFM segments from an engine's own columns. Run by columns.py.

    python3 bench/columns_route.py duckdb|polars THREADS

Reads a job as one line of JSON, loads its file and says how long that took; then answers each further line with the
chart and what it took, as JSON. The processor time is that of the whole process.
"""

import json
import resource
import sys
import time
from datetime import date
from decimal import Decimal


def processor():
    """Processor seconds of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def clocked(call):
    """What a call returns, its seconds and processor seconds."""
    start, before = time.perf_counter(), processor()
    found = call()
    return found, time.perf_counter() - start, processor() - before


class DuckDB:
    """Its own tables, in memory."""

    def __init__(self, job, threads):
        import duckdb
        self.base, self.sql = duckdb.connect(config={"threads": threads}), job["sql"]
        self.base.execute(
            "CREATE TABLE orders AS SELECT * FROM read_csv(?, columns = {'customer_id': 'BIGINT', "
            "'ordered_at': 'TIMESTAMP', 'amount': 'DECIMAL(10,2)'})", [job["file"]])
        self.base.execute("CREATE TABLE cells (code INTEGER, label VARCHAR)")
        self.base.executemany("INSERT INTO cells VALUES (?, ?)", job["cells"])

    def chart(self):
        """Customers of each segment."""
        return dict(self.base.execute(self.sql).fetchall())


class Polars:
    """A data frame in memory; amounts are whole cents, which it adds fastest."""

    def __init__(self, job, _threads):
        import polars
        self.pl = polars
        cents = (polars.col("amount").cast(polars.Decimal(12, 2)) * 100).cast(polars.Int64)
        self.orders = polars.read_csv(job["file"], schema={
            "customer_id": polars.Int64, "ordered_at": polars.String, "amount": polars.String,
        }).select("customer_id", polars.col("ordered_at").str.to_datetime(time_unit="us"), cents=cents)
        self.cells = polars.DataFrame(job["cells"], schema={"code": polars.Int32, "label": polars.String},
                                      orient="row").lazy()
        self.cuts, self.as_of = job["cuts"], date.fromisoformat(job["as_of"])

    def above(self, axis, scale=1):
        """How many cuts a measure exceeds; a cut is scaled as it is written, for its double may not be that."""
        cuts = [float(Decimal(repr(cut)) * scale) for cut in self.cuts[axis]]
        return sum((self.pl.col(axis) > cut).cast(self.pl.Int32) for cut in cuts)

    def chart(self):
        """Customers of each segment."""
        col = self.pl.col
        measures = self.orders.lazy().group_by("customer_id").agg(
            last=col("ordered_at").max(), frequency=self.pl.len(), monetary=col("cents").sum())
        recency = (self.pl.lit(self.as_of) - col("last").dt.date()).dt.total_days()
        code = (100 * (5 - self.above("recency")) + 10 * (1 + self.above("frequency"))
                + 1 + self.above("monetary", 100))
        scored = measures.with_columns(recency=recency).select(code=code.cast(self.pl.Int32))
        counts = scored.join(self.cells, on="code").group_by("label").agg(n=self.pl.len())
        return dict(counts.collect(engine="streaming").rows())


def main():
    """Load, then answer until there is nothing more to read."""
    engine, threads = sys.argv[1:]
    job = json.loads(sys.stdin.readline())
    loaded, seconds, used = clocked(lambda: {"duckdb": DuckDB, "polars": Polars}[engine](job, int(threads)))
    print(json.dumps({"elapsed": seconds, "cpu": used}), flush=True)
    for _ in sys.stdin:
        counts, seconds, used = clocked(loaded.chart)
        print(json.dumps({"counts": counts, "elapsed": seconds, "cpu": used}), flush=True)


if __name__ == "__main__":
    main()
