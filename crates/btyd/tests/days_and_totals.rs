//! Steps of the calendar and exact totals, against naive models.

use btyd::calendar::Step;
use btyd::total::Total;

const MONTH: Step = Step { months: 1, days: 0 };

/// 2000-01-01 is day 0.
fn day(year: i32, month: u32, date: u32) -> i32 {
    let leap = |year: i32| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let length = |year, month| match month {
        2 => 28 + u32::from(leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let mut days = 0;
    for year in 2000.min(year)..2000.max(year) {
        let length = 365 + i32::from(leap(year));
        days += length;
    }
    days = if year < 2000 { -days } else { days };
    days + (1..month).map(|month| length(year, month) as i32).sum::<i32>() + date as i32 - 1
}

#[test]
fn months_do_not_drift() {
    let days = MONTH.days(day(2025, 1, 31), day(2025, 5, 31), 100).expect("it goes on");
    let wanted = [(1, 31), (2, 28), (3, 31), (4, 30), (5, 31)].map(|(m, d)| day(2025, m, d));
    assert_eq!(days, wanted);
    assert_eq!(MONTH.from(day(2024, 3, 31), -1), Some(day(2024, 2, 29)));
    assert_eq!(MONTH.from(day(2000, 1, 30), -11), Some(day(1999, 2, 28)));
    assert_eq!(Step { months: 12, days: 0 }.from(day(2024, 2, 29), 1), Some(day(2025, 2, 28)));
    assert_eq!(Step { months: 0, days: 7 }.days(0, 21, 100), Some(vec![0, 7, 14, 21]));
    assert_eq!(Step { months: 1, days: 1 }.from(day(2025, 1, 31), 1), Some(day(2025, 3, 1)));
}

#[test]
fn every_day_comes_back() {
    for at in (-800_000..3_000_000).step_by(37) {
        assert_eq!(Step { months: 0, days: 1 }.from(at, 1), Some(at + 1));
        assert_eq!(Step { months: 4800, days: 0 }.from(at, 1), Some(at + 146_097));
    }
}

#[test]
fn steps_that_go_nowhere() {
    for step in [(0, 0), (-1, 0), (0, -1), (1, -31), (1, -40)] {
        let step = Step { months: step.0, days: step.1 };
        assert_eq!(step.days(0, 10_000, 100), None, "{step:?}");
    }
    assert_eq!(MONTH.days(10, 10, 100), Some(vec![10]));
    assert_eq!(MONTH.days(0, i32::MAX - 1, 3).map(|days| days.len()), Some(4));
    assert_eq!(Step { months: i32::MAX, days: 0 }.from(0, 2), None);
    assert_eq!(Step { months: i32::MAX, days: i32::MAX }.days(0, 10, 3), Some(vec![0]));
}

fn total(values: &[f64]) -> Total {
    let mut total = Total::default();
    values.iter().for_each(|value| total.add(*value).expect("it is in range"));
    total
}

#[test]
fn totals_do_not_depend_on_the_order() {
    let mut values: Vec<f64> = Vec::new();
    let mut seed = 42u64;
    for at in 0..5000 {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let size = 10f64.powi(at % 30 - 6);
        values.push((seed >> 11) as f64 / (1u64 << 53) as f64 * size - size / 3.0);
    }
    let forward = total(&values);
    values.reverse();
    assert_eq!(total(&values), forward);
    values.sort_by(f64::total_cmp);
    assert_eq!(total(&values), forward);
    assert_eq!(forward.count(), 5000);
}

#[test]
fn totals_are_exact() {
    assert_eq!(total(&[]).sum(), None);
    assert_eq!(total(&[1e30, 1.0, -1e30]).sum(), Some(1.0));
    assert_eq!(total(&[0.25; 1000]).sum(), Some(250.0));
    assert_eq!(total(&[9007199254740993.0, 0.5, -9007199254740992.0]).sum(), Some(0.5));
    let cents: Vec<f64> = (0..100_000).map(|at| f64::from(at % 997) / 100.0).collect();
    let exact: i64 = (0..100_000i64).map(|at| at % 997).sum();
    let sum = total(&cents).sum().expect("there are some");
    assert!((sum - exact as f64 / 100.0).abs() < 1e-6);
    assert!(Total::default().add(f64::NAN).is_err());
    assert!(Total::default().add(f64::INFINITY).is_err());
    assert!(Total::default().add(1e300).is_err());
}
