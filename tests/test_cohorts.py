"""Cohorts and two periods of the CDNOW sample, against plain Python over its orders."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest
from helpers import QUIET, creation, load_sample

AS_OF = date(1998, 6, 30)
MONTHS = 18


def orders(cluster):
    """The orders up to AS_OF: customer -> (day, amount)."""
    found = defaultdict(list)
    for customer, day, total in cluster.rows("SELECT customer_id, day, total FROM shop.orders"):
        if date.fromisoformat(day) <= AS_OF:
            found[customer].append((date.fromisoformat(day), Decimal(total)))
    return found


@pytest.mark.parametrize("keep", ["false", "true"])
@pytest.mark.parametrize("months", [1, 3])
def test_cohorts_of_the_sample(cluster, months, keep):
    """Each cohort in each period: customers, orders, revenue, from the first month of 1997 on."""
    load_sample(cluster)
    cluster.psql(QUIET + creation(f'{{"as_of": "{AS_OF}", "keep": {keep}}}'))
    if keep == "true":
        cluster.psql(QUIET + "SELECT customer_value.refresh_segmentation('shop.segments')")

    def period(day):
        return (12 * (day.year - 1997) + day.month - 1) // months

    expected = {}
    for lines in orders(cluster).values():
        first = min(period(day) for day, _ in lines)
        for number in range(MONTHS // months - first):
            cell = expected.setdefault((first, number), [0, 0, 0, Decimal(0)])
            bought = [amount for day, amount in lines if period(day) == first + number]
            cell[0] += 1
            cell[1] += bool(bought)
            cell[2] += len(bought)
            cell[3] += sum(bought)
    found = cluster.rows(f"""
        SELECT cohort, period, cohort_customers, customers, orders, revenue
        FROM customer_value.segment_cohorts('shop.segments', '{months} months')""")
    assert {(period(date.fromisoformat(cohort)), int(number)): [int(size), int(customers), int(count), Decimal(revenue)]
            for cohort, number, size, customers, count, revenue in found} == expected
    assert len(found) == len(expected)


def test_periods_of_the_sample(cluster):
    """Every pair of neighbouring quarters: who is new, repeating, returned, lapsed, absent."""
    load_sample(cluster)
    cluster.psql(QUIET + creation(f'{{"as_of": "{AS_OF}"}}'))
    known = orders(cluster)

    def quarter(day):
        return 4 * (day.year - 1997) + (day.month - 1) // 3

    for later in range(1, 6):
        expected = {code: [0, Decimal(0), Decimal(0)] for code in ("new", "repeating", "returned", "lapsed", "absent")}
        for lines in known.values():
            quarters = {quarter(day) for day, _ in lines if quarter(day) <= later}
            if not quarters:
                continue
            now, before = later in quarters, later - 1 in quarters
            code = ("new" if min(quarters) == later else "repeating" if now and before else "returned" if now
                    else "lapsed" if before else "absent")
            expected[code][0] += 1
            for at in (0, 1):
                expected[code][1 + at] += sum(amount for day, amount in lines if quarter(day) == later - 1 + at)
        year, month = divmod(3 * later, 12)
        start = f"make_date({1997 + year}, {month + 1}, 1)"
        found = cluster.rows(f"""{QUIET}
            SELECT code, customers, revenue_before, revenue
            FROM customer_value.compare_periods('shop.segments', {start}, ({start} + interval '3 months')::date - 1)""")
        assert {code: [int(customers), Decimal(before), Decimal(now)]
                for code, customers, before, now in found} == expected
