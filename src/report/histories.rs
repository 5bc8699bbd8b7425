//! The histories behind a view, for whoever may read it.

use super::segments::{Segments, settled};
use crate::manage::view::columns_now;
use crate::server::identity::Acting;
use crate::server::query::{Record, records, value};
use pgrx::datum::Date;
use segmentation::model::ViewColumn;
use segmentation::{Plan, view};

/// A column of the view by which customers are grouped, and its rank.
pub const GROUPED_BY: [&str; 2] = ["by", "rank"];

/// What a report asks of histories.
pub struct Histories<'a> {
    segments: &'a Segments,
    plan: Plan,
    columns: Vec<ViewColumn>,
}

impl<'a> Histories<'a> {
    /// Those of a segmentation, for a user who may read these columns of its view, as far as it has them; else an error.
    pub fn of(segments: &'a Segments, shown: &[&str]) -> Histories<'a> {
        segments.customer();
        for column in shown.iter().filter(|column| segments.has(column)) {
            segments.column(column);
        }
        let acting = Acting::begin(segments.stored.owner);
        let resolved = segments.stored.resolve();
        let columns = columns_now(&segments.stored, &resolved);
        acting.end();
        Histories { segments, plan: resolved.plan, columns }
    }

    /// A query for `history` and `as_of` of each customer; and for `by`, the value of a column of the view, and `rank`,
    /// that of a label: NULL without a column.
    pub fn query(&self, by: Option<&str>) -> String {
        let named = |name: &str| self.columns.iter().find(|column| column.name.text == name);
        let Some(column) = by.and_then(named) else {
            let nothing = "NULL::text AS by, NULL::smallint AS rank";
            let histories = view::histories_with(&self.plan, &[]);
            return format!("SELECT h.*, {nothing} FROM ({histories}) AS h");
        };
        let rank = by.and_then(|by| self.segments.rank_name_of(by));
        let rank = rank.as_deref().and_then(named);
        let columns = [Some(column), rank];
        let columns = GROUPED_BY.into_iter().zip(columns);
        let columns: Vec<_> =
            columns.filter_map(|(name, column)| column.map(|column| (name, column))).collect();
        let histories = view::histories_with(&self.plan, &columns);
        match rank {
            Some(_) => histories,
            None => format!("SELECT h.*, NULL::smallint AS rank FROM ({histories}) AS h"),
        }
    }

    /// The day as of which the view shows its customers; None where that is found by a training that has yet to be.
    pub fn as_of(&self) -> Option<i32> {
        let sql = format!("SELECT d.as_of FROM ({}) AS d", view::day(&self.plan));
        value::<Date>(&sql, &[]).map(|day| day.to_pg_epoch_days())
    }

    /// Runs a query over the histories with the rights by which the view reads its source: those of the user, or of its
    /// owner.
    pub fn records<T: Record>(&self, sql: &str) -> Vec<T> {
        let stored = &self.segments.stored;
        let read = || settled(stored, sql, || records(sql));
        if stored.reads_as_invoker() {
            return read();
        }
        let acting = Acting::begin(stored.owner);
        let found = read();
        acting.end();
        found
    }
}
