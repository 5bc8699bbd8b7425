"""Lifetime value in the database beside lifetimes 0.11.3 in Python, over the same customers.

Our fits and predictions are timed by PostgreSQL, those of lifetimes in Python around its own calls only,
with the statistics in memory. The way by export is timed as a whole: the statistics by hand, COPY to CSV,
lifetimes, COPY back; beside it stand a training and reading the columns of RFM and value. Round by round they
alternate.
"""

import json
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import fits
import lifetimes_install
from measure import contender, seconds, show, verdict
from system import output, say, timed

ROUTE = Path(__file__).resolve().parent / "lifetimes_route.py"
# what, beside what, how many times as fast is good (None: shown without a goal)
GOALS = [
    ("fit_purchases", "lifetimes fit_purchases", 25),
    ("fit_spend", "lifetimes fit_spend", 10),
    ("predictions", "lifetimes predictions", 8),
    ("predictions_monthly", "lifetimes predictions", None),
    ("whole job", "by export", 4),
]
# Parts of the way by export that are predictions.
PREDICTIONS = ["p_alive", "expected_purchases", "clv"]


class Race:
    """What one round needs: the cluster, our models as text, how to start lifetimes, a folder for CSV."""

    def __init__(self, cluster, folder):
        self.cluster = cluster
        self.models = {
            "purchases": cluster.value(contender("fit_purchases", family="bg_nbd")),
            "spend": cluster.value(contender("fit_spend")),
        }
        self.python, self.env = lifetimes_install.ensure()
        self.statistics, self.predictions = Path(folder, "statistics.csv"), Path(folder, "predictions.csv")
        self.theirs = None  # the purchase model and the sums of predictions of lifetimes

    def ours(self):
        """Seconds of each of our contenders."""
        return {name: seconds(self.cluster, contender(name, **values))[0] for name, values in [
            ("fit_purchases", {"family": "bg_nbd"}),
            ("fit_spend", {}),
            ("predictions", self.models),
            ("predictions_monthly", self.models),
            ("training", {}),
            ("view_value_columns", {}),
        ]}

    def by_export(self):
        """Seconds of each part of the way by export, in its order."""
        taken = {"summary and COPY out": self.psql_seconds(
            contender("export", file=self.statistics, summary=contender("day_collapsed")))}
        self.theirs = json.loads(output([*self.python, ROUTE, self.statistics, self.predictions],
                                        env=self.env))
        taken.update(self.theirs["seconds"])
        taken["COPY in"] = self.psql_seconds(contender("import", file=self.predictions))
        return taken

    def psql_seconds(self, sql):
        """How long psql takes, with the client that COPY needs."""
        start = time.perf_counter()
        self.cluster.psql(sql)
        return time.perf_counter() - start

    def round(self):
        """Seconds of all that is compared, and of the parts of the way by export."""
        taken, parts = self.ours(), self.by_export()
        taken["whole job"] = taken["training"] + taken["view_value_columns"]
        taken["lifetimes fit_purchases"] = parts["fit_purchases"]
        taken["lifetimes fit_spend"] = parts["fit_spend"]
        taken["lifetimes predictions"] = sum(parts[name] for name in PREDICTIONS)
        taken["by export"] = sum(parts.values())
        return taken, parts


def rounds(race, runs):
    """Times of all contenders and of the parts of the way by export, in alternation."""
    times, parts = defaultdict(list), defaultdict(list)
    for run in range(runs + 1):
        for kept, found in zip((times, parts), race.round()):
            for name, taken in found.items():
                if run:  # the first round warms caches up
                    kept[name].append(taken)
    return times, parts


def report_speed(race, runs):
    """Run the rounds and print how many times as fast we are beside the goals."""
    with timed(f"lifetime value and lifetimes, {runs} + 1 rounds"):
        times, parts = rounds(race, runs)
    medians = show("lifetime value", times)
    show("parts of the way by export", parts)
    say(f"\n{'what':<24}{'beside':<24}{'faster':>8}{'goal':>10}")
    for what, beside, goal in GOALS:
        ratio = medians[beside] / medians[what]
        judged = f"{'≥ ' + str(goal):>10}  {verdict(ratio >= goal)}" if goal else ""
        say(f"{what:<24}{beside:<24}{ratio:>7.1f}×{judged}")
    say(f"the whole job: training {medians['training']:.2f} s + RFM and value columns of the view "
        f"{medians['view_value_columns']:.2f} s; by export: "
        + ", ".join(f"{name} {statistics.median(taken):.2f} s" for name, taken in parts.items()))


def report_likelihood(race):
    """Print the log-likelihood at our parameters beside that at those of lifetimes."""
    ours, theirs, difference = map(float, race.cluster.rows(contender(
        "log_likelihood", ours=race.models["purchases"], theirs=json.dumps(race.theirs["purchases"])))[0])
    last_bit = abs(ours) * sys.float_info.epsilon  # closer than that, two sums are the same
    say(f"\nlog-likelihood of bg_nbd: ours {ours:.4f}, lifetimes {theirs:.4f}; ours − theirs "
        f"{difference:.2g} (goal ≥ 0, to the last bit: {-last_bit:.1g})  {verdict(difference >= -last_bit)}")


def report_agreement(race):
    """Print by how much the sums of our predictions and of those of lifetimes differ."""
    ours = map(float, race.cluster.rows(contender("predictions_monthly", **race.models))[0])
    theirs = [race.theirs["sums"][name] for name in PREDICTIONS]
    say("sums over all customers, ours beside lifetimes: " + "; ".join(
        f"{name} {mine:.4f}, relative difference {mine / other - 1:.1e}"
        for name, mine, other in zip(PREDICTIONS, ours, theirs)))
    continuous = float(race.cluster.rows(contender("predictions", **race.models))[0][-1])
    say(f"clv of 365 days, discounted continuously: {continuous:.4f}")


def report(cluster, runs):
    """Everything about lifetime value."""
    with timed("statistics of all customers"):
        cluster.psql(contender("setup_clv"))
    with tempfile.TemporaryDirectory() as folder:
        race = Race(cluster, folder)
        report_speed(race, runs)
        report_likelihood(race)
        report_agreement(race)
    fits.report(cluster)
