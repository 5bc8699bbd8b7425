//! The label functions. Not STRICT: a monetary score may be missing.

use super::labels::{Packed, Part};
use super::scheme;
use crate::score::rfm_scores;
use crate::server::cache;
use crate::server::call::{Call, sql_function};
use crate::server::clock::finite_day;
use crate::server::datum::IntoDatum;
use crate::server::varlena;
use btyd::cuts::PackedCuts;
use btyd::history::History;
use pgrx::pg_sys::Datum;

/// A scheme in a language that this place of the query has read.
struct Known {
    scheme: String,
    language: String,
    packed: Vec<u8>,
}

/// A scheme in a language by the tables, which each place of a command reads once.
fn known<'a>(call: &'a Call, scheme: &str, language: &str) -> &'a Known {
    cache::read_once(
        call,
        |known: &Known| known.scheme == scheme && known.language == language,
        || {
            let packed = scheme::read(scheme, language).pack();
            Known { scheme: scheme.into(), language: language.into(), packed }
        },
    )
}

/// The scores of three arguments from `at` on; None without recency or frequency.
fn scores(call: &Call, at: usize) -> Option<(i32, i32, Option<i32>)> {
    if call.is_null(at) || call.is_null(at + 1) {
        return None;
    }
    let monetary = (!call.is_null(at + 2)).then(|| call.int4(at + 2));
    Some((call.int4(at), call.int4(at + 1), monetary))
}

/// (scores, scheme, language): by the tables.
fn by_scheme(call: &Call, part: Part, language: Option<usize>) -> Option<Datum> {
    let (r, f, m) = scores(call, 0)?;
    if call.is_null(3) || language.is_some_and(|language| call.is_null(language)) {
        return None;
    }
    let known = known(call, call.text(3), language.map_or("en", |at| call.text(at)));
    // what this place knows goes with it, so its texts are copied
    Packed { bytes: &known.packed }.look_up(r, f, m, part, |text| varlena::from_bytes(text.bytes()))
}

/// (labels, cuts, history, as_of): by what a training found and kept, in one look at the history. STRICT.
fn by_history(call: &Call, part: Part) -> Option<Datum> {
    let (r, f, m) = scores_of_history(call, 1)?;
    Packed { bytes: call.bytes(0) }.look_up(r, f, m, part, varlena::of_packed)
}

/// The scores of arguments `at` on: cuts, history, as_of.
fn scores_of_history(call: &Call, at: usize) -> Option<(i32, i32, Option<i32>)> {
    let (cuts, history) = (PackedCuts::new(call.bytes(at)), History::new(call.bytes(at + 1)));
    rfm_scores(&cuts, &history, finite_day(call.int4(at + 2)))
}

/// (labels, scores): by what a training kept.
fn by_labels(call: &Call, part: Part) -> Option<Datum> {
    if call.is_null(0) {
        return None;
    }
    let (r, f, m) = scores(call, 1)?;
    Packed { bytes: call.bytes(0) }.look_up(r, f, m, part, varlena::of_packed)
}

sql_function! {
    /// (recency_score, frequency_score, monetary_score, scheme, language).
    fn rfm_segment(call) by_scheme(call, Part::Label, Some(4))
}
sql_function! {
    /// (recency_score, frequency_score, monetary_score, scheme).
    fn rfm_segment_code(call) by_scheme(call, Part::Code, None)
}
sql_function! {
    /// (recency_score, frequency_score, monetary_score, scheme).
    fn rfm_segment_rank(call) by_scheme(call, Part::Rank, None)
}
sql_function! {
    /// (recency_score, frequency_score, monetary_score, scheme, language).
    fn rfm_segment_action(call) by_scheme(call, Part::Action, Some(4))
}
sql_function! {
    /// (labels, recency_score, frequency_score, monetary_score).
    fn rfm_segment_labels(call) by_labels(call, Part::Label)
}
sql_function! {
    /// (labels, recency_score, frequency_score, monetary_score).
    fn rfm_segment_code_labels(call) by_labels(call, Part::Code)
}
sql_function! {
    /// (labels, recency_score, frequency_score, monetary_score).
    fn rfm_segment_rank_labels(call) by_labels(call, Part::Rank)
}
sql_function! {
    /// (labels, cuts, history, as_of).
    fn rfm_segment_history(call) by_history(call, Part::Label)
}
sql_function! {
    /// (labels, cuts, history, as_of).
    fn rfm_segment_code_history(call) by_history(call, Part::Code)
}
sql_function! {
    /// (labels, cuts, history, as_of).
    fn rfm_segment_rank_history(call) by_history(call, Part::Rank)
}
sql_function! {
    /// (labels, cuts, history, as_of).
    fn rfm_segment_action_history(call) by_history(call, Part::Action)
}
sql_function! {
    /// (cuts, history, as_of).
    fn rfm_code_history(call) scores_of_history(call, 0).map(code)
}
sql_function! {
    /// (scheme, language).
    fn rfm_scheme_labels(call) Some(varlena::from_bytes(&known(call, call.text(0), call.text(1)).packed))
}
sql_function! {
    /// (scheme).
    fn rfm_scheme_bins(call) Some(i32::from(scheme::bins(call.text(0))).into_datum())
}
/// Scores in one text.
fn code((r, f, m): (i32, i32, Option<i32>)) -> Datum {
    let all = [r, f, m.unwrap_or(0)];
    let all = &all[..if m.is_some() { 3 } else { 2 }];
    if all.iter().all(|score| (0..10).contains(score)) {
        return varlena::build(all.len(), |code| {
            code.iter_mut().zip(all).for_each(|(slot, &score)| *slot = b'0' + score as u8);
        });
    }
    all.iter().map(i32::to_string).collect::<Vec<_>>().join("-").as_str().into_datum()
}

sql_function! {
    /// (recency_score, frequency_score, monetary_score).
    fn rfm_code(call) scores(call, 0).map(code)
}
