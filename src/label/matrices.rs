//! The type `trained_matrices`: what a training found of matrices, with their labels in its language. Text form is
//! JSON, the packed form is that of [`btyd::trained::matrices`]; a training writes the text, a view reads the packed
//! form once per customer.

use crate::server::call::{Call, sql_function};
use crate::server::datum::{IntoDatum, cstring};
use crate::server::error::{Code, fail, json_reason, raise};
use crate::server::varlena;
use btyd::trained::matrices::{self, PackedMatrices, PackedPosition, TrainedMatrix};

const HINT: &str = "The form is [{\"matrix\": \"growth\", \"x_axis\": \"potential_value\", \"x_cuts\": [80.5], \
                    \"y_axis\": \"current_value\", \"y_cuts\": [12], \"positions\": [{\"code\": \"low_low\", \
                    \"label\": \"Low potential, low current\", \"rank\": 4}, …]}]: positions level by level of x, \
                    within it by those of y; y_axis and y_cuts are null for a class.";

fn parse(text: &str) -> Result<Vec<TrainedMatrix>, String> {
    let found: Vec<TrainedMatrix> =
        serde_json::from_str(text).map_err(|error| json_reason(&error))?;
    matrices::check(&found).map_err(|error| error.to_string())?;
    Ok(found)
}

sql_function! {
    /// Text to matrices.
    fn trained_matrices_in(call) match parse(call.cstring(0)) {
        Ok(found) => Some(varlena::from_bytes(&matrices::pack(&found))),
        Err(why) => fail(
            Code::ERRCODE_INVALID_TEXT_REPRESENTATION,
            format!("invalid input for type trained_matrices: {why}"),
            HINT,
        ),
    }
}

sql_function! {
    /// Matrices to text.
    fn trained_matrices_out(call) {
        let found = PackedMatrices::new(call.bytes(0)).unpack().unwrap_or_default();
        Some(cstring(&serde_json::to_string(&found).unwrap_or_default()))
    }
}

sql_function! {
    /// Binary to matrices.
    fn trained_matrices_recv(call) {
        let bytes = call.message();
        if let Err(error) = PackedMatrices::validate(bytes) {
            raise(error, Code::ERRCODE_INVALID_BINARY_REPRESENTATION, "Send the bytes as the server sent them.");
        }
        Some(varlena::from_bytes(bytes))
    }
}

sql_function! {
    /// Matrices to binary.
    fn trained_matrices_send(call) Some(varlena::from_bytes(call.bytes(0)))
}

/// (matrices, matrix, x [, y]): the position of a customer.
#[inline]
fn position(call: &Call) -> Option<PackedPosition<'_>> {
    let y = (call.count() > 3).then(|| call.float8(3));
    PackedMatrices::new(call.bytes(0)).position(call.bytes(1), call.float8(2), y)
}

sql_function! {
    /// (matrices, matrix, x [, y]).
    fn trained_matrix_label(call) Some(varlena::of_packed(position(call)?.label))
}
sql_function! {
    /// (matrices, matrix, x [, y]).
    fn trained_matrix_code(call) Some(varlena::of_packed(position(call)?.code))
}
sql_function! {
    /// (matrices, matrix, x [, y]).
    fn trained_matrix_rank(call) Some(position(call)?.rank.into_datum())
}
sql_function! {
    /// (matrices, matrix, x [, y]).
    fn trained_matrix_action(call) {
        let action = position(call)?.action;
        (!action.bytes().is_empty()).then(|| varlena::of_packed(action))
    }
}
