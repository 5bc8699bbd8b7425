//! The row of a segmentation in the tables: written as functions leave it, removed by drop_segmentation alone.

use super::written::Written;
use crate::segmentation::resolve::Resolved;
use crate::server::registry::write;
use pgrx::datum::DatumWithOid;
use pgrx::pg_sys::Oid;
use serde_json::{Map, Value};

/// What a row holds, by the names and numbers by which view, source and owner are known now.
const ROW: &str = "SELECT $1::pg_catalog.uuid AS id, $2 AS view, $3 AS source, $4 AS customer, $5 AS ordered_at, \
    $6 AS amount, $7::pg_catalog.jsonb AS options, r.rolname AS owner, r.oid AS owner_oid, c.oid AS view_oid, \
    $9 AS source_oid, customer_value_internal.this_place() AS place, $10::pg_catalog.jsonb AS written, \
    customer_value_internal.library_version() AS version \
    FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_roles AS r ON r.oid = c.relowner WHERE c.oid = $8";

/// A segmentation as its row has to be.
pub struct Row<'a> {
    /// What it is.
    pub resolved: &'a Resolved,
    /// The view.
    pub view: Oid,
    /// The options that were given.
    pub options: &'a Map<String, Value>,
    /// What was written of the view.
    pub written: &'a Written,
}

impl Row<'_> {
    fn values(&self) -> [DatumWithOid<'_>; 10] {
        let names = &self.resolved.names;
        [
            self.resolved.plan.of.id.as_str().into(),
            self.resolved.view().into(),
            self.resolved.source.relation.name.as_str().into(),
            names.customer.as_str().into(),
            names.ordered_at.as_str().into(),
            names.amount.as_deref().into(),
            Value::Object(self.options.clone()).to_string().into(),
            self.view.into(),
            self.resolved.source.relation.oid.into(),
            self.written.json().into(),
        ]
    }

    /// Adds it. False if there is one of this id already, which another session may have added meanwhile.
    pub fn add(&self) -> bool {
        let sql = format!(
            "INSERT INTO customer_value.segmentation (id, view, source, customer, ordered_at, amount, options, owner, \
                 owner_oid, view_oid, source_oid, place, written, version) {ROW} ON CONFLICT DO NOTHING"
        );
        write(&sql, &self.values()) > 0
    }

    /// Writes it in the place of the one that is there. Only where this library wrote the view and its functions anew are
    /// version and owner those of now.
    pub fn change(&self, rewritten: bool) {
        let anew = if rewritten { "true" } else { "s.place <> n.place" };
        let version = if rewritten { "n.version" } else { "s.version" };
        let sql = format!(
            "UPDATE customer_value.segmentation AS s SET view = n.view, source = n.source, customer = n.customer, \
                 ordered_at = n.ordered_at, amount = n.amount, options = n.options, view_oid = n.view_oid, \
                 owner = CASE WHEN {anew} THEN n.owner ELSE s.owner END, \
                 owner_oid = CASE WHEN {anew} THEN n.owner_oid ELSE s.owner_oid END, \
                 source_oid = n.source_oid, place = n.place, written = n.written, version = {version} \
             FROM ({ROW}) AS n WHERE s.id = n.id"
        );
        write(&sql, &self.values());
    }
}

/// Removes a segmentation and its trainings.
pub fn forget(id: &str) {
    write(
        "DELETE FROM customer_value.training WHERE segmentation = $1::pg_catalog.uuid",
        &[id.into()],
    );
    write("DELETE FROM customer_value.segmentation WHERE id = $1::pg_catalog.uuid", &[id.into()]);
}
