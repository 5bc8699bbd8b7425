//! Creating, altering, training and dropping segmentations.

use super::definition::Definition;
use super::options::{self, Options, refuse};
use super::source::{Column, Names, Source, find_column};
use super::train;
use crate::label::scheme;
use crate::server::call::{Call, IntoDatum, sql_function};
use crate::server::error::{Code, fail, notice};
use crate::server::identity::Acting;
use crate::server::names::relation_name;
use crate::server::query::{
    column, current_schema, find_relation, full_name, ident, rows, run, run_with, text_of, value,
};
use crate::training::cuts::SplitName;
use pgrx::pg_sys::{Datum, Oid};
use serde_json::{Map, Value};

/// What the function beside a view adds to its name.
const SUFFIX: &str = "_of";
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
        let stored = Stored::of(&required(call, 0, "view"));
        stored.require_owner("train");
        stored.train().map(i32::into_datum)
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

fn create(view: &str, names: Names, given: Map<String, Value>) -> Datum {
    let options = Options::read(&given);
    let (schema, name) = new_view_name(view);
    let source = Source::resolve(&names, &options);
    let id: Option<String> = value("SELECT pg_catalog.gen_random_uuid()::text", &[]);
    let id = id.unwrap_or_default();
    let definition = define(id, schema, name, names, source, options);
    check_function_name(&definition);
    definition.commands(false).iter().for_each(|command| run(command));
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
    Stored::by_oid(oid, view).train();
    Datum::from(oid)
}

