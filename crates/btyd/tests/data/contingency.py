#!/usr/bin/env python3
"""Reference values for Fisher's exact test of one cell of a table against the rest.

Usage: python3 contingency.py

Needs scipy (python3 -m pip install scipy). Writes contingency.csv beside this
script, in some minutes; the same file every time.

A row is a table of two rows and two columns by its margins: `count` of `total`
are in the row, of `row`, and in the column, of `column`. p_value is the sum of
the hypergeometric probabilities of all counts that are not more likely than
this one, computed with whole numbers and rounded once, so that it is exact in
all digits shown. Where a double holds it, scipy.stats.fisher_exact gives the
same to nine digits; this script fails if it does not.
"""

import csv
import random
from fractions import Fraction
from math import comb
from pathlib import Path

import scipy
from scipy.stats import fisher_exact, hypergeom


def exact(count, row, column, total):
    """All ways of the counts that are not more likely, over all ways."""
    least, most = max(0, row + column - total), min(row, column)
    ways = [comb(column, k) * comb(total - column, row - k)
            for k in range(least, most + 1)]
    observed = ways[count - least]
    return Fraction(sum(w for w in ways if w <= observed), sum(ways))


def agrees(p_value, count, row, column, total):
    table = [[count, row - count],
             [column - count, total - row - column + count]]
    scipys = fisher_exact(table).pvalue
    if p_value > 1e-290:
        assert abs(scipys / p_value - 1) < 1e-9, (table, scipys, p_value)
    # and by the tails of the distribution itself, where one of them is all
    law = hypergeom(total, column, row)
    one_sided = min(law.cdf(count), law.sf(count - 1))
    assert p_value >= one_sided * (1 - 1e-9) or p_value < 1e-290


def points():
    # R. A. Fisher, The Design of Experiments (1935): the lady tasting tea
    yield from ((k, 4, 4, 8) for k in range(5))
    # Agresti 2007, section 2.4: party by gender
    for row in ((762, 327, 468), (484, 239, 477)):
        for count, column in zip(row, (1246, 566, 945)):
            yield count, sum(row), column, 2757
    # corners: the margins are halves, one count is all, nothing can vary
    yield from ((k, 10, 10, 20) for k in range(11))
    yield from ((k, 10, 7, 20) for k in range(8))
    yield from [(500, 500, 500, 1000), (0, 500, 500, 1000), (7, 7, 20, 20),
                (1, 1, 1, 2), (0, 1, 1, 100000), (1, 1, 1, 100000),
                (30, 30, 30, 10000), (1000, 1000, 20000, 20000)]
    rng = random.Random(20261127)
    for total in (12, 60, 400, 3000, 20000):
        for _ in range(40):
            row, column = (rng.randint(1, total - 1) for _ in range(2))
            least, most = max(0, row + column - total), min(row, column)
            if rng.random() < 0.7:
                law = hypergeom(total, column, row)
                count = round(rng.gauss(law.mean(), 2.5 * law.std() + 0.5))
                count = max(least, min(most, count))
            else:
                count = rng.randint(least, most)
            yield count, row, column, total


def main():
    path = Path(__file__).with_name("contingency.csv")
    with path.open("w", newline="") as file:
        file.write("# written by contingency.py; scipy agrees\n")
        out = csv.writer(file, lineterminator="\n")
        out.writerow(("count", "row", "column", "total", "p_value"))
        for point in points():
            p_value = exact(*point)
            if p_value > Fraction(1, 10**320):
                agrees(float(p_value), *point)
            scaled = float(p_value) if p_value > Fraction(1, 10**307) else 0.0
            out.writerow((*point, repr(scaled)))
    print(f"{path.name}, with scipy {scipy.__version__}")


if __name__ == "__main__":
    main()
