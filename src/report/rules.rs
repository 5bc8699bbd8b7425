//! Which rule gave a customer a stage of the lifecycle or a need, with its figures.
//!
//! Expressions over `one`, the customer's row of the view, and `n`, the newest training.

use super::INTERNAL;
use super::segments::Segments;
use super::template::sql;
use crate::server::query::{ident, literal};
use segmentation::sql::lower;

/// The rule that held on an axis that a rule tells; None if it is another axis, or the view does not show the figures.
pub fn held(segments: &Segments, axis: &str) -> Option<String> {
    let shown = |names: &[&str]| names.iter().all(|name| segments.has(name));
    match axis {
        "lifecycle_level" if shown(&["lifecycle_stage_code", "purchase_days", "last_gap"]) => {
            Some(lifecycle(segments))
        }
        "need_level" if shown(&["need_type_code", "purchase_days"]) => Some(need(segments)),
        _ => None,
    }
}

/// A percentile that the newest training found, so many times over, to be read.
fn percentile(axis: &str, percent: u8, times: u8) -> String {
    let value = percentile_at(axis, percent);
    format!("trim_scale(round({times} * {value}::numeric, 4))")
}

fn percentile_at(axis: &str, percent: u8) -> String {
    format!("{INTERNAL}.percentile_at(n.axes, '{axis}', {percent})")
}

fn lifecycle(segments: &Segments) -> String {
    let words = segments.words();
    sql!(
        "explain_lifecycle.sql",
        rule = words.pattern("rule", &["label", "why"]),
        prospect = words.literal("lifecycle.prospect"),
        lapsed = words.pattern("lifecycle.lapsed", &["since", "limit"]),
        reactivated = words.pattern("lifecycle.reactivated", &["gap", "limit"]),
        at_risk = words.pattern("lifecycle.at_risk", &["days", "since", "limit"]),
        loyal = words.pattern("lifecycle.loyal", &["days", "limit"]),
        repeat = words.pattern("lifecycle.repeat", &["days", "limit"]),
        first_time = words.pattern("lifecycle.first_time", &["since", "day"]),
        lapsed_from = percentile("purchase_gap", 95, 1),
        at_risk_from = percentile("purchase_gap", 80, 1),
        loyal_from = format!("greatest(3, {})", percentile("repeat_purchase_days", 80, 1)),
    )
}

/// A rule by which a customer has a need who has some of a number, as much as the upper fifth.
struct Upper {
    /// The need.
    code: &'static str,
    /// The column of the view, and the axis.
    column: &'static str,
    /// By how much its values are multiplied to be read: 100 for a percentage.
    times: u8,
}

/// In the order in which they are tried.
const UPPER: [Upper; 2] = [
    Upper { code: "price_sensitive", column: "discount_share", times: 100 },
    Upper { code: "service_oriented", column: "service_rate", times: 1 },
];

impl Upper {
    fn holds(&self) -> String {
        let (column, from) = (self.column, percentile_at(self.column, 80));
        format!("one.{column} > 0 AND one.{column} >= {from}")
    }

    fn told(&self, segments: &Segments) -> String {
        let Upper { code, column, times } = self;
        format!(
            "WHEN {} THEN format({}, trim_scale(round({times} * one.{column}::numeric, 4)), {})",
            self.holds(),
            segments.words().pattern(&format!("need.{code}"), &["value", "limit"]),
            percentile(column, 80, *times),
        )
    }
}

fn need(segments: &Segments) -> String {
    let words = segments.words();
    let rules: Vec<&Upper> = UPPER.iter().filter(|rule| segments.has(rule.column)).collect();
    let all = rules.iter().map(|rule| rule.told(segments)).collect::<Vec<_>>().join("\n    ");
    let column = segments.stored.options.get("need").and_then(|column| column.as_str());
    let by_customer = words.text("need.told").replace("{column}", column.unwrap_or_default());
    sql!(
        "explain_need.sql",
        rule = words.pattern("rule", &["label", "why"]),
        told = column.map_or("false".to_owned(), |column| told(segments, &rules, column)),
        by_customer = literal(&by_customer),
        rules = all,
        loyal = words.pattern("need.loyal", &["days"]),
    )
}

/// Whether the customer told the need, in this column of the customer table: the view shows it, or no rule gives the
/// need.
fn told(segments: &Segments, rules: &[&Upper], column: &str) -> String {
    let by_rule = |rule: &&Upper| format!("WHEN {} THEN '{}' ", rule.holds(), rule.code);
    let by_rule: String = rules.iter().map(by_rule).collect();
    let differs = format!(
        "one.need_type_code IS DISTINCT FROM CASE {by_rule}WHEN one.purchase_days >= 2 THEN 'loyal' END"
    );
    match segments.has(column) {
        true => {
            let shown = lower(&format!("one.{}", ident(column)));
            format!("{shown} = one.need_type_code OR {differs}")
        }
        false => differs,
    }
}
