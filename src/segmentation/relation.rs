//! Relations that a segmentation reads: found by name and asked for their columns once.

use crate::server::error::{Code, fail};
use crate::server::names::listed;
use crate::server::query::{column, find_relation, rows, text_of, value};
use crate::server::types;
use pgrx::pg_sys;
use pgrx::pg_sys::Oid;
use segmentation::catalogue::Expected;
use segmentation::model::{Column, Digits, Kind};
use segmentation::sql::Name;

/// A column with what only the catalogue and checks need to know.
#[derive(Debug, Clone)]
pub struct Found {
    /// The column as SQL is written for it.
    pub column: Column,
    /// Its type.
    pub type_oid: Oid,
    /// Its type as a user reads it, without modifier.
    pub type_name: String,
    /// The same with modifier, as varchar(20).
    pub exact_type: String,
    /// Its modifier.
    modifier: i32,
    /// Its collation.
    pub collation: Oid,
    /// The same as SQL writes it, if it is not that of the type.
    collation_name: Option<String>,
    readable: bool,
}

/// A relation with its columns.
#[derive(Debug, Clone)]
pub struct Relation {
    /// The relation.
    pub oid: Oid,
    /// Its name with schema, quoted.
    pub name: String,
    /// Rows, as far as the server has counted them.
    pub rows: Option<f32>,
    /// Its columns, in order.
    pub columns: Vec<Found>,
    kind: String,
    persistence: String,
}

impl Relation {
    /// The relation that a user gave for `what`, which holds `holds`; or an error.
    pub fn source(what: &str, holds: &str, given: &str) -> Relation {
        let Some(relation) = find_relation(what, given).and_then(Relation::by_oid) else {
            fail(
                Code::ERRCODE_UNDEFINED_TABLE,
                format!("{what} \"{given}\" does not exist"),
                format!(
                    "Give the table or view that holds the {holds}, with its schema: 'shop.orders'."
                ),
            )
        };
        if !["r", "p", "v", "m", "f"].contains(&relation.kind.as_str()) {
            fail(
                Code::ERRCODE_WRONG_OBJECT_TYPE,
                format!("{what} \"{given}\" is neither a table nor a view"),
                "Sources are tables, partitioned tables, views, materialized views and foreign tables.",
            )
        }
        if relation.persistence == "t" {
            fail(
                Code::ERRCODE_INVALID_TABLE_DEFINITION,
                format!("{what} \"{given}\" is temporary"),
                "A segmentation outlives the session; give a permanent table or view.",
            )
        }
        relation
    }

    /// A relation that exists, if it still does.
    pub fn by_oid(oid: Oid) -> Option<Relation> {
        let found = rows(
            "SELECT c.oid::pg_catalog.regclass::text, c.relkind::text, c.relpersistence::text, \
                    nullif(c.reltuples, -1), a.attname::text, pg_catalog.quote_ident(a.attname), a.atttypid, \
                    pg_catalog.format_type(a.atttypid, -1), pg_catalog.format_type(a.atttypid, a.atttypmod), \
                    a.attcollation, pg_catalog.has_column_privilege(c.oid, a.attnum, 'SELECT'), \
                    pg_catalog.format('%I.%I', n.nspname, t.typname), a.atttypmod >= 0, \
                    CASE WHEN a.attcollation <> t.typcollation THEN pg_catalog.format('%I.%I', m.nspname, l.collname) END, \
                    a.atttypmod, e.description \
             FROM pg_catalog.pg_class AS c \
             LEFT JOIN pg_catalog.pg_attribute AS a \
                 ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
             LEFT JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid \
             LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace \
             LEFT JOIN pg_catalog.pg_description AS e \
                 ON e.objoid = c.oid AND e.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass \
                 AND e.objsubid = a.attnum \
             LEFT JOIN pg_catalog.pg_collation AS l ON l.oid = a.attcollation \
             LEFT JOIN pg_catalog.pg_namespace AS m ON m.oid = l.collnamespace \
             WHERE c.oid = $1 ORDER BY a.attnum",
            &[oid.into()],
            |row| {
                let type_oid: Option<Oid> = column(row, 7);
                let found = type_oid.map(|type_oid| Found {
                    column: Column {
                        name: Name { text: text_of(row, 5), quoted: text_of(row, 6) },
                        kind: kind_of(type_oid),
                        type_name: text_of(row, 12),
                        exact_type: column(row, 13).unwrap_or(false).then(|| text_of(row, 9)),
                        comment: column(row, 16),
                        collation: None,
                    },
                    type_oid,
                    type_name: text_of(row, 8),
                    exact_type: text_of(row, 9),
                    modifier: column(row, 15).unwrap_or(-1),
                    collation: column(row, 10).unwrap_or(Oid::INVALID),
                    collation_name: column(row, 14),
                    readable: column(row, 11).unwrap_or(false),
                });
                ([1, 2, 3].map(|at| text_of(row, at)), column::<f32>(row, 4), found)
            },
        );
        let ([name, kind, persistence], rows, _) = found.first()?.clone();
        let columns = found.into_iter().filter_map(|(_, _, column)| column).collect();
        Some(Relation { oid, name, rows, columns, kind, persistence })
    }

