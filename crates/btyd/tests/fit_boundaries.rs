//! Data whose likelihood has no inner maximum: a fit ends at a bound, says which, and its forecasts are numbers.

mod simulated;

use btyd::fit::{Estimate, Purchases, Spend, canonical};
use btyd::models::spend::SpendModel;
use btyd::models::{Customer, Family, PurchaseModel};
use simulated::*;

const CONTINUOUS: [Family; 3] = [Family::BgNbd, Family::MbgNbd, Family::ParetoNbd];

fn bought(repeats: f64, span: f64, age: f64) -> Customer {
    Customer { repeats, span, age }
}

fn each(many: usize, one: impl Fn(usize) -> Customer) -> Vec<Customer> {
    (0..many).map(one).collect()
}

/// An age that differs between customers.
fn age(i: usize) -> f64 {
    10.0 + (i % 40) as f64
}

/// What is wrong with a fit that should end at some bounds.
fn complaints(fit: &Estimate, expected: &[&str]) -> Vec<String> {
    let fitted = fit.fitted.expect("a fit");
    let mut wrong = Vec::new();
    let found: Vec<&str> = fit.boundaries().collect();
    for text in expected {
        if !found.iter().any(|found| found.starts_with(text)) {
            wrong.push(format!("not at the bound {text:?}"));
        }
    }
    if expected.is_empty() && !found.is_empty() {
        wrong.push("at a bound".into());
    }
    if !fitted.converged {
        wrong.push("not converged".into());
    }
    if !fit.parameters.iter().all(|value| value.is_finite()) || fit.check().is_err() {
        wrong.push("parameters out of range".into());
    }
    if !fitted.log_likelihood.is_finite() {
        wrong.push("no likelihood".into());
    }
    let errors = (0..fit.count()).filter_map(|i| fit.standard_error(i));
    wrong.extend(errors.filter(|error| !error.is_finite()).map(|_| "endless error".into()));
    wrong
}

/// Complains of what was found.
fn report(name: &str, fit: &Estimate, wrong: Vec<String>, all: &mut Vec<String>) {
    if !wrong.is_empty() {
        let found: Vec<&str> = fit.boundaries().collect();
        let fitted = fit.fitted.map(|fitted| (fitted.log_likelihood, fitted.converged));
        let family = fit.family.name();
        let parameters = &fit.parameters[..fit.count()];
        all.push(format!(
            "{name}, {family} {parameters:?} {fitted:?} at {found:?}:\n    {wrong:?}"
        ));
    }
}

fn sum(family: Family, parameters: [f64; 4], data: &[Purchases]) -> f64 {
    let model = PurchaseModel::new(family, parameters).expect("a model");
    data.iter().map(|one| one.weight * model.log_likelihood(&one.customer())).sum()
}

/// Points all over the box in which fits climb: a mean and a shape, twice.
fn grid(family: Family, scale: f64) -> Vec<[f64; 4]> {
    const MEANS: [f64; 8] = [-17.0, -8.0, -3.0, -1.0, 0.0, 1.0, 3.0, 8.0];
    const SHAPES: [f64; 6] = [-8.9, -4.0, -1.0, 1.0, 4.0, 11.4];
    let of = |mean: f64, shape: f64, odds: f64, other: f64| {
        let logs = match family {
            Family::BgNbd | Family::MbgNbd => {
                [shape, shape - mean + scale.ln(), odds + other, other]
            }
            Family::ParetoNbd => {
                [shape, shape - mean + scale.ln(), other, other - odds + scale.ln()]
            }
            _ => [mean + shape, shape, odds + other, other],
        };
        logs.map(f64::exp)
    };
    let seconds = || MEANS.into_iter().flat_map(|mean| SHAPES.map(|shape| (mean, shape)));
    let firsts = seconds().flat_map(|one| seconds().map(move |other| (one, other)));
    firsts.map(|((mean, shape), (odds, other))| of(mean, shape, odds, other)).collect()
}

