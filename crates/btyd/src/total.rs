//! Sums of floats that do not depend on the order of what is added.
//!
//! Each float is rounded to a fixed unit, and whole numbers of units are added. Small ones count in units of 2^-40, larger
//! ones in larger units of which they are whole multiples, so that nothing is lost where it could be seen.

use crate::Error;

/// The size from which a float counts in the next units.
const BOUNDS: [f64; 3] = [TWO_52, TWO_52 * TWO_40, TWO_52 * TWO_40 * TWO_40];

/// These units.
const UNITS: [f64; 3] = [1.0 / TWO_40, 1.0, TWO_40];

const TWO_40: f64 = (1u64 << 40) as f64;
const TWO_52: f64 = (1u64 << 52) as f64;

/// A sum of floats, and how many were added.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Total {
    sums: [i128; 3],
    count: u64,
}

impl Total {
    /// Adds a float. What is not finite, or too large, is out of range.
    pub fn add(&mut self, value: f64) -> Result<(), Error> {
        let size = value.abs();
        let place = BOUNDS.iter().position(|bound| size < *bound).ok_or(Error::OutOfRange)?;
        let units = (value / UNITS[place]).round_ties_even() as i128;
        self.sums[place] = self.sums[place].checked_add(units).ok_or(Error::OutOfRange)?;
        self.count += 1;
        Ok(())
    }

    /// How many floats were added.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The sum; None without any.
    pub fn sum(&self) -> Option<f64> {
        let parts = self.sums.iter().zip(UNITS).rev().map(|(sum, unit)| *sum as f64 * unit);
        (self.count > 0).then(|| parts.sum::<f64>() + 0.0)
    }
}
