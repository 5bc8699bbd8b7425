//! Histories of what refunds have left of purchases.

use crate::server::call::sql_function;
use crate::server::error::{OrFail, poll};
use crate::server::varlena;
use btyd::history::History;
use btyd::refunds::Netted;
use pgrx::pg_sys::Datum;

/// A packed history, netted as of a day or as of all its days; None where that changes nothing.
pub fn netted(history: &[u8], as_of: Option<i32>) -> Option<Datum> {
    let netted = Netted::of(&History::new(history), as_of, &mut poll).or_fail()?;
    let write = |out: &mut [u8]| netted.write(out, &mut poll).or_fail();
    Some(varlena::build(netted.packed_len(), write))
}

sql_function! {
    /// (history [, as_of]): the same value where nothing changes.
    fn net_of_refunds(call) {
        let as_of = (call.count() > 1).then(|| call.int4(1));
        Some(netted(call.bytes(0), as_of).unwrap_or_else(|| call.datum(0)))
    }
}
