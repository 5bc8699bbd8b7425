//! The signals of a segmentation, and what is made of them: the value score, the need of a customer, the quality of a
//! relationship.
//!
//! Optional columns of the orders and optional inputs offer them. What is made of them asks for all that there are.

use crate::model::{Number, PartOf, Segmentation, Signal};
use crate::trained::percentile;

/// The share of a customer's orders with a discount, refunded or not; None without such a column.
pub fn discount_share(s: &Segmentation) -> Option<String> {
    s.orders.discount.as_ref()?;
    let share = match s.nets_refunds() {
        false => "h.discounted::float8 / nullif(h.frequency, 0)",
        true => "CASE WHEN h.frequency > 0 THEN h.discounted::float8 / h.orders END",
    };
    Some(share.into())
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

/// What counts of a signal, 0 to 1.
fn counts(signal: &Signal) -> Number {
    match signal.axis {
        Some(axis) => Number::late(percentile(axis, &signal.sql)),
        None => Number::early(&*signal.sql),
    }
}

/// How much a part of the value score counts.
fn value_weight(s: &Segmentation, axis: &str) -> f64 {
    s.value_weights.iter().find(|(name, _)| *name == axis).map_or(1.0, |(_, weight)| *weight)
}

/// The weights of frequency and revenue in the value score.
pub fn basic_weights(s: &Segmentation) -> [f64; 2] {
    ["frequency", "revenue"].map(|axis| value_weight(s, axis))
}

/// What the value score is made of, each with its weight: the basic score of frequency and revenue, then whatever else
/// tells of value; nothing that has no weight.
fn of_value_score(s: &Segmentation) -> Vec<(String, f64)> {
    let basic = ("h.basic_score".to_owned(), basic_weights(s).iter().sum());
    let others = all(s).into_iter().filter(|signal| signal.part_of == PartOf::ValueScore);
    let weight = |signal: &Signal| signal.axis.map_or(1.0, |axis| value_weight(s, axis));
    let others = others.map(|signal| (counts(&signal).sql, weight(&signal)));
    std::iter::once(basic).chain(others).filter(|(_, weight)| *weight > 0.0).collect()
}

/// The weighted mean of the percentiles of frequency, revenue and whatever else tells of value: with products, their
/// breadth. None where none of them has a weight.
pub fn value_score(s: &Segmentation) -> Option<String> {
    let parts = of_value_score(s);
    let total: f64 = parts.iter().map(|(_, weight)| weight).sum();
    let terms = parts.iter().map(|(sql, weight)| match *weight {
        1.0 => sql.clone(),
        weight => format!("{weight} * {sql}"),
    });
    match parts.as_slice() {
        [] => None,
        [(only, _)] => Some(only.clone()),
        _ => Some(format!("({}) / {total}", terms.collect::<Vec<_>>().join(" + "))),
    }
}

/// The parts of the quality of a relationship, with their weights.
pub fn of_relationships(s: &Segmentation) -> Vec<(Number, f64)> {
    let signals = all(s);
    let weighed = s.relationship_weights.iter().flat_map(|(name, weight)| {
        let parts = signals.iter().filter(|part| part.part_of == PartOf::Relationship(name));
        parts.map(|part| (counts(part), *weight))
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

/// Whether there is anything to tell a customer's need from.
pub fn knows_needs(s: &Segmentation) -> bool {
    let told = s.customers.as_ref().is_some_and(|customers| customers.need.is_some());
    told || !of_needs(s).is_empty()
}

/// Whether there is anything to tell the quality of a relationship from.
pub fn knows_relationships(s: &Segmentation) -> bool {
    !of_relationships(s).is_empty()
}
