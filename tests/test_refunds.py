"""Refunds that undo purchases, against the rule written again in Python, and how long that takes."""

import random
from collections import defaultdict
from decimal import Decimal

from helpers import QUIET, SEARCH, assert_ends_when_cancelled

LEDGERS = 10_000


def netted(orders, as_of=None):
    """What is left of (day, cents): {day: [orders, their sum]}, {day: [refunds, their sum]}, by the rule's text."""
    bought, sent = defaultdict(lambda: [0, 0]), defaultdict(lambda: [0, 0])
    for day, cents in orders:
        kind = sent if cents < 0 else bought
        kind[day][0] += 1
        kind[day][1] += abs(cents)
    bought, sent = dict(bought), dict(sent)
    for day in sorted(sent):
        if as_of is not None and day > as_of:
            break
        before = [other for other in sorted(bought, reverse=True) if other <= day and bought[other][1]]
        exact = [other for other in before if bought[other][1] == sent[day][1]]
        for other in exact[:1] or before:
            taken = min(bought[other][1], sent[day][1])
            sent[day][1] -= taken
            bought[other][1] -= taken
            if taken and not bought[other][1]:
                del bought[other]
        if not sent[day][1]:
            del sent[day]
    return bought, sent


def text(bought, sent):
    """The text form of a history: days are counted from 2026-01-01."""
    def entry(day):
        orders, gross = bought.get(day, [0, 0])
        parts = [f'"2026-01-{day + 1:02}"', str(orders), f'"{Decimal(gross).scaleb(-2)}"']
        if day in sent:
            parts += [str(sent[day][0]), f'"{Decimal(sent[day][1]).scaleb(-2)}"']
        return f'[{", ".join(parts)}]'

    days = ", ".join(entry(day) for day in sorted({*bought, *sent}))
    return f'{{"version": 1, "days": [{days}]' + ("}" if days else ', "scale": 2}')


def ledger(rng):
    """Orders and refunds of a customer, many of them equal or sums of others."""
    orders = []
    for _ in range(rng.randrange(1, 25)):
        cents = rng.choice([0, 500, 500, 1000, 1250, rng.randrange(5000)])
        if orders and rng.random() < 0.45:
            several = rng.sample(orders, min(len(orders), rng.choice([1, 1, 1, 2, 3])))
            cents = -max(1, abs(sum(amount for _, amount in several)) + rng.choice([0, 0, 0, 1, -200]))
        orders.append((rng.randrange(28), cents))
    return orders


def test_random_ledgers(cluster):
    """10,000 ledgers, as of all days and of a day in the middle; other orders of rows, and rollups, give the same bytes."""
    rng = random.Random(11)
    ledgers = [ledger(rng) for _ in range(LEDGERS)]
    days = [rng.randrange(-1, 30) for _ in ledgers]
    undone = sum(netted(orders)[0] != netted([one for one in orders if one[1] >= 0])[0] for orders in ledgers)
    part = sum(netted(orders) != netted(orders, day) for orders, day in zip(ledgers, days))
    unmatched = sum(bool(netted(orders)[1]) for orders in ledgers)
    assert min(undone, part, unmatched) > LEDGERS / 10  # or else there is little to see
    rows, right = [], []
    for number, (orders, day) in enumerate(zip(ledgers, days)):
        rows += [f"{number}\t2026-01-01\t{at}\t{Decimal(cents).scaleb(-2)}\t{rng.randrange(4)}\t{rng.random()}\n"
                 for at, cents in orders]
        right.append(f"{number}\t{day}\t{text(*netted(orders))}\t{text(*netted(orders, day))}\n")
    cluster.psql(QUIET + """
        CREATE TABLE orders (ledger int, first date, day int, amount numeric(10, 2), shard int, place float8);
        CREATE TABLE results (ledger int, as_of int, whole text, until text);
        COPY orders FROM STDIN;\n""" + "".join(rows) + "\\.\nCOPY results FROM STDIN;\n" + "".join(right) + "\\.\n")
    assert cluster.rows(SEARCH + """
        WITH histories AS (
            SELECT ledger, purchase_history(first + day, amount ORDER BY place) AS h,
                   purchase_history(first + day, amount ORDER BY amount, place) AS other
            FROM orders GROUP BY ledger
        ), shards AS (
            SELECT ledger, rollup_history(h) AS h
            FROM (SELECT ledger, purchase_history(first + day, amount) AS h FROM orders GROUP BY ledger, shard) AS s
            GROUP BY ledger
        )
        SELECT count(*), count(*) FILTER (WHERE net_of_refunds(h.h)::text = r.whole),
               count(*) FILTER (WHERE net_of_refunds(h.h, date '2026-01-01' + as_of)::text = r.until),
               count(*) FILTER (WHERE purchase_history_send(net_of_refunds(h.other)) = purchase_history_send(net_of_refunds(h.h))),
               count(*) FILTER (WHERE purchase_history_send(net_of_refunds(s.h)) = purchase_history_send(net_of_refunds(h.h))),
               count(*) FILTER (WHERE revenue(net_of_refunds(h.h)) = (SELECT sum(amount) FROM orders AS o
                                                                      WHERE o.ledger = r.ledger AND r.ledger < 500)
                                      OR r.ledger >= 500)
        FROM results AS r JOIN histories AS h USING (ledger) JOIN shards AS s USING (ledger)
        """.replace("purchase_history_send", "customer_value_internal.purchase_history_send")
        ) == [[str(LEDGERS)] * 6]


