//! What to do: the positions of a matrix, a class or an RFM scheme with their recommended actions.
#![allow(clippy::type_complexity)] // a row of a report is as wide as its SQL declaration

use super::matrices::{self, ShownMatrix};
use super::segments::{ENGLISH, Segments, label_of};
use super::template::sql;
use super::unplaced;
use crate::server::error::{Code, fail};
use crate::server::names::listed;
use crate::server::query::{ident, literal, rows, text_of, value};
use pgrx::prelude::*;
use segmentation::model::LabelStyle;
use std::collections::BTreeSet;

/// The label column of RFM segments.
const RFM_SEGMENT: &str = "rfm_segment";

/// (view, by, language): each position with its size, value and recommended action, best first; then the customers
/// without a position, by reason. `by` is a label column of the view, or a matrix that the segmentation uses.
#[pg_extern(sql = false)]
fn segment_playbook(
    view: Option<&str>,
    by: Option<&str>,
    language: Option<&str>,
) -> TableIterator<
    'static,
    (
        name!(segment, Option<String>),
        name!(code, Option<String>),
        name!(rank, Option<i32>),
        name!(customers, Option<i64>),
        name!(customer_share, Option<f64>),
        name!(revenue, Option<AnyNumeric>),
        name!(revenue_share, Option<f64>),
        name!(mean_clv, Option<f64>),
        name!(total_clv, Option<f64>),
        name!(action, Option<String>),
    ),
> {
    let Some((view, by)) = view.zip(by) else { return TableIterator::new(Vec::new()) };
    let mut segments = Segments::of(view);
    if let Some(language) = language {
        segments.language = language.to_owned();
    }
    let matrices = matrices::of(&segments);
    let positions = Positions::of(&segments, &matrices, by);
    let code = format!("{}_code", positions.label);
    segments.column(&code);
    let sql = sql!(
        "segment_playbook.sql",
        view = segments.view(),
        code = ident(&code),
        positions = positions.query,
        reason = unplaced::of_axes(&segments, &matrices, &positions.axes),
    );
    TableIterator::new(segments.records(&sql))
}

/// A position that customers can have.
pub struct Position {
    /// Its code.
    pub code: String,
    /// Its label in the language of the report.
    pub label: String,
    /// What to do; empty where nothing is recommended.
    pub action: String,
}

/// The positions of a label column or a matrix, best first; none for anything else.
pub fn positions(segments: &Segments, by: &str) -> Vec<Position> {
    let Some(found) = Positions::find(segments, &matrices::of(segments), by) else {
        return Vec::new();
    };
    let sql =
        format!("SELECT p.code, p.label, p.action FROM ({}) AS p ORDER BY p.rank", found.query);
    rows(&sql, &[], |row| {
        let [code, label, action] = [1, 2, 3].map(|at| text_of(row, at));
        Position { code, label, action }
    })
}

/// The labels, or codes, that customers can have in a column of the view, also those that nobody has; none for a column
/// without positions.
pub fn labels(segments: &Segments, by: &str) -> Vec<String> {
    let matrices = matrices::of(segments);
    let Some(positions) = Positions::find(segments, &matrices, by) else { return Vec::new() };
    let part = match by.strip_prefix(positions.label.as_str()) {
        Some("") => "label",
        Some("_code") => "code",
        _ => return Vec::new(),
    };
    let sql = format!("SELECT p.{part} FROM ({}) AS p ORDER BY p.rank", positions.query);
    rows(&sql, &[], |row| text_of(row, 1))
}

/// Raises the error that something is given for a segment that there is not among the known ones.
#[cold]
pub fn not_there(segments: &Segments, by: &str, segment: &str, known: &[String]) -> ! {
    let mut names: Vec<&str> = known.iter().map(String::as_str).collect();
    let mut once = BTreeSet::new();
    names.retain(|name| once.insert(*name));
    let hint = match names.is_empty() {
        true => "No customer has one; is the segmentation trained?".to_owned(),
        false => format!("The segments are {}.", listed(&names)),
    };
    let (column, view) = (ident(by), segments.view());
    let message =
        format!("\"{segment}\" is given, but it is no value of column {column} of {view}");
    fail(Code::ERRCODE_INVALID_PARAMETER_VALUE, message, hint)
}

/// The positions that customers can have.
pub struct Positions {
    /// A query of code, rank, label and action.
    pub query: String,
    /// The column of the view with the labels.
    pub label: String,
    /// The axes; none for RFM segments.
    pub axes: Vec<String>,
}

