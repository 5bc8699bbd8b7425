//! BG/BB: at each of n opportunities a customer buys with probability p ~ Beta(α, β); before each they leave
//! with probability θ ~ Beta(γ, δ). Fader, Hardie & Shang 2010, Marketing Science 29(6).
//!
//! Of a [`Customer`] here the age is the number of opportunities so far, the span the last with a purchase.

use super::Customer;
use crate::special::gamma::ln_rising;

/// The parameters.
#[derive(Debug, Clone, Copy)]
pub struct BgBb {
    /// First parameter of the chances to buy.
    pub alpha: f64,
    /// Second parameter of the chances to buy.
    pub beta: f64,
    /// First parameter of the chances to leave.
    pub gamma: f64,
    /// Second parameter of the chances to leave.
    pub delta: f64,
}

/// The terms of the likelihood that say when the customer left: at once after opportunity t_x + i for i from
/// 0 up, and last that they have not.
pub(crate) struct Ends {
    /// ln B(α + x, β + t − x) / B(α, β) · B(γ + 1, δ + t) / B(γ, δ) for the first t = t_x.
    pub first: f64,
    /// The sum of the others, the first being 1, up to n − 1.
    pub left: f64,
    /// The term of those who have not left by n, on the same scale.
    pub stayed: f64,
}

impl BgBb {
    /// Logarithm of B(α + x, β + t − x) / B(α, β).
    fn ln_bought(&self, x: f64, t: f64) -> f64 {
        ln_rising(self.alpha, x) + ln_rising(self.beta, t - x)
            - ln_rising(self.alpha + self.beta, t)
    }

    /// Logarithm of B(γ, δ + t) / B(γ, δ), the chance to be there still after t opportunities.
    fn ln_stayed(&self, t: f64) -> f64 {
        ln_rising(self.delta, t) - ln_rising(self.gamma + self.delta, t)
    }

    /// The terms of the likelihood, each from the one before.
    pub(crate) fn ends(&self, customer: &Customer) -> Ends {
        let BgBb { alpha, beta, gamma, delta } = *self;
        let Customer { repeats: x, span, age } = *customer;
        let leaves = (gamma / (gamma + delta + span)).ln();
        let first = self.ln_bought(x, span) + self.ln_stayed(span) + leaves;
        let (mut left, mut term, mut t) = (0.0, 1.0, span);
        while t < age {
            left += term;
            term *= (beta + t - x) / (alpha + beta + t) * (delta + t) / (gamma + delta + t + 1.0);
            t += 1.0;
        }
        // leaving at n is γ / (γ + δ + n) of being there
        Ends { first, left, stayed: term * (gamma + delta + age) / gamma }
    }

    /// Log-likelihood: eq. 7.
    pub fn log_likelihood(&self, customer: &Customer) -> f64 {
        let ends = self.ends(customer);
        ends.first + (ends.left + ends.stayed).ln()
    }

    /// The probability to be there at an opportunity so many from now: eq. 11.
    pub fn p_alive_at(&self, customer: &Customer, ahead: f64) -> f64 {
        let ends = self.ends(customer);
        let (gamma, delta) = (self.gamma, self.delta + customer.age);
        let stays = ln_rising(delta, ahead) - ln_rising(gamma + delta, ahead);
        ends.stayed / (ends.left + ends.stayed) * stays.exp().min(1.0)
    }

    /// Expected purchases at the next `horizon` opportunities, each weighted by e^(−rate k) at the k-th: the
    /// chance to be there then, times the mean chance to buy. None for an infinite sum.
    pub fn discounted_purchases(
        &self,
        customer: &Customer,
        horizon: f64,
        rate: f64,
    ) -> Option<f64> {
        if horizon == f64::INFINITY && rate == 0.0 && self.gamma <= 1.0 {
            return None;
        }
        let Customer { repeats, age, .. } = *customer;
        let buys = (self.alpha + repeats) / (self.alpha + self.beta + age);
        let ends = self.ends(customer);
        let present = ends.stayed / (ends.left + ends.stayed);
        let (gamma, delta) = (self.gamma, self.delta + age);
        if horizon == f64::INFINITY && rate == 0.0 {
            return Some(present * buys * delta / (gamma - 1.0));
        }
        let (mut sum, mut term, mut k) = (0.0, 1.0, 0.0);
        let weight = (-rate).exp();
        while k < horizon {
            term *= (delta + k) / (gamma + delta + k) * weight;
            sum += term;
            k += 1.0;
            if term <= 1e-17 * sum * (1.0 - weight) {
                break;
            }
        }
        Some(present * buys * sum)
    }

    /// The probability of n purchases at the next `horizon` opportunities: eq. 13, by when they leave.
    pub fn purchase_probability(&self, customer: &Customer, n: f64, horizon: f64) -> f64 {
        let ends = self.ends(customer);
        let present = ends.stayed / (ends.left + ends.stayed);
        let Customer { repeats, age, .. } = *customer;
        let (alpha, beta) = (self.alpha + repeats, self.beta + age - repeats);
        let (gamma, delta) = (self.gamma, self.delta + age);
        let nobody = if n == 0.0 { 1.0 - present } else { 0.0 };
        if n > horizon {
            return 0.0;
        }
        // n purchases at the first n opportunities, then one more opportunity at a time
        let bought = ln_rising(alpha, n) - ln_rising(alpha + beta, n);
        let mut exactly = bought.exp();
        let mut stays = (ln_rising(delta, n) - ln_rising(gamma + delta, n)).exp();
        let (mut sum, mut j) = (0.0, n);
        while j < horizon {
            sum += exactly * stays * gamma / (gamma + delta + j);
            stays *= (delta + j) / (gamma + delta + j);
            exactly *= (beta + j - n) / (alpha + beta + j) * (j + 1.0) / (j + 1.0 - n);
            j += 1.0;
        }
        nobody + present * (sum + exactly * stays)
    }
}
