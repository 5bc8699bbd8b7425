//! Customers by the period of their first purchase, and what they bought in each period since.
//!
//! Periods are months, quarters, weeks and the like, by the calendar; so day 0 is 2000-01-01 here. They are counted
//! back from the one that holds `as_of`, and the cells of all cohorts lie in one array:
//!
//! ```text
//! cohort    0     1        2             …     0: first purchase in the period of as_of
//! period    0     0  1     0  1  2             0: the period of as_of
//! cell      0     1  2     3  4  5
//! ```

use crate::calendar::{first_day_of_month, month_of};
use crate::decimal::{Decimal, POW10};
use crate::history::History;
use crate::{Error, Poll};

/// The most periods from the oldest cohort up to `as_of`.
pub const MOST_PERIODS: usize = 1000;

/// Lines of a history between two polls.
const POLL_EVERY: usize = 1 << 16;

/// 2000-01-03, a Monday.
const MONDAY: i64 = 2;

/// How long periods are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// So many months, counted from a January: 3 are quarters.
    Months(u16),
    /// So many days, counted from a Monday: 7 are weeks.
    Days(u16),
}

impl Length {
    /// The number of the period that holds a day.
    pub fn period_of(self, day: i32) -> i64 {
        match self {
            Length::Months(months) => month_of(day.into()).div_euclid(months.max(1).into()),
            Length::Days(days) => (i64::from(day) - MONDAY).div_euclid(days.max(1).into()),
        }
    }

    /// The first day of a period.
    pub fn first_day(self, period: i64) -> i64 {
        match self {
            Length::Months(months) => first_day_of_month(period * i64::from(months.max(1))),
            Length::Days(days) => period * i64::from(days.max(1)) + MONDAY,
        }
    }
}

/// What a cohort did in a period.
#[derive(Debug, Clone, Copy, Default)]
#[repr(C, packed(8))]
pub struct Cell {
    /// Customers who bought.
    customers: u64,
    /// Their orders.
    orders: u64,
    /// Net revenue, in units of the table's scale.
    revenue: i128,
}

/// Where a customer belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Nowhere: no purchase up to `as_of`.
    Nowhere,
    /// Into an array of at least so many cells.
    Cells(usize),
    /// Into more than [`MOST_PERIODS`]: the first purchase was on this day.
    TooFar(i32),
}

/// The table of all cohorts, but for its cells, which whoever holds it makes room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cohorts {
    length: Length,
    as_of: i32,
    /// The period of `as_of`.
    last: i64,
    /// The largest scale of amounts so far; None without amounts.
    scale: Option<u8>,
}

/// A line of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// First day of the period of the first purchase.
    pub cohort: i64,
    /// Which period, 0 for that of the first purchase.
    pub number: usize,
    /// First day of the period.
    pub from: i64,
    /// Its last day.
    pub to: i64,
    /// Customers of the cohort.
    pub size: u64,
    /// Those of them who bought in the period.
    pub customers: u64,
    /// Their orders.
    pub orders: u64,
    /// Net revenue; None without amounts.
    pub revenue: Option<Decimal>,
}

impl Cohorts {
    /// A table without customers.
    pub fn new(length: Length, as_of: i32) -> Cohorts {
        Cohorts { length, as_of, last: length.period_of(as_of), scale: None }
    }

    /// Whether it has the periods of another, and ends with the same day.
    pub fn is_of(&self, other: &Cohorts) -> bool {
        (self.length, self.as_of) == (other.length, other.as_of)
    }

    /// How far back a period is; periods after that of `as_of` are none.
    fn back(&self, period: i64) -> usize {
        usize::try_from(self.last - period).unwrap_or(0)
    }

    /// Which cells a customer needs.
    pub fn reach(&self, history: &History<'_>) -> Reach {
        let totals = history.totals(None);
        if totals.purchase_days == 0 || totals.first_purchase > self.as_of {
            return Reach::Nowhere;
        }
        match self.back(self.length.period_of(totals.first_purchase)) {
            cohort if cohort < MOST_PERIODS => Reach::Cells(first_cell(cohort + 1)),
            _ => Reach::TooFar(totals.first_purchase),
        }
    }

