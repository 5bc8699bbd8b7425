//! Training a segmentation: one pass over its source as the owner of the view, one row in `training`.

use super::definition::Definition;
use super::inputs::Customers;
use super::options::{AsOf, refuse};
use super::train_axes::{Axes, FoundAxes};
use crate::server::clock::{day_text, parse_day};
use crate::server::error::{Code, fail, notice};
use crate::server::query::{column, literal, rows, run_with, value};
use crate::training::aggregate::{Report, Spec};
use std::collections::BTreeMap;
use std::time::Instant;

/// What a training pass gave, with what the aggregate does not know.
struct Pass {
    report: Report,
    left_out: i64,
    currencies: Option<(String, String)>,
    /// What costs leave of the amounts; None without costs.
    margin: Option<f64>,
    /// What was found of the axes of matrices.
    axes: FoundAxes,
    /// Rows of the optional inputs that do not count, as JSON.
    inputs: Option<String>,
}

/// Trains and returns the number of the training; None for a source without purchases.
pub fn train(definition: &Definition, by: &str) -> Option<i32> {
    let source = &definition.source.name;
    let guess: Option<f32> = value(
        "SELECT reltuples FROM pg_catalog.pg_class WHERE oid = $1 AND reltuples > 0",
        &[definition.source.oid.into()],
    );
    let guess = guess.map(|rows| format!(", about {} rows", grouped(rows as i128)));
    notice(format!("reading {source}{}", guess.unwrap_or_default()));
    let start = Instant::now();
    lock(definition);
    definition.inputs.customers.iter().for_each(Customers::require_unique);
    let pass = read(definition);
    check_currency(definition, &pass);
    let report = &pass.report;
    let Some(cuts) = &report.cuts else {
        notice_untrained(definition, report);
        return None;
    };
    let margin = margin(definition, &pass);
    let seconds = start.elapsed().as_secs_f64();
    let number = store(definition, by, &pass, margin, cuts_text(cuts), seconds);
    pass.axes.store(definition, number);
    notice(format!(
        "training {number} of {}: {} customers, {} orders in {seconds:.1} s",
        definition.view(),
        grouped(report.customers.into()),
        grouped(report.orders.into()),
    ));
    if pass.left_out > 0 {
        notice(format!(
            "rows left out, for a NULL in a column that the segmentation needs: {}",
            grouped(pass.left_out.into())
        ));
    }
    tell_empty_bins(report);
    tell_models(report);
    pass.axes.tell(definition);
    tell_inputs(&pass);
    Some(number)
}

/// One training of a segmentation at a time.
fn lock(definition: &Definition) {
    let sql = "SELECT FROM customer_value.segmentation WHERE id = $1::pg_catalog.uuid FOR UPDATE";
    run_with(sql, &[definition.id.as_str().into()]);
}

fn read(definition: &Definition) -> Pass {
    let options = &definition.options;
    let spec = Spec {
        bins: definition.bins,
        split: definition.split,
        monetary_measure: options.monetary,
        given: options.given_cuts(definition.bins),
        value: options.value(),
    };
    let as_of = match options.as_of {
        AsOf::Latest => "NULL::pg_catalog.date".into(),
        _ => definition.as_of(),
    };
    let pass = format!(
        "SELECT customer_value.rfm_training(h.history, {as_of}, {plan}::pg_catalog.text) \
             FILTER (WHERE h.customer IS NOT NULL) AS report, \
         sum(h.rows)::pg_catalog.int8 AS rows, sum(h.left_out)::pg_catalog.int8 AS left_out, \
         min(h.currency_from) AS currency_from, max(h.currency_to) AS currency_to, \
         CASE WHEN sum(h.costed) > 0 THEN (1 - sum(h.cost) / sum(h.costed))::pg_catalog.float8 END AS margin \
         FROM histories AS h",
        plan = literal(&serde_json::to_string(&spec).unwrap_or_default()),
    );
    let axes = Axes::of(definition);
    let passes = rows(&axes.query(definition, &pass), &[], |row| {
        let number = |at| column::<i64>(row, at).unwrap_or(0);
        let report = column::<String>(row, 1).map(|json| report_of(&json)).unwrap_or_default();
        let left_out = match definition.source.order_id {
            Some(_) => number(3),
            None => number(2) - report.rows as i64,
        };
        let currencies = column::<String>(row, 4).zip(column::<String>(row, 5));
        let (found, inputs) = (column::<String>(row, 7), column::<String>(row, 8));
        Pass {
            report,
            left_out,
            currencies,
            margin: column(row, 6),
            axes: axes.found(found),
            inputs,
        }
    });
    match passes.into_iter().next() {
        Some(pass) => pass,
        None => fail(
            Code::ERRCODE_DATA_CORRUPTED,
            "the training found nothing",
            "Please report it, with the definition of the source.",
        ),
    }
}

