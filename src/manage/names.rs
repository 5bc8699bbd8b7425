//! The names of a new segmentation: its view and the function beside it.

use crate::segmentation::resolve::{FUNCTION_SUFFIX, Identity, Resolved};
use crate::server::error::{Code, fail};
use crate::server::names::relation_name;
use crate::server::query::{column, current_schema, ident, rows, value};

/// The longest name of a relation or function.
const LONGEST_NAME: usize = 63;

/// Schema and name of a view that does not exist yet, or an error.
pub fn new_view_name(view: &str) -> (String, String) {
    let (schema, name) = relation_name("view", view);
    let hint = "Give the view a name in a schema that exists, such as 'shop.customer_segments'.";
    let Some(schema) = schema.or_else(current_schema) else {
        fail(
            Code::ERRCODE_INVALID_NAME,
            format!("no schema has been selected to create view \"{view}\" in"),
            hint,
        )
    };
    check_schema(&schema, hint);
    if name.len() + FUNCTION_SUFFIX.len() > LONGEST_NAME {
        fail(
            Code::ERRCODE_NAME_TOO_LONG,
            format!("name \"{name}\" is too long"),
            "Names of segmentations can have up to 60 bytes, because a function name_of is created beside the view.",
        )
    }
    let taken: Option<bool> = value(
        "SELECT true FROM pg_catalog.pg_class AS c \
         JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace \
         WHERE n.nspname = $1 AND c.relname = $2",
        &[schema.as_str().into(), name.as_str().into()],
    );
    if taken.is_some() {
        fail(
            Code::ERRCODE_DUPLICATE_TABLE,
            format!("relation \"{view}\" already exists"),
            "Choose another name. To change a segmentation use alter_segmentation, to remove it drop_segmentation.",
        )
    }
    (schema, name)
}

fn check_schema(schema: &str, hint: &str) {
    let rights = rows(
        "SELECT pg_catalog.has_schema_privilege(oid, 'CREATE'), oid = pg_catalog.pg_my_temp_schema() \
             OR nspname LIKE 'pg\\_%' OR nspname = 'information_schema' \
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

/// Raises an error if there is a function already where the one beside the view would be.
pub fn check_function_name(resolved: &Resolved, identity: &Identity) {
    let name = &resolved.plan.of.function.text;
    let type_name = &resolved.source.customer.type_name;
    let taken: Option<bool> = value(
        "SELECT true FROM pg_catalog.pg_proc AS p \
         JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace \
         WHERE n.nspname = $1 AND p.proname = $2 AND p.proargtypes[0] = $3 AND p.pronargs = 1",
        &[
            identity.schema.as_str().into(),
            name.as_str().into(),
            resolved.source.customer.type_oid.into(),
        ],
    );
    if taken.is_some() {
        fail(
            Code::ERRCODE_DUPLICATE_FUNCTION,
            format!("function \"{name}\"({type_name}) already exists"),
            "The function beside the view would have this name; choose another name for the view.",
        )
    }
}
