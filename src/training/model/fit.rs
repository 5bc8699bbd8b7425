//! The aggregates that fit models: 28 bytes a customer, in memory that the server counts.
//!
//! A fit sorts its customers first, so that the result is the same for any order of rows, and for any way
//! in which workers shared them.

use super::{Model, no_customer, wrong_family};
use crate::server::aggregate;
use crate::server::call::{Call, sql_function};
use crate::server::clock::{finite_day, year_month_day};
use crate::server::datum::IntoDatum;
use crate::server::error::{Code, OrFail, fail, poll};
use crate::server::memory::{self, Array, Raw};
use crate::server::varlena;
use btyd::fit::observations::correlation;
use btyd::fit::{Choice, Purchases, Spend, canonical, fit_spend};
use btyd::history::{History, Totals};
use btyd::measures;
use btyd::models::{Customer, Family, MOST_OPPORTUNITIES};
use btyd::population::Takings;
use pgrx::pg_sys::{Datum, MemoryContext};

/// The family that is fitted without asking for one.
const DEFAULT: Choice = Choice::Family(Family::BgNbd);

/// A state: observations, and what is one for all of them.
#[derive(Clone, Copy)]
struct State<T: Copy, W: Copy> {
    observations: Array<T>,
    whole: W,
}

/// The state of argument 0, made if there is none yet, and the context in which it lives.
fn state<'a, T: Copy + 'a, W: Copy + 'a>(
    call: &Call,
    whole: impl FnOnce() -> W,
) -> (&'a mut State<T, W>, Datum, MemoryContext) {
    let context = aggregate::aggregate_context(call);
    let datum = match call.is_null(0) {
        true => {
            memory::new_state(State::<T, W> { observations: Array::EMPTY, whole: whole() }, context)
        }
        false => call.datum(0),
    };
    (memory::state(datum), datum, context)
}

/// The family of a name, or an error.
pub fn read_choice(name: &str) -> Choice {
    Choice::named(name).unwrap_or_else(|| {
        wrong_family(
            "invalid value for argument \"family\":",
            name,
            "The families are bg_nbd, mbg_nbd and pareto_nbd; auto takes the one with the lowest AIC. See \
             fit_opportunity_model and fit_contract_model for bg_bb and shifted_beta_geometric.",
        )
    })
}

/// The family that argument `at` names, which must be one for all customers.
fn choice(call: &Call, at: usize, known: Option<Choice>) -> Choice {
    if call.count() <= at {
        return DEFAULT;
    }
    if call.is_null(at) {
        fail(
            Code::ERRCODE_NULL_VALUE_NOT_ALLOWED,
            "argument \"family\" must not be null",
            "The families are bg_nbd, mbg_nbd and pareto_nbd; auto takes the one with the lowest AIC.",
        )
    }
    let choice = read_choice(call.text(at));
    if known.is_some_and(|known| known != choice) {
        mixed_families();
    }
    choice
}

#[cold]
fn mixed_families() -> ! {
    fail(
        Code::ERRCODE_INVALID_PARAMETER_VALUE,
        "the family must be the same for all customers",
        "Give a constant, for example fit_purchase_model(history, as_of, 'bg_nbd').",
    )
}

/// The day of argument 2.
fn as_of(call: &Call) -> i32 {
    if call.is_null(2) {
        fail(
            Code::ERRCODE_NULL_VALUE_NOT_ALLOWED,
            "argument \"as_of\" must not be null",
            "Give the day up to which orders count, for example current_date.",
        );
    }
    finite_day(call.int4(2))
}

/// A customer's statistics as of a day, from the sums up to it; None without purchases.
pub fn customer_of(totals: &Totals, as_of: i32) -> Option<Customer> {
    Some(Customer {
        repeats: measures::repeat_purchases(totals)? as f64,
        span: measures::purchase_span(totals)? as f64,
        age: measures::days_between(totals.first_purchase, as_of) as f64,
    })
}

