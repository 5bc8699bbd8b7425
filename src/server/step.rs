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
    /// Gives the error under way a hint. From the same file.
    fn errhint(format: *const c_char, ...) -> c_int;
}

thread_local! {
    /// Steps that are under way.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// What has failed, and waits to be reported.
    static FAILED: RefCell<Option<Failed>> = const { RefCell::new(None) };
}

/// What has failed.
struct Failed {
    /// The steps, from the innermost outwards.
    steps: String,
    /// What to do if the server does not know a name.
    hint: &'static str,
}

/// Something that is being done, until it is dropped.
pub struct Step {
    what: String,
    hint: &'static str,
}

/// Why a name may be unknown to what others wrote and a step runs.
const NAMES: &str = "customer_value runs functions of a source, and event triggers, with search_path = pg_catalog, \
                     pg_temp. Write names in them with their schema, or give the function a path of its own: ALTER \
                     FUNCTION ... SET search_path = ....";

impl Step {
    /// Begins a step, such as `training of shop.segments`.
    pub fn begin(what: impl Into<String>) -> Step {
        let depth = DEPTH.replace(DEPTH.get() + 1);
        if depth == 0 {
            FAILED.take(); // of an error that was reported without
        }
        Step { what: what.into(), hint: NAMES }
    }

    /// The same with another hint where the server does not know a name.
    pub fn with_hint(self, hint: &'static str) -> Step {
        // a step that is dropped here would be under way no longer
        let mut step = self;
        step.hint = hint;
        step
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get().saturating_sub(1));
        if std::thread::panicking() {
            let outer = std::mem::take(&mut self.what);
            FAILED.with_borrow_mut(|failed| {
                *failed = Some(match failed.take() {
                    Some(inner) => Failed { steps: format!("{}\n{outer}", inner.steps), ..inner },
                    None => Failed { steps: outer, hint: self.hint },
                });
            });
        }
    }
}

/// What the server does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// A table, a function, a type or a schema.
    Object,
    /// A column.
    Column,
}

/// What a report is given.
struct Told {
    steps: *mut c_char,
    /// Null if the error says what to do, or names nothing unknown.
    hint: *mut c_char,
}

unsafe extern "C-unwind" fn tell(told: *mut c_void) {
    // SAFETY: both texts end in zero and live until the error is reported.
    unsafe {
        let Told { steps, hint } = *told.cast::<Told>();
        errcontext_msg(c"%s".as_ptr(), steps);
        if !hint.is_null() {
            errhint(c"%s".as_ptr(), hint);
        }
    }
}

/// Runs what raises an error, whose report tells the steps that have failed; and, if a name was `unknown` to the server,
/// why that may be.
pub fn with_context<T>(unknown: Option<Unknown>, raise: impl FnOnce() -> T) -> T {
    let failed = FAILED.with_borrow_mut(Option::take);
    let failed = failed.and_then(|failed| {
        let told = match unknown {
            None => false,
            Some(Unknown::Column) => failed.hint != NAMES, // a path has no columns
            Some(Unknown::Object) => true,
        };
        let hint = told.then(|| CString::new(failed.hint)).transpose().ok()?;
        Some((CString::new(failed.steps).ok()?, hint))
    });
    let Some((steps, hint)) = failed else { return raise() };
    // SAFETY: the texts are copied to memory that lives as long as the error; the callback is in a frame that is left by
    // the error alone, and whoever catches it gives the stack of callbacks back.
    unsafe {
        let copy =
            |text: &CString| pg_sys::MemoryContextStrdup(pg_sys::ErrorContext, text.as_ptr());
        let mut told =
            Told { steps: copy(&steps), hint: hint.as_ref().map_or(std::ptr::null_mut(), copy) };
        drop((steps, hint)); // an error does not come back here
        let mut callback = pg_sys::ErrorContextCallback {
            previous: pg_sys::error_context_stack,
            callback: Some(tell),
            arg: (&raw mut told).cast(),
        };
        pg_sys::error_context_stack = &raw mut callback;
        let result = raise();
        pg_sys::error_context_stack = callback.previous;
        result
    }
}
