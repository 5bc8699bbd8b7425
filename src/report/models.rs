//! Which model suits a segmentation, and how good it is: for the owner of the view, whose rights on the source are
//! used, as in training.
#![allow(clippy::type_complexity)] // a row of a report is as wide as its SQL declaration

use super::INTERNAL;
use super::rounding::{COUNT, SHARE, rounded};
use super::segments::settled;
use super::template::sql;
use crate::manage::stored::Stored;
use crate::segmentation::resolve::Resolved;
use crate::server::clock::parse_day;
use crate::server::error::{Code, fail, given, notice};
use crate::server::identity::Acting;
use crate::server::query::{literal, rows, text_of};
use crate::training::validation::Validation;
use btyd::fit::CANDIDATES;
use btyd::validate::Line;
use pgrx::prelude::*;
use segmentation::{Plan, view};
use std::cmp::Ordering;

/// The family that is validated where the segmentation has none.
const USUAL_FAMILY: &str = "bg_nbd";

/// The quantile of the normal distribution that 95 % intervals take.
const QUANTILE: f64 = 1.959963984540054;

/// Days without a purchase at the end of a holdout that are worth a notice.
const SILENCE: i64 = 30;

/// The texts that a query over the histories of a segmentation finds, run as the owner of the view.
fn ask(
    stored: &Stored,
    histories: impl FnOnce(&Plan) -> String,
    query: impl FnOnce(&Resolved, &str) -> String,
) -> Vec<String> {
    let acting = Acting::begin(stored.owner);
    let resolved = stored.resolve();
    let histories = histories(&resolved.plan);
    let sql = query(&resolved, &histories);
    let found = settled(stored, &histories, || rows(&sql, &[], |row| text_of(row, 1)));
    acting.end();
    found
}

/// How it is called, for whoever leaves out what must be given.
const CALL: &str =
    "Call it like this: validate_purchase_model('shop.segments', '2025-06-30', '2025-12-31').";

/// (view): the families that can be fitted to the customers of a segmentation, each with its parameters, as text.
#[pg_extern(sql = false)]
fn fit_candidates(view: &str) -> SetOfIterator<'static, Option<String>> {
    let stored = Stored::of(view);
    stored.require_owner("compare models of");
    let models = ask(&stored, view::histories, |_, histories| {
        let fit = |family: &str| {
            let family = literal(family);
            format!("customer_value.fit_purchase_model(h.history, h.as_of, {family}::text)::text")
        };
        let fits = CANDIDATES.map(|family| fit(family.name())).join(", ");
        sql!("fit_candidates.sql", histories = histories, fits = fits)
    });
    SetOfIterator::new(models.into_iter().map(Some).collect::<Vec<_>>())
}

/// (view, calibration_end, holdout_end, family, hiatus_days): a model fitted up to one day against what came until a
/// later one.
#[pg_extern(sql = false)]
fn validate_purchase_model(
    view: Option<&str>,
    calibration_end: Option<Date>,
    holdout_end: Option<Date>,
    family: Option<&str>,
    hiatus_days: Option<i32>,
) -> TableIterator<
    'static,
    (
        name!(part, Option<String>),
        name!(bucket, Option<String>),
        name!(customers, Option<i64>),
        name!(actual, Option<f64>),
        name!(predicted, Option<f64>),
        name!(baseline, Option<f64>),
        name!(mae, Option<f64>),
        name!(baseline_mae, Option<f64>),
        name!(rmse, Option<f64>),
        name!(baseline_rmse, Option<f64>),
        name!(correlation, Option<f64>),
        name!(baseline_correlation, Option<f64>),
        name!(lift, Option<f64>),
        name!(baseline_lift, Option<f64>),
        name!(predicted_low, Option<f64>),
        name!(predicted_high, Option<f64>),
        name!(winner, Option<String>),
    ),
> {
    let stored = Stored::of(given("view", view, CALL));
    let calibration_end = given("calibration_end", calibration_end, CALL);
    let holdout_end = given("holdout_end", holdout_end, CALL);
    let hiatus_days = given("hiatus_days", hiatus_days, CALL);
    stored.require_owner("validate models of");
    let days =
        [&calibration_end, &holdout_end].map(|day| format!("{}::date", literal(&day.to_string())));
    let known = [("calibration", days[0].as_str()), ("holdout", days[1].as_str())];
    let found = ask(
        &stored,
        |plan| view::histories_on(plan, &known),
        |resolved, histories| {
            let days = [&calibration_end, &holdout_end].map(|day| literal(&day.to_string()));
            let family = family.unwrap_or_else(|| own_family(resolved));
            validation(histories, days, family, hiatus_days)
        },
    );
    let validation = found.first().map_or_else(Validation::default, |json| read(json));
    tell_of_silence(&validation, calibration_end, holdout_end);
    TableIterator::new(told(validation).into_iter().map(|Row { line, interval, winner }| {
        let Line { actual, predicted, mae, rmse, correlation, lift, .. } = line;
        let customers = (line.part != VERDICT).then_some(line.customers as i64);
        (
            Some(line.part),
            Some(line.bucket),
            customers,
            (customers.is_some() || predicted[0].is_some()).then_some(actual),
            predicted[0],
            predicted[1],
            mae[0],
            mae[1],
            rmse[0],
            rmse[1],
            correlation[0],
            correlation[1],
            lift[0],
            lift[1],
            interval.map(|[low, _]| low),
            interval.map(|[_, high]| high),
            winner.map(str::to_owned),
        )
    }))
}

