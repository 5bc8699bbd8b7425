//! Simulated customers do what the models say: as many purchases, as many of them at all, as many there still,
//! after any past, and spend as much; and each is the same whatever else is drawn.

mod simulated;

use btyd::models::spend::SpendModel;
use btyd::models::{Customer, Family, PurchaseModel};
use btyd::simulate::Simulation;
use simulated::*;

/// Customers drawn.
const MANY: u64 = 40_000;

/// Standard errors that a mean may be off.
const ERRORS: f64 = 4.0;

/// What was seen, less what was expected.
#[derive(Default)]
struct Difference {
    count: f64,
    sum: f64,
    squares: f64,
}

impl Difference {
    fn add(&mut self, seen: f64, expected: f64) {
        let off = seen - expected;
        self.count += 1.0;
        self.sum += off;
        self.squares += off * off;
    }

    /// How many standard errors the mean is from 0.
    fn errors(&self) -> f64 {
        if self.count == 0.0 { 0.0 } else { self.sum / self.squares.sqrt().max(1e-9) }
    }
}

/// One customer: his past until now, and his purchases after that, in time from now.
struct Life {
    past: Customer,
    later: Vec<f64>,
    /// Whether he ever bought after `horizon`.
    beyond: bool,
}

fn life(simulation: &Simulation, family: Family, number: u64, now: f64, horizon: f64) -> Life {
    let past = match family {
        Family::ShiftedBetaGeometric => contract(simulation, number, now),
        _ => observed(simulation, number, now),
    };
    let mut times = simulation.customer(number).skip(1).skip_while(|&at| at <= now);
    let mut later = Vec::new();
    let beyond = loop {
        match times.next() {
            Some(at) if at <= now + horizon => later.push(at - now),
            next => break next.is_some(),
        }
    };
    Life { past, later, beyond }
}

/// Differences between what customers did within a horizon and what their model expected.
#[derive(Default)]
struct Seen {
    purchases: Difference,
    discounted: Difference,
    none: Difference,
    one: Difference,
    there: Difference,
    there_later: Difference,
}

impl Seen {
    fn add(&mut self, model: &PurchaseModel, life: &Life, horizon: f64) {
        const RATE: f64 = 0.05;
        let Life { past, later, beyond } = life;
        let bought = later.len() as f64;
        self.purchases.add(bought, model.expected_purchases(past, horizon));
        let worth = later.iter().map(|at| (-RATE * at).exp()).sum();
        let expected = model.discounted_purchases(past, horizon, RATE).expect("finite");
        self.discounted.add(worth, expected);
        let flag = |is: bool| f64::from(u8::from(is));
        self.none.add(flag(bought == 0.0), model.purchase_probability(past, 0.0, horizon));
        self.one.add(flag(bought == 1.0), model.purchase_probability(past, 1.0, horizon));
        // where he would be seen to be there: by another purchase, at some time
        if matches!(model.family(), Family::BgNbd | Family::MbgNbd) {
            self.there.add(flag(bought > 0.0 || *beyond), model.p_alive(past));
            self.there_later.add(flag(*beyond), model.p_alive_at(past, horizon));
        }
        if model.family() == Family::ShiftedBetaGeometric {
            self.there_later.add(flag(bought == horizon), model.p_alive_at(past, horizon));
        }
    }

    fn check(&self, name: &str) {
        let Seen { purchases, discounted, none, one, there, there_later } = self;
        let all = [purchases, discounted, none, one, there, there_later].map(Difference::errors);
        println!("{name}: {} customers, {all:.2?} standard errors", purchases.count);
        assert!(all.iter().all(|errors| errors.abs() < ERRORS), "{name}: {all:?}");
    }
}

/// Rates far from 0, so that whoever is there is seen to be there.
fn lively() -> [(Family, Vec<f64>, f64, f64); 5] {
    [
        (Family::BgNbd, vec![3.0, 6.0, 0.8, 2.5], 12.0, 10.0),
        (Family::MbgNbd, vec![3.0, 6.0, 0.8, 2.5], 12.0, 10.0),
        (Family::ParetoNbd, vec![0.8, 4.0, 0.8, 12.0], 20.0, 26.0),
        (Family::BgBb, vec![1.2, 0.75, 0.66, 2.78], 6.0, 5.0),
        (Family::ShiftedBetaGeometric, vec![0.7, 1.2], 3.0, 4.0),
    ]
}

#[test]
fn newcomers_do_what_the_model_expects() {
    for (family, parameters, _, horizon) in lively() {
        let model = model(family, &parameters);
        let simulation = Simulation::new(model, None, 1);
        let mut seen = Seen::default();
        for number in 0..MANY {
            let life = life(&simulation, family, number, 0.0, horizon);
            assert_eq!(life.past, Customer::NEW);
            seen.add(&model, &life, horizon);
        }
        seen.check(family.name());
    }
}

