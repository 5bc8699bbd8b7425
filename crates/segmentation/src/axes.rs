//! Axes of matrices and classes: numbers of a customer, by name.
//!
//! An axis is a numeric column of the view, a numeric column of the customer table, or one of [`OWN`]. Higher is
//! better, except for ranks.

use crate::model::{Customers, Number, Segmentation, ViewColumn};
use crate::signals;
use crate::sql::lower;
use crate::trained::{At, percentile_at, until};
use btyd::stages::PROSPECT;

/// An axis that is no column of the view.
struct Own {
    name: &'static str,
    /// The column that shows it; NULL there is NULL here. The same name where there is none.
    shown: &'static str,
    /// Whether it is a level that a rule tells, so that a customer without one has no missing value.
    by_rule: bool,
    /// The last rank of the label that it knows; None if it knows all.
    last_rank: Option<i32>,
    number: fn(&Segmentation) -> Option<Number>,
}

/// The axes that are no columns. None of their names is a column of the customer table.
const OWN: [Own; 11] = [
    measure("purchase_days", |s| read(s, "purchase_days")),
    measure("purchase_span", |s| read(s, "purchase_span")),
    measure("purchase_gap", |_| None),
    measure("repeat_purchase_days", |_| None),
    measure("other_interactions", |_| None),
    label("lifecycle_level", "lifecycle_stage", true, lifecycle),
    label("lifecycle_stage_rank", "lifecycle_stage", false, lifecycle),
    label("need_level", "need_type", true, need),
    label("need_type_rank", "need_type", false, need),
    Own { last_rank: Some(3), ..label("crm_need", "need_type", false, crm_need) },
    label("value_tier_rank", "value_tier", false, value_tier),
];

const fn measure(name: &'static str, number: fn(&Segmentation) -> Option<Number>) -> Own {
    Own { name, shown: name, by_rule: false, last_rank: None, number }
}

const fn label(
    name: &'static str,
    shown: &'static str,
    by_rule: bool,
    number: fn(&Segmentation) -> Option<Number>,
) -> Own {
    Own { name, shown, by_rule, last_rank: None, number }
}

fn own(name: &str) -> Option<&'static Own> {
    OWN.iter().find(|own| own.name == name)
}

/// Whether a name is an axis that is no column.
pub fn is_own(name: &str) -> bool {
    own(name).is_some()
}

/// The column of the view that shows an axis.
pub fn shown(name: &str) -> &str {
    own(name).map_or(name, |own| own.shown)
}

/// Whether an axis is a level that a rule tells.
pub fn by_rule(name: &str) -> bool {
    own(name).is_some_and(|own| own.by_rule)
}

/// The last rank of the label that shows an axis of which it knows only the first ones; None if it knows all.
pub fn last_rank(name: &str) -> Option<i32> {
    own(name).and_then(|own| own.last_rank)
}

/// The number of an axis, by the columns that may be axes; None if there is no such axis.
pub fn find(s: &Segmentation, columns: &[ViewColumn], name: &str) -> Option<Number> {
    if let Some(own) = own(name) {
        return (own.number)(s);
    }
    if let Some(column) = columns.iter().find(|column| column.name.text == name) {
        return column.as_number();
    }
    let column = s.customers.as_ref()?.find(name)?;
    column.is_number().then(|| Number::early(column.float("c")))
}

/// A measure of the history.
fn read(_: &Segmentation, function: &str) -> Option<Number> {
    Some(Number::early(format!("customer_value.{function}(h.history, t.as_of)::float8")))
}

/// The level of the lifecycle stage of a history.
const LEVEL: &str = "customer_value_internal.lifecycle_level(t.axes, h.history, t.as_of)";

fn lifecycle(s: &Segmentation) -> Option<Number> {
    Some(match &s.customers {
        None => Number::late(format!("{LEVEL}::float8")).of_orders(),
        Some(customers) => {
            let prospect = is_prospect(s, customers);
            Number::late(format!("CASE WHEN {prospect} THEN {PROSPECT} ELSE {LEVEL} END::float8"))
        }
    })
}

/// Whether a customer, who has a row only as they are in the customer table, is known by as_of: they never had an order,
/// before or after. Who has no time since when they are known counts as known.
fn is_prospect(s: &Segmentation, customers: &Customers) -> String {
    let never = "h.customer IS NULL";
    match &customers.since {
        None => never.to_owned(),
        Some(since) => {
            let known = until(s, At::Row, since, &since.of("c"));
            format!("{never} AND ({known}) IS NOT FALSE")
        }
    }
}

/// The level of a customer's need: what they told, else the first rule that holds.
fn need_level(s: &Segmentation) -> Option<String> {
    if !signals::knows_needs(s) {
        return None;
    }
    let rule = |(level, axis, value): (u8, &str, String)| {
        let from = percentile_at(axis, 80);
        format!("WHEN {value} > 0 AND {value} >= {from} THEN {level}")
    };
    let mut rules: Vec<String> = signals::of_needs(s).into_iter().map(rule).collect();
    rules.push("WHEN customer_value.purchase_days(h.history, t.as_of) >= 2 THEN 1".into());
    let by_rule = format!("CASE {} END", rules.join(" "));
    let need = s.customers.as_ref().and_then(|customers| customers.need.as_ref());
    Some(match need {
        None => by_rule,
        Some(need) => {
            let levels =
                NEEDS.iter().zip(1..).map(|(code, level)| format!("WHEN '{code}' THEN {level}"));
            let levels = levels.collect::<Vec<_>>().join(" ");
            format!("coalesce(CASE {} {levels} END, {by_rule})", lower(&need.of("c")))
        }
    })
}

/// The codes of the class need, by level.
const NEEDS: [&str; 5] =
    ["loyal", "price_sensitive", "service_oriented", "functional", "experiential"];

fn need(s: &Segmentation) -> Option<Number> {
    need_level(s).map(|level| Number::late(format!("({level})::float8")))
}

/// Needs that customers tell themselves have no place in the CRM grid.
fn crm_need(s: &Segmentation) -> Option<Number> {
    need_level(s).map(|level| Number::late(format!("nullif(least({level}, 4), 4)::float8")))
}

fn value_tier(s: &Segmentation) -> Option<Number> {
    const TIERS: &str = "'{0.3333333333333333,0.6666666666666666}'";
    let score = signals::value_score(s)?;
    Some(Number::late(format!("(4 - customer_value.level_of({TIERS}, {score}))::float8")))
}
