#!/usr/bin/env python3
"""Arbitrary-precision reference values for time ahead, discounted.

Usage: python3 ahead.py

Needs mpmath. Writes ahead.csv beside this script; the same file every time.

discounted_mixture(R, a, b, z, V) is the integral of
exp(-z v) E[(1 + p v)^-R], p ~ Beta(a, b), over v from 0 to V; without an end
where V is inf. It is integrated over v, by Gauss-Legendre rules on panels that
double, the mean over p being Gauss's 2F1: the other way round than in
discounted_mixture.rs, which integrates over p what it knows in v.

Inputs are exact doubles. Every value is computed with 30 digits, by rules of
more and more points until two agree to a relative 1e-15, which is what is
written.
"""

import csv
import random
from pathlib import Path

from mpmath import exp, mp, mpf, nstr

from reference_formulas import beta_mixture, integral

POINTS = 60
GONE = 70


def log_uniform(rng, low, high):
    return low * (high / low) ** rng.random()


def draw(rng, index):
    if index % 2:  # as models of shops have it
        R, a = log_uniform(rng, 1.05, 60), log_uniform(rng, 0.1, 5)
        b = log_uniform(rng, 0.5, 60)
    else:
        R, a = log_uniform(rng, 1.001, 300), log_uniform(rng, 1e-9, 50)
        b = log_uniform(rng, 1e-3, 100)
    z = log_uniform(rng, 1e-4, 10)
    V = float("inf")
    if index // 2 % 2:
        V = log_uniform(rng, 1e-2, 1e3)
        if index % 10 == 7:
            z = 0.0
    return R, a, b, z, V


def value(arguments):
    R, a, b, z, V = map(mpf, arguments)
    end = min(V, GONE / z) if z else V
    previous = None
    for step in range(6):
        current = integral(lambda v: exp(-z * v) * beta_mixture(R, a, b, v),
                           1 / (R + z), mpf(0), end, step)
        if previous and abs(current - previous) < current * mpf("1e-15"):
            return current
        previous = current
    raise ArithmeticError("no agreement at " + repr(arguments))


def main():
    mp.dps = 30
    rng = random.Random("ahead")
    points = [draw(rng, index) for index in range(POINTS)]
    with open(Path(__file__).with_name("ahead.csv"), "w", newline="") as file:
        file.write("# Written by ahead.py: inputs are exact doubles, values have "
                   "16 significant digits.\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("R", "a", "b", "z", "V", "value"))
        for point in points:
            writer.writerow(tuple(map(repr, point)) + (nstr(value(point), 16),))
            file.flush()


if __name__ == "__main__":
    main()
