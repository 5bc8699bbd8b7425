//! Standard errors of lifetime values: against derivatives that are computed apart, against simulated populations,
//! and summed over the customers of CDNOW.

mod simulated;

use btyd::fit::Estimate;
use btyd::models::{Customer, Family};
use btyd::uncertain::{Slope, Uncertain, error_along};
use btyd::value::Terms;
use simulated::*;

const YEAR: Terms = Terms { horizon: 365.0, annual_rate: 0.1, margin: 0.4, step: 0.0 };

/// Customers of the CDNOW sample as of the end of its calibration, in days, with the mean of their repeat purchases.
fn cdnow() -> Vec<(Customer, Option<f64>)> {
    let text = include_str!("data/cdnow_reference.csv");
    let lines = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    let customer = |line: &str| {
        let cells: Vec<f64> = line.split(',').map(|cell| cell.parse().expect("a number")).collect();
        let customer = Customer { repeats: cells[1], span: cells[2], age: cells[3] };
        (customer, (cells[1] > 0.0).then_some(cells[4]))
    };
    lines.map(customer).collect()
}

/// Both models of a population.
#[derive(Clone, Copy)]
struct Fits {
    purchases: Estimate,
    spend: Estimate,
    refund_share: f64,
}

fn fits_of(family: Family, customers: &[(Customer, Option<f64>)]) -> Fits {
    let buying: Vec<Customer> = customers.iter().map(|(customer, _)| *customer).collect();
    let spending: Vec<[f64; 2]> =
        customers.iter().filter_map(|(one, mean)| Some([one.repeats, (*mean)?])).collect();
    let purchases = fitted(family, weighted(&buying, 1.0));
    Fits { purchases, spend: fitted_spend(weighted_spend(&spending, 1.0)), refund_share: 0.02 }
}

fn uncertain(fits: &Fits) -> Option<Uncertain> {
    Uncertain::new(&fits.purchases, &fits.spend, fits.refund_share).expect("models")
}

fn slope(fits: &Uncertain, terms: &Terms, (customer, mean): &(Customer, Option<f64>)) -> Slope {
    let bought = fits.bought(terms, customer, &mut || {}).expect("purchases");
    fits.slope(terms, &bought, customer.repeats, *mean).expect("a slope")
}

/// The sum of the slopes of customers, and that of their own errors.
fn total(fits: &Uncertain, terms: &Terms, customers: &[(Customer, Option<f64>)]) -> (Slope, f64) {
    let (mut sum, mut errors) = ([0.0; 8], 0.0);
    for customer in customers {
        let one = slope(fits, terms, customer);
        sum.iter_mut().zip(one).for_each(|(sum, one)| *sum += one);
        errors += error_along(&one);
    }
    (sum, errors)
}

/// The derivative at 1 of a function of a factor, by differences over four points (error of the fourth order), with
/// steps that have nothing in common with those of the library.
fn derivative(function: impl Fn(f64) -> f64) -> f64 {
    const STEP: f64 = 2e-3;
    let wide = function(1.0 + 2.0 * STEP) - function(1.0 - 2.0 * STEP);
    let narrow = function(1.0 + STEP) - function(1.0 - STEP);
    (8.0 * narrow - wide) / (12.0 * STEP)
}

/// The variance of a function of the parameters of a fit.
fn variance(fit: &Estimate, function: impl Fn(&Estimate) -> f64) -> f64 {
    let slopes: Vec<f64> = (0..fit.count())
        .map(|i| {
            let moved = |factor: f64| {
                let mut moved = *fit;
                moved.parameters[i] *= factor;
                function(&moved)
            };
            derivative(moved) / fit.parameters[i]
        })
        .collect();
    let covariance = fit.fitted.expect("a fit").covariance;
    let pairs = (0..fit.count()).flat_map(|i| (0..fit.count()).map(move |j| (i, j)));
    pairs.map(|(i, j)| slopes[i] * slopes[j] * covariance[i][j]).sum()
}

#[test]
fn the_error_is_that_of_a_product_of_independent_estimates() {
    let customers = cdnow();
    let residual = Terms { horizon: f64::INFINITY, ..YEAR };
    let monthly = Terms { step: 30.0, ..YEAR };
    for (family, terms) in [
        (Family::BgNbd, YEAR),
        (Family::BgNbd, residual),
        (Family::BgNbd, monthly),
        (Family::MbgNbd, YEAR),
        (Family::ParetoNbd, YEAR),
    ] {
        let fits = fits_of(family, &customers);
        let moved = uncertain(&fits).expect("covariances");
        for (customer, mean) in customers.iter().step_by(97) {
            let purchases = |fit: &Estimate| {
                let model = fit.purchase_model().expect("a model");
                terms.purchases(&model, customer, &mut || {}).expect("purchases")
            };
            // note 025, eq. 5
            let each = |fit: &Estimate| {
                let [p, q, v, _] = fit.parameters;
                (v + mean.unwrap_or(0.0) * customer.repeats) * p / (p * customer.repeats + q - 1.0)
            };
            let (bought, value) = (purchases(&fits.purchases), each(&fits.spend));
            let product = value.powi(2) * variance(&fits.purchases, purchases)
                + bought.powi(2) * variance(&fits.spend, each);
            let expected = 0.4 * 0.98 * product.sqrt();
            let found = error_along(&slope(&moved, &terms, &(*customer, *mean)));
            assert!(
                (found / expected - 1.0).abs() < 1e-5,
                "{family:?} {customer:?}: {found} {expected}"
            );
        }
    }
}

