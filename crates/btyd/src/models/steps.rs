//! Purchases that count at the end of their step: sums over steps in a time that hardly depends on how many there are.
//!
//! With Y(t) the expected purchases until t, n steps of h and weights e^(−δ t), the sum is, by parts,
//! Σ [Y(k h) − Y((k−1) h)] e^(−δ k h) = Y(H) e^(−δ H) + Σ_(k<n) Y(k h) [e^(−δ k h) − e^(−δ (k+1) h)]: all terms are
//! positive. Y is smooth, so that a long sum of F(k) = Y(k h) e^(−δ k h) is the integral of F from half a step before to
//! half a step after, and a correction at either end by central differences (Gauss's form of the Euler-Maclaurin formula,
//! Hildebrand, Introduction to Numerical Analysis, 1974, 5.8; from 2 sinh(D/2) = δ):
//!
//! Σ F = ∫ F − [δF / 24 − 17 δ³F / 5760 + 367 δ⁵F / 967680 − 27859 δ⁷F / 464486400 + …].
//!
//! The terms fall by the square of the step beside the time from where F is singular, which lies before now; so the first
//! steps are summed one by one. Where the last term is not below [`TOLERANCE`] of the sum, all are.

use super::Steps;
use crate::Poll;
use crate::special::quadrature::{Pointwise, SHORT, integrate};

/// Steps up to which they are summed one by one.
const FEW: f64 = 80.0;

/// Steps from where F is singular from which the formula is tried.
const FAR: f64 = 24.0;

/// What the last term of the formula may be, relative to the sum.
const TOLERANCE: f64 = 1e-12;

/// Beyond this exponent a discount leaves nothing.
const NEGLIGIBLE: f64 = 60.0;

/// Coefficients of the corrections by δ, δ³, δ⁵ and δ⁷.
const CORRECTIONS: [f64; 4] =
    [-1.0 / 24.0, 17.0 / 5760.0, -367.0 / 967_680.0, 27_859.0 / 464_486_400.0];

/// Steps that the corrections look beyond the last.
const BEYOND: f64 = 4.0;

impl Steps {
    /// How many there are, those left out that count for nothing, and where the last ends.
    fn count(&self) -> (f64, f64) {
        let Steps { horizon, rate, step } = *self;
        let mut count = (horizon / step).ceil().max(1.0);
        if (count - 1.0) * step >= horizon {
            count = (count - 1.0).max(1.0);
        }
        // beside the first; expected purchases rise ever more slowly
        let most = 2.0 + (NEGLIGIBLE / (rate * step)).ceil();
        if count > most { (most, most * step) } else { (count, horizon) }
    }

    /// The longest time that [`Steps::sum`] asks for.
    pub fn reach(&self) -> f64 {
        let (count, end) = self.count();
        if count > FEW { end + BEYOND * self.step } else { end }
    }

    /// The sum, given the expected purchases until some time, and the time now from where they are singular.
    pub fn sum(&self, since: f64, until: impl Fn(f64) -> f64, poll: Poll<'_>) -> f64 {
        let Steps { rate, step, .. } = *self;
        let (count, end) = self.count();
        let weight = |time: f64| (-rate * time).exp();
        let last = until(end) * weight(end);
        if rate == 0.0 {
            return last;
        }
        let term = |k: f64| until(k * step) * weight(k * step);
        let lost = -(-rate * step).exp_m1();
        // before the step that ends earlier
        let whole = count - 1.0;
        let mut rest = last;
        if whole >= 1.0 {
            rest += term(whole) * -(-rate * (end - whole * step)).exp_m1();
        }
        let mut sum = 0.0;
        let mut k = 1.0;
        let far = (FAR - since / step).ceil().max(BEYOND + 1.0);
        while k < whole {
            if k == far && whole - k > FEW {
                let (most, error) = self.middle(since, k, whole, &until);
                if error * lost <= TOLERANCE * (rest + lost * (sum + most)) {
                    return rest + lost * (sum + most);
                }
            }
            poll();
            sum += term(k);
            k += 1.0;
        }
        rest + lost * sum
    }

    /// The sum from one step to before another by the formula, and its last term.
    fn middle(&self, since: f64, from: f64, to: f64, until: &impl Fn(f64) -> f64) -> (f64, f64) {
        let Steps { rate, step, .. } = *self;
        let at = |time: f64| until(time) * (-rate * time).exp();
        let [low, high] = [from, to].map(|k| ((k - 0.5) * step / since).ln_1p());
        let parts = ((high - low) / SHORT).ceil();
        let width = (high - low) / parts;
        let mut sum = 0.0;
        let mut part = 0.0;
        while part < parts {
            let start = low + part * width;
            let scaled = |x: f64| at(since * x.exp_m1()) * since * x.exp() / step;
            sum += integrate(start, start + width, Pointwise(scaled));
            part += 1.0;
        }
        let [before, after] = [from, to]
            .map(|k| differences(std::array::from_fn(|i| at((k + i as f64 - BEYOND) * step))));
        let mut last = 0.0;
        for i in 0..CORRECTIONS.len() {
            last = CORRECTIONS[i] * (after[i] - before[i]);
            sum += last;
        }
        (sum, last.abs())
    }
}

/// The central differences of orders 1, 3, 5 and 7.
fn differences(mut values: [f64; 8]) -> [f64; 4] {
    let mut found = [0.0; 4];
    for order in 1..8 {
        for i in 0..8 - order {
            values[i] = values[i + 1] - values[i];
        }
        if order % 2 == 1 {
            found[order / 2] = values[(7 - order) / 2];
        }
    }
    found
}
