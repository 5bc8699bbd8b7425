//! Measures as of any day, against sums and medians over the days that count.

mod common;

use btyd::Error;
use btyd::decimal::{Decimal, MAX_SCALE};
use btyd::history::{DayLine, History};
use btyd::measures::*;
use common::*;
use proptest::collection::vec;
use proptest::prelude::*;

fn naive_gap(days: &[i32]) -> Option<f64> {
    let mut gaps: Vec<i64> = days.windows(2).map(|two| days_between(two[0], two[1])).collect();
    gaps.sort_unstable();
    let middle = gaps.len() / 2;
    match gaps.len() % 2 {
        _ if gaps.is_empty() => None,
        1 => Some(gaps[middle] as f64),
        _ => Some((gaps[middle - 1] + gaps[middle]) as f64 / 2.0),
    }
}

/// A customer is overdue by their typical gap on the days after the expected next purchase, and on no others.
fn check_next(days: &[i32], next: Result<Option<i32>, Error>) -> Result<(), TestCaseError> {
    let last_of_all = 2_145_031_948; // 5874897-12-31, the last date of PostgreSQL
    let Some(gap) = naive_gap(days) else {
        prop_assert_eq!(next, Ok(None));
        return Ok(());
    };
    let overdue = |day: i64| (day - i64::from(days[days.len() - 1])) as f64 > gap;
    match next.unwrap() {
        Some(next) => prop_assert!(!overdue(next.into()) && overdue(i64::from(next) + 1)),
        None => prop_assert!(!overdue(last_of_all + 1)),
    }
    Ok(())
}

fn near(got: Option<f64>, exact: Option<String>) -> Result<(), TestCaseError> {
    let exact = exact.map(|text| text.parse::<f64>().unwrap());
    match got.zip(exact) {
        Some((got, exact)) => prop_assert!(apart(got, exact) <= 3, "{got:?} {exact:?}"),
        None => prop_assert_eq!(got, exact),
    }
    Ok(())
}

/// All measures of a history as of a day, beside those of its lines up to that day.
fn check(
    bytes: &[u8],
    lines: &[DayLine],
    scale: Option<u8>,
    as_of: Option<i32>,
) -> Result<(), TestCaseError> {
    let history = History::new(bytes);
    let totals = history.totals(as_of);
    let until = as_of.unwrap_or(i32::MAX);
    let (purchases, refunds): (Vec<_>, Vec<_>) =
        lines.iter().filter(|line| line.day <= until).partition(|line| !line.refund);
    let sum = |lines: &[&DayLine]| lines.iter().map(|line| line.amount).sum::<u128>();
    let (gross, lost) = (sum(&purchases), sum(&refunds));
    let orders: u64 = purchases.iter().map(|line| line.count).sum();
    let days: Vec<i32> = purchases.iter().map(|line| line.day).collect();
    let places = scale.unwrap_or(0);

    let net = Decimal { mantissa: gross as i128 - lost as i128, scale: places };
    prop_assert_eq!(revenue(&history, &totals), scale.map(|_| Ok(net)));

    let mean_of = |orders: u64, more: u8| {
        let wide = (places + more).min(MAX_SCALE);
        let mean = naive_mean(gross, orders.into(), wide - places);
        mean.map(|mantissa| Decimal { mantissa, scale: wide })
    };
    let mean =
        |orders: u64| (0..=4).rev().find_map(|more| mean_of(orders, more)).ok_or(Error::OutOfRange);
    let average = (orders > 0 && scale.is_some()).then(|| mean(orders));
    prop_assert_eq!(average_order_value(&history, &totals), average);

    near(refund_share(&totals), (gross > 0).then(|| long_division(lost, gross)))?;

    let repeats = days.len() as i64 - 1;
    prop_assert_eq!(repeat_purchases(&totals), (repeats >= 0).then_some(repeats));
    let span = days.first().map(|&first| days_between(first, days[days.len() - 1]));
    prop_assert_eq!(purchase_span(&totals), span);

    let value = (repeats > 0 && scale.is_some()).then(|| {
        let mean = long_division(sum(&purchases[1..]), repeats as u128);
        format!("{mean}e-{places}")
    });
    near(repeat_purchase_value(&history, &totals), value)?;

    let gap = typical_gap(&history, as_of, &mut || ());
    prop_assert_eq!(gap, Ok(naive_gap(&days)));
    check_next(&days, expected_next_purchase(&history, as_of, &mut || ()))?;
    check_payback(&history, &[purchases, refunds].concat(), scale, until)
}

/// The payback of a third, all and more of the gross amount, beside sums over all days up to each.
fn check_payback(
    history: &History<'_>,
    lines: &[&DayLine],
    scale: Option<u8>,
    until: i32,
) -> Result<(), TestCaseError> {
    let signed =
        |line: &DayLine| if line.refund { -(line.amount as i128) } else { line.amount as i128 };
    let first = lines.iter().filter(|line| !line.refund).map(|line| line.day).min();
    let gross: f64 = lines.iter().filter(|line| !line.refund).map(|line| line.amount as f64).sum();
    let unit = 10f64.powi(scale.unwrap_or(0).into());
    for (part, margin) in [(0.0, 0.5), (1.0 / 3.0, 1.0), (0.5, 0.4), (1.0, 0.5), (0.5, -1.0)] {
        let cost = part * gross / unit;
        let mut days: Vec<i32> = lines.iter().map(|line| line.day).collect();
        days.sort_unstable();
        let pays = |day: &i32| {
            let net: i128 =
                lines.iter().filter(|line| line.day <= *day).map(|line| signed(line)).sum();
            net.max(0) as f64 / unit * margin >= cost * (1.0 - 1e-12)
        };
        let expected = match (first, scale) {
            (Some(_), Some(_)) if cost == 0.0 => Some(0),
            (Some(first), Some(_)) => {
                days.into_iter().find(pays).map(|day| days_between(first, day).max(0))
            }
            _ => None,
        };
        prop_assert_eq!(
            payback_days(history, until, cost, margin),
            expected,
            "{} {}",
            cost,
            margin
        );
    }
    Ok(())
}

