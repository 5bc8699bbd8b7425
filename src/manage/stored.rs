//! A segmentation as the tables hold it: finding it by its view, and who may change it.

use super::written::Written;
use crate::segmentation::input::{Names, RollupOf};
use crate::segmentation::options::{self, Options};
use crate::segmentation::relation::Relation;
use crate::segmentation::resolve::{Identity, Resolved, resolve};
use crate::server::error::{Code, fail};
use crate::server::identity::{current_role, current_user, hold_relation};
use crate::server::names::relation_name;
use crate::server::query::{column, current_schema, find_relation, ident, rows, text_of, value};
use crate::server::registry::{require_writable, write};
use crate::server::types::can_assign;
use pgrx::pg_sys::Oid;
use serde_json::{Map, Value};

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
    /// What was last written of the view.
    pub written: Written,
    /// Whether this library wrote it.
    pub current: bool,
    /// The role that owned the view when it was last written; None if its number means nothing here.
    pub kept_owner: Option<Oid>,
}

/// The rows of table `segmentation` that a view may be that of: as it was last seen, or by the id in its text. `$1` is the
/// view.
const OF_VIEW: &str = "(s.view_oid = $1 AND s.place = customer_value_internal.this_place() \
                        OR s.id = (SELECT customer_value_internal.segmentation_id($1)))";

impl Stored {
    /// The segmentation of a view, or an error.
    pub fn of(view: &str) -> Stored {
        match find_relation("view", view) {
            Some(oid) => Self::by_oid(oid, view),
            None => view_gone(view),
        }
    }

    /// The segmentation of a view, for a change of it by a member of the role that owns it: no other session changes,
    /// trains or drops it until the transaction ends, and it is read as the last one left it.
    pub fn to_change(view: &str, action: &str) -> Stored {
        require_writable(&format!("{action}_segmentation"));
        let Some(oid) = find_relation("view", view) else { view_gone(view) };
        // nobody locks what they may not change
        let sql = format!(
            "SELECT FROM customer_value.segmentation AS s \
             WHERE {OF_VIEW} AND (SELECT pg_catalog.pg_has_role($2, c.relowner, 'USAGE') \
                                  FROM pg_catalog.pg_class AS c WHERE c.oid = $1) FOR UPDATE OF s"
        );
        write(&sql, &[oid.into(), current_role().into()]);
        // nor does anybody drop the view meanwhile
        hold_relation(oid);
        if Relation::by_oid(oid).is_none() {
            view_gone(view)
        }
        let stored = Stored::by_oid(oid, view);
        stored.require_owner(action);
        stored
    }

    /// The segmentation of the view with this oid, called `view` in errors.
    pub fn by_oid(oid: Oid, view: &str) -> Stored {
        let sql = format!(
            "SELECT s.id::text, n.nspname::text, c.relname::text, c.relowner, \
                    pg_catalog.pg_get_userbyid(c.relowner)::text, customer_value_internal.segmentation_source(s), \
                    s.customer, s.ordered_at, s.amount, s.options::text, s.written::text, \
                    s.version = customer_value_internal.library_version(), s.view, \
                    coalesce(customer_value_internal.segmentation_view(s) = $1, \
                             s.id = customer_value_internal.segmentation_id($1) \
                             AND customer_value_internal.may_change($2, s.owner, s.owner_oid, s.place)), \
                    CASE WHEN s.place = customer_value_internal.this_place() THEN s.owner_oid END, \
                    CASE WHEN customer_value_internal.segmentation_view(s) IS NULL THEN s.owner::text END \
             FROM customer_value.segmentation AS s \
             CROSS JOIN pg_catalog.pg_class AS c \
             JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace \
             WHERE c.oid = $1 AND {OF_VIEW} ORDER BY 14 DESC NULLS LAST LIMIT 1"
        );
        // a view that is gone comes back as this one, for whoever may change both
        let found = rows(&sql, &[oid.into(), current_role().into()], |row| {
            let text = |at| text_of(row, at);
            let identity = Identity { id: text(1), schema: text(2), name: text(3) };
            let stored = Stored {
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
                written: Written::read(&text(11)),
                current: column(row, 12).unwrap_or(false),
                kept_owner: column(row, 15),
            };
            (stored, text(13), column::<bool>(row, 14).unwrap_or(false), column::<String>(row, 16))
        });
        match found.into_iter().next() {
            Some((stored, _, true, _)) => stored,
            Some((stored, original, false, None)) => refuse_copy(&stored.quoted, &original),
            Some((stored, original, false, Some(owner))) => stored.refuse_heir(&original, &owner),
            None => no_segmentation(oid, view),
        }
    }

