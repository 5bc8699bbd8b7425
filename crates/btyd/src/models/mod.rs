//! Buy-till-you-die models: what a customer's purchases so far say about the next ones.
//!
//! A customer is what they bought, in any one unit of time: repeat purchases x, the span t_x from the first to
//! the last purchase, and the age T since the first. A [`PurchaseModel`] is a family with its parameters.
//! [`bg`], [`pareto`], [`opportunities`] hold the formulas of the families, [`contracts`] and [`spend`]
//! models of another shape.

pub mod bg;
pub mod contracts;
pub mod opportunities;
pub mod pareto;
pub mod spend;
mod steps;
pub mod what_if;

use crate::{Error, Poll};
use bg::Bg;
use contracts::ShiftedBetaGeometric;
use opportunities::BgBb;
use pareto::Pareto;
use statrs::function::beta::beta_reg;

/// The most parameters that a family has.
pub const MOST_PARAMETERS: usize = 4;

/// Largest number of repeat purchases of a customer.
pub const MOST_REPEATS: f64 = 1e9;

/// Most opportunities, or renewals, of a customer.
pub const MOST_OPPORTUNITIES: f64 = 1e6;

/// Longest age or horizon, in any unit of time.
pub const LONGEST: f64 = 1e9;

/// A family of models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Beta-geometric / negative binomial (Fader, Hardie & Lee 2005): may leave after each repeat purchase.
    BgNbd,
    /// Modified BG/NBD (Batislam, Denizel & Filiztekin 2007): may also leave after the first purchase.
    MbgNbd,
    /// Pareto / negative binomial (Schmittlein, Morrison & Colombo 1987): may leave at any time.
    ParetoNbd,
    /// Beta-geometric / beta-binomial (Fader, Hardie & Shang 2010): discrete opportunities.
    BgBb,
    /// Shifted beta-geometric (Fader & Hardie 2007): contracts that are renewed or not.
    ShiftedBetaGeometric,
    /// Gamma-Gamma (Fader & Hardie 2013, note 025): what a purchase is worth.
    GammaGamma,
}

impl Family {
    /// All families.
    pub const ALL: [Family; 6] = [
        Family::BgNbd,
        Family::MbgNbd,
        Family::ParetoNbd,
        Family::BgBb,
        Family::ShiftedBetaGeometric,
        Family::GammaGamma,
    ];

    /// Its name in SQL and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Family::BgNbd => "bg_nbd",
            Family::MbgNbd => "mbg_nbd",
            Family::ParetoNbd => "pareto_nbd",
            Family::BgBb => "bg_bb",
            Family::ShiftedBetaGeometric => "shifted_beta_geometric",
            Family::GammaGamma => "gamma_gamma",
        }
    }

    /// The family of a name.
    pub fn named(name: &str) -> Option<Family> {
        Family::ALL.into_iter().find(|family| family.name() == name)
    }

    /// The names of its parameters, in order.
    pub fn parameters(self) -> &'static [&'static str] {
        match self {
            Family::BgNbd | Family::MbgNbd => &["r", "alpha", "a", "b"],
            Family::ParetoNbd => &["r", "alpha", "s", "beta"],
            Family::BgBb => &["alpha", "beta", "gamma", "delta"],
            Family::ShiftedBetaGeometric => &["alpha", "beta"],
            Family::GammaGamma => &["p", "q", "v"],
        }
    }

    /// Whether it tells of purchases in continuous time, so that it can be fitted to histories.
    pub fn is_continuous(self) -> bool {
        matches!(self, Family::BgNbd | Family::MbgNbd | Family::ParetoNbd)
    }
}

/// A customer as the models see one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Customer {
    /// Repeat purchases, x: a whole number.
    pub repeats: f64,
    /// Time from the first to the last purchase, t_x.
    pub span: f64,
    /// Time from the first purchase until now, T.
    pub age: f64,
}

impl Customer {
    /// Somebody who has just bought for the first time.
    pub const NEW: Customer = Customer { repeats: 0.0, span: 0.0, age: 0.0 };

    /// An error unless repeats are whole and not negative, and 0 ≤ span ≤ age, all finite.
    pub fn check(&self) -> Result<(), Error> {
        let Customer { repeats, span, age } = *self;
        let malformed = |why: String| Err(Error::Malformed(why));
        if !(0.0..=MOST_REPEATS).contains(&repeats) || repeats.fract() != 0.0 {
            return malformed(format!(
                "repeat_purchases is {repeats}, not a whole number from 0 to 1e9"
            ));
        }
        if !(0.0..=LONGEST).contains(&age) {
            return malformed(format!("customer_age is {age}, not a number from 0 to 1e9"));
        }
        if !(0.0..=age).contains(&span) {
            return malformed(format!(
                "purchase_span is {span}, not a number from 0 to customer_age, {age}"
            ));
        }
        if repeats == 0.0 && span > 0.0 {
            return malformed(format!(
                "purchase_span is {span}, but there are no repeat purchases"
            ));
        }
        Ok(())
    }
}

/// Steps of time from now until a horizon, and the rate of discount.
#[derive(Debug, Clone, Copy)]
struct Steps {
    horizon: f64,
    rate: f64,
    step: f64,
}

