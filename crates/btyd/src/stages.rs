//! Where a customer is in their life with the company: lifecycle stage, decline, gaps between purchases.

use crate::history::{History, Totals};
use crate::measures::days_between;
use statrs::function::beta::beta_reg;

/// The limits between stages, in days and purchase days; infinite where nothing is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// Days since the last purchase beyond which a repeat customer is at risk.
    pub at_risk: f64,
    /// Days beyond which a customer has lapsed.
    pub lapsed: f64,
    /// Purchase days from which a customer is loyal.
    pub loyal: f64,
}

/// The stages, best first; the level of a stage is its place from 1.
pub const STAGES: [&str; 7] =
    ["loyal", "repeat", "reactivated", "first_time", "at_risk", "prospect", "lapsed"];

/// The level of the stage of a customer who is known, but never had an order.
pub const PROSPECT: i16 = 6;

/// Purchase days up to a day, in order.
fn purchases<'a>(history: &History<'a>, as_of: i32) -> impl Iterator<Item = i32> + use<'a> {
    let days = history.days().take_while(move |line| line.day <= as_of);
    days.filter(|line| !line.refund).map(|line| line.day)
}

/// The level of the stage as of a day; the first rule that holds decides. None without purchases up to it: who has only
/// refunds, or buys later, is no prospect either.
pub fn level(history: &History<'_>, as_of: i32, limits: &Limits) -> Option<i16> {
    let (mut before, mut last, mut days) = (None, None, 0u64);
    for day in purchases(history, as_of) {
        before = last.replace(day);
        days += 1;
    }
    let last = last?;
    let since = days_between(last, as_of) as f64;
    let gap = before.map(|before| days_between(before, last) as f64);
    Some(match () {
        () if since > limits.lapsed => 7,
        () if gap.is_some_and(|gap| gap > limits.lapsed) => 3,
        () if days >= 2 && since > limits.at_risk => 5,
        () if days as f64 >= limits.loyal => 1,
        () if days >= 2 => 2,
        () => 4,
    })
}

/// Days between the last two purchase days up to a day; None with fewer than two.
pub fn last_gap(history: &History<'_>, as_of: i32) -> Option<i64> {
    let (mut before, mut last) = (None, None);
    for day in purchases(history, as_of) {
        before = last.replace(day);
    }
    before.zip(last).map(|(before, last)| days_between(before, last))
}

/// Gaps of more days than this are counted as this many.
pub const LONGEST_GAP: usize = 1 << 16;

/// Calls `count` with each gap between consecutive purchase days up to a day.
pub fn gaps(history: &History<'_>, as_of: i32, mut count: impl FnMut(usize)) {
    let mut before = None;
    for day in purchases(history, as_of) {
        if let Some(before) = before.replace(day) {
            let gap = usize::try_from(days_between(before, day)).unwrap_or(LONGEST_GAP);
            count(gap.min(LONGEST_GAP));
        }
    }
}

/// The continuous percentile of whole numbers, of which `counts` tells how many there are of 0, 1, 2, …;
/// None if there are none.
pub fn percentile_of_counts(counts: &[u64], share: f64) -> Option<f64> {
    let total: u64 = counts.iter().sum();
    let position = share * total.checked_sub(1)? as f64;
    let at = |row: f64| {
        let mut passed = 0;
        let value = counts.iter().position(|count| {
            passed += count;
            passed as f64 > row
        });
        value.unwrap_or(0) as f64
    };
    let (low, high) = (at(position.floor()), at(position.ceil()));
    Some(low + (position - position.floor()) * (high - low))
}

/// How many of a customer's purchase days fall into the last days, against what the time before leads to expect. The first
/// purchase day opens the time that is looked at, and can lie nowhere else, so it is not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decline {
    /// Purchase days in the window.
    recent: u64,
    /// Purchase days after the first and before the window.
    earlier: u64,
    /// Days of the window.
    window: u64,
    /// Days from the first purchase to the window.
    before: u64,
}

/// Chances below this are no accident.
const SIGNIFICANT: f64 = 0.05;

impl Decline {
    /// Of the last `window` days up to a day; None without purchases, or where the customer is not known for longer
    /// than the window.
    pub fn of(history: &History<'_>, totals: &Totals, as_of: i32, window: i32) -> Option<Decline> {
        let (days, window) = (totals.purchase_days, u64::try_from(window).ok()?);
        let age = u64::try_from(days_between(totals.first_purchase, as_of)).ok()?;
        let before = age.checked_sub(window).filter(|before| *before > 0)?;
        // the first day is earlier
        let from = i64::from(as_of) - window as i64;
        let recent = purchases(history, as_of).filter(|&day| i64::from(day) > from).count() as u64;
        let earlier = days.checked_sub(recent + 1)?;
        Some(Decline { recent, earlier, window, before })
    }

    /// The chance of so few or fewer: P(at most k of n), binomial with chance window / age.
    pub fn probability(&self) -> f64 {
        let Decline { recent, earlier, window, before } = *self;
        binomial_tail(recent, recent + earlier, window as f64 / (window + before) as f64)
    }

    /// Whether so few are no accident.
    pub fn is_significant(&self) -> bool {
        let Decline { recent, earlier, window, before } = *self;
        // from the mean up, at most that many has a chance of a half or more
        let below_mean =
            u128::from(recent) * u128::from(before) < u128::from(earlier) * u128::from(window);
        below_mean && self.probability() < SIGNIFICANT
    }

    /// Purchase days in the window over what the customer's own pace before it leads to expect; None with fewer than two
    /// purchase days before it, the first included, as one alone tells no pace.
    pub fn trend(&self) -> Option<f64> {
        let Decline { recent, earlier, window, before } = *self;
        (earlier > 0).then(|| (recent * before) as f64 / (earlier * window) as f64)
    }
}

/// P(at most k of n), each with chance p.
pub fn binomial_tail(k: u64, n: u64, p: f64) -> f64 {
    match k {
        k if k >= n => 1.0,
        0 if n == 1 => 1.0 - p,
        0 => (n as f64 * (-p).ln_1p()).exp(),
        k => beta_reg((n - k) as f64, k as f64 + 1.0, 1.0 - p).clamp(0.0, 1.0),
    }
}
