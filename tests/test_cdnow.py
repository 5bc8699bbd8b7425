"""The published figures of the CDNOW data: counts, sums, scores, segments, and the models' statistics."""

import csv
from datetime import date
from pathlib import Path

import cdnow

GOLDEN = Path(__file__).parent / "data" / "cdnow_sample_1997-09-30.csv"
SEARCH = "SET search_path = public, customer_value;\n"


def same(found, expected, what):
    """Fail with both values unless they are equal."""
    assert found == expected, f"{what}: {found}, expected {expected}"


def load_sample(cluster):
    """Make shop.orders with the sample, customers by their number in the sample."""
    rows = []
    with open(cdnow.file("sample")) as lines:
        for line in lines:
            master, sample, day, _, dollars = line.split()
            if master.isdigit():
                rows.append(f"{int(sample)}\t{day[:4]}-{day[4:6]}-{day[6:]}\t{dollars}\n")
    same(len(rows), cdnow.ORDERS["sample"], "orders of the sample")
    cluster.psql("CREATE SCHEMA shop;\nCREATE TABLE shop.orders (id int, day date, total numeric(10,2));\n"
                 "COPY shop.orders FROM STDIN;\n" + "".join(rows) + "\\.\nANALYZE shop.orders;\n")


def golden():
    """The reference rows: sample number -> (x, t_x, T, m)."""
    with open(GOLDEN) as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {int(row["id"]): (int(row["x"]), int(row["t_x"]), int(row["T"]), float(row["m"]))
                for row in rows}


def test_master_counts(cluster):
    """23,570 customers, 69,659 orders, 2,500,315.63 dollars."""
    cdnow.load(cluster, cluster.db)
    found = cluster.rows(SEARCH + """
        SELECT count(*), sum(order_count(h)), sum(revenue(h)), round(avg(order_count(h)), 6)
        FROM (SELECT purchase_history(created_at, total) AS h FROM shop.orders GROUP BY customer_id) AS c""")
    same(found, [["23570", "69659", "2500315.63", "2.955409"]], "the whole data")
    days = cluster.rows(SEARCH + """
        SELECT sum(purchase_days(h)), min(first_purchase(h)), max(last_purchase(h))
        FROM (SELECT purchase_history(created_at, total) AS h FROM shop.orders GROUP BY customer_id) AS c""")
    same(days, cluster.rows("""
        SELECT count(DISTINCT (customer_id, (created_at AT TIME ZONE 'UTC')::date)),
               min((created_at AT TIME ZONE 'UTC')::date), max((created_at AT TIME ZONE 'UTC')::date)
        FROM shop.orders"""), "days of the whole data")


def test_master_segmentation(cluster):
    """A segmentation of the whole data: the same totals, and each customer once."""
    cdnow.load(cluster, cluster.db)
    cluster.psql(SEARCH + """SET client_min_messages = warning;
        SELECT create_segmentation('shop.segments', 'shop.orders', 'customer_id', 'created_at', 'total',
                                   '{"as_of": "1998-07-01"}')""")
    same(cluster.rows("SELECT count(*), count(rfm_segment), sum(frequency), sum(monetary) FROM shop.segments"),
         [["23570", "23570", "69659", "2500315.63"]], "the view")
    same(cluster.rows("SELECT sum(customers), sum(revenue) FROM customer_value.segment_report('shop.segments')"),
         [["23570", "2500315.63"]], "the report")


def spend(cluster, best, spender, frequent, uncertain):
    """The sizes of the spend matrix of shop.segments must be these."""
    same(cluster.rows("SELECT code, customers FROM customer_value.segment_playbook('shop.segments', 'spend_quadrant')"),
         [["best", str(best)], ["spender", str(spender)], ["frequent", str(frequent)], ["uncertain", str(uncertain)]], "the spend matrix")


def test_master_matrices(cluster):
    """Spend matrix of the whole data; the positions of every matrix and the counted unplaced sum to the customers."""
    cdnow.load(cluster, cluster.db)
    cluster.psql(SEARCH + """SET client_min_messages = warning;
        SELECT create_segmentation('shop.segments', 'shop.orders', 'customer_id', 'created_at', 'total',
                                   '{"as_of": "1998-07-01"}')""")
    spend(cluster, 3241, 4772, 4342, 11215)
    books = cluster.rows(SEARCH + """
        SELECT by, count(code), sum(customers), coalesce(sum(customers) FILTER (WHERE code IS NULL), 0)
        FROM unnest(ARRAY['growth_quadrant', 'spend_quadrant', 'profitability_quadrant', 'abc_class', 'abc_pair',
                          'lifecycle_stage', 'value_tier', 'clv_tier']) AS by, segment_playbook('shop.segments', by)
        GROUP BY 1 ORDER BY 1""")
    sizes = {"growth_quadrant": 4, "spend_quadrant": 4, "profitability_quadrant": 4, "abc_class": 3, "abc_pair": 9,
             "lifecycle_stage": 7, "value_tier": 3, "clv_tier": 3}
    same(books, [[by, str(sizes[by]), "23570", "0"] for by in sorted(sizes)], "customers of all positions")


