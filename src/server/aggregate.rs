//! The call of an aggregate's function: the context of its states, and its own state.

use super::call::Call;
use super::error::{Code, fail};
use super::memory::new_state;
use pgrx::pg_sys;

/// A function of the server that raises nothing, so that it needs no guard, which would cost more than it does: it is
/// called for every order. Declared as in fmgr.h.
mod unguarded {
    use pgrx::pg_sys::{FunctionCallInfo, MemoryContext};

    unsafe extern "C-unwind" {
        pub fn AggCheckCallContext(call: FunctionCallInfo, context: *mut MemoryContext) -> i32;
    }
}

/// The memory context in which the state of the running aggregate lives.
#[inline]
pub fn aggregate_context(call: &Call) -> pg_sys::MemoryContext {
    let mut context = std::ptr::null_mut();
    // SAFETY: the call's fcinfo is the one that the server passed.
    let kind = unsafe { unguarded::AggCheckCallContext(call.fcinfo(), &mut context) };
    if kind == 0 {
        not_in_aggregate();
    }
    context
}

#[cold]
fn not_in_aggregate() -> ! {
    fail(
        Code::ERRCODE_FEATURE_NOT_SUPPORTED,
        "this function is part of an aggregate and cannot be called on its own",
        "Call the aggregate, for example purchase_history(ordered_at, amount).",
    )
}

/// The state of the running aggregate in argument 0, made if there is none yet.
#[inline]
pub fn state_or_new<T: Copy>(
    call: &Call,
    context: pg_sys::MemoryContext,
    value: impl FnOnce() -> T,
) -> pg_sys::Datum {
    match call.is_null(0) {
        true => new_state(value(), context),
        false => call.datum(0),
    }
}
