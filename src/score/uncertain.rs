//! How sure a lifetime value is.
//!
//! What customers who bought alike share is kept at this place of the query: most customers of a shop bought once, and
//! differ by nothing but the day. What is kept decides how long a call takes, never what it gives.

use super::predict::{by_valued_history, by_valued_numbers, model, number, terms};
use crate::server::cache::owned_cache;
use crate::server::call::{Call, sql_function};
use crate::server::error::poll;
use crate::training::model::{Model, no_customer};
use btyd::models::Customer;
use btyd::uncertain::{Bought, Uncertain, error_along};
use btyd::value::Terms;
use pgrx::pg_sys::Datum;

/// How many kinds of customers one place of a query keeps.
const KEPT: usize = 512;

/// What is expected of customers who bought alike.
struct Kind {
    customer: Customer,
    terms: Terms,
    bought: Option<Bought>,
}

/// Two models that this place of the query has met, and kinds of customers, by a number made of what they bought.
#[derive(Default)]
struct Known {
    models: [Vec<u8>; 2],
    /// None where a covariance of theirs is not known.
    uncertain: Option<Uncertain>,
    kinds: Vec<Option<Kind>>,
}

impl Known {
    /// What is known of the models of arguments 0 and 1.
    #[allow(clippy::mut_from_ref)] // the cache is not part of the call
    fn of(call: &Call) -> &mut Known {
        let known: &mut Known = owned_cache(call, Known::default);
        let models = [call.bytes(0), call.bytes(1)];
        if known.models != models {
            let [purchases, spend] = models.map(Model::unpack);
            let (fit, spend_fit) = (&purchases.estimate, &spend.estimate);
            let uncertain = spend_fit
                .spend_model()
                .and_then(|_| Uncertain::new(fit, spend_fit, spend.refund_share))
                .unwrap_or_else(|error| no_customer(error));
            let kinds = (0..KEPT).map(|_| None).collect();
            *known = Known { models: models.map(<[u8]>::to_vec), uncertain, kinds };
        }
        known
    }
}

/// The place of a customer among those that are kept.
fn place(customer: &Customer) -> usize {
    let Customer { repeats, span, age } = *customer;
    (age + 31.0 * span + 1023.0 * repeats) as usize % KEPT
}

/// The standard error of a lifetime value with a horizon, with arguments from `rest`.
fn clv_error(call: &Call, (customer, rest): (Customer, usize), mean: Option<f64>) -> Option<Datum> {
    let terms = terms(call, model(call, &customer).family(), rest, true);
    let Known { uncertain, kinds, .. } = Known::of(call);
    let (uncertain, kept) = (uncertain.as_ref()?, kinds.get_mut(place(&customer))?);
    let alike = |kind: &&Kind| kind.customer == customer && kind.terms == terms;
    let bought = match kept.as_ref().filter(alike) {
        Some(kind) => kind.bought,
        None => {
            let bought = uncertain.bought(&terms, &customer, &mut poll);
            *kept = Some(Kind { customer, terms, bought });
            bought
        }
    };
    let slope = uncertain.slope(&terms, &bought?, customer.repeats, mean)?;
    number(error_along(&slope))
}

sql_function! {
    /// (model, spend model, history, as_of, horizon_days, annual_discount_rate, margin, step_days).
    fn clv_error_history(call) {
        let (asked, mean) = by_valued_history(call, 2)?;
        clv_error(call, asked, mean)
    }
}
sql_function! {
    /// (model, spend model, repeat_purchases, purchase_span, customer_age, repeat_purchase_value, horizon_days,
    /// annual_discount_rate, margin, step_days).
    fn clv_error_numbers(call) {
        let (asked, mean) = by_valued_numbers(call)?;
        clv_error(call, asked, mean)
    }
}
