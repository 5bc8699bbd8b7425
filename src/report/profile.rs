//! Who the customers of a segment are: where it is over- or under-represented.
#![allow(clippy::type_complexity)] // a row of a report is as wide as its SQL declaration

use super::crosstab::{MOST_CELLS, too_many_cells};
use super::ranks::rank_of_rows;
use super::rounding::{COUNT, P_VALUE, SHARE, rounded};
use super::segments::{Segments, settled};
use super::template::sql;
use crate::segmentation::input::CustomerTable;
use crate::segmentation::options::Options;
use crate::server::error::{Code, OrFail, fail, poll};
use crate::server::query::{column, ident, rows, text_of};
use btyd::contingency::{Chance, Table};
use pgrx::prelude::*;
use std::collections::BTreeSet;

/// (view, dimension, by, min_customers): each segment against each value of a dimension, with what would be expected
/// if they had nothing to do with each other, and how unlikely the difference is.
#[pg_extern(sql = false)]
fn segment_profile(
    view: &str,
    dimension: &str,
    by: &str,
    min_customers: i32,
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
        name!(table_p_error, Option<f64>),
        name!(table_p_method, Option<String>),
        name!(cramers_v, Option<f64>),
        name!(smallest_expected, Option<f64>),
    ),
> {
    if min_customers < 1 {
        fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            format!("invalid value for argument \"min_customers\": {min_customers}"),
            "Give 1 or more (the default is 10); values of the dimension with fewer customers are left out.",
        )
    }
    let counts = Counts::read(&Segments::of(view), dimension, by, min_customers);
    let (of_segment, of_value) = (counts.by_segment(), counts.by_value());
    let total = of_value.iter().sum();
    let width = of_value.len();
    let table = Table::new(of_segment.len(), width, counts.cells.clone()).or_fail();
    let test = table.test(&mut poll);
    let cells = table.cells(&mut poll).into_iter().enumerate().map(|(at, cell)| {
        let (row, place) = (at / width, at % width);
        (
            Some(counts.segments[row].clone()),
            Some(counts.values[place].clone()),
            Some(counts.cells[at] as i64),
            share(counts.cells[at], of_segment[row]),
            share(of_value[place], total),
            cell.index.map(|index| rounded(index, COUNT)),
            Some(rounded(cell.expected, COUNT)),
            Some(rounded(cell.residual, COUNT)),
            Some(rounded(cell.p_value, P_VALUE)),
            Some(rounded(cell.adjusted_p_value, P_VALUE)),
            Some(rounded(test.chi_square, COUNT)),
            Some(test.degrees_of_freedom as i64),
            test.chance.p_value().map(|p_value| rounded(p_value, P_VALUE)),
            test.chance.standard_error().map(|error| rounded(error, P_VALUE)),
            Some(method(test.chance).into()),
            Some(rounded(test.cramers_v, SHARE)),
            Some(rounded(test.smallest_expected, SHARE)),
        )
    });
    TableIterator::new(cells.collect::<Vec<_>>())
}

/// A part of a whole, 0 to 1; None of nothing.
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| rounded(part as f64 / whole as f64, SHARE))
}

/// How the p-value of the table was found, or why there is none.
fn method(chance: Chance) -> &'static str {
    match chance {
        Chance::Distribution(_) => "chi-square",
        Chance::Simulation(..) => "simulation",
        Chance::NothingToCompare => "none: nothing to compare",
        Chance::TooLarge => "none: small expected counts in a large table",
    }
}

/// Customers by segment and value.
struct Counts {
    /// The segments, best first.
    segments: Vec<String>,
    /// The values of the dimension, in order.
    values: Vec<String>,
    /// Customers, segment by segment, within it by value.
    cells: Vec<u64>,
}

impl Counts {
    /// Counts the customers of a view, without values that fewer than so many have.
    fn read(segments: &Segments, dimension: &str, by: &str, min_customers: i32) -> Counts {
        segments.column(by);
        let (join, value) = dimension_of(segments, dimension);
        let sql = sql!(
            "segment_profile.sql",
            view = segments.view(),
            by = ident(by),
            rank = rank_of_rows(segments, by),
            join = join,
            value = value,
            min_customers = min_customers.to_string(),
            most_cells = MOST_CELLS.to_string(),
        );
        let read = || {
            rows(&sql, &[], |row| {
                (text_of(row, 1), text_of(row, 2), column::<i64>(row, 3).unwrap_or(0) as u64)
            })
        };
        let found = settled(&segments.stored, &sql, read);
        let mut segments: Vec<String> = found.iter().map(|(segment, ..)| segment.clone()).collect();
        segments.dedup();
        let values: BTreeSet<&String> = found.iter().map(|(_, value, _)| value).collect();
        let values: Vec<String> = values.into_iter().cloned().collect();
        let size = segments.len().saturating_mul(values.len());
        if size > MOST_CELLS || found.len() > MOST_CELLS {
            too_many_cells(by, dimension);
        }
        let mut cells = vec![0; size];
        let mut row = 0;
        for (segment, value, customers) in found {
            row += usize::from(segments[row] != segment);
            if let Ok(at) = values.binary_search(&value) {
                cells[row * values.len() + at] = customers;
            }
        }
        Counts { segments, values, cells }
    }

    /// Customers of each segment.
    fn by_segment(&self) -> Vec<u64> {
        self.cells.chunks(self.values.len().max(1)).map(|row| row.iter().sum()).collect()
    }

    /// Customers with each value.
    fn by_value(&self) -> Vec<u64> {
        let width = self.values.len();
        (0..width).map(|at| self.cells.iter().skip(at).step_by(width).sum()).collect()
    }
}

/// What a dimension is joined by, and its expression: a column of the view, else of the customer table.
fn dimension_of(segments: &Segments, dimension: &str) -> (String, String) {
    let own = || (String::new(), segments.column(dimension).column.of("v"));
    if segments.has(dimension) {
        return own();
    }
    let Some(customers) = CustomerTable::named(&Options::read(&segments.stored.options)) else {
        return own(); // the error that there is no such column
    };
    let (ours, theirs) = (segments.customer(), &customers.key);
    let same = format!("{} {} {}", theirs.column.of("c"), theirs.equality(), ours.column.of("v"));
    let join = format!("JOIN {} AS c ON {same}", customers.relation.name);
    (join, customers.relation.column(dimension).column.of("c"))
}
