//! Channels, `ch`: the one by which most orders of a customer came.

use super::{Input, bought, per_customer};
use crate::segmentation::Segmentation;
use crate::sql::Select;

/// One row per customer: channel, the first by name among equals.
pub fn input(s: &Segmentation) -> Option<Input> {
    let channel = s.orders.channel.as_ref()?;
    let (customer, channel_of) = (s.orders.customer.of("o"), format!("{}::text", channel.of("o")));
    let orders = match &s.orders.order_id {
        Some(order) => format!("count(DISTINCT {})", order.of("o")),
        None => "count(*)".into(),
    };
    let counted = bought(s, channel)
        .column(&customer, "customer")
        .column(&channel_of, "channel")
        .column(orders, "orders")
        .group(customer)
        .group(channel_of);
    let rows = Select::from(counted.sql().enclosed("", " AS n"));
    let first = "(array_agg(n.channel ORDER BY n.orders DESC, n.channel COLLATE \"C\"))[1]";
    let rows = per_customer(rows, "n.customer").column(first, "channel");
    Some(Input { alias: "ch", rows, left_out: None })
}
