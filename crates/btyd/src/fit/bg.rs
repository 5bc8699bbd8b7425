//! The log-likelihood of BG/NBD and MBG/NBD with its derivatives by r, α, a, b.
//!
//! Fader, Hardie & Lee 2005; the terms as in [`crate::models::bg`]. What depends on the number of purchases
//! only is computed once for all customers who share it, who stand together in canonical order.

use super::{Derivatives, POLL_EVERY, Purchases, Vector};
use crate::Poll;
use crate::special::gamma::Rise;

/// Sums over the customers with one number of purchases. D is the logarithm of the odds to have left, σ the
/// probability, σ' = σ (1 − σ), ℓ and Δ the derivatives of D by r and by α over r + x.
#[derive(Default)]
struct Sums {
    weight: f64,
    value: f64,
    ln_age: f64,
    age: f64,
    age_curve: f64,
    inverse: f64,
    inverse_2: f64,
    s: f64,
    s_l: f64,
    s_d: f64,
    s_dd: f64,
    v: f64,
    v_l: f64,
    v_d: f64,
    v_ll: f64,
    v_ld: f64,
    v_dd: f64,
}

/// What depends on the age of a customer only: ln(1 + T / α) and 1 / (α + T).
#[derive(Clone, Copy)]
struct Aged {
    age: f64,
    ln: f64,
    inverse: f64,
}

/// The parameters, and what of them many customers need.
struct At {
    r: f64,
    alpha: f64,
    a: f64,
    b: f64,
    leaves_at_once: bool,
    per_scale: f64,
}

/// The log-likelihood of all customers at parameters whose unit of time is `scale`.
pub(super) fn evaluate(
    data: &[Purchases],
    at: &Vector,
    leaves_at_once: bool,
    scale: f64,
    poll: Poll<'_>,
) -> Derivatives {
    let [r, alpha, a, b] = *at;
    let at = At { r, alpha, a, b, leaves_at_once, per_scale: 1.0 / scale };
    let mut total = Derivatives::default();
    for group in data.chunk_by(|one, other| one.repeats == other.repeats) {
        let mut sums = Sums::default();
        for chunk in group.chunks(POLL_EVERY) {
            poll();
            at.add(chunk, &mut sums);
        }
        at.close(&sums, group[0].repeats.into(), &mut total);
    }
    total
}

impl At {
    /// Adds customers. Logarithms of 1 + y are plain ones: their absolute error, which is what counts in a sum,
    /// is that of `ln_1p`, and they take half the time.
    fn add(&self, group: &[Purchases], sums: &mut Sums) {
        let x = f64::from(group.first().map_or(0, |one| one.repeats));
        let shape = self.r + x;
        let occasions = x + f64::from(u8::from(self.leaves_at_once));
        let ln_a = (self.a / (self.b + occasions - 1.0)).ln();
        let per_alpha = 1.0 / self.alpha;
        let mut known = Aged { age: f64::NAN, ln: 0.0, inverse: 0.0 };
        for one in group {
            let (age, span) = (one.age * self.per_scale, one.span * self.per_scale);
            let w = one.weight;
            // customers of one age stand together
            if age != known.age {
                let ln = (1.0 + age * per_alpha).ln();
                known = Aged { age, ln, inverse: 1.0 / (self.alpha + age) };
            }
            let Aged { ln: ln_age, inverse, .. } = known;
            sums.weight += w;
            sums.ln_age += w * ln_age;
            sums.age += w * age * inverse;
            sums.age_curve += w * age * (2.0 * self.alpha + age) * inverse * inverse;
            sums.inverse += w * inverse;
            sums.inverse_2 += w * inverse * inverse;
            if occasions == 0.0 {
                continue;
            }
            let inverse_span = 1.0 / (self.alpha + span);
            let l = (1.0 + (age - span) * inverse_span).ln();
            let d = inverse - inverse_span;
            let odds = ln_a + shape * l;
            // the smaller of the odds and their inverse
            let small = (-odds.abs()).exp();
            let likely = 1.0 / (1.0 + small);
            let s = if odds > 0.0 { likely } else { small * likely };
            let v = small * likely * likely;
            sums.value += w * (odds.max(0.0) + (1.0 + small).ln());
            sums.s += w * s;
            sums.s_l += w * s * l;
            sums.s_d += w * s * d;
            sums.s_dd += w * s * d * (inverse + inverse_span);
            sums.v += w * v;
            sums.v_l += w * v * l;
            sums.v_d += w * v * d;
            sums.v_ll += w * v * l * l;
            sums.v_ld += w * v * l * d;
            sums.v_dd += w * v * d * d;
        }
    }

    /// Adds what a group's sums amount to.
    fn close(&self, sums: &Sums, x: f64, total: &mut Derivatives) {
        let At { r, alpha, a, b, .. } = *self;
        let shape = r + x;
        let occasions = x + f64::from(u8::from(self.leaves_at_once));
        let before = b + occasions - 1.0;
        let bought = Rise::over(r, x);
        let (stay, all) = (Rise::over(b, occasions), Rise::over(a + b, occasions));
        let w = sums.weight;
        // ln(α + T) is ln α + ln(1 + T / α)
        total.value += w * (bought.value + stay.value - all.value - x * alpha.ln())
            - shape * sums.ln_age
            + sums.value;
        let slope = [
            w * bought.first - sums.ln_age + sums.s_l,
            r / alpha * sums.age - x * sums.inverse + shape * sums.s_d,
            -w * all.first + sums.s / a,
            w * (stay.first - all.first) - if occasions > 0.0 { sums.s / before } else { 0.0 },
        ];
        for (sum, slope) in total.gradient.iter_mut().zip(slope) {
            *sum += slope;
        }
        total.curve(0, 0, w * bought.second + sums.v_ll);
        total.curve(0, 1, sums.age / alpha + sums.s_d + shape * sums.v_ld);
        total.curve(
            1,
            1,
            -r * sums.age_curve / (alpha * alpha) + x * sums.inverse_2 - shape * sums.s_dd
                + shape * shape * sums.v_dd,
        );
        total.curve(2, 2, -w * all.second + (sums.v - sums.s) / (a * a));
        total.curve(2, 3, -w * all.second);
        total.curve(3, 3, w * (stay.second - all.second));
        if occasions > 0.0 {
            total.curve(0, 2, sums.v_l / a);
            total.curve(0, 3, -sums.v_l / before);
            total.curve(1, 2, shape * sums.v_d / a);
            total.curve(1, 3, -shape * sums.v_d / before);
            total.curve(2, 3, -sums.v / (a * before));
            total.curve(3, 3, (sums.s + sums.v) / (before * before));
        }
    }
}
