"""The published figures of the CDNOW data: counts, sums, scores, segments, and the models' statistics."""

import csv
from datetime import date

import cdnow
import pytest
from helpers import QUIET, SEARCH, TESTS, creation, load_sample

GOLDEN = TESTS / "data" / "cdnow_sample_1997-09-30.csv"
AS_OF = '{"as_of": "1998-07-01"}'


def golden():
    """The reference rows: sample number -> (x, t_x, T, m)."""
    with open(GOLDEN) as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {int(row["id"]): (int(row["x"]), int(row["t_x"]), int(row["T"]), float(row["m"]))
                for row in rows}


def segment(cluster, options=AS_OF, day="day"):
    """Make the segmentation shop.segments."""
    cluster.psql(QUIET + creation(options, day=day))


def test_master_counts(cluster):
    """23,570 customers, 69,659 orders, 2,500,315.63 dollars."""
    cdnow.load(cluster, cluster.db)
    assert cluster.rows(SEARCH + """
        SELECT count(*), sum(order_count(h)), sum(revenue(h)), round(avg(order_count(h)), 6)
        FROM (SELECT purchase_history(created_at, total) AS h FROM shop.orders GROUP BY customer_id) AS c
        """) == [["23570", "69659", "2500315.63", "2.955409"]]
    days = cluster.rows(SEARCH + """
        SELECT sum(purchase_days(h)), min(first_purchase(h)), max(last_purchase(h))
        FROM (SELECT purchase_history(created_at, total) AS h FROM shop.orders GROUP BY customer_id) AS c""")
    assert days == cluster.rows("""
        SELECT count(DISTINCT (customer_id, (created_at AT TIME ZONE 'UTC')::date)),
               min((created_at AT TIME ZONE 'UTC')::date), max((created_at AT TIME ZONE 'UTC')::date)
        FROM shop.orders""")


def test_master_segmentation(cluster):
    """A segmentation of the whole data: the same totals, and each customer once."""
    cdnow.load(cluster, cluster.db)
    segment(cluster, day="created_at")
    assert cluster.rows("""
        SELECT count(*), count(rfm_segment), sum(frequency), sum(monetary) FROM shop.segments
        """) == [["23570", "23570", "69659", "2500315.63"]]
    assert cluster.rows("""
        SELECT sum(customers), sum(revenue) FROM customer_value.segment_report('shop.segments')
        """) == [["23570", "2500315.63"]]


def spend(cluster):
    """The sizes of the positions of the spend matrix of shop.segments."""
    rows = cluster.rows("""
        SELECT code, customers FROM customer_value.segment_playbook('shop.segments', 'spend_quadrant')""")
    return {code: int(customers) for code, customers in rows}


def test_master_matrices(cluster):
    """Spend matrix of the whole data; in every matrix, all customers have a place."""
    cdnow.load(cluster, cluster.db)
    segment(cluster, day="created_at")
    assert spend(cluster) == {"best": 3241, "spender": 4772, "frequent": 4342, "uncertain": 11215}
    sizes = {"growth_quadrant": 4, "spend_quadrant": 4, "profitability_quadrant": 4, "abc_class": 3,
             "abc_pair": 9, "lifecycle_stage": 7, "value_tier": 3, "clv_tier": 3}
    books = cluster.rows(SEARCH + f"""
        SELECT by, count(code), sum(customers), coalesce(sum(customers) FILTER (WHERE code IS NULL), 0)
        FROM unnest(ARRAY{list(sizes)}) AS by, segment_playbook('shop.segments', by)
        GROUP BY 1 ORDER BY 1""")
    assert books == [[by, str(sizes[by]), "23570", "0"] for by in sorted(sizes)]


def test_sample_spend_matrix(cluster):
    """Marcus' matrix with the centre at the mean of customer averages, and at revenue / orders."""
    load_sample(cluster)
    segment(cluster)
    assert spend(cluster) == {"best": 312, "spender": 495, "frequent": 434, "uncertain": 1116}
    cluster.psql(SEARCH + QUIET + """
        SELECT alter_segmentation('shop.segments', '{"spend_centre": "orders"}')""")
    assert spend(cluster) == {"best": 260, "spender": 434, "frequent": 486, "uncertain": 1177}


