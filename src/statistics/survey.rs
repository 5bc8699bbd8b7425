//! Survey answers: csat, nps and ces, and the standard error of each. Counts and sums are exact.

use crate::server::aggregate;
use crate::server::call::{Call, sql_function};
use crate::server::datum::IntoDatum;
use crate::server::error::{Code, OrFail, fail, shown};
use crate::server::{memory, varlena};
use btyd::tally::{Scale, Tally};
use pgrx::pg_sys::Datum;

/// Adds the score of argument 1; NULL is no answer.
fn add_answer(call: &Call, scale: Scale) -> Option<Datum> {
    if call.is_null(1) {
        return (!call.is_null(0)).then(|| call.datum(0));
    }
    let score = call.float8(1);
    let Some(value) = scale.value(score) else {
        let range = scale.range();
        let (from, to) = (range.start(), range.end());
        fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            format!("invalid answer for {}: {}", scale.name(), shown(score)),
            format!(
                "Answers are whole numbers from {from} to {to}. Leave others out: {}(score) FILTER (WHERE …).",
                scale.name()
            ),
        )
    };
    let context = aggregate::aggregate_context(call);
    let datum = aggregate::state_or_new(call, context, Tally::default);
    memory::state::<Tally>(datum).add(value).or_fail();
    Some(datum)
}

sql_function!(fn csat_add(call) add_answer(call, Scale::Csat));
sql_function!(fn nps_add(call) add_answer(call, Scale::Nps));
sql_function!(fn ces_add(call) add_answer(call, Scale::Ces));

sql_function! {
    /// (state, state).
    fn tally_combine(call) {
        let Some(other) = call.state::<Tally>(1) else {
            return (!call.is_null(0)).then(|| call.datum(0));
        };
        let datum = match call.is_null(0) {
            true => memory::new_state(Tally::default(), aggregate::aggregate_context(call)),
            false => call.datum(0),
        };
        memory::state::<Tally>(datum).join(other).or_fail();
        Some(datum)
    }
}
sql_function! {
    /// (state): to travel between workers.
    fn tally_serialize(call) Some(varlena::from_bytes(&call.state::<Tally>(0)?.to_bytes()))
}
sql_function! {
    /// (bytea, internal): from another worker.
    fn tally_deserialize(call) Some(memory::new_state(Tally::from_bytes(call.bytes(0)), memory::current_context()))
}
sql_function! {
    /// (state): the mean of what answers count.
    fn tally_mean(call) call.state::<Tally>(0)?.mean().map(f64::into_datum)
}
sql_function! {
    /// (state): standard error of a share, or of a difference of shares.
    fn tally_share_error(call) call.state::<Tally>(0)?.share_error().map(f64::into_datum)
}
sql_function! {
    /// (state): standard error of a mean.
    fn tally_mean_error(call) call.state::<Tally>(0)?.mean_error().map(f64::into_datum)
}
