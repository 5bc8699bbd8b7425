//! Whether a population is still the one that something was trained on: its values in tenths of the population of then, and
//! the population stability index over such bins.
//!
//! Siddiqi, Credit Risk Scorecards (Wiley, 2006): below [`SHIFTING`] nothing has changed that matters, from [`CHANGED`] on
//! the population is another one. Yurdakul & Naranjo, Statistical properties of the population stability index (Journal of
//! Risk Model Validation 14(4), 2020): of two samples of one population it is about (1/n + 1/m) χ² with a degree of freedom
//! less than there are bins, which [`by_chance`] is the mean of.

use crate::value::PERCENTILES;

/// From this index on a population has shifted.
pub const SHIFTING: f64 = 0.1;

/// From this index on it is another one.
pub const CHANGED: f64 = 0.25;

/// What is added to the customers of each bin, on both sides alike, so that no share is 0.
const PRIOR: f64 = 0.5;

/// The percentiles between tenths of a population, each once, of those that `at` gives from 0 to 100.
fn cuts(at: impl Fn(usize) -> f64) -> impl Iterator<Item = f64> {
    let step = (PERCENTILES - 1) / 10;
    let mut before = f64::NEG_INFINITY;
    (1..10).map(move |tenth| at(tenth * step)).filter(move |&cut| {
        let rises = cut > before;
        before = cut;
        rises
    })
}

/// The bin of a value, from 1: one more than the number of cuts that it exceeds, as a score is. None for NaN.
pub fn bin(at: impl Fn(usize) -> f64, value: f64) -> Option<usize> {
    (!value.is_nan()).then(|| 1 + cuts(at).take_while(|&cut| value > cut).count())
}

/// How many of a population's sorted values are in each bin of its own percentiles; the last bins may be empty.
pub fn counts(sorted: &[f64], percentiles: &[f64]) -> Vec<u64> {
    let at = |percent: usize| percentiles.get(percent).copied().unwrap_or(f64::INFINITY);
    let up_to = cuts(at).map(|cut| sorted.partition_point(|&value| value <= cut));
    let ends: Vec<usize> = up_to.chain([sorted.len()]).collect();
    let starts = std::iter::once(0).chain(ends.iter().copied());
    ends.iter().zip(starts).map(|(end, start)| end.saturating_sub(start) as u64).collect()
}

/// The population stability index Σ (q − p) ln (q / p) of the shares p of then and q of now, over the customers in each bin
/// and half a customer more. None where either population is empty.
pub fn index(bins: impl Iterator<Item = (f64, f64)> + Clone) -> Option<f64> {
    let (count, then, now) = totals(bins.clone());
    let sum = |shares: f64, total: f64| (shares + PRIOR) / (total + PRIOR * count);
    let of_bin = |(p, q): (f64, f64)| {
        let (p, q) = (sum(p, then), sum(q, now));
        (q - p) * (q / p).ln()
    };
    (then > 0.0 && now > 0.0).then(|| bins.map(of_bin).sum())
}

/// The mean of the index of two samples of one population, of these sizes. None where either is empty.
pub fn by_chance(bins: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let (count, then, now) = totals(bins);
    (then > 0.0 && now > 0.0).then(|| (count - 1.0) * (1.0 / then + 1.0 / now))
}

/// Number of bins, and the customers of then and of now.
fn totals(bins: impl Iterator<Item = (f64, f64)>) -> (f64, f64, f64) {
    bins.fold((0.0, 0.0, 0.0), |(count, then, now), (p, q)| (count + 1.0, then + p, now + q))
}
