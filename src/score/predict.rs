//! Predictions: one customer, by their history or their statistics, against a model.
//!
//! Each has two forms in `sql/`: (model, history, as_of, …) gives NULL without purchases; (model,
//! repeat_purchases, purchase_span, customer_age, …) is an error for what no customer can have. STRICT, but
//! for the value of repeat purchases, which a customer may not have.

use crate::server::cache::owned_cache;
use crate::server::call::{Call, sql_function};
use crate::server::clock::finite_day;
use crate::server::datum::IntoDatum;
use crate::server::error::{Code, fail, poll};
use crate::training::model::{Model, customer_of, no_customer, wrong_family};
use btyd::alike::Alike;
use btyd::history::{History, Totals};
use btyd::measures;
use btyd::models::{Customer, Family, PurchaseModel};
use btyd::value::{Terms, Worth, daily_rate};
use pgrx::pg_sys::Datum;

/// The longest horizon, in days or opportunities.
const LONGEST: f64 = 1e7;

/// The most purchases of which a probability is asked.
const MOST: i64 = 1_000_000;

/// A customer, and where the arguments after it begin.
type Asked = Option<(Customer, usize)>;

/// The history of argument `at` with its sums as of argument `at + 1`, and the customer, if there is one.
#[inline]
fn history(call: &Call, at: usize) -> (History<'_>, Totals, Option<Customer>) {
    let as_of = finite_day(call.int4(at + 1));
    let family = Model::unpack_family(call.bytes(0));
    if matches!(family, Family::BgBb | Family::ShiftedBetaGeometric) {
        not_over_time(family);
    }
    let history = History::new(call.bytes(at));
    let totals = history.totals(Some(as_of));
    let customer = customer_of(&totals, as_of);
    (history, totals, customer)
}

/// By the history of argument `at` as of argument `at + 1`.
#[inline]
fn by_history(call: &Call, at: usize) -> Asked {
    history(call, at).2.map(|customer| (customer, at + 2))
}

/// The same, with the value of their repeat purchases, if there is one; None also without amounts.
#[inline]
pub(super) fn by_valued_history(
    call: &Call,
    at: usize,
) -> Option<((Customer, usize), Option<f64>)> {
    let (history, totals, customer) = history(call, at);
    history.scale()?;
    Some(((customer?, at + 2), measures::repeat_purchase_value(&history, &totals)))
}

/// By the numbers of three arguments from `at`.
#[inline]
pub(super) fn by_numbers(call: &Call, at: usize) -> Asked {
    let customer =
        Customer { repeats: call.float8(at), span: call.float8(at + 1), age: call.float8(at + 2) };
    if let Err(error) = customer.check() {
        no_customer(error);
    }
    Some((customer, at + 3))
}

/// The model of argument 0, which must suit the customer.
#[inline]
pub(super) fn model(call: &Call, customer: &Customer) -> PurchaseModel {
    let model = Model::unpack_parameters(call.bytes(0)).purchase_model();
    match model.and_then(|model| model.check(customer).map(|()| model)) {
        Ok(model) => model,
        Err(error) => no_customer(error),
    }
}

#[cold]
fn not_over_time(family: Family) -> ! {
    wrong_family(
        "this function needs a model of purchases over time, not one of family",
        family.name(),
        "Use a model of family bg_nbd, mbg_nbd or pareto_nbd; see fit_purchase_model.",
    )
}

#[cold]
fn refuse(name: &str, value: f64, allowed: &str) -> ! {
    let hint = match name {
        "annual_discount_rate" => "Give a rate per year: 0.10 is 10 percent.",
        "period_discount_rate" => "Give a rate per period: 0.10 is 10 percent.",
        "margin" => "Give the share of the revenue that counts, such as 0.35.",
        "repeat_purchase_value" => {
            "Give the mean amount of the repeat purchases: repeat_purchase_value(h)."
        }
        "n" => "Give a number of purchases.",
        "renewals" | "periods_ahead" => "Give a number of periods of the contract.",
        _ => "Give times from now in days, or in opportunities if the model counts those.",
    };
    let message = format!("{name} is {value}, not {allowed}");
    fail(Code::ERRCODE_INVALID_PARAMETER_VALUE, message, hint)
}

/// A time from now in argument `at`.
#[inline]
fn time(call: &Call, at: usize, name: &str, family: Family) -> f64 {
    let time = call.float8(at);
    if !(0.0..=LONGEST).contains(&time) {
        refuse(name, time, "a number from 0 to 10,000,000");
    }
    if !family.is_continuous() && time.fract() != 0.0 {
        refuse(name, time, "a whole number, which this model requires");
    }
    time
}

