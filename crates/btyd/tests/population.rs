//! Training: cuts by their definition, to the bit whatever the order of the customers, and counts that
//! agree with scoring each of them.

mod common;

use btyd::Error;
use btyd::cuts::{Axis, BINS, MonetaryMeasure, PackedCuts, Split};
use btyd::decimal::Decimal;
use btyd::history::{History, Totals};
use btyd::measures;
use btyd::population::{Plan, Ties, Trained, percentile_cont};
use common::*;
use proptest::collection::vec;
use proptest::prelude::*;

const AXES: [Axis; 3] = [Axis::Recency, Axis::Frequency, Axis::Monetary];

type Customers = Vec<Vec<u8>>;

fn customers() -> impl Strategy<Value = (Customers, Customers)> {
    let few = vec((-20..20i32, -500..2000i128, 0..4u8), 0..6);
    let some = few.prop_map(|orders| {
        let orders = orders.into_iter();
        orders.map(|(day, mantissa, scale)| order(day, mantissa, scale)).collect()
    });
    let visits = vec(-20..20i32, 1..4).prop_map(|days| days.into_iter().map(visit).collect());
    let one = prop_oneof![8 => some, 1 => visits, 1 => ordinary()];
    let packed = one.prop_map(|orders: Vec<Order>| pack(&orders).unwrap());
    let customers = prop_oneof![3 => vec(packed.clone(), 0..12), 1 => vec(packed, 0..60)];
    customers.prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()))
}

fn plan() -> impl Strategy<Value = Plan> {
    (BINS, any::<[bool; 2]>()).prop_map(|(bins, [at_mean, average])| Plan {
        bins: if at_mean { 2 } else { bins },
        split: if at_mean { Split::Mean } else { Split::Quantile },
        ties: Ties::Quantile,
        monetary_measure: match average {
            true => MonetaryMeasure::Average,
            false => MonetaryMeasure::Total,
        },
        given: [None, None, None],
    })
}

/// What an axis measures, for one customer with purchases.
fn measure(bytes: &[u8], axis: Axis, plan: &Plan, as_of: Option<i32>, today: i32) -> Option<f64> {
    let history = History::new(bytes);
    let totals = history.totals(as_of);
    if totals.orders == 0 {
        return None;
    }
    Some(match axis {
        Axis::Recency => measures::days_between(totals.last_purchase, today) as f64,
        Axis::Frequency => totals.orders as f64,
        Axis::Monetary => amount(&history, &totals, plan)?.to_f64(),
    })
}

fn amount(history: &History<'_>, totals: &Totals, plan: &Plan) -> Option<Decimal> {
    let amount = match plan.monetary_measure {
        MonetaryMeasure::Total => measures::revenue(history, totals),
        MonetaryMeasure::Average => measures::average_order_value(history, totals),
    };
    amount.map(Result::unwrap)
}

