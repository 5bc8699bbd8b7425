//! The aggregates over a population: `rfm_cuts` for anyone, `rfm_training` for segmentations.

use super::cuts::{CutsText, MeasureName, SplitName, TiesName};
use super::model::{Model, model_text};
use crate::server::aggregate;
use crate::server::call::{Call, sql_function};
use crate::server::clock::{day_text, finite_day};
use crate::server::datum::IntoDatum;
use crate::server::error::{Code, OrFail, fail, json_reason, poll};
use crate::server::memory::{self, Array};
use crate::server::varlena;
use btyd::cuts::{BINS, MonetaryMeasure};
use btyd::facts::Facts;
use btyd::fit::{Choice, Purchases, Spend};
use btyd::history::History;
use btyd::history::Totals;
use btyd::measures;
use btyd::models::Customer;
use btyd::population::{Measured, Plan, Population, Takings, Ties, Trained};
use btyd::refunds::Netted;
use btyd::value::{self, Buyer, Room, Terms, TrainedValue};
use pgrx::pg_sys::Datum;
use serde::{Deserialize, Serialize};

/// How a segmentation is trained, as crate `segmentation` writes it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Spec {
    /// Number of bins of each axis.
    pub bins: u8,
    /// How an axis is split.
    pub split: SplitName,
    /// What quantiles do where many customers have the same value.
    #[serde(default)]
    pub ties: TiesName,
    /// What the monetary axis measures.
    pub monetary_measure: MeasureName,
    /// Cuts given by hand, for recency, frequency, monetary.
    pub given: [Option<Vec<f64>>; 3],
    /// Whether refunds undo purchases, or stand apart.
    #[serde(default)]
    pub net_refunds: bool,
    /// How lifetime values are computed; None if they are not.
    #[serde(default)]
    pub value: Option<ValueSpec>,
}

/// How lifetime values are computed, with a margin of 1.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ValueSpec {
    /// The family, or auto.
    pub family: String,
    /// Days ahead.
    pub horizon_days: f64,
    /// Discount rate a year.
    pub discount_rate: f64,
    /// Days after which purchases are counted together; 0 for none.
    pub step_days: f64,
}

/// The state of either aggregate.
#[derive(Clone, Copy)]
struct State {
    population: Population,
    measured: Array<Measured>,
    /// None: as of the last purchase of all.
    as_of: Option<i32>,
    measure: MonetaryMeasure,
    /// How `rfm_cuts` is to cut: number of bins, and what quantiles do.
    cut: (u8, Ties),
    /// What lifetime values are trained on, if they are.
    buyers: Option<Array<Buyer>>,
    takings: Takings,
    net_refunds: bool,
    /// Refunds that found no purchase, where refunds undo purchases.
    unmatched: u64,
    facts: Facts,
    /// The plan of `rfm_training` as JSON; empty for `rfm_cuts`.
    plan: &'static [u8],
}

/// Adds the history of argument 1; a row without one is no customer.
fn add(call: &Call, as_of: Option<i32>, cut: (u8, Ties), plan: &[u8]) -> Option<Datum> {
    let known = call.state::<State>(0).map(|state| (state.as_of, state.cut));
    if known.is_some_and(|known| known != (as_of, cut)) {
        fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            "as_of, bins and ties must be the same for all customers",
            "Give constants, for example rfm_cuts(history, DATE '2026-01-01', 5).",
        );
    }
    let context = aggregate::aggregate_context(call);
    let datum = match call.is_null(0) {
        false => call.datum(0),
        true => {
            let spec = if plan.is_empty() { Spec::default() } else { spec(plan) };
            let state = State {
                population: Population::default(),
                measured: Array::EMPTY,
                as_of,
                measure: spec.monetary_measure.into(),
                cut,
                buyers: spec.value.map(|_| Array::EMPTY),
                takings: Takings::default(),
                net_refunds: spec.net_refunds,
                unmatched: 0,
                facts: Facts::default(),
                plan: memory::keep(plan, context),
            };
            memory::new_state(state, context)
        }
    };
    if !call.is_null(1) {
        let state = memory::state::<State>(datum);
        let whole = History::new(call.bytes(1));
        state.population.count(&whole, as_of);
        let netted = match state.net_refunds {
            true => Netted::of(&whole, as_of, &mut poll).or_fail(),
            false => None,
        };
        let packed = netted.map(|netted| netted.pack(&mut poll).or_fail());
        let history = packed.as_deref().map_or(whole, History::new);
        let totals = history.totals(as_of);
        if state.net_refunds {
            state.unmatched = state.unmatched.saturating_add(totals.refund_count);
        }
        let measured = state.population.add(&history, &totals, state.measure).or_fail();
        if let Some(measured) = measured {
            state.measured.push(measured, context);
        }
        state.takings.add(&history, &totals).or_fail();
        state.facts.add(&whole, &whole.totals(as_of), &totals).or_fail();
        if let Some(buyers) = &mut state.buyers {
            let buyer = buyer(&history, &totals);
            buyer.into_iter().for_each(|buyer| buyers.push(buyer, context));
        }
    }
    Some(datum)
}

