//! The functions that create, alter, train and drop segmentations.

use super::function;
use super::keep::{self, Change};
use super::names::{Place, place};
use super::notices::{notice_adopted, notice_change, notice_keeping, notice_taken_up};
use super::parents;
use super::registry::{Row, forget};
use super::stored::{Orphan, Stored, id_of, refuse_copy, require_member, view_gone};
use super::train::train;
use super::view::{Replacement, difference, make};
use super::written::Written;
use crate::segmentation::input::{Names, with_schemas};
use crate::segmentation::options::{self, Options};
use crate::segmentation::resolve::{Identity, Resolved, resolve};
use crate::server::call::{Call, sql_function};
use crate::server::datum::IntoDatum;
use crate::server::error::{Code, fail, given, notice};
use crate::server::identity::{Acting, current_user};
use crate::server::query::{column, find_relation, name_of, rows, text_of, value};
use crate::server::registry::require_writable;
use crate::server::version::require_current;
use pgrx::pg_sys::{Datum, Oid};
use segmentation::view::comments;
use serde_json::{Map, Value};

/// An argument that must be given.
pub fn required(call: &Call, at: usize, name: &str) -> String {
    let hint = "See \\df customer_value.*segmentation for the arguments.";
    given(name, call.text_or_null(at), hint)
}

sql_function! {
    /// (view, source, customer, ordered_at, amount, options).
    fn create_segmentation(call) {
        require_current();
        require_writable("create_segmentation");
        let view = required(call, 0, "view");
        let names = Names {
            source: required(call, 1, "source"),
            customer: required(call, 2, "customer"),
            ordered_at: required(call, 3, "ordered_at"),
            amount: call.text_or_null(4),
        };
        let view = create(&view, names, options::given(call.jsonb_text(5).as_deref()));
        parents::follow(view, true, false);
        Some(Datum::from(view))
    }
}

sql_function! {
    /// (view, options, source, customer, ordered_at, amount, replace, train, drop_columns).
    fn alter_segmentation(call) {
        require_current();
        let stored = Stored::to_change(&required(call, 0, "view"), "alter");
        parents::refuse_of_parents(&stored, "altered");
        let new = |at, old: &str| call.text_or_null(at).unwrap_or_else(|| old.to_owned());
        let names = Names {
            source: new(2, &stored.names.source),
            customer: new(3, &stored.names.customer),
            ordered_at: new(4, &stored.names.ordered_at),
            amount: call.text_or_null(5).or_else(|| stored.names.amount.clone()),
        };
        let is = |at, default| if call.is_null(at) { default } else { call.boolean(at) };
        let old = if is(6, false) { Map::new() } else { stored.options.clone() };
        let given = options::merge(old, options::given(call.jsonb_text(1).as_deref()));
        let (trained, drop_columns) = (is(7, true), is(8, false));
        let parents = || parents::follow(stored.oid, trained, drop_columns);
        Some(Datum::from(alter(&stored, names, given, trained, drop_columns, &parents)))
    }
}

sql_function! {
    /// (view).
    fn train_segmentation(call) {
        require_current();
        let stored = Stored::to_change(&required(call, 0, "view"), "train");
        let number = train_stored(&stored);
        parents::train(&stored);
        number.map(i32::into_datum)
    }
}

sql_function! {
    /// (view).
    fn segmentation_named(call) {
        let stored = Stored::of(&required(call, 0, "view"));
        Some(stored.identity.id.as_str().into_datum())
    }
}

sql_function! {
    /// (view).
    fn drop_segmentation(call) {
        drop_named(&required(call, 0, "view"));
        Some(Datum::null())
    }
}

/// Drops a segmentation, or what is left of one whose view is gone, even if something else has its name by now; and that of
/// the parents of its customers.
fn drop_named(view: &str) {
    require_writable("drop_segmentation");
    if find_relation("view", view).is_some_and(Stored::is_view) {
        parents::refuse_of_parents(&Stored::of(view), "dropped");
    }
    let id = drop_one(view);
    parents::drop_of(&id);
}

/// Drops a segmentation and returns its id.
pub fn drop_one(view: &str) -> String {
    if !find_relation("view", view).is_some_and(Stored::is_view)
        && let Some(orphan) = Orphan::named(view)
    {
        function::drop_orphans(&orphan.id, orphan.owner);
        keep::drop_left(&orphan.id, orphan.owner);
        forget(&orphan.id);
        return orphan.id;
    }
    let stored = Stored::to_change(view, "drop");
    keep::lock(&stored.identity.id);
    function::drop_all(&stored);
    keep::drop_left(&stored.identity.id, stored.owner);
    forget(&stored.identity.id);
    stored.identity.id
}

