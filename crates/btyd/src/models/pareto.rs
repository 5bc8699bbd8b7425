//! Pareto/NBD: purchases at a rate λ ~ Gamma(r, α) until the customer leaves, at a rate μ ~ Gamma(s, β).
//!
//! Schmittlein, Morrison & Colombo 1987, Management Science 33(1); Hardie's notes 008, 009, 012, 013, 028;
//! Fader, Hardie & Lee 2005, JMR 42(4), for the discounted value. The difference of two hypergeometric
//! functions in the likelihood is the integral over when the customer left, and is computed as that.

use super::{Counts, Customer, Steps};
use crate::Poll;
use crate::special::exponential_integral::scaled_exponential_integral;
use crate::special::gamma::ln_rising;
use crate::special::quadrature::{Pointwise, integrate, integrate_points};

/// Beyond this exponent a term adds nothing.
const NEGLIGIBLE: f64 = 50.0;

/// The parameters.
#[derive(Debug, Clone, Copy)]
pub struct Pareto {
    /// Shape of the purchase rates.
    pub r: f64,
    /// Rate of the purchase rates, a time.
    pub alpha: f64,
    /// Shape of the rates of leaving.
    pub s: f64,
    /// Rate of the rates of leaving, a time.
    pub beta: f64,
}

impl Pareto {
    /// Logarithm of the chance to buy nothing and stay from the last purchase until now, apart from factors
    /// that it shares with [`Pareto::left`]: the first of the two terms of the likelihood.
    pub(crate) fn ln_stayed(&self, customer: &Customer) -> f64 {
        let silence = customer.age - customer.span;
        -(self.r + customer.repeats) * (silence / (self.alpha + customer.span)).ln_1p()
            - self.s * (silence / (self.beta + customer.span)).ln_1p()
    }

    /// The second term: ∫ s ((α+t_x)/(α+u))^(r+x) ((β+t_x)/(β+u))^s du/(β+u) over the time u at which the
    /// customer left, from t_x to T; the points u that the rule took go to `accept` with their share.
    pub(crate) fn left(&self, customer: &Customer, mut accept: impl FnMut(f64, f64)) -> f64 {
        let Pareto { alpha, s, beta, .. } = *self;
        let shape = self.r + customer.repeats;
        let Customer { span, age, .. } = *customer;
        // over the logarithm of the smaller of α + u and β + u, all singularities are at distance π
        let smaller = alpha.min(beta) + span;
        let (from_alpha, from_beta) = (alpha + span, beta + span);
        // later than that the density is nothing, and the rule would miss where it is something
        let reach = (age - span)
            .min(from_alpha * (NEGLIGIBLE / shape).exp_m1())
            .min(from_beta * (NEGLIGIBLE / s).exp_m1());
        let density = |at: f64| {
            let later = smaller * at.exp_m1();
            let (ln_alpha, ln_beta) = match alpha < beta {
                true => (at, (later / from_beta).ln_1p()),
                false => ((later / from_alpha).ln_1p(), at),
            };
            let density = s * (-shape * ln_alpha - s * ln_beta).exp();
            density * (smaller + later) / (from_beta + later)
        };
        let end = (reach / smaller).ln_1p();
        integrate_points(0.0, end, Pointwise(density), |at, part| {
            accept(span + smaller * at.exp_m1(), part);
        })
    }

    /// Logarithm of the factors that both terms share, but for Γ(r + x) / Γ(r).
    pub(crate) fn ln_shared(&self, customer: &Customer) -> f64 {
        let Pareto { r, alpha, s, beta } = *self;
        let Customer { repeats, span, .. } = *customer;
        -r * (span / alpha).ln_1p() - repeats * (alpha + span).ln() - s * (span / beta).ln_1p()
    }

    /// Log-likelihood: note 009, eq. 18.
    pub fn log_likelihood(&self, customer: &Customer) -> f64 {
        let terms = self.ln_stayed(customer).exp() + self.left(customer, |_, _| {});
        ln_rising(self.r, customer.repeats) + self.ln_shared(customer) + terms.ln()
    }

    /// P(alive): note 009, eq. 28 as the share of the two terms.
    pub fn p_alive(&self, customer: &Customer) -> f64 {
        let stayed = self.ln_stayed(customer).exp();
        stayed / (stayed + self.left(customer, |_, _| {}))
    }

    /// 1 − P(alive), without the rounding of that.
    fn p_left(&self, customer: &Customer) -> f64 {
        let left = self.left(customer, |_, _| {});
        left / (self.ln_stayed(customer).exp() + left)
    }

