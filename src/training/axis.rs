//! The aggregates that train the axes of matrices: values of a population in, percentiles and cuts out.

use crate::server::array::Doubles;
use crate::server::call::{Call, IntoDatum, sql_function};
use crate::server::clock::finite_day;
use crate::server::error::{Code, fail, poll};
use crate::server::memory::{self, Array};
use btyd::axis::{self, Split};
use btyd::history::History;
use btyd::stages::{gaps, percentile_of_counts};
use btyd::value::PERCENTILES;
use pgrx::pg_sys::Datum;
use serde::{Deserialize, Serialize};

/// What is known of an axis, as `view` reads it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct AxisReport {
    /// Customers with a value.
    pub customers: i64,
    /// Their mean.
    pub mean: Option<f64>,
    /// The percentiles 0 to 100.
    pub percentiles: Option<Vec<f64>>,
    /// The cuts.
    pub cuts: Option<Vec<f64>>,
}

impl AxisReport {
    fn datum(&self) -> Option<Datum> {
        Some(serde_json::to_string(self).unwrap_or_default().as_str().into_datum())
    }
}

/// The values of an axis.
#[derive(Clone, Copy)]
struct Values {
    values: Array<f64>,
    split: Split,
    numbers: [f64; 9],
    cuts: usize,
}

fn malformed() -> ! {
    fail(
        Code::ERRCODE_INVALID_PARAMETER_VALUE,
        "an axis is split by median, mean, quantile, given or contribution, with up to 9 numbers",
        "train_axis is called by train_segmentation; use percentile_cont in your own queries.",
    )
}

fn new_values(call: &Call) -> Values {
    let split = if call.is_null(2) { None } else { Split::named(call.text(2)) };
    let Some(split) = split else { malformed() };
    let mut numbers = [0.0; 9];
    let given = if call.is_null(3) { None } else { Doubles::plain(call, 3) };
    let cuts = given.map_or(0, |given| given.len());
    if cuts > numbers.len() || split.takes_numbers() != (cuts > 0) {
        malformed()
    }
    given.into_iter().flat_map(Doubles::iter).zip(&mut numbers).for_each(|(n, slot)| *slot = n);
    Values { values: Array::EMPTY, split, numbers, cuts }
}

sql_function! {
    /// (state, value, split, cuts): adds a value; NULL and what is not finite is none.
    fn train_axis_add(call) {
        let context = memory::aggregate_context(call);
        let datum = memory::state_or_new(call, context, || new_values(call));
        if !call.is_null(1) && call.float8(1).is_finite() {
            memory::state::<Values>(datum).values.push(call.float8(1), context);
        }
        Some(datum)
    }
}

sql_function! {
    /// (state): what is known, as JSON.
    fn train_axis_finish(call) {
        let state = call.state::<Values>(0)?;
        let numbers = &state.numbers[..state.cuts];
        let trained = axis::train(state.values.as_mut_slice(), state.split, numbers, &mut poll);
        let report = AxisReport {
            customers: trained.customers as i64,
            mean: trained.mean,
            percentiles: trained.percentiles,
            cuts: trained.cuts,
        };
        report.datum()
    }
}

sql_function! {
    /// (state, history, as_of): counts the gaps between the purchase days of a customer.
    fn train_gaps_add(call) {
        let context = memory::aggregate_context(call);
        let datum = memory::state_or_new(call, context, || Array::<u64>::EMPTY);
        if !call.is_null(1) && !call.is_null(2) {
            let counts = memory::state::<Array<u64>>(datum);
            gaps(&History::new(call.bytes(1)), finite_day(call.int4(2)), |gap| {
                while counts.as_slice().len() <= gap {
                    counts.push(0, context);
                }
                counts.as_mut_slice()[gap] += 1;
            });
        }
        Some(datum)
    }
}

sql_function! {
    /// (state): what is known, as JSON.
    fn train_gaps_finish(call) {
        let counts = call.state::<Array<u64>>(0)?.as_slice();
        let total: u64 = counts.iter().sum();
        let sum: f64 = counts.iter().enumerate().map(|(gap, count)| gap as f64 * *count as f64).sum();
        let percentile = |k: usize| percentile_of_counts(counts, k as f64 / (PERCENTILES - 1) as f64);
        let report = AxisReport {
            customers: total as i64,
            mean: (total > 0).then(|| sum / total as f64),
            percentiles: (0..PERCENTILES).map(percentile).collect(),
            cuts: None,
        };
        report.datum()
    }
}
