//! Making the view of a segmentation and the functions beside it, and replacing them where their columns stay.

use super::anew::{Kept, comment_now, require_independent};
use super::function;
use super::keep::{self, Change};
use super::stored::Stored;
use super::written::Written;
use crate::segmentation::resolve::{Resolved, name};
use crate::server::error::{Code, fail, notice};
use crate::server::identity::Acting;
use crate::server::query::{find_relation, rows, run, text_of, value};
use crate::server::step::Step;
use pgrx::pg_sys::Oid;
use segmentation::model::ViewColumn;
use segmentation::sql::{Name, literal};
use segmentation::view::{self as sql, Comment, Of, There};
use segmentation::view_text;
use std::collections::BTreeMap;

/// Makes the view, the functions beside it and their comments; returns what was written.
pub fn make(resolved: &Resolved) -> Written {
    let plan = &resolved.plan;
    let _step = Step::begin(format!("creation of view {}", resolved.view()));
    let obsolete = function::make_readers(resolved, None);
    // reads the orders as the view does, which reads it in turn
    keep::make(resolved);
    run(&sql::view(plan, &plan.columns, false, &[]));
    function::make(resolved, None, &plan.columns);
    obsolete.drop();
    let comments = sql::comments(plan, &plan.columns);
    write_comments(resolved, &comments);
    Written::of(&plan.columns, &comments)
}

fn write_comments(resolved: &Resolved, comments: &[Comment]) {
    let commands = comments.iter().map(|comment| comment.command(&resolved.plan.of));
    run(&commands.collect::<Vec<_>>().join("\n"));
}

/// A view that is there, and how it is to be replaced.
pub struct Replacement {
    columns: Vec<ViewColumn>,
    comments: Vec<Comment>,
    /// What will have been written.
    pub written: Written,
    /// Whether columns are added.
    pub grows: bool,
    /// Those that a user appended.
    appended: Vec<String>,
    /// Those that are dropped, so that the view is made anew.
    dropped: Vec<String>,
}

/// The columns of the view, in order. Their text is looked at only if a user has appended some.
fn there(stored: &Stored, resolved: &Resolved) -> Vec<There> {
    let found = rows(
        "SELECT a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod) || CASE \
             WHEN a.attcollation <> t.typcollation \
             THEN ' COLLATE ' || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.collname) \
             ELSE '' END \
         FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid \
         LEFT JOIN pg_catalog.pg_collation AS c ON c.oid = a.attcollation \
         LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = c.collnamespace \
         WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
        &[stored.oid.into()],
        |row| (name(&text_of(row, 1)), text_of(row, 2)),
    );
    let text = match (0..found.len()).any(|at| stored.written.is_appended(at)) {
        true => value("SELECT pg_catalog.pg_get_viewdef($1)", &[stored.oid.into()]),
        false => None::<String>,
    };
    let expressions = text.as_deref().and_then(view_text::expressions);
    let columns = found.into_iter().enumerate();
    let there = |(at, (name, type_name)): (usize, (Name, String))| There {
        appended: match stored.written.is_appended(at) {
            true => {
                Some(expression(stored, &name, expressions.as_ref().and_then(|all| all.get(at))))
            }
            false => None,
        },
        name,
        type_name,
    };
    let mut columns: Vec<There> = columns.map(there).collect();
    // the customer column follows that of the source; see `follow`
    if let Some(first) = columns.first_mut() {
        first.name = resolved.source.orders.customer.name.clone();
    }
    columns
}

/// What a view is made of now, and its columns.
pub fn made_of(stored: &Stored) -> (Resolved, Vec<ViewColumn>) {
    let acting = Acting::begin(stored.owner);
    let resolved = stored.resolve();
    let columns = columns_now(stored, &resolved);
    acting.end();
    (resolved, columns)
}

/// The columns that the view has now, in order, under their names of now: ours as they are computed, and what a user
/// appended. To be called as the owner of the view.
pub fn columns_now(stored: &Stored, resolved: &Resolved) -> Vec<ViewColumn> {
    let plan = &resolved.plan;
    let now = |(at, column): (usize, There)| {
        let There { name, type_name, appended } = column;
        if let Some(sql) = appended {
            return ViewColumn::appended(name, &sql);
        }
        let written = stored.written.columns.get(at).map_or("", |written| &written.name);
        let ours = match at {
            0 => plan.columns.first(),
            _ => plan.columns.iter().find(|column| column.name.text == *written),
        };
        match ours {
            Some(ours) => ours.clone().in_place_of(&type_name).named(name),
            None => ViewColumn::no_longer(&plan.of, name, &type_name),
        }
    };
    there(stored, resolved).into_iter().enumerate().map(now).collect()
}

