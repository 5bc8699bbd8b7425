//! A source: any relation that can be read again, with the columns that a segmentation needs of it.

use super::options::{Options, refuse};
use crate::server::error::{Code, fail};
use crate::server::names::listed;
use crate::server::query::{column, find_relation, ident, name_of, rows, text_of, value};
use crate::server::types;
use pgrx::pg_sys;
use pgrx::pg_sys::Oid;

/// A column of the source.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name, not quoted.
    pub name: String,
    /// Its type.
    pub type_oid: Oid,
    /// Its type as SQL writes it, without modifier.
    pub type_name: String,
    /// The same with modifier, as varchar(20).
    pub exact_type: String,
    /// Its collation.
    pub collation: Oid,
}

/// What the columns of a segmentation are called.
#[derive(Debug, Clone)]
pub struct Names {
    /// Table or view.
    pub source: String,
    /// Who ordered.
    pub customer: String,
    /// When.
    pub ordered_at: String,
    /// For how much; None for orders without amounts.
    pub amount: Option<String>,
}

/// A source that has been found and checked.
#[derive(Debug, Clone)]
pub struct Source {
    /// The relation.
    pub oid: Oid,
    /// Its name with schema, quoted.
    pub name: String,
    /// Who ordered.
    pub customer: Column,
    /// The operator that compares customers.
    pub customer_equals: String,
    /// When.
    pub ordered_at: Column,
    /// For how much.
    pub amount: Option<Column>,
    /// Which lines make up an order.
    pub order_id: Option<Column>,
    /// In which currency.
    pub currency: Option<Column>,
    /// What it cost.
    pub cost: Option<Column>,
    /// What it cost to serve the customer.
    pub cost_to_serve: Option<Column>,
    /// Whether, or how much, it was reduced.
    pub discount: Option<Column>,
    /// What was bought.
    pub product: Option<Column>,
    /// By which way it came.
    pub channel: Option<Column>,
}

impl Source {
    /// Finds and checks a source, or raises an error.
    pub fn resolve(names: &Names, options: &Options) -> Source {
        let (oid, name) = find_source("source", "orders", &names.source);
        let of = |column: &str| find_column(oid, &name, column);
        let option = |column: &Option<String>| column.as_deref().map(of);
        let customer = of(&names.customer);
        let source = Source {
            customer_equals: equality(&customer),
            customer,
            ordered_at: of(&names.ordered_at),
            amount: option(&names.amount),
            order_id: option(&options.order_id),
            currency: option(&options.currency),
            cost: option(&options.cost),
            cost_to_serve: option(&options.cost_to_serve),
            discount: option(&options.discount),
            product: option(&options.product),
            channel: option(&options.channel),
            oid,
            name,
        };
        source.check_types();
        source
    }

    fn check_types(&self) {
        require(&self.ordered_at, &TIMES, "timestamptz, timestamp or date");
        for amount in self.amount.iter().chain(&self.cost).chain(&self.cost_to_serve) {
            require(amount, &NUMBERS, "a number or money");
        }
        if self.cost.is_some() && self.amount.is_none() {
            refuse("cost", "the source has no amounts, so there is no margin");
        }
        if self.cost_to_serve.is_some() && self.amount.is_none() {
            refuse("cost_to_serve", "the source has no amounts, so there is no profitability");
        }
        if let Some(discount) = self.discount.as_ref().filter(|discount| !discount.is_boolean()) {
            require(discount, &NUMBERS, "boolean, a number or money");
        }
        let compared = [&self.order_id, &self.currency, &self.product, &self.channel];
        compared.into_iter().flatten().for_each(|column| drop(equality(column)));
    }

    /// Whether the time column knows zones.
    pub fn has_zone(&self) -> bool {
        self.ordered_at.has_zone()
    }

    /// Whether the amounts are binary fractions, whose plain sum depends on the order of rows.
    pub fn has_float_amounts(&self) -> bool {
        self.amount.as_ref().is_some_and(Column::is_float)
    }
}

/// Types of a time.
pub const TIMES: [Oid; 3] = [pg_sys::TIMESTAMPTZOID, pg_sys::TIMESTAMPOID, pg_sys::DATEOID];

/// Types of an amount.
pub const NUMBERS: [Oid; 7] = [
    pg_sys::NUMERICOID,
    pg_sys::INT8OID,
    pg_sys::INT4OID,
    pg_sys::INT2OID,
    pg_sys::FLOAT8OID,
    pg_sys::FLOAT4OID,
    pg_sys::MONEYOID,
];

/// Raises an error unless the type of a column is allowed.
pub fn require(column: &Column, allowed: &[Oid], expected: &str) {
    if !allowed.contains(&types::base_type(column.type_oid)) {
        fail(
            Code::ERRCODE_DATATYPE_MISMATCH,
            format!(
                "column \"{}\" is of type {}, expected {expected}",
                column.name, column.type_name
            ),
            "Cast it in a view over the table, and give that view as the source.",
        )
    }
}

/// A relation that holds orders or something else, by the name that a user gave for `what`: its oid, and its
/// name with schema.
pub fn find_source(what: &str, holds: &str, given: &str) -> (Oid, String) {
    match find_relation(what, given) {
        Some(oid) => (oid, checked_name(oid, given)),
        None => fail(
            Code::ERRCODE_UNDEFINED_TABLE,
            format!("{what} \"{given}\" does not exist"),
            format!(
                "Give the table or view that holds the {holds}, with its schema: 'shop.orders'."
            ),
        ),
    }
}

