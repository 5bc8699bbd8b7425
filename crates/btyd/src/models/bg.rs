//! BG/NBD and MBG/NBD: purchases at a rate λ ~ Gamma(r, α); after each the customer leaves with probability
//! p ~ Beta(a, b).
//!
//! Fader, Hardie & Lee 2005, Marketing Science 24(2); Hardie's notes 004, 021 and 027; for MBG/NBD Batislam,
//! Denizel & Filiztekin 2007, and Hoppe & Wagner 2007. There the first purchase is such an occasion too,
//! which is all that differs: one more chance survived, b + 1 for b.

use super::{Counts, Customer, Steps};
use crate::Poll;
use crate::special::antiderivative::Antiderivative;
use crate::special::discounted_mixture::DiscountedMixture;
use crate::special::gamma::{Rise, ln_rising};
use crate::special::mixture::BetaMixture;
use crate::special::quadrature::{Integrand, SHORT, integrate};

/// Beyond this exponent a discount leaves nothing.
const NEGLIGIBLE: f64 = 60.0;

/// The most terms of a sum over numbers of purchases, about; beyond, an integral is as fast.
const MOST_COUNTED: f64 = 200.0;

/// The parameters.
#[derive(Debug, Clone, Copy)]
pub struct Bg {
    /// Shape of the purchase rates.
    pub r: f64,
    /// Rate of the purchase rates, a time.
    pub alpha: f64,
    /// First parameter of the chances to leave.
    pub a: f64,
    /// Second parameter of the chances to leave.
    pub b: f64,
    /// True for MBG/NBD: the first purchase is an occasion to leave, too.
    pub leaves_at_once: bool,
}

/// What is known of a customer who is still there: λ ~ Gamma(shape, rate), p ~ Beta(a, b).
struct Present {
    shape: f64,
    rate: f64,
    a: f64,
    b: f64,
}

impl Bg {
    /// Occasions to leave that somebody who is there has survived.
    fn survived(&self, customer: &Customer) -> f64 {
        customer.repeats + if self.leaves_at_once { 1.0 } else { 0.0 }
    }

    fn present(&self, customer: &Customer) -> Present {
        Present {
            shape: self.r + customer.repeats,
            rate: self.alpha + customer.age,
            a: self.a,
            b: self.b + self.survived(customer),
        }
    }

    /// Logarithm of the odds that the customer left right after their last purchase.
    fn ln_odds_left(&self, customer: &Customer, present: &Present) -> f64 {
        let survived = self.survived(customer);
        if survived == 0.0 {
            return f64::NEG_INFINITY;
        }
        let silence = (customer.age - customer.span) / (self.alpha + customer.span);
        (self.a / (self.b + survived - 1.0)).ln() + present.shape * silence.ln_1p()
    }

    /// Log-likelihood: note 004, eq. 7 in the stable form of note 021.
    pub fn log_likelihood(&self, customer: &Customer) -> f64 {
        let present = self.present(customer);
        let odds = self.ln_odds_left(customer, &present);
        ln_rising(self.r, customer.repeats)
            - self.r * (customer.age / self.alpha).ln_1p()
            - customer.repeats * present.rate.ln()
            + ln_survived(self.a, self.b, self.survived(customer))
            + softplus(odds)
    }

    /// P(alive): note 021; for MBG/NBD Batislam et al. 2007.
    pub fn p_alive(&self, customer: &Customer) -> f64 {
        1.0 / (1.0 + self.ln_odds_left(customer, &self.present(customer)).exp())
    }

    /// 1 − P(alive), without the rounding of that.
    fn p_left(&self, customer: &Customer) -> f64 {
        1.0 / (1.0 + (-self.ln_odds_left(customer, &self.present(customer))).exp())
    }

    /// P(alive) some time from now: the mean of e^(−λ p t) for those who are there.
    pub fn p_alive_at(&self, customer: &Customer, ahead: f64) -> f64 {
        let present = self.present(customer);
        let stay = BetaMixture { exponent: present.shape, a: present.a, b: present.b };
        self.p_alive(customer) * stay.at(ahead / present.rate)
    }

    /// Expected discounted purchases of who is still there; see [`super::PurchaseModel::ahead`].
    pub fn ahead(&self, customer: &Customer, horizon: f64, rate: f64) -> Option<f64> {
        self.present(customer).purchases(horizon, rate)
    }

    /// Expected purchases that count at the end of their step; see [`super::PurchaseModel::stepped_purchases`].
    pub(super) fn stepped_purchases(
        &self,
        customer: &Customer,
        steps: &Steps,
        poll: Poll<'_>,
    ) -> f64 {
        let present = self.present(customer);
        let until: &dyn Fn(f64) -> f64 = match present.curve(steps.reach()) {
            Some(curve) => {
                &move |time: f64| present.shape * curve.at((time / present.rate).ln_1p())
            }
            None => &|time| present.purchases(time, 0.0).unwrap_or(f64::MAX),
        };
        self.p_alive(customer) * steps.sum(present.rate, until, poll)
    }

    /// The probability of n purchases: all survived, or the n-th was the last.
    pub fn purchase_probability(&self, customer: &Customer, n: f64, horizon: f64) -> f64 {
        let p_alive = self.p_alive(customer);
        let Present { shape, rate, a, b } = self.present(customer);
        let counts = Counts { shape, rate, horizon };
        let all = ln_survived(a, b, n).exp() * counts.exactly(n);
        if n == 0.0 {
            return self.p_left(customer) + p_alive * all;
        }
        let last = a / (a + b) * ln_survived(a + 1.0, b, n - 1.0).exp() * counts.at_least(n);
        p_alive * (all + last)
    }
}

