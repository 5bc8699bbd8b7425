//! The naive model of a history, and the packed form written again from its description.

use super::Order;
use btyd::decimal::POW10;
use btyd::history::{DayLine, Totals};
use std::collections::BTreeMap;

/// Orders, their sum as a magnitude, and its scale.
type Entry = (u64, u128, u8);

/// What a history means: every amount that a day and kind has seen.
#[derive(Debug, Clone, Default)]
pub struct Model {
    days: BTreeMap<(i32, bool), Vec<Entry>>,
    pub scale: Option<u8>,
}

impl Model {
    pub fn of(orders: &[Order]) -> Self {
        let mut model = Model::default();
        for order in orders {
            let refund = order.amount.is_some_and(|amount| amount.mantissa < 0);
            let magnitude = order.amount.map_or(0, |a| a.mantissa.unsigned_abs());
            let scale = order.amount.map(|amount| amount.scale);
            model.add((order.day, refund), 1, magnitude, scale);
        }
        model
    }

    pub fn add(&mut self, key: (i32, bool), count: u64, amount: u128, scale: Option<u8>) {
        let entries = self.days.entry(key).or_default();
        entries.push((count, amount, scale.unwrap_or(0)));
        self.scale = self.scale.max(scale);
    }

    /// The lines of a history; None if its sums need more than 38 digits.
    pub fn lines(&self) -> Option<Vec<DayLine>> {
        let finest = self.scale.unwrap_or(0);
        let (mut gross, mut refunds, mut lines) = (0u128, 0u128, Vec::new());
        for (&(day, refund), entries) in &self.days {
            let mut line = DayLine { day, refund, count: 0, amount: 0 };
            for &(count, magnitude, scale) in entries {
                let amount = magnitude.checked_mul(POW10[usize::from(finest - scale)])?;
                line.count += count;
                line.amount = line.amount.checked_add(amount)?;
            }
            let sum = if refund { &mut refunds } else { &mut gross };
            *sum = sum.checked_add(line.amount)?;
            lines.push(line);
        }
        let fits = |sum: u128| sum < POW10[38];
        (fits(gross) && fits(refunds)).then_some(lines)
    }

    pub fn packed(&self) -> Option<Vec<u8>> {
        Some(reference_pack(&self.lines()?, self.scale))
    }
}

fn number(mut number: u128, bytes: &mut Vec<u8>) {
    while number >= 128 {
        bytes.push((number % 128) as u8 + 128);
        number /= 128;
    }
    bytes.push(number as u8);
}

/// The packed form, written again from its description.
pub fn reference_pack(lines: &[DayLine], scale: Option<u8>) -> Vec<u8> {
    let t = naive_totals(lines, i32::MIN, i32::MAX);
    let flags = [scale.is_some(), t.refund_count > 0, t.purchase_days > 0];
    let flags = (0..3).map(|bit| u8::from(flags[bit]) << bit).sum();
    let mut bytes = vec![1, flags, scale.unwrap_or(0), 0];
    let (Some(first), Some(last)) = (lines.first(), lines.last()) else {
        return bytes;
    };
    let days = |from: i32, to: i32| (i64::from(to) - i64::from(from)) as u128;
    let first_day = i64::from(first.day);
    let folded = if first_day < 0 { -2 * first_day - 1 } else { 2 * first_day };
    let mut head = vec![folded as u128, days(first.day, last.day)];
    head.extend([t.purchase_days, t.orders - t.purchase_days].map(u128::from));
    head.extend(scale.map(|_| t.gross));
    if t.refund_count > 0 {
        if t.purchase_days > 0 {
            head.push(days(first.day, t.first_purchase));
            head.push(days(t.last_purchase, last.day));
        }
        head.extend([t.refund_count.into(), t.refunds]);
    }
    let mut before = first.day;
    for line in lines {
        let (refund, several) = (u128::from(line.refund), u128::from(line.count > 1));
        head.push(days(before, line.day) * 4 + refund * 2 + several);
        head.extend((line.count > 1).then(|| u128::from(line.count - 2)));
        head.extend(scale.map(|_| line.amount));
        before = line.day;
    }
    head.into_iter().for_each(|word| number(word, &mut bytes));
    bytes
}

/// Sums over the lines of some days.
pub fn naive_totals(lines: &[DayLine], from: i32, to: i32) -> Totals {
    let within = |refund: bool| {
        let all = lines.iter().filter(move |line| line.refund == refund);
        all.filter(move |line| (from..=to).contains(&line.day))
    };
    Totals {
        purchase_days: within(false).count() as u64,
        orders: within(false).map(|line| line.count).sum(),
        first_purchase: within(false).map(|line| line.day).min().unwrap_or(0),
        last_purchase: within(false).map(|line| line.day).max().unwrap_or(0),
        gross: within(false).map(|line| line.amount).sum(),
        refund_count: within(true).map(|line| line.count).sum(),
        refunds: within(true).map(|line| line.amount).sum(),
    }
}

/// Totals without the days that mean nothing while there are no purchases.
pub fn meaning(totals: Totals) -> Totals {
    match totals.purchase_days {
        0 => Totals { first_purchase: 0, last_purchase: 0, ..totals },
        _ => totals,
    }
}
