//! The log-likelihood of Gamma-Gamma with its derivatives by p, q, v: Fader & Hardie 2013, note 025, eq. 1a.
//! What depends on the number of purchases only is computed once for all customers who share it.

use super::{Derivatives, POLL_EVERY, Spend, Vector};
use crate::Poll;
use crate::special::gamma::{digamma, ln_gamma, trigamma};

/// The log-likelihood of all customers at parameters whose unit of money is `scale`.
pub(super) fn evaluate(data: &[Spend], at: &Vector, scale: f64, poll: Poll<'_>) -> Derivatives {
    let [p, q, v, _] = *at;
    let per_scale = 1.0 / scale;
    let ln_q = ln_gamma(q);
    let (digamma_q, trigamma_q) = (digamma(q), trigamma(q));
    let mut total = Derivatives::default();
    for group in data.chunk_by(|one, other| one.repeats == other.repeats) {
        let x = f64::from(group[0].repeats);
        let shape = p * x;
        // with z = x m: sums of ln(1 + v/z), ln(1 + z/v), ln m, 1/(z + v) and its square
        let (mut weight, mut below, mut above, mut ln_mean) = (0.0, 0.0, 0.0, 0.0);
        let (mut inverse, mut inverse_2) = (0.0, 0.0);
        for chunk in group.chunks(POLL_EVERY) {
            poll();
            for one in chunk {
                let (w, mean) = (one.weight, one.value * per_scale);
                let sum = x * mean;
                let share = 1.0 / (sum + v);
                weight += w;
                below += w * (v / sum).ln_1p();
                above += w * (sum / v).ln_1p();
                ln_mean += w * mean.ln();
                inverse += w * share;
                inverse_2 += w * share * share;
            }
        }
        let together = shape + q;
        let (digamma_all, trigamma_all) = (digamma(together), trigamma(together));
        total.value += weight * (ln_gamma(together) - ln_gamma(shape) - ln_q)
            - shape * below
            - q * above
            - ln_mean;
        total.gradient[0] += x * (weight * (digamma_all - digamma(shape)) - below);
        total.gradient[1] += weight * (digamma_all - digamma_q) - above;
        total.gradient[2] += weight * q / v - together * inverse;
        total.curve(0, 0, weight * x * x * (trigamma_all - trigamma(shape)));
        total.curve(0, 1, weight * x * trigamma_all);
        total.curve(1, 1, weight * (trigamma_all - trigamma_q));
        total.curve(0, 2, -x * inverse);
        total.curve(1, 2, weight / v - inverse);
        total.curve(2, 2, together * inverse_2 - weight * q / (v * v));
    }
    total
}
