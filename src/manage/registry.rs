//! The row of a segmentation in the tables: written as functions leave it, removed by drop_segmentation alone.

use super::written::Written;
use crate::segmentation::resolve::Resolved;
use crate::server::registry::write;
use pgrx::datum::DatumWithOid;
use pgrx::pg_sys::Oid;
use serde_json::{Map, Value};

/// Writes the row of a segmentation: what it is, and by which names and numbers its view, its source and their owner are
/// known now. `rewritten` tells that this library has written the view.
pub fn keep(
    resolved: &Resolved,
    view: Oid,
    options: &Map<String, Value>,
    written: &Written,
    rewritten: bool,
) {
    let names = &resolved.names;
    let options = Value::Object(options.clone()).to_string();
    let args: [DatumWithOid<'_>; 11] = [
        resolved.plan.of.id.as_str().into(),
        resolved.view().into(),
        resolved.source.relation.name.clone().into(),
        names.customer.as_str().into(),
        names.ordered_at.as_str().into(),
        names.amount.as_deref().into(),
        options.into(),
        view.into(),
        resolved.source.relation.oid.into(),
        written.json().into(),
        rewritten.into(),
    ];
    write(
        "INSERT INTO customer_value.segmentation AS s (id, view, source, customer, ordered_at, amount, options, owner, \
             owner_oid, view_oid, source_oid, place, written, version, trainings) \
         SELECT $1::pg_catalog.uuid, $2, $3, $4, $5, $6, $7::pg_catalog.jsonb, r.rolname, r.oid, c.oid, $9, \
             customer_value_internal.this_place(), $10::pg_catalog.jsonb, \
             customer_value_internal.library_version(), \
             coalesce((SELECT max(t.number) FROM customer_value.training AS t \
                       WHERE t.segmentation = $1::pg_catalog.uuid), 0) \
         FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_roles AS r ON r.oid = c.relowner WHERE c.oid = $8 \
         ON CONFLICT (id) DO UPDATE SET view = excluded.view, source = excluded.source, \
             customer = excluded.customer, ordered_at = excluded.ordered_at, amount = excluded.amount, \
             options = excluded.options, owner = excluded.owner, owner_oid = excluded.owner_oid, \
             view_oid = excluded.view_oid, source_oid = excluded.source_oid, place = excluded.place, \
             written = excluded.written, version = CASE WHEN $11 THEN excluded.version ELSE s.version END",
        &args,
    );
}

/// Removes a segmentation and its trainings.
pub fn forget(id: &str) {
    write(
        "DELETE FROM customer_value.training WHERE segmentation = $1::pg_catalog.uuid",
        &[id.into()],
    );
    write("DELETE FROM customer_value.segmentation WHERE id = $1::pg_catalog.uuid", &[id.into()]);
}
