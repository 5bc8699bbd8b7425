//! The sum of floats that does not depend on the order of rows.

use crate::server::aggregate;
use crate::server::call::sql_function;
use crate::server::datum::IntoDatum;
use crate::server::error::{Code, fail};
use crate::server::memory;
use btyd::total::Total;

sql_function! {
    /// (state, value): NULL is left out.
    fn total_add(call) {
        let context = aggregate::aggregate_context(call);
        let datum = aggregate::state_or_new(call, context, Total::default);
        if !call.is_null(1) && memory::state::<Total>(datum).add(call.float8(1)).is_err() {
            fail(
                Code::ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
                "a number, or a sum of numbers, is out of range",
                "Leave out what is not finite, and give larger units.",
            )
        }
        Some(datum)
    }
}
sql_function! {
    /// (state): the sum.
    fn total_finish(call) call.state::<Total>(0)?.sum().map(f64::into_datum)
}