/// Creates a segmentation, takes it up again, or adopts it.
pub fn create(view: &str, names: Names, given: Map<String, Value>) -> Oid {
    let (schema, name) = match place(view) {
        Place::Free(schema, name) => (schema, name),
        Place::Taken(oid, schema, name) => return adopt(view, oid, (schema, name), names, given),
    };
    let orphan = Orphan::find(&schema, &name);
    parents::refuse_to_take_up(orphan.as_ref(), &given, view);
    let old = orphan.as_ref().map(|orphan| orphan.options.clone()).unwrap_or_default();
    let mut given = options::merge(old, given);
    let options = Options::read(&given);
    with_schemas(&mut given);
    let id = orphan.as_ref().map(|orphan| orphan.id.clone()).or_else(new_id);
    let identity = Identity { id: id.unwrap_or_default(), schema, name };
    let mut resolved = resolve(&identity, &names, options);
    resolved.hold_definitions();
    resolved.require_keepable();
    if let Some(orphan) = &orphan {
        function::drop_orphans(&orphan.id, orphan.owner);
        keep::drop_left(&orphan.id, orphan.owner);
    }
    function::check_name(&resolved);
    let written = make(&resolved);
    let Some(oid) = find_relation("view", &resolved.view()) else { view_gone(view) };
    let row = Row { resolved: &resolved, view: oid, options: &given, written: &written };
    notice_change("created", &resolved);
    match orphan {
        None => drop(row.add()),
        Some(_) => {
            row.change(true);
            notice_taken_up(&resolved, &given);
        }
    }
    train_new(&mut resolved, oid, view);
    oid
}

fn new_id() -> Option<String> {
    value("SELECT pg_catalog.gen_random_uuid()::text", &[])
}

fn train_new(resolved: &mut Resolved, oid: Oid, view: &str) {
    let (stored, by) = (Stored::by_oid(oid, view), current_user());
    let acting = Acting::begin(stored.owner);
    // nothing is kept yet
    Change::Make.train(resolved, &by);
    if resolved.plan.of.keep.is_some() {
        keep::arm(resolved, oid);
        notice_keeping(resolved);
    }
    acting.end();
}

/// Takes a segmentation view that came without its row, as in a dump of one schema, for what it is.
fn adopt(
    view: &str,
    oid: Oid,
    (schema, name): (String, String),
    mut names: Names,
    mut given: Map<String, Value>,
) -> Oid {
    let Some(id) = id_of(oid) else { already_exists(view) };
    refuse_known(view, &id, oid);
    let (owner, owner_name) = owner_of(oid);
    require_member(owner, &owner_name, "adopt", view);
    with_schemas(&mut given);
    let options = Options::read(&given);
    names.source = find_relation("source", &names.source).map_or(names.source, name_of);
    let by = current_user();
    let acting = Acting::begin(owner);
    let mut resolved = resolve(&Identity { id, schema, name }, &names, options);
    resolved.hold_definitions();
    resolved.require_keepable();
    if let Some((now, wanted)) = difference(&resolved, oid) {
        refuse_changed(view, &now, &wanted)
    }
    let plan = &resolved.plan;
    let written = Written::of(&plan.columns, &comments(plan, &plan.columns));
    let row = Row { resolved: &resolved, view: oid, options: &given, written: &written };
    if !row.add() {
        refuse_known(view, &resolved.plan.of.id, oid); // adopted by another session meanwhile
    }
    let stored = Stored::by_oid(oid, view);
    function::make(&resolved, Some(&stored), &plan.columns);
    notice_adopted(&resolved);
    Change::Make.train(&mut resolved, &by);
    if resolved.plan.of.keep.is_some() {
        keep::arm(&resolved, oid);
        notice_keeping(&resolved);
    }
    acting.end();
    oid
}

/// Raises an error if the segmentation of an id is known here: by this view, or by another, of which it is a copy.
fn refuse_known(view: &str, id: &str, oid: Oid) {
    let found = rows(
        "SELECT customer_value_internal.segmentation_view(s) IS NOT DISTINCT FROM $2, s.view \
         FROM customer_value.segmentation AS s WHERE s.id = $1::pg_catalog.uuid",
        &[id.into(), oid.into()],
        |row| (column::<bool>(row, 1).unwrap_or(false), text_of(row, 2)),
    );
    match found.into_iter().next() {
        Some((true, _)) => already_exists(view),
        Some((false, original)) => refuse_copy(view, &original),
        None => {}
    }
}

fn owner_of(view: Oid) -> (Oid, String) {
    let found = rows(
        "SELECT c.relowner, pg_catalog.pg_get_userbyid(c.relowner)::text FROM pg_catalog.pg_class AS c WHERE c.oid = $1",
        &[view.into()],
        |row| {
            let owner = column::<Oid>(row, 1).unwrap_or(Oid::INVALID);
            (owner, text_of(row, 2))
        },
    );
    found.into_iter().next().unwrap_or((Oid::INVALID, String::new()))
}

