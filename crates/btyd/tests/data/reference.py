#!/usr/bin/env python3
"""Arbitrary-precision reference values for the buy-till-you-die models.

Usage: python3 reference.py [corners] [special] [bg_bb] [gamma_gamma]

Needs mpmath (python3 -m pip install mpmath). Writes the CSV files of those
names, all four by default, beside this script; the same files every time.

Inputs are exact doubles, written so that they read back as the same double.
Every value is computed at two working precisions, which are raised until both
agree to a relative 1e-22, and is written with 20 significant digits. Values
may lie outside the range of a double (1e-900 and the like). An empty cell was
not computed.

corners.csv: p1..p4 are (r, alpha, a, b) for bg_nbd and mbg_nbd, and
(r, alpha, s, beta) for pareto_nbd; times are in days; `rate` is a continuous
discount rate per day, weight exp(-rate t). Corner near_one has points at which
a or s is 1 exactly: the values are the limits there.
  log_likelihood      of x repeats, the last at t_x, in an age of T
  p_alive             P(alive at T | x, t_x, T)
  expected_purchases  E[purchases in (T, T + horizon] | x, t_x, T]
  expected_new        the same for x = t_x = T = 0
  p_alive_ahead       P(alive at T + horizon | x, t_x, T)
  discounted          as expected_purchases, each purchase discounted to T
  residual            the same without an end
  probability         P(exactly n purchases in (T, T + horizon] | x, t_x, T)
special.csv:
  beta_mixture(R, a, b, u)          E[(1 + p u)^-R], p ~ Beta(a, b)
  scaled_exponential_integral(s, z) exp(z) E_s(z), the integral of
                                    exp(-z v) (1 + v)^-s over v > 0
  trigamma(x), digamma(x), ln_gamma(x)
bg_bb.csv: x purchases in n opportunities, the last at number t_x;
  p_alive is P(alive at opportunity n + 1); expected_purchases and
  probability (of exactly k) are of the next `ahead` opportunities.
gamma_gamma.csv: mean spend m over x transactions; mean is E[M | m, x].

The formulas, with their sources, are in reference_formulas.py.
"""

import csv
import random
import sys
from pathlib import Path

from mpmath import binomial, digamma, log, loggamma, mpf, nstr, psi

from reference_formulas import Point, beta_mixture, beta_ratio, model
from reference_formulas import scaled_exponential_integral, settle

DIGITS = 20
# One point in so many has the values that need a numerical integral.
INTEGRAL_EVERY = 5


# ----------------------------------------------------------------- corners

FAMILIES = ("bg_nbd", "mbg_nbd", "pareto_nbd")
POINTS_PER_CORNER = 300


def log_uniform(rng, low, high):
    return low * (high / low) ** rng.random()


def draw_last(rng, x, age):
    """When the last of x repeats was: anywhere, of late, or at the end."""
    if x == 0:
        return 0.0
    kind = rng.random()
    if kind < 0.1:
        return age
    if kind < 0.4:
        return age * max(0.0, 1 - min(0.99, rng.expovariate(1.0) / x))
    if age == int(age) and kind < 0.7:
        return float(rng.randint(1, int(age)))
    return age * rng.uniform(0.01, 1.0)


def draw_history(rng, repeats, ages):
    """x, t_x and T; without repeats sometimes at age 0."""
    x = rng.randint(*repeats)
    if repeats[0] == 0 and rng.random() < 0.15:
        x = 0
    age = log_uniform(rng, *ages)
    if rng.random() < 0.5:
        age = float(round(age))
    if x == 0 and rng.random() < 0.25:
        age = 0.0
    return x, draw_last(rng, x, age), age


def draw_ordinary(rng, family):
    r, alpha = log_uniform(rng, 0.05, 5), log_uniform(rng, 5, 500)
    if family == "pareto_nbd":
        p3, p4 = log_uniform(rng, 0.1, 3), log_uniform(rng, 5, 500)
    else:
        p3, p4 = log_uniform(rng, 0.1, 5), log_uniform(rng, 0.5, 20)
    x, t_x, age = draw_history(rng, (0, 30), (1, 2000))
    horizon = log_uniform(rng, 1, 1000)
    if rng.random() < 0.5:
        horizon = float(round(horizon))
    n = rng.randint(0, 6) if rng.random() < 0.9 else rng.randint(7, 40)
    return Point(r, alpha, p3, p4, x, t_x, age, horizon,
                 log_uniform(rng, 1e-5, 1e-2), n)


def near_one(rng, family, point):
    distance = log_uniform(rng, 1e-9, 1e-2) * rng.choice((-1, 1))
    return point._replace(p3=1.0 if rng.random() < 0.10 else 1 + distance)


