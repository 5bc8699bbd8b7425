//! What a query sees: rows as of a moment.

use pgrx::pg_sys;

/// Runs what reads rows as of now, where the isolation level lets each statement see what others have committed. A function
/// that is stable would see them as of the beginning of the statement that called it.
pub fn as_of_now<T>(read: impl FnOnce() -> T) -> T {
    // SAFETY: a snapshot of this transaction's, which the server copies; it is given back below, or by the server where an
    // error ends the transaction or subtransaction.
    unsafe { pg_sys::PushActiveSnapshot(pg_sys::GetTransactionSnapshot()) };
    let result = read();
    // SAFETY: see above.
    unsafe { pg_sys::PopActiveSnapshot() };
    result
}
