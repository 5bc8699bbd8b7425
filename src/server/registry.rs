//! The tables that the extension's functions alone write: roles have no right there but SELECT. A function checks who
//! asks, then writes as the role that owns the tables.

use super::call::sql_function;
use super::datum::IntoDatum;
use super::error::{Code, fail};
use super::identity::{Acting, table_owner};
use super::query::{changed_value, run_with};
use pgrx::datum::{DatumWithOid, FromDatum};
use pgrx::pg_sys;

/// Does something to these tables as the role that owns them.
fn as_owner<T>(change: impl FnOnce() -> T) -> T {
    let acting = Acting::begin(table_owner(c"customer_value", c"segmentation"));
    let result = change();
    acting.end();
    result
}

/// Runs a command on these tables as the role that owns them, and tells how many rows it changed or returned.
pub fn write(sql: &str, args: &[DatumWithOid<'_>]) -> usize {
    as_owner(|| run_with(sql, args))
}

/// Runs a command on these tables as the role that owns them, and gives the value that it returns.
pub fn write_value<T: FromDatum + pgrx::IntoDatum>(
    sql: &str,
    args: &[DatumWithOid<'_>],
) -> Option<T> {
    as_owner(|| changed_value(sql, args))
}

/// Raises an error where nothing can be written: on a standby, or in a read-only transaction.
pub fn require_writable(function: &str) {
    // SAFETY: reads a setting of this session's.
    if unsafe { pg_sys::XactReadOnly } {
        fail(
            Code::ERRCODE_READ_ONLY_SQL_TRANSACTION,
            format!("cannot execute {function} in a read-only transaction"),
            "It writes. Run it on the primary server, in a transaction that is not READ ONLY.",
        )
    }
}

/// Where numbers of roles and relations hold: a server and a database. A dump takes numbers along to where they mean
/// something else.
pub fn this_place() -> String {
    // SAFETY: reads what the server knows of itself and of this session.
    unsafe { format!("{}/{}", pg_sys::GetSystemIdentifier(), pg_sys::MyDatabaseId.to_u32()) }
}

sql_function! {
    /// ().
    fn this_place(_call) Some(IntoDatum::into_datum(self::this_place().as_str()))
}
