//! Replacing the view of a segmentation and the function beside it, where their columns stay.

use super::stored::Stored;
use crate::segmentation::resolve::{Resolved, name};
use crate::server::error::{Code, fail};
use crate::server::identity::Acting;
use crate::server::query::{rows, run, text_of};
use crate::server::step::Step;
use segmentation::model::ViewColumn;
use segmentation::sql::Name;
use segmentation::view as sql;

/// A column of a view that is there: name, type and collation as SQL writes them, comment.
struct There {
    name: Name,
    type_name: String,
    comment: String,
}

/// The columns of the view, in order.
fn columns(stored: &Stored) -> Vec<There> {
    rows(
        "SELECT a.attname::text, pg_catalog.format_type(a.atttypid, a.atttypmod) || CASE \
             WHEN a.attcollation <> t.typcollation \
             THEN ' COLLATE ' || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.collname) \
             ELSE '' END, coalesce(d.description, '') \
         FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid \
         LEFT JOIN pg_catalog.pg_collation AS c ON c.oid = a.attcollation \
         LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = c.collnamespace \
         LEFT JOIN pg_catalog.pg_description AS d ON d.objoid = a.attrelid AND d.objsubid = a.attnum \
             AND d.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass \
         WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
        &[stored.oid.into()],
        |row| There {
            name: name(&text_of(row, 1)),
            type_name: text_of(row, 2),
            comment: text_of(row, 3),
        },
    )
}

/// How the columns of a view differ from those that it should have.
pub enum Change {
    /// Not at all, or it has more.
    None,
    /// Columns are to be added.
    Grows,
    /// This column of ours has another name.
    Renamed(String),
}

impl Change {
    /// That of a segmentation.
    pub fn of(stored: &Stored, resolved: &Resolved) -> Change {
        let (there, ours) = (columns(stored), &resolved.plan.columns);
        let is_there = |name: &Name| there.iter().any(|other| other.name == *name);
        match renamed(&there, ours) {
            Some(renamed) => Change::Renamed(renamed),
            None if ours.iter().skip(1).all(|column| is_there(&column.name)) => Change::None,
            None => Change::Grows,
        }
    }
}

/// A column of the view that is one of ours under another name, as its comment tells. The first may have any.
fn renamed(there: &[There], ours: &[ViewColumn]) -> Option<String> {
    let is_there = |name: &Name| there.iter().any(|other| other.name == *name);
    let is_ours = |name: &Name| ours.iter().any(|column| column.name == *name);
    let of_a_missing = |comment: &str| {
        ours.iter().any(|column| column.comment == comment && !is_there(&column.name))
    };
    let renamed = |column: &&There| !is_ours(&column.name) && of_a_missing(&column.comment);
    there.iter().skip(1).find(renamed).map(|column| column.name.text.clone())
}

/// Replaces the view and the function beside it.
pub fn replace(stored: &Stored, resolved: &Resolved) {
    if let Some(renamed) = renamed(&columns(stored), &resolved.plan.columns) {
        fail(
            Code::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
            format!(
                "column \"{renamed}\" of {} was renamed, so the view cannot be replaced",
                stored.quoted
            ),
            "Rename it back with ALTER VIEW … RENAME COLUMN. To give it another name, use a view of your own.",
        )
    }
    stored.follow(Some(resolved));
    let acting = Acting::begin(stored.owner);
    let _step = Step::begin(format!("replacement of view {}", stored.quoted));
    let there: Vec<(Name, String)> =
        columns(stored).into_iter().map(|column| (column.name, column.type_name)).collect();
    let columns = sql::columns_after(&resolved.plan, &there);
    run(&sql::view(&resolved.plan, &columns, true));
    run(&sql::function(&resolved.plan, &columns, true));
    run(&sql::comments(&resolved.plan, &columns));
    acting.end();
}