fn already_exists(view: &str) -> ! {
    fail(
        Code::ERRCODE_DUPLICATE_TABLE,
        format!("relation \"{view}\" already exists"),
        "Choose another name. To change a segmentation use alter_segmentation, to remove it drop_segmentation.",
    )
}

fn refuse_changed(view: &str, now: &str, wanted: &str) -> ! {
    fail(
        Code::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
        format!(
            "view \"{view}\" is not what these arguments would give, so it cannot be adopted: it has {}, not {}",
            from_difference(now, wanted),
            from_difference(wanted, now)
        ),
        "Give the source, columns and options with which it was made. If its text was changed by hand, drop the view and \
         create the segmentation.",
    )
}

/// The part of a line where it differs from another.
fn from_difference(line: &str, other: &str) -> String {
    let same = line.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
    let part: String = line.chars().skip(same.saturating_sub(20)).take(80).collect();
    format!("\"{part}\"")
}

/// Trains first and replaces the view last, so that readers wait for the replacement only. `others` does in between what
/// else takes long.
pub fn alter(
    stored: &Stored,
    mut names: Names,
    mut given: Map<String, Value>,
    trained: bool,
    drop_columns: bool,
    others: &dyn Fn(),
) -> Oid {
    with_schemas(&mut given);
    let options = Options::read(&given);
    // looked up in the user's path, but resolved as the owner
    names.source = find_relation("source", &names.source).map_or(names.source, name_of);
    let by = current_user();
    // a refresh holds this while it waits for the view
    keep::lock(&stored.identity.id);
    let acting = Acting::begin(stored.owner);
    let mut resolved = resolve(&stored.identity, &names, options);
    resolved.hold_definitions();
    resolved.require_keepable();
    stored.fit_customers(&mut resolved);
    resolved.require_no_circle(stored.oid);
    let replacement =
        Replacement::of(stored, &resolved, drop_columns).unwrap_or_else(|renamed| renamed.refuse());
    replacement.require_possible(stored);
    let keeping = Change::of(&resolved, replacement.is_anew());
    let written = &replacement.written;
    Row { resolved: &resolved, view: stored.oid, options: &given, written }.change(true);
    if trained {
        keeping.train(&mut resolved, &by);
    }
    acting.end();
    others();
    replacement.run(stored, &resolved, &keeping);
    notice_change("altered", &resolved);
    let mut view = stored.oid;
    if replacement.is_anew() {
        let found = find_relation("view", &resolved.view());
        view = found.unwrap_or_else(|| view_gone(&stored.quoted));
        Row { resolved: &resolved, view, options: &given, written }.change(true);
    }
    let acting = Acting::begin(stored.owner);
    keeping.finish(&resolved, view);
    acting.end();
    view
}

/// Trains as the owner of the view.
pub fn train_stored(stored: &Stored) -> Option<i32> {
    let (by, hands_over) = (current_user(), hands_over(stored));
    let acting = Acting::begin(stored.owner);
    let mut resolved = stored.resolve();
    if !resolved.plan.of.readers.is_empty() {
        stored.fit_customers(&mut resolved);
        resolved.require_no_circle(stored.oid);
    }
    let replacement = match Replacement::of(stored, &resolved, false) {
        // made by an earlier version, so that columns are appended; given to another owner; or the source was rebuilt
        // with other types
        Ok(new) => Some(new).filter(|new| {
            let differs = || function::readers_differ(&resolved, Some(stored)).is_some();
            hands_over || new.grows || !stored.current || differs()
        }),
        Err(renamed) => {
            renamed.tell();
            None
        }
    };
    let written = replacement.as_ref().map_or(&stored.written, |new| &new.written);
    let row = Row { resolved: &resolved, view: stored.oid, options: &stored.options, written };
    row.change(replacement.is_some());
    let number = train(&resolved, &by);
    acting.end();
    if let Some(new) = replacement {
        new.run(stored, &resolved, &Change::Nothing);
    }
    number
}

/// Whether the functions beside the view are to be handed over to its new owner; tells if the user may not do that.
fn hands_over(stored: &Stored) -> bool {
    if stored.kept_owner.is_none_or(|owner| owner == stored.owner) {
        return false;
    }
    let (strangers, may_change) = function::strangers(stored);
    if strangers && !may_change {
        notice(format!(
            "the functions beside {} still belong to the role that owned the view before; a member of both roles, or a \
             superuser, can hand them over with alter_segmentation",
            stored.quoted
        ));
    }
    strangers && may_change
}