/// What training keeps of a customer for lifetime values; None without purchases.
fn buyer(history: &History<'_>, totals: &Totals) -> Option<Buyer> {
    let days = |days: i64| u32::try_from(days).unwrap_or(u32::MAX);
    Some(Buyer {
        mean: measures::repeat_purchase_value(history, totals).unwrap_or(-1.0),
        repeats: days(measures::repeat_purchases(totals)?),
        span: days(measures::purchase_span(totals)?),
        first: totals.first_purchase,
    })
}

/// Where the fits of a training ended at a bound, and which of them did not reach a maximum.
fn trouble(models: Option<&(Model, Option<Model>)>) -> (Vec<Boundary>, Vec<String>) {
    let of = models.into_iter().flat_map(|(purchases, spend)| [Some(purchases), spend.as_ref()]);
    let estimates: Vec<_> = of.flatten().map(|model| model.estimate).collect();
    let lost = estimates.iter().filter(|one| one.fitted.is_some_and(|fitted| !fitted.converged));
    let at_bounds = estimates.iter().flat_map(|one| {
        one.boundaries()
            .map(|meaning| Boundary { family: one.family.name().into(), meaning: meaning.into() })
    });
    (at_bounds.collect(), lost.map(|one| one.family.name().to_owned()).collect())
}

/// Models and the distribution of lifetime values; None where they are not wanted or there is nobody.
fn train_value(state: &State, spec: &Spec, as_of: i32) -> Option<(TrainedValue, f64)> {
    let (wanted, buyers) = spec.value.as_ref().zip(state.buyers.as_ref())?;
    let Some(choice) = Choice::named(&wanted.family) else {
        malformed("there is no such family of models")
    };
    let buyers = buyers.as_slice();
    let nobody = Purchases::new(&Customer::NEW, 0.0).or_fail();
    let nothing = Spend { value: 0.0, weight: 0.0, repeats: 0 };
    let room = Room {
        purchases: memory::filled(nobody, buyers.len()),
        spend: memory::filled(nothing, buyers.len()),
        values: memory::filled(0.0, buyers.len()),
    };
    let terms = Terms {
        horizon: wanted.horizon_days,
        annual_rate: wanted.discount_rate,
        step: wanted.step_days,
        margin: 1.0,
    };
    let refund_share = refund_share(state).map_or(0.0, |share| share.min(1.0));
    let trained = value::train(buyers, as_of, choice, refund_share, &terms, room, &mut poll);
    trained.or_fail().map(|trained| (trained, refund_share))
}

/// Refunds as a share of the gross amount; None where they undo purchases, and nothing is to be taken off twice.
fn refund_share(state: &State) -> Option<f64> {
    if state.net_refunds { None } else { state.takings.refund_share() }
}

fn train(state: &State, plan: &Plan) -> (i32, Option<Trained>) {
    let measured = state.measured.as_slice();
    let as_of = state.as_of.unwrap_or(state.population.last_purchase);
    let scratch = memory::filled(0.0, measured.len());
    let trained = state.population.train(measured, plan, as_of, scratch, &mut poll).or_fail();
    memory::free(scratch);
    (as_of, trained)
}

sql_function! {
    /// (state, history, as_of [, bins [, ties]]): adds a customer, for `rfm_cuts`.
    fn rfm_cuts_add(call) {
        let bins = if call.count() > 3 && !call.is_null(3) { call.int4(3) } else { 5 };
        let Some(bins) = u8::try_from(bins).ok().filter(|bins| BINS.contains(bins)) else {
            fail(
                Code::ERRCODE_INVALID_PARAMETER_VALUE,
                format!("{bins} is not a valid number of bins"),
                "Give a number of bins from 2 to 10.",
            )
        };
        let ties = (call.count() > 4 && !call.is_null(4)).then(|| call.text(4));
        let ties = match ties {
            None | Some("quantile") => Ties::Quantile,
            Some("spread") => Ties::Spread,
            Some(other) => fail(
                Code::ERRCODE_INVALID_PARAMETER_VALUE,
                format!("\"{other}\" does not say what becomes of ties"),
                "Give 'quantile' or 'spread'.",
            ),
        };
        if call.is_null(2) {
            fail(
                Code::ERRCODE_NULL_VALUE_NOT_ALLOWED,
                "argument \"as_of\" must not be null",
                "Give the day as of which customers are compared, for example current_date.",
            );
        }
        add(call, Some(finite_day(call.int4(2))), (bins, ties), &[])
    }
}

