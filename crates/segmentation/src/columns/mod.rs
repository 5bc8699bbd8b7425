//! The columns of the view, in the order of a new view: one entry each, of name, SQL, and comment.
//!
//! `measures`, `value` and `others` hold the entries; places in matrices follow from the matrices. A column is
//! computed from `t` (what was trained), `h` (the history), and the inputs.

mod measures;
mod others;
mod previous;
mod value;

pub use others::part_of_index;
pub use previous::{PREVIOUS, previous};
pub use value::clv_tier;

use crate::axes;
use crate::model::{Holds, Matrix, Place, Refusal, Segmentation, ViewColumn};
use crate::sql::literal;

/// The columns that may be axes of a matrix, and others, but no places in matrices.
pub fn without_places(s: &Segmentation) -> Result<Vec<ViewColumn>, Refusal> {
    let mut columns = measures::columns(s);
    columns.extend(value::columns(s));
    others::add(s, &mut columns)?;
    Ok(columns)
}

/// The columns of a customer's place in a matrix: label, code, rank and recommended action.
pub fn of_place(s: &Segmentation, matrix: &Matrix, place: &Place) -> [ViewColumn; 4] {
    let name = literal(&matrix.name);
    let numbers: Vec<&str> = place.axes().map(|number| number.sql.as_str()).collect();
    let numbers = numbers.join(", ");
    let part = |part: &str| {
        format!("customer_value_internal.matrix_{part}(t.matrices, {name}, {numbers})")
    };
    let [label, code, rank, action] = &matrix.columns;
    let what = match matrix.description.as_str() {
        "" => matrix.name.clone(),
        description => capitalised(description),
    };
    let comment = s.comment_of_label("place", &[("what", &what), ("null", &why_null(s, matrix))]);
    let of_label = |key: &str| s.comment_with(key, &[("label", &label.text)]);
    // without one of its axes there is no place
    let of_orders = place.axes().any(|number| number.of_orders);
    [
        ViewColumn::new(label.clone(), part("label"), comment, Holds::Others),
        ViewColumn::new(code.clone(), part("code"), of_label("place_code"), Holds::Others),
        ViewColumn::new(rank.clone(), part("rank"), of_label("place_rank"), Holds::Others),
        ViewColumn::new(action.clone(), part("action"), of_label("place_action"), Holds::Others),
    ]
    .map(|column| column.of_orders_if(of_orders))
}

/// When a customer has no place in a matrix.
fn why_null(s: &Segmentation, matrix: &Matrix) -> String {
    let missing = |name: &str| match axes::last_rank(name) {
        Some(_) => Some(s.comment(&format!("place.missing.{name}"))),
        None => (!axes::by_rule(name)).then(|| s.comment_with("place.missing", &[("axis", &name)])),
    };
    let missing: Vec<String> = matrix.axes().filter_map(|axis| missing(&axis.name)).collect();
    match missing.join(&s.comment("place.or")).as_str() {
        "" => s.comment("place.null.rule"),
        missing => s.comment_with("place.null", &[("missing", &missing)]),
    }
}

/// A text with a capital at its beginning.
fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    rest.next()
        .map_or(String::new(), |first| first.to_uppercase().collect::<String>() + rest.as_str())
}