/// A model with its parameters.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PurchaseModel {
    family: Family,
    parameters: [f64; MOST_PARAMETERS],
}

/// The smallest and the largest value of a parameter.
pub const PARAMETER_RANGE: std::ops::RangeInclusive<f64> = 1e-15..=1e20;

/// An error unless all parameters of the family are positive and neither tiny nor huge.
pub fn check_parameters(family: Family, parameters: &[f64]) -> Result<(), Error> {
    for (name, value) in family.parameters().iter().zip(parameters) {
        if !PARAMETER_RANGE.contains(value) {
            let why = format!("parameter {name} is {value}, not a number from 1e-15 to 1e20");
            return Err(Error::Malformed(why));
        }
    }
    Ok(())
}

impl PurchaseModel {
    /// A model; an error for a parameter out of range or a family that does not tell of purchases.
    pub fn new(family: Family, parameters: [f64; MOST_PARAMETERS]) -> Result<Self, Error> {
        if family == Family::GammaGamma {
            return Err(Error::Malformed("gamma_gamma is a spend model".into()));
        }
        check_parameters(family, &parameters)?;
        Ok(PurchaseModel { family, parameters })
    }

    /// The family.
    pub fn family(&self) -> Family {
        self.family
    }

    /// The parameters, as many as the family has, the rest unused.
    pub fn parameters(&self) -> [f64; MOST_PARAMETERS] {
        self.parameters
    }

    /// An error for a customer whom the family cannot describe: one that counts opportunities takes whole
    /// numbers, and no more purchases than opportunities.
    pub fn check(&self, customer: &Customer) -> Result<(), Error> {
        if self.family.is_continuous() {
            return Ok(());
        }
        let Customer { repeats, span, age } = *customer;
        let whole = span.fract() == 0.0 && age.fract() == 0.0;
        match whole && repeats <= span && age <= MOST_OPPORTUNITIES {
            true => Ok(()),
            false => Err(Error::Malformed(format!(
                "{repeats} purchases at opportunities up to {span} of {age} are impossible"
            ))),
        }
    }

    /// Log-likelihood of one customer's purchases.
    pub fn log_likelihood(&self, customer: &Customer) -> f64 {
        match self.formulas() {
            Formulas::Bg(model) => model.log_likelihood(customer),
            Formulas::Pareto(model) => model.log_likelihood(customer),
            Formulas::BgBb(model) => model.log_likelihood(customer),
            Formulas::Contracts(model) => model.log_likelihood(customer),
        }
    }

    /// The probability that the customer has not left; that they are there at the next opportunity, or that their
    /// contract runs, where the model knows such.
    pub fn p_alive(&self, customer: &Customer) -> f64 {
        match self.formulas() {
            Formulas::Bg(model) => model.p_alive(customer),
            Formulas::Pareto(model) => model.p_alive(customer),
            Formulas::BgBb(model) => model.p_alive_at(customer, 1.0),
            Formulas::Contracts(model) => model.p_alive(customer),
        }
    }

    /// The probability that the customer is still there some time from now.
    pub fn p_alive_at(&self, customer: &Customer, ahead: f64) -> f64 {
        match self.formulas() {
            Formulas::Bg(model) => model.p_alive_at(customer, ahead),
            Formulas::Pareto(model) => model.p_alive_at(customer, ahead),
            Formulas::BgBb(model) => model.p_alive_at(customer, 1.0 + ahead),
            Formulas::Contracts(model) => {
                model.p_alive(customer) * model.survival_between(customer.age, customer.age + ahead)
            }
        }
    }

    /// Expected purchases from now until `horizon` later, each weighted by e^(−rate t) at time t from now.
    /// None where that is infinite: an infinite horizon without discount.
    pub fn discounted_purchases(
        &self,
        customer: &Customer,
        horizon: f64,
        rate: f64,
    ) -> Option<f64> {
        match self.formulas() {
            Formulas::Bg(model) => {
                Some(model.p_alive(customer) * model.ahead(customer, horizon, rate)?)
            }
            Formulas::Pareto(model) => {
                Some(model.p_alive(customer) * model.ahead(customer, horizon, rate)?)
            }
            Formulas::BgBb(model) => model.discounted_purchases(customer, horizon, rate),
            Formulas::Contracts(model) => model.discounted_renewals(customer, horizon, rate),
        }
    }

    /// What [`PurchaseModel::discounted_purchases`] expects of a customer who has not left, in continuous time: times
    /// [`PurchaseModel::p_alive`] it is the same to the bit. It depends on repeat purchases and age alone. None where that
    /// is infinite, and for families that count opportunities.
    pub fn ahead(&self, customer: &Customer, horizon: f64, rate: f64) -> Option<f64> {
        match self.formulas() {
            Formulas::Bg(model) => model.ahead(customer, horizon, rate),
            Formulas::Pareto(model) => model.ahead(customer, horizon, rate),
            Formulas::BgBb(_) | Formulas::Contracts(_) => None,
        }
    }