    /// Whether the view reads whatever has the names of its tables.
    pub fn is_bound_by_name(&self) -> bool {
        self.options.get("bind").and_then(Value::as_str) == Some("name")
    }

    /// Whether the view reads its source with the rights of whoever reads it.
    pub fn reads_as_invoker(&self) -> bool {
        let sql = "SELECT o.option_value::boolean FROM pg_catalog.pg_class AS c \
                   CROSS JOIN pg_catalog.pg_options_to_table(c.reloptions) AS o \
                   WHERE c.oid = $1 AND o.option_name = 'security_invoker'";
        value(sql, &[self.oid.into()]).unwrap_or(false)
    }

    /// Whether a relation is the view of a segmentation that is known here.
    pub fn is_view(oid: Oid) -> bool {
        let sql = format!(
            "SELECT true FROM customer_value.segmentation AS s \
             WHERE {OF_VIEW} AND customer_value_internal.segmentation_view(s) = $1 LIMIT 1"
        );
        value::<bool>(&sql, &[oid.into()]).is_some()
    }

    /// The segmentation with everything decided. To be called as the owner of the view.
    pub fn resolve(&self) -> Resolved {
        resolve(&self.identity, &self.names, Options::read(&self.options))
    }

    /// Raises an error unless the user is a member of the role that owns the view.
    pub fn require_owner(&self, action: &str) {
        require_member(self.owner, &self.owner_name, action, &self.quoted);
    }

    /// Raises the error that the view carries the id of a segmentation that is gone and was another role's.
    fn refuse_heir(&self, original: &str, owner: &str) -> ! {
        fail(
            Code::ERRCODE_INSUFFICIENT_PRIVILEGE,
            format!(
                "segmentation {original} belongs to role \"{owner}\", but view {} to role \"{}\"",
                self.quoted, self.owner_name
            ),
            "A member of both roles, or a superuser, can train it; it then belongs to the owner of the view.",
        )
    }

    /// The view with its columns, as they are now.
    pub fn relation(&self) -> Relation {
        Relation::by_oid(self.oid).unwrap_or_else(|| view_gone(&self.quoted))
    }

    /// The type of the view's customer column is for good: another one is cast to it where the view reads through a
    /// function, or is an error.
    pub fn fit_customers(&self, resolved: &mut Resolved) {
        let (view, new) = (self.relation(), &resolved.source.customer);
        let Some(old) = view.columns.first() else { return };
        let same_collation = old.collation == new.collation;
        let by_name = !resolved.plan.of.readers.is_empty();
        if by_name && same_collation && old.exact_type == old.type_name {
            // a function gives no modifier
            if can_assign(new.type_oid, old.type_oid) {
                resolved.read_customers_as(old);
                return;
            }
        } else if !by_name && same_collation && old.exact_type == new.exact_type {
            return;
        }
        let differs = match by_name {
            _ if old.type_oid == new.type_oid && !same_collation => {
                "has a different collation".to_owned()
            }
            true => format!("bound by name is of type {}", new.type_name),
            false => format!("is of type {}", new.exact_type),
        };
        fail(
            Code::ERRCODE_DATATYPE_MISMATCH,
            format!(
                "customers of {} are of type {}, but column \"{}\" {differs}",
                self.quoted, old.exact_type, new.column.name.text
            ),
            match self.options.contains_key(RollupOf::OPTION) {
                true => {
                    "Take option \"parent\" back with alter_segmentation and {\"parent\": null}, which drops this view, and \
                         give it again."
                }
                false => {
                    "Other views may depend on the type, so it cannot change. Drop the segmentation and create it again."
                }
            },
        )
    }
}

