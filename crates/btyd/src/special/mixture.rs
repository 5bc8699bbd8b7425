//! The mean of (1 + p u)^(−R) over p ~ Beta(a, b): Gauss's ₂F₁(R, a; a + b; −u) as the models meet it.
//!
//! Three ways, each a sum of terms of one sign or nearly so, are chosen by the arguments:
//! * *many terms in u / (1 + u)* by either of Pfaff's transformations (Abramowitz & Stegun 15.3.4, 15.3.5);
//! * where those converge slowly, would overflow or would cancel, the trapezoidal rule over the logit of p,
//!   whose integrand is analytic in a strip of half-width π, so that the error falls exponentially with
//!   the step (Trefethen & Weideman 2014, SIAM Review 56(3), theorem 5.1).
//!
//! Relative error below 1e-11 for R to 3000, a from 1e-9 to 1e4, b from 1e-3 to 3000 and u to 1e6.

use super::gamma::ln_beta;
use super::quadrature::{POINTS, Values};

/// Arguments of the power series from which the trapezoidal rule is faster.
const SLOW: f64 = 0.985;

/// The logarithm of the largest ratio of the sum of absolute terms to the sum that is accepted.
const CANCELLATION: f64 = 5.0;

/// The logarithm of the largest sum of a series that is accepted.
const GROWTH: f64 = 600.0;

/// A mean over p ~ Beta(a, b) of (1 + p u)^(−R), to be taken at several u.
#[derive(Debug, Clone, Copy)]
pub struct BetaMixture {
    /// The exponent R > 0.
    pub exponent: f64,
    /// First parameter of the beta distribution.
    pub a: f64,
    /// Second parameter of the beta distribution.
    pub b: f64,
}

impl BetaMixture {
    /// The mean at one u ≥ 0.
    pub fn at(&self, u: f64) -> f64 {
        self.at_all(&[u.ln_1p(); POINTS])[0]
    }

    /// The means at rising ln(1 + u).
    pub fn at_all(&self, ln_1p_u: &Values) -> Values {
        let BetaMixture { exponent, a, b } = *self;
        let c = a + b;
        let argument = ln_1p_u.map(|ln| -(-ln).exp_m1());
        let largest = argument[POINTS - 1];
        let slow = largest > SLOW;
        let first = c - exponent;
        // p is hardly ever larger
        let share = ((a + 3.0 * a.sqrt() + 10.0) / c).min(1.0) * largest;
        let cancels = -first * ((1.0 + share) / (1.0 - share)).ln();
        let powers = |power: f64, series: Values| {
            let mut values = series;
            values.iter_mut().zip(ln_1p_u).for_each(|(value, ln)| *value *= (-power * ln).exp());
            values
        };
        // the series of positive terms that grows least
        if !slow && a > exponent {
            return powers(exponent, hypergeometric(exponent, b, c, &argument));
        }
        if !slow && cancels <= CANCELLATION {
            return powers(a, hypergeometric(first, a, c, &argument));
        }
        if !slow && exponent * ln_1p_u[POINTS - 1] < GROWTH {
            return powers(exponent, hypergeometric(exponent, b, c, &argument));
        }
        let mut values = [0.0; POINTS];
        for i in 0..POINTS {
            // the points of a single argument are all the same
            let known = i > 0 && ln_1p_u[i] == ln_1p_u[i - 1];
            values[i] = if known { values[i - 1] } else { self.trapezoidal(ln_1p_u[i].exp_m1()) };
        }
        values
    }

    /// By the trapezoidal rule over y = ln(p / (1 − p)), halving the step until two results agree.
    fn trapezoidal(&self, u: f64) -> f64 {
        let ends = if self.a < 0.2 || self.b < 0.2 { Ends::Split } else { Ends::Direct };
        let mixture = Integrand { of: *self, u, ends, ln_beta: ln_beta(self.a, self.b) };
        let start = mixture.peak();
        let mut step = 0.5;
        let mut sum = mixture.sum(start, step);
        for _ in 0..12 {
            let finer = sum + mixture.sum(start + step / 2.0, step);
            let (before, now) = (sum * step, finer * step / 2.0);
            sum = finer;
            step /= 2.0;
            if (now - before).abs() <= 1e-13 * now.abs() {
                break;
            }
        }
        mixture.base() + sum * step
    }
}

