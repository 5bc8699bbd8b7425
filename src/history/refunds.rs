//! Histories of what refunds have left of purchases.

use crate::server::call::sql_function;
use crate::server::error::{OrFail, poll};
use crate::server::varlena;
use btyd::history::History;
use btyd::refunds::Netted;
use pgrx::pg_sys::Datum;
use std::cell::RefCell;

/// The longest history that is remembered, in bytes: of thirteen thousand days or so.
const LONGEST: usize = 1 << 16;

/// The last history that was netted, and the result: a view asks for the same one in each of its columns.
struct Last {
    as_of: Option<i32>,
    history: Vec<u8>,
    netted: Vec<u8>,
}

thread_local! {
    static LAST: RefCell<Last> =
        const { RefCell::new(Last { as_of: None, history: Vec::new(), netted: Vec::new() }) };
}

impl Last {
    /// The result, if it is that of this history.
    fn find(&self, history: &[u8], as_of: Option<i32>) -> Option<Datum> {
        let same = self.as_of == as_of && self.history == history;
        same.then(|| varlena::from_bytes(&self.netted))
    }

    /// Remembers a result, which is no longer than what it is of.
    fn keep(&mut self, history: &[u8], as_of: Option<i32>, netted: &[u8]) {
        self.as_of = as_of;
        self.history.clear();
        self.netted.clear();
        let room = history.len() <= LONGEST
            && self.history.try_reserve(history.len()).is_ok()
            && self.netted.try_reserve(netted.len()).is_ok();
        if room {
            self.history.extend_from_slice(history);
            self.netted.extend_from_slice(netted);
        }
    }
}

/// A packed history, netted as of a day or as of all its days; None where that changes nothing.
fn netted(history: &[u8], as_of: Option<i32>) -> Option<Datum> {
    let unpacked = History::new(history);
    if unpacked.totals(None).refund_count == 0 {
        return None;
    }
    // whoever looks at several days asks mostly for histories that have ended before
    let as_of = as_of.filter(|day| unpacked.bounds().is_some_and(|(_, last)| *day < last));
    if let Some(known) = LAST.with_borrow(|last| last.find(history, as_of)) {
        return Some(known);
    }
    let netted = Netted::of(&unpacked, as_of, &mut poll).or_fail()?;
    Some(varlena::build(netted.packed_len(), |out| {
        netted.write(out, &mut poll).or_fail();
        LAST.with_borrow_mut(|last| last.keep(history, as_of, out));
    }))
}

sql_function! {
    /// (history [, as_of]): the same value where nothing changes.
    fn net_of_refunds(call) {
        let as_of = (call.count() > 1).then(|| call.int4(1));
        Some(netted(call.bytes(0), as_of).unwrap_or_else(|| call.datum(0)))
    }
}
