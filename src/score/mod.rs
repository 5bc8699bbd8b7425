//! Scores: one customer's measures against trained cuts, and their statistics against a model. Declared
//! STRICT in `sql/`.

mod percentile;
mod predict;
mod stages;
mod uncertain;
mod what_if;

use crate::server::call::{Call, sql_function};
use crate::server::clock::finite_day;
use crate::server::datum::IntoDatum;
use crate::server::error::{Code, OrFail, fail};
use crate::server::numeric;
use btyd::cuts::{Axis, MonetaryMeasure, PackedCuts};
use btyd::history::{History, Totals};
use btyd::measures;
use pgrx::pg_sys::Datum;

fn score(call: &Call, axis: Axis, value: f64) -> Option<Datum> {
    PackedCuts::new(call.bytes(0)).score(axis, value).map(i16::into_datum)
}

/// The history of argument 1 and its sums up to argument 2; None without purchases.
fn purchases(call: &Call) -> Option<(History<'_>, Totals)> {
    let history = History::new(call.bytes(1));
    let totals = history.totals(Some(call.int4(2)));
    (totals.orders > 0).then_some((history, totals))
}

/// The scores of a history as of a day, for recency, frequency and monetary: None without purchases, no monetary score
/// without amounts or cuts for them.
pub fn rfm_scores(
    cuts: &PackedCuts<'_>,
    history: &History<'_>,
    as_of: i32,
) -> Option<(i32, i32, Option<i32>)> {
    let totals = history.totals(Some(as_of));
    if totals.orders == 0 {
        return None;
    }
    let score = |axis, value| cuts.score(axis, value).map(i32::from);
    let recency = score(Axis::Recency, measures::days_between(totals.last_purchase, as_of) as f64)?;
    let frequency = score(Axis::Frequency, totals.orders as f64)?;
    let amount = monetary(cuts, history, &totals);
    Some((recency, frequency, amount.and_then(|amount| score(Axis::Monetary, amount))))
}

/// What the monetary axis measures.
fn monetary(cuts: &PackedCuts<'_>, history: &History<'_>, totals: &Totals) -> Option<f64> {
    let amount = match cuts.monetary_measure() {
        MonetaryMeasure::Total => measures::revenue(history, totals),
        MonetaryMeasure::Average => measures::average_order_value(history, totals),
    };
    Some(amount?.or_fail().to_f64())
}

sql_function! {
    /// (cuts, history, as_of).
    fn recency_score_history(call) {
        let as_of = finite_day(call.int4(2));
        let (_, totals) = purchases(call)?;
        let days = measures::days_between(totals.last_purchase, as_of);
        score(call, Axis::Recency, days as f64)
    }
}
sql_function! {
    /// (cuts, recency_days).
    fn recency_score_days(call) score(call, Axis::Recency, call.int4(1).into())
}
sql_function! {
    /// (cuts, history, as_of).
    fn frequency_score_history(call) {
        let (_, totals) = purchases(call)?;
        score(call, Axis::Frequency, totals.orders as f64)
    }
}
sql_function! {
    /// (cuts, frequency).
    fn frequency_score_orders(call) score(call, Axis::Frequency, call.int8(1) as f64)
}
sql_function! {
    /// (cuts, history, as_of).
    fn monetary_score_history(call) {
        let (history, totals) = purchases(call)?;
        score(call, Axis::Monetary, monetary(&PackedCuts::new(call.bytes(0)), &history, &totals)?)
    }
}
sql_function! {
    /// (cuts, monetary numeric).
    fn monetary_score_numeric(call) match numeric::to_f64(call.bytes(1)) {
        Some(amount) => score(call, Axis::Monetary, amount),
        None => no_amount(),
    }
}
sql_function! {
    /// (cuts, monetary double precision).
    fn monetary_score_float8(call) match call.float8(1) {
        amount if amount.is_finite() => score(call, Axis::Monetary, amount),
        _ => no_amount(),
    }
}

fn no_amount() -> ! {
    fail(
        Code::ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
        "an amount is NaN or infinite",
        "Only finite amounts have scores; leave out such rows, or correct them.",
    )
}
