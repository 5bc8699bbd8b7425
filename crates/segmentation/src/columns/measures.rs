//! The customer, measures, scores and segments.

use crate::inputs::customer;
use crate::model::{Holds, Segmentation, ViewColumn};

/// The entries.
pub fn columns(s: &Segmentation) -> Vec<ViewColumn> {
    let read = |function: &str| format!("customer_value.{function}(h.history, t.as_of)");
    let label = |function: &str| {
        format!("customer_value_internal.{function}(t.labels, t.cuts, h.history, t.as_of)")
    };
    vec![
        ViewColumn::new(
            s.orders.customer.name.clone(),
            customer(s),
            "The customer, as in the source; one row per customer",
            Holds::Others,
        ),
        ViewColumn::others(
            "first_purchase",
            read("first_purchase"),
            "First day with an order up to as_of; NULL without purchases",
        ),
        ViewColumn::others(
            "last_purchase",
            read("last_purchase"),
            "Last day with an order up to as_of; NULL without purchases",
        ),
        ViewColumn::numbers(
            "recency_days",
            read("days_since_last_purchase"),
            "Days from last_purchase to as_of, 0 or more; NULL without purchases",
        ),
        ViewColumn::numbers(
            "frequency",
            or_zero(s, "h.frequency", true),
            "Number of orders up to as_of, not counting refunds; 0 or more",
        ),
        monetary(s),
        ViewColumn::amounts(
            "average_order_value",
            "h.average_order_value",
            "Gross amount per order up to as_of, in the currency of the source; NULL without purchases or amounts",
        ),
        ViewColumn::amounts(
            "revenue",
            revenue(s),
            "Net revenue up to as_of: purchases less refunds, in the currency of the source; NULL for a source \
             without amounts",
        ),
        score(s, "recency"),
        score(s, "frequency"),
        score(s, "monetary"),
        ViewColumn::others(
            "rfm_code",
            "customer_value_internal.rfm_code(t.cuts, h.history, t.as_of)",
            "The three scores in one text, such as 545; NULL without purchases or training",
        ),
        ViewColumn::others(
            "rfm_segment",
            label("rfm_segment"),
            "Segment in the language of the segmentation; NULL without purchases or training",
        ),
        ViewColumn::others(
            "rfm_segment_code",
            label("rfm_segment_code"),
            "Stable code of the segment, the same in every language; NULL where rfm_segment is NULL",
        ),
        ViewColumn::numbers(
            "rfm_segment_rank",
            label("rfm_segment_rank"),
            "Rank of the segment, 1 = best; NULL where rfm_segment is NULL",
        ),
        ViewColumn::others(
            "as_of",
            "t.as_of",
            "The day as of which the row is computed, that whole day included",
        ),
        ViewColumn::others(
            "trained_at",
            "t.trained_at",
            "When the cuts that gave the scores were trained; NULL before the first training",
        ),
    ]
}

fn monetary(s: &Segmentation) -> ViewColumn {
    let (sql, comment) = match s.monetary_average {
        false => (
            revenue(s),
            "Net revenue up to as_of, in the currency of the source; NULL for a source without amounts",
        ),
        true => (
            "h.average_order_value".to_owned(),
            "Average order value up to as_of, in the currency of the source; NULL without purchases or amounts",
        ),
    };
    ViewColumn::amounts("monetary", sql, comment)
}

fn score(s: &Segmentation, axis: &str) -> ViewColumn {
    let (name, bins) = (format!("{axis}_score"), s.bins);
    let comment = format!(
        "Score of {axis}, 1 to {bins}, {bins} is best; NULL without purchases, amounts or training"
    );
    ViewColumn::numbers(
        &name,
        format!("customer_value.{name}(t.cuts, h.history, t.as_of)"),
        comment,
    )
}

fn revenue(s: &Segmentation) -> String {
    or_zero(s, "h.revenue", s.orders.amount.is_some())
}

/// What a customer ordered: 0 for somebody in the customer table without orders, if it is `known` at all.
fn or_zero(s: &Segmentation, ordered: &str, known: bool) -> String {
    match s.customers.is_some() && known {
        true => format!("CASE WHEN h.customer IS NULL THEN 0 ELSE {ordered} END"),
        false => ordered.to_owned(),
    }
}
