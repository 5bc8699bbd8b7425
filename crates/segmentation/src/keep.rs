//! The tables of kept histories: making them, the triggers that note whose orders changed, and refreshing them.

use crate::histories::{Rows, holds, kept_columns, to_keep};
use crate::model::{Keep, Segmentation};
use crate::sql::{Select, Sql, list, literal};

/// What the table holds, as the query that fills it: it is made anew where this differs.
pub fn definition(s: &Segmentation) -> String {
    to_keep(s, Rows::All).to_string()
}

/// Autovacuum as often as these tables need it: most rows of the notes are dead soon.
const NOTES: &str = "autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0, \
                     autovacuum_analyze_threshold = 5000";

/// The commands that make the tables and what readers see of them.
pub fn tables(s: &Segmentation, keep: &Keep) -> String {
    let (kept, now) = (&keep.kept, &keep.kept_now);
    let fill = to_keep(s, Rows::All);
    let mut sql = Sql::line(format!("CREATE TABLE {kept} WITH (fillfactor = 97) AS"));
    sql.add(fill);
    sql.push("WITH NO DATA;");
    sql.push(format!(
        "ALTER TABLE {kept} ALTER customer SET NOT NULL, ALTER history SET NOT NULL;"
    ));
    sql.push(format!("ALTER TABLE {kept} ALTER history SET STORAGE MAIN;"));
    sql.push(format!("CREATE UNIQUE INDEX ON {kept} (customer);"));
    // else a publication of all tables would keep a refresh from changing them
    sql.push(format!("ALTER TABLE {kept} REPLICA IDENTITY FULL;"));
    let mut holding = Select::from_table(kept, "k").plain("k.*").filter(holds(s));
    if let Some(touched) = &keep.touched {
        let table = &touched.table;
        sql.push(format!("CREATE TABLE {table} WITH ({NOTES}) AS"));
        sql.push(format!("SELECT k.customer FROM {kept} AS k WITH NO DATA;"));
        sql.push(format!("CREATE INDEX ON {table} (customer);"));
        sql.push(format!("ALTER TABLE {table} REPLICA IDENTITY FULL;"));
        let notes = Select::from_table(table, "n").plain("n.customer");
        let noted = notes.clone().filter(holds(s)).filter("n.customer IS NOT NULL");
        sql.add(readable(&touched.now, noted, notes));
        holding = holding.filter(format!(
            "NOT customer_value_internal.is_noted({}, k.customer)",
            literal(&s.id)
        ));
    }
    sql.add(readable(now, holding, Select::from_table(kept, "k").plain("k.*")));
    sql.to_string()
}

/// What readers see of a table: the rows of one query, in a view that reads it as its owner. Another query without rows keeps
/// the planner from taking the first one apart: so its conditions are asked before any function of a reader sees a row, as
/// those of a security barrier are, and a filter on the customer still finds the index, whatever its operator.
fn readable(view: &str, rows: Select, nothing: Select) -> Sql {
    let mut sql = Sql::line(format!("CREATE VIEW {view} WITH (security_invoker = false) AS"));
    sql.add(rows.sql());
    sql.push("UNION ALL");
    sql.add(nothing.filter("false").sql());
    sql.end(";");
    sql
}

/// What stands beside the view, each with its comment: that ends with the id, by which it is known as ours.
pub fn comments(s: &Segmentation, keep: &Keep) -> String {
    let view = s.view_name();
    let comment = |kind: &str, name: &str, text: String| {
        format!("COMMENT ON {kind} {name} IS {};", literal(&format!("{text}; {}", mark(&s.id))))
    };
    let kept = format!(
        "The histories of {view}, written by customer_value.refresh_segmentation alone: one row per customer"
    );
    let kept_now = format!("What holds of {} now, for those who may read the orders", keep.kept);
    let mut all =
        vec![comment("TABLE", &keep.kept, kept), comment("VIEW", &keep.kept_now, kept_now)];
    if let Some(touched) = &keep.touched {
        let table = format!(
            "The customers of {view} whose orders changed since their histories were kept, noted by triggers; NULL for \
             everybody"
        );
        let now = format!("The customers in {}, for those who may read the orders", touched.table);
        all.push(comment("TABLE", &touched.table, table));
        all.push(comment("VIEW", &touched.now, now));
    }
    all.join("\n")
}

/// How these comments end.
pub fn mark(id: &str) -> String {
    format!("id {id}")
}

/// The kinds of triggers that note changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// Of rows that come and go.
    Rows,
    /// Of rows that change.
    Updates,
    /// Of everything that goes at once.
    Truncate,
}

impl Trigger {
    /// All of them.
    pub const ALL: [Trigger; 3] = [Trigger::Rows, Trigger::Updates, Trigger::Truncate];

    /// What it notes.
    pub fn notes(self) -> &'static str {
        match self {
            Trigger::Rows => "inserts and deletes",
            Trigger::Updates => "updates",
            Trigger::Truncate => "TRUNCATE",
        }
    }

    /// Its name on each relation of the source.
    pub fn name(self, id: &str) -> String {
        let digits: String = id.chars().filter(char::is_ascii_hexdigit).collect();
        let kind = match self {
            Trigger::Rows => "rows",
            Trigger::Updates => "updates",
            Trigger::Truncate => "truncate",
        };
        format!("customer_value_{digits}_{kind}")
    }
}

