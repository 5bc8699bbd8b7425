//! Plain functions that read a model. Declared STRICT in `sql/`.

use super::Model;
use crate::server::call::{Call, sql_function};
use crate::server::datum::IntoDatum;
use crate::server::error::{Code, fail};
use btyd::fit::Fitted;
use btyd::models::Family;
use pgrx::pg_sys::Datum;

fn model(call: &Call) -> Model {
    Model::unpack(call.bytes(0))
}

fn number(value: Option<f64>) -> Option<Datum> {
    value.filter(|value| value.is_finite()).map(f64::into_datum)
}

fn fitted(call: &Call) -> Option<Fitted> {
    model(call).estimate.fitted
}

/// The place of the parameter that argument `at` names; None for one of another family.
fn place(call: &Call, at: usize, family: Family) -> Option<usize> {
    let name = call.text(at);
    let of = |family: Family| family.parameters().iter().position(|known| *known == name);
    if of(family).is_none() && Family::ALL.into_iter().all(|family| of(family).is_none()) {
        fail(
            Code::ERRCODE_INVALID_PARAMETER_VALUE,
            format!("no model has a parameter \"{name}\""),
            format!("{} has {}.", family.name(), family.parameters().join(", ")),
        )
    }
    of(family)
}

sql_function! {
    /// (model): the name of its family.
    fn model_family(call) Some(model(call).estimate.family.name().into_datum())
}
sql_function! {
    /// (model, name): the value of a parameter.
    fn model_parameter(call) {
        let estimate = model(call).estimate;
        number(Some(estimate.parameters[place(call, 1, estimate.family)?]))
    }
}
sql_function! {
    /// (model, name): the standard error of a parameter.
    fn model_standard_error(call) {
        let estimate = model(call).estimate;
        number(estimate.standard_error(place(call, 1, estimate.family)?))
    }
}
sql_function! {
    /// (model, name, name): the covariance of two parameters.
    fn model_covariance(call) {
        let estimate = model(call).estimate;
        let (i, j) = (place(call, 1, estimate.family)?, place(call, 2, estimate.family)?);
        number(Some(estimate.fitted?.covariance[i][j]))
    }
}
sql_function! {
    /// (model): log-likelihood of the fit.
    fn model_log_likelihood(call) number(Some(fitted(call)?.log_likelihood))
}
sql_function! {
    /// (model): Akaike's information criterion.
    fn model_aic(call) number(model(call).estimate.aic())
}
sql_function! {
    /// (model): Bayesian information criterion.
    fn model_bic(call) number(model(call).estimate.bic())
}
sql_function! {
    /// (model): customers, the sum of their weights.
    fn model_customers(call) number(Some(fitted(call)?.customers))
}
sql_function! {
    /// (model): whether the fit ended at a maximum.
    fn model_converged(call) Some(fitted(call)?.converged.into_datum())
}
sql_function! {
    /// (model): the bounds at which the fit ended.
    fn model_boundary(call) {
        let boundaries: Vec<&str> = model(call).estimate.boundaries().collect();
        (!boundaries.is_empty()).then(|| boundaries.join("; ").as_str().into_datum())
    }
}
sql_function! {
    /// (spend model): refunds as a share of all purchases.
    fn spend_model_refund_share(call) number(Some(model(call).refund_share))
}
sql_function! {
    /// (spend model): correlation of number and value of repeat purchases.
    fn spend_model_correlation(call) number(Some(model(call).correlation))
}
