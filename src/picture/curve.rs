//! Curves: how a model fitted up to a day does until a later one, and how likely a customer has not left, day by day.

use super::Arguments;
use super::frame::Framing;
use super::words::Say;
use crate::report::days::{OnDays, Period};
use crate::report::explain::unknown;
use crate::report::histories::Histories;
use crate::report::models::{own_family, read, validation};
use crate::report::segments::Segments;
use crate::report::template::sql;
use crate::server::clock::day_text;
use crate::server::error::{Code, fail};
use crate::server::query::literal;
use crate::training::validation::Validation;
use btyd::validate::Line as Found;
use pgrx::datum::Date;
use picture::axis;
use picture::curve::{Curve, Line, draw};
use segmentation::view;

/// The longest holdout that nobody asked for.
const USUAL_DAYS: i32 = 365;

/// The shortest time that is worth a comparison.
const SHORTEST: i32 = 28;

/// Days without a purchase after which the guess counts a customer as lost, as in `validate_purchase_model`.
const HIATUS: i32 = 180;

/// Places of the curve of a customer, beside those of purchases.
const PARTS: i32 = 280;

/// The most purchases that have places of their own.
const MOST_PURCHASES: usize = 50;

/// The normal quantile of intervals that hold 19 times out of 20.
const QUANTILE: f64 = 1.959963984540054;

/// Draws the curve of a customer, or, without one, of the predictions.
pub fn picture(segments: &Segments, arguments: &Arguments) -> String {
    match &arguments.customer {
        Some(_) if arguments.from_day.or(arguments.to_day).is_some() => wrong(
            "from_day and to_day have no use beside customer".into(),
            "The curve of a customer goes from the first purchase to the day of the view.",
        ),
        Some(customer) => of_customer(segments, arguments, customer),
        None => of_predictions(segments, arguments),
    }
}

/// Raises the error that days are not as they have to be.
fn wrong(message: String, hint: &str) -> ! {
    fail(Code::ERRCODE_INVALID_PARAMETER_VALUE, message, hint)
}

// predictions -------------------------------------------------------------------------------------------------------

/// What was bought and what the model has of it: fitted up to `from_day`, compared until `to_day`.
fn of_predictions(segments: &Segments, arguments: &Arguments) -> String {
    let framing = Framing::new(segments, "curve", arguments);
    let say = framing.say();
    let title = say.text("curve.title");
    let Some(view) = OnDays::if_trained(segments) else {
        return framing.nothing(title, 1, None, say.text("no_purchases"));
    };
    let period = Period { from: arguments.from_day, to: arguments.to_day };
    let to = view.last(period);
    let lived = to.saturating_sub(view.first_purchase());
    if period.from.is_none() && lived < SHORTEST {
        return framing.nothing(title, 1, None, say.text("curve.too_short"));
    }
    let from = period.from.unwrap_or(to - USUAL_DAYS.min(lived / 2));
    view.ends(Period { from: Some(from), to: Some(to) });
    if from == to {
        wrong(
            format!("from_day {} is not before to_day", day_text(from)),
            "The model is fitted up to from_day, and compared with what came from then until to_day.",
        )
    }
    of_validation(segments, arguments, [from, to], compared(segments, [from, to]).as_ref())
}

/// Draws what [`compared`] found between two days.
pub fn of_validation(
    segments: &Segments,
    arguments: &Arguments,
    [from, to]: [i32; 2],
    found: Option<&Validation>,
) -> String {
    let framing = Framing::new(segments, "curve", arguments);
    let say = framing.say();
    let title = say.text("curve.title");
    let day = axis::day(from, &segments.language);
    let Some(validation) = found else {
        return framing.nothing(title, 1, None, &say.filled("curve.nothing", &[("day", &day)]));
    };
    let lines = &validation.rows;
    let mut data = tracking(say, lines, from, to);
    data.split = Some((from, [say.text("curve.known").into(), say.text("curve.later").into()]));
    data.axis = say.text("curve.axis").into();
    let mut frame = framing.frame(title, 0, None);
    frame.subtitle = say.filled(
        "curve.subtitle",
        &[("from", &day), ("to", &axis::day(to, &segments.language)), ("view", &segments.view())],
    );
    frame.note = lines.first().map(|total| outcome(say, total, &day)).unwrap_or_default();
    data.description = frame.note.clone();
    frame.note += say.text("sentences");
    frame.note += say.text("curve.note");
    draw(&data, &frame)
}

/// A model fitted up to one day against what came until a later one, for whoever may read the view; None where nobody had
/// bought by the first.
pub fn compared(segments: &Segments, days: [i32; 2]) -> Option<Validation> {
    let histories = Histories::of(segments, &["first_purchase", "last_purchase", "frequency"]);
    let days = days.map(|day| literal(&day_text(day)));
    let known = days.each_ref().map(|day| format!("{day}::date"));
    let known = [("calibration", known[0].as_str()), ("holdout", known[1].as_str())];
    let resolved = histories.resolved();
    let sql = view::histories_on(&resolved.plan, &known);
    let sql = validation(&sql, days, own_family(resolved), HIATUS);
    let found = histories.records::<(Option<String>,)>(&sql);
    found.into_iter().next().and_then(|row| row.0).map(|json| read(&json))
}

