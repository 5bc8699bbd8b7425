//! Histories against each other, byte by byte: equal ones have equal bytes, as each has one form only.

use crate::server::argument;
use crate::server::call::{Call, sql_function};
use crate::server::datum::IntoDatum;
use crate::server::varlena;
use std::cmp::Ordering;

#[inline]
fn order(call: &Call) -> Ordering {
    argument::with_bytes(call, 0, |left| argument::with_bytes(call, 1, |right| left.cmp(right)))
}

sql_function!(fn history_eq(call) Some(order(call).is_eq().into_datum()));
sql_function!(fn history_ne(call) Some(order(call).is_ne().into_datum()));
sql_function!(fn history_lt(call) Some(order(call).is_lt().into_datum()));
sql_function!(fn history_le(call) Some(order(call).is_le().into_datum()));
sql_function!(fn history_gt(call) Some(order(call).is_gt().into_datum()));
sql_function!(fn history_ge(call) Some(order(call).is_ge().into_datum()));
sql_function!(fn history_cmp(call) Some((order(call) as i32).into_datum()));
sql_function! {
    /// (history): the low half of what is 64 bits wide without a seed, as the server demands.
    fn history_hash(call) {
        Some((argument::with_bytes(call, 0, |bytes| varlena::hash(bytes, 0)) as i32).into_datum())
    }
}
sql_function! {
    /// (history, seed): 64 bits.
    fn history_hash_extended(call) {
        let seed = call.int8(1) as u64;
        Some((argument::with_bytes(call, 0, |bytes| varlena::hash(bytes, seed)) as i64).into_datum())
    }
}
