//! Rows of customers, read as those of their parents. A parent's history is folded from the orders of all its customers,
//! which gives what `rollup_history` of theirs would, to the bit.

use crate::model::{Column, ORDERS, Parents, Refusal, Rollup};
use crate::plan::Plan;
use crate::sql::Name;

/// Each table that is read by customer, by what it holds: a query with the parent in the place of the customer, which is
/// NULL for customers without one. None where the orders tell the parents.
pub fn rows(plan: &Plan, rollup: &Rollup) -> Result<Vec<(&'static str, String)>, Refusal> {
    let Some(parents) = &rollup.parents else { return Ok(Vec::new()) };
    let members = rollup.members.iter().map(|(holds, member)| (*holds, member));
    let members = [(ORDERS, &rollup.member)].into_iter().chain(members);
    let read = |(holds, member)| {
        let (relation, columns) = columns(plan, holds)?;
        let rows = joined(plan, &relation, &columns, (parents, &rollup.same), member);
        Ok((holds, rows))
    };
    members.map(read).collect()
}

/// A table, and the columns of it that are read besides the customer.
fn columns(plan: &Plan, holds: &str) -> Result<(String, Vec<Name>), Refusal> {
    let (relation, read) = plan.read_as(holds).unwrap_or_default();
    let orders = &plan.of.orders;
    // the customer stands first; only trainings read the currency
    let read = read.into_iter().skip(1).map(|column| column.name);
    let currency = orders.currency.iter().filter(|_| holds == ORDERS);
    let mut columns: Vec<Name> = Vec::new();
    for name in read.chain(currency.map(|column| column.name.clone())) {
        if name == orders.customer.name {
            return Err(Refusal::ParentTaken { relation, name: name.text });
        }
        if !columns.contains(&name) {
            columns.push(name);
        }
    }
    Ok((relation, columns))
}

/// A query for them with the parents. The planner takes it apart: a filter on the parent reaches the table of parents
/// first, and from there the rows of their customers.
fn joined(
    plan: &Plan,
    relation: &str,
    columns: &[Name],
    (parents, same): (&Parents, &str),
    member: &Column,
) -> String {
    let columns: String = columns.iter().map(|name| format!("r.{name}, ")).collect();
    let (parent, table) = (&plan.of.orders.customer.name, &parents.relation);
    let on = format!("{} {same} {}", parents.key.of("p"), member.of("r"));
    format!("(SELECT {columns}p.{parent} FROM {relation} AS r LEFT JOIN {table} AS p ON {on})")
}
