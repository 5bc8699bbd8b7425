//! Whether the extension's objects are those of this library.

use super::call::sql_function;
use super::datum::IntoDatum;
use super::error::{Code, fail};
use super::query::value;

sql_function! {
    /// ().
    fn library_version(_call) Some(env!("CARGO_PKG_VERSION").into_datum())
}

/// Raises an error if the database still has the objects of another version, which this library's SQL does
/// not fit.
pub fn require_current() {
    let installed: Option<String> = value(
        "SELECT extversion FROM pg_catalog.pg_extension WHERE extname = 'customer_value'",
        &[],
    );
    let current = env!("CARGO_PKG_VERSION");
    if let Some(installed) = installed.filter(|installed| installed != current) {
        fail(
            Code::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
            format!("this database has customer_value {installed}, the library is {current}"),
            "Run ALTER EXTENSION customer_value UPDATE; existing views keep working until then.",
        )
    }
}
