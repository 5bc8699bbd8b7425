//! Which family is fitted to purchases over time: one that is named, or the one that fits best.

use super::{Estimate, Purchases, fit_purchases};
use crate::models::Family;
use crate::{Error, Poll};

/// Which family is fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// This one.
    Family(Family),
    /// That of [`CANDIDATES`] with the lowest AIC.
    Auto,
}

/// The families that are fitted to histories.
pub const CANDIDATES: [Family; 3] = [Family::BgNbd, Family::MbgNbd, Family::ParetoNbd];

impl Choice {
    /// A family for histories by name, or "auto".
    pub fn named(name: &str) -> Option<Choice> {
        match name {
            "auto" => Some(Choice::Auto),
            name => Family::named(name).filter(|family| family.is_continuous()).map(Choice::Family),
        }
    }

    /// Fits customers in canonical order.
    pub fn fit(self, customers: &[Purchases], poll: Poll<'_>) -> Result<Option<Estimate>, Error> {
        if let Choice::Family(family) = self {
            return fit_purchases(family, customers, poll);
        }
        let mut best: Option<Estimate> = None;
        for family in CANDIDATES {
            let found = fit_purchases(family, customers, poll)?;
            let fits_better = |than: Estimate| found.is_some_and(|found| found.aic() < than.aic());
            if best.is_none_or(fits_better) {
                best = found;
            }
        }
        Ok(best)
    }
}
