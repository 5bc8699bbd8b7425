//! The columns of a view as reports compute them as of other days: what customers are grouped by.

use super::days::OnDays;
use super::segments::Segments;
use segmentation::Segmentation;
use segmentation::model::ViewColumn;
use segmentation::sql::Name;

/// A column cast to a type; NULL where there is none.
pub fn as_type(
    s: &Segmentation,
    column: Option<&ViewColumn>,
    name: &str,
    type_name: &str,
) -> ViewColumn {
    match column {
        Some(column) => ViewColumn::others(name, format!("({})::{type_name}", column.shown()), ""),
        None => ViewColumn::no_longer(s, Name::own(name), type_name),
    }
}

/// A column that customers are grouped by, as text, and the rank of its label: `segment`, `rank`.
pub fn labels(segments: &Segments, on: &OnDays<'_>, by: Option<&str>) -> [ViewColumn; 2] {
    let s = &on.plan().of;
    let rank = by.and_then(|by| segments.rank_name_of(by));
    [
        as_type(s, by.map(|by| on.shown(by)), "segment", "text"),
        as_type(s, rank.as_deref().map(|rank| on.shown(rank)), "rank", "int4"),
    ]
}
