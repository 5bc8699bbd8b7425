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
    Some(MatrixAxis { split: Split::named(&split_name)?, name, numbers: numbers(cuts) })
}

/// Reads a matrix, or raises the error that there is none.
pub fn read(name: &str, language: &str) -> Matrix {
    read_all(&[name], language).swap_remove(0)
}

/// Reads matrices in this order, or raises the error that there is no such matrix.
pub fn read_all(names: &[&str], language: &str) -> Vec<Matrix> {
    let list = serde_json::to_string(names).unwrap_or_default();
    let mut found = heads(&list);
    fill(&mut found, &list, language);
    let missing = names.iter().find(|name| found.iter().all(|matrix| matrix.name != **name));
    if let Some(name) = missing {
        fail(
            Code::ERRCODE_UNDEFINED_OBJECT,
            format!("matrix \"{name}\" does not exist"),
            "Run SELECT matrix, description FROM customer_value.matrix.",
        )
    }
    found
}

/// The matrices of a JSON list of names, in its order, without their positions.
fn heads(names: &str) -> Vec<Matrix> {
    let found = rows(
        "SELECT coalesce(m.view_column, m.matrix), m.description, m.x_axis, m.x_split, m.x_cuts::text, \
                m.y_axis, m.y_split, m.y_cuts::text, m.builtin, m.matrix \
         FROM customer_value.matrix AS m \
         JOIN pg_catalog.jsonb_array_elements_text($1::jsonb) WITH ORDINALITY AS n (name, place) ON n.name = m.matrix \
         ORDER BY n.place",
        &[names.into()],
        |row| {
            let text = |at| column::<String>(row, at);
            let (x, y) = (axis(text(3), text(4), text(5))?, axis(text(6), text(7), text(8)));
            let places = x.levels() * y.as_ref().map_or(1, MatrixAxis::levels);
            Some(Matrix {
                name: text_of(row, 10),
                view_column: text_of(row, 1),
                description: text_of(row, 2),
                builtin: column(row, 9).unwrap_or_default(),
                x,
                y,
                positions: vec![None; places],
            })
        },
    );
    found.into_iter().flatten().collect()
}

/// Reads the positions of matrices.
fn fill(matrices: &mut [Matrix], names: &str, language: &str) {
    let positions = rows(
        "SELECT p.x_level::int4, p.y_level::int4, p.code, coalesce(l.label, e.label, p.code), \
                coalesce(nullif(l.action, ''), e.action, ''), p.rank, l.label IS NOT NULL, p.matrix \
         FROM customer_value.matrix_position AS p \
         LEFT JOIN customer_value.matrix_label AS l \
             ON l.matrix = p.matrix AND l.code = p.code AND l.language = $2 \
         LEFT JOIN customer_value.matrix_label AS e \
             ON e.matrix = p.matrix AND e.code = p.code AND e.language = 'en' \
         WHERE p.matrix IN (SELECT pg_catalog.jsonb_array_elements_text($1::jsonb))",
        &[names.into(), language.into()],
        |row| {
            let level = |at| column::<i32>(row, at).unwrap_or(0) as usize;
            let position = Position {
                code: text_of(row, 3),
                label: text_of(row, 4),
                action: text_of(row, 5),
                rank: column(row, 6).unwrap_or_default(),
                translated: column(row, 7).unwrap_or_default(),
            };
            (text_of(row, 8), level(1), level(2), position)
        },
    );
    for (name, x, y, position) in positions {
        let Some(matrix) = matrices.iter_mut().find(|matrix| matrix.name == name) else { continue };
        let y_levels = matrix.y.as_ref().map_or(1, MatrixAxis::levels);
        if (1..=y_levels).contains(&y)
            && let Some(slot) = matrix.positions.get_mut((x.max(1) - 1) * y_levels + y - 1)
        {
            *slot = Some(position);
        }
    }
}

impl Matrix {
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
                format!("matrix \"{}\" has combinations of levels without a position", self.name),
                format!("Run SELECT * FROM customer_value.check_matrix('{}').", self.name),
            )
        }
    }
}
