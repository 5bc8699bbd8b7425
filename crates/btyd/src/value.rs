//! Lifetime value: what is expected of a customer, times what it is worth.
//!
//! Time is in days here. A rate d a year means that money t days from now counts (1 + d)^(−t / 365.25), as in
//! Fader, Hardie & Lee 2005 (JMR); CLV = ∫ expected purchase rate(t) · discount(t) dt · expected value of a
//! purchase · margin · (1 − share of refunds).

use crate::fit::{Choice, Estimate, Purchases, Spend, canonical, fit_spend, observations};
use crate::models::spend::SpendModel;
use crate::models::{Customer, PurchaseModel};
use crate::population::percentile_cont;
use crate::{Error, Poll, sort};

/// Days in a year.
pub const YEAR: f64 = 365.25;

/// The continuous rate a day of a discount rate a year.
pub fn daily_rate(annual: f64) -> f64 {
    annual.ln_1p() / YEAR
}

/// How value is computed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    /// Days from now; infinite for the residual value.
    pub horizon: f64,
    /// Discount rate a year.
    pub annual_rate: f64,
    /// What is left of a purchase's value.
    pub margin: f64,
    /// Days after which purchases are counted together, at the end of their step; 0 for each at its time.
    pub step: f64,
}

/// How much a spend model's values are cut by refunds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Worth {
    /// The model.
    pub spend: SpendModel,
    /// Refunds as a share of all purchases.
    pub refund_share: f64,
}

impl Worth {
    /// What a customer's purchases are worth, given the mean of their repeat purchases, if there are any; None
    /// where the model knows no finite mean.
    pub fn of_purchase(&self, repeats: f64, mean: Option<f64>) -> Option<f64> {
        match mean {
            Some(mean) if repeats > 0.0 => self.spend.expected_value(repeats, mean),
            _ => self.spend.expected_value(0.0, 0.0),
        }
    }
}

impl Terms {
    /// Expected purchases of a customer, discounted. None where they have no end.
    pub fn purchases(
        &self,
        model: &PurchaseModel,
        customer: &Customer,
        poll: Poll<'_>,
    ) -> Option<f64> {
        let rate = daily_rate(self.annual_rate);
        match self.step {
            0.0 => model.discounted_purchases(customer, self.horizon, rate),
            step => Some(model.stepped_purchases(customer, self.horizon, rate, step, poll)),
        }
    }

    /// The lifetime value of so many purchases, each worth `value`. The margin comes last, so that a value
    /// with a margin of 1, times the margin, is the same to the bit.
    pub fn value(&self, purchases: f64, value: f64, worth: &Worth) -> f64 {
        purchases * value * (1.0 - worth.refund_share) * self.margin
    }
}

/// A customer as training keeps one, in 24 bytes: days are counted from any fixed day.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C)]
pub struct Buyer {
    /// Mean of the repeat purchases; negative where there is none.
    pub mean: f64,
    /// Day of the first purchase.
    pub first: i32,
    /// Days from the first to the last purchase.
    pub span: u32,
    /// Repeat purchases.
    pub repeats: u32,
}

impl Buyer {
    fn customer(&self, as_of: i32) -> Customer {
        let age = f64::from(as_of) - f64::from(self.first);
        Customer { repeats: self.repeats.into(), span: self.span.into(), age }
    }

    fn mean(&self) -> Option<f64> {
        (self.mean >= 0.0).then_some(self.mean)
    }
}

/// Points of the trained distribution of lifetime values: every whole percent.
pub const PERCENTILES: usize = 101;

/// What training finds about lifetime values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrainedValue {
    /// How customers buy.
    pub purchases: Estimate,
    /// What they spend, with the correlation of number and value of their repeat purchases; None without
    /// amounts or repeat purchases.
    pub spend: Option<(Estimate, f64)>,
    /// The percentiles 0 to 100 of all lifetime values; None where there are none.
    pub percentiles: Option<[f64; PERCENTILES]>,
    /// Customers who are alive by more than [`ALIVE`], where these are at least [`NEARLY_ALL`] of all; else None.
    pub alive: Option<u64>,
}

/// The probability to be alive from which a model takes a customer to be so.
pub const ALIVE: f64 = 0.95;

/// The share of customers who are taken to be alive from which a model tells nobody apart.
pub const NEARLY_ALL: f64 = 0.99;

/// Room for a training, as long as there are customers.
pub struct Room<'a> {
    /// For the fit of purchases.
    pub purchases: &'a mut [Purchases],
    /// For the fit of spend.
    pub spend: &'a mut [Spend],
    /// For the values.
    pub values: &'a mut [f64],
}

/// Whether purchases tell how often customers buy and when they stop. They do not where nobody bought again, nor where all
/// who did so came back once, on the very day as of which they are seen, as where all orders lie on two days: nobody has
/// been seen to pause then, and models of very different customers explain the purchases alike.
fn tells_a_rate(buyers: &[Buyer], as_of: i32) -> bool {
    let just_now = |buyer: &Buyer| i64::from(buyer.first) + i64::from(buyer.span) == as_of.into();
    buyers.iter().any(|buyer| buyer.repeats > 1 || buyer.repeats == 1 && !just_now(buyer))
}

