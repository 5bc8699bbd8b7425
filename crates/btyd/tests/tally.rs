//! Tallies of survey answers: naive formulas, limits, scales.

mod common;

use btyd::Error;
use btyd::tally::{Scale, Tally};
use common::{close, config, near};
use proptest::collection::vec;
use proptest::prelude::*;

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn tallies_are_naive_sums(
        answers in vec(-7..=10i64, 0..40), at in 0..=40usize,
    ) {
        let tally = |answers: &[i64]| {
            let mut tally = Tally::default();
            answers.iter().for_each(|&answer| tally.add(answer).unwrap());
            tally
        };
        let all = tally(&answers);
        let (left, right) = answers.split_at(at.min(answers.len()));
        let mut joined = tally(right);
        joined.join(&Tally::from_bytes(&tally(left).to_bytes())).unwrap();
        prop_assert_eq!(all, joined);

        let n = answers.len() as f64;
        let mean = answers.iter().sum::<i64>() as f64 / n;
        let deviations: f64 = answers.iter().map(|&answer| (answer as f64 - mean).powi(2)).sum();
        prop_assert_eq!(all.answers(), answers.len() as u64);
        prop_assert_eq!(all.mean(), (n > 0.0).then_some(mean));
        let error = (n > 0.0).then(|| (deviations / n / n).sqrt());
        prop_assert!(near(all.share_error(), error, 1e-12));
        let error = (n > 1.0).then(|| (deviations / (n - 1.0) / n).sqrt());
        prop_assert!(near(all.mean_error(), error, 1e-12));
    }
}

#[test]
fn tallies_at_their_limits() {
    let mut tally = Tally::default();
    assert_eq!((tally.mean(), tally.share_error(), tally.mean_error()), (None, None, None));
    tally.add(7).unwrap();
    assert_eq!(
        (tally.mean(), tally.share_error(), tally.mean_error()),
        (Some(7.0), Some(0.0), None)
    );
    for value in [i64::MIN, i64::MAX, 1 << 32] {
        let before = tally;
        assert_eq!(tally.add(value), Err(Error::OutOfRange));
        assert_eq!(tally, before);
    }
    // as many answers as there can be, all the same but for one: nothing cancels
    let number = |value: u64| value.to_ne_bytes();
    let many = [number(1 << 62), number(1 << 62), number(1 << 62)].concat();
    let mut many = Tally::from_bytes(&many);
    assert_eq!((many.mean(), many.share_error()), (Some(1.0), Some(0.0)));
    many.add(2).unwrap();
    let error = many.share_error().unwrap();
    assert!(close(error, 2f64.powi(-62), 1e-9), "{error:e}");
    let most = Tally::from_bytes(&number(u64::MAX).repeat(3));
    assert!(most.share_error().unwrap().is_finite());
    assert_eq!(most.mean(), Some(-1.0 / u64::MAX as f64));
    let mut twice = most;
    assert_eq!(twice.join(&most), Err(Error::OutOfRange));
    assert_eq!(twice, most);
    assert_eq!(Tally::from_bytes(&[1, 2, 3]), Tally::default());
}

#[test]
fn shares_and_means_by_hand() {
    // 30 of 40 satisfied: √(0.75 · 0.25 / 40); and of 1, 3, 5 the sample variance is 4
    let mut tally = Tally::default();
    (0..40).for_each(|i| tally.add(i64::from(i < 30)).unwrap());
    assert!(close(tally.share_error().unwrap(), (0.75f64 * 0.25 / 40.0).sqrt(), 1e-15));
    let mut tally = Tally::default();
    [1, 3, 5].iter().for_each(|&score| tally.add(score).unwrap());
    assert!(close(tally.mean_error().unwrap(), (4.0f64 / 3.0).sqrt(), 1e-15));
}

#[test]
fn scores_count_by_their_scale() {
    let of = |scale: Scale| -> Vec<Option<i64>> {
        (-1..=11).map(|score| scale.value(f64::from(score))).collect()
    };
    let (no, zero, one) = (None, Some(0), Some(1));
    let nps = [Some(-1); 7].into_iter().chain([zero, zero, one, one]);
    assert_eq!(of(Scale::Nps), [no].into_iter().chain(nps).chain([no]).collect::<Vec<_>>());
    assert_eq!(of(Scale::Csat)[..8], [no, no, zero, zero, zero, one, one, no]);
    assert_eq!(
        of(Scale::Ces)[1..10],
        [no, one, Some(2), Some(3), Some(4), Some(5), Some(6), Some(7), no]
    );
    for scale in [Scale::Csat, Scale::Nps, Scale::Ces] {
        for score in [4.5, 1.0 + f64::EPSILON, f64::NAN, f64::INFINITY, -f64::INFINITY, 1e300] {
            assert_eq!(scale.value(score), None, "{scale:?} {score}");
        }
        for score in scale.range() {
            assert!(scale.value(score as f64).is_some(), "{} {score}", scale.name());
        }
    }
    assert_eq!(Scale::Nps.value(-0.0), Some(-1));
}
