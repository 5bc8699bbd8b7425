#!/usr/bin/env python3
"""Reference values for the effect of an action, and for how many customers an experiment needs.

Usage: python3 effect.py

Needs scipy and statsmodels (python3 -m pip install scipy statsmodels). Writes
effect.csv and power.csv beside this script; the same files every time.

effect.csv: customers, then what was found of each set of them.
  customer   set, group, before, expected, after
  welch      scipy.stats.ttest_ind(equal_var=False): difference, standard error,
             degrees of freedom, p-value, ends of the 95 percent interval
  adjusted   statsmodels OLS of after on group, centred covariates and their
             products with it, covariance HC3 (Lin 2013), the covariates before and
             expected, or one, or none (then HC2, which is Welch's) where 20 customers of
             each group are lacking for each, they do not vary, or the leverage of a
             customer in the line of their group is above 0.8: coefficient of the group,
             its standard error; degrees of freedom by Satterthwaite over the two groups,
             whose variances are those of the same regression run within each group and
             read at the common mean; p-value and interval by scipy.stats.t
  change     scipy.stats.ttest_rel of after and before, of the treated
  imbalance  difference of means of before over the root of the mean variance

power.csv: kind, arguments, value.
  two_sided        2 scipy.stats.t.sf(t, freedom)
  quantile         scipy.stats.t.isf(probability / 2, freedom)
  beyond           scipy.stats.nct, both sides of a critical value
  mean             statsmodels TTestIndPower.solve_power: customers of both groups
  rate             of R's power.prop.test, whose formula for groups of any size is
                   written out here (Fleiss 1981); R's manual has 76.7 per group for
                   power.prop.test(p1 = .50, p2 = .75, power = .90)
"""

import csv
import math
import random
from pathlib import Path

import numpy as np
import scipy
import statsmodels
import statsmodels.api as sm
from scipy.stats import nct, norm, t, ttest_ind, ttest_rel
from statsmodels.stats.power import TTestIndPower


def sets():
    """Name, covariates, treated, held out; a customer is before, expected, after."""
    rng = random.Random(13)

    def draw(number, effect, far=0.0):
        for _ in range(number):
            before = rng.lognormvariate(3, 1)
            expected = 5 + before / 2 + rng.gauss(0, 8)
            yield far + before, expected, far + before * 0.4 + expected * 0.3 + effect + rng.gauss(0, 15)

    def group(number, effect, far=0.0):
        return list(draw(number, effect, far))

    def alone(customers):
        return [(before, 0.0, after) for before, _, after in customers]

    yield "both", "both", group(80, 8), group(60, 0)
    yield "skewed", "before", alone(group(40, 8)), alone(group(60, 0))
    yield "few", "nothing", group(3, 5), group(4, 0)
    yield "uneven", "before", group(300, 3), group(25, 0)

    # most did nothing before, and most do nothing after
    def seldom(number, chance):
        return [(float(rng.random() < 0.1) * rng.randint(1, 4), rng.random(),
                 float(rng.random() < chance)) for _ in range(number)]

    yield "seldom", "both", seldom(150, 0.2), seldom(120, 0.1)
    # nobody did anything before
    yield "asleep", "expected", [(0.0, e, a) for _, e, a in group(50, 1)], [(0.0, e, a) for _, e, a in group(70, 0)]
    # far from zero, where squares would lose their digits
    yield "far", "both", group(45, 4, 1e9), group(50, 0, 1e9)
    # one group hardly varies
    yield "narrow", "both", [(b, e, 7 + a / 1e4) for b, e, a in group(50, 0)], group(50, 0)
    # what is expected is what was
    yield "alike", "before", [(b, 3 * b + 1, a) for b, _, a in group(60, 2)], [(b, 3 * b + 1, a) for b, _, a in group(60, 0)]
    # one customer has most of a line, and somewhat less of it
    yield "whale", "expected", [(700.0, 9.0, 300.0), *group(60, 2)], group(50, 0)
    yield "dolphin", "both", [(150.0, 9.0, 90.0), *group(60, 2)], group(50, 0)


def welch(one, other):
    y1, y0 = (np.array([a for _, _, a in group]) for group in (one, other))
    found = ttest_ind(y1, y0, equal_var=False)
    low, high = found.confidence_interval(0.95)
    difference = y1.mean() - y0.mean()
    error = math.sqrt(y1.var(ddof=1) / len(y1) + y0.var(ddof=1) / len(y0))
    assert abs(difference / error / found.statistic - 1) < 1e-6
    return difference, error, found.df, found.pvalue, low, high


def lin(one, other, covariates):
    at = {"both": [0, 1], "before": [0], "expected": [1], "nothing": []}[covariates]
    x = np.array([[customer[k] for k in at] for customer in one + other]).reshape(len(one + other), len(at))
    x = x - x.mean(axis=0)
    y = np.array([customer[2] for customer in one + other])
    # outcomes from a point near them: nothing of a difference changes
    y = y - y.mean()
    g = np.array([1.0] * len(one) + [0.0] * len(other))
    kind = "HC3" if at else "HC2"
    fit = sm.OLS(y, np.column_stack([np.ones_like(g), g, x, g[:, None] * x])).fit(cov_type=kind)
    difference, error = fit.params[1], fit.bse[1]
    variances = []
    for group in (1.0, 0.0):
        mine = g == group
        own = sm.OLS(y[mine], np.column_stack([np.ones(mine.sum()), x[mine]])).fit(cov_type=kind)
        assert not at or own.get_influence().hat_matrix_diag.max() < 0.8
        variances.append((own.bse[0] ** 2, mine.sum() - 1 - len(at)))
    total = sum(v for v, _ in variances)
    assert abs(total / error**2 - 1) < 1e-9
    freedom = total**2 / sum(v**2 / f for v, f in variances)
    reach = t.isf(0.025, freedom) * error
    return difference, error, freedom, 2 * t.sf(abs(difference / error), freedom), difference - reach, difference + reach


