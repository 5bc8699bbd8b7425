//! One call of a trigger: the relation, the rows as they were and are, the argument.

use super::call::Call;
use super::varlena;
use pgrx::pg_sys;
use pgrx::pg_sys::{Datum, Oid};
use std::ffi::CStr;

/// The call of a function by a trigger.
pub struct Event<'a> {
    data: &'a pg_sys::TriggerData,
}

/// A row of a trigger's call.
#[derive(Clone, Copy)]
pub struct Changed {
    tuple: pg_sys::HeapTuple,
}

/// Where a value is found in rows, and how it is stored there.
#[derive(Clone, Copy)]
pub struct Place {
    /// The column, counted from 1.
    pub column: i16,
    /// The length of its values, below zero if it varies.
    pub length: i16,
    /// Whether they are passed as they are.
    pub by_value: bool,
}

impl<'a> Event<'a> {
    /// What a trigger passes; None if no trigger called the function.
    #[inline]
    pub fn of(call: &'a Call) -> Option<Event<'a>> {
        // SAFETY: the context of a call is a node or null, and one with this tag is what a trigger passes.
        unsafe {
            let context = (*call.fcinfo()).context;
            let called = !context.is_null() && (*context).type_ == pg_sys::NodeTag::T_TriggerData;
            called.then(|| Event { data: &*context.cast::<pg_sys::TriggerData>() })
        }
    }

    /// The relation whose rows change.
    #[inline]
    pub fn relation(&self) -> Oid {
        // SAFETY: a trigger fires for an open relation.
        unsafe { (*self.data.tg_relation).rd_id }
    }

    /// The trigger.
    #[inline]
    pub fn trigger(&self) -> Oid {
        // SAFETY: a trigger passes itself.
        unsafe { (*self.data.tg_trigger).tgoid }
    }

    /// Its first argument.
    pub fn argument(&self) -> Option<&str> {
        // SAFETY: a trigger has as many arguments as it says, each a text that ends in zero.
        unsafe {
            let trigger = &*self.data.tg_trigger;
            (trigger.tgnargs > 0).then(|| CStr::from_ptr(*trigger.tgargs))?.to_str().ok()
        }
    }

    /// The row that was inserted or deleted, or the old and the new one; none for a statement.
    #[inline]
    pub fn rows(&self) -> [Option<Changed>; 2] {
        let changed = |tuple: pg_sys::HeapTuple| (!tuple.is_null()).then_some(Changed { tuple });
        let update =
            self.data.tg_event & pg_sys::TRIGGER_EVENT_OPMASK == pg_sys::TRIGGER_EVENT_UPDATE;
        let new = if update { changed(self.data.tg_newtuple) } else { None };
        [changed(self.data.tg_trigtuple), new]
    }

    /// A value of a row; None for NULL.
    #[inline]
    pub fn value(&self, row: Changed, place: Place) -> Option<Datum> {
        // SAFETY: the row is one of the relation, which has that column.
        unsafe {
            let mut is_null = false;
            let shape = (*self.data.tg_relation).rd_att;
            let value = pg_sys::heap_getattr(row.tuple, place.column.into(), shape, &mut is_null);
            (!is_null).then_some(value)
        }
    }

    /// What the function returns: the row as it is, for a trigger that fires before it changes.
    pub fn result(&self) -> Datum {
        let [first, second] = self.rows();
        second.or(first).map_or(Datum::null(), |row| Datum::from(row.tuple))
    }
}

/// Hands the bytes of a value that is not NULL to a function, and the value itself, read from disk and uncompressed.
#[inline]
pub fn with_bytes<T>(value: Datum, place: Place, read: impl FnOnce(&[u8], Datum) -> T) -> T {
    if place.by_value {
        return read(&value.value().to_ne_bytes(), value);
    }
    // SAFETY: a value of that length, or one that tells its length.
    unsafe {
        match place.length {
            -1 => {
                let plain = pg_sys::pg_detoast_datum_packed(value.cast_mut_ptr());
                let plain = Datum::from(plain);
                read(varlena::bytes(plain), plain)
            }
            -2 => read(CStr::from_ptr(value.cast_mut_ptr()).to_bytes(), value),
            length => {
                let pointer = value.cast_mut_ptr::<u8>();
                read(std::slice::from_raw_parts(pointer, length as usize), value)
            }
        }
    }
}
