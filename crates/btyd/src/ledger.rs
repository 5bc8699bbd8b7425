//! The open ledger: one line a day and kind, in memory that the host owns, while orders still arrive.
//!
//! ```text
//! Header (32 bytes)                              lines (16 bytes each), elsewhere
//! ┌───────────────────────┬─────┬─────┬───────┐ ┌──────────┬──────────┬──
//! │ open: the newest line │ len │ cap │ flags │ │ closed 0 │ closed 1 │ …
//! └───────────────────────┴─────┴─────┴───────┘ └──────────┴──────────┴──
//! ```
//!
//! An order of the same day as the one before it touches nothing but the header; another one closes the
//! open line, a write to [`Header::used`]. The header never moves, so that the host can bring it, and
//! then the place of that write, into the cache before it adds the order. No allocation but growth.
//!
//! A line holds 64 bits of amount. What exceeds them goes to a *high* line that counts units of 2^64, so
//! that ordinary money costs 16 bytes a day and huge money still adds up exactly.

use crate::decimal::{Decimal, POW10};
use crate::history::DayLine;
use crate::{Error, Poll};

/// Kinds, in the order in which the lines of a day stand.
const PURCHASE: u32 = 0;
const REFUND: u32 = 2;
/// Added to a kind: the amount counts units of 2^64.
const HIGH: u32 = 1;

const COUNT_BITS: u32 = 30;
const COUNT_MASK: u32 = (1 << COUNT_BITS) - 1;

/// How many comparisons a sort makes between two polls: well under 10 ms.
const POLL_EVERY: u32 = 1 << 18;

/// Orders of one day and kind: kind in the top two bits of `tag`, their number below.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct Line {
    day: i32,
    tag: u32,
    amount: u64,
}

impl Line {
    /// What fills memory that no line has been written to yet.
    pub const UNUSED: Line = Line { day: 0, tag: 0, amount: 0 };

    fn key(&self) -> i64 {
        i64::from(self.day) << 2 | i64::from(self.tag >> COUNT_BITS)
    }

    fn count(&self) -> u32 {
        self.tag & COUNT_MASK
    }

    fn kind(&self) -> u32 {
        self.tag >> COUNT_BITS
    }

    /// Adds `other`, a line of the same key; false, and nothing done, if that does not fit.
    #[inline]
    fn absorb(&mut self, other: &Line) -> bool {
        let count = self.count() + other.count();
        match self.amount.checked_add(other.amount) {
            Some(amount) if count <= COUNT_MASK => {
                self.amount = amount;
                self.tag = self.kind() << COUNT_BITS | count;
                true
            }
            _ => false,
        }
    }

    /// The amount in units of the ledger's scale.
    fn value(&self) -> Result<u128, Error> {
        let amount = u128::from(self.amount);
        if self.kind() & HIGH == 0 {
            return Ok(amount);
        }
        if amount >> 63 != 0 {
            return Err(Error::OutOfRange);
        }
        Ok(amount << 64)
    }
}

/// An order with up to 64 bits of amount, on its way to a ledger.
#[derive(Debug, Clone, Copy)]
pub struct Order {
    line: Line,
    /// None for an order without an amount.
    scale: Option<u8>,
}

impl Order {
    /// An order without an amount.
    #[inline]
    pub fn visit(day: i32) -> Self {
        Order { line: Line { day, tag: PURCHASE << COUNT_BITS | 1, amount: 0 }, scale: None }
    }

    /// An order; a negative amount is a refund. None for one that needs [`Ledger::add_wide`].
    #[inline]
    pub fn new(day: i32, amount: Decimal) -> Option<Self> {
        let kind = if amount.mantissa < 0 { REFUND } else { PURCHASE };
        let magnitude = u64::try_from(amount.mantissa.unsigned_abs()).ok()?;
        let line = Line { day, tag: kind << COUNT_BITS | 1, amount: magnitude };
        Some(Order { line, scale: Some(amount.scale) })
    }
}