#[test]
fn after_any_past_customers_do_what_the_model_expects() {
    for (family, parameters, now, horizon) in lively() {
        let model = model(family, &parameters);
        let simulation = Simulation::new(model, None, 2);
        // by the number of purchases, and whether the last is long ago
        let mut groups: [[Seen; 2]; 5] = Default::default();
        for number in 0..MANY {
            let life = life(&simulation, family, number, now, horizon);
            let group = life.past.repeats.min(4.0) as usize;
            let silent = life.past.age - life.past.span > now / 3.0;
            groups[group][usize::from(silent)].add(&model, &life, horizon);
        }
        for (repeats, pair) in groups.iter().enumerate() {
            for (seen, when) in pair.iter().zip(["lately", "long ago"]) {
                seen.check(&format!("{} {repeats} repeats, the last {when}", family.name()));
            }
        }
    }
}

#[test]
fn as_many_pareto_customers_are_there_later_as_stated() {
    // Pareto/NBD customers do not show when they leave: their pace within a short time tells
    let (pace, now) = (0.8 / 4.0, 30.0);
    let model = model(Family::ParetoNbd, &[0.8, 4.0, 0.8, 12.0]);
    let simulation = Simulation::new(model, None, 3);
    let expected = pace * model.p_alive_at(&Customer::NEW, now + 0.5);
    let mut bought = Difference::default();
    for number in 0..MANY {
        let Life { later, .. } = life(&simulation, Family::ParetoNbd, number, now, 1.0);
        bought.add(later.len() as f64, expected);
    }
    assert!(bought.errors().abs() < ERRORS, "{}", bought.errors());
}

#[test]
fn amounts_are_as_the_spend_model_expects() {
    let spend = SpendModel::new(2.0, 6.0, 100.0).expect("a model");
    let buying = model(Family::BgNbd, &[1.0, 1.0, 1e-15, 1.0]);
    let simulation = Simulation::new(buying, Some(spend), 4);
    let mut all = Difference::default();
    let mut next = [(); 6].map(|()| Difference::default());
    for number in 0..MANY {
        let mut purchases = simulation.customer(number);
        let x = 1 + number % 3;
        let sum: f64 = (0..x).filter_map(|_| purchases.amount()).sum();
        let amount = purchases.amount().expect("an amount");
        all.add(amount, spend.p * spend.v / (spend.q - 1.0));
        let mean = sum / x as f64;
        let group = 2 * (x - 1) as usize + usize::from(mean > 40.0);
        next[group].add(amount, spend.expected_value(x as f64, mean).expect("a mean"));
    }
    let errors: Vec<f64> = next.iter().chain([&all]).map(Difference::errors).collect();
    println!("{errors:.2?}");
    assert!(errors.iter().all(|errors| errors.abs() < ERRORS), "{errors:?}");
}

#[test]
fn a_customer_is_the_same_whatever_else_is_drawn() {
    for (family, parameters, ..) in lively() {
        let simulation = |seed, spend| Simulation::new(model(family, &parameters), spend, seed);
        let times = |seed, number| -> Vec<f64> {
            simulation(seed, None).customer(number).take(20).collect()
        };
        for number in (0..20).rev() {
            let plain = times(7, number);
            assert!(plain[0] == 0.0 && plain.is_sorted());
            let mut spends = simulation(7, Some(spending())).customer(number);
            for expected in plain {
                assert_eq!(spends.next(), Some(expected));
                assert!(spends.amount().is_some_and(|amount| amount > 0.0));
            }
        }
        if family.is_continuous() {
            let all = (0..50).flat_map(|number| [times(7, number), times(8, number)]);
            let mut all: Vec<Vec<f64>> = all.filter(|times| times.len() > 1).collect();
            all.sort_by(|one, other| one.partial_cmp(other).expect("numbers"));
            let many = all.len();
            all.dedup();
            assert!(many > 30 && all.len() == many, "{family:?}: {} of {many} differ", all.len());
        }
    }
}

#[test]
fn customers_join_at_even_chance() {
    let simulation = Simulation::new(model(Family::BgNbd, &[1.0; 4]), None, 5);
    let mut tenths = [0u32; 10];
    for number in 0..MANY {
        tenths[(simulation.share(number) * 10.0) as usize] += 1;
    }
    let expected = MANY as f64 / 10.0;
    let off = tenths.map(|count| (f64::from(count) - expected) / (expected * 0.9).sqrt());
    assert!(off.iter().all(|errors| errors.abs() < ERRORS), "{off:?}");
}
