//! RFM cuts: trained over a population, they turn one customer's measures into scores.
//!
//! The score of an axis with n bins is one plus the number of cuts that the value exceeds; for recency,
//! where less is better, n minus that number. Equal values get equal scores, a better value never a
//! lower one. Cut k of n − 1 is `percentile_cont(k / n)`, as PostgreSQL defines it, unless it gives way to
//! values that many customers have (see `spread`); with two bins split at the mean the one cut is the mean, and a value counts as high from the mean upwards.
//!
//! Packed form: version, flags, bins, zero; then the cuts of recency, frequency and, where there are
//! amounts, monetary: `bins` − 1 little-endian doubles each.

use crate::Error;

/// The fewest and the most bins of an axis.
pub const BINS: std::ops::RangeInclusive<u8> = 2..=10;

/// The version that [`Cuts::pack`] writes and [`PackedCuts::validate`] accepts.
pub const VERSION: u8 = 1;

const PREFIX: usize = 4;
const HAS_MONETARY: u8 = 1;
const AT_MEAN: u8 = 2;
const AVERAGE: u8 = 4;

/// How an axis is split into bins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Split {
    /// Into bins of equal numbers of customers, as far as equal values allow.
    #[default]
    Quantile,
    /// Into two bins at the mean.
    Mean,
}

/// What the monetary axis measures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MonetaryMeasure {
    /// Net revenue.
    #[default]
    Total,
    /// Average order value.
    Average,
}

/// The cuts of the three axes, each in rising order.
#[derive(Debug, Clone, PartialEq)]
pub struct Cuts {
    /// How the axes are split.
    pub split: Split,
    /// What `monetary` cuts.
    pub monetary_measure: MonetaryMeasure,
    /// Days since the last purchase.
    pub recency: Vec<f64>,
    /// Numbers of orders.
    pub frequency: Vec<f64>,
    /// Amounts; None for orders without amounts.
    pub monetary: Option<Vec<f64>>,
}

impl Cuts {
    /// Bins of each axis.
    pub fn bins(&self) -> usize {
        self.recency.len() + 1
    }

    /// An error unless all axes have the same number of cuts in range, finite and not falling.
    pub fn check(&self) -> Result<(), Error> {
        let axes = [("recency", Some(&self.recency)), ("frequency", Some(&self.frequency))];
        for (name, cuts) in axes.into_iter().chain([("monetary", self.monetary.as_ref())]) {
            let Some(cuts) = cuts else { continue };
            let malformed = |why: &str| Err(Error::Malformed(format!("the {name} cuts {why}")));
            if !(1..*BINS.end() as usize).contains(&cuts.len()) {
                return malformed("must be 1 to 9 numbers");
            }
            if cuts.len() != self.recency.len() {
                return malformed("must be as many as the recency cuts");
            }
            if cuts.iter().any(|cut| !cut.is_finite()) || !cuts.is_sorted() {
                return malformed("must be numbers in rising order");
            }
        }
        if self.split == Split::Mean && self.bins() != 2 {
            return Err(Error::Malformed("a split at the mean has one cut on each axis".into()));
        }
        Ok(())
    }

    /// The packed form.
    pub fn pack(&self) -> Vec<u8> {
        let flag = |on: bool, flag: u8| if on { flag } else { 0 };
        let flags = flag(self.monetary.is_some(), HAS_MONETARY)
            | flag(self.split == Split::Mean, AT_MEAN)
            | flag(self.monetary_measure == MonetaryMeasure::Average, AVERAGE);
        let mut bytes = vec![VERSION, flags, self.bins() as u8, 0];
        let axes = [&self.recency, &self.frequency].into_iter().chain(&self.monetary);
        bytes.extend(axes.flatten().flat_map(|cut| cut.to_le_bytes()));
        bytes
    }
}

/// An axis, in the order of the packed form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Axis {
    /// Days since the last purchase: less is better.
    Recency = 0,
    /// Number of orders.
    Frequency = 1,
    /// Amount.
    Monetary = 2,
}

/// Packed cuts, borrowed: what a score reads.
#[derive(Clone, Copy)]
pub struct PackedCuts<'a> {
    bytes: &'a [u8],
}

impl<'a> PackedCuts<'a> {
    /// Any bytes can be given; see [`PackedCuts::validate`].
    pub fn new(bytes: &'a [u8]) -> Self {
        PackedCuts { bytes }
    }

    fn head(&self, i: usize) -> u8 {
        self.bytes.get(i).copied().unwrap_or(0)
    }

    /// Bins of each axis.
    pub fn bins(&self) -> usize {
        self.head(2).into()
    }

    /// What the monetary axis measures.
    pub fn monetary_measure(&self) -> MonetaryMeasure {
        match self.head(1) & AVERAGE {
            0 => MonetaryMeasure::Total,
            _ => MonetaryMeasure::Average,
        }
    }

    fn split(&self) -> Split {
        match self.head(1) & AT_MEAN {
            0 => Split::Quantile,
            _ => Split::Mean,
        }
    }

    /// The cuts of an axis in rising order; None for monetary cuts that there are not.
    pub fn cuts(&self, axis: Axis) -> Option<impl Iterator<Item = f64> + 'a> {
        if axis == Axis::Monetary && self.head(1) & HAS_MONETARY == 0 {
            return None;
        }
        let width = self.bins().saturating_sub(1) * 8;
        let start = PREFIX + axis as usize * width;
        let bytes = self.bytes.get(start..start + width).unwrap_or(&[]);
        Some(bytes.chunks_exact(8).map(|b| f64::from_le_bytes(b.try_into().unwrap_or_default())))
    }

    /// The score of a value, from 1 to [`PackedCuts::bins`]; None without cuts for the axis.
    pub fn score(&self, axis: Axis, value: f64) -> Option<i16> {
        let at_mean = self.split() == Split::Mean && axis != Axis::Recency;
        let exceeds = |cut: f64| if at_mean { value >= cut } else { value > cut };
        let exceeded = self.cuts(axis)?.take_while(|&cut| exceeds(cut)).count();
        let score = if axis == Axis::Recency { self.bins() - exceeded } else { 1 + exceeded };
        Some(score as i16)
    }

    /// The cuts, unpacked.
    pub fn unpack(&self) -> Cuts {
        let axis = |axis| self.cuts(axis).map(|cuts| cuts.collect());
        Cuts {
            split: self.split(),
            monetary_measure: self.monetary_measure(),
            recency: axis(Axis::Recency).unwrap_or_default(),
            frequency: axis(Axis::Frequency).unwrap_or_default(),
            monetary: axis(Axis::Monetary),
        }
    }

    /// Accepts exactly the bytes that [`Cuts::pack`] writes for cuts that pass their check.
    pub fn validate(bytes: &[u8]) -> Result<(), Error> {
        if bytes.first() != Some(&VERSION) {
            let why = "the version of these RFM cuts is not supported";
            return Err(Error::Malformed(why.into()));
        }
        let cuts = PackedCuts::new(bytes).unpack();
        cuts.check()?;
        match cuts.pack() == bytes {
            true => Ok(()),
            false => Err(Error::Malformed("the packed RFM cuts are damaged".into())),
        }
    }
}