def short(rng, family, point):
    return point._replace(horizon=log_uniform(rng, 1e-6, 1e-1))


def many(rng, family, point):
    x = round(log_uniform(rng, 100, 3000))
    age = x * log_uniform(rng, 1, 10)
    if rng.random() < 0.5:
        age = float(round(age))
    return point._replace(x=x, t_x=draw_last(rng, x, age), T=age)


def apart(rng, family, point):
    up = rng.random() < 0.5
    if family == "pareto_nbd":
        alpha = log_uniform(rng, 1e-1, 1e3)
        return point._replace(p2=alpha, p4=alpha * (1e4 if up else 1e-4))
    p3 = log_uniform(rng, 1e-2, 1) if up else log_uniform(rng, 1e1, 1e3)
    return point._replace(p3=p3, p4=p3 * (1e4 if up else 1e-4))


def argument_near_one(rng, family, point):
    return point._replace(
        horizon=(point.p2 + point.T) * log_uniform(rng, 1e2, 1e5))


def near_zero(rng, family, point):
    return point._replace(p3=log_uniform(rng, 1e-9, 1e-2))


def ordinary(rng, family, point):
    return point


CORNERS = (ordinary, near_one, short, many, apart, argument_near_one, near_zero)


def plain_columns(family, point):
    """The columns that need no numerical integral."""
    fresh = point._replace(x=0, t_x=0.0, T=0.0)

    def compute(_step):
        this, new = model(family, point), model(family, fresh)
        alive = this.p_alive()
        columns = (this.log_likelihood(), alive,
                   alive * this.expected_if_alive(),
                   new.p_alive() * new.expected_if_alive(),
                   alive * this.p_stays())
        if family == "pareto_nbd":
            return columns
        return columns + (this.probability(),)
    return settle(compute)


def discounted_columns(family, point):
    def compute(step):
        this = model(family, point)
        alive = this.p_alive()
        return tuple(alive * value for value in this.discounted_if_alive(step))
    return settle(compute)


def corner_row(corner, family, point, with_integrals):
    plain = plain_columns(family, point)
    discounted, probability = (None, None), None
    if family == "pareto_nbd" or with_integrals:
        discounted = discounted_columns(family, point)
    if family != "pareto_nbd":
        probability = plain[5]
    elif with_integrals:
        probability, = settle(
            lambda step: (model(family, point).probability(step),))
    return ((corner, family) + point[:9] + plain[:5] + discounted
            + (point.n, probability))


def corners():
    for corner in CORNERS:
        rng = random.Random("corners " + corner.__name__)
        for index in range(POINTS_PER_CORNER):
            family = FAMILIES[index % len(FAMILIES)]
            point = corner(rng, family, draw_ordinary(rng, family))
            with_integrals = index // len(FAMILIES) % INTEGRAL_EVERY == 0
            yield corner_row(corner.__name__, family, point, with_integrals)


# ------------------------------------------------------- special functions

def draw_positive(rng):
    """Mostly from all scales, sometimes where ln_gamma or digamma is 0."""
    if rng.random() < 0.8:
        return log_uniform(rng, 1e-6, 1e6)
    zero = rng.choice((1.0, 2.0, 1.4616321449683623))
    return zero + rng.choice((-1, 1)) * log_uniform(rng, 1e-9, 1e-1)


def draw_mixture(rng):
    return (log_uniform(rng, 1e-3, 3000), log_uniform(rng, 1e-9, 1e4),
            log_uniform(rng, 1e-3, 3000), log_uniform(rng, 1e-6, 1e6))


def draw_exponential_integral(rng):
    s = log_uniform(rng, 1e-9, 1e3)
    if rng.random() < 0.15:
        s = float(rng.randint(1, 20))
    return s, log_uniform(rng, 1e-9, 1e3)


SPECIAL = (
    ("beta_mixture", beta_mixture, draw_mixture, 400),
    ("scaled_exponential_integral", scaled_exponential_integral,
     draw_exponential_integral, 200),
    ("trigamma", lambda x: psi(1, x), draw_positive, 100),
    ("digamma", digamma, draw_positive, 100),
    ("ln_gamma", loggamma, draw_positive, 100),
)


def special():
    for name, function, draw, points in SPECIAL:
        rng = random.Random("special " + name)
        for _ in range(points):
            arguments = draw(rng)
            if isinstance(arguments, float):
                arguments = (arguments,)
            value, = settle(lambda _: (function(*map(mpf, arguments)),))
            padding = (None,) * (4 - len(arguments))
            yield (name,) + arguments + padding + (value,)


# ------------------------------------------------------------------- BG/BB

