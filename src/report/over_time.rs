//! How segments move: their sizes day by day, and who came from where between two days.
#![allow(clippy::type_complexity)] // a row of a report is as wide as its SQL declaration

use super::days::{OnDays, Period, step};
use super::ranks::Ranks;
use super::segments::Segments;
use super::template::sql;
use crate::server::clock::day_text;
use crate::server::error::{Code, fail, given};
use crate::server::query::{Record, literal};
use pgrx::datum::{Date, Interval};
use pgrx::prelude::*;
use segmentation::model::ViewColumn;
use segmentation::trained::Applied;

/// The most rows of a report by label.
const MOST_ROWS: usize = 100_000;

/// The most customers who are listed.
const MOST_CUSTOMERS: usize = 1_000_000;

/// For whoever gives NULL.
const DEFAULTS: &str = "Give a value, or leave it out if it has a default.";

/// (view, by, from_day, to_day, every, training): the labels of a column with their customers, as of each day of a period.
#[pg_extern(sql = false)]
fn segment_history(
    view: Option<&str>,
    by: Option<&str>,
    from_day: Option<Date>,
    to_day: Option<Date>,
    every: Option<Interval>,
    training: Option<&str>,
) -> TableIterator<
    'static,
    (
        name!(day, Option<Date>),
        name!(segment, Option<String>),
        name!(customers, Option<i64>),
        name!(customer_share, Option<f64>),
        name!(revenue, Option<AnyNumeric>),
        name!(revenue_share, Option<f64>),
        name!(mean_clv, Option<f64>),
        name!(total_clv, Option<f64>),
    ),
> {
    let segments = Segments::of(given("view", view, DEFAULTS));
    let by = given("by", by, DEFAULTS);
    segments.column(by).require_equality();
    let view = OnDays::of(&segments);
    let days = view.days(Period::of(from_day, to_day), step(&given("every", every, DEFAULTS)));
    let applied = view.applied(given("training", training, DEFAULTS), &days);
    let rows = history(&segments, &view, by, &days, (applied, true)).into_iter();
    TableIterator::new(rows.map(|row| (row.0, row.1, row.2, row.3, row.4, row.5, row.6, row.7)))
}

/// A row of `segment_history`, and the rank of the label.
pub type OfDay = (
    Option<Date>,
    Option<String>,
    Option<i64>,
    Option<f64>,
    Option<AnyNumeric>,
    Option<f64>,
    Option<f64>,
    Option<f64>,
    Option<i32>,
);

/// The labels of a column with their customers, as of each of these days, best first; with `values`, also those of clv.
pub fn history(
    segments: &Segments,
    view: &OnDays<'_>,
    by: &str,
    days: &[i32],
    (applied, values): (Applied, bool),
) -> Vec<OfDay> {
    let ranks = Ranks::of(segments, by);
    let columns = columns(view, by, &ranks, values);
    let clv = match values {
        true => ["customer_value_internal.exact_sum(q.clv)", "count(q.clv)"],
        false => ["NULL::float8", "NULL::int8"],
    };
    let found = match view.shown(by).is_of_orders() {
        true => view.query_by_then(days, applied, &columns),
        false => view.query(days, applied, &columns),
    };
    let sql = sql!(
        "segment_history.sql",
        days = found,
        clv = clv[0],
        valued = clv[1],
        ranks = ranks.query(),
        rank = if ranks.column().is_some() { "min(q.rank)::int4" } else { "NULL::int4" },
        most_rows = MOST_ROWS.to_string(),
    );
    let rows = view.records(&sql);
    if rows.len() > MOST_ROWS {
        too_many("by", by, MOST_ROWS, "rows")
    }
    rows
}

/// What a report needs of each customer on each day: the label, its rank if no training tells it, revenue, whether there is a
/// purchase, and perhaps the value.
fn columns<'a>(
    view: &'a OnDays<'_>,
    by: &str,
    ranks: &Ranks,
    values: bool,
) -> Vec<(&'static str, &'a ViewColumn)> {
    let mut columns = vec![
        ("label", view.shown(by)),
        ("revenue", view.column("revenue")),
        ("last_purchase", view.column("last_purchase")),
    ];
    columns.extend(values.then(|| ("clv", view.column("clv"))));
    columns.extend(ranks.column().map(|rank| ("rank", view.shown(rank))));
    columns
}

/// Raises the error that a report would have too many rows.
#[cold]
fn too_many(what: &str, name: &str, most: usize, rows: &str) -> ! {
    fail(
        Code::ERRCODE_PROGRAM_LIMIT_EXCEEDED,
        format!("the report {what} {name} has more than {most} {rows}"),
        "Choose a column with fewer distinct values, such as a label, or fewer days.",
    )
}

