//! What the tests of models share: customers and parameters of all kinds, and comparisons that allow rounding.
#![allow(dead_code, reason = "each test file uses a part of this")]

use btyd::models::{Customer, Family, PurchaseModel};
use proptest::prelude::*;

/// What a monotone sequence of computed values may be off, relatively.
pub const SLACK: f64 = 1e-11;

/// The same of values that are integrals: what the quadrature aims for, with room.
pub const INTEGRATED: f64 = 1e-10;

pub const CONTINUOUS: [Family; 3] = [Family::BgNbd, Family::MbgNbd, Family::ParetoNbd];

#[derive(Debug, Clone, Copy)]
pub struct Case {
    pub model: PurchaseModel,
    pub customer: Customer,
}

impl Case {
    pub fn is_continuous(&self) -> bool {
        self.model.family().is_continuous()
    }

    /// The parameters with the dimension of a rate's reciprocal, multiplied.
    pub fn in_unit(&self, c: f64) -> Case {
        let [r, alpha, a, b] = self.model.parameters();
        let b = if self.model.family() == Family::ParetoNbd { b * c } else { b };
        let Customer { repeats, span, age } = self.customer;
        Case {
            model: PurchaseModel::new(self.model.family(), [r, alpha * c, a, b]).unwrap(),
            customer: Customer { repeats, span: span * c, age: age * c },
        }
    }

    /// A horizon as the family counts time.
    pub fn time(&self, time: f64) -> f64 {
        if self.is_continuous() { time } else { time.ceil().min(300.0) }
    }

    pub fn expected(&self, horizon: f64) -> f64 {
        self.model.expected_purchases(&self.customer, horizon)
    }

    pub fn discounted(&self, horizon: f64, rate: f64) -> Option<f64> {
        self.model.discounted_purchases(&self.customer, horizon, rate)
    }

    pub fn probability(&self, n: f64, horizon: f64) -> f64 {
        self.model.purchase_probability(&self.customer, n, horizon)
    }

    /// The parameter up to 1 of which an endless future brings endless purchases.
    pub fn staying(&self) -> f64 {
        let [alpha, _, third, _] = self.model.parameters();
        if self.model.family() == Family::ShiftedBetaGeometric { alpha } else { third }
    }
}

pub fn wide(low: f64, high: f64) -> impl Strategy<Value = f64> + Clone {
    (low.ln()..high.ln()).prop_map(f64::exp)
}

pub fn share() -> impl Strategy<Value = f64> + Clone {
    prop_oneof![1 => Just(0.0), 1 => Just(1.0), 1 => wide(1e-12, 1.0), 7 => 0.0..1.0]
}

pub fn age() -> impl Strategy<Value = f64> {
    prop_oneof![1 => Just(0.0), 2 => (0..=100_000u32).prop_map(f64::from), 7 => wide(1e-2, 1e5)]
}

pub fn repeats(most: u32) -> impl Strategy<Value = f64> {
    prop_oneof![2 => Just(0), 1 => Just(1), 3 => 0..=most.min(10), 4 => 0..=most]
        .prop_map(f64::from)
}

/// Customers of one of some families that count in continuous time.
pub fn customers_of(families: &[Family], most: u32) -> impl Strategy<Value = Case> + use<> {
    let parameters = (wide(1e-3, 50.0), wide(1e-2, 1e4), wide(1e-6, 20.0), wide(1e-2, 1e4));
    let family = prop::sample::select(families.to_vec());
    (family, parameters, repeats(most), age(), share()).prop_map(
        |(family, (r, alpha, a, b), repeats, age, share)| {
            let span = if repeats == 0.0 { 0.0 } else { age * share };
            let model = PurchaseModel::new(family, [r, alpha, a, b]).unwrap();
            Case { model, customer: Customer { repeats, span, age } }
        },
    )
}

pub fn continuous(most: u32) -> impl Strategy<Value = Case> {
    customers_of(&CONTINUOUS, most)
}

pub fn opportunities() -> impl Strategy<Value = Case> {
    let shapes = prop::array::uniform4(wide(1e-3, 1e3));
    (shapes, 0..=60u32, share(), share()).prop_map(|(shapes, age, span, repeats)| {
        let span = (f64::from(age) * span).round();
        let repeats = (span * repeats).ceil();
        let span = if repeats == 0.0 { 0.0 } else { span };
        let model = PurchaseModel::new(Family::BgBb, shapes).unwrap();
        Case { model, customer: Customer { repeats, span, age: age.into() } }
    })
}

pub fn contracts() -> impl Strategy<Value = Case> {
    let shapes = (wide(1e-3, 1e3), wide(1e-3, 1e3));
    (shapes, (0..=60u32).prop_map(f64::from), prop::bool::weighted(0.2)).prop_map(
        |((alpha, beta), repeats, left)| {
            let family = Family::ShiftedBetaGeometric;
            let model = PurchaseModel::new(family, [alpha, beta, 1.0, 1.0]).unwrap();
            let age = if left { repeats + 1.0 } else { repeats };
            Case { model, customer: Customer { repeats, span: repeats, age } }
        },
    )
}

pub fn any_family() -> impl Strategy<Value = Case> {
    prop_oneof![6 => continuous(500), 2 => opportunities(), 1 => contracts()]
}

pub fn near(found: f64, expected: f64, relative: f64, absolute: f64) -> Result<(), TestCaseError> {
    let off = (found - expected).abs();
    prop_assert!(off <= relative * expected.abs() + absolute, "{found:e} is not {expected:e}");
    Ok(())
}

/// `low` ≤ `high`, but for rounding.
pub fn at_most(low: f64, high: f64, slack: f64) -> Result<(), TestCaseError> {
    prop_assert!(low <= high * (1.0 + slack) + 1e-300, "{low:e} is above {high:e}");
    Ok(())
}

/// The integral from 0 to `end` by the trapezoidal rule over ln(t / (end − t)), which has nothing in common with
/// the rules that the models use.
pub fn integral(end: f64, function: impl Fn(f64) -> f64) -> f64 {
    const STEP: f64 = 1.0 / 16.0;
    let at = |y: f64| {
        let (share, rest) = (1.0 / (1.0 + (-y).exp()), 1.0 / (1.0 + y.exp()));
        function(end * share) * end * share * rest
    };
    (-640..=640).map(|k| at(f64::from(k) * STEP)).sum::<f64>() * STEP
}