#[test]
fn the_error_of_a_sum_is_at_most_the_sum_of_the_errors() {
    let customers = cdnow();
    for family in [Family::BgNbd, Family::MbgNbd, Family::ParetoNbd] {
        let fits = uncertain(&fits_of(family, &customers)).expect("covariances");
        for repeats in [0.0..1.0, 1.0..3.0, 3.0..1e9, 0.0..1e9] {
            let inside = |one: &(Customer, Option<f64>)| repeats.contains(&one.0.repeats);
            let part: Vec<_> = customers.iter().copied().filter(inside).collect();
            let (sum, errors) = total(&fits, &YEAR, &part);
            let ratio = errors / error_along(&sum);
            println!("{} {repeats:?}: the sum of errors is {ratio:.3} of the error", family.name());
            assert!((1.0 - 1e-12..1.45).contains(&ratio));
        }
    }
}

/// Populations.
const SETS: u64 = 200;

/// Customers in each.
const MANY: u64 = 2500;

#[test]
fn intervals_cover_the_truth() {
    // customers as they are found in the population, who make one more purchase or none
    let [once, twice, often] = [(0.0, 0.0, 50.0), (1.0, 20.0, 45.0), (7.0, 40.0, 48.0)]
        .map(|(repeats, span, age)| Customer { repeats, span, age });
    let asked = [(once, None), (twice, Some(25.0)), (often, Some(31.0))];
    let terms = Terms { horizon: 52.0, annual_rate: 0.0, margin: 1.0, step: 0.0 };
    let (_, truth, window) = populations().into_iter().next().expect("a population");
    let (buying, spend) = (model(Family::BgNbd, &truth), spending());
    let true_value = |(customer, mean): &(Customer, Option<f64>)| {
        let mean = mean.unwrap_or(0.0);
        let each = spend.expected_value(customer.repeats, mean).expect("a mean");
        buying.expected_purchases(customer, terms.horizon) * each
    };
    let mut covered = [0u64; 5];
    for seed in 0..SETS {
        let fits = Fits {
            purchases: fitted(Family::BgNbd, weighted(&customers(buying, window, seed, MANY), 1.0)),
            spend: fitted_spend(weighted_spend(&spenders(spend, seed, MANY / 2, MOST_SPENT), 1.0)),
            refund_share: 0.0,
        };
        let value = |(customer, mean): &(Customer, Option<f64>)| {
            let spend = fits.spend.spend_model().expect("a model");
            let each = spend.expected_value(customer.repeats, mean.unwrap_or(0.0)).expect("a mean");
            let model = fits.purchases.purchase_model().expect("a model");
            model.expected_purchases(customer, terms.horizon) * each
        };
        let moved = uncertain(&fits).expect("covariances");
        let covers = |off: f64, error: f64| u64::from(off.abs() <= 1.959964 * error);
        let off: Vec<f64> = asked.iter().map(|one| value(one) - true_value(one)).collect();
        for (at, one) in asked.iter().enumerate() {
            let error = error_along(&slope(&moved, &terms, one));
            covered[at] += covers(off[at], error);
        }
        let (sum, errors) = total(&moved, &terms, &asked);
        covered[3] += covers(off.iter().sum(), error_along(&sum));
        covered[4] += covers(off.iter().sum(), errors);
    }
    let shares = covered.map(|count| count as f64 / SETS as f64);
    println!("coverage of once, twice, often, their sum, and by the sum of errors: {shares:.3?}");
    // chance alone moves a coverage by 0.015
    assert!(shares[..4].iter().all(|share| (0.91..=0.985).contains(share)), "{shares:?}");
    assert!(shares[4] >= shares[3]);
}

#[test]
fn no_error_without_covariances() {
    let mut fits = fits_of(Family::BgNbd, &cdnow());
    let customer = (Customer { repeats: 2.0, span: 100.0, age: 200.0 }, Some(20.0));
    let along = |fits: &Fits| Some(error_along(&slope(&uncertain(fits)?, &YEAR, &customer)));
    assert!(along(&fits).is_some_and(|error| error > 0.0));
    // what a bound holds has no covariance
    let held = fits;
    if let Some(fitted) = &mut fits.purchases.fitted {
        fitted.covariance[2] = [f64::NAN; 4];
        fitted.covariance.iter_mut().for_each(|row| row[2] = f64::NAN);
    }
    assert_eq!(along(&fits), None);
    assert_eq!(along(&Fits { spend: Estimate { fitted: None, ..held.spend }, ..held }), None);
    assert_eq!(
        along(&Fits { purchases: Estimate { fitted: None, ..held.purchases }, ..held }),
        None
    );
    // a spend model without a mean knows no value of those who bought once
    let mut endless = held;
    endless.spend.parameters[1] = 0.9;
    let once = Customer { repeats: 0.0, span: 0.0, age: 200.0 };
    let endless = uncertain(&endless).expect("covariances");
    let bought = endless.bought(&YEAR, &once, &mut || {}).expect("purchases");
    assert_eq!(endless.slope(&YEAR, &bought, 0.0, None), None);
}
