//! A segmentation as the tables hold it: finding it, who may change it, and what was done to its view by hand since.

use crate::segmentation::input::Names;
use crate::segmentation::options::{self, Options};
use crate::segmentation::relation::{Found, Relation};
use crate::segmentation::resolve::{Identity, Resolved, resolve};
use crate::server::error::{Code, fail};
use crate::server::identity::Acting;
use crate::server::query::{column, find_relation, ident, rows, run, run_with, text_of, value};
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
    /// Which one it is.
    pub identity: Identity,
    /// The view.
    pub oid: Oid,
    /// Its name with schema, quoted.
    pub quoted: String,
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

    /// The segmentation of a view, for a change of it by a member of the role that owns it: no other session changes,
    /// trains or drops it until the transaction ends, and it is read as the last one left it.
    pub fn to_change(view: &str, action: &str) -> Stored {
        let stored = Stored::of(view);
        stored.require_owner(action);
        let sql =
            "SELECT FROM customer_value.segmentation WHERE id = $1::pg_catalog.uuid FOR UPDATE";
        if run_with(sql, &[stored.identity.id.as_str().into()]) == 0 {
            view_vanished(view)
        }
        Stored::by_oid(stored.oid, view)
    }

    /// The segmentation of the view with this oid, called `view` in errors.
    pub fn by_oid(oid: Oid, view: &str) -> Stored {
        let found = rows(
            "SELECT s.id::text, n.nspname::text, c.relname::text, c.relowner, \
                    pg_catalog.pg_get_userbyid(c.relowner)::text, s.source::text, \
                    s.customer, s.ordered_at, s.amount, s.options::text \
             FROM customer_value.segmentation AS s \
             JOIN pg_catalog.pg_class AS c ON c.oid = s.view \
             JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE s.view = $1",
            &[oid.into()],
            |row| {
                let text = |at| text_of(row, at);
                let identity = Identity { id: text(1), schema: text(2), name: text(3) };
                Stored {
                    oid,
                    quoted: format!("{}.{}", ident(&identity.schema), ident(&identity.name)),
                    identity,
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
                "To list the segmentations, run SELECT view FROM customer_value.segmentations.",
            )
        })
    }

    /// The segmentation with everything decided. To be called as the owner of the view.
    pub fn resolve(&self) -> Resolved {
        resolve(&self.identity, &self.names, Options::read(&self.options))
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
                "That role owns the view: use SET ROLE, or ask a member of it.",
            )
        }
    }

    /// The view with its columns, as they are now.
    pub fn relation(&self) -> Relation {
        Relation::by_oid(self.oid).unwrap_or_else(|| view_vanished(&self.quoted))
    }

    /// The type of the view's columns is for good.
    pub fn require_type(&self, resolved: &Resolved) {
        let (view, new) = (self.relation(), &resolved.source.customer);
        let Some(old) = view.columns.first() else { return };
        if old.exact_type != new.exact_type || old.collation != new.collation {
            let differs = match old.exact_type == new.exact_type {
                true => "has a different collation".to_owned(),
                false => format!("is of type {}", new.exact_type),
            };
            fail(
                Code::ERRCODE_DATATYPE_MISMATCH,
                format!(
                    "customers of {} are of type {}, but column \"{}\" {differs}",
                    self.quoted, old.exact_type, new.column.name.text
                ),
                "Other views may depend on the type, so it cannot change. Drop the segmentation and create it again.",
            )
        }
    }

    /// The function beside the view, found by what it takes and returns, not by name or schema.
    pub fn function(&self) -> Option<Function> {
        let found = rows(
            "SELECT p.oid, p.proname::text, p.pronamespace = c.relnamespace, p.proowner = c.relowner, \
                    pg_catalog.pg_has_role(p.proowner, 'USAGE') \
             FROM pg_catalog.pg_proc AS p \
             JOIN pg_catalog.pg_class AS c ON c.oid = $1 AND c.reltype = p.prorettype \
             JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = 1 \
             WHERE p.pronargs = 1 AND p.proretset AND p.proargtypes[0] = a.atttypid \
               AND p.proargnames = '{customer}' AND pg_catalog.right(p.proname, 3) = '_of' \
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

    /// Takes what was done to the view or the source column by hand over to the function beside the view and to the
    /// customer column: new name, schema, owner. Dependent objects do not notice.
    pub fn follow(&self, resolved: Option<&Resolved>) {
        if let Some(function) = self.function() {
            self.follow_function(&function, resolved);
        }
        let Some(resolved) = resolved else { return };
        let (view, new) = (self.relation(), &resolved.source.orders.customer.name);
        let old = view.columns.first().map(|found: &Found| &found.column.name);
        if let Some(old) = old.filter(|old| *old != new) {
            let acting = Acting::begin(self.owner);
            run(&format!("ALTER VIEW {} RENAME COLUMN {old} TO {new}", self.quoted));
            acting.end();
        }
    }

    fn follow_function(&self, function: &Function, resolved: Option<&Resolved>) {
        if !function.has_owner {
            let (signature, owner) = (function.signature(), ident(&self.owner_name));
            let command = format!("ALTER FUNCTION {signature} OWNER TO {owner}");
            if !function.may_change {
                fail(
                    Code::ERRCODE_INSUFFICIENT_PRIVILEGE,
                    format!("function {signature} beside the view still has another owner"),
                    format!("Ask that owner or a superuser to run {command}."),
                )
            }
            run(&command);
        }
        let Some(resolved) = resolved else { return };
        let acting = Acting::begin(self.owner);
        if !function.in_place {
            let schema = ident(&self.identity.schema);
            run(&format!("ALTER FUNCTION {} SET SCHEMA {schema}", function.signature()));
        }
        let wanted = &resolved.plan.of.function;
        if function.name != wanted.text {
            run(&format!("ALTER FUNCTION {} RENAME TO {wanted}", function.signature()));
        }
        acting.end();
    }
}

/// Raises the error that there is no such view.
pub fn view_vanished(view: &str) -> ! {
    fail(
        Code::ERRCODE_UNDEFINED_TABLE,
        format!("view \"{view}\" does not exist"),
        "To list the segmentations, run SELECT view FROM customer_value.segmentations.",
    )
}
