//! One call of an SQL function: its arguments and its cache.
//!
//! The functions that run once a row are written with `sql_function!`, which adds nothing to the
//! server's own calling convention but [`guarded`]. Argument
//! types are those that `sql/` declares; a mismatch would be a bug there.

use super::error::{Code, fail};
use super::step::Unknown;
use super::varlena;
use pgrx::FromDatum;
use pgrx::pg_sys;
use pgrx::pg_sys::Datum;
use pgrx::pg_sys::panic::CaughtError;

/// The call of an SQL function.
pub struct Call {
    fcinfo: pg_sys::FunctionCallInfo,
}

impl Call {
    /// Wraps what the server passes.
    ///
    /// # Safety
    /// `fcinfo` is the server's, of a function declared with the argument types that are read.
    #[inline]
    pub unsafe fn new(fcinfo: pg_sys::FunctionCallInfo) -> Self {
        Call { fcinfo }
    }

    /// The call of a function that pgrx calls.
    pub fn of(fcinfo: &pg_sys::FunctionCallInfo) -> Self {
        Call { fcinfo: *fcinfo }
    }

    /// What the server passed.
    pub fn fcinfo(&self) -> pg_sys::FunctionCallInfo {
        self.fcinfo
    }

    /// Number of arguments.
    #[inline]
    pub fn count(&self) -> usize {
        // SAFETY: see new.
        unsafe { (*self.fcinfo).nargs as usize }
    }

    #[inline]
    fn arg(&self, i: usize) -> pg_sys::NullableDatum {
        debug_assert!(i < self.count());
        // SAFETY: the server's array has nargs elements, and i is below that by declaration.
        unsafe { *(*self.fcinfo).args.as_ptr().add(i) }
    }

    /// True if argument `i` is NULL.
    #[inline]
    pub fn is_null(&self, i: usize) -> bool {
        self.arg(i).isnull
    }

    /// Argument `i` as it is.
    #[inline]
    pub fn datum(&self, i: usize) -> Datum {
        self.arg(i).value
    }

    /// An `integer` or a `date`.
    #[inline]
    pub fn int4(&self, i: usize) -> i32 {
        self.datum(i).value() as i32
    }

    /// A `boolean`.
    #[inline]
    pub fn boolean(&self, i: usize) -> bool {
        self.datum(i).value() & 0xFF != 0
    }

    /// A `smallint`.
    #[inline]
    pub fn int2(&self, i: usize) -> i16 {
        self.datum(i).value() as i16
    }

    /// A `bigint` or a timestamp.
    #[inline]
    pub fn int8(&self, i: usize) -> i64 {
        self.datum(i).value() as i64
    }

    /// A `real`.
    #[inline]
    pub fn float4(&self, i: usize) -> f32 {
        f32::from_bits(self.datum(i).value() as u32)
    }

    /// A `double precision`.
    #[inline]
    pub fn float8(&self, i: usize) -> f64 {
        f64::from_bits(self.datum(i).value() as u64)
    }

    /// The bytes of a value of variable length.
    #[inline]
    pub fn bytes(&self, i: usize) -> &[u8] {
        // SAFETY: the argument is of variable length by declaration and lives as long as the call.
        unsafe { varlena::bytes(self.datum(i)) }
    }

    /// A `uuid`.
    pub fn uuid(&self, i: usize) -> [u8; 16] {
        // SAFETY: the argument is a uuid by declaration, which is so long.
        unsafe { *self.datum(i).cast_mut_ptr::<[u8; 16]>() }
    }

    /// A `text`; the database is UTF8, which CREATE EXTENSION has checked.
    pub fn text(&self, i: usize) -> &str {
        std::str::from_utf8(self.bytes(i)).unwrap_or_default()
    }

    /// A `text` that may be NULL, copied.
    pub fn text_or_null(&self, i: usize) -> Option<String> {
        (!self.is_null(i)).then(|| self.text(i).to_owned())
    }

    /// A `text[]`, copied.
    pub fn texts(&self, i: usize) -> Vec<Option<String>> {
        // SAFETY: the argument is an array of text by declaration and lives as long as the call.
        let array = unsafe { pgrx::Array::<String>::from_datum(self.datum(i), self.is_null(i)) };
        array.map(|array| array.iter().collect()).unwrap_or_default()
    }

    /// A `jsonb` that may be NULL, as its text.
    pub fn jsonb_text(&self, i: usize) -> Option<String> {
        if self.is_null(i) {
            return None;
        }
        // SAFETY: jsonb_out takes a jsonb and returns a cstring of its own.
        unsafe {
            let text =
                pgrx::direct_function_call_as_datum(pg_sys::jsonb_out, &[Some(self.datum(i))])?;
            let text = std::ffi::CStr::from_ptr(text.cast_mut_ptr());
            Some(text.to_string_lossy().into_owned())
        }
    }

    /// A `cstring`.
    pub fn cstring(&self, i: usize) -> &str {
        // SAFETY: the argument is a cstring by declaration and lives as long as the call.
        let text = unsafe { std::ffi::CStr::from_ptr(self.datum(i).cast_mut_ptr()) };
        text.to_str().unwrap_or_default()
    }

    /// What is left to read of a binary message, argument 0 of a receive function, taken out of it.
    pub fn message(&self) -> &[u8] {
        // SAFETY: the argument is a StringInfo by declaration; its cursor never passes its len.
        unsafe {
            let buffer = self.datum(0).cast_mut_ptr::<pg_sys::StringInfoData>();
            let rest = (*buffer).len - (*buffer).cursor;
            let data = (*buffer).data.add((*buffer).cursor as usize).cast::<u8>();
            (*buffer).cursor = (*buffer).len;
            std::slice::from_raw_parts(data, rest as usize)
        }
    }

