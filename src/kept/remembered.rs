//! The customers that a transaction has noted in one table, so that each is noted once.

use crate::server::varlena::hash;

/// So many customers of one transaction are noted one by one; beyond, all are.
const MOST: usize = 20_000;
/// And so many bytes of them are remembered.
const MOST_BYTES: usize = 16 << 20;

/// Of no meaning; other hashes of the server begin elsewhere.
const SEED: u64 = 0x6375_7374_6f6d_6572;

/// What there is to do about a customer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ToDo {
    /// Nothing: it is noted.
    Nothing,
    /// Note it.
    Note,
    /// Note all customers.
    NoteAll,
}

struct Entry {
    hash: u64,
    /// The subtransaction that noted it.
    noted_by: u32,
    /// Where its bytes end; they begin where those of the entry before end.
    end: usize,
}

/// Customers in the order in which they were noted: the last ones are forgotten first, when the subtransaction that noted
/// them is rolled back. What was noted within it has its number or a higher one, and what was noted before has lower ones.
#[derive(Default)]
pub struct Remembered {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
    /// Numbers of entries plus one, found by their hash and, where that place is taken, in the next free one. Only the
    /// newest entry is ever taken out, which no other had to make way for.
    slots: Vec<u32>,
    all_noted_by: Option<u32>,
}

impl Remembered {
    /// Remembers a customer, or that all are noted, as noted by a subtransaction, and tells what there is to do.
    #[inline]
    pub fn meet(&mut self, customer: &[u8], subtransaction: impl FnOnce() -> u32) -> ToDo {
        if self.all_noted_by.is_some() {
            return ToDo::Nothing;
        }
        let hash = hash(customer, SEED);
        if self.find(hash, customer) {
            return ToDo::Nothing;
        }
        if self.entries.len() >= MOST || self.bytes.len() + customer.len() > MOST_BYTES {
            return self.meet_all(subtransaction);
        }
        self.bytes.extend_from_slice(customer);
        self.entries.push(Entry { hash, noted_by: subtransaction(), end: self.bytes.len() });
        if self.entries.len() * 2 > self.slots.len() {
            self.slots = vec![0; (self.slots.len() * 2).max(64)];
            (0..self.entries.len()).for_each(|at| self.place(at));
        } else {
            self.place(self.entries.len() - 1);
        }
        ToDo::Note
    }

    /// The same for all customers.
    pub fn meet_all(&mut self, subtransaction: impl FnOnce() -> u32) -> ToDo {
        match self.all_noted_by {
            Some(_) => ToDo::Nothing,
            None => {
                self.all_noted_by = Some(subtransaction());
                ToDo::NoteAll
            }
        }
    }

    /// Forgets what a subtransaction, and those within it, have noted.
    pub fn forget(&mut self, subtransaction: u32) {
        if self.all_noted_by.is_some_and(|by| by >= subtransaction) {
            self.all_noted_by = None;
        }
        while let Some(last) = self.entries.pop_if(|last| last.noted_by >= subtransaction) {
            let slot = self
                .probe(last.hash)
                .find(|slot| self.slots[*slot] as usize == self.entries.len() + 1);
            if let Some(slot) = slot {
                self.slots[slot] = 0;
            }
            self.bytes.truncate(self.entries.last().map_or(0, |entry| entry.end));
        }
    }

    /// The places where an entry may be, beginning with the best.
    fn probe(&self, hash: u64) -> impl Iterator<Item = usize> + use<> {
        let mask = self.slots.len().wrapping_sub(1);
        (0..self.slots.len()).map(move |step| (hash as usize).wrapping_add(step) & mask)
    }

    fn find(&self, hash: u64, customer: &[u8]) -> bool {
        for slot in self.probe(hash) {
            let Some(at) = (self.slots[slot] as usize).checked_sub(1) else { return false };
            let begin = if at == 0 { 0 } else { self.entries[at - 1].end };
            let entry = &self.entries[at];
            if entry.hash == hash && self.bytes[begin..entry.end] == *customer {
                return true;
            }
        }
        false
    }

    fn place(&mut self, at: usize) {
        let slot = self.probe(self.entries[at].hash).find(|slot| self.slots[*slot] == 0);
        if let Some(slot) = slot {
            self.slots[slot] = at as u32 + 1;
        }
    }
}
