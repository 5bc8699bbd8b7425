//! Refunds that undo purchases: the history of what is left of them.
//!
//! The refunds of each day up to `as_of` are taken together, in the order of their days, as a ledger knows no more than
//! their sum. They are set against
//!
//! 1. the newest purchase day, not after them, of which exactly their sum is left; else
//! 2. what is left of the purchase days not after them, from the newest one backwards.
//!
//! What finds no purchase is unmatched: it stays as refunds of its day. A purchase day of which refunds leave nothing is
//! gone; one of which they leave a part counts with that part, and with all of its orders. A day whose orders were worth
//! nothing from the start stays.
//!
//! So the result depends on the ledger alone, revenue is the same as of any day not before the last refund that was
//! taken, and netting up to one day and then up to a later one is netting up to the later one.

use crate::history::{DayLine, History, Plan};
use crate::{Error, Poll};
use std::collections::HashMap;

/// Lines between two polls.
const POLL_EVERY: usize = 1 << 16;

/// A history of which refunds have undone purchases.
#[derive(Debug)]
pub struct Netted {
    lines: Vec<DayLine>,
    plan: Plan,
}

impl Netted {
    /// Nets the refunds up to a day, or all of them; None where they change nothing, as without refunds.
    pub fn of(
        history: &History<'_>,
        as_of: Option<i32>,
        poll: Poll<'_>,
    ) -> Result<Option<Self>, Error> {
        // read from the head: the days stay untouched
        let totals = history.totals(None);
        if totals.refund_count == 0 || totals.purchase_days == 0 {
            return Ok(None);
        }
        let mut lines = Vec::new();
        let mut until = 0;
        for line in history.days() {
            if lines.len() == lines.capacity() {
                lines.try_reserve(16).map_err(|_| Error::OutOfMemory)?;
            }
            lines.push(line);
            if line.refund && as_of.is_none_or(|as_of| line.day <= as_of) {
                until = lines.len();
            }
            if lines.len().is_multiple_of(POLL_EVERY) {
                poll();
            }
        }
        if !settle(&mut lines, until, poll)? {
            return Ok(None);
        }
        lines.retain(|line| line.count > 0);
        let plan = Plan::new(lines.iter().copied().map(Ok), history.scale(), poll)?;
        Ok(Some(Netted { lines, plan }))
    }

    /// The length of the packed history in bytes.
    pub fn packed_len(&self) -> usize {
        self.plan.packed_len()
    }

    /// The packed history.
    pub fn pack(&self, poll: Poll<'_>) -> Result<Vec<u8>, Error> {
        let mut out = Vec::new();
        out.try_reserve_exact(self.packed_len()).map_err(|_| Error::OutOfMemory)?;
        out.resize(self.packed_len(), 0);
        self.write(&mut out, poll)?;
        Ok(out)
    }

    /// Writes the packed history; `out` is as long as that.
    pub fn write(&self, out: &mut [u8], poll: Poll<'_>) -> Result<(), Error> {
        self.plan.write(self.lines.iter().copied().map(Ok), out, poll)
    }
}

/// Sets the refunds among the first `until` lines against purchases; whether any met one. Lines of which nothing is left
/// have no orders any more.
fn settle(lines: &mut [DayLine], until: usize, poll: Poll<'_>) -> Result<bool, Error> {
    let mut open = Open::with_room(until)?;
    let mut met = false;
    for at in 0..until {
        if at % POLL_EVERY == POLL_EVERY - 1 {
            poll();
        }
        let DayLine { refund, amount, .. } = lines[at];
        match refund {
            false if amount == 0 => {}
            false => open.add(at, amount),
            true => {
                let rest = open.take(lines, amount);
                met |= rest < amount;
                lines[at].amount = rest;
                if rest == 0 {
                    lines[at].count = 0;
                }
            }
        }
    }
    Ok(met)
}

/// A purchase day, and the one before it, older, of which as much was left.
struct Link {
    line: usize,
    older: Option<usize>,
}

/// Purchase days of which something is left, by their places among the lines. There is at most one entry for each line
/// of a history, so that all room is made at once, and each is taken out once.
struct Open {
    /// From the oldest to the newest; of some there may be nothing left by now.
    days: Vec<usize>,
    /// The newest link of each amount.
    newest: HashMap<u128, usize>,
    /// Chains of days by what was left of them; of some there is less left by now.
    links: Vec<Link>,
}

impl Open {
    fn with_room(lines: usize) -> Result<Self, Error> {
        let mut open = Open { days: Vec::new(), newest: HashMap::new(), links: Vec::new() };
        let room = open.days.try_reserve_exact(lines).is_ok()
            && open.links.try_reserve_exact(lines).is_ok()
            && open.newest.try_reserve(lines).is_ok();
        room.then_some(open).ok_or(Error::OutOfMemory)
    }

    /// Adds a purchase day newer than all others.
    fn add(&mut self, line: usize, amount: u128) {
        self.days.push(line);
        self.link(line, amount);
    }

    /// Links the newest day of which something is left.
    fn link(&mut self, line: usize, amount: u128) {
        let older = self.newest.insert(amount, self.links.len());
        self.links.push(Link { line, older });
    }

    /// Takes an amount out of the days; what finds none is returned.
    fn take(&mut self, lines: &mut [DayLine], amount: u128) -> u128 {
        if let Some(line) = self.exactly(lines, amount) {
            (lines[line].amount, lines[line].count) = (0, 0);
            return 0;
        }
        let mut rest = amount;
        while let Some(&newest) = self.days.last().filter(|_| rest > 0) {
            let line = &mut lines[newest];
            if line.amount > rest {
                line.amount -= rest;
                let left = line.amount;
                self.link(newest, left);
                return 0;
            }
            rest -= line.amount;
            (line.amount, line.count) = (0, 0);
            self.days.pop();
        }
        rest
    }

    /// Unlinks the newest day of which exactly this amount is left.
    fn exactly(&mut self, lines: &[DayLine], amount: u128) -> Option<usize> {
        let mut next = self.newest.remove(&amount);
        while let Some(&Link { line, older }) = next.and_then(|next| self.links.get(next)) {
            if lines[line].amount == amount {
                older.and_then(|older| self.newest.insert(amount, older));
                return Some(line);
            }
            next = older;
        }
        None
    }
}
