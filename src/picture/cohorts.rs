//! Cohorts: how many of those who came in a period bought again in each one since, or what they brought in.

use super::Arguments;
use super::frame::Framing;
use super::span;
use super::words::Say;
use crate::report::cohorts::{Cohort, cohorts};
use crate::report::days::{OnDays, Period};
use crate::report::segments::Segments;
use picture::axis;
use picture::cohorts::{Cell, Cohorts, Row, draw};

/// The most periods that there is room for.
const MOST: i64 = 25;

/// What fields tell: who bought again, or net revenue per customer of the cohort.
const MEASURES: [&str; 2] = ["customers", "revenue"];

/// Draws the cohorts since `from_day` (default: the first purchase), by month, quarter or year.
pub fn picture(segments: &Segments, arguments: &Arguments) -> String {
    let framing = Framing::new(segments, "cohorts", arguments);
    let say = framing.say();
    let measure = span::choice(arguments, &MEASURES);
    let title = say.text(&format!("cohorts.title.{measure}"));
    let Some(view) = OnDays::if_trained(segments) else {
        return framing.nothing(title, 1, None, say.text("no_purchases"));
    };
    if arguments.from_day.is_some() {
        view.ends(Period { from: arguments.from_day, to: None });
    }
    let from = arguments.from_day.unwrap_or(view.first_purchase());
    let months = match span::months_between(from, view.as_of()) + 1 {
        few if few <= MOST => 1,
        some if some <= 3 * MOST => 3,
        _ => 12,
    };
    let mut found = cohorts(segments, [months, 0], None);
    found.retain(|row| row.1.is_some_and(|day| is_since(day.to_pg_epoch_days(), months, from)));
    let rows = rows(&framing, &found, months, measure);
    let customers = rows.iter().map(|row| row.customers).sum();
    if rows.iter().all(|row| row.cells.is_empty()) {
        let why = say.text("cohorts.nothing");
        return framing.nothing(title, customers, Some(view.as_of()), why);
    }
    let greatest =
        rows.iter().flat_map(|row| &row.cells).map(|cell| cell.value).fold(0.0, f64::max);
    let told = |value: f64| told(value, measure, &segments.language, true);
    let all = (rows.len() > 1).then(|| together(say, &segments.language, &found, measure));
    let data = Cohorts {
        rows,
        all,
        columns: [
            say.text("cohorts.first").into(),
            say.text("customers").into(),
            say.text(&format!("cohorts.later.{months}")).into(),
        ],
        shaded: say.text(&format!("cohorts.shaded.{measure}")).into(),
        ends: [told(0.0), told(greatest)],
    };
    let mut frame = framing.frame(title, customers, Some(view.as_of()));
    if found.iter().any(|row| row.5 == Some(false)) {
        frame.note = say.text("cohorts.note").into();
    }
    draw(&data, &frame)
}

/// Whether a cohort of so many months that begins on a day has days from another one on.
fn is_since(cohort: i32, months: i32, from: i32) -> bool {
    span::months_between(cohort, from) < i64::from(months)
}

/// A value of a field: with its sign where there is room.
fn told(value: f64, measure: &str, language: &str, in_full: bool) -> String {
    match (measure, in_full) {
        ("revenue", true) => axis::short(value, language),
        ("revenue", false) => in_two_digits(value, language),
        (_, true) => axis::percent(value),
        _ => format!("{:.0}", value * 100.0),
    }
}

/// An amount in two digits or three, where there is little room.
fn in_two_digits(value: f64, language: &str) -> String {
    match value.abs() {
        size if size < 9.95 => axis::short((value * 10.0).round() / 10.0, language),
        size if size < 999.5 => axis::short(value.round(), language),
        size => {
            let unit = 10f64.powf(size.log10().floor() - 1.0);
            axis::short((value / unit).round() * unit, language)
        }
    }
}

/// What a row of the report tells.
fn value_of(row: &Cohort, measure: &str) -> f64 {
    match measure {
        "revenue" => row.11.unwrap_or(0.0),
        _ => row.8.unwrap_or(0.0),
    }
}

/// What a period is called.
fn name_of(day: i32, months: i32, language: &str) -> String {
    let (year, month, _) = axis::date(day);
    match months {
        1 => axis::month(day, language),
        3 if axis::is_chinese(language) => format!("{year}年{}季度", (month - 1) / 3 + 1),
        3 => format!("Q{} {year}", (month - 1) / 3 + 1),
        _ => year.to_string(),
    }
}

/// The cohorts with the periods after their first ones.
fn rows(framing: &Framing<'_>, found: &[Cohort], months: i32, measure: &str) -> Vec<Row> {
    let say = framing.say();
    let language = say.0;
    let mut rows: Vec<Row> = Vec::new();
    for row in found {
        let (Some(cohort), Some(period)) = (row.1, row.2) else { continue };
        if period == 0 {
            let name = name_of(cohort.to_pg_epoch_days(), months, language);
            rows.push(Row { name, customers: row.6.unwrap_or(0), cells: Vec::new() });
            continue;
        }
        let Some(of) = rows.last_mut() else { continue };
        let value = value_of(row, measure);
        let until = row.4.map_or(0, |day| day.to_pg_epoch_days());
        let since = row.3.map_or(0, |day| day.to_pg_epoch_days());
        let tip = say.filled(
            "cohorts.tip",
            &[
                ("cohort", &of.name),
                ("from", &axis::day(since, language)),
                ("to", &axis::day(until, language)),
                ("customers", &axis::count(row.7.unwrap_or(0))),
                ("all", &axis::count(of.customers)),
                ("share", &axis::percent(row.8.unwrap_or(0.0))),
                ("revenue", &axis::number(row.11.unwrap_or(0.0))),
            ],
        );
        let words = told(value, measure, language, false);
        of.cells.push(Cell { value, words, tip, is_complete: row.5 == Some(true) });
    }
    rows
}

/// All cohorts as one: of each period those for which it is over.
fn together(say: Say<'_>, language: &str, found: &[Cohort], measure: &str) -> Row {
    let mut sums: Vec<(f64, f64)> = Vec::new();
    let mut customers = 0;
    for row in found {
        let (Some(period), Some(of)) = (row.2, row.6) else { continue };
        let Some(later) = usize::try_from(period).ok().and_then(|period| period.checked_sub(1))
        else {
            customers += of;
            continue;
        };
        if row.5 != Some(true) {
            continue;
        }
        if sums.len() <= later {
            sums.resize(later + 1, (0.0, 0.0));
        }
        let sum = match measure {
            "revenue" => row.10.as_ref().map_or(0.0, span::number),
            _ => row.7.unwrap_or(0) as f64,
        };
        sums[later].0 += sum;
        sums[later].1 += of as f64;
    }
    let cell = |(sum, of): (f64, f64)| {
        let value = if of > 0.0 { sum / of } else { 0.0 };
        let tip = told(value, measure, language, true);
        Cell { value, words: told(value, measure, language, false), tip, is_complete: true }
    };
    let cells = sums.into_iter().map(cell).collect();
    Row { name: say.text("cohorts.all").into(), customers, cells }
}
