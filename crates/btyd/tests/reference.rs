//! Every formula against arbitrary-precision arithmetic: the points of tests/data, made by reference.py, in
//! each corner where double precision usually gives out.

use btyd::models::spend::SpendModel;
use btyd::models::{Customer, Family, PurchaseModel};
use btyd::special::exponential_integral::scaled_exponential_integral;
use btyd::special::gamma::{digamma, ln_gamma, trigamma};
use btyd::special::mixture::BetaMixture;
use std::collections::BTreeMap;

/// The relative error that is allowed everywhere.
const BOUND: f64 = 1e-9;

/// What a logarithm may be off where it passes through zero and has no relative error.
const LOGARITHM: f64 = 1e-13;

/// The rows of a file, by column name.
fn rows(text: &'static str) -> impl Iterator<Item = BTreeMap<&'static str, &'static str>> {
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    let names: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    lines.map(move |line| names.iter().copied().zip(line.split(',')).collect())
}

fn number(row: &BTreeMap<&str, &str>, name: &str) -> f64 {
    row[name].parse().unwrap_or_else(|_| panic!("{name} of {row:?}"))
}

/// The worst relative error by what was compared.
#[derive(Default)]
struct Worst(BTreeMap<String, (f64, usize, String)>);

impl Worst {
    fn add(&mut self, what: String, found: f64, row: &BTreeMap<&str, &str>, name: &str) {
        if row[name].is_empty() {
            return;
        }
        let expected = number(row, name);
        let is_logarithm =
            name == "log_likelihood" || ["ln_gamma", "digamma"].contains(&what.as_str());
        let error = match (found - expected).abs() {
            // what is below the smallest normal double has no digits to compare
            _ if expected.abs() < 1e-290 => found.abs(),
            off if is_logarithm && off < LOGARITHM => 0.0,
            off => off / expected.abs(),
        };
        let worst = self.0.entry(what).or_insert((0.0, 0, String::new()));
        worst.1 += 1;
        if error.is_nan() || error > worst.0 {
            let error = if error.is_nan() { f64::INFINITY } else { error };
            (worst.0, worst.2) =
                (error, format!("{name} = {expected:e}, found {found:e}: {row:?}"));
        }
    }

    fn check(&self) {
        let mut bad = Vec::new();
        for (what, (error, count, row)) in &self.0 {
            println!("{what}: {count} points, worst relative error {error:.1e}");
            if *error > BOUND {
                bad.push(format!("{what}: {error:e}\n  {row}"));
            }
        }
        assert!(!self.0.is_empty() && bad.is_empty(), "{}", bad.join("\n"));
    }
}

#[test]
fn corners() {
    let mut worst = Worst::default();
    for row in rows(include_str!("data/corners.csv")) {
        let family = Family::named(row["family"]).expect("a family");
        let parameters = ["p1", "p2", "p3", "p4"].map(|name| number(&row, name));
        let model = PurchaseModel::new(family, parameters).expect("a model");
        let customer = Customer {
            repeats: number(&row, "x"),
            span: number(&row, "t_x"),
            age: number(&row, "T"),
        };
        customer.check().expect("a customer");
        let (horizon, rate) = (number(&row, "horizon"), number(&row, "rate"));
        let discounted =
            |horizon| model.discounted_purchases(&customer, horizon, rate).expect("finite");
        let found = [
            ("log_likelihood", model.log_likelihood(&customer)),
            ("p_alive", model.p_alive(&customer)),
            ("expected_purchases", model.expected_purchases(&customer, horizon)),
            ("expected_new", model.expected_purchases(&Customer::NEW, horizon)),
            ("p_alive_ahead", model.p_alive_at(&customer, horizon)),
            ("discounted", discounted(horizon)),
            ("residual", discounted(f64::INFINITY)),
            (
                "probability",
                match row["n"] {
                    "" => 0.0,
                    _ => model.purchase_probability(&customer, number(&row, "n"), horizon),
                },
            ),
        ];
        for (name, value) in found {
            worst.add(format!("{} {} {name}", row["corner"], row["family"]), value, &row, name);
        }
    }
    worst.check();
}

#[test]
fn special_functions() {
    let mut worst = Worst::default();
    for row in rows(include_str!("data/special.csv")) {
        let arg = |name| number(&row, name);
        let found = match row["function"] {
            "beta_mixture" => BetaMixture { exponent: arg("arg1"), a: arg("arg2"), b: arg("arg3") }
                .at(arg("arg4")),
            "scaled_exponential_integral" => scaled_exponential_integral(arg("arg1"), arg("arg2")),
            "trigamma" => trigamma(arg("arg1")),
            "digamma" => digamma(arg("arg1")),
            "ln_gamma" => ln_gamma(arg("arg1")),
            other => panic!("{other}"),
        };
        worst.add(row["function"].to_owned(), found, &row, "value");
    }
    worst.check();
}

#[test]
fn bg_bb() {
    let mut worst = Worst::default();
    for row in rows(include_str!("data/bg_bb.csv")) {
        let parameters = ["alpha", "beta", "gamma", "delta"].map(|name| number(&row, name));
        let model = PurchaseModel::new(Family::BgBb, parameters).expect("a model");
        let customer = Customer {
            repeats: number(&row, "x"),
            span: number(&row, "t_x"),
            age: number(&row, "n"),
        };
        let (ahead, k) = (number(&row, "ahead"), number(&row, "k"));
        for (name, value) in [
            ("log_likelihood", model.log_likelihood(&customer)),
            ("p_alive", model.p_alive(&customer)),
            ("expected_purchases", model.expected_purchases(&customer, ahead)),
            ("probability", model.purchase_probability(&customer, k, ahead)),
        ] {
            worst.add(name.to_owned(), value, &row, name);
        }
    }
    worst.check();
}

#[test]
fn gamma_gamma() {
    let mut worst = Worst::default();
    for row in rows(include_str!("data/gamma_gamma.csv")) {
        let [p, q, v, x, m] = ["p", "q", "v", "x", "m"].map(|name| number(&row, name));
        let model = SpendModel::new(p, q, v).expect("a model");
        let mean = model.expected_value(x, m).expect("a mean");
        worst.add("log_likelihood".into(), model.log_likelihood(x, m), &row, "log_likelihood");
        worst.add("mean".into(), mean, &row, "mean");
    }
    worst.check();
}
