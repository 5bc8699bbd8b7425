//! What a place of a query keeps between its calls, beyond the plain values of [`Call::cache`].

use super::call::Call;
use pgrx::pg_sys;

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

/// How many things one place of a query keeps of those that it read.
const MOST_READ: usize = 32;

/// What this place of a query has read from tables: found again among the last that it read, unless a command has
/// written since, as one of a procedural function may do.
#[allow(clippy::mut_from_ref)] // the cache is not part of the call
pub fn read_once<'a, T: 'a>(
    call: &'a Call,
    is_it: impl Fn(&T) -> bool,
    read: impl FnOnce() -> T,
) -> &'a T {
    // SAFETY: reads the number of the running command, and marks nothing as used.
    let command = unsafe { pg_sys::GetCurrentCommandId(false) };
    let (known_of, known): &mut (u32, Vec<T>) = owned_cache(call, || (command, Vec::new()));
    if *known_of != command || known.len() >= MOST_READ {
        known.clear();
        *known_of = command;
    }
    let at = known.iter().position(is_it).unwrap_or_else(|| {
        known.push(read());
        known.len() - 1
    });
    &known[at]
}
