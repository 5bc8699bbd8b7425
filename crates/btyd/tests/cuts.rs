//! Cuts: their packed form, and scores as the definition says.

mod common;

use btyd::cuts::{Axis, BINS, Cuts, MonetaryMeasure, PackedCuts, Split};
use common::config;
use proptest::collection::vec;
use proptest::prelude::*;

const AXES: [Axis; 3] = [Axis::Recency, Axis::Frequency, Axis::Monetary];

fn axis(len: usize) -> impl Strategy<Value = Vec<f64>> {
    let number = prop_oneof![
        (-3..9i32).prop_map(f64::from),
        -1e3..1e3f64,
        any::<f64>().prop_filter("finite", |number| number.is_finite()),
    ];
    vec(number, len).prop_map(|mut cuts| {
        cuts.sort_unstable_by(f64::total_cmp);
        cuts
    })
}

fn any_cuts() -> impl Strategy<Value = Cuts> {
    let bins = usize::from(*BINS.start())..=usize::from(*BINS.end());
    let parts = bins.prop_flat_map(|bins| {
        let monetary = prop::option::weighted(0.8, axis(bins - 1));
        (axis(bins - 1), axis(bins - 1), monetary, any::<[bool; 2]>())
    });
    parts.prop_map(|(recency, frequency, monetary, [at_mean, average])| Cuts {
        split: if at_mean && recency.len() == 1 { Split::Mean } else { Split::Quantile },
        monetary_measure: match average {
            true => MonetaryMeasure::Average,
            false => MonetaryMeasure::Total,
        },
        recency,
        frequency,
        monetary,
    })
}

/// One plus the number of cuts that the value exceeds; for recency the bins minus that number.
fn naive_score(cuts: &Cuts, axis: Axis, value: f64) -> Option<i16> {
    let of_axis = match axis {
        Axis::Recency => &cuts.recency,
        Axis::Frequency => &cuts.frequency,
        Axis::Monetary => cuts.monetary.as_ref()?,
    };
    let from = cuts.split == Split::Mean && axis != Axis::Recency;
    let exceeds = |&&cut: &&f64| value > cut || (from && value == cut);
    let exceeded = of_axis.iter().filter(exceeds).count() as i16;
    Some(match axis {
        Axis::Recency => of_axis.len() as i16 + 1 - exceeded,
        _ => 1 + exceeded,
    })
}

/// The cuts themselves and what lies beside and between them.
fn values(cuts: &Cuts) -> Vec<f64> {
    let all = [Some(&cuts.recency), Some(&cuts.frequency), cuts.monetary.as_ref()];
    let all = all.into_iter().flatten().flatten();
    let mut values: Vec<f64> = all.flat_map(|cut| [cut.next_down(), *cut, cut.next_up()]).collect();
    values.extend([f64::MIN, -1.0, 0.0, 0.5, 1.0, 1e9, f64::MAX]);
    values.sort_unstable_by(f64::total_cmp);
    values
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn packed_cuts_read_back(cuts in any_cuts()) {
        prop_assert_eq!(cuts.check(), Ok(()));
        let bytes = cuts.pack();
        prop_assert_eq!(PackedCuts::validate(&bytes), Ok(()));
        let packed = PackedCuts::new(&bytes);
        prop_assert_eq!(packed.unpack().pack(), bytes.clone());
        prop_assert_eq!(packed.unpack(), cuts.clone());
        prop_assert_eq!(packed.bins(), cuts.bins());
        prop_assert_eq!(packed.monetary_measure(), cuts.monetary_measure);
    }

    #[test]
    fn scores_are_as_defined(cuts in any_cuts()) {
        let bytes = cuts.pack();
        let packed = PackedCuts::new(&bytes);
        for axis in AXES {
            for value in values(&cuts) {
                let score = packed.score(axis, value);
                prop_assert_eq!(score, naive_score(&cuts, axis, value));
                let reachable = |score| (1..=cuts.bins() as i16).contains(&score);
                prop_assert!(score.is_none_or(reachable));
            }
            prop_assert_eq!(packed.score(axis, 0.0), packed.score(axis, -0.0));
        }
    }

    #[test]
    fn a_better_value_never_scores_lower(cuts in any_cuts()) {
        let bytes = cuts.pack();
        let packed = PackedCuts::new(&bytes);
        for axis in AXES {
            let mut scores = values(&cuts);
            if axis == Axis::Recency {
                scores.reverse();
            }
            let scores: Vec<_> = scores.iter().map(|&value| packed.score(axis, value)).collect();
            prop_assert!(scores.is_sorted(), "{scores:?}");
        }
    }

    #[test]
    fn damage_is_refused_or_is_other_cuts(cuts in any_cuts(), at in any::<usize>(), byte: u8) {
        let whole = cuts.pack();
        let mut changed = whole.clone();
        changed[at % whole.len()] = byte;
        let longer = [&whole[..], &[byte]].concat();
        for bytes in [&whole[..at % whole.len()], &changed, &longer] {
            let packed = PackedCuts::new(bytes);
            for axis in AXES {
                let _ = packed.score(axis, 1.0);
            }
            if PackedCuts::validate(bytes).is_ok() {
                prop_assert_eq!(packed.unpack().check(), Ok(()));
                prop_assert_eq!(packed.unpack().pack(), bytes);
            }
        }
        prop_assert!(PackedCuts::validate(&longer).is_err());
    }

    #[test]
    fn noise_is_harmless(bytes in vec(any::<u8>(), 0..300), value in any::<f64>()) {
        let packed = PackedCuts::new(&bytes);
        for axis in AXES {
            let score = packed.score(axis, value).unwrap_or(0);
            prop_assert!((0..=packed.bins() as i16).contains(&score) || packed.bins() == 0);
        }
        let _ = (packed.unpack().check(), packed.monetary_measure());
        let _ = PackedCuts::validate(&bytes);
    }
}

