//! Maximum likelihood: from what many customers bought to the parameters of a model.
//!
//! [`observations`] holds the customers, sorted and merged, so that a fit depends neither on their order
//! nor on how they were split; `bg`, `pareto`, `spend`, `opportunities` and `contracts` give each family's
//! log-likelihood with its first and second derivatives; `chart` lays out the coordinates in which
//! `optimum` climbs; [`estimate`] is what comes out.

#![allow(clippy::needless_range_loop)] // vectors and matrices are read by index

mod bg;
mod chart;
mod choice;
mod contracts;
pub mod estimate;
pub mod observations;
mod opportunities;
mod optimum;
mod pareto;
mod spend;

pub use choice::{CANDIDATES, Choice};
pub use estimate::{Estimate, Fitted, STEP};
pub use observations::{Observation, Purchases, Spend, canonical};

use crate::models::{Family, MOST_PARAMETERS};
use crate::{Error, Poll};
use chart::Chart;

/// Observations at most on which starting points are compared.
const THINNED: usize = 4096;

/// How many times more observations each further climb takes, from where the one before ended.
const GROWTH: usize = 16;

/// Values of the parameters, or directions; what a family does not need is unused.
type Vector = [f64; MOST_PARAMETERS];

/// A log-likelihood with its derivatives by the parameters.
#[derive(Debug, Clone, Copy, Default)]
struct Derivatives {
    value: f64,
    gradient: Vector,
    hessian: [Vector; MOST_PARAMETERS],
}

impl Derivatives {
    fn is_finite(&self) -> bool {
        let all = self.gradient.iter().chain(self.hessian.iter().flatten());
        self.value.is_finite() && all.into_iter().all(|number| number.is_finite())
    }

    /// Adds to one entry of the Hessian and to its mirror image.
    fn curve(&mut self, i: usize, j: usize, by: f64) {
        self.hessian[i][j] += by;
        if i != j {
            self.hessian[j][i] += by;
        }
    }
}

/// Observations between two polls.
const POLL_EVERY: usize = 1024;

/// Fits a family that tells of purchases to customers in canonical order; see [`canonical`]. For BG/BB times
/// are opportunities; for the shifted beta-geometric the age is the number of renewals due, the repeats those
/// made. None without customers, or where all are of age 0, at which nothing can have happened: the likelihood is 1
/// whatever the parameters.
pub fn fit_purchases(
    family: Family,
    customers: &[Purchases],
    poll: Poll<'_>,
) -> Result<Option<Estimate>, Error> {
    if customers.iter().all(|customer| customer.age == 0.0) {
        return Ok(None);
    }
    let Some(scale) = observations::time_scale(family, customers) else { return Ok(None) };
    let chart = Chart::of(family, scale);
    let starts = chart.starts(observations::pace(customers, scale));
    fit(chart, &starts, customers, poll, |data, at, poll| match family {
        Family::ParetoNbd => pareto::evaluate(data, at, scale, poll),
        Family::BgBb => opportunities::evaluate(data, at, poll),
        Family::ShiftedBetaGeometric => contracts::evaluate(data, at, poll),
        _ => bg::evaluate(data, at, family == Family::MbgNbd, scale, poll),
    })
}

/// Fits the Gamma-Gamma model to customers in canonical order. None without customers who bought again.
pub fn fit_spend(customers: &[Spend], poll: Poll<'_>) -> Result<Option<Estimate>, Error> {
    let Some(scale) = observations::spend_scale(customers) else { return Ok(None) };
    let chart = Chart::of(Family::GammaGamma, scale);
    let starts = chart.starts(1.0);
    fit(chart, &starts, customers, poll, |data, at, poll| spend::evaluate(data, at, scale, poll))
}

/// Climbs from several points over a thinned population, from the best over larger ones, last over all.
fn fit<T: Observation>(
    chart: Chart,
    starts: &[Vector],
    data: &[T],
    poll: Poll<'_>,
    evaluate: impl Fn(&[T], &Vector, Poll<'_>) -> Derivatives,
) -> Result<Option<Estimate>, Error> {
    let thin = observations::thinned(data, THINNED)?;
    let climb = |data: &[T], start: &Vector, poll: Poll<'_>| {
        optimum::climb(start, chart.bounds(), &mut |point| {
            let parameters = chart.parameters(point);
            chart.pull_back(&parameters, evaluate(data, &parameters, poll))
        })
    };
    let mut best: Option<optimum::Optimum> = None;
    for start in starts {
        let found = climb(&thin, start, poll);
        if found.value.is_finite() && best.is_none_or(|best| found.value > best.value) {
            best = Some(found);
        }
    }
    let Some(mut best) = best else { return Ok(None) };
    let mut most = THINNED;
    while most < data.len() {
        most *= GROWTH;
        best = climb(&observations::thinned(data, most)?, &best.point, poll);
    }
    let (weight, shift) = data.iter().fold((0.0, 0.0), |(weight, shift), one| {
        (weight + one.weight(), shift + one.weight() * one.units(chart.family))
    });
    Ok(Some(chart.estimate(&best, weight, -shift * chart.scale.ln())))
}
