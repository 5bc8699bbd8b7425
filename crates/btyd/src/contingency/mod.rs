//! Contingency tables: whether rows and columns are related, and which cells say so.
//!
//! Pearson's chi-squared statistic and Cramér's V for the table; its p-value from the chi-squared distribution where
//! Cochran's rule holds (Cochran 1954, Biometrics 10: no expected count below 1, at most a fifth of them below 5), else
//! from tables drawn at random with the same margins. For each cell its adjusted standardized residual (Haberman 1973,
//! Biometrics 29) and Fisher's exact test against all other cells, with p-values adjusted by Holm's step-down (Holm
//! 1979, Scandinavian Journal of Statistics 6). Counts are multiplied exactly and what is summed is sorted first, so
//! that the order of rows and columns changes no bit.

mod exact;
mod simulated;

use crate::decimal::ratio;
use crate::{Error, Poll};
use exact::Place;
use statrs::function::gamma::checked_gamma_ur;

pub use simulated::TABLES;

/// Counts by row and column. Rows and columns without any are as if they were not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    counts: Vec<u64>,
    rows: Vec<u64>,
    columns: Vec<u64>,
    total: u64,
}

/// What a cell says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cell {
    /// The count that would be expected if rows and columns were independent.
    pub expected: f64,
    /// 100 times the share of the column in the row, by its share in the table. None where either is empty.
    pub index: Option<f64>,
    /// Adjusted standardized residual; 0 where it is not defined.
    pub residual: f64,
    /// Chance of a count that is as unlikely, if rows and columns were independent: two-sided, exact given the sums
    /// of rows and columns.
    pub p_value: f64,
    /// The same, adjusted by Holm's method for all cells of rows and columns with counts.
    pub adjusted_p_value: f64,
}

/// Pearson's test of independence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Test {
    /// The statistic; 0 without degrees of freedom.
    pub chi_square: f64,
    /// Degrees of freedom, of rows and columns with counts.
    pub degrees_of_freedom: u64,
    /// Cramér's V, from 0 for unrelated to 1; 0 without degrees of freedom.
    pub cramers_v: f64,
    /// The least expected count, of rows and columns with counts; 0 without any.
    pub smallest_expected: f64,
    /// Chance of a statistic as large, if rows and columns were independent.
    pub chance: Chance,
}

/// How likely a statistic is by chance, and how that is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Chance {
    /// By the chi-squared distribution: Cochran's rule holds.
    Distribution(f64),
    /// As a share of so many tables drawn at random.
    Simulation(f64, u64),
    /// Not known: there is only one row or only one column.
    NothingToCompare,
    /// Not known: Cochran's rule fails, and the table is too large for enough tables to be drawn.
    TooLarge,
}

impl Chance {
    /// The p-value, if one is known.
    pub fn p_value(self) -> Option<f64> {
        match self {
            Chance::Distribution(p_value) | Chance::Simulation(p_value, _) => Some(p_value),
            Chance::NothingToCompare | Chance::TooLarge => None,
        }
    }

    /// The standard error of a p-value that was simulated.
    pub fn standard_error(self) -> Option<f64> {
        match self {
            Chance::Simulation(p, tables) => Some((p * (1.0 - p) / tables as f64).sqrt()),
            _ => None,
        }
    }
}

impl Table {
    /// A table of counts, row by row. They add up to less than 2^64.
    pub fn new(rows: usize, columns: usize, counts: Vec<u64>) -> Result<Self, Error> {
        if rows.checked_mul(columns) != Some(counts.len()) {
            let why = format!("{} counts are not {rows} rows of {columns}", counts.len());
            return Err(Error::Malformed(why));
        }
        let total = counts.iter().try_fold(0u64, |sum, &count| sum.checked_add(count));
        let total = total.ok_or(Error::OutOfRange)?;
        // no sums of rows or columns that nothing is in, however many they are said to be
        let (rows, columns) = if counts.is_empty() { (0, 0) } else { (rows, columns) };
        let mut sums = (vec![0; rows], vec![0; columns]);
        for (row, counts) in sums.0.iter_mut().zip(counts.chunks_exact(columns.max(1))) {
            for (column, count) in sums.1.iter_mut().zip(counts) {
                *row += count;
                *column += count;
            }
        }
        Ok(Table { counts, rows: sums.0, columns: sums.1, total })
    }

    /// Each count with the sums of its row and of its column, row by row.
    fn margins(&self) -> impl Iterator<Item = [u64; 3]> {
        let sums = |&row| self.columns.iter().map(move |&column| [row, column]);
        let sums = self.rows.iter().flat_map(sums);
        self.counts.iter().zip(sums).map(|(&count, [row, column])| [count, row, column])
    }

    fn cell(&self, margins: [u64; 3]) -> Cell {
        let [count, row, column] = margins;
        let exact = Place { count, row, column, total: self.total }.p_value();
        let [count, row, column] = margins.map(u128::from);
        let total = u128::from(self.total);
        let (observed, expected) = (count * total, row * column);
        // a factor for the row and one for the column, so that residuals that are equal are so to the bit
        let spread = |sum: u128| (sum * (total - sum)) as f64;
        let variance = spread(row) * spread(column) / total as f64;
        let distance = observed.abs_diff(expected) as f64;
        let size = if variance > 0.0 { distance / variance.sqrt() } else { 0.0 };
        Cell {
            expected: if expected > 0 { ratio(expected, total) } else { 0.0 },
            index: (expected > 0).then(|| 100.0 * ratio(observed, expected)),
            residual: if observed < expected { -size } else { size },
            // where all is too large to be summed, by the residual: a squared normal number is chi-squared with one
            // degree of freedom
            p_value: exact.unwrap_or_else(|| chi_square_tail(size * size, 1)),
            adjusted_p_value: 1.0,
        }
    }

