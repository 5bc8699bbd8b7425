//! The types `purchase_model` and `spend_model`: a family, its parameters, and what is known of their fit.
//!
//! ```text
//! version  family  flags  zero │ boundary  zero │ parameters │ refund share  correlation │ fit
//! one byte each                │ two bytes each │ doubles    │ spend models only         │ doubles
//! ```
//!
//! The fit, if any, is log-likelihood, customers, and the covariances of the parameters row by row up to the
//! diagonal. Numbers are little-endian; NaN stands for a covariance, or a correlation, that is not known.
//! Text form is JSON.

mod accessors;
mod fit;
mod text;

pub use fit::{customer_of, read_choice};
pub use text::{model_text, purchase_model_of, spend_model_of};

use crate::server::error::{Code, fail};
use crate::server::varlena;
use btyd::fit::{Estimate, Fitted};
use btyd::models::{Family, MOST_PARAMETERS};
use pgrx::pg_sys::Datum;

/// The version that is written and accepted.
const VERSION: u8 = 1;
const PREFIX: usize = 8;
const FITTED: u8 = 1;
const CONVERGED: u8 = 2;

/// A model as its type holds it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Model {
    /// Family, parameters, fit.
    pub estimate: Estimate,
    /// Refunds as a share of all purchases where a spend model was fitted; 0 for others.
    pub refund_share: f64,
    /// Correlation of number and value of repeat purchases there; NaN for others.
    pub correlation: f64,
}

impl From<Estimate> for Model {
    fn from(estimate: Estimate) -> Self {
        Model { estimate, refund_share: 0.0, correlation: f64::NAN }
    }
}

/// Reads doubles one after another.
struct Doubles<'a>(std::slice::ChunksExact<'a, u8>);

impl Doubles<'_> {
    fn next(&mut self) -> f64 {
        let bytes = self.0.next().and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(f64::NAN, f64::from_le_bytes)
    }
}

impl Model {
    fn is_spend(&self) -> bool {
        self.estimate.family == Family::GammaGamma
    }

    /// The packed form, as a new value of the server's.
    pub fn pack(&self) -> Datum {
        varlena::from_bytes(&self.packed())
    }

    fn packed(&self) -> Vec<u8> {
        let estimate = &self.estimate;
        let place = Family::ALL.iter().position(|family| *family == estimate.family);
        let mut bytes = vec![VERSION, place.unwrap_or(0) as u8, 0, 0];
        let boundary = estimate.fitted.map_or(0, |fitted| fitted.boundary);
        bytes.extend(boundary.to_le_bytes());
        bytes.extend([0, 0]);
        let mut add = |value: f64| bytes.extend(value.to_le_bytes());
        estimate.parameters.iter().take(estimate.count()).copied().for_each(&mut add);
        if self.is_spend() {
            add(self.refund_share);
            add(self.correlation);
        }
        if let Some(fitted) = &estimate.fitted {
            add(fitted.log_likelihood);
            add(fitted.customers);
            for i in 0..estimate.count() {
                fitted.covariance[i][..=i].iter().copied().for_each(&mut add);
            }
            bytes[2] = FITTED | if fitted.converged { CONVERGED } else { 0 };
        }
        bytes
    }

    /// Family and parameters of packed bytes that the server holds, and the doubles behind them.
    fn read(bytes: &[u8]) -> (Estimate, Doubles<'_>) {
        let family = Self::unpack_family(bytes);
        let mut doubles = Doubles(bytes.get(PREFIX..).unwrap_or(&[]).chunks_exact(8));
        let mut parameters = [1.0; MOST_PARAMETERS];
        parameters[..family.parameters().len()].fill_with(|| doubles.next());
        (Estimate { family, parameters, fitted: None }, doubles)
    }

    /// Only family and parameters, which is all that a prediction reads.
    pub fn unpack_parameters(bytes: &[u8]) -> Estimate {
        Self::read(bytes).0
    }

    /// Only the family.
    pub fn unpack_family(bytes: &[u8]) -> Family {
        let place = bytes.get(1).map_or(0, |&place| usize::from(place));
        Family::ALL.get(place).copied().unwrap_or(Family::BgNbd)
    }

    /// Only the refund share of a spend model.
    pub fn unpack_refund_share(bytes: &[u8]) -> f64 {
        Self::read(bytes).1.next()
    }

    /// All of a model.
    pub fn unpack(bytes: &[u8]) -> Model {
        let (mut estimate, mut doubles) = Self::read(bytes);
        let (refund_share, correlation) = match estimate.family {
            Family::GammaGamma => (doubles.next(), doubles.next()),
            _ => (0.0, f64::NAN),
        };
        let head = |i: usize| bytes.get(i).copied().unwrap_or(0);
        estimate.fitted = (head(2) & FITTED != 0).then(|| {
            let (log_likelihood, customers) = (doubles.next(), doubles.next());
            let mut covariance = [[f64::NAN; MOST_PARAMETERS]; MOST_PARAMETERS];
            let n = estimate.family.parameters().len();
            for (i, j) in (0..n).flat_map(|i| (0..=i).map(move |j| (i, j))) {
                covariance[i][j] = doubles.next();
                covariance[j][i] = covariance[i][j];
            }
            let boundary = u16::from_le_bytes([head(4), head(5)]);
            let converged = head(2) & CONVERGED != 0;
            Fitted { log_likelihood, customers, covariance, converged, boundary }
        });
        Model { estimate, refund_share, correlation }
    }

    /// An error text unless the numbers are what a fit or a user may give.
    fn check(&self) -> Result<(), String> {
        self.estimate.check().map_err(|error| error.to_string())?;
        if !(0.0..=1.0).contains(&self.refund_share) {
            return Err(format!("refund_share is {}, not a number from 0 to 1", self.refund_share));
        }
        if !self.correlation.is_nan() && !(-1.0..=1.0).contains(&self.correlation) {
            return Err("frequency_correlation is not a number from -1 to 1".into());
        }
        let Some(fitted) = &self.estimate.fitted else { return Ok(()) };
        let finite = fitted.log_likelihood.is_finite() && fitted.customers.is_finite();
        if !finite || fitted.customers < 0.0 {
            return Err("log_likelihood and customers must be finite numbers".into());
        }
        if fitted.covariance.iter().flatten().any(|value| value.is_infinite()) {
            return Err("covariances must be finite numbers".into());
        }
        Ok(())
    }
}

/// Raises the error for numbers that no customer can have.
#[cold]
pub fn no_customer(error: btyd::Error) -> ! {
    let about = |name: &str| matches!(&error, btyd::Error::Malformed(why) if why.starts_with(name));
    let hint = if about("weight") {
        "Give the number of customers that a row stands for."
    } else if about("repeat_purchase_value") {
        "Give the mean amount of the repeat purchases: repeat_purchase_value(h) of a history."
    } else {
        "Repeat purchases must be a whole number, 0 or more, and 0 <= purchase_span <= customer_age, both in the unit \
         of the model. For a history, use repeat_purchases(h), purchase_span(h), customer_age(h, as_of)."
    };
    crate::server::error::raise(error, Code::ERRCODE_INVALID_PARAMETER_VALUE, hint)
}

/// Raises the error for a family that a function does not take.
#[cold]
pub fn wrong_family(what: &str, family: &str, hint: &str) -> ! {
    fail(Code::ERRCODE_INVALID_PARAMETER_VALUE, format!("{what} \"{family}\""), hint)
}
