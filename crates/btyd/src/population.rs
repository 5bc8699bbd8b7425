//! Training: one row of measures a customer goes in, cuts and the picture of the population come out.
//!
//! Sums are exact and the rest is read from sorted values, so the order of the customers cannot matter.

use crate::axis::most_common;
use crate::cuts::{Axis, BINS, Cuts, MonetaryMeasure, PackedCuts, Split};
use crate::decimal::{Decimal, POW10, ratio};
use crate::history::{History, Totals};
use crate::{Error, Poll, measures, sort, spread};

/// Digits that the mean of amounts carries beyond theirs before it becomes a double.
const MEAN_DIGITS: u8 = 18;

/// The measures of one customer with purchases.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct Measured {
    frequency: f64,
    monetary: f64,
    last_purchase: i32,
    has_monetary: bool,
}

impl Measured {
    /// What fills memory that no customer has been written to yet.
    pub const UNUSED: Measured =
        Measured { frequency: 0.0, monetary: 0.0, last_purchase: 0, has_monetary: false };
}

/// What quantiles do where many customers have the same value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ties {
    /// They stay where they are, so that bins can be empty.
    #[default]
    Quantile,
    /// They give way, so that no bin is empty; see [`spread`].
    Spread,
}

/// What is trained and how.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// Number of bins of each axis.
    pub bins: u8,
    /// How an axis is split.
    pub split: Split,
    /// What quantiles do where many customers have the same value.
    pub ties: Ties,
    /// What the monetary axis measures.
    pub monetary_measure: MonetaryMeasure,
    /// Cuts given by hand, for recency, frequency, monetary.
    pub given: [Option<Vec<f64>>; 3],
}

/// Sums over the customers seen so far.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct Population {
    monetary: i128,
    revenue: i128,
    /// Customers, with or without purchases.
    pub customers: u64,
    /// Customers with at least one purchase.
    pub purchasers: u64,
    /// Orders, refunds not among them.
    pub orders: u64,
    /// Refunds.
    pub refunds: u64,
    /// Orders and refunds of all days, also after the day of the training.
    pub rows: u64,
    recency: i64,
    /// Customers with a monetary measure.
    with_monetary: u64,
    /// First purchase day of all, also after the day of the training.
    pub first_ever: i32,
    /// First and last purchase day up to the day of the training; meaningless while there are no purchasers.
    pub first_purchase: i32,
    /// See `first_purchase`.
    pub last_purchase: i32,
    monetary_scale: u8,
    revenue_scale: u8,
    has_amounts: bool,
}

impl Default for Population {
    fn default() -> Self {
        Population {
            monetary: 0,
            revenue: 0,
            customers: 0,
            purchasers: 0,
            orders: 0,
            refunds: 0,
            rows: 0,
            recency: 0,
            with_monetary: 0,
            first_ever: i32::MAX,
            first_purchase: i32::MAX,
            last_purchase: i32::MIN,
            monetary_scale: 0,
            revenue_scale: 0,
            has_amounts: false,
        }
    }
}

/// Adds a decimal to a running total of a scale that may have to become finer.
pub fn accumulate(total: &mut i128, scale: &mut u8, value: Decimal) -> Result<(), Error> {
    let finer = (*scale).max(value.scale);
    let at = |mantissa: i128, from: u8| {
        let factor = i128::try_from(POW10[usize::from(finer - from)]).ok()?;
        mantissa.checked_mul(factor)
    };
    let sum = at(*total, *scale).zip(at(value.mantissa, value.scale));
    let sum = sum.and_then(|(a, b)| a.checked_add(b));
    *total = sum.ok_or(Error::OutOfRange)?;
    *scale = finer;
    Ok(())
}

/// Gross amounts and refunds of many customers, exactly.
#[derive(Debug, Clone, Copy, Default)]
#[repr(C)]
pub struct Takings {
    gross: i128,
    refunds: i128,
    gross_scale: u8,
    refunds_scale: u8,
}

impl Takings {
    /// Adds a customer's.
    pub fn add(&mut self, history: &History<'_>, totals: &Totals) -> Result<(), Error> {
        if history.scale().is_none() {
            return Ok(());
        }
        let (gross, refunds) = (history.money(totals.gross, 0)?, history.money(totals.refunds, 0)?);
        accumulate(&mut self.gross, &mut self.gross_scale, gross)?;
        accumulate(&mut self.refunds, &mut self.refunds_scale, refunds)
    }

    /// Adds those of other customers.
    pub fn join(&mut self, other: &Takings) -> Result<(), Error> {
        let of = |mantissa, scale| Decimal { mantissa, scale };
        accumulate(&mut self.gross, &mut self.gross_scale, of(other.gross, other.gross_scale))?;
        let refunds = of(other.refunds, other.refunds_scale);
        accumulate(&mut self.refunds, &mut self.refunds_scale, refunds)
    }

