//! Whether a population is still like another one.

use crate::server::array::Doubles;
use crate::server::call::{Call, sql_function};
use crate::server::datum::IntoDatum;
use crate::server::error::{Code, fail};
use btyd::stability;

const HINT: &str = "Give two arrays of one dimension with the numbers of customers in the same bins, none of them NULL or \
                    negative: ARRAY[100, 250, 50].";

/// The customers in the bins of arguments 0 and 1, or an error.
fn bins<'a>(call: &'a Call) -> impl Iterator<Item = (f64, f64)> + Clone + use<'a> {
    let refuse = |why: &str| -> ! { fail(Code::ERRCODE_INVALID_PARAMETER_VALUE, why, HINT) };
    let array = |at: usize| {
        let array = Doubles::plain(call, at);
        let array = array.unwrap_or_else(|| refuse("customers in bins must be plain numbers"));
        if array.iter().any(|count| !(count >= 0.0 && count.is_finite())) {
            refuse("the number of customers in a bin must not be negative, NaN or infinite")
        }
        array
    };
    let (then, now) = (array(0), array(1));
    if then.len() != now.len() {
        refuse("the two arrays must have the same number of bins")
    }
    (0..then.len()).map(move |at| (then.at(at), now.at(at)))
}

sql_function! {
    /// (expected, actual): the population stability index.
    fn population_stability_index(call) stability::index(bins(call)).map(f64::into_datum)
}

sql_function! {
    /// (expected, actual): the mean index of two samples of one population that are as large.
    fn stability_by_chance(call) stability::by_chance(bins(call)).map(f64::into_datum)
}
