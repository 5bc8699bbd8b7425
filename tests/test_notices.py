"""What training tells while it works: the NOTICEs, with the seconds taken out."""

import re

from helpers import NO_ORDERS, ORDERS, creation

AS_OF = '{"as_of": "2024-08-01"}'


def said(cluster, sql):
    """The NOTICEs of a statement, without their seconds."""
    text = cluster.psql("\\set VERBOSITY terse\n" + sql, errors=True)
    return [re.sub(r"[0-9]+\.[0-9] s$", "… s", line.removeprefix("NOTICE:").strip())
            for line in text.splitlines() if line.startswith("NOTICE:")]


def expect(found, *patterns):
    """Each pattern matches one NOTICE, in this order, and there is no other."""
    assert len(found) == len(patterns)
    for line, pattern in zip(found, patterns):
        assert re.search(pattern, line), f"{line!r} does not match {pattern!r}"


def test_creation_over_an_empty_source(cluster):
    """An empty source is no error: it says what to do."""
    cluster.psql(NO_ORDERS)
    found = said(cluster, creation(view="shop.s"))
    expect(found, r"^created view shop\.s and function s_of$", r"reading shop\.orders",
           r"no purchases.*train_segmentation\('shop\.s'\)")


def test_training(cluster):
    """How many customers and orders, and in one line what is doubtful."""
    cluster.psql(NO_ORDERS + """
        INSERT INTO shop.orders SELECT i % 1200, date '2024-01-01' + i % 200, i % 37
        FROM generate_series(1, 3600) AS i;
        INSERT INTO shop.orders VALUES (NULL, '2024-01-01', 5), (1, NULL, 5), (1, '2024-01-01', NULL);
        ANALYZE shop.orders;""")
    doubts = (r"^doubts: few_customers, no_repeat_purchases, several_orders_a_day, rows_left_out, same_value, "
              r"axis_without_values, scores_without_customers; see customer_value\.segmentation_doubts\('shop\.s'\)$")
    found = said(cluster, creation(AS_OF, "shop.s"))
    expect(found, r"created view shop\.s", r"reading shop\.orders, about 3,60[0-9] rows",
           r"training 1 of shop\.s: 1,200 customers, 3,600 orders in … s", doubts)
    found = said(cluster, "SELECT customer_value.train_segmentation('shop.s');")
    expect(found, r"reading shop\.orders", r"training 2 of shop\.s: 1,200 customers, 3,600 orders",
           doubts)
    found = said(cluster, """
        SELECT customer_value.alter_segmentation('shop.s', '{"scheme": "none", "bins": 2}');""")
    assert any(line.startswith("altered view shop.s") for line in found), found
    assert any("training 3 of shop.s" in line for line in found), found
    found = said(cluster, "SELECT customer_value.alter_segmentation('shop.s', '{\"family\": \"none\"}');")
    assert not any("no_repeat_purchases" in line for line in found), found
    assert said(cluster, "SELECT customer_value.drop_segmentation('shop.s');") == []


def test_correlation(cluster):
    """Spend that grows with the number of purchases is not what the model takes it to be."""
    cluster.psql(NO_ORDERS + """
        INSERT INTO shop.orders SELECT c, date '2024-01-01' + c % 50 + 7 * k, 10 + 5 * (c % 9) + k
        FROM generate_series(1, 500) AS c, generate_series(0, c % 9) AS k;""")
    found = said(cluster, creation(AS_OF, "shop.s"))
    assert any("number_and_value_correlated" in line for line in found), found
    figure = cluster.value("SELECT figure FROM customer_value.segmentation_doubts('shop.s') WHERE doubt ~ 'correlated'")
    assert re.fullmatch(r"correlation (0\.[0-9]+|1)", figure), figure


def test_nothing_doubtful(cluster):
    """A shop without doubts is told of its training and no more."""
    cluster.psql(NO_ORDERS + """
        INSERT INTO shop.orders SELECT customer_id, ordered_at::date, amount
        FROM customer_value.simulate_orders(900, 900, 11, '{"family": "bg_nbd", "r": 2, "alpha": 60, "a": 0.5, "b": 5}',
                                            first_day => '2016-01-01', joining_days => 600);""")
    found = said(cluster, creation('{"as_of": "latest"}', "shop.s"))
    expect(found, r"created view shop\.s", r"reading shop\.orders", r"training 1 of shop\.s: 900 customers")


def test_amounts_with_more_places(cluster):
    """A view cannot change the types of its columns: it says so where amounts have more places than it shows."""
    cluster.psql(ORDERS + """
        ALTER TABLE shop.orders ADD mills numeric(12, 3) DEFAULT 0.125, ADD cents numeric(9, 2) DEFAULT 1;"""
                 + creation(AS_OF, "shop.s"))
    for column, rounded in [("mills", True), ("cents", False)]:
        found = said(cluster, f"SELECT customer_value.alter_segmentation('shop.s', amount => '{column}');")
        assert any("shows amounts to 2 decimal places" in line for line in found) == rounded
