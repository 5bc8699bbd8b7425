//! A value among those of a training: its percentile, and the tier of that.

use crate::server::array::Doubles;
use crate::server::call::{Call, sql_function};
use crate::server::datum::IntoDatum;
use crate::server::error::{Code, fail};
use btyd::value::{TIERS, percentile, tier};
use pgrx::pg_sys::Datum;
use segmentation::definitions::{Words, matrices};
use segmentation::model::LabelStyle;
use std::sync::LazyLock;

sql_function! {
    /// (percentiles, value): the share of values at or below this one.
    fn percentile_of(call) {
        let value = call.float8(1);
        let percentiles = Doubles::plain(call, 0).filter(|all| all.len() >= 2 && value.is_finite());
        let Some(percentiles) = percentiles else {
            fail(
                Code::ERRCODE_INVALID_PARAMETER_VALUE,
                "percentiles must be two or more rising numbers, and the value a finite number",
                "See column clv_percentiles of customer_value.training.",
            )
        };
        let share = percentile(percentiles.len(), |i| percentiles.at(i), value);
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
/// The words for each tier, of the built-in class of this name.
static WORDS: LazyLock<[Option<&'static Words>; TIERS.len()]> = LazyLock::new(|| {
    let class = matrices().iter().find(|class| class.name == "clv_tier");
    let positions = class.map_or(&[][..], |class| &class.definition.positions);
    TIERS.map(|(code, _)| Some(&positions.iter().find(|position| position.code == code)?.words))
});

/// A text on the tier of argument 0 in the language of argument 1.
fn tier_text(call: &Call, text: fn(&'static Words, &str) -> &'static str) -> Option<Datum> {
    Some(text(WORDS[tier_of(call)]?, call.text(1)).into_datum())
}

sql_function! {
    /// (clv_percentile, language): its tier.
    fn clv_tier(call) tier_text(call, |words, language| words.label(language).unwrap_or_default())
}
sql_function! {
    /// (clv_percentile, language): its tier, with the rank in front.
    fn ranked_clv_tier(call) {
        let place = tier_of(call);
        let label = WORDS[place]?.label(call.text(1)).unwrap_or_default();
        Some(LabelStyle::Ranked.written(label, place + 1, TIERS.len()).as_str().into_datum())
    }
}
sql_function! {
    /// (clv_percentile, language): what to do with the customers of its tier.
    fn clv_tier_action(call) tier_text(call, Words::action)
}
