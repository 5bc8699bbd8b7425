"""The whole read side works where nothing can be written, as on a standby."""

from helpers import ORDERS, creation

READS = [
    "SELECT count(*), count(rfm_segment) FROM shop.segments",
    "SELECT count(*) FROM shop.segments_of(7)",
    "SELECT count(*) FROM customer_value.segment_report('shop.segments')",
    "SELECT count(*) FROM customer_value.segment_report('shop.segments', 'recency_score')",
    "SELECT count(*) FROM customer_value.segmentation_drift('shop.segments')",
    "SELECT count(*) FROM customer_value.explain_customer('shop.segments', 7)",
    "SELECT count(*) FROM customer_value.segmentations",
    "SELECT count(*) FROM customer_value.training",
    "SELECT customer_value.rfm_segment(5, 5, 5), customer_value.rfm_segment_code(1, 1, 1, 'eight'),"
    " customer_value.rfm_segment_rank(1, 1, 1)",
    "SELECT count(*) FROM customer_value.check_rfm_scheme('standard')",
    "SELECT count(*) FROM customer_value.rfm_scheme_cell",
    "SELECT count(*) FROM customer_value.matrix_label",
    "SELECT customer_value.scheme_definition('mine'), customer_value.matrix_definition('growth')",
    "SELECT customer_value.rfm_segment(1, 1, 1, 'mine'), customer_value.matrix_label_of('growth', 'high_high')",
    "SELECT customer_value.rfm_cuts(h, '2024-08-01'), max(customer_value.revenue(h)) FROM"
    " (SELECT customer_value.purchase_history(day, total) AS h FROM shop.orders GROUP BY customer_id) AS c",
    "SELECT customer_value.order_count(customer_value.rollup_history(h)) FROM"
    " (SELECT customer_value.purchase_history(day, total, 'UTC') AS h"
    " FROM (SELECT day::timestamptz, total, customer_id FROM shop.orders) AS o GROUP BY customer_id) AS c",
]

DEFINITION = """
SELECT customer_value.define_scheme('mine', '{"bins": 2, "segments": [{"code": "all", "ranges": [{}]}]}');
"""
WRITES = [
    "train_segmentation('shop.segments')",
    "drop_segmentation('shop.segments')",
    "alter_segmentation('shop.segments', '{}')",
    "create_segmentation('shop.more', 'shop.orders', 'customer_id', 'day')",
    "define_scheme('mine', customer_value.scheme_definition('eight'))",
    "define_matrix('mine', customer_value.matrix_definition('growth'))",
    "drop_scheme('mine')",
    "drop_matrix('mine')",
    "reword_scheme('eight', NULL)",
    "reword_matrix('growth', '{}')",
]


def test_reads(cluster):
    """Every read gives the same in a read-only transaction."""
    cluster.psql(ORDERS + creation() + DEFINITION)
    for read in READS:
        writable = cluster.rows(read)
        assert cluster.rows("SET default_transaction_read_only = on;\n" + read) == writable, read


def test_writes_are_refused(cluster):
    """What writes where nothing can be written is told so, with where to do it."""
    cluster.psql(ORDERS + creation() + DEFINITION)
    for write in WRITES:
        said = cluster.psql("\\set VERBOSITY verbose\nSET default_transaction_read_only = on;\n"
                            f"SELECT customer_value.{write};", check=False, errors=True)
        assert "25006" in said and "HINT:  It writes." in said, said