/// Adds a customer, or raises the error that there can be no such customer.
fn add_customer(
    call: &Call,
    choice: impl FnOnce(Option<Choice>) -> Choice,
    customer: Option<(Customer, f64)>,
) -> Option<Datum> {
    let known = call.state::<State<Purchases, Choice>>(0).map(|state| state.whole);
    let choice = choice(known);
    let (state, datum, context) = state::<Purchases, Choice>(call, || choice);
    if let Some((customer, weight)) = customer {
        match Purchases::new(&customer, weight) {
            Ok(customer) => state.observations.push(customer, context),
            Err(error) => no_customer(error),
        }
    }
    Some(datum)
}

/// The number of argument `at`, 1 where there is no such argument.
fn weight(call: &Call, at: usize) -> f64 {
    if call.count() > at { call.float8(at) } else { 1.0 }
}

fn any_null(call: &Call, arguments: std::ops::Range<usize>) -> bool {
    arguments.into_iter().any(|at| at < call.count() && call.is_null(at))
}

sql_function! {
    /// (state, history, as_of [, family]): adds a customer.
    fn fit_purchases_add_history(call) {
        let day = as_of(call);
        let history = (!call.is_null(1)).then(|| History::new(call.bytes(1)));
        let customer = history.and_then(|history| customer_of(&history.totals(Some(day)), day));
        add_customer(call, |known| choice(call, 3, known), customer.map(|customer| (customer, 1.0)))
    }
}
sql_function! {
    /// (state, repeat_purchases, purchase_span, customer_age [, family [, weight]]): adds a customer.
    fn fit_purchases_add(call) {
        let customer = || Customer { repeats: call.float8(1), span: call.float8(2), age: call.float8(3) };
        let known = !any_null(call, 1..4) && !any_null(call, 5..6);
        add_customer(call, |known| choice(call, 4, known), known.then(|| (customer(), weight(call, 5))))
    }
}
sql_function! {
    /// (state, purchases, last_opportunity, opportunities [, weight]): adds a customer.
    fn fit_opportunities_add(call) {
        if any_null(call, 1..5) {
            return add_customer(call, |_| Choice::Family(Family::BgBb), None);
        }
        let (x, last, n) = (call.float8(1), call.float8(2), call.float8(3));
        let customer = Customer { repeats: x, span: last, age: n };
        let whole = [x, last, n].into_iter().all(|number| number.fract() == 0.0);
        let taken = x >= 0.0 && x <= last && last <= n && (x > 0.0 || last == 0.0);
        if !whole || !taken || n > MOST_OPPORTUNITIES {
            fail(
                Code::ERRCODE_INVALID_PARAMETER_VALUE,
                format!("{x} purchases, the last at opportunity {last} of {n}, are impossible"),
                "All three must be whole numbers, 0 <= purchases <= last_opportunity <= opportunities <= 1,000,000; \
                 last_opportunity is 0 if there are no purchases.",
            )
        }
        add_customer(call, |_| Choice::Family(Family::BgBb), Some((customer, weight(call, 4))))
    }
}
sql_function! {
    /// (state, renewals, under_contract [, weight]): adds a contract.
    fn fit_contracts_add(call) {
        let family = |_| Choice::Family(Family::ShiftedBetaGeometric);
        if any_null(call, 1..4) {
            return add_customer(call, family, None);
        }
        if call.int4(1) < 0 {
            fail(
                Code::ERRCODE_INVALID_PARAMETER_VALUE,
                format!("renewals is {}, not 0 or more", call.int4(1)),
                "Give how often the contract was renewed; contract_renewals counts that from the days.",
            )
        }
        let contract = contract_of(call.int4(1), call.boolean(2));
        add_customer(call, family, Some((contract, weight(call, 3))))
    }
}
/// How often a contract was renewed up to a day, and whether it runs then. `ended` is the first day without
/// it; the renewal that was due on that day was refused. None for one that began later.
fn renewals(began: i32, ended: Option<i32>, as_of: i32, months: i32) -> Option<(i32, bool)> {
    if !(1..=1200).contains(&months) {
        fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            format!("months_per_period is {months}, not a number from 1 to 1200"),
            "Give 1 for contracts that are renewed each month, 12 for each year.",
        )
    }
    if ended.is_some_and(|ended| ended < began) {
        fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            "a contract ended before it began",
            "Give the first day without the contract as ended, or NULL while it runs.",
        )
    }
    if began > as_of {
        return None;
    }
    let ended = ended.filter(|&ended| ended <= as_of);
    let ((year, month, day), (to_year, to_month, to_day)) =
        (year_month_day(began), year_month_day(ended.unwrap_or(as_of)));
    let lived = (to_year - year) * 12 + to_month - month;
    Some(match ended {
        // periods begun, the first of which was no renewal
        Some(_) => (((lived + i32::from(to_day > day)).max(1) + months - 1) / months - 1, false),
        None => ((lived - i32::from(to_day < day)) / months, true),
    })
}

