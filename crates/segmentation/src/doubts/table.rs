//! The doubts there are, in the order in which they are told: of the population, of its orders, of the models, of the
//! rows, of amounts, of scores and axes.

use super::{Doubt, Evidence, Figures};
use serde_json::{Value, json};

/// Purchasers below which thresholds and models are a matter of chance.
const PURCHASERS: u64 = 500;
/// Customers who bought again below which models are.
const REPEATERS: u64 = 100;
/// Days of purchases below which a year ahead is a guess.
const SHORT: i64 = 180;
/// Days without an order after which a live segmentation looks cut off.
const SILENT: i64 = 30;
/// The same where customers are compared as of a day that somebody chose.
const LONG_SILENT: i64 = 365;
/// Orders on a purchase day from which rows look like parts of orders.
const A_DAY: f64 = 1.3;
/// Correlation of number and value from which the model of spend is doubtful.
const CORRELATED: f64 = 0.3;
/// Share of the gross amount beyond which refunds are no longer a deduction.
const SENT_BACK: f64 = 0.5;
/// Share of the customers who begin with a negative amount, and how many at least, from which amounts look like profit.
const NEGATIVE: (f64, u64) = (0.05, 2);

/// All doubts, in their order.
pub const ALL: &[Doubt] = &[
    Doubt { code: "few_customers", figures: few_customers },
    Doubt { code: "short_history", figures: short_history },
    Doubt { code: "no_recent_orders", figures: no_recent_orders },
    Doubt { code: "latest_in_future", figures: latest_in_future },
    Doubt { code: "orders_after_as_of", figures: orders_after_as_of },
    Doubt { code: "no_repeat_purchases", figures: no_repeat_purchases },
    Doubt { code: "no_purchase_model", figures: no_purchase_model },
    Doubt { code: "no_spend_model", figures: no_spend_model },
    Doubt { code: "fit_at_boundary", figures: fit_at_boundary },
    Doubt { code: "fit_without_maximum", figures: fit_without_maximum },
    Doubt { code: "everybody_alive", figures: everybody_alive },
    Doubt { code: "number_and_value_correlated", figures: number_and_value_correlated },
    Doubt { code: "several_orders_a_day", figures: several_orders_a_day },
    Doubt { code: "rows_left_out", figures: rows_left_out },
    Doubt { code: "unmatched_refunds", figures: unmatched_refunds },
    Doubt { code: "high_refund_share", figures: high_refund_share },
    Doubt { code: "negative_first_orders", figures: negative_first_orders },
    Doubt { code: "time_zone_without_effect", figures: time_zone_without_effect },
    Doubt { code: "same_value", figures: same_value },
    Doubt { code: "axis_without_values", figures: axis_without_values },
    Doubt { code: "scores_without_customers", figures: scores_without_customers },
];

/// The figures of a doubt, if there is reason for it.
fn if_so<const N: usize>(so: bool, figures: [(&str, Value); N]) -> Option<Figures> {
    let known = figures.into_iter().filter(|(_, value)| !value.is_null());
    so.then(|| known.map(|(name, value)| (name.to_owned(), value)).collect())
}

/// One part of a whole, rounded to four digits; None without a whole.
fn share(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| (part / whole * 1e4).round() / 1e4)
}

fn number(amount: &Option<String>) -> Option<f64> {
    amount.as_ref()?.parse().ok()
}

fn few_customers(e: &Evidence) -> Option<Figures> {
    let so = e.purchasers < PURCHASERS || e.repeaters < REPEATERS;
    if_so(so, [("purchasers", json!(e.purchasers)), ("repeaters", json!(e.repeaters))])
}

fn short_history(e: &Evidence) -> Option<Figures> {
    let days = e.last_purchase.number - e.first_purchase.number;
    let (first, last) = (&e.first_purchase.text, &e.last_purchase.text);
    if_so(days < SHORT, [("days", json!(days)), ("first", json!(first)), ("last", json!(last))])
}

fn no_recent_orders(e: &Evidence) -> Option<Figures> {
    let days = e.as_of.number - e.last_purchase.number;
    let so = days >= if e.live { SILENT } else { LONG_SILENT };
    let (last, as_of) = (&e.last_purchase.text, &e.as_of.text);
    if_so(so, [("days", json!(days)), ("last", json!(last)), ("as_of", json!(as_of))])
}

fn latest_in_future(e: &Evidence) -> Option<Figures> {
    let so = e.latest && e.last_ever.number > e.as_of.number;
    let days = [("last_ever", json!(e.last_ever.text)), ("as_of", json!(e.as_of.text))];
    if_so(so, days)
}

fn orders_after_as_of(e: &Evidence) -> Option<Figures> {
    if_so(
        e.later_orders > 0 || e.later_refunds > 0,
        [
            ("orders", json!(e.later_orders)),
            ("refunds", json!(e.later_refunds)),
            ("amount", json!(e.later_amount)),
            ("as_of", json!(e.as_of.text)),
        ],
    )
}

fn no_repeat_purchases(e: &Evidence) -> Option<Figures> {
    let (first, last) = (&e.first_purchase.text, &e.last_purchase.text);
    if_so(
        e.wants_models && e.repeaters == 0,
        [("purchasers", json!(e.purchasers)), ("first", json!(first)), ("last", json!(last))],
    )
}

