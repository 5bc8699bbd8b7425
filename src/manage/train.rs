//! Training a segmentation: one statement over its source, run as the owner of the view, and one row of `training`.

use super::doubts;
use super::found::{Found, find};
use super::notices;
use crate::segmentation::options::refuse;
use crate::segmentation::resolve::Resolved;
use crate::server::error::{Code, fail};
use crate::server::registry::{write, write_value};
use btyd::trained::axes::TrainedAxis;
use btyd::trained::matrices::{TrainedMatrix, TrainedPosition};
use segmentation::doubts::Figures;
use segmentation::model::Cuts;
use std::collections::BTreeMap;
use std::time::Instant;

/// Trains a segmentation that nobody else changes meanwhile, and returns the number of the training; None for a source
/// without purchases.
pub fn train(resolved: &Resolved, by: &str) -> Option<i32> {
    notices::reading(resolved);
    let start = Instant::now();
    let tables = resolved.customers.iter().chain(&resolved.source.parents);
    tables.for_each(|table| table.require_unique());
    let found = find(resolved);
    check_currency(resolved, &found);
    if found.report.cuts.is_none() {
        notices::untrained(resolved, &found.report);
        return None;
    }
    check_margin(resolved, &found);
    let seconds = start.elapsed().as_secs_f64();
    let doubts = segmentation::doubts::find(&doubts::evidence(resolved, &found));
    let number = store(resolved, by, &found, &doubts, seconds);
    notices::trained(resolved, &found, &doubts, number, seconds);
    Some(number)
}

fn check_currency(resolved: &Resolved, found: &Found) {
    let orders = &resolved.source.orders;
    let (Some(column), Some((from, to))) = (&orders.currency, &found.currencies) else {
        return;
    };
    if from != to {
        let shown =
            |name: &str| if name.is_empty() { "none".into() } else { format!("\"{name}\"") };
        fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            format!(
                "column \"{}\" of {} holds more than one currency, {} and {} among them",
                column.name.text,
                orders.relation,
                shown(from),
                shown(to)
            ),
            "As the source, give a view that holds one currency or converts all amounts to one.",
        )
    }
}

fn check_margin(resolved: &Resolved, found: &Found) {
    if let (Some(cost), None) = (&resolved.source.orders.cost, found.margin) {
        refuse(
            "cost",
            format!(
                "no margin can be computed from column \"{}\": amounts with a cost must add up to more than 0",
                cost.name.text
            ),
        )
    }
}

/// What was found of the axes, as text of its type.
fn axes(resolved: &Resolved, found: &Found) -> String {
    let axes = resolved.plan.axes.iter().zip(&found.axes);
    let named = axes.flat_map(|(axis, report)| axis.names.iter().map(|name| report.named(name)));
    let axes: Vec<TrainedAxis> = named.collect();
    serde_json::to_string(&axes).unwrap_or_default()
}

/// How many customers are in each tenth of an axis, as JSON; not for those that are no numbers of customers.
fn axis_counts(resolved: &Resolved, found: &Found) -> String {
    let axes = resolved.plan.axes.iter().zip(&found.axes);
    let counted = axes.filter_map(|(axis, report)| Some((axis, report.tenths.as_ref()?)));
    let named =
        counted.flat_map(|(axis, counts)| axis.names.iter().map(move |name| (name, counts)));
    serde_json::to_string(&named.collect::<BTreeMap<_, _>>()).unwrap_or_default()
}

/// The matrices with the cuts that were found, as text of their type.
fn matrices(resolved: &Resolved, found: &Found) -> String {
    let cuts = |cuts: &Cuts| match cuts {
        Cuts::Given(cuts) => Some(cuts.clone()),
        Cuts::AmountPerOrder => found.amount_per_order.map(|cut| vec![cut]),
        Cuts::Trained(axis, split) => {
            found.axes.get(*axis).and_then(|axis| axis.cuts.as_ref()?.get(*split).cloned())
        }
    };
    let plan = &resolved.plan;
    let matrices = plan.of.matrices.iter().zip(&plan.places).map(|(matrix, place)| TrainedMatrix {
        matrix: matrix.name.clone(),
        x_axis: matrix.x.name.clone(),
        x_cuts: cuts(&place.x.1),
        y_axis: matrix.y.as_ref().map(|axis| axis.name.clone()),
        y_cuts: place.y.as_ref().and_then(|(_, of)| cuts(of)),
        positions: matrix
            .positions
            .iter()
            .map(|position| TrainedPosition {
                code: position.code.clone(),
                label: position.label.clone(),
                rank: position.rank,
                action: position.action.clone(),
            })
            .collect(),
    });
    serde_json::to_string(&matrices.collect::<Vec<_>>()).unwrap_or_default()
}

