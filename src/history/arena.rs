//! The memory of all states of one aggregate context, and the queue of orders that still wait for theirs.
//!
//! ```text
//! aggregate context ─ Tag ─> Arena ┬ next, end  what is left of the newest chunk
//!                                  ├ spare      blocks that grown ledgers left behind, by size
//!                                  └ queue      the last orders, each with its state
//! chunks, in the same context: 64 bytes a state; 64, 128, 256 … bytes for the lines of one
//! ```
//!
//! Of a million customers with orders in time order, hardly one is in the processor's cache when its
//! next order comes. Waiting for memory (and, page by page, for its address) once or twice an order would
//! take more time than all else here. So orders wait in a queue, and when that is full, all their states
//! are fetched at once, then all the places to write to, then the orders are added: the waits overlap.
//! Fetching a state as soon as its order comes is slower, as the fetch itself waits for the address.
//! Whoever reads a state has to settle first.
//!
//! The arena hangs on the context of its states and lies in it, the queue included: what resets the
//! context ends all of them at once, and the next state starts a new arena.
#![allow(unsafe_code)]

use crate::server::memory::{self, Tag, prefetch};
use btyd::ledger::Line;
use pgrx::pg_sys;

/// The smallest block and the unit of all: a line of the processor's cache.
const UNIT: usize = 64;
/// Sizes of blocks that chunks are cut into, each twice the one before: up to 16 kB. Larger ones are the
/// server's own.
const SIZES: usize = 9;
/// The arena itself and what it starts with: little, as sorted grouping makes one for each group.
const FIRST_CHUNK: usize = 1024;
const LAST_CHUNK: usize = 1 << 20;

/// Orders that wait at most.
const QUEUE: usize = 64;
/// With fewer states than these, all are in the cache, and orders need not wait.
const MANY: u32 = 256;

/// See the module; of orders and what else they wait with, as `Waiting`.
#[repr(C)]
pub struct Arena<Waiting> {
    /// First, so that the way to it is the way to the arena.
    tag: Tag,
    context: pg_sys::MemoryContext,
    next: *mut u8,
    end: *mut u8,
    /// Bytes of all chunks.
    total: usize,
    /// States, counted up to MANY.
    states: u32,
    /// Room for QUEUE orders; null while there are few states.
    queue: *mut Waiting,
    /// How many orders are in the queue.
    waiting: usize,
    spare: [*mut u8; SIZES],
}

impl<Waiting: Copy> Arena<Waiting> {
    /// The size of the block of the queue, counted as in [`SIZES`].
    const QUEUE_SIZE: usize =
        (QUEUE * size_of::<Waiting>()).div_ceil(UNIT).next_power_of_two().ilog2() as usize;

    /// The arena of an aggregate context.
    #[inline]
    pub fn of<'a>(context: pg_sys::MemoryContext) -> &'a mut Self {
        // SAFETY: the tags of contexts are the first field of an arena; one call at a time uses it.
        unsafe {
            let arena = Tag::find(context).cast::<Self>();
            if arena.is_null() { Self::hung(context) } else { &mut *arena }
        }
    }

    #[cold]
    #[inline(never)]
    fn hung<'a>(context: pg_sys::MemoryContext) -> &'a mut Self {
        let arena = Self::new(context);
        // SAFETY: the arena starts with its tag, and is a block of this context, never freed on its own.
        unsafe { Tag::hang((&raw mut *arena).cast(), context) };
        arena
    }

    /// An arena of its own, in a context that lives at least as long as its states are used.
    pub fn new<'a>(context: pg_sys::MemoryContext) -> &'a mut Self {
        // SAFETY: the block holds the arena, which is written whole, and then zeroed room for blocks.
        unsafe {
            let block = memory::block(context, FIRST_CHUNK);
            let arena = block.cast::<Self>();
            arena.write(Arena {
                tag: Tag::new(),
                context,
                next: std::ptr::null_mut(),
                end: std::ptr::null_mut(),
                total: 0,
                states: 0,
                queue: std::ptr::null_mut(),
                waiting: 0,
                spare: [std::ptr::null_mut(); SIZES],
            });
            let arena = &mut *arena;
            arena.adopt(block.add(size_of::<Self>()), FIRST_CHUNK - size_of::<Self>());
            arena
        }
    }

