//! The mean of (1 + p u)^(−R) over p ~ Beta(a, b): Gauss's ₂F₁(R, a; a + b; −u) as the models meet it.
//!
//! Ways, each a sum of terms of one sign or nearly so, are chosen by the arguments:
//! * *many terms in u / (1 + u)* by either of Pfaff's transformations (Abramowitz & Stegun 15.3.4, 15.3.5);
//! * for larger u and small R, *Gegenbauer polynomials*. With ζ = (√(1 + u) − 1) / (√(1 + u) + 1), of which
//!   (1 + ζ)² / (1 − ζ)² is 1 + u, (1 + p u)^(−R) is (1 − ζ)^(2R) (1 − 2 (1 − 2p) ζ + ζ²)^(−R); by their generating
//!   function (DLMF 18.12.4) the mean is (1 − ζ)^(2R) Σ hₖ ζᵏ, hₖ the mean of Cₖ(1 − 2p) of order R. From the
//!   hypergeometric differential equation hₖ k (k + c − 1) =
//!   2 (2b − c) (k − 1 + R) hₖ₋₁ + (k − 2 + 2R) (k − 1 + 2R − c) hₖ₋₂, c = a + b. As √(1 − ·) of u / (1 + u), ζ needs a
//!   seventh of the terms at u = 12, a fifteenth at u = 60. |Cₖ| is largest at p = 0 (DLMF 18.14.4), so that the absolute
//!   terms sum to (1 − ζ)^(−2R) at most: what cancels is no more than the reciprocal of the mean, which is (1 + p̄ u)^(−R)
//!   or more (Jensen);
//! * where those converge slowly, would overflow or would cancel, the trapezoidal rule over the logit of p,
//!   whose integrand is analytic in a strip of half-width π, so that the error falls exponentially with
//!   the step (Trefethen & Weideman 2014, SIAM Review 56(3), theorem 5.1).
//!
//! Relative error below 1e-11 for R to 3000, a from 1e-9 to 1e4, b from 1e-3 to 3000 and u to 1e6.

use super::gamma::ln_beta;

/// Arguments of the power series from which the trapezoidal rule is faster.
const SLOW: f64 = 0.985;

/// Arguments from which the series of Gegenbauer polynomials is faster than the power series, and beyond which it is slow.
const GEGENBAUER: std::ops::RangeInclusive<f64> = 0.75..=0.999;

/// The exponent up to which it is.
const FEW: f64 = 8.0;

/// The logarithm of the largest ratio of the sum of absolute terms to the sum that is accepted.
const CANCELLATION: f64 = 5.0;

/// The logarithm of the largest sum of a series that is accepted.
const GROWTH: f64 = 600.0;

/// Steps of the trapezoidal rule to either side at most.
const MOST: f64 = 4000.0;

