//! What an optional input tells: rows, columns of the view, and signals.
//!
//! Signals are numbers of a customer that something else is made of, whatever they are told from: the value score, the
//! need of a customer, the quality of a relationship.

use super::{Column, Reads, Segmentation, ViewColumn};
use crate::sql::{Select, Sql};
use std::fmt::Debug;

/// Contacts with customers.
#[derive(Debug)]
pub struct Contacts {
    /// A query for `customer`, `day` and `kind`.
    pub rows: Select,
    /// Whether they have kinds: without, `kind` is NULL.
    pub have_kinds: bool,
}

/// An input whose table and columns have been found.
pub trait Input: Debug {
    /// The name by which columns refer to its rows, which no other input has.
    fn alias(&self) -> &'static str;

    /// The table and the columns that the view reads.
    fn reads(&self) -> Reads;

    /// One row per customer, which begins as `inputs::per_customer`.
    fn rows(&self, s: &Segmentation) -> Select;

    /// The columns of its rows that numbers are made of, by name, as they were on the day of `At::Before`: NULL where it
    /// had no rows then.
    fn before(&self, _: &Segmentation) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Contacts with customers, other than for service. None for an input that holds none.
    fn contacts(&self, _: &Segmentation) -> Option<Contacts> {
        None
    }

    /// The time of what its rows are made of, which is compared with as_of.
    fn at<'a>(&'a self, s: &'a Segmentation) -> &'a Column;

    /// Rows that do not count: a query for a jsonb with their number by reason, over the customers that are `known`.
    fn left_out(&self, _: &Segmentation) -> Option<Sql> {
        None
    }

    /// Columns of the view that tell of orders; they stand before those that tell of the customer.
    fn columns_of_orders(&self, _: &Segmentation) -> Vec<ViewColumn> {
        Vec::new()
    }

    /// Columns of the view that tell of the customer.
    fn columns(&self, _: &Segmentation) -> Vec<ViewColumn> {
        Vec::new()
    }

    /// Numbers that something else is made of.
    fn signals(&self, _: &Segmentation) -> Vec<Signal> {
        Vec::new()
    }
}

/// A number of a customer, and what it is a part of.
#[derive(Debug, Clone)]
pub struct Signal {
    /// A double precision.
    pub sql: String,
    /// The axis by whose trained percentiles it counts; None if it is a share of 0 to 1, which counts as it is.
    pub axis: Option<&'static str>,
    /// What it is a part of.
    pub part_of: PartOf,
}

/// What a signal is a part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PartOf {
    /// The value score, with the same weight as frequency and revenue.
    ValueScore,
    /// The need of this level: customers with some of it, as much as the upper fifth, have it.
    Need(u8),
    /// The quality of a relationship, by the weight of this name.
    Relationship(&'static str),
    /// Nothing; its percentiles are trained all the same.
    Nothing,
}

impl Signal {
    /// A number that counts by the trained percentiles of an axis.
    pub fn trained(axis: &'static str, sql: impl Into<String>, part_of: PartOf) -> Signal {
        Signal { sql: sql.into(), axis: Some(axis), part_of }
    }

    /// A share of 0 to 1, which counts as it is.
    pub fn share(sql: impl Into<String>, part_of: PartOf) -> Signal {
        Signal { sql: sql.into(), axis: None, part_of }
    }
}