/// A discount rate a year.
#[inline]
fn annual_rate(call: &Call, at: usize) -> f64 {
    let rate = call.float8(at);
    if !(0.0..=100.0).contains(&rate) {
        refuse("annual_discount_rate", rate, "a number from 0 to 100");
    }
    rate
}

/// A margin.
#[inline]
fn margin(call: &Call, at: usize) -> f64 {
    let margin = call.float8(at);
    if !(-1e6..=1e6).contains(&margin) {
        refuse("margin", margin, "a number from -1,000,000 to 1,000,000");
    }
    margin
}

/// A result: NULL rather than an infinity, should there be one.
#[inline]
pub(super) fn number(value: f64) -> Option<Datum> {
    value.is_finite().then(|| value.into_datum())
}

fn p_alive(call: &Call, asked: Asked) -> Option<Datum> {
    let (customer, _) = asked?;
    number(model(call, &customer).p_alive(&customer))
}

fn p_alive_at(call: &Call, asked: Asked) -> Option<Datum> {
    let (customer, rest) = asked?;
    let model = model(call, &customer);
    number(model.p_alive_at(&customer, time(call, rest, "days_ahead", model.family())))
}

fn expected_purchases(call: &Call, asked: Asked) -> Option<Datum> {
    let (customer, rest) = asked?;
    let model = model(call, &customer);
    let horizon = time(call, rest, "horizon_days", model.family());
    number(purchases(call, &model, &customer, (horizon, 0.0)).unwrap_or(f64::MAX))
}

/// What this place of a query has computed by a model, until a horizon and at a discount rate a unit of time; and two models
/// that it has unpacked.
#[derive(Default)]
struct Known {
    of: Option<(PurchaseModel, (f64, f64))>,
    alike: Alike<1>,
    packed: [Vec<u8>; 2],
    unpacked: Option<(PurchaseModel, Worth)>,
}

/// Expected purchases of a customer until a horizon, discounted; None where they have no end.
fn purchases(
    call: &Call,
    model: &PurchaseModel,
    customer: &Customer,
    (horizon, rate): (f64, f64),
) -> Option<f64> {
    if !model.family().is_continuous() {
        return model.discounted_purchases(customer, horizon, rate);
    }
    let known: &mut Known = owned_cache(call, Known::default);
    let of = Some((*model, (horizon, rate)));
    if known.of != of {
        (known.of, known.alike) = (of, Alike::default());
    }
    let there = Customer { span: 0.0, ..*customer };
    let ahead = || model.ahead(customer, horizon, rate).map(|ahead| [ahead]);
    let [ahead] = known.alike.of(&there, ahead)?;
    Some(model.p_alive(customer) * ahead)
}

fn expected_purchases_error(call: &Call, asked: Asked) -> Option<Datum> {
    let (customer, rest) = asked?;
    let family = model(call, &customer).family();
    let horizon = time(call, rest, "horizon_days", family);
    let estimate = Model::unpack(call.bytes(0)).estimate;
    let error = estimate.error_of(|moved| match moved.purchase_model() {
        Ok(model) => model.expected_purchases(&customer, horizon),
        Err(_) => f64::NAN,
    });
    number(error?)
}

fn purchase_probability(call: &Call, asked: Asked) -> Option<Datum> {
    let (customer, rest) = asked?;
    let model = model(call, &customer);
    let n = call.int8(rest);
    if !(0..=MOST).contains(&n) {
        refuse("n", n as f64, "a number from 0 to 1,000,000");
    }
    let horizon = time(call, rest + 1, "horizon_days", model.family());
    number(model.purchase_probability(&customer, n as f64, horizon))
}

fn customer_log_likelihood(call: &Call, asked: Asked) -> Option<Datum> {
    let (customer, _) = asked?;
    number(model(call, &customer).log_likelihood(&customer))
}

/// The spend model of argument `at`.
fn worth(call: &Call, at: usize) -> Worth {
    let bytes = call.bytes(at);
    match Model::unpack_parameters(bytes).spend_model() {
        Ok(spend) => Worth { spend, refund_share: Model::unpack_refund_share(bytes) },
        Err(error) => no_customer(error),
    }
}

