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

Sources
  BG/NBD: Fader, Hardie & Lee (2005), Marketing Science 24(2), 275-284;
    Fader & Hardie, notes 004 and 012, brucehardie.com.
  MBG/NBD: Batislam, Denizel & Filiztekin (2007), Int. J. of Research in
    Marketing 24(3), 201-209; Hoppe & Wagner (2007), Marketing JRM 3(2), 75-90.
  Pareto/NBD: Schmittlein, Morrison & Colombo (1987), Management Science 33(1),
    1-24; Fader, Hardie & Lee (2005), J. of Marketing Research 42(4), 415-430;
    Fader & Hardie, notes 008, 009, 012 and 013.
  BG/BB: Fader, Hardie & Shang (2010), Marketing Science 29(6), 1086-1108.
  Gamma-Gamma: Fader & Hardie, note 025.
"""

import csv
import random
import sys
from collections import namedtuple
from functools import lru_cache
from pathlib import Path

from mpmath import binomial, digamma, exp, expint, gammaprod, hyp2f1
from mpmath import isfinite, log, loggamma, mp, mpf, nstr, psi
from mpmath.calculus.quadrature import GaussLegendre

DIGITS = 20
AGREEMENT = mpf("1e-22")
STARTING_PRECISION = 30
HIGHEST_PRECISION = 20000
FIRST_QUADRATURE_DEGREE = 4
# exp(-70) is 4e-31: what lies beyond contributes to no digit written.
DISCOUNTED_AWAY = 70
# One point in so many has the values that need a numerical integral.
INTEGRAL_EVERY = 5


# ---------------------------------------------------------------- precision

def agree(first, second):
    """Whether two evaluations are equal to AGREEMENT, relatively."""
    pairs = list(zip(first, second))
    if not all(isinstance(value, mpf) and isfinite(value)
               for pair in pairs for value in pair):
        return False
    return all(abs(p - q) <= AGREEMENT * abs(q) for p, q in pairs)


def settle(compute):
    """compute(step), a tuple, at rising precision until two runs agree."""
    precision, step, previous = STARTING_PRECISION, 0, None
    while precision < HIGHEST_PRECISION:
        with mp.workdps(precision):
            try:
                current = tuple(mpf(value) for value in compute(step))
            except (mp.NoConvergence, ValueError, TypeError, ZeroDivisionError):
                current = None
            if current and previous and agree(previous, current):
                return current
        previous = current
        precision, step = precision * 3 // 2, step + 1
    raise ArithmeticError("no agreement at %d digits" % precision)


def integral(function, scale, left, end, step):
    """The integral over (left, end) of a smooth function that varies over
    `scale` near 0 and ever more slowly on: Gauss-Legendre on panels that
    double, with twice the nodes at each step."""
    degree = FIRST_QUADRATURE_DEGREE + step
    nodes = GaussLegendre(mp).get_nodes(-1, 1, degree, mp.prec)
    total = mpf(0)
    while left < end:
        right = min(end, max(2 * left, scale))
        half, centre = (right - left) / 2, (right + left) / 2
        total += half * mp.fdot((weight, function(centre + half * node))
                                for node, weight in nodes)
        left = right
    return total


# ---------------------------------------------------------------- functions

def beta_mixture(exponent, a, b, u):
    """E[(1 + p u)^-exponent] over p ~ Beta(a, b); every term is positive."""
    w = u / (1 + u)
    if 4 < u < b / 80 and exponent < b / 20:
        # hyp2f1 would expand in 1 - w here, losing exp(b / u).
        series = power_series(exponent, b, a + b, w)
    else:
        series = hyp2f1(exponent, b, a + b, w)
    return (1 + u) ** -exponent * series


def power_series(p, q, c, w):
    """2F1(p, q; c; w) for p > 0, 0 < q < c and 0 < w < 1, term by term in
    integers that count units of 2^-bits."""
    bits = mp.prec + 40
    coefficients = SeriesCoefficients(p, q, c, bits)
    terms = int(p * w / (1 - w)) + 64  # past these they fall for good
    bits_a_term = float(log(w, 2))
    while coefficients[terms].bit_length() + terms * bits_a_term > -20:
        terms += 64
    factor, total = int(mp.ldexp(w, bits)), 0
    for coefficient in reversed(coefficients.known[:terms]):
        total = (total * factor >> bits) + coefficient
    return mp.ldexp(total, -bits)


@lru_cache(maxsize=4)
class SeriesCoefficients:
    """(p)_k (q)_k / ((c)_k k!) in units of 2^-bits, found as asked for."""

    def __init__(self, p, q, c, bits):
        self.p, self.q, self.c = (int(mp.ldexp(v, bits)) for v in (p, q, c))
        self.bits, self.known = bits, [1 << bits]

    def __getitem__(self, index):
        for k in range(len(self.known) - 1, index):
            here = k << self.bits
            self.known.append(self.known[k] * (self.p + here) * (self.q + here)
                              // ((self.c + here) * (k + 1) << self.bits))
        return self.known[index]


def beta_ratio(a, b, a_below, b_below):
    """B(a, b) / B(a_below, b_below)."""
    return gammaprod([a, b, a_below + b_below], [a_below, b_below, a + b])


def scaled_exponential_integral(s, z):
    """exp(z) E_s(z), by its continued fraction (DLMF 8.19.17) for z >= 1:
    expint cancels without notice where s and z are large."""
    if z < 1:
        return exp(z) * expint(s, z)
    denominator = z + s
    term = total = factor = 1 / denominator
    index = 0
    while abs(term) > mp.eps * total:
        index += 1
        denominator += 2
        factor = 1 / (denominator - index * (s - 1 + index) * factor)
        term *= denominator * factor - 1
        total += term
    return total


def negative_binomial(shape, rate, time, count):
    """P(count purchases in time) at a purchase rate ~ Gamma(shape, rate)."""
    return (gammaprod([shape + count], [shape, count + 1])
            * (rate / (rate + time)) ** shape * (time / (rate + time)) ** count)


# ------------------------------------------------------------------ models

Point = namedtuple("Point", "p1 p2 p3 p4 x t_x T horizon rate n")


class BetaGeometric:
    """BG/NBD, or MBG/NBD if a customer may leave at the first purchase."""

    def __init__(self, point, leaves_at_first):
        self.r, self.alpha, self.a, self.b = map(mpf, point[:4])
        self.t_x, self.T, self.horizon, self.rate = map(mpf, point[5:9])
        self.x, self.n = point.x, point.n
        self.shape, self.scale = self.r + self.x, self.alpha + self.T
        self.survived = self.b + self.x + (1 if leaves_at_first else 0)
        # The odds of having left at t_x against being alive at T.
        self.odds = mpf(0)
        if self.x > 0 or leaves_at_first:
            self.odds = (self.a / (self.survived - 1)
                         * (self.scale / (self.alpha + self.t_x)) ** self.shape)

    def log_likelihood(self):
        if self.x == 0 and self.T == 0:
            return mpf(0)
        return log(gammaprod([self.shape], [self.r])
                   * (self.alpha / self.scale) ** self.r * self.scale ** -self.x
                   * beta_ratio(self.a, self.survived, self.a, self.b)
                   * (1 + self.odds))

    def p_alive(self):
        return 1 / (1 + self.odds)

    def expected_if_alive(self):
        a = self.a
        if a == 1:  # the singularity is removable: step beside it
            a += mpf(10) ** (-mp.dps // 2)
        end = self.scale + self.horizon
        series = hyp2f1(self.shape, self.survived, a + self.survived - 1,
                        self.horizon / end)
        return ((a + self.survived - 1) / (a - 1)
                * (1 - (self.scale / end) ** self.shape * series))

    def p_stays(self):
        return beta_mixture(self.shape, self.a, self.survived,
                            self.horizon / self.scale)

    def purchase_rate(self, time):
        """Purchases per day at `time` from now, of who is alive now."""
        return (self.shape / self.scale
                * beta_mixture(self.shape + 1, self.a, self.survived,
                               time / self.scale))

    def discounted_if_alive(self, step):
        """Up to the horizon, and without an end."""
        def discounted_rate(time):
            return exp(-self.rate * time) * self.purchase_rate(time)
        scale = 1 / ((self.shape + 1) / self.scale + self.rate)
        end = DISCOUNTED_AWAY / self.rate
        horizon = min(self.horizon, end)
        before = integral(discounted_rate, scale, mpf(0), horizon, step)
        after = integral(discounted_rate, scale, horizon, end, step)
        return before, before + after

    def probability(self):
        alive, n = self.p_alive(), self.n
        if n == 0:
            return 1 - alive + alive * self.count(0)
        stays = beta_ratio(self.a, self.survived + n, self.a, self.survived)
        leaves = beta_ratio(self.a + 1, self.survived + n - 1,
                            self.a, self.survived)
        # P(n or more) / P(n); one less a sum would lose every digit.
        or_more = hyp2f1(1, self.shape + n, n + 1,
                         self.horizon / (self.scale + self.horizon))
        return alive * self.count(n) * (stays + leaves * or_more)

    def count(self, k):
        return negative_binomial(self.shape, self.scale, self.horizon, k)


class ParetoNbd:
    """Pareto/NBD; `alive` and `left` are the two terms of its likelihood."""

    def __init__(self, point):
        self.r, self.alpha, self.s, self.beta = map(mpf, point[:4])
        self.t_x, self.T, self.horizon, self.rate = map(mpf, point[5:9])
        self.x, self.n = point.x, point.n
        self.shape = self.r + self.x
        self.scale, self.death = self.alpha + self.T, self.beta + self.T
        self.alive = self.scale ** -self.shape * self.death ** -self.s
        self.left = self.weight_left()

    def weight_left(self):
        if self.t_x == self.T:
            return mpf(0)
        power = self.shape + self.s
        nearer, farther = sorted((self.alpha, self.beta))
        other = self.s + 1 if self.alpha >= self.beta else self.shape

        def term(time):
            argument = (farther - nearer) / (farther + time)
            return (hyp2f1(power, other, power + 1, argument)
                    / (farther + time) ** power)
        return self.s / power * (term(self.t_x) - term(self.T))

    def log_likelihood(self):
        if self.x == 0 and self.T == 0:
            return mpf(0)
        return log(gammaprod([self.shape], [self.r]) * self.alpha ** self.r
                   * self.beta ** self.s * (self.alive + self.left))

    def p_alive(self):
        return self.alive / (self.alive + self.left)

    def expected_if_alive(self):
        growth = 1 + self.horizon / self.death
        if self.s == 1:
            stays = log(growth)
        else:
            stays = (1 - growth ** (1 - self.s)) / (self.s - 1)
        return self.shape * self.death / self.scale * stays

    def p_stays(self):
        return (self.death / (self.death + self.horizon)) ** self.s

    def discounted_if_alive(self, _step):
        """Up to the horizon, and without an end."""
        later = self.death + self.horizon
        now = self.death * scaled_exponential_integral(
            self.s, self.rate * self.death)
        then = (self.p_stays() * exp(-self.rate * self.horizon) * later
                * scaled_exponential_integral(self.s, self.rate * later))
        return (self.shape / self.scale * (now - then),
                self.shape / self.scale * now)

    def probability(self, step):
        def left_after(time):
            return (negative_binomial(self.shape, self.scale, time, self.n)
                    * self.s / self.death
                    * (self.death / (self.death + time)) ** (self.s + 1))
        alive = self.p_alive()
        scale = 1 / ((self.shape + self.n) / self.scale
                     + (self.s + 1) / self.death)
        stays = self.p_stays() * negative_binomial(
            self.shape, self.scale, self.horizon, self.n)
        leaves = integral(left_after, scale, mpf(0), self.horizon, step)
        return (1 - alive if self.n == 0 else 0) + alive * (stays + leaves)


def model(family, point):
    if family == "pareto_nbd":
        return ParetoNbd(point)
    return BetaGeometric(point, family == "mbg_nbd")


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