/// All of a ledger but its closed lines.
#[derive(Debug, Clone, Copy)]
#[repr(C)]
pub struct Header {
    open: Line,
    len: u32,
    cap: u32,
    scale: u8,
    has_amounts: bool,
    /// Every key is above the one before it, the open line's included.
    sorted: bool,
    started: bool,
}

impl Header {
    /// The header of an empty ledger without room for closed lines.
    pub const EMPTY: Self = Header {
        open: Line::UNUSED,
        len: 0,
        cap: 0,
        scale: 0,
        has_amounts: false,
        sorted: true,
        started: false,
    };

    /// Closed lines that there is room for.
    pub fn capacity(&self) -> usize {
        self.cap as usize
    }

    /// Closed lines in use; the next one is written behind them.
    pub fn used(&self) -> usize {
        self.len as usize
    }

    /// There is room for `cap` closed lines now, those in use among them.
    pub fn set_capacity(&mut self, cap: u32) {
        debug_assert!(self.len <= cap);
        self.cap = cap;
    }
}

/// What the host has to do before the order can be added.
#[derive(Debug, PartialEq, Eq)]
pub enum Added {
    /// Nothing: it is added.
    Done,
    /// Make room for at least this many closed lines, then add again. Nothing was changed.
    NeedsRoom(usize),
}

/// A ledger in the host's memory.
pub struct Ledger<'a> {
    header: &'a mut Header,
    lines: &'a mut [Line],
}

impl<'a> Ledger<'a> {
    /// A ledger over a header and as many lines as it says that there are.
    pub fn new(header: &'a mut Header, lines: &'a mut [Line]) -> Self {
        debug_assert_eq!(header.capacity(), lines.len());
        Ledger { header, lines }
    }

    /// Adds one order.
    #[inline]
    pub fn add_order(&mut self, order: &Order, poll: Poll<'_>) -> Result<Added, Error> {
        let line = order.line;
        match order.scale {
            Some(scale) if scale != self.header.scale || !self.header.has_amounts => {
                self.add(line.day, line.kind() == REFUND, 1, line.amount.into(), scale, poll)
            }
            _ => Ok(self.add_line(line, poll)),
        }
    }

    /// Adds one order with an amount of any size.
    pub fn add_wide(&mut self, day: i32, amount: Decimal, poll: Poll<'_>) -> Result<Added, Error> {
        self.add(day, amount.mantissa < 0, 1, amount.mantissa.unsigned_abs(), amount.scale, poll)
    }

    /// Adds a line of a packed history.
    pub fn add_day(
        &mut self,
        line: &DayLine,
        scale: Option<u8>,
        poll: Poll<'_>,
    ) -> Result<Added, Error> {
        // more orders than one line can count become several lines, the last with the amount
        let pieces = line.count / u64::from(COUNT_MASK);
        if pieces > 0 {
            // all that may ask for room stands before the first change
            if let Some(scale) = scale.filter(|&scale| scale > self.header.scale)
                && let Added::NeedsRoom(room) = self.rescale(scale, poll)?
            {
                return Ok(Added::NeedsRoom(room));
            }
            let room = usize::try_from(pieces).map_err(|_| Error::OutOfRange)?;
            if let Added::NeedsRoom(room) = self.make_room(room + 3, poll) {
                return Ok(Added::NeedsRoom(room));
            }
            let kind = if line.refund { REFUND } else { PURCHASE };
            let tag = kind << COUNT_BITS | COUNT_MASK;
            for _ in 0..pieces {
                self.add_line(Line { day: line.day, tag, amount: 0 }, poll);
            }
        }
        let count = (line.count % u64::from(COUNT_MASK)) as u32;
        match scale {
            Some(scale) => self.add(line.day, line.refund, count, line.amount, scale, poll),
            None => {
                let tag = PURCHASE << COUNT_BITS | count;
                Ok(self.add_line(Line { day: line.day, tag, amount: 0 }, poll))
            }
        }
    }

