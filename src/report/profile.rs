//! Two columns of a view against each other: crosstabs, and where a segment is over- or under-represented.
#![allow(clippy::type_complexity)] // a row of a report is as wide as its SQL declaration

use crate::view::inputs::Customers;
use crate::view::options::Options;
use super::report::rank_column;
use crate::view::source::{equality, find_column};
use crate::view::stored::Stored;
use crate::server::error::{Code, OrFail, fail};
use crate::server::query::{column, ident, rows};
use btyd::contingency::Table;
use pgrx::prelude::*;
use std::collections::BTreeSet;

/// Two label columns against each other.
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
    let stored = Stored::of(view);
    for by in [rows_by, columns_by] {
        find_column(stored.oid, &stored.quoted, by);
    }
    let sql = format!(
        "WITH label AS (\
             SELECT v.{a}::text AS a, v.{b}::text AS b, {rank_a} AS rank_a, {rank_b} AS rank_b, count(*) AS customers, \
                    sum(v.revenue) AS revenue, sum({clv}) AS clv, count({clv}) AS valued \
             FROM {view} AS v GROUP BY 1, 2), \
         cell AS MATERIALIZED (SELECT *, dense_rank() OVER (ORDER BY a) AS ka, dense_rank() OVER (ORDER BY b) AS kb FROM label), \
         a AS MATERIALIZED (SELECT ka, a AS label, min(rank_a) AS rank, sum(customers) AS customers FROM cell GROUP BY 1, 2), \
         b AS MATERIALIZED (SELECT kb, b AS label, min(rank_b) AS rank, sum(customers) AS customers FROM cell GROUP BY 1, 2), \
         small AS (SELECT (SELECT count(*) FROM a) * (SELECT count(*) FROM b) <= {most} AS is) \
         SELECT a.label, b.label, coalesce(c.customers, 0), \
                round(coalesce(c.customers, 0) / (SELECT sum(customers) FROM cell), 4)::float8, \
                round(coalesce(c.customers, 0) / a.customers, 4)::float8, \
                round(coalesce(c.customers, 0) / b.customers, 4)::float8, c.revenue, round(c.clv / nullif(c.valued, 0), 2)::float8 \
         FROM (SELECT a.ka, b.kb FROM a CROSS JOIN b WHERE (SELECT s.is FROM small AS s) \
               UNION ALL SELECT c.ka, c.kb FROM cell AS c WHERE NOT (SELECT s.is FROM small AS s)) AS k \
         JOIN a USING (ka) JOIN b USING (kb) LEFT JOIN cell AS c ON c.ka = k.ka AND c.kb = k.kb \
         ORDER BY a.rank NULLS LAST, a.label, b.rank NULLS LAST, b.label LIMIT {limit}",
        a = ident(rows_by),
        b = ident(columns_by),
        rank_a = rank_column(&stored, rows_by),
        rank_b = rank_column(&stored, columns_by),
        clv = stored.clv(),
        view = stored.quoted,
        most = MOST_CELLS,
        limit = MOST_CELLS + 1,
    );
    let cells = rows(&sql, &[], |row| {
        let number = |at| column::<f64>(row, at);
        let (a, b, customers) = (column(row, 1), column(row, 2), column(row, 3));
        (a, b, customers, number(4), number(5), number(6), column(row, 7), number(8))
    });
    if cells.len() > MOST_CELLS {
        too_many_cells(&format!("{rows_by} by {columns_by}"));
    }
    TableIterator::new(cells)
}

/// The counts of segments by values, labels in order: segments, values, counts by row.
type Counts = (Vec<String>, Vec<String>, Vec<u64>);

/// The most cells of a table.
const MOST_CELLS: usize = 100_000;

#[cold]
fn too_many_cells(of: &str) -> ! {
    fail(
        Code::ERRCODE_PROGRAM_LIMIT_EXCEEDED,
        format!("the table of {of} would have more than {MOST_CELLS} cells"),
        "Give columns with fewer different values, such as labels, or group them in a view.",
    )
}

