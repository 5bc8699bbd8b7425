//! The view of a segmentation, the functions beside it, and their comments.

use crate::model::{Kind, Reader, ReaderColumn, Segmentation, ViewColumn};
use crate::plan::Plan;
use crate::sql::{Name, Select, Sql, list, literal};
use crate::trained::At;
use crate::{histories, inputs, trained};

/// A column of a view that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct There {
    /// Its name.
    pub name: Name,
    /// Its type and collation as SQL writes them.
    pub type_name: String,
    /// The expression of a column that a user appended; None for ours.
    pub appended: Option<String>,
}

/// The columns of the view where it is there already with others: they stay in their places, for dependent objects' sake,
/// and new ones follow. One of ours that is no longer computed is NULL; one that a user appended is kept.
pub fn columns_after(plan: &Plan, there: &[There]) -> Vec<ViewColumn> {
    let mut new = plan.columns.clone();
    let kept = there.iter().map(|column| match &column.appended {
        Some(sql) => ViewColumn::appended(column.name.clone(), sql),
        None => match new.iter().position(|other| other.name.text == column.name.text) {
            Some(at) => new.remove(at).in_place_of(&column.type_name),
            None => ViewColumn::no_longer(&plan.of, column.name.clone(), &column.type_name),
        },
    });
    let mut columns: Vec<ViewColumn> = kept.collect();
    columns.append(&mut new);
    columns
}

/// The digits after the point that a view shows of amounts, if these may have more.
pub fn rounds(plan: &Plan, columns: &[ViewColumn]) -> Option<u16> {
    let shown = columns.iter().find(|column| column.name.text == "revenue")?.shown_scale()?;
    let orders = &plan.of.orders;
    let more = orders.amount.is_some() && orders.digits.is_none_or(|digits| digits.scale > shown);
    more.then_some(shown)
}

/// The query of the view.
fn query(plan: &Plan, columns: &[ViewColumn]) -> Sql {
    let s = &plan.of;
    let select =
        Select::from(inputs::join(s, trained::newest(s), At::Fold, histories::live(s), &plan.read));
    select.columns(columns.iter().map(|column| (&column.name, column.shown()))).sql()
}

/// A query for the histories of the view and its day: `history`, `as_of`.
pub fn histories(plan: &Plan) -> String {
    let s = &plan.of;
    let mut from = trained::newest(s);
    from.add(histories::live(s).enclosed("CROSS JOIN ", " AS h"));
    Select::from(from).plain("h.history").plain("t.as_of").sql().to_string()
}

/// The same with columns of the view, each under a name.
pub fn histories_with(plan: &Plan, columns: &[(&str, &ViewColumn)]) -> String {
    if columns.is_empty() {
        return histories(plan);
    }
    let s = &plan.of;
    let from = inputs::join(s, trained::newest(s), At::Fold, histories::live(s), &plan.read);
    let select = Select::from(from).plain("h.history").plain("t.as_of");
    let shown = columns.iter().map(|(name, column)| (*name, column.shown()));
    select.columns(shown).sql().to_string()
}

/// A query for the day as of which the view shows its customers: `as_of`.
pub fn day(plan: &Plan) -> String {
    Select::from(trained::newest(&plan.of)).plain("t.as_of").sql().to_string()
}

/// A query for the histories of the view as they were known on days, which SQL expressions give, each under a name.
pub fn histories_on(plan: &Plan, days: &[(&str, &str)]) -> String {
    let s = &plan.of;
    let select = Select::from(histories::as_they_are(s).enclosed("", " AS h"));
    let known = days.iter().map(|(name, day)| (name, histories::known_on(s, "h.history", day)));
    select.columns(known).sql().to_string()
}

/// A query for the histories of the view as they are in the source, whatever the day: `customer`, `history`, and the day
/// and the purchase model of the newest training, `as_of` and `purchase_model`. A filter on the customer reaches the source.
pub fn histories_as_they_are(plan: &Plan) -> String {
    let s = &plan.of;
    let mut from = trained::newest(s);
    from.add(histories::as_they_are(s).enclosed("CROSS JOIN ", " AS h"));
    let select = Select::from(from).plain("h.customer").plain("h.history");
    select.plain("t.as_of").plain("t.purchase_model").sql().to_string()
}

/// A history as it is known on a day: both are SQL expressions.
pub fn known_on(plan: &Plan, history: &str, day: &str) -> String {
    histories::known_on(&plan.of, history, day)
}

/// The command that makes the view, or replaces the one that is there. `options` are those of the view besides ours, as
/// SQL writes them.
pub fn view(plan: &Plan, columns: &[ViewColumn], replace: bool, options: &[String]) -> String {
    let (view, invoker) = (plan.of.view_name(), plan.of.security_invoker);
    let create = if replace { "CREATE OR REPLACE VIEW" } else { "CREATE VIEW" };
    let ours = format!("security_invoker = {invoker}");
    let options = options.iter().fold(ours, |all, option| format!("{all}, {option}"));
    let mut sql = Sql::line(format!("{create} {view} WITH ({options}) AS"));
    sql.add(query(plan, columns));
    sql.to_string()
}

