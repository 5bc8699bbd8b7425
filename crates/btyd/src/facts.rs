//! What a population's ledgers tell beside the measures: how far what is trained on them can be trusted.
//!
//! Sums are exact, so the order of the customers cannot matter.

use crate::Error;
use crate::decimal::Decimal;
use crate::history::{History, Totals};
use crate::population::accumulate;

/// Counts and sums over the customers seen so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub struct Facts {
    later: i128,
    /// Purchase days of all customers.
    pub purchase_days: u64,
    /// Customers who bought on more than one day.
    pub repeaters: u64,
    /// Customers with an order or a refund up to the day of the training.
    pub seen: u64,
    /// Those of them whose first day has a refund and no purchase.
    pub refund_first: u64,
    /// Orders after the day of the training.
    pub later_orders: u64,
    /// Refunds after it.
    pub later_refunds: u64,
    /// Last purchase day of all, also after it; meaningless while there is none.
    pub last_ever: i32,
    later_scale: u8,
}

impl Default for Facts {
    fn default() -> Self {
        Facts {
            later: 0,
            purchase_days: 0,
            repeaters: 0,
            seen: 0,
            refund_first: 0,
            later_orders: 0,
            later_refunds: 0,
            last_ever: i32::MIN,
            later_scale: 0,
        }
    }
}

impl Facts {
    /// Adds a customer: the history as the ledger has it, its sums up to the day of the training, and those that count,
    /// which are others where refunds undo purchases.
    pub fn add(
        &mut self,
        history: &History<'_>,
        until: &Totals,
        counted: &Totals,
    ) -> Result<(), Error> {
        let all = history.totals(None);
        self.purchase_days = self.purchase_days.saturating_add(counted.purchase_days);
        self.repeaters += u64::from(counted.purchase_days > 1);
        if until.orders > 0 || until.refund_count > 0 {
            self.seen += 1;
            let first = history.bounds().map_or(i32::MAX, |(first, _)| first);
            self.refund_first += u64::from(until.orders == 0 || first < until.first_purchase);
        }
        if all.orders > 0 {
            self.last_ever = self.last_ever.max(all.last_purchase);
        }
        let orders = all.orders.saturating_sub(until.orders);
        let refunds = all.refund_count.saturating_sub(until.refund_count);
        if orders == 0 && refunds == 0 {
            return Ok(());
        }
        self.later_orders = self.later_orders.saturating_add(orders);
        self.later_refunds = self.later_refunds.saturating_add(refunds);
        let later = |all: u128, until: u128| all.saturating_sub(until);
        let (bought, sent_back) =
            (later(all.gross, until.gross), later(all.refunds, until.refunds));
        accumulate(&mut self.later, &mut self.later_scale, history.money(bought, sent_back)?)
    }

    /// Net amount of the orders and refunds after the day of the training.
    pub fn later_amount(&self) -> Decimal {
        Decimal { mantissa: self.later, scale: self.later_scale }
    }
}
