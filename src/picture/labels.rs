//! The labels of a column as pictures over time read and show them: by their codes, which no language changes, where there
//! are codes.

use super::frame::Framing;
use crate::report::matrices;
use crate::report::playbook::Positions;
use crate::report::ranks::{CLV_TIER, tiers};
use crate::report::segments::{Segments, label_of};
use crate::server::query::{rows, text_of};
use std::collections::BTreeMap;

/// The labels of a column.
pub struct Labels {
    /// The column of the view that is read.
    pub column: String,
    /// What the label is called.
    pub title: String,
    /// The labels by code.
    shown: BTreeMap<String, String>,
}

impl Labels {
    /// Those of a column of the view, or of a matrix by its name; an error if there is no such column.
    pub fn of(segments: &Segments, framing: &Framing<'_>, by: &str) -> Labels {
        let matrices = matrices::of(segments);
        let known = match label_of(by) {
            CLV_TIER => Some((CLV_TIER.to_owned(), tiers(segments))),
            _ => Positions::find(segments, &matrices, by).map(|found| (found.label, found.query)),
        };
        let title = framing.title_of(&matrices, by);
        let (column, shown) = match known {
            None => (by.to_owned(), BTreeMap::new()),
            Some((label, query)) => {
                let sql = format!("SELECT p.code, p.label FROM (\n{query}) AS p");
                let shown = rows(&sql, &[], |row| (text_of(row, 1), text_of(row, 2)));
                (format!("{label}_code"), shown.into_iter().collect())
            }
        };
        segments.column(&column).require_equality();
        Labels { column, title, shown }
    }

    /// What a value of the column is shown as.
    pub fn shown(&self, value: &str) -> String {
        self.shown.get(value).map_or(value, String::as_str).to_owned()
    }
}
