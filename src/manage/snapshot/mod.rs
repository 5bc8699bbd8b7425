//! Snapshots: the view as of a day, written into a table for whoever needs a past that does not move, such as a dashboard
//! that filters by time. Reads and writes with the rights of the user.

mod table;

use super::commands::required;
use super::names::{Place, place_of_snapshots};
use super::notices::grouped;
use super::stored::Stored;
use super::view::columns_now;
use crate::segmentation::resolve::Resolved;
use crate::server::call::sql_function;
use crate::server::clock::{day_text, finite_day};
use crate::server::datum::IntoDatum;
use crate::server::error::{Code, fail, notice};
use crate::server::identity::{Acting, current_role};
use crate::server::query::{find_relation, literal, rows, value};
use crate::server::registry::require_writable;
use crate::server::step::Step;
use crate::server::version::require_current;
use pgrx::datum::Date;
use pgrx::pg_sys::Oid;
use segmentation::model::ViewColumn;
use segmentation::on_days::on_days;
use segmentation::trained::Applied;
use segmentation::view;
use table::{AS_OF, Column, Table};

sql_function! {
    /// (view, into_table, columns, as_of).
    fn snapshot_segmentation(call) {
        require_current();
        require_writable("snapshot_segmentation");
        let (view, into) = (required(call, 0, "view"), required(call, 1, "into_table"));
        let columns = (!call.is_null(2)).then(|| call.texts(2));
        let as_of = (!call.is_null(3)).then(|| finite_day(call.int4(3)));
        Some(snapshot(&view, &into, columns.as_deref(), as_of).into_datum())
    }
}

/// Takes a snapshot, and tells of how many customers.
fn snapshot(view: &str, into: &str, columns: Option<&[Option<String>]>, as_of: Option<i32>) -> i64 {
    let stored = Stored::of(view);
    let columns = wanted(&stored, columns);
    let acting = Acting::begin(stored.owner);
    let resolved = stored.resolve();
    acting.end();
    let snapshot = Snapshot::of(&stored, &resolved, columns, as_of);
    let _step = Step::begin(format!("snapshot of {}", stored.quoted));
    let place = match find_relation("into_table", into) {
        Some(oid) => Some(oid),
        None => match place_of_snapshots(into) {
            Place::Taken(oid, ..) => Some(oid),
            Place::Free(schema, name) => return snapshot.create(&schema, &name),
        },
    };
    place.map_or(0, |oid| snapshot.append(oid))
}

/// The columns of the view that are wanted, the customer first, without `as_of`, which is always there; or an error.
fn wanted(stored: &Stored, given: Option<&[Option<String>]>) -> Vec<Column> {
    let relation = stored.relation();
    let all = Column::all(stored.oid);
    let Some(customer) = all.first().cloned() else { return Vec::new() };
    let mut names: Vec<&str> = Vec::new();
    match given {
        None => names.extend(all.iter().map(|column| column.name.as_str())),
        Some(given) => {
            names.push(&customer.name);
            names.extend(given.iter().map(|name| name.as_deref().unwrap_or_else(|| null_column())));
        }
    }
    let mut columns: Vec<Column> = Vec::new();
    for name in names {
        relation.column(name); // or an error
        let known = name == AS_OF || columns.iter().any(|column| column.name == name);
        columns.extend(all.iter().find(|column| !known && column.name == name).cloned());
    }
    columns
}

fn null_column() -> ! {
    fail(
        Code::ERRCODE_NULL_VALUE_NOT_ALLOWED,
        "argument \"columns\" must not contain nulls",
        "Give names of columns of the view, such as ARRAY['rfm_segment', 'clv']; NULL instead of an array for all.",
    )
}

/// What is to be written.
struct Snapshot<'a> {
    stored: &'a Stored,
    resolved: &'a Resolved,
    /// The columns besides `as_of`, the customer first.
    columns: Vec<Column>,
    day: i32,
    /// A query for `as_of` and these columns.
    rows: String,
    /// Whether the view itself shows them.
    of_view: bool,
}

