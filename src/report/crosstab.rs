//! Two columns of a view against each other.
#![allow(clippy::type_complexity)] // a row of a report is as wide as its SQL declaration

use super::ranks::rank_of_rows;
use super::segments::Segments;
use super::template::sql;
use crate::server::error::{Code, fail};
use crate::server::query::ident;
use pgrx::prelude::*;

/// The most cells of a table.
pub const MOST_CELLS: usize = 100_000;

/// (view, rows, columns): the customers with each combination of the values of two columns, labels by rank, also
/// those that nobody has.
#[pg_extern(sql = false)]
fn segment_crosstab(
    view: &str,
    rows_by: &str,
    columns_by: &str,
) -> TableIterator<
    'static,
    (
        name!(row_label, Option<String>),
        name!(column_label, Option<String>),
        name!(customers, Option<i64>),
        name!(share, Option<f64>),
        name!(share_of_row, Option<f64>),
        name!(share_of_column, Option<f64>),
        name!(revenue, Option<AnyNumeric>),
        name!(mean_clv, Option<f64>),
    ),
> {
    let segments = Segments::of(view);
    for by in [rows_by, columns_by] {
        segments.column(by);
    }
    let sql = sql!(
        "segment_crosstab.sql",
        view = segments.view(),
        row = ident(rows_by),
        row_rank = rank_of_rows(&segments, rows_by),
        column = ident(columns_by),
        column_rank = rank_of_rows(&segments, columns_by),
        most_cells = MOST_CELLS.to_string(),
    );
    let cells = segments.records(&sql);
    if cells.len() > MOST_CELLS {
        too_many_cells(rows_by, columns_by);
    }
    TableIterator::new(cells)
}

/// Raises the error that a table of these columns has too many cells.
#[cold]
pub fn too_many_cells(rows_by: &str, columns_by: &str) -> ! {
    fail(
        Code::ERRCODE_PROGRAM_LIMIT_EXCEEDED,
        format!("the table of {rows_by} by {columns_by} has more than {MOST_CELLS} cells"),
        "Choose columns with fewer distinct values, such as labels, or group the values in a view.",
    )
}
