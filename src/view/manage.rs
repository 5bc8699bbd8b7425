//! Creating, altering, training and dropping segmentations.

use super::definition::{Definition, FUNCTION_SUFFIX, Trained};
use super::inputs::Inputs;
use super::options::{self, Options, refuse};
use super::source::{Names, Source};
use super::stored::{Stored, view_vanished};
use super::train;
use crate::label::matrix::{self, Matrix};
use crate::label::scheme;
use crate::server::call::{Call, IntoDatum, sql_function};
use crate::server::error::{Code, fail, notice};
use crate::server::identity::Acting;
use crate::server::names::relation_name;
use crate::server::query::{
    column, current_schema, find_relation, ident, name_of, rows, run, run_with, value,
};
use crate::server::version::require_current;
use crate::training::cuts::SplitName;
use pgrx::pg_sys::{Datum, Oid};
use serde_json::{Map, Value};

/// The longest name of a relation or function.
const LONGEST_NAME: usize = 63;

fn required(call: &Call, at: usize, name: &str) -> String {
    call.text_or_null(at).unwrap_or_else(|| {
        fail(
            Code::ERRCODE_NULL_VALUE_NOT_ALLOWED,
            format!("argument \"{name}\" must not be NULL"),
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
        Some(create(&view, names, options::object(call.jsonb_text(5).as_deref())))
    }
}

sql_function! {
    /// (view, options, source, customer, ordered_at, amount).
    fn alter_segmentation(call) {
        require_current();
        let stored = Stored::of(&required(call, 0, "view"));
        stored.require_owner("alter");
        let new = |at, old: &str| call.text_or_null(at).unwrap_or_else(|| old.to_owned());
        let names = Names {
            source: new(2, &stored.names.source),
            customer: new(3, &stored.names.customer),
            ordered_at: new(4, &stored.names.ordered_at),
            amount: call.text_or_null(5).or_else(|| stored.names.amount.clone()),
        };
        let changed = options::object(call.jsonb_text(1).as_deref());
        Some(alter(stored, names, changed))
    }
}

sql_function! {
    /// (view).
    fn train_segmentation(call) {
        require_current();
        let stored = Stored::of(&required(call, 0, "view"));
        stored.require_owner("train");
        train(stored).map(i32::into_datum)
    }
}

sql_function! {
    /// (view).
    fn drop_segmentation(call) {
        let stored = Stored::of(&required(call, 0, "view"));
        stored.require_owner("drop");
        stored.follow(None);
        if let Some(function) = stored.function() {
            run(&format!("DROP FUNCTION {}", function.signature()));
        }
        run(&format!("DROP VIEW {}", stored.quoted));
        forget(&stored.id);
        Some(Datum::null())
    }
}

fn forget(id: &str) {
    run_with(
        "DELETE FROM customer_value.segmentation WHERE id = $1::pg_catalog.uuid",
        &[id.into()],
    );
}

fn create(view: &str, names: Names, mut given: Map<String, Value>) -> Datum {
    let options = Options::read(&given);
    Inputs::with_schemas(&mut given);
    let (schema, name) = new_view_name(view);
    let source = Source::resolve(&names, &options);
    let id: Option<String> = value("SELECT pg_catalog.gen_random_uuid()::text", &[]);
    let id = id.unwrap_or_default();
    let definition = define(id, schema, name, names, source, options);
    check_function_name(&definition);
    definition.commands(None).iter().for_each(|command| run(command));
    let Some(oid) = find_relation("view", &definition.view()) else { view_vanished(view) };
    forget_orphans();
    run_with(
        "INSERT INTO customer_value.segmentation (id, view, source, customer, ordered_at, amount, options) \
         VALUES ($1::pg_catalog.uuid, $2::pg_catalog.regclass, $3::pg_catalog.regclass, $4, $5, $6, \
                 $7::pg_catalog.jsonb)",
        &stored_args(&definition, oid, &given),
    );
    notice(format!(
        "created view {} and function {}",
        definition.view(),
        definition.function_name()
    ));
    train(Stored::by_oid(oid, view));
    Datum::from(oid)
}

/// Trains first and replaces the view last, so that readers wait for the replacement only.
fn alter(stored: Stored, mut names: Names, changed: Map<String, Value>) -> Datum {
    let mut given = options::merge(stored.options.clone(), changed);
    Inputs::with_schemas(&mut given);
    let options = Options::read(&given);
    // looked up in the user's path, but resolved as the owner
    names.source = find_relation("source", &names.source).map_or(names.source, name_of);
    let by = current_user();
    let acting = Acting::begin(stored.owner);
    let source = Source::resolve(&names, &options);
    let (id, schema, name) = (stored.id.clone(), stored.schema.clone(), stored.name.clone());
    stored.require_type(&source);
    let definition = define(id, schema, name, names, source, options);
    run_with(
        "UPDATE customer_value.segmentation SET view = $2::pg_catalog.regclass, \
             source = $3::pg_catalog.regclass, customer = $4, ordered_at = $5, amount = $6, \
             options = $7::pg_catalog.jsonb \
         WHERE id = $1::pg_catalog.uuid",
        &stored_args(&definition, stored.oid, &given),
    );
    train::train(&definition, &by);
    acting.end();
    replace(&stored, &definition);
    notice(format!(
        "altered view {} and function {}",
        definition.view(),
        definition.function_name()
    ));
    Datum::from(stored.oid)
}

/// Replaces the view and the function beside it.
fn replace(stored: &Stored, definition: &Definition) {
    if let Some(renamed) = stored.renamed_column(&definition.columns()) {
        fail(
            Code::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
            format!(
                "column \"{renamed}\" of {} was renamed, so the view cannot be replaced",
                stored.quoted
            ),
            "Rename it back: ALTER VIEW … RENAME COLUMN … TO …; give it another name in a view of your own.",
        )
    }
    stored.follow(Some(definition));
    let acting = Acting::begin(stored.owner);
    let commands = definition.commands(Some(&stored.columns_with_types()));
    commands.iter().for_each(|command| run(command));
    acting.end();
}

fn stored_args<'a>(
    definition: &'a Definition,
    view: Oid,
    options: &Map<String, Value>,
) -> [pgrx::datum::DatumWithOid<'a>; 7] {
    let names = &definition.names;
    let options = Value::Object(options.clone()).to_string();
    [
        definition.id.as_str().into(),
        view.into(),
        definition.source.oid.into(),
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

/// Schema and name of a view that does not exist yet, or an error.
fn new_view_name(view: &str) -> (String, String) {
    let (schema, name) = relation_name("view", view);
    let schema = schema.or_else(current_schema);
    let hint = "Give the view a name with a schema that exists: 'shop.customer_segments'.";
    let Some(schema) = schema else {
        fail(Code::ERRCODE_INVALID_NAME, format!("\"{view}\" is no name of a view"), hint)
    };
    let rights = rows(
        "SELECT pg_catalog.has_schema_privilege(oid, 'CREATE'), oid = pg_catalog.pg_my_temp_schema() \
             OR nspname LIKE 'pg\\_%' OR nspname = 'information_schema' FROM pg_catalog.pg_namespace WHERE nspname = $1",
        &[schema.as_str().into()],
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
            format!("a segmentation cannot live in schema \"{schema}\""),
            hint,
        ),
        Some((Some(true), _)) => {}
        Some(_) => fail(
            Code::ERRCODE_INSUFFICIENT_PRIVILEGE,
            format!("you may not create a view in schema \"{schema}\""),
            format!("Ask its owner for GRANT CREATE ON SCHEMA {}.", ident(&schema)),
        ),
    }
    if name.len() + FUNCTION_SUFFIX.len() > LONGEST_NAME {
        fail(
            Code::ERRCODE_NAME_TOO_LONG,
            format!("the name \"{name}\" is too long"),
            "Names of segmentations have up to 60 bytes: a function name_of stands beside the view.",
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
            format!("\"{view}\" exists already"),
            "Choose another name; alter_segmentation changes a segmentation, drop_segmentation removes it.",
        )
    }
    (schema, name)
}

fn check_function_name(definition: &Definition) {
    let name = definition.function_name();
    let type_name = &definition.source.customer.type_name;
    let taken: Option<bool> = value(
        "SELECT true FROM pg_catalog.pg_proc AS p \
         JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace \
         WHERE n.nspname = $1 AND p.proname = $2 AND p.proargtypes[0] = $3 AND p.pronargs = 1",
        &[
            definition.schema.as_str().into(),
            name.as_str().into(),
            definition.source.customer.type_oid.into(),
        ],
    );
    if taken.is_some() {
        fail(
            Code::ERRCODE_DUPLICATE_FUNCTION,
            format!("function \"{name}\"({type_name}) exists already"),
            "It would stand beside the view; choose another name for the view.",
        )
    }
}

/// Raises an error if two columns of the view would be called alike.
fn check_names(definition: &Definition) {
    let columns = definition.columns();
    let twice = |at: &usize| columns[..*at].iter().any(|other| other.name == columns[*at].name);
    let Some(clash) = (1..columns.len()).find(twice) else { return };
    let name = &columns[clash].name;
    if *name == columns[0].name {
        fail(
            Code::ERRCODE_DUPLICATE_COLUMN,
            format!("the customer column \"{name}\" is called like a column of the view"),
            "Rename it in a view over the table, and give that view as the source.",
        )
    }
    fail(
        Code::ERRCODE_DUPLICATE_COLUMN,
        format!("two columns of the view would be called \"{name}\""),
        "Leave the column of the customer table out, or rename it in a view over it; give a matrix another view_column.",
    )
}

/// Resolves the scheme and puts everything together.
fn define(
    id: String,
    schema: String,
    name: String,
    names: Names,
    source: Source,
    options: Options,
) -> Definition {
    let fitting = if source.amount.is_some() { "standard" } else { "recency_frequency" };
    let scheme = options.scheme.clone().unwrap_or_else(|| fitting.into());
    let (scheme, bins, split) = match scheme.as_str() {
        "none" => (None, options.bins.unwrap_or(5), SplitName::Quantile),
        _ => {
            let (bins, split) = scheme::check(&scheme, &options.language, source.amount.is_some());
            if options.bins.is_some_and(|given| given != bins) {
                let why = format!(
                    "scheme \"{scheme}\" has {bins}; take another scheme, or \"none\" for scores without labels"
                );
                refuse("bins", why);
            }
            (Some(scheme), bins, split)
        }
    };
    options.given_cuts(bins);
    let inputs = Inputs::resolve(&options, &source);
    if let Some((customers, need)) = inputs.customers.as_ref().zip(options.need.as_ref()) {
        customers.column(need);
    }
    let mut definition = Definition {
        id,
        schema,
        name,
        names,
        source,
        options,
        scheme,
        bins,
        split,
        inputs,
        matrices: Vec::new(),
        trained: Trained::Newest,
    };
    definition.matrices = matrices(&definition);
    check_names(&definition);
    definition
}

/// The matrices of a segmentation: those built in that it has the inputs for, and those that its options name.
fn matrices(definition: &Definition) -> Vec<Matrix> {
    let Definition { options, source, .. } = definition;
    let mut names = vec!["lifecycle"];
    if source.amount.is_some() {
        names.extend(["growth", "spend", "abc", "abc_pair", "profitability", "value_tier"]);
        if definition.knows_relationships() {
            names.push("value");
        }
        if definition.knows_needs() {
            names.push("crm");
        }
    }
    if definition.knows_needs() {
        names.push("need");
    }
    let language = &options.language;
    let built_in = names.into_iter().map(|name| matrix::read(name, language));
    let given = options.matrices.iter().map(|name| {
        let matrix = matrix::read(name, language);
        if matrix.builtin {
            refuse("matrices", format!("\"{name}\" is built in; it is there where its inputs are"));
        }
        matrix.require_whole();
        matrix
    });
    built_in.chain(given).collect()
}

/// A segmentation with everything resolved, to be called as the owner of its view.
pub fn resolve(stored: &Stored) -> Definition {
    let options = Options::read(&stored.options);
    let source = Source::resolve(&stored.names, &options);
    let (id, schema, name) = (stored.id.clone(), stored.schema.clone(), stored.name.clone());
    define(id, schema, name, stored.names.clone(), source, options)
}

/// Trains as the owner of the view.
fn train(stored: Stored) -> Option<i32> {
    let by = current_user();
    let acting = Acting::begin(stored.owner);
    let definition = resolve(&stored);
    let number = train::train(&definition, &by);
    let (there, columns) = (stored.columns(), definition.columns());
    let grows = columns.iter().skip(1).any(|column| !there.contains(&column.name));
    let renamed = stored.renamed_column(&columns);
    acting.end();
    match renamed {
        Some(renamed) => notice(format!(
            "column \"{renamed}\" of {} was renamed, so columns that are new are not added",
            stored.quoted
        )),
        // made by an earlier version: the columns that are new are appended
        None if grows => replace(&stored, &definition),
        None => {}
    }
    number
}

fn current_user() -> String {
    value("SELECT current_user::text", &[]).unwrap_or_default()
}
