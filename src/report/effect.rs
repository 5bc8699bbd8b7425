//! What an action did: customers who were treated against those held out, before and after.
#![allow(clippy::type_complexity)] // a row of a report is as wide as its SQL declaration

mod compare;
mod measure;
mod row;

use self::compare::Effect;
use self::measure::Measure;
use self::row::Row;
use super::action::{Action, Days, Named, day};
use super::days::OnDays;
use super::labels::{as_type, labels};
use super::segments::Segments;
use super::template::sql;
use crate::server::clock::day_text;
use crate::server::error::{Code, fail, given, notice, poll};
use crate::server::planner::FewNestedLoops;
use crate::server::query::{Record, column, rows};
use pgrx::prelude::*;
use pgrx::spi::SpiHeapTupleData;
use segmentation::actions::known_and_placed;
use std::collections::BTreeMap;

/// A customer of an action, before and after it.
struct Found {
    action: Option<String>,
    segment: Option<String>,
    /// The rank of the segment.
    rank: Option<i32>,
    treated: bool,
    orders: [i64; 2],
    /// None without amounts.
    revenue: [Option<f64>; 2],
    /// Days since the last purchase, before.
    recency_days: Option<i32>,
    /// Lifetime value or, without amounts, purchases that are expected.
    expected: [Option<f64>; 2],
    /// Whether another action treated them in the days compared.
    overlaps: bool,
    /// Whether there are any orders.
    is_known: bool,
}

impl Record for Found {
    fn read(row: &SpiHeapTupleData<'_>) -> Found {
        Found {
            action: column(row, 1),
            segment: column(row, 2),
            rank: column(row, 3),
            treated: column(row, 4).unwrap_or(false),
            orders: [5, 6].map(|at| column(row, at).unwrap_or(0)),
            revenue: [7, 8].map(|at| column(row, at)),
            recency_days: column(row, 9),
            expected: [10, 11].map(|at| column(row, at)),
            overlaps: column(row, 12).unwrap_or(false),
            is_known: column(row, 13).unwrap_or(false),
        }
    }
}

/// How it is called, for whoever leaves out what must be given.
const CALL: &str =
    "Call it like this: action_effect('shop.customer_segments', 'shop.spring_mailing').";

/// The columns of the view that the report tells of.
const SHOWN: [&str; 4] = ["frequency", "revenue", "recency_days", "clv"];

/// Rows of an action of which each can look for its orders by itself.
const FEW: i64 = 100;

/// Customers read between two polls: well under 10 ms.
const POLL_EVERY: u32 = 4096;

/// (view, action, columns, days, by): the effect of an action on each measure, in total and by segment.
#[pg_extern(sql = false)]
#[allow(clippy::too_many_arguments)] // as SQL calls it
fn action_effect(
    view: Option<&str>,
    action: Option<&str>,
    customer_column: Option<&str>,
    at_column: Option<&str>,
    treated_column: Option<&str>,
    outcome_days: Option<i32>,
    before_days: Option<i32>,
    by: Option<&str>,
    action_column: Option<&str>,
) -> TableIterator<
    'static,
    (
        name!(action, Option<String>),
        name!(part, Option<String>),
        name!(segment, Option<String>),
        name!(measure, Option<String>),
        name!(treated, Option<i64>),
        name!(held_out, Option<i64>),
        name!(treated_before, Option<f64>),
        name!(held_out_before, Option<f64>),
        name!(treated_after, Option<f64>),
        name!(held_out_after, Option<f64>),
        name!(difference, Option<f64>),
        name!(difference_from, Option<f64>),
        name!(difference_to, Option<f64>),
        name!(p_value, Option<f64>),
        name!(adjusted_difference, Option<f64>),
        name!(adjusted_from, Option<f64>),
        name!(adjusted_to, Option<f64>),
        name!(adjusted_p_value, Option<f64>),
        name!(variance_reduction, Option<f64>),
        name!(adjusted_by, Option<String>),
        name!(imbalance, Option<f64>),
        name!(treated_overlapping, Option<i64>),
        name!(held_out_overlapping, Option<i64>),
        name!(reason, Option<String>),
    ),