    /// Cuts blocks from these bytes from now on.
    ///
    /// # Safety
    /// They belong to the arena's context, and to nobody else.
    unsafe fn adopt(&mut self, chunk: *mut u8, bytes: usize) {
        // SAFETY: within the bytes that the caller vouches for. All blocks hold numbers, for which zero
        // is a value.
        unsafe {
            chunk.write_bytes(0, bytes);
            self.next = chunk.add(chunk.align_offset(UNIT).min(bytes));
            self.end = chunk.add(bytes);
        }
        self.total += bytes;
    }

    /// The room of a state, for which all bytes have to be written.
    pub fn new_state(&mut self) -> *mut u8 {
        if self.queue.is_null() {
            self.states += 1;
            if self.states == MANY {
                self.queue = self.take(Self::QUEUE_SIZE).cast();
            }
        }
        self.take(0)
    }

    /// Room for `cap` lines, a power of two and at least four, with some value in all of them.
    pub fn take_lines(&mut self, cap: usize) -> *mut Line {
        let bytes = cap * size_of::<Line>();
        match Self::size(bytes) {
            Some(size) => self.take(size).cast(),
            // SAFETY: the context is alive, and the block has all bytes written before it is read.
            None => unsafe {
                let block = memory::block(self.context, bytes);
                block.write_bytes(0, bytes);
                block.cast()
            },
        }
    }

    /// Takes back what [`Arena::take_lines`] gave.
    ///
    /// # Safety
    /// There is nothing left that points there.
    pub unsafe fn give_lines(&mut self, lines: *mut Line, cap: usize) {
        // SAFETY: a block of that size from take_lines, large enough for a pointer.
        unsafe {
            match Self::size(cap * size_of::<Line>()) {
                Some(size) => {
                    lines.cast::<*mut u8>().write(self.spare[size]);
                    self.spare[size] = lines.cast();
                }
                None => memory::release(lines.cast()),
            }
        }
    }

    /// Which of the sizes has this many bytes.
    fn size(bytes: usize) -> Option<usize> {
        let size = (bytes / UNIT).trailing_zeros() as usize;
        (size < SIZES).then_some(size)
    }

    fn take(&mut self, size: usize) -> *mut u8 {
        let spare = self.spare[size];
        if !spare.is_null() {
            // SAFETY: spare blocks start with a pointer to the next one, or null.
            self.spare[size] = unsafe { spare.cast::<*mut u8>().read() };
            prefetch(self.spare[size]);
            return spare;
        }
        let bytes = UNIT << size;
        if (self.end as usize) - (self.next as usize) < bytes {
            self.grow(bytes);
        }
        let block = self.next;
        // SAFETY: there are at least that many bytes up to the end of the chunk.
        self.next = unsafe { block.add(bytes) };
        block
    }

    /// A new chunk. It adds a quarter, so that little of `work_mem` is taken by room that is not used.
    #[cold]
    #[inline(never)]
    fn grow(&mut self, bytes: usize) {
        let chunk = (self.total / 4).clamp(FIRST_CHUNK, LAST_CHUNK).max(bytes + UNIT);
        // SAFETY: the context is alive; the chunk is the arena's alone.
        unsafe {
            let block = memory::block(self.context, chunk);
            self.adopt(block, chunk);
        }
    }

    /// True if there are so many states that orders should wait.
    #[inline]
    pub fn has_queue(&self) -> bool {
        !self.queue.is_null()
    }

    /// Adds to the queue that there is, and returns true if it is now full: then it has to be emptied.
    #[inline]
    pub fn push(&mut self, waiting: Waiting) -> bool {
        // SAFETY: the queue has QUEUE places, and is emptied when they are taken.
        unsafe { self.queue.add(self.waiting).write(waiting) };
        self.waiting += 1;
        self.waiting == QUEUE
    }

    /// Empties the queue and returns what waited.
    ///
    /// # Safety
    /// Nothing is pushed as long as the result is in use.
    #[inline]
    pub unsafe fn take_waiting<'a>(&mut self) -> &'a [Waiting] {
        let waiting = std::mem::take(&mut self.waiting);
        match waiting {
            0 => &[],
            // SAFETY: that many have been written; the block of the queue lives as long as the arena.
            _ => unsafe { std::slice::from_raw_parts(self.queue, waiting) },
        }
    }
}
