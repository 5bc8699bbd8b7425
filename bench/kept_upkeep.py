"""Keeping up: new orders before and after a refresh, the size of what is kept, an hour of refreshes."""

import random

from clock import Times
from kept_reads import WHOSE, counted
from kept_setup import KEPT, of
from measure import contender
from system import Problem, timed

FRESH = 1000  # customers who order anew
REFRESHES = 60
TABLES = [f"{KEPT}_kept", f"{KEPT}_touched"]
SIZE = ("SELECT pg_table_size('{0}'), pg_indexes_size('{0}'), count(*), coalesce(sum(pg_column_size(t.*)), 0) "
        "FROM {0} AS t")
# Whether autovacuum would come: the thresholds of the table, else those of the server.
DUE = """
    WITH t AS (
        SELECT s.n_dead_tup, s.n_ins_since_vacuum, greatest(c.reltuples, 0) AS reltuples,
               (SELECT coalesce(jsonb_object_agg(option_name, option_value), '{{}}')
                FROM pg_options_to_table(c.reloptions)) AS o
        FROM pg_class AS c JOIN pg_stat_all_tables AS s ON s.relid = c.oid WHERE c.oid = '{0}'::regclass),
    setting AS (SELECT t.*, f.name, coalesce((o ->> f.name)::float8, current_setting(f.name)::float8) AS value
                FROM t, (VALUES ('autovacuum_vacuum_threshold'), ('autovacuum_vacuum_scale_factor'),
                                ('autovacuum_vacuum_insert_threshold'),
                                ('autovacuum_vacuum_insert_scale_factor')) AS f (name)),
    s AS (SELECT jsonb_object_agg(name, value) AS v, max(n_dead_tup) AS dead, max(n_ins_since_vacuum) AS new,
                 max(reltuples) AS rows FROM setting)
    SELECT dead > (v ->> 'autovacuum_vacuum_threshold')::float8
                  + (v ->> 'autovacuum_vacuum_scale_factor')::float8 * rows
        OR new > (v ->> 'autovacuum_vacuum_insert_threshold')::float8
                 + (v ->> 'autovacuum_vacuum_insert_scale_factor')::float8 * rows
    FROM s"""


def size(bench, table):
    """Bytes of a table, of its indexes, its rows, and bytes in them."""
    return [int(figure) for figure in bench.cluster.rows(SIZE.format(table))[0]]


def hour(bench):
    """Refreshes, a minute apart in life, each after orders of some customers; how often VACUUM came."""
    session, times, vacuums, count = bench.session.on(1), Times(), dict.fromkeys(TABLES, 0), min(FRESH, bench.customers)
    for _ in range(REFRESHES):
        session.run(contender("new_orders", customers=bench.customers, count=count,
                              start=random.randrange(bench.customers)))
        times.taken["refresh_segmentation"].append(session.take(contender("refresh"))[0])
        session.run("SELECT pg_stat_force_next_flush()")
        for table in TABLES:
            if session.take(DUE.format(table))[1] == ["t"]:
                session.run(f"VACUUM (ANALYZE) {table}")
                vacuums[table] += 1
    times.show(f"refreshes of {count:,} customers")
    return vacuums


def grown(before, after):
    """Growth in per cent."""
    return 100 * (after / before - 1)


def fresh(bench):
    """New orders of a thousand customers, then the chart; then what makes each fresh again."""
    session, times, count = bench.session.on(1), Times(), min(FRESH, bench.customers)
    for run in range(bench.few + 1):
        session.run(contender("new_orders", customers=bench.customers, count=count,
                              start=random.randrange(bench.customers)))
        found, shown = {}, {}
        for whose in ("kept", "live"):
            found[whose], rows = session.take(of(WHOSE[whose], "rfm_counts"))
            shown[whose] = counted(rows)
        if shown["kept"] != shown["live"]:
            raise Problem(f"not the same after new orders: {shown}")
        found["refresh_segmentation"], _ = session.take(contender("refresh"))
        found["kept, refreshed"], _ = session.take(contender("rfm_counts"))
        for name, taken in found.items():
            if run:
                times.taken[name].append(taken)
    times.show(f"after new orders of {count:,} customers")
    bench.goals.faster(f"{count:,} new orders, then the counts without a refresh", times, "kept", "live", 20)
    bench.goals.within(f"refresh_segmentation of {count:,} customers", times, "refresh_segmentation", 0.3)


def report(bench):
    """New orders, then sizes before and after many refreshes."""
    table, index, customers, _ = size(bench, TABLES[0])
    bench.goals.add("size, index apart", f"{table / customers:.1f} bytes a customer (index {index / customers:.1f})",
                    "≤ 80", table <= 80 * customers)
    fresh(bench)
    before = {name: size(bench, name) for name in TABLES}
    with timed(f"{REFRESHES} refreshes"):
        vacuums = hour(bench)
    after = {name: size(bench, name) for name in TABLES}
    (table, index, _, rows), (table_now, index_now, _, rows_now) = before[TABLES[0]], after[TABLES[0]]
    more = grown(table, table_now)
    bench.goals.add(f"growth in {REFRESHES} refreshes: kept",
                    f"{more:.1f} % (rows {grown(rows, rows_now):.1f} %, index {grown(index, index_now):.1f} %; "
                    f"{vacuums[TABLES[0]]} times VACUUM)", "≤ that of its rows + 1 %",
                    more <= grown(rows, rows_now) + 1)
    noted = sum(after[TABLES[1]][:2])
    bench.goals.add(f"size after {REFRESHES} refreshes: touched", f"{noted / 2**20:.2f} MiB with its index "
                    f"({vacuums[TABLES[1]]} times VACUUM)", "≤ 1 MiB", noted <= 2**20)
