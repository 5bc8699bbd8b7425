"""previous_<label> is the label of a segmentation as of compare_days earlier, with the same training; so is drift on a day."""

import json

import pytest
from helpers import QUIET, SEARCH

DAY = "2025-10-31"
SHOP = QUIET + SEARCH + """
CREATE SCHEMA shop;
CREATE TABLE shop.lines AS
SELECT row_number() OVER () AS order_id, o.customer_id, o.ordered_at AS at, o.amount AS total, n.line
FROM simulate_orders(500, 730, first_day => '2024-01-01') AS o
CROSS JOIN LATERAL generate_series(1, 1 + o.customer_id % 2) AS n (line);
-- two lines are one order, late in the evening or early in the morning; refunds come weeks later, for all or a part
UPDATE shop.lines SET order_id = order_id - 1 WHERE line = 2;
UPDATE shop.lines SET at = date_trunc('day', at) + (order_id % 4) * interval '8 hours' - interval '30 minutes';
INSERT INTO shop.lines
SELECT 1000000 + order_id, customer_id, at + interval '20 days', -total / (1 + order_id % 2), 1 FROM shop.lines
WHERE order_id % 7 = 0;
ALTER TABLE shop.lines ADD cost numeric(10, 2), ADD service float8, ADD discount bool, ADD product text, ADD day date;
UPDATE shop.lines SET cost = CASE WHEN order_id % 9 > 0 THEN round(total * 0.6, 2) END, service = 0.5 + order_id % 3,
    discount = (order_id + customer_id) % 4 = 0, product = 'p' || (order_id * 31) % 17,
    day = (at AT TIME ZONE 'UTC')::date;
CREATE INDEX ON shop.lines (customer_id);
CREATE TABLE shop.customers AS
SELECT i::bigint AS id, 'region ' || i % 5 AS region, i % 60 AS age, NULLIF(i % 40, 7)::float8 AS reach,
       (ARRAY['price_sensitive', 'experiential'])[1 + i % 13] AS wants,
       timestamptz '2025-09-01 22:30 UTC' + i % 90 * interval '1 day' AS since
FROM generate_series(1, 560) AS i;
CREATE TABLE shop.contacts AS
SELECT (1 + i * 7 % 560)::bigint AS customer_id, timestamptz '2025-06-01 23:10 UTC' + i % 160 * interval '1 day' AS at,
       CASE WHEN i % 3 = 0 THEN 'service' ELSE 'visit' END AS kind, 1 + i % 4 AS weight
FROM generate_series(1, 2500) AS i;
CREATE TABLE shop.answers AS
SELECT (1 + i * 11 % 560)::bigint AS customer_id, date '2025-07-01' + i % 130 AS day,
       (ARRAY['csat', 'nps', 'ces'])[1 + i % 3] AS kind, 1 + i % 5 AS score
FROM generate_series(1, 1500) AS i;
-- a class and a matrix over inputs that no built-in one has as an axis
SELECT define_matrix('ease', '{"x": {"axis": "ces", "split": "median"},
    "positions": [{"x": 1, "code": "hard"}, {"x": 2, "code": "easy"}]}');
SELECT define_matrix('closeness', '{"x": {"axis": "engagement", "split": "median"},
    "y": {"axis": "product_breadth", "split": "mean"},
    "positions": [{"x": 1, "y": 1, "code": "a"}, {"x": 1, "y": 2, "code": "b"}, {"x": 2, "y": 1, "code": "c"},
                  {"x": 2, "y": 2, "code": "d"}]}');
-- all that a training found, given to another segmentation
CREATE FUNCTION shop.same_training(one text, other text, days int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    columns text := (SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
                     WHERE attrelid = 'customer_value.training'::regclass AND attnum > 0
                       AND attname NOT IN ('segmentation', 'as_of'));
BEGIN
    DELETE FROM customer_value.training WHERE segmentation = customer_value_internal.segmentation_named(other)::uuid;
    EXECUTE format('INSERT INTO customer_value.training (segmentation, as_of, %1$s)
                    SELECT customer_value_internal.segmentation_named(%2$L)::uuid, as_of - %3$s, %1$s
                    FROM customer_value.training
                    WHERE newest AND segmentation = customer_value_internal.segmentation_named(%4$L)::uuid',
                   columns, other, days, one);
END $$;
"""
INPUTS = {
    "cost": "cost", "cost_to_serve": "service", "discount": "discount", "product": "product", "need": "wants",
    "customers": {"source": "shop.customers", "customer": "id", "columns": ["region", "age"], "since": "since"},
    "interactions": {"source": "shop.contacts", "customer": "customer_id", "at": "at", "kind": "kind", "weight": "weight"},
    "satisfaction": {"source": "shop.answers", "customer": "customer_id", "at": "day", "kind": "kind", "score": "score"},
    "potential_value": {"clv": 3, "age": 1, "purchase_days": 1}, "indexes": {"influence": {"reach": 1, "product_breadth": 2}},
    "matrices": ["ease", "closeness"],
}
LINES = {"order_id": "order_id", "time_zone": "Asia/Shanghai"}
# columns of time and amount, options, and after how many days the labels are compared
CASES = {
    "plain": ("at", "total", {}, 30),
    "every input": ("at", "total", INPUTS, 45),
    "every input of lines in a zone": ("at", "total", INPUTS | LINES, 30),
    "bound to names": ("at", "total", INPUTS | {"bind": "name", "time_zone": "Europe/Berlin"}, 1),
    "kept": ("at", "total", INPUTS | {"keep": True}, 30),
    "kept for a reader without rights": ("at", "total", INPUTS | {"keep": True, "security_invoker": False}, 200),
    "refreshed, of lines": ("at", "total", INPUTS | LINES | {"keep": "refreshed"}, 30),
    "refunds apart": ("at", "total", INPUTS | {"refunds": "apart", "monetary": "average"}, 30),
    "days": ("day", "total", {"discount": "discount", "cost": "cost", "as_of": "latest"}, 60),
    "without amounts": ("day", None, {"product": "product"}, 30),
    "when hardly anybody had bought": ("at", "total", INPUTS, 665),
}


