//! Matrices in a language, as segmentations and label functions use them.

use super::definitions::{self, Known};
use btyd::axis::Split;
use segmentation::definitions::{self as document, MatrixAxis as Axis};

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
    /// Levels of the first axis, and of the second, 1 for a class.
    pub levels: (usize, usize),
    /// The positions by place: level by level of the first axis, within it by those of the second.
    pub positions: Vec<Position>,
}

/// Keeps other sessions from dropping matrices until the transaction ends.
pub fn hold(names: &[&str]) {
    definitions::hold::<document::Matrix>(names);
}

/// Whether the library has a matrix of this name.
pub fn is_builtin(name: &str) -> bool {
    definitions::builtin::<document::Matrix>(name).is_some()
}

/// Reads a matrix, or raises the error that there is none.
pub fn read(name: &str, language: &str) -> Matrix {
    read_all(&[name], language).swap_remove(0)
}

/// Reads matrices in this order, or raises the error that there is no such matrix.
pub fn read_all(names: &[&str], language: &str) -> Vec<Matrix> {
    let found = definitions::read_all::<document::Matrix>(names);
    found.into_iter().map(|known| in_language(known, language)).collect()
}

fn in_language(known: Known<document::Matrix>, language: &str) -> Matrix {
    let of = &known.definition;
    let axis = |axis: &Axis| MatrixAxis {
        name: axis.axis.clone(),
        split: axis.split,
        numbers: axis.cuts.clone(),
    };
    let position = |at: usize| {
        let position = of.positions.get(at)?;
        let words = &position.words;
        Some(Position {
            code: position.code.clone(),
            label: words.label(language).unwrap_or(&position.code).to_owned(),
            action: words.action(language).to_owned(),
            rank: (at + 1) as i16,
            translated: words.is_labelled(language),
        })
    };
    Matrix {
        view_column: of.column.clone().unwrap_or_else(|| known.name.clone()),
        description: of.description.of(language).to_owned(),
        builtin: known.builtin,
        x: axis(&of.x),
        y: of.y.as_ref().map(axis),
        levels: (of.x.levels(), of.y_levels()),
        // a document has a position for every place
        positions: of.by_place().into_iter().filter_map(|at| position(at?)).collect(),
        name: known.name,
    }
}

impl Matrix {
    /// The position at levels, counted from 1; None outside the matrix.
    pub fn at(&self, x_level: usize, y_level: usize) -> Option<&Position> {
        let (x_levels, y_levels) = self.levels;
        let inside = (1..=x_levels).contains(&x_level) && (1..=y_levels).contains(&y_level);
        self.positions.get(inside.then(|| (x_level - 1) * y_levels + y_level - 1)?)
    }
}
