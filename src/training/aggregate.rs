//! The aggregates over a population: `rfm_cuts` for anyone, `rfm_training` for segmentations.

use super::cuts::{CutsText, MeasureName, SplitName};
use crate::server::call::{Call, IntoDatum, sql_function};
use crate::server::clock::{day_text, finite_day};
use crate::server::error::{Code, OrFail, fail, json_reason, poll};
use crate::server::memory::{self, Array};
use crate::server::varlena;
use btyd::cuts::{BINS, MonetaryMeasure};
use btyd::history::History;
use btyd::population::{Measured, Plan, Population, Trained};
use pgrx::pg_sys::Datum;
use serde::{Deserialize, Serialize};

/// How a segmentation is trained, as `view` writes it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Spec {
    /// Number of bins of each axis.
    pub bins: u8,
    /// How an axis is split.
    pub split: SplitName,
    /// What the monetary axis measures.
    pub monetary_measure: MeasureName,
    /// Cuts given by hand, for recency, frequency, monetary.
    pub given: [Option<Vec<f64>>; 3],
}

/// The state of either aggregate.
#[derive(Clone, Copy)]
struct State {
    population: Population,
    measured: Array<Measured>,
    /// None: as of the last purchase of all.
    as_of: Option<i32>,
    measure: MonetaryMeasure,
    bins: u8,
    /// The plan of `rfm_training` as JSON; empty for `rfm_cuts`.
    plan: &'static [u8],
}

/// Adds the history of argument 1; a row without one is no customer.
fn add(call: &Call, as_of: Option<i32>, bins: u8, plan: &[u8]) -> Option<Datum> {
    let known = call.state::<State>(0).map(|state| (state.as_of, state.bins));
    if known.is_some_and(|known| known != (as_of, bins)) {
        fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            "as_of and bins must be the same for all customers",
            "Give constants, for example rfm_cuts(history, DATE '2026-01-01', 5).",
        );
    }
    let context = memory::aggregate_context(call);
    let datum = match call.is_null(0) {
        false => call.datum(0),
        true => {
            let measure = match plan {
                [] => MonetaryMeasure::default(),
                plan => spec(plan).monetary_measure.into(),
            };
            let (population, measured) = (Population::default(), Array::EMPTY);
            let plan = memory::keep(plan, context);
            memory::new_state(State { population, measured, as_of, measure, bins, plan }, context)
        }
    };
    if !call.is_null(1) {
        let state = memory::state::<State>(datum);
        let history = History::new(call.bytes(1));
        let measured = state.population.add(&history, as_of, state.measure).or_fail();
        if let Some(measured) = measured {
            state.measured.push(measured, context);
        }
    }
    Some(datum)
}

fn train(state: &State, plan: &Plan) -> (i32, Option<Trained>) {
    let measured = state.measured.as_slice();
    let as_of = state.as_of.unwrap_or(state.population.last_purchase);
    let scratch = memory::doubles(measured.len());
    let trained = state.population.train(measured, plan, as_of, scratch, &mut poll).or_fail();
    memory::free(scratch);
    (as_of, trained)
}

sql_function! {
    /// (state, history, as_of [, bins]): adds a customer, for `rfm_cuts`.
    fn rfm_cuts_add(call) {
        let bins = if call.count() > 3 && !call.is_null(3) { call.int4(3) } else { 5 };
        let Some(bins) = u8::try_from(bins).ok().filter(|bins| BINS.contains(bins)) else {
            fail(
                Code::ERRCODE_INVALID_PARAMETER_VALUE,
                format!("{bins} is no number of bins"),
                "Bins are 2 to 10.",
            )
        };
        if call.is_null(2) {
            fail(
                Code::ERRCODE_NULL_VALUE_NOT_ALLOWED,
                "as_of must not be NULL",
                "Give the day as of which customers are compared, for example current_date.",
            );
        }
        add(call, Some(finite_day(call.int4(2))), bins, &[])
    }
}

sql_function! {
    /// (state): the cuts; NULL without customers with purchases.
    fn rfm_cuts_finish(call) {
        let state = call.state::<State>(0)?;
        let plan = Plan { bins: state.bins, ..Plan::default() };
        train(state, &plan).1.map(|trained| varlena::from_bytes(&trained.cuts.pack()))
    }
}

fn spec(plan: &[u8]) -> Spec {
    let malformed = |why: &str| -> ! {
        fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            format!("the training plan is malformed: {why}"),
            "rfm_training is called by train_segmentation; use rfm_cuts in your own queries.",
        )
    };
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
        add(call, as_of, 0, call.bytes(3))
    }
}

/// What a training found, as `view` reads it.
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
    /// Refunds.
    pub refunds: u64,
    /// Net revenue.
    pub revenue: Option<String>,
}

sql_function! {
    /// (state): the report of the training as JSON; NULL without rows.
    fn rfm_training_finish(call) {
        let state = call.state::<State>(0)?;
        let spec = spec(state.plan);
        let plan = Plan {
            bins: spec.bins,
            split: spec.split.into(),
            monetary_measure: spec.monetary_measure.into(),
            given: spec.given,
        };
        let (as_of, trained) = train(state, &plan);
        let population = &state.population;
        let day = |day| (population.purchasers > 0).then(|| day_text(day));
        let (cuts, counts) = match trained {
            Some(trained) => (Some(trained.cuts.into()), trained.counts),
            None => (None, [None, None, None]),
        };
        let report = Report {
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
            revenue: population.revenue().map(|revenue| revenue.to_string()),
        };
        Some(serde_json::to_string(&report).unwrap_or_default().as_str().into_datum())
    }
}
