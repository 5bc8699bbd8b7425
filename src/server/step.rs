//! What was being done when an error was raised, for the CONTEXT of its report.
//!
//! pgrx turns an error of the server into a panic and raises it anew at the entry of the SQL function, without the
//! context that it had. So a step that unwinds leaves its text, and the entry gives it to the report.

use pgrx::pg_sys;
use std::cell::{Cell, RefCell};
use std::ffi::{CString, c_char, c_int, c_void};

unsafe extern "C-unwind" {
    /// Adds to the context of the error under way. PostgreSQL, src/include/utils/elog.h; not among pgrx's bindings.
    fn errcontext_msg(format: *const c_char, ...) -> c_int;
}

thread_local! {
    /// Steps that are under way.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// What has failed, and waits to be reported.
    static FAILED: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Something that is being done, until it is dropped.
pub struct Step(String);

impl Step {
    /// Begins a step, such as `training of shop.segments`.
    pub fn begin(what: impl Into<String>) -> Step {
        let depth = DEPTH.replace(DEPTH.get() + 1);
        if depth == 0 {
            FAILED.take(); // of an error that was reported without
        }
        Step(what.into())
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get().saturating_sub(1));
        if std::thread::panicking() {
            let outer = std::mem::take(&mut self.0);
            FAILED.with_borrow_mut(|failed| {
                *failed = Some(match failed.take() {
                    Some(inner) => format!("{inner}\n{outer}"),
                    None => outer,
                });
            });
        }
    }
}

unsafe extern "C-unwind" fn tell(text: *mut c_void) {
    // SAFETY: the text ends in zero and lives until the error is reported.
    unsafe { errcontext_msg(c"%s".as_ptr(), text.cast::<c_char>()) };
}

/// Runs what raises an error, whose report tells the steps that have failed.
pub fn with_context<T>(raise: impl FnOnce() -> T) -> T {
    let failed = FAILED.with_borrow_mut(Option::take);
    let Some(text) = failed.and_then(|text| CString::new(text).ok()) else { return raise() };
    // SAFETY: the text is copied to memory that lives as long as the error; the callback is in a frame that is left by
    // the error alone, and whoever catches it gives the stack of callbacks back.
    unsafe {
        let copy = pg_sys::MemoryContextStrdup(pg_sys::ErrorContext, text.as_ptr());
        drop(text); // an error does not come back here
        let mut callback = pg_sys::ErrorContextCallback {
            previous: pg_sys::error_context_stack,
            callback: Some(tell),
            arg: copy.cast(),
        };
        pg_sys::error_context_stack = &raw mut callback;
        let result = raise();
        pg_sys::error_context_stack = callback.previous;
        result
    }
}