/// Fits, and complains of anything that is not as it should be.
fn check(
    name: &str,
    family: Family,
    customers: &[Customer],
    expected: &[&str],
    all: &mut Vec<String>,
) {
    let mut data = weighted(customers, 1.0);
    let data = canonical(&mut data, &mut || {});
    let fit = fitted(family, data.to_vec());
    let best = fit.fitted.expect("a fit").log_likelihood;
    let mut wrong = complaints(&fit, expected);
    let stated = sum(family, fit.parameters, data);
    if (stated - best).abs() > 1e-9 * best.abs() + 1e-7 {
        wrong.push(format!("the model states {stated}"));
    }
    let mean_age = customers.iter().map(|one| one.age).sum::<f64>() / customers.len() as f64;
    let scale = if mean_age > 0.0 { mean_age } else { 1.0 };
    let points = grid(family, scale).into_iter().map(|point| (sum(family, point, data), point));
    let (highest, point) = points.max_by(|a, b| a.0.total_cmp(&b.0)).expect("a grid");
    if highest > best + 1e-8 * best.abs() + 1e-6 {
        wrong.push(format!("{highest} at {point:?}"));
    }
    wrong.extend(forecasts(&fit, data));
    report(name, &fit, wrong, all);
}

/// Complains of forecasts that are no numbers.
fn forecasts(fit: &Estimate, data: &[Purchases]) -> Option<String> {
    let model = fit.purchase_model().expect("a model");
    data.iter().map(Purchases::customer).chain([Customer::NEW]).find_map(|customer| {
        let found = [
            model.p_alive(&customer),
            model.p_alive_at(&customer, 52.0),
            model.expected_purchases(&customer, 1.0),
            model.expected_purchases(&customer, 1000.0),
            model.discounted_purchases(&customer, 1000.0, 0.002).expect("finite"),
            model.discounted_purchases(&customer, f64::INFINITY, 0.002).expect("finite"),
            model.purchase_probability(&customer, 0.0, 52.0),
            model.purchase_probability(&customer, 3.0, 52.0),
        ];
        let odd = |value: &f64| !value.is_finite() || *value < 0.0;
        found.iter().any(odd).then(|| format!("forecasts {found:?} for {customer:?}"))
    })
}

fn finish(all: Vec<String>) {
    assert!(all.is_empty(), "\n{}", all.join("\n"));
}

/// The text of a family: of BG/NBD and MBG/NBD, or of Pareto/NBD.
fn either<'a>(family: Family, bg: &'a str, pareto: &'a str) -> &'a str {
    if family == Family::ParetoNbd { pareto } else { bg }
}

#[test]
fn nobody_leaves() {
    let mut all = Vec::new();
    for family in CONTINUOUS {
        let stays = either(family, "a -> 0", "s / beta -> 0");
        // the last purchase of each is today
        let alike = each(500, |i| bought((age(i) / 5.0).floor(), age(i), age(i)));
        check("alike", family, &alike, &["r -> infinity", stays], &mut all);
        let unlike = each(120, |i| bought((1 + i * i % 37) as f64, age(i), age(i)));
        check("unlike", family, &unlike, &[stays], &mut all);
    }
    let buying = each(600, |i| bought((1 + i * i % 6) as f64, 6.0, 6.0));
    check("each time", Family::BgBb, &buying, &["gamma / delta -> 0"], &mut all);
    let held = each(100, |i| bought((1 + i % 6) as f64, (1 + i % 6) as f64, (1 + i % 6) as f64));
    check("held", Family::ShiftedBetaGeometric, &held, &["alpha / beta -> 0"], &mut all);
    finish(all);
}

