//! Arguments that may be compressed or stored out of line, by functions that the server calls often.

use super::call::Call;
use super::varlena;
use pgrx::pg_sys;
use pgrx::varlena as pg;

/// Hands the bytes of argument `at` to a function, and gives back the copy that had to be made of a compressed or
/// toasted value: what compares values runs often in the same memory.
pub fn with_bytes<T>(call: &Call, at: usize, read: impl FnOnce(&[u8]) -> T) -> T {
    let pointer = call.datum(at).cast_mut_ptr::<pg_sys::varlena>();
    // SAFETY: the argument is of variable length by declaration and lives as long as the call; a copy is freed only
    // after its last use, and only if it is one.
    unsafe {
        let plain = match pg::varatt_is_1b_e(pointer) || pg::varatt_is_4b_c(pointer) {
            true => varlena::unpacked(pointer),
            false => pointer,
        };
        let result = read(varlena::bytes(pg_sys::Datum::from(plain)));
        if plain != pointer {
            pg_sys::pfree(plain.cast());
        }
        result
    }
}

/// A value that this place of a query has read from disk.
#[derive(Clone, Copy)]
struct Kept {
    /// What stood for it in the row: a pointer of the server's, told by its bytes.
    pointer: [u8; POINTER],
    copy: *mut pg_sys::varlena,
}

/// Bytes of a pointer to a value that is stored out of line, with its header.
const POINTER: usize = pg_sys::VARHDRSZ_EXTERNAL + size_of::<pg_sys::varatt_external>();

/// The bytes of argument `at`, which may be stored out of line: each place of a query reads it from disk once, and
/// again only if it has changed. The function keeps nothing else between calls.
#[inline]
pub fn kept_bytes(call: &Call, at: usize) -> &[u8] {
    let pointer = call.datum(at).cast_mut_ptr::<pg_sys::varlena>();
    // SAFETY: the argument is of variable length by declaration.
    match unsafe { pg::varatt_is_1b_e(pointer) } {
        false => call.bytes(at),
        true => kept(call, at, pointer),
    }
}

/// The copy that this place of the query keeps of a value stored out of line.
fn kept(call: &Call, at: usize, stored: *mut pg_sys::varlena) -> &[u8] {
    // SAFETY: what is out of line has at least a pointer; other kinds of it, such as values in memory, are not kept.
    unsafe {
        if pg::varsize_any(stored) != POINTER {
            return call.bytes(at);
        }
        let pointer = stored.cast::<[u8; POINTER]>().read_unaligned();
        let known = call.cache(|_| Kept { pointer: [0; POINTER], copy: std::ptr::null_mut() });
        if known.copy.is_null() || known.pointer != pointer {
            let before = pg_sys::MemoryContextSwitchTo(call.cache_context());
            let old = std::mem::replace(&mut known.copy, pg_sys::pg_detoast_datum(stored));
            pg_sys::MemoryContextSwitchTo(before);
            known.pointer = pointer;
            if !old.is_null() {
                pg_sys::pfree(old.cast());
            }
        }
        varlena::bytes(pg_sys::Datum::from(known.copy))
    }
}

/// Argument `at`, of any type: read from disk, uncompressed and with a header of four bytes if it is of variable
/// length, else as it is.
pub fn in_memory(call: &Call, at: usize) -> pg_sys::Datum {
    let varies = *call.cache(|call| {
        // SAFETY: the server's call has a flinfo; the type is valid unless it is unknown.
        unsafe {
            let of = pg_sys::get_fn_expr_argtype((*call.fcinfo()).flinfo, at as i32);
            of != pg_sys::InvalidOid && pg_sys::get_typlen(of) == -1
        }
    });
    match varies {
        // SAFETY: a value of a type of variable length is a pointer to a varlena.
        true => unsafe {
            pg_sys::Datum::from(pg_sys::pg_detoast_datum(call.datum(at).cast_mut_ptr()))
        },
        false => call.datum(at),
    }
}
