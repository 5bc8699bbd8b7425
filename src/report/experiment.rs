//! Planning an experiment: how many customers it needs, and who is held out.

use crate::server::error::{Code, fail, given, shown};
use btyd::effect::assign;
use btyd::effect::power::Aim;
use pgrx::prelude::*;

/// The function by which a hint shows what a call looks like.
const CALL: &str = "Call it like this: sample_size(effect => 5, standard_deviation => 60), or \
                    sample_size(effect => 0.01, rate => 0.05).";

/// (effect, standard_deviation, rate, power, alpha, held_out_share, correlation): customers that an experiment needs, and
/// the power that they give.
#[pg_extern(sql = false)]
#[allow(clippy::type_complexity)] // a row of a report is as wide as its SQL declaration
fn sample_size(
    effect: Option<f64>,
    standard_deviation: Option<f64>,
    rate: Option<f64>,
    power: Option<f64>,
    alpha: Option<f64>,
    held_out_share: Option<f64>,
    correlation: Option<f64>,
) -> TableIterator<
    'static,
    (
        name!(customers, Option<i64>),
        name!(treated, Option<i64>),
        name!(held_out, Option<i64>),
        name!(power, Option<f64>),
    ),
> {
    let effect = within("effect", effect, |effect| effect != 0.0, "any number but 0");
    let aim = Aim {
        alpha: inside("alpha", alpha),
        power: inside("power", power),
        held_out: inside("held_out_share", held_out_share),
    };
    if aim.power <= aim.alpha {
        refuse("power", aim.power, "more than alpha");
    }
    let known = within("correlation", correlation, |part| part.abs() < 1.0, "between -1 and 1");
    let customers = match (standard_deviation, rate) {
        (Some(deviation), None) => {
            within(
                "standard_deviation",
                Some(deviation),
                |deviation| deviation > 0.0,
                "more than 0",
            );
            // of what the regression on the time before leaves
            let deviation = deviation * (1.0 - known * known).sqrt();
            let need = aim.customers_for_mean(effect, deviation);
            need.map(|need| (need, Outcome::Mean { effect, deviation }))
        }
        (None, Some(rate)) => {
            if known != 0.0 {
                refuse("correlation", known, "given only with standard_deviation");
            }
            let rate = inside("rate", Some(rate));
            within(
                "rate + effect",
                Some(rate + effect),
                |rate| rate > 0.0 && rate < 1.0,
                "between 0 and 1",
            );
            let need = aim.customers_for_rate(rate, effect);
            need.map(|need| (need, Outcome::Rate { rate, effect }))
        }
        _ => fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            "give either standard_deviation, for a mean, or rate, for a share of the customers",
            CALL,
        ),
    };
    let Some((customers, outcome)) = customers else {
        fail(
            Code::ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
            format!("an effect of {} needs more customers than there can be", shown(effect)),
            "Look for a larger effect.",
        )
    };
    // what is lacking of a whole customer by rounding alone is no customer
    let whole = |part: f64| ((part * (1.0 - 1e-9)).ceil() as i64).max(2);
    let [treated, held_out] =
        [1.0 - aim.held_out, aim.held_out].map(|part| whole(customers * part));
    let both = (treated + held_out) as f64;
    let got = Aim { held_out: held_out as f64 / both, ..aim };
    let power = match outcome {
        Outcome::Mean { effect, deviation } => got.power_for_mean(both, effect, deviation),
        Outcome::Rate { rate, effect } => got.power_for_rate(both, rate, effect),
    };
    let power = super::rounding::rounded(power, super::rounding::SHARE);
    TableIterator::once((Some(treated + held_out), Some(treated), Some(held_out), Some(power)))
}

/// What an experiment measures.
enum Outcome {
    Mean { effect: f64, deviation: f64 },
    Rate { rate: f64, effect: f64 },
}

/// A share between 0 and 1, or an error.
fn inside(name: &str, value: Option<f64>) -> f64 {
    within(name, value, |share| share > 0.0 && share < 1.0, "between 0 and 1, ends excluded")
}

fn within(name: &str, value: Option<f64>, allowed: impl Fn(f64) -> bool, words: &str) -> f64 {
    match given(name, value, CALL) {
        value if value.is_finite() && allowed(value) => value,
        value => refuse(name, value, words),
    }
}

#[cold]
fn refuse(name: &str, value: f64, words: &str) -> ! {
    fail(
        Code::ERRCODE_INVALID_PARAMETER_VALUE,
        format!("invalid value for argument \"{name}\": {}", shown(value)),
        format!("It has to be {words}."),
    )
}

/// (customer, salt, share): whether a customer is held out.
#[pg_extern(sql = false)]
fn hold_out(customer: &str, salt: &str, share: f64) -> bool {
    is_held_out(customer, salt, share)
}

/// The same of a number, by its digits.
#[pg_extern(sql = false)]
fn hold_out_number(customer: i64, salt: &str, share: f64) -> bool {
    is_held_out(&customer.to_string(), salt, share)
}

/// The same of a uuid, by its text in lower case.
#[pg_extern(sql = false)]
fn hold_out_uuid(customer: pgrx::Uuid, salt: &str, share: f64) -> bool {
    is_held_out(&customer.to_string(), salt, share)
}

fn is_held_out(customer: &str, salt: &str, share: f64) -> bool {
    if !(0.0..=1.0).contains(&share) {
        refuse("share", share, "a share from 0 to 1")
    }
    assign::is_held_out(customer, salt, share)
}
