//! What the planner is told of a query of which it knows too little.

use pgrx::pg_sys;

/// While it lives, rows are joined one by one only where nothing else will do: for queries whose rows the planner takes to
/// be much fewer than they are. An error needs no drop: the server restores settings when a transaction or subtransaction
/// ends.
pub struct FewNestedLoops {
    settings: i32,
}

impl FewNestedLoops {
    /// Starts.
    pub fn begin() -> Self {
        // SAFETY: a level of settings that end gives back, or the server at an error; texts end in zero.
        unsafe {
            let settings = pg_sys::NewGUCNestLevel();
            pg_sys::set_config_option(
                c"enable_nestloop".as_ptr(),
                c"off".as_ptr(),
                pg_sys::GucContext::PGC_USERSET,
                pg_sys::GucSource::PGC_S_SESSION,
                pg_sys::GucAction::GUC_ACTION_SAVE,
                true,
                0,
                false,
            );
            FewNestedLoops { settings }
        }
    }

    /// Ends it.
    pub fn end(self) {
        // SAFETY: see begin.
        unsafe { pg_sys::AtEOXact_GUC(false, self.settings) };
    }
}