    /// Adds a customer, for whom there is room. Refunds before the first purchase count in its period.
    pub fn add(
        &mut self,
        history: &History<'_>,
        cells: &mut [Cell],
        poll: Poll<'_>,
    ) -> Result<(), Error> {
        let first = self.length.period_of(history.totals(None).first_purchase);
        let start = first_cell(self.back(first));
        let unit = self.unit(history, cells)?;
        let mut bought_in = None;
        let known = history.days().take_while(|line| line.day <= self.as_of);
        for (number, line) in known.enumerate() {
            if number % POLL_EVERY == POLL_EVERY - 1 {
                poll();
            }
            let at = start + self.back(self.length.period_of(line.day).max(first));
            let Some(cell) = cells.get_mut(at) else { continue };
            let amount = i128::try_from(line.amount).ok().and_then(|sum| sum.checked_mul(unit));
            let amount = amount.ok_or(Error::OutOfRange)?;
            let sum = { cell.revenue }.checked_add(if line.refund { -amount } else { amount });
            cell.revenue = sum.ok_or(Error::OutOfRange)?;
            if line.refund {
                continue;
            }
            cell.orders = { cell.orders }.saturating_add(line.count);
            if bought_in != Some(at) {
                cell.customers += 1;
                bought_in = Some(at);
            }
        }
        Ok(())
    }

    /// What a unit of a history's amounts is in units of the table, whose cells take more digits where the history has
    /// more.
    fn unit(&mut self, history: &History<'_>, cells: &mut [Cell]) -> Result<i128, Error> {
        let Some(scale) = history.scale() else { return Ok(1) };
        let power = |digits: u8| POW10.get(usize::from(digits)).map_or(i128::MAX, |p| *p as i128);
        let known = *self.scale.get_or_insert(scale);
        if scale > known {
            for cell in cells.iter_mut() {
                let wider = { cell.revenue }.checked_mul(power(scale - known));
                cell.revenue = wider.ok_or(Error::OutOfRange)?;
            }
            self.scale = Some(scale);
        }
        Ok(power(known.saturating_sub(scale)))
    }

    /// The lines, oldest cohort first, each from its first period up to that of `as_of`; cohorts without customers have
    /// none.
    pub fn rows<'a>(
        &self,
        cells: &'a [Cell],
    ) -> impl Iterator<Item = Result<Row, Error>> + use<'a> {
        let table = *self;
        let of_cohort = move |cohort: usize| {
            let size = cells.get(first_cell(cohort) + cohort).map_or(0, |cell| cell.customers);
            let periods = (0..=cohort).rev().filter(move |_| size > 0);
            periods.filter_map(move |back| {
                let cell = cells.get(first_cell(cohort) + back)?;
                Some(table.row(cohort, back, size, cell))
            })
        };
        let cohorts = (0..MOST_PERIODS).take_while(move |cohort| first_cell(*cohort) < cells.len());
        cohorts.collect::<Vec<_>>().into_iter().rev().flat_map(of_cohort)
    }

    fn row(&self, cohort: usize, back: usize, size: u64, cell: &Cell) -> Result<Row, Error> {
        let period = self.last - back as i64;
        let fits = |sum: i128| sum.unsigned_abs() < POW10[38];
        if !fits(cell.revenue) {
            return Err(Error::OutOfRange);
        }
        Ok(Row {
            cohort: self.length.first_day(self.last - cohort as i64),
            number: cohort - back,
            from: self.length.first_day(period),
            to: self.length.first_day(period + 1) - 1,
            size,
            customers: cell.customers,
            orders: cell.orders,
            revenue: self.scale.map(|scale| Decimal { mantissa: cell.revenue, scale }),
        })
    }
}

/// The first cell of a cohort, which is so many periods back.
fn first_cell(cohort: usize) -> usize {
    cohort * (cohort + 1) / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_begins_where_the_last_one_ends() {
        for length in
            [1, 2, 3, 5, 12, 24].map(Length::Months).into_iter().chain([1, 7, 10].map(Length::Days))
        {
            for day in -200_000..20_000 {
                let period = length.period_of(day);
                let bounds = [period, period + 1].map(|period| length.first_day(period));
                assert!(bounds[0] <= day.into() && i64::from(day) < bounds[1], "{length:?} {day}");
            }
        }
        // a Monday, a quarter
        assert_eq!(Length::Days(7).first_day(Length::Days(7).period_of(8)), 2);
        assert_eq!(Length::Months(3).first_day(Length::Months(3).period_of(90)), 0);
    }
}
