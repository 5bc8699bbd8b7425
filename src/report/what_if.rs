//! What if the customers of a segment brought another margin, bought more often, stayed longer, or cost more to serve.
#![allow(clippy::type_complexity)] // a row of a report is as wide as its SQL declaration

use super::matrices::{self, ShownMatrix};
use super::playbook::{self, not_there};
use super::ranks::rank_in_row;
use super::segments::{Segments, label_of, settled};
use super::template::sql;
use crate::segmentation::options::Options;
use crate::server::call::Call;
use crate::server::error::{Code, fail, shown};
use crate::server::query::{ident, literal, rows, text_of};
use pgrx::prelude::*;
use segmentation::columns::clv_tier;
use segmentation::options::{Misread, read_object};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// The key of what changes in all segments that are not named.
const OTHERS: &str = "*";

/// The most segments of a report.
const MOST_SEGMENTS: usize = 1000;

/// The column with the tier of lifetime value.
const TIER: &str = "clv_tier";

/// The column with what it cost to serve a customer.
const COST_TO_SERVE: &str = "cost_to_serve";

const HINT: &str = "Give an object by segment, \"*\" for all others, with any of margin, purchase_rate, retention and \
                    cost_to_serve, each a change from -0.99 to 100, such as {\"At Risk\": {\"retention\": 0.1}, \
                    \"*\": {\"margin\": -0.02}}; 0.1 is 10 percent more.";

/// What changes in a segment, each as a share of what it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Change {
    margin: Option<f64>,
    purchase_rate: Option<f64>,
    retention: Option<f64>,
    cost_to_serve: Option<f64>,
}