/// The number of a new training: one more than the last, whatever was removed since. Two transactions that see the same
/// last one cannot both have it.
fn next_number(id: &str) -> i32 {
    let next = "UPDATE customer_value.segmentation SET trainings = 1 + greatest(trainings, \
                    (SELECT max(t.number) FROM customer_value.training AS t WHERE t.segmentation = id)) \
                WHERE id = $1::pg_catalog.uuid RETURNING trainings";
    write_value(next, &[id.into()]).unwrap_or(1)
}

/// Keeps what was found as the newest training, and as many before it as the options say.
fn store(
    resolved: &Resolved,
    by: &str,
    found: &Found,
    doubts: &[(&str, Figures)],
    seconds: f64,
) -> i32 {
    let (report, id) = (&found.report, resolved.plan.of.id.as_str());
    let [recency, frequency, monetary] = &report.counts;
    let counts = serde_json::json!({
        "recency": recency, "frequency": frequency, "monetary": monetary,
    });
    let codes: Vec<&str> = doubts.iter().map(|(code, _)| *code).collect();
    let figures: BTreeMap<&str, &Figures> =
        doubts.iter().map(|(code, figures)| (*code, figures)).collect();
    let number = next_number(id);
    write(
        "UPDATE customer_value.training SET newest = false WHERE segmentation = $1::pg_catalog.uuid AND newest",
        &[id.into()],
    );
    write(
        "INSERT INTO customer_value.training (segmentation, number, newest, trained_by, seconds, as_of, customers, \
             purchasers, orders, refunds, rows_left_out, inputs_left_out, revenue, first_purchase, last_purchase, \
             scheme, language, options, score_counts, cuts, labels, purchase_model, spend_model, margin, \
             clv_percentiles, axes, matrices, amount_left_out, later_orders, later_amount, unmatched_refunds, \
             unmatched_amount, doubts, doubt_figures, axis_counts) \
         SELECT s.id, $2, true, $3, $4, $5::pg_catalog.date, $6, $7, $8, $9, $10, $11::pg_catalog.jsonb, \
             $12::pg_catalog.numeric, $13::pg_catalog.date, $14::pg_catalog.date, $15, $16, s.options, \
             $17::pg_catalog.jsonb, $18::customer_value.rfm_cuts, $19::customer_value.rfm_labels, \
             $20::customer_value.purchase_model, $21::customer_value.spend_model, $22, $23::pg_catalog.float8[], \
             $24::customer_value.trained_axes, $25::customer_value.trained_matrices, $26::pg_catalog.numeric, $27, \
             $28::pg_catalog.numeric, $29, $30::pg_catalog.numeric, \
             ARRAY(SELECT pg_catalog.json_array_elements_text($31::pg_catalog.json)), $32::pg_catalog.jsonb, \
             $33::pg_catalog.jsonb \
         FROM customer_value.segmentation AS s WHERE s.id = $1::pg_catalog.uuid",
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
            found.left_out.into(),
            found.inputs_left_out.clone().into(),
            report.revenue.clone().into(),
            report.first_purchase.clone().into(),
            report.last_purchase.clone().into(),
            resolved.scheme.clone().into(),
            resolved.plan.of.language.as_str().into(),
            counts.to_string().into(),
            serde_json::to_string(&report.cuts).unwrap_or_default().into(),
            resolved.labels.clone().into(),
            report.purchase_model.clone().into(),
            report.spend_model.clone().into(),
            found.margin.into(),
            found.clv_percentiles.clone().into(),
            axes(resolved, found).into(),
            matrices(resolved, found).into(),
            found.amount_left_out.clone().into(),
            (report.later_orders as i64).into(),
            report.later_amount.clone().into(),
            (report.unmatched_refunds as i64).into(),
            report.unmatched_amount.clone().into(),
            serde_json::to_string(&codes).unwrap_or_default().into(),
            serde_json::to_string(&figures).unwrap_or_default().into(),
            axis_counts(resolved, found).into(),
        ],
    );
    let keep = i32::try_from(resolved.options.keep_trainings).unwrap_or(i32::MAX);
    write(
        "DELETE FROM customer_value.training WHERE segmentation = $1::pg_catalog.uuid AND number <= $2",
        &[id.into(), number.saturating_sub(keep).into()],
    );
    number
}