fn expression(stored: &Stored, name: &Name, found: Option<&String>) -> String {
    found.cloned().unwrap_or_else(|| {
        fail(
            Code::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
            format!(
                "column \"{}\" that was appended to {} cannot be kept: the text of the view has another form",
                name.text, stored.quoted
            ),
            "Columns appended at the end of its list are kept. Put anything else in a view of your own over it.",
        )
    })
}

impl Replacement {
    /// That of a segmentation; none where a column of ours has another name by now. Columns that options no longer ask for
    /// are dropped if the user says so, else they stay, as NULL.
    pub fn of(stored: &Stored, resolved: &Resolved, drop: bool) -> Result<Replacement, Renamed> {
        let there = there(stored, resolved);
        if let Some(renamed) = Renamed::find(stored, &there) {
            return Err(renamed);
        }
        let mut columns = sql::columns_after(&resolved.plan, &there);
        let gone = columns.iter().filter(|column| drop && column.is_no_longer());
        let dropped: Vec<String> = gone.map(|column| column.name.text.clone()).collect();
        columns.retain(|column| !(drop && column.is_no_longer()));
        let comments = sql::comments(&resolved.plan, &columns);
        let appended = there.iter().filter(|column| column.appended.is_some());
        Ok(Replacement {
            written: Written::of(&columns, &comments),
            grows: columns.len() + dropped.len() > there.len(),
            dropped,
            appended: appended.map(|column| column.name.text.clone()).collect(),
            columns,
            comments,
        })
    }

    /// Replaces the view and the functions beside it. Grants, comments of users, other options of the view, and columns
    /// that users appended stay.
    pub fn run(&self, stored: &Stored, resolved: &Resolved, keeping: &Change) {
        let options = other_options(stored);
        follow(stored, resolved);
        if !self.dropped.is_empty() {
            return self.make_anew(stored, resolved, keeping, &options);
        }
        let acting = Acting::begin(stored.owner);
        let step = self.step(stored);
        let obsolete = function::make_readers(resolved, Some(stored));
        keeping.prepare(resolved, stored.oid);
        run(&sql::view(&resolved.plan, &self.columns, true, &options));
        function::make(resolved, Some(stored), &self.columns);
        obsolete.drop();
        drop(step);
        if let Some(places) = sql::rounds(&resolved.plan, &self.columns) {
            notice(format!(
                "{} shows amounts to {places} decimal places, as its source had when it was made, and the amounts may \
                 have more; scores, segments and models use all of them",
                stored.quoted
            ));
        }
        let ours: Vec<Comment> = self
            .comments
            .iter()
            .filter(|comment| is_ours(stored, resolved, comment))
            .cloned()
            .collect();
        if !ours.is_empty() {
            write_comments(resolved, &ours);
        }
        acting.end();
    }
}

impl Replacement {
    /// Whether the view is made anew, so that it has another number.
    pub fn is_anew(&self) -> bool {
        !self.dropped.is_empty()
    }

    /// Raises an error if columns are to go, and anything depends on the view.
    pub fn require_possible(&self, stored: &Stored) {
        if self.is_anew() {
            require_independent(stored, &self.dropped);
        }
    }

    /// Drops the view and the function beside it, and makes them without columns that options no longer ask for.
    fn make_anew(
        &self,
        stored: &Stored,
        resolved: &Resolved,
        keeping: &Change,
        options: &[String],
    ) {
        let acting = Acting::begin(stored.owner);
        let step = self.step(stored);
        let columns = self.columns.iter().map(|column| Of::Column(column.name.clone()));
        let commented = [Of::View, Of::Function].into_iter().chain(columns);
        let kept = Kept::of(stored, resolved, &self.dropped, commented);
        let obsolete = function::make_readers(resolved, Some(stored));
        keeping.prepare(resolved, stored.oid);
        function::drop_view(stored);
        run(&sql::view(&resolved.plan, &self.columns, false, options));
        function::make(resolved, None, &self.columns);
        obsolete.drop();
        drop(step);
        write_comments(resolved, &self.comments);
        kept.give_back(resolved);
        acting.end();
        notice(format!("dropped columns of {}: {}", stored.quoted, self.dropped.join(", ")));
    }

    fn step(&self, stored: &Stored) -> Step {
        let what = format!("replacement of view {}", stored.quoted);
        match self.appended.is_empty() {
            true => Step::begin(what),
            false => {
                let what = format!(
                    "{what}, which keeps what was appended to it: {}",
                    self.appended.join(", ")
                );
                Step::begin(what).with_hint(
                    "A column that was appended can read what the view itself reads under the same names, and nothing \
                     else. Put any other column in a view of your own over this one.",
                )
            }
        }
    }
}

