//! What a fit keeps of each customer, in a few tens of bytes, and the order that makes it independent of the
//! order in which customers came.

use crate::models::{Customer, Family};
use crate::{Error, Poll, sort};
use std::borrow::Cow;
use std::cmp::Ordering;

/// The shortest age that a fit tells from none.
const SHORTEST: f64 = 1e-9;

/// One customer, or several alike.
pub trait Observation: Copy {
    /// How many customers it stands for.
    fn weight(&self) -> f64;

    /// The same customer with another weight.
    fn with_weight(self, weight: f64) -> Self;

    /// The order of observations, apart from their weight.
    fn order(&self, other: &Self) -> Ordering;

    /// How many times a unit of time, or of money, divides the likelihood of one such customer.
    fn units(&self, family: Family) -> f64;
}

/// A customer's purchases, and how many customers are like that. Packed: 28 bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C, packed(4))]
pub struct Purchases {
    /// Time from the first to the last purchase.
    pub span: f64,
    /// Time from the first purchase until now.
    pub age: f64,
    /// Customers.
    pub weight: f64,
    /// Repeat purchases.
    pub repeats: u32,
}

impl Purchases {
    /// The observation of a customer; an error for one that cannot be, or a weight that is no number ≥ 0.
    pub fn new(customer: &Customer, weight: f64) -> Result<Self, Error> {
        customer.check()?;
        check_weight(weight)?;
        let Customer { repeats, span, age } = *customer;
        if (0.0..SHORTEST).contains(&age) && age > 0.0 {
            return Err(Error::Malformed(format!(
                "customer_age is {age}, neither 0 nor at least 1e-9"
            )));
        }
        // −0.0 and 0.0 are the same customer
        Ok(Purchases { span: span + 0.0, age: age + 0.0, weight, repeats: repeats as u32 })
    }

    /// The customer.
    pub fn customer(&self) -> Customer {
        Customer { repeats: self.repeats.into(), span: self.span, age: self.age }
    }
}

fn check_weight(weight: f64) -> Result<(), Error> {
    match (0.0..=1e15).contains(&weight) {
        true => Ok(()),
        false => Err(Error::Malformed(format!("weight is {weight}, not a number from 0 to 1e15"))),
    }
}

impl Observation for Purchases {
    fn weight(&self) -> f64 {
        self.weight
    }

    fn with_weight(self, weight: f64) -> Self {
        Purchases { weight, ..self }
    }

    fn order(&self, other: &Self) -> Ordering {
        let key = |one: &Self| (one.repeats, one.age.to_bits(), one.span.to_bits());
        key(self).cmp(&key(other))
    }

    fn units(&self, family: Family) -> f64 {
        if family.is_continuous() { self.repeats.into() } else { 0.0 }
    }
}

/// What a customer spent on a repeat purchase on average. Packed: 20 bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C, packed(4))]
pub struct Spend {
    /// The mean.
    pub value: f64,
    /// Customers.
    pub weight: f64,
    /// Repeat purchases, at least one.
    pub repeats: u32,
}

impl Spend {
    /// The observation of a customer; None for one without repeat purchases or with a mean of 0, which the
    /// model leaves out. An error for what cannot be.
    pub fn new(repeats: f64, value: f64, weight: f64) -> Result<Option<Self>, Error> {
        Customer { repeats, span: 0.0, age: 0.0 }.check()?;
        check_weight(weight)?;
        if !(0.0..=1e30).contains(&value) || (value > 0.0 && value < 1e-30) {
            let why = format!(
                "repeat_purchase_value is {value}, neither 0 nor a number from 1e-30 to 1e30"
            );
            return Err(Error::Malformed(why));
        }
        let spend = Spend { value, weight, repeats: repeats as u32 };
        Ok((repeats > 0.0 && value > 0.0).then_some(spend))
    }
}

impl Observation for Spend {
    fn weight(&self) -> f64 {
        self.weight
    }

    fn with_weight(self, weight: f64) -> Self {
        Spend { weight, ..self }
    }

