//! Answers to surveys: their sums in exact integers, and means with standard errors from them.

use crate::Error;
use crate::decimal::ratio;
use std::ops::RangeInclusive;

/// Sums over answers, in 24 bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Tally {
    answers: u64,
    sum: i64,
    squares: u64,
}

impl Tally {
    /// Adds an answer. Nothing changes where a sum would not fit.
    pub fn add(&mut self, value: i64) -> Result<(), Error> {
        let size = value.unsigned_abs();
        let squares = size.checked_mul(size).ok_or(Error::OutOfRange)?;
        self.join(&Tally { answers: 1, sum: value, squares })
    }

    /// Adds the answers of another tally. Nothing changes where a sum would not fit.
    pub fn join(&mut self, other: &Tally) -> Result<(), Error> {
        *self = Tally {
            answers: self.answers.checked_add(other.answers).ok_or(Error::OutOfRange)?,
            sum: self.sum.checked_add(other.sum).ok_or(Error::OutOfRange)?,
            squares: self.squares.checked_add(other.squares).ok_or(Error::OutOfRange)?,
        };
        Ok(())
    }

    /// How many answers there are.
    pub fn answers(&self) -> u64 {
        self.answers
    }

    /// The sum of the answers.
    pub fn sum(&self) -> i64 {
        self.sum
    }

    /// The mean of the answers. None without any.
    pub fn mean(&self) -> Option<f64> {
        let size = (self.answers > 0)
            .then(|| ratio(self.sum.unsigned_abs().into(), self.answers.into()))?;
        Some(if self.sum < 0 { -size } else { size })
    }

    /// Standard error of a share, or of a difference of shares such as a net promoter score: √(population
    /// variance / answers). None without answers.
    pub fn share_error(&self) -> Option<f64> {
        self.error(self.answers)
    }

    /// Standard error of the mean: √(sample variance / answers). None for less than two answers.
    pub fn mean_error(&self) -> Option<f64> {
        self.error(self.answers.checked_sub(1)?)
    }

    /// √(squared deviations / `freedom` / answers).
    fn error(&self, freedom: u64) -> Option<f64> {
        let (answers, sum) = (u128::from(self.answers), u128::from(self.sum.unsigned_abs()));
        // answers times the squared deviations, whole and never negative
        let deviations = (answers * u128::from(self.squares)).saturating_sub(sum * sum);
        let variance = (freedom > 0).then(|| ratio(deviations, answers * u128::from(freedom)))?;
        Some((variance / self.answers as f64).sqrt())
    }

    /// As bytes, for [`Tally::from_bytes`] on the same machine.
    pub fn to_bytes(&self) -> [u8; 24] {
        let mut bytes = [0; 24];
        bytes[..8].copy_from_slice(&self.answers.to_ne_bytes());
        bytes[8..16].copy_from_slice(&self.sum.to_ne_bytes());
        bytes[16..].copy_from_slice(&self.squares.to_ne_bytes());
        bytes
    }

    /// From what [`Tally::to_bytes`] gave.
    pub fn from_bytes(bytes: &[u8]) -> Tally {
        let number = |from: usize| {
            let bytes = bytes.get(from..from + 8).and_then(|bytes| bytes.try_into().ok());
            bytes.unwrap_or_default()
        };
        Tally {
            answers: u64::from_ne_bytes(number(0)),
            sum: i64::from_ne_bytes(number(8)),
            squares: u64::from_ne_bytes(number(16)),
        }
    }
}

/// What a score answers, and what it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// Customer satisfaction: 4 and 5 of 5 are satisfied and count 1, the others 0.
    Csat,
    /// Net promoter score (Reichheld 2003): promoters, 9 and 10 of 10, count 1, detractors, up to 6, −1.
    Nps,
    /// Customer effort score: 1 to 7, counted as given.
    Ces,
}

impl Scale {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Scale::Csat => "csat",
            Scale::Nps => "nps",
            Scale::Ces => "ces",
        }
    }

    /// The scores that there are, whole numbers.
    pub fn range(self) -> RangeInclusive<i64> {
        match self {
            Scale::Csat => 1..=5,
            Scale::Nps => 0..=10,
            Scale::Ces => 1..=7,
        }
    }

    /// What a score counts. None for what is no score of the scale.
    pub fn value(self, score: f64) -> Option<i64> {
        let whole = score as i64;
        let valid = whole as f64 == score && self.range().contains(&whole);
        valid.then_some(match self {
            Scale::Csat => i64::from(whole >= 4),
            Scale::Nps => i64::from(whole >= 9) - i64::from(whole <= 6),
            Scale::Ces => whole,
        })
    }
}
