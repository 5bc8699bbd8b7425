//! Values of variable length: reading them where they lie, making new ones.

use btyd::trained::PackedText;
use pgrx::pg_sys;
use pgrx::varlena as pg;

/// The bytes of a value, without its header, read in place where it is neither compressed nor toasted.
///
/// # Safety
/// `datum` is a valid pointer to a varlena that lives as long as `'a`.
#[inline(always)]
pub unsafe fn bytes<'a>(datum: pg_sys::Datum) -> &'a [u8] {
    let mut pointer = datum.cast_mut_ptr::<pg_sys::varlena>();
    // SAFETY: the caller vouches for the pointer; the server unpacks what is not plain.
    unsafe {
        if pg::varatt_is_1b_e(pointer) || pg::varatt_is_4b_c(pointer) {
            pointer = unpacked(pointer);
        }
        let data = pg::vardata_any(pointer).cast::<u8>();
        std::slice::from_raw_parts(data, pg::varsize_any_exhdr(pointer))
    }
}

/// A copy of a value that is compressed or toasted.
///
/// # Safety
/// `pointer` is a varlena.
#[cold]
pub unsafe fn unpacked(pointer: *mut pg_sys::varlena) -> *mut pg_sys::varlena {
    // SAFETY: the caller vouches for the pointer.
    unsafe { pg_sys::pg_detoast_datum_packed(pointer) }
}

/// The server's hash of bytes, which depends on nothing but them and the seed.
pub fn hash(bytes: &[u8], seed: u64) -> u64 {
    unsafe extern "C-unwind" {
        // as in common/hashfn.h
        fn hash_bytes_extended(bytes: *const u8, len: i32, seed: u64) -> u64;
    }
    // SAFETY: the pointer and the length are those of the bytes, which are below 1 GB.
    unsafe { hash_bytes_extended(bytes.as_ptr(), bytes.len() as i32, seed) }
}

/// One allocation of the server is below 1 GB; the header takes four bytes of it.
const MAX_LEN: usize = 0x3FFF_FFFF - pg_sys::VARHDRSZ;

/// A new value of `len` bytes in the current memory context, filled by `fill`.
pub fn build(len: usize, fill: impl FnOnce(&mut [u8])) -> pg_sys::Datum {
    if len >= MAX_LEN {
        super::error::fail(
            super::error::Code::ERRCODE_PROGRAM_LIMIT_EXCEEDED,
            "the value would be larger than 1 GB",
            "Work on fewer orders at a time.",
        );
    }
    // SAFETY: palloc returns that many bytes or raises; they are zeroed before they are borrowed.
    unsafe {
        let pointer = pg_sys::palloc0(len + pg_sys::VARHDRSZ).cast::<pg_sys::varlena>();
        pg::set_varsize_4b(pointer, (len + pg_sys::VARHDRSZ) as i32);
        let data = pg::vardata_4b(pointer).cast_mut().cast::<u8>();
        fill(std::slice::from_raw_parts_mut(data, len));
        pg_sys::Datum::from(pointer)
    }
}

/// A value with this packed text: where it can be, the text as it lies, which is part of an argument and lives as long.
#[inline]
pub fn of_packed(text: PackedText<'_>) -> pg_sys::Datum {
    match text.as_value() {
        Some(value) => pg_sys::Datum::from(value.as_ptr()),
        None => from_bytes(text.bytes()),
    }
}

/// A new value with these bytes.
pub fn from_bytes(bytes: &[u8]) -> pg_sys::Datum {
    build(bytes.len(), |out| out.copy_from_slice(bytes))
}