sql_function! {
    /// (state): the cuts; NULL without customers with purchases.
    fn rfm_cuts_finish(call) {
        let state = call.state::<State>(0)?;
        let (bins, ties) = state.cut;
        let plan = Plan { bins, ties, ..Plan::default() };
        train(state, &plan).1.map(|trained| varlena::from_bytes(&trained.cuts.pack()))
    }
}

fn malformed(why: &str) -> ! {
    fail(
        Code::ERRCODE_INVALID_PARAMETER_VALUE,
        format!("the training plan is malformed: {why}"),
        "rfm_training is called by train_segmentation; use rfm_cuts in your own queries.",
    )
}

fn spec(plan: &[u8]) -> Spec {
    let spec: Spec = match serde_json::from_slice(plan) {
        Ok(spec) => spec,
        Err(error) => malformed(&json_reason(&error)),
    };
    let cuts = usize::from(spec.bins).saturating_sub(1);
    if !BINS.contains(&spec.bins) || (spec.split == SplitName::Mean && spec.bins != 2) {
        malformed("bins are 2 to 10, or 2 where they are split at the mean");
    }
    if spec.given.iter().flatten().any(|given| given.len() != cuts || !given.is_sorted()) {
        malformed("n bins need n - 1 rising cuts");
    }
    spec
}

sql_function! {
    /// (state, history, as_of, plan): adds a customer, for `rfm_training`.
    fn rfm_training_add(call) {
        let as_of = (!call.is_null(2)).then(|| finite_day(call.int4(2)));
        if call.is_null(3) {
            spec(b"null");
        }
        add(call, as_of, (0, Ties::default()), call.bytes(3))
    }
}

/// What a training found, as `manage` reads it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Report {
    /// Cuts; None without customers with purchases.
    pub cuts: Option<CutsText>,
    /// Customers by score from 1 up, for recency, frequency, monetary.
    pub counts: [Option<Vec<u64>>; 3],
    /// The day the training is as of.
    pub as_of: Option<String>,
    /// First and last purchase day.
    pub first_purchase: Option<String>,
    /// See `first_purchase`.
    pub last_purchase: Option<String>,
    /// First purchase day of all, also after as_of.
    pub first_ever: Option<String>,
    /// Orders and refunds of all days, also after as_of.
    pub rows: u64,
    /// Customers, with or without purchases.
    pub customers: u64,
    /// Customers with purchases.
    pub purchasers: u64,
    /// Orders.
    pub orders: u64,
    /// Refunds, of whatever.
    pub refunds: u64,
    /// Refunds that found no purchase, where refunds undo purchases.
    #[serde(default)]
    pub unmatched_refunds: u64,
    /// Their amount; None without amounts, or where refunds stand apart.
    #[serde(default)]
    pub unmatched_amount: Option<String>,
    /// Refunds as a share of the gross amount, which may exceed 1; None where refunds undo purchases, or nothing was
    /// paid.
    #[serde(default)]
    pub refund_share: Option<f64>,
    /// Net revenue.
    pub revenue: Option<String>,
    /// Gross amount of the orders.
    #[serde(default)]
    pub gross: Option<String>,
    /// How customers buy, as text of its type.
    #[serde(default)]
    pub purchase_model: Option<String>,
    /// What they spend, as text of its type.
    #[serde(default)]
    pub spend_model: Option<String>,
    /// Correlation of number and value of repeat purchases.
    #[serde(default)]
    pub frequency_correlation: Option<f64>,
    /// The percentiles 0 to 100 of lifetime values with a margin of 1.
    #[serde(default)]
    pub clv_percentiles: Option<Vec<f64>>,
    /// Where the fits ended at a bound.
    #[serde(default)]
    pub boundaries: Vec<Boundary>,
    /// Families whose fit did not reach a maximum.
    #[serde(default)]
    pub lost_fits: Vec<String>,
    /// Customers whose repeat purchases have a mean above 0; 0 where no models were asked for.
    #[serde(default)]
    pub spenders: u64,
    /// Customers whom the model takes to be alive, where these are nearly all.
    #[serde(default)]
    pub alive: Option<u64>,
    /// The value that most customers share, and how many these are, for recency, frequency, monetary.
    #[serde(default)]
    pub common: [Option<(f64, u64)>; 3],
    /// Purchase days of all customers.
    #[serde(default)]
    pub purchase_days: u64,
    /// Customers who bought on more than one day.
    #[serde(default)]
    pub repeaters: u64,
    /// Customers with an order or a refund.
    #[serde(default)]
    pub seen: u64,
    /// Those of them who begin with a refund.
    #[serde(default)]
    pub refund_first: u64,
    /// Last purchase day of all, also after as_of.
    #[serde(default)]
    pub last_ever: Option<String>,
    /// Orders after as_of.
    #[serde(default)]
    pub later_orders: u64,
    /// Refunds after as_of.
    #[serde(default)]
    pub later_refunds: u64,
    /// Net amount of both.
    #[serde(default)]
    pub later_amount: Option<String>,
}

