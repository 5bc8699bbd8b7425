//! Days at regular distances: months of the calendar and days.

/// A distance between days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Months; the day of the month stays, or is the last one of a shorter month.
    pub months: i32,
    /// Days beyond these.
    pub days: i32,
}

/// Days from 1970-01-01 to the day from which days are counted here, 2000-01-01.
const EPOCH: i64 = 10_957;

/// Years beyond which no day is looked for.
const FARTHEST: i64 = 6_000_000;

impl Step {
    /// The day so many steps after another, before it if negative: taken from there at once, so that the 31st of a month comes
    /// back after a shorter one. None where no day of 32 bits is that far.
    pub fn from(&self, day: i32, times: i32) -> Option<i32> {
        let times = i64::from(times);
        let (year, month, date) = civil(day);
        let months = year * 12 + (month - 1) + i64::from(self.months) * times;
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
        if year.abs() > FARTHEST {
            return None;
        }
        let (next_year, next_month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        let first = day_of(year, month, 1);
        let last = day_of(next_year, next_month, 1) - first;
        i32::try_from(first + date.min(last) - 1 + i64::from(self.days) * times).ok()
    }

    /// The days from one to another, both included, at this distance from the first; as many as `most` and one more, which
    /// tells that there are too many. None where a day does not come after the one before it.
    pub fn days(&self, from: i32, to: i32, most: usize) -> Option<Vec<i32>> {
        let mut days: Vec<i32> = Vec::new();
        for times in 0..=i32::try_from(most).unwrap_or(i32::MAX) {
            let Some(day) = self.from(from, times).filter(|day| *day <= to) else { break };
            if days.last().is_some_and(|last| *last >= day) {
                return None;
            }
            days.push(day);
        }
        let goes_on = self.from(from, 1).is_none_or(|next| next > from);
        goes_on.then_some(days)
    }
}

/// Year, month and day of the month, in the Gregorian calendar.
fn civil(day: i32) -> (i64, i64, i64) {
    // years begin in March here, so that a leap day comes last; 400 years are 146,097 days
    let days = i64::from(day) + EPOCH + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let date = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year + era * 400 + i64::from(month <= 2), month, date)
}

/// The day of a year, month and day of the month.
fn day_of(year: i64, month: i64, date: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let shifted = if month > 2 { month - 3 } else { month + 9 };
    let of_year = (153 * shifted + 2) / 5 + date - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468 - EPOCH
}
