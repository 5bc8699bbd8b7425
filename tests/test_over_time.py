"""Segments over time: each month of the CDNOW sample against the view with that as_of, for every label; plans and workers."""

from datetime import date, timedelta

import pytest
from helpers import QUIET, SEARCH, creation, load_sample

AS_OF = date(1998, 7, 1)
# the last day of each month, and the day of the training
MONTHS = [date(1997 + month // 12, month % 12 + 1, 1) - timedelta(days=1) for month in range(1, 18)] + [AS_OF]
FIRST = "1997-01-31"


def look_at(cluster, day):
    """Have shop.back show the sample as of a day with the training of shop.segments, and copy it to `seen`."""
    cluster.psql(SEARCH + QUIET + f"""
        SELECT alter_segmentation('shop.back', '{{"as_of": "{day}"}}');
        UPDATE training AS t
        SET (cuts, labels, purchase_model, spend_model, margin, clv_percentiles, axes, matrices) =
            (SELECT n.cuts, n.labels, n.purchase_model, n.spend_model, n.margin, n.clv_percentiles, n.axes, n.matrices
             FROM training AS n JOIN segmentations AS s ON s.id = n.segmentation
             WHERE s.view = 'shop.segments' AND n.newest)
        FROM segmentations AS s WHERE s.id = t.segmentation AND s.view = 'shop.back' AND t.newest;
        DROP TABLE IF EXISTS seen;
        CREATE TABLE seen AS TABLE shop.back;""")


def labels(cluster):
    """The columns of labels, codes, ranks and scores."""
    return [name for name, in cluster.rows("""
        SELECT attname FROM pg_attribute WHERE attrelid = 'shop.segments'::regclass AND attnum > 1
          AND atttypid IN ('text'::regtype, 'smallint'::regtype, 'boolean'::regtype) AND attname NOT LIKE '%\\_action'
        ORDER BY attnum""")]


def test_each_month_of_the_sample(cluster):
    """The history of every label is what the view shows with as_of on that day and the same training."""
    load_sample(cluster)
    cluster.psql(QUIET + creation(f'{{"as_of": "{AS_OF}"}}') + creation(f'{{"as_of": "{AS_OF}"}}', view="shop.back"))
    names = labels(cluster)
    assert len(names) > 30
    expected = {name: [] for name in names}
    for day in MONTHS:
        look_at(cluster, day)
        for name in names:
            expected[name] += cluster.rows(f"""
                SELECT '{day}', {name}::text, count(*), sum(revenue), round(sum(clv::numeric), 1)
                FROM seen WHERE {name} IS NOT NULL GROUP BY {name}""")
    days = "', '".join(map(str, MONTHS))
    for name in names:
        found = cluster.rows(f"""
            SELECT h.day, segment, customers, revenue, round(total_clv::numeric, 1)
            FROM unnest(ARRAY['{days}']::date[]) AS d (day),
                 customer_value.segment_history('shop.segments', '{name}', d.day, d.day) AS h
            WHERE segment IS NOT NULL""")
        assert len(found) == len(expected[name])
        for one, other in zip(sorted(found), sorted(expected[name]), strict=True):
            assert one[:4] == other[:4], name
            assert abs(float(one[4] or 0) - float(other[4] or 0)) < 0.11, (name, one, other)
            assert (one[4] is None) == (other[4] is None), (name, one, other)
    # all days at once are as each by itself
    daily = cluster.rows(QUIET + f"""
        SELECT day, segment, customers, revenue, round(total_clv::numeric, 1)
        FROM customer_value.segment_history('shop.segments', from_day => '{FIRST}', every => '1 day')
        WHERE segment IS NOT NULL AND day IN ('{days}')""")
    assert [row[:4] for row in sorted(daily)] == [row[:4] for row in sorted(expected["rfm_segment"])]


def test_transitions_of_each_month(cluster):
    """What leaves a segment and stays is what was in it, month after month; those who come are new."""
    load_sample(cluster)
    cluster.psql(QUIET + creation(f'{{"as_of": "{AS_OF}"}}'))
    for before, after in zip(MONTHS[:-1], MONTHS[1:], strict=True):
        rows = cluster.rows(f"""
            SELECT from_segment, to_segment, customers, revenue, change
            FROM customer_value.segment_transitions('shop.segments', '{before}', '{after}')""")
        for place, day in ((0, before), (1, after)):
            sizes = dict(cluster.rows(f"""
                SELECT segment, customers FROM customer_value.segment_history('shop.segments', from_day => '{day}',
                                                                              to_day => '{day}')"""))
            sums = {}
            for row in rows:
                sums[row[place]] = sums.get(row[place], 0) + int(row[2])
            sums.pop("(not yet a customer)", None)
            assert sums == {segment: int(size) for segment, size in sizes.items()}
        bought = cluster.rows(f"""
            SELECT count(*) FILTER (WHERE first > '{before}'), sum(total)
            FROM (SELECT min(day) AS first, sum(total) FILTER (WHERE day > '{before}' AND day <= '{after}') AS total
                  FROM shop.orders GROUP BY customer_id HAVING min(day) <= '{after}') AS c""")
        new = sum(int(row[2]) for row in rows if row[4] == "new")
        assert [new, sum(round(float(row[3]) * 100) for row in rows)] == [
            int(bought[0][0]), round(float(bought[0][1] or 0) * 100)]


MANY = QUIET + SEARCH + """
CREATE SCHEMA shop;
CREATE TABLE shop.orders AS SELECT customer_id, ordered_at AS day, amount AS total FROM simulate_orders(20000, 700, 7);
ANALYZE shop.orders;
"""
QUESTIONS = """
    SELECT 1, h.day::text, segment, customers::text, revenue::text, mean_clv::text, total_clv::text
    FROM segment_history('shop.{view}', 'growth_quadrant', '2025-01-31') AS h
    UNION ALL
    SELECT 2, from_segment, to_segment, customers::text, revenue::text, share_of_to::text, change
    FROM segment_transitions('shop.{view}', '2025-01-31') AS t
    UNION ALL
    SELECT 3, customer, from_segment, to_segment, revenue::text, clv::text, clv_change::text
    FROM segment_changes('shop.{view}', '2025-01-31', by => 'value_tier') AS c
"""
WORKERS = """
    SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
    SET max_parallel_workers_per_gather = 2;
"""


def test_workers_and_kept_histories(cluster):
    """The same answers to the bit from one process and from several, live and kept, and in any order of the rows."""
    options = '{"as_of": "2025-11-30"}'
    cluster.psql(MANY + creation(options, view="shop.live")
                 + creation('{"as_of": "2025-11-30", "keep": true}', view="shop.kept")
                 + "SELECT refresh_segmentation('shop.kept'); VACUUM ANALYZE shop.kept_kept;")
    answers = {}
    for view in ("live", "kept"):
        for name, settings in (("alone", "SET max_parallel_workers_per_gather = 0;"), ("workers", WORKERS)):
            answers[view, name] = sorted(cluster.psql(SEARCH + settings + QUESTIONS.format(view=view)).splitlines())
    first = answers["live", "alone"]
    assert len(first) > 1000
    assert all(answer == first for answer in answers.values())
    cluster.psql("CREATE TABLE other AS SELECT * FROM shop.orders ORDER BY total DESC; TRUNCATE shop.orders; "
                 "INSERT INTO shop.orders TABLE other;")
    for view in ("live", "kept"):
        assert sorted(cluster.psql(SEARCH + QUESTIONS.format(view=view)).splitlines()) == first


@pytest.mark.parametrize("days", [24, 100])
def test_orders_are_folded_once(cluster, days):
    """Whatever the number of days: the source is scanned once for all of them."""
    cluster.psql(MANY + creation('{"as_of": "2025-11-30"}'))
    first = date(2025, 11, 30) - timedelta(days=days - 1)
    with cluster.session() as session:
        session.run(SERIAL_SCANS)
        before = int(session.run(SCANS).split()[-1])
        said = session.run(SEARCH + f"""SELECT count(DISTINCT day) FROM segment_history('shop.segments',
            from_day => '{first}', every => '1 day');""", timeout=120)
        assert said.strip() == str(days)
        assert int(session.run(SCANS).split()[-1]) - before == 1


SERIAL_SCANS = "SET max_parallel_workers_per_gather = 0; SET stats_fetch_consistency = none;"
SCANS = "SELECT pg_stat_force_next_flush(); SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'orders';"
