//! Whom to call: customers who are overdue by their own rhythm.
#![allow(clippy::type_complexity)] // a row of a report is as wide as its SQL declaration

use super::segments::Segments;
use super::template::sql;
use crate::server::error::{Code, fail, shown};
use crate::server::query::literal;
use pgrx::datum::Date;
use pgrx::prelude::*;

/// (view, max_rows, min_gaps): at most `max_rows` customers whose last purchase is longer ago than `min_gaps` of their
/// typical gaps, the highest clv first.
#[pg_extern(sql = false)]
fn contact_list(
    view: &str,
    max_rows: i32,
    min_gaps: f64,
) -> TableIterator<
    'static,
    (
        name!(customer, Option<String>),
        name!(last_purchase, Option<Date>),
        name!(recency_days, Option<i32>),
        name!(typical_gap, Option<f64>),
        name!(overdue_days, Option<f64>),
        name!(p_alive, Option<f64>),
        name!(clv, Option<f64>),
        name!(revenue, Option<AnyNumeric>),
        name!(segment, Option<String>),
    ),
> {
    let invalid = |argument: &str, value: String, hint: &str| {
        let message = format!("invalid value for argument \"{argument}\": {value}");
        fail(Code::ERRCODE_INVALID_PARAMETER_VALUE, message, hint)
    };
    if max_rows < 0 {
        invalid(
            "max_rows",
            max_rows.to_string(),
            "Give the maximum number of customers to list, 0 or more.",
        )
    }
    if !(0.0..=1e6).contains(&min_gaps) {
        let hint = "Give the number of typical gaps since the last purchase, from 0 to 1,000,000.";
        invalid("min_gaps", shown(min_gaps), hint)
    }
    let segments = Segments::of(view);
    let sql = sql!(
        "contact_list.sql",
        view = segments.view(),
        customer = &segments.customer().column.name.quoted,
        gaps = literal(&min_gaps.to_string()),
        rows = max_rows.to_string(),
    );
    TableIterator::new(segments.records(&sql))
}
