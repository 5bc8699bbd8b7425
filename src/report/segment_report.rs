//! How large each segment is, and what it brings in.
#![allow(clippy::type_complexity)] // a row of a report is as wide as its SQL declaration

use super::segments::Segments;
use super::template::sql;
use crate::server::query::{column, ident, rows};
use pgrx::prelude::*;

/// (view, by): the values of a column of a view with their customers, best first: labels by rank, scores from the
/// best down, anything else by revenue.
#[pg_extern(sql = false)]
fn segment_report(
    view: &str,
    by: &str,
) -> TableIterator<
    'static,
    (
        name!(segment, Option<String>),
        name!(customers, Option<i64>),
        name!(customer_share, Option<f64>),
        name!(revenue, Option<AnyNumeric>),
        name!(revenue_share, Option<f64>),
        name!(cumulative_revenue_share, Option<f64>),
        name!(average_order_value, Option<f64>),
        name!(median_recency_days, Option<f64>),
        name!(median_frequency, Option<f64>),
        name!(median_monetary, Option<f64>),
        name!(mean_clv, Option<f64>),
        name!(total_clv, Option<f64>),
        name!(gini, Option<f64>),
    ),
> {
    let segments = Segments::of(view);
    segments.column(by);
    let column_by = format!("v.{}", ident(by));
    let sql = sql!(
        "segment_report.sql",
        view = segments.view(),
        by = column_by,
        score = if is_score(by) { &column_by } else { "NULL::int4" },
        rank = segments.rank_of(by),
    );
    TableIterator::new(rows(&sql, &[], |row| {
        (
            column(row, 1),
            column(row, 2),
            column(row, 3),
            column(row, 4),
            column(row, 5),
            column(row, 6),
            column(row, 7),
            column(row, 8),
            column(row, 9),
            column(row, 10),
            column(row, 11),
            column(row, 12),
            column(row, 13),
        )
    }))
}

/// Whether a column is in order by its own values, the highest best.
fn is_score(column: &str) -> bool {
    column.ends_with("_score") || column == "rfm_code"
}
