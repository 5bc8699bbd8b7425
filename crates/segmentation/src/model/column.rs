//! Columns of the tables that a segmentation reads, and the SQL that reads them.

use crate::sql::Name;

/// What a column holds, as far as SQL written for it differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// True or false.
    Boolean,
    /// Days.
    Date,
    /// Times on the wall clock.
    Timestamp,
    /// Times that know their zone.
    Timestamptz,
    /// Whole numbers and numeric.
    Exact,
    /// Binary fractions, whose plain sum depends on the order of rows.
    Float,
    /// Type money.
    Money,
    /// Anything else.
    Other,
}

/// A column of a table.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name.
    pub name: Name,
    /// What it holds.
    pub kind: Kind,
    /// Its type as SQL writes it, with its schema.
    pub type_name: String,
    /// The same with its modifier, if it has one, such as varchar(20).
    pub exact_type: Option<String>,
    /// What the table's owner says of it.
    pub comment: Option<String>,
    /// The collation by which its values are compared, where a function that reads the table would forget it.
    pub collation: Option<String>,
}

impl Column {
    /// The column of a table alias.
    pub fn of(&self, alias: &str) -> String {
        match &self.collation {
            Some(collation) => format!("({alias}.{} COLLATE {collation})", self.name),
            None => format!("{alias}.{}", self.name),
        }
    }

    /// Whether it holds numbers, money among them.
    pub fn is_number(&self) -> bool {
        matches!(self.kind, Kind::Exact | Kind::Float | Kind::Money)
    }

    /// The column of a table alias as an exact number: floats by their shortest decimal form, to ten places.
    pub fn exact(&self, alias: &str) -> String {
        let column = self.of(alias);
        match self.kind {
            Kind::Float => format!("customer_value_internal.exact_amount({column})"),
            _ => format!("{column}::numeric"),
        }
    }

    /// The column of a table alias as it is, but money as a number, which can be compared with one.
    pub fn number(&self, alias: &str) -> String {
        self.comparable(&self.of(alias))
    }

    /// The same of an expression of this column's type.
    pub fn comparable(&self, expression: &str) -> String {
        match self.kind {
            Kind::Money => format!("{expression}::numeric"),
            _ => expression.to_owned(),
        }
    }

    /// The column of a table alias as a double.
    pub fn float(&self, alias: &str) -> String {
        format!("{}::float8", self.number(alias))
    }
}
