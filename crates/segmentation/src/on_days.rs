//! The view as of many days: one query that folds all orders once.

use crate::model::ViewColumn;
use crate::plan::Plan;
use crate::sql::Select;
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
    let s = &plan.of;
    let t = trained::on_days(s, days, applied);
    let wants = |name: &str| {
        let name = format!("h.{name}");
        columns.iter().any(|(_, column)| column.sql.contains(&name))
    };
    let from = inputs::join(s, t, At::Row, histories::on_days(s, &wants), &plan.read);
    let select = Select::from(from).column("t.as_of", "day");
    let select = select.columns(columns.iter().map(|(name, column)| (*name, column.shown())));
    let mut sql = histories::for_days(s, &wants).enclosed("WITH histories AS MATERIALIZED ", "");
    sql.add(select.sql());
    sql.to_string()
}
