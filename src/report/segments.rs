//! The view of a segmentation as reports read it: with the rights of whoever asks.

use crate::manage::stored::Stored;
use crate::segmentation::relation::{Found, Relation};
use crate::server::query::ident;

/// A segmentation and the columns of its view, looked up once for each report.
pub struct Segments {
    /// The segmentation.
    pub stored: Stored,
    relation: Relation,
}

impl Segments {
    /// The segmentation of a view, by the name that a user gave, or an error.
    pub fn of(view: &str) -> Segments {
        let stored = Stored::of(view);
        let relation = stored.relation();
        Segments { stored, relation }
    }

    /// The view's name with its schema, quoted.
    pub fn view(&self) -> &str {
        &self.stored.quoted
    }

    /// Whether the view has a column.
    pub fn has(&self, column: &str) -> bool {
        self.relation.find(column).is_some()
    }

    /// A column of the view that the user may read, or an error.
    pub fn column(&self, name: &str) -> &Found {
        self.relation.column(name)
    }

    /// The customer column of the view: the first, however it is called by now.
    pub fn customer(&self) -> &Found {
        let first = self.relation.columns.first();
        self.relation.column(first.map_or("", |found| found.column.name.text.as_str()))
    }

    /// The rank of a label column's label over rows `v` of the view that have the same; NULL for other columns.
    pub fn rank_of(&self, label: &str) -> String {
        let rank = format!("{}_rank", label_of(label));
        match self.has(&rank) && self.column(&rank).column.is_number() {
            true => format!("min(v.{})", ident(&rank)),
            false => "NULL::int2".into(),
        }
    }
}

/// The label column that a column belongs to, which may be the one with the label's code.
pub fn label_of(column: &str) -> &str {
    column.strip_suffix("_code").unwrap_or(column)
}