/// What the aggregate found.
fn report_of(json: &str) -> Report {
    serde_json::from_str(json).unwrap_or_else(|error| {
        fail(
            Code::ERRCODE_DATA_CORRUPTED,
            format!("the report of the training cannot be read: {error}"),
            "The library and the extension are of different versions: ALTER EXTENSION customer_value UPDATE.",
        )
    })
}

fn check_currency(definition: &Definition, pass: &Pass) {
    let (Some(column), Some((from, to))) = (&definition.source.currency, &pass.currencies) else {
        return;
    };
    if from != to {
        let shown = |name: &str| {
            if name.is_empty() { "none".into() } else { format!("\"{name}\"") }
        };
        fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            format!(
                "column \"{}\" of {} holds more than one currency, {} and {} among them",
                column.name,
                definition.source.name,
                shown(from),
                shown(to)
            ),
            "Give a view that holds one currency, or converts to one, as the source.",
        )
    }
}

/// The margin of the option, or what costs leave.
fn margin(definition: &Definition, pass: &Pass) -> f64 {
    let Some(cost) = &definition.source.cost else {
        return definition.options.margin.unwrap_or(1.0);
    };
    match pass.margin {
        Some(margin) if margin.abs() <= 1e6 => margin,
        _ => refuse(
            "cost",
            format!(
                "no margin can be told from column \"{}\": amounts with a cost must add up to more than 0",
                cost.name
            ),
        ),
    }
}

/// The percentiles of lifetime values with a margin, as text of an array; they rise.
fn percentiles(report: &Report, margin: f64) -> Option<String> {
    let mut values: Vec<f64> =
        report.clv_percentiles.as_ref()?.iter().map(|value| value * margin).collect();
    if margin < 0.0 {
        values.reverse();
    }
    let values: Vec<String> = values.iter().map(f64::to_string).collect();
    Some(format!("{{{}}}", values.join(",")))
}

/// Correlations of number and value of purchases from which the spend model is doubtful.
const DOUBTFUL: f64 = 0.3;

fn tell_models(report: &Report) {
    report.warnings.iter().for_each(notice);
    if let Some(correlation) = report.frequency_correlation.filter(|c| c.abs() >= DOUBTFUL) {
        notice(format!(
            "number and value of purchases are correlated ({correlation:.2}), which the spend model does not know"
        ));
    }
}

fn tell_inputs(pass: &Pass) {
    let inputs = pass
        .inputs
        .as_deref()
        .and_then(|json| serde_json::from_str::<BTreeMap<String, i64>>(json).ok());
    for (what, count) in inputs.iter().flatten().filter(|(_, count)| **count > 0) {
        notice(format!("left out, {}: {}", what.replace('_', " "), grouped((*count).into())));
    }
}

fn notice_untrained(definition: &Definition, report: &Report) {
    let AsOf::Day(day) = definition.options.as_of else {
        return untrained_notice(definition);
    };
    let first = report.first_ever.as_deref().and_then(parse_day);
    match first {
        Some(first) if day < first => refuse(
            "as_of",
            format!("{} is before the first purchase, {}", day_text(day), day_text(first)),
        ),
        _ => untrained_notice(definition),
    }
}

