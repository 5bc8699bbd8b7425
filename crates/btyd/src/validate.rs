//! How good a model is: fitted up to one day, it predicts until a later one, beside what anyone could guess.
//!
//! The guess is the hiatus heuristic of Wübben & Wangenheim 2008 (Journal of Marketing 72(3)): a customer
//! whose last purchase is recent goes on at their past rate, any other has left.

use crate::fit::{Estimate, STEP};
use crate::history::History;
use crate::models::{Customer, MOST_PARAMETERS, PurchaseModel};
use crate::{Error, Poll, measures, sort};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Repeat purchases from which customers are one group.
const MANY: u32 = 7;

/// Weeks before and after the end of the calibration that are counted apart.
pub const WEEKS: i32 = 2600;

/// A customer as of the end of the calibration, and what they bought until the end of the holdout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(C)]
pub struct Watched {
    /// Repeat purchases, x.
    pub repeats: u32,
    /// Days from the first to the last purchase, t_x.
    pub span: u32,
    /// Days from the first purchase to the end of the calibration, T.
    pub age: u32,
    /// Purchases after that, until the end of the holdout.
    pub bought: u32,
}

impl Watched {
    /// The customer of a history, which is given as it is known at the end of the calibration and at that of the holdout:
    /// both are the same unless later refunds undo purchases. None for one who came after the calibration. Their repeat
    /// purchases are added to `weeks`, of which there are 2 · [`WEEKS`] + 1, the middle one ending with the calibration.
    pub fn new(
        [known, later]: [&History<'_>; 2],
        calibration: i32,
        holdout: i32,
        weeks: &mut [u64],
    ) -> Option<Watched> {
        let until = known.totals(Some(calibration));
        let repeats = measures::repeat_purchases(&until)?;
        let bought = later.totals_between(calibration.saturating_add(1), holdout).purchase_days;
        let mut days = known.days().filter(|line| !line.refund && line.day <= calibration);
        let first = days.next()?.day;
        let new = later.days().filter(|line| !line.refund && line.day > calibration);
        for line in days.chain(new.take_while(|line| line.day <= holdout)) {
            let week = (i64::from(line.day) - i64::from(calibration) + 6).div_euclid(7);
            let slot = week.clamp(i64::from(-WEEKS), i64::from(WEEKS)) + i64::from(WEEKS);
            if let Some(count) = weeks.get_mut(slot as usize) {
                *count += 1;
            }
        }
        let days = |days: i64| u32::try_from(days).unwrap_or(u32::MAX);
        Some(Watched {
            repeats: days(repeats),
            span: days(measures::purchase_span(&until)?),
            age: days(measures::days_between(first, calibration)),
            bought: u32::try_from(bought).unwrap_or(u32::MAX),
        })
    }

    /// The customer at the end of the calibration.
    pub fn customer(&self) -> Customer {
        Customer { repeats: self.repeats.into(), span: self.span.into(), age: self.age.into() }
    }

    /// The guess for the days of the holdout.
    fn guess(&self, days: f64, hiatus: u32) -> f64 {
        let recent = self.age - self.span <= hiatus;
        let rate = f64::from(self.repeats) / f64::from(self.age.max(1));
        if recent { rate * days } else { 0.0 }
    }
}

/// One line of the comparison.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// What the line is a part of.
    pub part: String,
    /// Which bucket of that part: repeat purchases, a tenth, or a week.
    pub bucket: String,
    /// Customers in it.
    pub customers: u64,
    /// What they bought.
    pub actual: f64,
    /// By the model and by the guess; None where there is none.
    pub predicted: [Option<f64>; 2],
    /// Standard error of what the model predicted: of the parameters and of chance together.
    pub error: Option<f64>,
    /// Mean absolute error of either.
    pub mae: [Option<f64>; 2],
    /// Root of the mean squared error of either.
    pub rmse: [Option<f64>; 2],
    /// Correlation of either with what was bought; None where one of them is constant.
    pub correlation: [Option<f64>; 2],
    /// What the group of either bought a head, over what all did.
    pub lift: [Option<f64>; 2],
}

/// A customer with both predictions.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct Predicted {
    /// What was bought.
    actual: f64,
    /// By the model and by the guess.
    by: [f64; 2],
    repeats: u32,
}