/// Customers on two days, as a query of [`moved`] gives them: `moved.sql` with its holes filled.
fn moved(view: &OnDays<'_>, by: &str, ranks: &Ranks, days: (i32, i32), values: bool) -> String {
    let mut columns = columns(view, by, ranks, values);
    columns.push(("customer", view.customer()));
    let (from, to) = days;
    let both = if from == to { vec![to] } else { vec![from, to] };
    let [from, to] = [from, to].map(|day| format!("{}::date", literal(&day_text(day))));
    let rank = |day: &str| match ranks.column() {
        Some(_) => format!("min(q.rank) FILTER (WHERE q.day = {day})::int4"),
        None => "NULL::int4".to_owned(),
    };
    let clv = |day: &str| match values {
        true => format!("min(q.clv) FILTER (WHERE q.day = {day})"),
        false => "NULL::float8".to_owned(),
    };
    sql!(
        "moved.sql",
        days = view.query_by_then(&both, Applied::Newest, &columns),
        from_rank = rank(&from),
        to_rank = rank(&to),
        clv_before = clv(&from),
        clv = clv(&to),
        from = from,
        to = to,
        ranks = ranks.query(),
    )
}

/// The rows of a report on who moved: a template, filled by `written` with the query of [`moved`], the words for who has no
/// label, and one row more than there may be.
fn moves<T: Record>(
    (view, from_day, to_day, by): (Option<&str>, Option<Date>, Option<Date>, Option<&str>),
    values: bool,
    (most, rows): (usize, &str),
    written: fn(String, [String; 3], String) -> String,
) -> Vec<T> {
    let segments = Segments::of(given("view", view, DEFAULTS));
    let by = given("by", by, DEFAULTS);
    segments.column(by);
    let view = OnDays::of(&segments);
    let days = view.ends(Period::of(from_day, to_day));
    moves_between((&segments, &view), by, days, values, (most, rows), written)
}

/// The same of a view that has been looked up.
fn moves_between<T: Record>(
    (segments, view): (&Segments, &OnDays<'_>),
    by: &str,
    days: (i32, i32),
    values: bool,
    (most, rows): (usize, &str),
    written: fn(String, [String; 3], String) -> String,
) -> Vec<T> {
    let moved = moved(view, by, &Ranks::of(segments, by), days, values);
    let words = ["not_yet", "no_longer", "unplaced"];
    let words = words.map(|word| segments.words().literal(&format!("over_time.{word}")));
    let found = view.records(&written(moved, words, most.to_string()));
    if found.len() > most {
        too_many("by", by, most, rows)
    }
    found
}

/// A row of `segment_transitions`.
pub type Flow = (
    Option<String>,
    Option<String>,
    Option<i64>,
    Option<f64>,
    Option<f64>,
    Option<AnyNumeric>,
    Option<f64>,
    Option<String>,
    Option<i32>,
    Option<i32>,
);

/// The customers with each label of a column on one day and each on a later one, best first.
pub fn transitions(
    segments: &Segments,
    view: &OnDays<'_>,
    by: &str,
    days: (i32, i32),
) -> Vec<Flow> {
    moves_between((segments, view), by, days, false, (MOST_ROWS, "rows"), transitions_query)
}

/// The query of [`transitions`].
fn transitions_query(moved: String, words: [String; 3], most_rows: String) -> String {
    let [not_yet, no_longer, unplaced] = words;
    sql!(
        "segment_transitions.sql",
        moved = moved,
        not_yet = not_yet,
        no_longer = no_longer,
        unplaced = unplaced,
        most_rows = most_rows,
    )
}

/// (view, from_day, to_day, by): the customers with each label on one day and each on a later one.
#[pg_extern(sql = false)]
fn segment_transitions(
    view: Option<&str>,
    from_day: Option<Date>,
    to_day: Option<Date>,
    by: Option<&str>,
) -> TableIterator<
    'static,
    (
        name!(from_segment, Option<String>),
        name!(to_segment, Option<String>),
        name!(customers, Option<i64>),
        name!(share_of_from, Option<f64>),
        name!(share_of_to, Option<f64>),
        name!(revenue, Option<AnyNumeric>),
        name!(revenue_share, Option<f64>),
        name!(change, Option<String>),
        name!(from_rank, Option<i32>),
        name!(to_rank, Option<i32>),
    ),
> {
    let arguments = (view, from_day, to_day, by);
    TableIterator::new(moves(arguments, false, (MOST_ROWS, "rows"), transitions_query))
}

/// (view, from_day, to_day, by): the customers whose label on one day is not that on a later one.
#[pg_extern(sql = false)]
fn segment_changes(
    view: Option<&str>,
    from_day: Option<Date>,
    to_day: Option<Date>,
    by: Option<&str>,
) -> TableIterator<
    'static,
    (
        name!(customer, Option<String>),
        name!(from_segment, Option<String>),
        name!(to_segment, Option<String>),
        name!(change, Option<String>),
        name!(rank_change, Option<i32>),
        name!(revenue, Option<AnyNumeric>),
        name!(clv, Option<f64>),
        name!(clv_change, Option<f64>),
    ),
> {
    let arguments = (view, from_day, to_day, by);
    TableIterator::new(moves(
        arguments,
        true,
        (MOST_CUSTOMERS, "customers"),
        |moved, words, most_rows| {
            let [not_yet, no_longer, unplaced] = words;
            sql!(
                "segment_changes.sql",
                moved = moved,
                not_yet = not_yet,
                no_longer = no_longer,
                unplaced = unplaced,
                most_rows = most_rows,
            )
        },
    ))
}
