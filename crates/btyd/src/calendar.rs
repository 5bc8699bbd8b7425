//! The Gregorian calendar, by months: which one holds a day, where it begins, and days at regular distances. Day 0 is
//! 2000-01-01.

/// 1970-01-01 counted from 0000-03-01, and 2000-01-01 counted from 1970-01-01.
const FROM_MARCH_OF_YEAR_0: i64 = 719_468 + 10_957;
/// Days in 400 years.
const ERA: i64 = 146_097;

/// The month of a day, counted from January of the year 0. Years begin in March here, so that leap days come last.
pub fn month_of(day: i64) -> i64 {
    let day = day + FROM_MARCH_OF_YEAR_0;
    let (era, of_era) = (day.div_euclid(ERA), day.rem_euclid(ERA));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    12 * (400 * era + year) + (5 * of_year + 2) / 153 + 2
}

/// The first day of such a month.
pub fn first_day_of_month(month: i64) -> i64 {
    let (year, of_year) = ((month - 2).div_euclid(12), (month - 2).rem_euclid(12));
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let days = 365 * of_era + of_era / 4 - of_era / 100 + (153 * of_year + 2) / 5;
    ERA * era + days - FROM_MARCH_OF_YEAR_0
}

/// A distance between days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Months; the day of the month stays, or is the last one of a shorter month.
    pub months: i32,
    /// Days beyond these.
    pub days: i32,
}

/// Months beyond which no day is looked for.
const FARTHEST: i64 = 12 * 6_000_000;

impl Step {
    /// The day so many steps after another, before it if negative: taken from there at once, so that the 31st of a month comes
    /// back after a shorter one. None where no day of 32 bits is that far.
    pub fn from(&self, day: i32, times: i32) -> Option<i32> {
        let (day, times) = (i64::from(day), i64::from(times));
        let own = month_of(day);
        let month = own + i64::from(self.months) * times;
        if month.abs() > FARTHEST {
            return None;
        }
        let [first, next] = [month, month + 1].map(first_day_of_month);
        let in_month = (day - first_day_of_month(own)).min(next - first - 1);
        i32::try_from(first + in_month + i64::from(self.days) * times).ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Days of the first of each month, counted one by one.
    #[test]
    fn months_are_those_of_the_calendar() {
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let mut day = 0;
        for year in 2000..2900 {
            for month in 0..12 {
                let number = 12 * year + month;
                assert_eq!(first_day_of_month(number), day);
                let days = lengths[month as usize] + i64::from(month == 1 && leap(year));
                assert_eq!([month_of(day), month_of(day + days - 1)], [number; 2]);
                day += days;
            }
        }
        // 1600 has as many days as 2000
        assert_eq!(first_day_of_month(12 * 1600), -ERA);
        assert_eq!([month_of(-ERA), month_of(-ERA - 1)], [12 * 1600, 12 * 1600 - 1]);
    }
}
