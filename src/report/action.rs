//! An action: a table of customers, the day on which each was treated or held out, and which of the two.

use super::segments::Segments;
use super::template::sql;
use crate::segmentation::relation::{Found, Relation};
use crate::server::error::{Code, fail, notice, reading};
use crate::server::query::{column, find_relation, literal, rows, text_of};
use crate::server::types::{can_stand_for, is_text};
use pgrx::spi::SpiHeapTupleData;
use segmentation::catalogue::{Expected, TIME};
use segmentation::model::Kind;
use segmentation::{Segmentation, trained};

/// The most days before and after an action that are compared.
const MOST_DAYS: i32 = 3650;

/// Who was treated.
const TREATED: Expected =
    Expected { kinds: &[Kind::Boolean, Kind::Exact], words: "boolean, or 1 and 0" };

/// What a user says of an action.
pub struct Named<'a> {
    /// The table.
    pub table: &'a str,
    /// Who; None for the column that is called as that of the view, or `customer_id`.
    pub customer: Option<&'a str>,
    /// When.
    pub at: &'a str,
    /// Whether they were treated; None for a table of customers who all were.
    pub treated: Option<&'a str>,
    /// Which action; None for a table of one.
    pub action: Option<&'a str>,
}

/// An action, found.
pub struct Action {
    /// The name of the table, quoted where it has to be.
    pub table: String,
    /// A query for its rows, to be run with the rights of the caller: customer, day, treated, action, and whether it is
    /// usable.
    pub given: String,
    /// Whether the table may hold several, told apart by their names.
    has_names: bool,
    /// What is read as what, for errors.
    read: String,
}

/// Days before and after an action.
#[derive(Debug, Clone, Copy)]
pub struct Days {
    /// Before.
    pub before: i32,
    /// After, the day itself the first of them.
    pub outcome: i32,
}

impl Days {
    /// Those that a user gave, or an error.
    pub fn given(before: Option<i32>, outcome: i32) -> Days {
        for (name, days) in [("outcome_days", outcome), ("before_days", before.unwrap_or(outcome))]
        {
            if !(1..=MOST_DAYS).contains(&days) {
                fail(
                    Code::ERRCODE_INVALID_PARAMETER_VALUE,
                    format!("invalid value for argument \"{name}\": {days}"),
                    format!("Give a number of days from 1 to {MOST_DAYS}."),
                )
            }
        }
        Days { before: before.unwrap_or(outcome), outcome }
    }
}

impl Named<'_> {
    /// Finds the table and its columns, or raises an error.
    pub fn find(&self, segments: &Segments, s: &Segmentation) -> Action {
        let relation = relation(self.table);
        let own = segments.customer().column.name.text.as_str();
        let usual = if relation.find(own).is_some() { own } else { "customer_id" };
        let customer = relation.column(self.customer.unwrap_or(usual));
        let at = relation.column(self.at).require(TIME);
        let treated = match self.treated {
            Some(name) => treated(treated_column(&relation, name)),
            None => "true".into(),
        };
        let action =
            self.action.map(|name| format!("{}::text", relation.column(name).column.of("a")));
        let who = customer.column.of("a");
        let theirs = segments.customer();
        let who = match customer.type_name == s.orders.customer_type {
            true => who,
            false
                // a text may hold customers of any type
                if can_stand_for(customer.type_oid, theirs.type_oid)
                    || is_text(customer.type_oid) =>
            {
                format!("{who}::{}", s.orders.customer_type)
            }
            false => fail(
                Code::ERRCODE_DATATYPE_MISMATCH,
                format!(
                    "column \"{}\" of {} is of type {}, but customers of {} are of type {}",
                    customer.column.name.text,
                    relation.name,
                    customer.type_name,
                    segments.view(),
                    theirs.type_name
                ),
                "Give customer_column => the column with the customers as the orders have them, or cast it in a view.",
            ),
        };
        let at = &at.column;
        let (name, day) = (action.as_deref(), trained::day(s, at, &at.of("a")));
        // a condition that is never computed for an infinite time, which has no day in a zone
        let day = format!("CASE WHEN isfinite({}) THEN {day} END", at.of("a"));
        let has_name = name.map(|name| format!(" AND {name} IS NOT NULL")).unwrap_or_default();
        let given = format!(
            "SELECT {who} AS customer, {day} AS day, {treated} AS treated, {} AS action, \
             {who} IS NOT NULL AND {day} IS NOT NULL AND {treated} IS NOT NULL{has_name} AS usable \
             FROM {} AS a",
            name.unwrap_or("NULL::text"),
            relation.name
        );
        let read = format!(
            "customers from column \"{}\" and days from column \"{}\" of {}",
            customer.column.name.text, at.name.text, relation.name
        );
        Action { table: relation.name, given, has_names: name.is_some(), read }
    }
}

