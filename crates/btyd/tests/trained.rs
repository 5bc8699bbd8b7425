//! Trained axes and matrices: their packed forms, and look-ups as the definition says.

mod common;

use btyd::axis::level;
use btyd::trained::axes::{self, PackedAxes, TrainedAxis};
use btyd::trained::matrices::{self, PackedMatrices, TrainedMatrix, TrainedPosition};
use btyd::value::{PERCENTILES, percentile};
use common::config;
use proptest::collection::vec;
use proptest::prelude::*;

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        (-3..9i32).prop_map(f64::from),
        -1e3..1e3f64,
        any::<f64>().prop_filter("finite", |number| number.is_finite()),
    ]
}

fn rising(len: impl Into<proptest::collection::SizeRange>) -> impl Strategy<Value = Vec<f64>> {
    vec(number(), len).prop_map(|mut numbers| {
        numbers.sort_unstable_by(f64::total_cmp);
        numbers
    })
}

fn any_axes() -> impl Strategy<Value = Vec<TrainedAxis>> {
    let percentiles = prop::option::weighted(0.7, rising(PERCENTILES));
    let axis = ("[a-z户]{1,9}", 1..i64::MAX, prop::option::of(number()), percentiles);
    vec(axis, 0..6).prop_map(|axes| {
        let named = axes.into_iter().enumerate();
        let axis = |(i, (name, customers, mean, percentiles))| TrainedAxis {
            axis: format!("{name}{i}"),
            customers,
            mean,
            percentiles,
        };
        named.map(axis).collect()
    })
}

fn any_matrix(number: usize) -> impl Strategy<Value = TrainedMatrix> {
    let cuts = || prop::option::weighted(0.9, rising(1..9usize));
    (cuts(), cuts(), any::<bool>(), "[a-z户]{0,9}").prop_map(
        move |(x_cuts, y_cuts, class, name)| {
            let y_cuts = if class { None } else { y_cuts };
            let levels = |cuts: &Option<Vec<f64>>| cuts.as_ref().map_or(1, |cuts| cuts.len() + 1);
            let positions = 0..levels(&x_cuts) * levels(&y_cuts);
            TrainedMatrix {
                matrix: format!("{name}{number}"),
                x_axis: "x".into(),
                y_axis: (!class).then(|| "y".into()),
                positions: positions
                    .map(|place| TrainedPosition {
                        code: format!("code {place}"),
                        label: format!("{name} {place}"),
                        rank: place as i16 + 1,
                        action: if place % 3 == 0 {
                            String::new()
                        } else {
                            format!("做 {name} {place}")
                        },
                    })
                    .collect(),
                x_cuts,
                y_cuts,
            }
        },
    )
}

