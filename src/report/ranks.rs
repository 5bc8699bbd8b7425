//! The ranks of labels, by what trainings kept: looked up once for each label, not for each customer.

use super::matrices;
use super::segments::Segments;
use crate::server::query::{ident, literal};
use segmentation::columns::{PREVIOUS, clv_tier};

/// The ranks of the labels of a column.
pub enum Ranks {
    /// A query of `label` and `rank`.
    Known(String),
    /// A column of the view holds them.
    Column(String),
    /// There are none.
    None,
}

/// The column with a tier by lifetime value.
pub const CLV_TIER: &str = "clv_tier";

/// A query of the code, label and rank of each tier by lifetime value, as the view writes them.
pub fn tiers(segments: &Segments) -> String {
    format!(
        "SELECT customer_value.clv_tier_code(p) AS code, {label} AS label, \
                customer_value.clv_tier_rank(p)::int4 AS rank \
         FROM unnest('{{0,0.6,0.9}}'::float8[]) AS p",
        label = clv_tier(segments.labels, "p", &segments.language)
    )
}

impl Ranks {
    /// Those of a column of the view, which may hold labels, their codes, or the labels of before.
    pub fn of(segments: &Segments, by: &str) -> Ranks {
        if let Some(label) = before(segments, by) {
            // a column of ranks holds those of now
            return match Ranks::of(segments, label) {
                Ranks::Column(_) => Ranks::None,
                known => known,
            };
        }
        let (label, part) = match by.strip_suffix("_code") {
            Some(label) if segments.has(label) => (label, "code"),
            _ => (by, "label"),
        };
        if label == "rfm_segment" {
            return Ranks::Known(kept(segments, "t.labels::text::jsonb -> 'segments'", part));
        }
        if label == CLV_TIER {
            let tiers = tiers(segments);
            return Ranks::Known(format!("SELECT t.{part} AS label, t.rank FROM ({tiers}) AS t"));
        }
        let matrices = matrices::of(segments);
        if let Some(matrix) = matrices.iter().find(|matrix| matrix.column == label) {
            let path = format!("$[*] ? (@.matrix == {}).positions", serde_json::json!(matrix.name));
            let positions = format!(
                "jsonb_path_query_first(t.matrices::text::jsonb, {}::jsonpath)",
                literal(&path)
            );
            return Ranks::Known(kept(segments, &positions, part));
        }
        segments.rank_name_of(label).map_or(Ranks::None, Ranks::Column)
    }

    /// The query of labels and ranks; of none, where they are not known before.
    pub fn query(&self) -> &str {
        match self {
            Ranks::Known(query) => query,
            _ => "SELECT NULL::text AS label, NULL::int4 AS rank WHERE false",
        }
    }

    /// The name of the column that holds them.
    pub fn column(&self) -> Option<&str> {
        match self {
            Ranks::Column(column) => Some(column),
            _ => None,
        }
    }
}

/// The label that a column tells the one of before of; None for other columns.
fn before<'a>(segments: &Segments, column: &'a str) -> Option<&'a str> {
    column.strip_prefix(PREVIOUS).filter(|label| segments.has(label))
}

/// The rank of a label column's label in a row `v` of the view; NULL for other columns.
pub fn rank_in_row(segments: &Segments, label: &str) -> String {
    if let Some(rank) = segments.rank_name_of(label) {
        return format!("v.{}", ident(&rank));
    }
    match before(segments, label).map(|_| Ranks::of(segments, label)) {
        Some(Ranks::Known(ranks)) => format!(
            "((SELECT jsonb_object_agg(r.label, r.rank) FROM ({ranks}) AS r) ->> v.{}::text)::int2",
            ident(label)
        ),
        _ => "NULL::int2".into(),
    }
}

/// The rank of a label column's label over rows `v` of the view that have the same; NULL for other columns.
pub fn rank_of_rows(segments: &Segments, label: &str) -> String {
    format!("min({})", rank_in_row(segments, label))
}

/// What trainings kept of labels, in an array of objects; of two trainings, the last counts.
fn kept(segments: &Segments, labels: &str, part: &str) -> String {
    format!(
        "SELECT DISTINCT ON (1) p.label ->> {part} AS label, (p.label ->> 'rank')::int4 AS rank \
         FROM customer_value.training AS t \
         CROSS JOIN LATERAL jsonb_array_elements({labels}) AS p (label) \
         WHERE t.segmentation = {id}::uuid ORDER BY 1, t.number DESC",
        part = literal(part),
        id = literal(&segments.stored.identity.id)
    )
}
