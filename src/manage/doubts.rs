//! What a training found, as evidence for doubts.

use super::found::Found;
use crate::segmentation::AsOf;
use crate::segmentation::resolve::Resolved;
use crate::server::clock::parse_day;
use segmentation::doubts::{Axis, Boundary, Day, EmptyScores, Evidence};
use segmentation::model::{Kind, Matrix};

/// The evidence of a training that found purchases.
pub fn evidence(resolved: &Resolved, found: &Found) -> Evidence {
    let (report, s) = (&found.report, &resolved.plan.of);
    let zoned = s.orders.ordered_at.kind == Kind::Timestamptz;
    Evidence {
        live: resolved.options.as_of == AsOf::Live,
        latest: resolved.options.as_of == AsOf::Latest,
        as_of: day(&report.as_of),
        first_purchase: day(&report.first_purchase),
        last_purchase: day(&report.last_purchase),
        last_ever: day(&report.last_ever),
        purchasers: report.purchasers,
        repeaters: report.repeaters,
        orders: report.orders,
        purchase_days: report.purchase_days,
        knows_orders: s.orders.order_id.is_some(),
        revenue: report.revenue.clone(),
        seen: report.seen,
        refund_first: report.refund_first,
        later_orders: report.later_orders,
        later_refunds: report.later_refunds,
        later_amount: report.later_amount.clone(),
        rows_left_out: found.left_out.unsigned_abs(),
        amount_left_out: found.amount_left_out.clone(),
        unmatched_refunds: report.unmatched_refunds,
        unmatched_amount: report.unmatched_amount.clone(),
        refund_share: report.refund_share,
        idle_zone: (s.zone != "UTC" && !zoned).then(|| s.zone.clone()),
        wants_models: resolved.options.value().is_some(),
        knows_purchases: report.purchase_model.is_some(),
        knows_spend: report.spend_model.is_some(),
        knows_amounts: s.orders.amount.is_some(),
        spenders: report.spenders,
        boundaries: report.boundaries.iter().map(boundary).collect(),
        lost_fits: report.lost_fits.clone(),
        alive: report.alive,
        correlation: report.frequency_correlation,
        axes: rfm_axes(found).chain(matrix_axes(resolved, found)).collect(),
        empty_scores: empty_scores(found),
    }
}

/// A day of the report; there are all days where there are purchases.
fn day(text: &Option<String>) -> Day {
    let text = text.clone().unwrap_or_default();
    Day { number: parse_day(&text).unwrap_or_default().into(), text }
}

fn boundary(found: &crate::training::aggregate::Boundary) -> Boundary {
    Boundary { family: found.family.clone(), meaning: found.meaning.clone() }
}

/// The columns that RFM scores are of.
const RFM: [&str; 3] = ["recency_days", "frequency", "monetary"];

fn rfm_axes(found: &Found) -> impl Iterator<Item = Axis> {
    let axes = RFM.into_iter().zip(found.report.common);
    // orders without amounts have no third axis
    let known = axes.filter(|(_, common)| common.is_some());
    known.map(|(name, common)| Axis { name: name.into(), common })
}

/// The axes of matrices that are trained, but for what is an RFM axis already.
fn matrix_axes(resolved: &Resolved, found: &Found) -> impl Iterator<Item = Axis> {
    let s = &resolved.plan.of;
    let monetary = if s.monetary_average { "average_order_value" } else { "revenue" };
    let is_of_rfm = move |name: &str| name == monetary || RFM.contains(&name);
    let is_trained = |name: &str| {
        let trained =
            |matrix: &Matrix| matrix.axes().any(|side| side.name == name && side.is_trained());
        s.matrices.iter().any(trained)
    };
    resolved.plan.axes.iter().zip(&found.axes).filter_map(move |(axis, report)| {
        let name = axis.names.iter().find(|name| is_trained(name))?;
        let common = report.common;
        (!is_of_rfm(name)).then(|| Axis { name: name.clone(), common })
    })
}

fn empty_scores(found: &Found) -> Vec<EmptyScores> {
    let axes = ["recency", "frequency", "monetary"].into_iter().zip(&found.report.counts);
    let empty = axes.map(|(axis, counts)| {
        let counts = (1..).zip(counts.iter().flatten());
        let scores = counts.filter(|(_, count)| **count == 0).map(|(score, _)| score).collect();
        EmptyScores { axis, scores }
    });
    empty.filter(|one| !one.scores.is_empty()).collect()
}