/// A bound at which a fit ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Boundary {
    /// The family that was fitted.
    pub family: String,
    /// Which bound it is, and what it means.
    pub meaning: String,
}

sql_function! {
    /// (state): the report of the training as JSON; NULL without rows.
    fn rfm_training_finish(call) {
        let state = call.state::<State>(0)?;
        let spec = spec(state.plan);
        let plan = Plan {
            bins: spec.bins,
            split: spec.split.into(),
            ties: spec.ties.into(),
            monetary_measure: spec.monetary_measure.into(),
            given: spec.given.clone(),
        };
        let (as_of, trained) = train(state, &plan);
        let valued = if trained.is_some() { train_value(state, &spec, as_of) } else { None };
        let population = &state.population;
        let day = |day| (population.purchasers > 0).then(|| day_text(day));
        let (cuts, counts, common) = match trained {
            Some(trained) => (Some(trained.cuts.into()), trained.counts, trained.common),
            None => (None, [None, None, None], [None; 3]),
        };
        let models = valued.map(|(valued, refund_share)| {
            let spend = valued.spend.map(|(estimate, correlation)| {
                Model { estimate, refund_share, correlation }
            });
            (Model::from(valued.purchases), spend)
        });
        let spend = models.and_then(|(_, spend)| spend);
        let (boundaries, lost_fits) = trouble(models.as_ref());
        let buyers = state.buyers.as_ref().map_or(&[][..], Array::as_slice);
        let facts = &state.facts;
        let report = Report {
            boundaries,
            lost_fits,
            spenders: buyers.iter().filter(|buyer| buyer.mean > 0.0).count() as u64,
            alive: valued.and_then(|(valued, _)| valued.alive),
            common,
            purchase_days: facts.purchase_days,
            repeaters: facts.repeaters,
            seen: facts.seen,
            refund_first: facts.refund_first,
            last_ever: (facts.last_ever != i32::MIN).then(|| day_text(facts.last_ever)),
            later_orders: facts.later_orders,
            later_refunds: facts.later_refunds,
            later_amount: population.revenue().map(|_| facts.later_amount().to_string()),
            purchase_model: models.map(|(model, _)| model_text(&model)),
            spend_model: spend.map(|model| model_text(&model)),
            frequency_correlation: spend.map(|model| model.correlation).filter(|c| c.is_finite()),
            clv_percentiles: valued.and_then(|(valued, _)| valued.percentiles).map(Vec::from),
            cuts,
            counts,
            as_of: day(as_of),
            first_purchase: day(population.first_purchase),
            last_purchase: day(population.last_purchase),
            first_ever: (population.first_ever != i32::MAX).then(|| day_text(population.first_ever)),
            rows: population.rows,
            customers: population.customers,
            purchasers: population.purchasers,
            orders: population.orders,
            refunds: population.refunds,
            unmatched_refunds: state.unmatched,
            unmatched_amount: population
                .revenue()
                .filter(|_| state.net_refunds)
                .map(|_| state.takings.refunds().to_string()),
            refund_share: refund_share(state),
            revenue: population.revenue().map(|revenue| revenue.to_string()),
            gross: population.revenue().map(|_| state.takings.gross().to_string()),
        };
        Some(serde_json::to_string(&report).unwrap_or_default().as_str().into_datum())
    }
}