/// Arguments from `at`: began, ended, as_of, months_per_period. None where one but `ended` is NULL.
fn contract(call: &Call, at: usize) -> Option<(i32, bool)> {
    if [0, 2, 3].into_iter().any(|i| call.is_null(at + i)) {
        return None;
    }
    let day = |i: usize| finite_day(call.int4(at + i));
    let ended = (!call.is_null(at + 1)).then(|| day(1));
    renewals(day(0), ended, day(2), call.int4(at + 3))
}

sql_function! {
    /// (began, ended, as_of, months_per_period): how often a contract was renewed.
    fn contract_renewals(call) contract(call, 0).map(|(made, _)| made.into_datum())
}
sql_function! {
    /// (state, began, ended, as_of, months_per_period): adds a contract.
    fn fit_contracts_add_days(call) {
        let family = |_| Choice::Family(Family::ShiftedBetaGeometric);
        add_customer(call, family, contract(call, 1).map(|(made, runs)| (contract_of(made, runs), 1.0)))
    }
}

/// A contract as its model sees it: renewals made, and one more due where it was refused.
fn contract_of(made: i32, runs: bool) -> Customer {
    let made = f64::from(made);
    Customer { repeats: made, span: made, age: if runs { made } else { made + 1.0 } }
}

sql_function! {
    /// (state): the model; NULL without customers.
    fn fit_purchases_finish(call) {
        let state = call.state::<State<Purchases, Choice>>(0)?;
        let customers = canonical(state.observations.as_mut_slice(), &mut poll);
        state.whole.fit(customers, &mut poll).or_fail().map(|fit| Model::from(fit).pack())
    }
}

sql_function! {
    /// (state, history, as_of): adds a customer.
    fn fit_spend_add_history(call) {
        let day = as_of(call);
        let (state, datum, context) = state::<Spend, Takings>(call, Takings::default);
        if call.is_null(1) {
            return Some(datum);
        }
        let history = History::new(call.bytes(1));
        let totals = history.totals(Some(day));
        state.whole.add(&history, &totals).or_fail();
        let value = measures::repeat_purchase_value(&history, &totals);
        if let (Some(value), Some(repeats)) = (value, measures::repeat_purchases(&totals)) {
            add_spend(state, repeats as f64, value, 1.0, context);
        }
        Some(datum)
    }
}

fn add_spend<W: Copy>(
    state: &mut State<Spend, W>,
    repeats: f64,
    value: f64,
    weight: f64,
    context: MemoryContext,
) {
    match Spend::new(repeats, value, weight) {
        Ok(Some(spend)) => state.observations.push(spend, context),
        Ok(None) => {}
        Err(error) => no_customer(error),
    }
}

sql_function! {
    /// (state, repeat_purchases, repeat_purchase_value [, weight]): adds a customer.
    fn fit_spend_add(call) {
        let (state, datum, context) = state::<Spend, Takings>(call, Takings::default);
        if !any_null(call, 1..4) {
            add_spend(state, call.float8(1), call.float8(2), weight(call, 3), context);
        }
        Some(datum)
    }
}
sql_function! {
    /// (state): the model; NULL without customers who bought again.
    fn fit_spend_finish(call) {
        let state = call.state::<State<Spend, Takings>>(0)?;
        let customers = canonical(state.observations.as_mut_slice(), &mut poll);
        let estimate = fit_spend(customers, &mut poll).or_fail()?;
        let refund_share = state.whole.refund_share().map_or(0.0, |share| share.min(1.0));
        Some(Model { estimate, refund_share, correlation: correlation(customers) }.pack())
    }
}

