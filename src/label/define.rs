//! Defining schemes and matrices, dropping them, and putting a company's own words in the place of ours.

use super::definitions::{self, Kind, builtin, missing, require_unused};
use crate::server::call::{Call, sql_function};
use crate::server::datum::jsonb;
use crate::server::error::{Code, fail, given};
use crate::server::identity::current_role;
use crate::server::query::{column, rows, value};
use crate::server::registry::{require_writable, write};
use pgrx::pg_sys::Datum;
use segmentation::definitions::{LONGEST, Matrix, Scheme, read_wording};
use segmentation::options::Misread;
use serde_json::Value;

/// Where a document is wrong, and why.
fn told(wrong: &Misread) -> String {
    match wrong.path.as_str() {
        "." | "" => wrong.why.clone(),
        path => format!("{path}: {}", wrong.why),
    }
}

/// Raises an error about a document.
fn refuse<T: Kind>(name: &str, wrong: &Misread) -> ! {
    fail(
        Code::ERRCODE_INVALID_PARAMETER_VALUE,
        format!("invalid definition of {} \"{name}\": {}", T::WORDS, told(wrong)),
        format!(
            "SELECT jsonb_pretty({}_definition('{}')) shows one to copy.",
            T::NAME,
            T::builtin().first().map_or("", |builtin| builtin.name.as_str())
        ),
    )
}

/// For whoever gives NULL.
const ARGUMENTS: &str =
    "See \\df customer_value.*_scheme and \\df customer_value.*_matrix for the arguments.";

/// Reads the text of a document, unless it is far too long.
fn parse<T: Kind>(name: &str, text: &str) -> Value {
    if text.len() > LONGEST {
        let why = "it is longer than 1 MB".into();
        refuse::<T>(name, &Misread { path: ".".into(), why })
    }
    serde_json::from_str(text).unwrap_or_else(|error| {
        refuse::<T>(name, &Misread { path: ".".into(), why: error.to_string() })
    })
}

/// Raises an error unless the user may create anything in this database.
fn require_creator() {
    let may: Option<bool> = value(
        "SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') OR EXISTS (\
             SELECT FROM pg_catalog.pg_namespace AS n \
             WHERE pg_catalog.has_schema_privilege(n.oid, 'CREATE') AND NOT pg_catalog.starts_with(n.nspname::text, 'pg_'))",
        &[],
    );
    if may != Some(true) {
        fail(
            Code::ERRCODE_INSUFFICIENT_PRIVILEGE,
            "permission denied to define schemes and matrices",
            "Whoever may create objects in a schema of this database may define them.",
        )
    }
}

/// Raises an error if a name is the library's or somebody else's; tells whether it is taken, by the user's own. No other
/// session changes or drops that until the transaction ends.
fn is_own<T: Kind>(name: &str) -> bool {
    if builtin::<T>(name).is_some() {
        fail(
            Code::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
            format!("{} \"{name}\" is built in", T::WORDS),
            format!(
                "Define a copy under another name. For words of your own, use reword_{}.",
                T::NAME
            ),
        )
    }
    // nobody locks what they may not change
    write(
        "SELECT FROM customer_value.definition AS d WHERE d.kind = $1 AND d.name = $2 \
           AND customer_value_internal.may_change($3, d.owner, d.owner_oid, d.place) FOR UPDATE",
        &[T::NAME.into(), name.into(), current_role().into()],
    );
    let found = rows(
        "SELECT customer_value_internal.may_change($3, d.owner, d.owner_oid, d.place), \
                (SELECT r.rolname::text FROM pg_catalog.pg_roles AS r \
                 WHERE r.oid = customer_value_internal.role_of(d.owner, d.owner_oid, d.place)) \
         FROM customer_value.definition AS d WHERE d.kind = $1 AND d.name = $2",
        &[T::NAME.into(), name.into(), current_role().into()],
        |row| (column::<bool>(row, 1), column::<String>(row, 2)),
    );
    match found.into_iter().next() {
        None => false,
        Some((Some(true), _)) => true,
        Some((_, owner)) => refuse_other::<T>(name, owner),
    }
}

/// Raises the error that a definition is somebody else's.
fn refuse_other<T: Kind>(name: &str, owner: Option<String>) -> ! {
    let whose = match &owner {
        Some(owner) => format!("belongs to role \"{owner}\""),
        None => "belongs to a role that is gone".to_owned(),
    };
    let hint = match owner {
        Some(_) => "Choose another name, or ask a member of that role.",
        None => "Choose another name, or ask a superuser.",
    };
    fail(Code::ERRCODE_INSUFFICIENT_PRIVILEGE, format!("{} \"{name}\" {whose}", T::WORDS), hint)
}

/// Adds a document $3 as the current user's, whom $4 is; what follows says what to do if the name is taken.
macro_rules! insert {
    ($conflict:literal) => {
        concat!(
            "INSERT INTO customer_value.definition (kind, name, document, owner, owner_oid, place) \
             SELECT $1, $2, $3::pg_catalog.jsonb, r.rolname, r.oid, customer_value_internal.this_place() \
             FROM pg_catalog.pg_roles AS r WHERE r.oid = $4 ON CONFLICT ",
            $conflict
        )
    };
}

/// Adds a document unless another session has taken the name meanwhile.
const ADD: &str = insert!("DO NOTHING");
/// Adds a document in the place of any other one, whoever wrote that.
const PUT: &str = insert!(
    "(kind, name) DO UPDATE SET document = excluded.document, owner = excluded.owner, \
     owner_oid = excluded.owner_oid, place = excluded.place, defined_at = excluded.defined_at"
);
/// Replaces a document, whose owner stays.
const CHANGE: &str = "UPDATE customer_value.definition SET document = $3::pg_catalog.jsonb, defined_at = now() \
     WHERE kind = $1 AND name = $2";

