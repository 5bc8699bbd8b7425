//! The packed history: the canonical form in which a ledger rests and travels.
//!
//! ```text
//! version  flags  scale  zero │ first day  span  purchase days  extra orders  gross │ [refund part] │ days …
//! one byte each               │ variable-length whole numbers
//! ```
//!
//! * `first day` is the first day of any line, `span` the days from it to the last one.
//! * `extra orders` are those beyond one a purchase day; `gross` the sum of all purchases.
//! * The refund part stands only where refunds do: first day to first purchase, last purchase to last
//!   day, number of refunds, their sum.
//! * Amounts without days, as where refunds undid all purchases, keep their scale: then the prefix is all.
//! * A day is `gap · 4 + refund · 2 + several`, then, if several, its orders less two, then its amount.
//!   The gap counts from the day before it in the list.
//!
//! Numbers are seven bits a byte, lowest first, the top bit set on all but the last. Equal ledgers of
//! one scale give equal bytes. About five bytes a day and fourteen a history; totals are read without
//! touching the days.

use crate::decimal::{Decimal, MAX_SCALE, POW10};
use crate::varint::{Reader, Writer, number_len, unzigzag, zigzag};
use crate::{Error, Poll};
use std::cell::RefCell;

/// The version that [`Plan::write`] writes and [`History::validate`] accepts.
pub const VERSION: u8 = 1;

const PREFIX: usize = 4;
const HAS_AMOUNTS: u8 = 1;
const HAS_REFUNDS: u8 = 2;
const HAS_PURCHASES: u8 = 4;

/// Days between two polls of a loop over a history.
const POLL_EVERY: u64 = 1 << 20;

/// More orders than this on one day are an error.
const MAX_COUNT: u64 = 1 << 40;

/// Purchases, or refunds, of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayLine {
    /// The day.
    pub day: i32,
    /// True for refunds, false for purchases.
    pub refund: bool,
    /// Number of orders, at least 1.
    pub count: u64,
    /// Their sum as a magnitude, in units of the history's scale.
    pub amount: u128,
}

/// Sums over some days of a history. Money is in units of the history's scale.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Distinct days with a purchase.
    pub purchase_days: u64,
    /// Orders, refunds not among them.
    pub orders: u64,
    /// The first and the last day with a purchase; meaningless while there are none.
    pub first_purchase: i32,
    /// See `first_purchase`.
    pub last_purchase: i32,
    /// Sum of the purchases.
    pub gross: u128,
    /// Number of refunds.
    pub refund_count: u64,
    /// Sum of the refunds, as a magnitude.
    pub refunds: u128,
}

impl Totals {
    /// Those of no days.
    const NONE: Totals = Totals {
        purchase_days: 0,
        orders: 0,
        first_purchase: 0,
        last_purchase: 0,
        gross: 0,
        refund_count: 0,
        refunds: 0,
    };

    /// Adds the next day. Days must come in order.
    fn add(&mut self, line: &DayLine) -> Result<(), Error> {
        let plus = |a: u128, b: u128| a.checked_add(b).ok_or(Error::OutOfRange);
        if line.refund {
            self.refund_count = self.refund_count.saturating_add(line.count);
            self.refunds = plus(self.refunds, line.amount)?;
        } else {
            if self.purchase_days == 0 {
                self.first_purchase = line.day;
            }
            self.last_purchase = line.day;
            self.purchase_days += 1;
            self.orders = self.orders.saturating_add(line.count);
            self.gross = plus(self.gross, line.amount)?;
        }
        Ok(())
    }
}

/// What a history will hold and how long it will be: the first of two passes over its days.
#[derive(Debug)]
pub struct Plan {
    totals: Totals,
    bounds: Option<(i32, i32)>,
    scale: Option<u8>,
    len: usize,
}

impl Plan {
    /// Adds up `days`: in order, purchases before the refunds of a day, no day twice.
    pub fn new(
        days: impl Iterator<Item = Result<DayLine, Error>>,
        scale: Option<u8>,
        poll: Poll<'_>,
    ) -> Result<Self, Error> {
        let mut plan = Plan { totals: Totals::default(), bounds: None, scale, len: PREFIX };
        let mut polled = 0;
        for line in days {
            let line = line?;
            if line.count > MAX_COUNT {
                return Err(Error::OutOfRange);
            }
            let (first, last) = plan.bounds.unwrap_or((line.day, line.day));
            plan.len += day_len(&line, last, scale);
            plan.bounds = Some((first, line.day));
            plan.totals.add(&line)?;
            polled += 1;
            if polled % POLL_EVERY == 0 {
                poll();
            }
        }
        let fits = |sum: u128| sum < POW10[38];
        if !(fits(plan.totals.gross) && fits(plan.totals.refunds)) {
            return Err(Error::OutOfRange);
        }
        let mut head = 0;
        plan.head(&mut |number| head += number_len(number));
        plan.len += head;
        Ok(plan)
    }

    /// The length of the packed history in bytes.
    pub fn packed_len(&self) -> usize {
        self.len
    }