#[test]
fn all_customers_are_alike_or_there_is_one() {
    let mut all = Vec::new();
    for many in [1, 300] {
        for family in CONTINUOUS {
            let same = "r -> infinity: all customers buy at the same rate";
            check("active", family, &vec![bought(4.0, 20.0, 30.0); many], &[same], &mut all);
            let together = either(family, "b -> infinity", "s -> infinity");
            let left = vec![bought(4.0, 5.0, 300.0); many];
            check("left", family, &left, &[same, together], &mut all);
            let bulk = vec![bought(400.0, 20.0, 30.0); many];
            check("many purchases", family, &bulk, &[same], &mut all);
        }
        let family = Family::BgBb;
        check("some", family, &vec![bought(3.0, 4.0, 6.0); many], &["beta -> infinity"], &mut all);
        let family = Family::ShiftedBetaGeometric;
        check("some", family, &vec![bought(2.0, 2.0, 3.0); many], &["beta -> infinity"], &mut all);
    }
    finish(all);
}

#[test]
fn nobody_buys_again() {
    let mut all = Vec::new();
    let none = "r / alpha -> 0: nobody buys again";
    for family in CONTINUOUS {
        check("many", family, &each(500, |i| bought(0.0, 0.0, age(i))), &[none], &mut all);
        check("one", family, &[bought(0.0, 0.0, 30.0)], &[none], &mut all);
    }
    for many in [1, 100] {
        let never = vec![bought(0.0, 0.0, 6.0); many];
        check("never", Family::BgBb, &never, &["alpha / beta -> 0"], &mut all);
        let refused = vec![bought(0.0, 0.0, 1.0); many];
        let family = Family::ShiftedBetaGeometric;
        check("refused", family, &refused, &["alpha / beta -> infinity"], &mut all);
    }
    finish(all);
}

#[test]
fn nothing_is_fitted_where_nothing_can_have_happened() {
    // at age 0 the likelihood is 1 whatever the parameters
    for family in CONTINUOUS.into_iter().chain([Family::BgBb, Family::ShiftedBetaGeometric]) {
        let fit = |customers: &[Customer]| {
            let mut data = weighted(customers, 1.0);
            let data = canonical(&mut data, &mut || {});
            btyd::fit::fit_purchases(family, data, &mut || {}).expect("no error")
        };
        assert_eq!(fit(&[Customer::NEW; 20]), None, "{family:?}");
        let mut one_older = vec![Customer::NEW; 20];
        one_older[7] = bought(0.0, 0.0, 1.0);
        assert!(fit(&one_older).is_some(), "{family:?}");
    }
}

#[test]
fn everybody_buys_once() {
    let mut all = Vec::new();
    for family in CONTINUOUS {
        let same = "r -> infinity";
        let early = each(500, |i| bought(1.0, 1.0 + (i * 7 % 10) as f64, age(i)));
        check("some time", family, &early, &[same], &mut all);
        let now = each(500, |i| bought(1.0, age(i), age(i)));
        check("today", family, &now, &[same], &mut all);
        let at_once = each(500, |i| bought(1.0, 0.1 + (i * 7 % 10) as f64 * 0.01, 90.0 + age(i)));
        check("long ago", family, &at_once, &[same], &mut all);
        let same_time = each(500, |i| bought(3.0, 0.0, 90.0 + age(i)));
        check("in one moment", family, &same_time, &["r / alpha -> infinity"], &mut all);
    }
    let once = each(600, |i| bought(1.0, (1 + i % 6) as f64, 6.0));
    check("once", Family::BgBb, &once, &["beta -> infinity"], &mut all);
    let renewed = each(100, |i| bought(1.0, 1.0, if i.is_multiple_of(2) { 2.0 } else { 1.0 }));
    check("once", Family::ShiftedBetaGeometric, &renewed, &["beta -> infinity"], &mut all);
    finish(all);
}

