//! The type `trained_axes`: what a training found of axes. Text form is JSON, the packed form is that of
//! [`btyd::trained::axes`]; a training writes the text, a view reads the packed form once per customer.

use crate::server::argument;
use crate::server::call::{Call, sql_function};
use crate::server::datum::{IntoDatum, cstring};
use crate::server::error::{Code, fail, json_reason, raise};
use crate::server::varlena;
use btyd::stability;
use btyd::trained::axes::{self, PackedAxes, Percentiles, TrainedAxis};
use btyd::value::PERCENTILES;

const HINT: &str = "The form is [{\"axis\": \"frequency\", \"customers\": 250, \"mean\": 2.5, \"percentiles\": [1, …, 40]}]: \
                    the 0th to the 100th percentile, 101 numbers, or null without customers.";

fn parse(text: &str) -> Result<Vec<TrainedAxis>, String> {
    let axes: Vec<TrainedAxis> = serde_json::from_str(text).map_err(|error| json_reason(&error))?;
    axes::check(&axes).map_err(|error| error.to_string())?;
    Ok(axes)
}

sql_function! {
    /// Text to axes.
    fn trained_axes_in(call) match parse(call.cstring(0)) {
        Ok(axes) => Some(varlena::from_bytes(&axes::pack(&axes))),
        Err(why) => fail(
            Code::ERRCODE_INVALID_TEXT_REPRESENTATION,
            format!("invalid input for type trained_axes: {why}"),
            HINT,
        ),
    }
}

sql_function! {
    /// Axes to text.
    fn trained_axes_out(call) {
        let axes = PackedAxes::new(call.bytes(0)).unpack().unwrap_or_default();
        Some(cstring(&serde_json::to_string(&axes).unwrap_or_default()))
    }
}

sql_function! {
    /// Binary to axes.
    fn trained_axes_recv(call) {
        let bytes = call.message();
        if let Err(error) = PackedAxes::validate(bytes) {
            raise(error, Code::ERRCODE_INVALID_BINARY_REPRESENTATION, "Send the bytes as the server sent them.");
        }
        Some(varlena::from_bytes(bytes))
    }
}

sql_function! {
    /// Axes to binary.
    fn trained_axes_send(call) Some(varlena::from_bytes(call.bytes(0)))
}

/// The percentiles of an axis of argument `at`; None if it has none.
#[inline]
pub fn percentiles<'a>(call: &'a Call, at: usize, axis: &str) -> Option<Percentiles<'a>> {
    PackedAxes::new(argument::kept_bytes(call, at)).percentiles(axis.as_bytes())
}

sql_function! {
    /// (axes, axis, value): its place among the percentiles, to a hundredth the share of customers with at most this value.
    fn percentile_of_axis(call) {
        let percentiles = PackedAxes::new(argument::kept_bytes(call, 0)).percentiles(call.bytes(1))?;
        percentiles.share(call.float8(2)).map(f64::into_datum)
    }
}

sql_function! {
    /// (axes, axis, percent): a percentile.
    fn percentile_at(call) {
        let percent = usize::try_from(call.int4(2)).ok().filter(|&percent| percent < PERCENTILES);
        let Some(percent) = percent else {
            fail(
                Code::ERRCODE_INVALID_PARAMETER_VALUE,
                format!("invalid value for argument \"percent\": {}", call.int4(2)),
                "Give a number from 0 to 100.",
            )
        };
        let percentiles = PackedAxes::new(argument::kept_bytes(call, 0)).percentiles(call.bytes(1))?;
        Some(percentiles.at(percent).into_datum())
    }
}

sql_function! {
    /// (axes, axis, value): the tenth of the customers of the training that it is in, from 1.
    fn axis_bin(call) {
        let percentiles = percentiles(call, 0, call.text(1))?;
        let bin = stability::bin(|percent| percentiles.at(percent), call.float8(2))?;
        Some((bin as i32).into_datum())
    }
}

sql_function! {
    /// (value): the same value, in memory and uncompressed.
    fn in_memory(call) Some(argument::in_memory(call, 0))
}