    /// As bytes, for [`Takings::from_bytes`] on the same machine.
    pub fn to_bytes(&self) -> [u8; 34] {
        let mut bytes = [0; 34];
        bytes[..16].copy_from_slice(&self.gross.to_ne_bytes());
        bytes[16..32].copy_from_slice(&self.refunds.to_ne_bytes());
        bytes[32] = self.gross_scale;
        bytes[33] = self.refunds_scale;
        bytes
    }

    /// From what [`Takings::to_bytes`] gave.
    pub fn from_bytes(bytes: &[u8]) -> Takings {
        let number = |from: usize| {
            let bytes = bytes.get(from..from + 16).and_then(|bytes| bytes.try_into().ok());
            i128::from_ne_bytes(bytes.unwrap_or_default())
        };
        let scale = |at: usize| bytes.get(at).copied().unwrap_or(0).min(crate::decimal::MAX_SCALE);
        Takings {
            gross: number(0),
            refunds: number(16),
            gross_scale: scale(32),
            refunds_scale: scale(33),
        }
    }

    /// The gross amount.
    pub fn gross(&self) -> Decimal {
        Decimal { mantissa: self.gross, scale: self.gross_scale }
    }

    /// The refunds, as a magnitude.
    pub fn refunds(&self) -> Decimal {
        Decimal { mantissa: self.refunds, scale: self.refunds_scale }
    }

    /// Refunds as a share of the gross amount, above 1 where they exceed it; None while there is none.
    pub fn refund_share(&self) -> Option<f64> {
        let gross = self.gross().to_f64();
        let share = self.refunds().to_f64() / gross;
        (gross > 0.0 && share.is_finite()).then_some(share)
    }
}

impl Population {
    /// Counts the rows of a customer's history as it is, which may hold purchases that refunds undo.
    pub fn count(&mut self, history: &History<'_>, as_of: Option<i32>) {
        let all = history.totals(None);
        let rows = all.orders.saturating_add(all.refund_count);
        self.rows = self.rows.saturating_add(rows);
        if all.orders > 0 {
            self.first_ever = self.first_ever.min(all.first_purchase);
        }
        self.refunds = self.refunds.saturating_add(history.totals(as_of).refund_count);
    }

    /// Adds a customer by the sums of their history as of a day; the measures, if there are purchases.
    pub fn add(
        &mut self,
        history: &History<'_>,
        totals: &Totals,
        measure: MonetaryMeasure,
    ) -> Result<Option<Measured>, Error> {
        let revenue = measures::revenue(history, totals).transpose()?;
        if let Some(revenue) = revenue {
            accumulate(&mut self.revenue, &mut self.revenue_scale, revenue)?;
            self.has_amounts = true;
        }
        self.customers += 1;
        self.orders = self.orders.saturating_add(totals.orders);
        if totals.orders == 0 {
            return Ok(None);
        }
        let monetary = match measure {
            MonetaryMeasure::Total => revenue,
            MonetaryMeasure::Average => {
                measures::average_order_value(history, totals).transpose()?
            }
        };
        if let Some(monetary) = monetary {
            accumulate(&mut self.monetary, &mut self.monetary_scale, monetary)?;
            self.with_monetary += 1;
        }
        self.purchasers += 1;
        self.recency += i64::from(totals.last_purchase);
        self.first_purchase = self.first_purchase.min(totals.first_purchase);
        self.last_purchase = self.last_purchase.max(totals.last_purchase);
        Ok(Some(Measured {
            frequency: totals.orders as f64,
            monetary: monetary.map_or(0.0, Decimal::to_f64),
            last_purchase: totals.last_purchase,
            has_monetary: monetary.is_some(),
        }))
    }

    /// Net revenue of all customers; None without amounts.
    pub fn revenue(&self) -> Option<Decimal> {
        let revenue = Decimal { mantissa: self.revenue, scale: self.revenue_scale };
        self.has_amounts.then_some(revenue)
    }

    fn mean(&self, axis: Axis, as_of: i32) -> f64 {
        let count = self.purchasers.max(1);
        match axis {
            Axis::Recency => {
                let total = i128::from(as_of) * i128::from(count) - i128::from(self.recency);
                ratio(total.unsigned_abs(), count.into())
            }
            Axis::Frequency => ratio(self.orders.into(), count.into()),
            Axis::Monetary => {
                let (total, scale) = (self.monetary, self.monetary_scale);
                let count = self.with_monetary.max(1);
                let mean = (0..=MEAN_DIGITS)
                    .rev()
                    .find_map(|more| Decimal::mean(total.unsigned_abs(), count, scale, more).ok());
                let mean = mean.map_or(0.0, Decimal::to_f64);
                if total < 0 { -mean } else { mean }
            }
        }
    }

