//! Errors with an SQLSTATE and a hint, and the poll that lets a long loop be cancelled.

use pgrx::pg_sys::panic::{CaughtError, ErrorReport};
use pgrx::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

pub use pgrx::PgSqlErrorCode as Code;

/// A number as the server writes it: no hundreds of digits, no other name for infinity.
pub fn shown(number: f64) -> String {
    match number.abs() {
        size if size.is_infinite() => if number > 0.0 { "Infinity" } else { "-Infinity" }.into(),
        size if size != 0.0 && !(1e-4..1e15).contains(&size) => format!("{number:e}"),
        _ => number.to_string(),
    }
}

/// Ends the statement with an error.
#[cold]
pub fn fail(code: Code, message: impl Into<String>, hint: impl Into<String>) -> ! {
    // the server would end the message at a zero character that a user wrote
    let message = message.into().replace('\0', "\u{FFFD}");
    let report = ErrorReport::new(code, message, "customer_value");
    report.set_hint(hint).report(PgLogLevel::ERROR);
    unreachable!("an ERROR does not return")
}

/// An argument that must not be NULL, or the error that it is.
pub fn given<T>(name: &str, argument: Option<T>, hint: &str) -> T {
    let Some(argument) = argument else {
        let message = format!("argument \"{name}\" must not be null");
        fail(Code::ERRCODE_NULL_VALUE_NOT_ALLOWED, message, hint)
    };
    argument
}

/// Reads rows that a user named. An error in their values (class 22 of SQLSTATE) says where they stand.
pub fn reading<T>(what: &str, hint: &str, read: impl FnOnce() -> T) -> T {
    let is_of_data = |code: Code| (code as i32 ^ Code::ERRCODE_DATA_EXCEPTION as i32) & 0xFFF == 0;
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|panic| {
        match panic.downcast_ref::<CaughtError>() {
            Some(CaughtError::PostgresError(report)) if is_of_data(report.sql_error_code()) => {
                let message = format!("reading {what}: {}", report.message());
                fail(report.sql_error_code(), message, report.hint().unwrap_or(hint))
            }
            _ => resume_unwind(panic),
        }
    })
}

/// Tells the user something that is not an error.
pub fn notice(message: impl Into<String>) {
    ErrorReport::new(Code::ERRCODE_SUCCESSFUL_COMPLETION, message.into(), "customer_value")
        .report(PgLogLevel::NOTICE);
}

/// Raises an error of the pure crate; `malformed` is the SQLSTATE for input that is not what it claims.
#[cold]
pub fn raise(error: btyd::Error, malformed: Code, hint: &str) -> ! {
    match error {
        btyd::Error::OutOfRange => fail(
            Code::ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
            "an amount or a sum of amounts needs more than 38 digits",
            "Amounts are added up exactly, in up to 38 digits; round them first, \
             for example round(amount, 2).",
        ),
        btyd::Error::OutOfMemory => fail(
            Code::ERRCODE_OUT_OF_MEMORY,
            "out of memory",
            "Free memory or work on fewer orders at a time.",
        ),
        btyd::Error::Malformed(why) => fail(malformed, why, hint),
    }
}

/// Why a JSON text cannot be read, without the names of Rust's types.
pub fn json_reason(error: &serde_json::Error) -> String {
    let text = error.to_string().replace('`', "\"");
    let place = text.rfind(" at line").map_or("", |at| &text[at..]);
    let why = text.split(", expected").next().unwrap_or_default();
    if why.ends_with(place) { why.to_owned() } else { format!("{why}{place}") }
}

/// The value, or the error raised; for results that only run out of digits or memory.
pub trait OrFail<T> {
    /// Unwraps or raises.
    fn or_fail(self) -> T;
}

impl<T> OrFail<T> for Result<T, btyd::Error> {
    #[inline]
    fn or_fail(self) -> T {
        match self {
            Ok(value) => value,
            Err(error) => raise(error, Code::ERRCODE_INVALID_PARAMETER_VALUE, ""),
        }
    }
}

/// Lets the user cancel, and `statement_timeout` end, a loop that calls this now and then.
pub fn poll() {
    pgrx::check_for_interrupts!();
}