def leverage(group, at):
    """How far one customer at most decides the line of the group over these covariates."""
    x = np.array([[customer[k] for k in at] for customer in group])
    return sm.OLS(x[:, 0], sm.add_constant(x - x.mean(axis=0))).fit().get_influence().hat_matrix_diag.max()


def change(one):
    b, _, a = (np.array(column) for column in zip(*one))
    found = ttest_rel(a, b)
    low, high = found.confidence_interval(0.95)
    error = (a - b).std(ddof=1) / math.sqrt(len(a))
    return (a - b).mean(), error, found.df, found.pvalue, low, high


def imbalance(one, other):
    x1, x0 = (np.array([customer[0] for customer in group]) for group in (one, other))
    spread = (x1.var(ddof=1) + x0.var(ddof=1)) / 2
    return [(x1.mean() - x0.mean()) / math.sqrt(spread) if spread else 0.0]


def rate(p, effect, power, alpha, share):
    mean = share * p + (1 - share) * (p + effect)
    pooled = math.sqrt(mean * (1 - mean) / (share * (1 - share)))
    apart = math.sqrt(p * (1 - p) / share + (p + effect) * (1 - p - effect) / (1 - share))
    return ((norm.isf(alpha / 2) * pooled + norm.isf(1 - power) * apart) / effect) ** 2


def powers():
    for freedom in (1, 2.5, 7, 29.3, 400, 1e5):
        for x in (1e-3, 0.4, 1, 2, 5, 12, 40):
            yield "two_sided", (x, freedom), 2 * t.sf(x, freedom)
        for p in (0.5, 0.1, 0.05, 0.001):
            yield "quantile", (p, freedom), t.isf(p / 2, freedom)
    for freedom in (2, 5.5, 30, 1000):
        for noncentrality in (0, 0.5, 2.8, 5):
            critical = t.isf(0.025, freedom)
            value = nct.sf(critical, freedom, noncentrality) if noncentrality else t.sf(critical, freedom)
            value += nct.cdf(-critical, freedom, noncentrality) if noncentrality else t.sf(critical, freedom)
            yield "beyond", (critical, freedom, noncentrality), value
    for effect, deviation, power, alpha, share in (
            (0.5, 1, 0.8, 0.05, 0.5), (0.2, 1, 0.8, 0.05, 0.5), (5, 60, 0.9, 0.01, 0.1),
            (2, 1, 0.8, 0.05, 0.5), (1, 50, 0.8, 0.05, 0.25)):
        # nobs1 is the number of the treated
        ratio = share / (1 - share)
        nobs1 = TTestIndPower().solve_power(effect_size=effect / deviation, power=power, alpha=alpha, ratio=ratio)
        yield "mean", (effect, deviation, power, alpha, share), float(nobs1) * (1 + ratio)
    for arguments in ((0.5, 0.25, 0.9, 0.05, 0.5), (0.05, 0.01, 0.8, 0.05, 0.5),
                      (0.05, 0.01, 0.8, 0.05, 0.1), (0.3, -0.05, 0.9, 0.01, 0.2)):
        yield "rate", arguments, rate(*arguments)
    assert abs(rate(0.5, 0.25, 0.9, 0.05, 0.5) / 2 - 76.7) < 0.05


def main():
    versions = f"scipy {scipy.__version__}, statsmodels {statsmodels.__version__}"
    here = Path(__file__).parent
    with open(here / "effect.csv", "w", newline="") as file:
        file.write(f"# written by effect.py with {versions}\n")
        write = csv.writer(file, lineterminator="\n").writerow
        write(["what", "set", *"abcdef"])
        for name, covariates, one, other in sets():
            if name == "whale":
                assert min(leverage(one, at) for at in ([0], [0, 1])) > 0.8 > leverage(one, [1])
            for group, customers in (("treated", one), ("held_out", other)):
                for customer in customers:
                    write(["customer", name, group, *map(repr, customer), "", "", ""][:9])
            for what, found in (("welch", welch(one, other)), (covariates, lin(one, other, covariates)),
                                ("change", change(one)), ("imbalance", imbalance(one, other))):
                found = [repr(float(number)) for number in found]
                write([what, name, *found, *[""] * (6 - len(found))])
    with open(here / "power.csv", "w", newline="") as file:
        file.write(f"# written by effect.py with {versions}\n")
        write = csv.writer(file, lineterminator="\n").writerow
        write(["what", "value", *"abcde"])
        for what, arguments, value in powers():
            arguments = [repr(float(number)) for number in arguments]
            write([what, repr(float(value)), *arguments, *[""] * (5 - len(arguments))])
    print(f"effect.csv, power.csv, with {versions}")


if __name__ == "__main__":
    main()
