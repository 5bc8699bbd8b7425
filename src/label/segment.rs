//! The label functions. Not STRICT: a monetary score may be missing.

use super::scheme::{Part, Scheme, bins};
use crate::server::call::{Call, IntoDatum, sql_function};
use pgrx::pg_sys::Datum;

/// The scores of arguments 0 to 2; None without recency or frequency.
fn scores(call: &Call) -> Option<(i32, i32, Option<i32>)> {
    if call.is_null(0) || call.is_null(1) {
        return None;
    }
    Some((
        call.int4(0),
        call.int4(1),
        (!call.is_null(2)).then(|| call.int4(2)),
    ))
}

fn segment(call: &Call, part: Part, language: Option<usize>) -> Option<Datum> {
    let (r, f, m) = scores(call)?;
    if call.is_null(3) || language.is_some_and(|language| call.is_null(language)) {
        return None;
    }
    let language = language.map_or("en", |language| call.text(language));
    Scheme::of(call, call.text(3), language).look_up(r, f, m, part)
}

sql_function! {
    /// (recency_score, frequency_score, monetary_score, scheme, language).
    fn rfm_segment(call) segment(call, Part::Label, Some(4))
}
sql_function! {
    /// (recency_score, frequency_score, monetary_score, scheme).
    fn rfm_segment_code(call) segment(call, Part::Code, None)
}
sql_function! {
    /// (recency_score, frequency_score, monetary_score, scheme).
    fn rfm_segment_rank(call) segment(call, Part::Rank, None)
}
sql_function! {
    /// (scheme).
    fn rfm_scheme_bins(call) Some((bins(call.text(0)) as i32).into_datum())
}
sql_function! {
    /// (recency_score, frequency_score, monetary_score).
    fn rfm_code(call) {
        let (r, f, m) = scores(call)?;
        let mut all = [r, f, m.unwrap_or(0)];
        let all = &mut all[..if m.is_some() { 3 } else { 2 }];
        if all.iter().all(|score| (0..10).contains(score)) {
            let digits = all.iter().map(|&score| b'0' + score as u8);
            let mut code = [0; 3];
            code.iter_mut().zip(digits).for_each(|(slot, digit)| *slot = digit);
            return Some(crate::server::varlena::from_bytes(&code[..all.len()]));
        }
        let code = all.iter().map(i32::to_string).collect::<Vec<_>>().join("-");
        Some(code.as_str().into_datum())
    }
}
