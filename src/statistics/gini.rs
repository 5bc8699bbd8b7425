//! Concentration: the Gini coefficient.

use crate::server::aggregate;
use crate::server::call::sql_function;
use crate::server::datum::IntoDatum;
use crate::server::error::poll;
use crate::server::memory::{self, Array};
use btyd::{concentration, sort};

sql_function! {
    /// (state, value): NULL and what is not finite is none.
    fn gini_add(call) {
        let context = aggregate::aggregate_context(call);
        let datum = aggregate::state_or_new(call, context, || Array::<f64>::EMPTY);
        if !call.is_null(1) && call.float8(1).is_finite() {
            memory::state::<Array<f64>>(datum).push(call.float8(1), context);
        }
        Some(datum)
    }
}
sql_function! {
    /// (state): the coefficient. The values end up sorted, and a later row may find them so.
    fn gini_finish(call) {
        let values = call.state::<Array<f64>>(0)?.as_mut_slice();
        sort::by(values, f64::total_cmp, &mut poll);
        concentration::gini(values).map(f64::into_datum)
    }
}