/// Fits both models to all customers as of a day, and looks how their values are distributed. None where nothing tells how
/// often customers buy.
pub fn train(
    buyers: &[Buyer],
    as_of: i32,
    choice: Choice,
    refund_share: f64,
    terms: &Terms,
    room: Room<'_>,
    poll: Poll<'_>,
) -> Result<Option<TrainedValue>, Error> {
    if !tells_a_rate(buyers, as_of) {
        return Ok(None);
    }
    let Room { purchases, spend, values } = room;
    let mut spenders = 0;
    for (buyer, slot) in buyers.iter().zip(purchases.iter_mut()) {
        let customer = buyer.customer(as_of);
        *slot = Purchases::new(&customer, 1.0)?;
        // an amount beyond all bounds tells nothing about the others
        let spent = buyer.mean().and_then(|mean| Spend::new(customer.repeats, mean, 1.0).ok());
        if let Some(spent) = spent.flatten() {
            spend[spenders] = spent;
            spenders += 1;
        }
    }
    let fit = choice.fit(canonical(purchases, poll), poll)?;
    let Some(fit) = fit.filter(|fit| fit.check().is_ok()) else { return Ok(None) };
    let spend = canonical(&mut spend[..spenders], poll);
    // parameters that no model may have, of amounts in a tiny unit, are no model
    let spend = fit_spend(spend, poll)?
        .filter(|fit| fit.check().is_ok())
        .map(|fit| (fit, observations::correlation(spend)));
    let model = fit.purchase_model()?;
    let alive = nearly_all_alive(&model, buyers, as_of, poll);
    let mut trained = TrainedValue { purchases: fit, spend, percentiles: None, alive };
    let Some((spend, _)) = spend else { return Ok(Some(trained)) };
    let worth = Worth { spend: spend.spend_model()?, refund_share };
    let mut known = 0;
    for (i, buyer) in buyers.iter().enumerate() {
        if i % 256 == 0 {
            poll();
        }
        let customer = buyer.customer(as_of);
        let value = worth.of_purchase(customer.repeats, buyer.mean());
        if let Some((value, purchases)) = value.zip(terms.purchases(&model, &customer, poll)) {
            values[known] = terms.value(purchases, value, &worth);
            known += 1;
        }
    }
    let values = &mut values[..known];
    sort::by(values, f64::total_cmp, poll);
    trained.percentiles = (known > 0).then(|| {
        std::array::from_fn(|k| percentile_cont(values, k as f64 / (PERCENTILES - 1) as f64))
    });
    Ok(Some(trained))
}

/// How many customers are alive by more than [`ALIVE`]; None once they are too few for [`NEARLY_ALL`].
fn nearly_all_alive(
    model: &PurchaseModel,
    buyers: &[Buyer],
    as_of: i32,
    poll: Poll<'_>,
) -> Option<u64> {
    let most = ((1.0 - NEARLY_ALL) * buyers.len() as f64 + 1e-9).floor() as usize;
    let mut others = 0;
    for (i, buyer) in buyers.iter().enumerate() {
        if i % 256 == 0 {
            poll();
        }
        others += usize::from(model.p_alive(&buyer.customer(as_of)) <= ALIVE);
        if others > most {
            return None;
        }
    }
    Some((buyers.len() - others) as u64)
}

/// The percentile of a value, 0 to 1: the place of the highest known percentile at or below it, and from there to the next
/// one by a straight line. So it is at or beyond a known place exactly where the value is at or beyond that percentile,
/// and within a place, and one customer, of the share of customers whose value was at most this one. Equal values have
/// equal percentiles, a higher value never a lower one. `at` gives the `len` percentiles, at least two rising numbers.
pub fn percentile(len: usize, at: impl Fn(usize) -> f64, value: f64) -> f64 {
    // the first percentile above the value
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = low + (high - low) / 2;
        if value < at(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    let last = len.saturating_sub(1).max(1) as f64;
    match low {
        0 => 0.0,
        above if above == len => 1.0,
        above => {
            let (from, to) = (at(above - 1), at(above));
            let place = ((above - 1) as f64 + (value - from) / (to - from)) / last;
            // a value just below a percentile may be rounded up to its place
            place.min((above as f64 / last).next_down())
        }
    }
}

/// The tiers of lifetime value, best first, by the share of customers with at most the same value.
pub const TIERS: [(&str, f64); 3] = [("high", 0.8), ("medium", 0.5), ("low", 0.0)];

/// The place of the tier of a percentile in [`TIERS`].
pub fn tier(percentile: f64) -> usize {
    TIERS.iter().position(|(_, from)| percentile >= *from).unwrap_or(TIERS.len() - 1)
}
