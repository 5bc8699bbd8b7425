//! Histories from a source of order lines, which are summed per order first.

use super::sums::{self, Order, Sums};
use super::{Fold, Rows, Source, fold};
use crate::model::{Column, Kind, ORDERS, Segmentation};
use crate::sql::{Select, Sql};
use crate::trained::At;

/// See the module.
pub struct Lines;

/// What a line needs to count.
fn needed(s: &Segmentation) -> impl Iterator<Item = &Column> {
    let orders = &s.orders;
    let needed = [
        Some(&orders.customer),
        orders.order_id.as_ref(),
        Some(&orders.ordered_at),
        orders.amount.as_ref(),
    ];
    needed.into_iter().flatten()
}

fn usable(s: &Segmentation) -> String {
    sums::there(needed(s), "l")
}

/// The amount of a line as it is summed: a sum of binary fractions would depend on the order of the lines.
fn amount(s: &Segmentation) -> Option<String> {
    let summed = |amount: &Column| match amount.kind {
        Kind::Float => amount.exact("l"),
        _ => amount.of("l"),
    };
    s.orders.amount.as_ref().map(summed)
}

/// One row per order: time of the earliest line, amount, and `more`. Where unusable lines are among the rows, a
/// filter keeps them out of the sums.
fn per_order(s: &Segmentation, rows: Rows, filter: &str) -> Select {
    let orders = &s.orders;
    let customer = orders.customer.of("l");
    let order = orders.order_id.as_ref().map(|order| order.of("l")).unwrap_or_default();
    let at = format!("min({}){filter}", orders.ordered_at.of("l"));
    let amount = amount(s).map(|amount| ("amount", format!("sum({amount}){filter}")));
    let select =
        Select::from_table(s.reads(ORDERS, &orders.relation), "l").column(&customer, "customer");
    let select = rows.conditions(s, &customer).into_iter().fold(select, Select::filter);
    let select = select.column(at, "ordered_at").columns(amount).group(customer).group(order);
    s.member_of_lines().into_iter().fold(select, |select, member| select.group(member.of("l")))
}

/// What the lines of an order add up to, beside its amount.
fn line_sums(s: &Segmentation) -> Vec<(&'static str, String)> {
    let (orders, usable) = (&s.orders, usable(s));
    let sum = |what: &str, known: &str| format!("sum({what}) FILTER (WHERE {known}{usable})");
    let exact = |column: &Option<Column>| column.as_ref().map(|column| column.exact("l"));
    let mut sums = Vec::new();
    if let Some((cost, amount)) = exact(&orders.cost).zip(exact(&orders.amount)) {
        sums.push(("line_cost", sum(&cost, &format!("{amount} IS NOT NULL AND "))));
        sums.push(("line_costed", sum(&amount, &format!("{cost} IS NOT NULL AND "))));
    }
    if let Some(service) = exact(&orders.cost_to_serve) {
        sums.push(("line_service", sum(&service, "")));
    }
    if orders.discount.is_some() {
        let discounted = sums::is_discounted(s, "l");
        sums.push(("discounted", format!("bool_or({discounted}) FILTER (WHERE {usable})")));
    }
    sums
}

fn of_orders(s: &Segmentation, orders: Select, sums: impl Fn(&Order<'_>) -> Sums) -> Fold {
    let amount = s.orders.amount.as_ref().map(|_| "o.amount");
    let order = Order {
        at: "o.ordered_at",
        amount,
        discounted: "o.discounted",
        cost: "o.line_cost",
        costed: "o.line_costed",
        service: "o.line_service",
    };
    Fold {
        customer: "o.customer".into(),
        history: fold(s, "o.ordered_at", amount),
        sums: sums(&order),
        ledgers: sums::ledgers(s, &order),
        rows: Select::from(orders.sql().enclosed("", " AS o")),
        grouped: true,
    }
}

/// Orders of lines that can be used, and what these add up to.
fn usable_orders(s: &Segmentation, rows: Rows) -> Select {
    per_order(s, rows, "").columns(line_sums(s)).filter(usable(s))
}

impl Source for Lines {
    fn usable(&self, s: &Segmentation, rows: Rows) -> Fold {
        of_orders(s, usable_orders(s, rows), |order| sums::of(s, At::Fold, order))
    }

    fn kept(&self, s: &Segmentation, rows: Rows) -> Fold {
        of_orders(s, usable_orders(s, rows), |order| sums::histories(s, order))
    }

    fn counted(&self, s: &Segmentation, rows: Rows) -> Fold {
        let usable = usable(s);
        let orders = per_order(s, rows, &format!(" FILTER (WHERE {usable})")).columns(line_sums(s));
        let orders = orders.column("count(*)", "rows");
        let orders = orders.column(format!("count(*) FILTER (WHERE NOT ({usable}))"), "left_out");
        let amounts = sums::left_out(s, "l", &format!("NOT ({usable})"));
        let orders = orders.column(amounts, "amount_left_out");
        let sums = [
            ("rows", "sum(o.rows)".to_owned()),
            ("left_out", "sum(o.left_out)".to_owned()),
            ("amount_left_out", sums::exact_sum("o.amount_left_out", "")),
            ("currency_from", "min(o.currency_from)".to_owned()),
            ("currency_to", "max(o.currency_to)".to_owned()),
            ("cost", "sum(o.cost)".to_owned()),
            ("costed", "sum(o.costed)".to_owned()),
        ];
        let mut fold =
            of_orders(s, orders.columns(sums::counts(s, "l")), |order| sums::of(s, At::Row, order));
        fold.sums.extend(sums);
        fold
    }

    fn order_count(&self, s: &Segmentation) -> String {
        let order = s.orders.order_id.as_ref().map(|order| order.of("o")).unwrap_or_default();
        match s.member_of_lines() {
            Some(member) => format!("count(DISTINCT ({order}, {}))", member.of("o")),
            None => format!("count(DISTINCT {order})"),
        }
    }

    fn orders(&self, s: &Segmentation) -> Sql {
        per_order(s, Rows::All, "").filter(usable(s)).sql()
    }
}
