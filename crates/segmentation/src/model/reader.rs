//! Functions through which a view reads tables that may be rebuilt under it.

use super::Column;
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
    pub columns: Vec<Column>,
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
    pub columns: Vec<Column>,
}
