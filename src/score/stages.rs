//! What one customer's history and a few figures of the population decide: lifecycle stage, decline, loyalty, current
//! value, value score; and the weighted index.

use crate::orders::{Amount, Float4, Float8};
use crate::server::array::Doubles;
use crate::server::call::{Call, IntoDatum, sql_function};
use crate::server::clock::finite_day;
use crate::server::error::{Code, OrFail, fail};
use crate::server::numeric;
use crate::training::model::{Model, customer_of, no_customer};
use btyd::history::History;
use btyd::measures;
use btyd::stages::{self, Decline, Limits, PROSPECT, STAGES};
use btyd::value::percentile;

/// (history, as_of, at_risk_days, lapsed_days, loyal_days): the level, None without a day.
fn level(call: &Call) -> Option<i16> {
    if call.is_null(1) {
        return None;
    }
    if call.is_null(0) {
        return Some(PROSPECT);
    }
    let limit = |at: usize| if call.is_null(at) { f64::INFINITY } else { call.float8(at) };
    let limits = Limits { at_risk: limit(2), lapsed: limit(3), loyal: limit(4) };
    if [limits.at_risk, limits.lapsed, limits.loyal]
        .iter()
        .any(|limit| limit.is_nan() || *limit < 0.0)
    {
        fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            "the limits of lifecycle stages are numbers of 0 or more",
            "at_risk_days and lapsed_days are days, loyal_days is a number of purchase days.",
        )
    }
    Some(stages::level(&History::new(call.bytes(0)), finite_day(call.int4(1)), &limits))
}

sql_function! {
    /// (history, as_of, at_risk_days, lapsed_days, loyal_days); not STRICT: no history is no purchase.
    fn lifecycle_level(call) level(call).map(i16::into_datum)
}
sql_function! {
    /// The same, as a code.
    fn lifecycle_stage(call) {
        let level = level(call)?;
        STAGES.get(level as usize - 1).map(|stage| stage.into_datum())
    }
}

/// The number of days in argument 2.
fn window(call: &Call) -> i32 {
    let window = call.int4(2);
    if window < 1 {
        fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            format!("window_days is {window}, not 1 or more"),
            "A number of last days, such as 90 or 365.",
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

/// The share of customers with at most this value, by the percentiles of argument `at`; None without any.
fn share(call: &Call, at: usize, value: f64) -> Option<f64> {
    let percentiles = Doubles::plain(call, at).filter(|all| all.len() >= 2);
    let Some(percentiles) = percentiles else {
        fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            "percentiles are two or more rising numbers",
            "See column percentiles of customer_value.training_axis.",
        )
    };
    let share = percentile(percentiles.len(), |i| percentiles.at(i), value);
    share.is_finite().then_some(share)
}

sql_function! {
    /// (history, as_of, model, days_percentiles, span_percentiles); not STRICT: there may be no model.
    fn loyalty(call) {
        if [0, 1, 3, 4].iter().any(|&at| call.is_null(at)) {
            return None;
        }
        let (history, as_of) = (History::new(call.bytes(0)), finite_day(call.int4(1)));
        let customer = customer_of(&history.totals(Some(as_of)), as_of)?;
        let days = share(call, 3, customer.repeats + 1.0)?;
        let span = share(call, 4, customer.span)?;
        if call.is_null(2) {
            return Some(((days + span) / 2.0).into_datum());
        }
        let model = Model::unpack_parameters(call.bytes(2)).purchase_model();
        let model = model.and_then(|model| model.check(&customer).map(|()| model));
        let alive = model.unwrap_or_else(|error| no_customer(error)).p_alive(&customer);
        let loyalty = (days + span + alive) / 3.0;
        loyalty.is_finite().then(|| loyalty.into_datum())
    }
}
sql_function! {
    /// (history, as_of, frequency_percentiles, revenue_percentiles).
    fn value_score(call) {
        let (history, as_of) = (History::new(call.bytes(0)), finite_day(call.int4(1)));
        let totals = history.totals(Some(as_of));
        let revenue = measures::revenue(&history, &totals)?.or_fail().to_f64();
        if totals.purchase_days == 0 {
            return None;
        }
        let score = (share(call, 2, totals.orders as f64)? + share(call, 3, revenue)?) / 2.0;
        Some(score.into_datum())
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
        "Give one weight for each value, for example weighted_index(ARRAY[0.2, 0.9], ARRAY[1, 3]).",
    )
}

sql_function! {
    /// (values, weights).
    fn weighted_index(call) {
        let Some((values, weights)) = Doubles::of(call, 0).zip(Doubles::plain(call, 1)) else {
            no_index("values and weights are lists of numbers, and no weight is NULL")
        };
        if values.len() != weights.len() {
            no_index("there must be as many weights as values")
        }
        let (mut sum, mut total, mut any) = (0.0, 0.0, 0.0);
        for (value, weight) in values.nullable().zip(weights.iter()) {
            if !(0.0..=1e30).contains(&weight) {
                no_index("a weight is a number from 0 to 1e30")
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
