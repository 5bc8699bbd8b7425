//! What has changed since the newest training: customers in the bins of each axis, then and on days since.
#![allow(clippy::type_complexity)] // a row of a report is as wide as its SQL declaration

use super::days::{OnDays, Period, step};
use super::segments::Segments;
use super::template::sql;
use crate::server::clock::day_text;
use crate::server::error::given;
use crate::server::query::literal;
use btyd::stability;
use pgrx::datum::{Date, Interval};
use pgrx::prelude::*;
use segmentation::Plan;
use segmentation::model::ViewColumn;
use segmentation::plan::Trained;
use segmentation::trained::Applied;

/// The axes of scores.
const SCORES: [&str; 3] = ["recency", "frequency", "monetary"];

/// (view, from_day, to_day, every): the customers in each bin of each axis at the newest training and on each day, how far
/// they have moved, and whether it is time to train; no rows before the first training.
#[pg_extern(sql = false)]
fn segmentation_drift(
    view: Option<&str>,
    from_day: Option<Date>,
    to_day: Option<Date>,
    every: Option<Interval>,
) -> TableIterator<
    'static,
    (
        name!(day, Option<Date>),
        name!(axis, Option<String>),
        name!(score, Option<i32>),
        name!(customers_then, Option<i64>),
        name!(share_then, Option<f64>),
        name!(customers_now, Option<i64>),
        name!(share_now, Option<f64>),
        name!(psi, Option<f64>),
        name!(psi_by_chance, Option<f64>),
        name!(verdict, Option<String>),
        name!(explanation, Option<String>),
    ),
> {
    let Some(view) = view else { return TableIterator::new(Vec::new()) };
    let segments = Segments::of(view);
    let Some(view) = OnDays::if_trained(&segments) else { return TableIterator::new(Vec::new()) };
    let every = step(&given("every", every, "Leave it out to have its default."));
    let period = Period::of(from_day, to_day);
    let first = period.from.unwrap_or_else(|| view.last(period));
    let days = view.days(Period { from: Some(first), to: Some(view.last(period)) }, every);
    let binned = binned(&segments, &view);
    let names: Vec<(String, &ViewColumn)> =
        binned.iter().enumerate().map(|(at, (_, column))| (format!("a{at}"), column)).collect();
    let mut columns: Vec<(&str, &ViewColumn)> =
        names.iter().map(|(name, column)| (name.as_str(), *column)).collect();
    columns.push(("frequency", view.column("frequency")));
    let each = |of: &dyn Fn(usize) -> String, between: &str| {
        (0..binned.len()).map(of).collect::<Vec<_>>().join(between)
    };
    let words = segments.words();
    let texts: Vec<String> = days.iter().map(|day| literal(&day_text(*day))).collect();
    let sql = sql!(
        "segmentation_drift.sql",
        query = view.query(&days, Applied::Newest, &columns),
        places = each(&|at| format!("WHEN GROUPING(q.a{at}) = 0 THEN {at}"), " "),
        bins = each(&|at| format!("q.a{at}"), ", "),
        sets = each(&|at| format!("(q.day, q.a{at})"), ", "),
        axes = binned
            .iter()
            .enumerate()
            .map(|(at, (axis, _))| format!("({at}, {})", literal(axis)))
            .collect::<Vec<_>>()
            .join(", "),
        days = texts.join(", "),
        segmentation = literal(&segments.stored.identity.id),
        shifting = stability::SHIFTING.to_string(),
        changed = stability::CHANGED.to_string(),
        is_stable = words.literal("drift.stable"),
        is_shifting = words.literal("drift.shifting"),
        is_changed = words.literal("drift.retrain"),
    );
    TableIterator::new(view.records(&sql))
}

/// The axes of numbers of customers, each once, and their bins: scores, then tenths.
fn binned(segments: &Segments, view: &OnDays<'_>) -> Vec<(String, ViewColumn)> {
    let scores = SCORES.map(|axis| {
        let score = format!("{axis}_score");
        (axis.to_owned(), view.column(&score).clone())
    });
    // whoever may read the view may read how many customers are in its bins
    segments.customer();
    scores.into_iter().chain(tenths(view.plan())).collect()
}

fn tenths(plan: &Plan) -> impl Iterator<Item = (String, ViewColumn)> {
    plan.axes.iter().filter_map(|axis| {
        let Trained::Numbers(number) = &axis.of else { return None };
        let name = axis.names.first()?;
        if SCORES.contains(&name.as_str()) {
            return None;
        }
        let bin =
            format!("customer_value_internal.axis_bin(t.axes, {}, {})", literal(name), number.sql);
        Some((name.clone(), ViewColumn::numbers(name, bin, "")))
    })
}
