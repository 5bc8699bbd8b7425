//! Joining inputs to the histories, and counting their rows that do not count.

use crate::model::{CUSTOMERS, Column, Customers, Segmentation};
use crate::sql::{Select, Sql};
use crate::trained::{At, name_before};

/// A query that begins with the customer, under both names.
///
/// A filter on the customer reaches the rows through `customer`, which turns into a constant. `same` stays, by which
/// the planner knows that there is one row, and drops the join where no column of it is wanted.
pub fn per_customer(rows: Select, customer: &str) -> Select {
    rows.column(customer, "same").column(customer, "customer").group(customer)
}

/// The customer, as in the source.
pub fn customer(s: &Segmentation) -> String {
    match &s.customers {
        Some(customers) => format!("coalesce({}, h.customer)", customers.key.of("c")),
        None => "h.customer".into(),
    }
}

/// What the view reads, as items of FROM: `t`, histories as `h`, customers as `c`, and the inputs, also as they were
/// `compare_days` before. `at` is where the histories stand: whether they refer to `t`.
pub fn join(s: &Segmentation, trained: Sql, at: At, histories: Sql, read: &[Column]) -> Sql {
    joined(s, trained, at, histories, read, true)
}

/// The same for a training, whose `t` knows no earlier day.
pub fn join_now(s: &Segmentation, trained: Sql, histories: Sql, read: &[Column]) -> Sql {
    joined(s, trained, At::Row, histories, read, false)
}

fn joined(
    s: &Segmentation,
    trained: Sql,
    at: At,
    histories: Sql,
    read: &[Column],
    before: bool,
) -> Sql {
    let (customer, same) = (customer(s), &s.orders.same);
    let lateral = if at == At::Row { "LATERAL " } else { "" };
    let mut from = trained;
    match &s.customers {
        None => from.add(histories.enclosed(&format!("CROSS JOIN {lateral}"), " AS h")),
        Some(customers) => {
            let mut both = table(s, customers, read).enclosed("", " AS c");
            both.add(histories.enclosed(&format!("FULL JOIN {lateral}"), " AS h"));
            both.end(format!(" ON {} {same} h.customer", customers.key.of("c")));
            from.add(both.enclosed("CROSS JOIN ", ""));
        }
    }
    for input in &s.inputs {
        let earlier = if before { input.before(s) } else { Vec::new() };
        let earlier = earlier.into_iter().map(|(name, value)| (name_before(name), value));
        let (alias, rows) = (input.alias(), input.rows(s).columns(earlier));
        from.add(rows.sql().enclosed("LEFT JOIN LATERAL ", &format!(" AS {alias}")));
        from.indent(Sql::line(format!("ON {alias}.customer {same} {customer}")));
        from.indent(Sql::line(format!("AND {alias}.same {same} coalesce({customer}, {customer})")));
    }
    from
}

/// The names of the columns of an input's rows that [`Input::before`] tells, and what they are called as they were then.
pub fn before(s: &Segmentation, alias: &str) -> Vec<(&'static str, String)> {
    let input = s.inputs.iter().filter(|input| input.alias() == alias);
    let named = |(name, _)| (name, format!("{alias}.{}", name_before(name)));
    input.flat_map(|input| input.before(s)).map(named).collect()
}

/// The customer table, with the columns that are read.
fn table(s: &Segmentation, customers: &Customers, read: &[Column]) -> Sql {
    let key = customers.key.of("c");
    let select = Select::from_table(s.reads(CUSTOMERS, &customers.relation), "c").plain(&key);
    let others = read.iter().filter(|column| column.name != customers.key.name);
    let select = others.fold(select, |select, column| select.plain(column.of("c")));
    select.filter(format!("{key} IS NOT NULL")).sql()
}

/// The customers that are known in a training, from its `histories`; None where no input asks.
pub fn known(s: &Segmentation) -> Option<Sql> {
    s.inputs.iter().find_map(|input| input.left_out(s))?;
    let known = Select::from_table("histories", "h").plain("h.customer");
    let mut known = known.filter("h.customer IS NOT NULL").sql();
    if let Some(customers) = &s.customers {
        known.push("UNION");
        known.add(table(s, customers, &[]));
    }
    Some(known)
}

/// The rows of inputs that do not count, as a jsonb: their number by reason; NULL without inputs that can have any.
pub fn left_out(s: &Segmentation) -> Sql {
    let mut parts = Sql::default();
    for left_out in s.inputs.iter().filter_map(|input| input.left_out(s)) {
        parts.end(" ||");
        parts.add(left_out.enclosed("", ""));
    }
    match parts.is_empty() {
        true => Sql::line("NULL::jsonb"),
        false => parts,
    }
}
