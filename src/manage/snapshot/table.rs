//! The table that snapshots are written into: made once, or found and checked. Its key is the day and the customer. It is
//! known by the end of its comment, which has the id of the segmentation.
//!
//! Nothing here locks readers out, but for columns that are added last, and only while nobody reads.

use super::Snapshot;
use crate::server::catalogue::acts_as;
use crate::server::clock::day_text;
use crate::server::error::{Code, fail, notice};
use crate::server::identity::{current_role, hold_alone_if_free, hold_as_only_writer};
use crate::server::names::listed;
use crate::server::query::{
    column, find_relation, ident, literal, name_of, rows, run, run_with, text_of, value,
};
use pgrx::pg_sys::Oid;

/// The column with the day.
pub const AS_OF: &str = "as_of";

/// A column as the server writes it.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// The same, quoted where it has to be.
    pub quoted: String,
    /// Its type with modifier.
    type_name: String,
    /// Its type without.
    bare_type: String,
    /// Its collation as a clause, if it is not that of the type.
    collation: String,
    comment: Option<String>,
}

impl Column {
    /// The columns of a relation, in order.
    pub fn all(relation: Oid) -> Vec<Column> {
        rows(
            "SELECT a.attname::text, pg_catalog.quote_ident(a.attname), \
                    pg_catalog.format_type(a.atttypid, a.atttypmod), pg_catalog.format_type(a.atttypid, -1), \
                    CASE WHEN a.attcollation <> t.typcollation \
                         THEN pg_catalog.format(' COLLATE %I.%I', n.nspname, c.collname) END, \
                    pg_catalog.col_description(a.attrelid, a.attnum) \
             FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid \
             LEFT JOIN pg_catalog.pg_collation AS c ON c.oid = a.attcollation \
             LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = c.collnamespace \
             WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
            &[relation.into()],
            |row| Column {
                name: text_of(row, 1),
                quoted: text_of(row, 2),
                type_name: text_of(row, 3),
                bare_type: text_of(row, 4),
                collation: text_of(row, 5),
                comment: column(row, 6),
            },
        )
    }

    /// The command that gives a column of a table its comment; none without.
    fn comment_on(&self, table: &str) -> String {
        match &self.comment {
            Some(text) => {
                format!("COMMENT ON COLUMN {table}.{} IS {};", self.quoted, literal(text))
            }
            None => String::new(),
        }
    }

    /// Whether values of another column can be kept here as they are.
    fn takes(&self, other: &Column) -> bool {
        let bare = self.type_name == self.bare_type && self.bare_type == other.bare_type;
        bare || self.type_name == other.type_name
    }
}

/// A table of snapshots.
pub struct Table {
    oid: Oid,
    /// Its name with schema, quoted.
    pub name: String,
    owner: Oid,
    columns: Vec<Column>,
}

/// What the catalogue says of a relation.
struct Found {
    name: String,
    kind: String,
    is_temporary: bool,
    owner: Oid,
    comment: String,
    may_write: bool,
}

impl Found {
    fn find(oid: Oid) -> Option<Found> {
        let found = rows(
            "SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), c.relkind::text, c.relpersistence = 't', c.relowner, \
                    pg_catalog.obj_description(c.oid, 'pg_class'), \
                    pg_catalog.has_table_privilege(c.oid, 'DELETE') \
                    AND pg_catalog.has_any_column_privilege(c.oid, 'INSERT') \
                    AND pg_catalog.has_any_column_privilege(c.oid, 'SELECT') \
             FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace \
             WHERE c.oid = $1",
            &[oid.into()],
            |row| Found {
                name: text_of(row, 1),
                kind: text_of(row, 2),
                is_temporary: column(row, 3).unwrap_or(false),
                owner: column(row, 4).unwrap_or(Oid::INVALID),
                comment: text_of(row, 5),
                may_write: column(row, 6).unwrap_or(false),
            },
        );
        found.into_iter().next()
    }
}