def test_sample_scores(cluster):
    """Ties: nobody has frequency score 2, for half of all ordered once."""
    load_sample(cluster)
    assert cluster.rows(SEARCH + """
        WITH c AS MATERIALIZED (SELECT purchase_history(day, total) AS h FROM shop.orders
                                GROUP BY customer_id),
             t AS (SELECT rfm_cuts(h, '1998-07-01') AS cuts FROM c)
        SELECT score, count(h) FROM generate_series(1, 5) AS score CROSS JOIN t
        LEFT JOIN c ON frequency_score(cuts, h, '1998-07-01') = score GROUP BY 1 ORDER BY 1
        """) == [["1", "1205"], ["2", "0"], ["3", "406"], ["4", "358"], ["5", "388"]]


def frequency_scores(cluster):
    """Customers of shop.segments by frequency score from 1 to 5."""
    rows = cluster.rows("""
        SELECT count(s) FROM generate_series(1, 5) AS score
        LEFT JOIN shop.segments AS s ON s.frequency_score = score GROUP BY score ORDER BY score""")
    return [int(count) for count, in rows]


def spread_over(counts, bins):
    """Bins of values that so many customers have, worst first, where no bin may be empty: the sizes.

    The rule once more, over counts instead of sorted values: the value of most customers is a bin if it is
    more than its share, else bins end where percentile_cont would cut.
    """
    total, most = sum(counts), max(counts)
    if bins == 1:
        return [total]
    if most * bins <= total:
        values = [place for place, count in enumerate(counts) for _ in range(count)]
        cuts = []
        for k in range(1, bins):
            whole, part = divmod(k * (total - 1), bins)
            low, high = values[whole], values[min(whole + 1, total - 1)]
            cuts.append(low + (high - low) * part / bins)
        sizes = [0] * bins
        for value in values:
            sizes[sum(value > cut for cut in cuts)] += 1
        return sizes
    at = counts.index(most)
    below, above = counts[:at], counts[at + 1:]
    if bins == 2 and below and above:
        low, high = sum(below), sum(above)
        return [low + most, high] if low <= high else [low, most + high]
    bins -= 1
    share = (2 * bins * sum(below) + total - most) // (2 * (total - most))
    of_below = min(max(share, min(1, len(below)), bins - len(above)), len(below), bins - min(1, len(above)))
    return ((spread_over(below, of_below) if below else []) + [most]
            + (spread_over(above, bins - of_below) if above else []))


def test_sample_segments_of_ties(cluster):
    """Scores where half of all ordered once: each bin has customers, or those of the quantiles if asked for."""
    load_sample(cluster)
    segment(cluster)
    orders = cluster.rows("SELECT count(*) FROM shop.segments GROUP BY frequency ORDER BY frequency")
    spread = frequency_scores(cluster)
    assert spread == spread_over([int(count) for count, in orders], 5)
    assert spread[0] == 1205 and all(spread) and sum(spread) == 2357
    # who lapsed after many orders, and who lapsed after few large ones
    assert cluster.rows("""
        SELECT rfm_segment_code, min(frequency) > 1 FROM shop.segments
        WHERE rfm_segment_code IN ('cant_lose', 'at_risk') GROUP BY 1 ORDER BY 1
        """) == [["at_risk", "f"], ["cant_lose", "t"]]
    cluster.psql(SEARCH + QUIET + """SELECT alter_segmentation('shop.segments', '{"ties": "quantile"}')""")
    assert frequency_scores(cluster) == [1205, 0, 406, 358, 388]