/// The table of a name that a user gave, temporary ones among them, or an error.
fn relation(name: &str) -> Relation {
    find_relation("action", name).and_then(Relation::by_oid).unwrap_or_else(|| {
        fail(
            Code::ERRCODE_UNDEFINED_TABLE,
            format!("action: table \"{name}\" does not exist"),
            "Give a table or view with a row for each customer of the action: customer, day, and whether they were treated.",
        )
    })
}

/// The column that tells who was treated, or an error.
fn treated_column<'a>(relation: &'a Relation, name: &str) -> &'a Found {
    if relation.find(name).is_none() {
        fail(
            Code::ERRCODE_UNDEFINED_COLUMN,
            format!("column \"{name}\" of relation \"{}\" does not exist", relation.name),
            "Give treated_column => the column that is true for who was treated and false for who was held out, or \
             treated_column => NULL where everybody was treated.",
        )
    }
    relation.column(name).require(TREATED)
}

/// Whether a customer was treated: an expression.
fn treated(found: &Found) -> String {
    let column = found.column.of("a");
    match found.column.kind {
        Kind::Boolean => format!("{column}::boolean"),
        _ => format!("CASE {column} WHEN 1 THEN true WHEN 0 THEN false END"),
    }
}

impl Action {
    /// What a query over its rows gives.
    fn read<T>(&self, sql: &str, one: impl FnMut(&SpiHeapTupleData<'_>) -> T) -> Vec<T> {
        let hint = "Correct such rows, or leave them out in a view.";
        reading(&self.read, hint, || rows(sql, &[], one))
    }

    /// Refuses what makes a comparison meaningless, and tells what is left out. Returns whether there is anything to compare.
    pub fn check(&self, s: &Segmentation, as_of: &str, days: Days) -> bool {
        let sql = sql!(
            "action_check.sql",
            given = &self.given,
            has_action = if self.has_names { "g.action IS NOT NULL" } else { "true" },
            outcome_days = days.outcome.to_string(),
            before_days = days.before.to_string(),
            as_of = day(as_of),
            today = trained::today(s),
        );
        let found = self.read(&sql, |row| {
            let count = |at| column::<i64>(row, at).unwrap_or(0);
            ([1, 2, 4, 5, 7, 10, 11].map(count), [3, 6, 8, 9, 12].map(|at| text_of(row, at)))
        });
        let table = &self.table;
        let Some((counts, [both, future, complete, today, name])) = found.into_iter().next() else {
            return false;
        };
        let [unusable, in_both, twice, in_future, incomplete, customers, unmatched] = counts;
        if in_both > 0 {
            fail(
                Code::ERRCODE_CARDINALITY_VIOLATION,
                format!("{in_both} customers of {table} are both treated and held out: {both}"),
                "Who is in both groups cannot be compared with either. Correct the table; if it holds several actions, \
                 give action_column => the column that tells them apart.",
            )
        }
        if in_future > 0 {
            fail(
                Code::ERRCODE_DATETIME_FIELD_OVERFLOW,
                format!(
                    "{in_future} customers of {table} have a day in the future, up to {future}; today is {today}"
                ),
                "An action can be looked at when its outcome is known. Leave such rows out in a view, and give that view.",
            )
        }
        if unusable > 0 {
            notice(format!(
                "rows of {table} left out, without customer, finite day, group or action: {unusable}"
            ));
        }
        if twice > 0 {
            notice(format!(
                "customers who occur more than once in {table}, who count once, from the first day: {twice}"
            ));
        }
        if incomplete > 0 {
            notice(format!(
                "customers of {table} left out, of whom {} days are not over as of {as_of}: {incomplete} of {customers}; the \
                 last will be on {complete}",
                days.outcome
            ));
        }
        if unmatched > 0 {
            let named =
                if self.has_names { format!(", action \"{name}\",") } else { String::new() };
            fail(
                Code::ERRCODE_INVALID_PARAMETER_VALUE,
                format!(
                    "none of the {unmatched} held-out rows of {table}{named} can be used, so nobody is left to compare with"
                ),
                "Give held-out customers the day on which they would have been treated.",
            )
        }
        if customers == 0 {
            notice(format!("{table} has no customers, so there is nothing to compare"));
        }
        incomplete < customers
    }

    /// The rows that can be used: their number, and customers, days, groups and actions, each as the text of an array.
    pub fn rows(&self) -> (i64, [Option<String>; 4]) {
        let sql = sql!("action_rows.sql", given = &self.given);
        let found = self.read(&sql, |row| {
            (column(row, 5).unwrap_or(0), [1, 2, 3, 4].map(|at| column::<String>(row, at)))
        });
        found.into_iter().next().unwrap_or_default()
    }
}

/// A day as a literal.
pub fn day(day: &str) -> String {
    format!("{}::date", literal(day))
}
