//! What must hold of every fit: it depends neither on the order of the customers, nor on how they were split,
//! nor on the unit of time; it is a maximum of the likelihood that the models state, and its standard errors
//! are those of that likelihood; published fits come out.
#![allow(clippy::needless_range_loop)] // matrices are read by index

mod simulated;

use btyd::fit::{Estimate, Observation, Purchases, canonical};
use btyd::models::spend::SpendModel;
use btyd::models::{Customer, Family, PurchaseModel};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardUniform};
use simulated::*;

type Vector = [f64; 4];

/// Everything that a fit gave.
fn bits(fit: &Estimate) -> Vec<u64> {
    let fitted = fit.fitted.expect("a fit");
    let numbers = fit.parameters.into_iter().chain(fitted.covariance.into_iter().flatten());
    let numbers = numbers.chain([fitted.log_likelihood, fitted.customers]);
    let flags = [u64::from(fitted.converged), u64::from(fitted.boundary)];
    numbers.map(f64::to_bits).chain(flags).collect()
}

fn shuffled<T: Clone>(data: &[T], seed: u64) -> Vec<T> {
    let mut stream = ChaCha8Rng::seed_from_u64(seed);
    let mut shuffled = data.to_vec();
    shuffled.sort_by_cached_key(|_| -> u64 { StandardUniform.sample(&mut stream) });
    shuffled
}

/// Each of so many parts in canonical order, one after the other, as workers hand them over.
fn in_parts<T: Observation>(data: &[T], parts: usize) -> Vec<T> {
    let part = |part: usize| {
        let mut own: Vec<T> = data.iter().skip(part).step_by(parts).copied().collect();
        canonical(&mut own, &mut || {}).to_vec()
    };
    (0..parts).flat_map(part).collect()
}

fn neither_order_nor_parts_matter<T: Observation>(data: &[T], fit: impl Fn(Vec<T>) -> Estimate) {
    let expected = bits(&fit(data.to_vec()));
    for seed in 0..3 {
        assert_eq!(bits(&fit(shuffled(data, seed))), expected);
    }
    for parts in [2, 3, 7] {
        assert_eq!(bits(&fit(in_parts(&shuffled(data, 9), parts))), expected, "{parts} parts");
    }
}

#[test]
fn neither_the_order_of_customers_nor_their_split_changes_a_bit() {
    for (family, parameters, window) in populations() {
        // more than are looked at from each start, but for the slowest family
        let many = if family == Family::ParetoNbd { 1500 } else { 6000 };
        let customers = customers(model(family, &parameters), window, 1, many);
        neither_order_nor_parts_matter(&weighted(&customers, 1.0), |data| fitted(family, data));
    }
    let spenders = spenders(spending(), 1, 6000, MOST_SPENT);
    neither_order_nor_parts_matter(&weighted_spend(&spenders, 1.0), fitted_spend);
}

#[test]
fn the_order_of_broken_weights_does_not_change_a_bit() {
    let (family, parameters, window) = populations()[3].clone();
    let customers = customers(model(family, &parameters), window, 2, 2000);
    let mut data = weighted(&customers, 1.0);
    for (i, one) in data.iter_mut().enumerate() {
        one.weight = 1.0 / (1 + i % 17) as f64;
    }
    let expected = bits(&fitted(family, data.clone()));
    for seed in 0..5 {
        assert_eq!(bits(&fitted(family, shuffled(&data, seed))), expected);
    }
}

