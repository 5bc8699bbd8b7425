//! A segmentation as the tables hold it: finding it, who may change it, and what was done to its view by
//! hand since.

use super::definition::{Definition, ViewColumn};
use super::options;
use super::source::{Column, Names, Source, find_column};
use crate::server::error::{Code, fail};
use crate::server::identity::Acting;
use crate::server::query::{column, find_relation, ident, rows, run, text_of, value};
use pgrx::pg_sys::Oid;
use serde_json::{Map, Value};

/// The function beside a view.
pub struct Function {
    oid: Oid,
    name: String,
    in_place: bool,
    has_owner: bool,
    may_change: bool,
}

impl Function {
    /// Its name with schema and argument, as it is now.
    pub fn signature(&self) -> String {
        let sql = "SELECT $1::pg_catalog.regprocedure::pg_catalog.text";
        value(sql, &[self.oid.into()]).unwrap_or_default()
    }
}

/// A segmentation as the tables hold it.
pub struct Stored {
    /// The id in the tables.
    pub id: String,
    /// The view.
    pub oid: Oid,
    /// Its name with schema, quoted.
    pub quoted: String,
    /// Its schema and name, not quoted.
    pub schema: String,
    /// See `schema`.
    pub name: String,
    /// The role that owns it.
    pub owner: Oid,
    /// That role's name.
    pub owner_name: String,
    /// What source and columns are called.
    pub names: Names,
    /// The options that were given.
    pub options: Map<String, Value>,
}

impl Stored {
    /// The segmentation of a view, or an error.
    pub fn of(view: &str) -> Stored {
        match find_relation("view", view) {
            Some(oid) => Self::by_oid(oid, view),
            None => view_vanished(view),
        }
    }

    /// The segmentation of the view with this oid, called `view` in errors.
    pub fn by_oid(oid: Oid, view: &str) -> Stored {
        let found = rows(
            "SELECT s.id::text, n.nspname::text, c.relname::text, c.relowner, \
                    pg_catalog.pg_get_userbyid(c.relowner)::text, \
                    s.source::text, \
                    s.customer, s.ordered_at, s.amount, s.options::text \
             FROM customer_value.segmentation AS s \
             JOIN pg_catalog.pg_class AS c ON c.oid = s.view \
             JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE s.view = $1",
            &[oid.into()],
            |row| {
                let text = |at| column::<String>(row, at).unwrap_or_default();
                let (schema, name) = (text(2), text(3));
                Stored {
                    id: text(1),
                    oid,
                    quoted: format!("{}.{}", ident(&schema), ident(&name)),
                    schema,
                    name,
                    owner: column::<Oid>(row, 4).unwrap_or(Oid::INVALID),
                    owner_name: text(5),
                    names: Names {
                        source: text(6),
                        customer: text(7),
                        ordered_at: text(8),
                        amount: column(row, 9),
                    },
                    options: options::object(Some(&text(10))),
                }
            },
        );
        found.into_iter().next().unwrap_or_else(|| {
            fail(
                Code::ERRCODE_WRONG_OBJECT_TYPE,
                format!("\"{view}\" is not a segmentation"),
                "See SELECT view FROM customer_value.segmentations; create_segmentation makes one.",
            )
        })
    }

    /// Raises an error unless the user is a member of the role that owns the view.
    pub fn require_owner(&self, action: &str) {
        let allowed: Option<bool> =
            value("SELECT pg_catalog.pg_has_role($1, 'USAGE')", &[self.owner.into()]);
        if allowed != Some(true) {
            fail(
                Code::ERRCODE_INSUFFICIENT_PRIVILEGE,
                format!(
                    "only members of role \"{}\" may {action} {}",
                    self.owner_name, self.quoted
                ),
                "That role owns the view.",
            )
        }
    }

    /// The type of the view's columns is for good.
    pub fn require_type(&self, source: &Source) {
        let (old, new) = (self.customer(), &source.customer);
        if old.type_oid != new.type_oid {
            fail(
                Code::ERRCODE_DATATYPE_MISMATCH,
                format!(
                    "customers of {} are of type {}, column \"{}\" is of type {}",
                    self.quoted, old.type_name, new.name, new.type_name
                ),
                "Other views may depend on the type; drop_segmentation and create_segmentation anew.",
            )
        }
    }

    /// The customer column of the view: the first, however it is called by now.
    pub fn customer(&self) -> Column {
        find_column(self.oid, &self.quoted, &self.first_column())
    }

    /// The names of the view's columns.
    pub fn columns(&self) -> Vec<String> {
        rows(
            "SELECT attname::text FROM pg_catalog.pg_attribute \
             WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
            &[self.oid.into()],
            |row| text_of(row, 1),
        )
    }