fn check_all_days(orders: &[Order]) -> Result<(), TestCaseError> {
    let model = Model::of(orders);
    let lines = model.lines().unwrap();
    let bytes = pack(orders).unwrap();
    check(&bytes, &lines, model.scale, None)?;
    let days = lines.iter().map(|line| line.day);
    for day in days.chain([i32::MIN, 0, i32::MAX]) {
        for as_of in [day.saturating_sub(1), day] {
            check(&bytes, &lines, model.scale, Some(as_of))?;
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn measures_are_those_of_the_days_up_to_as_of(orders in fitting()) {
        check_all_days(&orders)?;
    }

    #[test]
    fn measures_of_shop_money_without_refunds(orders in ordinary()) {
        let orders: Vec<_> = orders
            .into_iter()
            .filter(|order| order.amount.is_none_or(|amount| amount.mantissa >= 0))
            .collect();
        check_all_days(&orders)?;
        let bytes = pack(&orders).unwrap();
        prop_assert!(matches!(refund_share(&History::new(&bytes).totals(None)), None | Some(0.0)));
    }

    #[test]
    fn the_typical_gap_of_many_days_is_their_median(
        days in vec(prop_oneof![-2000..2000i32, any_day()], 0..200), as_of in any_day(),
    ) {
        let orders: Vec<_> = days.iter().map(|&day| visit(day)).collect();
        let bytes = pack(&orders).unwrap();
        let (mut days, history) = (days, History::new(&bytes));
        days.sort_unstable();
        days.dedup();
        prop_assert_eq!(typical_gap(&history, None, &mut || ()), Ok(naive_gap(&days)));
        days.retain(|&day| day <= as_of);
        prop_assert_eq!(typical_gap(&history, Some(as_of), &mut || ()), Ok(naive_gap(&days)));
    }
}

#[test]
fn a_customer_by_hand() {
    let orders = [
        order(0, 1000, 2),
        order(10, 500, 2),
        order(10, 250, 2),
        order(40, 0, 0),
        order(41, -375, 2),
    ];
    let bytes = pack(&orders).unwrap();
    let history = History::new(&bytes);
    let totals = history.totals(None);
    let text = |value: Option<Result<Decimal, Error>>| value.unwrap().unwrap().to_string();
    assert_eq!(text(revenue(&history, &totals)), "13.75");
    assert_eq!(text(average_order_value(&history, &totals)), "4.375000");
    assert_eq!(refund_share(&totals), Some(375.0 / 1750.0));
    assert_eq!(repeat_purchases(&totals), Some(2));
    assert_eq!(purchase_span(&totals), Some(40));
    assert_eq!(repeat_purchase_value(&history, &totals), Some(3.75));
    assert_eq!(typical_gap(&history, None, &mut || ()), Ok(Some(20.0)));
    // 10, 17.5, 17.5, then 13.75; at half of that 5 is paid at once, 8.75 on the second day, more never
    let payback = |as_of, cost, margin| payback_days(&history, as_of, cost, margin);
    assert_eq!(
        [5.0, 5.01, 8.75, 8.76].map(|cost| payback(99, cost, 0.5)),
        [Some(0), Some(10), Some(10), None]
    );
    assert_eq!([9, 10].map(|as_of| payback(as_of, 8.75, 0.5)), [None, Some(10)]);
    // 0.07 · 100 is a little more than 7, and 0.29 · 100 a little less than 29
    let hundred = pack(&[order(0, 0, 0), order(3, 100, 0)]).unwrap();
    let hundred = History::new(&hundred);
    assert_eq!(
        [(7.0, 0.07), (29.0, 0.29)].map(|(cost, margin)| payback_days(&hundred, 9, cost, margin)),
        [Some(3); 2]
    );
}

#[test]
fn refunds_alone_are_no_purchases() {
    let bytes = pack(&[order(3, -5, 0), order(9, -7, 0)]).unwrap();
    let history = History::new(&bytes);
    let totals = history.totals(None);
    assert_eq!(totals.refund_count, 2);
    assert_eq!(revenue(&history, &totals).unwrap().unwrap().mantissa, -12);
    assert_eq!(average_order_value(&history, &totals), None);
    assert_eq!(refund_share(&totals), None);
    assert_eq!(repeat_purchases(&totals), None);
    assert_eq!(purchase_span(&totals), None);
    assert_eq!(repeat_purchase_value(&history, &totals), None);
    assert_eq!(typical_gap(&history, None, &mut || ()), Ok(None));
}

#[test]
fn the_longest_span_is_counted_in_full() {
    let bytes = pack(&[visit(i32::MIN), visit(i32::MAX)]).unwrap();
    let history = History::new(&bytes);
    let span = i64::from(u32::MAX);
    assert_eq!(purchase_span(&history.totals(None)), Some(span));
    assert_eq!(typical_gap(&history, None, &mut || ()), Ok(Some(span as f64)));
    assert_eq!(revenue(&history, &history.totals(None)), None);
}
