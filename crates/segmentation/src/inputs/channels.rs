//! Channels, `ch`: the one by which most orders of a customer came.

use super::orders::bought;
use super::{InputKind, per_customer};
use crate::catalogue::Catalogue;
use crate::histories::order_count;
use crate::model::{Column, Input, ReaderColumn, Reads, Segmentation, ViewColumn};
use crate::sql::Select;
use serde::Deserialize;
use std::rc::Rc;

/// See the module.
pub const KIND: InputKind = InputKind {
    option: "channel",
    allowed: "a column of the source",
    read: super::column::<Given>,
};

/// The column that tells by which way the order came.
#[derive(Debug, Deserialize)]
struct Given(String);

impl super::Given for Given {
    fn find(&self, catalogue: &dyn Catalogue) -> Rc<dyn Input> {
        Rc::new(Channels { channel: catalogue.orders().comparable(&self.0) })
    }
}

#[derive(Debug)]
struct Channels {
    channel: Column,
}

impl Input for Channels {
    fn alias(&self) -> &'static str {
        "ch"
    }

    fn reads(&self) -> Reads {
        Reads { table: None, columns: vec![ReaderColumn::as_it_is(&self.channel)] }
    }

    /// One row per customer: channel, the first by name among equals.
    fn rows(&self, s: &Segmentation) -> Select {
        let customer = s.orders.customer.of("o");
        let channel = format!("{}::text", self.channel.of("o"));
        let counted = bought(s, &self.channel)
            .column(&customer, "customer")
            .column(&channel, "channel")
            .column(order_count(s), "orders")
            .group(customer)
            .group(channel);
        let rows = Select::from(counted.sql().enclosed("", " AS n"));
        let first = "(array_agg(n.channel ORDER BY n.orders DESC, n.channel COLLATE \"C\"))[1]";
        per_customer(rows, "n.customer").column(first, "channel")
    }

    fn at<'a>(&'a self, s: &'a Segmentation) -> &'a Column {
        &s.orders.ordered_at
    }

    fn columns_of_orders(&self, s: &Segmentation) -> Vec<ViewColumn> {
        vec![ViewColumn::others("channel", "ch.channel", s.comment("channel"))]
    }
}
