//! Placing two numbers in a matrix: quadrants and levels against cuts, labels by the tables.

use super::matrix::{self, Matrix, Position};
use crate::server::array::Doubles;
use crate::server::cache;
use crate::server::call::{Call, sql_function};
use crate::server::datum::IntoDatum;
use crate::server::error::{Code, fail};
use btyd::axis::level;
use pgrx::pg_sys::Datum;

/// The numbers of a quadrant's name: is x high, is y high?
const QUADRANTS: [(&str, bool, bool); 4] = [
    ("high_high", true, true),
    ("high_low", true, false),
    ("low_high", false, true),
    ("low_low", false, false),
];

sql_function! {
    /// (x, y, x_cut, y_cut).
    fn quadrant(call) {
        let [x, y, x_cut, y_cut] = [0, 1, 2, 3].map(|at| call.float8(at));
        if [x, y, x_cut, y_cut].iter().any(|number| number.is_nan()) {
            return None;
        }
        let place = (x >= x_cut, y >= y_cut);
        let found = QUADRANTS.iter().find(|(_, x, y)| (*x, *y) == place);
        found.map(|(name, ..)| name.into_datum())
    }
}

sql_function! {
    /// (cuts, value).
    fn level_of(call) {
        let Some(cuts) = Doubles::plain(call, 0) else {
            fail(
                Code::ERRCODE_INVALID_PARAMETER_VALUE,
                "cuts must be a list of rising numbers without NULLs",
                "Give cuts such as ARRAY[10, 100].",
            )
        };
        let value = call.float8(1);
        (!value.is_nan()).then(|| (level(cuts.iter(), value) as i32).into_datum())
    }
}

/// The matrix that argument 0 names, in the language of argument `language`, English without; read once by each
/// place of a command.
fn known(call: &Call, language: Option<usize>) -> &Matrix {
    let (name, language) = (call.text(0), language.map_or("en", |at| call.text(at)));
    let known = cache::read_once(
        call,
        |(of, matrix): &(String, Matrix)| of == language && matrix.name == name,
        || (language.into(), matrix::read(name, language)),
    );
    &known.1
}

fn at(call: &Call, language: Option<usize>) -> Option<&Position> {
    let level = |at: usize| usize::try_from(call.int4(at)).unwrap_or(0);
    known(call, language).at(level(1), level(2))
}

fn text(text: &str) -> Option<Datum> {
    Some(text.into_datum())
}

sql_function! {
    /// (matrix, axis).
    fn matrix_levels(call) {
        let matrix = known(call, None);
        let levels = match call.text(1) {
            "x" => matrix.levels.0,
            "y" => matrix.levels.1,
            axis => fail(
                Code::ERRCODE_INVALID_PARAMETER_VALUE,
                format!("\"{axis}\" is not an axis of a matrix"),
                "The axes are x and y.",
            ),
        };
        Some((levels as i32).into_datum())
    }
}
sql_function! {
    /// (matrix, x_level, y_level, language).
    fn matrix_label_of(call) text(&at(call, Some(3))?.label)
}
sql_function! {
    /// (matrix, x_level, y_level).
    fn matrix_code_of(call) text(&at(call, None)?.code)
}
sql_function! {
    /// (matrix, quadrant, language).
    fn matrix_label_of_quadrant(call) {
        let quadrant = call.text(1);
        let Some((_, x, y)) = QUADRANTS.iter().find(|(name, ..)| *name == quadrant) else {
            fail(
                Code::ERRCODE_INVALID_PARAMETER_VALUE,
                format!("\"{quadrant}\" is not a quadrant"),
                "Quadrants are high_high, high_low, low_high and low_low; see quadrant(x, y, x_cut, y_cut).",
            )
        };
        let matrix = known(call, Some(2));
        if matrix.levels != (2, 2) {
            fail(
                Code::ERRCODE_INVALID_PARAMETER_VALUE,
                format!("matrix \"{}\" has no quadrants: it does not have two by two levels", matrix.name),
                "Give the levels: matrix_label_of(matrix, x_level, y_level).",
            )
        }
        text(&matrix.at(1 + usize::from(*x), 1 + usize::from(*y))?.label)
    }
}
sql_function! {
    /// (matrix, code, language).
    fn matrix_action_of(call) {
        let code = call.text(1);
        let position = known(call, Some(2)).positions.iter().find(|position| position.code == code);
        text(&position?.action)
    }
}
sql_function! {
    /// (revenue, a_cut, b_cut).
    fn abc_class(call) {
        let [revenue, a, b] = [0, 1, 2].map(|at| call.float8(at));
        if revenue.is_nan() {
            return None;
        }
        text(if revenue > 0.0 && revenue >= a { "A" } else if revenue > 0.0 && revenue >= b { "B" } else { "C" })
    }
}
