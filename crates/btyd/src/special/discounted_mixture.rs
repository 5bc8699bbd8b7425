//! The mean of ∫₀^V e^(−z v) (1 + p v)^(−R) dv over p ~ Beta(a, b): the time for which somebody who leaves at such chances
//! is there, discounted.
//!
//! The integral over v has a closed form, with Ê_R(w) = e^w E_R(w) the scaled exponential integral and w = z / p
//! (substitute 1 + p v):
//!
//! K(p) = [Ê_R(w) − e^(−z V) (1 + p V)^(1−R) Ê_R(w + z V)] / p, K(0) = (1 − e^(−z V)) / z;
//! without discount K(p) = (1 − (1 + p V)^(1−R)) / (p (R − 1)), K(0) = V.
//!
//! By the recurrence R Ê_(R+1)(w) = 1 − w Ê_R(w) (DLMF 8.19.12), what K has fallen by from p = 0 is a difference of
//! nothing nearly equal, too:
//!
//! K(0) − K(p) = {R Ê_(R+1)(w) − e^(−z V) [1 − (1 + p V)^−R + (1 + p V)^−R R Ê_(R+1)(w + z V)]} / z.
//!
//! Where z V and R p V are small, both are power series in V. So what is left is one integral over p, of positive and
//! smooth values. It is taken by the trapezoidal rule over y = ln(p / (1 − p)). K is analytic in p but for p ≤ −1/V, the
//! density but for p ≤ 0 and p ≥ 1, all of which is at |Im y| = π; so the error with step h is C e^(−2π²/h) (Trefethen
//! & Weideman 2014, SIAM Review 56(3), theorem 5.1), C e^(−π²/h) where a or b is so large that the density grows beyond
//! |Im y| = π/2, and halving the step squares it. Two results that agree to [`AGREEMENT`] put the error of the finer one
//! at that of rounding. Relative error below 1e-11, as [`super::mixture`]; 2e-12 is the largest seen.

use super::exponential_integral::ScaledExponentialIntegral;
use super::gamma::ln_beta;

/// The relative difference of results at a step and its half from which the latter is taken.
const AGREEMENT: f64 = 1e-9;

/// The step to begin with, and that for a density with a steeper end.
const STEPS: (f64, f64) = (1.0, 0.5);

/// A parameter of the beta distribution from which an end is steep.
const STEEP: f64 = 8.0;

/// The share of a sum from which a term ends it. The terms fall by a factor of 0.9 or faster.
const NOTHING: f64 = 1e-16;

/// Points to either side at most.
const MOST: f64 = 4000.0;

/// A parameter of the beta distribution below which the tail at its end is cut short.
const SHARP: f64 = 0.2;

/// A first parameter from which that pays no more.
const BLUNT: f64 = 1.5;

/// The logarithm of the loss of accuracy up to which it pays.
const LOSS: f64 = 5.0;

/// Up to this z V + R p V, power series.
const SHORT: f64 = 0.1;

/// What is to be averaged.
#[derive(Debug, Clone, Copy)]
pub struct DiscountedMixture {
    /// The exponent R ≥ 1.
    pub exponent: f64,
    /// First parameter of the beta distribution.
    pub a: f64,
    /// Second parameter of the beta distribution.
    pub b: f64,
    /// The rate of discount z ≥ 0.
    pub discount: f64,
    /// The end V, infinite only with a discount.
    pub end: f64,
}

impl DiscountedMixture {
    /// The mean.
    pub fn mean(&self) -> f64 {
        let DiscountedMixture { a, b, .. } = *self;
        let pace = self.discount + 1.0 / self.end;
        let loss = a * (self.exponent / pace).ln_1p();
        let without_zero = a < SHARP || a < BLUNT && loss < LOSS;
        let integrand = Integrand::new(self, without_zero, b < SHARP);
        // the density is about that wide where it is narrow
        let mut step =
            (1.0 / a + 1.0 / b).sqrt().min(if a.max(b) < STEEP { STEPS.0 } else { STEPS.1 });
        let mut sum = integrand.sum(integrand.start, step);
        for _ in 0..12 {
            let before = sum;
            sum += integrand.sum(integrand.start + step / 2.0, step);
            step /= 2.0;
            let off = (integrand.mean(sum * step) - integrand.mean(before * 2.0 * step)).abs();
            if off.is_nan() || off <= AGREEMENT * integrand.mean(sum * step) {
                break;
            }
        }
        integrand.mean(sum * step).max(0.0)
    }
}

/// The integral over time at one p.
struct Kernel {
    exponent: f64,
    discount: f64,
    end: f64,
    /// z V.
    discounts: f64,
    /// e^(−z V).
    left: f64,
    at_zero: f64,
    scaled: ScaledExponentialIntegral,
    /// The same of the next order, if it is needed.
    next: ScaledExponentialIntegral,
}

impl Kernel {
    fn new(of: &DiscountedMixture, falls: bool) -> Self {
        let DiscountedMixture { exponent, discount, end, .. } = *of;
        let discounts = if discount > 0.0 { discount * end } else { 0.0 };
        let scaled = ScaledExponentialIntegral::new(exponent);
        Kernel {
            exponent,
            discount,
            end,
            discounts,
            left: (-discounts).exp(),
            at_zero: if discount > 0.0 { -(-discounts).exp_m1() / discount } else { end },
            scaled,
            next: if falls { ScaledExponentialIntegral::new(exponent + 1.0) } else { scaled },
        }
    }

