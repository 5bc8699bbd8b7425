//! Customers drawn from a model: for tests, benchmarks, and newcomers without data.
//!
//! Each customer has random streams of their own, and so is the same whatever else is drawn.

use crate::models::spend::SpendModel;
use crate::models::{Family, MOST_OPPORTUNITIES, PurchaseModel};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Beta, Distribution, Exp1, Gamma, StandardUniform};

/// A population to draw from.
#[derive(Debug, Clone, Copy)]
pub struct Simulation {
    model: PurchaseModel,
    spend: Option<SpendModel>,
    seed: u64,
}

/// The purchases of one customer, an iterator over their times: 0 for the first (or for joining, where the
/// model counts opportunities or renewals), then those after it, without end unless they leave.
#[derive(Debug, Clone)]
pub struct Purchasing {
    times: ChaCha8Rng,
    amounts: ChaCha8Rng,
    spend: Option<(f64, f64)>,
    habit: Habit,
    now: Option<f64>,
    until: f64,
}

/// What is drawn once for a customer.
#[derive(Debug, Clone, Copy)]
enum Habit {
    /// Buys at a rate, leaves after a purchase with a probability.
    Leaves { rate: f64, leaves: f64 },
    /// Buys at a rate until they leave.
    Lives { rate: f64, until: f64 },
    /// Before each opportunity leaves with a probability, buys with another.
    Chances { buys: f64, leaves: f64 },
}

impl Simulation {
    /// A population whose purchases follow a model, and their amounts, if any, another.
    pub fn new(model: PurchaseModel, spend: Option<SpendModel>, seed: u64) -> Self {
        Simulation { model, spend, seed }
    }

    fn stream(&self, number: u64) -> ChaCha8Rng {
        let mut stream = ChaCha8Rng::seed_from_u64(self.seed);
        stream.set_stream(number);
        stream
    }

    /// A number from 0 to 1 of a customer's own that does not depend on the model: when they join, say.
    pub fn share(&self, number: u64) -> f64 {
        uniform(&mut self.stream(number.wrapping_mul(3).wrapping_add(2)))
    }

    /// Customer `number`.
    pub fn customer(&self, number: u64) -> Purchasing {
        let mut times = self.stream(number.wrapping_mul(3));
        let mut amounts = self.stream(number.wrapping_mul(3).wrapping_add(1));
        let [first, second, third, fourth] = self.model.parameters();
        let mut leaves_at_once = false;
        let habit = match self.model.family() {
            Family::BgNbd | Family::MbgNbd => {
                let rate = gamma(first, second, &mut times);
                let leaves = beta(third, fourth, &mut times);
                leaves_at_once =
                    self.model.family() == Family::MbgNbd && uniform(&mut times) < leaves;
                Habit::Leaves { rate, leaves }
            }
            Family::ParetoNbd => {
                let rate = gamma(first, second, &mut times);
                let leaving = gamma(third, fourth, &mut times);
                Habit::Lives { rate, until: exponential(&mut times) / leaving }
            }
            Family::BgBb => {
                let buys = beta(first, second, &mut times);
                Habit::Chances { buys, leaves: beta(third, fourth, &mut times) }
            }
            Family::ShiftedBetaGeometric | Family::GammaGamma => {
                Habit::Chances { buys: 1.0, leaves: beta(first, second, &mut times) }
            }
        };
        let spend = self.spend.map(|spend| (spend.p, gamma(spend.q, spend.v, &mut amounts)));
        let habit = match (leaves_at_once, habit) {
            (true, Habit::Leaves { .. }) => Habit::Lives { rate: 1.0, until: 0.0 },
            (_, habit) => habit,
        };
        Purchasing { times, amounts, spend, habit, now: None, until: MOST_OPPORTUNITIES }
    }
}

impl Purchasing {
    /// The same customer, of whom nothing after this time is asked: opportunities are not drawn beyond it, nor
    /// beyond 1,000,000.
    pub fn until(mut self, time: f64) -> Self {
        self.until = time.min(MOST_OPPORTUNITIES);
        self
    }

    /// What the newest purchase was worth; None without a spend model. To be asked once a purchase.
    pub fn amount(&mut self) -> Option<f64> {
        let (shape, rate) = self.spend?;
        Some(gamma(shape, rate, &mut self.amounts))
    }
}

impl Iterator for Purchasing {
    type Item = f64;

    fn next(&mut self) -> Option<f64> {
        let Some(before) = self.now else {
            self.now = Some(0.0);
            return self.now;
        };
        let times = &mut self.times;
        let next = match self.habit {
            Habit::Leaves { rate, leaves } => {
                if before > 0.0 && uniform(times) < leaves {
                    return None;
                }
                before + exponential(times) / rate
            }
            Habit::Lives { rate, .. } => before + exponential(times) / rate,
            Habit::Chances { buys, leaves } => {
                let mut at = before;
                loop {
                    at += 1.0;
                    if uniform(times) < leaves || at > self.until {
                        return None;
                    }
                    if uniform(times) < buys {
                        break at;
                    }
                }
            }
        };
        let gone = matches!(self.habit, Habit::Lives { until, .. } if next > until);
        // a rate of almost nothing: never again
        if gone || !next.is_finite() {
            return None;
        }
        self.now = Some(next);
        Some(next)
    }
}

fn uniform(stream: &mut ChaCha8Rng) -> f64 {
    StandardUniform.sample(stream)
}

fn exponential(stream: &mut ChaCha8Rng) -> f64 {
    Exp1.sample(stream)
}

/// A gamma variate of a shape and a rate, both positive; never 0.
fn gamma(shape: f64, rate: f64, stream: &mut ChaCha8Rng) -> f64 {
    let drawn: f64 = Gamma::new(shape, 1.0).map_or(shape, |gamma| gamma.sample(stream));
    (drawn / rate).max(f64::MIN_POSITIVE)
}

fn beta(a: f64, b: f64, stream: &mut ChaCha8Rng) -> f64 {
    Beta::new(a, b).map_or(a / (a + b), |beta| beta.sample(stream))
}
