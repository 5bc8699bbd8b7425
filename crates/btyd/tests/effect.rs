//! Effects of actions against scipy and statsmodels (data/effect.py), and against effects that were put into simulated
//! customers.

mod common;

use btyd::effect::assign::{is_held_out, sha256};
use btyd::effect::power::Aim;
use btyd::effect::student::{beyond, quantile, two_sided};
use btyd::effect::{
    Adjusted, Contrast, Covariates, Customer, Group, Lack, adjusted, change, difference, imbalance,
};
use btyd::models::{Family, PurchaseModel};
use btyd::simulate::Simulation;
use common::config;
use proptest::collection::vec;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// The rows of a file without its comment and its head.
fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    let lines = text.lines().filter(|line| !line.starts_with('#')).skip(1);
    lines.map(|line| line.split(',').filter(|cell| !cell.is_empty()).collect())
}

fn numbers(cells: &[&str]) -> Vec<f64> {
    cells.iter().map(|cell| cell.parse().unwrap()).collect()
}

fn close(found: f64, expected: f64, bound: f64, what: &str) {
    let off = (found - expected).abs() / expected.abs().max(1e-300);
    assert!(off <= bound, "{what}: {found:e} is not {expected:e}, off by {off:e}");
}

fn group(customers: Vec<Customer>) -> Group {
    Group::new(customers, &mut || {})
}

#[test]
fn equals_scipy_and_statsmodels() {
    let mut sets: BTreeMap<(&str, &str), Vec<Customer>> = BTreeMap::new();
    let mut compared = 0;
    for row in rows(include_str!("data/effect.csv")) {
        let (what, set) = (row[0], row[1]);
        if what == "customer" {
            let found = numbers(&row[3..]);
            let customer = Customer { before: found[0], expected: found[1], after: found[2] };
            sets.entry((set, row[2])).or_default().push(customer);
            continue;
        }
        let [one, other] = ["treated", "held_out"].map(|name| group(sets[&(set, name)].clone()));
        let expected = numbers(&row[2..]);
        let what = format!("{what} of {set}");
        // the references themselves lose what squares far from zero lose
        let bound = if set == "far" { 1e-6 } else { 1e-10 };
        let contrast = match row[0] {
            "imbalance" => {
                let found = imbalance(&one, &other).unwrap();
                assert!((found - expected[0]).abs() < bound, "{what}: {found}");
                compared += 1;
                continue;
            }
            "welch" => difference(&one, &other),
            "change" => change(&one),
            by => adjusted(&one, &other).map(|Adjusted { contrast, by: found }| {
                assert_eq!(format!("{found:?}").to_lowercase(), by, "{set}");
                contrast
            }),
        };
        let contrast = contrast.unwrap();
        let [low, high] = contrast.interval();
        let Contrast { difference, error, freedom } = contrast;
        let found = [difference, error, freedom, contrast.p_value(), low, high];
        for (found, expected) in found.into_iter().zip(expected) {
            close(found, expected, bound, &what);
            compared += 1;
        }
    }
    assert_eq!(compared, 11 * (3 * 6 + 1));
}

#[test]
fn distributions_and_sizes_equal_scipy_statsmodels_and_r() {
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows(include_str!("data/power.csv")) {
        let (what, cells) = (row[0], numbers(&row[1..]));
        let (expected, of) = (cells[0], &cells[1..]);
        let aim = || Aim { power: of[2], alpha: of[3], held_out: of[4] };
        let (found, bound) = match what {
            "two_sided" => (two_sided(of[0], of[1]), 1e-9),
            "quantile" => (quantile(of[0], of[1]), 1e-9),
            "beyond" => (beyond(of[0], of[1], of[2]), 1e-9),
            "mean" => (aim().customers_for_mean(of[0], of[1]).unwrap(), 1e-7),
            _ => (aim().customers_for_rate(of[0], of[1]).unwrap(), 1e-10),
        };
        close(found, expected, bound, &format!("{what} of {of:?}"));
        *kinds.entry(what).or_default() += 1;
    }
    assert_eq!(kinds.into_values().collect::<Vec<_>>(), [16, 5, 24, 4, 42]);
}