    /// Calls `put` with each number of the head in order.
    fn head(&self, put: &mut dyn FnMut(u128)) {
        let Some((first, last)) = self.bounds else {
            return;
        };
        let t = &self.totals;
        put(zigzag(first).into());
        put(span(first, last).into());
        put(t.purchase_days.into());
        put((t.orders - t.purchase_days).into());
        if self.scale.is_some() {
            put(t.gross);
        }
        if t.refund_count > 0 {
            if t.purchase_days > 0 {
                put(span(first, t.first_purchase).into());
                put(span(t.last_purchase, last).into());
            }
            put(t.refund_count.into());
            put(t.refunds);
        }
    }

    /// Writes the history; `days` are those that the plan was made from, `out` is as long as planned.
    pub fn write(
        &self,
        days: impl Iterator<Item = Result<DayLine, Error>>,
        out: &mut [u8],
        poll: Poll<'_>,
    ) -> Result<(), Error> {
        let flag = |on: bool, flag: u8| if on { flag } else { 0 };
        let flags = flag(self.scale.is_some(), HAS_AMOUNTS)
            | flag(self.totals.refund_count > 0, HAS_REFUNDS)
            | flag(self.totals.purchase_days > 0, HAS_PURCHASES);
        let mut writer = Writer { out, at: 0 };
        for byte in [VERSION, flags, self.scale.unwrap_or(0), 0] {
            writer.byte(byte);
        }
        self.head(&mut |number| writer.number(number));
        let mut before = self.bounds.map_or(0, |(first, _)| first);
        let mut polled = 0;
        for line in days {
            let line = line?;
            writer.number(day_word(&line, before));
            if line.count > 1 {
                writer.number((line.count - 2).into());
            }
            if self.scale.is_some() {
                writer.number(line.amount);
            }
            before = line.day;
            polled += 1;
            if polled % POLL_EVERY == 0 {
                poll();
            }
        }
        debug_assert_eq!(writer.at, self.len);
        Ok(())
    }
}

fn span(from: i32, to: i32) -> u32 {
    to.wrapping_sub(from) as u32
}

fn day_word(line: &DayLine, before: i32) -> u128 {
    let gap = u128::from(span(before, line.day));
    gap << 2 | u128::from(line.refund) << 1 | u128::from(line.count > 1)
}

fn day_len(line: &DayLine, before: i32, scale: Option<u8>) -> usize {
    let mut len = number_len(day_word(line, before));
    if line.count > 1 {
        len += number_len((line.count - 2).into());
    }
    if scale.is_some() {
        len += number_len(line.amount);
    }
    len
}

/// The longest list of days that is remembered, in bytes.
const LONGEST: usize = 1 << 10;

/// The last history that was added up as of an earlier day, and its sums: who looks back asks for the same one several times.
struct Last {
    flags: u8,
    first_day: i32,
    as_of: i32,
    totals: Totals,
    len: usize,
    days: [u8; LONGEST],
}

thread_local! {
    static LAST: RefCell<Last> = const {
        RefCell::new(Last {
            flags: 0, first_day: 0, as_of: 0, totals: Totals::NONE, len: 0, days: [0; LONGEST],
        })
    };
}

impl Last {
    /// The sums of a history up to a day.
    fn totals(&mut self, history: &History<'_>, as_of: i32) -> Totals {
        let days = history.days.rest;
        let of = (history.flags, history.first_day, as_of);
        if (self.flags, self.first_day, self.as_of) == of && self.days[..self.len] == *days {
            return self.totals;
        }
        let totals = history.totals_between(i32::MIN, as_of);
        if let Some(room) = self.days.get_mut(..days.len()) {
            room.copy_from_slice(days);
            self.len = days.len();
            (self.flags, self.first_day, self.as_of, self.totals) = (of.0, of.1, of.2, totals);
        }
        totals
    }
}

/// A packed history, borrowed.
#[derive(Clone, Copy)]
pub struct History<'a> {
    flags: u8,
    scale: u8,
    first_day: i32,
    last_day: i32,
    totals: Totals,
    days: Reader<'a>,
}

impl<'a> History<'a> {
    /// Reads the head of a packed history. Any bytes can be given; see [`History::validate`].
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Self {
        let byte = |i: usize| bytes.get(i).copied().unwrap_or(0);
        let (flags, scale) = (byte(1), byte(2).min(MAX_SCALE));
        let mut reader = Reader { rest: bytes.get(PREFIX..).unwrap_or(&[]) };
        let mut totals = Totals::default();
        if reader.rest.is_empty() {
            return History { flags, scale, first_day: 0, last_day: -1, totals, days: reader };
        }
        let first_day = unzigzag(reader.number() as u32);
        let last_day = first_day.wrapping_add(reader.number() as i32);
        totals.purchase_days = reader.number();
        totals.orders = totals.purchase_days.saturating_add(reader.number());
        if flags & HAS_AMOUNTS != 0 {
            totals.gross = reader.amount();
        }
        (totals.first_purchase, totals.last_purchase) = (first_day, last_day);
        if flags & HAS_REFUNDS != 0 {
            if flags & HAS_PURCHASES != 0 {
                totals.first_purchase = first_day.wrapping_add(reader.number() as i32);
                totals.last_purchase = last_day.wrapping_sub(reader.number() as i32);
            }
            totals.refund_count = reader.number();
            totals.refunds = reader.amount();
        }
        History { flags, scale, first_day, last_day, totals, days: reader }
    }

