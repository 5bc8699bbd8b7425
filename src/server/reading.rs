//! Reading tables as a view reads them, by a query that is not the view's.
//!
//! The names in such a query are found as its owner would find them, as those in a view were when it was made. Rows are
//! read with the rights of the reader, or with those of the owner, policies included, as the view says. Functions run as
//! the reader in any case.

use pgrx::prelude::*;
use std::cell::RefCell;
use std::ffi::CStr;

unsafe extern "C-unwind" {
    /// Has all relations of a query read with the rights of a role. PostgreSQL, src/include/rewrite/rewriteDefine.h; not
    /// among pgrx's bindings.
    fn setRuleCheckAsUser(node: *mut pg_sys::Node, role: pg_sys::Oid);
}

/// A query that waits to be analysed.
struct Waiting {
    sql: String,
    /// Who asked, and in which context.
    reader: (pg_sys::Oid, i32),
    /// Whose rights count, if not those of the reader.
    rights_of: Option<pg_sys::Oid>,
    /// Who else is told of analysed queries.
    others: pg_sys::post_parse_analyze_hook_type,
}

thread_local! {
    static WAITING: RefCell<Option<Waiting>> = const { RefCell::new(None) };
}

impl Waiting {
    /// Gives back to the session what was taken for the analysis.
    fn end(&self) {
        // SAFETY: a backend of the server has one thread; these are what `begin` found.
        unsafe {
            pg_sys::post_parse_analyze_hook = self.others;
            pg_sys::SetUserIdAndSecContext(self.reader.0, self.reader.1);
        }
    }
}

/// Ends what still waits, after an error.
struct Guard;

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(waiting) = WAITING.with_borrow_mut(Option::take) {
            waiting.end();
        }
    }
}

/// Runs this query with names that the owner of a view finds, and the rights that the view reads with: those of its
/// reader if it is an `invoker`, else the owner's. `run` runs this one first.
pub fn as_view<T>(owner: pg_sys::Oid, invoker: bool, sql: &str, run: impl FnOnce() -> T) -> T {
    let mut reader = (pg_sys::InvalidOid, 0);
    // SAFETY: as in `identity`; the hook is set for the one query that is analysed next.
    unsafe {
        pg_sys::GetUserIdAndSecContext(&mut reader.0, &mut reader.1);
        let others = pg_sys::post_parse_analyze_hook;
        let rights_of = (!invoker).then_some(owner);
        let waiting = Waiting { sql: sql.to_owned(), reader, rights_of, others };
        WAITING.with_borrow_mut(|place| *place = Some(waiting));
        let flags = pg_sys::SECURITY_RESTRICTED_OPERATION | pg_sys::SECURITY_LOCAL_USERID_CHANGE;
        pg_sys::SetUserIdAndSecContext(owner, reader.1 | flags as i32);
        pg_sys::post_parse_analyze_hook = Some(analysed);
    }
    let guard = Guard;
    let result = run();
    drop(guard);
    result
}

/// Told by the server of each query that it has analysed.
#[pg_guard]
unsafe extern "C-unwind" fn analysed(
    state: *mut pg_sys::ParseState,
    query: *mut pg_sys::Query,
    jumble: *mut pg_sys::JumbleState,
) {
    // SAFETY: the server gives the state of its parser, with the text that it has read.
    let text = unsafe { (*state).p_sourcetext };
    let is_ours = |waiting: &Waiting| {
        // SAFETY: a text of the server's ends in zero.
        !text.is_null() && unsafe { CStr::from_ptr(text) }.to_bytes() == waiting.sql.as_bytes()
    };
    let others = WAITING.with_borrow(|waiting| waiting.as_ref().and_then(|w| w.others));
    let ours = WAITING.with_borrow_mut(|waiting| waiting.take_if(|waiting| is_ours(waiting)));
    if let Some(waiting) = ours {
        waiting.end();
        if let Some(role) = waiting.rights_of {
            // SAFETY: a query that was just analysed, of which nobody else knows.
            unsafe { setRuleCheckAsUser(query.cast(), role) };
        }
    }
    if let Some(others) = others {
        // SAFETY: as the server would have called it.
        unsafe { others(state, query, jumble) };
    }
}
