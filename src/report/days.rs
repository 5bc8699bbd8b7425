//! The view of a segmentation as of other days, for reports over time: with the rights with which the view itself is read.

use super::segments::Segments;
use crate::manage::view::made_of;
use crate::segmentation::resolve::Resolved;
use crate::server::clock::{day_text, finite_day};
use crate::server::error::{Code, fail, given, notice};
use crate::server::query::{Record, column, literal, records, rows};
use crate::server::reading::as_view;
use crate::server::snapshot::as_of_now;
use btyd::calendar::Step;
use pgrx::datum::{Date, Interval};
use segmentation::Plan;
use segmentation::model::ViewColumn;
use segmentation::on_days::{on_days, on_days_by_then};
use segmentation::trained::{self, Applied};

/// The most days of a report.
const MOST_DAYS: usize = 1000;

/// The days from which a report says how many it computes.
const MANY_DAYS: usize = 100;

/// The steps of a period that nobody gave the first day of.
const USUAL_STEPS: i32 = 12;

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// A segmentation whose view can be read as of other days.
pub struct OnDays<'a> {
    segments: &'a Segments,
    resolved: Resolved,
    columns: Vec<ViewColumn>,
    /// The day as of which the view is read.
    as_of: i32,
    /// The first day with a purchase, by the newest training.
    first_purchase: i32,
    /// The first as_of of a training.
    first_training: i32,
}

/// A question for the day of a view and the first days of its trainings.
fn first_days(resolved: &Resolved) -> String {
    let s = &resolved.plan.of;
    let id = literal(&s.id);
    format!(
        "SELECT {}, t.first_purchase, \
                (SELECT min(n.as_of) FROM customer_value.training AS n WHERE n.segmentation = {id}::uuid) \
         FROM customer_value.training AS t WHERE t.segmentation = {id}::uuid AND t.newest",
        trained::as_of(s, "t.as_of")
    )
}