impl Positions {
    /// The positions of a label column, of its codes, or of a matrix by its name, or an error. A name that is both
    /// is the column, unless that holds no labels, such as profitability.
    pub fn of(segments: &Segments, matrices: &[ShownMatrix], by: &str) -> Positions {
        Self::find(segments, matrices, by).unwrap_or_else(|| no_positions(segments, by, matrices))
    }

    /// The same; None where there are none.
    pub fn find(segments: &Segments, matrices: &[ShownMatrix], by: &str) -> Option<Positions> {
        let language = &segments.language;
        let label = segments.has(by).then(|| label_of(by));
        if label == Some(RFM_SEGMENT)
            && let Some(scheme) = trained_scheme(segments)
        {
            let query = of_scheme(&scheme, language);
            let query = written(segments.labels, query);
            return Some(Positions { query, label: RFM_SEGMENT.into(), axes: Vec::new() });
        }
        let of_column = |matrix: &&ShownMatrix| label == Some(matrix.column.as_str());
        let matrix = matrices.iter().find(of_column);
        let matrix = matrix.or_else(|| matrices.iter().find(|matrix| matrix.name == by))?;
        Some(Positions {
            query: written(segments.labels, of_matrix(&matrix.name, language)),
            label: matrix.column.clone(),
            axes: matrix.axes.clone(),
        })
    }
}

/// The scheme of the newest training.
fn trained_scheme(segments: &Segments) -> Option<String> {
    value(
        "SELECT t.scheme FROM customer_value.training AS t WHERE t.segmentation = $1::uuid AND t.newest",
        &[segments.stored.identity.id.as_str().into()],
    )
}

/// A query of positions with their labels as the segmentation writes them.
fn written(labels: LabelStyle, query: String) -> String {
    match labels {
        LabelStyle::Plain => query,
        LabelStyle::Ranked => format!(
            "SELECT q.code, q.rank, q.action, \
                    customer_value_internal.ranked_label(q.label, q.rank, (count(*) OVER ())::int4) AS label \
             FROM (\n{query}) AS q\n"
        ),
    }
}

/// The positions of a matrix: a query.
fn of_matrix(matrix: &str, language: &str) -> String {
    sql!(
        "positions.sql",
        positions = "customer_value.matrix_position",
        labels = "customer_value.matrix_label",
        key = "matrix",
        code = "code",
        rank = "rank",
        of = literal(matrix),
        language = literal(language),
        english = literal(ENGLISH),
    )
}

/// The segments of an RFM scheme: a query.
fn of_scheme(scheme: &str, language: &str) -> String {
    sql!(
        "positions.sql",
        positions = "customer_value.rfm_scheme_segment",
        labels = "customer_value.rfm_scheme_label",
        key = "scheme",
        code = "segment_code",
        rank = "segment_rank",
        of = literal(scheme),
        language = literal(language),
        english = literal(ENGLISH),
    )
}

/// Raises the error that a column or matrix has no positions in this segmentation.
#[cold]
fn no_positions(segments: &Segments, by: &str, known: &[ShownMatrix]) -> ! {
    let view = segments.view();
    let names: Vec<&str> = known.iter().map(|matrix| matrix.name.as_str()).collect();
    let hint = match names.is_empty() {
        _ if label_of(by) == RFM_SEGMENT => {
            "RFM segments have actions once the segmentation is trained with a scheme.".to_owned()
        }
        true => "It uses no matrix; give rfm_segment.".to_owned(),
        false => format!(
            "Give rfm_segment, or one of its matrices by name or column: {}.",
            listed(&names)
        ),
    };
    if segments.has(by) {
        let message = format!("column \"{by}\" of relation {view} has no recommended actions");
        fail(Code::ERRCODE_INVALID_PARAMETER_VALUE, message, hint)
    }
    let exists = "SELECT true FROM customer_value.matrix AS m WHERE m.matrix = $1";
    if value::<bool>(exists, &[by.into()]).is_some() {
        let message = format!("{view} does not use matrix \"{by}\"");
        fail(Code::ERRCODE_UNDEFINED_OBJECT, message, hint)
    }
    let message = format!("column or matrix \"{by}\" of relation {view} does not exist");
    fail(Code::ERRCODE_UNDEFINED_COLUMN, message, hint)
}