    /// Expected purchases from now until `horizon` later.
    pub fn expected_purchases(&self, customer: &Customer, horizon: f64) -> f64 {
        self.discounted_purchases(customer, horizon, 0.0).unwrap_or(f64::MAX)
    }

    /// Expected purchases where each counts at the end of its step of `step`: weighted by e^(−rate t) at
    /// the end t of the step. The last step may be shorter.
    pub fn stepped_purchases(
        &self,
        customer: &Customer,
        horizon: f64,
        rate: f64,
        step: f64,
        poll: Poll<'_>,
    ) -> f64 {
        let steps = Steps { horizon, rate, step };
        match self.formulas() {
            Formulas::Bg(model) => model.stepped_purchases(customer, &steps, poll),
            Formulas::Pareto(model) => model.stepped_purchases(customer, &steps, poll),
            // these count whole steps of their own
            _ => self.each_step(customer, &steps, poll),
        }
    }

    /// The same, one step after the other.
    fn each_step(&self, customer: &Customer, steps: &Steps, poll: Poll<'_>) -> f64 {
        let Steps { horizon, rate, step } = *steps;
        let (mut sum, mut before, mut k) = (0.0, 0.0, 1.0);
        loop {
            poll();
            let end = (k * step).min(horizon);
            let now = self.expected_purchases(customer, end);
            let weight = (-rate * end).exp();
            sum += (now - before).max(0.0) * weight;
            if end >= horizon || weight == 0.0 {
                return sum;
            }
            before = now;
            k += 1.0;
        }
    }

    /// The probability of exactly `n` purchases from now until `horizon` later.
    pub fn purchase_probability(&self, customer: &Customer, n: f64, horizon: f64) -> f64 {
        let probability = match self.formulas() {
            Formulas::Bg(model) => model.purchase_probability(customer, n, horizon),
            Formulas::Pareto(model) => model.purchase_probability(customer, n, horizon),
            Formulas::BgBb(model) => model.purchase_probability(customer, n, horizon),
            Formulas::Contracts(model) => model.renewal_probability(customer, n, horizon),
        };
        probability.min(1.0)
    }

    fn formulas(&self) -> Formulas {
        let [first, second, third, fourth] = self.parameters;
        match self.family {
            Family::BgNbd | Family::MbgNbd => Formulas::Bg(Bg {
                r: first,
                alpha: second,
                a: third,
                b: fourth,
                leaves_at_once: self.family == Family::MbgNbd,
            }),
            Family::ParetoNbd => {
                Formulas::Pareto(Pareto { r: first, alpha: second, s: third, beta: fourth })
            }
            Family::BgBb => {
                Formulas::BgBb(BgBb { alpha: first, beta: second, gamma: third, delta: fourth })
            }
            Family::ShiftedBetaGeometric | Family::GammaGamma => {
                Formulas::Contracts(ShiftedBetaGeometric { alpha: first, beta: second })
            }
        }
    }
}

enum Formulas {
    Bg(Bg),
    Pareto(Pareto),
    BgBb(BgBb),
    Contracts(ShiftedBetaGeometric),
}

/// The part of the rate below which the terms of a tail fall too slowly to be summed.
const SLOW_TAIL: f64 = 1e-5;

/// The negative binomial distribution of the purchases of somebody whose rate is Gamma(shape, rate), while they
/// stay, until `horizon` later.
#[derive(Debug, Clone, Copy)]
struct Counts {
    shape: f64,
    rate: f64,
    horizon: f64,
}

impl Counts {
    /// The probability of exactly n.
    fn exactly(&self, n: f64) -> f64 {
        let Counts { shape, rate, horizon } = *self;
        if horizon == 0.0 {
            return if n == 0.0 { 1.0 } else { 0.0 };
        }
        use crate::special::gamma::ln_rising;
        let ln = ln_rising(shape, n)
            - ln_rising(1.0, n)
            - shape * (horizon / rate).ln_1p()
            - n * (rate / horizon).ln_1p();
        ln.exp()
    }

    /// The probability of n or more, summed from the side where it is the smaller sum; where that would take
    /// long, by the incomplete beta function.
    fn at_least(&self, n: f64) -> f64 {
        let Counts { shape, rate, horizon } = *self;
        if n == 0.0 {
            return 1.0;
        }
        if horizon == 0.0 {
            return 0.0;
        }
        let share = horizon / (rate + horizon);
        let upper = n > shape * horizon / rate;
        if upper && rate < SLOW_TAIL * (rate + horizon) {
            return beta_reg(n, shape, share);
        }
        let mut term = self.exactly(if upper { n } else { n - 1.0 });
        let (mut sum, mut k) = (0.0, if upper { n } else { n - 1.0 });
        // the smallest doubles do not fall any further when they are multiplied
        while term > 1e-18 * sum && term >= f64::MIN_POSITIVE {
            sum += term;
            if upper {
                term *= (shape + k) / (k + 1.0) * share;
                k += 1.0;
            } else if k == 0.0 {
                break;
            } else {
                term *= k / ((shape + k - 1.0) * share);
                k -= 1.0;
            }
        }
        if upper { sum.min(1.0) } else { (1.0 - sum).max(0.0) }
    }
}
