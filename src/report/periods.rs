//! Two periods side by side: who is new, who bought again, who came back, and who did not.
#![allow(clippy::type_complexity)] // a row of a report is as wide as its SQL declaration

use super::cohorts::too_many_rows;
use super::histories::Histories;
use super::segments::Segments;
use super::template::sql;
use crate::server::clock::{day_text, finite_day};
use crate::server::error::{Code, fail, given, notice};
use crate::server::query::literal;
use btyd::cohorts::Length;
use pgrx::datum::Date;
use pgrx::prelude::*;

/// The columns of the view that the report tells of.
const SHOWN: [&str; 3] = ["first_purchase", "frequency", "revenue"];

/// The most rows of the report.
const MOST_ROWS: usize = 100_000;

/// Days of the later period, if nobody gives any.
const USUAL_DAYS: i32 = 90;

/// How it is called, for whoever leaves out what must be given.
const CALL: &str =
    "Call it like this: compare_periods('shop.customer_segments', '2025-07-01', '2025-09-30').";

/// (view, from_day, to_day, before_from, before_to, by): customers by what they did in two periods, the later one given
/// first.
#[pg_extern(sql = false)]
fn compare_periods(
    view: Option<&str>,
    from_day: Option<Date>,
    to_day: Option<Date>,
    before_from: Option<Date>,
    before_to: Option<Date>,
    by: Option<&str>,
) -> TableIterator<
    'static,
    (
        name!(segment, Option<String>),
        name!(status, Option<String>),
        name!(code, Option<String>),
        name!(customers, Option<i64>),
        name!(customer_share, Option<f64>),
        name!(orders_before, Option<i64>),
        name!(orders, Option<i64>),
        name!(revenue_before, Option<AnyNumeric>),
        name!(revenue, Option<AnyNumeric>),
        name!(revenue_change, Option<AnyNumeric>),
    ),
> {
    let segments = Segments::of(given("view", view, CALL));
    if let Some(by) = by {
        segments.column(by).require_equality();
    }
    let shown: Vec<&str> = SHOWN.into_iter().chain(by).collect();
    let histories = Histories::of(&segments, &shown);
    let Some(as_of) = histories.as_of() else {
        fail(
            Code::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
            format!("{} has not been trained, so it is as of no day", segments.view()),
            "Run train_segmentation first.",
        )
    };
    let given = [from_day, to_day, before_from, before_to]
        .map(|day| day.map(|day| finite_day(day.to_pg_epoch_days())));
    let periods = Periods::of(given, as_of);
    let words = segments.words();
    let day = |day: i32| literal(&day_text(day));
    let sql = sql!(
        "compare_periods.sql",
        histories = histories.query(by),
        from = day(periods.later[0]),
        to = day(periods.later[1]),
        before_from = day(periods.earlier[0]),
        before_to = day(periods.earlier[1]),
        new = words.literal("period.new"),
        repeating = words.literal("period.repeating"),
        returned = words.literal("period.returned"),
        lapsed = words.literal("period.lapsed"),
        absent = words.literal("period.absent"),
        most_rows = MOST_ROWS.to_string(),
    );
    let found = histories.records::<(
        Option<String>,
        Option<String>,
        Option<String>,
        Option<i64>,
        Option<f64>,
        Option<i64>,
        Option<i64>,
        Option<AnyNumeric>,
        Option<AnyNumeric>,
        Option<AnyNumeric>,
        Option<Date>,
    )>(&sql);
    if found.len() > MOST_ROWS {
        too_many_rows(MOST_ROWS);
    }
    let first = match found.first() {
        Some(row) => row.10.map(|day| day.to_pg_epoch_days()),
        // nobody has bought by the end of the later period
        None => histories.first_purchase(),
    };
    periods.require_customers(first);
    if given.iter().any(Option::is_none) {
        let [later, earlier] = [periods.later, periods.earlier].map(|days| days.map(day_text));
        notice(format!(
            "comparing {} to {} with {} to {}",
            later[0], later[1], earlier[0], earlier[1]
        ));
    }
    TableIterator::new(
        found
            .into_iter()
            .map(|row| (row.0, row.1, row.2, row.3, row.4, row.5, row.6, row.7, row.8, row.9)),
    )
}

/// Two periods, the first and last days of each.
struct Periods {
    earlier: [i32; 2],
    later: [i32; 2],
}

/// Raises the error that periods are not as they have to be.
fn wrong(message: String, hint: &str) -> ! {
    fail(Code::ERRCODE_INVALID_PARAMETER_VALUE, message, hint)
}

impl Periods {
    /// The periods that days tell, [from, to] of the later one and of the earlier one: the later one ends with `as_of`
    /// and has 90 days, the earlier one ends before it and is as long, if nobody says otherwise.
    fn of(given: [Option<i32>; 4], as_of: i32) -> Periods {
        let [from, to, before_from, before_to] = given;
        let to = to.unwrap_or(as_of);
        if to > as_of {
            wrong(
                format!("to_day {} is after as_of, {}", day_text(to), day_text(as_of)),
                "The view does not count later orders. Give days up to its as_of.",
            )
        }
        let from = from.unwrap_or_else(|| to.saturating_sub(USUAL_DAYS - 1));
        let before_to = before_to.unwrap_or_else(|| from.saturating_sub(1));
        let before_from = before_from.unwrap_or_else(|| begin([from, to], before_to));
        for ([from, to], [from_name, to_name]) in [
            ([from, to], ["from_day", "to_day"]),
            ([before_from, before_to], ["before_from", "before_to"]),
        ] {
            if from > to {
                wrong(
                    format!("{from_name} {} is after {to_name} {}", day_text(from), day_text(to)),
                    "A period begins before it ends; a single day begins and ends with itself.",
                )
            }
        }
        if before_to >= from {
            wrong(
                format!(
                    "the earlier period ends on {}, but the later one begins on {}",
                    day_text(before_to),
                    day_text(from)
                ),
                "Give two periods that have no day in common: from_day and to_day are those of the later one, \
                 before_from and before_to those of the earlier one.",
            )
        }
        Periods { earlier: [before_from, before_to], later: [from, to] }
    }

    /// Raises an error if the first purchase of all comes after the earlier period.
    fn require_customers(&self, first_purchase: Option<i32>) {
        let Some(first) = first_purchase.filter(|first| *first > self.earlier[1]) else { return };
        wrong(
            format!(
                "the earlier period ends on {}, before the first purchase of all, on {}",
                day_text(self.earlier[1]),
                day_text(first)
            ),
            "Give periods of which the earlier one has purchases.",
        )
    }
}

/// The first day of a period that ends on `last` and is as long as another: as many months where that has whole months, as
/// many days otherwise.
fn begin(like: [i32; 2], last: i32) -> i32 {
    let month = Length::Months(1);
    let first_day = |number: i64| i32::try_from(month.first_day(number)).unwrap_or(i32::MIN);
    let is_first = |day: i32| first_day(month.period_of(day)) == day;
    let [from, to] = like;
    if is_first(from) && is_first(to.saturating_add(1)) && is_first(last.saturating_add(1)) {
        let months = month.period_of(to) - month.period_of(from);
        return first_day(month.period_of(last) - months);
    }
    last.saturating_sub(to.saturating_sub(from))
}
