//! Where something new is to be: the schema and the name of a view, or of a table.

use crate::server::error::{Code, fail};
use crate::server::names::relation_name;
use crate::server::query::{column, current_schema, ident, rows, value};
use pgrx::pg_sys::Oid;

/// Schema and name of a relation.
pub enum Place {
    /// There is nothing of this name, and the user may make it.
    Free(String, String),
    /// There is a relation.
    Taken(Oid, String, String),
}

/// What is to be made.
struct Wanted {
    /// The argument that names it.
    argument: &'static str,
    /// What it is to the server.
    kind: &'static str,
    /// What it is to the user.
    what: &'static str,
    hint: &'static str,
}

const VIEW: Wanted = Wanted {
    argument: "view",
    kind: "view",
    what: "a segmentation",
    hint: "Give the view a name in a schema that exists, such as 'shop.customer_segments'.",
};

const SNAPSHOTS: Wanted = Wanted {
    argument: "into_table",
    kind: "table",
    what: "a table of snapshots",
    hint: "Give the table a name in a schema that exists, such as 'shop.customer_snapshots'.",
};

/// The place of a view by the name that a user gave, or an error.
pub fn place(view: &str) -> Place {
    VIEW.place(view)
}

/// The place of a table of snapshots, likewise.
pub fn place_of_snapshots(table: &str) -> Place {
    SNAPSHOTS.place(table)
}

impl Wanted {
    fn place(&self, given: &str) -> Place {
        let (schema, name) = relation_name(self.argument, given);
        let Some(schema) = schema.or_else(current_schema) else {
            fail(
                Code::ERRCODE_INVALID_NAME,
                format!("no schema has been selected to create {} \"{given}\" in", self.kind),
                self.hint,
            )
        };
        match taken(&schema, &name) {
            Some(oid) => Place::Taken(oid, schema, name),
            None => {
                self.check_schema(&schema);
                Place::Free(schema, name)
            }
        }
    }

    /// Raises an error unless the user may make it in a schema.
    fn check_schema(&self, schema: &str) {
        let Wanted { kind, what, hint, .. } = *self;
        let rights = rows(
            "SELECT pg_catalog.has_schema_privilege(oid, 'CREATE'), oid = pg_catalog.pg_my_temp_schema() \
             OR pg_catalog.starts_with(nspname::text, 'pg_') OR nspname = 'information_schema' \
         FROM pg_catalog.pg_namespace WHERE nspname = $1",
            &[schema.into()],
            |row| (column::<bool>(row, 1), column::<bool>(row, 2)),
        );
        match rights.first() {
            None => fail(
                Code::ERRCODE_INVALID_SCHEMA_NAME,
                format!("schema \"{schema}\" does not exist"),
                hint,
            ),
            Some((_, Some(true))) => fail(
                Code::ERRCODE_INVALID_SCHEMA_NAME,
                format!("{what} cannot be in schema \"{schema}\""),
                hint,
            ),
            Some((Some(true), _)) => {}
            Some(_) => fail(
                Code::ERRCODE_INSUFFICIENT_PRIVILEGE,
                format!("permission denied to create a {kind} in schema \"{schema}\""),
                format!("Ask its owner for GRANT CREATE ON SCHEMA {}.", ident(schema)),
            ),
        }
    }
}

/// The relation that has this name, if there is one.
fn taken(schema: &str, name: &str) -> Option<Oid> {
    value(
        "SELECT c.oid FROM pg_catalog.pg_class AS c \
         JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace \
         WHERE n.nspname = $1 AND c.relname = $2",
        &[schema.into(), name.into()],
    )
}
