//! What inputs ask of the database that holds their tables.
//!
//! The extension asks PostgreSQL; tests answer by themselves. What cannot be used is refused in the user's words: then
//! the method raises an error and does not return.

use crate::model::{Column, Kind};

/// The tables of the database.
pub trait Catalogue {
    /// The orders.
    fn orders(&self) -> Box<dyn Table + '_>;

    /// The table that a user gave for an option, and which holds `holds`.
    fn table(&self, option: &'static str, holds: &str, given: &str) -> Box<dyn Table + '_>;
}

/// A table, or a view, whose columns a user named.
pub trait Table {
    /// Its name, with its schema.
    fn relation(&self) -> String;

    /// A column.
    fn column(&self, name: &str) -> Column;

    /// A column that holds what is expected.
    fn expect(&self, name: &str, expected: Expected) -> Column;

    /// A column whose values can be compared.
    fn comparable(&self, name: &str) -> Column;

    /// The column with customers, which are those of the orders: of the same type and collation.
    fn customer(&self, name: &str) -> Column;
}

/// What a column has to hold.
#[derive(Debug, Clone, Copy)]
pub struct Expected {
    /// The kinds.
    pub kinds: &'static [Kind],
    /// The same in the user's words.
    pub words: &'static str,
}

/// Times.
pub const TIME: Expected = Expected {
    kinds: &[Kind::Timestamptz, Kind::Timestamp, Kind::Date],
    words: "timestamptz, timestamp or date",
};

/// Numbers.
pub const NUMBER: Expected =
    Expected { kinds: &[Kind::Exact, Kind::Float, Kind::Money], words: "a number" };