fn any_matrices() -> impl Strategy<Value = Vec<TrainedMatrix>> {
    (0..5usize).prop_flat_map(|count| (0..count).map(any_matrix).collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(config(256))]

    #[test]
    fn axes_survive_packing(axes in any_axes()) {
        prop_assert_eq!(axes::check(&axes), Ok(()));
        let bytes = axes::pack(&axes);
        prop_assert_eq!(PackedAxes::validate(&bytes), Ok(()));
        prop_assert_eq!(PackedAxes::new(&bytes).unpack(), Some(axes));
    }

    #[test]
    fn percentiles_are_those_of_the_axis(axes in any_axes(), value in number()) {
        let bytes = axes::pack(&axes);
        let packed = PackedAxes::new(&bytes);
        for axis in &axes {
            let found = packed.percentiles(axis.axis.as_bytes());
            let Some(numbers) = &axis.percentiles else {
                prop_assert!(found.is_none());
                continue;
            };
            let found = found.unwrap();
            prop_assert!((0..PERCENTILES).all(|k| found.at(k) == numbers[k]));
            let share = percentile(PERCENTILES, |k| numbers[k], value);
            prop_assert_eq!(found.share(value), share.is_finite().then_some(share));
            prop_assert_eq!(found.share(f64::NAN), None);
        }
        prop_assert!(packed.percentiles(b"another").is_none());
    }

    #[test]
    fn a_percentile_is_beyond_a_place_where_the_value_is(
        numbers in rising(PERCENTILES), value in number(), near in 0..PERCENTILES,
    ) {
        for value in [value, numbers[near].next_down(), numbers[near], numbers[near].next_up()] {
            let found = percentile(PERCENTILES, |k| numbers[k], value);
            prop_assert!((0.0..=1.0).contains(&found));
            for (k, &number) in numbers.iter().enumerate().take(PERCENTILES - 1).skip(1) {
                prop_assert_eq!(found >= k as f64 / 100.0, value >= number, "{} {}", found, k);
            }
        }
    }

    #[test]
    fn matrices_survive_packing(found in any_matrices()) {
        prop_assert_eq!(matrices::check(&found), Ok(()));
        let bytes = matrices::pack(&found);
        prop_assert_eq!(PackedMatrices::validate(&bytes), Ok(()));
        prop_assert_eq!(PackedMatrices::new(&bytes).unpack(), Some(found));
    }

    #[test]
    fn positions_are_level_by_level(found in any_matrices(), x in number(), y in number()) {
        let bytes = matrices::pack(&found);
        let packed = PackedMatrices::new(&bytes);
        for matrix in &found {
            let name = matrix.matrix.as_bytes();
            let (one, two) = (packed.position(name, x, None), packed.position(name, x, Some(y)));
            let class = matrix.y_axis.is_none();
            let none = if class { two } else { one };
            prop_assert!(none.is_none());
            let position = if class { one } else { two };
            let y_cuts = if class { Some(&[][..]) } else { matrix.y_cuts.as_deref() };
            let Some((x_cuts, y_cuts)) = matrix.x_cuts.as_deref().zip(y_cuts) else {
                prop_assert!(position.is_none());
                continue;
            };
            let level = |cuts: &[f64], value| level(cuts.iter().copied(), value) - 1;
            let y_level = if class { 0 } else { level(y_cuts, y) };
            let expected = &matrix.positions[level(x_cuts, x) * (y_cuts.len() + 1) + y_level];
            let position = position.unwrap();
            prop_assert_eq!(position.code.bytes(), expected.code.as_bytes());
            prop_assert_eq!(position.label.bytes(), expected.label.as_bytes());
            prop_assert_eq!(position.rank, expected.rank);
            prop_assert_eq!(position.action.bytes(), expected.action.as_bytes());
            prop_assert!(packed.position(name, f64::NAN, (!class).then_some(y)).is_none());
        }
        prop_assert!(packed.position(b"another", x, None).is_none());
    }

    /// Whatever is done to the bytes, they are refused or read as what they say; nothing panics.
    #[test]
    fn damaged_bytes_are_refused(axes in any_axes(), found in any_matrices(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>()) {
        let refuses = |bytes: &[u8], accepts: &dyn Fn(&[u8]) -> bool| {
            let mut changed = bytes.to_vec();
            let place = at.index(bytes.len());
            changed[place] = byte;
            accepts(&changed);
            [&bytes[..cut.index(bytes.len())], &[bytes, &[0]].concat()].iter().all(|bytes| !accepts(bytes))
        };
        let axes_accepted = |bytes: &[u8]| {
            let packed = PackedAxes::new(bytes);
            let share = packed.percentiles(b"a0").and_then(|found| found.share(1.0));
            let accepted = PackedAxes::validate(bytes).is_ok();
            assert!(!accepted || packed.unpack().is_some_and(|axes| axes::check(&axes).is_ok()));
            accepted || share.is_some_and(f64::is_nan)
        };
        let matrices_accepted = |bytes: &[u8]| {
            let packed = PackedMatrices::new(bytes);
            let _ = (packed.position(b"0", 1.0, None), packed.position(b"1", 1.0, Some(1.0)));
            PackedMatrices::validate(bytes).is_ok()
        };
        prop_assert!(refuses(&axes::pack(&axes), &axes_accepted));
        prop_assert!(refuses(&matrices::pack(&found), &matrices_accepted));
    }

    #[test]
    fn any_bytes_can_be_read(bytes in vec(any::<u8>(), 0..200)) {
        let bytes = [&[1, 0][..], &bytes].concat();
        let _ = (PackedAxes::new(&bytes).unpack(), PackedAxes::new(&bytes).percentiles(b"a"));
        let _ = (PackedMatrices::new(&bytes).unpack(), PackedMatrices::new(&bytes).position(b"a", 1.0, None));
    }
}