fn no_purchase_model(e: &Evidence) -> Option<Figures> {
    let so = e.wants_models && e.repeaters > 0 && !e.knows_purchases;
    if_so(so, [("purchasers", json!(e.purchasers)), ("repeaters", json!(e.repeaters))])
}

fn no_spend_model(e: &Evidence) -> Option<Figures> {
    let so = e.knows_purchases && e.knows_amounts && !e.knows_spend;
    if_so(so, [("repeaters", json!(e.repeaters)), ("spenders", json!(e.spenders))])
}

fn fit_at_boundary(e: &Evidence) -> Option<Figures> {
    let each = e.boundaries.iter().map(|one| {
        let (bound, meaning) = one.meaning.split_once(": ").unwrap_or(("", &one.meaning));
        json!({"family": one.family, "bound": bound, "meaning": meaning})
    });
    if_so(!e.boundaries.is_empty(), [("each", each.collect())])
}

fn fit_without_maximum(e: &Evidence) -> Option<Figures> {
    if_so(!e.lost_fits.is_empty(), [("families", json!(e.lost_fits.join(", ")))])
}

fn everybody_alive(e: &Evidence) -> Option<Figures> {
    let alive = e.alive?;
    let figures = [("alive", json!(alive)), ("purchasers", json!(e.purchasers))];
    if_so(e.purchasers > 0, figures)
}

fn number_and_value_correlated(e: &Evidence) -> Option<Figures> {
    let correlation = e.correlation?;
    let rounded = (correlation * 100.0).round() / 100.0;
    if_so(correlation.abs() >= CORRELATED, [("correlation", json!(rounded))])
}

fn several_orders_a_day(e: &Evidence) -> Option<Figures> {
    let a_day = e.orders as f64 / e.purchase_days.max(1) as f64;
    if_so(
        !e.knows_orders && a_day >= A_DAY,
        [
            ("orders", json!(e.orders)),
            ("purchase_days", json!(e.purchase_days)),
            ("a_day", json!((a_day * 10.0).round() / 10.0)),
        ],
    )
}

fn rows_left_out(e: &Evidence) -> Option<Figures> {
    let left_out = number(&e.amount_left_out);
    let rest = number(&e.revenue).zip(number(&e.later_amount)).map(|(until, later)| until + later);
    let all = left_out.zip(rest).and_then(|(left_out, rest)| share(left_out, left_out + rest));
    if_so(
        e.rows_left_out > 0,
        [
            ("rows", json!(e.rows_left_out)),
            ("amount", json!(e.amount_left_out)),
            ("amount_share", json!(all.filter(|share| (0.0..=1.0).contains(share)))),
        ],
    )
}

fn unmatched_refunds(e: &Evidence) -> Option<Figures> {
    let figures = [("refunds", json!(e.unmatched_refunds)), ("amount", json!(e.unmatched_amount))];
    if_so(e.unmatched_refunds > 0, figures)
}

fn high_refund_share(e: &Evidence) -> Option<Figures> {
    let share = e.refund_share?;
    if_so(share > SENT_BACK, [("refund_share", json!((share * 1e4).round() / 1e4))])
}

fn negative_first_orders(e: &Evidence) -> Option<Figures> {
    let (least, few) = NEGATIVE;
    let so = e.refund_first >= few && e.refund_first as f64 >= least * e.seen as f64;
    if_so(so, [("customers", json!(e.refund_first)), ("all", json!(e.seen))])
}

fn time_zone_without_effect(e: &Evidence) -> Option<Figures> {
    if_so(e.idle_zone.is_some(), [("zone", json!(e.idle_zone))])
}

fn same_value(e: &Evidence) -> Option<Figures> {
    let each: Vec<Value> = e
        .axes
        .iter()
        .filter_map(|axis| axis.common.map(|(value, customers)| (&axis.name, value, customers)))
        .filter(|(.., customers)| 3 * customers >= e.purchasers)
        .map(|(axis, value, customers)| {
            let share = share(customers as f64, e.purchasers as f64);
            json!({"axis": axis, "value": whole(value), "customers": customers, "value_share": share})
        })
        .collect();
    if_so(!each.is_empty() && e.purchasers > 1, [("each", each.into())])
}

/// A value as a whole number where it is one.
fn whole(value: f64) -> Value {
    match value.fract() == 0.0 && value.abs() < 1e15 {
        true => json!(value as i64),
        false => json!(value),
    }
}

fn axis_without_values(e: &Evidence) -> Option<Figures> {
    let none = e.axes.iter().filter(|axis| axis.common.is_none());
    let names: Vec<&str> = none.map(|axis| axis.name.as_str()).collect();
    if_so(!names.is_empty(), [("axes", json!(names.join(", ")))])
}

fn scores_without_customers(e: &Evidence) -> Option<Figures> {
    let each = e.empty_scores.iter().map(|one| {
        let scores: Vec<String> = one.scores.iter().map(usize::to_string).collect();
        json!({"axis": one.axis, "scores": scores.join(", ")})
    });
    if_so(!e.empty_scores.is_empty(), [("each", each.collect())])
}
