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
    can_coerce(from, to, pg_sys::CoercionContext::COERCION_ASSIGNMENT)
}

/// Whether values of a type can stand for those of another: none of them becomes another value, at most an error.
pub fn can_stand_for(from: pg_sys::Oid, to: pg_sys::Oid) -> bool {
    let all_of =
        |types: &[pg_sys::Oid]| [from, to].iter().all(|of| types.contains(&base_type(*of)));
    can_coerce(from, to, pg_sys::CoercionContext::COERCION_IMPLICIT)
        || all_of(&[pg_sys::INT2OID, pg_sys::INT4OID, pg_sys::INT8OID])
        || is_text(to) && can_assign(from, to)
}

/// Whether a type holds texts of any length.
pub fn is_text(of: pg_sys::Oid) -> bool {
    [pg_sys::TEXTOID, pg_sys::VARCHAROID].contains(&base_type(of))
}

fn can_coerce(from: pg_sys::Oid, to: pg_sys::Oid, context: pg_sys::CoercionContext::Type) -> bool {
    // SAFETY: two lists of one type each; reads the catalogue.
    unsafe { pg_sys::can_coerce_type(1, &from, &to, context) }
}

/// The most digits after the point of a type that tells how many amounts have: a mean of them has four more, at most 38.
const MOST_SCALE: u16 = 34;

/// How many digits values of a type with this modifier have; None where that tells nothing. Whole numbers tell nothing: a
/// view cannot change the types of its columns, and the amounts that it shows may be others one day.
pub fn digits(of: pg_sys::Oid, mut modifier: i32) -> Option<Digits> {
    // SAFETY: reads the catalogue; the modifier is that of a domain's base type afterwards.
    let base = unsafe { pg_sys::getBaseTypeAndTypmod(of, &mut modifier) };
    // see numeric_typmod_precision and numeric_typmod_scale of the server
    let packed = modifier.checked_sub(pg_sys::VARHDRSZ as i32).filter(|packed| *packed >= 0)?;
    let scale = ((packed & 0x7FF) ^ 1024) - 1024;
    let precision = u16::try_from((packed >> 16) & 0xFFFF).ok()?;
    let scale = u16::try_from(scale).ok().filter(|scale| (1..=MOST_SCALE).contains(scale))?;
    (base == pg_sys::NUMERICOID).then_some(Digits { precision, scale })
}

/// The type below any domains.
pub fn base_type(of: pg_sys::Oid) -> pg_sys::Oid {
    // SAFETY: reads the catalogue.
    unsafe { pg_sys::getBaseType(of) }
}

/// The type of the argument of a call, as the query has it; none where it is not known.
pub fn of_argument(call: &super::call::Call, at: usize) -> pg_sys::Oid {
    // SAFETY: the server's call has a flinfo.
    unsafe { pg_sys::get_fn_expr_argtype((*call.fcinfo()).flinfo, at as i32) }
}

/// The relation whose rows are of a type, if it is such a type.
pub fn relation_of(of: pg_sys::Oid) -> Option<pg_sys::Oid> {
    // SAFETY: reads the catalogue.
    let relation = unsafe { pg_sys::get_typ_typrelid(of) };
    (relation != pg_sys::InvalidOid).then_some(relation)
}