def test_sample_percentiles(cluster):
    """Of every customer: a percentile is the place on the line between the points of the training, and tiers follow."""
    load_sample(cluster)
    segment(cluster)
    assert cluster.rows("""
        WITH points AS (
            SELECT p AS points FROM (SELECT clv_percentiles AS p FROM customer_value.training) AS t
        ), placed AS (
            SELECT s.*, points, greatest(width_bucket(clv, points) - 1, 0) AS place,
                   cume_dist() OVER (ORDER BY clv) AS share
            FROM shop.segments AS s, points
        ), shown AS (
            SELECT *, CASE WHEN place = 100 THEN 1 ELSE
                       (place + (clv - points[place + 1]) / (points[place + 2] - points[place + 1])) / 100 END AS line
            FROM placed
        )
        SELECT count(*), count(*) FILTER (WHERE abs(clv_percentile - line) > 1e-12),
               count(*) FILTER (WHERE (clv_percentile >= 0.8) <> (clv >= points[81])
                                OR (clv_percentile >= 0.5) <> (clv >= points[51])),
               count(*) FILTER (WHERE clv_tier_code <> CASE WHEN clv >= points[81] THEN 'high'
                                                            WHEN clv >= points[51] THEN 'medium' ELSE 'low' END),
               count(*) FILTER (WHERE abs(clv_percentile - share) > 0.01 + 1.0 / 2357),
               count(*) FILTER (WHERE value_tier_code <> CASE WHEN value_score >= 2.0 / 3 THEN 'high'
                                                              WHEN value_score >= 1.0 / 3 THEN 'potential'
                                                              ELSE 'low' END)
        FROM shown""") == [["2357", "0", "0", "0", "0", "0"]]


def test_sample_in_eight(cluster):
    """The scheme with two bins split at the mean, also by plain SQL."""
    load_sample(cluster)
    segment(cluster, '{"as_of": "1998-07-01", "scheme": "eight"}')
    found = cluster.rows("SELECT rfm_code, count(*) FROM shop.segments GROUP BY 1 ORDER BY 2 DESC")
    assert found == [["111", "1363"], ["222", "465"], ["221", "189"], ["211", "160"], ["112", "59"],
                     ["121", "52"], ["122", "40"], ["212", "29"]]
    assert found == cluster.rows("""
        WITH c AS (SELECT date '1998-07-01' - max(day) AS r, count(*) AS f, sum(total) AS m
                   FROM shop.orders GROUP BY customer_id)
        SELECT (r <= (SELECT avg(r) FROM c))::int + 1 || '' || (f >= (SELECT avg(f) FROM c))::int + 1
               || (m >= (SELECT avg(m) FROM c))::int + 1 AS code, count(*)
        FROM c GROUP BY 1 ORDER BY 2 DESC""")


@pytest.mark.parametrize("orders", ["WHERE day <= '1997-09-30'", ""], ids=["until then", "all"])
def test_sample_statistics(cluster, orders):
    """x, t_x, T and m of every customer of the sample against 40-digit arithmetic."""
    load_sample(cluster)
    expected = golden()
    assert len(expected) == 2357
    rows = cluster.rows(SEARCH + f"""
        SELECT customer_id, repeat_purchases(h, d), purchase_span(h, d), customer_age(h, d),
               repeat_purchase_value(h, d)
        FROM (SELECT customer_id, purchase_history(day, total) AS h FROM shop.orders {orders}
              GROUP BY 1) AS c,
             (VALUES (date '1997-09-30')) AS v (d)""")
    assert len(rows) == 2357
    for customer, x, t_x, age, m in rows:
        *counts, mean = expected[int(customer)]
        assert [int(x), int(t_x), int(age)] == counts, f"x, t_x, T of customer {customer}"
        if x == "0":
            assert m is None, f"m of customer {customer}"
        else:
            assert abs(float(m) - mean) <= 1e-9 * abs(mean), f"m of customer {customer}"


@pytest.mark.parametrize("month", range(1, 19))
def test_sample_travels_in_time(cluster, month):
    """The full history as of a month is the history of the orders until then."""
    load_sample(cluster)
    as_of = date(1997 + month // 12, month % 12 + 1, 1)
    history = "SELECT customer_id AS id, purchase_history(day, total) AS h FROM shop.orders"
    assert cluster.value(SEARCH + f"""
        WITH whole AS ({history} GROUP BY 1), until AS ({history} WHERE day <= '{as_of}' GROUP BY 1)
        SELECT count(*) FROM whole AS w LEFT JOIN until AS u USING (id)
        WHERE (order_count(w.h, '{as_of}'), revenue(w.h, '{as_of}'), repeat_purchases(w.h, '{as_of}'),
               purchase_span(w.h, '{as_of}'), repeat_purchase_value(w.h, '{as_of}'),
               typical_gap(w.h, '{as_of}'))
              IS DISTINCT FROM (coalesce(order_count(u.h), 0), coalesce(revenue(u.h), 0),
               repeat_purchases(u.h), purchase_span(u.h), repeat_purchase_value(u.h), typical_gap(u.h))
        """) == "0"