def test_sample_spend_matrix(cluster):
    """Marcus' matrix with the centre at the mean of customer averages, and at revenue / orders."""
    load_sample(cluster)
    cluster.psql(SEARCH + """SET client_min_messages = warning;
        SELECT create_segmentation('shop.segments', 'shop.orders', 'id', 'day', 'total', '{"as_of": "1998-07-01"}')""")
    spend(cluster, 312, 495, 434, 1116)
    cluster.psql(SEARCH + """SET client_min_messages = warning;
        SELECT alter_segmentation('shop.segments', '{"spend_centre": "orders"}')""")
    spend(cluster, 260, 434, 486, 1177)


def test_sample_scores(cluster):
    """Ties: nobody has frequency score 2, for half of all ordered once."""
    load_sample(cluster)
    found = cluster.rows(SEARCH + """
        WITH c AS MATERIALIZED (SELECT id, purchase_history(day, total) AS h FROM shop.orders GROUP BY id),
             t AS (SELECT rfm_cuts(h, '1998-07-01') AS cuts FROM c)
        SELECT score, count(h) FROM generate_series(1, 5) AS score CROSS JOIN t
        LEFT JOIN c ON frequency_score(cuts, h, '1998-07-01') = score GROUP BY 1 ORDER BY 1""")
    same(found, [["1", "1205"], ["2", "0"], ["3", "406"], ["4", "358"], ["5", "388"]], "frequency scores")


def test_sample_in_eight(cluster):
    """The scheme with two bins split at the mean."""
    load_sample(cluster)
    cluster.psql(SEARCH + """SET client_min_messages = warning;
        SELECT create_segmentation('shop.segments', 'shop.orders', 'id', 'day', 'total',
                                   '{"as_of": "1998-07-01", "scheme": "eight"}')""")
    found = cluster.rows("SELECT rfm_code, count(*) FROM shop.segments GROUP BY 1 ORDER BY 2 DESC")
    same(found, [["111", "1363"], ["222", "465"], ["221", "189"], ["211", "160"], ["112", "59"],
                 ["121", "52"], ["122", "40"], ["212", "29"]], "the eight segments")
    means = cluster.rows("""
        WITH c AS (SELECT id, date '1998-07-01' - max(day) AS r, count(*) AS f, sum(total) AS m FROM shop.orders GROUP BY 1)
        SELECT (r <= (SELECT avg(r) FROM c))::int + 1 || '' || (f >= (SELECT avg(f) FROM c))::int + 1
               || (m >= (SELECT avg(m) FROM c))::int + 1 AS code, count(*) FROM c GROUP BY 1 ORDER BY 2 DESC""")
    same(found, means, "by plain SQL")


def test_sample_statistics(cluster):
    """x, t_x, T and m of every customer of the sample against 40-digit arithmetic."""
    load_sample(cluster)
    expected = golden()
    same(len(expected), 2357, "golden rows")
    for source in ("WHERE day <= '1997-09-30'", ""):
        rows = cluster.rows(SEARCH + f"""
            SELECT id, repeat_purchases(h, d), purchase_span(h, d), customer_age(h, d), repeat_purchase_value(h, d)
            FROM (SELECT id, purchase_history(day, total) AS h FROM shop.orders {source} GROUP BY id) AS c,
                 (VALUES (date '1997-09-30')) AS v (d)""")
        same(len(rows), 2357, "customers")
        for id_, *found in rows:
            x, t_x, age, m = expected[int(id_)]
            same([int(value) for value in found[:3]], [x, t_x, age], f"x, t_x, T of customer {id_}")
            if x == 0:
                assert found[3] is None, f"m of customer {id_}: {found[3]}"
            else:
                assert abs(float(found[3]) - m) <= 1e-9 * abs(m), f"m of customer {id_}: {found[3]}, {m}"


def test_sample_travels_in_time(cluster):
    """The full history as of each month is the history of the orders until then."""
    load_sample(cluster)
    for month in range(1, 19):
        as_of = date(1997 + month // 12, month % 12 + 1, 1)
        found = cluster.value(SEARCH + f"""
            WITH whole AS (SELECT id, purchase_history(day, total) AS h FROM shop.orders GROUP BY id),
                 until AS (SELECT id, purchase_history(day, total) AS h FROM shop.orders WHERE day <= '{as_of}' GROUP BY id)
            SELECT count(*) FROM whole AS w LEFT JOIN until AS u USING (id)
            WHERE (order_count(w.h, '{as_of}'), revenue(w.h, '{as_of}'), repeat_purchases(w.h, '{as_of}'),
                   purchase_span(w.h, '{as_of}'), repeat_purchase_value(w.h, '{as_of}'), typical_gap(w.h, '{as_of}'))
                  IS DISTINCT FROM (coalesce(order_count(u.h), 0), coalesce(revenue(u.h), 0), repeat_purchases(u.h),
                   purchase_span(u.h), repeat_purchase_value(u.h), typical_gap(u.h))""")
        same(found, "0", f"customers that differ as of {as_of}")
