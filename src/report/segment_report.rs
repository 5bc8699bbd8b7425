//! How large each segment is, and what it brings in.
#![allow(clippy::type_complexity)] // a row of a report is as wide as its SQL declaration

use super::segments::Segments;
use super::template::sql;
use crate::server::query::ident;
use pgrx::prelude::*;

/// Columns whose values are in order from the best down, the highest first.
const SCORES: [&str; 5] =
    ["recency_score", "frequency_score", "monetary_score", "rfm_code", "value_score"];

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
        score = if SCORES.contains(&by) { &column_by } else { "NULL::int4" },
        rank = segments.rank_of(by),
    );
    TableIterator::new(segments.records(&sql))
}
