//! Every customer of the CDNOW sample against 40-digit arithmetic, and the published sums.

use btyd::models::spend::SpendModel;
use btyd::models::{Customer, Family, PurchaseModel};

/// What data/cdnow_reference.csv says of one customer.
struct Row(Vec<f64>);

const COLUMNS: [&str; 17] = [
    "id",
    "x",
    "t_x_days",
    "T_days",
    "m",
    "holdout_x",
    "bg_ll",
    "bg_palive",
    "bg_cet39",
    "mbg_ll",
    "mbg_palive",
    "mbg_cet39",
    "pn_ll",
    "pn_palive",
    "pn_cet39",
    "pn_dert_d0.0027",
    "gg_cond_mean",
];

impl Row {
    fn get(&self, name: &str) -> f64 {
        self.0[COLUMNS.iter().position(|column| *column == name).expect("a column")]
    }

    fn customer(&self) -> Customer {
        let [repeats, span, age] = ["x", "t_x_days", "T_days"].map(|name| self.get(name));
        Customer { repeats, span: span / 7.0, age: age / 7.0 }
    }
}

fn rows() -> Vec<Row> {
    let text = include_str!("data/cdnow_reference.csv");
    let mut lines = text.lines().filter(|line| !line.starts_with('#'));
    let names: Vec<&str> = lines.next().expect("a header").split(',').collect();
    assert_eq!(names, COLUMNS);
    let row =
        |line: &str| Row(line.split(',').map(|cell| cell.parse().expect("a number")).collect());
    lines.map(row).collect()
}

/// Compares each customer to 1e-9 and the sum to the published digits.
fn compare(name: &str, published: f64, found: impl Fn(&Row) -> f64) {
    let rows = rows();
    assert_eq!(rows.len(), 2357);
    let mut sum = 0.0;
    for row in &rows {
        let (expected, found) = (row.get(name), found(row));
        let error = (found - expected).abs() / expected.abs();
        assert!(error <= 1e-9, "{name} of customer {}: {found}, not {expected}", row.get("id"));
        sum += found;
    }
    assert!((sum - published).abs() <= 1e-9 * published.abs(), "sum of {name}: {sum}");
}

fn model(family: Family, parameters: [f64; 4]) -> PurchaseModel {
    PurchaseModel::new(family, parameters).expect("a model")
}

fn family(model: PurchaseModel, prefix: &str, log_likelihood: f64, p_alive: f64, expected: f64) {
    compare(&format!("{prefix}_ll"), log_likelihood, |row| model.log_likelihood(&row.customer()));
    compare(&format!("{prefix}_palive"), p_alive, |row| model.p_alive(&row.customer()));
    let purchases = |row: &Row| model.expected_purchases(&row.customer(), 39.0);
    compare(&format!("{prefix}_cet39"), expected, purchases);
}

#[test]
fn bg_nbd() {
    let model = model(Family::BgNbd, [0.243, 4.414, 0.793, 2.426]);
    family(model, "bg", -9582.43047801367, 1917.21714588066, 1653.94125931335);
}

#[test]
fn mbg_nbd() {
    let model = model(Family::MbgNbd, [0.525, 6.183, 0.891, 1.614]);
    family(model, "mbg", -9582.13582620216, 1057.72783912985, 1577.12879992976);
}

#[test]
fn pareto_nbd() {
    let model = model(Family::ParetoNbd, [0.5534, 10.5802, 0.6061, 11.6562]);
    family(model, "pn", -9594.9762043504, 1051.63528978529, 1665.37607194021);
    compare("pn_dert_d0.0027", 7185.98194611548, |row| {
        model.discounted_purchases(&row.customer(), f64::INFINITY, 0.0027).expect("finite")
    });
}

#[test]
fn gamma_gamma() {
    let model = SpendModel::new(6.25, 3.74, 15.44).expect("a model");
    compare("gg_cond_mean", 83167.5808168825, |row| {
        model.expected_value(row.get("x"), row.get("m")).expect("finite")
    });
}