    /// A state of type `internal` that an earlier call returned with [`super::memory::new_state`].
    #[inline]
    pub fn state<T>(&self, i: usize) -> Option<&mut T> {
        (!self.is_null(i)).then(|| super::memory::state(self.datum(i)))
    }

    /// What this place of the query keeps between calls, made by `init` at the first. T has no destructor.
    #[inline]
    #[allow(clippy::mut_from_ref)] // the cache is not part of the call
    pub fn cache<T: Copy>(&self, init: impl FnOnce(&Self) -> T) -> &mut T {
        const { assert!(align_of::<T>() <= 8, "palloc aligns to 8 bytes") };
        // SAFETY: fn_extra belongs to this function; it is null or points to a T made here.
        unsafe {
            let flinfo = (*self.fcinfo).flinfo;
            if (*flinfo).fn_extra.is_null() {
                let value = init(self);
                let memory = pg_sys::MemoryContextAlloc((*flinfo).fn_mcxt, size_of::<T>().max(1));
                memory.cast::<T>().write(value);
                (*flinfo).fn_extra = memory;
            }
            &mut *(*flinfo).fn_extra.cast::<T>()
        }
    }

    /// The memory context in which the cache lives.
    pub fn cache_context(&self) -> pg_sys::MemoryContext {
        // SAFETY: see new.
        unsafe { (*(*self.fcinfo).flinfo).fn_mcxt }
    }

    /// Hands the result to the server.
    #[inline]
    pub fn finish(&self, result: Option<Datum>) -> Datum {
        // SAFETY: see new.
        unsafe { (*self.fcinfo).isnull = result.is_none() };
        result.unwrap_or(Datum::null())
    }
}

/// Runs a function for the server and turns Rust unwinding into an SQL error. pgrx's own guard does the latter; it
/// costs as much as a small function, so it sees only what has gone wrong.
#[inline(always)]
pub fn guarded(function: impl FnOnce() -> Datum) -> Datum {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(function)).unwrap_or_else(raised)
}

/// Whether an error is the server's way to say that another session was quicker, which has no SQLSTATE of its own.
fn was_overtaken(panic: &(dyn std::any::Any + Send)) -> bool {
    let Some(CaughtError::PostgresError(report)) = panic.downcast_ref::<CaughtError>() else {
        return false;
    };
    let message = report.message();
    match report.sql_error_code() {
        Code::ERRCODE_INTERNAL_ERROR => {
            let starts = [
                "tuple concurrently ",
                "could not open relation with OID",
                "cache lookup failed for",
            ];
            starts.iter().any(|start| message.starts_with(start))
        }
        Code::ERRCODE_UNIQUE_VIOLATION => message.contains("unique constraint \"pg_"),
        _ => false,
    }
}

#[cold]
fn raised(panic: Box<dyn std::any::Any + Send>) -> Datum {
    let panic = match was_overtaken(&*panic) {
        false => panic,
        true => std::panic::catch_unwind(|| -> () {
            fail(
                Code::ERRCODE_T_R_SERIALIZATION_FAILURE,
                "another session created, changed or dropped what this command works on",
                "Run it again.",
            )
        })
        .err()
        .unwrap_or(panic),
    };
    // SAFETY: the server's own frames are the next below, and none here holds anything that has to be dropped.
    super::step::with_context(unknown(&*panic), || unsafe {
        pg_sys::panic::pgrx_extern_c_guard(move || std::panic::resume_unwind(panic))
    })
}

/// What the server does not know, if an error is one of its own about that.
fn unknown(panic: &(dyn std::any::Any + Send)) -> Option<Unknown> {
    let Some(CaughtError::PostgresError(report)) = panic.downcast_ref::<CaughtError>() else {
        return None;
    };
    match report.sql_error_code() {
        Code::ERRCODE_UNDEFINED_TABLE
        | Code::ERRCODE_UNDEFINED_FUNCTION
        | Code::ERRCODE_UNDEFINED_OBJECT
        | Code::ERRCODE_INVALID_SCHEMA_NAME => Some(Unknown::Object),
        Code::ERRCODE_UNDEFINED_COLUMN => Some(Unknown::Column),
        _ => None,
    }
}

/// Defines the C entry point of an SQL function, under the name that `sql/` refers to. The body is given
/// the [`Call`] and returns an `Option<Datum>`, None for NULL.
macro_rules! sql_function {
    ($(#[$doc:meta])* fn $name:ident($call:ident) $body:expr) => {
        #[allow(unsafe_code)]
        const _: () = {
            #[unsafe(export_name = concat!("pg_finfo_", stringify!($name)))]
            extern "C" fn finfo() -> *const pgrx::pg_sys::Pg_finfo_record {
                static RECORD: pgrx::pg_sys::Pg_finfo_record =
                    pgrx::pg_sys::Pg_finfo_record { api_version: 1 };
                &RECORD
            }

            $(#[$doc])*
            #[unsafe(export_name = stringify!($name))]
            unsafe extern "C-unwind" fn entry(
                fcinfo: pgrx::pg_sys::FunctionCallInfo,
            ) -> pgrx::pg_sys::Datum {
                // SAFETY: the server calls this with the fcinfo of a function that sql/ declares.
                let call = unsafe { $crate::server::call::Call::new(fcinfo) };
                $crate::server::call::guarded(move || call.finish(body(&call)))
            }

            #[inline(always)]
            fn body($call: &$crate::server::call::Call) -> Option<pgrx::pg_sys::Datum> {
                $body
            }
        };
    };
}
pub(crate) use sql_function;
