//! Lifetime value.

use crate::model::{LabelStyle, Segmentation, ViewColumn};
use crate::sql::{double, literal};

/// The tier of a percentile, in a language: an expression.
pub fn clv_tier(labels: LabelStyle, percentile: &str, language: &str) -> String {
    let function = match labels {
        LabelStyle::Plain => "customer_value.clv_tier",
        LabelStyle::Ranked => "customer_value_internal.ranked_clv_tier",
    };
    format!("{function}({percentile}, {})", literal(language))
}

/// The entries.
pub fn columns(s: &Segmentation) -> Vec<ViewColumn> {
    let days = s.terms.horizon_days;
    let percentile = "customer_value.percentile_of(t.clv_percentiles, h.clv)";
    vec![
        ViewColumn::numbers(
            "p_alive",
            "customer_value.p_alive(t.purchase_model, h.history, t.as_of)",
            s.comment("p_alive"),
        ),
        ViewColumn::numbers(
            "expected_purchases",
            format!(
                "customer_value.expected_purchases(t.purchase_model, h.history, t.as_of, {})",
                double(days)
            ),
            s.comment_with("expected_purchases", &[("days", &days)]),
        ),
        ViewColumn::numbers(
            "expected_order_value",
            "customer_value.expected_order_value(t.spend_model, h.history, t.as_of)",
            s.comment("expected_order_value"),
        ),
        ViewColumn::numbers(
            "clv",
            "h.clv",
            s.comment_with("clv", &[("days", &days), ("rate", &s.terms.annual_discount_rate)]),
        )
        .of_orders(),
        ViewColumn::numbers("clv_percentile", percentile, s.comment("clv_percentile")),
        ViewColumn::others(
            "clv_tier",
            clv_tier(s.labels, percentile, &s.language),
            s.comment_of_label("clv_tier", &[]),
        )
        .of_orders(),
        ViewColumn::others(
            "clv_tier_code",
            format!("customer_value.clv_tier_code({percentile})"),
            s.comment("clv_tier_code"),
        )
        .of_orders(),
        ViewColumn::numbers(
            "clv_tier_rank",
            format!("customer_value.clv_tier_rank({percentile})"),
            s.comment("clv_tier_rank"),
        )
        .of_orders(),
        ViewColumn::numbers(
            "clv_error",
            format!(
                "customer_value.clv_error(t.purchase_model, t.spend_model, h.history, t.as_of, {}, {}, t.margin, {})",
                double(days),
                double(s.terms.annual_discount_rate),
                double(s.terms.step_days)
            ),
            s.comment("clv_error"),
        ),
        ViewColumn::others(
            "clv_tier_action",
            format!("customer_value.clv_tier_action({percentile}, {})", literal(&s.language)),
            s.comment_with("place_action", &[("label", &"clv_tier")]),
        )
        .of_orders(),
    ]
}
