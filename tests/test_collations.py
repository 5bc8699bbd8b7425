"""Customers are told apart as their column says; codes of kinds are read alike whatever the collation of letters."""

import pytest
from helpers import ORDERS, creation

BINDINGS = ("table", "name")
SERVICE = """
CREATE TABLE shop.contacts AS
SELECT customer_id AS who, day AS at, CASE WHEN customer_id % 2 = 0 THEN 'SERVICE' ELSE 'MAIL' END{collate} AS kind
FROM shop.orders;
"""
BUYERS = """
CREATE COLLATION shop.case_blind (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
ALTER TABLE shop.orders ALTER customer_id TYPE text COLLATE shop.case_blind
    USING CASE WHEN total > 18 THEN chr(65 + customer_id % 26) ELSE chr(97 + customer_id % 26) END;
"""


def with_icu(cluster):
    """Whether the server knows ICU's collations; the packages of PostgreSQL do, the wheel does not."""
    return cluster.value("SELECT count(*) > 0 FROM pg_collation WHERE collname = 'tr-x-icu'") == "t"


@pytest.mark.parametrize("bind", BINDINGS)
def test_turkish(cluster, bind):
    """Kind SERVICE is service in a column whose collation has a small i without a dot for I."""
    turkish = ' COLLATE "tr-x-icu"' if with_icu(cluster) else ' COLLATE "C"'
    options = ('{"as_of": "2024-08-01", "interactions": {"source": "shop.contacts", "customer": "who", "at": "at",'
               ' "kind": "kind"}, "bind": "%s"}')
    cluster.psql(ORDERS + SERVICE.format(collate=turkish) + creation(options % bind))
    found = cluster.rows("SELECT customer_id % 2, bool_and(service_rate > 0) FROM shop.segments GROUP BY 1 ORDER BY 1")
    assert found == [["0", "t"], ["1", "f"]]


@pytest.mark.parametrize("bind", BINDINGS)
def test_customers_that_are_the_same(cluster, bind):
    """A customer column that does not tell A from a gives one row for both, also through a function."""
    blind = with_icu(cluster)
    buyers = BUYERS if blind else BUYERS.replace(" COLLATE shop.case_blind", "").split(";", 1)[1]
    cluster.psql(ORDERS + buyers + creation('{"as_of": "2024-08-01", "bind": "%s"}' % bind))
    count = "26" if blind else cluster.value("SELECT count(DISTINCT customer_id) FROM shop.orders")
    assert cluster.value("SELECT count(*) FROM shop.segments") == count
    orders = "SELECT count(*) FROM shop.orders WHERE customer_id = 'b'"
    assert cluster.value("SELECT frequency FROM shop.segments WHERE customer_id = 'b'") == cluster.value(orders)
    assert cluster.value("SELECT count(*) FROM shop.segments_of('b')") == "1"
