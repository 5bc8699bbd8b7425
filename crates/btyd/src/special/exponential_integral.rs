//! The scaled exponential integral of real order, which is Tricomi's U(1, 2 − s, z).

use super::gamma::ln_gamma;

/// Orders above which the continued fraction converges fast for every argument.
const HIGH: f64 = 24.0;

/// Terms of the power series, enough for arguments up to 1.
const TERMS: usize = 18;

/// ∫₀^∞ e^(−z v) (1 + v)^(−s) dv = e^z E_s(z) = U(1, 2 − s, z), for s ≥ 0 and z > 0; relative error below 1e-12.
pub fn scaled_exponential_integral(s: f64, z: f64) -> f64 {
    ScaledExponentialIntegral::new(s).at(z)
}

/// The same for one s at several z.
///
/// From z = 1 up, and for high orders, by the continued fraction of DLMF 8.19.17, contracted, in Steed's way (Press et
/// al., Numerical Recipes, 5.2). Else by the power series of DLMF 8.19.10 at an order near 1, s less a whole number,
/// with the two terms that are infinite at order 1 taken together; from there up by DLMF 8.19.12, whose rounding errors
/// shrink where orders exceed z.
#[derive(Debug, Clone, Copy)]
pub struct ScaledExponentialIntegral {
    s: f64,
    /// The order of the power series.
    low: f64,
    /// 1 − low.
    excess: f64,
    /// lnΓ(1 + excess).
    ln_gamma: f64,
    /// Its coefficients but for the first.
    series: [f64; TERMS],
}

impl ScaledExponentialIntegral {
    /// The function of an order.
    pub fn new(s: f64) -> Self {
        let low = if s > 1.5 { s - (s - 1.5).ceil() } else { s };
        let excess = 1.0 - low;
        let mut series = [0.0; TERMS];
        if s <= HIGH {
            let mut factor = 1.0;
            for (i, coefficient) in series.iter_mut().enumerate() {
                let k = i as f64 + 1.0;
                factor /= -k;
                *coefficient = factor / (k + excess);
            }
        }
        ScaledExponentialIntegral { s, low, excess, ln_gamma: ln_gamma_of_one_and(excess), series }
    }

    /// Its value.
    pub fn at(&self, z: f64) -> f64 {
        if z >= 1.0 || self.s > HIGH {
            return continued_fraction(self.s, z);
        }
        // Γ(excess) z^−excess − 1 / excess
        let exponent = self.ln_gamma - self.excess * z.ln();
        let first = match self.excess {
            0.0 => -EULER - z.ln(),
            excess => exponent.exp_m1() / excess,
        };
        let rest = self.series.iter().rev().fold(0.0, |sum, coefficient| sum * z + coefficient) * z;
        let (mut order, mut value) = (self.low, z.exp() * (first - rest));
        while order < self.s - 0.5 {
            value = (1.0 - z * value) / order;
            order += 1.0;
        }
        value
    }
}

/// Euler's constant.
const EULER: f64 = 0.577_215_664_901_532_9;

/// lnΓ(1 + x), relatively exact for x near 0 (DLMF 5.7.3).
fn ln_gamma_of_one_and(x: f64) -> f64 {
    if x.abs() > 1e-3 {
        return ln_gamma(1.0 + x);
    }
    const ZETA: [f64; 4] = [
        1.644_934_066_848_226_4,
        1.202_056_903_159_594_2,
        1.082_323_233_711_138_2,
        1.036_927_755_143_37,
    ];
    let higher = ZETA[0] / 2.0 + x * (-ZETA[1] / 3.0 + x * (ZETA[2] / 4.0 - x * ZETA[3] / 5.0));
    x * (x * higher - EULER)
}

fn continued_fraction(s: f64, z: f64) -> f64 {
    let mut b = z + s;
    let mut d = 1.0 / b;
    let mut step = d;
    let mut fraction = d;
    for i in 1..1000 {
        let i = f64::from(i);
        b += 2.0;
        d = 1.0 / (b - i * (s + i - 1.0) * d);
        step *= b * d - 1.0;
        fraction += step;
        if step <= 1e-16 * fraction {
            break;
        }
    }
    fraction
}