/// What is one for all observations, on its way between processes of one server.
trait Whole: Copy {
    /// As bytes.
    fn save(&self) -> Vec<u8>;
    /// From these bytes.
    fn load(bytes: &[u8]) -> Self;
    /// Both of two workers.
    fn join(&mut self, other: &Self);
}

impl Whole for Choice {
    fn save(&self) -> Vec<u8> {
        let place = Family::ALL.iter().position(|&family| *self == Choice::Family(family));
        vec![place.map_or(u8::MAX, |place| place as u8)]
    }

    fn load(bytes: &[u8]) -> Self {
        let family = bytes.first().and_then(|&place| Family::ALL.get(usize::from(place)));
        family.map_or(Choice::Auto, |&family| Choice::Family(family))
    }

    fn join(&mut self, other: &Self) {
        if self != other {
            mixed_families();
        }
    }
}

impl Whole for Takings {
    fn save(&self) -> Vec<u8> {
        self.to_bytes().to_vec()
    }

    fn load(bytes: &[u8]) -> Self {
        Takings::from_bytes(bytes)
    }

    fn join(&mut self, other: &Self) {
        self.join(other).or_fail();
    }
}

/// (state, state): both customers.
fn combine<T: Raw, W: Whole>(call: &Call) -> Option<Datum> {
    let Some(other) = call.state::<State<T, W>>(1) else {
        return (!call.is_null(0)).then(|| call.datum(0));
    };
    let whole = other.whole;
    let is_new = call.is_null(0);
    let (state, datum, context) = state::<T, W>(call, || whole);
    if !is_new {
        Whole::join(&mut state.whole, &whole);
    }
    state.observations.extend(other.observations.raw(), context);
    Some(datum)
}

/// (state): as bytes.
fn serialize<T: Raw, W: Whole>(call: &Call) -> Option<Datum> {
    let state = call.state::<State<T, W>>(0)?;
    let (whole, rest) = (state.whole.save(), state.observations.raw());
    Some(varlena::build(whole.len() + rest.len(), |out| {
        out[..whole.len()].copy_from_slice(&whole);
        out[whole.len()..].copy_from_slice(rest);
    }))
}

/// (bytes, internal): a state that lives as long as the row it came in, to be combined with another.
fn deserialize<T: Raw, W: Whole>(call: &Call) -> Option<Datum> {
    let context = memory::current_context();
    let bytes = call.bytes(0);
    let whole = W::load(bytes);
    let mut observations = Array::EMPTY;
    observations.extend(bytes.get(whole.save().len()..).unwrap_or(&[]), context);
    Some(memory::new_state(State::<T, W> { observations, whole }, context))
}

sql_function! {
    /// Two states of `fit_purchase_model` to one.
    fn fit_purchases_combine(call) combine::<Purchases, Choice>(call)
}
sql_function! {
    /// A state of `fit_purchase_model` to bytes.
    fn fit_purchases_serialize(call) serialize::<Purchases, Choice>(call)
}
sql_function! {
    /// Bytes to a state of `fit_purchase_model`.
    fn fit_purchases_deserialize(call) deserialize::<Purchases, Choice>(call)
}
sql_function! {
    /// Two states of `fit_spend_model` to one.
    fn fit_spend_combine(call) combine::<Spend, Takings>(call)
}
sql_function! {
    /// A state of `fit_spend_model` to bytes.
    fn fit_spend_serialize(call) serialize::<Spend, Takings>(call)
}
sql_function! {
    /// Bytes to a state of `fit_spend_model`.
    fn fit_spend_deserialize(call) deserialize::<Spend, Takings>(call)
}
