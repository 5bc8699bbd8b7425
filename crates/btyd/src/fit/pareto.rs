//! The log-likelihood of Pareto/NBD with its derivatives by r, α, s, β.
//!
//! The likelihood is a sum over what may have become of the customer: there still, or gone at time u. The
//! derivatives of its logarithm are means over these, weighted by their probability; the quadrature of
//! [`crate::models::pareto`] says at which u.

use super::{Derivatives, POLL_EVERY, Purchases, Vector};
use crate::Poll;
use crate::models::{MOST_PARAMETERS, pareto::Pareto};
use crate::special::gamma::Rise;

/// The log-likelihood of all customers at parameters whose unit of time is `scale`.
pub(super) fn evaluate(data: &[Purchases], at: &Vector, scale: f64, poll: Poll<'_>) -> Derivatives {
    let [r, alpha, s, beta] = *at;
    let model = Pareto { r, alpha, s, beta };
    let mut total = Derivatives::default();
    for group in data.chunk_by(|one, other| one.repeats == other.repeats) {
        let bought = Rise::over(r, group[0].repeats.into());
        for chunk in group.chunks(POLL_EVERY / 8) {
            poll();
            for one in chunk {
                add(&model, one, scale, &bought, &mut total);
            }
        }
    }
    total
}

/// Sums over what may have become of a customer.
#[derive(Default)]
struct Means {
    weight: f64,
    first: Vector,
    second: [Vector; MOST_PARAMETERS],
}

impl Means {
    /// Adds leaving at `time` with a weight; `leaves` is 0 for one who is there at that time.
    #[inline]
    fn add(&mut self, model: &Pareto, shape: f64, time: f64, leaves: f64, weight: f64) {
        let Pareto { r, alpha, s, beta } = *model;
        let (from_alpha, from_beta) = (1.0 / (alpha + time), 1.0 / (beta + time));
        // r ln α − (r + x) ln(α + u) + s ln β − (s + leaves) ln(β + u) + leaves ln s
        let first = [
            -(time / alpha).ln_1p(),
            r / alpha - shape * from_alpha,
            leaves / s - (time / beta).ln_1p(),
            s / beta - (s + leaves) * from_beta,
        ];
        self.weight += weight;
        for i in 0..MOST_PARAMETERS {
            self.first[i] += weight * first[i];
            for j in 0..=i {
                self.second[i][j] += weight * first[i] * first[j];
            }
        }
        self.second[1][0] += weight * (1.0 / alpha - from_alpha);
        self.second[1][1] += weight * (shape * from_alpha * from_alpha - r / (alpha * alpha));
        self.second[2][2] -= weight * leaves / (s * s);
        self.second[3][2] += weight * (1.0 / beta - from_beta);
        self.second[3][3] += weight * ((s + leaves) * from_beta * from_beta - s / (beta * beta));
    }
}

fn add(model: &Pareto, one: &Purchases, scale: f64, bought: &Rise, total: &mut Derivatives) {
    let mut customer = one.customer();
    customer.age /= scale;
    customer.span /= scale;
    let shape = model.r + customer.repeats;
    let mut means = Means::default();
    model.left(&customer, |time, part| means.add(model, shape, time, 1.0, part));
    means.add(model, shape, customer.age, 0.0, model.ln_stayed(&customer).exp());
    let w = one.weight;
    total.value += w * (bought.value + model.ln_shared(&customer) + means.weight.ln());
    let mean: Vector = means.first.map(|sum| sum / means.weight);
    for i in 0..MOST_PARAMETERS {
        total.gradient[i] += w * mean[i];
        for j in 0..=i {
            total.curve(i, j, w * (means.second[i][j] / means.weight - mean[i] * mean[j]));
        }
    }
    total.gradient[0] += w * bought.first;
    total.curve(0, 0, w * bought.second);
}
