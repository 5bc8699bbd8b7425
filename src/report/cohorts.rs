//! Customers by the period of their first purchase, and how many came back in each period since.
#![allow(clippy::type_complexity)] // a row of a report is as wide as its SQL declaration

use super::INTERNAL;
use super::histories::Histories;
use super::segments::Segments;
use super::template::sql;
use crate::server::error::{Code, fail, given};
use pgrx::datum::{Date, Interval};
use pgrx::prelude::*;

/// The columns of the view that the report tells of.
const SHOWN: [&str; 3] = ["first_purchase", "frequency", "revenue"];

/// The longest period: a hundred years.
const LONGEST: [i32; 2] = [1200, 36_525];

/// The most rows of the report.
const MOST_ROWS: usize = 500_000;

/// How it is called, for whoever leaves out what must be given.
const CALL: &str =
    "Call it like this: segment_cohorts('shop.customer_segments', every => '1 month').";

/// (view, every, by): each cohort in each period from its first one to that of as_of, oldest first.
#[pg_extern(sql = false)]
fn segment_cohorts(
    view: Option<&str>,
    every: Option<Interval>,
    by: Option<&str>,
) -> TableIterator<
    'static,
    (
        name!(segment, Option<String>),
        name!(cohort, Option<Date>),
        name!(period, Option<i32>),
        name!(period_from, Option<Date>),
        name!(period_to, Option<Date>),
        name!(is_complete, Option<bool>),
        name!(cohort_customers, Option<i64>),
        name!(customers, Option<i64>),
        name!(customer_share, Option<f64>),
        name!(orders, Option<i64>),
        name!(revenue, Option<AnyNumeric>),
        name!(revenue_per_customer, Option<f64>),
        name!(cumulative_revenue, Option<AnyNumeric>),
        name!(cumulative_revenue_per_customer, Option<f64>),
    ),
> {
    let segments = Segments::of(given("view", view, CALL));
    let [months, days] = length(given("every", every, CALL));
    if let Some(by) = by {
        segments.column(by).require_equality();
    }
    TableIterator::new(cohorts(&segments, [months, days], by))
}

/// A row of `segment_cohorts`.
pub type Cohort = (
    Option<String>,
    Option<Date>,
    Option<i32>,
    Option<Date>,
    Option<Date>,
    Option<bool>,
    Option<i64>,
    Option<i64>,
    Option<f64>,
    Option<i64>,
    Option<AnyNumeric>,
    Option<f64>,
    Option<AnyNumeric>,
    Option<f64>,
);

/// Each cohort in each period of so many months or days, by the values of a column.
pub fn cohorts(segments: &Segments, [months, days]: [i32; 2], by: Option<&str>) -> Vec<Cohort> {
    let shown: Vec<&str> = SHOWN.into_iter().chain(by).collect();
    let histories = Histories::of(segments, &shown);
    let sql = sql!(
        "segment_cohorts.sql",
        histories = histories.query(by),
        internal = INTERNAL,
        months = months.to_string(),
        days = days.to_string(),
        most_rows = MOST_ROWS.to_string(),
    );
    let rows = histories.records(&sql);
    if rows.len() > MOST_ROWS {
        too_many_rows(MOST_ROWS);
    }
    rows
}

/// Months and days of an interval that is whole months or whole days.
fn length(every: Interval) -> [i32; 2] {
    let length = [every.months(), every.days()];
    let is_whole = every.micros() == 0
        && match length {
            [months, 0] => (1..=LONGEST[0]).contains(&months),
            [0, days] => (1..=LONGEST[1]).contains(&days),
            _ => false,
        };
    match is_whole {
        true => length,
        false => fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            "invalid value for argument \"every\": not a number of whole months or of whole days, up to a hundred years",
            "Give '1 month', '3 months' for quarters of the calendar, '1 year', or '7 days' for weeks from Monday on.",
        ),
    }
}

/// Raises the error that a report has too many rows.
#[cold]
pub fn too_many_rows(most: usize) -> ! {
    fail(
        Code::ERRCODE_PROGRAM_LIMIT_EXCEEDED,
        format!("the report has more than {most} rows"),
        "Choose a column with fewer distinct values, such as a label, or longer periods.",
    )
}