/// Logarithm of the chance to survive some occasions: ln B(a, b + n) − ln B(a, b).
fn ln_survived(a: f64, b: f64, occasions: f64) -> f64 {
    if occasions > 64.0 {
        return Rise::over(b, occasions).value - Rise::over(a + b, occasions).value;
    }
    let (mut sum, mut at) = (0.0, 0.0);
    while at < occasions {
        sum -= (a / (b + at)).ln_1p();
        at += 1.0;
    }
    sum
}

/// ln(1 + e^x).
fn softplus(x: f64) -> f64 {
    if x > 0.0 { x + (-x).exp().ln_1p() } else { x.exp().ln_1p() }
}

impl Present {
    /// Expected purchases until u = t / rate: the sum over n of the chance of n purchases by somebody who never leaves,
    /// which is negative binomial, times how many of n are made by somebody who may, E[1 + q + … + q^(n−1)] with
    /// q = 1 − p. All terms are positive. None where there are so many of them that the integral is faster.
    #[inline]
    fn counted(&self, u: f64) -> Option<f64> {
        let Present { shape, a, b, .. } = *self;
        let (share, mean) = (u / (1.0 + u), shape * u);
        // beyond the mean, and some deviations, chances fall by the share each
        let few = mean + 4.0 * (mean * (1.0 + u)).sqrt() + 30.0 * (1.0 + u) <= MOST_COUNTED;
        if !few {
            return None;
        }
        let c = a + b;
        let mut chance = (-shape * u.ln_1p()).exp();
        // the last of n purchases is made, all n are, and the sum over n
        let (mut last, mut made, mut sum) = (1.0, 0.0, 0.0);
        let mut n = 0.0;
        while n < 4.0 * MOST_COUNTED {
            // several at a time: the test takes as long as a term
            for _ in 0..4 {
                let next = n + 1.0;
                let below = 1.0 / (next * (c + n));
                chance *= share * (shape + n) * (c + n) * below;
                made += last;
                last *= (b + n) * next * below;
                sum += chance * made;
                n = next;
            }
            // beyond a geometric series of this ratio is nothing that counts
            let falling = share * (shape + n) / n;
            if falling < 1.0 && chance * made * falling <= 1e-14 * (1.0 - falling) * sum {
                return Some(sum);
            }
        }
        None
    }

    /// Expected purchases in (0, horizon], weighted by e^(−rate t): the integral of their density
    /// shape/rate · E[(1 + p t/rate)^(−shape−1)] over θ = ln(1 + t/rate). All terms are positive; the closed
    /// form (Fader, Hardie & Lee 2005, eq. 10) loses its digits near a = 1 and for short horizons.
    fn purchases(&self, horizon: f64, discount: f64) -> Option<f64> {
        let Present { shape, rate, a, b } = *self;
        if horizon == f64::INFINITY && discount == 0.0 {
            return (a > 1.0).then(|| (a + b - 1.0) / (a - 1.0));
        }
        let ahead = horizon / rate;
        if discount == 0.0
            && let Some(purchases) = self.counted(ahead)
        {
            return Some(purchases);
        }
        let mut end = ahead.ln_1p();
        if discount > 0.0 {
            end = end.min((NEGLIGIBLE / (discount * rate)).ln_1p());
        }
        let stay = BetaMixture { exponent: shape + 1.0, a, b };
        let time = discount * rate;
        if !stay.has_series(end) {
            let end = horizon / rate;
            let mixture = DiscountedMixture { exponent: shape + 1.0, a, b, discount: time, end };
            return Some(shape * mixture.mean());
        }
        // in steps that grow from the time in which the density falls, which a single rule would step over, and no longer
        // than a rule serves at once
        let mut sum = 0.0;
        let (mut from, mut to) = (0.0, 8.0 * (a + b) / (a * (shape + 1.0)));
        while from < end {
            let width = to.min(end) - from;
            to = from + width / (width / SHORT).ceil();
            sum += integrate(from, to, Density { stay, time });
            (from, to) = (to, 8.0 * to);
        }
        Some(shape * sum)
    }
}

impl Present {
    /// Expected purchases over θ = ln(1 + t/rate), over the shape; None where no series serves.
    fn curve(&self, horizon: f64) -> Option<Antiderivative> {
        let Present { shape, rate, a, b } = *self;
        let stay = BetaMixture { exponent: shape + 1.0, a, b };
        let end = (horizon / rate).ln_1p();
        if !stay.has_series(end) {
            return None;
        }
        let width = 4.0 * (a + b) / (a * (shape + 1.0));
        Antiderivative::of(end, width, Density { stay, time: 0.0 })
    }
}

/// The density of purchases over θ = ln(1 + t/rate), discounted by e^(−time · t/rate), over the shape.
struct Density {
    stay: BetaMixture,
    time: f64,
}

impl Integrand for Density {
    fn is_gentle(&self, until: f64) -> bool {
        self.time * until.exp_m1() <= 0.5
    }

    #[inline]
    fn values<const N: usize>(&mut self, at: &[f64; N]) -> [f64; N] {
        // absolute accuracy is enough in a series that begins with 1
        let shares = at.map(|at| 1.0 - (-at).exp());
        let (mut values, logarithms) = self.stay.at_all(at, &shares);
        for i in 0..N {
            // the quotient is faster, but loses digits where it is large
            let u = if at[i] < 1.0 { shares[i] / (1.0 - shares[i]) } else { at[i].exp_m1() };
            values[i] *= (at[i] + logarithms[i] - self.time * u).exp();
        }
        values
    }
}
