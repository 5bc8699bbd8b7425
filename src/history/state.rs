//! The state of an aggregate over orders: a header and its lines in one block of the aggregate's memory.
#![allow(unsafe_code)]

use crate::server::call::Call;
use crate::server::error::{Code, OrFail, fail, poll};
use crate::server::{memory, varlena};
use btyd::decimal::Decimal;
use btyd::history::{DayLine, History, Plan};
use btyd::ledger::{Added, Header, Ledger, Line};
use pgrx::pg_sys;

/// Room for the closed lines of a new state: with the header, one block of 64 bytes.
const FIRST_ROOM: u32 = 2;

/// A pointer to the block. The block moves when it grows.
#[derive(Clone, Copy)]
pub struct State {
    header: *mut Header,
}

impl State {
    /// The state that argument `i`, an `internal`, points to.
    #[inline]
    pub fn of(call: &Call, i: usize) -> Option<State> {
        (!call.is_null(i)).then(|| State { header: call.datum(i).cast_mut_ptr() })
    }

    /// The state of argument `i`, or a new one.
    #[inline]
    pub fn of_or_new(call: &Call, i: usize) -> State {
        Self::of(call, i).unwrap_or_else(|| Self::new(call))
    }

    /// A new, empty state.
    pub fn new(call: &Call) -> State {
        Self::allocate(call, Header::new(FIRST_ROOM))
    }

    fn allocate(call: &Call, header: Header) -> State {
        let room = header.capacity();
        let bytes = size_of::<Header>() + room * size_of::<Line>();
        // SAFETY: the block holds the header and its lines, all of which are written; palloc aligns to 8.
        unsafe {
            let context = memory::aggregate_context(call);
            let block = pg_sys::MemoryContextAllocHuge(context, bytes).cast::<Header>();
            block.write(header);
            let lines = block.add(1).cast::<Line>();
            for i in header.used()..room {
                lines.add(i).write(Line::UNUSED);
            }
            State { header: block }
        }
    }

    /// The state as the datum of an `internal`.
    #[inline]
    pub fn datum(self) -> pg_sys::Datum {
        pg_sys::Datum::from(self.header)
    }

    #[inline]
    fn ledger(&mut self) -> Ledger<'_> {
        // SAFETY: the block was made by allocate, and only one call at a time holds it.
        unsafe {
            let header = &mut *self.header;
            let lines = self.header.add(1).cast::<Line>();
            let lines = std::slice::from_raw_parts_mut(lines, header.capacity());
            Ledger::new(header, lines)
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, call: &Call, room: usize) {
        let bytes = (size_of::<Header>() + room * size_of::<Line>()).next_power_of_two();
        let room = (bytes - size_of::<Header>()) / size_of::<Line>();
        let Ok(cap) = u32::try_from(room) else {
            fail(
                Code::ERRCODE_PROGRAM_LIMIT_EXCEEDED,
                "one purchase history has too many days",
                "Group the orders by customer.",
            )
        };
        // SAFETY: both blocks are whole; the lines in use of the old one are copied before it is freed.
        unsafe {
            let old = self.header;
            let new = Self::allocate(call, (*old).with_capacity(cap));
            let lines = |header: *mut Header| header.add(1).cast::<Line>();
            std::ptr::copy_nonoverlapping(lines(old), lines(new.header), (*old).used());
            pg_sys::pfree(old.cast());
            *self = new;
        }
    }

    #[inline]
    fn retry(&mut self, call: &Call, add: impl Fn(&mut Ledger<'_>) -> Result<Added, btyd::Error>) {
        while let Added::NeedsRoom(room) = add(&mut self.ledger()).or_fail() {
            self.grow(call, room);
        }
    }

    /// Adds an order; None for one without an amount.
    #[inline]
    pub fn add(&mut self, call: &Call, day: i32, amount: Option<Decimal>) {
        self.retry(call, |ledger| match amount {
            Some(amount) => ledger.add_order(day, amount, &mut poll),
            None => Ok(ledger.add_visit(day)),
        });
    }

    fn add_day(&mut self, call: &Call, line: &DayLine, scale: Option<u8>) {
        self.retry(call, |ledger| ledger.add_day(line, scale, &mut poll));
    }

    /// Adds all of a packed history.
    pub fn add_history(&mut self, call: &Call, history: &History<'_>) {
        for (i, line) in history.days().enumerate() {
            if i % 0x1_0000 == 0xFFFF {
                poll();
            }
            self.add_day(call, &line, history.scale());
        }
    }

    /// Adds all of another state.
    pub fn add_state(&mut self, call: &Call, other: &mut State) {
        let mut ledger = other.ledger();
        ledger.arrange(&mut poll);
        for (i, line) in ledger.days().enumerate() {
            if i % 0x1_0000 == 0xFFFF {
                poll();
            }
            self.add_day(call, &line.or_fail(), ledger.scale());
        }
    }

    /// The packed history, a new value.
    pub fn pack(&mut self) -> pg_sys::Datum {
        let mut ledger = self.ledger();
        ledger.arrange(&mut poll);
        let plan = Plan::new(ledger.days(), ledger.scale(), &mut poll).or_fail();
        varlena::build(plan.packed_len(), |out| {
            plan.write(ledger.days(), out, &mut poll).or_fail();
        })
    }
}

/// The packed history of no orders.
pub fn pack_nothing() -> pg_sys::Datum {
    let plan = Plan::new(std::iter::empty(), None, &mut poll).or_fail();
    varlena::build(plan.packed_len(), |out| {
        plan.write(std::iter::empty(), out, &mut poll).or_fail();
    })
}
