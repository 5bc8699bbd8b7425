//! Histories from a source in which each row is an order.

use super::sums::{self, Order};
use super::{Fold, Source, fold};
use crate::model::{ORDERS, Segmentation};
use crate::sql::{Select, Sql};
use crate::trained::At;

/// See the module.
pub struct Orders;

fn rows(s: &Segmentation, place: At) -> Fold {
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
        sums: sums::of(s, place, &order),
        rows: Select::from_table(s.reads(ORDERS, &orders.relation), "o"),
    }
}

impl Source for Orders {
    fn usable(&self, s: &Segmentation) -> Fold {
        let fold = rows(s, At::Fold);
        let rows = fold.rows.filter(format!("{} IS NOT NULL", fold.customer));
        Fold { rows, ..fold }
    }

    fn counted(&self, s: &Segmentation) -> Fold {
        let mut fold = rows(s, At::Row);
        fold.sums.push(("rows", "count(*)".into()));
        fold.sums.push(("left_out", "NULL::bigint".into()));
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
