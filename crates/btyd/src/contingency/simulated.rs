//! The chance of a chi-squared statistic by tables drawn at random with the margins of the observed one.
//!
//! Row by row, each count from its hypergeometric distribution given those before it, as in Patefield 1981, Applied
//! Statistics 30 (AS 159); a count is found from the most likely one outwards.

use super::exact::Walk;
use crate::Poll;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, StandardUniform};

/// Tables, the observed one among them.
pub const TABLES: u64 = 10_000;

/// With fewer the answer would say little.
const FEWEST: u64 = 1000;

/// Steps of the search for a count that all tables together may take: some seconds.
const BUDGET: f64 = 5e8;

/// Steps that a count takes, however few are searched.
const STEPS_OF_A_COUNT: f64 = 8.0;

/// The same tables for everybody.
const SEED: u64 = 0x5EED_0F7A_B1E5;

/// Counts up to here are exact in a double.
const LARGEST: u64 = 1 << 53;

/// The chance that a table has a statistic at least as large, and how many were drawn. None where the table is too large
/// for enough of them, or has no counts.
pub fn p_value(
    rows: &[u64],
    columns: &[u64],
    chi_square: f64,
    poll: Poll<'_>,
) -> Option<(f64, u64)> {
    // the order of rows and columns, and which are which, changes nothing
    let [mut a, mut b] = [rows, columns].map(|sums| {
        let mut sums: Vec<u64> = sums.iter().copied().filter(|sum| *sum > 0).collect();
        sums.sort_unstable_by(|one, other| other.cmp(one));
        sums
    });
    if (a.len(), &a) > (b.len(), &b) {
        std::mem::swap(&mut a, &mut b);
    }
    let total = a.iter().sum::<u64>();
    let mut draw = Draw::new(&a, &b, total);
    let tables = ((BUDGET / draw.cost()) as u64).min(TABLES);
    if tables < FEWEST || total > LARGEST || total == 0 {
        return None;
    }
    // statistics that are equal but for rounding are as large
    let limit = chi_square * (1.0 - 1e-9);
    let mut as_large = 1;
    for _ in 1..tables {
        as_large += u64::from(draw.chi_square(poll) >= limit);
    }
    Some((as_large as f64 / tables as f64, tables))
}

/// Draws tables.
struct Draw<'a> {
    rows: &'a [u64],
    columns: &'a [u64],
    total: u64,
    /// Expected counts, row by row.
    expected: Vec<f64>,
    /// What is left of the columns.
    left: Vec<u64>,
    factorials: Factorials,
    stream: ChaCha8Rng,
}

impl<'a> Draw<'a> {
    fn new(rows: &'a [u64], columns: &'a [u64], total: u64) -> Self {
        let expected = |row: &u64| {
            let row = *row as f64 / total as f64;
            columns.iter().map(move |column| row * *column as f64)
        };
        Draw {
            rows,
            columns,
            total,
            expected: rows.iter().flat_map(expected).collect(),
            left: vec![0; columns.len()],
            factorials: Factorials::up_to(total),
            stream: ChaCha8Rng::seed_from_u64(SEED),
        }
    }

    /// Steps that a table takes: for each count about its standard deviation.
    fn cost(&self) -> f64 {
        self.expected.iter().map(|expected| STEPS_OF_A_COUNT + expected.sqrt()).sum()
    }

    /// The statistic of one more table.
    fn chi_square(&mut self, poll: Poll<'_>) -> f64 {
        self.left.copy_from_slice(self.columns);
        let (mut sum, mut all) = (0.0, self.total);
        let width = self.columns.len();
        for (&row, expected) in self.rows.iter().zip(self.expected.chunks_exact(width)) {
            poll();
            let (mut row_left, mut beyond) = (row, all);
            for (column, expected) in self.left.iter_mut().zip(expected) {
                let u = StandardUniform.sample(&mut self.stream);
                let count = count(u, row_left, *column, beyond, &self.factorials);
                row_left -= count;
                beyond -= *column;
                *column -= count;
                sum += (count as f64 - expected).powi(2) / expected;
            }
            all -= row;
        }
        sum
    }
}

/// The count of a cell at which the probabilities, from the most likely count outwards, reach `u`.
fn count(u: f64, row: u64, column: u64, total: u64, factorials: &Factorials) -> u64 {
    let least = (row + column).saturating_sub(total);
    let most = row.min(column);
    if least == most {
        return most;
    }
    let mode = (u128::from(row) + 1) * (u128::from(column) + 1) / (u128::from(total) + 2);
    let mode = (mode as u64).clamp(least, most);
    let (mut up, mut down) = Walk::from_mode(mode, row, column, total);
    let mut rest = u - factorials.probability(mode, row, column, total);
    if rest < 0.0 {
        return mode;
    }
    let first = u - rest;
    let (mut above, mut below, mut step) = (first, first, 0);
    while above > 0.0 || below > 0.0 {
        step += 1;
        above *= up.ratio();
        rest -= above;
        if rest < 0.0 {
            return mode + step;
        }
        below *= down.ratio();
        rest -= below;
        if rest < 0.0 {
            return mode - step;
        }
        // what rounding has left of u
        if above + below < 1e-20 {
            break;
        }
    }
    mode
}

/// Logarithms of factorials.
struct Factorials(Vec<f64>);

impl Factorials {
    /// So many are kept; beyond, Stirling's series has all digits with two terms.
    const KEPT: u64 = 4096;

    fn up_to(largest: u64) -> Self {
        let mut sum = 0.0;
        let mut next = |n: u64| {
            sum += (n.max(1) as f64).ln();
            sum
        };
        Factorials((0..=largest.min(Self::KEPT)).map(&mut next).collect())
    }

    fn ln(&self, n: u64) -> f64 {
        if let Some(ln) = usize::try_from(n).ok().and_then(|n| self.0.get(n)) {
            return *ln;
        }
        let n = n as f64;
        let tail = 1.0 / (12.0 * n) - 1.0 / (360.0 * n * n * n);
        (n + 0.5) * n.ln() - n + 0.918_938_533_204_672_8 + tail
    }

    /// The probability of a count, given the margins.
    fn probability(&self, count: u64, row: u64, column: u64, total: u64) -> f64 {
        let margins =
            self.ln(row) + self.ln(total - row) + self.ln(column) + self.ln(total - column);
        let neither = (total - row) - (column - count);
        let cells =
            self.ln(count) + self.ln(row - count) + self.ln(column - count) + self.ln(neither);
        (margins - self.ln(total) - cells).exp()
    }
}
