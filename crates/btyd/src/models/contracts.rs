//! Shifted beta-geometric: a contract ends at each renewal with probability θ ~ Beta(α, β).
//! Fader & Hardie 2007, Journal of Interactive Marketing 21(1).
//!
//! Of a [`Customer`] here the age is the number of renewals that have come up, the repeats those that were
//! made: one who renewed fewer times has left.

use super::Customer;
use crate::special::gamma::ln_rising;

/// The parameters.
#[derive(Debug, Clone, Copy)]
pub struct ShiftedBetaGeometric {
    /// First parameter of the chances to leave.
    pub alpha: f64,
    /// Second parameter of the chances to leave.
    pub beta: f64,
}

impl ShiftedBetaGeometric {
    /// Logarithm of the chance to be under contract after t renewals: B(α, β + t) / B(α, β).
    fn ln_survival(&self, t: f64) -> f64 {
        ln_rising(self.beta, t) - ln_rising(self.alpha + self.beta, t)
    }

    /// The chance that a contract that was renewed `from` times is renewed up to time `to`.
    pub fn survival_between(&self, from: f64, to: f64) -> f64 {
        let (beta, steps) = (self.beta + from, to - from);
        (ln_rising(beta, steps) - ln_rising(self.alpha + beta, steps)).exp().min(1.0)
    }

    /// Log-likelihood of renewals made until now, or until the customer left.
    pub fn log_likelihood(&self, customer: &Customer) -> f64 {
        let survived = self.ln_survival(customer.repeats);
        match self.is_under_contract(customer) {
            true => survived,
            false => survived + (self.alpha / (self.alpha + self.beta + customer.repeats)).ln(),
        }
    }

    fn is_under_contract(&self, customer: &Customer) -> bool {
        customer.repeats >= customer.age
    }

    /// 1 under contract, 0 after the customer left: no guess is needed.
    pub fn p_alive(&self, customer: &Customer) -> f64 {
        if self.is_under_contract(customer) { 1.0 } else { 0.0 }
    }

    /// Expected renewals of the next `horizon`, each weighted by e^(−rate k) at the k-th; None for an
    /// infinite sum.
    pub fn discounted_renewals(&self, customer: &Customer, horizon: f64, rate: f64) -> Option<f64> {
        let (alpha, beta) = (self.alpha, self.beta + customer.age);
        if !self.is_under_contract(customer) {
            return Some(0.0);
        }
        if horizon == f64::INFINITY && rate == 0.0 {
            return (alpha > 1.0).then(|| beta / (alpha - 1.0));
        }
        let (mut sum, mut term, mut k) = (0.0, 1.0, 0.0);
        let weight = (-rate).exp();
        while k < horizon {
            term *= (beta + k) / (alpha + beta + k) * weight;
            sum += term;
            k += 1.0;
            if term <= 1e-17 * sum * (1.0 - weight) {
                break;
            }
        }
        Some(sum)
    }

    /// The probability that exactly n of the next `horizon` renewals are made.
    pub fn renewal_probability(&self, customer: &Customer, n: f64, horizon: f64) -> f64 {
        if !self.is_under_contract(customer) || horizon == 0.0 {
            return if n == 0.0 { 1.0 } else { 0.0 };
        }
        if n > horizon {
            return 0.0;
        }
        let survived = self.survival_between(customer.age, customer.age + n);
        let leaves = self.alpha / (self.alpha + self.beta + customer.age + n);
        if n == horizon { survived } else { survived * leaves }
    }
}