    /// The scale of the amounts, or None if the history was made without amounts.
    #[inline]
    pub fn scale(&self) -> Option<u8> {
        (self.flags & HAS_AMOUNTS != 0).then_some(self.scale)
    }

    /// The first and the last day of any line; None without lines.
    pub fn bounds(&self) -> Option<(i32, i32)> {
        (self.first_day <= self.last_day).then_some((self.first_day, self.last_day))
    }

    /// The days in order, purchases before the refunds of a day.
    #[inline]
    pub fn days(&self) -> PackedDays<'a> {
        PackedDays {
            reader: self.days,
            before: self.first_day,
            has_amounts: self.flags & HAS_AMOUNTS != 0,
        }
    }

    /// Sums over all days, or over those up to `as_of`.
    #[inline]
    pub fn totals(&self, as_of: Option<i32>) -> Totals {
        match as_of {
            Some(day) if day < self.last_day => LAST.with_borrow_mut(|last| last.totals(self, day)),
            _ => self.totals,
        }
    }

    /// Sums over the days from `from` to `to`, both included.
    pub fn totals_between(&self, from: i32, to: i32) -> Totals {
        if from <= self.first_day && to >= self.last_day {
            return self.totals;
        }
        let mut totals = Totals::default();
        let within = self.days().skip_while(|line| line.day < from);
        for line in within.take_while(|line| line.day <= to) {
            // parts of a sum that fits do fit
            let _ = totals.add(&line);
        }
        totals
    }

    /// A sum of this history's units, as a decimal of its scale.
    pub fn money(&self, plus: u128, minus: u128) -> Result<Decimal, Error> {
        Decimal::difference(plus, minus, self.scale)
    }

    /// Accepts exactly the bytes that [`Plan::write`] can have written.
    pub fn validate(bytes: &[u8], poll: Poll<'_>) -> Result<(), Error> {
        let malformed = |why: &str| Err(Error::Malformed(why.into()));
        let [version, flags, scale, zero, ..] = *bytes else {
            return malformed("a purchase history is at least four bytes long");
        };
        if version != VERSION {
            let why = format!("version {version} of a purchase history is not supported");
            return Err(Error::Malformed(why));
        }
        if zero != 0 || scale > MAX_SCALE || flags > (HAS_AMOUNTS | HAS_REFUNDS | HAS_PURCHASES) {
            return malformed("the head of the purchase history is damaged");
        }
        // refunds are amounts
        if flags == HAS_REFUNDS || flags == (HAS_REFUNDS | HAS_PURCHASES) {
            return malformed("the head of the purchase history is damaged");
        }
        let history = History::new(bytes);
        let mut before: Option<(i32, bool)> = None;
        for line in history.days() {
            if before.is_some_and(|before| before >= (line.day, line.refund)) {
                return malformed("the days of the purchase history are not in order");
            }
            if line.count > MAX_COUNT {
                return malformed("a day of the purchase history has too many orders");
            }
            if line.refund && line.amount == 0 {
                return malformed("a refund of the purchase history has no amount");
            }
            before = Some((line.day, line.refund));
        }
        let plan = Plan::new(history.days().map(Ok), history.scale(), poll)?;
        if plan.len == bytes.len() {
            let mut again = Vec::new();
            again.try_reserve_exact(plan.len).map_err(|_| Error::OutOfMemory)?;
            again.resize(plan.len, 0);
            plan.write(history.days().map(Ok), &mut again, poll)?;
            if again == bytes {
                return Ok(());
            }
        }
        malformed("the sums of the purchase history do not agree with its days")
    }
}

/// Iterates over the days of a packed history.
#[derive(Clone)]
pub struct PackedDays<'a> {
    reader: Reader<'a>,
    before: i32,
    has_amounts: bool,
}

impl Iterator for PackedDays<'_> {
    type Item = DayLine;

    fn size_hint(&self) -> (usize, Option<usize>) {
        // a day has at least one byte
        (usize::from(!self.reader.rest.is_empty()), Some(self.reader.rest.len()))
    }

    #[inline]
    fn next(&mut self) -> Option<DayLine> {
        if self.reader.rest.is_empty() {
            return None;
        }
        let word = self.reader.number();
        let day = self.before.wrapping_add((word >> 2) as i32);
        self.before = day;
        let refund = word & 2 != 0;
        let count = if word & 1 != 0 { self.reader.number().saturating_add(2) } else { 1 };
        let amount = if self.has_amounts { self.reader.amount() } else { 0 };
        Some(DayLine { day, refund, count, amount })
    }
}
