//! Where a budget goes: which segments to contact, how many of each, and what that is expected to return.
#![allow(clippy::type_complexity)] // a row of a report is as wide as its SQL declaration

mod assumptions;
mod rows;

use super::playbook::{self, not_there};
use super::ranks::rank_in_row;
use super::segments::{Segments, settled};
use super::template::sql;
use crate::server::call::Call;
use crate::server::error::{Code, fail, notice, poll, shown};
use crate::server::numeric::Money;
use crate::server::query::{column, ident, literal, rows, value};
use assumptions::{Assumed, Assumptions, OTHERS, Stake, refuse, units_of};
use btyd::budget::{Offer, UNITS, Worth, plan};
use pgrx::prelude::*;
use rows::{Row, table};
use serde_json::{Map, Value, json};

/// The most segments of a plan.
const MOST_SEGMENTS: usize = 1000;

/// The largest budget.
const LARGEST: f64 = 1e15;

/// (view, budget, assumptions, by): how many customers of each segment to contact, the best contacts first.
#[pg_extern(sql = false)]
fn budget_plan(
    call: pg_sys::FunctionCallInfo,
) -> TableIterator<
    'static,
    (
        name!(segment, Option<String>),
        name!(part, Option<String>),
        name!(customers, Option<i64>),
        name!(total_clv, Option<f64>),
        name!(expected_loss, Option<f64>),
        name!(cost, Option<AnyNumeric>),
        name!(response, Option<f64>),
        name!(worth, Option<String>),
        name!(saturation, Option<f64>),
        name!(assumed_for, Option<String>),
        name!(mean_worth, Option<f64>),
        name!(worthwhile, Option<i64>),
        name!(contacts, Option<i64>),
        name!(spend, Option<AnyNumeric>),
        name!(responses, Option<f64>),
        name!(expected_return, Option<f64>),
        name!(profit, Option<f64>),
        name!(return_per_unit, Option<f64>),
        name!(next_return, Option<f64>),
        name!(cumulative_spend, Option<AnyNumeric>),
        name!(cumulative_return, Option<f64>),
        name!(note, Option<String>),
    ),
> {
    let call = Call::of(&call);
    let budget = budget(&call, 1);
    let segments = Segments::of(call.text(0));
    let assumptions = Assumptions::read(&call.jsonb_text(2).unwrap_or_default(), margin(&segments));
    let by = call.text(3);
    let found = found(&segments, by, &assumptions);
    let rows = planned(&segments, by, &assumptions, found);
    let offers: Vec<&Offer> = rows.iter().map(|row| &row.offer).collect();
    let plan = plan(&offers, budget, &mut poll);
    if !plan.is_best {
        let short = rounded_up(plan.bound - plan.profit);
        notice(format!(
            "the best plan may return up to {} more: there were too many ways to spend the last of the budget to try all",
            shown(short)
        ));
    }
    TableIterator::new(table(segments.words(), rows, plan.contacts, budget))
}

/// The budget in argument `at`, in units of the crate.
fn budget(call: &Call, at: usize) -> u128 {
    let budget = Money(call.bytes(at)).read();
    let budget = budget.and_then(Result::ok).filter(|budget| budget.to_f64() <= LARGEST);
    let Some(units) = budget.as_ref().and_then(units_of) else {
        let given = Money(call.bytes(at)).read().and_then(Result::ok);
        let given =
            given.map_or("NaN, infinity or too many digits".into(), |given| given.to_string());
        fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            format!("invalid value for argument \"budget\": {given}"),
            "Give the amount of money that may be spent, from 0 to 1e15, in the currency of the source.",
        )
    };
    units
}

/// An amount that tells how far something may be off.
fn rounded_up(amount: f64) -> f64 {
    (amount * 100.0).ceil() / 100.0
}

/// The share of revenue that counts as value, by the newest training.
fn margin(segments: &Segments) -> f64 {
    let margin = value(
        "SELECT t.margin FROM customer_value.training AS t WHERE t.segmentation = $1::uuid AND t.newest",
        &[segments.stored.identity.id.as_str().into()],
    );
    margin.unwrap_or(1.0)
}

/// A segment as the view has it.
struct Found {
    segment: Option<String>,
    customers: i64,
    total_clv: Option<f64>,
    expected_loss: Option<f64>,
    /// The highest first, as far as they can repay a contact, and one more.
    stakes: Vec<f64>,
}

