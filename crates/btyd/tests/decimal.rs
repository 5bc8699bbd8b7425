//! Decimals: text, doubles and means, against text of the standard library and long division.

mod common;

use btyd::Error;
use btyd::decimal::{Decimal, MAX_SCALE, POW10, ratio};
use common::{config, long_division, naive_mean};
use proptest::collection::vec;
use proptest::prelude::*;

fn decimal(mantissa: i128, scale: u8) -> Decimal {
    Decimal { mantissa, scale }
}

fn any_decimal() -> impl Strategy<Value = Decimal> {
    let small = any::<i64>().prop_map(i128::from);
    let edge = prop::sample::select(vec![0, 1, -1, 1 << 53, (1 << 53) + 1, i128::MAX, -i128::MAX]);
    let mantissa = prop_oneof![-99_999..100_000i128, small, any::<i128>(), edge];
    (mantissa, 0..=MAX_SCALE).prop_map(|(mantissa, scale)| decimal(mantissa, scale))
}

/// The digits with the point pushed in.
fn naive_text(value: Decimal) -> String {
    let scale = usize::from(value.scale);
    let mut text = format!("{:0>1$}", value.mantissa.unsigned_abs(), scale + 1);
    if scale > 0 {
        text.insert(text.len() - scale, '.');
    }
    match value.mantissa < 0 {
        true => format!("-{text}"),
        false => text,
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let both = format!("{whole}{part}");
    !both.is_empty() && both.bytes().all(|byte| byte.is_ascii_digit())
}

proptest! {
    #![proptest_config(config(2000))]

    #[test]
    fn text_shows_every_digit_and_reads_back(value in any_decimal()) {
        prop_assert_eq!(value.to_string(), naive_text(value));
        if value.mantissa != i128::MIN {
            prop_assert_eq!(Decimal::parse(&value.to_string()), Ok(value));
        }
    }

    #[test]
    fn parse_accepts_numbers_only(text in "[-+]?[0-9.]{0,6}[-+.eE 0-9]?[0-9]{0,3}") {
        match Decimal::parse(&text) {
            Ok(value) => {
                prop_assert!(is_number(&text), "{text}");
                prop_assert_eq!(value.to_f64(), text.parse::<f64>().unwrap());
            }
            Err(error) => {
                prop_assert!(matches!(error, Error::Malformed(_)));
                prop_assert!(!is_number(&text), "{text}");
            }
        }
    }

    #[test]
    fn parse_fails_exactly_when_digits_do_not_fit(text in "0{0,3}[0-9]{1,41}(\\.[0-9]{0,40})?") {
        let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
        let mantissa = format!("{whole}{part}").trim_start_matches('0').parse::<i128>();
        let mantissa = mantissa.or(if text.bytes().any(|b| (b'1'..=b'9').contains(&b)) {
            Err(Error::OutOfRange)
        } else {
            Ok(0)
        });
        let expected = match part.len() <= usize::from(MAX_SCALE) {
            true => mantissa.map(|mantissa| decimal(mantissa, part.len() as u8)),
            false => Err(Error::OutOfRange),
        };
        prop_assert_eq!(Decimal::parse(&text), expected);
    }

    #[test]
    fn the_double_is_the_nearest_one(value in any_decimal()) {
        let nearest: f64 = naive_text(value).parse().unwrap();
        prop_assert_eq!(value.to_f64().abs().to_bits(), nearest.abs().to_bits());
        prop_assert_eq!(value.to_f64(), nearest);
    }

    #[test]
    fn equal_values_of_any_scale_give_one_double(
        mantissa in prop_oneof![any::<i32>().prop_map(i128::from), any::<i64>().prop_map(i128::from)],
        scale in 0..=MAX_SCALE,
        finer in 0..=18u8,
    ) {
        let finer = finer.min(MAX_SCALE - scale);
        let same = decimal(mantissa * POW10[usize::from(finer)] as i128, scale + finer);
        prop_assert_eq!(decimal(mantissa, scale).to_f64().to_bits(), same.to_f64().to_bits());
        prop_assert_eq!(decimal(mantissa, scale).without_zeros(), same.without_zeros());
    }

    #[test]
    fn zeros_at_the_end_go_and_nothing_else(value in any_decimal()) {
        let bare = value.without_zeros();
        prop_assert!(bare.scale == 0 || bare.mantissa % 10 != 0);
        let factor = POW10[usize::from(value.scale - bare.scale)] as i128;
        prop_assert_eq!(bare.mantissa * factor, value.mantissa);
    }

    #[test]
    fn a_double_becomes_its_shortest_decimal(value in prop_oneof![
        any::<f64>(),
        any::<i32>().prop_map(f64::from),
        any::<i64>().prop_map(|cents| cents as f64 / 100.0),
        any::<i32>().prop_map(|cents| f64::from(cents) / 100.0),
        (any::<u64>(), 0..60i32).prop_map(|(m, e)| m as f64 / 2f64.powi(e)),
        -1e3..1e3f64,
        -1e16..1e16f64,
    ]) {
        check_float(value, &format!("{value}"), Decimal::from_f64(value))?;
    }

    #[test]
    fn a_single_becomes_its_shortest_decimal(value in prop_oneof![
        any::<f32>(),
        any::<i32>().prop_map(|cents| cents as f32 / 100.0),
        -1e-9..1e-9f32,
    ]) {
        check_float(f64::from(value), &format!("{value}"), Decimal::from_f32(value))?;
    }

    #[test]
    fn residues_of_sums_are_no_digits(cents in vec(-100_000..100_000i32, 1..60)) {
        let sum: f64 = cents.iter().map(|&cents| f64::from(cents) / 100.0).sum();
        let exact = decimal(cents.iter().map(|&cents| i128::from(cents)).sum(), 2);
        prop_assert_eq!(Decimal::from_f64(sum), Some(Ok(exact.without_zeros())));
    }

    #[test]
    fn means_are_rounded_half_up(
        total in prop_oneof![0..100_000u128, any::<u64>().prop_map(u128::from), any::<u128>()],
        count in prop_oneof![1..20u64, 1..=u64::MAX],
        scale in 0..=MAX_SCALE,
        more in 0..=18u8,
    ) {
        let wide = (scale + more).min(MAX_SCALE);
        let expected = naive_mean(total, count.into(), wide - scale);
        let expected = expected.map(|mantissa| decimal(mantissa, wide)).ok_or(Error::OutOfRange);
        prop_assert_eq!(Decimal::mean(total, count, scale, more), expected);
    }

    #[test]
    fn differences_are_exact(plus in any::<u128>(), minus in any::<u128>(), down in 0..100u32) {
        let (plus, minus) = (plus >> down, minus >> down);
        let fits = |x| x <= i128::MAX.unsigned_abs();
        let difference = Decimal::difference(plus, minus, 2);
        prop_assert_eq!(difference.is_ok(), fits(plus) && fits(minus));
        if let Ok(difference) = difference {
            prop_assert_eq!(difference.mantissa.unsigned_abs(), plus.abs_diff(minus));
            prop_assert_eq!(difference.mantissa < 0, plus < minus);
        }
    }

    #[test]
    fn ratios_are_rounded_once_or_nearly(
        num in any::<u128>(), den in 1..u128::MAX >> 1, (n, d) in (0..128u32, 0..126u32),
    ) {
        let (num, den) = (num >> n, (den >> d).max(1));
        let (got, exact) = (ratio(num, den), long_division(num, den));
        let exact: f64 = exact.parse().unwrap();
        let once = num < 1 << 53 && den < 1 << 53;
        let apart = got.to_bits().abs_diff(exact.to_bits());
        prop_assert!(apart <= if once { 0 } else { 3 }, "{num}/{den}: {got} {exact}");
    }
}

/// What a float is read as, by the text of all its digits: cut to ten places, one up where the eleventh is 5 or more.
fn check_float(
    value: f64,
    text: &str,
    read: Option<Result<Decimal, Error>>,
) -> Result<(), TestCaseError> {
    let Some(read) = read else {
        prop_assert!(!value.is_finite());
        return Ok(());
    };
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digit = |at: usize| part.as_bytes().get(at).copied().unwrap_or(b'0');
    let kept: String = (0..10).map(|at| char::from(digit(at))).collect();
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let kept = format!("{whole}{kept}").replace('-', "").parse::<i128>();
    match (read, kept) {
        (Ok(read), Ok(kept)) => {
            let mantissa = sign * (kept + i128::from(digit(10) >= b'5'));
            prop_assert_eq!(read, decimal(mantissa, 10).without_zeros(), "{}", text);
        }
        // 38 digits before the point, or nearly
        (Ok(read), Err(_)) => prop_assert_eq!(read.to_string(), text),
        (Err(error), _) => {
            prop_assert_eq!(error, Error::OutOfRange);
            prop_assert!(value.abs() >= 1.7e38, "{text}");
        }
    }
    Ok(())
}

#[test]
fn floats_are_read_to_ten_places() {
    for (value, text) in [
        (0.1 + 0.2 - 0.3, "0"),
        (-(0.1 + 0.2 - 0.3), "0"),
        (f64::MIN_POSITIVE, "0"),
        (-5e-324, "0"),
        (-0.0, "0"),
        (4.999999999999999e-11, "0"),
        (5e-11, "0.0000000001"),
        (-5e-11, "-0.0000000001"),
        (1.23456789015, "1.2345678902"),
        (-1.23456789015, "-1.2345678902"),
        (0.1 + 0.2, "0.3"),
        (19.99 * 3.0, "59.97"),
        (1e38, "100000000000000000000000000000000000000"),
    ] {
        assert_eq!(Decimal::from_f64(value).unwrap().unwrap().to_string(), text, "{value:e}");
    }
    assert_eq!(Decimal::from_f32(0.1).unwrap().unwrap().to_string(), "0.1");
    assert_eq!(Decimal::from_f32(5e-11).unwrap().unwrap().to_string(), "0.0000000001");
    assert_eq!(Decimal::from_f64(2e38), Some(Err(Error::OutOfRange)));
    assert_eq!(Decimal::from_f64(f64::NAN), None);
}

#[test]
fn halves_go_up() {
    for (total, count, scale, more, text) in [
        (5, 2, 0, 0, "3"),
        (10, 4, 0, 1, "2.5"),
        (1, 8, 0, 2, "0.13"),
        (2, 3, 2, 4, "0.006667"),
        (1, 3, 38, 4, "0.00000000000000000000000000000000000000"),
        (1, 2, 38, 4, "0.00000000000000000000000000000000000001"),
    ] {
        let mean = Decimal::mean(total, count, scale, more).unwrap();
        assert_eq!(mean.to_string(), text);
    }
}

#[test]
fn a_mean_of_many_digits_fits_or_is_refused() {
    // the largest remainder that two times 10^19 does not push over 128 bits
    let total = u128::MAX / (2 * POW10[19]);
    let expected = naive_mean(total, u64::MAX.into(), 19).unwrap();
    let mean = Decimal::mean(total, u64::MAX, 0, 19);
    assert_eq!(mean, Ok(decimal(expected, 19)));
}

#[test]
fn the_largest_decimals_have_text() {
    let digits = "170141183460469231731687303715884105727";
    assert_eq!(Decimal::parse(digits), Ok(decimal(i128::MAX, 0)));
    assert_eq!(decimal(i128::MIN, 38).to_string(), "-1.70141183460469231731687303715884105728");
    for text in [
        "170141183460469231731687303715884105728",
        "9999999999999999999999999999999999999999999999",
        "0.000000000000000000000000000000000000001",
    ] {
        assert_eq!(Decimal::parse(text), Err(Error::OutOfRange));
    }
    for text in ["", "-", "+", ".", "-.", "1e3", " 1", "1 ", "1..", "--1", "1,5", "٣", "NaN"] {
        assert!(matches!(Decimal::parse(text), Err(Error::Malformed(_))), "{text}");
    }
    for (text, value) in [("1.", decimal(1, 0)), (".50", decimal(50, 2)), ("-0", decimal(0, 0))] {
        assert_eq!(Decimal::parse(text), Ok(value));
    }
}
