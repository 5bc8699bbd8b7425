//! Numbers of a customer, as expressions.

/// An expression, and whether it is made of what a training finds of other axes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    /// A double precision.
    pub sql: String,
    /// True if it reads `t.axes`, which a training knows only when it has passed over all customers once.
    pub late: bool,
    /// True if it is NULL for whoever has no order yet.
    pub of_orders: bool,
}

impl Number {
    /// A number that needs no axes.
    pub fn early(sql: impl Into<String>) -> Number {
        Number { sql: sql.into(), late: false, of_orders: false }
    }

    /// A number made of axes.
    pub fn late(sql: impl Into<String>) -> Number {
        Number { sql: sql.into(), late: true, of_orders: false }
    }

    /// The same, known to be NULL for whoever has no order yet.
    pub fn of_orders(self) -> Number {
        Number { of_orders: true, ..self }
    }
}