impl Predicted {
    /// What fills memory that no customer has been written to yet.
    pub const UNUSED: Predicted = Predicted { actual: 0.0, by: [0.0; 2], repeats: 0 };
}

/// Compares. `watched` is sorted on the way, `room` is as long; `days` is the length of the holdout.
pub fn compare(
    estimate: &Estimate,
    watched: &mut [Watched],
    weeks: &[u64],
    days: u32,
    hiatus: u32,
    room: &mut [Predicted],
    poll: Poll<'_>,
) -> Result<Vec<Line>, Error> {
    let model = &estimate.purchase_model()?;
    sort::by(watched, Watched::cmp, poll);
    let mut known: Option<(Watched, f64)> = None;
    for (i, (one, slot)) in watched.iter().zip(room.iter_mut()).enumerate() {
        if i % 256 == 0 {
            poll();
        }
        let expected = match known {
            Some((same, expected)) if same.customer() == one.customer() => expected,
            _ => model.expected_purchases(&one.customer(), days.into()),
        };
        known = Some((*one, expected));
        let by = [expected, one.guess(days.into(), hiatus)];
        *slot = Predicted { actual: one.bought.into(), by, repeats: one.repeats };
    }
    let room = &mut room[..watched.len()];
    let total = summary("total", "all".into(), room);
    let error = error_of_total(estimate, watched, days, room, poll);
    let mut lines = vec![Line { error, ..total }];
    // sorted by repeats first
    for group in room.chunk_by(|one, other| one.repeats.min(MANY) == other.repeats.min(MANY)) {
        let repeats = group[0].repeats.min(MANY);
        let more = if repeats == MANY { "+" } else { "" };
        lines.push(summary("by frequency", format!("{repeats}{more}"), group));
    }
    lines.extend(deciles(room, poll));
    lines.extend(tracking(model, watched, weeks, days, hiatus, poll));
    Ok(lines)
}

/// The standard error of the sum of the predictions: that of the parameters by the delta method, and what the
/// purchases of independent customers differ by from what is expected of them, which is taken from how much they did.
/// None where a covariance is not known.
fn error_of_total(
    estimate: &Estimate,
    watched: &[Watched],
    days: u32,
    data: &[Predicted],
    poll: Poll<'_>,
) -> Option<f64> {
    let models: Vec<PurchaseModel> =
        estimate.moved()?.map(|moved| moved.purchase_model().ok()).collect::<Option<_>>()?;
    let (fit, others) = models.split_first()?;
    let mut slope = [0.0; MOST_PARAMETERS];
    // watched is sorted, so that those who bought alike stand side by side
    let alike = watched.chunk_by(|one, other| one.customer() == other.customer());
    for (at, group) in alike.enumerate() {
        if at % 64 == 0 {
            poll();
        }
        let customer = group[0].customer();
        let expected = |model: &PurchaseModel| model.expected_purchases(&customer, days.into());
        let here = expected(fit);
        for (sum, model) in slope.iter_mut().zip(others) {
            *sum += (expected(model) - here) / STEP * group.len() as f64;
        }
    }
    let chance: f64 = data.iter().map(|one| (one.by[0] - one.actual).powi(2)).sum();
    let uncertain: f64 = slope.iter().map(|along| along * along).sum();
    Some((uncertain + chance).sqrt()).filter(|error| error.is_finite())
}

fn summary(part: &str, bucket: String, data: &[Predicted]) -> Line {
    let n = data.len().max(1) as f64;
    let sum = |of: &dyn Fn(&Predicted) -> f64| data.iter().map(of).sum::<f64>();
    let actual = sum(&|one| one.actual);
    let mut line =
        Line { part: part.into(), bucket, customers: data.len() as u64, actual, ..Line::default() };
    for who in 0..2 {
        let predicted = sum(&|one| one.by[who]);
        let moment = |of: &dyn Fn(f64, f64) -> f64| {
            sum(&|one| of(one.by[who] - predicted / n, one.actual - actual / n))
        };
        let spread = (moment(&|p, _| p * p) * moment(&|_, a| a * a)).sqrt();
        line.predicted[who] = Some(predicted);
        line.mae[who] = Some(sum(&|one| (one.by[who] - one.actual).abs()) / n);
        line.rmse[who] = Some((sum(&|one| (one.by[who] - one.actual).powi(2)) / n).sqrt());
        line.correlation[who] =
            Some(moment(&|p, a| p * a) / spread).filter(|value| value.is_finite());
    }
    line
}

