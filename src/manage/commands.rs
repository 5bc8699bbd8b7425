//! The functions that create, alter, train and drop segmentations.

use super::names::{check_function_name, new_view_name};
use super::notices::notice_change;
use super::stored::{Stored, view_vanished};
use super::train::train;
use super::view::{Change, replace};
use crate::segmentation::input::{Names, with_schemas};
use crate::segmentation::options::{self, Options};
use crate::segmentation::resolve::{Identity, Resolved, resolve};
use crate::server::call::{Call, sql_function};
use crate::server::datum::IntoDatum;
use crate::server::error::{Code, fail, notice};
use crate::server::identity::Acting;
use crate::server::query::{find_relation, name_of, run, run_with, value};
use crate::server::step::Step;
use crate::server::version::require_current;
use pgrx::pg_sys::{Datum, Oid};
use segmentation::view as sql;
use serde_json::{Map, Value};

fn required(call: &Call, at: usize, name: &str) -> String {
    call.text_or_null(at).unwrap_or_else(|| {
        fail(
            Code::ERRCODE_NULL_VALUE_NOT_ALLOWED,
            format!("argument \"{name}\" must not be null"),
            "See \\df customer_value.*segmentation for the arguments.",
        )
    })
}

sql_function! {
    /// (view, source, customer, ordered_at, amount, options).
    fn create_segmentation(call) {
        require_current();
        let view = required(call, 0, "view");
        let names = Names {
            source: required(call, 1, "source"),
            customer: required(call, 2, "customer"),
            ordered_at: required(call, 3, "ordered_at"),
            amount: call.text_or_null(4),
        };
        Some(create(&view, &names, options::object(call.jsonb_text(5).as_deref())))
    }
}

sql_function! {
    /// (view, options, source, customer, ordered_at, amount).
    fn alter_segmentation(call) {
        require_current();
        let stored = Stored::to_change(&required(call, 0, "view"), "alter");
        let new = |at, old: &str| call.text_or_null(at).unwrap_or_else(|| old.to_owned());
        let names = Names {
            source: new(2, &stored.names.source),
            customer: new(3, &stored.names.customer),
            ordered_at: new(4, &stored.names.ordered_at),
            amount: call.text_or_null(5).or_else(|| stored.names.amount.clone()),
        };
        let changed = options::object(call.jsonb_text(1).as_deref());
        Some(alter(&stored, names, changed))
    }
}

sql_function! {
    /// (view).
    fn train_segmentation(call) {
        require_current();
        let stored = Stored::to_change(&required(call, 0, "view"), "train");
        train_stored(&stored).map(i32::into_datum)
    }
}

sql_function! {
    /// (view).
    fn drop_segmentation(call) {
        let stored = Stored::to_change(&required(call, 0, "view"), "drop");
        stored.follow(None);
        if let Some(function) = stored.function() {
            run(&format!("DROP FUNCTION {}", function.signature()));
        }
        run(&format!("DROP VIEW {}", stored.quoted));
        forget(&stored.identity.id);
        Some(Datum::null())
    }
}

fn forget(id: &str) {
    let sql = "DELETE FROM customer_value.segmentation WHERE id = $1::pg_catalog.uuid";
    run_with(sql, &[id.into()]);
}

fn create(view: &str, names: &Names, given: Map<String, Value>) -> Datum {
    let mut given = options::merge(Map::new(), given);
    let options = Options::read(&given);
    with_schemas(&mut given);
    let (schema, name) = new_view_name(view);
    let id: Option<String> = value("SELECT pg_catalog.gen_random_uuid()::text", &[]);
    let identity = Identity { id: id.unwrap_or_default(), schema, name };
    let resolved = resolve(&identity, names, options);
    check_function_name(&resolved, &identity);
    let plan = &resolved.plan;
    let step = Step::begin(format!("creation of view {}", resolved.view()));
    run(&sql::view(plan, &plan.columns, false));
    run(&sql::function(plan, &plan.columns, false));
    run(&sql::comments(plan, &plan.columns));
    drop(step);
    let Some(oid) = find_relation("view", &resolved.view()) else { view_vanished(view) };
    forget_orphans();
    run_with(
        "INSERT INTO customer_value.segmentation (id, view, source, customer, ordered_at, amount, options) \
         VALUES ($1::pg_catalog.uuid, $2::pg_catalog.regclass, $3::pg_catalog.regclass, $4, $5, $6, \
                 $7::pg_catalog.jsonb)",
        &row(&resolved, oid, &given),
    );
    notice_change("created", &resolved);
    let (stored, by) = (Stored::by_oid(oid, view), current_user());
    let acting = Acting::begin(stored.owner);
    train(&resolved, &by);
    acting.end();
    Datum::from(oid)
}

/// Trains first and replaces the view last, so that readers wait for the replacement only.
fn alter(stored: &Stored, mut names: Names, changed: Map<String, Value>) -> Datum {
    let mut given = options::merge(stored.options.clone(), changed);
    with_schemas(&mut given);
    let options = Options::read(&given);
    // looked up in the user's path, but resolved as the owner
    names.source = find_relation("source", &names.source).map_or(names.source, name_of);
    let by = current_user();
    let acting = Acting::begin(stored.owner);
    let resolved = resolve(&stored.identity, &names, options);
    stored.require_type(&resolved);
    run_with(
        "UPDATE customer_value.segmentation SET view = $2::pg_catalog.regclass, \
             source = $3::pg_catalog.regclass, customer = $4, ordered_at = $5, amount = $6, \
             options = $7::pg_catalog.jsonb \
         WHERE id = $1::pg_catalog.uuid",
        &row(&resolved, stored.oid, &given),
    );
    train(&resolved, &by);
    acting.end();
    replace(stored, &resolved);
    notice_change("altered", &resolved);
    Datum::from(stored.oid)
}

/// The values of a row of table `segmentation`.
fn row<'a>(
    resolved: &'a Resolved,
    view: Oid,
    options: &Map<String, Value>,
) -> [pgrx::datum::DatumWithOid<'a>; 7] {
    let names = &resolved.names;
    let options = Value::Object(options.clone()).to_string();
    [
        resolved.plan.of.id.as_str().into(),
        view.into(),
        resolved.source.relation.oid.into(),
        names.customer.as_str().into(),
        names.ordered_at.as_str().into(),
        names.amount.as_deref().into(),
        options.into(),
    ]
}

/// Rows whose view is gone, left behind by DROP VIEW, are nobody's.
fn forget_orphans() {
    run_with(
        "DELETE FROM customer_value.segmentation AS s \
         WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = s.view)",
        &[],
    );
}

/// Trains as the owner of the view.
fn train_stored(stored: &Stored) -> Option<i32> {
    let by = current_user();
    let acting = Acting::begin(stored.owner);
    let resolved = stored.resolve();
    let number = train(&resolved, &by);
    let change = Change::of(stored, &resolved);
    acting.end();
    match change {
        Change::None => {}
        // made by an earlier version: the columns that are new are appended
        Change::Grows => replace(stored, &resolved),
        Change::Renamed(renamed) => notice(format!(
            "column \"{renamed}\" of {} was renamed, so new columns are not added",
            stored.quoted
        )),
    }
    number
}

fn current_user() -> String {
    value("SELECT current_user::text", &[]).unwrap_or_default()
}
