//! How reports round what is not exact.

/// Digits after the point of expected counts, sums of predictions, indexes and statistics.
pub const COUNT: i32 = 2;

/// Digits of shares, of what is between 0 and 1, and of errors per customer.
pub const SHARE: i32 = 4;

/// Digits of p-values: 0 is one below 0.0000005.
pub const P_VALUE: i32 = 6;

/// A number with so many digits after the point; never a negative zero.
pub fn rounded(number: f64, digits: i32) -> f64 {
    let scale = 10f64.powi(digits);
    (number * scale).round() / scale + 0.0
}
