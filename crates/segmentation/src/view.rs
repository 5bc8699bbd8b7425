//! The view of a segmentation, the function beside it, and their comments.

use crate::model::ViewColumn;
use crate::plan::Plan;
use crate::sql::{Name, Select, Sql, list, literal};
use crate::trained::At;
use crate::{histories, inputs, trained};

/// The columns of the view where it is there already with others, given by name and type: they stay in their places,
/// for dependent objects' sake, and new ones follow. One that is no longer computed is NULL.
pub fn columns_after(plan: &Plan, there: &[(Name, String)]) -> Vec<ViewColumn> {
    let mut new = plan.columns.clone();
    let kept = there.iter().map(|(name, type_name)| {
        match new.iter().position(|column| column.name.text == name.text) {
            Some(at) => new.remove(at),
            None => ViewColumn::no_longer(name.clone(), type_name),
        }
    });
    let mut columns: Vec<ViewColumn> = kept.collect();
    columns.append(&mut new);
    columns
}

/// The query of the view.
fn query(plan: &Plan, columns: &[ViewColumn]) -> Sql {
    let s = &plan.of;
    let select =
        Select::from(inputs::join(s, trained::newest(s), At::Fold, histories::live(s), &plan.read));
    select.columns(columns.iter().map(|column| (&column.name, column.sql.clone()))).sql()
}

/// A query for the histories of the view and its day: `history`, `as_of`.
pub fn histories(plan: &Plan) -> String {
    let s = &plan.of;
    let mut from = trained::newest(s);
    from.add(histories::live(s).enclosed("CROSS JOIN ", " AS h"));
    Select::from(from).plain("h.history").plain("t.as_of").sql().to_string()
}

/// The command that makes the view, or replaces the one that is there.
pub fn view(plan: &Plan, columns: &[ViewColumn], replace: bool) -> String {
    let (view, invoker) = (plan.of.view_name(), plan.of.security_invoker);
    let create = if replace { "CREATE OR REPLACE VIEW" } else { "CREATE VIEW" };
    let mut sql = Sql::line(format!("{create} {view} WITH (security_invoker = {invoker}) AS"));
    sql.add(query(plan, columns));
    sql.to_string()
}

/// The command that makes the function beside the view, or replaces the one that is there. A source's column may be
/// called as its argument, so that is `$1`. LIMIT keeps the planner from flattening it into a join.
pub fn function(plan: &Plan, columns: &[ViewColumn], replace: bool) -> String {
    let s = &plan.of;
    let (view, orders) = (s.view_name(), &s.orders);
    let create = if replace { "CREATE OR REPLACE FUNCTION" } else { "CREATE FUNCTION" };
    let mut sql = Sql::line(format!(
        "{create} {}(customer {}) RETURNS SETOF {view}",
        s.function_name(),
        orders.customer_type
    ));
    sql.indent(Sql::line("LANGUAGE sql STABLE PARALLEL SAFE COST 100 ROWS 1"));
    sql.push("BEGIN ATOMIC");
    let mut body = Sql::line("SELECT");
    body.indent(list(columns.iter().map(|column| format!("v.{}", column.name))));
    body.push(format!("FROM {view} AS v"));
    body.push(format!("WHERE {} {} $1", orders.customer.of("v"), orders.same));
    body.push("LIMIT 1;");
    sql.indent(body);
    sql.push("END");
    sql.to_string()
}

/// The commands that describe the view, its columns, and the function.
pub fn comments(plan: &Plan, columns: &[ViewColumn]) -> String {
    let s = &plan.of;
    let view = s.view_name();
    let comment = |what: String, text: &str| format!("COMMENT ON {what} IS {};", literal(text));
    let about = format!(
        "RFM segments, lifetime value and matrices of the customers in {}, one row per customer; made by \
         customer_value.create_segmentation",
        s.orders.relation
    );
    let of_function = format!(
        "The row of one customer of {view}, for joins to few customers: CROSS JOIN LATERAL"
    );
    let mut all = vec![comment(format!("VIEW {view}"), &about)];
    all.extend(
        columns
            .iter()
            .map(|column| comment(format!("COLUMN {view}.{}", column.name), &column.comment)),
    );
    let function = format!("FUNCTION {}({})", s.function_name(), s.orders.customer_type);
    all.push(comment(function, &of_function));
    all.join("\n")
}