/// The name of a relation with its schema, after checking its kind.
fn checked_name(oid: Oid, given: &str) -> String {
    let found = rows(
        "SELECT relkind::text, relpersistence::text FROM pg_catalog.pg_class WHERE oid = $1",
        &[oid.into()],
        |row| {
            let text = |at| column::<String>(row, at).unwrap_or_default();
            (text(1), text(2))
        },
    );
    let (kind, persistence) = found.into_iter().next().unwrap_or_default();
    if !["r", "p", "v", "m", "f"].contains(&kind.as_str()) {
        fail(
            Code::ERRCODE_WRONG_OBJECT_TYPE,
            format!("source \"{given}\" is neither a table nor a view"),
            "Sources are tables, partitioned tables, views, materialized views and foreign tables.",
        )
    }
    if persistence == "t" {
        fail(
            Code::ERRCODE_INVALID_TABLE_DEFINITION,
            format!("source \"{given}\" is temporary"),
            "A segmentation outlives the session; give a permanent table or view.",
        )
    }
    name_of(oid)
}

/// A column of a relation that may be read, or an error.
pub fn find_column(relation: Oid, relation_name: &str, name: &str) -> Column {
    let found = rows(
        "SELECT a.atttypid, pg_catalog.format_type(a.atttypid, -1), \
                pg_catalog.has_column_privilege(a.attrelid, a.attnum, 'SELECT'), \
                pg_catalog.format_type(a.atttypid, a.atttypmod), a.attcollation \
         FROM pg_catalog.pg_attribute AS a \
         WHERE a.attrelid = $1 AND a.attname = $2 AND a.attnum > 0 AND NOT a.attisdropped",
        &[relation.into(), name.into()],
        |row| {
            let found = Column {
                name: name.to_owned(),
                type_oid: column(row, 1).unwrap_or(Oid::INVALID),
                type_name: column(row, 2).unwrap_or_default(),
                exact_type: column(row, 4).unwrap_or_default(),
                collation: column(row, 5).unwrap_or(Oid::INVALID),
            };
            (found, column::<bool>(row, 3))
        },
    );
    let Some((found, readable)) = found.into_iter().next() else {
        let columns = rows(
            "SELECT attname::text FROM pg_catalog.pg_attribute \
             WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
            &[relation.into()],
            |row| text_of(row, 1),
        );
        fail(
            Code::ERRCODE_UNDEFINED_COLUMN,
            format!("column \"{name}\" of {relation_name} does not exist"),
            format!("Its columns are: {}.", listed(&columns)),
        )
    };
    if readable != Some(true) {
        fail(
            Code::ERRCODE_INSUFFICIENT_PRIVILEGE,
            format!("you may not read column \"{name}\" of {relation_name}"),
            format!("Ask its owner for GRANT SELECT ON {relation_name}."),
        )
    }
    found
}

/// The operator that compares values of a column, with its schema.
pub fn equality(column: &Column) -> String {
    let operator = types::equality_operator(column.type_oid);
    let named = operator.and_then(|operator| {
        value(
            "SELECT 'OPERATOR(' || pg_catalog.quote_ident(n.nspname) || '.' || o.oprname || ')' \
             FROM pg_catalog.pg_operator AS o \
             JOIN pg_catalog.pg_namespace AS n ON n.oid = o.oprnamespace WHERE o.oid = $1",
            &[operator.into()],
        )
    });
    named.unwrap_or_else(|| {
        fail(
            Code::ERRCODE_UNDEFINED_FUNCTION,
            format!(
                "column \"{}\" is of type {}, whose values cannot be compared",
                column.name, column.type_name
            ),
            "Give a column of a type with equality, or cast it to text in a view.",
        )
    })
}

impl Column {
    /// Whether it holds true or false.
    pub fn is_boolean(&self) -> bool {
        types::base_type(self.type_oid) == pg_sys::BOOLOID
    }

    /// Whether it holds numbers.
    pub fn is_number(&self) -> bool {
        NUMBERS.contains(&types::base_type(self.type_oid))
    }

    /// Whether it holds money.
    pub fn is_money(&self) -> bool {
        types::base_type(self.type_oid) == pg_sys::MONEYOID
    }

    /// Whether it is a time that knows zones.
    pub fn has_zone(&self) -> bool {
        types::base_type(self.type_oid) == pg_sys::TIMESTAMPTZOID
    }

    /// Whether it is a day.
    pub fn is_date(&self) -> bool {
        types::base_type(self.type_oid) == pg_sys::DATEOID
    }

    /// Whether it holds binary fractions.
    fn is_float(&self) -> bool {
        matches!(types::base_type(self.type_oid), pg_sys::FLOAT8OID | pg_sys::FLOAT4OID)
    }

    /// The column of a table alias as an exact number: floats by their shortest decimal form.
    pub fn as_numeric(&self, alias: &str) -> String {
        match self.is_float() {
            true => format!("customer_value.exact_amount({})", self.of(alias)),
            false => format!("{}::pg_catalog.numeric", self.of(alias)),
        }
    }

    /// The column of a table alias as it is, but money as a number.
    pub fn as_number(&self, alias: &str) -> String {
        let cast = if self.is_money() { "::pg_catalog.numeric" } else { "" };
        format!("{}{cast}", self.of(alias))
    }

    /// The column of a table alias as a double.
    pub fn as_float(&self, alias: &str) -> String {
        let exact = if types::base_type(self.type_oid) == pg_sys::MONEYOID {
            "::pg_catalog.numeric"
        } else {
            ""
        };
        format!("{}{exact}::pg_catalog.float8", self.of(alias))
    }

    /// The column of a table alias, quoted.
    pub fn of(&self, alias: &str) -> String {
        format!("{alias}.{}", ident(&self.name))
    }
}
