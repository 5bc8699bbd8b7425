//! Names as users write them: parts, dots, quotes; and as hints list them.

use super::error::{Code, fail};
use super::varlena;
use pgrx::pg_sys;
use std::ffi::{CStr, CString};

/// The schema, if given, and the name of a relation as the server reads them; an error that names the
/// argument if it is no such name.
pub fn relation_name(argument: &str, text: &str) -> (Option<String>, String) {
    let mut parts = split(text).unwrap_or_default();
    match (parts.pop(), parts.pop(), parts.pop()) {
        (Some(name), schema, None) => (schema, name),
        _ => fail(
            Code::ERRCODE_INVALID_NAME,
            format!("{argument} \"{text}\" is not a valid name of a table or view"),
            "Names are written as in SQL, with the schema before a dot: 'shop.orders'.",
        ),
    }
}

/// The relation that a name, as SQL writes it, has in the path of the session, if there is one.
pub fn relation_of(name: &str) -> Option<pg_sys::Oid> {
    let name = varlena::from_bytes(name.as_bytes());
    // SAFETY: to_regclass takes a text and returns an oid or NULL.
    let found = unsafe { pgrx::direct_function_call_as_datum(pg_sys::to_regclass, &[Some(name)]) };
    found.map(|oid| pg_sys::Oid::from(oid.value() as u32))
}

/// The most names that a hint lists.
const LISTED: usize = 10;

/// Names for a hint, with commas: the first ten, and how many more there are.
pub fn listed<S: AsRef<str>>(names: &[S]) -> String {
    let shown: Vec<&str> = names.iter().take(LISTED).map(AsRef::as_ref).collect();
    match names.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// The parts of a dotted name; None if it cannot be read.
fn split(text: &str) -> Option<Vec<String>> {
    let text = CString::new(text).ok()?.into_raw();
    let mut list = std::ptr::null_mut();
    // SAFETY: the text is ours and writable, and the parts that the server finds point into it.
    unsafe {
        let good = pg_sys::SplitIdentifierString(text, b'.' as _, &mut list);
        let mut parts = Vec::new();
        for i in 0..if good && !list.is_null() { (*list).length } else { 0 } {
            let part = (*(*list).elements.add(i as usize)).ptr_value;
            parts.push(CStr::from_ptr(part.cast()).to_string_lossy().into_owned());
        }
        drop(CString::from_raw(text));
        good.then_some(parts)
    }
}
