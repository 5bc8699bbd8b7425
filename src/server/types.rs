//! Questions about types that SQL cannot ask.

use pgrx::pg_sys;

/// The operator that decides whether two values of a type are equal, if there is one.
pub fn equality_operator(of: pg_sys::Oid) -> Option<pg_sys::Oid> {
    // SAFETY: the entry belongs to the server's cache and is never freed.
    let operator =
        unsafe { (*pg_sys::lookup_type_cache(of, pg_sys::TYPECACHE_EQ_OPR as i32)).eq_opr };
    (operator != pg_sys::InvalidOid).then_some(operator)
}

/// Whether values of a type can be stored as another without the user asking for a cast.
pub fn can_assign(from: pg_sys::Oid, to: pg_sys::Oid) -> bool {
    // SAFETY: two lists of one type each; reads the catalogue.
    unsafe { pg_sys::can_coerce_type(1, &from, &to, pg_sys::CoercionContext::COERCION_ASSIGNMENT) }
}

/// The type below any domains.
pub fn base_type(of: pg_sys::Oid) -> pg_sys::Oid {
    // SAFETY: reads the catalogue.
    unsafe { pg_sys::getBaseType(of) }
}
