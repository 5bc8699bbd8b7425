//! How sure lifetime values are: the delta method, along the directions in which the parameters of both fits may be off.
//!
//! The covariances C of the parameters are L Lᵀ. Each column of L is a direction in which they may be off by one standard
//! deviation, whatever the others are, so the variance g′ C g of a value is the sum of the squares of its slopes along the
//! columns. A slope is a difference over a small part of that deviation. The fits of purchases and spend count as
//! independent: the models assume that number and value of purchases are.

use crate::fit::Estimate;
use crate::models::spend::SpendModel;
use crate::models::{Customer, MOST_PARAMETERS, PurchaseModel};
use crate::value::{Terms, Worth};
use crate::{Error, Poll};

/// The part of a standard deviation over which slopes are taken: their relative error is about as large.
const STEP: f64 = 1e-5;

/// A pivot below this part of its variance is 0, but for rounding.
const ROUNDING: f64 = 1e-10;

/// Expected purchases of a customer by the fit, then by that moved along each direction.
pub type Bought = [f64; 1 + MOST_PARAMETERS];

/// How a lifetime value changes along the directions of both fits, each one standard deviation long.
pub type Slope = [f64; 2 * MOST_PARAMETERS];

/// The standard error of what has this slope: one lifetime value, or the sum of many, whose slope is the sum of theirs.
pub fn error_along(slope: &Slope) -> f64 {
    slope.iter().map(|along| along * along).sum::<f64>().sqrt()
}

/// Both fits, and each moved a little along its directions.
#[derive(Debug)]
pub struct Uncertain {
    purchases: Vec<PurchaseModel>,
    spend: Vec<SpendModel>,
    refund_share: f64,
}

/// The columns of L, by a pivot for each parameter; None where a covariance is not known.
fn directions(fit: &Estimate) -> Option<[[f64; MOST_PARAMETERS]; MOST_PARAMETERS]> {
    let covariance = fit.fitted?.covariance;
    let mut columns = [[0.0; MOST_PARAMETERS]; MOST_PARAMETERS];
    for j in 0..fit.count() {
        let rest = |i: usize| {
            let known: f64 = columns[..j].iter().map(|column| column[i] * column[j]).sum();
            covariance[i][j] - known
        };
        let (pivot, smallest) = (rest(j), ROUNDING * covariance[j][j]);
        if !(covariance[j][j] >= 0.0 && pivot >= -smallest) {
            return None;
        }
        if pivot > smallest {
            let column: [f64; MOST_PARAMETERS] =
                std::array::from_fn(|i| if i < j { 0.0 } else { rest(i) / pivot.sqrt() });
            columns[j] = column;
        }
    }
    Some(columns)
}

/// A fit, and the same moved along each direction.
fn moved(fit: &Estimate) -> Option<impl Iterator<Item = Estimate>> {
    let columns = directions(fit)?;
    let along = (0..fit.count()).map(move |k| {
        let mut moved = *fit;
        for (parameter, by) in moved.parameters.iter_mut().zip(columns[k]) {
            *parameter *= (STEP * by / *parameter).exp();
        }
        moved
    });
    Some(std::iter::once(*fit).chain(along))
}

impl Uncertain {
    /// By both fits and the share of refunds, which counts as known. None where a covariance is not.
    pub fn new(
        purchases: &Estimate,
        spend: &Estimate,
        refund_share: f64,
    ) -> Result<Option<Self>, Error> {
        let (Some(purchases), Some(spend)) = (moved(purchases), moved(spend)) else {
            return Ok(None);
        };
        Ok(Some(Uncertain {
            purchases: purchases.map(|fit| fit.purchase_model()).collect::<Result<_, _>>()?,
            spend: spend.map(|fit| fit.spend_model()).collect::<Result<_, _>>()?,
            refund_share,
        }))
    }

    /// Expected purchases of a customer, discounted; what several customers who bought alike share. None where they have
    /// no end.
    pub fn bought(&self, terms: &Terms, customer: &Customer, poll: Poll<'_>) -> Option<Bought> {
        let mut bought = [f64::NAN; 1 + MOST_PARAMETERS];
        for (model, bought) in self.purchases.iter().zip(&mut bought) {
            *bought = terms.purchases(model, customer, poll)?;
        }
        Some(bought)
    }

    /// The slope of the lifetime value of a customer who bought as told, given the mean of their repeat purchases, if
    /// there are any. None where the value is not known.
    pub fn slope(
        &self,
        terms: &Terms,
        bought: &Bought,
        repeats: f64,
        mean: Option<f64>,
    ) -> Option<Slope> {
        let mut slope = [0.0; 2 * MOST_PARAMETERS];
        let worth = |spend: SpendModel| Worth { spend, refund_share: self.refund_share };
        let (here, others) = self.spend.split_first()?;
        let here = worth(*here);
        let each = here.of_purchase(repeats, mean)?;
        let of_purchases = bought[1..].iter().take(self.purchases.len() - 1);
        for (along, moved) in slope.iter_mut().zip(of_purchases) {
            *along = terms.value((moved - bought[0]) / STEP, each, &here);
        }
        for (along, moved) in slope[MOST_PARAMETERS..].iter_mut().zip(others) {
            let moved = worth(*moved).of_purchase(repeats, mean)?;
            *along = terms.value(bought[0], (moved - each) / STEP, &here);
        }
        Some(slope)
    }
}
