//! How many customers an experiment needs.

use super::student::{beyond, normal_quantile, normal_tail, quantile};

/// What an experiment should be able to tell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Aim {
    /// The probability of finding the effect if it is there, more than `alpha`, less than 1.
    pub power: f64,
    /// The probability of finding one that is not there, more than 0, less than 1.
    pub alpha: f64,
    /// The share of the customers who are held out, more than 0, less than 1.
    pub held_out: f64,
}

/// The most customers that are worth looking for.
const MOST: f64 = 9e15;

impl Aim {
    /// Customers of both groups, not rounded, to tell apart two means that differ by `effect`, where customers have
    /// this standard deviation within each group, by Student's test. None for more than there can be.
    pub fn customers_for_mean(&self, effect: f64, deviation: f64) -> Option<f64> {
        let power = |customers: f64| self.power_for_mean(customers, effect, deviation);
        // each group needs two
        let fewest = (2.0 / self.held_out.min(1.0 - self.held_out)).max(3.0);
        if power(fewest) >= self.power {
            return Some(fewest);
        }
        let (mut low, mut high) = (fewest, 2.0 * fewest);
        while power(high) < self.power {
            (low, high) = (high, 2.0 * high);
            if high > MOST {
                return None;
            }
        }
        while high - low > 1e-10 * high {
            let middle = low + (high - low) / 2.0;
            match power(middle) < self.power {
                true => low = middle,
                false => high = middle,
            }
        }
        Some(high)
    }

    /// The probability that so many customers of both groups tell apart two such means.
    pub fn power_for_mean(&self, customers: f64, effect: f64, deviation: f64) -> f64 {
        let freedom = customers - 2.0;
        let both = self.held_out * (1.0 - self.held_out);
        let noncentrality = effect.abs() / deviation * (customers * both).sqrt();
        beyond(quantile(self.alpha, freedom), freedom, noncentrality)
    }

    /// Customers of both groups, not rounded, to tell apart a share of the customers held out from one of those treated
    /// that is higher by `effect`, by the normal approximation (Fleiss 1981; R's power.prop.test for equal groups). None for more than there can be.
    pub fn customers_for_rate(&self, rate: f64, effect: f64) -> Option<f64> {
        let [pooled, apart] = self.spreads(rate, effect);
        let [false_alarm, miss] = [self.alpha / 2.0, 1.0 - self.power].map(normal_quantile);
        let customers = ((false_alarm * pooled + miss * apart) / effect).powi(2);
        (customers <= MOST).then_some(customers)
    }

    /// The probability that so many customers of both groups tell apart two such shares.
    pub fn power_for_rate(&self, customers: f64, rate: f64, effect: f64) -> f64 {
        let [pooled, apart] = self.spreads(rate, effect);
        let off = effect.abs() * customers.sqrt() - normal_quantile(self.alpha / 2.0) * pooled;
        match apart > 0.0 {
            true => normal_tail(-off / apart),
            false => f64::from(off >= 0.0),
        }
    }

    /// Standard deviations of the difference of two shares, times the root of the customers: if both were the same, and as
    /// they are.
    fn spreads(&self, rate: f64, effect: f64) -> [f64; 2] {
        let (other, treated) = (rate + effect, 1.0 - self.held_out);
        let mean = self.held_out * rate + treated * other;
        let of = |share: f64| share * (1.0 - share);
        let pooled = of(mean) / (self.held_out * treated);
        [pooled, of(rate) / self.held_out + of(other) / treated]
            .map(|square| square.max(0.0).sqrt())
    }
}