    /// The same as functions will read it, which forget collations.
    pub fn by_name(mut self, by_name: bool) -> Relation {
        for found in self.columns.iter_mut().filter(|_| by_name) {
            found.column.collation.clone_from(&found.collation_name);
        }
        self
    }

    /// Raises an error if what was given as a column, and is none, is an expression.
    fn refuse_expression(&self, given: &str) {
        if is_expression(given, |name| self.find(name).is_some()) {
            fail(
                Code::ERRCODE_UNDEFINED_COLUMN,
                format!("\"{given}\" is an expression, not a column of relation \"{}\"", self.name),
                format!(
                    "Make a view over it that has the expression as a column, and give that view as the source; or add \
                     a generated column to it: ALTER TABLE {} ADD COLUMN … GENERATED ALWAYS AS (…) STORED.",
                    self.name
                ),
            )
        }
    }

    /// A column by its name, if there is one.
    pub fn find(&self, name: &str) -> Option<&Found> {
        self.columns.iter().find(|found| found.column.name.text == name)
    }

    /// A column that may be read, or an error.
    pub fn column(&self, name: &str) -> &Found {
        let Some(found) = self.find(name) else {
            self.refuse_expression(name);
            let names: Vec<&str> =
                self.columns.iter().map(|found| found.column.name.text.as_str()).collect();
            fail(
                Code::ERRCODE_UNDEFINED_COLUMN,
                format!("column \"{name}\" of relation \"{}\" does not exist", self.name),
                format!("Its columns are: {}.", listed(&names)),
            )
        };
        if !found.readable {
            fail(
                Code::ERRCODE_INSUFFICIENT_PRIVILEGE,
                format!("permission denied for column \"{name}\" of relation \"{}\"", self.name),
                format!("Ask its owner for GRANT SELECT ON {}.", self.name),
            )
        }
        found
    }
}

impl Found {
    /// The column, or an error unless it holds what is `expected`.
    pub fn require(&self, expected: Expected) -> &Self {
        if !expected.kinds.contains(&self.column.kind) {
            fail(
                Code::ERRCODE_DATATYPE_MISMATCH,
                format!(
                    "column \"{}\" is of type {}, expected {}",
                    self.column.name.text, self.type_name, expected.words
                ),
                "Cast it in a view over the table, and give that view as the source.",
            )
        }
        self
    }

    /// How many digits its values have; None where the type does not tell.
    pub fn digits(&self) -> Option<Digits> {
        types::digits(self.type_oid, self.modifier)
    }

    /// The column, or an error unless its values can be compared.
    pub fn require_equality(&self) -> &Self {
        if types::equality_operator(self.type_oid).is_none() {
            self.no_equality();
        }
        self
    }

    /// The operator that compares its values, with its schema.
    pub fn equality(&self) -> String {
        let named = types::equality_operator(self.type_oid).and_then(|operator| {
            value(
                "SELECT 'OPERATOR(' || pg_catalog.quote_ident(n.nspname) || '.' || o.oprname || ')' \
                 FROM pg_catalog.pg_operator AS o \
                 JOIN pg_catalog.pg_namespace AS n ON n.oid = o.oprnamespace WHERE o.oid = $1",
                &[operator.into()],
            )
        });
        named.unwrap_or_else(|| self.no_equality())
    }

    fn no_equality(&self) -> ! {
        fail(
            Code::ERRCODE_UNDEFINED_FUNCTION,
            format!(
                "column \"{}\" is of type {}, whose values cannot be compared",
                self.column.name.text, self.type_name
            ),
            "Give a column of a type with equality, or cast it to text in a view.",
        )
    }
}

/// Whether a text computes something rather than names a column: it has what a name rarely has, or columns on both sides
/// of a minus.
fn is_expression(text: &str, is_column: impl Fn(&str) -> bool) -> bool {
    let computes = text.contains(['(', ')', '*', '/', '+', '%', '|', '\'']) || text.contains("::");
    let minus = text
        .split_once('-')
        .is_some_and(|(left, right)| [left, right].into_iter().any(|side| is_column(side.trim())));
    computes || minus || text.trim_start().to_lowercase().starts_with("case ")
}

/// What a type holds, below any domains.
fn kind_of(type_oid: Oid) -> Kind {
    match types::base_type(type_oid) {
        pg_sys::BOOLOID => Kind::Boolean,
        pg_sys::DATEOID => Kind::Date,
        pg_sys::TIMESTAMPOID => Kind::Timestamp,
        pg_sys::TIMESTAMPTZOID => Kind::Timestamptz,
        pg_sys::NUMERICOID | pg_sys::INT8OID | pg_sys::INT4OID | pg_sys::INT2OID => Kind::Exact,
        pg_sys::FLOAT8OID | pg_sys::FLOAT4OID => Kind::Float,
        pg_sys::MONEYOID => Kind::Money,
        _ => Kind::Other,
    }
}