#[test]
fn sizes_have_the_power_that_was_asked_for() {
    for held_out in [0.5, 0.2, 0.01] {
        let aim = Aim { power: 0.9, alpha: 0.02, held_out };
        let customers = aim.customers_for_mean(3.0, 20.0).unwrap();
        close(aim.power_for_mean(customers, 3.0, 20.0), 0.9, 1e-7, "mean");
        let customers = aim.customers_for_rate(0.1, -0.03).unwrap();
        close(aim.power_for_rate(customers, 0.1, -0.03), 0.9, 1e-9, "rate");
    }
    let aim = Aim { power: 0.8, alpha: 0.05, held_out: 0.5 };
    assert_eq!(aim.customers_for_mean(1e-12, 1.0), None);
    assert_eq!(aim.customers_for_rate(0.5, 1e-12), None);
    // the fewest with which anything can be told
    assert_eq!(aim.customers_for_mean(1e6, 1.0), Some(4.0));
}

/// Numbers of customers that scarcely depend on anything: a generator of 64 bits (Steele et al. 2014).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// What customers who buy as a BG/NBD model has it did in the 180 days before day 360 and the 180 after it.
fn purchases() -> Vec<Customer> {
    let model = PurchaseModel::new(Family::BgNbd, [0.8, 40.0, 0.6, 3.0]).unwrap();
    let simulation = Simulation::new(model, None, 5);
    let of = |number| {
        let joined = simulation.share(number) * 180.0;
        let mut customer = Customer { before: 0.0, expected: 0.0, after: 0.0 };
        for time in simulation.customer(number).until(720.0) {
            let day = joined + time;
            customer.before += f64::from((180.0..360.0).contains(&day));
            customer.expected += f64::from(day < 360.0) / (400.0 - joined);
            customer.after += f64::from((360.0..540.0).contains(&day));
            if day >= 540.0 {
                break;
            }
        }
        customer
    };
    (0..20_000).map(of).collect()
}

/// What customers spent before and after, of whom half spend nothing, few much, and most about as much as before.
fn spenders() -> Vec<Customer> {
    let mut chance = Chance(9);
    let mut normal = || {
        let length = (-2.0 * (1.0 - chance.next()).ln()).sqrt();
        length * (std::f64::consts::TAU * chance.next()).cos()
    };
    let mut of = |_| {
        let usual = (1.3 * normal()).exp();
        let mut spent = || if normal() < 0.0 { 0.0 } else { usual * (0.5 * normal()).exp() };
        Customer { before: spent(), expected: usual, after: spent() }
    };
    (0..20_000).map(&mut of).collect()
}

/// How many experiments. Chance then moves a share of 5 percent by half a percent. Of 20,000, 4.9 percent were significant
/// without an effect, plain and adjusted, with half of 600 customers treated, 4.8 and 5.2 with 70 percent of 1200.
const RUNS: usize = 2000;

/// Of these experiments with customers drawn from the population, a share of them treated, in which share the interval covers
/// the effect, in which it is significant, the mean length of the interval, and in which share both covariates are taken
/// out: plain, then adjusted.
fn experiments(
    population: &[Customer],
    size: usize,
    treated_share: f64,
    effect: f64,
    seed: u64,
) -> [[f64; 4]; 2] {
    let mut chance = Chance(seed);
    let mut found = [[0.0; 4]; 2];
    for _ in 0..RUNS {
        let mut groups = [Vec::new(), Vec::new()];
        for _ in 0..size {
            let at = (chance.next() * population.len() as f64) as usize;
            let mut customer = population[at];
            let treated = chance.next() < treated_share;
            // so many purchases more or less, the same in the mean
            customer.after += if treated { 2.0 * effect * chance.next() } else { 0.0 };
            groups[usize::from(!treated)].push(customer);
        }
        let [one, other] = groups.map(group);
        let plain = Adjusted::from(difference(&one, &other).unwrap());
        let adjusted = adjusted(&one, &other).unwrap();
        for (found, Adjusted { contrast, by }) in found.iter_mut().zip([plain, adjusted]) {
            let [low, high] = contrast.interval();
            found[0] += f64::from(low <= effect && effect <= high);
            found[1] += f64::from(contrast.p_value() < 0.05);
            found[2] += high - low;
            found[3] += f64::from(by == Covariates::Both);
        }
    }
    found.map(|found| found.map(|sum| sum / RUNS as f64))
}

