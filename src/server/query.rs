//! Questions to the server: small queries with plain answers, names quoted by the server itself.
//!
//! All run with a search path of nothing but the catalogue, so that nobody's operator or function can
//! take the place of the server's; only a name that the user gave is looked up in the user's path.

use super::error::{Code, fail};
use super::identity::SafePath;
use super::names::relation_name;
use super::running::has_written_here;
use super::snapshot::as_of_now;
use pgrx::datum::{DatumWithOid, FromDatum, IntoDatum};
use pgrx::prelude::*;
use pgrx::spi::{SpiClient, SpiHeapTupleData, SpiTupleTable};

/// Runs a command.
pub fn run(sql: &str) {
    run_with(sql, &[]);
}

/// Runs a command with arguments and tells how many rows it changed or returned.
pub fn run_with(sql: &str, args: &[DatumWithOid<'_>]) -> usize {
    changed(sql, None, args, |rows| rows.len())
}

/// The value that a command which changes rows returns.
pub fn changed_value<T: FromDatum + IntoDatum>(sql: &str, args: &[DatumWithOid<'_>]) -> Option<T> {
    changed(sql, Some(1), args, |rows| rows.map(|row| column(&row, 1)).next().flatten())
}

/// Runs a command that sees rows as of now, and is planned as of now. By default, SPI plans under the calling statement's
/// snapshot, which may be old by now, and would include partitions detached since.
fn changed<T>(
    sql: &str,
    limit: Option<i64>,
    args: &[DatumWithOid<'_>],
    read: impl FnOnce(SpiTupleTable<'_>) -> T,
) -> T {
    let path = SafePath::begin();
    let result = as_of_now(|| {
        Spi::connect_mut(|client| match client.update(sql, limit, args) {
            Ok(rows) => read(rows),
            Err(error) => unexpected(&error),
        })
    });
    path.end();
    result
}

/// The first column of the first row of a query.
pub fn value<T: FromDatum + IntoDatum>(sql: &str, args: &[DatumWithOid<'_>]) -> Option<T> {
    rows(sql, args, |row| column(row, 1)).into_iter().next().flatten()
}

/// All rows of a query, each turned into something.
pub fn rows<T>(
    sql: &str,
    args: &[DatumWithOid<'_>],
    read: impl FnMut(&SpiHeapTupleData<'_>) -> T,
) -> Vec<T> {
    let path = SafePath::begin();
    let rows = rows_in_users_path(sql, args, read);
    path.end();
    rows
}

fn rows_in_users_path<T>(
    sql: &str,
    args: &[DatumWithOid<'_>],
    mut read: impl FnMut(&SpiHeapTupleData<'_>) -> T,
) -> Vec<T> {
    let select = |client: &SpiClient<'_>| {
        let table = client.select(sql, None, args)?;
        Ok::<_, spi::Error>(table.map(|row| read(&row)).collect())
    };
    // SPI reads as of now once the transaction has changed something, and so has to plan as of now
    let found = match has_written_here() {
        true => as_of_now(|| Spi::connect(select)),
        false => Spi::connect(select),
    };
    match found {
        Ok(rows) => rows,
        Err(error) => unexpected(&error),
    }
}

/// A relation by the name that a user gave for an argument, if there is one.
pub fn find_relation(argument: &str, name: &str) -> Option<pg_sys::Oid> {
    relation_name(argument, name);
    super::names::relation_of(name)
}

/// The name of a relation with its schema, quoted: so the server writes one that is not in the path.
pub fn name_of(relation: pg_sys::Oid) -> String {
    let sql = "SELECT $1::pg_catalog.regclass::pg_catalog.text";
    value(sql, &[relation.into()]).unwrap_or_default()
}

/// The schema in which the user makes new objects, if there is one.
pub fn current_schema() -> Option<String> {
    let sql = "SELECT pg_catalog.current_schema()::pg_catalog.text";
    rows_in_users_path(sql, &[], |row| column(row, 1)).into_iter().next().flatten()
}

/// A column of a row, counted from 1.
pub fn column<T: FromDatum + IntoDatum>(row: &SpiHeapTupleData<'_>, at: usize) -> Option<T> {
    row.get(at).ok().flatten()
}

/// All rows of a query, each as a tuple of its columns in order.
pub fn records<T: Record>(sql: &str) -> Vec<T> {
    rows(sql, &[], T::read)
}

/// A tuple that is read from the columns of a row in order.
pub trait Record {
    /// Reads it.
    fn read(row: &SpiHeapTupleData<'_>) -> Self;
}

macro_rules! record {
    ($($column:ident $at:literal),+) => {
        #[allow(clippy::type_complexity)] // a row is as wide as its query
        impl<$($column: FromDatum + IntoDatum),+> Record for ($(Option<$column>,)+) {
            fn read(row: &SpiHeapTupleData<'_>) -> Self {
                ($(column(row, $at),)+)
            }
        }
    };
}
record!(A 1);
record!(A 1, B 2, C 3, D 4, E 5);
record!(A 1, B 2, C 3, D 4, E 5, F 6);
record!(A 1, B 2, C 3, D 4, E 5, F 6, G 7, H 8);
record!(A 1, B 2, C 3, D 4, E 5, F 6, G 7, H 8, I 9);
record!(A 1, B 2, C 3, D 4, E 5, F 6, G 7, H 8, I 9, J 10);
record!(A 1, B 2, C 3, D 4, E 5, F 6, G 7, H 8, I 9, J 10, K 11);
record!(A 1, B 2, C 3, D 4, E 5, F 6, G 7, H 8, I 9, J 10, K 11, L 12);
record!(A 1, B 2, C 3, D 4, E 5, F 6, G 7, H 8, I 9, J 10, K 11, L 12, M 13);
record!(A 1, B 2, C 3, D 4, E 5, F 6, G 7, H 8, I 9, J 10, K 11, L 12, M 13, N 14);
record!(
    A 1, B 2, C 3, D 4, E 5, F 6, G 7, H 8, I 9, J 10, K 11, L 12, M 13, N 14, O 15, P 16
);
record!(
    A 1, B 2, C 3, D 4, E 5, F 6, G 7, H 8, I 9, J 10, K 11, L 12, M 13, N 14, O 15, P 16, Q 17,
    R 18, S 19, T 20, U 21, V 22
);
record!(
    A 1, B 2, C 3, D 4, E 5, F 6, G 7, H 8, I 9, J 10, K 11, L 12, M 13, N 14, O 15, P 16, Q 17,
    R 18, S 19, T 20, U 21, V 22, W 23, X 24, Y 25
);

/// A text column of a row, counted from 1; empty for NULL.
pub fn text_of(row: &SpiHeapTupleData<'_>, at: usize) -> String {
    column(row, at).unwrap_or_default()
}

#[cold]
fn unexpected(error: &spi::Error) -> ! {
    fail(
        Code::ERRCODE_EXTERNAL_ROUTINE_EXCEPTION,
        format!("a query of the extension failed: {error}"),
        "Please report it, with the command that led to it.",
    )
}

/// A name, quoted where it has to be.
pub fn ident(name: &str) -> String {
    spi::quote_identifier(name)
}

/// A text as a literal.
pub fn literal(text: &str) -> String {
    spi::quote_literal(text)
}
