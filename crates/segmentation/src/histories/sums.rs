//! Sums over a customer's orders that histories do not hold, by the columns of the source that ask for them.

use super::{fold, is_purchase};
use crate::model::{Column, Kind, Segmentation};
use crate::trained::{At, recent, until};

/// What the sums are made of: expressions over one order.
pub struct Order<'a> {
    /// When it was.
    pub at: &'a str,
    /// For how much, if amounts are known.
    pub amount: Option<&'a str>,
    /// Whether it was reduced.
    pub discounted: &'a str,
    /// What it cost.
    pub cost: &'a str,
    /// Its exact amount, or that part of it of which the cost is known.
    pub costed: &'a str,
    /// What it cost to serve the customer.
    pub service: &'a str,
}

/// Names and expressions.
pub type Sums = Vec<(&'static str, String)>;

/// The sums and their names.
pub fn of(s: &Segmentation, at: At, order: &Order<'_>) -> Sums {
    let orders = &s.orders;
    let until = until(s, at, &orders.ordered_at, order.at);
    let recent = recent(s, at, &orders.ordered_at, order.at);
    let bought = order.amount.map(|amount| format!(" AND {}", is_purchase(s, amount)));
    let mut sums = Vec::new();
    if orders.discount.is_some() {
        let bought = bought.unwrap_or_default();
        let sum = format!("count(*) FILTER (WHERE {} AND {until}{bought})", order.discounted);
        sums.push(("discounted", sum));
    }
    if orders.cost.is_some() {
        let known =
            format!("{} IS NOT NULL AND {} IS NOT NULL AND {recent}", order.cost, order.costed);
        sums.push(("window_cost", format!("sum({}) FILTER (WHERE {known})", order.cost)));
        sums.push(("window_costed", format!("sum({}) FILTER (WHERE {known})", order.costed)));
    }
    if orders.cost_to_serve.is_some() {
        // rows that histories leave out count nowhere
        let there =
            order.amount.map(|amount| format!(" AND {amount} IS NOT NULL")).unwrap_or_default();
        let sum = format!("sum({}) FILTER (WHERE {recent}{there})", order.service);
        sums.push(("window_service", sum));
    }
    sums
}

/// The histories from which [`of_histories`] reads the same sums as of any day, and their names. Amounts of these histories
/// are costs.
pub fn histories(s: &Segmentation, order: &Order<'_>) -> Sums {
    let orders = &s.orders;
    let mut histories = Vec::new();
    let mut add = |name, amount: Option<&str>, known: String| {
        let history = fold(s, order.at, amount);
        histories.push((name, format!("{history} FILTER (WHERE {known})")));
    };
    if orders.discount.is_some() {
        let bought = order.amount.map(|amount| format!(" AND {}", is_purchase(s, amount)));
        add("discounted", None, format!("{}{}", order.discounted, bought.unwrap_or_default()));
    }
    if orders.cost.is_some() {
        let known = || format!("{} IS NOT NULL AND {} IS NOT NULL", order.cost, order.costed);
        add("costs", Some(order.cost), known());
        add("costed", Some(order.costed), known());
    }
    if orders.cost_to_serve.is_some() {
        let there = order.amount.map(|amount| format!("{amount} IS NOT NULL"));
        add("services", Some(order.service), there.unwrap_or_else(|| "true".into()));
    }
    histories
}

/// The names of these histories.
pub fn names_of_histories(s: &Segmentation) -> Vec<&'static str> {
    let orders = &s.orders;
    let discounts = orders.discount.iter().map(|_| "discounted");
    let costs = orders.cost.iter().flat_map(|_| ["costs", "costed"]);
    discounts.chain(costs).chain(orders.cost_to_serve.iter().map(|_| "services")).collect()
}

/// The name of such a history beside the sums.
pub fn ledger(name: &str) -> String {
    format!("{name}_ledger")
}