impl Change {
    fn parts(&self) -> [(&'static str, Option<f64>); 4] {
        let Change { margin, purchase_rate, retention, cost_to_serve } = *self;
        [
            ("margin", margin),
            ("purchase_rate", purchase_rate),
            ("retention", retention),
            ("cost_to_serve", cost_to_serve),
        ]
    }

    /// What is not given here as it is given for all others, or no change.
    fn or(&self, others: &Change) -> Change {
        Change {
            margin: self.margin.or(others.margin).or(Some(0.0)),
            purchase_rate: self.purchase_rate.or(others.purchase_rate).or(Some(0.0)),
            retention: self.retention.or(others.retention).or(Some(0.0)),
            cost_to_serve: self.cost_to_serve.or(others.cost_to_serve).or(Some(0.0)),
        }
    }
}

/// Changes by segment.
type Changes = BTreeMap<String, Change>;

/// (view, changes, by, report_by): each value of a column with customers, lifetime value and profitability, as they are
/// and with the changes, which are given by segment, the values of `by`.
#[pg_extern(sql = false)]
fn segment_what_if(
    call: pg_sys::FunctionCallInfo,
) -> TableIterator<
    'static,
    (
        name!(segment, Option<String>),
        name!(part, Option<String>),
        name!(customers_before, Option<i64>),
        name!(customers_after, Option<i64>),
        name!(mean_clv_before, Option<f64>),
        name!(mean_clv_after, Option<f64>),
        name!(total_clv_before, Option<f64>),
        name!(total_clv_after, Option<f64>),
        name!(clv_change, Option<f64>),
        name!(clv_change_share, Option<f64>),
        name!(profitability_before, Option<f64>),
        name!(profitability_after, Option<f64>),
        name!(margin, Option<f64>),
        name!(purchase_rate, Option<f64>),
        name!(retention, Option<f64>),
        name!(cost_to_serve, Option<f64>),
    ),
> {
    let call = Call::of(&call);
    let given = [0, 2].map(|at| call.text_or_null(at));
    let ([Some(view), Some(by)], Some(changes)) = (given, call.jsonb_text(1)) else {
        return TableIterator::new(Vec::new());
    };
    let label = call.text_or_null(3).unwrap_or_else(|| by.clone());
    let segments = Segments::of(&view);
    for column in [&by, &label] {
        segments.column(column).require_equality();
    }
    let changes = read(&changes);
    require_known(&segments, &changes);
    require_there(&segments, &changes, &by);
    let rows = segments.records(&query(&segments, &changes, &by, &label));
    if rows.len() > MOST_SEGMENTS {
        fail(
            Code::ERRCODE_PROGRAM_LIMIT_EXCEEDED,
            format!("column \"{label}\" has more than {MOST_SEGMENTS} values"),
            "Choose a column with fewer distinct values, such as a label, or group the values in a view.",
        )
    }
    TableIterator::new(rows)
}

/// The changes, those of all others filled in; or an error.
fn read(text: &str) -> Changes {
    let Ok(Value::Object(given)) = serde_json::from_str(text) else {
        refuse("", "they are not an object by segment")
    };
    let of = |(segment, value): (String, Value)| {
        let change: Change = read_object(value).unwrap_or_else(|Misread { path, why }| {
            let path = if path == "." { segment.clone() } else { format!("{segment}.{path}") };
            refuse(&path, why)
        });
        for (name, share) in change.parts() {
            if let Some(share) = share.filter(|share| !(-0.99..=100.0).contains(share)) {
                let why = format!("{} is not a change from -0.99 to 100", shown(share));
                refuse(&format!("{segment}.{name}"), why)
            }
        }
        (segment, change)
    };
    let changes: Changes = given.into_iter().map(of).collect();
    let others = changes.get(OTHERS).copied().unwrap_or_default();
    changes.into_iter().map(|(segment, change)| (segment, change.or(&others))).collect()
}

/// Raises an error about a change of what the segmentation does not know.
fn require_known(segments: &Segments, changes: &Changes) {
    let view = segments.view();
    let changed =
        |of: fn(&Change) -> Option<f64>| changes.values().filter_map(of).any(|share| share != 0.0);
    let lacks = |what: &str, why: &str, hint: &str| {
        let message = format!("{what} cannot change in {view}: {why}");
        fail(Code::ERRCODE_INVALID_PARAMETER_VALUE, message, hint)
    };
    if changed(|change| change.margin) && segments.stored.names.amount.is_none() {
        lacks(
            "margin",
            "its orders have no amounts",
            "Give an amount column to create_segmentation.",
        );
    }
    let models = Options::read(&segments.stored.options).family != "none";
    if changed(|change| change.purchase_rate.filter(|share| *share != 0.0).or(change.retention))
        && !models
    {
        lacks(
            "purchase_rate and retention",
            "it has no model of purchases",
            "Give it another option \"family\" than \"none\" with alter_segmentation.",
        );
    }
    if changed(|change| change.cost_to_serve) && !segments.has(COST_TO_SERVE) {
        lacks(
            COST_TO_SERVE,
            "it has no such column",
            "Give it the option \"cost_to_serve\" with alter_segmentation.",
        );
    }
}

/// Raises an error about a change of a segment that there is not.
fn require_there(segments: &Segments, changes: &Changes, by: &str) {
    let mut known = playbook::labels(segments, by);
    let unknown = |known: &[String]| {
        let named = changes.keys().filter(|segment| *segment != OTHERS);
        named.into_iter().find(|segment| !known.contains(segment)).cloned()
    };
    if unknown(&known).is_none() {
        return;
    }
    let sql = format!(
        "SELECT DISTINCT v.{0}::text FROM {1} AS v WHERE v.{0} IS NOT NULL LIMIT {MOST_SEGMENTS}",
        ident(by),
        segments.view()
    );
    known.extend(settled(&segments.stored, &sql, || rows(&sql, &[], |row| text_of(row, 1))));
    if let Some(segment) = unknown(&known) {
        not_there(segments, by, &segment, &known)
    }
}

fn query(segments: &Segments, changes: &Changes, by: &str, label: &str) -> String {
    let options = Options::read(&segments.stored.options);
    let number = |column: &str| match segments.has(column) {
        true => format!("v.{}::float8", ident(column)),
        false => "NULL::float8".to_owned(),
    };
    let anew = Anew::of(segments, label);
    sql!(
        "what_if.sql",
        view = segments.view(),
        segmentation = literal(&segments.stored.identity.id),
        changes = literal(&serde_json::to_string(changes).unwrap_or_default()),
        by = ident(by),
        label = ident(label),
        rank = rank_in_row(segments, label),
        current_value = number("current_value"),
        profitability = number("profitability"),
        cost_to_serve = format!("coalesce({}, 0)", number(COST_TO_SERVE)),
        axes = anew.axes,
        new_label = anew.label,
        new_rank = anew.rank,
        horizon_days = double(options.horizon_days),
        annual_discount_rate = double(options.annual_discount_rate),
        step_days = double(options.step_days),
        same_column = (by == label).to_string(),
        all_customers = segments.words().literal("all_customers"),
        most_rows = MOST_SEGMENTS.to_string(),
    )
}

/// How a label follows from what has changed.
struct Anew {
    /// Columns of the view that it needs besides.
    axes: String,
    /// The label: an expression.
    label: String,
    /// Its rank: an expression.
    rank: String,
}

impl Anew {
    /// Of a column of the view; one that is made of nothing that can change stays.
    fn of(segments: &Segments, column: &str) -> Anew {
        let of = |part: &str| column.strip_suffix(part).unwrap_or(column) == TIER;
        if ["", "_code", "_rank", "_action"].into_iter().any(of) {
            return Self::of_tier(segments, column);
        }
        let matrices = matrices::of(segments);
        let is_of = |matrix: &&ShownMatrix| {
            label_of(column) == matrix.column || column == format!("{}_rank", matrix.column)
        };
        let matrix = matrices.iter().find(is_of);
        let changes = |matrix: &&ShownMatrix| {
            matrix.axes.iter().any(|axis| changed(segments, axis).is_some())
        };
        match matrix.filter(changes) {
            Some(matrix) => Self::of_matrix(segments, column, matrix),
            None => Anew { axes: String::new(), label: "v.label".into(), rank: "v.rank".into() },
        }
    }

