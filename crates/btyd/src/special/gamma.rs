//! Gamma, digamma and trigamma functions, and how they change over whole steps.

use statrs::function::gamma as library;

/// Steps up to which a change is summed term by term, which loses nothing however large the argument.
const SUMMED: f64 = 64.0;

/// Arguments from which the Stirling series is exact.
const STIRLING: f64 = 25.0;

/// Logarithm of the gamma function, x > 0.
pub fn ln_gamma(x: f64) -> f64 {
    library::ln_gamma(x)
}

/// Digamma function, the derivative of [`ln_gamma`], x > 0.
pub fn digamma(x: f64) -> f64 {
    library::digamma(x)
}

/// Trigamma function, the derivative of [`digamma`], x > 0: recurrence up to 16, then the asymptotic series
/// (Abramowitz & Stegun 6.4.6 and 6.4.12, seven terms: relative error below 1e-15).
pub fn trigamma(mut x: f64) -> f64 {
    let mut sum = 0.0;
    while x < 16.0 {
        sum += 1.0 / (x * x);
        x += 1.0;
    }
    let y = 1.0 / (x * x);
    let series = 1.0 / 6.0
        + y * (-1.0 / 30.0
            + y * (1.0 / 42.0 + y * (-1.0 / 30.0 + y * (5.0 / 66.0 - y * 691.0 / 2730.0))));
    sum + 1.0 / x + y / 2.0 + y * series / x
}

/// How the logarithm of the gamma function and its first two derivatives change from `start` to
/// `start + steps`, for whole `steps`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rise {
    /// lnΓ(start + steps) − lnΓ(start), the logarithm of the rising factorial.
    pub value: f64,
    /// The same of digamma.
    pub first: f64,
    /// The same of trigamma.
    pub second: f64,
}

impl Rise {
    /// The change.
    pub fn over(start: f64, steps: f64) -> Rise {
        if steps > SUMMED {
            let end = start + steps;
            return Rise {
                value: ln_gamma_step(start, steps),
                first: digamma(end) - digamma(start),
                second: trigamma(end) - trigamma(start),
            };
        }
        let mut rise = Rise::default();
        let mut at = 0.0;
        while at < steps {
            let inverse = 1.0 / (start + at);
            rise.value += (start + at).ln();
            rise.first += inverse;
            rise.second -= inverse * inverse;
            at += 1.0;
        }
        rise
    }
}

/// lnΓ(start + steps) − lnΓ(start) for whole `steps`.
pub fn ln_rising(start: f64, steps: f64) -> f64 {
    if steps > SUMMED {
        return ln_gamma_step(start, steps);
    }
    let (mut sum, mut product, mut at) = (0.0, 1.0f64, 0.0);
    while at < steps {
        product *= start + at;
        if !(1e-200..1e200).contains(&product) {
            sum += product.ln();
            product = 1.0;
        }
        at += 1.0;
    }
    sum + product.ln()
}

/// Logarithm of the beta function.
pub fn ln_beta(a: f64, b: f64) -> f64 {
    let (small, large) = if a < b { (a, b) } else { (b, a) };
    ln_gamma(small) - ln_gamma_step(large, small)
}

/// lnΓ(start + step) − lnΓ(start) for step > 0, without cancellation where start is large: the
/// Stirling series of both, subtracted term by term (Abramowitz & Stegun 6.1.41, to an error below 1e-16).
fn ln_gamma_step(start: f64, step: f64) -> f64 {
    if start < STIRLING {
        return ln_gamma(start + step) - ln_gamma(start);
    }
    let end = start + step;
    let correction = |x: f64| {
        let y = 1.0 / (x * x);
        (1.0 / 12.0 - y * (1.0 / 360.0 - y * (1.0 / 1260.0 - y * (1.0 / 1680.0 - y / 1188.0)))) / x
    };
    (start - 0.5) * (step / start).ln_1p() + step * end.ln() - step + correction(end)
        - correction(start)
}
