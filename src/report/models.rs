//! Which model suits a segmentation, and how good it is: for the owner of the view, whose rights on the
//! source are used, as in training.
#![allow(clippy::type_complexity)] // a row of a report is as wide as its SQL declaration

use crate::view::definition::Definition;
use crate::view::histories::Purpose;
use crate::view::manage::resolve;
use crate::view::stored::Stored;
use crate::server::clock::parse_day;
use crate::server::error::{Code, fail, notice};
use crate::server::identity::Acting;
use crate::server::query::{column, literal, rows};
use crate::training::validation::Validation;
use btyd::fit::CANDIDATES;
use pgrx::prelude::*;

/// Days without a purchase at the end of a holdout that are worth a notice.
const SILENCE: i64 = 30;

/// The texts of a query over the histories of a segmentation, run as the owner of the view.
fn ask(stored: &Stored, select: impl FnOnce(&Definition) -> String) -> Vec<Option<String>> {
    let acting = Acting::begin(stored.owner);
    let definition = resolve(stored);
    let sql = format!(
        "SELECT {} FROM ({}) AS h",
        select(&definition),
        definition.histories(Purpose::View)
    );
    let found = rows(&sql, &[], |row| (1..=3).map(|at| column::<String>(row, at)).collect());
    acting.end();
    found.into_iter().next().unwrap_or_default()
}

/// The families fitted to the customers of a segmentation, as text.
#[pg_extern(sql = false)]
fn fit_candidates(view: &str) -> SetOfIterator<'static, Option<String>> {
    let stored = Stored::of(view);
    stored.require_owner("compare models of");
    let models = ask(&stored, |definition| {
        let as_of = definition.as_of();
        let fit = |family: &str| {
            format!(
                "customer_value.fit_purchase_model(h.history, {as_of}, {}::pg_catalog.text)::pg_catalog.text",
                literal(family)
            )
        };
        CANDIDATES.map(|family| fit(family.name())).join(", ")
    });
    SetOfIterator::new(models.into_iter().filter(Option::is_some).collect::<Vec<_>>())
}

/// A model fitted up to one day against what came until a later one.
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
        name!(group, Option<String>),
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
    ),
> {
    let (Some(view), Some(calibration), Some(holdout), Some(hiatus)) =
        (view, calibration_end, holdout_end, hiatus_days)
    else {
        fail(
            Code::ERRCODE_NULL_VALUE_NOT_ALLOWED,
            "view, calibration_end, holdout_end and hiatus_days must not be NULL",
            "For example validate_purchase_model('shop.segments', '2025-06-30', '2025-12-31').",
        )
    };
    let stored = Stored::of(view);
    stored.require_owner("validate models of");
    let day = |day: Date| format!("{}::pg_catalog.date", literal(&day.to_string()));
    let found = ask(&stored, |definition| {
        let own = match definition.options.family.as_str() {
            "none" => "bg_nbd",
            own => own,
        };
        format!(
            "customer_value.purchase_validation(h.history, {}, {}, {}::pg_catalog.text, {hiatus})",
            day(calibration),
            day(holdout),
            literal(family.unwrap_or(own)),
        )
    });
    let json = found.into_iter().flatten().next();
    let validation = json.map(|json| match serde_json::from_str::<Validation>(&json) {
        Ok(validation) => validation,
        Err(error) => fail(
            Code::ERRCODE_DATA_CORRUPTED,
            format!("the report of the validation cannot be read: {error}"),
            "The library and the extension are of different versions: ALTER EXTENSION customer_value UPDATE.",
        ),
    });
    let validation = validation.unwrap_or_default();
    let last = parse_day(&validation.last_purchase);
    match last {
        None => {
            notice(format!("nobody bought until {calibration}, so there is nothing to validate"))
        }
        Some(last) if i64::from(holdout.to_pg_epoch_days()) - i64::from(last) > SILENCE => {
            notice(format!(
                "the last purchase is of {}, long before holdout_end, {holdout}",
                validation.last_purchase
            ));
        }
        Some(_) => {}
    }
    TableIterator::new(validation.rows.into_iter().map(|row| {
        let shown = |pair: [Option<f64>; 2], digits: i32| {
            let scale = 10f64.powi(digits);
            pair.map(|value| value.map(|value| (value * scale).round() / scale))
        };
        let [predicted, baseline] = shown(row.predicted, 2);
        let [mae, baseline_mae] = shown(row.mae, 4);
        let [rmse, baseline_rmse] = shown(row.rmse, 4);
        let [correlation, baseline_correlation] = shown(row.correlation, 4);
        let [lift, baseline_lift] = shown(row.lift, 2);
        let [actual, _] = shown([Some(row.actual), None], 2);
        (
            Some(row.part),
            Some(row.group),
            Some(row.customers as i64),
            actual,
            predicted,
            baseline,
            mae,
            baseline_mae,
            rmse,
            baseline_rmse,
            correlation,
            baseline_correlation,
            lift,
            baseline_lift,
        )
    }))
}
