//! The population stability index, and the bins that it is over.

use btyd::axis;
use btyd::stability::{bin, by_chance, counts, index};
use proptest::collection::vec;
use proptest::prelude::*;

fn of(then: &[f64], now: &[f64]) -> Option<f64> {
    index(then.iter().copied().zip(now.iter().copied()))
}

fn percentiles(values: &mut [f64]) -> Vec<f64> {
    axis::train(values, &[], &mut || ()).percentiles.unwrap()
}

/// Python: `sum((q - p) * (q / p).ln() for p, q in zip(P, Q))` with P, Q the shares of counts plus 0.5, in the decimal
/// arithmetic of Python with 50 digits.
#[test]
fn as_computed_apart() {
    let near = |got: Option<f64>, exact: f64| {
        assert!((got.unwrap() - exact).abs() <= 1e-14 * exact, "{got:?} {exact}");
    };
    near(of(&[100.0, 200.0, 300.0, 400.0], &[150.0, 250.0, 250.0, 350.0]), REFERENCES[0]);
    near(
        of(&[4539.0, 4748.0, 4844.0, 4720.0, 4719.0], &[2938.0, 4623.0, 4744.0, 4126.0, 7139.0]),
        REFERENCES[1],
    );
    near(of(&[10.0, 0.0, 5.0], &[0.0, 15.0, 0.0]), REFERENCES[2]);
}

const REFERENCES: [f64; 3] = [0.0469956049876351, 0.07565350335211064, 5.693606594454744];

#[test]
fn nobody_is_compared_with_nothing() {
    assert_eq!(of(&[], &[]), None);
    assert_eq!(of(&[0.0, 0.0], &[1.0, 2.0]), None);
    assert_eq!(of(&[1.0, 2.0], &[0.0, 0.0]), None);
    assert_eq!(by_chance([(0.0, 1.0)].into_iter()), None);
    assert_eq!(by_chance([(50.0, 20.0), (50.0, 5.0)].into_iter()), Some(0.05));
}

#[test]
fn no_bin_for_no_number() {
    assert_eq!(bin(|k| k as f64, f64::NAN), None);
    assert_eq!(bin(|k| k as f64, f64::INFINITY), Some(10));
    assert_eq!(bin(|k| k as f64, f64::NEG_INFINITY), Some(1));
    assert_eq!((bin(|k| k as f64, 10.0), bin(|k| k as f64, 10.5)), (Some(1), Some(2)));
}

/// Two samples of one population have the mean index that they are said to have by chance, within its standard error.
#[test]
fn what_chance_makes() {
    let mut state = 88172645463325252u64;
    let mut draw = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
    let mut sample = |size: usize| {
        let mut bins = [0.0; 10];
        (0..size).for_each(|_| bins[(draw() * 10.0) as usize] += 1.0);
        bins
    };
    let runs = 400;
    let indexes: Vec<f64> = (0..runs).map(|_| of(&sample(1000), &sample(3000)).unwrap()).collect();
    let mean = indexes.iter().sum::<f64>() / runs as f64;
    let chance = by_chance((0..10).map(|_| (100.0, 300.0))).unwrap();
    let error = chance * (2.0 / 9.0f64 / runs as f64).sqrt();
    assert!((mean - chance).abs() < 4.0 * error, "{mean} {chance} ± {error}");
}

proptest! {
    #[test]
    fn counts_are_those_of_the_bins(mut values in vec(prop_oneof![-5.0..5.0f64, Just(0.0), Just(1.0)], 1..300)) {
        let percentiles = percentiles(&mut values);
        let counts = counts(&values, &percentiles);
        prop_assert!(counts.len() <= 10);
        let bins: Vec<usize> = values.iter().map(|&value| bin(|k| percentiles[k], value).unwrap()).collect();
        for (at, count) in counts.iter().enumerate() {
            prop_assert_eq!(*count, bins.iter().filter(|&&bin| bin == at + 1).count() as u64);
        }
        prop_assert_eq!(counts.iter().sum::<u64>(), values.len() as u64);
    }

    #[test]
    fn it_is_finite_and_symmetric_and_0_for_the_same(
        bins in vec((0u32..1000, 0u32..1000), 1..12)
    ) {
        let (then, now): (Vec<f64>, Vec<f64>) = bins.iter().map(|&(p, q)| (f64::from(p), f64::from(q))).unzip();
        let (there, back) = (of(&then, &now), of(&now, &then));
        let some = then.iter().sum::<f64>() > 0.0 && now.iter().sum::<f64>() > 0.0;
        prop_assert_eq!((there.is_some(), back.is_some()), (some, some));
        if let Some((there, back)) = there.zip(back) {
            prop_assert!(there.is_finite() && there >= 0.0);
            prop_assert!((there - back).abs() <= 1e-12 * (1.0 + there));
            prop_assert_eq!(of(&then, &then), Some(0.0));
        }
    }
}
