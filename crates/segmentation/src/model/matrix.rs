//! Matrices and classes: their axes, where these are split, their positions.

use crate::sql::Name;
use btyd::axis::Split;

/// An axis of a matrix, and how it is split into levels.
#[derive(Debug, Clone)]
pub struct MatrixAxis {
    /// A number of the view or of the customer table.
    pub name: String,
    /// How it is split.
    pub split: SplitAt,
}

impl MatrixAxis {
    /// Whether a training finds its cuts.
    pub fn is_trained(&self) -> bool {
        !matches!(self.split, SplitAt::Given(_))
    }
}

/// Where an axis is split.
#[derive(Debug, Clone, PartialEq)]
pub enum SplitAt {
    /// Where the customers of a training say, by a rule and its numbers.
    Trained(Split, Vec<f64>),
    /// At these numbers.
    Given(Vec<f64>),
    /// At gross amount / orders of a training.
    AmountPerOrder,
}

/// A position of a matrix, in the language of the segmentation.
#[derive(Debug, Clone)]
pub struct Position {
    /// Stable code.
    pub code: String,
    /// Label.
    pub label: String,
    /// Recommended action; empty for none.
    pub action: String,
    /// Rank, 1 = best.
    pub rank: i16,
    /// Whether the language has a label.
    pub translated: bool,
}

/// A customer value matrix, or a class, which has one axis.
#[derive(Debug, Clone)]
pub struct Matrix {
    /// Its name.
    pub name: String,
    /// The columns that show the label, its code, its rank and the recommended action.
    pub columns: [Name; 4],
    /// The column that shows what the label was before.
    pub previous: Name,
    /// What it is, as a sentence without its end.
    pub description: String,
    /// First axis.
    pub x: MatrixAxis,
    /// Second axis.
    pub y: Option<MatrixAxis>,
    /// The positions by place: level by level of the first axis, within it by those of the second.
    pub positions: Vec<Position>,
}

impl Matrix {
    /// Its axes.
    pub fn axes(&self) -> impl Iterator<Item = &MatrixAxis> {
        std::iter::once(&self.x).chain(&self.y)
    }
}