fn fifths() -> Cuts {
    Cuts {
        split: Split::Quantile,
        monetary_measure: MonetaryMeasure::Total,
        recency: vec![10.0, 20.0, 30.0, 40.0],
        frequency: vec![1.0, 1.0, 2.0, 5.0],
        monetary: Some(vec![9.5, 20.0, 50.0, 100.0]),
    }
}

#[test]
fn scores_by_hand() {
    let bytes = fifths().pack();
    let packed = PackedCuts::new(&bytes);
    for (axis, value, score) in [
        (Axis::Recency, 0.0, 5),
        (Axis::Recency, 10.0, 5),
        (Axis::Recency, 10.5, 4),
        (Axis::Recency, 41.0, 1),
        (Axis::Frequency, 1.0, 1),
        (Axis::Frequency, 2.0, 3),
        (Axis::Frequency, 6.0, 5),
        (Axis::Monetary, -3.0, 1),
        (Axis::Monetary, 100.0, 4),
    ] {
        assert_eq!(packed.score(axis, value), Some(score), "{axis:?} {value}");
    }
    let visits = Cuts { monetary: None, ..fifths() };
    assert_eq!(PackedCuts::new(&visits.pack()).score(Axis::Monetary, 1.0), None);
}

#[test]
fn at_the_mean_counts_as_high() {
    let one = |cut: f64| vec![cut];
    let (recency, frequency, monetary) = (one(10.0), one(2.5), Some(one(7.0)));
    let cuts = Cuts { split: Split::Mean, recency, frequency, monetary, ..fifths() };
    let bytes = cuts.pack();
    assert_eq!(PackedCuts::validate(&bytes), Ok(()));
    let packed = PackedCuts::new(&bytes);
    for (axis, low, high) in [
        (Axis::Recency, 10f64.next_up(), 10.0),
        (Axis::Frequency, 2.5f64.next_down(), 2.5),
        (Axis::Monetary, 7f64.next_down(), 7.0),
    ] {
        assert_eq!(packed.score(axis, low), Some(1));
        assert_eq!(packed.score(axis, high), Some(2));
    }
}

#[test]
fn cuts_that_are_none_are_refused() {
    let with = |recency: &[f64]| Cuts { recency: recency.to_vec(), ..fifths() };
    let all = |cuts: &[f64]| Cuts {
        recency: cuts.to_vec(),
        frequency: cuts.to_vec(),
        monetary: Some(cuts.to_vec()),
        ..fifths()
    };
    for cuts in [
        with(&[1.0, 2.0, 3.0]),
        with(&[1.0, 2.0, 3.0, f64::NAN]),
        with(&[f64::NEG_INFINITY, 2.0, 3.0, 4.0]),
        with(&[1.0, 3.0, 2.0, 4.0]),
        all(&[]),
        all(&[0.0; 10]),
        all(&[0.0; 255]),
        all(&[0.0; 256]),
        Cuts { split: Split::Mean, ..fifths() },
        Cuts { monetary: Some(vec![]), ..fifths() },
    ] {
        assert!(cuts.check().is_err(), "{cuts:?}");
        assert!(PackedCuts::validate(&cuts.pack()).is_err(), "{cuts:?}");
    }
    assert!(PackedCuts::validate(&[]).is_err());
}
