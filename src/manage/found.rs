//! What a training finds: one statement over the source of a segmentation, and its one row.

use crate::segmentation::resolve::Resolved;
use crate::server::error::{Code, fail};
use crate::server::query::{column, rows};
use crate::server::step::Step;
use crate::training::aggregate::Report;
use crate::training::axis::AxisReport;
use segmentation::training::statement;

/// What the statement of a training found.
pub struct Found {
    /// What the aggregate over all histories found.
    pub report: Report,
    /// Rows of the source without customer, time, amount or order id.
    pub left_out: i64,
    /// Their amounts, as far as they have one.
    pub amount_left_out: Option<String>,
    /// The first and the last currency.
    pub currencies: Option<(String, String)>,
    /// The share of revenue that counts; None where costs do not tell it.
    pub margin: Option<f64>,
    /// Gross amount / orders.
    pub amount_per_order: Option<f64>,
    /// The percentiles of lifetime values, as text of an array.
    pub clv_percentiles: Option<String>,
    /// What was found of each axis of the plan.
    pub axes: Vec<AxisReport>,
    /// Rows of the optional inputs that do not count, as JSON.
    pub inputs_left_out: Option<String>,
}

/// Runs the statement of the training.
pub fn find(resolved: &Resolved) -> Found {
    let _step = Step::begin(format!("training of {}", resolved.view()));
    let labels = resolved.labels.clone();
    let found = rows(&statement(&resolved.plan), &[labels.into()], |row| {
        let text = |at| column::<String>(row, at);
        let report = text(1).map(|json| report_of(&json)).unwrap_or_default();
        let rows_of_none = || column(row, 2).unwrap_or(0) - report.rows as i64;
        let left_out = column(row, 3).unwrap_or_else(rows_of_none);
        let axes: Vec<Option<String>> =
            text(11).and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
        Found {
            report,
            left_out,
            amount_left_out: text(10)
                .filter(|amount| amount.parse::<f64>().is_ok_and(f64::is_finite)),
            currencies: text(4).zip(text(5)),
            margin: column(row, 7),
            amount_per_order: column(row, 8),
            clv_percentiles: text(9),
            axes: axes.iter().map(|report| AxisReport::read(report.as_deref())).collect(),
            inputs_left_out: text(12),
        }
    });
    found.into_iter().next().unwrap_or_else(|| {
        fail(
            Code::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
            "the statement of the training returned no row",
            "This is a bug in customer_value. Please report it, with the definition of the source.",
        )
    })
}

/// What the aggregate found.
fn report_of(json: &str) -> Report {
    serde_json::from_str(json).unwrap_or_else(|error| {
        fail(
            Code::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
            format!("could not read the report of the training: {error}"),
            "The library and the extension have different versions. Run ALTER EXTENSION customer_value UPDATE.",
        )
    })
}
