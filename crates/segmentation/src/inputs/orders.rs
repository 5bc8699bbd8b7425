//! What inputs from columns of the orders share.

use crate::model::{Column, ORDERS, Segmentation};
use crate::sql::Select;
use crate::trained::{At, until};

/// Purchases, `o`, up to as_of that have a value in a column.
pub fn bought(s: &Segmentation, column: &Column) -> Select {
    let orders = &s.orders;
    let rows = Select::from_table(s.reads(ORDERS, &orders.relation), "o");
    let rows = rows.filter(format!("{} IS NOT NULL", orders.customer.of("o")));
    let rows = rows.filter(format!("{} IS NOT NULL", column.of("o")));
    let rows = rows.filter(until(s, At::Row, &orders.ordered_at, &orders.ordered_at.of("o")));
    match &orders.amount {
        Some(amount) => rows.filter(crate::histories::is_purchase(s, &amount.of("o"))),
        None => rows,
    }
}
