//! Histories from a source in which each row is an order.

use super::sums::{self, Order, Sums};
use super::{Fold, Rows, Source, fold, kept};
use crate::model::{ORDERS, Segmentation};
use crate::sql::{Select, Sql};
use crate::trained::At;

/// See the module.
pub struct Orders;

fn folded(s: &Segmentation, rows: Rows, sums: impl Fn(&Order<'_>) -> Sums) -> Fold {
    let orders = &s.orders;
    let (at, amount) =
        (orders.ordered_at.of("o"), orders.amount.as_ref().map(|amount| amount.of("o")));
    let order = Order {
        at: &at,
        amount: amount.as_deref(),
        discounted: &sums::is_discounted(s, "o"),
        cost: &sums::exact(&orders.cost, "o"),
        costed: &sums::exact(&orders.amount, "o"),
        service: &sums::exact(&orders.cost_to_serve, "o"),
    };
    Fold {
        customer: orders.customer.of("o"),
        history: fold(s, &at, amount.as_deref()),
        sums: sums(&order),
        ledgers: sums::ledgers(s, &order),
        rows: rows
            .conditions(s, &orders.customer.of("o"))
            .into_iter()
            .fold(Select::from_table(s.reads(ORDERS, &orders.relation), "o"), Select::filter),
        grouped: true,
    }
}

/// Only rows with a customer.
fn of_somebody(s: &Segmentation, fold: Fold) -> Fold {
    let rows = fold.rows.filter(format!("{} IS NOT NULL", s.orders.customer.of("o")));
    Fold { rows, ..fold }
}

/// Whether a row is in no history.
fn is_left_out(s: &Segmentation) -> String {
    let needed = [Some(&s.orders.ordered_at), s.orders.amount.as_ref()];
    let lacks = needed.into_iter().flatten().map(|column| format!("{} IS NULL", column.of("o")));
    lacks.collect::<Vec<_>>().join(" OR ")
}

impl Source for Orders {
    fn usable(&self, s: &Segmentation, rows: Rows) -> Fold {
        of_somebody(s, folded(s, rows, |order| sums::of(s, At::Fold, order)))
    }

    fn kept(&self, s: &Segmentation, rows: Rows) -> Fold {
        let mut fold = of_somebody(s, folded(s, rows, |order| sums::histories(s, order)));
        let left_out = is_left_out(s);
        // most customers have none, and NULL takes no room
        let count = format!("nullif(count(*) FILTER (WHERE {left_out}), 0)::integer");
        fold.sums.push(("left_out", count));
        if s.orders.amount.is_some() {
            let at = format!("{} IS NULL", s.orders.ordered_at.of("o"));
            fold.sums.push(("amount_left_out", sums::left_out(s, "o", &at)));
        }
        fold
    }

    fn counted(&self, s: &Segmentation, rows: Rows) -> Fold {
        let mut fold = folded(s, rows, |order| sums::of(s, At::Row, order));
        let left_out = match kept::counts(s) {
            false => "NULL::bigint".to_owned(),
            true => {
                let nobodys = format!("{} IS NULL", fold.customer);
                format!("count(*) FILTER (WHERE {nobodys} OR {})", is_left_out(s))
            }
        };
        fold.sums.push(("rows", "count(*)".into()));
        fold.sums.push(("left_out", left_out));
        let [customer, at] =
            [&s.orders.customer, &s.orders.ordered_at].map(|column| column.of("o"));
        let nobodys = format!("{customer} IS NULL OR {at} IS NULL");
        fold.sums.push(("amount_left_out", sums::left_out(s, "o", &nobodys)));
        fold.sums.extend(sums::counts(s, "o"));
        fold
    }

    fn order_count(&self, _: &Segmentation) -> String {
        "count(*)".into()
    }

    fn orders(&self, s: &Segmentation) -> Sql {
        let orders = &s.orders;
        let rows = Select::from_table(s.reads(ORDERS, &orders.relation), "o")
            .column(orders.ordered_at.of("o"), "ordered_at");
        let amount = orders.amount.as_ref().map(|amount| ("amount", amount.of("o")));
        rows.columns(amount).filter(format!("{} IS NOT NULL", orders.customer.of("o"))).sql()
    }
}
