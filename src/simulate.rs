//! Orders drawn from models, for trying out: the function behind `simulate_orders`.

use crate::server::clock::finite_day;
use crate::server::error::{Code, fail, poll};
use crate::training::model::{purchase_model_of, spend_model_of};
use btyd::simulate::{Purchasing, Simulation};
use pgrx::prelude::*;

/// Microseconds of a day.
const DAY: f64 = 86_400_000_000.0;

/// The first microsecond that is no timestamp of PostgreSQL any more: 294277-01-01.
const END: f64 = 9_223_371_331_200_000_000.0;

/// The longest time, in days.
const LONGEST: i32 = 100_000;

/// Orders as (customer, time, hundredths of an amount), customer by customer.
#[pg_extern(sql = false)]
fn draw_orders(
    customers: i32,
    days: i32,
    seed: i64,
    purchases: &str,
    spend: &str,
    first_day: Date,
    joining_days: i32,
) -> TableIterator<
    'static,
    (
        name!(customer_id, Option<i64>),
        name!(ordered_at, Option<TimestampWithTimeZone>),
        name!(cents, Option<i64>),
    ),
> {
    check("customers", customers, i32::MAX);
    check("days", days, LONGEST);
    check("joining_days", joining_days, LONGEST);
    let simulation =
        Simulation::new(purchase_model_of(purchases), Some(spend_model_of(spend)), seed as u64);
    let drawing = Drawing {
        simulation,
        customers: 1..=i64::from(customers),
        current: None,
        days: days.into(),
        joining_days: joining_days.into(),
    };
    let start = f64::from(finite_day(first_day.to_pg_epoch_days())) * DAY;
    TableIterator::new(drawing.map(move |(customer, day, cents)| {
        let micros = start + day * DAY;
        let at = TimestampWithTimeZone::try_from(micros as i64).ok().filter(|_| micros < END);
        (Some(customer), at.or_else(too_late), Some(cents))
    }))
}

fn check(name: &str, value: i32, most: i32) {
    if !(0..=most).contains(&value) {
        fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            format!("{name} is {value}, not a number from 0 to {most}"),
            "Call it, for example, as simulate_orders(1000, 730).",
        )
    }
}

#[cold]
fn too_late<T>() -> Option<T> {
    fail(
        Code::ERRCODE_DATETIME_FIELD_OVERFLOW,
        "the orders would be out of the range of timestamps",
        "Choose another first_day.",
    )
}

/// The orders of all customers, one after another.
struct Drawing {
    simulation: Simulation,
    customers: std::ops::RangeInclusive<i64>,
    /// The customer, when they joined, what they buy.
    current: Option<(i64, f64, Purchasing)>,
    days: f64,
    joining_days: f64,
}

impl Iterator for Drawing {
    type Item = (i64, f64, i64);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some((customer, joined, purchasing)) = &mut self.current {
                let day = purchasing.next().map(|time| *joined + time);
                if let Some(day) = day.filter(|&day| day < self.days) {
                    let amount = purchasing.amount().unwrap_or(0.0);
                    return Some((*customer, day, (amount * 100.0).round() as i64));
                }
            }
            poll();
            let customer = self.customers.next()?;
            let number = customer as u64;
            let joined = self.simulation.share(number) * self.joining_days;
            self.current =
                Some((customer, joined, self.simulation.customer(number).until(self.days)));
        }
    }
}