/// Trains first and replaces the view last, so that readers wait for the replacement only.
fn alter(stored: Stored, mut names: Names, changed: Map<String, Value>) -> Datum {
    let given = options::merge(stored.options.clone(), changed);
    let options = Options::read(&given);
    names.source = full_name("source", &names.source);
    let by = current_user();
    let acting = Acting::begin(stored.owner);
    let source = Source::resolve(&names, &options);
    let (id, schema, name) = (stored.id.clone(), stored.schema.clone(), stored.name.clone());
    stored.require_type(&source);
    let definition = define(id, schema, name, names, source, options);
    train::lock(&definition);
    run_with(
        "UPDATE customer_value.segmentation SET view = $2::pg_catalog.regclass, \
             source = $3::pg_catalog.regclass, customer = $4, ordered_at = $5, amount = $6, \
             options = $7::pg_catalog.jsonb \
         WHERE id = $1::pg_catalog.uuid",
        &stored_args(&definition, stored.oid, &given),
    );
    train::train(&definition, &by);
    acting.end();
    stored.follow(Some(&definition));
    let acting = Acting::begin(stored.owner);
    definition.commands(true).iter().for_each(|command| run(command));
    acting.end();
    notice(format!(
        "altered view {} and function {}",
        definition.view(),
        definition.function_name()
    ));
    Datum::from(stored.oid)
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
    if name.len() + SUFFIX.len() > LONGEST_NAME {
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
    let columns = definition.columns();
    let clash = columns.iter().skip(1).find(|column| column.name == columns[0].name);
    if let Some(clash) = clash {
        fail(
            Code::ERRCODE_DUPLICATE_COLUMN,
            format!("the customer column \"{}\" is called like a column of the view", clash.name),
            "Rename it in a view over the table, and give that view as the source.",
        )
    }
}

fn view_vanished(view: &str) -> ! {
    fail(
        Code::ERRCODE_UNDEFINED_TABLE,
        format!("view \"{view}\" does not exist"),
        "See SELECT view FROM customer_value.segmentations.",
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
    Definition { id, schema, name, names, source, options, scheme, bins, split }
}

/// The function beside a view.
struct Function {
    oid: Oid,
    name: String,
    in_place: bool,
    has_owner: bool,
    may_change: bool,
}

impl Function {
    /// Its name with schema and argument, as it is now.
    fn signature(&self) -> String {
        let sql = "SELECT $1::pg_catalog.regprocedure::pg_catalog.text";
        value(sql, &[self.oid.into()]).unwrap_or_default()
    }
}

/// A segmentation as the tables hold it.
pub struct Stored {
    /// The id in the tables.
    pub id: String,
    /// The view.
    pub oid: Oid,
    /// Its name with schema, quoted.
    pub quoted: String,
    schema: String,
    name: String,
    owner: Oid,
    owner_name: String,
    names: Names,
    options: Map<String, Value>,
}

impl Stored {
    /// The segmentation of a view, or an error.
    pub fn of(view: &str) -> Stored {
        match find_relation("view", view) {
            Some(oid) => Self::by_oid(oid, view),
            None => view_vanished(view),
        }
    }

    fn by_oid(oid: Oid, view: &str) -> Stored {
        let found = rows(
            "SELECT s.id::text, n.nspname::text, c.relname::text, c.relowner, \
                    pg_catalog.pg_get_userbyid(c.relowner)::text, \
                    coalesce((SELECT pg_catalog.quote_ident(sn.nspname) || '.' || pg_catalog.quote_ident(sc.relname) \
                     FROM pg_catalog.pg_class AS sc \
                     JOIN pg_catalog.pg_namespace AS sn ON sn.oid = sc.relnamespace \
                     WHERE sc.oid = s.source), s.source::text), \
                    s.customer, s.ordered_at, s.amount, s.options::text \
             FROM customer_value.segmentation AS s \
             JOIN pg_catalog.pg_class AS c ON c.oid = s.view \
             JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace WHERE s.view = $1",
            &[oid.into()],
            |row| {
                let text = |at| column::<String>(row, at).unwrap_or_default();
                let (schema, name) = (text(2), text(3));
                Stored {
                    id: text(1),
                    oid,
                    quoted: format!("{}.{}", ident(&schema), ident(&name)),
                    schema,
                    name,
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
                "See SELECT view FROM customer_value.segmentations; create_segmentation makes one.",
            )
        })
    }

    fn require_owner(&self, action: &str) {
        let allowed: Option<bool> =
            value("SELECT pg_catalog.pg_has_role($1, 'USAGE')", &[self.owner.into()]);
        if allowed != Some(true) {
            fail(
                Code::ERRCODE_INSUFFICIENT_PRIVILEGE,
                format!(
                    "only members of role \"{}\" may {action} {}",
                    self.owner_name, self.quoted
                ),
                "That role owns the view.",
            )
        }
    }

    /// The type of the view's columns is for good.
    fn require_type(&self, source: &Source) {
        let (old, new) = (self.customer(), &source.customer);
        if old.type_oid != new.type_oid {
            fail(
                Code::ERRCODE_DATATYPE_MISMATCH,
                format!(
                    "customers of {} are of type {}, column \"{}\" is of type {}",
                    self.quoted, old.type_name, new.name, new.type_name
                ),
                "Other views may depend on the type; drop_segmentation and create_segmentation anew.",
            )
        }
    }

    /// The customer column of the view: the first, however it is called by now.
    pub fn customer(&self) -> Column {
        find_column(self.oid, &self.quoted, &self.first_column())
    }

    fn first_column(&self) -> String {
        let name: Option<String> = value(
            "SELECT attname::text FROM pg_catalog.pg_attribute WHERE attrelid = $1 AND attnum = 1",
            &[self.oid.into()],
        );
        name.unwrap_or_default()
    }

    /// The function beside the view, found by what it returns, not by name or schema.
    fn function(&self) -> Option<Function> {
        let found = rows(
            "SELECT p.oid, p.proname::text, p.pronamespace = c.relnamespace, p.proowner = c.relowner, \
                    pg_catalog.pg_has_role(p.proowner, 'USAGE') \
             FROM pg_catalog.pg_proc AS p \
             JOIN pg_catalog.pg_class AS c ON c.oid = $1 AND c.reltype = p.prorettype \
             WHERE p.pronargs = 1 AND p.proretset AND p.proname LIKE '%\\_of' \
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

    /// Takes what was done to the view or the source column by hand over to the function beside the view
    /// and to the customer column: new name, schema, owner. Dependent objects do not notice.
    fn follow(&self, definition: Option<&Definition>) {
        let Some(function) = self.function() else {
            return;
        };
        if !function.has_owner {
            let (signature, owner) = (function.signature(), ident(&self.owner_name));
            let command = format!("ALTER FUNCTION {signature} OWNER TO {owner}");
            if !function.may_change {
                fail(
                    Code::ERRCODE_INSUFFICIENT_PRIVILEGE,
                    format!("function {signature} beside the view still has another owner"),
                    format!("Ask that owner or a superuser for {command}."),
                )
            }
            run(&command);
        }
        let Some(definition) = definition else { return };
        let wanted = definition.function_name();
        let acting = Acting::begin(self.owner);
        if !function.in_place {
            let schema = ident(&self.schema);
            run(&format!("ALTER FUNCTION {} SET SCHEMA {schema}", function.signature()));
        }
        if function.name != wanted {
            let wanted = ident(&wanted);
            run(&format!("ALTER FUNCTION {} RENAME TO {wanted}", function.signature()));
        }
        let (old, new) = (self.first_column(), &definition.source.customer.name);
        if old != *new {
            let (old, new) = (ident(&old), ident(new));
            run(&format!("ALTER VIEW {} RENAME COLUMN {old} TO {new}", self.quoted));
        }
        acting.end();
    }

    fn train(self) -> Option<i32> {
        let by = current_user();
        let acting = Acting::begin(self.owner);
        let options = Options::read(&self.options);
        let source = Source::resolve(&self.names, &options);
        let definition = define(self.id, self.schema, self.name, self.names, source, options);
        let number = train::train(&definition, &by);
        acting.end();
        number
    }
}

fn current_user() -> String {
    value("SELECT current_user::text", &[]).unwrap_or_default()
}