fn untrained_notice(definition: &Definition) {
    let last: Option<i32> = value(
        "SELECT max(number) FROM customer_value.training WHERE segmentation = $1::pg_catalog.uuid",
        &[definition.id.as_str().into()],
    );
    let source = &definition.source.name;
    let view = literal(&definition.view());
    notice(match last {
        Some(last) => format!(
            "the owner of the view sees no purchases in {source}; training {last} stays in force"
        ),
        None => format!(
            "{source} has no purchases, so all labels are NULL; once it has, run \
             SELECT customer_value.train_segmentation({view})"
        ),
    });
}

fn cuts_text(cuts: &crate::training::cuts::CutsText) -> String {
    serde_json::to_string(cuts).unwrap_or_default()
}

fn store(
    definition: &Definition,
    by: &str,
    pass: &Pass,
    margin: f64,
    cuts: String,
    seconds: f64,
) -> i32 {
    let report = &pass.report;
    let [recency, frequency, monetary] = &report.counts;
    let counts = serde_json::json!({
        "recency": recency, "frequency": frequency, "monetary": monetary,
    });
    let id = definition.id.as_str();
    let number: Option<i32> = value(
        "SELECT coalesce(max(number), 0) + 1 FROM customer_value.training \
         WHERE segmentation = $1::pg_catalog.uuid",
        &[id.into()],
    );
    let number = number.unwrap_or(1);
    run_with(
        "INSERT INTO customer_value.training (segmentation, number, trained_by, seconds, as_of, \
             customers, purchasers, orders, refunds, rows_left_out, revenue, first_purchase, \
             last_purchase, cuts, score_counts, scheme, options, labels, purchase_model, spend_model, \
             margin, clv_percentiles, left_out) \
         VALUES ($1::pg_catalog.uuid, $2, $3, $4, $5::pg_catalog.date, $6, $7, $8, $9, $10, \
             $11::pg_catalog.numeric, $12::pg_catalog.date, $13::pg_catalog.date, \
             $14::customer_value.rfm_cuts, $15::pg_catalog.jsonb, $16, \
             (SELECT s.options FROM customer_value.segmentation AS s WHERE s.id = $1::pg_catalog.uuid), \
             customer_value.rfm_scheme_labels($16, $17), $18::customer_value.purchase_model, \
             $19::customer_value.spend_model, $20, $21::pg_catalog.float8[], $22::pg_catalog.jsonb)",
        &[
            id.into(),
            number.into(),
            by.into(),
            seconds.into(),
            report.as_of.clone().into(),
            (report.customers as i64).into(),
            (report.purchasers as i64).into(),
            (report.orders as i64).into(),
            (report.refunds as i64).into(),
            pass.left_out.into(),
            report.revenue.clone().into(),
            report.first_purchase.clone().into(),
            report.last_purchase.clone().into(),
            cuts.into(),
            counts.to_string().into(),
            definition.scheme.clone().into(),
            definition.options.language.as_str().into(),
            report.purchase_model.clone().into(),
            report.spend_model.clone().into(),
            margin.into(),
            percentiles(report, margin).into(),
            pass.inputs.clone().into(),
        ],
    );
    let keep = i32::try_from(definition.options.keep_trainings).unwrap_or(i32::MAX);
    run_with(
        "DELETE FROM customer_value.training \
         WHERE segmentation = $1::pg_catalog.uuid AND number <= $2",
        &[id.into(), number.saturating_sub(keep).into()],
    );
    number
}

fn tell_empty_bins(report: &Report) {
    for (axis, counts) in ["recency", "frequency", "monetary"].iter().zip(&report.counts) {
        let counts = counts.iter().flatten().enumerate();
        let empty: Vec<String> =
            counts.filter(|(_, count)| **count == 0).map(|(i, _)| (i + 1).to_string()).collect();
        if !empty.is_empty() {
            notice(format!(
                "no customer has {axis} score {}: too few customers or too many equal values",
                empty.join(", ")
            ));
        }
    }
}

/// A number with commas between thousands.
pub fn grouped(number: i128) -> String {
    let digits = number.unsigned_abs().to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .filter_map(|group| std::str::from_utf8(group).ok())
        .collect();
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", groups.join(","))
}