/// The histories of [`histories`] by names that none of the sums has.
pub fn ledgers(s: &Segmentation, order: &Order<'_>) -> Vec<(String, String)> {
    histories(s, order).into_iter().map(|(name, history)| (ledger(name), history)).collect()
}

/// The sums by these histories, which rows `k` hold.
pub fn of_histories(s: &Segmentation, at: At) -> Sums {
    of_named(s, at, |name| format!("k.{name}"))
}

/// The sums by these histories, which are columns `h` beside them.
pub fn of_ledgers(s: &Segmentation, at: At) -> Sums {
    of_named(s, at, |name| format!("h.{}", ledger(name)))
}

fn of_named(s: &Segmentation, at: At, named: impl Fn(&str) -> String) -> Sums {
    let (orders, as_of, days) = (&s.orders, at.as_of(s), s.spans.window_days - 1);
    let window = |name: &str| {
        format!("customer_value.revenue_between({}, {as_of} - {days}, {as_of})", named(name))
    };
    let mut sums = Vec::new();
    if orders.discount.is_some() {
        let discounted = named("discounted");
        sums.push(("discounted", format!("customer_value.order_count({discounted}, {as_of})")));
    }
    if orders.cost.is_some() {
        sums.push(("window_cost", window("costs")));
        sums.push(("window_costed", window("costed")));
    }
    if orders.cost_to_serve.is_some() {
        sums.push(("window_service", window("services")));
    }
    sums
}

/// Whether a row of the source was reduced; false without such a column.
pub fn is_discounted(s: &Segmentation, alias: &str) -> String {
    match &s.orders.discount {
        None => "false".into(),
        Some(column) if column.kind == Kind::Boolean => column.of(alias),
        Some(column) => format!("{} > 0", column.exact(alias)),
    }
}

/// The column of a table alias as an exact number; empty without it.
pub fn exact(column: &Option<Column>, alias: &str) -> String {
    column.as_ref().map(|column| column.exact(alias)).unwrap_or_default()
}

/// What a training checks and sums over all rows: currencies, costs, and the amounts of which these are known.
pub fn counts(s: &Segmentation, alias: &str) -> Sums {
    let orders = &s.orders;
    let text =
        orders.currency.as_ref().map(|column| format!("coalesce({}::text, '')", column.of(alias)));
    let [from, to] = ["min", "max"].map(|end| match &text {
        Some(text) => format!("{end}({text})"),
        None => "NULL::text".to_owned(),
    });
    let needed = [Some(&orders.customer), orders.order_id.as_ref(), Some(&orders.ordered_at)];
    let [cost, costed] = match (&orders.cost, &orders.amount) {
        (Some(cost), Some(amount)) => {
            let known = there(needed.into_iter().flatten().chain([amount, cost]), alias);
            [cost, amount].map(|sum| format!("sum({}) FILTER (WHERE {known})", sum.exact(alias)))
        }
        _ => ["NULL::numeric".to_owned(), "NULL::numeric".to_owned()],
    };
    vec![("currency_from", from), ("currency_to", to), ("cost", cost), ("costed", costed)]
}

/// The amounts of rows that do not count, as the histories of a training add them up; NULL for orders without amounts.
pub fn left_out(s: &Segmentation, alias: &str, unless: &str) -> String {
    match &s.orders.amount {
        None => "NULL::numeric".to_owned(),
        Some(amount) => exact_sum(&amount.exact(alias), &format!(" FILTER (WHERE {unless})")),
    }
}

/// A sum of exact numbers of which most groups have none.
pub fn exact_sum(number: &str, filter: &str) -> String {
    format!("customer_value_internal.exact_sum({number}){filter}")
}

/// Whether a row has all these columns.
pub fn there<'a>(columns: impl Iterator<Item = &'a Column>, alias: &str) -> String {
    let there = columns.map(|column| format!("{} IS NOT NULL", column.of(alias)));
    there.collect::<Vec<_>>().join(" AND ")
}