/// A parameter of the beta distribution below which the tail at its end is cut short.
const SHARP: f64 = 0.2;

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
        let ln = u.ln_1p();
        let (factors, logarithms) = self.at_all(&[ln], &[-(-ln).exp_m1()]);
        // a mean of numbers up to 1, whatever the rounding
        (factors[0] * logarithms[0].exp()).min(1.0)
    }

    /// The means at rising ln(1 + u), with u / (1 + u) beside them, as factors and the logarithms of others.
    #[inline]
    pub fn at_all<const N: usize>(
        &self,
        ln_1p_u: &[f64; N],
        shares: &[f64; N],
    ) -> ([f64; N], [f64; N]) {
        let BetaMixture { exponent, a, b } = *self;
        let c = a + b;
        match self.series(shares[N - 1], ln_1p_u[N - 1]) {
            Some(Series::Whole) => {
                (hypergeometric(exponent, b, c, shares), ln_1p_u.map(|ln| -exponent * ln))
            }
            Some(Series::Rest) => {
                (hypergeometric(c - exponent, a, c, shares), ln_1p_u.map(|ln| -a * ln))
            }
            Some(Series::Gegenbauer) => {
                let roots = shares.map(|share| (1.0 - share).sqrt());
                let sums =
                    gegenbauer(exponent, b, c, &roots.map(|root| (1.0 - root) / (1.0 + root)));
                let mut logarithms = *ln_1p_u;
                for i in 0..N {
                    let rest = 2.0 * (2.0 / (1.0 + roots[i])).ln() - ln_1p_u[i];
                    logarithms[i] = exponent * rest;
                }
                (sums, logarithms)
            }
            None => (ln_1p_u.map(|ln| self.trapezoidal(ln.exp_m1())), [0.0; N]),
        }
    }

    /// Whether a series serves up to some ln(1 + u).
    pub fn has_series(&self, ln_1p_u: f64) -> bool {
        self.series(-(-ln_1p_u).exp_m1(), ln_1p_u).is_some()
    }

    /// The series that serves up to some u / (1 + u) and ln(1 + u).
    fn series(&self, largest: f64, ln_1p_u: f64) -> Option<Series> {
        let BetaMixture { exponent, a, b } = *self;
        if exponent <= FEW && GEGENBAUER.contains(&largest) {
            let mean = a / (a + b) * largest / (1.0 - largest);
            if exponent * mean.ln_1p() <= CANCELLATION {
                return Some(Series::Gegenbauer);
            }
        }
        if largest > SLOW {
            return None;
        }
        // a series with first parameter e sums to (1 − w)^−e at most
        let grows = |first: f64| first * ln_1p_u > GROWTH;
        let first = a + b - exponent;
        if a > exponent && !grows(exponent) {
            return Some(Series::Whole);
        }
        let tame = first >= 0.0 || -first * self.cancellation(largest) <= CANCELLATION;
        if tame && !grows(first) {
            return Some(Series::Rest);
        }
        (!grows(exponent)).then_some(Series::Whole)
    }

    /// The logarithm of the loss that a negative first parameter of −1 brings.
    fn cancellation(&self, largest: f64) -> f64 {
        // p is hardly ever larger
        let share = ((self.a + 3.0 * self.a.sqrt() + 10.0) / (self.a + self.b)).min(1.0) * largest;
        ((1.0 + share) / (1.0 - share)).ln()
    }

    /// By the trapezoidal rule over y = ln(p / (1 − p)), halving the step until two results agree.
    fn trapezoidal(&self, u: f64) -> f64 {
        let ends = match (self.a < SHARP, self.b < SHARP) {
            (false, false) => Ends::Whole,
            (false, true) => Ends::WithoutOne,
            (true, false) => Ends::WithoutZero,
            (true, true) => Ends::WithoutLine,
        };
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

/// A series for the mean.
enum Series {
    /// (1 + u)^−R ₂F₁(R, b; a + b; u / (1 + u)).
    Whole,
    /// (1 + u)^−a ₂F₁(a + b − R, a; a + b; u / (1 + u)).
    Rest,
    /// Gegenbauer polynomials.
    Gegenbauer,
}

/// The series of means of Gegenbauer polynomials at rising ζ < 1, coefficients computed once.
fn gegenbauer<const N: usize>(exponent: f64, b: f64, c: f64, arguments: &[f64; N]) -> [f64; N] {
    let largest = arguments[N - 1];
    let shares = arguments.map(|argument| argument / largest);
    let mut sums = [1.0; N];
    let mut powers = [1.0; N];
    let (twice, skew) = (2.0 * exponent, 2.0 * (2.0 * b - c));
    let (mut before, mut term, mut k) = (0.0f64, 1.0f64, 1.0);
    loop {
        for _ in 0..4 {
            let next = skew * (k - 1.0 + exponent) * term
                + (k - 2.0 + twice) * (k - 1.0 + twice - c) * (largest * before);
            (before, term) = (term, next * largest / (k * (k + c - 1.0)));
            for i in 0..N {
                powers[i] *= shares[i];
                sums[i] += term * powers[i];
            }
            k += 1.0;
        }
        let falling = largest * ((twice + k) / (1.0 + k)).max(1.0);
        let last = term.abs().max(before.abs());
        if (falling < 1.0 && last * falling <= 1e-17 * (1.0 - falling) * sums[N - 1].abs())
            || k > 1e5
        {
            return sums;
        }
    }
}

/// The power series of ₂F₁(first, second; third; w) at rising arguments w < 1, coefficients computed once.
#[inline]
fn hypergeometric<const N: usize>(
    first: f64,
    second: f64,
    third: f64,
    arguments: &[f64; N],
) -> [f64; N] {
    let largest = arguments[N - 1];
    // terms at the largest argument, and what the others' have shrunk to beside them
    let shares = arguments.map(|argument| if largest > 0.0 { argument / largest } else { 0.0 });
    let mut sums = [1.0; N];
    let mut powers = [1.0; N];
    let mut term = 1.0f64;
    let mut k = 0.0;
    loop {
        // several at a time: the test takes as long as a term
        for _ in 0..4 {
            term *= largest * ((first + k) * (second + k)) / ((third + k) * (1.0 + k));
            for i in 0..N {
                powers[i] *= shares[i];
                sums[i] += term * powers[i];
            }
            k += 1.0;
        }
        // the second factor of the ratio is below 1, so what is left is below a geometric series of this ratio
        let falling = largest * ((first + k).abs() / (1.0 + k)).max(1.0);
        if (falling < 1.0 && term.abs() * falling <= 1e-17 * (1.0 - falling) * sums[N - 1].abs())
            || term == 0.0
            || k > 1e5
        {
            return sums;
        }
    }
}

/// What is integrated. Where a or b is near 0, the density has a long tail towards p = 0 or p = 1; there the
/// value of (1 + p u)^(−R) at that end, or the line between both, is taken out and its mean added after.
#[derive(Clone, Copy, PartialEq)]
enum Ends {
    Whole,
    WithoutOne,
    WithoutZero,
    WithoutLine,
}

struct Integrand {
    of: BetaMixture,
    u: f64,
    ends: Ends,
    ln_beta: f64,
}

impl Integrand {
    /// The power at p = 1.
    fn at_one(&self) -> f64 {
        (-self.of.exponent * self.u.ln_1p()).exp()
    }

    /// The mean of what was taken out.
    fn base(&self) -> f64 {
        let BetaMixture { a, b, .. } = self.of;
        match self.ends {
            Ends::Whole => 0.0,
            Ends::WithoutOne => self.at_one(),
            Ends::WithoutZero => 1.0,
            Ends::WithoutLine => (b + a * self.at_one()) / (a + b),
        }
    }

    /// A point near the peak of the integrand.
    fn peak(&self) -> f64 {
        let BetaMixture { exponent, a, b } = self.of;
        let b = match self.ends {
            Ends::Whole => b,
            Ends::WithoutOne => b + 1.0,
            Ends::WithoutZero | Ends::WithoutLine => return ((a + 1.0) / (b + 1.0)).ln(),
        };
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
        // the power less that at p = 1
        let above_one = || ln_power.exp() * -(exponent * (-q * u / (1.0 + u)).ln_1p()).exp_m1();
        let rest = match self.ends {
            Ends::Whole => return (density + ln_power).exp(),
            Ends::WithoutOne => above_one(),
            Ends::WithoutZero => ln_power.exp_m1(),
            Ends::WithoutLine if y < 0.0 => ln_power.exp_m1() + p * (1.0 - self.at_one()),
            Ends::WithoutLine => above_one() - q * (1.0 - self.at_one()),
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
                if (value.abs() <= 1e-18 * sum.abs() && k > 4.0) || k > MOST {
                    break;
                }
                k += 1.0;
            }
        }
        sum
    }
}
