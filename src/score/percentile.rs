//! A value among those of a training: its percentile, and the tier of that.

use crate::server::call::{Call, IntoDatum, sql_function};
use crate::server::error::{Code, fail};
use btyd::value::{TIERS, percentile, tier};

/// The bytes of the numbers of argument `at`, a plain array of doubles without NULLs; None for anything else.
/// Layout: PostgreSQL, src/include/utils/array.h: dimensions, offset of data, element type, length, bound.
fn doubles(call: &Call, at: usize) -> Option<&[u8]> {
    let bytes = call.bytes(at);
    let word = |i: usize| bytes.get(4 * i..4 * i + 4)?.try_into().ok().map(i32::from_ne_bytes);
    let plain = word(0)? == 1 && word(1)? == 0;
    plain.then(|| bytes.get(20..).unwrap_or(&[]))
}

sql_function! {
    /// (percentiles, value): the share of values at or below this one.
    fn percentile_of(call) {
        let value = call.float8(1);
        let bytes = doubles(call, 0).filter(|bytes| bytes.len() >= 16 && value.is_finite());
        let Some(bytes) = bytes else {
            fail(
                Code::ERRCODE_INVALID_PARAMETER_VALUE,
                "percentiles are two or more rising numbers, and the value a finite number",
                "See column clv_percentiles of customer_value.training.",
            )
        };
        let at = |i: usize| {
            let bytes = bytes.get(8 * i..8 * i + 8).and_then(|bytes| bytes.try_into().ok());
            f64::from_ne_bytes(bytes.unwrap_or_default())
        };
        let share = percentile(bytes.len() / 8, at, value);
        share.is_finite().then(|| share.into_datum())
    }
}

/// The place of the tier of argument 0.
fn tier_of(call: &Call) -> usize {
    let share = call.float8(0);
    if !(0.0..=1.0).contains(&share) {
        fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            format!("clv_percentile is {share}, not a number from 0 to 1"),
            "See percentile_of, and column clv_percentile of a segmentation.",
        )
    }
    tier(share)
}

sql_function! {
    /// (clv_percentile): the code of its tier.
    fn clv_tier_code(call) Some(TIERS[tier_of(call)].0.into_datum())
}
sql_function! {
    /// (clv_percentile): the rank of its tier.
    fn clv_tier_rank(call) Some((tier_of(call) as i16 + 1).into_datum())
}
sql_function! {
    /// (clv_percentile, language): its tier.
    fn clv_tier(call) {
        let labels = match call.text(1) {
            "zh" => ["高", "中", "低"],
            _ => ["High", "Medium", "Low"],
        };
        Some(labels[tier_of(call)].into_datum())
    }
}
