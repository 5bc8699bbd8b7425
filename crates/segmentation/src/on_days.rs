//! The view as of many days: one query that folds all orders once.

use crate::model::ViewColumn;
use crate::plan::Plan;
use crate::sql::{Select, refers_to};
use crate::trained::{Applied, At};
use crate::{histories, inputs, trained};

/// A query for columns of the view as they are, or were, with as_of on each of some days: `day`, and the columns under
/// names of the caller. It has a row for each day and each customer that the view has with that as_of.
///
/// `days` is a query of days, as `day`. Only what the columns ask for is computed.
pub fn on_days(
    plan: &Plan,
    days: &str,
    applied: Applied,
    columns: &[(&str, &ViewColumn)],
) -> String {
    query(plan, days, applied, columns, false)
}

/// The same without customers who have no order yet on a day; with them where a customer table tells of customers without
/// orders. Nobody is missed where a label is asked for that is of orders: see
/// [`ViewColumn::is_of_orders`].
pub fn on_days_by_then(
    plan: &Plan,
    days: &str,
    applied: Applied,
    columns: &[(&str, &ViewColumn)],
) -> String {
    query(plan, days, applied, columns, plan.of.customers.is_none())
}

fn query(
    plan: &Plan,
    days: &str,
    applied: Applied,
    columns: &[(&str, &ViewColumn)],
    by_then: bool,
) -> String {
    let s = &plan.of;
    let t = trained::on_days(s, days, applied);
    let wants = |name: &str| {
        let wanted = columns.iter().any(|(_, column)| refers_to(&column.sql, "h", name));
        if name == histories::FIRST_DAY { by_then } else { wanted }
    };
    let from = inputs::join(s, t, At::Row, histories::on_days(s, &wants), &plan.read);
    let select = Select::from(from).column("t.as_of", "day");
    let select = select.columns(columns.iter().map(|(name, column)| (*name, column.shown())));
    let mut sql = histories::for_days(s, &wants).enclosed("WITH histories AS MATERIALIZED ", "");
    sql.add(select.sql());
    sql.to_string()
}