    /// Cuts, and the customers in each bin of each axis, over the `measured` customers as of a day.
    /// `scratch` is as long as `measured`. None without purchasers.
    pub fn train(
        &self,
        measured: &[Measured],
        plan: &Plan,
        as_of: i32,
        scratch: &mut [f64],
        poll: Poll<'_>,
    ) -> Result<Option<Trained>, Error> {
        if measured.is_empty() {
            return Ok(None);
        }
        let bins = usize::from(plan.bins);
        if !BINS.contains(&plan.bins) {
            return Err(Error::Malformed("bins are 2 to 10".into()));
        }
        for given in plan.given.iter().flatten() {
            one_axis(given, plan).check()?;
        }
        let mut counts: [Option<Vec<u64>>; 3] = [None, None, None];
        let mut cuts: [Option<Vec<f64>>; 3] = [None, None, None];
        let mut common = [None; 3];
        for axis in [Axis::Recency, Axis::Frequency, Axis::Monetary] {
            let values = fill(scratch, measured, axis, as_of);
            if values.is_empty() {
                continue;
            }
            sort::by(values, f64::total_cmp, poll);
            common[axis as usize] = most_common(values);
            let given = plan.given.get(axis as usize).cloned().flatten();
            let trained = given.unwrap_or_else(|| match (plan.split, plan.ties) {
                (Split::Mean, _) => vec![self.mean(axis, as_of)],
                (Split::Quantile, Ties::Spread) => spread::cuts(values, bins, poll),
                (Split::Quantile, Ties::Quantile) => {
                    (1..bins).map(|k| percentile_cont(values, k as f64 / bins as f64)).collect()
                }
            });
            counts[axis as usize] = Some(count_bins(values, axis, &trained, plan, bins));
            cuts[axis as usize] = Some(trained);
        }
        let [recency, frequency, monetary] = cuts;
        let cuts = Cuts {
            split: plan.split,
            monetary_measure: plan.monetary_measure,
            recency: recency.unwrap_or_default(),
            frequency: frequency.unwrap_or_default(),
            monetary,
        };
        cuts.check()?;
        Ok(Some(Trained { cuts, counts, common }))
    }
}

/// What training gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Trained {
    /// The cuts.
    pub cuts: Cuts,
    /// Customers by score from 1 up, for recency, frequency, monetary; None for an axis without values.
    pub counts: [Option<Vec<u64>>; 3],
    /// The value that most customers share, and how many these are, in the same order.
    pub common: [Option<(f64, u64)>; 3],
}

fn fill<'s>(
    scratch: &'s mut [f64],
    measured: &[Measured],
    axis: Axis,
    as_of: i32,
) -> &'s mut [f64] {
    let mut len = 0;
    for (row, slot) in measured
        .iter()
        .filter(|row| axis != Axis::Monetary || row.has_monetary)
        .zip(scratch.iter_mut())
    {
        *slot = match axis {
            Axis::Recency => measures::days_between(row.last_purchase, as_of) as f64,
            Axis::Frequency => row.frequency,
            Axis::Monetary => row.monetary,
        };
        len += 1;
    }
    &mut scratch[..len]
}

/// The continuous percentile of sorted values, interpolated as PostgreSQL's `percentile_cont` does.
pub fn percentile_cont(sorted: &[f64], share: f64) -> f64 {
    let position = share * (sorted.len().saturating_sub(1)) as f64;
    let at = |row: f64| sorted.get(row as usize).copied().unwrap_or(0.0);
    let (low, high) = (at(position.floor()), at(position.ceil()));
    if position.floor() == position.ceil() {
        return low;
    }
    low + (position - position.floor()) * (high - low)
}

/// Cuts that are the same on every axis.
fn one_axis(cuts: &[f64], plan: &Plan) -> Cuts {
    Cuts {
        split: plan.split,
        monetary_measure: plan.monetary_measure,
        recency: cuts.to_vec(),
        frequency: cuts.to_vec(),
        monetary: Some(cuts.to_vec()),
    }
}

fn count_bins(sorted: &[f64], axis: Axis, cuts: &[f64], plan: &Plan, bins: usize) -> Vec<u64> {
    let packed = one_axis(cuts, plan).pack();
    let packed = PackedCuts::new(&packed);
    let mut counts = vec![0; bins];
    let mut rest = sorted;
    while let Some(&value) = rest.first() {
        let score = packed.score(axis, value);
        let same = rest.partition_point(|&other| packed.score(axis, other) == score);
        let bin = score.map_or(0, |score| score as usize - 1).min(bins - 1);
        counts[bin] += same as u64;
        rest = &rest[same..];
    }
    counts
}
