//! The columns of the view, in the order of a new view: one entry each, of name, SQL, and comment.
//!
//! `measures`, `value` and `others` hold the entries; places in matrices follow from the matrices. A column is
//! computed from `t` (what was trained), `h` (the history), and the inputs.

mod measures;
mod others;
mod value;

pub use others::{part_of_index, value_score};

use crate::axes::{self, Number};
use crate::plan::{Place, Refusal};
use crate::segmentation::{Matrix, Segmentation};
use crate::sql::{Name, as_double, literal};

/// What a column holds, as far as it may be an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Numbers,
    Amounts,
    Money,
    Others,
}

/// A column of the view.
#[derive(Debug, Clone)]
pub struct Column {
    /// Its name.
    pub name: Name,
    /// What it is computed from.
    pub sql: String,
    /// Unit, range, meaning of NULL.
    pub comment: String,
    holds: Holds,
    late: bool,
}

impl Column {
    fn new(name: Name, sql: impl Into<String>, comment: impl Into<String>, holds: Holds) -> Column {
        Column { name, sql: sql.into(), comment: comment.into(), holds, late: false }
    }

    /// A column of numbers, which may be an axis.
    pub fn numbers(name: &str, sql: impl Into<String>, comment: impl Into<String>) -> Column {
        Column::new(Name::own(name), sql, comment, Holds::Numbers)
    }

    /// A column of exact amounts, which may be an axis.
    pub fn amounts(name: &str, sql: impl Into<String>, comment: impl Into<String>) -> Column {
        Column::new(Name::own(name), sql, comment, Holds::Amounts)
    }

    /// A column of anything else.
    pub fn others(name: &str, sql: impl Into<String>, comment: impl Into<String>) -> Column {
        Column::new(Name::own(name), sql, comment, Holds::Others)
    }

    /// A column made of what a training finds of axes.
    fn late(self) -> Column {
        Column { late: true, ..self }
    }

    /// A column that stays where it is, though the options no longer ask for it.
    pub fn no_longer(name: Name, type_name: &str) -> Column {
        Column::new(name, format!("NULL::{type_name}"), NO_LONGER, Holds::Others)
    }

    /// The same as a double, if it holds numbers, so that it may be an axis.
    pub fn as_number(&self) -> Option<Number> {
        let sql = match self.holds {
            Holds::Numbers => as_double(&self.sql),
            Holds::Amounts => format!("customer_value_internal.to_double({})", self.sql),
            Holds::Money => format!("{}::numeric::float8", self.sql),
            Holds::Others => return None,
        };
        Some(Number { sql, late: self.late })
    }
}

/// The comment of a column that options no longer ask for.
pub const NO_LONGER: &str =
    "Always NULL: the options of the segmentation no longer ask for this column";

/// The columns that may be axes of a matrix, and others, but no places in matrices.
pub fn without_places(s: &Segmentation) -> Result<Vec<Column>, Refusal> {
    let mut columns = measures::columns(s);
    columns.extend(value::columns(s));
    others::add(s, &mut columns)?;
    Ok(columns)
}

/// The three columns of a customer's place in a matrix: label, code and rank.
pub fn of_place(matrix: &Matrix, place: &Place) -> [Column; 3] {
    let name = literal(&matrix.name);
    let numbers: Vec<&str> = place.axes().map(|number| number.sql.as_str()).collect();
    let numbers = numbers.join(", ");
    let part = |part: &str| {
        format!("customer_value_internal.matrix_{part}(t.matrices, {name}, {numbers})")
    };
    let [label, code, rank] = &matrix.columns;
    let what = match matrix.description.as_str() {
        "" => matrix.name.clone(),
        description => capitalised(description),
    };
    let comment = format!("{what}; in the language of the segmentation; {}", why_null(matrix));
    [
        Column::new(label.clone(), part("label"), comment, Holds::Others),
        Column::new(
            code.clone(),
            part("code"),
            format!(
                "Stable code of {}, the same in every language; NULL as {}",
                label.text, label.text
            ),
            Holds::Others,
        ),
        Column::new(
            rank.clone(),
            part("rank"),
            format!("Rank of {}, 1 = best; NULL as {}", label.text, label.text),
            Holds::Others,
        ),
    ]
}

/// When a customer has no place in a matrix.
fn why_null(matrix: &Matrix) -> String {
    let missing = |name: &str| match axes::last_rank(name) {
        Some(_) => Some(format!("there is no {}", axes::lacking(name))),
        None => (!axes::by_rule(name)).then(|| format!("{name} is NULL")),
    };
    let missing: Vec<String> = matrix.axes().filter_map(|axis| missing(&axis.name)).collect();
    match missing.join(" or ").as_str() {
        "" if axes::always(&matrix.x.name) => "NULL before the first training".to_owned(),
        "" => "NULL where no rule holds, and before the first training".to_owned(),
        missing => format!("NULL where {missing}, and before the first training"),
    }
}

/// A text with a capital at its beginning.
fn capitalised(text: &str) -> String {
    let mut rest = text.chars();
    rest.next()
        .map_or(String::new(), |first| first.to_uppercase().collect::<String>() + rest.as_str())
}