impl Table {
    /// Makes the table with its first day, and tells how many rows that has.
    pub fn make(of: &Snapshot<'_>, schema: &str, name: &str) -> (Table, i64) {
        let table = format!("{}.{}", ident(schema), ident(name));
        let columns: Vec<&Column> = of.columns.iter().collect();
        let count = match of.of_view {
            true => run_with(&format!("CREATE TABLE {table} AS {} {BY_CUSTOMER}", of.rows), &[]),
            false => {
                let empty = super::of_the_view(of.stored, &of.columns);
                run(&format!("CREATE TABLE {table} AS {empty} WITH NO DATA"));
                insert(of, &table, &columns)
            }
        };
        let customer = columns.first().map_or("", |customer| customer.quoted.as_str());
        run(&format!("ALTER TABLE {table} ADD PRIMARY KEY ({AS_OF}, {customer})"));
        run(&format!("CREATE INDEX ON {table} ({customer}, {AS_OF})"));
        let all = Column::all(of.stored.oid);
        let shown = all.iter().filter(|column| {
            column.name == AS_OF || columns.iter().any(|wanted| wanted.name == column.name)
        });
        let comments: Vec<String> = shown.map(|column| column.comment_on(&table)).collect();
        run(&format!("{} {}", comment(of, &table), comments.join(" ")));
        let made = find_relation("into_table", &table).and_then(|oid| Table::find(oid, &table));
        let made = made.unwrap_or_else(|| gone(&table));
        made.require_day(of, count);
        (made, count as i64)
    }

    fn find(oid: Oid, name: &str) -> Option<Table> {
        let found = Found::find(oid)?;
        Some(Table { oid, name: name.to_owned(), owner: found.owner, columns: Column::all(oid) })
    }

    /// A table that is there, if it is one for these snapshots; else an error. No other snapshot is written to it until
    /// the transaction ends, while others read.
    pub fn of(of: &Snapshot<'_>, oid: Oid) -> Table {
        let known = Found::find(oid).unwrap_or_else(|| too_new(oid));
        known.require_writable();
        hold_as_only_writer(oid);
        let found = Found::find(oid).unwrap_or_else(|| gone(&known.name));
        let columns = Column::all(oid);
        let table = Table { oid, name: found.name.clone(), owner: found.owner, columns };
        table.require_form(of);
        table.require_ours(of, &found);
        table
    }

    /// Raises the error that it is no table for snapshots.
    fn refuse(&self, of: &Snapshot<'_>, why: &str) -> ! {
        let customer = of.columns.first().map_or("", |customer| customer.name.as_str());
        fail(
            Code::ERRCODE_WRONG_OBJECT_TYPE,
            format!("{} cannot hold snapshots of {}: {why}", self.name, of.stored.quoted),
            format!(
                "Give the name of a table that is not there yet, and it is made; or of an empty one with columns {AS_OF} \
                 and {customer}, and a unique index on both."
            ),
        )
    }

    /// Raises an error unless the table has the columns and the key of snapshots.
    fn require_form(&self, of: &Snapshot<'_>) {
        let Some(customer) = of.columns.first() else { return };
        let find = |name: &str| self.columns.iter().find(|column| column.name == name);
        match find(AS_OF) {
            None => self.refuse(of, &format!("it has no column {AS_OF}")),
            Some(day) if day.type_name != "date" => {
                let why = format!("its column {AS_OF} is of type {}, not date", day.type_name);
                self.refuse(of, &why)
            }
            Some(_) => {}
        }
        if find(&customer.name).is_none() {
            self.refuse(of, &format!("it has no column {}", customer.name))
        }
        for column in &of.columns {
            let Some(there) = find(&column.name).filter(|there| !there.takes(column)) else {
                continue;
            };
            fail(
                Code::ERRCODE_DATATYPE_MISMATCH,
                format!(
                    "column \"{}\" of {} is of type {}, but that of {} is of type {}",
                    column.name, self.name, there.type_name, of.stored.quoted, column.type_name
                ),
                format!(
                    "Change it with ALTER TABLE {} ALTER COLUMN {} TYPE {}, or give another table.",
                    self.name, there.quoted, column.type_name
                ),
            )
        }
        let sql = "SELECT true FROM pg_catalog.pg_index AS i \
                   WHERE i.indrelid = $1 AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indnkeyatts = 2 \
                     AND (SELECT count(*) FROM pg_catalog.pg_attribute AS a \
                          WHERE a.attrelid = $1 AND a.attnum IN (i.indkey[0], i.indkey[1]) \
                            AND a.attname::text IN ($2, $3)) = 2 \
                   LIMIT 1";
        let key = [self.oid.into(), AS_OF.into(), customer.name.as_str().into()];
        if value::<bool>(sql, &key).is_none() {
            let why = format!("it has no unique index on {AS_OF} and {}", customer.name);
            self.refuse(of, &why)
        }
    }

