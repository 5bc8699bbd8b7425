//! The customers of an action, each as of days of their own: before the action, and when its outcome is complete.

use crate::histories::Rows;
use crate::model::ViewColumn;
use crate::plan::Plan;
use crate::sql::{Select, Sql, refers_to};
use crate::trained::{Applied, At};
use crate::{histories, inputs, trained};

/// Columns of the view, under names of the caller.
pub type Columns<'a> = [(&'a str, &'a ViewColumn)];

/// CTEs that follow CTE `action`, which holds a row for each customer of an action: `number`, by which it is known,
/// `customer`, and the days `before` and `after`. The orders of these customers are folded once.
///
/// * `known`: of each row whose customer has orders, `number`, the days, and the histories `earlier` and `later` as they
///   were known on them.
/// * `placed_before`, `placed_after`: `number`, and columns of the view as of that day with the newest training.
pub fn known_and_placed(plan: &Plan, before: &Columns<'_>, after: &Columns<'_>) -> String {
    let s = &plan.of;
    let wants = |name: &str| {
        before.iter().chain(after).any(|(_, column)| refers_to(&column.sql, "h", name))
    };
    let who = Select::from_table("action", "a").plain("DISTINCT a.customer").sql();
    let folded = histories::for_days_of(s, Rows::Who, &wants);
    let mut both = Sql::line("action AS a");
    both.push("JOIN folded AS f");
    both.indent(Sql::line(format!("ON f.customer {} a.customer", s.orders.same)));
    let own = Select::from(both).plain("a.number").plain("a.before").plain("a.after").plain("f.*");
    let known_on = |day: &str| histories::known_on(s, "k.history", &format!("k.{day}"));
    let known = Select::from_table("histories", "k").plain("k.number").plain("k.before");
    let known = known.plain("k.after").column(known_on("before"), "earlier");
    let known = known.column(known_on("after"), "later").fence();
    let mut with = who.enclosed("who AS MATERIALIZED ", ",");
    with.add(folded.enclosed("folded AS MATERIALIZED ", ","));
    with.add(own.sql().enclosed("histories AS MATERIALIZED ", ","));
    with.add(known.sql().enclosed("known AS ", ","));
    with.add(placed(plan, "before", before, &wants).enclosed("placed_before AS ", ","));
    with.add(placed(plan, "after", after, &wants).enclosed("placed_after AS ", ""));
    with.to_string()
}

/// Columns of the view as of the own days of histories.
fn placed(plan: &Plan, day: &str, columns: &Columns<'_>, wants: &dyn Fn(&str) -> bool) -> Sql {
    let s = &plan.of;
    let days = format!("SELECT DISTINCT a.{day} AS day FROM action AS a");
    let t = trained::on_days(s, &days, Applied::Newest);
    let histories = histories::on_own_days(s, wants, day);
    let select = Select::from(inputs::join(s, t, At::Row, histories, &plan.read));
    let select = select.plain("h.number").filter("h.number IS NOT NULL");
    select.columns(columns.iter().map(|(name, column)| (*name, column.shown()))).sql()
}
