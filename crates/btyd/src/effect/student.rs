//! Student's distribution, central and not.

use statrs::function::beta::checked_beta_reg;
use statrs::function::gamma::checked_gamma_ur;

/// Degrees of freedom from which the distribution is the normal one, to more digits than the library's has then.
const NORMAL: f64 = 1e9;

/// How likely a number is to be at least so far from 0, on either side.
pub fn two_sided(t: f64, freedom: f64) -> f64 {
    let square = t * t;
    if freedom >= NORMAL || !square.is_finite() {
        return 2.0 * normal_tail(t.abs());
    }
    // one of the two is exact to all digits: what is left of 1 has fewer
    let tail = match square < freedom {
        true if square < 1.0 => {
            checked_beta_reg(0.5, freedom / 2.0, square / (freedom + square)).map(|part| 1.0 - part)
        }
        _ => checked_beta_reg(freedom / 2.0, 0.5, freedom / (freedom + square)),
    };
    tail.map_or(1.0, |tail| tail.clamp(0.0, 1.0))
}

/// How far from 0 a number is at least with a probability, on either side, of 0 to 1, ends excluded.
pub fn quantile(probability: f64, freedom: f64) -> f64 {
    let (mut low, mut high) = (0.0f64, 1.0f64);
    while two_sided(high, freedom) > probability && high < 1e300 {
        (low, high) = (high, high * 2.0);
    }
    while let middle = low + (high - low) / 2.0
        && low < middle
        && middle < high
    {
        match two_sided(middle, freedom) > probability {
            true => low = middle,
            false => high = middle,
        }
    }
    high
}

/// How likely a standard normal number is to be above this one.
pub fn normal_tail(z: f64) -> f64 {
    // the library's erfc has only 10 digits
    let tail =
        checked_gamma_ur(0.5, z * z / 2.0).map_or(if z == 0.0 { 1.0 } else { 0.0 }, |t| t) / 2.0;
    if z < 0.0 { 1.0 - tail } else { tail }
}

/// The number above which a standard normal one is with a probability, of 0 to 1, ends excluded.
pub fn normal_quantile(probability: f64) -> f64 {
    match probability <= 0.5 {
        true => quantile(2.0 * probability, f64::INFINITY),
        false => -quantile(2.0 * (1.0 - probability), f64::INFINITY),
    }
}

/// Points of the rule below.
const POINTS: i32 = 400;

/// How likely a t of this noncentrality is to be farther from 0 than `critical`, on either side: the power of a test.
///
/// With s = √(χ²/ν) this is the mean over s of what a normal number gives: by the trapezoidal rule over ln s, whose density
/// falls off fast on both sides, so that the rule is exact to many digits.
pub fn beyond(critical: f64, freedom: f64, noncentrality: f64) -> f64 {
    let spread = 12.0 / (2.0 * freedom).sqrt();
    let (from, to) = (-spread.max(40.0 / freedom), spread);
    let (mut density, mut power) = (0.0f64, 0.0f64);
    for point in 0..=POINTS {
        let w = from + (to - from) * f64::from(point) / f64::from(POINTS);
        // relative to its value at w = 0
        let weight = (freedom * (w - ((2.0 * w).exp_m1()) / 2.0)).exp();
        let reach = critical * w.exp();
        density += weight;
        power += weight * (normal_tail(reach - noncentrality) + normal_tail(reach + noncentrality));
    }
    (power / density).clamp(0.0, 1.0)
}
