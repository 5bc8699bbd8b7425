//! What ledgers tell beside the measures, against counts over the orders themselves.

mod common;

use btyd::facts::Facts;
use btyd::history::History;
use common::*;
use proptest::collection::vec;
use proptest::prelude::*;

/// The day of an order, and its amount in hundredths.
type Row = (i32, i128);

fn facts(customers: &[Vec<Row>], as_of: i32) -> Facts {
    let mut facts = Facts::default();
    for rows in customers {
        let orders: Vec<Order> = rows.iter().map(|&(day, amount)| order(day, amount, 2)).collect();
        let bytes = pack(&orders).expect("a history");
        let history = History::new(&bytes);
        let until = history.totals(Some(as_of));
        facts.add(&history, &until, &until).expect("sums that fit");
    }
    facts
}

proptest! {
    #[test]
    fn as_counted_over_the_orders(
        customers in vec(vec((-9..9i32, -300..900i128), 0..8), 0..20),
        as_of in -10..10i32,
    ) {
        let found = facts(&customers, as_of);
        let later = customers.iter().flatten().filter(|(day, _)| *day > as_of);
        let amount: i128 = later.clone().map(|(_, amount)| amount).sum();
        prop_assert_eq!(found.later_orders, later.clone().filter(|row| row.1 >= 0).count() as u64);
        prop_assert_eq!(found.later_refunds, later.filter(|row| row.1 < 0).count() as u64);
        prop_assert_eq!(found.later_amount().to_f64(), amount as f64 / 100.0);
        let mut days = 0;
        let (mut repeaters, mut seen, mut refund_first) = (0, 0, 0);
        for rows in &customers {
            let rows: Vec<&Row> = rows.iter().filter(|(day, _)| *day <= as_of).collect();
            let mut bought: Vec<i32> = rows.iter().filter(|row| row.1 >= 0).map(|row| row.0).collect();
            bought.sort_unstable();
            bought.dedup();
            days += bought.len() as u64;
            repeaters += u64::from(bought.len() > 1);
            let Some(first) = rows.iter().map(|row| row.0).min() else { continue };
            seen += 1;
            refund_first += u64::from(!bought.contains(&first));
        }
        prop_assert_eq!(found.purchase_days, days);
        prop_assert_eq!((found.repeaters, found.seen, found.refund_first), (repeaters, seen, refund_first));
        let last = customers.iter().flatten().filter(|row| row.1 >= 0).map(|row| row.0).max();
        prop_assert_eq!(found.last_ever, last.unwrap_or(i32::MIN));
    }

    #[test]
    fn in_any_order(
        (one, other) in vec(vec((-9..9i32, -300..900i128), 0..8), 0..20)
            .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
    ) {
        prop_assert_eq!(facts(&one, 0), facts(&other, 0));
    }
}
