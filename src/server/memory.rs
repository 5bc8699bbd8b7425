//! Memory in contexts of the server, which counts it: blocks, arrays, states of aggregates.

use pgrx::pg_sys;
use std::ffi::c_void;
use std::sync::atomic::AtomicU8;

/// A function of the server that raises nothing, so that it needs no guard. Declared as in palloc.h.
mod unguarded {
    use pgrx::pg_sys::{MemoryContext, MemoryContextCallback};

    unsafe extern "C-unwind" {
        pub fn MemoryContextRegisterResetCallback(
            context: MemoryContext,
            callback: *mut MemoryContextCallback,
        );
    }
}

/// A tag that hangs on a memory context until that is reset or deleted, and is part of a block that
/// lives in the context: the way from a context to what was once made in it.
#[repr(C)]
pub struct Tag {
    callback: pg_sys::MemoryContextCallback,
}

/// Its address is what tells our tags from the callbacks of others. Of a type that can be written to,
/// so that it shares its address with nothing.
static TAG: AtomicU8 = AtomicU8::new(0);

unsafe extern "C-unwind" fn nothing(_: *mut c_void) {}

impl Tag {
    /// A tag that hangs nowhere yet.
    pub fn new() -> Self {
        let arg = (&raw const TAG).cast_mut().cast();
        let callback =
            pg_sys::MemoryContextCallback { func: Some(nothing), arg, next: std::ptr::null_mut() };
        Tag { callback }
    }

    /// Hangs the tag on the context.
    ///
    /// # Safety
    /// It is in that context's memory, and neither moves nor is freed before the context is reset.
    pub unsafe fn hang(tag: *mut Tag, context: pg_sys::MemoryContext) {
        // SAFETY: a tag is a callback, and the server takes it off the list before it frees it.
        unsafe { unguarded::MemoryContextRegisterResetCallback(context, tag.cast()) }
    }

    /// The tag that hangs on the context, or null.
    ///
    /// # Safety
    /// `context` is a memory context.
    #[inline]
    pub unsafe fn find(context: pg_sys::MemoryContext) -> *mut Tag {
        // SAFETY: the list of a context holds callbacks that live; those with our address are tags.
        unsafe {
            let mut callback = (*context).reset_cbs;
            while !callback.is_null() && !std::ptr::eq((*callback).arg.cast(), &TAG) {
                callback = (*callback).next;
            }
            callback.cast()
        }
    }
}

/// Asks the processor to have the cache line at `address`, any address, ready soon.
#[inline(always)]
pub fn prefetch<T>(address: *const T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint that never faults, whatever the address.
    unsafe {
        use core::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(address.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}

/// A block of the context, of any size.
///
/// # Safety
/// `context` is a memory context. The block lives as long, unless it is freed by [`release`].
pub unsafe fn block(context: pg_sys::MemoryContext, bytes: usize) -> *mut u8 {
    // SAFETY: the caller vouches for the context; the call returns the block or raises.
    unsafe { pg_sys::MemoryContextAllocHuge(context, bytes).cast() }
}

/// Gives a block from [`block`] back.
///
/// # Safety
/// It is not used again.
pub unsafe fn release(block: *mut u8) {
    // SAFETY: the caller vouches for the block.
    unsafe { pg_sys::pfree(block.cast()) }
}

/// The memory context of the current call.
pub fn current_context() -> pg_sys::MemoryContext {
    // SAFETY: a plain global of the server's only thread.
    unsafe { pg_sys::CurrentMemoryContext }
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
            // by an eighth: a large block is moved by remapping its pages, and spare room is counted
            let cap = (self.cap + self.cap / 8).max(64);
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

    /// The values, to be changed.
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        if self.pointer.is_null() {
            return &mut [];
        }
        // SAFETY: the first len values have been written, and the array is borrowed for as long.
        unsafe { std::slice::from_raw_parts_mut(self.pointer, self.len) }
    }
}

/// A plain value without padding and for which any bytes are a value, so that it may travel as bytes.
///
/// # Safety
/// All of that is true of the type.
pub unsafe trait Raw: Copy {}

// SAFETY: numbers only, packed without padding.
unsafe impl Raw for btyd::fit::Purchases {}
// SAFETY: numbers only, packed without padding.
unsafe impl Raw for btyd::fit::Spend {}

impl<T: Raw> Array<T> {
    /// The values as bytes, for [`Array::extend`] in another process of the same server.
    pub fn raw(&self) -> &[u8] {
        let values = self.as_slice();
        // SAFETY: the values have no padding.
        unsafe { std::slice::from_raw_parts(values.as_ptr().cast(), size_of_val(values)) }
    }

    /// Appends what [`Array::raw`] gave.
    pub fn extend(&mut self, raw: &[u8], context: pg_sys::MemoryContext) {
        for value in raw.chunks_exact(size_of::<T>()) {
            // SAFETY: the chunk is as long as a value, and any bytes are one.
            self.push(unsafe { value.as_ptr().cast::<T>().read_unaligned() }, context);
        }
    }
}

/// An array filled with a value, in the current memory context; given back by [`free`].
pub fn filled<T: Copy>(value: T, len: usize) -> &'static mut [T] {
    const { assert!(align_of::<T>() <= 8, "palloc aligns to 8 bytes") };
    // SAFETY: the block holds len values, all of which are written before they are borrowed.
    unsafe {
        let bytes = len.max(1) * size_of::<T>();
        let pointer =
            pg_sys::MemoryContextAllocHuge(pg_sys::CurrentMemoryContext, bytes).cast::<T>();
        for i in 0..len {
            pointer.add(i).write(value);
        }
        std::slice::from_raw_parts_mut(pointer, len)
    }
}

/// Gives an array from [`filled`] back.
pub fn free<T: Copy>(array: &'static mut [T]) {
    // SAFETY: it came from MemoryContextAllocHuge and is not used again.
    unsafe { pg_sys::pfree(array.as_mut_ptr().cast()) }
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