#[test]
fn some_do_all_and_the_others_nothing() {
    let mut all = Vec::new();
    for family in CONTINUOUS {
        let few = |i| if i == 0 { bought(20.0, 40.0, 40.0) } else { bought(0.0, 0.0, 40.0) };
        check("one of many", family, &each(100_000, few), &["r -> 0"], &mut all);
    }
    let both =
        |i: usize| if i.is_multiple_of(2) { bought(6.0, 6.0, 6.0) } else { bought(0.0, 0.0, 6.0) };
    let never = ["beta -> 0: customers buy always or never"];
    check("always or never", Family::BgBb, &each(100, both), &never, &mut all);
    let always = ["alpha / beta -> infinity"];
    check("always", Family::BgBb, &[bought(6.0, 6.0, 6.0); 100], &always, &mut all);
    let both =
        |i: usize| if i.is_multiple_of(2) { bought(9.0, 9.0, 9.0) } else { bought(0.0, 0.0, 1.0) };
    let never = ["beta -> 0: customers leave at the first renewal or never"];
    check("first or never", Family::ShiftedBetaGeometric, &each(100, both), &never, &mut all);
    finish(all);
}

fn check_spend(name: &str, spenders: &[[f64; 2]], expected: &[&str], all: &mut Vec<String>) {
    let mut data = weighted_spend(spenders, 1.0);
    let data = canonical(&mut data, &mut || {});
    let fit = fitted_spend(data.to_vec());
    let total = |[p, q, v]: [f64; 3]| {
        let model = SpendModel::new(p, q, v).expect("a model");
        let one = |one: &Spend| one.weight * model.log_likelihood(one.repeats.into(), one.value);
        data.iter().map(one).sum::<f64>()
    };
    let [p, q, v, _] = fit.parameters;
    let best = fit.fitted.expect("a fit").log_likelihood;
    let mut wrong = complaints(&fit, expected);
    if (total([p, q, v]) - best).abs() > 1e-9 * best.abs() + 1e-6 {
        wrong.push(format!("the model states {}", total([p, q, v])));
    }
    let logs = spenders.iter().map(|[_, value]| value.ln()).sum::<f64>() / spenders.len() as f64;
    for shape in [-8.9, -4.0, -1.0, 0.0, 1.0, 2.0, 4.0, 8.0, 11.4] {
        for other in [-8.9, -4.0, -1.0, 0.0, 1.0, 2.0, 4.0, 8.0, 11.4] {
            for mean in [-8.0, -4.0, -2.0, -1.0, -0.1, 0.0, 0.1, 1.0, 2.0, 4.0, 8.0] {
                let point = [shape, other, mean - shape + other + logs].map(f64::exp);
                if total(point) > best + 1e-8 * best.abs() + 1e-6 {
                    wrong.push(format!("{} at {point:?}", total(point)));
                }
            }
        }
    }
    let model = fit.spend_model().expect("a model");
    let forecast = |one: &Spend| model.expected_value(one.repeats.into(), one.value);
    if !data.iter().filter_map(forecast).all(|value| value.is_finite() && value > 0.0) {
        wrong.push("forecasts".into());
    }
    report(name, &fit, wrong, all);
}

#[test]
fn spend_without_an_inner_maximum() {
    let mut all = Vec::new();
    let constant = "p -> infinity: a customer always spends the same";
    let alike = "q -> infinity: all customers spend alike";
    check_spend("constant, often", &[[1000.0, 42.0]; 100], &[constant, alike], &mut all);
    check_spend("constant", &[[3.0, 42.0]; 100], &[constant, alike], &mut all);
    check_spend("one customer", &[[3.0, 42.0]], &[constant, alike], &mut all);
    let of = |value: &dyn Fn(usize) -> [f64; 2]| (0..100).map(value).collect::<Vec<_>>();
    let once = of(&|i| [1.0, 10.0 + i as f64]);
    check_spend("once", &once, &[alike], &mut all);
    // evenly spread means: with noise in them they fit better than without
    let often = of(&|i| [1e6, 10.0 + i as f64]);
    check_spend("very often", &often, &["p -> 0"], &mut all);
    let simulated = |q: f64, v: f64| {
        spenders(SpendModel::new(3.0, q, v).expect("a model"), 1, 1000, MOST_SPENT)
    };
    check_spend("alike", &simulated(1e7, 15e7), &[alike], &mut all);
    let infinite = "q <= 1: the mean over all customers is infinite";
    check_spend("no mean", &simulated(0.7, 15.0), &[infinite], &mut all);
    finish(all);
}
