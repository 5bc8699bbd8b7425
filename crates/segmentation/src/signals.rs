//! Signals: numbers of a customer that something else is made of, whatever they are told from.
//!
//! Optional columns of the orders and optional inputs offer them. What is made of them asks for all that there are: the
//! value score, the need of a customer, the quality of a relationship.

use crate::axes::{Number, discount_share, percentile};
use crate::segmentation::Segmentation;

/// A number of a customer, and what it is a part of.
#[derive(Debug, Clone)]
pub struct Signal {
    /// A double precision.
    pub sql: String,
    /// The axis by whose trained percentiles it counts; None if it is a share of 0 to 1, which counts as it is.
    pub axis: Option<&'static str>,
    /// What it is a part of.
    pub part_of: PartOf,
}

/// What a signal is a part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PartOf {
    /// The value score, with the same weight as frequency and revenue.
    ValueScore,
    /// The need of this level: customers with some of it, as much as the upper fifth, have it.
    Need(u8),
    /// The quality of a relationship, by the weight of this name.
    Relationship(&'static str),
    /// Nothing; its percentiles are trained all the same.
    Nothing,
}

impl Signal {
    /// A number that counts by the trained percentiles of an axis.
    pub fn trained(axis: &'static str, sql: impl Into<String>, part_of: PartOf) -> Signal {
        Signal { sql: sql.into(), axis: Some(axis), part_of }
    }

    /// A share of 0 to 1, which counts as it is.
    pub fn share(sql: impl Into<String>, part_of: PartOf) -> Signal {
        Signal { sql: sql.into(), axis: None, part_of }
    }

    /// What counts of it, 0 to 1.
    pub fn counts(&self) -> Number {
        match self.axis {
            Some(axis) => Number::late(percentile(axis, &self.sql)),
            None => Number::early(&*self.sql),
        }
    }
}

/// The signals of a segmentation, by what they are a part of.
pub fn all(s: &Segmentation) -> Vec<Signal> {
    let discounts =
        discount_share(s).map(|share| Signal::trained("discount_share", share, PartOf::Need(2)));
    let of_inputs = s.inputs.iter().flat_map(|input| input.signals(s));
    let mut all: Vec<Signal> = discounts.into_iter().chain(of_inputs).collect();
    all.sort_by_key(|signal| signal.part_of);
    all
}

/// The parts of the value score beside frequency and revenue.
pub fn of_value_score(s: &Segmentation) -> Vec<Number> {
    let parts = all(s).into_iter().filter(|signal| signal.part_of == PartOf::ValueScore);
    parts.map(|signal| signal.counts()).collect()
}

/// The parts of the quality of a relationship, with their weights.
pub fn of_relationships(s: &Segmentation) -> Vec<(Number, f64)> {
    let signals = all(s);
    let weighed = s.relationship_weights.iter().flat_map(|(name, weight)| {
        let parts = signals.iter().filter(|part| part.part_of == PartOf::Relationship(name));
        parts.map(|part| (part.counts(), *weight))
    });
    weighed.collect()
}

/// What tells a need: the level, the axis, and the number on it.
pub fn of_needs(s: &Segmentation) -> Vec<(u8, &'static str, String)> {
    let told = |signal: Signal| match signal.part_of {
        PartOf::Need(level) => Some((level, signal.axis?, signal.sql)),
        _ => None,
    };
    all(s).into_iter().filter_map(told).collect()
}