    fn order(&self, other: &Self) -> Ordering {
        let key = |one: &Self| (one.repeats, one.value.to_bits());
        key(self).cmp(&key(other))
    }

    fn units(&self, _: Family) -> f64 {
        1.0
    }
}

/// Sorts observations and merges those of equal customers, in place; the result is the same for any order
/// and any split of the same customers.
pub fn canonical<'a, T: Observation>(data: &'a mut [T], poll: Poll<'_>) -> &'a [T] {
    let order = |a: &T, b: &T| a.order(b).then_with(|| a.weight().total_cmp(&b.weight()));
    sort::by(data, order, poll);
    let (mut kept, mut at) = (0, 0);
    while at < data.len() {
        let first = data[at];
        let mut weight = 0.0;
        while at < data.len() && data[at].order(&first) == Ordering::Equal {
            weight += data[at].weight();
            at += 1;
        }
        if weight > 0.0 {
            data[kept] = first.with_weight(weight);
            kept += 1;
        }
    }
    &data[..kept]
}

/// Every so many-th observation, at most about `most` of them; all where there are no more.
pub(super) fn thinned<T: Observation>(data: &[T], most: usize) -> Result<Cow<'_, [T]>, Error> {
    if data.len() <= most {
        return Ok(Cow::Borrowed(data));
    }
    let every = data.len().div_ceil(most);
    let mut thin = Vec::new();
    thin.try_reserve(data.len().div_ceil(every)).map_err(|_| Error::OutOfMemory)?;
    // not the first of each stretch, so that the middle of the order is hit
    thin.extend(data.iter().skip(every / 2).step_by(every));
    Ok(Cow::Owned(thin))
}

/// The mean age, the unit of time of a fit, so that the unit of the data does not matter; 1 for a family
/// that counts opportunities. None without customers.
pub(super) fn time_scale(family: Family, customers: &[Purchases]) -> Option<f64> {
    let (sum, weight) = totals(customers, |customer| customer.age);
    if weight <= 0.0 {
        return None;
    }
    let mean = sum / weight;
    Some(if family.is_continuous() && mean > 0.0 { mean } else { 1.0 })
}

/// The geometric mean of the amounts, the unit of money of a fit. None without customers.
pub(super) fn spend_scale(customers: &[Spend]) -> Option<f64> {
    let (sum, weight) = totals(customers, |customer| customer.value.ln());
    (weight > 0.0).then(|| (sum / weight).exp())
}

/// Repeat purchases in the unit of time, kept from the ends.
pub(super) fn pace(customers: &[Purchases], scale: f64) -> f64 {
    let (repeats, _) = totals(customers, |customer| customer.repeats.into());
    let (age, _) = totals(customers, |customer| customer.age / scale);
    if age > 0.0 { (repeats / age).clamp(1e-6, 1e6) } else { 1.0 }
}

fn totals<T: Observation>(data: &[T], value: impl Fn(&T) -> f64) -> (f64, f64) {
    data.iter().fold((0.0, 0.0), |(sum, weight), one| {
        (sum + one.weight() * value(one), weight + one.weight())
    })
}

/// The correlation of number and value of repeat purchases, which Gamma-Gamma takes to be none; NaN where
/// either is the same for all.
pub fn correlation(customers: &[Spend]) -> f64 {
    let mean = |value: fn(&Spend) -> f64| {
        let (sum, weight) = totals(customers, value);
        sum / weight
    };
    let repeats = mean(|one| one.repeats.into());
    let value = mean(|one| one.value);
    let moment = |of: &dyn Fn(f64, f64) -> f64| -> f64 {
        let part = |one: &Spend| of(f64::from(one.repeats) - repeats, one.value - value);
        customers.iter().map(|one| one.weight * part(one)).sum()
    };
    let spread = (moment(&|x, _| x * x) * moment(&|_, m| m * m)).sqrt();
    (moment(&|x, m| x * m) / spread).clamp(-1.0, 1.0)
}