/// The command that makes a function through which the view reads a table, or replaces the one that is there.
pub fn reader(s: &Segmentation, reader: &Reader, replace: bool) -> String {
    let create = if replace { "CREATE OR REPLACE FUNCTION" } else { "CREATE FUNCTION" };
    let of = |column: &ReaderColumn| format!("{} {}", column.name, column.type_name);
    let columns = reader.columns.iter().map(of).collect::<Vec<_>>().join(", ");
    format!(
        "{create} {}.{}() RETURNS TABLE ({columns})\n    LANGUAGE sql STABLE PARALLEL SAFE AS {}",
        s.schema,
        reader.name,
        literal(&reader_body(s, reader))
    )
}

/// The body of such a function: text that the server reads anew for each plan, so nothing depends on the table; the planner
/// puts it in the place of the call. Types are written out, so that those of a table that is rebuilt are cast.
pub fn reader_body(s: &Segmentation, reader: &Reader) -> String {
    format!("{}\n{}", mark(s, reader.holds), reader_query(s, reader))
}

/// The query in such a body.
pub fn reader_query(s: &Segmentation, reader: &Reader) -> String {
    let mut query = Sql::line("SELECT");
    let read = |column: &ReaderColumn| read(s, column);
    query.indent(list(reader.columns.iter().map(read)));
    query.push(format!("FROM {} AS o", s.rows_of(reader.holds, &reader.relation)));
    query.to_string()
}

/// A column as such a query reads it. A time keeps its day in the zone of the segmentation, whatever type the table gives
/// it by now and whatever the zone of the session.
fn read(s: &Segmentation, column: &ReaderColumn) -> String {
    let name = &column.name;
    let time =
        |to: &str| format!("customer_value_internal.as_{to}(o.{name}, {})", literal(&s.zone));
    match column.kind {
        Kind::Date => time("date"),
        Kind::Timestamp => time("timestamp"),
        Kind::Timestamptz => time("timestamptz"),
        Kind::Float if column.type_name.contains("numeric") => {
            format!("customer_value_internal.exact_amount(o.{name})")
        }
        _ => format!("o.{name}::{}", column.type_name),
    }
}

/// The first line of the body of a function through which a view reads a table: the server shows it with an error, and
/// it is known as ours by the id.
fn mark(s: &Segmentation, holds: &str) -> String {
    // a line that ends within a name would end the comment
    let view = s.view_name().replace(char::is_control, " ");
    format!("-- the {holds} of segmentation {view}, {}", mark_end(&s.id))
}

/// How that line ends.
pub fn mark_end(id: &str) -> String {
    format!("id {id}")
}

/// What stands in the body of the function beside a view, by which it is known as ours.
pub fn function_mark(id: &str) -> String {
    format!("{}::uuid IS NOT NULL", literal(id))
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
    body.indent(Sql::line(format!("AND {}", function_mark(&s.id))));
    body.push("LIMIT 1;");
    sql.indent(body);
    sql.push("END");
    sql.to_string()
}

/// What a comment is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Of {
    /// The view.
    View,
    /// A column of the view.
    Column(Name),
    /// The function beside the view.
    Function,
}

/// A comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// What it is of.
    pub of: Of,
    /// What it says.
    pub text: String,
}

impl Comment {
    /// The command that writes it.
    pub fn command(&self, s: &Segmentation) -> String {
        let view = s.view_name();
        let what = match &self.of {
            Of::View => format!("VIEW {view}"),
            Of::Column(name) => format!("COLUMN {view}.{name}"),
            Of::Function => format!("FUNCTION {}", s.function_signature()),
        };
        format!("COMMENT ON {what} IS {};", literal(&self.text))
    }
}

/// The comments of the view, of those of its columns that are ours, and of the function.
pub fn comments(plan: &Plan, columns: &[ViewColumn]) -> Vec<Comment> {
    let s = &plan.of;
    let mut about = s.comment_with("view", &[("source", &s.orders.relation)]);
    if s.keep.as_ref().is_some_and(|keep| keep.touched.is_none()) {
        about = s.comment_with("view.refreshed", &[("view", &about)]);
    }
    let of_function = s.comment_with("function", &[("view", &s.view_name())]);
    let ours = columns.iter().filter(|column| !column.is_appended());
    let of_column = |column: &ViewColumn| Comment {
        of: Of::Column(column.name.clone()),
        text: column.comment.clone(),
    };
    let mut all = vec![Comment { of: Of::View, text: about }];
    all.extend(ours.map(of_column));
    all.push(Comment { of: Of::Function, text: of_function });
    all
}
