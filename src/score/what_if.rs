//! What if customers bought, or stayed, otherwise. Declared STRICT in `sql/`.

use super::predict::{by_numbers, model, number};
use crate::server::cache::owned_cache;
use crate::server::call::sql_function;
use crate::server::error::poll;
use btyd::alike::Alike;
use btyd::models::what_if::{Ahead, WhatIf};
use btyd::models::{Customer, PurchaseModel};

/// What this place of the query has computed by a model.
#[derive(Default)]
struct Known {
    of: Option<(PurchaseModel, Ahead, WhatIf)>,
    alike: Alike<1>,
}

sql_function! {
    /// (model, repeat_purchases, purchase_span, customer_age, horizon_days, annual_discount_rate, step_days, purchase_rate,
    /// retention).
    fn purchases_if(call) {
        let (customer, rest) = by_numbers(call, 1)?;
        let model = model(call, &customer);
        let [horizon, annual_rate, step, purchase_rate, retention] =
            [0, 1, 2, 3, 4].map(|at| call.float8(rest + at));
        let ahead = Ahead { horizon, annual_rate, step };
        let what_if = WhatIf { purchase_rate, retention };
        let known: &mut Known = owned_cache(call, Known::default);
        let of = Some((model, ahead, what_if));
        if known.of != of {
            *known = Known { of, alike: Alike::default() };
        }
        // it does not depend on when the last purchase was
        let there = Customer { span: 0.0, ..customer };
        let times = || model.what_if(&customer, &ahead, &what_if, &mut poll).map(|times| [times]);
        let [times] = known.alike.of(&there, times)?;
        number(times)
    }
}