    fn is_short(&self, p: f64) -> bool {
        self.discounts + self.exponent * p * self.end <= SHORT
    }

    /// K(p).
    fn at(&self, p: f64) -> f64 {
        let Kernel { exponent, discount, end, discounts, left, .. } = *self;
        if self.is_short(p) {
            return self.series(p).0;
        }
        let less = exponent - 1.0;
        if discount == 0.0 {
            let ln = (p * end).ln_1p();
            return if less > 0.0 { -(-less * ln).exp_m1() / (p * less) } else { ln / p };
        }
        let w = discount / p;
        let endless = self.scaled.at(w);
        if left == 0.0 {
            return endless / p;
        }
        let later = left * (-less * (p * end).ln_1p()).exp() * self.scaled.at(w + discounts);
        (endless - later) / p
    }

    /// K(0) − K(p).
    fn fallen(&self, p: f64) -> f64 {
        let Kernel { exponent, discount, end, discounts, left, .. } = *self;
        if self.is_short(p) {
            return self.series(p).1;
        }
        if discounts < SHORT / 2.0 {
            return self.at_zero - self.at(p);
        }
        let w = discount / p;
        let endless = exponent * self.next.at(w);
        if left == 0.0 {
            return endless / discount;
        }
        let ln_power = -exponent * (p * end).ln_1p();
        let later = exponent * ln_power.exp() * self.next.at(w + discounts);
        (endless - left * (later - ln_power.exp_m1())) / discount
    }

    /// K(p) and K(0) − K(p) by their power series in V: e^(−z v) (1 + p v)^−R solves (1 + p v) f′ = −(z (1 + p v) + R p) f.
    fn series(&self, p: f64) -> (f64, f64) {
        let (z, p) = (self.discounts, p * self.end);
        let (mut before, mut term, mut fallen) = (0.0, 1.0, 0.0);
        let (mut value, mut difference, mut k) = (1.0, 0.0, 0.0);
        while k < 40.0 {
            let rises = p * ((self.exponent + k) * term + z * before);
            let next = -(z * term + rises) / (k + 1.0);
            fallen = (rises - z * fallen) / (k + 1.0);
            (before, term) = (term, next);
            k += 1.0;
            value += term / (k + 1.0);
            difference += fallen / (k + 1.0);
            if term.abs() <= 1e-17 && fallen.abs() <= 1e-16 * difference.abs() {
                break;
            }
        }
        (value * self.end, difference * self.end)
    }
}

/// What is integrated over y: K and the density of p, or where that has long tails, K less its value at the end of a
/// tail, or less the line between both ends, whose mean is known.
struct Integrand {
    a: f64,
    b: f64,
    ln_beta: f64,
    kernel: Kernel,
    without_zero: bool,
    without_one: bool,
    at_one: f64,
    /// A point near the peak.
    start: f64,
}

impl Integrand {
    fn new(of: &DiscountedMixture, without_zero: bool, without_one: bool) -> Self {
        let DiscountedMixture { a, b, .. } = *of;
        let kernel = Kernel::new(of, without_zero);
        let more = |is: bool| if is { 1.0 } else { 0.0 };
        Integrand {
            a,
            b,
            ln_beta: ln_beta(a, b),
            without_zero,
            without_one,
            at_one: if without_one { kernel.at(1.0) } else { 0.0 },
            kernel,
            start: ((a + more(without_zero)) / (b + more(without_one))).ln(),
        }
    }

    /// The mean of K, given the integral.
    fn mean(&self, integral: f64) -> f64 {
        let taken_out = match (self.without_zero, self.without_one) {
            (false, false) => 0.0,
            (false, true) => self.at_one,
            (true, false) => self.kernel.at_zero,
            (true, true) => {
                (self.b * self.kernel.at_zero + self.a * self.at_one) / (self.a + self.b)
            }
        };
        taken_out + integral
    }

    fn value(&self, y: f64) -> f64 {
        let small = (-y.abs()).exp();
        let ln = small.ln_1p();
        let (p, q) = match y < 0.0 {
            true => (small / (1.0 + small), 1.0 / (1.0 + small)),
            false => (1.0 / (1.0 + small), small / (1.0 + small)),
        };
        let (ln_p, ln_q) = (y.min(0.0) - ln, (-y).min(0.0) - ln);
        let density = (self.a * ln_p + self.b * ln_q - self.ln_beta).exp();
        let kernel = &self.kernel;
        let line = || kernel.at_zero - self.at_one;
        density
            * match (self.without_zero, self.without_one) {
                (false, false) => kernel.at(p),
                (false, true) => kernel.at(p) - self.at_one,
                (true, false) => -kernel.fallen(p),
                (true, true) if y < 0.0 => p * line() - kernel.fallen(p),
                (true, true) => kernel.at(p) - self.at_one - q * line(),
            }
    }

    /// The sum of values at `start` and all whole steps from it.
    fn sum(&self, start: f64, step: f64) -> f64 {
        let mut sum = self.value(start);
        for step in [step, -step] {
            let mut k = 1.0;
            loop {
                let value = self.value(start + k * step);
                sum += value;
                if (value.abs() <= NOTHING * sum.abs() && k > 4.0) || k > MOST {
                    break;
                }
                k += 1.0;
            }
        }
        sum
    }
}
