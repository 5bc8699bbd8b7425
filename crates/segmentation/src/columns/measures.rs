//! The customer, measures, scores and segments.

use crate::inputs::customer;
use crate::model::{Digits, Holds, Segmentation, ViewColumn};

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
            s.comment("customer"),
            Holds::Others,
        ),
        ViewColumn::others("first_purchase", read("first_purchase"), s.comment("first_purchase")),
        ViewColumn::others("last_purchase", read("last_purchase"), s.comment("last_purchase")),
        ViewColumn::numbers(
            "recency_days",
            read("days_since_last_purchase"),
            s.comment("recency_days"),
        ),
        ViewColumn::numbers("frequency", or_zero(s, "h.frequency", true), s.comment("frequency")),
        monetary(s),
        ViewColumn::amounts(
            "average_order_value",
            "h.average_order_value",
            s.comment("average_order_value"),
        )
        .shown_as(s.orders.digits.map(Digits::mean)),
        ViewColumn::amounts("revenue", revenue(s), s.comment("revenue"))
            .shown_as(s.orders.digits.map(Digits::sum)),
        score(s, "recency").of_orders(),
        score(s, "frequency").of_orders(),
        score(s, "monetary").of_orders(),
        ViewColumn::others(
            "rfm_code",
            "customer_value_internal.rfm_code(t.cuts, h.history, t.as_of)",
            s.comment("rfm_code"),
        )
        .of_orders(),
        ViewColumn::others(
            "rfm_segment",
            label("rfm_segment"),
            s.comment_of_label("rfm_segment", &[]),
        )
        .of_orders(),
        ViewColumn::others(
            "rfm_segment_code",
            label("rfm_segment_code"),
            s.comment("rfm_segment_code"),
        )
        .of_orders(),
        ViewColumn::numbers(
            "rfm_segment_rank",
            label("rfm_segment_rank"),
            s.comment("rfm_segment_rank"),
        )
        .of_orders(),
        ViewColumn::others(
            "rfm_segment_action",
            label("rfm_segment_action"),
            s.comment_with("place_action", &[("label", &"rfm_segment")]),
        )
        .of_orders(),
        ViewColumn::others("as_of", "t.as_of", s.comment("as_of")),
        ViewColumn::others("trained_at", "t.trained_at", s.comment("trained_at")),
    ]
}

fn monetary(s: &Segmentation) -> ViewColumn {
    let digits = s.orders.digits;
    let (sql, shown_as, comment) = match s.monetary_average {
        false => (revenue(s), digits.map(Digits::sum), s.comment("monetary")),
        true => (
            "h.average_order_value".to_owned(),
            digits.map(Digits::mean),
            s.comment("monetary.average"),
        ),
    };
    ViewColumn::amounts("monetary", sql, comment).shown_as(shown_as)
}

fn score(s: &Segmentation, axis: &str) -> ViewColumn {
    let name = format!("{axis}_score");
    let comment = s.comment_with(&name, &[("bins", &s.bins)]);
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