#[test]
fn a_weight_is_so_many_customers() {
    for (family, parameters, window) in populations() {
        let customers = customers(model(family, &parameters), window, 3, 600);
        let copies = fitted(family, weighted(&customers, 1.0).repeat(3));
        assert_eq!(bits(&fitted(family, weighted(&customers, 3.0))), bits(&copies), "{family:?}");
        let mut with_none = weighted(&customers, 3.0);
        with_none.push(Purchases { weight: 0.0, ..weighted(&[Customer::NEW], 1.0)[0] });
        assert_eq!(bits(&fitted(family, with_none)), bits(&copies), "{family:?}");
    }
    let spenders = spenders(spending(), 3, 600, MOST_SPENT);
    let copies = fitted_spend(weighted_spend(&spenders, 1.0).repeat(3));
    assert_eq!(bits(&fitted_spend(weighted_spend(&spenders, 3.0))), bits(&copies));
}

fn near(found: f64, expected: f64, relative: f64) {
    assert!((found - expected).abs() <= relative * expected.abs(), "{found} is not {expected}");
}

#[test]
fn days_or_weeks_are_all_the_same() {
    for (family, parameters, window) in populations().into_iter().take(3) {
        let weeks = customers(model(family, &parameters), window, 4, 1000);
        let days = weeks.iter().map(|one| Customer {
            span: one.span * 7.0,
            age: one.age * 7.0,
            repeats: one.repeats,
        });
        let days = fitted(family, weighted(&days.collect::<Vec<_>>(), 1.0));
        let bought: f64 = weeks.iter().map(|one| one.repeats).sum();
        let weeks = fitted(family, weighted(&weeks, 1.0));
        let times: &[usize] = if family == Family::ParetoNbd { &[1, 3] } else { &[1] };
        for i in 0..4 {
            let unit = if times.contains(&i) { 7.0 } else { 1.0 };
            near(days.parameters[i], weeks.parameters[i] * unit, 1e-8);
            let error = weeks.standard_error(i).unwrap();
            near(days.standard_error(i).unwrap(), error * unit, 1e-6);
        }
        let ln = [days, weeks].map(|fit| fit.fitted.unwrap().log_likelihood);
        near(ln[0] + bought * 7f64.ln(), ln[1], 1e-12);
    }
}

#[test]
fn euros_or_cents_are_all_the_same() {
    let euros = spenders(spending(), 4, 1000, MOST_SPENT);
    let cents: Vec<[f64; 2]> = euros.iter().map(|[x, m]| [*x, m * 100.0]).collect();
    let [one, other] = [&euros, &cents].map(|data| fitted_spend(weighted_spend(data, 1.0)));
    for (i, unit) in [1.0, 1.0, 100.0].into_iter().enumerate() {
        near(other.parameters[i], one.parameters[i] * unit, 1e-8);
    }
    let ln = [one, other].map(|fit| fit.fitted.unwrap().log_likelihood);
    near(ln[1] + 1000.0 * 100f64.ln(), ln[0], 1e-12);
}

/// A fit, and the log-likelihood that its model states for the same customers.
struct Sample {
    fit: Estimate,
    total: Box<dyn Fn(&Vector) -> f64>,
}

fn samples(many: u64) -> impl Iterator<Item = Sample> {
    let purchases = populations().into_iter().map(move |(family, parameters, window)| {
        let customers = customers(model(family, &parameters), window, 5, many);
        let fit = fitted(family, weighted(&customers, 1.0));
        let total = move |at: &Vector| {
            let model = PurchaseModel::new(family, *at).unwrap();
            customers.iter().map(|one| model.log_likelihood(one)).sum()
        };
        Sample { fit, total: Box::new(total) }
    });
    let spenders = spenders(spending(), 5, many, MOST_SPENT);
    let fit = fitted_spend(weighted_spend(&spenders, 1.0));
    let total = move |&[p, q, v, _]: &Vector| {
        let model = SpendModel::new(p, q, v).unwrap();
        spenders.iter().map(|&[x, m]| model.log_likelihood(x, m)).sum()
    };
    purchases.chain([Sample { fit, total: Box::new(total) }])
}

impl Sample {
    /// The total at the optimum with the logarithms of parameters moved.
    fn moved(&self, moves: &[(usize, f64)]) -> f64 {
        let mut at = self.fit.parameters;
        for &(i, by) in moves {
            at[i] *= by.exp();
        }
        (self.total)(&at)
    }

