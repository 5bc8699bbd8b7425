//! Lifetime value.

use crate::model::{Segmentation, ViewColumn};
use crate::sql::{double, literal};

/// The entries.
pub fn columns(s: &Segmentation) -> Vec<ViewColumn> {
    let days = s.terms.horizon_days;
    let percentile = "customer_value.percentile_of(t.clv_percentiles, h.clv)";
    vec![
        ViewColumn::numbers(
            "p_alive",
            "customer_value.p_alive(t.purchase_model, h.history, t.as_of)",
            "Probability that the customer has not left, 0 to 1; NULL without purchases, training or a model",
        ),
        ViewColumn::numbers(
            "expected_purchases",
            format!(
                "customer_value.expected_purchases(t.purchase_model, h.history, t.as_of, {})",
                double(days)
            ),
            format!(
                "Expected number of purchase days in the {days} days after as_of; NULL where p_alive is NULL"
            ),
        ),
        ViewColumn::numbers(
            "expected_order_value",
            "customer_value.expected_order_value(t.spend_model, h.history, t.as_of)",
            "Expected gross amount of the next purchase day, in the currency of the source; \
             NULL where p_alive is NULL, \
             without amounts, where nobody bought again, or where the spend model has no finite mean",
        ),
        ViewColumn::numbers(
            "clv",
            "h.clv",
            format!(
                "Lifetime value: expected net margin of the {days} days after as_of, discounted by {} per year, \
                 in the currency of the source; NULL where expected_order_value is NULL",
                s.terms.annual_discount_rate
            ),
        ),
        ViewColumn::numbers(
            "clv_percentile",
            percentile,
            "Share of the customers at the newest training whose clv was at most this one, 0 to 1; \
             NULL where clv is NULL",
        ),
        ViewColumn::others(
            "clv_tier",
            format!("customer_value.clv_tier({percentile}, {})", literal(&s.language)),
            "High from clv_percentile 0.8, medium from 0.5, low, in the language of the segmentation; \
             NULL where clv is NULL",
        ),
        ViewColumn::others(
            "clv_tier_code",
            format!("customer_value.clv_tier_code({percentile})"),
            "Stable code of clv_tier, the same in every language; NULL where clv is NULL",
        ),
        ViewColumn::numbers(
            "clv_tier_rank",
            format!("customer_value.clv_tier_rank({percentile})"),
            "Rank of clv_tier, 1 = best; NULL where clv is NULL",
        ),
    ]
}
