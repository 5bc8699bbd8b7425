//! A part of a statement that may fail while the rest stands, as a block with EXCEPTION does in PL/pgSQL.

use super::error::Code;
use pgrx::pg_sys;
use pgrx::pg_sys::panic::{CaughtError, ErrorReportWithLevel};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Why a part failed.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// The message of the error.
    pub message: String,
    /// What to do; empty where the error has no hint.
    pub hint: String,
}

/// Classes of SQLSTATE, each by one of its codes, that are about what was asked for, not about the server, a conflict with
/// others or a cancel.
const FORGIVEN: [Code; 5] = [
    Code::ERRCODE_DATA_EXCEPTION,
    Code::ERRCODE_SYNTAX_ERROR_OR_ACCESS_RULE_VIOLATION,
    Code::ERRCODE_PROGRAM_LIMIT_EXCEEDED,
    Code::ERRCODE_FEATURE_NOT_SUPPORTED,
    Code::ERRCODE_PLPGSQL_ERROR,
];

/// The bits of a code that are its class.
const CLASS: i32 = 0xFFF;

/// Runs a part in a subtransaction; what it has done is undone if it fails. Errors of the server itself, conflicts with
/// other transactions and cancels are raised all the same.
pub fn attempt<T>(part: impl FnOnce() -> T) -> Result<T, Failure> {
    // SAFETY: the steps of PL/pgSQL's own blocks; the memory context and the owner of resources are those of before.
    let (context, owner) = unsafe {
        let before = (pg_sys::CurrentMemoryContext, pg_sys::CurrentResourceOwner);
        pg_sys::BeginInternalSubTransaction(std::ptr::null());
        pg_sys::MemoryContextSwitchTo(before.0);
        before
    };
    let result = catch_unwind(AssertUnwindSafe(part));
    // SAFETY: ends what was begun above; an error of the server is in the hands of Rust by now.
    unsafe {
        match result {
            Ok(_) => pg_sys::ReleaseCurrentSubTransaction(),
            Err(_) => pg_sys::RollbackAndReleaseCurrentSubTransaction(),
        }
        pg_sys::MemoryContextSwitchTo(context);
        pg_sys::CurrentResourceOwner = owner;
    }
    result.map_err(|panic| match report(&*panic) {
        Some(report) if is_forgiven(report.sql_error_code()) => Failure {
            message: report.message().to_owned(),
            hint: report.hint().unwrap_or_default().to_owned(),
        },
        _ => resume_unwind(panic),
    })
}

/// The report of an error; None for a panic of Rust's.
fn report(panic: &(dyn Any + Send)) -> Option<&ErrorReportWithLevel> {
    match panic.downcast_ref::<CaughtError>() {
        Some(CaughtError::PostgresError(report) | CaughtError::ErrorReport(report)) => Some(report),
        Some(CaughtError::RustPanic { .. }) => None,
        None => panic.downcast_ref::<ErrorReportWithLevel>(),
    }
}

fn is_forgiven(code: Code) -> bool {
    let same_class = |of: &Code| (code as i32 ^ *of as i32) & CLASS == 0;
    code == Code::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE || FORGIVEN.iter().any(same_class)
}
