//! Concentration: Gini coefficients, ABC cuts and means against naive formulas.

mod common;

use btyd::concentration::{contribution_cuts, gini, mean};
use common::{config, near};
use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn gini_is_the_mean_difference(values in vec(prop_oneof![-5.0..1e4, Just(0.0)], 1..60)) {
        let mut values: Vec<f64> = values;
        values.sort_unstable_by(f64::total_cmp);
        let counted: Vec<f64> = values.iter().map(|value| value.max(0.0)).collect();
        let (n, sum) = (values.len() as f64, counted.iter().sum::<f64>());
        let differences = counted.iter().flat_map(|a| counted.iter().map(move |b| (a - b).abs()));
        let differences: f64 = differences.sum();
        let naive = (sum > 0.0).then(|| differences / (2.0 * n * sum));
        prop_assert!(near(gini(&values), naive, 1e-13));
    }

    #[test]
    fn cuts_are_those_of_a_walk(
        cents in vec(prop_oneof![-20..40i64, 0..100_000i64], 0..40),
        shares in vec(0..=20u32, 1..4),
        digits in 0..4i32,
    ) {
        let mut cents: Vec<i64> = cents;
        cents.sort_unstable();
        let units = 10f64.powi(digits);
        let values: Vec<f64> = cents.iter().map(|&cents| cents as f64 / units).collect();
        let mut shares: Vec<u32> = shares;
        shares.sort_unstable();
        let given: Vec<f64> = shares.iter().map(|&share| f64::from(share) / 20.0).collect();
        let cuts = contribution_cuts(&values, units, &given);
        prop_assert!(cuts.is_sorted());
        prop_assert_eq!(cuts.len(), shares.len());
        for (value, &cents_here) in values.iter().zip(&cents) {
            let above: i64 = cents.iter().filter(|&&other| other > cents_here.max(0)).sum();
            let total: i64 = cents.iter().filter(|&&other| other > 0).sum();
            let within = |share: &u32| cents_here > 0 && 20 * above < i64::from(*share) * total;
            let classes = shares.iter().filter(|share| within(share)).count();
            prop_assert_eq!(cuts.iter().filter(|cut| *cut <= value).count(), classes);
        }
        // the same without the help of units, away from the very edge
        let free: Vec<f64> = given.iter().map(|share| share - 1e-6).collect();
        prop_assert_eq!(
            contribution_cuts(&values, f64::NAN, &free), contribution_cuts(&values, units, &free)
        );
    }

    #[test]
    fn scaling_by_a_power_of_two_scales_cuts(
        values in vec(0.0..1e3, 1..30), power in -1000..1000i32, share in 1..100u32,
    ) {
        let mut values: Vec<f64> = values;
        values.sort_unstable_by(f64::total_cmp);
        let factor = 2f64.powi(power);
        let scaled: Vec<f64> = values.iter().map(|value| value * factor).collect();
        let shares = [f64::from(share) / 100.0, 1.0];
        let cuts = contribution_cuts(&values, f64::NAN, &shares);
        let cuts: Vec<f64> = cuts.iter().map(|cut| cut * factor).collect();
        prop_assert_eq!(contribution_cuts(&scaled, f64::NAN, &shares), cuts);
    }

    #[test]
    fn means_are_between(values in vec(prop_oneof![-1e3..1e3f64, any::<f64>()], 1..30)) {
        let mut values: Vec<f64> = values;
        values.retain(|value| value.is_finite());
        values.sort_unstable_by(f64::total_cmp);
        let Some(mean) = mean(&values) else {
            prop_assert!(values.is_empty());
            return Ok(());
        };
        prop_assert!(values[0] <= mean && mean <= values[values.len() - 1]);
        if values.iter().all(|value| value.abs() < 1e4) {
            let naive = values.iter().sum::<f64>() / values.len() as f64;
            prop_assert!((mean - naive).abs() < 1e-10);
        }
    }
}

#[test]
fn inequality_by_hand() {
    assert_eq!(gini(&[]), None);
    assert_eq!(gini(&[-3.0, 0.0]), None);
    assert_eq!(gini(&[1.0, f64::INFINITY]), None);
    assert_eq!(gini(&[5.0]), Some(0.0));
    assert_eq!(gini(&[1.0, 3.0]), Some(0.25));
    assert_eq!(gini(&[-7.0, 0.0, 0.0, 9.0]), Some(0.75));
    for n in [3, 10, 99_999, 1_000_000] {
        for value in [0.1, 10.1, f64::MAX, 5e-324] {
            assert_eq!(gini(&vec![value; n]), Some(0.0), "{n} {value}");
        }
    }
    for value in [5e-324, 1e-300, 1.0, 1e303] {
        let mut one = vec![0.0; 1_000_000];
        one[999_999] = value;
        assert_eq!(gini(&one), Some(0.999999));
    }
}

