//! How many digits amounts have, where the type of their column tells.

/// The digits of a type of exact numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digits {
    /// All of them.
    pub precision: u16,
    /// Those after the decimal point.
    pub scale: u16,
}

/// What BI tools take for an exact number.
const USUAL: u16 = 38;
/// Digits of an amount of which no table holds so many that their sum would have more than the usual ones.
const SMALL: u16 = 19;
/// Digits of the largest sum that a history can hold.
const LARGEST: u16 = 39;
/// Digits that an average has beyond those of the amounts.
const OF_MEAN: u16 = 4;

impl Digits {
    /// The type of a sum of such amounts, which no sum is too large for.
    pub fn sum(self) -> String {
        let precision = if self.precision <= SMALL { USUAL } else { LARGEST };
        format!("numeric({precision},{})", self.scale)
    }

    /// The type of a mean of them, which loses none of its digits.
    pub fn mean(self) -> String {
        let precision = if self.precision <= SMALL { USUAL } else { LARGEST + OF_MEAN };
        format!("numeric({precision},{})", self.scale + OF_MEAN)
    }
}
