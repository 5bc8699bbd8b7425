//! Cohorts against a table that is counted order by order.

mod common;

use btyd::Error;
use btyd::cohorts::{Cell, Cohorts, Length, MOST_PERIODS, Reach};
use btyd::decimal::POW10;
use btyd::history::History;
use common::*;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// (first day of the cohort, number of the period, customers of the cohort, customers, orders, revenue).
type Line = (i64, usize, u64, u64, u64, String);

/// The table as a host makes it.
fn table(length: Length, as_of: i32, customers: &[Vec<Order>]) -> Result<Vec<Line>, Error> {
    let (mut table, mut cells) = (Cohorts::new(length, as_of), Vec::<Cell>::new());
    for orders in customers {
        let bytes = pack(orders)?;
        let history = History::new(&bytes);
        if let Reach::Cells(needed) = table.reach(&history) {
            cells.resize(cells.len().max(needed), Cell::default());
            table.add(&history, &mut cells, &mut || ())?;
        }
    }
    let line = |row: Result<btyd::cohorts::Row, Error>| {
        let row = row?;
        let revenue =
            row.revenue.map_or(String::new(), |revenue| revenue.without_zeros().to_string());
        Ok((row.cohort, row.number, row.size, row.customers, row.orders, revenue))
    };
    table.rows(&cells).map(line).collect()
}

/// The same, order by order. Periods are days here.
fn naive(days: i64, as_of: i32, customers: &[Vec<Order>]) -> Vec<Line> {
    let period = |day: i32| (i64::from(day) - 2).div_euclid(days);
    let (mut who, mut sums) = (BTreeMap::new(), BTreeMap::<_, (u64, i128)>::new());
    let mut sizes = BTreeMap::<i64, u64>::new();
    let mut has_amounts = false;
    for (customer, orders) in customers.iter().enumerate() {
        let known = orders.iter().filter(|order| order.day <= as_of);
        let bought =
            known.clone().filter(|order| order.amount.is_none_or(|amount| amount.mantissa >= 0));
        let Some(first) = bought.clone().map(|order| period(order.day)).min() else { continue };
        *sizes.entry(first).or_default() += 1;
        has_amounts |= orders.iter().any(|order| order.amount.is_some());
        for order in bought {
            let key = (first, period(order.day));
            who.entry(key).or_insert_with(BTreeSet::new).insert(customer);
            sums.entry(key).or_default().0 += 1;
        }
        for order in known {
            let amount = order
                .amount
                .map_or(0, |amount| amount.mantissa * POW10[4 - usize::from(amount.scale)] as i128);
            sums.entry((first, period(order.day).max(first))).or_default().1 += amount;
        }
    }
    let mut lines = Vec::new();
    for (first, size) in sizes {
        for (number, at) in (first..=period(as_of)).enumerate() {
            let (orders, sum) = sums.get(&(first, at)).copied().unwrap_or_default();
            let sum = btyd::decimal::Decimal { mantissa: sum, scale: 4 }.without_zeros();
            let revenue = if has_amounts { sum.to_string() } else { String::new() };
            let customers = who.get(&(first, at)).map_or(0, |who| who.len() as u64);
            lines.push((first * days + 2, number, size, customers, orders, revenue));
        }
    }
    lines
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn cohorts_are_those_counted_by_hand(
        mut customers in vec(ordinary(), 0..8), days in 1..12u16, as_of in -25..25i32,
    ) {
        for orders in &mut customers {
            orders.retain(|order| (-900..900).contains(&order.day));
        }
        let made = table(Length::Days(days), as_of, &customers).unwrap();
        prop_assert_eq!(&made, &naive(days.into(), as_of, &customers));
        customers.reverse();
        prop_assert_eq!(made, table(Length::Days(days), as_of, &customers).unwrap());
    }
}

#[test]
fn months_follow_the_calendar() {
    // 2000-01-31, 2000-02-29, 2000-04-01
    let customers =
        [vec![order(30, 100, 2), order(59, 5, 0)], vec![order(59, 7, 0), order(91, -1, 1)]];
    let line = |cohort, number, customers, orders, revenue: &str| {
        (cohort, number, 1, customers, orders, revenue.to_owned())
    };
    assert_eq!(
        table(Length::Months(1), 91, &customers).unwrap(),
        [
            line(0, 0, 1, 1, "1"),
            line(0, 1, 1, 1, "5"),
            line(0, 2, 0, 0, "0"),
            line(0, 3, 0, 0, "0"),
            line(31, 0, 1, 1, "7"),
            line(31, 1, 0, 0, "0"),
            line(31, 2, 0, 0, "-0.1"),
        ]
    );
}

#[test]
fn what_does_not_fit_is_an_error() {
    let most = POW10[37] as i128 * 6;
    let one = vec![order(0, most, 0)];
    assert_eq!(table(Length::Months(1), 9, &[one.clone(), one.clone()]), Err(Error::OutOfRange));
    assert_eq!(table(Length::Months(1), 9, &[one, vec![order(0, 1, 2)]]), Err(Error::OutOfRange));
    let bytes = pack(&[order(-(MOST_PERIODS as i32), 1, 0)]).unwrap();
    let reach = |as_of| Cohorts::new(Length::Days(1), as_of).reach(&History::new(&bytes));
    assert_eq!(reach(-1), Reach::Cells(MOST_PERIODS * (MOST_PERIODS + 1) / 2));
    assert_eq!(reach(0), Reach::TooFar(-(MOST_PERIODS as i32)));
    assert_eq!(reach(-1001), Reach::Nowhere);
}
