//! What a fit gives: parameters, and how sure they are.

use crate::Error;
use crate::models::spend::SpendModel;
use crate::models::{Family, MOST_PARAMETERS, PurchaseModel, check_parameters};

/// The bit of [`Fitted::boundary`] for a spend model whose mean over all customers is infinite.
pub const INFINITE_MEAN: u16 = 1 << 8;

/// The part of a standard deviation over which slopes are taken: their relative error is about as large.
pub const STEP: f64 = 1e-5;

/// A pivot below this part of its variance is 0, but for rounding.
const ROUNDING: f64 = 1e-10;

/// A model, and what is known of its fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The family.
    pub family: Family,
    /// The parameters, in the order of [`Family::parameters`]; what the family does not need is unused.
    pub parameters: [f64; MOST_PARAMETERS],
    /// None for parameters that somebody wrote down.
    pub fitted: Option<Fitted>,
}

/// What is known of a fit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fitted {
    /// The log-likelihood at its maximum.
    pub log_likelihood: f64,
    /// Customers, the sum of their weights.
    pub customers: f64,
    /// Covariances of the parameters; NaN where a bound holds one.
    pub covariance: [[f64; MOST_PARAMETERS]; MOST_PARAMETERS],
    /// Whether the climb ended at a maximum.
    pub converged: bool,
    /// The bounds at which it ended: bit 2i for the lower of coordinate i, 2i + 1 for the upper;
    /// [`INFINITE_MEAN`].
    pub boundary: u16,
}

impl Estimate {
    /// An error unless the parameters are in range.
    pub fn check(&self) -> Result<(), Error> {
        check_parameters(self.family, &self.parameters)
    }

    /// The model of purchases; an error for a family that tells of something else.
    pub fn purchase_model(&self) -> Result<PurchaseModel, Error> {
        PurchaseModel::new(self.family, self.parameters)
    }

    /// The model of spend; an error for another family.
    pub fn spend_model(&self) -> Result<SpendModel, Error> {
        let [p, q, v, _] = self.parameters;
        match self.family {
            Family::GammaGamma => SpendModel::new(p, q, v),
            other => Err(Error::Malformed(format!("{} is not a spend model", other.name()))),
        }
    }

    /// The number of parameters.
    pub fn count(&self) -> usize {
        self.family.parameters().len()
    }

    /// The standard error of a parameter; None where a bound holds it or for parameters written down.
    pub fn standard_error(&self, i: usize) -> Option<f64> {
        let variance = self.fitted?.covariance[i][i];
        (variance >= 0.0).then(|| variance.sqrt())
    }

    /// Akaike's information criterion: 2 k − 2 ln L.
    pub fn aic(&self) -> Option<f64> {
        Some(2.0 * self.count() as f64 - 2.0 * self.fitted?.log_likelihood)
    }

    /// The Bayesian information criterion: k ln(customers) − 2 ln L.
    pub fn bic(&self) -> Option<f64> {
        let fitted = self.fitted?;
        Some(self.count() as f64 * fitted.customers.ln() - 2.0 * fitted.log_likelihood)
    }