/// The models of arguments 0 and 1, of which the first must suit the customer.
fn models(call: &Call, customer: &Customer) -> (PurchaseModel, Worth) {
    let known: &mut Known = owned_cache(call, Known::default);
    let packed = [call.bytes(0), call.bytes(1)];
    match known.unpacked {
        Some(models) if known.packed == packed => match models.0.check(customer) {
            Ok(()) => models,
            Err(error) => no_customer(error),
        },
        _ => {
            let models = (model(call, customer), worth(call, 1));
            (known.packed, known.unpacked) = (packed.map(<[u8]>::to_vec), Some(models));
            models
        }
    }
}

/// The value of repeat purchases in argument `at`, if there is one.
fn mean(call: &Call, at: usize) -> Option<f64> {
    if call.is_null(at) {
        return None;
    }
    let mean = call.float8(at);
    if !(0.0..=1e30).contains(&mean) {
        refuse("repeat_purchase_value", mean, "a number from 0 to 1e30");
    }
    Some(mean)
}

/// The terms in arguments from `rest`: without end, or with a horizon first and a step last.
pub(super) fn terms(call: &Call, family: Family, rest: usize, ends: bool) -> Terms {
    if !family.is_continuous() {
        not_over_time(family);
    }
    let (horizon, rest) = match ends {
        true => (time(call, rest, "horizon_days", family), rest + 1),
        false => (f64::INFINITY, rest),
    };
    let annual_rate = annual_rate(call, rest);
    let step = if ends { time(call, rest + 2, "step_days", family) } else { 0.0 };
    if step > 0.0 && horizon / step > 1e5 {
        refuse("step_days", step, "0, nor long enough to make at most 100,000 steps");
    }
    Terms { horizon, annual_rate, margin: margin(call, rest + 1), step }
}

/// Lifetime value with arguments from `rest`: without end, or with a horizon first.
fn clv(
    call: &Call,
    (customer, rest): (Customer, usize),
    mean: Option<f64>,
    ends: bool,
) -> Option<Datum> {
    let (model, worth) = models(call, &customer);
    let terms = terms(call, model.family(), rest, ends);
    let value = worth.of_purchase(customer.repeats, mean)?;
    let purchases = match terms.step {
        0.0 => purchases(call, &model, &customer, (terms.horizon, daily_rate(terms.annual_rate))),
        _ => terms.purchases(&model, &customer, &mut poll),
    };
    match purchases {
        Some(purchases) => number(terms.value(purchases, value, &worth)),
        None => fail(
            Code::ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
            "the residual value is infinite: without a discount the expected purchases have no end",
            "Give an annual_discount_rate above 0, or use clv with a horizon.",
        ),
    }
}

fn clv_by_history(call: &Call, ends: bool) -> Option<Datum> {
    let (asked, mean) = by_valued_history(call, 2)?;
    clv(call, asked, mean, ends)
}

/// By the numbers of four arguments from 2, of which only the value of repeat purchases, argument 5, may be NULL.
pub(super) fn by_valued_numbers(call: &Call) -> Option<((Customer, usize), Option<f64>)> {
    if (0..call.count()).any(|at| at != 5 && call.is_null(at)) {
        return None;
    }
    let (customer, rest) = by_numbers(call, 2)?;
    Some(((customer, rest + 1), mean(call, rest)))
}

fn clv_by_numbers(call: &Call, ends: bool) -> Option<Datum> {
    let (asked, mean) = by_valued_numbers(call)?;
    clv(call, asked, mean, ends)
}