/// The commands that make such a trigger on a relation, whose columns that histories are made of are given.
pub fn trigger(s: &Segmentation, kind: Trigger, relation: &str, columns: &[String]) -> String {
    let name = kind.name(&s.id);
    let row = |of: &str| {
        let columns: Vec<String> = columns.iter().map(|column| format!("{of}.{column}")).collect();
        format!("ROW({})", columns.join(", "))
    };
    let (event, each, function) = match kind {
        Trigger::Rows => ("INSERT OR DELETE", "ROW".to_owned(), "note_change"),
        Trigger::Updates => {
            // by bytes, so that no operator of a type is needed; by the function, as a dump loses the casts that the
            // operator needs
            let changed = format!("pg_catalog.record_image_ne({}, {})", row("OLD"), row("NEW"));
            ("UPDATE", format!("ROW WHEN ({changed})"), "note_change")
        }
        Trigger::Truncate => ("TRUNCATE", "STATEMENT".to_owned(), "note_truncate"),
    };
    format!(
        "CREATE TRIGGER {name} AFTER {event} ON {relation} FOR EACH {each} \
         EXECUTE FUNCTION customer_value_internal.{function}({});\n\
         ALTER TABLE {relation} ENABLE ALWAYS TRIGGER {name};",
        literal(&s.id)
    )
}

/// Folds all orders and writes what differs, in one statement: one snapshot. Returns the number of customers.
pub fn refresh_all(s: &Segmentation, keep: &Keep) -> String {
    let mut with = Sql::default();
    if let Some(touched) = &keep.touched {
        with.add(cte("gone", "", Sql::line(format!("DELETE FROM {}", touched.table))));
    }
    with.add(cte("fresh", " MATERIALIZED", to_keep(s, Rows::All)));
    let (kept, same) = (&keep.kept, &s.orders.same);
    let mut lost = Sql::line(format!("DELETE FROM {kept} AS k"));
    lost.push(format!(
        "WHERE NOT EXISTS (SELECT FROM fresh AS f WHERE f.customer {same} k.customer)"
    ));
    with.add(cte("lost", "", lost));
    written(s, keep, with, "(SELECT count(*) FROM fresh)")
}

/// Fills an empty table, and returns the number of customers.
pub fn fill(s: &Segmentation, keep: &Keep) -> String {
    let mut with = Sql::default();
    if let Some(touched) = &keep.touched {
        with.add(cte("gone", "", Sql::line(format!("DELETE FROM {}", touched.table))));
    }
    let mut insert = Sql::line(format!("INSERT INTO {}", keep.kept));
    let fresh = to_keep(s, Rows::All).enclosed("", " AS f");
    insert.add(Select::from(fresh).plain("f.*").filter(TELLS).sql());
    insert.push("RETURNING 1");
    with.add(cte("written", "", insert));
    finish(with, "(SELECT count(*) FROM written)")
}

/// Folds the orders of the customers that are noted, and forgets the notes; returns how many customers. Notes that this
/// statement does not see stay.
pub fn refresh_touched(s: &Segmentation, keep: &Keep) -> Option<String> {
    let (touched, same) = (keep.touched.as_ref()?, &s.orders.same);
    let mut gone = Sql::line(format!("DELETE FROM {} AS n", touched.table));
    // a note of everybody asks for all orders
    gone.push("WHERE n.customer IS NOT NULL");
    gone.push("RETURNING n.customer");
    let mut with = cte("gone", "", gone);
    with.add(cte("who", " MATERIALIZED", Sql::line("SELECT DISTINCT g.customer FROM gone AS g")));
    with.add(cte("fresh", " MATERIALIZED", to_keep(s, Rows::Who)));
    let mut lost = Sql::line(format!("DELETE FROM {} AS k USING who AS w", keep.kept));
    lost.push(format!("WHERE k.customer {same} w.customer"));
    lost.indent(Sql::line(format!(
        "AND NOT EXISTS (SELECT FROM fresh AS f WHERE f.customer {same} k.customer)"
    )));
    with.add(cte("lost", "", lost));
    Some(written(s, keep, with, "(SELECT count(*) FROM who)"))
}

/// True for each history that is about to be written; tells from time to time how many there were.
const TELLS: &str = "customer_value_internal.tells_progress()";

/// One item of WITH.
fn cte(name: &str, materialized: &str, query: Sql) -> Sql {
    query.enclosed(&format!("{name} AS{materialized} "), ",")
}

/// The statement that writes what `fresh` holds where it differs, and returns a number.
fn written(s: &Segmentation, keep: &Keep, mut with: Sql, number: &str) -> String {
    let columns = kept_columns(s);
    let of = |alias: &str| {
        let columns: Vec<String> =
            columns.iter().map(|column| format!("{alias}.{column}")).collect();
        columns.join(", ")
    };
    let mut insert =
        Sql::line(format!("INSERT INTO {} AS k (customer, {})", keep.kept, columns.join(", ")));
    insert.push(format!("SELECT f.customer, {} FROM fresh AS f WHERE {TELLS}", of("f")));
    insert.push("ON CONFLICT (customer) DO UPDATE SET");
    insert.indent(list(columns.iter().map(|column| format!("{column} = excluded.{column}"))));
    insert.push(format!(
        "WHERE ROW({})::record OPERATOR(pg_catalog.*<>) ROW({})::record",
        of("k"),
        of("excluded")
    ));
    with.add(cte("written", "", insert));
    finish(with, number)
}

fn finish(items: Sql, number: &str) -> String {
    let mut sql = Sql::line("WITH");
    sql.indent(items.without_end(","));
    sql.push(format!("SELECT {number}"));
    sql.to_string()
}