/// Tenths of the customers by what was predicted, the best first. Customers with equal predictions count
/// with their mean, so that it does not matter who of them is in which tenth.
fn deciles(data: &mut [Predicted], poll: Poll<'_>) -> Vec<Line> {
    let n = data.len();
    let all = data.iter().map(|one| one.actual).sum::<f64>() / n.max(1) as f64;
    let mut lines: Vec<Line> = (1..=10)
        .map(|tenth| Line {
            part: "lift by decile".into(),
            bucket: tenth.to_string(),
            ..Line::default()
        })
        .collect();
    for who in [1, 0] {
        sort::by(
            data,
            |a, b| {
                b.by[who]
                    .total_cmp(&a.by[who])
                    .then(a.actual.total_cmp(&b.actual))
                    .then(b.by[1 - who].total_cmp(&a.by[1 - who]))
            },
            poll,
        );
        let mut at = 0;
        let mut bought = [0.0; 10];
        for group in data.chunk_by(|one, other| one.by[who] == other.by[who]) {
            let mean = group.iter().map(|one| one.actual).sum::<f64>() / group.len() as f64;
            for (tenth, bought) in bought.iter_mut().enumerate() {
                let (from, to) = (n * tenth / 10, n * (tenth + 1) / 10);
                let shared = to.min(at + group.len()).saturating_sub(from.max(at));
                *bought += mean * shared as f64;
            }
            at += group.len();
        }
        for (tenth, line) in lines.iter_mut().enumerate() {
            let members = &data[n * tenth / 10..n * (tenth + 1) / 10];
            let count = members.len();
            line.customers = count as u64;
            line.predicted[who] = Some(members.iter().map(|one| one.by[who]).sum());
            line.lift[who] =
                Some(bought[tenth] / (count as f64 * all)).filter(|value| value.is_finite());
            line.actual = bought[tenth];
        }
    }
    lines
}

/// Repeat purchases of all up to the end of each week, as they came and as the model has them for new
/// customers; the guess goes on from what there was at the end of the calibration.
fn tracking(
    model: &PurchaseModel,
    watched: &[Watched],
    weeks: &[u64],
    days: u32,
    hiatus: u32,
    poll: Poll<'_>,
) -> Vec<Line> {
    let oldest = watched.iter().map(|one| one.age).max().unwrap_or(0);
    let first = -i64::from(oldest / 7);
    let last = i64::from(days / 7);
    let mut births: Vec<(u32, u64)> = Vec::new();
    for one in watched {
        match births.binary_search_by_key(&one.age, |birth| birth.0) {
            Ok(at) => births[at].1 += 1,
            Err(at) => births.insert(at, (one.age, 1)),
        }
    }
    let pace: f64 = watched.iter().map(|one| one.guess(1.0, hiatus)).sum();
    let count = |week: i64| {
        let slot = usize::try_from(week + i64::from(WEEKS)).ok();
        slot.and_then(|slot| weeks.get(slot)).copied().unwrap_or(0) as f64
    };
    let first = first.max(i64::from(-WEEKS));
    let calibration: f64 = (i64::from(-WEEKS)..=0).map(count).sum();
    let mut actual: f64 = (i64::from(-WEEKS)..first).map(count).sum();
    let mut known = HashMap::new();
    let mut lines = Vec::new();
    for week in first..=last.min(i64::from(WEEKS)) {
        actual += count(week);
        let end = 7 * week;
        let mut predicted = 0.0;
        for &(age, customers) in &births {
            poll();
            let lived = i64::from(age) + end;
            if lived > 0 {
                let expected = known
                    .entry(lived)
                    .or_insert_with(|| model.expected_purchases(&Customer::NEW, lived as f64));
                predicted += customers as f64 * *expected;
            }
        }
        let guess = (week >= 0).then_some(calibration + pace * end as f64);
        lines.push(Line {
            part: "tracking by week".into(),
            bucket: (week - first + 1).to_string(),
            customers: births
                .iter()
                .filter(|(age, _)| i64::from(*age) + end >= 0)
                .map(|(_, customers)| customers)
                .sum(),
            actual,
            predicted: [Some(predicted), guess],
            ..Line::default()
        });
    }
    lines
}
