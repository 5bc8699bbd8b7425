//! Concentration: the Gini coefficient.

use crate::server::call::{IntoDatum, sql_function};
use crate::server::error::poll;
use crate::server::memory::{self, Array};
use btyd::{concentration, sort};

sql_function! {
    /// (state, value): NULL and what is not finite is none.
    fn gini_add(call) {
        let context = memory::aggregate_context(call);
        let datum = memory::state_or_new(call, context, || Array::<f64>::EMPTY);
        if !call.is_null(1) && call.float8(1).is_finite() {
            memory::state::<Array<f64>>(datum).push(call.float8(1), context);
        }
        Some(datum)
    }
}
sql_function! {
    /// (state): the coefficient. The values end sorted, which the next row may find them.
    fn gini_finish(call) {
        let values = call.state::<Array<f64>>(0)?.as_mut_slice();
        sort::by(values, f64::total_cmp, &mut poll);
        concentration::gini(values).map(f64::into_datum)
    }
}