def draw_bg_bb(rng, index):
    alpha, beta = log_uniform(rng, 0.05, 20), log_uniform(rng, 0.05, 20)
    g, delta = log_uniform(rng, 0.05, 10), log_uniform(rng, 0.1, 50)
    if index % 4 == 1:
        g = 1 + rng.choice((-1, 1)) * log_uniform(rng, 1e-9, 1e-2)
    if index % 4 == 2:
        g = log_uniform(rng, 1e-9, 1e-2)
    n = rng.randint(1, 60)
    x = 0 if rng.random() < 0.2 else rng.randint(1, n)
    t_x = rng.randint(x, n) if x else 0
    ahead = rng.randint(1, 50)
    k = rng.randint(0, min(ahead, 6 if rng.random() < 0.8 else 50))
    return alpha, beta, g, delta, x, t_x, n, ahead, k


def bg_bb_columns(alpha, beta, g, delta, x, t_x, n, ahead, k):
    """Sums over the opportunity at which the customer dies."""
    alpha, beta, g, delta = map(mpf, (alpha, beta, g, delta))

    def buys(purchases, misses):
        return beta_ratio(alpha + purchases, beta + misses, alpha, beta)

    def outlives(opportunities):
        return beta_ratio(g, delta + opportunities, g, delta)

    def dies_after(opportunities):
        return beta_ratio(g + 1, delta + opportunities, g, delta)

    left = sum(buys(x, last - x) * dies_after(last) for last in range(t_x, n))
    likelihood = left + buys(x, n - x) * outlives(n)
    expected, probability = mpf(0), left if k == 0 else mpf(0)
    for lived in range(ahead + 1):
        ends = (dies_after if lived < ahead else outlives)(n + lived)
        expected += lived * buys(x + 1, n - x) * ends
        if k <= lived:
            probability += (binomial(lived, k) * ends
                            * buys(x + k, n - x + lived - k))
    return (log(likelihood), buys(x, n - x) * outlives(n + 1) / likelihood,
            expected / likelihood, probability / likelihood)


def bg_bb():
    rng = random.Random("bg_bb")
    for index in range(200):
        drawn = draw_bg_bb(rng, index)
        values = settle(lambda _: bg_bb_columns(*drawn))
        yield drawn[:8] + values[:3] + (drawn[8], values[3])


# ------------------------------------------------------------- Gamma-Gamma

def draw_gamma_gamma(rng):
    """Until the mean is finite."""
    while True:
        p, q = log_uniform(rng, 0.1, 1e4), log_uniform(rng, 0.2, 50)
        x = round(log_uniform(rng, 1, 3000))
        if p * x + q > 1.05:
            return (p, q, log_uniform(rng, 0.1, 1e4), x,
                    log_uniform(rng, 1e-3, 1e6))


def gamma_gamma_columns(p, q, v, x, m):
    p, q, v, m = map(mpf, (p, q, v, m))
    shape, total = p * x + q, x * m + v
    log_likelihood = (loggamma(shape) - loggamma(p * x) - loggamma(q)
                      + q * log(v) + (p * x - 1) * log(m) + p * x * log(x)
                      - shape * log(total))
    return log_likelihood, total * p / (shape - 1)


def gamma_gamma():
    rng = random.Random("gamma_gamma")
    for _ in range(200):
        drawn = draw_gamma_gamma(rng)
        yield drawn + settle(lambda _: gamma_gamma_columns(*drawn))


# -------------------------------------------------------------------- files

FILES = {
    "corners": (corners, "corner,family,p1,p2,p3,p4,x,t_x,T,horizon,rate,"
                "log_likelihood,p_alive,expected_purchases,expected_new,"
                "p_alive_ahead,discounted,residual,n,probability"),
    "special": (special, "function,arg1,arg2,arg3,arg4,value"),
    "bg_bb": (bg_bb, "alpha,beta,gamma,delta,x,t_x,n,ahead,log_likelihood,"
              "p_alive,expected_purchases,k,probability"),
    "gamma_gamma": (gamma_gamma, "p,q,v,x,m,log_likelihood,mean"),
}


def cell(value):
    if value is None:
        return ""
    if isinstance(value, mpf):
        return nstr(value, DIGITS)
    return value if isinstance(value, str) else repr(value)


def write(name):
    rows, header = FILES[name]
    path = Path(__file__).with_name(name + ".csv")
    with path.open("w", newline="", encoding="utf-8") as output:
        output.write("# Written by reference.py: inputs are exact doubles, "
                     "values have %d significant digits.\n" % DIGITS)
        writer = csv.writer(output, lineterminator="\n")
        writer.writerow(header.split(","))
        for row in rows():
            writer.writerow([cell(value) for value in row])


def main():
    names = sys.argv[1:] or list(FILES)
    for name in names:
        if name not in FILES:
            sys.exit("no file of that name: " + name)
    for name in names:
        write(name)


if __name__ == "__main__":
    main()