/// The power series of ₂F₁(first, second; third; w) at rising arguments w < 1, coefficients computed once.
fn hypergeometric(first: f64, second: f64, third: f64, arguments: &Values) -> Values {
    let largest = arguments[POINTS - 1];
    // terms at the largest argument, and what the others' have shrunk to beside them
    let shares = arguments.map(|argument| if largest > 0.0 { argument / largest } else { 0.0 });
    let mut sums = [1.0; POINTS];
    let mut powers = [1.0; POINTS];
    let mut term = 1.0f64;
    let mut k = 0.0;
    loop {
        let ratio = (first + k) * (second + k) / ((third + k) * (1.0 + k));
        term *= ratio * largest;
        for i in 0..POINTS {
            powers[i] *= shares[i];
            sums[i] += term * powers[i];
        }
        k += 1.0;
        // the second factor of the ratio is below 1, so what is left is below a geometric series of this ratio
        let falling = largest * ((first + k).abs() / (1.0 + k)).max(1.0);
        if (falling < 1.0
            && term.abs() * falling <= 1e-17 * (1.0 - falling) * sums[POINTS - 1].abs())
            || term == 0.0
            || k > 1e5
        {
            return sums;
        }
    }
}

/// What is integrated: all of the mean, or what is left of it once the straight line between its values at
/// p = 0 and p = 1 is taken out, which keeps the tails short where a or b is near 0.
#[derive(Clone, Copy, PartialEq)]
enum Ends {
    Direct,
    Split,
}

struct Integrand {
    of: BetaMixture,
    u: f64,
    ends: Ends,
    ln_beta: f64,
}

impl Integrand {
    /// The mean of what was taken out.
    fn base(&self) -> f64 {
        let BetaMixture { exponent, a, b } = self.of;
        match self.ends {
            Ends::Direct => 0.0,
            Ends::Split => (b + a * (-exponent * self.u.ln_1p()).exp()) / (a + b),
        }
    }

    /// A point near the peak of the integrand.
    fn peak(&self) -> f64 {
        let BetaMixture { exponent, a, b } = self.of;
        if self.ends == Ends::Split {
            return ((a + 1.0) / (b + 1.0)).ln();
        }
        // where the logarithm of the integrand turns: its slope only falls through zero once
        let slope = |y: f64| {
            let (p, q) = (1.0 / (1.0 + (-y).exp()), 1.0 / (1.0 + y.exp()));
            a * q - b * p - exponent * p * q * self.u / (1.0 + p * self.u)
        };
        let (mut low, mut high) = (-60.0, 60.0);
        for _ in 0..40 {
            let middle = (low + high) / 2.0;
            if slope(middle) > 0.0 {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    }

    fn value(&self, y: f64) -> f64 {
        let BetaMixture { exponent, a, b } = self.of;
        let u = self.u;
        let (ln_p, ln_q) = (-(-y).exp().ln_1p(), -y.exp().ln_1p());
        let (p, q) = (ln_p.exp(), ln_q.exp());
        let density = a * ln_p + b * ln_q - self.ln_beta;
        let ln_power = -exponent * (p * u).ln_1p();
        if self.ends == Ends::Direct {
            return (density + ln_power).exp();
        }
        let at_one = (-exponent * u.ln_1p()).exp();
        let rest = match y < 0.0 {
            true => ln_power.exp_m1() + p * (1.0 - at_one),
            false => {
                let beyond = -(exponent * (-q * u / (1.0 + u)).ln_1p()).exp_m1();
                ln_power.exp() * beyond - q * (1.0 - at_one)
            }
        };
        density.exp() * rest
    }

    /// The sum of values at `start` and all whole steps from it.
    fn sum(&self, start: f64, step: f64) -> f64 {
        let mut sum = self.value(start);
        for step in [step, -step] {
            let mut k = 1.0;
            loop {
                let value = self.value(start + k * step);
                sum += value;
                if (value.abs() <= 1e-18 * sum.abs() && k > 4.0) || k > 4000.0 {
                    break;
                }
                k += 1.0;
            }
        }
        sum
    }
}
