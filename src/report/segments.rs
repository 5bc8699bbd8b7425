//! The view of a segmentation as reports read it: with the rights of whoever asks.

use super::words::Words;
use crate::manage::stored::Stored;
use crate::segmentation::relation::{Found, Relation};
use crate::server::query::{Record, name_of, records, rows};
use crate::server::snapshot::as_of_now;
use pgrx::pg_sys::Oid;
use segmentation::model::LabelStyle;
use serde::Deserialize;

/// The language of a segmentation where nobody gives another.
pub const ENGLISH: &str = "en";

/// A segmentation and the columns of its view, looked up once for each report.
pub struct Segments {
    /// The segmentation.
    pub stored: Stored,
    /// The language in which reports of it speak: that of the segmentation, unless the reader asks for another.
    pub language: String,
    /// How labels are written.
    pub labels: LabelStyle,
    relation: Relation,
}

impl Segments {
    /// The segmentation of a view, by the name that a user gave, or an error.
    pub fn of(view: &str) -> Segments {
        Self::read(Stored::of(view))
    }

    /// The segmentation of a view, or an error.
    pub fn by_oid(view: Oid) -> Segments {
        Self::read(Stored::by_oid(view, &name_of(view)))
    }

    fn read(stored: Stored) -> Segments {
        let relation = stored.relation();
        let language = stored.options.get("language").and_then(|language| language.as_str());
        let language = language.unwrap_or(ENGLISH).to_owned();
        let labels = stored.options.get("labels").map(LabelStyle::deserialize);
        let labels = labels.and_then(Result::ok).unwrap_or_default();
        Segments { language, labels, stored, relation }
    }

    /// What reports say, in the language.
    pub fn words(&self) -> Words<'_> {
        Words(&self.language)
    }

    /// The view's name with its schema, quoted.
    pub fn view(&self) -> &str {
        &self.stored.quoted
    }

    /// Runs a query over the view.
    pub fn records<T: Record>(&self, sql: &str) -> Vec<T> {
        settled(&self.stored, sql, || records(sql))
    }

    /// Whether the view has a column.
    pub fn has(&self, column: &str) -> bool {
        self.relation.find(column).is_some()
    }

    /// A column of the view that the user may read, or an error.
    pub fn column(&self, name: &str) -> &Found {
        self.relation.column(name)
    }

    /// Raises an error unless the user may read these columns of the view, as far as it has them: what a report tells of.
    pub fn require(&self, shown: &[&str]) {
        for column in shown.iter().filter(|column| self.has(column)) {
            self.column(column);
        }
    }

    /// The customer column of the view: the first, however it is called by now.
    pub fn customer(&self) -> &Found {
        let first = self.relation.columns.first();
        self.relation.column(first.map_or("", |found| found.column.name.text.as_str()))
    }

    /// The column of the view with the rank of a label column's label; None for other columns.
    pub fn rank_name_of(&self, label: &str) -> Option<String> {
        let rank = format!("{}_rank", label_of(label));
        (self.has(&rank) && self.column(&rank).column.is_number()).then_some(rank)
    }
}

/// Reads what a query over a segmentation gives. Where the view is bound to names, it waits first for whoever rebuilds a
/// table: rows of the new one are younger than the statement that asks for a report, which would find none.
pub fn settled<T>(stored: &Stored, sql: &str, read: impl FnOnce() -> T) -> T {
    if !stored.is_bound_by_name() {
        return read();
    }
    rows(&format!("SELECT * FROM ({sql}) AS r LIMIT 0"), &[], |_| ());
    as_of_now(read)
}

/// The label column that a column belongs to, which may be the one with the label's code or its action.
pub fn label_of(column: &str) -> &str {
    let suffixes = ["_code", "_action"];
    suffixes.iter().find_map(|suffix| column.strip_suffix(suffix)).unwrap_or(column)
}
