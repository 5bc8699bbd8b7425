"""budget_plan through SQL, against what all plans with whole customers and the linear program give."""

import json
import random

from helpers import QUIET

ORDERS = """
    CREATE SCHEMA shop;
    CREATE TABLE shop.orders AS
    SELECT customer_id, ordered_at AS created_at, amount AS total
    FROM customer_value.simulate_orders(90, 400, 5,
        '{"family": "mbg_nbd", "r": 0.8, "alpha": 40, "a": 0.7, "b": 3}');
    SELECT customer_value.create_segmentation('shop.segments', 'shop.orders', 'customer_id', 'created_at', 'total',
        '{"as_of": "2025-01-31", "margin": 0.5}');
"""


def returns(stakes, assumed):
    """What each contact of a segment returns beyond its cost, in cents, the best first."""
    worth = assumed["worth"]
    worths = [worth] * len(stakes) if isinstance(worth, (int, float)) else sorted(
        (float(of[worth["of"]]) * worth["share"] for of in stakes), reverse=True)
    return [assumed["response"] * one * 100 - assumed["cost"] for one in worths]


def all_plans(segments, budget):
    """The best sum over all numbers of customers of each segment that the budget pays: after some segments, the best for
    each number of cents spent."""
    best = {0: 0.0}
    for cost, profits in segments:
        after = {}
        for spent, profit in best.items():
            for count in range(len(profits) + 1):
                if count:
                    profit += profits[count - 1]
                total = spent + cost * count
                if total > budget:
                    break
                after[total] = max(after.get(total, profit), profit)
        best = after
    return max(best.values())


def linear_program(segments, budget):
    """The optimum if customers could be split, by the dual: the least bound over the prices of a cent. Every price is a
    bound, and one at which a customer is worth just that is the optimum."""
    customers = [(cost, profit) for cost, profits in segments for profit in profits if profit > 0]
    prices = {0.0} | {profit / cost for cost, profit in customers}
    return min(price * budget + sum(max(profit - price * cost, 0) for cost, profit in customers)
               for price in prices)


def test_plans_are_the_best_and_never_beat_the_linear_program(cluster):
    """Budgets with assumptions drawn at random."""
    cluster.psql(QUIET + ORDERS, db=cluster.db)
    stakes = {}
    for segment, clv, loss in cluster.rows(
            "SELECT rfm_segment, clv, clv / p_alive * (1 - p_alive) FROM shop.segments", db=cluster.db):
        stakes.setdefault(segment, []).append({"clv": clv, "expected_loss": loss})
    assert len(stakes) > 5
    chance = random.Random(7)
    spent_all, fell_short = 0, 0
    for _ in range(25):
        assumed = {segment: {"cost": chance.choice([70, 100, 100, 130, chance.randint(20, 400)]),
                             "response": round(chance.uniform(0.005, 0.2), 3),
                             "worth": chance.choice([40, {"of": "clv", "share": 0.4},
                                                     {"of": "expected_loss", "share": 1}])}
                   for segment in stakes}
        budget = chance.choice([0, 150, 1000, 2500, 6000, 100000])
        segments = [(of["cost"], returns(stakes[segment], of)) for segment, of in assumed.items()]
        given = {segment: of | {"cost": of["cost"] / 100} for segment, of in assumed.items()}
        [[profit, contacts]] = cluster.rows(
            "SELECT profit, contacts FROM customer_value.budget_plan('shop.segments', "
            f"{budget / 100}, $j${json.dumps(given)}$j$) WHERE part = 'total'", db=cluster.db)
        best, bound = all_plans(segments, budget), linear_program(segments, budget)
        assert abs(float(profit) * 100 - float(best)) < 0.51, (given, budget, contacts)
        assert float(profit) * 100 < float(bound) + 0.51
        assert best <= bound + 1e-6
        spent_all += bound - best < 1e-6
        fell_short += bound - best > 1e-6
    assert spent_all > 3 and fell_short > 10
