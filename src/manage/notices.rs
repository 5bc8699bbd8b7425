//! What a user is told while a segmentation is made and trained.

use super::found::Found;
use crate::segmentation::AsOf;
use crate::segmentation::options::refuse;
use crate::segmentation::resolve::Resolved;
use crate::server::clock::{day_text, parse_day};
use crate::server::error::notice;
use crate::server::query::{literal, value};
use crate::training::aggregate::Report;
use segmentation::doubts::Figures;
use segmentation::model::Position;
use segmentation::texts::is_spoken;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Tells what was done to the view, and if it cannot speak its language.
pub fn notice_change(what: &str, resolved: &Resolved) {
    let s = &resolved.plan.of;
    notice(format!("{what} view {} and function {}", s.view_name(), s.function.text));
    if !is_spoken(&s.language) {
        let language = &s.language;
        notice(format!(
            "there are no texts in language \"{language}\": comments, reasons and explanations are in English"
        ));
    }
}

/// Tells that a segmentation was taken up again, and with which options.
pub fn notice_taken_up(resolved: &Resolved, options: &Map<String, Value>) {
    let options = Value::Object(options.clone());
    notice(format!(
        "took up segmentation {} again, whose view was gone, with its trainings and options {options}",
        resolved.view()
    ));
}

/// Tells that a view that came without its row was adopted.
pub fn notice_adopted(resolved: &Resolved) {
    notice(format!("adopted view {}, which came without its trainings", resolved.view()));
}

/// Tells that histories are to be kept, and what is missing.
pub fn notice_keeping(resolved: &Resolved) {
    let view = resolved.view();
    notice(format!(
        "{view} reads the orders until its histories are kept: SELECT customer_value.refresh_segmentation({})",
        literal(&view)
    ));
    resolved.notice_without_index();
}

/// Tells what is read, and how much that is.
pub fn reading(resolved: &Resolved) {
    let relation = &resolved.source.relation;
    let rows = relation.rows.filter(|rows| *rows > 0.0);
    let about = rows.map(|rows| format!(", about {} rows", grouped(rows as i128)));
    notice(format!("reading {}{}", relation.name, about.unwrap_or_default()));
}

/// Tells that there is nothing to train on.
pub fn untrained(resolved: &Resolved, report: &Report) {
    let first = report.first_ever.as_deref().and_then(parse_day);
    if let (AsOf::Day(day), Some(first)) = (&resolved.options.as_of, first)
        && *day < first
    {
        refuse(
            "as_of",
            format!("{} is before the first purchase, {}", day_text(*day), day_text(first)),
        )
    }
    let last: Option<i32> = value(
        "SELECT number FROM customer_value.training WHERE segmentation = $1::pg_catalog.uuid AND newest",
        &[resolved.plan.of.id.as_str().into()],
    );
    let source = &resolved.source.relation.name;
    let view = literal(&resolved.view());
    let refunded = resolved.plan.of.net_refunds && report.refunds > 0 && first.is_some();
    let purchases = if refunded { "purchases that were not refunded" } else { "purchases" };
    notice(match last {
        None if report.later_orders > 0 && report.seen == 0 => format!(
            "all purchases in {source} are in the future, so all labels are NULL; once it has others, run \
             SELECT customer_value.train_segmentation({view})"
        ),
        Some(last) => format!(
            "the owner of the view sees no {purchases} in {source}; training {last} stays in force"
        ),
        None => format!(
            "{source} has no {purchases}, so all labels are NULL; once it has some, run \
             SELECT customer_value.train_segmentation({view})"
        ),
    });
}

/// Tells what was trained, and what is doubtful about it.
pub fn trained(
    resolved: &Resolved,
    found: &Found,
    doubts: &[(&str, Figures)],
    number: i32,
    seconds: f64,
) {
    let report = &found.report;
    notice(format!(
        "training {number} of {}: {} customers, {} orders in {seconds:.1} s",
        resolved.view(),
        grouped(report.customers.into()),
        grouped(report.orders.into()),
    ));
    untranslated(resolved);
    inputs(found);
    if !doubts.is_empty() {
        let codes: Vec<&str> = doubts.iter().map(|(code, _)| *code).collect();
        let (codes, view) = (codes.join(", "), literal(&resolved.view()));
        notice(format!("doubts: {codes}; see customer_value.segmentation_doubts({view})"));
    }
}

/// Tells of labels that a language lacks: all of a matrix, or some.
fn untranslated(resolved: &Resolved) {
    let s = &resolved.plan.of;
    let (language, mut whole) = (&s.language, Vec::new());
    for matrix in &s.matrices {
        let missing: Vec<&Position> =
            matrix.positions.iter().filter(|position| !position.translated).collect();
        match missing.len() {
            0 => {}
            n if n == matrix.positions.len() => whole.push(matrix.name.as_str()),
            _ => {
                let labels: Vec<&str> =
                    missing.iter().map(|position| position.label.as_str()).collect();
                let (name, labels) = (&matrix.name, labels.join(", "));
                notice(format!(
                    "matrix {name} has no label in language \"{language}\" for: {labels}"
                ));
            }
        }
    }
    if !whole.is_empty() {
        notice(format!(
            "matrices without labels in language \"{language}\", shown in English or as codes: {}",
            whole.join(", ")
        ));
    }
}

fn inputs(found: &Found) {
    let inputs = found
        .inputs_left_out
        .as_deref()
        .and_then(|json| serde_json::from_str::<BTreeMap<String, i64>>(json).ok());
    for (what, count) in inputs.iter().flatten().filter(|(_, count)| **count > 0) {
        notice(format!("left out, {}: {}", what.replace('_', " "), grouped((*count).into())));
    }
}

/// A number with commas between thousands.
pub fn grouped(number: i128) -> String {
    segmentation::doubts::grouped(&number.to_string())
}
