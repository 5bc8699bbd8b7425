//! Where a new segmentation is to be: the schema and the name of its view.

use crate::server::error::{Code, fail};
use crate::server::names::relation_name;
use crate::server::query::{column, current_schema, ident, rows, value};
use pgrx::pg_sys::Oid;

/// Schema and name of a view.
pub enum Place {
    /// There is nothing of this name, and the user may make it.
    Free(String, String),
    /// There is a relation.
    Taken(Oid, String, String),
}

/// The place of a name that a user gave, or an error.
pub fn place(view: &str) -> Place {
    let (schema, name) = relation_name("view", view);
    let hint = "Give the view a name in a schema that exists, such as 'shop.customer_segments'.";
    let Some(schema) = schema.or_else(current_schema) else {
        fail(
            Code::ERRCODE_INVALID_NAME,
            format!("no schema has been selected to create view \"{view}\" in"),
            hint,
        )
    };
    let taken: Option<Oid> = value(
        "SELECT c.oid FROM pg_catalog.pg_class AS c \
         JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace \
         WHERE n.nspname = $1 AND c.relname = $2",
        &[schema.as_str().into(), name.as_str().into()],
    );
    match taken {
        Some(oid) => Place::Taken(oid, schema, name),
        None => {
            check_schema(&schema, hint);
            Place::Free(schema, name)
        }
    }
}

fn check_schema(schema: &str, hint: &str) {
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
            format!("a segmentation cannot be in schema \"{schema}\""),
            hint,
        ),
        Some((Some(true), _)) => {}
        Some(_) => fail(
            Code::ERRCODE_INSUFFICIENT_PRIVILEGE,
            format!("permission denied to create a view in schema \"{schema}\""),
            format!("Ask its owner for GRANT CREATE ON SCHEMA {}.", ident(schema)),
        ),
    }
}
