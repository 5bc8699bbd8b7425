//! Numbers, shares, days and months as a reader of a language writes them, and the ticks of an axis.

use btyd::calendar::{first_day_of_month, month_of};

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Whether a language is written as Chinese is.
pub fn is_chinese(language: &str) -> bool {
    language.split(['-', '_']).next() == Some("zh")
}

/// A number with so many decimals at most, digits in groups of three, and no zeros at its end.
fn grouped(number: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", number.abs());
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let rest = rest.trim_end_matches('0');
    let mut digits = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            digits.push(',');
        }
        digits.push(digit);
    }
    let is_zero = digits == "0" && rest.is_empty();
    let sign = if number < 0.0 && !is_zero { "−" } else { "" };
    let point = if rest.is_empty() { "" } else { "." };
    format!("{sign}{digits}{point}{rest}")
}

/// A number in full: 23,570; of what is below 100, two decimals.
pub fn number(number: f64) -> String {
    grouped(number, if number.abs() < 100.0 { 2 } else { 0 })
}

/// A count in full: 23,570.
pub fn count(count: i64) -> String {
    grouped(count as f64, 0)
}

/// A number in three digits or so, with the language's word for thousands: 12.3K, 1.23万.
pub fn short(number: f64, language: &str) -> String {
    const ENGLISH: [(f64, &str); 4] = [(1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")];
    const CHINESE: [(f64, &str); 3] = [(1e12, "万亿"), (1e8, "亿"), (1e4, "万")];
    let units: &[(f64, &str)] = if is_chinese(language) { &CHINESE } else { &ENGLISH };
    let size = number.abs();
    // 999,950 is 1M, not 1,000K
    let unit = units.iter().find(|(unit, _)| size >= unit * 0.9995);
    let (value, name) = unit.map_or((number, ""), |(unit, name)| (number / unit, *name));
    let decimals = match value.abs() {
        small if small < 9.995 => 2,
        small if small < 99.95 => 1,
        _ => 0,
    };
    grouped(value, decimals) + name
}

/// A share of 1 as a percentage: 15.3%; what is a little is no zero.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent.abs() {
        0.0 => "0%".into(),
        size if size < 0.05 => "<0.1%".into(),
        size if size >= 99.95 => format!("{}%", grouped(percent, 0)),
        _ => format!("{percent:.1}%").replace('-', "−"),
    }
}

/// Year, month and day of a day, counted from 2000-01-01.
pub fn date(day: i32) -> (i64, usize, i64) {
    let month = month_of(day.into());
    let of_month = i64::from(day) - first_day_of_month(month) + 1;
    (month.div_euclid(12), month.rem_euclid(12) as usize + 1, of_month)
}

/// A day: 1 Jul 1998, 1998年7月1日.
pub fn day(day: i32, language: &str) -> String {
    let (year, month, of_month) = date(day);
    match is_chinese(language) {
        true => format!("{year}年{month}月{of_month}日"),
        false => format!("{of_month} {} {year}", MONTHS[month - 1]),
    }
}

/// The month of a day: Jul 1998, 1998年7月.
pub fn month(day: i32, language: &str) -> String {
    let (year, month, _) = date(day);
    match is_chinese(language) {
        true => format!("{year}年{month}月"),
        false => format!("{} {year}", MONTHS[month - 1]),
    }
}

/// Round numbers from 0 up to the first that is not below the greatest, about so many.
pub fn ticks(greatest: f64, about: usize) -> Vec<f64> {
    if !(greatest > 0.0 && greatest.is_finite()) {
        return vec![0.0, 1.0];
    }
    let rough = greatest / about.max(1) as f64;
    let power = 10f64.powf(rough.log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0];
    let step = steps.iter().map(|step| step * power).find(|step| *step >= rough * 0.999);
    let step = step.unwrap_or(10.0 * power);
    let last = (greatest / step - 1e-9).ceil() as usize;
    (0..=last).map(|at| at as f64 * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_full() {
        assert_eq!(
            [0.0, -0.001, 1.5, 99.999, 23_570.4].map(number),
            ["0", "0", "1.5", "100", "23,570"]
        );
        assert_eq!([0, 999, 1000, -1_234_567].map(count), ["0", "999", "1,000", "−1,234,567"]);
    }

    #[test]
    fn numbers_in_short() {
        let en = |number| short(number, "en");
        let numbers = [0.0, 7.128, 12.34, 999.4, 999.96, 12_345.0, 999_960.0, 2.5e9, -1500.0];
        let texts = ["0", "7.13", "12.3", "999", "1K", "12.3K", "1M", "2.5B", "−1.5K"];
        assert_eq!(numbers.map(en), texts);
        assert_eq!(
            [9_999.0, 12_345.0, 3.4e8].map(|n| short(n, "zh-TW")),
            ["1万", "1.23万", "3.4亿"]
        );
        assert_eq!(short(9_900.0, "zh"), "9,900");
    }

    #[test]
    fn shares() {
        assert_eq!(
            [0.0, 0.0003, 0.19, -0.1532, 1.0].map(percent),
            ["0%", "<0.1%", "19.0%", "−15.3%", "100%"]
        );
    }

    #[test]
    fn days() {
        assert_eq!(day(0, "en"), "1 Jan 2000");
        assert_eq!(day(-549, "en"), "1 Jul 1998");
        assert_eq!(day(-549, "zh"), "1998年7月1日");
        assert_eq!([month(59, "en"), month(59, "zh")], ["Feb 2000", "2000年2月"]);
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(ticks(0.87, 4), [0.0, 0.25, 0.5, 0.75, 1.0]);
        assert_eq!(ticks(3661.0, 4), [0.0, 1000.0, 2000.0, 3000.0, 4000.0]);
        assert_eq!(ticks(f64::NAN, 4), [0.0, 1.0]);
        assert!(ticks(1e300, 4).len() < 8);
    }
}
