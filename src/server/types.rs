//! Questions about types that SQL cannot ask.

use pgrx::pg_sys;
use segmentation::model::Digits;

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

/// The most digits after the point of a type that tells how many amounts have: a mean of them has four more, at most 38.
const MOST_SCALE: u16 = 34;

/// How many digits values of a type with this modifier have; None where that tells nothing.
pub fn digits(of: pg_sys::Oid, mut modifier: i32) -> Option<Digits> {
    // SAFETY: reads the catalogue; the modifier is that of a domain's base type afterwards.
    let base = unsafe { pg_sys::getBaseTypeAndTypmod(of, &mut modifier) };
    let whole = |precision| Some(Digits { precision, scale: 0 });
    match base {
        pg_sys::INT2OID => whole(5),
        pg_sys::INT4OID => whole(10),
        pg_sys::INT8OID => whole(19),
        // see numeric_typmod_precision and numeric_typmod_scale of the server; digits to be rounded before the point are
        // a negative scale
        pg_sys::NUMERICOID => {
            let packed =
                modifier.checked_sub(pg_sys::VARHDRSZ as i32).filter(|packed| *packed >= 0)?;
            let scale = ((packed & 0x7FF) ^ 1024) - 1024;
            let precision = (packed >> 16) & 0xFFFF;
            // such as 500 of numeric(1,-2)
            let precision = precision + (-scale).max(0);
            let scale = u16::try_from(scale.max(0)).ok().filter(|scale| *scale <= MOST_SCALE)?;
            Some(Digits { precision: u16::try_from(precision).ok()?, scale })
        }
        _ => None,
    }
}

/// The type below any domains.
pub fn base_type(of: pg_sys::Oid) -> pg_sys::Oid {
    // SAFETY: reads the catalogue.
    unsafe { pg_sys::getBaseType(of) }
}
