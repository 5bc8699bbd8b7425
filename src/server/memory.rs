//! Memory of an aggregate's state: in the aggregate's context, so that the server counts it.

use super::call::Call;
use super::error::{Code, fail};
use pgrx::pg_sys;

/// The memory context in which the state of the running aggregate lives.
pub fn aggregate_context(call: &Call) -> pg_sys::MemoryContext {
    let mut context = std::ptr::null_mut();
    // SAFETY: the call's fcinfo is the one that the server passed.
    let kind = unsafe { pg_sys::AggCheckCallContext(call.fcinfo(), &mut context) };
    if kind == 0 {
        fail(
            Code::ERRCODE_FEATURE_NOT_SUPPORTED,
            "this function is a part of an aggregate and cannot be called on its own",
            "Call the aggregate, for example purchase_history(ordered_at, amount).",
        );
    }
    context
}

/// A copy of some bytes in a memory context. It lives as long as that, so only its state may hold it.
pub fn keep(bytes: &[u8], context: pg_sys::MemoryContext) -> &'static [u8] {
    // SAFETY: the block is as long as the bytes, which are copied before it is borrowed.
    unsafe {
        let block = pg_sys::MemoryContextAlloc(context, bytes.len().max(1)).cast::<u8>();
        std::ptr::copy_nonoverlapping(bytes.as_ptr(), block, bytes.len());
        std::slice::from_raw_parts(block, bytes.len())
    }
}

/// The state that [`new_state`] made.
pub fn state<'a, T>(datum: pg_sys::Datum) -> &'a mut T {
    // SAFETY: only functions of the same aggregate exchange `internal` values, one at a time.
    unsafe { &mut *datum.cast_mut_ptr::<T>() }
}

/// An array in a memory context that grows by moving, of plain values without destructors.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Array<T: Copy> {
    pointer: *mut T,
    len: usize,
    cap: usize,
}

impl<T: Copy> Array<T> {
    /// An array without memory yet.
    pub const EMPTY: Self = Array { pointer: std::ptr::null_mut(), len: 0, cap: 0 };

    /// Appends a value; memory beyond what a palloc gives by default is asked for explicitly.
    pub fn push(&mut self, value: T, context: pg_sys::MemoryContext) {
        const { assert!(align_of::<T>() <= 8, "palloc aligns to 8 bytes") };
        if self.len == self.cap {
            let cap = (self.cap * 2).max(64);
            let bytes = cap * size_of::<T>();
            // SAFETY: the old block, if any, came from here; the new one is at least as large.
            self.pointer = unsafe {
                match self.pointer.is_null() {
                    true => pg_sys::MemoryContextAllocHuge(context, bytes),
                    false => pg_sys::repalloc_huge(self.pointer.cast(), bytes),
                }
            }
            .cast();
            self.cap = cap;
        }
        // SAFETY: len is below cap, and the block holds cap values.
        unsafe { self.pointer.add(self.len).write(value) };
        self.len += 1;
    }

    /// The values.
    pub fn as_slice(&self) -> &[T] {
        if self.pointer.is_null() {
            return &[];
        }
        // SAFETY: the first len values have been written.
        unsafe { std::slice::from_raw_parts(self.pointer, self.len) }
    }
}

/// A zeroed array of doubles in the current memory context; given back by [`free`].
pub fn doubles(len: usize) -> &'static mut [f64] {
    let bytes = len.max(1) * size_of::<f64>();
    // SAFETY: the block holds len doubles, and all bits zero is 0.0.
    unsafe {
        let pointer = pg_sys::MemoryContextAllocHuge(pg_sys::CurrentMemoryContext, bytes);
        std::ptr::write_bytes(pointer.cast::<u8>(), 0, bytes);
        std::slice::from_raw_parts_mut(pointer.cast(), len)
    }
}

/// Gives an array from [`doubles`] back.
pub fn free(doubles: &'static mut [f64]) {
    // SAFETY: it came from MemoryContextAllocHuge and is not used again.
    unsafe { pg_sys::pfree(doubles.as_mut_ptr().cast()) }
}

/// A new value in a memory context, returned as the datum of an `internal` state.
pub fn new_state<T: Copy>(value: T, context: pg_sys::MemoryContext) -> pg_sys::Datum {
    // palloc aligns to 8 bytes, some values need more
    let spare = align_of::<T>();
    // SAFETY: the block holds a T from the first aligned address on.
    unsafe {
        let block = pg_sys::MemoryContextAlloc(context, size_of::<T>() + spare).cast::<u8>();
        let pointer = block.add(block.align_offset(spare)).cast::<T>();
        pointer.write(value);
        pg_sys::Datum::from(pointer)
    }
}

/// What this place of the query keeps between calls, of a type with a destructor, which runs when the
/// query ends.
#[allow(clippy::mut_from_ref)] // the cache is not part of the call
pub fn owned_cache<T>(call: &Call, init: impl FnOnce() -> T) -> &mut T {
    let kept: &mut *mut T = call.cache(|call| {
        let mut context = pgrx::PgMemoryContexts::For(call.cache_context());
        context.leak_and_drop_on_delete(init())
    });
    // SAFETY: it lives as long as the context of the cache, which outlives the call.
    unsafe { &mut **kept }
}
