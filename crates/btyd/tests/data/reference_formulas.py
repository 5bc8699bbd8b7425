"""The formulas of reference.py, to any precision asked for.

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

from collections import namedtuple
from functools import lru_cache

from mpmath import exp, expint, gammaprod, hyp2f1, isfinite, log, mp, mpf
from mpmath.calculus.quadrature import GaussLegendre

AGREEMENT = mpf("1e-22")
STARTING_PRECISION = 30
HIGHEST_PRECISION = 20000
FIRST_QUADRATURE_DEGREE = 4
# exp(-70) is 4e-31: what lies beyond contributes to no digit written.
DISCOUNTED_AWAY = 70


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
