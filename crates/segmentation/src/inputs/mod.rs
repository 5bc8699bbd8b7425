//! What is known of customers beside their orders: each becomes at most one row per customer, joined to the histories.
//!
//! An input is a file here: its rows as SQL, and the rows that it cannot use. [`all`] lists them.

mod answers;
mod channels;
mod interactions;
mod products;

use crate::segmentation::{Column, Customers, Segmentation};
use crate::sql::{Select, Sql, literal};
use crate::trained::until;

/// One row per customer of an optional input, under the name by which columns refer to it.
struct Input {
    alias: &'static str,
    /// Selects `same` and `customer`, both the customer, and figures.
    rows: Select,
    /// Rows that do not count: a query for a jsonb with their number by reason.
    left_out: Option<Sql>,
}

/// The inputs of a segmentation.
fn all(s: &Segmentation) -> Vec<Input> {
    let inputs =
        [interactions::input(s), answers::input(s), products::input(s), channels::input(s)];
    inputs.into_iter().flatten().collect()
}

/// A query that begins with the customer, under both names.
///
/// A filter on the customer reaches the rows through `customer`, which turns into a constant. `same` stays, by which
/// the planner knows that there is one row, and drops the join where no column of it is wanted.
fn per_customer(rows: Select, customer: &str) -> Select {
    rows.column(customer, "same").column(customer, "customer").group(customer)
}

/// The customer, as in the source.
pub fn customer(s: &Segmentation) -> String {
    match &s.customers {
        Some(customers) => format!("coalesce({}, h.customer)", customers.key.of("c")),
        None => "h.customer".into(),
    }
}

/// What the view and a training read, as items of FROM: `t`, histories as `h`, customers as `c`, and the inputs.
pub fn join(s: &Segmentation, trained: Sql, histories: Sql, read: &[Column]) -> Sql {
    let (customer, same) = (customer(s), &s.orders.same);
    let mut from = trained;
    match &s.customers {
        None => from.add(histories.enclosed("CROSS JOIN LATERAL ", " AS h")),
        Some(customers) => {
            let mut both = table(customers, read).enclosed("", " AS c");
            both.add(histories.enclosed("FULL JOIN LATERAL ", " AS h"));
            both.end(format!(" ON {} {same} h.customer", customers.key.of("c")));
            from.add(both.enclosed("CROSS JOIN ", ""));
        }
    }
    for Input { alias, rows, .. } in all(s) {
        from.add(rows.sql().enclosed("LEFT JOIN LATERAL ", &format!(" AS {alias}")));
        from.indent(Sql::line(format!("ON {alias}.customer {same} {customer}")));
        from.indent(Sql::line(format!("AND {alias}.same {same} coalesce({customer}, {customer})")));
    }
    from
}

/// The customer table, with the columns that are read.
fn table(customers: &Customers, read: &[Column]) -> Sql {
    let key = customers.key.of("c");
    let select = Select::from_table(&customers.relation, "c").plain(&key);
    let others = read.iter().filter(|column| column.name != customers.key.name);
    let select = others.fold(select, |select, column| select.plain(column.of("c")));
    select.filter(format!("{key} IS NOT NULL")).sql()
}

/// The customers that are known in a training, from its `histories`; None where no input asks.
pub fn known(s: &Segmentation) -> Option<Sql> {
    all(s).iter().find(|input| input.left_out.is_some())?;
    let known = Select::from_table("histories", "h").plain("h.customer");
    let mut known = known.filter("h.customer IS NOT NULL").sql();
    if let Some(customers) = &s.customers {
        known.push("UNION");
        known.add(table(customers, &[]));
    }
    Some(known)
}

/// The rows of inputs that do not count, as a jsonb: their number by reason; NULL without inputs that can have any.
pub fn left_out(s: &Segmentation) -> Sql {
    let mut parts = Sql::default();
    for left_out in all(s).into_iter().filter_map(|input| input.left_out) {
        parts.end(" ||");
        parts.add(left_out.enclosed("", ""));
    }
    match parts.to_string().as_str() {
        "" => Sql::line("NULL::jsonb"),
        _ => parts,
    }
}

/// A query for a jsonb with the number of rows of a relation for which conditions hold. One may ask whether the
/// customer is [`unknown`].
fn count(
    s: &Segmentation,
    relation: &str,
    alias: &str,
    customer: &str,
    reasons: &[(&str, String)],
) -> Sql {
    let mut from = Sql::line(format!("{relation} AS {alias}"));
    from.push(format!("LEFT JOIN known AS k ON k.customer {} {customer}", s.orders.same));
    let counts = reasons.iter().map(|(reason, condition)| {
        format!("{}, count(*) FILTER (WHERE {condition})", literal(reason))
    });
    let counted = crate::sql::list(counts).enclosed("jsonb_build_object", "");
    Select::from(from).lines(counted).sql()
}

/// See [`count`].
fn unknown(customer: &str) -> String {
    format!("{customer} IS NOT NULL AND k.customer IS NULL")
}

/// Purchases up to as_of that have a value in a column.
fn bought(s: &Segmentation, column: &Column) -> Select {
    let orders = &s.orders;
    let rows = Select::from_table(&orders.relation, "o");
    let rows = rows.filter(format!("{} IS NOT NULL", orders.customer.of("o")));
    let rows = rows.filter(format!("{} IS NOT NULL", column.of("o")));
    let rows = rows.filter(until(s, &orders.ordered_at, &orders.ordered_at.of("o")));
    match &orders.amount {
        Some(amount) => rows.filter(crate::histories::is_purchase(s, &amount.of("o"))),
        None => rows,
    }
}
