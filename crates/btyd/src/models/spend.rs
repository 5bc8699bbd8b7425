//! Gamma-Gamma: what a purchase is worth, from the mean m of x purchases. A customer's own purchases are
//! Gamma(p, ν), and ν ~ Gamma(q, v) differs between customers. Fader & Hardie 2013, note 025.

use super::{Family, check_parameters};
use crate::Error;
use crate::special::gamma::ln_gamma;

/// The model with its parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpendModel {
    /// Shape of a customer's own purchases.
    pub p: f64,
    /// Shape of the customers' scales.
    pub q: f64,
    /// Rate of the customers' scales, an amount.
    pub v: f64,
}

impl SpendModel {
    /// A model; an error for a parameter out of range.
    pub fn new(p: f64, q: f64, v: f64) -> Result<Self, Error> {
        check_parameters(Family::GammaGamma, &[p, q, v])?;
        Ok(SpendModel { p, q, v })
    }

    /// Log-likelihood of a mean `m` > 0 of `x` > 0 purchases: eq. 1a.
    pub fn log_likelihood(&self, x: f64, m: f64) -> f64 {
        let SpendModel { p, q, v } = *self;
        let (shape, sum) = (p * x, x * m);
        ln_gamma(shape + q)
            - ln_gamma(shape)
            - ln_gamma(q)
            - shape * (v / sum).ln_1p()
            - q * (sum / v).ln_1p()
            - m.ln()
    }

    /// Expected value of a purchase, given the mean `m` of `x` earlier ones: eq. 5. None where there is no
    /// finite mean, which takes q ≤ 1.
    pub fn expected_value(&self, x: f64, m: f64) -> Option<f64> {
        let SpendModel { p, q, v } = *self;
        let shape = p * x + q - 1.0;
        (shape > 0.0).then(|| (v + m * x) * p / shape)
    }
}
