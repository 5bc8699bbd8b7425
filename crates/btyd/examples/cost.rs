//! What predictions of lifetime value cost, by how far they look ahead: `cargo run --release -p btyd --example cost`.

use btyd::models::{Customer, Family, PurchaseModel};
use btyd::value::{YEAR, daily_rate};
use std::hint::black_box;
use std::time::Instant;

/// Models as fitted to CDNOW, in days.
const FITTED: [(Family, [f64; 4]); 3] = [
    (Family::BgNbd, [0.24259452, 7.0 * 4.413602, 0.79292198, 2.42590666]),
    (Family::MbgNbd, [0.52484315, 7.0 * 6.18308518, 0.89135941, 1.61400234]),
    (Family::ParetoNbd, [0.55327701, 7.0 * 10.57768305, 0.60624011, 7.0 * 11.66873904]),
];

/// The customers of CDNOW, one in some, in days.
fn customers() -> Vec<Customer> {
    let text = include_str!("../tests/data/cdnow_reference.csv");
    let lines = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    let customer = |line: &str| {
        let cells: Vec<f64> = line.split(',').take(4).map(|cell| cell.parse().unwrap()).collect();
        Customer { repeats: cells[1], span: cells[2], age: cells[3] }
    };
    lines.map(customer).step_by(11).collect()
}

/// Customers whom a model of CDNOW does not know: new, old, loyal, gone.
fn unusual() -> Vec<Customer> {
    let mut all = Vec::new();
    for repeats in [0.0, 1.0, 3.0, 30.0, 300.0, 3000.0] {
        for age in [0.0, 1.0, 30.0, 1000.0, 10_000.0] {
            for share in [0.5, 1.0] {
                let span = if repeats > 0.0 { age * share } else { 0.0 };
                all.push(Customer { repeats, span, age });
            }
        }
    }
    all
}

/// Mean and worst microseconds a call, each customer's the best of three.
fn cost(customers: &[Customer], call: impl Fn(&Customer) -> f64) -> (f64, f64) {
    let (mut sum, mut worst) = (0.0, 0.0f64);
    for customer in customers {
        let mut best = f64::INFINITY;
        for _ in 0..3 {
            let start = Instant::now();
            black_box(call(black_box(customer)));
            best = best.min(start.elapsed().as_secs_f64() * 1e6);
        }
        sum += best;
        worst = worst.max(best);
    }
    (sum / customers.len() as f64, worst)
}

fn main() {
    let rate = daily_rate(0.1);
    let groups = [("cdnow", customers()), ("unusual", unusual())];
    for (family, parameters) in FITTED {
        let model = PurchaseModel::new(family, parameters).unwrap();
        for (name, customers) in &groups {
            let report = |what: &str, call: &dyn Fn(&Customer) -> f64| {
                let (mean, worst) = cost(customers, call);
                println!("{:10} {name:8} {what:24} {mean:9.2} {worst:9.2}", family.name());
            };
            for years in [1.0, 3.0, 10.0, 30.0] {
                report(&format!("{years} years"), &|customer| {
                    model.discounted_purchases(customer, years * YEAR, rate).unwrap()
                });
            }
            for years in [1.0, 10.0] {
                report(&format!("{years} years by months"), &|customer| {
                    model.stepped_purchases(customer, years * YEAR, rate, 30.0, &mut || {})
                });
            }
            report("residual", &|customer| {
                model.discounted_purchases(customer, f64::INFINITY, rate).unwrap()
            });
            report("expected, 1 year", &|customer| model.expected_purchases(customer, YEAR));
            report("expected, 10 years", &|customer| {
                model.expected_purchases(customer, 10.0 * YEAR)
            });
        }
    }
}
