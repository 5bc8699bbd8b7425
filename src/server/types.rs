//! Questions about types that SQL cannot ask.

use pgrx::pg_sys;

/// The operator that decides whether two values of a type are equal, if there is one.
pub fn equality_operator(of: pg_sys::Oid) -> Option<pg_sys::Oid> {
    // SAFETY: the entry belongs to the server's cache and is never freed.
    let operator =
        unsafe { (*pg_sys::lookup_type_cache(of, pg_sys::TYPECACHE_EQ_OPR as i32)).eq_opr };
    (operator != pg_sys::InvalidOid).then_some(operator)
}

/// The type below any domains.
pub fn base_type(of: pg_sys::Oid) -> pg_sys::Oid {
    // SAFETY: reads the catalogue.
    unsafe { pg_sys::getBaseType(of) }
}
