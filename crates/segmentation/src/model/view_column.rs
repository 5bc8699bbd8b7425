//! Columns of the view.

use super::{Number, Segmentation};
use crate::sql::{Name, as_double};

/// What a column holds, as far as it may be an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Numbers.
    Numbers,
    /// Exact amounts.
    Amounts,
    /// Type money.
    Money,
    /// Anything else, which cannot be an axis.
    Others,
}

/// A column of the view.
#[derive(Debug, Clone)]
pub struct ViewColumn {
    /// Its name.
    pub name: Name,
    /// What it is computed from.
    pub sql: String,
    /// Unit, range, meaning of NULL, in the language of the segmentation.
    pub comment: String,
    holds: Holds,
    late: bool,
    of_orders: bool,
    appended: bool,
    /// The type that it is shown as, if not its own.
    shown_as: Option<String>,
    no_longer: bool,
}

impl ViewColumn {
    /// A column.
    pub fn new(
        name: Name,
        sql: impl Into<String>,
        comment: impl Into<String>,
        holds: Holds,
    ) -> ViewColumn {
        ViewColumn {
            name,
            sql: sql.into(),
            comment: comment.into(),
            holds,
            late: false,
            of_orders: false,
            appended: false,
            shown_as: None,
            no_longer: false,
        }
    }

    /// A column of numbers, which may be an axis.
    pub fn numbers(name: &str, sql: impl Into<String>, comment: impl Into<String>) -> ViewColumn {
        ViewColumn::new(Name::own(name), sql, comment, Holds::Numbers)
    }

    /// A column of a number, which may be an axis.
    pub fn number(name: &str, number: Number, comment: impl Into<String>) -> ViewColumn {
        let Number { sql, late, of_orders } = number;
        ViewColumn { late, of_orders, ..ViewColumn::numbers(name, sql, comment) }
    }

    /// A column of exact amounts, which may be an axis.
    pub fn amounts(name: &str, sql: impl Into<String>, comment: impl Into<String>) -> ViewColumn {
        ViewColumn::new(Name::own(name), sql, comment, Holds::Amounts)
    }

    /// The same, shown as a type that says how many digits it has; as its own for None. Axes are made of the number itself.
    pub fn shown_as(self, type_name: Option<String>) -> ViewColumn {
        ViewColumn { shown_as: type_name, ..self }
    }

    /// The same in the place of a column of this type, which a view cannot change.
    pub fn in_place_of(self, type_name: &str) -> ViewColumn {
        match self.holds {
            Holds::Amounts => {
                let plain = type_name == "numeric";
                self.shown_as((!plain).then(|| type_name.to_owned()))
            }
            _ => self,
        }
    }

    /// The same under another name.
    pub fn named(self, name: Name) -> ViewColumn {
        ViewColumn { name, ..self }
    }

    /// The digits after the point of the type that it is shown as; None where it is shown as its own.
    pub fn shown_scale(&self) -> Option<u16> {
        let (_, scale) = self.shown_as.as_ref()?.rsplit_once(',')?;
        scale.trim_end_matches(')').parse().ok()
    }

    /// What the view selects.
    pub fn shown(&self) -> String {
        match &self.shown_as {
            Some(type_name) => format!("{}::{type_name}", self.sql),
            None => self.sql.clone(),
        }
    }

    /// A column of anything else.
    pub fn others(name: &str, sql: impl Into<String>, comment: impl Into<String>) -> ViewColumn {
        ViewColumn::new(Name::own(name), sql, comment, Holds::Others)
    }

    /// A column made of what a training finds of axes.
    pub fn late(self) -> ViewColumn {
        ViewColumn { late: true, ..self }
    }

    /// The same, known to be NULL for whoever has no order yet.
    pub fn of_orders(self) -> ViewColumn {
        self.of_orders_if(true)
    }

    /// The same if this is so.
    pub fn of_orders_if(self, of_orders: bool) -> ViewColumn {
        ViewColumn { of_orders, ..self }
    }

    /// A column that stays where it is, though the options no longer ask for it.
    pub fn no_longer(s: &Segmentation, name: Name, type_name: &str) -> ViewColumn {
        let (sql, comment) = (format!("NULL::{type_name}"), s.comment("no_longer"));
        ViewColumn { no_longer: true, ..ViewColumn::new(name, sql, comment, Holds::Others) }
    }

    /// A column that a user appended to the view; its comment is theirs.
    pub fn appended(name: Name, sql: &str) -> ViewColumn {
        ViewColumn { appended: true, ..ViewColumn::new(name, sql, "", Holds::Others) }
    }

    /// Whether the options no longer ask for it.
    pub fn is_no_longer(&self) -> bool {
        self.no_longer
    }

    /// Whether it is known to be NULL for whoever has no order yet.
    pub fn is_of_orders(&self) -> bool {
        self.of_orders
    }

    /// Whether a user appended it.
    pub fn is_appended(&self) -> bool {
        self.appended
    }

    /// The same as a double, if it holds numbers, so that it may be an axis.
    pub fn as_number(&self) -> Option<Number> {
        let sql = match self.holds {
            Holds::Numbers => as_double(&self.sql),
            Holds::Amounts => format!("customer_value_internal.to_double({})", self.sql),
            Holds::Money => format!("{}::numeric::float8", self.sql),
            Holds::Others => return None,
        };
        Some(Number { sql, late: self.late, of_orders: self.of_orders })
    }
}