#[test]
fn intervals_cover_a_known_effect_and_a_null_effect_is_rarely_significant() {
    let population = purchases();
    for (size, share, seed) in [(600, 0.5, 3), (1200, 0.7, 4)] {
        let [plain, adjusted] = experiments(&population, size, share, 0.3, seed);
        for [covered, ..] in [plain, adjusted] {
            println!("{size}: {covered} covered");
            assert!((0.93..=0.97).contains(&covered), "{covered}");
        }
        assert!(adjusted[2] < 0.8 * plain[2], "{adjusted:?} {plain:?}");
        assert_eq!(adjusted[3], 1.0);
        let [plain, adjusted] = experiments(&population, size, share, 0.0, seed + 10);
        for [_, significant, ..] in [plain, adjusted] {
            println!("{size}: {significant} significant");
            assert!((0.04..=0.06).contains(&significant), "{significant}");
        }
    }
}

#[test]
fn few_customers_who_spend_much_make_no_effect() {
    let population = spenders();
    for (size, share, seed) in [(100, 0.5, 21), (300, 0.5, 22), (1000, 0.8, 23)] {
        let [plain, adjusted] = experiments(&population, size, share, 0.0, seed);
        println!("{size}: {plain:?} {adjusted:?}");
        // a mean of few is off as much
        assert!(adjusted[1] < plain[1].max(0.05) + 0.01, "{adjusted:?} {plain:?}");
        assert!(adjusted[2] < plain[2], "{adjusted:?} {plain:?}");
    }
}

