//! What several columns of the view are made of, by a history and what was trained.

use crate::segmentation::Segmentation;
use crate::sql::double;

/// Name and expression of each, of the history that this expression gives.
pub fn of(s: &Segmentation, history: &str) -> Vec<(&'static str, String)> {
    let read = |function: &str| format!("customer_value.{function}({history}, t.as_of)");
    let score = |axis: &str| format!("customer_value.{axis}(t.cuts, {history}, t.as_of)");
    let ours = |function: &str, trained: &str| {
        format!("customer_value_internal.{function}({trained}, {history}, t.as_of)")
    };
    let (terms, window) = (&s.terms, s.spans.window_days);
    let [horizon, rate, step] =
        [terms.horizon_days, terms.annual_discount_rate, terms.step_days].map(double);
    let clv = format!(
        "customer_value.clv(t.purchase_model, t.spend_model, {history}, t.as_of, \
         {horizon}, {rate}, t.margin, {step})"
    );
    let current = format!("customer_value.current_value({history}, t.as_of, {window}, t.margin)");
    let mut scores = vec![
        ("recency_score", score("recency_score")),
        ("frequency_score", score("frequency_score")),
        ("monetary_score", score("monetary_score")),
        ("frequency", read("order_count")),
        ("revenue", read("revenue")),
        ("average_order_value", read("average_order_value")),
        ("p_alive", format!("customer_value.p_alive(t.purchase_model, {history}, t.as_of)")),
        ("clv", clv),
        ("current_value", current),
        ("loyalty", ours("loyalty", "t.purchase_model, t.axes")),
        ("basic_score", ours("value_score", "t.axes")),
        ("lifecycle_level", ours("lifecycle_level", "t.axes")),
    ];
    if s.orders.cost.is_some() {
        let from = format!("t.as_of - {}", window - 1);
        let revenue = format!("customer_value.revenue_between({history}, {from}, t.as_of)");
        scores.push(("window_revenue", revenue));
    }
    scores
}
