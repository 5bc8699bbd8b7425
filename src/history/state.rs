//! The state of an aggregate over orders: a ledger whose header stays where it is while its lines grow.
//!
//! ```text
//! State ──> Block (48 of 64 bytes)                 lines, a power of two
//!           ┌────────────────────┬───────┬───────┐ ┌──────────┬──────────┬──
//!           │ header             │ lines │ arena │ │ closed 0 │ closed 1 │ …
//!           └────────────────────┴───────┴───────┘ └──────────┴──────────┴──
//! ```
#![allow(unsafe_code)]

use super::arena;
use crate::server::call::Call;
use crate::server::error::{Code, OrFail, fail, poll};
use crate::server::memory::prefetch;
use crate::server::varlena;
use btyd::decimal::Decimal;
use btyd::history::{DayLine, History, Plan};
use btyd::ledger::{Added, Header, Ledger, Line, Order};
use pgrx::pg_sys;

/// Room for closed lines of a state that has any: 64 bytes, a line of the processor's cache.
const FIRST_ROOM: usize = 4;
/// Lines that are prefetched before they move; of more, the processor notices the pattern itself.
const MOVED: usize = 32;

/// The memory of states, with the orders that wait for them.
pub type Arena = arena::Arena<Waiting>;

/// An order that waits for its state to come into the cache.
#[derive(Clone, Copy)]
pub struct Waiting {
    state: State,
    order: Order,
}

impl Arena {
    /// Adds the order to the state: soon, or at once if there are few states.
    #[inline]
    pub fn add(&mut self, state: State, order: Order) {
        if !self.has_queue() {
            state.add(self, &order);
        } else if self.push(Waiting { state, order }) {
            self.settle();
        }
    }

    /// Adds all orders that wait.
    pub fn settle(&mut self) {
        // SAFETY: nothing here lets an order wait.
        let waiting = unsafe { self.take_waiting() };
        // one short loop after the other: the shorter, the more of its waits overlap
        waiting.iter().for_each(|waiting| waiting.state.prefetch());
        waiting.iter().for_each(|waiting| waiting.state.prefetch_lines());
        for waiting in waiting {
            waiting.state.add(self, &waiting.order);
        }
    }
}

#[repr(C)]
struct Block {
    header: Header,
    /// As many as the header has room for.
    lines: *mut Line,
    /// Where the lines come from, and where orders may still wait. In the same context as the block.
    arena: *mut Arena,
}

/// A pointer to the block of one group.
#[derive(Clone, Copy)]
pub struct State {
    block: *mut Block,
}

impl State {
    /// The state that argument `i`, an `internal`, points to. Orders may still wait to be added.
    #[inline]
    pub fn of(call: &Call, i: usize) -> Option<State> {
        (!call.is_null(i)).then(|| State { block: call.datum(i).cast_mut_ptr() })
    }

    /// The state of argument `i`, one of the arena's, or a new one.
    #[inline]
    pub fn of_or_new(call: &Call, i: usize, arena: &mut Arena) -> State {
        Self::of(call, i).unwrap_or_else(|| Self::new(arena))
    }

    /// A new, empty state.
    pub fn new(arena: &mut Arena) -> State {
        let block = arena.new_state().cast::<Block>();
        let lines = std::ptr::NonNull::dangling().as_ptr();
        // SAFETY: the room is large enough for the block and aligned to 64.
        unsafe { block.write(Block { header: Header::EMPTY, lines, arena }) };
        State { block }
    }

    /// The state as the datum of an `internal`.
    #[inline]
    pub fn datum(self) -> pg_sys::Datum {
        pg_sys::Datum::from(self.block)
    }

    /// Starts to bring the block into the cache.
    #[inline]
    pub fn prefetch(self) {
        prefetch(self.block);
    }

