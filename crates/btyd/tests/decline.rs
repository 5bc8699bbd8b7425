//! Decline and trend: against counting days one by one, and over buyers who do not decline.

mod common;

use btyd::history::History;
use btyd::stages::{Decline, binomial_tail};
use common::*;
use proptest::prelude::*;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, Exp1, StandardUniform};
use std::collections::BTreeSet;

/// What a customer with purchases on these days does in the last days.
fn decline(days: &BTreeSet<i32>, as_of: i32, window: i32) -> Option<Decline> {
    let orders: Vec<Order> = days.iter().map(|&day| order(day, 100, 2)).collect();
    let bytes = pack(&orders).expect("small orders add up");
    let history = History::new(&bytes);
    Decline::of(&history, &history.totals(Some(as_of)), as_of, window)
}

proptest! {
    #![proptest_config(config(512))]

    #[test]
    fn days_counted_one_by_one(
        days in prop::collection::btree_set(0i32..400, 0..40), as_of in 0i32..400, window in 1i32..200,
    ) {
        let bought: Vec<i32> = days.iter().copied().filter(|day| *day <= as_of).collect();
        let found = decline(&days, as_of, window);
        let age = bought.first().map(|first| as_of - first).filter(|age| *age > window);
        prop_assert_eq!(found.is_some(), age.is_some());
        let (Some(found), Some(age)) = (found, age) else { return Ok(()) };
        let recent = bought.iter().filter(|day| as_of - **day < window).count();
        let earlier = bought.len() - recent;
        let (k, later, share) = (recent as u64, bought.len() as u64 - 1, f64::from(window) / f64::from(age));
        prop_assert_eq!(found.probability(), binomial_tail(k, later, share));
        prop_assert_eq!(found.is_significant(), binomial_tail(k, later, share) < 0.05);
        let pace = (earlier as f64 - 1.0) / f64::from(age - window);
        let trend = (earlier >= 2).then(|| recent as f64 / (pace * f64::from(window)));
        prop_assert!(near(found.trend(), trend, 1e-14), "{:?} {trend:?}", found.trend());
    }
}

#[test]
fn who_bought_once_does_not_decline() {
    for age in 2..400 {
        for window in 1..age {
            let one = decline(&[0].into(), age, window).expect("they are known for longer");
            assert_eq!((one.probability(), one.is_significant(), one.trend()), (1.0, false, None));
        }
    }
}

#[test]
fn the_edge_is_no_decline() {
    // one later day, before a window of 19 twentieths of the time: 1 in 20 exactly
    let days: BTreeSet<i32> = [0, 1].into();
    for size in 1..200 {
        assert!(!decline(&days, 20 * size, 19 * size).expect("it is old enough").is_significant());
        let just = decline(&days, 20 * size + 1, 19 * size + 1).expect("it is old enough");
        assert!(just.is_significant());
    }
}

#[test]
fn who_buys_at_an_even_rate_is_rarely_taken_for_declining() {
    let mut random = ChaCha8Rng::seed_from_u64(11);
    for rate in [0.002, 0.005, 0.01, 0.03, 0.1, 0.3] {
        let (mut known, mut flagged) = (0, 0);
        for _ in 0..8000 {
            let share: f64 = StandardUniform.sample(&mut random);
            let as_of = 100 + (share * 900.0) as i32;
            let (mut days, mut at) = (BTreeSet::from([0]), 0.5_f64);
            loop {
                let gap: f64 = Exp1.sample(&mut random);
                at += gap / rate;
                if at >= f64::from(as_of + 1) {
                    break;
                }
                days.insert(at as i32);
            }
            let decline = decline(&days, as_of, 90).expect("it is old enough");
            known += 1;
            flagged += i32::from(decline.is_significant());
        }
        assert!(20 * flagged <= known, "{flagged} of {known} at a rate of {rate}");
        assert!(rate < 0.01 || flagged > 0, "the test flags somebody at a rate of {rate}");
    }
}
