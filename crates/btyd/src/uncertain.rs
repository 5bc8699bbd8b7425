//! How sure lifetime values are: the delta method, along the directions in which the parameters of both fits may be off.
//!
//! A fit moves along each direction by [`STEP`]; a slope is the difference over it. The fits of purchases and spend count
//! as independent: the models assume that number and value of purchases are.

use crate::fit::{Estimate, STEP};
use crate::models::spend::SpendModel;
use crate::models::{Customer, MOST_PARAMETERS, PurchaseModel};
use crate::value::{Terms, Worth, daily_rate};
use crate::{Error, Poll};

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

impl Uncertain {
    /// By both fits and the share of refunds, which counts as known. None where a covariance is not.
    pub fn new(
        purchases: &Estimate,
        spend: &Estimate,
        refund_share: f64,
    ) -> Result<Option<Self>, Error> {
        let (Some(purchases), Some(spend)) = (purchases.moved(), spend.moved()) else {
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

    /// The same for purchases that each count at their time, of a customer who has not left: see [`PurchaseModel::ahead`].
    pub fn ahead(&self, terms: &Terms, customer: &Customer) -> Option<Bought> {
        let (horizon, rate) = (terms.horizon, daily_rate(terms.annual_rate));
        let mut ahead = [f64::NAN; 1 + MOST_PARAMETERS];
        for (model, ahead) in self.purchases.iter().zip(&mut ahead) {
            *ahead = model.ahead(customer, horizon, rate)?;
        }
        Some(ahead)
    }

    /// The purchases of a customer who may have left, by those of one who has not.
    pub fn of_alive(&self, ahead: &Bought, customer: &Customer) -> Bought {
        let mut bought = *ahead;
        for (model, bought) in self.purchases.iter().zip(&mut bought) {
            *bought *= model.p_alive(customer);
        }
        bought
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
