//! The scaled exponential integral of real order, which is Tricomi's U(1, 2 − s, z).

use super::quadrature::{Pointwise, integrate};

/// Beyond this exponent a term adds nothing.
const NEGLIGIBLE: f64 = 50.0;

/// ∫₀^∞ e^(−z v) (1 + v)^(−s) dv = e^z E_s(z) = U(1, 2 − s, z), for s ≥ 0 and z > 0; relative error below 1e-12.
///
/// From z = 1 up by the continued fraction of Abramowitz & Stegun 5.1.22, contracted as in Press et al.,
/// Numerical Recipes, 6.3; below by the integral itself over ln(1 + v), where all its singularities are far.
pub fn scaled_exponential_integral(s: f64, z: f64) -> f64 {
    if z >= 1.0 {
        return continued_fraction(s, z);
    }
    let mut end = (NEGLIGIBLE / z).ln_1p();
    if s > 2.0 {
        end = end.min(NEGLIGIBLE / (s - 1.0));
    }
    integrate(0.0, end, Pointwise(|at: f64| ((1.0 - s) * at - z * at.exp_m1()).exp()))
}

fn continued_fraction(s: f64, z: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let mut b = z + s;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / b;
    let mut fraction = d;
    for i in 1..1000 {
        let i = f64::from(i);
        let a = -i * (s + i - 1.0);
        b += 2.0;
        d = 1.0 / (a * d + b);
        c = b + a / c;
        let factor = c * d;
        fraction *= factor;
        if (factor - 1.0).abs() < 1e-16 {
            break;
        }
    }
    fraction
}