sql_function! {
    /// (model, history, as_of).
    fn p_alive_history(call) p_alive(call, by_history(call, 1))
}
sql_function! {
    /// (model, repeat_purchases, purchase_span, customer_age).
    fn p_alive_numbers(call) p_alive(call, by_numbers(call, 1))
}
sql_function! {
    /// (model, history, as_of, days_ahead).
    fn p_alive_at_history(call) p_alive_at(call, by_history(call, 1))
}
sql_function! {
    /// (model, repeat_purchases, purchase_span, customer_age, days_ahead).
    fn p_alive_at_numbers(call) p_alive_at(call, by_numbers(call, 1))
}
sql_function! {
    /// (model, history, as_of, horizon_days).
    fn expected_purchases_history(call) expected_purchases(call, by_history(call, 1))
}
sql_function! {
    /// (model, repeat_purchases, purchase_span, customer_age, horizon_days).
    fn expected_purchases_numbers(call) expected_purchases(call, by_numbers(call, 1))
}
sql_function! {
    /// (model, horizon_days): of somebody who has just bought for the first time.
    fn expected_purchases_new(call) expected_purchases(call, Some((Customer::NEW, 1)))
}
sql_function! {
    /// (model, history, as_of, horizon_days).
    fn expected_purchases_error_history(call) expected_purchases_error(call, by_history(call, 1))
}
sql_function! {
    /// (model, repeat_purchases, purchase_span, customer_age, horizon_days).
    fn expected_purchases_error_numbers(call) expected_purchases_error(call, by_numbers(call, 1))
}
sql_function! {
    /// (model, history, as_of, n, horizon_days).
    fn purchase_probability_history(call) purchase_probability(call, by_history(call, 1))
}
sql_function! {
    /// (model, repeat_purchases, purchase_span, customer_age, n, horizon_days).
    fn purchase_probability_numbers(call) purchase_probability(call, by_numbers(call, 1))
}
sql_function! {
    /// (model, history, as_of).
    fn log_likelihood_history(call) customer_log_likelihood(call, by_history(call, 1))
}
sql_function! {
    /// (model, repeat_purchases, purchase_span, customer_age).
    fn log_likelihood_numbers(call) customer_log_likelihood(call, by_numbers(call, 1))
}
sql_function! {
    /// (spend model, history, as_of).
    fn expected_order_value_history(call) {
        let ((customer, _), mean) = by_valued_history(call, 1)?;
        number(worth(call, 0).of_purchase(customer.repeats, mean)?)
    }
}
sql_function! {
    /// (spend model, repeat_purchases, repeat_purchase_value).
    fn expected_order_value_numbers(call) {
        if call.is_null(0) || call.is_null(1) {
            return None;
        }
        let customer = Customer { repeats: call.float8(1), ..Customer::NEW };
        if let Err(error) = customer.check() {
            no_customer(error);
        }
        number(worth(call, 0).of_purchase(customer.repeats, mean(call, 2))?)
    }
}
sql_function! {
    /// (model, spend model, history, as_of, horizon_days, annual_discount_rate, margin, step_days).
    fn clv_history(call) clv_by_history(call, true)
}
sql_function! {
    /// (model, spend model, repeat_purchases, purchase_span, customer_age, repeat_purchase_value, horizon_days,
    /// annual_discount_rate, margin, step_days).
    fn clv_numbers(call) clv_by_numbers(call, true)
}
sql_function! {
    /// (model, spend model, history, as_of, annual_discount_rate, margin).
    fn residual_clv_history(call) clv_by_history(call, false)
}
sql_function! {
    /// (model, spend model, repeat_purchases, purchase_span, customer_age, repeat_purchase_value,
    /// annual_discount_rate, margin).
    fn residual_clv_numbers(call) clv_by_numbers(call, false)
}

/// The contract model of argument 0.
fn contracts(call: &Call) -> PurchaseModel {
    let estimate = Model::unpack_parameters(call.bytes(0));
    match (estimate.family, estimate.purchase_model()) {
        (Family::ShiftedBetaGeometric, Ok(model)) => model,
        (family, _) => wrong_family(
            "this function needs a contract model, not one of family",
            family.name(),
            "Use a shifted_beta_geometric model; see fit_contract_model.",
        ),
    }
}

/// A number of renewals in argument `at`.
fn renewals(call: &Call, at: usize, name: &str) -> f64 {
    let renewals = call.int4(at);
    if !(0..=10_000_000).contains(&renewals) {
        refuse(name, renewals.into(), "a number from 0 to 10,000,000");
    }
    renewals.into()
}

fn under_contract(renewals: f64) -> Customer {
    Customer { repeats: renewals, span: renewals, age: renewals }
}

sql_function! {
    /// (model, renewals): the chance that a contract renewed so many times is renewed again.
    fn retention_rate(call) {
        let model = contracts(call);
        number(model.purchase_probability(&under_contract(renewals(call, 1, "renewals")), 1.0, 1.0))
    }
}
sql_function! {
    /// (model, renewals): the chance that a new contract is renewed so many times.
    fn survival_probability(call) {
        let model = contracts(call);
        let n = renewals(call, 1, "renewals");
        number(model.purchase_probability(&under_contract(0.0), n, n))
    }
}
sql_function! {
    /// (model, renewals, periods_ahead, period_discount_rate): expected renewals of the next periods.
    fn expected_renewals(call) {
        let model = contracts(call);
        let customer = under_contract(renewals(call, 1, "renewals"));
        let ahead = renewals(call, 2, "periods_ahead");
        let rate = call.float8(3);
        if !(0.0..=100.0).contains(&rate) {
            refuse("period_discount_rate", rate, "a number from 0 to 100");
        }
        number(model.discounted_purchases(&customer, ahead, rate.ln_1p())?)
    }
}