/// A column of ours that a user renamed, so that the view cannot be replaced. The first may have any name.
pub struct Renamed {
    view: String,
    from: String,
    to: String,
}

impl Renamed {
    fn find(stored: &Stored, there: &[There]) -> Option<Renamed> {
        let columns = there.iter().zip(&stored.written.columns).skip(1);
        let mut ours = columns.filter(|(_, written)| written.comment.is_some());
        let (there, written) = ours.find(|(there, written)| there.name.text != written.name)?;
        Some(Renamed {
            view: stored.quoted.clone(),
            from: written.name.clone(),
            to: there.name.text.clone(),
        })
    }

    /// Raises it as an error.
    pub fn refuse(self) -> ! {
        let Renamed { view, from, to } = self;
        fail(
            Code::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
            format!(
                "column \"{from}\" of {view} was renamed to \"{to}\", so the view cannot be replaced"
            ),
            "Rename it back with ALTER VIEW … RENAME COLUMN. To give it another name, use a view of your own.",
        )
    }

    /// Tells it.
    pub fn tell(&self) {
        let Renamed { view, from, to } = self;
        notice(format!(
            "column \"{from}\" of {view} was renamed to \"{to}\", so the view is trained but not brought up to date"
        ));
    }
}

/// The options of the view besides ours, as SQL writes them.
fn other_options(stored: &Stored) -> Vec<String> {
    rows(
        "SELECT o.option_name::text, o.option_value::text \
         FROM pg_catalog.pg_class AS c \
         CROSS JOIN pg_catalog.pg_options_to_table(c.reloptions) AS o \
         WHERE c.oid = $1 AND o.option_name <> 'security_invoker'",
        &[stored.oid.into()],
        |row| format!("{} = {}", text_of(row, 1), literal(&text_of(row, 2))),
    )
}

/// Takes what was done to the view or the source column by hand over to the functions beside the view and to the
/// customer column.
fn follow(stored: &Stored, resolved: &Resolved) {
    function::follow(stored);
    keep::follow_owner(stored);
    let (view, new) = (stored.relation(), &resolved.source.orders.customer.name);
    let old = view.columns.first().map(|found| &found.column.name);
    if let Some(old) = old.filter(|old| *old != new) {
        let acting = Acting::begin(stored.owner);
        run(&format!("ALTER VIEW {} RENAME COLUMN {old} TO {new}", stored.quoted));
        acting.end();
    }
}

/// Whether a comment says what we last wrote, or there is none because what it is of is new; else it is a user's.
fn is_ours(stored: &Stored, resolved: &Resolved, comment: &Comment) -> bool {
    let written = stored.written.comment(&comment.of);
    let Some(written) = written else { return true };
    if written == comment.text {
        return false; // nothing to write
    }
    let function = || {
        let signature = resolved.plan.of.function_signature();
        value("SELECT $1::pg_catalog.regprocedure::pg_catalog.oid", &[signature.into()])
    };
    comment_now(stored, &comment.of, function).as_deref() == Some(written)
}

/// How a view that came with a dump differs from what would be made now, if it does: a line of it, and what that would be.
pub fn difference(resolved: &Resolved, view: Oid) -> Option<(String, String)> {
    if let Some(reader) = function::readers_differ(resolved, None) {
        return Some((format!("function {reader}"), "another body".into()));
    }
    // made for once under a name of its own, so that the server writes both texts
    let mut plan = resolved.plan.clone();
    // amounts are shown in the digits that the source had when the view was made
    let types: BTreeMap<String, String> = rows(
        "SELECT a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod) \
         FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped",
        &[view.into()],
        |row| (text_of(row, 1), text_of(row, 2)),
    )
    .into_iter()
    .collect();
    for column in &mut plan.columns {
        if let Some(type_name) = types.get(&column.name.text) {
            *column = column.clone().in_place_of(type_name);
        }
    }
    plan.of.view = name(&format!("segmentation_{}", plan.of.id));
    run(&sql::view(&plan, &plan.columns, false, &[]));
    let made = find_relation("view", &plan.of.view_name())?;
    let text = |view: Oid| value::<String>("SELECT pg_catalog.pg_get_viewdef($1)", &[view.into()]);
    let [now, wanted] = [view, made].map(|view| text(view).unwrap_or_default());
    run(&format!("DROP VIEW {}", plan.of.view_name()));
    let difference = view_text::difference(&now, &wanted);
    difference.map(|(now, wanted)| (now.to_owned(), wanted.to_owned()))
}
