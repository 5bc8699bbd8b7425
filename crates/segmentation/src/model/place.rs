//! Places in matrices, as a plan decides them.

use super::Number;

/// A place in a matrix: the numbers of its axes and their cuts.
#[derive(Debug, Clone)]
pub struct Place {
    /// First axis.
    pub x: (Number, Cuts),
    /// Second axis.
    pub y: Option<(Number, Cuts)>,
}

impl Place {
    /// The numbers of the axes.
    pub fn axes(&self) -> impl Iterator<Item = &Number> {
        std::iter::once(&self.x).chain(&self.y).map(|(number, _)| number)
    }
}

/// Where the cuts of an axis come from.
#[derive(Debug, Clone, PartialEq)]
pub enum Cuts {
    /// They are given.
    Given(Vec<f64>),
    /// Of a trained axis, its place in `Plan::axes`, by one of its splits.
    Trained(usize, usize),
    /// Gross amount / orders of the training.
    AmountPerOrder,
}
