//! What if: expected purchases if customers bought, or stayed, otherwise from now on.
//!
//! What they did so far stays what it is, and with it what is known of their rates and of whether they have left. From
//! now on
//!
//! * `purchase_rate` k: everybody buys at k times their rate λ;
//! * `retention` m: everybody stays m times as readily. In the models that let a customer leave after a purchase, the
//!   odds of staying, on the average survived : left = b + x : a, are m times as high: a / m for a. In the
//!   Pareto/NBD, everybody leaves at the m-th part of their rate μ, so that those who are there stay m times as long.
//!
//! Both are a change of the unit of time. With Y(t, δ) the purchases expected until t, discounted at the rate δ: in the
//! BG/NBD and MBG/NBD, where purchases alone make time pass, Y(k t, δ / k) of the model with a / m; in the Pareto/NBD
//! k m Y(t / m, m δ), as purchases of rate k λ with leaving at the rate μ / m are, seen in a time that runs 1 / m as
//! fast, those of rate k m λ with leaving at the rate μ.

use super::{Customer, Family, PurchaseModel};
use crate::Poll;
use crate::value::daily_rate;

/// What changes from now on; 1 is as it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WhatIf {
    /// Times the rate of purchases.
    pub purchase_rate: f64,
    /// Times the readiness to stay.
    pub retention: f64,
}

impl WhatIf {
    /// Nothing.
    pub const AS_IT_IS: WhatIf = WhatIf { purchase_rate: 1.0, retention: 1.0 };
}

/// Until when purchases are expected, and how they are discounted; times in days.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ahead {
    /// Days from now.
    pub horizon: f64,
    /// Discount rate a year.
    pub annual_rate: f64,
    /// Days after which purchases are counted together; 0 for each at its time.
    pub step: f64,
}

impl PurchaseModel {
    /// How many times as many purchases are expected of a customer, discounted, as if nothing changed: exactly 1 where
    /// nothing does, or nothing is expected. None for a family that does not tell of continuous time, or where a parameter
    /// would be out of range.
    pub fn what_if(
        &self,
        customer: &Customer,
        ahead: &Ahead,
        what_if: &WhatIf,
        poll: Poll<'_>,
    ) -> Option<f64> {
        if !self.family().is_continuous() {
            return None;
        }
        if *what_if == WhatIf::AS_IT_IS {
            return Some(1.0);
        }
        let Ahead { horizon, annual_rate, step } = *ahead;
        let rate = daily_rate(annual_rate);
        let before = self.expected(customer, [horizon, rate, step], poll)?;
        if before <= 0.0 {
            return Some(1.0);
        }
        let WhatIf { purchase_rate, retention } = *what_if;
        let after = match self.family() {
            Family::ParetoNbd => {
                let slower = [horizon / retention, rate * retention, step / retention];
                purchase_rate * retention * self.expected(customer, slower, poll)?
            }
            family => {
                let [r, alpha, a, b] = self.parameters();
                let changed = PurchaseModel::new(family, [r, alpha, a / retention, b]).ok()?;
                let faster = [horizon * purchase_rate, rate / purchase_rate, step * purchase_rate];
                changed.expected(customer, faster, poll)?
            }
        };
        let times = after / before;
        times.is_finite().then_some(times)
    }

    /// Purchases expected of a customer who has not left, until a horizon, at a discount rate, by steps.
    fn expected(
        &self,
        customer: &Customer,
        [horizon, rate, step]: [f64; 3],
        poll: Poll<'_>,
    ) -> Option<f64> {
        match step {
            0.0 => self.ahead(customer, horizon, rate),
            step => {
                // whoever has just bought for the last time is there
                let there = Customer { span: customer.age, ..*customer };
                let purchases = self.stepped_purchases(&there, horizon, rate, step, poll);
                Some(purchases / self.p_alive(&there))
            }
        }
    }
}
