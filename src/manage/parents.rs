//! Large accounts: the second segmentation that option "parent" gives another one, of the parents of its customers. It is
//! made, altered, trained and dropped with the first, which its options name by id.

use super::commands::{alter, create, drop_one, train_stored};
use super::stored::{Orphan, Stored};
use crate::segmentation::input::{Names, ParentColumn, RollupOf};
use crate::segmentation::options::{self, refuse};
use crate::segmentation::relation::Found;
use crate::segmentation::resolve::beside;
use crate::server::error::{Code, fail, notice};
use crate::server::identity::Acting;
use crate::server::names::listed;
use crate::server::query::{column, ident, name_of, rows, text_of, value};
use pgrx::pg_sys::Oid;
use segmentation::inputs;
use serde_json::{Map, Value};

/// What the name of its view adds to that of the first.
const SUFFIX: &str = "_parents";

/// Options of the first that it has not: customers are not its rows, and its histories are not kept.
const NOT_OF_PARENTS: [&str; 4] = ["parent", "customers", "need", "keep"];

/// A second segmentation that is there.
struct Second {
    /// The view, by its last name.
    name: String,
    /// The view; None if it is gone.
    view: Option<Oid>,
    /// Its options.
    options: Map<String, Value>,
}

impl Second {
    /// That of the segmentation of this id.
    fn of(id: &str) -> Option<Second> {
        let found = rows(
            "SELECT coalesce(v.oid::pg_catalog.regclass::text, s.view), v.oid, s.options::text \
             FROM customer_value.segmentation AS s \
             LEFT JOIN pg_catalog.pg_class AS v ON v.oid = customer_value_internal.segmentation_view(s) \
             WHERE s.options -> $2 ->> 'id' = $1 ORDER BY v.oid IS NULL, s.created_at DESC LIMIT 1",
            &[id.into(), RollupOf::OPTION.into()],
            |row| Second {
                name: text_of(row, 1),
                view: column(row, 2),
                options: options::object(Some(&text_of(row, 3))),
            },
        );
        found.into_iter().next()
    }
}

/// What the second segmentation has to be.
struct Wanted {
    names: Names,
    options: Map<String, Value>,
    parent: Found,
    /// Options of the first that name tables which cannot be read by parent.
    without: Vec<&'static str>,
    /// The table that tells the parents, if it may tell a customer's twice.
    unsure: Option<String>,
}

impl Wanted {
    /// That of the first, if its options ask for one. To be called as the owner of its view.
    fn of(first: &Stored) -> Option<Wanted> {
        let resolved = first.resolve();
        let (given, source) = (&resolved.options, &resolved.source);
        let parent =
            ParentColumn::find(given, &resolved.names, source, resolved.customers.as_ref())?;
        let rollup = RollupOf {
            id: first.identity.id.clone(),
            customer: resolved.names.customer.clone(),
            source: parent.table.map(|table| table.relation.name.clone()),
            key: parent.table.map(|table| table.key.column.name.text.clone()),
        };
        let of_table = |name: &&str| first.options.get(*name).is_some_and(Value::is_object);
        // nothing tells whose parents the customers of other tables have
        let without: Vec<&str> = match parent.table {
            Some(_) => Vec::new(),
            None => inputs::ALL.iter().map(|kind| kind.option).filter(of_table).collect(),
        };
        let mut options = first.options.clone();
        let others = NOT_OF_PARENTS.iter().chain(&without);
        others.for_each(|name| drop(options.remove(*name)));
        let rollup = serde_json::to_value(rollup).unwrap_or_default();
        options.insert(RollupOf::OPTION.to_owned(), rollup);
        let customer = parent.column.column.name.text.clone();
        let names =
            Names { source: source.relation.name.clone(), customer, ..resolved.names.clone() };
        let unsure = parent.table.filter(|table| !table.has_unique_key());
        let unsure = unsure.map(|table| table.relation.name.clone());
        Some(Wanted { names, options, parent: parent.column.clone(), without, unsure })
    }

    /// Makes it, takes it up again, or adopts it.
    fn make(mut self, first: &Stored, gone: Option<Second>) {
        let name = || {
            let name = beside(&first.identity.name, SUFFIX);
            format!("{}.{}", ident(&first.identity.schema), ident(&name))
        };
        let (name, old) =
            gone.map_or_else(|| (name(), Map::new()), |gone| (gone.name, gone.options));
        // what is taken up again has its old options where no others are given
        for option in old.into_iter().map(|(option, _)| option) {
            self.options.entry(option).or_insert(Value::Null);
        }
        let acting = Acting::begin(first.owner);
        create(&name, self.names, self.options);
        acting.end();
    }

    /// Alters the one that is there.
    fn alter(self, view: Oid, trained: bool, drop_columns: bool) {
        let stored = Stored::to_change(&name_of(view), "alter");
        self.require_type(&stored);
        alter(&stored, self.names, self.options, trained, drop_columns, &|| ());
    }

