//! What one customer's history and a few figures of the population decide: lifecycle stage, decline, loyalty, current
//! value, value score; and the weighted index.

use crate::orders::{Amount, Float4, Float8};
use crate::server::array::Doubles;
use crate::server::call::{Call, sql_function};
use crate::server::clock::finite_day;
use crate::server::datum::IntoDatum;
use crate::server::error::{Code, OrFail, fail};
use crate::server::numeric;
use crate::training::axes::percentiles;
use crate::training::model::{Model, customer_of, no_customer};
use btyd::history::History;
use btyd::measures;
use btyd::stages::{self, Decline, Limits, PROSPECT, STAGES};
use btyd::value::percentile;
use pgrx::pg_sys::Datum;

/// The fewest purchase days of a loyal customer, whatever the population does.
const LOYAL_DAYS: f64 = 3.0;

/// The level of the history of argument `at` as of argument `at + 1`; None without either, or without purchases.
fn level(call: &Call, at: usize, limits: &Limits) -> Option<i16> {
    if call.is_null(at) || call.is_null(at + 1) {
        return None;
    }
    stages::level(&History::new(call.bytes(at)), finite_day(call.int4(at + 1)), limits)
}

/// The limits of arguments 2 to 4: at_risk_days, lapsed_days, loyal_days; NULL never holds.
fn limits(call: &Call) -> Limits {
    let limit = |at: usize| if call.is_null(at) { f64::INFINITY } else { call.float8(at) };
    let limits = Limits { at_risk: limit(2), lapsed: limit(3), loyal: limit(4) };
    if [limits.at_risk, limits.lapsed, limits.loyal]
        .iter()
        .any(|limit| limit.is_nan() || *limit < 0.0)
    {
        fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            "the limits of lifecycle stages must be numbers, 0 or more",
            "at_risk_days and lapsed_days are days, loyal_days is a number of purchase days.",
        )
    }
    limits
}

sql_function! {
    /// (history, as_of, at_risk_days, lapsed_days, loyal_days); not STRICT: no history is a prospect.
    fn lifecycle_stage(call) {
        let limits = limits(call);
        let prospect = call.is_null(0) && !call.is_null(1);
        let level = if prospect { PROSPECT } else { level(call, 0, &limits)? };
        STAGES.get(level as usize - 1).map(|stage| stage.into_datum())
    }
}
sql_function! {
    /// (axes, history, as_of): the level, by the limits that a training found.
    fn lifecycle_level(call) {
        let limit = |axis: &str, percent: usize| percentiles(call, 0, axis).map(|axis| axis.at(percent));
        let limits = Limits {
            at_risk: limit("purchase_gap", 80).unwrap_or(f64::INFINITY),
            lapsed: limit("purchase_gap", 95).unwrap_or(f64::INFINITY),
            loyal: limit("repeat_purchase_days", 80).unwrap_or(0.0).max(LOYAL_DAYS),
        };
        level(call, 1, &limits).map(i16::into_datum)
    }
}

sql_function! {
    /// (history, as_of): days between the last two purchase days.
    fn last_gap(call) {
        let gap = stages::last_gap(&History::new(call.bytes(0)), finite_day(call.int4(1)));
        gap.and_then(|days| i32::try_from(days).ok()).map(i32::into_datum)
    }
}

/// The number of days in argument 2.
fn window(call: &Call) -> i32 {
    let window = call.int4(2);
    if window < 1 {
        fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            format!("window_days is {window}, not 1 or more"),
            "Give the number of days to look back, such as 90 or 365.",
        )
    }
    window
}

/// (history, as_of, window_days): whether there are purchases, and how many of late.
fn decline(call: &Call) -> (bool, Option<Decline>) {
    let (history, as_of, window) =
        (History::new(call.bytes(0)), finite_day(call.int4(1)), window(call));
    let totals = history.totals(Some(as_of));
    (totals.purchase_days > 0, Decline::of(&history, &totals, as_of, window))
}

sql_function! {
    /// (history, as_of, window_days).
    fn decline_probability(call) decline(call).1.map(|decline| decline.probability().into_datum())
}
sql_function! {
    /// (history, as_of, window_days).
    fn declining(call) {
        let (bought, decline) = decline(call);
        bought.then(|| decline.is_some_and(|decline| decline.is_significant()).into_datum())
    }
}
sql_function! {
    /// (history, as_of, window_days).
    fn purchase_trend(call) decline(call).1?.trend().map(f64::into_datum)
}

/// The place of this value among the percentiles of argument `at`; None without any.
fn share(call: &Call, at: usize, value: f64) -> Option<f64> {
    let percentiles = Doubles::plain(call, at).filter(|all| all.len() >= 2);
    let Some(percentiles) = percentiles else {
        fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            "percentiles must be two or more rising numbers",
            "See column percentiles of customer_value.training_axis.",
        )
    };
    let share = percentile(percentiles.len(), |i| percentiles.at(i), value);
    share.is_finite().then_some(share)
}

