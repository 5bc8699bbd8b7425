//! Fits recover what customers were drawn from, and are as sure of it as they say: over many populations the
//! 95 % intervals of each parameter cover the truth 93 to 97 % of the time.

mod simulated;

use btyd::fit::Estimate;
use btyd::models::Family;
use simulated::*;

/// Populations; their seeds are 0, 1, 2 and so on. Over 400 chance alone moves a coverage by more than one point
/// (its standard deviation), and of twenty parameters one or two leave the range; over 1000 by 0.7.
const SETS: u64 = 1000;

/// The quantile of the normal distribution that 95 % intervals take.
const QUANTILE: f64 = 1.959964;

/// Whether the interval of each parameter, on its logarithm, covers the truth.
fn covers(fit: &Estimate, truth: &[f64]) -> Vec<bool> {
    let fitted = fit.fitted.expect("a fit");
    assert!(fitted.converged, "{fit:?}");
    let one = |(i, &truth): (usize, &f64)| {
        let found = fit.parameters[i];
        let error = fit.standard_error(i).expect("a standard error") / found;
        (found / truth).ln().abs() <= QUANTILE * error
    };
    truth.iter().enumerate().map(one).collect()
}

fn check(family: Family, truth: &[f64], fit: impl Fn(u64) -> Estimate) {
    let mut covered = vec![0; truth.len()];
    for seed in 0..SETS {
        for (count, covers) in covered.iter_mut().zip(covers(&fit(seed), truth)) {
            *count += u64::from(covers);
        }
    }
    let shares: Vec<f64> = covered.iter().map(|&count| count as f64 / SETS as f64).collect();
    println!("{}: coverage of {:?} over {SETS}: {shares:.4?}", family.name(), family.parameters());
    assert!(shares.iter().all(|share| (0.93..=0.97).contains(share)), "{family:?}: {shares:?}");
}

fn check_purchases(family: Family, many: u64) {
    let (_, truth, window) =
        populations().into_iter().find(|(known, ..)| *known == family).expect("a population");
    let drawn = |seed| customers(model(family, &truth), window, seed, many);
    check(family, &truth, |seed| fitted(family, weighted(&drawn(seed), 1.0)));
}

#[test]
fn bg_nbd() {
    check_purchases(Family::BgNbd, 2500);
}

#[test]
fn mbg_nbd() {
    check_purchases(Family::MbgNbd, 2500);
}

#[test]
fn pareto_nbd() {
    // few, for the fits take longest
    check_purchases(Family::ParetoNbd, 400);
}

#[test]
fn bg_bb() {
    check_purchases(Family::BgBb, 2500);
}

#[test]
fn shifted_beta_geometric() {
    check_purchases(Family::ShiftedBetaGeometric, 2500);
}

#[test]
fn gamma_gamma() {
    let spend = spending();
    let drawn = |seed| spenders(spend, seed, 2500, MOST_SPENT);
    check(Family::GammaGamma, &[spend.p, spend.q, spend.v], |seed| {
        fitted_spend(weighted_spend(&drawn(seed), 1.0))
    });
}