def test_views_net(cluster):
    """A segmentation over random ledgers shows what Python leaves of them, and so does one over order lines."""
    rng = random.Random(12)
    ledgers = [ledger(rng) for _ in range(400)]
    rows = [f"{number}\t{number * 100 + place}\t2026-01-{day + 1:02}\t{Decimal(cents).scaleb(-2)}\n"
            for number, orders in enumerate(ledgers) for place, (day, cents) in enumerate(orders)]
    cluster.psql(QUIET + "CREATE TABLE orders (customer int, no int, day date, amount numeric(10, 2));\n"
                 "COPY orders FROM STDIN;\n" + "".join(rows) + "\\.\n" + "".join(
                     f"SELECT customer_value.create_segmentation('{view}', 'orders', 'customer', 'day', 'amount', '{options}');\n"
                     for view, options in [("plain", '{"as_of": "2026-01-20"}'),
                                           ("by_lines", '{"as_of": "2026-01-20", "order_id": "no"}')]))
    expected = []
    for number, orders in enumerate(ledgers):
        bought, sent = netted([one for one in orders if one[0] < 20])
        value = sum(gross for _, gross in bought.values()) - sum(refunds for _, refunds in sent.values())
        last = f"2026-01-{max(bought) + 1:02}" if bought else ""
        expected.append([str(number), str(sum(count for count, _ in bought.values())), last or None,
                         str(Decimal(value).scaleb(-2)), str(bool(bought))[0].lower()])
    for view in ["plain", "by_lines"]:
        assert cluster.rows(f"""
            SET datestyle = ISO;
            SELECT customer, frequency, last_purchase, round(revenue, 2), clv IS NOT NULL AND rfm_code IS NOT NULL
            FROM {view} ORDER BY 1""") == expected


def test_long_histories(cluster):
    """Netting 200,000 days takes no longer than reading and writing them, and ends when it is cancelled."""
    cluster.psql(SEARCH + """
        CREATE TABLE long AS
        SELECT purchase_history(date '1500-01-01' + i / 2, CASE WHEN i % 2 = 0 THEN 100 + i ELSE -50 - i / 2 END) AS h
        FROM generate_series(0, 400000) AS i""")
    assert_ends_when_cancelled(cluster, "netting 200,000 days", SEARCH + """
        SELECT count(*) FROM generate_series(1, 8) AS k, long, LATERAL (SELECT net_of_refunds(h, date '1500-01-01' + 200000 - k) AS n) AS x
        WHERE order_count(n) > 0""")
