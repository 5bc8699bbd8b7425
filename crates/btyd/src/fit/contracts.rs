//! The log-likelihood of the shifted beta-geometric model with its derivatives by α and β: Fader & Hardie
//! 2007, eq. 5 and 6.

use super::{Derivatives, POLL_EVERY, Purchases, Vector};
use crate::Poll;
use crate::special::gamma::Rise;

/// The log-likelihood of all contracts: renewals made, and whether the next one was refused.
pub(super) fn evaluate(data: &[Purchases], at: &Vector, poll: Poll<'_>) -> Derivatives {
    let [alpha, beta, ..] = *at;
    let mut total = Derivatives::default();
    for (i, one) in data.iter().enumerate() {
        if i % POLL_EVERY == 0 {
            poll();
        }
        let (made, w) = (f64::from(one.repeats), one.weight);
        let left = one.age > made;
        let stays = Rise::over(beta, made);
        let chances = Rise::over(alpha + beta, if left { made + 1.0 } else { made });
        let (ln, per) = if left { (alpha.ln(), 1.0 / alpha) } else { (0.0, 0.0) };
        total.value += w * (ln + stays.value - chances.value);
        total.gradient[0] += w * (per - chances.first);
        total.gradient[1] += w * (stays.first - chances.first);
        total.curve(0, 0, -w * (per * per + chances.second));
        total.curve(0, 1, -w * chances.second);
        total.curve(1, 1, w * (stays.second - chances.second));
    }
    total
}
