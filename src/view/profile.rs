//! Two columns of a view against each other: crosstabs, and where a segment is over- or under-represented.
#![allow(clippy::type_complexity)] // a row of a report is as wide as its SQL declaration

use super::inputs::Customers;
use super::options::Options;
use super::report::rank_column;
use super::source::{equality, find_column};
use super::stored::Stored;
use crate::server::error::{Code, OrFail, fail};
use crate::server::query::{column, ident, rows};
use btyd::contingency::Table;
use pgrx::prelude::*;

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
        "WITH cell AS MATERIALIZED (\
             SELECT v.{a}::text AS a, v.{b}::text AS b, {rank_a} AS rank_a, {rank_b} AS rank_b, count(*) AS customers, \
                    sum(v.revenue) AS revenue, sum({clv}) AS clv, count({clv}) AS valued \
             FROM {view} AS v GROUP BY v.{a}, v.{b}), \
         a AS (SELECT a AS label, min(rank_a) AS rank, sum(customers) AS customers FROM cell GROUP BY a), \
         b AS (SELECT b AS label, min(rank_b) AS rank, sum(customers) AS customers FROM cell GROUP BY b), \
         c AS (SELECT a, b, sum(customers)::int8 AS customers, sum(revenue) AS revenue, sum(clv) / nullif(sum(valued), 0) AS mean_clv \
               FROM cell GROUP BY a, b) \
         SELECT a.label, b.label, coalesce(c.customers, 0), \
                round(coalesce(c.customers, 0) / sum(c.customers) OVER (), 4)::float8, \
                round(coalesce(c.customers, 0) / a.customers, 4)::float8, \
                round(coalesce(c.customers, 0) / b.customers, 4)::float8, c.revenue, round(c.mean_clv, 2)::float8 \
         FROM a CROSS JOIN b LEFT JOIN c ON c.a IS NOT DISTINCT FROM a.label AND c.b IS NOT DISTINCT FROM b.label \
         ORDER BY a.rank NULLS LAST, a.label, b.rank NULLS LAST, b.label",
        a = ident(rows_by),
        b = ident(columns_by),
        rank_a = rank_column(&stored, rows_by),
        rank_b = rank_column(&stored, columns_by),
        clv = stored.clv(),
        view = stored.quoted,
    );
    let cells = rows(&sql, &[], |row| {
        let number = |at| column::<f64>(row, at);
        let (a, b, customers) = (column(row, 1), column(row, 2), column(row, 3));
        (a, b, customers, number(4), number(5), number(6), column(row, 7), number(8))
    });
    TableIterator::new(cells)
}

/// The counts of segments by values, labels in order: segments, values, counts by row.
type Counts = (Vec<String>, Vec<String>, Vec<u64>);

fn counts(stored: &Stored, dimension: &str, by: &str, smallest: i32) -> Counts {
    find_column(stored.oid, &stored.quoted, by);
    let (join, value) = dimension_of(stored, dimension);
    let sql = format!(
        "WITH cell AS MATERIALIZED (\
             SELECT v.{by}::text AS segment, {value}::text AS value, {rank} AS rank, count(*) AS customers \
             FROM {view} AS v{join} WHERE v.{by} IS NOT NULL AND {value} IS NOT NULL GROUP BY 1, 2), \
         large AS (SELECT value FROM cell GROUP BY value HAVING sum(customers) >= {smallest}), \
         segment AS (SELECT segment, min(rank) AS rank FROM cell GROUP BY segment) \
         SELECT s.segment, l.value, coalesce(c.customers, 0)::int8 \
         FROM segment AS s CROSS JOIN large AS l LEFT JOIN cell AS c ON c.segment = s.segment AND c.value = l.value \
         ORDER BY s.rank NULLS LAST, s.segment, l.value",
        by = ident(by),
        rank = rank_column(stored, by),
        view = stored.quoted,
    );
    let cells = rows(&sql, &[], |row| {
        let text = |at| column::<String>(row, at).unwrap_or_default();
        (text(1), text(2), column::<i64>(row, 3).unwrap_or(0) as u64)
    });
    let mut segments: Vec<String> = Vec::new();
    let mut values: Vec<String> = Vec::new();
    for (segment, value, _) in &cells {
        if segments.last() != Some(segment) {
            segments.push(segment.clone());
        }
        if segments.len() == 1 {
            values.push(value.clone());
        }
    }
    (segments, values, cells.into_iter().map(|(.., count)| count).collect())
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
    let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
    let found: Vec<_> = cells
        .iter()
        .enumerate()
        .map(|(i, cell)| {
            let (row, at) = (i / width, i % width);
            let of_segment: u64 = counts[row * width..(row + 1) * width].iter().sum();
            let of_value: u64 = counts.iter().skip(at).step_by(width).sum();
            (
                Some(segments[row].clone()),
                Some(values[at].clone()),
                Some(counts[i] as i64),
                share(counts[i], of_segment),
                share(of_value, total),
                cell.index,
                Some(cell.expected),
                Some(cell.residual),
                Some(cell.p_value),
                Some(cell.adjusted_p_value),
                Some(test.chi_square),
                Some(test.degrees_of_freedom as i64),
                Some(test.p_value),
                Some(test.cramers_v),
            )
        })
        .collect();
    TableIterator::new(found)
}