#[test]
fn means_by_hand() {
    assert_eq!(mean(&[]), None);
    assert_eq!(mean(&[0.1; 10]), Some(0.1));
    assert_eq!(mean(&[-1e16, 1.0, 1e16]), Some(1.0 / 3.0));
    assert_eq!(mean(&[f64::MAX; 7]), Some(f64::MAX));
    assert_eq!(mean(&[f64::MIN, f64::MIN, 0.0, f64::MAX, f64::MAX]), Some(0.0));
    assert_eq!(mean(&[5e-324; 3]), Some(5e-324));
}

const ABC: [f64; 2] = [0.80, 0.95];

#[test]
fn classes_by_hand() {
    let cuts = |values: &[f64]| contribution_cuts(values, 100.0, &ABC);
    let nobody = [f64::MAX; 2];
    assert_eq!(cuts(&[]), nobody);
    assert_eq!(cuts(&[-2.0, 0.0, 0.0]), nobody);
    assert_eq!(cuts(&[0.01]), [0.01, 0.01]);
    assert_eq!(contribution_cuts(&[1.0], 1.0, &[]), []);
    // 50 + 30 reach 80 of 100 exactly, so that the one of 12 is not of the first class, 3 not of the second
    assert_eq!(cuts(&[-4.0, 5.0, 15.0, 30.0, 50.0]), [15.0, 30.0]);
    assert_eq!(cuts(&[5.01, 14.99, 30.0, 50.0]), [5.01, 30.0]);
    assert_eq!(cuts(&[5.0, 15.01, 29.99, 50.0]), [15.01, 15.01]);
}

#[test]
fn equal_values_stay_together() {
    // one by one the first eight of ten would be of the first class: 8 · 10.10 is 80 % of 101.00
    let equal = [10.10; 10];
    let alone = |place: i64| place * 1010 * 100 < 80 * 10_100;
    assert_eq!((0..10).filter(|&place| alone(place)).count(), 8);
    assert_eq!(contribution_cuts(&equal, 100.0, &ABC), [10.10, 10.10]);
    // what comes after exactly 80 % is of the next class, in doubles as well as where they say it is less
    let then = [[5.05; 4].as_slice(), &[10.10; 8]].concat();
    assert_eq!(contribution_cuts(&then, 100.0, &ABC), [5.05, 10.10]);
    let then = [[0.03; 4].as_slice(), &[0.06; 8]].concat();
    let sum = |values: &[f64]| values.iter().rev().fold(0.0, |sum, value| sum + value);
    assert!(sum(&then[4..]) < 0.80 * sum(&then));
    assert_eq!(contribution_cuts(&then, 100.0, &ABC), [0.03, 0.06]);
    // 100 times 0.58 is less than 58
    let then = [[0.16, 0.50, 0.50].as_slice(), &[0.58; 8]].concat();
    assert_eq!(contribution_cuts(&then, 100.0, &ABC), [0.50, 0.58]);
}

#[test]
fn values_that_are_no_units() {
    // finer than units, larger than 2^53 of them, and at both ends of what doubles can be
    assert_eq!(contribution_cuts(&[0.001, 0.002, 0.004], 100.0, &[0.5, 0.8]), [0.002, 0.004]);
    assert_eq!(contribution_cuts(&[1e20, 1e20, 8e20], 100.0, &ABC), [1e20, 8e20]);
    assert_eq!(contribution_cuts(&[1.0 / 3.0, 1e300], 100.0, &[0.9, 1.0]), [1e300, 1e300]);
    assert_eq!(contribution_cuts(&[5e-324, 1e-323], 100.0, &[0.5, 0.9]), [5e-324, 1e-323]);
    let huge = vec![f64::MAX; 1000];
    assert_eq!(contribution_cuts(&huge, 100.0, &ABC), [f64::MAX; 2]);
    let endless = contribution_cuts(&[1.0, f64::INFINITY], 100.0, &ABC);
    assert_eq!(endless, [f64::INFINITY; 2]);
}