    /// The covariance of the logarithms of the parameters from second differences of the total.
    fn covariance(&self) -> [Vector; 4] {
        const STEP: f64 = 3e-3;
        let n = self.fit.count();
        let mut curvature = [[0.0; 4]; 4];
        for i in 0..n {
            for j in 0..n {
                let at = |one: f64, other: f64| self.moved(&[(i, one * STEP), (j, other * STEP)]);
                let mixed = at(1.0, 1.0) - at(1.0, -1.0) - at(-1.0, 1.0) + at(-1.0, -1.0);
                curvature[i][j] = -mixed / (4.0 * STEP * STEP);
            }
        }
        inverse(curvature, n)
    }
}

/// By Gauss and Jordan, for a matrix whose pivots are its diagonal.
fn inverse(mut matrix: [Vector; 4], n: usize) -> [Vector; 4] {
    let mut inverse: [Vector; 4] =
        std::array::from_fn(|i| std::array::from_fn(|j| f64::from(u8::from(i == j))));
    for i in 0..n {
        let pivot = matrix[i][i];
        matrix[i] = matrix[i].map(|value| value / pivot);
        inverse[i] = inverse[i].map(|value| value / pivot);
        for k in (0..n).filter(|&k| k != i) {
            let factor = matrix[k][i];
            for j in 0..n {
                matrix[k][j] -= factor * matrix[i][j];
                inverse[k][j] -= factor * inverse[i][j];
            }
        }
    }
    inverse
}

#[test]
fn a_fit_is_a_maximum_of_the_likelihood_that_the_model_states() {
    for sample in samples(1500) {
        let (fit, best) = (sample.fit, sample.moved(&[]));
        let fitted = fit.fitted.unwrap();
        assert!(fitted.converged && fitted.boundary == 0, "{fit:?}");
        near(fitted.log_likelihood, best, 1e-10);
        for i in 0..fit.count() {
            for by in [-0.3, -0.01, -1e-3, 1e-3, 0.01, 0.3] {
                assert!(sample.moved(&[(i, by)]) < best, "{fit:?}: {i} by {by}");
            }
            // the slope over one standard error
            let error = fit.standard_error(i).unwrap() / fit.parameters[i];
            let rise = sample.moved(&[(i, 1e-4)]) - sample.moved(&[(i, -1e-4)]);
            assert!((rise / 2e-4 * error).abs() < 1e-5, "{fit:?}: slope {rise} of {i}");
        }
    }
}

#[test]
fn nothing_on_a_grid_is_better() {
    for sample in samples(200) {
        let best = sample.moved(&[]);
        let n = sample.fit.count() as u32;
        for point in 0..5usize.pow(n) {
            let by = |i: u32| [-5.0, -1.0, 0.0, 1.0, 5.0][point / 5usize.pow(i) % 5];
            let moves: Vec<(usize, f64)> = (0..n).map(|i| (i as usize, by(i))).collect();
            let there = sample.moved(&moves);
            assert!(there <= best + 1e-9, "{:?}: {there} at {moves:?}", sample.fit);
        }
    }
}

#[test]
fn covariances_are_the_curvature_of_the_likelihood() {
    for sample in samples(1500) {
        let Estimate { parameters, fitted, .. } = sample.fit;
        let (found, expected) = (fitted.unwrap().covariance, sample.covariance());
        for i in 0..sample.fit.count() {
            for j in 0..sample.fit.count() {
                let logs = found[i][j] / (parameters[i] * parameters[j]);
                let scale = (expected[i][i] * expected[j][j]).sqrt();
                let off = (logs - expected[i][j]).abs() / scale;
                assert!(off < 1e-3, "{:?}: {i} {j}: {logs} is not {expected:?}", sample.fit);
            }
        }
    }
}
