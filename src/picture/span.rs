//! What pictures over time have in common: how far apart their days are, and which of many segments they show.

use super::Arguments;
use crate::server::error::{Code, fail};
use crate::server::names::listed;
use btyd::calendar::{Step, month_of};
use pgrx::AnyNumeric;
use picture::axis;
use std::cmp::Ordering;

/// A distance between days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Every {
    /// So many days.
    Days(i32),
    /// So many months.
    Months(i32),
}

impl Every {
    /// One for a period that a picture has room for.
    pub fn of(from: i32, to: i32) -> Every {
        let months = months_between(from, to);
        match i64::from(to) - i64::from(from) {
            ..=24 => Every::Days(1),
            25..=100 => Every::Days(7),
            _ if months <= 36 => Every::Months(1),
            _ if months <= 108 => Every::Months(3),
            _ => Every::Months((months / 36 / 12 + 1) as i32 * 12),
        }
    }

    /// The same as reports take it.
    pub fn step(self) -> Step {
        match self {
            Every::Days(days) => Step { months: 0, days },
            Every::Months(months) => Step { months, days: 0 },
        }
    }

    /// The days at this distance from the last one back to the first one or a later day.
    pub fn back(self, first: i32, last: i32) -> Vec<i32> {
        let days = (0..).map_while(|times: i32| self.step().from(last, -times));
        let mut days: Vec<i32> = days.take_while(|day| *day >= first).collect();
        days.reverse();
        days
    }

    /// What a day is called where there is little room.
    pub fn name(self, day: i32, language: &str) -> String {
        match self {
            Every::Days(_) => axis::day(day, language),
            Every::Months(_) => axis::month(day, language),
        }
    }
}

/// The months from that of a day to that of another.
pub fn months_between(from: i32, to: i32) -> i64 {
    month_of(to.into()) - month_of(from.into())
}

/// The measure that a reader gave, one of these, or the first of them.
pub fn choice(arguments: &Arguments, known: &[&'static str]) -> &'static str {
    let Some(given) = &arguments.measure else { return known[0] };
    known.iter().find(|name| *name == given).unwrap_or_else(|| {
        fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            format!("invalid value for argument \"measure\": \"{given}\""),
            format!("Give one of {}.", listed(known)),
        )
    })
}

/// An exact number as one that is drawn.
pub fn number(exact: &AnyNumeric) -> f64 {
    exact.to_string().parse().unwrap_or(0.0)
}

/// The order of two labels without ranks: numbers by their values, before texts.
pub fn by_place(one: &str, other: &str) -> Ordering {
    let number = |label: &str| label.parse().ok().filter(|number: &f64| number.is_finite());
    match (number(one), number(other)) {
        (Some(a), Some(b)) => a.total_cmp(&b).then_with(|| one.cmp(other)),
        (a, b) => a.is_none().cmp(&b.is_none()).then_with(|| one.cmp(other)),
    }
}

/// The order of two scores, the best first.
pub fn by_score(one: &str, other: &str) -> Ordering {
    by_place(one, other).reverse()
}

/// Which of several are the largest: no more than `most` of them. One more than these is no reason to join two.
pub fn largest(sizes: &[f64], most: usize) -> Vec<bool> {
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by(|one, other| sizes[*other].total_cmp(&sizes[*one]).then(one.cmp(other)));
    let mut kept = vec![false; sizes.len()];
    let most = if sizes.len() <= most + 1 { sizes.len() } else { most };
    order.into_iter().take(most).for_each(|at| kept[at] = true);
    kept
}