/// The k-th of n cuts: on the line between its neighbours among the sorted values.
fn naive_cut(values: &[f64], k: usize, n: usize) -> f64 {
    let steps = k * (values.len() - 1);
    let (at, part) = (steps / n, (steps % n) as f64 / n as f64);
    let low = values[at];
    low + part * (values.get(at + 1).unwrap_or(&low) - low)
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn the_order_of_customers_changes_nothing(
        (customers, shuffled) in customers(), plan in plan(), as_of in prop::option::of(-25..25),
    ) {
        let (one, two) = (train(&customers, &plan, as_of), train(&shuffled, &plan, as_of));
        prop_assert_eq!(&one.1, &two.1);
        prop_assert_eq!(one.0.revenue(), two.0.revenue());
        prop_assert_eq!((one.0.rows, one.0.orders), (two.0.rows, two.0.orders));
        let packed = |trained: Result<Option<Trained>, Error>| {
            trained.unwrap().map(|trained| trained.cuts.pack())
        };
        prop_assert_eq!(packed(one.1), packed(two.1));
    }

    #[test]
    fn cuts_and_counts_are_those_of_the_customers(
        (customers, _) in customers(), plan in plan(), as_of in prop::option::of(-25..25),
    ) {
        let (population, trained) = train(&customers, &plan, as_of);
        let Some(trained) = trained.unwrap() else {
            prop_assert_eq!(population.purchasers, 0);
            return Ok(());
        };
        let bins = usize::from(plan.bins);
        prop_assert_eq!(trained.cuts.bins(), bins);
        let bytes = trained.cuts.pack();
        prop_assert_eq!(PackedCuts::validate(&bytes), Ok(()));
        let packed = PackedCuts::new(&bytes);
        let today = as_of.unwrap_or(population.last_purchase);
        for axis in AXES {
            let measured = customers.iter().filter_map(|c| measure(c, axis, &plan, as_of, today));
            let mut values: Vec<f64> = measured.collect();
            values.sort_unstable_by(f64::total_cmp);
            let Some(counts) = &trained.counts[axis as usize] else {
                prop_assert!(values.is_empty() && packed.cuts(axis).is_none());
                continue;
            };
            let mut expected = vec![0; bins];
            for &value in &values {
                expected[packed.score(axis, value).unwrap() as usize - 1] += 1;
            }
            prop_assert_eq!(counts, &expected);
            if axis != Axis::Monetary {
                prop_assert_eq!(counts.iter().sum::<u64>(), population.purchasers);
            }
            for (k, cut) in packed.cuts(axis).unwrap().enumerate() {
                let naive = match plan.split {
                    Split::Quantile => naive_cut(&values, k + 1, bins),
                    Split::Mean => values.iter().sum::<f64>() / values.len() as f64,
                };
                let close = 1e-12 * values.iter().fold(1.0, |most: f64, v| most.max(v.abs()));
                prop_assert!((cut - naive).abs() <= close, "{axis:?}: {cut} {naive} {values:?}");
            }
        }
    }

    #[test]
    fn sums_are_those_of_the_customers(
        (customers, _) in customers(), as_of in prop::option::of(-25..25),
    ) {
        let (population, _) = train(&customers, &Plan { bins: 5, ..Plan::default() }, as_of);
        let histories = || customers.iter().map(|bytes| History::new(bytes));
        let all: Vec<Totals> = histories().map(|h| h.totals(None)).collect();
        let until: Vec<Totals> = histories().map(|h| h.totals(as_of)).collect();
        let sum = |of: fn(&Totals) -> u64, totals: &[Totals]| totals.iter().map(of).sum::<u64>();
        prop_assert_eq!(population.customers, customers.len() as u64);
        prop_assert_eq!(population.purchasers, sum(|t| u64::from(t.orders > 0), &until));
        prop_assert_eq!(population.orders, sum(|t| t.orders, &until));
        prop_assert_eq!(population.refunds, sum(|t| t.refund_count, &until));
        prop_assert_eq!(population.rows, sum(|t| t.orders + t.refund_count, &all));
        let purchasers = || until.iter().filter(|totals| totals.orders > 0);
        let first = purchasers().map(|totals| totals.first_purchase).min();
        let last = purchasers().map(|totals| totals.last_purchase).max();
        prop_assert_eq!(population.first_purchase, first.unwrap_or(i32::MAX));
        prop_assert_eq!(population.last_purchase, last.unwrap_or(i32::MIN));
        let ever = all.iter().filter(|totals| totals.orders > 0);
        let first_ever = ever.map(|totals| totals.first_purchase).min();
        prop_assert_eq!(population.first_ever, first_ever.unwrap_or(i32::MAX));

        let revenues = histories().zip(&until).filter_map(|(h, totals)| measures::revenue(&h, totals));
        let revenues: Vec<Decimal> = revenues.map(Result::unwrap).collect();
        let scale = revenues.iter().map(|revenue| revenue.scale).max();
        let revenue = scale.map(|scale| Decimal {
            mantissa: revenues.iter().map(|r| r.mantissa * 10i128.pow((scale - r.scale).into())).sum(),
            scale,
        });
        prop_assert_eq!(population.revenue(), revenue);
    }

    #[test]
    fn customers_all_alike_are_all_high_at_the_mean(
        mantissa in 1..1_000_000_000i128, scale in 0..12u8, orders in 1..5usize, many in 1..40usize,
    ) {
        let one = pack(&vec![order(3, mantissa, scale); orders]).unwrap();
        for monetary_measure in [MonetaryMeasure::Total, MonetaryMeasure::Average] {
            let plan = Plan { bins: 2, split: Split::Mean, monetary_measure, ..Plan::default() };
            let (_, trained) = train(&vec![one.clone(); many], &plan, Some(9));
            let all_high = Some(vec![0, many as u64]);
            prop_assert_eq!(trained.unwrap().unwrap().counts, [(); 3].map(|()| all_high.clone()));
        }
    }

    #[test]
    fn percentiles_lie_between_their_neighbours(
        mut values in vec(prop_oneof![-9..9i32].prop_map(f64::from), 1..50), k in 0..=10usize,
    ) {
        values.sort_unstable_by(f64::total_cmp);
        let cut = percentile_cont(&values, k as f64 / 10.0);
        prop_assert!((cut - naive_cut(&values, k, 10)).abs() <= 1e-12 * 9.0);
        prop_assert!((values[0]..=values[values.len() - 1]).contains(&cut));
    }
}

