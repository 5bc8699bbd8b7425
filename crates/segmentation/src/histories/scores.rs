//! What several columns of the view are made of, by a history and what was trained. What is cheap to compute again is
//! not here: each trained value that the view asks for where it folds orders takes time to plan.

use crate::model::Segmentation;
use crate::signals::basic_weights;
use crate::sql::double;
use crate::trained::At;

/// Name and expression of each, of the history that this expression gives. `ledger` is the history as it is in the source:
/// its refunds stand on their own days, as costs do.
pub fn of(s: &Segmentation, at: At, history: &str, ledger: &str) -> Vec<(&'static str, String)> {
    let (as_of, t) = (at.as_of(s), |column: &str| at.value(s, column));
    let read = |function: &str| format!("customer_value.{function}({history}, {as_of})");
    let ours = |function: &str, trained: &str| {
        format!("customer_value_internal.{function}({trained}, {history}, {as_of})")
    };
    let (terms, window) = (&s.terms, s.spans.window_days);
    let [horizon, rate, step] =
        [terms.horizon_days, terms.annual_discount_rate, terms.step_days].map(double);
    let (model, spend, margin, axes) =
        (t("purchase_model"), t("spend_model"), t("margin"), t("axes"));
    let clv = format!(
        "customer_value.clv({model}, {spend}, {history}, {as_of}, {horizon}, {rate}, {margin}, {step})"
    );
    let current = format!("customer_value.current_value({history}, {as_of}, {window}, {margin})");
    let basic = match basic_weights(s) {
        [frequency, revenue] if frequency == revenue => ours("value_score", &axes),
        weights => {
            let [frequency, revenue] = weights.map(double);
            format!(
                "customer_value_internal.value_score({axes}, {history}, {as_of}, {frequency}, {revenue})"
            )
        }
    };
    let mut scores = vec![
        ("frequency", read("order_count")),
        ("revenue", read("revenue")),
        ("average_order_value", read("average_order_value")),
        ("clv", clv),
        ("current_value", current),
        ("loyalty", ours("loyalty", &format!("{model}, {axes}"))),
        ("basic_score", basic),
    ];
    if s.orders.cost.is_some() {
        let from = format!("{as_of} - {}", window - 1);
        let revenue = format!("customer_value.revenue_between({ledger}, {from}, {as_of})");
        scores.push(("window_revenue", revenue));
    }
    if s.orders.discount.is_some() && s.nets_refunds() {
        scores.push(("orders", format!("customer_value.order_count({ledger}, {as_of})")));
    }
    scores
}
