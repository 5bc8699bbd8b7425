//! Axes of matrices and what lifecycle stages read, against plain definitions.

mod common;

use btyd::axis::{Split, level, train};
use btyd::population::percentile_cont;
use btyd::stages::{binomial_tail, percentile_of_counts};
use common::config;
use proptest::prelude::*;

fn trained(values: &[f64], split: Split, numbers: &[f64]) -> btyd::axis::Axis {
    train(&mut values.to_vec(), &[(split, numbers.to_vec())], &mut || {})
}

fn cuts(values: &[f64], split: Split, numbers: &[f64]) -> Vec<f64> {
    trained(values, split, numbers).cuts.unwrap().swap_remove(0)
}

fn cut(values: &[f64], split: Split, numbers: &[f64]) -> f64 {
    cuts(values, split, numbers)[0]
}

#[test]
fn names() {
    for (name, split) in [
        ("median", Split::Median),
        ("mean", Split::Mean),
        ("quantile", Split::Quantile),
        ("given", Split::Given),
        ("contribution", Split::Contribution),
    ] {
        assert_eq!(Split::named(name), Some(split));
        assert_eq!(split.name(), name);
    }
    assert_eq!(Split::named("else"), None);
}

#[test]
fn nobody() {
    let axis = trained(&[], Split::Median, &[]);
    assert_eq!((axis.customers, axis.mean, axis.percentiles, axis.cuts), (0, None, None, None));
    assert_eq!(cuts(&[5.0], Split::Given, &[1.0, 2.0]), [1.0, 2.0]);
}

#[test]
fn many_with_the_same_value_do_not_all_become_high() {
    // 6 of 10 have 0: the median is 0, but four of ten are nearer to half than all
    let zeros = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 3.0, 4.0];
    assert_eq!(cut(&zeros, Split::Median, &[]), 1.0);
    // somebody below zero changes nothing
    assert_eq!(cut(&[&[-5.0], &zeros[1..]].concat(), Split::Median, &[]), 1.0);
    // as near on both sides: the median itself
    assert_eq!(cut(&[1.0, 2.0, 3.0], Split::Median, &[]), 2.0);
    assert_eq!(cut(&[1.0, 2.0, 2.0, 3.0], Split::Median, &[]), 2.0);
    // all the same, and nothing above
    assert_eq!(cut(&[7.0, 7.0], Split::Median, &[]), 7.0);
    assert_eq!(cut(&[1.0, 7.0, 7.0, 7.0], Split::Median, &[]), 7.0);
    // a mean is the mean, also of equal values that a sum would round
    assert_eq!(cut(&[10.1; 7], Split::Mean, &[]), 10.1);
}

#[test]
fn contributions() {
    // 5 + 4 reach 80 % of 11 with the 4; 1 crosses 95 %
    assert_eq!(
        trained(&[1.0, 5.0, 4.0, 1.0], Split::Contribution, &[0.8, 0.95]).cuts,
        Some(vec![vec![1.0, 4.0]])
    );
    assert_eq!(cuts(&[-1.0, 0.0], Split::Contribution, &[0.8]), [f64::MAX]);
}

#[test]
fn tails() {
    assert_eq!(binomial_tail(3, 3, 0.2), 1.0);
    assert!((binomial_tail(0, 8, 0.5) - 1.0 / 256.0).abs() < 1e-17);
    assert!((binomial_tail(1, 3, 0.25) - 27.0 / 32.0).abs() < 1e-15);
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn order_does_not_matter(values in prop::collection::vec(-9i8..9, 1..60), k in 0usize..60) {
        let values: Vec<f64> = values.into_iter().map(f64::from).collect();
        let mut turned = values.clone();
        turned.rotate_left(k % values.len());
        for (split, numbers) in [(Split::Median, &[][..]), (Split::Mean, &[]), (Split::Quantile, &[0.2, 0.7]), (Split::Contribution, &[0.8, 0.95])] {
            prop_assert_eq!(trained(&values, split, numbers), trained(&turned, split, numbers));
        }
    }

    #[test]
    fn a_quantile_or_the_next_value(values in prop::collection::vec(-5i8..5, 1..80), share in 0.01f64..0.99) {
        let mut values: Vec<f64> = values.into_iter().map(f64::from).collect();
        values.sort_unstable_by(f64::total_cmp);
        let quantile = percentile_cont(&values, share);
        let found = cut(&values, Split::Quantile, &[share]);
        let next = values.iter().copied().find(|value| *value > quantile);
        prop_assert!(found == quantile || Some(found) == next);
        // no other cut among quantile and next leaves nearer to the share below it
        let off = |cut: f64| (values.iter().filter(|value| **value < cut).count() as f64 - share * values.len() as f64).abs();
        prop_assert!(off(found) <= off(quantile) && next.is_none_or(|next| off(found) <= off(next)));
    }

    #[test]
    fn cuts_rise(values in prop::collection::vec(-5i8..5, 1..80), shares in prop::collection::btree_set(1u8..99, 1..9)) {
        let values: Vec<f64> = values.into_iter().map(f64::from).collect();
        let shares: Vec<f64> = shares.into_iter().map(|share| f64::from(share) / 100.0).collect();
        prop_assert!(cuts(&values, Split::Quantile, &shares).is_sorted());
        prop_assert!(cuts(&values, Split::Contribution, &shares).is_sorted());
    }

    #[test]
    fn levels(cuts in prop::collection::btree_set(-20i8..20, 1..9), value in -25i8..25) {
        let cuts: Vec<f64> = cuts.into_iter().map(f64::from).collect();
        let value = f64::from(value);
        let reached = cuts.iter().filter(|cut| value >= **cut).count();
        prop_assert_eq!(level(cuts.into_iter(), value), reached + 1);
    }

    #[test]
    fn counts(values in prop::collection::vec(0usize..40, 0..60), share in 0.0f64..=1.0) {
        let mut counts = vec![0; 41];
        values.iter().for_each(|value| counts[*value] += 1);
        let mut sorted: Vec<f64> = values.iter().map(|value| *value as f64).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let expected = (!sorted.is_empty()).then(|| percentile_cont(&sorted, share));
        prop_assert_eq!(percentile_of_counts(&counts, share), expected);
    }

    #[test]
    fn tail_is_the_sum(n in 1u64..60, k in 0u64..60, p in 0.001f64..0.999) {
        let k = k.min(n);
        let (mut term, mut sum) = ((1.0 - p).powi(n as i32), 0.0);
        for i in 0..=k {
            sum += term;
            term *= (n - i) as f64 / (i + 1) as f64 * p / (1.0 - p);
        }
        prop_assert!((binomial_tail(k, n, p) - sum).abs() <= 1e-12 * sum, "{} {}", binomial_tail(k, n, p), sum);
    }
}

#[test]
fn the_most_common_value_is_the_lowest_of_the_most_frequent() {
    use btyd::axis::most_common;
    assert_eq!(most_common(&[]), None);
    assert_eq!(most_common(&[1.0, 2.0, 2.0, 3.0, 3.0]), Some((2.0, 2)));
    assert_eq!(most_common(&[-0.0, 0.0, 1.0]), Some((0.0, 2)));
    assert_eq!(trained(&[5.0, 1.0, 5.0], Split::Median, &[]).common, Some((5.0, 2)));
    assert_eq!(trained(&[], Split::Median, &[]).common, None);
}