    /// Takes over the scale of a packed history, which may have one without days.
    pub fn add_scale(&mut self, scale: Option<u8>, poll: Poll<'_>) -> Result<Added, Error> {
        let Some(scale) = scale else { return Ok(Added::Done) };
        let added = match scale > self.header.scale {
            true => self.rescale(scale, poll)?,
            false => Added::Done,
        };
        self.header.has_amounts |= added == Added::Done;
        Ok(added)
    }

    fn add(
        &mut self,
        day: i32,
        refund: bool,
        count: u32,
        magnitude: u128,
        scale: u8,
        poll: Poll<'_>,
    ) -> Result<Added, Error> {
        let mut magnitude = magnitude;
        if scale != self.header.scale {
            if scale > self.header.scale {
                if let Added::NeedsRoom(room) = self.rescale(scale, poll)? {
                    return Ok(Added::NeedsRoom(room));
                }
            } else {
                let factor = POW10[usize::from(self.header.scale - scale)];
                magnitude = magnitude.checked_mul(factor).ok_or(Error::OutOfRange)?;
            }
        }
        let kind = if refund { REFUND } else { PURCHASE };
        let low = Line { day, tag: kind << COUNT_BITS | count, amount: magnitude as u64 };
        let high = (magnitude >> 64) as u64;
        if high != 0 {
            if let Added::NeedsRoom(room) = self.make_room(2, poll) {
                return Ok(Added::NeedsRoom(room));
            }
            self.add_line(Line { day, tag: (kind | HIGH) << COUNT_BITS, amount: high }, poll);
        }
        let added = self.add_line(low, poll);
        if added == Added::Done {
            self.header.has_amounts = true;
        }
        Ok(added)
    }

    #[inline]
    fn add_line(&mut self, line: Line, poll: Poll<'_>) -> Added {
        let (key, open_key) = (line.key(), self.header.open.key());
        if !self.header.started {
            self.header.open = line;
            self.header.started = true;
            return Added::Done;
        }
        if key == open_key && self.header.open.absorb(&line) {
            return Added::Done;
        }
        let len = self.header.used();
        let Some(slot) = self.lines.get_mut(len) else {
            return match self.make_room(1, poll) {
                Added::Done => self.add_line(line, poll),
                needs => needs,
            };
        };
        *slot = self.header.open;
        self.header.len += 1;
        self.header.sorted &= key > open_key;
        self.header.open = line;
        Added::Done
    }

    /// Room for `more` lines, by merging lines of one day where that frees a quarter, or by asking for it.
    fn make_room(&mut self, more: usize, poll: Poll<'_>) -> Added {
        let (len, cap) = (self.header.used(), self.header.capacity());
        if cap - len >= more {
            return Added::Done;
        }
        if !self.header.sorted {
            self.compact(poll);
            if cap - self.header.used() >= more.max(cap / 4) {
                return Added::Done;
            }
        }
        Added::NeedsRoom((cap * 2).max(len + more))
    }

    /// Sorts the closed lines and merges those of one key.
    fn compact(&mut self, poll: Poll<'_>) {
        let len = self.header.used();
        if len == 0 {
            return;
        }
        let lines = &mut self.lines[..len];
        let mut compared = 0u32;
        lines.sort_unstable_by(|a, b| {
            compared = compared.wrapping_add(1);
            if compared.is_multiple_of(POLL_EVERY) {
                poll();
            }
            a.key().cmp(&b.key())
        });
        let mut last = 0;
        let mut rising = true;
        for i in 1..len {
            let line = lines[i];
            if line.key() == lines[last].key() && lines[last].absorb(&line) {
                continue;
            }
            rising &= line.key() > lines[last].key();
            last += 1;
            lines[last] = line;
        }
        self.header.len = last as u32 + 1;
        self.header.sorted = rising && lines[last].key() < self.header.open.key();
    }

