//! Matrices in the extension's tables: reading one in a language, and what is missing in it.

use crate::server::error::{Code, fail};
use crate::server::query::{column, rows, text_of};
use btyd::axis::Split;

/// An axis, and how it is split.
#[derive(Debug, Clone)]
pub struct MatrixAxis {
    /// Name of a column.
    pub name: String,
    /// How it is split.
    pub split: Split,
    /// The name of that.
    pub split_name: String,
    /// The numbers for the split.
    pub numbers: Vec<f64>,
}

impl MatrixAxis {
    /// Levels of the axis.
    pub fn levels(&self) -> usize {
        self.numbers.len().max(1) + 1
    }
}

/// A position.
#[derive(Debug, Clone)]
pub struct Position {
    /// Stable code.
    pub code: String,
    /// Label in the language, else in English, else the code.
    pub label: String,
    /// Recommended action, the same way; else empty.
    pub action: String,
    /// Rank, 1 = best.
    pub rank: i16,
    /// Whether the language has a label.
    pub translated: bool,
}

/// A matrix in a language.
#[derive(Debug, Clone)]
pub struct Matrix {
    /// Its name.
    pub name: String,
    /// What its column in views is called.
    pub view_column: String,
    /// What it is.
    pub description: String,
    /// Whether it is one of the extension's.
    pub builtin: bool,
    /// First axis.
    pub x: MatrixAxis,
    /// Second axis; None for a class.
    pub y: Option<MatrixAxis>,
    /// The positions by place: level by level of the first axis, within it by those of the second.
    pub positions: Vec<Option<Position>>,
}

/// Numbers as the text of an array, in which the server's tables hold them.
fn numbers(text: Option<String>) -> Vec<f64> {
    let text = text.unwrap_or_default();
    text.trim_matches(['{', '}']).split(',').filter_map(|number| number.parse().ok()).collect()
}

fn axis(name: Option<String>, split: Option<String>, cuts: Option<String>) -> Option<MatrixAxis> {
    let (name, split_name) = (name?, split?);
    Some(MatrixAxis { split: Split::named(&split_name)?, name, split_name, numbers: numbers(cuts) })
}

/// Reads a matrix, or raises the error that there is none.
pub fn read(name: &str, language: &str) -> Matrix {
    find(name, language).unwrap_or_else(|| {
        fail(
            Code::ERRCODE_UNDEFINED_OBJECT,
            format!("matrix \"{name}\" does not exist"),
            "See SELECT matrix, description FROM customer_value.matrix.",
        )
    })
}

/// Reads a matrix, if there is one.
pub fn find(name: &str, language: &str) -> Option<Matrix> {
    let found = rows(
        "SELECT coalesce(view_column, matrix), description, x_axis, x_split, x_cuts::text, y_axis, y_split, y_cuts::text, builtin \
         FROM customer_value.matrix WHERE matrix = $1",
        &[name.into()],
        |row| {
            let text = |at| column::<String>(row, at);
            Some(Matrix {
                name: name.into(),
                view_column: text_of(row, 1),
                description: text_of(row, 2),
                builtin: column(row, 9).unwrap_or_default(),
                x: axis(text(3), text(4), text(5))?,
                y: axis(text(6), text(7), text(8)),
                positions: Vec::new(),
            })
        },
    );
    let mut matrix = found.into_iter().next().flatten()?;
    let y_levels = matrix.y.as_ref().map_or(1, MatrixAxis::levels);
    matrix.positions = vec![None; matrix.x.levels() * y_levels];
    let positions = rows(
        "SELECT p.x_level::int4, p.y_level::int4, p.code, coalesce(l.label, e.label, p.code), \
                coalesce(nullif(l.action, ''), e.action, ''), p.rank, l.label IS NOT NULL \
         FROM customer_value.matrix_position AS p \
         LEFT JOIN customer_value.matrix_label AS l \
             ON l.matrix = p.matrix AND l.code = p.code AND l.language = $2 \
         LEFT JOIN customer_value.matrix_label AS e \
             ON e.matrix = p.matrix AND e.code = p.code AND e.language = 'en' \
         WHERE p.matrix = $1",
        &[name.into(), language.into()],
        |row| {
            let level = |at| column::<i32>(row, at).unwrap_or(0) as usize;
            let position = Position {
                code: text_of(row, 3),
                label: text_of(row, 4),
                action: text_of(row, 5),
                rank: column(row, 6).unwrap_or_default(),
                translated: column(row, 7).unwrap_or_default(),
            };
            (level(1), level(2), position)
        },
    );
    for (x, y, position) in positions {
        if (1..=y_levels).contains(&y)
            && let Some(slot) = matrix.positions.get_mut((x.max(1) - 1) * y_levels + y - 1)
        {
            *slot = Some(position);
        }
    }
    Some(matrix)
}

impl Matrix {
    /// Its axes.
    pub fn axes(&self) -> impl Iterator<Item = &MatrixAxis> {
        [Some(&self.x), self.y.as_ref()].into_iter().flatten()
    }

    /// The place of levels, counted from 1; None outside the matrix.
    pub fn at(&self, x_level: usize, y_level: usize) -> Option<&Position> {
        let y_levels = self.y.as_ref().map_or(1, MatrixAxis::levels);
        let inside = (1..=self.x.levels()).contains(&x_level) && (1..=y_levels).contains(&y_level);
        let place = inside.then(|| (x_level - 1) * y_levels + y_level - 1)?;
        self.positions.get(place)?.as_ref()
    }

    /// The error that a position has no code, if there is one without.
    pub fn require_whole(&self) {
        if self.positions.iter().any(Option::is_none) {
            fail(
                Code::ERRCODE_INVALID_PARAMETER_VALUE,
                format!("matrix \"{}\" has places without a position", self.name),
                format!("See SELECT * FROM customer_value.check_matrix('{}').", self.name),
            )
        }
    }
}
