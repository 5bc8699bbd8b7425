//! The aggregates that train the axes of matrices: values of a population in, percentiles and cuts out.

use crate::server::aggregate;
use crate::server::call::sql_function;
use crate::server::clock::finite_day;
use crate::server::datum::IntoDatum;
use crate::server::error::{Code, OrFail, fail, poll};
use crate::server::memory::{self, Array};
use crate::server::varlena;
use btyd::axis::{self, Split};
use btyd::history::History;
use btyd::stability;
use btyd::stages::{gaps, percentile_of_counts};
use btyd::trained::axes::{TrainedAxis, check, pack};
use btyd::value::PERCENTILES;
use pgrx::pg_sys::Datum;
use serde::{Deserialize, Serialize};

/// What was found of an axis, as a training reads it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct AxisReport {
    /// Customers with a value.
    pub customers: i64,
    /// Their mean.
    pub mean: Option<f64>,
    /// The percentiles 0 to 100.
    pub percentiles: Option<Vec<f64>>,
    /// The cuts of each split.
    pub cuts: Option<Vec<Vec<f64>>>,
    /// The value that most customers share, and how many these are.
    #[serde(default)]
    pub common: Option<(f64, u64)>,
    /// How many are in each tenth, as far as these differ.
    #[serde(default)]
    pub tenths: Option<Vec<u64>>,
}

impl AxisReport {
    fn datum(&self) -> Option<Datum> {
        Some(serde_json::to_string(self).unwrap_or_default().as_str().into_datum())
    }

    /// What [`train_axis_finish`] and its like gave; nothing for NULL.
    pub fn read(text: Option<&str>) -> AxisReport {
        text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    /// The axis as a training keeps it.
    pub fn named(&self, axis: &str) -> TrainedAxis {
        TrainedAxis {
            axis: axis.into(),
            customers: self.customers,
            mean: self.mean,
            percentiles: self.percentiles.clone(),
        }
    }
}

/// The values of an axis, and how it is split.
#[derive(Clone, Copy)]
struct Values {
    values: Array<f64>,
    splits: &'static [u8],
}

fn malformed() -> ! {
    fail(
        Code::ERRCODE_INVALID_PARAMETER_VALUE,
        "an axis is split by median, mean, quantile, given or contribution, with up to 9 numbers",
        "train_axis is called by train_segmentation; use percentile_cont in your own queries.",
    )
}

/// The splits of a text such as `mean, contribution 0.8 0.95`.
fn splits(text: &[u8]) -> Vec<(Split, Vec<f64>)> {
    let read = |split: &str| {
        let mut words = split.split_ascii_whitespace();
        let split = Split::named(words.next()?)?;
        let numbers: Vec<f64> = words.map(|word| word.parse().ok()).collect::<Option<_>>()?;
        (split.takes_numbers() == (1..=9).contains(&numbers.len())).then_some((split, numbers))
    };
    let text = std::str::from_utf8(text).unwrap_or_default();
    let all = text.split(',').filter(|split| !split.is_empty());
    all.map(|split| read(split).unwrap_or_else(|| malformed())).collect()
}

sql_function! {
    /// (state, value, splits): adds a value; NULL and what is not finite is none.
    fn train_axis_add(call) {
        let context = aggregate::aggregate_context(call);
        let datum = aggregate::state_or_new(call, context, || {
            let text = if call.is_null(2) { malformed() } else { call.bytes(2) };
            splits(text);
            Values { values: Array::EMPTY, splits: memory::keep(text, context) }
        });
        if !call.is_null(1) && call.float8(1).is_finite() {
            memory::state::<Values>(datum).values.push(call.float8(1), context);
        }
        Some(datum)
    }
}

sql_function! {
    /// (state): what was found, as JSON.
    fn train_axis_finish(call) {
        let state = call.state::<Values>(0)?;
        let trained = axis::train(state.values.as_mut_slice(), &splits(state.splits), &mut poll);
        let tenths = trained.percentiles.as_ref();
        let tenths = tenths.map(|percentiles| stability::counts(state.values.as_slice(), percentiles));
        let report = AxisReport {
            customers: trained.customers as i64,
            mean: trained.mean,
            percentiles: trained.percentiles,
            cuts: trained.cuts,
            common: trained.common,
            tenths,
        };
        report.datum()
    }
}

sql_function! {
    /// (names, reports): what was found of axes, packed for a view or for the next pass of a training.
    fn trained_axes(call) {
        let (names, reports) = (call.texts(0), call.texts(1));
        let named = names.iter().zip(&reports);
        let axes: Vec<TrainedAxis> = named
            .map(|(name, report)| AxisReport::read(report.as_deref()).named(name.as_deref().unwrap_or_default()))
            .collect();
        check(&axes).or_fail();
        Some(varlena::from_bytes(&pack(&axes)))
    }
}

sql_function! {
    /// (state, history, as_of): counts the gaps between the purchase days of a customer.
    fn train_gaps_add(call) {
        let context = aggregate::aggregate_context(call);
        let datum = aggregate::state_or_new(call, context, || Array::<u64>::EMPTY);
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
            common: None,
            tenths: None,
        };
        report.datum()
    }
}
