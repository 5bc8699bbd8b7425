//! Numbers of a customer, as expressions.

/// An expression, and whether it is made of what a training finds of other axes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    /// A double precision.
    pub sql: String,
    /// True if it reads `t.axes`, which a training knows only when it has passed over all customers once.
    pub late: bool,
}

impl Number {
    /// A number that needs no axes.
    pub fn early(sql: impl Into<String>) -> Number {
        Number { sql: sql.into(), late: false }
    }

    /// A number made of axes.
    pub fn late(sql: impl Into<String>) -> Number {
        Number { sql: sql.into(), late: true }
    }
}
