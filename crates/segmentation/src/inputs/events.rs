//! Tables with events of customers, each at a time: what all inputs from such tables share.

use super::per_customer;
use crate::catalogue::{TIME, Table};
use crate::model::{Column, ReaderColumn, Reads, Segmentation};
use crate::sql::{Select, Sql, list, literal};
use crate::trained::{At, day, until};

/// A table with events.
#[derive(Debug, Clone)]
pub struct Events {
    /// The option that names it.
    pub option: &'static str,
    /// Table or view, with its schema.
    pub relation: String,
    /// Whose.
    pub customer: Column,
    /// When.
    pub at: Column,
}

impl Events {
    /// Those of a table, by the names of its columns.
    pub fn of(option: &'static str, table: &dyn Table, customer: &str, at: &str) -> Events {
        Events {
            option,
            relation: table.relation(),
            customer: table.customer(customer),
            at: table.expect(at, TIME),
        }
    }

    /// What is read: customer, time, and these columns.
    pub fn reads(&self, others: impl IntoIterator<Item = ReaderColumn>) -> Reads {
        let columns = [&self.customer, &self.at].map(ReaderColumn::as_it_is).into_iter();
        Reads {
            table: Some((self.option, self.relation.clone())),
            columns: columns.chain(others).collect(),
        }
    }

    /// One row per event, whenever it was: `customer` and `day`.
    pub fn all(&self, s: &Segmentation, alias: &str) -> Select {
        let (customer, at) = (self.customer.of(alias), self.at.of(alias));
        Select::from_table(s.reads(self.option, &self.relation), alias)
            .column(&customer, "customer")
            .column(day(s, &self.at, &at), "day")
            .filter(format!("{customer} IS NOT NULL"))
            .filter(format!("isfinite({at})"))
    }

    /// One row per customer, of their events up to as_of.
    pub fn rows(&self, s: &Segmentation, alias: &str) -> Select {
        let (customer, at) = (self.customer.of(alias), self.at.of(alias));
        per_customer(Select::from_table(s.reads(self.option, &self.relation), alias), &customer)
            .filter(format!("{customer} IS NOT NULL"))
            .filter(format!("isfinite({at})"))
            .filter(until(s, At::Row, &self.at, &at))
    }

    /// Whether an event was there on the day of `At::Before`.
    pub fn before(&self, s: &Segmentation, alias: &str) -> String {
        until(s, At::Before, &self.at, &self.at.of(alias))
    }

    /// A query for a jsonb with the number of events that do not count: without a customer or a time, of customers that
    /// nobody knows, and for reasons of the input: a name, and a condition on the row.
    pub fn left_out<'a>(
        &self,
        s: &Segmentation,
        alias: &str,
        events: &str,
        reasons: impl IntoIterator<Item = (&'a str, String)>,
    ) -> Sql {
        let (customer, at) = (self.customer.of(alias), self.at.of(alias));
        let without = format!("{customer} IS NULL OR {at} IS NULL OR NOT isfinite({at})");
        let unknown = format!("{customer} IS NOT NULL AND k.customer IS NULL");
        let all = [("without_customer_or_time", without), ("of_unknown_customers", unknown)];
        let counts = all.into_iter().chain(reasons).map(|(reason, condition)| {
            let name = literal(&format!("{events}_{reason}"));
            format!("{name}, count(*) FILTER (WHERE {condition})")
        });
        let mut from = Sql::line(format!("{} AS {alias}", s.reads(self.option, &self.relation)));
        from.push(format!("LEFT JOIN known AS k ON k.customer {} {customer}", s.orders.same));
        Select::from(from).lines(list(counts).enclosed("jsonb_build_object", "")).sql()
    }
}
