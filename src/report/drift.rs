//! What has changed since the newest training.
#![allow(clippy::type_complexity)] // a row of a report is as wide as its SQL declaration

use super::segments::Segments;
use super::template::sql;
use crate::server::query::literal;
use pgrx::prelude::*;

/// (view): the share of the customers with each score, at the newest training and now; no rows before the first.
#[pg_extern(sql = false)]
fn segmentation_drift(
    view: &str,
) -> TableIterator<
    'static,
    (
        name!(axis, Option<String>),
        name!(score, Option<i32>),
        name!(customers_then, Option<i64>),
        name!(share_then, Option<f64>),
        name!(customers_now, Option<i64>),
        name!(share_now, Option<f64>),
    ),
> {
    let segments = Segments::of(view);
    let sql = sql!(
        "segmentation_drift.sql",
        view = segments.view(),
        segmentation = literal(&segments.stored.identity.id),
    );
    TableIterator::new(segments.records(&sql))
}