    /// Moves the ledger to a finer scale.
    fn rescale(&mut self, scale: u8, poll: Poll<'_>) -> Result<Added, Error> {
        if !self.header.has_amounts {
            self.header.scale = scale; // all amounts are zero
            return Ok(Added::Done);
        }
        let factor = POW10[usize::from(scale - self.header.scale)];
        let len = self.header.used();
        let fits = |line: &Line| u128::from(line.amount) * factor <= u128::from(u64::MAX);
        let factor_fits = factor <= u128::from(u64::MAX);
        if factor_fits && fits(&self.header.open) && self.lines[..len].iter().all(fits) {
            for line in self.lines[..len].iter_mut().chain([&mut self.header.open]) {
                line.amount *= factor as u64;
            }
            self.header.scale = scale;
            return Ok(Added::Done);
        }
        // carries become high lines: at most one more for each line there is
        if self.header.capacity() - len < len + 1 {
            return Ok(Added::NeedsRoom(2 * len + 2));
        }
        poll();
        let mut end = len;
        let open = &mut self.header.open;
        for i in 0..=len {
            let mut line = if i < len { self.lines[i] } else { *open };
            let product = line.value()?.checked_mul(factor).ok_or(Error::OutOfRange)?;
            let (high, kind) = ((product >> 64) as u64, line.kind());
            if kind & HIGH != 0 {
                line.amount = high;
            } else {
                line.amount = product as u64;
                if high != 0 {
                    let tag = (kind | HIGH) << COUNT_BITS;
                    self.lines[end] = Line { day: line.day, tag, amount: high };
                    end += 1;
                }
            }
            if i < len {
                self.lines[i] = line;
            } else {
                *open = line;
            }
        }
        self.header.len = end as u32;
        self.header.sorted = false;
        self.header.scale = scale;
        Ok(Added::Done)
    }

    /// Puts the lines in order, so that [`Ledger::days`] can read them. The ledger's meaning is unchanged.
    pub fn arrange(&mut self, poll: Poll<'_>) {
        if !self.header.sorted {
            self.compact(poll);
        }
    }

    /// The scale of the amounts, or None if no order had one.
    pub fn scale(&self) -> Option<u8> {
        self.header.has_amounts.then_some(self.header.scale)
    }

    /// The days of an arranged ledger in order, purchases before refunds, each once.
    pub fn days(&self) -> Days<'_> {
        let open = self.header.started.then_some(&self.header.open);
        Days { lines: &self.lines[..self.header.used()], open }
    }
}

/// Iterates over the days of an arranged ledger; an amount beyond 38 digits is an error.
#[derive(Clone)]
pub struct Days<'a> {
    lines: &'a [Line],
    open: Option<&'a Line>,
}

impl<'a> Days<'a> {
    fn peek(&self) -> Option<&'a Line> {
        match (self.lines.first(), self.open) {
            (Some(line), Some(open)) if open.key() < line.key() => Some(open),
            (Some(line), _) => Some(line),
            (None, open) => open,
        }
    }

    fn advance(&mut self) {
        match (self.lines.first(), self.open) {
            (Some(line), Some(open)) if open.key() < line.key() => self.open = None,
            (Some(_), _) => self.lines = &self.lines[1..],
            (None, _) => self.open = None,
        }
    }
}

impl Iterator for Days<'_> {
    type Item = Result<DayLine, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let first = self.peek()?;
        let (day, side) = (first.day, first.kind() & REFUND);
        let (mut count, mut amount) = (0u64, 0u128);
        while let Some(line) = self.peek() {
            if line.day != day || line.kind() & REFUND != side {
                break;
            }
            count += u64::from(line.count());
            let value = line.value();
            match value.ok().and_then(|value| amount.checked_add(value)) {
                Some(sum) => amount = sum,
                None => return Some(Err(Error::OutOfRange)),
            }
            self.advance();
        }
        Some(Ok(DayLine { day, refund: side == REFUND, count, amount }))
    }
}