impl<'a> Snapshot<'a> {
    /// That of a segmentation, as of the view's day or an earlier one.
    fn of(
        stored: &'a Stored,
        resolved: &'a Resolved,
        columns: Vec<Column>,
        as_of: Option<i32>,
    ) -> Snapshot<'a> {
        let sql = format!("SELECT d.as_of FROM ({}) AS d", view::day(&resolved.plan));
        let Some(today) = value::<Date>(&sql, &[]).map(|day| day.to_pg_epoch_days()) else {
            fail(
                Code::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
                format!("{} has not been trained, so it is as of no day", stored.quoted),
                "Run train_segmentation first.",
            )
        };
        let day = as_of.unwrap_or(today);
        if day > today {
            fail(
                Code::ERRCODE_INVALID_PARAMETER_VALUE,
                format!(
                    "{} is as of {}, and {} comes after that",
                    stored.quoted,
                    day_text(today),
                    day_text(day)
                ),
                "Leave out as_of for the day of the view, or give an earlier one.",
            )
        }
        let of_view = day == today;
        let rows = match of_view {
            true => of_the_view(stored, &columns),
            false => of_another_day(stored, resolved, &columns, day),
        };
        if stored.is_bound_by_name() {
            // waits for whoever rebuilds a table, so that what follows sees its rows
            self::rows(&format!("SELECT * FROM ({rows}) AS r LIMIT 0"), &[], |_| ());
        }
        Snapshot { stored, resolved, columns, day, rows, of_view }
    }

    /// The day as SQL.
    fn day(&self) -> String {
        format!("{}::date", literal(&day_text(self.day)))
    }

    /// What is written, as SQL lists columns.
    fn list(&self, columns: &[&Column]) -> String {
        let names = columns.iter().map(|column| column.quoted.as_str());
        [AS_OF].into_iter().chain(names).collect::<Vec<_>>().join(", ")
    }

    /// Makes the table and writes its first day.
    fn create(&self, schema: &str, name: &str) -> i64 {
        let (table, count) = Table::make(self, schema, name);
        self.require_purchases(&table, count);
        let bytes = table.bytes();
        notice(format!(
            "made table {} with {}, {}",
            table.name,
            self.told(count),
            told_bytes(bytes)
        ));
        if count > 0 {
            notice(format!(
                "a year of daily snapshots takes about {}; segment_history('{}') shows past days without any",
                pretty(bytes.saturating_mul(365)),
                self.stored.quoted
            ));
        }
        count
    }

    /// Writes the day into a table that is there, in place of what it has of that day.
    fn append(&self, oid: Oid) -> i64 {
        let table = Table::of(self, oid);
        let before = table.bytes();
        let (replaced, count) = table.write(self);
        self.require_purchases(&table, count);
        let what = self.told(count);
        match replaced {
            0 => {
                let more = table.bytes().saturating_sub(before);
                notice(format!("{what} added to {}, {}", table.name, told_bytes(more)));
            }
            _ => notice(format!(
                "{what} written to {} in place of {}",
                table.name,
                grouped(replaced.into())
            )),
        }
        table.add_columns(self);
        count
    }

    fn told(&self, count: i64) -> String {
        format!("{} customers as of {}", grouped(count.into()), day_text(self.day))
    }

    /// Raises an error if a day was given by hand on which nobody had bought anything yet, as far as the columns tell.
    fn require_purchases(&self, table: &Table, count: i64) {
        let first = "first_purchase";
        let tells = self.columns.iter().any(|column| column.name == first);
        if self.of_view || (count > 0 && !tells) {
            return;
        }
        let sql = format!(
            "SELECT true FROM {} AS s WHERE s.{AS_OF} = {} AND s.{first} IS NOT NULL LIMIT 1",
            table.name,
            self.day()
        );
        if count == 0 || value::<bool>(&sql, &[]).is_none() {
            fail(
                Code::ERRCODE_INVALID_PARAMETER_VALUE,
                format!(
                    "no customer of {} had bought anything by {}",
                    self.stored.quoted,
                    day_text(self.day)
                ),
                "Give a day on or after the first order.",
            )
        }
    }
}

/// A query for columns of the view.
fn of_the_view(stored: &Stored, columns: &[Column]) -> String {
    let names = columns.iter().map(|column| format!("v.{}", column.quoted));
    let names = [format!("v.{AS_OF}")].into_iter().chain(names).collect::<Vec<_>>().join(", ");
    format!("SELECT {names} FROM {} AS v", stored.quoted)
}

/// A query for the same as of an earlier day, with the newest training; without customers who came later, unless a customer
/// table tells of them. It reads the source with the rights and the policies of the user, so the view has to do so, too, or
/// the user to be its owner.
fn of_another_day(stored: &Stored, resolved: &Resolved, columns: &[Column], day: i32) -> String {
    if !stored.reads_as_invoker() && current_role() != stored.owner {
        fail(
            Code::ERRCODE_INSUFFICIENT_PRIVILEGE,
            format!(
                "only role \"{}\" itself may take snapshots of {} as of other days than its own",
                stored.owner_name, stored.quoted
            ),
            "The view reads its source as its owner, and other days are read from the source, as the user. Leave out as_of, or \
             SET ROLE to the owner.",
        )
    }
    let acting = Acting::begin(stored.owner);
    let shown = columns_now(stored, resolved);
    acting.end();
    // by place: the first one may be called otherwise than in the source
    let all = Column::all(stored.oid);
    let place = |column: &Column| all.iter().position(|other| other.name == column.name);
    let named = |column: &Column| shown.get(place(column)?);
    let names: Vec<String> = (0..columns.len()).map(|at| format!("c{at}")).collect();
    let chosen = names.iter().zip(columns);
    let chosen: Vec<_> =
        chosen.filter_map(|(name, column)| Some((name.as_str(), named(column)?))).collect();
    // in the place of a column of the view
    let has_come = ViewColumn::others(HAS_COME, HAS_ORDERS, "");
    let only_who_has_come = resolved.plan.of.customers.is_none();
    let also = only_who_has_come.then_some((HAS_COME, &has_come));
    let chosen: Vec<_> = chosen.into_iter().chain(also).collect();
    let days = format!("SELECT {}::date AS day", literal(&day_text(day)));
    let query = on_days(&resolved.plan, &days, Applied::Newest, &chosen);
    let shown = names.iter().zip(columns);
    let shown = shown.map(|(name, column)| format!("q.{name} AS {}", column.quoted));
    let shown = [format!("q.day AS {AS_OF}")].into_iter().chain(shown).collect::<Vec<_>>();
    let filter = if only_who_has_come { format!(" WHERE q.{HAS_COME}") } else { String::new() };
    format!("SELECT {} FROM ({query}) AS q{filter}", shown.join(", "))
}

/// Whether a customer has an order or a refund by the day, for whom a view of that day would have had a row.
const HAS_ORDERS: &str = "(customer_value.order_count(h.ledger, t.as_of) > 0 \
                          OR customer_value.revenue(h.ledger, t.as_of) < 0)";
const HAS_COME: &str = "has_come";

/// A number of bytes as the server shows it.
fn pretty(bytes: i64) -> String {
    value("SELECT pg_catalog.pg_size_pretty($1)", &[bytes.into()]).unwrap_or_default()
}

fn told_bytes(bytes: i64) -> String {
    format!("{} with indexes", pretty(bytes))
}