    /// Raises an error if the table holds something else. One that holds nothing yet, or snapshots of a segmentation that
    /// is gone, becomes ours.
    fn require_ours(&self, of: &Snapshot<'_>, found: &Found) {
        let own = &of.stored.identity.id;
        let id = id_in(&found.comment);
        if id == Some(own.as_str()) {
            return;
        }
        match id {
            Some(other) => {
                let sql =
                    "SELECT s.view FROM customer_value.segmentation AS s WHERE s.id::text = $1";
                if let Some(other) = value::<String>(sql, &[other.into()]) {
                    fail(
                        Code::ERRCODE_WRONG_OBJECT_TYPE,
                        format!("{} holds snapshots of {other}", self.name),
                        "Give each segmentation a table of its own.",
                    )
                }
            }
            None => {
                let sql = format!("SELECT true FROM {} LIMIT 1", self.name);
                if value::<bool>(&sql, &[]).is_some() {
                    fail(
                        Code::ERRCODE_WRONG_OBJECT_TYPE,
                        format!(
                            "{} is not empty, and its comment does not say that it holds snapshots",
                            self.name
                        ),
                        format!(
                            "Give a table of its own. If it does hold snapshots of {}, let its comment end with \"{}\".",
                            of.stored.quoted,
                            mark(own)
                        ),
                    )
                }
            }
        }
        let comment = comment(of, &self.name);
        if !acts_as(current_role(), self.owner) {
            fail(
                Code::ERRCODE_INSUFFICIENT_PRIVILEGE,
                format!(
                    "{} belongs to another role, and its comment does not say yet that it holds snapshots of {}",
                    self.name, of.stored.quoted
                ),
                format!("Ask its owner to run {comment}"),
            )
        }
        run(&comment);
    }

    /// Writes the day in place of what there is of it; tells how many rows went and came.
    pub fn write(&self, of: &Snapshot<'_>) -> (i64, i64) {
        let is_there =
            |wanted: &&Column| self.columns.iter().any(|there| there.name == wanted.name);
        let columns: Vec<&Column> = of.columns.iter().filter(is_there).collect();
        let delete = format!("DELETE FROM {} AS s WHERE s.{AS_OF} = {}", self.name, of.day());
        let replaced = run_with(&delete, &[]);
        let count = insert(of, &self.name, &columns);
        self.require_day(of, count);
        (replaced as i64, count as i64)
    }

    /// Raises an error if rows were written, but none of the day: all are of one statement, which saw the view after the
    /// day was found. What was deleted comes back.
    fn require_day(&self, of: &Snapshot<'_>, count: usize) {
        let sql =
            format!("SELECT true FROM {} AS s WHERE s.{AS_OF} = {} LIMIT 1", self.name, of.day());
        if count > 0 && value::<bool>(&sql, &[]).is_none() {
            fail(
                Code::ERRCODE_T_R_SERIALIZATION_FAILURE,
                format!(
                    "{} moved on from {} while the snapshot was taken",
                    of.stored.quoted,
                    day_text(of.day)
                ),
                "Nothing was changed. Take the snapshot again.",
            )
        }
    }