/// Writes a document by one of the statements above. Tells whether a row was written.
fn store(how: &str, kind: &str, name: &str, document: &Value) -> bool {
    write(how, &[kind.into(), name.into(), document.to_string().into(), current_role().into()]) > 0
}

fn remove(kind: &str, name: &str) {
    write(
        "DELETE FROM customer_value.definition WHERE kind = $1 AND name = $2",
        &[kind.into(), name.into()],
    );
}

/// (name, definition).
fn define<T: Kind>(call: &Call, refuse_use: impl Fn(&str, &T)) -> Option<Datum> {
    require_writable(&format!("define_{}", T::NAME));
    let name = given("name", call.text_or_null(0), ARGUMENTS);
    let document = given("definition", call.jsonb_text(1), ARGUMENTS);
    if let Err(why) = T::check_name(&name) {
        fail(
            Code::ERRCODE_INVALID_NAME,
            format!("invalid {} name \"{name}\": {why}", T::NAME),
            "Names may be in any script.",
        )
    }
    require_creator();
    let mut own = is_own::<T>(&name);
    let definition = T::read(parse::<T>(&name, &document));
    let definition = definition.unwrap_or_else(|wrong| refuse::<T>(&name, &wrong));
    let document = definition.document();
    while !own && !store(ADD, T::NAME, &name, &document) {
        // taken meanwhile: an error if by somebody else
        own = is_own::<T>(&name);
    }
    if own {
        refuse_use(&name, &definition);
        store(CHANGE, T::NAME, &name, &document);
    }
    Some(Datum::null())
}

/// (name).
fn drop_definition<T: Kind>(call: &Call) -> Option<Datum> {
    require_writable(&format!("drop_{}", T::NAME));
    let name = given("name", call.text_or_null(0), ARGUMENTS);
    if !is_own::<T>(&name) {
        missing::<T>(&name)
    }
    require_unused::<T>(&name, "it cannot be dropped");
    remove(T::NAME, &name);
    Some(Datum::null())
}

/// (name).
fn definition<T: Kind>(call: &Call) -> Option<Datum> {
    Some(jsonb(&definitions::read::<T>(call.text(0)).definition.document()))
}

/// (name, wording).
fn reword<T: Kind>(call: &Call) -> Option<Datum> {
    require_writable(&format!("reword_{}", T::NAME));
    let name = given("name", call.text_or_null(0), ARGUMENTS);
    let Some(ours) = builtin::<T>(&name) else {
        if !is_own::<T>(&name) {
            missing::<T>(&name)
        }
        fail(
            Code::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
            format!("{} \"{name}\" is not built in", T::WORDS),
            format!("Its words stand in its own document: use define_{}.", T::NAME),
        )
    };
    require_keeper::<T>(&name);
    let kind = format!("{} wording", T::NAME);
    let Some(text) = call.jsonb_text(1) else {
        remove(&kind, &name);
        return Some(Datum::null());
    };
    let wording = parse::<T>(&name, &text);
    if let Err(wrong) = read_wording(wording.clone(), &ours.codes()) {
        fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            format!("invalid wording of {} \"{name}\": {}", T::WORDS, told(&wrong)),
            "The form is {\"code\": {\"labels\": {\"en\": \"…\"}, \"actions\": {\"en\": \"…\"}}}.",
        )
    }
    store(PUT, &kind, &name, &wording);
    Some(Datum::null())
}

/// Raises an error unless the user may put words into everybody's mouth.
fn require_keeper<T: Kind>(name: &str) {
    let may: Option<bool> = value(
        "SELECT pg_catalog.bool_or(pg_catalog.pg_has_role(r.oid, 'USAGE')) \
         FROM (SELECT datdba FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database() \
               UNION ALL SELECT extowner FROM pg_catalog.pg_extension WHERE extname = 'customer_value') AS r (oid)",
        &[],
    );
    if may != Some(true) {
        fail(
            Code::ERRCODE_INSUFFICIENT_PRIVILEGE,
            format!("permission denied to reword {} \"{name}\", which everybody reads", T::WORDS),
            "Ask a member of the role that owns the database or the extension, or define a copy under another name.",
        )
    }
}

/// A matrix that a segmentation uses keeps its axes and its column.
fn refuse_moved(name: &str, new: &Matrix) {
    let old = definitions::read::<Matrix>(name).definition;
    let axes = |matrix: &Matrix| {
        let y = matrix.y.as_ref().map(|y| y.axis.clone());
        (matrix.x.axis.clone(), y, matrix.column.clone())
    };
    if axes(&old) != axes(new) {
        require_unused::<Matrix>(name, "its axes and its column cannot be changed");
    }
}

sql_function! {
    /// (name, definition).
    fn define_scheme(call) define::<Scheme>(call, |_, _| {})
}
sql_function! {
    /// (name, definition).
    fn define_matrix(call) define::<Matrix>(call, refuse_moved)
}
sql_function! {
    /// (name).
    fn drop_scheme(call) drop_definition::<Scheme>(call)
}
sql_function! {
    /// (name).
    fn drop_matrix(call) drop_definition::<Matrix>(call)
}
sql_function! {
    /// (name).
    fn scheme_definition(call) definition::<Scheme>(call)
}
sql_function! {
    /// (name).
    fn matrix_definition(call) definition::<Matrix>(call)
}
sql_function! {
    /// (name, wording).
    fn reword_scheme(call) reword::<Scheme>(call)
}
sql_function! {
    /// (name, wording).
    fn reword_matrix(call) reword::<Matrix>(call)
}
