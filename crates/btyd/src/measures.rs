//! What is read from a history, as of a day: RFM measures and the statistics of the models.
//!
//! Words: a *purchase day* has at least one order; a refund is never a purchase; `as_of` includes its
//! whole day and is None for all of the history; spans are in days.

use crate::decimal::{Decimal, ratio};
use crate::history::{History, Totals};
use crate::{Error, Poll};

/// Digits that an average shows beyond those of the amounts.
const MEAN_DIGITS: u8 = 4;

/// Days from one day to another.
pub fn days_between(from: i32, to: i32) -> i64 {
    i64::from(to) - i64::from(from)
}

/// Net revenue: purchases less refunds. None without amounts.
pub fn revenue(history: &History<'_>, totals: &Totals) -> Option<Result<Decimal, Error>> {
    history.scale()?;
    Some(history.money(totals.gross, totals.refunds))
}

/// Gross amount per order, rounded half up four digits beyond the amounts. None without orders or amounts.
pub fn average_order_value(
    history: &History<'_>,
    totals: &Totals,
) -> Option<Result<Decimal, Error>> {
    let scale = history.scale()?;
    // fewer digits where 38 do not hold the four
    let mean = |more| Decimal::mean(totals.gross, totals.orders, scale, more);
    let mean = || (0..=MEAN_DIGITS).rev().map(mean).find(Result::is_ok);
    (totals.orders > 0).then(|| mean().unwrap_or(Err(Error::OutOfRange)))
}

/// Refunds as a share of the gross amount. None while the gross amount is zero.
pub fn refund_share(totals: &Totals) -> Option<f64> {
    (totals.gross > 0).then(|| ratio(totals.refunds, totals.gross))
}

/// Distinct purchase days less one, the x of the models. None without purchases.
pub fn repeat_purchases(totals: &Totals) -> Option<i64> {
    let repeats = totals.purchase_days.checked_sub(1)?;
    Some(i64::try_from(repeats).unwrap_or(i64::MAX))
}

/// Days from the first to the last purchase, the t_x of the models. None without purchases.
pub fn purchase_span(totals: &Totals) -> Option<i64> {
    (totals.purchase_days > 0).then(|| days_between(totals.first_purchase, totals.last_purchase))
}

/// Mean gross amount of the purchase days after the first, the m of the models. None without repeats.
pub fn repeat_purchase_value(history: &History<'_>, totals: &Totals) -> Option<f64> {
    let scale = history.scale()?;
    let repeats = totals.purchase_days.checked_sub(1).filter(|&repeats| repeats > 0)?;
    let first = history.days().find(|line| !line.refund)?;
    let total = Decimal::difference(totals.gross, first.amount, scale).ok()?;
    let unit = crate::decimal::POW10[usize::from(scale)];
    match unit.checked_mul(repeats.into()) {
        Some(den) => Some(ratio(total.mantissa.unsigned_abs(), den)),
        None => Some(total.to_f64() / repeats as f64),
    }
}

/// What rounding may take from a sum times a margin, relatively.
const ROUNDING: f64 = 1e-12;

/// Days from the first purchase to the first day up to `as_of` at whose end net revenue times a margin has reached a cost.
/// None without purchases or amounts, and where it has not.
pub fn payback_days(history: &History<'_>, as_of: i32, cost: f64, margin: f64) -> Option<i64> {
    let scale = history.scale()?;
    let totals = history.totals(Some(as_of));
    if totals.purchase_days == 0 {
        return None;
    }
    if cost <= 0.0 {
        return Some(0);
    }
    let unit = crate::decimal::POW10[usize::from(scale)] as f64;
    let least = cost * (1.0 - ROUNDING);
    let (mut gross, mut refunds) = (0u128, 0u128);
    let mut lines = history.days().take_while(|line| line.day <= as_of).peekable();
    while let Some(line) = lines.next() {
        let sum = if line.refund { &mut refunds } else { &mut gross };
        *sum = sum.saturating_add(line.amount);
        if lines.peek().is_some_and(|next| next.day == line.day) {
            continue; // the day is not over
        }
        let net = gross.saturating_sub(refunds) as f64 / unit;
        if net * margin >= least {
            return Some(days_between(totals.first_purchase, line.day).max(0));
        }
    }
    None
}

/// Median of the gaps between consecutive purchase days up to `as_of`, in days. None without repeats.
pub fn typical_gap(
    history: &History<'_>,
    as_of: Option<i32>,
    poll: Poll<'_>,
) -> Result<Option<f64>, Error> {
    let totals = history.totals(as_of);
    // no more than the bytes can hold, whatever the head claims
    let most = history.days().size_hint().1.unwrap_or(0);
    let count = (totals.purchase_days.saturating_sub(1) as usize).min(most);
    if count == 0 {
        return Ok(None);
    }
    let mut few = [0u32; 64];
    let mut many = Vec::new();
    let gaps = if count <= few.len() {
        &mut few[..count]
    } else {
        many.try_reserve_exact(count).map_err(|_| Error::OutOfMemory)?;
        many.resize(count, 0);
        &mut many[..]
    };
    let mut before = None;
    let mut at = 0;
    let until = as_of.unwrap_or(i32::MAX);
    for line in history.days().take_while(|line| line.day <= until) {
        if line.refund {
            continue;
        }
        if let Some(before) = before.replace(line.day) {
            if let Some(slot) = gaps.get_mut(at) {
                *slot = days_between(before, line.day) as u32;
            }
            at += 1;
        }
    }
    poll();
    let (low, &mut middle, _) = gaps.select_nth_unstable(count / 2);
    let below = if count.is_multiple_of(2) { low.iter().max().copied() } else { None };
    Ok(Some((f64::from(middle) + f64::from(below.unwrap_or(middle))) / 2.0))
}

/// The last day that PostgreSQL knows, 5874897-12-31, counted from 2000-01-01.
const LAST_DAY: i64 = 2_145_031_948;

/// The last purchase day up to `as_of` and the typical gap after it, a half day left out: a customer is overdue by their
/// typical gap on every day after this one, and on no other. None without repeats, or beyond all days.
pub fn expected_next_purchase(
    history: &History<'_>,
    as_of: Option<i32>,
    poll: Poll<'_>,
) -> Result<Option<i32>, Error> {
    let Some(gap) = typical_gap(history, as_of, poll)? else { return Ok(None) };
    let last = history.totals(as_of).last_purchase;
    let next = i64::from(last) + gap as i64;
    Ok(i32::try_from(next).ok().filter(|_| next <= LAST_DAY))
}
