//! What the tests of fits share: simulated customers as a fit sees them, and the fit.
#![allow(dead_code, reason = "each test file uses a part of this")]

use btyd::fit::{Estimate, Purchases, Spend, canonical, fit_purchases, fit_spend};
use btyd::models::spend::SpendModel;
use btyd::models::{Customer, Family, PurchaseModel};
use btyd::simulate::Simulation;

/// Customers who join at even chance within a window and are observed until some time after it.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    pub joining: f64,
    pub after: f64,
}

pub fn model(family: Family, parameters: &[f64]) -> PurchaseModel {
    let mut all = [1.0; 4];
    all[..parameters.len()].copy_from_slice(parameters);
    PurchaseModel::new(family, all).expect("a model")
}

/// Customer `number` at an age.
pub fn observed(simulation: &Simulation, number: u64, age: f64) -> Customer {
    let mut customer = Customer { age, ..Customer::NEW };
    for at in simulation.customer(number).skip(1).take_while(|&at| at <= age) {
        customer.repeats += 1.0;
        customer.span = at;
    }
    customer
}

/// Contract `number` after so many renewals were due: one more is due than was made where it has ended.
pub fn contract(simulation: &Simulation, number: u64, due: f64) -> Customer {
    let held = observed(simulation, number, due);
    let age = if held.repeats < due { held.repeats + 1.0 } else { due };
    Customer { age, ..held }
}

/// So many customers of a model.
pub fn customers(model: PurchaseModel, window: Window, seed: u64, many: u64) -> Vec<Customer> {
    let simulation = Simulation::new(model, None, seed);
    let one = |number: u64| {
        let since = window.after + window.joining * simulation.share(number);
        match model.family() {
            Family::ShiftedBetaGeometric => contract(&simulation, number, since.ceil()),
            Family::BgBb => observed(&simulation, number, since.ceil()),
            _ => observed(&simulation, number, since),
        }
    };
    (0..many).map(one).collect()
}

/// Repeat purchases and their mean value of so many customers, who make at most `most` of them.
pub fn spenders(spend: SpendModel, seed: u64, many: u64, most: u64) -> Vec<[f64; 2]> {
    let buying = model(Family::BgNbd, &[1.0, 1.0, 1e-15, 1.0]);
    let simulation = Simulation::new(buying, Some(spend), seed);
    let one = |number: u64| {
        let repeats = 1 + (simulation.share(number) * most as f64) as u64;
        let mut purchases = simulation.customer(number);
        let sum: f64 = (0..repeats).filter_map(|_| purchases.amount()).sum();
        [repeats as f64, sum / repeats as f64]
    };
    (0..many).map(one).collect()
}

pub fn weighted(customers: &[Customer], weight: f64) -> Vec<Purchases> {
    customers.iter().map(|one| Purchases::new(one, weight).expect("a customer")).collect()
}

pub fn weighted_spend(spenders: &[[f64; 2]], weight: f64) -> Vec<Spend> {
    let one =
        |&[repeats, value]: &[f64; 2]| Spend::new(repeats, value, weight).expect("a customer");
    spenders.iter().filter_map(one).collect()
}

pub fn fitted(family: Family, mut data: Vec<Purchases>) -> Estimate {
    let data = canonical(&mut data, &mut || {});
    fit_purchases(family, data, &mut || {}).expect("a fit").expect("customers")
}

pub fn fitted_spend(mut data: Vec<Spend>) -> Estimate {
    let data = canonical(&mut data, &mut || {});
    fit_spend(data, &mut || {}).expect("a fit").expect("customers")
}

/// A family with parameters that can be told from a thousand customers or so.
pub fn populations() -> [(Family, Vec<f64>, Window); 5] {
    let weeks = Window { joining: 26.0, after: 26.0 };
    let periods = Window { joining: 6.0, after: 6.0 };
    [
        (Family::BgNbd, vec![0.8, 4.0, 0.8, 2.5], weeks),
        (Family::MbgNbd, vec![0.8, 4.0, 0.8, 2.5], weeks),
        (Family::ParetoNbd, vec![0.8, 4.0, 0.8, 12.0], weeks),
        (Family::BgBb, vec![1.2, 0.75, 0.66, 2.78], periods),
        (Family::ShiftedBetaGeometric, vec![0.7, 1.2], Window { joining: 8.0, after: 0.0 }),
    ]
}

/// The spend model of the tests.
pub fn spending() -> SpendModel {
    SpendModel::new(6.0, 4.0, 15.0).expect("a model")
}

/// Spenders of the tests make up to so many repeat purchases.
pub const MOST_SPENT: u64 = 8;
