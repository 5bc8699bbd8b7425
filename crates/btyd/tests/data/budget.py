#!/usr/bin/env python3
"""Optima of budgets by other means: a linear program, and all plans one after the other.

Usage: python3 budget.py

Needs scipy (python3 -m pip install scipy; written with 1.17.1). Writes budget.csv beside this script; the same file
every time.

A case is a budget, and offers of some customers: what a contact costs, the share that responds, the contacts after
which they wear off (empty: they do not), and what a response of each customer is worth, the highest first. Contact k
of an offer, from 0, returns response x worth x S (exp(-k/S) - exp(-(k+1)/S)), without S response x worth.
  linear   the optimum of the linear program in which any part of a customer can be contacted: scipy.optimize.linprog,
           method "highs"; the contacts of an offer are variables from 0 to 1
  whole    the best sum of return less cost over all numbers of customers of each offer, tried one after the other;
           empty where these are too many
An offer is written as cost/response/saturation/worth worth ...; offers are separated by semicolons.
"""

import itertools
import math
import random
from pathlib import Path

from scipy.optimize import linprog

MOST = 200_000


def returns(offer):
    """What each contact returns."""
    _, response, saturation, worths = offer
    def reach(k):
        if saturation is None:
            return 1.0
        return saturation * (math.exp(-k / saturation) - math.exp(-(k + 1) / saturation))
    return [response * worth * reach(k) for k, worth in enumerate(worths)]


def linear(offers, budget):
    """The optimum if customers could be split."""
    profits = [back - offer[0] for offer in offers for back in returns(offer)]
    costs = [offer[0] for offer in offers for _ in offer[3]]
    found = linprog([-profit for profit in profits], A_ub=[costs], b_ub=[budget], bounds=(0, 1), method="highs")
    assert found.status == 0, found
    return -found.fun


def whole(offers, budget):
    """The best of all plans with whole customers."""
    sizes = [range(len(offer[3]) + 1) for offer in offers]
    if math.prod(len(size) for size in sizes) > MOST:
        return None
    sums = [[0.0, *itertools.accumulate(returns(offer))] for offer in offers]
    best = 0.0
    for plan in itertools.product(*sizes):
        cost = sum(count * offer[0] for count, offer in zip(plan, offers))
        if cost <= budget:
            best = max(best, sum(of[count] for of, count in zip(sums, plan)) - cost)
    return best


def offer(chance, largest):
    """An offer drawn at random; costs are of two digits after the point, and some are free or the same."""
    customers = chance.randint(0, largest)
    cost = chance.choice([0.0, 1.0, 1.0, 2.0, 2.5, chance.randint(1, 900) / 100])
    worths = sorted((round(chance.expovariate(1 / 60), 2) for _ in range(customers)), reverse=True)
    if chance.random() < 0.3:
        worths = [50.0] * customers
    saturation = round(chance.uniform(0.5, 12), 2) if chance.random() < 0.4 else None
    return cost, round(chance.uniform(0, 0.3), 3), saturation, worths


def main():
    """Write the file."""
    chance = random.Random(20260101)
    lines = ["budget,offers,linear,whole"]
    for case in range(400):
        many = case % 10 == 9
        offers = [offer(chance, 60 if many else 9) for _ in range(chance.randint(1, 8 if many else 5))]
        spent = sum(cost * len(worths) for cost, _, _, worths in offers)
        budget = round(chance.choice([0.0, 0.02, 0.1, 0.2, 0.3, 0.5, 0.8, 1.1]) * spent + chance.choice([0, 0.37]), 2)
        written = ";".join(f"{cost}/{response}/{'' if saturation is None else saturation}/{' '.join(map(str, worths))}"
                           for cost, response, saturation, worths in offers)
        if not any(worths for *_, worths in offers):
            continue
        best = whole(offers, budget)
        lines.append(f"{budget},{written},{linear(offers, budget)!r},{'' if best is None else repr(best)}")
    Path(__file__).with_suffix(".csv").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
