//! What if: against customers whose futures are drawn one by one, and what must hold.

mod cases;
mod common;

use btyd::models::what_if::{Ahead, WhatIf};
use btyd::models::{Customer, Family, PurchaseModel};
use btyd::value::daily_rate;
use cases::*;
use common::config;
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Beta, Distribution, Exp1, Gamma, StandardUniform};

/// The discounted purchases of one future of somebody who is there.
fn future(random: &mut ChaCha8Rng, case: &Case, ahead: &Ahead, what_if: &WhatIf) -> f64 {
    let [r, alpha, third, fourth] = case.model.parameters();
    let Customer { repeats, age, .. } = case.customer;
    let rate = Gamma::new(r + repeats, 1.0 / (alpha + age)).unwrap().sample(random);
    let rate = rate * what_if.purchase_rate;
    let (leaves, until) = match case.model.family() {
        Family::ParetoNbd => {
            let mu = Gamma::new(third, 1.0 / (fourth + age)).unwrap().sample(random);
            let life: f64 = Exp1.sample(random);
            (0.0, life / (mu / what_if.retention))
        }
        family => {
            let survived = repeats + if family == Family::MbgNbd { 1.0 } else { 0.0 };
            let a = third / what_if.retention;
            (Beta::new(a, fourth + survived).unwrap().sample(random), f64::INFINITY)
        }
    };
    let (mut now, mut sum) = (0.0, 0.0);
    loop {
        let gap: f64 = Exp1.sample(random);
        now += gap / rate;
        if now > ahead.horizon.min(until) {
            return sum;
        }
        let counts_at = match ahead.step {
            0.0 => now,
            step => ((now / step).ceil() * step).min(ahead.horizon),
        };
        sum += (-daily_rate(ahead.annual_rate) * counts_at).exp();
        let chance: f64 = StandardUniform.sample(random);
        if chance < leaves {
            return sum;
        }
    }
}

#[test]
fn futures_drawn_one_by_one() {
    let models = [
        (Family::BgNbd, [0.243, 30.9, 0.793, 2.426]),
        (Family::MbgNbd, [0.525, 43.3, 0.891, 1.614]),
        (Family::ParetoNbd, [0.5534, 74.1, 0.6061, 81.6]),
    ];
    let customers = [[0.0, 0.0, 40.0], [3.0, 150.0, 180.0], [9.0, 200.0, 205.0]];
    let changes = [(1.5, 1.0), (0.6, 1.0), (1.0, 2.0), (1.0, 0.5), (1.3, 1.4)];
    let mut random = ChaCha8Rng::seed_from_u64(5);
    const DRAWN: usize = 6_000;
    for (family, parameters) in models {
        for [repeats, span, age] in customers {
            let model = PurchaseModel::new(family, parameters).unwrap();
            let case = Case { model, customer: Customer { repeats, span, age } };
            for (at, (purchase_rate, retention)) in changes.into_iter().enumerate() {
                let what_if = WhatIf { purchase_rate, retention };
                let step = if at % 2 == 0 { 0.0 } else { 30.0 };
                let ahead = Ahead { horizon: 365.0, annual_rate: 0.1, step };
                let there =
                    Customer { span: if repeats > 0.0 { age } else { 0.0 }, ..case.customer };
                let rate = daily_rate(ahead.annual_rate);
                let before = match step {
                    0.0 => model.ahead(&there, ahead.horizon, rate).unwrap(),
                    step => {
                        model.stepped_purchases(&there, ahead.horizon, rate, step, &mut || {})
                            / model.p_alive(&there)
                    }
                };
                let times = model.what_if(&case.customer, &ahead, &what_if, &mut || {}).unwrap();
                let drawn: Vec<f64> =
                    (0..DRAWN).map(|_| future(&mut random, &case, &ahead, &what_if)).collect();
                let mean = drawn.iter().sum::<f64>() / DRAWN as f64;
                let squares: f64 = drawn.iter().map(|one| (one - mean).powi(2)).sum();
                let error = (squares / (DRAWN as f64).powi(2)).sqrt();
                let off = (before * times - mean) / error;
                assert!(
                    off.abs() < 4.5,
                    "{case:?} {what_if:?}: {} for {mean} ± {error}",
                    before * times
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn nothing_changes_nothing(case in continuous(500), horizon in wide(1e-2, 1e5), step in prop_oneof![Just(0.0), Just(30.0)]) {
        let ahead = Ahead { horizon, annual_rate: 0.1, step };
        prop_assert_eq!(case.model.what_if(&case.customer, &ahead, &WhatIf::AS_IT_IS, &mut || {}), Some(1.0));
    }

    #[test]
    fn more_is_more_and_not_more_than_it_can_be(
        case in continuous(500), horizon in wide(1e-2, 1e4), more in 1.0f64..20.0, rate in 0.0f64..0.5,
    ) {
        let ahead = Ahead { horizon, annual_rate: rate, step: 0.0 };
        let times = |purchase_rate, retention| {
            let what_if = WhatIf { purchase_rate, retention };
            case.model.what_if(&case.customer, &ahead, &what_if, &mut || {}).unwrap()
        };
        let (bought, stayed) = (times(more, 1.0), times(1.0, more));
        // who buys more often leaves the earlier, where purchases are the occasions to leave
        at_most(1.0, bought, INTEGRATED)?;
        at_most(bought, more, INTEGRATED)?;
        if case.model.family() == Family::ParetoNbd {
            near(bought, more, 1e-14, 0.0)?;
        }
        at_most(1.0, stayed, INTEGRATED)?;
        at_most(times(1.0 / more, 1.0), 1.0, INTEGRATED)?;
        at_most(times(1.0, 1.0 / more), 1.0, INTEGRATED)?;
    }
}

#[test]
fn nothing_expected_stays_nothing() {
    let model = PurchaseModel::new(Family::BgNbd, [0.243, 30.9, 0.793, 2.426]).unwrap();
    let customer = Customer { repeats: 2.0, span: 20.0, age: 300.0 };
    let what_if = WhatIf { purchase_rate: 2.0, retention: 2.0 };
    let none = Ahead { horizon: 0.0, annual_rate: 0.1, step: 0.0 };
    assert_eq!(model.what_if(&customer, &none, &what_if, &mut || {}), Some(1.0));
    let discrete = PurchaseModel::new(Family::BgBb, [1.0, 1.0, 1.0, 1.0]).unwrap();
    assert_eq!(discrete.what_if(&customer, &none, &what_if, &mut || {}), None);
}
