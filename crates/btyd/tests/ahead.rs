//! Far ahead: sums over many steps against the same sum step by step, and discounted times against arbitrary precision.

mod cases;
mod common;

use btyd::models::{Customer, Family, PurchaseModel};
use btyd::special::discounted_mixture::DiscountedMixture;
use cases::*;
use common::config;
use proptest::prelude::*;

/// What `stepped_purchases` is by definition.
fn step_by_step(case: &Case, horizon: f64, rate: f64, step: f64) -> f64 {
    let (mut sum, mut before, mut k) = (0.0, 0.0, 1.0);
    loop {
        let end = f64::min(k * step, horizon);
        let now = case.expected(end);
        sum += f64::max(now - before, 0.0) * (-rate * end).exp();
        if end >= horizon {
            return sum;
        }
        (before, k) = (now, k + 1.0);
    }
}

fn compare(case: &Case, horizon: f64, rate: f64, step: f64) -> Result<(), TestCaseError> {
    let stepped = case.model.stepped_purchases(&case.customer, horizon, rate, step, &mut || {});
    near(stepped, step_by_step(case, horizon, rate, step), INTEGRATED, 1e-300)
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn many_steps_are_summed_as_one_by_one(
        case in continuous(500), step in wide(1e-3, 1e3), steps in 1.0..400.0, years in wide(1e-4, 30.0),
    ) {
        let horizon = step * steps;
        compare(&case, horizon, years / horizon, step)?;
    }

    #[test]
    fn many_steps_of_other_families_too(
        case in prop_oneof![opportunities(), contracts()], steps in 1..200u32, rate in wide(1e-6, 1.0),
    ) {
        compare(&case, steps.into(), rate, 1.0)?;
    }
}

#[test]
fn months_and_days_of_decades() {
    for (family, parameters) in [
        (Family::BgNbd, [0.243, 30.9, 0.793, 2.426]),
        (Family::MbgNbd, [0.525, 43.3, 0.891, 1.614]),
        (Family::ParetoNbd, [0.5534, 74.1, 0.6061, 81.6]),
        (Family::BgNbd, [20.0, 3.0, 8.0, 0.5]),
    ] {
        let model = PurchaseModel::new(family, parameters).unwrap();
        for [repeats, span, age] in
            [[0.0, 0.0, 0.0], [0.0, 0.0, 200.0], [3.0, 100.0, 180.0], [60.0, 700.0, 720.0]]
        {
            let case = Case { model, customer: Customer { repeats, span, age } };
            for (horizon, step) in [(3652.5, 30.0), (10_957.5, 30.0), (3652.5, 7.0), (3600.0, 30.0)]
            {
                for rate in [2.6e-4, 1e-8, 0.05] {
                    compare(&case, horizon, rate, step).unwrap();
                }
            }
        }
    }
}

#[test]
fn a_step_weighs_between_its_ends() {
    let model = PurchaseModel::new(Family::BgNbd, [0.243, 30.9, 0.793, 2.426]).unwrap();
    let customer = Customer { repeats: 3.0, span: 100.0, age: 180.0 };
    let rate = 2.6e-4;
    for step in [0.1, 1.0, 10.0] {
        let stepped = model.stepped_purchases(&customer, 3652.5, rate, step, &mut || {});
        let exact = model.discounted_purchases(&customer, 3652.5, rate).unwrap();
        // purchases count half a step late, on the whole
        let late = (-rate * step / 2.0).exp();
        assert!((stepped / exact / late - 1.0).abs() < 1e-4 * step * step, "{stepped} of {exact}");
    }
}

#[test]
fn discounted_times() {
    let mut worst = (0.0, "");
    let lines = include_str!("data/ahead.csv").lines().filter(|line| !line.starts_with('#'));
    for line in lines.skip(1) {
        let cells: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
        let [exponent, a, b, discount, end, expected] = cells[..] else { panic!("{line}") };
        let found = DiscountedMixture { exponent, a, b, discount, end }.mean();
        let error = (found / expected - 1.0).abs();
        assert!(error < 1e-11, "{found:e}, off by {error:e}: {line}");
        if error > worst.0 {
            worst = (error, line);
        }
    }
    println!("worst relative error {:.1e}: {}", worst.0, worst.1);
}