    /// P(alive) some time from now.
    pub fn p_alive_at(&self, customer: &Customer, ahead: f64) -> f64 {
        let stay = -self.s * (ahead / (self.beta + customer.age)).ln_1p();
        self.p_alive(customer) * stay.exp()
    }

    /// Expected discounted purchases of who is still there; without end Fader, Hardie & Lee 2005 (JMR), eq. 2.
    pub fn ahead(&self, customer: &Customer, horizon: f64, rate: f64) -> Option<f64> {
        let (s, beta) = (self.s, self.beta + customer.age);
        let time = if rate == 0.0 {
            if horizon == f64::INFINITY && s <= 1.0 {
                return None;
            }
            self.stays(horizon / beta)
        } else if horizon == f64::INFINITY {
            scaled_exponential_integral(s, rate * beta)
        } else {
            let mut end = (horizon.min(NEGLIGIBLE / rate) / beta).ln_1p();
            if s > 2.0 {
                end = end.min(NEGLIGIBLE / (s - 1.0));
            }
            let density = |at: f64| ((1.0 - s) * at - rate * beta * at.exp_m1()).exp();
            integrate(0.0, end, Pointwise(density))
        };
        Some(self.pace(customer) * beta * time)
    }

    /// What a customer who is still there is expected to buy in a unit of time now.
    fn pace(&self, customer: &Customer) -> f64 {
        (self.r + customer.repeats) / (self.alpha + customer.age)
    }

    /// ∫ (1 + v)^−s dv up to some v.
    fn stays(&self, until: f64) -> f64 {
        let (excess, log) = (self.s - 1.0, until.ln_1p());
        if excess == 0.0 { log } else { -(-excess * log).exp_m1() / excess }
    }

    /// Expected purchases that count at the end of their step; see [`super::PurchaseModel::stepped_purchases`].
    pub(super) fn stepped_purchases(
        &self,
        customer: &Customer,
        steps: &Steps,
        poll: Poll<'_>,
    ) -> f64 {
        let beta = self.beta + customer.age;
        let pace = self.p_alive(customer) * self.pace(customer) * beta;
        steps.sum(beta, |time| pace * self.stays(time / beta), poll)
    }

    /// Where the density of leaving at a time, after n purchases, is highest: n/τ = (shape + n)/(rate + τ) +
    /// (s + 1)/(β + τ), by halving over the logarithm of τ.
    fn likeliest_end(&self, n: f64, shape: f64, rate: f64, beta: f64) -> f64 {
        if n == 0.0 {
            return 0.0;
        }
        let (mut low, mut high) = (-80.0f64, 80.0f64);
        for _ in 0..50 {
            let middle = (low + high) / 2.0;
            let time = middle.exp();
            let rises = n > time * ((shape + n) / (rate + time) + (self.s + 1.0) / (beta + time));
            if rises {
                low = middle;
            } else {
                high = middle;
            }
        }
        low.exp()
    }

    /// The probability of n purchases: they stay to the end, or leave after the n-th.
    pub fn purchase_probability(&self, customer: &Customer, n: f64, horizon: f64) -> f64 {
        let p_alive = self.p_alive(customer);
        let (shape, rate) = (self.r + customer.repeats, self.alpha + customer.age);
        let (s, beta) = (self.s, self.beta + customer.age);
        let stays = (-s * (horizon / beta).ln_1p()).exp();
        let all = Counts { shape, rate, horizon }.exactly(n) * stays;
        let smaller = rate.min(beta);
        let left = |at: f64| {
            let until = smaller * at.exp_m1();
            let leaves = (-s * (until / beta).ln_1p()).exp() * s / (beta + until);
            Counts { shape, rate, horizon: until }.exactly(n) * leaves * (smaller + until)
        };
        // in pieces around the peak, which the rule might step over
        let reach = if n == 0.0 { horizon.min(beta * (NEGLIGIBLE / s).exp_m1()) } else { horizon };
        let peak = self.likeliest_end(n, shape, rate, beta).min(reach);
        let width = 8.0 * peak / n.max(1.0).sqrt();
        let mut last = 0.0;
        let mut from = 0.0;
        for to in [(peak - width).max(0.0), peak, (peak + width).min(reach), reach] {
            let to = (to / smaller).ln_1p();
            last += integrate(from, to, Pointwise(left));
            from = to;
        }
        let nobody = if n == 0.0 { self.p_left(customer) } else { 0.0 };
        nobody + p_alive * (all + last)
    }
}