/// The loyalty of a customer by the model of argument 0, if there is one, the history of argument `at` as of argument
/// `at + 1`, and what is known of all customers' purchase days and spans.
fn loyalty_of(
    call: &Call,
    at: usize,
    days: impl Fn(f64) -> Option<f64>,
    span: impl Fn(f64) -> Option<f64>,
) -> Option<Datum> {
    let (history, as_of) = (History::new(call.bytes(at)), finite_day(call.int4(at + 1)));
    let customer = customer_of(&history.totals(Some(as_of)), as_of)?;
    let (days, span) = (days(customer.repeats + 1.0)?, span(customer.span)?);
    if call.is_null(0) {
        return Some(((days + span) / 2.0).into_datum());
    }
    let model = Model::unpack_parameters(call.bytes(0)).purchase_model();
    let model = model.and_then(|model| model.check(&customer).map(|()| model));
    let alive = model.unwrap_or_else(|error| no_customer(error)).p_alive(&customer);
    let loyalty = (days + span + alive) / 3.0;
    loyalty.is_finite().then(|| loyalty.into_datum())
}

sql_function! {
    /// (model, days_percentiles, span_percentiles, history, as_of); not STRICT: there may be no model.
    fn loyalty(call) {
        if (1..5).any(|at| call.is_null(at)) {
            return None;
        }
        loyalty_of(call, 3, |days| share(call, 1, days), |span| share(call, 2, span))
    }
}
sql_function! {
    /// (model, axes, history, as_of); not STRICT: there may be no model.
    fn loyalty_axes(call) {
        if (1..4).any(|at| call.is_null(at)) {
            return None;
        }
        let share = |axis: &str, value: f64| percentiles(call, 1, axis)?.share(value);
        loyalty_of(call, 2, |days| share("purchase_days", days), |span| share("purchase_span", span))
    }
}

/// The value score of the history of argument `at` as of argument `at + 1`, by what is known of all customers' numbers
/// of orders and revenues, and by the weights of these in arguments `at + 2` and `at + 3`, if there are such.
fn value_score_of(
    call: &Call,
    at: usize,
    frequency: impl Fn(f64) -> Option<f64>,
    revenue: impl Fn(f64) -> Option<f64>,
) -> Option<Datum> {
    let (history, as_of) = (History::new(call.bytes(at)), finite_day(call.int4(at + 1)));
    let totals = history.totals(Some(as_of));
    let amount = measures::revenue(&history, &totals)?.or_fail().to_f64();
    if totals.purchase_days == 0 {
        return None;
    }
    let (frequency, revenue) = (frequency(totals.orders as f64)?, revenue(amount)?);
    if call.count() <= at + 2 {
        return Some(((frequency + revenue) / 2.0).into_datum());
    }
    let weights = [2, 3].map(|after| call.float8(at + after));
    let total: f64 = weights.iter().sum();
    if weights.iter().any(|weight| !(0.0..=1e30).contains(weight)) || total == 0.0 {
        fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            "the weights of a value score must be numbers from 0 to 1e30, one of them above 0",
            "Give frequency_weight and revenue_weight, such as 2 and 1.",
        )
    }
    Some(((weights[0] * frequency + weights[1] * revenue) / total).into_datum())
}

sql_function! {
    /// (frequency_percentiles, revenue_percentiles, history, as_of, frequency_weight, revenue_weight).
    fn value_score(call) value_score_of(call, 2, |orders| share(call, 0, orders), |revenue| share(call, 1, revenue))
}
sql_function! {
    /// (axes, history, as_of [, frequency_weight, revenue_weight]).
    fn value_score_axes(call) {
        let share = |axis: &str, value: f64| percentiles(call, 0, axis)?.share(value);
        value_score_of(call, 1, |orders| share("frequency", orders), |revenue| share("revenue", revenue))
    }
}
sql_function! {
    /// (history, as_of, window_days, margin).
    fn current_value(call) {
        let (history, as_of, window) = (History::new(call.bytes(0)), finite_day(call.int4(1)), window(call));
        let totals = history.totals_between(as_of.saturating_sub(window - 1), as_of);
        let revenue = measures::revenue(&history, &totals)?.or_fail().to_f64();
        // nothing times a loss is 0, not -0
        let value = revenue * call.float8(3) + 0.0;
        value.is_finite().then(|| value.into_datum())
    }
}
sql_function! {
    /// (amount).
    fn exact_amount_float8(call) Some(Float8::read(call, 0).into_datum())
}
sql_function! {
    /// (amount).
    fn exact_amount_float4(call) Some(Float4::read(call, 0).into_datum())
}
sql_function! {
    /// (amount).
    fn to_double(call) numeric::cast_to_f64(call, 0).map(f64::into_datum)
}

fn no_index(why: &str) -> ! {
    fail(
        Code::ERRCODE_INVALID_PARAMETER_VALUE,
        why,
        "Give one weight for each number, for example weighted_index(ARRAY[0.2, 0.9], ARRAY[1, 3]).",
    )
}

sql_function! {
    /// (numbers, weights).
    fn weighted_index(call) {
        let Some((values, weights)) = Doubles::of(call, 0).zip(Doubles::plain(call, 1)) else {
            no_index("numbers and weights must be lists of numbers, and no weight may be NULL")
        };
        if values.len() != weights.len() {
            no_index("there must be as many weights as numbers")
        }
        let (mut sum, mut total, mut any) = (0.0, 0.0, 0.0);
        for (value, weight) in values.nullable().zip(weights.iter()) {
            if !(0.0..=1e30).contains(&weight) {
                no_index("a weight must be a number from 0 to 1e30")
            }
            any += weight;
            if let Some(value) = value.filter(|value| value.is_finite()) {
                sum += weight * value;
                total += weight;
            }
        }
        if any == 0.0 {
            no_index("at least one weight must be above 0")
        }
        let index = sum / total;
        (total > 0.0 && index.is_finite()).then(|| index.into_datum())
    }
}
