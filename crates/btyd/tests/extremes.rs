//! Parameters that no fit would give, and customers to match: nothing is NaN, infinite, or takes forever.

mod cases;
mod common;

use btyd::models::{Customer, Family, PurchaseModel};
use cases::*;
use common::config;
use proptest::prelude::*;
use std::time::Instant;

fn extreme() -> impl Strategy<Value = Case> {
    let parameter = || prop_oneof![1 => Just(1e-12), 1 => Just(1e6), 8 => wide(1e-12, 1e6)];
    let family = prop::sample::select(Family::ALL[..5].to_vec());
    let repeats = prop_oneof![1 => Just(0.0), 1 => Just(1e6), 8 => wide(1.0, 1e6)];
    let age = prop_oneof![1 => Just(0.0), 1 => Just(1e5), 8 => wide(1e-6, 1e5)];
    let parameters = [(); 4].map(|()| parameter());
    (family, parameters, repeats, age, share()).prop_map(
        |(family, parameters, repeats, age, share)| {
            let model = PurchaseModel::new(family, parameters).unwrap();
            let (repeats, age) = (f64::floor(repeats), age);
            let whole = match family {
                Family::BgBb => {
                    let repeats = repeats.min(age.floor());
                    (repeats, (repeats + (age.floor() - repeats) * share).floor(), age.floor())
                }
                Family::ShiftedBetaGeometric => {
                    let age = (repeats + share.round()).min(1e6);
                    (repeats, repeats, age)
                }
                _ => (repeats, age * share, age),
            };
            let (repeats, span, age) = whole;
            let span = if repeats == 0.0 { 0.0 } else { span };
            Case { model, customer: Customer { repeats, span, age } }
        },
    )
}

fn extreme_horizon() -> impl Strategy<Value = f64> {
    prop_oneof![1 => Just(0.0), 1 => Just(1e5), 3 => wide(1.0, 1e5).prop_map(f64::floor)]
}

/// Few steps to a simpler failure: some take seconds.
fn cases() -> ProptestConfig {
    ProptestConfig { max_shrink_iters: 50, ..config(600) }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn log_likelihoods_are_finite(case in extreme()) {
        let found = case.model.log_likelihood(&case.customer);
        prop_assert!(found.is_finite(), "{found}");
    }

    #[test]
    fn chances_to_be_there_are_probabilities(case in extreme(), ahead in extreme_horizon()) {
        let Case { model, customer } = case;
        for found in [model.p_alive(&customer), model.p_alive_at(&customer, ahead)] {
            prop_assert!((0.0..=1.0).contains(&found), "{found:e}");
        }
    }

    #[test]
    fn chances_of_a_count_are_probabilities_and_take_no_time(
        case in extreme(), horizon in extreme_horizon(), n in 0..2000u32,
    ) {
        let start = Instant::now();
        let found = case.probability(n.into(), horizon);
        prop_assert!((0.0..=1.0).contains(&found), "{found:e}");
        prop_assert!(start.elapsed().as_secs_f64() < 2.0, "{:?}", start.elapsed());
    }

    #[test]
    fn expectations_are_finite(case in extreme(), horizon in extreme_horizon()) {
        for rate in [0.0, 1e-4, 0.1, 10.0] {
            for horizon in [0.0, horizon, f64::INFINITY] {
                let Some(worth) = case.discounted(horizon, rate) else {
                    prop_assert!(horizon == f64::INFINITY && rate == 0.0 && case.staying() <= 1.0);
                    continue;
                };
                prop_assert!(worth >= 0.0 && worth.is_finite(), "{worth} at {horizon} {rate}");
            }
        }
    }
}

/// One of BG/NBD, MBG/NBD or Pareto/NBD.
fn seen(family: Family, parameters: [f64; 4], [repeats, span, age]: [f64; 3]) -> Case {
    let model = PurchaseModel::new(family, parameters).unwrap();
    Case { model, customer: Customer { repeats, span, age } }
}

#[test]
fn many_occasions_to_leave_at_even_chance() {
    // a power series with terms beyond the largest double: as fitted to customers who all bought once
    let fitted = [98715.77, 629250.1, 83729.33, 98715.77];
    for family in [Family::BgNbd, Family::MbgNbd] {
        for [repeats, age] in [[0.0, 0.0], [1.0, 10.0], [50_000.0, 1e5]] {
            let case = seen(family, fitted, [repeats, age / 2.0, age]);
            for horizon in [1e3, 1e4, 1e5, f64::INFINITY] {
                let found = case.discounted(horizon, 0.002).unwrap();
                assert!(found.is_finite(), "{found} for {horizon}: {case:?}");
            }
        }
    }
}

#[test]
fn after_a_long_time_those_who_hardly_stay_have_left() {
    // shares of 1e-30, as the small difference of larger numbers
    for (parameters, horizons) in [
        ([27.092836901481853, 1.0, 4.749594622963365, 0.1625291373690663], [120.75, 18687.7]),
        ([27.882583404285793, 1.0, 9.603301989558581, 0.06224822578620782], [78625.3, 78626.3]),
        ([1e6, 1.0, 16599.068164489312, 1.493074853791224e-10], [1.0, 1e5]),
    ] {
        let case = seen(Family::BgNbd, parameters, [0.0, 0.0, 1.0]);
        let there = horizons.map(|ahead| case.model.p_alive_at(&case.customer, ahead));
        assert!(there[0] >= there[1] && there[1] >= 0.0, "{there:?}: {case:?}");
        let found = horizons.map(|horizon| case.expected(horizon));
        assert!(found[1] >= found[0] * (1.0 - INTEGRATED), "{found:?}: {case:?}");
    }
}

