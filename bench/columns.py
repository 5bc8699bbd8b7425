"""DuckDB and Polars beside us: the same segments from their own copy of the orders' columns."""

import json
import os
import subprocess
from pathlib import Path

import installed
from clock import Taken, Times, clocked
from measure import contender
from system import Problem

ROUTE = Path(__file__).resolve().parent / "columns_route.py"
REQUIREMENTS = ["duckdb==2.0.1", "polars==2.1.0"]
ENGINES = {"duckdb": "DuckDB", "polars": "Polars"}
CELLS = """
    SELECT 100 * r + 10 * f + m, l.label
    FROM rfm_scheme_cell AS c
    JOIN rfm_scheme_label AS l USING (scheme, segment_code)
    CROSS JOIN LATERAL generate_series(recency_from::int, recency_to) AS r
    CROSS JOIN LATERAL generate_series(frequency_from::int, frequency_to) AS f
    CROSS JOIN LATERAL generate_series(monetary_from::int, monetary_to) AS m
    WHERE c.scheme = 'standard' AND l.language = 'en'"""
TRAINED = """
    SELECT n.cuts, n.as_of FROM training AS n JOIN segmentations AS s ON s.id = n.segmentation
    WHERE s.view = 'public.customer_segments' AND n.newest"""


class Engine:
    """An engine in a process of its own, which has loaded its columns."""

    def __init__(self, name, threads, job):
        command, env = installed.ensure("columns", REQUIREMENTS, "duckdb, polars")
        env["POLARS_MAX_THREADS"] = str(threads)
        self.process = subprocess.Popen([*command, ROUTE, name, str(threads)], env=env, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.counts = None
        self.loading = self.ask(json.dumps(job))

    def ask(self, line):
        """What the process took to answer a line."""
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise Problem(f"{' '.join(map(str, self.process.args))} failed")
        found = json.loads(answer)
        self.counts = found.get("counts")
        return Taken(found["elapsed"], found["cpu"])

    def chart(self):
        """What the chart takes."""
        return self.ask("chart")

    def close(self):
        """End the process."""
        self.process.stdin.close()
        self.process.wait(timeout=60)


def job(cluster, file):
    """What an engine must know: cuts as trained, the cells of the scheme, the query, where the orders are."""
    (cuts, as_of), = cluster.rows(TRAINED)
    cuts = {axis: json.loads(cuts)[axis] for axis in ("recency", "frequency", "monetary")}
    above = {axis: " + ".join(f"({axis} > {cut})::INTEGER" for cut in found) for axis, found in cuts.items()}
    return {"file": str(file), "cuts": cuts, "as_of": as_of,
            "cells": [[int(code), label] for code, label in cluster.rows(CELLS)],
            "sql": contender("columns_counts", as_of=as_of, **above)}


def engines(cluster):
    """Each engine on one core and on two, by name, loaded."""
    file = cluster.folder / "orders.csv"
    export, _ = clocked(lambda: cluster.psql(contender("columns_export", file=file)), cluster)
    try:
        known = job(cluster, file)
        found = {f"{title}, {cores} core{'s' * (cores > 1)}": Engine(name, cores, known)
                 for cores in (1, 2) for name, title in ENGINES.items()}
    finally:
        os.unlink(file)
    times = Times()
    times.taken["export of the columns"].append(export)
    for name, engine in found.items():
        times.taken[f"loading into {name}"].append(engine.loading)
    times.show("columns of others, once")
    return found
