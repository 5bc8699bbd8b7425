//! Which histories a read leaves to the orders: those of customers who are noted. Asked for each history that is read, so
//! most answers come from a bit per note: without any, nobody is noted; whose bit is not set is not; the others, and the
//! first few of a query, are looked up in the table of notes.
//!
//! A function, as PostgreSQL runs no correlated subquery in parallel workers, and decides how to run one when it plans:
//! by then, nobody may have been noted.

use super::{Id, gate, row};
use crate::server::cache::owned_cache;
use crate::server::call::{Call, sql_function};
use crate::server::datum::IntoDatum;
use crate::server::error::{Code, fail, poll};
use crate::server::running::{self, Moment};
use crate::server::scan::{Equal, Key, Lock, Seen, Table};
use crate::server::types::of_argument;
use pgrx::pg_sys::{Datum, Oid};
use std::ops::ControlFlow;

/// How many customers are looked up before all notes are read.
const FEW: u32 = 8;

/// Bits per note; more are not kept than this many.
const BITS: usize = 64;
const MOST_BITS: usize = 1 << 26;

/// The notes that a query sees, as far as this place of it has read them.
struct Noted {
    asked: (Id, Option<Moment>),
    /// None where nobody is noted.
    notes: Option<Notes>,
}

struct Notes {
    touched: Oid,
    equal: Equal,
    index: Option<Oid>,
    asked_for: u32,
    bits: Option<Bits>,
}

/// A set that may hold what it was not given.
struct Bits {
    words: Vec<u64>,
}

impl Bits {
    fn for_notes(notes: usize) -> Bits {
        let bits = (notes * BITS).next_power_of_two().clamp(BITS, MOST_BITS);
        Bits { words: vec![0; bits / 64] }
    }

    fn add(&mut self, hash: u32) {
        let at = place(hash, self.words.len() * 64);
        self.words[at / 64] |= 1 << (at % 64);
    }

    #[inline]
    fn may_hold(&self, hash: u32) -> bool {
        let at = place(hash, self.words.len() * 64);
        self.words[at / 64] >> (at % 64) & 1 != 0
    }
}

#[inline]
fn place(hash: u32, bits: usize) -> usize {
    hash as usize & (bits - 1)
}

impl Noted {
    fn find(call: &Call, asked: (Id, Option<Moment>)) -> Noted {
        // who may not read what is kept learns nothing of it
        let touched = match gate::is_open(call, &asked.0) {
            true => row::find(&asked.0, Seen::ByQuery).and_then(|row| row.touched),
            false => None,
        };
        let notes = touched.and_then(|touched| {
            let table = Table::open(touched, Lock::Read)?;
            let mut is_empty = true;
            table.scan(None, &[], Seen::ByQuery, |_| {
                is_empty = false;
                ControlFlow::Break(())
            });
            let equal = table.equal(1);
            let index = table.index_of_first_column();
            table.close(Lock::Read);
            if equal.of != of_argument(call, 1) {
                fail(
                    Code::ERRCODE_DATATYPE_MISMATCH,
                    "the customer is not of the type of the customers of the segmentation",
                    "Cast it to the type of the customer column of the view.",
                )
            }
            (!is_empty).then_some(Notes { touched, equal, index, asked_for: 0, bits: None })
        });
        Noted { asked, notes }
    }
}

impl Notes {
    fn hold(&mut self, customer: Datum) -> bool {
        self.asked_for = self.asked_for.saturating_add(1);
        if self.asked_for > FEW
            && let Some(hash) = self.equal.hash(customer)
        {
            if self.bits.is_none() {
                self.bits = Some(self.read());
            }
            if self.bits.as_ref().is_some_and(|bits| !bits.may_hold(hash)) {
                return false;
            }
        }
        self.look_up(customer)
    }

    /// The bits of all notes, which are counted first.
    fn read(&self) -> Bits {
        let mut count = 0;
        self.scan(None, &[], |_| {
            count += 1;
            ControlFlow::Continue(())
        });
        let mut bits = Bits::for_notes(count);
        self.scan(None, &[], |note| {
            if let Some(hash) = note.and_then(|customer| self.equal.hash(customer)) {
                bits.add(hash);
            }
            ControlFlow::Continue(())
        });
        bits
    }

    fn look_up(&self, customer: Datum) -> bool {
        let mut found = false;
        self.scan(self.index, &[Key::Equal(1, &self.equal, customer)], |_| {
            found = true;
            ControlFlow::Break(())
        });
        found
    }

    fn scan(
        &self,
        index: Option<Oid>,
        keys: &[Key<'_>],
        mut each: impl FnMut(Option<Datum>) -> ControlFlow<()>,
    ) {
        // the gate has just found the table, and the query holds a lock on it
        if let Some(table) = Table::open(self.touched, Lock::Read) {
            table.scan(index, keys, Seen::ByQuery, |note| {
                poll();
                each(note.datum(1))
            });
            table.close(Lock::Read);
        }
    }
}

sql_function! {
    /// (uuid, customer).
    fn is_noted(call) {
        let asked = (call.uuid(0), running::moment());
        let noted: &mut Noted = owned_cache(call, || Noted::find(call, asked));
        if noted.asked != asked {
            *noted = Noted::find(call, asked);
        }
        let found = noted.notes.as_mut().is_some_and(|notes| notes.hold(call.datum(1)));
        Some(found.into_datum())
    }
}