    /// What the bounds mean at which the fit ended.
    pub fn boundaries(&self) -> impl Iterator<Item = &'static str> {
        let boundary = self.fitted.map_or(0, |fitted| fitted.boundary);
        let meanings = meanings(self.family).iter().enumerate();
        meanings.filter(move |(i, _)| boundary >> i & 1 != 0).map(|(_, meaning)| *meaning)
    }

    /// The bits of what [`Estimate::boundaries`] gave; None for another text.
    pub fn boundary_named(family: Family, meaning: &str) -> Option<u16> {
        let known = |known: &&str| !known.is_empty() && **known == *meaning;
        meanings(family).iter().position(known).map(|i| 1 << i)
    }

    /// The directions in which the parameters may be off by one standard deviation, each whatever the others are: the
    /// columns of L, where L Lᵀ is their covariance. None where a covariance is not known.
    fn directions(&self) -> Option<[[f64; MOST_PARAMETERS]; MOST_PARAMETERS]> {
        let covariance = self.fitted?.covariance;
        let mut columns = [[0.0; MOST_PARAMETERS]; MOST_PARAMETERS];
        for j in 0..self.count() {
            let rest = |i: usize| {
                let known: f64 = columns[..j].iter().map(|column| column[i] * column[j]).sum();
                covariance[i][j] - known
            };
            let (pivot, smallest) = (rest(j), ROUNDING * covariance[j][j]);
            if !(covariance[j][j] >= 0.0 && pivot >= -smallest) {
                return None;
            }
            if pivot > smallest {
                let below = |i: usize| if i < j { 0.0 } else { rest(i) / pivot.sqrt() };
                let column: [f64; MOST_PARAMETERS] = std::array::from_fn(below);
                columns[j] = column;
            }
        }
        Some(columns)
    }

    /// This fit, and the same moved by [`STEP`] along each direction in which its parameters may be off. By the delta
    /// method the variance g′ C g of a value is the sum of the squares of its slopes along them. None where a covariance
    /// is not known.
    pub fn moved(&self) -> Option<impl Iterator<Item = Estimate>> {
        let (fit, columns) = (*self, self.directions()?);
        let along = (0..self.count()).map(move |k| {
            let mut moved = fit;
            for (parameter, by) in moved.parameters.iter_mut().zip(columns[k]) {
                *parameter *= (STEP * by / *parameter).exp();
            }
            moved
        });
        Some(std::iter::once(fit).chain(along))
    }

    /// The standard error of a function of the parameters by the delta method. None where a covariance is not known.
    pub fn error_of(&self, mut function: impl FnMut(&Estimate) -> f64) -> Option<f64> {
        let mut moved = self.moved()?;
        let here = function(&moved.next()?);
        Some(moved.map(|moved| ((function(&moved) - here) / STEP).powi(2)).sum::<f64>().sqrt())
    }
}

/// What the bits of a boundary mean.
fn meanings(family: Family) -> &'static [&'static str] {
    match family {
        Family::BgNbd | Family::MbgNbd => &[
            "r / alpha -> 0: nobody buys again",
            "r / alpha -> infinity: purchases without pause",
            "r -> 0: a few customers make all repeat purchases",
            "r -> infinity: all customers buy at the same rate",
            "a -> 0: nobody leaves",
            "a -> infinity: everybody leaves at the first occasion",
            "b -> 0: customers leave at the first occasion or never",
            "b -> infinity: all customers leave with the same probability",
        ],
        Family::ParetoNbd => &[
            "r / alpha -> 0: nobody buys again",
            "r / alpha -> infinity: purchases without pause",
            "r -> 0: a few customers make all repeat purchases",
            "r -> infinity: all customers buy at the same rate",
            "s / beta -> 0: nobody leaves",
            "s / beta -> infinity: everybody leaves at once",
            "s -> 0: customers leave at once or never",
            "s -> infinity: all customers leave at the same rate",
        ],
        Family::BgBb => &[
            "alpha / beta -> 0: nobody buys",
            "alpha / beta -> infinity: everybody buys at each opportunity",
            "beta -> 0: customers buy always or never",
            "beta -> infinity: all customers buy with the same probability",
            "gamma / delta -> 0: nobody leaves",
            "gamma / delta -> infinity: everybody leaves at once",
            "delta -> 0: customers leave at once or never",
            "delta -> infinity: all customers leave with the same probability",
        ],
        Family::ShiftedBetaGeometric => &[
            "alpha / beta -> 0: nobody leaves",
            "alpha / beta -> infinity: everybody leaves at the first renewal",
            "beta -> 0: customers leave at the first renewal or never",
            "beta -> infinity: all customers leave with the same probability",
        ],
        Family::GammaGamma => &[
            "p v / q -> 0: amounts without size",
            "p v / q -> infinity: amounts without bound",
            "p -> 0: amounts of a customer differ without bound",
            "p -> infinity: a customer always spends the same",
            "q -> 0: customers differ without bound",
            "q -> infinity: all customers spend alike",
            "",
            "",
            "q <= 1: the mean over all customers is infinite",
        ],
    }
}
