//! Packed histories: the form as described, totals of any days, and any damage refused or harmless.

mod common;

use btyd::cuts::MonetaryMeasure;
use btyd::history::{DayLine, History, Totals};
use btyd::population::{Measured, Plan as Training, Population};
use btyd::{Error, measures};
use common::*;
use proptest::collection::vec;
use proptest::prelude::*;

/// Reads all that can be read, of bytes that may be anything: nothing may panic or last.
fn read_everything(bytes: &[u8], as_of: i32) {
    let history = History::new(bytes);
    let _ = History::validate(bytes, &mut || ());
    assert!(history.days().count() <= bytes.len());
    let between = history.totals_between(-as_of.saturating_abs(), as_of);
    for (totals, as_of) in [
        (history.totals(None), None),
        (history.totals(Some(as_of)), Some(as_of)),
        (between, Some(as_of)),
    ] {
        let _ = measures::revenue(&history, &totals);
        let _ = measures::average_order_value(&history, &totals);
        let _ = measures::refund_share(&totals);
        let _ = measures::repeat_purchases(&totals);
        let _ = measures::purchase_span(&totals);
        let _ = measures::repeat_purchase_value(&history, &totals);
        let _ = measures::typical_gap(&history, as_of, &mut || ());
        let _: Result<Option<Measured>, Error> =
            Population::default().add(&history, &history.totals(as_of), MonetaryMeasure::Average);
    }
}

/// What a history that passes must be: its days say all, also when another ledger takes them in.
fn accepted_means_canonical(bytes: &[u8]) -> Result<(), TestCaseError> {
    let history = History::new(bytes);
    let lines: Vec<_> = history.days().collect();
    prop_assert_eq!(&reference_pack(&lines, history.scale()), bytes);
    let totals = meaning(history.totals(None));
    prop_assert_eq!(totals, naive_totals(&lines, i32::MIN, i32::MAX));
    let mut book = Book::new(TIGHT);
    book.add_packed(bytes).unwrap();
    prop_assert_eq!(&book.pack().unwrap(), bytes);
    Ok(())
}

fn varint(bits: u32) -> impl Strategy<Value = Vec<u8>> {
    let small = any::<u8>().prop_map(|byte| vec![byte & 0x7f]);
    let wide = (any::<u128>(), 0..bits.max(1)).prop_map(|(number, down)| {
        let (mut rest, mut bytes) = (number >> down, Vec::new());
        while rest > 127 {
            bytes.push(rest as u8 | 128);
            rest >>= 7;
        }
        bytes.push(rest as u8);
        bytes
    });
    prop_oneof![3 => small, 1 => wide]
}

/// Bytes from pure noise to nearly a history.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    let numbers = vec(varint(127), 0..20).prop_map(|numbers| numbers.concat());
    let head = (0..3u8, 0..9u8, 0..41u8, 0..2u8);
    let likely =
        (head, numbers, 0..3usize).prop_map(|((version, flags, scale, zero), rest, cut)| {
            let mut bytes = vec![version, flags, scale, zero];
            bytes.extend(rest);
            bytes.truncate(bytes.len() - cut);
            bytes
        });
    prop_oneof![1 => vec(any::<u8>(), 0..40), 4 => likely]
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn the_form_is_as_described(orders in fitting()) {
        let model = Model::of(&orders);
        let bytes = pack(&orders).unwrap();
        prop_assert_eq!(&bytes, &model.packed().unwrap());
        prop_assert_eq!(History::validate(&bytes, &mut || ()), Ok(()));
        let history = History::new(&bytes);
        prop_assert_eq!(history.scale(), model.scale);
        prop_assert_eq!(history.days().collect::<Vec<_>>(), model.lines().unwrap());
    }

    #[test]
    fn totals_of_any_days_are_the_sums_of_the_days(
        orders in fitting(), (from, to) in (any_day(), any_day()),
    ) {
        let lines = Model::of(&orders).lines().unwrap();
        let bytes = pack(&orders).unwrap();
        let history = History::new(&bytes);
        let mut days: Vec<i32> = lines.iter().map(|line| line.day).collect();
        days.extend([i32::MIN, from, to, i32::MAX]);
        let beside = |day: i32| [day.saturating_sub(1), day, day.saturating_add(1)];
        for as_of in days.into_iter().flat_map(beside) {
            let expected = naive_totals(&lines, i32::MIN, as_of);
            prop_assert_eq!(meaning(history.totals(Some(as_of))), expected);
            for (from, to) in [(from, as_of), (as_of, to), (as_of, as_of)] {
                let between = meaning(history.totals_between(from, to));
                prop_assert_eq!(between, naive_totals(&lines, from, to));
            }
        }
        let all = naive_totals(&lines, i32::MIN, i32::MAX);
        prop_assert_eq!(meaning(history.totals(None)), all);
    }

    #[test]
    fn noise_is_harmless(bytes in noise(), as_of in any_day()) {
        read_everything(&bytes, as_of);
        if History::validate(&bytes, &mut || ()).is_ok() {
            accepted_means_canonical(&bytes)?;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 40, ..config(4) })]

    #[test]
    fn damage_is_refused_or_is_another_history(orders in fitting(), as_of in -25..25) {
        let whole = pack(&orders[..orders.len().min(6)]).unwrap();
        let judge = |bytes: &[u8]| {
            read_everything(bytes, as_of);
            match History::validate(bytes, &mut || ()) {
                Ok(()) => accepted_means_canonical(bytes),
                Err(error) => {
                    prop_assert!(!matches!(error, Error::OutOfMemory));
                    Ok(())
                }
            }
        };
        for len in 0..whole.len() {
            judge(&whole[..len])?;
        }
        let mut bytes = whole.clone();
        for at in 0..whole.len() {
            for other in 0..=255 {
                bytes[at] = other;
                judge(&bytes)?;
            }
            bytes[at] = whole[at];
        }
        for more in 0..=255 {
            bytes.push(more);
            judge(&bytes)?;
            bytes.pop();
        }
    }
}