def create(cluster, view, at, amount, options):
    """Make a segmentation."""
    amount = f"'{amount}'" if amount else "NULL"
    cluster.psql(f"{QUIET}SELECT customer_value.create_segmentation('{view}', 'shop.lines', 'customer_id', '{at}', {amount}, "
                 f"$${json.dumps(options)}$$)")


def labels(cluster, view):
    """The labels of a view that it shows as they were."""
    return [row[0] for row in cluster.rows(
        "SELECT substr(attname, 10) FROM pg_attribute WHERE attname LIKE 'previous\\_%' AND attnum > 0 "
        f"AND attrelid = '{view}'::regclass ORDER BY attnum")]


def compare(cluster, label):
    """How many customers there are, how many have another label than the view then had, and have moved since."""
    return [int(n) for n in cluster.rows(f"""
        SELECT count(*), count(*) FILTER (WHERE n.previous_{label} IS DISTINCT FROM b.{label} OR n.* IS NULL OR b.* IS NULL),
               count(*) FILTER (WHERE n.previous_{label} IS DISTINCT FROM n.{label})
        FROM shop.now AS n FULL JOIN shop.before AS b USING (customer_id)""")[0]]


@pytest.mark.parametrize("case", CASES)
def test_previous_labels(cluster, case):
    """For every label, of every customer."""
    at, amount, options, days = CASES[case]
    options = {"as_of": DAY, **options, "compare_days": days}
    latest = options["as_of"] == "latest"
    cluster.psql(SHOP)
    create(cluster, "shop.now", at, amount, options)
    if options.get("keep"):
        refresh = "SELECT customer_value.refresh_segmentation('shop.now');"
        cluster.psql(QUIET + refresh + "UPDATE shop.lines SET total = total + 1 WHERE customer_id % 10 = 3;"
                     + (refresh if options["keep"] == "refreshed" else ""))
        assert cluster.value("SELECT kept_holds FROM customer_value.segmentations") == "t"
    day = cluster.value("SELECT as_of FROM shop.now LIMIT 1")
    before = {key: value for key, value in options.items() if key not in ("keep", "bind", "security_invoker", "compare_days")}
    if not latest:
        before["as_of"] = cluster.value(f"SELECT date '{day}' - {days}")
    create(cluster, "shop.before", at, amount, before)
    cluster.psql(f"SELECT shop.same_training('shop.now', 'shop.before', {days})")
    assert cluster.value("SELECT as_of FROM shop.before LIMIT 1") == cluster.value(f"SELECT date '{day}' - {days}")
    shown = labels(cluster, "shop.now")
    assert len(shown) >= 3
    assert set(shown) == {"rfm_segment", "clv_tier"} | {row[0] for row in cluster.rows(
        "SELECT a.attname FROM pg_attribute AS a JOIN pg_attribute AS c USING (attrelid) "
        "WHERE a.attrelid = 'shop.now'::regclass AND c.attname = a.attname || '_code' AND a.attnum > 0")}
    counts = {label: compare(cluster, label) for label in shown}
    assert {label: wrong for label, (_, wrong, _) in counts.items() if wrong} == {}
    # the comparison would notice what has not moved
    still = [label for label, (_, _, moved) in counts.items() if moved == 0]
    assert days == 1 or still == ([] if amount else ["clv_tier"])
    # drift on that day is that of the other one now, in every bin of every axis
    drift = "SELECT day, axis, score, customers_then, customers_now, psi, verdict FROM customer_value.segmentation_drift"
    moved = cluster.rows(f"{drift}('shop.now', to_day => date '{day}' - {days})")
    assert moved == cluster.rows(f"{drift}('shop.before')")
    assert len({row[1] for row in moved}) > 4 and (days < 200 or any(row[6] != "stable" for row in moved))
    # one customer, by the view and by the function beside it
    one = ", ".join(f"previous_{label}" for label in shown)
    assert (cluster.rows(f"SELECT {one} FROM shop.now WHERE customer_id = 3")
            == cluster.rows(f"SELECT {one} FROM shop.now_of(3)")
            == cluster.rows(f"SELECT {', '.join(shown)} FROM shop.before WHERE customer_id = 3"))


def test_previous_labels_of_a_living_view(cluster):
    """As of today, the day moves for both."""
    cluster.psql(SHOP + "UPDATE shop.lines SET at = at + (current_date - date '2025-10-31') * interval '1 day';")
    create(cluster, "shop.now", "at", "total", {"discount": "discount"})
    create(cluster, "shop.before", "at", "total", {"discount": "discount", "as_of": cluster.value(
        "SELECT (now() AT TIME ZONE 'UTC')::date - 30")})
    cluster.psql("SELECT shop.same_training('shop.now', 'shop.before', 30)")
    for label in labels(cluster, "shop.now"):
        _, wrong, moved = compare(cluster, label)
        assert (wrong, moved > 0) == (0, True), label
