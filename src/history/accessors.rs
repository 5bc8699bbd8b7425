//! Plain functions over one history: all of it, or as of a day. Declared STRICT in `sql/`.

use crate::server::call::{Call, sql_function};
use crate::server::clock::finite_day;
use crate::server::datum::IntoDatum;
use crate::server::error::{Code, OrFail, fail, poll, shown};
use btyd::history::{History, Totals};
use btyd::measures;
use pgrx::pg_sys::Datum;

/// The history of argument 0, and the day of argument 1 if there is one.
#[inline]
fn history(call: &Call) -> (History<'_>, Option<i32>) {
    (History::new(call.bytes(0)), (call.count() > 1).then(|| call.int4(1)))
}

/// The history of argument 0 and its sums up to the day of argument 1.
#[inline]
fn totals(call: &Call) -> (History<'_>, Totals) {
    let (history, as_of) = history(call);
    let totals = history.totals(as_of);
    (history, totals)
}

/// Argument 1, a day that differences are taken from.
#[inline]
fn day(call: &Call) -> i32 {
    finite_day(call.int4(1))
}

#[inline]
fn datum<T: IntoDatum>(value: Option<T>) -> Option<Datum> {
    value.map(T::into_datum)
}

#[inline]
fn whole_days(days: i64) -> i32 {
    // two dates of PostgreSQL are never further apart
    i32::try_from(days).unwrap_or(i32::MAX)
}

#[cold]
fn refuse(name: &str, value: f64, allowed: &str) -> ! {
    let message = format!("{name} is {}, not {allowed}", shown(value));
    let hint = "Give what it cost to win the customer, and the share of the revenue that counts, such as 0.35.";
    fail(Code::ERRCODE_INVALID_PARAMETER_VALUE, message, hint)
}

sql_function! {
    /// Number of orders.
    fn order_count(call) datum(Some(totals(call).1.orders as i64))
}
sql_function! {
    /// Number of days with an order.
    fn purchase_days(call) datum(Some(whole_days(totals(call).1.purchase_days as i64)))
}
sql_function! {
    /// First day with an order.
    fn first_purchase(call) {
        let totals = totals(call).1;
        datum((totals.purchase_days > 0).then_some(totals.first_purchase))
    }
}
sql_function! {
    /// First day with an order or a refund.
    fn first_day(call) datum(History::new(call.bytes(0)).bounds().map(|(first, _)| first))
}
sql_function! {
    /// Last day with an order.
    fn last_purchase(call) {
        let totals = totals(call).1;
        datum((totals.purchase_days > 0).then_some(totals.last_purchase))
    }
}
sql_function! {
    /// Net revenue.
    fn revenue(call) {
        let (history, totals) = totals(call);
        datum(measures::revenue(&history, &totals).map(OrFail::or_fail))
    }
}
sql_function! {
    /// Refunds as a share of the gross amount.
    fn refund_share(call) datum(measures::refund_share(&totals(call).1))
}
sql_function! {
    /// Gross amount per order.
    fn average_order_value(call) {
        let (history, totals) = totals(call);
        datum(measures::average_order_value(&history, &totals).map(OrFail::or_fail))
    }
}
sql_function! {
    /// Purchase days less one.
    fn repeat_purchases(call) datum(measures::repeat_purchases(&totals(call).1).map(whole_days))
}
sql_function! {
    /// Days from the first to the last purchase.
    fn purchase_span(call) datum(measures::purchase_span(&totals(call).1).map(whole_days))
}
sql_function! {
    /// Mean gross amount of the purchase days after the first.
    fn repeat_purchase_value(call) {
        let (history, totals) = totals(call);
        datum(measures::repeat_purchase_value(&history, &totals))
    }
}
sql_function! {
    /// Days from the first purchase to a day.
    fn customer_age(call) {
        let (day, totals) = (day(call), totals(call).1);
        let age = measures::days_between(totals.first_purchase, day);
        datum((totals.purchase_days > 0).then(|| whole_days(age)))
    }
}
sql_function! {
    /// Days from the last purchase to a day.
    fn days_since_last_purchase(call) {
        let (day, totals) = (day(call), totals(call).1);
        let days = measures::days_between(totals.last_purchase, day);
        datum((totals.purchase_days > 0).then(|| whole_days(days)))
    }
}
sql_function! {
    /// Net revenue from one day to another, both included.
    fn revenue_between(call) {
        let history = History::new(call.bytes(0));
        let totals = history.totals_between(call.int4(1), call.int4(2));
        datum(measures::revenue(&history, &totals).map(OrFail::or_fail))
    }
}
sql_function! {
    /// Orders from one day to another, both included.
    fn orders_between(call) {
        let history = History::new(call.bytes(0));
        datum(Some(history.totals_between(call.int4(1), call.int4(2)).orders as i64))
    }
}
sql_function! {
    /// (history, as_of, cost, margin): days from the first purchase until margins had paid a cost.
    fn payback_days(call) {
        let (history, as_of) = (History::new(call.bytes(0)), finite_day(call.int4(1)));
        let [cost, margin] = [2, 3].map(|at| call.float8(at));
        if !(0.0..=f64::MAX).contains(&cost) {
            refuse("cost", cost, "an amount from 0 up");
        }
        if !(-1e6..=1e6).contains(&margin) {
            refuse("margin", margin, "a number from -1,000,000 to 1,000,000");
        }
        datum(measures::payback_days(&history, as_of, cost, margin).map(whole_days))
    }
}
sql_function! {
    /// Median gap between purchase days.
    fn typical_gap(call) {
        let (history, as_of) = history(call);
        datum(measures::typical_gap(&history, as_of, &mut poll).or_fail())
    }
}
sql_function! {
    /// The last purchase and the median gap after it.
    fn expected_next_purchase(call) {
        let (history, as_of) = history(call);
        datum(measures::expected_next_purchase(&history, as_of, &mut poll).or_fail())
    }
}
