//! Questions to the server: small queries with plain answers, names quoted by the server itself.

use crate::server::error::{Code, fail};
use pgrx::datum::{DatumWithOid, FromDatum, IntoDatum};
use pgrx::prelude::*;
use pgrx::spi::{SpiClient, SpiHeapTupleData};

/// Runs a command.
pub fn run(sql: &str) {
    Spi::connect_mut(|client| {
        if let Err(error) = client.update(sql, None, &[]) {
            unexpected(&error);
        }
    });
}

/// Runs a command with arguments and tells how many rows it changed or returned.
pub fn run_with(sql: &str, args: &[DatumWithOid<'_>]) -> usize {
    Spi::connect_mut(|client| match client.update(sql, None, args) {
        Ok(rows) => rows.len(),
        Err(error) => unexpected(&error),
    })
}

/// The first column of the first row of a query.
pub fn value<T: FromDatum + IntoDatum>(sql: &str, args: &[DatumWithOid<'_>]) -> Option<T> {
    rows(sql, args, |row| column(row, 1))
        .into_iter()
        .next()
        .flatten()
}

/// All rows of a query, each turned into something.
pub fn rows<T>(
    sql: &str,
    args: &[DatumWithOid<'_>],
    read: impl Fn(&SpiHeapTupleData<'_>) -> T,
) -> Vec<T> {
    let select = |client: &SpiClient<'_>| {
        let table = client.select(sql, None, args)?;
        Ok::<_, spi::Error>(table.map(|row| read(&row)).collect())
    };
    match Spi::connect(select) {
        Ok(rows) => rows,
        Err(error) => unexpected(&error),
    }
}

/// A column of a row, counted from 1.
pub fn column<T: FromDatum + IntoDatum>(row: &SpiHeapTupleData<'_>, at: usize) -> Option<T> {
    row.get(at).ok().flatten()
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
