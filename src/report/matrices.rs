//! The matrices and classes of a segmentation, and why a customer has no place in one.

use super::segments::Segments;
use super::template::sql;
use crate::server::query::{column, ident, literal, rows, text_of};
use segmentation::axes;

/// A matrix, or a class, that the view shows.
pub struct ShownMatrix {
    /// Its name.
    pub name: String,
    /// The column of the view that holds its labels; those with codes and ranks are called after it.
    pub column: String,
    /// Its axes, one or two.
    pub axes: Vec<String>,
    /// Whether the newest training is of it; a built-in one is shown before the first.
    pub trained: bool,
}

/// The matrices that a segmentation uses and its view shows: built-in ones first, then by column. Anybody may
/// define a matrix, so one that only happens to name a column of the view is not among them.
pub fn of(segments: &Segments) -> Vec<ShownMatrix> {
    let sql = sql!("matrices.sql", segmentation = literal(&segments.stored.identity.id));
    let mut matrices = rows(&sql, &[], |row| ShownMatrix {
        name: text_of(row, 1),
        column: text_of(row, 2),
        axes: [column(row, 3), column(row, 4)].into_iter().flatten().collect(),
        trained: column(row, 5).unwrap_or(false),
    });
    matrices.retain(|matrix| {
        let parts = ["", "_code", "_rank"];
        parts.iter().all(|part| segments.has(&format!("{}{part}", matrix.column)))
    });
    matrices
}

/// Why a customer, the row `row` of the view, has no position in a matrix with these axes: an expression.
/// Without axes it is about RFM segments.
pub fn reason(segments: &Segments, row: &str, axes: &[String]) -> String {
    let known: Vec<String> = axes.iter().filter_map(|axis| lacking(segments, row, axis)).collect();
    let words = segments.words();
    let otherwise = match axes.len() {
        0 => words.text("no_purchases").replace("{day}", "as_of"),
        all if all == known.len() => words.text("nobody_had_a_value").to_owned(),
        _ => {
            let why: Vec<String> = axes.iter().map(|axis| words.not_known(axis)).collect();
            why.join(words.text("list.or"))
        }
    };
    sql!(
        "reason.sql",
        row = row,
        not_trained = words.literal("not_trained"),
        comma = words.literal("list.comma"),
        lacking = if known.is_empty() { "NULL".to_owned() } else { known.join(", ") },
        otherwise = literal(&otherwise),
    )
}

/// What a customer lacks for an axis, NULL if nothing: an expression over a row of the view. None if the view does not
/// show it.
fn lacking(segments: &Segments, row: &str, axis: &str) -> Option<String> {
    let shown = axes::shown(axis);
    let (column, condition) = match axes::last_rank(axis) {
        None => (shown.to_owned(), "IS NULL".to_owned()),
        Some(last) => (format!("{shown}_rank"), format!("BETWEEN 1 AND {last} IS NOT TRUE")),
    };
    let case = || {
        let (column, why) = (ident(&column), literal(&segments.words().not_known(axis)));
        format!("CASE WHEN {row}.{column} {condition} THEN {why} END")
    };
    segments.has(&column).then(case)
}
