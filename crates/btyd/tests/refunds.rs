//! Refunds that undo purchases: against the rule written again without any index, by hand, and invariants.

mod common;

use btyd::history::{DayLine, History};
use btyd::measures;
use btyd::refunds::Netted;
use common::*;
use proptest::collection::vec;
use proptest::prelude::*;

/// The netted history of packed bytes, the same bytes where nothing changes.
fn net(bytes: &[u8], as_of: Option<i32>) -> Vec<u8> {
    match Netted::of(&History::new(bytes), as_of, &mut || ()).unwrap() {
        None => bytes.to_vec(),
        Some(netted) => netted.pack(&mut || ()).unwrap(),
    }
}

/// The rule, literally: for each refund all purchases are looked at again.
fn naive(lines: &[DayLine], as_of: i32) -> Vec<DayLine> {
    let mut left = lines.to_vec();
    let worth = |line: &DayLine| !line.refund && line.amount > 0;
    for at in 0..left.len() {
        if !left[at].refund || left[at].day > as_of {
            continue;
        }
        let amount = left[at].amount;
        let exact = (0..at).rev().find(|&day| worth(&left[day]) && left[day].amount == amount);
        let others: Vec<usize> = (0..at).rev().filter(|&day| worth(&left[day])).collect();
        for day in exact.map_or(others, |day| vec![day]) {
            let taken = left[day].amount.min(left[at].amount);
            left[day].amount -= taken;
            left[at].amount -= taken;
        }
    }
    let gone = |(before, after): &(&DayLine, &DayLine)| before.amount > 0 && after.amount == 0;
    lines.iter().zip(&left).filter(|pair| !gone(pair)).map(|(_, line)| *line).collect()
}

/// Orders of a shop where refunds often meet purchases: few amounts, few days.
fn shop() -> impl Strategy<Value = Vec<Order>> {
    let amount = prop_oneof![3 => 0..6i128, 2 => -6..0i128, 1 => -30..30i128];
    vec((-8..8i32, amount), 0..30).prop_map(|orders| {
        orders.into_iter().map(|(day, amount)| order(day, amount * 50, 2)).collect()
    })
}

fn ledgers() -> impl Strategy<Value = Vec<Order>> {
    prop_oneof![3 => shop(), 1 => fitting()]
}

fn scale_and_lines(bytes: &[u8]) -> (Option<u8>, Vec<DayLine>) {
    let history = History::new(bytes);
    (history.scale(), history.days().collect())
}

proptest! {
    #![proptest_config(config(10_000))]

    #[test]
    fn the_rule_is_as_described(orders in ledgers(), as_of in -10..10i32, all in any::<bool>()) {
        let as_of = (!all).then_some(as_of);
        let bytes = pack(&orders).unwrap();
        let netted = net(&bytes, as_of);
        let (scale, lines) = scale_and_lines(&bytes);
        prop_assert_eq!(&netted, &reference_pack(&naive(&lines, as_of.unwrap_or(i32::MAX)), scale));
        prop_assert_eq!(History::validate(&netted, &mut || ()), Ok(()));
    }
}

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    fn neither_order_nor_splits_matter(
        (orders, shuffled) in ledgers().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
        parts in 1..5usize,
    ) {
        let mut whole = Book::new(TIGHT);
        for part in shuffled.chunks(shuffled.len().div_ceil(parts).max(1)) {
            whole.add_packed(&pack(part).unwrap()).unwrap();
        }
        prop_assert_eq!(net(&whole.pack().unwrap(), None), net(&pack(&orders).unwrap(), None));
    }

    #[test]
    fn revenue_stays_and_days_only_go(orders in ledgers(), as_of in -10..10i32) {
        let bytes = pack(&orders).unwrap();
        let (before, netted) = (History::new(&bytes), net(&bytes, Some(as_of)));
        let after = History::new(&netted);
        let revenue = |history: &History<'_>, day: i32| {
            measures::revenue(history, &history.totals(Some(day))).transpose().unwrap()
        };
        for day in [as_of, as_of.saturating_add(3), i32::MAX] {
            prop_assert_eq!(revenue(&before, day), revenue(&after, day));
        }
        let later = |history: &History<'_>| {
            history.days().filter(|line| line.day > as_of).collect::<Vec<_>>()
        };
        prop_assert_eq!(later(&before), later(&after));
        for line in after.days() {
            let was = before.days().find(|was| (was.day, was.refund) == (line.day, line.refund));
            prop_assert!(was.is_some_and(|was| was.count == line.count && was.amount >= line.amount));
        }
    }

    #[test]
    fn later_refunds_are_not_known_and_steps_do_not_matter(
        orders in ledgers(), (early, late) in (-10..10i32, -10..10i32),
    ) {
        let (early, late) = (early.min(late), early.max(late));
        let bytes = pack(&orders).unwrap();
        let at_once = net(&bytes, Some(late));
        prop_assert_eq!(net(&net(&bytes, Some(early)), Some(late)), at_once.clone());
        prop_assert_eq!(net(&at_once, Some(late)), at_once);
        // as of a day, what comes after it could as well not be there
        let known: Vec<Order> = orders.iter().filter(|order| order.day <= early).copied().collect();
        let upto = |bytes: &[u8]| {
            let lines = History::new(bytes).days().filter(|line| line.day <= early);
            lines.map(|line| (line.day, line.refund, line.count)).collect::<Vec<_>>()
        };
        prop_assert_eq!(upto(&net(&bytes, Some(early))), upto(&net(&pack(&known).unwrap(), None)));
    }

    #[test]
    fn noise_is_harmless(bytes in vec(any::<u8>(), 0..60), as_of in any::<Option<i32>>()) {
        let mut bytes = bytes;
        bytes.splice(0..0, [1, 7, 2, 0]);
        let _ = Netted::of(&History::new(&bytes), as_of, &mut || ());
    }
}

