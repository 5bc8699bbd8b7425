//! How large each segment is, and what it brings in.
#![allow(clippy::type_complexity)] // a row of a report is as wide as its SQL declaration

use super::matrices;
use super::ranks::rank_in_row;
use super::segments::Segments;
use super::template::sql;
use super::unplaced::why;
use crate::server::error::{Code, fail};
use crate::server::query::{Record, ident, literal};
use pgrx::prelude::*;

/// Columns whose values are in order from the best down, the highest first.
const SCORES: [&str; 5] =
    ["recency_score", "frequency_score", "monetary_score", "rfm_code", "value_score"];

/// Whether the values of a column are in order from the best down, the highest first.
pub fn is_score(column: &str) -> bool {
    SCORES.contains(&column)
}

/// The most columns of a report.
const MOST_COLUMNS: usize = 8;

/// The most rows of a report.
const MOST_ROWS: usize = 100_000;

/// (view, by): the values of a column of a view with their customers, best first: labels by rank, scores from the
/// best down, anything else by revenue. Then what is in no segment.
#[pg_extern(sql = false)]
fn segment_report(
    view: &str,
    by: &str,
) -> TableIterator<
    'static,
    (
        name!(segment, Option<String>),
        name!(customers, Option<i64>),
        name!(customer_share, Option<f64>),
        name!(revenue, Option<AnyNumeric>),
        name!(revenue_share, Option<f64>),
        name!(cumulative_revenue_share, Option<f64>),
        name!(average_order_value, Option<f64>),
        name!(median_recency_days, Option<f64>),
        name!(median_frequency, Option<f64>),
        name!(median_monetary, Option<f64>),
        name!(mean_clv, Option<f64>),
        name!(total_clv, Option<f64>),
        name!(gini, Option<f64>),
        name!(orders, Option<i64>),
        name!(repeat_rate, Option<f64>),
        name!(expected_purchases, Option<f64>),
        name!(clv_from, Option<f64>),
        name!(clv_to, Option<f64>),
        name!(mean_satisfaction, Option<f64>),
        name!(mean_engagement, Option<f64>),
        name!(part, Option<String>),
        name!(reason, Option<String>),
    ),
> {
    TableIterator::new(report(view, &[by], false))
}

/// (view, by): the same for combinations of values of several columns, with subtotals and totals.
#[pg_extern(sql = false)]
fn segment_report_by_columns(
    view: &str,
    by: Vec<Option<String>>,
) -> TableIterator<
    'static,
    (
        name!(segment, Option<String>),
        name!(customers, Option<i64>),
        name!(customer_share, Option<f64>),
        name!(revenue, Option<AnyNumeric>),
        name!(revenue_share, Option<f64>),
        name!(cumulative_revenue_share, Option<f64>),
        name!(average_order_value, Option<f64>),
        name!(median_recency_days, Option<f64>),
        name!(median_frequency, Option<f64>),
        name!(median_monetary, Option<f64>),
        name!(mean_clv, Option<f64>),
        name!(total_clv, Option<f64>),
        name!(gini, Option<f64>),
        name!(orders, Option<i64>),
        name!(repeat_rate, Option<f64>),
        name!(expected_purchases, Option<f64>),
        name!(clv_from, Option<f64>),
        name!(clv_to, Option<f64>),
        name!(mean_satisfaction, Option<f64>),
        name!(mean_engagement, Option<f64>),
        name!(part, Option<String>),
        name!(reason, Option<String>),
        name!(labels, Option<Vec<Option<String>>>),
        name!(level, Option<i32>),
        name!(is_total, Option<bool>),
    ),
> {
    TableIterator::new(report(view, &columns(&by), true))
}

/// The columns that a user gave, or an error.
fn columns(by: &[Option<String>]) -> Vec<&str> {
    let invalid = |code, message: String| {
        let hint = format!(
            "Give up to {MOST_COLUMNS} different columns of the view, such as ARRAY['rfm_segment', 'channel']."
        );
        fail(code, message, hint)
    };
    let mut columns: Vec<&str> = Vec::new();
    for column in by {
        match column.as_deref() {
            None => invalid(
                Code::ERRCODE_NULL_VALUE_NOT_ALLOWED,
                "argument \"by\" must not contain nulls".into(),
            ),
            Some(column) if columns.contains(&column) => invalid(
                Code::ERRCODE_INVALID_PARAMETER_VALUE,
                format!("invalid value for argument \"by\": column \"{column}\" occurs twice"),
            ),
            Some(column) => columns.push(column),
        }
    }
    if columns.len() > MOST_COLUMNS {
        let message = format!("invalid value for argument \"by\": {} columns", columns.len());
        invalid(Code::ERRCODE_INVALID_PARAMETER_VALUE, message)
    }
    columns
}

