//! Why a customer is in no segment.

use super::matrices::{ShownMatrix, reason};
use super::segments::{Segments, label_of};
use crate::server::query::{ident, literal};

/// Columns beside rfm_segment, of which who has no purchases up to as_of has none.
const RFM: [&str; 8] = [
    "first_purchase",
    "last_purchase",
    "recency_days",
    "average_order_value",
    "recency_score",
    "frequency_score",
    "monetary_score",
    "rfm_code",
];

/// The axes that come from purchases alone; all others may lack for other reasons, too.
const OF_PURCHASES: [&str; 19] = [
    "average_order_value",
    "clv",
    "clv_percentile",
    "crm_need",
    "expected_order_value",
    "expected_purchases",
    "last_gap",
    "lifecycle_level",
    "lifecycle_stage_rank",
    "loyalty",
    "need_level",
    "need_type_rank",
    "p_alive",
    "potential_value",
    "purchase_trend",
    "recency_days",
    "typical_gap",
    "value_score",
    "value_tier_rank",
];

/// Why a customer, the row `v` of the view, has no value in a column: an expression. `matrices` are those of the view.
pub fn why(segments: &Segments, matrices: &[ShownMatrix], column: &str) -> String {
    let label = label_of(column);
    let label = label.strip_suffix("_rank").unwrap_or(label);
    match matrices.iter().find(|matrix| matrix.column == label) {
        Some(matrix) => of_axes(segments, matrices, &matrix.axes),
        None if RFM.contains(&column) || label == "rfm_segment" => of_axes(segments, matrices, &[]),
        None => literal(&segments.words().not_known(column)),
    }
}

/// Why a customer, the row `v` of the view, has no position in a matrix with these axes, or no RFM segment: an expression.
/// Who has only refunds, and who comes after as_of, is told from who never had an order.
pub fn of_axes(segments: &Segments, matrices: &[ShownMatrix], axes: &[String]) -> String {
    let mut cases = String::new();
    let mut case = |condition: &str, key: &str| {
        cases += &format!("WHEN {condition} THEN {} ", segments.words().literal(key));
    };
    let of_purchases =
        axes.is_empty() || axes.iter().any(|axis| OF_PURCHASES.contains(&axis.as_str()));
    if of_purchases
        && ["trained_at", "last_purchase", "revenue"].iter().all(|column| segments.has(column))
    {
        let none = "v.trained_at IS NOT NULL AND v.last_purchase IS NULL";
        case(&format!("{none} AND v.revenue <> 0"), "only_refunds");
        let stage = "lifecycle_stage_code";
        if segments.has(stage) && matrices.iter().any(|matrix| matrix.name == "lifecycle") {
            let apart =
                segments.stored.options.get("refunds").is_some_and(|apart| apart == "apart");
            let later = if apart { "purchases_later.apart" } else { "purchases_later" };
            case(&format!("{none} AND v.{} IS NULL", ident(stage)), later);
        }
    }
    let reason = reason(segments, "v", axes);
    match cases.is_empty() {
        true => reason,
        false => format!("CASE {cases}ELSE {reason} END"),
    }
}