    fn of_tier(segments: &Segments, column: &str) -> Anew {
        let language = &segments.language;
        let tier = match column {
            "clv_tier" => clv_tier(segments.labels, PERCENTILE, language),
            "clv_tier_action" => {
                format!("customer_value.{column}({PERCENTILE}, {})", literal(language))
            }
            _ => format!("customer_value.{column}({PERCENTILE})"),
        };
        Anew {
            axes: String::new(),
            label: format!("{tier}::text"),
            rank: format!("customer_value.clv_tier_rank({PERCENTILE})"),
        }
    }

    fn of_matrix(segments: &Segments, column: &str, matrix: &ShownMatrix) -> Anew {
        let mut axes = String::new();
        let mut numbers = Vec::new();
        for (at, axis) in (1..).zip(&matrix.axes) {
            numbers.push(match changed(segments, axis) {
                Some(number) => number.to_owned(),
                None => {
                    axes += &format!(",\n           {} AS axis_{at}", shown_axis(segments, axis));
                    format!("v.axis_{at}")
                }
            });
        }
        let numbers = numbers.join(", ");
        let part = |part: &str| {
            let name = literal(&matrix.name);
            format!("customer_value_internal.matrix_{part}(v.matrices, {name}, {numbers})")
        };
        let of = match column.strip_prefix(matrix.column.as_str()) {
            Some("_code") => "code",
            Some("_rank") => "rank",
            Some("_action") => "action",
            _ => "label",
        };
        Anew { axes, label: format!("{}::text", part(of)), rank: part("rank") }
    }
}

/// The percentile of lifetime value as it is with the changes.
const PERCENTILE: &str = "customer_value.percentile_of(v.clv_percentiles, v.new_clv)";

/// An axis as it is with the changes; None for one that does not change.
fn changed(segments: &Segments, axis: &str) -> Option<&'static str> {
    let is_clv = !segments.stored.options.contains_key("potential_value");
    match axis {
        "clv" => Some("v.new_clv"),
        "potential_value" if is_clv => Some("v.new_clv"),
        "clv_percentile" => Some(PERCENTILE),
        "current_value" => Some("v.new_current_value"),
        "profitability" => Some("v.new_profitability"),
        _ => None,
    }
}

/// Another axis, of a row of the view that shows it, or an error.
fn shown_axis(segments: &Segments, axis: &str) -> String {
    if !segments.has(axis) {
        fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            format!(
                "the label cannot be told anew: {} does not show its axis \"{axis}\"",
                segments.view()
            ),
            "Have the view show it, such as with \"columns\" of the option \"customers\", or report by another column.",
        )
    }
    format!("v.{}::float8", ident(axis))
}

/// A number as a literal.
fn double(number: f64) -> String {
    format!("{}::float8", literal(&number.to_string()))
}

/// Raises an error about a change, or all of them where the path is empty.
#[cold]
fn refuse(path: &str, why: impl std::fmt::Display) -> ! {
    let message = match path {
        "" => format!("invalid changes: {why}"),
        path => format!("invalid change \"{path}\": {why}"),
    };
    fail(Code::ERRCODE_INVALID_PARAMETER_VALUE, message, HINT)
}
