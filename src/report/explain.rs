//! Why a customer is in a segment, and what is expected of them.
#![allow(clippy::type_complexity)] // a row of a report is as wide as its SQL declaration

use super::matrices::{self, ShownMatrix, reason};
use super::segments::Segments;
use super::template::sql;
use crate::server::error::{Code, fail};
use crate::server::query::{ident, literal};
use pgrx::prelude::*;
use segmentation::axes;

/// The steps before those of matrices: three scores, the segment, four of lifetime value.
const STEPS: usize = 8;

/// (view, customer): measures, cuts, scores, segment, lifetime value and places in matrices of one customer.
#[pg_extern(sql = false)]
fn explain_customer(
    view: &str,
    customer: &str,
) -> TableIterator<
    'static,
    (
        name!(step, Option<String>),
        name!(value, Option<String>),
        name!(cuts, Option<String>),
        name!(score, Option<i32>),
        name!(explanation, Option<String>),
    ),
> {
    let segments = Segments::of(view);
    let key = segments.customer();
    let mut places = String::new();
    let trained = matrices::of(&segments).into_iter().filter(|matrix| matrix.trained);
    for (place, matrix) in (STEPS + 1..).zip(trained) {
        places += &matrix_step(&segments, &matrix, place);
    }
    let sql = sql!(
        "explain_customer.sql",
        view = segments.view(),
        key = key.column.of("v"),
        equals = key.equality(),
        customer = literal(customer),
        type = &key.type_name,
        segmentation = literal(&segments.stored.identity.id),
        matrix_steps = places,
    );
    let steps = segments.records(&sql);
    if steps.is_empty() {
        fail(
            Code::ERRCODE_NO_DATA_FOUND,
            format!("customer \"{customer}\" is not in {}", segments.view()),
            "Give the customer as in the first column of the view. A customer has a row once they have an order or are \
             in the customer table.",
        )
    }
    TableIterator::new(steps)
}

/// The step of a matrix: one more row of the steps.
fn matrix_step(segments: &Segments, matrix: &ShownMatrix, place: usize) -> String {
    let by_rule = matrix.axes.first().is_some_and(|axis| axes::by_rule(axis));
    sql!(
        "explain_matrix.sql",
        place = place.to_string(),
        step = literal(&matrix.column),
        label = ident(&matrix.column),
        rank = ident(&format!("{}_rank", matrix.column)),
        matrix = literal(&matrix.name),
        cuts = if by_rule { "NULL" } else { "t.cuts" },
        reason = reason(segments, "one", &matrix.axes),
        values = values(segments, matrix),
    )
}

/// The customer's values on the axes of a matrix, as far as the view shows them: an expression.
fn values(segments: &Segments, matrix: &ShownMatrix) -> String {
    let value = |axis: &String| {
        let shown = axes::shown(axis);
        let (name, column) = (literal(shown), ident(shown));
        let value = match shown == axis {
            true => format!("trim_scale(round(one.{column}::numeric, 4))"),
            false => format!("one.{column}"), // the label says more than its number
        };
        let told = !axes::by_rule(axis) && segments.has(shown);
        told.then(|| format!("{name} || ' ' || {value}"))
    };
    let values: Vec<String> = matrix.axes.iter().filter_map(value).collect();
    match matrix.axes.first() {
        _ if !values.is_empty() => format!("concat_ws(', ', {})", values.join(", ")),
        Some(axis) if axes::by_rule(axis) => "'by rule'".into(),
        _ => literal(&format!("by {}", matrix.axes.join(" and "))),
    }
}
