//! Cuts where many customers have the same value: which bins they leave, for any customers.

mod common;

use btyd::population::percentile_cont;
use btyd::spread::cuts;
use common::config;
use proptest::collection::vec;
use proptest::prelude::*;

/// Values as training sorts them.
fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// Few values with many customers each, many with few, and neighbours among doubles.
fn values() -> impl Strategy<Value = Vec<f64>> {
    let runs = |values: std::ops::Range<i32>, most: usize| {
        vec((values.prop_map(f64::from), 1..most), 1..14).prop_map(|runs| {
            runs.into_iter().flat_map(|(value, times)| std::iter::repeat_n(value, times)).collect()
        })
    };
    let near = vec(0..9u64, 1..40)
        .prop_map(|ulps| ulps.iter().map(|ulp| f64::from_bits(0.1f64.to_bits() + ulp)).collect());
    let any = vec(-1e6..1e6f64, 1..60);
    prop_oneof![3 => runs(0..30, 60), 2 => runs(-4..4, 9), 1 => near, 1 => any].prop_map(sorted)
}

fn different(values: &[f64]) -> usize {
    values.chunk_by(|a, b| a == b).count()
}

/// One plus the number of cuts exceeded.
fn score(cuts: &[f64], value: f64) -> usize {
    1 + cuts.iter().filter(|&&cut| value > cut).count()
}

/// Customers by score.
fn counts(cuts: &[f64], values: &[f64]) -> Vec<usize> {
    let mut counts = vec![0; cuts.len() + 1];
    values.iter().for_each(|&value| counts[score(cuts, value) - 1] += 1);
    counts
}

fn of(values: &[f64], bins: usize) -> Vec<f64> {
    cuts(values, bins, &mut || ())
}

/// Values by how many customers have each of 1, 2, 3 …
fn having(counts: &[usize]) -> Vec<f64> {
    let values = (1..).zip(counts);
    values.flat_map(|(value, &times)| std::iter::repeat_n(f64::from(value), times)).collect()
}

proptest! {
    #![proptest_config(config(2000))]

    #[test]
    fn no_bin_is_empty_while_there_are_values_for_it(values in values(), bins in 2..=10usize) {
        let cuts = of(&values, bins);
        prop_assert_eq!(cuts.len(), bins - 1);
        prop_assert!(cuts.is_sorted() && cuts.iter().all(|cut| cut.is_finite()), "{cuts:?}");
        let counts = counts(&cuts, &values);
        let used = counts.iter().filter(|&&count| count > 0).count();
        prop_assert_eq!(used, bins.min(different(&values)), "{:?} {:?}", cuts, counts);
    }

    #[test]
    fn the_lowest_value_is_in_the_first_bin_and_the_highest_in_the_last(
        values in values(), bins in 2..=10usize,
    ) {
        let cuts = of(&values, bins);
        let [first, last] = [values[0], values[values.len() - 1]];
        prop_assert_eq!(score(&cuts, first), 1);
        if first < last {
            prop_assert_eq!(score(&cuts, last), bins);
        }
    }

    #[test]
    fn without_ties_beyond_a_bin_cuts_are_quantiles(values in values(), bins in 2..=10usize) {
        let most = values.chunk_by(|a, b| a == b).map(<[f64]>::len).max().unwrap_or(0);
        // the line between neighbours among doubles may end in the higher one
        let apart = values.windows(2).all(|pair| pair[0] == pair[1] || pair[1] - pair[0] > 1e-9);
        if most * bins > values.len() || !apart {
            return Ok(());
        }
        let quantile = |k: usize| percentile_cont(&values, k as f64 / bins as f64);
        let quantiles: Vec<f64> = (1..bins).map(quantile).collect();
        prop_assert!(!counts(&quantiles, &values).contains(&0));
        prop_assert_eq!(of(&values, bins), quantiles);
    }

    #[test]
    fn a_value_of_most_customers_has_a_bin_of_its_own(values in values(), bins in 3..=10usize) {
        let runs = values.chunk_by(|a, b| a == b);
        let Some(most) = runs.max_by_key(|run| run.len()) else { return Ok(()) };
        if most.len() * bins <= values.len() {
            return Ok(());
        }
        let (cuts, value) = (of(&values, bins), most[0]);
        let counts = counts(&cuts, &values);
        // another value with as many customers comes first where it is lower
        let most_often = values.chunk_by(|a, b| a == b).filter(|run| run.len() == most.len()).count();
        if most_often == 1 {
            prop_assert_eq!(counts[score(&cuts, value) - 1], most.len());
        }
    }

    #[test]
    fn a_scale_of_amounts_does_not_matter(values in values(), bins in 2..=10usize) {
        let doubled: Vec<f64> = values.iter().map(|value| value * 2.0).collect();
        prop_assert_eq!(counts(&of(&values, bins), &values), counts(&of(&doubled, bins), &doubled));
    }
}

#[test]
fn by_hand() {
    for (customers, bins, expected) in [
        // 85 of 100 once: four bins for the 15 others
        (&[85, 6, 4, 2, 1, 1, 1][..], 5, &[85, 6, 4, 3, 2][..]),
        // nobody below or above what most have
        (&[5, 5, 5, 85], 4, &[5, 5, 5, 85]),
        (&[5, 5, 5, 85], 3, &[10, 5, 85]),
        // most in the middle: the two others as their customers are
        (&[10, 10, 60, 10, 10], 5, &[10, 10, 60, 10, 10]),
        (&[10, 10, 60, 5, 5], 4, &[10, 10, 60, 10]),
        (&[2, 2, 60, 20, 20], 4, &[4, 60, 20, 20]),
        // two bins for three groups
        (&[10, 60, 20], 2, &[70, 20]),
        (&[20, 60, 10], 2, &[20, 70]),
        (&[20, 60, 20], 2, &[80, 20]),
        // more than its bin twice
        (&[40, 5, 40, 15], 4, &[40, 5, 40, 15]),
        // fewer values than bins
        (&[90, 10], 5, &[90, 0, 0, 0, 10]),
        (&[90, 6, 4], 5, &[90, 0, 6, 0, 4]),
        (&[90, 6, 3, 1], 5, &[90, 6, 0, 3, 1]),
        (&[90], 5, &[90, 0, 0, 0, 0]),
        // as many as each bin holds
        (&[20, 20, 20, 20, 20], 5, &[20, 20, 20, 20, 20]),
    ] {
        let values = having(customers);
        assert_eq!(counts(&of(&values, bins), &values), expected, "{customers:?} in {bins}");
    }
}

#[test]
fn a_long_run_is_looked_through_once_for_each_bin() {
    let mut polls = 0;
    let values = sorted((0..100_000).map(|i| f64::from(i % 7)).collect());
    let found = cuts(&values, 7, &mut || polls += 1);
    assert_eq!(different(&found), 6);
    assert!((1..50).contains(&polls), "{polls}");
}
