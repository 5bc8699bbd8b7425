//! What the tests share: a host for ledgers, a naive model to compare with, generators.
#![allow(dead_code, reason = "each test file uses a part of this")]

use btyd::Error;
use btyd::decimal::Decimal;
use btyd::history::{DayLine, History, Plan};
use btyd::ledger::{self, Added, Header, Ledger, Line};
use btyd::population::{Measured, Plan as Training, Population, Trained};
use proptest::prelude::ProptestConfig;
use proptest::test_runner::RngSeed;

mod model;
mod orders;

#[allow(unused_imports, reason = "each test file uses a part of this")]
pub use {model::*, orders::*};

/// One order; None for a visit without an amount.
#[derive(Debug, Clone, Copy)]
pub struct Order {
    pub day: i32,
    pub amount: Option<Decimal>,
}

pub fn order(day: i32, mantissa: i128, scale: u8) -> Order {
    let amount = Some(Decimal { mantissa, scale });
    Order { day, amount }
}

pub fn visit(day: i32) -> Order {
    Order { day, amount: None }
}

/// How a host gives room: so many lines at first, so many more than it is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Growth {
    pub first: u32,
    pub spare: u32,
}

pub const TIGHT: Growth = Growth { first: 0, spare: 0 };

/// A host: a ledger and the memory that it grows in.
pub struct Book {
    header: Header,
    lines: Vec<Line>,
    growth: Growth,
}

impl Book {
    pub fn new(growth: Growth) -> Self {
        let mut header = Header::EMPTY;
        header.set_capacity(growth.first);
        let lines = vec![Line::UNUSED; growth.first as usize];
        Book { header, lines, growth }
    }

    pub fn ledger(&mut self) -> Ledger<'_> {
        Ledger::new(&mut self.header, &mut self.lines)
    }

    pub fn room(&self) -> usize {
        self.lines.len()
    }

    fn retry(
        &mut self,
        add: impl Fn(&mut Ledger<'_>) -> Result<Added, Error>,
    ) -> Result<(), Error> {
        while let Added::NeedsRoom(room) = add(&mut self.ledger())? {
            assert!(room > self.room(), "asked for room that there is");
            assert!(room < 1 << 20, "asks for more and more room");
            let room = room + self.growth.spare as usize;
            self.lines.resize(room, Line::UNUSED);
            self.header.set_capacity(room as u32);
        }
        Ok(())
    }

    pub fn add(&mut self, order: &Order) -> Result<(), Error> {
        self.retry(|book| match order.amount {
            Some(amount) => match ledger::Order::new(order.day, amount) {
                Some(small) => book.add_order(&small, &mut || ()),
                None => book.add_wide(order.day, amount, &mut || ()),
            },
            None => book.add_order(&ledger::Order::visit(order.day), &mut || ()),
        })
    }

    pub fn add_all(&mut self, orders: &[Order]) -> Result<(), Error> {
        orders.iter().try_for_each(|order| self.add(order))
    }

    pub fn add_line(&mut self, line: &DayLine, scale: Option<u8>) -> Result<(), Error> {
        self.retry(|ledger| ledger.add_day(line, scale, &mut || ()))
    }

    pub fn add_packed(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let history = History::new(bytes);
        self.retry(|ledger| ledger.add_scale(history.scale(), &mut || ()))?;
        let mut days = history.days();
        days.try_for_each(|line| self.add_line(&line, history.scale()))
    }

    pub fn add_book(&mut self, other: &mut Book) -> Result<(), Error> {
        let mut ledger = other.ledger();
        ledger.arrange(&mut || ());
        self.retry(|own| own.add_scale(ledger.scale(), &mut || ()))?;
        let mut days = ledger.days();
        days.try_for_each(|line| self.add_line(&line?, ledger.scale()))
    }

    pub fn pack(&mut self) -> Result<Vec<u8>, Error> {
        let mut ledger = self.ledger();
        ledger.arrange(&mut || ());
        let plan = Plan::new(ledger.days(), ledger.scale(), &mut || ())?;
        let mut bytes = vec![0xA5; plan.packed_len()];
        plan.write(ledger.days(), &mut bytes, &mut || ())?;
        Ok(bytes)
    }
}

/// The packed history of some orders.
pub fn pack(orders: &[Order]) -> Result<Vec<u8>, Error> {
    let mut book = Book::new(Growth { first: 2, spare: 0 });
    book.add_all(orders)?;
    book.pack()
}

/// The training of a population of packed histories.
pub fn train(
    customers: &[Vec<u8>],
    plan: &Training,
    as_of: Option<i32>,
) -> (Population, Result<Option<Trained>, Error>) {
    let mut population = Population::default();
    let add = |bytes: &Vec<u8>| {
        let history = History::new(bytes);
        population.count(&history, as_of);
        population.add(&history, &history.totals(as_of), plan.monetary_measure).unwrap()
    };
    let measured: Vec<Measured> = customers.iter().filter_map(add).collect();
    let as_of = as_of.unwrap_or(population.last_purchase);
    let mut scratch = vec![f64::NAN; measured.len()];
    let trained = population.train(&measured, plan, as_of, &mut scratch, &mut || ());
    (population, trained)
}

/// `num` / `den` to sixty digits after the point, by long division. `den` is below 2^127.
pub fn long_division(num: u128, den: u128) -> String {
    let mut text = format!("{}.", num / den);
    let mut rest = num % den;
    for _ in 0..60 {
        let (mut digit, mut ten) = (b'0', 0);
        for _ in 0..10 {
            ten += rest;
            (digit, ten) = if ten >= den { (digit + 1, ten - den) } else { (digit, ten) };
        }
        text.push(char::from(digit));
        rest = ten;
    }
    text
}

/// The mean with `more` digits, one after the other, rounded half up; None if the result does not fit.
pub fn naive_mean(total: u128, count: u128, more: u8) -> Option<i128> {
    let (mut mean, mut rest) = (total / count, total % count);
    for _ in 0..more {
        mean = mean.checked_mul(10)?.checked_add(rest * 10 / count)?;
        rest = rest * 10 % count;
    }
    let up = u128::from(2 * rest >= count);
    i128::try_from(mean.checked_add(up)?).ok()
}

/// Doubles between two doubles of one sign.
pub fn apart(a: f64, b: f64) -> u64 {
    a.to_bits().abs_diff(b.to_bits())
}

/// So many cases, times SOAK from the environment.
pub fn config(cases: u32) -> ProptestConfig {
    let soak = std::env::var("SOAK").ok().map(|times| times.parse::<u32>().expect("a number"));
    ProptestConfig {
        cases: cases * soak.unwrap_or(1),
        failure_persistence: None,
        // the same cases each time, unless one is looking for new ones
        rng_seed: if soak.is_some() { RngSeed::Random } else { RngSeed::Fixed(1) },
        ..ProptestConfig::default()
    }
}

/// Whether a number is within a share of what is expected.
pub fn close(actual: f64, expected: f64, within: f64) -> bool {
    (actual - expected).abs() <= within * expected.abs()
}

/// Both missing or both nearly the same.
pub fn near(actual: Option<f64>, expected: Option<f64>, within: f64) -> bool {
    let distance = actual.zip(expected).map(|(actual, expected)| (actual - expected).abs());
    distance.map_or(actual == expected, |distance| distance <= within)
}