/// The rows of a report by columns, with subtotals and totals or without.
fn report<T: Record>(view: &str, by: &[&str], with_totals: bool) -> Vec<T> {
    let segments = Segments::of(view);
    let words = segments.words();
    let matrices = matrices::of(&segments);
    let levels: Vec<Level> = (1..)
        .zip(by)
        .map(|(at, by)| {
            segments.column(by).require_equality();
            Level {
                at,
                column: ident(by),
                rank: rank_in_row(&segments, by),
                is_score: is_score(by),
                why: why(&segments, &matrices, by),
            }
        })
        .collect();
    let each = |part: fn(&Level) -> String| levels.iter().map(part).collect::<String>();
    let joined = |between: &str, part: fn(&Level) -> String| {
        levels.iter().map(part).collect::<Vec<_>>().join(between)
    };
    let optional = |column: &str| match segments.has(column) {
        true => format!("v.{}", ident(column)),
        false => "NULL::float8".to_owned(),
    };
    let of_level = joined(" + ", |level| format!("GROUPING(by_{})", level.at));
    let count = levels.len().to_string();
    let grouped = joined(", ", Level::group);
    let labels = joined(", ", |level| format!("by_{}::text", level.at));
    let labels = format!("(ARRAY[{labels}]::text[])[1:level]");
    let reasons = joined(", ", Level::reason);
    let sql = sql!(
        "segment_report.sql",
        view = segments.view(),
        segmentation = literal(&segments.stored.identity.id),
        columns = each(Level::columns),
        clv_error = optional("clv_error"),
        satisfaction = optional("satisfaction"),
        engagement = optional("engagement"),
        level = if levels.is_empty() { "0".into() } else { format!("{count} - ({of_level})") },
        levels = count,
        grouped = each(Level::grouped),
        groups = match with_totals {
            true if levels.is_empty() => "()".into(),
            true => format!("ROLLUP ({grouped})"),
            false => grouped,
        },
        keys = each(Level::keys),
        order = joined(", ", Level::order) + if levels.is_empty() { "level" } else { "" },
        segment = match with_totals {
            true => format!(
                "CASE level WHEN 0 THEN {} ELSE array_to_string({labels}, ' / ', '-') END",
                words.literal("all_customers")
            ),
            false => "by_1::text".into(),
        },
        placed = match levels.is_empty() {
            true => "true".into(),
            false => joined(" AND ", |level| format!("by_{} IS NOT NULL", level.at)),
        },
        reason = match levels.is_empty() {
            true => "NULL".into(),
            false => {
                format!("nullif(concat_ws({}, {reasons}), '')", words.literal("list.semicolon"))
            }
        },
        labels = labels,
        later = words.literal("later_orders"),
        later_unknown = words.literal("later_orders_unknown"),
        left_out = words.literal("rows_left_out"),
        ledger = words.literal("ledger"),
        ledger_reason = words.literal("ledger_reason"),
        with_totals = with_totals.to_string(),
        of_levels = if with_totals { ", labels, level, is_total" } else { "" },
        most_rows = MOST_ROWS.to_string(),
    );
    let rows = segments.records(&sql);
    if rows.len() > MOST_ROWS {
        fail(
            Code::ERRCODE_PROGRAM_LIMIT_EXCEEDED,
            format!("the report by {} has more than {MOST_ROWS} rows", by.join(", ")),
            "Choose columns with fewer distinct values, such as labels, or group the values in a view.",
        )
    }
    rows
}

/// A column that a report is by: the parts of its query, in which it is `by_1`, `by_2`, …
struct Level {
    at: usize,
    column: String,
    /// The column with the rank of the label; NULL for other columns.
    rank: String,
    is_score: bool,
    /// Why a customer has no value: an expression.
    why: String,
}

impl Level {
    /// Of each customer: value, rank of the label, why there is none.
    fn columns(&self) -> String {
        let Level { at, column, rank, why, .. } = self;
        format!(
            "v.{column} AS by_{at},\n           {rank} AS rank_{at},\n           \
             CASE WHEN v.{column} IS NULL THEN {why} END AS reason_{at},\n           "
        )
    }

    /// Why there is no value, unless a level before it lacks for the same reason.
    fn reason(&self) -> String {
        let at = self.at;
        let before = (1..at).map(|at| format!("reason_{at}")).collect::<Vec<_>>();
        match before.is_empty() {
            true => format!("reason_{at}"),
            false => format!(
                "CASE WHEN reason_{at} IN ({}) THEN NULL ELSE reason_{at} END",
                before.join(", ")
            ),
        }
    }

    /// What customers are grouped by.
    fn group(&self) -> String {
        format!("(by_{0}, reason_{0})", self.at)
    }

    /// Of each group.
    fn grouped(&self) -> String {
        format!("by_{0}, reason_{0}, min(rank_{0}) AS rank_{0},\n           ", self.at)
    }

    /// Of each row: revenue and rank of the group that it belongs to at this level.
    fn keys(&self) -> String {
        let at = self.at;
        let above = (1..=at).map(|at| format!("by_{at}, reason_{at}")).collect::<Vec<_>>();
        let group = format!("OVER (PARTITION BY {})", above.join(", "));
        format!(
            ",\n           max(revenue) FILTER (WHERE level = {at}) {group} AS group_revenue_{at},\n           \
             min(rank_{at}) FILTER (WHERE level >= {at}) {group} AS group_rank_{at}"
        )
    }

    /// The order of groups at this level, their total after them.
    fn order(&self) -> String {
        let at = self.at;
        let score = match self.is_score {
            true => format!("by_{at} DESC NULLS LAST, "),
            false => String::new(),
        };
        format!(
            "level < {at}, {score}group_rank_{at} NULLS LAST, by_{at} IS NULL, \
             group_revenue_{at} DESC NULLS LAST, by_{at}::text, reason_{at}"
        )
    }
}
