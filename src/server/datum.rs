//! Results of SQL functions: Rust values as datums.

use super::numeric::Money;
use super::varlena;
use btyd::decimal::Decimal;
use pgrx::pg_sys;
use pgrx::pg_sys::Datum;

/// A Rust value as the datum of an SQL result.
pub trait IntoDatum {
    /// Converts.
    fn into_datum(self) -> Datum;
}

impl IntoDatum for i16 {
    fn into_datum(self) -> Datum {
        Datum::from(self)
    }
}

impl IntoDatum for i32 {
    fn into_datum(self) -> Datum {
        Datum::from(self)
    }
}

impl IntoDatum for i64 {
    fn into_datum(self) -> Datum {
        Datum::from(self)
    }
}

impl IntoDatum for f64 {
    fn into_datum(self) -> Datum {
        Datum::from(self.to_bits())
    }
}

impl IntoDatum for bool {
    fn into_datum(self) -> Datum {
        Datum::from(self)
    }
}

impl IntoDatum for &str {
    fn into_datum(self) -> Datum {
        varlena::from_bytes(self.as_bytes())
    }
}

impl IntoDatum for Decimal {
    fn into_datum(self) -> Datum {
        Money::build(self)
    }
}

/// The result of a text output function.
pub fn cstring(text: &str) -> Datum {
    // SAFETY: palloc0 gives room for the text and its final zero, or raises.
    unsafe {
        let memory = pg_sys::palloc0(text.len() + 1).cast::<u8>();
        std::ptr::copy_nonoverlapping(text.as_ptr(), memory, text.len());
        Datum::from(memory)
    }
}

/// A JSON document as a jsonb.
pub fn jsonb(document: &serde_json::Value) -> Datum {
    let text = cstring(&document.to_string());
    // SAFETY: jsonb_in takes a cstring, and this one is valid JSON.
    unsafe { pgrx::direct_function_call_as_datum(pg_sys::jsonb_in, &[Some(text)]) }
        .unwrap_or(Datum::null())
}