/// The family that a segmentation has, or the one that is validated where it has none.
pub fn own_family(resolved: &Resolved) -> &str {
    match resolved.options.family.as_str() {
        "none" => USUAL_FAMILY,
        family => family,
    }
}

/// The query of a validation over `calibration` and `holdout`, the histories as known on two days, which literals give.
pub fn validation(
    histories: &str,
    [calibration_end, holdout_end]: [String; 2],
    family: &str,
    hiatus_days: i32,
) -> String {
    sql!(
        "validate_purchase_model.sql",
        histories = histories,
        internal = INTERNAL,
        calibration_end = calibration_end,
        holdout_end = holdout_end,
        family = literal(family),
        hiatus_days = hiatus_days.to_string(),
    )
}

/// The part that says who won.
pub const VERDICT: &str = "verdict";

/// A line as it is shown.
pub struct Row {
    /// Its figures, rounded.
    pub line: Line,
    /// Between what the model's prediction is, 19 times out of 20.
    pub interval: Option<[f64; 2]>,
    /// Who won; None in lines that are not about that.
    pub winner: Option<&'static str>,
}

/// The lines of a validation as they are shown, and who won.
pub fn told(validation: Validation) -> Vec<Row> {
    let mut rows: Vec<Row> = validation.rows.into_iter().map(Row::shown).collect();
    // right below the total that it is about
    let verdict = rows.first().map(verdict).unwrap_or_default();
    rows.splice(rows.len().min(1)..rows.len().min(1), verdict);
    rows
}

impl Row {
    fn shown(line: Line) -> Row {
        let both = |numbers: [Option<f64>; 2], digits| {
            numbers.map(|number| number.map(|number| rounded(number, digits)))
        };
        let interval = line.predicted[0].zip(line.error).map(|(predicted, error)| {
            let error = QUANTILE * error;
            [predicted - error, predicted + error].map(|end| rounded(end.max(0.0), COUNT))
        });
        let line = Line {
            actual: rounded(line.actual, COUNT),
            predicted: both(line.predicted, COUNT),
            mae: both(line.mae, SHARE),
            rmse: both(line.rmse, SHARE),
            correlation: both(line.correlation, SHARE),
            lift: both(line.lift, COUNT),
            ..line
        };
        Row { line, interval, winner: None }
    }
}

/// Who won, the model or the baseline, by each measure and by most of them: figures as they are shown, so that nobody
/// wins by digits that nobody sees.
fn verdict(total: &Row) -> Vec<Row> {
    let Line { actual, predicted, mae, rmse, .. } = total.line;
    let off = predicted.map(|predicted| predicted.map(|sum| rounded((sum - actual).abs(), COUNT)));
    let line =
        |bucket: &str| Line { part: VERDICT.into(), bucket: bucket.into(), ..Line::default() };
    let (mut won, mut rows) = (0, Vec::new());
    for (errors, line) in [
        (mae, Line { mae, ..line("mae") }),
        (rmse, Line { rmse, ..line("rmse") }),
        (off, Line { actual, predicted, ..line("total") }),
    ] {
        // the guess against the model, so that what is greater is better for the model
        let order = errors[1].partial_cmp(&errors[0]).unwrap_or(Ordering::Equal);
        won += order as i32;
        rows.push(Row { line, interval: None, winner: Some(winner(order)) });
    }
    let overall = Some(winner(won.cmp(&0)));
    rows.push(Row { line: line("overall"), interval: None, winner: overall });
    rows
}

/// By how the baseline's errors compare with those of the model.
fn winner(order: Ordering) -> &'static str {
    match order {
        Ordering::Greater => "model",
        Ordering::Less => "baseline",
        Ordering::Equal => "tie",
    }
}

/// What the aggregate found.
pub fn read(json: &str) -> Validation {
    serde_json::from_str(json).unwrap_or_else(|error| {
        fail(
            Code::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
            format!("could not read the validation: {error}"),
            "The library and the extension have different versions. Run ALTER EXTENSION customer_value UPDATE.",
        )
    })
}

/// Notices that a holdout says little because nobody bought, or nobody did for long.
fn tell_of_silence(validation: &Validation, calibration_end: Date, holdout_end: Date) {
    let last_purchase = &validation.last_purchase;
    match parse_day(last_purchase) {
        None => notice(format!(
            "no customer bought anything up to {calibration_end}, so there is nothing to validate"
        )),
        Some(last) if i64::from(holdout_end.to_pg_epoch_days()) - i64::from(last) > SILENCE => {
            notice(format!(
                "the last purchase was on {last_purchase}, long before the end of the holdout, {holdout_end}"
            ));
        }
        Some(_) => {}
    }
}