/// The segments of the view, best first; then the customers without one.
fn found(segments: &Segments, by: &str, assumptions: &Assumptions) -> Vec<Found> {
    segments.column(by).require_equality();
    let assumed: Map<String, Value> = assumptions
        .all()
        .filter_map(|segment| {
            let assumed = assumptions.of(segment).ok()??;
            Some((segment.to_owned(), stake(&assumed)))
        })
        .collect();
    let asked: Vec<String> =
        assumed.values().filter_map(|stake| Some(stake.get("of")?.as_str()?.to_owned())).collect();
    let sql = sql!(
        "budget_plan.sql",
        view = segments.view(),
        by = ident(by),
        rank = rank_in_row(segments, by),
        assumed = literal(&Value::Object(assumed).to_string()),
        most_rows = MOST_SEGMENTS.to_string(),
    );
    let read = || {
        rows(&sql, &[], |row| {
            let mut stakes: Vec<f64> = column(row, 5).unwrap_or_default();
            stakes.extend(column::<f64>(row, 6));
            Found {
                segment: column(row, 1),
                customers: column(row, 2).unwrap_or(0),
                total_clv: column(row, 3),
                expected_loss: column(row, 4),
                stakes,
            }
        })
    };
    let found = settled(&segments.stored, &sql, read);
    if found.len() > MOST_SEGMENTS {
        fail(
            Code::ERRCODE_PROGRAM_LIMIT_EXCEEDED,
            format!("column \"{by}\" has more than {MOST_SEGMENTS} values"),
            "Choose a column with fewer distinct values, such as a label, or group the values in a view.",
        )
    }
    for stake in asked {
        require_stake(segments, &stake, &found);
    }
    found
}

/// Raises an error if something is at stake that the view knows of nobody.
fn require_stake(segments: &Segments, stake: &str, found: &[Found]) {
    let is_known = |found: &Found| match stake == Stake::Clv.name() {
        true => found.total_clv.is_some(),
        false => found.expected_loss.is_some(),
    };
    if !found.is_empty() && !found.iter().any(is_known) {
        fail(
            Code::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
            format!("\"{stake}\" is not known of any customer of {}", segments.view()),
            "Give an amount as the worth. Lifetime value needs orders with amounts, and a training that has found a model.",
        )
    }
}

/// What is at stake in a segment, and above what a response to a contact can repay it: as the query reads it.
fn stake(assumed: &Assumed) -> Value {
    let Some((stake, share)) = assumed.worth.stake() else { return json!({}) };
    let least = assumed.cost as f64 / UNITS / (assumed.response * share);
    // whether it does is computed again, so rounding must not leave out the last
    let above = if least.is_finite() { (least * (1.0 - 1e-9)).min(f64::MAX) } else { f64::MAX };
    json!({"of": stake.name(), "above": above})
}

/// The rows of the segments with their offers; an error where an assumption is missing, or names no segment.
fn planned(
    segments: &Segments,
    by: &str,
    assumptions: &Assumptions,
    found: Vec<Found>,
) -> Vec<Row> {
    let there: Vec<&str> = found.iter().filter_map(|found| found.segment.as_deref()).collect();
    let mut known = playbook::labels(segments, by);
    known.extend(there.iter().map(|segment| (*segment).to_owned()));
    let mut absent = Vec::new();
    for segment in assumptions.named() {
        match known.iter().any(|known| known == segment) {
            false => not_there(segments, by, segment, &known),
            true if !there.contains(&segment) => absent.push(segment.to_owned()),
            true => {}
        }
    }
    let nobody = |segment| Found {
        segment: Some(segment),
        customers: 0,
        total_clv: None,
        expected_loss: None,
        stakes: Vec::new(),
    };
    let all = found.into_iter().chain(absent.into_iter().map(nobody));
    all.map(|found| {
        let assumed = found.segment.as_deref().and_then(|segment| {
            assumptions.of(segment).unwrap_or_else(|what| missing(segment, what))
        });
        row(found, assumed)
    })
    .collect()
}

fn row(found: Found, assumed: Option<Assumed>) -> Row {
    let Found { segment, customers, total_clv, expected_loss, stakes } = found;
    let offer = match &assumed {
        None => Offer::new(0, 0.0, None, Worth::Each(Vec::new())),
        Some(assumed) => {
            let worth = match assumed.worth.stake() {
                None => Worth::Alike {
                    customers: customers as u64,
                    each: assumed.worth.amount().unwrap_or(0.0),
                },
                Some((_, share)) => {
                    Worth::Each(stakes.into_iter().map(|stake| stake * share).collect())
                }
            };
            Offer::new(assumed.cost, assumed.response, assumed.saturation, worth)
        }
    };
    Row { segment, customers, total_clv, expected_loss, assumed, offer }
}

#[cold]
fn missing(segment: &str, what: &str) -> ! {
    refuse(segment, format!("\"{what}\" is missing, and \"{OTHERS}\" does not give it"))
}