/// The lines: what was bought, by the model, by the guess.
fn tracking(say: Say<'_>, lines: &[Found], from: i32, to: i32) -> Curve {
    let weeks: Vec<&Found> = lines.iter().filter(|line| line.part == "tracking by week").collect();
    // the last week is the last whole one of the holdout
    let last = i64::from((to - from) / 7);
    let day = |at: usize| {
        let week = last - (weeks.len() as i64 - 1 - at as i64);
        i32::try_from(i64::from(from) + 7 * week).unwrap_or(from)
    };
    let line = |key: &str, value: &dyn Fn(&Found) -> Option<f64>| {
        let points = weeks.iter().enumerate();
        let points: Vec<_> =
            points.filter_map(|(at, week)| Some((day(at), value(week)?))).collect();
        let last = points.last().map_or(0.0, |(_, value)| *value);
        Line { name: say.filled(key, &[("purchases", &axis::count(last.round() as i64))]), points }
    };
    Curve {
        days: [day(0).min(from), to],
        lines: vec![
            line("curve.actual", &|week| Some(week.actual)),
            line("curve.model", &|week| week.predicted[0]),
            line("curve.guess", &|week| week.predicted[1]),
        ],
        ..Curve::default()
    }
}

/// What came of the predictions for each customer by what was known of them.
fn outcome(say: Say<'_>, total: &Found, day: &str) -> String {
    let predicted = total.predicted.map(|sum| sum.unwrap_or(0.0));
    let count = |number: f64| axis::count(number.round() as i64);
    let error = total.error.map_or(0.0, |error| error * QUANTILE);
    let key = if total.error.is_some() { "curve.outcome" } else { "curve.outcome_only" };
    say.filled(
        key,
        &[
            ("day", &day),
            ("customers", &axis::count(total.customers as i64)),
            ("actual", &count(total.actual)),
            ("predicted", &count(predicted[0])),
            ("low", &count((predicted[0] - error).max(0.0))),
            ("high", &count(predicted[0] + error)),
            ("guess", &count(predicted[1])),
        ],
    )
}

// one customer -------------------------------------------------------------------------------------------------------

/// The day as of which it is; a day, the probability, and whether there was a purchase.
type OfDay = (Option<Date>, Option<Date>, Option<f64>, Option<bool>, Option<bool>);

/// How likely a customer has not left, from the first purchase on.
fn of_customer(segments: &Segments, arguments: &Arguments, customer: &str) -> String {
    let framing = Framing::new(segments, "curve", arguments);
    let say = framing.say();
    let key = segments.customer();
    // marks tell more of a customer than the first and the last day: what segment_history asks for, too
    let shown = ["p_alive", "first_purchase", "last_purchase", "frequency", "revenue"];
    let histories = Histories::of(segments, &shown);
    let plan = &histories.resolved().plan;
    let sql = sql!(
        "curve_customer.sql",
        histories = view::histories_as_they_are(plan),
        known_now = view::known_on(plan, "h.history", "h.as_of"),
        known_then = view::known_on(plan, "h.history", "d.day"),
        equals = key.equality(),
        customer = literal(customer),
        type = &key.type_name,
        parts = PARTS.to_string(),
        most_purchases = MOST_PURCHASES.to_string(),
    );
    let found = histories.records::<OfDay>(&sql);
    if found.is_empty() {
        require_customer(segments, customer);
    }
    let title = say.filled("curve.customer", &[("customer", &customer)]);
    let day = |day: Option<Date>| day.map(|day| day.to_pg_epoch_days());
    let points: Vec<(i32, f64)> =
        found.iter().filter_map(|row| Some((day(row.1)?, row.2?))).collect();
    let marks: Vec<i32> =
        found.iter().filter(|row| row.3 == Some(true)).filter_map(|row| day(row.1)).collect();
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        let key = match () {
            () if !framing.is_trained() => "",
            () if marks.is_empty() => "curve.no_purchase",
            () => "curve.no_model",
        };
        let why = if key.is_empty() { "" } else { say.text(key) };
        return framing.nothing(&title, 1, None, why);
    };
    let language = &segments.language;
    let values: [(&str, &dyn std::fmt::Display); 4] = [
        ("share", &axis::percent(last.1)),
        ("day", &axis::day(last.0, language)),
        ("purchases", &axis::count(marks.len() as i64)),
        ("view", &segments.view()),
    ];
    let mut frame = framing.frame(&title, 0, None);
    frame.subtitle = say.filled("curve.customer.subtitle", &values);
    frame.note = say.text("curve.customer.note").into();
    let data = Curve {
        days: [first.0, last.0],
        axis: say.text("curve.customer.axis").into(),
        is_share: true,
        lines: vec![Line { name: String::new(), points: points.clone() }],
        marks,
        marked: say.text("curve.marked").into(),
        description: frame.subtitle.clone(),
        ..Curve::default()
    };
    draw(&data, &frame)
}

/// Raises an error unless a customer is in the view, as one without orders may be.
fn require_customer(segments: &Segments, customer: &str) {
    let key = segments.customer();
    let sql = format!(
        "SELECT true FROM {} AS v WHERE {} {} {}::{} LIMIT 1",
        segments.view(),
        key.column.of("v"),
        key.equality(),
        literal(customer),
        key.type_name
    );
    if segments.records::<(Option<bool>,)>(&sql).is_empty() {
        unknown(segments, customer)
    }
}