    /// Starts to bring the place of the next closed line into the cache, or all lines if they have to move.
    #[inline]
    pub fn prefetch_lines(self) {
        // SAFETY: the block is alive, and its header written.
        let (lines, header) = unsafe { ((*self.block).lines, (*self.block).header) };
        let (used, cap) = (header.used(), header.capacity());
        let needed = if used < cap { used..used + 1 } else { 0..used.min(MOVED) };
        needed.step_by(FIRST_ROOM).for_each(|i| prefetch(lines.wrapping_add(i)));
    }

    /// Adds the orders that still wait, this state's among them.
    #[inline]
    pub fn settle(self) {
        // SAFETY: the arena lives as long as the block, and only one call at a time uses it.
        unsafe { (*(*self.block).arena).settle() };
    }

    #[inline]
    fn ledger<'a>(self) -> Ledger<'a> {
        // SAFETY: the block was made by new, its lines by the arena, which writes all of them; only one
        // call at a time uses either.
        unsafe {
            let block = &mut *self.block;
            let lines = std::slice::from_raw_parts_mut(block.lines, block.header.capacity());
            Ledger::new(&mut block.header, lines)
        }
    }

    #[cold]
    #[inline(never)]
    fn grow(self, arena: &mut Arena, room: usize) {
        let room = room.max(FIRST_ROOM).next_power_of_two();
        let Ok(cap) = u32::try_from(room) else {
            fail(
                Code::ERRCODE_PROGRAM_LIMIT_EXCEEDED,
                "a purchase history has too many days",
                "Group the orders by customer.",
            )
        };
        // SAFETY: both blocks are whole; the lines in use of the old one are copied before it is given back.
        unsafe {
            let block = &mut *self.block;
            let old = block.header.capacity();
            let lines = arena.take_lines(room);
            std::ptr::copy_nonoverlapping(block.lines, lines, block.header.used());
            if old > 0 {
                arena.give_lines(block.lines, old);
            }
            block.lines = lines;
            block.header.set_capacity(cap);
        }
    }

    #[inline]
    fn retry(self, arena: &mut Arena, add: impl Fn(&mut Ledger<'_>) -> Result<Added, btyd::Error>) {
        while let Added::NeedsRoom(room) = add(&mut self.ledger()).or_fail() {
            self.grow(arena, room);
        }
    }

    /// Adds an order now. The arena is the state's own.
    #[inline]
    pub fn add(self, arena: &mut Arena, order: &Order) {
        self.retry(arena, |ledger| ledger.add_order(order, &mut poll));
    }

    /// Adds an order with an amount of any size now.
    #[cold]
    #[inline(never)]
    pub fn add_wide(self, arena: &mut Arena, day: i32, amount: Decimal) {
        self.retry(arena, |ledger| ledger.add_wide(day, amount, &mut poll));
    }

    fn add_day(self, arena: &mut Arena, line: &DayLine, scale: Option<u8>) {
        self.retry(arena, |ledger| ledger.add_day(line, scale, &mut poll));
    }

    fn add_scale(self, arena: &mut Arena, scale: Option<u8>) {
        self.retry(arena, |ledger| ledger.add_scale(scale, &mut poll));
    }

    /// Adds all of a packed history.
    pub fn add_history(self, arena: &mut Arena, history: &History<'_>) {
        self.add_scale(arena, history.scale());
        for (i, line) in history.days().enumerate() {
            if i % 0x1_0000 == 0xFFFF {
                poll();
            }
            self.add_day(arena, &line, history.scale());
        }
    }

    /// Adds all of another state, a settled one.
    pub fn add_state(self, arena: &mut Arena, other: State) {
        let mut ledger = other.ledger();
        ledger.arrange(&mut poll);
        self.add_scale(arena, ledger.scale());
        for (i, line) in ledger.days().enumerate() {
            if i % 0x1_0000 == 0xFFFF {
                poll();
            }
            self.add_day(arena, &line.or_fail(), ledger.scale());
        }
    }

    /// The packed history, a new value.
    pub fn pack(self) -> pg_sys::Datum {
        self.settle();
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