    /// The same with their types and collations, as SQL writes them.
    pub fn columns_with_types(&self) -> Vec<(String, String)> {
        rows(
            "SELECT a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod) || CASE \
                 WHEN a.attcollation <> t.typcollation \
                 THEN ' COLLATE ' || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.collname) \
                 ELSE '' END \
             FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid \
             LEFT JOIN pg_catalog.pg_collation AS c ON c.oid = a.attcollation \
             LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = c.collnamespace \
             WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
            &[self.oid.into()],
            |row| (text_of(row, 1), text_of(row, 2)),
        )
    }

    /// A column of the view that is one of ours under another name, as its comment tells.
    pub fn renamed_column(&self, ours: &[ViewColumn]) -> Option<String> {
        let there = rows(
            "SELECT attname::text, pg_catalog.col_description(attrelid, attnum) FROM pg_catalog.pg_attribute \
             WHERE attrelid = $1 AND attnum > 1 AND NOT attisdropped ORDER BY attnum",
            &[self.oid.into()],
            |row| (text_of(row, 1), text_of(row, 2)),
        );
        let is_there = |name: &str| there.iter().any(|(other, _)| other == name);
        let is_ours = |name: &str| ours.iter().any(|column| column.name == name);
        let of_a_missing = |comment: &str| {
            ours.iter().any(|column| column.comment == comment && !is_there(&column.name))
        };
        let renamed = |(name, comment): &&(String, String)| !is_ours(name) && of_a_missing(comment);
        there.iter().find(renamed).map(|(name, _)| name.clone())
    }

    /// Whether the view has a column of this name.
    pub fn has_column(&self, name: &str) -> bool {
        self.columns().iter().any(|column| column == name)
    }

    /// The lifetime value of the row `v` of the view, which a view made by an earlier version gains when trained.
    pub fn clv(&self) -> &'static str {
        match self.has_column("clv") {
            true => "v.clv::pg_catalog.numeric",
            false => "NULL::pg_catalog.numeric",
        }
    }

    fn first_column(&self) -> String {
        let name: Option<String> = value(
            "SELECT attname::text FROM pg_catalog.pg_attribute WHERE attrelid = $1 AND attnum = 1",
            &[self.oid.into()],
        );
        name.unwrap_or_default()
    }

    /// The function beside the view, found by what it returns, not by name or schema.
    pub fn function(&self) -> Option<Function> {
        let found = rows(
            "SELECT p.oid, p.proname::text, p.pronamespace = c.relnamespace, p.proowner = c.relowner, \
                    pg_catalog.pg_has_role(p.proowner, 'USAGE') \
             FROM pg_catalog.pg_proc AS p \
             JOIN pg_catalog.pg_class AS c ON c.oid = $1 AND c.reltype = p.prorettype \
             WHERE p.pronargs = 1 AND p.proretset AND p.proname LIKE '%\\_of' \
             ORDER BY p.proowner <> c.relowner, p.pronamespace <> c.relnamespace, p.oid LIMIT 1",
            &[self.oid.into()],
            |row| Function {
                oid: column(row, 1).unwrap_or(Oid::INVALID),
                name: text_of(row, 2),
                in_place: column(row, 3).unwrap_or(false),
                has_owner: column(row, 4).unwrap_or(false),
                may_change: column(row, 5).unwrap_or(false),
            },
        );
        found.into_iter().next()
    }

    /// Takes what was done to the view or the source column by hand over to the function beside the view
    /// and to the customer column: new name, schema, owner. Dependent objects do not notice.
    pub fn follow(&self, definition: Option<&Definition>) {
        let Some(function) = self.function() else {
            return;
        };
        if !function.has_owner {
            let (signature, owner) = (function.signature(), ident(&self.owner_name));
            let command = format!("ALTER FUNCTION {signature} OWNER TO {owner}");
            if !function.may_change {
                fail(
                    Code::ERRCODE_INSUFFICIENT_PRIVILEGE,
                    format!("function {signature} beside the view still has another owner"),
                    format!("Ask that owner or a superuser for {command}."),
                )
            }
            run(&command);
        }
        let Some(definition) = definition else { return };
        let wanted = definition.function_name();
        let acting = Acting::begin(self.owner);
        if !function.in_place {
            let schema = ident(&self.schema);
            run(&format!("ALTER FUNCTION {} SET SCHEMA {schema}", function.signature()));
        }
        if function.name != wanted {
            let wanted = ident(&wanted);
            run(&format!("ALTER FUNCTION {} RENAME TO {wanted}", function.signature()));
        }
        let (old, new) = (self.first_column(), &definition.source.customer.name);
        if old != *new {
            let (old, new) = (ident(&old), ident(new));
            run(&format!("ALTER VIEW {} RENAME COLUMN {old} TO {new}", self.quoted));
        }
        acting.end();
    }
}

/// Raises the error that there is no such view.
pub fn view_vanished(view: &str) -> ! {
    fail(
        Code::ERRCODE_UNDEFINED_TABLE,
        format!("view \"{view}\" does not exist"),
        "See SELECT view FROM customer_value.segmentations.",
    )
}