/// Raises an error unless the user is a member of a role, with its privileges.
pub fn require_member(role: Oid, name: &str, action: &str, view: &str) {
    let rights = rows(
        "SELECT pg_catalog.pg_has_role($1, 'USAGE'), pg_catalog.pg_has_role($1, 'MEMBER')",
        &[role.into()],
        |row| (column::<bool>(row, 1), column::<bool>(row, 2)),
    );
    let message = format!("only members of role \"{name}\" may {action} {view}");
    match rights.into_iter().next() {
        Some((Some(true), _)) => {}
        Some((_, Some(true))) => fail(
            Code::ERRCODE_INSUFFICIENT_PRIVILEGE,
            message,
            format!(
                "Role \"{}\" is a member that does not inherit its privileges: run SET ROLE {} first.",
                current_user(),
                ident(name)
            ),
        ),
        _ => fail(
            Code::ERRCODE_INSUFFICIENT_PRIVILEGE,
            message,
            "That role owns the view: use SET ROLE, or ask a member of it.",
        ),
    }
}

/// What is left of a segmentation whose view is gone.
pub struct Orphan {
    /// Its id.
    pub id: String,
    /// The options that were given.
    pub options: Map<String, Value>,
    /// The role that owned the view.
    pub owner: Oid,
}

impl Orphan {
    /// The last segmentation of this name whose view is gone and that the user may take up or drop; no other session
    /// does so meanwhile.
    pub fn find(schema: &str, name: &str) -> Option<Orphan> {
        let orphan = Orphan::look(schema, name)?;
        let lock =
            "SELECT FROM customer_value.segmentation WHERE id = $1::pg_catalog.uuid FOR UPDATE";
        write(lock, &[orphan.id.as_str().into()]);
        // another session may have taken it up or dropped it while this one waited
        Orphan::look(schema, name).filter(|now| now.id == orphan.id)
    }

    fn look(schema: &str, name: &str) -> Option<Orphan> {
        let found = rows(
            "SELECT s.id::text, s.options::text, \
                    customer_value_internal.role_of(s.owner, s.owner_oid, s.place) FROM customer_value.segmentation AS s \
             WHERE pg_catalog.parse_ident(s.view) = ARRAY[$1, $2] \
               AND customer_value_internal.segmentation_view(s) IS NULL \
               AND customer_value_internal.may_change($3, s.owner, s.owner_oid, s.place) \
             ORDER BY s.created_at DESC, s.id LIMIT 1",
            &[schema.into(), name.into(), current_role().into()],
            |row| Orphan {
                id: text_of(row, 1),
                options: options::object(Some(&text_of(row, 2))),
                owner: column(row, 3).unwrap_or(Oid::INVALID),
            },
        );
        found.into_iter().next()
    }

    /// The same by the name that a user gave.
    pub fn named(view: &str) -> Option<Orphan> {
        let (schema, name) = relation_name("view", view);
        Orphan::find(&schema.or_else(current_schema)?, &name)
    }
}

/// The id of a segmentation that the text of a view carries.
pub fn id_of(view: Oid) -> Option<String> {
    value("SELECT customer_value_internal.segmentation_id($1)::text", &[view.into()])
}

/// Raises the error that a view is a copy of that of a segmentation.
pub fn refuse_copy(view: &str, original: &str) -> ! {
    fail(
        Code::ERRCODE_WRONG_OBJECT_TYPE,
        format!("{view} is a copy of the view of segmentation {original}"),
        "It shows the same trainings. Train and alter the original; to have a segmentation of its own, drop the copy and \
         create one.",
    )
}

fn no_segmentation(oid: Oid, view: &str) -> ! {
    if id_of(oid).is_some() {
        fail(
            Code::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
            format!("this database does not know segmentation \"{view}\", though its view is here"),
            "A dump of one schema does not take along what the extension keeps. Run create_segmentation with the view, \
             its source and options, which adopts it.",
        )
    }
    fail(
        Code::ERRCODE_WRONG_OBJECT_TYPE,
        format!("\"{view}\" is not a segmentation"),
        "To list the segmentations, run SELECT view FROM customer_value.segmentations.",
    )
}

/// Raises the error that there is no such view.
pub fn view_gone(view: &str) -> ! {
    let hint = match Orphan::named(view) {
        Some(_) => {
            "Its options and trainings are still here: create_segmentation takes them up again, drop_segmentation \
             removes them."
        }
        None => {
            "To list the segmentations, run SELECT view, state FROM customer_value.segmentations."
        }
    };
    fail(Code::ERRCODE_UNDEFINED_TABLE, format!("view \"{view}\" does not exist"), hint)
}