fn shop() -> Vec<Vec<u8>> {
    let one = |i: i32| pack(&[order(i, 100 * i128::from(i), 2), order(30 + i, 5, 0)]).unwrap();
    (0..9).map(one).collect()
}

#[test]
fn customers_without_amounts_leave_the_mean_of_amounts_alone() {
    let customers = [pack(&[order(1, 10, 0)]), pack(&[visit(2)]), pack(&[visit(3)])];
    let plan = Plan { bins: 2, split: Split::Mean, ..Plan::default() };
    let (_, trained) = train(&customers.map(Result::unwrap), &plan, None);
    let trained = trained.unwrap().unwrap();
    assert_eq!(trained.cuts.monetary, Some(vec![10.0]));
    assert_eq!(trained.counts[Axis::Monetary as usize], Some(vec![0, 1]));
}

#[test]
fn given_cuts_are_kept() {
    let given = [Some(vec![1.0, 33.0]), None, Some(vec![5.0, 9.0])];
    let plan = Plan { bins: 3, given: given.clone(), ..Plan::default() };
    let trained = train(&shop(), &plan, None).1.unwrap().unwrap();
    let [recency, _, monetary] = given;
    assert_eq!((Some(trained.cuts.recency), trained.cuts.monetary), (recency, monetary));
    assert!(trained.counts.iter().flatten().all(|counts| counts.iter().sum::<u64>() == 9));
}

#[test]
fn a_plan_that_is_none_is_an_error_and_no_panic() {
    let given =
        |cuts: Vec<f64>| Plan { bins: 5, given: [Some(cuts), None, None], ..Plan::default() };
    let bins = |bins| Plan { bins, ..Plan::default() };
    let all_axes =
        Plan { bins: 5, given: [(); 3].map(|()| Some(vec![0.0; 255])), ..Plan::default() };
    for plan in [
        bins(0),
        bins(1),
        bins(11),
        bins(255),
        given(vec![]),
        given(vec![1.0]),
        given(vec![f64::NAN; 4]),
        given(vec![4.0, 3.0, 2.0, 1.0]),
        given(vec![0.0; 255]),
        given(vec![0.0; 300]),
        all_axes,
        Plan { split: Split::Mean, ..given(vec![1.0, 2.0]) },
    ] {
        let refused = train(&shop(), &plan, None).1;
        assert!(matches!(refused, Err(Error::Malformed(_))), "{plan:?}: {refused:?}");
    }
}

#[test]
fn nobody_gives_no_cuts() {
    let refund = pack(&[order(1, -5, 0)]).unwrap();
    let (population, trained) = train(&[refund], &Plan { bins: 5, ..Plan::default() }, None);
    assert_eq!(trained, Ok(None));
    assert_eq!((population.customers, population.purchasers, population.refunds), (1, 0, 1));
}
