//! How sure a lifetime value is.
//!
//! What customers who bought alike share is kept at this place of the query.

use super::predict::{by_valued_history, by_valued_numbers, model, number, terms};
use crate::server::cache::owned_cache;
use crate::server::call::{Call, sql_function};
use crate::server::error::poll;
use crate::training::model::{Model, no_customer};
use btyd::alike::Alike;
use btyd::models::{Customer, MOST_PARAMETERS};
use btyd::uncertain::{Uncertain, error_along};
use btyd::value::Terms;
use pgrx::pg_sys::Datum;

/// Numbers of purchases that are expected of a customer: by the fit, and by that moved along each direction.
const BOUGHT: usize = 1 + MOST_PARAMETERS;

/// Two models that this place of the query has met, the terms, and what is expected of customers who bought alike.
#[derive(Default)]
struct Known {
    models: [Vec<u8>; 2],
    /// None where a covariance of theirs is not known.
    uncertain: Option<Uncertain>,
    terms: Option<Terms>,
    alike: Alike<BOUGHT>,
}

impl Known {
    /// What is known of the models of arguments 0 and 1, under these terms.
    #[allow(clippy::mut_from_ref)] // the cache is not part of the call
    fn of(call: &Call, terms: Terms) -> &mut Known {
        let known: &mut Known = owned_cache(call, Known::default);
        let models = [call.bytes(0), call.bytes(1)];
        if known.models != models {
            let [purchases, spend] = models.map(Model::unpack);
            let (fit, spend_fit) = (&purchases.estimate, &spend.estimate);
            let uncertain = spend_fit
                .spend_model()
                .and_then(|_| Uncertain::new(fit, spend_fit, spend.refund_share))
                .unwrap_or_else(|error| no_customer(error));
            let models = models.map(<[u8]>::to_vec);
            *known = Known { models, uncertain, terms: None, alike: Alike::default() };
        }
        if known.terms != Some(terms) {
            (known.terms, known.alike) = (Some(terms), Alike::default());
        }
        known
    }
}

/// The standard error of a lifetime value with a horizon, with arguments from `rest`.
fn clv_error(call: &Call, (customer, rest): (Customer, usize), mean: Option<f64>) -> Option<Datum> {
    let terms = terms(call, model(call, &customer).family(), rest, true);
    let Known { uncertain, alike, .. } = Known::of(call, terms);
    let uncertain = uncertain.as_ref()?;
    let bought = match terms.step {
        0.0 => {
            let there = Customer { span: 0.0, ..customer };
            let ahead = alike.of(&there, || uncertain.ahead(&terms, &customer))?;
            uncertain.of_alive(&ahead, &customer)
        }
        _ => alike.of(&customer, || uncertain.bought(&terms, &customer, &mut poll))?,
    };
    let slope = uncertain.slope(&terms, &bought, customer.repeats, mean)?;
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
