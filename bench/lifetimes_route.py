"""Fits and predictions of lifetimes, called as its documentation does. Run by clv.py.

    python3 bench/lifetimes_route.py STATISTICS.csv PREDICTIONS.csv

Prints JSON: the seconds of each part, the parameters of the purchase model, the sums of the predictions.
"""

import json
import sys
import time

import pandas
from lifetimes import BetaGeoFitter, GammaGammaFitter


class Stopwatch:
    """Runs calls and keeps how long each took."""

    def __init__(self):
        self.seconds = {}

    def time(self, name, call, *arguments, **options):
        """What the call returns."""
        start = time.perf_counter()
        result = call(*arguments, **options)
        self.seconds[name] = time.perf_counter() - start
        return result


def route(watch, statistics, predictions):
    """Statistics in, predictions out; the purchase model and the predictions."""
    customers = watch.time("read CSV", pandas.read_csv, statistics)
    x, t_x, age = (customers[name] for name in ["repeat_purchases", "purchase_span", "customer_age"])
    value, again = customers["repeat_purchase_value"].fillna(0), x > 0
    repeats, values = x[again], value[again]

    purchases, spend = BetaGeoFitter(penalizer_coef=0), GammaGammaFitter()
    watch.time("fit_purchases", purchases.fit, x, t_x, age)
    watch.time("fit_spend", spend.fit, repeats, values)
    found = pandas.DataFrame({
        "customer_id": customers["customer_id"],
        "p_alive": watch.time("p_alive", purchases.conditional_probability_alive, x, t_x, age),
        "expected_purchases": watch.time(
            "expected_purchases", purchases.conditional_expected_number_of_purchases_up_to_time,
            365, x, t_x, age),
        "clv": watch.time("clv", spend.customer_lifetime_value, purchases, x, t_x, age, value,
                          time=12, discount_rate=0.01, freq="D"),
    })
    watch.time("write CSV", found.to_csv, predictions, index=False)
    return purchases, found.drop(columns="customer_id")


def main():
    """Run the route between the files that the command line names."""
    watch = Stopwatch()
    purchases, found = route(watch, *sys.argv[1:])
    print(json.dumps({
        "seconds": watch.seconds,
        "purchases": {"family": "bg_nbd", **{name: float(value) for name, value in purchases.params_.items()}},
        "sums": {name: float(value) for name, value in found.sum().items()},
    }))


if __name__ == "__main__":
    main()
