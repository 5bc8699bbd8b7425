"""What training tells while it works: the NOTICEs, with the seconds taken out."""

import re

from helpers import NO_ORDERS, creation

SAME = "all customers have the same value, so they have the same level in"
AXES = [rf"^axis frequency: {SAME} (abc_pair, spend|spend, abc_pair)$",
        r"^axis potential_value: no customer has a value, so no customer has a place in growth$",
        rf"^axis loyalty: {SAME} profitability$"]
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
    """How many customers and orders, what was left out, which scores nobody can have."""
    cluster.psql(NO_ORDERS + """
        INSERT INTO shop.orders SELECT i % 1200, date '2024-01-01' + i % 200, i % 37
        FROM generate_series(1, 3600) AS i;
        INSERT INTO shop.orders VALUES (NULL, '2024-01-01', 5), (1, NULL, 5), (1, '2024-01-01', NULL);
        ANALYZE shop.orders;""")
    found = said(cluster, creation(AS_OF, "shop.s"))
    expect(found, r"created view shop\.s", r"reading shop\.orders, about 3,60[0-9] rows",
           r"training 1 of shop\.s: 1,200 customers, 3,600 orders in … s", r"^rows left out.*: 3$",
           r"no customer has frequency score 2, 3, 4, 5: ",
           r"^the fit ended at a boundary, bg_nbd: r / alpha -> 0: nobody buys again$", *AXES)
    found = said(cluster, "SELECT customer_value.train_segmentation('shop.s');")
    expect(found, r"reading shop\.orders", r"training 2 of shop\.s: 1,200 customers, 3,600 orders",
           r"left out", r"no customer has frequency score", r"nobody buys again", *AXES)
    found = said(cluster, """
        SELECT customer_value.alter_segmentation('shop.s', '{"scheme": "none", "bins": 2}');""")
    assert any(line.startswith("altered view shop.s") for line in found), found
    assert any("training 3 of shop.s" in line for line in found), found
    found = said(cluster, "SELECT customer_value.alter_segmentation('shop.s', '{\"family\": \"none\"}');")
    assert not any("boundary" in line for line in found), found
    assert said(cluster, "SELECT customer_value.drop_segmentation('shop.s');") == []


def test_correlation(cluster):
    """Spend that grows with the number of purchases is not what the model takes it to be."""
    cluster.psql(NO_ORDERS + """
        INSERT INTO shop.orders SELECT c, date '2024-01-01' + c % 50 + 7 * k, 10 + 5 * (c % 9) + k
        FROM generate_series(1, 500) AS c, generate_series(0, c % 9) AS k;""")
    found = said(cluster, creation(AS_OF, "shop.s"))
    correlated = re.compile(r"number and value of purchases are correlated \([01]\.[0-9]{2}\)")
    assert any(correlated.search(line) for line in found), found