    /// Adds the columns that the table lacks: last, so that readers wait for a moment at most, and only if nobody reads the
    /// table right now.
    pub fn add_columns(&self, of: &Snapshot<'_>) {
        let lacks = |wanted: &&Column| self.columns.iter().all(|there| there.name != wanted.name);
        let new: Vec<&Column> = of.columns.iter().filter(lacks).collect();
        if new.is_empty() {
            return;
        }
        let names: Vec<&str> = new.iter().map(|column| column.name.as_str()).collect();
        let names = listed(&names);
        let add = |column: &&Column| {
            format!("ADD COLUMN {} {}{}", column.quoted, column.type_name, column.collation)
        };
        let alter = new.iter().map(add).collect::<Vec<_>>().join(", ");
        let alter = format!("ALTER TABLE {} {alter}", self.name);
        if !acts_as(current_role(), self.owner) {
            return notice(format!(
                "{} lacks columns: {names}; its owner can add them: {alter}",
                self.name
            ));
        }
        if !hold_alone_if_free(&self.tree()) {
            return notice(format!(
                "{} lacks columns: {names}; they could not be added while others use it, and the next snapshot tries again",
                self.name
            ));
        }
        let comments: Vec<String> =
            new.iter().map(|column| column.comment_on(&self.name)).collect();
        run(&format!("{alter}; {}", comments.join(" ")));
        notice(format!(
            "added to {}: {names}; NULL in all snapshots so far, this one included: take it again to fill them",
            self.name
        ));
    }

    /// The table and its partitions.
    fn tree(&self) -> Vec<Oid> {
        let sql = "SELECT t.relid::pg_catalog.oid FROM pg_catalog.pg_partition_tree($1) AS t WHERE t.level > 0 ORDER BY 1";
        let partitions = rows(sql, &[self.oid.into()], |row| column::<Oid>(row, 1));
        [self.oid].into_iter().chain(partitions.into_iter().flatten()).collect()
    }

    /// What it takes on disk, with indexes.
    pub fn bytes(&self) -> i64 {
        let size = |oid: Oid| {
            value("SELECT pg_catalog.pg_total_relation_size($1)", &[oid.into()]).unwrap_or(0)
        };
        self.tree().into_iter().map(size).fold(0, i64::saturating_add)
    }
}

impl Found {
    /// Raises an error unless it is a table that the user may write.
    fn require_writable(&self) {
        let name = &self.name;
        if !["r", "p"].contains(&self.kind.as_str()) || self.is_temporary {
            fail(
                Code::ERRCODE_WRONG_OBJECT_TYPE,
                format!("into_table {name} is not a permanent table"),
                "Give a table, or a name that is still free.",
            )
        }
        if !self.may_write {
            fail(
                Code::ERRCODE_INSUFFICIENT_PRIVILEGE,
                format!("permission denied for table {name}"),
                format!("Ask its owner for GRANT SELECT, INSERT, DELETE ON {name}."),
            )
        }
    }
}

/// The order in which rows are written: entries that come in the order of the indexes cost next to nothing.
const BY_CUSTOMER: &str = "ORDER BY 2";

/// Writes rows, and tells how many.
fn insert(of: &Snapshot<'_>, table: &str, columns: &[&Column]) -> usize {
    let list = of.list(columns);
    let rows = &of.rows;
    let sql =
        format!("INSERT INTO {table} ({list}) SELECT {list} FROM ({rows}) AS s {BY_CUSTOMER}");
    run_with(&sql, &[])
}

/// The command that says what the table is.
fn comment(of: &Snapshot<'_>, table: &str) -> String {
    let s = &of.resolved.plan.of;
    let text = s.comment_with("snapshots", &[("view", &of.stored.quoted)]);
    let text = format!("{text}; {}", mark(&of.stored.identity.id));
    format!("COMMENT ON TABLE {table} IS {};", literal(&text))
}

/// How the comment ends: not as those of tables that go with the segmentation.
fn mark(id: &str) -> String {
    format!("{MARK}{id}")
}

/// What stands before the id.
const MARK: &str = "segmentation ";

/// The id at the end of a comment.
fn id_in(comment: &str) -> Option<&str> {
    let (_, id) = comment.rsplit_once(MARK)?;
    let is_id = id.len() == 36 && id.chars().all(|c| c == '-' || c.is_ascii_hexdigit());
    is_id.then_some(id)
}

/// Raises the error that the table is gone.
fn too_new(table: Oid) -> ! {
    fail(
        Code::ERRCODE_T_R_SERIALIZATION_FAILURE,
        format!("table {} was made or dropped after this transaction began", name_of(table)),
        "Begin a new transaction and run it again.",
    )
}

fn gone(table: &str) -> ! {
    fail(
        Code::ERRCODE_UNDEFINED_TABLE,
        format!("table {table} does not exist any more"),
        "Another session has dropped it. Run it again.",
    )
}