/// Days and cents, and what is left of them: orders, cents.
fn left(orders: &[(i32, i128)], as_of: Option<i32>) -> Vec<(i32, i128, u64)> {
    let orders: Vec<Order> = orders.iter().map(|&(day, cents)| order(day, cents, 2)).collect();
    let (_, lines) = scale_and_lines(&net(&pack(&orders).unwrap(), as_of));
    let signed =
        |line: &DayLine| if line.refund { -(line.amount as i128) } else { line.amount as i128 };
    lines.iter().map(|line| (line.day, signed(line), line.count)).collect()
}

#[test]
fn by_hand() {
    let all = None;
    // an order and its refund on one day
    assert_eq!(left(&[(1, 290), (2, 16_846_960), (2, -16_846_960)], all), [(1, 290, 1)]);
    // the newest day that equals it, not the newest day
    assert_eq!(left(&[(1, 30), (2, 30), (3, 50), (4, -30)], all), [(1, 30, 1), (3, 50, 1)]);
    // equal refunds twice take two days, a third finds what else is left
    let equal = [(1, 30), (2, 30), (3, 50), (4, -30), (5, -30)];
    assert_eq!(left(&equal, all), [(3, 50, 1)]);
    assert_eq!(left(&[equal.as_slice(), &[(6, -30)]].concat(), all), [(3, 20, 1)]);
    // two refunds of one day are one: they take two whole days
    assert_eq!(left(&[(1, 30), (2, 50), (3, -30), (3, -50)], all), []);
    assert_eq!(left(&[(0, 9), (1, 30), (2, 50), (3, -30), (3, -50)], all), [(0, 9, 1)]);
    // a part of a day with two orders: both orders stay
    assert_eq!(left(&[(1, 30), (1, 50), (2, -50)], all), [(1, 30, 2)]);
    // a part that is left equals a later refund
    assert_eq!(left(&[(1, 80), (2, 20), (3, -70), (4, -30)], all), []);
    // before any purchase, and after all of them
    assert_eq!(left(&[(1, -5), (2, 5)], all), [(1, -5, 1), (2, 5, 1)]);
    assert_eq!(left(&[(1, 5), (2, -100_000_000)], all), [(2, -99_999_995, 1)]);
    assert_eq!(left(&[(1, 5), (2, -8), (2, -9), (3, 7)], all), [(2, -12, 2), (3, 7, 1)]);
    // as of a day
    let orders = [(1, 30), (2, 50), (3, -30), (5, -50)];
    assert_eq!(left(&orders, Some(2)), [(1, 30, 1), (2, 50, 1), (3, -30, 1), (5, -50, 1)]);
    assert_eq!(left(&orders, Some(4)), [(2, 50, 1), (5, -50, 1)]);
    assert_eq!(left(&orders, Some(5)), []);
    // orders that were worth nothing stay
    assert_eq!(left(&[(1, 0), (2, 5), (3, -5)], all), [(1, 0, 1)]);
    assert_eq!(left(&[(1, 0), (2, 5), (3, -7)], all), [(1, 0, 1), (3, -2, 1)]);
}

#[test]
fn nothing_to_net_is_no_work() {
    let unchanged = |orders: &[Order], as_of: Option<i32>| {
        let bytes = pack(orders).unwrap();
        Netted::of(&History::new(&bytes), as_of, &mut || ()).unwrap().is_none()
    };
    assert!(unchanged(&[], None));
    assert!(unchanged(&[visit(1), visit(2)], None));
    assert!(unchanged(&[order(1, 5, 0)], None));
    assert!(unchanged(&[order(1, -5, 0)], None));
    assert!(unchanged(&[order(1, -5, 0), order(2, 5, 0)], None));
    assert!(unchanged(&[order(1, 5, 0), order(2, -5, 0)], Some(1)));
    assert!(!unchanged(&[order(1, 5, 0), order(2, -5, 0)], Some(2)));
}

#[test]
fn long_histories_take_no_longer_a_day() {
    // refunds that each pass over all that is there, if one looks for it day by day
    let days = 200_000;
    let mut book = Book::new(Growth { first: 0, spare: 100 });
    for day in 0..days {
        let line = |day, refund, amount| DayLine { day, refund, count: 1, amount };
        book.add_line(&line(day, false, 3 + u128::from(day as u32 % 2)), Some(2)).unwrap();
        book.add_line(&line(days + day, true, if day < days / 2 { 3 } else { 4 }), Some(2))
            .unwrap();
    }
    let bytes = book.pack().unwrap();
    let start = std::time::Instant::now();
    let mut polled = 0;
    let netted = Netted::of(&History::new(&bytes), None, &mut || polled += 1).unwrap().unwrap();
    assert_eq!(netted.packed_len(), 4);
    assert!(polled >= 10);
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
}
