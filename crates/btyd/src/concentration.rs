//! How unequal values are: Gini's coefficient, and the classes of an ABC analysis. All values are finite and
//! sorted, lowest first.

/// A sum that keeps what rounding takes from it (Knuth's two-sum).
#[derive(Clone, Copy, Default)]
struct Sum {
    high: f64,
    low: f64,
}

impl Sum {
    fn of(values: impl Iterator<Item = f64>) -> f64 {
        let Sum { high, low } = values.fold(Sum::default(), Sum::with);
        high + low
    }

    fn with(self, value: f64) -> Sum {
        let high = self.high + value;
        let part = high - self.high;
        let lost = (self.high - (high - part)) + (value - part);
        Sum { high, low: self.low + lost }
    }
}

/// Mean of the values, never beyond the lowest and the highest. None without any.
pub fn mean(sorted: &[f64]) -> Option<f64> {
    let (&first, &last) = sorted.first().zip(sorted.last())?;
    let count = sorted.len() as f64;
    let values = || sorted.iter().copied();
    let mut mean = Sum::of(values()) / count;
    if !mean.is_finite() {
        // the sum is beyond all doubles: halves of the parts are not
        mean = 2.0 * Sum::of(values().map(|value| value / count / 2.0));
    }
    Some(mean.max(first).min(last))
}

/// Gini's coefficient, from 0 where all are equal to nearly 1 where one has all; negative values count as 0.
/// None without any positive value.
///
/// 2 Σ i·xᵢ / (n Σ xᵢ) − (n + 1) / n, as Σ (2i − n − 1)·xᵢ / (n Σ xᵢ), where nothing is left to cancel.
pub fn gini(sorted: &[f64]) -> Option<f64> {
    let last = *sorted.last()?;
    if !(last > 0.0 && last.is_finite()) {
        return None;
    }
    let count = sorted.len() as f64;
    // a power of two, that rounds nothing, where sums could be beyond all doubles
    let scale = if last > 1e150 { 2f64.powi(-600) } else { 1.0 };
    let values = || sorted.iter().map(|value| value.max(0.0) * scale);
    let ranked = values().enumerate().map(|(i, value)| (2.0 * i as f64 + 1.0 - count) * value);
    let gini = Sum::of(ranked) / (count * Sum::of(values()));
    Some(gini.clamp(0.0, 1.0 - 1.0 / count))
}

/// Parts that shares are made of: they are decimals of six digits.
const PARTS: i128 = 1_000_000;

/// Cuts of an ABC analysis, rising: the last is the lowest value of the best class, the one before it that of
/// the best two, and so on, so that the level of a value is 1 + the number of cuts up to it. A value is of the
/// best k classes while all before it, highest first, are less than the k-th share of the total, and so are those
/// equal to it. What is not positive does not count; cuts that nothing reaches are [`f64::MAX`].
///
/// `shares` rise. `units` of the values make 1, 100 for cents: where all values are whole numbers of units, no
/// sum is rounded. Otherwise sums are exact to far less than a double's last digit.
pub fn contribution_cuts(sorted: &[f64], units: f64, shares: &[f64]) -> Vec<f64> {
    let mut cuts = vec![f64::MAX; shares.len()];
    let positive = &sorted[sorted.partition_point(|&value| value <= 0.0)..];
    let whole = Whole::of(positive, units);
    let total: i128 = positive.iter().map(|&value| whole.number(value)).sum();
    let mut above = 0;
    for &value in positive.iter().rev() {
        for (cut, share) in cuts.iter_mut().rev().zip(shares) {
            let parts = (share.clamp(0.0, 1.0) * PARTS as f64).round() as i128;
            if above * PARTS < parts * total {
                *cut = value;
            }
        }
        above += whole.number(value);
    }
    cuts
}

/// Factors that turn values into whole numbers, so small that [`PARTS`] times the sum of all fits 128 bits.
struct Whole([f64; 2]);

impl Whole {
    /// By units of the values where these are whole numbers of them, else by the finest power of two.
    fn of(sorted: &[f64], units: f64) -> Whole {
        const EXACT: f64 = (1u64 << 53) as f64;
        let exact = |&value: &f64| {
            let number = (value * units).round();
            number < EXACT && number / units == value
        };
        if sorted.iter().all(exact) {
            return Whole([units, 1.0]);
        }
        let last = sorted.last().map_or(0.0, |last| last.min(f64::MAX));
        // the highest is below 2^above; PARTS take 20 bits of 127, the number of values takes its own
        let above = (last.to_bits() >> 52) as i32 - 1022;
        let bits = 127 - 20 - (usize::BITS - sorted.len().leading_zeros()) as i32;
        let shift = bits - above;
        // in two steps, as the power may be more than a double holds
        let half = shift.div_euclid(2);
        Whole([2f64.powi(half), 2f64.powi(shift - half)])
    }

    fn number(&self, value: f64) -> i128 {
        (value.min(f64::MAX) * self.0[0] * self.0[1]).round() as i128
    }
}