#[test]
fn histories_by_hand() {
    let bytes = pack(&[order(10, 1150, 2), order(10, 50, 2), order(12, 3, 0)]).unwrap();
    assert_eq!(bytes, [1, 5, 2, 0, 20, 2, 2, 1, 0xDC, 0x0B, 1, 0, 0xB0, 9, 8, 0xAC, 2]);
    let bytes = pack(&[order(-1, -7, 0)]).unwrap();
    assert_eq!(bytes, [1, 3, 0, 0, 1, 0, 0, 0, 0, 1, 7, 2, 7]);
    assert_eq!(pack(&[visit(0)]).unwrap(), [1, 4, 0, 0, 0, 0, 1, 0, 0]);
}

#[test]
fn a_foreign_head_is_refused() {
    let good = pack(&[order(1, 100, 2)]).unwrap();
    for (at, byte) in [(0, 0), (0, 2), (1, 13), (1, 255), (2, 39), (2, 255), (3, 1)] {
        let mut bytes = good.clone();
        bytes[at] = byte;
        let refused = History::validate(&bytes, &mut || ());
        assert!(matches!(refused, Err(Error::Malformed(_))), "{at}: {byte}");
    }
}

#[test]
fn refunds_are_of_some_amount() {
    // no ledger makes these; the text form, or a ledger that takes them in, would not keep them
    let refund = DayLine { day: 3, refund: true, count: 2, amount: 0 };
    let refunds_without_amounts = reference_pack(&[refund], None);
    let refunds_of_nothing = reference_pack(&[refund], Some(2));
    for bytes in [refunds_without_amounts, refunds_of_nothing] {
        let refused = History::validate(&bytes, &mut || ());
        assert!(matches!(refused, Err(Error::Malformed(_))), "{bytes:?}");
    }
}

#[test]
fn amounts_without_days_keep_their_scale() {
    let bytes = [1, 1, 2, 0];
    assert_eq!(History::validate(&bytes, &mut || ()), Ok(()));
    let history = History::new(&bytes);
    let revenue = measures::revenue(&history, &history.totals(None)).unwrap().unwrap();
    assert_eq!(revenue.to_string(), "0.00");
    accepted_means_canonical(&bytes).unwrap();
    // other amounts become as fine
    let mut book = Book::new(TIGHT);
    book.add(&order(1, 5, 0)).unwrap();
    book.add_packed(&bytes).unwrap();
    assert_eq!(book.pack(), pack(&[order(1, 500, 2)]));
}

#[test]
fn a_head_that_claims_too_much_costs_nothing() {
    // two days, 5 apart, but the head says 2^45 of them, and then 2^63
    for claim in [[0x80; 6].as_slice(), &[0x80; 9]] {
        let mut bytes = vec![1, 4, 0, 0, 0, 5];
        bytes.extend(claim);
        bytes.extend([if claim.len() == 6 { 8 } else { 1 }, 0, 0, 20]);
        let history = History::new(&bytes);
        assert!(history.totals(None).purchase_days >= 1 << 45);
        let gap = measures::typical_gap(&history, None, &mut || ());
        assert_ne!(gap, Err(Error::OutOfMemory));
        read_everything(&bytes, 3);
    }
}

#[test]
fn two_heads_that_claim_too_much_add_up_without_a_panic() {
    let mut bytes = vec![1, 4, 0, 0, 0, 0];
    bytes.extend([0xFF; 9]);
    bytes.extend([1, 0, 0]);
    let history = History::new(&bytes);
    let mut population = Population::default();
    for _ in 0..2 {
        let _ = population.add(&history, &history.totals(None), MonetaryMeasure::Total);
    }
    let plan = Training { bins: 5, ..Training::default() };
    let trained = population.train(&[], &plan, 0, &mut [], &mut || ());
    assert_eq!(trained, Ok(None));
}

#[test]
fn a_day_between_two_days_has_nothing() {
    let bytes = pack(&[order(1, 100, 2), order(3, -5, 2)]).unwrap();
    let history = History::new(&bytes);
    assert_eq!(meaning(history.totals_between(2, 2)), Totals::default());
    assert_eq!(meaning(history.totals_between(3, 1)), Totals::default());
    assert_eq!(history.totals_between(3, 3).refunds, 5);
    assert_eq!(history.money(100, 5).unwrap().to_string(), "0.95");
}