    /// The cells, row by row.
    pub fn cells(&self, poll: Poll<'_>) -> Vec<Cell> {
        let cell = |margins| {
            poll();
            self.cell(margins)
        };
        let mut cells: Vec<Cell> = self.margins().map(cell).collect();
        let counted = |cell: &Cell| cell.index.is_some();
        let p_values = cells.iter().filter(|cell| counted(cell)).map(|cell| cell.p_value);
        let adjusted = holm(&p_values.collect::<Vec<_>>());
        let cells_counted = cells.iter_mut().filter(|cell| counted(cell));
        for (cell, adjusted) in cells_counted.zip(adjusted) {
            cell.adjusted_p_value = adjusted;
        }
        cells
    }

    /// Pearson's test, without a correction for continuity.
    pub fn test(&self, poll: Poll<'_>) -> Test {
        let mut chi_square = self.chi_square_parts();
        chi_square.sort_unstable_by(f64::total_cmp);
        let chi_square: f64 = chi_square.into_iter().sum();
        let counted = |sums: &[u64]| sums.iter().filter(|&&sum| sum > 0).count() as u64;
        let rows = counted(&self.rows).saturating_sub(1);
        let columns = counted(&self.columns).saturating_sub(1);
        let degrees_of_freedom = rows * columns;
        let most = self.total as f64 * rows.min(columns) as f64;
        let least = |sums: &[u64]| sums.iter().copied().filter(|&sum| sum > 0).min();
        let least = least(&self.rows).zip(least(&self.columns));
        let least = least.map(|(row, column)| u128::from(row) * u128::from(column));
        Test {
            chi_square,
            degrees_of_freedom,
            cramers_v: if most > 0.0 { (chi_square / most).sqrt().min(1.0) } else { 0.0 },
            smallest_expected: least.map_or(0.0, |least| ratio(least, self.total.into())),
            chance: self.chance(chi_square, degrees_of_freedom, poll),
        }
    }

    fn chance(&self, chi_square: f64, degrees_of_freedom: u64, poll: Poll<'_>) -> Chance {
        if degrees_of_freedom == 0 {
            return Chance::NothingToCompare;
        }
        if self.is_full_enough() {
            return Chance::Distribution(chi_square_tail(chi_square, degrees_of_freedom));
        }
        self.simulate(chi_square, poll)
    }

    /// The chance of a statistic at least as large among tables drawn at random with the sums of this one.
    pub fn simulate(&self, chi_square: f64, poll: Poll<'_>) -> Chance {
        let drawn = simulated::p_value(&self.rows, &self.columns, chi_square, poll);
        drawn.map_or(Chance::TooLarge, |(p_value, tables)| Chance::Simulation(p_value, tables))
    }

    /// Cochran's rule for the expected counts of rows and columns with counts.
    fn is_full_enough(&self) -> bool {
        let total = u128::from(self.total);
        let expected = |[_, row, column]: [u64; 3]| u128::from(row) * u128::from(column);
        let expected = self.margins().map(expected).filter(|expected| *expected > 0);
        let (mut cells, mut below_5, mut below_1) = (0u64, 0u64, false);
        for expected in expected {
            cells += 1;
            // in units of 1 / total; a quotient, for five totals may be more than there are numbers
            below_5 += u64::from(expected / total < 5);
            below_1 |= expected < total;
        }
        !below_1 && 5 * below_5 <= cells
    }

    /// What each cell adds to the statistic: (observed − expected)² / expected.
    fn chi_square_parts(&self) -> Vec<f64> {
        let total = u128::from(self.total);
        let part = |margins: [u64; 3]| {
            let [count, row, column] = margins.map(u128::from);
            let (observed, expected) = (count * total, row * column);
            let distance = observed.abs_diff(expected) as f64;
            if expected > 0 { distance * distance / (expected as f64 * total as f64) } else { 0.0 }
        };
        self.margins().map(part).collect()
    }
}

/// Chance that a chi-squared number is at least this one, to 13 digits up to some thousand degrees of freedom
/// (the library's erfc has only 10, so that residuals take this as well).
fn chi_square_tail(chi_square: f64, degrees_of_freedom: u64) -> f64 {
    let (shape, half) = (degrees_of_freedom as f64 / 2.0, chi_square / 2.0);
    // refuses 0 of either, where every number is at least as large
    checked_gamma_ur(shape, half).map_or(1.0, |tail| tail.clamp(0.0, 1.0))
}

/// Holm's adjusted p-values, in the order given: equal p-values stay equal, smaller ones are never larger, and
/// none is above 1.
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_unstable_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut least = 0.0f64;
    for (before, at) in order.into_iter().enumerate() {
        let left = (p_values.len() - before) as f64;
        least = least.max(left * p_values[at]).min(1.0);
        adjusted[at] = least;
    }
    adjusted
}