#[test]
fn who_leaves_at_once_has_left() {
    // all of an integral within a thirty-thousandth of its range
    for (parameters, customer) in [
        ([7.6e-5, 1.4e-12, 33415.6, 1e-12], [0.0, 0.0, 0.08]),
        ([1.0, 1.0, 1e4, 1e-3], [0.0, 0.0, 100.0]),
        ([7.5e-7, 3.1, 86786.8, 0.2], [73.0, 1e-7, 0.12]),
    ] {
        let case = seen(Family::ParetoNbd, parameters, customer);
        let ln = case.model.log_likelihood(&case.customer);
        let there = case.model.p_alive(&case.customer);
        assert!(ln.is_finite() && (0.0..=1.0).contains(&there), "{ln} {there}: {case:?}");
    }
}

#[test]
fn a_horizon_of_many_millions_of_first_waits_takes_no_time() {
    let case = seen(Family::MbgNbd, [6.7e-12, 7.6e-6, 1e6, 0.0011], [0.0, 0.0, 3.4e-6]);
    let start = Instant::now();
    let found = case.probability(2.0, 500.0);
    assert!((0.0..=1.0).contains(&found) && start.elapsed().as_secs_f64() < 0.1, "{found}");
}

#[test]
fn chances_are_right_where_shapes_are_large() {
    // (δ)ₙ / (γ + δ)ₙ, factor by factor
    for (gamma, delta, steps) in [(1e-10, 1e6, 72.0), (0.5, 1e6, 400.0), (2.0, 98715.77, 1000.0)] {
        let model = PurchaseModel::new(Family::BgBb, [1.0, 1.0, gamma, delta]).unwrap();
        let (mut ln, mut k) = (0.0, 0.0);
        while k < steps {
            ln -= f64::ln_1p(gamma / (delta + k));
            k += 1.0;
        }
        let found = model.p_alive_at(&Customer::NEW, steps - 1.0);
        assert!((found - ln.exp()).abs() < 1e-10 && found <= 1.0, "{found} is not {}", ln.exp());
    }
}

#[test]
fn counts_beyond_what_doubles_tell_from_none_take_no_time() {
    // somewhere here the chance of a count falls through the smallest doubles to 0
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for family in CONTINUOUS {
            let case = seen(family, [0.243, 4.414, 0.793, 2.426], [2.0, 30.43, 38.86]);
            for n in 1500..1900 {
                let found = case.probability(n.into(), 78.0);
                assert!((0.0..1e-200).contains(&found), "{found} of {n}");
            }
        }
        tell.send(()).expect("somebody waits");
    });
    let limit = std::time::Duration::from_secs(20);
    assert!(told.recv_timeout(limit).is_ok(), "no end, or a panic");
}

#[test]
fn buying_nothing_is_at_most_certain() {
    let model = PurchaseModel::new(Family::BgBb, [2.3e-10, 1e6, 1.4e-5, 1e-12]).unwrap();
    for opportunities in [44.0, 3502.0, 18471.0, 1e5] {
        let found = model.purchase_probability(&Customer::NEW, 0.0, opportunities);
        assert!((0.999..=1.0).contains(&found), "{found:e} at {opportunities}");
    }
}

#[test]
fn a_narrow_peak_is_not_stepped_over() {
    // by mpmath with 40 digits: the integral over when the customer left, in pieces
    for (parameters, [n, horizon], expected) in [
        (
            [20.09602317773429, 2.8377374635631676, 5.22599255428546, 1334.165596700522],
            [14.0, 23872.815154280157],
            5.757437387678971e-4,
        ),
        (
            [2.47907112870004, 0.017162807986094118, 16.482995826248416, 0.03499612738860607],
            [11.0, 0.014729063559575517],
            1.2483778680038171e-5,
        ),
        (
            [15.66345111859534, 1.0, 14.562900363130115, 140.93165275052925],
            [2.0, 1.0],
            7.437504468835888e-3,
        ),
    ] {
        let case = seen(Family::ParetoNbd, parameters, [0.0; 3]);
        let found = case.probability(n, horizon);
        assert!((found / expected - 1.0).abs() < 1e-9, "{found:e} is not {expected:e}: {case:?}");
    }
}

#[test]
fn a_discount_that_ends_everything_is_an_endless_future() {
    // e^−60 of it is left out
    for (s, beta, rate) in [
        (1.5533e-6, 364.4181507888612, 0.018197008586099826),
        (0.606, 36.299446258272646, 0.15488166189124797),
    ] {
        let case = seen(Family::ParetoNbd, [1.0, 1.0, s, beta], [0.0; 3]);
        let (long, endless) = (60.0 / rate, f64::INFINITY);
        let [found, expected] = [long, endless].map(|time| case.discounted(time, rate).unwrap());
        assert!((found / expected - 1.0).abs() < 1e-9, "{found:e} is not {expected:e}: {case:?}");
    }
}
