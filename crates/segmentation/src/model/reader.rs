//! Functions through which a view reads tables that may be rebuilt under it.

use super::{Column, Kind};
use crate::sql::Name;

/// What the source of a segmentation holds.
pub const ORDERS: &str = "orders";

/// What the customer table holds.
pub const CUSTOMERS: &str = "customers";

const NUMERIC: &str = "pg_catalog.\"numeric\"";
const REAL: &str = "pg_catalog.float4";

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
    /// What it holds, which decides how another type of the table's is cast.
    pub kind: Kind,
}

impl ReaderColumn {
    /// A column that keeps its type; a time that of a domain's base.
    pub fn as_it_is(column: &Column) -> ReaderColumn {
        let type_name = match column.kind {
            Kind::Date => "pg_catalog.date",
            Kind::Timestamp => "pg_catalog.\"timestamp\"",
            Kind::Timestamptz => "pg_catalog.timestamptz",
            _ => &column.type_name,
        };
        ReaderColumn {
            name: column.name.clone(),
            type_name: type_name.to_owned(),
            kind: column.kind,
        }
    }

    /// A column of numbers, so that whole ones, and those of type real, can turn into others without being rounded.
    pub fn number(column: &Column) -> ReaderColumn {
        let as_it_is = Self::as_it_is(column);
        match column.kind {
            Kind::Float if column.type_name == REAL => {
                ReaderColumn { type_name: NUMERIC.into(), ..as_it_is }
            }
            Kind::Exact => ReaderColumn { type_name: NUMERIC.into(), ..as_it_is },
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