    /// Raises an error if parents are of another type by now.
    fn require_type(&self, stored: &Stored) {
        let (view, new) = (stored.relation(), &self.parent.exact_type);
        let old = view.columns.first().map(|found| &found.exact_type);
        // a view that is bound to names casts what it can
        if let Some(old) = old.filter(|old| *old != new && !stored.is_bound_by_name()) {
            fail(
                Code::ERRCODE_DATATYPE_MISMATCH,
                format!(
                    "option \"parent\": column \"{}\" is of type {}, but the parents in {} are of type {old}",
                    self.parent.column.name.text, new, stored.quoted
                ),
                "Take the option back with alter_segmentation and {\"parent\": null}, which drops that view, and give it \
                 again.",
            )
        }
    }
}

/// Brings the second segmentation to what the options of the first ask for, once these are known and the first is trained.
pub fn follow(view: Oid, trained: bool, drop_columns: bool) {
    let first = Stored::by_oid(view, &name_of(view));
    let there = Second::of(&first.identity.id);
    let acting = Acting::begin(first.owner);
    let wanted = first.options.contains_key("parent").then(|| Wanted::of(&first)).flatten();
    acting.end();
    if let Some(Wanted { without, parent, .. }) = &wanted
        && !without.is_empty()
    {
        notice(format!(
            "the view of the parents of customers does without {}: column \"{}\" is one of the orders, and only a customer \
             table with it would tell the parents of customers in other tables",
            listed(without),
            parent.column.name.text
        ));
    }
    if let Some(table) = wanted.as_ref().and_then(|wanted| wanted.unsure.as_ref()) {
        notice(format!(
            "{table} has no unique index on its customers: should it hold one twice, their orders count twice for the parents \
             until the next training refuses it"
        ));
    }
    match (wanted, there) {
        (None, None) => {}
        (None, Some(second)) => drop_second(&second),
        (Some(wanted), Some(Second { view: Some(view), .. })) => {
            wanted.alter(view, trained, drop_columns);
        }
        (Some(wanted), gone) => wanted.make(&first, gone),
    }
}

/// Trains the second segmentation, if there is one, once the first was trained.
pub fn train(first: &Stored) {
    match Second::of(&first.identity.id) {
        None => {}
        Some(Second { view: Some(view), .. }) => {
            train_stored(&Stored::to_change(&name_of(view), "train"));
        }
        Some(Second { name, .. }) => notice(format!(
            "view {name} of the parents of customers is gone; alter_segmentation of {} makes it again",
            first.quoted
        )),
    }
}

/// Drops the second segmentation, if there is one, once the first of this id was dropped.
pub fn drop_of(id: &str) {
    Second::of(id).iter().for_each(drop_second);
}

fn drop_second(second: &Second) {
    drop_one(&second.name);
    notice(format!("dropped view {}", second.name));
}

/// Raises an error if a segmentation is the second one of another that is there.
pub fn refuse_of_parents(stored: &Stored, what: &str) {
    let Some(rollup) = RollupOf::take(&mut stored.options.clone()) else { return };
    let first: Option<String> = value(
        "SELECT coalesce(v.oid::pg_catalog.regclass::text, s.view) FROM customer_value.segmentation AS s \
         LEFT JOIN pg_catalog.pg_class AS v ON v.oid = customer_value_internal.segmentation_view(s) \
         WHERE s.id = $1::pg_catalog.uuid",
        &[rollup.id.as_str().into()],
    );
    match first {
        Some(first) => fail(
            Code::ERRCODE_WRONG_OBJECT_TYPE,
            format!("{} cannot be {what} by itself: it follows {first}", stored.quoted),
            format!(
                "It shows the parents of the customers of {first} and has the options of that segmentation. Alter or drop \
                 that one; with {{\"parent\": null}} there, this view goes."
            ),
        ),
        None if what == "altered" => fail(
            Code::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
            format!(
                "{} cannot be altered: the segmentation that it followed is gone",
                stored.quoted
            ),
            "Drop it, and create a segmentation with the option \"parent\".",
        ),
        None => {}
    }
}

/// Raises an error if a user is about to take up what is left of a second segmentation.
pub fn refuse_to_take_up(orphan: Option<&Orphan>, given: &Map<String, Value>, view: &str) {
    let is_second = |options: &Map<String, Value>| options.contains_key(RollupOf::OPTION);
    if orphan.is_some_and(|orphan| is_second(&orphan.options)) && !is_second(given) {
        refuse(
            "parent",
            format!(
                "{view} showed the parents of the customers of another segmentation; alter_segmentation of that one makes \
                 it again, drop_segmentation removes what is left of it"
            ),
        )
    }
}
