//! Functions through which a view reads tables that may be rebuilt under it.

use super::{Column, Kind};
use crate::sql::Name;

/// What the source of a segmentation holds.
pub const ORDERS: &str = "orders";

/// What the customer table holds.
pub const CUSTOMERS: &str = "customers";

/// What an optional input reads.
#[derive(Debug, Clone)]
pub struct Reads {
    /// What its table holds, by the option that names it, and the table with its schema; None for columns of the orders.
    pub table: Option<(&'static str, String)>,
    /// The columns.
    pub columns: Vec<ReaderColumn>,
}

/// A column as a function reads it.
#[derive(Debug, Clone)]
pub struct ReaderColumn {
    /// Its name.
    pub name: Name,
    /// The type that it is given as, with its schema.
    pub type_name: String,
    /// Whether it is cast to that type where the table has another by now. A time is not: which day a cast makes of it
    /// depends on the session. Reading ends in an error then, until the segmentation is trained or altered.
    pub cast: bool,
}

impl ReaderColumn {
    /// A column that keeps its type.
    pub fn as_it_is(column: &Column) -> ReaderColumn {
        let time = matches!(column.kind, Kind::Date | Kind::Timestamp | Kind::Timestamptz);
        ReaderColumn { name: column.name.clone(), type_name: column.type_name.clone(), cast: !time }
    }

    /// A column of numbers, so that whole ones can turn into others without being rounded.
    pub fn number(column: &Column) -> ReaderColumn {
        let as_it_is = Self::as_it_is(column);
        match column.kind {
            Kind::Exact => ReaderColumn { type_name: "pg_catalog.\"numeric\"".into(), ..as_it_is },
            _ => as_it_is,
        }
    }
}

/// A function that reads the columns of a table that a view needs.
#[derive(Debug, Clone)]
pub struct Reader {
    /// Its name.
    pub name: Name,
    /// What the table holds.
    pub holds: &'static str,
    /// The table, with its schema.
    pub relation: String,
    /// The columns, each once.
    pub columns: Vec<ReaderColumn>,
}