fn counts(stored: &Stored, dimension: &str, by: &str, smallest: i32) -> Counts {
    find_column(stored.oid, &stored.quoted, by);
    let (join, value) = dimension_of(stored, dimension);
    let sql = format!(
        "WITH cell AS MATERIALIZED (\
             SELECT v.{by}::text AS segment, {value}::text AS value, {rank} AS rank, count(*)::int8 AS customers \
             FROM {view} AS v{join} WHERE v.{by} IS NOT NULL AND {value} IS NOT NULL GROUP BY 1, 2) \
         SELECT c.segment, c.value, c.customers FROM (\
             SELECT *, min(rank) OVER (PARTITION BY segment) AS best, sum(customers) OVER (PARTITION BY value) AS whole FROM cell) AS c \
         WHERE c.whole >= {smallest} ORDER BY c.best NULLS LAST, c.segment, c.value LIMIT {limit}",
        by = ident(by),
        rank = rank_column(stored, by),
        view = stored.quoted,
        limit = MOST_CELLS + 1,
    );
    let cells = rows(&sql, &[], |row| {
        let text = |at| column::<String>(row, at).unwrap_or_default();
        (text(1), text(2), column::<i64>(row, 3).unwrap_or(0) as u64)
    });
    let mut segments: Vec<String> = cells.iter().map(|(segment, ..)| segment.clone()).collect();
    segments.dedup();
    let values: BTreeSet<&String> = cells.iter().map(|(_, value, _)| value).collect();
    let values: Vec<String> = values.into_iter().cloned().collect();
    if segments.len().saturating_mul(values.len()) > MOST_CELLS || cells.len() > MOST_CELLS {
        too_many_cells(&format!("{by} by {dimension}"));
    }
    let mut counts = vec![0; segments.len() * values.len()];
    let mut row = 0;
    for (segment, value, customers) in cells {
        row += usize::from(segments[row] != segment);
        if let Ok(at) = values.binary_search(&value) {
            counts[row * values.len() + at] = customers;
        }
    }
    (segments, values, counts)
}

/// What a dimension is joined by, and its expression: a column of the view or of the customer table.
fn dimension_of(stored: &Stored, dimension: &str) -> (String, String) {
    if stored.has_column(dimension) {
        return (String::new(), format!("v.{}", ident(dimension)));
    }
    let Some(customers) = Customers::of(&Options::read(&stored.options)) else {
        find_column(stored.oid, &stored.quoted, dimension);
        return (String::new(), String::new());
    };
    let (own, key) = (stored.customer(), &customers.key);
    let join = format!(
        " JOIN {} AS c ON {} {} {}",
        customers.name,
        key.of("c"),
        equality(key),
        own.of("v")
    );
    (join, customers.column(dimension).of("c"))
}

/// Where segments are over- or under-represented.
#[pg_extern(sql = false)]
fn segment_profile(
    view: &str,
    dimension: &str,
    by: &str,
    smallest: i32,
) -> TableIterator<
    'static,
    (
        name!(segment, Option<String>),
        name!(value, Option<String>),
        name!(customers, Option<i64>),
        name!(share_of_segment, Option<f64>),
        name!(share_of_all, Option<f64>),
        name!(index, Option<f64>),
        name!(expected, Option<f64>),
        name!(residual, Option<f64>),
        name!(p_value, Option<f64>),
        name!(adjusted_p_value, Option<f64>),
        name!(chi_square, Option<f64>),
        name!(degrees_of_freedom, Option<i64>),
        name!(table_p_value, Option<f64>),
        name!(cramers_v, Option<f64>),
        name!(smallest_expected, Option<f64>),
    ),
> {
    if smallest < 1 {
        fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            format!("smallest is {smallest}, not 1 or more"),
            "Values of the dimension with fewer customers than this are left out; the default is 10.",
        )
    }
    let stored = Stored::of(view);
    let (segments, values, counts) = counts(&stored, dimension, by, smallest);
    let table = Table::new(segments.len(), values.len(), counts.clone()).or_fail();
    let (cells, test) = (table.cells(), table.test());
    let width = values.len();
    let total: u64 = counts.iter().sum();
    let of_segment: Vec<u64> = counts.chunks(width.max(1)).map(|row| row.iter().sum()).collect();
    let of_value: Vec<u64> =
        (0..width).map(|at| counts.iter().skip(at).step_by(width).sum()).collect();
    let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
    let found: Vec<_> = cells
        .iter()
        .enumerate()
        .map(|(i, cell)| {
            let (row, at) = (i / width, i % width);
            (
                Some(segments[row].clone()),
                Some(values[at].clone()),
                Some(counts[i] as i64),
                share(counts[i], of_segment[row]),
                share(of_value[at], total),
                cell.index,
                Some(cell.expected),
                Some(cell.residual),
                Some(cell.p_value),
                Some(cell.adjusted_p_value),
                Some(test.chi_square),
                Some(test.degrees_of_freedom as i64),
                Some(test.p_value),
                Some(test.cramers_v),
                Some(test.smallest_expected),
            )
        })
        .collect();
    TableIterator::new(found)
}
