//! What the server calls when something ends or changes. None of it may raise an error: each is a few lines on memory
//! of this library's.

use pgrx::pg_sys;
use pgrx::pg_sys::{Datum, Oid};
use std::ffi::c_void;

/// Somebody who wants to know of the end of transactions.
pub trait OfTransactions {
    /// A transaction has ended, or was prepared.
    fn ended();
    /// A subtransaction has been rolled back, and all that began within it; they have higher numbers.
    fn undone(subtransaction: u32);
}

/// Tells `T` of the end of transactions from now on, as long as the session lives.
pub fn tell_of_transactions<T: OfTransactions>() {
    // SAFETY: both functions exist as long as the library, which is never unloaded.
    unsafe {
        pg_sys::RegisterXactCallback(Some(transaction::<T>), std::ptr::null_mut());
        pg_sys::RegisterSubXactCallback(Some(subtransaction::<T>), std::ptr::null_mut());
    }
}

unsafe extern "C-unwind" fn transaction<T: OfTransactions>(
    event: pg_sys::XactEvent::Type,
    _: *mut c_void,
) {
    use pg_sys::XactEvent::{
        XACT_EVENT_PARALLEL_PRE_COMMIT, XACT_EVENT_PRE_COMMIT, XACT_EVENT_PRE_PREPARE,
    };
    // triggers that were deferred fire after these
    let goes_on = [XACT_EVENT_PRE_COMMIT, XACT_EVENT_PARALLEL_PRE_COMMIT, XACT_EVENT_PRE_PREPARE];
    if !goes_on.contains(&event) {
        T::ended();
    }
}

unsafe extern "C-unwind" fn subtransaction<T: OfTransactions>(
    event: pg_sys::SubXactEvent::Type,
    own: pg_sys::SubTransactionId,
    _: pg_sys::SubTransactionId,
    _: *mut c_void,
) {
    if event == pg_sys::SubXactEvent::SUBXACT_EVENT_ABORT_SUB {
        T::undone(own);
    }
}

/// The subtransaction that runs.
pub fn current_subtransaction() -> u32 {
    // SAFETY: reads a number of the session's.
    unsafe { pg_sys::GetCurrentSubTransactionId() }
}

/// Somebody who wants to know of changed relations.
pub trait OfRelations {
    /// A relation may have changed; none: any may have.
    fn changed(relation: Option<Oid>);
}

/// Tells `T` of changed relations from now on, as long as the session lives.
pub fn tell_of_relations<T: OfRelations>() {
    // SAFETY: the function exists as long as the library, which is never unloaded.
    unsafe { pg_sys::CacheRegisterRelcacheCallback(Some(relation::<T>), Datum::null()) };
}

unsafe extern "C-unwind" fn relation<T: OfRelations>(_: Datum, relation: Oid) {
    T::changed((relation != Oid::INVALID).then_some(relation));
}

/// Somebody who wants to know of the end of a memory context.
pub trait OfMemory {
    /// The context with this address is emptied or goes.
    fn emptied(context: usize);
}

/// Tells `T` when a memory context is emptied next.
pub fn tell_of_memory<T: OfMemory>(context: pg_sys::MemoryContext) {
    // SAFETY: the callback lies in the context, and is taken off its list before it is freed.
    unsafe {
        let callback: *mut pg_sys::MemoryContextCallback =
            pg_sys::MemoryContextAlloc(context, size_of::<pg_sys::MemoryContextCallback>()).cast();
        callback.write(pg_sys::MemoryContextCallback {
            func: Some(memory::<T>),
            arg: context.cast(),
            next: std::ptr::null_mut(),
        });
        pg_sys::MemoryContextRegisterResetCallback(context, callback);
    }
}

unsafe extern "C-unwind" fn memory<T: OfMemory>(context: *mut c_void) {
    T::emptied(context as usize);
}
