//! The log-likelihood of BG/BB with its derivatives by α, β, γ, δ: Fader, Hardie & Shang 2010, eq. 7. A sum
//! over when the customer left; the derivatives of its logarithm are means over that.

use super::{Derivatives, Purchases, Vector};
use crate::Poll;
use crate::models::MOST_PARAMETERS;
use crate::special::gamma::Rise;

/// Terms between two polls.
const POLL_EVERY: usize = 4096;

/// The logarithm of one term with its derivatives: leaving after `t` opportunities, or being there then.
struct Term {
    value: f64,
    first: Vector,
    /// Second derivatives: αα, αβ, ββ, γγ, γδ, δδ.
    second: [f64; 6],
}

fn term(at: &Vector, x: f64, t: f64, leaves: bool) -> Term {
    let [alpha, beta, gamma, delta] = *at;
    let (hits, misses) = (Rise::over(alpha, x), Rise::over(beta, t - x));
    let tries = Rise::over(alpha + beta, t);
    let stays = Rise::over(delta, t);
    let chances = Rise::over(gamma + delta, if leaves { t + 1.0 } else { t });
    let (ln, per) = if leaves { (gamma.ln(), 1.0 / gamma) } else { (0.0, 0.0) };
    Term {
        value: hits.value + misses.value - tries.value + stays.value - chances.value + ln,
        first: [
            hits.first - tries.first,
            misses.first - tries.first,
            per - chances.first,
            stays.first - chances.first,
        ],
        second: [
            hits.second - tries.second,
            -tries.second,
            misses.second - tries.second,
            -per * per - chances.second,
            -chances.second,
            stays.second - chances.second,
        ],
    }
}

/// The log-likelihood of all customers.
pub(super) fn evaluate(data: &[Purchases], at: &Vector, poll: Poll<'_>) -> Derivatives {
    let mut total = Derivatives::default();
    let mut terms = 0;
    for one in data {
        let (x, until, age) = (f64::from(one.repeats), one.span, one.age);
        let mut sums = Sums { top: f64::NEG_INFINITY, ..Sums::default() };
        sums.add(&term(at, x, age, false));
        let mut t = until;
        while t < age {
            sums.add(&term(at, x, t, true));
            t += 1.0;
            terms += 1;
            if terms % POLL_EVERY == 0 {
                poll();
            }
        }
        sums.close(one.weight, &mut total);
    }
    total
}

/// Sums over the terms, each over the largest so far, whose logarithm is `top`.
#[derive(Default)]
struct Sums {
    top: f64,
    weight: f64,
    first: Vector,
    second: [Vector; MOST_PARAMETERS],
}

impl Sums {
    fn add(&mut self, term: &Term) {
        if term.value > self.top {
            let shrink = (self.top - term.value).exp();
            self.weight *= shrink;
            self.first.iter_mut().for_each(|sum| *sum *= shrink);
            self.second.iter_mut().flatten().for_each(|sum| *sum *= shrink);
            self.top = term.value;
        }
        let weight = (term.value - self.top).exp();
        self.weight += weight;
        for i in 0..MOST_PARAMETERS {
            self.first[i] += weight * term.first[i];
            for j in 0..=i {
                self.second[i][j] += weight * term.first[i] * term.first[j];
            }
        }
        let places = [(0, 0), (1, 0), (1, 1), (2, 2), (3, 2), (3, 3)];
        for ((i, j), second) in places.into_iter().zip(term.second) {
            self.second[i][j] += weight * second;
        }
    }

    fn close(&self, weight: f64, total: &mut Derivatives) {
        total.value += weight * (self.top + self.weight.ln());
        let mean = self.first.map(|sum| sum / self.weight);
        for i in 0..MOST_PARAMETERS {
            total.gradient[i] += weight * mean[i];
            for j in 0..=i {
                total.curve(i, j, weight * (self.second[i][j] / self.weight - mean[i] * mean[j]));
            }
        }
    }
}
