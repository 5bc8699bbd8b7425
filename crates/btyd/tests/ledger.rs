//! Ledgers: whatever the order, the split and the room, equal orders pack to equal bytes, or are
//! refused exactly when their sums need more than 38 digits.

mod common;

use btyd::Error;
use btyd::decimal::{Decimal, POW10};
use btyd::history::{DayLine, History};
use common::*;
use proptest::collection::vec;
use proptest::prelude::*;

/// The same orders twice: as they came and shuffled.
fn shuffled(
    orders: impl Strategy<Value = Vec<Order>>,
) -> impl Strategy<Value = (Vec<Order>, Vec<Order>)> {
    orders.prop_flat_map(|orders| (Just(orders.clone()), Just(orders).prop_shuffle()))
}

fn check(book: &mut Book, added: Result<(), Error>, model: &Model) -> Result<(), TestCaseError> {
    match (added.and_then(|()| book.pack()), model.packed()) {
        (Ok(bytes), Some(expected)) => {
            prop_assert_eq!(&bytes, &expected);
            prop_assert_eq!(History::validate(&bytes, &mut || ()), Ok(()));
        }
        (Err(error), None) => prop_assert_eq!(error, Error::OutOfRange),
        (got, expected) => prop_assert!(false, "{got:?} but {expected:?}"),
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn order_and_room_change_nothing(
        (orders, shuffled) in shuffled(fitting()), (one, two) in (growth(), growth()),
    ) {
        let model = Model::of(&orders);
        prop_assert!(model.lines().is_some());
        for (orders, growth) in [(orders, one), (shuffled, two)] {
            let mut book = Book::new(growth);
            let added = book.add_all(&orders);
            check(&mut book, added, &model)?;
        }
    }

    #[test]
    fn amounts_at_the_edges_are_exact_or_refused(
        (orders, shuffled) in shuffled(edgy()), (one, two) in (growth(), growth()),
    ) {
        let model = Model::of(&orders);
        for (orders, growth) in [(orders, one), (shuffled, two)] {
            let mut book = Book::new(growth);
            let added = book.add_all(&orders);
            check(&mut book, added, &model)?;
        }
    }

    #[test]
    fn packed_parts_combine_to_the_whole(
        orders in prop_oneof![3 => fitting(), 1 => edgy()],
        places in vec(0..5usize, 40),
        growths in vec(growth(), 6),
        sequence in Just([0, 1, 2, 3, 4]).prop_shuffle(),
    ) {
        let mut parts: Vec<Book> = growths[..5].iter().map(|&growth| Book::new(growth)).collect();
        let mut whole = Book::new(growths[5]);
        let mut combine = || {
            for (order, &place) in orders.iter().zip(&places) {
                parts[place].add(order)?;
            }
            sequence.iter().try_for_each(|&place| whole.add_packed(&parts[place].pack()?))
        };
        let added = combine();
        check(&mut whole, added, &Model::of(&orders))?;
    }

    #[test]
    fn open_parts_combine_to_the_whole(
        orders in prop_oneof![3 => fitting(), 1 => edgy()],
        cut in 0..40usize,
        growths in vec(growth(), 2),
    ) {
        let (left, right) = orders.split_at(cut.min(orders.len()));
        let [mut one, mut two] = [Book::new(growths[0]), Book::new(growths[1])];
        let added = one
            .add_all(left)
            .and_then(|()| two.add_all(right))
            .and_then(|()| one.add_book(&mut two));
        check(&mut one, added, &Model::of(&orders))?;
    }

    #[test]
    fn packing_in_between_changes_nothing(
        orders in fitting(), every in 1..9usize, growth in growth(),
    ) {
        let mut book = Book::new(growth);
        for (i, order) in orders.iter().enumerate() {
            book.add(order).unwrap();
            if i % every == 0 {
                let so_far = Model::of(&orders[..=i]).packed();
                prop_assert_eq!(book.pack().ok(), so_far);
            }
        }
        check(&mut book, Ok(()), &Model::of(&orders))?;
    }

    #[test]
    fn counts_of_any_size_add_up(
        lines in vec(
            (-3..3i32, any::<bool>(), count(), 0..=u64::MAX, prop::option::of(0..=18u8)), 1..8,
        ),
        growth in growth(),
    ) {
        let (mut book, mut model) = (Book::new(growth), Model::default());
        for (day, refund, count, amount, scale) in lines {
            let refund = refund && scale.is_some();
            let amount = scale.map_or(0, |_| amount.into());
            model.add((day, refund), count, amount, scale);
            book.add_line(&DayLine { day, refund, count, amount }, scale).unwrap();
        }
        check(&mut book, Ok(()), &model)?;
    }
}

fn count() -> impl Strategy<Value = u64> {
    let near = |bits: u32| (0..6u64).prop_map(move |off| (1 << bits) + off - 3);
    prop_oneof![1..4u64, (2..34u32).prop_flat_map(near), near(30), near(31), 1..1u64 << 36]
}

#[test]
fn many_orders_a_line_count_once_when_a_finer_scale_asks_for_room() {
    for days in [1, 2, 3, 8] {
        let (mut book, mut model) = (Book::new(TIGHT), Model::default());
        for day in 0..days {
            book.add(&order(day, u64::MAX.into(), 0)).unwrap();
            model.add((day, false), 1, u64::MAX.into(), Some(0));
        }
        let line = DayLine { day: 9, refund: false, count: 1 << 30, amount: 1 };
        book.add_line(&line, Some(2)).unwrap();
        model.add((9, false), line.count, 1, Some(2));
        assert_eq!(book.pack().ok(), model.packed());
    }
}

#[test]
fn room_follows_the_days_and_not_the_orders() {
    let (mut book, days) = (Book::new(Growth { first: 2, spare: 0 }), 50);
    let orders: Vec<_> = (0..30_000i32).map(|i| order(i.wrapping_mul(7919) % days, 1, 2)).collect();
    book.add_all(&orders).unwrap();
    assert!(book.room() <= 8 * days as usize, "{} lines", book.room());
    assert_eq!(book.pack().ok(), Model::of(&orders).packed());
}

fn packed(orders: &[Order]) -> Vec<u8> {
    let expected = Model::of(orders).packed().expect("a sum that fits");
    for growth in [TIGHT, Growth { first: 64, spare: 0 }] {
        let mut book = Book::new(growth);
        book.add_all(orders).unwrap();
        assert_eq!(book.pack().unwrap(), expected);
    }
    let days: Vec<_> = History::new(&expected).days().collect();
    assert_eq!(Some(days), Model::of(orders).lines());
    expected
}

const U64_MAX: i128 = u64::MAX as i128;

/// 38 nines, the most that a sum may be.
const MOST: i128 = POW10[38] as i128 - 1;

#[test]
fn no_orders_are_a_history_without_amounts() {
    assert_eq!(Book::new(TIGHT).pack(), Ok(vec![1, 0, 0, 0]));
    assert_eq!(Book::new(TIGHT).ledger().scale(), None);
}

#[test]
fn visits_and_amounts_share_a_day() {
    let bytes = packed(&[visit(3), order(3, 500, 2), visit(3), order(3, -1, 0)]);
    let history = History::new(&bytes);
    let lines: Vec<_> = history.days().map(|line| (line.count, line.amount)).collect();
    assert_eq!((history.scale(), lines), (Some(2), vec![(3, 500), (1, 100)]));
    assert_eq!(History::new(&packed(&[visit(3), visit(4)])).scale(), None);
    // a zero is an amount, and its scale counts
    assert_eq!(History::new(&packed(&[visit(3), order(4, 0, 38)])).scale(), Some(38));
}

#[test]
fn sums_carry_beyond_64_bits() {
    packed(&[order(0, U64_MAX, 0), order(0, 1, 0)]);
    packed(&[order(0, U64_MAX, 0), order(0, U64_MAX, 0), order(1, -U64_MAX, 0), order(0, -1, 0)]);
    packed(&[order(0, 1 << 64, 0), order(1, 1, 0), order(0, U64_MAX + 2, 0)]);
}

#[test]
fn a_finer_scale_carries_every_line() {
    let coarse: Vec<_> = (0..20).map(|day| order(day % 7, U64_MAX - i128::from(day), 0)).collect();
    for scale in [1, 2, 17] {
        packed(&[&coarse[..], &[order(3, 1, scale)]].concat());
        packed(&[&[order(3, 1, scale)], &coarse[..]].concat());
    }
    packed(&[order(0, 1, 0), order(0, 1, 37), order(0, 1, 19), order(0, -1, 20)]);
}

#[test]
fn every_amount_of_128_bits_survives() {
    for bit in 0..127 {
        packed(&[order(0, 1 << bit, 0), order(1, -(1 << bit), 0)]);
        packed(&[order(0, MOST >> bit, 0)]);
    }
}

#[test]
fn the_largest_sums_fit_and_one_more_does_not() {
    let half = MOST / 2;
    let full = [order(0, half, 0), order(1, half, 0), order(0, 1, 0), order(5, -MOST, 0)];
    packed(&full);
    for more in [order(0, 1, 0), order(9, 1, 0), order(9, -1, 0), order(0, 0, 1)] {
        let orders = [&full[..], &[more]].concat();
        assert_eq!(pack(&orders), Err(Error::OutOfRange), "{more:?}");
        assert_eq!(Model::of(&orders).packed(), None);
    }
    for beyond in [MOST + 1, i128::MAX, i128::MIN, -i128::MAX] {
        assert_eq!(pack(&[order(0, beyond, 0)]), Err(Error::OutOfRange));
    }
    let tenth = (MOST + 1) / 10;
    packed(&[order(0, tenth, 38), order(0, 8, 1)]);
    assert_eq!(pack(&[order(0, tenth, 38), order(0, 9, 1)]), Err(Error::OutOfRange));
    assert_eq!(pack(&[order(0, tenth, 0), order(0, 0, 1)]), Err(Error::OutOfRange));
}

#[test]
fn days_far_apart_stay_in_order() {
    let days = [i32::MAX, i32::MIN, 0, -1, i32::MIN, i32::MAX, 1, i32::MIN + 1, i32::MAX - 1];
    let orders: Vec<_> = days.iter().map(|&day| order(day, 3 - i128::from(day % 7), 1)).collect();
    packed(&orders);
}

#[test]
fn an_error_of_one_order_is_its_own() {
    // too fine a scale for what is there: refused, not wrapped
    let mut book = Book::new(TIGHT);
    book.add(&order(0, POW10[30] as i128, 0)).unwrap();
    let fine = Decimal { mantissa: 1, scale: 20 };
    let amount = Some(fine);
    assert_eq!(book.add(&Order { day: 1, amount }), Err(Error::OutOfRange));
}
