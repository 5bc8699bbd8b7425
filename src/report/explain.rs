//! Why a customer is in a segment, and what is expected of them.
#![allow(clippy::type_complexity)] // a row of a report is as wide as its SQL declaration

use super::matrices::{self, ShownMatrix, reason};
use super::rules;
use super::segments::Segments;
use super::template::sql;
use super::words::Words;
use crate::server::error::{Code, fail};
use crate::server::query::{ident, literal};
use pgrx::prelude::*;
use segmentation::axes;
use serde_json::{Map, Value};

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
    let mut trained = matrices::of(&segments);
    trained.retain(|matrix| matrix.trained);
    for (place, matrix) in (STEPS + 1..).zip(&trained) {
        places += &matrix_step(&segments, matrix, place);
    }
    let words = segments.words();
    let sql = sql!(
        "explain_customer.sql",
        view = segments.view(),
        key = key.column.of("v"),
        equals = key.equality(),
        customer = literal(customer),
        type = &key.type_name,
        segmentation = literal(&segments.stored.identity.id),
        axes = literal(&axis_names(words, &trained)),
        semicolon = words.literal("list.semicolon"),
        out_of_reach = words.literal("cut.out_of_reach"),
        recency = words.pattern("recency", &["days", "from", "to", "bins"]),
        frequency = words.pattern("frequency", &["day", "score"]),
        total = words.pattern("monetary", &["day", "score"]),
        average = words.pattern("monetary.average", &["day", "score"]),
        exceeded = words.literal("score.exceeded"),
        reached = words.literal("score.reached"),
        not_trained = words.literal("not_trained"),
        no_amounts = words.literal("no_amounts"),
        no_purchases = words.pattern("no_purchases", &["day"]),
        segment = words.pattern("segment", &["scores", "scheme", "code", "rank", "training", "day"]),
        no_segment = words.literal("segment.none"),
        p_alive = words.pattern("p_alive", &["family", "training"]),
        no_model = words.literal("p_alive.missing"),
        expected_purchases = words.pattern("expected_purchases", &["days", "day"]),
        expected_order_value = words.literal("expected_order_value"),
        clv = words.pattern("clv", &["tier", "percent", "training"]),
        no_value = words.literal("clv.missing"),
        matrix_steps = places,
    );
    let steps = segments.records(&sql);
    if steps.is_empty() {
        unknown(&segments, customer)
    }
    TableIterator::new(steps)
}

/// Raises the error that a customer is not in a view.
#[cold]
pub fn unknown(segments: &Segments, customer: &str) -> ! {
    fail(
        Code::ERRCODE_NO_DATA_FOUND,
        format!("customer \"{customer}\" is not in {}", segments.view()),
        "Give the customer as in the first column of the view. A customer has a row once they have an order or are in \
         the customer table.",
    )
}

/// What the axes of matrices are called, as a JSON object by their names.
fn axis_names(words: Words<'_>, matrices: &[ShownMatrix]) -> String {
    let axes = matrices.iter().flat_map(|matrix| &matrix.axes);
    let names: Map<String, Value> =
        axes.map(|axis| (axis.clone(), words.axis(axis).into())).collect();
    Value::Object(names).to_string()
}

/// The step of a matrix: one more row of the steps.
fn matrix_step(segments: &Segments, matrix: &ShownMatrix, place: usize) -> String {
    let (words, first) = (segments.words(), matrix.axes.first());
    sql!(
        "explain_matrix.sql",
        place = place.to_string(),
        step = literal(&matrix.column),
        label = ident(&matrix.column),
        rank = ident(&format!("{}_rank", matrix.column)),
        matrix = literal(&matrix.name),
        cuts = if first.is_some_and(|axis| axes::by_rule(axis)) { "NULL" } else { "t.cuts" },
        no_place = words.pattern("no_place", &["why"]),
        reason = reason(segments, "one", &matrix.axes),
        explanation = words.pattern("place", &["why", "matrix"]),
        values = values(segments, matrix),
    )
}

/// The customer's values on the axes of a matrix, and the rules that held, as far as the view shows them: an expression.
fn values(segments: &Segments, matrix: &ShownMatrix) -> String {
    let words = segments.words();
    let value = |axis: &String| {
        let shown = axes::shown(axis);
        if axes::by_rule(axis) || !segments.has(shown) {
            return rules::held(segments, axis);
        }
        let (name, column) = (literal(words.axis(axis)), ident(shown));
        let value = match shown == axis {
            true => format!("trim_scale(round(one.{column}::numeric, 4))"),
            false => format!("one.{column}"), // the label says more than its number
        };
        Some(format!("{name} || ' ' || {value}"))
    };
    let values: Vec<String> = matrix.axes.iter().filter_map(value).collect();
    if !values.is_empty() {
        return format!("concat_ws({}, {})", words.literal("list.comma"), values.join(", "));
    }
    match matrix.axes.first() {
        Some(axis) if axes::by_rule(axis) => words.literal("place.by_rule"),
        _ => {
            let names: Vec<&str> = matrix.axes.iter().map(|axis| words.axis(axis)).collect();
            let names = names.join(words.text("list.and"));
            literal(&words.text("place.by").replace("{axes}", &names))
        }
    }
}