> {
    let segments = Segments::of(given("view", view, CALL));
    let named = Named {
        table: given("action", action, CALL),
        customer: customer_column,
        at: given("at_column", at_column, CALL),
        treated: treated_column,
        action: action_column,
    };
    let days = Days::given(before_days, given("outcome_days", outcome_days, CALL));
    segments.require(&SHOWN);
    by.iter().for_each(|by| _ = segments.column(by));
    let on = OnDays::of(&segments);
    let s = &on.plan().of;
    let action = named.find(&segments, s);
    let customers = match action.check(s, &day_text(on.as_of()), days) {
        true => read(&segments, &on, &action, days, by),
        false => Vec::new(),
    };
    let measures = Measure::of(on.plan());
    let mut rows = Vec::new();
    for (name, customers) in by_action(customers) {
        let effect = Effect {
            name,
            days,
            by_segment: by.is_some(),
            measures: &measures,
            words: segments.words(),
        };
        rows.extend(effect.report(&action.table, customers));
    }
    let semicolon = segments.words().text("list.semicolon");
    TableIterator::new(rows.into_iter().map(move |row: Row| row.shown(semicolon)))
}

/// Reads the customers of an action. The action itself is read with the rights of the caller, orders with those of the view.
fn read(
    segments: &Segments,
    on: &OnDays<'_>,
    action: &Action,
    days: Days,
    by: Option<&str>,
) -> Vec<Found> {
    let plan = on.plan();
    let s = &plan.of;
    let [segment, rank] = labels(segments, on, by);
    let prediction = if s.orders.amount.is_some() { "clv" } else { "expected_purchases" };
    let expected = as_type(s, Some(on.column(prediction)), "expected", "float8");
    let before = [("segment", &segment), ("rank", &rank), ("expected", &expected)];
    let (number, given) = action.rows();
    let sql = sql!(
        "action_effect.sql",
        rows = number.to_string(),
        customer_type = &s.orders.customer_type,
        same = &s.orders.same,
        as_of = day(&day_text(on.as_of())),
        outcome_days = days.outcome.to_string(),
        before_days = days.before.to_string(),
        known_and_placed = known_and_placed(plan, &before, &[("expected", &expected)]),
    );
    // of customers in an array, and of a day of their own, the planner takes few to be left
    let planned = (number > FEW).then(FewNestedLoops::begin);
    let customers = on.read(&sql, &|sql| {
        let arguments = given.each_ref().map(|rows| rows.as_deref().into());
        let mut customers = 0u32;
        rows(sql, &arguments, |row| {
            customers = customers.wrapping_add(1);
            if customers.is_multiple_of(POLL_EVERY) {
                poll();
            }
            Found::read(row)
        })
    });
    if let Some(planned) = planned {
        planned.end();
    }
    tell_unknown(segments, action, &customers);
    customers
}

/// Tells of customers without orders. If nobody has any, the column holds no customers of this segmentation: an error.
fn tell_unknown(segments: &Segments, action: &Action, customers: &[Found]) {
    let unknown = customers.iter().filter(|customer| !customer.is_known).count();
    match unknown {
        0 => {}
        all if all == customers.len() => fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            format!("no customer of {} has orders in {}", action.table, segments.view()),
            "Give customer_column => the column with the customers as the orders have them.",
        ),
        some => notice(format!(
            "customers of {} without orders that you may see, who count as customers who bought nothing: {some} of {}",
            action.table,
            customers.len()
        )),
    }
}

/// Customers by action, in order of their names.
fn by_action(customers: Vec<Found>) -> BTreeMap<Option<String>, Vec<Found>> {
    let mut actions: BTreeMap<Option<String>, Vec<Found>> = BTreeMap::new();
    for customer in customers {
        actions.entry(customer.action.clone()).or_default().push(customer);
    }
    actions
}