impl<'a> OnDays<'a> {
    /// Looks the segmentation up, or raises an error before its first training.
    pub fn of(segments: &'a Segments) -> OnDays<'a> {
        OnDays::if_trained(segments).unwrap_or_else(|| {
            fail(
                Code::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
                format!("{} is not trained yet", segments.view()),
                "There are no labels before the first training: run train_segmentation once the source has purchases.",
            )
        })
    }

    /// Looks the segmentation up; None before its first training.
    pub fn if_trained(segments: &'a Segments) -> Option<OnDays<'a>> {
        let stored = &segments.stored;
        let (resolved, columns) = made_of(stored);
        let found = rows(&first_days(&resolved), &[], |row| {
            let day = |at| column::<Date>(row, at).map(|day| day.to_pg_epoch_days());
            Some((day(1)?, day(2)?, day(3)?))
        });
        let (as_of, first_purchase, first_training) = found.into_iter().flatten().next()?;
        Some(OnDays { segments, resolved, columns, as_of, first_purchase, first_training })
    }

    /// What the view is written from.
    pub fn plan(&self) -> &Plan {
        &self.resolved.plan
    }

    /// A column of the view that the user may read, by the name that it was made with or, if a user appended it, that it
    /// has.
    pub fn column(&self, name: &str) -> &ViewColumn {
        let written = &self.segments.stored.written.columns;
        let is_it = |at: &usize| {
            let ours = written.get(*at).filter(|written| written.comment.is_some());
            ours.is_some_and(|written| written.name == name)
        };
        match (0..self.columns.len()).find(is_it) {
            Some(at) => self.at(at),
            None => self.shown(name),
        }
    }

    /// A column of the view that the user may read, by its name of now, or an error.
    pub fn shown(&self, name: &str) -> &ViewColumn {
        self.segments.column(name);
        match self.columns.iter().position(|column| column.name.text == name) {
            Some(at) => self.at(at),
            None => self.at(0),
        }
    }

    fn at(&self, at: usize) -> &ViewColumn {
        // the first one may be called otherwise than in the source
        match at {
            0 => self.segments.customer(),
            _ => self.segments.column(&self.columns[at].name.text),
        };
        &self.columns[at]
    }

    /// The column that tells the customer.
    pub fn customer(&self) -> &ViewColumn {
        self.at(0)
    }

    /// A query for columns of the view, under names of the caller, as of days, and the day, as `day`.
    pub fn query(&self, days: &[i32], applied: Applied, columns: &[(&str, &ViewColumn)]) -> String {
        on_days(&self.resolved.plan, &listed(days), applied, columns)
    }

    /// The same without customers who have no order yet on a day; with them where a customer table tells of them.
    pub fn query_by_then(
        &self,
        days: &[i32],
        applied: Applied,
        columns: &[(&str, &ViewColumn)],
    ) -> String {
        on_days_by_then(&self.resolved.plan, &listed(days), applied, columns)
    }

    /// Reads what a query gives that is made of [`OnDays::query`].
    pub fn records<T: Record>(&self, sql: &str) -> Vec<T> {
        self.read(sql, &|sql| records(sql))
    }

    /// The same, by a function that runs a query; it is called with another one first, which gives no rows.
    pub fn read<T>(&self, sql: &str, run: &dyn Fn(&str) -> Vec<T>) -> Vec<T> {
        let stored = &self.segments.stored;
        let invoker = self.resolved.plan.of.security_invoker;
        if !stored.is_bound_by_name() {
            return as_view(stored.owner, invoker, sql, || run(sql));
        }
        // waits for whoever rebuilds a table; see `settled`
        let none = format!("SELECT * FROM ({sql}) AS r LIMIT 0");
        as_view(stored.owner, invoker, &none, || run(&none));
        as_of_now(|| as_view(stored.owner, invoker, sql, || run(sql)))
    }

    /// The first day with a purchase, by the newest training.
    pub fn first_purchase(&self) -> i32 {
        self.first_purchase
    }

    /// The day as of which the view is read.
    pub fn as_of(&self) -> i32 {
        self.as_of
    }
}

/// A query of days.
fn listed(days: &[i32]) -> String {
    let days: Vec<String> = days.iter().map(|day| format!("\"{}\"", day_text(*day))).collect();
    let days = literal(&format!("{{{}}}", days.join(",")));
    format!("SELECT d.day FROM unnest({days}::date[]) AS d (day)")
}

// which days --------------------------------------------------------------------------------------------------------

/// A period as it was given.
#[derive(Clone, Copy)]
pub struct Period {
    /// Its first day.
    pub from: Option<i32>,
    /// Its last day.
    pub to: Option<i32>,
}

impl Period {
    /// That of two arguments.
    pub fn of(from: Option<Date>, to: Option<Date>) -> Period {
        let [from, to] = [from, to].map(|day| day.map(|day| finite_day(day.to_pg_epoch_days())));
        Period { from, to }
    }
}

/// Raises the error that a period cannot be.
#[cold]
fn refuse(message: String, hint: impl Into<String>) -> ! {
    fail(Code::ERRCODE_INVALID_PARAMETER_VALUE, message, hint)
}

/// The distance of an interval, or an error.
pub fn step(every: &Interval) -> Step {
    let (months, days, micros) = (every.months(), every.days(), every.micros());
    let whole = i32::try_from(micros / DAY).ok().and_then(|more| days.checked_add(more));
    match whole.filter(|_| micros % DAY == 0) {
        Some(days) if (months, days) != (0, 0) && months >= 0 && days >= 0 => Step { months, days },
        _ => refuse(
            "invalid value for argument \"every\": it must be a positive number of whole days or months".into(),
            "Give an interval such as '1 month', '1 week' or '1 day'.",
        ),
    }
}

impl OnDays<'_> {
    /// The last day of a period, which is that of the view unless another one was given.
    pub fn last(&self, period: Period) -> i32 {
        let to = period.to.unwrap_or(self.as_of);
        if to > self.as_of {
            refuse(
                format!(
                    "day {} is after the as_of of {}, {}",
                    day_text(to),
                    self.segments.view(),
                    day_text(self.as_of)
                ),
                "Give days up to that one; what comes after it is not known yet.",
            )
        }
        to
    }

    fn check_first(&self, from: i32, to: i32) {
        let first = self.first_purchase;
        if from > to {
            refuse(
                format!(
                    "the period begins on {}, after it ends on {}",
                    day_text(from),
                    day_text(to)
                ),
                format!("Give a from_day up to to_day, which is {} here.", day_text(to)),
            )
        }
        if from < first {
            refuse(
                format!(
                    "day {} is before the first purchase that the newest training of {} has found, {}",
                    day_text(from),
                    self.segments.view(),
                    day_text(first)
                ),
                format!(
                    "Begin on {} or later. If the source has older orders by now, train again.",
                    day_text(first)
                ),
            )
        }
    }

    /// The first and the last day of a period that is looked at from both ends.
    pub fn ends(&self, period: Period) -> (i32, i32) {
        let to = self.last(period);
        let from = given("from_day", period.from, "Give the day with which to_day is compared.");
        self.check_first(from, to);
        (from, to)
    }

    /// The days of a period at a distance: from its first day on, or as many as usual back from its last one.
    pub fn days(&self, period: Period, every: Step) -> Vec<i32> {
        let to = self.last(period);
        let Some(from) = period.from else {
            self.check_first(to, to);
            let back = (0..=USUAL_STEPS).rev().filter_map(|times| every.from(to, -times));
            return back.filter(|day| *day >= self.first_purchase).collect();
        };
        self.check_first(from, to);
        let days = every.days(from, to, MOST_DAYS).unwrap_or_default();
        if days.len() > MOST_DAYS {
            fail(
                Code::ERRCODE_PROGRAM_LIMIT_EXCEEDED,
                format!(
                    "there are more than {MOST_DAYS} days from {} to {}",
                    day_text(from),
                    day_text(to)
                ),
                "Give a longer \"every\", such as '1 month', or a shorter period.",
            )
        }
        if days.len() > MANY_DAYS {
            notice(format!(
                "computing {} days for all customers of {}",
                days.len(),
                self.segments.view()
            ));
        }
        days
    }

    /// The trainings that are applied, by the name that a user gave.
    pub fn applied(&self, training: &str, days: &[i32]) -> Applied {
        match training {
            "today" => Applied::Newest,
            "then" => {
                if let Some(day) = days.iter().find(|day| **day < self.first_training) {
                    refuse(
                        format!(
                            "no training of {} was in force on {}: the first has as_of {}",
                            self.segments.view(),
                            day_text(*day),
                            day_text(self.first_training)
                        ),
                        "Begin on that day, or apply the newest training to all days: training => 'today'.",
                    )
                }
                Applied::OfTheDay
            }
            _ => refuse(
                format!("invalid value for argument \"training\": \"{training}\""),
                "Give today, for the newest training on all days, or then, for the one that was in force on each day.",
            ),
        }
    }
}
