//! What is compared of the customers of an action.

use super::Found;
use crate::report::rounding::{COUNT, SHARE};
use btyd::effect::Customer;
use segmentation::Plan;

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Customers who bought, as a share.
    Buyers,
    /// Orders of a customer.
    Orders,
    /// Net revenue of a customer.
    Revenue,
    /// Expected lifetime value of a customer; what is compared is its change.
    Clv,
    /// Days since the last purchase, before the action only.
    Recency,
}

impl Measure {
    /// Those of a segmentation.
    pub fn of(plan: &Plan) -> Vec<Measure> {
        let has_amounts = plan.of.orders.amount.is_some();
        let mut measures = vec![Measure::Buyers, Measure::Orders];
        measures.extend(has_amounts.then_some(Measure::Revenue));
        measures.extend(has_amounts.then_some(Measure::Clv));
        measures.push(Measure::Recency);
        measures
    }

    pub fn name(self) -> &'static str {
        match self {
            Measure::Buyers => "buyers",
            Measure::Orders => "orders",
            Measure::Revenue => "revenue",
            Measure::Clv => "clv",
            Measure::Recency => "recency_days",
        }
    }

    pub fn digits(self) -> i32 {
        match self {
            Measure::Buyers | Measure::Orders => SHARE,
            Measure::Revenue | Measure::Clv | Measure::Recency => COUNT,
        }
    }

    /// A customer's; None where it is not known. It depends on nothing that happened after the action whether it is.
    pub fn read(self, found: &Found) -> Option<Customer> {
        let orders = found.orders.map(|orders| orders as f64);
        let expected = found.expected[0].unwrap_or(0.0);
        let [before, after] = match self {
            Measure::Buyers => orders.map(|orders| f64::from(orders > 0.0)),
            Measure::Orders => orders,
            Measure::Revenue => [found.revenue[0]?, found.revenue[1]?],
            // whose purchases have all been undone is expected to buy nothing
            Measure::Clv => {
                let (before, after) = (found.expected[0]?, found.expected[1].unwrap_or(0.0));
                return Some(Customer { before, expected: 0.0, after: after - before });
            }
            Measure::Recency => [found.recency_days?.into(), 0.0],
        };
        Some(Customer { before, expected, after })
    }
}
