//! The axes of a matrix: a population's values in, cuts out, and the level of one customer's value.
//!
//! The level of a value is one plus the number of cuts that it reaches: high is at or beyond a cut. Values are
//! sorted first, so the order of the customers cannot matter, and equal values have equal levels.

use crate::concentration::{contribution_cuts, mean};
use crate::population::percentile_cont;
use crate::value::PERCENTILES;
use crate::{Poll, sort};

/// How an axis is split into levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// At the median.
    Median,
    /// At the mean.
    Mean,
    /// At the percentiles given as shares.
    Quantile,
    /// At the numbers given.
    Given,
    /// Where the sum from the highest value down reaches the shares given, as in an ABC analysis.
    Contribution,
}

impl Split {
    /// The split of a name.
    pub fn named(name: &str) -> Option<Split> {
        Some(match name {
            "median" => Split::Median,
            "mean" => Split::Mean,
            "quantile" => Split::Quantile,
            "given" => Split::Given,
            "contribution" => Split::Contribution,
            _ => return None,
        })
    }

    /// The name of the split.
    pub fn name(self) -> &'static str {
        match self {
            Split::Median => "median",
            Split::Mean => "mean",
            Split::Quantile => "quantile",
            Split::Given => "given",
            Split::Contribution => "contribution",
        }
    }

    /// Whether it needs numbers: the cuts, or shares between 0 and 1.
    pub fn takes_numbers(self) -> bool {
        matches!(self, Split::Given | Split::Quantile | Split::Contribution)
    }
}

/// What is known of an axis over a population.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// Customers with a value.
    pub customers: usize,
    /// Their mean; None without customers.
    pub mean: Option<f64>,
    /// The percentiles 0 to 100; None without customers.
    pub percentiles: Option<Vec<f64>>,
    /// The cuts of each split, rising; None without customers.
    pub cuts: Option<Vec<Vec<f64>>>,
    /// The value that most customers share, and how many these are; None without customers.
    pub common: Option<(f64, u64)>,
}

/// Trains an axis over finite values, which it sorts, and splits it in each of these ways.
pub fn train(values: &mut [f64], splits: &[(Split, Vec<f64>)], poll: Poll<'_>) -> Axis {
    sort::by(values, f64::total_cmp, poll);
    let percentile = |k: usize| percentile_cont(values, k as f64 / (PERCENTILES - 1) as f64);
    let cuts = |(split, numbers): &(Split, Vec<f64>)| cuts(values, *split, numbers);
    let some = !values.is_empty();
    Axis {
        customers: values.len(),
        mean: mean(values),
        percentiles: some.then(|| (0..PERCENTILES).map(percentile).collect()),
        cuts: some.then(|| splits.iter().map(cuts).collect()),
        common: most_common(values),
    }
}

/// The value that occurs most often among sorted ones, the lowest of several such, and how often; None without values.
pub fn most_common(sorted: &[f64]) -> Option<(f64, u64)> {
    let runs = sorted.chunk_by(|one, other| one == other);
    let longest = runs.reduce(|best, run| if run.len() > best.len() { run } else { best })?;
    Some((longest[0] + 0.0, longest.len() as u64))
}

fn cuts(sorted: &[f64], split: Split, numbers: &[f64]) -> Vec<f64> {
    let quantile = |share: f64| even(sorted, share, percentile_cont(sorted, share));
    match split {
        Split::Median => vec![quantile(0.5)],
        Split::Mean => mean(sorted).into_iter().collect(),
        Split::Quantile => {
            // one that went up may have passed the next
            let mut highest = f64::NEG_INFINITY;
            let mut rising = |cut: f64| {
                highest = highest.max(cut);
                highest
            };
            numbers.iter().map(|&share| rising(quantile(share))).collect()
        }
        Split::Given => numbers.to_vec(),
        Split::Contribution => contribution_cuts(sorted, units(sorted), numbers),
    }
}

/// The quantile, or the next higher value, whichever leaves nearer to `share` of the values below it: where many have
/// the same value, as 0, they would all be at or beyond a quantile that falls on it.
fn even(sorted: &[f64], share: f64, quantile: f64) -> f64 {
    let wanted = share * sorted.len() as f64;
    let below = sorted.partition_point(|&value| value < quantile);
    let up_to = sorted.partition_point(|&value| value <= quantile);
    let off = |below: usize| (below as f64 - wanted).abs();
    match sorted.get(up_to) {
        Some(&next) if off(up_to) < off(below) => next,
        _ => quantile,
    }
}

/// How many of the smallest unit of these amounts make one: 100 for cents.
fn units(sorted: &[f64]) -> f64 {
    let whole = |units: f64| {
        sorted.iter().all(|value| {
            let scaled = value * units;
            (scaled - scaled.round()).abs() <= scaled.abs() * 1e-13
        })
    };
    (0..7).map(|digits| 10f64.powi(digits)).find(|&units| whole(units)).unwrap_or(1e6)
}

/// The level of a value, from 1.
#[inline]
pub fn level(cuts: impl Iterator<Item = f64>, value: f64) -> usize {
    1 + cuts.take_while(|&cut| value >= cut).count()
}
