//! The histories behind a view, for whoever may read it.

use super::segments::Segments;
use crate::manage::view::made_of;
use crate::segmentation::resolve::Resolved;
use crate::server::query::{Record, records, rows, value};
use crate::server::reading::as_view;
use crate::server::snapshot::as_of_now;
use pgrx::datum::Date;
use segmentation::model::ViewColumn;
use segmentation::view;

/// What a report asks of histories.
pub struct Histories<'a> {
    segments: &'a Segments,
    resolved: Resolved,
    /// The columns of the view.
    columns: Vec<ViewColumn>,
    /// Their names of now: the first one may be called otherwise than in the source.
    names: Vec<String>,
}

impl<'a> Histories<'a> {
    /// Those of a segmentation, for a user who may read these columns of its view, as far as it has them; else an error.
    pub fn of(segments: &'a Segments, shown: &[&str]) -> Histories<'a> {
        segments.customer();
        segments.require(shown);
        let (resolved, columns) = made_of(&segments.stored);
        let view = segments.stored.relation();
        let names = view.columns.into_iter().map(|found| found.column.name.text).collect();
        Histories { segments, resolved, columns, names }
    }

    /// A query for `history` and `as_of` of each customer; and for `by`, the value of a column of the view, and `rank`,
    /// that of a label: NULL without a column.
    pub fn query(&self, by: Option<&str>) -> String {
        let rank = by.and_then(|by| self.segments.rank_name_of(by));
        let of = |name: &str| self.columns.get(self.names.iter().position(|known| known == name)?);
        let columns = [("by", by.and_then(of)), ("rank", rank.as_deref().and_then(of))];
        let shown = columns.iter().filter_map(|(name, column)| Some((*name, (*column)?)));
        let mut all = String::from("h.history, h.as_of");
        for ((name, column), type_name) in columns.iter().zip(["text", "smallint"]) {
            all += &match column {
                Some(_) => format!(", h.{name}"),
                None => format!(", NULL::{type_name} AS {name}"),
            };
        }
        let histories = view::histories_with(&self.resolved.plan, &shown.collect::<Vec<_>>());
        format!("SELECT {all} FROM ({histories}) AS h")
    }

    /// What the view is written from.
    pub fn resolved(&self) -> &Resolved {
        &self.resolved
    }

    /// The day of the first purchase of all; None where nobody has bought.
    pub fn first_purchase(&self) -> Option<i32> {
        let first = format!(
            "SELECT min(customer_value.first_purchase(h.history, h.as_of)) FROM ({}) AS h",
            self.query(None)
        );
        let found = self.records::<(Option<Date>,)>(&first);
        found.first()?.0.map(|day| day.to_pg_epoch_days())
    }

    /// The day as of which the view shows its customers; None where that is found by a training that has yet to be.
    pub fn as_of(&self) -> Option<i32> {
        let sql = format!("SELECT d.as_of FROM ({}) AS d", view::day(&self.resolved.plan));
        value::<Date>(&sql, &[]).map(|day| day.to_pg_epoch_days())
    }

    /// Runs a query over the histories with the rights by which the view reads its source.
    pub fn records<T: Record>(&self, sql: &str) -> Vec<T> {
        let stored = &self.segments.stored;
        let (owner, invoker) = (stored.owner, stored.reads_as_invoker());
        if !stored.is_bound_by_name() {
            return as_view(owner, invoker, sql, || records(sql));
        }
        // waits for whoever rebuilds a table; see `settled`
        let none = format!("SELECT * FROM ({sql}) AS r LIMIT 0");
        as_view(owner, invoker, &none, || rows(&none, &[], |_| ()));
        as_of_now(|| as_view(owner, invoker, sql, || records(sql)))
    }
}