#[test]
fn tells_what_is_lacking() {
    let of = |customers: &[(f64, f64)]| {
        let customer = |&(before, after): &(f64, f64)| Customer { before, expected: 0.0, after };
        group(customers.iter().map(customer).collect())
    };
    let by = |one: &Group, other: &Group| adjusted(one, other).map(|adjusted| adjusted.by);
    let some = of(&[(1.0, 2.0), (2.0, 5.0), (3.0, 1.0), (9.0, 4.0)]);
    for few in [of(&[(1.0, 2.0)]), of(&[])] {
        assert_eq!(difference(&some, &few), Err(Lack::TooFew));
        assert_eq!(difference(&few, &some), Err(Lack::TooFew));
        assert_eq!(by(&some, &few), Err(Lack::TooFew));
        assert_eq!(imbalance(&some, &few), None);
        assert_eq!(change(&few), Err(Lack::TooFew));
    }
    // 0.1 is no binary fraction, so that a sum of many would not be the same as a multiple
    let same = of(&[(0.1, 0.1); 30]);
    assert_eq!(difference(&same, &of(&[(0.1, 0.3); 7])), Err(Lack::NoSpread));
    assert_eq!(by(&same, &of(&[(0.1, 0.3); 7])), Err(Lack::NoSpread));
    assert_eq!(change(&same), Err(Lack::NoSpread));
    assert_eq!(imbalance(&same, &same), Some(0.0));
    assert_eq!(imbalance(&same, &of(&[(0.2, 0.3); 7])), None);
    // one group that does not vary says nothing against the other
    assert!(difference(&some, &same).is_ok());

    // nothing is taken out where the groups have too few customers, did all the same, or but for one
    let many: Vec<(f64, f64)> = (0..40).map(|i| (f64::from(i % 7), f64::from(i % 5))).collect();
    let line = |add: f64| of(&many.iter().map(|&(x, _)| (x, 0.3 * x + add)).collect::<Vec<_>>());
    let mut alone = [(2.0, 1.0); 40];
    alone[..20].fill((2.0, 4.0));
    let asleep = of(&alone);
    assert_eq!(by(&of(&many), &of(&many[..20])), Ok(Covariates::Before));
    for other in [of(&many[..19]), asleep] {
        assert_eq!(by(&of(&many), &other), Ok(Covariates::Nothing));
        let plain = difference(&of(&many), &other).unwrap();
        let found = adjusted(&of(&many), &other).unwrap().contrast;
        close(found.difference, plain.difference, 1e-13, "difference");
        close(found.error, plain.error, 1e-13, "error");
        close(found.freedom, plain.freedom, 1e-12, "freedom");
    }
    for lonely in [7.0, -7.0] {
        alone[0].0 = lonely;
        assert_eq!(by(&of(&alone), &of(&many)), Ok(Covariates::Nothing));
    }
    // what customers did before tells all of what they do after
    assert_eq!(by(&line(1.0), &line(0.1)), Err(Lack::NoSpread));
    let large = of(&[(1.0, 1e200), (2.0, -1e200), (3.0, 1e199)]);
    assert_eq!(difference(&large, &some), Err(Lack::TooLarge));
    assert_eq!(by(&large, &some), Err(Lack::TooLarge));
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn depends_on_no_order_and_turns_round(
        one in vec((-50.0..50.0, 0.0..1.0, -9.0..1e3), 3..90),
        other in vec((0..4i32, 0..9i32, 0..3i32), 3..90),
        by in 0..90usize,
    ) {
        let customer = |&(before, expected, after): &(f64, f64, f64)| {
            Customer { before, expected, after }
        };
        let one: Vec<Customer> = one.iter().map(customer).collect();
        let other = other.iter().map(|&(b, e, a)| customer(&(b.into(), e.into(), a.into())));
        let other: Vec<Customer> = other.collect();
        let mut turned = one.clone();
        turned.reverse();
        let middle = by % turned.len();
        turned.rotate_left(middle);
        let (first, second, other) = (group(one), group(turned), group(other));
        prop_assert_eq!(&first, &second);
        let adjusted = |one: &Group, other: &Group| adjusted(one, other).map(|found| found.contrast);
        for of in [&difference as &dyn Fn(&Group, &Group) -> Result<Contrast, Lack>, &adjusted] {
            match (of(&first, &other), of(&other, &first)) {
                (Ok(there), Ok(back)) => {
                    let size = there.difference.abs() + there.error;
                    prop_assert!((there.difference + back.difference).abs() < 1e-9 * size);
                    prop_assert!((there.error / back.error - 1.0).abs() < 1e-9);
                    let [low, high] = there.interval();
                    prop_assert!(low <= there.difference && there.difference <= high);
                    // the interval leaves 0 out if and only if it is significant
                    let out = low > 0.0 || high < 0.0;
                    let clear = (there.p_value() - 0.05).abs() > 1e-9;
                    prop_assert!(!clear || out == (there.p_value() < 0.05));
                }
                (there, back) => prop_assert_eq!(there.is_ok(), back.is_ok()),
            }
        }
    }

    #[test]
    fn larger_shares_hold_out_the_same_and_more(
        customer in "\\PC{0,20}", salt in "\\PC{0,9}", share in 0.0..=1.0f64, more in 0.0..=1.0f64,
    ) {
        let more = share.max(more);
        prop_assert!(!is_held_out(&customer, &salt, share) || is_held_out(&customer, &salt, more));
        prop_assert!(is_held_out(&customer, &salt, 1.0));
        prop_assert!(!is_held_out(&customer, &salt, 0.0));
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn sha256_is_that_of_the_standard() {
    // FIPS 180-4, examples of NIST
    for (text, digest) in [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        ),
    ] {
        assert_eq!(hex(&sha256(&[text.as_bytes()])), digest);
        let (one, other) = text.as_bytes().split_at(text.len() / 3);
        assert_eq!(hex(&sha256(&[one, b"", other])), digest);
    }
    let million = vec![b'a'; 1_000_000];
    assert_eq!(
        hex(&sha256(&[&million])),
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    );
}

#[test]
fn so_many_are_held_out_and_salts_have_nothing_to_do_with_each_other() {
    let customers: Vec<String> = (1..=20_000).map(|number: i32| number.to_string()).collect();
    let held = |salt: &str, share: f64| -> Vec<bool> {
        customers.iter().map(|customer| is_held_out(customer, salt, share)).collect()
    };
    let (spring, autumn) = (held("spring", 0.1), held("autumn", 0.1));
    let count = |held: &[bool]| held.iter().filter(|&&held| held).count();
    // three standard errors
    for held in [&spring, &autumn] {
        assert!(count(held).abs_diff(2000) < 128, "{}", count(held));
    }
    let both = spring.iter().zip(&autumn).filter(|(a, b)| **a && **b).count();
    assert!(both.abs_diff(200) < 43, "{both}");
}
